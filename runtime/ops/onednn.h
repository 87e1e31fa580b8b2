/* onednn.h -- oneDNN, opened at first need: its single-precision product.
**
** The library is found with dlopen, so a script that needs none of it starts without it, and its header is not needed to
** build. MINIMAL=1 leaves it out. It may not be there, and then others do the work (gemm.c).
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPS_ONEDNN_H
#define DSC_OPS_ONEDNN_H
#include "runtime/state.h"

/* Whether the library is there; opens it at the first call of a state. Call it before a par_for whose body multiplies. */
bool onednn_open(State *S);
/* c [m, n] = a b (+ c when add), row-major with leading dimensions, ta/tb: stored transposed. It uses one thread, whoever
** calls. Only after onednn_open said yes. */
void onednn_sgemm(State *S, bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                  const float *b, int64_t ldb, bool add, float *c, int64_t ldc);
#endif
