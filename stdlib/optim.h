/* optim.h -- shared by the optimisers: making one, walking parameters beside gradients, learning rates.
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_STDLIB_OPTIM_H
#define DSC_STDLIB_OPTIM_H
#include "runtime/builtin.h"
#include "runtime/optim.h"

/* The value of a call such as adam(lr: 0.1): its arguments under their names. */
bool optim_make(Call *c, const OptDef *def, const char *const *names);
/* Checks of arguments: [0, inf), [0, 1); lr is a number or a function of the step. */
bool optim_at_least_0(Call *c, int i, const char *name);
bool optim_fraction(Call *c, int i, const char *name);
bool optim_rate_arg(Call *c, int i);
/* The learning rate of step t (from 0): the number itself, or what the function gives. Owned. */
bool optim_rate(State *S, const char *who, Value lr, double t, Value *out);

/* A list of n named items, consumed; NIL with the error set on failure. */
Value optim_state(State *S, const char *const *names, Value *item_take, int n);
/* Makes a container, or a tensor's data, this slot's own; on failure the slot keeps what it had. */
bool optim_own(State *S, Value *v);
bool optim_has_level(Value v); /* any leaf of a tree */
#endif
