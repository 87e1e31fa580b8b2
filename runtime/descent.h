/* descent.h -- the public C interface of Descent: all that a host includes.
**
** One DscState is one interpreter; several may live in one process, each used by one thread at a time.
** Nothing here prints, exits or keeps global state. Every dsc_run_* call gives an exit status
** (0 fine, 1 an error while running, 2 an error in the source, 130 interrupted); what went wrong is then
** waiting to be rendered by dsc_report.
**
**   DscConfig cfg = {.size = sizeof cfg, .print = my_print};
**   DscState *S = dsc_open(&cfg);
**   int status = dsc_run_file(S, "fit.gd");
**   if (status) dsc_report(S, DSC_REPORT_TEXT, my_write, NULL);
**   dsc_close(S);
**
** SPDX-License-Identifier: MIT */
#ifndef DESCENT_H
#define DESCENT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DSC_API __attribute__((visibility("default")))
#else
#define DSC_API
#endif

typedef struct State DscState;
typedef void (*DscWrite)(void *ud, const char *s, size_t n);

/* Zero means default for every field. `size` is sizeof(DscConfig) of the host's header. */
typedef struct DscConfig {
    size_t size;
    void *(*realloc_fn)(void *ud, void *p, size_t old, size_t n); /* n == 0 frees; NULL: the C library's */
    void *alloc_ud;
    size_t max_memory;  /* bytes; tensors and the tape count */
    uint64_t max_steps; /* loop turns and calls */
    double time_limit;  /* seconds from the start of each run */
    uint64_t seed;      /* used when has_seed */
    bool has_seed;
    bool sandbox;                                 /* no files, no native code */
    bool plan_off;                                /* run every recorded operation node by node */
    bool plan_all;                                /* plan even what is small: finds faults in plans, not faster */
    bool batch_off;                               /* run comprehensions and vmap item by item */
    int threads;                                  /* 0: as many as the machine has */
    DscWrite print;                               /* what scripts print; NULL: the process's stdout */
    void (*progress)(void *ud, const char *line); /* a descend's progress; NULL line: it is over */
    void *ud;                                     /* handed to print and progress */
    const char *const *args;                      /* what args() gives to scripts */
    int nargs;
    bool color;         /* figures (plot, heat ...) are shown in colour */
    int columns;        /* and as wide as this; 0: 80 */
    size_t tape_memory; /* bytes a derivative may record before long loops are checkpointed; default: a quarter of
                        ** max_memory or of the machine's memory */
    bool snapshots;     /* descends keep what dsc_snapshot takes */
} DscConfig;

/* NULL when memory is refused. */
DSC_API DscState *dsc_open(const DscConfig *config);
/* Frees everything the state owns; returns the bytes that were still counted after that: 0, or a bug. */
DSC_API size_t dsc_close(DscState *S);
DSC_API const char *dsc_version(void);

/* Runs a program: a file ("-": standard input), or a text under a name that messages show. DSC_RUN_SHOW prints the
** value of a last line that is an expression (-e). */
enum { DSC_RUN_SHOW = 1 };
DSC_API int dsc_run_file(DscState *S, const char *path);
DSC_API int dsc_run_text(DscState *S, const char *name, const char *text, size_t len, int flags);
/* The next dsc_run_file or dsc_run_text goes on from a snapshot that the same program saved in a descend's watch
** (save(path, snapshot()), or dsc_snapshot from a callback there): it runs as usual up to that descend, and from there
** bit for bit as the first run would have. 0, or the exit status of an error that dsc_report renders. */
DSC_API int dsc_resume(DscState *S, const char *path);
/* Saves the run whose watch is running, from inside print or a host function; false with the error set, which the call
** should pass on. Programs that do not mention snapshot() themselves need DscConfig.snapshots. */
DSC_API bool dsc_snapshot(DscState *S, const char *path);
/* One input at the prompt: definitions stay, may be replaced, and the value of a bare expression is printed and kept
** as `ans`. */
DSC_API int dsc_prompt(DscState *S, const char *text, size_t len);
/* May the input so far be run? 1 complete, 0 more lines are needed, -1 wrong whatever follows. */
DSC_API int dsc_complete(DscState *S, const char *text, size_t len);
/* Only the errors that are found before running. */
DSC_API int dsc_check_file(DscState *S, const char *path);
/* Runs the file's top level and then its `test` blocks; each outcome goes to `outcome`: error NULL when it passed. */
typedef void (*DscTestOutcome)(void *ud, const char *name, bool passed);
DSC_API int dsc_test_file(DscState *S, const char *path, DscTestOutcome outcome, void *ud);

/* Renders the errors and warnings of the last call: text as in the manual, with colours, or one JSON object a line. */
typedef enum DscReportForm { DSC_REPORT_TEXT, DSC_REPORT_COLOR, DSC_REPORT_JSON } DscReportForm;
DSC_API void dsc_report(DscState *S, DscReportForm form, DscWrite write, void *ud);
DSC_API bool dsc_has_report(DscState *S);

/* Stops a run at the next loop turn, call or step; safe in a signal handler and from another thread. */
DSC_API void dsc_interrupt(DscState *S);

/* Prints and stops: what is one of "tokens", "ast", "code", "tape", "plan", "plan.dot". "tape" runs the program and writes
** the tape of each derivative level as it is closed; "plan" writes each plan as it is built (runtime/INTERNALS.md), and
** "plan.dot" the same as a drawing for Graphviz, without what the script prints. */
DSC_API int dsc_dump(DscState *S, const char *what, const char *path, const char *text, size_t len, DscWrite write,
                     void *ud);
/* Help on a name, an error code ("E0213"), or words. False when nothing is known. */
DSC_API bool dsc_help(DscState *S, const char *topic, DscWrite write, void *ud);
/* Names that begin with `prefix`, for completion: calls `each` on every one. */
DSC_API void dsc_names(DscState *S, const char *prefix, void (*each)(void *ud, const char *name), void *ud);

/* Runs a file as dsc_run_file does and measures where the time goes; the report goes to `write` whether or not the run
** came to its end. */
DSC_API int dsc_profile_file(DscState *S, const char *path, DscWrite write, void *ud);

/* Since the state was opened. */
typedef struct DscCounters {
    size_t bytes, peak_bytes;                        /* in use, and at most so far */
    uint64_t steps;                                  /* loop turns and calls, of the last run */
    uint64_t recorded, run;                          /* tensor operations */
    uint64_t plan_hits, plan_misses, plan_evictions; /* plans found again, built, forgotten */
    uint64_t plan_steps, plan_regions, plan_calls;   /* steps that plans have run; of them fused, calls of kernels */
    uint64_t plan_bytes;                             /* that those read and wrote, by their shapes */
    uint64_t plans;                                  /* remembered now */
} DscCounters;
DSC_API void dsc_counters(DscState *S, DscCounters *out);

#ifdef __cplusplus
}
#endif
#endif
