/* recording.c -- a level's recording that outlives the level: what `pull` of a vjp sweeps, later and often.
**
** A recording owns its Level. To record and to sweep, the level stands in the place above all that are active; between, the
** place's own level (and with it the arrays that the next derivative uses) is back there:
**
**   level[]   1 .. n active | n + 1: the place's own level   <- exchanged ->   the recording's
**
** Swept at another depth than it was recorded at, the recording takes that depth's number: the values that it keeps get new
** headers. What an outer level watched while it was recorded can only be swept while that level is the same and open.
** SPDX-License-Identifier: MIT */
#include "runtime/recording.h"
#include "runtime/tape_internal.h"
#include "runtime/vm.h"

typedef struct Recording {
    Level *own;     /* while it is in its place: that place's own level */
    int index;      /* where it was recorded */
    uint64_t outer; /* the opening of the level around it, whose values it holds; 0: of none */
    bool busy;
} Recording;
enum { CAP_RESULT, CAP_LIFTED, CAP_ARGS, CAP_F };

static void exchange(State *S, Recording *r, int k)
{
    Level *L = S->tape.level[k];
    S->tape.level[k] = r->own;
    r->own = L;
    r->busy = !r->busy;
}

static void recording_close(State *S, Stream *s)
{
    Recording *r = s->ud;
    if (!r) return;
    level_free(S, r->own);
    mem_free(S, r, sizeof *r);
    s->ud = NULL;
}

const StreamDef recording_def = {.name = "recording", .close = recording_close};

static Recording *recording_new(State *S, Stream *s)
{
    Recording *r = mem_zalloc(S, sizeof *r);
    if (!r) return NULL;
    r->own = mem_zalloc(S, sizeof *r->own);
    if (!r->own) {
        mem_free(S, r, sizeof *r);
        return NULL;
    }
    s->def = &recording_def;
    s->ud = r;
    s->ud_size = sizeof *r;
    return r;
}

bool recording_open(State *S, Value f, Value args, Value *out)
{
    int k = S->tape.n + 1;
    *out = NIL;
    if (k > TAPE_LEVELS || S->batch.depth || S->tape_dump) return true;
    Stream *s = obj_new(S, T_SOURCE, sizeof *s);
    if (!s) return false;
    for (int i = 0; i < 4; i++) s->cap[i] = NIL;
    Recording *r = recording_new(S, s);
    if (!r) {
        obj_release(S, s);
        return false;
    }
    r->own->index = r->index = k;
    exchange(S, r, k);
    if (!tape_open(S)) {
        exchange(S, r, k);
        obj_release(S, s);
        return false;
    }
    s->cap[CAP_ARGS] = retain(args);
    s->cap[CAP_F] = retain(f);
    *out = val_obj(T_SOURCE, s);
    return true;
}

/* Does it hold a value of an outer level? What functions with their own rules and checkpoints hold is not looked at. */
static bool holds_outer(const Level *L)
{
    if (L->index == 1) return false;
    if (L->nested) return true;
    for (size_t i = 1; i < L->nbig; i++) {
        const Big *b = &L->big[i];
        if (b->kind == BIG_CUSTOM || b->kind == BIG_AGAIN || b->y.level) return true;
        for (uint32_t j = 0; b->x && j < b->nin; j++)
            if (b->x[j].level) return true;
    }
    return false;
}

static bool whole_leaf(State *S, void *ud, Value v, Value *out)
{
    (void)ud;
    return tape_whole(S, v, out);
}

bool recording_keep(State *S, Value rec, Value y, Value lifted_take)
{
    Stream *s = rec.src;
    Recording *r = s->ud;
    Level *L = innermost(S);
    s->cap[CAP_LIFTED] = lifted_take;
    bool ok = walk_tree(S, &(Walk){whole_leaf, NULL}, y, &s->cap[CAP_RESULT]);
    if (!ok) s->cap[CAP_RESULT] = NIL;
    r->outer = holds_outer(L) ? S->tape.level[S->tape.n - 1]->opened : 0;
    S->tape.n--;
    exchange(S, r, L->index);
    return ok;
}

void recording_drop(State *S, Value rec)
{
    Recording *r = rec.src->ud;
    int k = S->tape.n;
    tape_close(S);
    exchange(S, r, k);
    release(S, rec);
}

/* ---- at another depth ---- */

typedef struct Renumber {
    int from, to;
} Renumber;

static bool renumber_leaf(State *S, void *ud, Value v, Value *out)
{
    const Renumber *n = ud;
    (void)S;
    if (v.level == n->from) v.level = (uint8_t)n->to;
    *out = retain(v);
    return true;
}

static bool renumber(State *S, const Walk *w, Value *v)
{
    Value fresh;
    if (!walk_tree(S, w, *v, &fresh)) return false;
    release(S, *v);
    *v = fresh;
    return true;
}

/* Numbers written by element have headers that are not reached from here. */
static bool can_renumber(const Level *L)
{
    for (size_t i = 1; i < L->nbig; i++) {
        const Big *b = &L->big[i];
        if (b->kind == BIG_CUSTOM || b->kind == BIG_AGAIN) return false;
    }
    return true;
}

static bool move_to(State *S, Stream *s, Level *L, int k)
{
    Renumber n = {L->index, k};
    Walk w = {renumber_leaf, &n};
    if (!renumber(S, &w, &s->cap[CAP_RESULT])) return false;
    if (!renumber(S, &w, &s->cap[CAP_LIFTED])) {
        Renumber back = {k, L->index};
        renumber(S, &(Walk){renumber_leaf, &back}, &s->cap[CAP_RESULT]);
        return false;
    }
    L->index = k;
    L->lane.hdr = (uint64_t)L->index << 8 | (uint64_t)L->epoch << 16;
    return true;
}

/* ---- sweeping ---- */

static bool outer_is_open(const State *S, const Recording *r)
{
    return !r->outer || (S->tape.n >= r->index - 1 && S->tape.level[r->index - 1]->opened == r->outer);
}

bool recording_usable(State *S, Value rec, Value f, Value args)
{
    if (is_nil(rec)) return false;
    const Stream *s = rec.src;
    const Recording *r = s->ud;
    int k = S->tape.n + 1;
    return !r->busy && !S->batch.depth && k <= TAPE_LEVELS && s->cap[CAP_F].o == f.o && s->cap[CAP_ARGS].o == args.o &&
           outer_is_open(S, r) && (r->own->index == k || can_renumber(r->own));
}

bool recording_pull(State *S, Value rec, Value dy, List *out)
{
    Stream *s = rec.src;
    Recording *r = s->ud;
    int k = S->tape.n + 1;
    if (r->own->index != k && !move_to(S, s, r->own, k)) return false;
    if (!level_place(S)) return false;
    exchange(S, r, k);
    Level *L = S->tape.level[k];
    L->opened = ++S->tape.openings;
    S->tape.n++;
    bool ok = tape_seed(S, s->cap[CAP_RESULT], dy) && tape_sweep(S, true);
    const List *lifted = s->cap[CAP_LIFTED].l;
    for (int64_t i = 0; ok && i < lifted->len; i++)
        if (!is_nil(lifted->at[i])) ok = tape_gradient(S, lifted->at[i], &out->at[i]);
    tape_reset(S);
    S->tape.n--;
    exchange(S, r, k);
    return ok;
}
