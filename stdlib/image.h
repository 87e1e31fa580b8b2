/* image.h -- pictures as PNG bytes, for whoever draws one.
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_IMAGE_H
#define DSC_IMAGE_H
#include "runtime/state.h"

/* Appends a PNG file to *out: h rows of w pixels of 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) bytes, from the
** top left. False with the error set; a build without images (MINIMAL=1) says so. */
bool png_encode(State *S, int h, int w, int channels, const uint8_t *pixels, Buf *out);
#endif
