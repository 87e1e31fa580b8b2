/* deriv.h -- what the derivatives' built-ins share (deriv.c jacobian.c): calls to be differentiated, and which
** arguments of them.
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_DERIV_H
#define DSC_DERIV_H
#include "runtime/builtin.h"
#include "runtime/tape.h"

enum { DERIV_SMALL = 16 };

/* A call to be differentiated. */
typedef struct Deriv {
    State *S;
    const char *who; /* for messages */
    Value f;
    const Value *args;
    Str *const *names; /* NULL: all by position */
    int n;
    Wrt w;
    bool aux;
} Deriv;

/* Fills d->w from what `wrt` was given; nil: the first argument. */
bool wrt_find(Deriv *d, Value spec);
bool wrt_kind(Call *c, int i);

/* The names of a list of arguments: NULL when none has one. */
typedef struct Given {
    Str *small[DERIV_SMALL], **names;
    size_t size;
} Given;
bool given_open(State *S, const List *l, Given *g);
void given_close(State *S, Given *g);

/* grad(f, wrt) as a function value */
bool gradient_of(State *S, Value f, Value wrt, Value *out);
#endif
