/* strided.c -- walking views and broadcast operands, so that the loops only see contiguous runs.
**
** The axes of the result are merged as far as all inputs allow. Then either whole rows go through the loop
** (long rows), or flat blocks of the result do, for which each input that is neither contiguous nor one
** element is gathered into a small buffer (short rows). Conversions happen while gathering.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/kernels/kernels.h"

enum { BLOCK = 512, SHORT_ROW = 24 };

void strided_init(Strided *w, int nin, int rank, const int64_t *shape, const int64_t *const *stride)
{
    int r = 0;
    w->n = 1;
    for (int k = 0; k < rank; k++) {
        w->n *= shape[k];
        if (shape[k] == 1) continue;
        bool merge = r > 0;
        for (int i = 0; i < nin && merge; i++) merge = w->stride[i][r - 1] == stride[i][k] * shape[k];
        if (merge) r--;
        w->dim[r] = merge ? w->dim[r] * shape[k] : shape[k];
        for (int i = 0; i < nin; i++) w->stride[i][r] = stride[i][k];
        r++;
    }
    if (!r) {
        w->dim[0] = 1;
        for (int i = 0; i < nin; i++) w->stride[i][0] = 1;
        r = 1;
    }
    w->rank = r;
}

/* Advances a counter over the outer `rank` axes; false at the end. `off` follows in elements. */
static inline bool step(const Strided *w, int rank, int nin, int64_t *at, int64_t *off)
{
    for (int k = rank - 1; k >= 0; k--) {
        for (int i = 0; i < nin; i++) off[i] += w->stride[i][k];
        if (++at[k] < w->dim[k]) return true;
        for (int i = 0; i < nin; i++) off[i] -= w->stride[i][k] * w->dim[k];
        at[k] = 0;
    }
    return false;
}

/* dim[0] x dim[1] with stride[1] != 1 and stride[0] == 1: in tiles, so that both sides use whole cache lines */
static bool copy_transposed(DType dt, char *y, const char *x, const Strided *w)
{
    int64_t rows = w->dim[0], cols = w->dim[1], st = w->stride[0][1];
    if (w->rank != 2 || w->stride[0][0] != 1 || rows < 8 || cols < 8) return false;
    enum { TILE = 32 };
#define TRANSPOSE(T)                                                                                                   \
    for (int64_t i0 = 0; i0 < rows; i0 += TILE)                                                                        \
        for (int64_t j0 = 0; j0 < cols; j0 += TILE) {                                                                  \
            int64_t i1 = i0 + TILE < rows ? i0 + TILE : rows, j1 = j0 + TILE < cols ? j0 + TILE : cols;                \
            for (int64_t i = i0; i < i1; i++)                                                                          \
                for (int64_t j = j0; j < j1; j++)                                                                      \
                    ((T *)(void *)y)[i * cols + j] = ((const T *)(const void *)x)[i + j * st];                         \
        }
    switch (dtype_size[dt]) {
    case 8: TRANSPOSE(uint64_t) break;
    case 4: TRANSPOSE(uint32_t) break;
    default: TRANSPOSE(uint8_t) break;
    }
    return true;
}

void strided_copy(DType to, void *y, DType from, const void *x, int rank, const int64_t *shape, const int64_t *stride)
{
    Strided w;
    strided_init(&w, 1, rank, shape, &stride);
    if (!w.n) return;
    if (to == from && copy_transposed(to, y, x, &w)) return;
    int outer = w.rank - 1;
    int64_t at[RANK_MAX] = {0}, off = 0, row = w.dim[outer], st = w.stride[0][outer];
    char *out = y;
    do {
        convert_loop(to, out, from, (const char *)x + off * dtype_size[from], st, row);
        out += row * dtype_size[to];
    } while (step(&w, outer, 1, at, &off));
}

typedef struct In {
    enum { IN_DIRECT, IN_ONE, IN_GATHER, IN_TILE } mode;
    DType from, to;
    const char *p;
    int64_t stride;            /* long rows: of the row */
    int64_t at[RANK_MAX], off; /* short rows: where gathering stands */
} In;

/* Next m elements of input `i` in row-major order. */
static void gather(In *in, const Strided *w, int i, char *buf, int64_t m)
{
    int last = w->rank - 1;
    int64_t st = w->stride[i][last], row = w->dim[last];
    int from = dtype_size[in->from], to = dtype_size[in->to];
    while (m > 0) {
        int64_t run = row - in->at[last];
        if (run > m) run = m;
        const char *p = in->p + in->off * from;
        if (in->from == in->to && to == 8)
            for (int64_t k = 0; k < run; k++) memcpy(buf + 8 * k, p + 8 * k * st, 8);
        else if (in->from == in->to && to == 4)
            for (int64_t k = 0; k < run; k++) memcpy(buf + 4 * k, p + 4 * k * st, 4);
        else convert_loop(in->to, buf, in->from, p, st, run);
        buf += run * to;
        m -= run;
        in->at[last] += run;
        in->off += run * st;
        if (in->at[last] < row) continue;
        in->at[last] = 0;
        in->off -= row * st;
        for (int k = last - 1; k >= 0; k--) {
            in->off += w->stride[i][k];
            if (++in->at[k] < w->dim[k]) break;
            in->off -= w->stride[i][k] * w->dim[k];
            in->at[k] = 0;
        }
    }
}

/* Repeats the `have` elements at y until there are n. */
static void fill(char *y, int size, int64_t have, int64_t n)
{
    while (have < n) {
        int64_t m = have < n - have ? have : n - have;
        memcpy(y + have * size, y, (size_t)(m * size));
        have += m;
    }
}

typedef struct Each {
    Loop loop;
    const void *fn;
    int nin;
    In in[STRIDED_INPUTS];
    DType made, ydt;
    _Alignas(64) char buf[STRIDED_INPUTS + 1][BLOCK * 8];
    _Alignas(8) char one[STRIDED_INPUTS][8];
} Each;

/* One call of the loop: n results at y; x[i] with s[i]. */
static void call(Each *e, int64_t n, const void *const *x, const int *s, char *y)
{
    bool any = false;
    for (int i = 0; i < e->nin; i++) any |= s[i] != 0;
    bool direct = e->made == e->ydt || (dtype_size[e->made] == 1 && dtype_size[e->ydt] == 1 && e->ydt != DT_BOOL);
    char *out = direct ? y : e->buf[STRIDED_INPUTS];
    if (any || n == 1) {
        static const int run[STRIDED_INPUTS] = {1, 1, 1};
        e->loop(n, x, any ? s : run, out, e->fn);
    } else {
        static const int run[STRIDED_INPUTS] = {1, 1, 1};
        e->loop(1, x, run, out, e->fn);
        fill(out, dtype_size[e->made], 1, n);
    }
    if (!direct) convert_loop(e->ydt, y, e->made, out, 1, n);
}

/* n elements along one axis: every input has one stride. */
static void span(Each *e, int64_t n, const char *const *p, char *y)
{
    bool blocks = e->made != e->ydt;
    const void *x[STRIDED_INPUTS];
    int s[STRIDED_INPUTS];
    for (int i = 0; i < e->nin; i++) {
        In *in = &e->in[i];
        blocks |= in->mode == IN_GATHER;
        s[i] = in->mode != IN_ONE;
        x[i] = p[i];
        if (in->mode == IN_ONE && in->from != in->to) {
            convert_loop(in->to, e->one[i], in->from, p[i], 1, 1);
            x[i] = e->one[i];
        }
    }
    int64_t block = blocks ? BLOCK : n;
    for (int64_t k = 0; k < n; k += block) {
        int64_t m = n - k < block ? n - k : block;
        for (int i = 0; i < e->nin; i++) {
            In *in = &e->in[i];
            if (in->mode == IN_ONE) continue;
            x[i] = p[i] + k * in->stride * dtype_size[in->from];
            if (in->mode == IN_DIRECT) continue;
            convert_loop(in->to, e->buf[i], in->from, x[i], in->stride, m);
            x[i] = e->buf[i];
        }
        call(e, m, x, s, y + k * dtype_size[e->ydt]);
    }
}

static void rows(Each *e, const Strided *w, char *y)
{
    int outer = w->rank - 1;
    int64_t at[RANK_MAX] = {0}, off[STRIDED_INPUTS] = {0}, n = w->dim[outer];
    for (int i = 0; i < e->nin; i++) {
        In *in = &e->in[i];
        in->stride = w->stride[i][outer];
        in->mode = in->stride == 0 ? IN_ONE : in->stride == 1 && in->from == in->to ? IN_DIRECT : IN_GATHER;
    }
    do {
        const char *p[STRIDED_INPUTS];
        for (int i = 0; i < e->nin; i++) p[i] = e->in[i].p + off[i] * dtype_size[e->in[i].from];
        span(e, n, p, y);
        y += n * dtype_size[e->ydt];
    } while (step(w, outer, e->nin, at, off));
}

/* An input that repeats after so many elements (a bias, along rows), or 0. */
static int64_t period(const Strided *w, int i)
{
    int64_t gap = 1;
    int k = w->rank - 1;
    for (; k >= 0 && w->stride[i][k] == gap; k--) gap *= w->dim[k];
    for (; k >= 0; k--)
        if (w->stride[i][k] != 0) return 0;
    return gap <= BLOCK ? gap : 0;
}

static void flat(Each *e, const Strided *w, char *y)
{
    const void *x[STRIDED_INPUTS];
    int s[STRIDED_INPUTS];
    int64_t block = BLOCK, tile = 0;
    for (int i = 0; i < e->nin; i++) {
        In *in = &e->in[i];
        bool one = true, run = in->from == in->to;
        int64_t gap = 1;
        for (int k = w->rank - 1; k >= 0; k--) {
            one &= w->stride[i][k] == 0;
            run &= w->stride[i][k] == gap;
            gap *= w->dim[k];
        }
        in->mode = one ? IN_ONE : run ? IN_DIRECT : IN_GATHER;
        memset(in->at, 0, sizeof in->at);
        in->off = 0;
        s[i] = !one;
        if (one) {
            convert_loop(in->to, e->one[i], in->from, in->p, 1, 1);
            x[i] = e->one[i];
        }
        int64_t again = in->mode == IN_GATHER ? period(w, i) : 0;
        if (!again || (tile && again != tile)) continue;
        tile = again;
        in->mode = IN_TILE;
    }
    if (tile) { /* whole periods a block: such an input is gathered once */
        block = BLOCK / tile * tile;
        for (int i = 0; i < e->nin; i++) {
            if (e->in[i].mode != IN_TILE) continue;
            gather(&e->in[i], w, i, e->buf[i], tile);
            fill(e->buf[i], dtype_size[e->in[i].to], tile, w->n < block ? w->n : block);
            x[i] = e->buf[i];
        }
    }
    for (int64_t k = 0; k < w->n; k += block) {
        int64_t m = w->n - k < block ? w->n - k : block;
        for (int i = 0; i < e->nin; i++) {
            In *in = &e->in[i];
            if (in->mode == IN_DIRECT) x[i] = in->p + k * dtype_size[in->from];
            if (in->mode != IN_GATHER) continue;
            gather(in, w, i, e->buf[i], m);
            x[i] = e->buf[i];
        }
        call(e, m, x, s, y + k * dtype_size[e->ydt]);
    }
}

void each_loop(Loop loop, const void *fn, int nin, const EachIn *x, const DType *compute, DType made, void *y,
               DType ydt, int rank, const int64_t *shape)
{
    Strided w;
    int64_t stride[STRIDED_INPUTS][RANK_MAX];
    const int64_t *sp[STRIDED_INPUTS];
    Each e;
    e.loop = loop;
    e.fn = fn;
    e.nin = nin;
    e.made = made;
    e.ydt = ydt;
    for (int i = 0; i < nin; i++) {
        int lead = rank - x[i].rank;
        for (int k = 0; k < rank; k++) stride[i][k] = k < lead || x[i].shape[k - lead] == 1 ? 0 : x[i].stride[k - lead];
        sp[i] = stride[i];
        e.in[i].p = x[i].p;
        e.in[i].from = x[i].dtype;
        e.in[i].to = compute[i];
    }
    strided_init(&w, nin, rank, shape, sp);
    if (!w.n) return;
    if (w.rank == 1 || w.dim[w.rank - 1] >= SHORT_ROW) rows(&e, &w, y);
    else flat(&e, &w, y);
}
