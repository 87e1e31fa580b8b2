/* sort.c -- order along an axis: sort, argsort, and the sorting the other kernels share.
**
** Values are sorted in place by heapsort-guarded quicksort; positions by merging, which is stable. The
** derivative of sorting is the permutation that it was: what comes back goes to the elements that were chosen.
** Attributes: [0] axis  [1] descending.
** SPDX-License-Identifier: MIT */
#include "runtime/ops/order.h"
#include <math.h>
#include "runtime/ops/walk.h"

enum { LONG = 1 << 20 }; /* elements whose sorting takes noticeable time */

/* ---- values ---- */
static void heap_sift(double *a, int64_t i, int64_t n)
{
    double v = a[i];
    for (int64_t c; (c = 2 * i + 1) < n; i = c) {
        if (c + 1 < n && a[c + 1] > a[c]) c++;
        if (!(a[c] > v)) break;
        a[i] = a[c];
    }
    a[i] = v;
}
static void heap_sort(double *a, int64_t n)
{
    for (int64_t i = n / 2; i-- > 0;) heap_sift(a, i, n);
    for (int64_t i = n; i-- > 1;) {
        double t = a[0];
        a[0] = a[i];
        a[i] = t;
        heap_sift(a, 0, i);
    }
}
static bool quick(State *S, double *a, int64_t n, int depth) /* no NaN in it */
{
    while (n > 24) {
        if (depth-- == 0) {
            heap_sort(a, n);
            return true;
        }
        if (n > LONG && !vm_check(S)) return false;
        double x = a[0], y = a[n / 2], z = a[n - 1];
        double p = x < y ? (y < z ? y : x < z ? z : x) : (x < z ? x : y < z ? z : y);
        int64_t i = 0, j = n - 1;
        for (;; i++, j--) {
            while (a[i] < p) i++;
            while (a[j] > p) j--;
            if (i >= j) break;
            double t = a[i];
            a[i] = a[j];
            a[j] = t;
        }
        int64_t left = j + 1, right = n - left;
        if (!(left < right ? quick(S, a, left, depth) : quick(S, a + left, right, depth))) return false;
        if (left < right) a += left, n = right;
        else n = left;
    }
    for (int64_t i = 1; i < n; i++) {
        double v = a[i];
        int64_t j = i;
        for (; j > 0 && a[j - 1] > v; j--) a[j] = a[j - 1];
        a[j] = v;
    }
    return true;
}

bool order_f64(State *S, double *a, int64_t n)
{
    int64_t k = 0; /* NaN last */
    for (int64_t i = 0; i < n; i++)
        if (a[i] == a[i]) {
            double t = a[k];
            a[k++] = a[i];
            if (k - 1 != i) a[i] = t;
        }
    return quick(S, a, k, 64);
}

/* ---- positions ---- */
#define MERGE_SORT(NAME, T, BEFORE)                                                                                    \
    static bool NAME(State *S, const T *key, int64_t n, int64_t *idx, int64_t *tmp)                                    \
    {                                                                                                                  \
        enum { RUN = 16 };                                                                                             \
        for (int64_t lo = 0; lo < n; lo += RUN) {                                                                      \
            int64_t hi = lo + RUN < n ? lo + RUN : n;                                                                  \
            for (int64_t i = lo; i < hi; i++) {                                                                        \
                int64_t j = i;                                                                                         \
                for (; j > lo && BEFORE(key[i], key[idx[j - 1]]); j--) idx[j] = idx[j - 1];                            \
                idx[j] = i;                                                                                            \
            }                                                                                                          \
        }                                                                                                              \
        int64_t *a = idx, *b = tmp;                                                                                    \
        for (int64_t w = RUN; w < n; w *= 2) {                                                                         \
            for (int64_t lo = 0; lo < n; lo += 2 * w) {                                                                \
                int64_t mid = lo + w < n ? lo + w : n, hi = lo + 2 * w < n ? lo + 2 * w : n;                           \
                int64_t i = lo, j = mid, o = lo;                                                                       \
                while (i < mid && j < hi) {                                                                            \
                    if (!(o & (LONG / 16 - 1)) && !vm_check(S)) return false;                                          \
                    b[o++] = BEFORE(key[a[j]], key[a[i]]) ? a[j++] : a[i++];                                           \
                }                                                                                                      \
                while (i < mid) b[o++] = a[i++];                                                                       \
                while (j < hi) b[o++] = a[j++];                                                                        \
            }                                                                                                          \
            int64_t *t = a;                                                                                            \
            a = b;                                                                                                     \
            b = t;                                                                                                     \
        }                                                                                                              \
        if (a != idx) memcpy(idx, a, sizeof(int64_t) * (size_t)n);                                                     \
        return true;                                                                                                   \
    }
#define UP(a, b) ((a) < (b))
#define DOWN(a, b) ((a) > (b))
#define UP_F(a, b) ((a) < (b) || ((b) != (b) && (a) == (a)))
#define DOWN_F(a, b) ((a) > (b) || ((b) != (b) && (a) == (a)))
MERGE_SORT(index_up_f, double, UP_F)
MERGE_SORT(index_down_f, double, DOWN_F)
MERGE_SORT(index_up_i, int64_t, UP)
MERGE_SORT(index_down_i, int64_t, DOWN)

bool order_index(State *S, const void *keys, DType d, int64_t n, bool down, int64_t *idx, int64_t *tmp)
{
    if (d == DT_F64) return (down ? index_down_f : index_up_f)(S, keys, n, idx, tmp);
    return (down ? index_down_i : index_up_i)(S, keys, n, idx, tmp);
}

/* ---- the operations ---- */
static bool infer_sort(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    f->rank = val_rank(f->x[0]);
    if (f->rank) memcpy(f->shape, val_shape(f->x[0]), sizeof(int64_t) * (size_t)f->rank);
    return true;
}
static bool infer_argsort(Infer *f)
{
    infer_sort(f);
    f->dtype = DT_I64;
    return true;
}

/* Each lane along the axis: keys in, the order (as positions, or the keys themselves) out. */
static bool sort_lanes(Run *r, bool positions)
{
    const Arr *x = &r->x[0];
    int axis = (int)r->attr[0].i;
    bool down = r->attr[1].i;
    if (r->y.n == 0) return true;
    int64_t m = x->shape[axis], full[RANK_MAX], ks[RANK_MAX], ys[RANK_MAX], xs[RANK_MAX];
    DType as = dtype_float(x->dtype) ? DT_F64 : DT_I64;
    int nk = 0;
    row_major(r->y.rank, r->y.shape, full);
    for (int i = 0; i < x->rank; i++)
        if (i != axis) ks[nk] = x->shape[i], ys[nk] = full[i], xs[nk++] = x->stride[i];
    size_t cap;
    bool alone = !positions && as == DT_F64 && !down; /* needs no positions */
    int64_t *key = mem_block(r->S, sizeof(int64_t) * (size_t)m * (alone ? 1 : 4), &cap);
    if (!key) return false;
    int64_t *idx = key + m, *tmp = idx + m, *sorted = tmp + m;
    const int64_t *st[2] = {ys, xs};
    bool ok = true;
    int64_t since = 0; /* elements sorted since the limits were looked at */
    Walk w;
    for (bool on = walk_init(&w, nk, ks, 2, st); on && ok; on = walk_next(&w))
        for (int64_t k = 0; k < w.n && ok; k++) {
            if ((since += m) > LONG && (since = 0, !vm_check(r->S))) {
                ok = false;
                break;
            }
            void *y = at_bytes(r->y.p, r->y.dtype, w.off[0] + k * w.step[0]);
            run_copy(key, as, 1, at_bytes(x->p, x->dtype, w.off[1] + k * w.step[1]), x->dtype, x->stride[axis], m);
            if (alone) {
                if ((ok = order_f64(r->S, (double *)key, m))) run_copy(y, r->y.dtype, full[axis], key, as, 1, m);
                continue;
            }
            ok = order_index(r->S, key, as, m, down, idx, tmp);
            if (!ok) break;
            if (!positions)
                for (int64_t i = 0; i < m; i++) sorted[i] = key[idx[i]];
            run_copy(y, r->y.dtype, full[axis], positions ? idx : sorted, positions ? DT_I64 : as, 1, m);
        }
    mem_block_free(r->S, key, cap);
    return ok;
}
static bool run_sort(Run *r) { return sort_lanes(r, false); }
static bool run_argsort(Run *r) { return sort_lanes(r, true); }
OP(argsort, .nin = 1, .batch = b_axis, .flags = OPF_HIDDEN | OPF_ZERO, .infer = infer_argsort, .run = run_argsort,
   .doc = "positions in sorted order; equal elements keep theirs, NaN comes last")

static Value r_order(Rule *r) { return r_op(r, OPID_argsort, &r->x[0], 1, r->attr, 2); }
static void adjoint_sort(Rule *r)
{
    Value v[3] = {r_zeros_like(r, r->x[0]), r_order(r), r->dy};
    r->dx[0] = r_op(r, OPID_scatter_add, v, 3, r->attr, 1);
}
static void tangent_sort(Rule *r)
{
    Value v[2] = {r->dxin[0], r_order(r)};
    r->dyout = r_op(r, OPID_gather, v, 2, r->attr, 1);
}
OP(sort, .nin = 1, .batch = b_axis, .flags = OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_sort, .run = run_sort,
   .adjoint = adjoint_sort, .tangent = tangent_sort, .doc = "elements in order along an axis; NaN comes last")
