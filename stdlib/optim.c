/* optim.c -- first-order optimisers and transforms of the gradient.
**
** Each optimiser is a Method: a loop over the elements of one leaf, in f64 and f32, and the same update said
** with values, for a descend that is itself differentiated. A step
**
**   scans    parameters, gradient and state side by side: same structure? any derivative level?
**   owns     every container and tensor that it will write to, so that from here on nothing can fail
**   runs     the loop on each leaf, in place; numbers are leaves of one element
**
** State is a list (step: t, ...) of trees with the gradient's structure, nil where nothing is trained. `step`
** counts the optimiser's own steps from 0, also across several descends; schedules see this number.
** SPDX-License-Identifier: MIT */
#include "stdlib/optim.h"
#include <math.h>
#include <string.h>
#include "runtime/ops/gemm.h"
#include "runtime/threads.h"
#include "stdlib/terms.h"

enum { STATES = 2, TREE_DEPTH = 10000 };

/* Coefficients of one step as plain numbers. */
typedef struct Coef {
    double lr, a, b, eps, decay, fix1, fix2;
    bool nesterov;
} Coef;

typedef struct Method {
    int nstate;
    const char *names[1 + STATES]; /* of the items of the state */
    void (*f64)(const Coef *c, int64_t n, double *p, const double *g, double *const *s);
    void (*f32)(const Coef *c, int64_t n, float *p, const float *g, float *const *s);
    bool rows; /* nothing happens where the gradient is 0: one by rows is taken as it is */
} Method;

/* ---- making ---- */

bool optim_make(Call *c, const OptDef *def, const char *const *names)
{
    State *S = c->S;
    List *l = list_new(S, c->n);
    for (int i = 0; l && i < c->n; i++) {
        Str *name = str_intern(S, names[i], strlen(names[i]));
        if (!name || !list_push_take(S, l, name, retain(c->arg[i]))) {
            obj_release(S, l);
            l = NULL;
        }
        obj_release(S, name);
    }
    Opt *o = l ? opt_new(S, def, l) : NULL;
    if (o) *c->out = val_obj(T_OPT, o);
    return o != NULL;
}

bool optim_at_least_0(Call *c, int i, const char *name)
{
    double x;
    char num[40];
    if (!arg_num(c, i, &x)) return false;
    if (x >= 0 && x < INFINITY) return true;
    num_format(num, x);
    return diag_fail(c->S, DIAG_VALUE, "%s: `%s` is at least 0, not %s", c->builtin->name, name, num);
}

bool optim_fraction(Call *c, int i, const char *name)
{
    double x;
    char num[40];
    if (!arg_num(c, i, &x)) return false;
    if (x >= 0 && x < 1) return true;
    num_format(num, x);
    return diag_fail(c->S, DIAG_VALUE, "%s: `%s` lies between 0 and 1, 1 excluded, and is %s", c->builtin->name, name,
                     num);
}

bool optim_rate_arg(Call *c, int i)
{
    if (c->arg[i].tag == T_NUM) return optim_at_least_0(c, i, "lr");
    return vm_callable(c->arg[i]) || arg_fail(c, i, "a number or a function of the step");
}

bool optim_rate(State *S, const char *who, Value lr, double t, Value *out)
{
    if (lr.tag == T_NUM) {
        *out = lr;
        return true;
    }
    Value step = val_num(t);
    if (!vm_call(S, lr, &step, 1, out)) return false;
    if (out->tag == T_NUM) return true;
    diag_fail(S, DIAG_OPTIMISER_ARG, "%s: the function given as `lr` gives %s in step %.0f, not a number", who,
              type_name(S, *out), t);
    release(S, *out);
    *out = NIL;
    return false;
}

Value optim_state(State *S, const char *const *names, Value *item_take, int n)
{
    List *l = list_new(S, n);
    for (int i = 0; i < n; i++) {
        Str *name = l ? str_intern(S, names[i], strlen(names[i])) : NULL;
        if (!name) release(S, item_take[i]);
        if (l && (!name || !list_push_take(S, l, name, item_take[i]))) {
            obj_release(S, l);
            l = NULL;
        }
        obj_release(S, name);
    }
    return l ? val_obj(T_LIST, l) : NIL;
}

/* ---- owning ---- */

bool optim_own(State *S, Value *v)
{
    if (v->tag == T_TENSOR) {
        Tensor *t = v->t;
        if (!tensor_force(S, t)) return false;
        if (t->obj.rc == 1 && t->st->rc == 1 && t->contiguous && !t->lanes && !t->st->deleter) return true;
        Tensor *own = tensor_edit_take(S, obj_retain(t));
        if (!own) return false;
        obj_release(S, t);
        v->t = own;
    } else if (v->tag == T_LIST && v->l->obj.rc > 1) {
        List *own = list_unique_take(S, obj_retain(v->l));
        if (!own) return false;
        obj_release(S, v->l);
        v->l = own;
    } else if (v->tag == T_MODEL && v->m->obj.rc > 1) {
        Model *own = model_unique_take(S, obj_retain(v->m));
        if (!own) return false;
        obj_release(S, v->m);
        v->m = own;
    }
    return true;
}

bool optim_has_level(Value v)
{
    if (v.tag == T_LIST) {
        for (int64_t i = 0; i < v.l->len; i++)
            if (optim_has_level(v.l->at[i])) return true;
        return false;
    }
    if (v.tag == T_MODEL) {
        for (int i = 0; i < v.m->def->nfields; i++)
            if (optim_has_level(v.m->field[i])) return true;
        return false;
    }
    return (v.tag == T_NUM || v.tag == T_TENSOR) && v.level != 0;
}

/* The gradient of a leaf as the loops read it: settled, row-major, of the parameter's dtype. */
static bool own_gradient(State *S, Value *g, DType dt)
{
    Tensor *t = g->t->dtype == dt ? obj_retain(g->t) : tensor_as(S, g->t, dt);
    Tensor *flat = t ? tensor_contiguous(S, t) : NULL;
    obj_release(S, t);
    if (!flat) return false;
    obj_release(S, g->t);
    g->t = flat;
    return true;
}

/* ---- parameters, gradient and state side by side ---- */

/* Parts of a container: how many, and the i-th. */
static int64_t part_count(Value v) { return v.tag == T_LIST ? v.l->len : v.m->def->nfields; }
static Value *part(Value v, int64_t i) { return v.tag == T_LIST ? &v.l->at[i] : &v.m->field[i]; }
static bool container(Value v) { return v.tag == T_LIST || v.tag == T_MODEL; }

static bool same_form(Value a, Value b)
{
    if (a.tag != b.tag) return false;
    if (a.tag == T_LIST) return a.l->len == b.l->len;
    if (a.tag == T_MODEL) return a.m->def == b.m->def;
    if (a.tag == T_TENSOR) return shape_equal(a.t, b.t);
    return a.tag == T_NUM;
}

typedef struct Scan {
    State *S;
    const char *who;
    int ns;
    bool level;
} Scan;

static bool scan_tree(Scan *w, Value p, Value g, const Value *s, int depth)
{
    State *S = w->S;
    if (is_nil(g)) return true; /* not trained */
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (!same_form(p, g))
        return diag_fail(S, DIAG_STRUCTURE, "%s: the gradient of %s is %s", w->who, type_name(S, p), type_name(S, g));
    w->level |= p.level || g.level;
    for (int k = 0; k < w->ns; k++) {
        if (!same_form(p, s[k])) {
            diag_fail(S, DIAG_OPTIMISER, "%s has state for %s where %s is trained now", w->who, type_name(S, s[k]),
                      type_name(S, p));
            return diag_hint(S, "make a new optimiser for another target: using %s(...)", w->who);
        }
        w->level |= s[k].level != 0;
    }
    if (!container(p)) return true;
    for (int64_t i = 0, n = part_count(p); i < n; i++) {
        Value at[STATES];
        for (int k = 0; k < w->ns; k++) at[k] = *part(s[k], i);
        if (!scan_tree(w, *part(p, i), *part(g, i), at, depth + 1)) return false;
    }
    return true;
}

/* A gradient that stays rows and places: settled, from here on nothing can fail. */
static bool own_rows(State *S, const Method *me, Value p, Value g, bool *stays)
{
    Tensor *values, *places;
    *stays = false;
    if (!me->rows || g.t->dtype != p.t->dtype) return true;
    if (!tensor_rows(S, g.t, &values, &places)) return false;
    *stays = values != NULL;
    return true;
}

static bool own_tree(State *S, const Method *me, Value *p, Value *g, Value *const *s, int ns)
{
    bool rows = false;
    if (is_nil(*g)) return true;
    if (!optim_own(S, p)) return false;
    if (p->tag == T_TENSOR && !own_rows(S, me, *p, *g, &rows)) return false;
    if (p->tag == T_TENSOR && !rows && !own_gradient(S, g, (DType)p->t->dtype)) return false;
    for (int k = 0; k < ns; k++) {
        if (p->tag == T_TENSOR && s[k]->t->dtype != p->t->dtype) {
            Tensor *t = tensor_as(S, s[k]->t, (DType)p->t->dtype);
            if (!t) return false;
            obj_release(S, s[k]->t);
            s[k]->t = t;
        }
        if (!optim_own(S, s[k])) return false;
    }
    if (!container(*p)) return true;
    if (!optim_own(S, g)) return false;
    for (int64_t i = 0, n = part_count(*p); i < n; i++) {
        Value *at[STATES];
        if (part(*p, i)->tag == T_NUM) continue;
        for (int k = 0; k < ns; k++) at[k] = part(*s[k], i);
        if (!own_tree(S, me, part(*p, i), part(*g, i), at, ns)) return false;
    }
    return true;
}

static void *data_of(Value v) { return (char *)v.t->st->data + v.t->offset * dtype_size[v.t->dtype]; }

static void run_rows(const Method *me, const Coef *c, Tensor *p, const Tensor *g)
{
    /* as own_rows left them: row-major, without state */
    const Tensor *values = g->node->x[0].t, *places = g->node->x[1].t;
    const int64_t *at = (const int64_t *)places->st->data + places->offset;
    int64_t m = places->n, chunk = m ? values->n / m : 0;
    for (int64_t i = 0; i < m; i++) {
        if (p->dtype == DT_F64)
            me->f64(c, chunk, (double *)p->st->data + p->offset + at[i] * chunk,
                    (const double *)values->st->data + values->offset + i * chunk, NULL);
        else
            me->f32(c, chunk, (float *)p->st->data + p->offset + at[i] * chunk,
                    (const float *)values->st->data + values->offset + i * chunk, NULL);
    }
}

/* One tensor: elements do not depend on each other, so threads cut it anywhere. */
typedef struct LeafRun {
    const Method *me;
    const Coef *c;
    bool f32;
    void *p;
    const void *g;
    void *s[STATES];
} LeafRun;

static void leaf_body(void *ud, int64_t lo, int64_t hi)
{
    const LeafRun *l = ud;
    int ns = l->me->nstate;
    if (l->f32) {
        float *s[STATES] = {0};
        for (int k = 0; k < ns; k++) s[k] = (float *)l->s[k] + lo;
        l->me->f32(l->c, hi - lo, (float *)l->p + lo, (const float *)l->g + lo, s);
    } else {
        double *s[STATES] = {0};
        for (int k = 0; k < ns; k++) s[k] = (double *)l->s[k] + lo;
        l->me->f64(l->c, hi - lo, (double *)l->p + lo, (const double *)l->g + lo, s);
    }
}

static void run_leaf(State *S, const Method *me, const Coef *c, Value p, Value g, Value *const *s, int ns)
{
    enum { GRAIN = 1 << 14 };
    LeafRun l = {me, c, p.t->dtype == DT_F32, data_of(p), data_of(g), {0}};
    for (int k = 0; k < ns; k++) l.s[k] = data_of(*s[k]);
    par_for(S, p.t->n, GRAIN, leaf_body, &l);
}

static void run_tree(State *S, const Method *me, const Coef *c, Value *p, Value g, Value *const *s, int ns)
{
    if (is_nil(g)) return;
    if (p->tag == T_NUM) {
        double *at[STATES];
        for (int k = 0; k < ns; k++) at[k] = &s[k]->n;
        me->f64(c, 1, &p->n, &g.n, at);
    } else if (p->tag == T_TENSOR && g.t->node) {
        run_rows(me, c, p->t, g.t);
    } else if (p->tag == T_TENSOR) {
        run_leaf(S, me, c, *p, g, s, ns);
    } else {
        for (int64_t i = 0, n = part_count(*p); i < n; i++) {
            Value *at[STATES];
            for (int k = 0; k < ns; k++) at[k] = part(*s[k], i);
            run_tree(S, me, c, part(*p, i), *part(g, i), at, ns);
        }
    }
}

static bool zero_leaf(State *S, void *ud, Value g, Value *out)
{
    (void)ud;
    if (g.tag == T_NUM) *out = val_num(0);
    if (g.tag != T_TENSOR) return true;
    Tensor *t = tensor_zeros(S, (DType)g.t->dtype, g.t->rank, tensor_shape(g.t));
    *out = t ? val_obj(T_TENSOR, t) : NIL;
    return t != NULL;
}

/* ---- the same with values, when something carries a derivative ---- */

/* What a step computes: the next parameters and states, temporaries of w. */
typedef struct GenStep {
    Value p, g, rate;
    Value s[STATES];
    double t;
    const Value *conf;
} GenStep;

static bool trained_leaf(State *S, void *ud, Value g, Value p, Value *out)
{
    (void)S;
    (void)ud;
    *out = is_nil(g) ? NIL : retain(p);
    return true;
}

/* The parameters where the gradient is not nil: what weight decay acts on. */
static Value gen_trained(Terms *w, GenStep *x)
{
    Value out = NIL;
    return w->failed ? NIL : t_keep(w, tree_map2(w->S, x->g, x->p, trained_leaf, NULL, &out), out);
}

static Value gen_rest(Terms *w, Value a) { return t_sub(w, val_num(1), a); } /* 1 - a */

/* a * s + b * x, with s nil before the first step */
static Value gen_mix(Terms *w, Value a, Value s, Value b, Value x)
{
    Value y = t_mul(w, b, x);
    return is_nil(s) ? y : t_add(w, t_mul(w, a, s), y);
}

typedef void (*GenFn)(Terms *w, GenStep *x);

/* ---- one step ---- */

static bool step_values(Opt *o, OptStep *st, const Method *me, GenFn fn, Value rate, double t)
{
    State *S = st->S;
    int ns = me->nstate;
    Terms w = {.S = S};
    GenStep x = {.p = st->params, .g = st->grad, .rate = rate, .t = t, .conf = o->conf->at};
    for (int k = 0; k < STATES; k++) x.s[k] = !is_nil(o->state) && k < ns ? o->state.l->at[k + 1] : NIL;
    fn(&w, &x);
    bool ok = !w.failed;
    if (ok) {
        Value item[STATES + 1] = {val_num(t + 1)};
        for (int k = 0; k < ns; k++) item[k + 1] = retain(x.s[k]);
        Value state = optim_state(S, me->names, item, ns + 1);
        ok = !is_nil(state);
        if (ok) {
            Value old = st->params;
            st->params = retain(x.p);
            release(S, old);
            release(S, o->state);
            o->state = state;
        }
    }
    while (w.n) release(S, w.temp[--w.n]);
    return ok;
}

static bool state_begin(Opt *o, OptStep *st, const Method *me)
{
    State *S = st->S;
    int ns = me->nstate;
    Value item[STATES + 1] = {val_num(0)};
    int made = 0;
    bool ok = true;
    for (; ok && made < ns; made += ok) ok = tree_map(S, st->grad, zero_leaf, NULL, &item[made + 1]);
    if (!ok) {
        while (made) release(S, item[made--]);
        return false;
    }
    o->state = optim_state(S, me->names, item, ns + 1);
    return !is_nil(o->state);
}

typedef void (*CoefFn)(const Value *conf, double lr, double t, Coef *c);

/* A list of n plain numbers that nobody else holds. */
static bool own_numbers(Value v, int64_t n)
{
    bool fit = v.tag == T_LIST && v.l->len == n && v.l->obj.rc == 1;
    for (int64_t i = 0; fit && i < n; i++) fit = !v.l->at[i].hdr;
    return fit;
}

/* Targets that are some numbers, after the first step: nothing to find out about them. */
static bool few_numbers(const Opt *o, const OptStep *st, int ns)
{
    int64_t n = st->params.tag == T_LIST ? st->params.l->len : 0;
    if (n < 1 || n > 16 || !own_numbers(st->params, n) || !own_numbers(st->grad, n) || o->state.l->obj.rc != 1)
        return false;
    for (int k = 1; k <= ns; k++)
        if (!own_numbers(o->state.l->at[k], n)) return false;
    return true;
}

static void run_numbers(const Method *me, const Coef *c, List *p, const List *g, Value *s)
{
    for (int64_t i = 0; i < p->len; i++) {
        double *at[STATES];
        for (int k = 0; k < me->nstate; k++) at[k] = &s[k].l->at[i].n;
        me->f64(c, 1, &p->at[i].n, &g->at[i].n, at);
    }
}

static bool first_order(Opt *o, OptStep *st, const Method *me, CoefFn coef, GenFn values)
{
    State *S = st->S;
    int ns = me->nstate;
    bool begun = !is_nil(o->state);
    if (begun && (o->state.tag != T_LIST || o->state.l->len != ns + 1))
        return diag_fail(S, DIAG_OPTIMISER, "%s has a state that is not its own", o->def->name);
    double t = begun ? o->state.l->at[0].n : 0;
    Value rate;
    if (!optim_rate(S, o->def->name, o->conf->at[0], t, &rate)) return false;
    bool quick = begun && few_numbers(o, st, ns);
    Scan w = {S, o->def->name, begun ? ns : 0, rate.level != 0};
    if (!quick && !scan_tree(&w, st->params, st->grad, begun ? o->state.l->at + 1 : NULL, 0)) return false;
    for (int64_t i = 1; i < o->conf->len; i++) w.level |= o->conf->at[i].tag == T_NUM && o->conf->at[i].level;
    if (w.level) return step_values(o, st, me, values, rate, t);

    Coef c = {0};
    if (quick) {
        coef(o->conf->at, rate.n, t, &c);
        run_numbers(me, &c, st->params.l, st->grad.l, o->state.l->at + 1);
        o->state.l->at[0].n = t + 1;
        return true;
    }
    /* From here to the loops: everything that can fail. */
    if (!begun) {
        if (!own_tree(S, me, &st->params, &st->grad, NULL, 0) || !state_begin(o, st, me)) return false;
    } else if (!optim_own(S, &o->state)) {
        return false;
    }
    Value *s[STATES];
    for (int k = 0; k < ns; k++) s[k] = &o->state.l->at[k + 1];
    if (!own_tree(S, me, &st->params, &st->grad, s, ns)) return false;
    coef(o->conf->at, rate.n, t, &c);
    run_tree(S, me, &c, &st->params, st->grad, s, ns);
    o->state.l->at[0].n = t + 1;
    return true;
}

/* ---- loops: written once for both widths ---- */

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&          \
    !defined(__SANITIZE_THREAD__)
#define LOOP __attribute__((optimize("O3"), target_clones("avx2", "default"))) static
#else
#define LOOP static
#endif

#define FOR_BOTH(name, params, body)                                                                                   \
    LOOP void name##_f64(const Coef *k, int64_t n, double *p, const double *g, double *const *s)                       \
    {                                                                                                                  \
        typedef double Real;                                                                                           \
        params for (int64_t i = 0; i < n; i++) body                                                                    \
    }                                                                                                                  \
    LOOP void name##_f32(const Coef *k, int64_t n, float *p, const float *g, float *const *s)                          \
    {                                                                                                                  \
        typedef float Real;                                                                                            \
        params for (int64_t i = 0; i < n; i++) body                                                                    \
    }
#define ROOT(x) _Generic((x), float : sqrtf, double : sqrt)(x)

FOR_BOTH(gd, (void)s; const Real lr = (Real)k->lr;, { p[i] -= lr * g[i]; })

FOR_BOTH(decayed, (void)s; const Real lr = (Real)k->lr; const Real wd = (Real)k->decay;
         , { p[i] -= lr * (g[i] + wd * p[i]); })

FOR_BOTH(momentum, Real *restrict b = s[0]; const Real lr = (Real)k->lr; const Real wd = (Real)k->decay;
         const Real mu = (Real)k->a; const Real ahead = k->nesterov ? mu : 0; const Real here = k->nesterov ? 1 : 0;, {
             Real d = g[i] + wd * p[i];
             Real v = mu * b[i] + d;
             b[i] = v;
             p[i] -= lr * (k->nesterov ? here * d + ahead * v : v);
         })

FOR_BOTH(rmsprop, Real *restrict v = s[0]; const Real lr = (Real)k->lr; const Real a = (Real)k->a;
         const Real b = (Real)k->b; const Real eps = (Real)k->eps;, {
             Real w = a * v[i] + b * g[i] * g[i];
             v[i] = w;
             p[i] -= lr * (g[i] / (ROOT(w) + eps));
         })

FOR_BOTH(rmsprop_momentum, Real *restrict m = s[0]; Real *restrict v = s[1]; const Real lr = (Real)k->lr;
         const Real a = (Real)k->a; const Real b = (Real)k->b; const Real eps = (Real)k->eps;
         const Real mu = (Real)k->fix1;, {
             Real w = a * v[i] + b * g[i] * g[i];
             v[i] = w;
             m[i] = mu * m[i] + g[i] / (ROOT(w) + eps);
             p[i] -= lr * m[i];
         })

FOR_BOTH(adam, Real *restrict m = s[0]; Real *restrict v = s[1]; const Real b1 = (Real)k->a; const Real b2 = (Real)k->b;
         const Real c1 = (Real)(1 - k->a); const Real c2 = (Real)(1 - k->b); const Real eps = (Real)k->eps;
         const Real keep = (Real)(1 - k->decay); const Real size = (Real)k->fix1; const Real root = (Real)(1 / k->fix2);
         , {
             Real d = g[i];
             Real mi = b1 * m[i] + c1 * d;
             Real vi = b2 * v[i] + c2 * d * d;
             m[i] = mi;
             v[i] = vi;
             p[i] = keep * p[i] - size * (mi / (ROOT(vi) * root + eps));
         })

/* ---- gd ---- */

static void gd_coef(const Value *conf, double lr, double t, Coef *c)
{
    (void)conf;
    (void)t;
    c->lr = lr;
}

static void gd_values(Terms *w, GenStep *x) { x->p = t_sub(w, x->p, t_mul(w, x->rate, x->g)); }

static bool gd_step(Opt *o, OptStep *st)
{
    static const Method me = {0, {"step"}, gd_f64, gd_f32, true};
    return first_order(o, st, &me, gd_coef, gd_values);
}

static const OptDef gd_def = {"gd", OPT_FIRST_ORDER, gd_step};

BUILTIN(gd, "gd(lr)",
        "Plain gradient descent: w = w - lr * gradient (Cauchy 1847). lr is a number or a function of the step.")
{
    static const char *const names[] = {"lr"};
    return optim_rate_arg(c, 0) && optim_make(c, &gd_def, names);
}

/* ---- sgd: conf is lr, momentum, nesterov, weight_decay ---- */

static void sgd_coef(const Value *conf, double lr, double t, Coef *c)
{
    (void)t;
    c->lr = lr;
    c->a = conf[1].n;
    c->nesterov = conf[2].b;
    c->decay = conf[3].n;
}

static void sgd_values(Terms *w, GenStep *x)
{
    const Value *conf = x->conf;
    Value d = x->g;
    if (conf[3].n != 0 || conf[3].level) d = t_add(w, d, t_mul(w, conf[3], gen_trained(w, x)));
    if (conf[1].n != 0 || conf[1].level) {
        x->s[0] = is_nil(x->s[0]) ? d : t_add(w, t_mul(w, conf[1], x->s[0]), d);
        d = conf[2].b ? t_add(w, d, t_mul(w, conf[1], x->s[0])) : x->s[0];
    }
    x->p = t_sub(w, x->p, t_mul(w, x->rate, d));
}

static bool sgd_step(Opt *o, OptStep *st)
{
    static const Method bare = {0, {"step"}, gd_f64, gd_f32, true};
    static const Method plain = {0, {"step"}, decayed_f64, decayed_f32, false};
    static const Method heavy = {1, {"step", "v"}, momentum_f64, momentum_f32, false};
    const Value *conf = o->conf->at;
    bool moves = conf[1].n != 0 || conf[1].level;
    return first_order(o, st, moves ? &heavy : conf[3].n == 0 ? &bare : &plain, sgd_coef, sgd_values);
}

static const OptDef sgd_def = {"sgd", OPT_FIRST_ORDER, sgd_step};

BUILTIN(sgd, "sgd(lr, momentum: 0, nesterov: false, weight_decay: 0)",
        "Gradient descent with heavy-ball momentum, v = momentum * v + g, w = w - lr * v (Polyak 1964), or "
        "Nesterov's, w = w - lr * (g + momentum * v), in the form of Sutskever et al. 2013 as PyTorch has it: no "
        "dampening, lr outside v. weight_decay adds weight_decay * w to the gradient (L2), before the momentum. "
        "lr is a number or a function of the step.")
{
    static const char *const names[] = {"lr", "momentum", "nesterov", "weight_decay"};
    bool nesterov;
    if (!optim_rate_arg(c, 0) || !optim_fraction(c, 1, "momentum") || !arg_bool(c, 2, &nesterov) ||
        !optim_at_least_0(c, 3, "weight_decay"))
        return false;
    if (nesterov && c->arg[1].n == 0)
        return diag_fail(c->S, DIAG_VALUE, "sgd: nesterov: true goes with a momentum above 0");
    return optim_make(c, &sgd_def, names);
}

/* ---- rmsprop: conf is lr, alpha, eps, momentum ---- */

static void rmsprop_coef(const Value *conf, double lr, double t, Coef *c)
{
    (void)t;
    c->lr = lr;
    c->a = conf[1].n;
    c->b = 1 - conf[1].n;
    c->eps = conf[2].n;
    c->fix1 = conf[3].n;
}

static void rmsprop_values(Terms *w, GenStep *x)
{
    const Value *conf = x->conf;
    bool moves = conf[3].n != 0 || conf[3].level;
    Value *v = &x->s[moves ? 1 : 0];
    *v = gen_mix(w, conf[1], *v, gen_rest(w, conf[1]), t_mul(w, x->g, x->g));
    Value d = t_div(w, x->g, t_add(w, t_op1(w, OPID_sqrt, *v), conf[2]));
    if (moves) d = x->s[0] = is_nil(x->s[0]) ? d : t_add(w, t_mul(w, conf[3], x->s[0]), d);
    x->p = t_sub(w, x->p, t_mul(w, x->rate, d));
}

static bool rmsprop_step(Opt *o, OptStep *st)
{
    static const Method plain = {1, {"step", "v"}, rmsprop_f64, rmsprop_f32};
    static const Method heavy = {2, {"step", "m", "v"}, rmsprop_momentum_f64, rmsprop_momentum_f32};
    const Value *conf = o->conf->at;
    bool moves = conf[3].n != 0 || conf[3].level;
    return first_order(o, st, moves ? &heavy : &plain, rmsprop_coef, rmsprop_values);
}

static const OptDef rmsprop_def = {"rmsprop", OPT_FIRST_ORDER, rmsprop_step};

BUILTIN(rmsprop, "rmsprop(lr: 0.01, alpha: 0.99, eps: 1e-8, momentum: 0)",
        "Divides the gradient by a running root mean square: v = alpha * v + (1 - alpha) * g^2, w = w - lr * g / "
        "(sqrt(v) + eps). Tieleman and Hinton 2012, Coursera lecture 6.5. As PyTorch: eps outside the root, v "
        "from 0 without correction, not centred; the momentum gathers the divided gradients. lr is a number or a "
        "function of the step.")
{
    static const char *const names[] = {"lr", "alpha", "eps", "momentum"};
    return optim_rate_arg(c, 0) && optim_fraction(c, 1, "alpha") && optim_at_least_0(c, 2, "eps") &&
           optim_fraction(c, 3, "momentum") && optim_make(c, &rmsprop_def, names);
}

/* ---- adam and adamw: conf is lr, beta1, beta2, eps, weight_decay ---- */

/* 1 - b^t; b^t < e^(-(1 - b) t) needs no computing once it is below rounding. */
static double correction(double b, double t) { return (1 - b) * t > 40 ? 1 : 1 - pow(b, t); }

static void adam_coef(const Value *conf, double lr, double t, Coef *c)
{
    c->a = conf[1].n;
    c->b = conf[2].n;
    c->eps = conf[3].n;
    c->fix1 = lr / correction(c->a, t + 1); /* Adam's section 2: the order that moves the corrections out */
    c->fix2 = sqrt(correction(c->b, t + 1));
}

static void adamw_coef(const Value *conf, double lr, double t, Coef *c)
{
    adam_coef(conf, lr, t, c);
    c->decay = lr * conf[4].n;
}

static void adam_values(Terms *w, GenStep *x)
{
    const Value *conf = x->conf;
    Value n = val_num(x->t + 1), g = x->g;
    x->s[0] = gen_mix(w, conf[1], x->s[0], gen_rest(w, conf[1]), g);
    x->s[1] = gen_mix(w, conf[2], x->s[1], gen_rest(w, conf[2]), t_mul(w, g, g));
    Value size = t_div(w, x->rate, gen_rest(w, t_bin(w, BIN_POW, conf[1], n)));
    Value root = t_op1(w, OPID_sqrt, gen_rest(w, t_bin(w, BIN_POW, conf[2], n)));
    Value below = t_add(w, t_div(w, t_op1(w, OPID_sqrt, x->s[1]), root), conf[3]);
    x->p = t_sub(w, x->p, t_mul(w, size, t_div(w, x->s[0], below)));
}

static void adamw_values(Terms *w, GenStep *x)
{
    x->p = t_sub(w, x->p, t_mul(w, t_mul(w, x->rate, x->conf[4]), gen_trained(w, x)));
    adam_values(w, x);
}

static bool adam_step(Opt *o, OptStep *st)
{
    static const Method me = {2, {"step", "m", "v"}, adam_f64, adam_f32};
    return first_order(o, st, &me, adam_coef, adam_values);
}

static bool adamw_step(Opt *o, OptStep *st)
{
    static const Method me = {2, {"step", "m", "v"}, adam_f64, adam_f32};
    return first_order(o, st, &me, adamw_coef, adamw_values);
}

static const OptDef adam_def = {"adam", OPT_FIRST_ORDER, adam_step};
static const OptDef adamw_def = {"adamw", OPT_FIRST_ORDER, adamw_step};

BUILTIN(adam, "adam(lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-8)",
        "Adaptive moments: Kingma and Ba 2015, \"Adam: a method for stochastic optimization\", algorithm 1, with "
        "bias correction; eps stands outside the root and is added to the corrected root, as in PyTorch and "
        "optax. The correction counts this optimiser's own steps. lr is a number or a function of the step.")
{
    static const char *const names[] = {"lr", "beta1", "beta2", "eps"};
    return optim_rate_arg(c, 0) && optim_fraction(c, 1, "beta1") && optim_fraction(c, 2, "beta2") &&
           optim_at_least_0(c, 3, "eps") && optim_make(c, &adam_def, names);
}

BUILTIN(adamw, "adamw(lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01)",
        "Adam with decoupled weight decay: Loshchilov and Hutter 2019, \"Decoupled weight decay "
        "regularization\". As PyTorch: w = w - lr * weight_decay * w, then Adam's step, so the decay follows the "
        "schedule of lr and never enters the moments.")
{
    static const char *const names[] = {"lr", "beta1", "beta2", "eps", "weight_decay"};
    return optim_rate_arg(c, 0) && optim_fraction(c, 1, "beta1") && optim_fraction(c, 2, "beta2") &&
           optim_at_least_0(c, 3, "eps") && optim_at_least_0(c, 4, "weight_decay") && optim_make(c, &adamw_def, names);
}

/* ---- transforms of the gradient ---- */

static double square_sum(State *S, Value g)
{
    double sum = 0;
    if (g.tag == T_NUM) return g.n * g.n;
    if (g.tag == T_TENSOR) return sum_squares(S, (DType)g.t->dtype, g.t->n, data_of(g));
    if (container(g))
        for (int64_t i = 0, n = part_count(g); i < n; i++) sum += square_sum(S, *part(g, i));
    return sum;
}

/* Scales (bound < 0) or clamps every element in place. */
static void adjust(Value *g, double scale, double bound)
{
#define ADJUST(x) ((x) = bound < 0 ? (x)*scale : (x) > bound ? bound : (x) < -bound ? -bound : (x))
    if (g->tag == T_NUM) {
        ADJUST(g->n);
    } else if (g->tag == T_TENSOR && g->t->dtype == DT_F64) {
        double *x = data_of(*g);
        for (int64_t i = 0; i < g->t->n; i++) ADJUST(x[i]);
    } else if (g->tag == T_TENSOR) {
        float *x = data_of(*g);
        for (int64_t i = 0; i < g->t->n; i++)
            x[i] = (float)(bound < 0 ? x[i] * scale : fmin(fmax(x[i], -bound), bound));
    } else if (container(*g)) {
        for (int64_t i = 0, n = part_count(*g); i < n; i++) adjust(part(*g, i), scale, bound);
    }
}

static bool own_all(State *S, Value *g, int depth)
{
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (!optim_own(S, g)) return false;
    if (container(*g))
        for (int64_t i = 0, n = part_count(*g); i < n; i++)
            if (!own_all(S, part(*g, i), depth + 1)) return false;
    return true;
}

/* The sum of squares of a tree whose leaves may carry derivatives; added to *sum. */
static void gen_squares(Terms *w, Value g, Value *sum)
{
    Value y = NIL;
    if (w->failed) return;
    if (container(g)) {
        for (int64_t i = 0, n = part_count(g); i < n; i++) gen_squares(w, *part(g, i), sum);
        return;
    }
    if (g.tag != T_NUM && g.tag != T_TENSOR) return;
    Value next = NIL;
    bool ok = op2(w->S, OPID_mul, g, g, &y);
    if (ok && y.tag == T_TENSOR) {
        Value s = NIL;
        ok = op_reduce(w->S, OPID_sum, y, NULL, 0, false, &s);
        release(w->S, y);
        y = s;
    }
    ok = ok && value_binary(w->S, BIN_ADD, *sum, y, &next);
    release(w->S, y);
    release(w->S, *sum);
    *sum = ok ? next : NIL;
    w->failed |= !ok;
}

static bool clip_norm_step(Opt *o, OptStep *st)
{
    State *S = st->S;
    Value bound = o->conf->at[0];
    if (bound.level || optim_has_level(st->grad)) {
        Terms w = {.S = S};
        Value sum = val_num(0);
        gen_squares(&w, st->grad, &sum);
        if (!w.failed && sqrt(sum.n) > bound.n) {
            Value y = t_mul(&w, t_div(&w, bound, t_op1(&w, OPID_sqrt, sum)), st->grad);
            if (!w.failed) {
                Value old = st->grad;
                st->grad = retain(y);
                release(S, old);
            }
        }
        release(S, sum);
        while (w.n) release(S, w.temp[--w.n]);
        return !w.failed;
    }
    if (!own_all(S, &st->grad, 0)) return false;
    double norm = sqrt(square_sum(S, st->grad));
    if (norm > bound.n) adjust(&st->grad, bound.n / norm, -1);
    return true;
}

static bool clamp_leaf(State *S, void *ud, Value g, Value *out)
{
    Value bound = *(Value *)ud, low, x[3];
    if (g.tag != T_NUM && g.tag != T_TENSOR) {
        *out = retain(g);
        return true;
    }
    if (!value_neg(S, bound, &low)) return false;
    x[0] = g;
    x[1] = low;
    x[2] = bound;
    bool ok = op_apply(S, OPID_clamp, x, 3, NULL, 0, out);
    release(S, low);
    return ok;
}

static bool clip_value_step(Opt *o, OptStep *st)
{
    State *S = st->S;
    Value bound = o->conf->at[0];
    if (bound.level || optim_has_level(st->grad)) {
        Value y;
        if (!tree_map(S, st->grad, clamp_leaf, &bound, &y)) return false;
        release(S, st->grad);
        st->grad = y;
        return true;
    }
    if (!own_all(S, &st->grad, 0)) return false;
    adjust(&st->grad, 1, bound.n);
    return true;
}

static const OptDef clip_norm_def = {"clip_norm", OPT_TRANSFORM, clip_norm_step};
static const OptDef clip_value_def = {"clip_value", OPT_TRANSFORM, clip_value_step};

BUILTIN(clip_norm, "clip_norm(c)",
        "A transform for descend: scales the whole gradient so that its norm over all leaves is at most c. "
        "Pascanu, Mikolov, Bengio 2013, \"On the difficulty of training recurrent neural networks\"; exactly c / "
        "norm, where PyTorch adds 1e-6 to the norm.")
{
    static const char *const names[] = {"c"};
    return optim_at_least_0(c, 0, "c") && optim_make(c, &clip_norm_def, names);
}

BUILTIN(clip_value, "clip_value(c)", "A transform for descend: brings each element of the gradient between -c and c.")
{
    static const char *const names[] = {"c"};
    return optim_at_least_0(c, 0, "c") && optim_make(c, &clip_value_def, names);
}
