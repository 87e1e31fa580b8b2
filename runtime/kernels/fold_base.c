/* fold_base.c -- the loops of fold.h for any processor, and the choice among the three tables.
** SPDX-License-Identifier: MIT */
#define FOLDS folds_base
#include "runtime/kernels/fold.inc"
#include "runtime/kernels/kernels.h"

const FoldLoops *folds_pick(int dtype, int isa)
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    isa = kernels_level(isa);
    if (isa == ISA_V4) return &folds_v4[dtype];
    if (isa == ISA_V3) return &folds_v3[dtype];
#endif
    (void)isa;
    return &folds_base[dtype];
}
