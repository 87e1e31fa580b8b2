/* late.c -- which number may wait for its gradient, and when it is settled.
** SPDX-License-Identifier: MIT */
#include "runtime/late.h"
#include "runtime/op.h"
#include "runtime/state.h"
#include "runtime/tape_internal.h"

Late late_begin(State *S, size_t base)
{
    Late before = S->late;
    const Level *L = S->tape.n == 1 ? innermost(S) : NULL;
    S->late = (Late){.armed = L && !L->check && !L->forward && !S->batch.depth && !S->plan_off, .base = base};
    return before;
}

Tensor *late_end(State *S, Late before)
{
    Tensor *t = S->late.t;
    S->late = before;
    return t;
}

bool late_tail(State *S, const Value *ret)
{
    if (S->tape.n != 1 || S->late.t) return false;
    for (size_t f = S->vm.nframes; f-- > S->late.base;) {
        const Frame *fr = &S->vm.frames[f];
        if (ret < fr->r || ret >= fr->r + fr->proto->nregs) return false; /* something in C receives it */
        uint16_t reg = (uint16_t)(ret - fr->r);
        const Instr *i = &fr->proto->code[fr->next];
        while (i->op == OP_LOSSCHK && i->a == reg) i++;
        if (i->a != reg || (i->op != OP_RETURN && i->op != OP_YIELD)) return false;
        if (f == S->late.base) return true;
        if (i->op == OP_YIELD) return false;
        ret = fr->ret;
    }
    return false;
}

bool late_settle(State *S, Tensor *t_take, Value v, double *y)
{
    bool ok = tree_force_with(S, v, t_take);
    if (t_take) {
        ok = ok && tensor_force(S, t_take);
        if (ok) *y = tensor_get(t_take, 0);
        obj_release(S, t_take);
    }
    return ok;
}
