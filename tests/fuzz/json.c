/* json.c -- JSON as tensors, lists and strings.
**
** SPDX-License-Identifier: MIT */
#include "stdlib/file.h"
#include "tests/fuzz/fuzz.h"

FUZZ_READER(json_read, ".json")
