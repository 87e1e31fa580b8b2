/* vm.h -- protos, closures, models, modules, frames: what compiled code is made of and how it is called.
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_VM_H
#define DSC_VM_H
#include "runtime/rng.h"
#include "runtime/value.h"

typedef enum OpCode {
#define OPCODE(name, form, text) OP_##name,
#include "runtime/opcodes.def"
#undef OPCODE
    OPCODE_COUNT
} OpCode;

typedef struct Instr {
    uint8_t op, x;
    uint16_t a;
    union {
        struct {
            uint16_t b, c;
        };
        int32_t j;
    };
} Instr;
_Static_assert(sizeof(Instr) == 8, "an instruction is one word");

/* A step of a place path: .name, [indices], or a numbered field of the model in the root (self). */
typedef enum { STEP_FIELD, STEP_INDEX, STEP_SELF } StepKind;
typedef struct PathStep {
    StepKind kind;
    Str *name;    /* FIELD (interned, owned by the proto's constants) */
    uint16_t reg; /* INDEX: first index register (values stay there) */
    uint16_t n;   /* INDEX: number of indices; SELF: field number */
    Span at;
} PathStep;
typedef struct Path {
    uint16_t n;
    PathStep *step;
} Path;

/* Shape and type of a parameter or result. */
typedef enum { DIM_ANY, DIM_REST, DIM_BIND, DIM_CHECK } DimKind; /* _  ...  first use  known size in reg */
typedef struct SigDim {
    DimKind kind;
    uint16_t reg;
    Str *text;
} SigDim;
typedef struct Sig {
    Str *what;     /* "x", or "the result of f" */
    bool has_dims; /* false: only the type is restricted */
    bool result;
    int ndims; /* 0 with has_dims: a number */
    SigDim *dim;
    int8_t dtype; /* DType or -1; -2: a number, -3 string, -4 list, -5 bool, -6 function (as NAME) */
    Span at;
} Sig;

/* How the arguments of a call are written, when not all are plain positional ones. */
typedef struct CallInfo {
    uint16_t n;
    Str **name;
    uint8_t *spread;
} CallInfo; /* per argument; name NULL: positional */

/* descend T over P in S using O for N until C { } watch every K { } (LANGUAGE.md 5).
** Regions are runs of instructions in the same proto that end in YIELD. Registers from `base`:
** base+0 source or nil, +1 `for` count or nil, +2 watch interval or nil, +3.. nopts optimiser and transforms. */
typedef struct DescendTarget {
    bool global;
    uint16_t root;
    uint16_t path;
    Str *text;
    Span at;
} DescendTarget;
typedef struct Descend {
    int ntargets;
    DescendTarget *target;
    uint16_t base, nopts;
    bool has_over;
    uint16_t item;                        /* register that receives the item of `over` */
    uint16_t step, loss, gnorm, epoch;    /* registers of these names in until and watch */
    int32_t pc_block, pc_until, pc_watch; /* -1 when absent */
    int32_t pc_end;
    Span at, loss_at; /* the statement's header; the block's last expression */
    Str *holder;
    Span holder_at;   /* a name in the block whose value came from a target's earlier, or NULL */
    uint64_t entered; /* how often it has been run */
} Descend;

typedef struct Handler {
    int32_t start, end, target;
    uint16_t reg;
} Handler; /* try: innermost last */

/* A loop that changes only variables of its function (turns.c): a turn begins at instruction `start`, the jump back is
** at `loop`, and `tick` counts the turns. Registers: base ... base + 2 of a `for`; count ... count + 2 for a count (of a
** `for` over a range: base); reg: the variables from before it that a turn may change. */
typedef struct Turns {
    int32_t start, loop, tick;
    uint16_t base, count, n;
    bool items; /* a `for` over something else than a range */
    uint16_t *reg;
} Turns;

typedef struct ParamInfo {
    Str *name; /* NULL for a pattern */
    bool has_default;
    bool rest; /* ...rest: always last */
} ParamInfo;

struct Proto {
    Obj obj;
    Str *name;      /* "lambda", "<main>", "test ..." */
    Str *doc;       /* ## comment or NULL */
    Module *module; /* borrowed: protos die before their module */
    Span at;        /* the declaration's head */
    Instr *code;
    Span *span;
    int32_t ncode, capcode; /* span[i] is instruction i's */
    Value *k;
    int32_t nk, capk;
    Proto **protos;
    int32_t nprotos, capprotos;
    Path *paths;
    int32_t npaths, cappaths;
    Sig *sigs;
    int32_t nsigs, capsigs;
    CallInfo *calls;
    int32_t ncalls, capcalls;
    Descend *descends;
    int32_t ndescends, capdescends;
    Handler *handlers;
    int32_t nhandlers, caphandlers;
    Turns *turns;
    int32_t nturns, capturns;
    Proto *whole; /* this one runs a loop of it and shares its tables, or NULL */
    ParamInfo *params;
    uint16_t nparams; /* a method's parameters do not count self */
    uint16_t nrequired;
    uint16_t nregs; /* self (methods: R[0]), parameters, locals, temporaries */
    uint16_t ncaps;
    bool is_method; /* R[0] is the model, parameters from R[1]; constructors (is_ctor) the same */
    bool is_loss, is_ctor, has_rest;
    bool simple; /* called by moving nparams arguments into R[0..]: neither method nor constructor, no rest, no rule */
    ModelDef *def;          /* constructors and methods (borrowed) */
    Value adjoint, tangent; /* rules of a top-level fn: closures or nil */
    Proto *given; /* where there is a rule: takes the same arguments and gives them as a list, by place, with defaults */
};
/* Freeing a proto releases every Str in it except those of paths, and frees each array with its cap (dims, steps,
** names, targets and parameters with their count); a block of 0 items is NULL. Takes counts on name. */
Proto *proto_new(State *S, Module *m, Str *name, Span at);

void proto_free(State *S, Proto *p); /* these three from obj_free */
void modeldef_free(State *S, ModelDef *d);
void module_free(State *S, Module *m);

/* Function values. Script: proto and captures. Built-in: builtin and captures. */
typedef struct Builtin Builtin;
enum { CLOSURE_RULE = 1 }; /* obj.flags: it has an adjoint of its own */
struct Closure {
    Obj obj;
    Proto *proto;           /* or NULL */
    const Builtin *builtin; /* or NULL */
    Value adjoint, tangent; /* attached by RULE, else nil (then the proto's) */
    uint32_t ncaps;
    Value cap[];
};
Closure *closure_new(State *S, Proto *p, const Builtin *b, uint32_t ncaps); /* captures nil */

typedef enum { FIELD_ARG, FIELD_PARAM, FIELD_STATE, FIELD_LET } FieldKind;
typedef struct FieldDef {
    Str *name;
    FieldKind kind;
    uint8_t constraint;
    double lo, hi; /* 0 none, 1 > lo, 2 < hi, 3 in (lo, hi) */
} FieldDef;
typedef struct MethodDef {
    Str *name;
    Proto *proto;
} MethodDef;
struct ModelDef {
    Obj obj;
    Str *name, *doc;
    Module *module; /* borrowed */
    FieldDef *fields;
    int32_t nfields, capfields;
    MethodDef *methods;
    int32_t nmethods, capmethods;
    Proto *ctor; /* borrowed: it keeps this definition among its constants */
    Proto *call; /* the unnamed fn or NULL */
};
enum { MODEL_STATE = 1 /* it or a part has state, outside descend */, MODEL_CELLS = 2 /* lifted by descend */ };
struct Model {
    Obj obj;
    ModelDef *def;
    Value field[];
}; /* def->nfields */
Model *model_new(State *S, ModelDef *def);
Model *model_unique_take(State *S, Model *m);
int model_field(const ModelDef *d, const Str *name);  /* -1 */
int model_method(const ModelDef *d, const Str *name); /* -1 */
Value model_get(State *S, const Model *m, int i);     /* borrowed; a T_CELL is read through */
/* Whether a derivative goes into field i: parameters, and lists and models that `let` holds. */
static inline bool field_moves(const Model *m, int i)
{
    FieldKind kind = m->def->fields[i].kind;
    uint8_t tag = m->field[i].tag;
    return kind == FIELD_PARAM || (kind == FIELD_LET && (tag == T_LIST || tag == T_MODEL));
}
/* Recomputes obj.flags after fields changed (constructor, load). */
void model_mark(Model *m);

/* One file or stdlib module, or the prompt. */
typedef enum { GLOBAL_LET, GLOBAL_VAR, GLOBAL_FN, GLOBAL_MODEL, GLOBAL_USE } GlobalKind;
typedef struct Global {
    Str *name;
    GlobalKind kind;
    Value value;
    Str *doc;
    Span at;
} Global;
struct Module {
    Obj obj;
    Str *name;  /* "nn", or the path */
    char *path; /* directory-resolved path or NULL */
    uint32_t file;
    Global *g;
    size_t ng, capg;
    Proto *main; /* top level */
    Value *tests;
    size_t ntests, captests; /* closures, named */
    bool ran, running;
};
Module *module_new(State *S, Str *name, const char *path, uint32_t file);
int module_find(const Module *m, const Str *name);                        /* slot, latest declaration; -1 */
int module_add(State *S, Module *m, Str *name, GlobalKind kind, Span at); /* slot; -1 on failure */

/* ---- streams: lines(path), data.batches(...) ---- */
typedef struct StreamDef {
    const char *name;
    bool (*open)(State *S, Stream *s, Stream **it); /* a fresh iterator (owned) for one loop */
    bool (*next)(State *S, Stream *it, Value *item, bool *done);
    void (*close)(State *S, Stream *s);  /* releases ud */
    int64_t (*len)(State *S, Stream *s); /* items of a whole loop, -1 unknown */
    /* for snapshots of a run (snapshot.h): what pos and epoch do not tell of an iterator, and back; both or neither */
    bool (*save)(State *S, const Stream *it, Value *out);
    bool (*restore)(State *S, Stream *it, Value v);
} StreamDef;
struct Stream {
    Obj obj;
    const StreamDef *def;
    Value cap[4];
    int64_t pos, epoch;
    void *ud;
    size_t ud_size;
};

/* ---- running ---- */
typedef struct Frame Frame;
typedef struct Segment Segment;
struct Frame {
    Proto *proto;
    Closure *fn;      /* owned, or NULL */
    Value *r;         /* registers */
    int32_t pc, next; /* running (or calling) instruction; where to go on after a call */
    Value *ret;       /* receives the result */
    Value *self_ret;  /* place call: receives R[0] back, or NULL */
    Segment *seg;
    uint64_t reserved; /* 64 bytes: finding a frame is a shift */
};
/* A running comprehension that may draw: its stream of random numbers replaces the outer one. */
typedef struct CompRng {
    size_t frame;
    int32_t pc;
    Rng saved;
    uint64_t draw, item;
} CompRng;
typedef struct Vm {
    CompRng *comp;
    size_t ncomp, capcomp;
    Frame *frames;
    size_t nframes, capframes;
    Segment *seg;              /* registers live in segments that never move */
    Segment *spare;            /* the last one that was emptied */
    int depth;                 /* nested C entries */
    int max_depth;             /* frames */
    int64_t fuel, granted;     /* steps until the next look at limits; how many were handed out */
    uint64_t steps, max_steps; /* 0 = none */
    double deadline;           /* monotonic seconds; 0 = none */
    Span at;                   /* span for diag_fail outside bytecode */
} Vm;

bool vm_init(State *S);
void vm_deinit(State *S);
void vm_trim(State *S); /* gives back what is idle */
/* Calls any callable value. args borrowed; *out owned. names: NULL or one per argument (interned or NULL). */
bool vm_call(State *S, Value f, const Value *args, int n, Value *out);
bool vm_call_named(State *S, Value f, const Value *args, Str *const *names, int n, Value *out);
bool vm_call_take(State *S, Value f, Value *args, int n,
                  Value *out); /* consumes args, so the callee may own them alone */
bool vm_callable(Value f);
/* Calls a method: args[0] is the model; what it assigns to states stays with that copy. */
bool vm_call_method(State *S, Proto *p, const Value *args, int n, Value *out);
/* Runs a module's top level (once). *out: value of its last expression, or nil. */
bool vm_run_main(State *S, Module *m, Value *out);
/* Runs instructions of a frame from pc until YIELD (descend.c). */
bool vm_run_region(State *S, size_t frame, int32_t pc, Value *out);
Value *vm_regs(State *S, size_t frame);
/* turns.c. A loop of a frame is about to start a turn, at `pc`: where the tape is above its budget, the turns that are
** left run as checkpoints. *go: where the function goes on after them, or -1: nothing was done. */
bool turns_run(State *S, size_t frame, int32_t pc, int32_t *go);
/* The items from ... to - 1 of what a loop goes over; how many there are, -1 where that is not known. */
bool items_slice(State *S, Value xs, int64_t from, int64_t to, Value *out);
int64_t items_len(Value xs);
void vm_hurry(State *S);                  /* limits are looked at when the next step is counted */
void vm_begin(State *S, double deadline); /* a new run: no steps taken; deadline 0 = none */
bool vm_tick(State *S);                   /* counts one step now: limits and interrupt (long native loops) */
Span vm_here(State *S);                   /* span of the running instruction */
Span vm_caller(State *S);                 /* span of the call that the running function was called by */
double vm_seconds(void);                  /* on a clock that only goes forward */
bool vm_due(const State *S);              /* would vm_check fail? For any thread */
bool vm_check(State *S);                  /* interrupt, time: between steps of plans and blocks of kernels */

/* descend.c */
Value *descend_cell(State *S, int64_t cell); /* where a T_CELL's state is kept; NULL when its evaluation is over */
/* All states that running descends keep, innermost first, as a list; and back again (a checkpoint's second run). */
bool descend_cells(State *S, List **out);
void descend_cells_put(State *S, const List *l);
bool descend_run(State *S, size_t frame, Proto *p, Descend *d, Value *report);
bool descend_snapshot(State *S, Value *out); /* of the innermost, in its watch */

/* value-level arithmetic, behind the fast paths: numbers of any level, tensors, strings, trees */
typedef enum BinOp {
    BIN_ADD,
    BIN_SUB,
    BIN_MUL,
    BIN_DIV,
    BIN_FDIV,
    BIN_MOD,
    BIN_POW,
    BIN_MATMUL,
    BIN_EQ,
    BIN_NE,
    BIN_LT,
    BIN_LE
} BinOp;
bool value_binary(State *S, BinOp op, Value a, Value b, Value *out);
/* *a consumed (reused in place when it has one owner). */
bool value_binary_take(State *S, BinOp op, Value a, Value b, Value *out);
/* An operation of the table on the leaves of a tree: nil leaves stay nil. */
bool value_op_tree(State *S, int op, const Value *x, int n, Value *out);
/* The current error as the list (message:, code:, file:, line:) that `catch e` binds; the error is taken off the state. */
bool error_value(State *S, Value *out);
/* Raises such a list, or a message, again; always false. */
bool error_raise(State *S, Value e);
bool value_neg(State *S, Value a, Value *out);
bool value_transpose(State *S, Value a, Value *out); /* A': the last two axes swapped */
bool value_as(State *S, Value a, const Str *type, Value *out);
/* x[i...] for lists, strings, tensors, ranges; indices may be markers (see index.c) */
bool value_index(State *S, Value x, const Value *idx, int n, Value *out);
/* slot[i...] = v in place (slot made unique) */
bool value_index_set(State *S, Value *slot, const Value *idx, int n, Value v);
bool value_field(State *S, Value x, Str *name, Value *out);

/* iteration over any iterable; position in *pos */
bool value_iter(State *S, Value x, Value *it);
bool value_next(State *S, Value it, double *pos, Value *item, bool *done); /* item owned */

/* place.c: reading and updating root.path; index registers are in r */
bool place_get(State *S, Value root, const Path *p, const Value *r, Value *out);
bool place_set(State *S, Value *root, const Path *p, const Value *r, Value v_take);
/* The slot of root.path, its way and itself made unique; NULL without an error: it is a row of a tensor or a slice. */
Value *place_slot(State *S, Value *root, const Path *p, const Value *r);
/* Moves a model with state out (nil stays behind) when `move`, else copies. */
bool place_take(State *S, Value *root, const Path *p, const Value *r, bool move, Value *out);

/* construct.c: fields of a model under construction */
bool model_init_param(State *S, Model *m, int field, Value start, Value sizes, bool keep_dtype);
bool model_init_state(State *S, Model *m, int field, Value start, Value sizes);
bool sig_check(State *S, const Sig *sig, Value *r, Value v);

void proto_dump(State *S, const Proto *p, Buf *b); /* --dump=code */
#endif
