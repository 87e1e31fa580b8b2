/* conv.h -- the sizes of a convolution, and the direct way to do one (direct.c), for conv.c.
** SPDX-License-Identifier: MIT */
#ifndef DSC_OPS_CONV_H
#define DSC_OPS_CONV_H
#include "runtime/ops/gemm.h"

typedef struct Geo {
    State *S;
    DType d;
    int64_t sh, sw, ph, pw, dh, dw, groups, H, W, kh, kw, oh, ow;
    int64_t N, cg, og; /* images; channels of x and of g in one group */
    int64_t taps;      /* cg kh kw */
    double done;       /* multiply-adds since the interrupt was looked at */
} Geo;

/* Which of y, x, k a convolution makes from the other two. */
enum { MADE_Y = 0, MADE_X = 1, MADE_K = 2 };

/* Whether the direct loops are there for it and pay. */
bool direct_fits(const Geo *g, int made);
/* Does it: writes all of the result. p: y, x, k, row-major f32. */
bool direct_run(const Geo *g, int made, void *const p[3]);
#endif
