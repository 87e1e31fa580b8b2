/* systems.c -- linear systems: solve, LU, inverse, determinant, triangular systems, Cholesky.
**
** All are batched over leading axes. `solve` takes the factors of A beside A itself: the built-in factors once
** (lu_pack, which no derivative sees) and hands them to the system and to every system of its rules, so a
** gradient costs triangular solves and no second elimination.
**
** cite  Giles 2008, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation"
** cite  Murray 2016, "Differentiation of the Cholesky decomposition"
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include "runtime/ops/lapack.h"

static bool singular(Run *r, int64_t k, int64_t n)
{
    char hint[120];
    snprintf(hint, sizeof hint, "its rows depend on each other; A + 1e-6 * eye(%lld) does not have that fault",
             (long long)n);
    return mat_fail(r, k, DIAG_SINGULAR, "is singular to working precision", hint);
}

/* ---- factors: [..., m, n + 1], L below the diagonal, U on and above it, the order of the rows as last column ---- */
static bool infer_lu(Infer *f)
{
    if (!mat_infer(f, false)) return false;
    f->shape[f->rank - 1]++;
    return true;
}

static bool lu_batch(Run *r, bool refuse)
{
    const Arr *x = &r->x[0];
    int64_t m = x->shape[x->rank - 2], n = x->shape[x->rank - 1], count = mats(x, 2);
    DType d = lapack_work(r->S, r->y.dtype, m < n ? m : n);
    size_t cap, elements = (size_t)(m * n) * dtype_size[d];
    if (r->y.n == 0) return true;
    char *a = mem_block(r->S, elements + sizeof(int64_t) * (size_t)m, &cap);
    if (!a) return false;
    int64_t *perm = (int64_t *)(a + (elements + 7) / 8 * 8);
    bool ok = true;
    for (int64_t k = 0; ok && k < count; k++) {
        mat_in(x, k, a, d, false);
        ok = lu_rows(r->S, d, m, n, a, n, perm);
        if (ok && refuse && lu_singular(d, a, n, n) >= 0) ok = singular(r, k, n);
        for (int64_t i = 0; ok && i < m; i++) {
            void *row = at_bytes(r->y.p, r->y.dtype, (k * m + i) * (n + 1));
            run_copy(row, r->y.dtype, 1, at_bytes(a, d, i * n), d, 1, n);
            run_copy(at_bytes(row, r->y.dtype, n), r->y.dtype, 1, &perm[i], DT_I64, 1, 1);
        }
    }
    mem_block_free(r->S, a, cap);
    return ok;
}
static bool run_lu_pack(Run *r) { return lu_batch(r, true); }
static bool run_lu(Run *r) { return lu_batch(r, false); }
OP(lu_pack, .nin = 1, .batch = b_front, .flags = OPF_FAIL | OPF_ZERO | OPF_HIDDEN, .infer = infer_lu, .run = run_lu_pack,
   .symbol = "solve", .doc = "factors of regular matrices, for solve; no derivative goes through them")

/* The rows of v in the order of the factors (P' v), or back (P v). */
static Value r_rows(Rule *r, Value y, Value v, bool back)
{
    if (is_nil(v) || is_nil(y)) return NIL;
    int rank = val_rank(y);
    int64_t m = r_dim(y, 2), n = r_dim(y, 1) - 1, shape[RANK_MAX];
    for (int i = 0; i < rank; i++) shape[i] = i == rank - 1 ? m : 1;
    Tensor *t = tensor_new(r->S, DT_F64, rank, shape);
    if (!t) {
        r->failed = true;
        return NIL;
    }
    for (int64_t i = 0; i < m; i++) tensor_put(t, i, (double)i);
    Value p = r_2(r, OPID_eq, r_part(r, tape_stop(r->S, y), 1, n, 1), r_own(r, val_obj(T_TENSOR, t)));
    Attr d = {.i = mat_float(r->S, v)};
    p = r_op(r, OPID_cast, &p, 1, &d, 1);
    return r_matmul(r, back ? r_t(r, p) : p, v);
}

/* k = min(m, n). With F = L1^-1 P' A1 U1^-1 of the leading k by k parts: dL1 = L1 tril(dF, -1), dU1 = triu(dF) U1; the
** rows below and the columns beyond are triangular systems. The adjoint is the transpose of that. */
static Value unit_lower(Rule *r, Value y, int64_t k)
{
    return r_add(r, r_tril(r, r_part(r, r_part(r, y, 1, 0, k), 2, 0, k), -1), r_eye(r, y, k));
}

static void adjoint_lu(Rule *r)
{
    Value y = r->y;
    int64_t m = r_dim(y, 2), n = r_dim(y, 1) - 1, k = m < n ? m : n;
    if (val_size(r->x[0]) == 0) {
        r->dx[0] = r_zeros_like(r, r->x[0]);
        return;
    }
    Value G = r_part(r, r->dy, 1, 0, n), G1 = r_part(r, r_part(r, G, 1, 0, k), 2, 0, k);
    Value L1 = unit_lower(r, y, k), U1 = r_triu(r, r_part(r, r_part(r, y, 1, 0, k), 2, 0, k), 0);
    Value low = r_matmul(r, r_t(r, L1), r_tril(r, G1, -1)), up = r_matmul(r, r_triu(r, G1, 0), r_t(r, U1));
    if (n > k) { /* U2 = L1^-1 P' A2 */
        Value U2 = r_part(r, y, 1, k, n - k), G2 = r_part(r, G, 1, k, n - k);
        low = r_sub(r, low, r_matmul(r, G2, r_t(r, U2)));
    }
    if (m > k) { /* L2 = P' A2 U1^-1 */
        Value L2 = r_part(r, r_part(r, y, 1, 0, n), 2, k, m - k), G2 = r_part(r, G, 2, k, m - k);
        up = r_sub(r, up, r_matmul(r, r_t(r, L2), G2));
    }
    Value F = r_add(r, r_tril(r, low, -1), r_triu(r, up, 0));
    /* dA1 = L1^-T F U1^-T */
    Value Z = r_t(r, r_trisolve(r, U1, r_t(r, F), false, false)); /* F U1^-T: U1 Z' = F' */
    Value A1 = r_trisolve(r, L1, Z, true, true), dA = A1;
    if (n > k) {
        Value part[2] = {A1, r_trisolve(r, L1, r_part(r, G, 1, k, n - k), true, true)};
        dA = r_join(r, 1, part, 2);
    }
    if (m > k) {
        Value part[2] = {A1, r_t(r, r_trisolve(r, U1, r_t(r, r_part(r, G, 2, k, m - k)), false, false))};
        dA = r_join(r, 2, part, 2);
    }
    r->dx[0] = r_rows(r, y, dA, true);
}

static void tangent_lu(Rule *r)
{
    Value y = r->y;
    int64_t m = r_dim(y, 2), n = r_dim(y, 1) - 1, k = m < n ? m : n;
    if (val_size(r->x[0]) == 0) {
        r->dyout = r_zeros_like(r, y);
        return;
    }
    Value dA = r_rows(r, y, r->dxin[0], false);
    Value L1 = unit_lower(r, y, k), U1 = r_triu(r, r_part(r, r_part(r, y, 1, 0, k), 2, 0, k), 0);
    Value dA1 = r_part(r, r_part(r, dA, 1, 0, k), 2, 0, k);
    Value F = r_t(r, r_trisolve(r, U1, r_t(r, r_trisolve(r, L1, dA1, true, false)), false, true));
    Value Fl = r_tril(r, F, -1), Fu = r_triu(r, F, 0);
    Value out = r_add(r, r_matmul(r, L1, Fl), r_matmul(r, Fu, U1));
    if (n > k) {
        Value U2 = r_part(r, y, 1, k, n - k), dA2 = r_part(r, dA, 1, k, n - k);
        Value part[2] = {out, r_sub(r, r_trisolve(r, L1, dA2, true, false), r_matmul(r, Fl, U2))};
        out = r_join(r, 1, part, 2);
    }
    if (m > k) {
        Value L2 = r_part(r, r_part(r, y, 1, 0, n), 2, k, m - k), dA2 = r_part(r, dA, 2, k, m - k);
        Value part[2] = {out, r_sub(r, r_t(r, r_trisolve(r, U1, r_t(r, dA2), false, true)), r_matmul(r, L2, Fu))};
        out = r_join(r, 2, part, 2);
    }
    Value none = r_part(r, r_mul(r, r_num(0), r->dxin[0]), 1, 0, 1), both[2] = {out, none}; /* the order does not move */
    r->dyout = r_join(r, 1, both, 2);
}
OP(lu, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_Y, .infer = infer_lu, .run = run_lu,
   .adjoint = adjoint_lu, .tangent = tangent_lu,
   .doc = "the factors of A[rows] = L U in one matrix, the order of the rows beside it")

/* ---- solve: A [..., n, n], b [..., n, m], and the factors of A if they are known. Attribute [0]: A transposed ---- */
/* A [..., n, n] and b [..., n, m] with the same leading axes; the result has the shape of b. */
static bool infer_system(Infer *f)
{
    Value a = f->x[0], b = f->x[1];
    char s[200], t[200];
    if (!mat_infer(f, true)) return false;
    bool fits = val_rank(b) == f->rank;
    for (int i = 0; fits && i < f->rank - 1; i++) fits = val_shape(b)[i] == val_shape(a)[i];
    if (!fits)
        return diag_fail(f->S, DIAG_SHAPE, "shapes do not meet in %s: %s and %s", f->op->name,
                         shape_str(a.t, s, sizeof s), is_tensor(b) ? shape_str(b.t, t, sizeof t) : "a number");
    if (!promote(f->S, f->op->name, f->x, 2, true, &f->dtype)) return false;
    if (!dtype_float(f->dtype)) f->dtype = default_float(f->S);
    f->shape[f->rank - 1] = r_dim(b, 1);
    return lapack_int(f->S, f->op->name, r_dim(b, 1));
}

static bool run_solve(Run *r)
{
    const Arr *A = &r->x[0], *B = &r->x[1];
    int64_t n = A->shape[A->rank - 1], m = r->y.shape[r->y.rank - 1], count = mats(A, 2);
    bool trans = r->nattr && r->attr[0].i, known = r->nin > 2;
    DType d = lapack_work(r->S, r->y.dtype, n);
    size_t size = dtype_size[d], cap;
    if (r->y.n == 0 && (n == 0 || known || count == 0)) return true;
    char *a = mem_block(r->S, size * (size_t)(n * (n + 1) + 2 * n * m) + sizeof(int64_t) * (size_t)(n + 1), &cap);
    if (!a) return false;
    char *b = a + size * (size_t)(n * (n + 1)), *y = b + size * (size_t)(n * m);
    int64_t *perm = (int64_t *)(a + (size * (size_t)(n * (n + 1) + 2 * n * m) + 7) / 8 * 8), ld = known ? n + 1 : n;
    bool ok = true;
    for (int64_t k = 0; ok && k < count; k++) {
        mat_in(known ? &r->x[2] : A, k, a, d, false);
        if (known)
            for (int64_t i = 0; i < n; i++) run_copy(&perm[i], DT_I64, 1, at_bytes(a, d, i * ld + n), d, 1, 1);
        else {
            ok = lu_rows(r->S, d, n, n, a, ld, perm);
            if (ok && lu_singular(d, a, n, ld) >= 0) ok = singular(r, k, n);
        }
        if (!ok) break;
        mat_in(B, k, b, d, false);
        size_t row = size * (size_t)m;
        if (!trans) { /* L U x = P' b */
            for (int64_t i = 0; i < n; i++) memcpy(y + (size_t)i * row, b + (size_t)perm[i] * row, row);
            ok = tri_rows(r->S, d, true, false, true, n, a, ld, m, y) &&
                 tri_rows(r->S, d, false, false, false, n, a, ld, m, y);
        } else { /* U' L' P' x = b */
            ok = tri_rows(r->S, d, false, true, false, n, a, ld, m, b) &&
                 tri_rows(r->S, d, true, true, true, n, a, ld, m, b);
            for (int64_t i = 0; i < n; i++) memcpy(y + (size_t)perm[i] * row, b + (size_t)i * row, row);
        }
        run_copy(at_bytes(r->y.p, r->y.dtype, k * n * m), r->y.dtype, 1, y, d, 1, n * m);
    }
    mem_block_free(r->S, a, cap);
    return ok;
}

static Value r_solve(Rule *r, Value b, bool trans)
{
    Value x[3] = {r->x[0], b, r->nin > 2 ? r->x[2] : NIL};
    Attr a = {.i = trans};
    return r_op(r, OPID_solve, x, r->nin, &a, 1);
}
static bool solves_trans(const Rule *r) { return r->nattr && r->attr[0].i; }
/* A x = b: db = A^-T dy, dA = -db x'. With A transposed dA = -x db'. */
static void adjoint_solve(Rule *r)
{
    bool trans = solves_trans(r);
    Value db = r_solve(r, r->dy, !trans);
    if (need(r, 1)) r->dx[1] = db;
    if (need(r, 0)) r->dx[0] = r_neg(r, trans ? r_matmul(r, r->y, r_t(r, db)) : r_matmul(r, db, r_t(r, r->y)));
}
static void tangent_solve(Rule *r)
{
    Value v = r->dxin[1];
    if (!is_nil(r->dxin[0])) {
        Value t = r_matmul(r, solves_trans(r) ? r_t(r, r->dxin[0]) : r->dxin[0], r->y);
        v = is_nil(v) ? r_neg(r, t) : r_sub(r, v, t);
    }
    r->dyout = r_solve(r, v, solves_trans(r));
}
OP(solve, .nin = -1, .batch = b_front, .flags = OPF_FAIL | OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X2 | KEEP_Y,
   .infer = infer_system, .run = run_solve, .adjoint = adjoint_solve, .tangent = tangent_solve, .doc = "x with A x = b")

/* ---- inverse. A second input, one number for each matrix: where it is 0 a singular matrix gives zeros and no error,
** because the rule that asks would multiply by 0 (strong zeros). ---- */
static bool infer_square(Infer *f) { return mat_infer(f, true); }

static bool run_inv(Run *r)
{
    const Arr *A = &r->x[0];
    int64_t n = A->shape[A->rank - 1], count = mats(A, 2);
    DType d = lapack_work(r->S, r->y.dtype, n);
    size_t size = dtype_size[d], cap, elements = size * (size_t)(2 * n * n);
    if (r->y.n == 0) return true;
    char *a = mem_block(r->S, elements + sizeof(int64_t) * (size_t)n, &cap);
    if (!a) return false;
    char *y = a + size * (size_t)(n * n);
    int64_t *perm = (int64_t *)(a + (elements + 7) / 8 * 8);
    bool ok = true;
    for (int64_t k = 0; ok && k < count; k++) {
        mat_in(A, k, a, d, false);
        if (!(ok = lu_rows(r->S, d, n, n, a, n, perm))) break;
        memset(y, 0, size * (size_t)(n * n));
        if (lu_singular(d, a, n, n) >= 0) {
            double gate = 1;
            if (r->nin > 1) run_copy(&gate, DT_F64, 1, mat_at(&r->x[1], 0, k), r->x[1].dtype, 1, 1);
            ok = gate == 0 || singular(r, k, n);
        } else {
            const double one = 1;
            for (int64_t i = 0; i < n; i++) run_copy(at_bytes(y, d, i * n + perm[i]), d, 1, &one, DT_F64, 1, 1);
            ok = tri_rows(r->S, d, true, false, true, n, a, n, n, y) &&
                 tri_rows(r->S, d, false, false, false, n, a, n, n, y);
        }
        if (ok) run_copy(at_bytes(r->y.p, r->y.dtype, k * n * n), r->y.dtype, 1, y, d, 1, n * n);
    }
    mem_block_free(r->S, a, cap);
    return ok;
}
static void adjoint_inv(Rule *r)
{
    if (!need(r, 0)) return;
    Value t = r_t(r, r->y);
    r->dx[0] = r_neg(r, r_mm3(r, t, r->dy, t));
}
static void tangent_inv(Rule *r)
{
    if (!is_nil(r->dxin[0])) r->dyout = r_neg(r, r_mm3(r, r->y, r->dxin[0], r->y));
}
OP(inv, .nin = -1, .batch = b_front, .flags = OPF_FAIL | OPF_HIDDEN, .keep = KEEP_Y, .infer = infer_square,
   .run = run_inv, .adjoint = adjoint_inv, .tangent = tangent_inv, .doc = "the inverse")
static Value r_inv(Rule *r, Value a) { return r_op(r, OPID_inv, &a, 1, NULL, 0); }

/* ---- determinants ---- */
static bool infer_det(Infer *f)
{
    if (!mat_infer(f, true)) return false;
    f->rank -= 2;
    return true;
}

/* sign and log|det| as well as det itself, in f64 */
static bool determinant(Run *r, int64_t k, double *a, int64_t *perm, double *det, double *sign, double *log_abs)
{
    int64_t n = r->x[0].shape[r->x[0].rank - 1];
    mat_in(&r->x[0], k, a, DT_F64, false);
    int s = lu_rows(r->S, DT_F64, n, n, a, n, perm);
    if (!s) return false;
    *det = *sign = s;
    *log_abs = 0;
    for (int64_t i = 0; i < n; i++) {
        double u = a[i * n + i];
        *det *= u;
        *sign *= u > 0 ? 1 : u < 0 ? -1 : u;
        *log_abs += log(fabs(u));
    }
    *sign += 0.0; /* no -0 */
    return true;
}

static bool det_batch(Run *r, bool logs)
{
    int64_t n = r->x[0].shape[r->x[0].rank - 1], count = mats(&r->x[0], 2);
    size_t cap;
    double *a = mem_block(r->S, sizeof(double) * (size_t)(n * n + n + 1), &cap), v[3];
    if (!a) return false;
    bool ok = true;
    for (int64_t k = 0; ok && k < count; k++) {
        ok = determinant(r, k, a, (int64_t *)(a + n * n), &v[0], &v[1], &v[2]);
        int64_t w = logs ? 2 : 1;
        if (ok) run_copy(at_bytes(r->y.p, r->y.dtype, k * w), r->y.dtype, 1, v + logs, DT_F64, 1, w);
    }
    mem_block_free(r->S, a, cap);
    return ok;
}
static bool run_det(Run *r) { return det_batch(r, false); }

/* cof(A) = det(A) A^-T, the slope of det; of a singular matrix it comes from the SVD: with A = U S V' it is
** det(U) det(V) U diag(product of the other singular values) V'. */
static bool cofactor_svd(State *S, int64_t n, double *a, double *y)
{
    size_t cap;
    int in = (int)n, info = 0, lwork = -1;
    double size = 0;
    if (!lapack_need(S, "the slope of det at a singular matrix")) return false;
    LaGesdd gesdd = LAPACK(S, LaGesdd, LA_GESDD, DT_F64);
    gesdd("S", &in, &in, a, &in, NULL, NULL, &in, NULL, &in, &size, &lwork, NULL, &info, 1);
    lwork = (int)size;
    double *s = mem_block(S, sizeof(double) * (size_t)(n + 3 * n * n + lwork) + sizeof(int64_t) * (size_t)(8 * n), &cap);
    if (!s) return false;
    double *u = s + n, *vt = u + n * n, *tmp = vt + n * n, *work = tmp + n * n;
    int64_t *iwork = (int64_t *)(work + lwork);
    gesdd("S", &in, &in, a, &in, s, u, &in, vt, &in, work, &lwork, (int *)iwork, &info, 1); /* of A', read by columns */
    double sign = 1;
    for (int i = 0; i < 2; i++) {
        memcpy(tmp, i ? vt : u, sizeof(double) * (size_t)(n * n));
        int t = lu_rows(S, DT_F64, n, n, tmp, n, iwork);
        sign *= t;
        for (int64_t k = 0; k < n; k++) sign *= tmp[k * n + k] < 0 ? -1 : 1;
    }
    memset(y, 0, sizeof(double) * (size_t)(n * n));
    for (int64_t k = 0; k < n; k++) { /* A' = u s vt by columns, so A[i, j] = sum of vt[k, i] s[k] u[j, k] */
        double p = sign;
        for (int64_t j = 0; j < n; j++) p *= j == k ? 1 : s[j];
        if (p == 0) continue;
        for (int64_t i = 0; i < n; i++) {
            double f = p * vt[i * n + k];
            for (int64_t j = 0; j < n; j++) y[i * n + j] += f * u[k * n + j];
        }
    }
    mem_block_free(S, s, cap);
    return sign != 0;
}

static bool cofactor(Run *r, int64_t k, int64_t n, double *a, double *y, int64_t *perm)
{
    mat_in(&r->x[0], k, a, DT_F64, false);
    if (n == 1) {
        y[0] = 1;
        return true;
    }
    if (n == 2) {
        y[0] = a[3], y[1] = -a[2], y[2] = -a[1], y[3] = a[0];
        return true;
    }
    if (!all_finite(DT_F64, a, n * n)) {
        fill_nan(DT_F64, y, n * n);
        return true;
    }
    double det = lu_rows(r->S, DT_F64, n, n, a, n, perm);
    if (det == 0) return false;
    if (lu_singular(DT_F64, a, n, n) >= 0) {
        mat_in(&r->x[0], k, a, DT_F64, false);
        return cofactor_svd(r->S, n, a, y);
    }
    memset(y, 0, sizeof(double) * (size_t)(n * n));
    for (int64_t i = 0; i < n; i++) det *= a[i * n + i], y[i * n + i] = 1;
    /* A^-T = P L^-T U^-T, the rows put back in place last */
    if (!tri_rows(r->S, DT_F64, false, true, false, n, a, n, n, y) ||
        !tri_rows(r->S, DT_F64, true, true, true, n, a, n, n, y))
        return false;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) a[perm[i] * n + j] = det * y[i * n + j];
    memcpy(y, a, sizeof(double) * (size_t)(n * n));
    return true;
}
static bool run_cofactor(Run *r)
{
    int64_t n = r->y.shape[r->y.rank - 1], count = mats(&r->y, 2);
    size_t cap;
    if (r->y.n == 0) return true;
    double *a = mem_block(r->S, sizeof(double) * (size_t)(2 * n * n + n), &cap), *y = a + n * n;
    if (!a) return false;
    bool ok = true;
    for (int64_t k = 0; ok && k < count; k++) {
        ok = cofactor(r, k, n, a, y, (int64_t *)(y + n * n));
        if (ok) run_copy(at_bytes(r->y.p, r->y.dtype, k * n * n), r->y.dtype, 1, y, DT_F64, 1, n * n);
    }
    mem_block_free(r->S, a, cap);
    return ok;
}
/* n = 2 is linear, cof(A) = J A J' with J = [[0, 1], [-1, 0]]; beyond, with Z = A^-T and C = cof(A):
** dC = <Z, dA> C - C dA' Z, which needs A to be regular. */
static Value cofactor_two(Rule *r, Value g)
{
    if (is_nil(g)) return g;
    Value e = r_eye(r, g, 2), part[2] = {r_part(r, e, 2, 1, 1), r_neg(r, r_part(r, e, 2, 0, 1))},
          j = r_join(r, 2, part, 2);
    return r_mm3(r, j, g, r_t(r, j));
}
static void adjoint_cofactor(Rule *r)
{
    int64_t n = r_dim(r->x[0], 1);
    if (n < 2) r->dx[0] = r_zeros_like(r, r->x[0]);
    else if (n == 2) r->dx[0] = cofactor_two(r, r->dy);
    else {
        Value Z = r_t(r, r_inv(r, r->x[0]));
        r->dx[0] = r_sub(r, r_mul(r, r_inner(r, r->dy, r->y), Z), r_mm3(r, Z, r_t(r, r->dy), r->y));
    }
}
static void tangent_cofactor(Rule *r)
{
    int64_t n = r_dim(r->x[0], 1);
    if (n < 2) r->dyout = r_zeros_like(r, r->x[0]);
    else if (n == 2) r->dyout = cofactor_two(r, r->dxin[0]);
    else {
        Value Z = r_t(r, r_inv(r, r->x[0]));
        r->dyout = r_sub(r, r_mul(r, r_inner(r, Z, r->dxin[0]), r->y), r_mm3(r, r->y, r_t(r, r->dxin[0]), Z));
    }
}
OP(cofactor, .nin = 1, .batch = b_front, .flags = OPF_FAIL | OPF_HIDDEN, .keep = KEEP_X0 | KEEP_Y,
   .infer = infer_square, .run = run_cofactor, .adjoint = adjoint_cofactor, .tangent = tangent_cofactor,
   .doc = "det(A) inv(A)', which singular matrices have too")

static Value r_cofactor(Rule *r) { return r_1(r, OPID_cofactor, r->x[0]); }
static void adjoint_det(Rule *r) { r->dx[0] = r_mul(r, r_scalar_of(r, r->dy, r->x[0]), r_cofactor(r)); }
static Value r_sums(Rule *r, Value t) /* over the last two axes, which go */
{
    if (is_nil(t)) return t;
    Attr s[3] = {{.i = 0}, {.i = (int64_t)3 << (val_rank(t) - 2)}, {.f = 0}};
    return r_op(r, OPID_sum, &t, 1, s, 3);
}
static void tangent_det(Rule *r) { r->dyout = r_sums(r, r_mul(r, r_cofactor(r), r->dxin[0])); }
OP(det, .nin = 1, .batch = b_front, .flags = 0, .keep = KEEP_X0, .sig = "det(A)", .infer = infer_det, .run = run_det,
   .adjoint = adjoint_det, .tangent = tangent_det,
   .doc = "det(A): determinant of a square matrix, or of each of a batch [..., n, n]. Its slope is right at "
          "singular matrices too; its second derivative there needs n < 3.")

/* [..., 2]: sign and log|det| */
static bool infer_slogdet(Infer *f)
{
    if (!infer_det(f)) return false;
    f->shape[f->rank++] = 2;
    return true;
}
static bool run_slogdet(Run *r) { return det_batch(r, true); }
static void adjoint_slogdet(Rule *r)
{
    Value g = r_pick(r, r->dy, 1, 1), x[2] = {r->x[0], is_nil(g) ? g : tape_stop(r->S, g)};
    Value Z = r_t(r, r_op(r, OPID_inv, x, 2, NULL, 0));
    r->dx[0] = r_chain(r, r_scalar_of(r, g, r->x[0]), Z);
}
static void tangent_slogdet(Rule *r)
{
    Attr a[3] = {{.i = 0}, {.i = (int64_t)3 << (val_rank(r->x[0]) - 2)}, {.f = 0}};
    Value d = r->dxin[0], s = r_1(r, OPID_abs, tape_stop(r->S, d)), x[2] = {r->x[0], NIL};
    if (is_nil(s)) return;
    x[1] = r_op(r, OPID_sum, &s, 1, a, 3); /* 0 where nothing moves */
    Value Z = r_t(r, r_op(r, OPID_inv, x, 2, NULL, 0)), t = r_sums(r, r_chain(r, d, Z));
    if (is_nil(t)) return;
    int rank = val_rank(r->y);
    int64_t shape[RANK_MAX];
    for (int i = 0; i < rank; i++) shape[i] = i < rank - 1 ? val_shape(r->y)[i] : 1;
    Attr sh[RANK_MAX];
    for (int i = 0; i < rank; i++) sh[i].i = shape[i];
    t = r_op(r, is_tensor(t) ? OPID_reshape : OPID_fill, &t, 1, sh, rank);
    Value both[2] = {r_mul(r, r_num(0), t), t};
    r->dyout = r_join(r, 1, both, 2);
}
OP(slogdet, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_slogdet, .run = run_slogdet,
   .adjoint = adjoint_slogdet, .tangent = tangent_slogdet, .doc = "sign and log of |det(A)|, side by side")

/* ---- triangular systems. Attributes: [0] lower  [1] transposed  [2] the diagonal is 1 ---- */
static bool run_triangular(Run *r)
{
    const Arr *T = &r->x[0];
    int64_t n = T->shape[T->rank - 1], m = r->y.shape[r->y.rank - 1], count = mats(T, 2);
    bool lower = r->attr[0].i, trans = r->attr[1].i, unit = r->attr[2].i, ok = true;
    DType d = lapack_work(r->S, r->y.dtype, n);
    size_t size = dtype_size[d], cap;
    char *t = mem_block(r->S, size * (size_t)(n * n + n * m + 1), &cap);
    if (!t) return false;
    char *b = t + size * (size_t)(n * n);
    for (int64_t k = 0; ok && k < count; k++) {
        mat_in(T, k, t, d, false);
        for (int64_t i = 0; !unit && ok && i < n; i++) {
            double v;
            run_copy(&v, DT_F64, 1, at_bytes(t, d, i * n + i), d, 1, 1);
            char what[80];
            snprintf(what, sizeof what, "is singular: element %lld of its diagonal is 0", (long long)i);
            if (v == 0) ok = mat_fail(r, k, DIAG_SINGULAR, what, NULL);
        }
        if (!ok || r->y.n == 0) continue;
        mat_in(&r->x[1], k, b, d, false);
        ok = tri_rows(r->S, d, lower, trans, unit, n, t, n, m, b);
        run_copy(at_bytes(r->y.p, r->y.dtype, k * n * m), r->y.dtype, 1, b, d, 1, n * m);
    }
    mem_block_free(r->S, t, cap);
    return ok;
}
static Value r_triangular(Rule *r, Value b, bool trans)
{
    Value x[2] = {r->x[0], b};
    Attr a[3] = {r->attr[0], {.i = trans}, r->attr[2]};
    return r_op(r, OPID_solve_triangular, x, 2, a, 3);
}
static Value r_read(Rule *r, Value v) /* the part of a triangle that is read */
{
    return r->attr[0].i ? r_tril(r, v, r->attr[2].i ? -1 : 0) : r_triu(r, v, r->attr[2].i ? 1 : 0);
}
static void adjoint_triangular(Rule *r)
{
    bool trans = r->attr[1].i;
    Value db = r_triangular(r, r->dy, !trans);
    if (need(r, 1)) r->dx[1] = db;
    if (need(r, 0))
        r->dx[0] = r_neg(r, r_read(r, trans ? r_matmul(r, r->y, r_t(r, db)) : r_matmul(r, db, r_t(r, r->y))));
}
static void tangent_triangular(Rule *r)
{
    Value v = r->dxin[1];
    if (!is_nil(r->dxin[0])) {
        Value t = r_read(r, r->dxin[0]);
        t = r_matmul(r, r->attr[1].i ? r_t(r, t) : t, r->y);
        v = is_nil(v) ? r_neg(r, t) : r_sub(r, v, t);
    }
    r->dyout = r_triangular(r, v, r->attr[1].i);
}
OP(solve_triangular, .nin = 2, .batch = b_front, .flags = OPF_FAIL | OPF_HIDDEN, .keep = KEEP_X0 | KEEP_Y,
   .infer = infer_system, .run = run_triangular, .adjoint = adjoint_triangular, .tangent = tangent_triangular,
   .doc = "x with T x = b, T triangular")

/* ---- Cholesky of (A + A') / 2, so that the slope is symmetric and agrees with differences element by element ---- */
/* The order of the leading part that is not positive definite, 0 when all are, -1 when it holds a NaN. */
static int64_t cholesky_loops(double *a, int64_t n)
{
    for (int64_t j = 0; j < n; j++) {
        double s = a[j * n + j];
        for (int64_t k = 0; k < j; k++) s -= a[j * n + k] * a[j * n + k];
        if (!(s > 0)) return s != s ? -1 : j + 1;
        a[j * n + j] = s = sqrt(s);
        for (int64_t i = j + 1; i < n; i++) {
            double t = a[i * n + j];
            for (int64_t k = 0; k < j; k++) t -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = t / s;
        }
    }
    return 0;
}

/* In tiles, since one side is read by columns. */
#define SYMMETRIC(NAME, T)                                                                                             \
    static bool NAME(State *S, T *a, int64_t n)                                                                        \
    {                                                                                                                  \
        enum { TILE = 64 };                                                                                            \
        for (int64_t p = 0; p < n; p += TILE) {                                                                        \
            if (!vm_check(S)) return false;                                                                            \
            for (int64_t q = 0; q <= p; q += TILE)                                                                     \
                for (int64_t i = p; i < p + TILE && i < n; i++)                                                        \
                    for (int64_t j = q; j < q + TILE && j < i; j++)                                                    \
                        a[i * n + j] = a[j * n + i] = (a[i * n + j] + a[j * n + i]) / 2;                               \
        }                                                                                                              \
        return true;                                                                                                   \
    }
SYMMETRIC(symmetric_f64, double)
SYMMETRIC(symmetric_f32, float)

static bool run_cholesky(Run *r)
{
    int64_t n = r->y.shape[r->y.rank - 1], count = mats(&r->y, 2);
    DType d = lapack_work(r->S, r->y.dtype, n);
    size_t size = dtype_size[d], cap;
    if (r->y.n == 0) return true;
    char *a = mem_block(r->S, size * (size_t)(n * n), &cap);
    if (!a) return false;
    bool ok = true;
    for (int64_t k = 0; ok && k < count; k++) {
        int64_t bad;
        mat_in(&r->x[0], k, a, d, false);
        if (!(ok = d == DT_F64 ? symmetric_f64(r->S, (double *)a, n) : symmetric_f32(r->S, (float *)a, n))) break;
        if (d == DT_F64 && (n < LAPACK_FROM || !lapack_find(r->S))) bad = cholesky_loops((double *)a, n);
        else {
            int info;
            bool plain = all_finite(d, a, n * n);
            ok = potrf_upper(r->S, d, n, a, &info); /* by columns: L in our lower triangle */
            if (!ok) break;
            bad = plain ? info : -1;
        }
        if (bad > 0) {
            char what[120];
            snprintf(what, sizeof what, "is not positive definite: its leading %lld by %lld part is not",
                     (long long)bad, (long long)bad);
            ok = mat_fail(r, k, DIAG_SINGULAR, what, "a covariance may lack a little: A + 1e-6 * eye(n)");
            break;
        }
        if (bad < 0) fill_nan(d, a, n * n);
        for (int64_t i = 0; i < n; i++) {
            memset(a + size * (size_t)(i * n + i + 1), 0, size * (size_t)(n - i - 1));
            run_copy(at_bytes(r->y.p, r->y.dtype, (k * n + i) * n), r->y.dtype, 1, at_bytes(a, d, i * n), d, 1, n);
        }
    }
    mem_block_free(r->S, a, cap);
    return ok;
}
/* the lower triangle with half the diagonal */
static Value r_phi(Rule *r, Value v)
{
    if (is_nil(v)) return v;
    Value half = r_sub(r, r_num(1), r_mul(r, r_num(0.5), r_eye(r, v, r_dim(v, 1))));
    return r_mul(r, r_tril(r, v, 0), half);
}
static Value r_sym(Rule *r, Value v) { return r_mul(r, r_num(0.5), r_add(r, v, r_t(r, v))); }
/* Murray 2016, eqs. 7 and 10: dL = L phi(L^-1 dA L^-T), and going back S = L^-T phi(L' dL) L^-1 */
static void adjoint_cholesky(Rule *r)
{
    Value L = r->y, P = r_phi(r, r_matmul(r, r_t(r, L), r->dy));
    Value Z = r_trisolve(r, L, P, true, true);
    r->dx[0] = r_sym(r, r_t(r, r_trisolve(r, L, r_t(r, Z), true, true)));
}
static void tangent_cholesky(Rule *r)
{
    Value L = r->y, Z = r_trisolve(r, L, r_sym(r, r->dxin[0]), true, false);
    r->dyout = r_matmul(r, L, r_phi(r, r_t(r, r_trisolve(r, L, r_t(r, Z), true, false))));
}
OP(cholesky, .nin = 1, .batch = b_front, .flags = OPF_FAIL, .keep = KEEP_Y, .sig = "cholesky(A)", .infer = infer_square,
   .run = run_cholesky, .adjoint = adjoint_cholesky, .tangent = tangent_cholesky,
   .doc = "cholesky(A): the lower triangle L with L @ L' = A, of a symmetric positive definite matrix or a "
          "batch [..., n, n]. What counts is (A + A') / 2. E0227 when it is not positive definite.")
