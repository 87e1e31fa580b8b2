/* plan_text.c -- how a plan reads, for --dump=plan, and what its steps cost on paper.
**
** Names in the text: #3 the fourth operation that was recorded, and its result; x0 an array from outside; in0, out0, n0
** inputs, results and numbers of one region, whose program region.c prints. The pending nodes are at hand while a plan
** is shown, so operations are shown as recorded, before the builder rewrote them.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/plan.h"
#include "runtime/profile.h"
#include "runtime/state.h"

enum { INSIDE = UINT32_MAX };

/* ---- cost on paper ---- */

static Arr arr_of(const PlanArray *x)
{
    return (Arr){NULL, x->dtype, x->rank, x->shape, x->stride, x->n, x->contiguous};
}

static double array_bytes(const PlanArray *x)
{
    double n = (double)x->n;
    if (!x->contiguous && x->n)
        for (int k = 0; k < x->rank; k++)
            if (!x->stride[k]) n /= (double)x->shape[k];
    return n * dtype_size[x->dtype];
}

const char *plan_step_name(const Plan *p, const PlanStep *s)
{
    const PlanNode *n = &p->node[s->node];
    if (s->is_region) return "region";
    if (n->copy) return "copy";
    if (n->adds) return "matmul+add";
    return n->contraction ? "contraction" : n->op->name;
}

static void measure_region(const Plan *p, PlanStep *s)
{
    for (uint32_t i = 0; i < s->region.nin; i++) s->bytes += array_bytes(&s->region.in[i]);
    for (uint32_t i = 0; i < s->region.nout; i++) s->bytes += array_bytes(&s->region.out[i]);
    for (uint32_t i = 0; i < s->nnodes; i++) {
        const PlanNode *n = &p->node[s->nodes[i]];
        Run r = {.op = n->op, .y = arr_of(&n->y), .nin = n->nin, .nattr = n->nattr, .attr = n->attr};
        for (int k = 0; k < n->nin; k++)
            if (n->in[k].from != FROM_NUMBER)
                r.x[k] = arr_of(n->in[k].from == FROM_TENSOR ? &p->tensor[n->in[k].at] : &p->node[n->in[k].at].y);
        s->flops += op_flops(&r);
    }
}

void plan_measure(Plan *p)
{
    for (uint32_t i = 0; i < p->nsteps; i++) {
        PlanStep *s = &p->step[i];
        if (s->is_region) {
            measure_region(p, s);
        } else {
            const PlanNode *n = &p->node[s->node];
            s->bytes = op_bytes(s->lib.run);
            s->flops = op_flops(s->lib.run);
            if (n->adds) s->flops += (double)n->y.n;
            if (n->contraction) s->flops = 2 * (double)n->y.n * (double)n->contraction->depth;
        }
        p->bytes += s->bytes;
    }
}

/* ---- names ---- */

typedef struct Show {
    State *S;
    const Plan *p;
    Tensor *const *node, *const *tensor;
    const double *num;
    Buf b;
} Show;

/* Plans are counted from 1 as they are built; this one is not counted yet. */
static unsigned long long number_of(const Show *w) { return w->S->plans.stats.misses + 1; }

static void array_text(Buf *b, DType dt, int rank, const int64_t *shape)
{
    buf_puts(b, dtype_name[dt]);
    if (rank) shape_text(b, rank, shape);
}

static void number_text(Buf *b, double x)
{
    char text[40];
    num_format(text, x);
    buf_puts(b, text);
}

/* An input as it was recorded. */
static void value_text(Buf *b, Value v)
{
    if (v.tag == T_TENSOR) buf_printf(b, "%s%u", v.t->node ? "#" : "x", v.t->mark - 1);
    else if (v.tag == T_BOOL) buf_puts(b, v.b ? "true" : "false");
    else number_text(b, v.n);
}

static void call_text(Buf *b, const Node *n)
{
    buf_printf(b, "%s(", n->op->name);
    for (int i = 0; i < n->nin; i++) {
        if (i) buf_puts(b, ", ");
        value_text(b, n->x[i]);
    }
    buf_puts(b, ")");
}

static int line_of(const Show *w, Span at)
{
    int line = 0, col;
    if (at.file) source_where(w->S, at, &line, &col);
    return line;
}

static void pad(Buf *b, size_t from, size_t width)
{
    size_t n = b->len - from;
    buf_printf(b, "%*s", (int)(n < width ? width - n : 1), "");
}

static void place_text(const Show *w, Buf *b, const PlanArray *y)
{
    const PlanBuf *q = &w->p->buf[y->buf];
    if (q->kind == BUF_TENSOR) buf_printf(b, "x%u", q->tensor);
    else if (q->kind == BUF_RESULT) buf_puts(b, "kept");
    else buf_printf(b, "arena %zu", q->offset);
}

/* The name of what an array of a step is: the node whose value it is, or one from outside. Views are named by the node
** that made the data. */
static void array_name(const Show *w, Buf *b, const PlanArray *x, uint32_t step)
{
    const Plan *p = w->p;
    if (p->buf[x->buf].kind == BUF_TENSOR) {
        buf_printf(b, "x%u", p->buf[x->buf].tensor);
        return;
    }
    uint32_t best = INSIDE; /* buffers change hands: the latest that was made before */
    for (uint32_t i = 0; i < p->nnodes; i++) {
        const PlanNode *n = &p->node[i];
        if ((n->role == ROLE_STEP || n->role == ROLE_REGION) && n->y.buf == x->buf && n->step < step &&
            (best == INSIDE || n->step >= p->node[best].step))
            best = i;
    }
    if (best == INSIDE) buf_puts(b, "?");
    else buf_printf(b, "#%u", best);
}

/* What became of an operation. */
static void fate_text(const Show *w, Buf *b, uint32_t i)
{
    const PlanNode *n = &w->p->node[i];
    switch ((NodeRole)n->role) {
    case ROLE_SAME: buf_printf(b, "the same as #%u", n->as); break;
    case ROLE_PART: buf_printf(b, "part of #%u", n->as); break;
    case ROLE_NUMBER: buf_puts(b, "a number to its regions"); break;
    case ROLE_VIEW:
        buf_puts(b, "view of ");
        value_text(b, w->node[i]->node->x[0]);
        break;
    case ROLE_REGION:
        buf_printf(b, "step %u, region", n->step);
        if (n->y.buf == INSIDE) buf_puts(b, ", stays inside");
        break;
    case ROLE_STEP: buf_printf(b, "step %u, %s", n->step, plan_step_name(w->p, &w->p->step[n->step])); break;
    }
    if (n->kept) buf_puts(b, "; kept");
}

/* ---- text ---- */

static void from_outside(Show *w)
{
    Buf *b = &w->b;
    if (!w->p->ntensors) return;
    buf_puts(b, "\n  arrays from outside\n");
    for (uint32_t i = 0; i < w->p->ntensors; i++) {
        const Tensor *t = w->tensor[i];
        size_t from = b->len;
        buf_printf(b, "    x%u", i);
        pad(b, from, 9);
        array_text(b, (DType)t->dtype, t->rank, tensor_shape(t));
        if (!t->contiguous) buf_puts(b, " strided");
        pad(b, from, 34);
        int line = line_of(w, t->at);
        if (t->made_by) buf_printf(b, "of %s", t->made_by);
        if (line) buf_printf(b, "%sline %d", t->made_by ? ", " : "", line);
        while (b->len && b->p[b->len - 1] == ' ') b->len--;
        buf_puts(b, "\n");
    }
}

static void recorded(Show *w)
{
    Buf *b = &w->b;
    buf_puts(b, "\n  operations as recorded\n");
    for (uint32_t i = 0; i < w->p->nnodes; i++) {
        const Node *n = w->node[i]->node;
        size_t from = b->len;
        buf_printf(b, "    #%u", i);
        pad(b, from, 9);
        buf_printf(b, "line %d%s", line_of(w, n->at), n->back ? ", back" : "");
        pad(b, from, 25);
        call_text(b, n);
        pad(b, from, 50);
        array_text(b, (DType)w->node[i]->dtype, w->node[i]->rank, tensor_shape(w->node[i]));
        pad(b, from, 66);
        fate_text(w, b, i);
        buf_puts(b, "\n");
    }
}

/* "12" or "12 to 15" of the source lines of a step. */
static void step_lines(Show *w, const PlanStep *s)
{
    int lo = 0, hi = 0;
    for (uint32_t i = 0; i < s->nnodes; i++) {
        int line = line_of(w, w->node[s->nodes[i]]->node->at);
        if (!line) continue;
        if (!lo || line < lo) lo = line;
        if (line > hi) hi = line;
    }
    if (lo == hi) buf_printf(&w->b, "line %d", lo);
    else buf_printf(&w->b, "lines %d to %d", lo, hi);
}

static void step_cost(Show *w, const PlanStep *s)
{
    buf_printf(&w->b, "%s moves %.0f bytes, %.0f flops\n", s->nnodes > 1 ? "," : ":", s->bytes, s->flops);
}

static void arrays_read(Show *w, uint32_t step, uint32_t n, const PlanArray *x, bool region)
{
    Buf *b = &w->b;
    for (uint32_t i = 0; i < n; i++) {
        size_t from = b->len;
        buf_puts(b, i ? "             " : "      reads  ");
        if (region) buf_printf(b, "in%u = ", i);
        array_name(w, b, &x[i], step);
        pad(b, from, 26);
        array_text(b, x[i].dtype, x[i].rank, x[i].shape);
        if (!x[i].contiguous) buf_puts(b, " strided");
        if (x[i].offset) buf_printf(b, " from element %lld", (long long)x[i].offset);
        if (w->p->buf[x[i].buf].kind != BUF_TENSOR) {
            pad(b, from, 46);
            place_text(w, b, &x[i]);
        }
        buf_puts(b, "\n");
    }
}

static void region_step(Show *w, uint32_t i)
{
    const PlanStep *s = &w->p->step[i];
    Buf *b = &w->b;
    buf_printf(b, "    %u  region of %u operation%s, ", i, s->nnodes, s->nnodes == 1 ? "" : "s");
    step_lines(w, s);
    step_cost(w, s);
    arrays_read(w, i, s->region.nin, s->region.in, true);
    for (uint32_t k = 0; k < s->region.nnum; k++) {
        buf_printf(b, "%sn%u = ", k ? ", " : "      numbers ", k);
        number_text(b, w->num[s->region.num[k]]);
    }
    if (s->region.nnum) buf_puts(b, "\n");
    uint32_t o = 0;
    for (uint32_t k = 0; k < s->nnodes && o < s->region.nout; k++) {
        const PlanNode *n = &w->p->node[s->nodes[k]];
        if (n->y.buf != s->region.out[o].buf) continue;
        size_t from = b->len;
        buf_printf(b, "%sout%u = #%u", o ? "             " : "      writes ", o, s->nodes[k]);
        pad(b, from, 26);
        array_text(b, n->y.dtype, n->y.rank, n->y.shape);
        pad(b, from, 46);
        place_text(w, b, &n->y);
        for (uint32_t j = 0; j < s->region.nin; j++)
            if (s->region.in[j].buf == n->y.buf) buf_printf(b, ", over in%u", j);
        buf_puts(b, "\n");
        o++;
    }
    buf_puts(b, "      program\n");
    size_t from = b->len;
    Buf text;
    buf_init(&text, w->S);
    region_text(s->region.region, &text);
    for (size_t at = 0; at < text.len;) {
        const char *end = memchr(text.p + at, '\n', text.len - at);
        size_t n = end ? (size_t)(end - (text.p + at)) + 1 : text.len - at;
        buf_puts(b, "      ");
        buf_put(b, text.p + at, n);
        at += n;
    }
    if (b->len == from) buf_puts(b, "        (nothing to do)\n");
    buf_deinit(&text);
}

static void library_step(Show *w, uint32_t i)
{
    const Plan *p = w->p;
    const PlanStep *s = &p->step[i];
    const PlanNode *n = &p->node[s->node];
    Buf *b = &w->b;
    buf_printf(b, "    %u  %s, ", i, plan_step_name(p, s));
    step_lines(w, s);
    step_cost(w, s);
    if (s->stream)
        buf_printf(b, "      goes by blocks of rows together with steps %u to %u\n", i + 1, i + s->stream - 1);
    const Run *r = s->lib.run;
    uint32_t count = 0;
    for (int k = 0; k < r->nin; k++) {
        if (s->lib.buf[k] == INSIDE) {
            buf_puts(b, count++ ? "             " : "      reads  ");
            number_text(b, w->num[s->lib.num[k]]);
            buf_puts(b, "\n");
            continue;
        }
        const Arr *x = r->more ? &r->more[k] : &r->x[k];
        PlanArray a = {x->dtype,
                       x->rank,
                       x->contiguous,
                       s->lib.buf[k],
                       x->n,
                       s->lib.offset[k] / (int64_t)dtype_size[x->dtype],
                       (int64_t *)x->shape,
                       (int64_t *)x->stride};
        size_t at = b->len;
        arrays_read(w, i, 1, &a, false);
        if (count++ && !b->failed) memset(b->p + at, ' ', strlen("      reads  "));
    }
    size_t from = b->len;
    buf_printf(b, "      writes #%u", s->node);
    pad(b, from, 26);
    array_text(b, n->y.dtype, n->y.rank, n->y.shape);
    pad(b, from, 46);
    place_text(w, b, &n->y);
    if (n->adds) buf_puts(b, ", added to what is there");
    buf_puts(b, "\n");
}

static void arena(Show *w)
{
    const Plan *p = w->p;
    Buf *b = &w->b;
    size_t sum = 0, n = 0;
    for (uint32_t i = 0; i < p->nbufs; i++) {
        if (p->buf[i].kind != BUF_ARENA) continue;
        sum += p->buf[i].bytes;
        n++;
    }
    if (!n) return;
    buf_printf(b, "\n  arena of %zu bytes for %zu value%s of together %zu\n", p->arena, n, n == 1 ? "" : "s", sum);
    for (uint32_t i = 0; i < p->nbufs; i++) {
        const PlanBuf *q = &p->buf[i];
        if (q->kind != BUF_ARENA) continue;
        size_t from = b->len;
        buf_printf(b, "    %zu ... %zu", q->offset, q->offset + q->bytes);
        pad(b, from, 26);
        if (q->first == q->last) buf_printf(b, "step %u ", q->first);
        else buf_printf(b, "steps %u to %u ", q->first, q->last);
        pad(b, from, 42);
        bool first = true;
        for (uint32_t k = 0; k < p->nnodes; k++) {
            const PlanNode *v = &p->node[k];
            if ((v->role != ROLE_STEP && v->role != ROLE_REGION) || v->y.buf != i) continue;
            buf_printf(b, "%s#%u", first ? "" : ", then ", k);
            first = false;
        }
        buf_puts(b, "\n");
    }
}

static void text(Show *w)
{
    const Plan *p = w->p;
    Buf *b = &w->b;
    buf_printf(b, "plan %llu: %u operation%s, %u array%s from outside, %u step%s\n", number_of(w), p->nnodes,
               p->nnodes == 1 ? "" : "s", p->ntensors, p->ntensors == 1 ? "" : "s", p->nsteps,
               p->nsteps == 1 ? "" : "s");
    from_outside(w);
    recorded(w);
    if (p->nsteps) buf_puts(b, "\n  steps\n");
    for (uint32_t i = 0; i < p->nsteps; i++) {
        if (p->step[i].is_region) region_step(w, i);
        else library_step(w, i);
    }
    arena(w);
    buf_puts(b, "\n");
}

/* ---- DOT ---- */

/* An operation: a box; in a region: inside of the region's frame. Views are dashed, kept results have two lines. */
static void dot_node(Show *w, uint32_t i)
{
    unsigned long long plan = number_of(w);
    const PlanNode *n = &w->p->node[i];
    const Tensor *t = w->node[i];
    Buf *b = &w->b;
    buf_printf(b, "    p%llu_%u [label=\"#%u %s\\n", plan, i, i, t->node->op->name);
    array_text(b, (DType)t->dtype, t->rank, tensor_shape(t));
    buf_printf(b, "\\nline %d%s", line_of(w, t->node->at), t->node->back ? ", back" : "");
    if (n->role == ROLE_STEP || (n->role == ROLE_REGION && n->y.buf != INSIDE)) {
        buf_puts(b, "\\n");
        place_text(w, b, &n->y);
    }
    bool work = n->role == ROLE_STEP || n->role == ROLE_PART;
    buf_printf(b, "\"%s%s%s];\n",
               work                     ? ", fillcolor=\"#f6d8ae\""
               : n->role == ROLE_REGION ? ", fillcolor=\"#ffffff\""
                                        : "",
               n->role == ROLE_VIEW || n->role == ROLE_SAME ? ", style=\"filled,dashed\", fillcolor=\"#eeeeee\"" : "",
               n->kept ? ", peripheries=2" : "");
}

static void dot_edges(Show *w, uint32_t i)
{
    unsigned long long plan = number_of(w);
    const PlanNode *q = &w->p->node[i];
    const Node *n = w->node[i]->node;
    Buf *b = &w->b;
    if (q->role == ROLE_SAME) {
        buf_printf(b, "    p%llu_%u -> p%llu_%u [style=dotted, label=\"same\"];\n", plan, q->as, plan, i);
        return;
    }
    for (int k = 0; k < n->nin; k++) {
        Value v = n->x[k];
        if (v.tag == T_TENSOR) {
            buf_printf(b, "    p%llu_%s%u -> p%llu_%u;\n", plan, v.t->node ? "" : "x", v.t->mark - 1, plan, i);
            continue;
        }
        buf_printf(b, "    p%llu_n%u_%d [label=\"", plan, i, k);
        value_text(b, v);
        buf_printf(b, "\", shape=plaintext, style=\"\"];\n    p%llu_n%u_%d -> p%llu_%u;\n", plan, i, k, plan, i);
    }
}

static void dot(Show *w)
{
    const Plan *p = w->p;
    unsigned long long plan = number_of(w);
    Buf *b = &w->b;
    buf_printf(b, "  subgraph cluster_p%llu {\n    label=\"plan %llu: %u steps, arena of %zu bytes\";\n", plan, plan,
               p->nsteps, p->arena);
    for (uint32_t i = 0; i < p->ntensors; i++) {
        buf_printf(b, "    p%llu_x%u [label=\"x%u\\n", plan, i, i);
        array_text(b, (DType)w->tensor[i]->dtype, w->tensor[i]->rank, tensor_shape(w->tensor[i]));
        buf_puts(b, "\", shape=ellipse, fillcolor=\"#d5e8d4\"];\n");
    }
    for (uint32_t s = 0; s < p->nsteps; s++) {
        const PlanStep *t = &p->step[s];
        buf_printf(b,
                   "    subgraph cluster_p%llu_%u {\n    label=\"step %u: %s\"; style=\"rounded,filled\"; fillcolor=\"%s\";\n",
                   plan, s, s, plan_step_name(p, t), t->is_region ? "#dae8fc" : "#fdf3e3");
        for (uint32_t k = 0; k < t->nnodes; k++) dot_node(w, t->nodes[k]);
        for (uint32_t k = 0; k < p->nnodes; k++)
            if (p->node[k].role == ROLE_PART && p->node[p->node[k].as].step == s) dot_node(w, k);
        buf_puts(b, "    }\n");
    }
    for (uint32_t i = 0; i < p->nnodes; i++)
        if (p->node[i].role == ROLE_VIEW || p->node[i].role == ROLE_SAME || p->node[i].role == ROLE_NUMBER)
            dot_node(w, i);
    for (uint32_t i = 0; i < p->nnodes; i++) dot_edges(w, i);
    buf_puts(b, "  }\n");
}

bool plan_show(State *S, const Plan *p, Tensor *const *node, Tensor *const *tensor, const double *num)
{
    Show w = {S, p, node, tensor, num, {0}};
    buf_init(&w.b, S);
    if (S->plan_dump.dot) dot(&w);
    else text(&w);
    bool ok = !w.b.failed;
    if (ok) S->plan_dump.write(S->plan_dump.ud, w.b.p, w.b.len);
    buf_deinit(&w.b);
    return ok;
}
