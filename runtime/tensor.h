/* tensor.h -- n-d strided views over counted storage, and the door behind which pending ones run.
**
** A Tensor has a shape from the moment it is recorded; its data may still be a pending node. Everything
** that looks at data goes through tensor_force (or tensor_data, which forces). Tensors are immutable;
** writing goes through tensor_edit, which copies when the tensor or its storage has another owner.
**
**   Tensor { dtype, rank, shape, strides (in elements), offset } -> Storage { count, bytes, data }
**
** SPDX-License-Identifier: MIT */
#ifndef DSC_TENSOR_H
#define DSC_TENSOR_H
#include "runtime/value.h"

typedef enum DType { DT_F64, DT_F32, DT_I64, DT_I32, DT_U8, DT_BOOL, DT_COUNT } DType;
enum { RANK_MAX = 16 };
extern const char *const dtype_name[DT_COUNT];
extern const uint8_t dtype_size[DT_COUNT];
static inline bool dtype_float(DType d) { return d <= DT_F32; }
static inline bool dtype_int(DType d) { return d == DT_I64 || d == DT_I32 || d == DT_U8; }
int dtype_by_name(const char *s, size_t n); /* -1 */

typedef struct Storage {
    uint32_t rc;
    size_t cap; /* bytes from mem_block, or bytes lent by a host */
    void *data;
    void (*deleter)(void *ud); /* host memory; NULL: ours */
    void *ud;
} Storage;

typedef struct Node Node; /* a recorded operation that has not run (op.h) */
typedef struct Dual Dual; /* tangents that forward levels keep for this tensor (forward.c) */
typedef struct Lanes Lanes; /* lane node numbers beside the data, for reading and writing by element under a derivative (tape.h) */

enum { TENSOR_GHOST = 1 }; /* a shape without data: what the tape keeps of inputs whose values no rule needs */

struct Tensor {
    Obj obj;
    uint8_t dtype, rank;
    bool contiguous; /* row-major without gaps, from offset */
    uint32_t mark;   /* of a plan that is being looked for, else 0 (plan.c) */
    int64_t n;       /* elements */
    int64_t offset;  /* elements into storage */
    Storage *st;     /* NULL while pending and in ghosts */
    Node *node;      /* pending, else NULL */
    Lanes *lanes;
    Dual *dual;
    Span at;             /* where it was made */
    const char *made_by; /* name of the operation or built-in that made it, or NULL */
    int64_t dim[];       /* rank sizes, then rank strides */
};
static inline int64_t *tensor_shape(const Tensor *t) { return (int64_t *)t->dim; }
static inline int64_t *tensor_strides(const Tensor *t) { return (int64_t *)t->dim + t->rank; }

/* Fresh, row-major. `tensor_new` leaves data uninitialised; tensor_shell has no storage yet. */
Tensor *tensor_new(State *S, DType dt, int rank, const int64_t *shape);
Tensor *tensor_zeros(State *S, DType dt, int rank, const int64_t *shape);
Tensor *tensor_full(State *S, DType dt, int rank, const int64_t *shape, double v);
Tensor *tensor_shell(State *S, DType dt, int rank, const int64_t *shape);
Tensor *tensor_ghost(State *S, const Tensor *t);
/* A view of settled t: same storage, other shape, strides, offset. */
Tensor *tensor_view(State *S, const Tensor *t, int rank, const int64_t *shape, const int64_t *strides, int64_t offset);
Tensor *tensor_from(State *S, DType dt, int rank, const int64_t *shape, const void *data);
Tensor *tensor_range(State *S, double lo, double step, int64_t n, DType dt);
Storage *storage_new(State *S, size_t bytes);
void storage_release(State *S, Storage *st);
void tensor_free(State *S, Tensor *t);  /* from obj_free */
bool tensor_row_major(const Tensor *t); /* by its strides */

bool tensor_force(State *S, Tensor *t); /* the one door: after it t->node is NULL and t->st is set */
bool tree_force(State *S, Value v);     /* all of a tree's tensors together; gradients by rows stay what they are */
void *tensor_data(State *S, Tensor *t); /* forces; pointer to the first element; NULL on error */
Tensor *tensor_contiguous(State *S, Tensor *t); /* owned: t itself (retained) or a row-major copy; settled */
Tensor *tensor_as(State *S, Tensor *t,
                  DType dt); /* owned; settled; checked conversion (DIAG_CONVERT for what does not fit) */
/* For writing: consumes t; result has one owner, own row-major storage, settled, no lanes shared. */
Tensor *tensor_edit_take(State *S, Tensor *t);
bool tree_force_with(State *S, Value v, Tensor *t); /* and t, in the same plan, when it is not NULL */
bool tensor_flush(State *S);                        /* runs everything that is pending */

double tensor_get(const Tensor *t, int64_t flat);     /* element by row-major number, settled; any dtype as double */
void tensor_put(Tensor *t, int64_t flat, double v);   /* own contiguous data; v converts */
int64_t tensor_offset(const Tensor *t, int64_t flat); /* storage index of row-major element number */

/* shapes */
int64_t shape_count(State *S, int rank, const int64_t *shape); /* -1 with DIAG_SIZE set */
bool shape_equal(const Tensor *a, const Tensor *b);
static inline bool trails(const Tensor *a, const Tensor *b) /* b's axes are the last of a's, and a has more */
{
    int lead = a->rank - b->rank;
    for (int k = 0; k < b->rank; k++)
        if (lead <= 0 || a->dim[lead + k] != b->dim[k]) return false;
    return lead > 0;
}
void shape_text(Buf *b, int rank, const int64_t *shape);     /* "[32, 10]" */
const char *shape_str(const Tensor *t, char *buf, size_t n); /* for messages */

/* Value of a settled 0-d result: number or bool. */
Value tensor_scalar(State *S, Tensor *t);
bool tensor_show(State *S, Buf *b, Tensor *t); /* for print: summarised above 1000 elements */
/* Stacks n values (numbers, bools, tensors of one shape; any level) into one tensor value: the meaning of [a, b, c]. */
bool tensor_stack(State *S, const Value *v, int64_t n, Value *out);

/* ---- the graph: tensors whose node has not run, in recording order ---- */
typedef struct Graph {
    Tensor *first, *last;   /* linked through their nodes */
    size_t n;               /* pending nodes */
    size_t bytes;           /* bytes their results will take */
    uint64_t recorded, run; /* counters */
} Graph;

/* lane numbers of a tensor that dies or is copied for writing (tape.c) */
void lanes_free(State *S, Lanes *l);
Lanes *lanes_copy(State *S, const Lanes *l);
void dual_free(State *S, Dual *d); /* tangents of a tensor that dies (forward.c) */
#endif
