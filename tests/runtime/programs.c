/* programs.c -- random programs: every mode of differentiation against the others and against differences.
**
** A seed gives a program: a function of eight numbers built from random expressions over numbers, vectors and matrices
** with branches, loops, closures, recursion, comprehensions, element writes, lists, checkpoints, functions with rules of
** their own, derivatives inside and a descend inside. Its first derivative is taken in reverse and forward and by
** differences, its second in the four combinations of modes, by `hessian`, and by differences of the gradient, its third in
** the eight combinations; the value must be the same under each. What is generated stays where its functions are smooth;
** kinks (max, abs, sort, branches) are allowed, since all modes must take the same side, and only the comparison with
** differences is left out where two step lengths disagree.
**
** programs [COUNT [SEED]]    COUNT programs from SEED on (default 2000 from 1): the last line counts them
** programs -s SEED           one program: its text, its figures, and what is wrong with it
**
** Tolerances, relative to 1 + the size of what is summed: 1e-9 between modes (third order 1e-8); 2e-6
** against extrapolated central differences, unless two step lengths differ by more than 1e-6 (a kink is near).
** SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/descent.h"

enum { TEXT = 1 << 16, NAMES = 24, DEEP = 3, FRESH = 200 };

/* What each program is given: operators that differentiate along a direction in reverse (R) and forward (F), functions to
** call, and the check, which prints one line of figures. */
static const char prelude[] =
    "fn R(f, v) = x -> sum(grad(f)(x) * v)\n"
    "fn F(f, v) = x -> jvp(f, x, v)[1]\n"
    "fn slope(f, x, v, h) = (f(x + h * v) - f(x - h * v)) / (2 * h)\n"
    "fn limit(f, x, v, h) = (4 * slope(f, x, v, h / 2) - slope(f, x, v, h)) / 3\n"
    "fn spread(a, b) = max(abs(a - b))\n"
    "fn half(x, k) = if k == 0 { x } else { sin(half(x, k - 1)) * 0.7 + x * 0.3 }\n"
    "fn bend(x, y) {\n  if x > y { return x * tanh(y) }\n  var s = x\n  for k in 0..4 {\n    if k == 2 { continue }\n"
    "    s = sin(s + y)\n  }\n  s - y\n}\n"
    "fn cube(x) = x ^ 3\nadjoint cube(x, y, dy) = 3 * x ^ 2 * dy\n"
    "fn ratio(x, y) = x / (2 + y ^ 2)\n"
    "tangent ratio(x, y, dx, dy) = dx / (2 + y ^ 2) - 2 * x * y * dy / (2 + y ^ 2) ^ 2\n"
    "fn both(x) = sin(2 * x)\nadjoint both(x, y, dy) = 2 * cos(2 * x) * dy\n"
    "tangent both(x, dx) = 2 * cos(2 * x) * dx\n"
    "fn check(f, g, x, u, v, w) {\n"
    "  let r = grad(f)(x)\n"
    "  let (y, t) = jvp(f, x, v)\n"
    "  let tree = grad(g)((x[0], x[1:4], reshape(x[4:], 2, 2)))\n"
    "  let flat = concat(([tree[0]], tree[1], reshape(tree[2], 4)))\n"
    "  print(f(x), value_and_grad(f)(x)[0], y, norm(r), spread(r, flat), spread(r, jacobian(f, mode: \"forward\")(x)))\n"
    "  print(sum(r * v), t, limit(f, x, v, 1e-3), limit(f, x, v, 2.5e-4))\n"
    "  let rr = grad(R(f, v))(x)\n"
    "  let fr = jvp(grad(f), x, v)[1]\n"
    "  let rf = grad(F(f, v))(x)\n"
    "  print(norm(rr), spread(rr, fr), spread(rr, rf), spread(rr, hessian(f)(x) @ v), spread(rr, hvp(f, x, v)))\n"
    "  print(sum(rr * u), F(F(f, v), u)(x), limit(R(f, v), x, u, 1e-3), limit(R(f, v), x, u, 2.5e-4))\n"
    "  print(R(R(R(f, v), u), w)(x), R(R(F(f, v), u), w)(x), R(F(R(f, v), u), w)(x), R(F(F(f, v), u), w)(x),\n"
    "    F(R(R(f, v), u), w)(x), F(R(F(f, v), u), w)(x), F(F(R(f, v), u), w)(x), F(F(F(f, v), u), w)(x),\n"
    "    limit(F(F(f, v), u), x, w, 1e-3), limit(F(F(f, v), u), x, w, 2.5e-4))\n"
    "}\n";

/* ---- a text that grows ---- */

static char text[TEXT];
static size_t len;

static void put(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text + len, TEXT - len, fmt, ap);
    va_end(ap);
    if (n > 0) len += (size_t)n;
    if (len >= TEXT) len = TEXT - 1;
}

/* ---- random choices: splitmix64 (Steele, Lea and Flood 2014) ---- */

static uint64_t counter;
static uint64_t draw(void)
{
    uint64_t z = counter += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
static int below(int n) { return (int)(draw() % (uint64_t)n); }
static double between(double lo, double hi) { return lo + (hi - lo) * (double)(draw() >> 11) * 0x1p-53; }

/* ---- names in scope ---- */

typedef enum Kind { NUM, VEC, MAT, FUN, KINDS } Kind;
static char name[KINDS][NAMES][16];
static int count[KINDS], serial;

static void declare(Kind k, const char *s)
{
    int i = count[k] < NAMES ? count[k]++ : 3 + below(NAMES - 3);
    snprintf(name[k][i], sizeof name[k][i], "%s", s);
}
static const char *some(Kind k) { return name[k][below(count[k])]; }
static const char *fresh(char *buf, const char *stem) { return sprintf(buf, "%s%d", stem, serial++), buf; }

/* ---- expressions: sources with %n %v %m for a number, a vector of 3, a matrix 2 by 2 one level down ----
**
** %N a number with the name t in scope as well, %V a number with the vector r in scope; %i 0..2, %j 0..1, %c a constant, %f a function. */

static const char *const nums[] = {
    "%n + %n",
    "%n - %n",
    "%n * %n",
    "%n * %c",
    "%n + %c",
    "-%n",
    "%n / (1.2 + %n ^ 2)",
    "%c / (1.3 + sin(%n))",
    "(%n) ^ 2",
    "0.1 * (%n) ^ 3",
    "(1.2 + sin(%n)) ^ (%n)",
    "2 ^ tanh(%n)",
    "sin(%n)",
    "cos(%n)",
    "tanh(%n)",
    "exp(tanh(%n))",
    "expm1(sin(%n))",
    "log(1.4 + sin(%n))",
    "log1p((%n) ^ 2)",
    "sqrt(1 + (%n) ^ 2)",
    "sigmoid(%n)",
    "softplus(%n)",
    "atan(%n)",
    "erf(%n)",
    "asin(0.9 * tanh(%n))",
    "abs(%n)",
    "relu(%n)",
    "gelu(%n)",
    "silu(%n)",
    "max(%n, %n)",
    "min(%n, %n)",
    "max(%n, %n, %c)",
    "clamp(%n, -0.7, 0.9)",
    "hypot(%n, 1.1)",
    "atan2(%n, 1.5 + (%n) ^ 2)",
    "lgamma(2.2 + sin(%n))",
    "digamma(2.2 + sin(%n))",
    "sinh(tanh(%n))",
    "cosh(tanh(%n))",
    "tan(0.7 * tanh(%n))",
    "where(%n > %c, %n, %n)",
    "if %n > %c { %n } else { %n }",
    "{ let t = %n; %N * t }",
    "%f(%n)",
    "half(%n, 3)",
    "bend(%n, %n)",
    "cube(tanh(%n))",
    "ratio(%n, %n)",
    "both(%n)",
    "checkpoint(t -> %N)(%n)",
    "(t -> %N)(%n)",
    "(t -> %N)'(%n)",
    "jvp(t -> %N, %n, 1)[1]",
    "grad(t -> %N * t)(%n)",
    "jvp(t -> %N, %n, %n)[1]",
    "(t -> %N)''(%n)",
    "sum(grad(r -> %V)(%v))",
    "grad(r -> %V)(%v)[%i]",
    "jvp(r -> %V, %v, %v)[1]",
    "hvp(r -> %V, %v, %v)[%i]",
    "vjp(t -> %N, %n)[1](%n)",
    "vjp(r -> r * %V, %v)[1](%v)[%i]",
    "fold((t, q) -> tanh(%N) + q, %n, (%n, %n))",
    "sum(%n * k for k in 0..3)",
    "sum(tanh((%v)[k] * %n) for k in 0..3)",
    "max((%v)[k] * %c for k in 0..3)",
    "prod(1 + 0.1 * (%v)[k] for k in 0..3)",
    "sum((%m)[i, j] * (%v)[i] for i in 0..2, j in 0..2)",
    "sum(%v)",
    "mean(%v)",
    "max(%v)",
    "prod(%v)",
    "norm(%v)",
    "std(%v + [0.3, 1, -0.6])",
    "variance(%v)",
    "logsumexp(%v)",
    "median(%v)",
    "(%v)[%i]",
    "(%v)[-1]",
    "(%v) @ (%v)",
    "dot(%v, %v)",
    "(%m)[%j, %j]",
    "trace(%m)",
    "det(%m)",
    "sum(%m)",
    "(%n, %n)[%j]",
    "(p: %n, q: %v).q[%i]",
    "try { %n } catch e { 0 }",
    "sum((%v)[%v > 0])",
    "sum(map((%n, %n), t -> %N))",
    "quantile(%v, 0.3)",
    "norm(%m)",
};
static const char *const vecs[] = {
    "%v + %v",
    "%v - %v",
    "%v * %v",
    "%v * %n",
    "%n - %v",
    "%v / (1.3 + (%v) ^ 2)",
    "%n / (1.4 + sin(%v))",
    "-(%v)",
    "(%v) ^ 2",
    "(1.3 + sin(%v)) ^ %n",
    "sin(%v)",
    "tanh(%v)",
    "exp(tanh(%v))",
    "log(1.3 + sin(%v))",
    "sqrt(1.1 + (%v) ^ 2)",
    "relu(%v)",
    "abs(%v)",
    "sigmoid(%v)",
    "softplus(%v)",
    "gelu(%v)",
    "max(%v, %v)",
    "min(%v, %n)",
    "clamp(%v, -0.5, 0.8)",
    "where(%v > %c, %v, %n)",
    "(r -> where(r > 0, log(r), r))(%v)",
    "if %n > %c { %v } else { %v }",
    "[%n, %n, %n]",
    "[(%v)[k] * %n + k for k in 0..3]",
    "[sum((%v)[k] * (%v)[i] for i in 0..3) for k in 0..3]",
    "cumsum(%v)",
    "cumprod(%v)",
    "sort(%v)",
    "softmax(%v)",
    "log_softmax(%v)",
    "flip(%v)",
    "roll(%v, 1)",
    "(%v)[[2, 0, 1]]",
    "(%v)[[1, 1, 0]]",
    "concat(((%v)[1:], (%v)[:1]))",
    "(%v)[::-1]",
    "stack((%n, %n, %n))",
    "grad(r -> %V)(%v)",
    "jvp(r -> r * %V, %v, %v)[1]",
    "(r -> %V * r)(%v)",
    "checkpoint(r -> sin(r) * %V)(%v)",
    "reshape(outer(%v, %v), 9)[%j:][2:5]",
    "concat((%m @ (%v)[:2], [%n]))",
    "jacobian(r -> r * %V)(%v)[%i]",
    "hessian(r -> %V)(%v)[%i]",
    "cube(tanh(%v))",
    "ratio(%v, %v)",
    "both(%v)",
    "tril(outer(%v, %v)) @ %v",
    "scan((t, q) -> tanh(%N) * q, %n, %v) |> stack",
};
static const char *const mats[] = {
    "%m + %m",
    "%m - %m",
    "%m * %m",
    "%m @ %m",
    "(%m)'",
    "%m * %n",
    "%m + (%v)[:2]",
    "sin(%m)",
    "tanh(%m)",
    "relu(%m)",
    "exp(tanh(%m))",
    "[[%n, %n], [%n, %n]]",
    "(%v)[:2, new] * (%v)[new, 1:]",
    "inv(0.2 * tanh(%m) + 2 * eye(2))",
    "solve(0.3 * tanh(%m) + 2 * eye(2), %m)",
    "expm(0.3 * tanh(%m))",
    "(q -> cholesky(q @ q' + eye(2)))(%m)",
    "triu(%m)",
    "softmax(%m, axis: 0)",
    "where(%m > %c, %m, %n)",
    "reshape(concat((%v, [%n])), 2, 2)",
    "outer(%v, %v)[:2, 1:]",
    "[(%m)[i, j] * %n + j for i in 0..2, j in 0..2]",
    "[sum((%m)[i, k] * (%m)[k, j] for k in 0..2) for i in 0..2, j in 0..2]",
    "if %n > %c { %m } else { (%m)' }",
    "jacobian(r -> r * %V)(%v)[1:, :2]",
    "diag((%v)[:2])",
    "cumsum(%m, axis: 1)",
    "concat(((%m)[1:], (%m)[:1]))",
    "max(%m, %m)",
};
static const struct {
    const char *const *form;
    int n;
} forms[] = {{nums, sizeof nums / sizeof *nums}, {vecs, sizeof vecs / sizeof *vecs}, {mats, sizeof mats / sizeof *mats}};

static void expr(Kind k, int depth);

/* An expression in which one more name stands for something. */
static void under(Kind k, const char *also, Kind result, int depth)
{
    int had = count[k];
    if (had < NAMES) declare(k, also);
    put("(%s * ", also);
    expr(result, depth);
    put(")");
    count[k] = had;
}

static void form(const char *s, int depth)
{
    for (; *s; s++) {
        if (*s != '%') {
            put("%c", *s);
            continue;
        }
        switch (*++s) {
        case 'n': put("("), expr(NUM, depth - 1), put(")"); break;
        case 'v': put("("), expr(VEC, depth - 1), put(")"); break;
        case 'm': put("("), expr(MAT, depth - 1), put(")"); break;
        case 'N': under(NUM, "t", NUM, depth - 2); break;
        case 'V': put("sum"), under(VEC, "r", NUM, depth - 2); break;
        case 'i': put("%d", below(3)); break;
        case 'j': put("%d", below(2)); break;
        case 'c': put("%.2f", between(0.1, 1.5)); break;
        case 'f': put("%s", some(FUN)); break;
        default: break;
        }
    }
}

static void expr(Kind k, int depth)
{
    if (depth <= 0 || below(7) == 0) {
        if (k == NUM && below(5) == 0) put("%.2f", between(0.1, 1.9));
        else put("%s", some(k));
        return;
    }
    form(forms[k].form[below(forms[k].n)], depth);
}

/* An expression kept of moderate size, since statement after statement feeds on it. */
static void tame(Kind k, int depth)
{
    static const char *const fn[] = {"tanh", "sin", "1.5 * tanh", "", "cos"};
    put("%s(", fn[below(5)]);
    expr(k, depth);
    put(")");
}

/* ---- statements ---- */

static void statement(void)
{
    char s[16], c[16];
    fresh(s, "s");
    switch (below(16)) {
    case 0:
    case 1: put("  let %s = ", s), tame(NUM, DEEP), put("\n"), declare(NUM, s); break;
    case 2:
    case 3: put("  let %s = ", s), tame(VEC, DEEP), put("\n"), declare(VEC, s); break;
    case 4: put("  let %s = ", s), tame(MAT, DEEP), put("\n"), declare(MAT, s); break;
    case 5: put("  let %s = t -> ", s), under(NUM, "t", NUM, 2), put("\n"), declare(FUN, s); break;
    case 6: /* a loop, perhaps left early */
        put("  var %s = ", s), tame(NUM, 1), put("\n");
        declare(NUM, s);
        put("  for k in 0..%d {\n", 2 + below(4));
        if (below(2)) put("    if %s > %.2f { break }\n", s, between(0.3, 2));
        if (below(3) == 0) put("    if k == 1 { continue }\n");
        put("    %s = tanh(%s * %.2f + (", s, s, between(0.5, 1.5)), expr(NUM, 2), put(")) + 0.1 * k\n  }\n");
        break;
    case 7: /* as often as the values say */
        put("  var %s = ", s), tame(NUM, 1), put("\n  var %s = 0\n", fresh(c, "c"));
        declare(NUM, s);
        put("  while abs(%s) < %.2f and %s < 5 {\n    %s += 1\n    %s = 1.3 * %s + 0.2 * (", s, between(0.5, 2), c, c,
            s, s);
        expr(NUM, 2), put(") + 0.05\n  }\n");
        break;
    case 8: /* elements and slices written */
        put("  var %s = ", s), tame(VEC, 2), put("\n");
        declare(VEC, s);
        for (int n = 1 + below(3); n > 0; n--) {
            static const char *const target[] = {"[%i]", "[-1]", "[%i]",       "[k]",
                                                 "[1:]", "[:2]", "[%s > 0.4]", "[[2, 0]]"};
            static const char *const op[] = {"=", "+=", "*=", "-=", "="};
            int t = below(8);
            if (t == 3)
                put("  for k in 0..3 { %s[k] %s sin(", s, op[below(5)]), expr(NUM, 1),
                    put(" + %s[(k + 1) %% 3]) }\n", s);
            else if (t == 6) put("  %s[%s > 0.4] = ", s, s), tame(NUM, 1), put("\n");
            else put("  %s", s), form(target[t], 0), put(" %s ", op[below(5)]), tame(NUM, 2), put("\n");
        }
        break;
    case 9: /* a matrix filled by element */
        put("  var %s = zeros(2, 2)\n  for i in 0..2 { for j in 0..2 { %s[i, j] = tanh(", s, s);
        expr(NUM, 1), put(" + i - j * "), expr(NUM, 1), put(") } }\n");
        declare(MAT, s);
        if (below(2)) put("  %s[:, 1] = (", s), expr(VEC, 2), put(")[1:]\n");
        break;
    case 10: /* a list that grows */
        put("  var %s = ()\n  for k in 0..4 { %s = (...%s, sin(", fresh(c, "l"), c, c), expr(NUM, 1);
        put(" + k)) }\n  let %s = sum(%s[k] * %s[3 - k] for k in 0..%d)\n", s, c, c, 1 + below(4));
        declare(NUM, s);
        break;
    case 11: /* a record, changed in place */
        put("  var %s = (p: ", fresh(c, "q")), tame(NUM, 1), put(", v: "), tame(VEC, 1), put(")\n");
        put("  %s.v[%d] = %s.p * (", c, below(3), c), expr(NUM, 1), put(")\n  %s.p += %s.v[%d]\n", c, c, below(3));
        put("  let %s = tanh(%s.p) * %s.v\n", s, c, c);
        declare(VEC, s);
        break;
    case 12: /* over the elements, and over rows */
        put("  var %s = ", s), tame(NUM, 1), put("\n");
        declare(NUM, s);
        put("  for z in "), expr(VEC, 1), put(" { %s = sin(%s + z * (", s, s), expr(NUM, 1), put(")) }\n");
        if (below(2)) put("  for row in "), expr(MAT, 1), put(" { %s += 0.5 * row[0] * row[1] }\n", s);
        break;
    case 13: /* a local function that keeps what it captured */
        put("  fn %s(t) {\n    let u = ", s), under(NUM, "t", NUM, 1),
            put("\n    if u > %.2f { u * t } else { sin(u) + t }\n  }\n", between(0.1, 1));
        declare(FUN, s);
        break;
    case 14: /* going down a gradient inside */
        put("  var %s = ", s), tame(NUM, 1), put("\n");
        put("  descend %s using %s for %d { (%s - (", s, below(2) ? "gd(lr: 0.1)" : "sgd(lr: 0.1, momentum: 0.5)",
            1 + below(3), s);
        expr(NUM, 1), put(")) ^ 2 + sin(%s * (", s), expr(NUM, 1), put(")) }\n");
        declare(NUM, s);
        break;
    default: /* a block with a scope of its own */
        put("  let %s = if ", s), expr(NUM, 1), put(" > %.2f {\n    let b = ", between(0, 1)), tame(VEC, 2);
        put("\n    b * b[%d]\n  } else { ", below(3)), tame(VEC, 2), put(" }\n");
        declare(VEC, s);
        break;
    }
}

/* The program of a seed, after the prelude: g of a list (a number, a vector, a matrix), f of the same as one vector. */
static void program(uint64_t seed)
{
    counter = seed * 0x632be59bd9b4e019u;
    serial = 0;
    len = 0;
    memset(count, 0, sizeof count);
    put("%s", prelude);
    put("fn g((a, v, m)) {\n");
    declare(NUM, "a");
    declare(VEC, "v");
    declare(MAT, "m");
    declare(NUM, "v[0]");
    declare(NUM, "m[1, 0]");
    declare(FUN, "sin");
    for (int n = 2 + below(6); n > 0; n--) statement();
    put("  ");
    for (int i = count[NUM] > 5 ? count[NUM] - 4 : 0; i < count[NUM]; i++)
        put("%s * %.2f + ", name[NUM][i], between(0.3, 1));
    put("sum(%s) + sum(%s) + 0.5 * (", name[VEC][count[VEC] - 1], name[MAT][count[MAT] - 1]);
    expr(NUM, DEEP);
    put(")\n}\n");
    put("fn f(x) = g((x[0], x[1:4], reshape(x[4:], 2, 2)))\ncheck(f, g");
    for (int k = 0; k < 4; k++) {
        put(",\n  [");
        for (int i = 0; i < 8; i++) put("%s%.7f", i ? ", " : "", between(-1.3, 1.3));
        put("]");
    }
    put(")\n");
}

/* ---- judging ---- */

static char output[1 << 14];
static size_t outlen;

static void collect(void *ud, const char *s, size_t n)
{
    (void)ud;
    if (outlen + n >= sizeof output) n = sizeof output - 1 - outlen;
    memcpy(output + outlen, s, n);
    outlen += n;
    output[outlen] = 0;
}

typedef enum Verdict { RIGHT, WRONG, ROUGH, WILD } Verdict; /* ROUGH: a kink is near; WILD: not finite or very large */
enum { FIGURES = 29 };
static char why[256];

static bool apart(const char *what, double got, double want, double size, double tol)
{
    if (fabs(got - want) <= tol * (1 + fabs(size))) return false;
    snprintf(why, sizeof why, "%s: %.15g, %.15g", what, got, want);
    return true;
}

/* d: the derivative; a, b: differences with a long and a short step. */
static Verdict differences(const char *what, double d, double a, double b, double size)
{
    if (!isfinite(a) || !isfinite(b) || fabs(a - b) > 1e-6 * (1 + fabs(size))) return ROUGH;
    if (fabs(d - b) <= 2e-6 * (1 + fabs(size))) return RIGHT;
    snprintf(why, sizeof why, "%s: %.15g, differences give %.15g and %.15g", what, d, a, b);
    return WRONG;
}

static Verdict judge(void)
{
    static const char *const third[] = {"RRR", "RRF", "RFR", "RFF", "FRR", "FRF", "FFR", "FFF"};
    double x[FIGURES + 1];
    int n = 0;
    why[0] = 0;
    for (char *s = output, *end; n <= FIGURES; s = end, n++) {
        x[n] = strtod(s, &end);
        if (end == s) break;
    }
    if (n != FIGURES) {
        snprintf(why, sizeof why, "%d figures instead of %d", n, FIGURES);
        return WRONG;
    }
    const double *y = x, *d1 = x + 6, *h = x + 10, *d2 = x + 15, *d3 = x + 19;
    double size3 = 0;
    for (int i = 0; i < 27; i++)
        if (!isfinite(x[i]) || fabs(x[i]) > 1e5) return WILD;
    for (int i = 0; i < 8; i++) size3 = fmax(size3, fabs(d3[i]));
    bool bad = apart("value under grad", y[1], y[0], y[0], 1e-13) || apart("value under jvp", y[2], y[0], y[0], 1e-13) ||
               apart("gradient of the list", y[4], 0, y[3], 1e-10) || apart("jacobian forward", y[5], 0, y[3], 1e-9) ||
               apart("forward against reverse", d1[1], d1[0], y[3], 1e-9) ||
               apart("forward over reverse against reverse over reverse", h[1], 0, h[0], 1e-9) ||
               apart("reverse over forward against reverse over reverse", h[2], 0, h[0], 1e-9) ||
               apart("hessian", h[3], 0, h[0], 1e-9) || apart("hvp", h[4], 0, h[0], 1e-9) ||
               apart("forward over forward", d2[1], d2[0], h[0], 1e-9);
    Verdict v = differences("first derivative", d1[0], d1[2], d1[3], y[3]);
    double tol = v == ROUGH ? 1e-5 : 1e-8; /* near the tip of a norm, third derivatives have few digits */
    for (int i = 1; i < 8 && !bad; i++) bad = apart(third[i], d3[i], d3[0], size3, tol);
    if (bad) return WRONG;
    if (v == RIGHT) v = differences("second derivative", d2[0], d2[2], d2[3], h[0]);
    if (v == RIGHT) v = differences("third derivative", d3[0], d3[8], d3[9], size3 + h[0]);
    return v;
}

static void to_stdout(void *ud, const char *s, size_t n)
{
    (void)ud;
    fwrite(s, 1, n, stdout);
}

static DscState *open_state(void)
{
    DscConfig cfg =
        {.size = sizeof cfg, .print = collect, .threads = 1, .seed = 1, .has_seed = true, .max_steps = 100000000};
    return dsc_open(&cfg);
}

static Verdict run(DscState *S, uint64_t seed, bool show)
{
    program(seed);
    output[outlen = 0] = 0;
    int status = dsc_run_text(S, "program", text, len, 0);
    Verdict v = status ? WRONG : judge();
    if (status) snprintf(why, sizeof why, "it ends with status %d", status);
    if (!show && v == WRONG) printf("FAIL seed %" PRIu64 ": %s (programs -s %" PRIu64 " shows it)\n", seed, why, seed);
    if (show) printf("%s%s%s\n", text + sizeof prelude - 1, output, why);
    if (v == WRONG && status) dsc_report(S, DSC_REPORT_TEXT, to_stdout, NULL);
    return v;
}

int main(int argc, char **argv)
{
    bool one = argc > 2 && !strcmp(argv[1], "-s");
    uint64_t n = argc > 1 && !one ? strtoull(argv[1], NULL, 10) : 2000,
             first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t seen[4] = {0, 0, 0, 0};
    DscState *S = NULL;
    size_t left = 0;
    if (one) n = 1;
    for (uint64_t i = 0; i < n && seen[WRONG] < 20; i++) {
        if (i % FRESH == 0) {
            if (S) left += dsc_close(S);
            if (!(S = open_state())) return 2;
        }
        seen[run(S, first + i, one)]++;
    }
    if (S) left += dsc_close(S);
    if (left) printf("FAIL %zu bytes left\n", left);
    bool few = n >= 1000 && seen[RIGHT] * 10 < n * 7;
    if (few) printf("FAIL too few programs are smooth and of moderate size\n");
    printf("%" PRIu64 " programs from seed %" PRIu64 ": %" PRIu64 " right in all modes and against differences, %" PRIu64
           " beside a kink (modes only), %" PRIu64 " not finite or too large, %" PRIu64 " wrong\n",
           n, first, seen[RIGHT], seen[ROUGH], seen[WILD], seen[WRONG]);
    return seen[WRONG] || left || few;
}
