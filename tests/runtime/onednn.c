/* onednn.c -- the product of runtime/ops/onednn.h against sums by hand: transposed or not, added or not, small and
** large, with gaps between rows, on one thread and inside of par_for. Passes where the library is missing.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "runtime/ops/onednn.h"
#include "runtime/threads.h"

static int failures;

static float at(const float *a, int64_t ld, bool t, int64_t i, int64_t j) { return t ? a[j * ld + i] : a[i * ld + j]; }

static void product(State *S, bool ta, bool tb, int64_t m, int64_t n, int64_t k, bool add)
{
    int64_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 1, ldc = n + 2;
    size_t na = (size_t)((ta ? k : m) * lda), nb = (size_t)((tb ? n : k) * ldb), nc = (size_t)(m * ldc);
    float *a = malloc((na + 1) * 4), *b = malloc((nb + 1) * 4), *c = malloc((nc + 1) * 4), *d = malloc((nc + 1) * 4);
    for (size_t i = 0; i < na; i++) a[i] = (float)(i * 37 % 101) / 64 - 0.75F;
    for (size_t i = 0; i < nb; i++) b[i] = (float)(i * 53 % 97) / 64 - 0.75F;
    for (size_t i = 0; i < nc; i++) c[i] = d[i] = add ? (float)(i % 7) : NAN;
    onednn_sgemm(S, ta, tb, m, n, k, a, lda, b, ldb, add, c, ldc);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double s = add ? (double)d[i * ldc + j] : 0, size = fabs(s);
            for (int64_t l = 0; l < k; l++) {
                double e = (double)at(a, lda, ta, i, l) * (double)at(b, ldb, tb, l, j);
                s += e;
                size += fabs(e);
            }
            if (!(fabs((double)c[i * ldc + j] - s) <= 1e-6 * size + 1e-12)) {
                if (failures++ < 5)
                    printf("%d%d %d x %d x %d: at %d, %d %g instead of %g\n", ta, tb, (int)m, (int)n, (int)k, (int)i,
                           (int)j, (double)c[i * ldc + j], s);
            }
        }
    for (int64_t i = 0; i < m; i++) /* what lies between the rows stays */
        for (int64_t j = n; j < ldc; j++) failures += add ? c[i * ldc + j] != d[i * ldc + j] : !isnan(c[i * ldc + j]);
    free(a), free(b), free(c), free(d);
}

typedef struct Job {
    State *S;
    const float *a, *b;
    float *c;
} Job;
enum { SIDE = 160, JOBS = 8 };
static void multiply(void *ud, int64_t lo, int64_t hi)
{
    Job *j = ud;
    for (int64_t i = lo; i < hi; i++)
        onednn_sgemm(j->S, false, true, SIDE, SIDE, SIDE, j->a, SIDE, j->b, SIDE, false, j->c + i * SIDE * SIDE, SIDE);
}

int main(void)
{
    State *S = state_new(NULL, NULL, 0);
    if (!onednn_open(S)) {
        state_free(S);
        return 0;
    }
    static const int64_t sizes[][3] = {{1, 1, 1},     {3, 5, 7},    {64, 64, 64}, {17, 130, 33},
                                       {1, 200, 300}, {200, 1, 65}, {5, 4, 0}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int how = 0; how < 8; how++) product(S, how & 1, how & 2, sizes[i][0], sizes[i][1], sizes[i][2], how & 4);
    /* the same bits on every thread */
    size_t n = (size_t)SIDE * SIDE;
    float *a = malloc(n * 4), *b = malloc(n * 4), *c = malloc(2 * JOBS * n * 4);
    for (size_t i = 0; i < n; i++) a[i] = sinf((float)i), b[i] = cosf((float)i);
    for (int turn = 0; turn < 2; turn++) {
        S->threads = turn ? 4 : 1;
        Job j = {S, a, b, c + (size_t)turn * JOBS * n};
        par_for(S, JOBS, 1, multiply, &j);
    }
    for (size_t i = 0; i < 2 * JOBS * n; i++) failures += c[i] != c[i % n];
    free(a), free(b), free(c);
    if (failures) printf("%d failures\n", failures);
    state_free(S);
    return failures != 0;
}
