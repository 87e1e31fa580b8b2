/* rng.h -- counter-based random numbers: Philox4x32-10.
**
** A draw is (key, counter): the key comes from the seed and, inside comprehensions, from the item; the
** counter is (draw number, block). So a draw depends on when the program reached it, never on threads.
** cite  Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"
** SPDX-License-Identifier: MIT */
#ifndef DSC_RNG_H
#define DSC_RNG_H
#include <stdint.h>

typedef struct Rng {
    uint64_t key;   /* of the running stream */
    uint64_t draw;  /* number of the next draw */
    uint64_t taken; /* draws so far, of any stream: tells whether something drew */
} Rng;

void philox4x32(const uint32_t ctr[4], const uint32_t key[2], uint32_t out[4]);
void rng_seed(Rng *r, uint64_t seed);
/* Takes the next draw number of the stream. */
static inline uint64_t rng_take(Rng *r)
{
    r->taken++;
    return r->draw++;
}
/* Another stream; what was drawn stays counted. */
static inline void rng_switch(Rng *r, Rng next)
{
    next.taken = r->taken;
    *r = next;
}
/* Block `i` of draw `draw` under `key`: four 32-bit words. */
void rng_block(uint64_t key, uint64_t draw, uint64_t i, uint32_t out[4]);
/* Element i of a draw: uniform in [0, 1) with 53 bits; standard normal (Box-Muller on pairs of elements). */
double rng_uniform(uint64_t key, uint64_t draw, uint64_t i);
double rng_normal(uint64_t key, uint64_t draw, uint64_t i);
uint64_t rng_bits(uint64_t key, uint64_t draw, uint64_t i);
/* The stream of item `item` of the comprehension that took counter `draw`. */
Rng rng_fold(const Rng *r, uint64_t draw, uint64_t item);
#endif
