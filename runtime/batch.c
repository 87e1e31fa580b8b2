/* batch.c -- running a body for all items at once: batched values, running and giving up, what they meet.
**
** The rules of the operations are in batch_rules.c.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/kernels/kernels.h"
#include "runtime/ops/walk.h"
#include "runtime/recording.h"

enum { SPLITS = 64, TREE_DEPTH = 2000 };

/* What hangs from a batched value in place of a recorded operation. */
typedef struct BatchNode {
    Node node;
    int depth;
    bool range; /* the items are lo, lo + 1, ...; whole may be nil then */
    double lo;
    int64_t n;
    Value whole;
} BatchNode;

static const OpDef batch_op = {.name = "batch"};

bool is_batch(Value v) { return v.tag == T_TENSOR && v.t->node && v.t->node->op == &batch_op; }
bool batch_number(Value v) { return is_batch(v) && v.t->rank == 0 && v.t->dtype != DT_BOOL; }
bool batch_bool(Value v) { return is_batch(v) && v.t->rank == 0 && v.t->dtype == DT_BOOL; }
static BatchNode *node_of(Value v) { return (BatchNode *)v.t->node; }
static int depth_of(Value v) { return is_batch(v) ? node_of(v)->depth : 0; }

void batch_free(State *S, Tensor *t)
{
    BatchNode *b = (BatchNode *)t->node;
    t->node = NULL;
    release(S, b->whole);
    mem_free(S, b, sizeof *b);
}

/* Gives the batch up: the items are run one by one. Always false. */
static bool quit(State *S, const char *what)
{
    return diag_fail(S, DIAG_TYPE, "%s differs from item to item, and one value is needed here", what);
}

bool batch_forced(State *S) { return quit(S, "a value"); }

bool batch_effect(State *S, const char *what) { return !S->batch.depth || quit(S, what); }

/* ---- making them ---- */

/* A batched value of depth k: looks like (dt, rank, shape). whole consumed. */
static bool make(State *S, int k, DType dt, int rank, const int64_t *shape, Value whole, Value *out)
{
    Tensor *t = tensor_shell(S, dt, rank, shape);
    BatchNode *b = t ? mem_zalloc(S, sizeof *b) : NULL;
    if (!b) {
        obj_release(S, t);
        release(S, whole);
        return false;
    }
    b->node.op = &batch_op;
    b->depth = k;
    b->n = S->batch.run[k].n;
    b->whole = whole;
    t->node = &b->node;
    t->made_by = NULL;
    *out = val_obj(T_TENSOR, t);
    return true;
}

/* What does not fit a cache is faster in parts. */
static bool too_big(State *S, int64_t n)
{
    if (n <= BATCH_WIDE) return false;
    S->batch.big = n;
    return !quit(S, "too much");
}

/* The tensor `whole` (consumed) of all items as a value of depth k. An item of rank 0 is a number, hence f64, or a bool. */
static bool wrap(State *S, int k, Value whole, Value *out)
{
    const Tensor *t = whole.t;
    if (whole.tag != T_TENSOR || t->rank == 0 || tensor_shape(t)[0] != S->batch.run[k].n) {
        release(S, whole);
        return diag_fail(S, DIAG_INTERNAL, "a batch rule lost the axis of the items");
    }
    if (too_big(S, t->n)) return release(S, whole), false;
    if (t->rank == 1 && t->dtype != DT_F64 && t->dtype != DT_BOOL) {
        Value w;
        bool ok = op_cast(S, whole, DT_F64, &w);
        release(S, whole);
        if (!ok) return false;
        whole = w;
        t = w.t;
    }
    return make(S, k, (DType)t->dtype, t->rank - 1, tensor_shape(t) + 1, whole, out);
}

static bool range_from(State *S, double lo, Value *out)
{
    if (!make(S, S->batch.depth, DT_F64, 0, NULL, NIL, out)) return false;
    node_of(*out)->range = true;
    node_of(*out)->lo = lo;
    return true;
}

bool batch_range(State *S, double lo, const BatchItems *of, Value *out)
{
    if (!of->sel) return range_from(S, lo + (double)of->first, out);
    Tensor *t = tensor_new(S, DT_F64, 1, &of->n);
    const int64_t *i = t ? tensor_data(S, of->sel) : NULL;
    if (!i) return obj_release(S, t), false;
    for (int64_t k = 0; k < of->n; k++) ((double *)t->st->data)[k] = lo + (double)i[k];
    return wrap(S, S->batch.depth, val_obj(T_TENSOR, t), out);
}

/* Borrowed; nil when memory runs out. */
static Value whole_of(State *S, Value v)
{
    BatchNode *b = node_of(v);
    if (is_nil(b->whole)) {
        Tensor *t = tensor_range(S, b->lo, 1, b->n, DT_F64);
        if (t) b->whole = val_obj(T_TENSOR, t);
    }
    return b->whole;
}

bool batch_select(State *S, Value x, const BatchItems *of, Value *out)
{
    int64_t start[RANK_MAX] = {of->first}, count[RANK_MAX], step[RANK_MAX];
    bool drop[RANK_MAX] = {false};
    Value some;
    for (int i = 0; i < val_rank(x); i++) count[i] = i ? val_shape(x)[i] : of->n, step[i] = 1;
    bool ok = of->sel ? op_gather_rows(S, x, 0, val_obj(T_TENSOR, of->sel), &some)
                      : op_slice(S, x, start, count, step, drop, &some);
    return ok && wrap(S, S->batch.depth, some, out);
}

/* v as a tensor of all items of depth k: its whole, or v once for each. Owned. */
static bool spread(State *S, int k, Value v, Value *out)
{
    int64_t shape[RANK_MAX], n = S->batch.run[k].n;
    if (depth_of(v) == k) {
        *out = retain(whole_of(S, v));
        return !is_nil(*out);
    }
    if (v.tag == T_BOOL) {
        Tensor *t = tensor_full(S, DT_BOOL, 1, &n, v.b);
        *out = t ? val_obj(T_TENSOR, t) : NIL;
        return t != NULL;
    }
    if (val_rank(v) + 1 > RANK_MAX) return quit(S, "a tensor with too many axes");
    shape[0] = n;
    for (int i = 0; i < val_rank(v); i++) shape[i + 1] = val_shape(v)[i];
    return op_broadcast_to(S, v, val_rank(v) + 1, shape, out);
}

/* ---- running ---- */

/* Does it have a batched value in it that is not a leaf: captured by a function, say? */
static bool holds(Value v, int depth)
{
    bool found = is_batch(v) || depth > TREE_DEPTH || v.tag == T_OPT ||
                 (v.tag == T_SOURCE && v.src->def != &recording_def);
    if (v.tag == T_FN)
        for (uint32_t i = 0; i < v.f->ncaps && !found; i++) found = holds(v.f->cap[i], depth + 1);
    if (v.tag == T_LIST)
        for (int64_t i = 0; i < v.l->len && !found; i++) found = holds(v.l->at[i], depth + 1);
    if (v.tag == T_MODEL)
        for (int i = 0; i < v.m->def->nfields && !found; i++) found = holds(v.m->field[i], depth + 1);
    return found;
}

/* The result of a body as what all items give. */
static bool finish(State *S, int k, Value v, int depth, Value *out)
{
    *out = NIL;
    if (depth > TREE_DEPTH) return quit(S, "a deep tree");
    switch (v.tag) {
    case T_NIL: return true;
    case T_BOOL: return spread(S, k, v, out);
    case T_NUM:
    case T_TENSOR: {
        Value w;
        bool number = val_rank(v) == 0 && (v.tag == T_NUM || v.t->dtype != DT_BOOL);
        DType dt = S->batch.run[k].wide ? DT_F64 : default_float(S);
        if (v.tag == T_NUM && !v.hdr && dt == DT_F64) {
            Tensor *t = tensor_full(S, DT_F64, 1, &S->batch.run[k].n, v.n);
            *out = t ? val_obj(T_TENSOR, t) : NIL;
            return t != NULL;
        }
        if (!spread(S, k, v, &w)) return false;
        if (!number || w.t->dtype == dt) return *out = w, true;
        bool ok = op_cast(S, w, dt, out);
        release(S, w);
        return ok;
    }
    case T_LIST: {
        List *l = list_new(S, v.l->len);
        if (!l) return false;
        l->names = obj_retain(v.l->names);
        for (int64_t i = 0; i < v.l->len; i++) {
            if (!finish(S, k, v.l->at[i], depth + 1, &l->at[i])) {
                obj_release(S, l);
                return false;
            }
            l->len = i + 1;
        }
        *out = val_obj(T_LIST, l);
        return true;
    }
    case T_MODEL: {
        Model *m = model_new(S, v.m->def);
        if (!m) return false;
        for (int i = 0; i < v.m->def->nfields; i++) {
            FieldKind kind = v.m->def->fields[i].kind;
            Value x = v.m->field[i], y;
            bool part = kind == FIELD_LET && (x.tag == T_LIST || x.tag == T_MODEL);
            if (kind != FIELD_PARAM && !part) {
                if (holds(x, depth)) {
                    obj_release(S, m);
                    return quit(S, "a model's fixed value or state");
                }
                y = retain(x);
            } else if (!finish(S, k, x, depth + 1, &y)) {
                obj_release(S, m);
                return false;
            }
            m->field[i] = y;
        }
        *out = val_obj(T_MODEL, m);
        return true;
    }
    default: return quit(S, "a result that is neither number nor tensor");
    }
}

/* Puts the results of parts together, in a row; with `at`, item i is row at[i] of that. */
static bool merge(State *S, const Value *v, int n, Tensor *at, Value *out)
{
    *out = NIL;
    for (int i = 1; i < n; i++)
        if (v[i].tag != v[0].tag) return quit(S, "the kind of the result");
    if (v[0].tag == T_NIL) return true;
    if (v[0].tag != T_LIST && v[0].tag != T_TENSOR) return quit(S, "the kind of the result");
    Value *part = mem_alloc(S, (size_t)n * sizeof *part), both;
    bool ok = part != NULL;
    if (ok && v[0].tag == T_LIST) {
        List *l = list_new(S, v[0].l->len);
        ok = l != NULL;
        for (int i = 1; ok && i < n; i++) ok = v[i].l->len == v[0].l->len || quit(S, "the length of the result");
        for (int64_t k = 0; ok && k < v[0].l->len; k++) {
            const Str *name = list_name(v[0].l, k);
            for (int i = 0; ok && i < n; i++) {
                const Str *q = list_name(v[i].l, k);
                part[i] = v[i].l->at[k];
                ok = (name && q ? str_same(name, q) : name == q) || quit(S, "a name in the result");
            }
            ok = ok && merge(S, part, n, at, &l->at[k]);
            if (ok) l->len = k + 1;
        }
        if (ok) {
            l->names = obj_retain(v[0].l->names);
            *out = val_obj(T_LIST, l);
        } else {
            obj_release(S, l);
        }
    } else if (ok) {
        for (int i = 0; ok && i < n; i++) {
            const Tensor *a = v[0].t, *b = v[i].t;
            bool alike = a->rank == b->rank && a->dtype == b->dtype;
            for (int k = 1; alike && k < a->rank; k++) alike = tensor_shape(a)[k] == tensor_shape(b)[k];
            ok = alike || quit(S, "the shape of the result");
        }
        ok = ok && op_concat(S, v, n, 0, &both);
        if (ok && at) {
            ok = op_gather_rows(S, both, 0, val_obj(T_TENSOR, at), out);
            release(S, both);
        } else if (ok) {
            *out = both;
        }
    }
    if (part) mem_free(S, part, (size_t)n * sizeof *part);
    return ok;
}

typedef struct Part {
    BatchBody body;
    void *ud;
    int splits;
    bool wide;
} Part;

/* Which of the items are where the mask is `side`. */
static Tensor *side_of(State *S, const Tensor *mask, const BatchItems *of, bool side)
{
    int64_t n = 0, all = mask->n;
    const uint8_t *m = mask->st->data;
    const int64_t *s = of->sel ? tensor_data(S, of->sel) : NULL;
    for (int64_t i = 0; i < all; i++) n += m[i] == side;
    Tensor *t = tensor_new(S, DT_I64, 1, &n);
    if (!t) return NULL;
    int64_t *p = t->st->data;
    for (int64_t i = 0; i < all; i++)
        if (m[i] == side) *p++ = s ? s[i] : of->first + i;
    return t;
}

/* Where each item's row is once the parts are in a row, those where the mask holds first. */
static Tensor *rows_of(State *S, const Tensor *mask)
{
    int64_t n = mask->n, yes = 0, no = 0;
    const uint8_t *m = mask->st->data;
    for (int64_t i = 0; i < n; i++) no += m[i];
    Tensor *t = tensor_new(S, DT_I64, 1, &n);
    if (!t) return NULL;
    int64_t *p = t->st->data;
    for (int64_t i = 0; i < n; i++) p[i] = m[i] ? yes++ : no++;
    return t;
}

static bool run_part(State *S, Part *p, const BatchItems *of, Value *out);

static bool run_split(State *S, Part *p, Tensor *mask, const BatchItems *of, Value *out)
{
    Value y[2] = {NIL, NIL};
    Tensor *side[2] = {side_of(S, mask, of, true), side_of(S, mask, of, false)}, *at = rows_of(S, mask);
    bool ok = side[0] && side[1] && at;
    for (int i = 0; ok && i < 2; i++) ok = run_part(S, p, &(BatchItems){side[i], 0, side[i]->n}, &y[i]);
    ok = ok && merge(S, y, 2, at, out);
    obj_release(S, side[0]);
    obj_release(S, side[1]);
    obj_release(S, at);
    release(S, y[0]);
    release(S, y[1]);
    return ok;
}

static bool run_part(State *S, Part *p, const BatchItems *of, Value *out)
{
    Batches *b = &S->batch;
    int k = ++b->depth;
    Value v = NIL;
    b->run[k].n = of->n;
    b->run[k].wide = p->wide;
    b->run[k].frame = SIZE_MAX; /* until a comprehension says (vm.c) */
    bool ok = p->body(S, p->ud, of, &v) && finish(S, k, v, 0, out);
    release(S, v);
    b->depth = k - 1;
    if (ok || b->split != k) return ok;
    Tensor *mask = b->mask;
    b->mask = NULL;
    b->split = 0;
    diag_free(S, diag_take(S));
    ok = p->splits++ < SPLITS ? run_split(S, p, mask, of, out) : quit(S, "a condition");
    obj_release(S, mask);
    return ok;
}

/* As many items at a time as keep intermediate results small. */
static bool run_chunks(State *S, Part *p, int64_t n, int64_t chunk, Value *out)
{
    if (n <= chunk) return run_part(S, p, &(BatchItems){NULL, 0, n}, out);
    int64_t parts = (n + chunk - 1) / chunk, made = 0;
    Value *y = mem_alloc(S, (size_t)parts * sizeof *y);
    bool ok = y != NULL;
    for (; ok && made < parts; made++) {
        int64_t first = made * chunk;
        ok = run_part(S, p, &(BatchItems){NULL, first, n - first < chunk ? n - first : chunk}, &y[made]);
        if (!ok) break;
    }
    ok = ok && merge(S, y, (int)parts, NULL, out);
    while (made--) release(S, y[made]);
    if (y) mem_free(S, y, (size_t)parts * sizeof *y);
    return ok;
}

bool batch_try(State *S, int64_t n, BatchBody body, void *ud, Value *out, bool *done)
{
    bool wide = S->batch.wide;
    *done = false;
    *out = NIL;
    S->batch.gave_up = S->batch.wide = false;
    if (S->batch.off || S->batch.depth == BATCH_DEPTH) return true;
    int64_t outer = 1;
    for (int k = 1; k <= S->batch.depth; k++) outer *= S->batch.run[k].n; /* below BATCH_MOST */
    int64_t chunk = BATCH_MOST / (outer ? outer : 1);
    if (chunk < n && chunk < BATCH_LEAST) return true;
    Vm *vm = &S->vm;
    Rng rng = S->rng;
    size_t ncomp = vm->ncomp;
    uint64_t item = ncomp ? vm->comp[ncomp - 1].item : 0;
    if (chunk > n) chunk = n;
    Part p = {body, ud, 0, wide};
    bool ok = run_chunks(S, &p, n, chunk, out);
    while (!ok && S->batch.big && !S->batch.depth) {
        chunk = (int64_t)((double)chunk * BATCH_WIDE / (double)S->batch.big);
        if (chunk < BATCH_LEAST) break;
        diag_free(S, diag_take(S));
        S->batch.big = 0;
        S->rng = rng;
        p.splits = 0;
        ok = run_chunks(S, &p, n, chunk, out);
    }
    bool drew = S->rng.taken != rng.taken;
    vm->ncomp = ncomp;
    if (ncomp) vm->comp[ncomp - 1].item = item;
    S->rng = rng;
    if (ok && !drew) return *done = true;
    release(S, *out);
    *out = NIL;
    if (ok) return S->batch.gave_up = true;
    if (S->batch.split || !S->err) return false;      /* a batch around this one has to split */
    if (S->batch.big && S->batch.depth) return false; /* or to take fewer items at a time */
    S->batch.big = 0;
    DiagCode code = S->err->code;
    if (code == DIAG_INTERRUPT || code == DIAG_STEPS || code == DIAG_TIME) return false;
    if (code == DIAG_MEM && S->tape.n) return false; /* a level around has an entry that was never finished */
    diag_free(S, diag_take(S));
    S->batch.gave_up = true;
    return true;
}

/* ---- conditions ---- */

bool batch_truth(State *S, Value v, bool *out)
{
    BatchNode *b = node_of(v);
    if (v.t->rank || v.t->dtype != DT_BOOL) return quit(S, "a condition");
    Value w = b->whole;
    if (is_batch(w)) return quit(S, "a condition");
    if (b->n == 0) return quit(S, "a condition of no items");
    Tensor *t = tensor_contiguous(S, w.t);
    if (!t) return false;
    const uint8_t *m = tensor_data(S, t);
    if (!m) return obj_release(S, t), false;
    *out = m[0];
    bool same = !memchr(m, !m[0], (size_t)t->n);
    if (same || S->batch.split) {
        obj_release(S, t);
        return same;
    }
    Tensor *mask = tensor_from(S, DT_BOOL, 1, &t->n, m);
    obj_release(S, t);
    if (!mask) return false;
    S->batch.split = b->depth;
    S->batch.mask = mask;
    return quit(S, "a condition");
}

/* ---- operations ---- */

/* What one item looks like to a shape rule: numbers stand for rank 0. */
static Value item_like(Value v)
{
    if (!is_batch(v) || v.t->rank) return v;
    return v.t->dtype == DT_BOOL ? val_bool(true) : val_num(0.5);
}

/* A batched number beside tensors is as weak as a number: it comes in their dtype. */
static bool weaken(State *S, const OpDef *d, Value *x, const Value *item, int nin, DType dt, Value *held)
{
    bool tensors = false;
    for (int i = 0; i < nin; i++) tensors |= item[i].tag == T_TENSOR;
    if (!(d->flags & OPF_EACH) || dt != DT_F32 || !tensors) return true;
    for (int i = 0; i < nin; i++) {
        if (item[i].tag != T_NUM || x[i].tag != T_TENSOR || x[i].t->dtype != DT_F64) continue;
        if (!op_cast(S, x[i], DT_F32, &held[i])) return false;
        x[i] = held[i];
    }
    return true;
}

/* Every input with the axis of the items first and as many axes after it as the item with the most, so that they
** broadcast as the items do. */
static bool each_batched(Batched *b)
{
    State *S = b->S;
    int64_t shape[RANK_MAX];
    Value x[STRIDED_INPUTS], held[STRIDED_INPUTS];
    int high = b->item->rank;
    bool ok = high + 1 <= RANK_MAX || quit(S, "a tensor with too many axes");
    for (int i = 0; i < b->nin; i++) held[i] = NIL;
    for (int i = 0; ok && i < b->nin; i++) {
        x[i] = b->x[i];
        bool in = b->in >> i & 1;
        int rank = val_rank(x[i]) - in, k = 0;
        if (x[i].tag != T_TENSOR || (in && rank == high)) continue;
        shape[k++] = in ? b->n : 1;
        while (k < high - rank + 1) shape[k++] = 1;
        for (int j = 0; j < rank; j++) shape[k++] = val_shape(x[i])[in + j];
        ok = op_reshape(S, x[i], k, shape, &held[i]);
        x[i] = held[i];
    }
    ok = ok && op_apply(S, b->op->id, x, b->nin, b->attr, b->nattr, &b->out);
    for (int i = 0; i < b->nin; i++) release(S, held[i]);
    return ok;
}

/* range + c, c + range and range - c are ranges. */
static bool shifted_range(State *S, int op, const Value *x, int nin, Value *out)
{
    if (nin != 2 || (op != OPID_add && op != OPID_sub)) return false;
    int i = is_batch(x[0]) ? 0 : 1;
    Value r = x[i], c = x[!i];
    if (!is_batch(r) || !node_of(r)->range || c.hdr || (i == 1 && op == OPID_sub)) return false;
    if (node_of(r)->depth != S->batch.depth || c.n != floor(c.n) || fabs(c.n) > 1e15) return false;
    return range_from(S, op == OPID_add ? node_of(r)->lo + c.n : node_of(r)->lo - c.n, out);
}

static bool one_bool(Value v)
{
    return v.tag == T_BOOL || (v.tag == T_TENSOR && v.t->rank == 0 && v.t->dtype == DT_BOOL);
}

static int64_t elements(int64_t n, const Infer *f)
{
    for (int i = 0; i < f->rank; i++)
        if (__builtin_mul_overflow(n, f->shape[i], &n)) return INT64_MAX;
    return n;
}

bool batch_apply(State *S, int op, const Value *x, int nin, const void *attr, int nattr, Value *out)
{
    const OpDef *d = op_table[op];
    enum { SMALL = 8 };
    Value small[3 * SMALL], *low = small;
    int k = 0;
    if (shifted_range(S, op, x, nin, out)) return true;
    if (S->err || nin > 64) return S->err ? false : quit(S, "a list of tensors");
    for (int i = 0; i < nin; i++)
        if (depth_of(x[i]) > k) k = depth_of(x[i]);
    bool logic = op == OPID_where || op == OPID_cast || d->infer == infer_logic;
    bool both = (op == OPID_eq || op == OPID_ne) && one_bool(x[0]) && one_bool(x[1]);
    for (int i = 0; i < nin && !logic && !both; i++) /* bools are no numbers (value_binary) */
        if (is_batch(x[i]) && one_bool(x[i])) return quit(S, "a bool");
    if (!d->batch && !(d->flags & OPF_EACH)) return quit(S, op_symbol(d));
    size_t size = 3 * (size_t)nin * sizeof *low;
    if (nin > SMALL && !(low = mem_alloc(S, size))) return false;
    Value *item = low + nin, *held = item + nin;
    Batched b = {.S = S, .op = d, .nin = nin, .x = low, .n = S->batch.run[k].n, .nattr = nattr, .attr = attr, .out = NIL};
    bool ok = true;
    for (int i = 0; i < nin; i++) {
        item[i] = item_like(x[i]);
        held[i] = NIL;
        low[i] = x[i];
        if (depth_of(x[i]) != k) continue;
        low[i] = whole_of(S, x[i]);
        ok &= !is_nil(low[i]);
        b.in |= (uint64_t)1 << i;
    }
    Infer f = {.S = S, .op = d, .nin = nin, .x = item, .nattr = nattr, .attr = attr, .dtype = DT_F64};
    b.item = &f;
    ok = ok && d->infer(&f) && !too_big(S, elements(b.n, &f)) && weaken(S, d, low, item, nin, f.dtype, held);
    ok = ok && (d->flags & OPF_EACH && !d->batch ? each_batched(&b) : d->batch(&b));
    if (ok) {
        bool fits = b.out.tag == T_TENSOR && b.out.t->rank == f.rank + 1;
        for (int i = 0; fits && i < f.rank; i++) fits = tensor_shape(b.out.t)[i + 1] == f.shape[i];
        if (!fits) {
            release(S, b.out);
            ok = diag_fail(S, DIAG_INTERNAL, "the batch rule of `%s` gave another shape", d->name);
        } else if (f.rank && b.out.t->dtype != f.dtype) {
            Value w;
            ok = op_cast(S, b.out, f.dtype, &w);
            release(S, b.out);
            b.out = w;
        }
    }
    ok = ok && wrap(S, k, b.out, out);
    for (int i = 0; i < nin; i++) release(S, held[i]);
    if (low != small) mem_free(S, low, size);
    return ok;
}

bool batch_stack(State *S, const Value *v, int64_t n, Value *out)
{
    int k = 0;
    bool bools = true, ok = true;
    if (n > 4096) return quit(S, "a long list");
    for (int64_t i = 0; i < n; i++) {
        if (v[i].tag != T_NUM && v[i].tag != T_BOOL && v[i].tag != T_TENSOR) return quit(S, "an item of a tensor");
        if (depth_of(v[i]) > k) k = depth_of(v[i]);
        bool bit = v[i].tag == T_BOOL || (v[i].tag == T_TENSOR && v[i].t->dtype == DT_BOOL);
        if (i && bit != bools) return quit(S, "an item of a tensor");
        bools = bit;
        bool same = val_rank(v[i]) == val_rank(v[0]);
        for (int j = 0; same && j < val_rank(v[i]); j++) same = val_shape(v[i])[j] == val_shape(v[0])[j];
        if (!same) return quit(S, "the shape of an item");
    }
    Value *x = mem_zalloc(S, (size_t)n * sizeof *x), y = NIL;
    if (!x) return false;
    int64_t made = 0;
    for (; ok && made < n; made++) {
        ok = spread(S, k, v[made], &x[made]);
        if (ok && val_rank(v[made]) == 0 && !bools && x[made].t->dtype != default_float(S)) {
            Value w;
            ok = op_cast(S, x[made], default_float(S), &w);
            release(S, x[made]);
            x[made] = ok ? w : NIL;
        }
    }
    ok = ok && op_stack(S, x, (int)n, 1, &y) && wrap(S, k, y, out);
    for (int64_t i = 0; i < made; i++) release(S, x[i]);
    mem_free(S, x, (size_t)n * sizeof *x);
    return ok;
}

/* ---- built-ins ---- */

static bool batched_single(Value v) { return batch_number(v) || batch_bool(v); }

static int by_name(const void *a, const void *b) { return strcmp(a, *(const char *const *)b); }

bool batch_takes(State *S, const struct Builtin *b, const Value *arg, int n)
{
    /* those that hand numbers on, or to operations of the table only, sorted */
    static const char *const names[] =
        {"all",      "any",       "argmax", "argmin",    "checkpoint",    "clamp",    "concat",
         "cond",     "enumerate", "filter", "find",      "fold",          "full",     "grad",
         "has",      "hessian",   "huber",  "hvp",       "items",         "jacobian", "jvp",
         "keys",     "len",       "list",   "logsumexp", "mae",           "map",      "map_leaves",
         "max",      "mean",      "min",    "mse",       "norm",          "prod",     "push",
         "reversed", "scan",      "stack",  "std",       "stop_gradient", "sum",      "value_and_grad",
         "variance", "vjp",       "where",  "zip"};
    bool numbers = false;
    if (b->op >= 0) return true;
    for (int i = 0; i < n && !numbers; i++) {
        numbers = batched_single(arg[i]);
        for (int64_t k = 0; arg[i].tag == T_LIST && k < arg[i].l->len && !numbers; k++)
            numbers = batched_single(arg[i].l->at[k]);
    }
    bool joins = !strcmp(b->name, "stack") || !strcmp(b->name, "concat"); /* what a list has, no number */
    if (numbers && joins && batched_single(arg[0])) return quit(S, "a number");
    if (!numbers || bsearch(b->name, names, sizeof names / sizeof *names, sizeof *names, by_name)) return true;
    Value v;
    if (!builtin_find(S, b->name, &v)) return S->err == NULL; /* made by another: the derivative of a function */
    bool same = v.tag == T_FN && v.f->builtin == b;
    release(S, v);
    return !same || quit(S, "a number");
}

/* ---- indexing ---- */

static bool index_take(State *S, Value x_take, const Value *idx, int n, Value *out)
{
    bool ok = value_index(S, x_take, idx, n, out);
    release(S, x_take);
    return ok;
}

/* 0, 1, ... n-1 as a column of as many axes as an index of rank `rank` has. */
static bool counter(State *S, int64_t n, int rank, Value *out)
{
    int64_t shape[RANK_MAX] = {n};
    for (int i = 1; i < rank; i++) shape[i] = 1;
    Tensor *t = tensor_range(S, 0, 1, n, DT_I64);
    if (!t) return false;
    Value v = val_obj(T_TENSOR, t);
    bool ok = op_reshape(S, v, rank, shape, out);
    release(S, v);
    return ok;
}

/* sub[.., w, ..] with w at axis p, where the axis of the items (if sub has one) is 0: gives items first. */
static bool take_one(State *S, Value sub_take, bool in, int p, Value at, Value *out)
{
    Value idx[RANK_MAX + 1];
    BatchNode *b = node_of(at);
    int64_t size = val_shape(sub_take)[p];
    for (int i = 0; i < p; i++) idx[i] = MARKER(MARK_ALL);
    if (!in && b->range && b->lo >= 0 && b->lo + (double)b->n <= (double)size) {
        Value y, r = range_new(S, b->lo, b->lo + (double)b->n);
        bool ok = !is_nil(r);
        if (ok) {
            r.r->obj.flags |= RANGE_SLICE;
            r.r->step = NAN;
        }
        idx[p] = r;
        ok = ok && value_index(S, sub_take, idx, p + 1, &y);
        release(S, sub_take);
        release(S, r);
        if (!ok || !batch_move_axis(S, &y, p, 0)) return false;
        return *out = y, true;
    }
    Value w = whole_of(S, at);
    if (is_nil(w)) return release(S, sub_take), false;
    if (!in) {
        idx[p] = w;
        Value y;
        if (!index_take(S, sub_take, idx, p + 1, &y) || !batch_move_axis(S, &y, p, 0)) return false;
        return *out = y, true;
    }
    /* row i of sub at w[i]: both axes in front, the axes of the index go back to where p was */
    Value two[2], moved = sub_take, y;
    int r = val_rank(w) - 1, axes[RANK_MAX], k = 0;
    if (!batch_move_axis(S, &moved, p, 1)) return false;
    if (!counter(S, b->n, r + 1, &two[0])) return release(S, moved), false;
    two[1] = w;
    bool ok = index_take(S, moved, two, 2, &y);
    release(S, two[0]);
    if (!ok) return false;
    axes[k++] = 0;
    for (int i = 1; i < p; i++) axes[k++] = r + i;
    for (int i = 0; i < r; i++) axes[k++] = 1 + i;
    for (; k < val_rank(y); k++) axes[k] = k;
    ok = op_permute(S, y, axes, out);
    release(S, y);
    return ok;
}

/* Several numbers that differ: their axes in front, taken together. */
static bool take_some(State *S, Value sub_take, bool in, const int *p, const Value *at, int m, Value *out)
{
    Value idx[RANK_MAX + 1], sub = sub_take, first = NIL;
    int k = 0, axes[RANK_MAX], rank = val_rank(sub);
    if (in && !counter(S, S->batch.run[node_of(at[0])->depth].n, 1, &first)) return release(S, sub), false;
    if (in) idx[k] = first, axes[k++] = 0;
    for (int i = 0; i < m; i++) {
        if (val_rank(at[i])) {
            release(S, sub);
            release(S, first);
            return quit(S, "an index tensor");
        }
        axes[k] = p[i];
        idx[k++] = whole_of(S, at[i]);
    }
    int done = k;
    for (int i = in; i < rank; i++) {
        bool taken = false;
        for (int j = 0; j < m; j++) taken |= p[j] == i;
        if (!taken) axes[k++] = i;
    }
    Value moved;
    bool ok = op_permute(S, sub, axes, &moved);
    release(S, sub);
    ok = ok && index_take(S, moved, idx, done, out);
    release(S, first);
    return ok;
}

bool batch_index(State *S, Value x, const Value *idx, int n, Value *out)
{
    int k = depth_of(x), nat = 0, p[RANK_MAX], rank = val_rank(x), used = 0, axis;
    Value at[RANK_MAX], basic[RANK_MAX + 2], y;
    if (x.tag != T_TENSOR || rank == 0) return quit(S, "an index");
    if (n > RANK_MAX) return quit(S, "a long index");
    for (int i = 0; i < n; i++) {
        if (depth_of(idx[i]) > k) k = depth_of(idx[i]);
        used += !is_mark(idx[i], MARK_REST) && !is_mark(idx[i], MARK_NEW);
    }
    bool in = depth_of(x) == k, plain = true;
    int m = 0;
    axis = in;
    if (in) basic[m++] = MARKER(MARK_ALL);
    for (int i = 0; i < n; i++) {
        Value v = idx[i];
        if (depth_of(v) == k) {
            if (v.t->dtype == DT_BOOL) return quit(S, "a mask");
            at[nat] = v;
            p[nat++] = axis++;
            basic[m++] = MARKER(MARK_ALL);
            plain = false;
            continue;
        }
        basic[m++] = v;
        if (is_mark(v, MARK_REST)) axis += rank - used;
        else if (v.tag == T_TENSOR && !is_batch(v) && nat) return quit(S, "an index tensor");
        else if (v.tag != T_NUM && !(is_batch(v) && v.t->rank == 0)) axis++;
    }
    for (int i = 0; !plain && i < n; i++)
        if (idx[i].tag == T_TENSOR && val_rank(idx[i]) && depth_of(idx[i]) != k) return quit(S, "an index tensor");
    Value from = in ? whole_of(S, x) : x;
    if (is_nil(from)) return false;
    if (!value_index(S, from, basic, m, &y)) return false;
    if (nat == 1 && !take_one(S, y, in, p[0], at[0], &y)) return false;
    if (nat > 1 && !take_some(S, y, in, p, at, nat, &y)) return false;
    return wrap(S, k, y, out);
}

bool batch_index_set(State *S, Value *slot, const Value *idx, int n, Value v)
{
    Value at[RANK_MAX + 1], whole, w = NIL, y;
    int k = depth_of(*slot) > depth_of(v) ? depth_of(*slot) : depth_of(v), drop = 0, more = 0;
    if (slot->tag != T_TENSOR || n > RANK_MAX - 1) return quit(S, "a place");
    at[0] = MARKER(MARK_ALL);
    for (int i = 0; i < n; i++) {
        if (is_batch(idx[i]) || idx[i].tag == T_TENSOR) return quit(S, "an index");
        drop += idx[i].tag == T_NUM;
        more += is_mark(idx[i], MARK_NEW);
        at[i + 1] = idx[i];
    }
    if (!spread(S, k, *slot, &whole)) return false;
    if (depth_of(v) == k) {
        int64_t shape[RANK_MAX];
        int places = val_rank(*slot) - drop + more, rank = val_rank(v), d = 0;
        if (rank > places) {
            release(S, whole);
            return quit(S, "what is assigned");
        }
        shape[d++] = S->batch.run[k].n;
        while (d < places - rank + 1) shape[d++] = 1;
        for (int i = 0; i < rank; i++) shape[d++] = val_shape(v)[i];
        if (!op_reshape(S, whole_of(S, v), d, shape, &w)) return release(S, whole), false;
    } else {
        w = retain(v);
    }
    Value old = *slot;
    if (depth_of(old) == k && old.t->obj.rc == 1) { /* written in place when nobody else has it */
        release(S, node_of(old)->whole);
        node_of(old)->whole = NIL;
        node_of(old)->range = false;
    }
    bool ok = value_index_set(S, &whole, at, n + 1, w);
    release(S, w);
    if (!ok) return release(S, whole), false;
    if (!wrap(S, k, whole, &y)) return false;
    release(S, old);
    *slot = y;
    return true;
}

/* ---- derivatives inside a batch ---- */

static bool expand(State *S, Value v, int k, Value *out)
{
    Value low, w;
    if (k == 0) return *out = retain(v), true;
    if (depth_of(v) == k) {
        Value whole = whole_of(S, v);
        return !is_nil(whole) && expand(S, whole, k - 1, &low) && wrap(S, k, low, out);
    }
    if (!expand(S, v, k - 1, &low)) return false;
    bool ok = spread(S, k, low, &w) && wrap(S, k, w, out);
    release(S, low);
    return ok;
}

bool batch_expand(State *S, Value v, Value *out) { return expand(S, v, S->batch.depth, out); }

Value batch_bottom(Value v)
{
    while (is_batch(v) && !is_nil(node_of(v)->whole)) v = node_of(v)->whole;
    return v;
}

bool batch_rewrap(State *S, Value like, Value bottom, Value *out)
{
    if (!is_batch(like)) return *out = bottom, true;
    Value low;
    *out = NIL; /* what it may name is `bottom` */
    return batch_rewrap(S, node_of(like)->whole, bottom, &low) && wrap(S, node_of(like)->depth, low, out);
}
