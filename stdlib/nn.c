/* nn.c -- pieces of networks composed of operations of the table, so they differentiate at any level.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/builtin.h"

/* *v = op(*v, w); v owned, w borrowed. */
static bool chain2(State *S, OpId op, Value *v, Value w)
{
    Value out;
    if (!op2(S, op, *v, w, &out)) return false;
    release(S, *v);
    *v = out;
    return true;
}

BUILTIN(dropout, "dropout(x, p: 0.5)",
        "While training, zeroes each element with probability p and divides the others by 1 - p; elsewhere gives "
        "x as it is. Srivastava et al. 2014, \"Dropout\" (the inverted form, as PyTorch).")
{
    State *S = c->S;
    double p;
    Value x;
    if (!arg_num(c, 1, &p) || !arg_tensor(c, 0, &x)) return false;
    if (!(p >= 0 && p < 1)) return diag_fail(S, DIAG_VALUE, "dropout: `p` lies between 0 and 1, 1 excluded");
    if (!S->training || p == 0) {
        *c->out = retain(x);
        return true;
    }
    Tensor *keep = tensor_new(S, (DType)(dtype_float((DType)x.t->dtype) ? x.t->dtype : default_float(S)), x.t->rank,
                              tensor_shape(x.t));
    if (!keep) return false;
    uint64_t key = S->rng.key, draw = rng_take(&S->rng);
    double scale = 1 / (1 - p);
    for (int64_t i = 0; i < keep->n; i++) tensor_put(keep, i, rng_uniform(key, draw, (uint64_t)i) >= p ? scale : 0);
    bool ok = op2(S, OPID_mul, x, val_obj(T_TENSOR, keep), c->out);
    obj_release(S, keep);
    return ok;
}

BUILTIN(layer_norm, "layer_norm(x, gain: nil, bias: nil, eps: 1e-5)",
        "Brings the last axis to mean 0 and variance 1 (eps inside the root), then scales and shifts. "
        "Ba, Kiros, Hinton 2016, \"Layer normalization\".")
{
    State *S = c->S;
    Value x, m, v = NIL, y = NIL;
    double eps;
    if (!arg_tensor(c, 0, &x) || !arg_num(c, 3, &eps)) return false;
    int axis = x.t->rank - 1;
    if (!op_reduce(S, OPID_mean, x, &axis, 1, true, &m)) return false;
    bool ok = op_reduce(S, OPID_variance, x, &axis, 1, true, &v) && op2(S, OPID_sub, x, m, &y) &&
              chain2(S, OPID_add, &v, val_num(eps));
    if (ok) {
        Value root;
        ok = op1(S, OPID_sqrt, v, &root);
        if (ok) {
            ok = chain2(S, OPID_div, &y, root);
            release(S, root);
        }
    }
    ok = ok && (!arg_given(c, 1) || chain2(S, OPID_mul, &y, c->arg[1])) &&
         (!arg_given(c, 2) || chain2(S, OPID_add, &y, c->arg[2]));
    release(S, m);
    release(S, v);
    if (ok) *c->out = y;
    else release(S, y);
    return ok;
}

/* A bool tensor [n, m] that is true on and below the diagonal. */
static Tensor *causal_mask(State *S, int64_t n, int64_t m)
{
    int64_t shape[2] = {n, m};
    Tensor *t = tensor_zeros(S, DT_BOOL, 2, shape);
    for (int64_t i = 0; t && i < n; i++)
        for (int64_t j = 0; j < m && j <= i + (m - n); j++) ((uint8_t *)t->st->data)[i * m + j] = 1;
    return t;
}

BUILTIN(attention, "attention(q, k, v, mask: nil, causal: false)",
        "softmax(q k' / sqrt(d)) v over the last two axes: q [..., n, d], k [..., m, d], v [..., m, e]. mask: a "
        "bool tensor, true where a query may look; causal: only at itself and before. Vaswani et al. 2017, "
        "\"Attention is all you need\".")
{
    State *S = c->S;
    Value q, k, v, kt, w;
    bool causal;
    if (!arg_tensor(c, 0, &q) || !arg_tensor(c, 1, &k) || !arg_tensor(c, 2, &v) || !arg_bool(c, 4, &causal))
        return false;
    if (q.t->rank < 2 || k.t->rank < 2)
        return diag_fail(S, DIAG_SHAPE, "attention: q and k have at least two axes, [..., n, d]");
    int64_t n = tensor_shape(q.t)[q.t->rank - 2], d = tensor_shape(q.t)[q.t->rank - 1];
    int64_t m = tensor_shape(k.t)[k.t->rank - 2];
    if (!op_swapaxes(S, k, -2, -1, &kt)) return false;
    bool ok = op2(S, OPID_matmul, q, kt, &w);
    release(S, kt);
    if (!ok) return false;
    ok = chain2(S, OPID_mul, &w, val_num(1 / sqrt((double)d)));
    for (int pass = 0; ok && pass < 2; pass++) {
        Value mask = pass == 0 ? c->arg[3] : NIL;
        if (pass == 0 ? !arg_given(c, 3) : !causal) continue;
        Tensor *t = pass == 1 ? causal_mask(S, n, m) : NULL;
        if (pass == 1) mask = val_obj(T_TENSOR, t);
        if (pass == 1 && !t) ok = false;
        else if (mask.tag != T_TENSOR || mask.t->dtype != DT_BOOL) ok = arg_fail(c, 3, "a bool tensor");
        if (ok) {
            Value x[3] = {mask, w, val_num(-INFINITY)}, out;
            ok = op_apply(S, OPID_where, x, 3, NULL, 0, &out);
            if (ok) {
                release(S, w);
                w = out;
            }
        }
        obj_release(S, t);
    }
    if (ok) {
        Value p;
        int last = w.t->rank - 1;
        ok = op_reduce(S, OPID_softmax, w, &last, 1, false, &p);
        if (ok) {
            release(S, w);
            w = p;
            ok = op2(S, OPID_matmul, w, v, c->out);
        }
    }
    release(S, w);
    return ok;
}
