/* threads.h -- work split over the threads that a state may use.
**
** The pool belongs to the process (OpenMP, the pool of the libraries we call); how many threads a call uses belongs
** to the state. Results never depend on how many there are: a body gives the same bits however [0, n) is cut, or
** the caller cuts by size and lets [0, n) count the pieces.
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
/* How many threads par_for would use for so many spans: 1 inside a body. */
int par_threads(State *S, int64_t spans);
/* Threads of the machine that this process may use. */
int par_most(void);

/* A region takes about a microsecond to start: work of less than this many nanoseconds stays on one thread. */
enum { PAR_NS = 10000 };
/* The grain for items of `ns` nanoseconds each (at least 1 ns for 4). */
int64_t par_grain(double ns);
#endif
