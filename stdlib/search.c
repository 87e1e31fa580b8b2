/* search.c -- optimisers that try points before they take one: L-BFGS, Levenberg-Marquardt, Gauss-Newton.
**
** They work on the trained leaves as one vector of doubles, in the order of the tree, and build a tree for each
** point that is tried. Everything they decide by is a plain number, so no derivative goes through them.
** SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <string.h>
#include "stdlib/optim.h"

/* ---- trees as vectors ----
**
** What is trained: with a gradient `g` beside the tree, the leaves where it is not nil; without (g NULL), numbers and
** float tensors, in models only parameters and those of parts. */

enum { TREE_DEPTH = 10000 };

static bool leaf_trained(Value p, const Value *g, bool param)
{
    if (g) return !is_nil(*g);
    return param && (p.tag == T_NUM || (p.tag == T_TENSOR && dtype_float((DType)p.t->dtype)));
}

typedef struct Flat {
    State *S;
    double *x;
    int64_t k;
    bool build;
    bool from_grad;
} Flat;

/* Counts (x NULL), reads into x, or builds a tree from x (*out). */
static bool flat_walk(Flat *w, Value p, const Value *g, bool param, int depth, Value *out)
{
    State *S = w->S;
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (w->build) *out = NIL;
    bool walk = !(g && is_nil(*g));
    if (walk && p.tag == T_LIST) {
        List *l = w->build ? list_new(S, p.l->len) : NULL;
        if (w->build && !l) return false;
        if (l) l->names = obj_retain(p.l->names);
        for (int64_t i = 0; i < p.l->len; i++) {
            if (!flat_walk(w, p.l->at[i], g ? &g->l->at[i] : NULL, param, depth + 1, l ? &l->at[i] : NULL)) {
                obj_release(S, l);
                return false;
            }
            if (l) l->len++;
        }
        if (l) *out = val_obj(T_LIST, l);
        return true;
    }
    if (walk && p.tag == T_MODEL) {
        Model *m = w->build ? model_new(S, p.m->def) : NULL;
        if (w->build && !m) return false;
        for (int i = 0; i < p.m->def->nfields; i++) {
            FieldKind kind = p.m->def->fields[i].kind;
            Value x = p.m->field[i];
            bool in = kind == FIELD_PARAM || (kind == FIELD_LET && (x.tag == T_LIST || x.tag == T_MODEL));
            if (!in && m) m->field[i] = retain(x);
            if (in &&
                !flat_walk(w, x, g ? &g->m->field[i] : NULL, kind == FIELD_PARAM, depth + 1, m ? &m->field[i] : NULL)) {
                obj_release(S, m);
                return false;
            }
        }
        if (m) {
            model_mark(m);
            *out = val_obj(T_MODEL, m);
        }
        return true;
    }
    if (!leaf_trained(p, g, param)) {
        if (w->build) *out = retain(p);
        return true;
    }
    Value v = w->from_grad ? *g : p;
    if (v.tag == T_NUM) {
        if (w->build) *out = val_num(w->x[w->k]);
        else if (w->x) w->x[w->k] = v.n;
        w->k++;
        return true;
    }
    if (!w->x) {
        w->k += p.t->n;
        return true;
    }
    if (w->build) {
        Tensor *t = tensor_new(S, (DType)p.t->dtype, p.t->rank, tensor_shape(p.t));
        if (!t) return false;
        for (int64_t i = 0; i < t->n; i++) tensor_put(t, i, w->x[w->k + i]);
        *out = val_obj(T_TENSOR, t);
    } else {
        if (!tensor_force(S, v.t)) return false;
        for (int64_t i = 0; i < v.t->n; i++) w->x[w->k + i] = tensor_get(v.t, i);
    }
    w->k += p.t->n;
    return true;
}

static bool flat_count(State *S, Value p, const Value *g, int64_t *n)
{
    Flat w = {S, NULL, 0, false, false};
    bool ok = flat_walk(&w, p, g, true, 0, NULL);
    *n = w.k;
    return ok;
}
static bool flat_read(State *S, Value p, const Value *g, double *x)
{
    Flat w = {S, x, 0, false, false};
    return flat_walk(&w, p, g, true, 0, NULL);
}
static bool flat_gradient(State *S, Value p, const Value *g, double *x)
{
    Flat w = {S, x, 0, false, true};
    return flat_walk(&w, p, g, true, 0, NULL);
}
static bool flat_build(State *S, Value p, const Value *g, double *x, Value *out)
{
    Flat w = {S, x, 0, true, false};
    return flat_walk(&w, p, g, true, 0, out);
}

static double dot(int64_t n, const double *a, const double *b)
{
    double s = 0;
    for (int64_t i = 0; i < n; i++) s += a[i] * b[i];
    return s;
}

static void take_params(OptStep *st, Value v_take)
{
    Value old = st->params;
    st->params = v_take;
    release(st->S, old);
}

static bool refuse_levels(Opt *o, OptStep *st)
{
    State *S = st->S;
    if (!optim_has_level(st->params) && !optim_has_level(st->grad)) return true;
    diag_fail(S, DIAG_NO_RULE, "no derivative goes through the steps of %s", o->def->name);
    return diag_hint(S, "gd, sgd, rmsprop, adam and adamw can be; minimize(...) has the derivative of what it finds");
}

/* ---- line search: strong Wolfe conditions, Nocedal and Wright 2006, algorithms 3.5 and 3.6 ---- */

typedef struct Point {
    double a, f, df;
} Point; /* step length, loss, slope along d */
typedef struct Search {
    OptStep *st;
    int64_t n;
    const double *x0, *d;
    double *x, *g; /* of the last point that was tried */
    Value params;  /* its tree, owned */
    Value guide;   /* gradient at the start: says what is trained */
    Point at;      /* the last point */
    int evals;
    double noise; /* losses that are as near to each other, relatively, say nothing */
} Search;

enum { EVALS_MAX = 40 };
static const double ARMIJO = 1e-4, CURVATURE = 0.9;

static bool try_length(Search *w, double a)
{
    State *S = w->st->S;
    Value grad = NIL;
    for (int64_t i = 0; i < w->n; i++) w->x[i] = w->x0[i] + a * w->d[i];
    release(S, w->params);
    w->params = NIL;
    w->evals++;
    if (!flat_build(S, w->st->params, &w->guide, w->x, &w->params)) return false;
    w->at = (Point){a, INFINITY, NAN};
    if (!w->st->eval(w->st, w->params, &w->at.f, &grad)) return false;
    bool ok = true;
    if (isfinite(w->at.f) && !is_nil(grad)) {
        ok = flat_gradient(S, w->params, &grad, w->g);
        w->at.df = dot(w->n, w->g, w->d);
        if (!isfinite(w->at.df)) w->at.f = INFINITY;
    } else {
        w->at.f = INFINITY;
    }
    release(S, grad);
    return ok;
}

/* The minimum of the cubic through two points with slopes (equation 3.59), kept inside the interval. */
static double cubic_min(Point p, Point q)
{
    double lo = fmin(p.a, q.a), hi = fmax(p.a, q.a), gap = hi - lo, a = NAN;
    if (isfinite(p.f) && isfinite(q.f) && isfinite(p.df) && isfinite(q.df)) {
        double d1 = p.df + q.df - 3 * (p.f - q.f) / (p.a - q.a);
        double root = d1 * d1 - p.df * q.df;
        if (root >= 0) {
            double d2 = copysign(sqrt(root), q.a - p.a);
            a = q.a - (q.a - p.a) * (q.df + d2 - d1) / (q.df - p.df + 2 * d2);
        }
    }
    if (!(a >= lo + 0.1 * gap && a <= hi - 0.1 * gap)) a = lo + 0.5 * gap;
    return a;
}

/* Rounding of a loss of f32 tensors, or of f64. */
static double loss_noise(Value g)
{
    double least = DBL_EPSILON;
    if (g.tag == T_TENSOR && g.t->dtype == DT_F32) return FLT_EPSILON;
    if (g.tag == T_LIST)
        for (int64_t i = 0; i < g.l->len; i++) least = fmax(least, loss_noise(g.l->at[i]));
    if (g.tag == T_MODEL)
        for (int i = 0; i < g.m->def->nfields; i++) least = fmax(least, loss_noise(g.m->field[i]));
    return least;
}

/* Where the loss can change by no more than it is rounded, its slope alone tells (Hager and Zhang 2005, "A new conjugate
** gradient method with guaranteed descent and an efficient line search", the approximate Wolfe conditions). */
static bool flat_enough(const Search *w, Point p, double f0, double df0)
{
    double noise = w->noise * fabs(f0);
    return p.a * -df0 <= noise && p.f <= f0 + noise && fabs(p.df) <= -CURVATURE * df0;
}

/* On success *found tells whether a point that satisfies the sufficient decrease is in w->at. */
static bool search_line(Search *w, double f0, double df0, double first, bool *found)
{
    Point prev = {0, f0, df0}, lo = prev, hi;
    bool bracket = false;
    *found = false;
    for (double a = first; w->evals < EVALS_MAX; a = fmin(2.5 * a, 1e10)) { /* algorithm 3.5 */
        if (!try_length(w, a)) return false;
        Point p = w->at;
        if (flat_enough(w, p, f0, df0)) {
            *found = true;
            return true;
        }
        if (!(p.f <= f0 + ARMIJO * a * df0) || (prev.a > 0 && p.f >= prev.f)) {
            lo = prev;
            hi = p;
            bracket = true;
            break;
        }
        if (fabs(p.df) <= -CURVATURE * df0) {
            *found = true;
            return true;
        }
        if (p.df >= 0) {
            lo = p;
            hi = prev;
            bracket = true;
            break;
        }
        prev = lo = p;
    }
    while (bracket && w->evals < EVALS_MAX) { /* algorithm 3.6 */
        double a = cubic_min(lo, hi);
        if (a == lo.a || a == hi.a || fabs(hi.a - lo.a) <= 1e-14 * fmax(lo.a, hi.a)) break;
        if (!try_length(w, a)) return false;
        Point p = w->at;
        if (flat_enough(w, p, f0, df0)) {
            *found = true;
            return true;
        }
        if (!(p.f <= f0 + ARMIJO * a * df0) || p.f >= lo.f) {
            hi = p;
            continue;
        }
        if (fabs(p.df) <= -CURVATURE * df0) {
            *found = true;
            return true;
        }
        if (p.df * (hi.a - lo.a) >= 0) hi = lo;
        lo = p;
    }
    if (!(lo.a > 0 && lo.f < f0)) return true; /* nothing lower was found */
    *found = true;
    return w->at.a == lo.a || try_length(w, lo.a); /* the accepted point is the last that was evaluated */
}

/* ---- L-BFGS ---- */

/* State: step, count of pairs so far, s and y [memory, n]; pair k is row k % memory. */
static const char *const lbfgs_names[] = {"step", "pairs", "s", "y"};

static bool lbfgs_state(Opt *o, OptStep *st, int64_t n, int64_t memory)
{
    State *S = st->S;
    if (is_nil(o->state)) {
        int64_t shape[2] = {memory, n};
        Tensor *s = tensor_zeros(S, DT_F64, 2, shape), *y = s ? tensor_zeros(S, DT_F64, 2, shape) : NULL;
        if (!y) {
            obj_release(S, s);
            return false;
        }
        Value item[4] = {val_num(0), val_num(0), val_obj(T_TENSOR, s), val_obj(T_TENSOR, y)};
        o->state = optim_state(S, lbfgs_names, item, 4);
        return !is_nil(o->state);
    }
    List *l = o->state.tag == T_LIST && o->state.l->len == 4 ? o->state.l : NULL;
    if (!l || l->at[2].tag != T_TENSOR || l->at[2].t->rank != 2 || l->at[2].t->dim[0] != memory ||
        l->at[2].t->dim[1] != n)
        return diag_fail(S, DIAG_OPTIMISER, "lbfgs has state for a target of another size than %lld", (long long)n);
    return optim_own(S, &o->state) && optim_own(S, &o->state.l->at[2]) && optim_own(S, &o->state.l->at[3]);
}

/* d = -H g by the two loops (algorithm 7.4), H scaled by s'y / y'y of the newest pair (equation 7.20). */
static void two_loops(int64_t n, int64_t memory, int64_t pairs, const double *s, const double *y, const double *g,
                      double *d, double *alpha)
{
    int64_t have = pairs < memory ? pairs : memory;
    for (int64_t i = 0; i < n; i++) d[i] = -g[i];
    for (int64_t k = pairs - 1; k >= pairs - have; k--) {
        const double *sk = s + k % memory * n, *yk = y + k % memory * n;
        double a = alpha[k % memory] = dot(n, sk, d) / dot(n, sk, yk);
        for (int64_t i = 0; i < n; i++) d[i] -= a * yk[i];
    }
    if (have) {
        const double *sk = s + (pairs - 1) % memory * n, *yk = y + (pairs - 1) % memory * n;
        double scale = dot(n, sk, yk) / dot(n, yk, yk);
        for (int64_t i = 0; i < n; i++) d[i] *= scale;
    }
    for (int64_t k = pairs - have; k < pairs; k++) {
        const double *sk = s + k % memory * n, *yk = y + k % memory * n;
        double b = dot(n, yk, d) / dot(n, sk, yk);
        for (int64_t i = 0; i < n; i++) d[i] += (alpha[k % memory] - b) * sk[i];
    }
}

static bool lbfgs_run(Opt *o, OptStep *st, int64_t n, int64_t memory, double *work)
{
    State *S = st->S;
    double *x0 = work, *g0 = x0 + n, *d = g0 + n, *x = d + n, *g = x + n, *alpha = g + n;
    if (!flat_read(S, st->params, &st->grad, x0) || !flat_gradient(S, st->params, &st->grad, g0)) return false;
    List *l = o->state.l;
    double *s = tensor_data(S, l->at[2].t), *y = tensor_data(S, l->at[3].t);
    if (!s || !y) return false;
    double f0 = st->loss, gg = dot(n, g0, g0);
    st->gnorm = sqrt(gg);
    if (gg == 0) {
        st->stalled = true;
        return true;
    }
    Search w = {.st = st, .n = n, .x0 = x0, .d = d, .x = x, .g = g, .params = NIL, .guide = st->grad};
    w.noise = loss_noise(st->grad);
    bool found = false;
    for (;;) {
        int64_t pairs = (int64_t)l->at[1].n;
        two_loops(n, memory, pairs, s, y, g0, d, alpha);
        double df0 = dot(n, g0, d), first = 1;
        if (pairs == 0) { /* no curvature known: a first length like the unit step of a normalised gradient */
            double sum = 0;
            for (int64_t i = 0; i < n; i++) sum += fabs(g0[i]);
            first = fmin(1, 1 / sum);
        }
        w.evals = 0;
        if (df0 < 0) {
            if (!search_line(&w, f0, df0, first, &found)) goto fail;
            if (found) break;
        }
        if (pairs == 0) break;
        l->at[1].n = 0; /* the memory misleads: once more along the gradient */
    }
    double gnew = found ? dot(n, g, g) : INFINITY;
    if (!found || (!(w.at.f < f0) && !(gnew < gg))) { /* rounding has the last word */
        st->stalled = true;
        release(S, w.params);
        return true;
    }
    int64_t k = (int64_t)l->at[1].n % memory;
    double sy = 0, ss = 0, yy = 0;
    for (int64_t i = 0; i < n; i++) {
        double si = x[i] - x0[i], yi = g[i] - g0[i];
        sy += si * yi;
        ss += si * si;
        yy += yi * yi;
    }
    if (sy >
        DBL_EPSILON * sqrt(ss) * sqrt(yy)) { /* keeps H positive definite; strong Wolfe makes it so but for rounding */
        for (int64_t i = 0; i < n; i++) {
            s[k * n + i] = x[i] - x0[i];
            y[k * n + i] = g[i] - g0[i];
        }
        l->at[1].n += 1;
    }
    l->at[0].n += 1;
    take_params(st, w.params);
    st->loss = w.at.f;
    st->gnorm = sqrt(gnew);
    st->accepted_eval = true;
    return true;
fail:
    release(S, w.params);
    return false;
}

static bool lbfgs_step(Opt *o, OptStep *st)
{
    State *S = st->S;
    int64_t n, memory = (int64_t)o->conf->at[0].n;
    if (!refuse_levels(o, st) || !flat_count(S, st->params, &st->grad, &n) || !lbfgs_state(o, st, n, memory))
        return false;
    size_t count = (size_t)(5 * n + memory), bytes;
    if (!mem_size(S, count, sizeof(double), 0, &bytes)) return false;
    double *work = mem_zalloc(S, bytes);
    bool ok = work && lbfgs_run(o, st, n, memory, work);
    mem_free(S, work, bytes);
    return ok;
}

static const OptDef lbfgs_def = {"lbfgs", OPT_LINE_SEARCH, lbfgs_step};

BUILTIN(lbfgs, "lbfgs(memory: 10)",
        "Limited-memory BFGS for losses without noise: Liu and Nocedal 1989; Nocedal and Wright 2006, algorithms "
        "7.4 and 7.5, with the strong Wolfe line search of algorithms 3.5 and 3.6 (1e-4, 0.9). Needs no learning "
        "rate, evaluates the block one or a few times a step, and ends the descend as \"stalled\" when rounding "
        "allows no lower point.")
{
    static const char *const names[] = {"memory"};
    int64_t m;
    if (!arg_int(c, 0, &m)) return false;
    if (m < 1 || m > 1000)
        return diag_fail(c->S, DIAG_VALUE, "lbfgs: `memory` is 1 to 1000 pairs, not %lld", (long long)m);
    return optim_make(c, &lbfgs_def, names);
}

/* ---- least squares ---- */

/* Solves min |A x - b| for A [m, n], m >= n, stored by columns, by Householder's QR; A and b are overwritten.
** False when a column depends on those before it. Golub and Van Loan 2013, section 5.3. */
static bool qr_solve(int64_t m, int64_t n, double *A, double *b, double *x)
{
    double largest = 0;
    for (int64_t j = 0; j < n; j++) {
        double *a = A + j * m, norm = 0;
        for (int64_t i = j; i < m; i++) norm += a[i] * a[i];
        norm = sqrt(norm);
        if (norm > largest) largest = norm;
        if (!(norm > 1e-14 * largest)) return false;
        double alpha = a[j] > 0 ? -norm : norm, v0 = a[j] - alpha; /* v = (v0, a below j) */
        double beta = -1 / (alpha * v0);                           /* 2 / v'v */
        a[j] = v0;
        for (int64_t k = j + 1; k <= n; k++) {
            double *c = k < n ? A + k * m : b, s = 0;
            for (int64_t i = j; i < m; i++) s += a[i] * c[i];
            s *= beta;
            for (int64_t i = j; i < m; i++) c[i] -= s * a[i];
        }
        x[j] = alpha; /* the diagonal of R, until back substitution */
    }
    for (int64_t j = n - 1; j >= 0; j--) {
        double s = b[j];
        for (int64_t k = j + 1; k < n; k++) s -= A[k * m + j] * x[k];
        x[j] = s / x[j];
    }
    return true;
}

/* One problem: residuals r [m], Jacobian J [m, n] by rows, scratch for [J; sqrt(mu) D]. */
typedef struct Least {
    OptStep *st;
    int64_t m, n;
    Tensor *r, *J;
    double *x, *g, *scale, *delta, *trial; /* n each; scale: squared norms of the columns */
    const double *damp;                    /* n: what the damping weighs each column by; the same, or larger */
    double *A, *b;                         /* (m + n) * n and m + n */
    size_t work_bytes, a_bytes;
    double *work;
    double f;
} Least;

static double half_square(const Tensor *r)
{
    double s = 0;
    for (int64_t i = 0; i < r->n; i++) s += tensor_get(r, i) * tensor_get(r, i);
    return 0.5 * s;
}

static void least_close(Least *w)
{
    State *S = w->st->S;
    obj_release(S, w->r);
    obj_release(S, w->J);
    mem_free(S, w->work, w->work_bytes);
    mem_free(S, w->A, w->a_bytes);
}

/* J'r, and the largest share of the residuals that a column sees (MINPACK's gnorm): 0 at a stationary point. */
static double gradient_of(const Least *w, double *g)
{
    const double *J = (const double *)w->J->st->data + w->J->offset, *r = (const double *)w->r->st->data + w->r->offset;
    double share = 0, rnorm = sqrt(2 * half_square(w->r));
    for (int64_t j = 0; j < w->n; j++) {
        double s = 0, c = 0;
        for (int64_t i = 0; i < w->m; i++) {
            s += J[i * w->n + j] * r[i];
            c += J[i * w->n + j] * J[i * w->n + j];
        }
        g[j] = s;
        w->scale[j] = c;
        if (c > 0 && rnorm > 0) share = fmax(share, fabs(s) / (sqrt(c) * rnorm));
    }
    return share;
}

static bool least_open(Least *w, Opt *o, OptStep *st, double *share)
{
    State *S = st->S;
    *w = (Least){.st = st};
    if (!refuse_levels(o, st) || !flat_count(S, st->params, NULL, &w->n) || !st->lsq(st, st->params, &w->r, &w->J))
        return false;
    w->m = w->r->n;
    w->f = half_square(w->r);
    if (!isfinite(w->f)) {
        diag_fail(S, DIAG_NOT_FINITE, "the residuals are not finite in step %lld", (long long)st->step);
        return diag_hint(S, "start from other values");
    }
    if (!w->J || w->J->rank != 2 || w->J->dim[1] != w->n)
        return diag_fail(S, DIAG_INTERNAL, "%s: the Jacobian does not fit the %lld trained numbers", o->def->name,
                         (long long)w->n);
    if (!tensor_force(S, w->J) || !tensor_force(S, w->r)) return false;
    size_t rows, cells;
    if (!mem_size(S, (size_t)w->n, 5 * sizeof(double), sizeof(double), &w->work_bytes) ||
        !mem_size(S, (size_t)(w->m + w->n), (size_t)w->n + 1, 0, &cells) ||
        !mem_size(S, cells, sizeof(double), sizeof(double), &w->a_bytes))
        return false;
    rows = (size_t)(w->m + w->n);
    w->work = mem_zalloc(S, w->work_bytes);
    w->A = w->work ? mem_alloc(S, w->a_bytes) : NULL;
    if (!w->A) return false;
    w->b = w->A + rows * (size_t)w->n;
    w->x = w->work;
    w->g = w->x + w->n;
    w->scale = w->g + w->n;
    w->delta = w->scale + w->n;
    w->trial = w->delta + w->n;
    w->damp = w->scale;
    *share = gradient_of(w, w->g);
    st->loss = w->f;
    st->gnorm = sqrt(dot(w->n, w->g, w->g));
    return flat_read(S, st->params, NULL, w->x);
}

/* delta = argmin |J delta + r|^2 + mu * sum(damp * delta^2), by columns divided by sqrt(damp): units do not matter. */
static bool least_solve(Least *w, double mu)
{
    int64_t m = w->m, n = w->n, rows = m + n;
    const double *J = (const double *)w->J->st->data + w->J->offset, *r = (const double *)w->r->st->data + w->r->offset;
    for (int64_t j = 0; j < n; j++) {
        double *a = w->A + j * rows, unit = w->damp[j] > 0 ? sqrt(w->damp[j]) : 1;
        for (int64_t i = 0; i < m; i++) a[i] = J[i * n + j] / unit;
        memset(a + m, 0, (size_t)n * sizeof *a);
        a[m + j] = sqrt(mu);
    }
    for (int64_t i = 0; i < rows; i++) w->b[i] = i < m ? -r[i] : 0;
    if (!qr_solve(rows, n, w->A, w->b, w->delta)) return false;
    for (int64_t j = 0; j < n; j++)
        if (w->damp[j] > 0) w->delta[j] /= sqrt(w->damp[j]);
    return true;
}

/* Tries x + a * delta; *f the loss there, inf when it is not finite; *params its tree. */
static bool least_try(Least *w, double a, double *f, Value *params)
{
    State *S = w->st->S;
    Tensor *r = NULL;
    for (int64_t i = 0; i < w->n; i++) w->trial[i] = w->x[i] + a * w->delta[i];
    if (!flat_build(S, w->st->params, NULL, w->trial, params)) return false;
    if (!w->st->lsq(w->st, *params, &r, NULL)) {
        release(S, *params);
        *params = NIL;
        return false;
    }
    *f = tensor_force(S, r) ? half_square(r) : NAN;
    if (!isfinite(*f)) *f = INFINITY;
    obj_release(S, r);
    return true;
}

/* Moves to params, and works out the gradient there. */
static bool least_accept(Least *w, Value params_take)
{
    State *S = w->st->S;
    obj_release(S, w->r);
    obj_release(S, w->J);
    w->r = w->J = NULL;
    take_params(w->st, params_take);
    if (!w->st->lsq(w->st, w->st->params, &w->r, &w->J)) return false;
    if (!tensor_force(S, w->r) || !tensor_force(S, w->J)) return false;
    gradient_of(w, w->g);
    w->st->loss = half_square(w->r);
    w->st->gnorm = sqrt(dot(w->n, w->g, w->g));
    w->st->accepted_eval = true;
    return true;
}

static bool tiny_step(const Least *w)
{
    double dd = dot(w->n, w->delta, w->delta), xx = dot(w->n, w->x, w->x);
    return dd == 0 || sqrt(dd) <= DBL_EPSILON * sqrt(xx);
}

/* State: step, mu, nu, and the largest squared norm that each column has had. */
static const char *const lm_names[] = {"step", "mu", "nu", "damp"};
enum { TRIES_MAX = 60 };

static bool lm_run(Opt *o, Least *w)
{
    State *S = w->st->S;
    Value *item = o->state.l->at;
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        double mu = item[1].n, f;
        Value params = NIL;
        if (mu > 1e30 || (least_solve(w, mu) && tiny_step(w))) break;
        double gain = 0; /* what the model promises: (mu d'Dd - d'g) / 2 */
        for (int64_t j = 0; j < w->n; j++) gain += 0.5 * w->delta[j] * (mu * w->damp[j] * w->delta[j] - w->g[j]);
        if (!least_try(w, 1, &f, &params)) return false;
        if (w->f - f > 0 && gain > 0) {
            double ratio = (w->f - f) / gain, shrink = 1 - pow(2 * ratio - 1, 3);
            item[1].n = fmax(mu * fmax(1.0 / 3, shrink), 1e-20);
            item[2].n = 2;
            item[0].n += 1;
            return least_accept(w, params);
        }
        release(S, params);
        item[1].n = mu * item[2].n;
        item[2].n *= 2;
        if (!vm_check(S)) return false;
    }
    item[1].n = 1e-3; /* nothing lower within rounding */
    item[2].n = 2;
    w->st->stalled = true;
    return true;
}

static bool lm_state(Opt *o, OptStep *st, Least *w)
{
    State *S = st->S;
    if (is_nil(o->state)) {
        Tensor *damp = tensor_zeros(S, DT_F64, 1, &w->n);
        if (!damp) return false;
        Value item[4] = {val_num(0), val_num(1e-3), val_num(2), val_obj(T_TENSOR, damp)};
        o->state = optim_state(S, lm_names, item, 4);
        if (is_nil(o->state)) return false;
    }
    List *l = o->state.tag == T_LIST && o->state.l->len == 4 ? o->state.l : NULL;
    if (!l || l->at[3].tag != T_TENSOR || l->at[3].t->n != w->n)
        return diag_fail(S, DIAG_OPTIMISER, "lm has state for a target of another size than %lld", (long long)w->n);
    if (!optim_own(S, &o->state) || !optim_own(S, &o->state.l->at[3])) return false;
    double *damp = tensor_data(S, o->state.l->at[3].t);
    if (!damp) return false;
    for (int64_t j = 0; j < w->n; j++) damp[j] = fmax(damp[j], w->scale[j]);
    w->damp = damp;
    return true;
}

static bool lm_step(Opt *o, OptStep *st)
{
    Least w = {.st = st};
    double share = 0;
    bool ok = least_open(&w, o, st, &share) && lm_state(o, st, &w);
    if (ok && share <= DBL_EPSILON) st->stalled = true;
    else if (ok) ok = lm_run(o, &w);
    least_close(&w);
    return ok;
}

static const OptDef lm_def = {"lm", OPT_LEAST_SQUARES, lm_step};

BUILTIN(lm, "lm()",
        "Levenberg-Marquardt for blocks that give a tensor of residuals: minimises half the sum of squares. "
        "Marquardt 1963, damping times the largest diagonal of J'J so far as in More 1978, steered as in Nielsen "
        "1999, \"Damping parameter in Marquardt's method\"; steps are solved by QR, not from J'J, and units of "
        "the parameters do not matter. Ends the descend as \"stalled\" when no lower point is found.")
{
    return optim_make(c, &lm_def, NULL);
}

static bool gauss_newton_run(Least *w)
{
    State *S = w->st->S;
    if (!least_solve(w, 0) && !least_solve(w, 1e-10)) { /* columns depend on each other: damp a little */
        w->st->stalled = true;
        return true;
    }
    for (double a = 1; a > 1e-6 && !tiny_step(w); a /= 2) {
        double f;
        Value params = NIL;
        if (!least_try(w, a, &f, &params)) return false;
        if (f < w->f) return least_accept(w, params);
        release(S, params);
    }
    w->st->stalled = true;
    return true;
}

static bool gauss_newton_step(Opt *o, OptStep *st)
{
    Least w = {.st = st};
    double share = 0;
    bool ok = least_open(&w, o, st, &share);
    if (ok && share <= DBL_EPSILON) st->stalled = true;
    else if (ok) ok = gauss_newton_run(&w);
    least_close(&w);
    return ok;
}

static const OptDef gauss_newton_def = {"gauss_newton", OPT_LEAST_SQUARES, gauss_newton_step};

BUILTIN(gauss_newton, "gauss_newton()",
        "Gauss-Newton for blocks that give a tensor of residuals: solves the linearised problem by QR and takes "
        "the step, halved while the sum of squares would not fall. Nocedal and Wright 2006, section 10.3. lm() "
        "is safer far from the solution.")
{
    return optim_make(c, &gauss_newton_def, NULL);
}
