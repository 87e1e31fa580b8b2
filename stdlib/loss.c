/* loss.c -- losses, composed of operations of the table, so they differentiate at any level; and accuracy.
**
** All of them are means over the elements (cross_entropy: over the rows). Predictions and targets have one shape, or
** one of them is a number: a loss that broadcasts is nearly always a mistake.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/builtin.h"
#include "stdlib/terms.h"

static bool numeric(Call *c, int i)
{
    Value v = c->arg[i];
    return v.tag == T_NUM || v.tag == T_TENSOR ? true : arg_fail(c, i, "a number or a tensor");
}

/* x and y are numbers or tensors of one shape. */
static bool same_shapes(Call *c)
{
    char a[128], b[128];
    Value x = c->arg[0], y = c->arg[1];
    if (!numeric(c, 0) || !numeric(c, 1)) return false;
    if (x.tag != T_TENSOR || y.tag != T_TENSOR || shape_equal(x.t, y.t)) return true;
    diag_fail(c->S, DIAG_SHAPE, "%s: the shapes differ: %s and %s", c->builtin->name, shape_str(x.t, a, sizeof a),
              shape_str(y.t, b, sizeof b));
    if (x.t->rank == y.t->rank + 1 && tensor_shape(x.t)[x.t->rank - 1] == 1)
        diag_hint(c->S, "the first has a last axis of size 1: take it away with [:, 0]");
    return false;
}

BUILTIN(mse, "mse(x, y)", "The mean of (x - y)^2. Example: mse(m(x), y).")
{
    Terms w = {.S = c->S};
    if (!same_shapes(c)) return false;
    Value d = t_sub(&w, c->arg[0], c->arg[1]);
    return t_end(&w, t_reduce(&w, OPID_mean, t_mul(&w, d, d), -1), c->out);
}

BUILTIN(mae, "mae(x, y)", "The mean of |x - y|; its derivative is 0 where they are equal.")
{
    Terms w = {.S = c->S};
    if (!same_shapes(c)) return false;
    Value d = t_sub(&w, c->arg[0], c->arg[1]);
    return t_end(&w, t_reduce(&w, OPID_mean, t_op1(&w, OPID_abs, d), -1), c->out);
}

BUILTIN(huber, "huber(x, y, delta: 1)",
        "The mean of a loss that is d^2 / 2 for |d| up to delta and delta * (|d| - delta / 2) beyond, d = x - y. "
        "Huber 1964, \"Robust estimation of a location parameter\"; PyTorch's huber_loss.")
{
    Terms w = {.S = c->S};
    double delta;
    if (!same_shapes(c) || !arg_num(c, 2, &delta)) return false;
    if (!(delta > 0)) return diag_fail(c->S, DIAG_VALUE, "huber: `delta` is above 0, not %g", delta);
    Value a = t_op1(&w, OPID_abs, t_sub(&w, c->arg[0], c->arg[1]));
    Value near = t_op2(&w, OPID_minimum, a, c->arg[2]); /* near^2 / 2 + delta * (a - near) */
    Value inner = t_mul(&w, val_num(0.5), t_mul(&w, near, near));
    Value y = t_add(&w, inner, t_mul(&w, c->arg[2], t_sub(&w, a, near)));
    return t_end(&w, t_reduce(&w, OPID_mean, y, -1), c->out);
}

BUILTIN(bce, "bce(p, y, logits: false)",
        "Binary cross-entropy: the mean of -(y * log(p) + (1 - y) * log(1 - p)) for probabilities p and targets "
        "y from 0 to 1. As in PyTorch the logarithms stop at -100, so a certain mistake costs 100. With logits: "
        "true, p is what goes into the sigmoid, and the loss is softplus(p) - y * p, which never overflows.")
{
    Terms w = {.S = c->S};
    Value p = c->arg[0], y = c->arg[1], one = val_num(1), low = val_num(-100), sum;
    bool logits;
    if (!same_shapes(c) || !arg_bool(c, 2, &logits)) return false;
    if (logits) {
        sum = t_sub(&w, t_op1(&w, OPID_softplus, p), t_mul(&w, y, p));
    } else { /* both logarithms negated, so that the loss of a perfect guess is 0 and not -0 */
        Value yes = t_op1(&w, OPID_neg, t_op2(&w, OPID_maximum, t_op1(&w, OPID_log, p), low));
        Value no = t_op1(&w, OPID_neg, t_op2(&w, OPID_maximum, t_op1(&w, OPID_log1p, t_op1(&w, OPID_neg, p)), low));
        sum = t_add(&w, t_mul(&w, y, yes), t_mul(&w, t_sub(&w, one, y), no));
    }
    return t_end(&w, t_reduce(&w, OPID_mean, sum, -1), c->out);
}

static bool shapes_fail(Call *c, Value x, Value y)
{
    char a[128], b[128];
    diag_fail(c->S, DIAG_SHAPE, "%s: logits %s do not go with labels %s", c->builtin->name, shape_str(x.t, a, sizeof a),
              shape_str(y.t, b, sizeof b));
    return diag_hint(c->S, "logits are [..., classes], labels [...] with whole numbers (or [..., classes] with "
                           "probabilities)");
}

/* With weights v by class, as PyTorch has them: -(1 - s) v[label] log p[label] - s / classes sum(v log p), divided by the
** weights of the labels. */
static Value weighted_rows(Call *c, Terms *w, Value x, Value y, Value v, bool smooths, int64_t classes)
{
    State *S = c->S;
    Value in[2] = {x, y}, of[2] = {v, y}, rows = NIL, at = NIL;
    int last = x.t->rank - 1;
    Attr plain[3] = {{.i = 0}, {.i = 0}, {.f = 0}}, axis = {.i = 0};
    rows = t_keep(w, op_apply(S, OPID_cross_entropy_rows, in, 2, plain, 3, &rows), rows); /* looks at the labels */
    if (w->failed) return NIL;
    if (y.tag == T_TENSOR) {
        of[1] = t_keep(w, op_cast(S, y, DT_I64, &at), at);
        if (!w->failed) at = t_keep(w, op_apply(S, OPID_take, of, 2, &axis, 1, &at), at);
    } else {
        at = t_keep(w, value_index(S, v, &y, 1, &at), at);
    }
    Value sum = t_reduce(w, OPID_sum, t_op2(w, OPID_chain, rows, at), -1);
    if (smooths) {
        Value all = t_sub(w, t_reduce(w, OPID_logsumexp, x, last), x);
        Value even = t_div(w, t_reduce(w, OPID_sum, t_op2(w, OPID_chain, v, all), -1), val_num((double)classes));
        sum = t_add(w, sum, t_mul(w, c->arg[2], t_sub(w, even, sum)));
    }
    return t_div(w, sum, t_reduce(w, OPID_sum, at, -1));
}

BUILTIN(cross_entropy, "cross_entropy(logits, labels, label_smoothing: 0, weight: nil)",
        "The mean over all rows of -log softmax(logits)[label], for logits [n, classes] and labels [n] of whole "
        "numbers from 0, or both with more leading axes; labels may also be probabilities of the logits' shape. "
        "Classes are the last axis. label_smoothing: s mixes the target with s / classes for every class. weight: a "
        "tensor with a number for each class; what is summed of a class counts so many times, and the mean is over "
        "the weights of the labels (of probabilities: over the rows). Large "
        "logits do not overflow, classes of logit -inf have probability 0. Natural logarithm; PyTorch's "
        "cross_entropy (which has the classes in axis 1).")
{
    State *S = c->S;
    Terms w = {.S = S};
    Value x, y = c->arg[1], rows = NIL;
    double s;
    if (!arg_tensor(c, 0, &x) || !numeric(c, 1) || !arg_num(c, 2, &s)) return false;
    bool smooths = s > 0 || c->arg[2].level;
    if (!(s >= 0 && s <= 1)) return diag_fail(S, DIAG_VALUE, "cross_entropy: `label_smoothing` lies between 0 and 1");
    int rank = x.t->rank, ranky = y.tag == T_TENSOR ? y.t->rank : 0;
    if (rank == 0 || (ranky != rank && ranky != rank - 1)) {
        if (y.tag == T_TENSOR) return shapes_fail(c, x, y);
        return arg_fail(c, 1, "a tensor of labels, one for each row");
    }
    int64_t classes = tensor_shape(x.t)[rank - 1];
    Value v = c->arg[3];
    if (!is_nil(v)) {
        if (!arg_tensor(c, 3, &v)) return false;
        if (v.t->rank != 1 || tensor_shape(v.t)[0] != classes) {
            char a[128];
            return diag_fail(S, DIAG_SHAPE,
                             "cross_entropy: `weight` has the shape [%lld], a number for each class, not %s",
                             (long long)classes, shape_str(v.t, a, sizeof a));
        }
    }
    if (classes == 0) return diag_fail(S, DIAG_EMPTY, "cross_entropy: there are no classes");
    if (ranky == rank) { /* probabilities: where one is 0 its class has no part, even of logit -inf */
        if (!shape_equal(x.t, y.t)) return shapes_fail(c, x, y);
        if (!dtype_float((DType)y.t->dtype)) {
            Value cast = NIL;
            y = t_keep(&w, op_cast(S, y, dtype_float((DType)x.t->dtype) ? (DType)x.t->dtype : default_float(S), &cast),
                       cast);
        }
        if (smooths) {
            Value share = t_div(&w, c->arg[2], val_num((double)classes));
            y = t_add(&w, t_mul(&w, y, t_sub(&w, val_num(1), c->arg[2])), share);
        }
        Value all = t_reduce(&w, OPID_logsumexp, x, rank - 1);
        Value part = t_op2(&w, OPID_chain, y, t_sub(&w, all, x));
        rows = t_reduce(&w, OPID_sum, is_nil(v) ? part : t_op2(&w, OPID_chain, v, part), rank - 1);
    } else if (!is_nil(v)) {
        return t_end(&w, weighted_rows(c, &w, x, y, v, smooths, classes), c->out);
    } else {
        Value in[2] = {x, y};
        bool watched = c->arg[2].level; /* the slope by label_smoothing is wanted: what it mixes, apart */
        Attr a[3] = {{.i = 0}, {.i = 0}, {.f = watched ? 0 : s}}, even[3] = {{.i = 0}, {.i = 0}, {.f = 1}};
        rows = t_keep(&w, op_apply(S, OPID_cross_entropy_rows, in, 2, a, 3, &rows), rows);
        if (watched && !w.failed) {
            Value all = NIL;
            all = t_keep(&w, op_apply(S, OPID_cross_entropy_rows, in, 2, even, 3, &all), all);
            rows = t_add(&w, rows, t_mul(&w, c->arg[2], t_sub(&w, all, rows)));
        }
    }
    return t_end(&w, t_reduce(&w, OPID_mean, rows, -1), c->out);
}

/* Column of the largest entry of row i; the first one when they tie, NaN counts as largest. */
static int64_t row_argmax(const Tensor *t, int64_t i)
{
    int64_t n = tensor_shape(t)[1], best = 0;
    double top = tensor_get(t, i * n);
    for (int64_t k = 1; k < n && !isnan(top); k++) {
        double x = tensor_get(t, i * n + k);
        if (!(x > top) && !isnan(x)) continue;
        top = x;
        best = k;
    }
    return best;
}

BUILTIN(accuracy, "accuracy(logits, labels)",
        "The share of rows whose largest entry is the label's, for logits [n, classes] and labels [n] (or [n, "
        "classes], of which the largest entry counts). Predicted classes [n] are compared as they are. "
        "Derivative zero.")
{
    State *S = c->S;
    Value x, y;
    if (!arg_tensor(c, 0, &x) || !arg_tensor(c, 1, &y)) return false;
    int64_t n = x.t->rank ? tensor_shape(x.t)[0] : 0, right = 0;
    bool rows = x.t->rank == 2, classes = y.t->rank == 2;
    bool fits = (rows || x.t->rank == 1) && (classes ? rows && shape_equal(x.t, y.t) : y.t->rank == 1 && y.t->n == n);
    if (!fits) return shapes_fail(c, x, y);
    if (n == 0 || (rows && tensor_shape(x.t)[1] == 0)) return diag_fail(S, DIAG_EMPTY, "accuracy: there are no rows");
    if (!tensor_force(S, x.t) || !tensor_force(S, y.t)) return false;
    for (int64_t i = 0; i < n; i++) {
        double guess = rows ? (double)row_argmax(x.t, i) : tensor_get(x.t, i);
        double label = classes ? (double)row_argmax(y.t, i) : tensor_get(y.t, i);
        right += guess == label;
    }
    *c->out = val_num((double)right / (double)n);
    return true;
}
