/* forward.c -- forward levels: values that carry their tangents.
**
** A value of a forward level has the tangent it moves with, a value of outer levels. An operation is applied one
** level further out, as everywhere, and its tangent follows at once:
**
**   numbers   t = sum of dy/dx[i] t[i], with the partial derivatives of lane.c
**   tensors   the operation's .tangent rule on the inputs and their tangents
**
** Both compute with values of outer levels, which record what they watch; so any nesting of the two modes is
** exact. Nothing is swept and nothing is kept of how a value came about. A value whose tangent is zero belongs to
** outer levels alone: zeros are strong, and constants cost nothing.
**
** A number's tangent is an entry of the level (24 bytes) until the level closes, since nobody counts who holds a
** number. A tensor's belongs to the tensor: the Dual that hangs from it lets the tangent go when the tensor dies.
** A Dual outlives the level with its tensor and then says nothing; the level's serial number tells.
** cite  Griewank and Walther 2008, "Evaluating Derivatives", chapter 3; Siskind and Pearlmutter 2008, "Nesting
**       forward-mode AD in a functional framework"
** SPDX-License-Identifier: MIT */
#include "runtime/tape.h"
#include <stdio.h>
#include "runtime/tape_internal.h"

enum { SMALL = 8, NUMBERS = 3 };

struct Dual {
    Dual *next;
    uint64_t serial;
    uint32_t level, big;
};

static bool live(State *S, const Dual *d)
{
    const Level *L = S->tape.level[d->level];
    return L && L->serial == d->serial;
}

void dual_free(State *S, Dual *d)
{
    while (d) {
        Dual *next = d->next;
        if (live(S, d)) {
            Level *L = S->tape.level[d->level];
            Big *b = &L->big[d->big];
            Value t = b->cot;
            b->cot = NIL;
            b->node = L->spare;
            L->spare = d->big;
            release(S, t);
        }
        mem_free(S, d, sizeof *d);
        d = next;
    }
}

/* ---- values with tangents ---- */

Value forward_tangent(const Level *L, uint32_t node)
{
    const LaneNode *q = &L->lane.node[node];
    if (q->a == MARK_BIG) return L->big[q->b].cot;
    Value t = val_num(q->pa);
    if (L->nested && hdr_level(L->low[node].pa)) t.hdr = L->low[node].pa;
    return t;
}

static bool zero(Value t) { return is_nil(t) || (t.tag == T_NUM && !t.level && t.n == 0); }

/* The tangent t (consumed) stretched to y's shape and in its dtype. */
static bool like_value(State *S, Value t, Value y, Value *out)
{
    if (!fits(t, y)) {
        if (y.tag != T_TENSOR) {
            release(S, t);
            return diag_fail(S, DIAG_INTERNAL, "a number has a tensor as tangent");
        }
        bool ok = op_broadcast_to(S, t, y.t->rank, tensor_shape(y.t), out);
        release(S, t);
        if (!ok) return false;
        t = *out;
    }
    if (t.tag == T_TENSOR && t.t->dtype != y.t->dtype) {
        bool ok = op_cast(S, t, (DType)y.t->dtype, out);
        release(S, t);
        return ok;
    }
    if (t.tag == T_TENSOR) {
        bool ok = tape_whole(S, t, out);
        release(S, t);
        return ok;
    }
    *out = t;
    return true;
}

static bool put_num(State *S, Level *L, Value y, Value t, Value *out)
{
    uint32_t node;
    LaneNode q = {0, 0, t.n, 0};
    if (!level_push(S, L, q, y.level ? y.hdr : 0, t.level ? t.hdr : 0, 0, &node)) return false;
    *out = with_hdr(y, node_hdr(L, T_NUM, node));
    return true;
}

/* Hangs an entry of L->big from y's tensor. */
static bool hang(State *S, Level *L, Tensor *y, uint32_t *at)
{
    while (y->dual && !live(S, y->dual)) {
        Dual *next = y->dual->next;
        mem_free(S, y->dual, sizeof *next);
        y->dual = next;
    }
    Dual *d = mem_alloc(S, sizeof *d);
    if (!d) return false;
    if (L->spare) {
        *at = L->spare;
        L->spare = L->big[*at].node;
    } else if (!level_big(S, L, BIG_DUAL, at)) {
        mem_free(S, d, sizeof *d);
        return false;
    }
    *d = (Dual){y->dual, L->serial, (uint32_t)L->index, *at};
    y->dual = d;
    return true;
}

bool forward_put(State *S, Level *L, Value y, Value t, Value *out)
{
    uint32_t node, at;
    if (zero(t)) {
        release(S, t);
        *out = y;
        return true;
    }
    if (!like_value(S, t, y, &t)) {
        release(S, y);
        return false;
    }
    if (y.tag == T_NUM) return put_num(S, L, y, t, out);
    if (!hang(S, L, y.t, &at)) {
        release(S, t);
        release(S, y);
        return false;
    }
    L->big[at].cot = t; /* from here on the tensor's */
    if (!level_push(S, L, (LaneNode){MARK_BIG, at, 0, 0}, y.level ? y.hdr : 0, 0, 0, &node)) {
        release(S, y);
        return false;
    }
    *out = with_hdr(y, node_hdr(L, T_TENSOR, node));
    return true;
}

/* ---- numbers ---- */

/* *sum += p t, with strong zeros. */
static bool add_product(State *S, Value p, Value t, Value *sum)
{
    Value c;
    if (zero(t) || (t.n == 0 && !isfinite(p.n)) || (p.n == 0 && !isfinite(t.n))) return true;
    if (!(p.level | t.level)) c = val_num(p.n * t.n);
    else if (!p.level && p.n == 1) c = t;
    else if (!op2(S, OPID_mul, p, t, &c)) return false;
    if (zero(*sum)) *sum = c;
    else if (!(sum->level | c.level)) sum->n += c.n;
    else return op2(S, OPID_add, *sum, c, sum);
    return true;
}

static inline bool quick_put(State *S, Level *L, double y, double t, Value *out)
{
    uint32_t i = L->lane.n;
    if (t == 0) {
        *out = val_num(y);
        return true;
    }
    if (i >= L->cap) return put_num(S, L, val_num(y), val_num(t), out);
    L->lane.node[i] = (LaneNode){0, 0, t, 0};
    L->lane.n = i + 1;
    *out = with_hdr(val_num(y), node_hdr(L, T_NUM, i));
    return true;
}

/* A product with strong zeros. */
static inline double strong(double t, double p) { return t == 0 || p == 0 ? 0 : t * p; }

bool dual_binary(Lane *l, BinOp op, Value a, Value b, Value *out)
{
    double x = a.n, y = b.n, s = l->node[a.node].pa, t = l->node[b.node].pa, r = 0, dr = 0;
    switch (op) {
    case BIN_ADD:
        r = x + y;
        dr = s + t;
        break;
    case BIN_SUB:
        r = x - y;
        dr = s - t;
        break;
    case BIN_MUL:
        r = x * y;
        dr = strong(s, y) + strong(t, x);
        break;
    case BIN_DIV:
        r = x / y;
        dr = (s == 0 || isinf(y) ? 0 : s / y) - (t == 0 || r == 0 ? 0 : t * r / y);
        break;
    case BIN_POW:
    case BIN_FDIV:
    case BIN_MOD:
    case BIN_MATMUL:
    case BIN_EQ:
    case BIN_NE:
    case BIN_LT:
    case BIN_LE: return false;
    }
    *out = val_num(r);
    if (dr == 0) return true;
    uint32_t i = l->n++;
    l->node[i] = (LaneNode){0, 0, dr, 0};
    out->hdr = l->hdr | T_NUM | (uint64_t)i << 32;
    return true;
}

/* An operation whose entry has .each and .partial. */
static bool quick_table(State *S, Level *L, const OpDef *d, const double *in, const double *t, int nin, Value *out,
                        bool *ok)
{
    double p[2] = {0, 0}, y;
    if (!d->partial || (nin == 1 ? !d->each1 : !d->each2)) return false;
    y = nin == 1 ? d->each1(in[0]) : d->each2(in[0], in[1]);
    d->partial(in, y, p);
    *ok = quick_put(S, L, y, strong(t[0], p[0]) + strong(t[1], p[1]), out);
    return true;
}

/* An operation of a level that no outer one watches: doubles all the way. false: the operation is none of these. */
static inline bool quick(State *S, Level *L, int opid, const Value *x, int nin, Value *out, bool *ok)
{
    const OpDef *d = op_table[opid];
    double in[2] = {x[0].n, nin > 1 ? x[1].n : 0}, t[2], p[2] = {0, 0}, y;
    const LaneNode *node = L->lane.node;
    t[0] = x[0].level ? node[x[0].node].pa : 0;
    t[1] = nin > 1 && x[1].level ? node[x[1].node].pa : 0;
    switch (opid) {
    case OPID_add:
        y = in[0] + in[1];
        p[0] = p[1] = 1;
        break;
    case OPID_sub:
        y = in[0] - in[1];
        p[0] = 1;
        p[1] = -1;
        break;
    case OPID_mul:
        y = in[0] * in[1];
        p[0] = in[1];
        p[1] = in[0];
        break;
    case OPID_div:
        y = in[0] / in[1];
        p[0] = 1 / in[1];
        p[1] = -y / in[1];
        break;
    case OPID_pow:
        if (x[1].level || in[1] != 2) return quick_table(S, L, d, in, t, nin, out, ok);
        y = in[0] * in[0];
        p[0] = 2 * in[0];
        break;
    default: return quick_table(S, L, d, in, t, nin, out, ok);
    }
    *ok = quick_put(S, L, y, strong(t[0], p[0]) + strong(t[1], p[1]), out);
    return true;
}

bool forward_num(State *S, Level *L, int opid, const Value *x, int nin, Value *out)
{
    Value low[NUMBERS], t[NUMBERS], p[NUMBERS], y, sum = val_num(0);
    uint64_t need = 0;
    bool plain = !L->nested && nin <= 2, ok;
    for (int i = 0; i < nin; i++) plain &= x[i].level == L->index || !x[i].level;
    if (plain && quick(S, L, opid, x, nin, out, &ok)) return ok;
    for (int i = 0; i < nin; i++) {
        low[i] = x[i];
        t[i] = p[i] = val_num(0);
        if (x[i].level != L->index) continue;
        low[i] = tape_lower(S, x[i]);
        t[i] = forward_tangent(L, x[i].node);
        if (!zero(t[i])) need |= (uint64_t)1 << i;
    }
    if (!op_apply(S, (OpId)opid, low, nin, NULL, 0, &y)) return false;
    if (y.tag != T_NUM || !need) {
        *out = y;
        return true;
    }
    if (!number_partials(S, opid, low, nin, y, need, p)) return false;
    for (int i = 0; i < nin; i++)
        if (!add_product(S, p[i], t[i], &sum)) return false;
    return forward_put(S, L, y, sum, out);
}

/* ---- operations of the table ---- */

bool forward_op(State *S, Level *L, int opid, const Value *x, const Value *low, int nin, const Attr *attr, int nattr,
                Value y, Value *out)
{
    const OpDef *d = op_table[opid];
    Value small[SMALL], *t = small;
    size_t size = (size_t)nin * sizeof *t;
    bool differs = y.tag == T_NUM || (y.tag == T_TENSOR && dtype_float((DType)y.t->dtype)), any = false;
    if (nin > SMALL && !(t = mem_alloc(S, size))) {
        release(S, y);
        return false;
    }
    Rule r = {.S = S, .op = d, .nin = nin, .x = low, .y = y, .nattr = nattr, .attr = attr, .dxin = t, .dyout = NIL};
    for (int i = 0; i < nin; i++) {
        t[i] = x[i].level == L->index ? forward_tangent(L, x[i].node) : NIL;
        if (zero(t[i])) t[i] = NIL;
        any |= !is_nil(t[i]);
        if (i < 64 && !is_nil(t[i])) r.need |= (uint64_t)1 << i;
    }
    bool ok = true;
    if (any && differs && !d->tangent)
        ok = diag_fail(S, DIAG_NO_RULE, "`%s` has no rule for forward derivatives", op_symbol(d));
    if (ok && any && differs) {
        d->tangent(&r);
        ok = !r.failed && !S->err;
        if (r.failed && !S->err) diag_fail(S, DIAG_INTERNAL, "the tangent rule of `%s` failed", d->name);
    }
    Value dy = ok ? retain(r.dyout) : NIL;
    for (size_t i = 0; i < r.ntemps; i++) release(S, r.temps[i]);
    mem_free(S, r.temps, r.captemps * sizeof *r.temps);
    if (t != small) mem_free(S, t, size);
    if (ok) return forward_put(S, L, y, dy, out);
    release(S, y);
    return false;
}

/* ---- trees going in ---- */

/* How a tree meets its tangents. args: what jvp is given, whose mistakes are explained; else a rule's result. */
typedef struct Meet {
    Level *L;
    bool args;
} Meet;

static bool misfit(State *S, const Meet *m, Value v, Value dv)
{
    if (!m->args) return false;
    char want[80];
    snprintf(want, sizeof want, "%s", type_name(S, v));
    bool tree = v.tag == T_LIST || v.tag == T_MODEL || dv.tag == T_LIST || dv.tag == T_MODEL;
    DiagCode code = tree ? DIAG_STRUCTURE : v.tag == T_TENSOR && dv.tag == T_TENSOR ? DIAG_SHAPE : DIAG_TYPE;
    diag_fail(S, code, "the tangent of %s cannot be %s", want, type_name(S, dv));
    return diag_hint(S, "a tangent has the structure and shape of what it moves; nil stands for zero");
}

/* Inside a batch: all items move, each in its own direction. */
static bool meet_batched(State *S, const Meet *m, Value v, Value dv, Value *out)
{
    Value x = NIL, dx = NIL, y = NIL;
    bool ok = batch_expand(S, v, &x) && batch_expand(S, dv, &dx);
    Value a = ok ? batch_bottom(x) : NIL, t = ok ? batch_bottom(dx) : NIL;
    if (ok && !fits(t, a)) ok = misfit(S, m, v, dv);
    ok = ok && forward_put(S, m->L, retain(a), retain(t), &y) && batch_rewrap(S, x, y, out);
    release(S, x);
    release(S, dx);
    return ok;
}

static bool meet_leaf(State *S, const Meet *m, Value v, Value dv, Value *out)
{
    Value y, t;
    if (v.tag == T_TENSOR && !dtype_float((DType)v.t->dtype)) {
        if (!m->args) {
            *out = retain(v);
            return true;
        }
        diag_fail(S, DIAG_INT_DIFF, "%s has no tangent", type_name(S, v));
        return diag_hint(S, "convert it: x as f64; or give nil, and it is a constant");
    }
    if (v.tag != T_NUM && v.tag != T_TENSOR) {
        if (m->args) diag_fail(S, DIAG_NOT_DIFF, "%s has no tangent: give nil", type_name(S, v));
        return false;
    }
    if (is_batch(v) || is_batch(dv)) return meet_batched(S, m, v, dv, out);
    if (!fits(dv, v)) return misfit(S, m, v, dv);
    if (!tape_whole(S, v, &y)) return false;
    t = retain(dv);
    return forward_put(S, m->L, y, t, out);
}

static bool meet(State *S, const Meet *m, Value v, Value dv, int depth, Value *out)
{
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (is_nil(dv)) {
        *out = retain(v);
        return true;
    }
    if (v.tag == T_LIST) {
        if (dv.tag != T_LIST) return misfit(S, m, v, dv);
        if (dv.l->len != v.l->len)
            return m->args &&
                   (diag_fail(S, DIAG_STRUCTURE, "the tangent of a list of %lld items is a list of as many, not of %lld",
                              (long long)v.l->len, (long long)dv.l->len),
                    false);
        List *r = list_new(S, v.l->len);
        if (!r) return false;
        r->names = obj_retain(v.l->names);
        for (int64_t i = 0; i < v.l->len; i++) {
            if (!meet(S, m, v.l->at[i], dv.l->at[i], depth + 1, &r->at[i])) {
                obj_release(S, r);
                return false;
            }
            r->len = i + 1;
        }
        *out = val_obj(T_LIST, r);
        return true;
    }
    if (v.tag == T_MODEL) {
        if (dv.tag != T_MODEL || dv.m->def != v.m->def) return misfit(S, m, v, dv);
        Model *r = model_new(S, v.m->def);
        if (!r) return false;
        for (int i = 0; i < v.m->def->nfields; i++) {
            Value x = v.m->field[i], dx = dv.m->field[i], y;
            if (!meet(S, m, x, field_moves(v.m, i) ? dx : NIL, depth + 1, &y)) {
                obj_release(S, r);
                return false;
            }
            r->field[i] = y;
        }
        r->obj.flags = v.m->obj.flags;
        *out = val_obj(T_MODEL, r);
        return true;
    }
    return meet_leaf(S, m, v, dv, out);
}

bool tape_lift_dual(State *S, Value v, Value dv, Value *out)
{
    Meet m = {innermost(S), true};
    *out = NIL;
    return meet(S, &m, v, dv, 0, out);
}

bool forward_results(State *S, Level *L, Value y, Value dy, Value *out)
{
    Meet m = {L, false};
    *out = NIL;
    return meet(S, &m, y, dy, 0, out);
}

/* ---- trees coming out ---- */

/* Calls leaf for what can move in a tree; the rest becomes nil, as in a gradient. trained: not what `let` holds in a
** model. */
static bool shape_tree(State *S, Value v, LeafFn leaf, void *ud, bool trained, int depth, Value *out)
{
    *out = NIL;
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (v.tag == T_NUM || (v.tag == T_TENSOR && dtype_float((DType)v.t->dtype))) return !trained || leaf(S, ud, v, out);
    if (v.tag == T_LIST) {
        List *r = list_new(S, v.l->len);
        if (!r) return false;
        r->names = obj_retain(v.l->names);
        for (int64_t i = 0; i < v.l->len; i++) {
            if (!shape_tree(S, v.l->at[i], leaf, ud, trained, depth + 1, &r->at[i])) {
                obj_release(S, r);
                return false;
            }
            r->len = i + 1;
        }
        *out = val_obj(T_LIST, r);
    } else if (v.tag == T_MODEL) {
        Model *r = model_new(S, v.m->def);
        if (!r) return false;
        for (int i = 0; i < v.m->def->nfields; i++) {
            Value x = v.m->field[i], y = NIL;
            bool param = v.m->def->fields[i].kind == FIELD_PARAM;
            if (field_moves(v.m, i) && !shape_tree(S, x, leaf, ud, param, depth + 1, &y)) {
                obj_release(S, r);
                return false;
            }
            r->field[i] = y;
        }
        *out = val_obj(T_MODEL, r);
    }
    return true;
}

static bool filled(State *S, Value like, double v, Value *out)
{
    *out = val_num(v);
    if (like.tag == T_NUM || like.t->rank == 0) return true;
    Tensor *t = tensor_full(S, (DType)like.t->dtype, like.t->rank, tensor_shape(like.t), v);
    *out = t ? val_obj(T_TENSOR, t) : NIL;
    return t != NULL;
}

static bool tangent_leaf(State *S, void *ud, Value v, Value *out)
{
    Level *L = ud;
    Value whole;
    if (is_batch(v) && batch_bottom(v).level == L->index)
        return tangent_leaf(S, ud, batch_bottom(v), &whole) && batch_rewrap(S, v, whole, out);
    if (v.level != L->index) return filled(S, v, 0, out);
    if (!tape_whole(S, v, &whole)) return false;
    Value t = whole.level == L->index ? forward_tangent(L, whole.node) : NIL;
    bool ok = true;
    if (is_nil(t)) ok = filled(S, v, 0, out);
    else *out = retain(t);
    release(S, whole);
    return ok;
}

bool tangent_tree(State *S, Level *L, Value y, Value *out) { return shape_tree(S, y, tangent_leaf, L, true, 0, out); }

bool tape_tangent(State *S, Value y, Value *out) { return tangent_tree(S, innermost(S), y, out); }

static bool fill_leaf(State *S, void *ud, Value v, Value *out) { return filled(S, v, *(double *)ud, out); }

bool tape_ones(State *S, Value v, double fill, Value *out) { return shape_tree(S, v, fill_leaf, &fill, true, 0, out); }
