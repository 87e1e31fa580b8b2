/* gemm.h -- the matrix product of linalg.c, for kernels that are made of products: of strided matrices, or of tiles.
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPS_GEMM_H
#define DSC_OPS_GEMM_H
#include "runtime/ops/walk.h"

/* A matrix by rows, columns and the strides of both. */
typedef struct Mat {
    const void *p;
    int64_t rows, cols, s0, s1;
} Mat;
/* c [a.rows, b.cols] row-major = a b, all of dtype d; looks at the interrupt between bands of a long product */
bool mat_product(State *S, DType d, Mat a, Mat b, void *c);

/* c [m, n] = a b, or c += a b when `add`: a is [m, k], with ta stored as [k, m]; b is [k, n], with tb stored as
** [n, k]; rows lie lda, ldb, ldc elements apart. f64 or f32; through BLAS when large and there is one. */
void gemm_tile(State *S, DType d, bool ta, bool tb, int64_t m, int64_t n, int64_t k, const void *a, int64_t lda,
               const void *b, int64_t ldb, bool add, void *c, int64_t ldc);
#endif
