/* each_base.c -- the element-wise loops for any processor, and the choice among the three tables.
** SPDX-License-Identifier: MIT */
#define EACH_TABLE kernels_base
#include "runtime/kernels/each.inc"

const LoopRow *kernels_at(int isa)
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    isa = kernels_level(isa);
    if (isa == ISA_V4) return kernels_v4;
    if (isa == ISA_V3) return kernels_v3;
#endif
    (void)isa;
    return kernels_base;
}
const LoopRow *kernels_pick(void) { return kernels_at(ISA_BEST); }

void loop_each1(int64_t n, const void *const *x, const int *s, void *y, const void *fn)
{
    double (*f)(double) = *(double (*const *)(double))fn;
    const double *a = x[0];
    double *out = y;
    for (int64_t i = 0; i < n; i++) out[i] = f(a[i * s[0]]);
}

void loop_each2(int64_t n, const void *const *x, const int *s, void *y, const void *fn)
{
    double (*f)(double, double) = *(double (*const *)(double, double))fn;
    const double *a = x[0], *b = x[1];
    double *out = y;
    for (int64_t i = 0; i < n; i++) out[i] = f(a[i * s[0]], b[i * s[1]]);
}

void loop_each3(int64_t n, const void *const *x, const int *s, void *y, const void *fn)
{
    double (*f)(double, double, double) = *(double (*const *)(double, double, double))fn;
    const double *a = x[0], *b = x[1], *c = x[2];
    double *out = y;
    for (int64_t i = 0; i < n; i++) out[i] = f(a[i * s[0]], b[i * s[1]], c[i * s[2]]);
}
