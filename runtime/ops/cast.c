/* cast.c -- conversion of element types. To a float type it differentiates; to integers and bools it is checked
** (a value that does not fit is an error) and its derivative is zero.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "runtime/kernels/kernels.h"
#include "runtime/op.h"
#include "runtime/state.h"

static bool infer_cast(Infer *f)
{
    infer_same_any(f);
    f->dtype = (DType)f->attr[0].i;
    return true;
}

static bool cast_run(Run *r)
{
    const Arr *a = &r->x[0];
    strided_copy(r->y.dtype, r->y.p, a->dtype, a->p, a->rank, a->shape, a->stride);
    return true;
}

static bool cast_whole_run(Run *r)
{
    const Arr *a = &r->x[0];
    DType to = r->y.dtype;
    if (a->dtype != to && to != DT_BOOL) {
        Tensor *c = r->t[0] ? tensor_contiguous(r->S, r->t[0]) : NULL;
        if (r->t[0] && !c) return false;
        int64_t n = c ? c->n : 1, bad = convert_check(to, a->dtype, c ? tensor_data(r->S, c) : a->p, 1, n);
        if (bad >= 0 && c) {
            char num[40];
            num_format(num, tensor_get(c, bad));
            diag_set(r->S, r->at, DIAG_CONVERT, "%s does not fit in %s (element %lld)", num, dtype_name[to],
                     (long long)bad);
            diag_hint(r->S, to == DT_U8 ? "u8 holds 0 to 255"
                                        : "replace it first: where(is_finite(x), x, 0), clamp(x, low, high)");
        }
        obj_release(r->S, c);
        if (bad >= 0) return false;
    }
    return cast_run(r);
}

static Value back(Rule *r, Value d, Value like)
{
    Attr a = {.i = is_tensor(like) ? like.t->dtype : DT_F64};
    return r_op(r, OPID_cast, &d, 1, &a, 1);
}
static void cast_adjoint(Rule *r) { r->dx[0] = back(r, r->dy, r->x[0]); }
static void cast_tangent(Rule *r) { r->dyout = back(r, r->dxin[0], r->y); }
OP(cast, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN, .infer = infer_cast, .run = cast_run, .adjoint = cast_adjoint,
   .tangent = cast_tangent, .doc = "x as f32, x as f64: the nearest value of the type.")
OP(cast_whole, .nin = 1, .batch = b_front, .flags = OPF_HIDDEN | OPF_ZERO | OPF_FAIL, .infer = infer_cast,
   .run = cast_whole_run,
   .doc = "x as i64, i32, u8: fractions are cut off, what does not fit is an error. x as bool: true where x is not 0.")

/* A number keeps its kind: f32 rounds it, integers cut it, bool compares it with 0. */
static bool cast_number(State *S, Value x, DType dt, Value *out)
{
    double v = x.tag == T_BOOL ? x.b : x.n;
    if (dt == DT_BOOL) {
        *out = val_bool(v != 0);
        return true;
    }
    if (!dtype_float(dt) && convert_check(dt, DT_F64, &v, 1, 1) >= 0) {
        char num[40];
        num_format(num, v);
        return diag_fail(S, DIAG_CONVERT, "%s does not fit in %s", num, dtype_name[dt]);
    }
    double y = dtype_float(dt) ? dt == DT_F32 ? (double)(float)v : v : trunc(v) + 0.0;
    if (!x.level || !dtype_float(dt)) {
        *out = val_num(y);
        return true;
    }
    if (y == v || !isfinite(y)) {
        *out = x;
        return true;
    }
    return op2(S, OPID_add, x, val_num(y - v), out); /* the rounding is a constant */
}

bool op_cast(State *S, Value x, DType dt, Value *out)
{
    if (x.tag != T_TENSOR) return cast_number(S, x, dt, out);
    if (x.t->dtype == dt) {
        *out = retain(x);
        return true;
    }
    Attr a = {.i = dt};
    return op_apply(S, dtype_float(dt) ? OPID_cast : OPID_cast_whole, &x, 1, &a, 1, out);
}
