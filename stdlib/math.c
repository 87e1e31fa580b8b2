/* math.c -- mathematics that is not straight from the operation table.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/builtin.h"

BUILTIN(clamp, "clamp(x, low: nil, high: nil)",
        "x, but at least low and at most high, element by element; nil leaves a side open. Its derivative at the "
        "bounds is 1. Where low is above high the result is high.")
{
    Value x[3] = {c->arg[0], c->arg[1], c->arg[2]};
    for (int i = 0; i < 3; i++) {
        if (i && is_nil(x[i])) x[i] = val_num(i == 1 ? -INFINITY : INFINITY);
        if (x[i].tag != T_NUM && x[i].tag != T_TENSOR) return arg_fail(c, i, "a number or a tensor");
    }
    return op_apply(c->S, OPID_clamp, x, 3, NULL, 0, c->out);
}
