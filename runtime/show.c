/* show.c -- what print shows of a tensor.
**
**   [1, 0.5, 2.25]            vectors: no padding
**   [[  1,   2],              more axes: rows on lines, one common width, a blank line between matrices
**    [ 30, 400]]
**   [0, 1, 2, ..., 9998, 9999]  shape [10000]
**
** Floats show up to 6 significant digits (8 from 100000 on) and whole ones no point, integers all digits. Above
** 1000 elements each long axis shows its edges, and the shape follows. Lines break at 100 columns.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/tensor.h"

enum { SHOW_ALL = 1000, EDGE = 3, COLUMNS = 100 };

typedef struct Show {
    Buf *b;
    const Tensor *t;
    int head[RANK_MAX], tail[RANK_MAX]; /* shown at each end of an axis; tail -1: all of it */
    int width, column;
    bool wrap;
} Show;

static int element(const Tensor *t, int64_t at, char out[48])
{
    const char *p = (const char *)t->st->data + at * dtype_size[t->dtype];
    switch ((DType)t->dtype) {
    case DT_I64: return snprintf(out, 48, "%lld", (long long)*(const int64_t *)(const void *)p);
    case DT_I32: return snprintf(out, 48, "%d", (int)*(const int32_t *)(const void *)p);
    case DT_U8: return snprintf(out, 48, "%d", (int)*(const uint8_t *)p);
    case DT_BOOL: return snprintf(out, 48, "%s", *p ? "true" : "false");
    case DT_F64:
    case DT_F32:
    case DT_COUNT: break;
    }
    double v = t->dtype == DT_F32 ? (double)*(const float *)(const void *)p : *(const double *)(const void *)p;
    if (v == 0) v = 0; /* no sign */
    if (isfinite(v) && !(v == trunc(v) && fabs(v) < 1e15)) {
        char digits[32];
        snprintf(digits, sizeof digits, "%.*g", fabs(v) >= 1e5 ? 8 : 6, v);
        v = strtod(digits, NULL);
    }
    return num_format(out, v);
}

static int64_t stride(const Tensor *t, int axis) { return t->dim[t->rank + axis]; }

/* Calls out the indices of an axis that are shown; -1 stands for "...". Returns the next after i, or dim at the end. */
static int64_t next_shown(const Show *s, int axis, int64_t i)
{
    int64_t d = s->t->dim[axis];
    i++;
    return s->tail[axis] >= 0 && i == s->head[axis] && s->head[axis] + s->tail[axis] < d ? d - s->tail[axis] : i;
}
static bool gap_after(const Show *s, int axis, int64_t i)
{
    return s->tail[axis] >= 0 && i + 1 == s->head[axis] && s->head[axis] + s->tail[axis] < s->t->dim[axis];
}

static int widest(const Show *s, int axis, int64_t at)
{
    int w = 0;
    char text[48];
    for (int64_t i = 0; i < s->t->dim[axis]; i = next_shown(s, axis, i)) {
        int64_t to = at + i * stride(s->t, axis);
        int n = axis == s->t->rank - 1 ? element(s->t, to, text) : widest(s, axis + 1, to);
        if (n > w) w = n;
    }
    return w;
}

static void put(Show *s, const char *text, int n)
{
    buf_put(s->b, text, (size_t)n);
    s->column += n;
}

static void new_line(Show *s, int lines, int indent)
{
    for (int i = 0; i < lines; i++) buf_put(s->b, "\n", 1);
    for (int i = 0; i < indent; i++) buf_put(s->b, " ", 1);
    s->column = indent;
}

static void row(Show *s, int axis, int64_t at)
{
    char text[48];
    int64_t d = s->t->dim[axis];
    for (int64_t i = 0; i < d; i = next_shown(s, axis, i)) {
        int n = element(s->t, at + i * stride(s->t, axis), text), w = n > s->width ? n : s->width;
        if (i) {
            put(s, ",", 1);
            if (s->wrap && s->column + 1 + w + 1 > COLUMNS) new_line(s, 1, axis + 1);
            else put(s, " ", 1);
        }
        for (int k = n; k < s->width; k++) put(s, " ", 1);
        put(s, text, n);
        if (gap_after(s, axis, i)) put(s, ", ...", 5);
    }
}

static void level(Show *s, int axis, int64_t at)
{
    put(s, "[", 1);
    if (axis == s->t->rank - 1) {
        row(s, axis, at);
    } else {
        int lines = s->t->rank - 1 - axis;
        for (int64_t i = 0; i < s->t->dim[axis]; i = next_shown(s, axis, i)) {
            if (i) {
                put(s, ",", 1);
                new_line(s, lines, axis + 1);
            }
            level(s, axis + 1, at + i * stride(s->t, axis));
            if (!gap_after(s, axis, i)) continue;
            put(s, ",", 1);
            new_line(s, 1, axis + 1);
            put(s, "...", 3);
        }
    }
    put(s, "]", 1);
}

static int64_t shown(const Show *s)
{
    int64_t n = 1;
    for (int k = 0; k < s->t->rank; k++) n *= s->tail[k] < 0 ? s->t->dim[k] : s->head[k] + s->tail[k];
    return n;
}

bool tensor_show(State *S, Buf *b, Tensor *t)
{
    if (!tensor_force(S, t)) return false;
    if (t->n == 0) {
        buf_puts(b, "[]");
        if (t->rank > 1) {
            buf_puts(b, "  shape ");
            shape_text(b, t->rank, tensor_shape(t));
        }
        return !b->failed;
    }
    char text[48];
    if (t->rank == 0) {
        buf_put(b, text, (size_t)element(t, t->offset, text));
        return !b->failed;
    }
    Show s = {.b = b, .t = t};
    bool summary = t->n > SHOW_ALL;
    for (int k = 0; k < t->rank; k++) {
        bool cut = summary && t->dim[k] > 2 * EDGE;
        s.head[k] = cut ? EDGE : (int)(t->dim[k] < SHOW_ALL ? t->dim[k] : SHOW_ALL);
        s.tail[k] = cut ? EDGE : -1;
    }
    for (int k = 0; k < t->rank && summary && shown(&s) > SHOW_ALL; k++) {
        s.head[k] = 1; /* many axes: only the first of the outer ones */
        s.tail[k] = 0;
    }
    int w = widest(&s, 0, t->offset);
    int64_t last = s.tail[t->rank - 1] < 0 ? t->dim[t->rank - 1] : s.head[t->rank - 1] + s.tail[t->rank - 1];
    s.wrap = last * (w + 2) > COLUMNS;
    if (t->rank > 1 || (s.wrap && !summary)) s.width = w;
    level(&s, 0, t->offset);
    if (summary) {
        buf_puts(b, "  shape ");
        shape_text(b, t->rank, tensor_shape(t));
    }
    return !b->failed;
}
