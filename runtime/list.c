/* list.c -- lists, the names their items share, and ranges.
**
** Names is immutable once a second list points to it: a push of a named item on a list whose Names has one
** owner and room grows it in place (doubling through aux), else makes a new one. `names == NULL` means that no
** item is named; Names->n may be smaller than the list's length, items beyond it are unnamed, never larger
** once the list is complete.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/value.h"

List *list_new(State *S, int64_t cap)
{
    size_t bytes = 0;
    if (cap > 0 && !mem_size(S, (size_t)cap, sizeof(Value), 0, &bytes)) return NULL;
    List *l = mem_alloc(S, sizeof *l);
    if (!l) return NULL;
    *l = (List){.obj = {.rc = 1, .tag = T_LIST}};
    if (cap > 0) {
        l->at = mem_alloc(S, bytes);
        if (!l->at) {
            mem_free(S, l, sizeof *l);
            return NULL;
        }
        l->cap = cap;
    }
    return l;
}

Names *names_new(State *S, int n, Str **at)
{
    size_t size;
    if (!mem_size(S, (size_t)n, sizeof(Str *), sizeof(Names), &size)) return NULL;
    Names *m = mem_alloc(S, size);
    if (!m) return NULL;
    m->obj = (Obj){.rc = 1, .tag = T_NAMES};
    m->n = n;
    for (int i = 0; i < n; i++) m->at[i] = obj_retain(at[i]);
    return m;
}

/* Names are made in sizes 1, 2, 4 ... once they grow, so that a list named item by item costs linear time; `aux`
** holds log2 of the room + 1, or 0 for an exact block. */
size_t names_size(const Names *m)
{
    size_t room = m->obj.aux ? (size_t)1 << (m->obj.aux - 1) : (size_t)m->n;
    return sizeof(Names) + room * sizeof(Str *);
}

/* Names item number k (beyond those that are named so far); the list has one owner. */
static bool name_item(State *S, List *l, int64_t k, Str *name)
{
    Names *m = l->names;
    if (k >= INT32_MAX / 2) return diag_fail(S, DIAG_SIZE, "a list of named items is too long");
    size_t room = m && m->obj.aux ? (size_t)1 << (m->obj.aux - 1) : 0;
    if (!m || m->obj.rc > 1 || (size_t)k >= room) {
        unsigned log = 2;
        while (((size_t)1 << log) <= (size_t)k) log++;
        Names *w = mem_alloc(S, sizeof *w + ((size_t)1 << log) * sizeof(Str *));
        if (!w) return false;
        w->obj = (Obj){.rc = 1, .tag = T_NAMES, .aux = (uint16_t)(log + 1)};
        w->n = !m ? 0 : m->n < k ? m->n : (int)k;
        for (int i = 0; i < w->n; i++) w->at[i] = obj_retain(m->at[i]);
        obj_release(S, m);
        l->names = m = w;
    }
    while (m->n > k) obj_release(S, m->at[--m->n]); /* the list was cut */
    while (m->n < k) m->at[m->n++] = NULL;
    m->at[m->n++] = obj_retain(name);
    return true;
}

bool list_push_take(State *S, List *l, Str *name, Value v)
{
    if (l->len == l->cap) {
        int64_t cap = l->cap < 4 ? 4 : 2 * l->cap;
        size_t bytes;
        Value *at = NULL;
        if (mem_size(S, (size_t)cap, sizeof(Value), 0, &bytes))
            at = mem_realloc(S, l->at, (size_t)l->cap * sizeof(Value), bytes);
        if (!at) goto fail;
        l->at = at;
        l->cap = cap;
    }
    if (name && !name_item(S, l, l->len, name)) goto fail;
    l->at[l->len++] = v;
    return true;
fail:
    release(S, v);
    return false;
}

List *list_unique_take(State *S, List *l)
{
    if (l->obj.rc == 1) return l;
    List *r = list_new(S, l->len);
    if (r) {
        for (int64_t i = 0; i < l->len; i++) r->at[i] = retain(l->at[i]);
        r->len = l->len;
        r->names = obj_retain(l->names);
    }
    obj_release(S, l);
    return r;
}

int64_t list_find(const List *l, const Str *name)
{
    const Names *m = l->names;
    if (!m) return -1;
    int64_t n = m->n < l->len ? m->n : l->len;
    for (int64_t i = 0; i < n; i++)
        if (m->at[i] == name) return i;
    if (name->obj.flags & STR_INTERNED) return -1;
    uint32_t hash = str_hash(name);
    for (int64_t i = 0; i < n; i++)
        if (m->at[i] && m->at[i]->hash == hash && str_same(m->at[i], name)) return i;
    return -1;
}

Str *list_name(const List *l, int64_t i) { return l->names && i < l->names->n ? l->names->at[i] : NULL; }

Value list_pair(State *S, Value a_take, Value b_take)
{
    List *l = list_new(S, 2);
    if (!l) {
        release(S, a_take);
        release(S, b_take);
        return NIL;
    }
    l->at[0] = a_take;
    l->at[1] = b_take;
    l->len = 2;
    return val_obj(T_LIST, l);
}

/* ---- ranges ---- */

int64_t range_len(const Range *r)
{
    double n = ceil((r->hi - r->lo) / r->step);
    if (!(n > 0)) return 0;
    return n < 9e18 ? (int64_t)n : INT64_MAX;
}

Value range_new(State *S, double lo, double hi)
{
    Range *r = mem_alloc(S, sizeof *r);
    if (!r) return NIL;
    *r = (Range){.obj = {.rc = 1, .tag = T_RANGE}, .lo = lo, .hi = hi, .step = 1};
    return val_obj(T_RANGE, r);
}
