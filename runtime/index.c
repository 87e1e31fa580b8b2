/* index.c -- x[...] and x[...] = v, for lists, strings, ranges and tensors.
**
** The indices of a tensor are sorted into kinds first: numbers and slices make one basic slice (a view), `new`
** adds axes, tensors of positions and masks choose. What a mask or several position tensors choose is brought
** to one list of positions along one merged axis, so that reading is one `take` and writing one `set_rows`.
**
**   A[1, :, idx, new]   slice: drop axis 0    take idx along axis 1    reshape: axis of size 1
**
** Chosen axes stand where the first of their indices stood when the indices are neighbours, else in front, as in
** NumPy; a number beside them only drops its axis. Plain tensors are read directly and written in place;
** whatever carries a derivative goes through the operations of ops/shape.c and ops/index.c, and elements of
** traced tensors through the tape's lane.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include "runtime/kernels/kernels.h"
#include "runtime/ops/walk.h"
#include "runtime/state.h"

enum { COPY_VIEWS = 1 << 14 }; /* elements up to which reading a part copies it: a view would pin its whole tensor */

/* ---- numbers, slices, ranges as positions ---- */
static bool not_index(State *S, Value i)
{
    char num[40];
    if (i.tag == T_NUM) {
        num_format(num, i.n);
        diag_fail(S, DIAG_INDEX_KIND, "an index is a whole number, not %s", num);
        return diag_hint(S, isfinite(i.n) ? "`//` divides and rounds down; floor(x) and round(x) give whole numbers"
                                          : "check with is_finite(x) where it is computed");
    }
    diag_fail(S, DIAG_INDEX_KIND, "%s is not an index", type_name(S, i));
    if (i.tag == T_STR) diag_hint(S, "names belong to lists: (lr: 0.1).lr");
    if (i.tag == T_BOOL) diag_hint(S, "a mask is a tensor of bools of the axis' size");
    if (i.tag == T_LIST) diag_hint(S, "positions are a tensor: x[[0, 2]]");
    return false;
}

static bool out_of_range(State *S, double i, int64_t size, const char *of, int axis)
{
    char num[40];
    num_format(num, i);
    if (axis >= 0)
        diag_fail(S, DIAG_INDEX, "index %s is out of range for axis %d of size %lld", num, axis, (long long)size);
    else diag_fail(S, DIAG_INDEX, "index %s is out of range for %s of %lld", num, of, (long long)size);
    if (size == 0) return diag_hint(S, "it is empty");
    return diag_hint(S, "indices run from 0 to %lld, or from -%lld to -1", (long long)size - 1, (long long)size);
}

static bool one_index(State *S, Value i, int64_t size, const char *of, int axis, int64_t *out)
{
    if (i.tag != T_NUM || i.n != floor(i.n)) return not_index(S, i);
    double k = i.n < 0 ? i.n + (double)size : i.n;
    if (!(k >= 0 && k < (double)size)) return out_of_range(S, i.n, size, of, axis);
    *out = (int64_t)k;
    return true;
}

typedef struct Part {
    int64_t start, count, step;
} Part;

static double clip(double v, double lo, double hi) { return v < lo ? lo : v > hi ? hi : v; }

/* A slice marker or a range over an axis of `size`: clipped, as Python does. */
static bool part_of(State *S, const Range *r, int64_t size, Part *p)
{
    double n = (double)size, lo = r->lo, hi = r->hi, step = r->step;
    if (!(r->obj.flags & RANGE_SLICE)) { /* a..b: the positions a, a + 1, ... */
        if (lo != floor(lo)) return not_index(S, val_num(lo));
        hi = ceil(hi);
        if (lo < 0 && hi > 0)
            return diag_fail(S, DIAG_INDEX_KIND,
                             "a range used as an index does not run from negative to positive positions");
        if (lo < 0) lo += n, hi += n;
        lo = clip(lo, 0, n);
        hi = clip(hi, lo, n);
        *p = (Part){(int64_t)lo, (int64_t)(hi - lo), 1};
        return true;
    }
    if (step != step) step = 1;
    double part[3] = {lo, hi, step};
    for (int k = 0; k < 3; k++)
        if (part[k] == part[k] && part[k] != floor(part[k])) return not_index(S, val_num(part[k]));
    if (step == 0) return diag_fail(S, DIAG_INDEX_KIND, "the step of a slice is 0");
    bool up = step > 0;
    if (lo != lo) lo = up ? 0 : n - 1;
    else lo = clip(lo < 0 ? lo + n : lo, up ? 0 : -1, up ? n : n - 1);
    if (hi != hi) hi = up ? n : -1;
    else hi = clip(hi < 0 ? hi + n : hi, up ? 0 : -1, up ? n : n - 1);
    double count = ceil((hi - lo) / step);
    if (step > 0x1p62 || step < -0x1p62) step = up ? 1 : -1, count = count > 0;
    *p = (Part){(int64_t)lo, count > 0 ? (int64_t)count : 0, (int64_t)step};
    if (p->count == 0) p->start = 0;
    if (p->count <= 1) p->step = 1;
    return true;
}

/* Positions in a tensor of whole values, or under a mask of the same size: i64, not negative. Owned. */
static Tensor *positions(State *S, Tensor *t, int64_t size, const char *of, int axis)
{
    Tensor *c = tensor_contiguous(S, t), *y = NULL;
    if (!c) return NULL;
    if (c->dtype == DT_BOOL) {
        const uint8_t *p = tensor_data(S, c);
        int64_t n = 0, k = 0;
        for (int64_t i = 0; i < c->n; i++) n += p[i] != 0;
        y = tensor_new(S, DT_I64, 1, &n);
        if (y) {
            int64_t *o = tensor_data(S, y);
            for (int64_t i = 0; i < c->n; i++)
                if (p[i]) o[k++] = i;
        }
        obj_release(S, c);
        return y;
    }
    if (c->dtype == DT_I64) { /* often fit as they are */
        const int64_t *p = tensor_data(S, c);
        int64_t i = 0;
        while (i < c->n && p[i] >= 0 && p[i] < size) i++;
        if (i == c->n && !c->lanes) return c;
    }
    y = tensor_new(S, DT_I64, c->rank, tensor_shape(c));
    int64_t *o = y ? tensor_data(S, y) : NULL;
    int64_t i = 0;
    if (o && c->dtype == DT_F64) { /* what fits as it is */
        const double *p = tensor_data(S, c);
        for (double n = (double)size; i < c->n && p[i] >= 0 && p[i] < n && (double)(int64_t)p[i] == p[i]; i++)
            o[i] = (int64_t)p[i];
    }
    for (; o && i < c->n; i++)
        if (!one_index(S, val_num(tensor_get(c, i)), size, of, axis, &o[i])) o = NULL;
    obj_release(S, c);
    if (!o) {
        obj_release(S, y);
        return NULL;
    }
    return y;
}

static Tensor *list_positions(State *S, Tensor *t, int64_t size, const char *of)
{
    if (t->rank != 1) {
        diag_fail(S, DIAG_INDEX_KIND, "%s is indexed by a vector of positions, not %s", of,
                  type_name(S, val_obj(T_TENSOR, t)));
        return NULL;
    }
    if (t->dtype == DT_BOOL && t->n != size) {
        diag_fail(S, DIAG_SHAPE, "a mask of %lld for %s of %lld", (long long)t->n, of, (long long)size);
        return NULL;
    }
    return positions(S, t, size, of, -1);
}

/* ---- lists ---- */
static bool no_name(State *S, const List *l, const Str *name)
{
    const char *cand[64];
    size_t n = 0;
    for (int64_t k = 0; k < l->len && n < 64; k++)
        if (list_name(l, k)) cand[n++] = list_name(l, k)->data;
    diag_fail(S, DIAG_MEMBER, "the list has no item \"%s\"", name->data);
    const char *near = diag_nearest(name->data, cand, n);
    if (near) diag_hint(S, "did you mean \"%s\"?", near);
    return false;
}

static bool list_take(State *S, const List *l, List *y, int64_t k)
{
    return list_push_take(S, y, list_name(l, k), retain(l->at[k]));
}

static bool list_index(State *S, List *l, Value i, Value *out)
{
    int64_t k;
    if (i.tag == T_STR) {
        if ((k = list_find(l, i.s)) < 0) return no_name(S, l, i.s);
        return *out = retain(l->at[k]), true;
    }
    if (i.tag == T_NUM) {
        if (!one_index(S, i, l->len, "a list", -1, &k)) return false;
        return *out = retain(l->at[k]), true;
    }
    Part p = {0, l->len, 1};
    Tensor *at = NULL;
    if (i.tag == T_RANGE) {
        if (!part_of(S, i.r, l->len, &p)) return false;
    } else if (i.tag == T_TENSOR) {
        if (!(at = list_positions(S, i.t, l->len, "a list"))) return false;
    } else if (!is_mark(i, MARK_ALL) && !is_mark(i, MARK_REST)) {
        return not_index(S, i);
    }
    const int64_t *pos = at ? tensor_data(S, at) : NULL;
    int64_t n = at ? at->n : p.count;
    List *y = list_new(S, n);
    bool ok = y != NULL;
    for (int64_t j = 0; ok && j < n; j++) ok = list_take(S, l, y, pos ? pos[j] : p.start + j * p.step);
    obj_release(S, at);
    if (ok) *out = val_obj(T_LIST, y);
    else obj_release(S, y);
    return ok;
}

static bool list_index_set(State *S, Value *slot, Value i, Value v)
{
    int64_t k;
    Part p;
    Tensor *at = NULL;
    if (i.tag == T_NUM && !one_index(S, i, slot->l->len, "a list", -1, &k)) return false;
    bool many = i.tag == T_RANGE || i.tag == T_TENSOR || is_mark(i, MARK_ALL) || is_mark(i, MARK_REST);
    if (i.tag != T_NUM && i.tag != T_STR && !many) return not_index(S, i);
    int64_t n = 0;
    if (many) { /* item by item from a list of as many */
        p = (Part){0, slot->l->len, 1};
        if (i.tag == T_RANGE && !part_of(S, i.r, slot->l->len, &p)) return false;
        if (i.tag == T_TENSOR && !(at = list_positions(S, i.t, slot->l->len, "a list"))) return false;
        n = at ? at->n : p.count;
        if (v.tag != T_LIST || v.l->len != n) {
            char want[60];
            snprintf(want, sizeof want, "%s", v.tag == T_LIST ? "" : type_name(S, v));
            if (v.tag == T_LIST)
                diag_fail(S, DIAG_SHAPE, "%lld items for %lld places", (long long)v.l->len, (long long)n);
            else diag_fail(S, DIAG_TYPE, "several places of a list take a list, not %s", want);
            obj_release(S, at);
            return false;
        }
    }
    List *l = list_unique_take(S, slot->l);
    if (!l) {
        *slot = NIL;
        obj_release(S, at);
        return false;
    }
    slot->l = l;
    if (many) {
        const int64_t *pos = at ? tensor_data(S, at) : NULL;
        for (int64_t j = 0; j < n; j++) {
            Value *place = &l->at[pos ? pos[j] : p.start + j * p.step], old = *place;
            *place = retain(v.l->at[j]);
            release(S, old);
        }
        obj_release(S, at);
        return true;
    }
    if (i.tag == T_STR) {
        if ((k = list_find(l, i.s)) < 0) { /* r["name"] = v adds an item */
            Str *name = i.s->obj.flags & STR_INTERNED ? obj_retain(i.s) : str_intern(S, i.s->data, i.s->len);
            bool ok = name && list_push_take(S, l, name, retain(v));
            obj_release(S, name);
            return ok;
        }
    }
    Value old = l->at[k];
    l->at[k] = retain(v);
    release(S, old);
    return true;
}

/* ---- strings ---- */
static size_t point_size(const char *p)
{
    unsigned char c = (unsigned char)*p;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static bool str_parts(State *S, Str *s, Part p, Value *out)
{
    if (p.step == 1) {
        Str *y = str_slice(S, s, p.start, p.start + p.count, 1);
        if (y) *out = val_obj(T_STR, y);
        return y != NULL;
    }
    size_t *off = NULL, size = sizeof(size_t) * (s->npoints + 1);
    if (!(off = mem_alloc(S, size))) return false;
    size_t at = 0;
    for (size_t k = 0; k < s->npoints; k++) off[k] = at, at += point_size(s->data + at);
    Buf b;
    buf_init(&b, S);
    for (int64_t k = 0; k < p.count; k++) {
        const char *q = s->data + off[p.start + k * p.step];
        buf_put(&b, q, point_size(q));
    }
    mem_free(S, off, size);
    Str *y = buf_str(&b);
    if (y) *out = val_obj(T_STR, y);
    return y != NULL;
}

static bool str_index(State *S, Str *s, Value i, Value *out)
{
    Part p = {0, (int64_t)s->npoints, 1};
    if (i.tag == T_NUM) {
        if (!one_index(S, i, (int64_t)s->npoints, "a string", -1, &p.start)) return false;
        p.count = 1;
    } else if (i.tag == T_RANGE) {
        if (!part_of(S, i.r, (int64_t)s->npoints, &p)) return false;
    } else if (!is_mark(i, MARK_ALL) && !is_mark(i, MARK_REST)) {
        return not_index(S, i);
    }
    return str_parts(S, s, p, out);
}

/* ---- ranges ---- */
static bool range_index(State *S, const Range *r, Value i, Value *out)
{
    int64_t n = range_len(r), k;
    Part p = {0, n, 1};
    if (i.tag == T_NUM) {
        if (!one_index(S, i, n, "a range", -1, &k)) return false;
        return *out = val_num(r->lo + (double)k), true;
    }
    if (i.tag == T_TENSOR) {
        Tensor *at = list_positions(S, i.t, n, "a range");
        Tensor *y = at ? tensor_new(S, default_float(S), 1, &at->n) : NULL;
        const int64_t *pos = y ? tensor_data(S, at) : NULL;
        for (int64_t j = 0; y && j < y->n; j++) tensor_put(y, j, r->lo + (double)pos[j]);
        obj_release(S, at);
        if (y) *out = val_obj(T_TENSOR, y);
        return y != NULL;
    }
    if (i.tag == T_RANGE) {
        if (!part_of(S, i.r, n, &p)) return false;
    } else if (!is_mark(i, MARK_ALL) && !is_mark(i, MARK_REST)) {
        return not_index(S, i);
    }
    if (p.step == 1) {
        *out = range_new(S, r->lo + (double)p.start, r->lo + (double)(p.start + p.count));
        return !is_nil(*out);
    }
    Tensor *y = tensor_range(S, r->lo + (double)p.start, (double)p.step, p.count, default_float(S));
    if (y) *out = val_obj(T_TENSOR, y);
    return y != NULL;
}

/* ---- tensors: sorting the indices ---- */
enum { OUT_NEW = -1, OUT_CHOSEN = -2 };
typedef struct Chosen {
    int axis, covers;
    Tensor *at;
} Chosen; /* axis: among those left by the basic slice */
typedef struct Pick {
    int rank; /* of x */
    int64_t start[RANK_MAX], count[RANK_MAX], step[RANK_MAX];
    bool drop[RANK_MAX];
    bool whole; /* the basic part is all of x */
    int left;
    int64_t left_shape[RANK_MAX];
    int left_axis[RANK_MAX]; /* what the basic slice leaves; axes of x */
    int nchosen;
    Chosen chosen[RANK_MAX];
    bool apart; /* chosen axes are not neighbours: they go in front */
    int crank;
    int64_t cshape[RANK_MAX], cn;
    Tensor *flat;   /* positions along the merged axis */
    int64_t merged; /* its size */
    bool news;
    int nout;
    int64_t out[RANK_MAX];  /* shape of x[...] */
    int out_axis[RANK_MAX]; /* axis of x, or OUT_NEW, OUT_CHOSEN */
} Pick;

static void pick_free(State *S, Pick *p)
{
    for (int k = 0; k < p->nchosen; k++) obj_release(S, p->chosen[k].at);
    obj_release(S, p->flat);
}

/* All chosen indices, broadcast together, as one tensor of positions along the axes they cover, merged. */
static bool pick_merge(State *S, Pick *p)
{
    p->crank = 0;
    for (int k = 0; k < p->nchosen; k++)
        if (p->chosen[k].at->rank > p->crank) p->crank = p->chosen[k].at->rank;
    for (int i = 0; i < p->crank; i++) p->cshape[i] = 1;
    for (int k = 0; k < p->nchosen; k++) {
        const Tensor *t = p->chosen[k].at;
        for (int i = 0; i < t->rank; i++) {
            int64_t *c = &p->cshape[p->crank - t->rank + i], n = tensor_shape(t)[i];
            if (*c != n && *c != 1 && n != 1) {
                char a[200], b[200];
                return diag_fail(S, DIAG_SHAPE, "shapes of indices do not meet: %s and %s",
                                 shape_str(p->chosen[0].at, a, sizeof a), shape_str(t, b, sizeof b));
            }
            if (*c == 1) *c = n;
        }
    }
    p->cn = 1;
    p->merged = 1;
    for (int i = 0; i < p->crank; i++) p->cn *= p->cshape[i];
    for (int k = 0; k < p->nchosen; k++)
        for (int i = 0; i < p->chosen[k].covers; i++) p->merged *= p->left_shape[p->chosen[k].axis + i];
    if (p->nchosen == 1) {
        p->flat = obj_retain(p->chosen[0].at);
        return true;
    }
    if (!(p->flat = tensor_zeros(S, DT_I64, p->crank, p->cshape))) return false;
    int64_t *y = tensor_data(S, p->flat), scale = p->merged, full[RANK_MAX], st[RANK_MAX];
    row_major(p->crank, p->cshape, full);
    for (int k = 0; k < p->nchosen; k++) {
        Tensor *t = p->chosen[k].at;
        const int64_t *x = tensor_data(S, t), *sp[2] = {full, st};
        for (int i = 0; i < p->chosen[k].covers; i++) scale /= p->left_shape[p->chosen[k].axis + i];
        for (int i = 0; i < p->crank; i++) {
            int j = i - (p->crank - t->rank);
            st[i] = j < 0 || tensor_shape(t)[j] == 1 ? 0 : tensor_strides(t)[j];
        }
        Walk w;
        for (bool on = walk_init(&w, p->crank, p->cshape, 2, sp); on; on = walk_next(&w))
            for (int64_t i = 0; i < w.n; i++) y[w.off[0] + i * w.step[0]] += x[w.off[1] + i * w.step[1]] * scale;
    }
    return true;
}

static bool pick_init(State *S, Tensor *x, const Value *idx, int n, Pick *p)
{
    memset(p, 0, offsetof(Pick, start));
    p->rank = x->rank;
    p->nchosen = p->left = p->nout = 0;
    p->flat = NULL;
    p->apart = p->news = false;
    p->whole = true;
    const int64_t *shape = tensor_shape(x);
    int used = 0, rests = 0, axis = 0, group_end = -2, group_at = -1; /* group: where the chosen axes stand in out */
    for (int k = 0; k < n; k++) {
        if (is_mark(idx[k], MARK_REST)) rests++;
        else if (idx[k].tag == T_TENSOR && idx[k].t->dtype == DT_BOOL) used += idx[k].t->rank;
        else if (!is_mark(idx[k], MARK_NEW)) used++;
    }
    if (rests > 1) return diag_fail(S, DIAG_INDEX_KIND, "`...` may stand once in an index");
    if (used > x->rank) {
        char s[200];
        return diag_fail(S, DIAG_INDEX, "%d indices for a tensor with %d ax%s, %s", used, x->rank,
                         x->rank == 1 ? "is" : "es", shape_str(x, s, sizeof s));
    }
    for (int k = 0; k <= n; k++) {
        Value i = k < n ? idx[k] : MARKER(MARK_REST);
        int times = 1;
        if (k == n && rests) break;
        if (is_mark(i, MARK_REST)) times = x->rank - used, i = MARKER(MARK_ALL);
        if (is_mark(i, MARK_NEW)) {
            if (p->nout >= RANK_MAX) return diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
            p->out_axis[p->nout] = OUT_NEW;
            p->out[p->nout++] = 1;
            p->news = true;
            continue;
        }
        if (i.tag == T_TENSOR) {
            int covers = i.t->dtype == DT_BOOL ? i.t->rank : 1;
            int64_t size = shape[axis];
            Chosen *c = &p->chosen[p->nchosen];
            if (i.t->dtype == DT_BOOL && memcmp(tensor_shape(i.t), shape + axis, sizeof(int64_t) * (size_t)covers)) {
                char s[200], t[200];
                return diag_fail(S, DIAG_SHAPE, "a mask of shape %s does not fit %s at axis %d",
                                 shape_str(i.t, s, sizeof s), shape_str(x, t, sizeof t), axis);
            }
            if (!(c->at = positions(S, i.t, size, "", axis))) return false;
            c->axis = p->left;
            c->covers = covers;
            if (p->nchosen == 0) group_at = p->nout;
            else if (group_end != k) p->apart = true;
            group_end = k + 1;
            p->nchosen++;
            for (int j = 0; j < covers; j++, axis++) {
                p->start[axis] = 0;
                p->count[axis] = shape[axis];
                p->step[axis] = 1;
                p->drop[axis] = false;
                p->left_axis[p->left] = axis;
                p->left_shape[p->left++] = shape[axis];
            }
            continue;
        }
        for (; times > 0; times--, axis++) {
            Part part = {0, shape[axis], 1};
            p->drop[axis] = i.tag == T_NUM;
            if (i.tag == T_NUM) {
                if (!one_index(S, i, shape[axis], "", axis, &part.start)) return false;
                part.count = 1;
                if (group_end == k) group_end = k + 1; /* a number does not part its neighbours */
            } else if (i.tag == T_RANGE) {
                if (!part_of(S, i.r, shape[axis], &part)) return false;
            } else if (!is_mark(i, MARK_ALL)) {
                return not_index(S, i);
            }
            p->start[axis] = part.start;
            p->count[axis] = part.count;
            p->step[axis] = part.step;
            p->whole &= i.tag != T_NUM && part.start == 0 && part.step == 1 && part.count == shape[axis];
            if (i.tag == T_NUM) continue;
            if (p->nout >= RANK_MAX) return diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
            p->left_axis[p->left] = axis;
            p->left_shape[p->left++] = part.count;
            p->out_axis[p->nout] = axis;
            p->out[p->nout++] = part.count;
        }
    }
    if (p->nchosen == 0) return true;
    if (!pick_merge(S, p)) return false;
    if (p->nout + p->crank > RANK_MAX) return diag_fail(S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    if (p->apart) group_at = 0;
    memmove(p->out + group_at + p->crank, p->out + group_at, sizeof(int64_t) * (size_t)(p->nout - group_at));
    memmove(p->out_axis + group_at + p->crank, p->out_axis + group_at, sizeof(int) * (size_t)(p->nout - group_at));
    for (int i = 0; i < p->crank; i++) p->out[group_at + i] = p->cshape[i], p->out_axis[group_at + i] = OUT_CHOSEN;
    p->nout += p->crank;
    return true;
}

static bool covered(const Pick *p, int axis)
{
    for (int k = 0; k < p->nchosen; k++)
        if (axis >= p->chosen[k].axis && axis < p->chosen[k].axis + p->chosen[k].covers) return true;
    return false;
}

/* The order of the left axes that has the chosen ones together: in front, or where they are neighbours. *at: where
** they begin. */
static void pick_order(const Pick *p, bool front, int *axes, int *at)
{
    int n = 0;
    *at = front || p->apart ? 0 : p->chosen[0].axis;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < p->left; i++)
            if (*at ? pass == 0 : covered(p, i) == (pass == 0)) axes[n++] = i;
}

/* Replaces *v by what was made of it. */
static bool step(State *S, Value *v, bool ok, const Value *next)
{
    if (!ok) return false;
    release(S, *v);
    *v = *next;
    return true;
}

/* sub (the basic slice) with the chosen axes merged into one at *at. Owned result in *v. */
static bool merge_axes(State *S, const Pick *p, Value sub, bool front, int *axes, int *at, Value *v)
{
    int64_t shape[RANK_MAX];
    int k = 0, ncov = 0;
    Value next;
    pick_order(p, front, axes, at);
    for (int i = 0; i < p->left; i++) ncov += covered(p, i);
    for (int i = 0; i < p->left;) {
        if (i == *at) shape[k++] = p->merged, i += ncov;
        else shape[k++] = p->left_shape[axes[i++]];
    }
    *v = retain(sub);
    if (step(S, v, op_permute(S, *v, axes, &next), &next) && step(S, v, op_reshape(S, *v, k, shape, &next), &next))
        return true;
    release(S, *v);
    *v = NIL;
    return false;
}

static bool pick_basic(State *S, const Pick *p, Value x, Value *out)
{
    if (p->whole) return *out = retain(x), true;
    return op_slice(S, x, p->start, p->count, p->step, p->drop, out);
}

static bool pick_read(State *S, const Pick *p, Value x, Value *out)
{
    Value v, next;
    if (!pick_basic(S, p, x, &v)) return false;
    if (p->nchosen) {
        int axes[RANK_MAX], at;
        if (p->nchosen == 1 && p->chosen[0].covers == 1) {
            at = p->chosen[0].axis;
        } else {
            bool ok = merge_axes(S, p, v, false, axes, &at, &next);
            if (!step(S, &v, ok, &next)) goto fail;
        }
        if (!step(S, &v, op_gather_rows(S, v, at, val_obj(T_TENSOR, p->flat), &next), &next)) goto fail;
    }
    if (p->news && !step(S, &v, op_reshape(S, v, p->nout, p->out, &next), &next)) goto fail;
    *out = v;
    return true;
fail:
    release(S, v);
    return false;
}

/* ---- reading ---- */
static bool all_numbers(const Tensor *t, const Value *idx, int n)
{
    if (n != t->rank) return false;
    for (int k = 0; k < n; k++)
        if (idx[k].tag != T_NUM) return false;
    return true;
}

static bool element_number(State *S, const Tensor *t, const Value *idx, int64_t *flat, int64_t *off)
{
    *flat = 0;
    *off = t->offset;
    for (int k = 0; k < t->rank; k++) {
        int64_t i;
        if (!one_index(S, idx[k], tensor_shape(t)[k], "", k, &i)) return false;
        *flat = *flat * tensor_shape(t)[k] + i;
        *off += i * tensor_strides(t)[k];
    }
    return true;
}

/* A part of a plain settled tensor: a view, or a copy of what is small beside what it would hold on to. */
static bool plain_part(State *S, const Pick *p, Tensor *t, Value *out)
{
    int64_t st[RANK_MAX], off = t->offset;
    for (int i = 0; i < p->rank && t->n; i++) off += p->start[i] * tensor_strides(t)[i];
    for (int i = 0; i < p->nout; i++)
        st[i] = p->out_axis[i] < 0 ? 0 : p->step[p->out_axis[i]] * tensor_strides(t)[p->out_axis[i]];
    Tensor *y = tensor_shell(S, (DType)t->dtype, p->nout, p->out);
    if (!y) return false;
    y->made_by = "indexing";
    if (y->n <= COPY_VIEWS && y->n < t->n) {
        size_t bytes = (size_t)y->n * dtype_size[y->dtype];
        if ((y->st = storage_new(S, bytes)))
            arr_copy(y->rank, p->out, y->st->data, (DType)y->dtype, tensor_strides(y),
                     at_bytes(t->st->data, (DType)t->dtype, off), (DType)t->dtype, st);
    } else {
        Tensor *v = tensor_view(S, t, p->nout, p->out, st, off);
        if (v) v->made_by = y->made_by;
        obj_release(S, y);
        y = v;
    }
    if (!y || !y->st) {
        obj_release(S, y);
        return false;
    }
    *out = val_obj(T_TENSOR, y);
    return true;
}

static bool tensor_index(State *S, Value x, const Value *idx, int n, Value *out)
{
    Tensor *t = x.t;
    int64_t flat, off;
    if (!x.level && !tensor_force(S, t)) return false;
    if (all_numbers(t, idx, n)) {
        if (!element_number(S, t, idx, &flat, &off)) return false;
        if (x.level) return tape_element(S, x, flat, out);
        double v;
        convert_loop(DT_F64, &v, (DType)t->dtype, at_bytes(t->st->data, (DType)t->dtype, off), 1, 1);
        *out = t->dtype == DT_BOOL ? val_bool(v != 0) : val_num(v);
        return true;
    }
    Pick p;
    bool ok = pick_init(S, t, idx, n, &p);
    if (ok && !x.level && !p.nchosen && p.nout && !(p.whole && !p.news)) ok = plain_part(S, &p, t, out);
    else if (ok) ok = pick_read(S, &p, x, out);
    pick_free(S, &p);
    return ok;
}

static bool one_only(State *S, Value x, int n)
{
    if (n == 1) return true;
    return diag_fail(S, DIAG_INDEX_KIND, "%s takes one index, not %d", type_name(S, x), n);
}

bool value_index(State *S, Value x, const Value *idx, int n, Value *out)
{
    *out = NIL;
    if (S->batch.depth && (is_batch(x) || batch_any(idx, n))) return batch_index(S, x, idx, n, out);
    if (x.tag == T_TENSOR) return tensor_index(S, x, idx, n, out);
    if (x.tag == T_LIST) return one_only(S, x, n) && list_index(S, x.l, idx[0], out);
    if (x.tag == T_STR) return one_only(S, x, n) && str_index(S, x.s, idx[0], out);
    if (x.tag == T_RANGE) return one_only(S, x, n) && range_index(S, x.r, idx[0], out);
    diag_fail(S, DIAG_TYPE, "%s has no elements to index", type_name(S, x));
    if (x.tag == T_FN) diag_hint(S, "a function is called with (...)");
    if (x.tag == T_NUM) diag_hint(S, "a full reduction and an element are numbers, not tensors");
    return false;
}

/* ---- writing ---- */
static bool number_fits(State *S, DType d, Value v)
{
    char num[40];
    double x = v.tag == T_BOOL ? v.b : v.n;
    if (d == DT_BOOL ? v.tag == T_BOOL || x == 0 || x == 1 : convert_check(d, DT_F64, &x, 1, 1) < 0) return true;
    num_format(num, x);
    return diag_fail(S, DIAG_CONVERT, "%s does not fit in %s", num, dtype_name[d]);
}

/* Strides with which v (a number, or a tensor with these sizes and strides) covers the picked places. */
static bool stretch(State *S, const Pick *p, Value v, int64_t *st)
{
    int rank = val_rank(v), skip = 0;
    while (skip < rank && rank - skip > p->nout && val_shape(v)[skip] == 1) skip++;
    int lead = p->nout - (rank - skip);
    bool ok = lead >= 0;
    for (int i = 0; ok && i < p->nout; i++) {
        int64_t size = i < lead ? 1 : val_shape(v)[i - lead + skip];
        ok = size == p->out[i] || size == 1;
        st[i] = i < lead || size == 1 ? 0 : tensor_strides(v.t)[i - lead + skip];
    }
    if (ok) return true;
    char s[200];
    Buf b;
    buf_init(&b, S);
    shape_text(&b, p->nout, p->out);
    diag_fail(S, DIAG_SHAPE, "shapes do not meet in the assignment: %.*s = %s", (int)b.len, b.p ? b.p : "",
              shape_str(v.t, s, sizeof s));
    buf_deinit(&b);
    return false;
}

/* Writes into t (one owner, row-major); v is of t's dtype. */
static void write_places(State *S, const Pick *p, Tensor *t, const void *v, const int64_t *vst)
{
    DType d = (DType)t->dtype;
    size_t size = dtype_size[d];
    int64_t full[RANK_MAX], st[RANK_MAX], shape[RANK_MAX], src[RANK_MAX], cst[RANK_MAX], off = 0, inner = 1;
    char *y = tensor_data(S, t);
    int n = 0, nc = 0;
    row_major(p->rank, tensor_shape(t), full);
    if (t->n == 0) return;
    for (int i = 0; i < p->rank; i++) off += p->start[i] * full[i];
    for (int i = 0; i < p->nout; i++) {
        if (p->out_axis[i] == OUT_CHOSEN) {
            cst[nc++] = vst[i];
        } else {
            st[n] = p->out_axis[i] < 0 ? 0 : p->step[p->out_axis[i]] * full[p->out_axis[i]];
            src[n] = vst[i];
            shape[n++] = p->out[i];
            inner *= p->out[i];
        }
    }
    if (!p->nchosen) {
        arr_copy(n, shape, y + off * (int64_t)size, d, st, v, d, src);
        return;
    }
    int64_t cov[RANK_MAX], covn[RANK_MAX], c = 0;
    int ncov = 0;
    for (int i = 0; i < p->left; i++)
        if (covered(p, i)) covn[ncov] = p->left_shape[i], cov[ncov++] = full[p->left_axis[i]];
    const int64_t *pos = tensor_data(S, p->flat), *wp[1] = {cst};
    Walk w;
    if (inner)
        for (bool on = walk_init(&w, nc, p->cshape, 1, wp); on; on = walk_next(&w))
            for (int64_t i = 0; i < w.n; i++) {
                int64_t k = pos[c++], at = off;
                for (int j = ncov - 1; j > 0; j--) at += k % covn[j] * cov[j], k /= covn[j];
                at += k * cov[0];
                char *to = y + at * (int64_t)size;
                const char *from = (const char *)v + (w.off[0] + i * w.step[0]) * (int64_t)size;
                if (inner > 1) arr_copy(n, shape, to, d, st, from, d, src);
                else if (size == 8) memcpy(to, from, 8);
                else memcpy(to, from, size);
            }
}

/* slot->t made fit for writing; *slot is nil when memory runs out. */
static Tensor *unique(State *S, Value *slot)
{
    Tensor *t = tensor_edit_take(S, slot->t);
    if (t) slot->t = t;
    else *slot = NIL;
    return t;
}

static bool set_element(State *S, Value *slot, const Value *idx, Value v)
{
    Tensor *t = slot->t;
    int64_t flat, off;
    if (v.tag != T_NUM && v.tag != T_BOOL)
        return diag_fail(S, v.tag == T_TENSOR ? DIAG_SHAPE : DIAG_TYPE, "an element of a tensor takes a number, not %s",
                         type_name(S, v));
    if (!element_number(S, t, idx, &flat, &off) || !number_fits(S, (DType)t->dtype, v)) return false;
    if (dtype_float((DType)t->dtype) && (slot->level || v.level))
        return tape_element_set(S, slot, flat, v.tag == T_BOOL ? val_num(v.b) : v);
    if (!(t = unique(S, slot))) return false;
    double x = v.tag == T_BOOL ? v.b : v.n;
    if (t->dtype == DT_F64) ((double *)t->st->data)[t->offset + flat] = x;
    else tensor_put(t, flat, x);
    return true;
}

static bool set_plain(State *S, const Pick *p, Value *slot, Value v)
{
    DType d = (DType)slot->t->dtype;
    int64_t st[RANK_MAX] = {0};
    char one[8];
    Tensor *w = NULL;
    if (v.tag == T_TENSOR) {
        if (!(w = tensor_as(S, v.t, d))) return false;
        if (!stretch(S, p, val_obj(T_TENSOR, w), st)) {
            obj_release(S, w);
            return false;
        }
    } else {
        if (!number_fits(S, d, v)) return false;
        double x = v.tag == T_BOOL ? v.b : v.n;
        convert_loop(d, one, DT_F64, &x, 1, 1);
    }
    Tensor *t = unique(S, slot);
    if (t) write_places(S, p, t, w ? tensor_data(S, w) : one, st);
    obj_release(S, w);
    return t != NULL;
}

/* The last of several writes to one place wins: *keep (owned, or NULL: all) numbers the ones that stay. */
static bool last_writes(State *S, const Pick *p, Tensor **idx, Tensor **keep)
{
    *keep = NULL;
    *idx = tensor_from(S, DT_I64, 1, &p->cn, tensor_data(S, p->flat));
    uint8_t *seen = mem_zalloc(S, (size_t)p->merged + 1);
    bool ok = *idx && seen;
    if (ok) {
        int64_t *pos = tensor_data(S, *idx), n = 0;
        for (int64_t i = 0; i < p->cn; i++) n += !seen[pos[i]], seen[pos[i]] = 1;
        if (n < p->cn && (ok = (*keep = tensor_new(S, DT_I64, 1, &n)) != NULL)) {
            int64_t *k = tensor_data(S, *keep);
            memset(seen, 0, (size_t)p->merged);
            for (int64_t i = p->cn, j = n; i-- > 0;)
                if (!seen[pos[i]]) seen[pos[i]] = 1, k[--j] = i;
            Tensor *fewer = tensor_new(S, DT_I64, 1, &n);
            if ((ok = fewer != NULL))
                for (int64_t j = 0; j < n; j++) ((int64_t *)fewer->st->data)[j] = pos[k[j]];
            obj_release(S, *idx);
            *idx = fewer;
        }
    }
    if (seen) mem_free(S, seen, (size_t)p->merged + 1);
    if (ok) return true;
    obj_release(S, *idx);
    obj_release(S, *keep);
    *idx = *keep = NULL;
    return false;
}

static bool set_slice_op(State *S, const Pick *p, Value x, Value v, Value *out)
{
    Attr a[3 * RANK_MAX];
    Value in[2] = {x, v};
    for (int i = 0; i < p->rank; i++) {
        a[3 * i].i = p->start[i];
        a[3 * i + 1].i = p->drop[i] ? -1 : p->count[i];
        a[3 * i + 2].i = p->step[i];
    }
    return op_apply(S, OPID_set_slice, in, 2, a, 3 * p->rank, out);
}

/* v stretched over the picked places, with the chosen axes in front as one, the others after it. */
static bool value_rows(State *S, const Pick *p, Value *v)
{
    int64_t shape[RANK_MAX], merged[RANK_MAX];
    int axes[RANK_MAX], n = 0, k = 0, first = -1;
    Value next;
    for (int i = 0; i < p->nout; i++) { /* without the new axes */
        if (p->out_axis[i] == OUT_NEW) continue;
        if (p->out_axis[i] == OUT_CHOSEN && first < 0) first = n;
        shape[n++] = p->out[i];
    }
    if (!step(S, v, op_reshape(S, *v, n, shape, &next), &next)) return false;
    for (int i = 0; i < p->crank; i++) axes[k++] = first + i;
    for (int i = 0; i < n; i++)
        if (i < first || i >= first + p->crank) axes[k++] = i;
    if (!step(S, v, op_permute(S, *v, axes, &next), &next)) return false;
    merged[0] = p->cn;
    for (int i = p->crank; i < n; i++) merged[i - p->crank + 1] = shape[axes[i]];
    return step(S, v, op_reshape(S, *v, n - p->crank + 1, merged, &next), &next);
}

/* x with the chosen rows of its basic part replaced. v: a number, or stretched to the picked shape. */
static bool set_chosen(State *S, const Pick *p, Value x, Value v_take, Value *out)
{
    Value v = v_take, sub = NIL, rows = NIL, next;
    Tensor *idx = NULL, *keep = NULL;
    int axes[RANK_MAX], inv[RANK_MAX], at;
    int64_t shape[RANK_MAX];
    bool ok = pick_basic(S, p, x, &sub) && merge_axes(S, p, sub, true, axes, &at, &rows) &&
              last_writes(S, p, &idx, &keep);
    if (ok && is_tensor(v)) {
        ok = value_rows(S, p, &v);
        if (ok && keep) ok = step(S, &v, op_gather_rows(S, v, 0, val_obj(T_TENSOR, keep), &next), &next);
    }
    if (ok) {
        Value in[3] = {rows, val_obj(T_TENSOR, idx), v};
        ok = step(S, &rows, op_apply(S, OPID_set_rows, in, 3, NULL, 0, &next), &next);
    }
    for (int i = 0; ok && i < p->left; i++) shape[i] = p->left_shape[axes[i]], inv[axes[i]] = i;
    ok = ok && step(S, &rows, op_reshape(S, rows, p->left, shape, &next), &next);
    ok = ok && step(S, &rows, op_permute(S, rows, inv, &next), &next);
    if (ok && p->whole) *out = retain(rows);
    else if (ok) ok = set_slice_op(S, p, x, rows, out);
    obj_release(S, idx);
    obj_release(S, keep);
    release(S, rows);
    release(S, sub);
    release(S, v);
    return ok;
}

static bool set_traced(State *S, const Pick *p, Value *slot, Value v)
{
    DType d = (DType)slot->t->dtype;
    Value w = v.tag == T_BOOL ? val_num(v.b) : retain(v), next;
    int64_t st[RANK_MAX], places = 1;
    bool ok = true;
    for (int i = 0; i < p->nout; i++) places *= p->out[i];
    if (w.tag == T_TENSOR) {
        if (w.t->dtype != d) ok = step(S, &w, op_cast(S, w, d, &next), &next);
        ok = ok && stretch(S, p, w, st);
        if (ok && w.t->rank > p->nout) /* leading axes of size 1 */
            ok = step(S, &w, op_reshape(S, w, p->nout, tensor_shape(w.t) + (w.t->rank - p->nout), &next), &next);
        ok = ok && (p->nout == 0 || step(S, &w, op_broadcast_to(S, w, p->nout, p->out, &next), &next));
    }
    if (ok && places) {
        if (p->nchosen) {
            ok = set_chosen(S, p, *slot, w, &next);
            w = NIL;
        } else {
            if (w.tag == T_TENSOR && p->news) {
                int64_t shape[RANK_MAX];
                int n = 0;
                for (int i = 0; i < p->nout; i++)
                    if (p->out_axis[i] != OUT_NEW) shape[n++] = p->out[i];
                Value r;
                ok = step(S, &w, op_reshape(S, w, n, shape, &r), &r);
            }
            ok = ok && set_slice_op(S, p, *slot, w, &next);
        }
        if (ok) {
            release(S, *slot);
            *slot = next;
        }
    }
    release(S, w);
    return ok;
}

static bool tensor_index_set(State *S, Value *slot, const Value *idx, int n, Value v)
{
    if (v.tag != T_NUM && v.tag != T_BOOL && v.tag != T_TENSOR)
        return diag_fail(S, DIAG_TYPE, "a tensor holds numbers, not %s", type_name(S, v));
    if (all_numbers(slot->t, idx, n)) return set_element(S, slot, idx, v);
    if (!slot->level && !tensor_force(S, slot->t)) return false;
    if (!dtype_float((DType)slot->t->dtype) && v.level) v = v.tag == T_NUM ? val_num(v.n) : val_obj(T_TENSOR, v.t);
    Pick p;
    bool ok = pick_init(S, slot->t, idx, n, &p);
    if (ok) ok = slot->level || v.level ? set_traced(S, &p, slot, v) : set_plain(S, &p, slot, v);
    pick_free(S, &p);
    return ok;
}

bool value_index_set(State *S, Value *slot, const Value *idx, int n, Value v)
{
    Value x = *slot;
    if (S->batch.depth && x.tag == T_TENSOR && (is_batch(x) || is_batch(v) || batch_any(idx, n)))
        return batch_index_set(S, slot, idx, n, v);
    if (x.tag == T_TENSOR) return tensor_index_set(S, slot, idx, n, v);
    if (x.tag == T_LIST) return one_only(S, x, n) && list_index_set(S, slot, idx[0], v);
    diag_fail(S, DIAG_TYPE, "elements of %s cannot be assigned", type_name(S, x));
    if (x.tag == T_STR) diag_hint(S, "a string does not change; build a new one from its parts with +");
    if (x.tag == T_RANGE) diag_hint(S, "range(a, b) makes a tensor");
    return false;
}
