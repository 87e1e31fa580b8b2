/* terms.h -- value arithmetic without bookkeeping: temporaries belong to a Terms and go with it.
**
** Once something failed every further call gives nil, so a formula is written as it reads and looked at once,
** at its end. All operations work on numbers and tensors of any derivative level; t_bin and t_sqrt on trees too.
** SPDX-License-Identifier: MIT */
#ifndef DSC_STDLIB_TERMS_H
#define DSC_STDLIB_TERMS_H
#include "runtime/op.h"
#include "runtime/state.h"

enum { TERMS_MAX = 48 }; /* temporaries of one formula */
typedef struct Terms {
    State *S;
    Value temp[TERMS_MAX];
    int n;
    bool failed;
} Terms;

static inline Value t_keep(Terms *w, bool ok, Value v_take)
{
    if (ok && w->n < TERMS_MAX) return w->temp[w->n++] = v_take;
    if (ok) release(w->S, v_take);
    w->failed = true;
    return NIL;
}
static inline Value t_bin(Terms *w, BinOp op, Value a, Value b)
{
    Value out = NIL;
    return w->failed ? NIL : t_keep(w, value_binary(w->S, op, a, b, &out), out);
}
static inline Value t_add(Terms *w, Value a, Value b) { return t_bin(w, BIN_ADD, a, b); }
static inline Value t_sub(Terms *w, Value a, Value b) { return t_bin(w, BIN_SUB, a, b); }
static inline Value t_mul(Terms *w, Value a, Value b) { return t_bin(w, BIN_MUL, a, b); }
static inline Value t_div(Terms *w, Value a, Value b) { return t_bin(w, BIN_DIV, a, b); }
static inline Value t_op1(Terms *w, OpId op, Value a)
{
    Value out = NIL;
    if (w->failed) return NIL;
    bool tree = a.tag == T_LIST || a.tag == T_MODEL;
    return t_keep(w, tree ? value_op_tree(w->S, op, &a, 1, &out) : op1(w->S, op, a, &out), out);
}
static inline Value t_op2(Terms *w, OpId op, Value a, Value b)
{
    Value out = NIL;
    return w->failed ? NIL : t_keep(w, op2(w->S, op, a, b, &out), out);
}
/* A reduction over one axis (kept), or over all of them (axis -1); a number stays itself. */
static inline Value t_reduce(Terms *w, OpId op, Value a, int axis)
{
    Value out = NIL;
    if (w->failed || a.tag != T_TENSOR) return a;
    return t_keep(w, op_reduce(w->S, op, a, &axis, axis >= 0, axis >= 0, &out), out);
}
/* Ends the formula: *out is its value, counted for the caller, unless something failed. */
static inline bool t_end(Terms *w, Value v, Value *out)
{
    bool ok = !w->failed;
    *out = ok ? retain(v) : NIL;
    while (w->n) release(w->S, w->temp[--w->n]);
    return ok;
}
#endif
