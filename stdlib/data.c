/* data.c -- data sets: trees whose leaves share their first size; splitting and loading in batches.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "stdlib/file.h"

BUILTIN(data_csv, "data_csv(path, target: nil)",
        "A table of numbers as the data set (x:, y:): x [n, d] holds all columns but `target`, y [n] that one; "
        "without a target (x:). A text column is refused by name and line.")
{
    Str *path, *target = NULL;
    if (!arg_str(c, 0, &path) || (arg_given(c, 1) && !arg_str(c, 1, &target))) return false;
    return csv_set(c->S, path->data, target, c->out);
}

/* ---- rows of a data set ---- */

/* The first size that every leaf shares; -1 with an error. */
static bool set_size(State *S, const char *who, Value v, int depth, int64_t *n)
{
    int64_t mine = -1;
    if (depth > 1000) return diag_fail(S, DIAG_DEPTH, "%s: the data set is nested more than 1000 deep", who);
    if (v.tag == T_TENSOR && v.t->rank > 0) mine = tensor_shape(v.t)[0];
    if (v.tag == T_LIST) {
        bool leaf = v.l->len > 0;
        for (int64_t i = 0; i < v.l->len; i++) leaf = leaf && v.l->at[i].tag == T_STR;
        if (leaf) mine = v.l->len; /* a column of text */
        else {
            for (int64_t i = 0; i < v.l->len; i++)
                if (!set_size(S, who, v.l->at[i], depth + 1, n)) return false;
            return true;
        }
    }
    if (mine < 0)
        return diag_fail(S, DIAG_TYPE, "%s: the leaves of a data set are tensors, not %s", who, type_name(S, v));
    if (*n >= 0 && mine != *n)
        return diag_fail(S, DIAG_SHAPE, "%s: the leaves of a data set share their first size, these have %lld and %lld",
                         who, (long long)*n, (long long)mine);
    *n = mine;
    return true;
}

/* Rows idx[0..m) of every leaf. */
static bool take_rows(State *S, Value v, const int64_t *idx, int64_t m, Value *out)
{
    *out = NIL;
    if (v.tag == T_TENSOR && v.level) { /* rows that a derivative watches */
        Tensor *at = tensor_from(S, DT_I64, 1, &m, idx);
        bool ok = at && op_gather_rows(S, v, 0, val_obj(T_TENSOR, at), out);
        obj_release(S, at);
        return ok;
    }
    if (v.tag == T_TENSOR) {
        Tensor *t = tensor_contiguous(S, v.t);
        if (!t) return false;
        int64_t shape[RANK_MAX];
        memcpy(shape, tensor_shape(t), (size_t)t->rank * sizeof *shape);
        shape[0] = m;
        Tensor *y = tensor_new(S, (DType)t->dtype, t->rank, shape);
        if (y) {
            int64_t rows = tensor_shape(t)[0];
            size_t size = rows ? (size_t)(t->n / rows) * dtype_size[t->dtype] : 0;
            const char *from = (const char *)t->st->data + (size_t)t->offset * dtype_size[t->dtype];
            char *to = y->st->data;
            for (int64_t i = 0; i < m; i++) memcpy(to + (size_t)i * size, from + (size_t)idx[i] * size, size);
            *out = val_obj(T_TENSOR, y);
        }
        obj_release(S, t);
        return y != NULL;
    }
    bool text = v.l->len > 0 && v.l->at[0].tag == T_STR;
    List *l = list_new(S, text ? m : v.l->len);
    bool ok = l != NULL;
    if (text) {
        for (int64_t i = 0; ok && i < m; i++) ok = list_push_take(S, l, NULL, retain(v.l->at[idx[i]]));
    } else {
        for (int64_t i = 0; ok && i < v.l->len; i++) {
            Value item;
            ok = take_rows(S, v.l->at[i], idx, m, &item) && list_push_take(S, l, list_name(v.l, i), item);
        }
    }
    if (!ok) {
        obj_release(S, l);
        return false;
    }
    *out = val_obj(T_LIST, l);
    return true;
}

/* 0..n in a random order (Fisher-Yates from the back; one draw of the running stream). */
static void shuffle(State *S, int64_t *idx, int64_t n)
{
    uint64_t key = S->rng.key, draw = rng_take(&S->rng);
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = (int64_t)(rng_uniform(key, draw, (uint64_t)i) * (double)(i + 1));
        if (j > i) j = i;
        int64_t t = idx[i];
        idx[i] = idx[j];
        idx[j] = t;
    }
}

static int64_t *order(State *S, int64_t n)
{
    int64_t *idx = mem_alloc(S, ((size_t)n + 1) * sizeof *idx);
    for (int64_t i = 0; idx && i < n; i++) idx[i] = i;
    return idx;
}

BUILTIN(data_split, "data_split(set, fraction, shuffle: true)",
        "Two data sets: the first `fraction` of the rows (of all, rounded) and the rest, in a random order "
        "unless shuffle is false.")
{
    State *S = c->S;
    double f;
    bool mix;
    int64_t n = -1;
    if (!arg_num(c, 1, &f) || !arg_bool(c, 2, &mix) || !set_size(S, "split", c->arg[0], 0, &n)) return false;
    if (!(f >= 0 && f <= 1)) return diag_fail(S, DIAG_VALUE, "split: `fraction` lies between 0 and 1, not %g", f);
    if (n < 0) return diag_fail(S, DIAG_TYPE, "split: the data set is empty");
    int64_t *idx = order(S, n), k = (int64_t)round(f * (double)n);
    if (!idx) return false;
    if (mix) shuffle(S, idx, n);
    Value a, b = NIL;
    bool ok = take_rows(S, c->arg[0], idx, k, &a);
    if (ok && !take_rows(S, c->arg[0], idx + k, n - k, &b)) {
        release(S, a);
        ok = false;
    }
    mem_free(S, idx, ((size_t)n + 1) * sizeof *idx);
    if (ok) *c->out = list_pair(S, a, b);
    return ok && !is_nil(*c->out);
}

/* ---- batches ---- */

typedef struct Loader {
    int64_t n, size, epochs;
    bool shuffle, drop_last;
    int64_t *idx, at; /* iterators only: this epoch's order, rows given */
} Loader;

static int64_t per_epoch(const Loader *l) { return l->drop_last ? l->n / l->size : (l->n + l->size - 1) / l->size; }

static const StreamDef batches_def; /* below: its functions make loaders */

static Stream *loader_new(State *S, Value set, const Loader *from)
{
    Stream *s = obj_new(S, T_SOURCE, sizeof *s);
    if (!s) return NULL;
    for (int i = 0; i < 4; i++) s->cap[i] = NIL;
    s->def = &batches_def;
    Loader *l = mem_alloc(S, sizeof *l);
    if (!l) {
        obj_release(S, s);
        return NULL;
    }
    *l = *from;
    l->idx = NULL;
    s->ud = l;
    s->ud_size = sizeof *l;
    s->cap[0] = retain(set);
    return s;
}

static bool batches_open(State *S, Stream *s, Stream **out)
{
    Stream *it = loader_new(S, s->cap[0], s->ud);
    if (!it) return false;
    Loader *l = it->ud;
    l->at = l->n; /* the first call starts the first epoch */
    if (!(l->idx = order(S, l->n))) {
        obj_release(S, it);
        return false;
    }
    *out = it;
    return true;
}

static bool batches_next(State *S, Stream *it, Value *item, bool *done)
{
    Loader *l = it->ud;
    *done = false;
    int64_t left = l->n - l->at;
    if (left <= 0 || (l->drop_last && left < l->size)) {
        if (it->epoch >= l->epochs || per_epoch(l) == 0) {
            *done = true;
            return true;
        }
        it->epoch++;
        l->at = 0;
        left = l->n;
        if (l->shuffle) shuffle(S, l->idx, l->n);
    }
    int64_t m = left < l->size ? left : l->size;
    if (!take_rows(S, it->cap[0], l->idx + l->at, m, item)) return false;
    l->at += m;
    it->pos++;
    return true;
}

static void batches_close(State *S, Stream *s)
{
    Loader *l = s->ud;
    if (!l) return;
    if (l->idx) mem_free(S, l->idx, ((size_t)l->n + 1) * sizeof *l->idx);
    mem_free(S, l, sizeof *l);
    s->ud = NULL;
}

static int64_t batches_len(State *S, Stream *s)
{
    (void)S;
    const Loader *l = s->ud;
    int64_t n;
    return __builtin_mul_overflow(per_epoch(l), l->epochs, &n) ? INT64_MAX : n;
}

/* (rows given in this epoch, its order) */
static bool batches_save(State *S, const Stream *it, Value *out)
{
    const Loader *l = it->ud;
    Tensor *order = tensor_from(S, DT_I64, 1, &l->n, l->idx);
    *out = order ? list_pair(S, val_num((double)l->at), val_obj(T_TENSOR, order)) : NIL;
    return !is_nil(*out);
}

static bool batches_restore(State *S, Stream *it, Value v)
{
    Loader *l = it->ud;
    Value at = v.tag == T_LIST && v.l->len == 2 ? v.l->at[0] : NIL, order = is_num(at) ? v.l->at[1] : NIL;
    bool ok = order.tag == T_TENSOR && order.t->dtype == DT_I64 && order.t->rank == 1;
    if (ok && order.t->n != l->n)
        return diag_fail(S, DIAG_RESUME, "the loader has %lld rows, and had %lld when the snapshot was made",
                         (long long)l->n, (long long)order.t->n);
    const int64_t *idx = ok ? tensor_data(S, order.t) : NULL;
    for (int64_t i = 0; idx && i < l->n; i++) ok = ok && idx[i] >= 0 && idx[i] < l->n;
    if (!idx || !ok || !(at.n >= 0 && at.n <= (double)l->n))
        return S->err ? false : diag_fail(S, DIAG_RESUME, "the loader's place in the snapshot is damaged");
    memcpy(l->idx, idx, (size_t)l->n * sizeof *idx);
    l->at = (int64_t)at.n;
    return true;
}

static const StreamDef batches_def = {"batches",   batches_open, batches_next,   batches_close,
                                      batches_len, batches_save, batches_restore};

BUILTIN(data_batches, "data_batches(set, size, epochs: 1, shuffle: true, drop_last: false)",
        "A loader: data sets of `size` rows of `set`, `epochs` times through, each time in a new random order "
        "unless shuffle is false; the last may be shorter unless drop_last. Each loop over it begins anew.")
{
    State *S = c->S;
    Loader l = {.n = -1};
    if (!arg_int(c, 1, &l.size) || !arg_int(c, 2, &l.epochs) || !arg_bool(c, 3, &l.shuffle) ||
        !arg_bool(c, 4, &l.drop_last) || !set_size(S, "batches", c->arg[0], 0, &l.n))
        return false;
    if (l.size < 1) return diag_fail(S, DIAG_VALUE, "batches: `size` is at least 1");
    if (l.epochs < 0) return diag_fail(S, DIAG_VALUE, "batches: `epochs` is at least 0");
    if (l.n < 0) return diag_fail(S, DIAG_TYPE, "batches: the data set is empty");
    Stream *s = loader_new(S, c->arg[0], &l);
    if (!s) return false;
    *c->out = val_obj(T_SOURCE, s);
    return true;
}
