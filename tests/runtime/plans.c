/* plans.c -- random tensor programs: planned against unplanned, one thread against several, level against level.
**
** A seed gives a program: a function of some numbers and three tensors that chains element-wise operations with every form
** of broadcasting, views, reductions, softmax and normalisation written by hand, products, concat, gather, masks, casts,
** draws, element writes, reads in the middle, repeated expressions and dropped values, on shapes around the sizes at which
** plans and regions change their ways. It is called several times, with the same and with other numbers, and put under
** derivatives. All that it returns must be the same
**
**   planned and unplanned       to the bit where nothing is summed, else within rounding
**   called again                to the bit
**   with 1, 2 and 3 threads     to the bit
**   at each instruction set     within rounding
**
** plans [COUNT [SEED]]    COUNT programs from SEED on (default 600 from 1): the last line counts them
** plans -s SEED           one program: its text and what is wrong with it
**
** Rounding: K * eps * size, eps of the narrowest type that the value went through, K = 4000 and the number of elements
** that are summed, size the largest of 1, the values, and how much they move with the inputs, which is measured: the
** program runs unplanned with inputs a little off.
** SPDX-License-Identifier: MIT */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/descent.h"
#include "runtime/kernels/kernels.h"
#include "runtime/state.h"

enum { TEXT = 1 << 16, VARS = 160, RANKS = 4, RESULTS = 48, NUMBERS = 4 };

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
static bool chance(int n) { return below(n) == 0; }
static double between(double lo, double hi) { return lo + (hi - lo) * (double)(draw() >> 11) * 0x1p-53; }

/* ---- values of a program ---- */

typedef struct Shape {
    int rank;
    int64_t dim[RANKS];
} Shape;
typedef struct Var {
    char name[12];
    DType dtype;
    Shape s;      /* rank 0: a number */
    double bound; /* of the values, roughly */
    bool exact;   /* the same bits however it is computed */
    bool narrow;  /* it went through f32 */
    bool dead, fixed;
} Var;
static Var var[VARS];
static int nvar, serial, nresult;
static int64_t dims[3], most; /* the program's sizes; elements of a value at most */
static bool narrow, settled;
static Var result[RESULTS];

static int64_t elements(const Shape *s)
{
    int64_t n = 1;
    for (int i = 0; i < s->rank; i++) n *= s->dim[i];
    return n;
}
static bool same_shape(const Shape *a, const Shape *b)
{
    return a->rank == b->rank && !memcmp(a->dim, b->dim, (size_t)a->rank * sizeof *a->dim);
}
static void put_shape(const Shape *s)
{
    for (int i = 0; i < s->rank; i++) put("%s%" PRId64, i ? ", " : "", s->dim[i]);
}

static bool is_float(const Var *v) { return v->dtype == DT_F64 || v->dtype == DT_F32; }

/* A living tensor (float: of a float type), or NULL. */
static Var *some(bool want_float, int rank)
{
    for (int tries = 0; tries < 40; tries++) {
        Var *v = &var[below(nvar)];
        if (chance(2)) v = &var[nvar - 1 - below(nvar < 6 ? nvar : 6)];
        if (v->dead || !v->s.rank || (want_float && !is_float(v)) || v->s.rank < rank) continue;
        return v;
    }
    return NULL;
}

/* ---- sizes ---- */

static int64_t some_size(void)
{
    static const int64_t small[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33},
                         mid[] = {63, 64, 65, 100, 127, 128, 257},
                         large[] = {511, 512, 513, 1000, 1023, 1025, 2047, 2048, 2049, 4095, 4096, 4097, 5000};
    switch (below(8)) {
    case 0: return large[below(13)];
    case 1: return mid[below(7)];
    default: return small[below(13)];
    }
}

static Shape some_shape(void)
{
    Shape s = {.rank = 1 + below(3)};
    if (chance(10)) s.rank = 4;
    if (chance(3)) s.rank = 2;
    for (int i = 0; i < s.rank; i++) s.dim[i] = chance(8) ? 1 : dims[below(3)];
    for (int i = 0; elements(&s) > most; i = (i + 1) % s.rank)
        s.dim[i] = s.dim[i] > 600 && chance(2) ? s.dim[i] / 9 : 1 + below(4);
    return s;
}

/* ---- declaring ---- */

static Var *declare(DType dt, const Shape *s, double bound, bool exact, bool thin)
{
    int i = nvar < VARS ? nvar++ : 3 + below(VARS - 3);
    Var *v = &var[i];
    memset(v, 0, sizeof *v);
    snprintf(v->name, sizeof v->name, "v%d", serial++);
    v->dtype = dt;
    v->s = *s;
    v->bound = bound;
    v->exact = exact;
    v->narrow = thin || dt == DT_F32;
    return v;
}

/* The expression that was put at `from` becomes a value; a float of large bound is brought down first. */
static Var *make(size_t from, DType dt, Shape s, double bound, bool exact, bool thin)
{
    static char expr[TEXT];
    memcpy(expr, text + from, len - from);
    expr[len - from] = 0;
    len = from;
    bool f = dt == DT_F64 || dt == DT_F32;
    Var *v = declare(dt, &s, bound, exact, thin);
    if (f && (bound > 12 || chance(12))) {
        static const char *const fn[] = {"tanh", "sin", "cos"};
        put("  var %s = %s(%s)\n", v->name, fn[below(3)], expr);
        v->bound = 1;
    } else {
        put("  var %s = %s\n", v->name, expr);
    }
    return v;
}

/* A number: of this call, constant, or one that was read. */
static void put_number(void)
{
    if (chance(2)) put("p[%d]", below(NUMBERS));
    else if (chance(4)) {
        for (int i = nvar - 1; i >= 0; i--)
            if (!var[i].s.rank && !var[i].dead && is_float(&var[i]) && var[i].exact) {
                put("%s", var[i].name);
                return;
            }
        put("p[0]");
    } else put("%.2f", between(0.2, 1.9));
}

/* ---- statements ---- */

static void unary(void)
{
    static const struct {
        const char *form;
        double bound; /* 0: that of x */
    } fn[] = {{"sin(%s)", 1},
              {"cos(%s)", 1},
              {"tanh(%s)", 1},
              {"exp(tanh(%s))", 3},
              {"-%s", 0},
              {"abs(%s)", 0},
              {"relu(%s)", 0},
              {"sigmoid(%s)", 1},
              {"sin(%s) ^ 2", 1},
              {"(%s) ^ 2", -2},
              {"(%s) ^ 3", -3},
              {"(1.5 + sin(%s)) ^ -1", 2},
              {"abs(%s) ^ 0.5", 4},
              {"sqrt(1 + %s ^ 2)", 13},
              {"log(1.4 + sin(%s))", 1},
              {"1 / (1.3 + %s * %s)", 1},
              {"softplus(%s)", 0},
              {"gelu(%s)", 0},
              {"silu(%s)", 0},
              {"erf(%s)", 1},
              {"floor(%s * 3)", -4},
              {"clamp(%s, -0.4, 0.9)", 1},
              {"%s * %s", -2},
              {"%s + %s", -5},
              {"atan(%s)", 2},
              {"expm1(tanh(%s))", 2},
              {"log1p(%s ^ 2)", 5},
              {"(1.2 + sin(%s)) ^ 1.7", 4},
              {"max(%s, 0.1)", 0},
              {"min(%s, p[1])", 0},
              {"%s - %s", -5},
              {"sinh(tanh(%s))", 2}};
    Var *x = some(true, 1);
    if (!x) return;
    int k = below((int)(sizeof fn / sizeof *fn));
    if (!strncmp(fn[k].form, "floor", 5) && !x->exact) k = 0; /* rounding decides */
    double b = fn[k].bound;
    b = b > 0 ? b : b == 0 ? x->bound : b == -2 ? x->bound * x->bound : b == -3 ? pow(x->bound, 3) : 4 * x->bound;
    size_t from = len;
    put(fn[k].form, x->name, x->name);
    make(from, x->dtype, x->s, b < 1 ? 1 : b, x->exact, x->narrow);
}

static const char *const joins[] = {"%s + %s",
                                    "%s - %s",
                                    "%s * %s",
                                    "%s / (1.2 + (%s) ^ 2)",
                                    "max(%s, %s)",
                                    "min(%s, %s)",
                                    "atan2(%s, 2 + abs(%s))",
                                    "hypot(%s, 1 + abs(%s))",
                                    "%s + sin(%s)",
                                    "%s * tanh(%s)"};
static double join_bound(int k, double a, double b) { return k == 2 ? a * b : k == 3 ? a : a + b + 1; }

/* What broadcasting gives, with the guard; false: they do not meet. */
static bool meet(const Shape *a, const Shape *b, Shape *y)
{
    const Shape *hi = a->rank >= b->rank ? a : b, *lo = hi == a ? b : a;
    *y = *hi;
    for (int i = 0; i < lo->rank; i++) {
        int k = hi->rank - lo->rank + i;
        int64_t p = hi->dim[k], q = lo->dim[i];
        if (p != q && p != 1 && q != 1) return false;
        y->dim[k] = p == 1 ? q : p;
    }
    return a->rank == b->rank || same_shape(y, hi);
}

static void binary(void)
{
    Var *a = some(true, 1);
    if (!a) return;
    int k = below(10);
    size_t from = len;
    for (int tries = 0; tries < 12; tries++) {
        Var *b = some(true, 1);
        Shape s;
        if (!b || !meet(&a->s, &b->s, &s) || elements(&s) > most) continue;
        if (tries < 6 && same_shape(&a->s, &b->s) && chance(2)) continue; /* stretched ones are rarer */
        put(joins[k], a->name, b->name);
        make(from, a->dtype == DT_F64 || b->dtype == DT_F64 ? DT_F64 : DT_F32, s, join_bound(k, a->bound, b->bound),
             a->exact && b->exact, a->narrow || b->narrow);
        return;
    }
}

static void with_number(void)
{
    Var *x = some(true, 1);
    if (!x) return;
    size_t from = len;
    static const char *const form[] = {"* ", "+ ", "- ", "/ ", "^ "};
    int k = below(5);
    if (k == 4) put("(1.3 + sin(%s)) ^ (", x->name), put_number(), put(")");
    else if (k == 3) put("%s / (2 + ", x->name), put_number(), put(")");
    else if (chance(2)) put("%s %s", x->name, form[k]), put_number();
    else put_number(), put(" %s%s", form[k], x->name);
    make(from, x->dtype, x->s, k == 4 ? 6 : 2 * x->bound + 2, x->exact, x->narrow);
}

/* fn(x, axis: ..., keep: ...) into y; false: over everything. */
static void put_reduce(const char *fn, const Var *x, unsigned mask, bool keep, Shape *y)
{
    *y = (Shape){0};
    put("%s(%s", fn, x->name);
    int axes = 0;
    for (int i = 0; i < x->s.rank; i++) {
        bool in = mask >> i & 1;
        axes += in;
        if (!in || keep) y->dim[y->rank++] = in ? 1 : x->s.dim[i];
    }
    if (axes < x->s.rank || keep) {
        put(", axis: ");
        bool one = axes == 1;
        if (!one) put("(");
        int n = 0;
        for (int i = 0; i < x->s.rank; i++)
            if (mask >> i & 1) put("%s%d", n++ ? ", " : "", chance(3) ? i - x->s.rank : i);
        if (!one) put(")");
        if (keep) put(", keep: true");
    }
    put(")");
}

static void reduce(void)
{
    static const char *const fn[] = {"sum",      "mean",      "max",  "min",  "sum", "mean",
                                     "variance", "logsumexp", "prod", "norm", "std"};
    Var *x = some(true, 1);
    if (!x) return;
    int k = below(chance(4) ? 11 : 6);
    int64_t n = elements(&x->s);
    if (!n && k != 0 && k != 4) return;
    unsigned mask = chance(3)   ? 1u << (x->s.rank - 1)
                    : chance(4) ? (1u << x->s.rank) - 1
                                : 1u + (unsigned)below((1 << x->s.rank) - 1);
    if (chance(4)) mask = (1u << x->s.rank) - 1 - (1u << (x->s.rank - 1));
    if (!mask) mask = 1;
    bool keep = chance(2), all = mask == (1u << x->s.rank) - 1;
    int64_t folded = 1;
    for (int i = 0; i < x->s.rank; i++)
        if (mask >> i & 1) folded *= x->s.dim[i];
    if (k == 8 && (folded > 20 || x->bound > 3)) k = 0;
    if (k == 9 || k == 10) { /* a slope at 0 is a corner of its own */
        if (folded < 2) return;
    }
    size_t from = len;
    Shape y;
    double b = k == 0 || k == 4 || k == 9 ? x->bound * (double)folded
               : k == 7                   ? x->bound + 9
               : k == 6                   ? x->bound * x->bound
                                          : x->bound;
    if (k == 8) b = pow(x->bound < 1 ? 1 : x->bound, (double)folded);
    if (all && !keep && chance(2)) { /* keeps its size moderate by itself */
        put_reduce("mean", x, mask, keep, &y);
        b = x->bound;
    } else {
        put_reduce(fn[k], x, mask, keep, &y);
    }
    bool exact = x->exact && (k == 2 || k == 3);
    if (!y.rank) {
        Var *v = make(from, DT_F64, y, b, false, x->narrow);
        v->exact = false;
    } else {
        make(from, x->dtype, y, b, exact, x->narrow);
    }
}

/* What networks are made of, as one writes it by hand; the parts stay or go. */
static void by_hand(void)
{
    Var *x = some(true, 1);
    if (!x || !elements(&x->s)) return;
    char name[12], axis[24];
    snprintf(name, sizeof name, "%s", x->name);
    snprintf(axis, sizeof axis, "axis: %d", x->s.rank - 1);
    bool last = !chance(5);
    if (!last) snprintf(axis, sizeof axis, "axis: 0");
    Shape s = x->s, row = x->s;
    row.dim[last ? s.rank - 1 : 0] = 1;
    DType dt = x->dtype;
    bool thin = x->narrow, keep = chance(2);
    double bound = x->bound;
    Var *m = declare(dt, &row, bound, x->exact, thin);
    Var *y, *z;
    switch (below(5)) {
    case 0: /* softmax */
        put("  var %s = max(%s, %s, keep: true)\n", m->name, name, axis);
        y = declare(dt, &s, 1, x->exact, thin);
        put("  var %s = exp(%s - %s)\n", y->name, name, m->name);
        z = declare(dt, &s, 1, false, thin);
        put("  var %s = %s / sum(%s, %s, keep: true)\n", z->name, y->name, y->name, axis);
        break;
    case 1: /* layer norm */
        put("  var %s = mean(%s, %s, keep: true)\n", m->name, name, axis);
        m->exact = false;
        y = declare(dt, &s, 2 * bound, false, thin);
        put("  var %s = %s - %s\n", y->name, name, m->name);
        z = declare(dt, &s, sqrt((double)s.dim[s.rank - 1]) + 1, false, thin);
        put("  var %s = %s / sqrt(mean(%s ^ 2, %s, keep: true) + 0.1)\n", z->name, y->name, y->name, axis);
        break;
    case 2: /* logsumexp */
        put("  var %s = max(%s, %s, keep: true)\n", m->name, name, axis);
        y = declare(dt, &s, 1, x->exact, thin);
        put("  var %s = exp(%s - %s)\n", y->name, name, m->name);
        z = declare(dt, &row, bound + 9, false, thin);
        put("  var %s = log(sum(%s, %s, keep: true)) + %s\n", z->name, y->name, axis, m->name);
        break;
    case 3: /* rows weighed by what they come to, stretched in so many words */
        put("  var %s = tanh(sum(%s, %s, keep: true) * 0.1)\n", m->name, name, axis);
        m->exact = false;
        m->bound = 1;
        y = declare(dt, &s, 1, false, thin);
        put("  var %s = broadcast_to(%s, ", y->name, m->name), put_shape(&s), put(")\n");
        z = declare(dt, &s, bound + 1, false, thin);
        if (chance(2)) put("  var %s = sin(%s) * ", z->name, y->name), put_number(), put("\n");
        else put("  var %s = %s + %s\n", z->name, name, y->name);
        break;
    default: /* the same with the axis lost and found again */
        if (s.rank < 2) {
            m->dead = true;
            nvar--;
            return;
        }
        put("  var %s = reshape(mean(%s, %s), ", m->name, name, axis), put_shape(&row), put(")\n");
        m->exact = false;
        y = declare(dt, &s, 2 * bound, false, thin);
        put("  var %s = %s - %s\n", y->name, name, m->name);
        z = declare(dt, &s, 2 * bound + 1, false, thin);
        put("  var %s = %s * %s + 0.5\n", z->name, chance(2) ? y->name : name, m->name);
        z->bound = bound * bound + 1;
        if (z->bound > 12) {
            put("  %s = tanh(%s)\n", z->name, z->name);
            z->bound = 1;
        }
    }
    if (!keep && y != z) {
        put("  %s = 0\n", y->name);
        y->dead = true;
    }
}

/* One index for each axis, and perhaps a new one. */
static void put_index(const Var *x, Shape *y)
{
    *y = (Shape){0};
    put("[");
    for (int i = 0; i < x->s.rank; i++) {
        int64_t n = x->s.dim[i], a, b;
        if (i) put(", ");
        if (chance(7) && x->s.rank < RANKS && y->rank + (x->s.rank - i) < RANKS) {
            put("new, ");
            y->dim[y->rank++] = 1;
        }
        switch (n > 0 ? below(9) : 8) {
        case 0:
            put("::-1");
            y->dim[y->rank++] = n;
            break;
        case 1: { /* a: b, and not to nothing but rarely */
            a = below((int)n), b = a + 1 + below((int)(n - a));
            if (chance(40)) b = a;
            put("%" PRId64 ":%" PRId64, a, b);
            y->dim[y->rank++] = b - a;
            break;
        }
        case 2: {
            int st = 2 + below(2);
            a = below(n > 3 ? 3 : (int)n);
            put("%" PRId64 "::%d", a, st);
            y->dim[y->rank++] = (n - a + st - 1) / st;
            break;
        }
        case 3:
            if (x->s.rank > 1 && y->rank + (x->s.rank - i) > 1) {
                put("%d", chance(2) ? below((int)n) : -1);
                break;
            }
            put(":"), y->dim[y->rank++] = n;
            break;
        case 4: { /* few of many */
            a = below((int)n), b = a + 1;
            put("%" PRId64 ":%" PRId64, a, b);
            y->dim[y->rank++] = 1;
            break;
        }
        default: put(":"), y->dim[y->rank++] = n;
        }
    }
    put("]");
    if (!y->rank) y->rank = 0;
}

static void view(void)
{
    Var *x = some(!chance(6), 1);
    if (!x) return;
    Shape s = x->s, y = s;
    int64_t n = elements(&s);
    size_t from = len;
    switch (below(7)) {
    case 0:
    case 1:
        put("%s", x->name);
        put_index(x, &y);
        if (!y.rank) {
            len = from;
            return;
        }
        break;
    case 2: { /* axes in another order */
        int p[RANKS] = {0, 1, 2, 3};
        if (s.rank < 2) return;
        for (int i = s.rank - 1; i > 0; i--) {
            int j = below(i + 1), t = p[i];
            p[i] = p[j];
            p[j] = t;
        }
        put("permute(%s", x->name);
        for (int i = 0; i < s.rank; i++) put(", %d", p[i]), y.dim[i] = s.dim[p[i]];
        put(")");
        break;
    }
    case 3:
        if (s.rank < 2) return;
        put("%s'", x->name);
        y.dim[s.rank - 1] = s.dim[s.rank - 2];
        y.dim[s.rank - 2] = s.dim[s.rank - 1];
        break;
    case 4: /* other axes */
        if (!n) return;
        y.rank = 0;
        for (int64_t left = n; y.rank < RANKS;) {
            int64_t d = 0;
            for (int t = 0; t < 6 && !d; t++) {
                int64_t c = chance(3) ? 1 : s.dim[below(s.rank)];
                if (chance(4)) c = 2;
                if (left % c == 0) d = c;
            }
            if (!d) d = 1;
            if (y.rank == RANKS - 1 || chance(4)) d = left;
            y.dim[y.rank++] = d;
            left /= d;
            if (left == 1 && chance(2)) break;
            if (y.rank == RANKS && left != 1) y.dim[RANKS - 1] *= left;
        }
        if (elements(&y) != n) y = (Shape){1, {n}};
        put("reshape(%s, ", x->name), put_shape(&y), put(")");
        break;
    case 5: { /* stretched */
        bool any = false;
        for (int i = 0; i < s.rank; i++)
            if (s.dim[i] == 1) y.dim[i] = dims[below(3)], any = true;
        if (s.rank < RANKS && (!any || chance(2))) {
            y.rank = s.rank + 1;
            for (int i = s.rank; i > 0; i--) y.dim[i] = y.dim[i - 1];
            y.dim[0] = 1 + below(4);
        }
        if (elements(&y) > most) return;
        put("broadcast_to(%s, ", x->name), put_shape(&y), put(")");
        break;
    }
    default: put("flip(%s, axis: %d)", x->name, below(s.rank));
    }
    make(from, x->dtype, y, x->bound, x->exact, x->narrow);
}

static void product(void)
{
    Var *a = some(true, 2);
    if (!a) return;
    int r = a->s.rank;
    int64_t n = a->s.dim[r - 2], k = a->s.dim[r - 1];
    if (!elements(&a->s)) return;
    size_t from = len;
    Shape y = a->s;
    for (int tries = 0; tries < 10; tries++) {
        Var *b = some(true, 1);
        if (!b || !elements(&b->s)) continue;
        int q = b->s.rank;
        bool lead = q <= 2 || (q == r && !memcmp(a->s.dim, b->s.dim, (size_t)(r - 2) * sizeof *y.dim)), ta = false,
             tb = false;
        if (!lead) continue;
        int64_t k2 = q == 1 ? b->s.dim[0] : b->s.dim[q - 2], m = q == 1 ? 1 : b->s.dim[q - 1];
        if (k2 != k && q > 1 && m == k) tb = true, m = k2, k2 = k;
        if (k2 != k && k2 == n && q > 1 && (chance(2) || k2 != k)) ta = true;
        if (k2 != (ta ? n : k)) continue;
        int64_t rows = ta ? k : n, inner = ta ? n : k;
        y.rank = q == 1 ? r - 1 : r;
        y.dim[r - 2] = rows;
        if (q > 1) y.dim[r - 1] = m;
        if (elements(&y) > most || elements(&y) * inner > 20000000) return;
        put("%s%s @ %s%s", a->name, ta ? "'" : "", b->name, tb ? "'" : "");
        make(from, a->dtype == DT_F64 || b->dtype == DT_F64 ? DT_F64 : DT_F32, y, a->bound * b->bound * (double)inner,
             false, a->narrow || b->narrow);
        return;
    }
}

static void combine(void)
{
    Var *a = some(!chance(5), 1);
    if (!a) return;
    size_t from = len;
    Shape y = a->s;
    int axis = below(a->s.rank);
    int64_t n = a->s.dim[axis];
    switch (below(5)) {
    case 0:
    case 1: { /* end to end */
        Var *b = NULL;
        for (int t = 0; t < 12 && !b; t++) {
            b = some(false, 1);
            if (!b || b->dtype != a->dtype || b->s.rank != a->s.rank) {
                b = NULL;
                continue;
            }
            for (int i = 0; i < y.rank && b; i++)
                if (i != axis && b->s.dim[i] != y.dim[i]) b = NULL;
        }
        if (!b) b = a;
        y.dim[axis] += b->s.dim[axis];
        if (elements(&y) > most) return;
        put("concat((%s, %s), axis: %d)", a->name, b->name, axis);
        make(from, a->dtype, y, fmax(a->bound, b->bound), a->exact && b->exact, a->narrow || b->narrow);
        return;
    }
    case 2: { /* side by side */
        if (a->s.rank == RANKS || 3 * elements(&y) > most) return;
        int k = 2 + below(2), at = below(a->s.rank + 1);
        put("stack((");
        for (int i = 0; i < k; i++) put("%s%s", i ? ", " : "", a->name);
        put("), axis: %d)", at);
        for (int i = y.rank++; i > at; i--) y.dim[i] = y.dim[i - 1];
        y.dim[at] = k;
        break;
    }
    case 3: { /* chosen rows */
        if (!n) return;
        int k = 1 + below(5);
        put("take(%s, [", a->name);
        for (int i = 0; i < k; i++) put("%s%d", i ? ", " : "", below((int)n));
        put("], axis: %d)", axis);
        y.dim[axis] = k;
        if (elements(&y) > most) {
            len = from;
            return;
        }
        break;
    }
    default:
        if (a->s.rank != 1 || !is_float(a) || !n) {
            put("roll(%s, %d, axis: %d)", a->name, 1 + below(5), axis);
            break;
        }
        put("cumsum(%s) / %" PRId64, a->name, n);
        make(from, a->dtype, y, a->bound, false, a->narrow);
        return;
    }
    make(from, a->dtype, y, a->bound, a->exact, a->narrow);
}

static void mask(void)
{
    Var *a = some(true, 1), *b = NULL;
    if (!a) return;
    Shape y;
    for (int t = 0; t < 12; t++) {
        b = some(true, 1);
        if (b && meet(&a->s, &b->s, &y) && elements(&y) <= most && b->dtype == a->dtype) break;
        b = NULL;
    }
    static const char *const cmp[] = {">", "<", ">=", "<=", "!=", "=="};
    size_t from = len;
    const char *how = cmp[below(chance(5) ? 6 : 4)];
    if (!b || chance(3)) {
        if (chance(2)) {
            put("%s %s ", a->name, how), put_number();
            make(from, DT_BOOL, a->s, 1, a->exact, a->narrow);
        } else {
            put("where(%s %s %.3f, %s, ", a->name, how, between(-0.4, 0.6), a->name), put_number(), put(")");
            make(from, a->dtype, a->s, a->bound + 2, a->exact, a->narrow);
        }
        return;
    }
    bool exact = a->exact && b->exact, thin = a->narrow || b->narrow;
    if (chance(2)) {
        put("%s %s %s", a->name, how, b->name);
        make(from, DT_BOOL, y, 1, exact, thin);
        return;
    }
    for (int i = nvar - 1; i >= 0; i--) { /* a mask that is there, laid as the value or stretched */
        Shape z;
        if (var[i].dead || var[i].dtype != DT_BOOL || !var[i].s.rank || !meet(&var[i].s, &y, &z) || !same_shape(&z, &y))
            continue;
        put("where(%s, %s, %s)", var[i].name, a->name, b->name);
        make(from, a->dtype, y, fmax(a->bound, b->bound), exact && var[i].exact, thin || var[i].narrow);
        return;
    }
    put("where(%s %s %s + 0.1, %s, %s * 0.5)", a->name, how, b->name, a->name, b->name);
    make(from, a->dtype, y, fmax(a->bound, b->bound), exact, thin);
}

static void other_type(void)
{
    Var *x = some(false, 1);
    if (!x) return;
    size_t from = len;
    switch (x->dtype) {
    case DT_F64:
        if (chance(3) && elements(&x->s) < 3000 && x->exact) {
            put("floor(%s * 4) as %s", x->name, chance(2) ? "i64" : "i32");
            make(from, text[len - 1] == '4' ? DT_I64 : DT_I32, x->s, 4 * x->bound, x->exact, x->narrow);
        } else {
            narrow = true;
            put("%s as f32", x->name);
            make(from, DT_F32, x->s, x->bound, x->exact, true);
        }
        return;
    case DT_F32:
        put("%s as f64", x->name);
        make(from, DT_F64, x->s, x->bound, x->exact, true);
        return;
    case DT_BOOL:
        if (chance(2)) put("not_of(%s)", x->name);
        else {
            bool f = chance(2);
            put("%s %s", x->name, f ? "as f64" : "* 1.5");
            make(from, DT_F64, x->s, 2, x->exact, x->narrow);
            return;
        }
        make(from, DT_BOOL, x->s, 1, x->exact, x->narrow);
        return;
    default:
        switch (below(4)) {
        case 0:
            put("%s * 0.25", x->name); /* not whole: as f64 */
            len = from;
            put("(%s as f64) * 0.25", x->name);
            make(from, DT_F64, x->s, x->bound, x->exact, x->narrow);
            return;
        case 1: put("%s %% 5 + %s // 3", x->name, x->name); break;
        case 2:
            put("%s > %d", x->name, below(3));
            make(from, DT_BOOL, x->s, 1, x->exact, x->narrow);
            return;
        default: put("%s * 2 - %s", x->name, x->name);
        }
        make(from, x->dtype, x->s, x->bound < 1000 ? 3 * x->bound : x->bound, x->exact, x->narrow);
    }
}

static void drawn(void)
{
    Shape s = some_shape();
    if (chance(2)) {
        Var *x = some(true, 1);
        if (x) s = x->s;
    }
    if (!elements(&s)) return;
    size_t from = len;
    static const char *const fn[] = {"uniform(", "normal(", "bernoulli(0.4, "};
    int k = below(3);
    put("%s", fn[k]), put_shape(&s);
    if (k == 0 && chance(2)) put(", low: -1, high: 1");
    put(")");
    make(from, k == 2 ? DT_BOOL : DT_F64, s, k == 1 ? 5 : 1, true, false);
    if (k == 2) { /* whatever type it has */
        Var *v = &var[nvar - 1];
        v->dead = true;
        put("  %s = 0\n", v->name);
    }
}

/* Elements written, while others may hold the value. */
static void written(void)
{
    Var *x = some(true, 1);
    if (!x || !elements(&x->s) || elements(&x->s) > 100000) return;
    Shape s = x->s;
    Var was = *x, *v = declare(x->dtype, &s, x->bound + 2, x->exact, x->narrow);
    if (chance(2)) put("  var %s = %s\n", v->name, was.name);
    else put("  var %s = %s * 0.5\n", v->name, was.name);
    for (int n = 1 + below(3); n > 0; n--) {
        static const char *const how[] = {"=", "+=", "*=", "="};
        put("  %s[", v->name);
        switch (below(4)) {
        case 0:
            for (int i = 0; i < s.rank; i++) put("%s%d", i ? ", " : "", below((int)s.dim[i]));
            put("] %s ", how[below(4)]), put_number(), put("\n");
            break;
        case 1: put("%d] = ", below((int)s.dim[0])), put_number(), put("\n"); break;
        case 2: put(chance(2) ? "::2] %s " : "..., 0] %s ", how[below(4)]), put_number(), put("\n"); break;
        default: put("%s > 0.3] = ", v->name), put_number(), put("\n"); v->exact = was.exact;
        }
    }
    if (v->bound > 12) v->bound = 12;
    put("  %s = clamp(%s, -9, 9)\n", v->name, v->name);
    v->bound = 9;
}

/* Somebody looks at an element: what it waits for runs. */
static void looked_at(void)
{
    Var *x = some(true, 1);
    if (!x || !elements(&x->s)) return;
    size_t from = len;
    put("%s[", x->name);
    for (int i = 0; i < x->s.rank; i++) put("%s%d", i ? ", " : "", below((int)x->s.dim[i]));
    put("]");
    Shape none = {0};
    make(from, DT_F64, none, x->bound, x->exact, x->narrow);
}

static void dropped(void)
{
    Var *x = some(false, 1);
    if (!x || x->fixed || nvar < 6) return;
    put("  %s = 0\n", x->name);
    x->dead = true;
}

/* The last line once more: common subexpressions. */
static void again(void)
{
    size_t end = len, at = len;
    if (!at) return;
    for (at--; at && text[at - 1] != '\n'; at--) {}
    Var *v = nvar ? &var[nvar - 1] : NULL;
    char head[32];
    if (!v) return;
    int n = snprintf(head, sizeof head, "  var %s = ", v->name);
    if (strncmp(text + at, head, (size_t)n)) return;
    char line[2000];
    if (end - at - (size_t)n >= sizeof line) return;
    memcpy(line, text + at + n, end - at - (size_t)n);
    line[end - at - (size_t)n] = 0;
    if (strstr(line, "uniform") || strstr(line, "normal") || strstr(line, "bernoulli")) return;
    Var was = *v, *w = declare(was.dtype, &was.s, was.bound, was.exact, was.narrow);
    put("  var %s = %s", w->name, line);
}

/* Longer than a region may be. */
static void chain(void)
{
    Var *x = some(true, 1), *y = NULL;
    if (!x) return;
    Shape s;
    for (int t = 0; t < 10 && !y; t++) {
        y = some(true, 1);
        if (y && (!meet(&x->s, &y->s, &s) || !same_shape(&s, &x->s) || y->dtype != x->dtype)) y = NULL;
    }
    bool thin = x->narrow || (y && y->narrow), exact = x->exact && (!y || y->exact);
    Var was = *x, with = y ? *y : *x, *v = declare(x->dtype, &was.s, 2, exact, thin);
    put("  var %s = %s\n", v->name, was.name);
    put("  for i in 0..%d { %s = sin(%s * %.2f + %s) - 0.1 * %s }\n", chance(4) ? 30 + below(40) : 2 + below(6),
        v->name, v->name, between(0.5, 1.5), with.name, v->name);
    if (chance(3)) { /* all of them kept */
        put("  var l%d = ()\n  for i in 0..%d { l%d = (...l%d, %s * (i + 1)", serial, 2 + below(chance(4) ? 50 : 5),
            serial, serial, v->name);
        if (chance(2) && elements(&was.s)) put(", sum(%s * (i + 1), axis: %d)", v->name, below(2) ? 0 : was.s.rank - 1);
        put(") }\n");
        if (was.s.rank) {
            Var *z = declare(was.dtype, &was.s, 4, exact, thin);
            put("  var %s = l%d[0] + sin(l%d[0])\n", z->name, serial - 1, serial - 1);
        }
    }
}

/* The same body for each row. */
static void each_row(void)
{
    Var *x = some(true, 2);
    if (!x || x->s.rank != 2 || !elements(&x->s) || elements(&x->s) > 4000 || x->s.dim[0] > 200) return;
    size_t from = len;
    Shape y = x->s;
    switch (below(3)) {
    case 0: put("vmap(r -> sin(r) * mean(r))(%s)", x->name); break;
    case 1:
        put("vmap(r -> mean(r * r))(%s)", x->name);
        y.rank = 1;
        break;
    default: put("[mean(%s[i] * p[1]) for i in 0..%" PRId64 "]", x->name, x->s.dim[0]); y.rank = 1;
    }
    make(from, x->dtype, y, x->bound * x->bound + 1, false, x->narrow);
}

static void statement(void)
{
    static void (*const how[])(void) = {unary,   unary,   unary,       unary,       binary,  binary,  binary,
                                        binary,  binary,  with_number, with_number, reduce,  reduce,  reduce,
                                        by_hand, by_hand, view,        view,        view,    product, product,
                                        combine, mask,    mask,        other_type,  drawn,   written, looked_at,
                                        dropped, again,   again,       chain,       each_row};
    how[below((int)(sizeof how / sizeof *how))]();
}

/* ---- programs ---- */

/* A tensor from outside, laid out in some way. */
static void outside(int k)
{
    Shape s = some_shape(), big = s;
    put("let g%d = ", k);
    switch (below(5)) {
    case 0: { /* transposed */
        if (s.rank < 2) goto plain;
        Shape t = s;
        t.dim[s.rank - 1] = s.dim[s.rank - 2], t.dim[s.rank - 2] = s.dim[s.rank - 1];
        put("moved("), put_shape(&t), put(")'\n");
        break;
    }
    case 1:
        big.dim[0] *= 2;
        put("moved("), put_shape(&big), put(")[::2]\n");
        break;
    case 2: put("moved("), put_shape(&s), put(")[::-1]\n"); break;
    case 3: {
        int i = below(s.rank);
        big.dim[i] = 1;
        put("broadcast_to(moved("), put_shape(&big), put("), "), put_shape(&s), put(")\n");
        break;
    }
    default:
    plain:
        put("moved("), put_shape(&s), put(")\n");
    }
    Var *v = declare(DT_F64, &s, 4, true, false);
    snprintf(v->name, sizeof v->name, "g%d", k);
    v->fixed = true;
}

static void put_call(const char *fn, int numbers, const char *x0)
{
    put("%s((", fn);
    for (int i = 0; i < NUMBERS; i++) put("%s%.3f + h", i ? ", " : "", 0.31 + 0.17 * i + 0.23 * numbers);
    put("), %s, x1, x2)", x0);
}

enum { HEAD = 100 }; /* place for the line that sets h */

/* The text after a line for h. */
static void program(uint64_t seed)
{
    counter = seed * 0x632be59bd9b4e019u + 77;
    serial = nvar = nresult = 0;
    narrow = false;
    len = 0;
    most = chance(60) ? 600000 : chance(6) ? 40000 : 3000;
    for (int i = 0; i < 3; i++) dims[i] = chance(25) ? 1 : some_size();
    if (chance(3)) dims[1] = dims[0];
    if (chance(40)) dims[2] = 0;
    put("seed(%" PRIu64 ")\nfn moved(...n) = normal(...n) * (1 + h) + h * normal(...n)\n", seed % 1000);
    put("fn not_of(x) = x == false\n");
    for (int k = 0; k < 3; k++) outside(k);
    for (int k = 0; k < 3; k++) {
        Shape s = some_shape();
        Var *v = declare(DT_F64, &s, 4, true, false);
        snprintf(v->name, sizeof v->name, "x%d", k);
        v->fixed = true;
        put("let x%d = moved(", k), put_shape(&s), put(")\n");
    }
    settled = !chance(6);
    if (settled) put("let seen = sum(g0) + sum(g1) + sum(g2) + sum(x0) + sum(x1) + sum(x2)\n"); /* they have run */
    put("fn body(p, x0, x1, x2) {\n");
    for (int n = 3 + below(chance(8) ? 60 : 22); n > 0 && len < TEXT - 8000; n--) statement();
    put("  (");
    int kept = 0;
    for (int i = nvar - 1; i >= 3 && nresult < RESULTS; i--) {
        if (var[i].dead || var[i].fixed || (kept && chance(2))) continue;
        put("%s%s", kept++ ? ", " : "", var[i].name);
        result[nresult++] = var[i];
    }
    put(kept == 1 ? ",)\n}\n" : ")\n}\n");
    put("fn called(p, x0, x1, x2) { seed(3); body(p, x0, x1, x2) }\n");
    put("let r1 = "), put_call("called", 0, "x0"), put("\nlet r2 = "), put_call("called", 1, "x0");
    put("\nlet r3 = "), put_call("called", 0, "x0"), put("\nfn once() = "), put_call("called", 0, "x0"), put("\n");
    bool slopes = most <= 3000 && chance(2) && kept;
    int used = 0;
    if (slopes) {
        put("fn loss(p, x0, x1, x2) {\n  seed(3)\n  let r = body(p, x0, x1, x2)\n  mean(x0)");
        for (int i = 0; i < nresult && used < 6; i++) {
            if (!is_float(&result[i]) || (result[i].s.rank && !elements(&result[i].s))) continue;
            if (!result[i].s.rank) put(" + sin(r[%d])", i);
            else put(" + mean(sin(r[%d] * %.2f))", i, between(0.4, 1.3));
            used++;
        }
        put("\n}\n");
    }
    slopes = slopes && used && elements(&var[3].s) > 0;
    put("let d = (");
    if (slopes) {
        put("grad(x -> "), put_call("loss", 0, "x"), put(")(x0),\n  ");
        put("grad(x -> "), put_call("loss", 1, "x"), put(")(x0),\n  ");
        if (chance(2)) put("jvp(x -> "), put_call("loss", 0, "x"), put(", x0, sin(x0)),\n  ");
        if (chance(3)) put("hvp(x -> "), put_call("loss", 0, "x"), put(", x0, cos(x0)),\n  ");
        if (chance(3) && most <= 3000 && elements(&var[3].s) < 12)
            put("hessian(x -> "), put_call("loss", 1, "x"), put(")(x0),\n  ");
    }
    put("0)\n");
}

/* ---- running ---- */

typedef struct Figures {
    double *at;
    size_t n, cap;
    struct Leaf {
        size_t from, n;
        int dtype, rank;
    } leaf[RESULTS * 4];
    size_t nleaf;
    int status;
    char why[400];
} Figures;

static void add_figure(Figures *f, double x)
{
    if (f->n == f->cap) f->at = realloc(f->at, (f->cap = f->cap ? 2 * f->cap : 4096) * sizeof *f->at);
    f->at[f->n++] = x;
}

static bool collect(State *S, Figures *f, Value v)
{
    if (v.tag == T_LIST) {
        for (int64_t i = 0; i < v.l->len; i++)
            if (!collect(S, f, v.l->at[i])) return false;
        return true;
    }
    if (f->nleaf == RESULTS * 4) return true;
    struct Leaf *l = &f->leaf[f->nleaf];
    *l = (struct Leaf){f->n, 1, -1, 0};
    if (v.tag == T_TENSOR) {
        if (!tensor_force(S, v.t)) return false;
        l->dtype = v.t->dtype;
        l->rank = v.t->rank;
        l->n = (size_t)v.t->n;
        for (int64_t i = 0; i < v.t->n; i++) add_figure(f, tensor_get(v.t, i));
    } else {
        add_figure(f, v.tag == T_BOOL ? v.b : v.tag == T_NUM ? v.n : -77);
    }
    f->nleaf++;
    return true;
}

static Value global(State *S, const char *name)
{
    Str *s = str_intern(S, name, strlen(name));
    int k = s && S->main ? module_find(S->main, s) : -1;
    obj_release(S, s);
    return k < 0 ? NIL : S->main->g[k].value;
}

static char message[1000];
static void to_message(void *ud, const char *s, size_t n)
{
    size_t had = strlen(message);
    (void)ud;
    if (had + n >= sizeof message) n = sizeof message - 1 - had;
    memcpy(message + had, s, n);
    message[had + n] = 0;
}
static void nowhere(void *ud, const char *s, size_t n) { (void)ud, (void)s, (void)n; }

typedef enum Way { OFF, ALL, ON } Way;
static size_t left;
static uint64_t hits, misses, refusals;

static void run(Figures *f, Way way, int threads, int isa, double h)
{
    static char source[TEXT + HEAD];
    DscConfig cfg = {.size = sizeof cfg,
                     .print = nowhere,
                     .threads = threads,
                     .seed = 1,
                     .has_seed = true,
                     .plan_off = way == OFF,
                     .plan_all = way == ALL,
                     .max_steps = 10000000};
    State *S = dsc_open(&cfg);
    S->isa = isa;
    f->n = f->nleaf = 0;
    int n = snprintf(source, sizeof source, "let h = %g\n", h);
    memcpy(source + n, text, len);
    f->status = dsc_run_text(S, "program", source, (size_t)n + len, 0);
    static const char *const names[] = {"r2", "r1", "r3", "d"};
    for (int i = 0; i < 4 && !f->status; i++)
        if (!collect(S, f, global(S, names[i]))) f->status = 1;
    f->why[0] = 0;
    if (f->status) {
        message[0] = 0;
        dsc_report(S, DSC_REPORT_TEXT, to_message, NULL);
        snprintf(f->why, sizeof f->why, "%.390s", message);
    }
    hits += S->plans.stats.hits;
    misses += S->plans.stats.misses;
    left += dsc_close(S);
}

static char why[1200];

static bool same_bits(double a, double b) { return a == b ? signbit(a) == signbit(b) : a != a && b != b; }

/* The first r1 has results nresult... in figures: r2, r1, r3, d. */
static const Var *leaf_var(size_t leaf) { return leaf < 3 * (size_t)nresult ? &result[leaf % (size_t)nresult] : NULL; }

static bool apart(const char *what, const Figures *a, const Figures *b, const Figures *near, double h, bool bits)
{
    if (a->status != b->status || (a->status && strncmp(a->why, b->why, 12))) {
        snprintf(why, sizeof why, "%s: status %d, %d: %s%s", what, a->status, b->status, a->why, b->why);
        return true;
    }
    if (a->status) return false;
    if (a->n != b->n || a->nleaf != b->nleaf) {
        snprintf(why, sizeof why, "%s: other shapes", what);
        return true;
    }
    for (size_t k = 0; k < a->nleaf; k++) {
        const struct Leaf *l = &a->leaf[k];
        const Var *v = leaf_var(k);
        double size = 1, moves = 0, tol = 0;
        if (l->dtype != b->leaf[k].dtype || l->n != b->leaf[k].n || l->rank != b->leaf[k].rank) {
            snprintf(why, sizeof why, "%s: result %zu has another type or shape", what, k);
            return true;
        }
        bool exact = bits || (v && v->exact);
        if (!exact) {
            for (size_t i = l->from; i < l->from + l->n; i++) {
                if (isfinite(a->at[i])) size = fmax(size, fabs(a->at[i]));
                double d = fabs(near->at[i] - a->at[i]) / h;
                if (isfinite(d)) moves = fmax(moves, d);
            }
            double eps = narrow ? FLT_EPSILON : DBL_EPSILON;
            tol = (narrow ? 400 : 4000 + (double)most) * eps * (fmax(size, moves) + 10);
        }
        for (size_t i = l->from; i < l->from + l->n; i++) {
            double x = a->at[i], y = b->at[i];
            if (exact ? same_bits(x, y) || (!bits && x == y) : x == y || (x != x && y != y) || fabs(x - y) <= tol)
                continue;
            snprintf(why, sizeof why, "%s: result %zu (%s), element %zu of %zu: %.17g, %.17g (tolerance %.2g)", what,
                     k % (size_t)(nresult ? nresult : 1), v ? v->name : "a derivative", i - l->from, l->n, x, y, tol);
            return true;
        }
    }
    return false;
}

/* r1 and r3 of one run. */
static bool repeats(const Figures *f)
{
    size_t n = (size_t)nresult;
    if (f->status || f->nleaf < 3 * n) return true;
    for (size_t k = 0; k < n; k++) {
        const struct Leaf *p = &f->leaf[n + k], *q = &f->leaf[2 * n + k];
        for (size_t i = 0; i < p->n; i++)
            if (!same_bits(f->at[p->from + i], f->at[q->from + i])) {
                snprintf(why, sizeof why, "called again: result %zu (%s), element %zu: %.17g, %.17g", k, result[k].name,
                         i, f->at[p->from + i], f->at[q->from + i]);
                return false;
            }
    }
    return true;
}

static Figures off, near, all, other;

/* ---- what fails in the middle ---- */

static State *watched;
static int64_t interrupt_at; /* requests until the interrupt flag is raised, 0: never */
static void *watching(void *ud, void *p, size_t old, size_t n)
{
    (void)ud, (void)old;
    if (n && interrupt_at > 0 && --interrupt_at == 0) watched->interrupt = 1;
    if (n) return realloc(p, n);
    free(p);
    return NULL;
}

static State *open_watched(void)
{
    DscConfig cfg = {.size = sizeof cfg,
                     .print = nowhere,
                     .threads = 1,
                     .seed = 1,
                     .has_seed = true,
                     .plan_all = true,
                     .realloc_fn = watching,
                     .max_steps = 10000000};
    interrupt_at = 0;
    return watched = dsc_open(&cfg);
}

static int run_text(State *S)
{
    static char source[TEXT + HEAD];
    int n = snprintf(source, sizeof source, "let h = 0\n");
    memcpy(source + n, text, len);
    return dsc_run_text(S, "program", source, (size_t)n + len, 0);
}

/* Forces t while its n-th request is refused, or met by an interrupt, for every n: an error, and t waits as before. */
static bool force_failing(State *S, Tensor *t)
{
    for (int kind = 0; kind < 2; kind++)
        for (int64_t n = 1; t->node && n < 2000; n += kind ? 1 + n : 1) {
            if (kind) interrupt_at = n;
            else S->mem.fail_at = n;
            bool ok = tensor_force(S, t), met = kind ? !interrupt_at : !S->mem.fail_at;
            S->mem.fail_at = interrupt_at = 0;
            S->interrupt = 0;
            if (ok) break;
            DiagCode code = S->err ? S->err->code : DIAG_INTERNAL;
            if (!met || code != (kind ? DIAG_INTERRUPT : DIAG_MEM) || !t->node) {
                snprintf(why, sizeof why, "request %d of kind %d: error %d, %s", (int)n, kind, (int)code,
                         t->node ? "still pending" : "no longer pending");
                return false;
            }
            diag_clear(S);
            refusals++;
            if (kind == 0 && n > 40) break; /* leave something for the interrupts */
        }
    return true;
}

static bool leaves_failing(State *S, Value v)
{
    if (v.tag == T_LIST)
        for (int64_t i = 0; i < v.l->len; i++)
            if (!leaves_failing(S, v.l->at[i])) return false;
    return v.tag != T_TENSOR || force_failing(S, v.t);
}

static bool collect_all(State *S, Figures *f)
{
    static const char *const names[] = {"r2", "r1", "r3", "d"};
    f->n = f->nleaf = 0;
    f->status = 0;
    f->why[0] = 0;
    for (int i = 0; i < 4; i++)
        if (!collect(S, f, global(S, names[i]))) return false;
    return true;
}

/* Each force of the results, and the whole run at some requests, fails first and works then. */
static bool fails_well(double h)
{
    static Figures plain;
    State *S = open_watched();
    Value v = NIL, w = NIL;
    plain.n = other.n = plain.nleaf = other.nleaf = 0;
    plain.status = other.status = 0;
    bool ok = run_text(S) == 0 && vm_call(S, global(S, "once"), NULL, 0, &v) && collect(S, &plain, v) &&
              vm_call(S, global(S, "once"), NULL, 0, &w) && leaves_failing(S, w) && collect(S, &other, w) &&
              !apart("refused first, then", &plain, &other, &near, h, true);
    release(S, v);
    release(S, w);
    left += dsc_close(S);
    if (!ok && !why[0]) snprintf(why, sizeof why, "it does not run after failing");
    for (int k = 0; k < 12 && ok; k++) {
        S = open_watched();
        int64_t n = 1 + below(k < 6 ? 3000 : 300);
        if (k & 1) interrupt_at = n;
        else S->mem.fail_at = n;
        int status = run_text(S);
        S->mem.fail_at = interrupt_at = 0;
        S->interrupt = 0;
        message[0] = 0;
        dsc_report(S, DSC_REPORT_TEXT, to_message, NULL);
        if (status && !strstr(message, k & 1 ? "E0505" : "E0501")) {
            snprintf(why, sizeof why, "request %d of the run: status %d, %.300s", (int)n, status, message);
            ok = false;
        }
        if (ok) {
            rng_seed(&S->rng, 1);
            ok = run_text(S) == 0 && collect_all(S, &other) &&
                 !apart("a run that failed, then", &all, &other, &near, h, false);
            if (!ok && !why[0]) snprintf(why, sizeof why, "request %d: it does not run again", (int)n);
        }
        left += dsc_close(S);
    }
    return ok;
}

typedef enum Verdict { RIGHT, WRONG, REFUSED } Verdict;
static Verdict judge(bool failing)
{
    double h = narrow ? 1e-4 : 1e-8;
    why[0] = 0;
    run(&off, OFF, 1, 0, 0);
    run(&near, OFF, 1, 0, h);
    if (!off.status && (near.status || near.n != off.n || near.nleaf != off.nleaf))
        return REFUSED; /* shapes that depend on values */
    run(&all, ALL, 1, 0, 0);
    if (apart("unplanned, planned", &off, &all, &near, h, false)) return WRONG;
    if (settled && !repeats(&all)) return WRONG;
    run(&other, ON, 2, 0, 0);
    if (apart("unplanned, --plan=on", &off, &other, &near, h, false)) return WRONG;
    if (failing && !all.status && !fails_well(h)) return WRONG;
    int threads = 2 + below(2);
    run(&other, ALL, threads, 0, 0);
    if (apart("one thread, more", &all, &other, &near, h, true)) return WRONG;
    run(&other, ALL, 1, ISA_BASE + below(2), 0);
    for (int i = 0; i < nresult; i++) result[i].exact = false;
    if (apart("best instruction set, lower", &all, &other, &near, h, false)) return WRONG;
    return off.status ? REFUSED : RIGHT;
}

int main(int argc, char **argv)
{
    bool one = argc > 2 && !strcmp(argv[1], "-s");
    uint64_t n = argc > 1 && !one ? strtoull(argv[1], NULL, 10) : 600,
             first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t seen[3] = {0, 0, 0};
    if (one) n = 1;
    for (uint64_t i = 0; i < n && seen[WRONG] < 20; i++) {
        program(first + i);
        if (one) printf("%s", text), fflush(stdout);
        size_t had = left;
        Verdict v = judge(most <= 3000 && chance(16));
        if (left != had) {
            snprintf(why, sizeof why, "%zu bytes left", left - had);
            v = WRONG;
        }
        if (v == WRONG)
            printf("FAIL seed %" PRIu64 ": %s (plans -s %" PRIu64 " shows it)\n", first + i, why, first + i);
        if (one && off.status) printf("%s", off.why);
        fflush(stdout);
        seen[v]++;
    }
    bool few = n >= 200 && seen[REFUSED] * 10 > n;
    if (few) printf("FAIL too few programs run\n");
    printf("%" PRIu64 " programs from seed %" PRIu64 ": %" PRIu64 " right, %" PRIu64 " end in an error, %" PRIu64
           " wrong; plans were made %" PRIu64 " times, found %" PRIu64 ", cut short %" PRIu64 "\n",
           n, first, seen[RIGHT], seen[REFUSED], seen[WRONG], misses, hits, refusals);
    return seen[WRONG] || few;
}
