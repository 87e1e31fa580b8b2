/* nn.c -- pieces of networks: arguments checked and brought into the form of the fused operations of runtime/ops
** (norm.c, attention.c, cell.c), which differentiate at any level.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/ops/walk.h"
#include "stdlib/terms.h"

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

BUILTIN(gelu, "gelu(x, approximate: \"none\")",
        "x times the normal distribution function of x: exact, or with approximate: \"tanh\" as 0.5 x (1 + "
        "tanh(sqrt(2 / pi) (x + 0.044715 x^3))), which is PyTorch's and GPT-2's. Hendrycks and Gimpel 2016.")
{
    Value x = c->arg[0];
    Str *how;
    if (x.tag != T_NUM && x.tag != T_TENSOR) return arg_fail(c, 0, "a number or a tensor");
    if (!arg_str(c, 1, &how)) return false;
    bool tanh = !strcmp(how->data, "tanh");
    if (!tanh && strcmp(how->data, "none"))
        return diag_fail(c->S, DIAG_VALUE, "gelu: `approximate` is \"none\" or \"tanh\", not \"%.40s\"", how->data);
    return op1(c->S, tanh ? OPID_gelu_tanh : OPID_gelu, x, c->out);
}

/* ---- normalisation ---- */
static DType float_like(State *S, Value x)
{
    return dtype_float((DType)x.t->dtype) ? (DType)x.t->dtype : default_float(S);
}

static Value t_shaped(Terms *w, Value v, int rank, const int64_t *shape)
{
    Value out = NIL;
    return w->failed ? NIL : t_keep(w, op_reshape(w->S, v, rank, shape, &out), out);
}

/* Argument i, one figure for each of n: nil gives `none` for all, a number itself for all. nil: failed. */
static Value side(Terms *w, Call *c, const char *name, int i, int64_t n, double none, DType d)
{
    State *S = c->S;
    Value v = c->arg[i], out = NIL;
    if (w->failed) return NIL;
    if (!arg_given(c, i)) {
        Tensor *t = tensor_full(S, d, 1, &n, none);
        return t_keep(w, t != NULL, t ? val_obj(T_TENSOR, t) : NIL);
    }
    if (v.tag == T_NUM) {
        Attr a = {.i = n};
        v = t_keep(w, op_apply(S, OPID_fill, &v, 1, &a, 1, &out), out);
        return w->failed ? NIL : t_keep(w, op_cast(S, v, d, &out), out);
    }
    if (v.tag == T_TENSOR && v.t->rank == 1 && v.t->n == n) return v;
    w->failed = true;
    if (v.tag != T_TENSOR) return arg_fail(c, i, "a tensor"), NIL;
    char s[200];
    diag_fail(S, DIAG_SHAPE, "%s: `%s` has one figure for each of %lld, not the shape %s", c->builtin->name, name,
              (long long)n, shape_str(v.t, s, sizeof s));
    return NIL;
}

static bool check_eps(Call *c, int i, double *eps)
{
    if (!arg_num(c, i, eps)) return false;
    return *eps >= 0 || diag_fail(c->S, DIAG_VALUE, "%s: `eps` is not below 0", c->builtin->name);
}

static Value mean_over(Terms *w, Value v, uint32_t mask)
{
    int axes[RANK_MAX], n = 0;
    Value out = NIL;
    for (int i = 0; i < RANK_MAX; i++)
        if (mask >> i & 1) axes[n++] = i;
    return w->failed ? NIL : t_keep(w, op_reduce(w->S, OPID_mean, v, axes, n, true, &out), out);
}

/* eps: a number, by which the slope goes only where a derivative watches it */
static Value standardized(Terms *w, Value x, uint32_t mask, Value eps, bool centre)
{
    Attr a[4] = {{.i = 0}, {.i = mask}, {.f = eps.n}, {.i = centre}};
    Value out = NIL;
    if (eps.level) {
        if (centre) x = t_sub(w, x, mean_over(w, x, mask));
        Value square = w->failed ? NIL : mean_over(w, t_mul(w, x, x), mask);
        return t_div(w, x, t_op1(w, OPID_sqrt, t_add(w, square, eps)));
    }
    return w->failed ? NIL : t_keep(w, op_apply(w->S, OPID_standardize, &x, 1, a, 4, &out), out);
}

/* gain 1, bias (or -1), eps of the call; over the last axis */
static bool last_axis_norm(Call *c, int bias, int eps_at, bool centre)
{
    State *S = c->S;
    Terms w = {.S = S};
    Value x, y = NIL;
    double eps;
    if (!arg_tensor(c, 0, &x) || !check_eps(c, eps_at, &eps)) return false;
    if (x.t->rank == 0) return arg_fail(c, 0, "a tensor with an axis");
    bool scaled = arg_given(c, 1), moved = bias >= 0 && arg_given(c, bias);
    int last = x.t->rank - 1;
    if ((!scaled && !moved) || c->arg[eps_at].level) {
        y = standardized(&w, x, 1u << last, c->arg[eps_at], centre);
        int64_t n = tensor_shape(x.t)[last];
        if (scaled) y = t_mul(&w, y, side(&w, c, "gain", 1, n, 1, float_like(S, x)));
        if (moved) y = t_add(&w, y, side(&w, c, "bias", bias, n, 0, float_like(S, x)));
    } else {
        int64_t n = tensor_shape(x.t)[last];
        DType d = float_like(S, x);
        Value none = NIL;
        Value g = side(&w, c, "gain", 1, n, 1, d), b = NIL;
        if (moved) b = side(&w, c, "bias", bias, n, 0, d);
        else if (!w.failed) {
            Tensor *t = tensor_zeros(S, d, 1, &n);
            b = t_keep(&w, t != NULL, t ? val_obj(T_TENSOR, t) : NIL);
        }
        Value in[3] = {x, g, b};
        Attr a[4] = {{.i = 0}, {.i = 0}, {.f = eps}, {.i = centre}};
        if (!w.failed) y = t_keep(&w, op_apply(S, OPID_layer_norm, in, 3, a, 4, &none), none);
    }
    return t_end(&w, y, c->out);
}

BUILTIN(layer_norm, "layer_norm(x, gain: nil, bias: nil, eps: 1e-5)",
        "Brings the last axis to mean 0 and variance 1 (eps inside the root), then scales and shifts by gain and "
        "bias, of the size of that axis. Ba, Kiros, Hinton 2016, \"Layer normalization\".")
{
    return last_axis_norm(c, 2, 3, true);
}

BUILTIN(rms_norm, "rms_norm(x, gain: nil, eps: 1e-6)",
        "x / sqrt(mean(x^2) + eps) along the last axis, times gain. Zhang, Sennrich 2019, \"Root mean square layer "
        "normalization\".")
{
    return last_axis_norm(c, -1, 2, false);
}

/* One figure for each channel, beside x [n, channels, ...]. */
static Value channels(Terms *w, Value v, Value x)
{
    int64_t shape[RANK_MAX];
    int rank = x.t->rank - 1;
    if (w->failed || rank == 1) return v;
    shape[0] = tensor_shape(x.t)[1];
    for (int i = 1; i < rank; i++) shape[i] = 1;
    return t_shaped(w, v, rank, shape);
}

/* y * gain + bias, arguments g and g + 1 of the call */
static Value placed(Terms *w, Call *c, int g, Value y, Value x)
{
    int64_t n = tensor_shape(x.t)[1];
    DType d = float_like(c->S, x);
    if (arg_given(c, g)) y = t_mul(w, y, channels(w, side(w, c, "gain", g, n, 1, d), x));
    if (arg_given(c, g + 1)) y = t_add(w, y, channels(w, side(w, c, "bias", g + 1, n, 0, d), x));
    return y;
}

static bool channel_tensor(Call *c, Value *x)
{
    char s[200];
    if (!arg_tensor(c, 0, x)) return false;
    return x->t->rank >= 2 || diag_fail(c->S, DIAG_SHAPE, "%s: x is [n, channels] or [n, channels, ...], not %s",
                                        c->builtin->name, shape_str(x->t, s, sizeof s));
}

BUILTIN(batch_norm, "batch_norm(x, gain: nil, bias: nil, mean: nil, var: nil, eps: 1e-5)",
        "Brings each channel of x [n, channels, ...] to mean 0 and variance 1 over all other axes (eps inside the "
        "root; the variance is divided by their number), then scales and shifts by gain and bias [channels]. With mean "
        "and var [channels] these are used instead of the figures of x, as after training. Ioffe, Szegedy 2015, "
        "\"Batch normalization\".")
{
    State *S = c->S;
    Terms w = {.S = S};
    Value x, y;
    double eps;
    if (!channel_tensor(c, &x) || !check_eps(c, 5, &eps)) return false;
    bool given = arg_given(c, 3);
    if (given != arg_given(c, 4)) {
        diag_fail(S, DIAG_ARGS, "batch_norm takes `mean` and `var` together");
        return diag_hint(S, "without both the figures are those of x");
    }
    if (!given) {
        if (x.t->n == 0) return diag_fail(S, DIAG_EMPTY, "batch_norm: there is nothing to take the mean of");
        y = placed(&w, c, 1, standardized(&w, x, ((1u << x.t->rank) - 1) & ~2u, c->arg[5], true), x);
    } else { /* x * scale + shift, both of the size of the channels */
        int64_t n = tensor_shape(x.t)[1];
        DType d = float_like(S, x);
        Value m = side(&w, c, "mean", 3, n, 0, d), v = side(&w, c, "var", 4, n, 1, d);
        Value root = t_op1(&w, OPID_sqrt, t_add(&w, v, c->arg[5]));
        Value scale = t_div(&w, side(&w, c, "gain", 1, n, 1, d), root);
        Value shift = t_sub(&w, side(&w, c, "bias", 2, n, 0, d), t_mul(&w, m, scale));
        y = t_add(&w, t_mul(&w, x, channels(&w, scale, x)), channels(&w, shift, x));
    }
    return t_end(&w, y, c->out);
}

BUILTIN(group_norm, "group_norm(x, groups, gain: nil, bias: nil, eps: 1e-5)",
        "Cuts the channels of x [n, channels, ...] into groups of neighbours, brings each group of each item to mean 0 "
        "and variance 1 (eps inside the root), then scales and shifts by gain and bias [channels]. As many groups as "
        "channels is instance norm, one group is layer norm over all axes. Wu, He 2018, \"Group normalization\".")
{
    State *S = c->S;
    Terms w = {.S = S};
    Value x;
    double eps;
    int64_t groups;
    if (!channel_tensor(c, &x) || !arg_int(c, 1, &groups) || !check_eps(c, 4, &eps)) return false;
    const int64_t *dim = tensor_shape(x.t);
    if (groups < 1 || dim[1] % groups)
        return diag_fail(S, DIAG_VALUE, "group_norm: %lld channels do not divide into %lld groups", (long long)dim[1],
                         (long long)groups);
    int64_t shape[3] = {dim[0], groups, dim[0] ? x.t->n / dim[0] / groups : 0};
    Value y = standardized(&w, t_shaped(&w, x, 3, shape), 4, c->arg[4], true);
    y = w.failed ? NIL : t_shaped(&w, y, x.t->rank, dim);
    return t_end(&w, placed(&w, c, 2, y, x), c->out);
}

/* ---- attention ---- */
/* Leading axes of v (all but the last two) join those of the others. */
static bool join_leading(Call *c, const Value *v, int n, int *rank, int64_t *shape)
{
    *rank = 0;
    for (int k = 0; k < n; k++)
        if (v[k].t->rank - 2 > *rank) *rank = v[k].t->rank - 2;
    for (int i = 0; i < *rank; i++) shape[i] = 1;
    for (int k = 0; k < n; k++)
        for (int i = 0, r = v[k].t->rank - 2; i < r; i++) {
            int64_t *at = &shape[*rank - r + i], s = tensor_shape(v[k].t)[i];
            if (s != 1 && *at != 1 && s != *at) {
                char a[200], b[200];
                return diag_fail(c->S, DIAG_SHAPE, "attention: the leading axes of %s and %s do not go together",
                                 shape_str(v[0].t, a, sizeof a), shape_str(v[k].t, b, sizeof b));
            }
            if (s != 1) *at = s;
        }
    return true;
}

BUILTIN(attention, "attention(q, k, v, mask: nil, causal: false, scale: nil)",
        "softmax(scale q k' + mask) v over the last two axes: q [..., n, d], k [..., m, d], v [..., m, e] give [..., "
        "n, e]; leading axes broadcast. mask, [n, m] or with leading axes: a bool tensor, true where a query may look, "
        "or floats that are added (-inf: may not). causal: true lets query i look at keys up to i + m - n, itself and "
        "before. scale: 1 / sqrt(d) when nil. A query that may look nowhere gives 0, and slopes of 0. Vaswani et al. "
        "2017, \"Attention is all you need\".")
{
    State *S = c->S;
    Terms w = {.S = S};
    Value x[4];
    bool causal;
    double scale;
    int rank = 0, n = 3;
    int64_t shape[RANK_MAX];
    if (!arg_tensor(c, 0, &x[0]) || !arg_tensor(c, 1, &x[1]) || !arg_tensor(c, 2, &x[2]) || !arg_bool(c, 4, &causal))
        return false;
    if (arg_given(c, 3)) {
        x[n] = c->arg[3];
        if (x[n].tag != T_TENSOR || !(x[n].t->dtype == DT_BOOL || dtype_float((DType)x[n].t->dtype)))
            return arg_fail(c, 3, "a bool or float tensor");
        if (x[n].t->rank < 2 && x[n].t->rank > 0) { /* one row for all queries */
            int64_t row[2] = {1, x[n].t->n};
            x[n] = t_shaped(&w, x[n], 2, row);
        }
        if (w.failed) return t_end(&w, NIL, c->out);
        n++;
    }
    for (int i = 0; i < n; i++)
        if (x[i].t->rank < 2) {
            t_end(&w, NIL, c->out);
            return diag_fail(S, DIAG_SHAPE, "attention: q, k and v have at least two axes, [..., n, d]");
        }
    int64_t d = tensor_shape(x[0].t)[x[0].t->rank - 1];
    scale = 1 / sqrt((double)(d ? d : 1));
    bool given = arg_given(c, 5), watched = given && c->arg[5].tag == T_NUM && c->arg[5].level;
    if ((given && !arg_num(c, 5, &scale)) || !join_leading(c, x, n, &rank, shape)) w.failed = true;
    for (int i = 0; i < n && !w.failed; i++) {
        const Tensor *t = x[i].t;
        int64_t full[RANK_MAX];
        int k = 0, own = t->rank - 2;
        while (k < rank - own) full[k] = i < 3 ? shape[k] : 1, k++;
        for (; k < rank; k++) full[k] = i < 3 ? shape[k] : tensor_shape(t)[k - (rank - own)];
        full[k++] = tensor_shape(t)[own];
        full[k++] = tensor_shape(t)[own + 1];
        if (t->rank == k && !memcmp(full, tensor_shape(t), sizeof *full * (size_t)k)) continue;
        Value y = NIL;
        x[i] = i < 3 ? t_keep(&w, op_broadcast_to(S, x[i], k, full, &y), y) : t_shaped(&w, x[i], k, full);
    }
    if (watched) x[0] = t_mul(&w, x[0], c->arg[5]);
    Attr a[3] = {{.i = causal}, {.i = 0}, {.f = watched ? 1 : scale}};
    Value y = NIL;
    if (!w.failed) y = t_keep(&w, op_apply(S, OPID_attention, x, n, a, 3, &y), y);
    return t_end(&w, y, c->out);
}

/* ---- recurrent cells ---- */
/* x @ W + b; W nil: x is the product */
static Value affine(Terms *w, Value x, Value W, Value b)
{
    Value y = is_nil(W) ? x : t_op2(w, OPID_matmul, x, W);
    return is_nil(b) ? y : t_add(w, y, b);
}
static Value last_part(Terms *w, Value v, int64_t from, int64_t n)
{
    int64_t lo[RANK_MAX], count[RANK_MAX], step[RANK_MAX];
    bool drop[RANK_MAX] = {false};
    Value out = NIL;
    if (w->failed) return NIL;
    for (int i = 0; i < v.t->rank; i++) {
        bool last = i == v.t->rank - 1;
        lo[i] = last ? from : 0;
        count[i] = last ? n : tensor_shape(v.t)[i];
        step[i] = 1;
    }
    return t_keep(w, op_slice(w->S, v, lo, count, step, drop, &out), out);
}
static bool opt_tensor(Call *c, int i, Value *out)
{
    *out = NIL;
    return !arg_given(c, i) || arg_tensor(c, i, out);
}
static Value opt(Call *c, int i) { return arg_given(c, i) ? c->arg[i] : NIL; }

BUILTIN(lstm_cell, "lstm_cell(x, state, W, U, b: nil)",
        "One step of a long short-term memory: with state (h, c), x [..., k], h and c [..., n], W [k, 4 n], U [n, 4 "
        "n], b [4 n], the gates i, f, g, o are the quarters of x @ W + h @ U + b; c' = s(f) c + s(i) tanh(g), h' = "
        "s(o) tanh(c'), s the sigmoid. Gives (h:, c:). The formulas of PyTorch's LSTMCell, whose weights are W', U' "
        "and whose two biases add up to b. With W nil x is x @ W already, say of all steps at once. Hochreiter, "
        "Schmidhuber 1997.")
{
    State *S = c->S;
    Terms w = {.S = S};
    Value x, W, U;
    List *state;
    if (!arg_tensor(c, 0, &x) || !arg_list(c, 1, &state) || !opt_tensor(c, 2, &W) || !arg_tensor(c, 3, &U))
        return false;
    if (state->len != 2 || state->at[0].tag != T_TENSOR || state->at[1].tag != T_TENSOR || !state->at[0].t->rank)
        return arg_fail(c, 1, "the two tensors (h, c)");
    Value h = state->at[0], old = state->at[1], y = NIL;
    Value z = t_add(&w, affine(&w, x, W, opt(c, 4)), affine(&w, h, U, NIL));
    Value in[2] = {z, old};
    if (!w.failed) y = t_keep(&w, op_apply(S, OPID_lstm_step, in, 2, NULL, 0, &y), y);
    int64_t n = tensor_shape(old.t)[old.t->rank - 1];
    Value part[2] = {last_part(&w, y, 0, n), last_part(&w, y, n, n)};
    static const char *const name[2] = {"h", "c"};
    List *l = w.failed ? NULL : list_new(S, 2);
    bool ok = l != NULL;
    for (int i = 0; i < 2 && ok; i++) {
        Str *s = str_intern(S, name[i], 1);
        ok = s && list_push_take(S, l, s, retain(part[i]));
        obj_release(S, s);
    }
    Value none;
    t_end(&w, NIL, &none);
    if (ok) *c->out = val_obj(T_LIST, l);
    else obj_release(S, l);
    return ok;
}

BUILTIN(gru_cell, "gru_cell(x, h, W, U, b: nil, bh: nil)",
        "One step of a gated recurrent unit: with x [..., k], h [..., n], W [k, 3 n], U [n, 3 n], b and bh [3 n], p = "
        "x @ W + b and q = h @ U + bh in thirds r, z, n: r = s(p_r + q_r), z = s(p_z + q_z), t = tanh(p_n + r q_n), "
        "and the new h is (1 - z) t + z h, s the sigmoid. With W nil x is x @ W already. The formulas of PyTorch's "
        "GRUCell, whose weights are W' and U'. Cho et al. 2014.")
{
    State *S = c->S;
    Terms w = {.S = S};
    Value x, h, W, U, y = NIL;
    if (!arg_tensor(c, 0, &x) || !arg_tensor(c, 1, &h) || !opt_tensor(c, 2, &W) || !arg_tensor(c, 3, &U)) return false;
    Value in[3] = {affine(&w, x, W, opt(c, 4)), affine(&w, h, U, opt(c, 5)), h};
    if (!w.failed) y = t_keep(&w, op_apply(S, OPID_gru_step, in, 3, NULL, 0, &y), y);
    return t_end(&w, y, c->out);
}
