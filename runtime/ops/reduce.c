/* reduce.c -- operations that fold or scan along axes.
**
** Every kernel here sees *lanes*: for one place on the kept axes, all elements along the reduced ones. A
** lane is read in chunks of up to CHUNK elements as f64 (integers: i64), so one body serves all dtypes and
** strides, f32 accumulates in f64, and the order of summation depends on shape and layout alone. Sums inside a chunk
** run in eight or more accumulators, chunks are added pairwise; floats that lie together are summed in place. When the innermost axis is kept, sums, products and
** extremes go row by row instead.
**
** Attributes: [0] keep  [1] bits of the reduced axes  [2] ddof or q; of sum: 1 adds floats one after the other.
** Scans: [0] axis  [1] reversed.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/kernels/fold.h"
#include "runtime/kernels/kernels.h"
#include "runtime/ops/order.h"
#include "runtime/ops/walk.h"
#include "runtime/threads.h"

enum { CHUNK = 1024, BLOCK_ROWS = 128, COLS = 128 /* columns of a piece */, DENSE = 64 };
static const double LANE_NS = 0.5; /* an element, about */
typedef union Cell {
    double f;
    int64_t i;
} Cell;

/* ---- lanes ---- */
typedef struct Lane {
    const Arr *x;
    Walk start;                  /* over the reduced axes, from the first element */
    Walk w;                      /* where it stands */
    int64_t n, base, left, done; /* elements; of w's run: how many were given */
    const FoldLoops *loops;      /* of a float dtype, else NULL */
} Lane;

static void lane_rewind(Lane *l)
{
    l->w = l->start;
    l->done = 0;
    l->left = l->n;
}

static void lane_init(State *S, Lane *l, const Arr *x, uint32_t mask)
{
    int64_t shape[RANK_MAX], stride[RANK_MAX];
    int k = 0;
    const int64_t *st[1] = {stride};
    l->x = x;
    l->n = 1;
    l->loops = dtype_float(x->dtype) ? folds_pick(x->dtype, S->isa) : NULL;
    for (int i = 0; i < x->rank; i++)
        if (mask >> i & 1) shape[k] = x->shape[i], l->n *= x->shape[i], stride[k++] = x->stride[i];
    walk_init(&l->start, k, shape, 1, st);
    l->base = 0;
    lane_rewind(l);
}

/* n elements of w's run were given. */
static inline void lane_step(Lane *l, int64_t n)
{
    l->left -= n;
    l->done += n;
    if (l->done == l->w.n) l->done = 0, walk_next(&l->w);
}

/* The next elements as `as` (DT_F64, DT_I64 or DT_BOOL), in place when they are so already, else in buf. */
static const void *lane_next(Lane *l, DType as, void *buf, int64_t *n)
{
    if (l->left == 0) return NULL;
    const Arr *x = l->x;
    int64_t run = l->w.n - l->done, got = 0;
    if (x->dtype == as && l->w.step[0] == 1 && (run >= CHUNK || run == l->left)) {
        *n = run < CHUNK ? run : CHUNK;
        const void *p = at_bytes(x->p, as, l->base + l->w.off[0] + l->done);
        lane_step(l, *n);
        return p;
    }
    while (got < CHUNK && l->left) {
        run = l->w.n - l->done;
        if (run > CHUNK - got) run = CHUNK - got;
        run_copy(at_bytes(buf, as, got), as, 1,
                 at_bytes(x->p, x->dtype, l->base + l->w.off[0] + l->done * l->w.step[0]), x->dtype, l->w.step[0], run);
        got += run;
        lane_step(l, run);
    }
    *n = got;
    return buf;
}

/* Lanes do not depend on each other: threads take some of the first kept axis each. */
typedef struct FoldLanes {
    Run *r;
    DType out;
    void (*fold)(Lane *l, const Attr *a, Cell *y);
    int kept;
    int64_t shape[RANK_MAX], stride[RANK_MAX];
    Lane lane;
} FoldLanes;

static void fold_lanes_body(void *ud, int64_t lo, int64_t hi)
{
    const FoldLanes *f = ud;
    Run *r = f->r;
    int64_t shape[RANK_MAX], o = lo, base = 0;
    const int64_t *st[1] = {f->stride};
    Lane l = f->lane;
    Walk w;
    memcpy(shape, f->shape, sizeof shape);
    if (f->kept) {
        shape[0] = hi - lo;
        base = lo * f->stride[0];
        for (int i = 1; i < f->kept; i++) o *= shape[i];
    }
    for (bool on = walk_init(&w, f->kept, shape, 1, st); on; on = walk_next(&w))
        for (int64_t i = 0; i < w.n; i++) {
            Cell y;
            l.base = base + w.off[0] + i * w.step[0];
            lane_rewind(&l);
            f->fold(&l, r->attr, &y);
            run_copy(at_bytes(r->y.p, r->y.dtype, o++), r->y.dtype, 1, &y, f->out, 1, 1);
        }
}

/* Visits the kept places in row-major order; calls fold for each and stores what it gives. */
static bool fold_lanes(Run *r, DType out, void (*fold)(Lane *l, const Attr *a, Cell *y))
{
    const Arr *x = &r->x[0];
    uint32_t mask = (uint32_t)r->attr[1].i;
    FoldLanes f = {.r = r, .out = out, .fold = fold};
    for (int i = 0; i < x->rank; i++)
        if (!(mask >> i & 1) && (f.kept || x->shape[i] != 1))
            f.shape[f.kept] = x->shape[i], f.stride[f.kept++] = x->stride[i];
    lane_init(r->S, &f.lane, x, mask);
    int64_t n = f.kept ? f.shape[0] : 1;
    par_for(r->S, n, par_grain(LANE_NS * (double)(x->n / (n ? n : 1)) + 1), fold_lanes_body, &f);
    return true;
}

/* ---- folds of chunks ---- */
static double sum8(const double *p, int64_t n)
{
    double s[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int k = 0; k < 8; k++) s[k] += p[i + k];
    for (int k = 0; i < n; i++, k++) s[k] += p[i];
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* sum8 of a few numbers; n is a constant where this is called. */
static inline __attribute__((always_inline)) double sum_few(const double *p, int n)
{
    double s[8];
    for (int k = 0; k < 8; k++) s[k] = k < n ? 0.0 + p[k] : 0.0;
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

#define SUM_ROWS(N)                                                                                                    \
    case N:                                                                                                            \
        for (int64_t i = 0; i < rows; i++) y[i] = sum_few(p + i * N, N);                                               \
        return true

/* Short rows that lie one behind the other, each at once; they give what a lane of them gives. */
static bool sum_rows(Run *r)
{
    const Arr *x = &r->x[0];
    int last = x->rank - 1;
    int64_t dense[RANK_MAX];
    if (last < 1 || x->dtype != DT_F64 || r->y.dtype != DT_F64 || r->attr[1].i != (int64_t)1 << last) return false;
    row_major(x->rank, x->shape, dense);
    for (int i = 0; i <= last; i++)
        if (x->shape[i] != 1 && x->stride[i] != dense[i]) return false;
    int64_t n = x->shape[last], rows = r->y.n;
    const double *p = x->p;
    double *y = r->y.p;
    switch (n) {
        SUM_ROWS(1);
        SUM_ROWS(2);
        SUM_ROWS(3);
        SUM_ROWS(4);
        SUM_ROWS(5);
        SUM_ROWS(6);
        SUM_ROWS(7);
        SUM_ROWS(8);
    default: break;
    }
    if (n < 1 || n > CHUNK) return false;
    for (int64_t i = 0; i < rows; i++) y[i] = sum8(p + i * n, n);
    return true;
}

/* Adds parts pairwise: a binary counter of partial sums. */
typedef struct Pairs {
    double at[64];
    uint64_t n;
} Pairs;
static void pairs_add(Pairs *p, double v)
{
    int k = 0;
    for (; p->n >> k & 1; k++) v += p->at[k];
    p->at[k] = v;
    p->n++;
}
static double pairs_sum(const Pairs *p)
{
    double s = 0;
    for (int k = 0; k < 64 && p->n >> k; k++)
        if (p->n >> k & 1) s = p->at[k] + s;
    return s;
}

static double lane_sum(Lane *l)
{
    double buf[CHUNK];
    const double *p;
    int64_t n;
    Pairs s;
    s.n = 0;
    while (l->left) {
        n = l->w.n - l->done;
        if (l->loops && l->w.step[0] == 1 && n >= DENSE) { /* where it lies */
            if (n > CHUNK) n = CHUNK;
            pairs_add(&s, l->loops->total(n, at_bytes(l->x->p, l->x->dtype, l->base + l->w.off[0] + l->done)));
            lane_step(l, n);
        } else if ((p = lane_next(l, DT_F64, buf, &n))) {
            pairs_add(&s, sum8(p, n));
        }
    }
    return pairs_sum(&s);
}

static void fold_sum(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    y->f = lane_sum(l);
}
/* As a loop adds: what a comprehension's sum is. */
static void fold_sum_in_order(Lane *l, const Attr *a, Cell *y)
{
    double buf[CHUNK], s = 0;
    const double *p;
    int64_t n;
    (void)a;
    while ((p = lane_next(l, DT_F64, buf, &n)))
        for (int64_t i = 0; i < n; i++) s += p[i];
    y->f = s;
}
static void fold_mean(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    y->f = lane_sum(l) / (double)l->n;
}

static void fold_sum_int(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    int64_t buf[CHUNK], n;
    const int64_t *p;
    uint64_t s = 0; /* wraps, as NumPy's */
    while ((p = lane_next(l, DT_I64, buf, &n)))
        for (int64_t i = 0; i < n; i++) s += (uint64_t)p[i];
    y->i = (int64_t)s;
}

static void fold_prod(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    double buf[CHUNK], s = 1; /* in order, so that what is 0 stays 0 */
    const double *p;
    int64_t n;
    while ((p = lane_next(l, DT_F64, buf, &n)))
        for (int64_t i = 0; i < n; i++) s *= p[i];
    y->f = s;
}

static void fold_prod_int(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    int64_t buf[CHUNK], n;
    const int64_t *p;
    uint64_t s = 1;
    while ((p = lane_next(l, DT_I64, buf, &n)))
        for (int64_t i = 0; i < n; i++) s *= (uint64_t)p[i];
    y->i = (int64_t)s;
}

static double lane_extreme(Lane *l, double sign) /* largest of sign * x, times sign; NaN when there is one */
{
    double buf[CHUNK], m[8];
    const double *p;
    int64_t n;
    int bad = 0;
    for (int k = 0; k < 8; k++) m[k] = -INFINITY;
    while ((p = lane_next(l, DT_F64, buf, &n))) {
        int64_t i = 0;
        for (; i + 8 <= n; i += 8)
            for (int k = 0; k < 8; k++) {
                double v = sign * p[i + k];
                m[k] = v > m[k] ? v : m[k];
                bad |= v != v;
            }
        for (; i < n; i++) {
            double v = sign * p[i];
            m[0] = v > m[0] ? v : m[0];
            bad |= v != v;
        }
    }
    for (int k = 1; k < 8; k++) m[0] = m[k] > m[0] ? m[k] : m[0];
    return bad ? NAN : sign * m[0];
}
static void fold_max(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    y->f = lane_extreme(l, 1);
}
static void fold_min(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    y->f = lane_extreme(l, -1);
}

static void lane_extreme_int(Lane *l, bool up, Cell *y)
{
    int64_t buf[CHUNK], n, m = up ? INT64_MIN : INT64_MAX;
    const int64_t *p;
    while ((p = lane_next(l, DT_I64, buf, &n)))
        for (int64_t i = 0; i < n; i++) m = up ? (p[i] > m ? p[i] : m) : (p[i] < m ? p[i] : m);
    y->i = m;
}
static void fold_max_int(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    lane_extreme_int(l, true, y);
}
static void fold_min_int(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    lane_extreme_int(l, false, y);
}

static void fold_truth(Lane *l, bool any, Cell *y)
{
    uint8_t buf[CHUNK];
    const uint8_t *p;
    int64_t n;
    while ((p = lane_next(l, DT_BOOL, buf, &n)))
        if (memchr(p, any, (size_t)n)) {
            y->i = any;
            return;
        }
    y->i = !any;
}
static void fold_any(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    fold_truth(l, true, y);
}
static void fold_all(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    fold_truth(l, false, y);
}

static void fold_arg(Lane *l, bool up, Cell *y)
{
    double buf[CHUNK], best = 0;
    const double *p;
    int64_t n, at = 0;
    y->i = 0;
    while ((p = lane_next(l, DT_F64, buf, &n)))
        for (int64_t i = 0; i < n; i++, at++) {
            if (p[i] != p[i]) {
                y->i = at;
                return;
            }
            if (at == 0 || (up ? p[i] > best : p[i] < best)) best = p[i], y->i = at;
        }
}
static void fold_argmax(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    fold_arg(l, true, y);
}
static void fold_argmin(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    fold_arg(l, false, y);
}

static void fold_arg_int(Lane *l, bool up, Cell *y)
{
    int64_t buf[CHUNK], n, at = 0, best = 0;
    const int64_t *p;
    y->i = 0;
    while ((p = lane_next(l, DT_I64, buf, &n)))
        for (int64_t i = 0; i < n; i++, at++)
            if (at == 0 || (up ? p[i] > best : p[i] < best)) best = p[i], y->i = at;
}
static void fold_argmax_int(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    fold_arg_int(l, true, y);
}
static void fold_argmin_int(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    fold_arg_int(l, false, y);
}

/* Two passes: the mean, then the squares of what differs from it. */
static void fold_variance(Lane *l, const Attr *a, Cell *y)
{
    double m = lane_sum(l) / (double)l->n, buf[CHUNK], sq[CHUNK];
    const double *p;
    int64_t n;
    Pairs s;
    s.n = 0;
    lane_rewind(l);
    while ((p = lane_next(l, DT_F64, buf, &n))) {
        for (int64_t i = 0; i < n; i++) sq[i] = (p[i] - m) * (p[i] - m);
        pairs_add(&s, sum8(sq, n));
    }
    y->f = pairs_sum(&s) / ((double)l->n - a[2].f);
}
static void fold_std(Lane *l, const Attr *a, Cell *y)
{
    fold_variance(l, a, y);
    y->f = sqrt(y->f);
}

static double lane_squares(Lane *l, double scale)
{
    double buf[CHUNK], sq[CHUNK];
    const double *p;
    int64_t n;
    Pairs s;
    s.n = 0;
    while ((p = lane_next(l, DT_F64, buf, &n))) {
        for (int64_t i = 0; i < n; i++) sq[i] = (p[i] * scale) * (p[i] * scale);
        pairs_add(&s, sum8(sq, n));
    }
    return pairs_sum(&s);
}

static void fold_norm(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    double s = lane_squares(l, 1);
    if (s > 1e-290 && s < 1e300) {
        y->f = sqrt(s);
        return;
    }
    if (s != s) { /* a NaN, or an infinity beside anything */
        y->f = s;
        return;
    }
    lane_rewind(l);
    if (l->n == 0) {
        y->f = 0;
        return;
    }
    double big = lane_extreme(l, 1), small;
    lane_rewind(l);
    small = -lane_extreme(l, -1);
    if (small > big) big = small;
    if (big == 0 || isinf(big)) {
        y->f = big;
        return;
    }
    int e; /* a power of two, so that scaling is exact */
    frexp(big, &e);
    e = e > 1000 ? 1000 : e < -1000 ? -1000 : e;
    lane_rewind(l);
    y->f = ldexp(sqrt(lane_squares(l, ldexp(1, -e))), e);
}

static void exp_run(int64_t n, const double *x, double *y)
{
    Loop f = kernels_pick()[K_exp][DT_F64];
    const void *in[1] = {x};
    int step[1] = {1};
    f(n, in, step, y, NULL);
}

static void fold_logsumexp(Lane *l, const Attr *a, Cell *y)
{
    (void)a;
    double m = lane_extreme(l, 1), buf[CHUNK], e[CHUNK];
    if (!isfinite(m)) {
        y->f = m;
        return;
    }
    const double *p;
    int64_t n;
    Pairs s;
    s.n = 0;
    lane_rewind(l);
    while ((p = lane_next(l, DT_F64, buf, &n))) {
        for (int64_t i = 0; i < n; i++) e[i] = p[i] - m;
        exp_run(n, e, e);
        pairs_add(&s, sum8(e, n));
    }
    y->f = m + log(pairs_sum(&s));
}

/* ---- rows: the innermost axis is kept and regular, others are reduced ---- */
typedef enum { ROW_SUM, ROW_PROD, ROW_MAX, ROW_MIN } RowKind;

static void row_fold(RowKind kind, double *acc, const double *p, int64_t n)
{
    switch (kind) {
    case ROW_SUM:
        for (int64_t i = 0; i < n; i++) acc[i] += p[i];
        break;
    case ROW_PROD:
        for (int64_t i = 0; i < n; i++) acc[i] *= p[i];
        break;
    case ROW_MAX: /* a NaN stays, and comes in */
        for (int64_t i = 0; i < n; i++) acc[i] = p[i] > acc[i] || p[i] != p[i] ? p[i] : acc[i];
        break;
    case ROW_MIN:
        for (int64_t i = 0; i < n; i++) acc[i] = p[i] < acc[i] || p[i] != p[i] ? p[i] : acc[i];
        break;
    }
}

static bool rows_fit(const Run *r)
{
    const Arr *x = &r->x[0];
    uint32_t mask = (uint32_t)r->attr[1].i;
    return x->rank >= 2 && dtype_float(x->dtype) && !(mask >> (x->rank - 1) & 1) && mask &&
           x->stride[x->rank - 1] == 1 && x->shape[x->rank - 1] >= 4 && x->n > 0;
}

/* Pieces are COLS columns of one kept place: a column's sum does not depend on those beside it. */
typedef struct FoldRows {
    Run *r;
    RowKind kind;
    double scale;
    int64_t cols, pieces, block; /* of a kept place; columns of a piece */
    int nk;
    int64_t ks[RANK_MAX], kst[RANK_MAX];
    Walk red;
} FoldRows;

static void fold_rows_body(void *ud, int64_t lo, int64_t hi)
{
    const FoldRows *f = ud;
    const Arr *x = &f->r->x[0];
    const Arr *y = &f->r->y;
    const FoldLoops *loops = folds_pick(x->dtype, f->r->S->isa);
    double acc[CHUNK], part[CHUNK], buf[CHUNK];
    double start = f->kind == ROW_SUM ? 0 : f->kind == ROW_PROD ? 1 : f->kind == ROW_MAX ? -INFINITY : INFINITY;
    for (int64_t k = lo; k < hi; k++) {
        int64_t o = k / f->pieces, c = k % f->pieces * f->block, base = c, left = o, rows = 0;
        int64_t n = f->cols - c < f->block ? f->cols - c : f->block;
        for (int i = f->nk - 1; i >= 0; left /= f->ks[i--]) base += left % f->ks[i] * f->kst[i];
        for (int64_t i = 0; i < n; i++) acc[i] = part[i] = start;
        Walk red = f->red;
        do {
            for (int64_t i = 0, m; i < red.n; i += m) {
                const void *p = at_bytes(x->p, x->dtype, base + red.off[0] + i * red.step[0]);
                m = f->kind != ROW_SUM ? 1 : red.n - i < BLOCK_ROWS - rows ? red.n - i : BLOCK_ROWS - rows;
                if (f->kind == ROW_SUM) loops->down(m, n, red.step[0], p, part);
                else if (x->dtype != DT_F64) run_copy(buf, DT_F64, 1, p, x->dtype, 1, n), p = buf;
                if (f->kind != ROW_SUM) row_fold(f->kind, part, p, n);
                rows += m;
                if (rows == BLOCK_ROWS) {
                    row_fold(f->kind, acc, part, n);
                    for (int64_t j = 0; j < n; j++) part[j] = start;
                    rows = 0;
                }
            }
        } while (walk_next(&red));
        row_fold(f->kind, acc, part, n);
        if (f->scale != 1)
            for (int64_t i = 0; i < n; i++) acc[i] /= f->scale;
        run_copy(at_bytes(y->p, y->dtype, o * f->cols + c), y->dtype, 1, acc, DT_F64, 1, n);
    }
}

static bool fold_rows(Run *r, RowKind kind, double scale)
{
    const Arr *x = &r->x[0];
    uint32_t mask = (uint32_t)r->attr[1].i;
    int64_t rs[RANK_MAX], rst[RANK_MAX], n = 1;
    int nr = 0;
    const int64_t *rp[1] = {rst};
    FoldRows f = {.r = r, .kind = kind, .scale = scale, .cols = x->shape[x->rank - 1]};
    for (int i = 0; i < x->rank - 1; i++) {
        if (mask >> i & 1) rs[nr] = x->shape[i], rst[nr++] = x->stride[i];
        else n *= f.ks[f.nk] = x->shape[i], f.kst[f.nk++] = x->stride[i];
    }
    if (!walk_init(&f.red, nr, rs, 1, rp)) return true;
    f.block = LANE_NS * (double)x->n < 2 * PAR_NS ? CHUNK : COLS;
    f.pieces = (f.cols + f.block - 1) / f.block;
    n *= f.pieces;
    par_for(r->S, n, par_grain(LANE_NS * (double)x->n / (double)(n ? n : 1)), fold_rows_body, &f);
    return true;
}

static int64_t folded(const Arr *x, uint32_t mask)
{
    int64_t n = 1;
    for (int i = 0; i < x->rank; i++)
        if (mask >> i & 1) n *= x->shape[i];
    return n;
}

static bool run_sum(Run *r)
{
    if (r->nattr > 2 && r->attr[2].i) return fold_lanes(r, DT_F64, fold_sum_in_order);
    if (rows_fit(r)) return fold_rows(r, ROW_SUM, 1);
    if (sum_rows(r)) return true;
    return dtype_float(r->x[0].dtype) ? fold_lanes(r, DT_F64, fold_sum) : fold_lanes(r, DT_I64, fold_sum_int);
}
static bool run_mean(Run *r)
{
    if (rows_fit(r)) return fold_rows(r, ROW_SUM, (double)folded(&r->x[0], (uint32_t)r->attr[1].i));
    return fold_lanes(r, DT_F64, fold_mean);
}
static bool run_prod(Run *r)
{
    if (rows_fit(r)) return fold_rows(r, ROW_PROD, 1);
    return dtype_float(r->x[0].dtype) ? fold_lanes(r, DT_F64, fold_prod) : fold_lanes(r, DT_I64, fold_prod_int);
}
static bool run_max(Run *r)
{
    if (rows_fit(r)) return fold_rows(r, ROW_MAX, 1);
    return dtype_float(r->x[0].dtype) ? fold_lanes(r, DT_F64, fold_max) : fold_lanes(r, DT_I64, fold_max_int);
}
static bool run_min(Run *r)
{
    if (rows_fit(r)) return fold_rows(r, ROW_MIN, 1);
    return dtype_float(r->x[0].dtype) ? fold_lanes(r, DT_F64, fold_min) : fold_lanes(r, DT_I64, fold_min_int);
}
static bool run_any(Run *r) { return fold_lanes(r, DT_I64, fold_any); }
static bool run_all(Run *r) { return fold_lanes(r, DT_I64, fold_all); }
static bool run_argmax(Run *r)
{
    return dtype_float(r->x[0].dtype) ? fold_lanes(r, DT_I64, fold_argmax) : fold_lanes(r, DT_I64, fold_argmax_int);
}
static bool run_argmin(Run *r)
{
    return dtype_float(r->x[0].dtype) ? fold_lanes(r, DT_I64, fold_argmin) : fold_lanes(r, DT_I64, fold_argmin_int);
}
static bool run_variance(Run *r) { return fold_lanes(r, DT_F64, fold_variance); }
static bool run_std(Run *r) { return fold_lanes(r, DT_F64, fold_std); }
static bool run_norm(Run *r) { return fold_lanes(r, DT_F64, fold_norm); }
static bool run_logsumexp(Run *r) { return fold_lanes(r, DT_F64, fold_logsumexp); }

/* ---- shape rules ---- */
static void fold_shape(Infer *f)
{
    uint32_t mask = (uint32_t)f->attr[1].i;
    f->rank = 0;
    for (int i = 0; i < val_rank(f->x[0]); i++) {
        if (!(mask >> i & 1)) f->shape[f->rank++] = val_shape(f->x[0])[i];
        else if (f->attr[0].i) f->shape[f->rank++] = 1;
    }
}
static bool not_empty(Infer *f)
{
    for (int i = 0; i < val_rank(f->x[0]); i++)
        if ((uint32_t)f->attr[1].i >> i & 1 && val_shape(f->x[0])[i] == 0) {
            char s[200];
            return diag_fail(f->S, DIAG_EMPTY, "%s of nothing: the shape is %s", f->op->name,
                             shape_str(f->x[0].t, s, sizeof s)),
                   diag_hint(f->S, "look at len(x) first");
        }
    return true;
}
static bool infer_sum(Infer *f)
{
    DType d = val_dtype(f->S, f->x[0]);
    f->dtype = dtype_float(d) ? d : DT_I64;
    return fold_shape(f), true;
}
static bool infer_truth(Infer *f)
{
    f->dtype = DT_BOOL;
    return fold_shape(f), true;
}
static bool infer_extreme(Infer *f)
{
    f->dtype = val_dtype(f->S, f->x[0]);
    return fold_shape(f), not_empty(f);
}
static bool infer_arg(Infer *f)
{
    f->dtype = DT_I64;
    return fold_shape(f), not_empty(f);
}
static bool infer_float_fold(Infer *f)
{
    DType d = val_dtype(f->S, f->x[0]);
    f->dtype = dtype_float(d) ? d : default_float(f->S);
    return fold_shape(f), true;
}
static bool infer_float_some(Infer *f) { return infer_float_fold(f) && not_empty(f); }
static bool infer_float_map(Infer *f)
{
    DType d = val_dtype(f->S, f->x[0]);
    f->dtype = dtype_float(d) ? d : default_float(f->S);
    f->rank = val_rank(f->x[0]);
    if (f->rank) memcpy(f->shape, val_shape(f->x[0]), sizeof(int64_t) * (size_t)f->rank);
    return true;
}
static bool infer_scan(Infer *f)
{
    if (!infer_float_map(f)) return false;
    if (!dtype_float(val_dtype(f->S, f->x[0]))) f->dtype = DT_I64;
    return true;
}

/* ---- what the rules share ---- */
static Value r_fold(Rule *r, OpId op, Value v, uint32_t mask, bool keep)
{
    Attr a[3] = {{.i = keep}, {.i = mask}, {.f = 0}};
    return r_op(r, op, &v, 1, a, 3);
}
static uint32_t rule_mask(const Rule *r) { return (uint32_t)r->attr[1].i; }

/* v has the result's shape: back to the shape of x, repeated along the folded axes */
static Value r_expand(Rule *r, Value v)
{
    if (is_nil(v)) return v;
    if (is_tensor(v) && !r->attr[0].i && is_tensor(r->x[0])) {
        Attr a[RANK_MAX];
        int rank = val_rank(r->x[0]);
        for (int i = 0; i < rank; i++) a[i].i = rule_mask(r) >> i & 1 ? 1 : val_shape(r->x[0])[i];
        v = r_op(r, OPID_reshape, &v, 1, a, rank);
    }
    return r_broadcast(r, v, r->x[0]);
}
static double rule_count(const Rule *r)
{
    double n = 1;
    for (int i = 0; i < val_rank(r->x[0]); i++)
        if (rule_mask(r) >> i & 1) n *= (double)val_shape(r->x[0])[i];
    return n;
}
static Value r_fold_like(Rule *r, OpId op, Value v) { return r_op(r, op, &v, 1, r->attr, r->nattr); }

/* a / b, and 0 where b is 0: what the slope of a root is at its kink */
static double div_or_zero_at(double a, double b) { return b == 0 ? 0 : a / b; }
static void adjoint_div_or_zero(Rule *r)
{
    if (need(r, 0)) r->dx[0] = r_2(r, OPID_div_or_zero, r->dy, r->x[1]);
    if (need(r, 1)) r->dx[1] = r_neg(r, r_2(r, OPID_div_or_zero, r_mul(r, r->dy, r->y), r->x[1]));
}
static void tangent_div_or_zero(Rule *r)
{
    Value a = NIL, b = NIL;
    if (!is_nil(r->dxin[0])) a = r_2(r, OPID_div_or_zero, r->dxin[0], r->x[1]);
    if (!is_nil(r->dxin[1])) b = r_neg(r, r_2(r, OPID_div_or_zero, r_mul(r, r->dxin[1], r->y), r->x[1]));
    r->dyout = is_nil(a) ? b : is_nil(b) ? a : r_add(r, a, b);
}
OP(div_or_zero, .nin = 2, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X1 | KEEP_Y, .infer = infer_broadcast_float,
   .each2 = div_or_zero_at, .adjoint = adjoint_div_or_zero, .tangent = tangent_div_or_zero,
   .doc = "div_or_zero(a, b): a / b, and 0 where b is 0")

/* ---- sum and mean ---- */
static void adjoint_sum(Rule *r) { r->dx[0] = r_expand(r, r->dy); }
static void tangent_sum(Rule *r) { r->dyout = r_fold_like(r, OPID_sum, r->dxin[0]); }
OP(sum, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .infer = infer_sum, .run = run_sum,
   .adjoint = adjoint_sum, .tangent = tangent_sum, .doc = "sum of the elements along axes")

static void adjoint_mean(Rule *r) { r->dx[0] = r_expand(r, r_div(r, r->dy, r_num(rule_count(r)))); }
static void tangent_mean(Rule *r) { r->dyout = r_fold_like(r, OPID_mean, r->dxin[0]); }
OP(mean, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .infer = infer_float_some, .run = run_mean,
   .adjoint = adjoint_mean, .tangent = tangent_mean, .doc = "arithmetic mean along axes")

/* ---- max, min, quantile: the gradient goes to the chosen elements ---- */
enum { PICK_MAX, PICK_MIN, PICK_QUANTILE };
static Value r_picked(Rule *r, int kind)
{
    Attr a[4] = {{.i = 0}, {.i = rule_mask(r)}, {.f = kind == PICK_QUANTILE ? r->attr[2].f : 0}, {.i = kind}};
    return r_op(r, OPID_pick, &r->x[0], 1, a, 4);
}
static void adjoint_pick(Rule *r, int kind) { r->dx[0] = r_chain(r, r_expand(r, r->dy), r_picked(r, kind)); }
static void tangent_pick(Rule *r, int kind)
{
    r->dyout = r_fold(r, OPID_sum, r_chain(r, r->dxin[0], r_picked(r, kind)), rule_mask(r), r->attr[0].i);
}
static void adjoint_max(Rule *r) { adjoint_pick(r, PICK_MAX); }
static void tangent_max(Rule *r) { tangent_pick(r, PICK_MAX); }
static void adjoint_min(Rule *r) { adjoint_pick(r, PICK_MIN); }
static void tangent_min(Rule *r) { tangent_pick(r, PICK_MIN); }
static void adjoint_quantile(Rule *r) { adjoint_pick(r, PICK_QUANTILE); }
static void tangent_quantile(Rule *r) { tangent_pick(r, PICK_QUANTILE); }
OP(max, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_extreme,
   .run = run_max, .adjoint = adjoint_max, .tangent = tangent_max,
   .doc = "largest element along axes; NaN if there is one")
OP(min, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_extreme,
   .run = run_min, .adjoint = adjoint_min, .tangent = tangent_min,
   .doc = "smallest element along axes; NaN if there is one")

OP(any, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN | OPF_ZERO, .infer = infer_truth, .run = run_any,
   .doc = "whether any element is true (not zero)")
OP(all, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN | OPF_ZERO, .infer = infer_truth, .run = run_all,
   .doc = "whether all elements are true (not zero)")
OP(argmax, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN | OPF_ZERO, .infer = infer_arg,
   .run = run_argmax, .doc = "where the largest element is; the first of several, the first NaN")
OP(argmin, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN | OPF_ZERO, .infer = infer_arg,
   .run = run_argmin, .doc = "where the smallest element is; the first of several, the first NaN")

/* ---- variance, std, norm ---- */
static Value r_centred(Rule *r) { return r_sub(r, r->x[0], r_expand(r, r_fold_like(r, OPID_mean, r->x[0]))); }
static double rule_freedom(const Rule *r) { return rule_count(r) - r->attr[2].f; }
static void adjoint_variance(Rule *r)
{
    r->dx[0] = r_chain(r, r_expand(r, r_mul(r, r->dy, r_num(2 / rule_freedom(r)))), r_centred(r));
}
static void tangent_variance(Rule *r)
{
    Value s = r_fold(r, OPID_sum, r_chain(r, r->dxin[0], r_centred(r)), rule_mask(r), r->attr[0].i);
    r->dyout = r_mul(r, s, r_num(2 / rule_freedom(r)));
}
OP(variance, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_float_some,
   .run = run_variance, .adjoint = adjoint_variance, .tangent = tangent_variance,
   .doc = "mean square distance from the mean")

static void adjoint_std(Rule *r)
{
    Value g = r_2(r, OPID_div_or_zero, r_mul(r, r->dy, r_num(1 / rule_freedom(r))), r->y);
    r->dx[0] = r_chain(r, r_expand(r, g), r_centred(r));
}
static void tangent_std(Rule *r)
{
    Value s = r_fold(r, OPID_sum, r_chain(r, r->dxin[0], r_centred(r)), rule_mask(r), r->attr[0].i);
    r->dyout = r_2(r, OPID_div_or_zero, r_mul(r, s, r_num(1 / rule_freedom(r))), r->y);
}
OP(std, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .keep = KEEP_X0 | KEEP_Y, .infer = infer_float_some,
   .run = run_std, .adjoint = adjoint_std, .tangent = tangent_std, .doc = "root of the variance; slope 0 where it is 0")

static void adjoint_norm(Rule *r)
{
    r->dx[0] = r_chain(r, r_expand(r, r_2(r, OPID_div_or_zero, r->dy, r->y)), r->x[0]);
}
static void tangent_norm(Rule *r)
{
    Value s = r_fold(r, OPID_sum, r_chain(r, r->dxin[0], r->x[0]), rule_mask(r), r->attr[0].i);
    r->dyout = r_2(r, OPID_div_or_zero, s, r->y);
}
OP(norm, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .keep = KEEP_X0 | KEEP_Y,
   .infer = infer_float_fold, .run = run_norm, .adjoint = adjoint_norm, .tangent = tangent_norm,
   .doc = "root of the sum of squares; slope 0 at 0")

/* ---- kernels that map a lane to a lane ---- */
typedef bool (*LaneFn)(State *S, int64_t m, const Attr *a, void *const *in, void *out, void *more);

/* Copies each lane into rows of 8-byte cells (`as`), calls fn, and lays its result `od` into y. `extra` rows of
** working room go to fn as `more`. */
static bool map_lanes(Run *r, uint32_t mask, DType as, DType od, int extra, LaneFn fn)
{
    const Arr *x = &r->x[0];
    int64_t yfull[RANK_MAX], ks[RANK_MAX], kst[3][RANK_MAX], rs[RANK_MAX], rst[3][RANK_MAX], rowst[RANK_MAX], m = 1;
    int nk = 0, nr = 0, nin = r->nin;
    if (x->n == 0) return true;
    row_major(r->y.rank, r->y.shape, yfull);
    for (int i = 0; i < x->rank; i++) {
        bool red = mask >> i & 1;
        int64_t *s = red ? rs : ks, (*st)[RANK_MAX] = red ? rst : kst;
        int *n = red ? &nr : &nk;
        s[*n] = x->shape[i];
        st[0][*n] = yfull[i];
        for (int k = 0; k < nin; k++) st[1 + k][*n] = r->x[k].rank ? r->x[k].stride[i] : 0;
        if (red) m *= x->shape[i];
        ++*n;
    }
    row_major(nr, rs, rowst);
    size_t row = (size_t)m * 8, cap;
    char *buf = mem_block(r->S, row * (size_t)(nin + 1 + extra), &cap);
    if (!buf) return false;
    void *in[2] = {buf + row, buf + 2 * row};
    void *more = buf + row * (size_t)(nin + 1);
    const int64_t *st[3] = {kst[0], kst[1], kst[2]};
    Walk w;
    bool ok = true;
    for (bool on = walk_init(&w, nk, ks, 1 + nin, st); on && ok; on = walk_next(&w))
        for (int64_t i = 0; i < w.n && ok; i++) {
            for (int k = 0; k < nin; k++)
                arr_copy(nr, rs, in[k], as, rowst, at_bytes(r->x[k].p, r->x[k].dtype, w.off[1 + k] + i * w.step[1 + k]),
                         r->x[k].dtype, rst[1 + k]);
            ok = fn(r->S, m, r->attr, in, buf, more);
            arr_copy(nr, rs, at_bytes(r->y.p, r->y.dtype, w.off[0] + i * w.step[0]), r->y.dtype, rst[0], buf, od, rowst);
        }
    mem_block_free(r->S, buf, cap);
    return ok;
}

#define LANE(name) static bool name(State *S, int64_t m, const Attr *a, void *const *in, void *out, void *more)
#define UNUSED_LANE (void)S, (void)a, (void)in, (void)more

/* Weights of the elements that a max, min or quantile chose; they sum to 1. */
LANE(lane_pick)
{
    const double *x = in[0];
    double *y = out;
    int kind = (int)a[3].i;
    for (int64_t i = 0; i < m; i++)
        if (x[i] != x[i]) { /* the result is NaN, and so is its slope */
            for (int64_t k = 0; k < m; k++) y[k] = NAN;
            return true;
        }
    if (kind == PICK_QUANTILE) {
        int64_t *idx = more, lo = (int64_t)floor(a[2].f * (double)(m - 1));
        double f = a[2].f * (double)(m - 1) - (double)lo;
        if (!order_index(S, x, DT_F64, m, false, idx, idx + m)) return false;
        for (int64_t i = 0; i < m; i++) y[i] = 0;
        y[idx[lo]] += 1 - f;
        if (f > 0) y[idx[lo + 1]] += f;
        return true;
    }
    double best = x[0], n = 0;
    for (int64_t i = 1; i < m; i++)
        if (kind == PICK_MAX ? x[i] > best : x[i] < best) best = x[i];
    for (int64_t i = 0; i < m; i++) n += x[i] == best;
    for (int64_t i = 0; i < m; i++) y[i] = x[i] == best ? 1 / n : 0;
    return true;
}
static bool run_pick(Run *r) { return map_lanes(r, (uint32_t)r->attr[1].i, DT_F64, DT_F64, 2, lane_pick); }
OP(pick, .nin = 1, .batch = b_mask, .flags = OPF_HIDDEN | OPF_ZERO, .infer = infer_float_map, .run = run_pick,
   .doc = "shares of the elements that max, min or quantile chose")

/* quantile: linear between the two nearest order statistics (NumPy's default; Hyndman and Fan 1996, type 7) */
static bool quantile_at(State *S, double *v, int64_t m, double q, double *y)
{
    *y = NAN;
    for (int64_t i = 0; i < m; i++)
        if (v[i] != v[i]) return true;
    if (!order_f64(S, v, m)) return false;
    double at = q * (double)(m - 1);
    int64_t lo = (int64_t)floor(at);
    double f = at - (double)lo;
    double a = v[lo], b = f > 0 ? v[lo + 1] : a;
    if (a == b) *y = a; /* infinite ones too */
    else if (isfinite(a) && isfinite(b)) *y = a + f * (b - a);
    else *y = (1 - f) * a + f * b;
    return true;
}

static bool run_quantile(Run *r)
{
    const Arr *x = &r->x[0];
    uint32_t mask = (uint32_t)r->attr[1].i;
    int64_t m = folded(x, mask), shape[RANK_MAX], stride[RANK_MAX], o = 0;
    int k = 0;
    const int64_t *st[1] = {stride};
    size_t cap;
    double *v = mem_block(r->S, sizeof(double) * (size_t)m, &cap);
    if (!v) return false;
    for (int i = 0; i < x->rank; i++)
        if (!(mask >> i & 1)) shape[k] = x->shape[i], stride[k++] = x->stride[i];
    Lane l;
    Walk w;
    bool ok = true;
    lane_init(r->S, &l, x, mask);
    for (bool on = walk_init(&w, k, shape, 1, st); on && ok; on = walk_next(&w))
        for (int64_t i = 0; i < w.n && ok; i++) {
            double buf[CHUNK];
            const double *p;
            int64_t n, at = 0;
            l.base = w.off[0] + i * w.step[0];
            lane_rewind(&l);
            for (; (p = lane_next(&l, DT_F64, buf, &n)); at += n) memcpy(v + at, p, sizeof(double) * (size_t)n);
            double y;
            ok = quantile_at(r->S, v, m, r->attr[2].f, &y);
            run_copy(at_bytes(r->y.p, r->y.dtype, o++), r->y.dtype, 1, &y, DT_F64, 1, 1);
        }
    mem_block_free(r->S, v, cap);
    return ok;
}
OP(quantile, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_float_some,
   .run = run_quantile, .adjoint = adjoint_quantile, .tangent = tangent_quantile,
   .doc = "the value below which a share q of the elements lies")

/* ---- logsumexp, softmax, log_softmax ---- */
/* softmax(x), and 0 where all of x is -inf: what log(sum(exp(x))) has by strong zeros. */
static Value logsumexp_slope(Rule *r)
{
    Value p = r_op(r, OPID_softmax, &r->x[0], 1, r->attr, r->nattr);
    return r_where(r, r_2(r, OPID_eq, r_expand(r, r->y), r_num(-INFINITY)), r_num(0), p);
}
static void adjoint_logsumexp(Rule *r) { r->dx[0] = r_chain(r, r_expand(r, r->dy), logsumexp_slope(r)); }
static void tangent_logsumexp(Rule *r)
{
    r->dyout = r_fold(r, OPID_sum, r_chain(r, r->dxin[0], logsumexp_slope(r)), rule_mask(r), r->attr[0].i);
}
OP(logsumexp, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .keep = KEEP_X0 | KEEP_Y,
   .infer = infer_float_some, .run = run_logsumexp, .adjoint = adjoint_logsumexp, .tangent = tangent_logsumexp,
   .doc = "log of the sum of exponentials, without overflow")

LANE(lane_softmax)
{
    UNUSED_LANE;
    const double *x = in[0];
    double *y = out, big = -INFINITY, s = 0;
    for (int64_t i = 0; i < m; i++) big = x[i] > big ? x[i] : big;
    for (int64_t i = 0; i < m; i++) y[i] = x[i] - big;
    exp_run(m, y, y);
    s = sum8(y, m);
    for (int64_t i = 0; i < m; i++) y[i] /= s;
    return true;
}
static bool run_softmax(Run *r) { return map_lanes(r, (uint32_t)r->attr[1].i, DT_F64, DT_F64, 0, lane_softmax); }
static Value r_softmax_slope(Rule *r, Value d) /* symmetric: adjoint and tangent are one */
{
    Value dy = r_chain(r, d, r->y);
    return r_sub(r, dy, r_chain(r, r->y, r_fold(r, OPID_sum, dy, rule_mask(r), true)));
}
static void adjoint_softmax(Rule *r) { r->dx[0] = r_softmax_slope(r, r->dy); }
static void tangent_softmax(Rule *r) { r->dyout = r_softmax_slope(r, r->dxin[0]); }
OP(softmax, .nin = 1, .batch = b_mask, .flags = OPF_HIDDEN, .keep = KEEP_Y, .infer = infer_float_map, .run = run_softmax,
   .adjoint = adjoint_softmax, .tangent = tangent_softmax, .doc = "exp(x) / sum(exp(x)) along axes, without overflow")

LANE(lane_log_softmax)
{
    UNUSED_LANE;
    const double *x = in[0];
    double *y = out, big = -INFINITY, *e = more;
    for (int64_t i = 0; i < m; i++) big = x[i] > big ? x[i] : big;
    for (int64_t i = 0; i < m; i++) e[i] = x[i] - big;
    exp_run(m, e, e);
    double s = log(sum8(e, m));
    for (int64_t i = 0; i < m; i++) y[i] = (x[i] - big) - s;
    return true;
}
static bool run_log_softmax(Run *r)
{
    return map_lanes(r, (uint32_t)r->attr[1].i, DT_F64, DT_F64, 1, lane_log_softmax);
}
static void adjoint_log_softmax(Rule *r)
{
    Value s = r_fold(r, OPID_sum, r->dy, rule_mask(r), true);
    r->dx[0] = r_sub(r, r->dy, r_chain(r, s, r_1(r, OPID_exp, r->y)));
}
static void tangent_log_softmax(Rule *r)
{
    Value s = r_fold(r, OPID_sum, r_chain(r, r->dxin[0], r_1(r, OPID_exp, r->y)), rule_mask(r), true);
    r->dyout = r_sub(r, r->dxin[0], s);
}
OP(log_softmax, .nin = 1, .batch = b_mask, .flags = OPF_HIDDEN, .keep = KEEP_Y, .infer = infer_float_map,
   .run = run_log_softmax, .adjoint = adjoint_log_softmax, .tangent = tangent_log_softmax,
   .doc = "log(softmax(x)), without overflow")

/* ---- scans along one axis ---- */
LANE(lane_cumsum)
{
    UNUSED_LANE;
    const double *x = in[0];
    double *y = out, s = 0;
    if (a[1].i)
        for (int64_t i = m - 1; i >= 0; i--) y[i] = s += x[i];
    else
        for (int64_t i = 0; i < m; i++) y[i] = s += x[i];
    return true;
}
LANE(lane_cumsum_int)
{
    UNUSED_LANE;
    const uint64_t *x = in[0];
    uint64_t *y = out, s = 0;
    for (int64_t i = 0; i < m; i++) y[i] = s += x[i];
    return true;
}
LANE(lane_cumprod)
{
    UNUSED_LANE;
    const double *x = in[0];
    double *y = out, s = 1;
    for (int64_t i = 0; i < m; i++) y[i] = s *= x[i];
    return true;
}
LANE(lane_cumprod_int)
{
    UNUSED_LANE;
    const uint64_t *x = in[0];
    uint64_t *y = out, s = 1;
    for (int64_t i = 0; i < m; i++) y[i] = s *= x[i];
    return true;
}
static bool run_scan(Run *r, LaneFn f, LaneFn g)
{
    uint32_t mask = 1u << r->attr[0].i;
    return dtype_float(r->x[0].dtype) ? map_lanes(r, mask, DT_F64, DT_F64, 0, f)
                                      : map_lanes(r, mask, DT_I64, DT_I64, 0, g);
}
static bool run_cumsum(Run *r) { return run_scan(r, lane_cumsum, lane_cumsum_int); }
static bool run_cumprod(Run *r) { return run_scan(r, lane_cumprod, lane_cumprod_int); }
static void adjoint_cumsum(Rule *r)
{
    Attr a[2] = {r->attr[0], {.i = !r->attr[1].i}};
    r->dx[0] = r_op(r, OPID_cumsum, &r->dy, 1, a, 2);
}
static void tangent_cumsum(Rule *r) { r->dyout = r_fold_like(r, OPID_cumsum, r->dxin[0]); }
OP(cumsum, .nin = 1, .batch = b_axis, .flags = OPF_HIDDEN, .infer = infer_scan, .run = run_cumsum,
   .adjoint = adjoint_cumsum, .tangent = tangent_cumsum, .doc = "running sum along an axis")

/* ---- products: slopes that are right where elements are 0 ----
** prod_others(x)_k is the product of all elements but x_k, from running products of both sides. What is needed
** beyond first derivatives is written over the m by m table M of the factors of each result:
** for prod_others M[k, i] = x_i (1 where i = k), for cumprod M[j, i] = x_i (1 where i > j). */
LANE(lane_prod_others)
{
    UNUSED_LANE;
    const double *x = in[0];
    double *y = out, s = 1;
    for (int64_t i = 0; i < m; i++) y[i] = s, s *= x[i];
    s = 1;
    for (int64_t i = m - 1; i >= 0; i--) y[i] *= s, s *= x[i];
    return true;
}
static bool run_prod_others(Run *r)
{
    return map_lanes(r, (uint32_t)r->attr[1].i, DT_F64, DT_F64, 0, lane_prod_others);
}

/* [m, m] of bools in [1, m, m]: where i == k, or where i <= j */
static Value r_table(Rule *r, int64_t m, bool lower)
{
    int64_t shape[3] = {1, m, m};
    Tensor *t = tensor_zeros(r->S, DT_BOOL, 3, shape);
    if (!t) return r_fail(r, "memory"), NIL;
    uint8_t *p = tensor_data(r->S, t);
    for (int64_t j = 0; p && j < m; j++)
        for (int64_t i = lower ? 0 : j; i <= j; i++) p[j * m + i] = 1;
    return r_own(r, val_obj(T_TENSOR, t));
}
static Value r_shape3(Rule *r, Value v, int64_t a, int64_t b, int64_t c)
{
    Attr s[3] = {{.i = a}, {.i = b}, {.i = c}};
    return is_nil(v) ? v : r_op(r, OPID_reshape, &v, 1, s, 3);
}
static Value r_spread3(Rule *r, Value v, int64_t a, int64_t b, int64_t c)
{
    Attr s[3] = {{.i = a}, {.i = b}, {.i = c}};
    return is_nil(v) ? v : r_op(r, OPID_broadcast_to, &v, 1, s, 3);
}
static Value r_others(Rule *r, Value x3) /* along the last of three axes */
{
    Attr a[3] = {{.i = 0}, {.i = 4}, {.f = 0}};
    return is_nil(x3) ? x3 : r_op(r, OPID_prod_others, &x3, 1, a, 3);
}
/* x: [K, m] lanes. G[k] cotangents of prod_others(x): the cotangent of x */
static Value others_adjoint(Rule *r, Value x, Value g, int64_t K, int64_t m)
{
    Value e = r_table(r, m, false), X = r_spread3(r, r_shape3(r, x, K, 1, m), K, m, m);
    Value W = r_others(r, r_where(r, e, r_num(1), X));
    Value d = r_where(r, e, r_num(0), r_mul(r, r_shape3(r, g, K, m, 1), W));
    return r_fold(r, OPID_sum, d, 2, false);
}
static Value others_tangent(Rule *r, Value x, Value dx, int64_t K, int64_t m)
{
    Value e = r_table(r, m, false), X = r_spread3(r, r_shape3(r, x, K, 1, m), K, m, m);
    Value W = r_others(r, r_where(r, e, r_num(1), X));
    Value d = r_where(r, e, r_num(0), r_mul(r, r_shape3(r, dx, K, 1, m), W));
    return r_fold(r, OPID_sum, d, 4, false);
}

/* Lanes along the axes of mask as rows of [K, m], and back to the shape of like. */
static Value r_lanes(Rule *r, Value v, Value like, uint32_t mask, int64_t *K, int64_t *m)
{
    Attr a[RANK_MAX], s[2];
    int rank = val_rank(like), n = 0;
    *K = *m = 1;
    for (int i = 0; i < rank; i++)
        if (!(mask >> i & 1)) a[n++].i = i, *K *= val_shape(like)[i];
    for (int i = 0; i < rank; i++)
        if (mask >> i & 1) a[n++].i = i, *m *= val_shape(like)[i];
    if (is_nil(v)) return v;
    s[0].i = *K;
    s[1].i = *m;
    if (!is_tensor(v)) return r_op(r, OPID_fill, &v, 1, s, 2);
    v = r_op(r, OPID_permute, &v, 1, a, rank);
    return is_nil(v) ? v : r_op(r, OPID_reshape, &v, 1, s, 2);
}
static Value r_unlanes(Rule *r, Value v, Value like, uint32_t mask)
{
    Attr a[RANK_MAX], s[RANK_MAX];
    int rank = val_rank(like), n = 0;
    if (is_nil(v)) return v;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < rank; i++)
            if ((mask >> i & 1) == (uint32_t)pass) s[n].i = val_shape(like)[i], a[i].i = n++;
    v = r_op(r, OPID_reshape, &v, 1, s, rank);
    return is_nil(v) || rank == 0 ? v : r_op(r, OPID_permute, &v, 1, a, rank);
}

static void adjoint_prod_others(Rule *r)
{
    int64_t K, m;
    Value x = r_lanes(r, r->x[0], r->x[0], rule_mask(r), &K, &m), g = r_lanes(r, r->dy, r->x[0], rule_mask(r), &K, &m);
    r->dx[0] = r_unlanes(r, others_adjoint(r, x, g, K, m), r->x[0], rule_mask(r));
}
static void tangent_prod_others(Rule *r)
{
    int64_t K, m;
    Value x = r_lanes(r, r->x[0], r->x[0], rule_mask(r), &K, &m),
          d = r_lanes(r, r->dxin[0], r->x[0], rule_mask(r), &K, &m);
    r->dyout = r_unlanes(r, others_tangent(r, x, d, K, m), r->x[0], rule_mask(r));
}
OP(prod_others, .nin = 1, .batch = b_mask, .flags = OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_float_map,
   .run = run_prod_others, .adjoint = adjoint_prod_others, .tangent = tangent_prod_others,
   .doc = "for each element the product of all others")

static Value r_prod_others(Rule *r)
{
    Attr a[3] = {{.i = 0}, r->attr[1], {.f = 0}};
    return r_op(r, OPID_prod_others, &r->x[0], 1, a, 3);
}
static void adjoint_prod(Rule *r) { r->dx[0] = r_mul(r, r_expand(r, r->dy), r_prod_others(r)); }
static void tangent_prod(Rule *r)
{
    r->dyout = r_fold(r, OPID_sum, r_chain(r, r->dxin[0], r_prod_others(r)), rule_mask(r), r->attr[0].i);
}
OP(prod, .nin = 1, .batch = b_mask, .flags = OPF_REDUCE | OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_sum,
   .run = run_prod, .adjoint = adjoint_prod, .tangent = tangent_prod, .doc = "product of the elements along axes")

/* cumprod: y_j = x_0 ... x_j. Going back: dx_k = (x_0 ... x_k-1) g_k with g_k = dy_k + x_k+1 g_k+1. */
LANE(lane_cumprod_back)
{
    UNUSED_LANE;
    const double *x = in[0], *dy = in[1];
    double *y = out, g = 0, s = 1;
    for (int64_t k = m - 1; k >= 0; k--) y[k] = g = dy[k] + (k + 1 < m ? x[k + 1] * g : 0);
    for (int64_t k = 0; k < m; k++) y[k] *= s, s *= x[k];
    return true;
}
static bool run_cumprod_back(Run *r) { return map_lanes(r, 1u << r->attr[0].i, DT_F64, DT_F64, 0, lane_cumprod_back); }
static uint32_t scan_mask(const Rule *r) { return 1u << r->attr[0].i; }
/* M[j, i] = x_i where i <= j, else 1; and J[j, i] = dy_j / dx_i */
static Value cumprod_factors(Rule *r, Value x, int64_t K, int64_t m)
{
    return r_where(r, r_table(r, m, true), r_spread3(r, r_shape3(r, x, K, 1, m), K, m, m), r_num(1));
}
static Value cumprod_slopes(Rule *r, Value x, int64_t K, int64_t m)
{
    return r_where(r, r_table(r, m, true), r_others(r, cumprod_factors(r, x, K, m)), r_num(0));
}
static void adjoint_cumprod(Rule *r)
{
    Value v[2] = {r->x[0], r->dy};
    r->dx[0] = r_op(r, OPID_cumprod_back, v, 2, r->attr, 1);
}
static void tangent_cumprod(Rule *r)
{
    int64_t K, m;
    Value x = r_lanes(r, r->x[0], r->x[0], scan_mask(r), &K, &m),
          d = r_lanes(r, r->dxin[0], r->x[0], scan_mask(r), &K, &m);
    Value t = r_mul(r, cumprod_slopes(r, x, K, m), r_shape3(r, d, K, 1, m));
    r->dyout = r_unlanes(r, r_fold(r, OPID_sum, t, 4, false), r->x[0], scan_mask(r));
}
OP(cumprod, .nin = 1, .batch = b_axis, .flags = OPF_HIDDEN, .keep = KEEP_X0, .infer = infer_scan, .run = run_cumprod,
   .adjoint = adjoint_cumprod, .tangent = tangent_cumprod, .doc = "running product along an axis")

static void adjoint_cumprod_back(Rule *r)
{
    int64_t K, m;
    uint32_t mask = scan_mask(r);
    Value x = r_lanes(r, r->x[0], r->x[0], mask, &K, &m), g = r_lanes(r, r->dy, r->x[0], mask, &K, &m);
    Value dy = r_lanes(r, r->x[1], r->x[0], mask, &K, &m);
    if (need(r, 1)) {
        Value t = r_mul(r, cumprod_slopes(r, x, K, m), r_shape3(r, g, K, 1, m));
        r->dx[1] = r_unlanes(r, r_fold(r, OPID_sum, t, 4, false), r->x[0], mask);
    }
    if (need(r, 0)) {
        Value T = r_table(r, m, true);
        Value dW = r_mul(r, r_shape3(r, dy, K, m, 1), r_spread3(r, r_shape3(r, g, K, 1, m), K, m, m));
        Attr rows[2] = {{.i = K * m}, {.i = m}};
        Value M = cumprod_factors(r, x, K, m);
        dW = r_where(r, T, dW, r_num(0));
        if (is_nil(M) || is_nil(dW)) return;
        M = r_op(r, OPID_reshape, &M, 1, rows, 2);
        dW = r_op(r, OPID_reshape, &dW, 1, rows, 2);
        Value dM = r_shape3(r, others_adjoint(r, M, dW, K * m, m), K, m, m);
        r->dx[0] = r_unlanes(r, r_fold(r, OPID_sum, r_where(r, T, dM, r_num(0)), 2, false), r->x[0], mask);
    }
}
static void tangent_cumprod_back(Rule *r)
{
    int64_t K, m;
    uint32_t mask = scan_mask(r);
    Value x = r_lanes(r, r->x[0], r->x[0], mask, &K, &m), dy = r_lanes(r, r->x[1], r->x[0], mask, &K, &m), a = NIL,
          b = NIL;
    if (!is_nil(r->dxin[1])) {
        Value v[2] = {r->x[0], r->dxin[1]};
        a = r_op(r, OPID_cumprod_back, v, 2, r->attr, 1);
    }
    if (!is_nil(r->dxin[0])) {
        Value T = r_table(r, m, true), d = r_lanes(r, r->dxin[0], r->x[0], mask, &K, &m),
              M = cumprod_factors(r, x, K, m);
        Value dM = r_where(r, T, r_spread3(r, r_shape3(r, d, K, 1, m), K, m, m), r_num(0));
        Attr rows[2] = {{.i = K * m}, {.i = m}};
        if (is_nil(M) || is_nil(dM)) return;
        M = r_op(r, OPID_reshape, &M, 1, rows, 2);
        dM = r_op(r, OPID_reshape, &dM, 1, rows, 2);
        Value tW = r_where(r, T, r_shape3(r, others_tangent(r, M, dM, K * m, m), K, m, m), r_num(0));
        Value t = r_fold(r, OPID_sum, r_mul(r, tW, r_shape3(r, dy, K, m, 1)), 2, false);
        b = r_unlanes(r, t, r->x[0], mask);
    }
    r->dyout = is_nil(a) ? b : is_nil(b) ? a : r_add(r, a, b);
}
OP(cumprod_back, .nin = 2, .batch = b_axis, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .infer = infer_float_map,
   .run = run_cumprod_back, .adjoint = adjoint_cumprod_back, .tangent = tangent_cumprod_back,
   .doc = "the slope of cumprod, carried back")

/* ---- the helper of op.h ---- */
bool op_reduce(State *S, OpId op, Value x, const int *axes, int naxes, bool keep, Value *out)
{
    uint32_t mask = 0;
    for (int i = 0; i < naxes; i++) mask |= 1u << axes[i];
    if (naxes == 0) mask = (1u << val_rank(x)) - 1;
    Attr a[3] = {{.i = keep}, {.i = mask}, {.f = 0}};
    if (!is_tensor(x) && (op == OPID_sum || op == OPID_mean || op == OPID_prod || op == OPID_max || op == OPID_min) &&
        is_num(x))
        return *out = retain(x), true;
    return op_apply(S, op, &x, 1, a, 3, out);
}
