/* pattern.c -- which element of a result depends on which element of an argument.
**
** The recording of a level is walked forward once. Each number, and each element of a tensor, has the set of the
** argument's elements that it was computed from; an operation's entry says by its kind how its result's sets are made:
**
**   each     element by element, broadcasting: the union over the inputs
**   moved    every element comes from one place, or is constant: the operation itself is run on places
**   folded   the union along axes, once (sum) or for all along them (softmax)
**   added    take_add, scatter_add: the union of what is added at a place
**   product  rows and columns that meet; zeros of a constant factor count as no dependency
**   other    everything depends on everything
**
** Sets are sorted lists of columns in one array, named by number and never changed, so equal sets are mostly one
** number: 0 is the empty set, 1 + c is {c}. What was recorded is what was run: branches that were not taken count for
** nothing, so the pattern holds for the control flow at this point.
** cite  Gebremedhin, Manne and Pothen 2005, "What color is your Jacobian?", section 2; Griewank and Walther 2008,
**       chapter 7 (index domains)
** SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include "runtime/tape.h"
#include "runtime/tape_internal.h"

enum { MEMO = 1 << 16, PRODUCT_MOST = 1 << 27 };

/* The sets of a tensor's elements; at NULL: all have `all`. */
typedef struct Deps {
    uint32_t *at, all;
    int64_t n;
} Deps;

typedef struct Memo {
    uint32_t a, b, y;
} Memo;

typedef struct Deduce {
    State *S;
    Level *L;
    int64_t columns;
    int32_t *member; /* of stored sets, one after the other */
    size_t nmember, capmember;
    int64_t *from; /* stored set i is member[from[i]] ... member[from[i + 1] - 1] */
    size_t nfrom, capfrom;
    Memo *memo;
    uint32_t *number; /* per node */
    Deps *big;        /* per big node */
    uint32_t nnodes;
    size_t nbig;
    uint32_t *stamp, now; /* per column, for unions of many */
} Deduce;

/* ---- sets ---- */

static inline const int32_t *members(const Deduce *w, uint32_t set, int32_t *one, int64_t *n)
{
    if (!set) return *n = 0, one;
    if (set <= w->columns) {
        *one = (int32_t)set - 1;
        *n = 1;
        return one;
    }
    int64_t i = (int64_t)set - w->columns - 1;
    *n = w->from[i + 1] - w->from[i];
    return w->member + w->from[i];
}

static bool room(Deduce *w, int64_t n)
{
    if (w->nmember + (size_t)n <= w->capmember) return true;
    size_t cap = w->capmember * 2 > w->nmember + (size_t)n ? w->capmember * 2 : w->nmember + (size_t)n + 1024;
    int32_t *p = mem_realloc(w->S, w->member, w->capmember * sizeof *p, cap * sizeof *p);
    if (!p) return false;
    w->member = p;
    w->capmember = cap;
    return true;
}

/* The n members that were written behind the last set become one. */
static bool store(Deduce *w, int64_t n, uint32_t *out)
{
    if ((int64_t)w->nfrom + w->columns + 1 >= (int64_t)UINT32_MAX)
        return diag_fail(w->S, DIAG_SIZE, "the pattern of this function has too many different rows");
    if (!MEM_PUSH(w->S, w->from, w->nfrom, w->capfrom)) return false;
    *out = (uint32_t)(w->columns + (int64_t)w->nfrom); /* nfrom - 1 stored so far, from 0 */
    w->nmember += (size_t)n;
    w->from[w->nfrom++] = (int64_t)w->nmember;
    return true;
}

static bool both(Deduce *w, uint32_t a, uint32_t b, uint32_t *out)
{
    if (a == b || !b) return *out = a, true;
    if (!a) return *out = b, true;
    if (a > b) {
        uint32_t t = a;
        a = b;
        b = t;
    }
    Memo *m = &w->memo[(a * 2654435761u ^ b * 2246822519u) % MEMO];
    if (m->a == a && m->b == b) return *out = m->y, true;
    int32_t one[2];
    int64_t na, nb, i = 0, j = 0, n = 0;
    members(w, a, &one[0], &na);
    members(w, b, &one[1], &nb);
    if (!room(w, na + nb)) return false;
    const int32_t *p = members(w, a, &one[0], &na), *q = members(w, b, &one[1], &nb);
    int32_t *to = w->member + w->nmember;
    while (i < na && j < nb) {
        int32_t x = p[i], y = q[j];
        to[n++] = x < y ? x : y;
        i += x <= y;
        j += y <= x;
    }
    while (i < na) to[n++] = p[i++];
    while (j < nb) to[n++] = q[j++];
    if (n == na) *out = a;
    else if (n == nb) *out = b;
    else if (!store(w, n, out)) return false;
    *m = (Memo){a, b, *out};
    return true;
}

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The union of n sets (0 among them is fine). */
static bool union_of(Deduce *w, const uint32_t *set, int64_t n, uint32_t *out)
{
    int32_t one;
    int64_t total = 0, k, count = 0;
    uint32_t last = 0;
    *out = 0;
    for (int64_t i = 0; i < n; i++) {
        if (set[i] == last || !set[i]) continue;
        members(w, set[i], &one, &k);
        total += k;
        *out = !last ? set[i] : UINT32_MAX;
        last = set[i];
    }
    if (*out != UINT32_MAX) return true; /* none, or one set */
    if (n == 2) return both(w, set[0], set[1], out);
    if (!room(w, total < w->columns ? total : w->columns)) return false;
    int32_t *to = w->member + w->nmember;
    if (++w->now == 0) {
        memset(w->stamp, 0, (size_t)w->columns * sizeof *w->stamp);
        w->now = 1;
    }
    last = 0;
    for (int64_t i = 0; i < n; i++) {
        if (set[i] == last || !set[i]) continue;
        const int32_t *p = members(w, last = set[i], &one, &k);
        for (int64_t j = 0; j < k; j++) {
            if (w->stamp[p[j]] == w->now) continue;
            w->stamp[p[j]] = w->now;
            to[count++] = p[j];
        }
    }
    if (count > w->columns / 16) {
        count = 0;
        for (int32_t c = 0; c < w->columns; c++)
            if (w->stamp[c] == w->now) to[count++] = c;
    } else {
        qsort(to, (size_t)count, sizeof *to, by_value);
    }
    return store(w, count, out);
}

/* ---- the sets of an operation's inputs and result ---- */

static inline uint32_t dep(const Deps *d, int64_t i) { return d->at ? d->at[i] : d->all; }

static bool spread(Deduce *w, Deps *d, int64_t n)
{
    d->n = n;
    d->at = mem_zalloc(w->S, (size_t)(n ? n : 1) * sizeof *d->at);
    return d->at != NULL;
}

static Deps input(const Deduce *w, const Big *b, uint32_t i)
{
    uint32_t node = b->in[i];
    if (!node) return (Deps){NULL, 0, 1};
    Big *src = level_big_of(w->L, node);
    if (!src) return (Deps){NULL, w->number[node], 1};
    return w->big[src - w->L->big];
}

/* Row-major strides of v as it is broadcast to rank axes: 0 where it is stretched. */
static void strides_in(Value v, int rank, int64_t *st)
{
    int r = v.tag == T_TENSOR ? v.t->rank : 0;
    int64_t gap = 1;
    for (int k = rank - 1; k >= 0; k--) {
        int64_t d = k - (rank - r) >= 0 ? tensor_shape(v.t)[k - (rank - r)] : 1;
        st[k] = d == 1 ? 0 : gap;
        gap *= d;
    }
}

/* The next place in row-major order: adds to *off by strides. */
static void step_on(int rank, const int64_t *shape, int64_t *at, const int64_t *st, int64_t *off)
{
    for (int k = rank - 1; k >= 0; k--) {
        *off += st[k];
        if (++at[k] < shape[k]) return;
        *off -= st[k] * shape[k];
        at[k] = 0;
    }
}

static bool each_input(Deduce *w, const Deps *x, Value v, int rank, const int64_t *shape, Deps *y)
{
    if (!x->at || x->n == y->n) {
        for (int64_t i = 0; i < y->n; i++)
            if (!both(w, y->at[i], dep(x, i), &y->at[i])) return false;
        return true;
    }
    int64_t st[RANK_MAX], at[RANK_MAX] = {0}, off = 0;
    strides_in(v, rank, st);
    for (int64_t i = 0; i < y->n; i++) {
        if (!both(w, y->at[i], x->at[off], &y->at[i])) return false;
        step_on(rank, shape, at, st, &off);
    }
    return true;
}

static bool each(Deduce *w, const Big *b, int rank, const int64_t *shape, Deps *y)
{
    uint32_t all = 0;
    bool flat = true;
    for (uint32_t i = 0; i < b->nin; i++) {
        Deps x = input(w, b, i);
        if (x.at) flat = false;
        else if (!both(w, all, x.all, &all)) return false;
    }
    y->all = all;
    if (flat) return true;
    if (!spread(w, y, y->n)) return false;
    for (int64_t i = 0; i < y->n; i++) y->at[i] = all;
    for (uint32_t i = 0; i < b->nin; i++) {
        Deps x = input(w, b, i);
        if (x.at && !each_input(w, &x, b->x[i], rank, shape, y)) return false;
    }
    return true;
}

static bool other(Deduce *w, const Big *b, Deps *y)
{
    for (uint32_t i = 0; i < b->nin; i++) {
        Deps x = input(w, b, i);
        uint32_t all = x.all;
        if ((x.at && !union_of(w, x.at, x.n, &all)) || !both(w, y->all, all, &y->all)) return false;
    }
    return true;
}

/* Runs the operation on the places of its inputs, numbered from 1; constants are 0. */
static bool moved(Deduce *w, const Big *b, Deps *y)
{
    State *S = w->S;
    Value small[16], *x = small, v = NIL;
    Deps d[16], *in = d;
    if (b->nin > 16) {
        x = mem_alloc(S, b->nin * sizeof *x);
        in = x ? mem_alloc(S, b->nin * sizeof *in) : NULL;
        if (!in) return mem_free(S, x, x ? b->nin * sizeof *x : 0), false;
    }
    int64_t places = 0;
    bool ok = true;
    uint32_t made = 0;
    for (; ok && made < b->nin; made += ok) {
        Value like = b->x[made];
        bool number = like.tag != T_TENSOR, index = !number && !dtype_float((DType)like.t->dtype);
        in[made] = input(w, b, made);
        int64_t size = number ? 1 : like.t->n, here = b->in[made] ? places : -1;
        if (index || like.tag == T_BOOL) {
            x[made] = retain(with_hdr(like, 0));
        } else if (number) {
            x[made] = val_num((double)(here + 1));
        } else {
            Tensor *t = tensor_new(S, DT_F64, like.t->rank, tensor_shape(like.t));
            x[made] = t ? val_obj(T_TENSOR, t) : NIL;
            if (!(ok = t != NULL)) break;
            double *p = t->st->data;
            for (int64_t i = 0; i < size; i++) p[i] = here < 0 ? 0 : (double)(here + i + 1);
        }
        in[made].n = here < 0 ? 0 : size; /* places from here on */
        if (here >= 0) places += size;
    }
    ok = ok && op_record(S, b->op->id, x, (int)b->nin, b->attr, b->nattr, &v);
    Tensor *t = ok && v.tag == T_TENSOR ? tensor_contiguous(S, v.t) : NULL;
    ok = ok && (v.tag != T_TENSOR || (t && spread(w, y, t->n)));
    if (ok) {
        double lone = v.tag == T_NUM ? v.n : 0;
        const double *p = t ? (const double *)t->st->data + t->offset : &lone;
        uint32_t *to = t ? y->at : &y->all;
        for (int64_t i = 0; i < y->n; i++) {
            int64_t place = (int64_t)p[i] - 1;
            uint32_t k = 0;
            if (place < 0) continue;
            while (place >= in[k].n) place -= in[k++].n;
            to[i] = dep(&in[k], place);
        }
    }
    obj_release(S, t);
    release(S, v);
    for (uint32_t i = 0; i < made; i++) release(S, x[i]);
    if (x != small) {
        mem_free(S, x, b->nin * sizeof *x);
        mem_free(S, in, b->nin * sizeof *in);
    }
    return ok;
}

/* The union along the axes of mask: one element of y each (sum), or all of them (softmax). */
static bool folded(Deduce *w, const Big *b, uint32_t mask, bool one, Deps *y)
{
    State *S = w->S;
    Deps x = input(w, b, 0);
    if (!x.at) return y->all = x.all, true;
    const Tensor *t = b->x[0].t;
    int64_t st[RANK_MAX] = {0}, at[RANK_MAX] = {0}, off = 0, groups = 1;
    for (int k = t->rank - 1; k >= 0; k--)
        if (!(mask >> k & 1)) {
            st[k] = groups;
            groups *= tensor_shape(t)[k];
        }
    size_t n = (size_t)x.n, size = ((size_t)groups + 1 + 2 * n) * sizeof(int64_t);
    int64_t *first = mem_zalloc(S, size), *group = first + groups + 1;
    if (!first) return false;
    uint32_t *sorted = (uint32_t *)(group + n), *set = sorted + n;
    for (size_t i = 0; i < n; i++) {
        group[i] = off;
        first[off + 1]++;
        step_on(t->rank, tensor_shape(t), at, st, &off);
    }
    for (int64_t g = 0; g < groups; g++) first[g + 1] += first[g];
    for (size_t i = n; i-- > 0;) sorted[--first[group[i] + 1]] = x.at[i];
    bool ok = !one || y->n == 1 || spread(w, y, y->n);
    ok = ok && (one || spread(w, y, y->n));
    for (int64_t g = 0; ok && g < groups; g++) {
        int64_t lo = first[g + 1], hi = g + 1 < groups ? first[g + 2] : (int64_t)n;
        ok = union_of(w, sorted + lo, hi - lo, one ? (y->at ? &y->at[g] : &y->all) : &set[g]);
    }
    for (size_t i = 0; ok && !one && i < n; i++) y->at[i] = set[group[i]];
    mem_free(S, first, size);
    return ok;
}

/* ---- what is added at places ---- */

static bool take_added(Deduce *w, const Big *b, Deps *y)
{
    Deps x = input(w, b, 0);
    Tensor *idx = tensor_contiguous(w->S, b->x[1].t);
    int64_t outer = 1, chunk, size = b->attr[1].i, m = b->x[1].t->n;
    bool ok = idx && spread(w, y, y->n);
    for (int i = 0; i < b->attr[0].i; i++) outer *= tensor_shape(b->y.t)[i];
    chunk = outer && size ? y->n / (outer * size) : 0;
    const int64_t *at = ok ? (const int64_t *)idx->st->data + idx->offset : NULL;
    for (int64_t k = 0; ok && k < outer; k++)
        for (int64_t i = 0; ok && i < m; i++)
            for (int64_t c = 0; ok && c < chunk; c++) {
                uint32_t *to = &y->at[(k * size + at[i]) * chunk + c];
                ok = both(w, *to, dep(&x, (k * m + i) * chunk + c), to);
            }
    obj_release(w->S, idx);
    return ok;
}

static bool scatter_added(Deduce *w, const Big *b, Deps *y)
{
    Deps x = input(w, b, 0), v = input(w, b, 2);
    Tensor *idx = tensor_contiguous(w->S, b->x[1].t);
    const Tensor *src = b->x[2].t;
    if (!idx || !spread(w, y, y->n)) return obj_release(w->S, idx), false;
    const int64_t *at = (const int64_t *)idx->st->data + idx->offset;
    int axis = (int)b->attr[0].i, rank = idx->rank;
    int64_t pos[RANK_MAX] = {0};
    bool ok = true;
    for (int64_t i = 0; i < y->n; i++) y->at[i] = dep(&x, i);
    for (int64_t i = 0; ok && i < idx->n; i++) {
        int64_t to = 0, from = 0;
        for (int k = 0; k < rank; k++) {
            to = to * tensor_shape(b->y.t)[k] + (k == axis ? at[i] : pos[k]);
            from = from * tensor_shape(src)[k] + pos[k];
        }
        ok = both(w, y->at[to], dep(&v, from), &y->at[to]);
        for (int k = rank - 1; k >= 0; k--) {
            if (++pos[k] < tensor_shape(idx)[k]) break;
            pos[k] = 0;
        }
    }
    obj_release(w->S, idx);
    return ok;
}

/* ---- products ---- */

/* A factor as rows of k: element (i, q) of matrix p is at p * gap + i * row + q * by. */
typedef struct Factor {
    Deps d;
    Tensor *data; /* f64, where it is constant */
    int64_t rows, row, by;
} Factor;

static bool factor(Deduce *w, const Big *b, uint32_t i, int64_t k, Factor *f)
{
    const Tensor *t = b->x[i].t;
    int64_t cols = t->rank > 1 ? tensor_shape(t)[t->rank - 1] : 1;
    f->d = input(w, b, i);
    f->rows = i == 0 ? (t->rank > 1 ? tensor_shape(t)[0] : 1) : cols;
    f->row = i == 0 ? k : 1;
    f->by = i == 0 ? 1 : cols;
    f->data = NULL;
    if (b->in[i]) return true;
    Tensor *c = tensor_as(w->S, b->x[i].t, DT_F64);
    f->data = c ? tensor_contiguous(w->S, c) : NULL;
    obj_release(w->S, c);
    return f->data != NULL;
}

/* Matrices and vectors; batches go the general way. */
static bool product(Deduce *w, const Big *b, Deps *y)
{
    const Tensor *x0 = b->x[0].tag == T_TENSOR ? b->x[0].t : NULL, *x1 = b->x[1].tag == T_TENSOR ? b->x[1].t : NULL;
    if (!x0 || !x1 || x0->rank > 2 || x1->rank > 2) return other(w, b, y);
    State *S = w->S;
    int64_t k = tensor_shape(x1)[0];
    Factor f[2] = {{.data = NULL}, {.data = NULL}};
    bool ok = factor(w, b, 0, k, &f[0]) && factor(w, b, 1, k, &f[1]);
    bool zeros = (f[0].data || f[1].data) && (double)f[0].rows * (double)f[1].rows * (double)k < PRODUCT_MOST;
    size_t most = (size_t)(2 * k + 2), lines = (size_t)(f[0].rows + f[1].rows);
    uint32_t *set = ok ? mem_alloc(S, (most + lines) * sizeof *set) : NULL, *line = set ? set + most : NULL;
    ok = set && (y->n == 1 || spread(w, y, y->n));
    for (int s = 0; ok && !zeros && s < 2; s++)
        for (int64_t i = 0; ok && i < f[s].rows; i++) {
            for (int64_t q = 0; q < k; q++) set[q] = dep(&f[s].d, f[s].d.at ? i * f[s].row + q * f[s].by : 0);
            ok = union_of(w, set, k, &line[(s ? f[0].rows : 0) + i]);
        }
    const double *a = f[0].data ? (const double *)f[0].data->st->data + f[0].data->offset : NULL;
    const double *c = f[1].data ? (const double *)f[1].data->st->data + f[1].data->offset : NULL;
    for (int64_t i = 0; ok && i < f[0].rows; i++)
        for (int64_t j = 0; ok && j < f[1].rows; j++) {
            uint32_t *to = y->n == 1 ? &y->all : &y->at[i * f[1].rows + j];
            int64_t n = 0;
            if (!zeros) {
                ok = both(w, line[i], line[f[0].rows + j], to);
                continue;
            }
            for (int64_t q = 0; q < k; q++) {
                int64_t p0 = i * f[0].row + q * f[0].by, p1 = j * f[1].row + q * f[1].by;
                if ((a && a[p0] == 0) || (c && c[p1] == 0)) continue;
                if (b->in[0]) set[n++] = dep(&f[0].d, p0);
                if (b->in[1]) set[n++] = dep(&f[1].d, p1);
            }
            ok = union_of(w, set, n, to);
            if (j % 1024 == 1023 && !vm_check(S)) ok = false;
        }
    if (set) mem_free(S, set, (most + lines) * sizeof *set);
    obj_release(S, f[0].data);
    obj_release(S, f[1].data);
    return ok;
}

/* ---- one node ---- */

static bool op_deps(Deduce *w, const Big *b, Deps *y)
{
    const OpDef *d = b->op;
    int rank = b->y.tag == T_TENSOR ? b->y.t->rank : 0;
    static const int64_t none[1];
    const int64_t *shape = rank ? tensor_shape(b->y.t) : none;
    if (d->flags & OPF_EACH) return each(w, b, rank, shape, y);
    switch ((int)d->id) {
    case OPID_cast:
    case OPID_combine: return each(w, b, rank, shape, y);
    case OPID_unslice:
    case OPID_concat:
    case OPID_stack:
    case OPID_take:
    case OPID_gather:
    case OPID_set_slice:
    case OPID_set_rows:
    case OPID_tril:
    case OPID_triu:
    case OPID_diag_embed:
    case OPID_fill: return moved(w, b, y);
    case OPID_take_add: return take_added(w, b, y);
    case OPID_scatter_add: return scatter_added(w, b, y);
    case OPID_matmul: return product(w, b, y);
    case OPID_softmax:
    case OPID_log_softmax:
    case OPID_prod_others: return folded(w, b, (uint32_t)b->attr[1].i, false, y);
    case OPID_cumsum:
    case OPID_cumprod:
    case OPID_sort: return folded(w, b, 1u << b->attr[0].i, false, y);
    default: break;
    }
    if (d->flags & OPF_VIEW) return moved(w, b, y);
    if (d->flags & OPF_REDUCE && b->nin == 1) return folded(w, b, (uint32_t)b->attr[1].i, true, y);
    return other(w, b, y);
}

static bool stack_deps(Deduce *w, const Big *b, Deps *y)
{
    const Deps *base = b->base ? &w->big[level_big_of(w->L, b->base) - w->L->big] : NULL;
    if (!spread(w, y, y->n)) return false;
    for (uint32_t i = 0; i < b->nin; i++)
        y->at[i] = b->in[i] == FROM_BASE ? dep(base, i) : b->in[i] ? w->number[b->in[i]] : 0;
    return true;
}

/* What a tree holds of the level: the union of its sets, or all its leaves set to `all`. */
typedef struct Around {
    Deduce *w;
    uint32_t all;
    bool put;
} Around;

static bool around_leaf(State *S, void *ud, Value v, Value *out)
{
    Around *a = ud;
    Deduce *w = a->w;
    if (v.level != w->L->index || !v.node || v.node >= w->nnodes) return *out = retain(v), true;
    Big *b = v.tag == T_TENSOR ? level_big_of(w->L, v.node) : NULL;
    Deps *d = b ? &w->big[b - w->L->big] : NULL;
    uint32_t set = d ? d->all : w->number[v.node];
    (void)S;
    if (a->put) {
        if (d) d->all = a->all;
        else w->number[v.node] = a->all;
    } else if ((d && d->at && !union_of(w, d->at, d->n, &set)) || !both(w, a->all, set, &a->all)) {
        return false;
    }
    *out = retain(v);
    return true;
}

/* A call with rules of its own, or a checkpoint: all that comes out depends on all that goes in. */
static bool call_deps(Deduce *w, const Big *b)
{
    Around a = {w, 0, false};
    Walk walk = {around_leaf, &a};
    Value same;
    for (uint32_t i = 0; i < b->nin; i++) {
        if (!walk_tree(w->S, &walk, b->x[i], &same)) return false;
        release(w->S, same);
    }
    a.put = true;
    if (!walk_tree(w->S, &walk, b->y, &same)) return false;
    release(w->S, same);
    return true;
}

static bool big_deps(Deduce *w, uint32_t node, const Big *b)
{
    Deps *y = &w->big[b - w->L->big];
    if (b->kind == BIG_CUSTOM || b->kind == BIG_AGAIN) return call_deps(w, b);
    y->n = b->y.tag == T_TENSOR && !b->number ? b->y.t->n : 1;
    if (b->kind == BIG_STACK ? !stack_deps(w, b, y) : !op_deps(w, b, y)) return false;
    if (!b->number) return true;
    w->number[node] = dep(y, 0);
    return true;
}

static bool walk_nodes(Deduce *w)
{
    const Level *L = w->L;
    for (uint32_t i = 1; i < w->nnodes; i++) {
        const LaneNode *q = &L->lane.node[i];
        if (i % 65536 == 0 && !vm_check(w->S)) return false;
        if (q->a == MARK_LEAF) continue;
        if (q->a == MARK_BIG) {
            if (!big_deps(w, i, &L->big[q->b])) return false;
        } else if (q->a == MARK_ELEM) {
            int64_t flat;
            memcpy(&flat, &q->pa, sizeof flat);
            w->number[i] = dep(&w->big[q->b], flat);
        } else if (q->a || q->b) {
            if (!both(w, w->number[q->a], w->number[q->b], &w->number[i])) return false;
        }
    }
    return true;
}

/* ---- in and out ---- */

typedef struct Inputs {
    Deduce *w;
    int64_t column;
} Inputs;

static bool input_leaf(State *S, void *ud, Value v, Value *out)
{
    Inputs *in = ud;
    Deduce *w = in->w;
    (void)S;
    if (v.level == w->L->index && v.tag == T_NUM) {
        w->number[v.node] = (uint32_t)++in->column;
    } else if (v.level == w->L->index) {
        Deps *d = &w->big[level_big_of(w->L, v.node) - w->L->big];
        if (!spread(w, d, v.t->n)) return false;
        for (int64_t i = 0; i < d->n; i++) d->at[i] = (uint32_t)++in->column;
    }
    *out = retain(v);
    return true;
}

static bool row_out(Deduce *w, Pattern *p, uint32_t set)
{
    int32_t one;
    int64_t n;
    const int32_t *m = members(w, set, &one, &n);
    if (p->count + n > p->cap) {
        int64_t cap = 2 * p->cap > p->count + n ? 2 * p->cap : p->count + n + 64;
        int32_t *c = mem_realloc(w->S, p->col, (size_t)p->cap * sizeof *c, (size_t)cap * sizeof *c);
        if (!c) return false;
        p->col = c;
        p->cap = cap;
    }
    if (n) memcpy(p->col + p->count, m, (size_t)n * sizeof *m);
    p->count += n;
    p->start[++p->at] = p->count;
    return true;
}

/* trained: not what `let` holds in a model. */
static bool rows_out(Deduce *w, Pattern *p, Value y, bool trained)
{
    if (y.tag == T_LIST) {
        for (int64_t i = 0; i < y.l->len; i++)
            if (!rows_out(w, p, y.l->at[i], trained)) return false;
        return true;
    }
    if (y.tag == T_MODEL) {
        for (int i = 0; i < y.m->def->nfields; i++)
            if (field_moves(y.m, i) && !rows_out(w, p, y.m->field[i], y.m->def->fields[i].kind == FIELD_PARAM))
                return false;
        return true;
    }
    if (!trained) return true;
    if (y.tag == T_NUM) return row_out(w, p, y.level == w->L->index ? w->number[y.node] : 0);
    if (y.tag != T_TENSOR || !dtype_float((DType)y.t->dtype)) return true;
    Value whole;
    if (!tape_whole(w->S, y, &whole)) return false;
    Deps none = {NULL, 0, y.t->n}, *d = &none;
    if (whole.level == w->L->index) d = &w->big[level_big_of(w->L, whole.node) - w->L->big];
    release(w->S, whole);
    for (int64_t i = 0; i < y.t->n; i++)
        if (!row_out(w, p, dep(d, i))) return false;
    return true;
}

void pattern_free(State *S, Pattern *p)
{
    if (p->start) mem_free(S, p->start, (size_t)(p->rows + 1) * sizeof *p->start);
    if (p->col) mem_free(S, p->col, (size_t)p->cap * sizeof *p->col);
    *p = (Pattern){0};
}

/* Tensors written by element become nodes before the arrays are made that have a place for each node. */
static bool settle(State *S, Value v)
{
    Value whole;
    if (v.tag == T_LIST)
        for (int64_t i = 0; i < v.l->len; i++)
            if (!settle(S, v.l->at[i])) return false;
    if (v.tag == T_MODEL)
        for (int i = 0; i < v.m->def->nfields; i++)
            if (field_moves(v.m, i) && !settle(S, v.m->field[i])) return false;
    if (v.tag != T_TENSOR) return true;
    if (!tape_whole(S, v, &whole)) return false;
    release(S, whole);
    return true;
}

bool tape_pattern(State *S, Value y, const Value *lifted, int n, int64_t rows, int64_t columns, Pattern *out)
{
    *out = (Pattern){.rows = rows, .columns = columns};
    if (!settle(S, y)) return false;
    Level *L = innermost(S);
    Deduce w = {.S = S, .L = L, .columns = columns, .nnodes = L->lane.n, .nbig = L->nbig};
    size_t numbers = (size_t)w.nnodes * sizeof *w.number, bigs = w.nbig * sizeof *w.big, memo = MEMO * sizeof(Memo);
    size_t stamps = (size_t)(columns + 1) * sizeof *w.stamp;
    w.number = mem_zalloc(S, numbers);
    w.big = w.number ? mem_zalloc(S, bigs) : NULL;
    w.memo = w.big ? mem_zalloc(S, memo) : NULL;
    w.stamp = w.memo ? mem_zalloc(S, stamps) : NULL;
    out->start = w.stamp ? mem_zalloc(S, (size_t)(rows + 1) * sizeof *out->start) : NULL;
    bool ok = out->start && MEM_PUSH(S, w.from, w.nfrom, w.capfrom);
    if (ok) w.from[w.nfrom++] = 0;
    Inputs in = {&w, 0};
    Walk walk = {input_leaf, &in};
    for (int i = 0; ok && i < n; i++) {
        Value same;
        ok = walk_tree(S, &walk, lifted[i], &same);
        if (ok) release(S, same);
    }
    ok = ok && walk_nodes(&w) && rows_out(&w, out, y, true);
    for (size_t i = 1; w.big && i < w.nbig; i++)
        if (w.big[i].at) mem_free(S, w.big[i].at, (size_t)(w.big[i].n ? w.big[i].n : 1) * sizeof *w.big[i].at);
    mem_free(S, w.member, w.capmember * sizeof *w.member);
    mem_free(S, w.from, w.capfrom * sizeof *w.from);
    if (w.number) mem_free(S, w.number, numbers);
    if (w.big) mem_free(S, w.big, bigs);
    if (w.memo) mem_free(S, w.memo, memo);
    if (w.stamp) mem_free(S, w.stamp, stamps);
    if (!ok) pattern_free(S, out);
    return ok;
}
