/* mem.h -- the only door to the heap.
**
** Every block is asked for with its size and given back with the same size, so the state counts its
** bytes exactly and closing it must reach zero. Big blocks (tensor storage) come from a cache of size
** classes, since fresh pages cost more than the arithmetic on them; spare blocks count as used and
** are given back before a request is refused.
** SPDX-License-Identifier: MIT */
#ifndef DSC_MEM_H
#define DSC_MEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct State State;

/* NULL and DIAG_MEM set when the limit, the machine or the injected failure (S->mem.fail_at) refuses. */
void *mem_alloc(State *S, size_t n);
void *mem_try(State *S, size_t n); /* the same without an error: for what can do without */
void *mem_zalloc(State *S, size_t n);
void *mem_realloc(State *S, void *p, size_t old, size_t n);
void mem_free(State *S, void *p, size_t n);       /* p may be NULL */
char *mem_dup(State *S, const char *s, size_t n); /* n bytes and a NUL; free with n + 1 */

/* n * size + extra with overflow check; DIAG_SIZE and false when it does not fit. */
bool mem_size(State *S, size_t n, size_t size, size_t extra, size_t *out);

/* Growable array: makes room for one more item of *p (capacity *cap, count n), doubling. */
bool mem_grow(State *S, void **p, size_t *cap, size_t n, size_t item);
#define MEM_PUSH(S, v, n, cap) ((n) < (cap) || mem_grow((S), (void **)&(v), &(cap), (n), sizeof *(v)))

/* Tensor storage blocks, 64-byte aligned, cached by size class. *cap receives the true size. */
void *mem_block(State *S, size_t bytes, size_t *cap);
void mem_block_free(State *S, void *p, size_t cap);
void mem_trim(State *S);           /* give spare blocks back */
void *mem_host(void *p, size_t n); /* the C library's realloc, n 0 frees: for the State itself, before it can count */

typedef struct MemBlock MemBlock;
typedef struct Mem {
    void *(*realloc_fn)(void *ud, void *p, size_t old, size_t n); /* host's hook */
    void *ud;
    size_t bytes, peak, limit; /* limit 0 = none */
    int64_t fail_at;           /* > 0: the n-th request from now fails (tests) */
    MemBlock *spare[64];       /* free storage blocks by size class */
    size_t spare_bytes;
} Mem;
#endif
