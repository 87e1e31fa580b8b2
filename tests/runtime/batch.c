/* batch.c -- the batch rule of every operation (op.h, .batch) against the operation applied item by item.
**
** Takes the inputs of rule_cases.h: for each case there are several items with other values, and a batch whose body applies the
** operation to those inputs that differ from item to item (every choice of them) and to the others as they are. It must
** not be given up, and give what the loop gives: the results; the gradient through the batch; each item's
** gradient and tangent, taken inside; the same with one batch inside another; in f64 and f32.
** SPDX-License-Identifier: MIT */
#include "runtime/batch.h"
#include "tests/runtime/rule_cases.h"

enum { ITEMS = 3, INNER = 2, GRID = ITEMS * INNER };

/* Operations without a derivative, which rule_cases.h has no inputs of. */
static const Case constant[] = {
    {"all", "b3x4:1,0,1,1,0,1,1,1,1,1,1,0", 3, {0, BOTH}, 0, {{0, 0}}},
    {"any", "b3x2:1,0,0,0,1,1", 3, {1, COLS}, 0, {{0, 0}}},
    {"argmax", "3x4", 3, {0, BOTH}, 0, {{0, 0}}},
    {"argmax", "3x4", 3, {0, COLS}, 0, {{0, 0}}},
    {"argmin", "3x4", 3, {1, ROWS}, 0, {{0, 0}}},
    {"argsort", "3x4", 2, {1, 0}, 0, {{0, 0}}},
    {"argsort", "5", 2, {0, 1}, 0, {{0, 0}}},
    {"cast_whole", "i2x3:3,1,2,0,5,4", 1, {DT_I32}, 0, {{0, 0}}},
    {"lu_pack", "3x3", 0, {0}, 0, {{0, 0}}},
    {"pick", "3x4", 4, {0, COLS, 0, 0}, 0, {{0, 0}}},   /* max */
    {"pick", "3x4", 4, {0, ROWS, 0, 1}, 0, {{0, 0}}},   /* min */
    {"pick", "3x4", 4, {0, COLS, 0, 2}, 0.5, {{0, 0}}}, /* quantile */
};

typedef struct Work {
    Setup s[GRID];       /* the items: of a batch, or of an inner one within an outer one (inner fastest) */
    Value whole[INPUTS]; /* of the inputs that differ */
    Value plain[INPUTS];
    unsigned outer, inner; /* which inputs differ */
    Value x[INPUTS];       /* what the outer body has */
    enum { PLAIN, GRADIENT, TANGENT } what;
    char why[160];
} Work;

static Value weights_like(State *S, Value like, int salt)
{
    if (like.tag != T_TENSOR || like.t->rank == 0) return val_num(sample(salt, (Range2){0.4, 1.6}));
    return weights(S, like, salt);
}

/* What is done with the inputs: *out the result, or a list of gradients or tangents. */
static bool work(Work *k, const Value *x, Value *out)
{
    const Setup *s = &k->s[0];
    State *S = s->S;
    Value y = NIL, w = NIL, lifted[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    *out = NIL;
    if (k->what == PLAIN) return op_apply(S, (OpId)s->op, x, s->nin, s->attr, s->nattr, out);
    if (!(k->what == GRADIENT ? tape_open(S) : tape_open_forward(S))) return false;
    bool ok = true;
    for (int i = 0; i < s->nin && ok; i++) {
        if (!s->in[i].moves) {
            lifted[i] = retain(x[i]);
        } else if (k->what == GRADIENT) {
            ok = tape_lift(S, x[i], &lifted[i]);
        } else {
            Value v = weights_like(S, x[i], 3000 + 50 * i);
            ok = tape_lift_dual(S, x[i], v, &lifted[i]);
            release(S, v);
        }
    }
    ok = ok && op_apply(S, (OpId)s->op, lifted, s->nin, s->attr, s->nattr, &y);
    if (ok && k->what == TANGENT) {
        ok = tape_tangent(S, y, out);
    } else if (ok) {
        w = weights_like(S, y, 1000);
        ok = tape_seed(S, y, w) && tape_sweep(S, false);
        List *l = ok ? list_new(S, s->nin) : NULL;
        ok = l != NULL;
        for (int i = 0; i < s->nin && ok; i++) {
            l->at[i] = NIL;
            ok = !s->in[i].moves || tape_gradient(S, lifted[i], &l->at[i]);
            l->len = i + 1;
        }
        *out = ok ? val_obj(T_LIST, l) : NIL;
        if (!ok) obj_release(S, l);
    }
    release(S, y);
    release(S, w);
    drop(S, lifted, s->nin);
    tape_close(S);
    return ok;
}

static bool note(Work *k, bool ok)
{
    State *S = k->s[0].S;
    if (!ok && S->err && S->err->message && !k->why[0]) snprintf(k->why, sizeof k->why, "%s", S->err->message);
    return ok;
}

static bool body(State *S, void *ud, const BatchItems *of, Value *out)
{
    Work *k = ud;
    Value x[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    bool ok = true;
    for (int i = 0; i < k->s[0].nin && ok; i++) {
        if (k->inner >> i & 1) ok = batch_select(S, k->x[i], of, &x[i]);
        else x[i] = retain(k->x[i]);
    }
    ok = note(k, ok && work(k, x, out));
    drop(S, x, INPUTS);
    return ok;
}

static bool outer_body(State *S, void *ud, const BatchItems *of, Value *out)
{
    Work *k = ud;
    bool ok = true, done = false;
    for (int i = 0; i < INPUTS; i++) k->x[i] = NIL;
    for (int i = 0; i < k->s[0].nin && ok; i++) {
        if (k->outer >> i & 1) ok = batch_select(S, k->whole[i], of, &k->x[i]);
        else k->x[i] = retain(k->whole[i]);
    }
    ok = note(k, ok) && batch_try(S, INNER, body, k, out, &done);
    drop(S, k->x, INPUTS);
    return ok && done;
}

/* ---- items ---- */

static Value turned(State *S, Value v, int by)
{
    Tensor *t = tensor_new(S, (DType)v.t->dtype, v.t->rank, tensor_shape(v.t));
    for (int64_t i = 0; t && i < v.t->n; i++) tensor_put(t, i, tensor_get(v.t, (i + by) % v.t->n));
    return val_obj(T_TENSOR, t);
}

/* Inputs that differ get values of their own, whole numbers and bools the same in another order. */
static bool make_item(State *S, Setup *s, const Setup *first, const char *in, const Range2 *range, DType dt, int which)
{
    *s = *first;
    for (int i = 0; i < first->nin; i++) s->in[i].v = NIL;
    const char *text = in;
    bool ok = true;
    for (int i = 0; i < first->nin && ok; i++) {
        Input x;
        ok = parse_input(S, &text, range[i], dt, 11 * i + 101 * which, &x);
        bool whole = ok && x.v.tag == T_TENSOR && !x.moves && x.v.t->n;
        s->in[i] = x;
        if (whole) {
            s->in[i].v = turned(S, x.v, which);
            release(S, x.v);
        }
    }
    return ok;
}

static bool stacked(State *S, Work *k, int input, const int *item, int n, Value *out)
{
    Value v[GRID];
    for (int j = 0; j < n; j++) v[j] = k->s[item[j]].in[input].v;
    return tensor_stack(S, v, n, out);
}

/* ---- comparing ---- */

static bool same_item(Work *k, const char *in, const char *what, Value all, Value one, int64_t item, int64_t items,
                      double tol)
{
    State *S = k->s[0].S;
    const char *name = op_table[k->s[0].op]->name;
    if (one.tag == T_LIST) {
        bool ok = all.tag == T_LIST && all.l->len == one.l->len;
        if (!ok) fail(S, name, in, what, NAN, NAN);
        for (int64_t i = 0; ok && i < one.l->len; i++)
            ok = same_item(k, in, what, all.l->at[i], one.l->at[i], item, items, tol);
        return ok;
    }
    if (one.tag == T_NIL && all.tag == T_NIL) return true;
    int64_t n = one.tag == T_TENSOR ? one.t->n : 1;
    bool fits = all.tag == T_TENSOR && all.t->n == n * items;
    if (fits && one.tag == T_TENSOR) {
        int more = all.t->rank - one.t->rank;
        fits = more > 0 && one.t->dtype == all.t->dtype;
        for (int i = 0; fits && i < one.t->rank; i++) fits = tensor_shape(all.t)[i + more] == tensor_shape(one.t)[i];
    }
    if (!fits || !tensor_force(S, all.t) || (one.tag == T_TENSOR && !tensor_force(S, one.t))) {
        char text[160];
        snprintf(text, sizeof text, "%s: another shape or dtype", what);
        fail(S, name, in, text, NAN, NAN);
        return false;
    }
    for (int64_t i = 0; i < n; i++) {
        double got = tensor_get(all.t, item * n + i), want = one.tag == T_TENSOR ? tensor_get(one.t, i)
                                                             : one.tag == T_BOOL ? one.b
                                                                                 : one.n;
        checks++;
        if (got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= tol * fmax(1, fabs(want))) continue;
        fail(S, name, in, what, got, want);
        return false;
    }
    return true;
}

static void text_of(const Work *k, const char *what, char *buf, size_t n)
{
    char set[2 * INPUTS + 8] = "";
    for (int i = 0; i < k->s[0].nin; i++)
        strcat(set, (k->outer >> i & 1) && (k->inner >> i & 1) ? "2"
                    : k->outer >> i & 1                        ? "o"
                    : k->inner >> i & 1                        ? "i"
                                                               : "-");
    snprintf(buf, n, "%s, inputs %s", what, set);
}

static bool given_up(Work *k, const char *in, const char *what)
{
    char text[320];
    snprintf(text, sizeof text, "%s: the batch was given up: %s", what, k->why);
    fail(k->s[0].S, op_table[k->s[0].op]->name, in, text, NAN, NAN);
    return false;
}

/* One batch; the inputs of `inner` differ. */
static bool single(Work *k, const char *in, double tol)
{
    State *S = k->s[0].S;
    static const char *const names[] = {"result", "gradient inside", "tangent inside"};
    bool ok = true, moves = false;
    int item[ITEMS] = {0, 1, 2};
    k->outer = 0;
    for (int i = 0; i < k->s[0].nin && ok; i++) {
        moves |= k->s[0].in[i].moves;
        if (k->inner >> i & 1) ok = stacked(S, k, i, item, ITEMS, &k->x[i]);
        else k->x[i] = retain(k->s[0].in[i].v);
    }
    bool zero = op_table[k->s[0].op]->flags & OPF_ZERO;
    for (int what = PLAIN; ok && what <= (moves && !zero ? TANGENT : PLAIN); what++) {
        char text[120];
        Value all = NIL;
        bool done = false;
        k->what = what;
        k->why[0] = 0;
        text_of(k, names[what], text, sizeof text);
        ok = batch_try(S, ITEMS, body, k, &all, &done);
        if (!ok || !done) ok = given_up(k, in, text);
        for (int j = 0; j < ITEMS && ok; j++) {
            Value x[INPUTS], one = NIL;
            for (int i = 0; i < k->s[0].nin; i++) x[i] = k->s[k->inner >> i & 1 ? j : 0].in[i].v;
            ok = note(k, work(k, x, &one));
            if (!ok) fail(S, op_table[k->s[0].op]->name, in, "an item fails", NAN, NAN);
            ok = ok && same_item(k, in, text, all, one, j, ITEMS, tol);
            release(S, one);
        }
        release(S, all);
    }
    drop(S, k->x, INPUTS);
    return ok;
}

/* The gradient of a weighted sum through a batch, against the sum of the items' gradients. */
static bool around(Work *k, const char *in, double tol)
{
    State *S = k->s[0].S;
    const char *name = op_table[k->s[0].op]->name;
    int item[ITEMS] = {0, 1, 2}, nin = k->s[0].nin;
    Value whole[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, g[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, all = NIL, w = NIL,
          one = NIL;
    bool ok = true, done = false, moves = false;
    char text[120];
    k->outer = 0;
    k->what = PLAIN;
    k->why[0] = 0;
    text_of(k, "gradient around", text, sizeof text);
    for (int i = 0; i < nin; i++) moves |= k->s[0].in[i].moves;
    if (!moves || op_table[k->s[0].op]->flags & OPF_ZERO) return true;
    if (!tape_open(S)) return false;
    for (int i = 0; i < nin && ok; i++) {
        if (k->inner >> i & 1) ok = stacked(S, k, i, item, ITEMS, &whole[i]);
        else whole[i] = retain(k->s[0].in[i].v);
        if (!ok) break;
        if (k->s[0].in[i].moves) ok = tape_lift(S, whole[i], &k->x[i]);
        else k->x[i] = retain(whole[i]);
    }
    ok = ok && batch_try(S, ITEMS, body, k, &all, &done);
    if (!ok || !done) {
        ok = given_up(k, in, text);
    } else {
        /* the same weights for each item */
        Value x[INPUTS], v[ITEMS];
        for (int i = 0; i < nin; i++) x[i] = k->s[0].in[i].v;
        Value y = NIL;
        ok = work(k, x, &y);
        if (ok) v[0] = v[1] = v[2] = weights_like(S, y, 1000);
        ok = ok && tensor_stack(S, v, ITEMS, &w) && tape_seed(S, all, w) && tape_sweep(S, false);
        release(S, y);
        if (ok) release(S, v[0]);
        for (int i = 0; i < nin && ok; i++)
            if (k->s[0].in[i].moves) ok = tape_gradient(S, k->x[i], &g[i]);
        if (!ok) fail(S, name, in, text, NAN, NAN);
    }
    drop(S, k->x, INPUTS);
    release(S, all);
    release(S, w);
    tape_close(S);
    k->what = GRADIENT;
    Value sum[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    for (int j = 0; j < ITEMS && ok; j++) {
        Value x[INPUTS];
        for (int i = 0; i < nin; i++) x[i] = k->s[k->inner >> i & 1 ? j : 0].in[i].v;
        ok = work(k, x, &one);
        for (int i = 0; i < nin && ok; i++) {
            if (!k->s[0].in[i].moves) continue;
            if (k->inner >> i & 1) {
                ok = same_item(k, in, text, g[i], one.l->at[i], j, ITEMS, tol);
            } else if (j == 0) {
                sum[i] = retain(one.l->at[i]);
            } else {
                Value more = NIL;
                ok = op2(S, OPID_add, sum[i], one.l->at[i], &more);
                release(S, sum[i]);
                sum[i] = more;
            }
        }
        release(S, one);
        one = NIL;
    }
    for (int i = 0; i < nin && ok; i++) {
        if (!k->s[0].in[i].moves || k->inner >> i & 1) continue;
        Value list[1] = {g[i]}, row = NIL;
        ok = tensor_stack(S, list, 1, &row) && same_item(k, in, text, row, sum[i], 0, 1, tol);
        release(S, row);
    }
    drop(S, sum, INPUTS);
    drop(S, g, INPUTS);
    drop(S, whole, INPUTS);
    return ok;
}

/* A batch of INNER in a batch of ITEMS. */
static bool nested(Work *k, const char *in, double tol)
{
    State *S = k->s[0].S;
    static const char *const names[] = {"nested result", "nested gradient", "nested tangent"};
    int nin = k->s[0].nin;
    bool ok = true, moves = false;
    for (int i = 0; i < INPUTS; i++) k->whole[i] = NIL;
    for (int i = 0; i < nin && ok; i++) {
        bool o = k->outer >> i & 1, n = k->inner >> i & 1;
        int item[GRID], count = 0;
        moves |= k->s[0].in[i].moves;
        for (int a = 0; a < (o ? ITEMS : 1); a++)
            for (int b = 0; b < (n ? INNER : 1); b++) item[count++] = a * INNER + b;
        if (!o && !n) {
            k->whole[i] = retain(k->s[0].in[i].v);
            continue;
        }
        Value row = NIL;
        int64_t shape[RANK_MAX], *d = shape;
        ok = stacked(S, k, i, item, count, &row);
        if (!ok) break;
        if (o) *d++ = ITEMS;
        if (n) *d++ = INNER;
        for (int j = 1; j < row.t->rank; j++) *d++ = tensor_shape(row.t)[j];
        ok = op_reshape(S, row, (int)(d - shape), shape, &k->whole[i]);
        release(S, row);
    }
    bool zero = op_table[k->s[0].op]->flags & OPF_ZERO;
    for (int what = PLAIN; ok && what <= (moves && !zero ? TANGENT : PLAIN); what++) {
        char text[120];
        Value all = NIL;
        bool done = false;
        k->what = what;
        k->why[0] = 0;
        text_of(k, names[what], text, sizeof text);
        ok = batch_try(S, ITEMS, outer_body, k, &all, &done);
        if (!ok || !done) ok = given_up(k, in, text);
        for (int j = 0; j < GRID && ok; j++) {
            Value x[INPUTS], one = NIL;
            for (int i = 0; i < nin; i++) {
                int a = k->outer >> i & 1 ? j / INNER : 0, b = k->inner >> i & 1 ? j % INNER : 0;
                x[i] = k->s[a * INNER + b].in[i].v;
            }
            ok = work(k, x, &one) && same_item(k, in, text, all, one, j, GRID, tol);
            release(S, one);
        }
        release(S, all);
    }
    drop(S, k->whole, INPUTS);
    return ok;
}

static void batch_case(State *S, int op, const char *in, const Case *c, const Range2 *range, DType dt)
{
    static Work k;
    double tol = dt == DT_F32 ? 2e-5 : 1e-12;
    memset(&k, 0, sizeof k);
    Setup first;
    if (!setup(S, &first, op, in, c, range, dt)) {
        fail(S, op_table[op]->name, in, "its inputs cannot be made", NAN, NAN);
        return;
    }
    bool ok = true;
    for (int j = 0; j < GRID && ok; j++) ok = make_item(S, &k.s[j], &first, in, range, dt, j);
    unsigned every = 1u << first.nin;
    for (unsigned set = 1; ok && set < every; set++) {
        k.inner = set;
        ok = single(&k, in, tol) && around(&k, in, tol);
    }
    for (unsigned o = 1; ok && o < every; o++) {
        k.outer = o;
        for (unsigned i = 1; ok && i < every; i++) {
            k.inner = i;
            ok = nested(&k, in, tol);
        }
    }
    for (int j = 0; j < GRID; j++) teardown(&k.s[j]);
    teardown(&first);
    if (S->err) diag_clear(S);
}

static int cases_of(State *S, int op, const Case *c, size_t n)
{
    int found = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(c[i].op, op_table[op]->name)) continue;
        found++;
        batch_case(S, op, c[i].in, &c[i], c[i].range, DT_F64);
        if (strcmp(c[i].op, "cast")) batch_case(S, op, c[i].in, &c[i], c[i].range, DT_F32);
    }
    return found;
}

static void batch_op(State *S, int op)
{
    const OpDef *d = op_table[op];
    if (d->flags & OPF_RANDOM) return; /* draws give a batch up */
    if (!d->batch && !(d->flags & OPF_EACH)) {
        fail(S, d->name, "-", "it has no batch rule (op.h, .batch)", NAN, NAN);
        return;
    }
    if (cases_of(S, op, cases, sizeof cases / sizeof *cases)) return;
    if (cases_of(S, op, constant, sizeof constant / sizeof *constant) || d->infer == infer_logic) return;
    if (!(d->flags & OPF_EACH) || d->nin < 1 || d->nin > 2) {
        fail(S, d->name, "-", "no case: add a line to `constant` in tests/runtime/batch.c", NAN, NAN);
        return;
    }
    Range2 range[INPUTS] = {{0, 0}};
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (!strcmp(domains[i].op, d->name)) range[0] = domains[i].a, range[1] = domains[i].b;
    for (const char *const *f = each_forms[d->nin]; *f; f++) {
        batch_case(S, op, *f, NULL, range, DT_F64);
        batch_case(S, op, *f, NULL, range, DT_F32);
    }
}

int main(int argc, char **argv)
{
    State *S = state_new(NULL, NULL, 0);
    if (!S) return 2;
    for (int op = 0; op < OPID_COUNT; op++)
        if (argc < 2 || !strcmp(argv[1], op_table[op]->name)) batch_op(S, op);
    size_t left = state_free(S);
    if (left) {
        printf("FAIL %zu bytes leaked\n", left);
        failures++;
    }
    printf("%d comparisons, %d failures\n", checks, failures);
    return failures != 0;
}
