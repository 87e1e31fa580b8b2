/* lane.c -- recording numbers: one node with two partial derivatives.
**
** When the operands are plain one level out, the partials are doubles: from the few cases written here, from
** the operation's .partial, or from its .adjoint with a cotangent of 1. When an outer level watches an
** operand (`nested`), result and partials are computed with that level's values, which records them there,
** and the node keeps their headers.
** SPDX-License-Identifier: MIT */
#include "runtime/tape_internal.h"

enum { LANE_INPUTS = 3 };

/* ---- partial derivatives ---- */

bool number_partials(State *S, int opid, const Value *x, int nin, Value y, uint64_t need, Value *p)
{
    switch (opid) { /* no rule needs to run for these */
    case OPID_add: p[0] = p[1] = val_num(1); return true;
    case OPID_sub: p[0] = val_num(1), p[1] = val_num(-1); return true;
    case OPID_mul: p[0] = x[1], p[1] = x[0]; return true;
    case OPID_neg: p[0] = val_num(-1); return true;
    default: break;
    }
    const OpDef *d = op_table[opid];
    bool plain = true;
    for (int i = 0; i < nin; i++) plain &= x[i].level == 0;
    if (plain && d->partial) {
        double in[LANE_INPUTS] = {0}, q[LANE_INPUTS] = {0};
        for (int i = 0; i < nin; i++) in[i] = x[i].n;
        d->partial(in, y.n, q);
        for (int i = 0; i < nin; i++) p[i] = val_num(q[i]);
        return true;
    }
    if (!d->adjoint) return diag_fail(S, DIAG_NO_RULE, "`%s` has no derivative rule", d->name);
    Value dx[LANE_INPUTS] = {NIL, NIL, NIL};
    Rule r = {.S = S, .op = d, .nin = nin, .x = x, .y = y, .need = need, .dy = val_num(1), .dx = dx};
    d->adjoint(&r);
    bool ok = !r.failed && !S->err;
    for (int i = 0; ok && i < nin; i++) {
        p[i] = dx[i].tag == T_NUM ? dx[i] : val_num(0);
        if (dx[i].tag == T_TENSOR)
            ok = diag_fail(S, DIAG_INTERNAL, "the rule of `%s` gives a tensor for a number", d->name);
    }
    for (size_t i = 0; i < r.ntemps; i++) release(S, r.temps[i]);
    mem_free(S, r.temps, r.captemps * sizeof *r.temps);
    if (r.failed && !S->err) diag_fail(S, DIAG_INTERNAL, "the rule of `%s` failed", d->name);
    return ok;
}

/* ---- recording ---- */

/* check: what the number that is recorded next is made of. */
static void note_args(Level *L, const Value *x, int nin)
{
    L->narg = (uint8_t)(nin < 2 ? nin : 2);
    for (int i = 0; i < L->narg; i++) L->arg[i] = x[i].n;
}

static bool put_slow(State *S, Level *L, int opid, uint32_t a, uint32_t b, Value pa, Value pb, Value y, Value *out)
{
    uint32_t node;
    L->opid = opid;
    Value x[2] = {val_num(L->arg[0]), val_num(L->arg[1])};
    int nx = L->narg;
    if (!level_push(S, L, (LaneNode){a, b, pa.n, pb.n}, y.level ? y.hdr : 0, pa.hdr, pb.hdr, &node)) return false;
    if (L->check) level_bad(S, L, node, y, op_table[opid], x, nx);
    *out = with_hdr(y, node_hdr(L, T_NUM, node));
    return true;
}

static inline bool put(State *S, Level *L, int opid, uint32_t a, uint32_t b, double pa, double pb, double y, Value *out)
{
    if (lane_put(&L->lane, a, b, pa, pb, y, out)) return true;
    return put_slow(S, L, opid, a, b, val_num(pa), val_num(pb), val_num(y), out);
}

/* Derivative zero on every level: a plain result. */
static bool constant(State *S, int opid, const Value *x, int nin, Value *out)
{
    Value bare[LANE_INPUTS];
    for (int i = 0; i < nin; i++) bare[i] = with_hdr(x[i], 0);
    return op_apply(S, (OpId)opid, bare, nin, NULL, 0, out);
}

/* Some operand or partial belongs to an outer level, or the operation has no quick case. */
static bool general(State *S, Level *L, int opid, const Value *x, int nin, Value *out)
{
    const OpDef *d = op_table[opid];
    int k = L->index;
    Value low[LANE_INPUTS], p[LANE_INPUTS], y;
    uint32_t in[LANE_INPUTS] = {0, 0, 0};
    uint64_t need = 0;
    if (d->flags & OPF_ZERO) return constant(S, opid, x, nin, out);
    if (L->forward) return forward_num(S, L, opid, x, nin, out);
    for (int i = 0; i < nin; i++) {
        low[i] = x[i];
        p[i] = val_num(0);
        if (x[i].level != k) continue;
        low[i] = tape_lower(S, x[i]);
        in[i] = x[i].node;
        need |= (uint64_t)1 << i;
    }
    if (!op_apply(S, (OpId)opid, low, nin, NULL, 0, &y)) return false;
    if (y.tag != T_NUM) {
        *out = y;
        return true;
    }
    if (!number_partials(S, opid, low, nin, y, need, p)) return false;
    if (L->check) note_args(L, low, nin);
    return put_slow(S, L, opid, in[0], in[1], p[0], p[1], y, out);
}

bool tape_num2(State *S, int opid, Value a, Value b, Value *out)
{
    if (a.tag == T_BOOL) a = val_num(a.b);
    if (b.tag == T_BOOL) b = val_num(b.b);
    int k = a.level > b.level ? a.level : b.level;
    Level *L = level_of(S, a.level == k ? a : b);
    bool plain = !L->nested && (a.level == k || !a.level) && (b.level == k || !b.level);
    if (plain && !L->forward) {
        if (L->check) note_args(L, (Value[2]){a, b}, 2);
        double x = a.n, y = b.n, r;
        uint32_t i = a.node, j = b.node; /* 0 for a constant: the sink */
        switch (opid) {
        case OPID_add: return put(S, L, opid, i, j, 1, 1, x + y, out);
        case OPID_sub: return put(S, L, opid, i, j, 1, -1, x - y, out);
        case OPID_mul: return put(S, L, opid, i, j, y, x, x * y, out);
        case OPID_div: r = x / y; return put(S, L, opid, i, j, 1 / y, -r / y, r, out);
        case OPID_pow:
            if (b.level) break;
            if (y == 2) return put(S, L, opid, i, 0, 2 * x, 0, x * x, out);
            return put(S, L, opid, i, 0, y == 0 ? 0 : y * pow(x, y - 1), 0, pow(x, y), out);
        default: break;
        }
        const OpDef *d = op_table[opid];
        if (d->partial && d->each2 && !(d->flags & OPF_ZERO)) {
            double in[2] = {x, y}, p[2] = {0, 0};
            r = d->each2(x, y);
            d->partial(in, r, p);
            return put(S, L, opid, i, j, p[0], p[1], r, out);
        }
    }
    Value x[2] = {a, b};
    return general(S, L, opid, x, 2, out);
}

bool tape_num1(State *S, int opid, Value a, Value *out)
{
    const OpDef *d = op_table[opid];
    if (!a.level) return op_apply(S, (OpId)opid, &a, 1, NULL, 0, out);
    Level *L = level_of(S, a);
    if (!L->nested && !L->forward && d->each1 && d->partial && !(d->flags & OPF_ZERO)) {
        double p[1] = {0}, r = d->each1(a.n);
        d->partial(&a.n, r, p);
        if (L->check) note_args(L, &a, 1);
        return put(S, L, opid, a.node, 0, p[0], 0, r, out);
    }
    if (d->flags & OPF_EACH) return general(S, L, opid, &a, 1, out);
    return tape_op(S, opid, &a, 1, NULL, 0, out);
}
