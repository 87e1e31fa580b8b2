/* custom.c -- functions with their own adjoint or tangent.
**
** Such a function runs one level further out, where nothing of this level is seen, and its rule stands for all it
** did. A rule is linear in what it moves, so either gives the other: where only the one that is not needed was
** written, it is run on a level of its own and swept back,
**
**   J dx  = the gradient by u of <adjoint(x, y, u), dx>        J' dy = the gradient by u of <tangent(x, u), dy>
**
** which takes a derivative of a linear function: exact, whatever u is.
** cite  Christianson 1992, "Automatic Hessians by reverse accumulation", for transposing a linear map twice
** SPDX-License-Identifier: MIT */
#include "runtime/tape.h"
#include <stdio.h>
#include "runtime/tape_internal.h"

enum { SMALL = 16 };

static const char *fn_name(Value f)
{
    return f.tag == T_FN && f.f->proto && f.f->proto->name ? f.f->proto->name->data : "a function";
}

/* A node: b->x is the arguments, adjoint, tangent, f. */
static int arguments(const Big *b) { return (int)b->nin - 3; }
static Value adjoint_of(const Big *b) { return b->x[b->nin - 3]; }
static Value tangent_of(const Big *b) { return b->x[b->nin - 2]; }
static Value function_of(const Big *b) { return b->x[b->nin - 1]; }
const char *custom_name(const Big *b) { return fn_name(function_of(b)); }

static void drop(State *S, Value *v, int n)
{
    for (int i = 0; i < n; i++) release(S, v[i]);
}

/* ---- what a rule gave ---- */

/* May g be a tangent of result y? nil is zero. */
static bool tree_fits(Value g, Value y, int depth)
{
    if (is_nil(g)) return true;
    if (depth > TREE_DEPTH) return false;
    if (y.tag == T_LIST) {
        bool ok = g.tag == T_LIST && g.l->len == y.l->len;
        for (int64_t i = 0; ok && i < y.l->len; i++) ok = tree_fits(g.l->at[i], y.l->at[i], depth + 1);
        return ok;
    }
    if (y.tag == T_MODEL) return g.tag == T_MODEL && g.m->def == y.m->def;
    if (y.tag == T_TENSOR && !dtype_float((DType)y.t->dtype)) return true;
    return (y.tag == T_NUM || y.tag == T_TENSOR) && fits(g, y);
}

static bool tangent_misfit(State *S, Span at, Value f, Value rule, Value g, Value y)
{
    char got[80];
    if (S->err) return false;
    snprintf(got, sizeof got, "%s", type_name(S, g));
    diag_set(S, at, DIAG_RULE_RESULT, "tangent %s gives %s, and the function's result is %s", fn_name(f), got,
             type_name(S, y));
    if (rule.tag == T_FN && rule.f->proto) diag_note(S, rule.f->proto->at, "the rule");
    return diag_hint(S, "a tangent has the shape of what it belongs to");
}

static bool adjoint_misfit(State *S, Span at, Value f, Value rule, int arg, const char *want, Value g)
{
    char got[80];
    snprintf(got, sizeof got, "%s", type_name(S, g));
    diag_set(S, at, DIAG_RULE_RESULT, "adjoint %s gives %s for argument %d, which is %s", fn_name(f), got, arg + 1,
             want);
    if (rule.tag == T_FN && rule.f->proto) diag_note(S, rule.f->proto->at, "the rule");
    return diag_hint(S, "a cotangent has the shape of its argument");
}

/* An adjoint of one argument gives its cotangent, else a list of one for each. *g: the first of n cotangents. */
static bool one_each(State *S, Span at, Value f, Value *given, int n, const Value **g)
{
    if (n == 1) {
        *g = given;
        return true;
    }
    if (given->tag == T_LIST && given->l->len == n) {
        *g = given->l->at;
        return true;
    }
    char got[80];
    snprintf(got, sizeof got, "%s", type_name(S, *given));
    if (given->tag == T_LIST) snprintf(got, sizeof got, "a list of %lld", (long long)given->l->len);
    diag_set(S, at, DIAG_RULE_RESULT, "adjoint %s gives %s, not one cotangent for each of its %d arguments", fn_name(f),
             got, n);
    return diag_hint(S, "nil stands for an argument that has none");
}

/* ---- forward ---- */

/* J dx by the adjoint, which is linear in the cotangent u. */
static bool by_adjoint(State *S, Value f, Value adjoint, const Value *low, const Value *dx, int n, Value y, Value *dy)
{
    Span at = vm_here(S);
    Value small[SMALL], *arg = small, u = NIL, g = NIL;
    const Value *each = NULL;
    size_t size = (size_t)(n + 2) * sizeof *arg;
    if (!tape_ones(S, y, 1, &u)) return false;
    if (is_nil(u)) return true; /* nothing that could move */
    if (n + 2 > SMALL && !(arg = mem_alloc(S, size))) {
        release(S, u);
        return false;
    }
    bool ok = tape_open(S);
    if (ok) {
        Value lifted = NIL;
        memcpy(arg, low, (size_t)n * sizeof *arg);
        arg[n] = y;
        ok = tape_lift(S, u, &lifted);
        arg[n + 1] = lifted;
        ok = ok && vm_call(S, adjoint, arg, n + 2, &g) && one_each(S, at, f, &g, n, &each);
        for (int i = 0; ok && i < n; i++) {
            if (is_nil(each[i]) || is_nil(dx[i])) continue;
            if (!tree_fits(each[i], low[i], 0))
                ok = adjoint_misfit(S, at, f, adjoint, i, type_name(S, low[i]), each[i]);
            else ok = tape_seed(S, each[i], dx[i]);
        }
        ok = ok && tape_sweep(S, false) && tape_gradient(S, lifted, dy);
        release(S, lifted);
        release(S, g);
        tape_close(S);
    }
    release(S, u);
    if (arg != small) mem_free(S, arg, size);
    return ok;
}

static bool custom_forward(State *S, Level *L, Value f, Value adjoint, Value tangent, const Value *args,
                           const Value *low, int n, Value y, Value *out)
{
    Value small[2 * SMALL], *arg = small, rule = NIL, dy = NIL;
    size_t size = (size_t)n * 2 * sizeof *arg;
    bool direct = tangent.tag == T_FN;
    if (n > SMALL && !(arg = mem_alloc(S, size))) return false;
    memcpy(arg, low, (size_t)n * sizeof *arg);
    int made = 0;
    bool ok = strip_from(S, direct ? tangent : adjoint, L->index, &rule);
    for (; ok && made < n; made += ok) ok = tangent_tree(S, L, args[made], &arg[n + made]);
    if (ok) ok = direct ? vm_call(S, rule, arg, 2 * n, &dy) : by_adjoint(S, f, rule, low, arg + n, n, y, &dy);
    if (ok && !forward_results(S, L, y, dy, out)) ok = tangent_misfit(S, vm_here(S), f, rule, dy, y);
    release(S, dy);
    release(S, rule);
    drop(S, arg + n, made);
    if (arg != small) mem_free(S, arg, size);
    return ok;
}

/* ---- recording ---- */

static bool custom_record(State *S, Level *L, Value f, Value adjoint, Value tangent, const Value *args,
                          const Value *low, int n, Value y, Value *out)
{
    uint32_t at, node;
    Value *x = level_alloc(S, L, (size_t)(n + 3) * (sizeof *x + sizeof(uint32_t)));
    L->opid = -1;
    if (!x || !level_big(S, L, BIG_CUSTOM, &at) || !level_push(S, L, (LaneNode){MARK_BIG, at, 0, 0}, 0, 0, 0, &node) ||
        !level_break(S, L, node))
        return false;
    if (!strip_from(S, adjoint, L->index, &x[n])) return false;
    if (!strip_from(S, tangent, L->index, &x[n + 1])) {
        release(S, x[n]);
        return false;
    }
    x[n + 2] = retain(f);
    Big *b = &L->big[at];
    b->in = (uint32_t *)(x + n + 3); /* for origin.c, which comes after x is gone */
    for (int i = 0; i < n; i++) {
        x[i] = retain(args[i]);
        b->in[i] = args[i].level == L->index ? args[i].node : 0;
    }
    b->node = node;
    b->at = vm_here(S);
    b->number = true; /* no cotangent of its own: its results come after it */
    b->x = x;
    b->nin = (uint32_t)n + 3;
    if (!lift_tree(S, L, y, out)) return false;
    L->big[at].y = retain(*out);
    if (L->check) level_bad_call(S, L, node, y, low, n);
    return true;
}

bool tape_custom(State *S, Value f, Value adjoint, Value tangent, const Value *args, int n, Value *out)
{
    int k = 0;
    *out = NIL;
    for (int i = 0; i < n; i++) {
        int l = tree_level(S, args[i]);
        if (l < 0) return false;
        if (l > k) k = l;
    }
    if (!k) return vm_call(S, f, args, n, out);
    Level *L = S->tape.level[k];
    Value small[SMALL], *low = small, bare = NIL, y = NIL;
    size_t size = (size_t)n * sizeof(Value);
    if (n > SMALL && !(low = mem_alloc(S, size))) return false;
    int made = 0;
    bool ok = strip_from(S, f, k, &bare);
    for (; ok && made < n; made += ok) ok = strip_from(S, args[made], k, &low[made]);
    ok = ok && vm_call(S, bare, low, n, &y);
    if (ok && L->forward) ok = custom_forward(S, L, bare, adjoint, tangent, args, low, n, y, out);
    else ok = ok && custom_record(S, L, bare, adjoint, tangent, args, low, n, y, out);
    release(S, y);
    release(S, bare);
    drop(S, low, made);
    if (low != small) mem_free(S, low, size);
    return ok;
}

/* ---- back ---- */

/* Hands the cotangent g of argument x to x's leaves. */
static bool hand_out(State *S, Level *L, Big *b, int arg, Value x, Value g, int depth)
{
    Value f = function_of(b), rule = adjoint_of(b);
    if (is_nil(g)) return true;
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (x.tag == T_LIST) {
        if (g.tag != T_LIST || g.l->len != x.l->len)
            return adjoint_misfit(S, b->at, f, rule, arg, "a list of another structure", g);
        for (int64_t i = 0; i < x.l->len; i++)
            if (!hand_out(S, L, b, arg, x.l->at[i], g.l->at[i], depth + 1)) return false;
        return true;
    }
    if (x.tag == T_MODEL) {
        if (g.tag != T_MODEL || g.m->def != x.m->def)
            return adjoint_misfit(S, b->at, f, rule, arg, "a model of another kind", g);
        for (int i = 0; i < x.m->def->nfields; i++)
            if (!hand_out(S, L, b, arg, x.m->field[i], g.m->field[i], depth + 1)) return false;
        return true;
    }
    if ((x.tag != T_NUM && x.tag != T_TENSOR) || !fits(g, x))
        return adjoint_misfit(S, b->at, f, rule, arg, type_name(S, x), g);
    if (x.level != L->index) return true;
    Value whole;
    if (!tape_whole(S, x, &whole)) return false;
    bool ok = whole.level != L->index || cotangent_add(S, L, whole.node, retain(g), whole, b->node);
    release(S, whole);
    return ok;
}

/* J' dy by the tangent, which is linear in the tangents u: one cotangent for each argument in g[n] (nil at entry), owned. */
static bool by_tangent(State *S, Level *L, Big *b, const Value *low, int n, Value y, Value dy, Value *g)
{
    Value small[2 * SMALL], *arg = small, t = NIL;
    size_t size = (size_t)n * 2 * sizeof *arg;
    int made = 0;
    if (n > SMALL && !(arg = mem_alloc(S, size))) return false;
    bool ok = tape_open(S);
    if (ok) {
        int k = S->tape.n;
        memcpy(arg, low, (size_t)n * sizeof *arg);
        for (; ok && made < n; made += ok) {
            bool moves = tree_level(S, b->x[made]) == L->index;
            Value u;
            arg[n + made] = NIL;
            ok = tape_ones(S, low[made], moves, &u);
            if (!ok) break;
            if (!moves || is_nil(u)) {
                arg[n + made] = u;
                continue;
            }
            ok = tape_lift(S, u, &arg[n + made]);
            release(S, u);
        }
        ok = ok && vm_call(S, tangent_of(b), arg, 2 * n, &t);
        if (ok && !tree_fits(t, y, 0)) ok = tangent_misfit(S, b->at, function_of(b), tangent_of(b), t, y);
        ok = ok && (is_nil(t) || tape_seed(S, t, dy)) && tape_sweep(S, false);
        for (int i = 0; ok && i < n; i++)
            if (tree_level(S, arg[n + i]) == k) ok = tape_gradient(S, arg[n + i], &g[i]);
        release(S, t);
        drop(S, arg + n, made);
        tape_close(S);
    }
    if (arg != small) mem_free(S, arg, size);
    return ok;
}

bool custom_back(State *S, Level *L, Big *b)
{
    int n = arguments(b), made = 0;
    bool reached, direct = adjoint_of(b).tag == T_FN;
    Value dy, y = NIL, given = NIL, small[2 * SMALL], *arg = small;
    const Value *g = NULL;
    size_t size = (size_t)(2 * n + 2) * sizeof *arg;
    if (!cotangent_tree(S, L, b->y, &dy, &reached)) return false;
    if (!reached) {
        release(S, dy);
        return true;
    }
    if (2 * n + 2 > 2 * SMALL && !(arg = mem_alloc(S, size))) {
        release(S, dy);
        return false;
    }
    if (L->check) level_bad_call_back(L, b->node);
    Value *own = arg + n + 2; /* cotangents that by_tangent makes */
    for (int i = 0; i < n; i++) own[i] = NIL;
    bool ok = strip_from(S, b->y, L->index, &y);
    for (; ok && made < n; made += ok) ok = strip_from(S, b->x[made], L->index, &arg[made]);
    arg[n] = y;
    arg[n + 1] = dy;
    if (direct) {
        ok = ok && vm_call(S, adjoint_of(b), arg, n + 2, &given) && one_each(S, b->at, function_of(b), &given, n, &g);
    } else {
        ok = ok && by_tangent(S, L, b, arg, n, y, dy, own);
        g = own;
    }
    for (int i = 0; ok && i < n; i++) ok = hand_out(S, L, b, i, b->x[i], g[i], 0);
    release(S, given);
    release(S, y);
    release(S, dy);
    drop(S, arg, made);
    drop(S, own, n);
    if (arg != small) mem_free(S, arg, size);
    return ok;
}
