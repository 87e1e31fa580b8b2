/* moves.c -- what the parameters of a descend were before they last moved (moves.h).
**
** Leaves are numbered in the order of the tree: items of lists, then of a model its parameters and parts. A leaf
** keeps two copies: `was`, of the last look, and `before`, of the look before it last moved. They change places when it
** moves, so a look copies what moved once and compares what did not.
** SPDX-License-Identifier: MIT */
#include "runtime/moves.h"
#include <math.h>
#include <string.h>
#include "runtime/tape.h"
#include "runtime/tensor.h"

typedef struct Each {
    bool (*leaf)(struct Each *e, Value v, Value other); /* false: this is the one */
    State *S;
    Buf *path;
    size_t k; /* leaves so far */
    void *ud;
} Each;

static bool each_leaf(Each *e, Value v, Value other);

static bool each_item(Each *e, const Str *name, int64_t i, Value v, Value other)
{
    size_t len = e->path ? e->path->len : 0;
    if (e->path && name) buf_printf(e->path, ".%s", name->data);
    else if (e->path) buf_printf(e->path, "[%lld]", (long long)i);
    if (!each_leaf(e, v, other)) return false;
    if (e->path) e->path->len = len;
    return true;
}

/* False when a leaf said so; the path is then its. */
static bool each_leaf(Each *e, Value v, Value other)
{
    if (v.tag == T_LIST) {
        bool same = other.tag == T_LIST && other.l->len == v.l->len;
        for (int64_t i = 0; i < v.l->len; i++)
            if (!each_item(e, v.l->names ? list_name(v.l, i) : NULL, i, v.l->at[i], same ? other.l->at[i] : NIL))
                return false;
        return true;
    }
    if (v.tag == T_MODEL) {
        bool same = other.tag == T_MODEL && other.m->def == v.m->def;
        for (int i = 0; i < v.m->def->nfields; i++) {
            if (!field_moves(v.m, i)) continue;
            if (!each_item(e, v.m->def->fields[i].name, 0, v.m->field[i], same ? other.m->field[i] : NIL)) return false;
        }
        return true;
    }
    if (v.tag != T_NUM && (v.tag != T_TENSOR || !dtype_float((DType)v.t->dtype))) return true;
    if (!e->leaf(e, v, other)) return false;
    e->k++;
    return true;
}

/* ---- looking ---- */

static const void *leaf_data(State *S, const Value *v, size_t *bytes)
{
    *bytes = sizeof v->n;
    if (v->tag == T_NUM) return &v->n;
    Tensor *t = v->t;
    *bytes = 0;
    if (!tensor_force(S, t) || !t->contiguous) return NULL;
    size_t item = t->dtype == DT_F32 ? sizeof(float) : sizeof(double);
    *bytes = (size_t)t->n * item;
    return (const char *)t->st->data + (size_t)t->offset * item;
}

typedef struct Look {
    Moves *m;
    size_t steps;
} Look;

static bool look_leaf(Each *e, Value v, Value other)
{
    (void)other;
    State *S = e->S;
    Look *look = e->ud;
    Moves *m = look->m;
    size_t bytes;
    const void *now = leaf_data(S, &v, &bytes);
    if (e->k == m->n) {
        if (m->n == m->cap) {
            size_t cap = m->cap ? m->cap * 2 : 8;
            Moved *p = mem_try(S, cap * sizeof *p);
            if (!p) return false;
            if (m->n) memcpy(p, m->leaf, m->n * sizeof *p);
            mem_free(S, m->leaf, m->cap * sizeof *p);
            m->leaf = p;
            m->cap = cap;
        }
        Moved *x = &m->leaf[m->n++];
        *x = (Moved){NULL, NULL, 0, 0};
        if (!now || !bytes || m->bytes + bytes > MOVES_BYTES || !(x->was = mem_try(S, bytes))) return true;
        m->bytes += bytes;
        x->bytes = bytes;
        memcpy(x->was, now, bytes);
        return true;
    }
    Moved *x = &m->leaf[e->k];
    if (!x->bytes || bytes != x->bytes || !memcmp(x->was, now, bytes)) return true;
    if (!x->before && !(x->before = mem_try(S, bytes))) return true;
    void *old = x->before;
    x->before = x->was;
    x->was = old;
    memcpy(old, now, bytes);
    x->step = look->steps;
    return true;
}

/* Numbers alone, which take steps of a fraction of a microsecond. */
static bool look_numbers(Moves *m, const Value *v, int64_t n, size_t steps)
{
    if ((size_t)n != m->n) return false;
    for (int64_t i = 0; i < n; i++) {
        Moved *x = &m->leaf[i];
        if (v[i].tag != T_NUM || !x->before) return false;
        if (*(double *)x->was == v[i].n) continue;
        void *old = x->before;
        *(double *)old = v[i].n;
        x->before = x->was;
        x->was = old;
        x->step = steps;
    }
    return true;
}

void moves_look(State *S, Moves *m, Value params, size_t steps)
{
    bool list = params.tag == T_LIST;
    if (look_numbers(m, list ? params.l->at : &params, list ? params.l->len : 1, steps)) return;
    Look look = {m, steps};
    Each e = {.leaf = look_leaf, .S = S, .ud = &look};
    each_leaf(&e, params, NIL);
}

void moves_free(State *S, Moves *m)
{
    for (size_t i = 0; i < m->n; i++) {
        mem_free(S, m->leaf[i].was, m->leaf[i].bytes);
        mem_free(S, m->leaf[i].before, m->leaf[i].before ? m->leaf[i].bytes : 0);
    }
    mem_free(S, m->leaf, m->cap * sizeof *m->leaf);
    *m = (Moves){NULL, 0, 0, 0};
}

/* ---- finding ---- */

static bool all_finite(State *S, Value v)
{
    if (v.tag == T_NUM) return isfinite(v.n);
    if (v.tag != T_TENSOR || !tensor_force(S, v.t)) return true;
    for (int64_t i = 0; i < v.t->n; i++)
        if (!isfinite(tensor_get(v.t, i))) return false;
    return true;
}

static bool find_leaf(Each *e, Value v, Value grad)
{
    uint32_t *node = e->ud;
    if (*node) return v.node != *node;
    if (all_finite(e->S, grad)) return true;
    *node = v.node;
    return false;
}

bool moves_find(State *S, Value lifted, Value grad, uint32_t *node, size_t *leaf, Buf *path)
{
    Each e = {.leaf = find_leaf, .S = S, .path = path, .ud = node};
    if (each_leaf(&e, lifted, grad)) return *leaf += e.k, false;
    *leaf += e.k;
    return true;
}

/* ---- saying ---- */

typedef struct Pick {
    size_t k;
    Value v;
} Pick;

static bool pick_leaf(Each *e, Value v, Value other)
{
    (void)other;
    Pick *p = e->ud;
    if (e->k != p->k) return true;
    p->v = v;
    return false;
}

static double item(const void *p, bool f32, int64_t i) { return f32 ? ((const float *)p)[i] : ((const double *)p)[i]; }

static void put_number(Buf *b, double x) { buf_printf(b, "%.6g", x); }

void moves_say(State *S, const Moves *m, Value params, size_t leaf, size_t steps, const char *path, Buf *out)
{
    Pick pick = {leaf, NIL};
    Each e = {.leaf = pick_leaf, .S = S, .ud = &pick};
    if (steps == 0) {
        buf_printf(out, "%s has its start value still", path);
        return;
    }
    if (each_leaf(&e, params, NIL) || leaf >= m->n || !m->leaf[leaf].bytes) {
        buf_printf(out, "%s last moved in step %zu", path, steps);
        return;
    }
    const Moved *x = &m->leaf[leaf];
    size_t bytes, step = steps;
    const void *now = leaf_data(S, &pick.v, &bytes), *before = x->was;
    if (!now || bytes != x->bytes) return;
    if (!memcmp(now, before, bytes)) { /* not by the last step */
        before = x->before;
        step = x->step;
    }
    if (!step || !before) {
        buf_printf(out, "%s has not moved yet", path);
        return;
    }
    bool f32 = pick.v.tag == T_TENSOR && pick.v.t->dtype == DT_F32;
    int64_t n = pick.v.tag == T_TENSOR ? pick.v.t->n : 1, at = 0;
    double most = -1;
    for (int64_t i = 0; i < n; i++) {
        double by = fabs(item(now, f32, i) - item(before, f32, i));
        if (by != by) by = INFINITY;
        if (by > most) most = by, at = i;
    }
    buf_puts(out, path);
    if (pick.v.tag == T_TENSOR) tape_put_index(out, at, tensor_shape(pick.v.t), pick.v.t->rank);
    buf_puts(out, " went from ");
    put_number(out, item(before, f32, at));
    buf_puts(out, " to ");
    put_number(out, item(now, f32, at));
    buf_printf(out, " in step %zu", step);
    if (n > 1) buf_puts(out, ", most of its elements");
}
