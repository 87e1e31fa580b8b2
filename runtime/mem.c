/* mem.c -- counting allocator, small-block lists and the cache of storage blocks.
**
**   mem_alloc    up to 256 bytes: lists of freed blocks by size (S->spare_obj), 32 bytes a class; above: the
**                host's realloc_fn, or the C library's
**   mem_block    tensor storage, 64-byte aligned: classes of 1, 1.5, 2, 3, 4 ... x 64 bytes up to 64 KiB, then
**                four a doubling up to 128 MiB, then a list that is searched for a block of fitting size.
**                A block keeps the address it really starts at in the 8 bytes before it.
**
** S->mem.bytes counts everything that was asked of the host and not given back, spare blocks included;
** S->mem.peak is the largest sum of bytes in use, without spare ones. The cache never holds more than was
** in use at the peak (or 256 MiB), so the process stays below twice its need.
** SPDX-License-Identifier: MIT */
#include "runtime/mem.h"
#include <stdlib.h>
#include <string.h>
#include "runtime/plan.h"
#include "runtime/state.h"

#if defined(__SANITIZE_ADDRESS__) || defined(DSC_DEBUG)
enum { CACHE = 0 }; /* every block is given back at once, so that misuse shows */
#else
enum { CACHE = 1 };
#endif

enum { SMALL = 256, SMALL_STEP = 32, SMALL_KEEP = 4096, ALIGN = 64, HEAD = ALIGN + sizeof(void *) };
enum { CLASS_EXACT = 20, CLASS_HUGE = 63 }; /* classes up to 64 KiB; the searched list */
#define CACHE_MIN ((size_t)256 << 20)

typedef struct Spare {
    struct Spare *next;
    size_t n;
} Spare; /* n: blocks in the list from here */
struct MemBlock {
    MemBlock *next;
    size_t cap;
};

/* ---- the host's hook ---- */

void *mem_host(void *p, size_t n)
{
    if (n) return realloc(p, n);
    free(p);
    return NULL;
}

static void *raw_realloc(Mem *m, void *p, size_t old, size_t n)
{
    return m->realloc_fn ? m->realloc_fn(m->ud, p, old, n) : mem_host(p, n);
}

static void note_peak(Mem *m)
{
    size_t used = m->bytes - m->spare_bytes;
    if (used > m->peak) m->peak = used;
}

/* True when the next request is the one that tests want to fail. */
static bool injected(Mem *m) { return m->fail_at > 0 && --m->fail_at == 0; }

static bool over_limit(State *S, size_t more)
{
    Mem *m = &S->mem;
    if (!m->limit) return false;
    if (more <= m->limit && m->bytes <= m->limit - more) return false;
    if (m->spare_bytes || S->plans.n) mem_trim(S);
    return more > m->limit || m->bytes > m->limit - more;
}

/* Resizes without setting an error; sizes are exact. */
static void *raw_try(State *S, void *p, size_t old, size_t n)
{
    Mem *m = &S->mem;
    if (n > PTRDIFF_MAX || (n > old && over_limit(S, n - old))) return NULL;
    void *q = raw_realloc(m, p, old, n);
    if (!q && (m->spare_bytes || S->plans.n)) {
        mem_trim(S);
        q = raw_realloc(m, p, old, n);
    }
    if (!q) return NULL;
    m->bytes += n - old;
    note_peak(m);
    return q;
}

static void raw_free(State *S, void *p, size_t n)
{
    raw_realloc(&S->mem, p, n, 0);
    S->mem.bytes -= n;
}

/* ---- small and middle blocks ---- */

/* What is really asked for: small sizes are rounded to their class, and nothing is empty. */
static size_t true_size(size_t n)
{
    if (n > SMALL) return n;
    return n ? (n + SMALL_STEP - 1) & ~(size_t)(SMALL_STEP - 1) : SMALL_STEP;
}

void *mem_try(State *S, size_t n)
{
    Mem *m = &S->mem;
    if (injected(m)) return NULL;
    n = true_size(n);
    if (CACHE && n <= SMALL) {
        Spare **list = (Spare **)&S->spare_obj[n / SMALL_STEP - 1];
        Spare *p = *list;
        if (p) {
            *list = p->next;
            m->spare_bytes -= n;
            note_peak(m);
            return p;
        }
    }
    return raw_try(S, NULL, 0, n);
}

void *mem_alloc(State *S, size_t n)
{
    void *p = mem_try(S, n);
    if (!p) diag_memory(S, n);
    return p;
}

void *mem_zalloc(State *S, size_t n)
{
    void *p = mem_alloc(S, n);
    if (p) memset(p, 0, n);
    return p;
}

void mem_free(State *S, void *ptr, size_t n)
{
    if (!ptr) return;
    n = true_size(n);
    if (CACHE && n <= SMALL) {
        Spare **list = (Spare **)&S->spare_obj[n / SMALL_STEP - 1];
        size_t have = *list ? (*list)->n : 0;
        if (have < SMALL_KEEP) {
            Spare *p = ptr;
            p->next = *list;
            p->n = have + 1;
            *list = p;
            S->mem.spare_bytes += n;
            return;
        }
    }
    raw_free(S, ptr, n);
}

void *mem_realloc(State *S, void *p, size_t old, size_t n)
{
    if (!p) return mem_alloc(S, n);
    size_t from = true_size(old), to = true_size(n);
    if (from == to) return p;
    void *q;
    if (from > SMALL && to > SMALL) {
        if (to > from && injected(&S->mem)) q = NULL;
        else q = raw_try(S, p, from, to);
    } else {
        q = mem_try(S, n);
        if (q) {
            memcpy(q, p, old < n ? old : n);
            mem_free(S, p, old);
        }
    }
    if (!q) diag_memory(S, n);
    return q;
}

char *mem_dup(State *S, const char *s, size_t n)
{
    char *p = mem_alloc(S, n + 1);
    if (!p) return NULL;
    if (n) memcpy(p, s, n);
    p[n] = 0;
    return p;
}

bool mem_size(State *S, size_t n, size_t size, size_t extra, size_t *out)
{
    size_t r;
    if (!__builtin_mul_overflow(n, size, &r) && !__builtin_add_overflow(r, extra, &r) && r <= PTRDIFF_MAX) {
        *out = r;
        return true;
    }
    return diag_fail(S, DIAG_SIZE, "%zu items of %zu bytes do not fit in memory", n, size);
}

bool mem_grow(State *S, void **p, size_t *cap, size_t n, size_t item)
{
    size_t want = *cap < 4 ? 8 : 2 * *cap, old = *cap * item, bytes = 0;
    if (want <= n) want = n + 1;
    if (!mem_size(S, want, item, 0, &bytes)) return false;
    void *q = mem_realloc(S, *p, old, bytes);
    if (!q) return false;
    *p = q;
    *cap = want;
    return true;
}

/* ---- storage blocks ---- */

/* Class of a size: the smallest whose blocks hold it, with their size in *cap. */
static int class_of(size_t bytes, size_t *cap)
{
    size_t units = (bytes + ALIGN - 1) / ALIGN;
    if (units == 0) units = 1;
    if (units <= 2) {
        *cap = units * ALIGN;
        return (int)units - 1;
    }
    int log = 63 - __builtin_clzll((unsigned long long)(units - 1)); /* 2^log < units <= 2^(log+1) */
    size_t base = (size_t)1 << log;
    if (log < 10) { /* up to 64 KiB: 1.5 and 2 times the base */
        int half = units > base + base / 2;
        *cap = (half ? 2 * base : base + base / 2) * ALIGN;
        return 2 * log + half;
    }
    size_t quarter = base / 4;
    size_t step = (units - base + quarter - 1) / quarter; /* 1..4 */
    *cap = (base + step * quarter) * ALIGN;
    int k = CLASS_EXACT + (log - 10) * 4 + (int)step - 1;
    if (k < CLASS_HUGE) return k;
    *cap = (bytes + 4095) & ~(size_t)4095; /* beyond the classes: whole pages, no more */
    return CLASS_HUGE;
}

static MemBlock *huge_take(Mem *m, size_t cap)
{
    MemBlock **best = NULL;
    for (MemBlock **p = &m->spare[CLASS_HUGE]; *p; p = &(*p)->next)
        if ((*p)->cap >= cap && (*p)->cap - cap <= cap / 4 && (!best || (*p)->cap < (*best)->cap)) best = p;
    if (!best) return NULL;
    MemBlock *b = *best;
    *best = b->next;
    return b;
}

static void *block_new(State *S, size_t cap)
{
    char *raw = raw_try(S, NULL, 0, cap + HEAD);
    if (!raw) return NULL;
    char *p = (char *)(((uintptr_t)raw + HEAD - 1) & ~(uintptr_t)(ALIGN - 1));
    memcpy(p - sizeof raw, &raw, sizeof raw);
    return p;
}

static void block_drop(State *S, void *p, size_t cap)
{
    char *raw;
    memcpy(&raw, (char *)p - sizeof raw, sizeof raw);
    raw_free(S, raw, cap + HEAD);
}

static void *block_take(State *S, size_t bytes, size_t *cap)
{
    Mem *m = &S->mem;
    void *p = NULL;
    if (bytes < PTRDIFF_MAX / 2 && !injected(m)) {
        size_t size;
        int k = class_of(bytes, &size);
        MemBlock *b = k == CLASS_HUGE ? huge_take(m, size) : m->spare[k];
        if (b) {
            if (k != CLASS_HUGE) m->spare[k] = b->next;
            *cap = k == CLASS_HUGE ? b->cap : size;
            m->spare_bytes -= *cap + HEAD;
            note_peak(m);
            return b;
        }
        p = block_new(S, size);
        if (!p) { /* near the limit: no rounding up */
            size = bytes < sizeof(MemBlock) ? sizeof(MemBlock) : bytes;
            p = block_new(S, size);
        }
        *cap = size;
    }
    if (!p) diag_memory(S, bytes);
    return p;
}

/* Large blocks take time to fill, and fresh pages more to come (0.45 ms a MiB). So the limits are looked at where failing
** is foreseen anyway, and under a time limit the pages are asked for here, in pieces. */
static bool ready(State *S, char *p, size_t bytes)
{
    enum { PAGE = 4096, PIECE = 1 << 22 };
    if (S->vm.deadline <= 0) return true;
    for (size_t i = 0; i < bytes; i += PIECE) {
        size_t end = bytes - i < PIECE ? bytes : i + PIECE;
        for (size_t k = i; k < end; k += PAGE) ((volatile char *)p)[k] = 0;
        if (!vm_check(S)) return false;
    }
    return true;
}

void *mem_block(State *S, size_t bytes, size_t *cap)
{
    enum { LARGE = 1 << 20 };
    if (bytes < LARGE || bytes >= PTRDIFF_MAX / 2) return block_take(S, bytes, cap);
    void *p = vm_check(S) ? block_take(S, bytes, cap) : NULL;
    if (!p || ready(S, p, bytes)) return p;
    mem_block_free(S, p, *cap);
    return NULL;
}

static void spares_drop(State *S)
{
    Mem *m = &S->mem;
    for (int k = 0; k <= CLASS_HUGE; k++) {
        while (m->spare[k]) {
            MemBlock *b = m->spare[k];
            m->spare[k] = b->next;
            m->spare_bytes -= b->cap + HEAD;
            block_drop(S, b, b->cap);
        }
    }
}

void mem_block_free(State *S, void *p, size_t cap)
{
    Mem *m = &S->mem;
    if (!p) return;
    size_t size, keep = m->peak > CACHE_MIN ? m->peak : CACHE_MIN;
    int k = class_of(cap, &size);
    if (!CACHE || size != cap || cap > keep) {
        block_drop(S, p, cap);
        return;
    }
    if (m->spare_bytes + cap > keep) spares_drop(S); /* sizes that an earlier part of the program wanted */
    MemBlock *b = p;
    b->next = m->spare[k];
    b->cap = cap;
    m->spare[k] = b;
    m->spare_bytes += cap + HEAD;
}

void mem_trim(State *S)
{
    Mem *m = &S->mem;
    plans_trim(S);
    spares_drop(S);
    for (int k = 0; k < SMALL / SMALL_STEP; k++) {
        Spare **list = (Spare **)&S->spare_obj[k];
        while (*list) {
            Spare *p = *list;
            *list = p->next;
            raw_free(S, p, (size_t)(k + 1) * SMALL_STEP);
        }
    }
    m->spare_bytes = 0;
}
