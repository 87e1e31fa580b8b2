/* rows.h -- loops over one contiguous row: what normalisations, softmax and cross entropy are made of.
**
** rows.inc holds the bodies, for both float widths; like each.inc it is compiled once for each instruction set.
** Sums run in vectors of one fixed width whatever the processor has, and chunks of them are added in double, so
** results do not depend on the instruction set.
** SPDX-License-Identifier: MIT */
#ifndef DSC_ROWS_H
#define DSC_ROWS_H
#include <stdbool.h>
#include <stdint.h>

/* A row's place and scale: xhat = (x - mean) * r. */
typedef struct RowStats {
    double mean, r;
} RowStats;

typedef struct RowLoops {
    /* mean (0 unless centre) and r = 1 / sqrt(mean square distance from it + eps), 0 where that is 0 */
    RowStats (*stats)(int64_t m, const void *x, double eps, bool centre);
    /* y = xhat * gain + bias; NULL: 1 and 0 */
    void (*place)(int64_t m, const void *x, RowStats s, const void *gain, const void *bias, void *y);
    /* y = r (v - mean(v) - xhat mean(xhat v)), v = u * gain; without the mean of v unless centre */
    void (*slope)(int64_t m, const void *x, const void *u, const void *gain, RowStats s, bool centre, void *y);
    /* dg += u * xhat, db += u */
    void (*gather)(int64_t m, const void *x, const void *u, RowStats s, void *dg, void *db);
    double (*largest)(int64_t m, const void *x); /* a NaN may be passed over */
    double (*sum)(int64_t m, const void *x);
    double (*dot)(int64_t m, const void *x, const void *y);
    void (*shift)(int64_t m, const void *x, double by, void *y);          /* y = x - by */
    void (*scale)(int64_t m, const void *x, double by, void *y);          /* y = x * by */
    void (*add)(int64_t m, const void *x, void *y);                       /* y += x */
    void (*damp)(int64_t m, const void *p, double d, double by, void *y); /* y = p * (y - d) * by, 0 where p is 0 */
} RowLoops;

extern const RowLoops rows_base[2], rows_v3[2], rows_v4[2]; /* [DT_F64], [DT_F32] */
const RowLoops *rows_pick(int dtype);                       /* for this processor */
#endif
