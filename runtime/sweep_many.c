/* sweep_many.c -- going back over a level for many seeds at once.
**
** The recording is walked once, and every cotangent on the way is that of all n seeds: a tensor's is a batched
** value (batch.h), so the rules of the table run once for all seeds, on tensors with one axis more; a number's is a
** row of n doubles, adj[node * n ...], so the lane's loop runs along it:
**
**   tensor node   cot   batched value, its whole is [n, shape...]
**   number        adj   n doubles        on[node]: something has arrived (zeros are strong)
**   elements      into  [n, elements]    what came by element or by small slice, until the node is reached
**
** Only for a level that no other derivative watches; functions with their own rules and checkpoints run once for
** each seed, so a recording that has them is left to tape_sweep, as is an operation that gives the batch up.
** cite  Griewank and Walther 2008, "Evaluating Derivatives", section 4.3 (vector mode)
** SPDX-License-Identifier: MIT */
#include "runtime/tape.h"
#include "runtime/batch.h"
#include "runtime/profile.h"
#include "runtime/tape_internal.h"

enum { FEW = 8 /* a slice of less than 1 / FEW of a tensor is added by element */ };
static const size_t NUMBERS_MOST = (size_t)1 << 24; /* cotangents of numbers at a time */

struct Many {
    int64_t n;
    const ManySeeds *seeds;
    const BatchItems *of; /* all of them */
    Value y;
    const Value *lifted;
    int nlifted;
    double *adj;
    uint8_t *on;
    double **into; /* per big node */
    size_t nnodes, nbig;
};

/* ---- what can be swept so ---- */

static bool plain_tree(const Level *L, Value v)
{
    if (v.tag == T_NUM || v.tag == T_TENSOR) return !v.level || v.level == L->index;
    if (v.tag != T_LIST) return v.tag != T_MODEL;
    for (int64_t i = 0; i < v.l->len; i++)
        if (!plain_tree(L, v.l->at[i])) return false;
    return true;
}

static bool suits(State *S, const Level *L, Value y)
{
    if (L->nested || L->check || L->swept || S->batch.depth || S->batch.off || !plain_tree(L, y)) return false;
    for (size_t i = 1; i < L->nbig; i++)
        if (L->big[i].kind == BIG_CUSTOM || L->big[i].kind == BIG_AGAIN) return false;
    return true;
}

/* ---- cotangents ---- */

static bool close_over(State *S, const Tensor *like, int64_t n, DType dt, Value *out)
{
    int64_t shape[RANK_MAX + 1] = {n};
    int rank = like ? like->rank : 0;
    if (rank + 1 > RANK_MAX) return diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    if (rank) memcpy(shape + 1, tensor_shape(like), (size_t)rank * sizeof *shape);
    Tensor *t = tensor_new(S, dt, rank + 1, shape);
    *out = t ? val_obj(T_TENSOR, t) : NIL;
    return t != NULL;
}

/* The row-major f64 data of a whole. Owned. */
static Tensor *numbers_of(State *S, Value v)
{
    Tensor *t = tensor_as(S, v.t, DT_F64), *c = t ? tensor_contiguous(S, t) : NULL;
    obj_release(S, t);
    return c;
}
static const double *data_of(const Tensor *t) { return (const double *)t->st->data + t->offset; }

static bool number_add(State *S, Level *L, uint32_t node, Value g)
{
    Many *m = L->many;
    double *a = m->adj + (size_t)node * (size_t)m->n;
    if (g.tag == T_NUM) {
        if (g.n == 0) return true;
        m->on[node] = 1;
        for (int64_t k = 0; k < m->n; k++) a[k] += g.n;
        return true;
    }
    Tensor *t = numbers_of(S, batch_bottom(g));
    if (!t) return false;
    const double *p = data_of(t);
    for (int64_t k = 0; k < m->n; k++) a[k] += p[k];
    m->on[node] = 1;
    obj_release(S, t);
    return true;
}

static bool tensor_add(State *S, Big *b, Value g)
{
    if (is_nil(b->cot)) {
        b->cot = g;
        return true;
    }
    Value sum;
    bool ok = op2(S, OPID_add, b->cot, g, &sum);
    release(S, g);
    if (!ok) return false;
    release(S, b->cot);
    b->cot = sum;
    return true;
}

/* Adds g (consumed) to the cotangent of a node, whose value looked like `like`. */
static bool node_add(State *S, Level *L, uint32_t node, Value g, Value like)
{
    bool number = like.tag == T_NUM, ok;
    Value h;
    if (is_nil(g)) return true;
    bool scalar = g.tag == T_NUM || (g.tag == T_TENSOR && g.t->rank == 0);
    if (number ? !scalar : !fits(g, like)) {
        ok = op_sum_to(S, g, number ? 0 : like.t->rank, number ? NULL : tensor_shape(like.t), &h);
        release(S, g);
        if (!ok) return false;
        g = h;
    }
    if (number) {
        ok = number_add(S, L, node, g);
        release(S, g);
        return ok;
    }
    if (g.tag == T_TENSOR && g.t->dtype != like.t->dtype) {
        ok = op_cast(S, g, (DType)like.t->dtype, &h);
        release(S, g);
        if (!ok) return false;
        g = h;
    }
    Big *b = level_big_of(L, node);
    if (b) return tensor_add(S, b, g);
    release(S, g);
    return diag_fail(S, DIAG_INTERNAL, "a tensor arrived at a number on the way back");
}

static double *into_of(State *S, Level *L, const Big *b)
{
    double **p = &L->many->into[b - L->big];
    if (!*p) *p = mem_zalloc(S, (size_t)(L->many->n * b->y.t->n) * sizeof **p);
    return *p;
}

/* What came by element joins what came whole. */
static bool join(State *S, Level *L, Big *b)
{
    Many *m = L->many;
    double **p = &m->into[b - L->big];
    Value whole, g;
    if (!*p) return true;
    DType dt = (DType)b->y.t->dtype;
    if (!close_over(S, b->y.t, m->n, dt, &whole)) return false;
    int64_t all = whole.t->n;
    if (dt == DT_F64) memcpy(whole.t->st->data, *p, (size_t)all * sizeof **p);
    else
        for (int64_t i = 0; i < all; i++) tensor_put(whole.t, i, (*p)[i]);
    mem_free(S, *p, (size_t)all * sizeof **p);
    *p = NULL;
    bool ok = batch_select(S, whole, m->of, &g);
    release(S, whole);
    return ok && tensor_add(S, b, g);
}

/* A number's row of cotangents as one value. */
static bool row_of(State *S, const Many *m, uint32_t node, Value *out)
{
    Value whole;
    if (!close_over(S, NULL, m->n, DT_F64, &whole)) return false;
    memcpy(whole.t->st->data, m->adj + (size_t)node * (size_t)m->n, (size_t)m->n * sizeof *m->adj);
    bool ok = batch_select(S, whole, m->of, out);
    release(S, whole);
    return ok;
}

/* ---- one node ---- */

/* A small slice is added by element into its source: a loop over rows stays linear. */
static bool slice_back(State *S, Level *L, const Big *b, Value dy)
{
    const Big *src = level_big_of(L, b->in[0]);
    Tensor *x = src->y.t, *from = tensor_shell(S, DT_F64, x->rank, tensor_shape(x)), *to = NULL, *g = NULL;
    double *d = into_of(S, L, src);
    bool number = dy.t->rank == 0, ok = from && d;
    if (ok) {
        to = tensor_shell(S, DT_F64, number ? 0 : dy.t->rank, tensor_shape(dy.t));
        g = numbers_of(S, batch_bottom(dy));
        ok = to && g && b->op->view(S, from, b->nattr, b->attr, to);
    }
    if (ok) {
        const double *p = data_of(g);
        int64_t each = dy.t->n;
        to->contiguous = false;
        for (int64_t i = 0; i < each; i++) {
            int64_t q = number ? to->offset : tensor_offset(to, i);
            for (int64_t k = 0; k < L->many->n; k++) d[k * x->n + q] += p[k * each + i];
        }
    }
    obj_release(S, from);
    obj_release(S, to);
    obj_release(S, g);
    return ok;
}

static bool send(void *S, uint32_t node, Value g_take, Value like)
{
    return node_add(S, innermost(S), node, g_take, like);
}

static bool op_back(State *S, Level *L, Big *b, Value dy)
{
    if (b->op == op_table[OPID_slice] && is_batch(dy) && dy.t->n * FEW <= level_big_of(L, b->in[0])->y.t->n)
        return slice_back(S, L, b, dy);
    return rule_back(S, b, dy, send, S);
}

static bool stack_back(State *S, Level *L, Big *b, Value dy)
{
    Many *m = L->many;
    if (b->base) { /* gets what was not overwritten */
        Value g;
        if (!stack_rest(S, b, dy, &g) || !node_add(S, L, b->base, g, b->y)) return false;
    }
    bool same = !is_batch(dy); /* one for all seeds */
    Tensor *t = numbers_of(S, same ? dy : batch_bottom(dy));
    if (!t) return false;
    const double *p = data_of(t);
    for (uint32_t i = 0; i < b->nin; i++) {
        uint32_t to = b->in[i];
        if (!to || to == FROM_BASE) continue;
        double *a = m->adj + (size_t)to * (size_t)m->n;
        m->on[to] = 1;
        for (int64_t k = 0; k < m->n; k++) a[k] += p[(same ? 0 : k * b->nin) + i];
    }
    obj_release(S, t);
    return true;
}

static bool big_back(State *S, Level *L, uint32_t node)
{
    Big *b = &L->big[L->lane.node[node].b];
    Value dy = NIL;
    if (S->profile || S->plan_dump.write) S->line = b->at;
    if (b->number) {
        if (!L->many->on[node]) return true;
        if (!row_of(S, L->many, node, &dy)) return false;
    } else {
        if (!join(S, L, b)) return false;
        dy = retain(b->cot);
    }
    if (is_nil(dy)) return true;
    bool ok = b->kind == BIG_OP ? op_back(S, L, b, dy) : stack_back(S, L, b, dy);
    release(S, dy);
    if (ok && !b->number) { /* nobody asks again */
        release(S, b->cot);
        b->cot = NIL;
    }
    return ok;
}

static bool break_back(State *S, Level *L, uint32_t node)
{
    Many *m = L->many;
    const LaneNode *q = &L->lane.node[node];
    if (q->a == MARK_BIG) return big_back(S, L, node);
    if (!m->on[node]) return true;
    const Big *b = &L->big[q->b];
    double *d = into_of(S, L, b);
    const double *g = m->adj + (size_t)node * (size_t)m->n;
    int64_t flat, each = b->y.t->n;
    if (!d) return false;
    memcpy(&flat, &q->pa, sizeof flat);
    for (int64_t k = 0; k < m->n; k++) d[k * each + flat] += g[k];
    return true;
}

static void chain(Many *m, uint32_t to, const double *g, double p)
{
    double *restrict a = m->adj + (size_t)to * (size_t)m->n;
    int64_t n = m->n;
    if (!to || p == 0) return;
    m->on[to] = 1;
    if (isfinite(p))
        for (int64_t k = 0; k < n; k++) a[k] += p * g[k];
    else
        for (int64_t k = 0; k < n; k++) /* strong zeros */
            if (g[k] != 0) a[k] += p * g[k];
}

/* Lane nodes hi, hi - 1, ... lo. */
static void numbers_back(const Level *L, uint32_t hi, uint32_t lo)
{
    Many *m = L->many;
    for (uint32_t i = hi; i >= lo; i--) {
        const LaneNode *q = &L->lane.node[i];
        if (!m->on[i] || q->a == MARK_LEAF) continue;
        const double *g = m->adj + (size_t)i * (size_t)m->n;
        chain(m, q->a, g, q->pa);
        chain(m, q->b, g, q->pb);
    }
}

static bool back(State *S, Level *L)
{
    enum { RUN = 1 << 14 };
    uint32_t i = L->lane.n - 1;
    for (size_t nb = L->nbreaks;; nb--) {
        uint32_t stop = nb ? L->breaks[nb - 1] : 0;
        while (i > stop) {
            uint32_t lo = i - stop > RUN ? i - RUN + 1 : stop + 1;
            numbers_back(L, i, lo);
            i = lo - 1;
            if (i > stop && !vm_check(S)) return false;
        }
        if (!nb) return true;
        if (nb % 64 == 0 && !vm_check(S)) return false;
        if (!break_back(S, L, stop)) return false;
        i = stop - 1;
    }
}

/* ---- in and out ---- */

static bool seed_leaf(State *S, Level *L, Value y, int64_t from)
{
    Many *m = L->many;
    const ManySeeds *s = m->seeds;
    int64_t each = y.tag == T_TENSOR ? y.t->n : 1;
    Value whole, g, node;
    if (y.level != L->index) return true;
    if (y.tag == T_NUM) {
        for (int64_t i = 0; i < s->count; i++) {
            if (s->at[i] != from) continue;
            m->on[y.node] = 1;
            m->adj[(size_t)y.node * (size_t)m->n + (size_t)s->row[i]] += 1;
        }
        return true;
    }
    bool any = false;
    for (int64_t i = 0; i < s->count && !any; i++) any = s->at[i] >= from && s->at[i] < from + each;
    if (!any) return true;
    if (!tape_whole(S, y, &node)) return false;
    bool ok = close_over(S, y.t, m->n, (DType)y.t->dtype, &whole);
    if (ok) {
        memset(whole.t->st->data, 0, (size_t)whole.t->n * dtype_size[whole.t->dtype]);
        for (int64_t i = 0; i < s->count; i++)
            if (s->at[i] >= from && s->at[i] < from + each) tensor_put(whole.t, s->row[i] * each + s->at[i] - from, 1);
        ok = batch_select(S, whole, m->of, &g);
        release(S, whole);
    }
    ok = ok && node_add(S, L, node.node, g, node);
    release(S, node);
    return ok;
}

static bool seed_tree(State *S, Level *L, Value y, int64_t *from)
{
    if (y.tag == T_LIST) {
        for (int64_t i = 0; i < y.l->len; i++)
            if (!seed_tree(S, L, y.l->at[i], from)) return false;
        return true;
    }
    if (y.tag != T_NUM && (y.tag != T_TENSOR || !dtype_float((DType)y.t->dtype))) return true;
    bool ok = seed_leaf(S, L, y, *from);
    *from += y.tag == T_TENSOR ? y.t->n : 1;
    return ok;
}

bool many_cotangent(State *S, Level *L, Value leaf, Value *out, bool *reached)
{
    Many *m = L->many;
    Value whole;
    *reached = false;
    *out = val_num(0);
    if (leaf.tag == T_NUM) {
        *reached = m->on[leaf.node];
        return !*reached || row_of(S, m, leaf.node, out);
    }
    if (!tape_whole(S, leaf, &whole)) return false;
    Big *b = level_big_of(L, whole.node);
    release(S, whole);
    if (!join(S, L, b)) return false;
    if (!is_nil(b->cot)) {
        *reached = true;
        *out = retain(b->cot);
        return true;
    }
    Tensor *t = tensor_zeros(S, (DType)b->y.t->dtype, b->y.t->rank, tensor_shape(b->y.t));
    *out = t ? val_obj(T_TENSOR, t) : NIL;
    return t != NULL;
}

static bool body(State *S, void *ud, const BatchItems *of, Value *out)
{
    Many *m = ud;
    Level *L = innermost(S);
    int64_t from = 0;
    m->of = of;
    if (!seed_tree(S, L, m->y, &from) || !back(S, L)) return false;
    List *l = list_new(S, m->nlifted);
    if (!l) return false;
    *out = val_obj(T_LIST, l);
    for (int i = 0; i < m->nlifted; i++) {
        if (!tape_gradient(S, m->lifted[i], &l->at[i])) return false;
        l->len = i + 1;
    }
    return true;
}

/* Tensors written by element become nodes before the arrays are made that have a place for each node. */
static bool settle(State *S, Value v)
{
    if (v.tag == T_LIST)
        for (int64_t i = 0; i < v.l->len; i++)
            if (!settle(S, v.l->at[i])) return false;
    Value whole;
    if (!by_element(v)) return true;
    if (!tape_whole(S, v, &whole)) return false;
    release(S, whole); /* the tensor's lanes hold it */
    return true;
}

int64_t tape_many_most(State *S)
{
    int64_t n = (int64_t)(NUMBERS_MOST / innermost(S)->lane.n);
    return n < 1 ? 1 : n < BATCH_MOST ? n : BATCH_MOST;
}

bool tape_sweep_many(State *S, Value y, const ManySeeds *seeds, const Value *lifted, int nlifted, Value *out, bool *done)
{
    Level *L = innermost(S);
    *done = false;
    *out = NIL;
    if (!suits(S, L, y)) return true;
    if (!settle(S, y)) return false;
    Many m = {seeds->n, seeds, NULL, y, lifted, nlifted, NULL, NULL, NULL, L->lane.n, L->nbig};
    tape_reset(S);
    m.adj = mem_zalloc(S, m.nnodes * (size_t)m.n * sizeof *m.adj);
    m.on = m.adj ? mem_zalloc(S, m.nnodes) : NULL;
    m.into = m.on ? mem_zalloc(S, m.nbig * sizeof *m.into) : NULL;
    bool ok = m.into != NULL;
    if (ok) {
        ProfileFrame f;
        Span line = S->line;
        L->many = &m;
        PROFILE_IN(S, f, PHASE_SWEEP);
        ok = batch_try(S, m.n, body, &m, out, done);
        PROFILE_OUT(S, f);
        L->many = NULL;
        S->line = line;
        for (size_t i = 1; i < m.nbig; i++)
            if (m.into[i]) mem_free(S, m.into[i], (size_t)(m.n * L->big[i].y.t->n) * sizeof **m.into);
    }
    if (m.adj) mem_free(S, m.adj, m.nnodes * (size_t)m.n * sizeof *m.adj);
    if (m.on) mem_free(S, m.on, m.nnodes);
    if (m.into) mem_free(S, m.into, m.nbig * sizeof *m.into);
    tape_reset(S);
    return ok;
}
