/* gemm.c -- matrix products: which code multiplies, and how the work is cut over threads.
**
** Floats are multiplied by our own loops (kernels/products.h) or by a library, whichever is faster for the shape: see
** the table at `choose`. Libraries are opened at the first product that wants one once enough work has gone by to pay
** for it; both are optional. Transposed operands go as strides or flags, without a copy. Integers go by plain loops.
**
** A large product is cut into tiles of the result, a tall one that gives a small result along k as well (parts that are
** added in their order). Sizes alone say how, each tile is one call on one thread, and so the result does not depend on
** the number of threads:
**
**           bn                               a [m, k] of few columns, turned (X' g):
**        +-----+-----+                       c = (part 0 + part 1) + part 2 ...   each over bk rows
**     bm |  0  |  2  |      tiles go to
**        +-----+-----+      threads in
**        |  1  |  3  |      this order
**
** LDLIBS: -ldl (libopenblas.so.0 or libblas.so.3, libdnnl.so.2 at run time, all optional)
** SPDX-License-Identifier: MIT */
#include "runtime/ops/gemm.h"
#include <dlfcn.h>
#include "runtime/kernels/products.h"
#include "runtime/ops/onednn.h"
#include "runtime/threads.h"

/* ---- OpenBLAS ---- */
enum { ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112 };

static bool blas_open(State *S)
{
    Blas *b = &S->blas;
    if (b->looked) return b->dgemm;
    b->looked = true;
    void *lib = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!lib) lib = dlopen("libblas.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!lib) return false;
    void (*threads)(int) = (void (*)(int))dlsym(lib, "openblas_set_num_threads");
    if (threads) threads(1);
    /* an OpenMP build takes as many threads as OpenMP would, whatever it was told: so that is told, around each call */
    *(void **)&b->most_threads = dlsym(lib, "omp_get_max_threads");
    *(void **)&b->set_threads = dlsym(lib, "omp_set_num_threads");
    if (!b->most_threads || !b->set_threads) b->most_threads = NULL;
    *(void **)&b->dgemm = dlsym(lib, "cblas_dgemm");
    *(void **)&b->sgemm = dlsym(lib, "cblas_sgemm");
    if (!b->sgemm) b->dgemm = NULL;
    return b->dgemm;
}

static bool small_int(int64_t v) { return v <= INT32_MAX; }

/* ---- the choice ---- */
typedef enum Engine { OURS, ONEDNN, BLAS } Engine;

/* Measured in GFLOP/s on one Zen 4 core with AVX-512 (117 is its limit in f32, 58 in f64; tests/bench/products.c):
**
**   f32  m, n, k           ours  OpenBLAS  oneDNN    f64  m, n, k           ours  OpenBLAS
**        8, 8, 8             28        27       4          32, 32, 32         54        56
**        64, 64, 64         108       115      99          128, 128, 128      50        45
**        32, 1024, 320      112        86     111          256, 256, 256      54        50
**        64, 2304, 768      104        91     115          512, 512, 512      46        48
**        512, 512, 512      112       105     115          128, 512, 2048 a'  36        47
**        128, 512, 2048 a'   87        94     113
**        2048, 128, 512 b'  112       103     108       b': b stored transposed, a': a
**        64, 768, 3072 b'    97        72      73
**        30, 1, 569 a'       45        26      27       one column: matrix by vector
**        100000, 1, 100      10         6      10
**
** So a library comes in only where k or the rows of b are too long for our one level of blocking. Without AVX2 our
** loops reach a third of that, and libraries, which know more processors, come in much earlier. */
static const double ONEDNN_FROM = 0x1p25, TURNED_FROM = 0x1p23, BLAS_FROM = 0x1p25; /* multiply-adds */
static const double SLOW_ONEDNN_FROM = 0x1p21, SLOW_BLAS_FROM = 0x1p12;
/* Opening oneDNN takes 20 ms and as many megabytes: so much work has to have gone by, or be asked for at once. */
static const double OPEN_FROM = 0x1p31;

static bool slow(const State *S, DType d) { return products_pick(S->isa, d) == &products_base[d]; }

/* at: whether a and b are stored transposed, where a library can read them in place */
static Engine choose(const State *S, DType d, double work, bool ta, bool tb, int64_t k)
{
    if (slow(S, d)) return d == DT_F32 && work >= SLOW_ONEDNN_FROM ? ONEDNN : work >= SLOW_BLAS_FROM ? BLAS : OURS;
    if (d == DT_F64) return work >= BLAS_FROM ? BLAS : OURS;
    if (tb) return OURS;
    return work >= ONEDNN_FROM || (ta && k >= 1024 && work >= TURNED_FROM) ? ONEDNN : OURS;
}

/* The engine, if it is there. Only on the state's own thread. */
static Engine opened(State *S, Engine e, double work)
{
    if (e == ONEDNN) {
        S->blas.work += work;
        if (S->onednn.found || (S->blas.work >= OPEN_FROM && onednn_open(S))) return ONEDNN;
        if (!slow(S, DT_F32)) return OURS;
        e = BLAS;
    }
    return e == BLAS && blas_open(S) ? BLAS : OURS;
}

void gemm_ready(State *S, DType d, double tile, double all)
{
    Engine e = choose(S, d, tile, false, false, 0);
    if (e != OURS) opened(S, e, all);
}

/* ---- one tile ---- */
typedef struct Form {
    bool turned;
    int64_t ld;
} Form;

/* Whether a library can read it in place: as rows with a leading dimension, or as the transpose of such. */
static bool form_of(const Mat *a, Form *f)
{
    int64_t s0 = a->s0, s1 = a->cols == 1 ? 1 : a->s1;
    f->turned = false;
    if (s1 == 1 && (a->rows == 1 || s0 >= a->cols)) {
        f->ld = a->rows == 1 ? a->cols : s0;
    } else if ((s0 == 1 || a->rows == 1) && s1 >= a->rows) {
        f->turned = true;
        f->ld = s1;
    } else return false;
    return f->ld <= INT32_MAX && f->ld > 0;
}

static void blas_tile(State *S, DType d, double alpha, Form fa, Form fb, int64_t m, int64_t n, int64_t k, const void *a,
                      const void *b, bool add, void *c, int64_t ldc)
{
    const Blas *l = &S->blas;
    int ta = fa.turned ? TRANSPOSED : AS_IS, tb = fb.turned ? TRANSPOSED : AS_IS;
    int threads = l->most_threads ? l->most_threads() : 1;
    if (threads > 1) l->set_threads(1);
    if (d == DT_F64)
        l->dgemm(ROW_MAJOR, ta, tb, (int)m, (int)n, (int)k, alpha, a, (int)fa.ld, b, (int)fb.ld, add, c, (int)ldc);
    else
        l->sgemm(ROW_MAJOR, ta, tb, (int)m, (int)n, (int)k, (float)alpha, a, (int)fa.ld, b, (int)fb.ld, add, c,
                 (int)ldc);
    if (threads > 1) l->set_threads(threads);
}

/* c (+)= alpha a b by our loops: one row or column takes those for vectors. */
static void own_tile(const State *S, DType d, double alpha, const Mat *a, const Mat *b, bool add, void *c, int64_t ldc)
{
    const ProductLoops *p = products_pick(S->isa, d);
    int64_t m = a->rows, n = b->cols, k = a->cols;
    bool across = m == 1 && (a->s1 == 1 || k == 1), down = n == 1 && (b->s0 == 1 || k == 1) && (ldc == 1 || m == 1);
    if (down && (a->s1 == 1 || k == 1)) p->rows(m, k, alpha, a->p, a->s0, b->p, add, c);
    else if (across && (b->s0 == 1 || k == 1)) p->rows(n, k, alpha, b->p, b->s1, a->p, add, c);
    else if (alpha == 1 && ((down && (a->s0 == 1 || m == 1)) || (across && (b->s1 == 1 || n == 1)))) {
        if (!add) memset(c, 0, (size_t)(m * n) * dtype_size[d]);
        if (down) p->columns(k, m, a->p, a->s1, b->p, c);
        else p->columns(k, n, b->p, b->s0, a->p, c);
    } else p->gemm(m, n, k, alpha, a->p, a->s0, a->s1, b->p, b->s0, b->s1, add, c, ldc);
}

static void tile(State *S, Engine e, DType d, double alpha, const Mat *a, const Mat *b, bool add, void *c, int64_t ldc)
{
    Form fa, fb;
    int64_t m = a->rows, n = b->cols, k = a->cols;
    if (e == OURS || !form_of(a, &fa) || !form_of(b, &fb) || !small_int(m) || !small_int(n) || !small_int(k) ||
        !small_int(ldc))
        own_tile(S, d, alpha, a, b, add, c, ldc);
    else if (e == ONEDNN && alpha == 1)
        onednn_sgemm(S, fa.turned, fb.turned, m, n, k, a->p, fa.ld, b->p, fb.ld, add, c, ldc);
    else if (e == BLAS) blas_tile(S, d, alpha, fa, fb, m, n, k, a->p, b->p, add, c, ldc);
    else own_tile(S, d, alpha, a, b, add, c, ldc);
}

/* The engine if it is open already, else the next best. */
static Engine there(const State *S, DType d, Engine e)
{
    if (e == ONEDNN && !S->onednn.found) e = slow(S, d) ? BLAS : OURS;
    return e == BLAS && !S->blas.dgemm ? OURS : e;
}

void gemm_tile(State *S, DType d, bool ta, bool tb, int64_t m, int64_t n, int64_t k, const void *a, int64_t lda,
               const void *b, int64_t ldb, bool add, void *c, int64_t ldc)
{
    if (m == 0 || n == 0) return;
    Engine e = m == 1 || n == 1 ? OURS : there(S, d, choose(S, d, (double)m * (double)n * (double)k, ta, tb, k));
    Mat am = {a, m, k, ta ? 1 : lda, ta ? lda : 1}, bm = {b, k, n, tb ? 1 : ldb, tb ? ldb : 1};
    tile(S, e, d, 1, &am, &bm, add, c, ldc);
}

/* Strides of axes of size 1 say nothing: they become those of a plain matrix. */
static void settle(Mat *a)
{
    if (a->cols == 1) a->s1 = 1;
    if (a->rows == 1) a->s0 = a->cols;
}

void mat_tile(State *S, DType d, Mat a, Mat b, bool add, void *c, int64_t ldc)
{
    settle(&a);
    settle(&b);
    if (a.rows == 0 || b.cols == 0) return;
    double work = (double)a.rows * (double)b.cols * (double)a.cols;
    Engine e = a.rows == 1 || b.cols == 1 ? OURS : there(S, d, choose(S, d, work, a.s1 != 1, b.s1 != 1, a.cols));
    tile(S, e, d, 1, &a, &b, add, c, ldc);
}

/* ---- cutting ---- */
static const double TILE = 0x1p21, TILE_LONGEST = 0x1p28; /* multiply-adds of a tile: 35 us, 4 ms */
static const double VECTOR_TILE = 0x1p17;                 /* with a vector, where memory is the limit: 20 us */
static const double PAR_FROM = 0x1p19;                    /* that are worth a thread: 10 us */
static const double UNBROKEN = 0x1p29; /* between two looks at the limits: 10 to 20 ms on one thread */
enum { TILES_MOST = 16, TILES_LONG = 64, ROWS_LEAST = 32, COLS_LEAST = 96 };

typedef struct Product {
    State *S;
    Engine e;
    DType d;
    double alpha;
    Mat a, b;
    bool add;
    char *c;
    int64_t ldc;
    int64_t bm, bn, bk, pm, pn, pk; /* tiles: size and number */
    char *parts;                    /* pk > 1: results of the parts, each [m, n] row-major */
    const MatBatch *items;
    int64_t first; /* tile or item that a par_for starts from */
} Product;

static int64_t up(int64_t n, int64_t by) { return (n + by - 1) / by; }
static int64_t round_up(int64_t n, int64_t by) { return up(n, by) * by; }

/* A matrix by a vector: along the result, or along k where a short result is a sum of rows. */
static void cut_vector(Product *p, double work)
{
    int64_t *side = p->b.cols == 1 ? &p->bm : &p->bn;
    bool sums = p->b.cols == 1 ? p->a.s1 != 1 : p->b.s0 != 1;
    double want = work / VECTOR_TILE;
    for (int parts = 1; parts < TILES_MOST && parts * 2 <= want; parts *= 2) {
        if (*side >= (sums ? 4096 : 64)) *side = round_up(*side / 2, sums ? 512 : 16);
        else if (p->bk >= (sums ? 512 : 1 << 16)) p->bk = round_up(p->bk / 2, 64);
        else break;
    }
}

/* Halves what is longer until tiles are small, or few rows and columns are left; then k, where parts of the result cost
** less than the product. */
static void cut_matrix(Product *p, double work)
{
    double want = work / TILE;
    if (want > TILES_MOST) want = work / TILE_LONGEST > TILES_MOST ? work / TILE_LONGEST : TILES_MOST;
    if (want > TILES_LONG) want = TILES_LONG;
    int parts = 1;
    for (; parts * 2 <= want; parts *= 2) {
        if (p->bm >= p->bn && p->bm >= 2 * ROWS_LEAST) p->bm = round_up(p->bm / 2, 16);
        else if (p->bn >= 2 * COLS_LEAST) p->bn = round_up(p->bn / 2, 48);
        else if (p->bm >= 2 * ROWS_LEAST) p->bm = round_up(p->bm / 2, 16);
        else break;
    }
    for (; parts * 2 <= want && p->bk >= 2048; parts *= 2) p->bk = round_up(p->bk / 2, 256);
}

static void cut(Product *p)
{
    int64_t m = p->a.rows, n = p->b.cols, k = p->a.cols;
    double work = (double)m * (double)n * (double)k;
    p->bm = m, p->bn = n, p->bk = k;
    if (m == 1 || n == 1) cut_vector(p, work);
    else cut_matrix(p, work);
    p->pm = up(m, p->bm), p->pn = up(n, p->bn), p->pk = k ? up(k, p->bk) : 1;
}

static void one(const Product *p, int64_t t)
{
    int64_t q = t / (p->pm * p->pn), i = t % p->pm * p->bm, j = t / p->pm % p->pn * p->bn, l = q * p->bk;
    int64_t m = p->a.rows - i < p->bm ? p->a.rows - i : p->bm, n = p->b.cols - j < p->bn ? p->b.cols - j : p->bn,
            k = p->a.cols - l < p->bk ? p->a.cols - l : p->bk, ldc = p->parts ? p->b.cols : p->ldc;
    Mat a = {at_bytes(p->a.p, p->d, i * p->a.s0 + l * p->a.s1), m, k, p->a.s0, p->a.s1};
    Mat b = {at_bytes(p->b.p, p->d, l * p->b.s0 + j * p->b.s1), k, n, p->b.s0, p->b.s1};
    char *to = p->parts ? at_bytes(p->parts, p->d, q * p->a.rows * p->b.cols) : p->c;
    tile(p->S, p->e, p->d, p->alpha, &a, &b, p->add && !p->parts, at_bytes(to, p->d, i * ldc + j), ldc);
}

static void tiles_body(void *ud, int64_t lo, int64_t hi)
{
    const Product *p = ud;
    for (int64_t t = lo; t < hi; t++) one(p, p->first + t);
}

/* c (+)= the parts, added in their order in double. */
static void gather_body(void *ud, int64_t lo, int64_t hi)
{
    const Product *p = ud;
    int64_t n = p->b.cols, size = p->a.rows * n;
    for (int64_t i = lo; i < hi; i++)
        for (int64_t j = 0; j < n; j++) {
            double s = 0;
            if (p->d == DT_F64) {
                double *c = (double *)p->c + i * p->ldc + j;
                for (int64_t q = 0; q < p->pk; q++) s += ((const double *)p->parts)[q * size + i * n + j];
                *c = p->add ? *c + s : s;
            } else {
                float *c = (float *)p->c + i * p->ldc + j;
                for (int64_t q = 0; q < p->pk; q++) s += (double)((const float *)p->parts)[q * size + i * n + j];
                *c = (float)(p->add ? (double)*c + s : s);
            }
        }
}

/* n pieces of `work` each, in stretches between which the interrupt is looked at. */
static bool spread(Product *p, int64_t n, double work, ParBody body)
{
    double most = work < 1 ? (double)n : UNBROKEN / work;
    int64_t stretch = most < 1 ? 1 : most > (double)n ? n : (int64_t)most;
    if (work > PAR_FROM && stretch < 2 * p->S->threads) stretch = 2 * p->S->threads;
    for (p->first = 0; p->first < n; p->first += stretch) {
        int64_t now = n - p->first < stretch ? n - p->first : stretch;
        if (p->first && !vm_check(p->S)) return false;
        if (work >= PAR_FROM) par_each(p->S, now, body, p);
        else par_for(p->S, now, (int64_t)(PAR_FROM / (work < 1 ? 1 : work)), body, p);
    }
    return true;
}

/* The whole product: of floats, nothing empty but k. */
static bool run_product(Product *p)
{
    int64_t m = p->a.rows, n = p->b.cols, k = p->a.cols;
    double work = (double)m * (double)n * (double)k;
    if (work < 2 * (m == 1 || n == 1 ? VECTOR_TILE : PAR_FROM)) {
        tile(p->S, p->e, p->d, p->alpha, &p->a, &p->b, p->add, p->c, p->ldc);
        return true;
    }
    State *S = p->S;
    size_t cap = 0;
    cut(p);
    int64_t tiles = p->pm * p->pn * p->pk;
    if (p->pk > 1 && !(p->parts = mem_block(S, (size_t)(p->pk * m * n) * dtype_size[p->d], &cap))) return false;
    double each = (double)p->bm * (double)p->bn * (double)p->bk;
    bool ok = spread(p, tiles, m == 1 || n == 1 ? 4 * each : each, tiles_body);
    if (p->parts) {
        if (ok) par_for(S, m, par_grain((double)(n * p->pk)), gather_body, p);
        mem_block_free(S, p->parts, cap);
    }
    return ok;
}

/* ---- operands ---- */

/* A plain row-major copy of a matrix; *tmp is given back by the caller. */
static bool mat_plain(State *S, DType d, Mat *a, void **tmp, size_t *cap)
{
    int64_t n = a->rows * a->cols, shape[2] = {a->rows, a->cols}, st[2] = {a->s0, a->s1}, to[2] = {a->cols, 1};
    if (!(*tmp = mem_block(S, (size_t)n * dtype_size[d], cap))) return false;
    arr_copy(2, shape, *tmp, d, to, a->p, d, st);
    a->p = *tmp;
    a->s0 = a->cols;
    a->s1 = 1;
    return true;
}

static bool vector_like(const Mat *a) { return a->rows == 1 || a->cols == 1; }

/* Neither rows nor columns run on, or a vector with gaps beside a matrix: copied where the product is worth it. */
static bool awkward(const Mat *a, int64_t uses)
{
    if (uses < 2) return false;
    if (a->rows == 1) return a->s1 != 1;
    if (a->cols == 1) return a->s0 != 1;
    return a->s0 != 1 && a->s1 != 1;
}

bool mat_product_into(State *S, DType d, double alpha, Mat a, Mat b, bool add, void *c, int64_t ldc)
{
    int64_t m = a.rows, n = b.cols, k = a.cols;
    if (m == 0 || n == 0) return true;
    settle(&a);
    settle(&b);
    void *ta = NULL, *tb = NULL;
    size_t ca = 0, cb = 0;
    bool ok = true;
    if (k > 0 && awkward(&a, n)) ok = mat_plain(S, d, &a, &ta, &ca);
    if (ok && k > 0 && awkward(&b, m)) ok = mat_plain(S, d, &b, &tb, &cb);
    double work = (double)m * (double)n * (double)k;
    Engine e = OURS;
    if (!vector_like(&a) && !vector_like(&b) && alpha == 1) {
        e = choose(S, d, work, a.s1 != 1, b.s1 != 1, k);
        if (e != OURS) e = opened(S, e, work);
    }
    Product p = {.S = S, .e = e, .d = d, .alpha = alpha, .a = a, .b = b, .add = add, .c = c, .ldc = ldc};
    ok = ok && run_product(&p);
    if (ta) mem_block_free(S, ta, ca);
    if (tb) mem_block_free(S, tb, cb);
    return ok;
}

/* ---- integers ---- */

/* C [m, n] row-major = A B; k runs upwards. */
#define PLAIN_GEMM(NAME, T, ACC)                                                                                       \
    static void NAME(const Mat *a, const Mat *b, T *c)                                                                 \
    {                                                                                                                  \
        enum { KB = 256 };                                                                                             \
        int64_t m = a->rows, n = b->cols, k = a->cols;                                                                 \
        const T *A = a->p, *B = b->p;                                                                                  \
        memset(c, 0, sizeof(T) * (size_t)(m * n));                                                                     \
        for (int64_t p0 = 0; p0 < k; p0 += KB) {                                                                       \
            int64_t p1 = p0 + KB < k ? p0 + KB : k;                                                                    \
            for (int64_t i = 0; i < m; i++) {                                                                          \
                ACC *ci = (ACC *)c + i * n;                                                                            \
                for (int64_t p = p0; p < p1; p++) {                                                                    \
                    ACC v = (ACC)A[i * a->s0 + p * a->s1];                                                             \
                    const T *bp = B + p * b->s0;                                                                       \
                    if (b->s1 == 1)                                                                                    \
                        for (int64_t j = 0; j < n; j++) ci[j] += v * (ACC)bp[j];                                       \
                    else                                                                                               \
                        for (int64_t j = 0; j < n; j++) ci[j] += v * (ACC)bp[j * b->s1];                               \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }
PLAIN_GEMM(gemm_i64, int64_t, uint64_t)
PLAIN_GEMM(gemm_i32, int32_t, uint32_t)
PLAIN_GEMM(gemm_u8, uint8_t, uint8_t)

static void int_rows(void *ud, int64_t lo, int64_t hi)
{
    const Product *p = ud;
    Mat a = p->a;
    lo += p->first, hi += p->first;
    a.p = at_bytes(a.p, p->d, lo * a.s0);
    a.rows = hi - lo;
    void *c = at_bytes(p->c, p->d, lo * p->b.cols);
    if (p->d == DT_I64) gemm_i64(&a, &p->b, c);
    else if (p->d == DT_I32) gemm_i32(&a, &p->b, c);
    else gemm_u8(&a, &p->b, c);
}

bool mat_product(State *S, DType d, Mat a, Mat b, void *c)
{
    if (dtype_float(d)) return mat_product_into(S, d, 1, a, b, false, c, b.cols);
    if (a.rows == 0 || b.cols == 0) return true;
    void *tb = NULL;
    size_t cb = 0;
    if (b.s1 != 1 && b.cols > 1 && a.rows > 4 && b.rows && !mat_plain(S, d, &b, &tb, &cb)) return false;
    Product p = {.S = S, .d = d, .a = a, .b = b, .c = c};
    bool ok = spread(&p, a.rows, 8 * (double)b.cols * (double)a.cols, int_rows);
    if (tb) mem_block_free(S, tb, cb);
    return ok;
}

/* ---- batches ---- */
static void items_body(void *ud, int64_t lo, int64_t hi)
{
    const Product *p = ud;
    const MatBatch *it = p->items;
    int64_t at[RANK_MAX], oa = 0, ob = 0, size = p->a.rows * p->b.cols, left = p->first + lo;
    for (int i = it->rank - 1; i >= 0; i--) {
        at[i] = left % it->dim[i];
        left /= it->dim[i];
        oa += at[i] * it->at[0][i];
        ob += at[i] * it->at[1][i];
    }
    Mat a = p->a, b = p->b;
    for (int64_t t = p->first + lo; t < p->first + hi; t++) {
        a.p = at_bytes(p->a.p, p->d, oa);
        b.p = at_bytes(p->b.p, p->d, ob);
        void *c = at_bytes(p->c, p->d, t * size);
        if (!dtype_float(p->d)) {
            Product q = {.d = p->d, .a = a, .b = b, .c = c};
            int_rows(&q, 0, a.rows);
        } else tile(p->S, p->e, p->d, 1, &a, &b, false, c, b.cols);
        for (int i = it->rank - 1; i >= 0; i--) {
            oa += it->at[0][i];
            ob += it->at[1][i];
            if (++at[i] < it->dim[i]) break;
            oa -= at[i] * it->at[0][i];
            ob -= at[i] * it->at[1][i];
            at[i] = 0;
        }
    }
}

bool mat_products(State *S, DType d, Mat a, Mat b, const MatBatch *items, void *c)
{
    enum { ALONE = 1 << 24 }; /* multiply-adds from which each item is cut for itself */
    int64_t n = 1, m = a.rows, size = a.rows * b.cols, k = a.cols;
    for (int i = 0; i < items->rank; i++) n *= items->dim[i];
    if (n == 0 || size == 0) return true;
    double work = (double)m * (double)b.cols * (double)k;
    settle(&a);
    settle(&b);
    Product p = {.S = S, .d = d, .alpha = 1, .a = a, .b = b, .c = c, .items = items};
    bool copy = work >= 4096 && ((awkward(&a, b.cols)) || awkward(&b, m));
    if (work < ALONE && !copy) {
        if (dtype_float(d) && slow(S, d))
            p.e = opened(S, choose(S, d, work, a.s1 != 1, b.s1 != 1, k), work * (double)n);
        return spread(&p, n, (dtype_float(d) ? 1 : 8) * (work < 64 ? 64 : work), items_body);
    }
    bool ok = true;
    for (int64_t t = 0; t < n && ok; t++) {
        int64_t left = t, oa = 0, ob = 0;
        for (int i = items->rank - 1; i >= 0; i--) {
            oa += left % items->dim[i] * items->at[0][i];
            ob += left % items->dim[i] * items->at[1][i];
            left /= items->dim[i];
        }
        p.a.p = at_bytes(a.p, d, oa);
        p.b.p = at_bytes(b.p, d, ob);
        ok = (t == 0 || vm_check(S)) && mat_product(S, d, p.a, p.b, at_bytes(c, d, t * size));
    }
    return ok;
}

/* ---- the length of a vector ---- */
enum { CHUNK = 1 << 16, CHUNKS = 512 };
typedef struct Squares {
    State *S;
    DType d;
    int64_t n, chunk;
    const void *p;
    double part[CHUNKS];
} Squares;

static void squares_body(void *ud, int64_t lo, int64_t hi)
{
    Squares *q = ud;
    for (int64_t i = lo; i < hi; i++) {
        int64_t at = i * q->chunk, n = q->n - at < q->chunk ? q->n - at : q->chunk;
        q->part[i] = products_pick(q->S->isa, q->d)->squares(n, at_bytes(q->p, q->d, at));
    }
}

double sum_squares(State *S, DType d, int64_t n, const void *p)
{
    if (n <= CHUNK) return products_pick(S->isa, d)->squares(n, p);
    Squares q;
    q.S = S;
    q.d = d;
    q.n = n;
    q.p = p;
    q.chunk = n <= (int64_t)CHUNK * CHUNKS ? CHUNK : round_up(up(n, CHUNKS), 64);
    int64_t parts = up(n, q.chunk);
    par_for(S, parts, 1, squares_body, &q);
    double s = 0;
    for (int64_t i = 0; i < parts; i++) s += q.part[i];
    return s;
}
