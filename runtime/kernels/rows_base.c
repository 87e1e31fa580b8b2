/* rows_base.c -- the row loops for any processor, and the choice among the three tables.
** SPDX-License-Identifier: MIT */
#define ROWS rows_base
#include "runtime/kernels/rows.inc"
#include "runtime/kernels/kernels.h"

const RowLoops *rows_pick(int dtype)
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    int isa = kernels_level(ISA_BEST);
    if (isa == ISA_V4) return &rows_v4[dtype];
    if (isa == ISA_V3) return &rows_v3[dtype];
#endif
    return &rows_base[dtype];
}
