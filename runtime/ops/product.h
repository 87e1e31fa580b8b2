/* product.h -- the matrix product of linalg.c on strided matrices, for kernels that contain one.
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPS_PRODUCT_H
#define DSC_OPS_PRODUCT_H
#include "runtime/tensor.h"

/* A matrix by rows, columns and the strides of both. */
typedef struct Mat {
    const void *p;
    int64_t rows, cols, s0, s1;
} Mat;
/* c [a.rows, b.cols] row-major = a b, all of dtype d; looks at the interrupt between bands of a long product */
bool mat_product(State *S, DType d, Mat a, Mat b, void *c);
#endif
