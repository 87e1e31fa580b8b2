/* base_rng.c -- Philox against the vectors published with Random123, and the moments of draws.
**
** source: kat_vectors of Random123 1.14 (Salmon et al. 2011), philox4x32, 10 rounds
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "tests/runtime/check.h"

static const struct {
    uint32_t ctr[4], key[2], want[4];
} vectors[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

int main(void)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint32_t out[4];
        philox4x32(vectors[i].ctr, vectors[i].key, out);
        CHECK(!memcmp(out, vectors[i].want, sizeof out), "vector %zu", i);
    }
    Rng r, s;
    rng_seed(&r, 42);
    rng_seed(&s, 43);
    CHECK(r.key != s.key && r.draw == 0);
    CHECK(rng_take(&r) == 0 && rng_take(&r) == 1);
    Rng a = rng_fold(&r, 0, 1), b = rng_fold(&r, 0, 2), c = rng_fold(&r, 1, 1);
    CHECK(a.key != b.key && a.key != c.key && b.key != c.key && a.key != r.key);
    enum { N = 200000 };
    double sum = 0, square = 0, cross = 0, last = 0, usum = 0, lo = 1, hi = 0;
    for (uint64_t i = 0; i < N; i++) {
        double x = rng_normal(r.key, 3, i), u = rng_uniform(r.key, 4, i);
        sum += x;
        square += x * x;
        cross += x * last;
        last = x;
        usum += u;
        lo = fmin(lo, u);
        hi = fmax(hi, u);
    }
    CHECK(fabs(sum / N) < 0.01 && fabs(square / N - 1) < 0.015 && fabs(cross / N) < 0.01);
    CHECK(fabs(usum / N - 0.5) < 0.003 && lo >= 0 && hi < 1 && lo < 1e-4 && hi > 0.9999);
    CHECK(rng_uniform(r.key, 0, 7) == rng_uniform(r.key, 0, 7) && rng_uniform(r.key, 0, 7) != rng_uniform(r.key, 1, 7));
    return failures != 0;
}
