/* state.h -- the interpreter: everything hangs off one State, there are no globals.
**
** Several states live in one process, one thread each. The compiler is reached through the hooks, so
** runtime/ builds without lang/.
** SPDX-License-Identifier: MIT */
#ifndef DSC_STATE_H
#define DSC_STATE_H
#include <signal.h>
#include "runtime/batch.h"
#include "runtime/late.h"
#include "runtime/rng.h"
#include "runtime/tape.h"
#include "runtime/tensor.h"
#include "runtime/value.h"
#include "runtime/vm.h"

typedef struct Hooks {
    /* finds and compiles a module: name "nn" or path "file.gd" relative to the file of `from`; owned by S->modules */
    bool (*use)(State *S, Span at, const char *name, bool is_path, uint32_t from, Module **out);
    void (*print)(void *ud, const char *s, size_t n); /* what scripts print; NULL = stdout */
    void (*progress)(void *ud, const char *line);     /* one line, NULL text = done; NULL = none */
    void *ud;
    bool (*figure)(State *S, Buf *b, Value v, bool *is); /* writes a figure (stdlib/figure.h); *is false: it is none */
} Hooks;

/* Entry points of the BLAS library and of the OpenMP it uses, loaded when a product is large enough (ops/gemm.c). */
typedef struct Blas {
    bool looked;
    double work; /* multiply-adds so far that oneDNN would have done faster */
    void (*dgemm)(int order, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda,
                  const double *b, int ldb, double beta, double *c, int ldc);
    void (*sgemm)(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                  int ldb, float beta, float *c, int ldc);
    int (*most_threads)(void);
    void (*set_threads)(int n);
} Blas;

/* Entry points of the LAPACK library, in f64 and f32, loaded when a factorisation needs it (ops/lapack.h). */
typedef struct Lapack {
    bool looked, found;
    void (*fn[12][2])(void);
} Lapack;

/* Entry points of oneDNN and of the OpenMP it uses, loaded when work is large enough for it (ops/onednn.h). */
typedef struct Onednn {
    bool looked, found;
    int (*sgemm)(char ta, char tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
                 const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
    int (*most_threads)(void);
    void (*set_threads)(int n);
} Onednn;

typedef struct PlanStats {
    uint64_t hits, misses, evictions; /* of the cache */
    uint64_t steps, regions, library; /* that have run; of them fused, calls of kernels */
    double bytes;                     /* that they read and wrote, by their shapes */
} PlanStats;

/* Plans that may be run again (plan.h). */
enum { PLAN_CACHE = 256 };
typedef struct Plan Plan;
typedef struct Plans {
    Plan *table[PLAN_CACHE];
    Plan *newest, *oldest;
    size_t n, bytes;
    PlanStats stats;
    struct Gather *gather; /* arrays that are used again */
} Plans;

typedef struct StrTable {
    Str **at;
    size_t n, cap;
} StrTable;

typedef struct DescendRun DescendRun; /* a descend that is running; descend.c */
typedef struct Resume Resume;         /* snapshot.h */

struct State {
    Mem mem;
    Diag *err; /* the error that is being passed up, or NULL */
    Diag oom;  /* set aside for "out of memory" */
    Diag **reports;
    size_t nreports, capreports; /* front end: errors and warnings, in order */
    size_t nerrors;
    Source *sources;
    size_t nsources, capsources; /* file id - 1 */
    StrTable names;              /* interned strings */
    Obj *spare_obj[8];           /* freed small blocks by size (mem.c) */
    Obj *dying;                  /* objects whose count reached 0 and that wait to be freed (value.c) */
    bool freeing;
    char name_text[4][128]; /* where type_name writes shapes, in turn */
    unsigned name_next;
    Vm vm;
    Graph graph; /* recorded tensor operations that have not run yet */
    Plans plans; /* how those were run that looked the same */
    Tape tape;   /* derivative levels */
    Batches batch;
    Rng rng;
    DescendRun *descend; /* innermost running descend, or NULL */
    Late late;
    bool training;   /* what training() says */
    bool snapshots;  /* some of the program may ask for one: descends keep what it takes (snapshot.h) */
    Resume *resume;  /* that the run is to go on from, or NULL */
    size_t nprogram; /* sources of the program that runs: the first so many */
    Rng program_rng; /* when it began */
    bool f32;        /* `use f32` */
    bool sandbox;
    bool color;  /* figures are shown in colour, */
    int columns; /* as wide as this; 0: 80 */
    bool plan_off;
    bool plan_all;     /* even what is small or could run at once is recorded and planned: for tests */
    bool checking;     /* `descent check`: warnings too */
    double time_limit; /* seconds for each run, 0 = none */
    void (*tape_dump)(void *ud, const char *s, size_t n); /* --dump=tape: written as a level closes */
    void *tape_dump_ud;
    struct {
        void (*write)(void *ud, const char *s, size_t n);
        void *ud;
        bool dot;
    } plan_dump;             /* --dump=plan: written as each plan is built (plan_text.c) */
    struct Profile *profile; /* while measured (profile.h) */
    Span line;               /* while dumped or measured: of the operation whose rule runs in a sweep */
    int threads;
    struct Pool *pool; /* threads at work for this state, or NULL (threads.c) */
    int isa;           /* level of the instruction set, ISA_ of kernels/kernels.h; 0: the best there is */
    Blas blas;         /* found at the first large product (ops/gemm.c) */
    Lapack lapack;     /* found at the first factorisation that needs it (ops/lapack.c) */
    Onednn onednn;     /* found at the first large product (ops/onednn.c) */
    Module **modules;
    size_t nmodules, capmodules;
    Module *main;
    const char **args;
    int nargs;              /* script arguments */
    const char *script_dir; /* for here(); borrowed from the command */
    volatile sig_atomic_t interrupt;
    Hooks hooks;
    Value registry[4];     /* [0]: `ans` */
    struct SigCache *sigs; /* signatures of built-ins, parsed at first call (builtin.c) */
};

static inline DType default_float(const State *S) { return S->f32 ? DT_F32 : DT_F64; }

/* Opens without lang: used by tests of runtime and by dsc_open. */
State *state_new(void *(*realloc_fn)(void *, void *, size_t, size_t), void *ud, size_t limit);
/* Frees everything; returns the bytes that are still counted (0 unless something leaked). */
size_t state_free(State *S);
#endif
