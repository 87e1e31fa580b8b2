/* products_base.c -- the loops of matrix products for any processor, and the choice among the three tables.
** SPDX-License-Identifier: MIT */
#define PRODUCTS products_base
#define BYTES 16
#define ROWS_MAX 4
#define VECS_MAX 2
#include "runtime/kernels/products.inc"
#include "runtime/kernels/kernels.h"

const ProductLoops *products_pick(int isa, int dtype)
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    isa = kernels_level(isa);
    if (isa == ISA_V4) return &products_v4[dtype];
    if (isa == ISA_V3) return &products_v3[dtype];
#endif
    (void)isa;
    return &products_base[dtype];
}
