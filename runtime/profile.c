/* profile.c -- where the time of a run goes: by phase, by kind of step, by source line.
**
** Kinds and lines are rows of hash tables; a plan's step remembers the row of its kind. A region's own time is shared
** out over the lines of its operations by what each costs on paper. When memory is refused a row is left out, and its
** time stands under "other".
** SPDX-License-Identifier: MIT */
#include "runtime/profile.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "runtime/plan.h"
#include "runtime/state.h"

enum { TOP = 20, ROWS_MOST = 4096, LABEL = 44 };

typedef struct Row {
    uint64_t key;
    uint64_t calls;
    double own, total, bytes, flops;
    union {
        char label[LABEL + 4];
        Span at;
    };
} Row;

typedef struct Rows {
    Row *row; /* [0]: what has no row of its own */
    uint32_t *slot;
    size_t n, cap, nslot;
} Rows;

struct Profile {
    ProfileFrame root, *top;
    double at, own[PHASE_COUNT];
    uint64_t calls[PHASE_COUNT];
    Rows kind, line;
};

/* ---- the clock ---- */

void profile_enter(State *S, ProfileFrame *f, ProfilePhase phase)
{
    Profile *p = S->profile;
    double now = vm_seconds();
    p->top->own += now - p->at;
    *f = (ProfileFrame){p->top, 0, now, phase};
    p->at = now;
    p->top = f;
}

void profile_leave(State *S, ProfileFrame *f)
{
    Profile *p = S->profile;
    double now = vm_seconds();
    f->own += now - p->at;
    p->at = now;
    p->own[f->phase] += f->own;
    p->calls[f->phase]++;
    p->top = f->up;
}

/* ---- rows ---- */

static bool rows_grow(State *S, Rows *t)
{
    size_t n = t->nslot ? t->nslot * 2 : 256;
    uint32_t *slot = mem_zalloc(S, n * sizeof *slot);
    if (!slot) return false;
    for (size_t i = 1; i < t->n; i++) {
        size_t k = t->row[i].key & (n - 1);
        while (slot[k]) k = (k + 1) & (n - 1);
        slot[k] = (uint32_t)i;
    }
    mem_free(S, t->slot, t->nslot * sizeof *t->slot);
    t->slot = slot;
    t->nslot = n;
    return true;
}

/* Measuring does without what it could not have. */
static uint32_t forgive(State *S)
{
    diag_free(S, diag_take(S));
    return 0;
}

/* The row of a key; 0 when there can be no more. *fresh: it is new. */
static uint32_t row_of(State *S, Rows *t, uint64_t key, bool *fresh)
{
    *fresh = false;
    size_t k = key & (t->nslot - 1);
    for (; t->slot[k]; k = (k + 1) & (t->nslot - 1))
        if (t->row[t->slot[k]].key == key) return t->slot[k];
    if (t->n >= ROWS_MOST || S->err) return 0;
    if (2 * t->n >= t->nslot) {
        if (!rows_grow(S, t)) return forgive(S);
        for (k = key & (t->nslot - 1); t->slot[k];) k = (k + 1) & (t->nslot - 1);
    }
    if (!MEM_PUSH(S, t->row, t->n, t->cap)) return forgive(S);
    t->row[t->n] = (Row){.key = key};
    t->slot[k] = (uint32_t)t->n;
    *fresh = true;
    return (uint32_t)t->n++;
}

static bool rows_open(State *S, Rows *t)
{
    if (!rows_grow(S, t) || !MEM_PUSH(S, t->row, t->n, t->cap)) return false;
    t->row[t->n++] = (Row){0};
    return true;
}

bool profile_open(State *S)
{
    Profile *p = mem_zalloc(S, sizeof *p);
    if (!p) return false;
    plans_trim(S); /* their steps remember rows of an earlier profile */
    S->profile = p;
    p->top = &p->root;
    p->at = p->root.start = vm_seconds();
    if (rows_open(S, &p->kind) && rows_open(S, &p->line)) return true;
    profile_close(S);
    return false;
}

void profile_close(State *S)
{
    Profile *p = S->profile;
    if (!p) return;
    Rows *all[] = {&p->kind, &p->line};
    for (int i = 0; i < 2; i++) {
        mem_free(S, all[i]->row, all[i]->cap * sizeof *all[i]->row);
        mem_free(S, all[i]->slot, all[i]->nslot * sizeof *all[i]->slot);
    }
    mem_free(S, p, sizeof *p);
    S->profile = NULL;
}

static uint64_t mix(uint64_t h, uint64_t w)
{
    h = (h ^ w) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static void add(Row *r, uint64_t calls, double own, double total, double bytes, double flops)
{
    r->calls += calls;
    r->own += own;
    r->total += total;
    r->bytes += bytes;
    r->flops += flops;
}

static void add_line(State *S, Span at, uint64_t calls, double own, double bytes, double flops)
{
    Rows *t = &S->profile->line;
    bool fresh;
    uint32_t i = at.file ? row_of(S, t, mix(mix(1, at.file), at.off), &fresh) : 0;
    if (i && fresh) t->row[i].at = at;
    add(&t->row[i], calls, own, own, bytes, flops);
}

/* ---- what operations cost ---- */

static const Arr *input(const Run *r, int i) { return r->more ? &r->more[i] : &r->x[i]; }
static int64_t dim(const Arr *x, int from_end) { return x->rank >= from_end ? x->shape[x->rank - from_end] : 1; }

/* Distinct elements: a stretched axis is read once. */
static double distinct(const Arr *x)
{
    if (x->contiguous || !x->n) return (double)x->n;
    double n = 1;
    for (int k = 0; k < x->rank; k++)
        if (x->stride[k]) n *= (double)x->shape[k];
    return n;
}

double op_bytes(const Run *r)
{
    double y = (double)r->y.n * dtype_size[r->y.dtype], sum = y;
    switch (r->op->id) {
    case OPID_take:
    case OPID_gather:
    case OPID_slice:
    case OPID_pick: /* only what is picked is read */
        sum += y;
        for (int i = 1; i < r->nin; i++) sum += distinct(input(r, i)) * dtype_size[input(r, i)->dtype];
        return sum;
    default:
        for (int i = 0; i < r->nin; i++) sum += distinct(input(r, i)) * dtype_size[input(r, i)->dtype];
        return sum;
    }
}

/* Products of [.., n, n] matrices count by the cube: `by` * n^3 each. */
static double cubes(const Arr *x, double by)
{
    double m = (double)dim(x, 2), n = (double)dim(x, 1);
    if (!x->n || x->rank < 2) return (double)x->n;
    return (double)x->n / (m * n) * by * m * n * (m < n ? m : n);
}

double op_flops(const Run *r)
{
    const Arr *x = input(r, 0), *z = r->nin > 1 ? input(r, 1) : NULL;
    double n = r->nin ? (double)x->n : 0, y = (double)r->y.n;
    switch (r->op->id) {
    case OPID_matmul: return 2 * y * (double)dim(x, 1);
    case OPID_conv:
    case OPID_conv_input: /* each output (of conv_input: each input) meets a kernel */
        return 2 * (r->op->id == OPID_conv ? y : n) * (z->n ? (double)(z->n / z->shape[0]) : 0);
    case OPID_conv_kernel: return y && z->rank > 1 ? 2 * (double)z->n * y / (double)r->y.shape[0] : 0;
    case OPID_attention:
    case OPID_attention_back: {
        /* q k' and its product with v; back: scores again and four more products */
        double pairs = n / (double)(dim(x, 1) ? dim(x, 1) : 1) * (double)dim(z, 2);
        double widths = (double)dim(x, 1) + (double)(r->nin > 2 ? dim(input(r, 2), 1) : dim(x, 1));
        return pairs * widths * (r->op->id == OPID_attention ? 2 : 5);
    }
    case OPID_softmax:
    case OPID_log_softmax:
    case OPID_cross_entropy_rows:
    case OPID_cross_entropy_back: return 4 * n;
    case OPID_logsumexp:
    case OPID_variance:
    case OPID_std: return 3 * n;
    case OPID_norm: return 2 * n;
    case OPID_standardize: return 5 * n;
    case OPID_standardize_slope: return 8 * n;
    case OPID_layer_norm: return 7 * n;
    case OPID_layer_norm_back: return 13 * n;
    case OPID_lstm_step: return 4 * n;
    case OPID_gru_step: return 5 * n;
    case OPID_lstm_back:
    case OPID_gru_back: return 10 * n;
    case OPID_dft:
    case OPID_rdft:
    case OPID_rdft_back: {
        int axis = (int)r->attr[0].i;
        double len = axis >= 0 && axis < r->y.rank ? (double)r->y.shape[axis] : 1;
        return 2.5 * y * (len > 2 ? log2(len) : 1);
    }
    case OPID_cholesky: return cubes(x, 1.0 / 3);
    case OPID_lu:
    case OPID_lu_pack:
    case OPID_det:
    case OPID_slogdet: return cubes(x, 2.0 / 3);
    case OPID_solve: return cubes(x, 2.0 / 3) + 2 * y * (double)dim(x, 1);
    case OPID_solve_triangular: return y * (double)dim(x, 1);
    case OPID_inv: return cubes(x, 2);
    case OPID_qr:
    case OPID_lstsq: return cubes(x, 2);
    case OPID_eigh: return cubes(x, 9);
    case OPID_svd:
    case OPID_pinv: return cubes(x, 14);
    case OPID_expm: return cubes(x, 20);
    case OPID_sort:
    case OPID_argsort:
    case OPID_quantile: return n > 2 ? n * log2(n) : n;
    case OPID_take_add:
    case OPID_scatter_add: return z ? (double)input(r, r->nin - 1)->n : n;
    case OPID_cast:
    case OPID_cast_whole:
    case OPID_reshape:
    case OPID_permute:
    case OPID_broadcast_to:
    case OPID_slice:
    case OPID_unslice:
    case OPID_concat:
    case OPID_stack:
    case OPID_take:
    case OPID_gather:
    case OPID_pick:
    case OPID_set_slice:
    case OPID_set_rows:
    case OPID_fill:
    case OPID_random:
    case OPID_diag_embed:
    case OPID_diag_part:
    case OPID_tril:
    case OPID_triu:
    case OPID_share:
    case OPID_max_spread:
    case OPID_max_pick: return 0; /* moves, and draws */
    default: return n > y ? n : y;
    }
}

/* About how long an element takes, beside an addition. */
static double weight_of(const OpDef *op)
{
    switch (op->id) {
    case OPID_add:
    case OPID_sub:
    case OPID_mul:
    case OPID_neg:
    case OPID_square:
    case OPID_maximum:
    case OPID_minimum:
    case OPID_relu:
    case OPID_where:
    case OPID_lt:
    case OPID_le:
    case OPID_eq:
    case OPID_ne:
    case OPID_cast:
    case OPID_abs:
    case OPID_sum:
    case OPID_mean:
    case OPID_max:
    case OPID_min:
    case OPID_chain:
    case OPID_gate: return 1;
    case OPID_div:
    case OPID_sqrt:
    case OPID_reciprocal:
    case OPID_chain_div: return 3;
    default: return 8;
    }
}

/* ---- measuring ---- */

static void shape_label(Buf *b, const Arr *x)
{
    buf_puts(b, " ");
    shape_text(b, x->rank, x->shape);
}

static void set_label(Row *row, const Buf *b)
{
    size_t n = b->len < LABEL ? b->len : LABEL;
    if (b->p) memcpy(row->label, b->p, n);
    if (b->len > LABEL) memcpy(row->label + LABEL - 3, "...", 3);
    row->label[n] = 0;
    if (b->failed) forgive(b->S);
}

static uint32_t kind_of_run(State *S, const Run *r, const char *name)
{
    uint64_t key = mix(mix(mix(2, (uint64_t)r->op->id), r->y.dtype), (uint64_t)name[0] << 8 | (uint64_t)name[1]);
    for (int i = 0; i < r->nin && i < OP_INPUTS; i++) {
        const Arr *x = input(r, i);
        key = mix(key, (uint64_t)x->rank);
        for (int k = 0; k < x->rank; k++) key = mix(key, (uint64_t)x->shape[k]);
    }
    bool fresh;
    uint32_t row = row_of(S, &S->profile->kind, key, &fresh);
    if (!row || !fresh) return row;
    Buf b;
    buf_init(&b, S);
    buf_printf(&b, "%s %s", name, dtype_name[r->y.dtype]);
    for (int i = 0; i < r->nin && i < OP_INPUTS; i++) shape_label(&b, input(r, i));
    set_label(&S->profile->kind.row[row], &b);
    buf_deinit(&b);
    return row;
}

/* A region's kind is the list of its operations and its space. */
static uint32_t kind_of_region(State *S, const Plan *p, const PlanStep *s)
{
    Buf b;
    buf_init(&b, S);
    const PlanNode *n = &p->node[s->nodes[0]];
    const PlanArray *space = &n->y;
    if (n->op->flags & OPF_REDUCE && n->in[0].from != FROM_NUMBER)
        space = n->in[0].from == FROM_TENSOR ? &p->tensor[n->in[0].at] : &p->node[n->in[0].at].y;
    buf_printf(&b, "region %s ", dtype_name[n->y.dtype]);
    shape_text(&b, space->rank, space->shape);
    for (uint32_t i = 0; i < s->nnodes; i++) buf_printf(&b, " %s", p->node[s->nodes[i]].op->name);
    uint64_t key = 3;
    for (size_t i = 0; i < b.len; i++) key = mix(key, (unsigned char)b.p[i]);
    bool fresh;
    uint32_t row = row_of(S, &S->profile->kind, key, &fresh);
    if (row && fresh) set_label(&S->profile->kind.row[row], &b);
    buf_deinit(&b);
    return row;
}

bool profile_run(Run *r)
{
    State *S = r->S;
    ProfileFrame f;
    uint32_t kind = kind_of_run(S, r, r->op->name);
    double bytes = op_bytes(r), flops = op_flops(r);
    Span at = r->at; /* kernels may change what r says */
    profile_enter(S, &f, PHASE_ONCE);
    bool ok = r->op->run ? r->op->run(r) : each_run(r);
    profile_leave(S, &f);
    add(&S->profile->kind.row[kind], 1, f.own, S->profile->at - f.start, bytes, flops);
    add_line(S, at, 1, f.own, bytes, flops);
    return ok;
}

static double node_weight(const Plan *p, const PlanNode *n)
{
    double most = (double)n->y.n;
    for (int i = 0; i < n->nin; i++) {
        if (n->in[i].from == FROM_NUMBER) continue;
        const PlanArray *x = n->in[i].from == FROM_TENSOR ? &p->tensor[n->in[i].at] : &p->node[n->in[i].at].y;
        if ((double)x->n > most) most = (double)x->n;
    }
    return most * weight_of(n->op) + 1;
}

bool profile_step(PlanRun *p, const PlanStep *s)
{
    State *S = p->S;
    PlanStep *step = (PlanStep *)s; /* what it remembers is no part of what it does */
    ProfileFrame f;
    bool region = s->is_region;
    if (!s->kind) {
        if (region) step->kind = kind_of_region(S, p->plan, s);
        else step->kind = kind_of_run(S, s->lib.run, plan_step_name(p->plan, s));
    }
    profile_enter(S, &f, PHASE_STEP);
    bool ok = s->run(p, s);
    profile_leave(S, &f);
    add(&S->profile->kind.row[s->kind], 1, f.own, S->profile->at - f.start, s->bytes, s->flops);
    double all = 0;
    for (uint32_t i = 0; i < s->nnodes; i++) all += node_weight(p->plan, &p->plan->node[s->nodes[i]]);
    for (uint32_t i = 0; i < s->nnodes; i++) {
        double part = node_weight(p->plan, &p->plan->node[s->nodes[i]]) / all;
        add_line(S, p->node[s->nodes[i]]->node->at, 1, f.own * part, s->bytes * part, s->flops * part);
    }
    return ok;
}

/* ---- the report ---- */

static const char *const phase_name[PHASE_COUNT] =
    {"interpreter and all else", "recording operations",   "finding plans",      "building plans", "storage of results",
     "steps of plans",           "operations run at once", "sweeping the tapes", "optimisers"};

static int longest_first(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    if (x->own != y->own) return x->own > y->own ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

/* 1234567 as "1.23M", at most five characters. */
static const char *short_count(double x, char *buf)
{
    static const char unit[] = " kMGTPE";
    int k = 0;
    while (x >= 999.5 && unit[k + 1]) x /= 1000, k++;
    int whole = k == 0 && x == floor(x);
    snprintf(buf, 16, "%.*f%.*s", whole || x >= 99.95 ? 0 : x >= 9.995 ? 1 : 2, x, k ? 1 : 0, unit + k);
    return buf;
}

/* A rate in thousand millions a second; "-" where there is nothing to rate. */
static const char *rate(double x, double seconds, char *buf)
{
    if (x <= 0 || seconds <= 0) return "-";
    snprintf(buf, 16, "%.2f", x / seconds * 1e-9);
    return buf;
}

/* Lines have a row for each place so far: the rows of one line become one. */
static void join_lines(State *S, Rows *t)
{
    for (size_t i = 1; i < t->n; i++) {
        int line, col;
        source_where(S, t->row[i].at, &line, &col);
        t->row[i].at.off = (uint32_t)line;
        for (size_t k = 1; k < i; k++) {
            if (t->row[k].at.file != t->row[i].at.file || t->row[k].at.off != (uint32_t)line) continue;
            add(&t->row[k], t->row[i].calls, t->row[i].own, t->row[i].total, t->row[i].bytes, t->row[i].flops);
            t->row[i--] = t->row[--t->n];
            break;
        }
    }
}

/* "net.gd:12  let h = tanh(x @ w)", at most `most` characters, cut at a whole one. */
static void line_text(State *S, Buf *b, Span at, size_t most)
{
    const Source *src = source_get(S, at.file);
    size_t from = b->len;
    if (!src) return;
    const char *name = strrchr(src->name, '/');
    buf_printf(b, "%s:%u  ", name ? name + 1 : src->name, at.off);
    const char *p = src->text;
    for (uint32_t k = 1; k < at.off && p; k++) p = (p = strchr(p, '\n')) ? p + 1 : NULL;
    while (p && (*p == ' ' || *p == '\t')) p++;
    if (p) buf_put(b, p, strcspn(p, "\r\n"));
    if (b->failed || b->len - from <= most) return;
    b->len = from + most - 3;
    while (b->len > from && ((unsigned char)b->p[b->len] & 0xc0) == 0x80) b->len--;
    buf_puts(b, "...");
}

static void report_kinds(Buf *b, Rows *t, double all)
{
    char x[16], y[16], z[16], w[16];
    qsort(t->row, t->n, sizeof *t->row, longest_first);
    buf_puts(b, "\nby kind of step; GFLOP/s and GB/s by own time\n"
                " own secs  share    total  calls  bytes  flops GFLOP/s   GB/s  kind\n");
    double rest = 0;
    size_t n = 0, more = 0;
    for (size_t i = 0; i < t->n; i++) {
        const Row *r = &t->row[i];
        if (!r->calls) continue;
        if (n++ >= TOP) {
            rest += r->own;
            more++;
            continue;
        }
        buf_printf(b, "%9.4f %5.1f%% %8.4f %6s", r->own, 100 * r->own / all, r->total, short_count((double)r->calls, x));
        buf_printf(b, " %6s %6s", short_count(r->bytes, x), short_count(r->flops, y));
        buf_printf(b, " %7s %6s  %.35s\n", rate(r->flops, r->own, z), rate(r->bytes, r->own, w),
                   r->key ? r->label : "other");
    }
    if (more) buf_printf(b, "%9.4f %5.1f%%  %zu more kinds\n", rest, 100 * rest / all, more);
}

static void report_lines(State *S, Buf *b, Rows *t, double all)
{
    char x[16], y[16], z[16];
    join_lines(S, t);
    qsort(t->row, t->n, sizeof *t->row, longest_first);
    buf_puts(b, "\nby source line: tensor work, also of derivatives\n"
                "     secs  share   calls  bytes  flops  line\n");
    double rest = 0;
    size_t n = 0, more = 0;
    for (size_t i = 0; i < t->n; i++) {
        const Row *r = &t->row[i];
        if (!r->calls) continue;
        if (n++ >= TOP) {
            rest += r->own;
            more++;
            continue;
        }
        buf_printf(b, "%9.4f %5.1f%%  %6s %6s %6s  ", r->own, 100 * r->own / all, short_count((double)r->calls, x),
                   short_count(r->bytes, y), short_count(r->flops, z));
        if (r->key) line_text(S, b, r->at, 58);
        else buf_puts(b, "other");
        buf_puts(b, "\n");
    }
    if (more) buf_printf(b, "%9.4f %5.1f%%  %zu more lines\n", rest, 100 * rest / all, more);
}

void profile_report(State *S, const char *title, Buf *b)
{
    Profile *p = S->profile;
    double now = vm_seconds(), all = now - p->root.start;
    p->own[PHASE_REST] += p->root.own + now - p->at; /* nothing is entered */
    p->at = now;
    if (all <= 0) all = 1e-9;
    struct rusage use = {0};
    getrusage(RUSAGE_SELF, &use);
    char x[16], y[16], z[16];
    buf_printf(b, "profile of %s: %.4f seconds, %d thread%s\n", title, all, S->threads, S->threads == 1 ? "" : "s");
    buf_printf(b, "peak memory: %sB of values, %sB resident\n\n", short_count((double)S->mem.peak, x),
               short_count((double)use.ru_maxrss * 1024, y));
    buf_puts(b, "     secs  share   calls  what\n");
    static const uint8_t order[PHASE_COUNT] = {PHASE_STEP, PHASE_ONCE,  PHASE_RECORD, PHASE_FIND, PHASE_BUILD,
                                               PHASE_BIND, PHASE_SWEEP, PHASE_OPTIM,  PHASE_REST};
    for (int i = 0; i < PHASE_COUNT; i++) {
        int k = order[i];
        buf_printf(b, "%9.4f %5.1f%%  %6s  %s\n", p->own[k], 100 * p->own[k] / all,
                   k == PHASE_REST ? "" : short_count((double)p->calls[k], x), phase_name[k]);
    }
    buf_printf(b, "%9.4f 100.0%%          all\n", all);
    report_kinds(b, &p->kind, all);
    report_lines(S, b, &p->line, all);
    const PlanStats *s = &S->plans.stats;
    buf_printf(b, "\nplans: %s found, %s built, %s forgotten; ", short_count((double)s->hits, x),
               short_count((double)s->misses, y), short_count((double)s->evictions, z));
    buf_printf(b, "steps: %s regions, %s calls of kernels; ", short_count((double)s->regions, x),
               short_count((double)s->library, y));
    buf_printf(b, "%sB moved by plans\n", short_count(s->bytes, x));
}
