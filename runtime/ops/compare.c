/* compare.c -- operations whose results are bools: comparisons, logic, tests. Their derivative is zero.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/kernels/kernels.h"
#include "runtime/op.h"

static double eq_at(double x, double y) { return x == y; }
static double ne_at(double x, double y) { return x != y; }
static double lt_at(double x, double y) { return x < y; }
static double le_at(double x, double y) { return x <= y; }
static double and_at(double x, double y) { return x != 0 && y != 0; }
static double or_at(double x, double y) { return x != 0 || y != 0; }
static double not_at(double x) { return x == 0; }
static double nan_at(double x) { return x != x; }
static double finite_at(double x) { return x - x == 0; }

OP(eq, .symbol = "==", .nin = 2, .flags = OPF_EACH | OPF_ZERO | OPF_BOOL | OPF_HIDDEN, .kernel = K_eq,
   .infer = infer_compare, .each2 = eq_at, .doc = "a == b, element by element.")
OP(ne, .symbol = "!=", .nin = 2, .flags = OPF_EACH | OPF_ZERO | OPF_BOOL | OPF_HIDDEN, .kernel = K_ne,
   .infer = infer_compare, .each2 = ne_at, .doc = "a != b, element by element.")
OP(lt, .symbol = "<", .nin = 2, .flags = OPF_EACH | OPF_ZERO | OPF_BOOL | OPF_HIDDEN, .kernel = K_lt,
   .infer = infer_compare, .each2 = lt_at, .doc = "a < b, element by element.")
OP(le, .symbol = "<=", .nin = 2, .flags = OPF_EACH | OPF_ZERO | OPF_BOOL | OPF_HIDDEN, .kernel = K_le,
   .infer = infer_compare, .each2 = le_at, .doc = "a <= b, element by element.")
OP(logical_and, .nin = 2, .flags = OPF_EACH | OPF_ZERO | OPF_BOOL, .kernel = K_logical_and, .infer = infer_logic,
   .each2 = and_at, .doc = "logical_and(a, b): whether both are true, element by element; takes bools.")
OP(logical_or, .nin = 2, .flags = OPF_EACH | OPF_ZERO | OPF_BOOL, .kernel = K_logical_or, .infer = infer_logic,
   .each2 = or_at, .doc = "logical_or(a, b): whether one is true, element by element; takes bools.")
OP(logical_not, .nin = 1, .flags = OPF_EACH | OPF_ZERO | OPF_BOOL, .kernel = K_logical_not, .infer = infer_logic,
   .each1 = not_at, .doc = "logical_not(x): true where x is false; takes bools.")
OP(is_nan, .nin = 1, .flags = OPF_EACH | OPF_ZERO | OPF_BOOL, .kernel = K_is_nan, .infer = infer_test, .each1 = nan_at,
   .doc = "is_nan(x): true where x is not a number.")
OP(is_finite, .nin = 1, .flags = OPF_EACH | OPF_ZERO | OPF_BOOL, .kernel = K_is_finite, .infer = infer_test,
   .each1 = finite_at, .doc = "is_finite(x): true where x is neither infinite nor nan.")
