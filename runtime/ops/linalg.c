/* linalg.c -- the matrix product. Systems and factorisations are in lapack.c and its neighbours.
**
** `@` as NumPy has it: vectors stand for a row on the left and a column on the right, leading axes are batches
** and broadcast (under the guard of LANGUAGE.md 3). Floats go to BLAS when the product is large: transposed
** and strided operands go as flags and leading dimensions where BLAS can say them, else as a copy. The library
** is loaded at the first such product, so programs without one never pay for it; without a library, and for
** small products and integers, plain loops run. Which way is taken depends on sizes alone, and BLAS runs on
** one thread, so results do not depend on the number of threads.
**
** LDLIBS: -ldl (libopenblas.so.0 or libblas.so.3 at run time, both optional)
** SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include "runtime/ops/gemm.h"
#include "runtime/ops/walk.h"

enum { BLAS_FROM = 4096 /* multiply-adds */, ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112 };

static void find_blas(State *S)
{
    Blas *b = &S->blas;
    b->looked = true;
    void *lib = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!lib) lib = dlopen("libblas.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!lib) return;
    void (*threads)(int) = (void (*)(int))dlsym(lib, "openblas_set_num_threads");
    if (threads) threads(1);
    *(void **)&b->dgemm = dlsym(lib, "cblas_dgemm");
    *(void **)&b->sgemm = dlsym(lib, "cblas_sgemm");
    *(void **)&b->dgemv = dlsym(lib, "cblas_dgemv");
    *(void **)&b->sgemv = dlsym(lib, "cblas_sgemv");
    if (!b->sgemm || !b->dgemv || !b->sgemv) b->dgemm = NULL;
}

/* Whether BLAS can read it in place: as rows with a leading dimension, or as the transpose of such. */
static bool blas_form(const Mat *a, int *flag, int64_t *ld)
{
    int64_t s0 = a->s0, s1 = a->cols == 1 ? 1 : a->s1;
    if (s1 == 1 && (a->rows == 1 || s0 >= a->cols)) {
        *flag = AS_IS;
        *ld = a->rows == 1 ? a->cols : s0;
    } else if ((s0 == 1 || a->rows == 1) && s1 >= a->rows) {
        *flag = TRANSPOSED;
        *ld = s1;
    } else return false;
    return *ld <= INT32_MAX && *ld > 0;
}

/* C [m, n] row-major = A B by plain loops; k runs upwards, so each element is one sum in order. */
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
PLAIN_GEMM(gemm_f64, double, double)
PLAIN_GEMM(gemm_f32, float, float)
PLAIN_GEMM(gemm_i64, int64_t, uint64_t)
PLAIN_GEMM(gemm_i32, int32_t, uint32_t)
PLAIN_GEMM(gemm_u8, uint8_t, uint8_t)

#define DOT(NAME, T)                                                                                                   \
    static T NAME(const Mat *a, const Mat *b)                                                                          \
    {                                                                                                                  \
        const T *x = a->p, *y = b->p;                                                                                  \
        int64_t n = a->cols, i = 0;                                                                                    \
        double total = 0;                                                                                              \
        while (i < n) { /* blocks of 1024, eight sums each */                                                          \
            int64_t end = i + 1024 < n ? i + 1024 : n;                                                                 \
            double s[8] = {0};                                                                                         \
            if (a->s1 == 1 && b->s0 == 1)                                                                              \
                for (; i + 8 <= end; i += 8)                                                                           \
                    for (int k = 0; k < 8; k++) s[k] += (double)x[i + k] * (double)y[i + k];                           \
            for (int k = 0; i < end; i++, k = (k + 1) & 7) s[k] += (double)x[i * a->s1] * (double)y[i * b->s0];        \
            total += ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));                                \
        }                                                                                                              \
        return (T)total;                                                                                               \
    }
DOT(dot_f64, double)
DOT(dot_f32, float)

static bool small_int(int64_t v) { return v <= INT32_MAX; }

/* One float product through BLAS; false when it cannot say it. */
static bool blas_gemm(State *S, DType d, const Mat *a, const Mat *b, void *c)
{
    int64_t m = a->rows, n = b->cols, k = a->cols, lda, ldb;
    int fa, fb;
    const Blas *l = &S->blas;
    if (!blas_form(a, &fa, &lda) || !blas_form(b, &fb, &ldb) || !small_int(m) || !small_int(n) || !small_int(k))
        return false;
    if (n == 1 && b->s0 > 0 && small_int(b->s0)) {
        int rows = (int)(fa == AS_IS ? m : k), cols = (int)(fa == AS_IS ? k : m);
        if (d == DT_F64) l->dgemv(ROW_MAJOR, fa, rows, cols, 1, a->p, (int)lda, b->p, (int)b->s0, 0, c, 1);
        else l->sgemv(ROW_MAJOR, fa, rows, cols, 1, a->p, (int)lda, b->p, (int)b->s0, 0, c, 1);
    } else if (m == 1 && a->s1 > 0 && small_int(a->s1)) {
        int rows = (int)(fb == AS_IS ? k : n), cols = (int)(fb == AS_IS ? n : k),
            flag = fb == AS_IS ? TRANSPOSED : AS_IS;
        if (d == DT_F64) l->dgemv(ROW_MAJOR, flag, rows, cols, 1, b->p, (int)ldb, a->p, (int)a->s1, 0, c, 1);
        else l->sgemv(ROW_MAJOR, flag, rows, cols, 1, b->p, (int)ldb, a->p, (int)a->s1, 0, c, 1);
    } else if (d == DT_F64) {
        l->dgemm(ROW_MAJOR, fa, fb, (int)m, (int)n, (int)k, 1, a->p, (int)lda, b->p, (int)ldb, 0, c, (int)n);
    } else {
        l->sgemm(ROW_MAJOR, fa, fb, (int)m, (int)n, (int)k, 1, a->p, (int)lda, b->p, (int)ldb, 0, c, (int)n);
    }
    return true;
}

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

static void plain_gemm(DType d, const Mat *a, const Mat *b, void *c)
{
    switch (d) {
    case DT_F64: gemm_f64(a, b, c); break;
    case DT_F32: gemm_f32(a, b, c); break;
    case DT_I64: gemm_i64(a, b, c); break;
    case DT_I32: gemm_i32(a, b, c); break;
    case DT_U8:
    case DT_BOOL: gemm_u8(a, b, c); break;
    case DT_COUNT: break;
    }
}

/* Rows of the left side to be done at once, a matter of sizes alone: between the bands of a long product the interrupt
** and the limits are looked at. */
static int64_t band(int64_t m, int64_t n, int64_t k, bool blas)
{
    double rows = (blas ? 0x1p31 : 0x1p28) / ((double)n * (double)(k ? k : 1));
    return rows >= (double)m ? m : rows < 64 ? 64 : (int64_t)rows / 64 * 64;
}

bool mat_product(State *S, DType d, Mat a, Mat b, void *c)
{
    int64_t m = a.rows, n = b.cols, k = a.cols;
    if (m == 0 || n == 0) return true;
    if (dtype_float(d) && m == 1 && n == 1) {
        if (d == DT_F64) *(double *)c = dot_f64(&a, &b);
        else *(float *)c = dot_f32(&a, &b);
        return true;
    }
    void *ta = NULL, *tb = NULL;
    size_t ca = 0, cb = 0;
    bool ok = true, blas = false;
    if (dtype_float(d) && k > 0 && (double)m * (double)n * (double)k >= BLAS_FROM) {
        if (!S->blas.looked) find_blas(S);
        if (S->blas.dgemm) {
            int flag;
            int64_t ld;
            if (!blas_form(&a, &flag, &ld)) ok = mat_plain(S, d, &a, &ta, &ca);
            if (ok && !blas_form(&b, &flag, &ld)) ok = mat_plain(S, d, &b, &tb, &cb);
            blas = ok;
        }
    }
    if (ok && !blas && b.s1 != 1 && n > 1 && m > 4) ok = mat_plain(S, d, &b, &tb, &cb);
    int64_t rows = band(m, n, k, blas);
    for (int64_t i = 0; ok && i < m; i += rows) {
        Mat part = a;
        part.p = at_bytes(a.p, d, i * a.s0);
        part.rows = m - i < rows ? m - i : rows;
        void *to = at_bytes(c, d, i * n);
        if (i && !vm_check(S)) ok = false;
        else if (!blas || !blas_gemm(S, d, &part, &b, to)) plain_gemm(d, &part, &b, to);
    }
    if (ta) mem_block_free(S, ta, ca);
    if (tb) mem_block_free(S, tb, cb);
    return ok;
}

/* ---- gemm.h ---- */
#define PLAIN_TILE(NAME, T)                                                                                            \
    static void NAME(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const T *a, int64_t lda, const T *b,           \
                     int64_t ldb, bool add, T *c, int64_t ldc)                                                         \
    {                                                                                                                  \
        for (int64_t i = 0; i < m; i++) {                                                                              \
            T *ci = c + i * ldc;                                                                                       \
            if (!add) memset(ci, 0, sizeof(T) * (size_t)n);                                                            \
            for (int64_t p = 0; p < k; p++) {                                                                          \
                T v = ta ? a[p * lda + i] : a[i * lda + p];                                                            \
                const T *bp = tb ? b + p : b + p * ldb;                                                                \
                if (tb)                                                                                                \
                    for (int64_t j = 0; j < n; j++) ci[j] += v * bp[j * ldb];                                          \
                else                                                                                                   \
                    for (int64_t j = 0; j < n; j++) ci[j] += v * bp[j];                                                \
            }                                                                                                          \
        }                                                                                                              \
    }
PLAIN_TILE(tile_f64, double)
PLAIN_TILE(tile_f32, float)

void gemm_tile(State *S, DType d, bool ta, bool tb, int64_t m, int64_t n, int64_t k, const void *a, int64_t lda,
               const void *b, int64_t ldb, bool add, void *c, int64_t ldc)
{
    if (m == 0 || n == 0) return;
    bool blas = k > 0 && (double)m * (double)n * (double)k >= BLAS_FROM && small_int(m) && small_int(n) &&
                small_int(k) && small_int(lda) && small_int(ldb) && small_int(ldc);
    if (blas && !S->blas.looked) find_blas(S);
    int fa = ta ? TRANSPOSED : AS_IS, fb = tb ? TRANSPOSED : AS_IS;
    if (!blas || !S->blas.dgemm) {
        if (d == DT_F64) tile_f64(ta, tb, m, n, k, a, lda, b, ldb, add, c, ldc);
        else tile_f32(ta, tb, m, n, k, a, lda, b, ldb, add, c, ldc);
    } else if (d == DT_F64) {
        S->blas.dgemm(ROW_MAJOR, fa, fb, (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, add, c, (int)ldc);
    } else {
        S->blas.sgemm(ROW_MAJOR, fa, fb, (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, add, c, (int)ldc);
    }
}

/* ---- matmul ---- */
static bool mismatch(Infer *f)
{
    char a[200], b[200];
    const Tensor *x = f->x[0].t, *y = f->x[1].t;
    int64_t na = tensor_shape(x)[x->rank - 1], nb = tensor_shape(y)[y->rank > 1 ? y->rank - 2 : 0];
    diag_fail(f->S, DIAG_SHAPE, "shapes do not meet in `@`: %s @ %s", shape_str(x, a, sizeof a),
              shape_str(y, b, sizeof b));
    diag_label(f->S, "%lld %s%s on the left, %lld %s%s on the right", (long long)na, x->rank > 1 ? "column" : "element",
               na == 1 ? "" : "s", (long long)nb, y->rank > 1 ? "row" : "element", nb == 1 ? "" : "s");
    if (y->rank > 1 && tensor_shape(y)[y->rank - 1] == na) {
        diag_hint(f->S, "b' swaps the axes of the right operand");
    } else if (x->rank > 1 && tensor_shape(x)[x->rank - 2] == nb) {
        diag_hint(f->S, "a' swaps the axes of the left operand");
    } else if (x->rank == 1 && y->rank > 1 && tensor_shape(y)[y->rank - 2] == 1) {
        diag_hint(f->S, "v[:, new] makes a column of a vector");
    }
    return false;
}

static bool infer_matmul(Infer *f)
{
    if (!is_tensor(f->x[0]) || !is_tensor(f->x[1])) {
        diag_fail(f->S, DIAG_TYPE, "`@` is the product of tensors; a number has no axes");
        return diag_hint(f->S, "scale with `*`");
    }
    if (!promote(f->S, "@", f->x, 2, true, &f->dtype)) return false;
    const Tensor *a = f->x[0].t, *b = f->x[1].t;
    int ra = a->rank, rb = b->rank, na = ra > 2 ? ra - 2 : 0, nb = rb > 2 ? rb - 2 : 0, nbatch = na > nb ? na : nb;
    const int64_t *sa = tensor_shape(a), *sb = tensor_shape(b);
    if (sa[ra - 1] != sb[rb > 1 ? rb - 2 : 0]) return mismatch(f);
    f->rank = nbatch;
    bool fits = true, grows = false;
    for (int i = 0; i < nbatch; i++) {
        int64_t x = i < nbatch - na ? 1 : sa[i - (nbatch - na)], y = i < nbatch - nb ? 1 : sb[i - (nbatch - nb)];
        fits &= x == y || x == 1 || y == 1;
        f->shape[i] = x == 1 ? y : x;
        if (na && nb && na != nb) grows |= f->shape[i] != (na > nb ? x : y);
    }
    if (!fits || grows) {
        char s[200], t[200];
        diag_fail(f->S, fits ? DIAG_GUARD : DIAG_SHAPE,
                  fits ? "broadcast would grow the result of `@`: %s @ %s" : "shapes do not meet in `@`: %s @ %s",
                  shape_str(a, s, sizeof s), shape_str(b, t, sizeof t));
        return diag_label(f->S, "the leading axes are batches and must agree");
    }
    if (ra > 1) f->shape[f->rank++] = sa[ra - 2];
    if (rb > 1) f->shape[f->rank++] = sb[rb - 1];
    return true;
}

static bool run_matmul(Run *r)
{
    DType d = r->y.dtype;
    Arr x[2] = {r->x[0], r->x[1]};
    void *tmp[2] = {NULL, NULL};
    size_t cap[2] = {0, 0};
    int64_t plain[2][RANK_MAX];
    bool ok = true;
    for (int i = 0; i < 2 && ok; i++)
        if (x[i].dtype != d) { /* operands of other dtypes are brought to the result's */
            ok = (x[i].p = (void *)arr_plain(r->S, &r->x[i], d, &tmp[i], &cap[i])) != NULL;
            row_major(x[i].rank, x[i].shape, plain[i]);
            x[i].stride = plain[i];
            x[i].contiguous = true;
        }
    int ra = x[0].rank, rb = x[1].rank;
    Mat a = {x[0].p, 1, x[0].shape[ra - 1], 0, x[0].stride[ra - 1]}, b = {x[1].p, x[1].shape[0], 1, x[1].stride[0], 1};
    if (ra > 1) a.rows = x[0].shape[ra - 2], a.s0 = x[0].stride[ra - 2];
    if (rb > 1) b = (Mat){x[1].p, x[1].shape[rb - 2], x[1].shape[rb - 1], x[1].stride[rb - 2], x[1].stride[rb - 1]};
    int na = ra > 2 ? ra - 2 : 0, nb = rb > 2 ? rb - 2 : 0, n = na > nb ? na : nb;
    if (ok && n && nb == 0 && x[0].contiguous) { /* all batches of the left side are more rows */
        for (int i = 0; i < na; i++) a.rows *= x[0].shape[i];
        a.s0 = a.cols; /* an axis of size 1 may have any stride */
        a.s1 = 1;
        n = 0;
    }
    if (ok && n == 0) ok = mat_product(r->S, d, a, b, r->y.p);
    else if (ok) {
        int64_t st[2][RANK_MAX], shape[RANK_MAX], o = 0, size = a.rows * b.cols;
        const int64_t *sp[2] = {st[0], st[1]};
        for (int i = 0; i < n; i++) {
            int ia = i - (n - na), ib = i - (n - nb);
            int64_t da = ia < 0 ? 1 : x[0].shape[ia], db = ib < 0 ? 1 : x[1].shape[ib];
            shape[i] = da == 1 ? db : da;
            st[0][i] = da == 1 ? 0 : x[0].stride[ia];
            st[1][i] = db == 1 ? 0 : x[1].stride[ib];
        }
        Walk w;
        for (bool on = walk_init(&w, n, shape, 2, sp); on && ok; on = walk_next(&w))
            for (int64_t i = 0; i < w.n && ok; i++, o += size) {
                a.p = at_bytes(x[0].p, d, w.off[0] + i * w.step[0]);
                b.p = at_bytes(x[1].p, d, w.off[1] + i * w.step[1]);
                ok = mat_product(r->S, d, a, b, at_bytes(r->y.p, d, o));
            }
    }
    for (int i = 0; i < 2; i++)
        if (tmp[i]) mem_block_free(r->S, tmp[i], cap[i]);
    return ok;
}

static Value r_shaped(Rule *r, Value v, int rank, const int64_t *shape)
{
    Attr a[RANK_MAX];
    if (is_nil(v)) return v;
    for (int i = 0; i < rank; i++) a[i].i = shape[i];
    return r_op(r, is_tensor(v) ? OPID_reshape : OPID_fill, &v, 1, a, rank);
}

/* With vectors as matrices (a row on the left, a column on the right): da = dy b', db = a' dy. Sums over batches are
** left to the caller of the rule, but for a right side without batches they are part of the product. */
static void adjoint_matmul(Rule *r)
{
    Value a = r->x[0], b = r->x[1], dy = r->dy;
    int ra = val_rank(a), rb = val_rank(b), ry = val_rank(dy);
    if (ra == 1 && rb == 1) {
        if (need(r, 0)) r->dx[0] = r_chain(r, dy, b);
        if (need(r, 1)) r->dx[1] = r_chain(r, dy, a);
        return;
    }
    int64_t s[RANK_MAX];
    bool vector = ra == 2 && rb == 1 && need(r, 1);
    if (vector) r->dx[1] = r_matmul(r, r_swap(r, a), dy);
    if (vector && !need(r, 0)) return;
    if (ry) memcpy(s, val_shape(dy), sizeof(int64_t) * (size_t)ry);
    if (ra == 1) { /* dy [..., n] -> [..., 1, n] */
        s[ry] = s[ry - 1];
        s[ry - 1] = 1;
        dy = r_shaped(r, dy, ry + 1, s);
        s[0] = 1;
        s[1] = val_shape(a)[0];
        a = r_shaped(r, a, 2, s);
    } else if (rb == 1) { /* dy [..., m] -> [..., m, 1] */
        s[ry] = 1;
        dy = r_shaped(r, dy, ry + 1, s);
        s[0] = val_shape(b)[0];
        s[1] = 1;
        b = r_shaped(r, b, 2, s);
    }
    if (is_nil(dy) || is_nil(a) || is_nil(b)) return;
    if (need(r, 0)) {
        Value da = r_matmul(r, dy, r_swap(r, b));
        if (ra == 1 && !is_nil(da)) { /* [..., 1, k] -> [..., k]; batches are summed by the caller */
            int n = val_rank(da);
            memcpy(s, val_shape(da), sizeof(int64_t) * (size_t)n);
            s[n - 2] = s[n - 1];
            da = r_shaped(r, da, n - 1, s);
        }
        r->dx[0] = da;
    }
    if (need(r, 1) && !vector) {
        if (val_rank(a) > 2 && val_rank(b) == 2) { /* one product over all batches */
            int n = val_rank(a);
            int64_t sa[2] = {1, val_shape(a)[n - 1]}, sy[2] = {1, val_shape(dy)[n - 1]};
            for (int i = 0; i < n - 1; i++) sa[0] *= val_shape(a)[i];
            sy[0] = sa[0];
            a = r_shaped(r, a, 2, sa);
            dy = r_shaped(r, dy, 2, sy);
        }
        Value db = is_nil(a) || is_nil(dy) ? NIL : r_matmul(r, r_swap(r, a), dy);
        if (rb == 1 && !is_nil(db)) { /* [..., k, 1] -> [..., k] */
            int n = val_rank(db);
            memcpy(s, val_shape(db), sizeof(int64_t) * (size_t)n);
            db = r_shaped(r, db, n - 1, s);
        }
        r->dx[1] = db;
    }
}

/* d times x, the other operand, which stands on the left where `left`: of two vectors with strong zeros, as going back. */
static Value r_moved(Rule *r, Value d, Value x, bool left)
{
    static const Attr all[3] = {{.i = 0}, {.i = 1}, {.i = 0}};
    if (is_nil(d)) return NIL;
    if (val_rank(d) != 1 || val_rank(x) != 1) return left ? r_matmul(r, x, d) : r_matmul(r, d, x);
    Value c = r_chain(r, d, x);
    return is_nil(c) ? c : r_op(r, OPID_sum, &c, 1, all, 3);
}

static void tangent_matmul(Rule *r)
{
    Value a = r_moved(r, r->dxin[0], r->x[1], false), b = r_moved(r, r->dxin[1], r->x[0], true);
    r->dyout = is_nil(a) ? b : is_nil(b) ? a : r_add(r, a, b);
}
OP(matmul, .nin = 2, .batch = b_matmul, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .infer = infer_matmul,
   .run = run_matmul, .adjoint = adjoint_matmul, .tangent = tangent_matmul, .doc = "a @ b: the matrix product")
