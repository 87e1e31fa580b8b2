/* rows_v4.c -- the row loops for x86-64-v4 (AVX-512).
** SPDX-License-Identifier: MIT */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#define ROWS rows_v4
#include "runtime/kernels/rows.inc"
#else
typedef int rows_v4_not_here;
#endif
