/* call.c -- calls, pipes and methods, and the places that calls and assignments go through.
**
** A call whose callee stands in a variable (net(x), net.norm(x), body[i](x), members called inside a method) may
** change a model's state, so the model is taken out of its place for the call and what comes back is put
** there again: TAKEPATH, CALL or INVOKE with x&4, BACKPATH. The arguments are evaluated before the model leaves.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "lang/gen.h"
#include "runtime/builtin.h"
#include "runtime/op.h"

/* ---- places ---- */

static bool global_kind(Gen *G, const Ast *name, GlobalKind *kind)
{
    const TopName *t = unit_top(G->u, name->name);
    if (t && t->slot == name->slot) *kind = t->kind;
    else if (name->slot < G->u->m->ng) *kind = G->u->m->g[name->slot].kind;
    else return false;
    return true;
}

static const Ast *root_name(const Ast *a)
{
    while (a->kind == AST_INDEX || a->kind == AST_DOT) a = a->kid[0];
    return a;
}

static uint32_t count_steps(const Ast *a)
{
    uint32_t n = 0;
    for (; a->kind == AST_INDEX || a->kind == AST_DOT; a = a->kid[0]) n++;
    return n;
}

static uint32_t index_regs(Gen *G, const Ast *a)
{
    uint32_t n = a->n - 1;
    const Ast *i = a->kid[1];
    if (n == 1 && i->kind == AST_NAME && ref_kind(i) == REF_LOCAL && ((Var *)i->info)->kind != VAR_VAR)
        return ((Var *)i->info)->reg;
    uint32_t r = reg_new(G, n);
    indices_to(G, a->kid + 1, n, r);
    return r;
}

Place place_open(Gen *G, const Ast *a)
{
    const Ast *root = root_name(a);
    Place p = {.ok = true};
    uint32_t n = count_steps(a);
    GlobalKind kind;
    if (root->kind != AST_NAME) return (Place){.ok = false};
    switch (ref_kind(root)) {
    case REF_LOCAL: p.root = ((Var *)root->info)->reg; break;
    case REF_GLOBAL:
        if (!global_kind(G, root, &kind)) return (Place){.ok = false};
        p.root = promoted_reg(G, root->slot);
        p.global = p.root == NO_REG;
        if (p.global) p.root = root->slot;
        break;
    case REF_FIELD: p.self = true; break;
    default: return (Place){.ok = false};
    }
    p.n = n + p.self;
    p.step = arena_alloc(G->S, G->A, (p.n + 1) * sizeof *p.step);
    const Ast **chain = arena_alloc(G->S, G->A, (n + 1) * sizeof *chain);
    if (!p.step || !chain) {
        out_of_memory(G);
        return (Place){.ok = false};
    }
    if (p.self) p.step[0] = (PathStep){.kind = STEP_SELF, .n = (uint16_t)root->slot, .at = root->at};
    for (uint32_t i = n; i > 0; i--, a = a->kid[0]) chain[i - 1] = a;
    for (uint32_t i = 0; i < n; i++) {
        const Ast *s = chain[i];
        PathStep *st = &p.step[i + p.self];
        if (s->kind == AST_DOT) *st = (PathStep){.kind = STEP_FIELD, .name = held(G, s->name), .at = s->name_at};
        else
            *st = (PathStep){.kind = STEP_INDEX,
                             .reg = (uint16_t)index_regs(G, s),
                             .n = (uint16_t)(s->n - 1),
                             .at = s->at};
    }
    if (p.n > (p.self ? 1u : 0u)) {
        p.path = path_new(G, p.step, p.n);
        p.path_known = true;
    }
    return p;
}

void place_store(Gen *G, const Place *p, uint32_t value)
{
    if (p->self && p->n == 1) emit(G, OP_SELFPUT, 0, value, p->step[0].n, 0);
    else if (p->n) emit(G, OP_SETPATH, p->global ? 8 : 0, p->root, value, p->path);
    else if (p->global) emitj(G, OP_SETG, 0, value, (int32_t)p->root);
    else if (p->root != value) emit(G, OP_MOVE, 0, p->root, value, 0);
}

void place_load(Gen *G, const Place *p, uint32_t dst)
{
    if (p->self && p->n == 1) emit(G, OP_SELFGET, 0, dst, p->step[0].n, 0);
    else if (p->n) emit(G, OP_GETPATH, p->global ? 8 : 0, p->root, dst, p->path);
    else if (p->global) emitj(G, OP_GETG, 0, dst, (int32_t)p->root);
    else emit(G, OP_MOVE, 0, dst, p->root, 0);
}

void place_grow(Gen *G, Place *p, uint32_t value, bool add)
{
    if (!p->path_known) {
        p->path = path_new(G, p->step, p->n);
        p->path_known = true;
    }
    emit(G, OP_PUSHPATH, (p->global ? 8 : 0) | (add ? 4 : 0), p->root, value, p->path);
}

/* May the callee give back a changed model to where `a` stands? */
bool is_place(Gen *G, const Ast *a)
{
    const Ast *root = root_name(a);
    GlobalKind kind;
    if (root->kind != AST_NAME) return false;
    switch (ref_kind(root)) {
    case REF_LOCAL: {
        const Var *v = root->info;
        return v && v->kind == VAR_VAR && !(G->in_block && v->seq <= G->block_seq);
    }
    case REF_GLOBAL:
        return !G->in_block && G->fn->kind == FUNC_MAIN && global_kind(G, root, &kind) && kind == GLOBAL_VAR;
    case REF_FIELD: return !G->in_block;
    default: return false;
    }
}

/* `v = v.f(..)` overwrites v anyway: no need to give it back first. */
static bool is_own_target(Gen *G, const Ast *receiver, const Ast *target)
{
    return target && receiver->kind == AST_NAME && target->kind == AST_NAME && ref_kind(receiver) == ref_kind(target) &&
           (ref_kind(target) == REF_LOCAL ? receiver->info == target->info
                                          : ref_kind(target) == REF_GLOBAL && receiver->slot == target->slot) &&
           G->fn;
}

/* ---- arguments ---- */

typedef struct Args {
    const Ast *first;
    Ast *const *rest;
    uint32_t nrest, n;
} Args; /* first: what a pipe puts in front */

static const Ast *arg_at(const Args *g, uint32_t i)
{
    if (!g->first) return g->rest[i];
    return i ? g->rest[i - 1] : g->first;
}

static bool args_plain(const Args *g)
{
    for (uint32_t i = 0; i < g->nrest; i++)
        if (g->rest[i]->kind == AST_NAMED || g->rest[i]->kind == AST_SPREAD) return false;
    return true;
}

static const Ast *arg_value(const Ast *a) { return a->kind == AST_NAMED || a->kind == AST_SPREAD ? a->kid[0] : a; }

static void args_to(Gen *G, const Args *g, uint32_t first)
{
    for (uint32_t i = 0; i < g->n; i++) ex_to(G, arg_value(arg_at(g, i)), first + i);
}

static uint32_t args_info(Gen *G, const Args *g) /* operand c of CALL */
{
    if (args_plain(g)) return 0;
    Str **name = arena_alloc(G->S, G->A, g->n * sizeof *name);
    uint8_t *spread = arena_alloc(G->S, G->A, g->n);
    if (!name || !spread) {
        out_of_memory(G);
        return 0;
    }
    for (uint32_t i = 0; i < g->n; i++) {
        const Ast *a = arg_at(g, i);
        if (a->kind == AST_NAMED) name[i] = a->name;
        spread[i] = a->kind == AST_SPREAD;
    }
    return callinfo_new(G, name, spread, g->n) + 1;
}

static void split(const Ast *a, const Ast **callee, Args *g)
{
    const Ast *call = a;
    *g = (Args){0};
    if (a->kind == AST_PIPE) {
        g->first = a->kid[0];
        call = a->kid[1];
        if (call->kind != AST_CALL || call->flags & AST_PAREN) {
            *callee = call;
            g->n = 1;
            return;
        }
    }
    *callee = call->kid[0];
    g->rest = call->kid + 1;
    g->nrest = call->n - 1;
    g->n = g->nrest + (g->first != NULL);
}

/* ---- operations of the table, functions of this file ---- */

static bool makes_number(Gen *G, int op)
{
    Value x[2] = {val_num(0.5), val_num(0.5)}, y;
    if (op_table[op]->flags & OPF_RANDOM) return false;
    if (!op_apply(G->S, (OpId)op, x, op_table[op]->nin, NULL, 0, &y)) {
        if (G->S->err && G->S->err->code != DIAG_MEM) diag_free(G->S, diag_take(G->S));
        return false;
    }
    bool number = is_num(y);
    release(G->S, y);
    return number;
}

static int op_of(Gen *G, const Ast *callee, const Args *g)
{
    if (callee->kind != AST_NAME || ref_kind(callee) != REF_BUILTIN || g->n < 1 || g->n > 2 || !args_plain(g))
        return -1;
    for (uint32_t i = 0; i < g->nrest; i++)
        if (g->rest[i]->kind == AST_GENERATOR) return -1;
    Value v;
    if (!builtin_find(G->S, callee->name->data, &v)) return -1;
    int op = v.tag == T_FN && v.f->builtin ? v.f->builtin->op : -1;
    release(G->S, v);
    if (op < 0 || op_table[op]->nin != (int)g->n) return -1;
    /* OP1 and OP2 make numbers of numbers: not for is_nan and its like, which make bools */
    return makes_number(G, op) ? op : -1;
}

int call_op(Gen *G, const Ast *a)
{
    const Ast *callee;
    Args g;
    split(a, &callee, &g);
    return op_of(G, callee, &g);
}

static void op_call_to(Gen *G, const Args *g, int op, uint32_t dst)
{
    uint32_t mark = G->top;
    Span at = G->at;
    uint32_t x = ex_operand(G, arg_at(g, 0), g->n == 2 ? arg_at(g, 1) : NULL);
    uint32_t y = g->n == 2 ? ex_operand(G, arg_at(g, 1), NULL) : 0;
    G->at = at;
    if (g->n == 1) {
        emit(G, OP_OP1, 0, dst, x, (uint32_t)op);
    } else {
        emit(G, OP_OP2, 0, dst, x, y);
        emit_ext(G, (uint32_t)op, 0, 0);
    }
    G->top = mark;
}

/* push(xs, x) is (...xs, x). */
static bool push_call(Gen *G, const Ast *callee, const Args *g, uint32_t dst)
{
    if (callee->kind != AST_NAME || ref_kind(callee) != REF_BUILTIN || g->n != 2 || !args_plain(g) ||
        strcmp(callee->name->data, "push") != 0)
        return false;
    Span at = G->at;
    uint32_t mark = G->top, x = ex_operand(G, arg_at(g, 0), arg_at(g, 1)), y = ex_operand(G, arg_at(g, 1), NULL);
    G->at = at;
    emit(G, OP_SPREAD, 4, dst, x, 0);
    emit(G, OP_PUSH, 0, dst, y, 0);
    emit_extj(G, -1);
    G->top = mark;
    return true;
}

/* Do both read the same place, whatever stands in between them? Indices may be names, literals and operators. */
static bool same_place(const Ast *a, const Ast *b)
{
    if (a->kind != b->kind || a->n != b->n || a->op != b->op) return false;
    switch ((AstKind)a->kind) {
    case AST_NAME:
        if (a->name != b->name || ref_kind(a) != ref_kind(b) || a->info != b->info || a->slot != b->slot) return false;
        break;
    case AST_DOT:
        if (a->name != b->name) return false;
        break;
    case AST_NUMBER:
        if (a->num != b->num) return false;
        break;
    case AST_STRING:
        if (!str_same(a->str, b->str)) return false;
        break;
    case AST_INDEX:
    case AST_BINARY:
    case AST_NEG: break;
    default: return false;
    }
    for (uint32_t i = 0; i < a->n; i++)
        if (!a->kid[i] || !b->kid[i] || !same_place(a->kid[i], b->kid[i])) return false;
    return true;
}

/* The values that `v = push(v, x)` or `v = (...v, x, y)` appends to v; 0: it is something else, or a value may
** assign v, which is read before it. */
uint32_t appended(const Ast *target, const Ast *value, const Ast *const **at)
{
    const Ast *first;
    uint32_t n;
    if (value->kind == AST_LIST && value->n > 1 && value->n < RUN_MAX && value->kid[0]->kind == AST_SPREAD) {
        first = value->kid[0]->kid[0];
        *at = (const Ast *const *)value->kid + 1;
        n = value->n - 1;
    } else if (value->kind == AST_CALL && value->n == 3 && value->kid[0]->kind == AST_NAME &&
               ref_kind(value->kid[0]) == REF_BUILTIN && !strcmp(value->kid[0]->name->data, "push")) {
        first = value->kid[1];
        *at = (const Ast *const *)value->kid + 2;
        n = 1;
    } else {
        return 0;
    }
    if (!same_place(first, target)) return 0;
    for (uint32_t i = 0; i < n; i++)
        if ((*at)[i]->kind == AST_SPREAD || (*at)[i]->kind == AST_NAMED || (*at)[i]->kind == AST_GENERATOR ||
            (*at)[i]->mark & MARK_WRITES)
            return 0;
    return n;
}

/* A call of a top-level fn of this text with arguments that fit: into parameter order, absent ones unset. */
static bool direct_call(Gen *G, const Ast *callee, const Args *g, uint32_t base)
{
    if (callee->kind != AST_NAME || ref_kind(callee) != REF_GLOBAL || G->u->mode == COMPILE_PROMPT) return false;
    const TopName *t = unit_top(G->u, callee->name);
    if (!t || t->slot != callee->slot || t->kind != GLOBAL_FN || (t->decl->kind != AST_FN && t->decl->kind != AST_LOSS))
        return false;
    const Ast *params = t->decl->kid[0];
    int32_t from[250]; /* argument for each parameter, or -1 */
    uint32_t np = params->n, to[250], next = 0;
    if (np > 250 || g->n > np || (np && params->kid[np - 1]->flags & AST_REST)) return false;
    for (uint32_t i = 0; i < np; i++) from[i] = -1;
    for (uint32_t i = 0; i < g->n; i++) {
        const Ast *a = arg_at(g, i);
        uint32_t k = next;
        if (a->kind == AST_SPREAD) return false;
        if (a->kind == AST_NAMED) {
            for (k = 0; k < np && params->kid[k]->name != a->name; k++) {}
        } else {
            if (next != i) return false; /* by place behind a name */
            next++;
        }
        if (k >= np || from[k] >= 0) return false;
        from[k] = (int32_t)i;
        to[i] = k;
    }
    for (uint32_t i = 0; i < np; i++)
        if (from[i] < 0 && !params->kid[i]->kid[2]) return false;
    Span at = G->at;
    uint32_t first = reg_new(G, np);
    for (uint32_t i = 0; i < g->n; i++) ex_to(G, arg_value(arg_at(g, i)), first + to[i]);
    G->at = at;
    for (uint32_t i = 0; i < np; i++)
        if (from[i] < 0) emit(G, OP_UNSET, 0, first + i, 0, 0);
    emitj(G, OP_CALLG, (int)np, base, (int32_t)callee->slot);
    return true;
}

/* ---- methods ---- */

static int take_flags(Gen *G, const Place *p)
{
    bool keep = G->tries > 0 || (p->global && G->u->mode == COMPILE_PROMPT);
    return (keep ? 1 : 0) | (p->global ? 8 : 0);
}

static uint32_t place_path(Gen *G, Place *p)
{
    if (p->path_known) return p->path;
    p->path_known = true;
    return p->path = path_new(G, p->step, p->n);
}

static void invoke(Gen *G, const Ast *dot, const Ast *receiver, Str *name, const Args *g, const Ast *target,
                   uint32_t base)
{
    Span at = G->at;
    bool method = !dot; /* a method of the model in R[0] */
    bool place = method ? !G->in_block : is_place(G, receiver) && !is_own_target(G, receiver, target);
    Place p = {0};
    uint32_t self = reg_new(G, 1 + g->n), mark = G->top;
    if (method) p.ok = true;
    else if (place) p = place_open(G, receiver);
    else ex_to(G, receiver, self);
    place = place && p.ok;
    args_to(G, g, self + 1);
    uint32_t info = args_info(G, g);
    const Ast *fallback = dot ? dot->info : NULL;
    G->at = at;
    if (fallback) load_ref(G, ref_of(fallback), name, base);
    else emit(G, OP_UNSET, 0, base, 0, 0);
    if (method && !place) emit(G, OP_MOVE, 0, self, 0, 0);
    uint32_t path = place ? place_path(G, &p) : 0;
    if (place) emit(G, OP_TAKEPATH, take_flags(G, &p), p.root, self, path);
    emit(G, OP_INVOKE, place ? 4 : 0, base, g->n, info);
    emit_extj(G, (int32_t)const_str(G, name));
    if (place) emit(G, OP_BACKPATH, p.global ? 8 : 0, p.root, self, path);
    G->top = mark;
}

static void invoke_captured(Gen *G, const Ast *callee, const Args *g, uint32_t base)
{
    Span at = G->at;
    uint32_t self = reg_new(G, 1 + g->n);
    args_to(G, g, self + 1);
    uint32_t info = args_info(G, g);
    G->at = at;
    emit(G, OP_UNSET, 0, base, 0, 0);
    emit(G, OP_GETCAP, 0, self, callee->slot, 0);
    emit(G, OP_INVOKE, 0, base, g->n, info);
    emit_extj(G, (int32_t)const_str(G, callee->name));
}

/* ---- any call ---- */

static bool is_module(Gen *G, const Ast *a)
{
    GlobalKind kind;
    return a->kind == AST_NAME && ref_kind(a) == REF_GLOBAL && global_kind(G, a, &kind) && kind == GLOBAL_USE;
}

static void plain_call(Gen *G, const Ast *callee, const Args *g, const Ast *target, uint32_t base)
{
    Span at = G->at;
    bool place = callee->kind != AST_DOT && is_place(G, callee) && !is_own_target(G, callee, target);
    Place p = {0};
    uint32_t first = reg_new(G, g->n ? g->n : 1), mark = G->top;
    if (place) p = place_open(G, callee);
    place = place && p.ok;
    if (!place) ex_to(G, callee, base);
    args_to(G, g, first);
    uint32_t info = args_info(G, g);
    G->at = at;
    uint32_t path = place ? place_path(G, &p) : 0;
    if (place) emit(G, OP_TAKEPATH, take_flags(G, &p), p.root, base, path);
    emit(G, OP_CALL, place ? 4 : 0, base, g->n, info);
    if (place) emit(G, OP_BACKPATH, p.global ? 8 : 0, p.root, first, path);
    G->top = mark;
}

void call_to(Gen *G, const Ast *a, uint32_t dst)
{
    const Ast *callee, *target = G->target;
    Args g;
    G->target = NULL;
    split(a, &callee, &g);
    if (!g.first && g.n == 1 && g.rest[0]->kind == AST_GENERATOR && reduction_to(G, callee, g.rest[0], dst)) return;
    int op = op_of(G, callee, &g);
    if (op >= 0) {
        op_call_to(G, &g, op, dst);
        return;
    }
    if (push_call(G, callee, &g, dst)) return;
    if (g.n > REG_MAX) {
        too_large(G, "arguments in one call");
        return;
    }
    uint32_t mark = G->top, base = dst + 1 == G->top ? dst : reg_new(G, 1);
    if (direct_call(G, callee, &g, base)) {
    } else if (callee->kind == AST_DOT && !is_module(G, callee->kid[0]) && !(callee->flags & AST_PAREN)) {
        invoke(G, callee, callee->kid[0], callee->name, &g, target, base);
    } else if (callee->kind == AST_NAME && ref_kind(callee) == REF_METHOD) {
        invoke(G, NULL, NULL, callee->name, &g, NULL, base);
    } else if (callee->kind == AST_NAME && ref_kind(callee) == REF_METHOD_OF) {
        invoke_captured(G, callee, &g, base);
    } else {
        plain_call(G, callee, &g, target, base);
    }
    if (base != dst) emit(G, OP_MOVE, 0, dst, base, 0);
    G->top = mark;
}
