/* reduce.c -- sums, means, extremes and their kin, and what runs along an axis (sort, cumsum, softmax).
**
** A reduction takes a tensor, a range, or a list: of numbers it gives one number, of tensors it goes item by
** item, so that sum(list) and sum(e for k in ...) mean the same. Without `axis:` everything is reduced and the
** result is a number. The operations themselves are in runtime/ops/reduce.c.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/ops/walk.h"

/* x as a tensor (owned): lists and numbers are stacked. *items: a list of tensors, to be reduced item by item. */
static bool as_tensor(Call *c, Value x, Value *out, bool *items)
{
    *items = false;
    switch (x.tag) {
    case T_TENSOR: *out = retain(x); return true;
    case T_NUM:
    case T_BOOL: return tensor_stack(c->S, &x, 1, out);
    case T_LIST: *items = x.l->len && x.l->at[0].tag == T_TENSOR; return tensor_stack(c->S, x.l->at, x.l->len, out);
    case T_RANGE: {
        Tensor *t = tensor_range(c->S, x.r->lo, 1, range_len(x.r), default_float(c->S));
        if (t) *out = val_obj(T_TENSOR, t);
        return t != NULL;
    }
    default: return arg_fail(c, 0, "a tensor, a list or a number");
    }
}

static bool which_axes(Call *c, int i, int rank, bool items, int *axes, int *n)
{
    if (!arg_axes(c, i, rank, axes, n)) return false;
    if (*n == 0 && items) axes[(*n)++] = 0;
    return true;
}

/* third: what stands in attribute 2 (ddof, q). */
static bool reduce(Call *c, OpId op, Value x, int axis_arg, int keep_arg, double third)
{
    bool items, keep;
    int axes[RANK_MAX], n;
    Value t;
    if (!arg_bool(c, keep_arg, &keep)) return false;
    bool same = op == OPID_sum || op == OPID_mean || op == OPID_prod || op == OPID_max || op == OPID_min;
    if (x.tag == T_NUM && same && !keep && !arg_given(c, axis_arg)) return *c->out = x, true;
    if (!as_tensor(c, x, &t, &items)) return false;
    bool ok = which_axes(c, axis_arg, t.t->rank, items, axes, &n);
    if (ok) {
        uint32_t mask = 0;
        for (int i = 0; i < n; i++) mask |= 1u << axes[i];
        if (n == 0) mask = (1u << t.t->rank) - 1;
        Attr a[3] = {{.i = keep}, {.i = mask}, {.f = third}};
        LATE_LAST(c->S);
        ok = op_apply(c->S, op, &t, 1, a, 3, c->out);
        LATE_DONE(c->S);
    }
    release(c->S, t);
    return ok;
}

#define AXES                                                                                                           \
    "`axis:` is a number or a list of numbers, `keep: true` leaves reduced axes with size 1; without an axis the "     \
    "result is a number."
#define AXES_KEEP "`axis:` is a number or a list of numbers, `keep: true` leaves reduced axes with size 1."

BUILTIN(sum, "sum(x, axis: nil, keep: false)",
        "Sum of the elements. " AXES " Integers stay integers (i64); f32 accumulates in f64. Of nothing it is 0.")
{
    return reduce(c, OPID_sum, c->arg[0], 1, 2, 0);
}
BUILTIN(mean, "mean(x, axis: nil, keep: false)", "Arithmetic mean. " AXES)
{
    return reduce(c, OPID_mean, c->arg[0], 1, 2, 0);
}
BUILTIN(prod, "prod(x, axis: nil, keep: false)",
        "Product of the elements. " AXES " Its derivative is right where elements are 0.")
{
    return reduce(c, OPID_prod, c->arg[0], 1, 2, 0);
}

/* max(x, axis:, keep:) reduces, max(a, b, ...) goes element by element. */
static bool extreme(Call *c, OpId fold, OpId each)
{
    List *rest = c->arg[1].l;
    Value arg[3] = {c->arg[0], NIL, val_bool(false)};
    int64_t more = 0;
    for (int64_t i = 0; i < rest->len; i++) {
        const Str *name = list_name(rest, i);
        if (!name) more++;
        else if (!strcmp(name->data, "axis")) arg[1] = rest->at[i];
        else if (!strcmp(name->data, "keep")) arg[2] = rest->at[i];
        else {
            diag_fail(c->S, DIAG_ARGNAME, "%s has no parameter `%s`", c->builtin->name, name->data);
            return diag_hint(c->S, "it is called as %s(x, axis: nil, keep: false) or %s(a, b, ...)", c->builtin->name,
                             c->builtin->name);
        }
    }
    if (!more) {
        Call one = *c;
        one.arg = arg;
        return reduce(&one, fold, arg[0], 1, 2, 0);
    }
    if (more < rest->len)
        return diag_fail(c->S, DIAG_ARGS,
                         "%s of several arguments goes element by element and takes no `axis:` or `keep:`",
                         c->builtin->name);
    Value y = retain(arg[0]);
    for (int64_t i = 0; i < rest->len; i++) {
        Value next, v = rest->at[i];
        bool ok = true;
        if ((y.tag != T_NUM && y.tag != T_TENSOR) || (v.tag != T_NUM && v.tag != T_TENSOR)) {
            ok = diag_fail(c->S, DIAG_TYPE, "%s of several arguments takes numbers and tensors, not %s",
                           c->builtin->name, type_name(c->S, y.tag != T_NUM && y.tag != T_TENSOR ? y : v));
        } else ok = op2(c->S, each, y, v, &next);
        release(c->S, y);
        if (!ok) return false;
        y = next;
    }
    *c->out = y;
    return true;
}

BUILTIN(max, "max(x, ...rest)",
        "Largest element: max(x, axis: nil, keep: false); max(a, b, ...) goes element by element. A NaN is "
        "passed on; equal largest elements share the gradient. E0221 when there is none.")
{
    return extreme(c, OPID_max, OPID_maximum);
}
BUILTIN(min, "min(x, ...rest)",
        "Smallest element: min(x, axis: nil, keep: false); min(a, b, ...) goes element by element. A NaN is "
        "passed on; equal smallest elements share the gradient. E0221 when there is none.")
{
    return extreme(c, OPID_min, OPID_minimum);
}

BUILTIN(any, "any(x, axis: nil, keep: false)",
        "Whether any element is true: a bool, or with `axis:` a bool tensor. " AXES_KEEP
        " Numbers count as true unless 0.")
{
    return reduce(c, OPID_any, c->arg[0], 1, 2, 0);
}
BUILTIN(all, "all(x, axis: nil, keep: false)",
        "Whether all elements are true: a bool, or with `axis:` a bool tensor. " AXES_KEEP
        " Numbers count as true unless 0.")
{
    return reduce(c, OPID_all, c->arg[0], 1, 2, 0);
}

static bool spread(Call *c, OpId op)
{
    double ddof;
    return arg_num(c, 3, &ddof) && reduce(c, op, c->arg[0], 1, 2, ddof);
}
BUILTIN(variance, "variance(x, axis: nil, keep: false, ddof: 0)",
        "Mean square distance from the mean, divided by n - ddof. " AXES)
{
    return spread(c, OPID_variance);
}
BUILTIN(std, "std(x, axis: nil, keep: false, ddof: 0)", "Root of the variance. " AXES " Its slope is 0 where it is 0.")
{
    return spread(c, OPID_std);
}
BUILTIN(norm, "norm(x, axis: nil, keep: false)",
        "Root of the sum of squares (of a matrix: Frobenius), without overflow. " AXES " Its slope at 0 is 0.")
{
    return reduce(c, OPID_norm, c->arg[0], 1, 2, 0);
}
BUILTIN(logsumexp, "logsumexp(x, axis: nil, keep: false)", "log(sum(exp(x))) without overflow. " AXES)
{
    return reduce(c, OPID_logsumexp, c->arg[0], 1, 2, 0);
}

static bool check_share(Call *c, double q)
{
    char num[40];
    if (q >= 0 && q <= 1) return true;
    num_format(num, q);
    return diag_fail(c->S, DIAG_VALUE, "%s: `q` lies between 0 and 1, not %s", c->builtin->name, num);
}

BUILTIN(quantile, "quantile(x, q, axis: nil, keep: false)",
        "The value below which a share q of the elements lies, linear between neighbours. " AXES
        " Several q, in a list or vector, give a first axis of results. (Hyndman and Fan 1996, type 7)")
{
    Value q = c->arg[1];
    if (q.tag == T_NUM) return check_share(c, q.n) && reduce(c, OPID_quantile, c->arg[0], 2, 3, q.n);
    Value qs;
    if (q.tag == T_LIST) {
        if (!tensor_stack(c->S, q.l->at, q.l->len, &qs)) return false;
    } else if (q.tag == T_TENSOR && q.t->rank == 1) {
        qs = retain(q);
    } else return arg_fail(c, 1, "a number, or several in a list or vector");
    List *ys = tensor_force(c->S, qs.t) ? list_new(c->S, qs.t->n) : NULL;
    bool ok = ys != NULL;
    for (int64_t i = 0; ok && i < qs.t->n; i++) {
        double share = tensor_get(qs.t, i);
        Value y;
        Call one = *c;
        one.out = &y;
        ok = check_share(c, share) && reduce(&one, OPID_quantile, c->arg[0], 2, 3, share) &&
             list_push_take(c->S, ys, NULL, y);
    }
    ok = ok && tensor_stack(c->S, ys->at, ys->len, c->out);
    obj_release(c->S, ys);
    release(c->S, qs);
    return ok;
}
BUILTIN(median, "median(x, axis: nil, keep: false)",
        "The middle element, or the mean of the two middle ones. " AXES " The gradient goes to the chosen elements.")
{
    return reduce(c, OPID_quantile, c->arg[0], 1, 2, 0.5);
}

/* one axis, or all elements in row-major order */
static bool arg_extreme(Call *c, OpId op)
{
    bool items;
    int axis;
    bool keep;
    Value t;
    if (!arg_bool(c, 2, &keep) || !as_tensor(c, c->arg[0], &t, &items)) return false;
    uint32_t mask = (1u << t.t->rank) - 1;
    bool ok = true;
    if (items && !arg_given(c, 1)) mask = 1;
    if (arg_given(c, 1) && (ok = arg_axis(c, 1, t.t->rank, &axis))) mask = 1u << axis;
    Attr a[3] = {{.i = keep}, {.i = mask}, {.f = 0}};
    ok = ok && op_apply(c->S, op, &t, 1, a, 3, c->out);
    release(c->S, t);
    return ok;
}
BUILTIN(argmax, "argmax(x, axis: nil, keep: false)",
        "Position of the largest element along an axis, i64; without one the row-major number among all. The "
        "first of several; a NaN counts as largest.")
{
    return arg_extreme(c, OPID_argmax);
}
BUILTIN(argmin, "argmin(x, axis: nil, keep: false)",
        "Position of the smallest element along an axis, i64; without one the row-major number among all. The "
        "first of several; a NaN counts as smallest.")
{
    return arg_extreme(c, OPID_argmin);
}

/* ---- along axes, the shape is kept ---- */
static bool soft(Call *c, OpId op, double of_number)
{
    bool items;
    int axes[RANK_MAX], n;
    Value t;
    if (c->arg[0].tag == T_NUM) return *c->out = val_num(of_number), true;
    if (!as_tensor(c, c->arg[0], &t, &items)) return false;
    bool ok = arg_axes(c, 1, t.t->rank, axes, &n);
    uint32_t mask = 0;
    for (int i = 0; ok && i < n; i++) mask |= 1u << axes[i];
    if (n == 0) mask = (1u << t.t->rank) - 1;
    Attr a[3] = {{.i = 0}, {.i = mask}, {.f = 0}};
    ok = ok && op_apply(c->S, op, &t, 1, a, 3, c->out);
    release(c->S, t);
    return ok;
}
BUILTIN(softmax, "softmax(x, axis: -1)", "exp(x) / sum(exp(x)) along an axis (or several), without overflow.")
{
    return soft(c, OPID_softmax, 1);
}
BUILTIN(log_softmax, "log_softmax(x, axis: -1)", "log(softmax(x)) along an axis (or several), without overflow.")
{
    return soft(c, OPID_log_softmax, 0);
}

static bool scan_axis(Call *c, OpId op)
{
    bool items;
    int axis = 0;
    Value t, flat;
    if (c->arg[0].tag == T_NUM) return *c->out = c->arg[0], true;
    if (!as_tensor(c, c->arg[0], &t, &items)) return false;
    bool ok = true;
    if (arg_given(c, 1)) ok = arg_axis(c, 1, t.t->rank, &axis);
    else if (t.t->rank > 1 && !items) {
        ok = op_reshape(c->S, t, 1, &t.t->n, &flat);
        if (ok) release(c->S, t), t = flat;
    }
    Attr a[2] = {{.i = axis}, {.i = 0}};
    ok = ok && op_apply(c->S, op, &t, 1, a, 2, c->out);
    release(c->S, t);
    return ok;
}
BUILTIN(cumsum, "cumsum(x, axis: nil)", "Running sum along an axis; without one over all elements in row-major order.")
{
    return scan_axis(c, OPID_cumsum);
}
BUILTIN(cumprod, "cumprod(x, axis: nil)",
        "Running product along an axis; without one over all elements in row-major order. Its derivative is right "
        "where elements are 0.")
{
    return scan_axis(c, OPID_cumprod);
}

/* ---- order ---- */
static bool order(Call *c, OpId op)
{
    bool items, down;
    int axis;
    Value t;
    if (!arg_bool(c, 2, &down)) return false;
    if (c->arg[0].tag == T_NUM) return arg_fail(c, 0, "a tensor");
    if (!as_tensor(c, c->arg[0], &t, &items)) {
        if (c->arg[0].tag == T_LIST) diag_hint(c->S, "sorted(list) sorts a list");
        return false;
    }
    Attr a[2];
    bool ok = arg_axis(c, 1, t.t->rank, &axis);
    if (ok) {
        a[0].i = axis;
        a[1].i = down;
        ok = op_apply(c->S, op, &t, 1, a, 2, c->out);
    }
    release(c->S, t);
    return ok;
}
BUILTIN(sort, "sort(x, axis: -1, descending: false)",
        "The elements in order along an axis, NaN last. The gradient goes to where each element came from.")
{
    return order(c, OPID_sort);
}
BUILTIN(argsort, "argsort(x, axis: -1, descending: false)",
        "Positions that put x in order along an axis, i64; equal elements keep their order, NaN comes last.")
{
    return order(c, OPID_argsort);
}

BUILTIN(topk, "topk(x, k, axis: -1, largest: true)",
        "The k largest (or smallest) elements along an axis, in order, and their positions: (values: , indices: ). "
        "NaN comes last, as in sort.")
{
    State *S = c->S;
    int64_t k;
    int axis;
    bool largest;
    Value x, idx, at, v = NIL;
    if (!arg_tensor(c, 0, &x) || !arg_int(c, 1, &k) || !arg_axis(c, 2, x.t->rank, &axis) || !arg_bool(c, 3, &largest))
        return false;
    if (k < 0 || k > tensor_shape(x.t)[axis])
        return diag_fail(S, DIAG_VALUE, "topk: k = %lld of an axis of size %lld", (long long)k,
                         (long long)tensor_shape(x.t)[axis]);
    Attr a[2] = {{.i = axis}, {.i = largest}};
    if (!op_apply(S, OPID_argsort, &x, 1, a, 2, &idx)) return false;
    int64_t start[RANK_MAX] = {0}, count[RANK_MAX], step[RANK_MAX];
    bool drop[RANK_MAX] = {false};
    for (int i = 0; i < x.t->rank; i++) count[i] = i == axis ? k : tensor_shape(x.t)[i], step[i] = 1;
    bool ok = op_slice(S, idx, start, count, step, drop, &at);
    release(S, idx);
    if (!ok) return false;
    Value in[2] = {x, at};
    ok = op_apply(S, OPID_gather, in, 2, a, 1, &v);
    List *l = ok ? list_new(S, 2) : NULL;
    Str *nv = l ? str_intern(S, "values", 6) : NULL, *ni = nv ? str_intern(S, "indices", 7) : NULL;
    if (!ni) release(S, v), release(S, at), ok = false;
    else if (!list_push_take(S, l, nv, v)) release(S, at), ok = false;
    else ok = list_push_take(S, l, ni, at);
    obj_release(S, nv);
    obj_release(S, ni);
    if (ok) *c->out = val_obj(T_LIST, l);
    else obj_release(S, l);
    return ok;
}
