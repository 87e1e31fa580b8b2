/* idx.c -- the IDX format of MNIST.
**
** SPDX-License-Identifier: MIT */
#include "stdlib/file.h"
#include "tests/fuzz/fuzz.h"

FUZZ_READER(idx_read, ".idx", "-ubyte", "-ubyte.gz")
