/* jacobian.c -- jacobian, hessian, hvp: derivatives of many numbers by many numbers.
**
** In reverse mode f runs once and is recorded. Sweeping back over the recording gives a row for each seed; it is done
** for many rows at once (runtime/sweep_many.c) where the recording allows, else one by one. In forward mode each run
** of f gives the column of one element of its argument, or of many at once (runtime/batch.h). Rows or columns are
** gathered leaf by leaf of result and argument, and joined to the block of the two:
**
**   reverse  [rows of out, in...]                   -> [out..., in...]
**   forward  [columns of in, out...] -> transposed  -> [out..., in...]
**
** The result is a tree with the result's structure whose leaves are trees with the argument's structure. Sparse ones
** are made in sparse.c.
** cite  Griewank and Walther 2008, "Evaluating Derivatives", chapters 3 and 5
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/batch.h"
#include "stdlib/jacobian.h"

/* ---- leaves of a tree, in order ---- */

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

bool leaves_of(State *S, Value tree, Leaves *l)
{
    Value same;
    if (!tree_map(S, tree, push_leaf, l, &same)) return false;
    release(S, same);
    return true;
}

void leaves_drop(State *S, Leaves *l)
{
    for (size_t i = 0; i < l->n; i++) release(S, l->at[i]);
    mem_free(S, l->at, l->cap * sizeof *l->at);
    *l = (Leaves){0};
}

int64_t leaves_size(const Leaves *l)
{
    int64_t n = 0;
    for (size_t i = 0; i < l->n; i++) n += size_of(l->at[i]);
    return n;
}

/* `tree` with nil for its leaves that no place falls into. */
typedef struct Hot {
    const int64_t *at;
    int64_t n, from;
} Hot;

static bool hot_leaf(State *S, void *ud, Value v, Value *out)
{
    Hot *h = ud;
    *out = NIL;
    if (!is_leaf(v)) return true;
    int64_t from = h->from, size = size_of(v);
    Tensor *t = NULL;
    h->from += size;
    for (int64_t i = 0; i < h->n; i++) {
        if (h->at[i] < from || h->at[i] >= from + size) continue;
        if (v.tag == T_NUM) return *out = val_num(1), true;
        if (!t && !(t = tensor_zeros(S, (DType)v.t->dtype, v.t->rank, tensor_shape(v.t)))) return false;
        tensor_put(t, h->at[i] - from, 1);
    }
    if (t) *out = val_obj(T_TENSOR, t);
    return true;
}

bool ones_at(State *S, Value tree, const int64_t *at, int64_t n, Value *out)
{
    Hot h = {at, n, 0};
    return tree_map(S, tree, hot_leaf, &h, out);
}

/* ---- a Jacobian in the making ---- */

static bool parts_open(Jac *j)
{
    State *S = j->d.S;
    if (!leaves_of(S, j->out, &j->y)) return false;
    j->ny = leaves_size(&j->y);
    j->nparts = j->x.n * j->y.n;
    j->part = mem_zalloc(S, (j->nparts ? j->nparts : 1) * sizeof *j->part);
    return j->part != NULL;
}

static void parts_drop(Jac *j)
{
    for (size_t i = 0; j->part && i < j->nparts; i++) leaves_drop(j->d.S, &j->part[i]);
}

void jac_close(Jac *j)
{
    State *S = j->d.S;
    parts_drop(j);
    if (j->part) mem_free(S, j->part, (j->nparts ? j->nparts : 1) * sizeof *j->part);
    j->part = NULL;
    j->ny = 0;
    leaves_drop(S, &j->y);
    release(S, j->out);
    j->out = NIL;
}

/* Argument w.at[i] of each run is in list item i of `in`, or `in` itself. */
static Value wrt_item(const Jac *j, Value tree, int i) { return j->d.w.list ? tree.l->at[i] : tree; }

/* ---- reverse ---- */

bool jac_record(Jac *j, JacFn then, void *ud)
{
    State *S = j->d.S;
    Value small[DERIV_SMALL], *arg = small, lifted[16], y = NIL;
    size_t size = (size_t)j->d.n * sizeof *arg;
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
        ok = ok && vm_call_named(S, j->d.f, arg, j->d.names, j->d.n, &y) && tape_ones(S, y, 0, &j->out) &&
             parts_open(j) && then(j, lifted, y, ud);
        release(S, y);
        for (int i = 0; i < made; i++) release(S, lifted[i]);
        tape_close(S);
    }
    if (arg != small) mem_free(S, arg, size);
    return ok;
}

bool jac_row(Jac *j, const Value *lifted, Value y, const int64_t *at, int64_t n, Leaves *g)
{
    State *S = j->d.S;
    Value seed;
    if (!ones_at(S, j->out, at, n, &seed)) return false;
    tape_reset(S);
    bool ok = tape_seed(S, y, seed) && tape_sweep(S, true) && vm_check(S);
    release(S, seed);
    for (int i = 0; ok && i < j->d.w.n; i++) {
        Value tree;
        ok = tape_gradient(S, lifted[i], &tree);
        if (!ok) break;
        ok = leaves_of(S, tree, g);
        release(S, tree);
    }
    return ok;
}

static bool keep_rows(Jac *j, size_t leaf, Leaves *g)
{
    State *S = j->d.S;
    bool ok = true;
    for (size_t i = 0; ok && i < g->n; i++) ok = push(S, &j->part[leaf * j->x.n + i], g->at[i]);
    leaves_drop(S, g);
    return ok;
}

int64_t jac_at_once(const Jac *j)
{
    int64_t most = tape_many_most(j->d.S), fit = ROWS_ELEMENTS / (j->nx + j->ny + 1);
    if (fit < ROWS_LEAST) fit = ROWS_LEAST;
    return most < fit ? most : fit;
}

/* The rows of one leaf of the result, several at a time. */
static bool rows_together(Jac *j, const Value *lifted, Value y, size_t leaf, int64_t from, bool *done)
{
    State *S = j->d.S;
    int64_t m = size_of(j->y.at[leaf]), most = jac_at_once(j);
    int64_t size = most < m ? most : m, *row = mem_alloc(S, 2 * (size_t)(size ? size : 1) * sizeof *row);
    bool ok = row != NULL;
    *done = true;
    for (int64_t lo = 0; ok && *done && lo < m; lo += size) {
        int64_t n = m - lo < size ? m - lo : size, *at = row + n;
        Value all;
        Leaves g = {0};
        for (int64_t i = 0; i < n; i++) {
            row[i] = i;
            at[i] = from + lo + i;
        }
        ok = tape_sweep_many(S, y, &(ManySeeds){n, n, row, at}, lifted, j->d.w.n, &all, done) && vm_check(S);
        if (!ok || !*done) break;
        ok = leaves_of(S, all, &g) && keep_rows(j, leaf, &g);
        leaves_drop(S, &g);
        release(S, all);
    }
    if (row) mem_free(S, row, 2 * (size_t)(size ? size : 1) * sizeof *row);
    return ok;
}

static bool rows_each(Jac *j, const Value *lifted, Value y)
{
    for (int64_t o = 0, at = 0; o < (int64_t)j->y.n; o++)
        for (int64_t e = 0; e < size_of(j->y.at[o]); e++, at++) {
            Leaves g = {0};
            bool ok = jac_row(j, lifted, y, &at, 1, &g) && keep_rows(j, (size_t)o, &g);
            leaves_drop(j->d.S, &g);
            if (!ok) return false;
        }
    return true;
}

static bool rows(Jac *j, const Value *lifted, Value y, void *ud)
{
    bool *forward = ud;
    int64_t from = 0;
    if (*forward && j->nx * FORWARD_WORTH <= j->ny) {
        jac_close(j);
        return true;
    }
    *forward = false;
    j->together = j->ny >= MANY_LEAST;
    for (size_t o = 0; j->together && o < j->y.n; from += size_of(j->y.at[o++]))
        if (!rows_together(j, lifted, y, o, from, &j->together)) return false;
    if (j->together) return true;
    parts_drop(j);
    return rows_each(j, lifted, y);
}

/* *forward in: go over to forward mode if the size of the result speaks for it; out: did it? */
static bool reverse(Jac *j, bool *forward) { return jac_record(j, rows, forward); }

/* ---- forward ---- */

static bool keep_column(Jac *j, const Leaves *t, size_t leaf)
{
    State *S = j->d.S;
    for (size_t o = 0; o < t->n; o++)
        if (!push(S, &j->part[o * j->x.n + leaf], t->at[o])) return false;
    return true;
}

bool jac_column(Jac *j, const int64_t *at, int64_t n, Leaves *t)
{
    State *S = j->d.S;
    Value small[DERIV_SMALL], *arg = small, v, y = NIL, dy = NIL, moved[16];
    size_t size = (size_t)j->d.n * sizeof *arg;
    int made = 0;
    if (j->d.n > DERIV_SMALL && !(arg = mem_alloc(S, size))) return false;
    memcpy(arg, j->d.args, size);
    bool ok = ones_at(S, j->in, at, n, &v);
    if (ok && (ok = tape_open_forward(S))) {
        for (; ok && made < j->d.w.n; made += ok) {
            ok = tape_lift_dual(S, j->d.args[j->d.w.at[made]], wrt_item(j, v, made), &moved[made]);
            if (ok) arg[j->d.w.at[made]] = moved[made];
        }
        S->rng = j->rng;
        ok = ok && vm_call_named(S, j->d.f, arg, j->d.names, j->d.n, &y) && tape_tangent(S, y, &dy);
        if (ok && !j->part) ok = tape_ones(S, y, 0, &j->out) && parts_open(j);
        release(S, y);
        for (int i = 0; i < made; i++) release(S, moved[i]);
        tape_close(S);
    }
    ok = ok && leaves_of(S, dy, t);
    if (ok && t->n != j->y.n)
        ok = diag_fail(S, DIAG_STRUCTURE, "jacobian: the function's result changes its structure");
    for (size_t o = 0; ok && o < t->n; o++)
        ok = size_of(t->at[o]) == size_of(j->y.at[o]) ||
             diag_fail(S, DIAG_STRUCTURE, "jacobian: the function's result changes its shape");
    release(S, dy);
    release(S, v);
    if (arg != small) mem_free(S, arg, size);
    return ok;
}

static bool nothing(Jac *j, const Value *lifted, Value y, void *ud)
{
    (void)j;
    (void)lifted;
    (void)y;
    (void)ud;
    return true;
}

/* The columns of elements lo, lo + 1, ... of leaf number `leaf` of the argument, all in one run of f. */
typedef struct Columns {
    Jac *j;
    size_t leaf, at;
    int64_t lo, n;
    Value way; /* the directions of the leaf as one batched value */
} Columns;

static bool way_leaf(State *S, void *ud, Value v, Value *out)
{
    Columns *w = ud;
    (void)S;
    *out = is_leaf(v) && w->at++ == w->leaf ? retain(w->way) : NIL;
    return true;
}

static bool columns_body(State *S, void *ud, const BatchItems *of, Value *out)
{
    Columns *w = ud;
    Jac *j = w->j;
    Value small[DERIV_SMALL], *arg = small, v = NIL, y = NIL, moved[16];
    Value x = j->x.at[w->leaf];
    int64_t shape[RANK_MAX + 1] = {w->n};
    size_t size = (size_t)j->d.n * sizeof *arg;
    int made = 0;
    memcpy(shape + 1, tensor_shape(x.t), (size_t)x.t->rank * sizeof *shape);
    Tensor *ones = tensor_zeros(S, (DType)x.t->dtype, x.t->rank + 1, shape);
    if (!ones) return false;
    for (int64_t i = 0; i < w->n; i++) tensor_put(ones, i * x.t->n + w->lo + i, 1);
    bool ok = batch_select(S, val_obj(T_TENSOR, ones), of, &w->way);
    obj_release(S, ones);
    if (!ok) return false;
    w->at = 0;
    ok = tree_map(S, j->in, way_leaf, w, &v);
    release(S, w->way);
    if (!ok) return false;
    if (j->d.n > DERIV_SMALL && !(arg = mem_alloc(S, size))) return release(S, v), false;
    memcpy(arg, j->d.args, size);
    if ((ok = tape_open_forward(S))) {
        for (; ok && made < j->d.w.n; made += ok) {
            ok = tape_lift_dual(S, j->d.args[j->d.w.at[made]], wrt_item(j, v, made), &moved[made]);
            if (ok) arg[j->d.w.at[made]] = moved[made];
        }
        S->rng = j->rng;
        ok = ok && vm_call_named(S, j->d.f, arg, j->d.names, j->d.n, &y) && tape_tangent(S, y, out);
        if (ok && !j->part) ok = tape_ones(S, y, 0, &j->out) && parts_open(j);
        release(S, y);
        for (int i = 0; i < made; i++) release(S, moved[i]);
        tape_close(S);
    }
    release(S, v);
    if (arg != small) mem_free(S, arg, size);
    return ok;
}

static bool keep_columns(Jac *j, Value all, size_t leaf, int64_t n)
{
    State *S = j->d.S;
    Leaves t = {0};
    bool ok = leaves_of(S, all, &t);
    j->together = ok && t.n == j->y.n;
    for (size_t o = 0; j->together && o < t.n; o++) j->together = size_of(t.at[o]) == n * size_of(j->y.at[o]);
    ok = ok && (!j->together || keep_column(j, &t, leaf));
    leaves_drop(S, &t);
    return ok;
}

/* Tensors move together, as long as f keeps to them; numbers that depend on the argument give it up, and draws. */
static bool columns_together(Jac *j)
{
    State *S = j->d.S;
    j->together = !S->tape.n && !S->batch.depth && j->nx >= MANY_LEAST;
    for (size_t i = 0; i < j->x.n; i++) j->together &= j->x.at[i].tag == T_TENSOR && j->x.at[i].t->rank < RANK_MAX;
    for (size_t i = 0; j->together && i < j->x.n; i++) {
        int64_t all = size_of(j->x.at[i]), most = ROWS_ELEMENTS / (j->nx + 1);
        if (most < ROWS_LEAST) most = ROWS_LEAST;
        for (int64_t lo = 0; j->together && lo < all; lo += most) {
            Columns w = {j, i, 0, lo, all - lo < most ? all - lo : most, NIL};
            Value cols;
            if (!batch_try(S, w.n, columns_body, &w, &cols, &j->together)) return false;
            if (!j->together) break;
            bool ok = keep_columns(j, cols, i, w.n);
            release(S, cols);
            if (!ok) return false;
        }
    }
    if (!j->together) jac_close(j);
    return true;
}

static bool forward(Jac *j)
{
    int64_t at = 0;
    if (!columns_together(j)) return false;
    if (j->together) return true;
    for (size_t i = 0; i < j->x.n; i++)
        for (int64_t e = 0; e < size_of(j->x.at[i]); e++, at++) {
            Leaves t = {0};
            bool ok = jac_column(j, &at, 1, &t) && keep_column(j, &t, i);
            leaves_drop(j->d.S, &t);
            if (!ok) return false;
        }
    return at || jac_record(j, nothing, NULL); /* nothing to move by: the shape of the result all the same */
}

/* ---- blocks ---- */

/* The block of result leaf y and argument leaf x from its rows or columns. */
static bool block(State *S, Value y, Value x, const Leaves *part, bool columns, bool together, Value *out)
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
    if (!together && (columns ? !rx : !ry)) {
        *out = retain(part->at[0]);
        return true;
    }
    Value all, flat = NIL, turned = NIL;
    if (together && part->n == 1) all = retain(part->at[0]);
    else if (together ? !op_concat(S, part->at, (int)part->n, 0, &all)
                      : !tensor_stack(S, part->at, (int64_t)part->n, &all))
        return false;
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
    return block(S, j->y.at[w->o], j->x.at[i], &j->part[w->o * j->x.n + i], w->columns, j->together, out);
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

static bool dense(Jac *j, Mode mode, Value *out)
{
    bool columns = mode == MODE_FORWARD || (mode == MODE_ANY && j->nx == 1), ok = true;
    if (!columns) {
        columns = mode == MODE_ANY;
        ok = reverse(j, &columns);
    }
    ok = ok && (!columns || forward(j));
    Place w = {j, columns, 0, 0};
    return ok && tree_map(j->d.S, j->out, place_out, &w, out);
}

/* Captures of the function: f, wrt, mode, sparse, pattern. */
static bool run(Call *c, const char *who, Value f, Mode mode, bool symmetric)
{
    State *S = c->S;
    const List *l = c->arg[0].l;
    const Value *cap = c->self->cap;
    Given g;
    if (!given_open(S, l, &g)) return false;
    Jac j = {.d = {S, who, f, l->at, g.names, (int)l->len, {0}, false}, .in = NIL, .out = NIL, .rng = S->rng};
    bool ok = wrt_find(&j.d, cap[1]) && can_move(&j) && shape_in(&j);
    j.nx = leaves_size(&j.x);
    if (ok && cap[3].b) ok = jac_sparse(&j, mode == MODE_REVERSE, mode == MODE_FORWARD, symmetric, cap[4], c->out);
    else ok = ok && dense(&j, mode, c->out);
    jac_close(&j);
    leaves_drop(S, &j.x);
    release(S, j.in);
    given_close(S, &g);
    return ok;
}

static bool bi_run_jacobian(Call *c)
{
    return run(c, "jacobian", c->self->cap[0], (Mode)(int)c->self->cap[2].n, false);
}

static bool bi_run_hessian(Call *c)
{
    Value g;
    if (!gradient_of(c->S, c->self->cap[0], c->self->cap[1], &g)) return false;
    Mode mode = (Mode)(int)c->self->cap[2].n;
    bool ok = run(c, "hessian", g, mode == MODE_ANY ? MODE_REVERSE : mode, true);
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
    bool sparse;
    if (!arg_fn(c, 0, &f) || !mode_of(c, 1, &m) || !wrt_kind(c, 2) || !arg_bool(c, 3, &sparse)) return false;
    if (!is_nil(c->arg[4]) && !sparse)
        return diag_fail(c->S, DIAG_VALUE, "%s: `pattern` is for `sparse: true`", c->builtin->name);
    Value caps[5] = {f, c->arg[2], val_num(m), val_bool(sparse), c->arg[4]};
    *c->out = builtin_closure(c->S, b, caps, 5);
    return !is_nil(*c->out);
}

BUILTIN(jacobian, "jacobian(f, mode: nil, wrt: nil, sparse: false, pattern: nil)",
        "The Jacobian of f as a function: shape [out..., in...], by the argument that `wrt` names (as in "
        "grad; the first when left out). Trees of results or arguments give trees of blocks. mode: "
        "\"reverse\" runs f once and sweeps back for the elements of its result, many at once; \"forward\" runs f "
        "for each element of its argument (with the same random draws), or for many at once; when left out, forward "
        "where f has at least three times as many results as arguments. sparse: true finds which element depends on "
        "which and gives a sparse matrix (rows:, cols:, values:, shape:), see `to_dense`; pattern: an earlier "
        "one, which saves the search. Example: jacobian(x -> [x[0] * x[1], "
        "x[1]])([2, 3]) is [[3, 2], [0, 1]].")
{
    return make(c, &jacobian_def);
}

BUILTIN(hessian, "hessian(f, mode: nil, wrt: nil, sparse: false, pattern: nil)",
        "The matrix of second derivatives of f, which gives one number, as a function: the Jacobian of "
        "grad(f), shape [in..., in...]; trees give trees of blocks. mode: how the gradient is "
        "differentiated, \"reverse\" when left out. sparse, pattern: as in jacobian. Example: hessian(x -> x[0]^2 * "
        "x[1])([1, 2]) is [[4, 2], [2, 0]].")
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
