/* builtin.h -- what a script can call that is written in C: one BUILTIN entry above its body.
**
**   BUILTIN(concat, "concat(list, axis: 0)", "Joins tensors along an axis.")
**   {
**       int64_t axis;
**       if (!arg_int(c, 1, &axis)) return false;
**       return op_concat(...);
**   }
**
** The signature is parsed once: names, defaults (numbers, nil, true, false, strings), `...rest` last (a list). The
** call receives exactly one value per parameter, in order. Arguments are borrowed; *c->out is owned.
** The Makefile collects lines starting with BUILTIN( into build/builtin_list.h.
** SPDX-License-Identifier: MIT */
#ifndef DSC_BUILTIN_H
#define DSC_BUILTIN_H
#include "runtime/op.h"
#include "runtime/state.h"

typedef struct Call {
    State *S;
    const Builtin *builtin;
    Closure *self;    /* for built-in closures with captures */
    const Value *arg; /* one per parameter; UNSET where nothing was given and there is no default (marked `name?`) */
    int n;
    Value *out; /* NIL at entry */
} Call;

struct Builtin {
    const char *name;
    const char *sig; /* "sum(x, axis: nil, keep: false)"; a parameter written `axis?` may be missing (UNSET) */
    const char *doc; /* first sentence; then units, errors, source (paper, equation), example */
    bool (*fn)(Call *c);
    int op;            /* OpId for operations straight from the table, else -1 */
    const char *group; /* file it comes from */
};

#define BUILTIN(id, sig_, doc_)                                                                                        \
    static bool bi_##id(Call *c);                                                                                      \
    const Builtin bdef_##id = {#id, sig_, doc_, bi_##id, -1, __FILE__};                                                \
    static bool bi_##id(Call *c)

/* The value of a built-in name (function, or number for pi), owned by the table; NULL when there is none. `op_*`
** entries are included. Built lazily and kept by the state. */
bool builtin_find(State *S, const char *name, Value *out); /* owned; false without error when unknown */
size_t builtin_count(void);
const Builtin *builtin_at(size_t i); /* sorted by name */
/* An anonymous built-in closure with captures (derivatives, schedules): b is a static const. */
Value builtin_closure(State *S, const Builtin *b, const Value *caps, int n);
/* Calls a built-in closure: binds positional and named arguments to the signature. */
bool builtin_call(State *S, Closure *f, const Value *args, Str *const *names, int n, Value *out);

void builtin_deinit(State *S); /* drops the parsed signatures */

/* ---- arguments: errors name the built-in, the parameter and what came ---- */
bool arg_num(Call *c, int i, double *out);  /* a number (any level: its plain value) */
bool arg_int(Call *c, int i, int64_t *out); /* a whole number */
bool arg_bool(Call *c, int i, bool *out);
bool arg_str(Call *c, int i, Str **out); /* borrowed */
bool arg_list(Call *c, int i, List **out);
bool arg_tensor(Call *c, int i, Value *out); /* tensor as it is (any level); numbers are refused */
bool arg_fn(Call *c, int i, Value *out);     /* anything callable */
bool arg_given(Call *c, int i);              /* neither UNSET nor nil */
/* sizes: one list of sizes, one range-less tensor of whole numbers, or all remaining arguments (rest list) from i */
bool arg_shape(Call *c, int i, int *rank, int64_t *shape);
bool arg_axes(Call *c, int i, int rank, int *axes, int *n); /* nil: n = 0; a number or a list; negative allowed; E0226 */
bool arg_axis(Call *c, int i, int rank, int *axis);
/* plain tensor (level 0 payload), settled, contiguous, of dtype: for code that reads data. Owned. */
bool arg_data(Call *c, int i, DType dt, Tensor **out);
/* split(x, parts, axis) of a tensor (stdlib/tensor.c); split itself also takes strings (stdlib/core.c) */
bool tensor_split(Call *c, Value x, Value parts, Value axis);
bool arg_fail(Call *c, int i, const char *want); /* "sum: `axis` takes a number, not a string" */
#endif
