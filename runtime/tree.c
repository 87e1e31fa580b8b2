/* tree.c -- walking trees (lists and models) leaf by leaf.
**
** Leaves of a model are its parameters and those of its parts (models and lists in `let` fields); its other
** fields stay as they are in tree_map, and tree_each visits them too. A tree that is nested deeper than
** TREE_DEPTH is refused, since these walks recurse.
** SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "runtime/state.h"
#include "runtime/value.h"

enum { TREE_DEPTH = 10000 };

static bool container(Value v) { return v.tag == T_LIST || v.tag == T_MODEL; }

static bool too_deep(State *S) { return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH); }

/* Is field i of a model walked into? */
static bool walked(const ModelDef *d, int i, Value v)
{
    return d->fields[i].kind == FIELD_PARAM || (d->fields[i].kind == FIELD_LET && container(v));
}

static bool same_bits(Value a, Value b) { return a.hdr == b.hdr && a.cell == b.cell; }

/* ---- one tree ---- */

static bool map_at(State *S, Value v, LeafFn f, void *ud, int depth, Value *out);

static bool map_list(State *S, List *l, LeafFn f, void *ud, int depth, Value *out)
{
    List *r = NULL; /* made at the first item that changes */
    for (int64_t i = 0; i < l->len; i++) {
        Value y = NIL;
        if (!map_at(S, l->at[i], f, ud, depth + 1, &y)) goto fail;
        if (!r && same_bits(y, l->at[i])) {
            release(S, y);
            continue;
        }
        if (!r) {
            r = list_new(S, l->len);
            if (!r) {
                release(S, y);
                return false;
            }
            r->names = obj_retain(l->names);
            for (; r->len < i; r->len++) r->at[r->len] = retain(l->at[r->len]);
        }
        r->at[r->len++] = y;
    }
    *out = val_obj(T_LIST, r ? r : obj_retain(l));
    return true;
fail:
    obj_release(S, r);
    return false;
}

static bool map_model(State *S, Model *m, LeafFn f, void *ud, int depth, Value *out)
{
    Model *r = NULL;
    for (int i = 0; i < m->def->nfields; i++) {
        Value x = model_get(S, m, i), y;
        if (!walked(m->def, i, x)) continue;
        if (!map_at(S, x, f, ud, depth + 1, &y)) goto fail;
        if (same_bits(x, y)) {
            release(S, y);
            continue;
        }
        if (!r) {
            r = model_new(S, m->def);
            if (!r) {
                release(S, y);
                return false;
            }
            for (int k = 0; k < m->def->nfields; k++) r->field[k] = retain(m->field[k]);
        }
        Value old = r->field[i];
        r->field[i] = y;
        release(S, old);
    }
    if (r) model_mark(r);
    *out = val_obj(T_MODEL, r ? r : obj_retain(m));
    return true;
fail:
    obj_release(S, r);
    return false;
}

static bool map_at(State *S, Value v, LeafFn f, void *ud, int depth, Value *out)
{
    if (depth > TREE_DEPTH) return too_deep(S);
    if (v.tag == T_LIST) return map_list(S, v.l, f, ud, depth, out);
    if (v.tag == T_MODEL) return map_model(S, v.m, f, ud, depth, out);
    *out = NIL;
    return f(S, ud, v, out);
}

bool tree_map(State *S, Value v, LeafFn f, void *ud, Value *out)
{
    *out = NIL;
    return map_at(S, v, f, ud, 0, out);
}

/* ---- two trees ---- */

static bool map2_at(State *S, Value a, Value b, LeafFn2 f, void *ud, int depth, Value *out);

static bool map2_list(State *S, List *a, List *b, LeafFn2 f, void *ud, int depth, Value *out)
{
    if (a->len != b->len)
        return diag_fail(S, DIAG_STRUCTURE, "the trees differ: a list of %lld items beside one of %lld",
                         (long long)a->len, (long long)b->len);
    for (int64_t i = 0; i < a->len; i++) {
        Str *x = list_name(a, i), *y = list_name(b, i);
        if ((x || y) && !(x && y && str_same(x, y)))
            return diag_fail(S, DIAG_STRUCTURE, "the trees differ: item %lld is `%.100s` and `%.100s`", (long long)i,
                             x ? x->data : "unnamed", y ? y->data : "unnamed");
    }
    List *r = list_new(S, a->len);
    if (!r) return false;
    r->names = obj_retain(a->names);
    for (int64_t i = 0; i < a->len; i++) {
        if (!map2_at(S, a->at[i], b->at[i], f, ud, depth + 1, &r->at[i])) {
            obj_release(S, r);
            return false;
        }
        r->len = i + 1;
    }
    *out = val_obj(T_LIST, r);
    return true;
}

static bool map2_model(State *S, Model *a, Model *b, LeafFn2 f, void *ud, int depth, Value *out)
{
    if (a->def != b->def)
        return diag_fail(S, DIAG_STRUCTURE, "the trees differ: a model %.100s beside a model %.100s",
                         a->def->name->data, b->def->name->data);
    Model *r = model_new(S, a->def);
    if (!r) return false;
    for (int i = 0; i < a->def->nfields; i++) {
        Value x = model_get(S, a, i), y = model_get(S, b, i), v;
        if (walked(a->def, i, x) || (a->def->fields[i].kind == FIELD_LET && container(y))) {
            if (!map2_at(S, x, y, f, ud, depth + 1, &v)) {
                obj_release(S, r);
                return false;
            }
        } else {
            v = retain(is_nil(a->field[i]) ? b->field[i] : a->field[i]);
        }
        r->field[i] = v;
    }
    model_mark(r);
    *out = val_obj(T_MODEL, r);
    return true;
}

static bool map2_at(State *S, Value a, Value b, LeafFn2 f, void *ud, int depth, Value *out)
{
    *out = NIL;
    if (depth > TREE_DEPTH) return too_deep(S);
    if (is_nil(a) || is_nil(b) || (!container(a) && !container(b))) return f(S, ud, a, b, out);
    if (a.tag != b.tag)
        return diag_fail(S, DIAG_STRUCTURE, "the trees differ: %s beside %s", type_name(S, a), type_name(S, b));
    return a.tag == T_LIST ? map2_list(S, a.l, b.l, f, ud, depth, out) : map2_model(S, a.m, b.m, f, ud, depth, out);
}

bool tree_map2(State *S, Value a, Value b, LeafFn2 f, void *ud, Value *out) { return map2_at(S, a, b, f, ud, 0, out); }

/* ---- visiting with paths ---- */

typedef struct Visit {
    LeafVisit f;
    void *ud;
    Buf path;
} Visit;

static bool each_at(State *S, Visit *w, Value v, int depth)
{
    if (depth > TREE_DEPTH) return too_deep(S);
    if (!container(v)) {
        buf_put(&w->path, "", 1); /* a NUL that the next step overwrites */
        if (w->path.failed) return false;
        w->path.len--;
        return w->f(S, w->ud, w->path.p, v);
    }
    size_t len = w->path.len;
    int64_t n = v.tag == T_LIST ? v.l->len : v.m->def->nfields;
    bool ok = true;
    for (int64_t i = 0; ok && i < n; i++) {
        Str *name = v.tag == T_LIST ? list_name(v.l, i) : v.m->def->fields[i].name;
        if (name && len) buf_put(&w->path, ".", 1);
        if (name) buf_put(&w->path, name->data, name->len);
        else buf_printf(&w->path, "[%lld]", (long long)i);
        ok = each_at(S, w, v.tag == T_LIST ? v.l->at[i] : model_get(S, v.m, (int)i), depth + 1);
        w->path.len = len;
    }
    return ok;
}

bool tree_each(State *S, Value v, LeafVisit f, void *ud)
{
    Visit w = {f, ud, {0}};
    buf_init(&w.path, S);
    bool ok = each_at(S, &w, v, 0);
    buf_deinit(&w.path);
    return ok;
}
