/* linalg.c -- the matrix product as an operation. How it is computed is in gemm.c; systems and factorisations are in
** lapack.c and its neighbours.
**
** `@` as NumPy has it: vectors stand for a row on the left and a column on the right, leading axes are batches
** and broadcast (under the guard of LANGUAGE.md 3).
** SPDX-License-Identifier: MIT */
#include "runtime/ops/gemm.h"

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
        int64_t st[2][RANK_MAX], shape[RANK_MAX];
        for (int i = 0; i < n; i++) {
            int ia = i - (n - na), ib = i - (n - nb);
            int64_t da = ia < 0 ? 1 : x[0].shape[ia], db = ib < 0 ? 1 : x[1].shape[ib];
            shape[i] = da == 1 ? db : da;
            st[0][i] = da == 1 ? 0 : x[0].stride[ia];
            st[1][i] = db == 1 ? 0 : x[1].stride[ib];
        }
        MatBatch items = {n, shape, {st[0], st[1]}};
        ok = mat_products(r->S, d, a, b, &items, r->y.p);
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
