/* conv_v4.c -- direct convolution for x86-64-v4 (AVX-512): 32 registers of 16 lanes or of 8.
** SPDX-License-Identifier: MIT */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#define CONV conv_v4
#define CONV_16
#include "runtime/kernels/conv.inc"
#else
typedef int conv_v4_not_here;
#endif
