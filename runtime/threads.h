/* threads.h -- work split over the threads that a state may use.
**
** Each state has threads of its own, made at the first work that is worth them; libraries that we call use one thread,
** inside of our pieces. Results never depend on how many threads there are: a body gives the same bits however [0, n) is
** cut, or the caller cuts by size and lets [0, n) count the pieces.
** SPDX-License-Identifier: MIT */
#ifndef DSC_THREADS_H
#define DSC_THREADS_H
#include <stdbool.h>
#include <stdint.h>

typedef struct State State;

/* Does [lo, hi) of something; on several threads at once, so it may not touch the state. */
typedef void (*ParBody)(void *ud, int64_t lo, int64_t hi);

/* Runs body over [0, n) in spans of at least `grain`, at once when there is one span or one thread: pieces that are
** about as long as each other. */
void par_for(State *S, int64_t n, int64_t grain, ParBody body, void *ud);
/* The same, pieces handed out one after another: for n pieces of unequal cost. */
void par_each(State *S, int64_t n, ParBody body, void *ud);
/* par_for over n items of `ns` nanoseconds each, in stretches between which the interrupt and the limits are looked at;
** false: stopped, with the error set. */
bool par_work(State *S, int64_t n, double ns, ParBody body, void *ud);
/* How many threads par_for would use for so many spans: 1 inside a body. */
int par_threads(State *S, int64_t spans);
/* Threads of the machine that this process may use. */
int par_most(void);
void threads_close(State *S); /* from state_free */

/* Whether vm_check would end the run, asked inside of a body, which may then leave the rest undone. */
bool par_stop(const State *S);

/* Handing work on takes about a microsecond: work of less than this many nanoseconds stays on one thread. */
enum { PAR_NS = 10000 };
/* The grain for items of `ns` nanoseconds each (at least 1 ns for 4). */
int64_t par_grain(double ns);
#endif
