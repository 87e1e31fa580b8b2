/* random.h -- one draw as an operation.
** SPDX-License-Identifier: MIT */
#ifndef DSC_RANDOM_H
#define DSC_RANDOM_H
#include "runtime/tensor.h"

typedef enum RandomKind { RANDOM_UNIFORM, RANDOM_NORMAL, RANDOM_BERNOULLI } RandomKind;
/* Takes the next draw: uniform in [a, b), normal with mean a and deviation b, or 1 with probability a. Rank 0: a number. */
bool random_fill(State *S, RandomKind kind, double a, double b, int rank, const int64_t *shape, Value *out);
#endif
