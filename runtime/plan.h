/* plan.h -- what was recorded runs fused, placed, and remembered.
**
** Somebody asks for data (force.c): the nodes that are needed are numbered in recording order and described by a row
** of words, the key: operations, attributes, how they hang together, and the layout of what comes from outside. A plan
** with the same key is run again; else one is built:
**
**   nodes -> partition   views (no work) | regions of element-wise work and sums | library calls, one a node
**         -> steps       in an order in which every input is there
**         -> place       values nobody keeps: offsets in one arena, reused once dead; values that somebody keeps: storage
**                        of their own
**
** A run binds addresses: of what comes from outside, of fresh storage for results, of the arena; then it goes through
** the steps. It changes nothing before the last step is done, so a run that fails (interrupt, memory) leaves every node
** pending as it was.
**
** Numbers are inputs, not part of the structure, but for exponents. Attributes of random draws neither.
** SPDX-License-Identifier: MIT */
#ifndef DSC_PLAN_H
#define DSC_PLAN_H
#include "runtime/op.h"
#include "runtime/ops/gemm.h"
#include "runtime/region.h"
#include "runtime/state.h"

enum { PLAN_NODES = 4096 };

/* An input of a planned node: a node of the plan, a tensor from outside, or a number. */
typedef enum PlanFrom { FROM_NODE, FROM_TENSOR, FROM_NUMBER } PlanFrom;
typedef struct PlanRef {
    uint32_t from : 2, at : 30;
} PlanRef;

/* An array of elements in a buffer. */
typedef struct PlanArray {
    DType dtype;
    int rank;
    bool contiguous;
    uint32_t buf;
    int64_t n, offset; /* in elements from the buffer's start */
    int64_t *shape, *stride;
} PlanArray;

/* A sum of products as a matrix product, of each item of a batch (plan_contract.c). The factors are numbered 0 and 1. */
typedef struct Contraction {
    bool swap; /* factor 1 gives the rows, factor 0 the columns */
    int64_t rows, cols, depth, row_step, col_step, step[2] /* along the depth */;
    int nitem;
    int64_t item[RANK_MAX], at[2][RANK_MAX];
} Contraction;
bool contraction_of(const PlanArray *a, const PlanArray *b, const PlanArray *space, uint32_t mask, Contraction *c);

typedef enum BufKind { BUF_TENSOR, BUF_RESULT, BUF_ARENA } BufKind;
typedef struct PlanBuf {
    BufKind kind;
    uint32_t tensor; /* BUF_TENSOR: which of those from outside */
    size_t bytes, offset, end;
    uint32_t first, last; /* steps that use it */
} PlanBuf;

/* A product that only a sum waits for is part of the sum's step, which adds it to the other summand where that lies. */
typedef enum NodeRole { ROLE_STEP, ROLE_REGION, ROLE_VIEW, ROLE_SAME, ROLE_PART } NodeRole;
typedef struct PlanNode {
    const OpDef *op;
    const Attr *attr;
    PlanRef *in;
    Span at;
    int nin, nattr;
    const double *exponent; /* of a power by a number; else NULL */
    bool kept;              /* somebody holds the result */
    uint8_t role;
    Contraction *contraction; /* a sum whose inputs are now the factors of what it summed; else NULL */
    bool adds;                /* a sum whose inputs are now those of the product, and the summand it is added to */
    uint32_t as;              /* ROLE_SAME: the node whose result this is too; ROLE_PART: the sum */
    uint32_t step;
    PlanArray *copy; /* of a view: what is copied, since the view itself will not do */
    PlanArray y;     /* buf UINT32_MAX: a value that stays in its region */
} PlanNode;

typedef struct PlanRun PlanRun;
typedef struct PlanStep PlanStep;
typedef bool (*PlanStepFn)(PlanRun *p, const PlanStep *s);
struct PlanStep {
    PlanStepFn run;
    uint32_t node; /* the last one it computes: where it stands in the source */
    uint32_t nnodes, *nodes;
    double bytes, flops; /* that it moves and does, by its shapes (plan_text.c) */
    uint32_t kind;       /* its row in a profile; 0: none yet */
    union {
        struct {
            Run *run;      /* all but addresses */
            uint32_t *buf; /* of the inputs, UINT32_MAX: a number, whose place is in num; then of the result */
            uint32_t *num;
            int64_t *offset; /* of the inputs, in bytes */
            const Contraction *contraction;
        } lib;
        struct {
            Region *region;
            uint32_t nin, nnum, nout;
            PlanArray *in, *out;
            uint32_t *num;
            size_t scratch;
        } region;
    };
};

struct Plan {
    uint64_t hash;
    uint64_t *key;
    size_t nkey;
    Plan *next;          /* of its place in the table */
    Plan *newer, *older; /* by last use */
    uint32_t nnodes, ntensors, nnumbers, nsteps, nbufs;
    PlanNode *node;
    PlanArray *tensor;
    PlanStep *step;
    PlanBuf *buf;
    size_t arena, scratch, size; /* bytes: of a run, of the plan itself */
    uint64_t runs;
    double bytes;             /* that a run moves */
    struct PlanBlock *memory; /* everything above */
    uint32_t busy;            /* runs that are going on */
};

/* A run that is going on. */
struct PlanRun {
    State *S;
    const Plan *plan;
    char **buf;          /* start of each buffer */
    const double *num;   /* the numbers */
    Tensor *const *node; /* the pending tensors: attributes come from their nodes */
    char *scratch;
};
bool plan_step_region(PlanRun *p, const PlanStep *s);
bool plan_step_lib(PlanRun *p, const PlanStep *s);
bool plan_step_add_product(PlanRun *p, const PlanStep *s);
bool plan_step_contract(PlanRun *p, const PlanStep *s);
Run *plan_addresses(PlanRun *p, const PlanStep *s); /* of a kernel's step, with the pointers of this run */

/* Runs what the pending ones of n tensors need; root NULL: all that is pending, but gradients by rows. */
bool plan_force(State *S, Tensor *const *root, size_t n);
void plans_trim(State *S); /* forgets all, when memory is short */
void plans_deinit(State *S);

/* plan_build.c: fills in what was gathered: nodes with op, attributes, inputs, kept, result's dtype and shape, and the
** tensors from outside; the rest is built. */
bool plan_build(State *S, Plan *p);
void plan_free(State *S, Plan *p);
void *plan_alloc(State *S, Plan *p, size_t bytes); /* lives as long as the plan; NULL: error is set */

/* plan_text.c: what a plan's steps cost on paper, and how it reads. */
void plan_measure(Plan *p);
const char *plan_step_name(const Plan *p, const PlanStep *s);
/* For --dump=plan: writes a plan that was built for these pending nodes, tensors and numbers. */
bool plan_show(State *S, const Plan *p, Tensor *const *node, Tensor *const *tensor, const double *num);

#endif
