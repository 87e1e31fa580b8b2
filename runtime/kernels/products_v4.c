/* products_v4.c -- the loops of matrix products for x86-64-v4 (AVX-512).
** SPDX-License-Identifier: MIT */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
#define PRODUCTS products_v4
#define BYTES 64
#define ROWS_MAX 8
#define VECS_MAX 3
#include "runtime/kernels/products.inc"
#else
typedef int products_v4_not_here;
#endif
