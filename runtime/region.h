/* region.h -- element-wise work fused: a program of vector instructions that goes over memory once.
**
** A region computes over an iteration space (a shape): values that vary along all of it, and values of one row (all
** axes but the last), which a fold along the last axis gives and which count as one element for what follows. It is a
** straight program of operations of the table; plan.c makes the specification from recorded nodes, region_new compiles
** it, region_run runs it with the addresses of the moment, block by block, each block's values in a register file that
** stays in the first-level cache. Softmax written by hand is one region: fold max, subtract, exp, fold sum, divide.
**
**   inputs     arrays with a stride for each axis of the space, 0 where they are stretched (bias, column, one element)
**   numbers    doubles given at each run
**   instrs     element-wise operations, casts between float widths, folds of the last axis (sum mean max min)
**   outputs    values stored row-major (of the space; of the rows), their sum over everything, their sum down the rows
**
** Results do not depend on the number of threads: sums are cut by size and joined in order. Sums of f32 are kept in f64
** where the operation node by node does so.
** SPDX-License-Identifier: MIT */
#ifndef DSC_REGION_H
#define DSC_REGION_H
#include "runtime/op.h"

enum { REGION_INSTRS = 64, REGION_INPUTS = 24, REGION_OUTPUTS = 64, REGION_NUMBERS = 24, REGION_COLS = 4096 };
/* Spaces with a fold have at most REGION_COLS columns. */

typedef enum RegionFrom { REGION_INPUT, REGION_NUMBER, REGION_INSTR } RegionFrom;
typedef struct RegionRef {
    uint8_t from;
    uint16_t at;
} RegionRef;

typedef struct RegionIn {
    DType dtype;
    int64_t stride[RANK_MAX]; /* in elements, along each axis of the space; 0: stretched */
} RegionIn;

typedef struct RegionInstr {
    const OpDef *op; /* OPF_EACH; cast; or, folding, sum mean max min */
    bool fold;       /* along the last axis: the result is one value a row */
    DType dtype;     /* of the result */
    int nx;
    RegionRef x[3];
} RegionInstr;

typedef enum RegionOutKind {
    REGION_STORE,    /* the value as it is: [space], or [rows] for a value of a row */
    REGION_SUM_ALL,  /* one element: the sum over the space, or over the rows for a value of a row */
    REGION_SUM_DOWN, /* [columns]: the sum over all axes but the last */
} RegionOutKind;

/* Which shape an output has, [space] or [rows]. A value is of the rows by itself when it is a fold, or made of such,
** numbers and inputs stretched along the last axis (and one fold at least). Where a value of [rows, 1] is made of such
** inputs alone, only the plan knows: REGION_OF_ROWS. */
typedef enum RegionOf { REGION_OF_VALUE, REGION_OF_ROWS, REGION_OF_SPACE } RegionOf;

typedef struct RegionOut {
    RegionOutKind kind;
    RegionOf of;
    RegionRef value;
    DType dtype;  /* the value's */
    double scale; /* sums are multiplied by it at the end (mean); 1 */
    int alias;    /* the input whose storage it is given (same dtype, row-major, not stretched), or -1 */
} RegionOut;

typedef struct RegionSpec {
    int rank;
    int64_t shape[RANK_MAX];
    int nin, nnum, ninstr, nout;
    RegionIn in[REGION_INPUTS];
    RegionInstr instr[REGION_INSTRS];
    RegionOut out[REGION_OUTPUTS];
} RegionSpec;

/* Whether an element-wise operation on inputs of these dtypes (DT_COUNT: a number) with such a result can be an
** instruction: all floats of one width, bools where the operation takes or gives them, casts of floats and bools. */
bool region_takes(const OpDef *op, int nx, const DType *x, DType y);
/* Whether it can fold the last axis (the reductions' own entries of the table: sum mean max min). */
bool region_folds(const OpDef *op, DType x);

typedef struct Region Region;
/* Compiles a specification; NULL: out of memory. */
Region *region_new(State *S, const RegionSpec *spec);
void region_free(State *S, Region *r);
size_t region_bytes(const Region *r); /* that it takes itself */
/* Bytes that region_run wants beside its arrays: register files of the threads, partial sums. 64-byte aligned. */
size_t region_scratch(State *S, const Region *r);
/* in, out: addresses of first elements. Stops early, with results undefined, when the interrupt flag is raised. */
void region_run(State *S, const Region *r, const void *const *in, const double *num, void *const *out, void *scratch);
/* A part of a run, for who goes over several steps of a plan block by block (stream.c). Only for a space that is one
** line, without rows. Sums are added up in `sums`, region_sums doubles that are 0 at first, which region_join turns into
** results, several of them in their order. file: region_file bytes that belong to the caller's thread. */
bool region_is_line(const Region *r, int64_t n);
size_t region_sums(const Region *r);
size_t region_file(const Region *r);
void region_part(State *S, const Region *r, const void *const *in, const double *num, void *const *out, void *file,
                 double *sums, int64_t lo, int64_t hi);
void region_join(const Region *r, void *const *out, const double *sums, int n, size_t apart);
/* Nanoseconds that one run takes, estimated: what the plan splits by. */
double region_cost(const Region *r);
/* One line an instruction, for --dump=plan: "  v2 = tanh(v1)". */
void region_text(const Region *r, Buf *b);
#endif
