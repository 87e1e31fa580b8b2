/* function.c -- functions, their signatures, and models.
**
** A function's registers: the model of a method or constructor in R[0], parameters, variables and temporaries.
** Its prologue gives defaults, takes patterns apart and checks the shapes, one parameter after the other.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "lang/gen.h"

/* ---- signatures ---- */

static int8_t type_code(const Str *type, bool has_dims)
{
    static const char *const kinds[] = {"number", "string", "list", "bool", "function"};
    if (!type) return -1;
    if (!has_dims)
        for (int i = 0; i < 5; i++)
            if (!strcmp(type->data, kinds[i])) return (int8_t)(-2 - i);
    int dt = dtype_by_name(type->data, type->len);
    if (dt >= 0) return (int8_t)dt;
    return (int8_t)(!strcmp(type->data, "number") ? -2 : -1);
}

static bool is_blank(const Str *s) { return s->len == 1 && s->data[0] == '_'; }

/* The name that a dim binds here: the first use in a signature. */
static Var *binding(const Ast *dim, bool result)
{
    return !result && dim->kind == AST_NAME && ref_kind(dim) == REF_LOCAL && dim->slot == 1 ? dim->info : NULL;
}

void sig_check_value(Gen *G, const Ast *dims, const Str *type, uint32_t reg, const char *what, bool result, Span at)
{
    Proto *p = G->p;
    State *S = G->S;
    uint32_t n = dims ? dims->n : 0;
    if (!dims && !type) return;
    Sig sig = {.has_dims = dims != NULL,
               .result = result,
               .ndims = (int)n,
               .dtype = type_code(type, dims != NULL),
               .at = at};
    sig.dim = n ? mem_zalloc(S, n * sizeof *sig.dim) : NULL;
    sig.what = str_intern(S, what, strlen(what));
    size_t cap = (size_t)p->capsigs;
    if ((n && !sig.dim) || !sig.what || p->nsigs > REG_MAX ||
        (p->nsigs >= p->capsigs && !mem_grow(S, (void **)&p->sigs, &cap, (size_t)p->nsigs, sizeof *p->sigs))) {
        mem_free(S, sig.dim, n * sizeof *sig.dim);
        obj_release(S, sig.what);
        if (p->nsigs > REG_MAX) too_large(G, "signatures");
        else out_of_memory(G);
        return;
    }
    p->capsigs = (int32_t)cap;
    for (uint32_t i = 0; i < n; i++) { /* the new names stay, so they come first */
        Var *v = binding(dims->kid[i], result);
        if (v) bind_var(G, v, reg_new(G, 1));
    }
    uint32_t mark = G->top;
    for (uint32_t i = 0; i < n; i++) {
        const Ast *a = dims->kid[i];
        SigDim *d = &sig.dim[i];
        Var *v = binding(a, result);
        d->kind = DIM_CHECK;
        if (a->kind == AST_ELLIPSIS) d->kind = DIM_REST;
        else if (a->kind == AST_NAME && is_blank(a->name)) d->kind = DIM_ANY;
        else if (v) d->kind = DIM_BIND;
        if (v) d->reg = (uint16_t)v->reg;
        else if (d->kind == DIM_CHECK) d->reg = (uint16_t)ex_operand(G, a, NULL);
        d->text = source_text(G, a->at);
    }
    uint32_t k = (uint32_t)p->nsigs;
    p->sigs[p->nsigs++] = sig;
    G->at = at;
    emit(G, OP_SIG, 0, reg, k, 0);
    G->top = mark;
}

/* ---- functions ---- */

static bool set_params(Gen *G, const Ast *params)
{
    Proto *p = G->p;
    if (params->n > 1000) {
        too_large(G, "parameters");
        return false;
    }
    if (params->n && !(p->params = mem_zalloc(G->S, params->n * sizeof *p->params))) {
        out_of_memory(G);
        return false;
    }
    p->nparams = (uint16_t)params->n;
    for (uint32_t i = 0; i < params->n; i++) {
        const Ast *a = params->kid[i];
        bool rest = a->flags & AST_REST;
        p->params[i] = (ParamInfo){obj_retain(a->name), a->kid[2] != NULL, rest};
        p->has_rest |= rest;
        if (!rest && !a->kid[2]) p->nrequired++;
    }
    return true;
}

static void prologue(Gen *G, const Ast *params)
{
    uint32_t first = reg_new(G, params->n);
    for (uint32_t i = 0; i < params->n; i++) {
        const Ast *a = params->kid[i];
        uint32_t r = first + i;
        G->at = a->at;
        if (a->kid[2]) {
            int32_t set = emitj(G, OP_JSET, 0, r, 0);
            ex_to(G, a->kid[2], r);
            jump_to(G, set, here(G));
        }
        if (a->name) {
            bind_var(G, a->info, r);
        } else if (a->kid[0]) {
            pattern_declare(G, a->kid[0]);
            pattern_bind(G, a->kid[0], r);
        }
        char what[8];
        snprintf(what, sizeof what, "#%u", i % 1000 + 1);
        sig_check_value(G, a->kid[1], a->str, r, a->name ? a->name->data : what, false, a->at);
    }
}

static void add_proto(Gen *G, Proto *p)
{
    Proto *parent = G->p;
    size_t cap = (size_t)parent->capprotos;
    if (parent->nprotos >= UINT16_MAX) too_large(G, "functions");
    if (G->failed || (parent->nprotos >= parent->capprotos &&
                      !mem_grow(G->S, (void **)&parent->protos, &cap, (size_t)parent->nprotos, sizeof *parent->protos))) {
        obj_release(G->S, p);
        if (!G->failed) out_of_memory(G);
        return;
    }
    parent->capprotos = (int32_t)cap;
    parent->protos[parent->nprotos++] = p;
}

static bool gen_open(Gen *G, Gen *up, Func *f, Str *name, Span at)
{
    *G = (Gen){.u = up->u, .S = up->S, .A = up->A, .up = up, .fn = f, .at = at};
    G->p = proto_new(G->S, G->u->m, name, at);
    if (!G->p) {
        out_of_memory(up);
        return false;
    }
    G->p->ncaps = (uint16_t)f->ncap;
    if (f->ncap > REG_MAX) too_large(G, "captured variables");
    return true;
}

/* Owned, or NULL with `up` failed. */
static Proto *gen_close(Gen *G, Gen *up)
{
    if (!G->failed && !liveness(G->S, G->p, NULL, 0)) out_of_memory(G);
    if (!G->failed) return G->p;
    up->failed = true;
    obj_release(G->S, G->p);
    return NULL;
}

static void return_params(Gen *G, uint32_t n)
{
    uint32_t r = reg_new(G, 1);
    emit(G, OP_LIST, 0, r, 0, n);
    emit_extj(G, -1);
    emit(G, OP_RETURN, 0, r, 0, 0);
}

/* given: the function's arguments as they arrive, for its rule, instead of its body. */
static Proto *function_build(Gen *up, Ast *a, Func *f, Str *name, bool given)
{
    Gen G;
    Span at = a->name_at.file ? a->name_at : a->at;
    if (up->failed || !gen_open(&G, up, f, name, at)) return NULL;
    const Ast *body = a->kid[a->n - 1];
    G.p->doc = a->kind == AST_TEST || a->kind == AST_LAMBDA ? NULL : obj_retain(a->doc);
    if (f->kind == FUNC_METHOD) {
        G.p->is_method = true;
        reg_new(&G, 1);
    }
    if (a->kind != AST_TEST && set_params(&G, a->kid[0])) {
        prologue(&G, a->kid[0]);
        G.result = a->kid[1];
    }
    if (given) {
        return_params(&G, a->kid[0]->n);
        return gen_close(&G, up);
    }
    G.p->is_loss = G.is_loss = a->kind == AST_LOSS;
    if (body->kind == AST_BLOCK) block_return(&G, body);
    else return_value(&G, body);
    Proto *p = gen_close(&G, up);
    if (p && a->flags & AST_RULED) p->given = function_build(up, a, f, name, true);
    return p;
}

uint32_t function_new(Gen *G, Ast *a, Func *f, const char *name)
{
    Str *s = str_intern(G->S, name, strlen(name));
    if (!s) {
        out_of_memory(G);
        return 0;
    }
    Proto *p = function_build(G, a, f, s, false);
    obj_release(G->S, s);
    if (p) add_proto(G, p);
    return G->p->nprotos ? (uint32_t)G->p->nprotos - 1 : 0;
}

Value test_new(Gen *G, Ast *a)
{
    Proto *p = function_build(G, a, a->info, a->str, false);
    Closure *f = p ? closure_new(G->S, p, NULL, 0) : NULL;
    if (p && !f) out_of_memory(G);
    obj_release(G->S, p);
    return f ? val_obj(T_FN, f) : NIL;
}

/* ---- models ---- */

static double bound(const Ast *a)
{
    double x = 0;
    ex_constant(a, &x);
    return x;
}

static void set_constraint(FieldDef *f, const Ast *a)
{
    const Ast *c = a->kid[1];
    if (!c) return;
    if (a->op == AOP_GT) {
        f->constraint = 1;
        f->lo = bound(c);
    } else if (a->op == AOP_LT) {
        f->constraint = 2;
        f->hi = bound(c);
    } else {
        f->constraint = 3;
        f->lo = c->kind == AST_NUMBERS ? c->nums[0] : bound(c->kid[0]);
        f->hi = c->kind == AST_NUMBERS ? c->nums[1] : bound(c->kid[1]);
    }
}

static ModelDef *model_def(Gen *G, const ModelInfo *m)
{
    State *S = G->S;
    ModelDef *d = obj_new(S, T_MODELDEF, sizeof *d);
    if (!d) {
        out_of_memory(G);
        return NULL;
    }
    d->name = obj_retain(m->node->name);
    d->doc = obj_retain(m->node->doc);
    d->module = G->u->m;
    d->fields = m->nfield ? mem_zalloc(S, m->nfield * sizeof *d->fields) : NULL;
    if (d->fields) d->capfields = (int32_t)m->nfield;
    d->methods = m->nmethod ? mem_zalloc(S, m->nmethod * sizeof *d->methods) : NULL;
    if (d->methods) d->capmethods = (int32_t)m->nmethod;
    if ((m->nfield && !d->fields) || (m->nmethod && !d->methods)) {
        out_of_memory(G);
        obj_release(S, d);
        return NULL;
    }
    for (size_t i = 0; i < m->nfield; i++)
        d->fields[d->nfields++] = (FieldDef){.name = obj_retain(m->field[i].name), .kind = m->field[i].kind};
    for (uint32_t i = 1; i < m->node->n; i++)
        if (m->node->kid[i]->kind == AST_PARAM)
            for (size_t k = 0; k < m->nfield; k++)
                if (m->field[k].name == m->node->kid[i]->name) set_constraint(&d->fields[k], m->node->kid[i]);
    return d;
}

static uint32_t field_of(const ModelInfo *m, const Str *name)
{
    for (size_t i = 0; i < m->nfield; i++)
        if (m->field[i].name == name) return (uint32_t)i;
    return 0;
}

/* The list of sizes that dims spell, or nil. */
static void sizes_to(Gen *G, const Ast *dims, uint32_t dst)
{
    if (!dims) {
        emit(G, OP_LOADNIL, 0, dst, 0, 0);
        return;
    }
    uint32_t mark = G->top, base = reg_new(G, dims->n);
    for (uint32_t i = 0; i < dims->n; i++) ex_to(G, dims->kid[i], base + i);
    emit(G, OP_LIST, 0, dst, base, dims->n);
    emit_extj(G, -1);
    G->top = mark;
}

static void init_pattern(Gen *G, const ModelInfo *m, const Ast *p, uint32_t r)
{
    if (p->name) {
        if (!is_blank(p->name)) emit(G, OP_INITLET, 0, r, field_of(m, p->name), 0);
        return;
    }
    uint32_t mark = G->top, base = reg_new(G, p->n);
    emit(G, OP_UNPACK, 0, r, base, p->n);
    for (uint32_t i = 0; i < p->n; i++) init_pattern(G, m, p->kid[i], base + i);
    G->top = mark;
}

static void init_member(Gen *G, const ModelInfo *m, const Ast *a)
{
    uint32_t mark = G->top, value = reg_new(G, 2), sizes = value + 1;
    switch (a->kind) {
    case AST_PARAM:
    case AST_STATE: {
        const Ast *start = a->kind == AST_PARAM ? a->kid[2] : a->kid[1];
        uint32_t field = field_of(m, a->name);
        sizes_to(G, a->kid[0], sizes);
        G->at = a->at;
        if (start) ex_to(G, start, value);
        else emit(G, OP_LOADNIL, 0, value, 0, 0);
        G->at = a->at;
        if (a->kind == AST_STATE) {
            emit(G, OP_INITSTATE, 0, value, field, sizes);
            break;
        }
        emit(G, OP_INITPARAM, a->str ? 1 : 0, value, field, sizes);
        if (a->str) {
            emit(G, OP_SELFGET, 0, value, field, 0);
            emit(G, OP_AS, 0, value, value, const_str(G, a->str));
            emit(G, OP_SELFPUT, 0, value, field, 0);
        }
        break;
    }
    case AST_LET:
        ex_to(G, a->kid[2], value);
        if (a->kid[1])
            sig_check_value(G, a->kid[1], NULL, value, a->kid[0]->name ? a->kid[0]->name->data : "the value", false,
                            a->at);
        G->at = a->at;
        init_pattern(G, m, a->kid[0], value);
        break;
    }
    G->top = mark;
}

static Proto *ctor_build(Gen *up, ModelInfo *m, ModelDef *d)
{
    Gen G;
    const Ast *a = m->node;
    if (up->failed || !gen_open(&G, up, m->ctor, a->name, a->name_at)) return NULL;
    Proto *p = G.p;
    p->is_ctor = true;
    p->def = d;
    p->doc = obj_retain(a->doc);
    const_value(&G, val_obj(T_MODELDEF, obj_retain(d))); /* the constructor keeps its model alive */
    reg_new(&G, 1);
    emit(&G, OP_NEWMODEL, 0, 0, 0, 0);
    if (set_params(&G, a->kid[0])) {
        prologue(&G, a->kid[0]);
        for (uint32_t i = 0; i < a->kid[0]->n; i++) emit(&G, OP_INITARG, 0, 1 + i, i, 0);
    }
    for (uint32_t i = 1; i < a->n; i++) init_member(&G, m, a->kid[i]);
    G.at = a->name_at;
    emit(&G, OP_RETURN, 0, 0, 0, 0);
    return gen_close(&G, up);
}

uint32_t model_build(Gen *G, Ast *a)
{
    ModelInfo *m = a->info;
    ModelDef *d = G->failed ? NULL : model_def(G, m);
    if (!d) return 0;
    for (size_t i = 0; i < m->nmethod && !G->failed; i++) {
        Ast *f = m->method[i];
        Proto *p = function_build(G, f, f->info, f->name ? f->name : a->name, false);
        if (!p) break;
        p->def = d;
        if (f->name) d->methods[d->nmethods++] = (MethodDef){obj_retain(f->name), p};
        else d->call = p;
    }
    Proto *p = ctor_build(G, m, d);
    obj_release(G->S, d);
    if (p) add_proto(G, p);
    return G->p->nprotos ? (uint32_t)G->p->nprotos - 1 : 0;
}
