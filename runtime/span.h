/* span.h -- a piece of source text: which file, where, how long.
**
** Lines and columns are worked out only when something is reported (diag.c).
** SPDX-License-Identifier: MIT */
#ifndef DSC_SPAN_H
#define DSC_SPAN_H
#include <stdint.h>

typedef struct Span {
    uint32_t file; /* index into the state's sources, from 1; 0 = nowhere */
    uint32_t off;  /* byte offset */
    uint32_t len;  /* bytes */
} Span;

#define SPAN_NONE ((Span){0, 0, 0})
static inline Span span_join(Span a, Span b)
{
    if (!a.file) return b;
    if (!b.file || b.file != a.file) return a;
    uint32_t lo = a.off < b.off ? a.off : b.off;
    uint32_t ha = a.off + a.len, hb = b.off + b.len;
    return (Span){a.file, lo, (ha > hb ? ha : hb) - lo};
}
#endif
