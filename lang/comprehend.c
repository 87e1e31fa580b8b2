/* comprehend.c -- loops over ranges and iterables, comprehensions, generators and their reductions.
**
**   [e for i in r, j in s]       a list for each axis, stacked when its loop ends
**   [e for ... if c], (e for ..) one flat list; the first is stacked
**   sum(e for ..)                a running value; other reductions take the flat list
**
** Sizes of inferred ranges are worked out before the loops. A body that may draw random numbers is bracketed by
** COMPRNG, so that a draw depends on its item only.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "lang/gen.h"
#include "runtime/builtin.h"
#include "runtime/op.h"

enum { NO_RNG = UINT32_MAX };

/* How a comprehension's loop gathers its values, for the instruction that runs them all at once. */
typedef struct Gather {
    uint32_t acc; /* register of the accumulator, or NO_REG: the loop always runs item by item */
    uint32_t kind;
} Gather;
static const Gather ONE_BY_ONE = {NO_REG, 0};

/* ---- one loop ---- */

static void open_batch(Gen *G, LoopCode *l, int x, const Gather *g)
{
    l->batch = -1;
    if (g->acc == NO_REG) return;
    l->batch = emitj(G, OP_BATCH, x, l->base, 0);
    emit_ext(G, g->acc, g->kind, 0);
}

static LoopCode open_range(Gen *G, LoopCode l, int inclusive, Span at, const Gather *g, Jumps *end)
{
    l.range = true;
    G->at = at;
    open_batch(G, &l, 2 | inclusive, g);
    jump_add(G, end, emitj(G, OP_FORPREP, inclusive, l.base, 0));
    l.start = here(G);
    return l;
}

static void enter_draws(Gen *G, uint32_t rng)
{
    if (rng == NO_RNG) return;
    emitj(G, OP_COMPRNG, 0, rng, 0);
    G->draws++;
}

static LoopCode open_source(Gen *G, const Ast *source, uint32_t rng, const Gather *g, Jumps *end)
{
    LoopCode l = {.base = reg_new(G, 3)};
    if (source->kind == AST_RANGE) {
        ex_to(G, source->kid[0], l.base);
        ex_to(G, source->kid[1], l.base + 1);
        enter_draws(G, rng);
        return open_range(G, l, source->flags & AST_INCLUSIVE ? 1 : 0, source->at, g, end);
    }
    ex_to(G, source, l.base);
    enter_draws(G, rng);
    G->at = source->at;
    open_batch(G, &l, 0, g);
    emit(G, OP_ITER, 0, l.base, 0, 0);
    l.entry = here(G);
    jump_add(G, end, emitj(G, OP_NEXT, 0, l.base, 0));
    l.start = here(G);
    return l;
}

LoopCode loop_open(Gen *G, const Ast *source, Jumps *end) { return open_source(G, source, NO_RNG, &ONE_BY_ONE, end); }

void loop_close(Gen *G, const LoopCode *l, Jumps *cont)
{
    if (l->range) {
        if (cont) jumps_here(G, cont);
        int32_t at = emitj(G, OP_FORLOOP, 0, l->base, 0);
        jump_to(G, at, l->start);
    } else {
        if (cont) jumps_to(G, cont, l->entry);
        int32_t at = emitj(G, OP_JMP, 0, 0, 0);
        jump_to(G, at, l->entry);
    }
}

/* ---- may it draw? ---- */

static bool quiet_builtin(Gen *G, const Str *name)
{
    static const char *const quiet[] = {"len", "sum",  "mean",  "max",  "min",   "prod",  "abs",  "range",
                                        "str", "type", "print", "push", "has",   "zeros", "ones", "reshape",
                                        "all", "any",  "norm",  "dot",  "where", NULL};
    Value v;
    if (!builtin_find(G->S, name->data, &v)) return false;
    bool ok = v.tag == T_FN && v.f->builtin && v.f->builtin->op >= 0 &&
              !(op_table[v.f->builtin->op]->flags & OPF_RANDOM);
    release(G->S, v);
    for (int i = 0; quiet[i] && !ok; i++) ok = !strcmp(quiet[i], name->data);
    return ok;
}

static bool may_draw(Gen *G, const Ast *a)
{
    if (!a || a->kind == AST_LAMBDA) return false;
    if (a->kind == AST_PIPE || a->kind == AST_DESCEND) return true;
    if (a->kind == AST_CALL) {
        const Ast *f = a->kid[0];
        if (f->kind != AST_NAME || ref_kind(f) != REF_BUILTIN || !quiet_builtin(G, f->name)) return true;
    }
    if (a->kind == AST_CLAUSE && !a->kid[1])
        for (const SizeSite *s = a->info; s; s = s->next)
            if (s->hoisted && may_draw(G, s->base)) return true;
    for (uint32_t i = 0; i < a->n; i++)
        if (may_draw(G, a->kid[i])) return true;
    return false;
}

/* ---- inferred ranges ---- */

static uint32_t inferred_size(Gen *G, const Ast *clause)
{
    uint32_t n = reg_new(G, 1), mark = G->top;
    bool first = true;
    for (const SizeSite *s = clause->info; s; s = s->next) {
        uint32_t r = s->hoisted ? s->hoisted->reg : ex_any(G, s->base), t = first ? n : reg_new(G, 1);
        G->at = s->base->at;
        emit(G, OP_SIZE, 0, t, r, (uint16_t)(int16_t)s->axis);
        if (!first) emit(G, OP_SAME, 0, n, t, const_str(G, clause->kid[0]->name));
        first = false;
        G->top = mark;
    }
    return n;
}

/* ---- nests of loops ---- */

typedef struct Nest {
    const Ast *a;
    uint32_t *size; /* by clause: register of an inferred range's size */
    uint32_t rng;
    bool batch;                                                          /* the body may run for all items at once */
    enum { NEST_STACK, NEST_LIST, NEST_FOLD, NEST_SUM, NEST_PROD } what; /* FOLD: a list that a reduction takes */
} Nest;

/* Leaves the loop, or assigns to what is outside it: `loops` within it are open around a. */
static bool reaches_out(const Ast *a, int loops)
{
    if (!a || a->kind == AST_LAMBDA || a->kind == AST_FN) return false;
    if (a->kind == AST_RETURN || a->kind == AST_DESCEND) return true;
    if ((a->kind == AST_BREAK || a->kind == AST_CONTINUE) && !loops) return true;
    if (a->kind == AST_ASSIGN || a->kind == AST_OPASSIGN) {
        const Ast *to = a->kid[0];
        while (to->kind == AST_INDEX || to->kind == AST_DOT) to = to->kid[0];
        if (to->kind != AST_NAME || ref_kind(to) != REF_LOCAL) return true;
        const Var *v = to->info;
        if (!v || v->reg != NO_REG) return true; /* declared before the body was compiled */
    }
    if (a->kind == AST_FOR || a->kind == AST_WHILE) loops++;
    for (uint32_t i = 0; i < a->n; i++)
        if (reaches_out(a->kid[i], loops)) return true;
    return false;
}

static bool nest_open(Gen *G, Nest *n, const Ast *a)
{
    n->a = a;
    n->rng = NO_RNG;
    n->size = arena_alloc(G->S, G->A, a->n * sizeof *n->size);
    if (!n->size) {
        out_of_memory(G);
        return false;
    }
    for (uint32_t i = 2; i < a->n; i++)
        for (SizeSite *s = a->kid[i]->kid[1] ? NULL : a->kid[i]->info; s; s = s->next)
            if (s->hoisted && s->hoisted->reg == NO_REG) { /* else a comprehension around this one has it */
                s->hoisted->reg = reg_new(G, 1);
                ex_to(G, s->base, s->hoisted->reg);
            }
    for (uint32_t i = 2; i < a->n; i++)
        if (!a->kid[i]->kid[1]) n->size[i] = inferred_size(G, a->kid[i]);
    bool draws = may_draw(G, a->kid[0]) || may_draw(G, a->kid[1]);
    for (uint32_t i = 3; i < a->n; i++) draws |= may_draw(G, a->kid[i]->kid[1]);
    if (draws) n->rng = reg_new(G, 1);
    n->batch = !a->kid[1] && n->what != NEST_LIST && !(n->what == NEST_FOLD && a->n != 3);
    for (uint32_t i = 0; n->batch && i < a->n; i++)
        if (i != 1 && reaches_out(i ? a->kid[i]->kid[1] : a->kid[0], 0)) n->batch = false;
    return true;
}

static void body(Gen *G, const Nest *n, uint32_t acc)
{
    const Ast *a = n->a;
    Jumps skip = {0};
    uint32_t mark = G->top;
    if (n->rng != NO_RNG) emitj(G, OP_COMPRNG, 0, n->rng, 1);
    if (a->kid[1]) ex_jump(G, a->kid[1], false, a->kid[0]->weight + a->kid[1]->weight > FUSE_WEIGHT, &skip);
    uint32_t r = ex_operand(G, a->kid[0], NULL);
    G->at = a->kid[0]->at;
    if (n->what == NEST_SUM || n->what == NEST_PROD) {
        emit(G, OP_ACCUM, 0, acc, r, n->what == NEST_PROD);
    } else {
        emit(G, OP_PUSH, 0, acc, r, 0);
        emit_extj(G, -1);
    }
    jumps_here(G, &skip);
    G->top = mark;
}

static void clause_loop(Gen *G, const Nest *n, uint32_t k, uint32_t acc)
{
    const Ast *a = n->a, *c = a->kid[k];
    uint32_t mark = G->top, rng = k == 2 ? n->rng : NO_RNG;
    uint32_t kind = n->what == NEST_SUM ? 1 : n->what == NEST_PROD ? 2 : 0;
    Gather g = {n->batch ? acc : NO_REG, kind};
    Jumps end = {0};
    LoopCode l;
    if (k > 2 && n->rng != NO_RNG && may_draw(G, c->kid[1])) emitj(G, OP_COMPRNG, 0, n->rng, 1);
    if (c->kid[1]) {
        l = open_source(G, c->kid[1], rng, &g, &end);
    } else {
        l = (LoopCode){.base = reg_new(G, 3)};
        emitj(G, OP_LOADINT, 0, l.base, 0);
        emit(G, OP_MOVE, 0, l.base + 1, n->size[k], 0);
        enter_draws(G, rng);
        l = open_range(G, l, 0, c->at, &g, &end);
    }
    if (c->kid[0]->name) {
        if (c->kid[0]->info) bind_var(G, c->kid[0]->info, l.base + 2);
    } else {
        pattern_declare(G, c->kid[0]);
        pattern_bind(G, c->kid[0], l.base + 2);
    }
    if (k + 1 == a->n) {
        body(G, n, acc);
    } else if (n->what != NEST_STACK) {
        clause_loop(G, n, k + 1, acc);
    } else {
        uint32_t inner = reg_new(G, 1);
        emit(G, OP_LIST, 0, inner, 0, 0);
        emit_extj(G, -1);
        clause_loop(G, n, k + 1, inner);
        G->at = a->at;
        emit(G, OP_STACK, 0, inner, inner, 0);
        emit(G, OP_PUSH, 0, acc, inner, 0);
        emit_extj(G, -1);
    }
    loop_close(G, &l, NULL);
    jumps_here(G, &end);
    if (l.batch >= 0) {
        jump_to(G, l.batch, here(G));
        emit(G, OP_BATCHEND, 0, 0, 0, 0);
    }
    if (rng != NO_RNG) {
        emitj(G, OP_COMPRNG, 0, rng, 2);
        G->draws--;
    }
    G->top = mark;
}

/* ---- contractions ---- */

/* [sum(A[i, k] * B[k, j] for k) for i, j] and its like, with every range inferred, is one einsum: "ac,cb->ab". */
typedef struct Contraction {
    const Ast *clause[26]; /* label 'a' + n belongs to clause[n] */
    uint32_t nlabel;
    const Ast *base[8];
    uint32_t nbase;
    char text[256];
    size_t len;
} Contraction;

static bool add_labels(Contraction *c, const Ast *a)
{
    if (a->kid[1]) return false;
    for (uint32_t i = 2; i < a->n; i++) {
        const Ast *clause = a->kid[i];
        if (clause->kid[1] || !clause->kid[0]->name || c->nlabel >= 26) return false;
        c->clause[c->nlabel++] = clause;
    }
    return true;
}

static bool put_label(Contraction *c, char label)
{
    if (c->len + 2 >= sizeof c->text) return false;
    c->text[c->len++] = label;
    return true;
}

/* A name, not one that a generator further in has yet to give its value. */
static bool plain_base(const Ast *a)
{
    return a->kind == AST_NAME && (ref_kind(a) != REF_LOCAL || ((const Var *)a->info)->reg != NO_REG);
}

static bool add_factor(Contraction *c, const Ast *a)
{
    if (a->kind == AST_BINARY && a->op == AOP_MUL) return add_factor(c, a->kid[0]) && add_factor(c, a->kid[1]);
    if (a->kind != AST_INDEX || c->nbase >= 8 || !plain_base(a->kid[0])) return false;
    if (c->nbase && !put_label(c, ',')) return false;
    size_t from = c->len;
    for (uint32_t i = 1; i < a->n; i++) {
        const Ast *k = a->kid[i];
        uint32_t n = 0;
        if (k->kind != AST_NAME || ref_kind(k) != REF_LOCAL) return false;
        while (n < c->nlabel && c->clause[n]->kid[0]->info != k->info) n++;
        if (n == c->nlabel || memchr(c->text + from, 'a' + (int)n, c->len - from)) return false;
        if (!put_label(c, (char)('a' + n))) return false;
    }
    for (uint32_t n = 0; n < c->nlabel; n++)
        if (a->kid[0]->kind == AST_NAME && a->kid[0]->info && a->kid[0]->info == c->clause[n]->kid[0]->info)
            return false;
    c->base[c->nbase++] = a->kid[0];
    return true;
}

static bool is_contraction(Contraction *c, const Ast *a)
{
    const Ast *body = a->kid[0];
    uint32_t out = 0;
    *c = (Contraction){0};
    if (!add_labels(c, a)) return false;
    if (a->kind == AST_COMPREHENSION) {
        out = c->nlabel;
        bool sum = body->kind == AST_CALL && body->n == 2 && body->kid[1]->kind == AST_GENERATOR &&
                   body->kid[0]->kind == AST_NAME && ref_kind(body->kid[0]) == REF_BUILTIN &&
                   !strcmp(body->kid[0]->name->data, "sum");
        if (sum) {
            if (!add_labels(c, body->kid[1])) return false;
            body = body->kid[1]->kid[0];
        }
    }
    if (!add_factor(c, body) || c->len + out + 3 >= sizeof c->text) return false;
    c->text[c->len] = 0;
    for (uint32_t n = 0; n < c->nlabel; n++)
        if (!strchr(c->text, 'a' + (int)n)) return false;
    put_label(c, '-');
    put_label(c, '>');
    for (uint32_t n = 0; n < out; n++) put_label(c, (char)('a' + n));
    c->text[c->len] = 0;
    return true;
}

/* Code that does it at once when the factors are tensors; else the loops behind it run. */
static void contraction_to(Gen *G, const Ast *a, uint32_t dst, Jumps *done)
{
    Contraction c;
    if (!is_contraction(&c, a)) return;
    uint32_t mark = G->top, base = reg_new(G, c.nbase);
    for (uint32_t i = 0; i < c.nbase; i++) ex_to(G, c.base[i], base + i);
    G->at = a->at;
    emit(G, OP_CONTRACT, 0, dst, base, c.nbase);
    emit_extj(G, (int32_t)const_text(G, c.text));
    jump_add(G, done, emitj(G, OP_JSET, 0, dst, 0));
    G->top = mark;
}

static void gather_to(Gen *G, const Ast *a, uint32_t dst, bool fold)
{
    uint32_t mark = G->top;
    bool stack = a->kind == AST_COMPREHENSION && !a->kid[1];
    Nest n = {.what = stack ? NEST_STACK : fold ? NEST_FOLD : NEST_LIST};
    Jumps done = {0};
    if (!nest_open(G, &n, a)) return;
    if (n.what == NEST_STACK) contraction_to(G, a, dst, &done);
    emit(G, OP_LIST, 0, dst, 0, 0);
    emit_extj(G, -1);
    clause_loop(G, &n, 2, dst);
    G->at = a->at;
    if (a->kind == AST_COMPREHENSION) emit(G, OP_STACK, 0, dst, dst, 0);
    jumps_here(G, &done);
    G->top = mark;
}

void comprehension_to(Gen *G, const Ast *a, uint32_t dst) { gather_to(G, a, dst, false); }

bool reduction_to(Gen *G, const Ast *callee, const Ast *generator, uint32_t dst)
{
    static const char *const names[] = {"sum",       "prod", "mean", "max",    "min",    "variance", "std", "norm",
                                        "logsumexp", "all",  "any",  "median", "argmax", "argmin",   NULL};
    if (callee->kind != AST_NAME || ref_kind(callee) != REF_BUILTIN) return false;
    int k = 0;
    while (names[k] && strcmp(names[k], callee->name->data)) k++;
    if (!names[k]) return false;
    Span at = G->at;
    uint32_t mark = G->top;
    if (k < 2) {
        Nest n = {.what = k ? NEST_PROD : NEST_SUM};
        Jumps done = {0};
        if (!nest_open(G, &n, generator)) return true;
        if (!k) contraction_to(G, generator, dst, &done);
        emitj(G, OP_LOADINT, 0, dst, k);
        clause_loop(G, &n, 2, dst);
        jumps_here(G, &done);
    } else {
        gather_to(G, generator, dst, true);
        G->at = at;
        emit(G, OP_REDUCE, 0, dst, dst, const_str(G, callee->name));
    }
    G->top = mark;
    return true;
}
