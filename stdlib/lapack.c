/* lapack.c -- linear systems and factorisations as scripts call them.
**
** The operations with their rules are in runtime/ops (systems.c, decompose.c, expm.c); here their parts are cut
** out of one another, vectors become columns, and batches are brought to one shape. Matrices lie along the last
** two axes; the axes before them are batches and broadcast like those of `@`.
** SPDX-License-Identifier: MIT */
#include <float.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/ops/walk.h"

/* ---- cutting and joining ---- */
static int64_t dim(Value v, int from_end) { return val_shape(v)[val_rank(v) - from_end]; }

/* count elements from start along one axis; count < 0: element start, and the axis goes */
static bool cut(State *S, Value v, int from_end, int64_t start, int64_t count, Value *out)
{
    int64_t lo[RANK_MAX], n[RANK_MAX], step[RANK_MAX];
    bool drop[RANK_MAX];
    int rank = val_rank(v), axis = rank - from_end;
    for (int i = 0; i < rank; i++) {
        lo[i] = i == axis ? start : 0;
        n[i] = i == axis && count >= 0 ? count : val_shape(v)[i];
        step[i] = 1;
        drop[i] = i == axis && count < 0;
    }
    return op_slice(S, v, lo, n, step, drop, out);
}

/* The same of v as a constant. */
static bool cut_still(State *S, Value v, int from_end, int64_t start, int64_t count, Value *out)
{
    Value still;
    if (!tape_stop_tree(S, v, &still)) return false;
    bool ok = cut(S, still, from_end, start, count, out);
    release(S, still);
    return ok;
}

static bool turn(State *S, Value *v) /* swaps the last two axes, in place */
{
    Value y;
    if (!op_swapaxes(S, *v, -2, -1, &y)) return false;
    release(S, *v);
    *v = y;
    return true;
}

static bool replace(State *S, Value *v, bool ok, const Value *next)
{
    if (!ok) return false;
    release(S, *v);
    *v = *next;
    return true;
}

/* A list of n values with names; takes the values, also on failure. */
static bool named(State *S, const char *const *name, Value *v, int n, bool ok, Value *out)
{
    List *l = ok ? list_new(S, n) : NULL;
    ok = l != NULL;
    for (int i = 0; i < n; i++) {
        Str *s = ok ? str_intern(S, name[i], strlen(name[i])) : NULL;
        if (s) ok = list_push_take(S, l, s, v[i]);
        else {
            release(S, v[i]);
            ok = false;
        }
        obj_release(S, s);
    }
    if (ok) *out = val_obj(T_LIST, l);
    else obj_release(S, l);
    return ok;
}

/* [1..., n, n] as a constant */
static bool identity(State *S, Value like, Value *out)
{
    DType d = (DType)like.t->dtype;
    int64_t n = dim(like, 1);
    Tensor *t = tensor_zeros(S, dtype_float(d) ? d : default_float(S), val_rank(like), val_shape(like));
    if (!t) return false;
    for (int64_t i = 0; n && i < t->n / n; i++) tensor_put(t, i * n + i % n, 1);
    *out = val_obj(T_TENSOR, t);
    return true;
}

/* ---- systems: A and b brought to one batch ---- */
typedef struct System {
    Value a, b;  /* owned: [batch..., m, n], [batch..., m, k] */
    bool column; /* b was a vector, or a batch of vectors */
    int fold;    /* axes of b's batch that were folded into its columns, A having none */
    int64_t shape[RANK_MAX];
} System;

static void system_close(State *S, System *s)
{
    release(S, s->a);
    release(S, s->b);
}

static bool system_shapes(Call *c, Value a, Value b)
{
    char s[200], t[200];
    return diag_fail(c->S, DIAG_SHAPE, "shapes do not meet in %s: %s and %s", c->builtin->name,
                     shape_str(a.t, s, sizeof s), shape_str(b.t, t, sizeof t));
}

/* b [B..., m, k] -> [m, B... k] */
static bool fold_batch(State *S, System *s)
{
    int axes[RANK_MAX], rank = val_rank(s->b), k = 0;
    int64_t flat[2] = {dim(s->b, 2), 1};
    Value next;
    axes[k++] = rank - 2;
    for (int i = 0; i < rank; i++)
        if (i != rank - 2) {
            axes[k++] = i;
            s->shape[k - 1] = val_shape(s->b)[i];
            flat[1] *= val_shape(s->b)[i];
        }
    s->fold = rank - 2;
    return replace(S, &s->b, op_permute(S, s->b, axes, &next), &next) &&
           replace(S, &s->b, op_reshape(S, s->b, 2, flat, &next), &next);
}

static bool one_batch(Call *c, System *s)
{
    State *S = c->S;
    int ra = val_rank(s->a), rb = val_rank(s->b), rank = ra > rb ? ra : rb;
    int64_t sa[RANK_MAX], sb[RANK_MAX];
    Value next;
    bool grows = false;
    for (int i = 0; i < rank - 2; i++) {
        int ia = i - (rank - ra), ib = i - (rank - rb);
        int64_t na = ia < 0 ? 1 : val_shape(s->a)[ia], nb = ib < 0 ? 1 : val_shape(s->b)[ib];
        if (na != nb && na != 1 && nb != 1) return system_shapes(c, s->a, s->b);
        sa[i] = sb[i] = na == 1 ? nb : na;
        grows |= ra > rb && rb > 2 ? sa[i] != na : rb > ra && ra > 2 && sa[i] != nb;
    }
    if (grows) {
        char t[200], u[200];
        return diag_fail(S, DIAG_GUARD, "broadcasting would grow the result of `%s`: %s and %s", c->builtin->name,
                         shape_str(s->a.t, t, sizeof t), shape_str(s->b.t, u, sizeof u));
    }
    for (int i = 1; i <= 2; i++) {
        sa[rank - i] = dim(s->a, i);
        sb[rank - i] = dim(s->b, i);
    }
    return replace(S, &s->a, op_broadcast_to(S, s->a, rank, sa, &next), &next) &&
           replace(S, &s->b, op_broadcast_to(S, s->b, rank, sb, &next), &next);
}

static bool system_open(Call *c, bool square, System *s)
{
    State *S = c->S;
    Value a, b, next;
    if (!arg_tensor(c, 0, &a) || !arg_tensor(c, 1, &b)) return false;
    int ra = val_rank(a), rb = val_rank(b);
    char text[200];
    if (ra < 2 || (square && dim(a, 1) != dim(a, 2)))
        return diag_fail(S, DIAG_SHAPE, "%s takes a %smatrix, or a batch of them, not %s", c->builtin->name,
                         square ? "square " : "", shape_str(a.t, text, sizeof text));
    s->column = rb == 1 || (ra > 2 && rb == ra - 1 && !memcmp(val_shape(b), val_shape(a), sizeof(int64_t) * (size_t)rb));
    s->fold = 0;
    if (dim(b, s->column ? 1 : 2) != dim(a, 2)) return system_shapes(c, a, b);
    DType d;
    Value both[2] = {a, b};
    if (!promote(S, c->builtin->name, both, 2, true, &d)) return false;
    if (!dtype_float(d)) d = default_float(S);
    s->a = retain(a);
    s->b = retain(b);
    bool ok = (DType)a.t->dtype == d || replace(S, &s->a, op_cast(S, a, d, &next), &next);
    if (ok && s->column) {
        int64_t shape[RANK_MAX];
        if (rb == RANK_MAX) ok = diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
        else {
            memcpy(shape, val_shape(b), sizeof(int64_t) * (size_t)rb);
            shape[rb] = 1;
            ok = replace(S, &s->b, op_reshape(S, s->b, rb + 1, shape, &next), &next);
        }
    }
    if (ok && ra == 2 && val_rank(s->b) > 2) ok = fold_batch(S, s);
    else ok = ok && one_batch(c, s);
    if (!ok) system_close(S, s);
    return ok;
}

/* The result [batch..., n, k] as b was given. */
static bool system_result(State *S, const System *s, Value *y)
{
    Value next;
    if (s->fold) {
        int64_t shape[RANK_MAX];
        int axes[RANK_MAX], rank = s->fold + 2;
        memcpy(shape, s->shape, sizeof shape);
        shape[0] = dim(*y, 2);
        for (int i = 0; i < rank; i++) axes[i] = i < rank - 2 ? i + 1 : i == rank - 2 ? 0 : rank - 1;
        if (!replace(S, y, op_reshape(S, *y, rank, shape, &next), &next) ||
            !replace(S, y, op_permute(S, *y, axes, &next), &next))
            return false;
    }
    return !s->column || replace(S, y, cut(S, *y, 1, 0, -1, &next), &next);
}

BUILTIN(solve, "solve(A, b)",
        "x with A @ x = b, for a vector or the columns of a matrix; batches [..., n, n] and [..., n, k] broadcast, "
        "and [..., n] beside [..., n, n] is a batch of vectors. Elimination with row exchanges (LAPACK getrf from "
        "33 rows on); its derivatives use the same factors. E0227 when A is singular to working precision.")
{
    State *S = c->S;
    System s;
    if (!system_open(c, true, &s)) return false;
    Value x[3] = {s.a, s.b, NIL}, y = NIL;
    bool ok = op1(S, OPID_lu_pack, s.a, &x[2]) && op_apply(S, OPID_solve, x, 3, NULL, 0, &y) && system_result(S, &s, &y);
    release(S, x[2]);
    system_close(S, &s);
    if (ok) *c->out = y;
    else release(S, y);
    return ok;
}

BUILTIN(solve_triangular, "solve_triangular(A, b, lower: false, trans: false, unit: false)",
        "x with A @ x = b where only the upper triangle of A counts (the lower one with `lower: true`), as SciPy "
        "has it. `trans: true` solves A' @ x = b, `unit: true` takes the diagonal as 1. Shapes as for solve; E0227 "
        "when the diagonal holds a 0.")
{
    State *S = c->S;
    System s;
    bool flag[3];
    for (int i = 0; i < 3; i++)
        if (!arg_bool(c, 2 + i, &flag[i])) return false;
    if (!system_open(c, true, &s)) return false;
    Value x[2] = {s.a, s.b}, y = NIL;
    Attr a[3] = {{.i = flag[0]}, {.i = flag[1]}, {.i = flag[2]}};
    bool ok = op_apply(S, OPID_solve_triangular, x, 2, a, 3, &y) && system_result(S, &s, &y);
    system_close(S, &s);
    if (ok) *c->out = y;
    else release(S, y);
    return ok;
}

/* rcond as an attribute: nil is negative, which stands for max(m, n) eps */
static bool arg_share(Call *c, int i, Attr *a)
{
    a->f = -1;
    if (!arg_given(c, i)) return true;
    if (!arg_num(c, i, &a->f)) return false;
    return a->f >= 0 || diag_fail(c->S, DIAG_VALUE, "%s: `rcond` is at least 0", c->builtin->name);
}

static bool singular_values(State *S, Value a, Value *out)
{
    Value y;
    if (!op1(S, OPID_svd, a, &y)) return false;
    bool ok = cut(S, y, 2, 0, -1, out);
    release(S, y);
    return ok;
}

/* sum((b - A x)^2) down the columns */
static bool residuals(State *S, const System *s, Value x, Value *out)
{
    Value ax, d, d2;
    if (!op2(S, OPID_matmul, s->a, x, &ax)) return false;
    bool ok = op2(S, OPID_sub, s->b, ax, &d);
    release(S, ax);
    if (!ok) return false;
    ok = op1(S, OPID_square, d, &d2);
    release(S, d);
    if (!ok) return false;
    int axis = val_rank(d2) - 2;
    ok = op_reduce(S, OPID_sum, d2, &axis, 1, true, out);
    release(S, d2);
    return ok;
}

BUILTIN(lstsq, "lstsq(A, b, rcond: nil)",
        "Least squares, as NumPy has it: (x:, residuals:, rank:, s:). x has the least |A @ x - b| and of those the "
        "least |x|, for a vector or the columns of a matrix; residuals are the sums of squares left, rank the rank "
        "of A, s its singular values. Values up to rcond times the largest count as 0 (default max(m, n) eps). By "
        "SVD (gelsd); the slope holds while the rank does (Golub and Pereyra 1973). Shapes as for solve.")
{
    State *S = c->S;
    System s;
    Attr share;
    Value y = NIL, v[4] = {NIL, NIL, NIL, NIL}, flat = NIL;
    if (!arg_share(c, 2, &share) || !system_open(c, false, &s)) return false;
    Value x[2] = {s.a, s.b};
    bool ok = op_apply(S, OPID_lstsq, x, 2, &share, 1, &y);
    if (ok) {
        int rank = val_rank(s.a);
        int64_t shape[RANK_MAX], n = dim(s.a, 1), k = dim(s.b, 1);
        memcpy(shape, val_shape(s.a), sizeof(int64_t) * (size_t)rank);
        shape[rank - 2] = n;
        shape[rank - 1] = k;
        ok = cut(S, y, 1, 0, n * k, &flat) && op_reshape(S, flat, rank, shape, &v[0]) &&
             residuals(S, &s, v[0], &v[1]) && cut_still(S, y, 1, n * k, -1, &v[2]) && singular_values(S, s.a, &v[3]) &&
             system_result(S, &s, &v[0]) && system_result(S, &s, &v[1]);
        if (ok) { /* [..., 1, k] -> [..., k]; of a vector [..., 1] -> [...] */
            Value next;
            ok = replace(S, &v[1], cut(S, v[1], s.column ? 1 : 2, 0, -1, &next), &next);
        }
    }
    release(S, y);
    release(S, flat);
    system_close(S, &s);
    static const char *const name[4] = {"x", "residuals", "rank", "s"};
    return named(S, name, v, 4, ok, c->out);
}

/* ---- inverses ---- */
BUILTIN(inv, "inv(A)",
        "The inverse of a square matrix, or of each of a batch [..., n, n]; E0227 when it is singular. solve(A, b) "
        "is better than inv(A) @ b.")
{
    Value a;
    return arg_tensor(c, 0, &a) && op1(c->S, OPID_inv, a, c->out);
}

BUILTIN(pinv, "pinv(A, rcond: nil)",
        "The Moore-Penrose inverse of a matrix of any shape, or of each of a batch. Singular values up to rcond "
        "times the largest count as 0 (default max(m, n) eps). The slope holds while the rank does (Golub and "
        "Pereyra 1973).")
{
    Value a;
    Attr share;
    return arg_tensor(c, 0, &a) && arg_share(c, 1, &share) && op_apply(c->S, OPID_pinv, &a, 1, &share, 1, c->out);
}

BUILTIN(matrix_power, "matrix_power(A, n)",
        "A @ A @ ... @ A, n times, by repeated squaring; n is whole, 0 gives the identity and below 0 the powers of "
        "inv(A).")
{
    State *S = c->S;
    Value a, p, y = NIL, next;
    int64_t n;
    char text[200];
    if (!arg_tensor(c, 0, &a) || !arg_int(c, 1, &n)) return false;
    if (val_rank(a) < 2 || dim(a, 1) != dim(a, 2))
        return diag_fail(S, DIAG_SHAPE, "matrix_power takes a square matrix, or a batch of them, not %s",
                         shape_str(a.t, text, sizeof text));
    if (n == 0) return identity(S, a, c->out);
    uint64_t k = n < 0 ? -(uint64_t)n : (uint64_t)n;
    if (n > 0) p = retain(a);
    else if (!op1(S, OPID_inv, a, &p)) return false;
    bool ok = true;
    for (; ok; k >>= 1) {
        if (k & 1) ok = is_nil(y) ? (y = retain(p), true) : replace(S, &y, op2(S, OPID_matmul, y, p, &next), &next);
        if (k == 1) break;
        ok = ok && replace(S, &p, op2(S, OPID_matmul, p, p, &next), &next);
    }
    release(S, p);
    if (ok) *c->out = y;
    else release(S, y);
    return ok;
}

/* ---- factorisations ---- */
BUILTIN(slogdet, "slogdet(A)",
        "(sign:, logdet:) of a square matrix, or of each of a batch: det(A) is sign * exp(logdet), without "
        "overflow. A singular matrix gives 0 and -inf. The slope of logdet is inv(A)'; E0227 where that is asked of "
        "a singular matrix.")
{
    State *S = c->S;
    Value a, y, v[2] = {NIL, NIL};
    static const char *const name[2] = {"sign", "logdet"};
    if (!arg_tensor(c, 0, &a) || !op1(S, OPID_slogdet, a, &y)) return false;
    bool ok = cut_still(S, y, 1, 0, -1, &v[0]) && cut(S, y, 1, 1, -1, &v[1]);
    release(S, y);
    return named(S, name, v, 2, ok, c->out);
}

/* [..., m, m] with A[rows] = P' A, from the last column of the factors */
static bool row_order(State *S, Value y, Value *out)
{
    int rank = val_rank(y);
    int64_t m = dim(y, 2), n = dim(y, 1) - 1, shape[RANK_MAX];
    memcpy(shape, val_shape(y), sizeof(int64_t) * (size_t)rank);
    shape[rank - 1] = m;
    Tensor *p = tensor_zeros(S, (DType)y.t->dtype, rank, shape);
    if (!p || !tensor_force(S, y.t)) {
        obj_release(S, p);
        return false;
    }
    for (int64_t i = 0; m && i < p->n / m; i++) {
        int64_t at = (int64_t)tensor_get(y.t, i * (n + 1) + n);
        tensor_put(p, i / m * m * m + at * m + i % m, 1);
    }
    *out = val_obj(T_TENSOR, p);
    return true;
}

BUILTIN(lu, "lu(A)",
        "(p:, l:, u:) with A = p @ l @ u: p a permutation, l lower triangular with ones on its diagonal, u upper "
        "triangular; of a matrix of any shape, or of each of a batch. As SciPy has it, rows exchanged for the "
        "largest pivot.")
{
    State *S = c->S;
    Value a, y, f = NIL, v[3] = {NIL, NIL, NIL}, low = NIL, e = NIL;
    static const char *const name[3] = {"p", "l", "u"};
    if (!arg_tensor(c, 0, &a) || !op1(S, OPID_lu, a, &y)) return false;
    int64_t m = dim(y, 2), n = dim(y, 1) - 1, k = m < n ? m : n;
    Attr below = {.i = -1}, on = {.i = 0};
    Value L = NIL, U = NIL;
    bool ok = row_order(S, y, &v[0]) && cut(S, y, 1, 0, n, &f) && cut(S, f, 1, 0, k, &L) && cut(S, f, 2, 0, k, &U) &&
              op_apply(S, OPID_tril, &L, 1, &below, 1, &low) && op_apply(S, OPID_triu, &U, 1, &on, 1, &v[2]);
    if (ok) { /* ones on the diagonal of [m, k] */
        Tensor *t = tensor_zeros(S, (DType)y.t->dtype, val_rank(L), val_shape(L));
        ok = t != NULL;
        for (int64_t i = 0; ok && k && i < t->n / (m * k); i++)
            for (int64_t j = 0; j < k; j++) tensor_put(t, i * m * k + j * k + j, 1);
        if (ok) e = val_obj(T_TENSOR, t), ok = op2(S, OPID_add, low, e, &v[1]);
    }
    release(S, y);
    release(S, f);
    release(S, L);
    release(S, U);
    release(S, low);
    release(S, e);
    return named(S, name, v, 3, ok, c->out);
}

BUILTIN(qr, "qr(A)",
        "(q:, r:) with A = q @ r: of A [..., m, n], q [..., m, k] has orthonormal columns and r [..., k, n] is "
        "upper triangular, k the smaller of m and n. Signs as LAPACK (and NumPy) leave them. The slope needs the "
        "first k columns of A to be independent (E0227). Walter and Lehmann 2010.")
{
    State *S = c->S;
    Value a, y, v[2] = {NIL, NIL};
    static const char *const name[2] = {"q", "r"};
    if (!arg_tensor(c, 0, &a) || !op1(S, OPID_qr, a, &y)) return false;
    int64_t n = dim(a, 1), m = dim(a, 2);
    bool ok = cut(S, y, 2, 0, m, &v[0]) && cut(S, y, 2, m, n, &v[1]) && turn(S, &v[1]);
    release(S, y);
    return named(S, name, v, 2, ok, c->out);
}

BUILTIN(eigh, "eigh(A)",
        "(values:, vectors:) of a symmetric matrix, or of each of a batch [..., n, n]: values rising, vectors as "
        "columns, so that A = vectors @ diag(values) @ vectors'. What counts is (A + A') / 2. Among equal values "
        "the vectors are any basis and have no derivative (NaN), the values have one; the sign of a vector is not "
        "fixed either.")
{
    State *S = c->S;
    Value a, y, v[2] = {NIL, NIL};
    static const char *const name[2] = {"values", "vectors"};
    if (!arg_tensor(c, 0, &a) || !op1(S, OPID_eigh, a, &y)) return false;
    bool ok = cut(S, y, 1, 0, -1, &v[0]) && cut(S, y, 1, 1, dim(a, 1), &v[1]);
    release(S, y);
    return named(S, name, v, 2, ok, c->out);
}

BUILTIN(svd, "svd(A)",
        "(u:, s:, vt:) with A = u @ diag(s) @ vt, of a matrix [..., m, n] or each of a batch: s falls, u [..., m, "
        "k] and vt [..., k, n] are the reduced ones (NumPy's full_matrices=False), k the smaller of m and n. Equal "
        "and vanishing values are treated as for eigh. Townsend 2016; Wan and Zhang 2019.")
{
    State *S = c->S;
    Value a, y, v[3] = {NIL, NIL, NIL};
    static const char *const name[3] = {"u", "s", "vt"};
    if (!arg_tensor(c, 0, &a) || !op1(S, OPID_svd, a, &y)) return false;
    int64_t n = dim(a, 1), m = dim(a, 2);
    bool ok = cut(S, y, 2, 1, m, &v[0]) && cut(S, y, 2, 0, -1, &v[1]) && cut(S, y, 2, 1 + m, n, &v[2]) && turn(S, &v[2]);
    release(S, y);
    return named(S, name, v, 3, ok, c->out);
}

BUILTIN(cond, "cond(A)",
        "The condition number of a matrix, or of each of a batch, in the 2-norm: its largest singular value over "
        "its smallest, inf when it is singular. A solution of A @ x = b loses about log10(cond(A)) digits.")
{
    State *S = c->S;
    Value a, s, top = NIL, low = NIL;
    if (!arg_tensor(c, 0, &a) || !singular_values(S, a, &s)) return false;
    int64_t k = dim(s, 1);
    bool ok = k > 0 || diag_fail(S, DIAG_EMPTY, "cond of an empty matrix");
    ok = ok && cut(S, s, 1, 0, -1, &top) && cut(S, s, 1, k - 1, -1, &low) && op2(S, OPID_div, top, low, c->out);
    release(S, s);
    release(S, top);
    release(S, low);
    return ok;
}

BUILTIN(matrix_rank, "matrix_rank(A, tol: nil)",
        "How many singular values of a matrix, or of each of a batch, lie above tol (default: the largest times "
        "max(m, n) eps, as NumPy has it).")
{
    State *S = c->S;
    Value a, s, still, top = NIL, tol = NIL, above = NIL;
    double t = 0;
    if (!arg_tensor(c, 0, &a) || (arg_given(c, 1) && !arg_num(c, 1, &t)) || !tape_stop_tree(S, a, &still)) return false;
    bool found = singular_values(S, still, &s);
    release(S, still);
    if (!found) return false;
    int64_t m = dim(a, 2), n = dim(a, 1);
    double eps = (s.t->dtype == DT_F32 ? FLT_EPSILON : DBL_EPSILON) * (double)(m > n ? m : n);
    bool ok = true;
    if (arg_given(c, 1) || dim(s, 1) == 0) tol = val_num(t);
    else ok = cut(S, s, 1, 0, 1, &top) && op2(S, OPID_mul, top, val_num(eps), &tol);
    ok = ok && op2(S, OPID_lt, tol, s, &above);
    int axis = val_rank(s) - 1;
    ok = ok && op_reduce(S, OPID_sum, above, &axis, 1, false, c->out);
    release(S, s);
    release(S, top);
    release(S, tol);
    release(S, above);
    return ok;
}
