/* pool.c -- what stands in windows of the last two axes: their largest element, their mean.
**
** x [..., H, W] gives [..., oh, ow]. Attributes of all operations here:
**
**   [0] oh [1] ow   [2] kh [3] kw size   [4] sh [5] sw stride   [6] ph [7] pw padding   [8] dh [9] dw dilation
**   [10] 1: the axis is cut into oh (ow) windows, floor(i H / oh) to ceil((i + 1) H / oh), and [2]..[9] do not count;
**        2: means are of the elements inside; 0: padding counts, as zeros   [11] H [12] W
**
** The largest element is taken through its place (max_pool_index): the first among equals, and a NaN before all
** others, as PyTorch does. Its rules are gather and scatter_add by that place; the mean's rule is avg_unpool, whose
** rule is the mean.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/ops/walk.h"

enum { POOL_ATTRS = 13, POLL = 1 << 22 /* elements looked at between looks at the interrupt */ };

/* Places lo, lo + step ... below hi of one axis; `full` is how many there are with the padding. */
typedef struct Window {
    int64_t lo, hi, step, full;
} Window;

static inline Window window(const Attr *a, int axis, int64_t i)
{
    int64_t n = a[11 + axis].i, out = a[axis].i;
    if (a[10].i == 1) {
        Window w = {i * n / out, ((i + 1) * n + out - 1) / out, 1, 0};
        w.full = w.hi - w.lo;
        return w;
    }
    int64_t size = a[2 + axis].i, lo = i * a[4 + axis].i - a[6 + axis].i, d = a[8 + axis].i,
            hi = lo + (size - 1) * d + 1;
    if (lo < 0) lo += (-lo + d - 1) / d * d;
    return (Window){lo, hi < n ? hi : n, d, size};
}
static inline int64_t count(Window w) { return w.hi <= w.lo ? 0 : (w.hi - w.lo + w.step - 1) / w.step; }

static double share(const Attr *a, Window v, Window h)
{
    double n = a[10].i == 2 ? (double)count(v) * (double)count(h) : (double)v.full * (double)h.full;
    return n > 0 ? 1 / n : 0;
}

#define POOL_LOOPS(SUF, T)                                                                                             \
    static int64_t largest_##SUF(const T *x, int64_t W, Window v, Window h)                                            \
    {                                                                                                                  \
        int64_t at = v.lo * W + h.lo;                                                                                  \
        T top = (T)-INFINITY;                                                                                          \
        for (int64_t i = v.lo; i < v.hi; i += v.step)                                                                  \
            for (int64_t j = h.lo; j < h.hi; j += h.step) {                                                            \
                T e = x[i * W + j];                                                                                    \
                if (e > top || e != e) top = e, at = i * W + j;                                                        \
            }                                                                                                          \
        return at;                                                                                                     \
    }                                                                                                                  \
    static T mean_##SUF(const T *x, int64_t W, Window v, Window h, double part)                                        \
    {                                                                                                                  \
        double sum = 0;                                                                                                \
        for (int64_t i = v.lo; i < v.hi; i += v.step)                                                                  \
            for (int64_t j = h.lo; j < h.hi; j += h.step) sum += (double)x[i * W + j];                                 \
        return (T)(sum * part);                                                                                        \
    }                                                                                                                  \
    static void spread_##SUF(T *x, int64_t W, Window v, Window h, T e)                                                 \
    {                                                                                                                  \
        for (int64_t i = v.lo; i < v.hi; i += v.step)                                                                  \
            for (int64_t j = h.lo; j < h.hi; j += h.step) x[i * W + j] += e;                                           \
    }                                                                                                                  \
    /* the windows of row r of one plane */                                                                            \
    static void row_##SUF(OpId op, const Attr *a, int64_t r, const T *x, void *y)                                      \
    {                                                                                                                  \
        int64_t W = a[12].i, k = r * a[1].i;                                                                           \
        Window v = window(a, 0, r);                                                                                    \
        for (int64_t q = 0; q < a[1].i; q++, k++) {                                                                    \
            Window h = window(a, 1, q);                                                                                \
            if (op == OPID_avg_pool) ((T *)y)[k] = mean_##SUF(x, W, v, h, share(a, v, h));                             \
            else if (op == OPID_avg_unpool) spread_##SUF(y, W, v, h, (T)((double)x[k] * share(a, v, h)));              \
            else if (op == OPID_max_pool) ((T *)y)[k] = x[largest_##SUF(x, W, v, h)];                                  \
            else ((int64_t *)y)[k] = largest_##SUF(x, W, v, h);                                                        \
        }                                                                                                              \
    }
POOL_LOOPS(f64, double)
POOL_LOOPS(f32, float)

static bool pool(Run *r, OpId op)
{
    const Attr *a = r->attr;
    DType d = r->x[0].dtype == DT_F32 || r->y.dtype == DT_F32 ? DT_F32 : DT_F64;
    int64_t in = op == OPID_avg_unpool ? a[0].i * a[1].i : a[11].i * a[12].i;
    int64_t out = op == OPID_avg_unpool ? a[11].i * a[12].i : a[0].i * a[1].i, planes = out ? r->y.n / out : 0;
    void *tmp;
    size_t cap;
    if (op == OPID_avg_unpool && r->y.n) memset(r->y.p, 0, (size_t)r->y.n * dtype_size[d]);
    if (!r->y.n || !r->x[0].n) return true;
    const void *x = arr_plain(r->S, &r->x[0], d, &tmp, &cap);
    if (!x) return false;
    double work = 0, each = (double)a[1].i;
    each = a[10].i == 1 ? each + (double)in / (double)a[0].i : each * (double)a[2].i * (double)a[3].i;
    bool ok = true;
    for (int64_t k = 0; k < planes && ok; k++) {
        const void *xp = at_bytes(x, d, k * in);
        void *yp = at_bytes(r->y.p, r->y.dtype, k * out);
        for (int64_t i = 0; ok && i < a[0].i; i++) {
            if (d == DT_F64) row_f64(op, a, i, xp, yp);
            else row_f32(op, a, i, xp, yp);
            if ((work += each) > POLL) work = 0, ok = vm_check(r->S);
        }
    }
    if (tmp) mem_block_free(r->S, tmp, cap);
    return ok;
}

static bool infer_sizes(Infer *f, int64_t h, int64_t w)
{
    DType d = val_dtype(f->S, f->x[0]);
    f->dtype = dtype_float(d) ? d : default_float(f->S);
    f->rank = val_rank(f->x[0]);
    memcpy(f->shape, val_shape(f->x[0]), sizeof(int64_t) * (size_t)f->rank);
    f->shape[f->rank - 2] = h;
    f->shape[f->rank - 1] = w;
    return true;
}
static bool infer_pool(Infer *f) { return infer_sizes(f, f->attr[0].i, f->attr[1].i); }
static bool infer_unpool(Infer *f) { return infer_sizes(f, f->attr[11].i, f->attr[12].i); }
static bool infer_place(Infer *f)
{
    infer_pool(f);
    f->dtype = DT_I64;
    return true;
}

/* ---- means ---- */
static bool run_avg_pool(Run *r) { return pool(r, OPID_avg_pool); }
static bool run_avg_unpool(Run *r) { return pool(r, OPID_avg_unpool); }
static void adjoint_avg_pool(Rule *r) { r->dx[0] = r_op(r, OPID_avg_unpool, &r->dy, 1, r->attr, POOL_ATTRS); }
static void tangent_avg_pool(Rule *r) { r->dyout = r_op(r, OPID_avg_pool, r->dxin, 1, r->attr, POOL_ATTRS); }
OP(avg_pool, .batch = b_front, .nin = 1, .flags = OPF_HIDDEN, .infer = infer_pool, .run = run_avg_pool,
   .adjoint = adjoint_avg_pool, .tangent = tangent_avg_pool, .doc = "means of windows of the last two axes")

static void adjoint_avg_unpool(Rule *r) { r->dx[0] = r_op(r, OPID_avg_pool, &r->dy, 1, r->attr, POOL_ATTRS); }
static void tangent_avg_unpool(Rule *r) { r->dyout = r_op(r, OPID_avg_unpool, r->dxin, 1, r->attr, POOL_ATTRS); }
OP(avg_unpool, .batch = b_front, .nin = 1, .flags = OPF_HIDDEN, .infer = infer_unpool, .run = run_avg_unpool,
   .adjoint = adjoint_avg_unpool, .tangent = tangent_avg_unpool, .doc = "the slope of avg_pool by its input")

/* ---- the largest ---- */
static bool run_max_pool_index(Run *r) { return pool(r, OPID_max_pool_index); }
OP(max_pool_index, .batch = b_front, .nin = 1, .flags = OPF_HIDDEN | OPF_ZERO, .infer = infer_place,
   .run = run_max_pool_index, .doc = "where in [H W] the largest element of each window stands; the first among equals")

static Value r_planes(Rule *r, Value v) /* [..., h, w] -> [..., h w] */
{
    Attr a[RANK_MAX];
    int n = val_rank(v);
    if (is_nil(v)) return v;
    for (int i = 0; i < n; i++) a[i].i = val_shape(v)[i];
    a[n - 2].i *= a[n - 1].i;
    return r_op(r, OPID_reshape, &v, 1, a, n - 1);
}
static Value r_places(Rule *r) { return r_planes(r, r_op(r, OPID_max_pool_index, &r->x[0], 1, r->attr, POOL_ATTRS)); }
static Attr last_axis(const Rule *r) { return (Attr){.i = val_rank(r->x[0]) - 2}; }

static bool run_max_pool(Run *r) { return pool(r, OPID_max_pool); }
static void adjoint_max_pool(Rule *r)
{
    Attr axis = last_axis(r);
    Value v[3] = {r_planes(r, r_zeros_like(r, r->x[0])), r_places(r), r_planes(r, r->dy)};
    if (is_nil(v[0]) || is_nil(v[1]) || is_nil(v[2])) return;
    r->dx[0] = r_reshape(r, r_op(r, OPID_scatter_add, v, 3, &axis, 1), r->x[0]);
}
static void tangent_max_pool(Rule *r)
{
    Attr axis = last_axis(r);
    Value v[2] = {r_planes(r, r->dxin[0]), r_places(r)};
    if (is_nil(v[0]) || is_nil(v[1])) return;
    r->dyout = r_reshape(r, r_op(r, OPID_gather, v, 2, &axis, 1), r->y);
}
OP(max_pool, .batch = b_front, .nin = 1, .flags = OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_pool, .run = run_max_pool,
   .adjoint = adjoint_max_pool, .tangent = tangent_max_pool, .doc = "largest elements of windows of the last two axes")
