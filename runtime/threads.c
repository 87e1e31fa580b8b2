/* threads.c -- splitting work over OpenMP's threads.
** SPDX-License-Identifier: MIT */
#include "runtime/threads.h"
#include "runtime/state.h"
#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_num_procs(void) { return 1; }
static int omp_in_parallel(void) { return 1; }
static int omp_get_thread_num(void) { return 0; }
static int omp_get_num_threads(void) { return 1; }
#endif

int par_most(void) { return omp_get_num_procs(); }

int par_threads(State *S, int64_t spans)
{
    if (S->threads < 2 || spans < 2 || omp_in_parallel()) return 1;
    return spans < S->threads ? (int)spans : S->threads;
}

int64_t par_grain(double ns)
{
    double n = PAR_NS / (ns < 1e-3 ? 1e-3 : ns);
    return n < 1 ? 1 : (int64_t)n;
}

void par_for(State *S, int64_t n, int64_t grain, ParBody body, void *ud)
{
    int t = par_threads(S, grain > 1 ? n / grain : n);
    if (t < 2) {
        if (n > 0) body(ud, 0, n);
        return;
    }
#pragma omp parallel num_threads(t)
    {
        /* fewer threads than asked for may come */
        int64_t k = omp_get_thread_num(), of = omp_get_num_threads();
        int64_t lo = n * k / of, hi = n * (k + 1) / of;
        if (lo < hi) body(ud, lo, hi);
    }
}

void par_each(State *S, int64_t n, ParBody body, void *ud)
{
    int t = par_threads(S, n);
    if (t < 2) {
        for (int64_t i = 0; i < n; i++) body(ud, i, i + 1);
        return;
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(t)
    for (int64_t i = 0; i < n; i++) body(ud, i, i + 1);
}
