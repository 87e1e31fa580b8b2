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
** cite  Griewank and Walther 2000, "Algorithm 799: revolve", for trading memory for a second run
** SPDX-License-Identifier: MIT */
#include "runtime/tape.h"
#include "runtime/tape_internal.h"

struct Again {
    Rng rng;
    bool training, part;
};

/* Values in the order of a walk. */
typedef struct Leaves {
    Value *at;
    size_t n, cap;
    Level *L;
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
    *again = (struct Again){*rng, S->training, part};
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
    t->note.proto = NULL;
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

/* A leaf of L goes in as a leaf of the level that was opened for the run; pairs are kept. */
static bool relift(State *S, void *ud, Value v, Value *out)
{
    Leaves *l = ud;
    Value whole;
    if (v.level != l->L->index) {
        *out = retain(v);
        return true;
    }
    if (!tape_whole(S, v, &whole)) return false;
    bool ok = lift_leaf(S, innermost(S), tape_lower(S, whole), out);
    if (ok && !(leaves_push(S, l, whole) && leaves_push(S, l, *out))) {
        release(S, *out);
        ok = false;
    }
    release(S, whole);
    return ok;
}

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

/* Seeds what the second run gave with the cotangents of what the first gave. */
static bool seed_results(State *S, Level *L, Big *b, Value after)
{
    Leaves was = {0}, now = {0};
    bool ok = collect_all(S, b->y, &was) && collect_all(S, after, &now), reached;
    if (ok && was.n != now.n)
        ok = diag_set(S, b->at, DIAG_STRUCTURE,
                      "the second run of a checkpoint gave %zu numbers and tensors, the first %zu", now.n, was.n);
    for (size_t i = 0; ok && i < was.n; i++) {
        Value dy;
        if (was.at[i].level != L->index) continue;
        if (!(ok = cotangent_of(S, L, was.at[i], &dy, &reached))) break;
        ok = !reached || tape_seed(S, now.at[i], dy);
        release(S, dy);
    }
    leaves_drop(S, &was);
    leaves_drop(S, &now);
    return ok;
}

static bool hand_on(State *S, Level *L, const Leaves *pairs)
{
    for (size_t i = 0; i + 1 < pairs->n; i += 2) {
        Value g;
        bool reached;
        if (!cotangent_of(S, innermost(S), pairs->at[i + 1], &g, &reached)) return false;
        if (!reached) release(S, g);
        else if (!cotangent_add(S, L, pairs->at[i].node, g, pairs->at[i], 0)) return false;
    }
    return true;
}

static bool any_reached(State *S, Level *L, Value y, bool *any)
{
    Leaves l = {0};
    bool ok = collect_all(S, y, &l);
    *any = false;
    for (size_t i = 0; ok && i < l.n && !*any; i++) {
        Value dy;
        if (l.at[i].level != L->index) continue;
        ok = cotangent_of(S, L, l.at[i], &dy, any);
        if (ok) release(S, dy);
    }
    leaves_drop(S, &l);
    return ok;
}

bool again_back(State *S, Level *L, Big *b)
{
    struct Again *again = b->again;
    Rng rng = S->rng;
    bool training = S->training, any;
    if (!any_reached(S, L, b->y, &any)) return false;
    if (!any) return true;
    List *cells;
    if (!descend_cells(S, &cells)) return false;
    bool ok = tape_open(S);
    if (ok) {
        Leaves pairs = {.L = L};
        Walk w = {relift, &pairs};
        Value pack = NIL, after = NIL;
        S->rng = again->rng;
        S->training = again->training;
        size_t limit = raise_limit(S);
        S->tape.quiet += again->part;
        ok = walk_tree(S, &w, b->x[0], &pack) && run(S, pack, &after) && seed_results(S, L, b, after) &&
             tape_sweep(S, false) && hand_on(S, L, &pairs);
        S->tape.quiet -= again->part;
        S->tape.limit = limit;
        S->rng = rng;
        S->training = training;
        release(S, pack);
        release(S, after);
        leaves_drop(S, &pairs);
        descend_cells_put(S, cells);
        tape_close(S);
    }
    obj_release(S, cells);
    return ok;
}
