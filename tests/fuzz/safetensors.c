/* safetensors.c -- trees in .safetensors.
**
** SPDX-License-Identifier: MIT */
#include "stdlib/file.h"
#include "tests/fuzz/fuzz.h"

FUZZ_READER(safetensors_read, ".safetensors")
