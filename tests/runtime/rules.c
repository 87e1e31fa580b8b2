/* rules.c -- every derivative rule of the operation table against central differences, and tangents against adjoints.
**
** Runs over op_table itself, so an operation cannot be forgotten: element-wise ones get numbers, tensors,
** broadcasting and empty shapes by themselves; the others need a line in `cases` below. For each case the
** gradient of a weighted sum of the result is compared with differences, then the gradient of a weighted sum
** of that gradient (the rules of the rules), and f32 inputs must give f32 gradients. The tangent of each element of each
** input is compared with the adjoint (<w, J e> = <J' w, e>), that of all inputs together with differences, and the
** second derivatives of the four combinations of modes with each other, third derivatives three times forward, forward over
** reverse twice and reverse over forward twice; strided views give what their copies give. Operations that are said
** to have derivative zero (OPF_ZERO) must record nothing.
**
** A case names its inputs: "2x3" a tensor, "n" a number, "i2:0,1" whole positions, "b2:1,0" bools.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/op.h"
#include "runtime/state.h"

enum { INPUTS = 5, TEXT = 64 };
typedef struct Range2 {
    double lo, hi;
} Range2;
typedef struct Case {
    const char *op, *in;
    int nattr;
    int64_t attr[16];
    double f;             /* attribute [2] when not 0, as a double */
    Range2 range[INPUTS]; /* 0, 0: the default */
} Case;

/* Where the values of element-wise operations lie, when not on both sides of zero. */
typedef struct Domain {
    const char *op;
    Range2 a, b;
} Domain;
static const Domain domains[] = {
    {"log", {0.2, 2}, {0, 0}},     {"log1p", {-0.8, 2}, {0, 0}},         {"log2", {0.2, 2}, {0, 0}},
    {"log10", {0.2, 2}, {0, 0}},   {"sqrt", {0.2, 2}, {0, 0}},           {"asin", {-0.9, 0.9}, {0, 0}},
    {"acos", {-0.9, 0.9}, {0, 0}}, {"atanh", {-0.9, 0.9}, {0, 0}},       {"acosh", {1.2, 3}, {0, 0}},
    {"lgamma", {0.3, 4}, {0, 0}},  {"digamma", {0.3, 4}, {0, 0}},        {"pow", {0.3, 2}, {-1.5, 2}},
    {"xlogy", {0.3, 2}, {0.3, 2}}, {"mod", {2.1, 2.2}, {1.2, 1.9}},      {"tan", {-1.2, 1.2}, {0, 0}},
    {"div", {-2, 2}, {0.4, 2}},    {"chain_div", {-2, 2}, {0.4, 2}},     {"div_or_zero", {-2, 2}, {0.4, 2}},
    {"lbeta", {0.5, 3}, {0.5, 3}}, {"beta", {0.5, 3}, {0.5, 3}},
    {"elu", {-2, 2}, {0.5, 1.5}},  {"leaky_relu", {-2, 2}, {0.01, 0.3}},
};

#define ROWS 1
#define COLS 2
#define BOTH 3
static const Case cases[] = {
    {"polygamma", "n; 2x3", 0, {0}, 0, {{1, 1}, {0.5, 3}}},
    {"polygamma", "n; n", 0, {0}, 0, {{2, 2}, {0.5, 3}}},
    {"gate", "2x3; b2x3:1,0,1,1,0,0", 0, {0}, 0, {{0, 0}}},
    {"gate", "n; b3:1,0,1", 0, {0}, 0, {{0, 0}}},
    {"where", "b2x3:1,0,1,1,0,0; 2x3; 2x3", 0, {0}, 0, {{0, 0}}},
    {"where", "b2x3:1,0,1,1,0,0; 2x1; n", 0, {0}, 0, {{0, 0}}},
    {"where", "b2x1:1,0; n; 2x3", 0, {0}, 0, {{0, 0}}},
    {"clamp", "2x3; n; n", 0, {0}, 0, {{-2, 2}, {-1, -0.6}, {0.6, 1}}},
    {"clamp", "2x3; 3; 2x3", 0, {0}, 0, {{-2, 2}, {-1, -0.6}, {0.6, 1}}},
    {"cast", "2x3", 1, {DT_F64}, 0, {{0, 0}}},
    {"sum", "2x3", 3, {0, BOTH}, 0, {{0, 0}}},
    {"sum", "2x3", 3, {1, ROWS}, 0, {{0, 0}}},
    {"sum", "2x3x2", 3, {0, 5}, 0, {{0, 0}}},
    {"sum", "0x3", 3, {0, BOTH}, 0, {{0, 0}}},
    {"sum", "0x3", 3, {0, ROWS}, 0, {{0, 0}}},
    {"mean", "2x3", 3, {0, BOTH}, 0, {{0, 0}}},
    {"mean", "2x3", 3, {0, COLS}, 0, {{0, 0}}},
    {"max", "2x3", 3, {0, BOTH}, 0, {{0, 0}}},
    {"max", "3x4", 3, {1, COLS}, 0, {{0, 0}}},
    {"min", "2x3", 3, {0, BOTH}, 0, {{0, 0}}},
    {"min", "3x4", 3, {0, ROWS}, 0, {{0, 0}}},
    {"variance", "3x4", 3, {0, BOTH}, 0, {{0, 0}}},
    {"variance", "3x4", 3, {1, COLS}, 1, {{0, 0}}},
    {"std", "3x4", 3, {0, BOTH}, 0, {{0, 0}}},
    {"std", "3x4", 3, {0, ROWS}, 1, {{0, 0}}},
    {"norm", "3x4", 3, {0, BOTH}, 0, {{0, 0}}},
    {"norm", "3x4", 3, {1, ROWS}, 0, {{0, 0}}},
    {"quantile", "7", 3, {0, 1}, 0.3, {{0, 0}}},
    {"quantile", "2x5", 3, {0, COLS}, 0.5, {{0, 0}}},
    {"logsumexp", "3x4", 3, {0, BOTH}, 0, {{0, 0}}},
    {"logsumexp", "3x4", 3, {1, COLS}, 0, {{0, 0}}},
    {"softmax", "3x4", 3, {0, COLS}, 0, {{0, 0}}},
    {"softmax", "3x4", 3, {0, ROWS}, 0, {{0, 0}}},
    {"log_softmax", "3x4", 3, {0, COLS}, 0, {{0, 0}}},
    {"cumsum", "3x4", 2, {1, 0}, 0, {{0, 0}}},
    {"cumsum", "3x4", 2, {0, 1}, 0, {{0, 0}}},
    {"prod", "2x3", 3, {0, BOTH}, 0, {{0, 0}}},
    {"prod", "3x4", 3, {1, COLS}, 0, {{0, 0}}},
    {"prod_others", "3x4", 3, {0, COLS}, 0, {{0, 0}}},
    {"prod_others", "2x3", 3, {0, BOTH}, 0, {{0, 0}}},
    {"cumprod", "3x4", 2, {1, 0}, 0, {{0, 0}}},
    {"cumprod", "3x4", 2, {0, 0}, 0, {{0, 0}}},
    {"cumprod_back", "3x4; 3x4", 2, {1, 0}, 0, {{0, 0}}},
    {"reshape", "2x3", 2, {3, 2}, 0, {{0, 0}}},
    {"reshape", "0x3", 1, {0}, 0, {{0, 0}}},
    {"permute", "2x3x4", 3, {2, 0, 1}, 0, {{0, 0}}},
    {"broadcast_to", "2x1", 3, {4, 2, 3}, 0, {{0, 0}}},
    {"fill", "n", 2, {2, 3}, 0, {{0, 0}}},
    {"slice", "4x5", 6, {1, 2, 2, 0, 3, 1}, 0, {{0, 0}}},
    {"slice", "4x5", 6, {3, 4, -1, 2, -1, 1}, 0, {{0, 0}}},
    {"slice", "4x5", 6, {1, -1, 1, 2, -1, 1}, 0, {{0, 0}}},
    {"unslice", "2x3", 8, {1, 2, 2, 0, 3, 1, 4, 5}, 0, {{0, 0}}},
    {"concat", "2x3; 2x2; 2x1", 1, {1}, 0, {{0, 0}}},
    {"concat", "2x3; 0x3; 1x3", 1, {0}, 0, {{0, 0}}},
    {"stack", "2x3; 2x3", 1, {0}, 0, {{0, 0}}},
    {"stack", "2x3; 2x3; 2x3", 1, {2}, 0, {{0, 0}}},
    {"combine", "2x3; 2x3", 2, {0x3ff0000000000000, 0x4000000000000000}, 0, {{0, 0}}}, /* factors 1 and 2 */
    {"combine", "4; 4; 4", 3, {0x3fe0000000000000, 0, 0x3ff0000000000000}, 0, {{0, 0}}},
    {"combine", "0x3; 0x3", 2, {0x3ff0000000000000, 0x4000000000000000}, 0, {{0, 0}}},
    {"tril", "3x4", 1, {0}, 0, {{0, 0}}},
    {"triu", "2x3x3", 1, {1}, 0, {{0, 0}}},
    {"diag_part", "3x4", 1, {1}, 0, {{0, 0}}},
    {"diag_embed", "3", 3, {1, 4, 4}, 0, {{0, 0}}},
    {"sort", "3x4", 2, {1, 0}, 0, {{0, 0}}},
    {"sort", "5", 2, {0, 1}, 0, {{0, 0}}},
    {"take", "4x3; i3:0,2,2", 1, {0}, 0, {{0, 0}}},
    {"take", "4x3; i2x2:0,2,1,0", 1, {1}, 0, {{0, 0}}},
    {"take_add", "3x2; i3:0,2,2", 2, {0, 4}, 0, {{0, 0}}},
    {"gather", "3x4; i2x4:0,2,1,1,2,2,0,1", 1, {0}, 0, {{0, 0}}},
    {"scatter_add", "3x4; i2x4:0,2,1,1,2,2,0,1; 2x4", 1, {0}, 0, {{0, 0}}},
    {"set_slice", "4x5; 2x3", 6, {1, 2, 2, 0, 3, 1}, 0, {{0, 0}}},
    {"set_slice", "4x5; n", 6, {1, 2, 2, 0, 3, 1}, 0, {{0, 0}}},
    {"set_rows", "4x3; i2:2,0; 2x3", 0, {0}, 0, {{0, 0}}},
    {"set_rows", "4x3; i2:2,0; n", 0, {0}, 0, {{0, 0}}},
    {"matmul", "2x3; 3x4", 0, {0}, 0, {{0, 0}}},
    {"matmul", "3; 3x4", 0, {0}, 0, {{0, 0}}},
    {"matmul", "2x3; 3", 0, {0}, 0, {{0, 0}}},
    {"matmul", "3; 3", 0, {0}, 0, {{0, 0}}},
    {"matmul", "2x2x3; 3x4", 0, {0}, 0, {{0, 0}}},
    {"matmul", "2x2x3; 2x3x2", 0, {0}, 0, {{0, 0}}},
    {"matmul", "1x2x3; 2x3x2", 0, {0}, 0, {{0, 0}}},
    {"matmul", "0x3; 3x4", 0, {0}, 0, {{0, 0}}},
    {"solve", "3x3; 3x2", 0, {0}, 0, {{0.1, 2}}},
    {"solve", "2x3x3; 2x3x1", 1, {1}, 0, {{0.1, 2}}},
    {"solve", "0x0; 0x2", 0, {0}, 0, {{0, 0}}},
    {"solve_triangular", "3x3; 3x2", 3, {1, 0, 0}, 0, {{0.4, 2}}},
    {"solve_triangular", "3x3; 3x2", 3, {0, 1, 0}, 0, {{0.4, 2}}},
    {"solve_triangular", "2x3x3; 2x3x1", 3, {1, 1, 1}, 0, {{0.4, 2}}},
    {"lu", "3x3", 0, {0}, 0, {{0, 0}}},
    {"lu", "2x2x4", 0, {0}, 0, {{0, 0}}},
    {"lu", "4x2", 0, {0}, 0, {{0, 0}}},
    {"lu", "0x3", 0, {0}, 0, {{0, 0}}},
    {"inv", "3x3", 0, {0}, 0, {{0.1, 2}}},
    {"inv", "2x2x2", 0, {0}, 0, {{0, 0}}},
    {"cholesky", "1x1", 0, {0}, 0, {{0.5, 2}}},
    {"cofactor", "1x1", 0, {0}, 0, {{0, 0}}},
    {"cofactor", "2x2x2", 0, {0}, 0, {{0, 0}}},
    {"cofactor", "3x3", 0, {0}, 0, {{0, 0}}},
    {"slogdet", "3x3", 0, {0}, 0, {{0.1, 2}}},
    {"slogdet", "2x2x2", 0, {0}, 0, {{0, 0}}},
    {"qr", "3x3", 0, {0}, 0, {{0, 0}}},
    {"qr", "4x2", 0, {0}, 0, {{0, 0}}},
    {"qr", "2x2x3", 0, {0}, 0, {{0, 0}}},
    {"qr", "0x3", 0, {0}, 0, {{0, 0}}},
    {"eigh", "3x3", 0, {0}, 0, {{0, 0}}},
    {"eigh", "2x2x2", 0, {0}, 0, {{0, 0}}},
    {"eigh", "0x0", 0, {0}, 0, {{0, 0}}},
    {"svd", "3x3", 0, {0}, 0, {{0, 0}}},
    {"svd", "4x2", 0, {0}, 0, {{0, 0}}},
    {"svd", "2x2x3", 0, {0}, 0, {{0, 0}}},
    {"svd", "3x0", 0, {0}, 0, {{0, 0}}},
    {"pinv", "3x2", 1, {0}, 0, {{0, 0}}},
    {"pinv", "2x2x3", 1, {0}, 0, {{0, 0}}},
    {"lstsq", "4x2; 4x2", 1, {0}, 0, {{0, 0}}},
    {"lstsq", "2x2x3; 2x2x1", 1, {0}, 0, {{0, 0}}},
    {"lstsq", "0x3; 0x2", 1, {0}, 0, {{0, 0}}},
    {"expm", "3x3", 0, {0}, 0, {{0, 0}}},
    {"expm", "2x2x2", 0, {0}, 0, {{-4, 4}}},
    {"expm", "2x2", 0, {0}, 0, {{-0.1, 0.1}}},
    {"expm_slope", "2x2; 2x2", 0, {0}, 0, {{0, 0}}},
    {"standardize", "3x4", 4, {0, COLS, 0, 1}, 0.01, {{0, 0}}},
    {"standardize", "3x4", 4, {0, ROWS, 0, 1}, 0.01, {{0, 0}}},
    {"standardize", "2x3x2", 4, {0, 5, 0, 1}, 0.1, {{0, 0}}},
    {"standardize", "2x3x2", 4, {0, 6, 0, 0}, 0.1, {{0, 0}}},
    {"standardize", "0x3", 4, {0, COLS, 0, 1}, 0.1, {{0, 0}}},
    {"standardize_slope", "3x4; 3x4", 4, {0, COLS, 0, 1}, 0.01, {{0, 0}}},
    {"standardize_slope", "3x4; 3x4", 4, {0, ROWS, 0, 0}, 0.01, {{0, 0}}},
    {"standardize_slope", "2x3x2; 2x3x2", 4, {0, 5, 0, 1}, 0.1, {{0, 0}}},
    {"layer_norm", "3x4; 4; 4", 4, {0, 0, 0, 1}, 0.01, {{0, 0}}},
    {"layer_norm", "2x2x3; 2x3; 2x3", 4, {0, 0, 0, 1}, 0.01, {{0, 0}}},
    {"layer_norm", "2x3; 3; 3", 4, {0, 0, 0, 0}, 0.01, {{0, 0}}},
    {"layer_norm", "3; 3; 3", 4, {0, 0, 0, 1}, 0.01, {{0, 0}}},
    {"layer_norm", "0x3; 3; 3", 4, {0, 0, 0, 1}, 0.01, {{0, 0}}},
    {"layer_norm_back", "3x4; 4; 3x4", 4, {0, 0, 0, 1}, 0.01, {{0, 0}}},
    {"layer_norm_back", "2x2x3; 2x3; 2x2x3", 4, {0, 0, 0, 0}, 0.01, {{0, 0}}},
    {"layer_norm_back", "3; 3; 3", 4, {0, 0, 0, 1}, 0.01, {{0, 0}}},
    {"attention", "2x3; 4x3; 4x2", 3, {0}, 0.6, {{0, 0}}},
    {"attention", "3x2; 3x2; 3x2", 3, {1}, 0.6, {{0, 0}}},
    {"attention", "2x2x3; 2x3x3; 2x3x1", 3, {0}, 0.6, {{0, 0}}},
    {"attention", "2x3; 4x3; 4x2; b2x4:1,0,1,1,0,0,0,0", 3, {0}, 0.6, {{0, 0}}},
    {"attention", "2x2x2; 2x3x2; 2x3x2; 1x2x3", 3, {1}, 0.6, {{0, 0}}},
    {"attention", "2x3; 4x3; 4x2; 1x4", 3, {0}, 0.6, {{0, 0}}},
    {"attention", "2x3; 0x3; 0x2", 3, {0}, 0.6, {{0, 0}}},
    {"attention_back", "2x3; 4x3; 4x2; 2x2", 3, {0}, 0.6, {{0, 0}}},
    {"attention_back", "2x2x2; 2x2x2; 2x2x1; 2x2x1", 3, {1}, 0.6, {{0, 0}}},
    {"attention_back", "2x3; 4x3; 4x2; 2x2; b2x4:1,0,1,1,0,0,0,0", 3, {0}, 0.6, {{0, 0}}},
    {"attention_back", "2x2; 3x2; 3x2; 2x2; 1x3", 3, {0}, 0.6, {{0, 0}}},
    {"lstm_step", "2x12; 2x3", 0, {0}, 0, {{0, 0}}},
    {"lstm_step", "4; 1", 0, {0}, 0, {{0, 0}}},
    {"lstm_step", "0x12; 0x3", 0, {0}, 0, {{0, 0}}},
    {"lstm_back", "2x8; 2x2; 2x4", 0, {0}, 0, {{0, 0}}},
    {"gru_step", "2x9; 2x9; 2x3", 0, {0}, 0, {{0, 0}}},
    {"gru_step", "0x9; 0x9; 0x3", 0, {0}, 0, {{0, 0}}},
    {"gru_back", "2x6; 2x6; 2x2; 2x2", 0, {0}, 0, {{0, 0}}},
    {"cross_entropy_rows", "3x4; i3:2,0,3", 3, {0}, 0, {{0, 0}}},
    {"cross_entropy_rows", "2x2x3; i2x2:2,0,1,1", 3, {0}, 0.2, {{0, 0}}},
    {"cross_entropy_rows", "0x3; i0:", 3, {0}, 0, {{0, 0}}},
    {"cross_entropy_back", "3x4; i3:2,0,3; 3", 3, {0}, 0, {{0, 0}}},
    {"cross_entropy_back", "2x3; i2:2,0; 2", 3, {0}, 0.2, {{0, 0}}},
    {"det", "2x3x3", 0, {0}, 0, {{0, 0}}},
    {"det", "0x0", 0, {0}, 0, {{0, 0}}},
    {"det", "3x3", 0, {0}, 0, {{0, 0}}},
    {"conv", "2x2x4x5; 3x2x3x2", 13, {1, 1, 0, 0, 1, 1, 1, 4, 5, 3, 2, 2, 4}, 0, {{0, 0}}},
    {"conv", "1x4x4x3; 4x2x2x2", 13, {2, 1, 1, 1, 1, 2, 2, 4, 3, 2, 2, 3, 3}, 0, {{0, 0}}},
    {"conv", "2x2x3x3; 2x1x2x2", 13, {1, 1, 0, 1, 1, 1, 2, 3, 3, 2, 2, 3, 3}, 0, {{0, 0}}},
    {"conv", "2x4x2x3; 5x4x1x1", 13, {1, 1, 0, 0, 1, 1, 1, 2, 3, 1, 1, 2, 3}, 0, {{0, 0}}},
    {"conv", "0x2x3x3; 2x2x2x2", 13, {1, 1, 0, 0, 1, 1, 1, 3, 3, 2, 2, 2, 2}, 0, {{0, 0}}},
    {"conv_input", "2x3x2x4; 3x2x3x2", 13, {1, 1, 0, 0, 1, 1, 1, 4, 5, 3, 2, 2, 4}, 0, {{0, 0}}},
    {"conv_input", "1x4x3x3; 4x2x2x2", 13, {2, 1, 1, 1, 1, 2, 2, 6, 4, 2, 2, 3, 3}, 0, {{0, 0}}},
    {"conv_kernel", "2x2x4x5; 2x3x2x4", 13, {1, 1, 0, 0, 1, 1, 1, 4, 5, 3, 2, 2, 4}, 0, {{0, 0}}},
    {"conv_kernel", "1x4x4x3; 1x4x3x3", 13, {2, 1, 1, 1, 1, 2, 2, 4, 3, 2, 2, 3, 3}, 0, {{0, 0}}},
    {"avg_pool", "2x4x5", 13, {2, 3, 3, 2, 2, 2, 1, 1, 1, 1, 0, 4, 5}, 0, {{0, 0}}},
    {"avg_pool", "4x5", 13, {2, 3, 3, 2, 2, 2, 1, 1, 1, 1, 2, 4, 5}, 0, {{0, 0}}},
    {"avg_pool", "4x5", 13, {3, 2, 1, 1, 1, 1, 0, 0, 1, 1, 1, 4, 5}, 0, {{0, 0}}},
    {"avg_unpool", "2x2x3", 13, {2, 3, 3, 2, 2, 2, 1, 1, 1, 1, 0, 4, 5}, 0, {{0, 0}}},
    {"max_pool", "2x4x5", 13, {2, 3, 3, 2, 2, 2, 1, 1, 1, 1, 0, 4, 5}, 0, {{0, 0}}},
    {"max_pool", "4x5", 13, {3, 2, 1, 1, 1, 1, 0, 0, 1, 1, 1, 4, 5}, 0, {{0, 0}}},
    {"dft", "2x6x2", 3, {1, -1}, 0.5, {{0, 0}}},
    {"dft", "5x3x2", 3, {0, 1}, 1, {{0, 0}}},
    {"rdft", "2x6", 4, {1, 6}, 0.5, {{0, 0}}},
    {"rdft", "5x2", 4, {0, 5, 0, 1}, 1.5, {{0, 0}}},
    {"rdft_back", "2x4x2", 4, {1, 6, 0, 1}, 0.5, {{0, 0}}},
    {"rdft_back", "3x2x2", 4, {0, 5, 0, 0}, 1, {{0, 0}}},
};

/* Shapes for every element-wise operation. */
static const char *const each_forms[4][8] = {
    {NULL},
    {"n", "3", "2x3", "0x3", NULL},
    {"n; n", "2x3; 2x3", "2x3; 3", "2x1; 1x3", "n; 2x3", "2x3; n", "0x3; 3", NULL},
    {NULL},
};

static int failures, checks;
static char failed_op[TEXT];

static void fail(State *S, const char *op, const char *in, const char *what, double got, double want)
{
    printf("FAIL rule of `%s` (%s): %s", op, in, what);
    if (got == got || want == want) printf(": %.12g, differences give %.12g", got, want);
    if (S->err && S->err->message) printf(": %s", S->err->message);
    printf("\n");
    diag_clear(S);
    failures++;
    snprintf(failed_op, sizeof failed_op, "%s", op);
}

/* ---- making inputs ---- */

typedef struct Input {
    Value v;
    bool moves;
} Input;

static double sample(int k, Range2 r)
{
    double f = fmod(0.137 + 0.61803398874989485 * (k + 1) + 0.1317 * k * k, 1), x = r.lo + (r.hi - r.lo) * f;
    return fabs(x) < 0.07 && r.lo < 0 ? x + 0.15 : x; /* away from kinks */
}

static bool parse_input(State *S, const char **text, Range2 range, DType dt, int salt, Input *in)
{
    const char *s = *text;
    while (*s == ' ' || *s == ';') s++;
    if (!*s) return false;
    if (range.lo == 0 && range.hi == 0) range = (Range2){-1.9, 2};
    char kind = *s;
    if (kind == 'n') {
        in->v = val_num(range.lo == range.hi ? range.lo : sample(salt, range));
        in->moves = range.lo != range.hi;
        s++;
    } else {
        int64_t shape[RANK_MAX];
        int rank = 0;
        if (kind == 'i' || kind == 'b') s++;
        for (;; s++) {
            shape[rank++] = strtol(s, (char **)&s, 10);
            if (*s != 'x') break;
        }
        Tensor *t = tensor_new(S, kind == 'i' ? DT_I64 : kind == 'b' ? DT_BOOL : dt, rank, shape);
        if (!t) return false;
        if (*s == ':') s++;
        for (int64_t i = 0; i < t->n; i++) {
            if (kind == 'i' || kind == 'b') {
                tensor_put(t, i, strtod(s, (char **)&s));
                if (*s == ',') s++;
            } else {
                tensor_put(t, i, sample(salt + (int)i, range));
            }
        }
        in->v = val_obj(T_TENSOR, t);
        in->moves = kind != 'i' && kind != 'b';
    }
    *text = s;
    return true;
}

/* ---- gradients ---- */

typedef struct Setup {
    State *S;
    int op, nin, nattr;
    Attr attr[16];
    Input in[INPUTS];
} Setup;

static Value weights(State *S, Value like, int salt)
{
    if (like.tag != T_TENSOR) return val_num(sample(salt, (Range2){0.4, 1.6}));
    Tensor *t = tensor_new(S, (DType)like.t->dtype, like.t->rank, tensor_shape(like.t));
    for (int64_t i = 0; t && i < t->n; i++) tensor_put(t, i, sample(salt + (int)i, (Range2){0.4, 1.6}));
    return val_obj(T_TENSOR, t);
}

static double dot(State *S, Value a, Value b)
{
    if (a.tag != T_TENSOR) return a.n * b.n;
    double s = 0;
    if (!tensor_force(S, a.t)) return NAN;
    for (int64_t i = 0; i < a.t->n; i++) s += tensor_get(a.t, i) * tensor_get(b.t, i);
    return s;
}

/* Gradient of <w, op(x)>: g[i] owned, nil where input i does not move. x may belong to a level. */
static bool gradient(Setup *s, const Value *x, Value *g)
{
    State *S = s->S;
    Value y = NIL, w = NIL, lifted[INPUTS];
    bool ok = tape_open(S);
    if (!ok) return false;
    for (int i = 0; i < s->nin; i++) lifted[i] = g[i] = NIL;
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_lift(S, x[i], &lifted[i]);
        else lifted[i] = retain(x[i]);
    ok = ok && op_apply(S, (OpId)s->op, lifted, s->nin, s->attr, s->nattr, &y);
    if (ok) w = weights(S, y, 1000);
    ok = ok && tape_seed(S, y, w) && tape_sweep(S, false);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_gradient(S, lifted[i], &g[i]);
    release(S, y);
    release(S, w);
    for (int i = 0; i < s->nin; i++) release(S, lifted[i]);
    tape_close(S);
    return ok;
}

static bool second_gradient(Setup *s, const Value *x, Value *h)
{
    State *S = s->S;
    Value g[INPUTS], lifted[INPUTS];
    bool ok = tape_open(S);
    if (!ok) return false;
    for (int i = 0; i < s->nin; i++) lifted[i] = g[i] = h[i] = NIL;
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_lift(S, x[i], &lifted[i]);
        else lifted[i] = retain(x[i]);
    ok = ok && gradient(s, lifted, g);
    for (int i = 0; i < s->nin && ok; i++) {
        if (!s->in[i].moves) continue;
        Value w = weights(S, g[i], 2000 + 50 * i);
        ok = tape_seed(S, g[i], w);
        release(S, w);
    }
    ok = ok && tape_sweep(S, false);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_gradient(S, lifted[i], &h[i]);
    for (int i = 0; i < s->nin; i++) {
        release(S, g[i]);
        release(S, lifted[i]);
    }
    tape_close(S);
    return ok;
}

/* <w, op(x)>, or with order 2 the weighted sum of its gradient. */
static bool evaluate(Setup *s, const Value *x, int order, double *out)
{
    State *S = s->S;
    Value y = NIL;
    *out = 0;
    if (order == 1) {
        if (!op_apply(S, (OpId)s->op, x, s->nin, s->attr, s->nattr, &y)) return false;
        Value w = weights(S, y, 1000);
        *out = dot(S, y, w);
        release(S, y);
        release(S, w);
        return true;
    }
    Value g[INPUTS];
    bool ok = gradient(s, x, g);
    for (int i = 0; i < s->nin; i++) {
        if (ok && s->in[i].moves) {
            Value w = weights(S, g[i], 2000 + 50 * i);
            *out += dot(S, g[i], w);
            release(S, w);
        }
        release(S, g[i]);
    }
    return ok;
}

static bool moved(Setup *s, Value *x, int i, int64_t k, double by, int order, double *out)
{
    State *S = s->S;
    Value was = x[i], now = was;
    if (was.tag == T_NUM) {
        now.n += by;
    } else {
        Tensor *t = tensor_from(S, DT_F64, was.t->rank, tensor_shape(was.t), tensor_data(S, was.t));
        if (!t) return false;
        tensor_put(t, k, tensor_get(t, k) + by);
        now = val_obj(T_TENSOR, t);
    }
    x[i] = now;
    bool ok = evaluate(s, x, order, out);
    x[i] = was;
    if (now.tag == T_TENSOR) release(S, now);
    return ok;
}

static bool compare(Setup *s, const char *name, const char *in, Value *x, const Value *g, int order)
{
    State *S = s->S;
    double h = 1e-3, tol = order == 1 ? 1e-7 : 1e-6;
    for (int i = 0; i < s->nin; i++) {
        if (!s->in[i].moves) continue;
        if (g[i].tag != x[i].tag || (x[i].tag == T_TENSOR && !shape_equal(g[i].t, x[i].t))) {
            fail(S, name, in, "the gradient has another shape than the input", NAN, NAN);
            return false;
        }
        if (g[i].tag == T_TENSOR && !tensor_force(S, g[i].t)) {
            fail(S, name, in, "the gradient cannot be computed", NAN, NAN);
            return false;
        }
        int64_t n = x[i].tag == T_TENSOR ? x[i].t->n : 1;
        for (int64_t k = 0; k < n; k++) {
            double a, b, c, d, got = x[i].tag == T_TENSOR ? tensor_get(g[i].t, k) : g[i].n;
            if (!moved(s, x, i, k, h, order, &a) || !moved(s, x, i, k, -h, order, &b) ||
                !moved(s, x, i, k, h / 2, order, &c) || !moved(s, x, i, k, -h / 2, order, &d)) {
                fail(S, name, in, "the operation fails", NAN, NAN);
                return false;
            }
            double want = (4 * (c - d) / h - (a - b) / (2 * h)) / 3;
            checks++;
            if (!(fabs(got - want) <= tol * fmax(1, fmax(fabs(got), fabs(want))))) {
                char what[80];
                snprintf(what, sizeof what, "order %d, input %d, element %lld", order, i, (long long)k);
                fail(S, name, in, what, got, want);
                return false;
            }
        }
    }
    return true;
}

/* ---- forward ---- */

/* Tangent of op(x) along v (nil: that input stays). x may belong to a level. */
static bool forward(Setup *s, const Value *x, const Value *v, Value *dy)
{
    State *S = s->S;
    Value y = NIL, lifted[INPUTS];
    int made = 0;
    *dy = NIL;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? v[made] : NIL, &lifted[made]);
    ok = ok && op_apply(S, (OpId)s->op, lifted, s->nin, s->attr, s->nattr, &y) && tape_tangent(S, y, dy);
    release(S, y);
    for (int i = 0; i < made; i++) release(S, lifted[i]);
    tape_close(S);
    return ok;
}

static void drop(State *S, Value *v, int n)
{
    for (int i = 0; i < n; i++) release(S, v[i]), v[i] = NIL;
}

/* t[i]: tangent along v of the gradient by input i. */
static bool forward_over_reverse(Setup *s, const Value *x, const Value *v, Value *t)
{
    State *S = s->S;
    Value g[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, lifted[INPUTS];
    int made = 0;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? v[made] : NIL, &lifted[made]);
    ok = ok && gradient(s, lifted, g);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_tangent(S, g[i], &t[i]);
    drop(S, g, s->nin);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

/* t[i]: gradient by input i of <w, tangent of op along v>. */
static bool reverse_over_forward(Setup *s, const Value *x, const Value *v, Value *t)
{
    State *S = s->S;
    Value dy = NIL, w = NIL, lifted[INPUTS];
    int made = 0;
    if (!tape_open(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok) {
        if (s->in[made].moves) ok = tape_lift(S, x[made], &lifted[made]);
        else lifted[made] = retain(x[made]);
    }
    ok = ok && forward(s, lifted, v, &dy);
    if (ok) w = weights(S, dy, 1000);
    ok = ok && tape_seed(S, dy, w) && tape_sweep(S, false);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_gradient(S, lifted[i], &t[i]);
    release(S, dy);
    release(S, w);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

/* The second derivative of op along v and u. x may belong to a level. */
static bool second_along(Setup *s, const Value *x, const Value *v, const Value *u, Value *t)
{
    State *S = s->S;
    Value dy = NIL, lifted[INPUTS];
    int made = 0;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? u[made] : NIL, &lifted[made]);
    ok = ok && forward(s, lifted, v, &dy) && tape_tangent(S, dy, t);
    release(S, dy);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

static double weighed(State *S, Value t)
{
    Value w = weights(S, t, 1000);
    double d = dot(S, t, w);
    release(S, w);
    return d;
}

/* <w, second derivative of op along v and u> */
static bool forward_over_forward(Setup *s, const Value *x, const Value *v, const Value *u, double *out)
{
    Value t = NIL;
    bool ok = second_along(s, x, v, u, &t);
    if (ok) *out = weighed(s->S, t);
    release(s->S, t);
    return ok;
}

/* <w, third derivative of op along v, u and z>, three times forward */
static bool third_forward(Setup *s, const Value *x, const Value *v, const Value *u, const Value *z, double *out)
{
    State *S = s->S;
    Value t = NIL, dt = NIL, lifted[INPUTS];
    int made = 0;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? z[made] : NIL, &lifted[made]);
    ok = ok && second_along(s, lifted, v, u, &t) && tape_tangent(S, t, &dt);
    if (ok) *out = weighed(S, dt);
    release(S, t);
    release(S, dt);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

/* g[i]: gradient by input i of <w, second derivative of op along v and u> */
static bool third_mixed(Setup *s, const Value *x, const Value *v, const Value *u, Value *g)
{
    State *S = s->S;
    Value t = NIL, w = NIL, lifted[INPUTS];
    int made = 0;
    if (!tape_open(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok) {
        if (s->in[made].moves) ok = tape_lift(S, x[made], &lifted[made]);
        else lifted[made] = retain(x[made]);
    }
    ok = ok && second_along(s, lifted, v, u, &t);
    if (ok) w = weights(S, t, 1000);
    ok = ok && tape_seed(S, t, w) && tape_sweep(S, false);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_gradient(S, lifted[i], &g[i]);
    release(S, t);
    release(S, w);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

/* t[i]: tangent along z of the second gradient by input i */
static bool third_reverse(Setup *s, const Value *x, const Value *z, Value *t)
{
    State *S = s->S;
    Value h[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, lifted[INPUTS];
    int made = 0;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? z[made] : NIL, &lifted[made]);
    ok = ok && second_gradient(s, lifted, h);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_tangent(S, h[i], &t[i]);
    drop(S, h, s->nin);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

static double dots(Setup *s, const Value *a, const Value *b)
{
    double sum = 0;
    for (int i = 0; i < s->nin; i++)
        if (s->in[i].moves) sum += dot(s->S, a[i], b[i]);
    return sum;
}

/* <w, op(x + h v)> */
static bool along(Setup *s, const Value *x, const Value *v, double h, double *out)
{
    State *S = s->S;
    Value at[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    int made = 0;
    bool ok = true;
    for (; made < s->nin && ok; made += ok) {
        Value step = NIL;
        if (!s->in[made].moves) at[made] = retain(x[made]);
        else ok = op2(S, OPID_mul, val_num(h), v[made], &step) && op2(S, OPID_add, x[made], step, &at[made]);
        release(S, step);
    }
    ok = ok && evaluate(s, at, 1, out);
    drop(S, at, made);
    return ok;
}

static bool agree(State *S, const char *name, const char *in, const char *what, double got, double want, double tol,
                  double size)
{
    checks++;
    if (fabs(got - want) <= tol * fmax(1, fmax(size, fmax(fabs(got), fabs(want))))) return true;
    fail(S, name, in, what, got, want);
    return false;
}

/* The tangent of each element of each input against the gradient: <w, J e> = (J' w)_e. */
static bool columns(Setup *s, const char *name, const char *in, const Value *x, const Value *g)
{
    State *S = s->S;
    for (int i = 0; i < s->nin; i++) {
        if (!s->in[i].moves) continue;
        int64_t n = x[i].tag == T_TENSOR ? x[i].t->n : 1;
        for (int64_t k = 0; k < n; k++) {
            Value e[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, dy;
            e[i] = val_num(1);
            if (x[i].tag == T_TENSOR) {
                Tensor *t = tensor_zeros(S, DT_F64, x[i].t->rank, tensor_shape(x[i].t));
                if (!t) return false;
                tensor_put(t, k, 1);
                e[i] = val_obj(T_TENSOR, t);
            }
            bool ok = forward(s, x, e, &dy);
            if (ok) {
                Value w = weights(S, dy, 1000);
                char what[80];
                snprintf(what, sizeof what, "tangent of input %d, element %lld, against the adjoint", i, (long long)k);
                ok = agree(S, name, in, what, dot(S, dy, w), g[i].tag == T_TENSOR ? tensor_get(g[i].t, k) : g[i].n,
                           1e-10, 0);
                release(S, w);
            } else {
                fail(S, name, in, "no tangent", NAN, NAN);
            }
            release(S, dy);
            release(S, e[i]);
            if (!ok) return false;
        }
    }
    return true;
}

/* All inputs move at once: the tangent against differences, second derivatives of the four combinations against each other.
** g: the gradient, h: the gradient of its weighted sum. */
static bool tangents(Setup *s, const char *name, const char *in, const Value *x, const Value *g, const Value *h)
{
    State *S = s->S;
    Value v[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, u[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, w2[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    Value fr[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, rf[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, dy = NIL;
    double a, b, c, d, ff, step = 1e-3;
    bool ok = true;
    for (int i = 0; i < s->nin; i++) {
        if (!s->in[i].moves) continue;
        v[i] = weights(S, x[i], 3000 + 50 * i);
        u[i] = weights(S, x[i], 4000 + 50 * i);
        w2[i] = weights(S, x[i], 2000 + 50 * i);
    }
    ok = forward(s, x, v, &dy);
    if (!ok) fail(S, name, in, "no tangent", NAN, NAN);
    if (ok) {
        Value w = weights(S, dy, 1000);
        double jv = dot(S, dy, w);
        release(S, w);
        ok = agree(S, name, in, "tangent against the adjoint, all inputs", jv, dots(s, g, v), 1e-10, 0);
        ok = ok && along(s, x, v, step, &a) && along(s, x, v, -step, &b) && along(s, x, v, step / 2, &c) &&
             along(s, x, v, -step / 2, &d) &&
             agree(S, name, in, "tangent, all inputs", jv, (4 * (c - d) / step - (a - b) / (2 * step)) / 3, 2e-6, 0);
    }
    if (ok && !(forward_over_reverse(s, x, v, fr) && reverse_over_forward(s, x, v, rf) &&
                forward_over_forward(s, x, v, u, &ff))) {
        fail(S, name, in, "no second derivative forward", NAN, NAN);
        ok = false;
    }
    double size = ok ? fabs(dots(s, fr, w2)) + fabs(dots(s, fr, u)) : 0;
    ok = ok &&
         agree(S, name, in, "forward over reverse against reverse over reverse", dots(s, fr, w2), dots(s, h, v), 1e-9,
               size) &&
         agree(S, name, in, "reverse over forward against forward over reverse", dots(s, rf, w2), dots(s, fr, w2), 1e-9,
               size) &&
         agree(S, name, in, "forward over forward against forward over reverse", ff, dots(s, fr, u), 1e-9, size);
    Value rff[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, frr[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    double fff = 0;
    if (ok && !(third_forward(s, x, w2, v, u, &fff) && third_mixed(s, x, w2, v, rff) && third_reverse(s, x, u, frr))) {
        fail(S, name, in, "no third derivative", NAN, NAN);
        ok = false;
    }
    double size3 = ok ? fabs(dots(s, rff, rff)) : 0;
    ok = ok &&
         agree(S, name, in, "third derivative, reverse over forward over forward against forward", dots(s, rff, u), fff,
               1e-8, size3) &&
         agree(S, name, in, "third derivative, forward over reverse over reverse against forward", dots(s, frr, v), fff,
               1e-8, size3);
    drop(S, rff, INPUTS);
    drop(S, frr, INPUTS);
    release(S, dy);
    drop(S, v, INPUTS);
    drop(S, u, INPUTS);
    drop(S, w2, INPUTS);
    drop(S, fr, INPUTS);
    drop(S, rf, INPUTS);
    return ok;
}

/* The same values behind other strides give the same gradient and tangent. */
static void strided(Setup *s, const char *name, const char *in, const Value *x, const Value *g)
{
    State *S = s->S;
    Value view[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, h[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, dy = NIL, dz = NIL;
    bool any = false, ok = true;
    for (int i = 0; i < s->nin && ok; i++) {
        view[i] = retain(x[i]);
        if (x[i].tag != T_TENSOR || x[i].t->n < 2) continue;
        int rank = x[i].t->rank; /* every second element of a tensor with the axes in the other order */
        int64_t shape[RANK_MAX], stride[RANK_MAX], step = 2;
        for (int k = 0; k < rank; k++) {
            shape[k] = tensor_shape(x[i].t)[k];
            stride[k] = step;
            step *= shape[k];
        }
        Tensor *store = tensor_zeros(S, (DType)x[i].t->dtype, 1, &step);
        Tensor *t = store ? tensor_view(S, store, rank, shape, stride, 0) : NULL;
        if (!(ok = t != NULL)) break;
        for (int64_t k = 0; k < t->n; k++) {
            int64_t at = 0, rest = k;
            for (int j = rank - 1; j >= 0; j--) {
                at += rest % shape[j] * stride[j];
                rest /= shape[j];
            }
            tensor_put(store, at, tensor_get(x[i].t, k));
        }
        obj_release(S, store);
        release(S, view[i]);
        view[i] = val_obj(T_TENSOR, t);
        any = true;
    }
    if (any && ok) {
        ok = gradient(s, view, h) && forward(s, x, x, &dy) && forward(s, view, view, &dz);
        if (!ok) fail(S, name, in, "no gradient of a strided view", NAN, NAN);
        for (int i = 0; i < s->nin && ok; i++) {
            if (!s->in[i].moves) continue;
            Value w = weights(S, x[i], 5000);
            ok = agree(S, name, in, "gradient of a strided view", dot(S, h[i], w), dot(S, g[i], w), 1e-12, 0);
            release(S, w);
        }
        if (ok) agree(S, name, in, "tangent of a strided view", weighed(S, dz), weighed(S, dy), 1e-12, 0);
    }
    release(S, dy);
    release(S, dz);
    drop(S, view, INPUTS);
    drop(S, h, INPUTS);
}

static bool setup(State *S, Setup *s, int op, const char *in, const Case *c, const Range2 *range, DType dt)
{
    *s = (Setup){.S = S, .op = op};
    const char *text = in;
    while (s->nin < INPUTS && parse_input(S, &text, range[s->nin], dt, 11 * s->nin, &s->in[s->nin])) s->nin++;
    if (c) {
        s->nattr = c->nattr;
        for (int i = 0; i < c->nattr; i++) s->attr[i].i = c->attr[i];
        if (c->f != 0) s->attr[2].f = c->f;
    }
    return !S->err;
}

static void teardown(Setup *s)
{
    for (int i = 0; i < s->nin; i++) release(s->S, s->in[i].v);
}

static void check_case(State *S, int op, const char *in, const Case *c, const Range2 *range)
{
    const char *name = op_table[op]->name;
    Setup s;
    Value x[INPUTS], g[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, h[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    if (!setup(S, &s, op, in, c, range, DT_F64)) {
        fail(S, name, in, "its inputs cannot be made", NAN, NAN);
        return;
    }
    for (int i = 0; i < s.nin; i++) x[i] = s.in[i].v;
    if (!gradient(&s, x, g)) fail(S, name, in, "no gradient", NAN, NAN);
    else if (compare(&s, name, in, x, g, 1)) {
        if (!second_gradient(&s, x, h)) fail(S, name, in, "no second gradient", NAN, NAN);
        else if (compare(&s, name, in, x, h, 2) && columns(&s, name, in, x, g)) {
            tangents(&s, name, in, x, g, h);
            strided(&s, name, in, x, g);
        }
    }
    for (int i = 0; i < s.nin; i++) {
        release(S, g[i]);
        release(S, h[i]);
    }
    teardown(&s);
    if (!strcmp(name, "cast")) return;
    if (!setup(S, &s, op, in, c, range, DT_F32)) return;
    for (int i = 0; i < s.nin; i++) x[i] = s.in[i].v, g[i] = NIL;
    if (!gradient(&s, x, g)) fail(S, name, in, "no gradient in f32", NAN, NAN);
    for (int i = 0; i < s.nin; i++) {
        if (g[i].tag == T_TENSOR && g[i].t->dtype != DT_F32)
            fail(S, name, in, "the gradient of f32 is not f32", NAN, NAN);
    }
    Value dy;
    if (!forward(&s, x, x, &dy)) fail(S, name, in, "no tangent in f32", NAN, NAN);
    else if (dy.tag == T_TENSOR && strchr(in, 'x') && in[0] != 'n' && dy.t->dtype != DT_F32)
        fail(S, name, in, "the tangent of f32 is not f32", NAN, NAN);
    release(S, dy);
    drop(S, g, s.nin);
    teardown(&s);
}

/* ---- corners ---- */

static bool alike(double a, double b)
{
    return (a != a && b != b) || a == b || fabs(a - b) <= 1e-12 * fmax(1, fmax(fabs(a), fabs(b)));
}

/* Derivatives of an element-wise operation where functions have corners, poles and ends: a number's partial, a tensor's adjoint and
** both tangents must be the same, infinities and NaN too, wherever the value is a number. */
static void check_corners(State *S, int op)
{
    static const double at[] = {0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, INFINITY, -INFINITY, NAN, 1e300, -1e300, 1e-300};
    enum { N = sizeof at / sizeof *at };
    const OpDef *d = op_table[op];
    int n = d->nin;
    for (int k = 0; k < (n == 1 ? N : N * N); k++) {
        double v[2] = {at[k % N], at[k / N]}, got[4][2];
        const int64_t one = 1;
        char in[64];
        bool ok = true;
        double value = n == 1 ? d->each1(v[0]) : d->each2(v[0], v[1]);
        if (value != value || (d->flags & OPF_HIDDEN && (v[0] != v[0] || v[n - 1] != v[n - 1]))) continue;
        snprintf(in, sizeof in, n == 1 ? "at %g" : "at %g, %g", v[0], v[1]);
        for (int tensor = 0; tensor < 2 && ok; tensor++) {
            Setup s = {.S = S, .op = op, .nin = n};
            Value x[INPUTS], g[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
            for (int i = 0; i < n; i++) {
                x[i] = tensor ? val_obj(T_TENSOR, tensor_full(S, DT_F64, 1, &one, v[i])) : val_num(v[i]);
                s.in[i] = (Input){x[i], true};
            }
            ok = gradient(&s, x, g);
            for (int i = 0; i < n && ok; i++) got[2 * tensor][i] = tensor ? (tensor_force(S, g[i].t), tensor_get(g[i].t, 0)) : g[i].n;
            for (int i = 0; i < n && ok; i++) {
                Value e[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, dy = NIL;
                e[i] = tensor ? val_obj(T_TENSOR, tensor_full(S, DT_F64, 1, &one, 1)) : val_num(1);
                ok = forward(&s, x, e, &dy);
                got[2 * tensor + 1][i] = ok ? weighed(S, dy) : NAN;
                release(S, dy);
                release(S, e[i]);
            }
            drop(S, g, n);
            drop(S, x, n);
        }
        static const char *const who[] = {"", "tangent of a number", "adjoint of a tensor", "tangent of a tensor"};
        if (!ok) {
            fail(S, d->name, in, "no derivative", NAN, NAN);
            return;
        }
        for (int i = 0; i < n; i++)
            for (int m = 1; m < 4; m++) {
                checks++;
                if (alike(got[m][i], got[0][i])) continue;
                printf("FAIL rule of `%s` (%s), input %d: %s %.12g, adjoint of a number %.12g\n", d->name, in, i, who[m],
                       got[m][i], got[0][i]);
                failures++;
            }
    }
}

/* Said to have derivative zero: nothing of a level may come out. */
static void check_zero(State *S, int op)
{
    const OpDef *d = op_table[op];
    if (!(d->flags & OPF_EACH) || d->nin > 2) return;
    bool logic = !strncmp(d->name, "logical", 7);
    Value x[2], y = NIL;
    if (logic || !tape_open(S)) return;
    bool ok = tape_lift(S, val_num(1.5), &x[0]) && tape_lift(S, val_num(0.75), &x[1]);
    ok = ok && op_apply(S, (OpId)op, x, d->nin, NULL, 0, &y);
    if (!ok || y.level) fail(S, d->name, "n", "it is said to have derivative zero, but records", NAN, NAN);
    checks++;
    release(S, y);
    tape_close(S);
}

static void check_op(State *S, int op)
{
    const OpDef *d = op_table[op];
    if (d->flags & OPF_ZERO) {
        check_zero(S, op);
        return;
    }
    int found = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(cases[i].op, d->name)) {
            found++;
            check_case(S, op, cases[i].in, &cases[i], cases[i].range);
        }
    if (found) return;
    if (!d->adjoint) {
        fail(S, d->name, "-", "it has no adjoint and is not said to have derivative zero", NAN, NAN);
        return;
    }
    if (!(d->flags & OPF_EACH) || d->nin < 1 || d->nin > 2) {
        fail(S, d->name, "-", "no case: add a line to `cases` in tests/runtime/rules.c", NAN, NAN);
        return;
    }
    check_corners(S, op);
    Range2 range[INPUTS] = {{0, 0}};
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (!strcmp(domains[i].op, d->name)) range[0] = domains[i].a, range[1] = domains[i].b;
    for (const char *const *f = each_forms[d->nin]; *f; f++) check_case(S, op, *f, NULL, range);
}

int main(int argc, char **argv)
{
    State *S = state_new(NULL, NULL, 0);
    if (!S) return 2;
    for (int op = 0; op < OPID_COUNT; op++)
        if (argc < 2 || !strcmp(argv[1], op_table[op]->name)) check_op(S, op);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (op_by_name(cases[i].op) < 0) {
            printf("FAIL no operation `%s`\n", cases[i].op);
            failures++;
        }
    size_t left = state_free(S);
    if (left) {
        printf("FAIL %zu bytes leaked\n", left);
        failures++;
    }
    printf("%d comparisons, %d failures\n", checks, failures);
    return failures != 0;
}
