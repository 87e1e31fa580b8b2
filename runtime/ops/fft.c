/* fft.c -- discrete Fourier transforms along one axis, of any length.
**
** Complex numbers are pairs along a last axis of size 2. With s = attribute [2] and half = n / 2 + 1:
**
**   dft        [..., n, ..., 2] -> the same         y[k] = s sum_j x[j] exp(sign 2 pi i j k / n)
**   rdft       [..., n, ...] -> [..., half, ..., 2] y[k] = s w[k] sum_j x[j] exp(-2 pi i j k / n)
**   rdft_back  [..., half, ..., 2] -> [..., n, ...] y[j] = s Re sum_k w[k] x[k] exp(2 pi i j k / n)
**
**   attributes  [0] axis  [1] sign, of rdft and rdft_back n  [2] s (a double)
**               [3] of rdft and rdft_back: 1 for w = 2 but 1 at k = 0 and k = n / 2 (so that rdft_back undoes rdft),
**               0 for w = 1
**
** All are linear: dft with the other sign is the adjoint of dft, and the other two are each other's.
**
** Lengths whose prime factors are at most 31 go by Stockham's mixed radix scheme, in f64 whatever the dtype;
** others by Bluestein's convolution over a power of two. Real data of even length go as half as many complex ones.
**
** cite  Cooley and Tukey 1965; Van Loan 1992, "Computational frameworks for the fast Fourier transform" (Stockham)
** cite  Bluestein 1970, "A linear filtering approach to the computation of the discrete Fourier transform"
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/ops/walk.h"

enum { RADIX_MAX = 31, POLL = 1 << 20 /* elements between looks at the interrupt */ };

typedef struct Cx {
    double re, im;
} Cx;
static inline Cx cx_add(Cx a, Cx b) { return (Cx){a.re + b.re, a.im + b.im}; }
static inline Cx cx_sub(Cx a, Cx b) { return (Cx){a.re - b.re, a.im - b.im}; }
static inline Cx cx_mul(Cx a, Cx b) { return (Cx){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }

/* exp(-2 pi i k / n), 0 <= k < n: the angle is brought to an eighth of the circle first. */
static Cx root(int64_t k, int64_t n)
{
    int64_t eighth = 8 * k / n, rest = 8 * k - eighth * n;
    if (eighth & 1) rest = n - rest;
    double t = M_PI_4 * ((double)rest / (double)n), c = cos(t), s = sin(t);
    switch (eighth) {
    case 0: return (Cx){c, -s};
    case 1: return (Cx){s, -c};
    case 2: return (Cx){-s, -c};
    case 3: return (Cx){-c, -s};
    case 4: return (Cx){-c, s};
    case 5: return (Cx){-s, c};
    case 6: return (Cx){s, c};
    default: return (Cx){c, s};
    }
}

/* ---- one transform ---- */
typedef struct FftPlan {
    State *S;
    int64_t n; /* of the transform that is wanted */
    int64_t m; /* of the one that the passes do: n, or Bluestein's power of two */
    int nradix, radix[64];
    Cx *w;      /* m roots of unity */
    Cx *work;   /* m */
    Cx *x;      /* n in, n out */
    Cx *chirp;  /* Bluestein: exp(-pi i j^2 / n) */
    Cx *kernel; /* Bluestein: m, the transform of its inverse, by m */
    Cx *conv;   /* Bluestein: m */
    size_t cap;
} FftPlan;

static void pass2(int64_t len, int64_t s, const Cx *x, Cx *y, const Cx *w)
{
    int64_t m = len / 2;
    for (int64_t p = 0; p < m; p++) {
        Cx w1 = w[p * s];
        const Cx *a = x + s * p, *b = a + s * m;
        Cx *ya = y + 2 * s * p, *yb = ya + s;
        for (int64_t q = 0; q < s; q++) {
            Cx u = a[q], v = b[q];
            ya[q] = cx_add(u, v);
            yb[q] = cx_mul(w1, cx_sub(u, v));
        }
    }
}
static void pass3(int64_t len, int64_t s, const Cx *x, Cx *y, const Cx *w)
{
    const double h = 0.86602540378443864676; /* sin(pi / 3) */
    int64_t m = len / 3;
    for (int64_t p = 0; p < m; p++) {
        Cx w1 = w[p * s], w2 = w[2 * p * s];
        const Cx *x0 = x + s * p, *x1 = x0 + s * m, *x2 = x1 + s * m;
        Cx *y0 = y + 3 * s * p, *y1 = y0 + s, *y2 = y1 + s;
        for (int64_t q = 0; q < s; q++) {
            Cx a = x0[q], t = cx_add(x1[q], x2[q]), d = cx_sub(x1[q], x2[q]);
            Cx c = {a.re - 0.5 * t.re, a.im - 0.5 * t.im}, e = {h * d.im, -h * d.re}; /* -i h d */
            y0[q] = cx_add(a, t);
            y1[q] = cx_mul(w1, cx_add(c, e));
            y2[q] = cx_mul(w2, cx_sub(c, e));
        }
    }
}
static void pass4(int64_t len, int64_t s, const Cx *x, Cx *y, const Cx *w)
{
    int64_t m = len / 4;
    for (int64_t p = 0; p < m; p++) {
        Cx w1 = w[p * s], w2 = w[2 * p * s], w3 = w[3 * p * s];
        const Cx *x0 = x + s * p, *x1 = x0 + s * m, *x2 = x1 + s * m, *x3 = x2 + s * m;
        Cx *y0 = y + 4 * s * p, *y1 = y0 + s, *y2 = y1 + s, *y3 = y2 + s;
        for (int64_t q = 0; q < s; q++) {
            Cx a = cx_add(x0[q], x2[q]), b = cx_sub(x0[q], x2[q]), c = cx_add(x1[q], x3[q]), d = cx_sub(x1[q], x3[q]);
            Cx e = {d.im, -d.re}; /* -i d */
            y0[q] = cx_add(a, c);
            y1[q] = cx_mul(w1, cx_add(b, e));
            y2[q] = cx_mul(w2, cx_sub(a, c));
            y3[q] = cx_mul(w3, cx_sub(b, e));
        }
    }
}
static void pass5(int64_t len, int64_t s, const Cx *x, Cx *y, const Cx *w)
{
    const double c1 = 0.30901699437494742410, c2 = -0.80901699437494742410; /* cos(2 pi / 5), cos(4 pi / 5) */
    const double s1 = 0.95105651629515357212, s2 = 0.58778525229247312917;  /* sin */
    int64_t m = len / 5;
    for (int64_t p = 0; p < m; p++) {
        Cx w1 = w[p * s], w2 = w[2 * p * s], w3 = w[3 * p * s], w4 = w[4 * p * s];
        const Cx *x0 = x + s * p, *x1 = x0 + s * m, *x2 = x1 + s * m, *x3 = x2 + s * m, *x4 = x3 + s * m;
        Cx *y0 = y + 5 * s * p, *y1 = y0 + s, *y2 = y1 + s, *y3 = y2 + s, *y4 = y3 + s;
        for (int64_t q = 0; q < s; q++) {
            Cx a = x0[q], b = cx_add(x1[q], x4[q]), c = cx_add(x2[q], x3[q]), d = cx_sub(x1[q], x4[q]),
               e = cx_sub(x2[q], x3[q]);
            Cx f = {a.re + c1 * b.re + c2 * c.re, a.im + c1 * b.im + c2 * c.im};
            Cx g = {a.re + c2 * b.re + c1 * c.re, a.im + c2 * b.im + c1 * c.im};
            Cx h = {s1 * d.im + s2 * e.im, -s1 * d.re - s2 * e.re}; /* -i (s1 d + s2 e) */
            Cx k = {s2 * d.im - s1 * e.im, -s2 * d.re + s1 * e.re};
            y0[q] = cx_add(a, cx_add(b, c));
            y1[q] = cx_mul(w1, cx_add(f, h));
            y2[q] = cx_mul(w2, cx_add(g, k));
            y3[q] = cx_mul(w3, cx_sub(g, k));
            y4[q] = cx_mul(w4, cx_sub(f, h));
        }
    }
}
/* Any odd radix: x[i] and x[r - i] enter together, and give y[k] and y[r - k]. */
static void pass_odd(int r, int64_t n, int64_t len, int64_t s, const Cx *x, Cx *y, const Cx *w)
{
    int64_t m = len / r, unit = n / r;
    for (int64_t p = 0; p < m; p++)
        for (int64_t q = 0; q < s; q++) {
            const Cx *from = x + q + s * p;
            Cx *to = y + q + s * r * p, a = from[0], all = a, sum[RADIX_MAX / 2 + 1], dif[RADIX_MAX / 2 + 1];
            for (int i = 1; i <= r / 2; i++) {
                Cx u = from[s * m * i], v = from[s * m * (r - i)];
                sum[i] = cx_add(u, v);
                dif[i] = cx_sub(u, v);
                all = cx_add(all, sum[i]);
            }
            to[0] = all;
            for (int k = 1; k <= r / 2; k++) {
                Cx c = a, d = {0, 0};
                for (int i = 1, at = k; i <= r / 2; i++) {
                    Cx t = w[at * unit]; /* cos, -sin */
                    c = cx_add(c, (Cx){t.re * sum[i].re, t.re * sum[i].im});
                    d = cx_add(d, (Cx){-t.im * dif[i].im, t.im * dif[i].re}); /* i t.im dif */
                    at += k;
                    if (at >= r) at -= r;
                }
                to[s * k] = cx_mul(w[p * k * s], cx_add(c, d));
                to[s * (r - k)] = cx_mul(w[p * (r - k) * s], cx_sub(c, d));
            }
        }
}

/* The passes over m elements of x; the result is in x again. */
static bool passes(const FftPlan *P, Cx *x)
{
    Cx *from = x, *to = P->work;
    int64_t len = P->m, s = 1;
    for (int i = 0; i < P->nradix; i++) {
        int r = P->radix[i];
        if (P->m > POLL && !vm_check(P->S)) return false;
        if (r == 2) pass2(len, s, from, to, P->w);
        else if (r == 3) pass3(len, s, from, to, P->w);
        else if (r == 4) pass4(len, s, from, to, P->w);
        else if (r == 5) pass5(len, s, from, to, P->w);
        else pass_odd(r, P->m, len, s, from, to, P->w);
        len /= r;
        s *= r;
        Cx *t = from;
        from = to;
        to = t;
    }
    if (from != x) memcpy(x, from, sizeof(Cx) * (size_t)P->m);
    return true;
}

/* x[k] = sum_j x[j] exp(-2 pi i j k / n), of P->x in place. */
static bool transform(const FftPlan *P)
{
    if (!P->chirp) return passes(P, P->x);
    Cx *c = P->conv;
    int64_t n = P->n, m = P->m;
    for (int64_t j = 0; j < n; j++) c[j] = cx_mul(P->x[j], P->chirp[j]);
    memset(c + n, 0, sizeof(Cx) * (size_t)(m - n));
    if (!passes(P, c)) return false;
    for (int64_t j = 0; j < m; j++) { /* parts swapped: the way back is the way there */
        Cx t = cx_mul(c[j], P->kernel[j]);
        c[j] = (Cx){t.im, t.re};
    }
    if (!passes(P, c)) return false;
    for (int64_t j = 0; j < n; j++) P->x[j] = cx_mul((Cx){c[j].im, c[j].re}, P->chirp[j]);
    return true;
}

static void factor(FftPlan *P, int64_t n) /* nradix -1: a prime factor is too large */
{
    P->nradix = 0;
    for (; n % 4 == 0; n /= 4) P->radix[P->nradix++] = 4;
    for (int r = 2; r <= RADIX_MAX; r++)
        for (; n % r == 0; n /= r) P->radix[P->nradix++] = r;
    if (n > 1) P->nradix = -1;
}

static bool plan_open(State *S, FftPlan *P, int64_t n)
{
    memset(P, 0, sizeof *P);
    P->S = S;
    P->n = P->m = n;
    factor(P, n);
    bool chirp = P->nradix < 0;
    if (chirp) {
        if (n > INT64_MAX / 256) return diag_fail(S, DIAG_SIZE, "too long a transform");
        for (P->m = 1; P->m < 2 * n - 1;) P->m *= 2;
        factor(P, P->m);
    }
    size_t size = sizeof(Cx) * (size_t)(2 * P->m + n + (chirp ? n + 2 * P->m : 0));
    P->w = mem_block(S, size ? size : sizeof(Cx), &P->cap);
    if (!P->w) return false;
    P->work = P->w + P->m;
    P->x = P->work + P->m;
    for (int64_t k = 0; k < P->m; k++) P->w[k] = root(k, P->m);
    if (!chirp) return true;
    P->chirp = P->x + n;
    P->kernel = P->chirp + n;
    P->conv = P->kernel + P->m;
    memset(P->kernel, 0, sizeof(Cx) * (size_t)P->m);
    double by = 1 / (double)P->m;
    for (int64_t j = 0, square = 0; j < n; j++) { /* square = j^2 mod 2 n */
        Cx c = P->chirp[j] = root(square, 2 * n);
        P->kernel[j] = P->kernel[j ? P->m - j : 0] = (Cx){c.re * by, -c.im * by};
        square += 2 * j + 1;
        if (square >= 2 * n) square -= 2 * n;
    }
    if (passes(P, P->kernel)) return true;
    mem_block_free(S, P->w, P->cap);
    return false;
}
static void plan_close(FftPlan *P) { mem_block_free(P->S, P->w, P->cap); }

/* ---- lanes ---- */
static inline double get(const void *p, DType d, int64_t i)
{
    return d == DT_F32 ? ((const float *)p)[i] : ((const double *)p)[i];
}
static inline void put(void *p, DType d, int64_t i, double v)
{
    if (d == DT_F32) ((float *)p)[i] = (float)v;
    else ((double *)p)[i] = v;
}

/* One lane: element j of the input is at x[from + j * step] (a pair: twice that), of the result likewise. */
typedef struct Lane {
    const void *x;
    void *y;
    DType d;
    int64_t step, from, to; /* from, to: of the first element */
} Lane;

static bool lane_dft(const FftPlan *P, const Lane *l, int sign, double scale)
{
    Cx *z = P->x;
    for (int64_t j = 0; j < P->n; j++) {
        int64_t at = 2 * (l->from + j * l->step);
        double re = get(l->x, l->d, at), im = get(l->x, l->d, at + 1);
        z[j] = sign < 0 ? (Cx){re, im} : (Cx){im, re}; /* parts swapped: the other sign */
    }
    if (!transform(P)) return false;
    for (int64_t j = 0; j < P->n; j++) {
        int64_t at = 2 * (l->to + j * l->step);
        put(l->y, l->d, at, scale * (sign < 0 ? z[j].re : z[j].im));
        put(l->y, l->d, at + 1, scale * (sign < 0 ? z[j].im : z[j].re));
    }
    return true;
}

static double weight(int64_t k, int64_t n, bool weighted) { return weighted && k > 0 && 2 * k != n ? 2 : 1; }

/* n even: P does h = n / 2; turn: the roots of n up to h. */
static bool lane_rdft(const FftPlan *P, const Lane *l, int64_t n, const Cx *turn, double scale, bool weighted)
{
    Cx *z = P->x;
    int64_t h = n / 2;
    for (int64_t j = 0; j < P->n; j++) {
        if (turn)
            z[j] = (Cx){get(l->x, l->d, l->from + 2 * j * l->step), get(l->x, l->d, l->from + (2 * j + 1) * l->step)};
        else z[j] = (Cx){get(l->x, l->d, l->from + j * l->step), 0};
    }
    if (!transform(P)) return false;
    for (int64_t k = 0; k <= h; k++) {
        Cx v = z[turn && k == h ? 0 : k];
        double s = scale * weight(k, n, weighted);
        if (turn) { /* even and odd elements: E + turn O */
            Cx o = z[k == 0 ? 0 : h - k], c = {o.re, -o.im}, e = cx_add(v, c), d = cx_sub(v, c);
            v = cx_add(e, cx_mul(turn[k], (Cx){d.im, -d.re}));
            s *= 0.5;
        }
        put(l->y, l->d, 2 * (l->to + k * l->step), s * v.re);
        put(l->y, l->d, 2 * (l->to + k * l->step) + 1, s * v.im);
    }
    return true;
}

/* V[k] of the Hermitian spectrum whose transform is the real part of that of the half */
static Cx half_at(const Lane *l, int64_t k, int64_t n, bool weighted)
{
    int64_t at = 2 * (l->from + k * l->step);
    double re = get(l->x, l->d, at), im = get(l->x, l->d, at + 1), s = 0.5 * weight(k, n, weighted);
    return k == 0 || 2 * k == n ? (Cx){re, 0} : (Cx){s * re, s * im};
}

static bool lane_rdft_back(const FftPlan *P, const Lane *l, int64_t n, const Cx *turn, double scale, bool weighted)
{
    Cx *z = P->x;
    int64_t h = n / 2;
    for (int64_t k = 0; k < P->n; k++) {
        Cx v = {0, 0};
        if (turn) {
            Cx a = half_at(l, k, n, weighted), b = half_at(l, h - k, n, weighted), c = {b.re, -b.im};
            Cx t = cx_mul((Cx){turn[k].re, -turn[k].im}, cx_sub(a, c));
            v = cx_add(cx_add(a, c), (Cx){-t.im, t.re});
        } else if (k <= h) {
            v = half_at(l, k, n, weighted);
            if (k > 0) v = (Cx){2 * v.re, 2 * v.im};
        }
        z[k] = (Cx){v.im, v.re};
    }
    if (!transform(P)) return false;
    for (int64_t j = 0; j < P->n; j++)
        if (turn) {
            put(l->y, l->d, l->to + 2 * j * l->step, scale * z[j].im);
            put(l->y, l->d, l->to + (2 * j + 1) * l->step, scale * z[j].re);
        } else put(l->y, l->d, l->to + j * l->step, scale * z[j].im);
    return true;
}

/* All lanes: nx, ny elements of the axis in x and y. */
static bool lanes(Run *r, OpId op, int64_t n, int64_t nx, int64_t ny)
{
    int axis = (int)r->attr[0].i;
    double scale = r->attr[2].f;
    bool even = op != OPID_dft && n % 2 == 0, weighted = op != OPID_dft && r->attr[3].i, ok = true;
    int64_t inner = 1, count, left = POLL;
    void *tmp;
    FftPlan P;
    Cx *turn = NULL;
    size_t cap, tcap = 0;
    if (!r->y.n) return true;
    int last = op == OPID_rdft ? r->x[0].rank : r->x[0].rank - 1;
    for (int i = axis + 1; i < last; i++) inner *= r->x[0].shape[i];
    count = r->y.n / (ny * inner * (op == OPID_rdft_back ? 1 : 2));
    const void *x = arr_plain(r->S, &r->x[0], r->y.dtype, &tmp, &cap);
    if (!x) return false;
    if (even) {
        turn = mem_block(r->S, sizeof(Cx) * (size_t)(n / 2 + 1), &tcap);
        for (int64_t k = 0; turn && k <= n / 2; k++) turn[k] = root(k, n);
        ok = turn != NULL;
    }
    if (ok && (ok = plan_open(r->S, &P, even ? n / 2 : n))) {
        for (int64_t o = 0; ok && o < count; o++)
            for (int64_t i = 0; ok && i < inner; i++) {
                Lane l = {x, r->y.p, r->y.dtype, inner, o * nx * inner + i, o * ny * inner + i};
                if (op == OPID_dft) ok = lane_dft(&P, &l, (int)r->attr[1].i, scale);
                else if (op == OPID_rdft) ok = lane_rdft(&P, &l, n, turn, scale, weighted);
                else ok = lane_rdft_back(&P, &l, n, turn, scale, weighted);
                if (ok && (left -= n) < 0) left = POLL, ok = vm_check(r->S);
            }
        plan_close(&P);
    }
    if (turn) mem_block_free(r->S, turn, tcap);
    if (tmp) mem_block_free(r->S, tmp, cap);
    return ok;
}

/* ---- the operations ---- */
static bool infer_like(Infer *f)
{
    DType d = val_dtype(f->S, f->x[0]);
    f->dtype = dtype_float(d) ? d : default_float(f->S);
    f->rank = val_rank(f->x[0]);
    memcpy(f->shape, val_shape(f->x[0]), sizeof(int64_t) * (size_t)f->rank);
    return true;
}

static bool run_dft(Run *r)
{
    int64_t n = r->y.shape[r->attr[0].i];
    return lanes(r, OPID_dft, n, n, n);
}
static Value r_dft(Rule *r, Value v, int sign)
{
    Attr a[3] = {r->attr[0], {.i = sign * r->attr[1].i}, r->attr[2]};
    return r_op(r, OPID_dft, &v, 1, a, 3);
}
static void adjoint_dft(Rule *r) { r->dx[0] = r_dft(r, r->dy, -1); }
static void tangent_dft(Rule *r) { r->dyout = r_dft(r, r->dxin[0], 1); }
OP(dft, .batch = b_axis, .nin = 1, .flags = OPF_HIDDEN, .infer = infer_like, .run = run_dft, .adjoint = adjoint_dft,
   .tangent = tangent_dft, .doc = "fft(x): the discrete Fourier transform of pairs")

static bool infer_rdft(Infer *f)
{
    infer_like(f);
    if (f->rank + 1 > RANK_MAX) return diag_fail(f->S, DIAG_SIZE, "a tensor has at most %d axes", RANK_MAX);
    f->shape[f->attr[0].i] = f->attr[1].i / 2 + 1;
    f->shape[f->rank++] = 2;
    return true;
}
static bool infer_rdft_back(Infer *f)
{
    infer_like(f);
    f->rank--;
    f->shape[f->attr[0].i] = f->attr[1].i;
    return true;
}
static bool run_rdft(Run *r)
{
    int64_t n = r->attr[1].i;
    return lanes(r, OPID_rdft, n, n, n / 2 + 1);
}
static bool run_rdft_back(Run *r)
{
    int64_t n = r->attr[1].i;
    return lanes(r, OPID_rdft_back, n, n / 2 + 1, n);
}
static void adjoint_rdft(Rule *r) { r->dx[0] = r_op(r, OPID_rdft_back, &r->dy, 1, r->attr, 4); }
static void tangent_rdft(Rule *r) { r->dyout = r_op(r, OPID_rdft, r->dxin, 1, r->attr, 4); }
OP(rdft, .batch = b_axis, .nin = 1, .flags = OPF_HIDDEN, .infer = infer_rdft, .run = run_rdft, .adjoint = adjoint_rdft,
   .tangent = tangent_rdft, .doc = "rfft(x): the first half of the Fourier transform of numbers")

static void adjoint_rdft_back(Rule *r) { r->dx[0] = r_op(r, OPID_rdft, &r->dy, 1, r->attr, 4); }
static void tangent_rdft_back(Rule *r) { r->dyout = r_op(r, OPID_rdft_back, r->dxin, 1, r->attr, 4); }
OP(rdft_back, .batch = b_axis, .nin = 1, .flags = OPF_HIDDEN, .infer = infer_rdft_back, .run = run_rdft_back,
   .adjoint = adjoint_rdft_back, .tangent = tangent_rdft_back, .doc = "irfft(y): numbers from half a spectrum")
