/* value.c -- freeing objects, names of kinds, equality.
**
** An object whose count reaches 0 joins the list S->dying and is taken apart from there, so a list nested a
** million deep needs no stack. The link lives in the object's own header: its address / 16 (48 bits are
** enough) in the count, which is 0 now, and aux. Strings and names, which have no deep parts, go at once.
** SPDX-License-Identifier: MIT */
#include "runtime/value.h"
#include <stdio.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/optim.h"
#include "runtime/state.h"
#include "runtime/tensor.h"

void *obj_new(State *S, Tag tag, size_t size)
{
    Obj *o = mem_zalloc(S, size);
    if (o) *o = (Obj){.rc = 1, .tag = (uint8_t)tag};
    return o;
}

/* ---- freeing ---- */

static void link_set(Obj *o, const Obj *next)
{
    uint64_t a = (uint64_t)(uintptr_t)next >> 4;
    o->rc = (uint32_t)a;
    o->aux = (uint16_t)(a >> 32);
}

static Obj *link_get(const Obj *o) { return (Obj *)(uintptr_t)(((uint64_t)o->aux << 32 | o->rc) << 4); }

static void list_free(State *S, List *l)
{
    for (int64_t i = 0; i < l->len; i++) release(S, l->at[i]);
    mem_free(S, l->at, (size_t)l->cap * sizeof(Value));
    obj_release(S, l->names);
    mem_free(S, l, sizeof *l);
}

static void names_free(State *S, Names *m)
{
    for (int i = 0; i < m->n; i++) obj_release(S, m->at[i]);
    mem_free(S, m, names_size(m));
}

static void closure_free(State *S, Closure *f)
{
    for (uint32_t i = 0; i < f->ncaps; i++) release(S, f->cap[i]);
    release(S, f->adjoint);
    release(S, f->tangent);
    obj_release(S, f->proto);
    mem_free(S, f, sizeof *f + f->ncaps * sizeof(Value));
}

static void model_free(State *S, Model *m)
{
    int n = m->def->nfields;
    for (int i = 0; i < n; i++) release(S, m->field[i]);
    obj_release(S, m->def);
    mem_free(S, m, sizeof *m + (size_t)n * sizeof(Value));
}

static void stream_free(State *S, Stream *s)
{
    if (s->def && s->def->close) s->def->close(S, s);
    for (int i = 0; i < 4; i++) release(S, s->cap[i]);
    mem_free(S, s, sizeof *s);
}

static void opt_free(State *S, Opt *o)
{
    obj_release(S, o->conf);
    release(S, o->state);
    mem_free(S, o, sizeof *o);
}

static void destroy(State *S, Obj *o)
{
    switch ((Tag)o->tag) {
    case T_TENSOR: tensor_free(S, (Tensor *)o); break;
    case T_LIST: list_free(S, (List *)o); break;
    case T_MODEL: model_free(S, (Model *)o); break;
    case T_FN: closure_free(S, (Closure *)o); break;
    case T_RANGE: mem_free(S, o, sizeof(Range)); break;
    case T_OPT: opt_free(S, (Opt *)o); break;
    case T_SOURCE: stream_free(S, (Stream *)o); break;
    case T_MODULE: module_free(S, (Module *)o); break;
    case T_MODELDEF: modeldef_free(S, (ModelDef *)o); break;
    case T_PROTO: proto_free(S, (Proto *)o); break;
    case T_STR:
    case T_NAMES: /* freed at once */
    case T_NUM:
    case T_NIL:
    case T_BOOL:
    case T_UNSET:
    case T_CELL:
    case T_TAGS: break; /* no objects */
    }
}

void obj_free(State *S, Obj *o)
{
    if (o->tag == T_STR) {
        Str *s = (Str *)o;
        if (o->flags & STR_INTERNED) str_forget(S, s);
        mem_free(S, s, sizeof *s + s->cap);
        return;
    }
    if (o->tag == T_NAMES) {
        names_free(S, (Names *)o);
        return;
    }
    if (S->freeing) {
        link_set(o, S->dying);
        S->dying = o;
        return;
    }
    S->freeing = true;
    for (;;) {
        o->rc = 0;
        o->aux = 0;
        destroy(S, o);
        o = S->dying;
        if (!o) break;
        S->dying = link_get(o);
    }
    S->freeing = false;
}

/* ---- names of kinds ---- */

const char *type_name(State *S, Value v)
{
    switch ((Tag)v.tag) {
    case T_NUM: return "number";
    case T_NIL: return "nil";
    case T_BOOL: return "bool";
    case T_UNSET: return "nothing";
    case T_CELL: return "state";
    case T_STR: return "string";
    case T_LIST: return "list";
    case T_FN: return "function";
    case T_RANGE: return "range";
    case T_OPT: return v.opt->def->kind == OPT_TRANSFORM ? "transform" : "optimiser";
    case T_SOURCE: return "source";
    case T_MODULE: return "module";
    case T_MODEL: return v.m->def->name->data;
    case T_MODELDEF: return "model";
    case T_NAMES: return "names";
    case T_PROTO: return "proto";
    case T_TENSOR: {
        char *buf = S->name_text[S->name_next++ % 4];
        size_t size = sizeof S->name_text[0];
        const int64_t *dim = tensor_shape(v.t);
        size_t n = (size_t)snprintf(buf, size, "%s[", dtype_name[v.t->dtype]);
        for (int k = 0; k < v.t->rank && n < size - 24; k++)
            n += (size_t)snprintf(buf + n, size - n, k ? ", %lld" : "%lld", (long long)dim[k]);
        snprintf(buf + n, size - n, "]");
        return buf;
    }
    case T_TAGS: break;
    }
    return "value";
}

/* ---- equality ---- */

static bool tensor_equal(State *S, Tensor *a, Tensor *b, bool *out)
{
    *out = false;
    if (!shape_equal(a, b)) return true;
    if (a != b && a->dtype == b->dtype && !dtype_float((DType)a->dtype) && a->contiguous && b->contiguous) {
        const void *p = tensor_data(S, a), *q = p ? tensor_data(S, b) : NULL;
        if (!q) return false;
        *out = !a->n || !memcmp(p, q, (size_t)a->n * dtype_size[a->dtype]);
        return true;
    }
    if (!tensor_force(S, a) || !tensor_force(S, b)) return false;
    for (int64_t k = 0; k < a->n; k++)
        if (tensor_get(a, k) != tensor_get(b, k)) return true; /* NaN is not equal to itself */
    *out = true;
    return true;
}

static bool same_names(const List *a, const List *b)
{
    if (a->names == b->names) return true;
    for (int64_t i = 0; i < a->len; i++) {
        Str *x = list_name(a, i), *y = list_name(b, i);
        if ((x || y) && !(x && y && str_same(x, y))) return false;
    }
    return true;
}

static bool same_function(const Closure *f, const Closure *g)
{
    if (f == g) return true;
    return f->proto == g->proto && f->builtin == g->builtin && !f->ncaps && !g->ncaps;
}

/* Pairs that are still to be compared. */
typedef struct Pair {
    Value a, b;
} Pair;
typedef struct Pairs {
    Pair *at;
    size_t n, cap;
} Pairs;

static bool push_pair(State *S, Pairs *w, Value a, Value b)
{
    if (!MEM_PUSH(S, w->at, w->n, w->cap)) return false;
    w->at[w->n++] = (Pair){a, b};
    return true;
}

/* One level of a pair; parts go on the stack. *out false: they differ. */
static bool equal_one(State *S, Pairs *w, Value a, Value b, bool *out)
{
    *out = false;
    if (a.tag != b.tag) return !(is_batch(a) || is_batch(b)) || batch_forced(S);
    *out = true;
    if (is_heap(a) && a.o == b.o && a.tag != T_TENSOR && a.tag != T_LIST && a.tag != T_MODEL) return true;
    switch ((Tag)a.tag) {
    case T_NUM: *out = a.n == b.n; return true;
    case T_BOOL: *out = a.b == b.b; return true;
    case T_NIL:
    case T_UNSET: return true;
    case T_CELL: *out = a.cell == b.cell; return true;
    case T_STR: *out = str_same(a.s, b.s); return true;
    case T_TENSOR: return tensor_equal(S, a.t, b.t, out);
    case T_RANGE: *out = a.r->lo == b.r->lo && a.r->hi == b.r->hi && a.r->step == b.r->step; return true;
    case T_FN: *out = same_function(a.f, b.f); return true;
    case T_LIST:
        if (a.l->len != b.l->len || !same_names(a.l, b.l)) {
            *out = false;
            return true;
        }
        for (int64_t i = a.l->len; i--;)
            if (!push_pair(S, w, a.l->at[i], b.l->at[i])) return false;
        return true;
    case T_MODEL:
        if (a.m->def != b.m->def) {
            *out = false;
            return true;
        }
        for (int i = a.m->def->nfields; i--;)
            if (!push_pair(S, w, model_get(S, a.m, i), model_get(S, b.m, i))) return false;
        return true;
    case T_OPT:
    case T_SOURCE:
    case T_MODULE:
    case T_MODELDEF:
    case T_NAMES:
    case T_PROTO:
    case T_TAGS: break;
    }
    *out = false;
    return true;
}

bool value_equal(State *S, Value a, Value b, bool *out)
{
    Pairs w = {0};
    bool ok = equal_one(S, &w, a, b, out);
    for (uint64_t seen = 1; ok && *out && w.n; seen++) {
        Pair p = w.at[--w.n];
        if (!(seen & 0xFFFF) && !vm_check(S)) ok = false;
        if (!ok) break;
        ok = equal_one(S, &w, p.a, p.b, out);
    }
    mem_free(S, w.at, w.cap * sizeof *w.at);
    return ok;
}
