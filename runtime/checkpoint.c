/* checkpoint.c -- calls that keep only what goes in; the sweep runs them again.
**
** The first run happens one level further out, so this level records nothing of it but one node and a leaf for each
** number and tensor that comes out. When the sweep reaches the node, the call runs a second time on a level of its
** own, with the random draws of the first, is swept back there, and hands its cotangents on:
**
**   in:  f, arguments, states kept by descend       leaves of this level in any of them, also in captures
**   out: result, the same states afterwards         every float leaf
**
** Both are walked in a fixed order (walk_tree), so leaves of the second run are matched with those of the first by
** number. The second run commits nothing: states and the random counter are put back.
**
** The second run with its sweep is itself a function of what goes in and of the cotangents of what came out (back_def),
** called as a checkpoint: where an outer level watches the sweep, it keeps as little of it. A forward level that an outer
** reverse level watches is treated alike (forth_def): what goes in and its tangents, what comes out and its tangents.
** cite  Griewank and Walther 2000, "Algorithm 799: revolve", for trading memory for a second run
** SPDX-License-Identifier: MIT */
#include "runtime/builtin.h"
#include "runtime/tape.h"
#include "runtime/tape_internal.h"

struct Again {
    Rng rng;
    bool training, part;
    Span at;
};

/* Values in the order of a walk. */
typedef struct Leaves {
    Value *at;
    size_t n, cap;
} Leaves;

static bool leaves_push(State *S, Leaves *l, Value v)
{
    if (!MEM_PUSH(S, l->at, l->n, l->cap)) return false;
    l->at[l->n++] = retain(v);
    return true;
}

static void leaves_drop(State *S, Leaves *l)
{
    for (size_t i = 0; i < l->n; i++) release(S, l->at[i]);
    mem_free(S, l->at, l->cap * sizeof *l->at);
}

static bool is_float(Value v) { return v.tag == T_NUM || (v.tag == T_TENSOR && dtype_float((DType)v.t->dtype)); }

/* ---- what a tree holds of a level ---- */

static bool highest_leaf(State *S, void *ud, Value v, Value *out)
{
    int *k = ud;
    (void)S;
    if (v.level > *k) *k = v.level;
    *out = retain(v);
    return true;
}

/* Also in captures. */
static bool deep_level(State *S, Value v, int *k)
{
    Value same;
    Walk w = {highest_leaf, k};
    if (!walk_tree(S, &w, v, &same)) return false;
    release(S, same);
    return true;
}

/* ---- the packs ---- */

/* (f, arguments, states) */
static Value pack_in(State *S, Value f, const Value *args, Str *const *names, int n)
{
    List *a = list_new(S, n), *p = list_new(S, 3), *cells = NULL;
    bool ok = a && p;
    for (int i = 0; ok && i < n; i++) ok = list_push_take(S, a, names ? names[i] : NULL, retain(args[i]));
    ok = ok && descend_cells(S, &cells);
    if (!ok) {
        obj_release(S, a);
        obj_release(S, p);
        return NIL;
    }
    p->at[0] = retain(f);
    p->at[1] = val_obj(T_LIST, a);
    p->at[2] = val_obj(T_LIST, cells);
    p->len = 3;
    return val_obj(T_LIST, p);
}

/* Runs a pack: *out is (result, states afterwards), or the result alone where there are no states. */
static bool run(State *S, Value pack, Value *out)
{
    List *a = pack.l->at[1].l, *cells = pack.l->at[2].l;
    Str *small[16], **names = a->names ? small : NULL;
    size_t size = (size_t)a->len * sizeof *names;
    if (names && a->len > 16 && !(names = mem_alloc(S, size))) return false;
    for (int64_t i = 0; names && i < a->len; i++) names[i] = list_name(a, i);
    Value y = NIL;
    List *after = NULL;
    descend_cells_put(S, cells);
    bool ok = vm_call_named(S, pack.l->at[0], a->at, names, (int)a->len, &y);
    if (names && names != small) mem_free(S, names, size);
    ok = ok && descend_cells(S, &after);
    if (!ok) {
        release(S, y);
        return false;
    }
    *out = list_pair(S, y, val_obj(T_LIST, after));
    return !is_nil(*out);
}

/* ---- the first run ---- */

static bool lift_out(State *S, void *ud, Value v, Value *out)
{
    if (is_float(v)) return lift_leaf(S, ud, v, out);
    *out = retain(v);
    return true;
}

static bool record(State *S, Level *L, Value pack, const Rng *rng, bool part, Value after, Value *out)
{
    uint32_t at, node;
    Value *x = level_alloc(S, L, sizeof *x);
    struct Again *again = x ? level_alloc(S, L, sizeof *again) : NULL;
    L->opid = -1;
    if (!again || !level_big(S, L, BIG_AGAIN, &at) ||
        !level_push(S, L, (LaneNode){MARK_BIG, at, 0, 0}, 0, 0, 0, &node) || !level_break(S, L, node))
        return false;
    *again = (struct Again){*rng, S->training, part, vm_here(S)};
    x[0] = retain(pack);
    Big *b = &L->big[at];
    b->node = node;
    b->at = vm_here(S);
    b->number = true; /* no cotangent of its own: its results come after it */
    b->x = x;
    b->nin = 1;
    b->again = again;
    Walk w = {lift_out, L};
    if (!walk_tree(S, &w, after, out)) return false;
    L->big[at].y = retain(*out);
    return true;
}

static bool checkpoint(State *S, Value f, const Value *args, Str *const *names, int n, bool part, Value *out);

/* ---- leaves apart from their level ---- */

/* What a tree holds of a level, taken out of it: `mask` has '1' for each leaf that was of the level, '0' for each other
** one, in the order of the walk. */
typedef struct Apart {
    Level *L;
    Buf mask;
    Leaves of; /* the leaves, whole */
} Apart;

static bool take_apart(State *S, void *ud, Value v, Value *out)
{
    Apart *a = ud;
    Value whole;
    bool of = v.level == a->L->index;
    buf_put(&a->mask, of ? "1" : "0", 1);
    if (a->mask.failed) return false;
    if (!of) {
        *out = retain(v);
        return true;
    }
    if (!tape_whole(S, v, &whole)) return false;
    bool ok = leaves_push(S, &a->of, whole);
    if (ok) *out = retain(tape_lower(S, whole));
    release(S, whole);
    return ok;
}

static void apart_init(State *S, Apart *a, Level *L)
{
    *a = (Apart){.L = L};
    buf_init(&a->mask, S);
}

static bool apart_open(State *S, Apart *a, Value v, Value *low)
{
    Walk w = {take_apart, a};
    return walk_tree(S, &w, v, low);
}

static void apart_close(State *S, Apart *a)
{
    buf_deinit(&a->mask);
    leaves_drop(S, &a->of);
}

static Value bytes(State *S, const void *p, size_t n)
{
    Str *s = str_new(S, p, n);
    return s ? val_obj(T_STR, s) : NIL;
}

/* (what goes in, cotangents or tangents, mask, how it was): the arguments of back_def and forth_def. */
static bool pack_apart(State *S, const Apart *a, Value low, Value with, const struct Again *how, Value *args)
{
    args[0] = low;
    args[1] = with;
    args[2] = bytes(S, a->mask.p ? a->mask.p : "", a->mask.len);
    args[3] = bytes(S, how, sizeof *how);
    return !is_nil(args[2]) && !is_nil(args[3]);
}

/* The leaves that a mask names go in again as leaves of the innermost level; with: their tangents, where it is forward. */
typedef struct Join {
    const Str *mask;
    size_t at;
    const List *with;
    Leaves of;
} Join;

static bool put_together(State *S, void *ud, Value v, Value *out)
{
    Join *j = ud;
    size_t at = j->at++;
    if (at >= j->mask->len || j->mask->data[at] != '1') {
        *out = retain(v);
        return true;
    }
    bool ok = j->with ? forward_put(S, innermost(S), retain(v), retain(j->with->at[j->of.n]), out)
                      : lift_leaf(S, innermost(S), v, out);
    if (ok && !leaves_push(S, &j->of, *out)) {
        release(S, *out);
        ok = false;
    }
    return ok;
}

/* ---- forward levels that are watched ---- */

static bool is_watched(State *S, int k)
{
    while (--k > 0)
        if (!S->tape.level[k]->forward && !S->tape.level[k]->check) return true;
    return false;
}

typedef struct Tangents {
    Level *L;
    List *t;
} Tangents;

/* A leaf without the forward level, its tangent into a list, also one that is zero: a second run gives the same
** structure; and back again. */
static bool split_tangent(State *S, void *ud, Value v, Value *out)
{
    Tangents *w = ud;
    Value whole, t = NIL;
    if (!tape_whole(S, v, &whole)) return false;
    if (v.level == w->L->index) t = retain(forward_tangent(w->L, whole.node));
    if (is_nil(t) && is_float(v)) {
        Tensor *z = v.tag == T_NUM ? NULL : tensor_zeros(S, (DType)v.t->dtype, v.t->rank, tensor_shape(v.t));
        t = v.tag == T_NUM ? val_num(0) : z ? val_obj(T_TENSOR, z) : NIL;
    }
    *out = retain(v.level == w->L->index ? tape_lower(S, whole) : whole);
    release(S, whole);
    return !(is_nil(t) && is_float(v)) && list_push_take(S, w->t, NULL, t);
}

typedef struct Given {
    Level *L;
    const List *t;
    int64_t at;
} Given;

static bool give_tangent(State *S, void *ud, Value v, Value *out)
{
    Given *g = ud;
    Value t = g->at < g->t->len ? g->t->at[g->at] : NIL;
    g->at++;
    if (!is_nil(t)) return forward_put(S, g->L, retain(v), retain(t), out);
    *out = retain(v);
    return true;
}

/* Runs a pack on a forward level of its own: ((result, states), tangents). Draws are taken as they come: this is the first
** run, and that of a checkpoint has its counter put back there. */
static bool forth_call(Call *c)
{
    State *S = c->S;
    if (!tape_open_forward(S)) return false;
    Join j = {.mask = c->arg[2].s, .with = c->arg[1].l};
    Tangents t = {innermost(S), list_new(S, 4)};
    Walk in = {put_together, &j}, split = {split_tangent, &t};
    Value pack = NIL, after = NIL, low = NIL;
    bool ok = t.t && walk_tree(S, &in, c->arg[0], &pack) && run(S, pack, &after) && walk_tree(S, &split, after, &low);
    release(S, pack);
    release(S, after);
    leaves_drop(S, &j.of);
    tape_close(S);
    if (!ok) {
        release(S, low);
        obj_release(S, t.t);
        return false;
    }
    *c->out = list_pair(S, low, val_obj(T_LIST, t.t));
    return !is_nil(*c->out);
}
static const Builtin forth_def = {"checkpoint",
                                  "checkpoint(pack, tangents, mask, how)",
                                  "A checkpoint of a forward derivative.",
                                  forth_call,
                                  -1,
                                  "checkpoint.c"};

static bool forth(State *S, Level *L, Value pack, bool part, Value *out)
{
    Apart a;
    struct Again how = {S->rng, S->training, part, vm_here(S)};
    Value low = NIL, args[4] = {NIL, NIL, NIL, NIL}, f = NIL, y = NIL, lifted = NIL;
    List *cells = NULL, *t = list_new(S, 4);
    apart_init(S, &a, L);
    bool ok = t && apart_open(S, &a, pack, &low) && descend_cells(S, &cells);
    for (size_t i = 0; ok && i < a.of.n; i++)
        ok = list_push_take(S, t, NULL, retain(forward_tangent(L, a.of.at[i].node)));
    ok = ok && pack_apart(S, &a, low, val_obj(T_LIST, t), &how, args);
    f = ok ? builtin_closure(S, &forth_def, NULL, 0) : NIL;
    ok = ok && !is_nil(f);
    if (ok) {
        descend_cells_put(S, low.l->at[2].l);
        ok = checkpoint(S, f, args, NULL, 4, part, &y);
        if (!ok) descend_cells_put(S, cells);
    }
    if (ok) {
        Given g = {L, y.l->at[1].l, 0};
        Walk w = {give_tangent, &g};
        ok = walk_tree(S, &w, y.l->at[0], &lifted);
    }
    if (ok) {
        descend_cells_put(S, lifted.l->at[1].l);
        *out = retain(lifted.l->at[0]);
    }
    apart_close(S, &a);
    release(S, args[2]);
    release(S, args[3]);
    release(S, low);
    release(S, lifted);
    release(S, y);
    release(S, f);
    if (t) obj_release(S, t);
    if (cells) obj_release(S, cells);
    return ok;
}

/* ---- the first run, on all levels ---- */

static bool checkpoint(State *S, Value f, const Value *args, Str *const *names, int n, bool part, Value *out)
{
    if (!batch_effect(S, "a checkpoint")) return false;
    Rng rng = S->rng;
    int k = 0;
    *out = NIL;
    if (!S->tape.n) return vm_call_named(S, f, args, names, n, out);
    Value pack = pack_in(S, f, args, names, n), low = NIL, after = NIL, lifted = NIL;
    if (is_nil(pack)) return false;
    bool ok = deep_level(S, pack, &k);
    Level *L = ok && k ? S->tape.level[k] : NULL;
    if (ok && L && L->forward && (part || is_watched(S, k))) { /* a part also drops the numbers it went through */
        ok = forth(S, L, pack, part, out);
        release(S, pack);
        return ok;
    }
    if (ok && (!L || L->forward || L->check)) { /* nothing is recorded, or everything is looked at (origin.c) */
        release(S, pack);
        return vm_call_named(S, f, args, names, n, out);
    }
    ok = ok && strip_from(S, pack, k, &low);
    if (ok) {
        /* one level further out it is a checkpoint again */
        Value bare = low.l->at[0];
        List *a = low.l->at[1].l, *cells = NULL;
        Value y = NIL;
        descend_cells_put(S, low.l->at[2].l);
        ok = checkpoint(S, bare, a->at, names, n, part, &y) && descend_cells(S, &cells);
        if (ok) {
            after = list_pair(S, y, val_obj(T_LIST, cells));
            ok = !is_nil(after);
        } else {
            release(S, y);
        }
    }
    ok = ok && record(S, L, pack, &rng, part, after, &lifted);
    if (ok) {
        descend_cells_put(S, lifted.l->at[1].l);
        *out = retain(lifted.l->at[0]);
    }
    release(S, lifted);
    release(S, after);
    release(S, low);
    release(S, pack);
    return ok;
}

bool tape_checkpoint(State *S, Value f, const Value *args, Str *const *names, int n, Value *out)
{
    return checkpoint(S, f, args, names, n, false, out);
}

/* A run may take half the budget again before its own loops are divided. */
static size_t raise_limit(State *S)
{
    Tape *t = &S->tape;
    size_t was = t->limit;
    if (t->budget) {
        size_t more = tape_size(S) + t->budget / 2;
        if (more > was) t->limit = more;
    }
    memset(t->note, 0, sizeof t->note);
    return was;
}

bool tape_checkpoint_part(State *S, Value f, const Value *args, int n, Value *out)
{
    size_t was = raise_limit(S);
    S->tape.parts++;
    bool ok = checkpoint(S, f, args, NULL, n, true, out);
    S->tape.parts--;
    S->tape.limit = was;
    return ok;
}

/* ---- the second run ---- */

static bool collect(State *S, void *ud, Value v, Value *out)
{
    if (is_float(v) && !leaves_push(S, ud, v)) return false;
    *out = retain(v);
    return true;
}

static bool collect_all(State *S, Value v, Leaves *l)
{
    Value same;
    Walk w = {collect, l};
    if (!walk_tree(S, &w, v, &same)) return false;
    release(S, same);
    return true;
}

/* Seeds what the second run gave; a seed nil where nothing arrived. */
static bool seed_results(State *S, Value after, const List *seed, Span at)
{
    Leaves now = {0};
    bool ok = collect_all(S, after, &now);
    if (ok && now.n != (size_t)seed->len)
        ok = diag_set(S, at, DIAG_STRUCTURE,
                      "the second run of a checkpoint gave %zu numbers and tensors, the first %zu", now.n,
                      (size_t)seed->len);
    for (size_t i = 0; ok && i < now.n; i++)
        if (!is_nil(seed->at[i])) ok = tape_seed(S, now.at[i], seed->at[i]);
    leaves_drop(S, &now);
    return ok;
}

/* The cotangents of the leaves that went in, also those that are zero: a second run gives the same structure. */
static bool back_call(Call *c)
{
    State *S = c->S;
    struct Again again;
    memcpy(&again, c->arg[3].s->data, sizeof again);
    Rng rng = S->rng;
    bool training = S->training;
    if (!tape_open(S)) return false;
    Join j = {.mask = c->arg[2].s};
    Walk in = {put_together, &j};
    Value pack = NIL, after = NIL;
    List *out = list_new(S, 4);
    size_t limit = raise_limit(S);
    S->rng = again.rng;
    S->training = again.training;
    S->tape.quiet += again.part;
    bool ok = out && walk_tree(S, &in, c->arg[0], &pack) && run(S, pack, &after) &&
              seed_results(S, after, c->arg[1].l, again.at) && tape_sweep(S, false);
    for (size_t i = 0; ok && i < j.of.n; i++) {
        Value g;
        bool reached;
        ok = cotangent_of(S, innermost(S), j.of.at[i], &g, &reached) && list_push_take(S, out, NULL, g);
    }
    S->tape.quiet -= again.part;
    S->tape.limit = limit;
    S->rng = rng;
    S->training = training;
    release(S, pack);
    release(S, after);
    leaves_drop(S, &j.of);
    tape_close(S);
    if (ok) *c->out = val_obj(T_LIST, out);
    else if (out) obj_release(S, out);
    return ok;
}
static const Builtin back_def = {"checkpoint",
                                 "checkpoint(pack, seeds, mask, how)",
                                 "The way back through a checkpoint.",
                                 back_call,
                                 -1,
                                 "checkpoint.c"};

/* The cotangents of the float leaves of what the first run gave, nil where nothing arrived. */
static bool seeds_of(State *S, Level *L, Value y, List *seeds, bool *any)
{
    Leaves l = {0};
    bool ok = collect_all(S, y, &l);
    *any = false;
    for (size_t i = 0; ok && i < l.n; i++) {
        Value dy = NIL;
        bool reached = false;
        if (l.at[i].level == L->index && (ok = cotangent_of(S, L, l.at[i], &dy, &reached)) && !reached) {
            release(S, dy);
            dy = NIL;
        }
        *any |= reached;
        ok = ok && list_push_take(S, seeds, NULL, dy);
    }
    leaves_drop(S, &l);
    return ok;
}

bool again_back(State *S, Level *L, Big *b)
{
    bool any = false;
    List *seeds = list_new(S, 4), *cells = NULL;
    bool ok = seeds && seeds_of(S, L, b->y, seeds, &any);
    if (!ok || !any) {
        if (seeds) obj_release(S, seeds);
        return ok;
    }
    struct Again again = *b->again;
    Apart a;
    Value low = NIL, args[4] = {NIL, NIL, NIL, NIL}, f = NIL, y = NIL;
    apart_init(S, &a, L);
    ok = apart_open(S, &a, b->x[0], &low) && descend_cells(S, &cells) &&
         pack_apart(S, &a, low, val_obj(T_LIST, seeds), &again, args);
    f = ok ? builtin_closure(S, &back_def, NULL, 0) : NIL;
    ok = ok && !is_nil(f);
    if (ok) {
        descend_cells_put(S, low.l->at[2].l); /* none of this level: it is not the one to record the call */
        ok = checkpoint(S, f, args, NULL, 4, true, &y);
        descend_cells_put(S, cells);
    }
    for (size_t i = 0; ok && i < a.of.n; i++) {
        Value g = y.l->at[i], like = a.of.at[i];
        if (g.tag != T_NUM || g.level || g.n != 0) ok = cotangent_add(S, L, like.node, retain(g), like, 0);
    }
    apart_close(S, &a);
    obj_release(S, seeds);
    release(S, args[2]);
    release(S, args[3]);
    release(S, low);
    release(S, f);
    release(S, y);
    if (cells) obj_release(S, cells);
    return ok;
}
