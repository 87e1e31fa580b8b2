/* gemm.h -- a matrix product on plain pointers, for kernels that are made of products (linalg.c has it).
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPS_GEMM_H
#define DSC_OPS_GEMM_H
#include "runtime/ops/walk.h"

/* c [m, n] = a b, or c += a b when `add`: a is [m, k], with ta stored as [k, m]; b is [k, n], with tb stored as
** [n, k]; rows lie lda, ldb, ldc elements apart. f64 or f32; through BLAS when large and there is one. */
void gemm_tile(State *S, DType d, bool ta, bool tb, int64_t m, int64_t n, int64_t k, const void *a, int64_t lda,
               const void *b, int64_t ldb, bool add, void *c, int64_t ldc);
#endif
