/* init.c -- start values of parameters.
**
** Each initialiser called without a shape gives a function of the shape, which is how models use it
** (param W[n, m] = he()); with a shape it draws at once. The fans, by rank:
**
**   [n]             fan_in = fan_out = n
**   [n, m]          fan_in = n, fan_out = m                        x @ W
**   [out, in, k...] fan_in = in * k..., fan_out = out * k...       kernels of convolutions, as PyTorch lays them
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/builtin.h"
#include "runtime/ops/lapack.h"
#include "runtime/ops/random.h"

static void fans(int rank, const int64_t *shape, double *in, double *out)
{
    *in = rank > 0 ? (double)shape[0] : 1;
    *out = rank > 1 ? (double)shape[1] : *in;
    if (rank <= 2) return;
    double k = 1;
    for (int i = 2; i < rank; i++) k *= (double)shape[i];
    *in = (double)shape[1] * k;
    *out = (double)shape[0] * k;
}

/* The call without a shape: *done, and *c->out is the function. */
static bool shape_or_function(Call *c, int *rank, int64_t *shape, bool *done)
{
    *done = c->arg[0].l->len == 0;
    if (!*done) return arg_shape(c, 0, rank, shape);
    *c->out = builtin_closure(c->S, c->builtin, NULL, 0);
    return !is_nil(*c->out);
}

static bool drawn(Call *c, RandomKind kind, double a, double b, int rank, const int64_t *shape)
{
    if (!random_fill(c->S, kind, a, b, rank, shape, c->out)) return false;
    if (is_tensor(*c->out)) c->out->t->made_by = c->builtin->name;
    return true;
}

/* Draws with the scale sqrt(gain / fan_in), or sqrt(gain / (fan_in + fan_out)): the standard deviation of a normal, the
** bound of a uniform. */
static bool by_fans(Call *c, RandomKind kind, double gain, bool both)
{
    int rank;
    int64_t shape[RANK_MAX];
    double in, out;
    bool done;
    if (!shape_or_function(c, &rank, shape, &done) || done) return done && !c->S->err;
    fans(rank, shape, &in, &out);
    double square = gain / (both ? in + out : in), scale = square > 0 && isfinite(square) ? sqrt(square) : 0;
    return drawn(c, kind, kind == RANDOM_UNIFORM ? -scale : 0, scale, rank, shape);
}

BUILTIN(he, "he(...shape)",
        "Start values for layers before a relu: normal with variance 2 / fan_in. He et al. 2015, \"Delving deep "
        "into rectifiers\". he() gives a function of the shape: param W[n, m] = he(). fan_in is n for [n, m], in "
        "* k... for kernels [out, in, k...].")
{
    return by_fans(c, RANDOM_NORMAL, 2, false);
}

BUILTIN(lecun, "lecun(...shape)",
        "Start values that keep the variance: normal with variance 1 / fan_in. LeCun et al. 1998, \"Efficient "
        "backprop\"; also right for selu. lecun() gives a function of the shape; fans as for he.")
{
    return by_fans(c, RANDOM_NORMAL, 1, false);
}

BUILTIN(glorot, "glorot(...shape)",
        "Start values for tanh and sigmoid layers: uniform between -b and b, b = sqrt(6 / (fan_in + fan_out)). "
        "Glorot and Bengio 2010, \"Understanding the difficulty of training deep feedforward neural networks\". "
        "glorot() gives a function of the shape; fans as for he.")
{
    return by_fans(c, RANDOM_UNIFORM, 6, true);
}

/* Makes the columns of A [rows, cols], stored by columns, orthonormal: large ones by LAPACK's QR, small ones by
** Gram-Schmidt, modified, each column twice (Giraud et al. 2005: twice is enough). False when a column vanishes. */
static bool orthonormal(State *S, double *A, int64_t rows, int64_t cols)
{
    if (cols >= LAPACK_FROM && lapack_orthonormal(S, A, rows, cols)) return true;
    for (int64_t j = 0; j < cols; j++) {
        double *a = A + j * rows, norm = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int64_t k = 0; k < j; k++) {
                const double *q = A + k * rows;
                double s = 0;
                for (int64_t i = 0; i < rows; i++) s += q[i] * a[i];
                for (int64_t i = 0; i < rows; i++) a[i] -= s * q[i];
            }
        }
        for (int64_t i = 0; i < rows; i++) norm += a[i] * a[i];
        norm = sqrt(norm);
        if (!(norm > 1e-12)) return false;
        for (int64_t i = 0; i < rows; i++) a[i] /= norm;
    }
    return true;
}

BUILTIN(orthogonal, "orthogonal(...shape)",
        "Start values that keep lengths: a random matrix with orthonormal rows or columns, whichever are fewer; "
        "axes behind the first count as one. Saxe, McClelland, Ganguli 2014, \"Exact solutions to the nonlinear "
        "dynamics of learning\"; Q of a normal matrix with R's diagonal positive, so all rotations are equally "
        "likely. orthogonal() gives a function of the shape.")
{
    State *S = c->S;
    int rank;
    int64_t shape[RANK_MAX];
    bool done;
    if (!shape_or_function(c, &rank, shape, &done) || done) return done && !S->err;
    if (rank < 2) return diag_fail(S, DIAG_RESHAPE, "orthogonal: the shape has at least two axes");
    Tensor *t = tensor_new(S, default_float(S), rank, shape);
    if (!t) return false;
    int64_t n = shape[0], m = n ? t->n / n : 0, rows = n > m ? n : m, cols = n > m ? m : n;
    size_t bytes = ((size_t)t->n + 1) * sizeof(double);
    double *A = mem_alloc(S, bytes);
    if (!A) {
        obj_release(S, t);
        return false;
    }
    do { /* a vanishing column has probability 0 */
        uint64_t key = S->rng.key, draw = rng_take(&S->rng);
        for (int64_t i = 0; i < t->n; i++) A[i] = rng_normal(key, draw, (uint64_t)i);
    } while (!orthonormal(S, A, rows, cols));
    for (int64_t i = 0; i < n; i++) /* A is the matrix by columns when n > m, else its transpose */
        for (int64_t k = 0; k < m; k++) tensor_put(t, i * m + k, n > m ? A[k * rows + i] : A[i * rows + k]);
    mem_free(S, A, bytes);
    t->made_by = c->builtin->name;
    *c->out = val_obj(T_TENSOR, t);
    return true;
}
