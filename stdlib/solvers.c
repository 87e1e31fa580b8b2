/* solvers.c -- fixed_point, root, minimize, odeint, and what their scripts need of the inside.
**
** The solvers themselves are Descent: stdlib/implicit.gd and stdlib/ode.gd, compiled when one is first called. What
** they cannot do in the language is here, under names that begin with `_`:
**
**   _floats(tree), _put_floats(tree, list)    the numbers and float tensors of a tree, and the tree with others
**   _levels(tree)                             how many derivatives may be watching what the tree and its closures hold
**   _traced(tree), _put_at(tree, at, list)    what derivatives watch, also in captures: (places, values), and the tree
**                                             with other values at these places
**   _fail(code, message, hint)                an error at the line that called the solver
**   _combine(y, h, c, k, ...), _error(...)    y + h (c1 k1 + ...) and the size of an error, in one pass
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/tape_internal.h"

/* ---- scripts behind built-ins ---- */

/* Calls `name` of a baked-in module with the arguments of the built-in, in the order of its signature. */
static bool script(Call *c, const char *module, const char *name)
{
    State *S = c->S;
    Module *m = NULL;
    Value none = NIL;
    if (!S->hooks.use) return diag_fail(S, DIAG_MODULE, "%s needs the compiler, which this host has left out", name);
    if (!S->hooks.use(S, SPAN_NONE, module, false, 0, &m))
        return S->err ? false : diag_fail(S, DIAG_INTERNAL, "the module %s does not compile", module);
    if (!m->ran && !m->running && !vm_run_main(S, m, &none)) return false;
    release(S, none);
    Str *s = str_intern(S, name, strlen(name));
    if (!s) return false;
    int k = module_find(m, s);
    obj_release(S, s);
    if (k < 0) return diag_fail(S, DIAG_INTERNAL, "the module %s has no %s", module, name);
    return vm_call(S, m->g[k].value, c->arg, c->n, c->out);
}

/* f, and tol, max_steps, report from parameter i on. */
static bool options(Call *c, int i)
{
    Value f;
    double tol;
    int64_t steps;
    bool report;
    if (!arg_fn(c, 0, &f) || !arg_num(c, i, &tol) || !arg_int(c, i + 1, &steps) || !arg_bool(c, i + 2, &report))
        return false;
    return steps >= 0 || diag_fail(c->S, DIAG_VALUE, "%s: `max_steps` is not negative", c->builtin->name);
}

BUILTIN(fixed_point, "fixed_point(f, x0, ...args, tol: 1e-12, max_steps: 1000, report: false)",
        "The x with x = f(x, args...), from x0 (a number, a float tensor or a tree of these), by Anderson's "
        "iteration (Walker and Ni 2011, window 5). Ends when the norm of f(x) - x is at most tol max(1, norm of x); "
        "E0314 when it does not after max_steps. The derivative is that of the solution (implicit function theorem), "
        "by args and by what f captures, in both modes and to any order; by x0 it is zero. report: true gives (x:, "
        "residual:, steps:, converged:) and no error. Example: fixed_point(cos, 1) is 0.7390851332151607.")
{
    return options(c, 3) && script(c, "implicit", "fixed_point");
}

BUILTIN(root, "root(f, x0, ...args, tol: 1e-12, max_steps: 100, report: false)",
        "The x with f(x, args...) = 0. From a number, a float tensor or a tree: Newton's steps with a line search; "
        "from a list (lo, hi) of two numbers between which f changes its sign: Brent's method (Brent 1973, ch. 4). "
        "Ends when a step is at most tol max(1, norm of x); E0314 when there is none. The derivative is that of the "
        "solution, by args and by what f captures; by x0 it is zero. report: true as in fixed_point. Example: root(x "
        "-> x^2 - 2, 1) is 1.4142135623730951.")
{
    return options(c, 3) && script(c, "implicit", "root");
}

BUILTIN(minimize, "minimize(f, x0, ...args, using: nil, tol: 1e-8, max_steps: 1000, report: false)",
        "The x where f(x, args...), one number, is least, from x0 (a number, a float tensor, a tree or a model). "
        "`using` is an optimiser, lbfgs() when left out; with lm() or gauss_newton() f gives residuals. Ends when "
        "the norm of the gradient is at most tol max(1, |f|); Newton's steps finish what the optimiser leaves. E0314 "
        "when it does not. The derivative is that of the minimiser, by args and by what f captures; by x0 it is "
        "zero. report: true as in fixed_point. Example: minimize(x -> (x - 3)^2, 0) is 3.")
{
    return options(c, 4) && script(c, "implicit", "minimize");
}

#define ODEINT                                                                                                         \
    "odeint(f, y0, ts, ...args, method: \"rk45\", rtol: 1e-6, atol: 1e-9, max_steps: 100000, first_step: "             \
    "nil, substeps: 1, gradient: \"steps\")"
BUILTIN(odeint, ODEINT,
        "Solves y' = f(t, y, args...) with y(ts[0]) = y0 and gives y at all ts, stacked along a new first axis; y is "
        "a number, a float tensor or a tree, ts goes up or down. Methods: \"rk45\" (Dormand and Prince 5(4)), "
        "\"stiff\" (Rodas 4(3), Hairer and Wanner 1996, with exact Jacobians), both adaptive with an error of at "
        "most atol + rtol |y| a step; \"rk4\" takes `substeps` equal steps between two ts. gradient: \"steps\" "
        "differentiates the steps taken, \"checkpoint\" too but keeps only one state a step, \"adjoint\" solves the "
        "adjoint equation backwards. Derivatives by y0, ts, args and what f captures. E0315 when it cannot go on. "
        "Example: odeint((t, y) -> -y, 1, [0, 1])[-1] is nearly exp(-1).")
{
    Value f;
    double number;
    int64_t whole;
    Str *text;
    return arg_fn(c, 0, &f) && arg_str(c, 4, &text) && arg_num(c, 5, &number) && arg_num(c, 6, &number) &&
           arg_int(c, 7, &whole) && (!arg_given(c, 8) || arg_num(c, 8, &number)) && arg_int(c, 9, &whole) &&
           arg_str(c, 10, &text) && script(c, "ode", "odeint");
}

BUILTIN(_fail, "_fail(code, message, hint)", "Raises an error of a solver.")
{
    double code;
    Str *s;
    if (!arg_num(c, 0, &code) || !arg_str(c, 1, &s)) return false;
    diag_fail(c->S, diag_by_number((int)code), "%s", s->data);
    if (c->arg[2].tag == T_STR) diag_hint(c->S, "%s", c->arg[2].s->data);
    return false;
}

/* ---- the floats of a tree ---- */

static bool is_float(Value v) { return v.tag == T_NUM || (v.tag == T_TENSOR && dtype_float((DType)v.t->dtype)); }

static bool take_float(State *S, void *ud, Value v, Value *out)
{
    *out = retain(v);
    if (!is_float(v) || list_push_take(S, ud, NULL, retain(v))) return true;
    release(S, *out);
    *out = NIL;
    return false;
}

BUILTIN(_floats, "_floats(tree)", "The numbers and float tensors of a tree, in order.")
{
    State *S = c->S;
    List *l = list_new(S, 4);
    Value same = NIL;
    if (!l) return false;
    if (!tree_map(S, c->arg[0], take_float, l, &same)) {
        obj_release(S, l);
        return false;
    }
    release(S, same);
    *c->out = val_obj(T_LIST, l);
    return true;
}

typedef struct Put {
    const List *from;
    const List *at; /* places, going up; NULL: all */
    int64_t next, place;
} Put;

static bool put_float(State *S, void *ud, Value v, Value *out)
{
    Put *p = ud;
    if (is_float(v) && p->next >= p->from->len) return diag_fail(S, DIAG_STRUCTURE, "the tree has more leaves");
    *out = retain(is_float(v) ? p->from->at[p->next++] : v);
    return true;
}

BUILTIN(_put_floats, "_put_floats(tree, floats)", "The tree with other floats, in the order of _floats.")
{
    List *l;
    if (!arg_list(c, 1, &l)) return false;
    Put p = {.from = l};
    return tree_map(c->S, c->arg[0], put_float, &p, c->out);
}

/* ---- what derivatives watch ---- */

static bool look_level(State *S, void *ud, Value v, Value *out)
{
    int *k = ud;
    (void)S;
    if (v.level > *k) *k = v.level;
    *out = retain(v);
    return true;
}

BUILTIN(_levels, "_levels(tree)", "The innermost derivative level of what a tree and its closures hold; 0: none.")
{
    int k = 0;
    Value same = NIL;
    if (!walk_tree(c->S, &(Walk){look_level, &k}, c->arg[0], &same)) return false;
    release(c->S, same);
    *c->out = val_num(k);
    return true;
}

typedef struct Traced {
    List *at, *found;
    int64_t place;
} Traced;

static bool take_traced(State *S, void *ud, Value v, Value *out)
{
    Traced *t = ud;
    double place = (double)t->place++;
    Value whole;
    *out = NIL;
    if (v.level && is_float(v)) {
        if (!tape_whole(S, v, &whole)) return false;
        if (!list_push_take(S, t->found, NULL, whole) || !list_push_take(S, t->at, NULL, val_num(place))) return false;
    }
    *out = retain(v);
    return true;
}

BUILTIN(_traced, "_traced(tree)", "(places, values) of what derivatives watch in a tree and its closures.")
{
    State *S = c->S;
    Traced t = {list_new(S, 4), list_new(S, 4), 0};
    Value same = NIL;
    bool ok = t.at && t.found && walk_tree(S, &(Walk){take_traced, &t}, c->arg[0], &same);
    release(S, same);
    if (!ok) {
        obj_release(S, t.at);
        obj_release(S, t.found);
        return false;
    }
    *c->out = list_pair(S, val_obj(T_LIST, t.at), val_obj(T_LIST, t.found));
    return !is_nil(*c->out);
}

static bool put_at(State *S, void *ud, Value v, Value *out)
{
    Put *p = ud;
    (void)S;
    bool here = p->next < p->at->len && p->at->at[p->next].n == (double)p->place;
    p->place++;
    *out = retain(here ? p->from->at[p->next++] : v);
    return true;
}

BUILTIN(_put_at, "_put_at(tree, places, values)", "The tree with values at the places that _traced gave.")
{
    List *at, *from;
    if (!arg_list(c, 1, &at) || !arg_list(c, 2, &from)) return false;
    Put p = {.from = from, .at = at};
    return walk_tree(c->S, &(Walk){put_at, &p}, c->arg[0], c->out);
}

/* ---- the arithmetic of a step ---- */

/* Row-major f64 elements of a plain number or tensor with n elements (n < 0: any); *owner keeps them. NULL: it is
** something else, or, with an error, memory ran out. */
static const double *elements(State *S, const Value *v, int64_t *n, Tensor **owner)
{
    *owner = NULL;
    if (v->level || (v->tag != T_NUM && v->tag != T_TENSOR)) return NULL;
    int64_t have = v->tag == T_NUM ? 1 : v->t->n;
    if (*n >= 0 && have != *n) return NULL;
    *n = have;
    if (v->tag == T_NUM) return &v->n;
    if (v->t->dtype != DT_F64) return NULL;
    if (!tensor_force(S, v->t)) return NULL;
    *owner = tensor_contiguous(S, v->t);
    return *owner ? tensor_data(S, *owner) : NULL;
}

enum { TERMS = 8 };

/* As one operation of the table, when h and the factors are plain and all else tensors of one form; *done says so. */
static bool combine_op(Call *c, const List *l, bool *done)
{
    Value x[TERMS + 1];
    Attr factor[TERMS + 1];
    int n = 0;
    *done = false;
    if (c->arg[1].tag != T_NUM || c->arg[1].level) return true;
    if (!is_nil(c->arg[0])) {
        factor[n].f = 1;
        x[n++] = c->arg[0];
    }
    for (int64_t i = 0; i < l->len; i += 2) {
        if (l->at[i].tag != T_NUM || l->at[i].level) return true;
        factor[n].f = c->arg[1].n * l->at[i].n;
        x[n++] = l->at[i + 1];
    }
    for (int i = 0; i < n; i++)
        if (x[i].tag != T_TENSOR || !dtype_float((DType)x[i].t->dtype) || x[i].t->dtype != x[0].t->dtype ||
            !shape_equal(x[i].t, x[0].t))
            return true;
    *done = true;
    return op_apply(c->S, OPID_combine, x, n, factor, n, c->out);
}

/* The same by arithmetic on values. */
static bool combine_values(Call *c, const List *l)
{
    State *S = c->S;
    Value sum = NIL, next, term;
    bool done;
    if (!combine_op(c, l, &done)) return false;
    if (done) return true;
    for (int64_t i = 0; i < l->len; i += 2) {
        if (l->at[i].tag == T_NUM && l->at[i].n == 1) term = retain(l->at[i + 1]);
        else if (!value_binary(S, BIN_MUL, l->at[i], l->at[i + 1], &term)) goto fail;
        if (i == 0) {
            sum = term;
            continue;
        }
        bool ok = value_binary(S, BIN_ADD, sum, term, &next);
        release(S, term);
        if (!ok) goto fail;
        release(S, sum);
        sum = next;
    }
    if (!value_binary(S, BIN_MUL, c->arg[1], sum, &term)) goto fail;
    release(S, sum);
    if (is_nil(c->arg[0])) {
        *c->out = term;
        return true;
    }
    bool ok = value_binary(S, BIN_ADD, c->arg[0], term, c->out);
    release(S, term);
    return ok;
fail:
    release(S, sum);
    return false;
}

static void combine_loop(int64_t n, const double *y, double h, int terms, const double *coef, const double *const *k,
                         double *out)
{
    for (int64_t i = 0; i < n; i++) out[i] = coef[0] * k[0][i];
    for (int j = 1; j < terms; j++)
        for (int64_t i = 0; i < n; i++) out[i] += coef[j] * k[j][i];
    if (y)
        for (int64_t i = 0; i < n; i++) out[i] = y[i] + h * out[i];
    else
        for (int64_t i = 0; i < n; i++) out[i] *= h;
}

BUILTIN(_combine, "_combine(y, h, ...terms)",
        "y + h (c1 k1 + c2 k2 + ...), the terms given as c1, k1, c2, k2; y nil: 0.")
{
    State *S = c->S;
    const List *l = c->arg[2].l;
    int terms = (int)(l->len / 2);
    const double *k[TERMS], *y = NULL;
    double coef[TERMS];
    Tensor *owner[TERMS + 1] = {NULL};
    int64_t n = -1;
    if (terms < 1 || terms > TERMS || l->len % 2) return diag_fail(S, DIAG_VALUE, "_combine takes 1 to 8 terms");
    const Value *like = &l->at[1];
    bool plain = c->arg[1].tag == T_NUM && !c->arg[1].level;
    for (int i = 0; plain && i < terms; i++) {
        const Value *v = &l->at[2 * i + 1];
        coef[i] = l->at[2 * i].n;
        plain = l->at[2 * i].tag == T_NUM && !l->at[2 * i].level && v->tag == like->tag &&
                (v->tag != T_TENSOR || shape_equal(v->t, like->t)) && (k[i] = elements(S, v, &n, &owner[i]));
    }
    if (plain && !is_nil(c->arg[0])) {
        const Value *v = &c->arg[0];
        plain = v->tag == like->tag && (v->tag != T_TENSOR || shape_equal(v->t, like->t)) &&
                (y = elements(S, v, &n, &owner[TERMS]));
    }
    bool ok = !S->err;
    if (ok && plain && like->tag == T_NUM) {
        combine_loop(1, y, c->arg[1].n, terms, coef, k, &c->out->n);
        *c->out = val_num(c->out->n);
    } else if (ok && plain) {
        Tensor *t = tensor_new(S, DT_F64, like->t->rank, tensor_shape(like->t));
        ok = t != NULL;
        if (ok) {
            combine_loop(n, y, c->arg[1].n, terms, coef, k, tensor_data(S, t));
            *c->out = val_obj(T_TENSOR, t);
        }
    } else if (ok) {
        ok = combine_values(c, l);
    }
    for (int i = 0; i <= TERMS; i++) obj_release(S, owner[i]);
    return ok;
}

BUILTIN(_error, "_error(e, y, z, k, atol, rtol)",
        "The root of the mean square of e / (atol + rtol max(|y|, |z|)); nan where k is not finite.")
{
    State *S = c->S;
    double atol, rtol, sum = 0;
    if (!arg_num(c, 4, &atol) || !arg_num(c, 5, &rtol)) return false;
    Tensor *owner[4] = {NULL}, *as[4] = {NULL};
    const double *p[4] = {NULL};
    int64_t n = -1;
    bool ok = true;
    for (int i = 0; ok && i < 4; i++) {
        Value v = c->arg[i];
        if (v.tag == T_TENSOR && v.t->dtype != DT_F64) {
            as[i] = tensor_as(S, v.t, DT_F64);
            ok = as[i] != NULL;
            if (ok) v = val_obj(T_TENSOR, as[i]);
        }
        ok = ok && (p[i] = elements(S, v.tag == T_NUM ? &c->arg[i] : &v, &n, &owner[i])); /* may point into it */
    }
    for (int64_t i = 0; ok && i < n; i++) {
        double r = p[0][i] / (atol + rtol * fmax(fabs(p[1][i]), fabs(p[2][i])));
        sum += r * r + 0 * p[3][i];
    }
    for (int i = 0; i < 4; i++) {
        obj_release(S, owner[i]);
        obj_release(S, as[i]);
    }
    if (!ok) return S->err ? false : diag_fail(S, DIAG_SHAPE, "odeint: f gives another shape than before");
    *c->out = val_num(n ? sqrt(sum / (double)n) : 0);
    return true;
}
