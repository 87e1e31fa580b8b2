/* sweep.c -- going back over a level: cotangents from results to inputs.
**
** Numbers have their cotangents in one array, adj[node]; between two breaks a run of lane nodes is
**
**   for i down:  if (adj[i] != 0) { adj[a] += pa * adj[i];  adj[b] += pb * adj[i]; }
**
** where zeros are strong: one that is exactly zero, adjoint or partial, gives zero whatever the other is. At a break
** a rule of the operation table runs on values one level out, so what it computes is recorded there if that is a level
** too. When a cotangent or a partial carries a level (`nested`), the same steps are done with values instead of doubles.
** cite  Griewank and Walther 2008, "Evaluating Derivatives", chapters 3 and 4
** SPDX-License-Identifier: MIT */
#include "runtime/tape.h"
#include <stdio.h>
#include "runtime/kernels/kernels.h"
#include "runtime/profile.h"
#include "runtime/tape_internal.h"

enum { RUN = 1 << 20, BREAKS = 1 << 14, SMALL = 8 }; /* nodes, and breaks, between two looks at limits */

typedef struct Sweep {
    State *S;
    Level *L;
    bool keep;
    uint32_t node; /* what is being gone back over */
} Sweep;

/* ---- cotangents of numbers ---- */

/* Headers of the cotangents, plain from node `from` on. */
static bool adjh_room(State *S, Level *L, uint32_t from)
{
    if (L->capadjh < L->nadj) {
        uint64_t *p = mem_realloc(S, L->adjh, L->capadjh * sizeof *p, L->capadj * sizeof *p);
        if (!p) {
            L->adj_nested = false;
            return false;
        }
        L->adjh = p;
        L->capadjh = L->capadj;
    }
    if (from < L->nadj) memset(L->adjh + from, 0, (L->nadj - from) * sizeof *L->adjh);
    return true;
}

static bool adj_room(State *S, Level *L)
{
    uint32_t n = L->lane.n;
    if (L->capadj < n) {
        uint32_t cap = L->cap > n ? L->cap : n;
        double *p = mem_realloc(S, L->adj, L->capadj * sizeof *p, cap * sizeof *p);
        if (!p) return false;
        L->adj = p;
        L->capadj = cap;
    }
    uint32_t from = L->adj_ready ? L->nadj : 0;
    if (from < n) memset(L->adj + from, 0, (n - from) * sizeof *L->adj);
    L->adj_ready = true;
    L->nadj = n;
    return !L->adj_nested || adjh_room(S, L, from);
}

/* From here on cotangents are values. */
static bool adj_nest(State *S, Level *L)
{
    L->adj_nested = true;
    return adjh_room(S, L, 0);
}

static Value adj_get(const Level *L, uint32_t node)
{
    Value v = val_num(L->adj[node]);
    if (L->adj_nested) v.hdr = L->adjh[node];
    return v;
}

static bool zero(Value v) { return !v.level && v.n == 0; }

static bool adj_add(Sweep *w, uint32_t node, Value v)
{
    Level *L = w->L;
    if (!node) return true;
    if (L->check) level_bad_back(w->S, L, node, v, w->node);
    if (!v.level && !L->adj_nested) {
        L->adj[node] += v.n;
        return true;
    }
    if (!L->adj_nested && !adj_nest(w->S, L)) return false;
    Value old = adj_get(L, node), sum = v;
    if (!zero(old)) {
        if (!(old.level | v.level)) sum.n = old.n + v.n;
        else if (!tape_num2(w->S, OPID_add, old, v, &sum)) return false;
    }
    L->adj[node] = sum.n;
    L->adjh[node] = sum.hdr;
    return true;
}

/* ---- cotangents of tensors ---- */

/* Sums g over the axes along which `like` was stretched, and gives it like's dtype. Consumes g. */
static bool like_shape(State *S, Value g, Value like, Value *out)
{
    if (!fits(g, like)) {
        bool t = like.tag == T_TENSOR;
        bool ok = op_sum_to(S, g, t ? like.t->rank : 0, t ? tensor_shape(like.t) : NULL, out);
        release(S, g);
        if (!ok) return false;
        g = *out;
    }
    if (g.tag == T_TENSOR && g.t->dtype != like.t->dtype) {
        bool ok = op_cast(S, g, (DType)like.t->dtype, out);
        release(S, g);
        return ok;
    }
    *out = g;
    return true;
}

/* Adds g to the cotangent of a tensor. Consumes g. */
static bool cot_add(Sweep *w, Big *b, Value g)
{
    if (w->L->check) level_bad_back(w->S, w->L, b->node, g, w->node);
    if (is_nil(b->cot)) {
        b->cot = g;
        return true;
    }
    Value sum;
    bool done, ok = rows_add(w->S, b->cot, g, &sum, &done) && (done || op2(w->S, OPID_add, b->cot, g, &sum));
    release(w->S, g);
    if (!ok) return false;
    release(w->S, b->cot);
    b->cot = sum;
    return true;
}

/* Adds g (consumed) to the cotangent of a node, whose value looked like `like`. */
static bool node_add(Sweep *w, uint32_t node, Value g, Value like)
{
    Level *L = w->L;
    if (is_nil(g)) return true;
    if (!like_shape(w->S, g, like, &g)) return false;
    if (g.tag == T_NUM) return adj_add(w, node, g);
    Big *b = level_big_of(L, node);
    if (!b) {
        release(w->S, g);
        return diag_fail(w->S, DIAG_INTERNAL, "a tensor arrived at a number on the way back");
    }
    return cot_add(w, b, g);
}

bool cotangent_add(State *S, Level *L, uint32_t node, Value g, Value like, uint32_t by)
{
    Sweep w = {S, L, true, by};
    return node_add(&w, node, g, like);
}

static Parts *parts_of(State *S, Big *b)
{
    if (!b->parts) b->parts = mem_zalloc(S, sizeof *b->parts);
    return b->parts;
}

typedef struct Into {
    double *d;
    float *f;
} Into; /* one of them */

/* The data of a cotangent that nobody else sees. */
static bool own_data(State *S, const Big *b, Into *to)
{
    Tensor *t = b->cot.tag == T_TENSOR && !b->cot.level ? b->cot.t : NULL;
    *to = (Into){NULL, NULL};
    if (!t || t->obj.rc != 1 || t->lanes || t->obj.flags & TENSOR_GHOST) return true;
    if (!tensor_force(S, t)) return false;
    if (t->contiguous && t->st->rc == 1 && !t->st->deleter && t->n == b->y.t->n) {
        if (t->dtype == DT_F64) to->d = (double *)t->st->data + t->offset;
        if (t->dtype == DT_F32) to->f = (float *)t->st->data + t->offset;
    }
    return true;
}

/* Where elements are added: the dense array, or the data of a whole cotangent that nobody else sees. (A table filled row
** after row has a whole cotangent at each of its versions; a dense array beside each would cost its size.) */
static bool add_into(State *S, Big *b, Into *to)
{
    *to = (Into){NULL, NULL};
    if (!(b->parts && b->parts->dense) && !own_data(S, b, to)) return false;
    if (to->d || to->f) return true;
    Parts *p = parts_of(S, b);
    if (p && !p->dense) p->dense = mem_zalloc(S, (size_t)b->y.t->n * sizeof *p->dense);
    if (!p || !p->dense) return false;
    to->d = p->dense;
    return true;
}

static inline void put_add(Into to, int64_t i, double v)
{
    if (to.d) to.d[i] += v;
    else to.f[i] += (float)v;
}

static bool element_add(Sweep *w, Big *b, int64_t flat, Value g)
{
    State *S = w->S;
    if (w->L->check) level_bad_back(w->S, w->L, b->node, g, w->node);
    if (!g.level) {
        Into to;
        if (!add_into(S, b, &to)) return false;
        put_add(to, flat, g.n);
        return true;
    }
    Parts *p = parts_of(S, b);
    if (p && !p->vals) p->vals = mem_zalloc(S, (size_t)b->y.t->n * sizeof *p->vals);
    if (!p || !p->vals) return false;
    Value *v = &p->vals[flat];
    if (zero(*v)) *v = g;
    else return tape_num2(S, OPID_add, *v, g, v);
    return true;
}

/* ---- cotangents of slices ----
**
** A small one is added at its place at once, so that a loop over rows stays linear. Others wait until all have come.
** Those of all the parts of a tensor (a split, the steps x[t] of a loop) are then joined, and what is left is added. */

enum { SLICE_SMALL = 512 }; /* elements */

static int64_t slice_start(const Piece *q, int axis) { return q->attr[3 * axis].i; }
static int64_t slice_count(const Piece *q, int axis) /* a dropped axis has one */
{
    return q->attr[3 * axis + 1].i < 0 ? 1 : q->attr[3 * axis + 1].i;
}
static bool slice_drops(const Piece *q, int axis) { return q->attr[3 * axis + 1].i < 0; }

/* The axes of t, those that run on in each other as one: how many, at least 1. */
static int axes_merged(const Tensor *t, int64_t *dim, int64_t *step)
{
    int n = 0;
    dim[0] = step[0] = 1;
    for (int k = 0; k < t->rank; k++) {
        int64_t d = tensor_shape(t)[k], st = tensor_strides(t)[k];
        if (d == 1) continue;
        bool merge = n > 0 && step[n - 1] == st * d;
        dim[n - merge] = merge ? dim[n - 1] * d : d;
        step[n - merge] = st;
        n += !merge;
    }
    return n ? n : 1;
}

static void add_f64(int64_t n, double *restrict d, const double *restrict c)
{
    for (int64_t j = 0; j < n; j++) d[j] += c[j];
}
static void add_f32(int64_t n, float *restrict d, const float *restrict c)
{
    for (int64_t j = 0; j < n; j++) d[j] += c[j];
}

/* Adds dy at the place of a slice with attributes attr of the tensor of src. */
static bool slice_add(State *S, Big *src, const Attr *attr, Value dy)
{
    const OpDef *d = op_table[OPID_slice];
    Tensor *x = src->y.t, *to = NULL, *g = NULL;
    Into into;
    bool ok = add_into(S, src, &into);
    Tensor *from = ok ? tensor_shell(S, DT_F64, x->rank, tensor_shape(x)) : NULL;
    if (ok && dy.tag == T_NUM) {
        to = tensor_shell(S, DT_F64, 0, NULL);
        ok = from && to && d->view(S, from, 3 * x->rank, attr, to);
        if (ok) put_add(into, to->offset, dy.n);
    } else if (ok) {
        to = tensor_shell(S, DT_F64, dy.t->rank, tensor_shape(dy.t));
        g = tensor_contiguous(S, dy.t);
        ok = from && to && g && d->view(S, from, 3 * x->rank, attr, to);
        if (ok) {
            const double *p = g->dtype == DT_F64 ? (const double *)g->st->data + g->offset : NULL;
            const float *pf = g->dtype == DT_F32 ? (const float *)g->st->data + g->offset : NULL;
            int64_t dim[RANK_MAX], step[RANK_MAX], at[RANK_MAX] = {0}, q = to->offset;
            int last = axes_merged(to, dim, step) - 1;
            for (int64_t i = 0; i < g->n; i += dim[last]) {
                if (p && into.d && step[last] == 1) {
                    add_f64(dim[last], into.d + q, p + i);
                } else if (pf && into.f && step[last] == 1) {
                    add_f32(dim[last], into.f + q, pf + i);
                } else {
                    for (int64_t j = 0; j < dim[last]; j++)
                        put_add(into, q + j * step[last], p ? p[i + j] : pf ? (double)pf[i + j] : tensor_get(g, i + j));
                }
                for (int k = last - 1; k >= 0; k--) {
                    q += step[k];
                    if (++at[k] < dim[k]) break;
                    q -= step[k] * dim[k];
                    at[k] = 0;
                }
            }
        }
    }
    obj_release(S, from);
    obj_release(S, to);
    obj_release(S, g);
    return ok;
}

/* The same by the rule of slices: zeros but for dy. */
static bool slice_laid(State *S, const Big *src, const Piece *q, Value *out)
{
    Attr a[4 * RANK_MAX];
    int rank = src->y.t->rank;
    memcpy(a, q->attr, 3 * (size_t)rank * sizeof *a);
    for (int k = 0; k < rank; k++) a[3 * rank + k].i = tensor_shape(src->y.t)[k];
    return op_apply(S, OPID_unslice, &q->dy, 1, a, 4 * rank, out);
}

/* The one axis that the slices cut, in ascending order, all of it, while they are whole along the others; else -1. */
static int axis_cut(const Tensor *x, Piece *const *q, uint32_t n, bool *drops)
{
    int cut = -1;
    for (int k = 0; k < x->rank && cut < 0; k++)
        if (slice_count(q[0], k) != tensor_shape(x)[k]) cut = k;
    if (cut < 0) return -1;
    *drops = slice_drops(q[0], cut);
    int64_t next = 0;
    for (uint32_t i = 0; i < n; i++) {
        for (int k = 0; k < x->rank; k++) {
            int64_t count = slice_count(q[i], k), step = q[i]->attr[3 * k + 2].i;
            if (count > 1 && step != 1) return -1;
            if (slice_drops(q[i], k) != (k == cut && *drops)) return -1;
            if (k != cut && count != tensor_shape(x)[k]) return -1;
        }
        if (slice_start(q[i], cut) != next) return -1;
        next += slice_count(q[i], cut);
    }
    return next == tensor_shape(x)[cut] ? cut : -1;
}

/* Slices that lie side by side and make up the tensor of b, as that tensor; *out nil: they do not. */
static bool pieces_joined(State *S, const Big *b, Value *out)
{
    uint32_t n = b->parts->npieces;
    size_t size = n * (sizeof(Piece *) + sizeof(Value));
    *out = NIL;
    if (n < 2) return true;
    Value *dy = mem_alloc(S, size);
    if (!dy) return false;
    Piece **q = (Piece **)(dy + n);
    bool drops = false;
    uint32_t i = 0;
    for (Piece *p = b->parts->piece; p; p = p->next) q[i++] = p; /* the first of the tape first */
    int cut = axis_cut(b->y.t, q, n, &drops);
    if (cut < 0) { /* a loop that goes down */
        for (uint32_t lo = 0, hi = n - 1; lo < hi; lo++, hi--) {
            Piece *t = q[lo];
            q[lo] = q[hi];
            q[hi] = t;
        }
        cut = axis_cut(b->y.t, q, n, &drops);
    }
    for (i = 0; cut >= 0 && i < n; i++) {
        dy[i] = q[i]->dy;
        if (dy[i].tag != T_TENSOR || dy[i].t->dtype != b->y.t->dtype) cut = -1;
    }
    bool ok = cut < 0 || (drops ? op_stack(S, dy, (int)n, cut, out) : op_concat(S, dy, (int)n, cut, out));
    mem_free(S, dy, size);
    return ok;
}

static bool pieces_add(Sweep *w, Big *b)
{
    State *S = w->S;
    Parts *p = b->parts;
    Value g;
    bool ok = pieces_joined(S, b, &g);
    if (ok && !is_nil(g)) ok = cot_add(w, b, g);
    bool done = !ok || !is_nil(g);
    for (Piece *q = p->piece, *next; q; q = next) {
        next = q->next;
        if (!done && ok && !q->dy.level && (p->npieces > 2 || q->dy.t->n * 4 < b->y.t->n))
            ok = slice_add(S, b, q->attr, q->dy);
        else if (!done && ok) ok = slice_laid(S, b, q, &g) && cot_add(w, b, g);
        release(S, q->dy);
        mem_free(S, q, sizeof *q);
    }
    p->piece = NULL;
    p->npieces = 0;
    return ok;
}

/* What came by slice and by element joins what came whole. */
static bool parts_join(Sweep *w, Big *b)
{
    State *S = w->S;
    if (b->y.tag != T_TENSOR) return true; /* recorded in part, by a batch that ran out of memory and was given up */
    if (b->parts->piece && !pieces_add(w, b)) return false;
    Parts *p = b->parts;
    Tensor *like = b->y.t;
    size_t n = (size_t)like->n;
    if (p->dense) {
        Tensor *t = tensor_new(S, (DType)like->dtype, like->rank, tensor_shape(like));
        if (!t) return false;
        convert_loop((DType)t->dtype, t->st->data, DT_F64, p->dense, 1, t->n);
        mem_free(S, p->dense, n * sizeof *p->dense);
        p->dense = NULL;
        if (!cot_add(w, b, val_obj(T_TENSOR, t))) return false;
    }
    if (p->vals) {
        Value g;
        bool ok = tape_stack_numbers(S, p->vals, like->n, like->rank, tensor_shape(like), &g);
        mem_free(S, p->vals, n * sizeof *p->vals);
        p->vals = NULL;
        if (!ok || !like_shape(S, g, b->y, &g) || !cot_add(w, b, g)) return false;
    }
    return true;
}
static inline bool cot_join(Sweep *w, Big *b) { return !b->parts || parts_join(w, b); }

/* The cotangent of a slice goes to its place in the source. */
static bool slice_back(Sweep *w, const Big *b, Value dy)
{
    State *S = w->S;
    Big *src = level_big_of(w->L, b->in[0]);
    const Tensor *x = src->y.t;
    bool plain = !dy.level && (is_nil(src->cot) || !src->cot.level);
    if (dy.tag == T_NUM || (plain && !dy.t->node && dy.t->n <= SLICE_SMALL && !w->L->check)) {
        /* where nothing has come yet, a small tensor is its own dense array */
        if (plain && is_nil(src->cot) && !src->parts && x->n <= SLICE_SMALL) {
            Tensor *t = tensor_zeros(S, (DType)x->dtype, x->rank, tensor_shape(x));
            if (!t) return false;
            src->cot = val_obj(T_TENSOR, t);
        }
        return slice_add(S, src, b->attr, dy);
    }
    Parts *p = parts_of(S, src);
    Piece *q = p ? mem_alloc(S, sizeof *q) : NULL;
    if (!q) return false;
    *q = (Piece){p->piece, b->attr, retain(dy)};
    p->piece = q;
    p->npieces++;
    return true;
}

/* ---- rules ---- */

bool rule_back(State *S, const Big *b, Value dy, SendFn send, void *ud)
{
    const OpDef *d = b->op;
    if (!d->adjoint) return diag_set(S, b->at, DIAG_NO_RULE, "`%s` has no derivative rule", d->name);
    Value small[SMALL], *dx = small;
    uint32_t nin = b->nin;
    if (nin > SMALL && !(dx = mem_alloc(S, nin * sizeof *dx))) return false;
    Rule r = {.S = S, .op = d, .nin = (int)nin, .x = b->x, .y = b->y, .dy = dy, .dx = dx};
    r.nattr = b->nattr;
    r.attr = b->attr;
    for (uint32_t i = 0; i < nin; i++) {
        dx[i] = NIL;
        if (i < 64 && b->in[i]) r.need |= (uint64_t)1 << i;
    }
    d->adjoint(&r);
    bool ok = !r.failed && !S->err;
    if (r.failed && !S->err) diag_set(S, b->at, DIAG_INTERNAL, "the rule of `%s` failed", d->name);
    for (uint32_t i = 0; ok && i < nin; i++)
        if (b->in[i] && !is_nil(dx[i])) ok = send(ud, b->in[i], retain(dx[i]), b->x[i]);
    for (size_t i = 0; i < r.ntemps; i++) release(S, r.temps[i]);
    mem_free(S, r.temps, r.captemps * sizeof *r.temps);
    if (dx != small) mem_free(S, dx, nin * sizeof *dx);
    return ok;
}

static bool send(void *w, uint32_t node, Value g_take, Value like) { return node_add(w, node, g_take, like); }

static bool op_back(Sweep *w, Big *b, Value dy)
{
    State *S = w->S;
    if (b->op == op_table[OPID_slice] && (dy.tag == T_TENSOR || !dy.level) && b->in[0]) return slice_back(w, b, dy);
    if (!dy.level && !w->L->check) {
        bool done, ok = dy.tag == T_TENSOR ? quick_back(S, w->L, b, w->keep, send, w, &done)
                                           : quick_spread(S, w->L, b, dy.n, &done);
        if (!ok || done) return ok;
    }
    return rule_back(S, b, dy, send, w);
}

static bool stack_back_values(Sweep *w, Big *b, Value dy)
{
    State *S = w->S;
    for (uint32_t i = 0; i < b->nin; i++) {
        Value g;
        if (!b->in[i] || b->in[i] == FROM_BASE) continue;
        if (!tape_element(S, dy, i, &g) || !adj_add(w, b->in[i], g)) return false;
    }
    return true;
}

bool stack_rest(State *S, const Big *b, Value dy, Value *out)
{
    const Tensor *like = b->y.t;
    Tensor *mask = tensor_new(S, DT_BOOL, like->rank, tensor_shape(like));
    if (!mask) return false;
    for (uint32_t i = 0; i < b->nin; i++) ((uint8_t *)mask->st->data)[i] = b->in[i] == FROM_BASE;
    Value x[3] = {val_obj(T_TENSOR, mask), dy, val_num(0)};
    bool ok = op_apply(S, OPID_where, x, 3, NULL, 0, out);
    obj_release(S, mask);
    return ok;
}

/* The base gets what was not overwritten. */
static bool stack_back_base(Sweep *w, Big *b, Value dy)
{
    Value g;
    return stack_rest(w->S, b, dy, &g) && node_add(w, b->base, g, b->y);
}

static bool stack_back(Sweep *w, Big *b, Value dy)
{
    State *S = w->S;
    if (b->base && !stack_back_base(w, b, dy)) return false;
    if (dy.level || w->L->adj_nested || w->L->check) return stack_back_values(w, b, dy);
    Tensor *t = tensor_as(S, dy.t, DT_F64), *c = t ? tensor_contiguous(S, t) : NULL;
    obj_release(S, t);
    if (!c) return false;
    const double *g = (const double *)c->st->data + c->offset;
    double *adj = w->L->adj;
    for (uint32_t i = 0; i < b->nin; i++)
        if (b->in[i] != FROM_BASE) adj[b->in[i]] += g[i];
    obj_release(S, c);
    return true;
}

/* ---- the sweep ---- */

/* What only this node's rule needed. */
static void let_go(State *S, Big *b)
{
    for (uint32_t i = 0; b->x && i < b->nin; i++) release(S, b->x[i]);
    b->x = NULL;
    release(S, b->cot);
    b->cot = NIL;
    if (b->kind == BIG_OP) {
        release(S, b->y);
        b->y = NIL;
    }
}

static bool big_back(Sweep *w, uint32_t node)
{
    State *S = w->S;
    Level *L = w->L;
    Big *b = &L->big[L->lane.node[node].b];
    bool ok = true;
    if (S->profile || S->plan_dump.write) S->line = b->kind == BIG_CUSTOM || b->kind == BIG_AGAIN ? SPAN_NONE : b->at;
    if (b->kind == BIG_CUSTOM) {
        ok = custom_back(w->S, L, b);
    } else if (b->kind == BIG_AGAIN) {
        ok = again_back(w->S, L, b);
    } else {
        Value dy = NIL;
        if (b->number) {
            dy = adj_get(L, node);
            if (zero(dy)) dy = NIL;
        } else {
            ok = cot_join(w, b);
            dy = b->cot;
        }
        if (ok && !is_nil(dy)) ok = b->kind == BIG_OP ? op_back(w, b, dy) : stack_back(w, b, dy);
    }
    if (ok && !w->keep) let_go(w->S, b);
    return ok;
}

static bool break_back(Sweep *w, uint32_t node)
{
    Level *L = w->L;
    const LaneNode *q = &L->lane.node[node];
    if (q->a == MARK_BIG) return big_back(w, node);
    Value g = adj_get(L, node);
    if (zero(g)) return true;
    int64_t flat;
    memcpy(&flat, &q->pa, sizeof flat);
    return element_add(w, &L->big[q->b], flat, g);
}

/* Also true of NaN. One comparison, since nearly every cotangent is neither. */
static inline bool zero_or_infinite(double g)
{
    uint64_t u;
    memcpy(&u, &g, sizeof u);
    return (u << 1) - 1 >= (0x7ffull << 53) - 1;
}

/* Lane nodes hi, hi - 1, ... lo with plain cotangents and partials. */
static void run_plain(const Level *L, uint32_t hi, uint32_t lo)
{
    const LaneNode *node = L->lane.node;
    double *adj = L->adj;
    for (uint32_t i = hi; i >= lo; i--) {
        double g = adj[i];
        const LaneNode *q = &node[i];
        if (zero_or_infinite(g)) {
            if (g != 0) {
                adj[q->a] += q->pa == 0 ? 0 : q->pa * g;
                adj[q->b] += q->pb == 0 ? 0 : q->pb * g;
            }
            continue;
        }
        adj[q->a] += q->pa * g;
        adj[q->b] += q->pb * g;
    }
}

static bool chain(Sweep *w, uint32_t node, Value g, double p, uint64_t phdr)
{
    if (!node) return true;
    Value q = {.hdr = hdr_level(phdr) ? phdr : 0, .n = p}, c;
    if ((g.n == 0 && !isfinite(p)) || (p == 0 && !isfinite(g.n)))
        return true; /* strong, though an outer level watches */
    if (!(g.level | q.level)) c = val_num(g.n * p);
    else if (!q.level && p == 1) c = g;
    else if (!tape_num2(w->S, OPID_mul, g, q, &c)) return false;
    return adj_add(w, node, c);
}

static bool run_nested(Sweep *w, uint32_t hi, uint32_t lo)
{
    Level *L = w->L;
    for (uint32_t i = hi; i >= lo; i--) {
        Value g = adj_get(L, i);
        if (zero(g)) continue;
        LaneNode q = L->lane.node[i];
        Low low = L->nested ? L->low[i] : (Low){0, 0, 0};
        w->node = i;
        if (!chain(w, q.a, g, q.pa, low.pa) || !chain(w, q.b, g, q.pb, low.pb)) return false;
    }
    return true;
}

static bool sweep(State *S, bool keep)
{
    Level *L = innermost(S);
    Sweep w = {S, L, keep, 0};
    assert(!L->swept && "a level is swept once unless it is kept");
    L->swept = !keep;
    if (!adj_room(S, L)) return false;
    uint32_t i = L->lane.n - 1;
    for (size_t nb = L->nbreaks;; nb--) {
        uint32_t stop = nb ? L->breaks[nb - 1] : 0;
        while (i > stop) {
            uint32_t lo = i - stop > RUN ? i - RUN + 1 : stop + 1;
            if (!L->nested && !L->adj_nested && !L->check) run_plain(L, i, lo);
            else if (!run_nested(&w, i, lo)) return false;
            i = lo - 1;
            if (i > stop && !vm_check(S)) return false;
        }
        if (!nb) return true;
        if (nb % BREAKS == 0 && !vm_check(S)) return false;
        w.node = stop;
        if (!break_back(&w, stop)) return false;
        i = stop - 1;
    }
}

bool tape_sweep(State *S, bool keep)
{
    ProfileFrame f;
    Span line = S->line;
    PROFILE_IN(S, f, PHASE_SWEEP);
    bool ok = sweep(S, keep);
    PROFILE_OUT(S, f);
    S->line = line;
    return ok;
}

/* ---- in and out ---- */

static bool seed_leaf(Sweep *w, Value y, Value seed)
{
    State *S = w->S;
    if (is_batch(y) && !is_nil(seed)) { /* what depends on a leaf has the axes of all batches (lift_batched) */
        Value all;
        if (!batch_expand(S, seed, &all)) return false;
        bool ok = seed_leaf(w, batch_bottom(y), batch_bottom(all));
        release(S, all);
        return ok;
    }
    if (y.level != w->L->index || is_nil(seed)) return true;
    Value whole;
    if (!tape_whole(S, y, &whole)) return false;
    bool ok = fits(seed, whole);
    if (!ok) {
        char want[80];
        snprintf(want, sizeof want, "%s", type_name(S, y));
        DiagCode code = seed.tag == T_TENSOR ? DIAG_SHAPE : DIAG_TYPE;
        diag_fail(S, code, "the cotangent of a result that is %s cannot be %s", want, type_name(S, seed));
    }
    ok = ok && adj_room(S, w->L) && node_add(w, whole.node, retain(seed), whole);
    release(S, whole);
    return ok;
}

static bool seed_tree(Sweep *w, Value y, Value seed, int depth)
{
    State *S = w->S;
    if (is_nil(seed)) return true;
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (y.tag == T_LIST) {
        if (seed.tag != T_LIST || seed.l->len != y.l->len)
            return diag_fail(S, DIAG_STRUCTURE, "the cotangent of a list of %lld items is a list of as many, not %s",
                             (long long)y.l->len, type_name(S, seed));
        for (int64_t i = 0; i < y.l->len; i++)
            if (!seed_tree(w, y.l->at[i], seed.l->at[i], depth + 1)) return false;
        return true;
    }
    if (y.tag == T_MODEL) {
        if (seed.tag != T_MODEL || seed.m->def != y.m->def)
            return diag_fail(S, DIAG_STRUCTURE, "the cotangent of a model is a model of the same kind, not %s",
                             type_name(S, seed));
        for (int i = 0; i < y.m->def->nfields; i++)
            if (!seed_tree(w, y.m->field[i], seed.m->field[i], depth + 1)) return false;
        return true;
    }
    return seed_leaf(w, y, seed);
}

bool tape_seed(State *S, Value y, Value seed)
{
    Sweep w = {S, innermost(S), true, 0};
    if (!adj_room(S, w.L)) return false;
    if (y.tag == T_NUM && y.level == w.L->index && !seed.hdr) return adj_add(&w, y.node, seed);
    return seed_tree(&w, y, seed, 0);
}

bool cotangent_of(State *S, Level *L, Value leaf, Value *out, bool *reached)
{
    Sweep w = {S, L, true, 0};
    if (L->many) return many_cotangent(S, L, leaf, out, reached);
    *reached = false;
    if (leaf.tag == T_NUM) {
        *out = L->adj_ready && leaf.node < L->nadj ? adj_get(L, leaf.node) : val_num(0);
        *reached = !zero(*out);
        return true;
    }
    Value whole;
    if (!tape_whole(S, leaf, &whole)) return false;
    Big *b = level_big_of(L, whole.node);
    release(S, whole);
    if (!cot_join(&w, b)) return false;
    if (!is_nil(b->cot)) {
        *reached = true;
        *out = retain(b->cot);
        return true;
    }
    Tensor *t = tensor_zeros(S, (DType)b->y.t->dtype, b->y.t->rank, tensor_shape(b->y.t));
    *out = t ? val_obj(T_TENSOR, t) : NIL;
    return t != NULL;
}
