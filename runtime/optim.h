/* optim.h -- what descend asks of an optimiser or a gradient transform (stdlib/optim.c has them).
**
** An Opt is a value: definition, configuration, state (a tree, nil before the first step). descend makes it unique
** before a step, so step may change o->state in place. All arithmetic that can carry a derivative (a descend inside a
** function being differentiated) is done with value_binary/op_apply when any leaf has a level, and with plain fused
** loops over the leaves otherwise; both give the same numbers up to rounding.
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPTIM_H
#define DSC_OPTIM_H
#include "runtime/value.h"

typedef enum OptKind { OPT_FIRST_ORDER, OPT_LINE_SEARCH, OPT_LEAST_SQUARES, OPT_TRANSFORM } OptKind;

typedef struct OptStep {
    State *S;
    int64_t step; /* from 1 */
    Value params; /* tree, in: current (owned by the step: may be taken and reused in place); out: next */
    Value grad;   /* tree of the same structure, nil where not trained; owned by the step; transforms replace it */
    double loss,
        gnorm; /* in: at params (NAN for least squares); out, for line searches and least squares: at the new params */
    Value residuals; /* least squares: tensor of residuals at params, else nil */
    /* Evaluates at other parameters (line search, damping): same random numbers; grad may be NULL. An evaluation that is not
    ** finite gives loss = inf or nan and no error. Transforms have been applied to *grad. */
    bool (*eval)(struct OptStep *st, Value params, double *loss, Value *grad);
    /* Least squares: residuals r [m] and Jacobian J [m, p] (f64, leaves flattened in order) at params; J may be NULL. */
    bool (*lsq)(struct OptStep *st, Value params, Tensor **r, Tensor **J);
    bool accepted_eval; /* out: params is the point of the last eval call, whose loss and gradient descend may keep */
    bool stalled;       /* out: cannot go further; params unchanged */
    void *ud;           /* descend's */
} OptStep;

typedef struct OptDef {
    const char *name;
    OptKind kind;
    bool (*step)(Opt *o, OptStep *st); /* transforms: replace st->grad */
} OptDef;
struct Opt {
    Obj obj;
    const OptDef *def;
    List *conf; /* named: lr, momentum, ... */
    Value state;
};
Opt *opt_new(State *S, const OptDef *def, List *conf_take);
Opt *opt_unique_take(State *S, Opt *o);
#endif
