/* kernels.h -- plain loops on plain pointers: what runs behind element-wise operations.
**
** kernels.def lists the loops. each.inc holds their bodies and is compiled once for each instruction set
** (each_base.c, each_v3.c, each_v4.c); kernels_pick chooses a table by what the processor has. A loop sees
** each input as contiguous (s = 1) or as one element (s = 0); strided.c brings everything else into that
** form, block by block.
** SPDX-License-Identifier: MIT */
#ifndef DSC_KERNELS_H
#define DSC_KERNELS_H
#include "runtime/tensor.h"

typedef enum Kernel {
    K_none = 0, /* run .each1 .each2 .each3 of the operation over doubles */
#define KERNEL(name, nin) K_##name,
#include "runtime/kernels/kernels.def"
#undef KERNEL
    K_COUNT
} Kernel;

/* y[i] = f(x[0][i * s[0]], ...) for i < n. y may be one of the inputs with s = 1. fn: for the loops over a function. */
typedef void (*Loop)(int64_t n, const void *const *x, const int *s, void *y, const void *fn);
typedef Loop LoopRow[DT_COUNT]; /* by the dtype that is computed in; NULL: none */

/* Levels of the instruction set. A level that the processor lacks means the best one that it has. */
enum { ISA_BEST, ISA_BASE, ISA_V3, ISA_V4 };
int kernels_level(int isa); /* the one that is meant: ISA_BASE, ISA_V3 or ISA_V4 */
/* The table of a level: [Kernel][DType]. Comparisons write bools (one byte). */
const LoopRow *kernels_at(int isa);
const LoopRow *kernels_pick(void); /* the best */
extern const LoopRow kernels_base[K_COUNT], kernels_v3[K_COUNT], kernels_v4[K_COUNT];
/* Loops over a C function of doubles (fn points at the pointer). */
void loop_each1(int64_t n, const void *const *x, const int *s, void *y, const void *fn);
void loop_each2(int64_t n, const void *const *x, const int *s, void *y, const void *fn);
void loop_each3(int64_t n, const void *const *x, const int *s, void *y, const void *fn);

/* ---- convert.c ---- */
/* y[i] = x[i * stride]; to ints truncates and saturates (NaN: 0), to bool says whether it differs from 0. */
void convert_loop(DType to, void *y, DType from, const void *x, int64_t stride, int64_t n);
/* Number of the first element that `to` cannot hold, or -1. */
int64_t convert_check(DType to, DType from, const void *x, int64_t stride, int64_t n);

/* ---- strided.c ---- */
/* An iteration space of `nin` strided inputs: axes of size 1 dropped, axes that run on merged. */
enum { STRIDED_INPUTS = 3 };
typedef struct Strided {
    int rank;
    int64_t n, dim[RANK_MAX], stride[STRIDED_INPUTS][RANK_MAX];
} Strided;
void strided_init(Strided *w, int nin, int rank, const int64_t *shape, const int64_t *const *stride);
/* Row-major copy with conversion; y is contiguous. */
void strided_copy(DType to, void *y, DType from, const void *x, int rank, const int64_t *shape, const int64_t *stride);
typedef struct EachIn {
    const void *p;
    DType dtype;
    int rank;
    const int64_t *shape, *stride;
} EachIn;
/* Runs a loop that computes in dtypes `compute[i]` over broadcast inputs; it gives `made`, y is contiguous of dtype ydt. */
void each_loop(Loop loop, const void *fn, int nin, const EachIn *x, const DType *compute, DType made, void *y,
               DType ydt, int rank, const int64_t *shape);
#endif
