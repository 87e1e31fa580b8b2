/* jacobian.c -- jacobian, hessian, hvp: derivatives of many numbers by many numbers.
**
** In reverse mode f runs once, and one sweep for each element of its result gives a row; in forward mode each run of
** f gives the column of one element of its argument. Rows or columns are gathered leaf by leaf of result and
** argument, and stacked into the block of the two:
**
**   reverse  [rows of out, in...]                   -> [out..., in...]
**   forward  [columns of in, out...] -> transposed  -> [out..., in...]
**
** The result is a tree with the result's structure whose leaves are trees with the argument's structure.
** cite  Griewank and Walther 2008, "Evaluating Derivatives", chapters 3 and 5
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "stdlib/deriv.h"

/* ---- leaves of a tree, in order ---- */

typedef struct Leaves {
    Value *at;
    size_t n, cap;
} Leaves; /* owned */

static bool is_leaf(Value v) { return v.tag == T_NUM || v.tag == T_TENSOR; }
static int64_t size_of(Value v) { return v.tag == T_TENSOR ? v.t->n : 1; }

static bool push(State *S, Leaves *l, Value v)
{
    if (!MEM_PUSH(S, l->at, l->n, l->cap)) return false;
    l->at[l->n++] = retain(v);
    return true;
}

static bool push_leaf(State *S, void *ud, Value v, Value *out)
{
    if (is_leaf(v) && !push(S, ud, v)) return false;
    *out = retain(v);
    return true;
}

static bool leaves_of(State *S, Value tree, Leaves *l)
{
    Value same;
    if (!tree_map(S, tree, push_leaf, l, &same)) return false;
    release(S, same);
    return true;
}

static void drop(State *S, Leaves *l)
{
    for (size_t i = 0; i < l->n; i++) release(S, l->at[i]);
    mem_free(S, l->at, l->cap * sizeof *l->at);
    *l = (Leaves){0};
}

/* `tree` with nil for its leaves, but 1 at element `flat` of leaf number `leaf`. */
typedef struct OneHot {
    size_t leaf, at;
    int64_t flat;
} OneHot;

static bool one_hot_leaf(State *S, void *ud, Value v, Value *out)
{
    OneHot *w = ud;
    *out = NIL;
    if (!is_leaf(v) || w->at++ != w->leaf) return true;
    *out = val_num(1);
    if (v.tag == T_NUM) return true;
    Tensor *t = tensor_zeros(S, (DType)v.t->dtype, v.t->rank, tensor_shape(v.t));
    if (!t) return false;
    tensor_put(t, w->flat, 1);
    *out = val_obj(T_TENSOR, t);
    return true;
}

static bool one_hot(State *S, Value tree, size_t leaf, int64_t flat, Value *out)
{
    OneHot w = {leaf, 0, flat};
    return tree_map(S, tree, one_hot_leaf, &w, out);
}

/* ---- a Jacobian in the making ---- */

typedef struct Jac {
    Deriv d;
    Value in, out;  /* shapes of argument and result: float leaves, nil elsewhere */
    Leaves x, y;    /* their leaves */
    int64_t nx, ny; /* elements in all */
    Leaves *part;   /* per (leaf of y, leaf of x): rows (reverse) or columns (forward) */
    size_t nparts;
    Rng rng; /* each run draws the same */
} Jac;

static bool parts_open(Jac *j)
{
    State *S = j->d.S;
    if (!leaves_of(S, j->out, &j->y)) return false;
    for (size_t i = 0; i < j->y.n; i++) j->ny += size_of(j->y.at[i]);
    j->nparts = j->x.n * j->y.n;
    j->part = mem_zalloc(S, (j->nparts ? j->nparts : 1) * sizeof *j->part);
    return j->part != NULL;
}

static void parts_close(Jac *j)
{
    State *S = j->d.S;
    if (j->part) {
        for (size_t i = 0; i < j->nparts; i++) drop(S, &j->part[i]);
        mem_free(S, j->part, (j->nparts ? j->nparts : 1) * sizeof *j->part);
    }
    j->part = NULL;
    j->ny = 0;
    drop(S, &j->y);
    release(S, j->out);
    j->out = NIL;
}

/* Argument w.at[i] of each run is in list item i of `in`, or `in` itself. */
static Value wrt_item(const Jac *j, Value tree, int i) { return j->d.w.list ? tree.l->at[i] : tree; }

/* ---- reverse ---- */

static bool rows_of(Jac *j, const Value *lifted, size_t leaf)
{
    State *S = j->d.S;
    Leaves g = {0};
    bool ok = true;
    for (int i = 0; ok && i < j->d.w.n; i++) {
        Value tree;
        ok = tape_gradient(S, lifted[i], &tree);
        if (!ok) break;
        ok = leaves_of(S, tree, &g);
        release(S, tree);
    }
    for (size_t i = 0; ok && i < g.n; i++) ok = push(S, &j->part[leaf * j->x.n + i], g.at[i]);
    drop(S, &g);
    return ok;
}

static bool sweeps(Jac *j, const Value *lifted, Value y)
{
    State *S = j->d.S;
    for (size_t o = 0; o < j->y.n; o++) {
        for (int64_t e = 0; e < size_of(j->y.at[o]); e++) {
            Value seed;
            if (!one_hot(S, j->out, o, e, &seed)) return false;
            tape_reset(S);
            bool ok = tape_seed(S, y, seed) && tape_sweep(S, true) && rows_of(j, lifted, o) && vm_check(S);
            release(S, seed);
            if (!ok) return false;
        }
    }
    return true;
}

/* Runs f once, recording. decide: only up to the size of the result if that speaks for forward mode. */
static bool reverse(Jac *j, bool decide, bool *forward)
{
    State *S = j->d.S;
    Value small[DERIV_SMALL], *arg = small, lifted[16], y = NIL;
    size_t size = (size_t)j->d.n * sizeof *arg;
    *forward = false;
    if (j->d.n > DERIV_SMALL && !(arg = mem_alloc(S, size))) return false;
    memcpy(arg, j->d.args, size);
    int made = 0;
    bool ok = tape_open(S);
    if (ok) {
        for (; ok && made < j->d.w.n; made += ok) {
            ok = tape_lift(S, j->d.args[j->d.w.at[made]], &lifted[made]);
            if (ok) arg[j->d.w.at[made]] = lifted[made];
        }
        S->rng = j->rng;
        ok = ok && vm_call_named(S, j->d.f, arg, j->d.names, j->d.n, &y) && tape_ones(S, y, 0, &j->out) && parts_open(j);
        *forward = ok && decide && j->nx <= j->ny;
        if (ok && *forward) parts_close(j);
        else ok = ok && sweeps(j, lifted, y);
        release(S, y);
        for (int i = 0; i < made; i++) release(S, lifted[i]);
        tape_close(S);
    }
    if (arg != small) mem_free(S, arg, size);
    return ok;
}

/* ---- forward ---- */

static bool columns_of(Jac *j, Value dy, size_t leaf)
{
    State *S = j->d.S;
    Leaves t = {0};
    bool ok = leaves_of(S, dy, &t);
    if (ok && t.n != j->y.n) ok = diag_fail(S, DIAG_STRUCTURE, "jacobian: the function's result changes its structure");
    for (size_t o = 0; ok && o < t.n; o++) {
        ok = size_of(t.at[o]) == size_of(j->y.at[o]) ||
             diag_fail(S, DIAG_STRUCTURE, "jacobian: the function's result changes its shape");
        ok = ok && push(S, &j->part[o * j->x.n + leaf], t.at[o]);
    }
    drop(S, &t);
    return ok;
}

static bool run_column(Jac *j, Value *arg, size_t leaf, int64_t e, bool first)
{
    State *S = j->d.S;
    Value v, y = NIL, dy = NIL, moved[16];
    int made = 0;
    if (!one_hot(S, j->in, leaf, e, &v)) return false;
    bool ok = tape_open_forward(S);
    if (ok) {
        for (; ok && made < j->d.w.n; made += ok) {
            ok = tape_lift_dual(S, j->d.args[j->d.w.at[made]], wrt_item(j, v, made), &moved[made]);
            if (ok) arg[j->d.w.at[made]] = moved[made];
        }
        S->rng = j->rng;
        ok = ok && vm_call_named(S, j->d.f, arg, j->d.names, j->d.n, &y) && tape_tangent(S, y, &dy);
        if (ok && first) ok = tape_ones(S, y, 0, &j->out) && parts_open(j);
        release(S, y);
        for (int i = 0; i < made; i++) release(S, moved[i]);
        tape_close(S);
    }
    ok = ok && columns_of(j, dy, leaf);
    release(S, dy);
    release(S, v);
    return ok;
}

static bool forward(Jac *j)
{
    State *S = j->d.S;
    Value small[DERIV_SMALL], *arg = small;
    size_t size = (size_t)j->d.n * sizeof *arg;
    bool first = true, ok = true;
    if (j->d.n > DERIV_SMALL && !(arg = mem_alloc(S, size))) return false;
    memcpy(arg, j->d.args, size);
    for (size_t i = 0; ok && i < j->x.n; i++)
        for (int64_t e = 0; ok && e < size_of(j->x.at[i]); e++) {
            ok = run_column(j, arg, i, e, first);
            first = false;
        }
    if (arg != small) mem_free(S, arg, size);
    bool none;
    return ok && (!first || reverse(j, false, &none)); /* nothing to move by: the shape of the result all the same */
}

/* ---- blocks ---- */

/* The block of result leaf y and argument leaf x from its rows or columns. */
static bool block(State *S, Value y, Value x, const Leaves *part, bool columns, Value *out)
{
    int64_t shape[2 * RANK_MAX], m = size_of(y), n = size_of(x);
    int ry = y.tag == T_TENSOR ? y.t->rank : 0, rx = x.tag == T_TENSOR ? x.t->rank : 0;
    if (ry + rx > RANK_MAX)
        return diag_fail(S, DIAG_SIZE, "a Jacobian of %d + %d axes has more than %d", ry, rx, RANK_MAX);
    if (ry) memcpy(shape, tensor_shape(y.t), (size_t)ry * sizeof *shape);
    if (rx) memcpy(shape + ry, tensor_shape(x.t), (size_t)rx * sizeof *shape);
    if (m * n == 0) {
        DType dt = (DType)(x.tag == T_TENSOR ? x.t->dtype : y.t->dtype);
        Tensor *t = tensor_zeros(S, dt, ry + rx, shape);
        *out = t ? val_obj(T_TENSOR, t) : NIL;
        return t != NULL;
    }
    if (columns ? !rx : !ry) {
        *out = retain(part->at[0]);
        return true;
    }
    Value all, flat = NIL, turned = NIL;
    if (!tensor_stack(S, part->at, (int64_t)part->n, &all)) return false;
    bool ok = true;
    if (columns && ry) {
        ok = op_reshape(S, all, 2, (int64_t[]){n, m}, &flat) && op_swapaxes(S, flat, 0, 1, &turned);
        release(S, all);
        all = turned;
        turned = NIL;
    }
    ok = ok && op_reshape(S, all, ry + rx, shape, out);
    release(S, all);
    release(S, flat);
    return ok;
}

/* tree_map with the next block at each leaf of the argument. */
typedef struct Place {
    Jac *j;
    bool columns;
    size_t o, i;
} Place;

static bool place_in(State *S, void *ud, Value x, Value *out)
{
    Place *w = ud;
    Jac *j = w->j;
    *out = NIL;
    if (!is_leaf(x)) return true;
    size_t i = w->i++;
    return block(S, j->y.at[w->o], j->x.at[i], &j->part[w->o * j->x.n + i], w->columns, out);
}

static bool place_out(State *S, void *ud, Value y, Value *out)
{
    Place *w = ud;
    *out = NIL;
    if (!is_leaf(y)) return true;
    w->i = 0;
    bool ok = tree_map(S, w->j->in, place_in, w, out);
    w->o++;
    return ok;
}

/* ---- jacobian ---- */

typedef enum Mode { MODE_ANY, MODE_FORWARD, MODE_REVERSE } Mode;

static bool mode_of(Call *c, int i, Mode *m)
{
    Value v = c->arg[i];
    *m = MODE_ANY;
    if (is_nil(v)) return true;
    if (v.tag == T_STR && !strcmp(v.s->data, "forward")) *m = MODE_FORWARD;
    else if (v.tag == T_STR && !strcmp(v.s->data, "reverse")) *m = MODE_REVERSE;
    else return arg_fail(c, i, "\"forward\", \"reverse\" or nil");
    return true;
}

/* The argument's structure: a list of them where wrt is one. */
static bool shape_in(Jac *j)
{
    State *S = j->d.S;
    if (!j->d.w.list) return tape_ones(S, j->d.args[j->d.w.at[0]], 0, &j->in) && leaves_of(S, j->in, &j->x);
    List *l = list_new(S, j->d.w.n);
    if (!l) return false;
    j->in = val_obj(T_LIST, l);
    for (int i = 0; i < j->d.w.n; i++) {
        if (!tape_ones(S, j->d.args[j->d.w.at[i]], 0, &l->at[i])) return false;
        l->len = i + 1;
    }
    return leaves_of(S, j->in, &j->x);
}

/* Arguments that cannot be moved are refused as grad refuses them. */
static bool can_move(Jac *j)
{
    State *S = j->d.S;
    for (int i = 0; i < j->d.w.n; i++) {
        Value v = j->d.args[j->d.w.at[i]];
        if (v.tag == T_NUM || v.tag == T_LIST || v.tag == T_MODEL ||
            (v.tag == T_TENSOR && dtype_float((DType)v.t->dtype)))
            continue;
        if (v.tag == T_TENSOR) {
            diag_fail(S, DIAG_INT_DIFF, "cannot differentiate with respect to %s", type_name(S, v));
            return diag_hint(S, "convert it: x as f64");
        }
        return diag_fail(S, DIAG_NOT_DIFF, "cannot differentiate with respect to %s", type_name(S, v));
    }
    return true;
}

static bool run(Call *c, const char *who, Value f, Value wrt, Mode mode)
{
    State *S = c->S;
    const List *l = c->arg[0].l;
    Given g;
    if (!given_open(S, l, &g)) return false;
    Jac j = {.d = {S, who, f, l->at, g.names, (int)l->len, {0}, false}, .in = NIL, .out = NIL, .rng = S->rng};
    bool ok = wrt_find(&j.d, wrt) && can_move(&j) && shape_in(&j), columns = mode == MODE_FORWARD;
    for (size_t i = 0; i < j.x.n; i++) j.nx += size_of(j.x.at[i]);
    if (ok && mode == MODE_ANY && j.nx == 1) columns = true;
    if (ok && !columns) ok = reverse(&j, mode == MODE_ANY, &columns);
    if (ok && columns) ok = forward(&j);
    Place w = {&j, columns, 0, 0};
    ok = ok && tree_map(S, j.out, place_out, &w, c->out);
    parts_close(&j);
    drop(S, &j.x);
    release(S, j.in);
    given_close(S, &g);
    return ok;
}

static bool bi_run_jacobian(Call *c)
{
    return run(c, "jacobian", c->self->cap[0], c->self->cap[1], (Mode)(int)c->self->cap[2].n);
}

static bool bi_run_hessian(Call *c)
{
    Value g;
    if (!gradient_of(c->S, c->self->cap[0], c->self->cap[1], &g)) return false;
    Mode mode = (Mode)(int)c->self->cap[2].n;
    bool ok = run(c, "hessian", g, c->self->cap[1], mode == MODE_ANY ? MODE_FORWARD : mode);
    release(c->S, g);
    return ok;
}

static const Builtin jacobian_def =
    {"jacobian_of", "jacobian_of(...args)", "A Jacobian as a function.", bi_run_jacobian, -1, "jacobian.c"};
static const Builtin hessian_def = {"hessian_of", "hessian_of(...args)", "A Hessian as a function.", bi_run_hessian,
                                    -1,           "jacobian.c"};

static bool make(Call *c, const Builtin *b)
{
    Value f;
    Mode m;
    if (!arg_fn(c, 0, &f) || !mode_of(c, 1, &m) || !wrt_kind(c, 2)) return false;
    Value caps[3] = {f, c->arg[2], val_num(m)};
    *c->out = builtin_closure(c->S, b, caps, 3);
    return !is_nil(*c->out);
}

BUILTIN(jacobian, "jacobian(f, mode: nil, wrt: nil)",
        "The Jacobian of f as a function: shape [out..., in...], by the argument that `wrt` names (as in "
        "grad; the first when left out). Trees of results or arguments give trees of blocks. mode: "
        "\"reverse\" runs f once and sweeps back once for each element of its result, \"forward\" runs f "
        "once for each element of its argument (with the same random draws); when left out, forward "
        "where f has as many results as arguments or more. Example: jacobian(x -> [x[0] * x[1], "
        "x[1]])([2, 3]) is [[3, 2], [0, 1]].")
{
    return make(c, &jacobian_def);
}

BUILTIN(hessian, "hessian(f, mode: nil, wrt: nil)",
        "The matrix of second derivatives of f, which gives one number, as a function: the Jacobian of "
        "grad(f), shape [in..., in...]; trees give trees of blocks. mode: how the gradient is "
        "differentiated, \"forward\" when left out. Example: hessian(x -> x[0]^2 * x[1])([1, 2]) is [[4, "
        "2], [2, 0]].")
{
    return make(c, &hessian_def);
}

BUILTIN(hvp, "hvp(f, x, v)",
        "The product of f's Hessian at x with v, which has x's structure, without the Hessian: the "
        "gradient is differentiated along v, forward. f takes x alone and gives one number. Costs a few "
        "gradients. Example: hvp(x -> x[0]^2 * x[1], [1, 2], [1, 0]) is [4, 2].")
{
    State *S = c->S;
    Value f, x, g = NIL;
    Wrt first = {.n = 1};
    if (!arg_fn(c, 0, &f) || !tape_open_forward(S)) return false;
    bool ok = tape_lift_dual(S, c->arg[1], c->arg[2], &x);
    if (ok) {
        ok = deriv_value_and_grad(S, f, &x, 1, &first, false, NULL, &g);
        release(S, x);
    }
    if (ok) {
        ok = tape_tangent(S, g, c->out);
        release(S, g);
    }
    tape_close(S);
    return ok;
}
