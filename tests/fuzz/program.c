/* program.c -- whole programs, in the sandbox and under limits: resolved, compiled and run.
**
** SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

const char *const fuzz_endings[] = {".gd", NULL};
const bool fuzz_text = true;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    DscState *S = fuzz_open();
    dsc_run_text(S, "fuzz", size ? (const char *)data : "", size, 0);
    fuzz_close(S);
    return 0;
}
