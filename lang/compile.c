/* compile.c -- the top level: from a source to the proto that runs it.
**
** The top level first makes all its functions and models, since they are visible everywhere, and then runs its
** statements in order. Its names are slots of the module. Nothing of the module changes before all has compiled.
** SPDX-License-Identifier: MIT */
#include "lang/compile.h"
#include <string.h>
#include "lang/gen.h"
#include "lang/parse.h"

static uint32_t slot_of(Gen *G, const Str *name)
{
    const TopName *t = unit_top(G->u, name);
    return t ? t->slot : 0;
}

static bool is_blank(const Str *s) { return s->len == 1 && s->data[0] == '_'; }

/* ---- functions and models, made before anything runs ---- */

static void make_functions(Gen *G)
{
    const Ast *file = G->u->file;
    for (uint32_t i = 0; i < file->n; i++) {
        Ast *a = file->kid[i];
        uint32_t mark = G->top, r = reg_new(G, 1), proto;
        if (a->kind == AST_FN || a->kind == AST_LOSS) {
            if (unit_top(G->u, a->name)->decl != a) continue; /* replaced in the same input */
            proto = function_new(G, a, a->info, a->name->data);
        } else if (a->kind == AST_MODEL) {
            if (unit_top(G->u, a->name)->decl != a) continue;
            proto = model_build(G, a);
        } else {
            G->top = mark;
            continue;
        }
        G->at = a->name_at;
        emit(G, OP_CLOSURE, 0, r, proto, 0);
        emitj(G, OP_SETG, 0, r, (int32_t)slot_of(G, a->name));
        G->top = mark;
    }
    for (uint32_t i = 0; i < file->n; i++) {
        Ast *a = file->kid[i];
        if (a->kind != AST_ADJOINT && a->kind != AST_TANGENT) continue;
        uint32_t mark = G->top, r = reg_new(G, 2);
        uint32_t proto = function_new(G, a, a->info, a->name->data);
        G->at = a->name_at;
        emit(G, OP_CLOSURE, 0, r, proto, 0);
        emitj(G, OP_GETG, 0, r + 1, (int32_t)slot_of(G, a->name));
        emit(G, OP_RULE, a->kind == AST_TANGENT, r + 1, r, 0);
        emit(G, OP_LOADNIL, 0, r + 1, 0, 0);
        G->top = mark;
    }
}

/* ---- vars that live in registers ---- */

enum { PROMOTED_MAX = 200 };

/* A var of a file is only ever named by the top level itself (functions may not, lambdas and tests take its value), so
*it
** lives in a register while the top level runs and goes into its slot at the end. Not at the prompt, where a failed
** line keeps what was done, and not when it is named before its declaration, which is an error when it runs. */
static void note_uses(const Ast *a, uint32_t at, uint32_t *first, uint32_t n)
{
    if (!a || a->kind == AST_TEST) return;
    if (a->kind == AST_NAME && ref_kind(a) == REF_GLOBAL && a->slot < n && first[a->slot] > at) first[a->slot] = at;
    if (a->kind == AST_LAMBDA || a->kind == AST_FN || a->kind == AST_ADJOINT || a->kind == AST_TANGENT) {
        const Func *f = a->info;
        for (size_t i = 0; f && i < f->ncap; i++) {
            Ref r = f->cap[i].from;
            if (r.kind == REF_GLOBAL && r.slot < n && first[r.slot] > at) first[r.slot] = at;
        }
    }
    if (a->kind == AST_DOT && a->info) note_uses(a->info, at, first, n);
    if (a->kind == AST_CLAUSE && !a->kid[1])
        for (const SizeSite *s = a->info; s; s = s->next) note_uses(s->base, at, first, n);
    for (uint32_t i = 0; i < a->n; i++) note_uses(a->kid[i], at, first, n);
}

static void promote(Gen *G)
{
    const Unit *u = G->u;
    uint32_t n = 0, count = 0;
    if (u->mode == COMPILE_PROMPT) return;
    for (size_t i = 0; i < u->ntop; i++)
        if (u->top[i].slot >= n) n = u->top[i].slot + 1;
    uint32_t *first = arena_alloc(G->S, G->A, (n + 1) * sizeof *first);
    uint32_t *reg = arena_alloc(G->S, G->A, (n + 1) * sizeof *reg);
    if (!first || !reg) {
        out_of_memory(G);
        return;
    }
    for (uint32_t i = 0; i < n; i++) first[i] = reg[i] = NO_REG;
    for (uint32_t i = 0; i < u->file->n; i++) note_uses(u->file->kid[i], i, first, n);
    for (size_t i = 0; i < u->ntop && count < PROMOTED_MAX; i++) {
        const TopName *t = &u->top[i];
        if (t->kind != GLOBAL_VAR || !t->fresh) continue;
        uint32_t declared = 0;
        while (declared < u->file->n && u->file->kid[declared] != t->decl) declared++;
        if (first[t->slot] <= declared) continue;
        reg[t->slot] = reg_new(G, 1);
        count++;
    }
    G->promoted = reg;
    G->npromoted = n;
}

static void write_back(Gen *G)
{
    for (uint32_t i = 0; i < G->npromoted; i++)
        if (G->promoted[i] != NO_REG) emitj(G, OP_SETG, 0, G->promoted[i], (int32_t)i);
}

/* ---- statements of the top level ---- */

static void set_globals(Gen *G, const Ast *p, uint32_t from)
{
    if (p->name) {
        if (is_blank(p->name)) return;
        uint32_t slot = slot_of(G, p->name), reg = promoted_reg(G, slot);
        if (reg == NO_REG) emitj(G, OP_SETG, 0, from, (int32_t)slot);
        else if (reg != from) emit(G, OP_MOVE, 0, reg, from, 0);
        return;
    }
    uint32_t mark = G->top, base = reg_new(G, p->n);
    if (p->at.file) G->at = p->at;
    emit(G, OP_UNPACK, 0, from, base, p->n);
    for (uint32_t i = 0; i < p->n; i++) set_globals(G, p->kid[i], base + i);
    G->top = mark;
}

static void top_let(Gen *G, const Ast *a)
{
    uint32_t mark = G->top, r = reg_new(G, 1);
    if (a->kind == AST_VAR && a->kid[0]->name && !a->kid[1]) {
        uint32_t reg = promoted_reg(G, slot_of(G, a->kid[0]->name));
        if (reg != NO_REG && !is_blank(a->kid[0]->name)) r = reg;
    }
    ex_to(G, a->kid[2], r);
    if (a->kid[1])
        sig_check_value(G, a->kid[1], NULL, r, a->kid[0]->name ? a->kid[0]->name->data : "the value", false, a->at);
    G->at = a->at;
    set_globals(G, a->kid[0], r);
    G->top = mark;
}

static void use(Gen *G, const Ast *a)
{
    const TopName *t = unit_top(G->u, a->name);
    if (!t || !t->module) return; /* use f32 */
    const char *name = t->module->path ? t->module->path : t->module->name->data;
    emitj(G, OP_USE, 0, t->slot, (int32_t)const_text(G, name));
}

static bool ends_in_semicolon(Gen *G, const Ast *a)
{
    const Source *src = source_get(G->S, a->at.file);
    size_t i = (size_t)a->at.off + a->at.len;
    while (src && i < src->len && (src->text[i] == ' ' || src->text[i] == '\t')) i++;
    return src && i < src->len && src->text[i] == ';';
}

/* An expression on a line of its own: shown at the prompt, the last one of -e too. */
static void top_expression(Gen *G, const Ast *a, bool last)
{
    CompileMode mode = G->u->mode;
    bool shown = mode == COMPILE_PROMPT || (mode == COMPILE_EXPR && last);
    if (!last && !shown) {
        ex_effect(G, a);
        return;
    }
    uint32_t mark = G->top, r = reg_new(G, 1);
    ex_to(G, a, r);
    G->at = a->at;
    if (shown) emit(G, OP_HOLD, ends_in_semicolon(G, a) ? 0 : 1, r, 0, 0);
    if (last) write_back(G);
    if (last) emit(G, OP_RETURN, 0, r, 0, 0);
    else emit(G, OP_LOADNIL, 0, r, 0, 0);
    G->top = mark;
}

static void top_statement(Gen *G, const Ast *a, bool last)
{
    G->at = a->at;
    switch (a->kind) {
    case AST_LET:
    case AST_VAR: top_let(G, a); return;
    case AST_USE: use(G, a); return;
    case AST_FN:
    case AST_LOSS:
    case AST_ADJOINT:
    case AST_TANGENT:
    case AST_MODEL:
    case AST_TEST:
    case AST_NATIVE: return;
    }
    if (ast_is_expr(a)) top_expression(G, a, last);
    else statement(G, a);
}

/* Slots of the vars that may be moved out while they are about to be assigned. */
static uint32_t *var_slots(Gen *G, uint32_t *n)
{
    const Unit *u = G->u;
    *n = 0;
    if (u->mode == COMPILE_PROMPT) return NULL; /* a line that fails must leave its variables */
    uint32_t *slot = arena_alloc(G->S, G->A, (u->ntop + 1) * sizeof *slot);
    if (!slot) {
        out_of_memory(G);
        return NULL;
    }
    for (size_t i = 0; i < u->ntop; i++)
        if (u->top[i].kind == GLOBAL_VAR && u->top[i].fresh) slot[(*n)++] = u->top[i].slot;
    return slot;
}

typedef struct Tests {
    Value *at;
    size_t n, cap;
} Tests;

static bool gen_main(Gen *G, Tests *tests)
{
    const Ast *file = G->u->file;
    G->at = (Span){file->at.file, 0, 0};
    make_functions(G);
    promote(G);
    for (uint32_t i = 0; i < file->n && !G->failed; i++) top_statement(G, file->kid[i], i + 1 == file->n);
    uint32_t r = reg_new(G, 1), nvar;
    write_back(G);
    emit(G, OP_LOADNIL, 0, r, 0, 0);
    emit(G, OP_RETURN, 0, r, 0, 0);
    for (uint32_t i = 0; i < file->n && !G->failed; i++) {
        if (file->kid[i]->kind != AST_TEST) continue;
        Value f = test_new(G, file->kid[i]);
        if (is_nil(f)) break;
        if (!ARENA_PUSH(G->S, G->A, tests->at, tests->n, tests->cap)) {
            release(G->S, f);
            out_of_memory(G);
            break;
        }
        tests->at[tests->n++] = f;
    }
    uint32_t *slot = G->failed ? NULL : var_slots(G, &nvar);
    if (!G->failed && !liveness(G->S, G->p, slot, nvar)) out_of_memory(G);
    return !G->failed;
}

/* ---- the module ---- */

static bool commit(Unit *u, const Tests *tests)
{
    State *S = u->S;
    Module *m = u->m;
    for (size_t i = 0; i < tests->n; i++) {
        if (!MEM_PUSH(S, m->tests, m->ntests, m->captests)) return false;
        m->tests[m->ntests++] = retain(tests->at[i]);
    }
    for (size_t i = 0; i < u->ntop; i++) {
        const TopName *t = &u->top[i];
        Str *doc = t->decl->kind == AST_USE ? NULL : t->decl->doc;
        if (t->fresh && module_add(S, m, t->name, t->kind, t->at) < 0) return false;
        Global *g = &m->g[t->slot];
        g->kind = t->kind;
        g->at = t->at;
        obj_release(S, g->doc);
        g->doc = obj_retain(doc);
    }
    return true;
}

static bool compile_tree(Unit *u, Proto **main)
{
    State *S = u->S;
    Str *name = str_intern(S, "<main>", 6);
    Tests tests = {0};
    Gen G = {.u = u, .S = S, .A = u->A, .fn = u->main, .at = {u->file->at.file, 0, 0}};
    G.p = name ? proto_new(S, u->m, name, G.at) : NULL;
    obj_release(S, name);
    if (!G.p) return false;
    bool ok = gen_main(&G, &tests) && commit(u, &tests);
    for (size_t i = 0; i < tests.n; i++) release(S, tests.at[i]);
    if (ok) *main = G.p;
    else obj_release(S, G.p);
    return ok;
}

bool compile_source(State *S, uint32_t file, CompileMode mode, Module *m, Proto **main)
{
    bool f32 = S->f32;
    Ast *tree = parse_source(S, file, mode == COMPILE_PROMPT || mode == COMPILE_EXPR ? PARSE_PROMPT : PARSE_FILE);
    if (!tree) return false;
    Unit u =
        {.S = S, .m = m, .file = tree, .A = ast_arena(tree), .mode = mode, .warn = S->checking && mode == COMPILE_FILE};
    bool ok = resolve_unit(&u) && compile_tree(&u, main);
    if (!ok) S->f32 = f32;
    ast_free(S, tree);
    return ok;
}
