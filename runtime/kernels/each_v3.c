/* each_v3.c -- the element-wise loops for x86-64-v3 (AVX2 and FMA).
** SPDX-License-Identifier: MIT */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("arch=x86-64-v3")
#define EACH_TABLE kernels_v3
#include "runtime/kernels/each.inc"
#else
typedef int each_v3_not_here;
#endif
