/* origin.c -- where the first NaN or infinity came from.
**
** A level that is checked (tape.h) keeps a Mark for each node and a Bad for each operation that made something not
** finite out of finite operands. What is infinite on the way need not matter (`where` may drop it), so the answer is
** looked for from the result: back through values that are not finite, to the first operation among them. Going back,
** each cotangent that is not finite remembers the node it came from, so the answer lies at the end of that chain.
**
**   loss nan <- `+` nan <- `log` nan   made here: log(-0.3), of a finite operand; from there the shortest way to a leaf
**
** A call of a function with its own rule counts as one operation; a checkpoint is left out, so what is in it is seen.
** Nothing of this costs anything while all is finite: descend runs the block once more, checked, when it is not.
** SPDX-License-Identifier: MIT */
#include "runtime/tape.h"
#include <stdio.h>
#include "runtime/tape_internal.h"

enum { BADS = 256, HEAD = 4, TAIL = 3 };

static bool numeric(Value v)
{
    if (v.tag == T_NUM) return true;
    return v.tag == T_TENSOR && dtype_float((DType)v.t->dtype) && !(v.t->obj.flags & TENSOR_GHOST);
}

/* The first element that is not finite. */
static bool bad_element(State *S, Value v, int64_t *flat, double *got)
{
    *flat = 0;
    if (!numeric(v)) return false;
    if (v.tag == T_NUM) return *got = v.n, !isfinite(v.n);
    if (!tensor_force(S, v.t)) return false;
    for (int64_t i = 0; i < v.t->n; i++) {
        double x = tensor_get(v.t, i);
        if (isfinite(x)) continue;
        *flat = i;
        *got = x;
        return true;
    }
    return false;
}

bool value_finite(State *S, Value v)
{
    int64_t flat;
    double got;
    return !bad_element(S, v, &flat, &got);
}

/* ---- what an operation was given ---- */

/* The operand's element under element `flat` of a result of the given shape, by broadcasting. */
static bool element_under(State *S, Value v, const Bad *b, double *out)
{
    if (v.tag == T_NUM) return *out = v.n, true;
    if (v.tag == T_BOOL) return *out = v.b, true;
    if (v.tag != T_TENSOR || v.t->obj.flags & TENSOR_GHOST || v.t->rank > b->rank) return false;
    if (!tensor_force(S, v.t)) return false;
    int64_t rest = b->flat, at = 0, step = 1;
    for (int k = b->rank - 1, j = v.t->rank - 1; k >= 0; k--, j--) {
        int64_t i = rest % b->shape[k], d = j >= 0 ? tensor_shape(v.t)[j] : 1;
        rest /= b->shape[k];
        if (d != 1 && d != b->shape[k]) return false;
        if (d != 1) at += i * step;
        step *= d;
    }
    *out = tensor_get(v.t, at);
    return true;
}

static void operand_of(State *S, Value v, const Bad *b, bool each, Operand *o)
{
    *o = (Operand){.kind = OPERAND_UNKNOWN};
    if (each || v.tag != T_TENSOR) {
        if (element_under(S, v, b, &o->lo)) o->kind = OPERAND_VALUE;
        return;
    }
    if (v.t->obj.flags & TENSOR_GHOST || !tensor_force(S, v.t)) return;
    o->kind = OPERAND_RANGE;
    o->rank = v.t->rank;
    memcpy(o->shape, tensor_shape(v.t), sizeof *o->shape * (size_t)v.t->rank);
    o->lo = INFINITY;
    o->hi = -INFINITY;
    for (int64_t i = 0; i < v.t->n; i++) {
        double x = tensor_get(v.t, i);
        if (x != x) o->nan = true;
        if (x < o->lo) o->lo = x;
        if (x > o->hi) o->hi = x;
    }
}

static void operands_of(State *S, Bad *b, const Value *x, int nin)
{
    bool each = b->op && b->op->flags & OPF_EACH;
    b->nx = nin < OPERANDS ? nin : OPERANDS;
    for (int i = 0; i < b->nx; i++) operand_of(S, x[i], b, each, &b->x[i]);
}

static void shape_of(Bad *b, Value v)
{
    b->rank = v.tag == T_TENSOR ? v.t->rank : 0;
    if (b->rank) memcpy(b->shape, tensor_shape(v.t), sizeof *b->shape * (size_t)b->rank);
}

/* ---- parents ---- */

/* The k-th parent of a node, 0 where that is a constant; false when there are no more. */
static bool parent(const Level *L, uint32_t node, uint32_t k, uint32_t *out)
{
    const LaneNode *q = &L->lane.node[node];
    *out = 0;
    if (L->mark[node].call) return k == 0 && (*out = L->mark[node].call, true);
    if (q->a == MARK_LEAF) return false;
    if (q->a == MARK_ELEM) return k == 0 && (*out = L->big[q->b].node, true);
    if (q->a != MARK_BIG) return k < 2 && (*out = k ? q->b : q->a, true);
    const Big *b = &L->big[q->b];
    if (b->kind == BIG_OP) return k < b->nin && (*out = b->in[k], true);
    if (b->kind == BIG_CUSTOM) {
        if (k + 3 >= b->nin) return false;
        *out = b->in[k];
        return true;
    }
    if (b->kind != BIG_STACK || k > b->nin) return false;
    *out = k == 0 ? b->base : b->in[k - 1];
    if (*out == FROM_BASE) *out = 0;
    return true;
}

static const Big *call_of(const Level *L, uint32_t node)
{
    const LaneNode *q = &L->lane.node[node];
    return q->a == MARK_BIG && L->big[q->b].kind == BIG_CUSTOM ? &L->big[q->b] : NULL;
}

static const char *name_of(const Level *L, const Bad *b)
{
    const char *fn = L->mark[b->node].fn;
    return b->op ? op_symbol(b->op) : fn ? fn : "element";
}

static bool is_stack(const Level *L, uint32_t node)
{
    const LaneNode *q = &L->lane.node[node];
    return q->a == MARK_BIG && L->big[q->b].kind == BIG_STACK;
}

/* ---- forward: called as each node is recorded ---- */

void level_bad(State *S, Level *L, uint32_t node, Value y, const OpDef *d, const Value *x, int nin)
{
    Bad b = {.node = node, .op = d};
    if (!bad_element(S, y, &b.flat, &b.got)) return;
    L->mark[node].bad = true;
    bool inherited = false, nan = false;
    uint32_t p;
    for (uint32_t k = 0; parent(L, node, k, &p); k++) inherited |= p && L->mark[p].bad;
    for (int i = 0; i < nin; i++) {
        int64_t flat;
        double v = 0;
        if (!bad_element(S, x[i], &flat, &v)) continue;
        b.given = true;
        nan |= v != v;
    }
    if ((inherited && (nan || b.got == b.got)) || L->nbad >= BADS || !d) return;
    shape_of(&b, y);
    operands_of(S, &b, x, nin);
    if (MEM_PUSH(S, L->badrec, L->nbad, L->capbad)) L->badrec[L->nbad++] = b;
}

static bool tree_bad(State *S, Value y, Bad *b)
{
    if (y.tag == T_LIST) {
        for (int64_t i = 0; i < y.l->len; i++)
            if (tree_bad(S, y.l->at[i], b)) return true;
        return false;
    }
    shape_of(b, y);
    return bad_element(S, y, &b->flat, &b->got);
}

void level_bad_call(State *S, Level *L, uint32_t node, Value y, const Value *x, int nin)
{
    Bad b = {.node = node};
    L->mark[node].fn = custom_name(&L->big[L->lane.node[node].b]);
    for (uint32_t i = node + 1; i < L->lane.n; i++) L->mark[i].call = node;
    if (!tree_bad(S, y, &b)) return;
    for (uint32_t i = node; i < L->lane.n; i++) L->mark[i].bad = true;
    uint32_t p;
    for (uint32_t k = 0; parent(L, node, k, &p); k++)
        if (p && L->mark[p].bad) return;
    if (L->nbad >= BADS) return;
    for (int i = 0; i < nin; i++) b.given |= !value_finite(S, x[i]);
    operands_of(S, &b, x, nin);
    if (MEM_PUSH(S, L->badrec, L->nbad, L->capbad)) L->badrec[L->nbad++] = b;
}

/* ---- backward: v is what `by` sends to `node` ---- */

void level_bad_back(State *S, Level *L, uint32_t node, Value v, uint32_t by)
{
    Bad b = {.node = by, .back = true};
    if (!node || L->mark[node].back || !bad_element(S, v, &b.flat, &b.got)) return;
    L->mark[node].back = true;
    L->mark[node].from = by;
    if (!by || L->mark[by].back || L->nbad >= 2 * BADS) return;
    const LaneNode *q = &L->lane.node[by];
    Value x[2] = {val_num(L->mark[by].x[0]), val_num(L->mark[by].x[1])};
    shape_of(&b, v);
    b.op = L->mark[by].opid >= 0 ? op_table[L->mark[by].opid] : NULL;
    if (q->a == MARK_BIG && L->big[q->b].kind == BIG_OP && L->big[q->b].x) {
        const Big *big = &L->big[q->b];
        b.op = big->op;
        operands_of(S, &b, big->x, (int)big->nin);
        Value dy = big->number ? val_num(L->adj[by]) : big->cot;
        b.has_dy = element_under(S, dy, &b, &b.dy);
    } else if (call_of(L, by)) {
        operands_of(S, &b, call_of(L, by)->x, (int)call_of(L, by)->nin - 3);
    } else if (q->a < NODES_MAX) {
        operands_of(S, &b, x, L->mark[by].nx);
        b.dy = L->adj[by];
        b.has_dy = true;
    }
    if (MEM_PUSH(S, L->badrec, L->nbad, L->capbad)) L->badrec[L->nbad++] = b;
}

void level_bad_call_back(Level *L, uint32_t node)
{
    for (uint32_t i = node + 1; i < L->lane.n && L->mark[i].call == node; i++) {
        if (!L->mark[i].back) continue;
        L->mark[node].back = true;
        L->mark[node].from = i;
        return;
    }
}

/* ---- finding it ---- */

static const Bad *bad_of(const Level *L, uint32_t node, bool back)
{
    for (size_t i = 0; i < L->nbad; i++)
        if (L->badrec[i].node == node && L->badrec[i].back == back) return &L->badrec[i];
    return NULL;
}

/* The first of the operations that `from` (not finite) comes from through values that are not finite. */
static const Bad *made_first(State *S, Level *L, uint32_t from)
{
    uint8_t *seen = mem_zalloc(S, L->lane.n);
    const Bad *best = NULL;
    if (!seen) return NULL;
    seen[from] = 1;
    for (uint32_t i = from, p; i > 0; i--) {
        if (!seen[i] || (i != from && !L->mark[i].bad && !is_stack(L, i))) continue;
        for (uint32_t k = 0; parent(L, i, k, &p); k++)
            if (p) seen[p] = 1;
    }
    for (size_t i = 0; i < L->nbad; i++) {
        const Bad *b = &L->badrec[i];
        if (!b->back && seen[b->node] && (!best || (best->given && !b->given))) best = b;
    }
    mem_free(S, seen, L->lane.n);
    return best;
}

/* The shortest way from `node` to a node that `is_leaf` knows: step[0] is that leaf, step[n - 1] is node. */
static bool way_to_leaf(State *S, Level *L, uint32_t node, TapeLeaf is_leaf, void *ud, uint32_t **step, size_t *n)
{
    size_t size = (size_t)L->lane.n * sizeof(uint32_t), head = 0, tail = 0;
    uint32_t *to = mem_zalloc(S, size), *queue = to ? mem_alloc(S, size) : NULL, leaf = 0, p;
    *step = NULL;
    *n = 0;
    if (queue) {
        queue[tail++] = node;
        to[node] = node;
        while (head < tail && !leaf) {
            uint32_t i = queue[head++];
            const LaneNode *q = &L->lane.node[i];
            if ((q->a == MARK_LEAF || (q->a == 0 && q->b == 0)) && is_leaf(ud, i)) leaf = i;
            for (uint32_t k = 0; !leaf && parent(L, i, k, &p); k++)
                if (p && !to[p] && (q->a >= NODES_MAX || (k ? q->pb : q->pa) != 0)) to[p] = i, queue[tail++] = p;
        }
        for (uint32_t i = leaf; leaf; i = to[i]) {
            queue[(*n)++] = i;
            if (i == node) break;
        }
    }
    mem_free(S, to, size);
    if (*n) *step = queue;
    else mem_free(S, queue, queue ? size : 0);
    return *n > 0;
}

/* ---- saying it ---- */

static void put_num(Buf *b, double x)
{
    if (x != x) buf_puts(b, "nan");
    else buf_printf(b, "%.6g", x);
}

static void put_shape(Buf *b, const int64_t *shape, int rank)
{
    for (int i = 0; i < rank; i++) buf_printf(b, "%s%lld", i ? ", " : "[", (long long)shape[i]);
    buf_puts(b, "]");
}

void tape_put_index(Buf *b, int64_t flat, const int64_t *shape, int rank)
{
    int64_t at[RANK_MAX];
    for (int k = rank - 1; k >= 0; k--) {
        at[k] = flat % shape[k];
        flat /= shape[k];
    }
    put_shape(b, at, rank);
}

static void put_operand(Buf *b, const Operand *o)
{
    switch (o->kind) {
    case OPERAND_VALUE: put_num(b, o->lo); break;
    case OPERAND_RANGE:
        put_shape(b, o->shape, o->rank);
        if (o->lo > o->hi) break;
        buf_puts(b, o->nan ? " with nan and from " : o->lo == o->hi ? " of " : " from ");
        put_num(b, o->lo);
        if (o->lo == o->hi) break;
        buf_puts(b, " to ");
        put_num(b, o->hi);
        break;
    case OPERAND_UNKNOWN: buf_puts(b, "..."); break;
    }
}

static void put_made(Buf *b, const Level *L, const Bad *bad)
{
    const char *name = name_of(L, bad);
    bool infix = bad->nx == 2 && !((*name | 32) >= 'a' && (*name | 32) <= 'z');
    bool range = false;
    for (int i = 0; i < bad->nx; i++) range |= bad->x[i].kind == OPERAND_RANGE;
    if (infix && !range) {
        for (int i = 0; i < 2; i++) {
            if (i) buf_printf(b, " %s ", name);
            bool braces = i && bad->x[i].kind == OPERAND_VALUE && bad->x[i].lo < 0;
            if (braces) buf_puts(b, "(");
            put_operand(b, &bad->x[i]);
            if (braces) buf_puts(b, ")");
        }
    } else if (range) {
        buf_printf(b, "`%s` of ", name);
        for (int i = 0; i < bad->nx; i++) {
            if (i) buf_puts(b, i == bad->nx - 1 ? " and " : ", ");
            put_operand(b, &bad->x[i]);
        }
    } else {
        buf_printf(b, "%s(", name);
        for (int i = 0; i < bad->nx; i++) {
            if (i) buf_puts(b, ", ");
            put_operand(b, &bad->x[i]);
        }
        buf_puts(b, ")");
    }
    if (bad->back) {
        if (bad->has_dy) buf_puts(b, ": the adjoint "), put_num(b, bad->dy), buf_puts(b, " comes back as ");
        else buf_puts(b, ": what comes back is ");
    } else {
        buf_puts(b, bad->given ? " gives " : " is ");
    }
    put_num(b, bad->got);
    if (bad->rank) {
        buf_puts(b, ", element ");
        tape_put_index(b, bad->flat, bad->shape, bad->rank);
        buf_puts(b, " of ");
        put_shape(b, bad->shape, bad->rank);
    }
}

static void put_step(State *S, Level *L, Buf *b, uint32_t node, uint32_t *file, int *last)
{
    const Mark *m = &L->mark[node];
    const LaneNode *q = &L->lane.node[node];
    int line = 0, col = 0;
    const char *other = m->fn ? m->fn : q->a == MARK_BIG ? "[...]" : "element";
    const char *what = m->opid >= 0 ? op_symbol(op_table[m->opid]) : other;
    buf_printf(b, "`%s`", what);
    if (!source_get(S, m->at.file)) return;
    source_where(S, m->at, &line, &col);
    char place[300];
    if (m->at.file != *file) buf_printf(b, " (%s)", source_place(S, m->at, place, sizeof place));
    else if (line != *last) buf_printf(b, " (line %d)", line);
    *file = m->at.file;
    *last = line;
}

/* "`@` (net.gd:7), `+`, `log` (line 9)": what lies between a leaf and the operation. */
static void put_chain(State *S, Level *L, Buf *b, const uint32_t *step, size_t n)
{
    uint32_t file = 0;
    int last = 0;
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (n > HEAD + TAIL + 1 && i == HEAD) {
            buf_printf(b, ", %zu more", n - HEAD - TAIL);
            i = n - TAIL;
        }
        if (L->mark[step[i]].call) continue; /* the call itself is a step */
        if (any) buf_puts(b, ", ");
        any = true;
        put_step(S, L, b, step[i], &file, &last);
    }
}

bool tape_origin(State *S, Value y, uint32_t leaf, TapeLeaf is_leaf, void *ud, TapeOrigin *o)
{
    Level *L = innermost(S);
    const Bad *bad = NULL;
    uint32_t *step = NULL;
    size_t n = 0, cap = (size_t)L->lane.n;
    *o = (TapeOrigin){.at = SPAN_NONE};
    if (!L->check) return false;
    o->backward = value_finite(S, y);
    if (!o->backward && y.level == L->index) {
        bad = made_first(S, L, y.node);
        if (!bad) return false;
        way_to_leaf(S, L, bad->node, is_leaf, ud, &step, &n);
    } else if (leaf && L->mark[leaf].back) { /* from the leaf along what came back not finite */
        if (!(step = mem_alloc(S, cap * sizeof *step))) return false;
        uint32_t i = leaf;
        step[n++] = leaf;
        while (L->mark[i].back && L->mark[i].from && n < cap) step[n++] = i = L->mark[i].from;
        bad = bad_of(L, i, true);
    }
    if (bad) {
        Buf b;
        o->op = name_of(L, bad);
        o->at = L->mark[bad->node].at;
        buf_init(&b, S);
        put_made(&b, L, bad);
        o->made = buf_str(&b);
        if (n) {
            o->leaf = step[0];
            buf_init(&b, S);
            put_chain(S, L, &b, step + 1, n - 1);
            o->chain = buf_str(&b);
        }
    }
    mem_free(S, step, step ? cap * sizeof *step : 0);
    return bad != NULL;
}
