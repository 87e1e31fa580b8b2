/* check.h -- the few lines that C tests share: CHECK counts failures, report() is the exit status.
**
** A C test prints nothing and exits 0, or prints what failed and exits 1.
** SPDX-License-Identifier: MIT */
#ifndef DSC_TEST_CHECK_H
#define DSC_TEST_CHECK_H
#include <stdio.h>
#include <string.h>
#include "runtime/state.h"

static int failures;
#define CHECK(cond, ...)                                                                                               \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            failures++;                                                                                                \
            printf("%s:%d: %s:", __FILE__, __LINE__, #cond);                                                           \
            printf(" " __VA_ARGS__);                                                                                   \
            printf("\n");                                                                                              \
        }                                                                                                              \
    } while (0)

static inline State *open_state(size_t limit) { return state_new(NULL, NULL, limit); }

static inline int report(State *S)
{
    size_t left = state_free(S);
    CHECK(left == 0, "%zu bytes left", left);
    return failures != 0;
}
#endif
