/* stream.c -- a product with a vector, what is done to its elements, and the product with the transposed matrix, in one
** pass over the matrix.
**
**   z = A v      r = element by element from z and other vectors      g = A' r
**
** is what a linear model and its gradient are made of. A that is larger than the caches would be read twice. Instead the
** steps are run together, for a block of rows of A that stays in the second-level cache, then for the next:
**
**            block of A        z      r
**   rows  [ ............ ] -> [ ] -> [ ]
**   rows  [ ............ ] ->            A' r += block' r
**
** A and A' may be two arrays from outside, of which a plan knows no more than their layout: whether they are one shows
** when it runs, and where they are not, the steps go one after another.
**
** The rows are cut into chunks by size; threads take some each; what the chunks have added up is added in their order,
** so the bits are the same for any number of threads.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/products.h"
#include "runtime/plan.h"
#include "runtime/threads.h"

enum { CHUNKS = 16, STREAM_LEAST = 1 << 20 /* bytes of A */, BLOCK = 1 << 18, LINE = 64 };

static bool plain_product(const PlanStep *s) { return s->run == plan_step_lib && s->lib.run->op->id == OPID_matmul; }

static bool vector_of(const Arr *x, int64_t n, DType d)
{
    return x->rank == 1 && x->n == n && x->contiguous && x->dtype == d;
}

static bool first_product(const PlanStep *s)
{
    const Run *r = plain_product(s) ? s->lib.run : NULL;
    if (!r || s->lib.buf[0] == UINT32_MAX || s->lib.buf[1] == UINT32_MAX) return false;
    const Arr *a = &r->x[0];
    if (a->rank != 2 || !dtype_float(a->dtype) || a->stride[1] != 1 || a->stride[0] < a->shape[1]) return false;
    return (double)a->n * dtype_size[a->dtype] >= STREAM_LEAST && vector_of(&r->x[1], a->shape[1], a->dtype) &&
           r->y.dtype == a->dtype;
}

static bool last_product(const PlanStep *s, const PlanStep *first)
{
    const Run *r = plain_product(s) ? s->lib.run : NULL;
    if (!r || s->lib.buf[0] == UINT32_MAX) return false; /* whether it is A's own data is seen when it runs */
    const Arr *a = &first->lib.run->x[0], *t = &r->x[0];
    return s->lib.buf[1] != UINT32_MAX && t->rank == 2 && t->dtype == a->dtype && t->shape[0] == a->shape[1] &&
           t->shape[1] == a->shape[0] && t->stride[0] == 1 && t->stride[1] == a->stride[0] &&
           vector_of(&r->x[1], a->shape[0], a->dtype) && r->y.dtype == a->dtype;
}

/* Whether one of the steps [from, to) makes what lies in a buffer; *whole: a vector of m, element by element. */
static bool made_by(const Plan *p, uint32_t from, uint32_t to, uint32_t buf, int64_t m, bool *whole)
{
    bool made = false;
    *whole = true;
    for (uint32_t s = from; s < to; s++) {
        const PlanStep *t = &p->step[s];
        if (!t->is_region) {
            made |= t->lib.buf[t->lib.run->nin] == buf;
            continue;
        }
        for (uint32_t i = 0; i < t->region.nout; i++) {
            if (t->region.out[i].buf != buf) continue;
            made = true;
            *whole &= t->region.out[i].n == m;
        }
    }
    return made;
}

/* What step s reads of the steps from `from` on, it reads where it writes: element by element. */
static bool in_step(const Plan *p, uint32_t from, uint32_t s, int64_t m)
{
    const PlanStep *t = &p->step[s];
    bool whole;
    if (!t->is_region) return !made_by(p, from, s, t->lib.buf[1], m, &whole) || (whole && t->lib.offset[1] == 0);
    for (uint32_t i = 0; i < t->region.nin; i++) {
        const PlanArray *x = &t->region.in[i];
        if (!made_by(p, from, s, x->buf, m, &whole)) continue;
        if (!whole || x->n != m || x->offset || !x->contiguous) return false;
    }
    return true;
}

/* Room for what all chunks add up, and for the registers of the threads. */
typedef struct Layout {
    int64_t m, k, chunk, rows; /* rows: of a block */
    int chunks;
    size_t part, sums, file; /* bytes of a chunk's part of A' r; doubles of a chunk's sums; bytes of a thread's file */
    size_t bytes;
} Layout;

static Layout layout_of(State *S, const PlanStep *s)
{
    const Arr *a = &s->lib.run->x[0];
    size_t row = (size_t)a->shape[1] * dtype_size[a->dtype];
    Layout l = {.m = a->shape[0], .k = a->shape[1]};
    l.rows = (int64_t)(BLOCK / row) & ~15;
    if (l.rows < 16) l.rows = 16;
    l.chunk = (l.m + CHUNKS - 1) / CHUNKS;
    l.chunk = (l.chunk + l.rows - 1) / l.rows * l.rows;
    l.chunks = (int)((l.m + l.chunk - 1) / l.chunk);
    l.part = (row + LINE - 1) & ~(size_t)(LINE - 1);
    for (uint32_t i = 1; i + 1 < s->stream; i++) {
        l.sums += (region_sums(s[i].region.region) + 7) & ~(size_t)7;
        if (region_file(s[i].region.region) > l.file) l.file = region_file(s[i].region.region);
    }
    l.file = (l.file + LINE - 1) & ~(size_t)(LINE - 1);
    size_t threads = S->threads > 1 ? (size_t)S->threads : 1;
    l.bytes = (size_t)l.chunks * (l.part + l.sums * sizeof(double)) + threads * l.file;
    return l;
}

void plan_stream(State *S, Plan *p)
{
    for (uint32_t s = 0; s + 1 < p->nsteps; s++) {
        PlanStep *first = &p->step[s];
        if (first->is_region || !first_product(first)) continue;
        int64_t m = first->lib.run->x[0].shape[0];
        uint32_t e = s + 1;
        while (e < p->nsteps && p->step[e].is_region && region_is_line(p->step[e].region.region, m) &&
               in_step(p, s, e, m))
            e++;
        if (e == p->nsteps || p->step[e].is_region || !last_product(&p->step[e], first) || !in_step(p, s, e, m))
            continue;
        first->stream = e - s + 1;
        first->run = plan_step_stream;
        for (uint32_t i = s + 1; i <= e; i++) p->step[i].run = plan_step_streamed;
        /* a block of one step is made after a block of the next: what any of them touches lives through all of them */
        for (uint32_t i = 0; i < p->nbufs; i++) {
            PlanBuf *b = &p->buf[i];
            if (b->first > s && b->first <= e) b->first = s;
            if (b->last >= s && b->last < e) b->last = e;
        }
        Layout l = layout_of(S, first);
        if (l.bytes > p->scratch) p->scratch = l.bytes;
        s = e;
    }
}

/* ---- running ---- */

typedef struct Pass {
    PlanRun *p;
    const PlanStep *s;
    Layout l;
    const ProductLoops *loops;
    const char *a, *v, *r;
    char *z;
    int64_t ld;
    size_t size; /* of an element */
    char *part, *files;
    double *sums;
    int spans;
} Pass;

static void run_block(const Pass *w, int64_t lo, int64_t hi, char *part, double *sums, char *file)
{
    const void *in[REGION_INPUTS];
    void *out[REGION_OUTPUTS];
    double num[REGION_NUMBERS];
    const char *rows = w->a + (size_t)(lo * w->ld) * w->size;
    w->loops->rows(hi - lo, w->l.k, 1, rows, w->ld, w->v, false, w->z + (size_t)lo * w->size);
    for (uint32_t i = 1; i + 1 < w->s->stream; i++) {
        const PlanStep *t = &w->s[i];
        plan_region_addresses(w->p, t, in, num, out);
        region_part(w->p->S, t->region.region, in, num, out, file, sums, lo, hi);
        sums += (region_sums(t->region.region) + 7) & ~(size_t)7;
    }
    w->loops->columns(hi - lo, w->l.k, rows, w->ld, w->r + (size_t)lo * w->size, part);
}

/* Spans of the chunks, one a thread. */
static void run_spans(void *ud, int64_t lo, int64_t hi)
{
    const Pass *w = ud;
    const Layout *l = &w->l;
    for (int64_t k = lo; k < hi; k++)
        for (int64_t c = l->chunks * k / w->spans; c < l->chunks * (k + 1) / w->spans; c++) {
            char *part = w->part + (size_t)c * l->part;
            double *sums = w->sums + (size_t)c * l->sums;
            int64_t end = (c + 1) * l->chunk < l->m ? (c + 1) * l->chunk : l->m;
            memset(part, 0, l->part);
            if (l->sums) memset(sums, 0, l->sums * sizeof *sums);
            for (int64_t i = c * l->chunk; i < end && !par_stop(w->p->S); i += l->rows)
                run_block(w, i, i + l->rows < end ? i + l->rows : end, part, sums, w->files + (size_t)k * l->file);
        }
}

static void join_parts(const Pass *w, DType d, void *y)
{
    for (int64_t j = 0; j < w->l.k; j++) {
        double s = 0;
        for (int c = 0; c < w->l.chunks; c++) {
            const char *part = w->part + (size_t)c * w->l.part;
            s += d == DT_F64 ? ((const double *)part)[j] : (double)((const float *)part)[j];
        }
        if (d == DT_F64) ((double *)y)[j] = s;
        else ((float *)y)[j] = (float)s;
    }
}

static bool one_by_one(PlanRun *p, const PlanStep *s)
{
    for (uint32_t i = 0; i < s->stream; i++)
        if (!(s[i].is_region ? plan_step_region(p, &s[i]) : plan_step_lib(p, &s[i]))) return false;
    return true;
}

bool plan_step_stream(PlanRun *p, const PlanStep *s)
{
    State *S = p->S;
    const PlanStep *last = s + s->stream - 1;
    Run *first = plan_addresses(p, s), *back = plan_addresses(p, last);
    if (first->x[0].p != back->x[0].p) return one_by_one(p, s);
    DType d = first->y.dtype;
    Pass w = {.p = p, .s = s, .l = layout_of(S, s), .loops = products_pick(S->isa, d)};
    w.a = first->x[0].p;
    w.v = first->x[1].p;
    w.z = first->y.p;
    w.r = back->x[1].p;
    w.ld = first->x[0].stride[0];
    w.size = dtype_size[d];
    w.part = p->scratch;
    w.sums = (double *)(w.part + (size_t)w.l.chunks * w.l.part);
    w.files = (char *)(w.sums + (size_t)w.l.chunks * w.l.sums);
    w.spans = par_threads(S, w.l.chunks);
    if (w.spans < 2) w.spans = 1, run_spans(&w, 0, 1);
    else par_for(S, w.spans, 1, run_spans, &w);
    if (par_stop(S) && !vm_check(S)) return false;
    join_parts(&w, d, back->y.p);
    const double *sums = w.sums;
    for (uint32_t i = 1; i + 1 < s->stream; i++) {
        const void *in[REGION_INPUTS];
        void *out[REGION_OUTPUTS];
        double num[REGION_NUMBERS];
        plan_region_addresses(p, &s[i], in, num, out);
        region_join(s[i].region.region, out, sums, w.l.chunks, w.l.sums);
        sums += (region_sums(s[i].region.region) + 7) & ~(size_t)7;
        S->plans.stats.regions++;
    }
    return true;
}

bool plan_step_streamed(PlanRun *p, const PlanStep *s)
{
    (void)p, (void)s;
    return true;
}
