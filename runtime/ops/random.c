/* random.c -- filling a tensor from one draw. The draw's key and number are attributes, taken when the program
** reached the call, so the numbers do not depend on when, or on how many threads, the node runs.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/op.h"
#include "runtime/ops/random.h"
#include "runtime/state.h"
#include "runtime/threads.h"

enum { AT_KIND, AT_KEY, AT_DRAW, AT_A, AT_B, AT_DTYPE, AT_SHAPE };

static bool infer_random(Infer *f)
{
    f->dtype = (DType)f->attr[AT_DTYPE].i;
    f->rank = f->nattr - AT_SHAPE;
    for (int k = 0; k < f->rank; k++) f->shape[k] = f->attr[AT_SHAPE + k].i;
    return true;
}

/* Elements 2k and 2k + 1 share a block of the generator, so they are made together; each is what rng_uniform and
** rng_normal give for it. */
static void pair(RandomKind kind, uint64_t key, uint64_t draw, uint64_t k, double v[2])
{
    uint32_t w[4];
    rng_block(key, draw, k, w);
    uint64_t p = ((uint64_t)w[1] << 32 | w[0]) >> 11, q = ((uint64_t)w[3] << 32 | w[2]) >> 11;
    if (kind != RANDOM_NORMAL) {
        v[0] = (double)p * 0x1p-53;
        v[1] = (double)q * 0x1p-53;
        return;
    }
    double radius = sqrt(-2 * log(((double)p + 1) * 0x1p-53)),
           angle = 6.283185307179586476925286766559 * ((double)q * 0x1p-53);
    v[0] = radius * cos(angle);
    v[1] = radius * sin(angle);
}

enum { BLOCK = 1024 }; /* elements of a piece */

static void random_body(void *ud, int64_t lo, int64_t hi)
{
    const Run *r = ud;
    const Attr *at = r->attr;
    uint64_t key = (uint64_t)at[AT_KEY].i, draw = (uint64_t)at[AT_DRAW].i;
    double a = at[AT_A].f, b = at[AT_B].f, v[2];
    RandomKind kind = (RandomKind)at[AT_KIND].i;
    int64_t n = hi * BLOCK < r->y.n ? hi * BLOCK : r->y.n;
    double *y = r->y.p;
    float *z = r->y.p;
    bool wide = r->y.dtype == DT_F64;
    for (int64_t i = lo * BLOCK; i < n; i += 2) {
        pair(kind, key, draw, (uint64_t)i >> 1, v);
        for (int k = 0; k < 2 && i + k < n; k++) {
            double u = v[k];
            if (kind == RANDOM_NORMAL) {
                u = a + b * u;
            } else {
                if (!wide) u = floor(u * 0x1p24) * 0x1p-24; /* stays below 1 as a float */
                u = kind == RANDOM_BERNOULLI ? u < a : a + (b - a) * u;
            }
            if (wide) y[i + k] = u;
            else z[i + k] = (float)u;
        }
    }
}

static bool random_run(Run *r)
{
    double ns = r->attr[AT_KIND].i == RANDOM_NORMAL ? 20 : 8;
    return par_work(r->S, (r->y.n + BLOCK - 1) / BLOCK, ns * BLOCK, random_body, r);
}

OP(random, .nin = 0, .flags = OPF_RANDOM | OPF_HIDDEN | OPF_ZERO, .infer = infer_random, .run = random_run,
   .doc = "Random numbers of one draw: uniform, normal or bernoulli.")

bool random_fill(State *S, RandomKind kind, double a, double b, int rank, const int64_t *shape, Value *out)
{
    Attr at[AT_SHAPE + RANK_MAX];
    at[AT_KIND].i = kind;
    at[AT_KEY].i = (int64_t)S->rng.key;
    at[AT_DRAW].i = (int64_t)rng_take(&S->rng);
    at[AT_A].f = a;
    at[AT_B].f = b;
    at[AT_DTYPE].i = rank ? default_float(S) : DT_F64;
    for (int k = 0; k < rank; k++) at[AT_SHAPE + k].i = shape[k];
    return op_apply(S, OPID_random, NULL, 0, at, AT_SHAPE + rank, out);
}
