/* gemm.h -- matrix products, for `@` and for kernels that are made of products: of strided matrices, or of tiles.
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPS_GEMM_H
#define DSC_OPS_GEMM_H
#include "runtime/ops/walk.h"

/* A matrix by rows, columns and the strides of both. */
typedef struct Mat {
    const void *p;
    int64_t rows, cols, s0, s1;
} Mat;
/* c [a.rows, b.cols] row-major = a b, all of dtype d. Uses the state's threads; looks at the interrupt between parts of
** a long product. */
bool mat_product(State *S, DType d, Mat a, Mat b, void *c);
/* The same for floats, into rows ldc apart: c = alpha a b, or c += alpha a b when `add`. */
bool mat_product_into(State *S, DType d, double alpha, Mat a, Mat b, bool add, void *c, int64_t ldc);

/* Products of one shape, item by item over the axes `dim`: of what stands in the strides `at` (0: the same operand again).
** The results lie one after another. */
typedef struct MatBatch {
    int rank;
    const int64_t *dim;
    const int64_t *at[2]; /* of a and b, in elements */
} MatBatch;
bool mat_products(State *S, DType d, Mat a, Mat b, const MatBatch *items, void *c);

/* c [m, n] = a b, or c += a b when `add`: a is [m, k], with ta stored as [k, m]; b is [k, n], with tb stored as
** [n, k]; rows lie lda, ldb, ldc elements apart. f64 or f32. On the calling thread alone, and it touches nothing of the
** state: for the bodies of par_for, before which the caller says gemm_ready once. */
void gemm_tile(State *S, DType d, bool ta, bool tb, int64_t m, int64_t n, int64_t k, const void *a, int64_t lda,
               const void *b, int64_t ldb, bool add, void *c, int64_t ldc);
/* The same for strided matrices. */
void mat_tile(State *S, DType d, Mat a, Mat b, bool add, void *c, int64_t ldc);
/* Opens the library that tiles of so many multiply-adds want, if `all` of the work is worth it. */
void gemm_ready(State *S, DType d, double tile, double all);
/* The sum of the squares of n floats, added in double. Uses the state's threads. */
double sum_squares(State *S, DType d, int64_t n, const void *p);
#endif
