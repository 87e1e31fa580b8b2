/* rule_cases.h -- inputs for every operation of the table: what rules.c (derivatives) and batch.c (many items at once) run.
**
** Element-wise operations get numbers, tensors, broadcasting and empty shapes by themselves (each_forms); the others need a
** line in `cases`. A case names its inputs: "2x3" a tensor, "n" a number, "i2:0,1" whole positions, "b2:1,0" bools.
** SPDX-License-Identifier: MIT */
#ifndef DSC_TEST_RULE_CASES_H
#define DSC_TEST_RULE_CASES_H
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
    {"log", {0.2, 2}, {0, 0}},        {"log1p", {-0.8, 2}, {0, 0}},
    {"log2", {0.2, 2}, {0, 0}},       {"log10", {0.2, 2}, {0, 0}},
    {"sqrt", {0.2, 2}, {0, 0}},       {"asin", {-0.9, 0.9}, {0, 0}},
    {"acos", {-0.9, 0.9}, {0, 0}},    {"atanh", {-0.9, 0.9}, {0, 0}},
    {"acosh", {1.2, 3}, {0, 0}},      {"lgamma", {0.3, 4}, {0, 0}},
    {"digamma", {0.3, 4}, {0, 0}},    {"pow", {0.3, 2}, {-1.5, 2}},
    {"xlogy", {0.3, 2}, {0.3, 2}},    {"mod", {2.1, 2.2}, {1.2, 1.9}},
    {"tan", {-1.2, 1.2}, {0, 0}},     {"div", {-2, 2}, {0.4, 2}},
    {"chain_div", {-2, 2}, {0.4, 2}}, {"div_or_zero", {-2, 2}, {0.4, 2}},
    {"lbeta", {0.5, 3}, {0.5, 3}},    {"beta", {0.5, 3}, {0.5, 3}},
    {"elu", {-2, 2}, {0.5, 1.5}},     {"leaky_relu", {-2, 2}, {0.01, 0.3}},
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
    {"max_spread", "2x4x5; 2x2x3", 13, {2, 3, 3, 2, 2, 2, 1, 1, 1, 1, 0, 4, 5}, 0, {{0, 0}}},
    {"max_spread", "4x8; 2x4", 13, {2, 4, 2, 2, 2, 2, 0, 0, 1, 1, 0, 4, 8}, 0, {{0, 0}}},
    {"max_pick", "2x4x5; 2x4x5", 13, {2, 3, 3, 2, 2, 2, 1, 1, 1, 1, 0, 4, 5}, 0, {{0, 0}}},
    {"max_pick", "5x9; 5x9", 13, {2, 4, 2, 2, 2, 2, 0, 0, 1, 1, 0, 5, 9}, 0, {{0, 0}}},
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

static inline double dot(State *S, Value a, Value b)
{
    if (a.tag != T_TENSOR) return a.n * b.n;
    double s = 0;
    if (!tensor_force(S, a.t)) return NAN;
    for (int64_t i = 0; i < a.t->n; i++) s += tensor_get(a.t, i) * tensor_get(b.t, i);
    return s;
}

static void drop(State *S, Value *v, int n)
{
    for (int i = 0; i < n; i++) release(S, v[i]), v[i] = NIL;
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
#endif
