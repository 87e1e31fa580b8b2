/* lapack.c -- under the matrix factorisations: finding the library, matrices in and out, elimination and
** triangular systems, and what their rules share. The operations are in systems.c, decompose.c and expm.c.
**
** Matrices are row-major here and LAPACK's are by columns. Symmetric ones do not mind; a triangular system
** A X = B is handed over as X' A' = B', which is the same memory read by columns; the rest is copied
** transposed, which costs n^2 beside n^3.
** SPDX-License-Identifier: MIT */
#include "runtime/ops/lapack.h"
#include <dlfcn.h>
#include <float.h>
#include <math.h>
#include <stdio.h>

/* ---- the library ---- */
bool lapack_find(State *S)
{
    static const char *const name[LA_COUNT][2] = {
        {"dgetrf_", "sgetrf_"}, {"dpotrf_", "spotrf_"}, {"dgeqrf_", "sgeqrf_"},
        {"dorgqr_", "sorgqr_"}, {"dsyevd_", "ssyevd_"}, {"dgesdd_", "sgesdd_"},
        {"dgelsd_", "sgelsd_"}, {"dtrsm_", "strsm_"},   {"dgemm_", "sgemm_"},
    };
    Lapack *l = &S->lapack;
    if (l->looked) return l->found;
    l->looked = true;
    void *lib = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!lib) lib = dlopen("liblapack.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!lib) return false;
    void (*threads)(int) = (void (*)(int))dlsym(lib, "openblas_set_num_threads");
    if (threads) threads(1);
    l->found = true;
    for (int i = 0; i < LA_COUNT; i++)
        for (int k = 0; k < 2; k++) {
            *(void **)&l->fn[i][k] = dlsym(lib, name[i][k]);
            l->found &= l->fn[i][k] != NULL;
        }
    return l->found;
}

bool lapack_need(State *S, const char *what)
{
    if (lapack_find(S)) return true;
    diag_fail(S, DIAG_NATIVE, "%s needs the LAPACK library, which is not there", what);
    return diag_hint(S, "install libopenblas.so.0 (Debian: libopenblas0), or liblapack.so.3");
}

DType lapack_work(State *S, DType y, int64_t n) { return n >= LAPACK_FROM && lapack_find(S) ? y : DT_F64; }

bool lapack_int(State *S, const char *what, int64_t n)
{
    return n < 1 << 24 ||
           diag_fail(S, DIAG_SIZE, "%s: %lld rows or columns are more than LAPACK takes", what, (long long)n);
}

/* ---- matrices in and out ---- */
const void *mat_at(const Arr *a, int tail, int64_t k)
{
    int64_t off = 0;
    for (int i = a->rank - tail - 1; i >= 0; i--) {
        off += k % a->shape[i] * a->stride[i];
        k /= a->shape[i];
    }
    return at_bytes(a->p, a->dtype, off);
}

void mat_in(const Arr *a, int64_t k, void *to, DType d, bool by_columns)
{
    const int64_t *shape = a->shape + a->rank - 2;
    int64_t st[2] = {by_columns ? 1 : shape[1], by_columns ? shape[0] : 1};
    arr_copy(2, shape, to, d, st, mat_at(a, 2, k), a->dtype, a->stride + a->rank - 2);
}

bool all_finite(DType d, const void *p, int64_t n)
{
    const double *x = p;
    const float *y = p;
    for (int64_t i = 0; i < n; i++)
        if (d == DT_F64 ? !isfinite(x[i]) : !isfinite(y[i])) return false;
    return true;
}

void fill_nan(DType d, void *p, int64_t n)
{
    double nan = NAN;
    run_copy(p, d, 1, &nan, DT_F64, 0, n);
}

bool mat_fail(Run *r, int64_t k, DiagCode code, const char *what, const char *hint)
{
    const Arr *a = &r->x[0];
    const int64_t *s = a->shape;
    Buf b;
    buf_init(&b, r->S);
    if (a->rank > 2) {
        int64_t at[RANK_MAX];
        for (int i = a->rank - 3; i >= 0; i--) at[i] = k % s[i], k /= s[i];
        buf_puts(&b, "matrix ");
        shape_text(&b, a->rank - 2, at);
        buf_puts(&b, " of ");
    } else buf_puts(&b, "the matrix ");
    shape_text(&b, a->rank, s);
    buf_put(&b, "", 1);
    diag_set(r->S, r->at, code, "%s %s", b.p ? b.p : "the matrix", what);
    buf_deinit(&b);
    if (hint) diag_hint(r->S, "%s", hint);
    if (r->t[0] && r->t[0]->made_by) op_note_made(r->S, "A", val_obj(T_TENSOR, r->t[0]));
    return false;
}

/* ---- in blocks, so that limits are looked at ----
**
** The library is not interrupted, and n^3 grows: above WHOLE rows the two factorisations that are asked for most go on by
** blocks of columns, with the library for each block and a look at the limits between products of some 10^9 operations
** (Golub and Van Loan 2013, sections 3.2.11 and 4.2.9). Everything here is by columns, as LAPACK has it. */
enum { WHOLE = 1024, BLOCK = 256, TALL = 4096 };

static char *cell(DType d, void *a, int64_t ld, int64_t i, int64_t j)
{
    return (char *)a + dtype_size[d] * (size_t)(j * ld + i);
}

/* c[m, n] -= a b, a [m, k] (or, turned, a' of a [k, m]), all with leading dimension ld. */
static bool less_product(State *S, DType d, bool turned, int64_t m, int64_t n, int64_t k, void *a, void *b, void *c,
                         int64_t ld)
{
    const double one = 1, less = -1;
    const float onef = 1, lessf = -1;
    int in = (int)n, ik = (int)k, il = (int)ld;
    for (int64_t i = 0; i < m; i += TALL) {
        int im = (int)(m - i < TALL ? m - i : TALL);
        if (!vm_check(S)) return false;
        LAPACK(S, LaGemm, LA_GEMM, d)
        (turned ? "T" : "N", "N", &im, &in, &ik, d == DT_F64 ? (const void *)&less : &lessf,
         turned ? cell(d, a, ld, 0, i) : cell(d, a, ld, i, 0), &il, b, &il, d == DT_F64 ? (const void *)&one : &onef,
         cell(d, c, ld, i, 0), &il, 1, 1);
    }
    return true;
}

/* a[n, m] = t^-1 a, or with the transpose of t upper, in stripes of columns. */
static bool solve_left(State *S, DType d, bool lower, int64_t n, int64_t m, void *t, void *a, int64_t ld)
{
    const double one = 1;
    const float onef = 1;
    int in = (int)n, il = (int)ld;
    for (int64_t j = 0; j < m; j += TALL) {
        int im = (int)(m - j < TALL ? m - j : TALL);
        if (!vm_check(S)) return false;
        LAPACK(S, LaTrsm, LA_TRSM, d)
        ("L", lower ? "L" : "U", lower ? "N" : "T", lower ? "U" : "N", &in, &im,
         d == DT_F64 ? (const void *)&one : &onef, t, &il, cell(d, a, ld, 0, j), &il, 1, 1, 1, 1);
    }
    return true;
}

bool potrf_upper(State *S, DType d, int64_t n, void *a, int *info)
{
    int64_t step = n > WHOLE ? BLOCK : n;
    int ld = (int)n;
    *info = 0;
    for (int64_t k = 0; k < n; k += step) {
        int width = (int)(n - k < step ? n - k : step), bad = 0;
        int64_t next = k + width;
        LAPACK(S, LaPotrf, LA_POTRF, d)("U", &width, cell(d, a, n, k, k), &ld, &bad, 1);
        if (bad) {
            *info = bad > 0 ? bad + (int)k : bad;
            return true;
        }
        if (!solve_left(S, d, false, width, n - next, cell(d, a, n, k, k), cell(d, a, n, k, next), n)) return false;
        for (int64_t j = next; j < n; j += BLOCK) { /* rows below the diagonal block are not looked at */
            int64_t cols = n - j < BLOCK ? n - j : BLOCK;
            if (!less_product(S, d, true, j + cols - next, cols, width, cell(d, a, n, k, next), cell(d, a, n, k, j),
                              cell(d, a, n, next, j), n))
                return false;
        }
    }
    return true;
}

/* Exchanges rows k + i and pivot[i] - 1 of columns j ... to. */
static void exchange(DType d, void *a, int64_t ld, int64_t k, int64_t count, const int *pivot, int64_t j, int64_t to)
{
    size_t size = dtype_size[d];
    for (; j < to; j++)
        for (int64_t i = 0; i < count; i++) {
            char *x = cell(d, a, ld, k + i, j), *y = cell(d, a, ld, pivot[i] - 1, j), t[8];
            if (x == y) continue;
            memcpy(t, x, size);
            memcpy(x, y, size);
            memcpy(y, t, size);
        }
}

/* As dgetrf: a [m, n] becomes L and U, row i was exchanged with row pivot[i] - 1. */
static bool getrf(State *S, DType d, int64_t m, int64_t n, void *a, int *pivot)
{
    int64_t least = m < n ? m : n, step = least > WHOLE ? BLOCK : least;
    int ld = (int)m, info = 0;
    for (int64_t k = 0; k < least; k += step) {
        int64_t wide = least - k < step ? least - k : step, next = k + wide;
        int rows = (int)(m - k), width = (int)(step == least ? n : wide);
        if (!vm_check(S)) return false;
        LAPACK(S, LaGetrf, LA_GETRF, d)(&rows, &width, cell(d, a, m, k, k), &ld, pivot + k, &info);
        if (step == least) return true;
        for (int64_t i = k; i < next; i++) pivot[i] += (int)k;
        exchange(d, a, m, k, wide, pivot + k, 0, k);
        exchange(d, a, m, k, wide, pivot + k, next, n);
        if (!solve_left(S, d, true, wide, n - next, cell(d, a, m, k, k), cell(d, a, m, k, next), m)) return false;
        for (int64_t j = next; j < n; j += BLOCK)
            if (!less_product(S, d, false, m - next, n - j < BLOCK ? n - j : BLOCK, wide, cell(d, a, m, next, k),
                              cell(d, a, m, k, j), cell(d, a, m, next, j), m))
                return false;
    }
    return true;
}

/* ---- elimination with row exchanges ---- */
static int lu_loops(double *a, int64_t m, int64_t n, int64_t ld, int64_t *perm)
{
    int sign = 1;
    for (int64_t i = 0; i < m; i++) perm[i] = i;
    for (int64_t k = 0; k < m && k < n; k++) {
        int64_t p = k;
        for (int64_t i = k + 1; i < m; i++)
            if (fabs(a[i * ld + k]) > fabs(a[p * ld + k])) p = i;
        if (a[p * ld + k] == 0) continue;
        if (p != k) {
            for (int64_t j = 0; j < n; j++) {
                double t = a[k * ld + j];
                a[k * ld + j] = a[p * ld + j];
                a[p * ld + j] = t;
            }
            int64_t t = perm[k];
            perm[k] = perm[p];
            perm[p] = t;
            sign = -sign;
        }
        for (int64_t i = k + 1; i < m; i++) {
            double f = a[i * ld + k] /= a[k * ld + k];
            for (int64_t j = k + 1; j < n; j++) a[i * ld + j] -= f * a[k * ld + j];
        }
    }
    return sign;
}

int lu_rows(State *S, DType d, int64_t m, int64_t n, void *a, int64_t ld, int64_t *perm)
{
    int64_t least = m < n ? m : n, shape[2] = {m, n}, rows[2] = {ld, 1}, cols[2] = {1, m};
    if (d == DT_F64 && (least < LAPACK_FROM || !lapack_find(S))) return lu_loops(a, m, n, ld, perm);
    size_t cap, elements = (size_t)(m * n) * dtype_size[d];
    char *tmp = mem_block(S, elements + sizeof(int) * (size_t)least, &cap);
    if (!tmp) return 0;
    int *ipiv = (int *)(tmp + elements), sign = 1;
    arr_copy(2, shape, tmp, d, cols, a, d, rows);
    if (!getrf(S, d, m, n, tmp, ipiv)) {
        mem_block_free(S, tmp, cap);
        return 0;
    }
    arr_copy(2, shape, a, d, rows, tmp, d, cols);
    for (int64_t i = 0; i < m; i++) perm[i] = i;
    for (int64_t i = 0; i < least; i++) {
        int64_t p = ipiv[i] - 1, t = perm[i];
        perm[i] = perm[p];
        perm[p] = t;
        if (p != i) sign = -sign;
    }
    mem_block_free(S, tmp, cap);
    return sign;
}

/* The rounding error of pivot k is about eps times row k of |L| times column k of |U| (Higham 2002, "Accuracy and
** stability of numerical algorithms", theorem 9.3), however rows and columns are scaled. */
#define SINGULAR(NAME, T, EPS)                                                                                         \
    static int64_t NAME(const T *a, int64_t n, int64_t ld)                                                             \
    {                                                                                                                  \
        for (int64_t k = 0; k < n; k++) {                                                                              \
            double s = 0, u = fabs((double)a[k * ld + k]);                                                             \
            for (int64_t j = 0; j < k; j++) s += fabs((double)a[k * ld + j] * (double)a[j * ld + k]);                  \
            if (u <= EPS * s || u == 0) return k;                                                                      \
        }                                                                                                              \
        return -1;                                                                                                     \
    }
SINGULAR(singular_f64, double, DBL_EPSILON)
SINGULAR(singular_f32, float, FLT_EPSILON)
int64_t lu_singular(DType d, const void *a, int64_t n, int64_t ld)
{
    return d == DT_F64 ? singular_f64(a, n, ld) : singular_f32(a, n, ld);
}

/* ---- triangular systems ---- */
static void tri_loops(bool lower, bool trans, bool unit, int64_t n, const double *t, int64_t ld, int64_t m, double *b)
{
    bool down = lower != trans;
    int64_t rs = trans ? 1 : ld, cs = trans ? ld : 1;
    for (int64_t q = 0; q < n; q++) {
        int64_t i = down ? q : n - 1 - q, j0 = down ? 0 : i + 1, j1 = down ? i : n;
        double *x = b + i * m;
        for (int64_t j = j0; j < j1; j++) {
            double f = t[i * rs + j * cs];
            const double *y = b + j * m;
            if (f != 0)
                for (int64_t k = 0; k < m; k++) x[k] -= f * y[k];
        }
        if (!unit) {
            double f = t[i * rs + i * cs];
            for (int64_t k = 0; k < m; k++) x[k] /= f;
        }
    }
}

bool tri_rows(State *S, DType d, bool lower, bool trans, bool unit, int64_t n, const void *t, int64_t ld, int64_t m,
              void *b)
{
    if (n == 0 || m == 0) return true;
    if (d == DT_F64 && (n < LAPACK_FROM || !lapack_find(S))) {
        tri_loops(lower, trans, unit, n, t, ld, m, b);
        return true;
    }
    int64_t stripe = n > WHOLE ? ((int64_t)1 << 29) / (n * n) + 16 : m; /* columns of B between looks at the limits */
    int in = (int)n, im = (int)m, il = (int)ld;
    double one = 1;
    float onef = 1;
    for (int64_t j = 0; j < m; j += stripe) {
        int cols = (int)(m - j < stripe ? m - j : stripe);
        if (j && !vm_check(S)) return false;
        LAPACK(S, LaTrsm, LA_TRSM, d)
        ("R", lower ? "U" : "L", trans ? "T" : "N", unit ? "U" : "N", &cols, &in,
         d == DT_F64 ? (void *)&one : (void *)&onef, t, &il, cell(d, b, 1, j, 0), &im, 1, 1, 1, 1);
    }
    return true;
}

bool lapack_orthonormal(State *S, double *a, int64_t rows, int64_t cols)
{
    if (!lapack_find(S) || rows >= 1 << 24) return false;
    int m = (int)rows, n = (int)cols, info, lwork = -1;
    double size[2] = {0, 0};
    LAPACK(S, LaGeqrf, LA_GEQRF, DT_F64)(&m, &n, a, &m, size, &size[0], &lwork, &info);
    LAPACK(S, LaOrgqr, LA_ORGQR, DT_F64)(&m, &n, &n, a, &m, size, &size[1], &lwork, &info);
    lwork = (int)fmax(size[0], size[1]);
    size_t bytes = sizeof(double) * ((size_t)lwork + 2 * (size_t)n);
    double *tau = mem_try(S, bytes), *sign = tau + n;
    if (!tau) return false;
    LAPACK(S, LaGeqrf, LA_GEQRF, DT_F64)(&m, &n, a, &m, tau, sign + n, &lwork, &info);
    for (int64_t j = 0; j < cols; j++) sign[j] = a[j * rows + j] < 0 ? -1 : 1;
    LAPACK(S, LaOrgqr, LA_ORGQR, DT_F64)(&m, &n, &n, a, &m, tau, sign + n, &lwork, &info);
    for (int64_t j = 0; j < cols; j++)
        for (int64_t i = 0; i < rows; i++) a[j * rows + i] *= sign[j];
    mem_free(S, tau, bytes);
    return info == 0;
}

/* ---- shape rules ---- */
DType mat_float(State *S, Value v)
{
    DType d = val_dtype(S, v);
    return dtype_float(d) ? d : default_float(S);
}

bool mat_infer(Infer *f, bool square)
{
    Value a = f->x[0];
    char s[200];
    int rank = val_rank(a);
    if (rank < 2 || (square && r_dim(a, 1) != r_dim(a, 2)))
        return diag_fail(f->S, DIAG_SHAPE, "%s takes a %smatrix, or a batch of them, not %s", op_symbol(f->op),
                         square ? "square " : "", rank ? shape_str(a.t, s, sizeof s) : "a number");
    f->dtype = mat_float(f->S, a);
    f->rank = rank;
    memcpy(f->shape, val_shape(a), sizeof(int64_t) * (size_t)rank);
    return lapack_int(f->S, op_symbol(f->op), r_dim(a, 1)) && lapack_int(f->S, op_symbol(f->op), r_dim(a, 2));
}

/* ---- rules ---- */
Value r_part(Rule *r, Value v, int axis_from_end, int64_t start, int64_t count)
{
    Attr a[3 * RANK_MAX];
    if (is_nil(v)) return v;
    int rank = val_rank(v), axis = rank - axis_from_end;
    for (int i = 0; i < rank; i++) {
        a[3 * i].i = i == axis ? start : 0;
        a[3 * i + 1].i = i == axis ? count : val_shape(v)[i];
        a[3 * i + 2].i = 1;
    }
    return r_op(r, OPID_slice, &v, 1, a, 3 * rank);
}

Value r_pick(Rule *r, Value v, int axis_from_end, int64_t at)
{
    Attr a[3 * RANK_MAX];
    if (is_nil(v)) return v;
    int rank = val_rank(v), axis = rank - axis_from_end;
    for (int i = 0; i < rank; i++) {
        a[3 * i].i = i == axis ? at : 0;
        a[3 * i + 1].i = i == axis ? -1 : val_shape(v)[i];
        a[3 * i + 2].i = 1;
    }
    return r_op(r, OPID_slice, &v, 1, a, 3 * rank);
}

Value r_join(Rule *r, int axis_from_end, const Value *v, int n)
{
    if (is_nil(v[0])) return NIL;
    Attr a = {.i = val_rank(v[0]) - axis_from_end};
    return r_op(r, OPID_concat, v, n, &a, 1);
}

Value r_eye(Rule *r, Value like, int64_t n)
{
    int64_t shape[RANK_MAX];
    if (is_nil(like) || r->failed) return NIL;
    int rank = val_rank(like);
    for (int i = 0; i < rank; i++) shape[i] = i < rank - 2 ? 1 : n;
    Tensor *t = tensor_zeros(r->S, mat_float(r->S, like), rank, shape);
    if (!t) {
        r->failed = true;
        return NIL;
    }
    for (int64_t i = 0; i < n; i++) tensor_put(t, i * n + i, 1);
    return r_own(r, val_obj(T_TENSOR, t));
}

static Value r_triangle(Rule *r, OpId op, Value v, int64_t k)
{
    Attr a = {.i = k};
    return r_op(r, op, &v, 1, &a, 1);
}
Value r_tril(Rule *r, Value v, int64_t k) { return r_triangle(r, OPID_tril, v, k); }
Value r_triu(Rule *r, Value v, int64_t k) { return r_triangle(r, OPID_triu, v, k); }
Value r_diag(Rule *r, Value v) { return r_triangle(r, OPID_diag_part, v, 0); }
Value r_undiag(Rule *r, Value v, int64_t n)
{
    Attr a[3] = {{.i = 0}, {.i = n}, {.i = n}};
    return r_op(r, OPID_diag_embed, &v, 1, a, 3);
}

Value r_scalar_of(Rule *r, Value v, Value like)
{
    Attr a[RANK_MAX];
    if (is_nil(v) || is_nil(like) || !is_tensor(v)) return v;
    int rank = val_rank(like);
    for (int i = 0; i < rank; i++) a[i].i = i < rank - 2 ? val_shape(like)[i] : 1;
    return r_op(r, OPID_reshape, &v, 1, a, rank);
}

Value r_inner(Rule *r, Value a, Value b)
{
    Value t = r_mul(r, a, b);
    if (is_nil(t)) return t;
    Attr s[3] = {{.i = 1}, {.i = (int64_t)3 << (val_rank(t) - 2)}, {.f = 0}};
    return r_op(r, OPID_sum, &t, 1, s, 3);
}

Value r_trisolve(Rule *r, Value t, Value b, bool lower, bool trans)
{
    Value x[2] = {t, b};
    Attr a[3] = {{.i = lower}, {.i = trans}, {.i = 0}};
    return r_op(r, OPID_solve_triangular, x, 2, a, 3);
}

Value r_plus(Rule *r, Value a, Value b) { return is_nil(a) ? b : is_nil(b) ? a : r_add(r, a, b); }
Value r_chain_div(Rule *r, Value dy, Value q) { return r_2(r, OPID_chain_div, dy, q); }
