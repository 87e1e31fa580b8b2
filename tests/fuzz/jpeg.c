/* jpeg.c -- pictures as JPEG.
**
** SPDX-License-Identifier: MIT */
#include "stdlib/file.h"
#include "tests/fuzz/fuzz.h"

FUZZ_READER(jpeg_read, ".jpg", ".jpeg")
