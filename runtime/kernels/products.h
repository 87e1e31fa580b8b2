/* products.h -- our own loops for matrix products, of both float widths, compiled once for each instruction set.
**
** What they are for: products too small to pay for a library's call, matrices with one row or one column, sums of few
** outer products, right sides stored transposed beside few rows, and machines without a library.
** products.inc says how they work. They use fused multiply-adds where the processor has them, as the libraries do, so
** results depend on the instruction set in the last bit; they never depend on where an array lies in memory.
** SPDX-License-Identifier: MIT */
#ifndef DSC_PRODUCTS_H
#define DSC_PRODUCTS_H
#include <stdbool.h>
#include <stdint.h>

typedef struct ProductLoops {
    /* c [m, n] (rows ldc apart) = alpha a b, or c += alpha a b when add. a's element (i, p) is at i * ra + p * ca; b's
    ** (p, j) at p * rb + j * cb; one of rb and cb is 1 for speed. */
    void (*gemm)(int64_t m, int64_t n, int64_t k, double alpha, const void *a, int64_t ra, int64_t ca, const void *b,
                 int64_t rb, int64_t cb, bool add, void *c, int64_t ldc);
    /* y[i] = alpha (a x)[i] (+ y[i] when add); a [m, k] by rows lda apart, x and y contiguous. A row's sum does not depend
    ** on the rows beside it. */
    void (*rows)(int64_t m, int64_t k, double alpha, const void *a, int64_t lda, const void *x, bool add, void *y);
    /* y += a' x: a [k, n] by rows lda apart, x and y contiguous. In which order rows are added depends on k and n alone;
    ** columns do not depend on each other. */
    void (*columns)(int64_t k, int64_t n, const void *a, int64_t lda, const void *x, void *y);
    /* the sum of the squares, in double whatever the width */
    double (*squares)(int64_t n, const void *x);
} ProductLoops;

extern const ProductLoops products_base[2], products_v3[2], products_v4[2]; /* [DT_F64], [DT_F32] */
const ProductLoops *products_pick(int isa, int dtype); /* of a level of kernels.h, or the best below it that there is */
#endif
