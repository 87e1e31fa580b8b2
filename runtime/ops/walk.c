/* walk.c -- copying between strided arrays, converting on the way.
**
** The one place that moves elements: concat, slices, materialised views and the kernels that want plain
** rows all end here. Runs with steps 1 and equal dtypes are memcpy; the rest are loops gcc vectorises.
** SPDX-License-Identifier: MIT */
#include "runtime/ops/walk.h"
#include "runtime/threads.h"

#define COPY_LOOP(YT, XT, CONV)                                                                                        \
    do {                                                                                                               \
        YT *yy = (YT *)y;                                                                                              \
        const XT *xx = (const XT *)x;                                                                                  \
        if (ystep == 1 && xstep == 1)                                                                                  \
            for (int64_t i = 0; i < n; i++) yy[i] = (YT)CONV(xx[i]);                                                   \
        else                                                                                                           \
            for (int64_t i = 0; i < n; i++) yy[i * ystep] = (YT)CONV(xx[i * xstep]);                                   \
    } while (0)
#define AS_IS(v) (v)
#define TRUTH(v) ((v) != 0)
#define FROM(YT, CONV)                                                                                                 \
    switch (xd) {                                                                                                      \
    case DT_F64: COPY_LOOP(YT, double, CONV); break;                                                                   \
    case DT_F32: COPY_LOOP(YT, float, CONV); break;                                                                    \
    case DT_I64: COPY_LOOP(YT, int64_t, CONV); break;                                                                  \
    case DT_I32: COPY_LOOP(YT, int32_t, CONV); break;                                                                  \
    case DT_U8:                                                                                                        \
    case DT_BOOL: COPY_LOOP(YT, uint8_t, CONV); break;                                                                 \
    case DT_COUNT: break;                                                                                              \
    }

void run_copy(void *y, DType yd, int64_t ystep, const void *x, DType xd, int64_t xstep, int64_t n)
{
    if (yd == xd) {
        if (ystep == 1 && xstep == 1) {
            memcpy(y, x, (size_t)n * dtype_size[yd]);
            return;
        }
        switch (dtype_size[yd]) {
        case 8: COPY_LOOP(uint64_t, uint64_t, AS_IS); return;
        case 4: COPY_LOOP(uint32_t, uint32_t, AS_IS); return;
        default: COPY_LOOP(uint8_t, uint8_t, AS_IS); return;
        }
    }
    switch (yd) {
    case DT_F64: FROM(double, AS_IS) break;
    case DT_F32: FROM(float, AS_IS) break;
    case DT_I64: FROM(int64_t, AS_IS) break;
    case DT_I32: FROM(int32_t, AS_IS) break;
    case DT_U8: FROM(uint8_t, AS_IS) break;
    case DT_BOOL: FROM(uint8_t, TRUTH) break;
    case DT_COUNT: break;
    }
}

void run_fill(void *y, DType yd, int64_t ystep, const void *one, int64_t n) { run_copy(y, yd, ystep, one, yd, 0, n); }

/* A transposed copy walks in tiles, so that both sides stay in cache. */
static void copy_tiles(const int64_t *shape, char *y, DType yd, const int64_t *ys, const char *x, DType xd,
                       const int64_t *xs)
{
    enum { TILE = 32 };
    for (int64_t i0 = 0; i0 < shape[0]; i0 += TILE)
        for (int64_t j0 = 0; j0 < shape[1]; j0 += TILE) {
            int64_t i1 = i0 + TILE < shape[0] ? i0 + TILE : shape[0];
            int64_t nj = j0 + TILE < shape[1] ? TILE : shape[1] - j0;
            for (int64_t i = i0; i < i1; i++)
                run_copy(at_bytes(y, yd, i * ys[0] + j0 * ys[1]), yd, ys[1], at_bytes(x, xd, i * xs[0] + j0 * xs[1]),
                         xd, xs[1], nj);
        }
}

void arr_copy(int rank, const int64_t *shape, void *y, DType yd, const int64_t *ystride, const void *x, DType xd,
              const int64_t *xstride)
{
    Walk w;
    const int64_t *st[2] = {ystride, xstride};
    if (!walk_init(&w, rank, shape, 2, st)) return;
    if (w.rank >= 1 && w.step[1] != 1 && w.shape[w.rank - 1] > 4 && w.n > 4) {
        /* the two innermost axes as one tile job */
        int r = w.rank - 1;
        int64_t sh[2] = {w.shape[r], w.n}, ys[2] = {w.stride[0][r], w.step[0]}, xs[2] = {w.stride[1][r], w.step[1]};
        w.rank = r;
        do copy_tiles(sh, at_bytes(y, yd, w.off[0]), yd, ys, at_bytes(x, xd, w.off[1]), xd, xs);
        while (walk_next(&w));
        return;
    }
    do run_copy(at_bytes(y, yd, w.off[0]), yd, w.step[0], at_bytes(x, xd, w.off[1]), xd, w.step[1], w.n);
    while (walk_next(&w));
}

typedef struct CopyAll {
    int rank;
    const int64_t *shape, *ystride, *xstride; /* the axis that is cut comes first */
    char *y;
    const char *x;
    DType yd, xd;
} CopyAll;

static void copy_body(void *ud, int64_t lo, int64_t hi)
{
    const CopyAll *c = ud;
    int64_t shape[RANK_MAX];
    memcpy(shape, c->shape, sizeof *shape * (size_t)c->rank);
    shape[0] = hi - lo;
    arr_copy(c->rank, shape, at_bytes(c->y, c->yd, lo * c->ystride[0]), c->yd, c->ystride,
             at_bytes(c->x, c->xd, lo * c->xstride[0]), c->xd, c->xstride);
}

void arr_copy_all(State *S, int rank, const int64_t *shape, void *y, DType yd, const int64_t *ystride, const void *x,
                  DType xd, const int64_t *xstride)
{
    enum { LARGE = 1 << 16 };
    int64_t n = 1;
    int first = 0;
    for (int i = 0; i < rank; i++) n *= shape[i];
    while (first < rank && shape[first] == 1) first++;
    if (n < LARGE || first == rank) {
        arr_copy(rank, shape, y, yd, ystride, x, xd, xstride);
        return;
    }
    CopyAll c = {rank - first, shape + first, ystride + first, xstride + first, y, x, yd, xd};
    int64_t inner = n / shape[first];
    par_for(S, shape[first], inner < LARGE / 4 ? LARGE / 4 / inner : 1, copy_body, &c);
}

const void *arr_plain(State *S, const Arr *a, DType d, void **tmp, size_t *cap)
{
    *tmp = NULL;
    *cap = 0;
    if (a->contiguous && a->dtype == d) return a->p;
    size_t bytes = (size_t)(a->n ? a->n : 1) * dtype_size[d];
    if (!(*tmp = mem_block(S, bytes, cap))) return NULL;
    int64_t st[RANK_MAX];
    row_major(a->rank, a->shape, st);
    arr_copy_all(S, a->rank, a->shape, *tmp, d, st, a->p, a->dtype, a->stride);
    return *tmp;
}
