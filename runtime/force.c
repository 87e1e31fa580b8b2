/* force.c -- recorded operations that have not run: the graph, and running what somebody asks for.
**
** A pending tensor owns a Node: operation, inputs (counted), attributes. The graph lists pending tensors in
** the order they were recorded and owns none of them: one that dies pending leaves the list (graph_drop).
** tensor_force runs what one tensor needs, as a plan (plan.c); one node whose inputs are there runs by itself, and
** writes into an input's storage when the input dies with it. With plans off everything runs as it is recorded.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/kernels/kernels.h"
#include "runtime/op.h"
#include "runtime/ops/exec.h"
#include "runtime/plan.h"
#include "runtime/profile.h"
#include "runtime/state.h"

enum {
    GRAPH_BYTES = 256 << 20, /* of results pending at most; PLAN_NODES: so many */
    TINY = 64,               /* elements: not worth waiting for */
    QUICK = 2048,            /* nor, for an operation by element, are these */
    LITTLE = 1 << 15,        /* elements that an operation may read and still run at once */
    CHECK_EVERY = 1 << 14,   /* elements of a result from which limits are looked at first */
};

static size_t result_bytes(const Tensor *t) { return (size_t)t->n * dtype_size[t->dtype]; }
/* A gradient by rows is mostly never made. */
static size_t pending_bytes(const Tensor *t) { return tensor_by_rows(t) ? 0 : result_bytes(t); }

static void unlink_node(State *S, Tensor *t)
{
    Graph *g = &S->graph;
    Node *n = t->node;
    if (n->prev) n->prev->node->next = n->next;
    else g->first = n->next;
    if (n->next) n->next->node->prev = n->prev;
    else g->last = n->prev;
    n->prev = n->next = NULL;
    g->n--;
    g->bytes -= pending_bytes(t);
}

/* ---- running one operation ---- */

/* The dtype numbers come in: what the operation computes in. */
static DType number_dtype(const OpDef *d, const Value *x, int nin, DType out)
{
    if (out != DT_BOOL) return out;
    if (!(d->flags & OPF_EACH)) return DT_F64;
    DType j = DT_BOOL;
    for (int i = 0; i < nin; i++)
        if (x[i].tag == T_TENSOR && x[i].t->dtype < j) j = (DType)x[i].t->dtype;
    if (dtype_float(j)) return j;
    static const double lo[DT_COUNT] = {0, 0, -0x1p63, -0x1p31, 0, 0}, hi[DT_COUNT] = {0, 0, 0x1p63, 0x1p31, 256, 2};
    for (int i = 0; i < nin; i++) {
        if (x[i].tag != T_NUM) continue;
        double v = x[i].n;
        if (v != __builtin_trunc(v) || v < lo[DT_I64] || v >= hi[DT_I64]) return DT_F64;
        if (v < lo[j] || v >= hi[j]) j = DT_I64;
    }
    return j;
}

static bool settle(State *S, const Value *x, int nin)
{
    for (int i = 0; i < nin; i++)
        if (x[i].tag == T_TENSOR && x[i].t->node && !tensor_force(S, x[i].t)) return false;
    return true;
}

/* A view's input when it is a number: one element. */
static Tensor *view_source(State *S, Value v)
{
    if (v.tag == T_TENSOR) return obj_retain(v.t);
    return tensor_full(S, v.tag == T_BOOL ? DT_BOOL : default_float(S), 0, NULL, v.tag == T_BOOL ? v.b : v.n);
}

bool tensor_row_major(const Tensor *t)
{
    int64_t gap = 1;
    for (int k = t->rank - 1; k >= 0; k--) {
        if (t->dim[k] == 0) return true;
        if (t->dim[k] != 1 && t->dim[t->rank + k] != gap) return false;
        gap *= t->dim[k];
    }
    return true;
}

static bool run_view(State *S, const OpDef *d, const Value *x, int nattr, const Attr *attr, Tensor *out)
{
    Tensor *src = view_source(S, x[0]);
    if (!src) return false;
    bool ok = d->view(S, src, nattr, attr, out);
    if (ok) {
        out->st = src->st;
        out->st->rc++;
        out->contiguous = tensor_row_major(out);
    }
    obj_release(S, src);
    return ok;
}

/* Under a derivative a small slice gets storage of its own: the tape may keep it, and the next write into the tensor (rows
** of a table that is filled from its earlier rows) would have to copy all of that. */
static bool slice_own(State *S, const Tensor *from, Tensor *y)
{
    size_t bytes;
    if (y->n > from->n / 8) return true;
    Storage *old = y->st,
            *st = mem_size(S, (size_t)y->n, dtype_size[y->dtype], 0, &bytes) ? storage_new(S, bytes) : NULL;
    if (!st) return false;
    const char *p = (const char *)old->data + y->offset * (int64_t)dtype_size[y->dtype];
    strided_copy((DType)y->dtype, st->data, (DType)y->dtype, p, y->rank, tensor_shape(y), tensor_strides(y));
    int64_t gap = 1;
    for (int k = y->rank - 1; k >= 0; gap *= y->dim[k--]) y->dim[y->rank + k] = gap;
    y->st = st;
    y->offset = 0;
    y->contiguous = true;
    storage_release(S, old);
    return true;
}

/* Takes the storage of an input that nobody else will see again. */
static bool take_storage(const OpDef *d, const Value *x, int nin, Tensor *out)
{
    if (!(d->flags & (OPF_EACH | OPF_INPLACE)) || out->rank == 0) return false;
    int last = d->flags & OPF_EACH ? nin : 1;
    for (int i = 0; i < last; i++) {
        if (x[i].tag != T_TENSOR) continue;
        Tensor *t = x[i].t;
        if (t->obj.rc != 1 || t->lanes || !t->contiguous || t->dtype != out->dtype || !shape_equal(t, out)) continue;
        Storage *st = t->st;
        if (st->rc != 1 || st->deleter || st->cap / 2 > result_bytes(out) + 64) continue;
        out->st = st;
        out->offset = t->offset;
        st->rc++;
        return true;
    }
    return false;
}

static Arr arr_of(State *S, Tensor *t)
{
    return (Arr){tensor_data(S, t), (DType)t->dtype, t->rank, tensor_shape(t), tensor_strides(t), t->n, t->contiguous};
}

typedef union Scalar {
    double d;
    float f;
    char b[8];
} Scalar;

bool op_exec(State *S, const OpDef *d, const Value *x, int nin, const Attr *attr, int nattr, Span at, Tensor *out,
             DType dt, void *scalar, bool owned)
{
    if (!settle(S, x, nin)) return false;
    if (out && out->n >= CHECK_EVERY && !vm_check(S)) return false;
    if (d->flags & OPF_VIEW && out) {
        if (run_view(S, d, x, nattr, attr, out))
            return !S->tape.n || d != op_table[OPID_slice] || x[0].tag != T_TENSOR || slice_own(S, x[0].t, out);
        if (S->err || !d->run) return false; /* strides cannot say it: .run copies */
    }
    Run r;
    Scalar num[OP_INPUTS], *nums = num;
    void *block = NULL;
    size_t size = 0;
    r.S = S;
    r.op = d;
    r.nin = nin;
    r.nattr = nattr;
    r.attr = attr;
    r.out = out;
    r.at = at;
    r.more = NULL;
    if (nin > OP_INPUTS) {
        if (!mem_size(S, (size_t)nin, sizeof(Arr) + sizeof(Scalar), 0, &size) || !(block = mem_alloc(S, size)))
            return false;
        r.more = block;
        nums = (Scalar *)(r.more + nin);
    }
    DType as = DT_COUNT;
    for (int i = 0; i < nin; i++) {
        Arr *a = r.more ? &r.more[i] : &r.x[i];
        if (i < OP_INPUTS) r.t[i] = x[i].tag == T_TENSOR ? x[i].t : NULL;
        if (x[i].tag == T_TENSOR) {
            *a = arr_of(S, x[i].t);
        } else {
            if (as == DT_COUNT) as = number_dtype(d, x, nin, dt);
            double v = x[i].tag == T_BOOL ? x[i].b : x[i].n;
            DType ndt = d->kernel == K_where && i == 0 ? DT_BOOL : as;
            convert_loop(ndt, &nums[i], DT_F64, &v, 1, 1);
            *a = (Arr){&nums[i], ndt, 0, NULL, NULL, 1, true};
        }
        if (r.more && i < OP_INPUTS) r.x[i] = *a;
    }
    bool ok = true;
    if (out) {
        if (!(owned && take_storage(d, x, nin, out))) {
            size_t bytes;
            ok = mem_size(S, (size_t)out->n, dtype_size[dt], 0, &bytes) && (out->st = storage_new(S, bytes));
        }
        if (ok) r.y = arr_of(S, out);
    } else {
        r.y = (Arr){scalar, dt, 0, NULL, NULL, 1, true};
    }
    ok = ok && (S->profile ? profile_run(&r) : d->run ? d->run(&r) : each_run(&r));
    if (block) mem_free(S, block, size);
    if (!ok && out && out->st) {
        storage_release(S, out->st);
        out->st = NULL;
    }
    S->graph.run++;
    return ok;
}

void graph_settle(State *S, Tensor *t)
{
    Node *n = t->node;
    unlink_node(S, t);
    t->node = NULL;
    for (int i = 0; i < n->nin; i++) release(S, n->x[i]);
    mem_free(S, n, n->size);
}

/* A node whose inputs are settled. It leaves the list first, so that a kernel may record; on failure it goes back. */
static bool run_node(State *S, Tensor *t)
{
    Graph *g = &S->graph;
    Node *n = t->node;
    unlink_node(S, t);
    t->node = NULL;
    if (!op_exec(S, n->op, n->x, n->nin, n->attr, n->nattr, n->at, t, (DType)t->dtype, NULL, true)) {
        if (S->err && n->at.file) S->err->at = n->at;
        t->node = n;
        n->next = g->first;
        if (g->first) g->first->node->prev = t;
        else g->last = t;
        g->first = t;
        g->n++;
        g->bytes += pending_bytes(t);
        return false;
    }
    for (int i = 0; i < n->nin; i++) release(S, n->x[i]);
    mem_free(S, n, n->size);
    return true;
}

/* ---- the door ---- */

static bool settled(const Value *x, int nin)
{
    for (int i = 0; i < nin; i++)
        if (x[i].tag == T_TENSOR && x[i].t->node) return false;
    return true;
}

bool tensor_flush(State *S)
{
    if (!S->plan_off) return !S->graph.first || plan_force(S, NULL, 0);
    while (S->graph.first)
        if (!run_node(S, S->graph.first)) return false;
    return true;
}

bool graph_run(State *S, Tensor *t)
{
    if (is_batch(val_obj(T_TENSOR, t))) return batch_forced(S);
    if (!S->plan_all && settled(t->node->x, t->node->nin)) return run_node(S, t);
    return plan_force(S, &t, 1);
}

bool tensor_force(State *S, Tensor *t) { return !t->node || graph_run(S, t); }

typedef struct Roots {
    Tensor **at;
    size_t n, cap;
} Roots;

static bool add_root(State *S, Roots *r, Tensor *t)
{
    if (!t->node || is_batch(val_obj(T_TENSOR, t))) return true;
    if (!MEM_PUSH(S, r->at, r->n, r->cap)) return false;
    r->at[r->n++] = t;
    return true;
}

/* The tree is one that descend has found to be shallow enough. */
static bool add_roots(State *S, Roots *r, Value v)
{
    bool ok = true;
    if (v.tag == T_LIST) {
        for (int64_t i = 0; ok && i < v.l->len; i++) ok = add_roots(S, r, v.l->at[i]);
    } else if (v.tag == T_MODEL) {
        for (int i = 0; ok && i < v.m->def->nfields; i++) ok = add_roots(S, r, v.m->field[i]);
    } else if (v.tag == T_TENSOR && tensor_by_rows(v.t)) {
        const Node *n = v.t->node;
        ok = add_root(S, r, n->x[0].t) && add_root(S, r, n->x[1].t);
    } else if (v.tag == T_TENSOR) {
        ok = add_root(S, r, v.t);
    }
    return ok;
}

bool tree_force(State *S, Value v)
{
    Roots r = {0};
    if (!S->graph.n) return true;
    bool ok = add_roots(S, &r, v);
    if (ok && r.n) ok = plan_force(S, r.at, r.n);
    mem_free(S, r.at, r.cap * sizeof *r.at);
    return ok;
}

/* A chain of pending tensors that only t held goes with it: no recursion, however long. */
void graph_drop(State *S, Tensor *t)
{
    Tensor *dead = NULL; /* through node->next */
    unlink_node(S, t);
    for (Tensor *at = t; at;) {
        Node *n = at->node;
        for (int i = 0; i < n->nin; i++) {
            Value v = n->x[i];
            if (v.tag == T_TENSOR && v.t->node && v.t->obj.rc == 1) {
                unlink_node(S, v.t);
                v.t->node->next = dead;
                dead = v.t;
            } else {
                release(S, v);
            }
        }
        at->node = NULL;
        mem_free(S, n, n->size);
        if (at != t) {
            at->obj.rc = 0;
            tensor_free(S, at);
        }
        at = dead;
        if (dead) dead = dead->node->next;
    }
}

/* ---- recording ---- */

/* What a rule records in a sweep that is looked at belongs to the line of its operation. */
static Span line_of(const State *S, Span at) { return S->line.file ? S->line : at; }

static Node *node_new(State *S, const OpDef *d, const Value *x, int nin, const Attr *attr, int nattr, Span at)
{
    size_t size = sizeof(Node) + (size_t)nin * sizeof(Value) + (size_t)nattr * sizeof(Attr);
    Node *n = mem_alloc(S, size);
    if (!n) return NULL;
    n->op = d;
    n->prev = n->next = NULL;
    n->wanted = n->rows = false;
    n->seq = S->graph.recorded;
    n->back = S->line.file != 0;
    n->at = at;
    n->nin = nin;
    n->nattr = nattr;
    n->x = (Value *)(n + 1);
    n->attr = (Attr *)(n->x + nin);
    n->size = size;
    for (int i = 0; i < nin; i++) n->x[i] = retain(x[i]);
    if (nattr) memcpy(n->attr, attr, (size_t)nattr * sizeof *attr);
    return n;
}

/* t, a shell, waits for an operation. */
static bool graph_append(State *S, Tensor *t, const OpDef *d, const Value *x, int nin, const Attr *attr, int nattr)
{
    Graph *g = &S->graph;
    Node *n = node_new(S, d, x, nin, attr, nattr, line_of(S, t->at));
    if (!n) return false;
    t->node = n;
    n->prev = g->last;
    if (g->last) g->last->node->next = t;
    else g->first = t;
    g->last = t;
    g->n++;
    g->bytes += pending_bytes(t);
    return true;
}

static bool record_number(State *S, const OpDef *d, const Value *x, int nin, const Attr *attr, int nattr, DType dt,
                          Value *out)
{
    if (d->flags & OPF_VIEW) {
        if (!settle(S, x, nin)) return false;
        Tensor *t = tensor_shell(S, dt, 0, NULL);
        if (!t) return false;
        bool ok = run_view(S, d, x, nattr, attr, t);
        if (ok) *out = tensor_scalar(S, t);
        obj_release(S, t);
        return ok;
    }
    if (!S->plan_off && (S->plan_all || !settled(x, nin))) { /* with what it waits for, as one plan */
        Tensor *t = tensor_shell(S, dt, 0, NULL);
        bool ok = t && graph_append(S, t, d, x, nin, attr, nattr) && tensor_force(S, t);
        if (ok) *out = tensor_scalar(S, t);
        obj_release(S, t);
        return ok;
    }
    Scalar y = {0};
    if (!op_exec(S, d, x, nin, attr, nattr, line_of(S, vm_here(S)), NULL, dt, &y, false)) return false;
    double v;
    convert_loop(DT_F64, &v, dt, &y, 1, 1);
    *out = dt == DT_BOOL ? val_bool(v != 0) : val_num(v);
    return true;
}

/* A tensor that needs no thought: settled, plain, row-major, small. */
static inline bool quick_input(Value v)
{
    if (v.tag != T_TENSOR) return v.tag == T_NUM;
    const Tensor *t = v.t;
    return !t->node && !t->lanes && t->contiguous && t->n <= QUICK && t->n && t->dtype <= DT_F32;
}

bool op_quick(State *S, const OpDef *d, const Value *x, int nin, Value *out, bool *ok)
{
    bool same = d->infer == infer_broadcast || d->infer == infer_broadcast_float || d->infer == infer_same ||
                d->infer == infer_keep;
    if (!same || S->plan_all || S->profile || !quick_input(x[0]) || !quick_input(x[nin - 1])) return false;
    const Tensor *t = x[0].tag == T_TENSOR ? x[0].t : x[1].t;
    int64_t run = t->n; /* a shorter operand is one row for all */
    if (nin == 2 && x[0].tag == T_TENSOR && x[1].tag == T_TENSOR) {
        const Tensor *u = x[1].t;
        if (u->dtype != t->dtype) return false;
        if (!shape_equal(t, u)) {
            if (!trails(t, u) && !trails(u, t)) return false;
            run = t->n < u->n ? t->n : u->n;
            if (u->rank > t->rank) t = u;
            if (t->n > 64 * run) return false;
        }
    }
    Loop loop = kernels_pick()[d->kernel][t->dtype];
    if (!loop) return false;
    const void *in[2];
    int step[2];
    Scalar num[2];
    size_t size = dtype_size[t->dtype];
    Tensor *y = tensor_new(S, (DType)t->dtype, t->rank, t->dim);
    *ok = y != NULL;
    if (!y) return true;
    y->made_by = op_symbol(d);
    for (int i = 0; i < nin; i++) {
        step[i] = x[i].tag == T_TENSOR;
        in[i] = &num[i];
        if (step[i]) in[i] = (char *)x[i].t->st->data + x[i].t->offset * (int64_t)size;
        else if (t->dtype == DT_F64) num[i].d = x[i].n;
        else num[i].f = (float)x[i].n;
    }
    loop(run, in, step, y->st->data, NULL);
    for (int64_t at = run; at < t->n; at += run) {
        for (int i = 0; i < nin; i++)
            if (x[i].t->rank == t->rank) in[i] = (const char *)in[i] + run * (int64_t)size;
        loop(run, in, step, (char *)y->st->data + at * (int64_t)size, NULL);
    }
    S->graph.recorded++;
    S->graph.run++;
    *out = val_obj(T_TENSOR, y);
    return true;
}

static bool beside_number(Value a, Value b)
{
    return a.tag == T_TENSOR && b.tag == T_NUM && !dtype_float((DType)a.t->dtype);
}

/* Little work, whatever the operation: with the result at hand what follows need not wait either. A gradient that may stay
** rows and places does wait, and so does one number everywhere, which is seldom needed as such (quick.c counts on it). */
static bool little(const OpDef *d, const Value *x, int nin)
{
    int64_t n = 0;
    for (int i = 0; i < nin; i++) n += x[i].tag == T_TENSOR ? x[i].t->n : 0;
    return n <= LITTLE && d != op_table[OPID_take_add] && d != op_table[OPID_fill];
}

static bool record(State *S, OpId op, const Value *x, int nin, const Attr *attr, int nattr, Value *out)
{
    const OpDef *d = op_table[op];
    Infer f;
    f.S = S;
    f.op = d;
    f.nin = nin;
    f.x = x;
    f.nattr = nattr;
    f.attr = attr;
    f.dtype = DT_F64;
    f.rank = 0;
    if (!d->infer(&f)) {
        op_note_operands(S, d, x, nin);
        return false;
    }
    S->graph.recorded++;
    if (f.rank == 0) return record_number(S, d, x, nin, attr, nattr, f.dtype, out);
    Tensor *t = tensor_shell(S, f.dtype, f.rank, f.shape);
    if (!t) return false;
    t->made_by = op_symbol(d);
    bool now = S->plan_off || (d->flags & OPF_FAIL && !(d->flags & OPF_EACH && dtype_float(f.dtype)));
    if (!now && !S->plan_all && (t->n <= TINY || d->flags & OPF_VIEW || (t->n <= QUICK && little(d, x, nin))))
        now = settled(x, nin);
    /* what a comparison of integers with a number computes in depends on the number */
    if (f.dtype == DT_BOOL && d->flags & OPF_EACH && nin == 2)
        now |= beside_number(x[0], x[1]) || beside_number(x[1], x[0]);
    if (now) {
        if (!op_exec(S, d, x, nin, attr, nattr, line_of(S, t->at), t, f.dtype, NULL, false)) {
            obj_release(S, t);
            return false;
        }
        *out = val_obj(T_TENSOR, t);
        return true;
    }
    const Graph *g = &S->graph;
    size_t most = S->mem.limit && S->mem.limit / 8 < GRAPH_BYTES ? S->mem.limit / 8 : GRAPH_BYTES;
    if (!graph_append(S, t, d, x, nin, attr, nattr) || ((g->n >= PLAN_NODES || g->bytes > most) && !tensor_flush(S))) {
        obj_release(S, t);
        return false;
    }
    *out = val_obj(T_TENSOR, t);
    return true;
}

bool op_record(State *S, OpId op, const Value *x, int nin, const Attr *attr, int nattr, Value *out)
{
    if (!S->profile) return record(S, op, x, nin, attr, nattr, out);
    ProfileFrame f;
    profile_enter(S, &f, PHASE_RECORD);
    bool ok = record(S, op, x, nin, attr, nattr, out);
    profile_leave(S, &f);
    return ok;
}
