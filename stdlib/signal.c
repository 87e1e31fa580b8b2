/* signal.c -- convolutions, pools and Fourier transforms as scripts call them.
**
** The operations with their rules are in runtime/ops (conv.c, pool.c, fft.c) and know one form each: two axes,
** checked sizes, pairs. Here arguments are read and checked, one axis becomes two, leading axes become images, and
** the parts of complex numbers are put together and cut apart.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/ops/walk.h"

/* *v = next when ok; consumes next. */
static bool then(State *S, Value *v, bool ok, Value next)
{
    if (!ok) return false;
    release(S, *v);
    *v = next;
    return true;
}

/* A float tensor of dtype d, or as it is when it is one; owned. */
static bool as_float(State *S, Value x, DType d, Value *out)
{
    if ((DType)x.t->dtype != d) return op_cast(S, x, d, out);
    *out = retain(x);
    return true;
}
static DType float_of(State *S, Value x)
{
    return dtype_float((DType)x.t->dtype) ? (DType)x.t->dtype : default_float(S);
}
/* The wider of the two; ints count for nothing beside a float. */
static DType common_float(State *S, Value a, Value b)
{
    DType p = (DType)a.t->dtype, q = (DType)b.t->dtype;
    if (!dtype_float(p)) return float_of(S, b);
    return dtype_float(q) && q == DT_F64 ? DT_F64 : p;
}

/* Argument i, a whole number or a list of nd of them, at least `low`, into v[2] (one axis: the second). */
static bool per_axis(Call *c, int i, int nd, int64_t low, int64_t other, int64_t *v)
{
    const char *name = c->builtin->name;
    Value a = c->arg[i];
    v[0] = other;
    if (a.tag == T_LIST || a.tag == T_TENSOR) {
        int64_t n = a.tag == T_LIST ? a.l->len : a.t->rank == 1 ? a.t->n : -1;
        int rank;
        int64_t s[RANK_MAX];
        if (n != nd)
            return diag_fail(c->S, DIAG_VALUE,
                             "%s: a list of %d number%s is wanted here, one for each axis, not of %lld", name, nd,
                             nd == 1 ? "" : "s", (long long)n);
        if (a.tag == T_TENSOR && !arg_shape(c, i, &rank, s)) return false;
        for (int j = 0; a.tag == T_LIST && j < nd; j++) {
            Value e = a.l->at[j];
            if (e.tag != T_NUM || e.n != floor(e.n) || fabs(e.n) > INT32_MAX) return arg_fail(c, i, "whole numbers");
            s[j] = (int64_t)e.n;
        }
        memcpy(v + 2 - nd, s, sizeof(int64_t) * (size_t)nd);
    } else {
        int64_t k;
        if (!arg_int(c, i, &k)) return false;
        for (int j = 2 - nd; j < 2; j++) v[j] = k;
    }
    for (int j = 2 - nd; j < 2; j++)
        if (v[j] < low || v[j] > INT32_MAX) {
            char text[40];
            int n = 0;
            const char *p = c->builtin->sig; /* the parameter's name, from the signature */
            p = strchr(p, '(') + 1;
            for (int k = 0; k < i; k++) p = strchr(p, ',') + 1;
            while (*p == ' ') p++;
            while (p[n] && p[n] != ':' && p[n] != ',' && p[n] != ')' && p[n] != '?' && n < 39) text[n] = p[n], n++;
            text[n] = 0;
            return diag_fail(c->S, DIAG_VALUE, "%s: `%s` is %lld; it is a whole number from %lld", name, text,
                             (long long)v[j], (long long)low);
        }
    return true;
}

/* ---- convolutions ---- */
enum { A_STRIDE = 0, A_PAD = 2, A_DILATE = 4, A_GROUPS = 6, A_X = 7, A_K = 9, A_G = 11, CONV_ATTRS = 13 };

typedef struct Conv {
    Call *c;
    int nd;     /* axes */
    Value x, k; /* owned; four axes */
    int nlead;  /* leading axes of x before its channels */
    int64_t lead[RANK_MAX];
    int64_t stride[2], pad[2], dilate[2], groups;
    bool same;
} Conv;

static void conv_close(Conv *v)
{
    release(v->c->S, v->x);
    release(v->c->S, v->k);
}

/* x [..., C, (H,) W] as [N, C, H, W], k [O, I, (kh,) kw] as [O, I, kh, kw] */
static bool conv_inputs(Conv *v)
{
    Call *c = v->c;
    State *S = c->S;
    Value x, k;
    int nd = v->nd;
    const char *name = c->builtin->name, *form = nd == 1 ? "[..., channels, length]" : "[..., channels, height, width]";
    if (!arg_tensor(c, 0, &x) || !arg_tensor(c, 1, &k)) return false;
    char t[200];
    if (val_rank(x) < nd + 1)
        return diag_fail(S, DIAG_SHAPE, "%s: x has shape %s, and %s is wanted", name, shape_str(x.t, t, sizeof t), form);
    if (val_rank(k) != nd + 2)
        return diag_fail(S, DIAG_SHAPE, "%s: the kernel has shape %s, and %d axes are wanted: [%s, %s]", name,
                         shape_str(k.t, t, sizeof t), nd + 2,
                         strstr(name, "transpose") ? "in, out / groups" : "out, in / groups",
                         nd == 1 ? "size" : "kh, kw");
    DType d = common_float(S, x, k);
    v->nlead = val_rank(x) - nd - 1;
    memcpy(v->lead, val_shape(x), sizeof(int64_t) * (size_t)v->nlead);
    int64_t xs[4] = {1, val_shape(x)[v->nlead], 1, val_shape(x)[val_rank(x) - 1]};
    int64_t ks[4] = {val_shape(k)[0], val_shape(k)[1], 1, val_shape(k)[nd + 1]};
    bool fits = true;
    for (int i = 0; i < v->nlead; i++) fits = fits && !__builtin_mul_overflow(xs[0], v->lead[i], &xs[0]);
    if (nd == 2) {
        xs[2] = val_shape(x)[v->nlead + 1];
        ks[2] = val_shape(k)[2];
    }
    for (int i = 1; i < 4; i++) fits = fits && xs[i] <= INT32_MAX && ks[i] <= INT32_MAX;
    if (!fits) /* what is computed from them fits in 64 bits; only empty tensors come here, or very long signals */
        return diag_fail(S, DIAG_SIZE, "%s: an axis is longer than %d elements", name, INT32_MAX);
    Value next = NIL;
    if (!as_float(S, x, d, &v->x) || !as_float(S, k, d, &v->k)) return false;
    bool as_is = val_rank(x) == 4 && nd == 2;
    if (!as_is && !then(S, &v->x, op_reshape(S, v->x, 4, xs, &next), next)) return false;
    return nd == 2 || then(S, &v->k, op_reshape(S, v->k, 4, ks, &next), next);
}

static bool conv_options(Conv *v, int stride, int padding, int dilation, int groups)
{
    Call *c = v->c;
    Value p = c->arg[padding];
    v->same = false;
    v->pad[0] = v->pad[1] = 0;
    if (!per_axis(c, stride, v->nd, 1, 1, v->stride) || !per_axis(c, dilation, v->nd, 1, 1, v->dilate) ||
        !arg_int(c, groups, &v->groups))
        return false;
    if (v->groups < 1 || v->groups > INT32_MAX)
        return diag_fail(c->S, DIAG_VALUE, "%s: `groups` is %lld; it is a whole number from 1", c->builtin->name,
                         (long long)v->groups);
    if (p.tag != T_STR) return per_axis(c, padding, v->nd, 0, 0, v->pad);
    v->same = !strcmp(p.s->data, "same");
    if (!v->same && strcmp(p.s->data, "valid"))
        return diag_fail(c->S, DIAG_VALUE,
                         "%s: `padding` is \"same\", \"valid\", a number or a list of them, not \"%.40s\"",
                         c->builtin->name, p.s->data);
    if (v->same && (v->stride[0] > 1 || v->stride[1] > 1))
        return diag_fail(c->S, DIAG_VALUE, "%s: padding \"same\" needs stride 1", c->builtin->name);
    return true;
}

/* y [N, O, h, w] with its leading axes back, plus the bias. */
static bool conv_result(Conv *v, int bias, Value *y, Value *out)
{
    Call *c = v->c;
    State *S = c->S;
    int64_t s[RANK_MAX], channels = val_shape(*y)[1];
    int n = v->nlead;
    Value next = NIL;
    memcpy(s, v->lead, sizeof(int64_t) * (size_t)n);
    s[n++] = channels;
    if (v->nd == 2) s[n++] = val_shape(*y)[2];
    s[n++] = val_shape(*y)[3];
    if ((n != 4 || v->nd != 2) && !then(S, y, op_reshape(S, *y, n, s, &next), next)) return false;
    if (arg_given(c, bias)) {
        Value b, col;
        if (!arg_tensor(c, bias, &b)) return false;
        if (val_rank(b) != 1 || val_shape(b)[0] != channels) {
            char t[200];
            return diag_fail(S, DIAG_SHAPE,
                             "%s: the bias has shape %s, and one number for each of %lld channels is wanted",
                             c->builtin->name, shape_str(b.t, t, sizeof t), (long long)channels);
        }
        int64_t bs[3] = {channels, 1, 1};
        if (!op_reshape(S, b, v->nd + 1, bs, &col)) return false;
        bool ok = op2(S, OPID_add, *y, col, &next);
        release(S, col);
        if (!then(S, y, ok, next)) return false;
    }
    *out = *y;
    *y = NIL;
    return true;
}

static const char *axis_text(int nd, const int64_t *v, char *buf, size_t n)
{
    if (nd == 1) snprintf(buf, n, "%lld", (long long)v[1]);
    else snprintf(buf, n, "%lld x %lld", (long long)v[0], (long long)v[1]);
    return buf;
}

static bool divisible(Conv *v, int64_t n, const char *what)
{
    return n % v->groups == 0 || diag_fail(v->c->S, DIAG_SHAPE, "%s: %lld %s do not divide into %lld groups",
                                           v->c->builtin->name, (long long)n, what, (long long)v->groups);
}

static bool apply(Conv *v, OpId op, const int64_t *x, const int64_t *k, const int64_t *g, int bias)
{
    State *S = v->c->S;
    Attr a[CONV_ATTRS];
    for (int i = 0; i < 2; i++) {
        a[A_STRIDE + i].i = v->stride[i];
        a[A_PAD + i].i = v->pad[i];
        a[A_DILATE + i].i = v->dilate[i];
        a[A_X + i].i = x[i];
        a[A_K + i].i = k[i];
        a[A_G + i].i = g[i];
    }
    a[A_GROUPS].i = v->groups;
    Value in[2] = {v->x, v->k}, y;
    if (!op_apply(S, op, in, 2, a, CONV_ATTRS, &y)) return false;
    bool ok = conv_result(v, bias, &y, v->c->out);
    release(S, y);
    return ok;
}

/* conv(x, k, b, stride, padding, dilation, groups) */
static bool convolve(Call *c, int nd)
{
    Conv v = {.c = c, .nd = nd, .x = NIL, .k = NIL};
    State *S = c->S;
    bool ok = conv_inputs(&v) && conv_options(&v, 3, 4, 5, 6);
    if (ok) {
        const int64_t *x = val_shape(v.x), *k = val_shape(v.k);
        int64_t g[2], reach[2], room[2];
        ok = divisible(&v, x[1], "channels of x") && divisible(&v, k[0], "channels of the result");
        if (ok && k[1] != x[1] / v.groups) {
            ok = diag_fail(S, DIAG_SHAPE, "%s: x has %lld channel%s, the kernel takes %lld", c->builtin->name,
                           (long long)x[1], x[1] == 1 ? "" : "s", (long long)(k[1] * v.groups));
            if (v.groups == 1)
                diag_hint(S, "the kernel is [out, in%s]; x is [..., in%s]", nd == 1 ? ", size" : ", kh, kw",
                          nd == 1 ? ", length" : ", height, width");
            else
                diag_hint(S, "with %lld groups the second axis of the kernel is in / %lld", (long long)v.groups,
                          (long long)v.groups);
        }
        for (int i = 0; i < 2; i++) {
            reach[i] = k[2 + i] > 0 ? v.dilate[i] * (k[2 + i] - 1) + 1 : 0;
            if (v.same) v.pad[i] = k[2 + i] > 0 ? (reach[i] - 1) / 2 : 0;
            room[i] = v.same ? x[2 + i] + reach[i] - 1 : x[2 + i] + 2 * v.pad[i];
            g[i] = v.same ? x[2 + i] : room[i] >= reach[i] ? (room[i] - reach[i]) / v.stride[i] + 1 : 0;
        }
        char s[60], t[60];
        if (ok && (k[2] < 1 || k[3] < 1))
            ok = diag_fail(S, DIAG_SHAPE, "%s: the kernel is empty: %s", c->builtin->name,
                           axis_text(nd, k + 2, s, sizeof s));
        else if (ok && (room[0] < reach[0] || room[1] < reach[1])) {
            ok = diag_fail(S, DIAG_SHAPE, "%s: the kernel reaches over %s, the padded input has %s", c->builtin->name,
                           axis_text(nd, reach, s, sizeof s), axis_text(nd, room, t, sizeof t));
            diag_hint(S, "`padding` adds zeros on both sides; \"same\" keeps the size");
        }
        ok = ok && apply(&v, OPID_conv, x + 2, k + 2, g, 2);
    }
    conv_close(&v);
    return ok;
}

BUILTIN(conv1d, "conv1d(x, k, b: nil, stride: 1, padding: 0, dilation: 1, groups: 1)",
        "Slides the kernel k [out, in / groups, size] over x [..., in, length] without turning it round, and adds b "
        "[out]: [..., out, (length + 2 padding - dilation (size - 1) - 1) // stride + 1]. padding is a number of zeros "
        "on both sides, \"valid\" for none or \"same\" to keep the length. PyTorch's conv1d.")
{
    return convolve(c, 1);
}

BUILTIN(conv2d, "conv2d(x, k, b: nil, stride: 1, padding: 0, dilation: 1, groups: 1)",
        "Slides the kernel k [out, in / groups, kh, kw] over images x [..., in, height, width] without turning it "
        "round, and adds b [out]: [..., out, h, w], h = (height + 2 padding - dilation (kh - 1) - 1) // stride + 1. "
        "stride, padding and dilation are a number or (for height, for width); padding also \"valid\" (none) or "
        "\"same\" (keeps the size). With groups: channels / groups each see their share; groups = in is depthwise. "
        "PyTorch's conv2d.")
{
    return convolve(c, 2);
}

/* conv_transpose(x, k, b, stride, padding, output_padding, groups, dilation) */
static bool convolve_back(Call *c, int nd)
{
    Conv v = {.c = c, .nd = nd, .x = NIL, .k = NIL};
    State *S = c->S;
    int64_t extra[2];
    bool ok = conv_inputs(&v) && conv_options(&v, 3, 4, 7, 6) && per_axis(c, 5, nd, 0, 0, extra);
    if (ok && c->arg[4].tag == T_STR)
        ok = diag_fail(S, DIAG_VALUE, "%s: `padding` is a number or a list of them", c->builtin->name);
    if (ok) {
        const int64_t *x = val_shape(v.x), *k = val_shape(v.k);
        int64_t size[2];
        char s[60];
        ok = divisible(&v, x[1], "channels of x");
        if (ok && k[0] != x[1]) {
            ok = diag_fail(S, DIAG_SHAPE, "%s: x has %lld channel%s, the kernel takes %lld", c->builtin->name,
                           (long long)x[1], x[1] == 1 ? "" : "s", (long long)k[0]);
            diag_hint(S, "the kernel is [in, out / groups, %s] here", nd == 1 ? "size" : "kh, kw");
        }
        if (ok && (k[2] < 1 || k[3] < 1))
            ok = diag_fail(S, DIAG_SHAPE, "%s: the kernel is empty: %s", c->builtin->name,
                           axis_text(nd, k + 2, s, sizeof s));
        for (int i = 0; ok && i < 2; i++) {
            size[i] = (x[2 + i] - 1) * v.stride[i] - 2 * v.pad[i] + v.dilate[i] * (k[2 + i] - 1) + 1 + extra[i];
            if (extra[i] && extra[i] >= v.stride[i] && extra[i] >= v.dilate[i])
                ok = diag_fail(S, DIAG_VALUE,
                               "%s: `output_padding` is %lld; it is smaller than the stride or the dilation",
                               c->builtin->name, (long long)extra[i]);
        }
        if (ok && (x[2] < 1 || x[3] < 1 || size[0] < 1 || size[1] < 1))
            ok = diag_fail(S, DIAG_SHAPE, "%s: the result would have size %s", c->builtin->name,
                           axis_text(nd, size, s, sizeof s));
        ok = ok && apply(&v, OPID_conv_input, size, k + 2, x + 2, 2);
    }
    conv_close(&v);
    return ok;
}

BUILTIN(conv_transpose1d,
        "conv_transpose1d(x, k, b: nil, stride: 1, padding: 0, output_padding: 0, groups: 1, dilation: 1)",
        "The transpose of conv1d: x [..., in, length] and k [in, out / groups, size] give [..., out, (length - 1) "
        "stride - 2 padding + dilation (size - 1) + output_padding + 1]. PyTorch's conv_transpose1d.")
{
    return convolve_back(c, 1);
}

BUILTIN(conv_transpose2d,
        "conv_transpose2d(x, k, b: nil, stride: 1, padding: 0, output_padding: 0, groups: 1, dilation: 1)",
        "The transpose of conv2d: x [..., in, height, width] and k [in, out / groups, kh, kw] give [..., out, h, w], h "
        "= (height - 1) stride - 2 padding + dilation (kh - 1) + output_padding + 1. Where conv2d of several sizes "
        "gives one, output_padding chooses. PyTorch's conv_transpose2d.")
{
    return convolve_back(c, 2);
}

/* ---- pools ---- */
enum { P_OUT = 0, P_SIZE = 2, P_STRIDE = 4, P_PAD = 6, P_DILATE = 8, P_MODE = 10, P_X = 11, POOL_ATTRS = 13 };

/* x [..., (H,) W] as [..., H, W]; owned. */
static bool pool_input(Call *c, int nd, Value *x)
{
    State *S = c->S;
    Value v;
    if (!arg_tensor(c, 0, &v)) return false;
    if (val_rank(v) < nd) {
        char t[200];
        return diag_fail(S, DIAG_SHAPE, "%s: x has shape %s, and at least %d axes are wanted", c->builtin->name,
                         shape_str(v.t, t, sizeof t), nd);
    }
    if (!as_float(S, v, float_of(S, v), x)) return false;
    if (nd == 2) return true;
    int64_t s[RANK_MAX + 1];
    int n = val_rank(v);
    Value next = NIL;
    memcpy(s, val_shape(v), sizeof(int64_t) * (size_t)n);
    s[n] = s[n - 1];
    s[n - 1] = 1;
    bool ok = n < RANK_MAX || diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    return ok && then(S, x, op_reshape(S, *x, n + 1, s, &next), next);
}

static bool pool_apply(Call *c, int nd, OpId op, Value x, const Attr *a)
{
    State *S = c->S;
    Value y, next = NIL;
    if (!op_apply(S, op, &x, 1, a, POOL_ATTRS, &y)) return false;
    bool ok = true;
    if (nd == 1) {
        int64_t s[RANK_MAX];
        int n = val_rank(y);
        memcpy(s, val_shape(y), sizeof(int64_t) * (size_t)n);
        s[n - 2] = s[n - 1];
        ok = then(S, &y, op_reshape(S, y, n - 1, s, &next), next);
    }
    if (ok) *c->out = y;
    else release(S, y);
    return ok;
}

/* pool(x, size, stride, padding, and for max: dilation, for avg: count_include_pad) */
static bool pooled(Call *c, int nd, OpId op)
{
    State *S = c->S;
    Value x = NIL;
    int64_t size[2], stride[2], pad[2], dilate[2] = {1, 1}, out[2], room[2], reach[2];
    bool inner = true;
    bool ok = pool_input(c, nd, &x) && per_axis(c, 1, nd, 1, 1, size) &&
              (!arg_given(c, 2) || per_axis(c, 2, nd, 1, 1, stride)) && per_axis(c, 3, nd, 0, 0, pad) &&
              (op == OPID_max_pool ? per_axis(c, 4, nd, 1, 1, dilate) : arg_bool(c, 4, &inner));
    if (ok && !arg_given(c, 2)) memcpy(stride, size, sizeof stride);
    for (int i = 0; ok && i < 2; i++) {
        room[i] = val_shape(x)[val_rank(x) - 2 + i] + 2 * pad[i];
        reach[i] = dilate[i] * (size[i] - 1) + 1;
        out[i] = (room[i] - reach[i]) / stride[i] + 1;
        if (pad[i] > size[i] / 2)
            ok = diag_fail(S, DIAG_VALUE, "%s: `padding` is %lld; it is at most half of the size, %lld",
                           c->builtin->name, (long long)pad[i], (long long)(size[i] / 2));
    }
    for (int i = 0; ok && i < 2; i++) {
        int64_t n = val_shape(x)[val_rank(x) - 2 + i];
        if (n == 0) ok = diag_fail(S, DIAG_EMPTY, "%s of an axis without elements", c->builtin->name);
        else if (reach[i] <= room[i] && size[i] > 1 && dilate[i] > n)
            ok = diag_fail(S, DIAG_SHAPE, "%s: a window would hold nothing but padding", c->builtin->name);
    }
    if (ok && (room[0] < reach[0] || room[1] < reach[1])) {
        char s[60], t[60];
        ok = diag_fail(S, DIAG_SHAPE, "%s: the window reaches over %s, the padded input has %s", c->builtin->name,
                       axis_text(nd, reach, s, sizeof s), axis_text(nd, room, t, sizeof t));
    }
    if (ok) {
        Attr a[POOL_ATTRS];
        for (int i = 0; i < 2; i++) {
            a[P_OUT + i].i = out[i];
            a[P_SIZE + i].i = size[i];
            a[P_STRIDE + i].i = stride[i];
            a[P_PAD + i].i = pad[i];
            a[P_DILATE + i].i = dilate[i];
            a[P_X + i].i = val_shape(x)[val_rank(x) - 2 + i];
        }
        a[P_MODE].i = inner ? 0 : 2;
        ok = pool_apply(c, nd, op, x, a);
    }
    release(S, x);
    return ok;
}

BUILTIN(max_pool1d, "max_pool1d(x, size, stride: nil, padding: 0, dilation: 1)",
        "The largest element of each window of the last axis; stride: size unless given. Padding never wins. Of equal "
        "ones the first has the slope. PyTorch's max_pool1d.")
{
    return pooled(c, 1, OPID_max_pool);
}
BUILTIN(max_pool2d, "max_pool2d(x, size, stride: nil, padding: 0, dilation: 1)",
        "The largest element of each window of the last two axes; size, stride (size unless given), padding and "
        "dilation are a number or (for height, for width). Padding never wins. Of equal ones the first has the slope. "
        "PyTorch's max_pool2d.")
{
    return pooled(c, 2, OPID_max_pool);
}
BUILTIN(avg_pool1d, "avg_pool1d(x, size, stride: nil, padding: 0, count_include_pad: true)",
        "The mean of each window of the last axis; stride: size unless given. Padding counts as zeros, with "
        "count_include_pad: false it does not count. PyTorch's avg_pool1d.")
{
    return pooled(c, 1, OPID_avg_pool);
}
BUILTIN(avg_pool2d, "avg_pool2d(x, size, stride: nil, padding: 0, count_include_pad: true)",
        "The mean of each window of the last two axes; size, stride (size unless given) and padding are a number or "
        "(for height, for width). Padding counts as zeros, with count_include_pad: false it does not count. "
        "PyTorch's avg_pool2d.")
{
    return pooled(c, 2, OPID_avg_pool);
}

static bool adaptive(Call *c, OpId op)
{
    State *S = c->S;
    Value x = NIL;
    int64_t out[2];
    bool ok = pool_input(c, 2, &x) && per_axis(c, 1, 2, 1, 1, out);
    if (ok) {
        Attr a[POOL_ATTRS];
        for (int i = 0; i < 2; i++) {
            int64_t n = val_shape(x)[val_rank(x) - 2 + i];
            if (n == 0) ok = diag_fail(S, DIAG_EMPTY, "%s of images without elements", c->builtin->name);
            a[P_OUT + i].i = out[i];
            a[P_SIZE + i].i = a[P_STRIDE + i].i = a[P_DILATE + i].i = 1;
            a[P_PAD + i].i = 0;
            a[P_X + i].i = n;
        }
        a[P_MODE].i = 1;
        ok = ok && pool_apply(c, 2, op, x, a);
    }
    release(S, x);
    return ok;
}
BUILTIN(adaptive_avg_pool2d, "adaptive_avg_pool2d(x, size)",
        "Means of windows that cut the last two axes into size parts: window i of n goes from floor(i H / n) to "
        "ceil((i + 1) H / n). PyTorch's adaptive_avg_pool2d.")
{
    return adaptive(c, OPID_avg_pool);
}
BUILTIN(adaptive_max_pool2d, "adaptive_max_pool2d(x, size)",
        "The largest elements of windows that cut the last two axes into size parts, as adaptive_avg_pool2d does. "
        "PyTorch's adaptive_max_pool2d.")
{
    return adaptive(c, OPID_max_pool);
}

/* ---- Fourier transforms ---- */
/* The argument, a tensor or (re:, im:), as pairs [..., 2]; owned. */
static bool pairs(Call *c, Value *out)
{
    State *S = c->S;
    Value v = c->arg[0], p[2];
    if (v.tag == T_LIST) {
        List *l = v.l;
        if (l->len != 2 || l->at[0].tag != T_TENSOR || l->at[1].tag != T_TENSOR)
            return arg_fail(c, 0, "a tensor, or the list (re:, im:) of two tensors");
        const Str *first = list_name(l, 0);
        int re = first && !strcmp(first->data, "im");
        p[0] = l->at[re];
        p[1] = l->at[1 - re];
        if (!shape_equal(p[0].t, p[1].t)) {
            char s[200], t[200];
            return diag_fail(S, DIAG_SHAPE, "%s: the real part has shape %s, the imaginary part %s", c->builtin->name,
                             shape_str(p[0].t, s, sizeof s), shape_str(p[1].t, t, sizeof t));
        }
    } else {
        if (!arg_tensor(c, 0, &p[0])) return false;
        p[1] = NIL;
    }
    int rank = val_rank(p[0]);
    if (rank + 1 > RANK_MAX) return diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes here", RANK_MAX - 1);
    DType d = is_nil(p[1]) ? float_of(S, p[0]) : common_float(S, p[0], p[1]);
    Value q[2] = {NIL, NIL};
    bool ok = as_float(S, p[0], d, &q[0]);
    if (ok && is_nil(p[1])) {
        Tensor *z = tensor_zeros(S, d, rank, val_shape(p[0]));
        ok = z != NULL;
        if (ok) q[1] = val_obj(T_TENSOR, z);
    } else if (ok) ok = as_float(S, p[1], d, &q[1]);
    ok = ok && op_stack(S, q, 2, rank, out);
    release(S, q[0]);
    release(S, q[1]);
    return ok;
}

/* Cuts or fills up with zeros, in place, so that the axis has n elements. */
static bool fit(State *S, Value *v, int axis, int64_t n)
{
    int rank = val_rank(*v);
    int64_t has = val_shape(*v)[axis], lo[RANK_MAX] = {0}, count[RANK_MAX], step[RANK_MAX];
    bool drop[RANK_MAX] = {false};
    Value next = NIL;
    if (has == n) return true;
    if (has > n) {
        for (int i = 0; i < rank; i++) count[i] = i == axis ? n : val_shape(*v)[i], step[i] = 1;
        return then(S, v, op_slice(S, *v, lo, count, step, drop, &next), next);
    }
    Attr a[4 * RANK_MAX];
    for (int i = 0; i < rank; i++) {
        a[3 * i].i = 0;
        a[3 * i + 1].i = val_shape(*v)[i];
        a[3 * i + 2].i = 1;
        a[3 * rank + i].i = i == axis ? n : val_shape(*v)[i];
    }
    return then(S, v, op_apply(S, OPID_unslice, v, 1, a, 4 * rank, &next), next);
}

/* Pairs as the list (re:, im:); consumes y. */
static bool parts(State *S, Value y, Value *out)
{
    int rank = val_rank(y);
    int64_t lo[RANK_MAX] = {0}, count[RANK_MAX], step[RANK_MAX];
    bool drop[RANK_MAX] = {false}, ok = true;
    for (int i = 0; i < rank; i++) count[i] = val_shape(y)[i], step[i] = 1;
    drop[rank - 1] = true;
    List *l = list_new(S, 2);
    for (int i = 0; l && ok && i < 2; i++) {
        Value part;
        Str *name = str_intern(S, i ? "im" : "re", 2);
        lo[rank - 1] = i;
        ok = name && op_slice(S, y, lo, count, step, drop, &part) && list_push_take(S, l, name, part);
        obj_release(S, name);
    }
    release(S, y);
    if (l && ok) *out = val_obj(T_LIST, l);
    else obj_release(S, l);
    return l && ok;
}

static bool no_elements(Call *c)
{
    return diag_fail(c->S, DIAG_EMPTY, "%s of an axis without elements", c->builtin->name);
}

/* Argument `at`, n: nil means `otherwise`. */
static bool length(Call *c, int at, int64_t otherwise, int64_t *n)
{
    *n = otherwise;
    if (!arg_given(c, at)) return otherwise > 0 || no_elements(c);
    if (!arg_int(c, at, n)) return false;
    if (*n >= 1 && *n <= INT64_MAX / 256) return true;
    return diag_fail(c->S, DIAG_VALUE, "%s: `n` is %lld; it is a whole number from 1", c->builtin->name, (long long)*n);
}

static bool dft(State *S, Value *v, int axis, int sign)
{
    int64_t n = val_shape(*v)[axis];
    Attr a[3] = {{.i = axis}, {.i = sign}, {.f = sign > 0 ? 1 / (double)n : 1}};
    Value next = NIL;
    return then(S, v, op_apply(S, OPID_dft, v, 1, a, 3, &next), next);
}

static bool fourier(Call *c, int sign)
{
    State *S = c->S;
    Value v = NIL;
    int axis = 0;
    int64_t n;
    bool ok = pairs(c, &v) && arg_axis(c, 2, val_rank(v) - 1, &axis) && length(c, 1, val_shape(v)[axis], &n) &&
              fit(S, &v, axis, n) && dft(S, &v, axis, sign);
    if (ok) return parts(S, v, c->out);
    release(S, v);
    return false;
}
BUILTIN(fft, "fft(x, n: nil, axis: -1)",
        "The discrete Fourier transform along an axis, (re:, im:) with sum_j x[j] exp(-2 pi i j k / n): x is a tensor, "
        "or (re:, im:) for complex numbers, cut or filled up with zeros to n elements. Any n, fastest when its prime "
        "factors are small. NumPy's fft.fft.")
{
    return fourier(c, -1);
}
BUILTIN(ifft, "ifft(x, n: nil, axis: -1)",
        "The inverse of fft, (re:, im:) with sum_k x[k] exp(2 pi i j k / n) / n. NumPy's fft.ifft.")
{
    return fourier(c, 1);
}

static bool fourier2(Call *c, int sign)
{
    State *S = c->S;
    Value v = NIL;
    bool ok = pairs(c, &v);
    int rank = val_rank(v);
    if (ok && rank < 3) ok = diag_fail(S, DIAG_SHAPE, "%s takes tensors of at least 2 axes", c->builtin->name);
    if (ok && (val_shape(v)[rank - 2] == 0 || val_shape(v)[rank - 3] == 0)) ok = no_elements(c);
    ok = ok && dft(S, &v, rank - 2, sign) && dft(S, &v, rank - 3, sign);
    if (ok) return parts(S, v, c->out);
    release(S, v);
    return false;
}
BUILTIN(fft2, "fft2(x)", "fft along the last two axes, (re:, im:). NumPy's fft.fft2.") { return fourier2(c, -1); }
BUILTIN(ifft2, "ifft2(x)", "The inverse of fft2. NumPy's fft.ifft2.") { return fourier2(c, 1); }

BUILTIN(rfft, "rfft(x, n: nil, axis: -1)",
        "The first n // 2 + 1 elements of fft of a tensor, (re:, im:); the others are their conjugates in reverse. "
        "NumPy's fft.rfft.")
{
    State *S = c->S;
    Value x, v = NIL, y = NIL;
    int axis = 0;
    int64_t n;
    if (!arg_tensor(c, 0, &x) || !arg_axis(c, 2, val_rank(x), &axis) || !length(c, 1, val_shape(x)[axis], &n))
        return false;
    bool ok = as_float(S, x, float_of(S, x), &v) && fit(S, &v, axis, n);
    Attr a[4] = {{.i = axis}, {.i = n}, {.f = 1}, {.i = 0}};
    ok = ok && op_apply(S, OPID_rdft, &v, 1, a, 4, &y);
    release(S, v);
    return ok && parts(S, y, c->out);
}

BUILTIN(irfft, "irfft(x, n: nil, axis: -1)",
        "The inverse of rfft: n numbers (2 (m - 1) unless given; odd n must be) from the first m = n // 2 + 1 elements "
        "of their transform, (re:, im:). Imaginary parts of the first, and for even n of the last, do not count. "
        "NumPy's fft.irfft.")
{
    State *S = c->S;
    Value v = NIL;
    int axis = 0;
    int64_t n = 1;
    bool ok = pairs(c, &v) && arg_axis(c, 2, val_rank(v) - 1, &axis) &&
              length(c, 1, 2 * (val_shape(v)[axis] - 1), &n) && fit(S, &v, axis, n / 2 + 1);
    Attr a[4] = {{.i = axis}, {.i = n}, {.f = 1 / (double)n}, {.i = 1}};
    ok = ok && op_apply(S, OPID_rdft_back, &v, 1, a, 4, c->out);
    release(S, v);
    return ok;
}

static bool frequencies(Call *c, bool half)
{
    int64_t n;
    double d;
    if (!arg_int(c, 0, &n) || !arg_num(c, 1, &d)) return false;
    if (n < 1)
        return diag_fail(c->S, DIAG_VALUE, "%s: `n` is %lld; it is a whole number from 1", c->builtin->name,
                         (long long)n);
    int64_t count = half ? n / 2 + 1 : n;
    Tensor *t = tensor_new(c->S, default_float(c->S), 1, &count);
    if (!t) return false;
    bool watched = c->arg[1].level;
    if (watched) d = 1;
    for (int64_t i = 0; i < count; i++)
        tensor_put(t, i, (double)(half || i < (n + 1) / 2 ? i : i - n) / ((double)n * d));
    if (!watched) return *c->out = val_obj(T_TENSOR, t), true;
    bool ok = op2(c->S, OPID_div, val_obj(T_TENSOR, t), c->arg[1], c->out);
    obj_release(c->S, t);
    return ok;
}
BUILTIN(fftfreq, "fftfreq(n, d: 1)",
        "The frequencies of the elements of fft of n samples that are d apart, in cycles per unit of d: [0, 1, ..., "
        "-1] / (n d). NumPy's fft.fftfreq.")
{
    return frequencies(c, false);
}
BUILTIN(rfftfreq, "rfftfreq(n, d: 1)", "The frequencies of the elements of rfft: [0, 1, ..., n // 2] / (n d).")
{
    return frequencies(c, true);
}
