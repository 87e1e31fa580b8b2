/* decompose.c -- QR, symmetric eigenvalues, singular values, and what is solved with them: pinv and lstsq.
**
** An operation has one result, so the parts of a factorisation lie side by side in one matrix and slices give
** them out; the rule belongs to the whole, sees all cotangents at once, and factors nothing again:
**
**   qr     [..., m + n, k]      Q over R'                       k = min(m, n)
**   eigh   [..., n, n + 1]      the values as first column, then the vectors
**   svd    [..., 1 + m + n, k]  the values as first row, then U, then V
**   lstsq  [..., n m + 1]       the solution by rows, then the rank
**
** Where values repeat, the vectors are free to turn among themselves and have no derivative of their own. What is made
** of them may have one, but it cannot be had from their cotangents: for V h(w) V' the numerator S_ij (h_j - h_i) of
** its quotient vanishes with w_j - w_i, the quotient S_ij h' does not, and for a projection, whose numerator vanishes
** too, it is 0. So whatever asks for two such vectors gets NaN, in both modes (r_apart), and what asks for none of
** them (the values, other vectors) its slope.
**
** cite  Walter and Lehmann 2010, "Algorithmic differentiation of linear algebra functions" (QR)
** cite  Giles 2008, "Collected matrix derivative results ..." (eigenvalues)
** cite  Townsend 2016, "Differentiating the singular value decomposition"; Wan and Zhang 2019, "Automatic
**       differentiation for complex valued SVD" (the terms of rectangular matrices)
** cite  Golub and Pereyra 1973, "The differentiation of pseudo-inverses and nonlinear least squares problems"
** SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include "runtime/ops/lapack.h"

static double eps_of(DType d) { return d == DT_F32 ? FLT_EPSILON : DBL_EPSILON; }

/* The size of a work array as LAPACK says it: a float in the first element. */
static int work_size(DType d, const double *answer)
{
    double v;
    run_copy(&v, DT_F64, 1, answer, d, 1, 1);
    return v < 1 ? 1 : (int)ceil(v * (d == DT_F32 ? 1 + FLT_EPSILON : 1));
}

/* One block of scratch memory cut into parts. */
typedef struct Parts {
    size_t n, bytes[8];
    void *at[8];
    size_t cap;
} Parts;
static int part_add(Parts *p, size_t bytes)
{
    p->bytes[p->n] = (bytes + 63) / 64 * 64;
    return (int)p->n++;
}
static bool parts_open(State *S, Parts *p)
{
    size_t total = 1;
    for (size_t i = 0; i < p->n; i++) total += p->bytes[i];
    char *block = mem_block(S, total, &p->cap);
    for (size_t i = 0; block && i < p->n; i++) p->at[i] = block, block += p->bytes[i];
    return block != NULL;
}
static void parts_close(State *S, Parts *p) { mem_block_free(S, p->at[0], p->cap); }

static bool no_end(Run *r, int64_t k)
{
    return mat_fail(r, k, DIAG_VALUE, "defeats the iteration: it does not converge", NULL);
}

/* ---- QR ---- */
static bool infer_qr(Infer *f)
{
    if (!mat_infer(f, false) || !lapack_need(f->S, "qr")) return false;
    int64_t *s = f->shape + f->rank - 2, m = s[0], n = s[1];
    s[0] = m + n;
    s[1] = m < n ? m : n;
    return true;
}

static bool run_qr(Run *r)
{
    const Arr *x = &r->x[0];
    DType d = r->y.dtype;
    int64_t m = x->shape[x->rank - 2], n = x->shape[x->rank - 1], k = m < n ? m : n, count = mats(x, 2);
    size_t size = dtype_size[d];
    if (r->y.n == 0) return true;
    int im = (int)m, in = (int)n, ik = (int)k, info = 0, query = -1, lwork;
    double answer = 0;
    LaGeqrf geqrf = LAPACK(r->S, LaGeqrf, LA_GEQRF, d);
    LaOrgqr orgqr = LAPACK(r->S, LaOrgqr, LA_ORGQR, d);
    geqrf(&im, &in, NULL, &im, NULL, &answer, &query, &info);
    lwork = work_size(d, &answer);
    orgqr(&im, &ik, &ik, NULL, &im, NULL, &answer, &query, &info);
    if (work_size(d, &answer) > lwork) lwork = work_size(d, &answer);
    Parts p = {0};
    int A = part_add(&p, size * (size_t)(m * n)), T = part_add(&p, size * (size_t)k),
        W = part_add(&p, size * (size_t)lwork);
    if (!parts_open(r->S, &p)) return false;
    char *a = p.at[A], *y = r->y.p;
    for (int64_t b = 0; b < count; b++, y += size * (size_t)((m + n) * k)) {
        mat_in(x, b, a, d, true);
        geqrf(&im, &in, a, &im, p.at[T], p.at[W], &lwork, &info);
        char *rt = y + size * (size_t)(m * k); /* R'[j, i] = R[i, j]: column j of A by rows */
        memset(rt, 0, size * (size_t)(n * k));
        for (int64_t j = 0; j < n; j++)
            memcpy(rt + size * (size_t)(j * k), a + size * (size_t)(j * m), size * (size_t)(j + 1 < k ? j + 1 : k));
        orgqr(&im, &ik, &ik, a, &im, p.at[T], p.at[W], &lwork, &info);
        int64_t shape[2] = {m, k}, rows[2] = {k, 1}, cols[2] = {1, m};
        arr_copy(2, shape, y, d, rows, a, d, cols);
    }
    parts_close(r->S, &p);
    return true;
}

/* the lower triangle of M and its mirror image */
static Value r_mirror(Rule *r, Value M) { return r_add(r, r_tril(r, M, 0), r_t(r, r_tril(r, M, -1))); }

/* (gQ + Q mirror(R gR' - gQ' Q)) R^-T, for a square R */
static Value qr_back(Rule *r, Value Q, Value R, Value gQ, Value gR)
{
    Value M = r_sub(r, r_matmul(r, R, r_t(r, gR)), r_matmul(r, r_t(r, gQ), Q));
    Value Y = r_add(r, gQ, r_matmul(r, Q, r_mirror(r, M)));
    return r_t(r, r_trisolve(r, R, r_t(r, Y), false, false));
}

/* Wide matrices: A = [X | Y], X = Q U, R = [U | Q' Y]. */
static void adjoint_qr(Rule *r)
{
    Value y = r->y, x = r->x[0];
    int64_t m = r_dim(x, 2), n = r_dim(x, 1);
    if (val_size(x) == 0) {
        r->dx[0] = r_zeros_like(r, x);
        return;
    }
    Value Q = r_part(r, y, 2, 0, m), R = r_t(r, r_part(r, y, 2, m, n));
    Value gQ = r_part(r, r->dy, 2, 0, m), gR = r_t(r, r_part(r, r->dy, 2, m, n));
    if (m >= n) {
        r->dx[0] = qr_back(r, Q, R, gQ, gR);
        return;
    }
    Value U = r_part(r, R, 1, 0, m), V = r_part(r, R, 1, m, n - m), gU = r_part(r, gR, 1, 0, m),
          gV = r_part(r, gR, 1, m, n - m);
    gQ = r_add(r, gQ, r_mm3(r, Q, V, r_t(r, gV)));
    Value both[2] = {qr_back(r, Q, U, gQ, gU), r_matmul(r, Q, gV)};
    r->dx[0] = r_join(r, 1, both, 2);
}

/* With C = Q' dA R^-1 and W = tril(C, -1) - tril(C, -1)': dQ = dA R^-1 - Q C + Q W, dR = (C - W) R. */
static void tangent_qr(Rule *r)
{
    Value y = r->y, x = r->x[0], dA = r->dxin[0];
    int64_t m = r_dim(x, 2), n = r_dim(x, 1), k = m < n ? m : n;
    if (val_size(x) == 0) {
        r->dyout = r_zeros_like(r, y);
        return;
    }
    Value Q = r_part(r, y, 2, 0, m), R = r_t(r, r_part(r, y, 2, m, n)), U = r_part(r, R, 1, 0, k);
    Value dX = r_part(r, dA, 1, 0, k);
    Value B = r_t(r, r_trisolve(r, U, r_t(r, dX), false, true)), C = r_matmul(r, r_t(r, Q), B), low = r_tril(r, C, -1);
    Value W = r_sub(r, low, r_t(r, low));
    Value dQ = r_add(r, r_sub(r, B, r_matmul(r, Q, C)), r_matmul(r, Q, W)), dR = r_matmul(r, r_sub(r, C, W), U);
    if (n > k) {
        Value V = r_part(r, R, 1, k, n - k), dY = r_part(r, dA, 1, k, n - k);
        Value dV = r_add(r, r_mm3(r, r_t(r, dQ), Q, V), r_matmul(r, r_t(r, Q), dY)), both[2] = {dR, dV};
        dR = r_join(r, 1, both, 2);
    }
    Value both[2] = {dQ, r_t(r, dR)};
    r->dyout = r_join(r, 2, both, 2);
}
OP(qr, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_Y, .infer = infer_qr, .run = run_qr,
   .adjoint = adjoint_qr, .tangent = tangent_qr, .doc = "Q and R of A = Q R, Q above the transpose of R")

/* ---- quotients by differences of values ----
** N[i, j] / (x[j] - x[i]) off the diagonal, from the values as a row, and 0 on it. Where the values are equal but for
** rounding (n eps beside the largest): 0 when nothing asks for the two vectors (M[i, j] and M[j, i], of which N is
** made, are 0 beside the largest element of M), else NaN. */
static Value r_largest(Rule *r, Value v)
{
    v = r_1(r, OPID_abs, tape_stop(r->S, v));
    if (is_nil(v)) return v;
    Attr a[3] = {{.i = 1}, {.i = (int64_t)3 << (val_rank(v) - 2)}, {.f = 0}};
    return r_op(r, OPID_max, &v, 1, a, 3);
}
static Value r_apart(Rule *r, Value N, Value row, Value M)
{
    if (is_nil(N) || is_nil(row) || is_nil(M)) return NIL;
    int64_t n = r_dim(row, 1);
    Value D = r_sub(r, row, r_t(r, row)), tol = r_num((double)(n < 4 ? 4 : n) * eps_of((DType)N.t->dtype));
    if (is_nil(D)) return NIL;
    Value asked = r_1(r, OPID_abs, tape_stop(r->S, M)), diagonal = r_2(r, OPID_eq, r_eye(r, row, n), r_num(1));
    Value near = r_2(r, OPID_le, r_1(r, OPID_abs, tape_stop(r->S, D)), r_mul(r, tol, r_largest(r, row)));
    Value idle = r_2(r, OPID_le, r_add(r, asked, r_t(r, asked)), r_mul(r, tol, r_largest(r, M)));
    Value skip = r_2(r, OPID_logical_or, near, diagonal);
    Value y = r_chain_div(r, N, r_where(r, skip, r_num(1), D));
    Value none = r_where(r, r_2(r, OPID_logical_or, idle, diagonal), r_num(0), r_num(NAN));
    return r_where(r, skip, none, y);
}

/* ---- eigenvalues of (A + A') / 2 ---- */
static bool infer_eigh(Infer *f)
{
    if (!mat_infer(f, true) || !lapack_need(f->S, "eigh")) return false;
    f->shape[f->rank - 1]++;
    return true;
}

static bool run_eigh(Run *r)
{
    const Arr *x = &r->x[0];
    DType d = r->y.dtype;
    int64_t n = x->shape[x->rank - 1], count = mats(x, 2);
    size_t size = dtype_size[d];
    if (r->y.n == 0) return true;
    int in = (int)n, info = 0, query = -1, lwork, liwork = 1;
    double answer = 0;
    LaSyevd syevd = LAPACK(r->S, LaSyevd, LA_SYEVD, d);
    syevd("V", "L", &in, NULL, &in, NULL, &answer, &query, &liwork, &query, &info, 1, 1);
    lwork = work_size(d, &answer);
    Parts p = {0};
    int A = part_add(&p, size * (size_t)(n * n)), T = part_add(&p, sizeof(double) * (size_t)(n * n)),
        V = part_add(&p, size * (size_t)n), W = part_add(&p, size * (size_t)lwork),
        I = part_add(&p, sizeof(int) * (size_t)liwork);
    if (!parts_open(r->S, &p)) return false;
    double *t = p.at[T];
    bool ok = true;
    for (int64_t k = 0; ok && k < count; k++) {
        void *y = at_bytes(r->y.p, d, k * n * (n + 1));
        mat_in(x, k, t, DT_F64, true);
        if (!all_finite(DT_F64, t, n * n)) {
            fill_nan(d, y, n * (n + 1));
            continue;
        }
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < i; j++) t[i * n + j] = t[j * n + i] = t[i * n + j] / 2 + t[j * n + i] / 2;
        run_copy(p.at[A], d, 1, t, DT_F64, 1, n * n);
        syevd("V", "L", &in, p.at[A], &in, p.at[V], p.at[W], &lwork, p.at[I], &liwork, &info, 1, 1);
        if (info) ok = no_end(r, k);
        int64_t shape[2] = {n, n}, rows[2] = {n + 1, 1}, cols[2] = {1, n};
        arr_copy(2, shape, at_bytes(y, d, 1), d, rows, p.at[A], d, cols);
        run_copy(y, d, n + 1, p.at[V], d, 1, n);
    }
    parts_close(r->S, &p);
    return ok;
}

/* dA = V (diag(gw) + F o V' gV) V' made symmetric, F[i, j] = 1 / (w_j - w_i) */
static void adjoint_eigh(Rule *r)
{
    int64_t n = r_dim(r->x[0], 1);
    if (val_size(r->x[0]) == 0) {
        r->dx[0] = r_zeros_like(r, r->x[0]);
        return;
    }
    Value V = r_part(r, r->y, 1, 1, n), row = r_t(r, r_part(r, r->y, 1, 0, 1));
    Value gw = r_pick(r, r->dy, 1, 0), gV = r_part(r, r->dy, 1, 1, n);
    Value M = r_matmul(r, r_t(r, V), gV), N = r_mul(r, r_num(0.5), r_sub(r, M, r_t(r, M)));
    r->dx[0] = r_mm3(r, V, r_add(r, r_undiag(r, gw, n), r_apart(r, N, row, M)), r_t(r, V));
}
static void tangent_eigh(Rule *r)
{
    int64_t n = r_dim(r->x[0], 1);
    if (val_size(r->x[0]) == 0) {
        r->dyout = r_zeros_like(r, r->y);
        return;
    }
    Value V = r_part(r, r->y, 1, 1, n), row = r_t(r, r_part(r, r->y, 1, 0, 1));
    Value dA = r_mul(r, r_num(0.5), r_add(r, r->dxin[0], r_t(r, r->dxin[0])));
    Value P = r_mm3(r, r_t(r, V), dA, V), dV = r_matmul(r, V, r_apart(r, P, row, P));
    Value dw = r_diag(r, P);
    Attr s[RANK_MAX];
    int rank = val_rank(r->y);
    for (int i = 0; i < rank; i++) s[i].i = i < rank - 1 ? val_shape(r->y)[i] : 1;
    Value both[2] = {r_op(r, OPID_reshape, &dw, 1, s, rank), dV};
    r->dyout = r_join(r, 1, both, 2);
}
OP(eigh, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_Y, .infer = infer_eigh, .run = run_eigh,
   .adjoint = adjoint_eigh, .tangent = tangent_eigh,
   .doc = "eigenvalues and eigenvectors of a symmetric matrix, side by side")

/* ---- singular values ---- */
/* Reduced SVD of the matrices of x; each(...) gets u [m, k] and vt [k, n] by columns, s [k]; all NaN where x is not
 * finite. */
typedef bool (*SvdEach)(Run *r, int64_t b, DType d, int64_t m, int64_t n, void *u, void *s, void *vt);
static bool svd_batch(Run *r, SvdEach each)
{
    const Arr *x = &r->x[0];
    DType d = r->y.dtype;
    int64_t m = x->shape[x->rank - 2], n = x->shape[x->rank - 1], k = m < n ? m : n, count = mats(x, 2);
    size_t size = dtype_size[d];
    if (k == 0 || count == 0) {
        memset(r->y.p, 0, size * (size_t)r->y.n);
        return true;
    }
    int im = (int)m, in = (int)n, ik = (int)k, info = 0, query = -1, lwork;
    double answer = 0;
    LaGesdd gesdd = LAPACK(r->S, LaGesdd, LA_GESDD, d);
    gesdd("S", &im, &in, NULL, &im, NULL, NULL, &im, NULL, &ik, &answer, &query, NULL, &info, 1);
    lwork = work_size(d, &answer);
    Parts p = {0};
    int A = part_add(&p, size * (size_t)(m * n)), U = part_add(&p, size * (size_t)(m * k)),
        V = part_add(&p, size * (size_t)(n * k)), s = part_add(&p, size * (size_t)k),
        W = part_add(&p, size * (size_t)lwork), I = part_add(&p, sizeof(int) * 8 * (size_t)k);
    if (!parts_open(r->S, &p)) return false;
    bool ok = true;
    for (int64_t b = 0; ok && b < count; b++) {
        mat_in(x, b, p.at[A], d, true);
        if (all_finite(d, p.at[A], m * n)) {
            gesdd("S", &im, &in, p.at[A], &im, p.at[s], p.at[U], &im, p.at[V], &ik, p.at[W], &lwork, p.at[I], &info, 1);
            if (info) ok = no_end(r, b);
        } else {
            fill_nan(d, p.at[U], m * k);
            fill_nan(d, p.at[V], n * k);
            fill_nan(d, p.at[s], k);
        }
        ok = ok && each(r, b, d, m, n, p.at[U], p.at[s], p.at[V]);
    }
    parts_close(r->S, &p);
    return ok;
}

static bool infer_svd(Infer *f)
{
    if (!mat_infer(f, false) || !lapack_need(f->S, "svd")) return false;
    int64_t *s = f->shape + f->rank - 2, m = s[0], n = s[1];
    s[0] = 1 + m + n;
    s[1] = m < n ? m : n;
    return true;
}
static bool svd_put(Run *r, int64_t b, DType d, int64_t m, int64_t n, void *u, void *s, void *vt)
{
    int64_t k = m < n ? m : n, su[2] = {m, k}, rows[2] = {k, 1}, cols[2] = {1, m};
    char *y = at_bytes(r->y.p, d, b * (1 + m + n) * k);
    run_copy(y, d, 1, s, d, 1, k);
    arr_copy(2, su, at_bytes(y, d, k), d, rows, u, d, cols);
    run_copy(at_bytes(y, d, (1 + m) * k), d, 1, vt, d, 1, n * k); /* V by rows is V' by columns */
    return true;
}
static bool run_svd(Run *r) { return svd_batch(r, svd_put); }

/* The core of both rules: X / (s_j - s_i) + Y / (s_j + s_i), halved. The partial fractions of Townsend's
** 1 / (s_j^2 - s_i^2), so that equal values and values that are 0 are told apart. */
static Value svd_core(Rule *r, Value X, Value Y, Value row, Value M, bool minus)
{
    Value a = r_apart(r, X, row, M), b = r_chain_div(r, Y, r_add(r, row, r_t(r, row)));
    return r_mul(r, r_num(0.5), minus ? r_sub(r, a, b) : r_add(r, a, b));
}
static void adjoint_svd(Rule *r)
{
    Value x = r->x[0], y = r->y, dy = r->dy;
    if (val_size(x) == 0) {
        r->dx[0] = r_zeros_like(r, x);
        return;
    }
    int64_t m = r_dim(x, 2), n = r_dim(x, 1), k = m < n ? m : n;
    Value row = r_part(r, y, 2, 0, 1), U = r_part(r, y, 2, 1, m), V = r_part(r, y, 2, 1 + m, n);
    Value gs = r_pick(r, dy, 2, 0), gU = r_part(r, dy, 2, 1, m), gV = r_part(r, dy, 2, 1 + m, n);
    Value KU = r_matmul(r, r_t(r, U), gU), KV = r_matmul(r, r_t(r, V), gV);
    Value JU = r_sub(r, KU, r_t(r, KU)), JV = r_sub(r, KV, r_t(r, KV));
    Value M = r_add(r, r_1(r, OPID_abs, tape_stop(r->S, KU)), r_1(r, OPID_abs, tape_stop(r->S, KV)));
    Value core = r_add(r, svd_core(r, r_add(r, JU, JV), r_sub(r, JU, JV), row, M, false), r_undiag(r, gs, k));
    Value dx = r_mm3(r, U, core, r_t(r, V));
    if (m > k) dx = r_add(r, dx, r_matmul(r, r_chain_div(r, r_sub(r, gU, r_matmul(r, U, KU)), row), r_t(r, V)));
    if (n > k) dx = r_add(r, dx, r_matmul(r, U, r_t(r, r_chain_div(r, r_sub(r, gV, r_matmul(r, V, KV)), row))));
    r->dx[0] = dx;
}
static void tangent_svd(Rule *r)
{
    Value x = r->x[0], y = r->y, dA = r->dxin[0];
    if (val_size(x) == 0) {
        r->dyout = r_zeros_like(r, y);
        return;
    }
    int64_t m = r_dim(x, 2), n = r_dim(x, 1), k = m < n ? m : n;
    Value row = r_part(r, y, 2, 0, 1), U = r_part(r, y, 2, 1, m), V = r_part(r, y, 2, 1 + m, n);
    Value P = r_mm3(r, r_t(r, U), dA, V), Pt = r_t(r, P), X = r_add(r, P, Pt), Y = r_sub(r, P, Pt);
    Value dU = r_matmul(r, U, svd_core(r, X, Y, row, P, false)), dV = r_matmul(r, V, svd_core(r, X, Y, row, P, true));
    if (m > k) dU = r_add(r, dU, r_chain_div(r, r_sub(r, r_matmul(r, dA, V), r_matmul(r, U, P)), row));
    if (n > k) dV = r_add(r, dV, r_chain_div(r, r_sub(r, r_matmul(r, r_t(r, dA), U), r_matmul(r, V, Pt)), row));
    Attr s[RANK_MAX];
    int rank = val_rank(y);
    for (int i = 0; i < rank; i++) s[i].i = i == rank - 2 ? 1 : val_shape(y)[i];
    Value ds = r_diag(r, P), all[3] = {r_op(r, OPID_reshape, &ds, 1, s, rank), dU, dV};
    r->dyout = r_join(r, 2, all, 3);
}
OP(svd, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_Y, .infer = infer_svd, .run = run_svd,
   .adjoint = adjoint_svd, .tangent = tangent_svd, .doc = "singular values over U over V, of A = U diag(s) V'")

/* ---- pseudo-inverse. Attribute [0]: values at most this share of the largest count as 0 ---- */
static bool infer_pinv(Infer *f)
{
    if (!mat_infer(f, false) || !lapack_need(f->S, "pinv")) return false;
    int64_t *s = f->shape + f->rank - 2, m = s[0];
    s[0] = s[1];
    s[1] = m;
    return true;
}
static double share_of(const Attr *a, DType d, int64_t m, int64_t n) /* negative: max(m, n) eps */
{
    return a->f >= 0 ? a->f : (double)(m > n ? m : n) * eps_of(d);
}
static bool pinv_put(Run *r, int64_t b, DType d, int64_t m, int64_t n, void *u, void *s, void *vt)
{
    int64_t k = m < n ? m : n;
    double top = 0;
    for (int64_t j = 0; j < k; j++) {
        double v;
        run_copy(&v, DT_F64, 1, at_bytes(s, d, j), d, 1, 1);
        if (j == 0) top = v;
        bool keep = !(v <= share_of(&r->attr[0], d, m, n) * top);
        for (int64_t i = 0; i < m; i++) {
            if (d == DT_F64) ((double *)u)[j * m + i] *= keep ? 1 / v : 0;
            else ((float *)u)[j * m + i] *= keep ? (float)(1 / v) : 0;
        }
    }
    int im = (int)m, in = (int)n, ik = (int)k;
    double one = 1, zero = 0;
    float onef = 1, zerof = 0;
    bool f = d == DT_F32;
    LAPACK(r->S, LaGemm, LA_GEMM, d) /* U S^+ V' by columns is the result by rows */
    ("N", "N", &im, &in, &ik, f ? (void *)&onef : (void *)&one, u, &im, vt, &ik, f ? (void *)&zerof : (void *)&zero,
     at_bytes(r->y.p, d, b * m * n), &im, 1, 1);
    return true;
}
static bool run_pinv(Run *r) { return svd_batch(r, pinv_put); }

/* dP = -P dA P + P P' dA' (I - A P) + (I - P A) dA' P' P; the projections are written out, so nothing n by n is made
** that is not needed */
static Value less_AP(Rule *r, Value A, Value P, Value v)
{
    return r_sub(r, v, r_matmul(r, A, r_matmul(r, P, v)));
} /* (I - A P) v */
static void adjoint_pinv(Rule *r)
{
    Value A = r->x[0], P = r->y, G = r->dy, Pt = r_t(r, P), Gt = r_t(r, G);
    if (val_size(A) == 0) {
        r->dx[0] = r_zeros_like(r, A);
        return;
    }
    Value a = r_neg(r, r_mm3(r, Pt, G, Pt));
    Value b = less_AP(r, A, P, r_mm3(r, Gt, P, Pt));                 /* (I - A P) G' P P' */
    Value c = r_t(r, less_AP(r, r_t(r, A), Pt, r_mm3(r, G, Pt, P))); /* P' P G' (I - P A) */
    r->dx[0] = r_add(r, r_add(r, a, b), c);
}
static void tangent_pinv(Rule *r)
{
    Value A = r->x[0], P = r->y, d = r->dxin[0], Pt = r_t(r, P), dt = r_t(r, d);
    if (val_size(A) == 0) {
        r->dyout = r_zeros_like(r, P);
        return;
    }
    Value a = r_neg(r, r_mm3(r, P, d, P));
    Value b = r_t(r, less_AP(r, A, P, r_mm3(r, d, P, Pt)));   /* P P' dA' (I - A P): I - A P is symmetric */
    Value c = less_AP(r, r_t(r, A), Pt, r_mm3(r, dt, Pt, P)); /* (I - P A) dA' P' P: P A = A' P' */
    r->dyout = r_add(r, r_add(r, a, b), c);
}
OP(pinv, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_Y, .infer = infer_pinv,
   .run = run_pinv, .adjoint = adjoint_pinv, .tangent = tangent_pinv, .doc = "the Moore-Penrose inverse")

/* ---- least squares: A [..., m, n], b [..., m, k]. Attribute [0] as for pinv ---- */
static bool infer_lstsq(Infer *f)
{
    Value a = f->x[0], b = f->x[1];
    char s[200], t[200];
    if (!mat_infer(f, false) || !lapack_need(f->S, "lstsq")) return false;
    bool fits = val_rank(b) == f->rank;
    for (int i = 0; fits && i < f->rank - 1; i++) fits = val_shape(b)[i] == val_shape(a)[i];
    if (!fits)
        return diag_fail(f->S, DIAG_SHAPE, "shapes do not meet in lstsq: %s and %s", shape_str(a.t, s, sizeof s),
                         is_tensor(b) ? shape_str(b.t, t, sizeof t) : "a number");
    if (!promote(f->S, "lstsq", f->x, 2, true, &f->dtype)) return false;
    if (!dtype_float(f->dtype)) f->dtype = default_float(f->S);
    f->rank--;
    f->shape[f->rank - 1] = r_dim(a, 1) * r_dim(b, 1) + 1;
    return lapack_int(f->S, "lstsq", r_dim(b, 1));
}

static bool run_lstsq(Run *r)
{
    const Arr *x = &r->x[0], *b = &r->x[1];
    DType d = r->y.dtype;
    int64_t m = x->shape[x->rank - 2], n = x->shape[x->rank - 1], k = b->shape[b->rank - 1], count = mats(x, 2),
            big = m > n ? m : n, least = m < n ? m : n;
    size_t size = dtype_size[d];
    if (least == 0 || count == 0) {
        memset(r->y.p, 0, size * (size_t)r->y.n);
        return true;
    }
    int im = (int)m, in = (int)n, ik = (int)(k ? k : 1), ib = (int)big, info = 0, query = -1, lwork, liwork = 1,
        rank = 0;
    double answer = 0, share = share_of(&r->attr[0], d, m, n);
    float sharef = (float)share;
    const void *rcond = d == DT_F32 ? (void *)&sharef : (void *)&share;
    LaGelsd gelsd = LAPACK(r->S, LaGelsd, LA_GELSD, d);
    gelsd(&im, &in, &ik, NULL, &im, NULL, &ib, NULL, rcond, &rank, &answer, &query, &liwork, &info);
    lwork = work_size(d, &answer);
    if (liwork < 1) liwork = 1;
    Parts p = {0};
    int A = part_add(&p, size * (size_t)(m * n)), B = part_add(&p, size * (size_t)(big * ik)),
        s = part_add(&p, size * (size_t)least), W = part_add(&p, size * (size_t)lwork),
        I = part_add(&p, sizeof(int) * (size_t)liwork);
    if (!parts_open(r->S, &p)) return false;
    bool ok = true;
    for (int64_t q = 0; ok && q < count; q++) {
        void *y = at_bytes(r->y.p, d, q * (n * k + 1));
        mat_in(x, q, p.at[A], d, true);
        memset(p.at[B], 0, size * (size_t)(big * ik));
        int64_t shape[2] = {m, k}, cols[2] = {1, big}, got[2] = {n, k}, rows[2] = {k, 1};
        arr_copy(2, shape, p.at[B], d, cols, mat_at(b, 2, q), b->dtype, b->stride + b->rank - 2);
        if (!all_finite(d, p.at[A], m * n) || !all_finite(d, p.at[B], big * ik)) {
            fill_nan(d, y, n * k + 1);
            continue;
        }
        gelsd(&im, &in, &ik, p.at[A], &im, p.at[B], &ib, p.at[s], rcond, &rank, p.at[W], &lwork, p.at[I], &info);
        if (info) ok = no_end(r, q);
        arr_copy(2, got, y, d, rows, p.at[B], d, cols);
        int64_t whole = rank;
        run_copy(at_bytes(y, d, n * k), d, 1, &whole, DT_I64, 1, 1);
    }
    parts_close(r->S, &p);
    return ok;
}

static Value r_as(Rule *r, Value v, Value like, int64_t rows, int64_t cols) /* [batch..., rows, cols], batch of like */
{
    Attr a[RANK_MAX];
    if (is_nil(v)) return v;
    int rank = val_rank(like);
    for (int i = 0; i < rank - 2; i++) a[i].i = val_shape(like)[i];
    a[rank - 2].i = rows;
    a[rank - 1].i = cols;
    return r_op(r, OPID_reshape, &v, 1, a, rank);
}
/* X = P B and with R = B - A X:  dX = P dB - P dA X + P P' dA' R + (I - P A) dA' P' X */
static void adjoint_lstsq(Rule *r)
{
    Value A = r->x[0], B = r->x[1];
    int64_t m = r_dim(A, 2), n = r_dim(A, 1), k = r_dim(B, 1);
    if (m == 0 || n == 0 || k == 0 || val_size(r->dy) == 0) {
        for (int i = 0; i < 2; i++) r->dx[i] = r_zeros_like(r, r->x[i]);
        return;
    }
    Value G = r_as(r, r_part(r, r->dy, 1, 0, n * k), A, n, k), X = r_as(r, r_part(r, r->y, 1, 0, n * k), A, n, k);
    Value P = r_op(r, OPID_pinv, &A, 1, r->attr, 1), Pt = r_t(r, P), PG = r_matmul(r, Pt, G);
    if (need(r, 1)) r->dx[1] = PG;
    if (!need(r, 0)) return;
    Value R = r_sub(r, B, r_matmul(r, A, X));
    Value a = r_neg(r, r_matmul(r, PG, r_t(r, X)));
    Value b = r_matmul(r, R, r_t(r, r_matmul(r, P, PG)));
    Value c = r_matmul(r, r_matmul(r, Pt, X), r_t(r, less_AP(r, r_t(r, A), Pt, G)));
    r->dx[0] = r_add(r, r_add(r, a, b), c);
}
static void tangent_lstsq(Rule *r)
{
    Value A = r->x[0], B = r->x[1], dA = r->dxin[0], t = NIL;
    int64_t m = r_dim(A, 2), n = r_dim(A, 1), k = r_dim(B, 1);
    if (m == 0 || n == 0 || k == 0 || val_size(r->y) == 0) {
        r->dyout = r_zeros_like(r, r->y);
        return;
    }
    Value P = r_op(r, OPID_pinv, &A, 1, r->attr, 1), Pt = r_t(r, P), X = r_as(r, r_part(r, r->y, 1, 0, n * k), A, n, k);
    if (!is_nil(r->dxin[1])) t = r_matmul(r, P, r->dxin[1]);
    if (!is_nil(dA)) {
        Value R = r_sub(r, B, r_matmul(r, A, X)), dt = r_t(r, dA);
        t = r_plus(r, t, r_neg(r, r_mm3(r, P, dA, X)));
        t = r_add(r, t, r_matmul(r, P, r_mm3(r, Pt, dt, R)));
        t = r_add(r, t, less_AP(r, r_t(r, A), Pt, r_mm3(r, dt, Pt, X)));
    }
    if (is_nil(t)) return;
    Attr s[RANK_MAX];
    int rank = val_rank(r->y);
    for (int i = 0; i < rank; i++) s[i].i = i < rank - 1 ? val_shape(r->y)[i] : n * k;
    t = r_op(r, OPID_reshape, &t, 1, s, rank);
    Value both[2] = {t, r_mul(r, r_num(0), r_part(r, t, 1, 0, 1))}; /* the rank does not move */
    r->dyout = r_join(r, 1, both, 2);
}
OP(lstsq, .nin = 2, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1 | KEEP_Y, .infer = infer_lstsq,
   .run = run_lstsq, .adjoint = adjoint_lstsq, .tangent = tangent_lstsq,
   .doc = "the shortest x with the least |A x - b|, and the rank of A")
