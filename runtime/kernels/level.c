/* level.c -- which instruction-set level the loops of this folder are taken for.
**
** ISA_MOST, a level of kernels.h, caps it: tests build this file so, to run on a new processor what an old one would.
** SPDX-License-Identifier: MIT */
#include "runtime/kernels/kernels.h"

#ifndef ISA_MOST
#define ISA_MOST ISA_V4
#endif

int kernels_level(int isa)
{
    int best = ISA_BASE;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    if (__builtin_cpu_supports("x86-64-v4")) best = ISA_V4;
    else if (__builtin_cpu_supports("x86-64-v3")) best = ISA_V3;
    if (best > ISA_MOST) best = ISA_MOST;
#endif
    return isa == ISA_BEST || isa > best ? best : isa;
}
