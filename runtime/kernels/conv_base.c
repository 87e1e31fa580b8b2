/* conv_base.c -- the choice among the loops of direct convolution.
** SPDX-License-Identifier: MIT */
#include <stddef.h>
#include "runtime/kernels/conv.h"

const ConvLoops *conv_pick(void)
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    if (__builtin_cpu_supports("x86-64-v4")) return &conv_v4;
    if (__builtin_cpu_supports("x86-64-v3")) return &conv_v3;
#endif
    return NULL;
}
