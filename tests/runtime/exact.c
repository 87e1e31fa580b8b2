/* exact.c -- first derivatives to the last digits: rules against complex steps and against long double.
**
** rules.c compares with differences in double, which see some nine digits; here the references carry all sixteen:
**
**   analytic element-wise operations   Im f(x + i h) / h with h = 1e-20 relative, by complex.h: no digit is lost
**   erf, gamma functions and the like  central differences of sixth order in long double, some 1e-16
**   reductions, products, solvers      the same of a plain long double program for the operation
**
** Each is compared with the adjoint and with the tangent, of numbers and of tensors. Every element-wise operation of the
** table that has a derivative must have a reference, so none can be forgotten; of the others those of `wholes` have one.
** cite  Squire and Trapp 1998, "Using complex variables to estimate derivatives of real functions"
** SPDX-License-Identifier: MIT */
#include <complex.h>
#include "tests/runtime/rule_cases.h"
#undef I

typedef double complex Z;
typedef long double R;
#define IM _Complex_I

/* ---- element-wise, analytic ---- */

static Z z_add(const Z *x) { return x[0] + x[1]; }
static Z z_sub(const Z *x) { return x[0] - x[1]; }
static Z z_mul(const Z *x) { return x[0] * x[1]; }
static Z z_div(const Z *x) { return x[0] / x[1]; }
static Z z_mod(const Z *x) { return x[0] - x[1] * floor(creal(x[0]) / creal(x[1])); }
static Z z_neg(const Z *x) { return -x[0]; }
static Z z_pow(const Z *x) { return cexp(x[1] * clog(x[0])); }
static Z z_square(const Z *x) { return x[0] * x[0]; }
static Z z_reciprocal(const Z *x) { return 1 / x[0]; }
static Z z_abs(const Z *x) { return creal(x[0]) < 0 ? -x[0] : x[0]; }
static Z z_exp(const Z *x) { return cexp(x[0]); }
static Z z_expm1(const Z *x) { return cexp(x[0]) - 1; }
static Z z_log(const Z *x) { return clog(x[0]); }
static Z z_log1p(const Z *x) { return clog(1 + x[0]); }
static Z z_log2(const Z *x) { return clog(x[0]) / M_LN2; }
static Z z_log10(const Z *x) { return clog(x[0]) / M_LN10; }
static Z z_sqrt(const Z *x) { return csqrt(x[0]); }
static Z z_xlogy(const Z *x) { return x[0] * clog(x[1]); }
static Z z_sin(const Z *x) { return csin(x[0]); }
static Z z_cos(const Z *x) { return ccos(x[0]); }
static Z z_tan(const Z *x) { return ctan(x[0]); }
static Z z_asin(const Z *x) { return casin(x[0]); }
static Z z_acos(const Z *x) { return cacos(x[0]); }
static Z z_atan(const Z *x) { return catan(x[0]); }
static Z z_atan2(const Z *x)
{
    return fabs(creal(x[0])) < fabs(creal(x[1])) ? catan(x[0] / x[1]) : -catan(x[1] / x[0]);
}
static Z z_sinh(const Z *x) { return csinh(x[0]); }
static Z z_cosh(const Z *x) { return ccosh(x[0]); }
static Z z_tanh(const Z *x) { return ctanh(x[0]); }
static Z z_asinh(const Z *x) { return casinh(x[0]); }
static Z z_acosh(const Z *x) { return cacosh(x[0]); }
static Z z_atanh(const Z *x) { return catanh(x[0]); }
static Z z_hypot(const Z *x) { return csqrt(x[0] * x[0] + x[1] * x[1]); }
static Z z_sigmoid(const Z *x) { return 1 / (1 + cexp(-x[0])); }
static Z z_softplus(const Z *x) { return clog(1 + cexp(x[0])); }
static Z z_relu(const Z *x) { return creal(x[0]) > 0 ? x[0] : 0; }
static Z z_leaky(const Z *x) { return creal(x[0]) > 0 ? x[0] : x[0] * x[1]; }
static Z z_elu(const Z *x) { return creal(x[0]) > 0 ? x[0] : x[1] * (cexp(x[0]) - 1); }
static Z z_silu(const Z *x) { return x[0] / (1 + cexp(-x[0])); }
#define INNER(X) (sqrt(2 / M_PI) * ((X) + 0.044715 * (X) * (X) * (X)))
static Z z_gelu_tanh(const Z *x) { return 0.5 * x[0] * (1 + ctanh(INNER(x[0]))); }
static Z z_gelu_tanh_slope(const Z *x)
{
    Z t = ctanh(INNER(x[0]));
    return 0.5 * (1 + t) + 0.5 * x[0] * (1 - t * t) * sqrt(2 / M_PI) * (1 + 3 * 0.044715 * x[0] * x[0]);
}
static Z z_maximum(const Z *x) { return creal(x[0]) > creal(x[1]) ? x[0] : x[1]; }
static Z z_minimum(const Z *x) { return creal(x[0]) < creal(x[1]) ? x[0] : x[1]; }
static Z z_where(const Z *x) { return creal(x[0]) != 0 ? x[1] : x[2]; }
static Z z_clamp(const Z *x) { return creal(x[0]) < creal(x[1]) ? x[1] : creal(x[0]) > creal(x[2]) ? x[2] : x[0]; }
static Z z_gate(const Z *x) { return creal(x[1]) != 0 ? x[0] : 0; }

/* ---- element-wise, in long double ---- */

static R l_erf(const R *x) { return erfl(x[0]); }
static R l_erfc(const R *x) { return erfcl(x[0]); }
static R l_gelu(const R *x) { return x[0] / 2 * erfcl(-x[0] / sqrtl(2)); }
static R l_lgamma(const R *x) { return lgammal(x[0]); }
/* psi^(n): upwards by recurrence, then the asymptotic series (DLMF 5.11.2 and its derivatives). */
static R psi(int n, R x)
{
    static const R even[] = {1.L / 6, -1.L / 30, 1.L / 42, -1.L / 30, 5.L / 66, -691.L / 2730, 7.L / 6, -3617.L / 510};
    R s = 0, sign = n % 2 ? 1 : -1, fact = tgammal(n + 1);
    for (; x < 25; x++) s += sign * fact / powl(x, n + 1);
    R t = n ? sign * (tgammal(n) / powl(x, n) + fact / (2 * powl(x, n + 1))) : logl(x) - 1 / (2 * x);
    for (int k = 1; k <= 8; k++)
        t += sign * even[k - 1] * tgammal(2 * k + n) / (tgammal(2 * k + 1) * powl(x, 2 * k + n));
    return s + t;
}
static R l_digamma(const R *x) { return psi(0, x[0]); }
static R l_polygamma(const R *x) { return psi((int)x[0], x[1]); }
static R l_lbeta(const R *x) { return lgammal(x[0]) + lgammal(x[1]) - lgammal(x[0] + x[1]); }
static R l_beta(const R *x) { return expl(l_lbeta(x)); }

typedef struct Each {
    const char *op;
    Z (*z)(const Z *x);
    R (*l)(const R *x);
    const char *in; /* NULL: 24 values for each input */
    Range2 range[3];
} Each;
static const Each eachs[] = {
    {"add", z_add},
    {"sub", z_sub},
    {"mul", z_mul},
    {"div", z_div},
    {"mod", z_mod},
    {"neg", z_neg},
    {"pow", z_pow},
    {"square", z_square},
    {"reciprocal", z_reciprocal},
    {"abs", z_abs},
    {"exp", z_exp},
    {"expm1", z_expm1},
    {"log", z_log},
    {"log1p", z_log1p},
    {"log2", z_log2},
    {"log10", z_log10},
    {"sqrt", z_sqrt},
    {"xlogy", z_xlogy},
    {"sin", z_sin},
    {"cos", z_cos},
    {"tan", z_tan},
    {"asin", z_asin},
    {"acos", z_acos},
    {"atan", z_atan},
    {"atan2", z_atan2},
    {"sinh", z_sinh},
    {"cosh", z_cosh},
    {"tanh", z_tanh},
    {"asinh", z_asinh},
    {"acosh", z_acosh},
    {"atanh", z_atanh},
    {"hypot", z_hypot},
    {"sigmoid", z_sigmoid},
    {"softplus", z_softplus},
    {"relu", z_relu},
    {"leaky_relu", z_leaky},
    {"elu", z_elu},
    {"silu", z_silu},
    {"gelu_tanh", z_gelu_tanh},
    {"gelu_tanh_slope", z_gelu_tanh_slope},
    {"maximum", z_maximum},
    {"minimum", z_minimum},
    {"chain", z_mul},
    {"chain_div", z_div},
    {"div_or_zero", z_div},
    {"where", z_where, NULL, "b6:1,0,1,1,0,0; 6; 6", {{0, 0}}},
    {"gate", z_gate, NULL, "6; b6:1,0,1,1,0,0", {{0, 0}}},
    {"clamp", z_clamp, NULL, "24; 24; 24", {{-2, 2}, {-1, -0.6}, {0.6, 1}}},
    {"erf", NULL, l_erf},
    {"erfc", NULL, l_erfc},
    {"gelu", NULL, l_gelu},
    {"lgamma", NULL, l_lgamma},
    {"digamma", NULL, l_digamma},
    {"lbeta", NULL, l_lbeta},
    {"beta", NULL, l_beta},
    {"polygamma", NULL, l_polygamma, "n; 24", {{2, 2}, {0.5, 3}}},
};

/* ---- whole operations, in long double ---- */

typedef struct Shape {
    int rank;
    int64_t n[RANK_MAX];
} Shape;
typedef struct Args {
    const Setup *s;
    R *x[INPUTS];
    Shape shape[INPUTS];
} Args;

static int64_t rows(const Args *a, int i) { return a->shape[i].n[0]; }
static int64_t cols(const Args *a, int i) { return a->shape[i].n[1]; }

/* Calls f for each run of elements that a reduction of a matrix takes together: by attribute 1, a mask of axes. */
typedef void (*Run1)(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y);
static void runs(const Args *a, Run1 f, R *y)
{
    int64_t n = rows(a, 0), m = cols(a, 0), at[64], mask = a->s->attr[1].i;
    int64_t groups = mask == BOTH ? 1 : mask == ROWS ? m : n, size = n * m / groups;
    for (int64_t g = 0; g < groups; g++) {
        for (int64_t k = 0; k < size; k++) at[k] = mask == ROWS ? k * m + g : g * size + k;
        f(a, g, at, size, y);
    }
}
static R mean_of(const R *x, const int64_t *at, int64_t n)
{
    R s = 0;
    for (int64_t k = 0; k < n; k++) s += x[at[k]];
    return s / n;
}
static R square_of(const R *x, const int64_t *at, int64_t n, R from)
{
    R s = 0;
    for (int64_t k = 0; k < n; k++) s += (x[at[k]] - from) * (x[at[k]] - from);
    return s;
}
static R log_sum(const R *x, const int64_t *at, int64_t n)
{
    R s = 0;
    for (int64_t k = 0; k < n; k++) s += expl(x[at[k]]);
    return logl(s);
}
static void r_sum1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y) { y[g] = n * mean_of(a->x[0], at, n); }
static void r_mean1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y) { y[g] = mean_of(a->x[0], at, n); }
static void r_var1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y)
{
    y[g] = square_of(a->x[0], at, n, mean_of(a->x[0], at, n)) / (n - a->s->attr[2].f);
}
static void r_std1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y)
{
    r_var1(a, g, at, n, y);
    y[g] = sqrtl(y[g]);
}
static void r_norm1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y)
{
    y[g] = sqrtl(square_of(a->x[0], at, n, 0));
}
static void r_lse1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y) { y[g] = log_sum(a->x[0], at, n); }
static void r_prod1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y)
{
    y[g] = 1;
    for (int64_t k = 0; k < n; k++) y[g] *= a->x[0][at[k]];
}
static void r_softmax1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y)
{
    (void)g;
    for (int64_t k = 0; k < n; k++) y[at[k]] = expl(a->x[0][at[k]] - log_sum(a->x[0], at, n));
}
static void r_log_softmax1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y)
{
    (void)g;
    for (int64_t k = 0; k < n; k++) y[at[k]] = a->x[0][at[k]] - log_sum(a->x[0], at, n);
}
static void r_standard1(const Args *a, int64_t g, const int64_t *at, int64_t n, R *y)
{
    R m = mean_of(a->x[0], at, n), v = square_of(a->x[0], at, n, m) / n + a->s->attr[2].f;
    (void)g;
    for (int64_t k = 0; k < n; k++) y[at[k]] = (a->x[0][at[k]] - m) / sqrtl(v);
}
#define BY_RUNS(NAME)                                                                                                  \
    static void w_##NAME(const Args *a, R *y) { runs(a, r_##NAME##1, y); }
BY_RUNS(sum)
BY_RUNS(mean)
BY_RUNS(var)
BY_RUNS(std)
BY_RUNS(norm)
BY_RUNS(lse)
BY_RUNS(prod)
BY_RUNS(softmax)
BY_RUNS(log_softmax)
BY_RUNS(standard)

/* Running sums and products along an axis: attributes (axis, ...). */
static void running(const Args *a, R *y, bool product)
{
    int64_t n = rows(a, 0), m = cols(a, 0);
    bool by_row = a->s->attr[0].i == 1;
    for (int64_t i = 0; i < n * m; i++) {
        bool first = by_row ? i % m == 0 : i < m;
        R was = first ? product : y[by_row ? i - 1 : i - m];
        y[i] = product ? was * a->x[0][i] : was + a->x[0][i];
    }
}
static void w_cumsum(const Args *a, R *y) { running(a, y, false); }
static void w_cumprod(const Args *a, R *y) { running(a, y, true); }

static void w_matmul(const Args *a, R *y)
{
    int64_t n = rows(a, 0), k = cols(a, 0), m = cols(a, 1);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j++) {
            y[i * m + j] = 0;
            for (int64_t q = 0; q < k; q++) y[i * m + j] += a->x[0][i * k + q] * a->x[1][q * m + j];
        }
}

/* A X = B by elimination, B replaced; the determinant. */
static R eliminate(const R *A, R *B, int64_t n, int64_t m)
{
    R a[64], det = 1;
    memcpy(a, A, (size_t)(n * n) * sizeof *a);
    for (int64_t c = 0; c < n; c++) {
        int64_t p = c;
        for (int64_t i = c; i < n; i++)
            if (fabsl(a[i * n + c]) > fabsl(a[p * n + c])) p = i;
        for (int64_t j = 0; j < n && p != c; j++) {
            R t = a[p * n + j];
            a[p * n + j] = a[c * n + j];
            a[c * n + j] = t;
        }
        for (int64_t j = 0; j < m && p != c; j++) {
            R t = B[p * m + j];
            B[p * m + j] = B[c * m + j];
            B[c * m + j] = t;
        }
        if (p != c) det = -det;
        det *= a[c * n + c];
        for (int64_t i = 0; i < n; i++) {
            if (i == c) continue;
            R f = a[i * n + c] / a[c * n + c];
            for (int64_t j = c; j < n; j++) a[i * n + j] -= f * a[c * n + j];
            for (int64_t j = 0; j < m; j++) B[i * m + j] -= f * B[c * m + j];
        }
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j++) B[i * m + j] /= a[i * n + i];
    return det;
}
static void w_solve(const Args *a, R *y)
{
    int64_t n = rows(a, 0), m = cols(a, 1);
    memcpy(y, a->x[1], (size_t)(n * m) * sizeof *y);
    eliminate(a->x[0], y, n, m);
}
/* attributes: lower, unit diagonal, transposed; the other triangle is not read */
static void w_solve_triangular(const Args *a, R *y)
{
    int64_t n = rows(a, 0), m = cols(a, 1);
    R t[64] = {0};
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            if (i == j || (i > j) == (a->s->attr[0].i != 0)) t[i * n + j] = a->x[0][i * n + j];
    memcpy(y, a->x[1], (size_t)(n * m) * sizeof *y);
    eliminate(t, y, n, m);
}
static void w_inv(const Args *a, R *y)
{
    int64_t n = rows(a, 0);
    for (int64_t i = 0; i < n * n; i++) y[i] = i % (n + 1) == 0;
    eliminate(a->x[0], y, n, n);
}
static void w_det(const Args *a, R *y) { y[0] = eliminate(a->x[0], NULL, rows(a, 0), 0); }
static void w_cholesky(const Args *a, R *y)
{
    int64_t n = rows(a, 0);
    for (int64_t i = 0; i < n * n; i++) y[i] = 0;
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = j; i < n; i++) {
            R s = (a->x[0][i * n + j] + a->x[0][j * n + i]) / 2;
            for (int64_t k = 0; k < j; k++) s -= y[i * n + k] * y[j * n + k];
            y[i * n + j] = i == j ? sqrtl(s) : s / y[j * n + j];
        }
}
/* exp(A) by its series: entries below 2 */
static void w_expm(const Args *a, R *y)
{
    int64_t n = rows(a, 0);
    R t[64], u[64];
    for (int64_t i = 0; i < n * n; i++) y[i] = t[i] = i % (n + 1) == 0;
    for (int k = 1; k < 60; k++) {
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                u[i * n + j] = 0;
                for (int64_t q = 0; q < n; q++) u[i * n + j] += t[i * n + q] * a->x[0][q * n + j] / k;
            }
        memcpy(t, u, sizeof t);
        for (int64_t i = 0; i < n * n; i++) y[i] += t[i];
    }
}
/* layer_norm(x, weight, bias) over the last axis */
static void w_layer_norm(const Args *a, R *y)
{
    int64_t m = cols(a, 0), at[64];
    for (int64_t i = 0; i < rows(a, 0); i++) {
        for (int64_t k = 0; k < m; k++) at[k] = i * m + k;
        r_standard1(a, i, at, m, y);
        for (int64_t k = 0; k < m; k++) y[at[k]] = y[at[k]] * a->x[1][k] + a->x[2][k];
    }
}
/* softmax(scale q k') v */
static void w_attention(const Args *a, R *y)
{
    int64_t d = cols(a, 0), n = rows(a, 1), m = cols(a, 2), at[64];
    R s[64];
    for (int64_t i = 0; i < rows(a, 0); i++) {
        for (int64_t j = 0; j < n; j++) {
            s[j] = 0;
            at[j] = j;
            for (int64_t k = 0; k < d; k++) s[j] += a->s->attr[2].f * a->x[0][i * d + k] * a->x[1][j * d + k];
        }
        R l = log_sum(s, at, n);
        for (int64_t k = 0; k < m; k++) {
            y[i * m + k] = 0;
            for (int64_t j = 0; j < n; j++) y[i * m + k] += expl(s[j] - l) * a->x[2][j * m + k];
        }
    }
}

typedef struct Whole {
    Case c;
    void (*f)(const Args *a, R *y);
    bool spd; /* input 0 becomes A A' + 1 */
} Whole;
static const Whole wholes[] = {
    {{"sum", "3x4", 3, {0, BOTH}, 0, {{0, 0}}}, w_sum, false},
    {{"sum", "3x4", 3, {0, ROWS}, 0, {{0, 0}}}, w_sum, false},
    {{"mean", "3x4", 3, {0, COLS}, 0, {{0, 0}}}, w_mean, false},
    {{"variance", "3x4", 3, {0, BOTH}, 0, {{0, 0}}}, w_var, false},
    {{"variance", "3x4", 3, {0, COLS}, 1, {{0, 0}}}, w_var, false},
    {{"std", "3x4", 3, {0, ROWS}, 1, {{0, 0}}}, w_std, false},
    {{"norm", "3x4", 3, {0, BOTH}, 0, {{0, 0}}}, w_norm, false},
    {{"norm", "3x4", 3, {0, ROWS}, 0, {{0, 0}}}, w_norm, false},
    {{"logsumexp", "3x4", 3, {0, BOTH}, 0, {{0, 0}}}, w_lse, false},
    {{"logsumexp", "3x4", 3, {0, COLS}, 0, {{0, 0}}}, w_lse, false},
    {{"softmax", "3x4", 3, {0, COLS}, 0, {{0, 0}}}, w_softmax, false},
    {{"softmax", "3x4", 3, {0, ROWS}, 0, {{0, 0}}}, w_softmax, false},
    {{"log_softmax", "3x4", 3, {0, COLS}, 0, {{0, 0}}}, w_log_softmax, false},
    {{"standardize", "3x4", 4, {0, COLS, 0, 1}, 0.01, {{0, 0}}}, w_standard, false},
    {{"standardize", "3x4", 4, {0, ROWS, 0, 1}, 0.01, {{0, 0}}}, w_standard, false},
    {{"prod", "3x4", 3, {0, BOTH}, 0, {{0, 0}}}, w_prod, false},
    {{"prod", "3x4", 3, {0, COLS}, 0, {{0, 0}}}, w_prod, false},
    {{"cumsum", "3x4", 2, {1, 0}, 0, {{0, 0}}}, w_cumsum, false},
    {{"cumsum", "3x4", 2, {0, 0}, 0, {{0, 0}}}, w_cumsum, false},
    {{"cumprod", "3x4", 2, {1, 0}, 0, {{0, 0}}}, w_cumprod, false},
    {{"cumprod", "3x4", 2, {0, 0}, 0, {{0, 0}}}, w_cumprod, false},
    {{"matmul", "3x4; 4x5", 0, {0}, 0, {{0, 0}}}, w_matmul, false},
    {{"solve", "4x4; 4x2", 0, {0}, 0, {{0.1, 2}}}, w_solve, true},
    {{"solve_triangular", "4x4; 4x2", 3, {1, 0, 0}, 0, {{0.6, 2}}}, w_solve_triangular, false},
    {{"solve_triangular", "4x4; 4x2", 3, {0, 0, 0}, 0, {{0.6, 2}}}, w_solve_triangular, false},
    {{"inv", "4x4", 0, {0}, 0, {{0, 0}}}, w_inv, true},
    {{"det", "4x4", 0, {0}, 0, {{0, 0}}}, w_det, false},
    {{"cholesky", "4x4", 0, {0}, 0, {{0, 0}}}, w_cholesky, true},
    {{"expm", "3x3", 0, {0}, 0, {{0, 0}}}, w_expm, false},
    {{"layer_norm", "3x4; 4; 4", 4, {0, 0, 0, 1}, 0.01, {{0, 0}}}, w_layer_norm, false},
    {{"attention", "3x2; 4x2; 4x3", 3, {0}, 0.6, {{0, 0}}}, w_attention, false},
};

/* ---- comparing ---- */

static double worst;

static void check(State *S, const char *op, const char *in, const char *what, double got, R want, double scale)
{
    double error = fabs((double)(got - want)) / (scale > 1 ? scale : 1);
    checks++;
    if (error > worst) worst = error;
    if (!(error < 4e-14)) {
        char text[TEXT];
        snprintf(text, sizeof text, "%s, off by %.3g", what, error);
        fail(S, op, in, text, got, (double)want);
    }
}

/* Gradient of <w, op(x)>, reverse: g[i] owned, nil where input i does not move. */
static bool reverse(Setup *s, const Value *x, Value w, Value *g)
{
    State *S = s->S;
    Value y = NIL, lifted[INPUTS];
    if (!tape_open(S)) return false;
    bool ok = true;
    for (int i = 0; i < s->nin; i++) lifted[i] = g[i] = NIL;
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_lift(S, x[i], &lifted[i]);
        else lifted[i] = retain(x[i]);
    ok = ok && op_apply(S, (OpId)s->op, lifted, s->nin, s->attr, s->nattr, &y) && tape_seed(S, y, w) &&
         tape_sweep(S, false);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_gradient(S, lifted[i], &g[i]);
    release(S, y);
    drop(S, lifted, s->nin);
    tape_close(S);
    return ok;
}

/* <w, op's tangent> along v for input `which`. */
static bool forward(Setup *s, const Value *x, int which, Value v, Value w, double *out)
{
    State *S = s->S;
    Value y = NIL, dy = NIL, lifted[INPUTS];
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (int i = 0; i < s->nin; i++) lifted[i] = NIL;
    for (int i = 0; i < s->nin && ok; i++) ok = tape_lift_dual(S, x[i], i == which ? v : NIL, &lifted[i]);
    ok = ok && op_apply(S, (OpId)s->op, lifted, s->nin, s->attr, s->nattr, &y) && tape_tangent(S, y, &dy);
    if (ok) *out = dot(S, dy, w);
    release(S, y);
    release(S, dy);
    drop(S, lifted, s->nin);
    tape_close(S);
    return ok;
}

static double at(Value v, int64_t k) { return v.tag == T_NUM ? v.n : tensor_get(v.t, k); }

static bool unit(State *S, Value like, int64_t k, Value *out)
{
    if (like.tag == T_NUM) return *out = val_num(1), true;
    Tensor *t = tensor_zeros(S, DT_F64, like.t->rank, tensor_shape(like.t));
    if (!t) return false;
    tensor_put(t, k, 1);
    *out = val_obj(T_TENSOR, t);
    return true;
}

/* d[k] for each element of each input that moves, against adjoint and tangent. scale: of the whole. */
static void compare(Setup *s, const char *in, const Value *x, Value w, R *const *d, double scale)
{
    State *S = s->S;
    const char *name = op_table[s->op]->name;
    Value g[INPUTS], v;
    double got;
    bool ok = reverse(s, x, w, g);
    for (int i = 0; i < s->nin && ok; i++) {
        int64_t n = x[i].tag == T_TENSOR ? x[i].t->n : 1;
        if (!s->in[i].moves) continue;
        ok = g[i].tag != T_TENSOR || tensor_force(S, g[i].t);
        for (int64_t k = 0; k < n && ok; k++) {
            double by = scale > 0 ? scale : (double)fabsl(d[i][k]);
            check(S, name, in, "adjoint", at(g[i], k), d[i][k], by);
            ok = unit(S, x[i], k, &v) && forward(s, x, i, v, w, &got);
            if (ok) check(S, name, in, "tangent", got, d[i][k], by);
            release(S, v);
        }
    }
    if (!ok) fail(S, name, in, "an error", NAN, NAN);
    drop(S, g, s->nin);
}

/* f(x + h) - f(x - h) and so on: sixth order. */
static const R stencil[3] = {3.L / 4, -3.L / 20, 1.L / 60};

static R slope_of(const Each *e, const double *x, int nin, int i)
{
    Z z[3];
    R l[3], d = 0, h = 1e-3L;
    for (int k = 0; k < nin; k++) z[k] = x[k];
    if (e->z) {
        double step = 1e-20 * fmax(fabs(x[i]), 1e-2);
        z[i] += IM * step;
        return cimag(e->z(z)) / step;
    }
    for (int k = 1; k <= 3; k++)
        for (int side = -1; side <= 1; side += 2) {
            for (int q = 0; q < nin; q++) l[q] = x[q];
            l[i] += side * k * h;
            d += side * stencil[k - 1] * e->l(l) / h;
        }
    return d;
}

static void check_each(State *S, const Each *e)
{
    int op = op_by_name(e->op), nin = op_table[op]->nin;
    const char *in = e->in ? e->in : nin == 1 ? "24" : "24; 24";
    Range2 range[INPUTS] = {e->range[0], e->range[1], e->range[2]};
    for (size_t i = 0; !e->in && i < sizeof domains / sizeof *domains; i++)
        if (!strcmp(domains[i].op, e->op)) range[0] = domains[i].a, range[1] = domains[i].b;
    Setup s;
    R d[3][24], one[3], *all[INPUTS] = {d[0], d[1], d[2]}, *ones[INPUTS] = {&one[0], &one[1], &one[2]};
    Value x[INPUTS], p[INPUTS];
    if (!setup(S, &s, op, in, NULL, range, DT_F64)) {
        fail(S, e->op, in, "no inputs", NAN, NAN);
        return;
    }
    int64_t n = 1;
    for (int i = 0; i < nin; i++) {
        x[i] = s.in[i].v;
        if (x[i].tag == T_TENSOR) n = x[i].t->n;
    }
    Tensor *ones_of = tensor_zeros(S, DT_F64, 1, &n);
    for (int64_t k = 0; ones_of && k < n; k++) {
        double v[3];
        tensor_put(ones_of, k, 1);
        for (int i = 0; i < nin; i++) v[i] = at(x[i], k);
        for (int i = 0; i < nin; i++) {
            p[i] = x[i].tag == T_TENSOR && x[i].t->dtype == DT_BOOL ? val_bool(v[i] != 0) : val_num(v[i]);
            if (s.in[i].moves) one[i] = d[i][k] = slope_of(e, v, nin, i);
        }
        compare(&s, "numbers", p, val_num(1), ones, 0);
    }
    compare(&s, in, x, val_obj(T_TENSOR, ones_of), all, 0);
    obj_release(S, ones_of);
    teardown(&s);
}

static R weighed(Args *a, const Whole *o, Value w)
{
    R y[64] = {0}, s = 0;
    o->f(a, y);
    for (int64_t k = 0; k < (w.tag == T_TENSOR ? w.t->n : 1); k++) s += y[k] * (R)at(w, k);
    return s;
}

static bool make_spd(State *S, Input *in)
{
    int64_t n = tensor_shape(in->v.t)[0];
    Tensor *t = tensor_new(S, DT_F64, 2, tensor_shape(in->v.t));
    for (int64_t i = 0; t && i < n * n; i++) {
        double s = i % (n + 1) == 0;
        for (int64_t k = 0; k < n; k++) s += at(in->v, i / n * n + k) * at(in->v, i % n * n + k);
        tensor_put(t, i, s);
    }
    if (t) release(S, in->v), in->v = val_obj(T_TENSOR, t);
    return t != NULL;
}

static void check_whole(State *S, const Whole *o)
{
    Setup s;
    Args a = {.s = &s};
    R x[INPUTS][32], d[INPUTS][32], *all[INPUTS], h = 1e-3L;
    Value in[INPUTS], y = NIL;
    double scale = 0;
    bool ok = setup(S, &s, op_by_name(o->c.op), o->c.in, &o->c, o->c.range, DT_F64) &&
              (!o->spd || make_spd(S, &s.in[0]));
    for (int i = 0; ok && i < s.nin; i++) {
        in[i] = s.in[i].v;
        all[i] = d[i];
        a.x[i] = x[i];
        a.shape[i].rank = in[i].t->rank;
        memcpy(a.shape[i].n, tensor_shape(in[i].t), (size_t)in[i].t->rank * sizeof(int64_t));
        for (int64_t k = 0; k < in[i].t->n; k++) x[i][k] = tensor_get(in[i].t, k);
    }
    ok = ok && op_apply(S, (OpId)s.op, in, s.nin, s.attr, s.nattr, &y);
    Value w = ok ? weights(S, y, 1000) : NIL;
    if (!ok || (y.tag == T_TENSOR && !tensor_force(S, y.t))) {
        fail(S, o->c.op, o->c.in, "an error", NAN, NAN);
        return;
    }
    check(S, o->c.op, o->c.in, "the value", dot(S, y, w), weighed(&a, o, w), fabs(dot(S, y, w)));
    for (int i = 0; i < s.nin; i++)
        for (int64_t k = 0; k < in[i].t->n; k++) {
            R was = x[i][k];
            d[i][k] = 0;
            for (int q = 1; q <= 3; q++)
                for (int side = -1; side <= 1; side += 2) {
                    x[i][k] = was + side * q * h;
                    d[i][k] += side * stencil[q - 1] * weighed(&a, o, w) / h;
                }
            x[i][k] = was;
            scale = fmax(scale, (double)fabsl(d[i][k]));
        }
    compare(&s, o->c.in, in, w, all, scale);
    release(S, y);
    release(S, w);
    teardown(&s);
}

int main(void)
{
    State *S = state_new(NULL, NULL, 0);
    if (!S) return 2;
    for (int op = 0; op < OPID_COUNT; op++) {
        const OpDef *d = op_table[op];
        size_t k = 0;
        if (!(d->flags & OPF_EACH) || (d->flags & (OPF_ZERO | OPF_BOOL)) || !d->adjoint) continue;
        while (k < sizeof eachs / sizeof *eachs && strcmp(eachs[k].op, d->name)) k++;
        if (k == sizeof eachs / sizeof *eachs) fail(S, d->name, "", "no reference in exact.c", NAN, NAN);
    }
    for (size_t i = 0; i < sizeof eachs / sizeof *eachs; i++)
        if (op_by_name(eachs[i].op) < 0) fail(S, eachs[i].op, "", "no such operation", NAN, NAN);
        else check_each(S, &eachs[i]);
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
        if (op_by_name(wholes[i].c.op) < 0) fail(S, wholes[i].c.op, "", "no such operation", NAN, NAN);
        else check_whole(S, &wholes[i]);
    size_t left = state_free(S);
    if (left) {
        printf("FAIL %zu bytes leaked\n", left);
        failures++;
    }
    printf("%d comparisons, the worst off by %.2g of its size, %d failures\n", checks, worst, failures);
    return failures != 0;
}
