/* descend.c -- the training statement: evaluate the block, sweep back, step, look at until and watch.
**
** The block is a region of the enclosing function's code. For an evaluation a derivative level is opened, every
** target's parameters become leaves of it, the lifted target is put into its variable, the region runs, and the
** sweep gives a gradient tree of the target's structure. Model states become cells (T_CELL) shared by every copy of
** the model during one evaluation; an accepted evaluation's cells are written back into the target.
**
**   item -> [ open, lift, run block, sweep, strip, close ] -> transforms -> optimiser (may evaluate again)
**        -> commit parameters and states -> until -> watch
**
** All evaluations of one step start from the same random counter. On any error the targets are put back as the last
** accepted step left them.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "runtime/moves.h"
#include "runtime/op.h"
#include "runtime/ops/gemm.h"
#include "runtime/optim.h"
#include "runtime/profile.h"
#include "runtime/snapshot.h"
#include "runtime/state.h"

static const char stalled[] = "stalled"; /* DescendRun.why: compared by address */

struct DescendRun {
    DescendRun *outer;
    uint32_t serial;
    State *S;
    Proto *proto;
    const Descend *d;
    size_t frame;
    Value params; /* the target, or a list of the targets; owned */
    Value *cell;
    size_t ncells, capcells;
    Rng rng0;       /* at the start of the step */
    Rng rng_after;  /* after its first evaluation */
    bool evaluated; /* some evaluation of this step has run */
    Value grad_at;  /* what the last trial of a line search gave, transformed; or nil */
    bool known;     /* loss_at, grad_at and gnorm_at hold at params: the next step need not evaluate them again */
    bool has_state, bounded;
    OptKind kind;
    Opt **transform;
    int ntransforms;
    OptStep *st;
    Value residuals;
    double loss_at, gnorm_at; /* of the last evaluation */
    Moves moves;
    double *losses;
    size_t nlosses, caplosses;
    const char *why;
    double start; /* in vm_seconds(); earlier by what a resumed run had taken */
    Held held;
};

enum { TREE_DEPTH = 10000 };

/* ---- cells: states of the targets during an evaluation ---- */

Value *descend_cell(State *S, int64_t cell)
{
    uint32_t serial = (uint32_t)(cell >> 32), k = (uint32_t)cell;
    for (DescendRun *r = S->descend; r; r = r->outer)
        if (r->serial == serial) return k < r->ncells ? &r->cell[k] : NULL;
    return NULL;
}

bool descend_cells(State *S, List **out)
{
    List *l = list_new(S, 4);
    bool ok = l != NULL;
    for (DescendRun *r = S->descend; ok && r; r = r->outer)
        for (size_t k = 0; ok && k < r->ncells; k++) ok = list_push_take(S, l, NULL, retain(r->cell[k]));
    if (!ok) obj_release(S, l);
    *out = ok ? l : NULL;
    return ok;
}

void descend_cells_put(State *S, const List *l)
{
    int64_t i = 0;
    for (DescendRun *r = S->descend; r; r = r->outer)
        for (size_t k = 0; k < r->ncells && i < l->len; k++) {
            Value old = r->cell[k];
            r->cell[k] = retain(l->at[i++]);
            release(S, old);
        }
}

/* Walks the models of a tree in a fixed order. install: state fields of *v become cells; else cells are written back. */
static bool cells_walk(DescendRun *run, Value *v, bool install, size_t *k)
{
    State *S = run->S;
    if (v->tag == T_LIST) {
        bool any = false;
        for (int64_t i = 0; i < v->l->len && !any; i++) any = v->l->at[i].tag == T_LIST || v->l->at[i].tag == T_MODEL;
        if (!any) return true;
        List *l = list_unique_take(S, v->l);
        if (!l) {
            *v = NIL;
            return false;
        }
        v->l = l;
        for (int64_t i = 0; i < l->len; i++)
            if (!cells_walk(run, &l->at[i], install, k)) return false;
        return true;
    }
    if (v->tag != T_MODEL || !(v->m->obj.flags & MODEL_STATE)) return true;
    Model *m = model_unique_take(S, v->m);
    if (!m) {
        *v = NIL;
        return false;
    }
    v->m = m;
    for (int i = 0; i < m->def->nfields; i++) {
        Value *f = &m->field[i];
        switch (m->def->fields[i].kind) {
        case FIELD_STATE:
            if (install) {
                if (f->tag == T_CELL) break; /* an outer descend keeps it */
                if (!MEM_PUSH(S, run->cell, run->ncells, run->capcells)) return false;
                run->cell[run->ncells] = *f;
                f->hdr = T_CELL;
                f->cell = (int64_t)((uint64_t)run->serial << 32 | run->ncells++);
            } else if (f->tag != T_CELL && *k < run->ncells) {
                Value old = *f;
                *f = run->cell[*k];
                run->cell[(*k)++] = NIL;
                release(S, old);
            }
            break;
        case FIELD_LET:
            if (!cells_walk(run, f, install, k)) return false;
            break;
        case FIELD_PARAM:
        case FIELD_ARG: break;
        }
    }
    if (install) m->obj.flags = (uint8_t)((m->obj.flags & ~MODEL_STATE) | MODEL_CELLS);
    return true;
}

/* What walks trees here recurses; the first walk refuses what is too deep for it, and looks at the limits: a tree that
** holds the same list many times over is larger than memory. */
static bool tree_fits(DescendRun *run, Value v, int depth, uint64_t *seen)
{
    State *S = run->S;
    if (depth > TREE_DEPTH)
        return diag_set(S, run->d->at, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (!(++*seen & 0xFFFF) && !vm_check(S)) return false;
    if (v.tag == T_LIST)
        for (int64_t i = 0; i < v.l->len; i++)
            if (!tree_fits(run, v.l->at[i], depth + 1, seen)) return false;
    if (v.tag == T_MODEL)
        for (int i = 0; i < v.m->def->nfields; i++)
            if (!tree_fits(run, v.m->field[i], depth + 1, seen)) return false;
    return true;
}

static bool tree_has_state(Value v)
{
    if (v.tag == T_MODEL) return (v.m->obj.flags & MODEL_STATE) != 0;
    if (v.tag == T_LIST)
        for (int64_t i = 0; i < v.l->len; i++)
            if (tree_has_state(v.l->at[i])) return true;
    return false;
}

static void cells_drop(DescendRun *run)
{
    while (run->ncells) release(run->S, run->cell[--run->ncells]);
}

/* ---- constrained parameters ----
**
** param s > a is trained as u with s = a + e^u; s < b as s = b - e^u; s in (a, b) as s = a + (b - a) sigmoid(u), as Stan
** does (Stan Reference Manual, "Constraint transforms"; no Jacobian term, since a loss is no density). run->params holds
** u; the variables and the block see s. */

static bool bounded_def(const ModelDef *d)
{
    for (int i = 0; i < d->nfields; i++)
        if (d->fields[i].kind == FIELD_PARAM && d->fields[i].constraint) return true;
    return false;
}

static bool tree_bounded(Value v)
{
    if (v.tag == T_LIST)
        for (int64_t i = 0; i < v.l->len; i++)
            if (tree_bounded(v.l->at[i])) return true;
    if (v.tag != T_MODEL) return false;
    if (bounded_def(v.m->def)) return true;
    for (int i = 0; i < v.m->def->nfields; i++)
        if (v.m->def->fields[i].kind == FIELD_LET && tree_bounded(v.m->field[i])) return true;
    return false;
}

/* One step of the maps below: *v = op(*v, c), or op(c, *v). */
static bool step2(State *S, BinOp op, Value *v, double c, bool left)
{
    Value out;
    bool ok = left ? value_binary(S, op, val_num(c), *v, &out) : value_binary(S, op, *v, val_num(c), &out);
    if (!ok) return false;
    release(S, *v);
    *v = out;
    return true;
}

static bool step1(State *S, OpId op, Value *v)
{
    Value out;
    if (!op1(S, op, *v, &out)) return false;
    release(S, *v);
    *v = out;
    return true;
}

static bool field_bound(State *S, const FieldDef *f, bool out, Value *v)
{
    double lo = f->lo, hi = f->hi;
    switch (f->constraint) {
    case 1: /* s = lo + e^u */
        return out ? step1(S, OPID_exp, v) && step2(S, BIN_ADD, v, lo, false)
                   : step2(S, BIN_SUB, v, lo, false) && step1(S, OPID_log, v);
    case 2: /* s = hi - e^u */
        return out ? step1(S, OPID_exp, v) && step2(S, BIN_SUB, v, hi, true)
                   : step2(S, BIN_SUB, v, hi, true) && step1(S, OPID_log, v);
    case 3: /* s = lo + (hi - lo) / (1 + e^-u); u = -log((hi - lo) / (s - lo) - 1) */
        return out ? step1(S, OPID_sigmoid, v) && step2(S, BIN_MUL, v, hi - lo, false) && step2(S, BIN_ADD, v, lo, false)
                   : step2(S, BIN_SUB, v, lo, false) && step2(S, BIN_DIV, v, hi - lo, true) &&
                         step2(S, BIN_SUB, v, 1, false) && step1(S, OPID_log, v) && step2(S, BIN_MUL, v, -1, false);
    default: return true;
    }
}

/* Maps the constrained parameters of *v (owned) from u to s (out) or back. */
static bool bounds_walk(State *S, Value *v, bool out)
{
    if (!tree_bounded(*v)) return true;
    if (v->tag == T_LIST) {
        List *l = list_unique_take(S, v->l);
        *v = l ? val_obj(T_LIST, l) : NIL;
        for (int64_t i = 0; l && i < l->len; i++)
            if (!bounds_walk(S, &l->at[i], out)) return false;
        return l != NULL;
    }
    Model *m = model_unique_take(S, v->m);
    *v = m ? val_obj(T_MODEL, m) : NIL;
    if (!m) return false;
    for (int i = 0; i < m->def->nfields; i++) {
        const FieldDef *f = &m->def->fields[i];
        if (f->kind == FIELD_PARAM && f->constraint && !field_bound(S, f, out, &m->field[i])) return false;
        if (f->kind == FIELD_LET && !bounds_walk(S, &m->field[i], out)) return false;
    }
    return true;
}

/* ---- targets ---- */

static Value *target_root(DescendRun *run, int i)
{
    const DescendTarget *t = &run->d->target[i];
    return t->global ? &run->proto->module->g[t->root].value : &vm_regs(run->S, run->frame)[t->root];
}

static const Path *target_path(DescendRun *run, int i) { return &run->proto->paths[run->d->target[i].path]; }

static bool target_put(DescendRun *run, int i, Value v_take)
{
    Value *root = target_root(run, i);
    const Path *p = target_path(run, i);
    if (p->n == 0) {
        Value old = *root;
        *root = v_take;
        release(run->S, old);
        return true;
    }
    return place_set(run->S, root, p, vm_regs(run->S, run->frame), v_take);
}

/* An element of a tensor has no place of its own. */
static bool target_whole(DescendRun *run, int i)
{
    State *S = run->S;
    Path part = *target_path(run, i);
    for (int n = part.n; n > 0; n--) {
        Value v;
        part.n = (uint16_t)(n - 1);
        if (!place_get(S, *target_root(run, i), &part, vm_regs(S, run->frame), &v)) return false;
        bool tensor = v.tag == T_TENSOR;
        release(S, v);
        if (!tensor) continue;
        const DescendTarget *t = &run->d->target[i];
        diag_set(S, t->at, DIAG_OPTIMISER_ARG, "`%s` is a piece of a tensor, which is trained as a whole",
                 t->text ? t->text->data : "the target");
        return diag_hint(S, "train the tensor, and let the loss depend on this piece of it only");
    }
    return true;
}

static bool same_step(State *S, const PathStep *a, const PathStep *b, const Value *r)
{
    if (a->kind != b->kind) return false;
    if (a->kind == STEP_FIELD) return a->name == b->name;
    if (a->n != b->n) return false;
    bool same = true;
    for (int k = 0; same && a->kind == STEP_INDEX && k < a->n; k++)
        if (!value_equal(S, r[a->reg + k], r[b->reg + k], &same)) return false;
    return same;
}

/* Is target i also part of target j, or j of i? */
static bool targets_apart(DescendRun *run, int i, int j)
{
    State *S = run->S;
    const DescendTarget *a = &run->d->target[i], *b = &run->d->target[j];
    if (a->global != b->global || a->root != b->root) return true;
    const Path *p = target_path(run, i), *q = target_path(run, j);
    for (int k = 0; k < p->n && k < q->n; k++)
        if (!same_step(S, &p->step[k], &q->step[k], vm_regs(S, run->frame))) return true;
    return diag_set(S, b->at, DIAG_OPTIMISER_ARG, "descend trains `%s` twice", b->text ? b->text->data : "a target");
}

static Value target_of(DescendRun *run, Value params, int i)
{
    return run->d->ntargets == 1 ? params : params.l->at[i];
}

/* Puts the accepted parameters into their variables. */
static bool targets_restore(DescendRun *run)
{
    for (int i = 0; i < run->d->ntargets; i++) {
        Value v = retain(target_of(run, run->params, i));
        if (run->bounded && !bounds_walk(run->S, &v, true)) {
            release(run->S, v);
            return false;
        }
        if (!target_put(run, i, v)) return false;
    }
    return true;
}

/* So that the optimiser owns the only copy: the variables let go while it steps. */
static bool targets_release(DescendRun *run)
{
    for (int i = 0; i < run->d->ntargets; i++)
        if (is_heap(target_of(run, run->params, i)) && !target_put(run, i, NIL)) return false;
    return true;
}

/* ---- norms ---- */

/* Adds the squares of every leaf to *sum. */
static bool norm_leaf(State *S, double *sum, Value v)
{
    if (v.tag == T_NUM) {
        *sum += v.n * v.n;
    } else if (v.tag == T_TENSOR) {
        Tensor *t = v.t, *rows, *places;
        if (!tensor_rows(S, t, &rows, &places)) return false;
        if (rows) t = rows; /* the others are 0 */
        if (!tensor_force(S, t)) return false;
        double s = 0;
        if (t->contiguous && dtype_float((DType)t->dtype)) {
            s = sum_squares(S, (DType)t->dtype, t->n, (char *)t->st->data + t->offset * dtype_size[t->dtype]);
        } else {
            for (int64_t i = 0; i < t->n; i++) {
                double x = tensor_get(t, i);
                s += x * x;
            }
        }
        *sum += s;
    } else if (v.tag == T_LIST) {
        for (int64_t i = 0; i < v.l->len; i++)
            if (!norm_leaf(S, sum, v.l->at[i])) return false;
    } else if (v.tag == T_MODEL) {
        for (int i = 0; i < v.m->def->nfields; i++)
            if (!norm_leaf(S, sum, v.m->field[i])) return false;
    }
    return true;
}

/* ---- one evaluation ---- */

/* What an evaluation had before it when it turned out not to be finite; y nil: nothing is known. */
typedef struct Culprit {
    DescendRun *run;
    Value y, params;
    Value *lifted; /* one for each target, and so grad, NULL when the loss is not finite */
    const Value *grad;
    uint32_t node; /* a parameter, its number among the leaves of its target before it, and its path */
    size_t leaf;
    Buf path;
} Culprit;

/* Finds the parameter with node c->node, or when that is 0 the first with a gradient that is not finite. */
static bool culprit_find(Culprit *c)
{
    DescendRun *run = c->run;
    c->leaf = 0;
    for (int i = 0; i < run->d->ntargets; i++) {
        const DescendTarget *t = &run->d->target[i];
        Value g = !c->grad ? NIL : run->d->ntargets == 1 ? *c->grad : c->grad->l->at[i];
        c->path.len = 0;
        buf_puts(&c->path, t->text ? t->text->data : "target");
        if (moves_find(run->S, c->lifted[i], g, &c->node, &c->leaf, &c->path)) return true;
    }
    return false;
}

static bool culprit_is(void *ud, uint32_t node)
{
    Culprit *c = ud;
    c->node = node;
    return culprit_find(c);
}

static void note_str(State *S, Span at, const char *before, Str *s_take)
{
    if (s_take) diag_note(S, at, "%s%s", before, s_take->data);
    obj_release(S, s_take);
}

/* The error of a loss or gradient that is not finite: the first operation that made it so, the operations that lead from a
** parameter to it, and how that parameter moved last. */
static void not_finite(DescendRun *run, Value y, Value params, Value *lifted, const Value *grad)
{
    State *S = run->S;
    const Descend *d = run->d;
    bool loss = !isfinite(run->loss_at), found = false, finite = false;
    Culprit c = {run, y, params, lifted, loss ? NULL : grad, 0, 0, {0}};
    TapeOrigin o = {.at = SPAN_NONE};
    Str *moved = NULL;
    char num[40];
    buf_init(&c.path, S);
    if (S->tape.check && !is_nil(y)) {
        uint32_t leaf = !loss && grad && culprit_find(&c) ? c.node : 0;
        finite = !loss && grad && !leaf;
        found = tape_origin(S, y, leaf, culprit_is, &c, &o);
        c.node = o.leaf;
        if (found && o.leaf && culprit_find(&c) && c.path.p) {
            Buf b;
            buf_init(&b, S);
            buf_put(&c.path, "", 1);
            if (!run->bounded) moves_say(S, &run->moves, params, c.leaf, run->nlosses, c.path.p, &b);
            moved = buf_str(&b);
        }
    }
    num_format(num, loss ? run->loss_at : run->gnorm_at);
    diag_set(S, found && o.at.file ? o.at : d->loss_at, DIAG_NOT_FINITE, "%s became %s in step %zu%s%s%s",
             loss ? "the loss" : "the gradient", num, run->nlosses + 1,
             found ? ": the first operation that did is `" : "", found ? o.op : "",
             found ? (o.backward ? "` on the way back" : "`") : "");
    note_str(S, SPAN_NONE, "", o.made);
    if (finite) diag_note(S, SPAN_NONE, "its elements are finite, their squares are not");
    if (o.chain && o.chain->len && c.path.p)
        diag_note(S, SPAN_NONE, "%s %s through %s", c.path.p, o.backward ? "goes" : "gets there", o.chain->data);
    obj_release(S, o.chain);
    if (moved && moved->len) note_str(S, SPAN_NONE, "", moved);
    else obj_release(S, moved);
    diag_note(S, d->at, "in this descend; %s is left as the last accepted step made it",
              d->target[0].text ? d->target[0].text->data : "the target");
    diag_hint(S, "try a smaller lr, or clip_norm(1) after the optimiser");
    buf_deinit(&c.path);
}

/* Runs the block at `params`. loss: plain number of the loss; grad (may be NULL): owned tree, before transforms. For
** least squares *res receives the residuals and the level stays open when keep_open. */
static bool evaluate(DescendRun *run, Value params, Value *loss, Value *grad, Value *res, Value *lifted_out)
{
    State *S = run->S;
    const Descend *d = run->d;
    bool training = S->training, ok = false, open = false, again = false;
    Value lifted_small[8], *lifted = lifted_small, y = NIL;
    Tensor *late = NULL;
    int n = d->ntargets, made = 0;
    *loss = NIL;
    if (grad) *grad = NIL;
    if (res) *res = NIL;
    if (n > 8 && !(lifted = mem_zalloc(S, (size_t)n * sizeof *lifted))) return false;
    S->rng = run->rng0;
    cells_drop(run);
    if (!tape_open(S)) goto done;
    open = true;
    for (int i = 0; i < n; i++) {
        if (!tape_lift(S, target_of(run, params, i), &lifted[i])) goto done;
        made = i + 1;
        Value trial = retain(lifted[i]);
        size_t k = 0;
        if ((run->has_state && !cells_walk(run, &trial, true, &k)) || (run->bounded && !bounds_walk(S, &trial, true))) {
            release(S, trial);
            goto done;
        }
        if (!target_put(run, i, trial)) goto done;
    }
    S->training = true;
    Late before = late_begin(S, run->frame);
    ok = vm_run_region(S, run->frame, d->pc_block, &y);
    late = late_end(S, before);
    S->training = training;
    if (!ok) goto done;
    ok = false;
    if (!run->evaluated) {
        run->rng_after = S->rng;
        run->evaluated = true;
    }
    if (run->kind == OPT_LEAST_SQUARES) {
        if (y.tag != T_TENSOR) {
            diag_set(S, d->loss_at, DIAG_OPTIMISER_ARG, "least squares take a tensor of residuals, the block gives %s",
                     type_name(S, y));
            diag_hint(S,
                      "leave the sum out: the block gives predictions - targets; one number goes with lbfgs() or adam()");
            goto done;
        }
        Value whole;
        if (!tape_whole(S, y, &whole)) goto done;
        release(S, y);
        y = whole;
    } else if (y.tag != T_NUM) {
        if (y.tag == T_TENSOR) {
            diag_set(S, d->loss_at, DIAG_LOSS, "the block of descend gives %s, not one number", type_name(S, y));
            diag_hint(S, "reduce it: mean(...) or sum(...); a tensor of residuals goes with lm() or gauss_newton()");
        } else {
            diag_set(S, d->loss_at, DIAG_LOSS, "the block of descend gives %s, not a loss", type_name(S, y));
            diag_hint(S, "the last expression of the block is the loss");
        }
        goto done;
    }
    if (y.level != S->tape.n) {
        diag_set(S, d->loss_at, DIAG_DESCEND_DEPENDS, "the loss does not depend on %s",
                 d->target[0].text ? d->target[0].text->data : "the target");
        if (d->holder) {
            diag_note(S, d->holder_at, "`%s` holds an earlier value of it", d->holder->data);
            diag_hint(S, "compute `%s` in the block", d->holder->data);
        } else {
            diag_hint(S, "something may hold an earlier value of it: a closure made before, or another variable");
        }
        goto done;
    }
    if (run->kind == OPT_LEAST_SQUARES) {
        *res = y;
        y = NIL;
        ok = true;
        goto done;
    }
    if (grad) {
        if (!tape_seed(S, y, val_num(1)) || !tape_sweep(S, false)) goto done;
        if (n == 1) {
            if (!tape_gradient(S, lifted[0], grad)) goto done;
        } else {
            List *l = list_new(S, n);
            if (!l) goto done;
            *grad = val_obj(T_LIST, l);
            for (int i = 0; i < n; i++) {
                if (!tape_gradient(S, lifted[i], &l->at[i])) goto done;
                l->len = i + 1;
            }
        }
    }
    Tensor *wait = late;
    late = NULL;
    if (!late_settle(S, wait, grad ? *grad : NIL, &y.n)) goto done;
    if (grad) {
        double squares = 0;
        if (!norm_leaf(S, &squares, *grad)) goto done;
        run->gnorm_at = sqrt(squares);
    }
    run->loss_at = y.n;
    *loss = retain(tape_lower(S, y));
    ok = true;
done:
    if (ok && run->has_state) /* states carry none of this level */
        for (size_t k = 0; k < run->ncells && ok; k++) {
            Value plain;
            ok = tape_strip(S, run->cell[k], &plain);
            if (!ok) break;
            release(S, run->cell[k]);
            run->cell[k] = plain;
        }
    if (ok && grad && run->kind != OPT_LEAST_SQUARES && !run->st &&
        (!isfinite(run->loss_at) || !isfinite(run->gnorm_at))) {
        /* the first evaluation of a step must be finite; run once more looking at every result, it says which was not */
        if (S->tape.check) not_finite(run, y, params, lifted, grad);
        else again = true;
        ok = false;
    }
    if (lifted_out && ok && run->kind == OPT_LEAST_SQUARES) {
        for (int i = 0; i < n; i++) lifted_out[i] = lifted[i];
        made = 0;
        open = false; /* the caller sweeps row by row and closes */
    }
    release(S, y);
    obj_release(S, late);
    for (int i = 0; i < made; i++) release(S, lifted[i]);
    if (open) tape_close(S);
    if (lifted != lifted_small) mem_free(S, lifted, (size_t)n * sizeof *lifted);
    if (!ok) {
        release(S, *loss);
        *loss = NIL;
        if (grad) {
            release(S, *grad);
            *grad = NIL;
        }
        if (res) {
            release(S, *res);
            *res = NIL;
        }
    }
    if (again) {
        S->tape.check = true;
        ok = evaluate(run, params, loss, grad, res, lifted_out);
        S->tape.check = false;
        if (ok) { /* it was finite this time: what the block reads has changed between the two runs */
            not_finite(run, NIL, params, NULL, NULL);
            ok = false;
        }
    }
    return ok;
}

static bool transforms_apply(DescendRun *run, Value *grad, double loss)
{
    for (int i = 0; i < run->ntransforms; i++) {
        OptStep st = {.S = run->S,
                      .step = (int64_t)run->nlosses + 1,
                      .params = run->params,
                      .grad = *grad,
                      .loss = loss,
                      .gnorm = run->gnorm_at};
        Opt *o = run->transform[i] = opt_unique_take(run->S, run->transform[i]);
        if (!o) return false;
        bool ok = o->def->step(o, &st);
        *grad = st.grad;
        if (!ok) return false;
    }
    return true;
}

/* OptStep.eval: a trial point of a line search. */
static bool step_eval(OptStep *st, Value params, double *loss, Value *grad)
{
    DescendRun *run = st->ud;
    Value l, g = NIL;
    ProfileFrame f;
    PROFILE_IN(run->S, f, PHASE_REST);
    bool ok = evaluate(run, params, &l, &g, NULL, NULL);
    PROFILE_OUT(run->S, f);
    if (!ok) return false;
    *loss = run->loss_at;
    release(run->S, l);
    if (isfinite(*loss) && !transforms_apply(run, &g, *loss)) {
        release(run->S, g);
        return false;
    }
    release(run->S, run->grad_at);
    run->grad_at = retain(g);
    if (grad) *grad = g;
    else release(run->S, g);
    return true;
}

static bool flat_put(State *S, Value v, double *row, int64_t *k)
{
    if (v.tag == T_NUM) {
        row[(*k)++] = v.n;
    } else if (v.tag == T_TENSOR) {
        if (!tensor_force(S, v.t)) return false;
        for (int64_t i = 0; i < v.t->n; i++) row[(*k)++] = tensor_get(v.t, i);
    } else if (v.tag == T_LIST) {
        for (int64_t i = 0; i < v.l->len; i++)
            if (!flat_put(S, v.l->at[i], row, k)) return false;
    } else if (v.tag == T_MODEL) {
        for (int i = 0; i < v.m->def->nfields; i++)
            if (!flat_put(S, v.m->field[i], row, k)) return false;
    }
    return true;
}

static int64_t flat_count(Value v)
{
    int64_t n = 0;
    if (v.tag == T_NUM) return 1;
    if (v.tag == T_TENSOR) return v.t->n;
    if (v.tag == T_LIST)
        for (int64_t i = 0; i < v.l->len; i++) n += flat_count(v.l->at[i]);
    if (v.tag == T_MODEL)
        for (int i = 0; i < v.m->def->nfields; i++) n += flat_count(v.m->field[i]);
    return n;
}

/* OptStep.lsq: residuals and, row by row from one recording, their Jacobian. */
static bool step_lsq(OptStep *st, Value params, Tensor **r, Tensor **J)
{
    DescendRun *run = st->ud;
    State *S = run->S;
    int n = run->d->ntargets;
    Value loss, res, lifted[8] = {NIL, NIL, NIL, NIL, NIL, NIL, NIL, NIL};
    *r = NULL;
    if (J) *J = NULL;
    if (n > 8) return diag_set(S, run->d->at, DIAG_OPTIMISER_ARG, "least squares train at most 8 targets");
    ProfileFrame f;
    PROFILE_IN(S, f, PHASE_REST);
    bool ok = evaluate(run, params, &loss, NULL, &res, lifted), again = false;
    PROFILE_OUT(S, f);
    if (!ok) return false;
    ok = false;
    Tensor *jac = NULL;
    Value row[8] = {NIL, NIL, NIL, NIL, NIL, NIL, NIL, NIL}; /* gradients of one residual */
    Value seed = NIL, plain = tape_lower(S, res);
    if (plain.level) { /* an outer derivative watches the residuals, and the steps are plain numbers */
        diag_set(S, run->d->loss_at, DIAG_NO_RULE, "no derivative goes through the steps of lm and gauss_newton");
        diag_hint(S, "gd, sgd, rmsprop, adam and adamw can be; minimize(...) has the derivative of what it finds");
        release(S, res);
        for (int t = 0; t < n; t++) release(S, lifted[t]);
        tape_close(S);
        return false;
    }
    Tensor *rt = tensor_as(S, plain.t, DT_F64);
    Tensor *flat = rt ? tensor_contiguous(S, rt) : NULL;
    obj_release(S, rt);
    if (!flat) goto done;
    int64_t m = flat->n, p = 0;
    double sum = 0;
    for (int64_t i = 0; i < m; i++) {
        double x = ((double *)flat->st->data)[flat->offset + i];
        sum += x * x;
    }
    run->loss_at = 0.5 * sum;
    if (J && m == 0) {
        diag_set(S, run->d->loss_at, DIAG_OPTIMISER_ARG, "the block gives no residuals: its tensor is empty");
        goto done;
    }
    if (J && !isfinite(run->loss_at)) { /* as in evaluate: the second run says which operation it was */
        if (S->tape.check) not_finite(run, res, params, lifted, NULL);
        else again = true;
        goto done;
    }
    for (int64_t i = 0; J && i < m; i++) {
        Tensor *s = tensor_zeros(S, (DType)plain.t->dtype, plain.t->rank, tensor_shape(plain.t));
        if (!s) goto done;
        tensor_put(s, i, 1);
        seed = val_obj(T_TENSOR, s);
        tape_reset(S);
        if (!tape_seed(S, res, seed) || !tape_sweep(S, true)) goto done;
        release(S, seed);
        seed = NIL;
        int64_t k = 0;
        for (int t = 0; t < n; t++) {
            if (!tape_gradient(S, lifted[t], &row[t])) goto done;
            if (!jac) p += flat_count(row[t]);
        }
        int64_t shape[2] = {m, p};
        if (!jac && !(jac = tensor_new(S, DT_F64, 2, shape))) goto done;
        for (int t = 0; t < n; t++) {
            if (!flat_put(S, row[t], (double *)jac->st->data + i * p, &k)) goto done;
            release(S, row[t]);
            row[t] = NIL;
        }
        if (!vm_check(S)) goto done;
    }
    ok = true;
done:
    release(S, seed);
    for (int t = 0; t < n; t++) release(S, row[t]);
    for (int t = 0; t < n; t++) release(S, lifted[t]);
    release(S, res);
    tape_close(S);
    if (ok) {
        *r = flat;
        if (J) *J = jac;
        return true;
    }
    obj_release(S, flat);
    obj_release(S, jac);
    if (again) {
        S->tape.check = true;
        if (step_lsq(st, params, r, J)) { /* finite this time */
            obj_release(S, *r);
            obj_release(S, *J);
            *r = *J = NULL;
            not_finite(run, NIL, params, NULL, NULL);
        }
        S->tape.check = false;
    }
    return false;
}

/* ---- the loop ---- */

static bool whole_option(State *S, const Descend *d, Value v, const char *what, int least, double *out)
{
    if (v.tag != T_NUM || v.n != floor(v.n) || v.n < least) {
        char num[40] = "";
        if (v.tag == T_NUM) num_format(num, v.n);
        return diag_set(S, d->at, DIAG_VALUE, "descend: `%s` takes a whole number of at least %d, not %s", what, least,
                        v.tag == T_NUM ? num : type_name(S, v));
    }
    *out = v.n;
    return true;
}

static void set_reg(State *S, Value *r, Value v)
{
    Value old = *r;
    *r = v;
    release(S, old);
}

static bool report_make(DescendRun *run, double seconds, Value *out)
{
    State *S = run->S;
    static const char *const names[] = {"steps", "loss", "losses", "gnorm", "seconds", "why"};
    Value item[6];
    int64_t n = (int64_t)run->nlosses;
    Tensor *t = tensor_from(S, DT_F64, 1, &n, run->losses ? run->losses : (double *)"\0\0\0\0\0\0\0");
    item[0] = val_num((double)run->nlosses);
    item[1] = val_num(run->loss_at);
    item[2] = t ? val_obj(T_TENSOR, t) : NIL;
    item[3] = val_num(run->gnorm_at);
    item[4] = val_num(seconds);
    item[5] = val_str(S, run->why, strlen(run->why));
    List *l = list_new(S, 6);
    bool ok = l && t && !is_nil(item[5]);
    for (int k = 0; k < 6; k++) {
        Str *name = ok ? str_intern(S, names[k], strlen(names[k])) : NULL;
        if (!name) {
            release(S, item[k]);
            ok = false;
            continue;
        }
        ok = list_push_take(S, l, name, item[k]);
        obj_release(S, name);
    }
    if (!ok) {
        obj_release(S, l);
        return false;
    }
    *out = val_obj(T_LIST, l);
    return true;
}

static void progress(DescendRun *run, double limit, double *last, bool final)
{
    State *S = run->S;
    if (!S->hooks.progress) return;
    double now = vm_seconds();
    if (!final && now - *last < 0.1) return;
    *last = now;
    char line[160];
    double step = (double)run->nlosses, spent = now - run->start;
    int n = snprintf(line, sizeof line, "step %.0f", step);
    if (limit > 0) n += snprintf(line + n, sizeof line - (size_t)n, "/%.0f", limit);
    n += snprintf(line + n, sizeof line - (size_t)n, "  loss %.5g", run->loss_at);
    if (limit > step && step > 0)
        snprintf(line + n, sizeof line - (size_t)n, "  %.0f s left", spent / step * (limit - step));
    S->hooks.progress(S->hooks.ud, final ? NULL : line);
}

static bool optimiser_step(DescendRun *run, Opt **opt, Value loss, Value *grad)
{
    State *S = run->S;
    OptStep st = {.S = S,
                  .step = (int64_t)run->nlosses + 1,
                  .params = run->params,
                  .grad = *grad,
                  .loss = loss.n,
                  .gnorm = run->gnorm_at,
                  .residuals = run->residuals,
                  .eval = step_eval,
                  .lsq = step_lsq,
                  .ud = run};
    bool keeps = run->kind == OPT_LINE_SEARCH || run->kind == OPT_LEAST_SQUARES;
    *grad = NIL;
    Value before = keeps ? retain(run->params) : NIL;
    if (!keeps && !targets_release(run)) {
        release(S, st.grad);
        return false;
    }
    run->params = NIL;
    Opt *o = opt_unique_take(S, *opt);
    *opt = o;
    bool ok = false;
    if (o) {
        run->st = &st;
        run->params = keeps ? retain(before) : NIL; /* evaluations restore from it on error */
        ok = o->def->step(o, &st);
        run->st = NULL;
        if (keeps) {
            release(S, run->params);
            run->params = NIL;
        }
    }
    release(S, st.grad);
    if (ok && !st.stalled) {
        run->params = st.params;
        release(S, before);
    } else {
        if (keeps) {
            release(S, st.params);
            run->params = before;
        } else {
            run->params = st.params; /* first-order steps fail before they touch the parameters, or not at all */
        }
        if (ok) run->why = stalled;
    }
    if (ok && keeps) {
        run->gnorm_at = st.gnorm;
        if (!st.stalled) run->loss_at = st.loss;
        /* what the last evaluation found at the accepted point holds again, unless the block draws or keeps states */
        run->known = run->kind == OPT_LINE_SEARCH && st.accepted_eval && !run->has_state &&
                     run->rng_after.key == run->rng0.key && run->rng_after.draw == run->rng0.draw;
    }
    return ok;
}

/* What watch has assigned to target i, if anything, is what the next step starts from. */
static bool target_reread(DescendRun *run, int i, Value before)
{
    State *S = run->S;
    Value now;
    if (!place_get(S, *target_root(run, i), target_path(run, i), vm_regs(S, run->frame), &now)) return false;
    bool same = now.hdr == before.hdr && now.cell == before.cell; /* a constrained parameter keeps its very u then */
    if (same || (run->bounded && !bounds_walk(S, &now, false))) {
        release(S, now);
        return same;
    }
    Value *mine = &run->params;
    if (run->d->ntargets > 1) {
        List *l = list_unique_take(S, run->params.l);
        run->params = l ? val_obj(T_LIST, l) : NIL;
        if (!l) {
            release(S, now);
            return false;
        }
        mine = &l->at[i];
    }
    set_reg(S, mine, now);
    return true;
}

static bool watch_run(DescendRun *run, bool stop)
{
    State *S = run->S;
    const Descend *d = run->d;
    bool training = S->training, ok = true;
    Value v = NIL, *before = mem_alloc(S, (size_t)d->ntargets * sizeof *before);
    int n = 0;
    if (!before) return false;
    run->held.run.stop = stop;
    run->held.run.seconds = vm_seconds() - run->start;
    ok = held_begin(S, &run->held);
    for (; ok && n < d->ntargets; n += ok)
        ok = place_get(S, *target_root(run, n), target_path(run, n), vm_regs(S, run->frame), &before[n]);
    S->training = false;
    ok = ok && vm_run_region(S, run->frame, d->pc_watch, &v);
    S->training = training;
    release(S, v);
    held_end(S, &run->held);
    for (int i = 0; i < n; i++) {
        ok = ok && target_reread(run, i, before[i]);
        release(S, before[i]);
    }
    mem_free(S, before, (size_t)d->ntargets * sizeof *before);
    return ok;
}

/* What until and watch see of the step that has been made. */
static void show_step(DescendRun *run, double epoch)
{
    State *S = run->S;
    const Descend *d = run->d;
    Value *R = vm_regs(S, run->frame);
    set_reg(S, &R[d->step], val_num((double)run->nlosses));
    set_reg(S, &R[d->loss], val_num(run->loss_at));
    set_reg(S, &R[d->gnorm], val_num(run->gnorm_at));
    set_reg(S, &R[d->epoch], val_num(epoch));
}

/* So that a snapshot of the run can be made in watch; *resumed: it goes on from one, at the start of a watch. */
static bool hold_run(DescendRun *run, Opt **opt, Value it, double *pos, bool *resumed, bool *stop)
{
    State *S = run->S;
    RunState r = {.proto = run->proto,
                  .d = run->d,
                  .frame = run->frame,
                  .params = &run->params,
                  .opt = opt,
                  .transform = run->transform,
                  .ntransforms = run->ntransforms,
                  .losses = &run->losses,
                  .nlosses = &run->nlosses,
                  .caplosses = &run->caplosses,
                  .loss = &run->loss_at,
                  .gnorm = &run->gnorm_at,
                  .it = it,
                  .pos = pos};
    if (!held_open(S, &run->held, &r)) return false;
    *resumed = resume_here(S, run->d);
    if (!*resumed) return true;
    if (!resume_apply(S, &run->held)) return false;
    run->start -= run->held.run.seconds;
    *stop = run->held.run.stop;
    return targets_restore(run);
}

static bool steps_run(DescendRun *run, Opt **opt, double limit, double every)
{
    State *S = run->S;
    const Descend *d = run->d;
    Value *R = vm_regs(S, run->frame);
    Value it = NIL;
    double pos = 0, last = run->start;
    bool ok = false, over = d->has_over, epoch_known = false, resumed = false, stop = false;
    int64_t expected = -1;
    if (over) {
        if (!value_iter(S, R[d->base], &it)) return false;
        if (it.tag == T_SOURCE && it.src->def->len) expected = it.src->def->len(S, it.src);
        else if (it.tag == T_LIST) expected = it.l->len;
        else if (it.tag == T_TENSOR) expected = tensor_shape(it.t)[0];
        epoch_known = it.tag == T_SOURCE;
    }
    if (limit >= 0 && limit < 1e15 && (expected < 0 || (double)expected > limit)) expected = (int64_t)limit;
    run->why = over ? "over" : "for";
    if (!hold_run(run, opt, it, &pos, &resumed, &stop)) goto done;
    R = vm_regs(S, run->frame);
    for (;; resumed = false) {
        if (resumed) {
            show_step(run, epoch_known ? (double)it.src->epoch : 1);
            goto watch;
        }
        if (limit >= 0 && (double)run->nlosses >= limit) {
            run->why = "for";
            break;
        }
        if (over) {
            Value item;
            bool done;
            if (!value_next(S, it, &pos, &item, &done)) goto done;
            if (done) break;
            set_reg(S, &R[d->item], item);
        }
        if (!vm_tick(S)) goto done;
        run->rng0 = S->rng;
        run->evaluated = false;
        Value loss = NIL, grad = NIL;
        if (run->kind == OPT_LEAST_SQUARES) {
            loss = val_num(run->loss_at);
        } else if (run->known && !over) {
            loss = val_num(run->loss_at);
            grad = retain(run->grad_at);
            run->rng_after = S->rng;
        } else if (!evaluate(run, run->params, &loss, &grad, NULL, NULL) || !transforms_apply(run, &grad, loss.n)) {
            release(S, grad);
            goto done;
        }
        double first = run->loss_at;
        if (!MEM_PUSH(S, run->losses, run->nlosses, run->caplosses)) {
            release(S, grad);
            goto done;
        }
        moves_look(S, &run->moves, run->params, run->nlosses);
        ProfileFrame f;
        PROFILE_IN(S, f, PHASE_OPTIM);
        bool stepped = optimiser_step(run, opt, loss, &grad);
        PROFILE_OUT(S, f);
        release(S, loss);
        if (!stepped) goto done;
        if (run->kind == OPT_FIRST_ORDER) run->loss_at = first;
        if (run->has_state && run->why != stalled) {
            size_t k = 0;
            bool committed = true;
            if (!targets_release(run)) goto done;
            if (d->ntargets == 1) {
                committed = cells_walk(run, &run->params, false, &k);
            } else {
                List *l = list_unique_take(S, run->params.l);
                run->params = l ? val_obj(T_LIST, l) : NIL;
                for (int i = 0; l && i < d->ntargets && committed; i++)
                    committed = cells_walk(run, &l->at[i], false, &k);
                committed = committed && l;
            }
            if (!committed) goto done;
        }
        if (run->evaluated) S->rng = run->rng_after;
        if (!targets_restore(run)) goto done;
        if (run->why == stalled) break;
        run->losses[run->nlosses++] = run->loss_at;
        show_step(run, epoch_known ? (double)it.src->epoch : 1);
        progress(run, (double)expected, &last, false);
        if (d->pc_until >= 0) {
            Value c;
            if (!vm_run_region(S, run->frame, d->pc_until, &c)) goto done;
            if (c.tag != T_BOOL) {
                diag_set(S, d->at, DIAG_CONDITION, "`until` takes true or false, not %s", type_name(S, c));
                release(S, c);
                goto done;
            }
            stop = c.b;
        }
        if (d->pc_watch >= 0 && fmod((double)run->nlosses, every) == 0) {
        watch:
            run->known = false; /* it may assign what the block reads */
            if (!watch_run(run, stop)) goto done;
        }
        if (stop) {
            run->why = "until";
            break;
        }
    }
    ok = true;
done:
    progress(run, (double)expected, &last, true);
    held_close(S, &run->held);
    release(S, it);
    return ok;
}

bool descend_snapshot(State *S, Value *out) { return snapshot_make(S, S->descend ? &S->descend->held : NULL, out); }

bool descend_run(State *S, size_t frame, Proto *p, Descend *d, Value *report)
{
    Value *R = vm_regs(S, frame);
    double limit = -1, every = 1;
    *report = NIL;
    d->entered++;
    Value ov = R[d->base + 3];
    if (ov.tag != T_OPT || ov.opt->def->kind == OPT_TRANSFORM) {
        diag_set(S, d->at, DIAG_OPTIMISER_ARG, "`using` takes an optimiser first, not %s", type_name(S, ov));
        if (ov.tag == T_FN) diag_hint(S, "call it: adam(lr: 1e-3)");
        else if (ov.tag == T_OPT) diag_hint(S, "transforms follow it: using sgd(lr: 0.1), %s(...)", ov.opt->def->name);
        else diag_hint(S, "such as adam(lr: 1e-3)");
        return false;
    }
    for (int i = 1; i < d->nopts; i++) {
        Value t = R[d->base + 3 + i];
        if (t.tag != T_OPT || t.opt->def->kind != OPT_TRANSFORM)
            return diag_set(S, d->at, DIAG_OPTIMISER_ARG,
                            "after the optimiser `using` takes transforms of the gradient, not %s", type_name(S, t));
    }
    if (!is_nil(R[d->base + 1]) && !whole_option(S, d, R[d->base + 1], "for", 0, &limit)) return false;
    if (d->pc_watch >= 0 && !whole_option(S, d, R[d->base + 2], "every", 1, &every)) return false;

    DescendRun run = {.outer = S->descend,
                      .S = S,
                      .proto = p,
                      .d = d,
                      .frame = frame,
                      .loss_at = NAN,
                      .gnorm_at = NAN,
                      .why = "for",
                      .start = vm_seconds()};
    run.serial = S->descend ? S->descend->serial + 1 : 1;
    run.kind = ov.opt->def->kind;
    run.params = run.residuals = run.grad_at = NIL;
    Opt *opt = ov.opt, *trans[16];
    if (d->nopts > 17) return diag_set(S, d->at, DIAG_OPTIMISER_ARG, "at most 16 transforms");
    R[d->base + 3] = NIL;
    for (int i = 1; i < d->nopts; i++) {
        trans[i - 1] = R[d->base + 3 + i].opt;
        R[d->base + 3 + i] = NIL;
    }
    run.transform = trans;
    run.ntransforms = d->nopts - 1;
    S->descend = &run;
    bool ok = false, started = false;
    /* the targets' values */
    if (d->ntargets == 1) {
        ok = place_get(S, *target_root(&run, 0), target_path(&run, 0), R, &run.params);
    } else {
        List *l = list_new(S, d->ntargets);
        run.params = l ? val_obj(T_LIST, l) : NIL;
        ok = l != NULL;
        for (int i = 0; ok && i < d->ntargets; i++) {
            ok = place_get(S, *target_root(&run, i), target_path(&run, i), R, &l->at[i]);
            l->len = i + ok;
        }
    }
    for (int i = 0; ok && i < d->ntargets; i++) {
        ok = target_whole(&run, i);
        for (int j = 0; ok && j < i; j++) ok = targets_apart(&run, j, i);
    }
    uint64_t seen = 0;
    ok = ok && tree_fits(&run, run.params, 0, &seen);
    if (ok) {
        run.has_state = tree_has_state(run.params);
        run.bounded = tree_bounded(run.params);
        ok = started = !run.bounded || bounds_walk(S, &run.params, false);
        ok = ok && steps_run(&run, &opt, limit, every);
    }
    if (!ok && started && !is_nil(run.params)) { /* leave the targets as the last accepted step made them */
        Diag *err = diag_take(S);
        targets_restore(&run);
        if (err) {
            diag_clear(S);
            diag_put(S, err);
        }
    }
    ok = ok && report_make(&run, vm_seconds() - run.start, report);
    S->descend = run.outer;
    R[d->base + 3] = opt ? val_obj(T_OPT, opt) : NIL;
    for (int i = 0; i < run.ntransforms; i++) R[d->base + 4 + i] = trans[i] ? val_obj(T_OPT, trans[i]) : NIL;
    moves_free(S, &run.moves);
    cells_drop(&run);
    mem_free(S, run.cell, run.capcells * sizeof *run.cell);
    mem_free(S, run.losses, run.caplosses * sizeof *run.losses);
    release(S, run.params);
    release(S, run.residuals);
    release(S, run.grad_at);
    return ok;
}
