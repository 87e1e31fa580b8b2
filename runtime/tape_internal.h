/* tape_internal.h -- what the files of the tape share (level.c lane.c tape.c sweep.c
** forward.c checkpoint.c).
**
** A level is one sequence of entries, each 24 bytes. Most are lane nodes (lane.h). The others have a mark in
** `a` and an index in `b`:
**
**   MARK_LEAF     a tensor that came in, or out of a custom node: big[b] has its shape and its cotangent
**   MARK_ELEM     element `flat` (in the bits of pa) of the tensor of big[b], read as a number
**   MARK_BIG      an operation, a stack of numbers or a custom call: big[b]
**
** Only the last two have work to do in the sweep; their numbers are listed in `breaks`, and between two breaks
** the sweep runs without dispatch.
**
** A forward level uses the same arrays: a number is an entry with its tangent in pa, a tensor one with MARK_BIG,
** whose big[b].cot is its tangent (forward.c).
** SPDX-License-Identifier: MIT */
#ifndef DSC_TAPE_INTERNAL_H
#define DSC_TAPE_INTERNAL_H
#include <assert.h>
#include <math.h>
#include <string.h>
#include "runtime/lane.h"
#include "runtime/op.h"
#include "runtime/state.h"

enum { MARK_LEAF = 0xfffffff1u, MARK_ELEM = 0xfffffff2u, MARK_BIG = 0xfffffff3u, NODES_MAX = 0xfffffff0u };
enum { FROM_BASE = 0xffffffffu }; /* in a stack's list: the element is still the base tensor's */
enum { TREE_DEPTH = 5000 };

typedef enum BigKind { BIG_LEAF, BIG_OP, BIG_STACK, BIG_CUSTOM, BIG_AGAIN, BIG_DUAL } BigKind;
typedef struct Big {
    uint8_t kind;
    bool number; /* the result is a number: its cotangent is in adj[node] */
    uint32_t node;
    uint32_t nin;
    int32_t nattr;
    uint32_t base; /* stack: node of the tensor that elements were written into, or 0 */
    Span at;
    const OpDef *op;
    Value *x; /* op: inputs one level out, ghosts where no rule reads data; custom: traced arguments, adjoint, tangent,
                    ** f; again: what goes in */
    uint32_t *in; /* op: nodes of the inputs, stack: of the elements; 0 = constant */
    Attr *attr;
    Value y;   /* op: result one level out, or a ghost; leaf, stack: its shape; custom, again: traced result */
    Value cot; /* cotangent of a tensor so far, nil = zero; dual: the tangent */
    struct Again *again; /* again: the random counter and such at its start */
    struct Parts *parts; /* of the cotangent of a tensor: what came by element and by slice */
} Big;

/* What has arrived for a slice of a tensor. */
typedef struct Piece {
    struct Piece *next;
    const Attr *attr; /* of the slice */
    Value dy;
} Piece;
typedef struct Parts {
    double *dense; /* by element and by small slice */
    Value *vals;   /* by element, where the cotangents are watched by an outer level */
    Piece *piece;  /* the last that came first */
    uint32_t npieces;
} Parts;

typedef struct Low {
    uint64_t lower, pa, pb;
} Low; /* headers one level out: of the value, of the partials */
/* check: of a node. x: the operands of a number. */
typedef struct Mark {
    Span at;
    const char *fn; /* of a call of a function with its own rule: the name, which the program keeps */
    int32_t opid;
    uint32_t from;  /* the node whose cotangent was the first to make this one's not finite */
    uint32_t call;  /* a leaf that a function with its own rule gave: that call's node */
    bool bad, back; /* its value, its cotangent is not finite */
    uint8_t nx;
    double x[2];
} Mark;
/* check: an operation that made something not finite (origin.c). */
enum { OPERANDS = 3 };
typedef enum OperandKind { OPERAND_UNKNOWN, OPERAND_VALUE, OPERAND_RANGE } OperandKind;
typedef struct Operand {
    OperandKind kind;
    bool nan;
    int rank;
    int64_t shape[RANK_MAX];
    double lo, hi; /* value: in lo */
} Operand;
typedef struct Bad {
    uint32_t node;
    bool back, given, has_dy; /* given: an operand was not finite already */
    const OpDef *op;          /* NULL: a call of a function with its own rule, or none */
    int nx, rank;
    Operand x[OPERANDS];
    int64_t shape[RANK_MAX], flat; /* of the result, or backward of the cotangent; the element */
    double got, dy;
} Bad;
typedef struct Chunk {
    struct Chunk *next;
    size_t cap, used;
} Chunk;

struct Level {
    Lane lane;
    uint32_t cap;
    int index;
    bool forward;    /* nodes have tangents, nothing is swept */
    uint64_t opened; /* names this opening */
    uint64_t serial; /* forward: tells a tensor whether its tangent is still here; else 0 */
    uint32_t spare;  /* forward: entries of big to be used again, linked through .node */
    uint16_t epoch;
    bool nested; /* low is kept: a value of this level is watched by an outer one */
    bool check;  /* marks are kept: every result is looked at, the first that is not finite remembered */
    bool adj_ready, adj_nested, swept;
    int opid; /* of the number being recorded, for marks */
    Low *low;
    uint32_t caplow;
    Mark *mark;
    uint32_t capmark;
    uint32_t *breaks;
    size_t nbreaks, capbreaks;
    Big *big;
    size_t nbig, capbig; /* from 1 */
    double *adj;
    uint64_t *adjh;
    uint32_t nadj, capadj, capadjh;
    Chunk *chunk; /* bump memory for the lists of big nodes */
    Bad *badrec;  /* check */
    size_t nbad, capbad;
    double arg[2]; /* check: operands of the number being recorded */
    uint8_t narg;
    struct Many *many; /* the sweep for many seeds that is running (sweep_many.c), or NULL */
};

/* Numbers written by element beside a tensor's data. Meant only by values that carry a level and node 0. */
struct Lanes {
    int64_t n;
    uint64_t base; /* header of the tensor that was written into (0 when it was plain) */
    Value whole;   /* the tensor as one node, until the next write, or nil */
    Value keep;    /* the tensor that base names, where a forward level may hold its tangent, else nil */
    uint64_t h[];  /* 0: not written; H_PLAIN: a plain number; else the header of a traced number */
};
#define H_PLAIN ((uint64_t)1 << 32)

static inline Level *level_of(State *S, Value v)
{
    Level *L = S->tape.level[v.level];
#ifdef DSC_DEBUG
    assert(v.level <= S->tape.n && L->epoch == v.epoch && "a value outlived its derivative");
#endif
    return L;
}
static inline bool by_element(Value v) { return v.tag == T_TENSOR && v.level && v.node == 0 && v.t->lanes; }
static inline Value with_hdr(Value v, uint64_t hdr)
{
    v.hdr = hdr ? hdr : v.tag;
    return v;
}
static inline uint64_t node_hdr(const Level *L, Tag tag, uint32_t node)
{
    return L->lane.hdr | tag | (uint64_t)node << 32;
}
static inline uint64_t low_hdr(const Level *L, uint32_t node) { return L->nested ? L->low[node].lower : 0; }
static inline int hdr_level(uint64_t h) { return (int)(h >> 8 & 0xff); }
static inline uint32_t hdr_node(uint64_t h) { return (uint32_t)(h >> 32); }
static inline bool fits(Value g, Value like) /* may g be a cotangent or tangent of `like`? */
{
    if (like.tag != T_TENSOR || g.tag != T_TENSOR) return like.tag == g.tag;
    return shape_equal(g.t, like.t);
}
static inline Level *innermost(State *S) { return S->tape.level[S->tape.n]; }

/* level.c */
bool level_place(State *S); /* sees to it that there is a level to open next */
void level_free(State *S, Level *L);
void *level_alloc(State *S, Level *L, size_t size);
/* Appends an entry; lower, pa, pb: headers one level out (0: plain). *i: its number. */
bool level_push(State *S, Level *L, LaneNode q, uint64_t lower, uint64_t pa, uint64_t pb, uint32_t *i);
bool level_break(State *S, Level *L, uint32_t node);
bool level_big(State *S, Level *L, BigKind kind, uint32_t *at); /* a fresh Big, zeroed */
Big *level_big_of(Level *L, uint32_t node);                     /* NULL for plain numbers */
bool lift_leaf(State *S, Level *L, Value v, Value *out);
bool lift_tree(State *S, Level *L, Value v, Value *out);
/* Removes levels k and up from a tree. */
bool strip_from(State *S, Value v, int k, Value *out);
/* Cotangents of a lifted tree, nil where nothing was lifted; with_zeros: zeros where nothing arrived. */
bool cotangent_tree(State *S, Level *L, Value lifted, Value *out, bool *depends);
int tree_level(State *S, Value v); /* highest level of a leaf */

/* Calls leaf for each number and tensor of a tree, also in what closures, optimisers and streams hold, in a fixed order;
** *out is the tree of what it gives. */
typedef struct Walk {
    bool (*leaf)(State *S, void *ud, Value v, Value *out);
    void *ud;
} Walk;
bool walk_tree(State *S, const Walk *w, Value v, Value *out);

/* origin.c. check: notes a result, or what a node sends back to another, that is not finite. */
void level_bad(State *S, Level *L, uint32_t node, Value y, const OpDef *d, const Value *x, int nin);
void level_bad_back(State *S, Level *L, uint32_t node, Value v, uint32_t by);
const char *custom_name(const Big *b); /* of the function */
/* The same for a call of a function with its own rule, whose results are the leaves after its node. */
void level_bad_call(State *S, Level *L, uint32_t node, Value y, const Value *x, int nin);
void level_bad_call_back(Level *L, uint32_t node);
bool value_finite(State *S, Value v);

/* lane.c: p[i] = dy/dx[i] for i in need, of numbers one level out. */
bool number_partials(State *S, int opid, const Value *x, int nin, Value y, uint64_t need, Value *p);

/* forward.c */
bool forward_num(State *S, Level *L, int opid, const Value *x, int nin, Value *out);
/* y (owned, also on failure) is what an operation gave one level out: *out is y with its tangent, by the rule. */
bool forward_op(State *S, Level *L, int opid, const Value *x, const Value *low, int nin, const Attr *attr, int nattr,
                Value y, Value *out);
/* y (of outer levels) as a value of L with tangent t (nil: zero); both are consumed, also on failure. */
bool forward_put(State *S, Level *L, Value y, Value t, Value *out);
bool tangent_tree(State *S, Level *L, Value y, Value *out); /* tape_tangent of any level */
/* Tangent of a node: a number, a tensor, or nil = zero. Borrowed. */
Value forward_tangent(const Level *L, uint32_t node);
/* Gives the leaves of y (of outer levels), a result, the tangents dy; false when they do not fit, without an error unless
** memory ran out. */
bool forward_results(State *S, Level *L, Value y, Value dy, Value *out);

/* checkpoint.c */
bool again_back(State *S, Level *L, Big *b);

/* sweep.c */
/* Runs the adjoint of an operation and sends on what it gives for each input: g is consumed. */
typedef bool (*SendFn)(void *ud, uint32_t node, Value g_take, Value like);
bool rule_back(State *S, const Big *b, Value dy, SendFn send, void *ud);
/* The cotangent dy of a stack where its elements are the base's still, 0 elsewhere. */
bool stack_rest(State *S, const Big *b, Value dy, Value *out);
/* quick.c: an element-wise operation on small plain tensors, at once; *done false: it is another one, or not at hand. */
enum { QUICK_MOST = 2048 }; /* elements */
bool quick_back(State *S, Level *L, Big *b, bool keep, SendFn add, void *ud, bool *done);
bool quick_spread(State *S, Level *L, const Big *b, double v, bool *done);
void quick_deinit(State *S);
/* Adds g (consumed) to the cotangent of a node, whose value looked like `like`. by: the node it comes from, or 0. */
bool cotangent_add(State *S, Level *L, uint32_t node, Value g, Value like, uint32_t by);

/* custom.c: functions with their own rules */
bool custom_back(State *S, Level *L, Big *b);
bool cotangent_of(State *S, Level *L, Value leaf, Value *out, bool *reached);

/* sweep_many.c: cotangent_of while such a sweep is running: a batched value. */
typedef struct Many Many;
bool many_cotangent(State *S, Level *L, Value leaf, Value *out, bool *reached);

/* tape.c */
bool element_hdr(State *S, uint64_t hdr, int64_t flat, double v, uint64_t *out);
#endif
