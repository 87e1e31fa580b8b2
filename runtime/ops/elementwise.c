/* elementwise.c -- arithmetic and functions of one, two or three numbers, element by element.
**
** .each1/.each2 are the meaning for a number, .kernel names the vector loops, .partial the partial derivatives
** for the scalar lane. Rules multiply adjoints by partials through r_chain (or r_chain_div), where an adjoint
** that is exactly 0 stays 0 whatever the partial is, and a partial that is exactly 0 stops an infinite adjoint. Kinks follow PyTorch: abs, relu and hypot 0 at 0,
** maximum and minimum share equally among ties, clamp passes at its bounds.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/kernels/kernels.h"
#include "runtime/op.h"
#include "runtime/state.h"

#define PI 3.14159265358979323846
#define WANT(i) (r->need >> (i)&1)

static Value r_chain_div(Rule *r, Value dy, Value q) { return r_2(r, OPID_chain_div, dy, q); }
static double over(double a, double b) { return a == 0 || isinf(b) ? 0 : a / b; } /* as r_chain_div */
static Value r_square(Rule *r, Value a) { return r_1(r, OPID_square, a); }
static Value r_lt(Rule *r, Value a, Value b) { return r_2(r, OPID_lt, a, b); }
static Value r_le(Rule *r, Value a, Value b) { return r_2(r, OPID_le, a, b); }
static Value r_and(Rule *r, Value a, Value b) { return r_2(r, OPID_logical_and, a, b); }

/* Tangents add up; one that is missing is zero. The sum has y's shape. */
static void tangent_sum(Rule *r, Value a, Value b)
{
    Value t = is_nil(a) ? b : is_nil(b) ? a : r_add(r, a, b);
    r->dyout = r_broadcast(r, t, r->y);
}

/* Rules of a function of one number, from an expression for its partial derivative (or, QUOTIENT, its reciprocal). */
#define PARTIAL(name, expr)                                                                                            \
    static Value name##_slope(Rule *r) { return expr; }                                                                \
    static void name##_adjoint(Rule *r) { r->dx[0] = r_chain(r, r->dy, name##_slope(r)); }                             \
    static void name##_tangent(Rule *r) { r->dyout = r_chain(r, r->dxin[0], name##_slope(r)); }
#define QUOTIENT(name, expr)                                                                                           \
    static Value name##_slope(Rule *r) { return expr; }                                                                \
    static void name##_adjoint(Rule *r) { r->dx[0] = r_chain_div(r, r->dy, name##_slope(r)); }                         \
    static void name##_tangent(Rule *r) { r->dyout = r_chain_div(r, r->dxin[0], name##_slope(r)); }
#define X r->x[0]
#define Y r->y
#define N(v) r_num(v)
#define D1(name, expr)                                                                                                 \
    static void name##_partial(const double *x, double y, double *p)                                                   \
    {                                                                                                                  \
        (void)x, (void)y;                                                                                              \
        p[0] = expr;                                                                                                   \
    }
#define D2(name, d0, d1)                                                                                               \
    static void name##_partial(const double *x, double y, double *p)                                                   \
    {                                                                                                                  \
        (void)y;                                                                                                       \
        p[0] = d0;                                                                                                     \
        p[1] = d1;                                                                                                     \
    }

/* ---- arithmetic ---- */

static double add_at(double x, double y) { return x + y; }
static double sub_at(double x, double y) { return x - y; }
static double mul_at(double x, double y) { return x * y; }
static double div_at(double x, double y) { return x / y; }
static double neg_at(double x) { return -x; }

static void add_partial(const double *x, double y, double *p)
{
    (void)x, (void)y;
    p[0] = p[1] = 1;
}
static void sub_partial(const double *x, double y, double *p)
{
    (void)x, (void)y;
    p[0] = 1;
    p[1] = -1;
}
D2(mul, x[1], x[0])
D2(div, 1 / x[1], -over(y, x[1]))
D1(neg, -1)

static void add_adjoint(Rule *r) { r->dx[0] = r->dx[1] = r->dy; }
static void add_tangent(Rule *r) { tangent_sum(r, r->dxin[0], r->dxin[1]); }
OP(add, .symbol = "+", .nin = 2, .flags = OPF_EACH | OPF_HIDDEN, .kernel = K_add, .infer = infer_broadcast,
   .each2 = add_at, .partial = add_partial, .adjoint = add_adjoint, .tangent = add_tangent,
   .doc = "a + b, element by element.")

static void sub_adjoint(Rule *r)
{
    r->dx[0] = r->dy;
    if (WANT(1)) r->dx[1] = r_neg(r, r->dy);
}
static void sub_tangent(Rule *r) { tangent_sum(r, r->dxin[0], r_neg(r, r->dxin[1])); }
OP(sub, .symbol = "-", .nin = 2, .flags = OPF_EACH | OPF_HIDDEN, .kernel = K_sub, .infer = infer_broadcast,
   .each2 = sub_at, .partial = sub_partial, .adjoint = sub_adjoint, .tangent = sub_tangent,
   .doc = "a - b, element by element.")

static void mul_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = r_chain(r, r->dy, r->x[1]);
    if (WANT(1)) r->dx[1] = r_chain(r, r->dy, r->x[0]);
}
static void mul_tangent(Rule *r) { tangent_sum(r, r_chain(r, r->dxin[0], r->x[1]), r_chain(r, r->dxin[1], r->x[0])); }
OP(mul, .symbol = "*", .nin = 2, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .kernel = K_mul,
   .infer = infer_broadcast, .each2 = mul_at, .partial = mul_partial, .adjoint = mul_adjoint, .tangent = mul_tangent,
   .doc = "a * b, element by element.")

/* y = a / b: da = dy / b, db = -dy y / b */
static Value div_second(Rule *r, Value d) { return r_neg(r, r_chain_div(r, r_chain(r, d, Y), r->x[1])); }
static void div_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = r_chain_div(r, r->dy, r->x[1]);
    if (WANT(1)) r->dx[1] = div_second(r, r->dy);
}
static void div_tangent(Rule *r) { tangent_sum(r, r_chain_div(r, r->dxin[0], r->x[1]), div_second(r, r->dxin[1])); }
OP(div, .symbol = "/", .nin = 2, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X1 | KEEP_Y, .kernel = K_div,
   .infer = infer_broadcast_float, .each2 = div_at, .partial = div_partial, .adjoint = div_adjoint,
   .tangent = div_tangent, .doc = "a / b, element by element; integers give floats.")

static bool no_zero(Run *r)
{
    if (!dtype_int(r->y.dtype) || !r->y.n) return true;
    Arr *b = &r->x[1];
    int64_t zeros = 0;
    if (b->rank == 0) {
        double v;
        convert_loop(DT_F64, &v, b->dtype, b->p, 1, 1);
        zeros = v == 0;
    } else {
        for (int64_t i = 0; i < b->n && !zeros; i++) zeros += tensor_get(r->t[1], i) == 0;
    }
    if (!zeros) return true;
    return diag_set(r->S, r->at, DIAG_VALUE, "`%s` of integers by zero", op_symbol(r->op));
}
static bool div_int_run(Run *r) { return no_zero(r) && each_run(r); }

/* As Python and NumPy: the remainder is exact and has the divisor's sign. */
static double mod_at(double x, double y)
{
    double m = fmod(x, y);
    if (m != 0) return (m < 0) != (y < 0) ? m + y : m;
    return m == 0 ? copysign(0.0, y) : m;
}
static double floordiv_at(double x, double y)
{
    if (y == 0) return x / y;
    double m = fmod(x, y), q = (x - m) / y;
    if (m != 0 && (m < 0) != (y < 0)) q -= 1;
    if (q == 0) return copysign(0.0, x / y);
    double f = floor(q);
    return q - f > 0.5 ? f + 1 : f;
}
OP(floordiv, .symbol = "//", .nin = 2, .flags = OPF_EACH | OPF_HIDDEN | OPF_ZERO | OPF_FAIL, .kernel = K_floordiv,
   .infer = infer_broadcast, .run = div_int_run, .each2 = floordiv_at,
   .doc = "a // b, the quotient rounded down; integers by zero are an error.")

static Value mod_second(Rule *r, Value d) { return r_neg(r, r_chain(r, d, r_2(r, OPID_floordiv, r->x[0], r->x[1]))); }
static void mod_adjoint(Rule *r)
{
    r->dx[0] = r->dy;
    if (WANT(1)) r->dx[1] = mod_second(r, r->dy);
}
static void mod_tangent(Rule *r) { tangent_sum(r, r->dxin[0], is_nil(r->dxin[1]) ? NIL : mod_second(r, r->dxin[1])); }
D2(mod, 1, -floordiv_at(x[0], x[1]))
OP(mod, .symbol = "%", .nin = 2, .flags = OPF_EACH | OPF_HIDDEN | OPF_FAIL, .keep = KEEP_X0 | KEEP_X1, .kernel = K_mod,
   .infer = infer_broadcast, .run = div_int_run, .each2 = mod_at, .partial = mod_partial, .adjoint = mod_adjoint,
   .tangent = mod_tangent, .doc = "a % b, the remainder, with the sign of b; integers by zero are an error.")

static void neg_adjoint(Rule *r) { r->dx[0] = r_neg(r, r->dy); }
static void neg_tangent(Rule *r) { r->dyout = r_neg(r, r->dxin[0]); }
OP(neg, .symbol = "-", .nin = 1, .flags = OPF_EACH | OPF_HIDDEN, .kernel = K_neg, .infer = infer_keep, .each1 = neg_at,
   .partial = neg_partial, .adjoint = neg_adjoint, .tangent = neg_tangent, .doc = "-x, element by element.")

/* ---- powers ----
** y = b^e. By b: e b^(e-1), which is 0 for e = 0 (also at b = 0) and 1 for e = 1. By e: y log b, 0 where b = 0 and e >= 0. */
static Value pow_base(Rule *r, Value d)
{
    Value b = r->x[0], e = r->x[1];
    if (e.hdr == 0) { /* a plain number, nearly always */
        if (e.n == 0) return r_zeros_like(r, Y);
        if (e.n == 1) return d;
        if (e.n == 2) return r_chain(r, d, r_mul(r, N(2), b));
        return r_chain(r, d, r_mul(r, e, r_pow(r, b, N(e.n - 1))));
    }
    Value slope = r_mul(r, e, r_pow(r, b, r_sub(r, e, N(1))));
    return r_where(r, r_2(r, OPID_eq, e, N(0)), N(0), r_chain(r, d, slope));
}
static Value pow_exponent(Rule *r, Value d)
{
    Value b = r->x[0], flat = r_and(r, r_2(r, OPID_eq, b, N(0)), r_le(r, N(0), r->x[1]));
    return r_where(r, flat, N(0), r_chain(r, d, r_mul(r, Y, r_1(r, OPID_log, b))));
}
static void pow_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = pow_base(r, r->dy);
    if (WANT(1)) r->dx[1] = pow_exponent(r, r->dy);
}
static void pow_tangent(Rule *r)
{
    Value a = is_nil(r->dxin[0]) ? NIL : pow_base(r, r->dxin[0]);
    Value b = is_nil(r->dxin[1]) ? NIL : pow_exponent(r, r->dxin[1]);
    tangent_sum(r, a, b);
}
static void pow_partial(const double *x, double y, double *p)
{
    double b = x[0], e = x[1];
    p[0] = e == 0 ? 0 : e == 1 ? 1 : e == 2 ? 2 * b : e * pow(b, e - 1);
    p[1] = b == 0 && e >= 0 ? 0 : y * log(b);
}
static bool pow_run(Run *r)
{
    if (dtype_int(r->y.dtype) && r->y.n) {
        Arr *e = &r->x[1];
        double v = 0;
        if (e->rank == 0) convert_loop(DT_F64, &v, e->dtype, e->p, 1, 1);
        else
            for (int64_t i = 0; i < e->n && v >= 0; i++) v = tensor_get(r->t[1], i);
        if (v < 0) {
            diag_set(r->S, r->at, DIAG_VALUE, "`^` of integers with a negative exponent");
            diag_hint(r->S, "convert first: x as f64");
            return false;
        }
    }
    return each_run(r);
}
OP(pow, .symbol = "^", .nin = 2, .flags = OPF_EACH | OPF_HIDDEN | OPF_FAIL, .keep = KEEP_X0 | KEEP_X1 | KEEP_Y,
   .kernel = K_pow, .infer = infer_broadcast, .run = pow_run, .each2 = pow, .partial = pow_partial,
   .adjoint = pow_adjoint, .tangent = pow_tangent,
   .doc = "a ^ b, element by element; integers with a negative exponent are an error.")

static double square_at(double x) { return x * x; }
PARTIAL(square, r_mul(r, N(2), X))
D1(square, 2 * x[0])
OP(square, .nin = 1, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X0, .kernel = K_square, .infer = infer_keep,
   .each1 = square_at, .partial = square_partial, .adjoint = square_adjoint, .tangent = square_tangent,
   .doc = "x * x, element by element.")

static double reciprocal_at(double x) { return 1 / x; }
PARTIAL(reciprocal, r_neg(r, r_square(r, Y)))
D1(reciprocal, -y *y)
OP(reciprocal, .nin = 1, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_Y, .kernel = K_reciprocal, .infer = infer_same,
   .each1 = reciprocal_at, .partial = reciprocal_partial, .adjoint = reciprocal_adjoint, .tangent = reciprocal_tangent,
   .doc = "1 / x, element by element.")

/* ---- signs and rounding ---- */

static double sign_at(double x) { return x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x; }
PARTIAL(abs, r_1(r, OPID_sign, X))
D1(abs, sign_at(x[0]))
OP(abs, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_abs, .infer = infer_keep, .each1 = fabs,
   .partial = abs_partial, .adjoint = abs_adjoint, .tangent = abs_tangent,
   .doc = "abs(x): the absolute value of each element. Its derivative at 0 is 0.")
OP(sign, .nin = 1, .flags = OPF_EACH | OPF_ZERO, .kernel = K_sign, .infer = infer_keep, .each1 = sign_at,
   .doc = "sign(x): -1, 0 or 1. Its derivative is 0.")
OP(floor, .nin = 1, .flags = OPF_EACH | OPF_ZERO, .kernel = K_floor, .infer = infer_keep, .each1 = floor,
   .doc = "floor(x): the largest whole number that is not above x. Its derivative is 0.")
OP(ceil, .nin = 1, .flags = OPF_EACH | OPF_ZERO, .kernel = K_ceil, .infer = infer_keep, .each1 = ceil,
   .doc = "ceil(x): the smallest whole number that is not below x. Its derivative is 0.")
OP(round, .nin = 1, .flags = OPF_EACH | OPF_ZERO, .kernel = K_round, .infer = infer_keep, .each1 = rint,
   .doc = "round(x): the nearest whole number, halves to even as in NumPy. Its derivative is 0.")

/* ---- exponentials and logarithms ---- */

PARTIAL(exp, Y)
D1(exp, y)
OP(exp, .nin = 1, .flags = OPF_EACH, .keep = KEEP_Y, .kernel = K_exp, .infer = infer_same, .each1 = exp,
   .partial = exp_partial, .adjoint = exp_adjoint, .tangent = exp_tangent, .doc = "exp(x): e to the x.")

PARTIAL(expm1, r_1(r, OPID_exp, X))
D1(expm1, exp(x[0]))
OP(expm1, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_expm1, .infer = infer_same, .each1 = expm1,
   .partial = expm1_partial, .adjoint = expm1_adjoint, .tangent = expm1_tangent,
   .doc = "expm1(x): e^x - 1, precise for small x.")

QUOTIENT(log, X)
D1(log, 1 / x[0])
OP(log, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_log, .infer = infer_same, .each1 = log,
   .partial = log_partial, .adjoint = log_adjoint, .tangent = log_tangent,
   .doc = "log(x): the natural logarithm; -inf at 0, nan below.")

QUOTIENT(log1p, r_add(r, X, N(1)))
D1(log1p, 1 / (1 + x[0]))
OP(log1p, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_log1p, .infer = infer_same, .each1 = log1p,
   .partial = log1p_partial, .adjoint = log1p_adjoint, .tangent = log1p_tangent,
   .doc = "log1p(x): log(1 + x), precise for small x.")

QUOTIENT(log2, r_mul(r, X, N(0.69314718055994531)))
D1(log2, 1 / (x[0] * 0.69314718055994531))
OP(log2, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_log2, .infer = infer_same, .each1 = log2,
   .partial = log2_partial, .adjoint = log2_adjoint, .tangent = log2_tangent, .doc = "log2(x): the logarithm to base 2.")

QUOTIENT(log10, r_mul(r, X, N(2.30258509299404568)))
D1(log10, 1 / (x[0] * 2.30258509299404568))
OP(log10, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_log10, .infer = infer_same, .each1 = log10,
   .partial = log10_partial, .adjoint = log10_adjoint, .tangent = log10_tangent,
   .doc = "log10(x): the logarithm to base 10.")

QUOTIENT(sqrt, r_mul(r, N(2), Y))
D1(sqrt, 0.5 / y)
OP(sqrt, .nin = 1, .flags = OPF_EACH, .keep = KEEP_Y, .kernel = K_sqrt, .infer = infer_same, .each1 = sqrt,
   .partial = sqrt_partial, .adjoint = sqrt_adjoint, .tangent = sqrt_tangent,
   .doc = "sqrt(x): the square root; nan below 0.")

static double xlogy_at(double x, double y) { return x == 0 && y == y ? 0 : x * log(y); }
static Value xlogy_first(Rule *r, Value d)
{
    Value flat = r_and(r, r_2(r, OPID_eq, X, N(0)), r_le(r, r->x[1], N(0)));
    return r_where(r, flat, N(0), r_chain(r, d, r_1(r, OPID_log, r->x[1])));
}
static Value xlogy_second(Rule *r, Value d) { return r_chain_div(r, r_chain(r, d, X), r->x[1]); }
static void xlogy_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = xlogy_first(r, r->dy);
    if (WANT(1)) r->dx[1] = xlogy_second(r, r->dy);
}
static void xlogy_tangent(Rule *r)
{
    tangent_sum(r, is_nil(r->dxin[0]) ? NIL : xlogy_first(r, r->dxin[0]), xlogy_second(r, r->dxin[1]));
}
D2(xlogy, x[0] == 0 && x[1] <= 0 ? 0 : log(x[1]), over(x[0], x[1]))
OP(xlogy, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1, .sig = "xlogy(x, y)", .kernel = K_xlogy,
   .infer = infer_broadcast_float, .each2 = xlogy_at, .partial = xlogy_partial, .adjoint = xlogy_adjoint,
   .tangent = xlogy_tangent, .doc = "xlogy(x, y): x log(y), which is 0 where x is 0.")

/* ---- circular and hyperbolic ---- */

PARTIAL(sin, r_1(r, OPID_cos, X))
D1(sin, cos(x[0]))
OP(sin, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_sin, .infer = infer_same, .each1 = sin,
   .partial = sin_partial, .adjoint = sin_adjoint, .tangent = sin_tangent, .doc = "sin(x): the sine, x in radians.")

PARTIAL(cos, r_neg(r, r_1(r, OPID_sin, X)))
D1(cos, -sin(x[0]))
OP(cos, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_cos, .infer = infer_same, .each1 = cos,
   .partial = cos_partial, .adjoint = cos_adjoint, .tangent = cos_tangent, .doc = "cos(x): the cosine, x in radians.")

PARTIAL(tan, r_add(r, N(1), r_square(r, Y)))
D1(tan, 1 + y * y)
OP(tan, .nin = 1, .flags = OPF_EACH, .keep = KEEP_Y, .kernel = K_tan, .infer = infer_same, .each1 = tan,
   .partial = tan_partial, .adjoint = tan_adjoint, .tangent = tan_tangent, .doc = "tan(x): the tangent, x in radians.")

/* sqrt(1 - x^2) without cancellation near 1 */
static Value r_cosine(Rule *r, Value s) { return r_1(r, OPID_sqrt, r_mul(r, r_sub(r, N(1), s), r_add(r, N(1), s))); }
QUOTIENT(asin, r_cosine(r, X))
D1(asin, 1 / sqrt((1 - x[0]) * (1 + x[0])))
OP(asin, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_asin, .infer = infer_same, .each1 = asin,
   .partial = asin_partial, .adjoint = asin_adjoint, .tangent = asin_tangent,
   .doc = "asin(x): the angle in radians, -pi/2 to pi/2, whose sine is x.")

QUOTIENT(acos, r_neg(r, r_cosine(r, X)))
D1(acos, -1 / sqrt((1 - x[0]) * (1 + x[0])))
OP(acos, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_acos, .infer = infer_same, .each1 = acos,
   .partial = acos_partial, .adjoint = acos_adjoint, .tangent = acos_tangent,
   .doc = "acos(x): the angle in radians, 0 to pi, whose cosine is x.")

QUOTIENT(atan, r_add(r, N(1), r_square(r, X)))
D1(atan, 1 / (1 + x[0] * x[0]))
OP(atan, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_atan, .infer = infer_same, .each1 = atan,
   .partial = atan_partial, .adjoint = atan_adjoint, .tangent = atan_tangent,
   .doc = "atan(x): the angle in radians, -pi/2 to pi/2, whose tangent is x.")

/* atan2(y, x): d/dy = x / (x^2 + y^2), d/dx = -y / (x^2 + y^2) */
static Value atan2_part(Rule *r, Value d, Value by)
{
    return r_chain_div(r, r_chain(r, d, by), r_add(r, r_square(r, r->x[0]), r_square(r, r->x[1])));
}
static void atan2_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = atan2_part(r, r->dy, r->x[1]);
    if (WANT(1)) r->dx[1] = r_neg(r, atan2_part(r, r->dy, r->x[0]));
}
static void atan2_tangent(Rule *r)
{
    tangent_sum(r, is_nil(r->dxin[0]) ? NIL : atan2_part(r, r->dxin[0], r->x[1]),
                is_nil(r->dxin[1]) ? NIL : r_neg(r, atan2_part(r, r->dxin[1], r->x[0])));
}
D2(atan2, over(x[1], x[0] * x[0] + x[1] * x[1]), -over(x[0], x[0] * x[0] + x[1] * x[1]))
OP(atan2, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1, .sig = "atan2(y, x)", .kernel = K_atan2,
   .infer = infer_broadcast_float, .each2 = atan2, .partial = atan2_partial, .adjoint = atan2_adjoint,
   .tangent = atan2_tangent, .doc = "atan2(y, x): the angle of the point (x, y) in radians, -pi to pi.")

PARTIAL(sinh, r_1(r, OPID_cosh, X))
D1(sinh, cosh(x[0]))
OP(sinh, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_sinh, .infer = infer_same, .each1 = sinh,
   .partial = sinh_partial, .adjoint = sinh_adjoint, .tangent = sinh_tangent, .doc = "sinh(x): the hyperbolic sine.")

PARTIAL(cosh, r_1(r, OPID_sinh, X))
D1(cosh, sinh(x[0]))
OP(cosh, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_cosh, .infer = infer_same, .each1 = cosh,
   .partial = cosh_partial, .adjoint = cosh_adjoint, .tangent = cosh_tangent, .doc = "cosh(x): the hyperbolic cosine.")

PARTIAL(tanh, r_sub(r, N(1), r_square(r, Y)))
D1(tanh, 1 - y * y)
OP(tanh, .nin = 1, .flags = OPF_EACH, .keep = KEEP_Y, .kernel = K_tanh, .infer = infer_same, .each1 = tanh,
   .partial = tanh_partial, .adjoint = tanh_adjoint, .tangent = tanh_tangent, .doc = "tanh(x): the hyperbolic tangent.")

QUOTIENT(asinh, r_1(r, OPID_sqrt, r_add(r, N(1), r_square(r, X))))
D1(asinh, 1 / sqrt(1 + x[0] * x[0]))
OP(asinh, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_asinh, .infer = infer_same, .each1 = asinh,
   .partial = asinh_partial, .adjoint = asinh_adjoint, .tangent = asinh_tangent,
   .doc = "asinh(x): the inverse hyperbolic sine.")

QUOTIENT(acosh, r_1(r, OPID_sqrt, r_mul(r, r_sub(r, X, N(1)), r_add(r, X, N(1)))))
D1(acosh, 1 / sqrt((x[0] - 1) * (x[0] + 1)))
OP(acosh, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_acosh, .infer = infer_same, .each1 = acosh,
   .partial = acosh_partial, .adjoint = acosh_adjoint, .tangent = acosh_tangent,
   .doc = "acosh(x): the inverse hyperbolic cosine; nan below 1.")

QUOTIENT(atanh, r_mul(r, r_sub(r, N(1), X), r_add(r, N(1), X)))
D1(atanh, 1 / ((1 - x[0]) * (1 + x[0])))
OP(atanh, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_atanh, .infer = infer_same, .each1 = atanh,
   .partial = atanh_partial, .adjoint = atanh_adjoint, .tangent = atanh_tangent,
   .doc = "atanh(x): the inverse hyperbolic tangent; nan outside -1 to 1.")

static Value hypot_part(Rule *r, Value d, int i) { return r_chain(r, d, r_2(r, OPID_div_or_zero, r->x[i], Y)); }
static void hypot_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = hypot_part(r, r->dy, 0);
    if (WANT(1)) r->dx[1] = hypot_part(r, r->dy, 1);
}
static void hypot_tangent(Rule *r)
{
    tangent_sum(r, is_nil(r->dxin[0]) ? NIL : hypot_part(r, r->dxin[0], 0),
                is_nil(r->dxin[1]) ? NIL : hypot_part(r, r->dxin[1], 1));
}
D2(hypot, y == 0 ? 0 : x[0] / y, y == 0 ? 0 : x[1] / y)
OP(hypot, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1 | KEEP_Y, .sig = "hypot(x, y)", .kernel = K_hypot,
   .infer = infer_broadcast_float, .each2 = hypot, .partial = hypot_partial, .adjoint = hypot_adjoint,
   .tangent = hypot_tangent, .doc = "hypot(x, y): sqrt(x^2 + y^2) without overflow. Its derivative at (0, 0) is 0.")

/* ---- error and gamma functions ---- */

static Value r_gauss(Rule *r, double c) /* c exp(-x^2) */
{
    return r_mul(r, N(c), r_1(r, OPID_exp, r_neg(r, r_square(r, X))));
}
#define ERF_SLOPE 1.12837916709551257 /* 2 / sqrt(pi) */
PARTIAL(erf, r_gauss(r, ERF_SLOPE))
D1(erf, ERF_SLOPE *exp(-x[0] * x[0]))
OP(erf, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_erf, .infer = infer_same, .each1 = erf,
   .partial = erf_partial, .adjoint = erf_adjoint, .tangent = erf_tangent,
   .doc = "erf(x): the error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.")

PARTIAL(erfc, r_gauss(r, -ERF_SLOPE))
D1(erfc, -ERF_SLOPE *exp(-x[0] * x[0]))
OP(erfc, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_erfc, .infer = infer_same, .each1 = erfc,
   .partial = erfc_partial, .adjoint = erfc_adjoint, .tangent = erfc_tangent,
   .doc = "erfc(x): 1 - erf(x), precise for large x.")

/* psi: recurrence up to 10, then the asymptotic series (Abramowitz & Stegun 6.3.18) */
static double digamma_at(double x)
{
    if (x <= 0) {
        if (x == 0) return -1 / x;
        if (x == floor(x) || x < -1e15) return NAN;
        return digamma_at(1 - x) - PI / tan(PI * (x - rint(x)));
    }
    if (isinf(x)) return x;
    double y = 0;
    while (x < 10) y -= 1 / x++;
    double z = 1 / (x * x);
    y += log(x) - 0.5 / x;
    return y - z * (1.0 / 12 - z * (1.0 / 120 -
                                    z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 - z / 12))))));
}

/* Hurwitz zeta(s, a), s > 1, by Euler and Maclaurin (as in Cephes) */
static double zeta_at(double s, double a)
{
    static const double A[] = {12,
                               -720,
                               30240,
                               -1209600,
                               47900160,
                               -1.8924375803183791606e9,
                               7.47242496e10,
                               -2.950130727918164224e12,
                               1.1646782814350067249e14,
                               -4.5979787224074726105e15,
                               1.8152105401943546773e17,
                               -7.1661652561756670113e18};
    double y = 0;
    if (a <= 0) {
        if (a == floor(a)) return INFINITY;
        if (a < -1e6 || s != floor(s)) return NAN;
    }
    if (isinf(a)) return 0;
    double n = a;
    for (int i = 0; i < 9 || n <= 9; i++, n += 1) y += pow(n, -s);
    double w = n, b = pow(w, -s), fac = 1, k = 0;
    y += b * w / (s - 1) + 0.5 * b;
    for (int i = 0; i < 12; i++, k += 2) {
        fac *= s + k;
        b /= w;
        double t = fac * b / A[i];
        y += t;
        if (fabs(t) <= 1e-17 * fabs(y)) break;
        fac *= s + k + 1;
        b /= w;
    }
    return y;
}
static double polygamma_at(double n, double x)
{
    if (n == 0) return digamma_at(x);
    if (n < 0 || n != floor(n)) return NAN;
    return (fmod(n, 2) == 0 ? -1 : 1) * tgamma(n + 1) * zeta_at(n + 1, x);
}
static double lgamma_at(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

PARTIAL(lgamma, r_1(r, OPID_digamma, X))
D1(lgamma, digamma_at(x[0]))
OP(lgamma, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .infer = infer_same, .each1 = lgamma_at,
   .partial = lgamma_partial, .adjoint = lgamma_adjoint, .tangent = lgamma_tangent,
   .doc = "lgamma(x): the logarithm of |gamma(x)|.")

PARTIAL(digamma, r_2(r, OPID_polygamma, N(1), X))
D1(digamma, polygamma_at(1, x[0]))
OP(digamma, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .infer = infer_same, .each1 = digamma_at,
   .partial = digamma_partial, .adjoint = digamma_adjoint, .tangent = digamma_tangent,
   .doc = "digamma(x): the derivative of lgamma; nan at the negative whole numbers, infinite at 0.")

/* Stirling's remainder, lgamma(x) - ((x - 1/2) log(x) - x + log(2 pi) / 2), for x >= 10 */
static double stirling_rest(double x)
{
    double u = 1 / (x * x);
    return (1.0 / 12 - u * (1.0 / 360 - u * (1.0 / 1260 - u * (1.0 / 1680 - u * (1.0 / 1188 - u * 691 / 360360))))) / x;
}
/* Didonato and Morris 1992, "Algorithm 708" (their way round the cancellation of large arguments) */
static double lbeta_at(double a, double b)
{
    double p = a < b ? a : b, q = a < b ? b : a;
    if (a != a || b != b) return a + b;
    if (p < 0) return lgamma_at(p) + lgamma_at(q) - lgamma_at(p + q);
    if (p == 0) return INFINITY;
    if (q == INFINITY) return -INFINITY;
    if (p >= 10)
        return -0.5 * log(q) + 0.91893853320467274178 + (stirling_rest(p) + stirling_rest(q) - stirling_rest(p + q)) +
               (p - 0.5) * log(p / (p + q)) + q * log1p(-p / (p + q));
    if (q >= 10)
        return lgamma_at(p) + (stirling_rest(q) - stirling_rest(p + q)) + p - p * log(p + q) +
               (q - 0.5) * log1p(-p / (p + q));
    return lgamma_at(p) + lgamma_at(q) - lgamma_at(p + q);
}
static Value lbeta_slope(Rule *r, int i)
{
    return r_sub(r, r_1(r, OPID_digamma, r->x[i]), r_1(r, OPID_digamma, r_add(r, r->x[0], r->x[1])));
}
static void lbeta_adjoint(Rule *r)
{
    for (int i = 0; i < 2; i++)
        if (WANT(i)) r->dx[i] = r_chain(r, r->dy, lbeta_slope(r, i));
}
static void lbeta_tangent(Rule *r)
{
    Value t[2] = {NIL, NIL};
    for (int i = 0; i < 2; i++)
        if (!is_nil(r->dxin[i])) t[i] = r_chain(r, r->dxin[i], lbeta_slope(r, i));
    tangent_sum(r, t[0], t[1]);
}
D2(lbeta, digamma_at(x[0]) - digamma_at(x[0] + x[1]), digamma_at(x[1]) - digamma_at(x[0] + x[1]))
OP(lbeta, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1, .sig = "lbeta(a, b)", .infer = infer_broadcast_float,
   .each2 = lbeta_at, .partial = lbeta_partial, .adjoint = lbeta_adjoint, .tangent = lbeta_tangent,
   .doc = "lbeta(a, b): the logarithm of |beta(a, b)|, precise for large arguments.")

static double beta_at(double a, double b)
{
    double y = exp(lbeta_at(a, b));
    if (a < 0 || b < 0) { /* gamma is negative between -1 and 0, -3 and -2, ... */
        double v[3] = {a, b, a + b};
        for (int i = 0; i < 3; i++)
            if (v[i] < 0 && fmod(floor(v[i]), 2) != 0) y = -y;
    }
    return y;
}
static Value beta_slope(Rule *r, int i) { return r_chain(r, Y, lbeta_slope(r, i)); }
static void beta_adjoint(Rule *r)
{
    for (int i = 0; i < 2; i++)
        if (WANT(i)) r->dx[i] = r_chain(r, r->dy, beta_slope(r, i));
}
static void beta_tangent(Rule *r)
{
    Value t[2] = {NIL, NIL};
    for (int i = 0; i < 2; i++)
        if (!is_nil(r->dxin[i])) t[i] = r_chain(r, r->dxin[i], beta_slope(r, i));
    tangent_sum(r, t[0], t[1]);
}
static void beta_partial(const double *x, double y, double *p)
{
    lbeta_partial(x, y, p);
    for (int i = 0; i < 2; i++) p[i] = y == 0 || p[i] == 0 ? 0 : y * p[i]; /* as r_chain */
}
OP(beta, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1 | KEEP_Y, .sig = "beta(a, b)",
   .infer = infer_broadcast_float, .each2 = beta_at, .partial = beta_partial, .adjoint = beta_adjoint,
   .tangent = beta_tangent, .doc = "beta(a, b): Euler's beta function, gamma(a) gamma(b) / gamma(a + b).")

static Value polygamma_next(Rule *r, Value d)
{
    return r_chain(r, d, r_2(r, OPID_polygamma, r_add(r, r->x[0], N(1)), r->x[1]));
}
static void polygamma_adjoint(Rule *r)
{
    if (WANT(0)) r_fail(r, "derivative by its order");
    if (WANT(1)) r->dx[1] = polygamma_next(r, r->dy);
}
static void polygamma_tangent(Rule *r)
{
    if (!is_nil(r->dxin[0])) r_fail(r, "derivative by its order");
    r->dyout = r_broadcast(r, polygamma_next(r, r->dxin[1]), Y);
}
D2(polygamma, 0, polygamma_at(x[0] + 1, x[1]))
OP(polygamma, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1, .sig = "polygamma(n, x)",
   .infer = infer_broadcast_float, .each2 = polygamma_at, .partial = polygamma_partial, .adjoint = polygamma_adjoint,
   .tangent = polygamma_tangent, .doc = "polygamma(n, x): the n-th derivative of digamma, n a whole number.")

/* ---- activations ---- */

static double sigmoid_at(double x) { return 1 / (1 + exp(-x)); }
/* y (1 - y), without cancellation where y is near 1 */
PARTIAL(sigmoid, r_mul(r, Y, r_1(r, OPID_sigmoid, r_neg(r, X))))
D1(sigmoid, x[0] > 0 ? y * y * exp(-x[0]) : y * (1 - y))
OP(sigmoid, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_Y, .kernel = K_sigmoid, .infer = infer_same,
   .each1 = sigmoid_at, .partial = sigmoid_partial, .adjoint = sigmoid_adjoint, .tangent = sigmoid_tangent,
   .doc = "sigmoid(x): 1 / (1 + e^-x).")

static double softplus_at(double x) { return fmax(x, 0.0) + log1p(exp(-fabs(x))); }
PARTIAL(softplus, r_1(r, OPID_sigmoid, X))
D1(softplus, sigmoid_at(x[0]))
OP(softplus, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_softplus, .infer = infer_same,
   .each1 = softplus_at, .partial = softplus_partial, .adjoint = softplus_adjoint, .tangent = softplus_tangent,
   .doc = "softplus(x): log(1 + e^x), a smooth relu (Dugas et al. 2001).")

static double relu_at(double x) { return x > 0 || x != x ? x : 0; }
static void relu_adjoint(Rule *r) { r->dx[0] = r_2(r, OPID_gate, r->dy, Y); }
static void relu_tangent(Rule *r) { r->dyout = r_2(r, OPID_gate, r->dxin[0], Y); }
D1(relu, y > 0 || y != y)
OP(relu, .nin = 1, .flags = OPF_EACH, .keep = KEEP_Y, .kernel = K_relu, .infer = infer_same, .each1 = relu_at,
   .partial = relu_partial, .adjoint = relu_adjoint, .tangent = relu_tangent,
   .doc = "relu(x): x where it is positive, else 0. Its derivative at 0 is 0.")

static double leaky_relu_at(double x, double slope) { return x > 0 ? x : slope * x; }
static Value leaky_relu_first(Rule *r, Value d) { return r_where(r, r_lt(r, N(0), X), d, r_chain(r, d, r->x[1])); }
static Value leaky_relu_second(Rule *r, Value d) { return r_where(r, r_lt(r, N(0), X), N(0), r_chain(r, d, X)); }
static void leaky_relu_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = leaky_relu_first(r, r->dy);
    if (WANT(1)) r->dx[1] = leaky_relu_second(r, r->dy);
}
static void leaky_relu_tangent(Rule *r)
{
    tangent_sum(r, is_nil(r->dxin[0]) ? NIL : leaky_relu_first(r, r->dxin[0]),
                is_nil(r->dxin[1]) ? NIL : leaky_relu_second(r, r->dxin[1]));
}
D2(leaky_relu, x[0] > 0 ? 1 : x[1], x[0] > 0 ? 0 : x[0])
OP(leaky_relu, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1, .sig = "leaky_relu(x, slope: 0.01)",
   .kernel = K_leaky_relu, .infer = infer_broadcast_float, .each2 = leaky_relu_at, .partial = leaky_relu_partial,
   .adjoint = leaky_relu_adjoint, .tangent = leaky_relu_tangent,
   .doc = "leaky_relu(x, slope: 0.01): x where it is positive, else slope * x.")

static double elu_at(double x, double alpha) { return x > 0 ? x : alpha * expm1(x); }
static Value elu_low(Rule *r) { return r_where(r, r_lt(r, X, N(0)), X, N(0)); } /* no exponential of a large x */
static Value elu_first(Rule *r, Value d)
{
    return r_where(r, r_lt(r, N(0), X), d, r_chain(r, d, r_mul(r, r->x[1], r_1(r, OPID_exp, elu_low(r)))));
}
static Value elu_second(Rule *r, Value d)
{
    return r_where(r, r_lt(r, N(0), X), N(0), r_chain(r, d, r_1(r, OPID_expm1, elu_low(r))));
}
static void elu_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = elu_first(r, r->dy);
    if (WANT(1)) r->dx[1] = elu_second(r, r->dy);
}
static void elu_tangent(Rule *r)
{
    tangent_sum(r, is_nil(r->dxin[0]) ? NIL : elu_first(r, r->dxin[0]),
                is_nil(r->dxin[1]) ? NIL : elu_second(r, r->dxin[1]));
}
D2(elu, x[0] > 0 ? 1 : x[1] * exp(x[0]), x[0] > 0 ? 0 : expm1(x[0]))
OP(elu, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1, .sig = "elu(x, alpha: 1)", .kernel = K_elu,
   .infer = infer_broadcast_float, .each2 = elu_at, .partial = elu_partial, .adjoint = elu_adjoint,
   .tangent = elu_tangent,
   .doc = "elu(x, alpha: 1): x where it is positive, else alpha (e^x - 1) (Clevert et al. 2015).")

#define SQRT1_2 0.70710678118654752
static double gelu_at(double x) { return 0.5 * x * erfc(-x * SQRT1_2); }
static Value gelu_cdf(Rule *r) { return r_mul(r, N(0.5), r_1(r, OPID_erfc, r_mul(r, X, N(-SQRT1_2)))); }
static Value gelu_pdf(Rule *r) /* exp(-x^2 / 2) / sqrt(2 pi) */
{
    return r_mul(r, N(0.39894228040143268), r_1(r, OPID_exp, r_mul(r, N(-0.5), r_square(r, X))));
}
PARTIAL(gelu, r_add(r, gelu_cdf(r), r_mul(r, X, gelu_pdf(r))))
D1(gelu, 0.5 * erfc(-x[0] * SQRT1_2) + x[0] * 0.39894228040143268 * exp(-0.5 * x[0] * x[0]))
OP(gelu, .nin = 1, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X0, .kernel = K_gelu, .infer = infer_same,
   .each1 = gelu_at, .partial = gelu_partial, .adjoint = gelu_adjoint, .tangent = gelu_tangent,
   .doc = "gelu(x): x times the normal distribution function of x, exact (Hendrycks and Gimpel 2016).")

/* x s(v), v = 2 sqrt(2 / pi) (x + 0.044715 x^3): 0.5 (1 + tanh(v / 2)) is the sigmoid of v */
#define GELU_A 1.5957691216057307
#define GELU_B 0.071354816272600247
static double gelu_tanh_at(double x) { return x == -INFINITY ? -0.0 : x / (1 + exp(-x * (GELU_A + GELU_B * x * x))); }
PARTIAL(gelu_tanh, r_1(r, OPID_gelu_tanh_slope, X))
static double gelu_tanh_slope_at(double x)
{
    double v = x * (GELU_A + GELU_B * x * x), s = sigmoid_at(v), s1 = s * sigmoid_at(-v);
    return s1 == 0 ? s : s + s1 * x * (GELU_A + 3 * GELU_B * x * x);
}
D1(gelu_tanh, gelu_tanh_slope_at(x[0]))
OP(gelu_tanh, .nin = 1, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X0, .kernel = K_gelu_tanh, .infer = infer_same,
   .each1 = gelu_tanh_at, .partial = gelu_tanh_partial, .adjoint = gelu_tanh_adjoint, .tangent = gelu_tanh_tangent,
   .doc = "0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), gelu's approximation")

/* y = s + s s(-v) x v', of which the derivative is s s(-v) (2 v' + x v'' + (1 - 2 s) x v'^2) */
static Value gelu_tanh_bend_of(Rule *r)
{
    Value q = r_square(r, X), v = r_mul(r, X, r_add(r, N(GELU_A), r_mul(r, N(GELU_B), q)));
    Value s = r_1(r, OPID_sigmoid, v), s1 = r_mul(r, s, r_1(r, OPID_sigmoid, r_neg(r, v)));
    Value dv = r_add(r, N(GELU_A), r_mul(r, N(3 * GELU_B), q));
    Value flat = r_add(r, N(2 * GELU_A), r_mul(r, N(12 * GELU_B), q));
    Value bend = r_mul(r, r_sub(r, N(1), r_mul(r, N(2), s)), r_mul(r, X, r_square(r, dv)));
    return r_chain(r, s1, r_add(r, flat, bend));
}
PARTIAL(gelu_tanh_slope, gelu_tanh_bend_of(r))
static void gelu_tanh_slope_partial(const double *x, double y, double *p)
{
    double q = x[0] * x[0], v = x[0] * (GELU_A + GELU_B * q), s = sigmoid_at(v), s1 = s * sigmoid_at(-v);
    double dv = GELU_A + 3 * GELU_B * q;
    (void)y;
    p[0] = s1 == 0 ? 0 : s1 * (2 * GELU_A + 12 * GELU_B * q + (1 - 2 * s) * x[0] * dv * dv);
}
OP(gelu_tanh_slope, .nin = 1, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X0, .kernel = K_gelu_tanh_slope,
   .infer = infer_same, .each1 = gelu_tanh_slope_at, .partial = gelu_tanh_slope_partial,
   .adjoint = gelu_tanh_slope_adjoint, .tangent = gelu_tanh_slope_tangent, .doc = "the derivative of gelu_tanh")

static double silu_at(double x) { return x / (1 + exp(-x)); }
static Value silu_of(Rule *r, Value s) { return r_mul(r, s, r_add(r, N(1), r_mul(r, X, r_sub(r, N(1), s)))); }
PARTIAL(silu, silu_of(r, r_1(r, OPID_sigmoid, X)))
D1(silu, sigmoid_at(x[0]) * (1 + x[0] * (1 - sigmoid_at(x[0]))))
OP(silu, .nin = 1, .flags = OPF_EACH, .keep = KEEP_X0, .kernel = K_silu, .infer = infer_same, .each1 = silu_at,
   .partial = silu_partial, .adjoint = silu_adjoint, .tangent = silu_tangent,
   .doc = "silu(x): x sigmoid(x), also called swish.")

/* ---- choosing ---- */

static double maximum_at(double x, double y) { return x > y || x != x ? x : y; }
static double minimum_at(double x, double y) { return x < y || x != x ? x : y; }
static double share_at(double x, double y) { return x > y ? 1 : x == y ? 0.5 : 0; }

/* share(a, b): what a gets of an adjoint of maximum(a, b) */
static Value share(Rule *r, Value d, int big, int small)
{
    return r_chain(r, d, r_2(r, OPID_share, r->x[big], r->x[small]));
}
static void maximum_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = share(r, r->dy, 0, 1);
    if (WANT(1)) r->dx[1] = share(r, r->dy, 1, 0);
}
static void maximum_tangent(Rule *r)
{
    tangent_sum(r, is_nil(r->dxin[0]) ? NIL : share(r, r->dxin[0], 0, 1),
                is_nil(r->dxin[1]) ? NIL : share(r, r->dxin[1], 1, 0));
}
D2(maximum, share_at(x[0], x[1]), share_at(x[1], x[0]))
OP(maximum, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1, .kernel = K_maximum, .infer = infer_broadcast,
   .each2 = maximum_at, .partial = maximum_partial, .adjoint = maximum_adjoint, .tangent = maximum_tangent,
   .doc = "maximum(a, b): the larger of each pair of elements; nan if one is. Ties share the derivative equally.")

/* the smaller of a and b is the one that the other exceeds */
static Value share_min(Rule *r, Value d, int small, int big)
{
    return r_chain(r, d, r_2(r, OPID_share, r->x[big], r->x[small]));
}
static void minimum_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = share_min(r, r->dy, 0, 1);
    if (WANT(1)) r->dx[1] = share_min(r, r->dy, 1, 0);
}
static void minimum_tangent(Rule *r)
{
    tangent_sum(r, is_nil(r->dxin[0]) ? NIL : share_min(r, r->dxin[0], 0, 1),
                is_nil(r->dxin[1]) ? NIL : share_min(r, r->dxin[1], 1, 0));
}
D2(minimum, share_at(x[1], x[0]), share_at(x[0], x[1]))
OP(minimum, .nin = 2, .flags = OPF_EACH, .keep = KEEP_X0 | KEEP_X1, .kernel = K_minimum, .infer = infer_broadcast,
   .each2 = minimum_at, .partial = minimum_partial, .adjoint = minimum_adjoint, .tangent = minimum_tangent,
   .doc = "minimum(a, b): the smaller of each pair of elements; nan if one is. Ties share the derivative equally.")

static void where_adjoint(Rule *r)
{
    if (WANT(1)) r->dx[1] = r_where(r, r->x[0], r->dy, N(0));
    if (WANT(2)) r->dx[2] = r_where(r, r->x[0], N(0), r->dy);
}
static void where_tangent(Rule *r)
{
    Value a = is_nil(r->dxin[1]) ? N(0) : r->dxin[1], b = is_nil(r->dxin[2]) ? N(0) : r->dxin[2];
    r->dyout = r_broadcast(r, r_where(r, r->x[0], a, b), Y);
}
OP(where, .nin = 3, .flags = OPF_EACH, .keep = KEEP_X0, .sig = "where(c, a, b)", .kernel = K_where,
   .infer = infer_where, .adjoint = where_adjoint, .tangent = where_tangent,
   .doc = "where(c, a, b): a where c is true, else b, element by element. The other one's derivative is exactly 0 there.")

/* y = min(max(x, lo), hi) */
static bool infer_clamp(Infer *f)
{
    Value x[3] = {f->x[0]};
    int n = 1;
    for (int i = 1; i < 3; i++)
        if (f->x[i].tag != T_NUM || !isinf(f->x[i].n)) x[n++] = f->x[i]; /* an open side fits every type */
    return promote(f->S, "clamp", x, n, true, &f->dtype) && broadcast_shape(f->S, "clamp", f->x, 3, &f->rank, f->shape);
}
static Value clamp_part(Rule *r, int i, Value d)
{
    Value x = r->x[0], lo = r->x[1], hi = r->x[2];
    if (is_nil(d)) return NIL;
    if (i == 0) return r_where(r, r_and(r, r_le(r, lo, x), r_le(r, x, hi)), d, N(0));
    if (i == 1) return r_where(r, r_and(r, r_lt(r, x, lo), r_le(r, lo, hi)), d, N(0));
    return r_where(r, r_lt(r, hi, r_2(r, OPID_maximum, x, lo)), d, N(0));
}
static void clamp_adjoint(Rule *r)
{
    for (int i = 0; i < 3; i++)
        if (WANT(i)) r->dx[i] = clamp_part(r, i, r->dy);
}
static void clamp_tangent(Rule *r)
{
    Value a = clamp_part(r, 0, r->dxin[0]), b = clamp_part(r, 1, r->dxin[1]), c = clamp_part(r, 2, r->dxin[2]);
    Value ab = is_nil(a) ? b : is_nil(b) ? a : r_add(r, a, b);
    tangent_sum(r, ab, c);
}
OP(clamp, .nin = 3, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1 | KEEP_X2, .kernel = K_clamp,
   .infer = infer_clamp, .adjoint = clamp_adjoint, .tangent = clamp_tangent,
   .doc = "clamp(x, low, high): x, but at least low and at most high. Its derivative at the bounds is 1.")

/* ---- for rules ---- */

static double chain_at(double u, double v) { return u == 0 || v == 0 ? 0 : u * v; }
static double chain_div_at(double u, double v) { return u == 0 || isinf(v) ? 0 : u / v; }
static double gate_at(double u, double v) { return v > 0 || v != v ? u : 0; }

static void chain_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = r_chain(r, r->dy, r->x[1]);
    if (WANT(1)) r->dx[1] = r_chain(r, r->dy, r->x[0]);
}
static void chain_tangent(Rule *r) { tangent_sum(r, r_chain(r, r->dxin[0], r->x[1]), r_chain(r, r->dxin[1], r->x[0])); }
D2(chain, x[1], x[0])
OP(chain, .nin = 2, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X0 | KEEP_X1, .kernel = K_chain,
   .infer = infer_broadcast_float, .each2 = chain_at, .partial = chain_partial, .adjoint = chain_adjoint,
   .tangent = chain_tangent, .doc = "An adjoint times a partial derivative, with strong zeros: 0 times anything is 0.")

static Value chain_div_second(Rule *r, Value d) { return r_neg(r, r_chain_div(r, r_chain(r, d, Y), r->x[1])); }
static void chain_div_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = r_chain_div(r, r->dy, r->x[1]);
    if (WANT(1)) r->dx[1] = chain_div_second(r, r->dy);
}
static void chain_div_tangent(Rule *r)
{
    tangent_sum(r, r_chain_div(r, r->dxin[0], r->x[1]), is_nil(r->dxin[1]) ? NIL : chain_div_second(r, r->dxin[1]));
}
D2(chain_div, 1 / x[1], y == 0 ? 0 : -y / x[1])
OP(chain_div, .nin = 2, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X1 | KEEP_Y, .kernel = K_chain_div,
   .infer = infer_broadcast_float, .each2 = chain_div_at, .partial = chain_div_partial, .adjoint = chain_div_adjoint,
   .tangent = chain_div_tangent, .doc = "An adjoint divided by something, with strong zeros: 0 by anything is 0.")

static void gate_adjoint(Rule *r)
{
    if (WANT(0)) r->dx[0] = r_2(r, OPID_gate, r->dy, r->x[1]);
}
static void gate_tangent(Rule *r)
{
    r->dyout = is_nil(r->dxin[0]) ? NIL : r_broadcast(r, r_2(r, OPID_gate, r->dxin[0], r->x[1]), Y);
}
D2(gate, x[1] > 0 || x[1] != x[1], 0)
OP(gate, .nin = 2, .flags = OPF_EACH | OPF_HIDDEN, .keep = KEEP_X1, .kernel = K_gate, .infer = infer_broadcast_float,
   .each2 = gate_at, .partial = gate_partial, .adjoint = gate_adjoint, .tangent = gate_tangent,
   .doc = "a where b is positive, else 0; b is a constant.")

OP(share, .nin = 2, .flags = OPF_EACH | OPF_HIDDEN | OPF_ZERO, .kernel = K_share, .infer = infer_broadcast_float,
   .each2 = share_at, .doc = "1 where a > b, 1/2 where they are equal, else 0.")
