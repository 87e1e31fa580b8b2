/* fold_v3.c -- the loops of fold.h for x86-64-v3 (AVX2 and FMA).
** SPDX-License-Identifier: MIT */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("arch=x86-64-v3")
#define FOLDS folds_v3
#include "runtime/kernels/fold.inc"
#else
typedef int fold_v3_not_here;
#endif
