/* conv.c -- the three convolutions and the pools against loops that say what they mean, at random sizes, in f32 and f64;
** and the same bits with one thread, two, and five.
**
** conv [COUNT [SEED]]   COUNT random sizes (default 300 from seed 1), after a fixed list
**
** Tolerances, relative to the sum of the sizes of what is added: 2e-6 in f32, 1e-14 in f64.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/op.h"
#include "runtime/state.h"
#include "runtime/threads.h"

static int failures, compared;
static uint64_t rng = 1;

static int64_t pick(int64_t lo, int64_t hi) /* [lo, hi] */
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return lo + (int64_t)((rng >> 33) % (uint64_t)(hi - lo + 1));
}
static double number(void) { return (double)pick(-1000, 1000) / 1000; }

typedef struct Size {
    int64_t N, C, O, H, W, kh, kw, sh, sw, ph, pw, dh, dw, groups, oh, ow;
} Size;
static const Size fixed[] = {
    {5, 1, 8, 28, 28, 5, 5, 1, 1, 2, 2, 1, 1, 1, 0, 0},   {5, 8, 16, 14, 14, 5, 5, 1, 1, 2, 2, 1, 1, 1, 0, 0},
    {3, 3, 64, 33, 31, 7, 7, 2, 2, 3, 3, 1, 1, 1, 0, 0},  {2, 16, 33, 9, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1, 0, 0},
    {2, 32, 24, 12, 13, 3, 3, 2, 2, 1, 1, 1, 1, 1, 0, 0}, {3, 16, 16, 8, 8, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0},
    {3, 6, 4, 10, 21, 3, 3, 1, 1, 4, 4, 2, 3, 2, 0, 0},   {4, 12, 12, 7, 9, 3, 3, 1, 1, 1, 1, 1, 1, 12, 0, 0},
    {2, 5, 9, 1, 40, 1, 4, 1, 3, 0, 2, 1, 2, 1, 0, 0},    {40, 4, 4, 6, 6, 3, 3, 1, 1, 1, 1, 1, 1, 1, 0, 0},
    {1, 2, 5, 30, 5, 6, 2, 3, 1, 1, 7, 2, 1, 1, 0, 0},    {0, 2, 8, 9, 9, 3, 3, 1, 1, 1, 1, 1, 1, 1, 0, 0},
};

static Size random_size(void)
{
    static const int64_t few[] = {1, 1, 1, 2, 3};
    Size s = {.groups = few[pick(0, 4)], .kh = pick(1, 5), .kw = pick(1, 7), .ph = pick(0, 3), .pw = pick(0, 6)};
    s.C = s.groups * pick(1, 9);
    s.O = s.groups * pick(1, pick(1, 40));
    s.N = pick(1, 9);
    s.sh = few[pick(0, 4)], s.sw = pick(0, 9) ? few[pick(0, 4)] : 4;
    s.dh = few[pick(0, 4)], s.dw = few[pick(0, 4)];
    s.H = (s.kh - 1) * s.dh + pick(1, 10);
    s.W = (s.kw - 1) * s.dw + pick(1, 24);
    return s;
}

/* One tap of all: which places of x, k and y it joins; the form is the sum of their products. */
static bool tap(const Size *s, const int64_t *i, int64_t *x, int64_t *k, int64_t *y)
{ /* n, o, c, r, q, i, j; o and c count over all groups */
    int64_t og = s->O / s->groups, cg = s->C / s->groups, g = i[1] / og;
    int64_t h = i[3] * s->sh - s->ph + i[5] * s->dh, w = i[4] * s->sw - s->pw + i[6] * s->dw;
    if (h < 0 || h >= s->H || w < 0 || w >= s->W) return false;
    *x = ((i[0] * s->C + g * cg + i[2]) * s->H + h) * s->W + w;
    *k = ((i[1] * cg + i[2]) * s->kh + i[5]) * s->kw + i[6];
    *y = ((i[0] * s->O + i[1]) * s->oh + i[3]) * s->ow + i[4];
    return true;
}

typedef struct Field {
    int64_t shape[4], n;
    double *v, *size; /* numbers; the sum of the sizes of what was added */
} Field;
static Field field(int64_t a, int64_t b, int64_t c, int64_t d)
{
    Field f = {{a, b, c, d}, a * b * c * d, NULL, NULL};
    f.v = calloc((size_t)f.n + 1, sizeof *f.v);
    f.size = calloc((size_t)f.n + 1, sizeof *f.size);
    for (int64_t i = 0; i < f.n; i++) f.v[i] = number();
    return f;
}
static void field_free(Field *f) { free(f->v), free(f->size); }

static Value tensor_of(State *S, const Field *f, DType d)
{
    Tensor *t = tensor_new(S, d, 4, f->shape);
    for (int64_t i = 0; i < f->n; i++) tensor_put(t, i, f->v[i]);
    return val_obj(T_TENSOR, t);
}

static void *bytes_of(State *S, OpId op, Value a, Value b, int nin, const Attr *attr, size_t *n)
{
    Value x[2] = {a, b}, out;
    if (!op_apply(S, op, x, nin, attr, 13, &out)) {
        failures++;
        return NULL;
    }
    const void *p = tensor_data(S, out.t);
    *n = (size_t)out.t->n * dtype_size[out.t->dtype];
    void *copy = malloc(*n + 1);
    if (*n) memcpy(copy, p, *n);
    release(S, out);
    return copy;
}

/* Runs it with several numbers of threads: bits must agree, and numbers must be near `want`. */
static void check(State *S, OpId op, const Field *a, const Field *b, const Attr *attr, const Field *want, DType d,
                  const Size *s)
{
    static const int threads[] = {1, 2, 5};
    Value x = tensor_of(S, a, d), k = b ? tensor_of(S, b, d) : NIL;
    void *first = NULL;
    for (int t = 0; t < 3; t++) {
        size_t n = 0;
        S->threads = threads[t];
        void *got = bytes_of(S, op, x, k, b ? 2 : 1, attr, &n);
        bool wrong = !got || n != (size_t)want->n * dtype_size[d];
        if (!wrong && t && memcmp(first, got, n) != 0) wrong = true;
        for (int64_t i = 0; !wrong && !t && i < want->n; i++) {
            double v = d == DT_F32 ? (double)((float *)got)[i] : ((double *)got)[i];
            if (!(fabs(v - want->v[i]) <= (d == DT_F32 ? 2e-6 : 1e-14) * want->size[i])) wrong = true;
            compared++;
        }
        if (wrong && failures++ < 10)
            printf("%s in %s, %d threads: N %d C %d O %d x %d %d k %d %d stride %d %d pad %d %d dilate %d %d groups %d\n",
                   op_table[op]->name, dtype_name[d], threads[t], (int)s->N, (int)s->C, (int)s->O, (int)s->H, (int)s->W,
                   (int)s->kh, (int)s->kw, (int)s->sh, (int)s->sw, (int)s->ph, (int)s->pw, (int)s->dh, (int)s->dw,
                   (int)s->groups);
        if (t) free(got);
        else first = got;
    }
    free(first);
    release(S, x);
    release(S, k);
}

static void one(State *S, Size s)
{
    s.oh = (s.H + 2 * s.ph - (s.kh - 1) * s.dh - 1) / s.sh + 1;
    s.ow = (s.W + 2 * s.pw - (s.kw - 1) * s.dw - 1) / s.sw + 1;
    Attr a[13] = {{.i = s.sh}, {.i = s.sw}, {.i = s.ph}, {.i = s.pw}, {.i = s.dh}, {.i = s.dw}, {.i = s.groups},
                  {.i = s.H},  {.i = s.W},  {.i = s.kh}, {.i = s.kw}, {.i = s.oh}, {.i = s.ow}};
    Field x = field(s.N, s.C, s.H, s.W), k = field(s.O, s.C / s.groups, s.kh, s.kw), y = field(s.N, s.O, s.oh, s.ow);
    Field wx = field(s.N, s.C, s.H, s.W), wk = field(s.O, s.C / s.groups, s.kh, s.kw), wy = field(s.N, s.O, s.oh, s.ow);
    for (DType d = DT_F64; d <= DT_F32; d++) {
        if (d == DT_F32) /* what a float holds */
            for (int64_t i = 0; i < x.n || i < k.n || i < y.n; i++) {
                if (i < x.n) x.v[i] = (double)(float)x.v[i];
                if (i < k.n) k.v[i] = (double)(float)k.v[i];
                if (i < y.n) y.v[i] = (double)(float)y.v[i];
            }
        Field *w[3] = {&wx, &wk, &wy};
        for (int f = 0; f < 3; f++)
            for (int64_t i = 0; i < w[f]->n; i++) w[f]->v[i] = w[f]->size[i] = 0;
        int64_t n[7] = {s.N, s.O, s.C / s.groups, s.oh, s.ow, s.kh, s.kw}, i[7] = {0}, total = 1;
        for (int e = 0; e < 7; e++) total *= n[e];
        for (int64_t t = 0; t < total; t++) {
            int64_t xi, ki, yi;
            if (tap(&s, i, &xi, &ki, &yi)) {
                double px = y.v[yi] * k.v[ki], pk = y.v[yi] * x.v[xi], py = k.v[ki] * x.v[xi];
                wx.v[xi] += px, wx.size[xi] += fabs(px);
                wk.v[ki] += pk, wk.size[ki] += fabs(pk);
                wy.v[yi] += py, wy.size[yi] += fabs(py);
            }
            for (int e = 6; e >= 0 && ++i[e] == n[e]; e--) i[e] = 0;
        }
        check(S, OPID_conv, &x, &k, a, &wy, d, &s);
        check(S, OPID_conv_input, &y, &k, a, &wx, d, &s);
        check(S, OPID_conv_kernel, &x, &y, a, &wk, d, &s);
    }
    field_free(&x), field_free(&k), field_free(&y), field_free(&wx), field_free(&wk), field_free(&wy);
}

/* ---- pools ---- */
static void pools(State *S, Size s)
{
    s.ph = s.dh > 1 ? 0 : s.ph > s.kh / 2 ? s.kh / 2 : s.ph; /* no window is all padding */
    s.pw = s.dw > 1 ? 0 : s.pw > s.kw / 2 ? s.kw / 2 : s.pw;
    s.oh = (s.H + 2 * s.ph - (s.kh - 1) * s.dh - 1) / s.sh + 1;
    s.ow = (s.W + 2 * s.pw - (s.kw - 1) * s.dw - 1) / s.sw + 1;
    Attr a[13] = {{.i = s.oh}, {.i = s.ow}, {.i = s.kh}, {.i = s.kw}, {.i = s.sh}, {.i = s.sw}, {.i = s.ph},
                  {.i = s.pw}, {.i = s.dh}, {.i = s.dw}, {.i = 0},    {.i = s.H},  {.i = s.W}};
    Field x = field(s.N, s.C, s.H, s.W), v = field(s.N, s.C, s.oh, s.ow), u = field(s.N, s.C, s.H, s.W);
    Field top = field(s.N, s.C, s.oh, s.ow), picked = field(s.N, s.C, s.oh, s.ow), spread = field(s.N, s.C, s.H, s.W);
    Field mean = field(s.N, s.C, s.oh, s.ow);
    for (int64_t i = 0; i < x.n; i++) x.v[i] = (double)pick(-3, 3) / 4; /* ties */
    for (int64_t i = 0; i < v.n; i++) v.v[i] = (double)pick(-90, 90) / 64;
    for (int64_t i = 0; i < u.n; i++) u.v[i] = (double)pick(-90, 90) / 64, spread.v[i] = spread.size[i] = 0;
    for (int64_t p = 0, k = 0; p < s.N * s.C; p++)
        for (int64_t r = 0; r < s.oh; r++)
            for (int64_t q = 0; q < s.ow; q++, k++) {
                double best = -INFINITY, sum = 0, size = 0;
                int64_t at = -1;
                for (int64_t i = 0; i < s.kh; i++)
                    for (int64_t j = 0; j < s.kw; j++) {
                        int64_t h = r * s.sh - s.ph + i * s.dh, w = q * s.sw - s.pw + j * s.dw;
                        if (h < 0 || h >= s.H || w < 0 || w >= s.W) continue;
                        int64_t e = (p * s.H + h) * s.W + w;
                        if (at < 0 || x.v[e] > best) best = x.v[e], at = e;
                        sum += x.v[e], size += fabs(x.v[e]);
                    }
                top.v[k] = best;
                picked.v[k] = u.v[at];
                spread.v[at] += v.v[k];
                mean.v[k] = sum / (double)(s.kh * s.kw);
                mean.size[k] = size / (double)(s.kh * s.kw);
                top.size[k] = picked.size[k] = 0;
            }
    for (DType d = DT_F64; d <= DT_F32; d++) {
        check(S, OPID_max_pool, &x, NULL, a, &top, d, &s);
        check(S, OPID_max_pick, &x, &u, a, &picked, d, &s);
        check(S, OPID_max_spread, &x, &v, a, &spread, d, &s);
        if (s.dh == 1 && s.dw == 1) check(S, OPID_avg_pool, &x, NULL, a, &mean, d, &s);
    }
    field_free(&x), field_free(&v), field_free(&u), field_free(&top), field_free(&picked), field_free(&spread);
    field_free(&mean);
}

/* NaN stands before all others, and of several the last: as the loops of windows have it, in vectors too. */
static void nans(State *S)
{
    enum { W = 24, N = 2 * W };
    static const int64_t sizes[] = {8, 16, 18, 24};
    for (size_t t = 0; t < sizeof sizes / sizeof *sizes; t++)
        for (DType d = DT_F64; d <= DT_F32; d++) {
            int64_t w = sizes[t], shape[2] = {2, w}, half[2] = {1, w / 2};
            Attr a[13] = {{.i = 1}, {.i = w / 2}, {.i = 2}, {.i = 2}, {.i = 2}, {.i = 2}, {.i = 0},
                          {.i = 0}, {.i = 1},     {.i = 1}, {.i = 0}, {.i = 2}, {.i = w}};
            Tensor *x = tensor_new(S, d, 2, shape), *v = tensor_new(S, d, 2, half);
            for (int64_t i = 0; i < 2 * w; i++)
                tensor_put(x, i, pick(0, 2) ? (double)pick(-1, 1) : pick(0, 1) ? NAN : -INFINITY);
            for (int64_t i = 0; i < w / 2; i++) tensor_put(v, i, (double)i + 1);
            Value in[2] = {val_obj(T_TENSOR, x), val_obj(T_TENSOR, v)}, y, z;
            if (!op_apply(S, OPID_max_pool, in, 1, a, 13, &y) || !op_apply(S, OPID_max_spread, in, 2, a, 13, &z)) {
                failures++;
                return;
            }
            tensor_data(S, y.t), tensor_data(S, z.t);
            for (int64_t q = 0; q < w / 2; q++) {
                int64_t e[4] = {2 * q, 2 * q + 1, w + 2 * q, w + 2 * q + 1}, at = e[0];
                double top = -INFINITY;
                for (int i = 0; i < 4; i++) {
                    double c = tensor_get(x, e[i]);
                    if (c > top || isnan(c)) top = c, at = e[i];
                }
                double got = tensor_get(y.t, q);
                failures += !(got == top || (isnan(got) && isnan(top)));
                for (int i = 0; i < 4; i++) failures += tensor_get(z.t, e[i]) != (e[i] == at ? (double)q + 1 : 0);
                compared += 5;
            }
            release(S, y), release(S, z), release(S, in[0]), release(S, in[1]);
        }
}

int main(int argc, char **argv)
{
    int64_t count = argc > 1 ? atoll(argv[1]) : 300;
    if (argc > 2) rng = (uint64_t)atoll(argv[2]);
    State *S = state_new(NULL, NULL, 0);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) one(S, fixed[i]);
    for (int64_t i = 0; i < count; i++) one(S, random_size());
    for (int64_t i = 0; i < count; i++) {
        Size s = random_size();
        if (i % 2) s.kh = s.kw = s.sh = s.sw = 2, s.ph = s.pw = 0, s.dh = s.dw = 1, s.H += 2, s.W += 2;
        pools(S, s);
    }
    for (int i = 0; i < 20; i++) nans(S);
    size_t left = state_free(S);
    if (left) printf("%zu bytes left\n", left);
    printf("%d comparisons, %d failures\n", compared, failures);
    return failures != 0 || left != 0;
}
