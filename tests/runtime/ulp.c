/* ulp.c -- the error of the vector loops of functions, in units in the last place, against long double.
**
** Points are spread evenly over a range and over its logarithm; every level of the instruction set that the processor
** has, both float types. The bounds are the largest errors measured (libmvec of glibc 2.36, our own polynomials),
** rounded up. Where a function has an e^v that is large (gelu, gelu_tanh and its slope below 0), the rounding of v is
** multiplied by |v|: the range says how far the bound goes. Infinities, NaN and zeros give the limits.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include "runtime/kernels/kernels.h"
#include "tests/runtime/check.h"

typedef long double Exact(long double x);
static Exact l_sigmoid, l_silu, l_softplus, l_gelu, l_gelu_tanh, l_gelu_slope;
static long double l_sigmoid(long double x) { return 1 / (1 + expl(-x)); }
static long double l_silu(long double x) { return x / (1 + expl(-x)); }
static long double l_softplus(long double x) { return fmaxl(x, 0) + log1pl(expl(-fabsl(x))); }
static long double l_gelu(long double x) { return 0.5L * x * erfcl(-x * 0.707106781186547524400844362104849039L); }
#define A 1.59576912160573071175978423973752747390L /* 2 sqrt(2 / pi) */
#define B (A * 0.044715L)
static long double l_gelu_tanh(long double x) { return x / (1 + expl(-x * (A + B * x * x))); }
static long double l_gelu_slope(long double x)
{
    long double v = x * (A + B * x * x), s = 1 / (1 + expl(-v));
    return s + s / (1 + expl(v)) * x * (A + 3 * B * x * x);
}

static const struct Case {
    const char *name;
    Kernel kernel;
    Exact *exact;
    double lo, hi;
    double most[2]; /* ulp, f64 and f32 */
} cases[] = {
    {"exp", K_exp, expl, -80, 80, {3, 3}},
    {"log", K_log, logl, 1e-30, 1e30, {2, 4}},
    {"log near 1", K_log, logl, 0.5, 2, {2, 4}},
    {"tanh", K_tanh, tanhl, -12, 12, {3, 2}},
    {"sigmoid", K_sigmoid, l_sigmoid, -80, 80, {4, 4}},
    {"silu", K_silu, l_silu, -80, 80, {4, 4}},
    {"softplus", K_softplus, l_softplus, -80, 80, {4, 4}},
    {"gelu_tanh", K_gelu_tanh, l_gelu_tanh, -4, 8, {25, 25}},
    {"gelu_tanh_slope", K_gelu_tanh_slope, l_gelu_slope, -0.5, 8, {4, 4}},
    {"gelu", K_gelu, l_gelu, -4, 8, {25, 20}},
    {"erf", K_erf, erfl, -6, 6, {3, 5}},
    {"log1p", K_log1p, log1pl, -0.99, 1e10, {2, 2}},
    {"expm1", K_expm1, expm1l, -80, 80, {3, 3}},
    {"sin", K_sin, sinl, -100, 100, {4, 2}},
    {"cos", K_cos, cosl, -100, 100, {4, 2}},
};

enum { POINTS = 20000 };

/* Point i of a case: half of them evenly, half by size. */
static double point(const struct Case *c, int i)
{
    double t = (i / 2 + 0.5) / (POINTS / 2);
    if (i & 1) return c->lo + (c->hi - c->lo) * t;
    double big = c->lo > 0 ? c->lo * pow(c->hi / c->lo, t) : c->hi * pow(1e-8, t);
    return c->lo < 0 && i & 2 ? fmax(-big, c->lo) : big;
}

static void check_function(const struct Case *c, int level, DType dt)
{
    static double x[POINTS], y[POINTS];
    float *xf = (float *)x, *yf = (float *)y;
    double worst = 0, where = 0;
    for (int i = 0; i < POINTS; i++) {
        double v = point(c, i);
        if (dt == DT_F32) xf[i] = (float)v;
        else x[i] = v;
    }
    const void *in[1] = {x};
    int step[1] = {1};
    kernels_at(level)[c->kernel][dt](POINTS, in, step, y, NULL);
    for (int i = 0; i < POINTS; i++) {
        double v = dt == DT_F32 ? (double)xf[i] : x[i], got = dt == DT_F32 ? (double)yf[i] : y[i];
        long double want = c->exact(v);
        int e;
        frexpl(want, &e);
        int unit = e - (dt == DT_F32 ? 24 : 53), least = dt == DT_F32 ? -149 : -1074;
        double off = (double)(fabsl((long double)got - want) / ldexpl(1, unit < least ? least : unit));
        if (off > worst) worst = off, where = v;
    }
    const char *show = getenv("ULP"); /* set: prints what is measured */
    if (show) printf("%-16s %s level %d: %.2f ulp at %.9g\n", c->name, dtype_name[dt], level, worst, where);
    CHECK(worst <= c->most[dt == DT_F32], "%s %s level %d: %.2f ulp at %.9g", c->name, dtype_name[dt], level, worst,
          where);
}

static bool same(double a, double b) { return a == b || (a != a && b != b); }

static void check_special(int level, DType dt)
{
    static const double at[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1e300, -1e300};
    static const double want[][7] = {
        {1, 1, INFINITY, 0, NAN, INFINITY, 0},                                  /* exp */
        {0, -0.0, 1, -1, NAN, 1, -1},                                           /* tanh */
        {0.5, 0.5, 1, 0, NAN, 1, 0},                                            /* sigmoid */
        {0.69314718055994531, 0.69314718055994531, INFINITY, 0, NAN, 1e300, 0}, /* softplus */
        {0.5, 0.5, 1, 0, NAN, 1, 0},                                            /* gelu_tanh_slope */
        {0, -0.0, 1, -1, NAN, 1, -1},                                           /* erf */
    };
    static const Kernel kernel[] = {K_exp, K_tanh, K_sigmoid, K_softplus, K_gelu_tanh_slope, K_erf};
    for (int f = 0; f < 6; f++)
        for (int i = 0; i < 7; i++) {
            double x = at[i], y = 0, w = want[f][i];
            float xf = (float)x, yf = 0;
            const void *in[1] = {dt == DT_F32 ? (void *)&xf : (void *)&x};
            int step[1] = {1};
            kernels_at(level)[kernel[f]][dt](1, in, step, dt == DT_F32 ? (void *)&yf : (void *)&y, NULL);
            if (dt == DT_F32) y = (double)yf, w = (double)(float)w;
            CHECK(same(y, w) || fabs(y - w) < 1e-6 * fabs(w), "kernel %d %s level %d of %g: %.9g not %.9g", f,
                  dtype_name[dt], level, x, y, w);
        }
}

int main(void)
{
    State *S = open_state(0);
    for (int level = ISA_BASE; level <= kernels_level(ISA_BEST); level++)
        for (int d = 0; d < 2; d++) {
            for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_function(&cases[i], level, (DType)d);
            check_special(level, (DType)d);
        }
    return report(S);
}
