/* norm.c -- normalisation of lanes: layer, batch, group and instance norm, and root mean square norm.
**
** With xhat = (x - mean) * r and r = 1 / sqrt(variance + eps) over the lanes of some axes (rms: without the mean), the
** slope J(x) v = r (v - mean(v) - xhat mean(xhat v)) is its own transpose, so one operation, standardize_slope, is the
** adjoint and the tangent. xhat is itself a gradient, so the second derivative is symmetric as well:
**
**   D J(x)[g] u = -r (xhat mean(g s_u) + mean(xhat u) s_g + mean(xhat g) s_u)      s_v = J(x) v
**
** layer_norm does the scale and shift of the last axis in the same pass, and layer_norm_back carries back to all three
** inputs in one: rows of the slope by x, then a row for the gain and one for the bias:
**
**   x [lead..., mid..., m]  gain, bias [lead..., m]  ->  layer_norm_back [lead..., mid + 2, m]
**
** Attributes: [1] bits of the lanes' axes (standardize)  [2] eps  [3] whether the mean is taken away.
** cite  Ba, Kiros, Hinton 2016, "Layer normalization"; Ioffe, Szegedy 2015, "Batch normalization"; Wu, He 2018, "Group
**       normalization"; Zhang, Sennrich 2019, "Root mean square layer normalization" (eps inside the root in all)
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/batch.h"
#include "runtime/kernels/rows.h"
#include "runtime/ops/lapack.h"
#include "runtime/ops/walk.h"
#include "runtime/threads.h"
#include "runtime/vm.h"

enum { POLL = 1 << 16 /* elements between looks at the interrupt */, FLUSH = 64 /* rows */ };
static const double ROW_NS = 0.5; /* for an element of a row, about */

static DType float_of(State *S, const Value *x, int n)
{
    DType d = DT_F32;
    bool any = false;
    for (int i = 0; i < n; i++) {
        if (!is_tensor(x[i])) continue;
        DType k = dtype_float((DType)x[i].t->dtype) ? (DType)x[i].t->dtype : default_float(S);
        d = any && d == DT_F64 ? d : k;
        any = true;
    }
    return any ? d : default_float(S);
}

static bool polled(State *S, int64_t i, int64_t m)
{
    int64_t every = POLL / (m ? m : 1) + 1;
    return (i + 1) % every || vm_check(S);
}

/* ---- lanes of any axes ---- */
static bool infer_standard(Infer *f)
{
    f->dtype = float_of(f->S, f->x, f->nin);
    f->rank = val_rank(f->x[0]);
    if (f->rank) memcpy(f->shape, val_shape(f->x[0]), sizeof *f->shape * (size_t)f->rank);
    return true;
}

typedef struct Standard {
    DType d;
    int64_t m;
    double eps;
    bool centre;
    const void *x, *u;
    void *y;
} Standard;

static void standard_body(void *ud, int64_t lo, int64_t hi)
{
    const Standard *w = ud;
    const RowLoops *l = rows_pick(w->d);
    for (int64_t i = lo; i < hi; i++) {
        const void *x = at_bytes(w->x, w->d, i * w->m);
        void *y = at_bytes(w->y, w->d, i * w->m);
        RowStats s = l->stats(w->m, x, w->eps, w->centre);
        if (w->u) l->slope(w->m, x, at_bytes(w->u, w->d, i * w->m), NULL, s, w->centre, y);
        else l->place(w->m, x, s, NULL, NULL, y);
    }
}

static bool rows_standard(Run *r, DType d, int64_t rows, int64_t m, const void *x, const void *u, void *y)
{
    Standard w = {d, m, r->attr[2].f, r->attr[3].i, x, u, y};
    return par_work(r->S, rows, ROW_NS * (double)m, standard_body, &w);
}

static double inverse_root(double v) { return v == 0 ? 0 : 1 / sqrt(v); }

/* The lanes are the columns of [n, c]: figures of all columns side by side, row after row. Means are taken of what
** differs from the first row, so equal elements give exactly 0. */
#define COLUMNS(NAME, T)                                                                                               \
    static bool NAME(Run *r, int64_t n, int64_t c, const T *x, const T *u, T *y, double *w)                            \
    {                                                                                                                  \
        double *mean = w, *scale = w + c, *a = w + 2 * c, *b = w + 3 * c, eps = r->attr[2].f;                          \
        bool centre = r->attr[3].i;                                                                                    \
        memset(w, 0, sizeof *w * 4 * (size_t)c);                                                                       \
        for (int64_t i = 0; centre && i < n; i++) {                                                                    \
            for (int64_t j = 0; j < c; j++) mean[j] += (double)x[i * c + j] - (double)x[j];                            \
            if (!polled(r->S, i, c)) return false;                                                                     \
        }                                                                                                              \
        for (int64_t j = 0; centre && j < c; j++) mean[j] = (double)x[j] + mean[j] / (double)n;                        \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            for (int64_t j = 0; j < c; j++) {                                                                          \
                double v = (double)x[i * c + j] - mean[j];                                                             \
                scale[j] += v * v;                                                                                     \
            }                                                                                                          \
            if (!polled(r->S, i, c)) return false;                                                                     \
        }                                                                                                              \
        for (int64_t j = 0; j < c; j++) scale[j] = inverse_root(scale[j] / (double)n + eps);                           \
        for (int64_t i = 0; u && i < n; i++) {                                                                         \
            for (int64_t j = 0; j < c; j++) {                                                                          \
                a[j] += (double)u[i * c + j];                                                                          \
                b[j] += (double)u[i * c + j] * (((double)x[i * c + j] - mean[j]) * scale[j]);                          \
            }                                                                                                          \
            if (!polled(r->S, i, c)) return false;                                                                     \
        }                                                                                                              \
        for (int64_t j = 0; j < c; j++) a[j] = centre ? a[j] / (double)n : 0, b[j] /= (double)n;                       \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            if (u)                                                                                                     \
                for (int64_t j = 0; j < c; j++) {                                                                      \
                    double h = ((double)x[i * c + j] - mean[j]) * scale[j];                                            \
                    y[i * c + j] = (T)(scale[j] * ((double)u[i * c + j] - a[j] - h * b[j]));                           \
                }                                                                                                      \
            else                                                                                                       \
                for (int64_t j = 0; j < c; j++) y[i * c + j] = (T)(((double)x[i * c + j] - mean[j]) * scale[j]);       \
            if (!polled(r->S, i, c)) return false;                                                                     \
        }                                                                                                              \
        return true;                                                                                                   \
    }
COLUMNS(columns_f64, double)
COLUMNS(columns_f32, float)

/* x, and u when there is one, as rows: the kept axes first, then those of mask. */
static bool standard(Run *r)
{
    State *S = r->S;
    DType d = r->y.dtype;
    const Arr *x = &r->x[0];
    uint32_t mask = (uint32_t)r->attr[1].i;
    int64_t m = 1, tail = 1, shape[RANK_MAX], st[3][RANK_MAX], full[RANK_MAX], plain[RANK_MAX];
    int n = 0, last = x->rank - 1;
    size_t caps[3] = {0};
    void *tmp[3] = {NULL};
    if (r->y.n == 0) return true;
    row_major(x->rank, x->shape, full);
    for (int i = 0; i < x->rank; i++)
        if (mask >> i & 1) m *= x->shape[i];
    for (int i = last; i >= 0 && mask >> i & 1; i--) tail *= x->shape[i];
    int64_t rows = r->y.n / m, cols = 1;
    int first = 0;
    while (first <= last && mask >> first & 1) first++;
    for (int i = first; i <= last; i++) cols *= mask >> i & 1 ? 0 : x->shape[i];
    bool ok = true;
    if (tail == m || (cols > 1 && cols == rows)) {
        const void *p[2] = {NULL, NULL};
        for (int k = 0; k < r->nin && ok; k++) ok = (p[k] = arr_plain(S, &r->x[k], d, &tmp[k], &caps[k])) != NULL;
        if (ok && tail == m) ok = rows_standard(r, d, rows, m, p[0], p[1], r->y.p);
        else if (ok) {
            double *w = tmp[2] = mem_block(S, sizeof(double) * 4 * (size_t)cols, &caps[2]);
            ok = w && (d == DT_F64 ? columns_f64(r, m, cols, p[0], p[1], r->y.p, w)
                                   : columns_f32(r, m, cols, p[0], p[1], r->y.p, w));
        }
    } else {
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < x->rank; i++)
                if ((int)(mask >> i & 1) == pass) {
                    shape[n] = x->shape[i];
                    for (int k = 0; k < r->nin; k++) st[k][n] = r->x[k].stride[i];
                    st[2][n++] = full[i];
                }
        row_major(n, shape, plain);
        for (int k = 0; k < 3 && ok; k++) {
            if (k == 1 && r->nin < 2) continue;
            ok = (tmp[k] = mem_block(S, (size_t)r->y.n * dtype_size[d], &caps[k])) != NULL;
            if (ok && k < 2) arr_copy(n, shape, tmp[k], d, plain, r->x[k].p, r->x[k].dtype, st[k]);
        }
        ok = ok && rows_standard(r, d, rows, m, tmp[0], r->nin > 1 ? tmp[1] : NULL, tmp[2]);
        if (ok) arr_copy(n, shape, r->y.p, d, st[2], tmp[2], d, plain);
    }
    for (int k = 0; k < 3; k++)
        if (tmp[k]) mem_block_free(S, tmp[k], caps[k]);
    return ok;
}

/* ---- rules ---- */
static Value r_standard(Rule *r, OpId op, Value x, Value u, uint32_t mask)
{
    Value v[2] = {x, u};
    Attr a[4] = {{.i = 0}, {.i = mask}, r->attr[2], r->attr[3]};
    return r_op(r, op, v, op == OPID_standardize ? 1 : 2, a, 4);
}
static Value r_fold(Rule *r, OpId op, Value v, uint32_t mask, bool keep)
{
    Attr a[3] = {{.i = keep}, {.i = mask}, {.f = 0}};
    return mask || op != OPID_sum ? r_op(r, op, &v, 1, a, 3) : v;
}
static Value scaled(Rule *r, Value a, Value b) { return is_nil(a) || is_nil(b) ? NIL : r_mul(r, a, b); }

/* 1 / sqrt(variance + eps), the lanes' axes kept with size 1 */
static Value r_inverse(Rule *r, Value x, uint32_t mask)
{
    Value v = r->attr[3].i ? r_fold(r, OPID_variance, x, mask, true)
                           : r_fold(r, OPID_mean, r_1(r, OPID_square, x), mask, true);
    return r_1(r, OPID_reciprocal, r_1(r, OPID_sqrt, r_add(r, v, r_num(r->attr[2].f))));
}

/* The derivative of J(x) u along g by x; su = J(x) u. */
static Value r_curve(Rule *r, Value x, Value u, Value su, Value g, uint32_t mask)
{
    Value h = r_standard(r, OPID_standardize, x, NIL, mask), sg = r_standard(r, OPID_standardize_slope, x, g, mask);
    Value a = r_mul(r, h, r_fold(r, OPID_mean, r_mul(r, g, su), mask, true));
    Value b = r_mul(r, sg, r_fold(r, OPID_mean, r_mul(r, h, u), mask, true));
    Value c = r_mul(r, su, r_fold(r, OPID_mean, r_mul(r, h, g), mask, true));
    return r_neg(r, r_mul(r, r_inverse(r, x, mask), r_add(r, a, r_add(r, b, c))));
}

static uint32_t mask_of(const Rule *r) { return (uint32_t)r->attr[1].i; }
static void adjoint_standardize(Rule *r)
{
    r->dx[0] = r_standard(r, OPID_standardize_slope, r->x[0], r->dy, mask_of(r));
}
static void tangent_standardize(Rule *r)
{
    r->dyout = r_standard(r, OPID_standardize_slope, r->x[0], r->dxin[0], mask_of(r));
}
OP(standardize, .nin = 1, .batch = b_mask, .flags = OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_standard,
   .run = standard, .adjoint = adjoint_standardize, .tangent = tangent_standardize,
   .doc = "(x - mean) / sqrt(variance + eps) over axes")

static void adjoint_standardize_slope(Rule *r)
{
    if (need(r, 0)) r->dx[0] = r_curve(r, r->x[0], r->x[1], r->y, r->dy, mask_of(r));
    if (need(r, 1)) r->dx[1] = r_standard(r, OPID_standardize_slope, r->x[0], r->dy, mask_of(r));
}
static void tangent_standardize_slope(Rule *r)
{
    Value a = NIL, b = NIL;
    if (!is_nil(r->dxin[0])) a = r_curve(r, r->x[0], r->x[1], r->y, r->dxin[0], mask_of(r));
    if (!is_nil(r->dxin[1])) b = r_standard(r, OPID_standardize_slope, r->x[0], r->dxin[1], mask_of(r));
    r->dyout = r_plus(r, a, b);
}
OP(standardize_slope, .nin = 2, .batch = b_mask, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1 | KEEP_Y,
   .infer = infer_standard, .run = standard, .adjoint = adjoint_standardize_slope, .tangent = tangent_standardize_slope,
   .doc = "the slope of standardize at x, times u")

/* ---- the last axis, scaled and shifted ---- */
static bool side_fits(Value x, Value g)
{
    int rx = val_rank(x), rg = val_rank(g);
    if (rg < 1 || rx < rg || val_shape(g)[rg - 1] != val_shape(x)[rx - 1]) return false;
    return rg == 1 || !memcmp(val_shape(g), val_shape(x), sizeof(int64_t) * (size_t)(rg - 1));
}
static bool infer_layer_norm(Infer *f)
{
    const Value *x = f->x;
    static const char *const side[3] = {"x", "gain", "bias"};
    char a[200], b[200];
    for (int i = 1; i < 3; i++)
        if (!is_tensor(x[0]) || !side_fits(x[0], x[i]) || (i == 2 && !shape_equal(x[1].t, x[2].t))) {
            if (!is_tensor(x[0])) return diag_fail(f->S, DIAG_TYPE, "layer_norm takes a tensor");
            diag_fail(f->S, DIAG_SHAPE, "layer_norm: `%s` %s does not go with x %s", side[i],
                      is_tensor(x[i]) ? shape_str(x[i].t, b, sizeof b) : "(a number)", shape_str(x[0].t, a, sizeof a));
            return diag_hint(f->S, "it has the size of the last axis of x, here %lld",
                             (long long)val_shape(x[0])[val_rank(x[0]) - 1]);
        }
    f->dtype = float_of(f->S, x, f->nin);
    f->rank = val_rank(x[0]);
    memcpy(f->shape, val_shape(x[0]), sizeof *f->shape * (size_t)f->rank);
    return true;
}

/* x [groups, rows, m] */
typedef struct Sides {
    int64_t groups, rows, m;
} Sides;
static Sides sides_of(int rank, const int64_t *shape, int rg)
{
    Sides s = {1, 1, shape[rank - 1]};
    for (int i = 0; i < rank - 1; i++) *(i < rg - 1 ? &s.groups : &s.rows) *= shape[i];
    return s;
}

typedef struct Plain {
    const void *p[3];
    void *tmp[3];
    size_t cap[3];
} Plain;
static bool plain_open(Run *r, Plain *p)
{
    memset(p, 0, sizeof *p);
    for (int k = 0; k < 3; k++)
        if (!(p->p[k] = arr_plain(r->S, &r->x[k], r->y.dtype, &p->tmp[k], &p->cap[k]))) return false;
    return true;
}
static void plain_close(Run *r, Plain *p)
{
    for (int k = 0; k < 3; k++)
        if (p->tmp[k]) mem_block_free(r->S, p->tmp[k], p->cap[k]);
}

typedef struct LayerNorm {
    DType d;
    Sides s;
    double eps;
    bool centre;
    Plain in;
    void *y;
    /* going back: sums of stretches of `stretch` rows, gain and bias, each [2 m] in f64, then room for 64 rows as they are */
    int64_t stretch, stretches;
    double *sums;
} LayerNorm;

static bool layer_norm_open(Run *r, LayerNorm *w)
{
    *w = (LayerNorm){.d = r->y.dtype, .eps = r->attr[2].f, .centre = r->attr[3].i, .y = r->y.p};
    w->s = sides_of(r->x[0].rank, r->x[0].shape, r->x[1].rank);
    return plain_open(r, &w->in);
}

static void layer_norm_body(void *ud, int64_t lo, int64_t hi)
{
    const LayerNorm *w = ud;
    const RowLoops *l = rows_pick(w->d);
    int64_t m = w->s.m;
    for (int64_t i = lo; i < hi; i++) {
        const void *x = at_bytes(w->in.p[0], w->d, i * m);
        RowStats at = l->stats(m, x, w->eps, w->centre);
        int64_t g = i / w->s.rows * m;
        l->place(m, x, at, at_bytes(w->in.p[1], w->d, g), at_bytes(w->in.p[2], w->d, g), at_bytes(w->y, w->d, i * m));
    }
}

static bool run_layer_norm(Run *r)
{
    LayerNorm w;
    if (r->y.n == 0) return true;
    bool ok = layer_norm_open(r, &w);
    ok = ok && par_work(r->S, w.s.groups * w.s.rows, ROW_NS * (double)w.s.m, layer_norm_body, &w);
    plain_close(r, &w.in);
    return ok;
}

static bool infer_layer_norm_back(Infer *f)
{
    int rg = val_rank(f->x[1]);
    Sides s = sides_of(val_rank(f->x[0]), val_shape(f->x[0]), rg);
    f->dtype = float_of(f->S, f->x, f->nin);
    f->rank = rg + 1;
    if (f->rank > RANK_MAX) return diag_fail(f->S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    for (int i = 0; i < rg - 1; i++) f->shape[i] = val_shape(f->x[0])[i];
    f->shape[rg - 1] = s.rows + 2;
    f->shape[rg] = s.m;
    return true;
}

/* sum[i] (f64) += part[i], which starts again from 0 */
static void flush(DType d, int64_t n, void *part, double *sum)
{
    for (int64_t i = 0; i < n; i++) sum[i] += d == DT_F64 ? ((double *)part)[i] : (double)((float *)part)[i];
    memset(part, 0, (size_t)n * dtype_size[d]);
}

/* Stretches of rows lo.. of all groups. */
static void layer_norm_back_body(void *ud, int64_t lo, int64_t hi)
{
    const LayerNorm *w = ud;
    const RowLoops *l = rows_pick(w->d);
    DType d = w->d;
    int64_t m = w->s.m, rows = w->s.rows;
    for (int64_t k = lo; k < hi; k++) {
        int64_t g = k / w->stretches, i = k % w->stretches * w->stretch,
                end = rows - i < w->stretch ? rows : i + w->stretch;
        void *y = at_bytes(w->y, d, g * (rows + 2) * m);
        double *sum = w->sums + k * 4 * m;
        void *part = sum + 2 * m;
        memset(sum, 0, sizeof *sum * 4 * (size_t)m);
        for (int64_t n = 1; i < end; i++, n++) {
            const void *x = at_bytes(w->in.p[0], d, (g * rows + i) * m),
                       *u = at_bytes(w->in.p[2], d, (g * rows + i) * m);
            RowStats at = l->stats(m, x, w->eps, w->centre);
            l->slope(m, x, u, at_bytes(w->in.p[1], d, g * m), at, w->centre, at_bytes(y, d, i * m));
            l->gather(m, x, u, at, part, at_bytes(part, d, m));
            if (n % FLUSH == 0) flush(d, 2 * m, part, sum);
        }
        flush(d, 2 * m, part, sum);
    }
}

static bool run_layer_norm_back(Run *r)
{
    enum { STRETCHES = 32, SHORT = 64 };
    LayerNorm w;
    if (r->y.n == 0) return true;
    size_t cap = 0;
    bool ok = layer_norm_open(r, &w);
    DType d = w.d;
    int64_t m = w.s.m, rows = w.s.rows;
    w.stretch = (rows + STRETCHES - 1) / STRETCHES; /* a matter of sizes alone */
    w.stretch = w.stretch < SHORT ? SHORT : w.stretch;
    w.stretches = rows ? (rows + w.stretch - 1) / w.stretch : 1; /* the sums of no rows are 0 */
    ok = ok && (w.sums = mem_block(r->S, sizeof *w.sums * 4 * (size_t)(m * w.stretches * w.s.groups), &cap)) != NULL;
    ok = ok && par_work(r->S, w.stretches * w.s.groups, 3 * ROW_NS * (double)(m * w.stretch), layer_norm_back_body, &w);
    for (int64_t g = 0; ok && g < w.s.groups; g++) {
        double *sum = w.sums + g * w.stretches * 4 * m;
        for (int64_t k = 1; k < w.stretches; k++)
            for (int64_t i = 0; i < 2 * m; i++) sum[i] += sum[k * 4 * m + i];
        run_copy(at_bytes(w.y, d, (g * (rows + 2) + rows) * m), d, 1, sum, DT_F64, 1, 2 * m);
    }
    if (w.sums) mem_block_free(r->S, w.sums, cap);
    plain_close(r, &w.in);
    return ok;
}

/* gain [lead..., m] beside x [lead..., mid..., m] */
static Value r_side(Rule *r, Value g, Value x)
{
    Attr a[RANK_MAX];
    int rg = val_rank(g), rx = val_rank(x);
    if (is_nil(g) || rg == 1) return g;
    for (int i = 0; i < rx; i++) a[i].i = i < rg - 1 || i == rx - 1 ? val_shape(x)[i] : 1;
    return r_op(r, OPID_reshape, &g, 1, a, rx);
}
/* and what has x's shape, summed over mid */
static Value r_sum_mid(Rule *r, Value v)
{
    int rx = val_rank(r->x[0]), rg = val_rank(r->x[1]);
    uint32_t mask = (1u << (rx - 1)) - (1u << (rg - 1));
    return is_nil(v) ? v : r_fold(r, OPID_sum, v, mask, false);
}
static uint32_t last_axis(const Rule *r) { return 1u << (val_rank(r->x[0]) - 1); }
static int64_t mid_rows(const Rule *r)
{
    return sides_of(val_rank(r->x[0]), val_shape(r->x[0]), val_rank(r->x[1])).rows;
}

static void adjoint_layer_norm(Rule *r)
{
    Value v[3] = {r->x[0], r->x[1], r->dy}, g = r_op(r, OPID_layer_norm_back, v, 3, r->attr, r->nattr);
    int64_t k = mid_rows(r);
    if (need(r, 0)) r->dx[0] = r_reshape(r, r_part(r, g, 2, 0, k), r->x[0]);
    if (need(r, 1)) r->dx[1] = r_pick(r, g, 2, k);
    if (need(r, 2)) r->dx[2] = r_pick(r, g, 2, k + 1);
}
static void tangent_layer_norm(Rule *r)
{
    Value x = r->x[0], a = NIL, b = NIL;
    if (!is_nil(r->dxin[0]))
        a = r_mul(r, r_standard(r, OPID_standardize_slope, x, r->dxin[0], last_axis(r)), r_side(r, r->x[1], x));
    if (!is_nil(r->dxin[1]))
        b = r_mul(r, r_standard(r, OPID_standardize, x, NIL, last_axis(r)), r_side(r, r->dxin[1], x));
    r->dyout = r_broadcast(r, r_plus(r, r_plus(r, a, b), r_side(r, r->dxin[2], x)), x);
}
OP(layer_norm, .nin = 3, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .infer = infer_layer_norm,
   .run = run_layer_norm, .adjoint = adjoint_layer_norm, .tangent = tangent_layer_norm,
   .doc = "the last axis standardized, times gain, plus bias")

/* The parts of what goes along layer_norm_back, from cotangents or for tangents, by rows. */
static Value r_pack(Rule *r, Value x, Value dx, Value dg, Value db)
{
    int rg = val_rank(r->x[1]);
    Attr a[RANK_MAX];
    Value v[3] = {NIL, NIL, NIL}, in[3] = {dx, dg, db};
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < rg - 1; i++) a[i].i = val_shape(x)[i];
        a[rg - 1].i = k == 0 ? mid_rows(r) : 1;
        a[rg].i = val_shape(x)[val_rank(x) - 1];
        if (is_nil(in[k])) return NIL;
        v[k] = r_op(r, OPID_reshape, &in[k], 1, a, rg + 1);
    }
    return r_join(r, 2, v, 3);
}

static void adjoint_layer_norm_back(Rule *r)
{
    Value x = r->x[0], w = r_side(r, r->x[1], x), u = r->x[2];
    int64_t k = mid_rows(r);
    uint32_t mask = last_axis(r);
    Value gx = r_reshape(r, r_part(r, r->dy, 2, 0, k), x), gg = r_side(r, r_pick(r, r->dy, 2, k), x),
          gb = r_side(r, r_pick(r, r->dy, 2, k + 1), x);
    Value sg = r_standard(r, OPID_standardize_slope, x, gx, mask);
    if (need(r, 0)) {
        Value v = scaled(r, w, u), sv = r_standard(r, OPID_standardize_slope, x, v, mask);
        r->dx[0] = r_add(r, r_curve(r, x, v, sv, gx, mask),
                         r_standard(r, OPID_standardize_slope, x, scaled(r, u, gg), mask));
    }
    if (need(r, 1)) r->dx[1] = r_sum_mid(r, scaled(r, u, sg));
    if (need(r, 2)) {
        Value h = r_standard(r, OPID_standardize, x, NIL, mask);
        r->dx[2] = r_add(r, r_add(r, scaled(r, w, sg), scaled(r, h, gg)), gb);
    }
}
static void tangent_layer_norm_back(Rule *r)
{
    Value x = r->x[0], w = r_side(r, r->x[1], x), u = r->x[2], dw = r_side(r, r->dxin[1], x), du = r->dxin[2];
    Value dx = r->dxin[0], a = NIL, g = NIL, zero = r_zeros_like(r, x);
    uint32_t mask = last_axis(r);
    Value dv = r_plus(r, scaled(r, dw, u), scaled(r, w, du));
    if (!is_nil(dx)) {
        Value v = scaled(r, w, u), sv = r_standard(r, OPID_standardize_slope, x, v, mask);
        a = r_curve(r, x, v, sv, dx, mask);
        g = scaled(r, r_standard(r, OPID_standardize_slope, x, dx, mask), u);
    }
    if (!is_nil(dv)) a = r_plus(r, a, r_standard(r, OPID_standardize_slope, x, dv, mask));
    if (!is_nil(du)) g = r_plus(r, g, scaled(r, r_standard(r, OPID_standardize, x, NIL, mask), du));
    r->dyout = r_pack(r, x, is_nil(a) ? zero : a, r_sum_mid(r, is_nil(g) ? zero : g),
                      r_sum_mid(r, is_nil(du) ? zero : du));
}
OP(layer_norm_back, .nin = 3, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1 | KEEP_X2,
   .infer = infer_layer_norm_back, .run = run_layer_norm_back, .adjoint = adjoint_layer_norm_back,
   .tangent = tangent_layer_norm_back, .doc = "the slopes of layer_norm, carried back: rows by x, by gain, by bias")
