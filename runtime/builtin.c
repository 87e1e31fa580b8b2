/* builtin.c -- finding built-ins, binding arguments to their signatures, reading arguments.
**
** Two tables make one list of names: the BUILTIN entries of stdlib/, and every operation of the table that
** needs no attributes (OPF_HIDDEN ones excepted). A signature is text; it is parsed at the first call and kept
** by the state.
** SPDX-License-Identifier: MIT */
#include "runtime/builtin.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#define BUILTIN_ENTRY(id) extern const Builtin bdef_##id;
#include "builtin_list.h"
#undef BUILTIN_ENTRY

static bool call_op(Call *c);

static const Builtin *const listed[] = {
#define BUILTIN_ENTRY(id) &bdef_##id,
#include "builtin_list.h"
#undef BUILTIN_ENTRY
};
enum { NLISTED = sizeof listed / sizeof *listed };

static const Builtin from_ops[] = {
#define OP_ENTRY(id) {#id, NULL, NULL, call_op, OPID_##id, "operations"},
#include "op_list.h"
#undef OP_ENTRY
};

static int find_listed(const char *name)
{
    size_t lo = 0, hi = NLISTED;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int c = strcmp(name, listed[mid]->name);
        if (c == 0) return (int)mid;
        if (c < 0) hi = mid;
        else lo = mid + 1;
    }
    return -1;
}

static bool op_public(int op)
{
    const OpDef *d = op_table[op];
    return !(d->flags & OPF_HIDDEN) && (d->sig || (d->nin > 0 && d->nin <= 3)) && find_listed(d->name) < 0;
}

size_t builtin_count(void) { return NLISTED + OPID_COUNT; }

const Builtin *builtin_at(size_t i)
{
    if (i < NLISTED) return listed[i];
    i -= NLISTED;
    return i < OPID_COUNT && op_public((int)i) ? &from_ops[i] : NULL;
}

bool builtin_find(State *S, const char *name, Value *out)
{
    const Builtin *b = NULL;
    *out = NIL;
    int k = find_listed(name);
    if (k >= 0) b = listed[k];
    else if ((k = op_by_name(name)) >= 0 && op_public(k)) b = &from_ops[k];
    if (!b) {
        if (!strcmp(name, "pi")) *out = val_num(M_PI);
        else if (!strcmp(name, "inf")) *out = val_num(INFINITY);
        else if (!strcmp(name, "nan")) *out = val_num(NAN);
        else return false;
        return true;
    }
    if (!strcmp(name, "snapshot")) S->snapshots = true; /* from here on descends keep what it takes */
    *out = builtin_closure(S, b, NULL, 0);
    return !is_nil(*out);
}

Value builtin_closure(State *S, const Builtin *b, const Value *caps, int n)
{
    Closure *f = closure_new(S, NULL, b, (uint32_t)n);
    if (!f) return NIL;
    for (int i = 0; i < n; i++) f->cap[i] = retain(caps[i]);
    return val_obj(T_FN, f);
}

/* ---- signatures ---- */

enum { PARAMS_MAX = 24 };
typedef struct SigParam {
    char *name;
    uint8_t len;
    bool optional, rest, has_default;
    Value dflt;
} SigParam;
typedef struct BuiltinSig {
    const Builtin *b;
    int n, npos /* before ...rest; those after it are given by name */, required;
    SigParam p[PARAMS_MAX];
    char *text;
    size_t size;
} BuiltinSig;
typedef struct SigCache {
    BuiltinSig **at;
    size_t n, cap;
} SigCache;

static const char *op_signature(const Builtin *b, char *buf, size_t n)
{
    if (b->sig) return b->sig;
    const OpDef *d = op_table[b->op];
    if (d->sig) return d->sig;
    static const char *const forms[] = {"", "(x)", "(a, b)", "(a, b, c)"};
    snprintf(buf, n, "%s%s", b->name, forms[d->nin]);
    return buf;
}

static bool parse_default(State *S, const char *s, size_t n, Value *out)
{
    while (n && s[n - 1] == ' ') n--;
    if (n == 3 && !strncmp(s, "nil", 3)) *out = NIL;
    else if (n == 4 && !strncmp(s, "true", 4)) *out = val_bool(true);
    else if (n == 5 && !strncmp(s, "false", 5)) *out = val_bool(false);
    else if (n >= 2 && s[0] == '"') {
        *out = val_str(S, s + 1, n - 2);
        return !is_nil(*out);
    } else if (n == 2 && !strncmp(s, "()", 2)) {
        List *l = list_new(S, 0);
        if (!l) return false;
        *out = val_obj(T_LIST, l);
    } else *out = val_num(strtod(s, NULL));
    return true;
}

static BuiltinSig *sig_parse(State *S, const Builtin *b)
{
    char buf[96];
    const char *text = op_signature(b, buf, sizeof buf);
    size_t len = strlen(text);
    BuiltinSig *g = mem_zalloc(S, sizeof *g);
    char *s = mem_dup(S, text, len);
    if (!g || !s) goto fail;
    g->b = b;
    g->text = s;
    g->size = len + 1;
    g->npos = PARAMS_MAX;
    char *q = strchr(s, '(');
    for (q = q ? q + 1 : s + len; *q && *q != ')' && g->n < PARAMS_MAX;) {
        while (*q == ' ' || *q == ',') q++;
        if (!*q || *q == ')') break;
        SigParam *p = &g->p[g->n];
        if (!strncmp(q, "...", 3)) p->rest = true, q += 3;
        if (p->rest) g->npos = g->n;
        p->name = q;
        while (isalnum((unsigned char)*q) || *q == '_') q++;
        p->len = (uint8_t)(q - p->name);
        if (*q == '?') p->optional = true, q++;
        while (*q == ' ') q++;
        if (*q == ':') {
            q++;
            while (*q == ' ') q++;
            char *start = q;
            int depth = 0;
            bool quoted = false;
            for (; *q && (quoted || depth || (*q != ',' && *q != ')')); q++) {
                if (*q == '"') quoted = !quoted;
                else if (*q == '(') depth++;
                else if (*q == ')') depth--;
            }
            if (q == start) { /* `lr:` without a default: a required parameter that is usually named */
            } else if (parse_default(S, start, (size_t)(q - start), &p->dflt)) {
                p->has_default = true;
            } else {
                g->n++;
                goto fail;
            }
        }
        if (!p->rest && !p->optional && !p->has_default) g->required = g->n + 1;
        g->n++;
    }
    if (g->npos > g->n) g->npos = g->n;
    return g;
fail:
    if (s) mem_free(S, s, len + 1);
    if (g) {
        for (int i = 0; i < g->n; i++) release(S, g->p[i].dflt);
        mem_free(S, g, sizeof *g);
    }
    return NULL;
}

static size_t sig_slot(const SigCache *c, const Builtin *b)
{
    size_t k = ((uintptr_t)b >> 4) * 0x9E3779B97F4A7C15u >> 20 & (c->cap - 1);
    while (c->at[k] && c->at[k]->b != b) k = (k + 1) & (c->cap - 1);
    return k;
}

static BuiltinSig *sig_of(State *S, const Builtin *b)
{
    SigCache *c = S->sigs;
    if (!c) {
        c = mem_zalloc(S, sizeof *c);
        if (!c) return NULL;
        c->at = mem_zalloc(S, 64 * sizeof *c->at);
        if (!c->at) {
            mem_free(S, c, sizeof *c);
            return NULL;
        }
        c->cap = 64;
        S->sigs = c;
    }
    size_t k = sig_slot(c, b);
    if (c->at[k]) return c->at[k];
    BuiltinSig *g = sig_parse(S, b);
    if (!g) return NULL;
    if (2 * (c->n + 1) > c->cap) {
        size_t cap = c->cap * 2;
        SigCache bigger = {mem_zalloc(S, cap * sizeof *c->at), c->n, cap};
        if (bigger.at) {
            for (size_t i = 0; i < c->cap; i++)
                if (c->at[i]) bigger.at[sig_slot(&bigger, c->at[i]->b)] = c->at[i];
            mem_free(S, c->at, c->cap * sizeof *c->at);
            *c = bigger;
            k = sig_slot(c, b);
        } else if (c->n + 1 >= c->cap) {
            return NULL;
        }
    }
    c->at[k] = g;
    c->n++;
    return g;
}

void builtin_deinit(State *S)
{
    SigCache *c = S->sigs;
    if (!c) return;
    for (size_t i = 0; i < c->cap; i++) {
        BuiltinSig *g = c->at[i];
        if (!g) continue;
        for (int k = 0; k < g->n; k++) release(S, g->p[k].dflt);
        mem_free(S, g->text, g->size);
        mem_free(S, g, sizeof *g);
    }
    mem_free(S, c->at, c->cap * sizeof *c->at);
    mem_free(S, c, sizeof *c);
    S->sigs = NULL;
}

/* ---- calling ---- */

static bool arity_error(State *S, const BuiltinSig *g, int given)
{
    bool rest = g->npos < g->n;
    int most = g->n - rest;
    if (rest)
        diag_fail(S, DIAG_ARGS, "`%s` takes at least %d argument%s, not %d", g->b->name, g->required,
                  g->required == 1 ? "" : "s", given);
    else if (g->required == most)
        diag_fail(S, DIAG_ARGS, "`%s` takes %d argument%s, not %d", g->b->name, most, most == 1 ? "" : "s", given);
    else diag_fail(S, DIAG_ARGS, "`%s` takes %d to %d arguments, not %d", g->b->name, g->required, most, given);
    diag_hint(S, "it is called as %s", g->text);
    return false;
}

bool builtin_call(State *S, Closure *f, const Value *args, Str *const *names, int n, Value *out)
{
    const BuiltinSig *g = sig_of(S, f->builtin);
    *out = NIL;
    if (!g) return S->err ? false : diag_fail(S, DIAG_MEM, "out of memory");
    Value v[PARAMS_MAX];
    int np = g->n, npos = g->npos;
    for (int i = 0; i < np; i++) v[i] = UNSET;
    List *rest = NULL;
    if (npos < np) {
        rest = list_new(S, n > npos ? n - npos : 0);
        if (!rest) return false;
        v[npos] = val_obj(T_LIST, rest);
    }
    bool ok = false;
    int pos = 0;
    for (int i = 0; i < n; i++) {
        Str *name = names ? names[i] : NULL;
        if (args[i].tag == T_UNSET) {
            if (!name) pos++;
            continue;
        }
        int at = -1;
        if (name) {
            for (int k = 0; k < np; k++)
                if (k != npos && g->p[k].len == name->len && !memcmp(g->p[k].name, name->data, name->len)) at = k;
            if (at < 0 && (!rest || npos + 1 < np)) {
                diag_fail(S, DIAG_ARGNAME, "`%s` has no parameter `%s`", g->b->name, name->data);
                diag_hint(S, "it is called as %s", g->text);
                goto done;
            }
            if (at >= 0 && v[at].tag != T_UNSET) {
                diag_fail(S, DIAG_ARGNAME, "`%s` gets `%s` twice", g->b->name, name->data);
                goto done;
            }
        } else {
            while (pos < npos && v[pos].tag != T_UNSET) pos++;
            if (pos < npos) at = pos++;
        }
        if (at >= 0) v[at] = args[i];
        else if (!rest) {
            arity_error(S, g, n);
            goto done;
        } else if (!list_push_take(S, rest, name, retain(args[i]))) goto done;
    }
    for (int k = 0; k < np; k++) {
        if (v[k].tag != T_UNSET) continue;
        if (g->p[k].has_default) v[k] = g->p[k].dflt;
        else if (!g->p[k].optional) {
            if (names || n == 0) {
                diag_fail(S, DIAG_ARGS, "`%s` is not given `%.*s`", g->b->name, g->p[k].len, g->p[k].name);
                diag_hint(S, "it is called as %s", g->text);
            } else {
                arity_error(S, g, n);
            }
            goto done;
        }
    }
    if (S->batch.depth && !batch_takes(S, f->builtin, v, np)) goto done;
    Call c = {S, f->builtin, f, v, np, out};
    ok = f->builtin->fn(&c);
    if (!ok) {
        release(S, *out);
        *out = NIL;
    }
done:
    obj_release(S, rest);
    return ok;
}

/* Operations straight from the table. */
static bool call_op(Call *c)
{
    int op = c->builtin->op;
    bool logic = c->arg[0].tag == T_BOOL && op_table[op]->infer == infer_logic;
    if (c->n == 1 && c->arg[0].tag != T_NUM && c->arg[0].tag != T_TENSOR && !logic)
        return value_op_tree(c->S, op, c->arg, 1, c->out);
    for (int i = 0; i < c->n; i++)
        if (c->arg[i].tag != T_NUM && c->arg[i].tag != T_TENSOR && c->arg[i].tag != T_BOOL)
            return arg_fail(c, i, "a number or a tensor");
    return op_apply(c->S, (OpId)op, c->arg, c->n, NULL, 0, c->out);
}

/* ---- reading arguments ---- */

bool arg_fail(Call *c, int i, const char *want)
{
    const BuiltinSig *g = sig_of(c->S, c->builtin);
    if (!g) return false;
    diag_fail(c->S, DIAG_TYPE, "%s: `%.*s` takes %s, not %s", c->builtin->name, g->p[i].len, g->p[i].name, want,
              type_name(c->S, c->arg[i]));
    return false;
}

bool arg_given(Call *c, int i) { return c->arg[i].tag != T_UNSET && c->arg[i].tag != T_NIL; }

bool arg_num(Call *c, int i, double *out)
{
    if (c->arg[i].tag != T_NUM) return arg_fail(c, i, "a number");
    *out = c->arg[i].n;
    return true;
}

bool arg_int(Call *c, int i, int64_t *out)
{
    if (c->arg[i].tag != T_NUM) return arg_fail(c, i, "a whole number");
    double x = c->arg[i].n;
    if (x != floor(x) || fabs(x) >= 0x1p63) {
        char num[40];
        const BuiltinSig *g = sig_of(c->S, c->builtin);
        num_format(num, x);
        if (!g) return false;
        return diag_fail(c->S, DIAG_VALUE, "%s: `%.*s` takes a whole number, not %s", c->builtin->name, g->p[i].len,
                         g->p[i].name, num);
    }
    *out = (int64_t)x;
    return true;
}

bool arg_bool(Call *c, int i, bool *out)
{
    if (c->arg[i].tag != T_BOOL) return arg_fail(c, i, "true or false");
    *out = c->arg[i].b;
    return true;
}

bool arg_str(Call *c, int i, Str **out)
{
    if (c->arg[i].tag != T_STR) return arg_fail(c, i, "a string");
    *out = c->arg[i].s;
    return true;
}

bool arg_list(Call *c, int i, List **out)
{
    if (c->arg[i].tag != T_LIST) return arg_fail(c, i, "a list");
    *out = c->arg[i].l;
    return true;
}

bool arg_tensor(Call *c, int i, Value *out)
{
    if (c->arg[i].tag != T_TENSOR) return arg_fail(c, i, "a tensor");
    *out = c->arg[i];
    return true;
}

bool arg_fn(Call *c, int i, Value *out)
{
    if (!vm_callable(c->arg[i])) return arg_fail(c, i, "a function");
    *out = c->arg[i];
    return true;
}

static bool one_size(Call *c, double x, int *rank, int64_t *shape)
{
    char num[40];
    if (x != floor(x) || !(x >= 0) || x >= 0x1p62) {
        num_format(num, x);
        return diag_fail(c->S, DIAG_RESHAPE, "%s: a size is a whole number of at least 0, not %s", c->builtin->name,
                         num);
    }
    if (*rank >= RANK_MAX)
        return diag_fail(c->S, DIAG_RESHAPE, "%s: a tensor has at most %d axes", c->builtin->name, RANK_MAX);
    shape[(*rank)++] = (int64_t)x;
    return true;
}

static bool sizes_of(Call *c, int i, Value v, int *rank, int64_t *shape)
{
    if (v.tag == T_NUM) return one_size(c, v.n, rank, shape);
    if (v.tag == T_LIST) {
        for (int64_t k = 0; k < v.l->len; k++) {
            if (v.l->at[k].tag != T_NUM) return arg_fail(c, i, "sizes");
            if (!one_size(c, v.l->at[k].n, rank, shape)) return false;
        }
        return true;
    }
    if (v.tag == T_TENSOR && v.t->rank == 1) {
        if (!tensor_force(c->S, v.t)) return false;
        for (int64_t k = 0; k < v.t->n; k++)
            if (!one_size(c, tensor_get(v.t, k), rank, shape)) return false;
        return true;
    }
    return arg_fail(c, i, "sizes");
}

bool arg_shape(Call *c, int i, int *rank, int64_t *shape)
{
    Value v = c->arg[i];
    *rank = 0;
    const BuiltinSig *g = sig_of(c->S, c->builtin);
    if (!g) return false;
    if (!g->p[i].rest) return sizes_of(c, i, v, rank, shape);
    if (v.l->len == 1 && v.l->at[0].tag != T_NUM) return sizes_of(c, i, v.l->at[0], rank, shape);
    return sizes_of(c, i, v, rank, shape);
}

static bool put_axis(Call *c, Value v, int rank, int *axes, int *n)
{
    if (v.tag != T_NUM || v.n != floor(v.n))
        return diag_fail(c->S, DIAG_AXIS, "%s: an axis is a whole number, not %s", c->builtin->name, type_name(c->S, v));
    double a = v.n < 0 ? v.n + rank : v.n;
    if (a < 0 || a >= rank) {
        diag_fail(c->S, DIAG_AXIS, "%s: no axis %.0f: the tensor has %d ax%s", c->builtin->name, v.n, rank,
                  rank == 1 ? "is" : "es");
        if (rank > 1) diag_hint(c->S, "axes run from 0 to %d, or from -%d to -1", rank - 1, rank);
        else if (rank == 1) diag_hint(c->S, "its axis is 0, or -1");
        return false;
    }
    for (int k = 0; k < *n; k++)
        if (axes[k] == (int)a) return diag_fail(c->S, DIAG_AXIS, "%s: axis %.0f is named twice", c->builtin->name, v.n);
    axes[(*n)++] = (int)a;
    return true;
}

bool arg_axes(Call *c, int i, int rank, int *axes, int *n)
{
    Value v = c->arg[i];
    *n = 0;
    if (v.tag == T_NIL || v.tag == T_UNSET) return true;
    if (v.tag == T_LIST) {
        for (int64_t k = 0; k < v.l->len; k++)
            if (!put_axis(c, v.l->at[k], rank, axes, n)) return false;
        return true;
    }
    if (v.tag == T_TENSOR && v.t->rank == 1) {
        if (!tensor_force(c->S, v.t)) return false;
        for (int64_t k = 0; k < v.t->n; k++)
            if (!put_axis(c, val_num(tensor_get(v.t, k)), rank, axes, n)) return false;
        return true;
    }
    return put_axis(c, v, rank, axes, n);
}

bool arg_axis(Call *c, int i, int rank, int *axis)
{
    int n = 0;
    return put_axis(c, c->arg[i], rank, axis, &n);
}

bool arg_data(Call *c, int i, DType dt, Tensor **out)
{
    Value v = NIL;
    if (!arg_tensor(c, i, &v)) return false;
    Tensor *t = tensor_as(c->S, v.t, dt);
    if (!t) return false;
    *out = tensor_contiguous(c->S, t);
    obj_release(c->S, t);
    return *out != NULL;
}
