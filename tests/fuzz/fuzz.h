/* fuzz.h -- what fuzz targets share. A target is one file with LLVMFuzzerTestOneInput, which must survive any bytes:
** no crash, no leak, an answer in time. `make fuzz` links each with libFuzzer (build/fuzz/NAME; run it on a folder of
** inputs with -dict=tests/fuzz/words.dict); `make test` links each with main.c, which needs no clang: it replays the seeds
** and mutates them for FUZZ_SECONDS.
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_FUZZ_H
#define DSC_FUZZ_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/descent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* For main.c: seeds are the files below tests/ and examples/ whose names end in one of these, a NULL last; and whether words
** of the language may be put in. */
extern const char *const fuzz_endings[];
extern const bool fuzz_text;

/* A state with limits that fit a fuzzer, in the sandbox; what is printed is dropped. */
DscState *fuzz_open(void);
/* It must still answer 1 + 1, and leave nothing when it closes; else abort(). */
void fuzz_close(DscState *S);
void fuzz_drop(void *ud, const char *s, size_t n);

/* Hands the bytes to a reader of stdlib/ as a file. */
struct Value;
int fuzz_reader(bool (*read)(DscState *S, const char *path, struct Value *out), const uint8_t *data, size_t size);

/* A target that is a reader of files. */
#define FUZZ_READER(function, ...)                                                                                     \
    const char *const fuzz_endings[] = {__VA_ARGS__, NULL};                                                            \
    const bool fuzz_text = false;                                                                                      \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_reader(function, data, size); }
#endif
