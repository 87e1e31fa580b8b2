/* compile.h -- text to protos.
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_COMPILE_H
#define DSC_COMPILE_H
#include "lang/resolve.h"

/* Parses, resolves and compiles a source (source_add) into `m`, which may hold names already (the prompt, a host's
** globals). On success *main is the top level, owned by m->main too; nothing has run. False: errors are in
** S->reports, or S->err is set when memory was refused; `m` is as it was. */
bool compile_source(State *S, uint32_t file, CompileMode mode, Module *m, Proto **main);
#endif
