/* modules.h -- finding and compiling what `use` names: baked-in modules and files.
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_MODULES_H
#define DSC_MODULES_H
#include "runtime/state.h"

/* A module written in Descent that is part of the library (stdlib/NAME.gd); the table ends in a NULL name. */
typedef struct BakedModule {
    const char *name, *text;
    size_t len;
} BakedModule;
extern const BakedModule baked_modules[];

/* The module that `use` names in source `from`: "nn", or with is_path "file.gd" relative to that source. Compiles it
** at first sight, runs nothing. Mistakes (no such module, a circle, errors in its text) are reported with
** diag_report; false then, and when memory is refused. *out is owned by S->modules. */
bool module_use(State *S, Span at, const char *name, bool is_path, uint32_t from, Module **out);
#endif
