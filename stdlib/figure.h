/* figure.h -- what plot, hist, heat, image and contour give, and how it is shown.
**
** A figure is a list whose first item, `figure`, names its kind: "plot", "bars", "heat", "image" or "contour". The rest is
** data: it can be looked at, saved like any tree, and shown in three ways that draw the same picture: as text with braille
** dots, as SVG, as PNG.
** SPDX-License-Identifier: MIT */
#ifndef DSC_FIGURE_H
#define DSC_FIGURE_H
#include "runtime/state.h"

bool is_figure(Value v);
bool figure_text(State *S, Buf *b, Value v); /* in colour and as wide as the state's terminal is */
bool figure_svg(State *S, Buf *b, Value v);
bool figure_png(State *S, Buf *b, Value v);
#endif
