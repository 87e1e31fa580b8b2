/* conv.c -- convolution over two axes, and its two derivatives.
**
** The three operations are the partial derivatives of one trilinear form of an image x [N, C, H, W], a kernel
** k [O, C/groups, kh, kw] and a field g [N, O, oh, ow],
**
**   sum over all of  g[n, o, r, q] k[o, c, i, j] x[n, c, r sh - ph + i dh, q sw - pw + j dw],
**
** where x is 0 outside of its edges: conv by g, conv_input by x (the transposed convolution) and conv_kernel by k.
** So each has the other two as its rules, and the three share one list of attributes:
**
**   [0] sh  [1] sw  strides      [2] ph  [3] pw  padding before       [4] dh  [5] dw  dilation    [6] groups
**   [7] H   [8] W   of x         [9] kh  [10] kw of k                 [11] oh [12] ow of g
**
** The sizes need not be the largest that fit: what sticks out counts as 0. Whoever records checks them. One axis
** is done as two, the first of size 1.
**
** In f32 most sizes go straight over the image (direct.c). The kernels here are for the others: they lay the windows of
** a block of positions as columns of a matrix (im2col) and multiply; blocks are cut to stay in the cache, whatever the
** size. A kernel of one element needs no columns: the image stands for them. Where a group has one or two pairs of
** channels (depthwise) the work goes row by row. Which way is taken depends on sizes and the processor alone, and what
** is added up over images is cut into pieces by their number: the bits are the same whatever the number of threads.
**
** cite  Chellapilla, Puri, Simard 2006, "High performance convolutional neural networks for document processing"
** cite  Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning" (shapes, transposes)
** SPDX-License-Identifier: MIT */
#include "runtime/ops/conv.h"
#include "runtime/threads.h"

enum { CONV_ATTRS = 13, COLUMNS = 1 << 17 /* bytes of a block of columns */, FEW = 2 /* pairs of channels */ };
enum { POLL = 1 << 24 /* multiply-adds between looks at the interrupt */, BAND = 1 << 30 /* in one product */ };
enum { PIECES = 16, PARTS = 1 << 24 /* bytes of the kernels that pieces of the images add up */ };

static Geo geo(Run *r, int64_t n, int64_t cg, int64_t og)
{
    const Attr *a = r->attr;
    Geo g = {.S = r->S, .d = r->y.dtype, .N = n, .cg = cg, .og = og, .groups = a[6].i};
    g.sh = a[0].i, g.sw = a[1].i, g.ph = a[2].i, g.pw = a[3].i, g.dh = a[4].i, g.dw = a[5].i;
    g.H = a[7].i, g.W = a[8].i, g.kh = a[9].i, g.kw = a[10].i, g.oh = a[11].i, g.ow = a[12].i;
    g.taps = cg * g.kh * g.kw;
    return g;
}

/* On any thread: false says that whoever asked will see why in vm_check. */
static bool poll(Geo *g, double work)
{
    if ((g->done += work) < POLL) return true;
    g->done = 0;
    return !par_stop(g->S);
}

static int64_t up(int64_t a, int64_t b) { return a <= 0 ? 0 : (a + b - 1) / b; } /* ceil, from 0 */
/* Positions [*lo, *hi) of [from, to) whose tap at `shift` (i d - p) lies inside of n. */
static inline void inside(int64_t shift, int64_t s, int64_t n, int64_t from, int64_t to, int64_t *lo, int64_t *hi)
{
    int64_t a = up(-shift, s), b = up(n - shift, s);
    *lo = a < from ? from : a > to ? to : a;
    *hi = b > to ? to : b < *lo ? *lo : b;
}

/* A block of output positions: rows [r0, r1), columns [q0, q1); the columns are all of them unless it is one row. */
typedef struct Block {
    int64_t r0, r1, q0, q1, n;
} Block;
static Block block_at(const Geo *g, int64_t *r, int64_t *q)
{
    int64_t room = COLUMNS / (int64_t)dtype_size[g->d] / (g->taps ? g->taps : 1);
    if (room < 64) room = 64;
    Block b = {*r, *r + 1, *q, g->ow, 0};
    if (g->ow > room) {
        b.q1 = *q + room < g->ow ? *q + room : g->ow;
    } else if (g->ow) {
        b.r1 = *r + room / g->ow < g->oh ? *r + room / g->ow : g->oh;
    }
    b.n = (b.r1 - b.r0) * (b.q1 - b.q0);
    if (b.q1 < g->ow) *q = b.q1;
    else {
        *q = 0;
        *r = b.r1;
    }
    return b;
}

/* Whether the columns are the image itself. */
static bool is_plain(const Geo *g)
{
    return g->kh == 1 && g->kw == 1 && g->sh == 1 && g->sw == 1 && !g->ph && !g->pw && g->H == g->oh && g->W == g->ow;
}

#define COLUMN_LOOPS(SUF, T)                                                                                           \
    static void im2col_##SUF(const Geo *g, const T *x, Block b, T *col)                                                \
    {                                                                                                                  \
        int64_t bw = b.q1 - b.q0;                                                                                      \
        for (int64_t c = 0; c < g->cg; c++)                                                                            \
            for (int64_t i = 0; i < g->kh; i++)                                                                        \
                for (int64_t j = 0; j < g->kw; j++) {                                                                  \
                    int64_t lo, hi, r0, r1, left = j * g->dw - g->pw, top = i * g->dh - g->ph;                         \
                    inside(left, g->sw, g->W, b.q0, b.q1, &lo, &hi);                                                   \
                    inside(top, g->sh, g->H, b.r0, b.r1, &r0, &r1);                                                    \
                    const T *plane = x + c * g->H * g->W + left;                                                       \
                    for (int64_t r = b.r0; r < b.r1; r++, col += bw) {                                                 \
                        if (r < r0 || r >= r1 || lo == hi) {                                                           \
                            memset(col, 0, sizeof(T) * (size_t)bw);                                                    \
                            continue;                                                                                  \
                        }                                                                                              \
                        const T *row = plane + (r * g->sh + top) * g->W;                                               \
                        T *to = col - b.q0;                                                                            \
                        for (int64_t q = b.q0; q < lo; q++) to[q] = 0;                                                 \
                        if (g->sw == 1) memcpy(to + lo, row + lo, sizeof(T) * (size_t)(hi - lo));                      \
                        else                                                                                           \
                            for (int64_t q = lo; q < hi; q++) to[q] = row[q * g->sw];                                  \
                        for (int64_t q = hi; q < b.q1; q++) to[q] = 0;                                                 \
                    }                                                                                                  \
                }                                                                                                      \
    }                                                                                                                  \
    static void col2im_##SUF(const Geo *g, T *restrict x, Block b, const T *restrict col)                              \
    {                                                                                                                  \
        int64_t bw = b.q1 - b.q0, bh = b.r1 - b.r0;                                                                    \
        for (int64_t c = 0; c < g->cg; c++)                                                                            \
            for (int64_t i = 0; i < g->kh; i++)                                                                        \
                for (int64_t j = 0; j < g->kw; j++, col += bw * bh) {                                                  \
                    int64_t lo, hi, r0, r1, left = j * g->dw - g->pw, top = i * g->dh - g->ph;                         \
                    inside(left, g->sw, g->W, b.q0, b.q1, &lo, &hi);                                                   \
                    inside(top, g->sh, g->H, b.r0, b.r1, &r0, &r1);                                                    \
                    for (int64_t r = r0; r < r1; r++) {                                                                \
                        T *row = x + c * g->H * g->W + (r * g->sh + top) * g->W + left;                                \
                        const T *from = col + (r - b.r0) * bw - b.q0;                                                  \
                        if (g->sw == 1)                                                                                \
                            for (int64_t q = lo; q < hi; q++) row[q] += from[q];                                       \
                        else                                                                                           \
                            for (int64_t q = lo; q < hi; q++) row[q * g->sw] += from[q];                               \
                    }                                                                                                  \
                }                                                                                                      \
    }                                                                                                                  \
    /* The form by rows, for one image and group. what: 0 y += , 1 x += , 2 k += (sums of a plane in f64) */           \
    static bool by_rows_##SUF(Geo *g, T *restrict x, T *restrict k, T *restrict y, int what)                           \
    {                                                                                                                  \
        for (int64_t o = 0; o < g->og; o++)                                                                            \
            for (int64_t c = 0; c < g->cg; c++)                                                                        \
                for (int64_t i = 0; i < g->kh; i++)                                                                    \
                    for (int64_t j = 0; j < g->kw; j++) {                                                              \
                        int64_t lo, hi, r0, r1, left = j * g->dw - g->pw, top = i * g->dh - g->ph, sw = g->sw;         \
                        inside(left, sw, g->W, 0, g->ow, &lo, &hi);                                                    \
                        inside(top, g->sh, g->H, 0, g->oh, &r0, &r1);                                                  \
                        T *at = k + ((o * g->cg + c) * g->kh + i) * g->kw + j, v = *at;                                \
                        double sum = 0;                                                                                \
                        for (int64_t r = r0; r < r1; r++) {                                                            \
                            T *yr = y + (o * g->oh + r) * g->ow;                                                       \
                            T *xr = x + (c * g->H + r * g->sh + top) * g->W + left;                                    \
                            if (what == 0 && sw == 1)                                                                  \
                                for (int64_t q = lo; q < hi; q++) yr[q] += v * xr[q];                                  \
                            else if (what == 0)                                                                        \
                                for (int64_t q = lo; q < hi; q++) yr[q] += v * xr[q * sw];                             \
                            else if (what == 1 && sw == 1)                                                             \
                                for (int64_t q = lo; q < hi; q++) xr[q] += v * yr[q];                                  \
                            else if (what == 1)                                                                        \
                                for (int64_t q = lo; q < hi; q++) xr[q * sw] += v * yr[q];                             \
                            else {                                                                                     \
                                T s[8] = {0};                                                                          \
                                int64_t q = lo;                                                                        \
                                if (sw == 1)                                                                           \
                                    for (; q + 8 <= hi; q += 8)                                                        \
                                        for (int e = 0; e < 8; e++) s[e] += yr[q + e] * xr[q + e];                     \
                                for (; q < hi; q++) s[0] += yr[q] * xr[q * sw];                                        \
                                sum += ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));              \
                            }                                                                                          \
                        }                                                                                              \
                        if (what == 2) *at += (T)sum;                                                                  \
                        if (!poll(g, (double)(r1 - r0) * (double)(hi - lo))) return false;                             \
                    }                                                                                                  \
        return true;                                                                                                   \
    }
COLUMN_LOOPS(f64, double)
COLUMN_LOOPS(f32, float)

static void im2col(const Geo *g, const void *x, Block b, void *col)
{
    if (g->d == DT_F64) im2col_f64(g, x, b, col);
    else im2col_f32(g, x, b, col);
}
static void col2im(const Geo *g, void *x, Block b, const void *col)
{
    if (g->d == DT_F64) col2im_f64(g, x, b, col);
    else col2im_f32(g, x, b, col);
}

/* One group of one image: x [cg, H, W], k [og, taps], y [og, oh ow]. what as in by_rows; what comes as sums is added to
** what is there. col: room for a block of columns, NULL to go by rows. */
static bool one(Geo *g, void *x, void *k, void *y, int what, void *col)
{
    int64_t area = g->oh * g->ow;
    if (!col) return g->d == DT_F64 ? by_rows_f64(g, x, k, y, what) : by_rows_f32(g, x, k, y, what);
    if (is_plain(g)) { /* the image stands for its columns */
        int64_t pairs = g->og * g->cg, some = pairs < BAND / 64 ? BAND / pairs : 64;
        for (int64_t at = 0; at < area; at += some) {
            int64_t n = area - at < some ? area - at : some;
            void *xn = at_bytes(x, g->d, at), *yn = at_bytes(y, g->d, at);
            if (what == 0) gemm_tile(g->S, g->d, false, false, g->og, n, g->cg, k, g->cg, xn, area, false, yn, area);
            else if (what == 1)
                gemm_tile(g->S, g->d, true, false, g->cg, n, g->og, k, g->cg, yn, area, false, xn, area);
            else gemm_tile(g->S, g->d, false, true, g->og, g->cg, n, yn, area, xn, area, true, k, g->cg);
            if (!poll(g, (double)pairs * (double)n)) return false;
        }
        return true;
    }
    for (int64_t r = 0, q = 0; r < g->oh;) {
        Block b = block_at(g, &r, &q);
        void *yb = at_bytes(y, g->d, b.r0 * g->ow + b.q0);
        if (what != 1) im2col(g, x, b, col);
        if (what == 0) gemm_tile(g->S, g->d, false, false, g->og, b.n, g->taps, k, g->taps, col, b.n, false, yb, area);
        else if (what == 1) {
            gemm_tile(g->S, g->d, true, false, g->taps, b.n, g->og, k, g->taps, yb, area, false, col, b.n);
            col2im(g, x, b, col);
        } else gemm_tile(g->S, g->d, false, true, g->og, g->taps, b.n, yb, area, col, b.n, true, k, g->taps);
        if (!poll(g, (double)g->og * (double)g->taps * (double)b.n)) return false;
    }
    return true;
}

/* ---- the whole ---- */

/* Tasks are groups of images, or by the kernel groups of pieces of all images: the pieces do not depend on threads. */
typedef struct Tasks {
    const Geo *g;
    int made;
    char *p[3];       /* y, x, k */
    char *part, *col; /* kernels that pieces add up; columns, for each chunk */
    int64_t n, chunks, pieces, column;
} Tasks;

static void run_tasks(void *ud, int64_t chunk, int64_t end)
{
    const Tasks *t = ud;
    DType d = t->g->d;
    for (; chunk < end; chunk++) {
        Geo g = *t->g;
        int64_t xs = g.cg * g.H * g.W, ks = g.og * g.taps, ys = g.og * g.oh * g.ow;
        void *col = t->col ? at_bytes(t->col, d, chunk * t->column) : NULL;
        for (int64_t i = t->n * chunk / t->chunks; i < t->n * (chunk + 1) / t->chunks; i++) {
            int64_t piece = i / g.groups, grp = i % g.groups, n = piece, last = piece + 1;
            void *k = at_bytes(t->p[2], d, grp * ks);
            if (t->made == MADE_K) {
                n = g.N * piece / t->pieces;
                last = g.N * (piece + 1) / t->pieces;
                if (piece) k = at_bytes(t->part, d, ((piece - 1) * g.groups + grp) * ks);
            }
            for (; n < last; n++) {
                void *x = at_bytes(t->p[1], d, (n * g.groups + grp) * xs);
                if (!one(&g, x, k, at_bytes(t->p[0], d, (n * g.groups + grp) * ys), t->made, col)) return;
            }
        }
    }
}

static void add_part(DType d, int64_t n, void *to, const void *part)
{
    if (d == DT_F64)
        for (int64_t i = 0; i < n; i++) ((double *)to)[i] += ((const double *)part)[i];
    else
        for (int64_t i = 0; i < n; i++) ((float *)to)[i] += ((const float *)part)[i];
}

static bool by_tasks(const Geo *g, int made, void *const p[3], bool columns)
{
    State *S = g->S;
    int64_t all = g->groups * g->og * g->taps, size = dtype_size[g->d];
    double area = (double)(g->oh * g->ow), work = (double)g->N * (double)all * area;
    Tasks t = {.g = g, .made = made, .p = {p[0], p[1], p[2]}, .n = g->N, .pieces = 1};
    if (made == MADE_K) {
        while (t.pieces < PIECES && t.pieces < g->N && t.pieces * all * size < PARTS) t.pieces *= 2;
        if (t.pieces > g->N) t.pieces = g->N;
        t.n = t.pieces;
    }
    t.n *= g->groups;
    int threads = par_threads(S, work < PAR_NS * 20.0 ? 1 : t.n);
    t.chunks = threads < 2 ? 1 : 4 * threads < t.n ? 4 * threads : t.n;
    size_t pcap = 0, ccap = 0;
    bool ok = true;
    if (t.pieces > 1) {
        t.part = mem_block(S, (size_t)((t.pieces - 1) * all * size), &pcap);
        ok = t.part != NULL;
        if (ok) memset(t.part, 0, (size_t)((t.pieces - 1) * all * size));
    }
    if (ok && columns) {
        int64_t row = 0, q = 0;
        Block b = block_at(g, &row, &q); /* the first is the largest */
        t.column = (g->taps * b.n + 15) / 16 * 16;
        double products = is_plain(g) ? area : (double)b.n;
        gemm_ready(S, g->d, (double)(g->og * g->taps) * products, work);
        t.col = mem_block(S, (size_t)(t.chunks * t.column * size), &ccap);
        ok = t.col != NULL;
    }
    if (ok) {
        par_for(S, t.chunks, 1, run_tasks, &t);
        ok = !par_stop(S) || vm_check(S);
    }
    for (int64_t i = 0; ok && i < t.pieces - 1; i++) add_part(g->d, all, p[2], t.part + i * all * size);
    if (t.col) mem_block_free(S, t.col, ccap);
    if (t.part) mem_block_free(S, t.part, pcap);
    return ok;
}

/* made: which of y, x, k is the result; the other two come in. */
static bool whole(Run *r, Geo g, int made)
{
    DType d = g.d;
    void *p[3], *tmp[2] = {NULL, NULL}; /* p: y, x, k */
    size_t cap[2];
    static const int slot[3][2] = {{1, 2}, {0, 2}, {1, 0}}; /* where the two inputs go */
    bool ok = true, nothing = !r->y.n || !r->x[0].n || !r->x[1].n, plain = is_plain(&g);
    bool columns = g.og * g.cg > FEW, direct = !nothing && columns && !plain && direct_fits(&g, made);
    bool written = !nothing && (direct || (columns && (made == MADE_Y || (made == MADE_X && plain))));
    if (r->y.n && !written) memset(r->y.p, 0, (size_t)r->y.n * dtype_size[d]); /* what is made in parts is added up */
    if (nothing) return true;
    p[made] = r->y.p;
    for (int i = 0; i < 2 && ok; i++)
        ok = (p[slot[made][i]] = (void *)arr_plain(r->S, &r->x[i], d, &tmp[i], &cap[i])) != NULL;
    if (ok) ok = direct ? direct_run(&g, made, p) : by_tasks(&g, made, p, columns);
    for (int i = 0; i < 2; i++)
        if (tmp[i]) mem_block_free(r->S, tmp[i], cap[i]);
    return ok;
}

static bool run_conv(Run *r)
{
    const int64_t *x = r->x[0].shape, *k = r->x[1].shape, groups = r->attr[6].i;
    return whole(r, geo(r, x[0], k[1], k[0] / groups), MADE_Y);
}
static bool run_conv_input(Run *r)
{
    const int64_t *g = r->x[0].shape, *k = r->x[1].shape, groups = r->attr[6].i;
    return whole(r, geo(r, g[0], k[1], k[0] / groups), MADE_X);
}
static bool run_conv_kernel(Run *r)
{
    const int64_t *x = r->x[0].shape, *g = r->x[1].shape, groups = r->attr[6].i;
    return whole(r, geo(r, x[0], x[1] / groups, g[1] / groups), MADE_K);
}

static bool infer_conv_of(Infer *f, int64_t a, int64_t b, int64_t c, int64_t d)
{
    if (!promote(f->S, f->op->name, f->x, 2, true, &f->dtype)) return false;
    if (!dtype_float(f->dtype)) f->dtype = default_float(f->S);
    f->rank = 4;
    f->shape[0] = a;
    f->shape[1] = b;
    f->shape[2] = c;
    f->shape[3] = d;
    return true;
}
static bool infer_conv(Infer *f)
{
    return infer_conv_of(f, val_shape(f->x[0])[0], val_shape(f->x[1])[0], f->attr[11].i, f->attr[12].i);
}
static bool infer_conv_input(Infer *f)
{
    return infer_conv_of(f, val_shape(f->x[0])[0], val_shape(f->x[1])[1] * f->attr[6].i, f->attr[7].i, f->attr[8].i);
}
static bool infer_conv_kernel(Infer *f)
{
    return infer_conv_of(f, val_shape(f->x[1])[1], val_shape(f->x[0])[1] / f->attr[6].i, f->attr[9].i, f->attr[10].i);
}

static Value form(Rule *r, OpId op, Value a, Value b)
{
    Value v[2] = {a, b};
    return is_nil(a) || is_nil(b) ? NIL : r_op(r, op, v, 2, r->attr, CONV_ATTRS);
}
static void both(Rule *r, OpId op) /* the tangent of what is linear in each input */
{
    Value a = form(r, op, r->dxin[0], r->x[1]), b = form(r, op, r->x[0], r->dxin[1]);
    r->dyout = is_nil(a) ? b : is_nil(b) ? a : r_add(r, a, b);
}

static void adjoint_conv(Rule *r)
{
    if (need(r, 0)) r->dx[0] = form(r, OPID_conv_input, r->dy, r->x[1]);
    if (need(r, 1)) r->dx[1] = form(r, OPID_conv_kernel, r->x[0], r->dy);
}
static void tangent_conv(Rule *r) { both(r, OPID_conv); }
OP(conv, .batch = b_conv, .nin = 2, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .infer = infer_conv, .run = run_conv,
   .adjoint = adjoint_conv, .tangent = tangent_conv, .doc = "conv2d(x, k): windows of x times k, summed")

static void adjoint_conv_input(Rule *r)
{
    if (need(r, 0)) r->dx[0] = form(r, OPID_conv, r->dy, r->x[1]);
    if (need(r, 1)) r->dx[1] = form(r, OPID_conv_kernel, r->dy, r->x[0]);
}
static void tangent_conv_input(Rule *r) { both(r, OPID_conv_input); }
OP(conv_input, .batch = b_conv, .nin = 2, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .infer = infer_conv_input,
   .run = run_conv_input, .adjoint = adjoint_conv_input, .tangent = tangent_conv_input,
   .doc = "conv_transpose2d(g, k): the slope of a convolution by its image")

static void adjoint_conv_kernel(Rule *r)
{
    if (need(r, 0)) r->dx[0] = form(r, OPID_conv_input, r->x[1], r->dy);
    if (need(r, 1)) r->dx[1] = form(r, OPID_conv, r->x[0], r->dy);
}
static void tangent_conv_kernel(Rule *r) { both(r, OPID_conv_kernel); }
OP(conv_kernel, .batch = b_conv, .nin = 2, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .infer = infer_conv_kernel,
   .run = run_conv_kernel, .adjoint = adjoint_conv_kernel, .tangent = tangent_conv_kernel,
   .doc = "the slope of a convolution by its kernel: windows of x times g, summed over images")
