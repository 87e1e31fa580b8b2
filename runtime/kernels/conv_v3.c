/* conv_v3.c -- direct convolution for x86-64-v3 (AVX2 and FMA): 16 registers of 8 lanes.
** SPDX-License-Identifier: MIT */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("arch=x86-64-v3")
#define CONV conv_v3
#include "runtime/kernels/conv.inc"
#else
typedef int conv_v3_not_here;
#endif
