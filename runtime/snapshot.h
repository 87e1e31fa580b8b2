/* snapshot.h -- a training run as a value, and going on from one.
**
** A snapshot holds a descend as it is when a `watch` begins, wherever in the watch snapshot() is called. A script that is
** resumed runs as usual until it enters the same descend for the same time; there everything is put back, the watch
** runs again from its start, and the run goes on bit for bit. What came before that descend comes about by running again,
** so a snapshot needs none of it but the random stream the script began with.
** SPDX-License-Identifier: MIT */
#ifndef DSC_SNAPSHOT_H
#define DSC_SNAPSHOT_H
#include "runtime/state.h"

/* Of a descend, what a snapshot holds; params and opt are the run's own. */
typedef struct RunState {
    Proto *proto;
    const Descend *d;
    size_t frame;
    Value *params;
    Opt **opt, **transform;
    int ntransforms;
    double **losses;
    size_t *nlosses, *caplosses;
    double *loss, *gnorm;
    Value it; /* what `over` goes through, or nil */
    double *pos;
    double seconds; /* so far */
    bool stop;      /* `until` has said so */
} RunState;

/* Variables of the function (and of the top level, when that is what runs) that watch and until may have assigned. */
typedef struct Held {
    RunState run;
    Value *entry, *now; /* when the descend was entered; when the watch began, or NULL outside of it */
    size_t nregs, n;
    Rng rng; /* when the watch began */
} Held;

/* A snapshot that is to be resumed. */
typedef struct Resume {
    char *path, *bytes;
    size_t len, cap;
    bool (*read)(State *S, const char *path, const char *bytes, size_t len, Value *out);
    bool checked; /* against the sources */
    uint32_t file, at;
    uint64_t entry; /* the descend it belongs to: by place, and how often that was entered */
} Resume;

bool held_open(State *S, Held *h, const RunState *run); /* nothing is held where no snapshot can be asked for */
bool held_begin(State *S, Held *h);                     /* a watch begins */
void held_end(State *S, Held *h);                       /* and ends */
void held_close(State *S, Held *h);
/* The run as a tree that .safetensors takes. */
bool snapshot_make(State *S, const Held *h, Value *out);

/* Is this where the run goes on? */
bool resume_here(const State *S, const Descend *d);
bool resume_apply(State *S, Held *h);
/* Before the script runs: does the snapshot belong to these sources? The script then begins with its random stream. */
bool resume_check(State *S);
/* After it ran: a snapshot whose descend was never reached is an error. */
bool resume_done(State *S);
void resume_drop(State *S);
#endif
