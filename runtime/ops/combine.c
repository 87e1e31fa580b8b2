/* combine.c -- the weighted sum of tensors of one shape, one node of a tape where arithmetic takes two for each term:
** the stages of a solver of differential equations are such sums (stdlib/solvers.c).
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/op.h"
#include "runtime/ops/walk.h"

static bool infer_combine(Infer *f)
{
    if (f->nin != f->nattr || f->x[0].tag != T_TENSOR || !dtype_float((DType)f->x[0].t->dtype))
        return diag_fail(f->S, DIAG_TYPE, "combine takes float tensors and a factor for each");
    const Tensor *t = f->x[0].t;
    for (int i = 1; i < f->nin; i++) {
        if (f->x[i].tag == T_TENSOR && f->x[i].t->dtype == t->dtype && shape_equal(f->x[i].t, t)) continue;
        return diag_fail(f->S, DIAG_SHAPE, "combine takes tensors of one shape and dtype");
    }
    f->dtype = (DType)t->dtype;
    f->rank = t->rank;
    memcpy(f->shape, tensor_shape(t), sizeof(int64_t) * (size_t)t->rank);
    return true;
}

static void add_f64(int64_t n, double c, const double *x, double *y, bool first)
{
    if (first)
        for (int64_t i = 0; i < n; i++) y[i] = c * x[i];
    else
        for (int64_t i = 0; i < n; i++) y[i] += c * x[i];
}

static void add_f32(int64_t n, double c, const float *x, float *y, bool first)
{
    if (first)
        for (int64_t i = 0; i < n; i++) y[i] = (float)(c * x[i]);
    else
        for (int64_t i = 0; i < n; i++) y[i] = (float)(y[i] + c * x[i]);
}

static bool run_combine(Run *r)
{
    const Arr *in = r->more ? r->more : r->x;
    int64_t n = r->y.n, stride[RANK_MAX];
    size_t size = (size_t)n * dtype_size[r->y.dtype];
    void *row = NULL; /* a row-major copy of an input that is not */
    row_major(r->y.rank, r->y.shape, stride);
    for (int i = 0; i < r->nin; i++) {
        const void *x = in[i].p;
        if (!in[i].contiguous) {
            if (!row && size && !(row = mem_alloc(r->S, size))) return false;
            arr_copy(in[i].rank, in[i].shape, row, r->y.dtype, stride, in[i].p, in[i].dtype, in[i].stride);
            x = row;
        }
        if (r->y.dtype == DT_F64) add_f64(n, r->attr[i].f, x, r->y.p, i == 0);
        else add_f32(n, r->attr[i].f, x, r->y.p, i == 0);
    }
    if (row) mem_free(r->S, row, size);
    return true;
}

static void adjoint_combine(Rule *r)
{
    for (int i = 0; i < r->nin; i++)
        if (r->need >> i & 1) r->dx[i] = r->attr[i].f == 1 ? r->dy : r_mul(r, r->dy, r_num(r->attr[i].f));
}

static void tangent_combine(Rule *r)
{
    enum { MOST = 64 };
    Value x[MOST];
    Attr c[MOST];
    int n = 0;
    for (int i = 0; i < r->nin; i++) {
        if (is_nil(r->dxin[i])) continue;
        x[n] = r->dxin[i];
        c[n++] = r->attr[i];
    }
    r->dyout = r_op(r, OPID_combine, x, n, c, n);
}

OP(combine, .batch = b_front, .nin = -1, .flags = OPF_HIDDEN, .infer = infer_combine, .run = run_combine,
   .adjoint = adjoint_combine, .tangent = tangent_combine, .doc = "combine(tensors, factors): c1 x1 + c2 x2 + ...")
