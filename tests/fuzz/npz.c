/* npz.c -- NumPy's .npz, and trees in one.
**
** SPDX-License-Identifier: MIT */
#include "stdlib/file.h"
#include "tests/fuzz/fuzz.h"

FUZZ_READER(npz_read, ".npz")
