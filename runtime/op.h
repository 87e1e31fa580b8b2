/* op.h -- the operation table: one entry says everything about a tensor operation.
**
** Adding an operation means one entry OP(name, ...) in one family's file in runtime/ops/ and a test of its
** values under tests/runtime/ops/. From the table come the built-in, its arity check, `?name`, the tape
** printer, and checks of every rule.
**
** An operation is applied to Values by op_apply: plain numbers run at once through .each; tensors are
** recorded (shape and dtype checked by .infer first) as a pending tensor and run behind tensor_force; a
** result of rank 0 is forced at once and is a number (or bool). Inputs that belong to a derivative level
** make op_apply record a node on that level's tape and apply the operation one level further out.
**
** Rules are written as applications of other operations on Values (numbers or tensors alike, of any
** level), so derivatives of derivatives need no further code. Values made inside a rule belong to the
** rule and are released with it; a rule need not release anything. On failure the r_* functions give NIL
** and the rule just goes on: NIL in, NIL out.
** SPDX-License-Identifier: MIT */
#ifndef DSC_OP_H
#define DSC_OP_H
#include "runtime/tensor.h"
#include "runtime/value.h"

typedef union Attr {
    int64_t i;
    double f;
} Attr;
enum { OP_INPUTS = 8, OP_ATTRS = 4 * RANK_MAX + 8 };

typedef enum OpId {
#define OP_ENTRY(name) OPID_##name,
#include "op_list.h" /* generated: every OP( line of runtime/ops, sorted */
#undef OP_ENTRY
    OPID_COUNT
} OpId;

/* Shape and dtype rule. x are the inputs as they are (tensor, or plain number: weak). */
typedef struct Infer {
    State *S;
    const struct OpDef *op;
    int nin;
    const Value *x;
    int nattr;
    const Attr *attr;
    DType dtype; /* out */
    int rank;
    int64_t shape[RANK_MAX]; /* out; rank 0: a number */
} Infer;

/* One array as a kernel sees it. Numbers come as rank 0 with the dtype that the operation computes in. */
typedef struct Arr {
    void *p;
    DType dtype;
    int rank;
    const int64_t *shape, *stride;
    int64_t n;
    bool contiguous;
} Arr;
typedef struct Run {
    State *S;
    const struct OpDef *op;
    int nin;
    Arr x[OP_INPUTS];
    Tensor *t[OP_INPUTS]; /* t NULL for numbers */
    Arr *more;            /* all inputs when nin > OP_INPUTS (concat, stack); else NULL */
    int nattr;
    const Attr *attr;
    Arr y; /* allocated, row-major; may be x[0]'s own storage when .inplace */
    Tensor *out;
    Span at;
} Run;

typedef struct Rule {
    State *S;
    const struct OpDef *op;
    int nin;
    const Value *x; /* inputs, one level further out than the node (data only where .keep says) */
    Value y;        /* result (data only with KEEP_Y) */
    int nattr;
    const Attr *attr;
    uint64_t need;     /* bit i: dx[i] is wanted */
    Value dy;          /* adjoint: cotangent of y, same shape as y */
    const Value *dxin; /* tangent: tangents of the inputs, NIL where zero */
    Value *dx;   /* adjoint: out; same shape as x[i], or anything that broadcasting x[i] gave: it is summed back */
    Value dyout; /* tangent: out */
    Value *temps;
    size_t ntemps, captemps; /* owned by the rule */
    bool failed;
} Rule;

enum {
    KEEP_X0 = 1,
    KEEP_X1 = 2,
    KEEP_X2 = 4,
    KEEP_X3 = 8,
    KEEP_ALL = 0x7f,
    KEEP_Y = 0x80, /* what .adjoint reads the data of */
};
enum {
    OPF_EACH = 1, /* element-wise with broadcasting; .each1/.each2/.each3 give the meaning */
    OPF_VIEW = 2, /* result shares storage; .view */
    OPF_FAIL = 4, /* can fail on data: runs when recorded */
    OPF_ZERO = 8, /* derivative zero everywhere it exists (floor, sign, comparisons): no node is recorded on a tape */
    OPF_INPLACE = 16, /* the kernel may write into input 0 of the same dtype and shape */
    OPF_BOOL = 256,   /* OPF_EACH: .each* give 0 or 1, which stand for false and true */
    OPF_REDUCE = 32,
    OPF_RANDOM = 64,
    OPF_HIDDEN = 128, /* no built-in of this name is made */
};

/* An operation on batched inputs, one depth further out (batch.h). */
typedef struct Batched {
    State *S;
    const struct OpDef *op;
    int nin;
    const Value *x; /* with the axis of the items first where bit i of `in` is set */
    uint64_t in;
    int64_t n; /* items */
    int nattr;
    const Attr *attr;
    const Infer *item; /* what one item gives */
    Value out;         /* for all items */
} Batched;

typedef struct OpDef {
    const char *name;
    OpId id;
    int8_t nin; /* inputs; -1: any number */
    uint16_t flags;
    uint8_t keep;
    uint8_t kernel; /* OPF_EACH: vector loops, a K_ of kernels/kernels.h; 0: none */
    const char *sig; /* built-in made from the table, "atan2(y, x)"; NULL: (x), (a, b) by nin, or none when attributes are needed */
    bool (*infer)(Infer *f);
    bool (*run)(Run *r); /* node by node kernel; NULL with OPF_EACH: the generic loop over .each or .loop */
    bool (*view)(State *S, Tensor *x, int nattr, const Attr *attr, Tensor *y); /* fills y's strides, offset */
    double (*each1)(double x);
    double (*each2)(double x, double y);
    double (*each3)(double x, double y, double z);
    /* vector loops over contiguous data, optional; sx: 0 (one element) or 1 */
    void (*loop64)(int64_t n, const double *a, int sa, const double *b, int sb, double *y);
    void (*loop32)(int64_t n, const float *a, int sa, const float *b, int sb, float *y);
    /* partial derivatives of the scalar lane, optional (else .adjoint with dy = 1): fills p[i] for each input */
    void (*partial)(const double *x, double y, double *p);
    void (*adjoint)(Rule *r);
    void (*tangent)(Rule *r);
    bool (*batch)(struct Batched *b); /* NULL: the items go one by one; OPF_EACH needs none */
    const char *doc;
    const char *symbol; /* how scripts write it, "+"; NULL: its name */
} OpDef;

extern const OpDef *const op_table[OPID_COUNT];
#define OP(id_, ...) const OpDef op_def_##id_ = {.name = #id_, .id = OPID_##id_, __VA_ARGS__};
int op_by_name(const char *name);      /* -1 */
const char *op_symbol(const OpDef *d); /* how scripts write it: "+", "@", "exp" */
/* Adds to the current error where an operand was made: "W: [32, 10], made by he([32, 10]) (digits.gd:9)". */
void op_note_made(State *S, const char *label, Value v);
/* What stands at `at`, in one line: "ones(3, 4)", or "`+` in `let y = x + 1`"; false when it is too long to show. */
bool op_made_text(State *S, Span at, char *buf, size_t n);
bool each_run(Run *r); /* the generic element-wise kernel, for .run functions that check first */

/* Applies an operation: the one way in. x borrowed; result owned. */
bool op_apply(State *S, OpId op, const Value *x, int nin, const Attr *attr, int nattr, Value *out);
static inline bool op1(State *S, OpId op, Value a, Value *out) { return op_apply(S, op, &a, 1, 0, 0, out); }
static inline bool op2(State *S, OpId op, Value a, Value b, Value *out)
{
    Value x[2] = {a, b};
    return op_apply(S, op, x, 2, 0, 0, out);
}
/* Runs an element-wise operation on small settled tensors of one shape (and numbers) at once, without looking further. *ok:
** whether it did; false: the inputs are of another kind. */
bool op_quick(State *S, const OpDef *d, const Value *x, int nin, Value *out, bool *ok);
/* Level 0 only: records (or runs) on plain inputs. */
bool op_record(State *S, OpId op, const Value *x, int nin, const Attr *attr, int nattr, Value *out);

/* ---- pending nodes ---- */
struct Node {
    const OpDef *op;
    Tensor *prev, *next; /* graph list */
    uint64_t seq;        /* ascends along the list */
    bool wanted;
    bool rows; /* a gradient by rows: each row occurs once (rows.c) */
    bool back; /* recorded by a rule in a sweep, while lines are looked at */
    Span at;
    int nin;
    int nattr;
    Value *x; /* owned inputs: tensors, numbers */
    Attr *attr;
    size_t size; /* of this block: node, inputs and attributes in one allocation */
};
bool graph_run(State *S, Tensor *t);    /* runs what t needs (behind tensor_force) */
void graph_drop(State *S, Tensor *t);   /* t dies pending */
void graph_settle(State *S, Tensor *t); /* t has its data: the node goes */

/* ---- gradients of tables by rows (rows.c) ---- */
bool tensor_by_rows(const Tensor *t); /* pending, and zero but for few rows along axis 0 */
/* The rows of such a tensor, each once, and their places (i64): borrowed from t and settled; NULL where t is none. */
bool tensor_rows(State *S, Tensor *t, Tensor **values, Tensor **index);
bool rows_add(State *S, Value a, Value b, Value *out, bool *done); /* a + b by rows; *done false: they are not */

/* ---- for rules: operations on Values, temporaries belong to the rule ---- */
Value r_op(Rule *r, OpId op, const Value *x, int nin, const Attr *attr, int nattr);
Value r_own(Rule *r, Value v_take); /* hands an owned value to the rule */
Value r_add(Rule *r, Value a, Value b);
Value r_sub(Rule *r, Value a, Value b);
Value r_mul(Rule *r, Value a, Value b);
Value r_div(Rule *r, Value a, Value b);
Value r_pow(Rule *r, Value a, Value b);
Value r_neg(Rule *r, Value a);
Value r_num(double x);
Value r_1(Rule *r, OpId op, Value a);
Value r_2(Rule *r, OpId op, Value a, Value b);
Value r_where(Rule *r, Value c, Value a, Value b);
Value r_matmul(Rule *r, Value a, Value b);
Value r_swap(Rule *r, Value a); /* swaps the last two axes */
Value r_sum_to(Rule *r, Value a,
               Value like); /* sums broadcast axes away until a has like's shape (number: to a number) */
Value r_broadcast(Rule *r, Value a, Value like); /* stretches a to like's shape */
Value r_reshape(Rule *r, Value a, Value like);
Value r_zeros_like(Rule *r, Value like); /* plain zeros of like's shape and dtype, or number 0 */
/* Multiplies a cotangent by a partial with strong zeros: where dy is exactly 0 the result is 0 whatever p is. */
Value r_chain(Rule *r, Value dy, Value p);
void r_fail(Rule *r, const char *what);

/* ---- shape rules shared by families ---- */
bool infer_same(Infer *f);      /* unary float: ints and bools become the default float; same shape */
bool infer_same_any(Infer *f);  /* unary, dtype kept */
bool infer_broadcast(Infer *f); /* shapes by NumPy's rule with the guard; dtype by promotion (LANGUAGE.md 3) */
bool infer_broadcast_float(Infer *f);
bool infer_compare(Infer *f); /* broadcast, bool result */
bool broadcast_shape(State *S, const char *what, const Value *x, int nin, int *rank,
                     int64_t *shape); /* DIAG_SHAPE / DIAG_GUARD with labels */
/* The dtype of an arithmetic result: weak numbers, integer rules; DIAG_WHOLE when a number is not whole beside an integer tensor. */
bool promote(State *S, const char *what, const Value *x, int nin, bool arithmetic, DType *out);

bool infer_keep(Infer *f);  /* unary arithmetic: ints stay, bools become the default float */
bool infer_test(Infer *f);  /* unary, bool result */
bool infer_logic(Infer *f); /* bools only, bool result */
bool infer_where(Infer *f); /* (bool, a, b): a and b promoted without arithmetic */

/* ---- named helpers other modules use (op_*.c): all handle every level ---- */
bool op_reshape(State *S, Value x, int rank, const int64_t *shape, Value *out);
bool op_permute(State *S, Value x, const int *axes, Value *out);
bool op_swapaxes(State *S, Value x, int a, int b, Value *out);
bool op_cast(State *S, Value x, DType dt, Value *out);
bool op_reduce(State *S, OpId op, Value x, const int *axes, int naxes, bool keep, Value *out); /* naxes 0: all */
bool op_sum_to(State *S, Value x, int rank, const int64_t *shape, Value *out);
bool op_broadcast_to(State *S, Value x, int rank, const int64_t *shape, Value *out);
bool op_concat(State *S, const Value *x, int n, int axis, Value *out);
bool op_stack(State *S, const Value *x, int n, int axis, Value *out);
/* Basic indexing as one view op: per source axis start, stop-count, step, and a kind (index drops the axis). */
bool op_slice(State *S, Value x, const int64_t *start, const int64_t *count, const int64_t *step, const bool *drop,
              Value *out);
bool op_gather_rows(State *S, Value x, int axis, Value idx,
                    Value *out); /* take along one axis with an integer tensor of any rank */
#endif
