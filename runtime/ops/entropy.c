/* entropy.c -- cross entropy from logits and whole labels, one loss a row, without writing the probabilities.
**
**   x [..., c], labels [...]  ->  logsumexp(x) - (1 - s) x[label] - s mean(x)          s: label smoothing
**
** With t the target, (1 - s) at the label plus s / c everywhere, the slope is u (softmax(x) - t): cross_entropy_back.
** The labels are numbers of any dtype; they are looked at as the loss runs, so it runs when recorded.
** Attributes: [2] s.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/batch.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/rows.h"
#include "runtime/ops/lapack.h"
#include "runtime/ops/walk.h"
#include "runtime/threads.h"

enum { CHUNK = 1024 };

static bool infer_rows(Infer *f)
{
    const Value *x = f->x;
    int rank = val_rank(x[0]) - 1;
    bool fits = rank >= 0 && val_rank(x[1]) == rank &&
                (rank == 0 || !memcmp(val_shape(x[0]), val_shape(x[1]), sizeof(int64_t) * (size_t)rank));
    if (!fits) {
        char a[200], b[200];
        if (!is_tensor(x[0])) return diag_fail(f->S, DIAG_TYPE, "cross_entropy: the logits are a tensor");
        diag_fail(f->S, DIAG_SHAPE, "cross_entropy: logits %s do not go with labels %s", shape_str(x[0].t, a, sizeof a),
                  is_tensor(x[1]) ? shape_str(x[1].t, b, sizeof b) : "(one number)");
        return diag_hint(f->S, "logits are [..., classes], labels [...] with whole numbers (or [..., classes] with "
                               "probabilities)");
    }
    f->dtype = mat_float(f->S, x[0]);
    f->rank = f->nin == 2 ? rank : rank + 1;
    if (f->rank) memcpy(f->shape, val_shape(x[0]), sizeof *f->shape * (size_t)f->rank);
    return true;
}

/* The label of row i, or -1 with an error. */
static int64_t label_at(Run *r, const double *labels, int64_t i, int64_t classes)
{
    double v = labels[i];
    if (v >= 0 && v < (double)classes && v == floor(v)) return (int64_t)v;
    char num[40];
    num_format(num, v);
    if (v == floor(v))
        diag_fail(r->S, DIAG_INDEX, "cross_entropy: label %s of row %lld is out of range: the classes are 0 to %lld",
                  num, (long long)i, (long long)classes - 1);
    else
        diag_fail(r->S, DIAG_INDEX_KIND, "cross_entropy: label %s of row %lld is not a whole number", num, (long long)i);
    return -1;
}

static void exponentials(DType d, int64_t n, void *x)
{
    const void *in[1] = {x};
    int step[1] = {1};
    kernels_pick()[K_exp][d](n, in, step, x, NULL);
}

static double get(DType d, const void *x, int64_t i)
{
    return d == DT_F64 ? ((const double *)x)[i] : (double)((const float *)x)[i];
}

typedef struct Rows {
    DType d;
    int64_t n, c;
    const void *x, *u;
    void *y;
    double smooth;
    const double *labels;
    void *tmp[3];
    size_t cap[3];
} Rows;
static bool rows_open(Run *r, Rows *w)
{
    const Arr *x = &r->x[0];
    *w = (Rows){.d = r->y.dtype, .c = x->shape[x->rank - 1], .y = r->y.p, .smooth = r->attr[2].f};
    w->n = w->c ? x->n / w->c : 0;
    return (w->x = arr_plain(r->S, x, w->d, &w->tmp[0], &w->cap[0])) &&
           (w->labels = arr_plain(r->S, &r->x[1], DT_F64, &w->tmp[1], &w->cap[1])) &&
           (r->nin < 3 || (w->u = arr_plain(r->S, &r->x[2], w->d, &w->tmp[2], &w->cap[2])));
}
static void rows_close(Run *r, Rows *w)
{
    for (int k = 0; k < 3; k++)
        if (w->tmp[k]) mem_block_free(r->S, w->tmp[k], w->cap[k]);
}

static void losses(void *ud, int64_t lo, int64_t hi)
{
    const Rows *w = ud;
    const RowLoops *l = rows_pick(w->d);
    double s = w->smooth, buf[CHUNK];
    for (int64_t i = lo; i < hi; i++) {
        const void *x = at_bytes(w->x, w->d, i * w->c);
        double top = l->largest(w->c, x), sum = 0;
        for (int64_t k = 0; k < w->c; k += CHUNK) {
            int64_t n = w->c - k < CHUNK ? w->c - k : CHUNK;
            l->shift(n, at_bytes(x, w->d, k), top, buf);
            exponentials(w->d, n, buf);
            sum += l->sum(n, buf);
        }
        double loss = log(sum) + (top - get(w->d, x, (int64_t)w->labels[i])) * (1 - s);
        if (s != 0) loss += s * (top - l->sum(w->c, x) / (double)w->c);
        run_copy(at_bytes(w->y, w->d, i), w->d, 1, &loss, DT_F64, 1, 1);
    }
}

static void slopes(void *ud, int64_t lo, int64_t hi)
{
    const Rows *w = ud;
    const RowLoops *l = rows_pick(w->d);
    double s = w->smooth;
    for (int64_t i = lo; i < hi; i++) {
        const void *x = at_bytes(w->x, w->d, i * w->c);
        void *y = at_bytes(w->y, w->d, i * w->c);
        double u = get(w->d, w->u, i);
        int64_t at = (int64_t)w->labels[i];
        if (u == 0) {
            memset(y, 0, (size_t)w->c * dtype_size[w->d]);
            continue;
        }
        l->shift(w->c, x, l->largest(w->c, x), y);
        exponentials(w->d, w->c, y);
        l->scale(w->c, y, u / l->sum(w->c, y), y);
        if (s != 0) l->shift(w->c, y, u * s / (double)w->c, y);
        if (w->d == DT_F64) ((double *)y)[at] -= u * (1 - s);
        else ((float *)y)[at] -= (float)(u * (1 - s));
    }
}

/* All labels are looked at before any row is worked on. */
static bool run_rows(Run *r, ParBody body)
{
    Rows w;
    bool ok = rows_open(r, &w);
    for (int64_t i = 0; ok && i < w.n; i++) ok = label_at(r, w.labels, i, w.c) >= 0;
    ok = ok && par_work(r->S, w.n, (w.d == DT_F64 ? 3 : 1) * (double)w.c, body, &w);
    rows_close(r, &w);
    return ok;
}
static bool run_cross_entropy(Run *r) { return run_rows(r, losses); }
static bool run_cross_entropy_back(Run *r) { return run_rows(r, slopes); }

/* ---- rules ---- */
static Value r_last(Rule *r, OpId op, Value v, bool keep)
{
    Attr a[3] = {{.i = keep}, {.i = (int64_t)1 << (val_rank(r->x[0]) - 1)}, {.f = 0}};
    return r_op(r, op, &v, 1, a, 3);
}
static Value r_back(Rule *r, Value u)
{
    Value v[3] = {r->x[0], r->x[1], u};
    return r_op(r, OPID_cross_entropy_back, v, 3, r->attr, r->nattr);
}
/* [...] as [..., 1] beside the logits */
static Value r_column(Rule *r, Value v)
{
    Attr a[RANK_MAX];
    int rank = val_rank(r->x[0]);
    for (int i = 0; i < rank; i++) a[i].i = i < rank - 1 ? val_shape(r->x[0])[i] : 1;
    return is_nil(v) || !is_tensor(v) ? v : r_op(r, OPID_reshape, &v, 1, a, rank);
}
/* ones of the labels' shape: r_back of them is softmax - target */
static Value r_ones(Rule *r)
{
    Attr a[RANK_MAX];
    Value one = r_num(1);
    int rank = val_rank(r->x[1]);
    for (int i = 0; i < rank; i++) a[i].i = val_shape(r->x[1])[i];
    return rank ? r_op(r, OPID_fill, &one, 1, a, rank) : one;
}
static void adjoint_cross_entropy(Rule *r) { r->dx[0] = r_back(r, r->dy); }
static void tangent_cross_entropy(Rule *r)
{
    r->dyout = r_last(r, OPID_sum, r_mul(r, r_back(r, r_ones(r)), r->dxin[0]), false);
}
OP(cross_entropy_rows, .nin = 2, .batch = b_front, .flags = OPF_HIDDEN | OPF_FAIL, .keep = KEEP_X0 | KEEP_X1,
   .infer = infer_rows, .run = run_cross_entropy, .adjoint = adjoint_cross_entropy, .tangent = tangent_cross_entropy,
   .doc = "-log softmax(x)[label] of each row")

/* u p (g - sum(p g)), p = softmax(x) */
static Value r_second(Rule *r, Value g)
{
    Value p = r_last(r, OPID_softmax, r->x[0], false), pg = r_mul(r, p, g);
    return r_mul(r, r_column(r, r->x[2]), r_sub(r, pg, r_mul(r, p, r_last(r, OPID_sum, pg, true))));
}
static void adjoint_cross_entropy_back(Rule *r)
{
    if (need(r, 0)) r->dx[0] = r_second(r, r->dy);
    if (need(r, 2)) r->dx[2] = r_last(r, OPID_sum, r_mul(r, r_back(r, r_ones(r)), r->dy), false);
}
static void tangent_cross_entropy_back(Rule *r)
{
    Value a = is_nil(r->dxin[0]) ? NIL : r_second(r, r->dxin[0]), b = is_nil(r->dxin[2]) ? NIL : r_back(r, r->dxin[2]);
    r->dyout = is_nil(a) ? b : is_nil(b) ? a : r_add(r, a, b);
}
OP(cross_entropy_back, .nin = 3, .batch = b_front, .flags = OPF_HIDDEN | OPF_FAIL, .keep = KEEP_X0 | KEEP_X1 | KEEP_X2,
   .infer = infer_rows, .run = run_cross_entropy_back, .adjoint = adjoint_cross_entropy_back,
   .tangent = tangent_cross_entropy_back, .doc = "the slope of cross_entropy_rows, carried back")
