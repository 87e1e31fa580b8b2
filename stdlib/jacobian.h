/* jacobian.h -- what dense and sparse Jacobians share (jacobian.c sparse.c): the function, its rows and columns.
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_JACOBIAN_H
#define DSC_JACOBIAN_H
#include "stdlib/deriv.h"

enum {
    MANY_LEAST = 2,          /* rows that are worth a sweep together */
    ROWS_LEAST = 16,         /* rows at a time, however large the tensors are */
    ROWS_ELEMENTS = 1 << 20, /* elements of argument and result for all rows at a time */
    FORWARD_WORTH = 3,       /* results for each argument from which forward mode pays */
};

/* Leaves of a tree, numbers and tensors, in order. */
typedef struct Leaves {
    Value *at;
    size_t n, cap;
} Leaves;                                        /* owned */
bool leaves_of(State *S, Value tree, Leaves *l); /* adds them */
void leaves_drop(State *S, Leaves *l);
int64_t leaves_size(const Leaves *l); /* elements in all */

/* `tree` with 1 at n elements, counted through its leaves; nil for leaves that are 0. */
bool ones_at(State *S, Value tree, const int64_t *at, int64_t n, Value *out);

typedef struct Jac {
    Deriv d;
    Value in, out;  /* shapes of argument and result: float leaves, nil elsewhere */
    Leaves x, y;    /* their leaves */
    int64_t nx, ny; /* elements in all */
    Leaves *part;   /* per (leaf of y, leaf of x): rows (reverse) or columns (forward) */
    size_t nparts;
    bool together; /* a part is several rows with an axis in front */
    Rng rng;       /* each run draws the same */
} Jac;

/* Runs f once, recording, and calls `then` while the recording is there. Fills j->out, y, ny. */
typedef bool (*JacFn)(Jac *j, const Value *lifted, Value y, void *ud);
bool jac_record(Jac *j, JacFn then, void *ud);
/* The sum of the rows of n elements of the result: the leaves of the gradient. */
bool jac_row(Jac *j, const Value *lifted, Value y, const int64_t *at, int64_t n, Leaves *g);
int64_t jac_at_once(const Jac *j); /* rows to be swept together */
/* The sum of the columns of n elements of the argument, from a run of f: the leaves of the tangent. */
bool jac_column(Jac *j, const int64_t *at, int64_t n, Leaves *t);
void jac_close(Jac *j); /* forgets the result */

/* sparse.c: (rows:, cols:, values:, shape:). pattern: an earlier one, or nil. */
bool jac_sparse(Jac *j, bool reverse, bool forward, bool symmetric, Value pattern, Value *out);
#endif
