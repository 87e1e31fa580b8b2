/* tape.h -- derivative levels: recording what was computed and sweeping back over it.
**
** Each active derivative is a level, 1 the outermost. A level's tape is one sequence of nodes, numbered
** from 1 in the order they were recorded, so walking it backwards is the chain rule:
**
**   lane node    a number: two parent numbers and two partial derivatives, 24 bytes, no dispatch going back
**   lane leaf    an element read from a traced tensor (adds into that tensor's adjoint), or an input
**   tensor node  an operation of the table with its inputs, attributes and the values its rule keeps
**   stack node   a tensor made of numbers (literal, comprehension, by-element writes): its lane numbers
**   custom node  a call of a function with its own adjoint: leaves of its arguments in, leaves of its result out
**
** A value of level k has its node number in the header; what it is one level further out is
** tape_lower(): a plain value, or one of level < k when an outer derivative watches it too. A level keeps
** that second header per node only once it is needed (`nested`), and then also its partials' headers,
** so each further level pays its own and the first pays nothing.
**
** A forward level is a level of the same stack that keeps for each of its values the tangent (of outer levels)
** instead of how it was computed: there is nothing to sweep. A number's tangent stays until the level closes, a
** tensor's goes with the tensor (forward.c).
**
** Levels are opened and closed as a stack, also on error: tape_open ... tape_close. Closing drops all that
** the level recorded. A node number carries the level's epoch; a stale one trips an assert.
** SPDX-License-Identifier: MIT */
#ifndef DSC_TAPE_H
#define DSC_TAPE_H
#include "runtime/value.h"

enum { TAPE_LEVELS = 64 };
typedef struct Level Level; /* tape.c */
/* A loop as it was seen when the budget was first exceeded: what a turn takes. */
enum { TAPE_NOTES = 8 };
typedef struct LoopNote {
    const Proto *proto;
    size_t frame, size;
    int32_t tick;
    double turn;
} LoopNote;
typedef struct Tape {
    Level *level[TAPE_LEVELS + 1]; /* 1..n are active; a closed level's arrays are kept for the next */
    int n;
    uint16_t epoch;
    uint64_t openings;       /* counts the levels ever opened */
    uint64_t serial;         /* counts the forward levels ever opened */
    int forward;             /* how many of the active ones are forward */
    bool check;              /* levels opened now look at every result: tape_origin then knows which was not finite */
    size_t budget;           /* bytes that recordings may take before long loops are checkpointed; 0: no limit */
    size_t limit;            /* tape_size() from which on they are now */
    int parts, quiet, tries; /* parts of loops that are running; second runs that print nothing; looks above the limit */
    LoopNote note[TAPE_NOTES]; /* the loops seen last */
    unsigned notes;            /* how many were written: the next goes to this one's place */
    struct Quick *quick;       /* adjoints of small tensors (quick.c) */
} Tape;

/* ---- levels ---- */
bool tape_open(State *S);         /* pushes a reverse level; false: too many (DIAG_DEPTH) or memory */
bool tape_open_forward(State *S); /* pushes a forward level */
void tape_close(State *S);        /* pops it and drops what it recorded */
void tape_deinit(State *S);
size_t tape_nodes(State *S, int level); /* nodes recorded so far (bench, --dump=tape) */

/* Makes every float tensor and number leaf of a tree a leaf of the innermost level; others stay. *out is the lifted tree.
** Integer and bool tensors at the top (not inside a tree) are DIAG_INT_DIFF, strings DIAG_NOT_DIFF. Model leaves: only
** parameters (and those of parts) are lifted. */
bool tape_lift(State *S, Value v, Value *out);
/* Strips the innermost level from a tree (also from captures of closures): what leaves a derivative carries none of it. */
bool tape_strip(State *S, Value v, Value *out);
/* One level further out: for a value of the innermost (or any) level, its value below that level. Borrowed. */
Value tape_lower(State *S, Value v);
/* Removes all levels from one leaf, and from all leaves of a tree. */
Value tape_stop(State *S, Value v);
bool tape_stop_tree(State *S, Value v, Value *out);

/* ---- recording (called by value_binary, op_apply and the VM's slow paths) ---- */
/* Numbers: at least one operand has a level. op is BIN_* or an OpId's. */
bool tape_num2(State *S, int opid, Value a, Value b, Value *out);
bool tape_num1(State *S, int opid, Value a, Value *out);
/* Tensor operation with at least one traced input (called by op_apply). */
bool tape_op(State *S, int opid, const Value *x, int nin, const void *attr, int nattr, Value *out);
/* x[flat] of a traced tensor as a number; by-element writes: element flat of *x (one owner) = v. O(1) each. */
bool tape_element(State *S, Value x, int64_t flat, Value *out);
bool tape_element_set(State *S, Value *x, int64_t flat, Value v);
/* A by-element tensor becomes one node (first whole-tensor use); other values come back as they are (retained). */
bool tape_whole(State *S, Value x, Value *out);
/* Tensor of numbers some of which are traced: [a, b, c]. */
bool tape_stack_numbers(State *S, const Value *v, int64_t n, int rank, const int64_t *shape, Value *out);

/* Calls f that has its own adjoint or tangent (nil: it has not) with traced arguments: runs it one level out and records
** one custom node. The rule that is missing is had from the other one, which is linear. */
bool tape_custom(State *S, Value f, Value adjoint, Value tangent, const Value *args, int n, Value *out);
/* Calls f so that a reverse level keeps only what goes in, and the sweep runs f again (checkpoint.c). */
bool tape_checkpoint(State *S, Value f, const Value *args, Str *const *names, int n, Value *out);

/* The same for a part of a loop, whose second run is not to be noticed: nothing is printed twice. */
bool tape_checkpoint_part(State *S, Value f, const Value *args, int n, Value *out);
/* Bytes in use, of the recordings what is filled. */
size_t tape_size(State *S);

/* ---- forward levels ---- */
/* Makes the float leaves of v values of the innermost level, a forward one, with the tangents of dv: v's structure, nil
** where they are zero. DIAG_STRUCTURE, DIAG_SHAPE, DIAG_TYPE when it does not fit. */
bool tape_lift_dual(State *S, Value v, Value dv, Value *out);
/* The tangents of a result of the innermost level: y's structure, zero where y does not depend on what was lifted, nil
** where nothing is differentiable. */
bool tape_tangent(State *S, Value y, Value *out);
/* A tree with leaves 1 (zeros: 0) where v has float leaves, nil elsewhere. */
bool tape_ones(State *S, Value v, double fill, Value *out);

/* ---- sweeping ---- */
/* Adds `seed` (same structure as y; NIL seeds leaves nothing) to the cotangents of result y, then sweeps the innermost level
** back. After it, tape_cotangent gives each lifted leaf's: zero (strong) where nothing arrived. */
bool tape_seed(State *S, Value y, Value seed);
bool tape_sweep(State *S,
                bool keep); /* keep: the tape stays whole for further seeds and sweeps (cotangents are reset by tape_reset) */
void tape_reset(State *S); /* forgets cotangents, keeps the recording */
/* n seeds of the result y (numbers, tensors and lists of them), each 0 but for count ones: seed row[i] has a 1 at at[i],
** counted through the float leaves of y in order. Sweeps back for all of them at once, keeping the tape whole. *out is a
** list of the gradient trees of `lifted` whose leaves have an axis of n in front. *done false: this recording cannot be
** swept so, and nothing has happened. */
typedef struct ManySeeds {
    int64_t n, count;
    const int64_t *row, *at;
} ManySeeds;
bool tape_sweep_many(State *S, Value y, const ManySeeds *seeds, const Value *lifted, int nlifted, Value *out,
                     bool *done);
/* Which of the rows (float elements of y, in order) depends on which of the columns (those of the lifted trees), for the
** control flow that was recorded; row r has col[start[r]] ... col[start[r + 1] - 1], ascending (pattern.c). */
typedef struct Pattern {
    int64_t rows, columns, count, cap, at;
    int64_t *start;
    int32_t *col;
} Pattern;
bool tape_pattern(State *S, Value y, const Value *lifted, int n, int64_t rows, int64_t columns, Pattern *out);
void pattern_free(State *S, Pattern *p);
int64_t tape_many_most(State *S); /* how many seeds at a time the numbers of the recording allow */
/* The gradient tree of a tree made by tape_lift: same structure, nil where nothing is differentiable, zeros where nothing
** arrived. Values are of outer levels (plain at the outermost). */
bool tape_gradient(State *S, Value lifted, Value *out);
/* Where y, a number of the innermost level, which is checked, became not finite; or, where y is finite, the cotangent of
** the node `leaf`. is_leaf knows the nodes of the parameters. False when nothing is known (origin.c). */
typedef bool (*TapeLeaf)(void *ud, uint32_t node);
typedef struct TapeOrigin {
    Span at;        /* of the first operation whose result, or what comes back from it, is not finite */
    const char *op; /* its name */
    bool backward;
    Str *made;     /* owned: "log(-0.3) is nan, element [0, 1] of [2, 3]" */
    Str *chain;    /* owned or NULL: the operations from the leaf to it */
    uint32_t leaf; /* a parameter's node that it comes from, or 0 */
} TapeOrigin;
bool tape_origin(State *S, Value y, uint32_t leaf, TapeLeaf is_leaf, void *ud, TapeOrigin *o);
void tape_put_index(Buf *b, int64_t flat, const int64_t *shape, int rank); /* "[0, 1]" */
void tape_dump(State *S, int level, Buf *b);                               /* --dump=tape */

/* derivatives as functions of values, used by built-ins and descend: f called on args, d/d(args[wrt]) */
typedef struct Wrt {
    int n;
    int at[16];
    bool list;
} Wrt; /* list: result is a list even for one */
bool deriv_value_and_grad(State *S, Value f, const Value *args, int n, const Wrt *w, bool aux, Value *value,
                          Value *grad);
bool deriv_check(State *S, Value f, const Value *args, int n, double *worst, Value *report);
/* f', f'' ...: the derivative of f as a function value */
bool deriv_prime(State *S, Value f, Value *out);
#endif
