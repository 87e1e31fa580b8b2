/* late.h -- a loss whose value nobody looks at before its gradient is recorded, so that one plan has both.
**
** A sum or a mean over everything is a number, and numbers are known at once: what they wait for runs as a plan. The
** loss of a descend, or what grad differentiates, is mostly such a number and the very last thing its function does.
** There it may stay pending: the gradient depends on what it was made of, not on its value.
** SPDX-License-Identifier: MIT */
#ifndef DSC_LATE_H
#define DSC_LATE_H
#include "runtime/value.h"

/* Armed while a function, or the block of a descend, runs for its gradient on the only level there is. */
typedef struct Late {
    bool armed;
    bool tail;   /* what the running built-in gives is what the function gives */
    bool last;   /* and what is applied now is what the built-in gives */
    size_t base; /* frame of the function */
    Tensor *t;   /* the pending number, which has stood as NaN since; owned */
} Late;

/* A built-in's last step, whose result it gives as it is: once LATE_LAST, then the operation, then LATE_DONE. */
#define LATE_LAST(S) ((S)->late.last = (S)->late.tail)
#define LATE_DONE(S) ((S)->late.last = false)

/* Around the running of a function with frame (to be) `base`, in which late_end undoes late_begin, also on failure. */
Late late_begin(State *S, size_t base);
Tensor *late_end(State *S, Late before); /* owned, or NULL: the value is known */
/* Is what a call puts in *ret given, as it is, by all functions up to the armed one? */
bool late_tail(State *S, const Value *ret);
/* Settles the tree v and t (consumed; NULL: known), in one plan; *y is its number. */
bool late_settle(State *S, Tensor *t_take, Value v, double *y);
#endif
