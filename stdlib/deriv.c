/* deriv.c -- derivatives as functions: grad, value_and_grad, vjp, jvp, checkpoint, stop_gradient, check_grad, and f'.
**
** Each opens a level (runtime/tape.h), lifts the arguments, calls the function, seeds its result, sweeps back
** and closes the level again, whatever happened. What comes out carries nothing of the level, but keeps the
** levels of derivatives around it, so they nest.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "runtime/recording.h"
#include "stdlib/deriv.h"

enum { SMALL = DERIV_SMALL };

/* ---- one gradient ---- */

static bool not_one_number(Deriv *d, Value y)
{
    State *S = d->S;
    diag_fail(S, DIAG_GRAD_RESULT, "%s needs a function with one number as result, this one gives %s", d->who,
              is_nil(y) ? "nil" : type_name(S, y));
    if (y.tag == T_TENSOR) diag_hint(S, "reduce it with sum(...) or mean(...); jacobian and vjp take several numbers");
    if (y.tag == T_LIST && !d->aux) diag_hint(S, "for a loss and something beside it: value_and_grad(f, aux: true)");
    if (is_nil(y)) diag_hint(S, "the value of a block is its last expression");
    return false;
}

/* Lifts, calls, sweeps: the level is open. lifted[j] belongs to the caller. */
static bool sweep_back(Deriv *d, Value *arg, Value *lifted, Value *y, Tensor **late)
{
    State *S = d->S;
    for (int j = 0; j < d->w.n; j++) {
        if (!tape_lift(S, d->args[d->w.at[j]], &lifted[j])) return false;
        arg[d->w.at[j]] = lifted[j];
    }
    Late before = late_begin(S, S->vm.nframes);
    if (d->aux) S->late.armed = false;
    bool ok = vm_call_named(S, d->f, arg, d->names, d->n, y);
    *late = late_end(S, before);
    if (!ok) return false;
    Value loss = *y;
    if (d->aux) {
        if (y->tag != T_LIST || y->l->len != 2) {
            diag_fail(S, DIAG_GRAD_RESULT, "with aux: true the function gives (loss, extra), not %s", type_name(S, *y));
            return false;
        }
        loss = y->l->at[0];
    }
    if (loss.tag != T_NUM && !batch_number(loss)) return not_one_number(d, loss);
    return batch_bottom(loss).level != S->tape.n || (tape_seed(S, loss, val_num(1)) && tape_sweep(S, false));
}

static bool gradients(Deriv *d, const Value *lifted, Value *grad)
{
    State *S = d->S;
    if (!d->w.list) return tape_gradient(S, lifted[0], grad);
    List *l = list_new(S, d->w.n);
    if (!l) return false;
    for (int j = 0; j < d->w.n; j++) {
        if (!tape_gradient(S, lifted[j], &l->at[j])) {
            obj_release(S, l);
            return false;
        }
        l->len = j + 1;
    }
    *grad = val_obj(T_LIST, l);
    return true;
}

static bool differentiate(Deriv *d, Value *value, Value *grad)
{
    State *S = d->S;
    Value small[SMALL], *arg = small, lifted[16], y = NIL;
    size_t size = (size_t)d->n * sizeof(Value);
    *grad = NIL;
    if (value) *value = NIL;
    if (d->n > SMALL && !(arg = mem_alloc(S, size))) return false;
    memcpy(arg, d->args, size);
    for (int j = 0; j < d->w.n; j++) lifted[j] = NIL;
    Tensor *late = NULL;
    bool ok = tape_open(S);
    if (ok) {
        ok = sweep_back(d, arg, lifted, &y, &late) && gradients(d, lifted, grad);
        if (ok && value && late) {
            ok = late_settle(S, late, *grad, &y.n);
            late = NULL;
        }
        obj_release(S, late);
        ok = ok && (!value || tape_strip(S, y, value));
        release(S, y);
        for (int j = 0; j < d->w.n; j++) release(S, lifted[j]);
        tape_close(S);
    }
    if (arg != small) mem_free(S, arg, size);
    if (!ok) {
        release(S, *grad);
        *grad = NIL;
    }
    return ok;
}

bool deriv_value_and_grad(State *S, Value f, const Value *args, int n, const Wrt *w, bool aux, Value *value, Value *grad)
{
    Deriv d = {S, "grad", f, args, NULL, n, *w, aux};
    return differentiate(&d, value, grad);
}

/* ---- which argument ---- */

static bool bi_gradient(Call *c);
static bool bi_value_gradient(Call *c);
static const Builtin gradient_def = {"gradient", "gradient(...args)", "A gradient as a function.", bi_gradient, -1,
                                     "deriv.c"};
static const Builtin value_gradient_def = {"value_and_gradient",
                                           "value_and_gradient(...args)",
                                           "Value and gradient as a function.",
                                           bi_value_gradient,
                                           -1,
                                           "deriv.c"};

/* The script function behind f, whose parameters have names. */
static const Proto *proto_of(Value f)
{
    while (f.tag == T_FN && (f.f->builtin == &gradient_def || f.f->builtin == &value_gradient_def)) f = f.f->cap[0];
    if (f.tag == T_FN) return f.f->proto;
    return f.tag == T_MODEL ? f.m->def->call : NULL;
}

static int find_given(const Deriv *d, const Str *name)
{
    for (int i = 0; d->names && i < d->n; i++)
        if (d->names[i] && str_same(d->names[i], name)) return i;
    return -1;
}

/* Where parameter number p (called name, when that is known) stands among the arguments given. */
static int find_arg(const Deriv *d, int p, const Str *name)
{
    for (int i = 0, at = 0; i < d->n; i++)
        if (!(d->names && d->names[i]) && at++ == p) return i;
    return name ? find_given(d, name) : -1;
}

static bool wrt_one(Deriv *d, Value v)
{
    State *S = d->S;
    const Proto *p = proto_of(d->f);
    int at = -1, k = -1;
    if (v.tag == T_NUM && v.n == floor(v.n) && v.n >= 0 && v.n < 60000) {
        k = (int)v.n;
        at = find_arg(d, k, p && k < p->nparams ? p->params[k].name : NULL);
        if (at < 0)
            return diag_fail(S, DIAG_ARGS, "%s with respect to argument %d, but %d %s given", d->who, k, d->n,
                             d->n == 1 ? "is" : "are");
    } else if (v.tag == T_STR) {
        const char *cand[64];
        size_t nc = 0;
        for (int i = 0; p && i < p->nparams; i++) {
            if (!p->params[i].name) continue;
            if (nc < 64) cand[nc++] = p->params[i].name->data;
            if (str_same(p->params[i].name, v.s)) k = i;
        }
        at = k >= 0 ? find_arg(d, k, v.s) : find_given(d, v.s);
        if (at < 0 && k >= 0)
            return diag_fail(S, DIAG_ARGS, "%s with respect to `%s`, which is not given in the call", d->who, v.s->data);
        if (at < 0) {
            diag_fail(S, DIAG_ARGNAME, "the function has no parameter `%s`", v.s->data);
            const char *near = diag_nearest(v.s->data, cand, nc);
            if (near) diag_hint(S, "did you mean `%s`?", near);
            else if (!p) diag_hint(S, "the parameters of a built-in function go by number");
            return false;
        }
    } else {
        return diag_fail(S, DIAG_TYPE, "`wrt` takes an argument's number or name, or a list of these, not %s",
                         type_name(S, v));
    }
    for (int j = 0; j < d->w.n; j++)
        if (d->w.at[j] == at) return diag_fail(S, DIAG_VALUE, "`wrt` names the same argument twice");
    if (d->w.n == 16) return diag_fail(S, DIAG_VALUE, "`wrt` takes at most 16 arguments; a list is one argument");
    d->w.at[d->w.n++] = at;
    return true;
}

bool wrt_find(Deriv *d, Value spec)
{
    d->w = (Wrt){0};
    if (d->n == 0)
        return diag_fail(d->S, DIAG_ARGS, "%s has nothing to differentiate by: no argument is given", d->who);
    if (spec.tag != T_LIST) return wrt_one(d, is_nil(spec) ? val_num(0) : spec);
    d->w.list = true;
    for (int64_t i = 0; i < spec.l->len; i++)
        if (!wrt_one(d, spec.l->at[i])) return false;
    return d->w.n > 0 || diag_fail(d->S, DIAG_VALUE, "`wrt` is an empty list");
}

bool given_open(State *S, const List *l, Given *g)
{
    g->names = NULL;
    g->size = 0;
    if (!l->names) return true;
    g->names = g->small;
    if (l->len > SMALL) {
        g->size = (size_t)l->len * sizeof *g->names;
        if (!(g->names = mem_alloc(S, g->size))) return false;
    }
    for (int64_t i = 0; i < l->len; i++) g->names[i] = list_name(l, i);
    return true;
}

void given_close(State *S, Given *g)
{
    if (g->size) mem_free(S, g->names, g->size);
}

/* ---- the functions that grad and value_and_grad give: captures f, wrt, aux ---- */

static bool run_gradient(Call *c, const char *who, bool with_value)
{
    State *S = c->S;
    const List *l = c->arg[0].l;
    Given g;
    if (!given_open(S, l, &g)) return false;
    Deriv d = {S, who, c->self->cap[0], l->at, g.names, (int)l->len, {0}, with_value && c->self->cap[2].b};
    Value value = NIL, grad = NIL;
    bool ok = wrt_find(&d, c->self->cap[1]) && differentiate(&d, with_value ? &value : NULL, &grad);
    given_close(S, &g);
    if (!ok) return false;
    if (!with_value) {
        *c->out = grad;
        return true;
    }
    *c->out = list_pair(S, value, grad);
    return !is_nil(*c->out);
}

static bool bi_gradient(Call *c) { return run_gradient(c, "grad", false); }
static bool bi_value_gradient(Call *c) { return run_gradient(c, "value_and_grad", true); }

bool wrt_kind(Call *c, int i)
{
    Value v = c->arg[i];
    if (v.tag == T_NIL || v.tag == T_NUM || v.tag == T_STR || v.tag == T_LIST) return true;
    return arg_fail(c, i, "an argument's number or name, or a list of these");
}

bool gradient_of(State *S, Value f, Value wrt, Value *out)
{
    Value caps[3] = {f, wrt, val_bool(false)};
    *out = builtin_closure(S, &gradient_def, caps, 3);
    return !is_nil(*out);
}

bool deriv_prime(State *S, Value f, Value *out) { return gradient_of(S, f, NIL, out); }

BUILTIN(grad, "grad(f, wrt: nil)",
        "The gradient of f as a function: it has the structure of the argument that `wrt` names (a number, a "
        "name or a list of these; the first when left out). f gives one number. Zero where f does not depend on "
        "the argument, nil for leaves that are not differentiable. Example: grad(x -> sum(x^2))([1, 2]) is [2, "
        "4].")
{
    Value f;
    return arg_fn(c, 0, &f) && wrt_kind(c, 1) && gradient_of(c->S, f, c->arg[1], c->out);
}

BUILTIN(value_and_grad, "value_and_grad(f, wrt: nil, aux: false)",
        "Like grad, but the function gives (value, gradient). With aux: true f gives (loss, extra), and so is "
        "the value. Example: value_and_grad(x -> x^2)(3) is (9, 6).")
{
    Value f;
    bool aux;
    if (!arg_fn(c, 0, &f) || !wrt_kind(c, 1) || !arg_bool(c, 2, &aux)) return false;
    Value caps[3] = {f, c->arg[1], val_bool(aux)};
    *c->out = builtin_closure(c->S, &value_gradient_def, caps, 3);
    return !is_nil(*c->out);
}

/* ---- vjp ---- */

static bool can_lift(Value v)
{
    return v.tag == T_NUM || v.tag == T_LIST || v.tag == T_MODEL ||
           (v.tag == T_TENSOR && dtype_float((DType)v.t->dtype));
}

/* Runs f on lifted arguments (level open); lifted[i] nil where argument i cannot be differentiated. */
static bool call_lifted(State *S, Value f, const Value *args, Str *const *names, int n, Value *lifted, Value *y)
{
    Value small[SMALL], *arg = small;
    size_t size = (size_t)n * sizeof(Value);
    if (n > SMALL && !(arg = mem_alloc(S, size))) return false;
    bool ok = true;
    for (int i = 0; ok && i < n; i++) {
        arg[i] = args[i];
        if (!can_lift(args[i])) continue;
        ok = tape_lift(S, args[i], &lifted[i]);
        arg[i] = lifted[i];
    }
    ok = ok && vm_call_named(S, f, arg, names, n, y);
    if (arg != small) mem_free(S, arg, size);
    return ok;
}

static Value list_of_nil(State *S, int64_t n)
{
    List *l = list_new(S, n);
    if (!l) return NIL;
    for (int64_t i = 0; i < n; i++) l->at[i] = NIL;
    l->len = n;
    return val_obj(T_LIST, l);
}

static bool grads_of(State *S, const List *lifted, List *out)
{
    for (int64_t i = 0; i < lifted->len; i++)
        if (!is_nil(lifted->at[i]) && !tape_gradient(S, lifted->at[i], &out->at[i])) return false;
    return true;
}

/* What pull captures. */
enum { PULL_F, PULL_ARGS, PULL_RNG, PULL_RECORDING, PULL_CAPS };

/* Runs f again under a level of its own, with the draws of the first run: out gets the cotangents. */
static bool pull_again(Call *c, List *out)
{
    State *S = c->S;
    const Value *cap = c->self->cap;
    const List *l = cap[PULL_ARGS].l;
    int n = (int)l->len;
    Rng saved = S->rng;
    Given g;
    if (!given_open(S, l, &g)) return false;
    Value lifted = list_of_nil(S, n), y = NIL;
    bool ok = !is_nil(lifted) && tape_open(S);
    if (ok) {
        memcpy(&S->rng, cap[PULL_RNG].t->st->data, sizeof S->rng);
        ok = call_lifted(S, cap[PULL_F], l->at, g.names, n, lifted.l->at, &y) && tape_seed(S, y, c->arg[0]) &&
             tape_sweep(S, false) && grads_of(S, lifted.l, out);
        S->rng = saved;
        release(S, y);
        release(S, lifted);
        lifted = NIL;
        tape_close(S);
    }
    release(S, lifted);
    given_close(S, &g);
    return ok;
}

/* pull(dy): sweeps what vjp recorded, or, where that cannot be done, runs f again. */
static bool bi_pull(Call *c)
{
    State *S = c->S;
    const Value *cap = c->self->cap;
    int64_t n = cap[PULL_ARGS].l->len;
    Value out = list_of_nil(S, n), rec = retain(cap[PULL_RECORDING]);
    bool ok = !is_nil(out);
    if (ok && recording_usable(S, rec, cap[PULL_F], cap[PULL_ARGS])) ok = recording_pull(S, rec, c->arg[0], out.l);
    else if (ok) ok = pull_again(c, out.l);
    release(S, rec);
    if (ok) *c->out = n == 1 ? retain(out.l->at[0]) : retain(out);
    release(S, out);
    return ok;
}
static const Builtin pull_def = {"pull",  "pull(dy)", "Cotangents of the arguments of vjp's function.",
                                 bi_pull, -1,         "deriv.c"};

/* f's result, stripped; *rec, which is open, keeps how it came about. Without one (nil) f just runs. */
static bool vjp_run(State *S, Value f, const List *args, Str *const *names, Value *rec, Value *out)
{
    if (is_nil(*rec)) return vm_call_named(S, f, args->at, names, (int)args->len, out);
    Value lifted = list_of_nil(S, args->len), y = NIL;
    bool ok = !is_nil(lifted) && call_lifted(S, f, args->at, names, (int)args->len, lifted.l->at, &y) &&
              tape_strip(S, y, out);
    if (ok) {
        ok = recording_keep(S, *rec, y, lifted);
        if (!ok) release(S, *out);
    } else {
        release(S, lifted);
        release(S, y);
        y = NIL;
        recording_drop(S, *rec);
        *rec = NIL;
    }
    release(S, y);
    return ok;
}

BUILTIN(vjp, "vjp(f, ...x)",
        "(y, pull): y is f(x...), and pull(dy), with dy of y's structure, the product of dy with the Jacobian: a "
        "cotangent for each argument (bare for one, nil where an argument is not differentiable). pull may be called "
        "often and later; what f recorded is kept as long as pull is. Example: vjp(x -> x^2, [1, 2])[1]([1, 10]) is "
        "[2, 40].")
{
    State *S = c->S;
    Value f;
    if (!arg_fn(c, 0, &f)) return false;
    const List *l = c->arg[1].l;
    int64_t size = sizeof(Rng);
    Given g;
    if (l->len == 0)
        return diag_fail(S, DIAG_ARGS, "vjp has nothing to differentiate by: it is called as vjp(f, x...)");
    Tensor *rng = tensor_from(S, DT_U8, 1, &size, &S->rng);
    if (!rng || !given_open(S, l, &g)) {
        obj_release(S, rng);
        return false;
    }
    Value y = NIL, cap[PULL_CAPS] = {f, c->arg[1], val_obj(T_TENSOR, rng), NIL};
    bool ok = recording_open(S, f, c->arg[1], &cap[PULL_RECORDING]) &&
              vjp_run(S, f, l, g.names, &cap[PULL_RECORDING], &y);
    given_close(S, &g);
    Value pull = ok ? builtin_closure(S, &pull_def, cap, PULL_CAPS) : NIL;
    obj_release(S, rng);
    release(S, cap[PULL_RECORDING]);
    if (is_nil(pull)) {
        release(S, y);
        return false;
    }
    *c->out = list_pair(S, y, pull);
    return !is_nil(*c->out);
}

BUILTIN(stop_gradient, "stop_gradient(x)",
        "x as a constant: no derivative flows through it, on any level. Example: grad(x -> stop_gradient(x) * "
        "x)(3) is 3.")
{
    return tape_stop_tree(c->S, c->arg[0], c->out);
}

/* ---- jvp ---- */

/* One list per argument of f; a bare value stands for one argument. */
static const List *jvp_args(Value xs, List *one, Value *item)
{
    if (xs.tag == T_LIST) return xs.l;
    *item = xs;
    *one = (List){.len = 1, .cap = 1, .at = item};
    return one;
}

/* The level is open. */
static bool run_forward(State *S, Value f, const List *xs, const List *vs, Str *const *names, Value *arg, Value *out)
{
    Value y = NIL, plain = NIL, dy = NIL;
    int n = (int)xs->len, made = 0;
    bool ok = true;
    for (; ok && made < n; made += ok) ok = tape_lift_dual(S, xs->at[made], vs->at[made], &arg[made]);
    ok = ok && vm_call_named(S, f, arg, names, n, &y) && tape_tangent(S, y, &dy) && tape_strip(S, y, &plain);
    release(S, y);
    for (int i = 0; i < made; i++) release(S, arg[i]);
    if (!ok) {
        release(S, dy);
        return false;
    }
    *out = list_pair(S, plain, dy);
    return !is_nil(*out);
}

BUILTIN(jvp, "jvp(f, xs, vs)",
        "(y, dy): y is f(...xs), and dy the product of f's Jacobian with the directions vs, computed in "
        "one run forward beside y. xs and vs are lists with one item for each argument of f; for one "
        "argument that is no list, the bare values do. A direction has the structure of its argument, "
        "nil stands for zero; dy has the structure of y, with nil where nothing is differentiable. "
        "Example: jvp(x -> x^2, [1, 2], [1, 10]) is ([1, 4], [2, 40]).")
{
    State *S = c->S;
    Value f, item[2], small[SMALL], *arg = small;
    List one[2];
    if (!arg_fn(c, 0, &f)) return false;
    const List *xs = jvp_args(c->arg[1], &one[0], &item[0]), *vs = c->arg[2].l;
    if (c->arg[1].tag != T_LIST) vs = jvp_args(val_num(0), &one[1], &item[1]), item[1] = c->arg[2];
    else if (c->arg[2].tag != T_LIST)
        return diag_fail(S, DIAG_STRUCTURE, "jvp: xs is a list of %lld arguments and vs is %s", (long long)xs->len,
                         type_name(S, c->arg[2])),
               diag_hint(S, "a function of one list is called as jvp(f, (x,), (v,))");
    if (xs->len != vs->len) {
        diag_fail(S, DIAG_STRUCTURE, "jvp: xs has %lld arguments and vs %lld", (long long)xs->len, (long long)vs->len);
        return diag_hint(S,
                         "a function of one list is called as jvp(f, (x,), (v,)); nil stands for a direction of zero");
    }
    if (xs->len == 0) return diag_fail(S, DIAG_ARGS, "jvp has nothing to differentiate by: xs is empty");
    size_t size = (size_t)xs->len * sizeof *arg;
    Given g;
    if (!given_open(S, xs, &g)) return false;
    bool ok = xs->len <= SMALL || (arg = mem_alloc(S, size)) != NULL;
    if (ok && (ok = tape_open_forward(S))) {
        ok = run_forward(S, f, xs, vs, g.names, arg, c->out);
        tape_close(S);
    }
    if (arg && arg != small) mem_free(S, arg, size);
    given_close(S, &g);
    return ok;
}

/* ---- checkpoint ---- */

static bool bi_checkpointed(Call *c)
{
    const List *l = c->arg[0].l;
    Given g;
    if (!given_open(c->S, l, &g)) return false;
    bool ok = tape_checkpoint(c->S, c->self->cap[0], l->at, g.names, (int)l->len, c->out);
    given_close(c->S, &g);
    return ok;
}
static const Builtin checkpointed_def = {"checkpointed",
                                         "checkpointed(...args)",
                                         "A function that runs again in the sweep.",
                                         bi_checkpointed,
                                         -1,
                                         "deriv.c"};

BUILTIN(checkpoint, "checkpoint(f)",
        "f as a function of which a derivative keeps only the inputs: going back it runs f a second "
        "time, with the same random draws, and needs the memory of one call at a time. What f prints, it "
        "prints twice; states are assigned once. Example: grad(x -> sum(checkpoint(u -> "
        "exp(sin(u)))(x)))([0]) is [1].")
{
    Value f;
    if (!arg_fn(c, 0, &f)) return false;
    *c->out = builtin_closure(c->S, &checkpointed_def, &f, 1);
    return !is_nil(*c->out);
}

/* ---- check_grad ---- */

/* A result of several numbers is checked through a fixed combination of them: weights cos(1), cos(2), ... */
typedef struct Weigh {
    int64_t k;
    bool one;
    double sum;
} Weigh;

static double weight(Weigh *w) { return w->one ? 1 : cos((double)++w->k); }

static bool seed_leaf(State *S, void *ud, Value leaf, Value *out)
{
    Weigh *w = ud;
    *out = NIL;
    if (leaf.tag == T_NUM) *out = val_num(weight(w));
    if (leaf.tag != T_TENSOR || !dtype_float((DType)leaf.t->dtype)) return true;
    Tensor *t = tensor_new(S, (DType)leaf.t->dtype, leaf.t->rank, tensor_shape(leaf.t));
    if (!t) return false;
    for (int64_t i = 0; i < t->n; i++) tensor_put(t, i, weight(w));
    *out = val_obj(T_TENSOR, t);
    return true;
}

static bool sum_leaf(State *S, void *ud, Value leaf, Value *out)
{
    Weigh *w = ud;
    *out = NIL;
    if (leaf.tag == T_NUM) w->sum += leaf.n * weight(w);
    if (leaf.tag != T_TENSOR || !dtype_float((DType)leaf.t->dtype)) return true;
    if (!tensor_force(S, leaf.t)) return false;
    for (int64_t i = 0; i < leaf.t->n; i++) w->sum += tensor_get(leaf.t, i) * weight(w);
    return true;
}

typedef struct Probe {
    State *S;
    Value f;
    const Value *args;
    int n;
    Rng rng;
    Value *grad; /* per argument; nil: not differentiable */
    /* the element being moved */
    int arg;
    int64_t leaf, flat, at; /* at: counts leaves of one walk */
    double by, value;       /* value: what the element is */
    DType dtype;
    int64_t size; /* of the leaf; -1: there is none of this number */
    double slope; /* what the gradient says */
} Probe;

static bool move_leaf(State *S, void *ud, Value a, Value g, Value *out)
{
    Probe *p = ud;
    *out = retain(a);
    if ((a.tag != T_NUM && a.tag != T_TENSOR) || is_nil(g) || p->at++ != p->leaf) return true;
    if (a.tag == T_NUM) {
        p->value = a.n, p->size = 1, p->dtype = DT_F64, p->slope = g.n;
        *out = val_num(a.n + p->by);
        return true;
    }
    p->size = a.t->n;
    p->dtype = (DType)a.t->dtype;
    if (a.t->n == 0) return true;
    if (!tensor_force(S, a.t) || !tensor_force(S, g.t)) {
        release(S, *out);
        *out = NIL;
        return false;
    }
    p->value = tensor_get(a.t, p->flat);
    p->slope = tensor_get(g.t, p->flat);
    Tensor *t = tensor_edit_take(S, a.t); /* consumes what *out holds: a copy, since a has an owner */
    *out = NIL;
    if (!t) return false;
    tensor_put(t, p->flat, p->value + p->by);
    *out = val_obj(T_TENSOR, t);
    return true;
}

/* The weighed result with the probed element moved by `by`; call false: only looks the element up. */
static bool probe(Probe *p, double by, bool call, double *out)
{
    State *S = p->S;
    Value moved, small[SMALL], *arg = small, y = NIL, none;
    p->at = 0;
    p->by = by;
    p->size = -1;
    if (!tree_map2(S, p->args[p->arg], p->grad[p->arg], move_leaf, p, &moved)) return false;
    bool ok = true;
    if (call) {
        size_t size = (size_t)p->n * sizeof(Value);
        if (p->n > SMALL && !(arg = mem_alloc(S, size))) {
            release(S, moved);
            return false;
        }
        memcpy(arg, p->args, size);
        arg[p->arg] = moved;
        S->rng = p->rng;
        ok = vm_call(S, p->f, arg, p->n, &y);
        Weigh w = {0, y.tag == T_NUM, 0};
        ok = ok && tree_map(S, y, sum_leaf, &w, &none);
        if (ok) {
            release(S, none);
            *out = w.sum;
        }
        release(S, y);
        if (arg != small) mem_free(S, arg, size);
    }
    release(S, moved);
    return ok;
}

/* Central differences with one step of Richardson's extrapolation: error O(h^4). */
static bool slope(Probe *p, double *out)
{
    double h = (p->dtype == DT_F32 ? 2e-2 : 1e-3) * fmax(1, fabs(p->value)), a, b, c, d;
    if (!probe(p, h, true, &a) || !probe(p, -h, true, &b) || !probe(p, h / 2, true, &c) || !probe(p, -h / 2, true, &d))
        return false;
    double far = (a - b) / (2 * h), near = (c - d) / h;
    *out = (4 * near - far) / 3;
    return true;
}

static bool analytic(Probe *p)
{
    State *S = p->S;
    Value lifted = list_of_nil(S, p->n), y = NIL, plain = NIL, seed = NIL;
    if (is_nil(lifted) || !tape_open(S)) {
        release(S, lifted);
        return false;
    }
    bool ok = call_lifted(S, p->f, p->args, NULL, p->n, lifted.l->at, &y) && tape_stop_tree(S, y, &plain);
    Weigh w = {0, y.tag == T_NUM, 0};
    ok = ok && tree_map(S, plain, seed_leaf, &w, &seed) && tape_seed(S, y, seed) && tape_sweep(S, false);
    for (int i = 0; ok && i < p->n; i++)
        if (!is_nil(lifted.l->at[i])) ok = tape_gradient(S, lifted.l->at[i], &p->grad[i]);
    release(S, y);
    release(S, plain);
    release(S, seed);
    release(S, lifted);
    tape_close(S);
    return ok;
}

typedef struct LeafName {
    int64_t want, at;
    Buf *b;
    Value leaf;
} LeafName;

static bool name_leaf(State *S, void *ud, const char *path, Value leaf)
{
    LeafName *w = ud;
    (void)S;
    if (leaf.tag != T_NUM && leaf.tag != T_TENSOR) return true;
    if (w->at++ != w->want) return true;
    w->leaf = leaf;
    if (*path) buf_printf(w->b, "%s%s", *path == '[' ? "" : ".", path);
    return true;
}

/* "x.W[2, 0]" */
static bool place_text(Probe *p, Buf *b)
{
    State *S = p->S;
    const Proto *proto = proto_of(p->f);
    const Str *name = proto && p->arg < proto->nparams ? proto->params[p->arg].name : NULL;
    if (name) buf_puts(b, name->data);
    else buf_printf(b, "argument %d", p->arg);
    LeafName w = {p->leaf, 0, b, NIL};
    if (!tree_each(S, p->grad[p->arg], name_leaf, &w)) return false;
    if (w.leaf.tag != T_TENSOR) return true;
    const Tensor *t = w.leaf.t;
    int64_t flat = p->flat, at[RANK_MAX];
    for (int k = t->rank - 1; k >= 0; k--) {
        at[k] = flat % tensor_shape(t)[k];
        flat /= tensor_shape(t)[k];
    }
    for (int k = 0; k < t->rank; k++) buf_printf(b, "%s%lld", k ? ", " : "[", (long long)at[k]);
    buf_puts(b, "]");
    return true;
}

static bool put_item(State *S, List *l, const char *name, Value v)
{
    Str *s = str_intern(S, name, strlen(name));
    if (!s) {
        release(S, v);
        return false;
    }
    bool ok = list_push_take(S, l, s, v);
    obj_release(S, s);
    return ok;
}

/* ---- forward mode against reverse mode and differences, along one direction ---- */

/* What the two modes and differences say of the weighed result along one direction v: <w, J v>, <J' w, v>. */
typedef struct Along {
    double forward, reverse, difference;
} Along;

static double gap(double a, double b)
{
    double e = fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b)));
    return isnan(e) ? INFINITY : e;
}

static bool dot_leaf(State *S, void *ud, Value a, Value b, Value *out)
{
    double *sum = ud;
    *out = NIL;
    if (a.tag == T_NUM && b.tag == T_NUM) *sum += a.n * b.n;
    if (a.tag != T_TENSOR || b.tag != T_TENSOR) return true;
    if (!tensor_force(S, a.t) || !tensor_force(S, b.t)) return false;
    for (int64_t i = 0; i < a.t->n; i++) *sum += tensor_get(a.t, i) * tensor_get(b.t, i);
    return true;
}

/* A direction of length 1, a tree for each argument that has a gradient: cos(101), cos(102), ... times a number. */
static bool directions(Probe *p, List *dir)
{
    State *S = p->S;
    Weigh w = {100, false, 0};
    double squares = 0;
    for (int i = 0; i < p->n; i++) {
        Value none, unit;
        if (is_nil(p->grad[i])) continue;
        if (!tree_map(S, p->grad[i], seed_leaf, &w, &unit)) return false;
        dir->at[i] = unit;
        if (!tree_map2(S, unit, unit, dot_leaf, &squares, &none)) return false;
        release(S, none);
    }
    for (int i = 0; i < p->n; i++) {
        Value unit;
        if (is_nil(dir->at[i])) continue;
        if (!value_binary(S, BIN_MUL, val_num(1 / sqrt(squares)), dir->at[i], &unit)) return false;
        release(S, dir->at[i]);
        dir->at[i] = unit;
    }
    return true;
}

static bool sum_result(State *S, Value y, bool one, double *out)
{
    Weigh w = {0, one, 0};
    Value none;
    if (!tree_map(S, y, sum_leaf, &w, &none)) return false;
    release(S, none);
    *out = w.sum;
    return true;
}

/* The weighed result at args + h dir. */
static bool moved_by(Probe *p, const List *dir, double h, double *out)
{
    State *S = p->S;
    Value list = list_of_nil(S, p->n), step, y = NIL;
    bool ok = !is_nil(list);
    for (int i = 0; ok && i < p->n; i++) {
        if (is_nil(dir->at[i])) {
            list.l->at[i] = retain(p->args[i]);
            continue;
        }
        ok = value_binary(S, BIN_MUL, val_num(h), dir->at[i], &step);
        if (!ok) break;
        ok = value_binary(S, BIN_ADD, p->args[i], step, &list.l->at[i]);
        release(S, step);
    }
    S->rng = p->rng;
    ok = ok && vm_call(S, p->f, list.l->at, p->n, &y) && sum_result(S, y, y.tag == T_NUM, out);
    release(S, y);
    release(S, list);
    return ok;
}

static bool forward_along(Probe *p, const List *dir, double *out)
{
    State *S = p->S;
    Value list = list_of_nil(S, p->n), y = NIL, dy = NIL;
    if (is_nil(list) || !tape_open_forward(S)) {
        release(S, list);
        return false;
    }
    bool ok = true;
    for (int i = 0; ok && i < p->n; i++) {
        if (is_nil(dir->at[i])) list.l->at[i] = retain(p->args[i]);
        else ok = tape_lift_dual(S, p->args[i], dir->at[i], &list.l->at[i]);
    }
    S->rng = p->rng;
    ok = ok && vm_call(S, p->f, list.l->at, p->n, &y) && tape_tangent(S, y, &dy) &&
         sum_result(S, dy, y.tag == T_NUM, out);
    release(S, y);
    release(S, dy);
    release(S, list);
    tape_close(S);
    return ok;
}

static bool look_along(Probe *p, bool f32, Along *a)
{
    State *S = p->S;
    Value dir = list_of_nil(S, p->n), none;
    double h = f32 ? 2e-2 : 1e-3, v[4];
    *a = (Along){0, 0, 0};
    bool ok = !is_nil(dir) && directions(p, dir.l) && forward_along(p, dir.l, &a->forward);
    for (int i = 0; ok && i < p->n; i++) {
        if (is_nil(p->grad[i])) continue;
        ok = tree_map2(S, p->grad[i], dir.l->at[i], dot_leaf, &a->reverse, &none);
        if (ok) release(S, none);
    }
    for (int i = 0; ok && i < 4; i++) ok = moved_by(p, dir.l, (i % 2 ? -h : h) / (i < 2 ? 1 : 2), &v[i]);
    if (ok) a->difference = (4 * (v[2] - v[3]) / h - (v[0] - v[1]) / (2 * h)) / 3;
    release(S, dir);
    return ok;
}

/* ---- the report ---- */

typedef struct Checked {
    double error, got, want; /* worst element */
    int64_t elements;
    bool f32;
    Along along;
} Checked;

static bool rule_name(Value f, bool tangent, char *buf, size_t n)
{
    const Proto *p = f.tag == T_FN ? f.f->proto : NULL;
    if (!p) return false;
    Value rule = tangent ? f.f->tangent : f.f->adjoint;
    if (rule.tag != T_FN) rule = tangent ? p->tangent : p->adjoint;
    if (rule.tag != T_FN || !p->name) return false;
    snprintf(buf, n, "%s %.60s", tangent ? "tangent" : "adjoint", p->name->data);
    return true;
}

/* What came out, in one line. */
static void verdict(const Probe *p, const Checked *c, const char *where, double limit, Buf *b)
{
    char adj[160], tan[160];
    bool has_adj = rule_name(p->f, false, adj, sizeof adj), has_tan = rule_name(p->f, true, tan, sizeof tan);
    double fwd = gap(c->along.forward, c->along.difference);
    if (!has_adj) snprintf(adj, sizeof adj, has_tan ? "the adjoint made of %.80s" : "reverse mode", tan);
    if (!has_tan) snprintf(tan, sizeof tan, has_adj ? "the tangent made of %.80s" : "forward mode", adj);
    if (c->error <= limit && fwd <= limit) {
        buf_printf(b, "both modes agree with differences: worst error %.2g", fmax(c->error, fwd));
        return;
    }
    if (c->error > limit) buf_printf(b, "%s is wrong at %s: %.6g, differences say %.6g", adj, where, c->got, c->want);
    if (fwd > limit)
        buf_printf(b, "%s%s is wrong: %.6g along a direction, differences say %.6g", c->error > limit ? "; " : "", tan,
                   c->along.forward, c->along.difference);
    if (gap(c->along.forward, c->along.reverse) > limit)
        buf_printf(b, "; the two disagree: <w, J v> = %.6g, <J'w, v> = %.6g", c->along.forward, c->along.reverse);
}

static bool check_report(Probe *worst, Checked *c, Value *out)
{
    State *S = worst->S;
    double limit = c->f32 ? 1e-2 : 1e-5, fwd = gap(c->along.forward, c->along.difference);
    Buf b;
    buf_init(&b, S);
    bool ok = place_text(worst, &b);
    Str *where = buf_str(&b), *text = NULL;
    if (ok && where && c->error <= limit && fwd > limit) { /* the gradient is right: what forward mode says stands there */
        c->got = c->along.forward;
        c->want = c->along.difference;
        obj_release(S, where);
        where = str_new(S, "forward mode", 12);
    }
    if (ok && where) {
        buf_init(&b, S);
        verdict(worst, c, where->data, limit, &b);
        text = buf_str(&b);
    }
    if (!text) {
        obj_release(S, where);
        return false;
    }
    static const char *const names[] = {"error",   "at",      "gradient", "difference", "checked",
                                        "reverse", "forward", "modes",    "text"};
    Value item[] = {val_num(fmax(c->error, fwd)),
                    val_obj(T_STR, where),
                    val_num(c->got),
                    val_num(c->want),
                    val_num((double)c->elements),
                    val_num(c->error),
                    val_num(fwd),
                    val_num(gap(c->along.forward, c->along.reverse)),
                    val_obj(T_STR, text)};
    enum { ITEMS = sizeof item / sizeof *item };
    List *l = list_new(S, ITEMS);
    ok = l != NULL;
    for (int i = 0; i < ITEMS; i++) {
        if (ok) ok = put_item(S, l, names[i], item[i]); /* consumes the item */
        else release(S, item[i]);
    }
    if (!ok) {
        obj_release(S, l);
        return false;
    }
    *out = val_obj(T_LIST, l);
    return true;
}

enum { CHECK_LEAF = 1000 }; /* elements of one leaf that are looked at, evenly spaced */

bool deriv_check(State *S, Value f, const Value *args, int n, double *worst, Value *report)
{
    Value small[SMALL], *grad = small;
    size_t size = (size_t)n * sizeof(Value);
    Probe p = {.S = S, .f = f, .args = args, .n = n, .rng = S->rng}, bad = p;
    Checked c = {0};
    *report = NIL;
    if (n > SMALL && !(grad = mem_alloc(S, size))) return false;
    for (int i = 0; i < n; i++) grad[i] = NIL;
    p.grad = bad.grad = grad;
    bool ok = analytic(&p);
    Rng after = S->rng;
    for (p.arg = 0; ok && p.arg < n; p.arg++) {
        if (is_nil(grad[p.arg])) continue;
        for (p.leaf = 0; ok; p.leaf++) {
            p.flat = 0;
            ok = probe(&p, 0, false, NULL);
            if (!ok || p.size < 0) break;
            int64_t elements = p.size, step = elements > CHECK_LEAF ? (elements + CHECK_LEAF - 1) / CHECK_LEAF : 1;
            for (p.flat = 0; ok && p.flat < elements; p.flat += step) {
                double num;
                ok = probe(&p, 0, false, NULL) && slope(&p, &num);
                if (!ok) break;
                double e = fabs(p.slope - num) / fmax(1, fmax(fabs(p.slope), fabs(num)));
                if (isnan(e)) e = INFINITY;
                if (p.dtype == DT_F32) c.f32 = true;
                if (!c.elements++ || e > c.error) c.error = e, c.got = p.slope, c.want = num, bad = p;
            }
        }
    }
    if (ok && !c.elements) ok = diag_fail(S, DIAG_NOT_DIFF, "check_grad: no argument can be differentiated");
    ok = ok && look_along(&p, c.f32, &c.along);
    S->rng = after;
    ok = ok && check_report(&bad, &c, report);
    *worst = fmax(c.error, gap(c.along.forward, c.along.difference));
    for (int i = 0; i < n; i++) release(S, grad[i]);
    if (grad != small) mem_free(S, grad, size);
    return ok;
}

BUILTIN(check_grad, "check_grad(f, ...x)",
        "Compares the derivatives of f at x... with central differences (steps 1e-3 max(1, |x|), one extrapolation; "
        "2e-2 for f32), reverse mode element by element, forward mode along one direction, and the two with each other "
        "(<w, J v> = <J'w, v>): (error: the worst |difference| / max(1, |gradient|, |difference|), at: where, gradient:, "
        "difference:, checked: how many, reverse: the error of reverse mode alone, forward: of forward mode, modes: of the "
        "two, text: all that in words). "
        "Of a leaf with more than 1000 elements 1000 are looked at. A result of several numbers is checked through a "
        "fixed combination of them. Example: check_grad(x -> sum(sin(x)), [1, 2]).error < 1e-9.")
{
    Value f;
    double worst;
    if (!arg_fn(c, 0, &f)) return false;
    const List *l = c->arg[1].l;
    if (l->len == 0) return diag_fail(c->S, DIAG_ARGS, "check_grad is called as check_grad(f, x...)");
    return deriv_check(c->S, f, l->at, (int)l->len, &worst, c->out);
}
