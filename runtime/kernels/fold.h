/* fold.h -- loops over a few rows at once: folds of each row, sums down the rows, a value a row spread over it.
**
** What regions (region.c) are made of beside the element-wise loops. x is [rows, cols] without gaps. Sums of f32 are
** kept in f64. Like rows.inc the bodies are compiled once for each instruction set, in vectors of one fixed width, so
** results do not depend on it.
** SPDX-License-Identifier: MIT */
#ifndef DSC_FOLD_H
#define DSC_FOLD_H
#include <stdint.h>

typedef void (*FoldRow)(int64_t rows, int64_t cols, const void *x, void *y); /* y: [rows] */
typedef struct FoldLoops {
    FoldRow sum, mean, max, min; /* max and min: NaN when there is one */
    double (*total)(int64_t n, const void *x);
    void (*down)(int64_t rows, int64_t cols, int64_t ld, const void *x, double *sum); /* sum[j] += x[i ld + j] */
    FoldRow spread; /* y: [rows, cols], y[i, j] = x[i] */
} FoldLoops;

extern const FoldLoops folds_base[2], folds_v3[2], folds_v4[2]; /* [DT_F64], [DT_F32] */
/* For an instruction-set level (kernels.h). */
const FoldLoops *folds_pick(int dtype, int isa);
#endif
