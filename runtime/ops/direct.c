/* direct.c -- convolution in f32 without columns, over the loops of runtime/kernels/conv.h.
**
** An image is copied once into planes with room around it, so that every tap of every position can be read, and the
** columns of a row are sorted by their remainder by the stride, so that the positions of a tap lie next to each other.
** From there on a result row is a sum over planes, lines and taps at fixed distances. By the image it is the same sum
** with g in the place of x; with a stride the rows and columns of x fall into classes, one for each pair of remainders,
** that meet different taps. The kernel is laid out with the result's channels next to each other.
**
**   one row of y, stride 1, k 3 x 3, some positions p at once, channels of y in the lanes:
**   y[p][0..15] += x[c, r + i][p + j] * k[c, i, j][0..15]    for all c, i, j
**
** The slope by the kernel keeps a block of taps in registers and runs over the positions of an image; the images are
** cut into pieces by their number alone, and the sums of pieces are added in their order: the bits are the same
** whatever the number of threads.
**
** cite  Georganas et al. 2018, "Anatomy of high-performance deep learning convolutions on SIMD architectures"
** SPDX-License-Identifier: MIT */
#include "runtime/kernels/conv.h"
#include "runtime/ops/conv.h"
#include "runtime/threads.h"

enum {
    STRIDE_MAX = 3,
    TAPS_MAX = 16,
    PIECES = 16,
    COPY_MAX = 1 << 24,
    ROWS_AT = 256 /* positions made before they are sorted by channel */
};
static const double FMA_NS = 1.0 / 50; /* of one multiply-add */

/* Rows and columns of the result that meet the same taps. */
typedef struct Class {
    int64_t r0, rs, q0, qs, cols;   /* the first, how far apart; columns in one row */
    int64_t row, from, line, lines; /* row t, line l of it read row t row + from + l line of the source */
    int64_t taps, tap[TAPS_MAX];    /* where tap j starts in the row */
    int64_t i0, is, j0, js;         /* the kernel's rows and columns they stand for */
    int64_t before;                 /* taps of the classes before */
} Class;

typedef struct Direct {
    const Geo *g;
    const ConvLoops *loops;
    int made;
    const float *in, *k; /* what is copied; k as it came */
    float *out;
    float *packed;
    int64_t ci, co;                         /* channels of what is copied and of the result, in a group */
    int64_t H, W, oh, ow;                   /* planes of both */
    int64_t left, top, pitch, plane, phase; /* the copy: room, floats of a row, of a plane, of one remainder */
    int64_t rem;                            /* the stride its columns are sorted by */
    int64_t blocks, lanes;                  /* of channels of the result: how many, lanes of all */
    int64_t pieces, wide;                   /* MADE_K: pieces of the images; taps that go together */
    int nclass;
    Class c[STRIDE_MAX * STRIDE_MAX];
    float *room; /* for each chunk: a copy, rows on their way */
    size_t copy, rows;
    int64_t chunks, tasks;
} Direct;

/* ---- blocks of channels ---- */
static int next_lanes(const Direct *d, int64_t left)
{
    int w = d->loops->widest;
    if (d->made == MADE_K) return left > 8 ? w : 8;
    if (left > 2 * w - 8) return 2 * w;
    return left > 8 ? w : 8;
}
/* Block b: its first channel, the lanes before it; returns its lanes. */
static int block_at(const Direct *d, int64_t b, int64_t *from, int64_t *before)
{
    *from = *before = 0;
    int n = next_lanes(d, d->co);
    for (; b > 0; b--) {
        *from += n;
        *before += n;
        n = next_lanes(d, d->co - *from);
    }
    return n;
}

/* ---- the copy with room around ---- */
static void copy_image(const Direct *d, const float *x, float *to)
{
    for (int64_t c = 0; c < d->ci; c++)
        for (int64_t r = 0; r < d->H; r++) {
            const float *from = x + (c * d->H + r) * d->W;
            float *row = to + c * d->plane + (r + d->top) * d->pitch;
            if (d->rem == 1) {
                memcpy(row + d->left, from, sizeof *row * (size_t)d->W);
                continue;
            }
            for (int64_t q = 0, at = d->left % d->rem, i = d->left / d->rem; q < d->W; q++) {
                row[at * d->phase + i] = from[q];
                if (++at == d->rem) at = 0, i++;
            }
        }
}

/* ---- y and x: rows of the result ---- */
static void pack(const Direct *d, float *to)
{
    const Geo *g = d->g;
    int64_t o_step = g->taps, c_step = g->kh * g->kw;
    int64_t lane_step = d->made == MADE_Y ? o_step : c_step, plane_step = d->made == MADE_Y ? c_step : o_step;
    for (int64_t grp = 0; grp < g->groups; grp++)
        for (int64_t from = 0; from < d->co;) {
            int lanes = next_lanes(d, d->co - from);
            int64_t have = d->co - from < lanes ? d->co - from : lanes;
            for (const Class *c = d->c; c < d->c + d->nclass; c++)
                for (int64_t p = 0; p < d->ci; p++)
                    for (int64_t l = 0; l < c->lines; l++)
                        for (int64_t j = 0; j < c->taps; j++, to += lanes) {
                            const float *k = d->k + grp * g->og * g->taps + from * lane_step + p * plane_step +
                                             (c->i0 + l * c->is) * g->kw + c->j0 + j * c->js;
                            for (int64_t e = 0; e < have; e++) to[e] = k[e * lane_step];
                            for (int64_t e = have; e < lanes; e++) to[e] = 0;
                        }
            from += lanes;
        }
}

/* Lines [*lo, *hi) of the kernel lie in the source for row t of a class. */
static int64_t clip(const Direct *d, const Class *c, int64_t t, int64_t *lo, int64_t *hi)
{
    int64_t at = t * c->row + c->from;
    *lo = 0;
    *hi = c->lines;
    while (*lo < *hi && (at + *lo * c->line < 0 || at + *lo * c->line >= d->H)) ++*lo;
    while (*lo < *hi && (at + (*hi - 1) * c->line < 0 || at + (*hi - 1) * c->line >= d->H)) --*hi;
    return at;
}

/* Do the positions of a row fill vectors better than so few channels would? */
static bool lies_flat(const Direct *d, int64_t channels)
{
    const Class *c = d->c;
    return d->loops->flat && channels <= 8 && d->nclass == 1 && c->qs == 1 && (c->cols + 15) / 16 * 10 <= c->cols;
}

/* Rows [h0, h1) of few channels, straight into the result. */
static void make_flat(const Direct *d, const float *copy, const float *k, int have, int64_t h0, int64_t h1, float *out)
{
    const Class *c = d->c;
    int64_t lo, hi, lo2, hi2;
    for (int64_t h = h0, n; h < h1; h += n) {
        int64_t at = clip(d, c, h, &lo, &hi);
        for (n = 1; h + n < h1; n++) { /* rows that meet the same lines */
            clip(d, c, h + n, &lo2, &hi2);
            if (lo2 != lo || hi2 != hi) break;
        }
        ConvFlat r = {.x = lo < hi ? copy + (at + lo * c->line) * d->pitch : copy,
                      .planes = lo < hi ? d->ci : 0,
                      .plane = d->plane,
                      .k = k + lo * c->taps * 8,
                      .kplane = c->lines * c->taps * 8,
                      .lines = hi - lo,
                      .line = c->line * d->pitch,
                      .taps = c->taps,
                      .tap = c->tap,
                      .y = out + h * d->ow,
                      .n = c->cols,
                      .rows = n,
                      .row = c->row * d->pitch,
                      .yplane = d->oh * d->ow,
                      .yrow = d->ow};
        d->loops->flat(have, &r);
    }
}

/* Rows [h0, h1) of one block of channels, into `rows`. */
static void make_rows(const Direct *d, const float *copy, const float *k, int lanes, int64_t h0, int64_t h1, float *rows)
{
    for (const Class *c = d->c; c < d->c + d->nclass; c++) {
        if (c->cols <= 0) continue;
        int64_t t = h0 <= c->r0 ? 0 : (h0 - c->r0 + c->rs - 1) / c->rs;
        for (int64_t h = c->r0 + t * c->rs; h < h1; h += c->rs, t++) {
            int64_t lo, hi, at = clip(d, c, t, &lo, &hi);
            ConvRow r = {.x = lo < hi ? copy + (at + lo * c->line) * d->pitch : copy,
                         .planes = lo < hi ? d->ci : 0,
                         .plane = d->plane,
                         .k = k + (c->before * d->ci + lo * c->taps) * lanes,
                         .kplane = c->lines * c->taps * lanes,
                         .lines = hi - lo,
                         .line = c->line * d->pitch,
                         .taps = c->taps,
                         .tap = c->tap,
                         .y = rows + ((h - h0) * d->ow + c->q0) * lanes,
                         .n = c->cols,
                         .step = c->qs * lanes};
            d->loops->row(lanes, &r);
        }
    }
}

/* Asks for the cache lines that will be written when the rows are done: they may lie in another core's cache. */
static void own(float *p, int64_t n)
{
#if defined(__x86_64__) && defined(__GNUC__)
    for (int64_t i = 0; i < n; i += 16) __asm__ volatile("prefetchw %0" : : "m"(p[i]));
#else
    (void)p, (void)n;
#endif
}

/* Tasks: blocks of channels, of groups, of images. */
static void make_tasks(void *ud, int64_t chunk, int64_t end)
{
    const Direct *d = ud;
    const Geo *g = d->g;
    for (; chunk < end; chunk++) {
        float *copy = d->room + (size_t)chunk * (d->copy + d->rows), *rows = copy + d->copy;
        int64_t lo = d->tasks * chunk / d->chunks, hi = d->tasks * (chunk + 1) / d->chunks;
        int64_t held = -1, some = ROWS_AT / d->ow < 1 ? 1 : ROWS_AT / d->ow;
        memset(copy, 0, sizeof *copy * d->copy);
        for (int64_t task = lo; task < hi && !par_stop(g->S); task++) {
            int64_t image = task / d->blocks, from, before; /* a group of one */
            int lanes = block_at(d, task % d->blocks, &from, &before);
            if (image != held) copy_image(d, d->in + image * d->ci * d->H * d->W, copy);
            held = image;
            const float *k = d->packed + (image % g->groups * d->lanes + before) * d->ci * g->kh * g->kw;
            int64_t have = d->co - from < lanes ? d->co - from : lanes, area = d->oh * d->ow;
            float *out = d->out + (image * d->co + from) * area;
            for (int64_t h = 0; h < d->oh; h += some) {
                int64_t end_row = h + some < d->oh ? h + some : d->oh;
                for (int64_t c = 0; c < have; c++) own(out + c * area + h * d->ow, (end_row - h) * d->ow);
                if (lies_flat(d, have)) {
                    make_flat(d, copy, k, (int)have, h, end_row, out);
                    continue;
                }
                make_rows(d, copy, k, lanes, h, end_row, rows);
                d->loops->scatter(lanes, (int)have, (end_row - h) * d->ow, rows, out + h * d->ow, area);
            }
        }
    }
}

/* ---- k: sums over positions ---- */
static int lines_at(const Direct *d, int64_t left)
{
    int64_t most = d->loops->lines[d->wide];
    if (most == 5 && d->ci % 5 && d->ci % 4 == 0) most = 4; /* lines of one row of the kernel then stay together */
    if (left >= most) return (int)most;
    return left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

/* One image: all taps of one block of channels. g: [positions][lanes]; sum: [c][i][j][lanes] */
static void add_sums(const Direct *d, const float *copy, const float *turned, int lanes, float *sum)
{
    const Geo *g = d->g;
    int64_t across = g->kw / d->wide, in_row = d->ci * across, items = g->kh * in_row;
    for (int64_t t = 0; t < items;) {
        int lines = lines_at(d, items - t);
        ConvSums s = {.row = g->sh * d->pitch, .cols = g->ow};
        for (int e = 0; e < lines; e++) {
            int64_t i = (t + e) / in_row, c = (t + e) % in_row / across, j = (t + e) % across * d->wide, x = j * g->dw;
            s.x[e] = copy + c * d->plane + i * g->dh * d->pitch + x % d->rem * d->phase + x / d->rem;
            s.y[e] = sum + ((c * g->kh + i) * g->kw + j) * lanes;
        }
        /* rows that at least one of them meets */
        int64_t up = g->ph - (t + lines - 1) / in_row * g->dh, down = g->H + g->ph - t / in_row * g->dh;
        int64_t r0 = up <= 0 ? 0 : (up + g->sh - 1) / g->sh, r1 = down <= 0 ? 0 : (down + g->sh - 1) / g->sh;
        if (r1 > g->oh) r1 = g->oh;
        t += lines;
        if (r0 >= r1) continue;
        s.rows = r1 - r0;
        s.g = turned + r0 * g->ow * lanes;
        for (int e = 0; e < lines; e++) s.x[e] += r0 * s.row;
        d->loops->sums(lanes, (int)d->wide, lines, &s);
    }
}

/* Tasks: blocks of channels, of groups, of pieces. */
static void sum_tasks(void *ud, int64_t chunk, int64_t end)
{
    const Direct *d = ud;
    const Geo *g = d->g;
    int64_t area = g->oh * g->ow, taps = d->ci * g->kh * g->kw;
    for (; chunk < end; chunk++) {
        float *copy = d->room + (size_t)chunk * (d->copy + d->rows), *turned = copy + d->copy;
        int64_t lo = d->tasks * chunk / d->chunks, hi = d->tasks * (chunk + 1) / d->chunks;
        memset(copy, 0, sizeof *copy * d->copy);
        while (lo < hi) {
            int64_t set = lo / d->blocks, piece = set / g->groups, grp = set % g->groups; /* blocks that read one copy */
            int64_t stop = (set + 1) * d->blocks < hi ? (set + 1) * d->blocks : hi;
            int64_t i = g->N * piece / d->pieces, last = g->N * (piece + 1) / d->pieces;
            for (; i < last && !par_stop(g->S); i++) {
                copy_image(d, d->in + (i * g->groups + grp) * d->ci * d->H * d->W, copy);
                for (int64_t task = lo; task < stop; task++) {
                    int64_t from, before;
                    int lanes = block_at(d, task % d->blocks, &from, &before);
                    int64_t have = g->og - from < lanes ? g->og - from : lanes;
                    const float *y = d->k + ((i * g->groups + grp) * g->og + from) * area;
                    d->loops->gather(lanes, (int)have, area, y, area, turned);
                    add_sums(d, copy, turned, lanes, d->packed + (set * d->lanes + before) * taps);
                }
            }
            lo = stop;
        }
    }
}

static void join_pieces(const Direct *d)
{
    const Geo *g = d->g;
    int64_t taps = g->taps, one = g->groups * d->lanes * taps;
    for (int64_t p = 1; p < d->pieces; p++)
        for (int64_t i = 0; i < one; i++) d->packed[i] += d->packed[p * one + i];
    for (int64_t grp = 0; grp < g->groups; grp++)
        for (int64_t b = 0; b < d->blocks; b++) {
            int64_t from, before;
            int lanes = block_at(d, b, &from, &before);
            int64_t have = g->og - from < lanes ? g->og - from : lanes;
            const float *s = d->packed + (grp * d->lanes + before) * taps;
            float *k = d->out + (grp * g->og + from) * taps;
            for (int64_t o = 0; o < have; o++)
                for (int64_t t = 0; t < taps; t++) k[o * taps + t] = s[t * lanes + o];
        }
}

/* ---- sizes ---- */
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

static void plan_forward(Direct *d)
{
    const Geo *g = d->g;
    d->ci = g->cg, d->co = g->og;
    d->H = g->H, d->W = g->W, d->oh = g->oh, d->ow = g->ow;
    d->left = g->pw;
    d->rem = g->sw;
    d->phase = (most((g->ow - 1) * g->sw + (g->kw - 1) * g->dw + 1, g->pw + g->W) + g->sw - 1) / g->sw;
    d->pitch = d->phase * g->sw;
    d->plane = d->pitch * g->H;
    d->nclass = 1;
    Class *c = d->c;
    *c = (Class){.rs = 1,
                 .qs = 1,
                 .cols = g->ow,
                 .row = g->sh,
                 .from = -g->ph,
                 .line = g->dh,
                 .lines = g->kh,
                 .taps = g->kw,
                 .is = 1,
                 .js = 1};
    for (int64_t j = 0; j < g->kw; j++) c->tap[j] = j * g->dw % g->sw * d->phase + j * g->dw / g->sw;
    if (d->made != MADE_K) return;
    d->top = g->ph;
    d->plane = d->pitch * most((g->oh - 1) * g->sh + (g->kh - 1) * g->dh + 1, g->ph + g->H);
    d->wide = g->sw == 1 && g->dw == 1 && (g->kw == 3 || g->kw == 5) ? g->kw : 1;
}

/* Kernel places i0, i0 + is ... of one axis that positions at, at + s ... meet, and where the first one reads g. */
static int64_t meeting(int64_t at, int64_t s, int64_t p, int64_t d, int64_t size, int64_t *i0, int64_t *is,
                       int64_t *from)
{
    int64_t n = 0;
    *i0 = *from = 0;
    *is = 1;
    for (int64_t i = 0; i < size; i++) {
        if ((at + p - i * d) % s) continue;
        if (n == 0) *i0 = i, *from = (at + p - i * d) / s;
        if (n == 1) *is = i - *i0;
        n++;
    }
    return n;
}

static void plan_backward(Direct *d)
{
    const Geo *g = d->g;
    d->ci = g->og, d->co = g->cg;
    d->H = g->oh, d->W = g->ow, d->oh = g->H, d->ow = g->W;
    d->rem = 1;
    int64_t before = 0, least = 0, last = g->ow - 1, from[STRIDE_MAX];
    for (int64_t a = 0; a < g->sh; a++)
        for (int64_t b = 0; b < g->sw; b++) {
            Class *c = &d->c[d->nclass++];
            *c = (Class){.r0 = a, .rs = g->sh, .q0 = b, .qs = g->sw, .row = 1, .before = before};
            c->cols = b < g->W ? (g->W - b + g->sw - 1) / g->sw : 0;
            c->lines = meeting(a, g->sh, g->ph, g->dh, g->kh, &c->i0, &c->is, &c->from);
            c->line = -c->is * g->dh / g->sh;
            c->taps = meeting(b, g->sw, g->pw, g->dw, g->kw, &c->j0, &c->js, &from[b]);
            before += c->lines * c->taps;
            for (int64_t j = 0; j < c->taps; j++) {
                c->tap[j] = from[b] - j * (c->js * g->dw / g->sw);
                if (c->tap[j] < least) least = c->tap[j];
                if (c->tap[j] + c->cols - 1 > last) last = c->tap[j] + c->cols - 1;
            }
        }
    d->left = -least;
    for (Class *c = d->c; c < d->c + d->nclass; c++)
        for (int64_t j = 0; j < c->taps; j++) c->tap[j] += d->left;
    d->pitch = d->phase = last - least + 1;
    d->plane = d->pitch * d->H;
}

bool direct_fits(const Geo *g, int made)
{
    int64_t lanes = made == MADE_X ? g->cg : g->og, width = made == MADE_X ? g->W / g->sw : g->ow;
    if (g->d != DT_F32 || lanes < 4 || width < 4 || !conv_pick()) return false;
    if (g->sh > STRIDE_MAX || g->sw > STRIDE_MAX || g->kw > TAPS_MAX) return false;
    /* the room around planes must not cost more than they do */
    int64_t small = 2 * g->W + 64;
    if ((g->kw - 1) * g->dw > small || g->pw > small || g->ow > small) return false;
    small = 2 * g->H + 64;
    if ((g->kh - 1) * g->dh > small || g->ph > small || g->oh > small) return false;
    int64_t in = made == MADE_X ? g->og * g->oh * g->ow : g->cg * g->H * g->W;
    return in <= COPY_MAX && g->oh * g->ow <= COPY_MAX / 16;
}

bool direct_run(const Geo *g, int made, void *const p[3])
{
    static const int from[3] = {1, 0, 1}, by[3] = {2, 2, 0}; /* y, x, k: what is copied, the other */
    Direct d = {.g = g, .loops = conv_pick(), .made = made, .in = p[from[made]], .k = p[by[made]], .out = p[made]};
    State *S = g->S;
    if (made == MADE_X) plan_backward(&d);
    else plan_forward(&d);
    d.plane = (d.plane + 15) / 16 * 16;
    if (d.plane / 16 % 2 == 0) d.plane += 16; /* planes at powers of two would share few places of the cache */
    for (int64_t c = 0; c < d.co; d.blocks++) {
        int n = next_lanes(&d, d.co - c);
        c += n;
        d.lanes += n;
    }
    double work = (double)g->N * (double)g->groups * (double)g->og * (double)g->taps * (double)g->oh * (double)g->ow;
    int64_t sizes = g->groups * d.lanes * g->taps; /* of a packed kernel, f32 */
    if (made == MADE_X) sizes = g->groups * d.lanes * d.ci * g->kh * g->kw;
    d.pieces = 1;
    if (made == MADE_K) {
        while (d.pieces < PIECES && d.pieces < g->N && d.pieces * d.blocks * g->groups < PIECES) d.pieces *= 2;
        if (d.pieces > g->N) d.pieces = g->N;
    }
    d.tasks = (made == MADE_K ? d.pieces : g->N) * g->groups * d.blocks;
    int threads = par_threads(S, work * FMA_NS < PAR_NS ? 1 : d.tasks);
    d.chunks = threads < 2 ? 1 : 4 * threads < d.tasks ? 4 * threads : d.tasks; /* a slow one holds up little */
    int64_t some = ROWS_AT / d.ow < 1 ? 1 : ROWS_AT / d.ow;
    d.copy = (size_t)(d.ci * d.plane + 16);
    d.rows = (size_t)(made == MADE_K ? g->oh * g->ow * 16 : (some < d.oh ? some : d.oh) * d.ow * CONV_LANES);
    d.rows = (d.rows + 31) / 16 * 16;
    size_t kcap, rcap;
    d.packed = mem_block(S, sizeof(float) * (size_t)(sizes * d.pieces), &kcap);
    if (!d.packed) return false;
    d.room = mem_block(S, sizeof(float) * (d.copy + d.rows) * (size_t)d.chunks, &rcap);
    bool ok = d.room != NULL;
    if (ok && made == MADE_K) memset(d.packed, 0, sizeof(float) * (size_t)(sizes * d.pieces));
    else if (ok) pack(&d, d.packed);
    if (ok) {
        par_for(S, d.chunks, 1, made == MADE_K ? sum_tasks : make_tasks, &d);
        ok = !par_stop(S) || vm_check(S);
    }
    if (ok && made == MADE_K) join_pieces(&d);
    if (d.room) mem_block_free(S, d.room, rcap);
    mem_block_free(S, d.packed, kcap);
    return ok;
}
