/* random.c -- random numbers: uniform, normal, exponential, laplace, bernoulli, permutation, choice, seed.
**
** Each call takes one draw number of the running stream; element i of the draw comes from a counter (rng.h), so
** a seed fixes every number whatever runs when.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/builtin.h"
#include "runtime/ops/random.h"

static bool is_plain(Value v) { return v.tag == T_NUM && !v.level; }

static bool numeric(Call *c, int i)
{
    return c->arg[i].tag == T_NUM || c->arg[i].tag == T_TENSOR ? true : arg_fail(c, i, "a number or a tensor");
}

/* The shape asked for; without one, that of the parameters that are tensors. */
static bool draw_shape(Call *c, int at, const Value *like, int nlike, int *rank, int64_t *shape)
{
    if (!arg_shape(c, at, rank, shape)) return false;
    if (c->arg[at].l->len) return true;
    return broadcast_shape(c->S, c->builtin->name, like, nlike, rank, shape);
}

/* a + b * z, releasing z */
static bool shifted(State *S, Value a, Value b, Value z_take, Value *out)
{
    Value bz = NIL;
    bool ok = op2(S, OPID_mul, b, z_take, &bz) && op2(S, OPID_add, a, bz, out);
    release(S, bz);
    release(S, z_take);
    return ok;
}

static void made_by(Call *c)
{
    if (is_tensor(*c->out)) c->out->t->made_by = c->builtin->name;
}

BUILTIN(uniform, "uniform(...shape, low: 0, high: 1)",
        "Random numbers, all equally likely, from low up to but not including high. Without a shape: one number.")
{
    State *S = c->S;
    int rank;
    int64_t shape[RANK_MAX];
    if (!numeric(c, 1) || !numeric(c, 2) || !draw_shape(c, 0, c->arg + 1, 2, &rank, shape)) return false;
    bool ok;
    if (is_plain(c->arg[1]) && is_plain(c->arg[2])) {
        ok = random_fill(S, RANDOM_UNIFORM, c->arg[1].n, c->arg[2].n, rank, shape, c->out);
    } else {
        Value width = NIL, u = NIL;
        ok = op2(S, OPID_sub, c->arg[2], c->arg[1], &width) && random_fill(S, RANDOM_UNIFORM, 0, 1, rank, shape, &u) &&
             shifted(S, c->arg[1], width, u, c->out);
        release(S, width);
    }
    if (ok) made_by(c);
    return ok;
}

BUILTIN(normal, "normal(...shape, mean: 0, std: 1)",
        "Random numbers of the normal distribution. Derivatives go to mean and std. Without a shape: one number.")
{
    State *S = c->S;
    int rank;
    int64_t shape[RANK_MAX];
    if (!numeric(c, 1) || !numeric(c, 2) || !draw_shape(c, 0, c->arg + 1, 2, &rank, shape)) return false;
    if (c->arg[2].tag == T_NUM && !(c->arg[2].n >= 0))
        return diag_fail(S, DIAG_VALUE, "normal: `std` is at least 0, not %g", c->arg[2].n);
    bool ok;
    if (is_plain(c->arg[1]) && is_plain(c->arg[2])) {
        ok = random_fill(S, RANDOM_NORMAL, c->arg[1].n, c->arg[2].n, rank, shape, c->out);
    } else {
        Value z = NIL;
        ok = random_fill(S, RANDOM_NORMAL, 0, 1, rank, shape, &z) && shifted(S, c->arg[1], c->arg[2], z, c->out);
    }
    if (ok) made_by(c);
    return ok;
}

/* -log(1 - u), u in [0, 1): a draw of the exponential distribution with rate 1. */
static bool unit_exponential(State *S, int rank, const int64_t *shape, Value *out)
{
    Value u = NIL, less = NIL, log = NIL;
    bool ok = random_fill(S, RANDOM_UNIFORM, 0, 1, rank, shape, &u) && op1(S, OPID_neg, u, &less) &&
              op1(S, OPID_log1p, less, &log) && op1(S, OPID_neg, log, out);
    release(S, u);
    release(S, less);
    release(S, log);
    return ok;
}

/* A number parameter that must be above 0. */
static bool above_0(Call *c, int i, const char *name)
{
    if (c->arg[i].tag != T_NUM || c->arg[i].n > 0) return true;
    return diag_fail(c->S, DIAG_VALUE, "%s: `%s` is above 0, not %g", c->builtin->name, name, c->arg[i].n);
}

BUILTIN(exponential, "exponential(...shape, rate: 1)",
        "Random numbers of the exponential distribution, with mean 1 / rate: -log(1 - u) / rate for a uniform u. "
        "Derivatives go to rate. Without a shape: one number.")
{
    State *S = c->S;
    int rank;
    int64_t shape[RANK_MAX];
    Value e = NIL;
    if (!numeric(c, 1) || !above_0(c, 1, "rate") || !draw_shape(c, 0, c->arg + 1, 1, &rank, shape)) return false;
    bool ok = unit_exponential(S, rank, shape, &e) && op2(S, OPID_div, e, c->arg[1], c->out);
    release(S, e);
    if (ok) made_by(c);
    return ok;
}

BUILTIN(laplace, "laplace(...shape, mean: 0, scale: 1)",
        "Random numbers of the Laplace distribution, with variance 2 scale^2: mean and scale times the difference of "
        "two exponential draws. Derivatives go to mean and scale. Without a shape: one number.")
{
    State *S = c->S;
    int rank;
    int64_t shape[RANK_MAX];
    Value e = NIL, d = NIL, z = NIL;
    if (!numeric(c, 1) || !numeric(c, 2) || !above_0(c, 2, "scale") || !draw_shape(c, 0, c->arg + 1, 2, &rank, shape))
        return false;
    bool ok = unit_exponential(S, rank, shape, &e) && unit_exponential(S, rank, shape, &d) &&
              op2(S, OPID_sub, e, d, &z) && shifted(S, c->arg[1], c->arg[2], z, c->out);
    release(S, e);
    release(S, d);
    if (ok) made_by(c);
    return ok;
}

BUILTIN(bernoulli, "bernoulli(p, ...shape)",
        "1 with probability p, else 0. p may be a tensor, one probability for each element. Without a shape: one "
        "number.")
{
    State *S = c->S;
    int rank;
    int64_t shape[RANK_MAX];
    Value p = c->arg[0];
    if (!numeric(c, 0) || !draw_shape(c, 1, c->arg, 1, &rank, shape)) return false;
    p.hdr = p.tag; /* a draw has no derivative */
    bool ok;
    if (p.tag == T_NUM) {
        if (!(p.n >= 0 && p.n <= 1))
            return diag_fail(S, DIAG_VALUE, "bernoulli: `p` is a probability, 0 to 1, not %g", p.n);
        ok = random_fill(S, RANDOM_BERNOULLI, p.n, 0, rank, shape, c->out);
    } else {
        if (!tensor_force(S, p.t)) return false;
        for (int64_t i = 0; i < p.t->n; i++) {
            double v = tensor_get(p.t, i);
            if (!(v >= 0 && v <= 1))
                return diag_fail(S, DIAG_VALUE, "bernoulli: `p` holds %g, which is no probability", v);
        }
        Value u = NIL, less = NIL;
        ok = random_fill(S, RANDOM_UNIFORM, 0, 1, rank, shape, &u) && op2(S, OPID_lt, u, p, &less);
        Value x[3] = {less, val_num(1), val_num(0)};
        ok = ok && op_apply(S, OPID_where, x, 3, NULL, 0, c->out);
        release(S, u);
        release(S, less);
    }
    if (ok) made_by(c);
    return ok;
}

BUILTIN(seed, "seed(n)", "Starts the random numbers anew: the same seed gives the same numbers. n is a whole number.")
{
    int64_t n;
    if (!arg_int(c, 0, &n)) return false;
    rng_seed(&c->S->rng, (uint64_t)n);
    return true;
}

/* A whole number below n, n > 0, of element i: the high half of a 128-bit product. */
static int64_t below(uint64_t key, uint64_t draw, uint64_t i, int64_t n)
{
    return (int64_t)(((unsigned __int128)rng_bits(key, draw, i) * (uint64_t)n) >> 64);
}

/* First k of a shuffle of 0 .. n - 1 (Fisher and Yates), an i64 tensor. Owned. */
static Tensor *shuffled(State *S, int64_t n, int64_t k)
{
    Tensor *t = tensor_new(S, DT_I64, 1, &n);
    if (!t) return NULL;
    int64_t *p = tensor_data(S, t);
    uint64_t key = S->rng.key, draw = rng_take(&S->rng);
    for (int64_t i = 0; i < n; i++) p[i] = i;
    for (int64_t i = 0; i < k && i + 1 < n; i++) {
        int64_t j = i + below(key, draw, (uint64_t)i, n - i), x = p[i];
        p[i] = p[j];
        p[j] = x;
    }
    if (k == n) return t;
    Tensor *y = tensor_from(S, DT_I64, 1, &k, p);
    obj_release(S, t);
    return y;
}

/* Number of things to choose from: n itself, rows of a tensor, items of a list or range. */
static bool count_of(Call *c, Value x, int64_t *n)
{
    if (x.tag == T_TENSOR) *n = tensor_shape(x.t)[0];
    else if (x.tag == T_LIST) *n = x.l->len;
    else if (x.tag == T_RANGE) *n = range_len(x.r);
    else if (x.tag == T_NUM && x.n == floor(x.n) && x.n >= 0 && x.n < 0x1p53) *n = (int64_t)x.n;
    else return arg_fail(c, 0, "a whole number, a tensor or a list");
    return true;
}

/* The things at idx (i64, settled, contiguous): a tensor, or a list for a list. */
static bool things_at(Call *c, Value x, Tensor *idx, Value *out)
{
    State *S = c->S;
    if (x.tag == T_TENSOR) return op_gather_rows(S, x, 0, val_obj(T_TENSOR, idx), out);
    if (x.tag == T_LIST) {
        List *l = list_new(S, idx->n);
        for (int64_t i = 0; l && i < idx->n; i++) {
            if (list_push_take(S, l, NULL, retain(x.l->at[(int64_t)tensor_get(idx, i)]))) continue;
            obj_release(S, l);
            l = NULL;
        }
        if (!l) return false;
        *out = val_obj(T_LIST, l);
        return true;
    }
    if (x.tag == T_RANGE && (x.r->lo != 0 || x.r->step != 1)) {
        Value at = NIL, scaled = NIL;
        bool ok = op_cast(S, val_obj(T_TENSOR, idx), default_float(S), &at) &&
                  op2(S, OPID_mul, at, val_num(x.r->step), &scaled) && op2(S, OPID_add, scaled, val_num(x.r->lo), out);
        release(S, at);
        release(S, scaled);
        return ok;
    }
    *out = val_obj(T_TENSOR, obj_retain(idx));
    return true;
}

BUILTIN(permutation, "permutation(x)",
        "The whole numbers 0 to x - 1 in random order (i64); the rows of a tensor or the items of a list in "
        "random order.")
{
    int64_t n = 0;
    if (!count_of(c, c->arg[0], &n)) return false;
    Tensor *idx = shuffled(c->S, n, n);
    if (!idx) return false;
    bool ok = things_at(c, c->arg[0], idx, c->out);
    obj_release(c->S, idx);
    if (ok) made_by(c);
    return ok;
}

/* Cumulative sums of the weights, n of them; checked. */
static Tensor *cumulative(Call *c, int i, int64_t n)
{
    State *S = c->S;
    Tensor *w;
    if (!arg_data(c, i, DT_F64, &w)) return NULL;
    w = tensor_edit_take(S, w);
    if (!w) return NULL;
    double *p = tensor_data(S, w), sum = 0;
    bool ok = w->rank == 1 && w->n == n;
    for (int64_t k = 0; k < w->n && ok; k++) {
        ok = p[k] >= 0 && isfinite(p[k]);
        p[k] = sum += p[k];
    }
    if (ok && sum > 0) return w;
    obj_release(S, w);
    diag_fail(S, DIAG_VALUE, "choice: `p` holds one weight, at least 0, for each of %lld things, not all 0",
              (long long)n);
    return NULL;
}

/* First place whose cumulative weight exceeds v. */
static int64_t place_of(const double *p, int64_t n, double v)
{
    int64_t lo = 0, hi = n - 1;
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        if (p[mid] > v) hi = mid;
        else lo = mid + 1;
    }
    return lo;
}

/* m places of n by the weights, or all alike; without replacement each place at most once. Owned. */
static Tensor *places(Call *c, int64_t n, int64_t m, bool replace, Tensor *weights)
{
    State *S = c->S;
    if (!replace && !weights) return shuffled(S, n, m);
    Tensor *t = tensor_new(S, DT_I64, 1, &m);
    if (!t) return NULL;
    int64_t *y = tensor_data(S, t);
    uint64_t key = S->rng.key, draw = rng_take(&S->rng);
    double *p = weights ? tensor_data(S, weights) : NULL;
    for (int64_t i = 0; i < m; i++) {
        if (!p) {
            y[i] = below(key, draw, (uint64_t)i, n);
            continue;
        }
        double v = rng_uniform(key, draw, (uint64_t)i) * p[n - 1];
        y[i] = place_of(p, n, v);
        if (replace) continue;
        double w = p[y[i]] - (y[i] ? p[y[i] - 1] : 0); /* taken out of the sums */
        for (int64_t k = y[i]; k < n; k++) p[k] -= w;
        if (i + 1 < m && !(p[n - 1] > 1e-12 * w)) {
            diag_fail(S, DIAG_VALUE, "choice: only %lld things have a weight above 0", (long long)(i + 1));
            obj_release(S, t);
            return NULL;
        }
    }
    return t;
}

BUILTIN(choice, "choice(x, ...shape, replace: true, p: nil)",
        "Random picks from the whole numbers below x, the rows of a tensor or the items of a list; one pick "
        "without a shape. p gives weights; replace: false picks each thing at most once.")
{
    State *S = c->S;
    Value x = c->arg[0];
    int rank;
    int64_t n = 0, m = 1, shape[RANK_MAX];
    bool replace;
    if (!count_of(c, x, &n) || !arg_shape(c, 1, &rank, shape) || !arg_bool(c, 2, &replace)) return false;
    bool one = !c->arg[1].l->len;
    if ((m = shape_count(S, rank, shape)) < 0) return false;
    if (!n && m) return diag_fail(S, DIAG_EMPTY, "choice: there is nothing to choose from");
    if (!replace && m > n)
        return diag_fail(S, DIAG_VALUE, "choice: %lld different things of %lld", (long long)m, (long long)n);
    if (x.tag == T_LIST && rank > 1)
        return diag_fail(S, DIAG_VALUE, "choice: picks from a list make a list: give one size");
    Tensor *weights = NULL, *idx = NULL;
    if (arg_given(c, 3) && !(weights = cumulative(c, 3, n))) return false;
    idx = places(c, n, m, replace, weights);
    obj_release(S, weights);
    if (!idx) return false;
    bool ok;
    if (one && x.tag == T_LIST) {
        *c->out = retain(x.l->at[(int64_t)tensor_get(idx, 0)]);
        ok = true;
    } else if (one && x.tag == T_TENSOR) {
        Value at = val_num(tensor_get(idx, 0));
        ok = value_index(S, x, &at, 1, c->out);
    } else if (one) {
        double at = tensor_get(idx, 0);
        *c->out = val_num(x.tag == T_RANGE ? x.r->lo + at * x.r->step : at);
        ok = true;
    } else {
        Value places_as = val_obj(T_TENSOR, idx), shaped = NIL;
        ok = x.tag == T_LIST ? things_at(c, x, idx, c->out)
                             : op_reshape(S, places_as, rank, shape, &shaped) && things_at(c, x, shaped.t, c->out);
        release(S, shaped);
        if (ok) made_by(c);
    }
    obj_release(S, idx);
    return ok;
}
