/* batch.h -- many items at once: one run of a body computes it for a whole range, one axis further.
**
** While a batch of depth k runs, what differs from item to item is a *batched* value: it looks like the tensor
** that one item has (its shape and dtype; rank 0 where an item has a number or a bool), and holds the tensor
** of all items, its *whole*, whose first axis counts them. op_apply sees batched inputs and applies the
** operation one depth further out, by the operation's batch rule. Wholes are ordinary values, so a derivative
** around the batch records one node for all items; a derivative inside it differentiates wholes, since no item
** depends on another.
**
** A batched value is a tensor that waits and can never be run: whoever asks for its data (tensor_force) gets an
** error, as does whoever wants a number. Under a batch *every* error gives the batch up before anything visible has
** happened, and the items are run one by one. Output, assignments to outer places and random draws do the same.
** A condition that differs between items splits the batch: the body is run again for the items on either side.
** SPDX-License-Identifier: MIT */
#ifndef DSC_BATCH_H
#define DSC_BATCH_H
#include "runtime/value.h"

enum {
    BATCH_DEPTH = 8,
    BATCH_LEAST = 32,     /* items, below which a comprehension is not worth it */
    BATCH_MOST = 1 << 16, /* items at a time, those of all batches multiplied */
    BATCH_WIDE = 1 << 17, /* elements of one value for all items: where there are more, fewer items at a time */
    BATCH_TRIES = 3       /* at one place */
};

typedef struct Batches {
    int depth; /* batches that are running, one inside the other */
    struct {
        int64_t n;
        size_t frame; /* comprehension: its frame, the first register of its loop, where its body ends */
        uint32_t first;
        int32_t end;
        bool wide;          /* numbers of the result stay f64 under `use f32`: they are added up */
    } run[BATCH_DEPTH + 1]; /* from 1 */
    int split;              /* the batch of this depth has met a condition that differs, or 0 */
    Tensor *mask;           /* the condition, bool [n]; owned */
    bool wide;              /* of the next attempt */
    int64_t big;            /* elements of a value that had too many, or 0 */
    bool gave_up;           /* the last attempt */
    bool off;               /* every comprehension and vmap runs item by item */
} Batches;

/* Which of the items a run is for: n of them from `first` on, or those of sel (i64, in order). */
typedef struct BatchItems {
    Tensor *sel;
    int64_t first, n;
} BatchItems;

bool is_batch(Value v);
/* A number, a bool that may differ from item to item. */
bool batch_number(Value v);
bool batch_bool(Value v);
/* The number lo + i of each item i of a run; while they follow each other, an index made of it is a slice. */
bool batch_range(State *S, double lo, const BatchItems *of, Value *out);

/* Makes its batched values, gives one item's result. */
typedef bool (*BatchBody)(State *S, void *ud, const BatchItems *of, Value *out);
/* Runs body for n items at once. *out: numbers and tensors of the result stacked, lists and models leaf by leaf. *done
** false: it cannot be done so, nothing has happened, run the items one by one. False: an error to be passed on. */
bool batch_try(State *S, int64_t n, BatchBody body, void *ud, Value *out, bool *done);
/* x (tensor of all items) as a batched value for those of a run. */
bool batch_select(State *S, Value x, const BatchItems *of, Value *out);
/* Gives up the running batch, if there is one: true when there is none. For what must not happen twice or out of order. */
bool batch_effect(State *S, const char *what);

/* ---- meeting batched values ---- */
bool batch_apply(State *S, int op, const Value *x, int nin, const void *attr, int nattr, Value *out);
bool batch_truth(State *S, Value v, bool *out); /* of a bool that may differ: splits the batch when it does */
bool batch_index(State *S, Value x, const Value *idx, int n, Value *out);
bool batch_index_set(State *S, Value *slot, const Value *idx, int n, Value v);
bool batch_stack(State *S, const Value *v, int64_t n, Value *out);
struct Builtin;
/* Whether a built-in may see these arguments: a batched number looks like a tensor to one that asks for tags. */
bool batch_takes(State *S, const struct Builtin *b, const Value *arg, int n);
static inline bool batch_any(const Value *v, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (is_batch(v[i])) return true;
    return false;
}
void batch_free(State *S, Tensor *t); /* from tensor_free */
bool batch_forced(State *S);          /* from tensor_force: false */

/* ---- derivatives inside a batch ---- */
/* v for all items of every running batch (a leaf that is differentiated: each item has its own gradient). */
bool batch_expand(State *S, Value v, Value *out);
/* The innermost value, with one axis for each batch around it; other values as they are. Borrowed. */
Value batch_bottom(Value v);
/* `bottom` (consumed), of batch_bottom(like)'s leading axes, as a batched value like `like`. */
bool batch_rewrap(State *S, Value like, Value bottom, Value *out);

/* ---- batch rules (op.h, .batch) ---- */
/* Moves one axis of *v (owned; nil on failure), the others keep their order. */
bool batch_move_axis(State *S, Value *v, int from, int to);
struct Batched;
bool b_front(struct Batched *b); /* works on the last axes, any number before them */
bool b_mask(struct Batched *b);  /* attribute 1: bits of axes */
bool b_axis(struct Batched *b);  /* attribute 0: an axis of every input */
bool b_shape(struct Batched *b); /* attributes: the shape of the result */
bool b_permute(struct Batched *b);
bool b_slice(struct Batched *b);
bool b_unslice(struct Batched *b);
bool b_take(struct Batched *b);
bool b_take_add(struct Batched *b);
bool b_set_slice(struct Batched *b);
bool b_set_rows(struct Batched *b);
bool b_matmul(struct Batched *b);
bool b_conv(struct Batched *b); /* conv, conv_input, conv_kernel */
#endif
