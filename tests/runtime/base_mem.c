/* base_mem.c -- limits, injected failures, the block cache, exact accounting.
**
** SPDX-License-Identifier: MIT */
#include "tests/runtime/check.h"
#include <stdlib.h>

static void limits(State *S)
{
    size_t cap, start = S->mem.bytes;
    S->mem.limit = start + (8 << 20);
    CHECK(!mem_alloc(S, 9 << 20));
    CHECK(S->err && S->err->code == DIAG_MEM, "no E0501");
    CHECK(S->err && strstr(S->err->message, "needs 9 MiB, the limit is"), "%s", S->err->message);
    diag_clear(S);
    void *p = mem_block(S, 5 << 20, &cap);
    CHECK(p && cap >= 5 << 20 && (uintptr_t)p % 64 == 0);
    mem_block_free(S, p, cap);
    /* the spare block is given back before this is refused */
    void *q = mem_alloc(S, 6 << 20);
    CHECK(q != NULL, "spare blocks in the way");
    mem_free(S, q, 6 << 20);
    /* near the limit sizes are not rounded up to their class */
    p = mem_block(S, (8 << 20) - 4096, &cap);
    CHECK(p != NULL, "no room for a block that fits exactly");
    if (p) mem_block_free(S, p, cap);
    S->mem.limit = 0;
    mem_trim(S);
}

static void classes(State *S)
{
    for (size_t n = 1; n < 400u << 20; n = n + n / 7 + 1) {
        size_t cap, before = S->mem.bytes;
        char *p = mem_block(S, n, &cap);
        if (!p) break;
        CHECK(cap >= n && (cap < n + n / 2 + 128), "%zu for %zu", cap, n);
        CHECK((uintptr_t)p % 64 == 0);
        p[0] = p[n - 1] = 1;
        CHECK(S->mem.bytes > before);
        mem_block_free(S, p, cap);
        mem_trim(S);
        CHECK(S->mem.spare_bytes == 0);
    }
}

static void failing(State *S)
{
    for (int n = 1; n < 20; n++) { /* each request of a small program fails once */
        S->mem.fail_at = n;
        List *l = list_new(S, 0);
        bool ok = l != NULL;
        for (int i = 0; ok && i < 40; i++) {
            Value v = val_str(S, "some text that is not tiny", 26);
            Str *name = str_intern(S, i % 2 ? "odd" : "even", i % 2 ? 3 : 4);
            if (is_nil(v) || !name) {
                release(S, v);
                ok = false;
            } else {
                ok = list_push_take(S, l, name, v);
            }
            obj_release(S, name);
        }
        CHECK(ok == !S->err, "error and result disagree at %d", n);
        CHECK(ok || S->err->code == DIAG_MEM);
        S->mem.fail_at = 0;
        obj_release(S, l);
        diag_clear(S);
    }
    /* a diagnostic that cannot be made falls back to the one set aside */
    S->mem.fail_at = 1;
    diag_fail(S, DIAG_SHAPE, "%s", "shapes");
    CHECK(S->err && S->err->code == DIAG_MEM);
    Diag *d = diag_take(S);
    diag_fail(S, DIAG_SHAPE, "%s", "shapes");
    CHECK(S->err && S->err->code == DIAG_SHAPE);
    diag_free(S, d);
    CHECK(S->err && S->err->code == DIAG_SHAPE);
    diag_clear(S);
}

static void arrays(State *S)
{
    int *v = NULL;
    size_t cap = 0, n;
    for (n = 0; n < 100000; n++) {
        if (!MEM_PUSH(S, v, n, cap)) break;
        v[n] = (int)n;
    }
    CHECK(n == 100000 && v[77777] == 77777);
    mem_free(S, v, cap * sizeof *v);
    size_t size;
    CHECK(!mem_size(S, SIZE_MAX / 4, 8, 0, &size) && S->err->code == DIAG_SIZE);
    diag_clear(S);
    CHECK(mem_size(S, 10, 8, 5, &size) && size == 85);
}

static size_t host_bytes;
static void *host(void *ud, void *p, size_t old, size_t n)
{
    (void)ud;
    host_bytes += n - old;
    if (n) return realloc(p, n);
    free(p);
    return NULL;
}

int main(void)
{
    State *S = open_state(0);
    if (!S) return 1;
    limits(S);
    classes(S);
    failing(S);
    arrays(S);
    int status = report(S);
    S = state_new(host, NULL, 0);
    CHECK(S && host_bytes >= sizeof *S);
    status |= report(S);
    CHECK(host_bytes == 0, "%zu bytes kept from the host", host_bytes);
    return status || failures;
}
