/* index.c -- operations that choose elements by position.
**
** Positions are i64 tensors without negative ones, checked by whoever records the operation (runtime/index.c,
** the built-ins), so that nothing here can fail on data. Reading and adding are each other's derivative:
**
**   take <-> take_add (rows along one axis)      gather <-> scatter_add (element by element)
**
** set_slice and set_rows are x[...] = v as a value: x with a part replaced. The positions of set_rows differ
** from each other (later duplicates were dropped before).
** SPDX-License-Identifier: MIT */
#include "runtime/ops/walk.h"
#include "runtime/threads.h"

/* ---- take, take_add: attributes [0] axis, [1] size of that axis in x ---- */
static bool infer_take(Infer *f)
{
    int axis = (int)f->attr[0].i, ri = val_rank(f->x[1]), rx = val_rank(f->x[0]);
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = 0;
    if (rx - 1 + ri > RANK_MAX) return diag_fail(f->S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    for (int i = 0; i < axis; i++) f->shape[f->rank++] = val_shape(f->x[0])[i];
    for (int i = 0; i < ri; i++) f->shape[f->rank++] = val_shape(f->x[1])[i];
    for (int i = axis + 1; i < rx; i++) f->shape[f->rank++] = val_shape(f->x[0])[i];
    return true;
}

/* Whole rows of a plain table. */
typedef struct TakeRows {
    const int64_t *idx;
    const char *x;
    char *y;
    size_t bytes, step; /* of a row; from one to the next in the table */
} TakeRows;

static void take_body(void *ud, int64_t lo, int64_t hi)
{
    const TakeRows *t = ud;
    for (int64_t i = lo; i < hi; i++) memcpy(t->y + (size_t)i * t->bytes, t->x + (size_t)t->idx[i] * t->step, t->bytes);
}

static bool run_take(Run *r)
{
    const Arr *x = &r->x[0];
    int axis = (int)r->attr[0].i;
    int64_t m = r->x[1].n, inner[RANK_MAX], chunk = row_major(x->rank - axis - 1, x->shape + axis + 1, inner), o = 0;
    bool plain = true;
    void *tmp;
    size_t cap;
    for (int i = axis + 1; i < x->rank; i++) plain &= x->shape[i] == 1 || x->stride[i] == inner[i - axis - 1];
    const int64_t *idx = arr_plain(r->S, &r->x[1], DT_I64, &tmp, &cap);
    if (!idx) return false;
    Walk w;
    const int64_t *st[1] = {x->stride};
    size_t bytes = (size_t)chunk * dtype_size[x->dtype];
    if (axis == 0 && plain && chunk > 1) {
        TakeRows t = {idx, x->p, r->y.p, bytes, (size_t)x->stride[0] * dtype_size[x->dtype]};
        par_for(r->S, m, par_grain(5 + 0.1 * (double)bytes), take_body, &t);
    } else if (chunk)
        for (bool on = walk_init(&w, axis, x->shape, 1, st); on; on = walk_next(&w))
            for (int64_t k = 0; k < w.n; k++) {
                if (chunk == 1 && bytes == 8) { /* of any type */
                    const uint64_t *p = at_bytes(x->p, x->dtype, w.off[0] + k * w.step[0]);
                    uint64_t *y = at_bytes(r->y.p, x->dtype, o);
                    int64_t step = x->stride[axis];
                    for (int64_t i = 0; i < m; i++) y[i] = p[idx[i] * step];
                    o += m;
                    continue;
                }
                for (int64_t i = 0; i < m; i++, o += chunk) {
                    const void *p = at_bytes(x->p, x->dtype, w.off[0] + k * w.step[0] + idx[i] * x->stride[axis]);
                    void *y = at_bytes(r->y.p, x->dtype, o);
                    if (plain) memcpy(y, p, bytes);
                    else
                        arr_copy(x->rank - axis - 1, x->shape + axis + 1, y, x->dtype, inner, p, x->dtype,
                                 x->stride + axis + 1);
                }
            }
    if (tmp) mem_block_free(r->S, tmp, cap);
    return true;
}

static void adjoint_take(Rule *r)
{
    Attr a[2] = {r->attr[0], {.i = val_shape(r->x[0])[r->attr[0].i]}};
    Value v[2] = {r->dy, r->x[1]};
    if (need(r, 0)) r->dx[0] = r_op(r, OPID_take_add, v, 2, a, 2);
}
static void tangent_take(Rule *r)
{
    Value v[2] = {r->dxin[0], r->x[1]};
    if (!is_nil(v[0])) r->dyout = r_op(r, OPID_take, v, 2, r->attr, 1);
}
OP(take, .nin = 2, .batch = b_take, .flags = OPF_HIDDEN, .keep = KEEP_X1, .infer = infer_take, .run = run_take,
   .adjoint = adjoint_take, .tangent = tangent_take,
   .doc = "take(x, index): rows of x along an axis, in the order of index")

static bool infer_take_add(Infer *f)
{
    int axis = (int)f->attr[0].i, ri = val_rank(f->x[1]), ry = val_rank(f->x[0]);
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = 0;
    for (int i = 0; i < axis; i++) f->shape[f->rank++] = val_shape(f->x[0])[i];
    f->shape[f->rank++] = f->attr[1].i;
    for (int i = axis + ri; i < ry; i++) f->shape[f->rank++] = val_shape(f->x[0])[i];
    return true;
}

#define ADD_RUN(T)                                                                                                     \
    do {                                                                                                               \
        T *yy = (T *)y;                                                                                                \
        const T *xx = (const T *)x;                                                                                    \
        for (int64_t i = 0; i < n; i++) yy[i * ystep] += xx[i * xstep];                                                \
    } while (0)
static void run_add(void *y, int64_t ystep, const void *x, int64_t xstep, DType d, int64_t n)
{
    switch (d) {
    case DT_F64: ADD_RUN(double); break;
    case DT_F32: ADD_RUN(float); break;
    case DT_I64: ADD_RUN(uint64_t); break;
    case DT_I32: ADD_RUN(uint32_t); break;
    case DT_U8: ADD_RUN(uint8_t); break;
    case DT_BOOL:
        for (int64_t i = 0; i < n; i++) ((uint8_t *)y)[i * ystep] |= ((const uint8_t *)x)[i * xstep];
        break;
    case DT_COUNT: break;
    }
}

static bool run_take_add(Run *r)
{
    int axis = (int)r->attr[0].i;
    int64_t m = r->x[1].n, size = r->attr[1].i, outer = 1, chunk = 1;
    void *tx, *ti;
    size_t cx, ci;
    memset(r->y.p, 0, (size_t)r->y.n * dtype_size[r->y.dtype]);
    const char *x = arr_plain(r->S, &r->x[0], r->y.dtype, &tx, &cx);
    if (!x) return false;
    const int64_t *idx = arr_plain(r->S, &r->x[1], DT_I64, &ti, &ci);
    if (idx) {
        for (int i = 0; i < axis; i++) outer *= r->y.shape[i];
        for (int i = axis + 1; i < r->y.rank; i++) chunk *= r->y.shape[i];
        if (chunk == 1 && r->y.dtype == DT_F64) {
            double *y = r->y.p;
            const double *p = (const double *)x;
            for (int64_t k = 0; k < outer; k++, y += size, p += m)
                for (int64_t i = 0; i < m; i++) y[idx[i]] += p[i];
            outer = 0;
        }
        for (int64_t k = 0; k < outer; k++)
            for (int64_t i = 0; i < m; i++)
                run_add(at_bytes(r->y.p, r->y.dtype, (k * size + idx[i]) * chunk), 1,
                        at_bytes(x, r->y.dtype, (k * m + i) * chunk), 1, r->y.dtype, chunk);
    }
    if (tx) mem_block_free(r->S, tx, cx);
    if (ti) mem_block_free(r->S, ti, ci);
    return idx != NULL;
}

static void adjoint_take_add(Rule *r)
{
    Value v[2] = {r->dy, r->x[1]};
    if (need(r, 0)) r->dx[0] = r_op(r, OPID_take, v, 2, r->attr, 1);
}
static void tangent_take_add(Rule *r)
{
    Value v[2] = {r->dxin[0], r->x[1]};
    if (!is_nil(v[0])) r->dyout = r_op(r, OPID_take_add, v, 2, r->attr, 2);
}
OP(take_add, .nin = 2, .batch = b_take_add, .flags = OPF_HIDDEN, .keep = KEEP_X1, .infer = infer_take_add,
   .run = run_take_add, .adjoint = adjoint_take_add, .tangent = tangent_take_add,
   .doc = "zeros to which rows are added at the places of index")

/* ---- gather, scatter_add: attribute [0] axis ---- */
static bool index_fits(Infer *f, Value x, Value idx, int axis)
{
    bool ok = val_rank(x) == val_rank(idx);
    for (int i = 0; ok && i < val_rank(x); i++) ok = i == axis || val_shape(idx)[i] <= val_shape(x)[i];
    if (ok) return true;
    char a[200], b[200];
    return diag_fail(f->S, DIAG_SHAPE, "shapes do not meet in %s: %s by index %s along axis %d", f->op->name,
                     is_tensor(x) ? shape_str(x.t, a, sizeof a) : "a number",
                     is_tensor(idx) ? shape_str(idx.t, b, sizeof b) : "a number", axis);
}

static bool infer_gather(Infer *f)
{
    if (!index_fits(f, f->x[0], f->x[1], (int)f->attr[0].i)) return false;
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = val_rank(f->x[1]);
    memcpy(f->shape, val_shape(f->x[1]), sizeof(int64_t) * (size_t)f->rank);
    return true;
}

/* Walks index and part (row-major) beside big, whose offset along axis comes from the index. */
static void pair_up(const Arr *big, char *bigp, const int64_t *bst, const Arr *idx, const int64_t *ip, int axis,
                    char *part, const int64_t *pst, bool add)
{
    int64_t ist[RANK_MAX], b0[RANK_MAX];
    DType d = big->dtype;
    size_t size = dtype_size[d];
    row_major(idx->rank, idx->shape, ist);
    memcpy(b0, bst, sizeof(int64_t) * (size_t)big->rank);
    int64_t along = b0[axis];
    b0[axis] = 0;
    Walk w;
    const int64_t *st[3] = {ist, b0, pst};
    for (bool on = walk_init(&w, idx->rank, idx->shape, 3, st); on; on = walk_next(&w))
        for (int64_t i = 0; i < w.n; i++) {
            char *b = at_bytes(bigp, d, w.off[1] + i * w.step[1] + ip[w.off[0] + i * w.step[0]] * along);
            char *p = at_bytes(part, d, w.off[2] + i * w.step[2]);
            if (add) run_add(b, 1, p, 1, d, 1);
            else if (size == 8) memcpy(p, b, 8);
            else memcpy(p, b, size);
        }
}

static bool run_gather(Run *r)
{
    void *tmp;
    size_t cap;
    int64_t pst[RANK_MAX];
    const int64_t *idx = arr_plain(r->S, &r->x[1], DT_I64, &tmp, &cap);
    if (!idx) return false;
    row_major(r->y.rank, r->y.shape, pst);
    pair_up(&r->x[0], r->x[0].p, r->x[0].stride, &r->x[1], idx, (int)r->attr[0].i, r->y.p, pst, false);
    if (tmp) mem_block_free(r->S, tmp, cap);
    return true;
}

static void adjoint_gather(Rule *r)
{
    if (!need(r, 0)) return;
    Value v[3] = {r_zeros_like(r, r->x[0]), r->x[1], r->dy};
    r->dx[0] = r_op(r, OPID_scatter_add, v, 3, r->attr, 1);
}
static void tangent_gather(Rule *r)
{
    Value v[2] = {r->dxin[0], r->x[1]};
    if (!is_nil(v[0])) r->dyout = r_op(r, OPID_gather, v, 2, r->attr, 1);
}
OP(gather, .nin = 2, .batch = b_axis, .flags = OPF_HIDDEN, .keep = KEEP_X1, .infer = infer_gather, .run = run_gather,
   .adjoint = adjoint_gather, .tangent = tangent_gather, .doc = "y[i][j] = x[index[i][j]][j], along an axis")

static bool infer_scatter_add(Infer *f)
{
    Value x = f->x[0], v = f->x[2];
    if (!index_fits(f, x, f->x[1], (int)f->attr[0].i)) return false;
    bool ok = val_rank(v) == val_rank(x);
    for (int i = 0; ok && i < val_rank(v); i++) ok = val_shape(f->x[1])[i] <= val_shape(v)[i];
    if (!ok) {
        char a[200], b[200];
        return diag_fail(f->S, DIAG_SHAPE, "shapes do not meet in scatter_add: index %s, source %s",
                         shape_str(f->x[1].t, a, sizeof a), is_tensor(v) ? shape_str(v.t, b, sizeof b) : "a number");
    }
    f->dtype = val_dtype(f->S, x);
    f->rank = val_rank(x);
    memcpy(f->shape, val_shape(x), sizeof(int64_t) * (size_t)f->rank);
    return true;
}

static bool run_scatter_add(Run *r)
{
    void *ti, *tv;
    size_t ci, cv;
    int64_t full[RANK_MAX], vst[RANK_MAX];
    row_major(r->y.rank, r->y.shape, full);
    row_major(r->x[2].rank, r->x[2].shape, vst);
    if (r->y.p != r->x[0].p)
        arr_copy_all(r->S, r->y.rank, r->y.shape, r->y.p, r->y.dtype, full, r->x[0].p, r->x[0].dtype, r->x[0].stride);
    const int64_t *idx = arr_plain(r->S, &r->x[1], DT_I64, &ti, &ci);
    if (!idx) return false;
    const char *v = arr_plain(r->S, &r->x[2], r->y.dtype, &tv, &cv);
    if (v) pair_up(&r->y, r->y.p, full, &r->x[1], idx, (int)r->attr[0].i, (char *)v, vst, true);
    if (ti) mem_block_free(r->S, ti, ci);
    if (tv) mem_block_free(r->S, tv, cv);
    return v != NULL;
}

static void adjoint_scatter_add(Rule *r)
{
    if (need(r, 0)) r->dx[0] = r->dy;
    if (!need(r, 2)) return;
    Value v[2] = {r->dy, r->x[1]}, g = r_op(r, OPID_gather, v, 2, r->attr, 1);
    if (is_nil(g) || !memcmp(val_shape(r->x[1]), val_shape(r->x[2]), sizeof(int64_t) * (size_t)val_rank(g))) {
        r->dx[2] = g;
        return;
    }
    Attr a[4 * RANK_MAX]; /* the source was larger than the index: the rest of it took no part */
    int rank = val_rank(g);
    for (int i = 0; i < rank; i++) {
        a[3 * i].i = 0;
        a[3 * i + 1].i = val_shape(g)[i];
        a[3 * i + 2].i = 1;
        a[3 * rank + i].i = val_shape(r->x[2])[i];
    }
    r->dx[2] = r_op(r, OPID_unslice, &g, 1, a, 4 * rank);
}
static void tangent_scatter_add(Rule *r)
{
    if (is_nil(r->dxin[2])) {
        r->dyout = r->dxin[0];
        return;
    }
    Value v[3] = {is_nil(r->dxin[0]) ? r_zeros_like(r, r->x[0]) : r->dxin[0], r->x[1], r->dxin[2]};
    r->dyout = r_op(r, OPID_scatter_add, v, 3, r->attr, 1);
}
OP(scatter_add, .nin = 3, .batch = b_axis, .flags = OPF_HIDDEN | OPF_INPLACE, .keep = KEEP_X1,
   .infer = infer_scatter_add, .run = run_scatter_add, .adjoint = adjoint_scatter_add, .tangent = tangent_scatter_add,
   .doc = "x with source[i][j] added to x[index[i][j]][j], along an axis; repeated places add up")

/* ---- set_slice: attributes as slice; inputs x, v (of the slice's shape, or a number) ---- */
static bool infer_first(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = val_rank(f->x[0]);
    memcpy(f->shape, val_shape(f->x[0]), sizeof(int64_t) * (size_t)f->rank);
    return true;
}

static void copy_first(Run *r, int64_t *full)
{
    row_major(r->y.rank, r->y.shape, full);
    if (r->y.p != r->x[0].p)
        arr_copy_all(r->S, r->y.rank, r->y.shape, r->y.p, r->y.dtype, full, r->x[0].p, r->x[0].dtype, r->x[0].stride);
}

static bool run_set_slice(Run *r)
{
    static const int64_t none[RANK_MAX] = {0};
    int64_t full[RANK_MAX], shape[RANK_MAX], st[RANK_MAX], off = 0;
    int k = 0;
    copy_first(r, full);
    for (int i = 0; i < r->y.rank; i++) {
        off += r->attr[3 * i].i * full[i];
        if (r->attr[3 * i + 1].i < 0) continue;
        shape[k] = r->attr[3 * i + 1].i;
        st[k++] = r->attr[3 * i + 2].i * full[i];
    }
    if (r->y.n == 0) return true;
    arr_copy(k, shape, at_bytes(r->y.p, r->y.dtype, off), r->y.dtype, st, r->x[1].p, r->x[1].dtype,
             r->x[1].rank ? r->x[1].stride : none);
    return true;
}

static Value r_set_slice(Rule *r, Value x, Value v)
{
    Value in[2] = {x, v};
    return r_op(r, OPID_set_slice, in, 2, r->attr, r->nattr);
}
static void adjoint_set_slice(Rule *r)
{
    if (need(r, 0)) r->dx[0] = r_set_slice(r, r->dy, r_num(0));
    if (need(r, 1)) r->dx[1] = r_op(r, OPID_slice, &r->dy, 1, r->attr, r->nattr);
}
static void tangent_set_slice(Rule *r)
{
    Value x = is_nil(r->dxin[0]) ? r_zeros_like(r, r->x[0]) : r->dxin[0];
    r->dyout = r_set_slice(r, x, is_nil(r->dxin[1]) ? r_num(0) : r->dxin[1]);
}
OP(set_slice, .nin = 2, .batch = b_set_slice, .flags = OPF_HIDDEN | OPF_INPLACE, .infer = infer_first,
   .run = run_set_slice, .adjoint = adjoint_set_slice, .tangent = tangent_set_slice,
   .doc = "x with x[...] = v, by numbers, ranges and slices")

/* ---- set_rows along axis 0: inputs x [n, rest], index [k], v [k, rest] or a number ---- */
static bool run_set_rows(Run *r)
{
    int64_t full[RANK_MAX], m = r->x[1].n, chunk = r->y.rank && r->y.shape[0] ? r->y.n / r->y.shape[0] : 0;
    void *ti, *tv = NULL;
    size_t ci, cv = 0;
    char one[8];
    copy_first(r, full);
    if (!chunk || !m) return true;
    const int64_t *idx = arr_plain(r->S, &r->x[1], DT_I64, &ti, &ci);
    if (!idx) return false;
    const char *v = NULL;
    if (r->x[2].rank) v = arr_plain(r->S, &r->x[2], r->y.dtype, &tv, &cv);
    else run_copy(one, r->y.dtype, 1, r->x[2].p, r->x[2].dtype, 1, 1);
    bool ok = v || !r->x[2].rank;
    for (int64_t i = 0; ok && i < m; i++) {
        char *row = at_bytes(r->y.p, r->y.dtype, idx[i] * chunk);
        if (v) memcpy(row, at_bytes(v, r->y.dtype, i * chunk), (size_t)chunk * dtype_size[r->y.dtype]);
        else run_fill(row, r->y.dtype, 1, one, chunk);
    }
    if (ti) mem_block_free(r->S, ti, ci);
    if (tv) mem_block_free(r->S, tv, cv);
    return ok;
}

static Value r_set_rows(Rule *r, Value x, Value v)
{
    Value in[3] = {x, r->x[1], v};
    return r_op(r, OPID_set_rows, in, 3, NULL, 0);
}
static void adjoint_set_rows(Rule *r)
{
    if (need(r, 0)) r->dx[0] = r_set_rows(r, r->dy, r_num(0));
    if (!need(r, 2)) return;
    Attr axis = {.i = 0};
    Value in[2] = {r->dy, r->x[1]};
    r->dx[2] = r_op(r, OPID_take, in, 2, &axis, 1);
}
static void tangent_set_rows(Rule *r)
{
    Value x = is_nil(r->dxin[0]) ? r_zeros_like(r, r->x[0]) : r->dxin[0];
    r->dyout = r_set_rows(r, x, is_nil(r->dxin[2]) ? r_num(0) : r->dxin[2]);
}
OP(set_rows, .nin = 3, .batch = b_set_rows, .flags = OPF_HIDDEN | OPF_INPLACE, .keep = KEEP_X1, .infer = infer_first,
   .run = run_set_rows, .adjoint = adjoint_set_rows, .tangent = tangent_set_rows,
   .doc = "x with x[index] = v, row by row")

/* ---- the helper of op.h ---- */
bool op_gather_rows(State *S, Value x, int axis, Value idx, Value *out)
{
    Attr a = {.i = axis};
    Value in[2] = {x, idx};
    return op_apply(S, OPID_take, in, 2, &a, 1, out);
}
