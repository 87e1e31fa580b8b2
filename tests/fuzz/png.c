/* png.c -- pictures as PNG.
**
** SPDX-License-Identifier: MIT */
#include "stdlib/file.h"
#include "tests/fuzz/fuzz.h"

FUZZ_READER(png_read, ".png")
