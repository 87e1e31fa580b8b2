/* lane.h -- the scalar lane: numbers being differentiated, as the interpreter's fast paths see them.
**
** A node is two parents and two partial derivatives; its value is in the Value that names it. Node 0 is a
** sink: a constant operand has node 0 in its header, so nothing asks which operands are traced:
**
**   y = a * b   ->   node[n] = { a.node, b.node, b, a };   y = { level, epoch, n | a * b }
**
** The sweep back (sweep.c) is adj[a] += pa * adj[n], adj[b] += pb * adj[n], from the last node to the first.
** SPDX-License-Identifier: MIT */
#ifndef DSC_LANE_H
#define DSC_LANE_H
#include "runtime/state.h"

typedef struct LaneNode {
    uint32_t a, b;
    double pa, pb;
} LaneNode;
_Static_assert(sizeof(LaneNode) == 24, "a lane node is 24 bytes");

/* The head of a Level. */
typedef struct Lane {
    LaneNode *node;
    uint32_t n;    /* next node's number, from 1 */
    uint32_t fast; /* nodes below this number need nothing but to be written; 0 while an outer level or a check watches */
    uint32_t quick; /* the same on a forward level, where a node holds a tangent in pa; node 0's is 0 */
    uint64_t hdr;   /* level and epoch of a number's header */
} Lane;

static inline bool lane_put(Lane *l, uint32_t a, uint32_t b, double pa, double pb, double y, Value *out)
{
    uint32_t i = l->n;
    if (__builtin_expect(i >= l->fast, 0)) return false;
    l->node[i] = (LaneNode){a, b, pa, pb};
    l->n = i + 1;
    out->hdr = l->hdr | (uint64_t)i << 32;
    out->n = y;
    return true;
}

/* + - * / of two numbers of a forward level (forward.c). */
bool dual_binary(Lane *l, BinOp op, Value a, Value b, Value *out);

/* + - * / and squares of two numbers when one derivative is active. false: nothing was done, value_binary knows how.
** op is a constant where this is called. */
static inline bool lane_binary(State *S, BinOp op, Value a, Value b, Value *out)
{
    if (S->tape.n != 1) return false;
    Lane *l = (Lane *)S->tape.level[1];
    double x = a.n, y = b.n;
    if (__builtin_expect(l->n >= l->fast, 0)) return l->n < l->quick && dual_binary(l, op, a, b, out);
    switch (op) {
    case BIN_ADD: return lane_put(l, a.node, b.node, 1, 1, x + y, out);
    case BIN_SUB: return lane_put(l, a.node, b.node, 1, -1, x - y, out);
    case BIN_MUL: return lane_put(l, a.node, b.node, y, x, x * y, out);
    case BIN_DIV: {
        double r = x / y, p = 1 / y;
        return lane_put(l, a.node, b.node, p, -r * p, r, out);
    }
    case BIN_POW: return y == 2 && !b.hdr && lane_put(l, a.node, 0, 2 * x, 0, x * x, out);
    case BIN_FDIV:
    case BIN_MOD:
    case BIN_MATMUL:
    case BIN_EQ:
    case BIN_NE:
    case BIN_LT:
    case BIN_LE: break;
    }
    return false;
}
#endif
