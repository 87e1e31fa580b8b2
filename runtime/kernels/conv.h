/* conv.h -- loops of direct convolution in f32: channels of the result in the lanes of vectors.
**
** conv.inc holds the bodies for the two instruction sets that have fused multiply-add; other processors have no table
** and take the way through columns and products (runtime/ops/conv.c). A row of the result is made in registers: some
** positions at once, for each of them one or two vectors of channels; every element of x is broadcast, and the kernel
** lies as its channels are wanted. The slope by the kernel keeps taps in registers instead, and runs over positions.
** SPDX-License-Identifier: MIT */
#ifndef DSC_CONV_LOOPS_H
#define DSC_CONV_LOOPS_H
#include <stdint.h>

enum { CONV_LANES = 32 /* at most, in a block of channels */, CONV_LINES = 16 /* at most, at once in .kernel */ };

/* One row of a block of channels of the result: y[p][lane] = sum over c, l, j of x[c, l][p + tap[j]] k[c, l, j][lane]. */
typedef struct ConvRow {
    const float *x, *k;
    int64_t planes, plane, kplane; /* c: how many, how far apart in x and in k */
    int64_t lines, line;           /* l; in k they follow each other */
    int64_t taps;
    const int64_t *tap;
    float *y;
    int64_t n, step; /* positions; floats between them in y */
} ConvRow;

/* Rows of few channels of the result, positions in the lanes: y[e][q][p] = sum over c, l, j of
** x[c, l][q row + p + tap[j]] k[c, l, j][e]. May read one vector beyond the last position. */
typedef struct ConvFlat {
    const float *x, *k; /* k: eight lanes for each tap */
    int64_t planes, plane, kplane;
    int64_t lines, line;
    int64_t taps;
    const int64_t *tap;
    float *y;
    int64_t n, rows, row; /* p; q, floats between them in x */
    int64_t yplane, yrow;
} ConvFlat;

/* Sums over positions: y[l][j][lane] += sum over r, q of x[l][r row + q + j] g[r cols + q][lane]. */
typedef struct ConvSums {
    const float *x[CONV_LINES];
    float *y[CONV_LINES];
    const float *g;
    int64_t rows, cols, row;
} ConvSums;

typedef struct ConvLoops {
    int widest;                                    /* lanes of the widest vector, 8 or 16 */
    void (*row)(int lanes, const ConvRow *r);      /* lanes 8, 16 or 32 */
    void (*flat)(int channels, const ConvFlat *r); /* at most 8 channels; NULL where .row is as fast */
    /* width: taps of a line that lie next to each other, 1, 3 or 5; lanes 8 or 16 */
    void (*sums)(int lanes, int width, int lines, const ConvSums *s);
    int lines[6]; /* at most for .sums, by width */
    void (*gather)(int lanes, int channels, int64_t n, const float *x, int64_t plane, float *y);  /* to [n][lanes] */
    void (*scatter)(int lanes, int channels, int64_t n, const float *x, float *y, int64_t plane); /* and back */
} ConvLoops;

extern const ConvLoops conv_v3, conv_v4;
const ConvLoops *conv_pick(void); /* NULL: none for this processor */
#endif
