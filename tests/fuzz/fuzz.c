/* fuzz.c -- the states and files of fuzz targets.
**
** SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "runtime/state.h"

void fuzz_drop(void *ud, const char *s, size_t n) { (void)ud, (void)s, (void)n; }

DscState *fuzz_open(void)
{
    DscConfig cfg = {.size = sizeof cfg,
                     .print = fuzz_drop,
                     .max_memory = 64 << 20,
                     .max_steps = 20000,
                     .time_limit = 0.5,
                     .seed = 1,
                     .has_seed = true,
                     .sandbox = true,
                     .threads = 1};
    DscState *S = dsc_open(&cfg);
    if (!S) abort();
    return S;
}

void fuzz_close(DscState *S)
{
    dsc_report(S, DSC_REPORT_TEXT, fuzz_drop, NULL);
    dsc_report(S, DSC_REPORT_JSON, fuzz_drop, NULL);
    static const char sum[] = "assert 1 + 1 == 2";
    if (dsc_run_text(S, "sum", sum, sizeof sum - 1, 0) != 0) {
        fprintf(stderr, "the state does not answer any more\n");
        abort();
    }
    size_t left = dsc_close(S);
    if (!left) return;
    fprintf(stderr, "%zu bytes left\n", left);
    abort();
}

int fuzz_reader(bool (*read)(DscState *S, const char *path, struct Value *out), const uint8_t *data, size_t size)
{
    static int fd = -1;
    char path[40];
    if (fd < 0) fd = memfd_create("fuzz", 0);
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size) return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    DscState *S = fuzz_open();
    S->sandbox = false;
    Value v = NIL;
    if (read(S, path, &v)) {
        Buf b;
        buf_init(&b, S);
        value_show(S, &b, v, true);
        buf_deinit(&b);
        release(S, v);
    } else if (!S->err) {
        fprintf(stderr, "refused without an error\n");
        abort();
    }
    S->sandbox = true;
    fuzz_close(S);
    return 0;
}
