/* object.c -- protos, closures, models and their definitions, modules, optimiser values: made and taken apart.
**
** Counts point downwards only: module -> globals -> closures -> protos -> constants. A proto and a model
** definition know their module without counting it, since the module's globals hold them.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/optim.h"
#include "runtime/state.h"
#include "runtime/vm.h"

/* ---- protos ---- */

Proto *proto_new(State *S, Module *m, Str *name, Span at)
{
    Proto *p = obj_new(S, T_PROTO, sizeof *p);
    if (!p) return NULL;
    p->module = m;
    p->name = obj_retain(name);
    p->at = at;
    p->adjoint = p->tangent = NIL;
    return p;
}

static void descend_free(State *S, Descend *d)
{
    for (int i = 0; i < d->ntargets; i++) obj_release(S, d->target[i].text);
    mem_free(S, d->target, (size_t)d->ntargets * sizeof *d->target);
    obj_release(S, d->holder);
}

static void sig_free(State *S, Sig *g)
{
    obj_release(S, g->what);
    for (int i = 0; i < g->ndims; i++) obj_release(S, g->dim[i].text);
    mem_free(S, g->dim, (size_t)g->ndims * sizeof *g->dim);
}

static void callinfo_free(State *S, CallInfo *c)
{
    if (c->name)
        for (int i = 0; i < c->n; i++) obj_release(S, c->name[i]);
    mem_free(S, c->name, c->n * sizeof *c->name);
    mem_free(S, c->spread, c->n * sizeof *c->spread);
}

#define FREE_ARRAY(v, cap) mem_free(S, (v), (size_t)(cap) * sizeof *(v))

void proto_free(State *S, Proto *p)
{
    obj_release(S, p->name);
    obj_release(S, p->doc);
    FREE_ARRAY(p->code, p->capcode);
    FREE_ARRAY(p->span, p->capcode);
    for (int32_t i = 0; i < p->nturns; i++) FREE_ARRAY(p->turns[i].reg, p->turns[i].n);
    FREE_ARRAY(p->turns, p->capturns);
    if (p->whole) { /* the rest is its */
        FREE_ARRAY(p->handlers, p->caphandlers);
        FREE_ARRAY(p->params, p->nparams);
        obj_release(S, p->whole);
        mem_free(S, p, sizeof *p);
        return;
    }
    for (int32_t i = 0; i < p->nk; i++) release(S, p->k[i]);
    FREE_ARRAY(p->k, p->capk);
    for (int32_t i = 0; i < p->nprotos; i++) obj_release(S, p->protos[i]);
    FREE_ARRAY(p->protos, p->capprotos);
    for (int32_t i = 0; i < p->npaths; i++) FREE_ARRAY(p->paths[i].step, p->paths[i].n);
    FREE_ARRAY(p->paths, p->cappaths);
    for (int32_t i = 0; i < p->nsigs; i++) sig_free(S, &p->sigs[i]);
    FREE_ARRAY(p->sigs, p->capsigs);
    for (int32_t i = 0; i < p->ncalls; i++) callinfo_free(S, &p->calls[i]);
    FREE_ARRAY(p->calls, p->capcalls);
    for (int32_t i = 0; i < p->ndescends; i++) descend_free(S, &p->descends[i]);
    FREE_ARRAY(p->descends, p->capdescends);
    FREE_ARRAY(p->handlers, p->caphandlers);
    for (int i = 0; i < p->nparams; i++) obj_release(S, p->params[i].name);
    FREE_ARRAY(p->params, p->nparams);
    release(S, p->adjoint);
    release(S, p->tangent);
    obj_release(S, p->given);
    mem_free(S, p, sizeof *p);
}

Closure *closure_new(State *S, Proto *p, const Builtin *b, uint32_t ncaps)
{
    size_t size;
    if (!mem_size(S, ncaps, sizeof(Value), sizeof(Closure), &size)) return NULL;
    Closure *f = mem_alloc(S, size);
    if (!f) return NULL;
    *f = (Closure){.obj = {.rc = 1, .tag = T_FN},
                   .proto = obj_retain(p),
                   .builtin = b,
                   .adjoint = NIL,
                   .tangent = NIL,
                   .ncaps = ncaps};
    for (uint32_t i = 0; i < ncaps; i++) f->cap[i] = NIL;
    return f;
}

/* ---- models ---- */

void modeldef_free(State *S, ModelDef *d)
{
    obj_release(S, d->name);
    obj_release(S, d->doc);
    for (int32_t i = 0; i < d->nfields; i++) obj_release(S, d->fields[i].name);
    FREE_ARRAY(d->fields, d->capfields);
    for (int32_t i = 0; i < d->nmethods; i++) {
        obj_release(S, d->methods[i].name);
        obj_release(S, d->methods[i].proto);
    }
    FREE_ARRAY(d->methods, d->capmethods);
    obj_release(S, d->call); /* ctor is borrowed: the constructor keeps this definition alive, not the reverse */
    mem_free(S, d, sizeof *d);
}

Model *model_new(State *S, ModelDef *def)
{
    Model *m = mem_alloc(S, sizeof *m + (size_t)def->nfields * sizeof(Value));
    if (!m) return NULL;
    m->obj = (Obj){.rc = 1, .tag = T_MODEL};
    m->def = obj_retain(def);
    for (int32_t i = 0; i < def->nfields; i++) m->field[i] = NIL;
    return m;
}

Model *model_unique_take(State *S, Model *m)
{
    if (m->obj.rc == 1) return m;
    Model *r = model_new(S, m->def);
    if (r) {
        for (int32_t i = 0; i < m->def->nfields; i++) r->field[i] = retain(m->field[i]);
        r->obj.flags = m->obj.flags;
    }
    obj_release(S, m);
    return r;
}

int model_field(const ModelDef *d, const Str *name)
{
    for (int32_t i = 0; i < d->nfields; i++)
        if (d->fields[i].name == name) return i;
    if (name->obj.flags & STR_INTERNED) return -1;
    for (int32_t i = 0; i < d->nfields; i++)
        if (str_same(d->fields[i].name, name)) return i;
    return -1;
}

int model_method(const ModelDef *d, const Str *name)
{
    for (int32_t i = 0; i < d->nmethods; i++)
        if (d->methods[i].name && str_same(d->methods[i].name, name)) return i;
    return -1;
}

Value model_get(State *S, const Model *m, int i)
{
    Value v = m->field[i];
    if (v.tag != T_CELL) return v;
    Value *cell = descend_cell(S, v.cell);
    return cell ? *cell : NIL;
}

/* Flags of the models in a part: a model, or lists of models (lists of lists to a sensible depth). */
static uint8_t part_flags(Value v, int depth)
{
    if (v.tag == T_MODEL) return v.m->obj.flags & (MODEL_STATE | MODEL_CELLS);
    uint8_t flags = 0;
    if (v.tag == T_LIST && depth < 64)
        for (int64_t i = 0; i < v.l->len; i++) flags |= part_flags(v.l->at[i], depth + 1);
    return flags;
}

void model_mark(Model *m)
{
    uint8_t flags = 0;
    for (int32_t i = 0; i < m->def->nfields; i++) {
        switch (m->def->fields[i].kind) {
        case FIELD_STATE: flags |= m->field[i].tag == T_CELL ? MODEL_CELLS : MODEL_STATE; break;
        case FIELD_LET: flags |= part_flags(m->field[i], 0); break;
        case FIELD_PARAM:
        case FIELD_ARG: break;
        }
    }
    m->obj.flags = (uint8_t)((m->obj.flags & ~(MODEL_STATE | MODEL_CELLS)) | flags);
}

/* ---- modules ---- */

Module *module_new(State *S, Str *name, const char *path, uint32_t file)
{
    Module *m = obj_new(S, T_MODULE, sizeof *m);
    if (!m) return NULL;
    m->name = obj_retain(name);
    m->file = file;
    if (path && !(m->path = mem_dup(S, path, strlen(path)))) {
        obj_release(S, m);
        return NULL;
    }
    return m;
}

void module_free(State *S, Module *m)
{
    for (size_t i = 0; i < m->ng; i++) {
        Global *g = &m->g[i];
        obj_release(S, g->name);
        obj_release(S, g->doc);
        release(S, g->value);
    }
    FREE_ARRAY(m->g, m->capg);
    for (size_t i = 0; i < m->ntests; i++) release(S, m->tests[i]);
    FREE_ARRAY(m->tests, m->captests);
    obj_release(S, m->main);
    if (m->path) mem_free(S, m->path, strlen(m->path) + 1);
    obj_release(S, m->name);
    mem_free(S, m, sizeof *m);
}

int module_find(const Module *m, const Str *name)
{
    for (size_t i = m->ng; i--;)
        if (str_same(m->g[i].name, name)) return (int)i;
    return -1;
}

int module_add(State *S, Module *m, Str *name, GlobalKind kind, Span at)
{
    if (m->ng >= UINT16_MAX) {
        diag_set(S, at, DIAG_TOO_LARGE, "a file declares at most %d names", UINT16_MAX);
        return -1;
    }
    if (!MEM_PUSH(S, m->g, m->ng, m->capg)) return -1;
    m->g[m->ng] = (Global){.name = obj_retain(name), .kind = kind, .value = UNSET, .at = at};
    return (int)m->ng++;
}

/* ---- optimisers ---- */

Opt *opt_new(State *S, const OptDef *def, List *conf_take)
{
    Opt *o = obj_new(S, T_OPT, sizeof *o);
    if (!o) {
        obj_release(S, conf_take);
        return NULL;
    }
    o->def = def;
    o->conf = conf_take;
    o->state = NIL;
    return o;
}

Opt *opt_unique_take(State *S, Opt *o)
{
    if (o->obj.rc == 1) return o;
    Opt *r = opt_new(S, o->def, obj_retain(o->conf));
    if (r) r->state = retain(o->state);
    obj_release(S, o);
    return r;
}
