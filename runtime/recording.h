/* recording.h -- a recording that is kept when its level closes, to be swept later, often, and inside other derivatives.
**
** It is an object that scripts never see, held by the function that sweeps it. It belongs to the arguments and the function
** that were recorded, the very objects: a closure that a derivative has stripped or lifted on its way holds others, and then
** the recording does not count.
** SPDX-License-Identifier: MIT */
#ifndef DSC_RECORDING_H
#define DSC_RECORDING_H
#include "runtime/tape.h"
#include "runtime/vm.h"

extern const StreamDef recording_def;
/* Opens a reverse level for f(args...), args a list. *rec: owned; nil, with no level opened, where a recording cannot be kept
** (items run as one, --dump=tape). Then recording_keep or recording_drop. */
bool recording_open(State *S, Value f, Value args, Value *rec);
/* Closes the level and keeps what it recorded; y: the result, lifted: a list, nil where an argument was not lifted. When it
** fails the recording is to be released, no more. */
bool recording_keep(State *S, Value rec, Value y, Value lifted_take);
void recording_drop(State *S, Value rec_take); /* closes the level, whatever happened in it */
/* Can it be swept here? */
bool recording_usable(State *S, Value rec, Value f, Value args);
/* out (as long as lifted, nil) gets the cotangents of the arguments for the cotangent dy of the result. */
bool recording_pull(State *S, Value rec, Value dy, List *out);
#endif
