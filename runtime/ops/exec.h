/* exec.h -- between op.c (what to apply) and force.c (when it runs).
** SPDX-License-Identifier: MIT */
#ifndef DSC_EXEC_H
#define DSC_EXEC_H
#include "runtime/op.h"

/* Runs an operation on level 0 inputs now. out: shell that receives storage; NULL: the result has rank 0 and goes to
** *scalar (8 bytes) as dt. owned: inputs that only x holds may be overwritten. */
bool op_exec(State *S, const OpDef *d, const Value *x, int nin, const Attr *attr, int nattr, Span at, Tensor *out,
             DType dt, void *scalar, bool owned);
/* After a shape error: notes that say where the operands were made. */
void op_note_operands(State *S, const OpDef *d, const Value *x, int nin);
#endif
