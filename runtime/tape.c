/* tape.c -- recording tensors: operations, elements read and written, stacks of numbers, functions with their
** own adjoint.
**
** Everything here works level by level: an operation on values of level k is applied to what they are one
** level further out (which records there when that is a level too), and then noted on level k. The datum is
** computed once; only headers differ from level to level. The rules themselves run in sweep.c, and on the spot
** where the level is a forward one (forward.c).
** SPDX-License-Identifier: MIT */
#include "runtime/tape.h"
#include "runtime/tape_internal.h"

enum { SMALL = 16 };

/* ---- operations ---- */

static bool keeps(const OpDef *d, int i) { return d->keep >> (i < 6 ? i : 6) & 1; }

enum { FEW = 64 }; /* elements: the data costs no more than the shape */

/* A shape for what no rule reads; y's own when it is the same. A small tensor is kept as it is. */
static bool ghost_of(State *S, Value v, Value like, Value *out)
{
    if (v.tag != T_TENSOR) {
        *out = v;
        return true;
    }
    if (v.t->n <= FEW && !v.t->node && !v.t->lanes && v.t->st->cap <= FEW * sizeof(double)) {
        *out = retain(with_hdr(v, 0));
        return true;
    }
    if (like.tag == T_TENSOR && like.t->obj.flags & TENSOR_GHOST && like.t->dtype == v.t->dtype &&
        shape_equal(like.t, v.t)) {
        *out = retain(like);
        return true;
    }
    Tensor *g = tensor_ghost(S, v.t);
    *out = g ? val_obj(T_TENSOR, g) : NIL;
    return g != NULL;
}

static bool record(State *S, Level *L, int opid, const Value *x, const Value *low, int nin, const Attr *attr, int nattr,
                   Value y, uint32_t *node)
{
    const OpDef *d = op_table[opid];
    uint32_t at;
    size_t size = (size_t)nin * (sizeof(Value) + sizeof(uint32_t)) + (size_t)nattr * sizeof(Attr);
    char *p = level_alloc(S, L, size);
    L->opid = opid;
    if (!p || !level_big(S, L, BIG_OP, &at)) return false;
    LaneNode q = {MARK_BIG, at, 0, 0};
    if (!level_push(S, L, q, y.level ? y.hdr : 0, 0, 0, node) || !level_break(S, L, *node)) return false;
    Big *b = &L->big[at];
    b->op = d;
    b->at = y.tag == T_TENSOR ? y.t->at : vm_here(S); /* where the result was made */
    b->node = *node;
    b->number = y.tag == T_NUM;
    b->attr = (Attr *)(p + (size_t)nin * sizeof(Value));
    b->in = (uint32_t *)(b->attr + nattr);
    if (nattr) memcpy(b->attr, attr, (size_t)nattr * sizeof *attr);
    b->nattr = nattr;
    b->x = (Value *)p;
    if (d->keep & KEEP_Y) b->y = retain(y);
    else if (!ghost_of(S, y, NIL, &b->y)) return false;
    for (int i = 0; i < nin; i++) {
        b->in[i] = x[i].level == L->index ? x[i].node : 0;
        if (keeps(d, i) || L->check) b->x[i] = retain(low[i]); /* check: for the message */
        else if (!ghost_of(S, low[i], b->y, &b->x[i])) return false;
        b->nin = (uint32_t)i + 1;
    }
    if (L->check) level_bad(S, L, *node, y, d, low, nin);
    return true;
}

static bool apply(State *S, int opid, const Value *x, Value *low, int nin, const Attr *attr, int nattr, Value *out)
{
    int k = 0;
    Level *L = NULL;
    for (int i = 0; i < nin; i++)
        if (x[i].level > k) {
            k = x[i].level;
            L = level_of(S, x[i]);
        }
    if (!k) return op_apply(S, (OpId)opid, x, nin, attr, nattr, out);
    bool zero = op_table[opid]->flags & OPF_ZERO;
    for (int i = 0; i < nin; i++) {
        low[i] = x[i];
        if (zero && x[i].level) low[i] = with_hdr(x[i], 0);
        else if (x[i].level == k) low[i] = with_hdr(x[i], low_hdr(L, x[i].node));
    }
    Value y = NIL;
    if (!op_apply(S, (OpId)opid, low, nin, attr, nattr, &y)) return false;
    if (L->forward && !zero) return forward_op(S, L, opid, x, low, nin, attr, nattr, y, out);
    uint32_t node;
    if (zero || (y.tag != T_NUM && (y.tag != T_TENSOR || !dtype_float((DType)y.t->dtype)))) {
        *out = y;
        return true;
    }
    if (!record(S, L, opid, x, low, nin, attr, nattr, y, &node)) {
        release(S, y);
        return false;
    }
    *out = with_hdr(y, node_hdr(L, y.tag, node));
    return true;
}

bool tape_op(State *S, int opid, const Value *x, int nin, const void *attr, int nattr, Value *out)
{
    Value small[2 * SMALL], *xs = small;
    size_t size = (size_t)nin * 2 * sizeof(Value);
    bool lanes = nin > SMALL;
    for (int i = 0; i < nin; i++) lanes |= by_element(x[i]);
    *out = NIL;
    if (!lanes) return apply(S, opid, x, small, nin, attr, nattr, out);
    if (nin > SMALL && !(xs = mem_alloc(S, size))) return false;
    int made = 0;
    bool ok = true;
    for (int i = 0; i < nin && ok; i++) {
        ok = tape_whole(S, x[i], &xs[i]);
        made += ok;
    }
    ok = ok && apply(S, opid, xs, xs + nin, nin, attr, nattr, out);
    for (int i = 0; i < made; i++) release(S, xs[i]);
    if (xs != small) mem_free(S, xs, size);
    return ok;
}

/* ---- elements read ---- */

/* The header of element `flat`, whose value is v, of the tensor with header h. */
bool element_hdr(State *S, uint64_t h, int64_t flat, double v, uint64_t *out)
{
    if (!hdr_level(h)) {
        *out = T_NUM;
        return true;
    }
    Level *L = level_of(S, (Value){.hdr = h});
    uint32_t src = hdr_node(h), node;
    uint64_t lower = 0;
    if (L->nested && L->low[src].lower && !element_hdr(S, L->low[src].lower, flat, v, &lower)) return false;
    if (L->forward) {
        Value t = forward_tangent(L, src), y = with_hdr(val_num(v), lower);
        if (t.tag == T_TENSOR && !tape_element(S, t, flat, &t)) return false;
        if (!forward_put(S, L, y, t, &y)) return false;
        *out = y.hdr;
        return true;
    }
    LaneNode q = {MARK_ELEM, L->lane.node[src].b, 0, 0};
    memcpy(&q.pa, &flat, sizeof flat);
    node = L->lane.n;
    if (node < L->lane.fast && !lower && L->nbreaks < L->capbreaks) {
        L->lane.node[node] = q;
        L->lane.n = node + 1;
        L->breaks[L->nbreaks++] = node;
    } else {
        L->opid = -1;
        if (!level_push(S, L, q, lower, 0, 0, &node) || !level_break(S, L, node)) return false;
        if (L->check) level_bad(S, L, node, val_num(v), NULL, NULL, 0);
    }
    *out = node_hdr(L, T_NUM, node);
    return true;
}

bool tape_element(State *S, Value x, int64_t flat, Value *out)
{
    if (!tensor_force(S, x.t)) return false;
    double v = tensor_get(x.t, flat);
    uint64_t h = T_NUM;
    if (x.t->dtype == DT_BOOL) {
        *out = val_bool(v != 0);
        return true;
    }
    *out = val_num(v);
    if (!x.level) return true;
    if (by_element(x)) {
        Lanes *l = x.t->lanes;
        h = l->h[flat];
        if (h == H_PLAIN) return true;
        if (h == 0) {
            if (!hdr_level(l->base)) return true;
            if (!element_hdr(S, l->base, flat, v, &h)) return false;
            l->h[flat] = h;
        }
    } else if (!element_hdr(S, x.hdr, flat, v, &h)) {
        return false;
    }
    out->hdr = h;
    return true;
}

/* ---- elements written ---- */

static size_t lanes_size(int64_t n) { return sizeof(Lanes) + (size_t)n * sizeof(uint64_t); }

static Lanes *lanes_new(State *S, int64_t n, uint64_t base)
{
    Lanes *l = mem_zalloc(S, lanes_size(n));
    if (!l) return NULL;
    l->n = n;
    l->base = base;
    l->whole = l->keep = NIL;
    return l;
}

void lanes_free(State *S, Lanes *l)
{
    if (!l) return;
    release(S, l->whole);
    release(S, l->keep);
    mem_free(S, l, lanes_size(l->n));
}

Lanes *lanes_copy(State *S, const Lanes *l)
{
    Lanes *c = lanes_new(S, l->n, l->base);
    if (!c) return NULL;
    memcpy(c->h, l->h, (size_t)l->n * sizeof *l->h);
    c->keep = retain(l->keep);
    return c;
}

bool tape_element_set(State *S, Value *x, int64_t flat, Value v)
{
    Value was = *x;
    double n = v.tag == T_BOOL ? v.b : v.n;
    if (!tensor_force(S, was.t)) return false;
    bool lanes = by_element(was), traced = dtype_float((DType)was.t->dtype) && (was.level || v.level);
    if (lanes && was.t->obj.rc == 1) { /* the snapshot would make the write a copy */
        release(S, was.t->lanes->whole);
        was.t->lanes->whole = NIL;
    }
    if (!lanes && was.t->obj.rc == 1) {
        lanes_free(S, was.t->lanes);
        was.t->lanes = NULL;
    }
    Lanes *fresh = NULL;
    if (traced && !lanes && !(fresh = lanes_new(S, was.t->n, was.level ? was.hdr : 0))) return false;
    if (fresh && was.level && S->tape.forward) fresh->keep = retain(was);
    if (was.t->obj.rc > 1) { /* the slot keeps its tensor if the copy fails */
        retain(was);
        Tensor *t = tensor_edit_take(S, was.t);
        if (!t) {
            lanes_free(S, fresh);
            return false;
        }
        release(S, was);
        x->t = t;
    } else {
        *x = NIL;
        Tensor *t = tensor_edit_take(S, was.t);
        if (!t) {
            lanes_free(S, fresh);
            return false;
        }
        *x = with_hdr(val_obj(T_TENSOR, t), was.hdr);
    }
    if (fresh) {
        lanes_free(S, x->t->lanes);
        x->t->lanes = fresh;
    }
    tensor_put(x->t, flat, n);
    if (!traced) return true;
    x->t->lanes->h[flat] = v.level ? v.hdr : H_PLAIN;
    Value top = v.level > was.level ? v : was;
    x->hdr = (uint64_t)T_TENSOR | (top.hdr & 0xffffff00u);
    return true;
}

/* ---- tensors made of numbers ---- */

static int highest(const uint64_t *h, int64_t n, uint64_t base, uint64_t *of)
{
    int k = hdr_level(base);
    *of = base;
    for (int64_t i = 0; i < n; i++)
        if (hdr_level(h[i]) > k) {
            k = hdr_level(h[i]);
            *of = h[i];
        }
    return k;
}

/* The tangent of tensor t on forward level L: of the elements with headers h, of the base's tangent where h is 0. */
static bool stack_tangent(State *S, Level *L, Tensor *t, const uint64_t *h, int64_t n, Value base, Value *out)
{
    size_t size = (size_t)n * sizeof(Value);
    Value *v = mem_alloc(S, size ? size : 1), y = NIL;
    if (!v) return false;
    bool ok = true;
    for (int64_t i = 0; ok && i < n; i++) {
        v[i] = val_num(0);
        if (hdr_level(h[i]) == L->index) v[i] = forward_tangent(L, hdr_node(h[i]));
        else if (!h[i] && base.tag == T_TENSOR) ok = tape_element(S, base, i, &v[i]);
        if (is_nil(v[i])) v[i] = val_num(0);
    }
    ok = ok && tape_stack_numbers(S, v, n, t->rank, tensor_shape(t), &y);
    mem_free(S, v, size ? size : 1);
    if (ok && y.t->dtype != t->dtype) {
        ok = op_cast(S, y, (DType)t->dtype, out);
        release(S, y);
    } else if (ok) {
        *out = y;
    }
    return ok;
}

/* Records stack nodes for tensor t, whose elements have headers h (used up) or are base's where h is 0. */
static bool stack_levels(State *S, Tensor *t, uint64_t *h, int64_t n, uint64_t base, Value *out)
{
    uint64_t of;
    int k = highest(h, n, base, &of);
    if (!k) {
        *out = val_obj(T_TENSOR, obj_retain(t));
        return true;
    }
    Level *L = level_of(S, (Value){.hdr = of});
    uint32_t *in = NULL, at, node;
    Value tangent = NIL;
    bool have = hdr_level(base) == k;
    if (!L->forward && !(in = level_alloc(S, L, (size_t)n * sizeof *in))) return false;
    if (L->forward && !stack_tangent(S, L, t, h, n, have ? forward_tangent(L, hdr_node(base)) : NIL, &tangent))
        return false;
    for (int64_t i = 0; i < n; i++) {
        if (in) in[i] = hdr_level(h[i]) == k ? hdr_node(h[i]) : h[i] == 0 && have ? FROM_BASE : 0;
        if (hdr_level(h[i]) != k) continue;
        uint64_t lower = low_hdr(L, hdr_node(h[i]));
        h[i] = hdr_level(lower) ? lower : H_PLAIN;
    }
    uint32_t from = have ? hdr_node(base) : 0;
    if (have) base = low_hdr(L, from);
    Value low;
    if (!stack_levels(S, t, h, n, base, &low)) {
        release(S, tangent);
        return false;
    }
    if (L->forward) return forward_put(S, L, low, tangent, out);
    L->opid = -1;
    Tensor *g = tensor_ghost(S, t);
    LaneNode q = {MARK_BIG, (uint32_t)L->nbig, 0, 0};
    if (!g || !level_big(S, L, BIG_STACK, &at) || !level_push(S, L, q, low.level ? low.hdr : 0, 0, 0, &node) ||
        !level_break(S, L, node)) {
        obj_release(S, g);
        release(S, low);
        return false;
    }
    Big *b = &L->big[at];
    b->node = node;
    b->at = vm_here(S);
    b->y = val_obj(T_TENSOR, g);
    b->in = in;
    b->nin = (uint32_t)n;
    b->base = from;
    *out = with_hdr(low, node_hdr(L, T_TENSOR, node));
    return true;
}

bool tape_whole(State *S, Value x, Value *out)
{
    if (!by_element(x)) {
        *out = retain(x);
        return true;
    }
    Lanes *l = x.t->lanes;
    if (l->whole.tag == T_TENSOR) {
        *out = retain(l->whole);
        return true;
    }
    size_t size = (size_t)l->n * sizeof(uint64_t);
    uint64_t *h = mem_alloc(S, size);
    if (!h) return false;
    memcpy(h, l->h, size);
    if (!hdr_level(l->base))
        for (int64_t i = 0; i < l->n; i++)
            if (!h[i]) h[i] = H_PLAIN;
    /* shares the storage: the next write copies it, if the whole is still in use */
    Tensor *t = tensor_view(S, x.t, x.t->rank, tensor_shape(x.t), tensor_strides(x.t), x.t->offset);
    bool ok = t && stack_levels(S, t, h, l->n, hdr_level(l->base) ? l->base : 0, out);
    mem_free(S, h, size);
    obj_release(S, t);
    if (ok) l->whole = retain(*out);
    return ok;
}

bool tape_stack_numbers(State *S, const Value *v, int64_t n, int rank, const int64_t *shape, Value *out)
{
    *out = NIL;
    Tensor *t = tensor_new(S, default_float(S), rank, shape);
    size_t size = (size_t)n * sizeof(uint64_t);
    uint64_t *h = t ? mem_alloc(S, size ? size : 1) : NULL;
    if (!h) {
        obj_release(S, t);
        return false;
    }
    for (int64_t i = 0; i < n; i++) {
        tensor_put(t, i, v[i].tag == T_BOOL ? v[i].b : v[i].n);
        h[i] = v[i].level ? v[i].hdr : H_PLAIN;
    }
    bool ok = stack_levels(S, t, h, n, 0, out);
    mem_free(S, h, size ? size : 1);
    obj_release(S, t);
    return ok;
}
