/* csv.c -- tables, with a header and without, and data sets.
**
** SPDX-License-Identifier: MIT */
#include "stdlib/file.h"
#include "tests/fuzz/fuzz.h"

const char *const fuzz_endings[] = {".csv", NULL};
const bool fuzz_text = false;

static bool headed(State *S, const char *path, Value *out) { return csv_read(S, path, true, out); }
static bool bare(State *S, const char *path, Value *out) { return csv_read(S, path, false, out); }
static bool set(State *S, const char *path, Value *out)
{
    Str *name = str_intern(S, "y", 1);
    bool ok = name && csv_set(S, path, name, out);
    obj_release(S, name);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_reader(headed, data, size);
    fuzz_reader(bare, data, size);
    return fuzz_reader(set, data, size);
}
