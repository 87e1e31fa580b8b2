/* walk.h -- visiting strided arrays, for the kernels of this folder.
**
** A Walk goes over up to three arrays of one shape in row-major order. Axes of size 1 are dropped and
** neighbouring axes that are regular in all arrays become one, so that most walks are one long inner run:
**
**   Walk w;
**   for (bool on = walk_init(&w, rank, shape, n, strides); on; on = walk_next(&w))
**       ... w.n elements from w.off[k] (in elements) with step w.step[k] in array k ...
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPS_WALK_H
#define DSC_OPS_WALK_H
#include <string.h>
#include "runtime/op.h"
#include "runtime/state.h"

enum { WALK_ARRAYS = 3 };
typedef struct Walk {
    int rank, arrays; /* outer axes */
    int64_t shape[RANK_MAX], stride[WALK_ARRAYS][RANK_MAX], at[RANK_MAX];
    int64_t n, step[WALK_ARRAYS]; /* the inner run */
    int64_t off[WALK_ARRAYS];
} Walk;

/* false when there is nothing to visit */
static inline bool walk_init(Walk *w, int rank, const int64_t *shape, int arrays, const int64_t *const *stride)
{
    int64_t sh[RANK_MAX], st[WALK_ARRAYS][RANK_MAX];
    int n = 0;
    w->arrays = arrays;
    w->rank = 0;
    w->n = 0;
    for (int k = 0; k < arrays; k++) w->off[k] = 0;
    for (int i = 0; i < rank; i++) {
        if (shape[i] == 0) return false;
        if (shape[i] == 1) continue;
        bool merge = n > 0;
        for (int k = 0; merge && k < arrays; k++) merge = st[k][n - 1] == stride[k][i] * shape[i];
        if (merge) sh[n - 1] *= shape[i];
        else sh[n++] = shape[i];
        for (int k = 0; k < arrays; k++) st[k][n - 1] = stride[k][i];
    }
    w->n = n ? sh[n - 1] : 1;
    for (int k = 0; k < arrays; k++) w->step[k] = n ? st[k][n - 1] : 1;
    w->rank = n ? n - 1 : 0;
    for (int i = 0; i < w->rank; i++) {
        w->shape[i] = sh[i];
        w->at[i] = 0;
        for (int k = 0; k < arrays; k++) w->stride[k][i] = st[k][i];
    }
    return true;
}

static inline bool walk_next(Walk *w)
{
    for (int i = w->rank - 1; i >= 0; i--) {
        if (++w->at[i] < w->shape[i]) {
            for (int k = 0; k < w->arrays; k++) w->off[k] += w->stride[k][i];
            return true;
        }
        w->at[i] = 0;
        for (int k = 0; k < w->arrays; k++) w->off[k] -= w->stride[k][i] * (w->shape[i] - 1);
    }
    return false;
}

static inline int64_t row_major(int rank, const int64_t *shape, int64_t *stride)
{
    int64_t n = 1;
    for (int i = rank - 1; i >= 0; i--) {
        stride[i] = n;
        if (__builtin_mul_overflow(n, shape[i], &n)) n = 0; /* an axis of size 0 follows: no elements */
    }
    return n;
}

/* y[i] = x[i] for one run, converting (to bool: not zero; float to int: towards zero). */
void run_copy(void *y, DType yd, int64_t ystep, const void *x, DType xd, int64_t xstep, int64_t n);
/* Copies an array of any strides and dtype into another of the same shape. */
void arr_copy(int rank, const int64_t *shape, void *y, DType yd, const int64_t *ystride, const void *x, DType xd,
              const int64_t *xstride);
/* The same over threads when it is large. */
void arr_copy_all(State *S, int rank, const int64_t *shape, void *y, DType yd, const int64_t *ystride, const void *x,
                  DType xd, const int64_t *xstride);
void run_fill(void *y, DType yd, int64_t ystep, const void *one, int64_t n); /* one: of y's dtype */
/* The whole of a in row-major order as dtype d: a's own data when it is so already, else a block in *tmp
** (to be given back with mem_block_free(S, *tmp, *cap)). NULL: out of memory. */
const void *arr_plain(State *S, const Arr *a, DType d, void **tmp, size_t *cap);

static inline void *at_bytes(const void *p, DType d, int64_t i) { return (char *)p + i * dtype_size[d]; }

/* ---- what rules and shape rules ask of values ---- */
static inline int val_rank(Value v) { return is_tensor(v) ? v.t->rank : 0; }
static inline const int64_t *val_shape(Value v) { return is_tensor(v) ? tensor_shape(v.t) : NULL; }
static inline int64_t val_size(Value v) { return is_tensor(v) ? v.t->n : 1; }
static inline DType val_dtype(State *S, Value v)
{
    return is_tensor(v) ? (DType)v.t->dtype : v.tag == T_BOOL ? DT_BOOL : default_float(S);
}
static inline bool need(const Rule *r, int i) { return i >= 64 || r->need >> i & 1; }
#endif
