/* cell.c -- one step of a recurrent cell after its products: gates, state, result, in one pass over memory.
**
**   lstm_step  z [..., 4 n] (gates i, f, g, o), c [..., n]  ->  h', c' side by side, [..., 2 n]
**              c' = s(f) c + s(i) tanh(g)      h' = s(o) tanh(c')
**   gru_step   p [..., 3 n] (r, z, n of the input), s [..., 3 n] (of the state), h [..., n]  ->  h' [..., n]
**              r = s(p_r + s_r)   z = s(p_z + s_z)   t = tanh(p_n + r s_n)   h' = t + z (h - t)
**
** The gates are made again going back; lstm_back gives the slopes by z and c, [..., 5 n], gru_back those by
** p_r + s_r, p_z + s_z, p_n, s_n and h, [..., 5 n]. Each is the gradient of L = <dy, step>, so its own derivative is
** the symmetric second derivative of L, which `lstm_second` and `gru_second` write in operations of the table.
** cite  Hochreiter, Schmidhuber 1997, "Long short-term memory"; Cho et al. 2014, "Learning phrase representations using
**       RNN encoder-decoder". Formulas and order of gates: PyTorch's LSTMCell and GRUCell.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/batch.h"
#include "runtime/kernels/kernels.h"
#include "runtime/ops/lapack.h"
#include "runtime/ops/walk.h"
#include "runtime/threads.h"

enum { CHUNK = 256 };

/* ---- shapes: all inputs have the leading axes of the last one named, and `times` units of its last axis ---- */
static bool cell_shapes(Infer *f, const char *what, int by, const int *times, const char *const *name)
{
    const Value *x = f->x;
    int rank = val_rank(x[by]);
    for (int i = 0; i < f->nin; i++) {
        bool fits = rank > 0 && val_rank(x[i]) == rank;
        for (int k = 0; fits && k < rank; k++)
            fits = val_shape(x[i])[k] == val_shape(x[by])[k] * (k == rank - 1 ? times[i] : 1);
        if (fits) continue;
        char a[200], b[200];
        if (!is_tensor(x[i]) || !is_tensor(x[by]))
            return diag_fail(f->S, DIAG_TYPE, "%s: %s is a tensor", what, name[i]);
        diag_fail(f->S, DIAG_SHAPE, "%s: %s %s does not go with the state %s", what, name[i],
                  shape_str(x[i].t, a, sizeof a), shape_str(x[by].t, b, sizeof b));
        return diag_hint(f->S, "with a state [..., n] it is [..., %d n]", times[i]);
    }
    f->dtype = DT_F32;
    for (int i = 0; i < f->nin; i++)
        if (mat_float(f->S, x[i]) == DT_F64) f->dtype = DT_F64;
    f->rank = rank;
    memcpy(f->shape, val_shape(x[by]), sizeof *f->shape * (size_t)rank);
    return true;
}
static const char *const lstm_names[3] = {"x @ W + h @ U + b", "c", "dy"};
static const char *const gru_names[4] = {"x @ W + b", "h @ U + bh", "h", "dy"};
static bool infer_lstm(Infer *f)
{
    if (!cell_shapes(f, "lstm_cell", 1, (const int[]){4, 1, 2}, lstm_names)) return false;
    f->shape[f->rank - 1] *= f->nin == 2 ? 2 : 5;
    return true;
}
static bool infer_gru(Infer *f)
{
    if (!cell_shapes(f, "gru_cell", 2, (const int[]){3, 3, 1, 1}, gru_names)) return false;
    f->shape[f->rank - 1] *= f->nin == 3 ? 1 : 5;
    return true;
}

/* ---- kernels ---- */
typedef struct Cells {
    int64_t n, rows;
    const void *p[4];
    void *y;
    void *tmp[4];
    size_t cap[4];
} Cells;
static bool cells_open(Run *r, int state, Cells *w)
{
    memset(w, 0, sizeof *w);
    w->n = r->x[state].shape[r->x[state].rank - 1];
    w->rows = w->n ? r->x[state].n / w->n : 0;
    w->y = r->y.p;
    for (int k = 0; k < r->nin; k++)
        if (!(w->p[k] = arr_plain(r->S, &r->x[k], r->y.dtype, &w->tmp[k], &w->cap[k]))) return false;
    return true;
}
static void cells_close(Run *r, Cells *w)
{
    for (int k = 0; k < 4; k++)
        if (w->tmp[k]) mem_block_free(r->S, w->tmp[k], w->cap[k]);
}
static void map(Kernel k, DType d, int64_t n, const void *x, void *y)
{
    const void *in[1] = {x};
    int step[1] = {1};
    kernels_pick()[k][d](n, in, step, y, NULL);
}

/* Some units of one row: those before N, N by N. */
#define CELLS(NAME, T, D)                                                                                              \
    static void lstm_##NAME(int64_t n, const T *z, const T *c, const T *dy, T *y)                                      \
    {                                                                                                                  \
        T i[CHUNK], f[CHUNK], g[CHUNK], o[CHUNK], s[CHUNK], u[CHUNK];                                                  \
        for (int64_t at = 0; at < n; at += CHUNK) {                                                                    \
            int64_t m = n - at < CHUNK ? n - at : CHUNK;                                                               \
            map(K_sigmoid, D, m, z + at, i);                                                                           \
            map(K_sigmoid, D, m, z + n + at, f);                                                                       \
            map(K_tanh, D, m, z + 2 * n + at, g);                                                                      \
            map(K_sigmoid, D, m, z + 3 * n + at, o);                                                                   \
            for (int64_t k = 0; k < m; k++) s[k] = f[k] * c[at + k] + i[k] * g[k];                                     \
            map(K_tanh, D, m, s, u);                                                                                   \
            if (!dy) {                                                                                                 \
                for (int64_t k = 0; k < m; k++) y[at + k] = o[k] * u[k], y[n + at + k] = s[k];                         \
                continue;                                                                                              \
            }                                                                                                          \
            for (int64_t k = 0; k < m; k++) {                                                                          \
                T a = dy[at + k], b = a * o[k] * (1 - u[k] * u[k]) + dy[n + at + k];                                   \
                y[at + k] = b * g[k] * i[k] * (1 - i[k]);                                                              \
                y[n + at + k] = b * c[at + k] * f[k] * (1 - f[k]);                                                     \
                y[2 * n + at + k] = b * i[k] * (1 - g[k] * g[k]);                                                      \
                y[3 * n + at + k] = a * u[k] * o[k] * (1 - o[k]);                                                      \
                y[4 * n + at + k] = b * f[k];                                                                          \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void gru_##NAME(int64_t n, const T *p, const T *s, const T *h, const T *dy, T *y)                           \
    {                                                                                                                  \
        T r[CHUNK], z[CHUNK], t[CHUNK];                                                                                \
        for (int64_t at = 0; at < n; at += CHUNK) {                                                                    \
            int64_t m = n - at < CHUNK ? n - at : CHUNK;                                                               \
            const T *sn = s + 2 * n + at;                                                                              \
            for (int64_t k = 0; k < m; k++) r[k] = p[at + k] + s[at + k], z[k] = p[n + at + k] + s[n + at + k];        \
            map(K_sigmoid, D, m, r, r);                                                                                \
            map(K_sigmoid, D, m, z, z);                                                                                \
            for (int64_t k = 0; k < m; k++) t[k] = p[2 * n + at + k] + r[k] * sn[k];                                   \
            map(K_tanh, D, m, t, t);                                                                                   \
            if (!dy) {                                                                                                 \
                for (int64_t k = 0; k < m; k++) y[at + k] = t[k] + z[k] * (h[at + k] - t[k]);                          \
                continue;                                                                                              \
            }                                                                                                          \
            for (int64_t k = 0; k < m; k++) {                                                                          \
                T g = dy[at + k], b = g * (1 - z[k]) * (1 - t[k] * t[k]);                                              \
                y[at + k] = b * sn[k] * r[k] * (1 - r[k]);                                                             \
                y[n + at + k] = g * (h[at + k] - t[k]) * z[k] * (1 - z[k]);                                            \
                y[2 * n + at + k] = b;                                                                                 \
                y[3 * n + at + k] = b * r[k];                                                                          \
                y[4 * n + at + k] = g * z[k];                                                                          \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void lstm_rows_##NAME(void *ud, int64_t lo, int64_t hi)                                                     \
    {                                                                                                                  \
        const Cells *w = ud;                                                                                           \
        const T *z = w->p[0], *c = w->p[1], *dy = w->p[2];                                                             \
        int64_t n = w->n, out = dy ? 5 * n : 2 * n;                                                                    \
        for (int64_t i = lo; i < hi; i++)                                                                              \
            lstm_##NAME(n, z + i * 4 * n, c + i * n, dy ? dy + i * 2 * n : NULL, (T *)w->y + i * out);                 \
    }                                                                                                                  \
    static void gru_rows_##NAME(void *ud, int64_t lo, int64_t hi)                                                      \
    {                                                                                                                  \
        const Cells *w = ud;                                                                                           \
        const T *p = w->p[0], *s = w->p[1], *h = w->p[2], *dy = w->p[3];                                               \
        int64_t n = w->n, out = dy ? 5 * n : n;                                                                        \
        for (int64_t i = lo; i < hi; i++)                                                                              \
            gru_##NAME(n, p + i * 3 * n, s + i * 3 * n, h + i * n, dy ? dy + i * n : NULL, (T *)w->y + i * out);       \
    }
CELLS(f64, double, DT_F64)
CELLS(f32, float, DT_F32)

static bool run_cells(Run *r, Cells *w, ParBody f64, ParBody f32)
{
    bool wide = r->y.dtype == DT_F64;
    return par_work(r->S, w->rows, (wide ? 10 : 3) * (double)w->n, wide ? f64 : f32, w);
}

static bool run_lstm(Run *r)
{
    Cells w;
    bool ok = cells_open(r, 1, &w) && run_cells(r, &w, lstm_rows_f64, lstm_rows_f32);
    cells_close(r, &w);
    return ok;
}
static bool run_gru(Run *r)
{
    Cells w;
    bool ok = cells_open(r, 2, &w) && run_cells(r, &w, gru_rows_f64, gru_rows_f32);
    cells_close(r, &w);
    return ok;
}

/* ---- what the rules are written in: NIL is nothing ---- */
static Value times(Rule *r, Value a, Value b) { return is_nil(a) || is_nil(b) ? NIL : r_mul(r, a, b); }
static Value times3(Rule *r, Value a, Value b, Value c) { return times(r, times(r, a, b), c); }
static Value sig(Rule *r, Value x) { return r_1(r, OPID_sigmoid, x); }
static Value rest(Rule *r, Value s) { return r_sub(r, r_num(1), s); } /* 1 - s */
static Value sig1(Rule *r, Value s) { return r_mul(r, s, rest(r, s)); }
static Value sig2(Rule *r, Value s) { return r_mul(r, sig1(r, s), r_sub(r, r_num(1), r_mul(r, r_num(2), s))); }
static Value tanh1(Rule *r, Value t) { return rest(r, r_1(r, OPID_square, t)); }
static Value minus2(Rule *r, Value a) { return times(r, r_num(-2), a); }
static Value unit(Rule *r, Value v, int64_t k, int64_t n) { return r_part(r, v, 1, k * n, n); }
/* k values of shape like, nothing as zeros, side by side */
static Value joined(Rule *r, const Value *v, int k, Value like)
{
    Value all[5];
    for (int i = 0; i < k; i++)
        if (is_nil(all[i] = is_nil(v[i]) ? r_zeros_like(r, like) : r_broadcast(r, v[i], like))) return NIL;
    return r_join(r, 1, all, k);
}

/* ---- LSTM ---- */
typedef struct Lstm {
    Value i, f, t, o, c, u; /* t = tanh(g), u = tanh(c') */
    int64_t n;
} Lstm;
static Lstm lstm_of(Rule *r)
{
    Lstm w = {.c = r->x[1], .n = r_dim(r->x[1], 1)};
    w.i = sig(r, unit(r, r->x[0], 0, w.n));
    w.f = sig(r, unit(r, r->x[0], 1, w.n));
    w.t = r_1(r, OPID_tanh, unit(r, r->x[0], 2, w.n));
    w.o = sig(r, unit(r, r->x[0], 3, w.n));
    w.u = r_1(r, OPID_tanh, r_add(r, r_mul(r, w.f, w.c), r_mul(r, w.i, w.t)));
    return w;
}
/* the changes of c' and u along z, c */
static Value lstm_dc(Rule *r, const Lstm *w, const Value *g)
{
    Value a = r_plus(r, times3(r, w->c, sig1(r, w->f), g[1]), times(r, w->f, g[4]));
    Value b = r_plus(r, times3(r, w->t, sig1(r, w->i), g[0]), times3(r, w->i, tanh1(r, w->t), g[2]));
    return r_plus(r, a, b);
}
static void five(Rule *r, Value z, Value c, int64_t n, Value *g)
{
    for (int k = 0; k < 4; k++) g[k] = is_nil(z) ? NIL : unit(r, z, k, n);
    g[4] = c;
}
static Value lstm_forward(Rule *r, const Lstm *w, const Value *g)
{
    Value dc = lstm_dc(r, w, g), du = times(r, tanh1(r, w->u), dc);
    Value y[2] = {r_plus(r, times3(r, sig1(r, w->o), g[3], w->u), times(r, w->o, du)), dc};
    return joined(r, y, 2, r->x[1]);
}
/* out[5]: the derivative along g of the gradient of <dy, step> by the gates and c */
static void lstm_second(Rule *r, const Lstm *w, Value dy, const Value *g, Value *out)
{
    Value a = unit(r, dy, 0, w->n), b = unit(r, dy, 1, w->n), u1 = tanh1(r, w->u);
    Value dc = lstm_dc(r, w, g), du = times(r, u1, dc), ao = r_mul(r, a, w->o);
    Value B = r_add(r, r_mul(r, ao, u1), b);
    Value dB = r_plus(r, times3(r, r_mul(r, a, u1), sig1(r, w->o), g[3]), minus2(r, times3(r, ao, w->u, du)));
    Value i1 = sig1(r, w->i), f1 = sig1(r, w->f), t1 = tanh1(r, w->t), Bt = r_mul(r, B, w->t), Bc = r_mul(r, B, w->c);
    out[0] = r_plus(r, r_plus(r, times3(r, dB, w->t, i1), times3(r, r_mul(r, B, t1), i1, g[2])),
                    times3(r, Bt, sig2(r, w->i), g[0]));
    out[1] = r_plus(r, r_plus(r, times3(r, dB, w->c, f1), times3(r, B, f1, g[4])), times3(r, Bc, sig2(r, w->f), g[1]));
    out[2] = r_plus(r, r_plus(r, times3(r, dB, w->i, t1), times3(r, r_mul(r, B, i1), t1, g[0])),
                    minus2(r, times3(r, r_mul(r, Bt, w->i), t1, g[2])));
    out[3] = r_plus(r, times3(r, a, sig1(r, w->o), du), times3(r, r_mul(r, a, w->u), sig2(r, w->o), g[3]));
    out[4] = r_plus(r, times(r, dB, w->f), times3(r, B, f1, g[1]));
}
static Value lstm_back(Rule *r, Value dy)
{
    Value v[3] = {r->x[0], r->x[1], dy};
    return r_op(r, OPID_lstm_back, v, 3, NULL, 0);
}
static void adjoint_lstm(Rule *r)
{
    int64_t n = r_dim(r->x[1], 1);
    Value g = lstm_back(r, r->dy);
    if (need(r, 0)) r->dx[0] = r_part(r, g, 1, 0, 4 * n);
    if (need(r, 1)) r->dx[1] = r_part(r, g, 1, 4 * n, n);
}
static void tangent_lstm(Rule *r)
{
    Lstm w = lstm_of(r);
    Value g[5];
    five(r, r->dxin[0], r->dxin[1], w.n, g);
    r->dyout = lstm_forward(r, &w, g);
}
OP(lstm_step, .nin = 2, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .infer = infer_lstm,
   .run = run_lstm, .adjoint = adjoint_lstm, .tangent = tangent_lstm, .doc = "h' and c' of an LSTM cell, from its gates")

static void adjoint_lstm_back(Rule *r)
{
    Lstm w = lstm_of(r);
    Value g[5], h[5];
    five(r, r_part(r, r->dy, 1, 0, 4 * w.n), unit(r, r->dy, 4, w.n), w.n, g);
    if (need(r, 2)) r->dx[2] = lstm_forward(r, &w, g);
    if (!need(r, 0) && !need(r, 1)) return;
    lstm_second(r, &w, r->x[2], g, h);
    if (need(r, 0)) r->dx[0] = joined(r, h, 4, r->x[1]);
    if (need(r, 1)) r->dx[1] = h[4];
}
static void tangent_lstm_back(Rule *r)
{
    Value a = NIL;
    if (!is_nil(r->dxin[0]) || !is_nil(r->dxin[1])) {
        Lstm w = lstm_of(r);
        Value g[5], h[5];
        five(r, r->dxin[0], r->dxin[1], w.n, g);
        lstm_second(r, &w, r->x[2], g, h);
        a = joined(r, h, 5, r->x[1]);
    }
    r->dyout = r_plus(r, a, is_nil(r->dxin[2]) ? NIL : lstm_back(r, r->dxin[2]));
}
OP(lstm_back, .nin = 3, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1 | KEEP_X2, .infer = infer_lstm,
   .run = run_lstm, .adjoint = adjoint_lstm_back, .tangent = tangent_lstm_back,
   .doc = "the slopes of lstm_step, carried back to the gates and c")

/* ---- GRU ---- */
typedef struct Gru {
    Value r, z, t, m, h; /* m: s_n, which r multiplies */
    int64_t n;
} Gru;
static Gru gru_of(Rule *r)
{
    Value p = r->x[0], s = r->x[1];
    Gru w = {.h = r->x[2], .n = r_dim(r->x[2], 1)};
    w.r = sig(r, r_add(r, unit(r, p, 0, w.n), unit(r, s, 0, w.n)));
    w.z = sig(r, r_add(r, unit(r, p, 1, w.n), unit(r, s, 1, w.n)));
    w.m = unit(r, s, 2, w.n);
    w.t = r_1(r, OPID_tanh, r_add(r, unit(r, p, 2, w.n), r_mul(r, w.r, w.m)));
    return w;
}
/* g: along p_r + s_r, p_z + s_z, p_n, s_n, h */
static void gru_along(Rule *r, int64_t n, Value p, Value s, Value h, Value *g)
{
    for (int k = 0; k < 2; k++) g[k] = r_plus(r, is_nil(p) ? p : unit(r, p, k, n), is_nil(s) ? s : unit(r, s, k, n));
    g[2] = is_nil(p) ? p : unit(r, p, 2, n);
    g[3] = is_nil(s) ? s : unit(r, s, 2, n);
    g[4] = h;
}
static Value gru_dt(Rule *r, const Gru *w, const Value *g)
{
    Value a = r_plus(r, r_plus(r, g[2], times(r, w->r, g[3])), times3(r, w->m, sig1(r, w->r), g[0]));
    return times(r, tanh1(r, w->t), a);
}
static Value gru_forward(Rule *r, const Gru *w, const Value *g)
{
    Value dt = gru_dt(r, w, g), dz = times(r, sig1(r, w->z), g[1]);
    Value a = r_plus(r, times(r, rest(r, w->z), dt), times(r, r_sub(r, w->h, w->t), dz));
    return r_plus(r, a, times(r, w->z, g[4]));
}
static void gru_second(Rule *r, const Gru *w, Value y, const Value *g, Value *out)
{
    Value dt = gru_dt(r, w, g), z1 = sig1(r, w->z), dz = times(r, z1, g[1]), t1 = tanh1(r, w->t), r1 = sig1(r, w->r);
    Value yz = r_mul(r, y, rest(r, w->z)), T = r_mul(r, yz, t1), Tr = r_mul(r, T, r1);
    Value dT = r_plus(r, minus2(r, times3(r, yz, w->t, dt)), times(r, r_num(-1), times3(r, y, t1, dz)));
    Value move = r_plus(r, g[4], times(r, r_num(-1), dt));
    out[0] = r_plus(r, r_plus(r, times3(r, dT, w->m, r1), times(r, Tr, g[3])),
                    times3(r, r_mul(r, T, w->m), sig2(r, w->r), g[0]));
    out[1] = r_plus(r, times3(r, y, z1, move), times3(r, r_mul(r, y, r_sub(r, w->h, w->t)), sig2(r, w->z), g[1]));
    out[2] = dT;
    out[3] = r_plus(r, times(r, dT, w->r), times(r, Tr, g[0]));
    out[4] = times(r, y, dz);
}
static Value gru_back(Rule *r, Value dy)
{
    Value v[4] = {r->x[0], r->x[1], r->x[2], dy};
    return r_op(r, OPID_gru_back, v, 4, NULL, 0);
}
/* from slopes by the five to those by s: r, z, s_n */
static Value gru_state_part(Rule *r, Value g, int64_t n)
{
    Value v[2] = {r_part(r, g, 1, 0, 2 * n), unit(r, g, 3, n)};
    return is_nil(v[0]) || is_nil(v[1]) ? NIL : r_join(r, 1, v, 2);
}
static void adjoint_gru(Rule *r)
{
    int64_t n = r_dim(r->x[2], 1);
    Value g = gru_back(r, r->dy);
    if (need(r, 0)) r->dx[0] = r_part(r, g, 1, 0, 3 * n);
    if (need(r, 1)) r->dx[1] = gru_state_part(r, g, n);
    if (need(r, 2)) r->dx[2] = unit(r, g, 4, n);
}
static void tangent_gru(Rule *r)
{
    Gru w = gru_of(r);
    Value g[5];
    gru_along(r, w.n, r->dxin[0], r->dxin[1], r->dxin[2], g);
    r->dyout = gru_forward(r, &w, g);
}
OP(gru_step, .nin = 3, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1 | KEEP_X2, .infer = infer_gru,
   .run = run_gru, .adjoint = adjoint_gru, .tangent = tangent_gru, .doc = "h' of a GRU cell, from its gates")

static void adjoint_gru_back(Rule *r)
{
    Gru w = gru_of(r);
    Value g[5], h[5];
    for (int k = 0; k < 5; k++) g[k] = unit(r, r->dy, k, w.n);
    if (need(r, 3)) r->dx[3] = gru_forward(r, &w, g);
    if (!need(r, 0) && !need(r, 1) && !need(r, 2)) return;
    gru_second(r, &w, r->x[3], g, h);
    if (need(r, 0)) r->dx[0] = joined(r, h, 3, r->x[2]);
    if (need(r, 2)) r->dx[2] = h[4];
    h[2] = h[3];
    if (need(r, 1)) r->dx[1] = joined(r, h, 3, r->x[2]);
}
static void tangent_gru_back(Rule *r)
{
    Value a = NIL;
    if (!is_nil(r->dxin[0]) || !is_nil(r->dxin[1]) || !is_nil(r->dxin[2])) {
        Gru w = gru_of(r);
        Value g[5], h[5];
        gru_along(r, w.n, r->dxin[0], r->dxin[1], r->dxin[2], g);
        gru_second(r, &w, r->x[3], g, h);
        a = joined(r, h, 5, r->x[2]);
    }
    r->dyout = r_plus(r, a, is_nil(r->dxin[3]) ? NIL : gru_back(r, r->dxin[3]));
}
OP(gru_back, .nin = 4, .batch = b_front, .flags = OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1 | KEEP_X2 | KEEP_X3,
   .infer = infer_gru, .run = run_gru, .adjoint = adjoint_gru_back, .tangent = tangent_gru_back,
   .doc = "the slopes of gru_step, carried back")
