/* value.h -- the tagged value: 16 bytes, a header word and a payload.
**
**   63      32 31    16 15   8 7   0
**  +----------+--------+------+-----+   +---------------------+
**  |   node   | epoch  | level| tag |   | double / bool / ptr |
**  +----------+--------+------+-----+   +---------------------+
**
** A plain number has the header 0, so "both operands are plain numbers" is one test:
** (a.hdr | b.hdr) == 0. A value that belongs to derivative level k > 0 carries k, the level's epoch and
** its node number on that level's tape; the payload is always the innermost plain datum (the double, the
** Tensor), the same on all levels; tape_lower() gives the header one level further out.
** Only numbers and tensors carry levels; lists and models carry them in their leaves.
**
** Counted objects start with Obj. Ownership: arguments are borrowed, results are owned, *_take consumes.
** SPDX-License-Identifier: MIT */
#ifndef DSC_VALUE_H
#define DSC_VALUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/diag.h"
#include "runtime/mem.h"

typedef enum Tag {
    T_NUM = 0,
    T_NIL,
    T_BOOL,
    T_UNSET,    /* a top-level let before its line has run, a default not given; never seen by scripts */
    T_CELL,     /* a model's state inside descend: payload.cell indexes the evaluation's states */
    T_HEAP = 8, /* tags from here on point to an Obj */
    T_STR = 8,
    T_TENSOR,
    T_LIST,
    T_MODEL,
    T_FN, /* Closure: script function or built-in, with captures */
    T_RANGE,
    T_OPT,    /* an optimiser or a gradient transform, with its state */
    T_SOURCE, /* a stream of items: lines(path), data.batches(...) */
    T_MODULE,
    T_MODELDEF,
    T_NAMES,
    T_PROTO, /* internal objects */
    T_TAGS
} Tag;

typedef struct Obj {
    uint32_t rc;
    uint8_t tag;
    uint8_t flags;
    uint16_t aux;
} Obj;
typedef struct Str Str;
typedef struct Tensor Tensor;
typedef struct List List;
typedef struct Model Model;
typedef struct ModelDef ModelDef;
typedef struct Closure Closure;
typedef struct Range Range;
typedef struct Opt Opt;
typedef struct Stream Stream;
typedef struct Module Module;
typedef struct Names Names;
typedef struct Proto Proto;

typedef struct Value {
    union {
        uint64_t hdr;
        struct {
            uint8_t tag, level;
            uint16_t epoch;
            uint32_t node;
        };
    };
    union {
        double n;
        bool b;
        int64_t cell;
        Obj *o;
        Str *s;
        Tensor *t;
        List *l;
        Model *m;
        Closure *f;
        Range *r;
        Opt *opt;
        Stream *src;
        Module *mod;
        ModelDef *def;
    };
} Value;

#define NIL ((Value){.hdr = T_NIL, .cell = 0})
/* Index markers, between brackets only: `:`, `...`, `new` (OP MARK; node says which). */
enum { MARK_ALL = 1, MARK_REST = 2, MARK_NEW = 3 };
static inline bool is_mark(Value v, uint32_t which) { return v.tag == T_NIL && v.node == which; }
#define MARKER(which) ((Value){.hdr = T_NIL | (uint64_t)(which) << 32, .cell = 0})
#define UNSET ((Value){.hdr = T_UNSET, .cell = 0})
static inline Value val_num(double n)
{
    Value v;
    v.hdr = 0;
    v.n = n;
    return v;
}
static inline Value val_bool(bool b)
{
    Value v;
    v.hdr = T_BOOL;
    v.cell = 0;
    v.b = b;
    return v;
}
static inline Value val_obj(Tag tag, void *o)
{
    Value v;
    v.hdr = tag;
    v.o = (Obj *)o;
    return v;
}
static inline bool is_num(Value v) { return v.tag == T_NUM; }
static inline bool is_heap(Value v) { return v.tag >= T_HEAP; }
static inline bool is_nil(Value v) { return v.tag == T_NIL; }
static inline bool is_tensor(Value v) { return v.tag == T_TENSOR; }

void obj_free(State *S, Obj *o); /* count reached 0; iterative for deep trees */
static inline Value retain(Value v)
{
    if (is_heap(v)) v.o->rc++;
    return v;
}
static inline void release(State *S, Value v)
{
    if (is_heap(v) && --v.o->rc == 0) obj_free(S, v.o);
}
static inline void *obj_retain(void *o)
{
    if (o) ((Obj *)o)->rc++;
    return o;
}
static inline void obj_release(State *S, void *o)
{
    if (o && --((Obj *)o)->rc == 0) obj_free(S, (Obj *)o);
}
void *obj_new(State *S, Tag tag, size_t size); /* zeroed past Obj, rc 1 */

const char *type_name(State *S, Value v); /* "number", "f64[3, 4]" with shape for tensors, "list", the model's name */
bool value_equal(State *S, Value a, Value b, bool *out); /* structural ==; tensors: same shape and all equal */

/* ---- strings: immutable UTF-8; code points counted, slices by code point ---- */
struct Str {
    Obj obj;
    uint32_t hash, cap;
    size_t len, npoints;
    size_t point, byte; /* where the last code point that was asked for stands: walking through a text is linear */
    char data[];
};
/* interned strings (obj.flags & STR_INTERNED) are equal exactly when they are the same pointer */
enum { STR_INTERNED = 1 };
Str *str_new(State *S, const char *s, size_t len);        /* checks nothing: callers give valid UTF-8 */
Str *str_from_bytes(State *S, const char *s, size_t len); /* invalid bytes become U+FFFD */
Str *str_intern(State *S, const char *s, size_t len);
bool str_same(const Str *a, const Str *b);
uint32_t str_hash(const Str *s);   /* as in .hash of an interned one */
void str_forget(State *S, Str *s); /* takes an interned string out of the table (from obj_free) */
Str *str_slice(State *S, Str *s, int64_t start, int64_t stop, int64_t step); /* code points, clipped by the caller */
bool str_append_take(State *S, Str *a, const Str *b, Str **out); /* consumes a; grows in place when it has one owner */
Value val_str(State *S, const char *s, size_t len);              /* NIL with error set on failure */

/* ---- lists: ordered, mixed, items may be named ---- */
struct Names {
    Obj obj;
    int n;
    Str *at[];
}; /* interned or NULL, shared between lists of one form */
struct List {
    Obj obj;
    int64_t len, cap;
    Value *at;
    Names *names; /* NULL: no item is named */
};
List *list_new(State *S, int64_t cap);
bool list_push_take(State *S, List *l, Str *name,
                    Value v);              /* l must have one owner; consumes v also on failure; name may be NULL */
List *list_unique_take(State *S, List *l); /* consumes l; result has one owner (copied when shared) */
int64_t list_find(const List *l, const Str *name); /* -1 */
Str *list_name(const List *l, int64_t i);          /* NULL when unnamed */
Names *names_new(State *S, int n, Str **at);
size_t names_size(const Names *m); /* of its block (from obj_free) */
Value list_pair(State *S, Value a_take, Value b_take);

/* ---- ranges ---- */
/* half-open; whole steps of 1 from lo; empty when hi <= lo. With RANGE_SLICE in obj.flags it is the marker a:b:c
** between brackets instead (NaN = left out), which scripts never see. */
enum { RANGE_SLICE = 1 };
struct Range {
    Obj obj;
    double lo, hi, step;
};
int64_t range_len(const Range *r);
Value range_new(State *S, double lo, double hi);

/* ---- text ---- */
typedef struct Buf {
    State *S;
    char *p;
    size_t len, cap;
    bool failed;
} Buf; /* growable text */
void buf_init(Buf *b, State *S);
void buf_put(Buf *b, const char *s, size_t n);
void buf_puts(Buf *b, const char *s);
void buf_printf(Buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_deinit(Buf *b);
Str *buf_str(Buf *b); /* to a string; deinits */

/* Shortest decimal that reads back; whole numbers without a point; inf, -inf, nan. Returns length (< 32). */
int num_format(char out[40], double x);
/* m * 10^exp, correctly rounded, where that is quick to tell; false: strtod knows. */
bool decimal_value(uint64_t m, int exp, double *out);
/* spec is what stands after the colon of a hole: "", ".4" (significant digits), ".3f" (decimals), "8" (width), "8.3f" */
bool value_format(State *S, Buf *b, Value v, const char *spec, size_t len);
/* What print shows: strings bare at top level and quoted inside lists; tensors readable at any size (numpy-like, summarised). */
bool value_show(State *S, Buf *b, Value v, bool quoted);

/* ---- helpers for trees (lists and models), iterating over leaves ---- */
/* Calls f on each leaf in order and builds a tree of the same structure of the results (*out owned by f's contract).
** Containers that come back unchanged are shared. Depth-safe (iterative or depth-limited with DIAG_DEPTH). */
typedef bool (*LeafFn)(State *S, void *ud, Value leaf, Value *out);
bool tree_map(State *S, Value v, LeafFn f, void *ud, Value *out);
/* Same for two trees of one structure (DIAG_STRUCTURE otherwise); a nil on either side is handed to f with the whole
** other side as it is (nil op x, where x may be a subtree). */
typedef bool (*LeafFn2)(State *S, void *ud, Value a, Value b, Value *out);
bool tree_map2(State *S, Value a, Value b, LeafFn2 f, void *ud, Value *out);
/* Visits leaves with a path such as "body[0].W" in a buffer; stops on false. */
typedef bool (*LeafVisit)(State *S, void *ud, const char *path, Value leaf);
bool tree_each(State *S, Value v, LeafVisit f, void *ud);
#endif
