/* order.h -- sorting for the kernels: in place for values, stable for positions.
**
** Not-a-number counts as larger than everything, so it comes last going up and first going down.
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPS_ORDER_H
#define DSC_OPS_ORDER_H
#include "runtime/op.h"

/* Both look at the interrupt and the limits while they run; false: stopped, the error is set. */
bool order_f64(State *S, double *a, int64_t n);
/* idx becomes the stable order of keys (DT_F64 doubles or DT_I64 integers); tmp has room for n more. */
bool order_index(State *S, const void *keys, DType d, int64_t n, bool down, int64_t *idx, int64_t *tmp);
#endif
