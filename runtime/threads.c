/* threads.c -- a state's threads, and handing out pieces of work to them.
**
** Work is published as one number for each thread's share: the turn, and how many pieces of the share are taken; taking
** a piece is one compare-and-swap on it:
**
**     ticket   [ turn, 32 bits | pieces taken, 32 bits ]
**
** A thread takes its own share first, then what is left of the others': the same pieces of the next job, which mostly
** read what these wrote, then find it in the cache of their core (writing what another core has read is 20 times slower).
** A thread that took a piece may read the rest of the job, for the caller does not return before every piece taken is
** done. The caller works too and never waits for a thread that has taken nothing, so on a busy machine late threads
** cost nothing. Idle ones look for work for a while (handing on costs 0.3 us then), later they sleep (30 us).
** SPDX-License-Identifier: MIT */
#include "runtime/threads.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "runtime/mem.h"
#include "runtime/state.h"
#include "runtime/vm.h"

enum {
    THREADS_MOST = 64,
    PER_THREAD = 4,    /* pieces for each, so that a slow one holds up little */
    AWAKE_NS = 500000, /* looking for work before sleep */
    EAGER = 2000,      /* looks at what is not done yet before others that want the processor are let in */
};

typedef struct Pool {
    struct Share {
        _Atomic uint64_t ticket;
        char apart[56]; /* what all write, in cache lines of their own */
    } share[THREADS_MOST + 1];
    _Atomic int64_t done;
    char too[56];
    /* the job: written between jobs, read by those who took a piece */
    _Atomic int64_t pieces;
    _Atomic int shares;
    ParBody body;
    void *ud;
    int64_t n;
    _Atomic int helpers; /* that may take pieces */
    bool busy;           /* seen by the owner and by threads at work on a piece */
    _Atomic bool closing;
    _Atomic int asleep;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int nthreads;
    pthread_t thread[THREADS_MOST];
    struct Helper {
        struct Pool *pool;
        int index;
    } helper[THREADS_MOST];
} Pool;

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int par_most(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (int)n;
}

/* Does pieces of one share of the present job until there are none left to take. */
static void work_share(Pool *p, int k)
{
    _Atomic uint64_t *ticket = &p->share[k].ticket;
    uint64_t t = atomic_load_explicit(ticket, memory_order_acquire);
    for (;;) {
        int64_t pieces = atomic_load_explicit(&p->pieces, memory_order_acquire);
        int64_t of = atomic_load_explicit(&p->shares, memory_order_acquire);
        int64_t piece = pieces * k / of + (int64_t)(t & 0xffffffff);
        if (piece >= pieces * (k + 1) / of) return;
        if (!atomic_compare_exchange_weak_explicit(ticket, &t, t + 1, memory_order_acq_rel, memory_order_acquire))
            continue;
        /* the turn has not changed since it was read, and cannot before this piece is done: pieces is this job's */
        int64_t lo = p->n * piece / pieces, hi = p->n * (piece + 1) / pieces;
        p->body(p->ud, lo, hi);
        atomic_fetch_add_explicit(&p->done, 1, memory_order_release);
        t = atomic_load_explicit(ticket, memory_order_acquire);
    }
}

static void work(Pool *p, int me)
{
    int of = atomic_load_explicit(&p->shares, memory_order_acquire);
    for (int k = 0; k < of; k++) work_share(p, (me + k) % of);
}

static void *helper_main(void *ud)
{
    struct Helper *h = ud;
    Pool *p = h->pool;
    uint64_t seen = 0; /* turn */
    int64_t since = now_ns();
    for (int64_t looks = 1;; looks++) {
        uint64_t t = atomic_load_explicit(&p->share[0].ticket, memory_order_acquire);
        if (t >> 32 != seen) {
            seen = t >> 32;
            if (h->index < atomic_load_explicit(&p->helpers, memory_order_acquire)) work(p, h->index + 1);
            since = now_ns();
            looks = 0;
            continue;
        }
        if (atomic_load_explicit(&p->closing, memory_order_acquire)) return NULL;
        relax();
        if (looks % 64 || now_ns() - since < AWAKE_NS) continue;
        pthread_mutex_lock(&p->lock);
        atomic_fetch_add(&p->asleep, 1);
        while (atomic_load(&p->share[0].ticket) >> 32 == seen && !atomic_load(&p->closing))
            pthread_cond_wait(&p->wake, &p->lock);
        atomic_fetch_sub(&p->asleep, 1);
        pthread_mutex_unlock(&p->lock);
        since = now_ns();
        looks = 0;
    }
}

/* A pool with helpers enough for the state, or none: then the caller does everything. */
static Pool *pool_of(State *S)
{
    Pool *p = S->pool;
    int want = S->threads - 1 < THREADS_MOST ? S->threads - 1 : THREADS_MOST;
    if (p && p->nthreads >= want) return p;
    if (!p) {
        if (!(p = mem_try(S, sizeof *p))) return NULL; /* one thread will do */
        memset(p, 0, sizeof *p);
        pthread_mutex_init(&p->lock, NULL);
        pthread_cond_init(&p->wake, NULL);
        S->pool = p;
    }
    sigset_t all, old; /* signals are for the host's own threads */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (p->nthreads < want) {
        p->helper[p->nthreads] = (struct Helper){p, p->nthreads};
        if (pthread_create(&p->thread[p->nthreads], NULL, helper_main, &p->helper[p->nthreads])) break;
        p->nthreads++;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return p;
}

void threads_close(State *S)
{
    Pool *p = S->pool;
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->closing, true);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->nthreads; i++) pthread_join(p->thread[i], NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    S->pool = NULL;
    mem_free(S, p, sizeof *p);
}

int par_threads(State *S, int64_t spans)
{
    if (S->threads < 2 || spans < 2 || (S->pool && S->pool->busy)) return 1;
    return spans < S->threads ? (int)spans : S->threads;
}

bool par_stop(const State *S) { return S->interrupt || (S->vm.deadline > 0 && vm_seconds() > S->vm.deadline); }

int64_t par_grain(double ns)
{
    double n = PAR_NS / (ns < 1e-3 ? 1e-3 : ns);
    return n < 1 ? 1 : (int64_t)n;
}

static void run(State *S, int64_t n, int64_t pieces, ParBody body, void *ud)
{
    Pool *p = pool_of(S);
    if (!p) {
        body(ud, 0, n);
        return;
    }
    uint64_t turn = atomic_load_explicit(&p->share[0].ticket, memory_order_relaxed) >> 32;
    int shares = p->nthreads + 1 < S->threads ? p->nthreads + 1 : S->threads;
    /* until the new turn is out nobody may take a piece: the old one has none left */
    p->busy = true;
    p->body = body;
    p->ud = ud;
    p->n = n;
    atomic_store_explicit(&p->done, 0, memory_order_relaxed);
    atomic_store_explicit(&p->helpers, S->threads - 1, memory_order_relaxed);
    for (int k = 0; k <= p->nthreads; k++) /* none to take yet */
        atomic_store_explicit(&p->share[k].ticket, (turn + 1) << 32 | 0x80000000, memory_order_release);
    atomic_store_explicit(&p->pieces, pieces, memory_order_release);
    atomic_store_explicit(&p->shares, shares, memory_order_release);
    for (int k = shares; k-- > 0;) atomic_store(&p->share[k].ticket, (turn + 2) << 32);
    if (atomic_load(&p->asleep)) {
        pthread_mutex_lock(&p->lock);
        pthread_cond_broadcast(&p->wake);
        pthread_mutex_unlock(&p->lock);
    }
    work(p, 0);
    for (int64_t looks = 0; atomic_load_explicit(&p->done, memory_order_acquire) < pieces; looks++) {
        relax();
        if (looks >= EAGER) sched_yield();
    }
    p->busy = false;
}

void par_for(State *S, int64_t n, int64_t grain, ParBody body, void *ud)
{
    int64_t spans = grain > 1 ? n / grain : n;
    int t = par_threads(S, spans);
    if (t < 2) {
        if (n > 0) body(ud, 0, n);
        return;
    }
    run(S, n, spans < (int64_t)t * PER_THREAD ? spans : (int64_t)t * PER_THREAD, body, ud);
}

void par_each(State *S, int64_t n, ParBody body, void *ud)
{
    enum { MOST = 1 << 30 };
    if (par_threads(S, n) < 2) {
        for (int64_t i = 0; i < n; i++) body(ud, i, i + 1);
        return;
    }
    run(S, n, n < MOST ? n : MOST, body, ud);
}

typedef struct Stretch {
    ParBody body;
    void *ud;
    int64_t from;
} Stretch;

static void stretch_body(void *ud, int64_t lo, int64_t hi)
{
    const Stretch *s = ud;
    s->body(s->ud, s->from + lo, s->from + hi);
}

bool par_work(State *S, int64_t n, double ns, ParBody body, void *ud)
{
    double most = 2e7 * S->threads / (ns < 1e-3 ? 1e-3 : ns);
    int64_t at_once = most < S->threads ? S->threads : most < (double)n ? (int64_t)most : n;
    Stretch s = {body, ud, 0};
    for (; s.from < n; s.from += at_once) {
        if (s.from && !vm_check(S)) return false;
        par_for(S, n - s.from < at_once ? n - s.from : at_once, par_grain(ns), stretch_body, &s);
    }
    return true;
}
