/* batch_rules.c -- the batch rules that operations share: the same operation with one more axis in front.
**
** A rule gets its inputs one depth further out, those whose bit is set in `in` with the axis of the items first, and
** gives the result with that axis first. What it applies may itself meet batched values, of the batches around.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/ops/walk.h"

enum { INPUTS = 64 };

static bool batched(const Batched *b, int i) { return b->in >> i & 1; }
static int item_rank(const Batched *b, int i) { return val_rank(b->x[i]) - batched(b, i); }
static const int64_t *item_shape(const Batched *b, int i)
{
    return val_rank(b->x[i]) ? val_shape(b->x[i]) + batched(b, i) : NULL;
}

static bool apply(Batched *b, const Value *x, int nin, const Attr *attr, int nattr)
{
    return op_apply(b->S, b->op->id, x, nin, attr, nattr, &b->out);
}

/* *v = y, releasing what was there. */
static bool put(State *S, Value *v, bool ok, Value y)
{
    release(S, *v);
    *v = ok ? y : NIL;
    return ok;
}

static bool reshaped(State *S, Value *v, int rank, const int64_t *shape)
{
    Value y = NIL;
    return put(S, v, op_reshape(S, *v, rank, shape, &y), y);
}

static bool permuted(State *S, Value *v, const int *axes)
{
    Value y = NIL;
    return put(S, v, op_permute(S, *v, axes, &y), y);
}

static bool stretched(State *S, Value *v, int rank, const int64_t *shape)
{
    Value y = NIL;
    return put(S, v, op_broadcast_to(S, *v, rank, shape, &y), y);
}

bool batch_move_axis(State *S, Value *v, int from, int to)
{
    int axes[RANK_MAX], rank = val_rank(*v), k = 0;
    for (int i = 0; i < rank; i++) {
        if (i == from) continue;
        if (k == to) k++;
        axes[k++] = i;
    }
    axes[to] = from;
    return permuted(S, v, axes);
}

/* Input i with the axis of the items, and broadcast to `shape` after it. Owned. */
static bool every(Batched *b, int i, int rank, const int64_t *shape, Value *out)
{
    int64_t full[RANK_MAX], thin[RANK_MAX];
    int have = item_rank(b, i), k = 0;
    if (rank + 1 > RANK_MAX) return diag_fail(b->S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    full[0] = b->n;
    if (rank) memcpy(full + 1, shape, sizeof *full * (size_t)rank);
    *out = retain(b->x[i]);
    if (batched(b, i)) {
        thin[k++] = b->n;
        while (k < rank - have + 1) thin[k++] = 1;
        for (int j = 0; j < have; j++) thin[k++] = item_shape(b, i)[j];
        if (!reshaped(b->S, out, k, thin)) return false;
    }
    return stretched(b->S, out, rank + 1, full);
}

/* Applies the operation to all inputs with the axis of the items in front. */
static bool apply_every(Batched *b, const Attr *attr, int nattr)
{
    Value x[INPUTS];
    int made = 0;
    bool ok = true;
    for (; ok && made < b->nin; made++) {
        x[made] = NIL;
        ok = every(b, made, item_rank(b, made), item_shape(b, made), &x[made]);
    }
    ok = ok && apply(b, x, b->nin, attr, nattr);
    while (made--) release(b->S, x[made]);
    return ok;
}

bool b_front(Batched *b) { return apply_every(b, b->attr, b->nattr); }

bool b_mask(Batched *b)
{
    Attr a[OP_ATTRS];
    memcpy(a, b->attr, sizeof *a * (size_t)b->nattr);
    a[1].i = b->attr[1].i << 1;
    return apply_every(b, a, b->nattr);
}

bool b_axis(Batched *b)
{
    Attr a[OP_ATTRS];
    memcpy(a, b->attr, sizeof *a * (size_t)b->nattr);
    a[0].i++;
    return apply_every(b, a, b->nattr);
}

/* reshape, broadcast_to, fill */
bool b_shape(Batched *b)
{
    int64_t shape[RANK_MAX];
    int rank = b->nattr + 1;
    if (rank > RANK_MAX) return diag_fail(b->S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    shape[0] = b->n;
    for (int i = 0; i < b->nattr; i++) shape[i + 1] = b->attr[i].i;
    if (b->op == op_table[OPID_reshape]) return op_reshape(b->S, b->x[0], rank, shape, &b->out);
    return every(b, 0, b->nattr, shape + 1, &b->out);
}

bool b_permute(Batched *b)
{
    int axes[RANK_MAX] = {0};
    for (int i = 0; i < b->nattr; i++) axes[i + 1] = (int)b->attr[i].i + 1;
    return op_permute(b->S, b->x[0], axes, &b->out);
}

static void front_axis(const Batched *b, Attr *a)
{
    a[0].i = 0;
    a[1].i = b->n;
    a[2].i = 1;
}

bool b_slice(Batched *b)
{
    Attr a[3 * RANK_MAX + 3];
    front_axis(b, a);
    memcpy(a + 3, b->attr, sizeof *a * (size_t)b->nattr);
    return apply(b, b->x, 1, a, b->nattr + 3);
}

/* unslice has the sizes of the whole after the slice's attributes. */
bool b_unslice(Batched *b)
{
    Attr a[4 * RANK_MAX + 4];
    int rank = b->nattr / 4;
    front_axis(b, a);
    memcpy(a + 3, b->attr, sizeof *a * (size_t)(3 * rank));
    a[3 * rank + 3].i = b->n;
    memcpy(a + 3 * rank + 4, b->attr + 3 * rank, sizeof *a * (size_t)rank);
    return apply(b, b->x, 1, a, b->nattr + 4);
}

/* idx + i * step for item i: idx [n, ...] of positions becomes positions in all items in a row. */
static bool offset_index(Batched *b, Value idx, int64_t step, Value *out)
{
    int64_t shape[RANK_MAX] = {b->n};
    for (int i = 1; i < val_rank(idx); i++) shape[i] = 1;
    Tensor *t = tensor_range(b->S, 0, (double)step, b->n, DT_I64);
    if (!t) return false;
    Value at = val_obj(T_TENSOR, t);
    bool ok = reshaped(b->S, &at, val_rank(idx), shape) && op2(b->S, OPID_add, idx, at, out);
    release(b->S, at);
    return ok;
}

/* Axes a, a + 1 of v as one. */
static bool joined(State *S, Value *v, int a)
{
    int64_t shape[RANK_MAX];
    int k = 0;
    for (int i = 0; i < val_rank(*v); i++) {
        if (i == a + 1) shape[k - 1] *= val_shape(*v)[i];
        else shape[k++] = val_shape(*v)[i];
    }
    return reshaped(S, v, k, shape);
}

bool b_take(Batched *b)
{
    State *S = b->S;
    Attr a[2] = {b->attr[0], b->nattr > 1 ? b->attr[1] : (Attr){.i = 0}};
    int axis = (int)a[0].i, ri = item_rank(b, 1), axes[RANK_MAX], k = 0;
    Value x[2] = {b->x[0], b->x[1]};
    if (!batched(b, 1)) {
        a[0].i++;
        return apply(b, x, 2, a, b->nattr);
    }
    if (!batched(b, 0)) return apply(b, x, 2, a, b->nattr) && batch_move_axis(S, &b->out, axis, 0);
    /* rows of all items in a row: [n m, rest], from which item i takes i m + idx[i] */
    int64_t m = val_shape(x[0])[axis + 1];
    Value rows = retain(x[0]), idx = NIL, in[2];
    a[0].i = 0;
    bool ok = batch_move_axis(S, &rows, axis + 1, 1) && joined(S, &rows, 0) && offset_index(b, x[1], m, &idx);
    in[0] = rows, in[1] = idx;
    ok = ok && apply(b, in, 2, a, b->nattr);
    release(S, rows);
    release(S, idx);
    if (!ok) return false;
    axes[k++] = 0; /* [n, idx, before, after] to [n, before, idx, after] */
    for (int i = 0; i < axis; i++) axes[k++] = 1 + ri + i;
    for (int i = 0; i < ri; i++) axes[k++] = 1 + i;
    for (; k < val_rank(b->out); k++) axes[k] = k;
    return permuted(S, &b->out, axes);
}

bool b_take_add(Batched *b)
{
    State *S = b->S;
    Attr a[2] = {b->attr[0], b->attr[1]};
    int axis = (int)a[0].i, ri = item_rank(b, 1), rank = item_rank(b, 0), axes[RANK_MAX], k = 0;
    if (!batched(b, 1)) {
        a[0].i++;
        return apply(b, b->x, 2, a, 2);
    }
    int64_t size = a[1].i, shape[RANK_MAX];
    Value v = NIL, idx = NIL, in[2];
    bool ok = every(b, 0, rank, item_shape(b, 0), &v);
    axes[k++] = 0; /* [n, before, idx, after] to [n, idx, before, after] */
    for (int i = 0; i < ri; i++) axes[k++] = 1 + axis + i;
    for (int i = 0; i < axis; i++) axes[k++] = 1 + i;
    for (; k < rank + 1; k++) axes[k] = k;
    ok = ok && permuted(S, &v, axes) && offset_index(b, b->x[1], size, &idx);
    a[0].i = 0;
    a[1].i = size * b->n;
    in[0] = v, in[1] = idx;
    ok = ok && apply(b, in, 2, a, 2);
    release(S, v);
    release(S, idx);
    if (!ok) return false;
    shape[0] = b->n;
    shape[1] = size;
    k = val_rank(b->out) + 1;
    for (int i = 2; i < k; i++) shape[i] = val_shape(b->out)[i - 1];
    return reshaped(S, &b->out, k, shape) && batch_move_axis(S, &b->out, 1, 1 + axis);
}

bool b_set_slice(Batched *b)
{
    Attr a[3 * RANK_MAX + 3];
    int64_t part[RANK_MAX];
    int rank = b->nattr / 3, k = 0;
    Value in[2] = {NIL, NIL};
    front_axis(b, a);
    memcpy(a + 3, b->attr, sizeof *a * (size_t)b->nattr);
    for (int i = 0; i < rank; i++)
        if (b->attr[3 * i + 1].i >= 0) part[k++] = b->attr[3 * i + 1].i;
    bool ok = every(b, 0, rank, item_shape(b, 0), &in[0]);
    if (ok && is_tensor(b->x[1])) ok = every(b, 1, k, part, &in[1]);
    else in[1] = b->x[1];
    ok = ok && apply(b, in, 2, a, b->nattr + 3);
    release(b->S, in[0]);
    release(b->S, in[1]);
    return ok;
}

/* x [m, rest], rows idx of it replaced by v [k, rest]: the items become a second axis, or, where idx differs, all items'
** rows stand in a row. */
bool b_set_rows(Batched *b)
{
    State *S = b->S;
    Value x = NIL, v = NIL, idx = NIL, in[3];
    int rank = item_rank(b, 0);
    int64_t part[RANK_MAX], shape[RANK_MAX];
    bool own = batched(b, 1), ok = every(b, 0, rank, item_shape(b, 0), &x);
    memcpy(part, item_shape(b, 0), sizeof *part * (size_t)rank);
    part[0] = item_shape(b, 1)[0];
    if (ok && is_tensor(b->x[2])) ok = every(b, 2, rank, part, &v);
    else if (ok) v = b->x[2];
    for (int i = 0; i < 2; i++) {
        Value *w = i ? &v : &x;
        if (ok && is_tensor(*w)) ok = own ? joined(S, w, 0) : batch_move_axis(S, w, 1, 0);
    }
    if (ok && own) ok = offset_index(b, b->x[1], b->item->shape[0], &idx) && joined(S, &idx, 0);
    else if (ok) idx = retain(b->x[1]);
    in[0] = x, in[1] = idx, in[2] = v;
    ok = ok && apply(b, in, 3, b->attr, b->nattr);
    if (ok && own) {
        shape[0] = b->n;
        memcpy(shape + 1, b->item->shape, sizeof *shape * (size_t)rank);
        ok = reshaped(S, &b->out, rank + 1, shape);
    } else if (ok) {
        ok = batch_move_axis(S, &b->out, 1, 0);
    }
    release(S, x);
    release(S, v);
    release(S, idx);
    return ok;
}

/* Vectors become a row on the left and a column on the right, so that leading axes are the items. */
bool b_matmul(Batched *b)
{
    State *S = b->S;
    int ra = item_rank(b, 0), rb = item_rank(b, 1), lead;
    bool ba = batched(b, 0), bb = batched(b, 1);
    Value x[2] = {retain(b->x[0]), retain(b->x[1])};
    bool ok = true;
    if (ba && !bb && ra == 1 && rb <= 2) {
        ok = apply(b, x, 2, NULL, 0); /* [n, k] @ B or @ v */
    } else if (ba && !bb && rb <= 2) {
        ok = apply(b, x, 2, NULL, 0); /* [n, .., k] @ B or @ v */
    } else if (!ba && bb && ra <= 2 && rb == 1) {
        Value t = NIL; /* A @ v for every row v of x[1]: x[1] @ A' */
        ok = ra == 2 ? op_swapaxes(S, x[0], 0, 1, &t) : (t = retain(x[0]), true);
        Value in[2] = {x[1], t};
        ok = ok && apply(b, in, 2, NULL, 0);
        release(S, t);
    } else {
        int high = ra > rb ? ra : rb;
        if (high < 2) high = 2;
        lead = high - 2;
        for (int i = 0; ok && i < 2; i++) { /* to [n or 1, lead, rows, columns] */
            int64_t shape[RANK_MAX];
            int k = 0, r = item_rank(b, i), mats = r > 2 ? r - 2 : 0;
            const int64_t *s = item_shape(b, i);
            shape[k++] = batched(b, i) ? b->n : 1;
            for (int j = mats; j < lead; j++) shape[k++] = 1;
            for (int j = 0; j < mats; j++) shape[k++] = s[j];
            if (r == 1 && i == 0) shape[k++] = 1;
            for (int j = mats; j < r; j++) shape[k++] = s[j];
            if (r == 1 && i == 1) shape[k++] = 1;
            ok = reshaped(S, &x[i], k, shape);
        }
        ok = ok && apply(b, x, 2, NULL, 0);
        int64_t shape[RANK_MAX] = {b->n};
        for (int i = 0; i < b->item->rank; i++) shape[i + 1] = b->item->shape[i];
        ok = ok && reshaped(S, &b->out, b->item->rank + 1, shape);
    }
    release(S, x[0]);
    release(S, x[1]);
    return ok;
}

/* Input i as [a, n, b, ...]: the items, from the front, behind its first axis; broadcast when it does not differ. */
static bool behind(Batched *b, int i, Value *out)
{
    return every(b, i, item_rank(b, i), item_shape(b, i), out) && batch_move_axis(b->S, out, 0, 1);
}

/* conv, conv_input (image or field, kernel) and conv_kernel (image, field), ops/conv.c. Without a kernel of each item's
** own the items are more images; else they are more groups, or more filters of one image. */
bool b_conv(Batched *b)
{
    State *S = b->S;
    bool forth = b->op == op_table[OPID_conv], kernel = b->op == op_table[OPID_conv_kernel];
    Attr a[OP_ATTRS];
    Value x[2] = {NIL, NIL};
    int64_t shape[5];
    bool ok = true, images = !kernel && !batched(b, 1);
    bool filters = !images && b->attr[6].i == 1 && !batched(b, 0) && (forth || kernel);
    memcpy(a, b->attr, sizeof *a * (size_t)b->nattr);
    if (!images && !filters) a[6].i *= b->n;
    for (int i = 0; ok && i < 2; i++) {
        if (!batched(b, i) && (images || filters)) x[i] = retain(b->x[i]);
        else if (images || (i == 1 && !kernel)) ok = every(b, i, 4, item_shape(b, i), &x[i]) && joined(S, &x[i], 0);
        else ok = behind(b, i, &x[i]) && joined(S, &x[i], 1);
    }
    ok = ok && apply(b, x, 2, a, b->nattr);
    release(S, x[0]);
    release(S, x[1]);
    if (!ok) return false;
    bool front = images || kernel; /* where the items are in the result */
    int k = 0;
    for (int i = 0; i < 4; i++) {
        if (i == !front) shape[k++] = b->n;
        shape[k++] = b->item->shape[i];
    }
    return reshaped(S, &b->out, 5, shape) && (front || batch_move_axis(S, &b->out, 1, 0));
}
