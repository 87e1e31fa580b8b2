/* tensor.c -- making tensors, giving them other shapes, and choosing their elements.
**
** A shape is written as sizes, zeros(2, 3), or as one list of sizes, zeros((2, 3)). Negative axes count from
** the end. The operations themselves are in runtime/ops/shape.c and runtime/ops/index.c.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/ops/order.h"
#include "runtime/ops/walk.h"

static bool give_tensor(Call *c, Tensor *t)
{
    if (!t) return false;
    t->made_by = c->builtin->name;
    *c->out = val_obj(T_TENSOR, t);
    return true;
}

/* Replaces *v by what an operation made of it. */
static bool then(State *S, Value *v, bool ok, const Value *next)
{
    if (!ok) return false;
    release(S, *v);
    *v = *next;
    return true;
}

/* ---- making ---- */
static bool constant(Call *c, double v)
{
    int rank;
    int64_t shape[RANK_MAX];
    if (!arg_shape(c, 0, &rank, shape)) return false;
    if (rank == 0) return *c->out = val_num(v), true;
    DType d = default_float(c->S);
    return give_tensor(c, v == 0 ? tensor_zeros(c->S, d, rank, shape) : tensor_full(c->S, d, rank, shape, v));
}
BUILTIN(zeros, "zeros(...n)", "A tensor of zeros: zeros(2, 3) or zeros((2, 3)). No sizes give the number 0.")
{
    return constant(c, 0);
}
BUILTIN(ones, "ones(...n)", "A tensor of ones: ones(2, 3) or ones((2, 3)). No sizes give the number 1.")
{
    return constant(c, 1);
}

/* sizes among the items of a list argument, `count` of them */
static bool take_sizes(Call *c, int arg, const Value *v, int64_t count, bool minus, int *rank, int64_t *shape)
{
    State *S = c->S;
    if (count == 1 && v[0].tag == T_LIST) return take_sizes(c, arg, v[0].l->at, v[0].l->len, minus, rank, shape);
    if (count == 1 && v[0].tag == T_TENSOR && v[0].t->rank == 1) {
        Value x = v[0], item[RANK_MAX];
        if (!tensor_force(S, x.t)) return false;
        if (x.t->n > RANK_MAX)
            return diag_fail(S, DIAG_RESHAPE, "%s: a tensor has at most %d axes", c->builtin->name, RANK_MAX);
        for (int64_t i = 0; i < x.t->n; i++) item[i] = val_num(tensor_get(x.t, i));
        return take_sizes(c, arg, item, x.t->n, minus, rank, shape);
    }
    if (count > RANK_MAX)
        return diag_fail(S, DIAG_RESHAPE, "%s: a tensor has at most %d axes", c->builtin->name, RANK_MAX);
    *rank = (int)count;
    for (int64_t i = 0; i < count; i++) {
        char num[40] = "";
        if (v[i].tag == T_NUM && v[i].n == floor(v[i].n) && v[i].n < 0x1p62 && (v[i].n >= 0 || (minus && v[i].n == -1))) {
            shape[i] = (int64_t)v[i].n;
            continue;
        }
        if (v[i].tag == T_NUM) num_format(num, v[i].n);
        return diag_fail(S, DIAG_RESHAPE, "%s: a size is a whole number of at least 0%s, not %s", c->builtin->name,
                         minus ? " (or one -1)" : "", num[0] ? num : type_name(S, v[i]));
    }
    return true;
}

BUILTIN(full, "full(...shape_and_value)",
        "A tensor that holds one value everywhere: full((2, 3), 7), full(2, 3, 7), or full(2, 3, value: 7). A bool "
        "gives a tensor of bools.")
{
    State *S = c->S;
    List *l = c->arg[0].l;
    int64_t n = l->len;
    int rank;
    int64_t shape[RANK_MAX];
    if (n < 2) return diag_fail(S, DIAG_ARGS, "full takes a shape and a value");
    Value v = l->at[n - 1];
    if (!take_sizes(c, 0, l->at, n - 1, false, &rank, shape)) return false;
    if (v.tag == T_BOOL) return rank ? give_tensor(c, tensor_full(S, DT_BOOL, rank, shape, v.b)) : (*c->out = v, true);
    if (v.tag != T_NUM)
        return diag_fail(S, DIAG_TYPE, "full: the value is a number or a bool, not %s", type_name(S, v));
    if (rank == 0) return *c->out = v, true;
    if (v.level) return op_broadcast_to(S, v, rank, shape, c->out);
    return give_tensor(c, tensor_full(S, default_float(S), rank, shape, v.n));
}

static bool like_leaf(State *S, void *ud, Value v, Value *out)
{
    double one = *(double *)ud;
    if (v.tag == T_TENSOR) {
        Tensor *t = tensor_full(S, (DType)v.t->dtype, v.t->rank, tensor_shape(v.t), one);
        if (t) *out = val_obj(T_TENSOR, t);
        return t != NULL;
    }
    *out = v.tag == T_NUM ? val_num(one) : retain(v);
    return true;
}
static bool like(Call *c, double v)
{
    if (c->arg[0].tag == T_TENSOR)
        return give_tensor(c, tensor_full(c->S, (DType)c->arg[0].t->dtype, c->arg[0].t->rank, tensor_shape(c->arg[0].t),
                                          v));
    return tree_map(c->S, c->arg[0], like_leaf, &v, c->out);
}
BUILTIN(zeros_like, "zeros_like(x)", "Zeros of the shape and element type of x; of a tree, leaf by leaf.")
{
    return like(c, 0);
}
BUILTIN(ones_like, "ones_like(x)", "Ones of the shape and element type of x; of a tree, leaf by leaf.")
{
    return like(c, 1);
}

BUILTIN(eye, "eye(n, m: nil)", "The unit matrix [n, n], or [n, m] with ones on its diagonal.")
{
    int64_t n, m;
    if (!arg_int(c, 0, &n)) return false;
    m = n;
    if (arg_given(c, 1) && !arg_int(c, 1, &m)) return false;
    if (n < 0 || m < 0) return diag_fail(c->S, DIAG_RESHAPE, "eye: a size is at least 0");
    int64_t shape[2] = {n, m};
    Tensor *t = tensor_zeros(c->S, default_float(c->S), 2, shape);
    for (int64_t i = 0; t && i < (n < m ? n : m); i++) tensor_put(t, i * m + i, 1);
    return give_tensor(c, t);
}

BUILTIN(range, "range(a, b?, step: 1)", "The tensor a, a + step, ... up to but without b; range(n) starts at 0.")
{
    double a, b, step;
    if (!arg_num(c, 0, &a) || !arg_num(c, 2, &step)) return false;
    if (c->arg[1].tag == T_UNSET) b = a, a = 0;
    else if (!arg_num(c, 1, &b)) return false;
    if (step == 0 || step != step) return diag_fail(c->S, DIAG_VALUE, "range: the step is not 0");
    double n = ceil((b - a) / step);
    if (n != n || n > 0x1p53) return diag_fail(c->S, DIAG_SIZE, "range: too many elements");
    return give_tensor(c, tensor_range(c->S, a, step, n > 0 ? (int64_t)n : 0, default_float(c->S)));
}

BUILTIN(linspace, "linspace(a, b, n: 50)", "n numbers from a to b, both included, at equal distances.")
{
    double a, b;
    int64_t n;
    if (!arg_num(c, 0, &a) || !arg_num(c, 1, &b) || !arg_int(c, 2, &n)) return false;
    if (n < 0) return diag_fail(c->S, DIAG_VALUE, "linspace: `n` is at least 0, not %lld", (long long)n);
    Tensor *t = tensor_new(c->S, default_float(c->S), 1, &n);
    double step = n > 1 ? (b - a) / (double)(n - 1) : 0;
    for (int64_t i = 0; t && i < n; i++) tensor_put(t, i, n > 1 && i == n - 1 ? b : a + step * (double)i);
    return give_tensor(c, t);
}

BUILTIN(one_hot, "one_hot(labels, classes)",
        "For each label a row with 1 at its place and 0 elsewhere. Labels are whole numbers from 0 to classes - 1; "
        "E0211 otherwise.")
{
    State *S = c->S;
    int64_t n, shape[RANK_MAX];
    Value x = c->arg[0];
    if (!arg_int(c, 1, &n)) return false;
    if (n < 0) return diag_fail(S, DIAG_VALUE, "one_hot: `classes` is at least 0, not %lld", (long long)n);
    if (x.tag != T_NUM && x.tag != T_TENSOR) return arg_fail(c, 0, "whole numbers");
    if (x.tag == T_TENSOR && !tensor_force(S, x.t)) return false;
    int rank = val_rank(x);
    if (rank == RANK_MAX) return diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    if (rank) memcpy(shape, val_shape(x), sizeof(int64_t) * (size_t)rank);
    shape[rank] = n;
    Tensor *t = tensor_zeros(S, default_float(S), rank + 1, shape);
    for (int64_t i = 0; t && i < val_size(x); i++) {
        double k = rank ? tensor_get(x.t, i) : x.n;
        if (k == floor(k) && k >= 0 && k < (double)n) {
            tensor_put(t, i * n + (int64_t)k, 1);
            continue;
        }
        char num[40];
        num_format(num, k);
        obj_release(S, t);
        if (k != floor(k)) return diag_fail(S, DIAG_INDEX_KIND, "one_hot: a label is a whole number, not %s", num);
        return diag_fail(S, DIAG_INDEX, "one_hot: label %s is out of range for %lld classes", num, (long long)n);
    }
    return give_tensor(c, t);
}

/* ---- shapes ---- */
static bool tensor_or_number(Call *c, int i, Value *out)
{
    *out = c->arg[i];
    return out->tag == T_NUM || out->tag == T_TENSOR || arg_fail(c, i, "a tensor");
}

BUILTIN(reshape, "reshape(x, ...n)",
        "The same elements in row-major order under another shape; one size may be -1 and is worked out.")
{
    State *S = c->S;
    Value x;
    int rank, hole = -1;
    int64_t shape[RANK_MAX], n = 1;
    if (!tensor_or_number(c, 0, &x) || !take_sizes(c, 1, c->arg[1].l->at, c->arg[1].l->len, true, &rank, shape))
        return false;
    for (int i = 0; i < rank; i++) {
        if (shape[i] >= 0) {
            if (__builtin_mul_overflow(n, shape[i], &n)) return diag_fail(S, DIAG_SIZE, "reshape: too many elements");
        } else if (hole >= 0) return diag_fail(S, DIAG_RESHAPE, "reshape: only one size may be -1");
        else hole = i;
    }
    if (hole >= 0) {
        if (n == 0 || val_size(x) % n) {
            char s[200];
            return diag_fail(S, DIAG_RESHAPE, "reshape: the %lld elements of %s cannot be divided by %lld",
                             (long long)val_size(x), is_tensor(x) ? shape_str(x.t, s, sizeof s) : "a number",
                             (long long)n);
        }
        shape[hole] = val_size(x) / n;
    }
    return op_reshape(S, x, rank, shape, c->out);
}

BUILTIN(flatten, "flatten(x, start: 0)",
        "All axes from `start` on as one, in row-major order: flatten(images, 1) keeps the batch.")
{
    Value x;
    int axis;
    int64_t shape[RANK_MAX];
    if (!arg_tensor(c, 0, &x) || !arg_axis(c, 1, x.t->rank, &axis)) return false;
    memcpy(shape, tensor_shape(x.t), sizeof(int64_t) * (size_t)x.t->rank);
    for (int i = axis + 1; i < x.t->rank; i++) shape[axis] *= shape[i];
    return op_reshape(c->S, x, axis + 1, shape, c->out);
}

BUILTIN(squeeze, "squeeze(x, axis: nil)",
        "x without its axes of size 1, or without these ones. A tensor of one element becomes a number.")
{
    Value x;
    int axes[RANK_MAX], n, rank = 0;
    int64_t shape[RANK_MAX];
    if (!arg_tensor(c, 0, &x) || !arg_axes(c, 1, x.t->rank, axes, &n)) return false;
    bool given = arg_given(c, 1);
    for (int i = 0; i < x.t->rank; i++) {
        bool named = !given && tensor_shape(x.t)[i] == 1;
        for (int k = 0; k < n; k++) named |= axes[k] == i;
        if (named && tensor_shape(x.t)[i] != 1)
            return diag_fail(c->S, DIAG_RESHAPE, "squeeze: axis %d has size %lld, not 1", i,
                             (long long)tensor_shape(x.t)[i]);
        if (!named) shape[rank++] = tensor_shape(x.t)[i];
    }
    return op_reshape(c->S, x, rank, shape, c->out);
}

BUILTIN(unsqueeze, "unsqueeze(x, axis)",
        "x with a new axis of size 1 at this place: x[:, new] is unsqueeze(x, 1) of a vector.")
{
    Value x;
    int axis;
    int64_t shape[RANK_MAX];
    if (!tensor_or_number(c, 0, &x) || !arg_axis(c, 1, val_rank(x) + 1, &axis)) return false;
    int rank = val_rank(x);
    if (rank == RANK_MAX) return diag_fail(c->S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    for (int i = 0, k = 0; i <= rank; i++) shape[i] = i == axis ? 1 : val_shape(x)[k++];
    return op_reshape(c->S, x, rank + 1, shape, c->out);
}

/* every axis once, from a rest list */
static bool all_axes(Call *c, int i, int rank, int *axes)
{
    Value v = c->arg[i];
    Call one = *c;
    Value arg[2] = {NIL, NIL};
    int n;
    arg[i] = v.l->len == 1 && v.l->at[0].tag != T_NUM ? v.l->at[0] : v;
    one.arg = arg;
    if (!arg_axes(&one, i, rank, axes, &n)) return false;
    if (n == rank) return true;
    return diag_fail(c->S, DIAG_AXIS, "%s: %d axes for a tensor with %d", c->builtin->name, n, rank);
}

BUILTIN(permute, "permute(x, ...axes)",
        "Axis i of the result is axis axes[i] of x: permute(images, 0, 2, 3, 1). A view.")
{
    Value x;
    int axes[RANK_MAX];
    return arg_tensor(c, 0, &x) && all_axes(c, 1, x.t->rank, axes) && op_permute(c->S, x, axes, c->out);
}

BUILTIN(transpose, "transpose(x, ...axes)",
        "All axes in reverse order; transpose(x, a, b) swaps two; with all axes it is permute. A' swaps the last "
        "two.")
{
    Value x;
    int axes[RANK_MAX], n = 0;
    if (!arg_tensor(c, 0, &x)) return false;
    List *l = c->arg[1].l;
    int rank = x.t->rank;
    if (l->len == 2 && rank != 2) {
        Value arg[2] = {x, c->arg[1]};
        Call one = *c;
        one.arg = arg;
        return arg_axes(&one, 1, rank, axes, &n) && op_swapaxes(c->S, x, axes[0], axes[1], c->out);
    }
    if (l->len) {
        if (!all_axes(c, 1, rank, axes)) return false;
        if (rank == 2 && l->at[0].tag == T_NUM) axes[0] = 1, axes[1] = 0; /* transpose(A, 0, 1) swaps */
    } else {
        for (int i = 0; i < rank; i++) axes[i] = rank - 1 - i;
    }
    return op_permute(c->S, x, axes, c->out);
}

BUILTIN(swapaxes, "swapaxes(x, a, b)", "x with two axes exchanged. A view.")
{
    Value x;
    int a, b;
    return arg_tensor(c, 0, &x) && arg_axis(c, 1, x.t->rank, &a) && arg_axis(c, 2, x.t->rank, &b) &&
           op_swapaxes(c->S, x, a, b, c->out);
}

BUILTIN(moveaxis, "moveaxis(x, from, to)",
        "x with one axis moved to another place; the others keep their order. A view.")
{
    Value x;
    int from, to, axes[RANK_MAX], k = 0;
    if (!arg_tensor(c, 0, &x) || !arg_axis(c, 1, x.t->rank, &from) || !arg_axis(c, 2, x.t->rank, &to)) return false;
    for (int i = 0; i < x.t->rank; i++) {
        if (k == from) k++;
        axes[i] = i == to ? from : k++;
    }
    return op_permute(c->S, x, axes, c->out);
}

BUILTIN(broadcast_to, "broadcast_to(x, ...n)", "x repeated along its axes of size 1 and along new leading axes. A view.")
{
    Value x;
    int rank;
    int64_t shape[RANK_MAX];
    return tensor_or_number(c, 0, &x) && take_sizes(c, 1, c->arg[1].l->at, c->arg[1].l->len, false, &rank, shape) &&
           op_broadcast_to(c->S, x, rank, shape, c->out);
}

/* ---- joining and parting ---- */
/* The items of a list, or the rows of a tensor; owned copies of the values in *v (n of them, to be freed by the caller)
 */
static bool parts_of(Call *c, Value x, List **out)
{
    State *S = c->S;
    if (x.tag == T_LIST) return *out = obj_retain(x.l), true;
    if (x.tag != T_TENSOR) return arg_fail(c, 0, "a list of tensors");
    if (!(*out = list_new(S, tensor_shape(x.t)[0]))) return false;
    for (int64_t i = 0; i < tensor_shape(x.t)[0]; i++) {
        Value idx = val_num((double)i), row;
        if (!value_index(S, x, &idx, 1, &row) || !list_push_take(S, *out, NULL, row)) {
            obj_release(S, *out);
            return false;
        }
    }
    return true;
}

BUILTIN(concat, "concat(list, axis: 0)", "Tensors one after the other along an axis; all other sizes are equal.")
{
    State *S = c->S;
    List *l;
    int axis;
    if (!parts_of(c, c->arg[0], &l)) return false;
    bool ok = l->len > 0 || diag_fail(S, DIAG_EMPTY, "concat of nothing");
    ok = ok && (l->len <= INT32_MAX || diag_fail(S, DIAG_SIZE, "concat of too many tensors"));
    for (int64_t i = 0; ok && i < l->len; i++)
        if (l->at[i].tag != T_TENSOR) {
            diag_fail(S, DIAG_TYPE, "concat joins tensors; item %lld is %s", (long long)i, type_name(S, l->at[i]));
            ok = diag_hint(S, l->at[i].tag == T_NUM ? "stack(list), or [a, b, c], makes a tensor of numbers"
                                                    : "lists are joined as (...a, ...b)");
        }
    ok = ok && arg_axis(c, 1, l->at[0].t->rank, &axis) && op_concat(S, l->at, (int)l->len, axis, c->out);
    obj_release(S, l);
    return ok;
}

BUILTIN(stack, "stack(list, axis: 0)", "Numbers, or tensors of one shape, along a new axis.")
{
    State *S = c->S;
    List *l;
    int axis;
    if (!parts_of(c, c->arg[0], &l)) return false;
    bool ok = l->len <= INT32_MAX || diag_fail(S, DIAG_SIZE, "stack of too many tensors");
    int rank = l->len && l->at[0].tag == T_TENSOR ? l->at[0].t->rank + 1 : 1;
    ok = ok && arg_axis(c, 1, rank, &axis);
    if (ok && (axis == 0 || rank == 1)) ok = tensor_stack(S, l->at, l->len, c->out);
    else if (ok) {
        for (int64_t i = 0; ok && i < l->len; i++)
            if (l->at[i].tag != T_TENSOR)
                ok = diag_fail(S, DIAG_RAGGED, "rows differ in shape: item 0 is %s, item %lld is not a tensor",
                               type_name(S, l->at[0]), (long long)i);
        ok = ok && op_stack(S, l->at, (int)l->len, axis, c->out);
    }
    obj_release(S, l);
    return ok;
}

static bool part(State *S, Value x, int axis, int64_t start, int64_t count, int64_t step, Value *out)
{
    int64_t st[RANK_MAX] = {0}, n[RANK_MAX], by[RANK_MAX];
    bool drop[RANK_MAX] = {false};
    for (int i = 0; i < x.t->rank; i++) n[i] = tensor_shape(x.t)[i], by[i] = 1;
    st[axis] = start;
    n[axis] = count;
    by[axis] = step;
    return op_slice(S, x, st, n, by, drop, out);
}

/* split of a tensor: `parts` is a number of equal parts or a list of sizes */
bool tensor_split(Call *c, Value x, Value parts, Value axis_arg)
{
    State *S = c->S;
    Value arg[3] = {x, parts, axis_arg};
    Call one = *c;
    int axis;
    int64_t n, at = 0;
    one.arg = arg;
    if (!arg_axis(&one, 2, x.t->rank, &axis)) return false;
    int64_t size = tensor_shape(x.t)[axis], sum = 0;
    if (parts.tag == T_NUM) {
        if (!arg_int(&one, 1, &n)) return false;
        if (n < 1 || size % n)
            return diag_fail(S, DIAG_RESHAPE, "split: axis %d of size %lld does not part into %lld equal pieces", axis,
                             (long long)size, (long long)n);
    } else {
        if (parts.tag != T_LIST) return arg_fail(&one, 1, "a number of parts or a list of sizes");
        n = parts.l->len;
        for (int64_t i = 0; i < n; i++) {
            Value v = parts.l->at[i];
            if (v.tag != T_NUM || v.n != floor(v.n) || v.n < 0)
                return diag_fail(S, DIAG_RESHAPE, "split: a size is a whole number of at least 0");
            sum += (int64_t)v.n;
        }
        if (sum != size)
            return diag_fail(S, DIAG_RESHAPE, "split: the sizes add up to %lld, axis %d has %lld", (long long)sum, axis,
                             (long long)size);
    }
    List *l = list_new(S, n);
    bool ok = l != NULL;
    for (int64_t i = 0; ok && i < n; i++) {
        int64_t count = parts.tag == T_NUM ? size / n : (int64_t)parts.l->at[i].n;
        Value v;
        ok = part(S, x, axis, at, count, 1, &v) && list_push_take(S, l, NULL, v);
        at += count;
    }
    if (ok) *c->out = val_obj(T_LIST, l);
    else obj_release(S, l);
    return ok;
}

/* ---- pad, tile, repeat, flip, roll ---- */
static bool pad_widths(Call *c, int rank, int64_t (*w)[2])
{
    State *S = c->S;
    Value v = c->arg[1];
    const char *want = "a number, a pair (before, after), or a pair for each axis";
    for (int i = 0; i < rank; i++) {
        Value ends[2];
        Value one = v.tag == T_LIST && v.l->len && v.l->at[0].tag == T_LIST && i < v.l->len ? v.l->at[i] : v;
        if (v.tag == T_LIST && v.l->len && v.l->at[0].tag == T_LIST && v.l->len != rank)
            return diag_fail(S, DIAG_VALUE, "pad: %lld pairs for a tensor with %d axes", (long long)v.l->len, rank);
        if (one.tag == T_LIST && one.l->len == 2) ends[0] = one.l->at[0], ends[1] = one.l->at[1];
        else ends[0] = ends[1] = one;
        for (int k = 0; k < 2; k++) {
            if (ends[k].tag != T_NUM) return arg_fail(c, 1, want);
            if (ends[k].n != floor(ends[k].n) || ends[k].n < 0 || ends[k].n > 0x1p40)
                return diag_fail(S, DIAG_VALUE, "pad: widths are whole numbers of at least 0");
            w[i][k] = (int64_t)ends[k].n;
        }
    }
    return true;
}

/* which element stands at place k of a padded axis */
static int64_t pad_from(int64_t k, int64_t n, char mode)
{
    if (mode == 'e') return k < 0 ? 0 : k >= n ? n - 1 : k;
    if (mode == 'w') return (k % n + n) % n;
    if (n == 1) return 0;
    int64_t period = 2 * (n - 1), m = (k % period + period) % period; /* reflect */
    return m < n ? m : period - m;
}

BUILTIN(pad, "pad(x, widths, value: 0, mode: \"constant\")",
        "x with a margin: widths is a number, a pair (before, after), or a list of pairs, one for each axis. The "
        "margin holds "
        "`value`, or with mode \"edge\", \"reflect\" or \"wrap\" what lies near, across, or at the other end.")
{
    State *S = c->S;
    Value x;
    Str *mode;
    int64_t w[RANK_MAX][2], start[RANK_MAX];
    if (!arg_tensor(c, 0, &x) || !pad_widths(c, x.t->rank, w) || !arg_str(c, 3, &mode)) return false;
    int rank = x.t->rank;
    const int64_t *shape = tensor_shape(x.t);
    char m = mode->data[0];
    if (strcmp(mode->data, "constant") && strcmp(mode->data, "edge") && strcmp(mode->data, "reflect") &&
        strcmp(mode->data, "wrap"))
        return diag_fail(S, DIAG_VALUE, "pad: mode is \"constant\", \"edge\", \"reflect\" or \"wrap\", not \"%s\"",
                         mode->data);
    if (m == 'c') {
        Value fill = c->arg[2];
        Attr a[4 * RANK_MAX];
        int64_t big[RANK_MAX];
        if (fill.tag != T_NUM && fill.tag != T_BOOL) return arg_fail(c, 2, "a number");
        for (int i = 0; i < rank; i++) {
            a[3 * i].i = start[i] = w[i][0];
            a[3 * i + 1].i = shape[i];
            a[3 * i + 2].i = 1;
            a[3 * rank + i].i = big[i] = shape[i] + w[i][0] + w[i][1];
        }
        if (fill.tag == T_NUM && fill.n == 0 && !fill.level)
            return op_apply(S, OPID_unslice, &x, 1, a, 4 * rank, c->out);
        Value base, y[2];
        if (fill.level) {
            if (!op_broadcast_to(S, fill, rank, big, &base)) return false;
        } else {
            Tensor *t = tensor_full(S, (DType)x.t->dtype, rank, big, fill.tag == T_BOOL ? fill.b : fill.n);
            if (!t) return false;
            base = val_obj(T_TENSOR, t);
        }
        y[0] = base;
        y[1] = x;
        bool ok = op_apply(S, OPID_set_slice, y, 2, a, 3 * rank, c->out);
        release(S, base);
        return ok;
    }
    Value y = retain(x);
    for (int axis = 0; axis < rank; axis++) {
        int64_t n = shape[axis], total = n + w[axis][0] + w[axis][1];
        if (total == n) continue;
        if (n == 0) {
            release(S, y);
            return diag_fail(S, DIAG_EMPTY, "pad: axis %d is empty", axis);
        }
        Tensor *idx = tensor_new(S, DT_I64, 1, &total);
        Value next;
        for (int64_t k = 0; idx && k < total; k++) ((int64_t *)idx->st->data)[k] = pad_from(k - w[axis][0], n, m);
        bool ok = idx && then(S, &y, op_gather_rows(S, y, axis, val_obj(T_TENSOR, idx), &next), &next);
        obj_release(S, idx);
        if (!ok) {
            release(S, y);
            return false;
        }
    }
    *c->out = y;
    return true;
}

BUILTIN(tile, "tile(x, ...n)",
        "x repeated n times along each axis; fewer numbers than axes count from the right, more add leading axes.")
{
    State *S = c->S;
    Value x, y, next;
    int nreps, rank;
    int64_t reps[RANK_MAX], shape[RANK_MAX], between[2 * RANK_MAX], wide[2 * RANK_MAX];
    if (!tensor_or_number(c, 0, &x) || !take_sizes(c, 1, c->arg[1].l->at, c->arg[1].l->len, false, &nreps, reps))
        return false;
    rank = nreps > val_rank(x) ? nreps : val_rank(x);
    if (2 * rank > RANK_MAX) return diag_fail(S, DIAG_SIZE, "tile: a tensor has at most %d axes here", RANK_MAX / 2);
    for (int i = 0; i < rank; i++) {
        int64_t n = i < rank - val_rank(x) ? 1 : val_shape(x)[i - (rank - val_rank(x))],
                r = i < rank - nreps ? 1 : reps[i - (rank - nreps)];
        between[2 * i] = 1;
        wide[2 * i] = r;
        between[2 * i + 1] = wide[2 * i + 1] = n;
        if (__builtin_mul_overflow(n, r, &shape[i])) return diag_fail(S, DIAG_SIZE, "tile: too many elements");
    }
    y = retain(x);
    bool ok = then(S, &y, op_reshape(S, y, 2 * rank, between, &next), &next) &&
              then(S, &y, op_broadcast_to(S, y, 2 * rank, wide, &next), &next) &&
              then(S, &y, op_reshape(S, y, rank, shape, &next), &next);
    if (ok) *c->out = y;
    else release(S, y);
    return ok;
}

BUILTIN(repeat, "repeat(x, n, axis: 0)", "Each element (along an axis: each row) n times in a row.")
{
    State *S = c->S;
    Value x;
    int64_t n;
    int axis;
    if (!arg_tensor(c, 0, &x) || !arg_int(c, 1, &n) || !arg_axis(c, 2, x.t->rank, &axis)) return false;
    if (n < 0) return diag_fail(S, DIAG_VALUE, "repeat: `n` is at least 0, not %lld", (long long)n);
    int64_t total;
    if (__builtin_mul_overflow(tensor_shape(x.t)[axis], n, &total))
        return diag_fail(S, DIAG_SIZE, "repeat: too many elements");
    Tensor *idx = tensor_new(S, DT_I64, 1, &total);
    if (!idx) return false;
    for (int64_t i = 0; i < total; i++) ((int64_t *)idx->st->data)[i] = i / n;
    bool ok = op_gather_rows(S, x, axis, val_obj(T_TENSOR, idx), c->out);
    obj_release(S, idx);
    return ok;
}

BUILTIN(flip, "flip(x, axis: nil)", "x backwards along an axis, several, or all. A view.")
{
    Value x;
    int axes[RANK_MAX], n;
    int64_t start[RANK_MAX], count[RANK_MAX], step[RANK_MAX];
    bool drop[RANK_MAX] = {false};
    if (!arg_tensor(c, 0, &x) || !arg_axes(c, 1, x.t->rank, axes, &n)) return false;
    for (int i = 0; i < x.t->rank; i++) {
        bool on = n == 0;
        for (int k = 0; k < n; k++) on |= axes[k] == i;
        count[i] = tensor_shape(x.t)[i];
        on &= count[i] > 1;
        start[i] = on ? count[i] - 1 : 0;
        step[i] = on ? -1 : 1;
    }
    return op_slice(c->S, x, start, count, step, drop, c->out);
}

static bool roll_one(State *S, Value *v, int axis, int64_t by)
{
    int64_t n = tensor_shape(v->t)[axis];
    if (n == 0 || (by = (by % n + n) % n) == 0) return true;
    Value two[2] = {NIL, NIL}, y;
    bool ok = part(S, *v, axis, n - by, by, 1, &two[0]) && part(S, *v, axis, 0, n - by, 1, &two[1]) &&
              op_concat(S, two, 2, axis, &y);
    release(S, two[0]);
    release(S, two[1]);
    return then(S, v, ok, &y);
}

BUILTIN(roll, "roll(x, n, axis: nil)",
        "x shifted by n places along an axis, what falls off coming in at the other end; without an axis over all "
        "elements in row-major order.")
{
    State *S = c->S;
    Value x, y, next;
    int64_t n;
    int axis = 0;
    if (!arg_tensor(c, 0, &x) || !arg_int(c, 1, &n)) return false;
    bool flat = !arg_given(c, 2);
    if (!flat && !arg_axis(c, 2, x.t->rank, &axis)) return false;
    y = retain(x);
    bool ok = (!flat || then(S, &y, op_reshape(S, y, 1, &x.t->n, &next), &next)) && roll_one(S, &y, axis, n);
    ok = ok && (!flat || then(S, &y, op_reshape(S, y, x.t->rank, tensor_shape(x.t), &next), &next));
    if (ok) *c->out = y;
    else release(S, y);
    return ok;
}

/* ---- triangles, diagonals ---- */
static bool with_k(Call *c, OpId op)
{
    Value x;
    Attr a;
    return arg_tensor(c, 0, &x) && arg_int(c, 1, &a.i) && op_apply(c->S, op, &x, 1, &a, 1, c->out);
}
BUILTIN(tril, "tril(x, k: 0)", "x on and below diagonal k of its last two axes, zero above.")
{
    return with_k(c, OPID_tril);
}
BUILTIN(triu, "triu(x, k: 0)", "x on and above diagonal k of its last two axes, zero below.")
{
    return with_k(c, OPID_triu);
}

BUILTIN(diag, "diag(x, k: 0)",
        "The matrix with a vector on diagonal k; or diagonal k of a matrix (of its last two axes).")
{
    Value x;
    Attr a[3];
    if (!arg_tensor(c, 0, &x) || !arg_int(c, 1, &a[0].i)) return false;
    if (x.t->rank >= 2) return op_apply(c->S, OPID_diag_part, &x, 1, a, 1, c->out);
    int64_t k = a[0].i < 0 ? -a[0].i : a[0].i;
    if (k > INT32_MAX) return diag_fail(c->S, DIAG_SIZE, "diag: too far from the diagonal");
    a[1].i = a[2].i = x.t->n + k;
    return op_apply(c->S, OPID_diag_embed, &x, 1, a, 3, c->out);
}

BUILTIN(trace, "trace(A)", "Sum of the diagonal of a matrix (of the last two axes).")
{
    State *S = c->S;
    Value x, d;
    Attr a = {.i = 0};
    if (!arg_tensor(c, 0, &x) || !op_apply(S, OPID_diag_part, &x, 1, &a, 1, &d)) return false;
    int axis = d.t->rank - 1;
    bool ok = op_reduce(S, OPID_sum, d, &axis, 1, false, c->out);
    release(S, d);
    return ok;
}

/* ---- choosing ---- */
/* positions along an axis of `size`: i64, checked, not negative. Owned. */
static Tensor *arg_positions(Call *c, int i, int64_t size)
{
    State *S = c->S;
    Value v = c->arg[i];
    if (v.tag != T_TENSOR || v.t->dtype == DT_BOOL) {
        arg_fail(c, i, "a tensor of whole numbers");
        return NULL;
    }
    Tensor *t = tensor_force(S, v.t) ? tensor_new(S, DT_I64, v.t->rank, tensor_shape(v.t)) : NULL;
    if (!t) return NULL;
    int64_t *y = t->st->data;
    for (int64_t k = 0; k < t->n; k++) {
        double p = tensor_get(v.t, k), q = p < 0 ? p + (double)size : p;
        if (p == floor(p) && q >= 0 && q < (double)size) {
            y[k] = (int64_t)q;
            continue;
        }
        char num[40];
        num_format(num, p);
        if (p != floor(p))
            diag_fail(S, DIAG_INDEX_KIND, "%s: an index is a whole number, not %s", c->builtin->name, num);
        else
            diag_fail(S, DIAG_INDEX, "%s: index %s is out of range for an axis of size %lld", c->builtin->name, num,
                      (long long)size);
        obj_release(S, t);
        return NULL;
    }
    return t;
}

BUILTIN(gather, "gather(x, axis, index)",
        "Element by element along an axis: for axis 0, y[i][j] = x[index[i][j]][j]. index has as many axes as x. "
        "(PyTorch's gather)")
{
    Value x;
    int axis;
    if (!arg_tensor(c, 0, &x) || !arg_axis(c, 1, x.t->rank, &axis)) return false;
    Tensor *idx = arg_positions(c, 2, tensor_shape(x.t)[axis]);
    if (!idx) return false;
    Attr a = {.i = axis};
    Value in[2] = {x, val_obj(T_TENSOR, idx)};
    bool ok = op_apply(c->S, OPID_gather, in, 2, &a, 1, c->out);
    obj_release(c->S, idx);
    return ok;
}

BUILTIN(scatter_add, "scatter_add(x, axis, index, source)",
        "x with each element of source added at its index along an axis: for axis 0, y[index[i][j]][j] += "
        "source[i][j]. Repeated "
        "places add up. The transpose of gather. (PyTorch's scatter_add)")
{
    State *S = c->S;
    Value x, src;
    int axis;
    if (!arg_tensor(c, 0, &x) || !arg_axis(c, 1, x.t->rank, &axis) || !arg_tensor(c, 3, &src)) return false;
    Tensor *idx = arg_positions(c, 2, tensor_shape(x.t)[axis]);
    if (!idx) return false;
    Attr a = {.i = axis};
    Value v;
    bool ok = op_cast(S, src, (DType)x.t->dtype, &v);
    if (ok) {
        Value in[3] = {x, val_obj(T_TENSOR, idx), v};
        ok = op_apply(S, OPID_scatter_add, in, 3, &a, 1, c->out);
        release(S, v);
    }
    obj_release(S, idx);
    return ok;
}

BUILTIN(take, "take(x, index, axis: 0)", "Rows of x along an axis, in the order of index, as x[index].")
{
    Value x;
    int axis;
    if (!arg_tensor(c, 0, &x) || !arg_axis(c, 2, x.t->rank, &axis)) return false;
    Tensor *idx = arg_positions(c, 1, tensor_shape(x.t)[axis]);
    if (!idx) return false;
    bool ok = op_gather_rows(c->S, x, axis, val_obj(T_TENSOR, idx), c->out);
    obj_release(c->S, idx);
    return ok;
}

static bool unique_list(Call *c, List *l)
{
    State *S = c->S;
    List *y = list_new(S, 0);
    bool ok = y != NULL;
    for (int64_t i = 0; ok && i < l->len; i++) {
        bool seen = false;
        for (int64_t k = 0; ok && !seen && k < y->len; k++) {
            Value a = l->at[i], b = y->at[k];
            if (a.tag == T_STR && b.tag == T_STR) seen = str_same(a.s, b.s);
            else ok = value_equal(S, a, b, &seen);
        }
        if (ok && !seen) ok = list_push_take(S, y, NULL, retain(l->at[i]));
    }
    if (ok) *c->out = val_obj(T_LIST, y);
    else obj_release(S, y);
    return ok;
}

BUILTIN(unique, "unique(x)",
        "The different elements of a tensor, in order; the different items of a list, as they first come.")
{
    State *S = c->S;
    Value x = c->arg[0], flat;
    if (x.tag == T_LIST) return unique_list(c, x.l);
    if (!arg_tensor(c, 0, &x)) return false;
    DType as = dtype_float((DType)x.t->dtype) ? DT_F64 : DT_I64;
    int64_t n = x.t->n, k = 0;
    Tensor *plain = tensor_contiguous(S, x.t);
    if (!plain) return false;
    size_t cap;
    int64_t *key = mem_block(S, sizeof(int64_t) * (size_t)(3 * n + 1), &cap), *idx = key + n;
    if (!key) {
        obj_release(S, plain);
        return false;
    }
    run_copy(key, as, 1, tensor_data(S, plain), (DType)plain->dtype, 1, n);
    bool sorted = order_index(S, key, as, n, false, idx, idx + n);
    for (int64_t i = 0; sorted && i < n; i++) { /* the first of each run of equals; NaN are one */
        bool fresh = i == 0;
        if (i && as == DT_I64) fresh = key[idx[i]] != key[idx[i - 1]];
        else if (i) {
            double a = ((double *)key)[idx[i]], b = ((double *)key)[idx[i - 1]];
            fresh = a != b && !(a != a && b != b);
        }
        if (fresh) idx[k++] = idx[i];
    }
    Tensor *at = sorted ? tensor_from(S, DT_I64, 1, &k, idx) : NULL;
    mem_block_free(S, key, cap);
    obj_release(S, plain);
    if (!at) return false;
    bool ok = op_reshape(S, x, 1, &n, &flat);
    if (ok) {
        ok = op_gather_rows(S, flat, 0, val_obj(T_TENSOR, at), c->out);
        release(S, flat);
    }
    obj_release(S, at);
    return ok;
}
