/* vmap.c -- a function of one item as a function of many: all at once where that can be done (runtime/batch.h), else
** one by one, with the same result.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "stdlib/deriv.h"

enum { TREE_DEPTH = 2000 };

/* ---- the arguments: axis 0 of every mapped leaf counts the items ---- */

typedef struct Items {
    State *S;
    int64_t n; /* -1: no leaf seen yet */
    int arg;   /* being looked at, for messages */
} Items;

static bool same_count(Items *m, Value x, int64_t n)
{
    if (m->n < 0) m->n = n;
    if (m->n == n) return true;
    diag_fail(m->S, DIAG_SHAPE, "vmap over %lld items, but argument %d has %lld", (long long)m->n, m->arg + 1,
              (long long)n);
    op_note_made(m->S, "argument", x);
    return diag_hint(m->S, "axes: nil leaves an argument whole, axes: (0, 1) says which axis counts the items of each");
}

static bool kept(State *S, Value *out, bool ok)
{
    if (ok) return true;
    release(S, *out);
    *out = NIL;
    return false;
}

/* *out: the leaf with its mapped axis in front. */
static bool take_leaf(Items *m, Value x, double axis, Value *out)
{
    State *S = m->S;
    if (x.tag == T_RANGE) {
        Tensor *t = tensor_range(S, x.r->lo, 1, range_len(x.r), default_float(S));
        *out = t ? val_obj(T_TENSOR, t) : NIL;
        return t && kept(S, out, same_count(m, *out, range_len(x.r)));
    }
    int rank = x.tag == T_TENSOR ? x.t->rank : 0, a = (int)(axis < 0 ? axis + rank : axis);
    if (rank == 0) {
        diag_fail(S, DIAG_AXIS, "vmap: argument %d has no axis of items: it is, or holds, %s", m->arg + 1,
                  x.tag == T_NUM ? "a number" : type_name(S, x));
        return diag_hint(S, "axes: nil in its place leaves it whole: vmap(f, axes: (0, nil))");
    }
    if (a < 0 || a >= rank)
        return diag_fail(S, DIAG_AXIS, "vmap: argument %d, %s, has no axis %.0f", m->arg + 1, type_name(S, x), axis);
    *out = retain(x);
    return kept(S, out, same_count(m, x, tensor_shape(x.t)[a])) && batch_move_axis(S, out, a, 0);
}

/* What becomes of a tree's leaves: mapped ones go through `leaf`, in the same order each time. */
typedef bool (*LeafTurn)(void *ud, Value x, double axis, Value *out);

static bool map_tree(State *S, Value x, Value axes, LeafTurn leaf, void *ud, int depth, Value *out)
{
    *out = NIL;
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (is_nil(axes)) return *out = retain(x), true;
    if (axes.tag == T_LIST && (x.tag != T_LIST || x.l->len != axes.l->len)) {
        diag_fail(S, DIAG_STRUCTURE, "vmap: `axes` has a list of %lld where the argument is %s", (long long)axes.l->len,
                  type_name(S, x));
        return diag_hint(S, "axes: a number or nil for each argument, or a list for an argument that is a list");
    }
    if (axes.tag != T_LIST && (axes.tag != T_NUM || axes.n != floor(axes.n)))
        return diag_fail(S, DIAG_TYPE, "vmap: `axes` is made of whole numbers and nil, not %s", type_name(S, axes));
    if (x.tag == T_LIST) {
        List *l = list_new(S, x.l->len);
        if (!l) return false;
        l->names = obj_retain(x.l->names);
        for (int64_t i = 0; i < x.l->len; i++) {
            Value part = axes.tag == T_LIST ? axes.l->at[i] : axes;
            if (!map_tree(S, x.l->at[i], part, leaf, ud, depth + 1, &l->at[i])) {
                obj_release(S, l);
                return false;
            }
            l->len = i + 1;
        }
        *out = val_obj(T_LIST, l);
        return true;
    }
    if (x.tag == T_MODEL) {
        Model *r = model_new(S, x.m->def);
        if (!r) return false;
        for (int i = 0; i < x.m->def->nfields; i++) {
            FieldKind kind = x.m->def->fields[i].kind;
            Value v = model_get(S, x.m, i);
            bool part = kind == FIELD_LET && (v.tag == T_LIST || v.tag == T_MODEL);
            if (!map_tree(S, v, kind == FIELD_PARAM || part ? axes : NIL, leaf, ud, depth + 1, &r->field[i])) {
                r->field[i] = NIL;
                obj_release(S, r);
                return false;
            }
        }
        model_mark(r);
        *out = val_obj(T_MODEL, r);
        return true;
    }
    if (is_nil(x)) return true;
    return leaf(ud, x, axes.n, out);
}

static bool turn_take(void *ud, Value x, double axis, Value *out) { return take_leaf(ud, x, axis, out); }

/* ---- all at once ---- */

typedef struct Mapped {
    State *S;
    Value f, axes;    /* axes: one for each argument, or one for all */
    const List *args; /* mapped leaves with the items in front */
    Str *const *names;
    const BatchItems *of; /* of this run */
    int64_t item;
} Mapped;

static Value axes_of(const Mapped *m, int64_t i) { return m->axes.tag == T_LIST ? m->axes.l->at[i] : m->axes; }

static bool turn_batch(void *ud, Value x, double axis, Value *out)
{
    const Mapped *m = ud;
    (void)axis;
    return batch_select(m->S, x, m->of, out);
}

static bool turn_item(void *ud, Value x, double axis, Value *out)
{
    const Mapped *m = ud;
    Value i = val_num((double)m->item);
    (void)axis;
    return value_index(m->S, x, &i, 1, out);
}

static bool call_with(Mapped *m, LeafTurn turn, Value *out)
{
    State *S = m->S;
    int n = (int)m->args->len, made = 0;
    Value small[DERIV_SMALL], *arg = small;
    size_t size = (size_t)n * sizeof *arg;
    *out = NIL;
    if (n > DERIV_SMALL && !(arg = mem_alloc(S, size))) return false;
    bool ok = true;
    for (; ok && made < n; made++) ok = map_tree(S, m->args->at[made], axes_of(m, made), turn, m, 0, &arg[made]);
    ok = ok && vm_call_named(S, m->f, arg, m->names, n, out);
    while (made--) release(S, arg[made]);
    if (arg != small) mem_free(S, arg, size);
    return ok;
}

static bool at_once(State *S, void *ud, const BatchItems *of, Value *out)
{
    Mapped *m = ud;
    (void)S;
    m->of = of;
    return call_with(m, turn_batch, out);
}

/* ---- one by one ---- */

/* Functions made at the same place that captured the same are alike. */
static bool fixed_equal(State *S, Value a, Value b, bool *same)
{
    bool made = a.tag == T_FN && b.tag == T_FN && a.f->proto == b.f->proto && a.f->builtin == b.f->builtin;
    if (!made || a.f->ncaps != b.f->ncaps) return value_equal(S, a, b, same);
    *same = true;
    for (uint32_t i = 0; i < a.f->ncaps && *same; i++)
        if (!value_equal(S, a.f->cap[i], b.f->cap[i], same)) return false;
    return true;
}

/* What is fixed in a model, or its state, is one for all items. */
static bool fixed_alike(State *S, const ModelDef *def, int field, const Value *v, int64_t n)
{
    bool same = true;
    for (int64_t i = 1; i < n && same; i++)
        if (!fixed_equal(S, v[0], v[i], &same)) return false;
    if (same) return true;
    diag_fail(S, DIAG_STRUCTURE, "vmap: the models that f gives differ in `%s`, which is no param",
              def->fields[field].name->data);
    return diag_hint(S, "only params, and lists and models with params, are stacked");
}

static bool stack_tree(State *S, const Value *v, int64_t n, int depth, Value *out)
{
    bool alike = depth < TREE_DEPTH;
    *out = NIL;
    for (int64_t i = 1; alike && i < n; i++) {
        bool number = v[0].tag == T_NUM || v[0].tag == T_BOOL || v[0].tag == T_TENSOR;
        alike = v[i].tag == v[0].tag || (number && (v[i].tag == T_NUM || v[i].tag == T_BOOL || v[i].tag == T_TENSOR));
        if (v[0].tag == T_LIST) alike = alike && v[i].l->len == v[0].l->len;
        if (v[0].tag == T_MODEL) alike = alike && v[i].m->def == v[0].m->def;
    }
    if (!alike) return diag_fail(S, DIAG_STRUCTURE, "vmap: the results of f differ in structure");
    switch (v[0].tag) {
    case T_NUM:
    case T_BOOL:
    case T_TENSOR: return tensor_stack(S, v, n, out);
    case T_NIL: return true;
    case T_LIST:
    case T_MODEL: break;
    default:
        diag_fail(S, DIAG_TYPE, "vmap: f gives %s, and only numbers, bools and tensors can be stacked",
                  type_name(S, v[0]));
        return diag_hint(S, "(f(x) for x in xs) makes a list of anything");
    }
    Value *part = mem_alloc(S, (size_t)n * sizeof *part);
    if (!part) return false;
    bool ok = true, list = v[0].tag == T_LIST;
    List *l = list ? list_new(S, v[0].l->len) : NULL;
    Model *m = list ? NULL : model_new(S, v[0].m->def);
    int64_t count = list ? v[0].l->len : v[0].m->def->nfields;
    ok = l || m;
    for (int64_t k = 0; ok && k < count; k++) {
        bool stacked = true;
        for (int64_t i = 0; i < n; i++) part[i] = list ? v[i].l->at[k] : v[i].m->field[k];
        if (!list) {
            FieldKind kind = m->def->fields[k].kind;
            stacked = kind == FIELD_PARAM || (kind == FIELD_LET && (part[0].tag == T_LIST || part[0].tag == T_MODEL));
        }
        Value y = NIL;
        if (stacked) ok = stack_tree(S, part, n, depth + 1, &y);
        else if ((ok = fixed_alike(S, m->def, (int)k, part, n))) y = retain(part[0]);
        if (ok && list) l->at[k] = y, l->len = k + 1;
        if (ok && !list) m->field[k] = y;
    }
    mem_free(S, part, (size_t)n * sizeof *part);
    if (ok && l) l->names = obj_retain(v[0].l->names);
    if (!ok) {
        obj_release(S, l);
        obj_release(S, m);
        return false;
    }
    *out = list ? val_obj(T_LIST, l) : val_obj(T_MODEL, m);
    return true;
}

/* The states of a descend after item i: the same for every item. */
static bool same_states(State *S, List **first)
{
    List *now;
    bool equal = true;
    if (!descend_cells(S, &now)) return false;
    if (!*first) return *first = now, true;
    bool ok = value_equal(S, val_obj(T_LIST, *first), val_obj(T_LIST, now), &equal);
    obj_release(S, now);
    if (ok && !equal) {
        diag_fail(S, DIAG_BATCH_STATE, "a state comes to differ along the items of a vmap");
        return diag_hint(S, "call the model on the whole batch, or keep what it assigns out of vmap");
    }
    return ok;
}

static bool one_by_one(Mapped *m, int64_t n, Value *out)
{
    State *S = m->S;
    Rng saved = S->rng;
    uint64_t draw = rng_take(&S->rng);
    Rng after = S->rng;
    Value *y = mem_alloc(S, (size_t)(n ? n : 1) * sizeof *y);
    List *before = NULL, *first = NULL;
    bool ok = y && (!S->descend || descend_cells(S, &before));
    int64_t made = 0;
    for (; ok && made < n; made++) {
        rng_switch(&S->rng, rng_fold(&saved, draw, (uint64_t)made));
        if (before && made) descend_cells_put(S, before);
        m->item = made;
        ok = vm_tick(S) && call_with(m, turn_item, &y[made]);
        if (!ok) break;
        if (before && !same_states(S, &first)) ok = false;
    }
    rng_switch(&S->rng, after);
    if (ok && n) ok = stack_tree(S, y, n, 0, out);
    else if (ok) ok = tensor_stack(S, NULL, 0, out);
    while (made--) release(S, y[made]);
    if (y) mem_free(S, y, (size_t)(n ? n : 1) * sizeof *y);
    obj_release(S, before);
    obj_release(S, first);
    return ok;
}

/* ---- the built-in ---- */

static bool bi_vmapped(Call *c)
{
    State *S = c->S;
    const List *l = c->arg[0].l;
    Items items = {S, -1, 0};
    Mapped m = {.S = S, .f = c->self->cap[0], .axes = c->self->cap[1]};
    if (m.axes.tag == T_LIST && m.axes.l->len != l->len)
        return diag_fail(S, DIAG_ARGS, "vmap: `axes` is for %lld argument%s, and %lld %s given",
                         (long long)m.axes.l->len, m.axes.l->len == 1 ? "" : "s", (long long)l->len,
                         l->len == 1 ? "is" : "are");
    List *args = list_new(S, l->len);
    bool ok = args != NULL;
    for (int64_t i = 0; ok && i < l->len; i++) {
        items.arg = (int)i;
        ok = map_tree(S, l->at[i], axes_of(&m, i), turn_take, &items, 0, &args->at[i]);
        if (!ok) release(S, args->at[i]);
        else args->len = i + 1;
    }
    if (ok && items.n < 0) {
        ok = diag_fail(S, DIAG_ARGS, "vmap: no argument is mapped");
        diag_hint(S, "axes: a number for at least one argument");
    }
    Given g;
    m.args = args;
    if (ok && (ok = given_open(S, l, &g))) {
        bool done;
        m.names = g.names;
        ok = batch_try(S, items.n, at_once, &m, c->out, &done) && (done || one_by_one(&m, items.n, c->out));
        given_close(S, &g);
    }
    obj_release(S, args);
    return ok;
}
static const Builtin vmapped_def = {"vmapped", "vmapped(...args)", "A function of many items.", bi_vmapped, -1,
                                    "vmap.c"};

BUILTIN(vmap, "vmap(f, axes: 0)",
        "f as a function of many items: called on arguments with one more axis, it gives the stacked result of f on "
        "each item, whatever f does. axes: which axis counts the items, for all arguments or a list with one for each; "
        "nil leaves an argument as it is. Arguments that are lists or models are mapped leaf by leaf; results are "
        "stacked leaf by leaf, the items along axis 0. Derivatives may stand inside and outside: "
        "vmap(grad(loss), axes: (nil, 0)) gives each sample's gradient. Bodies without output, draws and states run "
        "once for all items, others item by item. Example: vmap(x -> x * x)([1, 2, 3]) is [1, 4, 9].")
{
    Value f, caps[2];
    if (!arg_fn(c, 0, &f)) return false;
    if (c->arg[1].tag != T_NUM && c->arg[1].tag != T_LIST)
        return arg_fail(c, 1, "a number, or a list of numbers and nil");
    caps[0] = f;
    caps[1] = c->arg[1];
    *c->out = builtin_closure(c->S, &vmapped_def, caps, 2);
    return !is_nil(*c->out);
}
