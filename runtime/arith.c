/* arith.c -- arithmetic, comparison and conversion of any two values, behind the interpreter's fast paths.
**
** Numbers of any derivative level go to the tape's lane, tensors to the operation table, strings join, and
** lists and models go leaf by leaf (LANGUAGE.md 3 and 11, *Trees*): structures must agree; nil op x and x op nil give x;
** of a model only parameters take part, everything else is the left model's.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/op.h"
#include "runtime/optim.h"
#include "runtime/state.h"

static const char *const bin_text[] = {"+", "-", "*", "/", "//", "%", "^", "@", "==", "!=", "<", "<="};
static const OpId bin_op[] = {OPID_add, OPID_sub,    OPID_mul, OPID_div, OPID_floordiv, OPID_mod,
                              OPID_pow, OPID_matmul, OPID_eq,  OPID_ne,  OPID_lt,       OPID_le};
enum { TREE_DEPTH = 2000 };

static bool type_error(State *S, BinOp op, Value a, Value b)
{
    char ta[80];
    snprintf(ta, sizeof ta, "%s", type_name(S, a));
    diag_fail(S, DIAG_TYPE, "`%s` is not defined for %s and %s", bin_text[op], ta, type_name(S, b));
    if ((a.tag == T_STR) != (b.tag == T_STR)) {
        if (op == BIN_ADD) diag_hint(S, "write \"...{x}\", or str(x)");
        else if (a.tag == T_NUM || b.tag == T_NUM) diag_hint(S, "number(s) reads a number from a string");
    } else if (a.tag == T_BOOL || b.tag == T_BOOL) {
        diag_hint(S, "a bool is not a number: b as f64 gives 0 or 1");
    } else if (is_nil(a) || is_nil(b)) {
        diag_hint(S, "a block that ends in a loop, an assignment or an `if` without `else` has the value nil");
    } else if (op == BIN_MATMUL && (a.tag == T_NUM || b.tag == T_NUM)) {
        diag_hint(S, "`@` is the matrix product; scale with `*`");
    }
    return false;
}

static bool container(Value v) { return v.tag == T_LIST || v.tag == T_MODEL; }

static bool num_binary(State *S, BinOp op, Value a, Value b, Value *out)
{
    double x = a.n, y = b.n, r = 0;
    switch (op) {
    case BIN_EQ: *out = val_bool(x == y); return true;
    case BIN_NE: *out = val_bool(x != y); return true;
    case BIN_LT: *out = val_bool(x < y); return true;
    case BIN_LE: *out = val_bool(x <= y); return true;
    case BIN_MATMUL: return type_error(S, op, a, b);
    case BIN_ADD: r = x + y; break;
    case BIN_SUB: r = x - y; break;
    case BIN_MUL: r = x * y; break;
    case BIN_DIV: r = x / y; break;
    case BIN_POW: r = pow(x, y); break;
    case BIN_FDIV: r = floor(x / y); break;
    case BIN_MOD: r = op_table[OPID_mod]->each2(x, y); break;
    }
    if (a.level | b.level) return tape_num2(S, bin_op[op], a, b, out);
    *out = val_num(r);
    return true;
}

static bool tree_binary(State *S, BinOp op, Value a, Value b, bool trained, int depth, Value *out);

static bool list_binary(State *S, BinOp op, const List *a, const List *b, bool trained, int depth, Value *out)
{
    if (a->len != b->len)
        return diag_fail(S, DIAG_STRUCTURE, "`%s` between a list of %lld items and one of %lld", bin_text[op],
                         (long long)a->len, (long long)b->len),
               diag_hint(S, "lists are joined by (...a, ...b)");
    for (int64_t k = 0; k < a->len; k++) {
        Str *na = list_name(a, k), *nb = list_name(b, k);
        if ((na != NULL) != (nb != NULL) || (na && !str_same(na, nb)))
            return diag_fail(S, DIAG_STRUCTURE, "`%s` between lists whose item %lld is `%s` and `%s`", bin_text[op],
                             (long long)k, na ? na->data : "unnamed", nb ? nb->data : "unnamed"),
                   diag_hint(S, "arithmetic goes item by item: same names, same order");
    }
    List *r = list_new(S, a->len);
    if (!r) return false;
    r->names = obj_retain(a->names);
    for (int64_t k = 0; k < a->len; k++) {
        if (!tree_binary(S, op, a->at[k], b->at[k], trained, depth + 1, &r->at[k])) {
            obj_release(S, r);
            return false;
        }
        r->len = k + 1;
    }
    *out = val_obj(T_LIST, r);
    return true;
}

static bool model_binary(State *S, BinOp op, const Model *a, const Model *b, int depth, Value *out)
{
    if (a->def != b->def)
        return diag_fail(S, DIAG_STRUCTURE, "`%s` between models %s and %s", bin_text[op], a->def->name->data,
                         b->def->name->data);
    Model *r = model_new(S, a->def);
    if (!r) return false;
    for (int k = 0; k < a->def->nfields; k++) {
        FieldKind kind = a->def->fields[k].kind;
        Value x = model_get(S, a, k), y = model_get(S, b, k), v;
        bool part = kind == FIELD_LET && (container(x) || container(y));
        if (kind == FIELD_PARAM || part) {
            if (!tree_binary(S, op, x, y, kind == FIELD_PARAM, depth + 1, &v)) {
                obj_release(S, r);
                return false;
            }
        } else {
            v = retain(is_nil(x) ? y : x);
        }
        r->field[k] = v;
    }
    model_mark(r);
    *out = val_obj(T_MODEL, r);
    return true;
}

/* Two trees: nil op x and x op nil are x, of what is not trained the left one stays. */
static bool tree_binary(State *S, BinOp op, Value a, Value b, bool trained, int depth, Value *out)
{
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (is_nil(a) || is_nil(b)) {
        *out = retain(is_nil(a) ? b : a);
        return true;
    }
    if (container(a) || container(b)) {
        if (a.tag != b.tag)
            return diag_fail(S, DIAG_STRUCTURE, "`%s` between trees that differ: %s beside %s", bin_text[op],
                             type_name(S, a), type_name(S, b));
        return a.tag == T_LIST ? list_binary(S, op, a.l, b.l, trained, depth, out)
                               : model_binary(S, op, a.m, b.m, depth, out);
    }
    if (!trained) {
        *out = retain(a);
        return true;
    }
    return value_binary(S, op, a, b, out);
}

/* t op x, or x op t (left), of a number x: it meets every leaf of the tree t; nil leaves give nil. */
static bool scale_tree(State *S, BinOp op, Value t, Value x, bool left, bool trained, int depth, Value *out)
{
    if (depth > TREE_DEPTH) return diag_fail(S, DIAG_DEPTH, "the tree is nested more than %d deep", TREE_DEPTH);
    if (is_nil(t)) {
        *out = NIL;
        return true;
    }
    if (t.tag == T_LIST) {
        List *r = list_new(S, t.l->len);
        if (!r) return false;
        r->names = obj_retain(t.l->names);
        for (int64_t k = 0; k < t.l->len; k++) {
            if (!scale_tree(S, op, t.l->at[k], x, left, trained, depth + 1, &r->at[k])) {
                obj_release(S, r);
                return false;
            }
            r->len = k + 1;
        }
        *out = val_obj(T_LIST, r);
        return true;
    }
    if (t.tag == T_MODEL) {
        Model *r = model_new(S, t.m->def);
        if (!r) return false;
        for (int k = 0; k < t.m->def->nfields; k++) {
            Value part = model_get(S, t.m, k), v;
            FieldKind kind = t.m->def->fields[k].kind;
            if (kind == FIELD_PARAM || (kind == FIELD_LET && container(part))) {
                if (!scale_tree(S, op, part, x, left, kind == FIELD_PARAM, depth + 1, &v)) {
                    obj_release(S, r);
                    return false;
                }
            } else {
                v = retain(part);
            }
            r->field[k] = v;
        }
        model_mark(r);
        *out = val_obj(T_MODEL, r);
        return true;
    }
    if (!trained) {
        *out = retain(t);
        return true;
    }
    return left ? value_binary(S, op, x, t, out) : value_binary(S, op, t, x, out);
}

static bool str_compare(BinOp op, const Str *a, const Str *b)
{
    size_t n = a->len < b->len ? a->len : b->len;
    int c = memcmp(a->data, b->data, n);
    if (c == 0) c = a->len < b->len ? -1 : a->len > b->len;
    return op == BIN_LT ? c < 0 : c <= 0;
}

bool value_binary(State *S, BinOp op, Value a, Value b, Value *out)
{
    *out = NIL;
    if (a.tag == T_NUM && b.tag == T_NUM) return num_binary(S, op, a, b, out);
    bool ta = a.tag == T_TENSOR, tb = b.tag == T_TENSOR;
    if (ta || tb) {
        Value x[2] = {a, b};
        if (x[0].tag == T_BOOL && b.t->rank) x[0] = val_num(a.b); /* a bool counts as 0 and 1 beside a tensor */
        if (x[1].tag == T_BOOL && a.t->rank) x[1] = val_num(b.b);
        if ((ta || x[0].tag == T_NUM) && (tb || x[1].tag == T_NUM)) {
            if (op == BIN_MATMUL && !(ta && tb)) return type_error(S, op, a, b);
            return op_apply(S, bin_op[op], x, 2, NULL, 0, out);
        }
    }
    if (op == BIN_EQ || op == BIN_NE) {
        bool eq;
        if (!value_equal(S, a, b, &eq)) return false;
        *out = val_bool(eq == (op == BIN_EQ));
        return true;
    }
    if (a.tag == T_STR && b.tag == T_STR) {
        if (op == BIN_LT || op == BIN_LE) {
            *out = val_bool(str_compare(op, a.s, b.s));
            return true;
        }
        if (op == BIN_ADD) {
            Str *s;
            a.s->obj.rc++;
            if (!str_append_take(S, a.s, b.s, &s)) return false;
            *out = val_obj(T_STR, s);
            return true;
        }
    }
    if ((container(a) || container(b)) && op <= BIN_POW) {
        if (a.tag == T_NUM) return scale_tree(S, op, b, a, true, true, 0, out);
        if (b.tag == T_NUM) return scale_tree(S, op, a, b, false, true, 0, out);
        if (container(a) && container(b)) return tree_binary(S, op, a, b, true, 0, out);
        if (is_nil(a) || is_nil(b)) return tree_binary(S, op, a, b, true, 0, out);
    }
    return type_error(S, op, a, b);
}

bool value_binary_take(State *S, BinOp op, Value a, Value b, Value *out)
{
    if (a.tag == T_STR && b.tag == T_STR && op == BIN_ADD) {
        Str *s;
        *out = NIL;
        if (!str_append_take(S, a.s, b.s, &s)) return false;
        *out = val_obj(T_STR, s);
        return true;
    }
    bool ok = value_binary(S, op, a, b, out);
    release(S, a);
    return ok;
}

typedef struct OpTree {
    int op;
} OpTree;
static bool op_leaf(State *S, void *ud, Value leaf, Value *out)
{
    int op = ((OpTree *)ud)->op;
    if (is_nil(leaf)) {
        *out = NIL;
        return true;
    }
    if (leaf.tag != T_NUM && leaf.tag != T_TENSOR)
        return diag_fail(S, DIAG_TYPE, "%s is not defined for %s", op_table[op]->name, type_name(S, leaf));
    return op_apply(S, (OpId)op, &leaf, 1, NULL, 0, out);
}

bool value_op_tree(State *S, int op, const Value *x, int n, Value *out)
{
    OpTree ud = {op};
    *out = NIL;
    if (n == 1 && (x[0].tag == T_LIST || x[0].tag == T_MODEL)) return tree_map(S, x[0], op_leaf, &ud, out);
    return diag_fail(S, DIAG_TYPE, "%s takes a number or a tensor, not %s", op_table[op]->name, type_name(S, x[0]));
}

bool value_neg(State *S, Value a, Value *out)
{
    *out = NIL;
    if (a.tag == T_NUM && a.level) return tape_num1(S, OPID_neg, a, out);
    if (a.tag == T_NUM) {
        *out = val_num(-a.n);
        return true;
    }
    if (a.tag == T_TENSOR) return op1(S, OPID_neg, a, out);
    if (container(a)) return scale_tree(S, BIN_MUL, a, val_num(-1), true, true, 0, out);
    return diag_fail(S, DIAG_TYPE, "`-` is not defined for %s", type_name(S, a));
}

bool value_transpose(State *S, Value a, Value *out)
{
    *out = NIL;
    if (a.tag != T_TENSOR) {
        diag_fail(S, DIAG_TYPE, "`'` transposes a tensor or differentiates a function, not %s", type_name(S, a));
        return false;
    }
    if (a.t->rank < 2) {
        diag_fail(S, DIAG_SHAPE, "`'` swaps the last two axes, %s has one", type_name(S, a));
        diag_hint(S, "v[:, new] is a column, v[new, :] a row");
        return false;
    }
    return op_swapaxes(S, a, -2, -1, out);
}

bool value_as(State *S, Value a, const Str *type, Value *out)
{
    *out = NIL;
    int dt = dtype_by_name(type->data, type->len);
    if (dt < 0) {
        diag_fail(S, DIAG_CONVERT, "no element type `%s`", type->data);
        diag_hint(S, "the types are f64 f32 i64 i32 u8 bool");
        return false;
    }
    if (a.tag == T_TENSOR) return op_cast(S, a, (DType)dt, out);
    if (a.tag == T_BOOL) {
        *out = dt == DT_BOOL ? a : val_num(a.b);
        return true;
    }
    if (a.tag != T_NUM) {
        diag_fail(S, DIAG_CONVERT, "%s cannot be converted to %s", type_name(S, a), type->data);
        if (a.tag == T_STR) diag_hint(S, "number(s) reads a number from a string");
        return false;
    }
    double x = a.n, lo = 0, hi = 0;
    switch ((DType)dt) {
    case DT_F64: *out = a; return true;
    case DT_F32:
        *out = a; /* a derivative passes through the rounding */
        out->n = (double)(float)x;
        return true;
    case DT_BOOL: *out = val_bool(x != 0); return true;
    case DT_I64: lo = -0x1p63, hi = 0x1p63; break;
    case DT_I32: lo = -0x1p31, hi = 0x1p31; break;
    case DT_U8: lo = 0, hi = 256; break;
    case DT_COUNT: break;
    }
    double t = trunc(x);
    if (!(t >= lo && t < hi)) {
        char num[40];
        num_format(num, x);
        return diag_fail(S, DIAG_CONVERT, "%s does not fit in %s", num, type->data);
    }
    *out = val_num(t);
    return true;
}

/* ---- iteration ---- */

bool value_iter(State *S, Value x, Value *it)
{
    switch (x.tag) {
    case T_LIST:
    case T_RANGE: *it = retain(x); return true;
    case T_TENSOR:
        if (x.t->rank > 0) {
            *it = retain(x);
            return true;
        }
        break;
    case T_SOURCE: {
        Stream *s;
        if (!x.src->def->open(S, x.src, &s)) return false;
        *it = val_obj(T_SOURCE, s);
        return true;
    }
    default: break;
    }
    diag_fail(S, DIAG_TYPE, "%s cannot be iterated", type_name(S, x));
    if (x.tag == T_NUM) diag_hint(S, "write 0..n");
    if (x.tag == T_STR) diag_hint(S, "chars(s) gives its characters, lines(path) the lines of a file");
    return false;
}

bool value_next(State *S, Value it, double *pos, Value *item, bool *done)
{
    int64_t k = (int64_t)*pos;
    *done = false;
    switch (it.tag) {
    case T_LIST:
        if (k >= it.l->len) break;
        *item = retain(it.l->at[k]);
        *pos = (double)(k + 1);
        return true;
    case T_RANGE:
        if (k >= range_len(it.r)) break;
        *item = val_num(it.r->lo + (double)k);
        *pos = (double)(k + 1);
        return true;
    case T_TENSOR: {
        if (k >= tensor_shape(it.t)[0]) break;
        Value idx = val_num((double)k);
        if (!value_index(S, it, &idx, 1, item)) return false;
        *pos = (double)(k + 1);
        return true;
    }
    case T_SOURCE: return it.src->def->next(S, it.src, item, done);
    default: break;
    }
    *done = true;
    return true;
}

/* ---- fields ---- */

static bool bound_method(Call *c)
{
    Value f = c->self->cap[0], m = c->self->cap[1];
    const List *rest = c->arg[0].l;
    Value args[17];
    if (rest->names) return diag_fail(c->S, DIAG_ARGNAME, "a method taken from a model gets its arguments by position");
    if (rest->len > 16) return diag_fail(c->S, DIAG_ARGS, "a method takes at most 16 arguments this way");
    args[0] = m;
    for (int64_t i = 0; i < rest->len; i++) args[i + 1] = rest->at[i];
    return vm_call_method(c->S, f.f->proto, args, (int)rest->len + 1, c->out);
}
static const Builtin bound_method_def = {"method", "method(...args)", "A method taken from a model.", bound_method,
                                         -1,       "arith.c"};

static bool no_member(State *S, Value x, const Str *name, const char *const *cand, size_t n)
{
    diag_fail(S, DIAG_MEMBER, "%s has no `%s`", type_name(S, x), name->data);
    const char *near = diag_nearest(name->data, cand, n);
    if (near) return diag_hint(S, "did you mean `%s`?", near);
    Value f;
    if (builtin_find(S, name->data, &f)) {
        release(S, f);
        return diag_hint(S, "call it: x.%s(), which is %s(x)", name->data, name->data);
    }
    if (x.tag == T_TENSOR && !strcmp(name->data, "T")) return diag_hint(S, "A' swaps the last two axes");
    const char *fn[512]; /* x.summ(): a function with x first */
    size_t nfn = 0;
    for (size_t i = 0; i < builtin_count() && nfn < 512; i++)
        if (builtin_at(i) && builtin_at(i)->name[0] != '_') fn[nfn++] = builtin_at(i)->name;
    near = diag_nearest(name->data, fn, nfn);
    if (near && strlen(name->data) > 3 && (!n || x.tag == T_TENSOR))
        return diag_hint(S, "did you mean the function `%s`?", near);
    if (!n || n > 8) return false;
    Buf b;
    buf_init(&b, S);
    for (size_t i = 0; i < n; i++) buf_printf(&b, "%s%s", i ? ", " : "", cand[i]);
    buf_put(&b, "", 1);
    if (!b.failed) diag_hint(S, "it has %s", b.p);
    buf_deinit(&b);
    return false;
}

static bool shape_list(State *S, const Tensor *t, Value *out)
{
    List *l = list_new(S, t->rank);
    if (!l) return false;
    for (int k = 0; k < t->rank; k++) l->at[k] = val_num((double)tensor_shape(t)[k]);
    l->len = t->rank;
    *out = val_obj(T_LIST, l);
    return true;
}

bool value_field(State *S, Value x, Str *name, Value *out)
{
    const char *cand[128];
    size_t nc = 0;
    *out = NIL;
    switch (x.tag) {
    case T_LIST: {
        int64_t k = list_find(x.l, name);
        if (k >= 0) {
            *out = retain(x.l->at[k]);
            return true;
        }
        for (int64_t j = 0; j < x.l->len && nc < 128; j++)
            if (list_name(x.l, j)) cand[nc++] = list_name(x.l, j)->data;
        break;
    }
    case T_MODEL: {
        ModelDef *d = x.m->def;
        int k = model_field(d, name);
        if (k >= 0) {
            *out = retain(model_get(S, x.m, k));
            return true;
        }
        k = model_method(d, name);
        if (k >= 0) {
            Closure *f = closure_new(S, d->methods[k].proto, NULL, 0);
            if (!f) return false;
            Value caps[2] = {val_obj(T_FN, f), x};
            *out = builtin_closure(S, &bound_method_def, caps, 2);
            obj_release(S, f);
            return !is_nil(*out);
        }
        for (int j = 0; j < d->nfields && nc < 128; j++) cand[nc++] = d->fields[j].name->data;
        for (int j = 0; j < d->nmethods && nc < 128; j++) cand[nc++] = d->methods[j].name->data;
        break;
    }
    case T_MODULE: {
        int k = module_find(x.mod, name);
        if (k >= 0 && x.mod->g[k].kind != GLOBAL_USE) {
            *out = retain(x.mod->g[k].value);
            if (out->tag == T_UNSET) {
                *out = NIL;
                return diag_fail(S, DIAG_UNSET, "`%s` of module %s is read before its line has run", name->data,
                                 x.mod->name->data);
            }
            return true;
        }
        for (size_t j = 0; j < x.mod->ng && nc < 128; j++) cand[nc++] = x.mod->g[j].name->data;
        diag_fail(S, DIAG_MEMBER, "module %s has no `%s`", x.mod->name->data, name->data);
        const char *near = diag_nearest(name->data, cand, nc);
        if (near) diag_hint(S, "did you mean `%s`?", near);
        return false;
    }
    case T_TENSOR:
        if (is_batch(x) && x.t->rank == 0) return batch_forced(S);
        if (!strcmp(name->data, "shape")) return shape_list(S, x.t, out);
        if (!strcmp(name->data, "rank")) {
            *out = val_num(x.t->rank);
            return true;
        }
        if (!strcmp(name->data, "size")) {
            *out = val_num((double)x.t->n);
            return true;
        }
        if (!strcmp(name->data, "dtype")) {
            *out = val_str(S, dtype_name[x.t->dtype], strlen(dtype_name[x.t->dtype]));
            return !is_nil(*out);
        }
        cand[nc++] = "shape", cand[nc++] = "rank", cand[nc++] = "size", cand[nc++] = "dtype";
        break;
    case T_NUM:
        if (!strcmp(name->data, "shape")) {
            List *l = list_new(S, 0);
            if (!l) return false;
            *out = val_obj(T_LIST, l);
            return true;
        }
        break;
    case T_OPT: {
        int64_t k = x.opt->conf ? list_find(x.opt->conf, name) : -1;
        if (k >= 0) {
            *out = retain(x.opt->conf->at[k]);
            return true;
        }
        break;
    }
    default: break;
    }
    return no_member(S, x, name, cand, nc);
}

/* ---- errors as values ---- */

bool error_value(State *S, Value *out)
{
    Diag *d = diag_take(S);
    if (!d) return false;
    char code[16];
    int line = 0, col = 0;
    snprintf(code, sizeof code, "E%04d", diag_info[d->code].number);
    const Source *src = source_get(S, d->at.file);
    if (src) source_where(S, d->at, &line, &col);
    const char *file = src ? src->name : "";
    static const char *const names[] = {"message", "code", "file", "line"};
    List *l = list_new(S, 4);
    bool ok = l != NULL;
    Value item[4] = {NIL, NIL, NIL, NIL};
    if (ok) {
        item[0] = val_str(S, d->message ? d->message : "", d->message ? strlen(d->message) : 0);
        item[1] = val_str(S, code, strlen(code));
        item[2] = val_str(S, file, strlen(file));
        item[3] = val_num(line);
        ok = !is_nil(item[0]) && !is_nil(item[1]) && !is_nil(item[2]);
    }
    for (int k = 0; k < 4; k++) {
        Str *name = ok ? str_intern(S, names[k], strlen(names[k])) : NULL;
        if (!name) {
            ok = false;
            release(S, item[k]);
        } else {
            ok = list_push_take(S, l, name, item[k]) && ok;
            obj_release(S, name);
        }
    }
    if (!ok) {
        obj_release(S, l);
        diag_clear(S);
        diag_put(S, d);
        return false;
    }
    diag_free(S, d);
    *out = val_obj(T_LIST, l);
    return true;
}

static const char *item_text(const List *l, const char *name)
{
    for (int64_t k = 0; k < l->len; k++) {
        Str *s = list_name(l, k);
        if (s && !strcmp(s->data, name) && l->at[k].tag == T_STR) return l->at[k].s->data;
    }
    return NULL;
}

bool error_raise(State *S, Value e)
{
    if (e.tag == T_STR) return diag_fail(S, DIAG_RAISED, "%s", e.s->data);
    if (e.tag == T_LIST) {
        const char *msg = item_text(e.l, "message"), *code = item_text(e.l, "code");
        const char *file = item_text(e.l, "file");
        double line = 0;
        for (int64_t k = 0; k < e.l->len; k++) {
            Str *s = list_name(e.l, k);
            if (s && !strcmp(s->data, "line") && e.l->at[k].tag == T_NUM) line = e.l->at[k].n;
        }
        DiagCode c = code && code[0] == 'E' ? diag_by_number(atoi(code + 1)) : DIAG_OK;
        Span at = SPAN_NONE;
        for (size_t k = 0; file && line >= 1 && k < S->nsources && !at.file; k++) {
            const Source *s = &S->sources[k];
            if (strcmp(s->name, file) != 0) continue;
            size_t off = 0;
            for (double n = 1; n < line && off < s->len; off++)
                if (s->text[off] == '\n') n++;
            at = (Span){(uint32_t)k + 1, (uint32_t)off, 0};
            while (s->text[at.off + at.len] && s->text[at.off + at.len] != '\n') at.len++;
        }
        if (msg) return diag_set(S, at.file ? at : vm_here(S), c == DIAG_OK ? DIAG_RAISED : c, "%s", msg);
    }
    Buf b;
    buf_init(&b, S);
    if (value_show(S, &b, e, false)) diag_fail(S, DIAG_RAISED, "%.*s", (int)b.len, b.p ? b.p : "");
    buf_deinit(&b);
    return false;
}
