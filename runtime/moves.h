/* moves.h -- what the parameters of a descend were before they last moved, for the message about a NaN.
**
** After each accepted evaluation every leaf is compared with what it was the time before, and copied where it moved:
** one pass over the parameters a step. Leaves beyond the first MOVES_BYTES are only counted.
** SPDX-License-Identifier: MIT */
#ifndef DSC_MOVES_H
#define DSC_MOVES_H
#include "runtime/state.h"
#include "runtime/value.h"

enum { MOVES_BYTES = 1 << 23 };
typedef struct Moved {
    void *was, *before; /* at the last look, and before the last move that a look saw; before may be NULL */
    size_t bytes;       /* 0: not kept */
    size_t step;        /* that move's, 0: none yet */
} Moved;
typedef struct Moves {
    Moved *leaf;
    size_t n, cap, bytes;
} Moves;

/* Looks at the parameters that `steps` steps have made. Memory that is refused only makes it forget. */
void moves_look(State *S, Moves *m, Value params, size_t steps);
void moves_free(State *S, Moves *m);
/* The parameter whose lifted leaf has this node of the innermost level: its path after `name` ("net" ->
** "net.body[0].W") and its number among the leaves; false when none has. With node 0, the first leaf whose gradient (a
** tree like `lifted`) is not finite, and *node its node. */
bool moves_find(State *S, Value lifted, Value grad, uint32_t *node, size_t *leaf, Buf *path);
/* "w[1] went from 1 to -0.3 in step 2": the largest move of leaf number `leaf`, which is now in params after `steps`
** steps. */
void moves_say(State *S, const Moves *m, Value params, size_t leaf, size_t steps, const char *path, Buf *out);
#endif
