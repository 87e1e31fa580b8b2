/* tensor.c -- tensors, their storage, views, conversions and reading by element.
**
** A Tensor is one block: the struct, then sizes, then strides. Its data is a counted Storage that views
** share; storage blocks come from the size-class cache of mem.c. What is still pending (force.c) has a
** shape and no storage. Nothing here knows about derivatives except that a tensor may carry lane numbers.
** SPDX-License-Identifier: MIT */
#include "runtime/tensor.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "runtime/kernels/kernels.h"
#include "runtime/op.h"
#include "runtime/state.h"

const char *const dtype_name[DT_COUNT] = {"f64", "f32", "i64", "i32", "u8", "bool"};
const uint8_t dtype_size[DT_COUNT] = {8, 4, 8, 4, 1, 1};

int dtype_by_name(const char *s, size_t n)
{
    for (int d = 0; d < DT_COUNT; d++)
        if (strlen(dtype_name[d]) == n && !memcmp(dtype_name[d], s, n)) return d;
    return -1;
}

/* ---- storage ---- */

enum { INLINE_BYTES = 256 }; /* up to here the data lies behind its header, in one allocation */

Storage *storage_new(State *S, size_t bytes)
{
    size_t room = bytes <= INLINE_BYTES ? (bytes + 31) & ~(size_t)31 : 0;
    Storage *st = mem_alloc(S, sizeof *st + room);
    if (!st) return NULL;
    *st = (Storage){.rc = 1, .cap = room, .data = st + 1};
    if (room) return st;
    st->data = mem_block(S, bytes ? bytes : 1, &st->cap);
    if (st->data) return st;
    mem_free(S, st, sizeof *st);
    return NULL;
}

void storage_release(State *S, Storage *st)
{
    if (!st || --st->rc) return;
    bool behind = st->data == (void *)(st + 1);
    if (st->deleter) st->deleter(st->ud);
    else if (!behind) mem_block_free(S, st->data, st->cap);
    mem_free(S, st, sizeof *st + (behind ? st->cap : 0));
}

/* ---- making ---- */

int64_t shape_count(State *S, int rank, const int64_t *shape)
{
    int64_t n = 1;
    bool zero = false, big = false;
    for (int k = 0; k < rank; k++) {
        if (shape[k] == 0) zero = true;
        else big |= __builtin_mul_overflow(n, shape[k], &n) || n > INT64_MAX / 16;
    }
    if (zero) return 0;
    if (!big) return n;
    Buf b;
    buf_init(&b, S);
    shape_text(&b, rank, shape);
    diag_fail(S, DIAG_SIZE, "a tensor of shape %.*s has too many elements", (int)b.len, b.p ? b.p : "");
    buf_deinit(&b);
    return -1;
}

static size_t tensor_size(int rank) { return sizeof(Tensor) + (size_t)rank * 2 * sizeof(int64_t); }

Tensor *tensor_shell(State *S, DType dt, int rank, const int64_t *shape)
{
    if (rank > RANK_MAX) {
        diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
        return NULL;
    }
    int64_t n = shape_count(S, rank, shape);
    if (n < 0) return NULL;
    Tensor *t = mem_alloc(S, tensor_size(rank));
    if (!t) return NULL;
    t->obj = (Obj){.rc = 1, .tag = T_TENSOR};
    t->dtype = (uint8_t)dt;
    t->rank = (uint8_t)rank;
    t->contiguous = true;
    t->mark = 0;
    t->n = n;
    t->offset = 0;
    t->st = NULL;
    t->node = NULL;
    t->lanes = NULL;
    t->dual = NULL;
    t->at = vm_here(S);
    t->made_by = NULL;
    int64_t gap = 1;
    for (int k = rank - 1; k >= 0; k--) {
        t->dim[k] = shape[k];
        t->dim[rank + k] = gap;
        if (shape[k] > 0 && __builtin_mul_overflow(gap, shape[k], &gap)) gap = 1; /* no elements: never followed */
    }
    return t;
}

Tensor *tensor_new(State *S, DType dt, int rank, const int64_t *shape)
{
    Tensor *t = tensor_shell(S, dt, rank, shape);
    if (!t) return NULL;
    size_t bytes;
    if (mem_size(S, (size_t)t->n, dtype_size[dt], 0, &bytes)) t->st = storage_new(S, bytes);
    if (t->st) return t;
    tensor_free(S, t);
    return NULL;
}

Tensor *tensor_zeros(State *S, DType dt, int rank, const int64_t *shape)
{
    Tensor *t = tensor_new(S, dt, rank, shape);
    if (t) memset(t->st->data, 0, (size_t)t->n * dtype_size[dt]);
    return t;
}

Tensor *tensor_full(State *S, DType dt, int rank, const int64_t *shape, double v)
{
    Tensor *t = tensor_new(S, dt, rank, shape);
    if (t) convert_loop(dt, t->st->data, DT_F64, &v, 0, t->n);
    return t;
}

Tensor *tensor_ghost(State *S, const Tensor *t)
{
    Tensor *g = tensor_shell(S, (DType)t->dtype, t->rank, t->dim);
    if (!g) return NULL;
    g->obj.flags |= TENSOR_GHOST;
    g->at = t->at;
    g->made_by = t->made_by;
    return g;
}

static bool row_major(int rank, const int64_t *shape, const int64_t *strides)
{
    int64_t gap = 1;
    for (int k = rank - 1; k >= 0; k--) {
        if (shape[k] == 0) return true;
        if (shape[k] != 1 && strides[k] != gap) return false;
        if (__builtin_mul_overflow(gap, shape[k], &gap)) return true; /* an axis of size 0 follows */
    }
    return true;
}

Tensor *tensor_view(State *S, const Tensor *t, int rank, const int64_t *shape, const int64_t *strides, int64_t offset)
{
    Tensor *v = tensor_shell(S, (DType)t->dtype, rank, shape);
    if (!v) return NULL;
    memcpy(tensor_strides(v), strides, (size_t)rank * sizeof *strides);
    v->contiguous = row_major(rank, shape, strides);
    v->offset = offset;
    v->st = t->st;
    v->st->rc++;
    return v;
}

Tensor *tensor_from(State *S, DType dt, int rank, const int64_t *shape, const void *data)
{
    Tensor *t = tensor_new(S, dt, rank, shape);
    if (t && t->n) memcpy(t->st->data, data, (size_t)t->n * dtype_size[dt]);
    return t;
}

Tensor *tensor_range(State *S, double lo, double step, int64_t n, DType dt)
{
    Tensor *t = tensor_new(S, dt, 1, &n);
    if (!t) return NULL;
    if (dt == DT_F64) {
        double *p = t->st->data;
        for (int64_t i = 0; i < n; i++) p[i] = lo + step * (double)i;
    } else {
        for (int64_t i = 0; i < n; i++) tensor_put(t, i, lo + step * (double)i);
    }
    return t;
}

void tensor_free(State *S, Tensor *t)
{
    if (!t) return;
    if (t->node) {
        if (is_batch(val_obj(T_TENSOR, t))) batch_free(S, t);
        else graph_drop(S, t);
    }
    storage_release(S, t->st);
    if (t->lanes) lanes_free(S, t->lanes);
    if (t->dual) dual_free(S, t->dual);
    mem_free(S, t, tensor_size(t->rank));
}

/* ---- reading ---- */

void *tensor_data(State *S, Tensor *t)
{
    if (!tensor_force(S, t)) return NULL;
    return (char *)t->st->data + t->offset * dtype_size[t->dtype];
}

int64_t tensor_offset(const Tensor *t, int64_t flat)
{
    if (t->contiguous) return t->offset + flat;
    int64_t at = t->offset;
    for (int k = t->rank - 1; k >= 0; k--) {
        at += flat % t->dim[k] * t->dim[t->rank + k];
        flat /= t->dim[k];
    }
    return at;
}

double tensor_get(const Tensor *t, int64_t flat)
{
    const void *p = t->st->data;
    int64_t i = tensor_offset(t, flat);
    switch ((DType)t->dtype) {
    case DT_F64: return ((const double *)p)[i];
    case DT_F32: return (double)((const float *)p)[i];
    case DT_I64: return (double)((const int64_t *)p)[i];
    case DT_I32: return ((const int32_t *)p)[i];
    case DT_U8:
    case DT_BOOL: return ((const uint8_t *)p)[i];
    case DT_COUNT: break;
    }
    return 0;
}

void tensor_put(Tensor *t, int64_t flat, double v)
{
    int64_t i = t->offset + flat;
    if (t->dtype == DT_F64) ((double *)t->st->data)[i] = v;
    else if (t->dtype == DT_F32) ((float *)t->st->data)[i] = (float)v;
    else convert_loop((DType)t->dtype, (char *)t->st->data + i * dtype_size[t->dtype], DT_F64, &v, 1, 1);
}

Value tensor_scalar(State *S, Tensor *t)
{
    (void)S;
    double v = tensor_get(t, 0);
    return t->dtype == DT_BOOL ? val_bool(v != 0) : val_num(v);
}

/* ---- copies ---- */

static Tensor *copy_as(State *S, Tensor *t, DType dt)
{
    Tensor *y = tensor_new(S, dt, t->rank, t->dim);
    if (!y) return NULL;
    y->at = t->at;
    y->made_by = t->made_by;
    strided_copy(dt, y->st->data, (DType)t->dtype, tensor_data(S, t), t->rank, tensor_shape(t), tensor_strides(t));
    return y;
}

Tensor *tensor_contiguous(State *S, Tensor *t)
{
    if (!tensor_force(S, t)) return NULL;
    return t->contiguous ? obj_retain(t) : copy_as(S, t, (DType)t->dtype);
}

/* Reports the first element that does not fit. */
static bool check_fits(State *S, Tensor *t, DType dt)
{
    if (dtype_float(dt) || dt == DT_BOOL || t->dtype == dt) return true;
    Tensor *c = tensor_contiguous(S, t);
    if (!c) return false;
    int64_t bad = convert_check(dt, (DType)c->dtype, tensor_data(S, c), 1, c->n);
    if (bad >= 0) {
        char num[40];
        num_format(num, tensor_get(c, bad));
        diag_fail(S, DIAG_CONVERT, "%s does not fit in %s (element %lld)", num, dtype_name[dt], (long long)bad);
    }
    obj_release(S, c);
    return bad < 0;
}

Tensor *tensor_as(State *S, Tensor *t, DType dt)
{
    if (!tensor_force(S, t)) return NULL;
    if (t->dtype == dt) return obj_retain(t);
    if (!check_fits(S, t, dt)) return NULL;
    return copy_as(S, t, dt);
}

Tensor *tensor_edit_take(State *S, Tensor *t)
{
    if (!tensor_force(S, t)) {
        obj_release(S, t);
        return NULL;
    }
    if (t->obj.rc == 1 && t->st->rc == 1 && t->contiguous && !t->st->deleter) return t;
    Tensor *y = copy_as(S, t, (DType)t->dtype);
    if (y && t->lanes && !(y->lanes = lanes_copy(S, t->lanes))) {
        obj_release(S, y);
        y = NULL;
    }
    obj_release(S, t);
    return y;
}

/* ---- shapes ---- */

bool shape_equal(const Tensor *a, const Tensor *b)
{
    return a->rank == b->rank && !memcmp(a->dim, b->dim, a->rank * sizeof *a->dim);
}

void shape_text(Buf *b, int rank, const int64_t *shape)
{
    buf_puts(b, "[");
    for (int k = 0; k < rank; k++) buf_printf(b, "%s%lld", k ? ", " : "", (long long)shape[k]);
    buf_puts(b, "]");
}

const char *shape_str(const Tensor *t, char *buf, size_t n)
{
    size_t at = 0;
    for (int k = 0; k <= t->rank && at < n; k++) {
        if (k == t->rank) snprintf(buf + at, n - at, "%s]", k ? "" : "[");
        else at += (size_t)snprintf(buf + at, n - at, "%s%lld", k ? ", " : "[", (long long)t->dim[k]);
    }
    return buf;
}

/* ---- stacking ---- */

static bool stack_numbers(State *S, const Value *v, int64_t n, bool bools, Value *out)
{
    Tensor *t = tensor_new(S, bools ? DT_BOOL : default_float(S), 1, &n);
    if (!t) return false;
    if (t->dtype == DT_F64) {
        double *p = t->st->data;
        for (int64_t i = 0; i < n; i++) p[i] = v[i].tag == T_BOOL ? v[i].b : v[i].n;
    } else if (bools) {
        uint8_t *p = t->st->data;
        for (int64_t i = 0; i < n; i++) p[i] = v[i].b;
    } else {
        float *p = t->st->data;
        for (int64_t i = 0; i < n; i++) p[i] = (float)(v[i].tag == T_BOOL ? v[i].b : v[i].n);
    }
    *out = val_obj(T_TENSOR, t);
    return true;
}

static bool stack_plain(State *S, const Value *v, int64_t n, Value *out)
{
    const Tensor *first = v[0].t;
    int64_t shape[RANK_MAX] = {n};
    if (first->rank == RANK_MAX) return diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    memcpy(shape + 1, first->dim, first->rank * sizeof *shape);
    for (int64_t i = 0; i < n; i++)
        if (!tensor_force(S, v[i].t)) return false;
    Tensor *y = tensor_new(S, (DType)first->dtype, first->rank + 1, shape);
    if (!y) return false;
    char *p = y->st->data;
    size_t row = (size_t)first->n * dtype_size[first->dtype];
    for (int64_t i = 0; i < n; i++, p += row) {
        Tensor *t = v[i].t;
        strided_copy((DType)y->dtype, p, (DType)t->dtype, tensor_data(S, t), t->rank, tensor_shape(t),
                     tensor_strides(t));
    }
    *out = val_obj(T_TENSOR, y);
    return true;
}

bool tensor_stack(State *S, const Value *v, int64_t n, Value *out)
{
    int64_t tensors = 0, bools = 0;
    bool traced = false, one_dtype = true;
    if (S->batch.depth && batch_any(v, n)) return batch_stack(S, v, n, out);
    for (int64_t i = 0; i < n; i++) {
        if (v[i].tag == T_TENSOR) tensors++;
        else if (v[i].tag == T_BOOL) bools++;
        else if (v[i].tag != T_NUM)
            return diag_fail(S, DIAG_TYPE, "a tensor holds numbers, bools or tensors, not %s (item %lld)",
                             type_name(S, v[i]), (long long)i),
                   diag_hint(S, "a list holds anything: (1, \"a\")");
        traced |= v[i].level != 0;
        if (v[i].tag == T_TENSOR && v[0].tag == T_TENSOR) one_dtype &= v[i].t->dtype == v[0].t->dtype;
    }
    if (!tensors) {
        if (traced) return tape_stack_numbers(S, v, n, 1, &n, out);
        return stack_numbers(S, v, n, bools == n && n, out);
    }
    for (int64_t i = 1; i < n; i++) {
        bool same = v[i].tag == T_TENSOR ? v[0].tag == T_TENSOR && shape_equal(v[i].t, v[0].t) : v[0].tag != T_TENSOR;
        if (same) continue;
        char a[200] = "a number", b[200] = "a number";
        if (v[0].tag == T_TENSOR) shape_str(v[0].t, a, sizeof a);
        if (v[i].tag == T_TENSOR) shape_str(v[i].t, b, sizeof b);
        diag_fail(S, DIAG_RAGGED, "items of a tensor differ in shape: item 0 is %s, item %lld is %s", a, (long long)i,
                  b);
        diag_hint(S, "a list (...) may hold values of different shapes");
        return false;
    }
    if (!traced && one_dtype) return stack_plain(S, v, n, out);
    if (n > INT32_MAX) return diag_fail(S, DIAG_SIZE, "too many items");
    return op_stack(S, v, (int)n, 0, out);
}
