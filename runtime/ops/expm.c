/* expm.c -- the exponential of a matrix and its derivative, by scaling and squaring of Pade approximants.
**
** exp(A) = r_m(A / 2^s)^(2^s); the derivative L(A, E) in the direction E runs through the same steps, so it
** costs about as much as two more exponentials, and both are exact to rounding. Going back is L(A', dy). The
** derivative of L itself is a block of L at twice the size:
**
**   M = [A E]     exp(M) = [exp(A) L(A, E)]
**       [0 A]              [0      exp(A) ]
**
** cite  Al-Mohy and Higham 2009, "Computing the Frechet derivative of the matrix exponential, with an application to
**       condition number estimation", algorithm 6.4 and the bounds l_m of table 6.1, used for both
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/ops/lapack.h"

static const double bound[] = {1.08e-2, 2.00e-1, 7.83e-1, 1.78, 4.74}; /* of the 1-norm, for degrees 3 5 7 9 13 */
static const double pade3[] = {120, 60, 12, 1}, pade5[] = {30240, 15120, 3360, 420, 30, 1},
                    pade7[] = {17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1},
                    pade9[] = {17643225600, 8821612800, 2075673600, 302702400, 30270240, 2162160, 110880, 3960, 90, 1},
                    pade13[] = {64764752532480000,
                                32382376266240000,
                                7771770303897600,
                                1187353796428800,
                                129060195264000,
                                10559470521600,
                                670442572800,
                                33522128640,
                                1323241920,
                                40840800,
                                960960,
                                16380,
                                182,
                                1};

/* c = a b, or c += a b; n by n, by rows */
static void times(State *S, int64_t n, const double *a, const double *b, double *c, bool add)
{
    if (n >= LAPACK_FROM && lapack_find(S)) {
        int in = (int)n;
        double one = 1, beta = add;
        LAPACK(S, LaGemm, LA_GEMM, DT_F64)("N", "N", &in, &in, &in, &one, b, &in, a, &in, &beta, c, &in, 1, 1);
        return;
    }
    if (!add) memset(c, 0, sizeof(double) * (size_t)(n * n));
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < n; k++)
            for (int64_t j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
}
static void axpy(int64_t n, double f, const double *x, double *y)
{
    for (int64_t i = 0; i < n * n; i++) y[i] += f * x[i];
}
static void set_eye(int64_t n, double f, double *y)
{
    memset(y, 0, sizeof(double) * (size_t)(n * n));
    for (int64_t i = 0; i < n; i++) y[i * n + i] = f;
}

enum { SLOTS = 24 };
/* a [n, n] (and its direction e, or NULL) become exp(a) (and l = L(a, e)); w: SLOTS matrices of scratch. */
static bool exponential(State *S, int64_t n, double *a, double *e, double *w, int64_t *perm)
{
    int64_t nn = n * n;
    double norm = 0, *pow[5], *dpow[5];
    for (int i = 0; i < 5; i++)
        pow[i] = w + i * nn, dpow[i] = w + (5 + i) * nn; /* A^0 A^2 A^4 A^6 A^8 and directions */
    double *W = w + 10 * nn, *V = w + 11 * nn, *U = w + 12 * nn, *dW = w + 13 * nn, *dV = w + 14 * nn,
           *dU = w + 15 * nn, *T = w + 16 * nn;
    for (int64_t j = 0; j < n; j++) {
        double s = 0;
        for (int64_t i = 0; i < n; i++) s += fabs(a[i * n + j]);
        if (s > norm) norm = s;
    }
    int pick = 0, squarings = 0;
    while (pick < 4 && norm > bound[pick]) pick++;
    if (pick == 4 && norm > bound[4]) {
        squarings = (int)ceil(log2(norm / bound[4]));
        double f = ldexp(1, -squarings);
        for (int64_t i = 0; i < nn; i++) a[i] *= f;
        for (int64_t i = 0; e && i < nn; i++) e[i] *= f;
    }
    const double *b = pick == 0 ? pade3 : pick == 1 ? pade5 : pick == 2 ? pade7 : pick == 3 ? pade9 : pade13;
    int half = pick < 4 ? pick + 1 : 3; /* powers up to 2 half */
    set_eye(n, 1, pow[0]);
    times(S, n, a, a, pow[1], false);
    for (int i = 2; i <= half; i++) times(S, n, pow[1], pow[i - 1], pow[i], false);
    if (e) {
        memset(dpow[0], 0, sizeof(double) * (size_t)nn);
        times(S, n, a, e, dpow[1], false);
        times(S, n, e, a, dpow[1], true);
        for (int i = 2; i <= half; i++) {
            times(S, n, pow[1], dpow[i - 1], dpow[i], false);
            times(S, n, dpow[1], pow[i - 1], dpow[i], true);
        }
    }
    for (int odd = 0; odd < 2; odd++) { /* odd: W with U = A W, else V */
        double *y = odd ? W : V, *dy = odd ? dW : dV;
        memset(y, 0, sizeof(double) * (size_t)nn);
        if (e) memset(dy, 0, sizeof(double) * (size_t)nn);
        for (int i = 0; i <= half; i++) {
            axpy(n, b[2 * i + odd], pow[i], y);
            if (e) axpy(n, b[2 * i + odd], dpow[i], dy);
        }
        if (pick < 4) continue;
        memset(T, 0, sizeof(double) * (size_t)nn); /* A^6 (b8 A^2 + b10 A^4 + b12 A^6) more */
        for (int i = 1; i <= 3; i++) axpy(n, b[6 + 2 * i + odd], pow[i], T);
        times(S, n, pow[3], T, y, true);
        if (!e) continue;
        times(S, n, dpow[3], T, dy, true);
        memset(T, 0, sizeof(double) * (size_t)nn);
        for (int i = 1; i <= 3; i++) axpy(n, b[6 + 2 * i + odd], dpow[i], T);
        times(S, n, pow[3], T, dy, true);
    }
    times(S, n, a, W, U, false);
    if (e) {
        times(S, n, a, dW, dU, false);
        times(S, n, e, W, dU, true);
    }
    /* (V - U) R = V + U, (V - U) L = dU + dV + (dU - dV) R */
    double *D = T, *R = W, *L = dW;
    for (int64_t i = 0; i < nn; i++) D[i] = V[i] - U[i];
    if (!lu_rows(S, DT_F64, n, n, D, n, perm)) return false;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) R[i * n + j] = V[perm[i] * n + j] + U[perm[i] * n + j];
    if (!tri_rows(S, DT_F64, true, false, true, n, D, n, n, R) ||
        !tri_rows(S, DT_F64, false, false, false, n, D, n, n, R))
        return false;
    if (e) {
        double *X = pow[1], *Y = pow[2];
        for (int64_t i = 0; i < nn; i++) X[i] = dU[i] - dV[i], Y[i] = dU[i] + dV[i];
        times(S, n, X, R, Y, true);
        for (int64_t i = 0; i < n; i++) memcpy(L + i * n, Y + perm[i] * n, sizeof(double) * (size_t)n);
        if (!tri_rows(S, DT_F64, true, false, true, n, D, n, n, L) ||
            !tri_rows(S, DT_F64, false, false, false, n, D, n, n, L))
            return false;
    }
    double *spare = pow[0], *dspare = pow[1];
    for (int k = 0; k < squarings; k++) {
        if (e) {
            times(S, n, R, L, dspare, false);
            times(S, n, L, R, dspare, true);
            double *t = L;
            L = dspare;
            dspare = t;
        }
        times(S, n, R, R, spare, false);
        double *t = R;
        R = spare;
        spare = t;
    }
    memcpy(a, R, sizeof(double) * (size_t)nn);
    if (e) memcpy(e, L, sizeof(double) * (size_t)nn);
    return true;
}

static bool expm_batch(Run *r, bool slope)
{
    int64_t n = r->y.shape[r->y.rank - 1], count = mats(&r->y, 2), nn = n * n;
    size_t cap;
    if (r->y.n == 0) return true;
    double *a = mem_block(r->S, sizeof(double) * (size_t)((SLOTS + 2) * nn + n), &cap);
    if (!a) return false;
    double *e = slope ? a + nn : NULL, *w = a + 2 * nn;
    bool ok = true;
    for (int64_t k = 0; ok && k < count; k++) {
        mat_in(&r->x[0], k, a, DT_F64, false);
        if (e) mat_in(&r->x[1], k, e, DT_F64, false);
        if (all_finite(DT_F64, a, nn)) ok = exponential(r->S, n, a, e, w, (int64_t *)(w + SLOTS * nn));
        else fill_nan(DT_F64, e ? e : a, nn);
        if (ok) run_copy(at_bytes(r->y.p, r->y.dtype, k * nn), r->y.dtype, 1, e ? e : a, DT_F64, 1, nn);
    }
    mem_block_free(r->S, a, cap);
    return ok;
}
static bool run_expm(Run *r) { return expm_batch(r, false); }
static bool run_expm_slope(Run *r) { return expm_batch(r, true); }
static bool infer_expm(Infer *f) { return mat_infer(f, true); }
static bool infer_expm_slope(Infer *f)
{
    if (!mat_infer(f, true)) return false;
    if (val_rank(f->x[1]) != f->rank || memcmp(val_shape(f->x[1]), f->shape, sizeof(int64_t) * (size_t)f->rank))
        return diag_fail(f->S, DIAG_SHAPE, "expm: the direction has another shape than the matrix");
    return promote(f->S, "expm", f->x, 2, true, &f->dtype) &&
           (dtype_float(f->dtype) || (f->dtype = default_float(f->S), true));
}

static Value r_slope(Rule *r, Value a, Value e) { return r_2(r, OPID_expm_slope, a, e); }
static void adjoint_expm(Rule *r) { r->dx[0] = r_slope(r, r_t(r, r->x[0]), r->dy); }
static void tangent_expm(Rule *r) { r->dyout = r_slope(r, r->x[0], r->dxin[0]); }

static Value r_blocks(Rule *r, Value a, Value b, Value c, Value d) /* [[a, b], [c, d]] */
{
    Value up[2] = {a, b}, low[2] = {c, d}, rows[2] = {r_join(r, 1, up, 2), r_join(r, 1, low, 2)};
    return r_join(r, 2, rows, 2);
}
static Value r_block(Rule *r, Value v, int i, int j, int64_t n)
{
    return r_part(r, r_part(r, v, 2, i * n, n), 1, j * n, n);
}
static void adjoint_expm_slope(Rule *r)
{
    Value A = r->x[0], E = r->x[1], zero = r_zeros_like(r, A);
    int64_t n = r_dim(A, 1);
    if (!need(r, 0)) {
        r->dx[1] = r_slope(r, r_t(r, A), r->dy);
        return;
    }
    Value M = r_blocks(r, A, E, zero, A), G = r_blocks(r, zero, r->dy, zero, zero);
    Value g = r_slope(r, r_t(r, M), G);
    r->dx[0] = r_add(r, r_block(r, g, 0, 0, n), r_block(r, g, 1, 1, n));
    if (need(r, 1)) r->dx[1] = r_block(r, g, 0, 1, n);
}
static void tangent_expm_slope(Rule *r)
{
    Value A = r->x[0], E = r->x[1], dA = r->dxin[0], dE = r->dxin[1], zero = r_zeros_like(r, A);
    if (is_nil(dA)) {
        r->dyout = r_slope(r, A, dE);
        return;
    }
    if (is_nil(dE)) dE = zero;
    r->dyout = r_block(r, r_slope(r, r_blocks(r, A, E, zero, A), r_blocks(r, dA, dE, zero, dA)), 0, 1, r_dim(A, 1));
}
OP(expm_slope, .nin = 2, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .infer = infer_expm_slope,
   .run = run_expm_slope, .adjoint = adjoint_expm_slope, .tangent = tangent_expm_slope,
   .doc = "the derivative of expm(A) in a direction")
OP(expm, .nin = 1, .batch = b_front, .flags = 0, .keep = KEEP_X0, .sig = "expm(A)", .infer = infer_expm,
   .run = run_expm, .adjoint = adjoint_expm, .tangent = tangent_expm,
   .doc = "expm(A): the exponential of a square matrix, or of each of a batch [..., n, n]; not element by "
          "element. Scaling and squaring (Al-Mohy and Higham 2009), computed in f64.")
