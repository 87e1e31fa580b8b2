/* construct.c -- fields of a model under construction, and the shapes in signatures.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "runtime/op.h"
#include "runtime/state.h"

static bool sizes_read(State *S, const char *what, Value sizes, int *rank, int64_t *shape)
{
    *rank = 0;
    for (int64_t k = 0; k < sizes.l->len; k++) {
        Value v = sizes.l->at[k];
        if (v.tag != T_NUM || v.n != floor(v.n) || v.n < 0 || v.n >= 0x1p62) {
            char num[40] = "";
            if (v.tag == T_NUM) num_format(num, v.n);
            return diag_fail(S, DIAG_RESHAPE, "`%s`: a size is a whole number of at least 0, not %s", what,
                             v.tag == T_NUM ? num : type_name(S, v));
        }
        if (*rank >= RANK_MAX) return diag_fail(S, DIAG_RESHAPE, "`%s`: a tensor has at most %d axes", what, RANK_MAX);
        shape[(*rank)++] = (int64_t)v.n;
    }
    return true;
}

/* Brings a start value to the declared sizes; an initialiser is called with them. */
static bool start_value(State *S, const char *what, Value start, Value sizes, bool keep, Value *out)
{
    *out = NIL;
    if (sizes.tag != T_LIST) { /* no dims: the value as it is */
        if (vm_callable(start) && start.tag == T_FN) {
            diag_fail(S, DIAG_SIGNATURE, "`%s` starts from an initialiser but states no shape", what);
            diag_hint(S, "write the sizes: param %s[n, m] = ...", what);
            return false;
        }
        if (start.tag == T_TENSOR && !keep && start.t->dtype != default_float(S))
            return op_cast(S, start, default_float(S), out);
        *out = retain(start);
        return true;
    }
    int rank;
    int64_t shape[RANK_MAX];
    if (!sizes_read(S, what, sizes, &rank, shape)) return false;
    Value v = NIL;
    if (start.tag == T_FN) {
        if (!vm_call(S, start, &sizes, 1, &v)) return false;
    } else if (is_nil(start)) {
        v = val_num(0);
    } else {
        v = retain(start);
    }
    if (v.tag != T_NUM && v.tag != T_TENSOR) {
        diag_fail(S, DIAG_SIGNATURE, "`%s` starts from a number, a tensor or an initialiser, not %s", what,
                  type_name(S, v));
        release(S, v);
        return false;
    }
    if (rank == 0) {
        if (v.tag == T_NUM) {
            *out = v;
            return true;
        }
        diag_fail(S, DIAG_SIGNATURE, "`%s` is a number, its start value is %s", what, type_name(S, v));
        release(S, v);
        return false;
    }
    bool ok = true;
    if (v.tag == T_NUM) {
        if (v.level) {
            ok = op_broadcast_to(S, v, rank, shape, out);
        } else {
            Tensor *t = tensor_full(S, default_float(S), rank, shape, v.n);
            if (t) {
                t->at = vm_here(S);
                *out = val_obj(T_TENSOR, t);
            }
            ok = t != NULL;
        }
    } else {
        Value w = v;
        bool same = v.t->rank == rank;
        for (int k = 0; same && k < rank; k++) same = tensor_shape(v.t)[k] == shape[k];
        if (!keep && v.t->dtype != default_float(S)) ok = op_cast(S, v, default_float(S), &w);
        else retain(w);
        if (ok && same) {
            *out = retain(w);
        } else if (ok) {
            bool fits = v.t->rank <= rank;
            for (int k = 1; fits && k <= v.t->rank; k++) {
                int64_t d = tensor_shape(v.t)[v.t->rank - k];
                fits = d == 1 || d == shape[rank - k];
            }
            if (fits) {
                ok = op_broadcast_to(S, w, rank, shape, out);
            } else {
                Buf b;
                buf_init(&b, S);
                shape_text(&b, rank, shape);
                buf_put(&b, "", 1);
                char got[128];
                ok = diag_fail(S, DIAG_SIGNATURE, "`%s` has the shape %s, its start value %s", what,
                               b.failed ? "?" : b.p, shape_str(v.t, got, sizeof got));
                buf_deinit(&b);
            }
        }
        if (w.o) release(S, w);
    }
    release(S, v);
    return ok;
}

static void put_field(State *S, Model *m, int field, Value v)
{
    Value old = m->field[field];
    m->field[field] = v;
    release(S, old);
    model_mark(m);
}

static bool constraint_holds(State *S, const FieldDef *f, Value v)
{
    double lo = f->constraint & 1 ? f->lo : -INFINITY, hi = f->constraint & 2 ? f->hi : INFINITY;
    if (!f->constraint) return true;
    int64_t n = v.tag == T_TENSOR ? v.t->n : 1;
    if (v.tag == T_TENSOR && !tensor_force(S, v.t)) return false;
    for (int64_t i = 0; i < n; i++) {
        double x = v.tag == T_TENSOR ? tensor_get(v.t, i) : v.n;
        if (x > lo && x < hi) continue;
        char num[40], a[40], b[40];
        num_format(num, x), num_format(a, lo), num_format(b, hi);
        if (f->constraint == 3)
            return diag_fail(S, DIAG_VALUE, "param `%s` lies between %s and %s; it starts at %s", f->name->data, a, b,
                             num);
        return diag_fail(S, DIAG_VALUE, "param `%s` is %s %s; it starts at %s", f->name->data,
                         f->constraint == 1 ? "greater than" : "less than", f->constraint == 1 ? a : b, num);
    }
    return true;
}

bool model_init_param(State *S, Model *m, int field, Value start, Value sizes, bool keep_dtype)
{
    const FieldDef *f = &m->def->fields[field];
    Value v;
    if (!start_value(S, f->name->data, start, sizes, keep_dtype, &v)) return false;
    if (v.tag == T_TENSOR && !dtype_float((DType)v.t->dtype)) {
        diag_fail(S, DIAG_DTYPE, "param `%s` is %s; what is trained is f32 or f64", f->name->data, type_name(S, v));
        release(S, v);
        return false;
    }
    if (v.tag != T_NUM && v.tag != T_TENSOR) {
        diag_fail(S, DIAG_TYPE, "param `%s` is a number or a tensor, not %s", f->name->data, type_name(S, v));
        release(S, v);
        return false;
    }
    if (!constraint_holds(S, f, v)) {
        release(S, v);
        return false;
    }
    put_field(S, m, field, v);
    return true;
}

bool model_init_state(State *S, Model *m, int field, Value start, Value sizes)
{
    Value v;
    if (!start_value(S, m->def->fields[field].name->data, start, sizes, sizes.tag != T_LIST, &v)) return false;
    put_field(S, m, field, v);
    return true;
}

/* ---- signatures ---- */

static void sig_text(Buf *b, const Sig *sig)
{
    if (!sig->has_dims) return;
    buf_puts(b, "[");
    for (int k = 0; k < sig->ndims; k++) {
        if (k) buf_puts(b, ", ");
        const SigDim *d = &sig->dim[k];
        buf_puts(b, d->text ? d->text->data : d->kind == DIM_REST ? "..." : "_");
    }
    buf_puts(b, "]");
}

static bool sig_error(State *S, const Sig *sig, Value v, const char *why)
{
    Buf b;
    buf_init(&b, S);
    sig_text(&b, sig);
    buf_put(&b, "", 1);
    /* an argument is the caller's, a result the function's own */
    diag_set(S, sig->result ? vm_here(S) : vm_caller(S), DIAG_SIGNATURE, "%s%s%s is %s%s%s",
             sig->what ? sig->what->data : "the argument", sig->has_dims ? " " : "", b.failed ? "" : b.p,
             type_name(S, v), why[0] ? ": " : "", why);
    buf_deinit(&b);
    if (v.tag == T_TENSOR && v.t->at.file) {
        char text[200];
        if (op_made_text(S, v.t->at, text, sizeof text)) diag_note(S, v.t->at, "made by %s", text);
    }
    if (sig->at.file) diag_note(S, sig->at, "the signature is here");
    return false;
}

/* Negative codes of Sig.dtype: kinds of value that are no tensor. */
static bool kind_fits(int code, Value v)
{
    switch (code) {
    case -2: return v.tag == T_NUM || batch_number(v);
    case -3: return v.tag == T_STR;
    case -4: return v.tag == T_LIST;
    case -5: return v.tag == T_BOOL || batch_bool(v);
    case -6: return vm_callable(v);
    default: return true;
    }
}

bool sig_check(State *S, const Sig *sig, Value *r, Value v)
{
    if (sig->dtype < -1 && !kind_fits(sig->dtype, v)) return sig_error(S, sig, v, "of another kind");
    if (sig->dtype >= 0) {
        if (v.tag == T_TENSOR ? v.t->dtype != sig->dtype : v.tag != T_NUM || sig->has_dims) {
            char why[48];
            snprintf(why, sizeof why, "the signature says %s", dtype_name[sig->dtype]);
            return sig_error(S, sig, v, why);
        }
    }
    if (!sig->has_dims) return true;
    int rank = v.tag == T_TENSOR ? v.t->rank : 0;
    if (v.tag != T_TENSOR && v.tag != T_NUM && !(v.tag == T_BOOL && sig->ndims == 0))
        return sig_error(S, sig, v, "a tensor is wanted");
    int rest = -1;
    for (int k = 0; k < sig->ndims; k++)
        if (sig->dim[k].kind == DIM_REST) rest = k;
    int fixed = sig->ndims - (rest >= 0);
    if (rank < fixed || (rest < 0 && rank != fixed)) {
        char why[64];
        snprintf(why, sizeof why, "%d ax%s wanted, it has %d", fixed, fixed == 1 ? "is" : "es", rank);
        return sig_error(S, sig, v, why);
    }
    for (int k = 0; k < sig->ndims; k++) {
        const SigDim *d = &sig->dim[k];
        if (k == rest) continue;
        int axis = rest >= 0 && k > rest ? rank - (sig->ndims - k) : k;
        double size = (double)tensor_shape(v.t)[axis];
        if (d->kind == DIM_BIND) {
            Value old = r[d->reg];
            r[d->reg] = val_num(size);
            release(S, old);
        } else if (d->kind == DIM_CHECK) {
            Value want = r[d->reg];
            if (want.tag != T_NUM)
                return diag_fail(S, DIAG_SIGNATURE, "the size `%s` of %s is %s, not a number",
                                 d->text ? d->text->data : "?", sig->what ? sig->what->data : "the argument",
                                 type_name(S, want));
            if (want.n != size) {
                char why[192], num[40];
                num_format(num, want.n);
                if (d->text && strcmp(d->text->data, num) != 0)
                    snprintf(why, sizeof why, "axis %d has size %.0f, but `%.60s` is %s", axis, size, d->text->data,
                             num);
                else snprintf(why, sizeof why, "axis %d has size %.0f, not %s", axis, size, num);
                return sig_error(S, sig, v, why);
            }
        }
    }
    return true;
}
