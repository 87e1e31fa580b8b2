/* snapshot.c -- a training run as a value, and going on from one (snapshot.h says when).
**
** The tree of a snapshot, one named list:
**
**   kind version            what it is
**   sources hashes          of the script and its modules: a changed one is refused
**   start                   the random stream at the start of the script: key, draw
**   file at entry           the descend: source number, offset, how often it was entered
**   rng losses loss gnorm seconds stop products
**   params optimiser transforms
**   pos stream              of `over`: how many items were taken, and what the stream says of itself
**   variables               name and value of each that is no longer what it was at the start of the descend
**
** Functions, optimisers in variables and loaders cannot be saved and are the script's own: a mark stands in their place,
** and the value that stands at the same place when the script runs again is kept.
** SPDX-License-Identifier: MIT */
#include "runtime/snapshot.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/optim.h"
#include "runtime/vm.h"

static const char kind[] = "descent snapshot";
static const char mark[] = "<the script's own>"; /* name of the only item of a list: no script can write it */
enum { VERSION = 1, DEEP = 900 };

/* ---- lists by name ---- */

static bool put(State *S, List *l, const char *name, Value v_take)
{
    Str *s = str_intern(S, name, strlen(name));
    if (!s) release(S, v_take);
    bool ok = s && list_push_take(S, l, s, v_take);
    obj_release(S, s);
    return ok;
}

static bool put_words(State *S, List *l, const char *name, const uint64_t *w, size_t n)
{
    int64_t shape = (int64_t)n;
    Tensor *t = tensor_from(S, DT_I64, 1, &shape, w);
    return t && put(S, l, name, val_obj(T_TENSOR, t));
}

static bool put_rng(State *S, List *l, const char *name, const Rng *r)
{
    return put_words(S, l, name, (const uint64_t[2]){r->key, r->draw}, 2);
}

static Value get(const List *l, const char *name) /* borrowed; unset when missing */
{
    for (int64_t i = 0; i < l->len; i++) {
        const Str *s = list_name(l, i);
        if (s && !strcmp(s->data, name)) return l->at[i];
    }
    return UNSET;
}

static bool damaged(State *S)
{
    return S->err ? false : diag_fail(S, DIAG_RESUME, "\"%s\" is no usable snapshot of a run", S->resume->path);
}

static bool get_num(State *S, const List *l, const char *name, double *out)
{
    Value v = get(l, name);
    if (v.tag != T_NUM) return damaged(S);
    *out = v.n;
    return true;
}

/* n words of a tensor, or all of it when n is 0; borrowed data. */
static const uint64_t *get_words(State *S, const List *l, const char *name, DType dt, size_t n, size_t *have)
{
    Value v = get(l, name);
    bool ok = v.tag == T_TENSOR && v.t->dtype == dt && v.t->rank == 1 && (!n || (size_t)v.t->n == n);
    if (!ok) return damaged(S), NULL;
    if (have) *have = (size_t)v.t->n;
    return tensor_data(S, v.t);
}

static bool get_rng(State *S, const List *l, const char *name, Rng *r)
{
    const uint64_t *w = get_words(S, l, name, DT_I64, 2, NULL);
    if (w) r->key = w[0], r->draw = w[1];
    return w != NULL;
}

/* ---- values without and with what cannot be saved ---- */

static bool is_mark_list(Value v)
{
    return v.tag == T_LIST && v.l->len == 1 && list_name(v.l, 0) && !strcmp(list_name(v.l, 0)->data, mark);
}

static bool marked(Value v)
{
    if (is_mark_list(v)) return true;
    if (v.tag == T_LIST)
        for (int64_t i = 0; i < v.l->len; i++)
            if (marked(v.l->at[i])) return true;
    if (v.tag == T_MODEL)
        for (int i = 0; i < v.m->def->nfields; i++)
            if (marked(v.m->field[i])) return true;
    return false;
}

static bool leave_out(State *S, Value v, int depth, Value *out);

static bool leave_out_in(State *S, Value v, int depth, Value *out)
{
    bool list = v.tag == T_LIST;
    int64_t n = list ? v.l->len : v.m->def->nfields;
    *out = retain(v); /* until something in it changes */
    for (int64_t i = 0; i < n; i++) {
        Value x = list ? v.l->at[i] : v.m->field[i], y;
        if (!leave_out(S, x, depth + 1, &y)) return false;
        if (x.hdr == y.hdr && x.cell == y.cell) {
            release(S, y);
            continue;
        }
        void *own = list ? (void *)list_unique_take(S, out->l) : (void *)model_unique_take(S, out->m);
        *out = own ? val_obj((Tag)v.tag, own) : NIL;
        if (!own) {
            release(S, y);
            return false;
        }
        Value *to = list ? &out->l->at[i] : &out->m->field[i];
        release(S, *to);
        *to = y;
    }
    return true;
}

/* v as it can be saved; owned, also on failure. */
static bool leave_out(State *S, Value v, int depth, Value *out)
{
    *out = NIL;
    if (depth > DEEP) return diag_fail(S, DIAG_DEPTH, "snapshot: a value is nested more than %d deep", DEEP);
    if (v.level || v.tag == T_CELL)
        return diag_fail(S, DIAG_VALUE, "snapshot: this descend is part of something that is being differentiated");
    if (v.tag == T_LIST || v.tag == T_MODEL) return leave_out_in(S, v, depth, out);
    if (v.tag <= T_UNSET || v.tag == T_STR || v.tag == T_TENSOR || v.tag == T_RANGE) {
        *out = v.tag == T_UNSET ? NIL : retain(v);
        return true;
    }
    List *l = list_new(S, 1);
    if (!l || !put(S, l, mark, NIL)) {
        obj_release(S, l);
        return false;
    }
    *out = val_obj(T_LIST, l);
    return true;
}

/* The first model of this declaration in a tree; borrowed, unset when there is none. */
static Value model_like(Value v, const ModelDef *def)
{
    if (v.tag == T_MODEL && v.m->def == def) return v;
    bool list = v.tag == T_LIST;
    int64_t n = list ? v.l->len : v.tag == T_MODEL ? v.m->def->nfields : 0;
    for (int64_t i = 0; i < n; i++) {
        Value x = model_like(list ? v.l->at[i] : v.m->field[i], def);
        if (x.tag == T_MODEL) return x;
    }
    return UNSET;
}

/* What `saved` stands for where the script has `like`; owned, also on failure. A model that was put where none was (the
** best so far) takes after one of the targets. */
static bool fill_in(State *S, Value targets, Value like, Value saved, Value *out)
{
    *out = NIL;
    if (is_mark_list(saved)) {
        if (like.tag == T_LIST || like.tag == T_MODEL || like.tag < T_HEAP || like.tag == T_TENSOR || like.tag == T_STR)
            return diag_fail(S, DIAG_RESUME,
                             "the snapshot needs a function where the script has none before its watch first runs");
        *out = retain(like);
        return true;
    }
    *out = retain(saved);
    if (!marked(saved)) return true;
    if (saved.tag == T_MODEL && !(like.tag == T_MODEL && like.m->def == saved.m->def))
        like = model_like(targets, saved.m->def);
    bool list = saved.tag == T_LIST;
    bool same = saved.tag == like.tag && (list || saved.m->def == like.m->def);
    int64_t n = list ? saved.l->len : saved.m->def->nfields, m = !same ? 0 : list ? like.l->len : n;
    void *own = list ? (void *)list_unique_take(S, out->l) : (void *)model_unique_take(S, out->m);
    *out = own ? val_obj((Tag)saved.tag, own) : NIL;
    for (int64_t i = 0; own && i < n; i++) {
        Value *to = list ? &out->l->at[i] : &out->m->field[i], old = *to, y;
        bool ok = fill_in(S, targets, i < m ? (list ? like.l->at[i] : like.m->field[i]) : UNSET, old, &y);
        *to = y;
        release(S, old);
        if (!ok) return false;
    }
    return own != NULL;
}

/* ---- holding ---- */

static Value *slot(State *S, const Held *h, size_t i)
{
    return i < h->nregs ? &vm_regs(S, h->run.frame)[i] : &h->run.proto->module->g[i - h->nregs].value;
}

/* A target that is a whole variable comes back with the parameters. */
static bool is_target(const Held *h, size_t i)
{
    const Descend *d = h->run.d;
    for (int k = 0; k < d->ntargets; k++) {
        const DescendTarget *t = &d->target[k];
        if (t->root + (t->global ? h->nregs : 0) == i && h->run.proto->paths[t->path].n == 0) return true;
    }
    return false;
}

static bool is_variable(const Held *h, size_t i)
{
    return (i < h->nregs || h->run.proto->module->g[i - h->nregs].kind == GLOBAL_VAR) && !is_target(h, i);
}

static Value *hold(State *S, const Held *h)
{
    Value *v = mem_alloc(S, (h->n + 1) * sizeof *v);
    for (size_t i = 0; v && i < h->n; i++) v[i] = is_variable(h, i) ? retain(*slot(S, h, i)) : NIL;
    return v;
}

static void let_go(State *S, const Held *h, Value **v)
{
    for (size_t i = 0; *v && i < h->n; i++) release(S, (*v)[i]);
    mem_free(S, *v, (h->n + 1) * sizeof **v);
    *v = NULL;
}

bool held_open(State *S, Held *h, const RunState *run)
{
    *h = (Held){.run = *run};
    if ((!S->snapshots && !resume_here(S, run->d)) || run->d->pc_watch < 0) return true;
    h->nregs = run->d->base;
    h->n = h->nregs + (run->proto == run->proto->module->main ? run->proto->module->ng : 0);
    h->entry = hold(S, h);
    return h->entry != NULL;
}

bool held_begin(State *S, Held *h)
{
    h->rng = S->rng;
    if (h->entry) h->now = hold(S, h);
    return !h->entry || h->now;
}

void held_end(State *S, Held *h) { let_go(S, h, &h->now); }

void held_close(State *S, Held *h)
{
    let_go(S, h, &h->now);
    let_go(S, h, &h->entry);
}

/* ---- making ---- */

static uint64_t hash_text(const char *s, size_t n) /* FNV-1a */
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) h = (h ^ (uint8_t)s[i]) * 1099511628211u;
    return h;
}

static bool put_sources(State *S, List *l)
{
    size_t n = S->nprogram;
    List *names = list_new(S, (int64_t)n);
    uint64_t *hash = mem_alloc(S, (n + 1) * sizeof *hash);
    bool ok = names && hash;
    for (size_t i = 0; ok && i < n; i++) {
        const Source *src = &S->sources[i];
        hash[i] = hash_text(src->text, src->len);
        Str *s = str_from_bytes(S, src->name, strlen(src->name));
        ok = s && list_push_take(S, names, NULL, val_obj(T_STR, s));
    }
    if (ok) ok = put(S, l, "sources", retain(val_obj(T_LIST, names))) && put_words(S, l, "hashes", hash, n);
    mem_free(S, hash, (n + 1) * sizeof *hash);
    obj_release(S, names);
    return ok;
}

static bool put_saved(State *S, List *l, const char *name, Value v)
{
    Value y;
    if (leave_out(S, v, 0, &y)) return put(S, l, name, y);
    release(S, y);
    return false;
}

static bool put_opt(State *S, List *l, const char *name, const Opt *o)
{
    List *one = list_new(S, 2);
    bool ok = one && put(S, one, "name", val_str(S, o->def->name, strlen(o->def->name))) &&
              put_saved(S, one, "state", o->state);
    if (ok) return put(S, l, name, val_obj(T_LIST, one));
    obj_release(S, one);
    return false;
}

static bool put_stream(State *S, List *l, const Held *h)
{
    Value v = h->run.it, data = NIL;
    if (!put(S, l, "pos", val_num(*h->run.pos))) return false;
    if (v.tag != T_SOURCE) return put(S, l, "stream", NIL);
    if (v.src->def->save && !v.src->def->save(S, v.src, &data)) return false;
    List *one = list_new(S, 3);
    if (!one) {
        release(S, data);
        return false;
    }
    bool ok = put(S, one, "data", data) && put(S, one, "pos", val_num((double)v.src->pos)) &&
              put(S, one, "epoch", val_num((double)v.src->epoch));
    if (ok) return put(S, l, "stream", val_obj(T_LIST, one));
    obj_release(S, one);
    return false;
}

static bool put_variables(State *S, List *l, const Held *h)
{
    List *vars = list_new(S, 4);
    bool ok = vars != NULL;
    for (size_t i = 0; ok && i < h->n; i++) {
        Value was = h->entry[i], is = h->now[i];
        char name[32];
        if (was.hdr == is.hdr && was.cell == is.cell) continue;
        snprintf(name, sizeof name, "%zu", i);
        ok = put_saved(S, vars, name, is);
    }
    if (ok) return put(S, l, "variables", val_obj(T_LIST, vars));
    obj_release(S, vars);
    return false;
}

static bool put_all(State *S, List *l, const Held *h)
{
    const RunState *r = &h->run;
    int64_t n = (int64_t)*r->nlosses;
    Tensor *losses = tensor_from(S, DT_F64, 1, &n, *r->losses);
    if (!losses || !put(S, l, "losses", val_obj(T_TENSOR, losses))) return false;
    /* a library that was opened stays open: bits depend on it (ops/gemm.c) */
    double products = S->onednn.found ? INFINITY : S->blas.work;
    bool ok = put(S, l, "kind", val_str(S, kind, strlen(kind))) && put(S, l, "version", val_num(VERSION)) &&
              put_sources(S, l) && put_rng(S, l, "start", &S->program_rng) &&
              put(S, l, "file", val_num(r->d->at.file)) && put(S, l, "at", val_num(r->d->at.off)) &&
              put(S, l, "entry", val_num((double)r->d->entered)) && put_rng(S, l, "rng", &h->rng) &&
              put(S, l, "loss", val_num(*r->loss)) && put(S, l, "gnorm", val_num(*r->gnorm)) &&
              put(S, l, "seconds", val_num(r->seconds)) && put(S, l, "stop", val_bool(r->stop)) &&
              put(S, l, "products", val_num(products)) && put_saved(S, l, "params", *r->params) &&
              put_opt(S, l, "optimiser", *r->opt) && put_stream(S, l, h) && put_variables(S, l, h);
    List *trans = ok ? list_new(S, r->ntransforms) : NULL;
    ok = trans != NULL;
    for (int i = 0; ok && i < r->ntransforms; i++) ok = put_opt(S, trans, r->transform[i]->def->name, r->transform[i]);
    if (ok) return put(S, l, "transforms", val_obj(T_LIST, trans));
    obj_release(S, trans);
    return false;
}

bool snapshot_make(State *S, const Held *h, Value *out)
{
    *out = NIL;
    if (!h || !h->now) {
        diag_fail(S, DIAG_VALUE, "snapshot() is for the watch of a descend");
        return diag_hint(S, "descend ... watch every 100 { save(\"run.safetensors\", snapshot()) }");
    }
    List *l = list_new(S, 24);
    if (!l || !put_all(S, l, h)) {
        obj_release(S, l);
        return false;
    }
    *out = val_obj(T_LIST, l);
    return true;
}

/* ---- going on ---- */

static bool read_back(State *S, Value *out)
{
    Resume *r = S->resume;
    if (!r->read(S, r->path, r->bytes, r->len, out)) return false;
    Value k = out->tag == T_LIST ? get(out->l, "kind") : UNSET;
    double version = 0;
    bool ok = k.tag == T_STR && !strcmp(k.s->data, kind);
    if (!ok) {
        diag_fail(S, DIAG_RESUME, "\"%s\" is no snapshot of a run", r->path);
        diag_hint(S, "save(path, snapshot()) inside `watch` writes one");
    } else {
        ok = get_num(S, out->l, "version", &version);
        if (ok && version != VERSION)
            ok = diag_fail(S, DIAG_RESUME, "\"%s\" is a snapshot of another version of Descent", r->path);
    }
    if (!ok) release(S, *out);
    return ok;
}

static bool same_sources(State *S, const List *l)
{
    size_t n;
    const uint64_t *hash = get_words(S, l, "hashes", DT_I64, 0, &n);
    if (!hash) return false;
    for (size_t i = 0; i < n || i < S->nprogram; i++) {
        if (i < n && i < S->nprogram && hash_text(S->sources[i].text, S->sources[i].len) == hash[i]) continue;
        if (i < S->nprogram)
            diag_fail(S, DIAG_RESUME, "\"%s\" is not what it was when \"%s\" was made", S->sources[i].name,
                      S->resume->path);
        else diag_fail(S, DIAG_RESUME, "the script uses fewer modules than when \"%s\" was made", S->resume->path);
        return diag_hint(S, "a run goes on only with the very text it began with");
    }
    return true;
}

bool resume_check(State *S)
{
    S->nprogram = S->nsources;
    S->program_rng = S->rng;
    Resume *r = S->resume;
    if (!r) return true;
    Value v;
    double file = 0, at = 0, entry = 0;
    if (!read_back(S, &v)) return false;
    bool ok = same_sources(S, v.l) && get_rng(S, v.l, "start", &S->rng) && get_num(S, v.l, "file", &file) &&
              get_num(S, v.l, "at", &at) && get_num(S, v.l, "entry", &entry);
    if (ok && !(file >= 1 && file <= UINT32_MAX && at >= 0 && at <= UINT32_MAX && entry >= 1 && entry < 0x1p53))
        ok = damaged(S);
    release(S, v);
    if (!ok) return false;
    S->program_rng = S->rng;
    r->file = (uint32_t)file;
    r->at = (uint32_t)at;
    r->entry = (uint64_t)entry;
    r->checked = true;
    return true;
}

bool resume_here(const State *S, const Descend *d)
{
    const Resume *r = S->resume;
    return r && r->checked && r->file == d->at.file && r->at == d->at.off && r->entry == d->entered;
}

static bool apply_opt(State *S, Opt **o, Value saved)
{
    Value name = saved.tag == T_LIST ? get(saved.l, "name") : UNSET, state, y;
    if (name.tag != T_STR || strcmp(name.s->data, (*o)->def->name) != 0) return damaged(S);
    *o = opt_unique_take(S, *o);
    if (!*o) return false;
    state = get(saved.l, "state");
    if (!fill_in(S, NIL, (*o)->state, state, &y)) {
        release(S, y);
        return false;
    }
    release(S, (*o)->state);
    (*o)->state = y;
    return true;
}

static bool apply_stream(State *S, Held *h, const List *l)
{
    Value v = h->run.it, saved = get(l, "stream");
    double pos, epoch;
    if (!get_num(S, l, "pos", h->run.pos)) return false;
    if (v.tag != T_SOURCE) return is_nil(saved) || damaged(S);
    if (saved.tag != T_LIST || !get_num(S, saved.l, "pos", &pos) || !get_num(S, saved.l, "epoch", &epoch))
        return damaged(S);
    if (v.src->def->restore) {
        v.src->pos = (int64_t)pos;
        v.src->epoch = (int64_t)epoch;
        return v.src->def->restore(S, v.src, get(saved.l, "data"));
    }
    while ((double)v.src->pos < pos) { /* a stream that can only be read: to the same place */
        Value item;
        bool done;
        if (!v.src->def->next(S, v.src, &item, &done)) return false;
        if (done) return diag_fail(S, DIAG_RESUME, "what `over` reads is shorter than when the snapshot was made");
        release(S, item);
        if (!vm_tick(S)) return false;
    }
    return true;
}

static bool apply_variables(State *S, Held *h, Value vars)
{
    if (vars.tag != T_LIST) return damaged(S);
    for (int64_t i = 0; i < vars.l->len; i++) {
        const Str *name = list_name(vars.l, i);
        char *end;
        size_t k = name ? strtoul(name->data, &end, 10) : SIZE_MAX;
        if (!name || *end || k >= h->n || !is_variable(h, k)) return damaged(S);
        Value y, *to = slot(S, h, k);
        bool ok = fill_in(S, *h->run.params, *to, vars.l->at[i], &y);
        if (!ok) {
            release(S, y);
            return false;
        }
        release(S, *to);
        *to = y;
    }
    return true;
}

static bool apply_losses(State *S, RunState *r, const List *l)
{
    size_t n;
    const void *x = get_words(S, l, "losses", DT_F64, 0, &n);
    if (!x) return false;
    double *own = mem_alloc(S, (n + 1) * sizeof *own);
    if (!own) return false;
    memcpy(own, x, n * sizeof *own);
    *r->losses = own; /* none were there */
    *r->nlosses = n;
    *r->caplosses = n + 1;
    return get_num(S, l, "loss", r->loss) && get_num(S, l, "gnorm", r->gnorm);
}

static bool apply_all(State *S, Held *h, const List *l)
{
    RunState *r = &h->run;
    Value y, trans = get(l, "transforms"), stop = get(l, "stop");
    double products;
    if (trans.tag != T_LIST || trans.l->len != r->ntransforms || stop.tag != T_BOOL ||
        !get_num(S, l, "products", &products))
        return damaged(S);
    bool ok = fill_in(S, *r->params, *r->params, get(l, "params"), &y);
    if (!ok) {
        release(S, y);
        return false;
    }
    release(S, *r->params);
    *r->params = y;
    ok = apply_opt(S, r->opt, get(l, "optimiser"));
    for (int i = 0; ok && i < r->ntransforms; i++) ok = apply_opt(S, &r->transform[i], trans.l->at[i]);
    r->stop = stop.b;
    S->blas.work = products;
    return ok && apply_losses(S, r, l) && get_num(S, l, "seconds", &r->seconds) && apply_stream(S, h, l) &&
           apply_variables(S, h, get(l, "variables")) && get_rng(S, l, "rng", &S->rng);
}

bool resume_apply(State *S, Held *h)
{
    Value v;
    if (!read_back(S, &v)) return false;
    bool ok = apply_all(S, h, v.l);
    release(S, v);
    if (ok) resume_drop(S);
    return ok;
}

bool resume_done(State *S)
{
    const Resume *r = S->resume;
    if (!r || S->err) return !S->err;
    char where[600];
    Span at = {.file = r->file, .off = r->at, .len = 0};
    diag_fail(S, DIAG_RESUME, "the run ended without reaching the descend of \"%s\" (%s, entered %llu times)", r->path,
              source_place(S, at, where, sizeof where), (unsigned long long)r->entry);
    return diag_hint(S, "start it with the same arguments and the same data");
}

void resume_drop(State *S)
{
    Resume *r = S->resume;
    if (!r) return;
    mem_free(S, r->path, strlen(r->path) + 1);
    mem_free(S, r->bytes, r->cap);
    mem_free(S, r, sizeof *r);
    S->resume = NULL;
}
