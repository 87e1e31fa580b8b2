/* lapack_tangents.c -- the tangent rules of the matrix factorisations against differences and against their adjoints.
**
** For each case the tangent along a direction is compared with central differences of the operation, and with the
** adjoint by <w, tangent(v)> = <adjoint(w), v>; with every input moving, and with each alone.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "runtime/op.h"
#include "runtime/state.h"

enum { INPUTS = 2 };
typedef struct Case {
    const char *op;
    int nin;
    int rank[INPUTS];
    int64_t shape[INPUTS][4];
    int nattr;
    int64_t attr[3];
    double lift;
} Case;
static const Case cases[] = {
    {"solve", 2, {2, 2}, {{3, 3}, {3, 2}}, 0, {0}, 2},
    {"solve", 2, {3, 3}, {{2, 3, 3}, {2, 3, 1}}, 1, {1}, 2},
    {"solve_triangular", 2, {2, 2}, {{3, 3}, {3, 2}}, 3, {1, 0, 0}, 2},
    {"solve_triangular", 2, {3, 3}, {{2, 3, 3}, {2, 3, 2}}, 3, {0, 1, 0}, 2},
    {"solve_triangular", 2, {2, 2}, {{3, 3}, {3, 2}}, 3, {1, 1, 1}, 0},
    {"lu", 1, {2}, {{3, 3}}, 0, {0}, 0},
    {"lu", 1, {3}, {{2, 2, 4}}, 0, {0}, 0},
    {"lu", 1, {2}, {{4, 2}}, 0, {0}, 0},
    {"inv", 1, {3}, {{2, 3, 3}}, 0, {0}, 2},
    {"det", 1, {2}, {{3, 3}}, 0, {0}, 0},
    {"det", 1, {3}, {{2, 2, 2}}, 0, {0}, 0},
    {"cofactor", 1, {2}, {{2, 2}}, 0, {0}, 0},
    {"cofactor", 1, {3}, {{2, 3, 3}}, 0, {0}, 0},
    {"slogdet", 1, {2}, {{3, 3}}, 0, {0}, 2},
    {"slogdet", 1, {3}, {{2, 3, 3}}, 0, {0}, 2},
    {"cholesky", 1, {2}, {{3, 3}}, 0, {0}, 5},
    {"cholesky", 1, {3}, {{2, 3, 3}}, 0, {0}, 5},
    {"qr", 1, {2}, {{3, 3}}, 0, {0}, 0},
    {"qr", 1, {2}, {{4, 2}}, 0, {0}, 0},
    {"qr", 1, {3}, {{2, 2, 3}}, 0, {0}, 0},
    {"eigh", 1, {2}, {{3, 3}}, 0, {0}, 0},
    {"eigh", 1, {3}, {{2, 2, 2}}, 0, {0}, 0},
    {"svd", 1, {2}, {{3, 3}}, 0, {0}, 0},
    {"svd", 1, {2}, {{4, 2}}, 0, {0}, 0},
    {"svd", 1, {3}, {{2, 2, 3}}, 0, {0}, 0},
    {"pinv", 1, {2}, {{3, 2}}, 1, {0}, 0},
    {"pinv", 1, {3}, {{2, 2, 3}}, 1, {0}, 0},
    {"lstsq", 2, {2, 2}, {{4, 2}, {4, 2}}, 1, {0}, 0},
    {"lstsq", 2, {3, 3}, {{2, 2, 3}, {2, 2, 1}}, 1, {0}, 0},
    {"expm", 1, {2}, {{3, 3}}, 0, {0}, 0},
    {"expm", 1, {3}, {{2, 2, 2}}, 0, {0}, 4},
    {"expm_slope", 2, {2, 2}, {{2, 2}, {2, 2}}, 0, {0}, 0},
};

static int failures, checks;

static Tensor *make(State *S, int rank, const int64_t *shape, int salt, double lift)
{
    Tensor *t = tensor_new(S, DT_F64, rank, shape);
    int64_t n = shape[rank - 1];
    for (int64_t i = 0; i < t->n; i++) {
        double f = fmod(0.137 + 0.61803398874989485 * (salt + (double)i + 1) + 0.1317 * (double)(i * i), 1);
        tensor_put(t, i, 2 * f - 1 + (i / n % n == i % n ? lift : 0));
    }
    return t;
}

static double at(Value v, int64_t i) { return v.tag == T_TENSOR ? tensor_get(v.t, i) : v.n; }
static int64_t size(Value v) { return v.tag == T_TENSOR ? v.t->n : 1; }

/* op(x + h v), settled */
static Value moved(State *S, int op, const Case *c, Tensor *const *x, Tensor *const *v, uint32_t mask, double h,
                   const Attr *a)
{
    Value in[INPUTS], y = NIL;
    for (int k = 0; k < c->nin; k++) {
        Tensor *t = tensor_new(S, DT_F64, c->rank[k], c->shape[k]);
        for (int64_t i = 0; i < t->n; i++)
            tensor_put(t, i, tensor_get(x[k], i) + (mask >> k & 1 ? h * tensor_get(v[k], i) : 0));
        in[k] = val_obj(T_TENSOR, t);
    }
    if (op_apply(S, (OpId)op, in, c->nin, a, c->nattr, &y) && y.tag == T_TENSOR) tensor_force(S, y.t);
    for (int k = 0; k < c->nin; k++) release(S, in[k]);
    return y;
}

static void drop_temps(State *S, Rule *r)
{
    for (size_t i = 0; i < r->ntemps; i++) release(S, r->temps[i]);
    mem_free(S, r->temps, r->captemps * sizeof *r->temps);
}

static void check(State *S, const Case *c, uint32_t mask)
{
    int op = op_by_name(c->op);
    Attr attr[3];
    Tensor *x[INPUTS], *v[INPUTS];
    Value in[INPUTS], dxin[INPUTS], dx[INPUTS], y[5];
    for (int i = 0; i < c->nattr; i++) attr[i].i = c->attr[i];
    for (int k = 0; k < c->nin; k++) {
        x[k] = make(S, c->rank[k], c->shape[k], 17 * k, k == 0 ? c->lift : 0);
        v[k] = make(S, c->rank[k], c->shape[k], 31 + 7 * k, 0);
        in[k] = val_obj(T_TENSOR, x[k]);
        dxin[k] = mask >> k & 1 ? val_obj(T_TENSOR, v[k]) : NIL;
        dx[k] = NIL;
    }
    static const double step[5] = {0, 1e-3, -1e-3, 5e-4, -5e-4};
    for (int i = 0; i < 5; i++) y[i] = moved(S, op, c, x, v, mask, step[i], attr);
    Rule t = {.S = S, .op = op_table[op], .nin = c->nin, .x = in, .y = y[0], .nattr = c->nattr, .attr = attr, .dxin = dxin};
    op_table[op]->tangent(&t);
    if (t.failed || S->err || t.dyout.tag != y[0].tag || (is_tensor(y[0]) && !shape_equal(t.dyout.t, y[0].t))) {
        printf("FAIL tangent of %s: %s\n", c->op, S->err ? S->err->message : "no result of the right shape");
        failures++;
        diag_clear(S);
    } else {
        if (is_tensor(t.dyout)) tensor_force(S, t.dyout.t);
        Tensor *w = is_tensor(y[0]) ? make(S, y[0].t->rank, tensor_shape(y[0].t), 91, 0) : NULL;
        double left = 0, right = 0;
        for (int64_t i = 0; i < size(y[0]); i++) {
            double want = (4 * (at(y[3], i) - at(y[4], i)) / 1e-3 - (at(y[1], i) - at(y[2], i)) / 2e-3) / 3,
                   got = at(t.dyout, i);
            left += got * (w ? tensor_get(w, i) : 0.7);
            checks++;
            if (!(fabs(got - want) <= 1e-7 * fmax(1, fabs(want)))) {
                printf("FAIL tangent of %s, inputs %u, element %lld: %.12g, differences give %.12g\n", c->op, mask,
                       (long long)i, got, want);
                failures++;
                break;
            }
        }
        Rule b = {.S = S,
                  .op = op_table[op],
                  .nin = c->nin,
                  .x = in,
                  .y = y[0],
                  .nattr = c->nattr,
                  .attr = attr,
                  .need = mask,
                  .dy = w ? val_obj(T_TENSOR, w) : val_num(0.7),
                  .dx = dx};
        op_table[op]->adjoint(&b);
        for (int k = 0; k < c->nin; k++)
            if (mask >> k & 1 && is_tensor(dx[k]) && tensor_force(S, dx[k].t))
                for (int64_t i = 0; i < dx[k].t->n; i++) right += tensor_get(dx[k].t, i) * tensor_get(v[k], i);
        checks++;
        if (b.failed || !(fabs(left - right) <= 1e-11 * fmax(1, fabs(left)))) {
            printf("FAIL %s: <w, tangent> is %.15g, <adjoint, v> is %.15g\n", c->op, left, right);
            failures++;
        }
        drop_temps(S, &b);
        obj_release(S, w);
    }
    drop_temps(S, &t);
    for (int i = 0; i < 5; i++) release(S, y[i]);
    for (int k = 0; k < c->nin; k++) obj_release(S, x[k]), obj_release(S, v[k]);
}

int main(void)
{
    State *S = state_new(NULL, NULL, 0);
    if (!S) return 2;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (uint32_t mask = 1; mask < 1u << cases[i].nin; mask++) check(S, &cases[i], mask);
    size_t left = state_free(S);
    if (left) {
        printf("FAIL %zu bytes leaked\n", left);
        failures++;
    }
    printf("%d comparisons, %d failures\n", checks, failures);
    return failures != 0;
}
