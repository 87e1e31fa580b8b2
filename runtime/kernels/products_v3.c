/* products_v3.c -- the loops of matrix products for x86-64-v3 (AVX2).
** SPDX-License-Identifier: MIT */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("arch=x86-64-v3")
#define PRODUCTS products_v3
#define BYTES 32
#define ROWS_MAX 6
#define VECS_MAX 2
#include "runtime/kernels/products.inc"
#else
typedef int products_v3_not_here;
#endif
