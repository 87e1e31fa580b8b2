/* parse.c -- lexer and parser: tokens and tree of anything, and the question whether it is complete.
**
** SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

const char *const fuzz_endings[] = {".gd", NULL};
const bool fuzz_text = true;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size ? (const char *)data : "";
    DscState *S = fuzz_open();
    dsc_complete(S, text, size);
    dsc_dump(S, "tokens", NULL, text, size, fuzz_drop, NULL);
    dsc_dump(S, "ast", NULL, text, size, fuzz_drop, NULL);
    fuzz_close(S);
    return 0;
}
