/* place.c -- root.path: reading, updating in one walk, taking models out for a call.
**
** An update walks from the variable to the last container and makes each one on the way unique (one owner) before
** stepping into it, so only what is shared is copied and the update itself is in place. A row of a tensor is a
** value, not a container: a step through it reads the row, updates it, and puts it back.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/state.h"

static bool no_item(State *S, Value x, const Str *name)
{
    const char *cand[64];
    size_t n = 0;
    if (x.tag == T_LIST)
        for (int64_t k = 0; k < x.l->len && n < 64; k++)
            if (list_name(x.l, k)) cand[n++] = list_name(x.l, k)->data;
    if (x.tag == T_MODEL)
        for (int k = 0; k < x.m->def->nfields && n < 64; k++) cand[n++] = x.m->def->fields[k].name->data;
    diag_fail(S, DIAG_MEMBER, "%s has no `%s`", type_name(S, x), name->data);
    const char *near = diag_nearest(name->data, cand, n);
    if (near) diag_hint(S, "did you mean `%s`?", near);
    else if (x.tag == T_LIST) diag_hint(S, "(...r, %s: value) copies and adds", name->data);
    return false;
}

/* Makes the container in *slot unique; when memory is refused the slot keeps what it had. */
static bool unique(State *S, Value *slot)
{
    if (slot->tag == T_LIST && slot->l->obj.rc > 1) {
        List *l = list_unique_take(S, obj_retain(slot->l));
        if (!l) return false;
        obj_release(S, slot->l);
        slot->l = l;
    } else if (slot->tag == T_MODEL && slot->m->obj.rc > 1) {
        Model *m = model_unique_take(S, obj_retain(slot->m));
        if (!m) return false;
        obj_release(S, slot->m);
        slot->m = m;
    }
    return true;
}

static bool list_index(State *S, const List *l, Value i, int64_t *at)
{
    if (i.tag == T_STR) {
        *at = list_find(l, i.s);
        return *at >= 0 || no_item(S, val_obj(T_LIST, (void *)l), i.s);
    }
    if (i.tag != T_NUM || i.n != floor(i.n))
        return diag_fail(S, DIAG_INDEX_KIND, "a list is indexed by a whole number or a name, not %s", type_name(S, i));
    double k = i.n < 0 ? i.n + (double)l->len : i.n;
    if (k < 0 || k >= (double)l->len)
        return diag_fail(S, DIAG_INDEX, "index %.0f of a list of %lld items", i.n, (long long)l->len);
    *at = (int64_t)k;
    return true;
}

static Value *model_slot(State *S, Model *m, int k)
{
    Value *slot = &m->field[k];
    if (slot->tag == T_CELL) {
        Value *cell = descend_cell(S, slot->cell);
        if (cell) return cell;
    }
    return slot;
}

/* The slot a step leads to inside the unique container *slot; NULL with *through set for a row of a tensor. */
static Value *step_into(State *S, Value *slot, const PathStep *st, const Value *r, bool *through)
{
    *through = false;
    if (!unique(S, slot)) return NULL;
    switch (st->kind) {
    case STEP_SELF: return model_slot(S, slot->m, st->n);
    case STEP_FIELD:
        if (slot->tag == T_LIST) {
            int64_t k = list_find(slot->l, st->name);
            if (k >= 0) return &slot->l->at[k];
        } else if (slot->tag == T_MODEL) {
            int k = model_field(slot->m->def, st->name);
            if (k >= 0) return model_slot(S, slot->m, k);
            if (model_method(slot->m->def, st->name) >= 0) {
                diag_fail(S, DIAG_FROZEN, "`%s` is a method of %s and cannot be assigned", st->name->data,
                          slot->m->def->name->data);
                diag_hint(S, "give it another name, or keep what changes in a `state`");
                return NULL;
            }
        } else {
            diag_fail(S, DIAG_TYPE, "%s has no items to assign", type_name(S, *slot));
            return NULL;
        }
        no_item(S, *slot, st->name);
        return NULL;
    case STEP_INDEX:
        if (slot->tag == T_LIST && st->n == 1) {
            int64_t k = 0;
            return list_index(S, slot->l, r[st->reg], &k) ? &slot->l->at[k] : NULL;
        }
        *through = slot->tag == T_TENSOR || slot->tag == T_LIST;
        if (!*through) {
            diag_fail(S, DIAG_TYPE, "%s cannot be assigned by index", type_name(S, *slot));
            if (slot->tag == T_STR) diag_hint(S, "strings do not change: build a new one");
        }
        return NULL;
    }
    return NULL;
}

static bool set_steps(State *S, Value *slot, const PathStep *st, int n, const Value *r, Value v_take)
{
    for (; n > 1; st++, n--) {
        bool through;
        Value *next = step_into(S, slot, st, r, &through);
        if (!next && through) {
            Value row;
            if (!value_index(S, *slot, &r[st->reg], st->n, &row)) goto fail;
            if (!set_steps(S, &row, st + 1, n - 1, r, v_take)) {
                release(S, row);
                return false;
            }
            bool ok = value_index_set(S, slot, &r[st->reg], st->n, row);
            release(S, row);
            return ok;
        }
        if (!next) goto fail;
        slot = next;
    }
    /* a list's numbered item is a slot; slices, masks and names (which may be new) are not */
    if (n == 1 && st->kind == STEP_INDEX && !(slot->tag == T_LIST && st->n == 1 && r[st->reg].tag == T_NUM)) {
        bool ok;
        if (slot->tag == T_TENSOR || slot->tag == T_LIST) {
            ok = value_index_set(S, slot, &r[st->reg], st->n, v_take);
        } else {
            ok = diag_fail(S, DIAG_TYPE, "%s cannot be assigned by index", type_name(S, *slot));
            if (slot->tag == T_STR) diag_hint(S, "strings do not change: build a new one");
        }
        release(S, v_take);
        return ok;
    }
    if (n == 1) {
        bool through;
        slot = step_into(S, slot, st, r, &through);
        if (!slot) goto fail;
    }
    Value old = *slot;
    *slot = v_take;
    release(S, old);
    return true;
fail:
    release(S, v_take);
    return false;
}

bool place_set(State *S, Value *root, const Path *p, const Value *r, Value v_take)
{
    return set_steps(S, root, p->step, p->n, r, v_take);
}

Value *place_slot(State *S, Value *root, const Path *p, const Value *r)
{
    Value *slot = root;
    for (int k = 0; k < p->n && slot; k++) {
        bool through;
        slot = step_into(S, slot, &p->step[k], r, &through);
    }
    return slot && unique(S, slot) ? slot : NULL;
}

bool place_get(State *S, Value root, const Path *p, const Value *r, Value *out)
{
    Value v = retain(root);
    *out = NIL;
    for (int k = 0; k < p->n; k++) {
        const PathStep *st = &p->step[k];
        Value next;
        bool ok = true;
        switch (st->kind) {
        case STEP_SELF: next = retain(model_get(S, v.m, st->n)); break;
        case STEP_FIELD: ok = value_field(S, v, st->name, &next); break;
        case STEP_INDEX: ok = value_index(S, v, &r[st->reg], st->n, &next); break;
        }
        release(S, v);
        if (!ok) return false;
        v = next;
    }
    *out = v;
    return true;
}

bool place_take(State *S, Value *root, const Path *p, const Value *r, bool move, Value *out)
{
    if (!place_get(S, *root, p, r, out)) return false;
    if (!move || out->tag != T_MODEL || !(out->m->obj.flags & MODEL_STATE)) return true;
    /* a model with state: leave a hole so that the callee owns the only copy */
    Value *slot = root;
    for (int k = 0; k < p->n; k++) {
        bool through;
        slot = step_into(S, slot, &p->step[k], r, &through);
        if (!slot) {
            release(S, *out);
            *out = NIL;
            return S->err ? false : diag_fail(S, DIAG_TYPE, "the model is not in a place that can be updated");
        }
    }
    Value old = *slot; /* making the way unique may have copied the containers, never the model itself */
    *slot = NIL;
    release(S, old);
    return true;
}
