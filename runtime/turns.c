/* turns.c -- loops whose recording would outgrow the tape's budget run in parts, each a checkpoint.
**
** When the tape is above its budget (Tape.limit), a FORLOOP whose body changes only variables of its function hands the
** turns that are left to turns_run. A part of them is a call of a closure made for it: its parameters are the registers
** of the frame up to the loop variable, its result those that the turns may have changed, its code that of the
** function, entered at the loop's body and left after it.
**
**   JMP to the body | the function's code up to FORLOOP | MOVE ... LIST RETURN
**
** So it runs again in the sweep, when the frame is gone (checkpoint.c). A part has as many turns as record a quarter of
** the budget, by what the turns before took.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/state.h"
#include "runtime/tape.h"

enum { PARTS_DEEP = 8, TURNS_LEAST = 32 };

static const Turns *turns_at(const Proto *p, int32_t pc)
{
    for (int32_t i = 0; i < p->nturns; i++)
        if (p->turns[i].loop == pc) return &p->turns[i];
    return NULL;
}

static bool copy_turns(State *S, Proto *q, const Proto *p, const Turns *t)
{
    q->turns = mem_zalloc(S, (size_t)p->nturns * sizeof *q->turns);
    if (!q->turns) return false;
    q->capturns = p->nturns;
    for (int32_t i = 0; i < p->nturns; i++) {
        const Turns *from = &p->turns[i];
        if (from->start < t->start || from->loop > t->loop) continue;
        uint16_t *reg = mem_alloc(S, from->n * sizeof *reg);
        if (!reg) return false;
        memcpy(reg, from->reg, from->n * sizeof *reg);
        q->turns[q->nturns++] = (Turns){from->start + 1, from->loop + 1, from->base, from->n, reg};
    }
    return true;
}

static bool copy_handlers(State *S, Proto *q, const Proto *p, const Turns *t)
{
    if (!p->nhandlers) return true;
    q->handlers = mem_alloc(S, (size_t)p->nhandlers * sizeof *q->handlers);
    if (!q->handlers) return false;
    q->caphandlers = p->nhandlers;
    for (int32_t i = 0; i < p->nhandlers; i++) {
        Handler h = p->handlers[i];
        if (h.start < t->start || h.end > t->loop) continue;
        q->handlers[q->nhandlers++] = (Handler){h.start + 1, h.end + 1, h.target + 1, h.reg};
    }
    return true;
}

/* The function of a part: owned, NULL on failure. */
static Proto *part_proto(State *S, Proto *p, const Turns *t)
{
    int32_t last = t->loop + 2, n = last + t->n + 1 + 3; /* behind the loop; all */
    uint32_t top = p->nregs, nparams = t->base + 3u;
    Proto *q = mem_alloc(S, sizeof *q);
    if (!q) return NULL;
    *q = *p;
    q->obj = (Obj){.rc = 1, .tag = p->obj.tag};
    q->name = obj_retain(p->name);
    q->doc = obj_retain(p->doc);
    q->whole = obj_retain(p->whole ? p->whole : p);
    q->code = NULL;
    q->span = NULL;
    q->handlers = NULL;
    q->turns = NULL;
    q->params = NULL;
    q->ncode = q->capcode = q->nhandlers = q->caphandlers = q->nturns = q->capturns = 0;
    q->nparams = q->nrequired = 0;
    q->adjoint = q->tangent = NIL;
    q->given = NULL;
    q->is_method = q->is_loss = q->has_rest = false;
    q->simple = true;
    q->nregs = (uint16_t)(top + t->n + 1u);
    q->code = mem_alloc(S, (size_t)n * sizeof *q->code);
    q->span = q->code ? mem_alloc(S, (size_t)n * sizeof *q->span) : NULL;
    q->params = q->span ? mem_zalloc(S, nparams * sizeof *q->params) : NULL;
    if (q->code && !q->span) mem_free(S, q->code, (size_t)n * sizeof *q->code), q->code = NULL;
    if (q->span) q->ncode = q->capcode = n;
    if (q->params) q->nparams = q->nrequired = (uint16_t)nparams;
    if (!q->params || !copy_turns(S, q, p, t) || !copy_handlers(S, q, p, t)) {
        proto_free(S, q);
        return NULL;
    }
    Instr *c = q->code;
    c[0] = (Instr){.op = OP_JMP, .j = t->start};
    memcpy(c + 1, p->code, (size_t)(t->loop + 1) * sizeof *c);
    memcpy(q->span + 1, p->span, (size_t)(t->loop + 1) * sizeof *q->span);
    q->span[0] = p->span[t->loop];
    for (int32_t i = last; i < n; i++) q->span[i] = p->span[t->loop];
    c += last;
    for (uint32_t i = 0; i <= t->n; i++)
        *c++ = (Instr){.op = OP_MOVE, .x = 1, .a = (uint16_t)(top + i), .b = i < t->n ? t->reg[i] : t->base};
    *c++ = (Instr){.op = OP_LIST, .a = (uint16_t)top, .b = (uint16_t)top, .c = (uint16_t)(t->n + 1u)};
    *c++ = (Instr){.op = OP_EXT, .j = -1};
    *c = (Instr){.op = OP_RETURN, .a = (uint16_t)top};
    return q;
}

static Closure *part_closure(State *S, Frame *f, const Turns *t)
{
    Proto *q = part_proto(S, f->proto, t);
    if (!q) return NULL;
    uint32_t n = f->fn ? f->fn->ncaps : 0;
    Closure *c = closure_new(S, q, NULL, n);
    obj_release(S, q);
    for (uint32_t i = 0; c && i < n; i++) c->cap[i] = retain(f->fn->cap[i]);
    return c;
}

static void put(State *S, Value *at, Value v)
{
    Value was = *at;
    *at = v;
    release(S, was);
}

/* One part: the turns up to `hi`. */
static bool part_run(State *S, Value f, Value *R, const Turns *t, double hi)
{
    Value y, limit = R[t->base + 1];
    R[t->base + 1] = val_num(hi);
    bool ok = tape_checkpoint_part(S, f, R, t->base + 3, &y);
    R[t->base + 1] = limit;
    if (!ok) return false;
    for (uint16_t i = 0; i < t->n; i++) put(S, &R[t->reg[i]], retain(y.l->at[i]));
    R[t->base] = val_num(y.l->at[t->n].n);
    put(S, &R[t->base + 2], R[t->base]);
    release(S, y);
    return true;
}

/* Whether R[0] is a model whose states a turn may change. */
static bool has_states(const Frame *f)
{
    return f->proto->is_method && (f->r[0].tag != T_MODEL || (f->r[0].m->obj.flags & (MODEL_STATE | MODEL_CELLS)));
}

bool turns_run(State *S, size_t frame, int32_t pc, bool *done)
{
    Tape *tape = &S->tape;
    Frame *f = &S->vm.frames[frame];
    const Proto *p = f->proto;
    const Turns *t = p->nturns ? turns_at(p, pc) : NULL;
    size_t size;
    *done = false;
    if (!t || S->batch.depth || tape->parts >= PARTS_DEEP || (size = tape_size(S)) <= tape->limit) return true;
    if (p->nregs + t->n + 1 > UINT16_MAX || has_states(f)) return true;
    Value *R = f->r;
    double turn = R[t->base].n, end = R[t->base + 1].n, turns;
    if (tape->note.proto != p || tape->note.frame != frame || tape->note.pc != pc || !(turn > tape->note.turn)) {
        tape->note.proto = p;
        tape->note.frame = frame;
        tape->note.pc = pc;
        tape->note.turn = turn;
        tape->note.size = size;
        return true;
    }
    turns = turn - tape->note.turn;
    double more = size > tape->note.size ? (double)(size - tape->note.size) : 0, part = (double)(tape->budget / 4);
    if (turns < TURNS_LEAST && more < part / 16) return true;
    if (!((end - turn) * (more / turns) > part / 2)) return true;
    double many = part * turns / more;
    many = many < 1 ? 1 : many < 1e9 ? (double)(int64_t)many : 1e9;
    Closure *c = part_closure(S, f, t);
    if (!c) return false;
    bool ok = true;
    while (ok && R[t->base].n < end) {
        double hi = R[t->base].n + many - 0.5;
        ok = part_run(S, val_obj(T_FN, c), R, t, hi < end ? hi : end);
    }
    obj_release(S, c);
    *done = true;
    return ok;
}
