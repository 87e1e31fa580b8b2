/* state.c -- opening and closing an interpreter.
**
** Closing goes from what may point at values to what values need: frames and derivative levels first, then
** modules and their globals, the tables, and last the allocator's spare blocks. What is still counted then
** has leaked.
** SPDX-License-Identifier: MIT */
#include "runtime/plan.h"
#include "runtime/profile.h"
#include "runtime/state.h"
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/op.h"
#include "runtime/snapshot.h"
#include "runtime/threads.h"

State *state_new(void *(*realloc_fn)(void *, void *, size_t, size_t), void *ud, size_t limit)
{
    State *S = realloc_fn ? realloc_fn(ud, NULL, 0, sizeof *S) : mem_host(NULL, sizeof *S);
    if (!S) return NULL;
    memset(S, 0, sizeof *S);
    S->mem.realloc_fn = realloc_fn;
    S->mem.ud = ud;
    S->mem.limit = limit;
    S->threads = 1;
    for (size_t i = 0; i < sizeof S->registry / sizeof *S->registry; i++) S->registry[i] = NIL;
    rng_seed(&S->rng, 0);
    if (diag_init(S) && vm_init(S)) return S;
    state_free(S);
    return NULL;
}

static void modules_free(State *S)
{
    obj_release(S, S->main);
    S->main = NULL;
    /* latest first: a module that is used is older than the one that uses it */
    while (S->nmodules) obj_release(S, S->modules[--S->nmodules]);
    mem_free(S, S->modules, S->capmodules * sizeof *S->modules);
    S->modules = NULL;
    S->capmodules = 0;
}

size_t state_free(State *S)
{
    if (!S) return 0;
    S->mem.fail_at = 0;
    threads_close(S);
    resume_drop(S);
    vm_deinit(S);
    for (size_t i = 0; i < sizeof S->registry / sizeof *S->registry; i++) {
        release(S, S->registry[i]);
        S->registry[i] = NIL;
    }
    tape_deinit(S);
    plans_deinit(S);
    profile_close(S);
    modules_free(S);
    builtin_deinit(S);
    diag_deinit(S);
    mem_free(S, S->names.at, S->names.cap * sizeof *S->names.at);
    mem_trim(S);
    size_t left = S->mem.bytes;
    void *(*realloc_fn)(void *, void *, size_t, size_t) = S->mem.realloc_fn;
    if (realloc_fn) realloc_fn(S->mem.ud, S, sizeof *S, 0);
    else mem_host(S, 0);
    return left;
}
