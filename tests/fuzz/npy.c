/* npy.c -- NumPy's .npy.
**
** SPDX-License-Identifier: MIT */
#include "stdlib/file.h"
#include "tests/fuzz/fuzz.h"

FUZZ_READER(npy_read, ".npy", ".npy.gz")
