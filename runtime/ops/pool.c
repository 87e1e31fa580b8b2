/* pool.c -- what stands in windows of the last two axes: their largest element, their mean.
**
** x [..., H, W] gives [..., oh, ow]. Attributes of all operations here:
**
**   [0] oh [1] ow   [2] kh [3] kw size   [4] sh [5] sw stride   [6] ph [7] pw padding   [8] dh [9] dw dilation
**   [10] 1: the axis is cut into oh (ow) windows, floor(i H / oh) to ceil((i + 1) H / oh), and [2]..[9] do not count;
**        2: means are of the elements inside; 0: padding counts, as zeros   [11] H [12] W
**
** The largest element has a place: that of the first among equals, and of a NaN before all others, as PyTorch has it.
** The rules of max_pool are max_spread and max_pick, which find the places in x again (cheaper than to keep them) and
** are each other's rules; the mean's rule is avg_unpool, whose rule is the mean.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/ops/walk.h"
#include "runtime/threads.h"

enum { POOL_ATTRS = 13 };

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
    /* the windows of one plane: of y from x, of x from y, or by the places of x */                                    \
    static void plane_##SUF(const State *S, OpId op, const Attr *a, const T *x, const T *v, T *y)                      \
    {                                                                                                                  \
        int64_t W = a[12].i, k = 0;                                                                                    \
        for (int64_t r = 0; r < a[0].i && !par_stop(S); r++) {                                                         \
            Window rows = window(a, 0, r);                                                                             \
            for (int64_t q = 0; q < a[1].i; q++, k++) {                                                                \
                Window h = window(a, 1, q);                                                                            \
                if (op == OPID_avg_pool) y[k] = mean_##SUF(x, W, rows, h, share(a, rows, h));                          \
                else if (op == OPID_avg_unpool) spread_##SUF(y, W, rows, h, (T)((double)x[k] * share(a, rows, h)));    \
                else {                                                                                                 \
                    int64_t at = largest_##SUF(x, W, rows, h);                                                         \
                    if (op == OPID_max_spread) y[at] += v[k];                                                          \
                    else y[k] = op == OPID_max_pick ? v[at] : x[at];                                                   \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }
POOL_LOOPS(f64, double)
POOL_LOOPS(f32, float)

/* ---- windows of two by two that touch: in vectors ---- */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&          \
    !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif
#define IN static inline __attribute__((always_inline))
#define EVEN8(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODD8(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define LOW8(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH8(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define EVEN4(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define ODD4(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define LOW4(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)

/* e[0..3] are the elements of a window in order. Those that win over all before them stand in m[1..3]; the last of
** these is the largest. The last vector of a row may do some windows again. */
#define POOL_PAIRS(SUF, T, I, L)                                                                                       \
    typedef T V##SUF __attribute__((vector_size(sizeof(T) * L)));                                                      \
    typedef I M##SUF __attribute__((vector_size(sizeof(T) * L)));                                                      \
    IN void pairs_##SUF(const T *row, V##SUF *even, V##SUF *odd)                                                       \
    {                                                                                                                  \
        V##SUF a, b;                                                                                                   \
        memcpy(&a, row, sizeof a);                                                                                     \
        memcpy(&b, row + L, sizeof b);                                                                                 \
        *even = EVEN##L(a, b);                                                                                         \
        *odd = ODD##L(a, b);                                                                                           \
    }                                                                                                                  \
    IN void unpair_##SUF(T *row, M##SUF even, M##SUF odd)                                                              \
    {                                                                                                                  \
        M##SUF a = LOW##L(even, odd), b = HIGH##L(even, odd);                                                          \
        memcpy(row, &a, sizeof a);                                                                                     \
        memcpy(row + L, &b, sizeof b);                                                                                 \
    }                                                                                                                  \
    IN void windows_##SUF(const T *x, int64_t W, V##SUF *e)                                                            \
    {                                                                                                                  \
        pairs_##SUF(x, &e[0], &e[1]);                                                                                  \
        pairs_##SUF(x + W, &e[2], &e[3]);                                                                              \
    }                                                                                                                  \
    CLONES static void two_##SUF(int what, int64_t oh, int64_t ow, int64_t W, const T *x, const T *v, T *y)            \
    {                                                                                                                  \
        for (int64_t r = 0; r < oh; r++)                                                                               \
            for (int64_t k = 0; k < ow; k += L) {                                                                      \
                int64_t q = k + L <= ow ? k : ow - L, at = 2 * r * W + 2 * q;                                          \
                V##SUF e[4], top;                                                                                      \
                M##SUF m[4], w;                                                                                        \
                windows_##SUF(x + at, W, e);                                                                           \
                top = e[0];                                                                                            \
                for (int i = 1; i < 4; i++) {                                                                          \
                    m[i] = (M##SUF)((e[i] > top) | (e[i] != e[i]));                                                    \
                    top = (V##SUF)((m[i] & (M##SUF)e[i]) | (~m[i] & (M##SUF)top));                                     \
                }                                                                                                      \
                if (what == 0) {                                                                                       \
                    memcpy(y + r * ow + q, &top, sizeof top);                                                          \
                } else if (what == 1) {                                                                                \
                    memcpy(&w, v + r * ow + q, sizeof w);                                                              \
                    M##SUF d = w & m[3], c = w & m[2] & ~m[3], b = w & m[1] & ~(m[2] | m[3]);                          \
                    unpair_##SUF(y + at, w & ~(m[1] | m[2] | m[3]), b);                                                \
                    unpair_##SUF(y + at + W, c, d);                                                                    \
                } else {                                                                                               \
                    windows_##SUF(v + at, W, e);                                                                       \
                    top = e[0];                                                                                        \
                    for (int i = 1; i < 4; i++) top = (V##SUF)((m[i] & (M##SUF)e[i]) | (~m[i] & (M##SUF)top));         \
                    memcpy(y + r * ow + q, &top, sizeof top);                                                          \
                }                                                                                                      \
            }                                                                                                          \
    }
POOL_PAIRS(f64, double, int64_t, 4)
POOL_PAIRS(f32, float, int32_t, 8)
POOL_PAIRS(few, float, int32_t, 4)

static bool two_by_two(const Attr *a)
{
    if (a[10].i == 1 || a[1].i < 4) return false;
    for (int i = 0; i < 2; i++)
        if (a[2 + i].i != 2 || a[4 + i].i != 2 || a[6 + i].i || a[8 + i].i != 1 || 2 * a[i].i > a[11 + i].i)
            return false;
    return true;
}

typedef struct Pool {
    State *S;
    OpId op;
    const Attr *a;
    DType d;
    const void *x, *v;
    void *y;
    int64_t in, vs, out; /* elements of a plane of each */
    int two;             /* what two_ does, or -1 */
    bool clear;
} Pool;

static void pool_planes(void *ud, int64_t lo, int64_t hi)
{
    const Pool *p = ud;
    const Attr *a = p->a;
    for (int64_t i = lo; i < hi && !par_stop(p->S); i++) {
        const void *x = at_bytes(p->x, p->d, i * p->in), *v = p->v ? at_bytes(p->v, p->d, i * p->vs) : NULL;
        void *y = at_bytes(p->y, p->d, i * p->out);
        if (p->clear) memset(y, 0, (size_t)p->out * dtype_size[p->d]);
        if (p->two >= 0 && p->d == DT_F64) two_f64(p->two, a[0].i, a[1].i, a[12].i, x, v, y);
        else if (p->two >= 0 && a[1].i < 8) two_few(p->two, a[0].i, a[1].i, a[12].i, x, v, y);
        else if (p->two >= 0) two_f32(p->two, a[0].i, a[1].i, a[12].i, x, v, y);
        else if (p->d == DT_F64) plane_f64(p->S, p->op, a, x, v, y);
        else plane_f32(p->S, p->op, a, x, v, y);
    }
}

static bool pool(Run *r, OpId op)
{
    const Attr *a = r->attr;
    State *S = r->S;
    int64_t small = a[0].i * a[1].i, large = a[11].i * a[12].i;
    Pool p = {S, op, a, r->y.dtype, .y = r->y.p, .in = large, .vs = small, .out = small, .two = -1};
    if (op == OPID_avg_unpool) p.in = small, p.out = large;
    if (op == OPID_max_spread) p.out = large;
    if (op == OPID_max_pick) p.vs = large;
    bool nothing = !r->x[0].n || (r->nin > 1 && !r->x[1].n);
    if (r->y.n && nothing) memset(r->y.p, 0, (size_t)r->y.n * dtype_size[p.d]);
    if (!r->y.n || nothing) return true;
    void *tmp[2] = {NULL, NULL};
    size_t cap[2];
    p.x = arr_plain(S, &r->x[0], p.d, &tmp[0], &cap[0]);
    bool ok = p.x != NULL;
    if (ok && r->nin > 1) ok = (p.v = arr_plain(S, &r->x[1], p.d, &tmp[1], &cap[1])) != NULL;
    if (two_by_two(a)) p.two = op == OPID_max_pool ? 0 : op == OPID_max_spread ? 1 : op == OPID_max_pick ? 2 : -1;
    p.clear = op == OPID_avg_unpool || (op == OPID_max_spread && (p.two < 0 || large != 4 * small));
    if (ok) {
        double each = (double)a[1].i, in = (double)p.in;
        each = a[10].i == 1 ? each + in / (double)a[0].i : each * (double)a[2].i * (double)a[3].i;
        par_for(S, r->y.n / p.out, par_grain(p.two >= 0 ? 0.15 * (double)large : (double)a[0].i * each), pool_planes,
                &p);
        ok = !par_stop(S) || vm_check(S);
    }
    for (int i = 0; i < 2; i++)
        if (tmp[i]) mem_block_free(S, tmp[i], cap[i]);
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
static bool infer_places(Infer *f, int64_t h, int64_t w)
{
    infer_sizes(f, h, w);
    return promote(f->S, f->op->name, f->x, 2, true, &f->dtype);
}
static bool infer_spread(Infer *f) { return infer_places(f, f->attr[11].i, f->attr[12].i); }
static bool infer_pick(Infer *f) { return infer_places(f, f->attr[0].i, f->attr[1].i); }
static Value by_places(Rule *r, OpId op, Value v) /* linear in v; the places stay where they are */
{
    Value in[2] = {r->x[0], v};
    return is_nil(v) ? NIL : r_op(r, op, in, 2, r->attr, POOL_ATTRS);
}

static bool run_max_spread(Run *r) { return pool(r, OPID_max_spread); }
static void adjoint_max_spread(Rule *r)
{
    if (need(r, 1)) r->dx[1] = by_places(r, OPID_max_pick, r->dy);
}
static void tangent_max_spread(Rule *r) { r->dyout = by_places(r, OPID_max_spread, r->dxin[1]); }
OP(max_spread, .batch = b_front, .nin = 2, .flags = OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_spread,
   .run = run_max_spread, .adjoint = adjoint_max_spread, .tangent = tangent_max_spread,
   .doc = "each element of v where the largest of its window of x stands, 0 elsewhere: the slope of max_pool")

static bool run_max_pick(Run *r) { return pool(r, OPID_max_pick); }
static void adjoint_max_pick(Rule *r)
{
    if (need(r, 1)) r->dx[1] = by_places(r, OPID_max_spread, r->dy);
}
static void tangent_max_pick(Rule *r) { r->dyout = by_places(r, OPID_max_pick, r->dxin[1]); }
OP(max_pick, .batch = b_front, .nin = 2, .flags = OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_pick, .run = run_max_pick,
   .adjoint = adjoint_max_pick, .tangent = tangent_max_pick,
   .doc = "elements of v that stand where the largest of each window of x does")

static bool run_max_pool(Run *r) { return pool(r, OPID_max_pool); }
static void adjoint_max_pool(Rule *r) { r->dx[0] = by_places(r, OPID_max_spread, r->dy); }
static void tangent_max_pool(Rule *r) { r->dyout = by_places(r, OPID_max_pick, r->dxin[0]); }
OP(max_pool, .batch = b_front, .nin = 1, .flags = OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_pool, .run = run_max_pool,
   .adjoint = adjoint_max_pool, .tangent = tangent_max_pool, .doc = "largest elements of windows of the last two axes")
