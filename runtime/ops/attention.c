/* attention.c -- softmax(scale q k' + mask) v, without keeping the weights.
**
** q [..., n, d], k [..., m, d], v [..., m, e], mask [..., n, m] (bool: true may be looked at; float: added) or none;
** the leading axes of q, k, v agree, those of the mask may be 1, and so may its n and m. The kernels take some rows of
** queries at a time, so the weights P of those rows are all that is ever held; attention_back makes them again and
** carries back to q, k and v in one go, laid side by side: [..., n d + m d + m e].
**
** A query whose keys are all masked out has P = 0: its result and what it sends back are 0.
**
** With L = <dy, attention(q, k, v)>, attention_back is the gradient of L by q, k, v, and its derivative the (symmetric)
** second derivative, which `second` writes in operations of the table.
**
** Attributes: [0] causal: query i looks at keys up to i + m - n  [2] scale.
** cite  Vaswani et al. 2017, "Attention is all you need"
** cite  Rabe, Staats 2021, "Self-attention does not need O(n^2) memory"
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/batch.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/rows.h"
#include "runtime/ops/gemm.h"
#include "runtime/ops/lapack.h"
#include "runtime/ops/walk.h"
#include "runtime/threads.h"
#include "runtime/vm.h"

enum { BLOCK = 1 << 17 /* weights held at once */ };

typedef struct Dims {
    int64_t batches, n, m, d, e;
} Dims;
static Dims dims_of(int rank, const int64_t *q, const int64_t *k, const int64_t *v)
{
    Dims a = {1, q[rank - 2], k[rank - 2], q[rank - 1], v[rank - 1]};
    for (int i = 0; i < rank - 2; i++) a.batches *= q[i];
    return a;
}
static Dims value_dims(const Value *x)
{
    return dims_of(val_rank(x[0]), val_shape(x[0]), val_shape(x[1]), val_shape(x[2]));
}

/* ---- shapes ---- */
static bool shape_fail(Infer *f, const char *what, Value v)
{
    char a[200], b[200];
    diag_fail(f->S, DIAG_SHAPE, "attention: %s %s does not go with q %s", what, shape_str(v.t, a, sizeof a),
              shape_str(f->x[0].t, b, sizeof b));
    return diag_hint(f->S, "q is [..., n, d], k [..., m, d], v [..., m, e], the mask [n, m] or with leading axes");
}
static bool infer_dims(Infer *f, Value mask)
{
    const Value *x = f->x;
    for (int i = 0; i < 3; i++)
        if (val_rank(x[i]) < 2)
            return diag_fail(f->S, DIAG_SHAPE, "attention: q, k and v have at least two axes, [..., n, d]");
    int rank = val_rank(x[0]);
    size_t lead = sizeof(int64_t) * (size_t)(rank - 2);
    for (int i = 1; i < 3; i++)
        if (val_rank(x[i]) != rank || memcmp(val_shape(x[i]), val_shape(x[0]), lead))
            return shape_fail(f, i == 1 ? "k" : "v", x[i]);
    Dims a = value_dims(x);
    if (val_shape(x[1])[rank - 1] != a.d) return shape_fail(f, "k", x[1]);
    if (val_shape(x[2])[rank - 2] != a.m) {
        char s[200], t[200];
        return diag_fail(f->S, DIAG_SHAPE, "attention: k %s and v %s differ in their number of rows",
                         shape_str(x[1].t, s, sizeof s), shape_str(x[2].t, t, sizeof t));
    }
    if (!is_nil(mask)) {
        bool fits = val_rank(mask) == rank;
        for (int i = 0; fits && i < rank; i++) {
            int64_t want = i == rank - 1 ? a.m : val_shape(x[0])[i];
            fits = val_shape(mask)[i] == want || val_shape(mask)[i] == 1;
        }
        if (!fits && is_tensor(mask)) return shape_fail(f, "mask", mask);
        if (!fits) return diag_fail(f->S, DIAG_TYPE, "attention: the mask is a tensor");
    }
    f->dtype = DT_F32;
    for (int i = 0; i < 3; i++) {
        DType k = mat_float(f->S, x[i]);
        if (k == DT_F64) f->dtype = k;
    }
    f->rank = rank;
    memcpy(f->shape, val_shape(x[0]), sizeof *f->shape * (size_t)rank);
    return true;
}
static bool infer_attention(Infer *f)
{
    if (!infer_dims(f, f->nin > 3 ? f->x[3] : NIL)) return false;
    f->shape[f->rank - 1] = value_dims(f->x).e;
    return true;
}
static bool infer_attention_back(Infer *f)
{
    if (!infer_dims(f, f->nin > 4 ? f->x[4] : NIL)) return false;
    Dims a = value_dims(f->x);
    f->rank--;
    f->shape[f->rank - 1] = a.n * a.d + a.m * a.d + a.m * a.e;
    return true;
}

/* ---- kernels ---- */
typedef struct Work {
    Run *r;
    DType dt;
    Dims a;
    double scale;
    bool causal;
    const RowLoops *l;
    Loop exp;
    const void *p[4]; /* q, k, v, dy */
    int64_t stride[4][RANK_MAX];
    void *tmp[4];
    size_t cap[4];
    const Arr *mask;
    int64_t mask_stride[RANK_MAX]; /* 0 where it is stretched */
} Work;

static bool work_open(Work *w, Run *r, int n, int mask)
{
    int rank = r->x[0].rank;
    *w = (Work){.r = r, .dt = r->y.dtype, .scale = r->attr[2].f, .causal = r->attr[0].i};
    w->a = dims_of(rank, r->x[0].shape, r->x[1].shape, r->x[2].shape);
    w->l = rows_pick(w->dt);
    w->exp = kernels_pick()[K_exp][w->dt];
    if (r->nin > mask) w->mask = &r->x[mask];
    for (int i = 0; w->mask && i < rank; i++) w->mask_stride[i] = w->mask->shape[i] == 1 ? 0 : w->mask->stride[i];
    for (int k = 0; k < n; k++) {
        const Arr *x = &r->x[k];
        w->p[k] = x->p;
        memcpy(w->stride[k], x->stride, sizeof(int64_t) * (size_t)rank);
        if (x->dtype == w->dt) continue;
        if (!(w->p[k] = arr_plain(r->S, x, w->dt, &w->tmp[k], &w->cap[k]))) return false;
        row_major(rank, x->shape, w->stride[k]);
    }
    return true;
}
static void work_close(Work *w)
{
    for (int k = 0; k < 4; k++)
        if (w->tmp[k]) mem_block_free(w->r->S, w->tmp[k], w->cap[k]);
}

static int64_t lead_offset(const Work *w, const int64_t *stride, int64_t b)
{
    const Arr *q = &w->r->x[0];
    int64_t off = 0;
    for (int i = q->rank - 3; i >= 0; i--) {
        off += b % q->shape[i] * stride[i];
        b /= q->shape[i];
    }
    return off;
}
static Mat matrix(const Work *w, int k, int64_t b, int64_t first, int64_t rows)
{
    const int64_t *st = w->stride[k];
    int rank = w->r->x[0].rank;
    return (Mat){at_bytes(w->p[k], w->dt, lead_offset(w, st, b) + first * st[rank - 2]), rows,
                 w->r->x[k].shape[rank - 1], st[rank - 2], st[rank - 1]};
}
static Mat turned(Mat a) { return (Mat){a.p, a.cols, a.rows, a.s1, a.s0}; }
static Mat plain(const void *p, int64_t rows, int64_t cols) { return (Mat){p, rows, cols, cols, 1}; }

/* One row's mask onto its scores. */
#define MASKED(NAME, T)                                                                                                \
    static void NAME(const Arr *k, const void *at, int64_t step, int64_t n, T *s)                                      \
    {                                                                                                                  \
        if (k->dtype == DT_BOOL) {                                                                                     \
            const uint8_t *p = at;                                                                                     \
            for (int64_t j = 0; j < n; j++) s[j] = p[j * step] ? s[j] : (T)-INFINITY;                                  \
        } else if (k->dtype == DT_F64) {                                                                               \
            const double *p = at;                                                                                      \
            for (int64_t j = 0; j < n; j++) s[j] = p[j * step] == -INFINITY ? (T)-INFINITY : s[j] + (T)p[j * step];    \
        } else {                                                                                                       \
            const float *p = at;                                                                                       \
            for (int64_t j = 0; j < n; j++) s[j] = p[j * step] == -INFINITY ? (T)-INFINITY : s[j] + (T)p[j * step];    \
        }                                                                                                              \
    }
MASKED(masked_f64, double)
MASKED(masked_f32, float)

/* s: scores of n keys, to weights */
static void soften(const Work *w, int64_t n, void *s)
{
    const void *in[1] = {s};
    int step[1] = {1};
    double top = n > 0 ? w->l->largest(n, s) : -INFINITY;
    if (top == -INFINITY) { /* nothing to look at; a NaN is passed on */
        double sum = w->l->sum(n, s);
        if (sum == sum) {
            memset(s, 0, (size_t)n * dtype_size[w->dt]);
            return;
        }
    }
    w->l->shift(n, s, top, s);
    w->exp(n, in, step, s, NULL);
    w->l->scale(n, s, 1 / w->l->sum(n, s), s);
}

/* P [rows, cols]: the weights of queries first... on the first cols keys */
static void weights(const Work *w, int64_t b, int64_t first, int64_t rows, int64_t cols, void *P)
{
    const Dims *a = &w->a;
    int rank = w->r->x[0].rank;
    mat_tile(w->r->S, w->dt, matrix(w, 0, b, first, rows), turned(matrix(w, 1, b, 0, cols)), false, P, cols);
    int64_t at = w->mask ? lead_offset(w, w->mask_stride, b) : 0;
    for (int64_t i = 0; i < rows; i++) {
        void *s = at_bytes(P, w->dt, i * cols);
        int64_t n = cols;
        if (w->causal) {
            n = first + i + a->m - a->n + 1;
            n = n < 0 ? 0 : n > cols ? cols : n;
            memset(at_bytes(s, w->dt, n), 0, (size_t)(cols - n) * dtype_size[w->dt]);
        }
        w->l->scale(n, s, w->scale, s);
        if (w->mask) {
            const void *p = at_bytes(w->mask->p, w->mask->dtype, at + (first + i) * w->mask_stride[rank - 2]);
            if (w->dt == DT_F64) masked_f64(w->mask, p, w->mask_stride[rank - 1], n, s);
            else masked_f32(w->mask, p, w->mask_stride[rank - 1], n, s);
        }
        soften(w, n, s);
    }
}

/* Rows of queries at a time; causal ones in smaller blocks, which leave out more keys that none of them may look at. */
static int64_t block_rows(const Work *w)
{
    int64_t n = w->a.n, rows = BLOCK / (w->a.m ? w->a.m : 1);
    if (w->causal && rows > n / 8) rows = n / 8 < 64 ? 64 : n / 8;
    rows = rows < 32 ? 32 : rows;
    return rows < n ? rows : n;
}
/* Keys that the queries before `end` may look at. */
static int64_t seen(const Work *w, int64_t end)
{
    int64_t n = end + w->a.m - w->a.n;
    return !w->causal || n > w->a.m ? w->a.m : n < 0 ? 0 : n;
}

/* Batches in `spans` parts, each with room of its own for the weights of a block of queries. */
typedef struct Spans {
    const Work *w;
    int64_t spans, block, from, to; /* batches from, to */
    char *room;
    size_t each; /* bytes of a span's room */
} Spans;

/* Work is done in turns of some batches, between which the interrupt is looked at. */
static bool spans_run(const Work *w, int64_t rooms, ParBody body)
{
    State *S = w->r->S;
    const Dims *a = &w->a;
    size_t cap = 0;
    double work = 4 * (double)a->n * (double)a->m * (double)(a->d + a->e + 16);
    Spans p = {.w = w, .block = block_rows(w)};
    int most = par_threads(S, work * (double)a->batches < 4e5 ? 1 : a->batches);
    p.each = ((size_t)(rooms * p.block * a->m + 1) * dtype_size[w->dt] + 63) & ~(size_t)63;
    if (!(p.room = mem_block(S, p.each * (size_t)most, &cap))) return false;
    int64_t turn = (int64_t)(2e9 / (work + 1));
    turn = turn < 1 ? most : turn * most;
    bool ok = true;
    gemm_ready(S, w->dt, work / 8, work / 4 * (double)a->batches);
    for (p.from = 0; ok && p.from < a->batches; p.from = p.to) {
        p.to = a->batches - p.from < turn ? a->batches : p.from + turn;
        p.spans = p.to - p.from < most ? p.to - p.from : most;
        par_for(S, p.spans, 1, body, &p);
        ok = vm_check(S);
    }
    mem_block_free(S, p.room, cap);
    return ok;
}

static void attention_span(void *ud, int64_t lo, int64_t hi)
{
    const Spans *p = ud;
    const Work *w = p->w;
    State *S = w->r->S;
    int64_t n = w->a.n, e = w->a.e, all = p->to - p->from;
    for (int64_t s = lo; s < hi; s++) {
        void *P = p->room + (size_t)s * p->each;
        for (int64_t b = p->from + all * s / p->spans; b < p->from + all * (s + 1) / p->spans; b++)
            for (int64_t i = 0; i < n; i += p->block) {
                int64_t rows = n - i < p->block ? n - i : p->block, cols = seen(w, i + rows);
                void *y = at_bytes(w->r->y.p, w->dt, (b * n + i) * e);
                if (cols == 0) {
                    memset(y, 0, (size_t)(rows * e) * dtype_size[w->dt]);
                    continue;
                }
                weights(w, b, i, rows, cols, P);
                mat_tile(S, w->dt, plain(P, rows, cols), matrix(w, 2, b, 0, cols), false, y, e);
            }
    }
}

static bool run_attention(Run *r)
{
    Work w;
    if (r->y.n == 0) return true;
    bool ok = work_open(&w, r, 3, 3) && spans_run(&w, 1, attention_span);
    work_close(&w);
    return ok;
}

static void attention_back_span(void *ud, int64_t lo, int64_t hi)
{
    const Spans *p = ud;
    const Work *w = p->w;
    State *S = w->r->S;
    DType t = w->dt;
    Dims a = w->a;
    int64_t size = a.n * a.d + a.m * a.d + a.m * a.e, all = p->to - p->from;
    for (int64_t s = lo; s < hi; s++) {
        void *P = p->room + (size_t)s * p->each, *dP = at_bytes(P, t, p->block * a.m);
        for (int64_t b = p->from + all * s / p->spans; b < p->from + all * (s + 1) / p->spans; b++) {
            void *dq = at_bytes(w->r->y.p, t, b * size), *dk = at_bytes(dq, t, a.n * a.d),
                 *dv = at_bytes(dk, t, a.m * a.d);
            memset(dq, 0, (size_t)size * dtype_size[t]);
            for (int64_t i = 0; a.m && i < a.n; i += p->block) {
                int64_t rows = a.n - i < p->block ? a.n - i : p->block, cols = seen(w, i + rows);
                Mat dy = matrix(w, 3, b, i, rows);
                if (cols == 0) continue;
                weights(w, b, i, rows, cols, P);
                mat_tile(S, t, turned(plain(P, rows, cols)), dy, true, dv, a.e);
                mat_tile(S, t, dy, turned(matrix(w, 2, b, 0, cols)), false, dP, cols);
                for (int64_t k = 0; k < rows; k++) {
                    void *pk = at_bytes(P, t, k * cols), *g = at_bytes(dP, t, k * cols);
                    w->l->damp(cols, pk, w->l->dot(cols, pk, g), w->scale, g);
                }
                mat_tile(S, t, plain(dP, rows, cols), matrix(w, 1, b, 0, cols), false, at_bytes(dq, t, i * a.d), a.d);
                mat_tile(S, t, turned(plain(dP, rows, cols)), matrix(w, 0, b, i, rows), true, dk, a.d);
            }
        }
    }
}

static bool run_attention_back(Run *r)
{
    Work w;
    if (r->y.n == 0) return true;
    bool ok = work_open(&w, r, 4, 4) && spans_run(&w, 2, attention_back_span);
    work_close(&w);
    return ok;
}

/* ---- rules ---- */
static Value times(Rule *r, Value a, Value b) { return is_nil(a) || is_nil(b) ? NIL : r_matmul(r, a, b); }
static Value each(Rule *r, Value a, Value b) { return is_nil(a) || is_nil(b) ? NIL : r_mul(r, a, b); }
static Value turn(Rule *r, Value a) { return is_nil(a) ? NIL : r_swap(r, a); }
static Value less(Rule *r, Value a, Value b) { return is_nil(a) ? NIL : r_sub(r, a, b); }
static Value row_sum(Rule *r, Value a)
{
    if (is_nil(a)) return a;
    Attr at[3] = {{.i = 1}, {.i = (int64_t)1 << (val_rank(a) - 1)}, {.f = 0}};
    return r_op(r, OPID_sum, &a, 1, at, 3);
}
static Value by_scale(Rule *r, Value a) { return is_nil(a) ? a : r_mul(r, a, r_num(r->attr[2].f)); }

/* [1..., n, m] of the rank of q, true where a query may look */
static Value r_causal(Rule *r, Dims a)
{
    int rank = val_rank(r->x[0]);
    int64_t shape[RANK_MAX];
    for (int i = 0; i < rank; i++) shape[i] = i == rank - 2 ? a.n : i == rank - 1 ? a.m : 1;
    Tensor *t = tensor_zeros(r->S, DT_BOOL, rank, shape);
    uint8_t *p = t ? tensor_data(r->S, t) : NULL;
    if (!t) return r_fail(r, "memory"), NIL;
    for (int64_t i = 0; p && i < a.n; i++)
        for (int64_t j = 0; j < a.m && j <= i + a.m - a.n; j++) p[i * a.m + j] = 1;
    return r_own(r, val_obj(T_TENSOR, t));
}

/* The weights in operations of the table; no NaN arises where a row has nothing to look at. */
static Value r_weights(Rule *r, Value q, Value k, Value mask)
{
    Value s = by_scale(r, r_matmul(r, q, r_swap(r, k))), keep = NIL;
    if (is_nil(s)) return s;
    if (is_tensor(mask) && mask.t->dtype == DT_BOOL) keep = mask;
    else if (!is_nil(mask)) {
        keep = r_2(r, OPID_ne, mask, r_num(-INFINITY));
        s = r_add(r, s, mask);
    }
    if (r->attr[0].i) {
        Value c = r_causal(r, value_dims(r->x));
        keep = is_nil(keep) ? c : r_2(r, OPID_logical_and, c, keep);
    }
    Attr last[3] = {{.i = 1}, {.i = (int64_t)1 << (val_rank(s) - 1)}, {.f = 0}};
    if (is_nil(keep)) return r_op(r, OPID_softmax, &s, 1, last, 3);
    Attr any[3] = {{.i = 1}, {.i = (int64_t)1 << (val_rank(keep) - 1)}, {.f = 0}};
    Value alive = r_op(r, OPID_any, &keep, 1, any, 3);
    s = r_where(r, keep, s, r_num(-INFINITY));
    s = r_where(r, alive, s, r_num(0));
    return r_where(r, keep, r_op(r, OPID_softmax, &s, 1, last, 3), r_num(0));
}

/* What moves: q, k, v, the mask; NIL where nothing does. */
typedef struct Along {
    Value q, k, v, mask;
} Along;
/* the change of the scores, and of the weights */
static Value d_scores(Rule *r, const Along *g)
{
    const Value *x = r->x;
    Value a = times(r, g->q, turn(r, x[1])), b = times(r, x[0], turn(r, g->k));
    return r_plus(r, by_scale(r, r_plus(r, a, b)), g->mask);
}
static Value d_weights(Rule *r, Value P, Value dS)
{
    return is_nil(dS) ? NIL : r_mul(r, P, r_sub(r, dS, row_sum(r, r_mul(r, P, dS))));
}
static Value r_forward(Rule *r, Value P, const Along *g)
{
    return r_plus(r, times(r, d_weights(r, P, d_scores(r, g)), r->x[2]), times(r, P, g->v));
}

/* The gradient by q, k, v and mask of <dy, derivative of attention along g>. */
static Along second(Rule *r, Value P, Value dy, const Along *g)
{
    const Value *x = r->x;
    Value dS = d_scores(r, g), A = times(r, dy, turn(r, x[2])), a = row_sum(r, each(r, A, P)), bar = NIL;
    if (!is_nil(dS)) {
        Value t = row_sum(r, each(r, P, dS));
        bar = r_sub(r, r_mul(r, A, r_sub(r, dS, t)), r_mul(r, a, dS));
    }
    bar = r_plus(r, bar, times(r, dy, turn(r, g->v)));
    Value s = is_nil(bar) ? NIL : r_mul(r, P, less(r, bar, row_sum(r, r_mul(r, P, bar))));
    Value ds = r_mul(r, P, r_sub(r, A, a)); /* what L sends to the scores */
    Along h;
    h.q = by_scale(r, r_plus(r, times(r, s, x[1]), times(r, ds, g->k)));
    h.k = by_scale(r, r_plus(r, times(r, turn(r, s), x[0]), times(r, turn(r, ds), g->q)));
    h.v = times(r, turn(r, d_weights(r, P, dS)), dy);
    h.mask = s;
    return h;
}

static Value like(Rule *r, Value v, Value x) { return is_nil(v) ? r_zeros_like(r, x) : v; }
/* Side by side, [..., n d + m d + m e], and apart. */
static Value packed(Rule *r, const Along *h)
{
    Value v[3] = {like(r, h->q, r->x[0]), like(r, h->k, r->x[1]), like(r, h->v, r->x[2])};
    for (int i = 0; i < 3; i++) {
        Attr a[RANK_MAX];
        int rank = val_rank(v[i]) - 1;
        if (is_nil(v[i])) return NIL;
        for (int j = 0; j < rank; j++) a[j].i = val_shape(v[i])[j];
        a[rank - 1].i *= val_shape(v[i])[rank];
        v[i] = r_op(r, OPID_reshape, &v[i], 1, a, rank);
    }
    return r_join(r, 1, v, 3);
}
static Along apart(Rule *r, Value g)
{
    Dims a = value_dims(r->x);
    Along h = {.mask = NIL};
    h.q = r_reshape(r, r_part(r, g, 1, 0, a.n * a.d), r->x[0]);
    h.k = r_reshape(r, r_part(r, g, 1, a.n * a.d, a.m * a.d), r->x[1]);
    h.v = r_reshape(r, r_part(r, g, 1, (a.n + a.m) * a.d, a.m * a.e), r->x[2]);
    return h;
}
static Value r_back(Rule *r, Value dy, Value mask)
{
    Value v[5] = {r->x[0], r->x[1], r->x[2], dy, mask};
    return r_op(r, OPID_attention_back, v, is_nil(mask) ? 4 : 5, r->attr, r->nattr);
}

static void adjoint_attention(Rule *r)
{
    Value mask = r->nin > 3 ? r->x[3] : NIL;
    if (need(r, 0) || need(r, 1) || need(r, 2)) {
        Along g = apart(r, r_back(r, r->dy, mask));
        r->dx[0] = g.q;
        r->dx[1] = g.k;
        r->dx[2] = g.v;
    }
    if (r->nin > 3 && need(r, 3)) {
        Value P = r_weights(r, r->x[0], r->x[1], mask), A = r_matmul(r, r->dy, r_swap(r, r->x[2]));
        r->dx[3] = r_mul(r, P, r_sub(r, A, row_sum(r, r_mul(r, A, P))));
    }
}
static void tangent_attention(Rule *r)
{
    Value mask = r->nin > 3 ? r->x[3] : NIL;
    Along g = {r->dxin[0], r->dxin[1], r->dxin[2], r->nin > 3 ? r->dxin[3] : NIL};
    r->dyout = r_forward(r, r_weights(r, r->x[0], r->x[1], mask), &g);
}
OP(attention, .nin = -1, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_ALL, .infer = infer_attention,
   .run = run_attention, .adjoint = adjoint_attention, .tangent = tangent_attention,
   .doc = "softmax(scale q k' + mask) v")

static void adjoint_attention_back(Rule *r)
{
    Value mask = r->nin > 4 ? r->x[4] : NIL, P = r_weights(r, r->x[0], r->x[1], mask);
    Along g = apart(r, r->dy);
    if (need(r, 3)) r->dx[3] = r_forward(r, P, &g);
    if (!need(r, 0) && !need(r, 1) && !need(r, 2) && !(r->nin > 4 && need(r, 4))) return;
    Along h = second(r, P, r->x[3], &g);
    r->dx[0] = h.q;
    r->dx[1] = h.k;
    r->dx[2] = h.v;
    if (r->nin > 4 && need(r, 4)) r->dx[4] = h.mask;
}
static void tangent_attention_back(Rule *r)
{
    Value mask = r->nin > 4 ? r->x[4] : NIL;
    Along g = {r->dxin[0], r->dxin[1], r->dxin[2], r->nin > 4 ? r->dxin[4] : NIL};
    Value a = NIL;
    if (!is_nil(g.q) || !is_nil(g.k) || !is_nil(g.v) || !is_nil(g.mask)) {
        Along h = second(r, r_weights(r, r->x[0], r->x[1], mask), r->x[3], &g);
        a = packed(r, &h);
    }
    r->dyout = r_plus(r, a, is_nil(r->dxin[3]) ? NIL : r_back(r, r->dxin[3], mask));
}
OP(attention_back, .nin = -1, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_ALL, .infer = infer_attention_back,
   .run = run_attention_back, .adjoint = adjoint_attention_back, .tangent = tangent_attention_back,
   .doc = "the slopes of attention, carried back to q, k and v")
