/* op.c -- the operation table and applying an operation to values; shape and dtype rules; help for rules.
**
** op_apply sorts by what the inputs are: plain numbers run at once; anything that belongs to a derivative
** goes to the tape, which comes back here one level further out; the rest is recorded (force.c).
** SPDX-License-Identifier: MIT */
#include "runtime/op.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/kernels/kernels.h"
#include "runtime/ops/exec.h"
#include "runtime/state.h"
#include "runtime/threads.h"

#define OP_ENTRY(name) extern const OpDef op_def_##name;
#include "op_list.h"
#undef OP_ENTRY
const OpDef *const op_table[OPID_COUNT] = {
#define OP_ENTRY(name) &op_def_##name,
#include "op_list.h"
#undef OP_ENTRY
};

int op_by_name(const char *name)
{
    int lo = 0, hi = OPID_COUNT - 1;
    while (lo <= hi) {
        int mid = (lo + hi) / 2, c = strcmp(name, op_table[mid]->name);
        if (!c) return mid;
        if (c < 0) hi = mid - 1;
        else lo = mid + 1;
    }
    return -1;
}

const char *op_symbol(const OpDef *d)
{
    if (d->symbol) return d->symbol;
    return d == op_table[OPID_matmul] ? "@" : d->name;
}

static bool is_operator(const char *symbol) { return !((*symbol | 32) >= 'a' && (*symbol | 32) <= 'z'); }

static bool gives_bool(const OpDef *d) { return d->flags & OPF_BOOL; }

/* ---- applying ---- */

static bool wrong_kind(State *S, const OpDef *d, Value v)
{
    diag_fail(S, DIAG_TYPE, "`%s` takes numbers and tensors, not %s", op_symbol(d), type_name(S, v));
    if (v.tag == T_LIST || v.tag == T_MODEL) diag_hint(S, "map_leaves(tree, %s) goes leaf by leaf", d->name);
    return false;
}

static bool bools_only(State *S, const OpDef *d, const Value *x, int nin)
{
    for (int i = 0; i < nin; i++) {
        if (x[i].tag == T_BOOL) continue;
        diag_fail(S, DIAG_DTYPE, "`%s` takes bools, not a number", d->name);
        return diag_hint(S, "compare first: x != 0");
    }
    return true;
}

static inline double plain(Value v) { return v.tag == T_BOOL ? v.b : v.n; }

/* where and clamp of numbers choose one of them, which keeps its place in every derivative. */
static bool choose(State *S, OpId op, const Value *x, Value *out)
{
    if (op == OPID_where) {
        *out = retain(plain(x[0]) != 0 ? x[1] : x[2]);
        return true;
    }
    double v = plain(x[0]), lo = plain(x[1]), hi = plain(x[2]);
    Value y = v < lo ? x[1] : x[0];
    *out = retain(plain(y) > hi ? x[2] : y);
    (void)S;
    return true;
}

bool op_apply(State *S, OpId op, const Value *x, int nin, const Attr *attr, int nattr, Value *out)
{
    const OpDef *d = op_table[op];
    bool traced = false, tensors = false;
    for (int i = 0; i < nin; i++) {
        if (x[i].tag != T_NUM && x[i].tag != T_TENSOR && x[i].tag != T_BOOL) return wrong_kind(S, d, x[i]);
        traced |= x[i].level != 0;
        tensors |= x[i].tag == T_TENSOR;
    }
    if (S->batch.depth && tensors && batch_any(x, nin)) return batch_apply(S, op, x, nin, attr, nattr, out);
    bool ok;
    if (tensors && !traced && d->kernel && nin <= 2 && op_quick(S, d, x, nin, out, &ok)) return ok;
    if (!tensors && d->flags & OPF_EACH) {
        if (nin == 3) return choose(S, op, x, out);
        if (d->infer == infer_logic && !bools_only(S, d, x, nin)) return false;
        if (!traced) {
            double y = nin == 1 ? d->each1(plain(x[0])) : d->each2(plain(x[0]), plain(x[1]));
            *out = gives_bool(d) ? val_bool(y != 0) : val_num(y);
            return true;
        }
        if (!(d->flags & OPF_ZERO)) return nin == 1 ? tape_num1(S, op, x[0], out) : tape_num2(S, op, x[0], x[1], out);
    }
    if (!traced) return op_record(S, op, x, nin, attr, nattr, out);
    if (!(d->flags & OPF_ZERO)) return tape_op(S, op, x, nin, attr, nattr, out);
    /* derivative zero on every level: the plain data is all that matters */
    Value bare[OP_INPUTS];
    if (nin > OP_INPUTS) return tape_op(S, op, x, nin, attr, nattr, out);
    for (int i = 0; i < nin; i++) {
        bare[i] = x[i];
        bare[i].hdr = x[i].tag;
    }
    return op_apply(S, op, bare, nin, attr, nattr, out);
}

/* ---- the element-wise kernel ---- */

/* An element-wise operation over threads: elements do not depend on where they stand. */
typedef struct EachAll {
    Loop loop;
    const void *fn;
    int nin;
    const EachIn *in; /* strided: cut along axis `axis` of the result */
    const DType *compute;
    DType made;
    int axis;
    const Arr *y;
    const void *const *x; /* simple: contiguous (s = 1) or one element */
    const int *s;
} EachAll;

static void each_simple(void *ud, int64_t lo, int64_t hi)
{
    const EachAll *e = ud;
    const void *x[STRIDED_INPUTS];
    for (int i = 0; i < e->nin; i++) x[i] = (const char *)e->x[i] + (e->s[i] ? lo : 0) * dtype_size[e->in[i].dtype];
    e->loop(hi - lo, x, e->s, (char *)e->y->p + lo * dtype_size[e->y->dtype], e->fn);
}

static void each_strided(void *ud, int64_t lo, int64_t hi)
{
    const EachAll *e = ud;
    EachIn in[STRIDED_INPUTS];
    int64_t shape[RANK_MAX], cut[STRIDED_INPUTS][RANK_MAX], inner = 1;
    int rank = e->y->rank, axis = e->axis;
    for (int k = 0; k < rank; k++) shape[k] = k == axis ? hi - lo : e->y->shape[k];
    for (int k = axis + 1; k < rank; k++) inner *= shape[k];
    for (int i = 0; i < e->nin; i++) {
        in[i] = e->in[i];
        int k = axis - (rank - in[i].rank); /* its axis, where it has one */
        if (k < 0 || in[i].shape[k] == 1) continue;
        memcpy(cut[i], in[i].shape, sizeof(int64_t) * (size_t)in[i].rank);
        cut[i][k] = hi - lo;
        in[i].p = (const char *)in[i].p + lo * in[i].stride[k] * dtype_size[in[i].dtype];
        in[i].shape = cut[i];
    }
    each_loop(e->loop, e->fn, e->nin, in, e->compute, e->made, (char *)e->y->p + lo * inner * dtype_size[e->y->dtype],
              e->y->dtype, rank, shape);
}

bool each_run(Run *r)
{
    const OpDef *d = r->op;
    DType join = r->y.dtype;
    if (join == DT_BOOL) {
        for (int i = d->kernel == K_where; i < r->nin; i++)
            if (r->x[i].dtype < join) join = r->x[i].dtype;
    }
    Loop loop = NULL;
    const void *fn = NULL;
    DType made = join;
    if (d->kernel) {
        const LoopRow *table = kernels_pick();
        loop = table[d->kernel][join];
        if (!loop) loop = table[d->kernel][join = DT_F64];
        made = gives_bool(d) ? DT_BOOL : join;
    }
    if (!loop) {
        made = join = DT_F64;
        loop = r->nin == 1 ? loop_each1 : r->nin == 2 ? loop_each2 : loop_each3;
        fn = r->nin == 1 ? (const void *)&d->each1 : r->nin == 2 ? (const void *)&d->each2 : (const void *)&d->each3;
    }
    EachIn in[STRIDED_INPUTS];
    DType compute[STRIDED_INPUTS];
    const void *x[STRIDED_INPUTS];
    int s[STRIDED_INPUTS];
    bool simple = made == r->y.dtype, run = r->y.n == 1; /* nothing to convert, every input contiguous or one element */
    for (int i = 0; i < r->nin; i++) {
        const Arr *a = &r->x[i];
        x[i] = a->p;
        s[i] = a->n == r->y.n;
        run |= s[i];
        in[i] = (EachIn){a->p, a->dtype, a->rank, a->shape, a->stride};
        compute[i] = d->kernel == K_where && i == 0 ? DT_BOOL : join;
        simple &= a->dtype == compute[i] && (s[i] ? a->contiguous : a->n == 1);
    }
    enum { SMALL = 1 << 12 };
    EachAll e = {loop, fn, r->nin, in, compute, made, 0, &r->y, x, s};
    double ns = fn ? 20 : simple ? 0.3 : 1; /* an element */
    if (simple && run) {
        if (r->y.n < SMALL) {
            if (r->y.n) loop(r->y.n, x, s, r->y.p, fn);
        } else par_for(r->S, r->y.n, par_grain(ns), each_simple, &e);
        return true;
    }
    while (e.axis < r->y.rank && r->y.shape[e.axis] == 1) e.axis++;
    if (r->y.n < SMALL || e.axis == r->y.rank)
        each_loop(loop, fn, r->nin, in, compute, made, r->y.p, r->y.dtype, r->y.rank, r->y.shape);
    else {
        int64_t rows = r->y.shape[e.axis];
        par_for(r->S, rows, par_grain(ns * (double)(r->y.n / rows)), each_strided, &e);
    }
    return true;
}

/* ---- dtype rules ---- */

static bool holds(DType dt, double v)
{
    switch (dt) {
    case DT_I64: return v >= -0x1p63 && v < 0x1p63;
    case DT_I32: return v >= -0x1p31 && v < 0x1p31;
    case DT_U8: return v >= 0 && v < 256;
    case DT_F64:
    case DT_F32:
    case DT_BOOL:
    case DT_COUNT: break;
    }
    return true;
}

static bool not_whole(State *S, const char *what, DType dt, double v)
{
    char num[40];
    num_format(num, v);
    diag_fail(S, DIAG_WHOLE, "`%s` of an %s tensor with %s, which is not whole", what, dtype_name[dt], num);
    diag_hint(S, "convert the tensor first: x as f64");
    return false;
}

bool promote(State *S, const char *what, const Value *x, int nin, bool arithmetic, DType *out)
{
    DType j = DT_COUNT;
    bool numbers = false, bools = false;
    for (int i = 0; i < nin; i++) {
        if (x[i].tag == T_NUM) numbers = true;
        else if (x[i].tag == T_BOOL) bools = true;
        else if (x[i].t->dtype < j) j = (DType)x[i].t->dtype;
    }
    if (j == DT_COUNT) j = bools && !numbers ? DT_BOOL : default_float(S);
    if (j == DT_BOOL && (arithmetic || numbers)) j = default_float(S);
    if (dtype_int(j) && numbers) {
        for (int i = 0; i < nin; i++) {
            if (x[i].tag != T_NUM) continue;
            double v = x[i].n;
            if (v != trunc(v) || isinf(v)) return not_whole(S, what, j, v);
            if (holds(j, v)) continue;
            char num[40];
            num_format(num, v);
            diag_fail(S, DIAG_CONVERT, "`%s` of an %s tensor with %s, which does not fit in %s", what, dtype_name[j],
                      num, dtype_name[j]);
            diag_hint(S, "convert the tensor first: x as %s", j == DT_I64 ? "f64" : "i64");
            return false;
        }
    }
    *out = j;
    return true;
}

/* ---- shape rules ---- */

static void take_shape(Infer *f, Value v)
{
    f->rank = v.tag == T_TENSOR ? v.t->rank : 0;
    for (int k = 0; k < f->rank; k++) f->shape[k] = v.t->dim[k];
}

static DType float_of(State *S, Value v)
{
    if (v.tag == T_TENSOR && dtype_float((DType)v.t->dtype)) return (DType)v.t->dtype;
    return v.tag == T_TENSOR ? default_float(S) : DT_F64;
}

bool infer_same(Infer *f)
{
    take_shape(f, f->x[0]);
    f->dtype = float_of(f->S, f->x[0]);
    return true;
}

bool infer_same_any(Infer *f)
{
    take_shape(f, f->x[0]);
    f->dtype = f->x[0].tag == T_TENSOR ? (DType)f->x[0].t->dtype : f->x[0].tag == T_BOOL ? DT_BOOL : DT_F64;
    return true;
}

bool infer_keep(Infer *f)
{
    infer_same_any(f);
    if (f->dtype == DT_BOOL) f->dtype = default_float(f->S);
    return true;
}

bool infer_test(Infer *f)
{
    take_shape(f, f->x[0]);
    f->dtype = DT_BOOL;
    return true;
}

static bool is_bools(Value v) { return v.tag == T_BOOL || (v.tag == T_TENSOR && v.t->dtype == DT_BOOL); }

static bool want_bools(Infer *f, Value v)
{
    if (is_bools(v)) return true;
    diag_fail(f->S, DIAG_DTYPE, "`%s` takes bools, not %s", f->op->name,
              v.tag == T_TENSOR ? dtype_name[v.t->dtype] : "a number");
    diag_hint(f->S, "compare first: x != 0");
    return false;
}

bool infer_logic(Infer *f)
{
    for (int i = 0; i < f->nin; i++)
        if (!want_bools(f, f->x[i])) return false;
    f->dtype = DT_BOOL;
    return broadcast_shape(f->S, f->op->name, f->x, f->nin, &f->rank, f->shape);
}

bool infer_broadcast(Infer *f)
{
    const char *what = op_symbol(f->op);
    return promote(f->S, what, f->x, f->nin, true, &f->dtype) &&
           broadcast_shape(f->S, what, f->x, f->nin, &f->rank, f->shape);
}

bool infer_broadcast_float(Infer *f)
{
    DType j = DT_COUNT;
    for (int i = 0; i < f->nin; i++)
        if (f->x[i].tag == T_TENSOR && f->x[i].t->dtype < j) j = (DType)f->x[i].t->dtype;
    f->dtype = dtype_float(j) ? j : default_float(f->S);
    return broadcast_shape(f->S, op_symbol(f->op), f->x, f->nin, &f->rank, f->shape);
}

bool infer_compare(Infer *f)
{
    f->dtype = DT_BOOL;
    return broadcast_shape(f->S, op_symbol(f->op), f->x, f->nin, &f->rank, f->shape);
}

bool infer_where(Infer *f)
{
    if (f->x[0].tag == T_TENSOR && !want_bools(f, f->x[0])) return false;
    return promote(f->S, f->op->name, f->x + 1, 2, false, &f->dtype) &&
           broadcast_shape(f->S, f->op->name, f->x, 3, &f->rank, f->shape);
}

/* The text of the running instruction, or "". */
static int here_text(State *S, const char **text)
{
    Span at = vm_here(S);
    const Source *src = source_get(S, at.file);
    if (!src || !at.len || (size_t)at.off + at.len > src->len || at.len > 400) return 0;
    *text = src->text + at.off;
    return (int)at.len;
}

/* a > b is applied as b < a: puts the operands of a message back in the order of the source. */
static bool written_swapped(State *S, const char **what)
{
    const char *s = NULL;
    int n = here_text(S, &s);
    bool le = !strcmp(*what, "<=");
    if ((!le && strcmp(*what, "<")) || !n || !memchr(s, '>', (size_t)n) || memchr(s, '<', (size_t)n)) return false;
    *what = le ? ">=" : ">";
    return true;
}

static void operand_text(Value v, char *buf, size_t n)
{
    if (v.tag == T_TENSOR) shape_str(v.t, buf, n);
    else snprintf(buf, n, "number");
}

/* "shapes do not meet in `+`: [2] + [3]" and the axis under the caret */
static bool shapes_do_not_meet(State *S, const char *what, const Value *x, int nin, int64_t p, int64_t q, int axis,
                               bool guard)
{
    char a[200], b[200], c[200] = "";
    bool swap = nin == 2 && written_swapped(S, &what);
    operand_text(x[swap], a, sizeof a);
    if (nin > 1) operand_text(x[!swap], b, sizeof b);
    if (nin > 2) operand_text(x[2], c, sizeof c);
    DiagCode code = guard ? DIAG_GUARD : DIAG_SHAPE;
    const char *why = guard ? "broadcasting would grow the result of" : "shapes do not meet in";
    if (nin == 2 && is_operator(what)) diag_fail(S, code, "%s `%s`: %s %s %s", why, what, a, what, b);
    else if (nin == 2) diag_fail(S, code, "%s `%s`: %s and %s", why, what, a, b);
    else diag_fail(S, code, "%s `%s`: %s, %s and %s", why, what, a, b, c);
    if (swap) {
        int64_t t = p;
        p = q;
        q = t;
    }
    if (!guard) diag_label(S, "%lld against %lld on axis %d", (long long)p, (long long)q, axis);
    return false;
}

/* One operand lies along an axis that the other does not have. */
static void guard_hint(State *S, const Value *x, int nin, int high)
{
    int top = -1, low = -1;
    for (int i = 0; i < nin; i++) {
        if (x[i].tag != T_TENSOR) continue;
        if (x[i].t->rank == high && top < 0) top = i;
        else if (x[i].t->rank < high && low < 0) low = i;
    }
    if (top < 0 || low < 0) return;
    const Tensor *a = x[top].t, *b = x[low].t;
    char name[200];
    if (a->rank == 2 && a->dim[1] == 1 && b->rank == 1)
        diag_hint(S, "%s has a column: p[:, 0] takes it as a vector, and a[:, new] makes a vector a column",
                  shape_str(a, name, sizeof name));
    else diag_hint(S, "say which axis is meant: p[:, 0] drops one of size 1, a[:, new] adds one");
}

bool broadcast_shape(State *S, const char *what, const Value *x, int nin, int *rank, int64_t *shape)
{
    int high = 0;
    bool mixed = false, any = false;
    for (int i = 0; i < nin; i++) {
        if (x[i].tag != T_TENSOR) continue;
        int r = x[i].t->rank;
        if (any && r != high) mixed = true;
        if (r > high) high = r;
        any = true;
    }
    int from[RANK_MAX]; /* which operand gave an axis its size */
    bool grown = false; /* an operand of lower rank stretched an axis of the highest */
    for (int k = 0; k < high; k++) {
        shape[k] = 1;
        from[k] = -1;
    }
    for (int pass = 0; pass < (mixed ? 2 : 1); pass++) {
        for (int i = 0; i < nin; i++) {
            if (x[i].tag != T_TENSOR) continue;
            const Tensor *t = x[i].t;
            if (mixed && (t->rank == high) == pass) continue;
            int lead = high - t->rank;
            for (int k = 0; k < t->rank; k++) {
                int64_t d = t->dim[k], *y = &shape[lead + k];
                if (d == *y || d == 1) {
                    if (from[lead + k] < 0) from[lead + k] = i;
                    continue;
                }
                if (*y != 1) {
                    int j = from[lead + k];
                    return shapes_do_not_meet(S, what, x, nin, j < i ? *y : d, j < i ? d : *y, lead + k, false);
                }
                *y = d;
                from[lead + k] = i;
                grown |= pass == 1;
            }
        }
    }
    if (grown) {
        shapes_do_not_meet(S, what, x, nin, 0, 0, 0, true);
        guard_hint(S, x, nin, high);
        return false;
    }
    *rank = high;
    return true;
}

/* ---- where operands come from ---- */

bool op_made_text(State *S, Span at, char *buf, size_t n)
{
    const Source *src = source_get(S, at.file);
    if (!src || !at.len || (size_t)at.off + at.len > src->len) return false;
    const char *s = src->text, *text = s + at.off;
    if (at.len > 80 || memchr(text, '\n', at.len)) return false;
    size_t lo = at.off, hi = at.off;
    while (lo && s[lo - 1] != '\n') lo--;
    while (hi < src->len && s[hi] != '\n' && s[hi] != '\r') hi++;
    while (lo < hi && (s[lo] == ' ' || s[lo] == '\t')) lo++;
    bool sign = at.len <= 2 && !((text[0] | 32) >= 'a' && (text[0] | 32) <= 'z') && !(text[0] & 0x80);
    if (sign && hi - lo <= 80) snprintf(buf, n, "`%.*s` in `%.*s`", (int)at.len, text, (int)(hi - lo), s + lo);
    else if (sign) snprintf(buf, n, "`%.*s`", (int)at.len, text);
    else snprintf(buf, n, "%.*s", (int)at.len, text);
    return true;
}

void op_note_made(State *S, const char *label, Value v)
{
    if (v.tag != T_TENSOR || !S->err) return;
    char shape[200], place[300];
    shape_str(v.t, shape, sizeof shape);
    Span at = v.t->at;
    char text[200];
    if (!source_get(S, at.file)) return;
    source_place(S, at, place, sizeof place);
    if (op_made_text(S, at, text, sizeof text))
        diag_note(S, SPAN_NONE, "%s: %s, made by %s (%s)", label, shape, text, place);
    else diag_note(S, SPAN_NONE, "%s: %s, made at %s", label, shape, place);
}

static bool name_char(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '.' || (c & 0x80);
}

/* What may stand beyond an operand that is a name for it to be the whole operand; tight operators may also have + and
** comparisons there. */
static bool ends_operand(char c, bool tight)
{
    return !c || strchr("()[]{},;:=\n#|", c) || (tight && strchr("+-<>!", c));
}

/* Names of the operands, where the source around the operator plainly has a name there; else left and right. */
static void operand_names(State *S, const char *symbol, char left[64], char right[64])
{
    snprintf(left, 64, "left");
    snprintf(right, 64, "right");
    Span at = vm_here(S);
    const Source *src = source_get(S, at.file);
    size_t len = strlen(symbol), lo = at.off;
    if (!src || at.len != len || at.off + len > src->len || memcmp(src->text + at.off, symbol, len)) return;
    bool tight = strchr("*/%@", *symbol) != NULL;
    const char *s = src->text;
    size_t hi = at.off + len, end;
    while (hi < src->len && s[hi] == ' ') hi++;
    for (end = hi; end < src->len && name_char(s[end]); end++) continue;
    size_t next = end;
    while (next < src->len && s[next] == ' ') next++;
    bool plain = end > hi && end - hi < 64 && !(s[hi] >= '0' && s[hi] <= '9') && s[end] != '(' && s[end] != '[';
    if (plain && ends_operand(s[next], tight)) snprintf(right, 64, "%.*s", (int)(end - hi), s + hi);
    while (lo && s[lo - 1] == ' ') lo--;
    end = lo;
    while (lo && name_char(s[lo - 1])) lo--;
    size_t before = lo;
    while (before && s[before - 1] == ' ') before--;
    bool arrow = before > 1 && s[before - 1] == '>' && s[before - 2] == '-';
    plain = end > lo && end - lo < 64 && !(s[lo] >= '0' && s[lo] <= '9');
    if (plain && (arrow || ends_operand(before ? s[before - 1] : 0, tight)))
        snprintf(left, 64, "%.*s", (int)(end - lo), s + lo);
}

void op_note_operands(State *S, const OpDef *d, const Value *x, int nin)
{
    if (!S->err || nin > 3 || (S->err->code != DIAG_SHAPE && S->err->code != DIAG_GUARD)) return;
    char name[3][64] = {"first", "second", "third"};
    bool swap = false;
    if (nin == 1) snprintf(name[0], 64, "argument");
    if (nin == 2) {
        const char *symbol = op_symbol(d);
        swap = written_swapped(S, &symbol);
        if (is_operator(symbol)) operand_names(S, symbol, name[0], name[1]);
    }
    for (int i = 0; i < nin; i++) op_note_made(S, name[i], x[swap ? !i : i]);
    if (S->err->code != DIAG_GUARD || nin != 2) return;
    int top = x[swap].t->rank < x[!swap].t->rank; /* which of the two, in the order of the source */
    const Tensor *a = x[swap ? !top : top].t, *b = x[swap ? top : !top].t;
    if (!strcmp(name[top], top ? "right" : "left") || a->rank != 2 || a->dim[1] != 1 || b->rank != 1) return;
    const char *symbol = op_symbol(d);
    written_swapped(S, &symbol);
    if (!strcmp(name[!top], top ? "left" : "right"))
        diag_hint(S, "%s is a column: %s[:, 0] takes it as a vector", name[top], name[top]);
    else if (top) diag_hint(S, "write %s %s %s[:, 0] to go element by element", name[0], symbol, name[1]);
    else diag_hint(S, "write %s[:, 0] %s %s to go element by element", name[0], symbol, name[1]);
}

/* ---- for rules ---- */

Value r_own(Rule *r, Value v_take)
{
    if (!is_heap(v_take)) return v_take;
    if (!MEM_PUSH(r->S, r->temps, r->ntemps, r->captemps)) {
        release(r->S, v_take);
        r->failed = true;
        return NIL;
    }
    return r->temps[r->ntemps++] = v_take;
}

Value r_op(Rule *r, OpId op, const Value *x, int nin, const Attr *attr, int nattr)
{
    Value y = NIL;
    for (int i = 0; i < nin; i++)
        if (is_nil(x[i])) return NIL;
    if (r->failed) return NIL;
    if (!op_apply(r->S, op, x, nin, attr, nattr, &y)) {
        r->failed = true;
        return NIL;
    }
    return r_own(r, y);
}

Value r_1(Rule *r, OpId op, Value a) { return r_op(r, op, &a, 1, NULL, 0); }

Value r_2(Rule *r, OpId op, Value a, Value b)
{
    Value x[2] = {a, b};
    return r_op(r, op, x, 2, NULL, 0);
}

Value r_num(double x) { return val_num(x); }
Value r_add(Rule *r, Value a, Value b) { return r_2(r, OPID_add, a, b); }
Value r_sub(Rule *r, Value a, Value b) { return r_2(r, OPID_sub, a, b); }
Value r_mul(Rule *r, Value a, Value b) { return r_2(r, OPID_mul, a, b); }
Value r_div(Rule *r, Value a, Value b) { return r_2(r, OPID_div, a, b); }
Value r_pow(Rule *r, Value a, Value b) { return r_2(r, OPID_pow, a, b); }
Value r_neg(Rule *r, Value a) { return r_1(r, OPID_neg, a); }
Value r_matmul(Rule *r, Value a, Value b) { return r_2(r, OPID_matmul, a, b); }
Value r_chain(Rule *r, Value dy, Value p) { return r_2(r, OPID_chain, dy, p); }

Value r_where(Rule *r, Value c, Value a, Value b)
{
    Value x[3] = {c, a, b};
    return r_op(r, OPID_where, x, 3, NULL, 0);
}

static Value finish(Rule *r, bool ok, Value y)
{
    if (ok) return r_own(r, y);
    r->failed = true;
    return NIL;
}

Value r_swap(Rule *r, Value a)
{
    Value y = NIL;
    if (is_nil(a) || r->failed) return NIL;
    int rank = is_tensor(a) ? a.t->rank : 0;
    return finish(r, op_swapaxes(r->S, a, rank - 2, rank - 1, &y), y);
}

static bool same_shape(Value a, Value like)
{
    if (!is_tensor(a) || !is_tensor(like)) return !is_tensor(a) && !is_tensor(like);
    return shape_equal(a.t, like.t);
}

Value r_sum_to(Rule *r, Value a, Value like)
{
    Value y = NIL;
    if (is_nil(a) || is_nil(like) || r->failed) return NIL;
    if (same_shape(a, like)) return a;
    bool t = is_tensor(like);
    return finish(r, op_sum_to(r->S, a, t ? like.t->rank : 0, t ? tensor_shape(like.t) : NULL, &y), y);
}

Value r_broadcast(Rule *r, Value a, Value like)
{
    Value y = NIL;
    if (is_nil(a) || is_nil(like) || r->failed) return NIL;
    if (same_shape(a, like) || !is_tensor(like)) return a;
    return finish(r, op_broadcast_to(r->S, a, like.t->rank, tensor_shape(like.t), &y), y);
}

Value r_reshape(Rule *r, Value a, Value like)
{
    Value y = NIL;
    if (is_nil(a) || is_nil(like) || r->failed) return NIL;
    if (same_shape(a, like)) return a;
    bool t = is_tensor(like);
    return finish(r, op_reshape(r->S, a, t ? like.t->rank : 0, t ? tensor_shape(like.t) : NULL, &y), y);
}

Value r_zeros_like(Rule *r, Value like)
{
    if (is_nil(like) || r->failed) return NIL;
    if (!is_tensor(like)) return val_num(0);
    /* one zero, stretched */
    static const int64_t still[RANK_MAX];
    DType dt = dtype_float((DType)like.t->dtype) ? (DType)like.t->dtype : default_float(r->S);
    Tensor *zero = tensor_zeros(r->S, dt, 0, NULL);
    Tensor *t = zero ? tensor_view(r->S, zero, like.t->rank, tensor_shape(like.t), still, 0) : NULL;
    obj_release(r->S, zero);
    return finish(r, t != NULL, t ? val_obj(T_TENSOR, t) : NIL);
}

void r_fail(Rule *r, const char *what)
{
    if (!r->failed) diag_fail(r->S, DIAG_NO_RULE, "`%s` has no %s", op_symbol(r->op), what);
    r->failed = true;
}
