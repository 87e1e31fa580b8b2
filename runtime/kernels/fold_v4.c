/* fold_v4.c -- the loops of fold.h for x86-64-v4 (AVX-512).
** SPDX-License-Identifier: MIT */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("arch=x86-64-v4")
#define FOLDS folds_v4
#include "runtime/kernels/fold.inc"
#else
typedef int fold_v4_not_here;
#endif
