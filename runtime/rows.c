/* rows.c -- gradients of tables by rows: a tensor that is zero but for a few rows, held as those.
**
** The gradient of table[index] is recorded as take_add(values, index), zeros with rows added. While nobody asks
** for its data the pending tensor *is* that: rows and where they go. Adding two such gradients joins their rows,
** and an optimiser whose formula leaves other rows alone reads only them; whoever else looks runs the operation
** behind tensor_force, and has the table. Nothing is gained once there are rows for half the table.
**
**   pending  take_add(values [m, ...], index [m])   --tensor_rows-->   each row once, values added up in order
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/op.h"
#include "runtime/state.h"

bool tensor_by_rows(const Tensor *t)
{
    const Node *n = t->node;
    return n && n->op == op_table[OPID_take_add] && n->attr[0].i == 0 && n->x[0].tag == T_TENSOR &&
           n->x[1].tag == T_TENSOR && n->x[1].t->n <= n->attr[1].i / 2;
}

/* Where each of m rows goes among the different ones: slot[i]; index is cut to those, in order of first coming. */
static bool slots_of(State *S, int64_t *index, int64_t m, int64_t *slot, int64_t *different)
{
    size_t cap = 16;
    while (cap < 2 * (size_t)m) cap *= 2;
    int64_t *table = mem_alloc(S, cap * sizeof *table), k = 0;
    if (!table) return false;
    memset(table, 0xff, cap * sizeof *table); /* -1: free */
    for (int64_t i = 0; i < m; i++) {
        size_t h = (size_t)((uint64_t)index[i] * 0x9e3779b97f4a7c15u >> 20) & (cap - 1);
        while (table[h] >= 0 && index[table[h]] != index[i]) h = (h + 1) & (cap - 1);
        if (table[h] < 0) {
            index[k] = index[i]; /* k <= i */
            table[h] = k++;
        }
        slot[i] = table[h];
    }
    mem_free(S, table, cap * sizeof *table);
    *different = k;
    return true;
}

#define ADD_ROWS(T)                                                                                                    \
    do {                                                                                                               \
        const T *x = (const T *)from->st->data + from->offset;                                                         \
        T *y = to->st->data;                                                                                           \
        for (int64_t i = 0; i < m; i++)                                                                                \
            for (int64_t c = 0; c < chunk; c++) y[slot[i] * chunk + c] += x[i * chunk + c];                            \
    } while (0)

bool tensor_rows(State *S, Tensor *t, Tensor **values, Tensor **index)
{
    *values = *index = NULL;
    if (!tensor_by_rows(t)) return true;
    Node *n = t->node;
    if (!tensor_force(S, n->x[0].t) || !tensor_force(S, n->x[1].t)) return false;
    if (!n->rows) {
        int64_t m = n->x[1].t->n, k, shape[RANK_MAX], chunk = t->n / (n->attr[1].i ? n->attr[1].i : 1);
        memcpy(shape, tensor_shape(t), (size_t)t->rank * sizeof *shape);
        Tensor *from = tensor_as(S, n->x[0].t, (DType)t->dtype), *flat = from ? tensor_contiguous(S, from) : NULL;
        Tensor *old = tensor_as(S, n->x[1].t, DT_I64), *idx = NULL, *cut = NULL, *to = NULL;
        obj_release(S, from);
        from = flat;
        if (old) idx = tensor_new(S, DT_I64, 1, &m);
        for (int64_t i = 0; idx && i < m; i++) ((int64_t *)idx->st->data)[i] = (int64_t)tensor_get(old, i);
        int64_t *slot = from && idx ? mem_alloc(S, (size_t)(m ? m : 1) * sizeof *slot) : NULL;
        bool ok = slot && slots_of(S, idx->st->data, m, slot, &k);
        if (ok) {
            shape[0] = k;
            cut = tensor_from(S, DT_I64, 1, &k, idx->st->data);
            to = tensor_zeros(S, (DType)t->dtype, t->rank, shape);
            ok = cut && to;
        }
        if (ok && t->dtype == DT_F64) ADD_ROWS(double);
        else if (ok) ADD_ROWS(float);
        if (ok) {
            release(S, n->x[0]);
            release(S, n->x[1]);
            n->x[0] = val_obj(T_TENSOR, obj_retain(to));
            n->x[1] = val_obj(T_TENSOR, obj_retain(cut));
            n->rows = true;
        }
        if (slot) mem_free(S, slot, (size_t)(m ? m : 1) * sizeof *slot);
        obj_release(S, from);
        obj_release(S, old);
        obj_release(S, idx);
        obj_release(S, cut);
        obj_release(S, to);
        if (!ok) return false;
    }
    *values = n->x[0].t;
    *index = n->x[1].t;
    return true;
}

/* Its values as [m, ...] and its index as [m]. */
static bool lines(State *S, const Tensor *t, Value *values, Value *index)
{
    int64_t shape[RANK_MAX], m = t->node->x[1].t->n;
    memcpy(shape, tensor_shape(t), (size_t)t->rank * sizeof *shape);
    shape[0] = m;
    if (!op_reshape(S, t->node->x[0], t->rank, shape, values)) return false;
    if (op_reshape(S, t->node->x[1], 1, &m, index)) return true;
    release(S, *values);
    return false;
}

bool rows_add(State *S, Value a, Value b, Value *out, bool *done)
{
    *done = false;
    if (a.tag != T_TENSOR || b.tag != T_TENSOR || a.level || b.level || a.t->dtype != b.t->dtype) return true;
    if (!tensor_by_rows(a.t) || !tensor_by_rows(b.t) || !shape_equal(a.t, b.t) || !dtype_float((DType)a.t->dtype))
        return true;
    int64_t size = a.t->node->attr[1].i;
    if (a.t->node->x[1].t->n + b.t->node->x[1].t->n > size / 2) return true;
    Value v[4], all[2] = {NIL, NIL}; /* values, values, index, index */
    if (!lines(S, a.t, &v[0], &v[2])) return false;
    bool ok = lines(S, b.t, &v[1], &v[3]);
    if (ok) {
        Attr at[2] = {{.i = 0}, {.i = size}};
        ok = op_concat(S, v, 2, 0, &all[0]) && op_concat(S, v + 2, 2, 0, &all[1]) &&
             op_apply(S, OPID_take_add, all, 2, at, 2, out);
        release(S, all[0]);
        release(S, all[1]);
        release(S, v[1]);
        release(S, v[3]);
    }
    release(S, v[0]);
    release(S, v[2]);
    *done = ok;
    return ok;
}
