/* shape.c -- operations that rearrange elements and compute nothing.
**
** reshape, permute, broadcast_to and slice are views wherever strides can say it; unslice is slice turned
** round (a part laid into zeros), and the two are each other's derivative. All operations here are linear,
** so a tangent is the operation itself applied to the tangent, and an adjoint is its transpose:
**
**   reshape <-> reshape     permute <-> inverse permute     broadcast_to <-> sum_to
**   slice <-> unslice       concat <-> slices               diag_part <-> diag_embed
**
** A slice is three attributes per source axis: start, count (-1: index, drops the axis), step.
** SPDX-License-Identifier: MIT */
#include "runtime/ops/walk.h"

/* ---- reshape ---- */
static bool infer_attr_shape(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = f->nattr;
    for (int i = 0; i < f->nattr; i++) f->shape[i] = f->attr[i].i;
    return true;
}

/* New strides when the same storage can be read in another shape; false when it must be copied. */
static bool view_reshape(State *S, Tensor *x, int nattr, const Attr *attr, Tensor *y)
{
    (void)S;
    const int64_t *xs = tensor_shape(x), *xst = tensor_strides(x);
    int64_t *ys = tensor_strides(y);
    y->offset = x->offset;
    if (x->contiguous || x->n == 0) {
        row_major(nattr, tensor_shape(y), ys);
        return true;
    }
    int64_t os[RANK_MAX], ost[RANK_MAX];
    int rank = 0;
    for (int i = 0; i < x->rank; i++)
        if (xs[i] != 1) os[rank] = xs[i], ost[rank++] = xst[i];
    int oi = 0, ni = 0;
    while (oi < rank && ni < nattr) {
        int oj = oi + 1, nj = ni + 1;
        int64_t on = os[oi], nn = attr[ni].i;
        while (on != nn)
            if (nn < on) nn *= attr[nj++].i;
            else on *= os[oj++];
        for (int k = oi; k < oj - 1; k++)
            if (ost[k] != os[k + 1] * ost[k + 1]) { /* the copy is plain */
                row_major(nattr, tensor_shape(y), ys);
                y->offset = 0;
                return false;
            }
        ys[nj - 1] = ost[oj - 1];
        for (int k = nj - 1; k > ni; k--) ys[k - 1] = ys[k] * attr[k].i;
        oi = oj;
        ni = nj;
    }
    for (; ni < nattr; ni++) ys[ni] = 1;
    return true;
}

static bool run_in_order(Run *r)
{
    int64_t st[RANK_MAX];
    row_major(r->x[0].rank, r->x[0].shape, st);
    arr_copy_all(r->S, r->x[0].rank, r->x[0].shape, r->y.p, r->y.dtype, st, r->x[0].p, r->x[0].dtype, r->x[0].stride);
    return true;
}

static void adjoint_reshape(Rule *r) { r->dx[0] = r_reshape(r, r->dy, r->x[0]); }
static void tangent_reshape(Rule *r) { r->dyout = r_op(r, OPID_reshape, &r->dxin[0], 1, r->attr, r->nattr); }
OP(reshape, .nin = 1, .batch = b_shape, .flags = OPF_VIEW | OPF_HIDDEN, .infer = infer_attr_shape, .view = view_reshape,
   .run = run_in_order, .adjoint = adjoint_reshape, .tangent = tangent_reshape,
   .doc = "reshape(x, n...): the same elements in row-major order under another shape")

/* ---- permute ---- */
static bool infer_permute(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = f->nattr;
    for (int i = 0; i < f->nattr; i++) f->shape[i] = val_shape(f->x[0])[f->attr[i].i];
    return true;
}

static bool view_permute(State *S, Tensor *x, int nattr, const Attr *attr, Tensor *y)
{
    (void)S;
    y->offset = x->offset;
    for (int i = 0; i < nattr; i++) tensor_strides(y)[i] = tensor_strides(x)[attr[i].i];
    return true;
}

static void adjoint_permute(Rule *r)
{
    Attr inv[RANK_MAX];
    for (int i = 0; i < r->nattr; i++) inv[r->attr[i].i].i = i;
    r->dx[0] = r_op(r, OPID_permute, &r->dy, 1, inv, r->nattr);
}
static void tangent_permute(Rule *r) { r->dyout = r_op(r, OPID_permute, &r->dxin[0], 1, r->attr, r->nattr); }
OP(permute, .nin = 1, .batch = b_permute, .flags = OPF_VIEW | OPF_HIDDEN, .infer = infer_permute, .view = view_permute,
   .adjoint = adjoint_permute, .tangent = tangent_permute,
   .doc = "permute(x, axes): axis i of the result is axis axes[i] of x")

/* ---- broadcast_to, fill ---- */
static bool view_broadcast(State *S, Tensor *x, int nattr, const Attr *attr, Tensor *y)
{
    (void)S;
    y->offset = x->offset;
    int lead = nattr - x->rank;
    for (int i = 0; i < nattr; i++) {
        int64_t n = i < lead ? 1 : tensor_shape(x)[i - lead];
        tensor_strides(y)[i] = i < lead || (n == 1 && attr[i].i != 1) ? 0 : tensor_strides(x)[i - lead];
    }
    return true;
}

static void adjoint_broadcast(Rule *r) { r->dx[0] = r_sum_to(r, r->dy, r->x[0]); }
static void tangent_broadcast(Rule *r) { r->dyout = r_op(r, OPID_broadcast_to, &r->dxin[0], 1, r->attr, r->nattr); }
OP(broadcast_to, .nin = 1, .batch = b_shape, .flags = OPF_VIEW | OPF_HIDDEN, .infer = infer_attr_shape,
   .view = view_broadcast, .adjoint = adjoint_broadcast, .tangent = tangent_broadcast,
   .doc = "broadcast_to(x, n...): x repeated along its axes of size 1 and along new leading axes, without a copy")

static bool run_fill_op(Run *r)
{
    char one[8];
    run_copy(one, r->y.dtype, 1, r->x[0].p, r->x[0].dtype, 1, 1);
    run_fill(r->y.p, r->y.dtype, 1, one, r->y.n);
    return true;
}
static void tangent_fill(Rule *r) { r->dyout = r_op(r, OPID_fill, &r->dxin[0], 1, r->attr, r->nattr); }
OP(fill, .nin = 1, .batch = b_shape, .flags = OPF_HIDDEN, .infer = infer_attr_shape, .run = run_fill_op,
   .adjoint = adjoint_broadcast, .tangent = tangent_fill,
   .doc = "fill(number, n...): a tensor that holds one number everywhere")

/* ---- slice, unslice ---- */
static bool infer_slice(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = 0;
    for (int i = 0; i < f->nattr / 3; i++)
        if (f->attr[3 * i + 1].i >= 0) f->shape[f->rank++] = f->attr[3 * i + 1].i;
    return true;
}

static bool view_slice(State *S, Tensor *x, int nattr, const Attr *attr, Tensor *y)
{
    (void)S;
    const int64_t *st = tensor_strides(x);
    y->offset = x->offset;
    for (int i = 0, k = 0; i < nattr / 3; i++) {
        if (x->n) y->offset += attr[3 * i].i * st[i];
        if (attr[3 * i + 1].i >= 0) tensor_strides(y)[k++] = attr[3 * i + 2].i * st[i];
    }
    return true;
}

static void adjoint_slice(Rule *r)
{
    Attr a[4 * RANK_MAX];
    int rank = r->nattr / 3;
    memcpy(a, r->attr, sizeof(Attr) * (size_t)r->nattr);
    for (int i = 0; i < rank; i++) a[3 * rank + i].i = val_shape(r->x[0])[i];
    r->dx[0] = r_op(r, OPID_unslice, &r->dy, 1, a, 4 * rank);
}
static void tangent_slice(Rule *r) { r->dyout = r_op(r, OPID_slice, &r->dxin[0], 1, r->attr, r->nattr); }
OP(slice, .nin = 1, .batch = b_slice, .flags = OPF_VIEW | OPF_HIDDEN, .infer = infer_slice, .view = view_slice,
   .adjoint = adjoint_slice, .tangent = tangent_slice, .doc = "x[...] with numbers, ranges and slices")

static bool infer_unslice(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = f->nattr / 4;
    for (int i = 0; i < f->rank; i++) f->shape[i] = f->attr[3 * f->rank + i].i;
    return true;
}

static bool run_unslice(Run *r)
{
    int rank = r->nattr / 4, k = 0;
    int64_t full[RANK_MAX], shape[RANK_MAX], st[RANK_MAX], off = 0;
    row_major(rank, r->y.shape, full);
    for (int i = 0; i < rank; i++) {
        off += r->attr[3 * i].i * full[i];
        if (r->attr[3 * i + 1].i < 0) continue;
        shape[k] = r->attr[3 * i + 1].i;
        st[k++] = r->attr[3 * i + 2].i * full[i];
    }
    memset(r->y.p, 0, (size_t)r->y.n * dtype_size[r->y.dtype]);
    if (r->x[0].n == 0) return true;
    arr_copy_all(r->S, k, shape, at_bytes(r->y.p, r->y.dtype, off), r->y.dtype, st, r->x[0].p, r->x[0].dtype,
                 r->x[0].stride);
    return true;
}

static void adjoint_unslice(Rule *r) { r->dx[0] = r_op(r, OPID_slice, &r->dy, 1, r->attr, r->nattr / 4 * 3); }
static void tangent_unslice(Rule *r) { r->dyout = r_op(r, OPID_unslice, &r->dxin[0], 1, r->attr, r->nattr); }
OP(unslice, .nin = 1, .batch = b_unslice, .flags = OPF_HIDDEN, .infer = infer_unslice, .run = run_unslice,
   .adjoint = adjoint_unslice, .tangent = tangent_unslice,
   .doc = "zeros with x laid into the place that slice takes it from")

/* ---- concat, stack ---- */
static Arr *inputs(Run *r) { return r->more ? r->more : r->x; }

static bool same_dtype(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    for (int i = 1; i < f->nin; i++)
        if (val_dtype(f->S, f->x[i]) != f->dtype) return promote(f->S, f->op->name, f->x, f->nin, false, &f->dtype);
    return true;
}

static bool infer_concat(Infer *f)
{
    int axis = (int)f->attr[0].i;
    if (!same_dtype(f)) return false;
    f->rank = val_rank(f->x[0]);
    memcpy(f->shape, val_shape(f->x[0]), sizeof(int64_t) * (size_t)f->rank);
    for (int i = 1; i < f->nin; i++) {
        bool ok = val_rank(f->x[i]) == f->rank;
        for (int k = 0; ok && k < f->rank; k++) ok = k == axis || val_shape(f->x[i])[k] == f->shape[k];
        if (!ok) {
            char a[200], b[200];
            diag_fail(f->S, DIAG_SHAPE, "shapes do not meet in concat: %s and %s", shape_str(f->x[0].t, a, sizeof a),
                      is_tensor(f->x[i]) ? shape_str(f->x[i].t, b, sizeof b) : "a number");
            return diag_hint(f->S, "all shapes are equal but for axis %d", axis);
        }
        f->shape[axis] += val_shape(f->x[i])[axis];
    }
    return true;
}

static bool run_concat(Run *r)
{
    int axis = (int)r->attr[0].i;
    int64_t st[RANK_MAX], at = 0;
    row_major(r->y.rank, r->y.shape, st);
    for (int i = 0; i < r->nin; i++) {
        const Arr *x = &inputs(r)[i];
        arr_copy_all(r->S, x->rank, x->shape, at_bytes(r->y.p, r->y.dtype, at * st[axis]), r->y.dtype, st, x->p,
                     x->dtype, x->stride);
        at += x->shape[axis];
    }
    return true;
}

static void part_attrs(Value like, int axis, int64_t start, int64_t count, Attr *a)
{
    for (int k = 0; k < val_rank(like); k++) {
        a[3 * k].i = k == axis ? start : 0;
        a[3 * k + 1].i = k == axis ? count : val_shape(like)[k];
        a[3 * k + 2].i = 1;
    }
}

static void adjoint_concat(Rule *r)
{
    int axis = (int)r->attr[0].i;
    int64_t at = 0;
    Attr a[3 * RANK_MAX];
    for (int i = 0; i < r->nin; i++) {
        int64_t n = val_shape(r->x[i])[axis];
        part_attrs(r->x[i], axis, at, n, a);
        if (need(r, i)) r->dx[i] = r_op(r, OPID_slice, &r->dy, 1, a, 3 * val_rank(r->x[i]));
        at += n;
    }
}

/* The tangents of many inputs, zeros where nothing moves, under the same operation. */
static void tangent_many(Rule *r, OpId op)
{
    Value *v = mem_alloc(r->S, sizeof(Value) * (size_t)r->nin);
    if (!v) return;
    for (int i = 0; i < r->nin; i++) v[i] = is_nil(r->dxin[i]) ? r_zeros_like(r, r->x[i]) : r->dxin[i];
    r->dyout = r_op(r, op, v, r->nin, r->attr, r->nattr);
    mem_free(r->S, v, sizeof(Value) * (size_t)r->nin);
}
static void tangent_concat(Rule *r) { tangent_many(r, OPID_concat); }
OP(concat, .nin = -1, .batch = b_axis, .flags = OPF_HIDDEN, .infer = infer_concat, .run = run_concat,
   .adjoint = adjoint_concat, .tangent = tangent_concat,
   .doc = "concat(list, axis: 0): tensors one after the other along an axis")

static bool infer_stack(Infer *f)
{
    int axis = (int)f->attr[0].i;
    if (!same_dtype(f)) return false;
    int rank = val_rank(f->x[0]);
    for (int i = 1; i < f->nin; i++)
        if (val_rank(f->x[i]) != rank ||
            (rank && memcmp(val_shape(f->x[i]), val_shape(f->x[0]), sizeof(int64_t) * (size_t)rank))) {
            char a[200], b[200];
            return diag_fail(f->S, DIAG_RAGGED, "rows differ in shape: row 0 is %s, row %d is %s",
                             rank ? shape_str(f->x[0].t, a, sizeof a) : "a number", i,
                             is_tensor(f->x[i]) ? shape_str(f->x[i].t, b, sizeof b) : "a number");
        }
    f->rank = rank + 1;
    if (f->rank > RANK_MAX) return diag_fail(f->S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    for (int k = 0, j = 0; k < f->rank; k++) f->shape[k] = k == axis ? f->nin : val_shape(f->x[0])[j++];
    return true;
}

static bool run_stack(Run *r)
{
    int axis = (int)r->attr[0].i;
    int64_t full[RANK_MAX], st[RANK_MAX];
    row_major(r->y.rank, r->y.shape, full);
    for (int k = 0, j = 0; k < r->y.rank; k++)
        if (k != axis) st[j++] = full[k];
    for (int i = 0; i < r->nin; i++) {
        const Arr *x = &inputs(r)[i];
        arr_copy_all(r->S, x->rank, x->shape, at_bytes(r->y.p, r->y.dtype, i * full[axis]), r->y.dtype, st, x->p,
                     x->dtype, x->stride);
    }
    return true;
}

static void adjoint_stack(Rule *r)
{
    int axis = (int)r->attr[0].i;
    Attr a[3 * RANK_MAX];
    for (int i = 0; i < r->nin; i++) {
        if (!need(r, i)) continue;
        part_attrs(r->dy, axis, i, -1, a);
        r->dx[i] = r_op(r, OPID_slice, &r->dy, 1, a, 3 * val_rank(r->dy));
    }
}
static void tangent_stack(Rule *r) { tangent_many(r, OPID_stack); }
OP(stack, .nin = -1, .batch = b_axis, .flags = OPF_HIDDEN, .infer = infer_stack, .run = run_stack,
   .adjoint = adjoint_stack, .tangent = tangent_stack,
   .doc = "stack(list, axis: 0): tensors of one shape along a new axis")

/* ---- triangles and diagonals of the last two axes ---- */
static bool run_triangle(Run *r, bool upper)
{
    int64_t k = r->attr[0].i, rows = r->y.shape[r->y.rank - 2], cols = r->y.shape[r->y.rank - 1];
    if (r->y.p != r->x[0].p) run_in_order(r);
    size_t size = dtype_size[r->y.dtype];
    for (int64_t m = 0; r->y.n && m < r->y.n / (rows * cols); m++)
        for (int64_t i = 0; i < rows; i++) {
            char *row = at_bytes(r->y.p, r->y.dtype, (m * rows + i) * cols);
            int64_t cut = i + k + (upper ? 0 : 1); /* lower keeps [0, cut), upper [cut, cols) */
            cut = cut < 0 ? 0 : cut > cols ? cols : cut;
            if (upper) memset(row, 0, (size_t)cut * size);
            else memset(row + (size_t)cut * size, 0, (size_t)(cols - cut) * size);
        }
    return true;
}

static bool infer_matrix(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = val_rank(f->x[0]);
    char s[200];
    if (f->rank < 2)
        return diag_fail(f->S, DIAG_SHAPE, "%s takes a matrix, not %s", f->op->name,
                         f->rank ? shape_str(f->x[0].t, s, sizeof s) : "a number");
    memcpy(f->shape, val_shape(f->x[0]), sizeof(int64_t) * (size_t)f->rank);
    return true;
}
static bool run_tril(Run *r) { return run_triangle(r, false); }
static bool run_triu(Run *r) { return run_triangle(r, true); }
static void adjoint_tril(Rule *r) { r->dx[0] = r_op(r, OPID_tril, &r->dy, 1, r->attr, 1); }
static void tangent_tril(Rule *r) { r->dyout = r_op(r, OPID_tril, &r->dxin[0], 1, r->attr, 1); }
static void adjoint_triu(Rule *r) { r->dx[0] = r_op(r, OPID_triu, &r->dy, 1, r->attr, 1); }
static void tangent_triu(Rule *r) { r->dyout = r_op(r, OPID_triu, &r->dxin[0], 1, r->attr, 1); }
OP(tril, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN | OPF_INPLACE, .infer = infer_matrix, .run = run_tril,
   .adjoint = adjoint_tril, .tangent = tangent_tril, .doc = "tril(x, k: 0): x on and below diagonal k, zero above")
OP(triu, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN | OPF_INPLACE, .infer = infer_matrix, .run = run_triu,
   .adjoint = adjoint_triu, .tangent = tangent_triu, .doc = "triu(x, k: 0): x on and above diagonal k, zero below")

static int64_t diagonal(int64_t rows, int64_t cols, int64_t k)
{
    int64_t n = k >= 0 ? (cols - k < rows ? cols - k : rows) : (rows + k < cols ? rows + k : cols);
    return n < 0 ? 0 : n;
}

static bool infer_diag_part(Infer *f)
{
    if (!infer_matrix(f)) return false;
    int r = f->rank;
    f->shape[r - 2] = diagonal(f->shape[r - 2], f->shape[r - 1], f->attr[0].i);
    f->rank--;
    return true;
}

static bool view_diag_part(State *S, Tensor *x, int nattr, const Attr *attr, Tensor *y)
{
    (void)S, (void)nattr;
    int r = x->rank;
    int64_t k = attr[0].i;
    const int64_t *st = tensor_strides(x);
    y->offset = x->offset;
    if (y->n) y->offset += k >= 0 ? k * st[r - 1] : -k * st[r - 2];
    for (int i = 0; i < r - 2; i++) tensor_strides(y)[i] = st[i];
    tensor_strides(y)[r - 2] = st[r - 2] + st[r - 1];
    return true;
}

static void adjoint_diag_part(Rule *r)
{
    const int64_t *s = val_shape(r->x[0]);
    int k = val_rank(r->x[0]);
    Attr a[3] = {{.i = r->attr[0].i}, {.i = s[k - 2]}, {.i = s[k - 1]}};
    r->dx[0] = r_op(r, OPID_diag_embed, &r->dy, 1, a, 3);
}
static void tangent_diag_part(Rule *r) { r->dyout = r_op(r, OPID_diag_part, &r->dxin[0], 1, r->attr, 1); }
OP(diag_part, .nin = 1, .batch = b_front, .flags = OPF_VIEW | OPF_HIDDEN, .infer = infer_diag_part,
   .view = view_diag_part, .adjoint = adjoint_diag_part, .tangent = tangent_diag_part,
   .doc = "diagonal k of the last two axes")

static bool infer_diag_embed(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    int r = val_rank(f->x[0]);
    if (r + 1 > RANK_MAX) return diag_fail(f->S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    if (r) memcpy(f->shape, val_shape(f->x[0]), sizeof(int64_t) * (size_t)r);
    f->rank = r + 1;
    f->shape[r - 1] = f->attr[1].i;
    f->shape[r] = f->attr[2].i;
    return true;
}

static bool run_diag_embed(Run *r)
{
    int n = r->y.rank;
    int64_t st[RANK_MAX], k = r->attr[0].i;
    row_major(n, r->y.shape, st);
    memset(r->y.p, 0, (size_t)r->y.n * dtype_size[r->y.dtype]);
    int64_t off = k >= 0 ? k * st[n - 1] : -k * st[n - 2];
    st[n - 2] += st[n - 1];
    arr_copy(n - 1, r->x[0].shape, at_bytes(r->y.p, r->y.dtype, off), r->y.dtype, st, r->x[0].p, r->x[0].dtype,
             r->x[0].stride);
    return true;
}
static void adjoint_diag_embed(Rule *r) { r->dx[0] = r_op(r, OPID_diag_part, &r->dy, 1, r->attr, 1); }
static void tangent_diag_embed(Rule *r) { r->dyout = r_op(r, OPID_diag_embed, &r->dxin[0], 1, r->attr, 3); }
OP(diag_embed, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN, .infer = infer_diag_embed, .run = run_diag_embed,
   .adjoint = adjoint_diag_embed, .tangent = tangent_diag_embed, .doc = "zeros with x on diagonal k")

/* ---- the named helpers of op.h ---- */
static void shape_attrs(int rank, const int64_t *shape, Attr *a)
{
    for (int i = 0; i < rank; i++) a[i].i = shape[i];
}

static bool has_shape(Value x, int rank, const int64_t *shape)
{
    return val_rank(x) == rank && (!rank || !memcmp(val_shape(x), shape, sizeof(int64_t) * (size_t)rank));
}

bool op_reshape(State *S, Value x, int rank, const int64_t *shape, Value *out)
{
    if (has_shape(x, rank, shape)) return *out = retain(x), true;
    int64_t n = shape_count(S, rank, shape);
    if (n < 0) return false;
    if (n != val_size(x)) {
        Buf b;
        char s[200];
        buf_init(&b, S);
        shape_text(&b, rank, shape);
        buf_put(&b, "", 1);
        diag_fail(S, DIAG_RESHAPE, "%s has %lld elements, %s needs %lld",
                  is_tensor(x) ? shape_str(x.t, s, sizeof s) : "a number", (long long)val_size(x), b.p ? b.p : "",
                  (long long)n);
        buf_deinit(&b);
        return false;
    }
    Attr a[RANK_MAX];
    shape_attrs(rank, shape, a);
    return op_apply(S, is_tensor(x) ? OPID_reshape : OPID_fill, &x, 1, a, rank, out);
}

bool op_permute(State *S, Value x, const int *axes, Value *out)
{
    Attr a[RANK_MAX];
    bool same = true;
    for (int i = 0; i < val_rank(x); i++) a[i].i = axes[i], same &= axes[i] == i;
    if (same) return *out = retain(x), true;
    return op_apply(S, OPID_permute, &x, 1, a, val_rank(x), out);
}

bool op_swapaxes(State *S, Value x, int i, int j, Value *out)
{
    int axes[RANK_MAX], rank = val_rank(x);
    if (i < 0) i += rank;
    if (j < 0) j += rank;
    for (int k = 0; k < rank; k++) axes[k] = k == i ? j : k == j ? i : k;
    return op_permute(S, x, axes, out);
}

bool op_broadcast_to(State *S, Value x, int rank, const int64_t *shape, Value *out)
{
    if (has_shape(x, rank, shape)) return *out = retain(x), true;
    int lead = rank - val_rank(x);
    bool ok = lead >= 0;
    for (int i = 0; ok && i < val_rank(x); i++) ok = val_shape(x)[i] == 1 || val_shape(x)[i] == shape[lead + i];
    if (!ok) {
        Buf b;
        char s[200];
        buf_init(&b, S);
        shape_text(&b, rank, shape);
        buf_put(&b, "", 1);
        diag_fail(S, DIAG_SHAPE, "%s does not stretch to %s", shape_str(x.t, s, sizeof s), b.p ? b.p : "");
        buf_deinit(&b);
        return false;
    }
    Attr a[RANK_MAX];
    shape_attrs(rank, shape, a);
    return op_apply(S, is_tensor(x) ? OPID_broadcast_to : OPID_fill, &x, 1, a, rank, out);
}

bool op_sum_to(State *S, Value x, int rank, const int64_t *shape, Value *out)
{
    if (has_shape(x, rank, shape)) return *out = retain(x), true;
    if (val_rank(x) < rank) return op_broadcast_to(S, x, rank, shape, out);
    int axes[RANK_MAX], n = 0, lead = val_rank(x) - rank;
    for (int i = 0; i < val_rank(x); i++)
        if (i < lead || (shape[i - lead] == 1 && val_shape(x)[i] != 1)) axes[n++] = i;
    if (rank == 0) return op_reduce(S, OPID_sum, x, NULL, 0, false, out);
    Value part;
    if (n == 0) part = retain(x);
    else if (!op_reduce(S, OPID_sum, x, axes, n, true, &part)) return false;
    bool ok = op_reshape(S, part, rank, shape, out);
    release(S, part);
    return ok;
}

bool op_concat(State *S, const Value *x, int n, int axis, Value *out)
{
    if (n == 1) return *out = retain(x[0]), true;
    Attr a = {.i = axis};
    return op_apply(S, OPID_concat, x, n, &a, 1, out);
}

bool op_stack(State *S, const Value *x, int n, int axis, Value *out)
{
    for (int i = 0; i < n; i++)
        if (!is_tensor(x[i])) return tensor_stack(S, x, n, out); /* numbers have axis 0 only */
    if (n == 0) return tensor_stack(S, x, n, out);
    Attr a = {.i = axis};
    return op_apply(S, OPID_stack, x, n, &a, 1, out);
}

bool op_slice(State *S, Value x, const int64_t *start, const int64_t *count, const int64_t *step, const bool *drop,
              Value *out)
{
    Attr a[3 * RANK_MAX];
    bool whole = true;
    for (int i = 0; i < val_rank(x); i++) {
        a[3 * i].i = start[i];
        a[3 * i + 1].i = drop[i] ? -1 : count[i];
        a[3 * i + 2].i = step[i];
        whole &= !drop[i] && start[i] == 0 && step[i] == 1 && count[i] == val_shape(x)[i];
    }
    if (whole) return *out = retain(x), true;
    return op_apply(S, OPID_slice, &x, 1, a, 3 * val_rank(x), out);
}
