/* resolve.c -- scopes, names, captures, and the errors that are found before anything runs.
**
** One walk over the tree with a stack of the variables in scope; each function owns a stretch of it. A name
** is looked for in its function's stretch, then among the members of its model, then in the enclosing
** function (which makes it a capture, all the way down), then among the top-level names of the text, of the
** module, and the built-ins. Top-level names are entered before the walk, since they are visible everywhere.
** SPDX-License-Identifier: MIT */
#include "lang/resolve.h"
#include <string.h>
#include "lang/modules.h"
#include "runtime/builtin.h"
#include "runtime/state.h"

typedef struct Resolver {
    Unit *u;
    State *S;
    Arena *A;
    Var **var; /* in scope, innermost last */
    size_t nvar, capvar;
    uint32_t scope; /* first variable of the innermost scope */
    uint32_t seq;
    Func *fn;
    int loops;    /* open loops of this function (of this region of a descend) */
    bool region;  /* inside a region of a descend: no jump may leave it */
    bool barrier; /* inside its block: nothing before `barrier_at` may be assigned */
    uint32_t barrier_at;
    const Ast *descend;
    uint32_t nfresh; /* top-level names that are new to the module */
    size_t errors;
    bool failed; /* memory was refused */
} Resolver;

bool arena_grow(State *S, Arena *A, void **p, size_t *cap, size_t n, size_t item)
{
    size_t room = *cap ? *cap * 2 : 8;
    void *q = arena_alloc(S, A, room * item);
    if (!q) return false;
    if (n) memcpy(q, *p, n * item);
    *p = q;
    *cap = room;
    return true;
}

/* ---- reports ---- */

#define REPORT(R, at, code, ...) ((R)->errors++, diag_report((R)->S, (at), (code), false, __VA_ARGS__))

static void *alloc(Resolver *R, size_t n)
{
    void *p = arena_alloc(R->S, R->A, n);
    if (!p) R->failed = true;
    return p;
}

static bool is_blank(const Str *name) { return name->len == 1 && name->data[0] == '_'; }
static bool is_blank_name(const Ast *a) { return a->kind == AST_NAME && is_blank(a->name); }

static bool builtin_known(State *S, const Str *name)
{
    Value v;
    if (!builtin_find(S, name->data, &v)) return false;
    release(S, v);
    return true;
}

/* The nearest name in scope to `name`, or NULL. */
static const char *nearest(Resolver *R, const Str *name)
{
    const Unit *u = R->u;
    size_t members = 0, n = 0;
    for (Func *f = R->fn; f; f = f->up)
        if (f->model) members += f->model->nfield + f->model->nmethod;
    size_t most = R->nvar + members + u->ntop + u->m->ng + builtin_count();
    const char **c = mem_alloc(R->S, (most + 1) * sizeof *c);
    if (!c) {
        R->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < R->nvar; i++)
        if (R->var[i]->name) c[n++] = R->var[i]->name->data;
    for (Func *f = R->fn; f; f = f->up)
        if (f->model) {
            for (size_t i = 0; i < f->model->nfield; i++) c[n++] = f->model->field[i].name->data;
            for (size_t i = 0; i < f->model->nmethod; i++)
                if (f->model->method[i]->name) c[n++] = f->model->method[i]->name->data;
        }
    for (size_t i = 0; i < u->ntop; i++)
        if (!u->top[i].hidden) c[n++] = u->top[i].name->data;
    for (size_t i = 0; i < u->m->ng; i++) c[n++] = u->m->g[i].name->data;
    for (size_t i = 0; i < builtin_count(); i++)
        if (builtin_at(i) && builtin_at(i)->name[0] != '_') c[n++] = builtin_at(i)->name;
    c[n++] = "pi";
    const char *near = diag_nearest(name->data, c, n);
    mem_free(R->S, c, (most + 1) * sizeof *c);
    return near && strcmp(near, name->data) ? near : NULL;
}

/* What NumPy, PyTorch, Julia and Python call things that have another name here. */
static const char *other_name(const char *name)
{
    static const char *const pair[][2] = {
        {"np", "no module is needed: zeros, sum, exp ... are there at once"},
        {"numpy", "no module is needed: zeros, sum, exp ... are there at once"},
        {"jnp", "no module is needed: zeros, sum, exp ... are there at once"},
        {"torch", "no module is needed: zeros, relu, grad ... are there at once"},
        {"F", "no module is needed: relu, softmax, cross_entropy ... are there at once"},
        {"math", "no module is needed: sqrt, exp, pi ... are there at once"},
        {"tf", "no module is needed: zeros, relu, grad ... are there at once"},
        {"arange", "range(a, b, step) is the tensor, a..b the range"},
        {"randn", "normal(shape) draws from the standard normal"},
        {"rand", "uniform(shape) draws between 0 and 1"},
        {"random", "uniform(shape) draws between 0 and 1, normal(shape) from the normal"},
        {"randint", "floor(uniform(shape, low: a, high: b)) draws whole numbers"},
        {"randperm", "permutation(n)"},
        {"shuffle", "x[permutation(len(x))]"},
        {"cat", "concat(list, axis: 0)"},
        {"concatenate", "concat(list, axis: 0)"},
        {"vstack", "concat(list, axis: 0), or stack(list) for a new axis"},
        {"hstack", "concat(list, axis: 1)"},
        {"append", "push(xs, x), or (...xs, x)"},
        {"array", "a tensor is written [1, 2, 3]"},
        {"tensor", "a tensor is written [1, 2, 3]"},
        {"float", "x as f64 converts; number(s) reads a text"},
        {"int", "floor(x) of a number, x as i64 of a tensor; number(s) reads a text"},
        {"bool", "x != 0 of a number, x as bool of a tensor"},
        {"dict", "a list with names: (lr: 0.1, steps: 10)"},
        {"string", "str(x)"},
        {"println", "print(x)"},
        {"printf", "print(\"x = {x:.3}\")"},
        {"console", "print(x)"},
        {"size", "len(x), or x.shape"},
        {"shape", "x.shape"},
        {"length", "len(x)"},
        {"var", "variance(x)"},
        {"reduce", "fold(f, start, xs)"},
        {"apply", "map(xs, f)"},
        {"self", "members are in scope by name in a model"},
        {"this", "members are in scope by name in a model"},
        {"null", "nil"},
        {"undefined", "nil"},
        {"NULL", "nil"},
        {"nothing", "nil"},
        {"e", "exp(1)"},
        {"fmin", "minimum(a, b)"},
        {"fmax", "maximum(a, b)"},
        {"pow", "x^y"},
        {"mod", "x % y"},
        {"matvec", "A @ x"},
        {"mm", "A @ B"},
        {"ln", "log(x)"},
        {"exit", "Ctrl-D leaves the prompt; error(\"why\") stops a script"},
        {"quit", "Ctrl-D leaves the prompt"},
        {"help", "?name at the prompt explains a name"},
        {"gradient", "grad(f)"},
        {"backward", "grad(f)(x), or descend"},
        {"Adam", "adam(lr: 1e-3)"},
        {"SGD", "sgd(lr: 0.1)"},
        {"infinity", "inf"},
    };
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        if (!strcmp(pair[i][0], name)) return pair[i][1];
    return NULL;
}

/* A declaration of the name somewhere below `in`: the one that stands around offset `at`, else any. */
static const Ast *declaration(const Ast *in, const Str *name, uint32_t at)
{
    const Ast *found = NULL;
    if (!in) return NULL;
    bool let = in->kind == AST_LET || in->kind == AST_VAR, fn = in->kind == AST_FN;
    if ((let && in->kid[0]->name == name) || (fn && in->name == name)) found = in;
    for (uint32_t i = 0; i < in->n && !(found && found->at.off <= at && at < found->at.off + found->at.len); i++) {
        const Ast *below = declaration(in->kid[i], name, at);
        if (below) found = below;
    }
    return found;
}

/* The name is declared in this function or around it, but not in scope here: says why. */
static bool out_of_scope(Resolver *R, Diag *d, const Ast *a)
{
    const Ast *decl = NULL;
    for (const Func *f = R->fn; f && !decl; f = f->up) decl = declaration(f->node, a->name, a->at.off);
    if (!decl) return false;
    uint32_t at = a->at.off;
    bool own = decl->kind != AST_FN && decl->at.off <= at && at < decl->at.off + decl->at.len;
    diag_report_note(R->S, d, decl->kind == AST_FN ? decl->name_at : decl->kid[0]->at, "declared here");
    if (own) diag_report_hint(R->S, d, "it is not in scope in its own value; a function that calls itself is an fn");
    else if (decl->at.off < at) diag_report_hint(R->S, d, "its block has ended; declare it before that block");
    else if (decl->kind == AST_FN)
        diag_report_hint(R->S, d, "local functions that call each other go to the top level");
    else diag_report_hint(R->S, d, "it is declared further down");
    return true;
}

static void unknown_name(Resolver *R, const Ast *a)
{
    Diag *d = REPORT(R, a->name_at.file ? a->name_at : a->at, DIAG_NAME, "unknown name `%s`", a->name->data);
    if (!d || out_of_scope(R, d, a)) return; /* enough have been reported */
    const char *other = other_name(a->name->data), *near = other ? NULL : nearest(R, a->name);
    if (other) diag_report_hint(R->S, d, "%s", other);
    if (near) diag_report_hint(R->S, d, "did you mean `%s`?", near);
}

/* ---- looking up ---- */

static size_t hash_of(const Unit *u, const Str *name)
{
    return (((uintptr_t)name) >> 4) * 0x9e3779b1u & (u->nhash - 1);
}

TopName *unit_top(const Unit *u, const Str *name)
{
    if (!u->nhash) return NULL;
    for (size_t i = hash_of(u, name); u->hash[i]; i = (i + 1) & (u->nhash - 1))
        if (u->top[u->hash[i] - 1].name == name) return &u->top[u->hash[i] - 1];
    return NULL;
}

typedef struct Known {
    uint32_t slot;
    GlobalKind kind;
    Span at;
} Known;

static bool find_global(const Unit *u, const Str *name, Known *out)
{
    const TopName *t = unit_top(u, name);
    if (t && !t->hidden) {
        *out = (Known){t->slot, t->kind, t->at};
        return true;
    }
    if (t && t->fresh) return false;
    int slot = module_find(u->m, name);
    if (slot < 0) return false;
    *out = (Known){(uint32_t)slot, u->m->g[slot].kind, u->m->g[slot].at};
    return true;
}

static const Func *root_of(const Func *f)
{
    while (f->up) f = f->up;
    return f;
}

static bool is_top_kind(FuncKind k) { return k == FUNC_TOP || k == FUNC_METHOD || k == FUNC_CTOR; }

static int capture(Resolver *R, Func *f, Ref from, Str *name)
{
    for (size_t i = 0; i < f->ncap; i++) {
        Ref r = f->cap[i].from;
        if (r.kind == from.kind && r.slot == from.slot && r.var == from.var) return (int)i;
    }
    if (!ARENA_PUSH(R->S, R->A, f->cap, f->ncap, f->capcap)) {
        R->failed = true;
        return 0;
    }
    f->cap[f->ncap] = (Capture){from, name};
    return (int)f->ncap++;
}

static int model_member(const ModelInfo *m, const Str *name, size_t visible)
{
    for (size_t i = 0; i < visible; i++)
        if (m->field[i].name == name) return (int)i;
    return -1;
}

static bool model_has_method(const ModelInfo *m, const Str *name)
{
    for (size_t i = 0; i < m->nmethod; i++)
        if (m->method[i]->name == name) return true;
    return false;
}

/* `end`: how many variables function f has in scope. */
static Ref find(Resolver *R, Func *f, uint32_t end, Str *name)
{
    for (uint32_t i = end; i > f->first; i--)
        if (R->var[i - 1]->name == name) return (Ref){REF_LOCAL, 0, R->var[i - 1]};
    if (f->self_name == name) return (Ref){REF_SELFFN, 0, NULL};
    if (f->model) {
        int k = model_member(f->model, name, f->kind == FUNC_CTOR ? f->model->visible : f->model->nfield);
        if (k >= 0) return (Ref){REF_FIELD, (uint32_t)k, NULL};
        if (model_has_method(f->model, name)) return (Ref){REF_METHOD, 0, NULL};
    }
    if (f->up) {
        Ref r = find(R, f->up, f->first, name);
        switch (r.kind) {
        case REF_LOCAL:
        case REF_CAPTURE:
        case REF_FIELD:
        case REF_SELF:
        case REF_SELFFN: return (Ref){REF_CAPTURE, (uint32_t)capture(R, f, r, name), NULL};
        case REF_METHOD: return (Ref){REF_METHOD_OF, (uint32_t)capture(R, f, (Ref){REF_SELF, 0, NULL}, name), NULL};
        case REF_METHOD_OF: /* the enclosing function's capture of the model */
            return (Ref){REF_METHOD_OF, (uint32_t)capture(R, f, (Ref){REF_CAPTURE, r.slot, NULL}, name), NULL};
        case REF_GLOBAL: {
            Known g;
            if (find_global(R->u, name, &g) && g.kind == GLOBAL_VAR && !is_top_kind(root_of(f)->kind))
                return (Ref){REF_CAPTURE, (uint32_t)capture(R, f, r, name), NULL};
            return r;
        }
        case REF_NONE:
        case REF_BUILTIN: return r;
        }
    }
    Known g;
    if (find_global(R->u, name, &g)) return (Ref){REF_GLOBAL, g.slot, NULL};
    if (builtin_known(R->S, name)) return (Ref){REF_BUILTIN, 0, NULL};
    return (Ref){REF_NONE, 0, NULL};
}

static void set_ref(Ast *a, Ref r)
{
    a->mark = (uint8_t)((a->mark & ~MARK_KIND) | r.kind);
    a->slot = r.slot;
    a->info = r.var;
}

static bool top_var(Resolver *R, Ref r, const Str *name)
{
    Known g;
    return r.kind == REF_GLOBAL && is_top_kind(root_of(R->fn)->kind) && find_global(R->u, name, &g) &&
           g.kind == GLOBAL_VAR;
}

static void refer(Resolver *R, Ast *a)
{
    Ref r = find(R, R->fn, (uint32_t)R->nvar, a->name);
    set_ref(a, r);
    if (r.kind == REF_NONE) {
        unknown_name(R, a);
    } else if (top_var(R, r, a->name)) {
        Known g;
        find_global(R->u, a->name, &g);
        Diag *d = REPORT(R, a->at, DIAG_TOPVAR, "a top-level function cannot read `%s`, which is a var of the file",
                         a->name->data);
        diag_report_note(R->S, d, g.at, "declared here");
        diag_report_hint(R->S, d, "pass it as an argument, or declare it with let");
    }
}

/* ---- scopes ---- */

static uint32_t scope_open(Resolver *R)
{
    uint32_t outer = R->scope;
    R->scope = (uint32_t)R->nvar;
    return outer;
}

static void scope_close(Resolver *R, uint32_t outer)
{
    R->nvar = R->scope;
    R->scope = outer;
}

static void warn_shadow(Resolver *R, const Str *name, Span at)
{
    if (!R->u->warn || !builtin_known(R->S, name)) return;
    Diag *d = diag_report(R->S, at, DIAG_TWICE, true, "`%s` shadows the built-in of that name", name->data);
    diag_report_hint(R->S, d, "the built-in cannot be reached here any more; another name avoids that");
}

static Var *declare(Resolver *R, Str *name, Span at, VarKind kind)
{
    Var *v = alloc(R, sizeof *v);
    if (!v) return NULL;
    *v = (Var){name, at, kind, ++R->seq, 0, NULL};
    if (name && is_blank(name)) v->name = NULL;
    if (v->name)
        for (size_t i = R->scope; i < R->nvar; i++)
            if (R->var[i]->name == v->name) {
                Diag *d = REPORT(R, at, DIAG_TWICE, "`%s` is declared twice in this scope", name->data);
                diag_report_note(R->S, d, R->var[i]->at, "declared here first");
                diag_report_hint(R->S, d,
                                 R->var[i]->kind == VAR_VAR ? "to change it: %s = ..." : "give one of them another name",
                                 name->data);
                break;
            }
    if (v->name && (kind == VAR_LET || kind == VAR_VAR || kind == VAR_FN)) warn_shadow(R, v->name, at);
    if (!ARENA_PUSH(R->S, R->A, R->var, R->nvar, R->capvar)) {
        R->failed = true;
        return v;
    }
    R->var[R->nvar++] = v;
    return v;
}

static void declare_pattern(Resolver *R, Ast *p, VarKind kind)
{
    if (p->name) p->info = declare(R, p->name, p->name_at.file ? p->name_at : p->at, kind);
    else
        for (uint32_t i = 0; i < p->n; i++) declare_pattern(R, p->kid[i], kind);
}

/* ---- assigning ---- */

static void visit(Resolver *R, Ast *a);

static void not_assignable(Resolver *R, const Ast *a, DiagCode code, Span declared, const char *what)
{
    Diag *d = REPORT(R, a->at, code, what, a->name->data);
    if (declared.file) diag_report_note(R->S, d, declared, "declared here");
    if (code == DIAG_CAPTURE) diag_report_hint(R->S, d, "return the new value instead");
    else if (code == DIAG_TOPVAR) diag_report_hint(R->S, d, "take it as an argument and return the new value");
    else if (code == DIAG_REBIND)
        diag_report_hint(R->S, d, "declare it with var, or copy it: var %s = %s",
                         strcmp(a->name->data, "y") ? "y" : "z", a->name->data);
}

static const char *let_text(VarKind k)
{
    switch (k) {
    case VAR_PARAM: return "`%s` is a parameter and keeps its value";
    case VAR_LOOP:
    case VAR_ITEM: return "`%s` is a loop variable and keeps its value";
    case VAR_FN: return "`%s` is a function and keeps its value";
    case VAR_CATCH: return "`%s` is the caught error and keeps its value";
    case VAR_SIZE: return "`%s` is a size from the signature and keeps its value";
    case VAR_STEP: return "`%s` belongs to descend and keeps its value";
    case VAR_LET:
    case VAR_VAR: break;
    }
    return "`%s` is a let and keeps its value";
}

static void outside_descend(Resolver *R, const Ast *a)
{
    Diag *d = REPORT(R, a->at, DIAG_DESCEND_BLOCK,
                     "the block of a descend cannot assign `%s`, which is declared outside it", a->name->data);
    diag_report_hint(R->S, d, "it may run several times in a step; watch may assign");
}

/* The variable a target stands on may be assigned here? */
static void check_assign(Resolver *R, Ast *a)
{
    Ref r = find(R, R->fn, (uint32_t)R->nvar, a->name);
    set_ref(a, r);
    Known g;
    switch (r.kind) {
    case REF_LOCAL:
        if (r.var->kind != VAR_VAR) not_assignable(R, a, DIAG_REBIND, r.var->at, let_text(r.var->kind));
        else if (R->barrier && r.var->seq <= R->barrier_at) outside_descend(R, a);
        return;
    case REF_CAPTURE: {
        const Func *f = R->fn;
        Ref from = f->cap[r.slot].from;
        while (from.kind == REF_CAPTURE && f->up) {
            f = f->up;
            from = f->cap[from.slot].from;
        }
        if (from.kind == REF_LOCAL && from.var->kind != VAR_VAR)
            not_assignable(R, a, DIAG_REBIND, from.var->at, let_text(from.var->kind));
        else
            not_assignable(R, a, DIAG_CAPTURE, from.kind == REF_LOCAL ? from.var->at : SPAN_NONE,
                           "a function cannot rebind `%s`, which it captured");
        return;
    }
    case REF_GLOBAL:
        if (!find_global(R->u, a->name, &g)) return;
        if (g.kind != GLOBAL_VAR) {
            not_assignable(R, a, DIAG_REBIND, g.at,
                           g.kind == GLOBAL_LET     ? "`%s` is a let and keeps its value"
                           : g.kind == GLOBAL_USE   ? "`%s` is a module and keeps its value"
                           : g.kind == GLOBAL_MODEL ? "`%s` is a model and keeps its value"
                                                    : "`%s` is a function and keeps its value");
        } else if (R->fn->kind == FUNC_TEST) {
            not_assignable(R, a, DIAG_CAPTURE, g.at, "a test may read `%s` but not assign it");
        } else if (R->fn->kind != FUNC_MAIN) {
            not_assignable(R, a, DIAG_TOPVAR, g.at,
                           "a top-level function cannot assign `%s`, which is a var of the file");
        } else if (R->barrier) {
            outside_descend(R, a);
        }
        return;
    case REF_FIELD: {
        const ModelField *f = &R->fn->model->field[r.slot];
        if (f->kind != FIELD_STATE || R->fn->kind != FUNC_METHOD) {
            Diag *d = REPORT(R, a->at, DIAG_REBIND,
                             "`%s` is no state of the model, and only a state may be assigned in a method",
                             a->name->data);
            diag_report_note(R->S, d, f->at, "declared here");
        }
        return;
    }
    case REF_METHOD:
    case REF_METHOD_OF:
    case REF_SELF:
    case REF_SELFFN: not_assignable(R, a, DIAG_REBIND, SPAN_NONE, "`%s` is a function and keeps its value"); return;
    case REF_BUILTIN: {
        Diag *d = REPORT(R, a->at, DIAG_REBIND, "`%s` is a built-in and keeps its value", a->name->data);
        diag_report_hint(R->S, d, "declare a variable of your own: var %s = ...", a->name->data);
        return;
    }
    case REF_NONE: {
        Diag *d = REPORT(R, a->at, DIAG_NAME, "unknown name `%s`", a->name->data);
        const char *near = d ? nearest(R, a->name) : NULL;
        if (near)
            diag_report_hint(R->S, d, "did you mean `%s`? A new variable is declared: let %s = ... or var %s = ...",
                             near, a->name->data, a->name->data);
        else
            diag_report_hint(R->S, d, "a variable is declared first: let %s = ... or var %s = ...", a->name->data,
                             a->name->data);
        return;
    }
    }
}

/* Reads of a place's indices count as reads; its root is checked by `root`. */
static void visit_place(Resolver *R, Ast *a, void (*root)(Resolver *, Ast *))
{
    if (a->kind == AST_NAME) {
        root(R, a);
        a->weight = 1;
        return;
    }
    if (a->kind != AST_INDEX && a->kind != AST_DOT) return;
    visit_place(R, a->kid[0], root);
    for (uint32_t i = 1; i < a->n; i++) visit(R, a->kid[i]);
}

static void visit_target(Resolver *R, Ast *a)
{
    if (a->kind == AST_LIST)
        for (uint32_t i = 0; i < a->n; i++) visit_target(R, a->kid[i]);
    else if (!is_blank_name(a)) /* _ takes a value and forgets it, as in a pattern */ visit_place(R, a, check_assign);
}

/* ---- functions ---- */

static Func *func_new(Resolver *R, FuncKind kind, Ast *node, Func *up)
{
    Func *f = alloc(R, sizeof *f);
    if (!f) return NULL;
    f->kind = kind;
    f->node = node;
    f->up = up;
    f->first = (uint32_t)R->nvar;
    node->info = f;
    return f;
}

typedef struct Saved {
    Func *fn;
    int loops;
    bool region, barrier;
    uint32_t barrier_at, scope;
    const Ast *descend;
} Saved;

static Saved enter(Resolver *R, Func *f)
{
    Saved s = {R->fn, R->loops, R->region, R->barrier, R->barrier_at, scope_open(R), R->descend};
    f->first = (uint32_t)R->nvar;
    R->fn = f;
    R->loops = 0;
    R->region = R->barrier = false;
    return s;
}

static void leave(Resolver *R, Saved s)
{
    scope_close(R, s.scope);
    R->fn = s.fn;
    R->loops = s.loops;
    R->region = s.region;
    R->barrier = s.barrier;
    R->barrier_at = s.barrier_at;
    R->descend = s.descend;
}

static bool is_param_name(const Ast *params, const Str *name)
{
    for (uint32_t i = 0; i < params->n; i++)
        if (params->kid[i]->name == name) return true;
    return false;
}

/* The dims of a parameter: the first use of a name binds it, later uses check. */
static void visit_dims(Resolver *R, Ast *dims, const Ast *params)
{
    if (!dims) return;
    for (uint32_t i = 0; i < dims->n; i++) {
        Ast *a = dims->kid[i];
        if (a->kind == AST_ELLIPSIS) continue;
        if (a->kind != AST_NAME) {
            visit(R, a);
            continue;
        }
        a->weight = 1;
        if (is_blank(a->name)) continue;
        bool bound = false;
        for (uint32_t k = R->fn->first; k < R->nvar && !bound; k++)
            if (R->var[k]->name == a->name) {
                set_ref(a, (Ref){REF_LOCAL, 0, R->var[k]});
                bound = true;
            }
        if (bound) continue;
        if (R->fn->model) {
            int k = model_member(R->fn->model, a->name, R->fn->model->visible);
            if (k >= 0 && (R->fn->model->field[k].kind == FIELD_ARG || R->fn->model->field[k].kind == FIELD_LET)) {
                set_ref(a, (Ref){REF_FIELD, (uint32_t)k, NULL});
                continue;
            }
        }
        if (params && is_param_name(params, a->name)) {
            Diag *d = REPORT(R, a->at, DIAG_PARAM_DECL, "the size `%s` is used before the parameter of that name",
                             a->name->data);
            diag_report_hint(R->S, d, "put the parameter `%s` first, or give the size another name", a->name->data);
            continue;
        }
        set_ref(a, (Ref){REF_LOCAL, 1, declare(R, a->name, a->at, VAR_SIZE)});
    }
}

static bool known_type(const Str *s)
{
    static const char *const names[] = {"number", "string", "list", "bool", "function"};
    if (dtype_by_name(s->data, s->len) >= 0) return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], s->data)) return true;
    return false;
}

static void check_type(Resolver *R, const Str *type, Span at)
{
    if (!type || known_type(type)) return;
    Diag *d = REPORT(R, at, DIAG_NAME, "unknown type `%s`", type->data);
    diag_report_hint(R->S, d, "f32 f64 i64 i32 u8 bool, or number string list function");
}

static void visit_value_dims(Resolver *R, Ast *dims)
{
    if (!dims) return;
    for (uint32_t i = 0; i < dims->n; i++) {
        Ast *a = dims->kid[i];
        if (a->kind == AST_ELLIPSIS || (a->kind == AST_NAME && is_blank(a->name))) continue;
        visit(R, a);
    }
}

static void visit_params(Resolver *R, Ast *params)
{
    for (uint32_t i = 0; i < params->n; i++) {
        Ast *p = params->kid[i];
        if (p->kid[2]) visit(R, p->kid[2]);
        if (p->name) p->info = declare(R, p->name, p->name_at, VAR_PARAM);
        else if (p->kid[0]) declare_pattern(R, p->kid[0], VAR_PARAM);
        visit_dims(R, p->kid[1], params);
        check_type(R, p->str, p->at);
    }
}

static void visit_function(Resolver *R, Ast *a, Func *f)
{
    if (!f) return;
    Saved s = enter(R, f);
    visit_params(R, a->kid[0]);
    if (a->kid[1]) {
        visit_value_dims(R, a->kid[1]->kid[0]);
        check_type(R, a->kid[1]->name, a->kid[1]->at);
    }
    visit(R, a->kid[2]);
    leave(R, s);
}

static uint32_t plain_params(const Ast *fn, bool *rest)
{
    const Ast *p = fn->kid[0];
    *rest = p->n && p->kid[p->n - 1]->flags & AST_REST;
    return p->n;
}

/* adjoint g and tangent g stand beside fn g. */
static void check_rule(Resolver *R, const Ast *a, Ast *fn)
{
    const char *word = a->kind == AST_ADJOINT ? "adjoint" : "tangent";
    if (!fn || (fn->kind != AST_FN && fn->kind != AST_LOSS)) {
        Diag *d = REPORT(R, a->name_at, DIAG_RULE_DECL, "%s %s: there is no fn %s beside it", word, a->name->data,
                         a->name->data);
        diag_report_hint(R->S, d, "a rule stands in the same file as its function");
        return;
    }
    fn->flags |= AST_RULED;
    bool rest, own;
    uint32_t n = plain_params(fn, &rest), have = plain_params(a, &own);
    uint32_t want = a->kind == AST_ADJOINT ? n + 2 : 2 * n;
    if (rest || own || have == want) return;
    Diag *d = REPORT(R, a->kid[0]->at.file ? a->kid[0]->at : a->name_at, DIAG_RULE_DECL,
                     "%s %s takes %u parameter%s, not %u", word, a->name->data, want, want == 1 ? "" : "s", have);
    diag_report_note(R->S, d, fn->name_at, "the function");
    diag_report_hint(R->S, d,
                     a->kind == AST_ADJOINT ? "the function's arguments in order, its result, its cotangent"
                                            : "the function's arguments in order, then their tangents");
}

static void visit_local_function(Resolver *R, Ast *a)
{
    Func *f = func_new(R, FUNC_LOCAL, a, R->fn);
    if (!f) return;
    bool rule = a->kind == AST_ADJOINT || a->kind == AST_TANGENT;
    if (a->name && !rule) f->self_name = a->name;
    visit_function(R, a, f);
    if (rule) {
        for (size_t i = R->nvar; i > R->scope; i--)
            if (R->var[i - 1]->name == a->name && R->var[i - 1]->kind == VAR_FN) {
                check_rule(R, a, (Ast *)R->var[i - 1]->decl);
                f->var = R->var[i - 1];
                return;
            }
        check_rule(R, a, NULL);
    } else if (a->name) {
        f->var = declare(R, a->name, a->name_at, VAR_FN);
        if (f->var) f->var->decl = a;
    }
}

/* ---- models ---- */

static void add_field(Resolver *R, ModelInfo *m, Str *name, FieldKind kind, Span at)
{
    for (size_t i = 0; i < m->nfield; i++)
        if (m->field[i].name == name) {
            Diag *d = REPORT(R, at, DIAG_TWICE, "the model has two members `%s`", name->data);
            diag_report_note(R->S, d, m->field[i].at, "declared here first");
            return;
        }
    if (!ARENA_PUSH(R->S, R->A, m->field, m->nfield, m->capfield)) {
        R->failed = true;
        return;
    }
    m->field[m->nfield++] = (ModelField){name, kind, at};
}

static void add_let_fields(Resolver *R, ModelInfo *m, const Ast *p)
{
    if (p->name && is_blank(p->name)) return;
    if (p->name) add_field(R, m, p->name, FIELD_LET, p->name_at.file ? p->name_at : p->at);
    else
        for (uint32_t i = 0; i < p->n; i++) add_let_fields(R, m, p->kid[i]);
}

static void add_method(Resolver *R, ModelInfo *m, Ast *a)
{
    for (size_t i = 0; a->name && i < m->nmethod; i++)
        if (m->method[i]->name == a->name) {
            Diag *d = REPORT(R, a->name_at, DIAG_TWICE, "the model has two members `%s`", a->name->data);
            diag_report_note(R->S, d, m->method[i]->name_at, "declared here first");
        }
    for (size_t i = 0; a->name && i < m->nfield; i++)
        if (m->field[i].name == a->name) {
            Diag *d = REPORT(R, a->name_at, DIAG_TWICE, "the model has two members `%s`", a->name->data);
            diag_report_note(R->S, d, m->field[i].at, "declared here first");
        }
    if (!ARENA_PUSH(R->S, R->A, m->method, m->nmethod, m->capmethod)) {
        R->failed = true;
        return;
    }
    m->method[m->nmethod++] = a;
}

static void list_members(Resolver *R, ModelInfo *m)
{
    Ast *params = m->node->kid[0];
    for (uint32_t i = 0; i < params->n; i++) {
        Ast *p = params->kid[i];
        if (p->name) {
            add_field(R, m, p->name, FIELD_ARG, p->name_at);
        } else {
            REPORT(R, p->at, DIAG_PARAM_DECL, "the arguments of a model have names");
        }
    }
    for (uint32_t i = 1; i < m->node->n; i++) {
        Ast *a = m->node->kid[i];
        if (a->kind == AST_PARAM) add_field(R, m, a->name, FIELD_PARAM, a->name_at);
        else if (a->kind == AST_STATE) add_field(R, m, a->name, FIELD_STATE, a->name_at);
        else if (a->kind == AST_LET) add_let_fields(R, m, a->kid[0]);
    }
    for (uint32_t i = 1; i < m->node->n; i++)
        if (m->node->kid[i]->kind == AST_FN) add_method(R, m, m->node->kid[i]);
}

static uint32_t pattern_names(const Ast *p)
{
    if (p->name) return !is_blank(p->name);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++) n += pattern_names(p->kid[i]);
    return n;
}

/* Bounds of a constraint are literals: they belong to the declaration. */
static bool literal(const Ast *a)
{
    return a->kind == AST_NUMBER || (a->kind == AST_NEG && a->kid[0]->kind == AST_NUMBER);
}

static void check_constraint(Resolver *R, const Ast *a)
{
    const Ast *c = a->kid[1];
    if (!c) return;
    if (a->op == AOP_IN) {
        bool ok = (c->kind == AST_RANGE || c->kind == AST_LIST) && c->n == 2 && literal(c->kid[0]) && literal(c->kid[1]);
        if (ok || (c->kind == AST_NUMBERS && c->slot == 2)) return;
    } else if (literal(c)) {
        return;
    }
    Diag *d = REPORT(R, c->at, DIAG_MEMBER_DECL, "the bounds of a param are numbers");
    diag_report_hint(R->S, d, "param s > 0 = 1, param p in (0, 1) = 0.5");
}

static void visit_model(Resolver *R, Ast *a)
{
    ModelInfo *m = alloc(R, sizeof *m);
    if (!m) return;
    m->node = a;
    list_members(R, m);
    m->ctor = func_new(R, FUNC_CTOR, a, NULL);
    a->info = m;
    if (!m->ctor) return;
    m->ctor->model = m;
    Saved s = enter(R, m->ctor);
    visit_params(R, a->kid[0]);
    m->visible = a->kid[0]->n < m->nfield ? a->kid[0]->n : m->nfield;
    for (uint32_t i = 1; i < a->n; i++) {
        Ast *x = a->kid[i];
        if (x->kind == AST_PARAM) {
            visit_value_dims(R, x->kid[0]);
            check_constraint(R, x);
            check_type(R, x->str, x->at);
            if (x->flags & AST_DRAWN)
                REPORT(R, x->at, DIAG_MEMBER_DECL, "`~` belongs to probabilistic models, which are not there yet");
            visit(R, x->kid[2]);
            m->visible++;
        } else if (x->kind == AST_STATE) {
            visit_value_dims(R, x->kid[0]);
            visit(R, x->kid[1]);
            m->visible++;
        } else if (x->kind == AST_LET) {
            visit_value_dims(R, x->kid[1]);
            visit(R, x->kid[2]);
            m->visible += pattern_names(x->kid[0]);
        }
        if (m->visible > m->nfield) m->visible = m->nfield; /* a name stood twice */
    }
    leave(R, s);
    m->visible = m->nfield;
    for (size_t i = 0; i < m->nmethod; i++) {
        Func *f = func_new(R, FUNC_METHOD, m->method[i], NULL);
        if (!f) return;
        f->model = m;
        visit_function(R, m->method[i], f);
    }
}

/* ---- comprehensions ---- */

/* A variable that holds the base of x[.., i, ..], worked out before the loop; `decl` is that base. */
static bool is_hoisted(const Var *v) { return !v->name && v->decl; }

/* Does the expression name a variable declared from `seq` on, or (items) any comprehension variable? */
static bool mentions(const Ast *a, uint32_t seq, bool items)
{
    if (!a) return false;
    if (a->kind == AST_NAME && ref_kind(a) == REF_LOCAL) {
        const Var *v = a->info;
        if (v && is_hoisted(v)) return mentions(v->decl, seq, items);
        if (v && (v->seq >= seq || (items && v->kind == VAR_ITEM))) return true;
    }
    for (uint32_t i = 0; i < a->n; i++)
        if (mentions(a->kid[i], seq, items)) return true;
    return false;
}

/* Its value can be asked for twice: names, members and elements only. */
static bool is_simple(const Ast *a)
{
    if (a->kind == AST_NAME) return true;
    if (a->kind == AST_NUMBER || a->kind == AST_STRING) return true;
    if (a->kind == AST_DOT) return is_simple(a->kid[0]);
    if (a->kind != AST_INDEX) return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!is_simple(a->kid[i])) return false;
    return true;
}

typedef struct Sites {
    SizeSite *first, **last;
} Sites;

static void add_site(Resolver *R, Sites *s, Ast *index, int axis)
{
    SizeSite *site = alloc(R, sizeof *site);
    if (!site) return;
    site->axis = axis;
    site->base = index->kid[0];
    if (site->base->kind == AST_NAME && ref_kind(site->base) == REF_LOCAL && is_hoisted(site->base->info)) {
        site->hoisted = site->base->info; /* by a generator further in: now before this loop */
        site->base = (Ast *)site->hoisted->decl;
    } else if (!is_simple(site->base)) { /* evaluated once, before the loop */
        Var *v = alloc(R, sizeof *v);
        Ast *name = ast_new(R->S, R->A, AST_NAME, site->base->at, 0);
        if (!v || !name) {
            R->failed = true;
            return;
        }
        *v = (Var){NULL, site->base->at, VAR_LET, ++R->seq, UINT32_MAX, site->base};
        name->name_at = name->at;
        name->weight = 1;
        set_ref(name, (Ref){REF_LOCAL, 0, v});
        index->kid[0] = name;
        site->hoisted = v;
    }
    *s->last = site;
    s->last = &site->next;
}

/* Collects x[.., v, ..] with v alone and x free of the comprehension's variables. */
static void find_sites(Resolver *R, Ast *a, const Var *v, uint32_t seq, bool strict, Sites *s)
{
    if (!a) return;
    if (a->kind == AST_NAME && ref_kind(a) == REF_LOCAL && a->info && is_hoisted(a->info)) {
        find_sites(R, (Ast *)((const Var *)a->info)->decl, v, seq, strict, s);
        return;
    }
    if (a->kind == AST_INDEX && a->kid[0]) {
        int rest = -1;
        for (uint32_t i = 1; i < a->n; i++)
            if (a->kid[i]->kind == AST_ELLIPSIS) rest = (int)i;
        for (uint32_t i = 1; i < a->n; i++) {
            const Ast *k = a->kid[i];
            if (k->kind != AST_NAME || ref_kind(k) != REF_LOCAL || k->info != v) continue;
            if (mentions(a->kid[0], seq, strict)) continue;
            int axis = 0;
            if (rest >= 0 && (int)i > rest)
                for (uint32_t j = i; j < a->n; j++) axis -= a->kid[j]->kind != AST_NEW;
            else
                for (uint32_t j = 1; j < i; j++) axis += a->kid[j]->kind != AST_NEW;
            add_site(R, s, a, axis);
        }
    }
    for (uint32_t i = 0; i < a->n; i++) find_sites(R, a->kid[i], v, seq, strict, s);
}

static void visit_comprehension(Resolver *R, Ast *a)
{
    uint32_t outer = scope_open(R), seq = R->seq + 1;
    for (uint32_t i = 2; i < a->n; i++) {
        Ast *c = a->kid[i];
        if (c->kid[1]) visit(R, c->kid[1]);
        declare_pattern(R, c->kid[0], VAR_ITEM);
        if (!c->kid[1] && !c->kid[0]->name) {
            Diag *d = REPORT(R, c->at, DIAG_NAME, "a list of names has no range of its own");
            diag_report_hint(R->S, d, "say where the items come from: for (a, b) in pairs");
        }
    }
    visit(R, a->kid[0]);
    visit(R, a->kid[1]);
    for (uint32_t i = 2; i < a->n; i++) {
        Ast *c = a->kid[i];
        if (c->kid[1] || !c->kid[0]->name) continue;
        Sites s = {NULL, &s.first};
        for (int strict = 1; strict >= 0 && !s.first; strict--)
            for (int k = 0; k < 2; k++) find_sites(R, a->kid[k], c->kid[0]->info, seq, strict, &s);
        c->info = s.first;
        if (!s.first && !R->failed) {
            Diag *d = REPORT(R, c->kid[0]->at, DIAG_NAME, "nothing says how far `%s` runs", c->kid[0]->name->data);
            diag_report_label(R->S, d, "it stands nowhere alone as an index");
            const Ast *next = i + 1 < a->n ? a->kid[i + 1] : NULL;
            if (next && next->kid[1] && next->kid[0]->name)
                diag_report_hint(R->S, d, "to take items apart, write for (%s, %s) in ...", c->kid[0]->name->data,
                                 next->kid[0]->name->data);
            else diag_report_hint(R->S, d, "say the range: for %s in 0..n", c->kid[0]->name->data);
        }
    }
    scope_close(R, outer);
}

/* ---- descend ---- */

static void check_descend_root(Resolver *R, Ast *a)
{
    Ref r = find(R, R->fn, (uint32_t)R->nvar, a->name);
    set_ref(a, r);
    Known g;
    Span at = SPAN_NONE;
    switch (r.kind) {
    case REF_NONE: unknown_name(R, a); return;
    case REF_LOCAL:
        if (r.var->kind == VAR_VAR) return;
        at = r.var->at;
        break;
    case REF_GLOBAL:
        if (!find_global(R->u, a->name, &g)) return;
        if (g.kind == GLOBAL_VAR && R->fn->kind == FUNC_MAIN) return;
        at = g.at;
        break;
    case REF_CAPTURE:
    case REF_FIELD:
    case REF_METHOD:
    case REF_METHOD_OF:
    case REF_SELF:
    case REF_SELFFN:
    case REF_BUILTIN: break;
    }
    Diag *d = REPORT(R, a->at, DIAG_DESCEND_TARGET, "descend cannot train `%s`, which is no var of this function",
                     a->name->data);
    if (at.file) diag_report_note(R->S, d, at, "declared here");
    diag_report_hint(R->S, d,
                     (r.kind == REF_LOCAL && r.var->kind == VAR_LET) ||
                             (r.kind == REF_GLOBAL && R->fn->kind == FUNC_MAIN)
                         ? "declare it with var"
                         : "copy it: var w = %s",
                     a->name->data);
}

/* What may hold an earlier value of a target: `let f = x -> m(x)`, `let c = w * 2` before `descend`. It is only for
** the message of a loss that does not depend on its target, so names are compared and scopes are not. */
typedef struct Holders {
    const Ast *descend;
    Str *name[64]; /* the targets, then whatever was given a value that mentions one of these */
    Span at[64];
    int targets, n;
} Holders;

static bool names_any(const Ast *a, Str *const *name, int n)
{
    if (!a) return false;
    for (int i = 0; a->kind == AST_NAME && i < n; i++)
        if (a->name == name[i]) return true;
    for (uint32_t i = 0; i < a->n; i++)
        if (names_any(a->kid[i], name, n)) return true;
    return false;
}

static void add_holder(Holders *h, const Ast *a, Str *name)
{
    for (int i = 0; i < h->targets; i++)
        if (h->name[i] == name) return;
    if (!name || h->n == (int)(sizeof h->name / sizeof *h->name)) return;
    h->name[h->n] = name;
    h->at[h->n++] = a->at;
}

static void find_holders(Holders *h, const Ast *a)
{
    if (!a || a->at.off >= h->descend->at.off) return;
    if (a->at.off + a->at.len > h->descend->at.off || a->kind == AST_BLOCK || a->kind == AST_FILE) {
        for (uint32_t i = 0; i < a->n; i++) find_holders(h, a->kid[i]);
        return;
    }
    const Ast *to = a->kind == AST_LET || a->kind == AST_VAR || a->kind == AST_ASSIGN ? a->kid[0] : NULL;
    if (a->kind == AST_FN && names_any(a->kid[2], h->name, h->n)) add_holder(h, a, a->name);
    if (to && to->name && names_any(a->kid[a->n - 1], h->name, h->n)) add_holder(h, a, to->name);
}

static void find_holder(Resolver *R, const Ast *a, DescendInfo *info)
{
    Holders h = {.descend = a};
    for (uint32_t i = 0; i < a->kid[0]->n && i < 16; i++) {
        const Ast *t = a->kid[0]->kid[i];
        while (t->kind == AST_INDEX || t->kind == AST_DOT) t = t->kid[0];
        if (t->kind == AST_NAME) h.name[h.n++] = t->name;
    }
    h.targets = h.n;
    const Ast *in = R->fn->node;
    for (uint32_t i = 0; i < in->n; i++) find_holders(&h, in->kid[i]);
    for (int i = h.n; i-- > h.targets && !info->holder;) {
        if (!names_any(a->kid[6], &h.name[i], 1)) continue;
        info->holder = h.name[i];
        info->holder_at = h.at[i];
    }
}

static void visit_descend(Resolver *R, Ast *a)
{
    DescendInfo *info = alloc(R, sizeof *info);
    if (!info) return;
    a->info = info;
    Ast *targets = a->kid[0];
    for (uint32_t i = 0; i < targets->n; i++) visit_place(R, targets->kid[i], check_descend_root);
    visit(R, a->kid[2]);
    for (uint32_t i = 0; i < a->kid[3]->n; i++) visit(R, a->kid[3]->kid[i]);
    visit(R, a->kid[4]);
    if (!a->kid[2] && !a->kid[4] && !a->kid[5]) {
        Diag *d = REPORT(R, a->name_at, DIAG_DESCEND_ENDLESS, "this descend never ends");
        diag_report_hint(R->S, d, "say when to stop: over DATA, for N, or until CONDITION");
    }
    visit(R, a->kid[7]);
    int loops = R->loops;
    bool region = R->region, barrier = R->barrier;
    uint32_t barrier_at = R->barrier_at;
    R->loops = 0;
    R->region = true;

    uint32_t outer = scope_open(R);
    R->barrier = true;
    R->barrier_at = info->seq = R->seq;
    if (a->kid[1]) declare_pattern(R, a->kid[1], VAR_LOOP);
    visit(R, a->kid[6]);
    scope_close(R, outer);
    find_holder(R, a, info);
    R->barrier = barrier;
    R->barrier_at = barrier_at;

    outer = scope_open(R);
    struct {
        const char *name;
        Var **to;
    } names[] = {{"step", &info->step}, {"loss", &info->loss}, {"gnorm", &info->gnorm}, {"epoch", &info->epoch}};
    for (int i = 0; i < 4; i++) {
        Str *s = arena_keep(R->S, R->A, str_intern(R->S, names[i].name, strlen(names[i].name)));
        if (!s) R->failed = true;
        else *names[i].to = declare(R, s, a->name_at, VAR_STEP);
    }
    visit(R, a->kid[5]);
    visit(R, a->kid[8]);
    scope_close(R, outer);
    R->loops = loops;
    R->region = region;
}

/* ---- calls ---- */

/* x.f(..): the function f in scope, should x have no member f. */
static void visit_callee(Resolver *R, Ast *a)
{
    if (a->kind != AST_DOT) {
        visit(R, a);
        return;
    }
    visit(R, a->kid[0]);
    uint32_t count = a->kid[0] ? a->kid[0]->weight + 1u : 1u;
    a->weight = count;
    if (a->kid[0] && a->kid[0]->mark & MARK_WRITES) a->mark |= MARK_WRITES;
    const Ast *x = a->kid[0];
    Known g;
    if (x->kind == AST_NAME && ref_kind(x) == REF_GLOBAL && find_global(R->u, x->name, &g) && g.kind == GLOBAL_USE)
        return; /* a module's function, nothing else */
    Ref r = find(R, R->fn, (uint32_t)R->nvar, a->name);
    if (r.kind == REF_NONE || top_var(R, r, a->name)) return;
    Ast *f = ast_new(R->S, R->A, AST_NAME, a->name_at, 0);
    if (!f) {
        R->failed = true;
        return;
    }
    f->name = a->name;
    f->name_at = a->name_at;
    f->weight = 1;
    set_ref(f, r);
    a->info = f;
}

/* A call may change the variable its callee stands on (a model's state). */
static bool callee_writes(Resolver *R, const Ast *a)
{
    while (a->kind == AST_DOT || a->kind == AST_INDEX) a = a->kid[0];
    if (a->kind != AST_NAME) return false;
    Known g;
    switch (ref_kind(a)) {
    case REF_LOCAL: return a->info && ((const Var *)a->info)->kind == VAR_VAR;
    case REF_GLOBAL: return find_global(R->u, a->name, &g) && g.kind == GLOBAL_VAR;
    case REF_FIELD:
    case REF_METHOD: return true;
    case REF_NONE:
    case REF_CAPTURE:
    case REF_METHOD_OF:
    case REF_SELF:
    case REF_SELFFN:
    case REF_BUILTIN: return false;
    }
    return false;
}

static void visit_call(Resolver *R, Ast *a)
{
    visit_callee(R, a->kid[0]);
    for (uint32_t i = 1; i < a->n; i++) visit(R, a->kid[i]);
    if (callee_writes(R, a->kid[0])) a->mark |= MARK_WRITES;
}

/* ---- statements ---- */

static void check_jump(Resolver *R, const Ast *a, const char *word)
{
    if (a->kind == AST_RETURN) {
        if (R->region) {
            diag_report_hint(R->S, REPORT(R, a->at, DIAG_DESCEND_BLOCK, "`return` cannot leave a descend"),
                             "return the value behind it");
        } else if (R->fn->kind == FUNC_MAIN || R->fn->kind == FUNC_TEST || R->fn->kind == FUNC_CTOR) {
            Diag *d = REPORT(R, a->at, DIAG_JUMP, "`return` stands outside a function");
            diag_report_hint(R->S, d, "a block has the value of its last expression");
        }
    } else if (!R->loops) {
        if (R->region)
            diag_report_hint(R->S, REPORT(R, a->at, DIAG_DESCEND_BLOCK, "`%s` cannot leave a descend", word),
                             "`until CONDITION` before the block ends the steps");
        else
            diag_report_hint(R->S, REPORT(R, a->at, DIAG_JUMP, "`%s` stands outside a loop", word),
                             R->fn->kind == FUNC_TOP || R->fn->kind == FUNC_LOCAL || R->fn->kind == FUNC_METHOD
                                 ? "`return` leaves a function"
                                 : "it belongs in a for or while");
    }
}

static void visit_let(Resolver *R, Ast *a)
{
    visit_value_dims(R, a->kid[1]);
    visit(R, a->kid[2]);
    declare_pattern(R, a->kid[0], a->kind == AST_LET ? VAR_LET : VAR_VAR);
}

static void visit_for(Resolver *R, Ast *a)
{
    visit(R, a->kid[1]);
    uint32_t outer = scope_open(R);
    declare_pattern(R, a->kid[0], VAR_LOOP);
    R->loops++;
    visit(R, a->kid[2]);
    R->loops--;
    scope_close(R, outer);
}

static void visit_kids(Resolver *R, Ast *a)
{
    for (uint32_t i = 0; i < a->n; i++) visit(R, a->kid[i]);
}

static void out_of_place(Resolver *R, const Ast *a)
{
    Diag *d = REPORT(R, a->name_at.file ? a->name_at : a->at, DIAG_PLACE, "`%s` stands at the top level of a file",
                     ast_name[a->kind]);
    diag_report_hint(R->S, d, a->kind == AST_LOSS ? "fn works here; or move the loss out" : "move it out of the block");
    if (a->kind == AST_LOSS && a->name) declare(R, a->name, a->name_at, VAR_FN);
    if ((a->kind == AST_MODEL || a->kind == AST_USE) && a->name) declare(R, a->name, a->name_at, VAR_LET);
}

static void visit_node(Resolver *R, Ast *a)
{
    uint32_t outer;
    switch ((AstKind)a->kind) {
    case AST_NAME: refer(R, a); break;
    case AST_LET:
    case AST_VAR: visit_let(R, a); break;
    case AST_ASSIGN:
    case AST_OPASSIGN:
        if (a->kind == AST_ASSIGN) visit_target(R, a->kid[0]);
        else visit_place(R, a->kid[0], check_assign);
        visit(R, a->kid[1]);
        a->mark |= MARK_WRITES;
        break;
    case AST_FOR: visit_for(R, a); break;
    case AST_WHILE:
        visit(R, a->kid[0]);
        R->loops++;
        visit(R, a->kid[1]);
        R->loops--;
        break;
    case AST_BREAK: check_jump(R, a, "break"); break;
    case AST_CONTINUE: check_jump(R, a, "continue"); break;
    case AST_RETURN:
        check_jump(R, a, "return");
        visit(R, a->kid[0]);
        break;
    case AST_FN:
    case AST_ADJOINT:
    case AST_TANGENT:
    case AST_LAMBDA: visit_local_function(R, a); break;
    case AST_LOSS:
    case AST_MODEL:
    case AST_NATIVE:
    case AST_USE:
    case AST_TEST: out_of_place(R, a); break;
    case AST_DESCEND:
        visit_descend(R, a);
        a->mark |= MARK_WRITES;
        break;
    case AST_CALL: visit_call(R, a); break;
    case AST_PIPE:
        visit(R, a->kid[0]);
        if (a->kid[1]->kind == AST_DOT) {
            visit_callee(R, a->kid[1]);
        } else {
            visit(R, a->kid[1]);
        }
        if (callee_writes(R, a->kid[1])) a->mark |= MARK_WRITES;
        break;
    case AST_COMPREHENSION:
    case AST_GATHER:
    case AST_GENERATOR: visit_comprehension(R, a); break;
    case AST_BLOCK:
        outer = scope_open(R);
        visit_kids(R, a);
        scope_close(R, outer);
        break;
    case AST_TRY:
        visit(R, a->kid[0]);
        outer = scope_open(R);
        a->info = declare(R, a->name, a->name_at, VAR_CATCH);
        visit(R, a->kid[1]);
        scope_close(R, outer);
        break;
    case AST_FILE:
    case AST_ASSERT:
    case AST_OR:
    case AST_AND:
    case AST_NOT:
    case AST_BINARY:
    case AST_RANGE:
    case AST_NEG:
    case AST_AS:
    case AST_INDEX:
    case AST_DOT:
    case AST_PRIME:
    case AST_NUMBER:
    case AST_STRING:
    case AST_INTERP:
    case AST_TRUE:
    case AST_FALSE:
    case AST_NIL:
    case AST_LIST:
    case AST_TENSOR:
    case AST_NUMBERS:
    case AST_IF:
    case AST_HOLE:
    case AST_NAMED:
    case AST_SPREAD:
    case AST_SLICE:
    case AST_ELLIPSIS:
    case AST_NEW: visit_kids(R, a); break;
    /* seen through their parents */
    case AST_PARAMS:
    case AST_FORMAL:
    case AST_DIMS:
    case AST_RESULT:
    case AST_PARAM:
    case AST_STATE:
    case AST_NATIVE_FN:
    case AST_NATIVE_ARG:
    case AST_TARGETS:
    case AST_USING:
    case AST_PATTERN:
    case AST_CLAUSE:
    case AST_KINDS: break;
    }
}

static uint32_t below(const Ast *a, bool *writes)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < a->n; i++) {
        const Ast *k = a->kid[i];
        if (!k) continue;
        if (k->mark & MARK_WRITES) *writes = true;
        if (k->weight) count += k->weight;
        else count += below(k, writes); /* its parent visited it by hand */
    }
    return count;
}

/* Its kids have been visited. */
static bool constant(const Ast *a)
{
    if (a->kind == AST_NUMBER) return true;
    if (a->kind != AST_NEG && (a->kind != AST_BINARY || a->op > AOP_DIV)) return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!(a->kid[i]->mark & MARK_CONSTANT)) return false;
    return true;
}

static void visit(Resolver *R, Ast *a)
{
    if (!a || R->failed) return;
    visit_node(R, a);
    bool writes = false;
    uint32_t count = below(a, &writes);
    a->weight = count;
    if (constant(a)) a->mark |= MARK_CONSTANT;
    bool function = a->kind == AST_LAMBDA || a->kind == AST_FN || a->kind == AST_ADJOINT || a->kind == AST_TANGENT;
    if (writes && !function) a->mark |= MARK_WRITES;
}

/* ---- the top level ---- */

static bool rehash(Resolver *R)
{
    Unit *u = R->u;
    size_t n = u->nhash ? u->nhash * 2 : 64;
    uint32_t *h = arena_alloc(R->S, R->A, n * sizeof *h);
    if (!h) return false;
    u->hash = h;
    u->nhash = n;
    for (size_t i = 0; i < u->ntop; i++) {
        size_t k = hash_of(u, u->top[i].name);
        while (h[k]) k = (k + 1) & (n - 1);
        h[k] = (uint32_t)i + 1;
    }
    return true;
}

static TopName *add_top(Resolver *R, Str *name, GlobalKind kind, Span at, Ast *decl)
{
    Unit *u = R->u;
    TopName *t = unit_top(u, name);
    if (t) {
        if (u->mode == COMPILE_PROMPT) { /* replaced within one input */
            t->kind = kind;
            t->at = at;
            t->decl = decl;
            return t;
        }
        Diag *d = REPORT(R, at, DIAG_TWICE, "`%s` is declared twice", name->data);
        diag_report_note(R->S, d, t->at, "declared here first");
        if (t->kind == GLOBAL_VAR && decl->kind != AST_FN)
            diag_report_hint(R->S, d, "to change it: %s = ...", name->data);
        else diag_report_hint(R->S, d, "give one of them another name");
        return NULL;
    }
    if (!ARENA_PUSH(R->S, R->A, u->top, u->ntop, u->captop)) {
        R->failed = true;
        return NULL;
    }
    int old = module_find(u->m, name);
    uint32_t fresh = (uint32_t)u->m->ng + R->nfresh;
    R->nfresh += old < 0;
    u->top[u->ntop++] = (TopName){name, kind, old >= 0 ? (uint32_t)old : fresh, at, decl, NULL, false, old < 0};
    warn_shadow(R, name, at);
    if (u->ntop * 2 > u->nhash) {
        if (!rehash(R)) R->failed = true;
    } else {
        size_t k = hash_of(u, name);
        while (u->hash[k]) k = (k + 1) & (u->nhash - 1);
        u->hash[k] = (uint32_t)u->ntop;
    }
    return &u->top[u->ntop - 1];
}

static void top_pattern(Resolver *R, Ast *p, GlobalKind kind, Ast *decl)
{
    if (p->name) {
        if (!is_blank(p->name)) add_top(R, p->name, kind, p->name_at.file ? p->name_at : p->at, decl);
    } else {
        for (uint32_t i = 0; i < p->n; i++) top_pattern(R, p->kid[i], kind, decl);
    }
}

static bool is_f32(const Ast *a)
{
    return a->kind == AST_USE && !(a->flags & AST_PATH) && !strcmp(a->str->data, "f32");
}

/* `use f32` decides before anything is compiled, modules included. */
static void look_for_f32(Resolver *R)
{
    Unit *u = R->u;
    bool leading = u->mode == COMPILE_FILE || u->mode == COMPILE_EXPR || (u->mode == COMPILE_PROMPT && !u->m->ng);
    bool main = leading;
    for (uint32_t i = 0; i < u->file->n; i++) {
        const Ast *a = u->file->kid[i];
        if (a->kind != AST_USE) {
            leading = false;
        } else if (is_f32(a)) {
            if (leading) {
                R->S->f32 = true;
                continue;
            }
            Diag *d = REPORT(R, a->at, DIAG_USE_F32,
                             main ? "use f32 stands before the first statement"
                                  : "use f32 belongs to the beginning of the main script");
            diag_report_hint(R->S, d, "precision is a choice for the whole run");
        }
    }
}

/* The prompt's `ans`: the value shown last (HOLD sets it). */
static void declare_ans(Resolver *R)
{
    Str *name = arena_keep(R->S, R->A, str_intern(R->S, "ans", 3));
    if (!name) R->failed = true;
    else if (module_find(R->u->m, name) < 0 && !unit_top(R->u, name))
        add_top(R, name, GLOBAL_LET, SPAN_NONE, R->u->file);
}

static void declare_top(Resolver *R)
{
    Unit *u = R->u;
    for (uint32_t i = 0; i < u->file->n && !R->failed; i++) {
        Ast *a = u->file->kid[i];
        if (a->kind == AST_LET || a->kind == AST_VAR) {
            top_pattern(R, a->kid[0], a->kind == AST_LET ? GLOBAL_LET : GLOBAL_VAR, a);
        } else if (a->kind == AST_FN || a->kind == AST_LOSS) {
            add_top(R, a->name, GLOBAL_FN, a->name_at, a);
        } else if (a->kind == AST_MODEL) {
            add_top(R, a->name, GLOBAL_MODEL, a->name_at, a);
        } else if (a->kind == AST_USE && !is_f32(a)) {
            TopName *t = add_top(R, a->name, GLOBAL_USE, a->name_at, a);
            Module *m;
            if (!module_use(R->S, a->at, a->str->data, a->flags & AST_PATH, a->at.file, &m)) R->errors++;
            else if (t) t->module = m;
        } else if (a->kind == AST_NATIVE) {
            REPORT(R, a->at, DIAG_NATIVE, "native blocks are not in this version yet");
            for (uint32_t k = 0; k < a->n; k++)
                if (a->kid[k]->kind == AST_NATIVE_FN)
                    add_top(R, a->kid[k]->name, GLOBAL_FN, a->kid[k]->name_at, a->kid[k]);
        }
    }
    if (u->mode == COMPILE_PROMPT && !R->failed) declare_ans(R);
}

static void hide(const Unit *u, const Ast *p, bool hidden)
{
    if (p->name) {
        TopName *t = unit_top(u, p->name);
        if (t) t->hidden = hidden;
    } else {
        for (uint32_t i = 0; i < p->n; i++) hide(u, p->kid[i], hidden);
    }
}

static void visit_top(Resolver *R, Ast *a)
{
    Unit *u = R->u;
    TopName *t;
    switch ((AstKind)a->kind) {
    case AST_LET:
    case AST_VAR:
        hide(u, a->kid[0], true);
        visit_value_dims(R, a->kid[1]);
        visit(R, a->kid[2]);
        hide(u, a->kid[0], false);
        break;
    case AST_FN:
    case AST_LOSS: visit_function(R, a, func_new(R, FUNC_TOP, a, NULL)); break;
    case AST_ADJOINT:
    case AST_TANGENT:
        t = unit_top(u, a->name);
        check_rule(R, a, t ? t->decl : NULL);
        visit_function(R, a, func_new(R, FUNC_TOP, a, NULL));
        break;
    case AST_MODEL: visit_model(R, a); break;
    case AST_TEST: {
        Func *f = func_new(R, FUNC_TEST, a, NULL);
        if (!f) return;
        Saved s = enter(R, f);
        visit(R, a->kid[0]);
        leave(R, s);
        break;
    }
    case AST_USE:
    case AST_NATIVE: break;
    default: visit(R, a); break; /* an ordinary statement */
    }
}

/* Reports from `from` on in the order of the text, as far as they belong to one file. */
static void sort_reports(State *S, size_t from)
{
    for (size_t i = from + 1; i < S->nreports; i++) {
        Diag *d = S->reports[i];
        size_t k = i;
        for (; k > from && S->reports[k - 1]->at.file == d->at.file && S->reports[k - 1]->at.off > d->at.off; k--)
            S->reports[k] = S->reports[k - 1];
        S->reports[k] = d;
    }
}

bool resolve_unit(Unit *u)
{
    Resolver R = {.u = u, .S = u->S, .A = u->A};
    size_t reports = u->S->nreports;
    look_for_f32(&R);
    declare_top(&R);
    u->main = func_new(&R, FUNC_MAIN, u->file, NULL);
    R.fn = u->main;
    for (uint32_t i = 0; i < u->file->n && !R.failed; i++) visit_top(&R, u->file->kid[i]);
    sort_reports(u->S, reports);
    if (R.failed && !u->S->err) diag_set(u->S, SPAN_NONE, DIAG_MEM, "out of memory");
    return !R.failed && !R.errors && !u->S->err;
}
