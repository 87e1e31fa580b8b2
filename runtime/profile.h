/* profile.h -- where the time of a run goes, for `descent profile`.
**
** One clock is handed from phase to phase: entering a phase stops the one around it, so the times of all phases add up
** to the time of the run. Steps and operations have a frame of their own each: own time goes to their kind and to the
** source lines they come from. With S->profile NULL nothing is measured.
** SPDX-License-Identifier: MIT */
#ifndef DSC_PROFILE_H
#define DSC_PROFILE_H
#include "runtime/op.h"

typedef enum ProfilePhase {
    PHASE_REST, /* the interpreter, and built-ins that are no tensor operation */
    PHASE_RECORD,
    PHASE_FIND,
    PHASE_BUILD,
    PHASE_BIND, /* storage before the steps, results after them */
    PHASE_STEP,
    PHASE_ONCE, /* operations that run without a plan */
    PHASE_SWEEP,
    PHASE_OPTIM,
    PHASE_COUNT
} ProfilePhase;

typedef struct ProfileFrame {
    struct ProfileFrame *up;
    double own, start;
    ProfilePhase phase;
} ProfileFrame;

typedef struct Profile Profile;
bool profile_open(State *S); /* S->profile */
void profile_close(State *S);
void profile_enter(State *S, ProfileFrame *f, ProfilePhase phase);
void profile_leave(State *S, ProfileFrame *f);
/* Within a phase, when somebody measures. */
#define PROFILE_IN(S, f, phase) ((S)->profile ? profile_enter((S), &(f), (phase)) : (void)0)
#define PROFILE_OUT(S, f) ((S)->profile ? profile_leave((S), &(f)) : (void)0)

bool profile_run(Run *r); /* the kernel of one operation, measured */
struct PlanRun;
struct PlanStep;
bool profile_step(struct PlanRun *p, const struct PlanStep *s);
/* Writes the report: title is the script's name. */
void profile_report(State *S, const char *title, Buf *b);

/* What an operation costs by its kind and shapes, as one counts on paper: floating-point operations (a function such
** as exp is one), and bytes of distinct elements read and written. */
double op_flops(const Run *r);
double op_bytes(const Run *r);
#endif
