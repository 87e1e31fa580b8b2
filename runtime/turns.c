/* turns.c -- loops whose recording would outgrow the tape's budget run in parts, each a checkpoint.
**
** When the tape is above its budget (Tape.limit), a loop whose body changes only variables of its function hands the
** turns that are left to turns_run. A part of them is a call of a closure made for it: its parameters are the registers
** of the frame up to the loop's, its result those that the turns may have changed, its code that of the function, entered
** at the loop and left after it:
**
**   0         JMP to start
**   start ... the function's code; a RETURN is JMP to a stub
**   loop      FORLOOP on the registers of the count, back to where the loop goes
**   loop + 1  what the loop leaves to by itself or by break
**   loop + 3  MOVE ... LIST RETURN: the variables and the count, which is below its limit when the loop is over
**   ...       for each RETURN: MOVE, JMP to
**   the end   LIST RETURN: the value alone, which the function then returns
**
** So it runs again in the sweep, when the frame is gone (checkpoint.c). A part has as many turns as record a quarter of
** the budget, by what the turns before took; how many there will be need not be known. Where the parts' own variables
** come to a quarter of the budget, each part is twice the one before: their number is then logarithmic, and running
** again they are divided in turn, so that loops of any length fit.
**
** cite  Stumm and Walther 2010, "New algorithms for optimal online checkpointing", for loops of unknown length
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/state.h"
#include "runtime/tape.h"

enum { PARTS_DEEP = 8, TURNS_LEAST = 32 };

typedef enum How {
    COUNTED, /* `for` over a range, and any loop that is a part already: from R[count] to R[count + 1] */
    UNTIL,   /* while: R[count] is nil at its start, then how often turns_run saw it */
    ITEMS,   /* for over a list, a tensor or a range value: R[base], position R[base + 1] */
} How;

typedef struct Part {
    const Turns *t;
    How how;
    Closure *f;
    Value *R;
    double many;
    bool left;    /* the loop is over before its count is */
    Value result; /* of a return in the body, or unset */
} Part;

static const Turns *turns_at(const Proto *p, int32_t pc)
{
    if (p->whole) p = p->whole;
    for (int32_t i = 0; i < p->nturns; i++)
        if (p->turns[i].tick == pc) return &p->turns[i];
    return NULL;
}

/* ---- the function of a part ---- */

static bool copy_handlers(State *S, Proto *q, const Proto *p, const Turns *t)
{
    if (!p->nhandlers) return true;
    q->handlers = mem_alloc(S, (size_t)p->nhandlers * sizeof *q->handlers);
    if (!q->handlers) return false;
    q->caphandlers = p->nhandlers;
    for (int32_t i = 0; i < p->nhandlers; i++)
        if (p->handlers[i].start >= t->start && p->handlers[i].end <= t->loop)
            q->handlers[q->nhandlers++] = p->handlers[i];
    return true;
}

static void fill_part(Proto *q, const Proto *p, const Turns *t)
{
    uint16_t top = p->nregs;
    int32_t all = q->ncode, at = t->loop + 1, end = all - 3;
    Instr *c = q->code;
    memcpy(c, p->code, (size_t)at * sizeof *c);
    memcpy(q->span, p->span, (size_t)at * sizeof *q->span);
    for (int32_t i = at; i < all; i++) q->span[i] = p->span[t->loop];
    if (t->start) c[0] = (Instr){.op = OP_JMP, .j = t->start - 1};
    c[t->loop] = (Instr){.op = OP_FORLOOP, .a = t->count, .j = c[t->loop].j};
    c[at++] = (Instr){.op = OP_JMP, .j = 0};
    c[at++] = (Instr){.op = OP_JMP, .j = 0};
    for (uint16_t i = 0; i <= t->n; i++)
        c[at++] = (Instr){.op = OP_MOVE, .x = 1, .a = (uint16_t)(top + i), .b = i < t->n ? t->reg[i] : t->count};
    c[at++] = (Instr){.op = OP_LIST, .a = top, .b = top, .c = (uint16_t)(t->n + 1)};
    c[at++] = (Instr){.op = OP_EXT, .j = -1};
    c[at++] = (Instr){.op = OP_RETURN, .a = top};
    for (int32_t i = t->start; i < t->loop; i++) {
        if (c[i].op != OP_RETURN) continue;
        q->span[at] = p->span[i];
        c[at] = (Instr){.op = OP_MOVE, .x = 1, .a = top, .b = c[i].a};
        c[i] = (Instr){.op = OP_JMP, .j = at - i - 1};
        at++;
        c[at] = (Instr){.op = OP_JMP, .j = end - at - 1};
        at++;
    }
    c[end] = (Instr){.op = OP_LIST, .a = top, .b = top, .c = 1};
    c[end + 1] = (Instr){.op = OP_EXT, .j = -1};
    c[end + 2] = (Instr){.op = OP_RETURN, .a = top};
}

/* Owned, NULL on failure. p: the whole function. */
static Proto *part_proto(State *S, Proto *p, const Turns *t)
{
    int32_t n = t->loop + 3 + t->n + 1 + 3 + 3;
    uint32_t nparams = t->count + 3u;
    for (int32_t i = t->start; i < t->loop; i++) n += p->code[i].op == OP_RETURN ? 2 : 0;
    Proto *q = mem_alloc(S, sizeof *q);
    if (!q) return NULL;
    *q = *p;
    q->obj = (Obj){.rc = 1, .tag = p->obj.tag};
    q->name = obj_retain(p->name);
    q->doc = obj_retain(p->doc);
    q->whole = obj_retain(p);
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
    q->nregs = (uint16_t)(p->nregs + t->n + 1u);
    q->code = mem_alloc(S, (size_t)n * sizeof *q->code);
    q->span = q->code ? mem_alloc(S, (size_t)n * sizeof *q->span) : NULL;
    q->params = q->span ? mem_zalloc(S, nparams * sizeof *q->params) : NULL;
    if (q->code && !q->span) mem_free(S, q->code, (size_t)n * sizeof *q->code), q->code = NULL;
    if (q->span) q->ncode = q->capcode = n;
    if (q->params) q->nparams = q->nrequired = (uint16_t)nparams;
    if (!q->params || !copy_handlers(S, q, p, t)) {
        proto_free(S, q);
        return NULL;
    }
    fill_part(q, p, t);
    return q;
}

static Closure *part_closure(State *S, Frame *f, const Turns *t)
{
    Proto *p = f->proto->whole ? f->proto->whole : f->proto, *q = part_proto(S, p, t);
    if (!q) return NULL;
    uint32_t n = f->fn ? f->fn->ncaps : 0;
    Closure *c = closure_new(S, q, NULL, n);
    obj_release(S, q);
    for (uint32_t i = 0; c && i < n; i++) c->cap[i] = retain(f->fn->cap[i]);
    return c;
}

/* ---- running parts ---- */

static void put(State *S, Value *at, Value v)
{
    Value was = *at;
    *at = v;
    release(S, was);
}

bool items_slice(State *S, Value xs, int64_t from, int64_t to, Value *out)
{
    Value slice = range_new(S, (double)from, (double)to);
    if (is_nil(slice)) return false;
    slice.r->obj.flags |= RANGE_SLICE;
    slice.r->step = NAN;
    bool ok = value_index(S, xs, &slice, 1, out);
    release(S, slice);
    return ok;
}

int64_t items_len(Value xs)
{
    return xs.tag == T_LIST     ? xs.l->len
           : xs.tag == T_RANGE  ? range_len(xs.r)
           : xs.tag == T_TENSOR ? tensor_shape(xs.t)[0]
                                : -1;
}

/* Sets the registers of the count for the next part; ITEMS: R[base] is what the part goes over. */
static bool part_enter(State *S, Part *p, double end)
{
    Value *R = p->R, *count = &R[p->t->count];
    if (p->how == COUNTED) {
        double hi = count[0].n + p->many - 0.5;
        count[1] = val_num(hi < end ? hi : end);
        return true;
    }
    double from = R[p->t->base + 1].n, many = p->many;
    if (p->how == ITEMS) {
        Value slice;
        if (from + many > end) many = end - from;
        if (!items_slice(S, R[p->t->base], (int64_t)from, (int64_t)(from + many), &slice)) return false;
        put(S, &R[p->t->base], slice);
        R[p->t->base + 1] = val_num(0);
    }
    count[0] = val_num(0);
    count[1] = val_num(many);
    return true;
}

static bool part_run(State *S, Part *p, double end)
{
    const Turns *t = p->t;
    Value *R = p->R, *count = &R[t->count], y;
    bool items = p->how == ITEMS;
    Value limit = count[1], all = items ? retain(R[t->base]) : NIL;
    double from = items ? R[t->base + 1].n : 0;
    bool ok = part_enter(S, p, end) && tape_checkpoint_part(S, val_obj(T_FN, p->f), R, t->count + 3, &y);
    double most = count[1].n;
    if (p->how == COUNTED) count[1] = limit;
    if (items) put(S, &R[t->base], all);
    if (!ok) return false;
    if (y.l->len <= t->n) { /* the value alone: n + 1 are there otherwise */
        p->result = retain(y.l->at[0]);
        release(S, y);
        return true;
    }
    for (uint16_t i = 0; i < t->n; i++) put(S, &R[t->reg[i]], retain(y.l->at[i]));
    double turned = y.l->at[t->n].n;
    p->left = turned < most;
    release(S, y);
    if (items) R[t->base + 1] = val_num(from + turned);
    count[0] = val_num(from + turned);
    if (p->how == COUNTED) put(S, &count[2], count[0]);
    return true;
}

/* Whether R[0] is a model whose states a turn may change. */
static bool has_states(const Frame *f)
{
    const Proto *p = f->proto->whole ? f->proto->whole : f->proto;
    return p->is_method && (f->r[0].tag != T_MODEL || (f->r[0].m->obj.flags & (MODEL_STATE | MODEL_CELLS)));
}

/* How often the loop turned since it was first seen above the budget, and what it recorded meanwhile; false when it is
** seen for the first time. */
static bool note_turn(State *S, size_t frame, const Turns *t, How how, size_t size, double *turns, double *more)
{
    Tape *tape = &S->tape;
    const Frame *f = &S->vm.frames[frame];
    Value *R = f->r;
    double turn;
    int at = 0;
    if (how == UNTIL) {
        bool first = R[t->count].tag != T_NUM;
        R[t->count] = val_num(first ? 0 : R[t->count].n + 1);
    }
    turn = R[how == ITEMS ? t->base + 1 : t->count].n;
    while (at < TAPE_NOTES &&
           !(tape->note[at].proto == f->proto && tape->note[at].frame == frame && tape->note[at].tick == t->tick))
        at++;
    bool known = at < TAPE_NOTES && turn > tape->note[at].turn && size >= tape->note[at].size;
    if (known) {
        *turns = turn - tape->note[at].turn;
        *more = (double)(size - tape->note[at].size);
        return true;
    }
    if (at == TAPE_NOTES) at = tape->notes++ % TAPE_NOTES;
    tape->note[at] = (LoopNote){f->proto, frame, size, t->tick, turn};
    return false;
}

/* A RETURN of the function, whose register is given the value; in a part the one at its end. */
static int32_t give_result(State *S, Frame *f, const Turns *t, Value v)
{
    const Proto *p = f->proto;
    int32_t pc = p->ncode - 3;
    uint16_t reg = p->whole ? p->whole->nregs : 0;
    if (!p->whole) {
        for (pc = t->start; p->code[pc].op != OP_RETURN;) pc++;
        reg = p->code[pc].a;
    }
    put(S, &f->r[reg], v);
    return pc;
}

bool turns_run(State *S, size_t frame, int32_t pc, int32_t *go)
{
    Tape *tape = &S->tape;
    Frame *f = &S->vm.frames[frame];
    const Turns *t = f->proto->nturns || f->proto->whole ? turns_at(f->proto, pc) : NULL;
    size_t size;
    double turns, more, end = INFINITY, turn, part = (double)(tape->budget / 4);
    *go = -1;
    if (!t || S->batch.depth || tape->parts >= PARTS_DEEP || (size = tape_size(S)) <= tape->limit) return true;
    const Proto *whole = f->proto->whole ? f->proto->whole : f->proto;
    if (whole->nregs + t->n + 1 > UINT16_MAX || has_states(f)) return true;
    Value *R = f->r;
    bool counts = f->proto->code[t->loop].op == OP_FORLOOP;
    How how = t->items ? ITEMS : counts ? COUNTED : UNTIL;
    if (how == ITEMS && items_len(R[t->base]) < 0) return true;
    if (!note_turn(S, frame, t, how, size, &turns, &more)) return true;
    if (how == COUNTED) end = R[t->count + 1].n;
    if (how == ITEMS) end = (double)items_len(R[t->base]);
    turn = R[how == ITEMS ? t->base + 1 : t->count].n;
    if (how == UNTIL ? !(more >= part / 16) : turns < TURNS_LEAST && more < part / 16) return true;
    if (how != UNTIL && !((end - turn) * (more / turns) > part / 2)) return true;
    double many = part * turns / more;
    Part p = {.t = t, .how = how, .R = R, .result = UNSET};
    p.many = many < 1 ? 1 : many < 1e9 ? (double)(int64_t)many : 1e9;
    p.f = part_closure(S, f, t);
    if (!p.f) return false;
    if (how != COUNTED) /* what stands there belongs to nobody */
        for (int i = how == ITEMS ? 0 : 1; i < 3; i++) R[t->count + i] = val_num(0);
    bool ok = true;
    do {
        ok = part_run(S, &p, end);
        if (tape_size(S) > size && (double)(tape_size(S) - size) > part && p.many < 1e9) p.many *= 2;
    } while (ok && !p.left && p.result.tag == T_UNSET &&
             (how == UNTIL || R[how == ITEMS ? t->base + 1 : t->count].n < end));
    obj_release(S, p.f);
    if (!ok) return false;
    f = &S->vm.frames[frame];
    if (how == ITEMS) put(S, &R[t->base], NIL); /* it may hold the last copy */
    if (p.result.tag == T_UNSET) *go = t->loop + 1;
    else *go = give_result(S, f, t, p.result);
    return true;
}
