/* rng.c -- Philox4x32-10 and what is drawn from it.
**
** A block of four 32-bit words is philox(counter, key) with
**
**   counter   block i, low and high half | draw number, low and high half
**   key       the stream's 64 bits, low and high half
**
** An element takes 64 bits, so block i holds elements 2i and 2i + 1. A pair of normals is the Box-Muller
** pair of one block. The key of a seed, and of an item of a comprehension, is itself a Philox block, so
** neighbouring seeds and items have unrelated streams.
** cite  Salmon et al. 2011; Box and Muller 1958, "A note on the generation of random normal deviates"
** SPDX-License-Identifier: MIT */
#include "runtime/rng.h"
#include <math.h>

void philox4x32(const uint32_t ctr[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = ctr[0], c1 = ctr[1], c2 = ctr[2], c3 = ctr[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void rng_block(uint64_t key, uint64_t draw, uint64_t i, uint32_t out[4])
{
    const uint32_t ctr[4] = {(uint32_t)i, (uint32_t)(i >> 32), (uint32_t)draw, (uint32_t)(draw >> 32)};
    const uint32_t k[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    philox4x32(ctr, k, out);
}

/* A key from another key and two words. */
static uint64_t key_of(uint64_t key, uint64_t a, uint64_t b)
{
    uint32_t w[4];
    rng_block(key, a, b, w);
    return (uint64_t)w[1] << 32 | w[0];
}

void rng_seed(Rng *r, uint64_t seed)
{
    r->key = key_of(seed, UINT64_MAX, 0);
    r->draw = 0;
    r->taken++;
}

Rng rng_fold(const Rng *r, uint64_t draw, uint64_t item)
{
    /* the counter of a fold lies beyond those of draws: block numbers of draws stay below 2^63 */
    return (Rng){key_of(r->key, draw, item | (uint64_t)1 << 63), 0, r->taken};
}

uint64_t rng_bits(uint64_t key, uint64_t draw, uint64_t i)
{
    uint32_t w[4];
    rng_block(key, draw, i >> 1, w);
    return i & 1 ? (uint64_t)w[3] << 32 | w[2] : (uint64_t)w[1] << 32 | w[0];
}

double rng_uniform(uint64_t key, uint64_t draw, uint64_t i) { return (double)(rng_bits(key, draw, i) >> 11) * 0x1p-53; }

double rng_normal(uint64_t key, uint64_t draw, uint64_t i)
{
    uint64_t even = i & ~(uint64_t)1;
    double u = ((double)(rng_bits(key, draw, even) >> 11) + 1) * 0x1p-53; /* (0, 1]: its log is finite */
    double v = (double)(rng_bits(key, draw, even | 1) >> 11) * 0x1p-53;
    double radius = sqrt(-2 * log(u)), angle = 6.283185307179586476925286766559 * v;
    return radius * (i & 1 ? sin(angle) : cos(angle));
}
