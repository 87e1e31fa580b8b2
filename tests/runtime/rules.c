/* rules.c -- every derivative rule of the operation table against central differences, and tangents against adjoints.
**
** Runs over op_table itself, so an operation cannot be forgotten: element-wise ones get numbers, tensors,
** broadcasting and empty shapes by themselves; the others need a line in `cases` (rule_cases.h). For each case the
** gradient of a weighted sum of the result is compared with differences, then the gradient of a weighted sum
** of that gradient (the rules of the rules); f32 inputs must give f32 results, which are those of f64, in all of
** these. The tangent of each element of each input is compared with the adjoint (<w, J e> = <J' w, e>), that of all inputs together with differences, and the
** second derivatives of the four combinations of modes with each other, third derivatives three times forward, forward over
** reverse twice and reverse over forward twice; strided views give what their copies give. Operations that are said
** to have derivative zero (OPF_ZERO) must record nothing.
** SPDX-License-Identifier: MIT */
#include "tests/runtime/rule_cases.h"

/* ---- gradients ---- */

/* Gradient of <w, op(x)>: g[i] owned, nil where input i does not move. x may belong to a level. */
static bool gradient(Setup *s, const Value *x, Value *g)
{
    State *S = s->S;
    Value y = NIL, w = NIL, lifted[INPUTS];
    bool ok = tape_open(S);
    if (!ok) return false;
    for (int i = 0; i < s->nin; i++) lifted[i] = g[i] = NIL;
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_lift(S, x[i], &lifted[i]);
        else lifted[i] = retain(x[i]);
    ok = ok && op_apply(S, (OpId)s->op, lifted, s->nin, s->attr, s->nattr, &y);
    if (ok) w = weights(S, y, 1000);
    ok = ok && tape_seed(S, y, w) && tape_sweep(S, false);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_gradient(S, lifted[i], &g[i]);
    release(S, y);
    release(S, w);
    for (int i = 0; i < s->nin; i++) release(S, lifted[i]);
    tape_close(S);
    return ok;
}

static bool second_gradient(Setup *s, const Value *x, Value *h)
{
    State *S = s->S;
    Value g[INPUTS], lifted[INPUTS];
    bool ok = tape_open(S);
    if (!ok) return false;
    for (int i = 0; i < s->nin; i++) lifted[i] = g[i] = h[i] = NIL;
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_lift(S, x[i], &lifted[i]);
        else lifted[i] = retain(x[i]);
    ok = ok && gradient(s, lifted, g);
    for (int i = 0; i < s->nin && ok; i++) {
        if (!s->in[i].moves) continue;
        Value w = weights(S, g[i], 2000 + 50 * i);
        ok = tape_seed(S, g[i], w);
        release(S, w);
    }
    ok = ok && tape_sweep(S, false);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_gradient(S, lifted[i], &h[i]);
    for (int i = 0; i < s->nin; i++) {
        release(S, g[i]);
        release(S, lifted[i]);
    }
    tape_close(S);
    return ok;
}

/* <w, op(x)>, or with order 2 the weighted sum of its gradient. */
static bool evaluate(Setup *s, const Value *x, int order, double *out)
{
    State *S = s->S;
    Value y = NIL;
    *out = 0;
    if (order == 1) {
        if (!op_apply(S, (OpId)s->op, x, s->nin, s->attr, s->nattr, &y)) return false;
        Value w = weights(S, y, 1000);
        *out = dot(S, y, w);
        release(S, y);
        release(S, w);
        return true;
    }
    Value g[INPUTS];
    bool ok = gradient(s, x, g);
    for (int i = 0; i < s->nin; i++) {
        if (ok && s->in[i].moves) {
            Value w = weights(S, g[i], 2000 + 50 * i);
            *out += dot(S, g[i], w);
            release(S, w);
        }
        release(S, g[i]);
    }
    return ok;
}

static bool moved(Setup *s, Value *x, int i, int64_t k, double by, int order, double *out)
{
    State *S = s->S;
    Value was = x[i], now = was;
    if (was.tag == T_NUM) {
        now.n += by;
    } else {
        Tensor *t = tensor_from(S, DT_F64, was.t->rank, tensor_shape(was.t), tensor_data(S, was.t));
        if (!t) return false;
        tensor_put(t, k, tensor_get(t, k) + by);
        now = val_obj(T_TENSOR, t);
    }
    x[i] = now;
    bool ok = evaluate(s, x, order, out);
    x[i] = was;
    if (now.tag == T_TENSOR) release(S, now);
    return ok;
}

static bool compare(Setup *s, const char *name, const char *in, Value *x, const Value *g, int order)
{
    State *S = s->S;
    double h = 1e-3, tol = order == 1 ? 1e-7 : 1e-6;
    for (int i = 0; i < s->nin; i++) {
        if (!s->in[i].moves) continue;
        if (g[i].tag != x[i].tag || (x[i].tag == T_TENSOR && !shape_equal(g[i].t, x[i].t))) {
            fail(S, name, in, "the gradient has another shape than the input", NAN, NAN);
            return false;
        }
        if (g[i].tag == T_TENSOR && !tensor_force(S, g[i].t)) {
            fail(S, name, in, "the gradient cannot be computed", NAN, NAN);
            return false;
        }
        int64_t n = x[i].tag == T_TENSOR ? x[i].t->n : 1;
        for (int64_t k = 0; k < n; k++) {
            double a, b, c, d, got = x[i].tag == T_TENSOR ? tensor_get(g[i].t, k) : g[i].n;
            if (!moved(s, x, i, k, h, order, &a) || !moved(s, x, i, k, -h, order, &b) ||
                !moved(s, x, i, k, h / 2, order, &c) || !moved(s, x, i, k, -h / 2, order, &d)) {
                fail(S, name, in, "the operation fails", NAN, NAN);
                return false;
            }
            double want = (4 * (c - d) / h - (a - b) / (2 * h)) / 3;
            checks++;
            if (!(fabs(got - want) <= tol * fmax(1, fmax(fabs(got), fabs(want))))) {
                char what[80];
                snprintf(what, sizeof what, "order %d, input %d, element %lld", order, i, (long long)k);
                fail(S, name, in, what, got, want);
                return false;
            }
        }
    }
    return true;
}

/* ---- forward ---- */

/* Tangent of op(x) along v (nil: that input stays). x may belong to a level. */
static bool forward(Setup *s, const Value *x, const Value *v, Value *dy)
{
    State *S = s->S;
    Value y = NIL, lifted[INPUTS];
    int made = 0;
    *dy = NIL;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? v[made] : NIL, &lifted[made]);
    ok = ok && op_apply(S, (OpId)s->op, lifted, s->nin, s->attr, s->nattr, &y) && tape_tangent(S, y, dy);
    release(S, y);
    for (int i = 0; i < made; i++) release(S, lifted[i]);
    tape_close(S);
    return ok;
}

/* t[i]: tangent along v of the gradient by input i. */
static bool forward_over_reverse(Setup *s, const Value *x, const Value *v, Value *t)
{
    State *S = s->S;
    Value g[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, lifted[INPUTS];
    int made = 0;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? v[made] : NIL, &lifted[made]);
    ok = ok && gradient(s, lifted, g);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_tangent(S, g[i], &t[i]);
    drop(S, g, s->nin);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

/* t[i]: gradient by input i of <w, tangent of op along v>. */
static bool reverse_over_forward(Setup *s, const Value *x, const Value *v, Value *t)
{
    State *S = s->S;
    Value dy = NIL, w = NIL, lifted[INPUTS];
    int made = 0;
    if (!tape_open(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok) {
        if (s->in[made].moves) ok = tape_lift(S, x[made], &lifted[made]);
        else lifted[made] = retain(x[made]);
    }
    ok = ok && forward(s, lifted, v, &dy);
    if (ok) w = weights(S, dy, 1000);
    ok = ok && tape_seed(S, dy, w) && tape_sweep(S, false);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_gradient(S, lifted[i], &t[i]);
    release(S, dy);
    release(S, w);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

/* The second derivative of op along v and u. x may belong to a level. */
static bool second_along(Setup *s, const Value *x, const Value *v, const Value *u, Value *t)
{
    State *S = s->S;
    Value dy = NIL, lifted[INPUTS];
    int made = 0;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? u[made] : NIL, &lifted[made]);
    ok = ok && forward(s, lifted, v, &dy) && tape_tangent(S, dy, t);
    release(S, dy);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

static double weighed(State *S, Value t)
{
    Value w = weights(S, t, 1000);
    double d = dot(S, t, w);
    release(S, w);
    return d;
}

/* <w, second derivative of op along v and u> */
static bool forward_over_forward(Setup *s, const Value *x, const Value *v, const Value *u, double *out)
{
    Value t = NIL;
    bool ok = second_along(s, x, v, u, &t);
    if (ok) *out = weighed(s->S, t);
    release(s->S, t);
    return ok;
}

/* <w, third derivative of op along v, u and z>, three times forward */
static bool third_forward(Setup *s, const Value *x, const Value *v, const Value *u, const Value *z, double *out)
{
    State *S = s->S;
    Value t = NIL, dt = NIL, lifted[INPUTS];
    int made = 0;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? z[made] : NIL, &lifted[made]);
    ok = ok && second_along(s, lifted, v, u, &t) && tape_tangent(S, t, &dt);
    if (ok) *out = weighed(S, dt);
    release(S, t);
    release(S, dt);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

/* g[i]: gradient by input i of <w, second derivative of op along v and u> */
static bool third_mixed(Setup *s, const Value *x, const Value *v, const Value *u, Value *g)
{
    State *S = s->S;
    Value t = NIL, w = NIL, lifted[INPUTS];
    int made = 0;
    if (!tape_open(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok) {
        if (s->in[made].moves) ok = tape_lift(S, x[made], &lifted[made]);
        else lifted[made] = retain(x[made]);
    }
    ok = ok && second_along(s, lifted, v, u, &t);
    if (ok) w = weights(S, t, 1000);
    ok = ok && tape_seed(S, t, w) && tape_sweep(S, false);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_gradient(S, lifted[i], &g[i]);
    release(S, t);
    release(S, w);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

/* t[i]: tangent along z of the second gradient by input i */
static bool third_reverse(Setup *s, const Value *x, const Value *z, Value *t)
{
    State *S = s->S;
    Value h[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, lifted[INPUTS];
    int made = 0;
    if (!tape_open_forward(S)) return false;
    bool ok = true;
    for (; made < s->nin && ok; made += ok)
        ok = tape_lift_dual(S, x[made], s->in[made].moves ? z[made] : NIL, &lifted[made]);
    ok = ok && second_gradient(s, lifted, h);
    for (int i = 0; i < s->nin && ok; i++)
        if (s->in[i].moves) ok = tape_tangent(S, h[i], &t[i]);
    drop(S, h, s->nin);
    drop(S, lifted, made);
    tape_close(S);
    return ok;
}

static double dots(Setup *s, const Value *a, const Value *b)
{
    double sum = 0;
    for (int i = 0; i < s->nin; i++)
        if (s->in[i].moves) sum += dot(s->S, a[i], b[i]);
    return sum;
}

/* <w, op(x + h v)> */
static bool along(Setup *s, const Value *x, const Value *v, double h, double *out)
{
    State *S = s->S;
    Value at[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    int made = 0;
    bool ok = true;
    for (; made < s->nin && ok; made += ok) {
        Value step = NIL;
        if (!s->in[made].moves) at[made] = retain(x[made]);
        else ok = op2(S, OPID_mul, val_num(h), v[made], &step) && op2(S, OPID_add, x[made], step, &at[made]);
        release(S, step);
    }
    ok = ok && evaluate(s, at, 1, out);
    drop(S, at, made);
    return ok;
}

static bool agree(State *S, const char *name, const char *in, const char *what, double got, double want, double tol,
                  double size)
{
    checks++;
    if (fabs(got - want) <= tol * fmax(1, fmax(size, fmax(fabs(got), fabs(want))))) return true;
    fail(S, name, in, what, got, want);
    return false;
}

/* The tangent of each element of each input against the gradient: <w, J e> = (J' w)_e. */
static bool columns(Setup *s, const char *name, const char *in, const Value *x, const Value *g)
{
    State *S = s->S;
    for (int i = 0; i < s->nin; i++) {
        if (!s->in[i].moves) continue;
        int64_t n = x[i].tag == T_TENSOR ? x[i].t->n : 1;
        for (int64_t k = 0; k < n; k++) {
            Value e[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, dy;
            e[i] = val_num(1);
            if (x[i].tag == T_TENSOR) {
                Tensor *t = tensor_zeros(S, DT_F64, x[i].t->rank, tensor_shape(x[i].t));
                if (!t) return false;
                tensor_put(t, k, 1);
                e[i] = val_obj(T_TENSOR, t);
            }
            bool ok = forward(s, x, e, &dy);
            if (ok) {
                Value w = weights(S, dy, 1000);
                char what[80];
                snprintf(what, sizeof what, "tangent of input %d, element %lld, against the adjoint", i, (long long)k);
                ok = agree(S, name, in, what, dot(S, dy, w), g[i].tag == T_TENSOR ? tensor_get(g[i].t, k) : g[i].n,
                           1e-10, 0);
                release(S, w);
            } else {
                fail(S, name, in, "no tangent", NAN, NAN);
            }
            release(S, dy);
            release(S, e[i]);
            if (!ok) return false;
        }
    }
    return true;
}

/* All inputs move at once: the tangent against differences, second derivatives of the four combinations against each other.
** g: the gradient, h: the gradient of its weighted sum. */
static bool tangents(Setup *s, const char *name, const char *in, const Value *x, const Value *g, const Value *h)
{
    State *S = s->S;
    Value v[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, u[INPUTS] = {NIL, NIL, NIL, NIL, NIL},
          w2[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    Value fr[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, rf[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, dy = NIL;
    double a, b, c, d, ff, step = 1e-3;
    bool ok = true;
    for (int i = 0; i < s->nin; i++) {
        if (!s->in[i].moves) continue;
        v[i] = weights(S, x[i], 3000 + 50 * i);
        u[i] = weights(S, x[i], 4000 + 50 * i);
        w2[i] = weights(S, x[i], 2000 + 50 * i);
    }
    ok = forward(s, x, v, &dy);
    if (!ok) fail(S, name, in, "no tangent", NAN, NAN);
    if (ok) {
        Value w = weights(S, dy, 1000);
        double jv = dot(S, dy, w);
        release(S, w);
        ok = agree(S, name, in, "tangent against the adjoint, all inputs", jv, dots(s, g, v), 1e-10, 0);
        ok = ok && along(s, x, v, step, &a) && along(s, x, v, -step, &b) && along(s, x, v, step / 2, &c) &&
             along(s, x, v, -step / 2, &d) &&
             agree(S, name, in, "tangent, all inputs", jv, (4 * (c - d) / step - (a - b) / (2 * step)) / 3, 2e-6, 0);
    }
    if (ok && !(forward_over_reverse(s, x, v, fr) && reverse_over_forward(s, x, v, rf) &&
                forward_over_forward(s, x, v, u, &ff))) {
        fail(S, name, in, "no second derivative forward", NAN, NAN);
        ok = false;
    }
    double size = ok ? fabs(dots(s, fr, w2)) + fabs(dots(s, fr, u)) : 0;
    ok = ok &&
         agree(S, name, in, "forward over reverse against reverse over reverse", dots(s, fr, w2), dots(s, h, v), 1e-9,
               size) &&
         agree(S, name, in, "reverse over forward against forward over reverse", dots(s, rf, w2), dots(s, fr, w2), 1e-9,
               size) &&
         agree(S, name, in, "forward over forward against forward over reverse", ff, dots(s, fr, u), 1e-9, size);
    Value rff[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, frr[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    double fff = 0;
    if (ok && !(third_forward(s, x, w2, v, u, &fff) && third_mixed(s, x, w2, v, rff) && third_reverse(s, x, u, frr))) {
        fail(S, name, in, "no third derivative", NAN, NAN);
        ok = false;
    }
    double size3 = ok ? fabs(dots(s, rff, rff)) : 0;
    ok = ok &&
         agree(S, name, in, "third derivative, reverse over forward over forward against forward", dots(s, rff, u), fff,
               1e-8, size3) &&
         agree(S, name, in, "third derivative, forward over reverse over reverse against forward", dots(s, frr, v), fff,
               1e-8, size3);
    drop(S, rff, INPUTS);
    drop(S, frr, INPUTS);
    release(S, dy);
    drop(S, v, INPUTS);
    drop(S, u, INPUTS);
    drop(S, w2, INPUTS);
    drop(S, fr, INPUTS);
    drop(S, rf, INPUTS);
    return ok;
}

/* The same values behind other strides give the same gradient and tangent. */
static void strided(Setup *s, const char *name, const char *in, const Value *x, const Value *g)
{
    State *S = s->S;
    Value view[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, h[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, dy = NIL, dz = NIL;
    bool any = false, ok = true;
    for (int i = 0; i < s->nin && ok; i++) {
        view[i] = retain(x[i]);
        if (x[i].tag != T_TENSOR || x[i].t->n < 2) continue;
        int rank = x[i].t->rank; /* every second element of a tensor with the axes in the other order */
        int64_t shape[RANK_MAX], stride[RANK_MAX], step = 2;
        for (int k = 0; k < rank; k++) {
            shape[k] = tensor_shape(x[i].t)[k];
            stride[k] = step;
            step *= shape[k];
        }
        Tensor *store = tensor_zeros(S, (DType)x[i].t->dtype, 1, &step);
        Tensor *t = store ? tensor_view(S, store, rank, shape, stride, 0) : NULL;
        if (!(ok = t != NULL)) break;
        for (int64_t k = 0; k < t->n; k++) {
            int64_t at = 0, rest = k;
            for (int j = rank - 1; j >= 0; j--) {
                at += rest % shape[j] * stride[j];
                rest /= shape[j];
            }
            tensor_put(store, at, tensor_get(x[i].t, k));
        }
        obj_release(S, store);
        release(S, view[i]);
        view[i] = val_obj(T_TENSOR, t);
        any = true;
    }
    if (any && ok) {
        ok = gradient(s, view, h) && forward(s, x, x, &dy) && forward(s, view, view, &dz);
        if (!ok) fail(S, name, in, "no gradient of a strided view", NAN, NAN);
        for (int i = 0; i < s->nin && ok; i++) {
            if (!s->in[i].moves) continue;
            Value w = weights(S, x[i], 5000);
            ok = agree(S, name, in, "gradient of a strided view", dot(S, h[i], w), dot(S, g[i], w), 1e-12, 0);
            release(S, w);
        }
        if (ok) agree(S, name, in, "tangent of a strided view", weighed(S, dz), weighed(S, dy), 1e-12, 0);
    }
    release(S, dy);
    release(S, dz);
    drop(S, view, INPUTS);
    drop(S, h, INPUTS);
}

/* ---- f32 ---- */

/* Inputs that f32 can hold: both widths then compute the same thing. */
static void round_inputs(Setup *s)
{
    for (int i = 0; i < s->nin; i++) {
        Input *in = &s->in[i];
        if (!in->moves) continue;
        if (in->v.tag == T_NUM) in->v.n = (float)in->v.n;
        else
            for (int64_t k = 0; k < in->v.t->n; k++) tensor_put(in->v.t, k, (float)tensor_get(in->v.t, k));
    }
}

/* Element by element, relative to the largest: rules add and subtract terms of that size. */
static void same32(State *S, const char *name, const char *in, const char *what, Value got, Value want)
{
    checks++;
    if (is_nil(want)) return;
    if (got.tag != want.tag || (got.tag == T_TENSOR && !shape_equal(got.t, want.t))) {
        fail(S, name, in, what, NAN, NAN);
        return;
    }
    if (got.tag == T_TENSOR && (!tensor_force(S, got.t) || !tensor_force(S, want.t))) return;
    int64_t n = got.tag == T_TENSOR ? got.t->n : 1;
    double most = 1;
    for (int64_t k = 0; k < n; k++) most = fmax(most, fabs(got.tag == T_TENSOR ? tensor_get(want.t, k) : want.n));
    for (int64_t k = 0; k < n; k++) {
        double a = got.tag == T_TENSOR ? tensor_get(got.t, k) : got.n;
        double b = got.tag == T_TENSOR ? tensor_get(want.t, k) : want.n;
        if (fabs(a - b) <= 5e-5 * most) continue;
        fail(S, name, in, what, a, b);
        return;
    }
}

typedef struct Once {
    Value y, dy, g[INPUTS], h[INPUTS];
} Once; /* owned */

static bool once(Setup *s, Once *o)
{
    Value x[INPUTS];
    *o = (Once){NIL, NIL, {NIL, NIL, NIL, NIL, NIL}, {NIL, NIL, NIL, NIL, NIL}};
    for (int i = 0; i < s->nin; i++) x[i] = s->in[i].v;
    return op_apply(s->S, (OpId)s->op, x, s->nin, s->attr, s->nattr, &o->y) && forward(s, x, x, &o->dy) &&
           gradient(s, x, o->g) && second_gradient(s, x, o->h);
}

static void once_drop(Setup *s, Once *o)
{
    release(s->S, o->y);
    release(s->S, o->dy);
    drop(s->S, o->g, s->nin);
    drop(s->S, o->h, s->nin);
    teardown(s);
}

/* f32 tensors give f32 values, tangents, gradients and second gradients, and those of f64. */
static void single(State *S, int op, const char *in, const Case *c, const Range2 *range)
{
    const char *name = op_table[op]->name;
    Setup s, wide;
    Once o, w;
    if (!setup(S, &s, op, in, c, range, DT_F32)) return;
    if (!setup(S, &wide, op, in, c, range, DT_F64)) return teardown(&s);
    round_inputs(&s);
    round_inputs(&wide);
    bool ok = once(&s, &o), same = once(&wide, &w) && ok;
    if (!ok) fail(S, name, in, "no derivative in f32", NAN, NAN);
    for (int i = 0; i < s.nin; i++)
        if (o.g[i].tag == T_TENSOR && o.g[i].t->dtype != DT_F32)
            fail(S, name, in, "the gradient of f32 is not f32", NAN, NAN);
    if (o.dy.tag == T_TENSOR && strchr(in, 'x') && in[0] != 'n' && o.dy.t->dtype != DT_F32)
        fail(S, name, in, "the tangent of f32 is not f32", NAN, NAN);
    if (same) {
        same32(S, name, in, "value in f32", o.y, w.y);
        same32(S, name, in, "tangent in f32", o.dy, w.dy);
        for (int i = 0; i < s.nin; i++) {
            same32(S, name, in, "gradient in f32", o.g[i], w.g[i]);
            same32(S, name, in, "second gradient in f32", o.h[i], w.h[i]);
        }
    }
    once_drop(&s, &o);
    once_drop(&wide, &w);
}

static void check_case(State *S, int op, const char *in, const Case *c, const Range2 *range)
{
    const char *name = op_table[op]->name;
    Setup s;
    Value x[INPUTS], g[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, h[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
    if (!setup(S, &s, op, in, c, range, DT_F64)) {
        fail(S, name, in, "its inputs cannot be made", NAN, NAN);
        return;
    }
    for (int i = 0; i < s.nin; i++) x[i] = s.in[i].v;
    if (!gradient(&s, x, g)) fail(S, name, in, "no gradient", NAN, NAN);
    else if (compare(&s, name, in, x, g, 1)) {
        if (!second_gradient(&s, x, h)) fail(S, name, in, "no second gradient", NAN, NAN);
        else if (compare(&s, name, in, x, h, 2) && columns(&s, name, in, x, g)) {
            tangents(&s, name, in, x, g, h);
            strided(&s, name, in, x, g);
        }
    }
    for (int i = 0; i < s.nin; i++) {
        release(S, g[i]);
        release(S, h[i]);
    }
    teardown(&s);
    if (strcmp(name, "cast")) single(S, op, in, c, range);
}

/* ---- corners ---- */

static bool alike(double a, double b)
{
    if (!isfinite(a) || !isfinite(b)) return a == b || (a != a && b != b);
    return fabs(a - b) <= 1e-12 * fmax(1, fmax(fabs(a), fabs(b)));
}

/* Derivatives of an element-wise operation where functions have corners, poles and ends: a number's partial, a tensor's adjoint and
** both tangents must be the same, infinities and NaN too, wherever the value is a number. */
static void check_corners(State *S, int op)
{
    static const double at[] = {0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, INFINITY, -INFINITY, NAN, 1e300, -1e300, 1e-300};
    enum { N = sizeof at / sizeof *at };
    const OpDef *d = op_table[op];
    int n = d->nin;
    for (int k = 0; k < (n == 1 ? N : N * N); k++) {
        double v[2] = {at[k % N], at[k / N]}, got[4][2];
        const int64_t one = 1;
        char in[64];
        bool ok = true;
        double value = n == 1 ? d->each1(v[0]) : d->each2(v[0], v[1]);
        if (value != value) continue;
        snprintf(in, sizeof in, n == 1 ? "at %g" : "at %g, %g", v[0], v[1]);
        for (int tensor = 0; tensor < 2 && ok; tensor++) {
            Setup s = {.S = S, .op = op, .nin = n};
            Value x[INPUTS], g[INPUTS] = {NIL, NIL, NIL, NIL, NIL};
            for (int i = 0; i < n; i++) {
                x[i] = tensor ? val_obj(T_TENSOR, tensor_full(S, DT_F64, 1, &one, v[i])) : val_num(v[i]);
                s.in[i] = (Input){x[i], true};
            }
            ok = gradient(&s, x, g);
            for (int i = 0; i < n && ok; i++)
                got[2 * tensor][i] = tensor ? (tensor_force(S, g[i].t), tensor_get(g[i].t, 0)) : g[i].n;
            for (int i = 0; i < n && ok; i++) {
                Value e[INPUTS] = {NIL, NIL, NIL, NIL, NIL}, dy = NIL;
                e[i] = tensor ? val_obj(T_TENSOR, tensor_full(S, DT_F64, 1, &one, 1)) : val_num(1);
                ok = forward(&s, x, e, &dy);
                got[2 * tensor + 1][i] = ok ? weighed(S, dy) : NAN;
                release(S, dy);
                release(S, e[i]);
            }
            drop(S, g, n);
            drop(S, x, n);
        }
        static const char *const who[] = {"", "tangent of a number", "adjoint of a tensor", "tangent of a tensor"};
        if (!ok) {
            fail(S, d->name, in, "no derivative", NAN, NAN);
            return;
        }
        for (int i = 0; i < n; i++)
            for (int m = 1; m < 4; m++) {
                checks++;
                if (alike(got[m][i], got[0][i])) continue;
                printf("FAIL rule of `%s` (%s), input %d: %s %.12g, adjoint of a number %.12g\n", d->name, in, i,
                       who[m], got[m][i], got[0][i]);
                failures++;
            }
    }
}

/* Said to have derivative zero: nothing of a level may come out. */
static void check_zero(State *S, int op)
{
    const OpDef *d = op_table[op];
    if (!(d->flags & OPF_EACH) || d->nin > 2) return;
    bool logic = !strncmp(d->name, "logical", 7);
    Value x[2], y = NIL;
    if (logic || !tape_open(S)) return;
    bool ok = tape_lift(S, val_num(1.5), &x[0]) && tape_lift(S, val_num(0.75), &x[1]);
    ok = ok && op_apply(S, (OpId)op, x, d->nin, NULL, 0, &y);
    if (!ok || y.level) fail(S, d->name, "n", "it is said to have derivative zero, but records", NAN, NAN);
    checks++;
    release(S, y);
    tape_close(S);
}

static void check_op(State *S, int op)
{
    const OpDef *d = op_table[op];
    if (d->flags & OPF_ZERO) {
        check_zero(S, op);
        return;
    }
    int found = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(cases[i].op, d->name)) {
            found++;
            check_case(S, op, cases[i].in, &cases[i], cases[i].range);
        }
    if (found) return;
    if (!d->adjoint) {
        fail(S, d->name, "-", "it has no adjoint and is not said to have derivative zero", NAN, NAN);
        return;
    }
    if (!(d->flags & OPF_EACH) || d->nin < 1 || d->nin > 2) {
        fail(S, d->name, "-", "no case: add a line to `cases` in tests/runtime/rule_cases.h", NAN, NAN);
        return;
    }
    check_corners(S, op);
    Range2 range[INPUTS] = {{0, 0}};
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (!strcmp(domains[i].op, d->name)) range[0] = domains[i].a, range[1] = domains[i].b;
    for (const char *const *f = each_forms[d->nin]; *f; f++) check_case(S, op, *f, NULL, range);
}

int main(int argc, char **argv)
{
    State *S = state_new(NULL, NULL, 0);
    if (!S) return 2;
    for (int op = 0; op < OPID_COUNT; op++)
        if (argc < 2 || !strcmp(argv[1], op_table[op]->name)) check_op(S, op);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (op_by_name(cases[i].op) < 0) {
            printf("FAIL no operation `%s`\n", cases[i].op);
            failures++;
        }
    size_t left = state_free(S);
    if (left) {
        printf("FAIL %zu bytes leaked\n", left);
        failures++;
    }
    printf("%d comparisons, %d failures\n", checks, failures);
    return failures != 0;
}
