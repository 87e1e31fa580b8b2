/* level.c -- derivative levels: opening and closing them, their memory, and trees going in and out.
**
** A closed level's arrays stay for the next one, so a training loop's derivatives allocate nothing. What
** comes in is lifted (each float leaf becomes a leaf of the level), what goes out is stripped: no value that
** leaves a derivative names one of its nodes.
** Next: lane.c (numbers), tape.c (tensors), sweep.c (back again).
** SPDX-License-Identifier: MIT */
#include "runtime/tape.h"
#include "runtime/builtin.h"
#include "runtime/optim.h"
#include "runtime/tape_internal.h"

enum { CHUNK = 1 << 14 };

/* ---- opening and closing ---- */

bool level_place(State *S)
{
    Tape *t = &S->tape;
    if (t->n == TAPE_LEVELS) return diag_fail(S, DIAG_DEPTH, "derivatives are nested more than %d deep", TAPE_LEVELS);
    if (t->level[t->n + 1]) return true;
    Level *L = mem_zalloc(S, sizeof *L);
    if (!L) return false;
    L->index = t->n + 1;
    t->level[t->n + 1] = L;
    return true;
}

static bool open_level(State *S)
{
    Tape *t = &S->tape;
    if (!level_place(S)) return false;
    Level *L = t->level[t->n + 1];
    if (++t->epoch == 0) t->epoch = 1;
    L->opened = ++t->openings;
    L->epoch = t->epoch;
    L->lane.hdr = (uint64_t)L->index << 8 | (uint64_t)L->epoch << 16;
    L->lane.n = 1;
    L->nbig = 1;
    L->nbreaks = 0;
    L->nested = L->adj_ready = L->adj_nested = L->swept = L->forward = false;
    L->serial = 0;
    L->spare = 0;
    L->check = t->check || S->tape_dump;
    L->nbad = 0;
    L->narg = 0;
    L->lane.fast = L->check ? 0 : L->cap;
    L->lane.quick = 0;
    t->n++;
    if (t->n == 1) {
        t->limit = t->budget ? tape_size(S) + t->budget : SIZE_MAX;
        if (t->notes) memset(t->note, 0, sizeof t->note);
        t->notes = 0;
        vm_hurry(S); /* from now on limits are looked at often */
    }
    return true;
}

size_t tape_size(State *S)
{
    size_t size = S->mem.bytes - S->mem.spare_bytes + S->graph.bytes;
    for (int k = 1; k <= TAPE_LEVELS && S->tape.level[k]; k++) {
        const Level *L = S->tape.level[k];
        size -= L->cap * sizeof *L->lane.node + L->caplow * sizeof *L->low;
        if (k <= S->tape.n) size += L->lane.n * (sizeof *L->lane.node + (L->nested ? sizeof *L->low : 0));
    }
    return size;
}

bool tape_open(State *S) { return open_level(S); }

bool tape_open_forward(State *S)
{
    if (!open_level(S)) return false;
    Level *L = innermost(S);
    L->forward = true;
    L->check = false;
    L->lane.fast = 0;
    L->lane.quick = L->cap;
    L->serial = ++S->tape.serial;
    S->tape.forward++;
    return true;
}

static void drop_cotangent(State *S, Big *b)
{
    int64_t n = b->y.tag == T_TENSOR ? b->y.t->n : 0;
    Value cot = b->cot;
    b->cot = NIL;
    release(S, cot);
    Parts *p = b->parts;
    if (!p) return;
    b->parts = NULL;
    if (p->dense) mem_free(S, p->dense, (size_t)n * sizeof *p->dense);
    if (p->vals) mem_free(S, p->vals, (size_t)n * sizeof *p->vals);
    for (Piece *q = p->piece, *next; q; q = next) {
        next = q->next;
        release(S, q->dy);
        mem_free(S, q, sizeof *q);
    }
    mem_free(S, p, sizeof *p);
}

static void drop_big(State *S, Big *b)
{
    drop_cotangent(S, b);
    for (uint32_t i = 0; b->x && i < b->nin; i++) release(S, b->x[i]);
    b->x = NULL;
    release(S, b->y);
    b->y = NIL;
}

static void level_empty(State *S, Level *L)
{
    for (size_t i = 1; i < L->nbig; i++) drop_big(S, &L->big[i]);
    L->nbig = 1;
    L->lane.n = 1;
    L->lane.fast = L->lane.quick = 0;
    L->nbreaks = 0;
    for (Chunk *c = L->chunk, *next; c; c = next) { /* the largest stays */
        next = c->next;
        if (c != L->chunk) mem_free(S, c, c->cap);
    }
    if (L->chunk) {
        L->chunk->next = NULL;
        L->chunk->used = sizeof(Chunk);
    }
}

void level_free(State *S, Level *L)
{
    level_empty(S, L);
    mem_free(S, L->lane.node, L->cap * sizeof *L->lane.node);
    mem_free(S, L->low, L->caplow * sizeof *L->low);
    mem_free(S, L->mark, L->capmark * sizeof *L->mark);
    mem_free(S, L->badrec, L->capbad * sizeof *L->badrec);
    mem_free(S, L->breaks, L->capbreaks * sizeof *L->breaks);
    mem_free(S, L->big, L->capbig * sizeof *L->big);
    mem_free(S, L->adj, L->capadj * sizeof *L->adj);
    mem_free(S, L->adjh, L->capadjh * sizeof *L->adjh);
    mem_free(S, L->chunk, L->chunk ? L->chunk->cap : 0);
    mem_free(S, L, sizeof *L);
}

void tape_close(State *S)
{
    Tape *t = &S->tape;
    Level *L = t->level[t->n];
    if (S->tape_dump && !S->err) {
        Buf b;
        buf_init(&b, S);
        tape_dump(S, t->n, &b);
        S->tape_dump(S->tape_dump_ud, b.p ? b.p : "", b.len);
        buf_deinit(&b);
    }
    L->serial = 0;
    S->tape.forward -= L->forward;
    level_empty(S, L);
    t->n--;
}

void tape_reset(State *S)
{
    Level *L = innermost(S);
    for (size_t i = 1; i < L->nbig; i++) drop_cotangent(S, &L->big[i]);
    L->adj_ready = L->adj_nested = false;
}

void tape_deinit(State *S)
{
    while (S->tape.n) tape_close(S);
    quick_deinit(S);
    for (int k = 1; k <= TAPE_LEVELS; k++) {
        if (S->tape.level[k]) level_free(S, S->tape.level[k]);
        S->tape.level[k] = NULL;
    }
}

size_t tape_nodes(State *S, int level) { return S->tape.level[level] ? S->tape.level[level]->lane.n - 1 : 0; }

/* ---- memory of a level ---- */

void *level_alloc(State *S, Level *L, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    Chunk *c = L->chunk;
    if (!c || c->cap - c->used < size) {
        size_t cap = c ? c->cap * 2 : CHUNK;
        while (cap < size + sizeof(Chunk)) cap *= 2;
        Chunk *fresh = mem_alloc(S, cap);
        if (!fresh) return NULL;
        *fresh = (Chunk){c, cap, sizeof(Chunk)};
        L->chunk = c = fresh;
    }
    void *p = (char *)c + c->used;
    c->used += size;
    return p;
}

static bool grow_to(State *S, void **p, uint32_t *have, uint32_t want, size_t item)
{
    if (*have >= want) return true;
    void *q = mem_realloc(S, *p, *have * item, want * item);
    if (!q) return false;
    *p = q;
    *have = want;
    return true;
}

static bool level_grow(State *S, Level *L)
{
    if (L->lane.n >= NODES_MAX) return diag_fail(S, DIAG_MEM, "a derivative records at most %u operations", NODES_MAX);
    uint64_t cap = L->cap ? (uint64_t)L->cap * 2 : 1024;
    if (cap > NODES_MAX) cap = NODES_MAX;
    if (!grow_to(S, (void **)&L->lane.node, &L->cap, (uint32_t)cap, sizeof *L->lane.node)) return false;
    L->lane.fast = L->check || L->nested || L->forward ? 0 : L->cap;
    L->lane.quick = L->forward && !L->nested ? L->cap : 0;
    L->lane.node[0] = (LaneNode){0, 0, 0, 0};
    return true;
}

static bool level_nest(State *S, Level *L)
{
    if (!grow_to(S, (void **)&L->low, &L->caplow, L->cap, sizeof *L->low)) return false;
    memset(L->low, 0, L->lane.n * sizeof *L->low);
    L->nested = true;
    L->lane.fast = L->lane.quick = 0;
    return true;
}

bool level_push(State *S, Level *L, LaneNode q, uint64_t lower, uint64_t pa, uint64_t pb, uint32_t *at)
{
    uint32_t i = L->lane.n;
    if (i >= L->cap && !level_grow(S, L)) return false;
    if (!L->nested && (hdr_level(lower) | hdr_level(pa) | hdr_level(pb)) && !level_nest(S, L)) return false;
    if (L->nested) {
        if (!grow_to(S, (void **)&L->low, &L->caplow, L->cap, sizeof *L->low)) return false;
        L->low[i] = (Low){lower, pa, pb};
    }
    if (L->check) {
        if (!grow_to(S, (void **)&L->mark, &L->capmark, L->cap, sizeof *L->mark)) return false;
        L->mark[i] = (Mark){.at = vm_here(S), .opid = L->opid, .nx = L->narg, .x = {L->arg[0], L->arg[1]}};
        L->narg = 0;
    }
    L->lane.node[i] = q;
    L->lane.n = i + 1;
    *at = i;
    return true;
}

bool level_break(State *S, Level *L, uint32_t node)
{
    if (!MEM_PUSH(S, L->breaks, L->nbreaks, L->capbreaks)) return false;
    L->breaks[L->nbreaks++] = node;
    return true;
}

bool level_big(State *S, Level *L, BigKind kind, uint32_t *at)
{
    if (!MEM_PUSH(S, L->big, L->nbig, L->capbig)) return false;
    if (L->nbig >= NODES_MAX) return diag_fail(S, DIAG_MEM, "too many operations in a derivative");
    *at = (uint32_t)L->nbig++;
    if (!(*at & 15) && tape_size(S) > S->tape.limit) vm_hurry(S);
    Big *b = &L->big[*at];
    memset(b, 0, sizeof *b);
    b->kind = (uint8_t)kind;
    b->y = b->cot = NIL;
    return true;
}

Big *level_big_of(Level *L, uint32_t node)
{
    const LaneNode *q = &L->lane.node[node];
    if ((q->a != MARK_LEAF && q->a != MARK_BIG) || L->big[q->b].number) return NULL;
    return &L->big[q->b];
}

/* ---- one level out ---- */

Value tape_lower(State *S, Value v)
{
    if (!v.level) return v;
    Level *L = level_of(S, v);
    if (by_element(v)) {
        Value w;
        if (!tape_whole(S, v, &w)) return with_hdr(v, 0);
        release(S, w); /* the tensor's lanes hold it */
        v = w;
        if (v.level != L->index) return v;
    }
    return with_hdr(v, low_hdr(L, v.node));
}

Value tape_stop(State *S, Value v)
{
    if (is_batch(v) && batch_bottom(v).level) return batch_effect(S, "what is stopped"), NIL;
    if (v.tag == T_NUM || v.tag == T_TENSOR) v.hdr = v.tag;
    return v;
}

/* ---- trees going in ---- */

static bool too_deep(State *S) { return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH); }

bool lift_leaf(State *S, Level *L, Value v, Value *out)
{
    uint32_t node, big;
    L->opid = -1;
    if (v.tag == T_NUM) {
        if (!level_push(S, L, (LaneNode){0, 0, 0, 0}, v.level ? v.hdr : 0, 0, 0, &node)) return false;
        *out = with_hdr(v, node_hdr(L, T_NUM, node));
        return true;
    }
    Value w;
    if (!tape_whole(S, v, &w)) return false;
    if (!level_big(S, L, BIG_LEAF, &big) ||
        !level_push(S, L, (LaneNode){MARK_LEAF, big, 0, 0}, w.level ? w.hdr : 0, 0, 0, &node)) {
        release(S, w);
        return false;
    }
    L->big[big].node = node;
    L->big[big].y = retain(with_hdr(w, 0));
    *out = with_hdr(w, node_hdr(L, T_TENSOR, node));
    return true;
}

/* Inside a batch every item has its own leaf: all of them are one leaf of the tape. */
static bool lift_batched(State *S, Level *L, Value v, Value *out)
{
    Value all, leaf;
    if (!batch_expand(S, v, &all)) return false;
    bool ok = lift_leaf(S, L, batch_bottom(all), &leaf) && batch_rewrap(S, all, leaf, out);
    release(S, all);
    return ok;
}

static bool lift(State *S, Level *L, Value v, bool trained, int depth, Value *out)
{
    if (depth > TREE_DEPTH) return too_deep(S);
    if (v.tag == T_LIST) {
        List *r = list_new(S, v.l->len);
        if (!r) return false;
        r->names = obj_retain(v.l->names);
        for (int64_t i = 0; i < v.l->len; i++) {
            if (!lift(S, L, v.l->at[i], trained, depth + 1, &r->at[i])) {
                obj_release(S, r);
                return false;
            }
            r->len = i + 1;
        }
        *out = val_obj(T_LIST, r);
        return true;
    }
    if (v.tag == T_MODEL) {
        Model *m = model_new(S, v.m->def);
        if (!m) return false;
        for (int i = 0; i < v.m->def->nfields; i++) {
            FieldKind kind = v.m->def->fields[i].kind;
            Value x = v.m->field[i];
            bool part = kind == FIELD_LET && (x.tag == T_LIST || x.tag == T_MODEL);
            if (kind != FIELD_PARAM && !part) {
                m->field[i] = retain(x);
            } else if (!lift(S, L, x, kind == FIELD_PARAM, depth + 1, &m->field[i])) {
                m->field[i] = NIL;
                obj_release(S, m);
                return false;
            }
        }
        m->obj.flags = v.m->obj.flags;
        *out = val_obj(T_MODEL, m);
        return true;
    }
    bool leaf = v.tag == T_NUM || (v.tag == T_TENSOR && dtype_float((DType)v.t->dtype));
    if (trained && leaf) return S->batch.depth ? lift_batched(S, L, v, out) : lift_leaf(S, L, v, out);
    *out = retain(v);
    return true;
}

bool lift_tree(State *S, Level *L, Value v, Value *out) { return lift(S, L, v, true, 0, out); }

bool tape_lift(State *S, Value v, Value *out)
{
    if (!v.hdr && !S->batch.depth && lane_put(&innermost(S)->lane, 0, 0, 0, 0, v.n, out)) return true;
    *out = NIL;
    if (v.tag == T_TENSOR && !dtype_float((DType)v.t->dtype)) {
        diag_fail(S, DIAG_INT_DIFF, "cannot differentiate with respect to %s", type_name(S, v));
        diag_hint(S, "convert it: x as f64");
        return false;
    }
    if (v.tag != T_NUM && v.tag != T_TENSOR && v.tag != T_LIST && v.tag != T_MODEL)
        return diag_fail(S, DIAG_NOT_DIFF, "cannot differentiate with respect to %s", type_name(S, v)),
               diag_hint(S, "grad goes by numbers, float tensors, lists and models; wrt: 1 chooses the second argument");
    return lift_tree(S, innermost(S), v, out);
}

static bool level_of_tree(State *S, Value v, int depth, int *k)
{
    if (depth > TREE_DEPTH) return too_deep(S);
    if (v.tag == T_NUM || v.tag == T_TENSOR) {
        if (v.level > *k) *k = v.level;
    } else if (v.tag == T_LIST) {
        for (int64_t i = 0; i < v.l->len; i++)
            if (!level_of_tree(S, v.l->at[i], depth + 1, k)) return false;
    } else if (v.tag == T_MODEL) {
        for (int i = 0; i < v.m->def->nfields; i++)
            if (!level_of_tree(S, v.m->field[i], depth + 1, k)) return false;
    }
    return true;
}

int tree_level(State *S, Value v)
{
    int k = 0;
    return level_of_tree(S, v, 0, &k) ? k : -1;
}

/* ---- trees going out ----
**
** These walks enter closures too, unlike those of tree.c. */

static bool strip_leaf(State *S, void *ud, Value v, Value *out)
{
    int k = *(const int *)ud;
    if (is_batch(v)) {
        Value low, b = batch_bottom(v);
        if (b.level < k) return *out = retain(v), true;
        return strip_leaf(S, ud, b, &low) && batch_rewrap(S, v, low, out);
    }
    if (v.level < k || !by_element(v)) {
        while (v.level >= k) v = tape_lower(S, v);
        *out = retain(v);
        return true;
    }
    Value w;
    if (!tape_whole(S, v, &w)) return false;
    v = w;
    while (v.level >= k) v = tape_lower(S, v);
    *out = v; /* same tensor: the reference goes along */
    return true;
}

static bool same_value(Value a, Value b) { return a.hdr == b.hdr && a.cell == b.cell; }

static bool walk(State *S, Value v, const Walk *w, int depth, Value *out);

/* Walks n values into out; *changed tells whether one came back different. On failure none is left. */
static bool walk_all(State *S, const Value *x, int64_t n, const Walk *w, int depth, Value *out, bool *changed)
{
    *changed = false;
    for (int64_t i = 0; i < n; i++) {
        if (!walk(S, x[i], w, depth, &out[i])) {
            while (i--) release(S, out[i]);
            return false;
        }
        if (!same_value(x[i], out[i])) *changed = true;
    }
    return true;
}

static bool walk_list(State *S, Value v, const Walk *w, int depth, Value *out)
{
    bool changed;
    List *r = list_new(S, v.l->len);
    if (!r) return false;
    if (!walk_all(S, v.l->at, v.l->len, w, depth, r->at, &changed)) {
        obj_release(S, r);
        return false;
    }
    r->len = v.l->len;
    r->names = obj_retain(v.l->names);
    *out = val_obj(T_LIST, changed ? r : obj_retain(v.l));
    if (!changed) obj_release(S, r);
    return true;
}

static bool walk_model(State *S, Value v, const Walk *w, int depth, Value *out)
{
    Model *m = model_new(S, v.m->def);
    if (!m) return false;
    bool changed = false, ok = true;
    for (int i = 0; ok && i < v.m->def->nfields; i++) {
        Value y;
        ok = walk(S, v.m->field[i], w, depth, &y);
        if (!ok) break;
        changed |= !same_value(y, v.m->field[i]);
        m->field[i] = y;
    }
    m->obj.flags = v.m->obj.flags;
    if (ok && changed) {
        *out = val_obj(T_MODEL, m);
        return true;
    }
    if (ok) *out = retain(v);
    obj_release(S, m);
    return ok;
}

static bool walk_closure(State *S, Value v, const Walk *w, int depth, Value *out)
{
    Closure *f = v.f;
    if (!f->ncaps && f->adjoint.tag != T_FN && f->tangent.tag != T_FN) return *out = retain(v), true;
    Closure *g = closure_new(S, f->proto, f->builtin, f->ncaps);
    if (!g) return false;
    bool changed = false, ok = true;
    for (uint32_t i = 0; ok && i < f->ncaps + 2; i++) {
        Value x = i < f->ncaps ? f->cap[i] : i == f->ncaps ? f->adjoint : f->tangent, y;
        ok = walk(S, x, w, depth, &y);
        if (!ok) break;
        changed |= !same_value(x, y);
        if (i < f->ncaps) g->cap[i] = y;
        else if (i == f->ncaps) g->adjoint = y;
        else g->tangent = y;
    }
    if (ok && changed) {
        *out = val_obj(T_FN, g);
        return true;
    }
    if (ok) *out = retain(v);
    obj_release(S, g);
    return ok;
}

/* Optimisers held with the state of a descend that was differentiated through. */
static bool walk_opt(State *S, Value v, const Walk *w, int depth, Value *out)
{
    Value conf = v.opt->conf ? val_obj(T_LIST, v.opt->conf) : NIL, x[2] = {conf, v.opt->state}, y[2];
    bool changed;
    if (!walk_all(S, x, 2, w, depth, y, &changed)) return false;
    Opt *o = obj_retain(v.opt);
    if (changed) {
        o = opt_unique_take(S, o);
        if (o == v.opt) changed = false; /* cannot be: v holds it */
    }
    if (o && changed) {
        obj_release(S, o->conf);
        release(S, o->state);
        o->conf = y[0].tag == T_LIST ? y[0].l : NULL;
        o->state = y[1];
    } else {
        release(S, y[0]);
        release(S, y[1]);
    }
    if (o) *out = val_obj(T_OPT, o);
    return o != NULL;
}

static bool walk_stream(State *S, Value v, const Walk *w, int depth, Value *out)
{
    Stream *s = v.src;
    Value y[4];
    bool changed;
    if (s->ud) return *out = retain(v), true; /* running: it stays in its loop */
    if (!walk_all(S, s->cap, 4, w, depth, y, &changed)) return false;
    Stream *r = changed ? obj_new(S, T_SOURCE, sizeof *r) : obj_retain(s);
    if (!r || !changed) {
        for (int i = 0; i < 4; i++) release(S, y[i]);
    } else {
        r->def = s->def;
        memcpy(r->cap, y, sizeof y);
        r->pos = s->pos;
        r->epoch = s->epoch;
    }
    if (r) *out = val_obj(T_SOURCE, r);
    return r != NULL;
}

static bool walk(State *S, Value v, const Walk *w, int depth, Value *out)
{
    if (depth > TREE_DEPTH) return too_deep(S);
    switch (v.tag) {
    case T_NUM:
    case T_TENSOR: return w->leaf(S, w->ud, v, out);
    case T_LIST: return walk_list(S, v, w, depth + 1, out);
    case T_MODEL: return walk_model(S, v, w, depth + 1, out);
    case T_FN: return walk_closure(S, v, w, depth + 1, out);
    case T_OPT: return walk_opt(S, v, w, depth + 1, out);
    case T_SOURCE: return walk_stream(S, v, w, depth + 1, out);
    default: *out = retain(v); return true;
    }
}

bool walk_tree(State *S, const Walk *w, Value v, Value *out)
{
    *out = NIL;
    return walk(S, v, w, 0, out);
}

bool strip_from(State *S, Value v, int k, Value *out) { return walk_tree(S, &(Walk){strip_leaf, &k}, v, out); }

bool tape_strip(State *S, Value v, Value *out) { return strip_from(S, v, S->tape.n ? S->tape.n : 1, out); }

bool tape_stop_tree(State *S, Value v, Value *out) { return strip_from(S, v, 1, out); }

/* ---- gradients of trees ---- */

static bool gradient(State *S, Level *L, Value v, int depth, Value *out, bool *depends)
{
    if (depth > TREE_DEPTH) return too_deep(S);
    *out = NIL;
    if (v.tag == T_NUM || v.tag == T_TENSOR) {
        bool reached = false;
        Value b = batch_bottom(v);
        if (b.level != L->index) return true;
        Value g;
        if (!cotangent_of(S, L, b, &g, &reached) || !batch_rewrap(S, v, g, out)) {
            *out = NIL; /* batch_rewrap consumed what it was given */
            return false;
        }
        *depends |= reached;
        return true;
    }
    if (v.tag == T_LIST) {
        List *r = list_new(S, v.l->len);
        if (!r) return false;
        r->names = obj_retain(v.l->names);
        for (int64_t i = 0; i < v.l->len; i++) {
            if (!gradient(S, L, v.l->at[i], depth + 1, &r->at[i], depends)) {
                obj_release(S, r);
                return false;
            }
            r->len = i + 1;
        }
        *out = val_obj(T_LIST, r);
        return true;
    }
    if (v.tag == T_MODEL) {
        Model *m = model_new(S, v.m->def);
        if (!m) return false;
        for (int i = 0; i < v.m->def->nfields; i++) {
            FieldKind kind = v.m->def->fields[i].kind;
            Value x = v.m->field[i];
            bool part = kind == FIELD_LET && (x.tag == T_LIST || x.tag == T_MODEL);
            m->field[i] = NIL;
            if ((kind == FIELD_PARAM || part) && !gradient(S, L, x, depth + 1, &m->field[i], depends)) {
                obj_release(S, m);
                return false;
            }
        }
        *out = val_obj(T_MODEL, m);
    }
    return true;
}

bool cotangent_tree(State *S, Level *L, Value lifted, Value *out, bool *depends)
{
    *depends = false;
    return gradient(S, L, lifted, 0, out, depends);
}

bool tape_gradient(State *S, Value lifted, Value *out)
{
    bool reached;
    Level *L = innermost(S);
    if (lifted.tag == T_NUM && lifted.level == L->index && !L->many && L->adj_ready && !L->adj_nested &&
        lifted.node < L->nadj) {
        *out = val_num(L->adj[lifted.node]);
        return true;
    }
    return cotangent_tree(S, L, lifted, out, &reached);
}

/* ---- seeing the tape ---- */

void tape_dump(State *S, int level, Buf *b)
{
    Level *L = S->tape.level[level];
    static const char *const kinds[] = {"leaf", "op", "stack", "custom"};
    char shape[200], pa[40], pb[40];
    if (!L) return;
    buf_printf(b, "level %d: %u nodes\n", level, L->lane.n - 1);
    for (uint32_t i = 1; i < L->lane.n; i++) {
        const LaneNode *q = &L->lane.node[i];
        const char *what = L->check && L->mark[i].opid >= 0 ? op_symbol(op_table[L->mark[i].opid]) : NULL;
        if (L->forward) {
            bool tensor = q->a == MARK_BIG;
            num_format(pa, tensor ? 0 : q->pa);
            if (!tensor) buf_printf(b, "%6u  number  tangent %s\n", i, pa);
            else if (L->big[q->b].cot.tag == T_TENSOR)
                buf_printf(b, "%6u  tensor  tangent %s%s\n", i, dtype_name[L->big[q->b].cot.t->dtype],
                           shape_str(L->big[q->b].cot.t, shape, sizeof shape));
            else buf_printf(b, "%6u  tensor, gone\n", i);
        } else if (q->a == MARK_ELEM) {
            int64_t flat;
            memcpy(&flat, &q->pa, sizeof flat);
            buf_printf(b, "%6u  element %lld of %u\n", i, (long long)flat, L->big[q->b].node);
        } else if (q->a == MARK_BIG || q->a == MARK_LEAF) {
            const Big *g = &L->big[q->b];
            buf_printf(b, "%6u  %s", i, g->kind == BIG_OP ? op_symbol(g->op) : kinds[g->kind]);
            for (uint32_t j = 0; g->in && j < g->nin && j < 8; j++) buf_printf(b, " %u", g->in[j]);
            if (g->in && g->nin > 8) buf_printf(b, " ... (%u)", g->nin);
            if (g->y.tag == T_TENSOR)
                buf_printf(b, "  %s%s", dtype_name[g->y.t->dtype], shape_str(g->y.t, shape, sizeof shape));
            buf_puts(b, "\n");
        } else if (!q->a && !q->b) {
            buf_printf(b, "%6u  %s\n", i, what ? what : "number");
        } else {
            num_format(pa, q->pa);
            num_format(pb, q->pb);
            buf_printf(b, "%6u  %s", i, what ? what : "lane");
            if (q->a) buf_printf(b, "  %s d%u", pa, q->a);
            if (q->b) buf_printf(b, "  %s d%u", pb, q->b);
            buf_puts(b, "\n");
        }
    }
}
