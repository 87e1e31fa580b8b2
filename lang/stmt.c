/* stmt.c -- statements, blocks, patterns, returns, descend.
**
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "lang/gen.h"

void bind_var(Gen *G, Var *v, uint32_t reg)
{
    (void)G;
    if (v) v->reg = reg;
}

/* ---- patterns ---- */

/* Registers for the names; the kids of a list stand in a row from p->slot. */
static void pattern_regs(Gen *G, Ast *p, uint32_t reg)
{
    if (p->name) {
        bind_var(G, p->info, reg);
        return;
    }
    p->slot = reg_new(G, p->n);
    for (uint32_t i = 0; i < p->n; i++) pattern_regs(G, p->kid[i], p->slot + i);
}

void pattern_declare(Gen *G, Ast *p) { pattern_regs(G, p, p->name ? reg_new(G, 1) : 0); }

void pattern_bind(Gen *G, const Ast *p, uint32_t from)
{
    if (p->name) {
        const Var *v = p->info;
        if (v && v->reg != from) emit(G, OP_MOVE, 0, v->reg, from, 0);
        return;
    }
    G->at = p->at.file ? p->at : G->at;
    emit(G, OP_UNPACK, 0, from, p->slot, p->n);
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->kid[i]->name) pattern_bind(G, p->kid[i], p->slot + i);
}

/* (a, b) for (x, y): no list is needed in between. */
static bool matches(const Ast *list, uint32_t n)
{
    if (list->kind != AST_LIST || list->n != n || !n) return false;
    for (uint32_t i = 0; i < n; i++)
        if (list->kid[i]->kind == AST_SPREAD) return false;
    return true;
}

static const Ast *item(const Ast *a) { return a->kind == AST_NAMED ? a->kid[0] : a; }

static void let(Gen *G, const Ast *a)
{
    Ast *p = a->kid[0];
    const Ast *value = a->kid[2];
    if (p->name) {
        uint32_t r = reg_new(G, 1);
        bind_var(G, p->info, r);
        ex_to(G, value, r);
        if (a->kid[1]) sig_check_value(G, a->kid[1], NULL, r, p->name->data, false, p->at);
        return;
    }
    pattern_declare(G, p);
    uint32_t mark = G->top;
    if (matches(value, p->n)) {
        for (uint32_t i = 0; i < p->n; i++) ex_to(G, item(value->kid[i]), p->slot + i);
        for (uint32_t i = 0; i < p->n; i++)
            if (!p->kid[i]->name) pattern_bind(G, p->kid[i], p->slot + i);
    } else {
        uint32_t r = ex_any(G, value);
        pattern_bind(G, p, r);
    }
    G->top = mark;
}

/* ---- assignment ---- */

static bool is_blank(const Ast *a) { return a->kind == AST_NAME && a->name->len == 1 && a->name->data[0] == '_'; }

static void store(Gen *G, const Ast *target, uint32_t value)
{
    if (is_blank(target)) return;
    uint32_t mark = G->top;
    Place p = place_open(G, target);
    G->at = target->at;
    if (p.ok) place_store(G, &p, value);
    G->top = mark;
}

/* Takes R[from] apart into targets, left to right. */
static void store_list(Gen *G, const Ast *targets, uint32_t from)
{
    uint32_t mark = G->top, base = reg_new(G, targets->n);
    G->at = targets->at;
    emit(G, OP_UNPACK, 0, from, base, targets->n);
    for (uint32_t i = 0; i < targets->n; i++) {
        if (targets->kid[i]->kind == AST_LIST) store_list(G, targets->kid[i], base + i);
        else store(G, targets->kid[i], base + i);
    }
    G->top = mark;
}

static void assign(Gen *G, const Ast *a)
{
    const Ast *target = a->kid[0], *value = a->kid[1], *const * more;
    uint32_t mark = G->top, n;
    bool var;
    if (target->kind == AST_LIST) {
        if (matches(value, target->n)) {
            uint32_t base = reg_new(G, target->n);
            for (uint32_t i = 0; i < target->n; i++) ex_to(G, item(value->kid[i]), base + i);
            for (uint32_t i = 0; i < target->n; i++) {
                if (target->kid[i]->kind == AST_LIST) store_list(G, target->kid[i], base + i);
                else store(G, target->kid[i], base + i);
            }
        } else {
            store_list(G, target, ex_any(G, value));
        }
    } else if (is_blank(target)) {
        ex_any(G, value);
    } else if (name_reg(G, target, &var) != NO_REG) {
        uint32_t reg = name_reg(G, target, &var);
        if ((n = appended(target, value, &more)) > 0) { /* in place, once all values are there */
            uint32_t r = n == 1 ? ex_operand(G, more[0], NULL) : reg_new(G, n);
            for (uint32_t i = 0; i < n && n > 1; i++) ex_to(G, more[i], r + i);
            G->at = value->at;
            emit(G, OP_SPREAD, 4, reg, reg, 0);
            for (uint32_t i = 0; i < n; i++) {
                emit(G, OP_PUSH, 0, reg, r + i, 0);
                emit_extj(G, -1);
            }
            G->top = mark;
            return;
        }
        G->target = value->kind == AST_CALL || value->kind == AST_PIPE ? target : NULL;
        if (ex_writes_last(G, value)) {
            ex_to(G, value, reg);
        } else {
            uint32_t r = reg_new(G, 1);
            ex_to(G, value, r);
            G->at = a->at;
            emit(G, OP_MOVE, 0, reg, r, 0);
        }
        G->target = NULL;
    } else {
        Place p = place_open(G, target);
        if (p.ok && p.n && (n = appended(target, value, &more)) > 0) {
            uint32_t r = reg_new(G, n);
            for (uint32_t i = 0; i < n; i++) ex_to(G, more[i], r + i);
            G->at = target->at;
            for (uint32_t i = 0; i < n; i++) place_grow(G, &p, r + i, false);
            G->top = mark;
            return;
        }
        if (target->kind == AST_NAME) G->target = value->kind == AST_CALL || value->kind == AST_PIPE ? target : NULL;
        uint32_t r = ex_operand(G, value, NULL);
        G->target = NULL;
        G->at = target->at;
        if (p.ok) place_store(G, &p, r);
    }
    G->top = mark;
}

static void opassign(Gen *G, const Ast *a)
{
    static const uint8_t plain[AOP_COUNT] =
        {[AOP_ADD] = OP_ADD,       [AOP_SUB] = OP_SUB, [AOP_MUL] = OP_MUL,       [AOP_DIV] = OP_DIV,
         [AOP_FLOORDIV] = OP_FDIV, [AOP_MOD] = OP_MOD, [AOP_MATMUL] = OP_MATMUL, [AOP_POW] = OP_POW};
    static const uint8_t with_k[AOP_COUNT] =
        {[AOP_ADD] = OP_ADDK, [AOP_SUB] = OP_SUBK, [AOP_MUL] = OP_MULK, [AOP_DIV] = OP_DIVK, [AOP_POW] = OP_POWK};
    const Ast *target = a->kid[0], *value = a->kid[1];
    uint32_t mark = G->top, x, dst, c;
    double k;
    Place p = place_open(G, target);
    if (!p.ok) return;
    bool local = !p.n && !p.global;
    if (p.n && a->op == AOP_ADD && !(value->mark & MARK_WRITES) && !ex_constant(value, &k)) {
        uint32_t y = ex_operand(G, value, NULL);
        G->at = a->name_at.file ? a->name_at : a->at;
        place_grow(G, &p, y, true);
        G->top = mark;
        return;
    }
    if (local && !(value->mark & MARK_WRITES)) {
        x = p.root;
    } else {
        x = reg_new(G, 1);
        G->at = target->at;
        place_load(G, &p, x);
    }
    dst = local ? p.root : x;
    Span at = a->name_at.file ? a->name_at : a->at;
    if (with_k[a->op] && ex_constant_k(G, value, &c)) {
        G->at = at;
        emit(G, (OpCode)with_k[a->op], 0, dst, x, c);
    } else {
        uint32_t y = ex_operand(G, value, NULL);
        G->at = at;
        emit(G, (OpCode)plain[a->op], 0, dst, x, y);
    }
    G->at = target->at;
    if (!local) place_store(G, &p, dst);
    G->top = mark;
}

/* ---- loops and jumps ---- */

static void leave_draws(Gen *G, int upto)
{
    for (int i = G->draws; i > upto; i--) emitj(G, OP_COMPRNG, 0, 0, 2);
}

/* May turns of a loop run twice, and outside the frame they belong to (turns.c)? Nothing leaves it but what its turns
** assign to variables of the function; those from before the loop are gathered. */
static bool turns_alone(Gen *G, const Ast *a, uint32_t base, Turns *t)
{
    if (!a || a->kind == AST_LAMBDA || a->kind == AST_FN) return true;
    bool var;
    if (a->kind == AST_DESCEND) return false;
    if (a->kind == AST_ASSIGN || a->kind == AST_OPASSIGN) {
        const Ast *to = a->kid[0];
        while (to->kind == AST_INDEX || to->kind == AST_DOT) to = to->kid[0];
        if (to->kind != AST_NAME || ref_kind(to) != REF_LOCAL) return false;
    }
    if (a->kind == AST_NAME && ref_kind(a) == REF_BUILTIN && !strcmp(a->name->data, "input")) return false;
    if (a->kind == AST_NAME && ref_kind(a) == REF_LOCAL) {
        uint32_t r = name_reg(G, a, &var);
        size_t cap = t->n;
        uint16_t at = 0;
        while (at < t->n && t->reg[at] != r) at++;
        if (var && r != NO_REG && r < base && at == t->n) {
            uint16_t *more = mem_realloc(G->S, t->reg, cap * sizeof *more, (cap + 1) * sizeof *more);
            if (!more) {
                out_of_memory(G);
                return false;
            }
            t->reg = more;
            t->reg[t->n++] = (uint16_t)r;
        }
    }
    for (uint32_t i = 0; i < a->n; i++)
        if (!turns_alone(G, a->kid[i], base, t)) return false;
    return true;
}

static bool may_divide(Gen *G) { return G->fn && G->up && !G->p->is_ctor && !G->tries && !G->draws && !G->in_block; }

/* cond: of a while, else NULL. */
static void turns_note(Gen *G, const Ast *cond, const Ast *body, Turns t)
{
    Proto *p = G->p;
    size_t cap = (size_t)p->capturns;
    if (!may_divide(G)) return;
    bool ok = turns_alone(G, cond, t.base, &t) && turns_alone(G, body, t.base, &t) && t.n;
    if (ok && p->nturns >= p->capturns) {
        ok = mem_grow(G->S, (void **)&p->turns, &cap, (size_t)p->nturns, sizeof *p->turns);
        if (!ok) out_of_memory(G);
        p->capturns = (int32_t)cap;
    }
    if (ok) p->turns[p->nturns++] = t;
    else mem_free(G->S, t.reg, t.n * sizeof *t.reg);
}

static void for_loop(Gen *G, const Ast *a)
{
    uint32_t mark = G->top;
    Loop loop = {.up = G->loop, .draws = G->draws};
    Jumps end = {0};
    LoopCode l = loop_open(G, a->kid[1], &end);
    Ast *p = a->kid[0];
    uint32_t count = l.range || !may_divide(G) ? l.base : reg_new(G, 3);
    G->loop = &loop;
    if (p->name) {
        bind_var(G, p->info, l.base + 2);
    } else {
        pattern_declare(G, p);
        pattern_bind(G, p, l.base + 2);
    }
    block_effect(G, a->kid[2]);
    G->at = a->at;
    loop_close(G, &l, &loop.cont);
    Turns t = {.start = l.range ? l.start : l.entry, .loop = here(G) - 1, .items = !l.range};
    t.tick = l.range ? t.loop : t.start;
    t.base = (uint16_t)l.base;
    t.count = (uint16_t)count;
    turns_note(G, NULL, a->kid[2], t);
    if (loop.brk.n && !l.range) { /* the iterator is dropped at once: it may hold the last copy */
        jumps_here(G, &loop.brk);
        emit(G, OP_LOADNIL, 0, l.base, 0, 0);
    }
    jumps_here(G, &loop.brk);
    jumps_here(G, &end);
    G->loop = loop.up;
    G->top = mark;
}

static void while_loop(Gen *G, const Ast *a)
{
    Loop loop = {.up = G->loop, .draws = G->draws};
    Jumps end = {0};
    uint32_t mark = G->top, count = 0;
    if (may_divide(G)) { /* turns.c counts here; nil: the loop has just begun */
        count = reg_new(G, 3);
        emit(G, OP_LOADNIL, 0, count, 0, 0);
    }
    int32_t start = here(G);
    G->loop = &loop;
    ex_jump(G, a->kid[0], false, a->kid[0]->weight + a->kid[1]->weight > FUSE_WEIGHT, &end);
    block_effect(G, a->kid[1]);
    G->at = a->at;
    jumps_to(G, &loop.cont, start);
    int32_t at = emitj(G, OP_LOOP, 0, 0, 0);
    jump_to(G, at, start);
    Turns t = {.start = start, .loop = at, .tick = at, .base = (uint16_t)count, .count = (uint16_t)count};
    turns_note(G, a->kid[0], a->kid[1], t);
    jumps_here(G, &loop.brk);
    jumps_here(G, &end);
    G->loop = loop.up;
    G->top = mark;
}

static void assertion(Gen *G, const Ast *a)
{
    uint32_t mark = G->top, left, right;
    Span at = a->kid[0]->at;
    uint32_t r = a->kid[1] ? NO_REG : ex_comparison(G, a->kid[0], &left, &right);
    bool sides = r != NO_REG;
    if (!sides) r = ex_any(G, a->kid[0]);
    if (!a->kid[1]) {
        G->at = at;
        emit(G, OP_ASSERT, sides ? 2 : 0, r, sides ? left : 0, sides ? right : 0);
    } else { /* the message is made when it is needed */
        uint32_t m = reg_new(G, 1);
        Jumps fine = {0};
        G->at = at;
        jump_add(G, &fine, emitj(G, OP_JT, 0, r, 0));
        ex_to(G, a->kid[1], m);
        G->at = at;
        emit(G, OP_ASSERT, 1, r, m, 0);
        jumps_here(G, &fine);
    }
    G->top = mark;
}

/* ---- functions ---- */

static void local_function(Gen *G, const Ast *a)
{
    Func *f = a->info;
    uint32_t proto = function_new(G, (Ast *)a, f, a->name->data), mark = G->top;
    uint32_t r = reg_new(G, 1);
    G->at = a->name_at;
    closure_to(G, f, proto, r);
    if (a->kind == AST_FN) {
        bind_var(G, f->var, r);
        return;
    }
    if (f->var) emit(G, OP_RULE, a->kind == AST_TANGENT, f->var->reg, r, 0);
    G->top = mark;
}

void give_back(Gen *G, uint32_t value)
{
    Span at = G->at;
    if (G->result) {
        char what[160];
        snprintf(what, sizeof what, "the result of %s", G->p->name ? G->p->name->data : "the function");
        sig_check_value(G, G->result->kid[0], G->result->name, value, what, true, G->result->at);
    }
    G->at = at;
    if (G->is_loss) emit(G, OP_LOSSCHK, 0, value, 0, 0);
    emit(G, OP_RETURN, 0, value, 0, 0);
}

void return_value(Gen *G, const Ast *a)
{
    uint32_t mark = G->top;
    if (G->failed) return;
    if (a->kind == AST_BLOCK) {
        block_return(G, a);
    } else if (a->kind == AST_IF && a->kid[2] && !G->result) {
        Jumps no = {0};
        ex_jump(G, a->kid[0], false, a->kid[0]->weight + a->kid[1]->weight > FUSE_WEIGHT, &no);
        return_value(G, a->kid[1]);
        jumps_here(G, &no);
        return_value(G, a->kid[2]);
    } else {
        uint32_t r = ex_operand(G, a, NULL);
        G->at = a->at;
        give_back(G, r);
    }
    G->top = mark;
}

static void return_nil(Gen *G)
{
    uint32_t r = reg_new(G, 1);
    emit(G, OP_LOADNIL, 0, r, 0, 0);
    give_back(G, r);
}

void block_return(Gen *G, const Ast *a)
{
    uint32_t mark = G->top;
    for (uint32_t i = 0; i < a->n; i++) {
        const Ast *s = a->kid[i];
        if (i + 1 == a->n && ast_is_expr(s)) {
            return_value(G, s);
            G->top = mark;
            return;
        }
        statement(G, s);
    }
    G->at = (Span){a->at.file, a->at.off + (a->at.len ? a->at.len - 1 : 0), 1};
    return_nil(G);
    G->top = mark;
}

/* ---- blocks ---- */

void statement(Gen *G, const Ast *a)
{
    if (G->failed) return;
    G->at = a->at;
    switch ((AstKind)a->kind) {
    case AST_LET:
    case AST_VAR: let(G, a); break;
    case AST_ASSIGN: assign(G, a); break;
    case AST_OPASSIGN: opassign(G, a); break;
    case AST_FOR: for_loop(G, a); break;
    case AST_WHILE: while_loop(G, a); break;
    case AST_BREAK:
    case AST_CONTINUE:
        if (!G->loop) break;
        leave_draws(G, G->loop->draws);
        jump_add(G, a->kind == AST_BREAK ? &G->loop->brk : &G->loop->cont, emitj(G, OP_JMP, 0, 0, 0));
        break;
    case AST_RETURN:
        if (a->kid[0]) return_value(G, a->kid[0]);
        else return_nil(G);
        break;
    case AST_ASSERT: assertion(G, a); break;
    case AST_FN:
    case AST_ADJOINT:
    case AST_TANGENT: local_function(G, a); break;
    default: ex_effect(G, a); break;
    }
}

void block_to(Gen *G, const Ast *a, uint32_t dst)
{
    if (a->kind != AST_BLOCK) {
        ex_to(G, a, dst);
        return;
    }
    uint32_t mark = G->top;
    for (uint32_t i = 0; i < a->n; i++) {
        const Ast *s = a->kid[i];
        if (i + 1 == a->n && ast_is_expr(s)) {
            ex_to(G, s, dst);
            G->top = mark;
            return;
        }
        statement(G, s);
    }
    emit(G, OP_LOADNIL, 0, dst, 0, 0);
    G->top = mark;
}

void block_effect(Gen *G, const Ast *a)
{
    if (a->kind != AST_BLOCK) {
        ex_effect(G, a);
        return;
    }
    uint32_t mark = G->top;
    for (uint32_t i = 0; i < a->n; i++) statement(G, a->kid[i]);
    G->top = mark;
}

/* ---- descend ---- */

/* Owned. */
Str *source_text(Gen *G, Span at)
{
    const Source *src = source_get(G->S, at.file);
    if (!src || at.off + at.len > src->len) return NULL;
    Str *s = str_intern(G->S, src->text + at.off, at.len);
    if (!s) out_of_memory(G);
    return s;
}

static void optional_to(Gen *G, const Ast *a, uint32_t dst)
{
    if (a) ex_to(G, a, dst);
    else emit(G, OP_LOADNIL, 0, dst, 0, 0);
}

static bool add_descend(Gen *G, const Descend *d)
{
    Proto *p = G->p;
    size_t cap = (size_t)p->capdescends;
    if (p->ndescends >= p->capdescends) {
        if (!mem_grow(G->S, (void **)&p->descends, &cap, (size_t)p->ndescends, sizeof *p->descends)) {
            out_of_memory(G);
            return false;
        }
        p->capdescends = (int32_t)cap;
    }
    p->descends[p->ndescends++] = *d;
    return true;
}

static bool in_member(const Ast *a)
{
    while (a->kind == AST_DOT || a->kind == AST_INDEX) a = a->kid[0];
    return ref_kind(a) == REF_FIELD;
}

void descend_to(Gen *G, const Ast *a, uint32_t dst)
{
    uint32_t mark = G->top;
    const Ast *targets = a->kid[0], *using = a->kid[3], *block = a->kid[6], *watch = a->kid[8];
    const DescendInfo *info = a->info;
    uint32_t n = using->n;
    Descend d = {.ntargets = (int)targets->n,
                 .nopts = (uint16_t)n,
                 .has_over = a->kid[2] != NULL,
                 .pc_until = -1,
                 .pc_watch = -1,
                 .at = {a->name_at.file, a->name_at.off, a->name_at.len}};
    d.holder = obj_retain(info->holder);
    d.holder_at = info->holder_at;
    d.target = mem_zalloc(G->S, targets->n * sizeof *d.target);
    if (!d.target || !add_descend(G, &d)) {
        mem_free(G->S, d.target, targets->n * sizeof *d.target);
        obj_release(G->S, d.holder);
        out_of_memory(G);
        return;
    }
    int32_t at = G->p->ndescends - 1; /* the table may move while the block is compiled */
    for (uint32_t i = 0; i < targets->n; i++) {
        Place p = place_open(G, targets->kid[i]);
        if (!p.ok) continue;
        uint32_t path = p.path_known ? p.path : path_new(G, p.step, p.n);
        d.target[i] = (DescendTarget){p.global, (uint16_t)p.root, (uint16_t)path, source_text(G, targets->kid[i]->at),
                                      targets->kid[i]->at};
    }
    uint32_t base = reg_new(G, 3 + n);
    d.base = (uint16_t)base;
    optional_to(G, a->kid[2], base);
    for (uint32_t i = 0; i < n; i++) ex_to(G, using->kid[i], base + 3 + i);
    optional_to(G, a->kid[4], base + 1);
    optional_to(G, a->kid[7], base + 2);
    d.item = (uint16_t)reg_new(G, 1);
    uint32_t step = reg_new(G, 4);
    d.step = (uint16_t)step;
    d.loss = (uint16_t)(step + 1);
    d.gnorm = (uint16_t)(step + 2);
    d.epoch = (uint16_t)(step + 3);
    bind_var(G, info->step, step);
    bind_var(G, info->loss, step + 1);
    bind_var(G, info->gnorm, step + 2);
    bind_var(G, info->epoch, step + 3);
    for (uint32_t i = 0; i < 5; i++) emit(G, OP_LOADNIL, 0, d.item + i, 0, 0);
    G->at = a->name_at;
    emit(G, OP_DESCEND, 0, dst, (uint32_t)at, 0);

    Loop *loop = G->loop;
    bool in_block = G->in_block;
    uint32_t seq = G->block_seq, r = reg_new(G, 1), inner = G->top;
    G->loop = NULL;
    d.pc_block = here(G);
    G->in_block = true;
    G->block_seq = info->seq;
    if (a->kid[1]) {
        if (a->kid[1]->name) {
            bind_var(G, a->kid[1]->info, d.item);
        } else {
            pattern_declare(G, a->kid[1]);
            pattern_bind(G, a->kid[1], d.item);
        }
    }
    block_to(G, block, r);
    d.loss_at = block->n ? block->kid[block->n - 1]->at : block->at;
    G->at = d.loss_at;
    emit(G, OP_YIELD, 0, r, (uint32_t)at, 0);
    G->in_block = in_block;
    G->block_seq = seq;
    G->top = inner;
    if (a->kid[5]) {
        d.pc_until = here(G);
        ex_to(G, a->kid[5], r);
        G->at = a->kid[5]->at;
        emit(G, OP_YIELD, 0, r, (uint32_t)at, 0);
    }
    if (watch) {
        d.pc_watch = here(G);
        block_effect(G, watch);
        emit(G, OP_LOADNIL, 0, r, 0, 0);
        emit(G, OP_YIELD, 0, r, (uint32_t)at, 0);
    }
    d.pc_end = here(G);
    G->loop = loop;
    if (G->p->ndescends > at) G->p->descends[at] = d;
    for (uint32_t i = 0; i < n; i++) /* an optimiser that stands in a var goes back there with its state */
        if (is_place(G, using->kid[i]) && !in_member(using->kid[i])) store(G, using->kid[i], base + 3 + i);
    G->top = mark;
}
