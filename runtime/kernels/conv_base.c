/* conv_base.c -- the choice among the loops of direct convolution.
** SPDX-License-Identifier: MIT */
#include <stddef.h>
#include "runtime/kernels/conv.h"
#include "runtime/kernels/kernels.h"

const ConvLoops *conv_pick(void)
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    int isa = kernels_level(ISA_BEST);
    if (isa == ISA_V4) return &conv_v4;
    if (isa == ISA_V3) return &conv_v3;
#endif
    return NULL;
}
