/* expr.c -- expressions to instructions.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "lang/gen.h"
#include "runtime/builtin.h"

static bool writes(const Ast *a) { return a && a->mark & MARK_WRITES; }

/* ---- names ---- */

void load_ref(Gen *G, Ref r, Str *name, uint32_t dst)
{
    Value v;
    switch (r.kind) {
    case REF_LOCAL:
        if (r.var && r.var->reg != dst) emit(G, OP_MOVE, 0, dst, r.var->reg, 0);
        return;
    case REF_CAPTURE: emit(G, OP_GETCAP, 0, dst, r.slot, 0); return;
    case REF_GLOBAL: {
        uint32_t reg = promoted_reg(G, r.slot);
        if (reg == NO_REG) emitj(G, OP_GETG, 0, dst, (int32_t)r.slot);
        else if (reg != dst) emit(G, OP_MOVE, 0, dst, reg, 0);
        return;
    }
    case REF_FIELD: emit(G, OP_SELFGET, 0, dst, r.slot, 0); return;
    case REF_METHOD: emit(G, OP_FIELD, 0, dst, 0, const_str(G, name)); return;
    case REF_METHOD_OF:
        emit(G, OP_GETCAP, 0, dst, r.slot, 0);
        emit(G, OP_FIELD, 0, dst, dst, const_str(G, name));
        return;
    case REF_SELF: emit(G, OP_MOVE, 0, dst, 0, 0); return;
    case REF_SELFFN: emit(G, OP_SELFFN, 0, dst, 0, 0); return;
    case REF_BUILTIN:
        if (!builtin_find(G->S, name->data, &v)) {
            out_of_memory(G);
            return;
        }
        if (is_num(v)) {
            load_num(G, dst, v.n);
            return;
        }
        for (int32_t i = G->p->nk; i > 0 && i > G->p->nk - 200; i--)
            if (G->p->k[i - 1].hdr == v.hdr && G->p->k[i - 1].o == v.o) {
                release(G->S, v);
                emitj(G, OP_LOADK, 0, dst, i - 1);
                return;
            }
        emitj(G, OP_LOADK, 0, dst, (int32_t)const_value(G, v));
        return;
    case REF_NONE: break;
    }
    emit(G, OP_LOADNIL, 0, dst, 0, 0);
}

void closure_to(Gen *G, Func *f, uint32_t proto, uint32_t dst)
{
    uint32_t mark = G->top, base = reg_new(G, (uint32_t)f->ncap);
    for (size_t i = 0; i < f->ncap; i++) load_ref(G, f->cap[i].from, f->cap[i].name, base + (uint32_t)i);
    emit(G, OP_CLOSURE, 0, dst, proto, base);
    G->top = mark;
}

/* ---- constants ---- */

bool ex_constant(const Ast *a, double *out)
{
    double x, y;
    if (a->kind == AST_NUMBER) {
        *out = a->num;
        return true;
    }
    if (a->kind == AST_NEG) {
        if (!ex_constant(a->kid[0], &x)) return false;
        *out = -x;
        return true;
    }
    if (a->kind != AST_BINARY || !(a->mark & MARK_CONSTANT)) return false;
    if (!ex_constant(a->kid[0], &x) || !ex_constant(a->kid[1], &y)) return false;
    switch (a->op) {
    case AOP_ADD: *out = x + y; return true;
    case AOP_SUB: *out = x - y; return true;
    case AOP_MUL: *out = x * y; return true;
    case AOP_DIV: *out = x / y; return true;
    }
    return false;
}

bool ex_constant_k(Gen *G, const Ast *a, uint32_t *k)
{
    double x;
    if (!ex_constant(a, &x)) return false;
    *k = const_num(G, x);
    return *k <= UINT16_MAX;
}

/* A tensor literal of numbers: its shape, when it is regular. */
static bool literal_shape(const Ast *a, int *rank, int64_t *shape)
{
    double x;
    if (a->kind == AST_NUMBERS) {
        *rank = 1;
        shape[0] = a->slot;
        return true;
    }
    if (a->kind != AST_TENSOR || !a->n) return false;
    int64_t inner[RANK_MAX];
    int r = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        int64_t s[RANK_MAX];
        int n = 0;
        if (!ex_constant(a->kid[i], &x) && !literal_shape(a->kid[i], &n, s)) return false;
        if (n >= RANK_MAX || (i && (n != r || memcmp(s, inner, (size_t)n * sizeof *s)))) return false;
        if (!i) {
            r = n;
            memcpy(inner, s, (size_t)n * sizeof *s);
        }
    }
    *rank = r + 1;
    shape[0] = a->n;
    memcpy(shape + 1, inner, (size_t)r * sizeof *shape);
    return true;
}

static void literal_fill(const Ast *a, Tensor *t, int64_t *at)
{
    double x;
    if (a->kind == AST_NUMBERS)
        for (uint32_t i = 0; i < a->slot; i++) tensor_put(t, (*at)++, a->nums[i]);
    else if (ex_constant(a, &x)) tensor_put(t, (*at)++, x);
    else
        for (uint32_t i = 0; i < a->n; i++) literal_fill(a->kid[i], t, at);
}

static bool literal_tensor_to(Gen *G, const Ast *a, uint32_t dst)
{
    int rank = 0;
    int64_t shape[RANK_MAX], at = 0;
    if (!literal_shape(a, &rank, shape)) return false;
    Tensor *t = tensor_new(G->S, default_float(G->S), rank, shape);
    if (!t) {
        out_of_memory(G);
        return true;
    }
    t->at = a->at;
    literal_fill(a, t, &at);
    emitj(G, OP_LOADK, 0, dst, (int32_t)const_value(G, val_obj(T_TENSOR, t)));
    return true;
}

/* ---- operands ---- */

uint32_t ex_operand(Gen *G, const Ast *a, const Ast *later)
{
    bool var;
    uint32_t reg = name_reg(G, a, &var);
    if (reg != NO_REG && (!var || !writes(later))) return reg;
    if (a->kind == AST_NAME && ref_kind(a) == REF_SELF) return 0;
    return ex_any(G, a);
}

static const struct {
    uint8_t op, k, rk;
} arith[AOP_COUNT] = {[AOP_ADD] = {OP_ADD, OP_ADDK, OP_ADDK},
                      [AOP_SUB] = {OP_SUB, OP_SUBK, OP_KSUB},
                      [AOP_MUL] = {OP_MUL, OP_MULK, OP_MULK},
                      [AOP_DIV] = {OP_DIV, OP_DIVK, OP_KDIV},
                      [AOP_FLOORDIV] = {OP_FDIV, 0, 0},
                      [AOP_MOD] = {OP_MOD, 0, 0},
                      [AOP_MATMUL] = {OP_MATMUL, 0, 0},
                      [AOP_POW] = {OP_POW, OP_POWK, 0},
                      [AOP_EQ] = {OP_EQ, 0, 0},
                      [AOP_NE] = {OP_NE, 0, 0},
                      [AOP_LT] = {OP_LT, 0, 0},
                      [AOP_LE] = {OP_LE, 0, 0},
                      [AOP_GT] = {OP_LT, 0, 0},
                      [AOP_GE] = {OP_LE, 0, 0}};

/* A register for a result whose operands (temporaries from `mark` on) are read by the instruction that makes it. */
static uint32_t result_reg(Gen *G, uint32_t mark, uint32_t want)
{
    G->top = mark;
    return want == NO_REG ? reg_new(G, 1) : want;
}

static uint32_t binary(Gen *G, const Ast *a, uint32_t want)
{
    double k;
    uint32_t mark = G->top, c;
    const Ast *x = a->kid[0], *y = a->kid[1];
    Span at = a->name_at.file ? a->name_at : a->at;
    if (ex_constant(a, &k)) {
        uint32_t dst = result_reg(G, mark, want);
        load_num(G, dst, k);
        return dst;
    }
    bool right = arith[a->op].k && ex_constant_k(G, y, &c);
    if (right || (arith[a->op].rk && ex_constant_k(G, x, &c))) {
        uint32_t r = ex_operand(G, right ? x : y, NULL);
        uint32_t dst = result_reg(G, mark, want);
        G->at = at;
        emit(G, right ? arith[a->op].k : arith[a->op].rk, 0, dst, r, c);
        return dst;
    }
    uint32_t l = ex_operand(G, x, y), r = ex_operand(G, y, NULL);
    uint32_t dst = result_reg(G, mark, want);
    bool swap = a->op == AOP_GT || a->op == AOP_GE;
    G->at = at;
    emit(G, arith[a->op].op, 0, dst, swap ? r : l, swap ? l : r);
    return dst;
}

uint32_t ex_comparison(Gen *G, const Ast *a, uint32_t *left, uint32_t *right)
{
    double k;
    if (a->kind != AST_BINARY || a->op < AOP_EQ || a->op > AOP_GE || ex_constant(a, &k)) return NO_REG;
    *left = ex_operand(G, a->kid[0], a->kid[1]);
    *right = ex_operand(G, a->kid[1], NULL);
    uint32_t dst = reg_new(G, 1);
    bool swap = a->op == AOP_GT || a->op == AOP_GE;
    G->at = a->name_at.file ? a->name_at : a->at;
    emit(G, arith[a->op].op, 0, dst, swap ? *right : *left, swap ? *left : *right);
    return dst;
}

/* ---- indexing ---- */

static void index_item_to(Gen *G, const Ast *a, uint32_t dst)
{
    switch (a->kind) {
    case AST_ELLIPSIS: emit(G, OP_MARK, 0, dst, MARK_REST, 0); return;
    case AST_NEW: emit(G, OP_MARK, 0, dst, MARK_NEW, 0); return;
    case AST_SLICE: {
        if (!a->kid[0] && !a->kid[1] && !a->kid[2]) {
            emit(G, OP_MARK, 0, dst, MARK_ALL, 0);
            return;
        }
        uint32_t mark = G->top, t = reg_new(G, 3);
        for (uint32_t i = 0; i < 3; i++) {
            if (a->kid[i]) ex_to(G, a->kid[i], t + i);
            else emit(G, OP_LOADNIL, 0, t + i, 0, 0);
        }
        G->at = a->at;
        emit(G, OP_SLICE, 0, dst, t, 0);
        G->top = mark;
        return;
    }
    default: ex_to(G, a, dst); return;
    }
}

void indices_to(Gen *G, Ast *const *item, uint32_t n, uint32_t first)
{
    for (uint32_t i = 0; i < n; i++) index_item_to(G, item[i], first + i);
}

static uint32_t indexing(Gen *G, const Ast *a, uint32_t want)
{
    uint32_t mark = G->top, n = a->n - 1;
    const Ast *x = a->kid[0];
    bool later = false;
    for (uint32_t i = 1; i < a->n; i++) later |= writes(a->kid[i]);
    bool var;
    uint32_t reg = name_reg(G, x, &var);
    bool in_place = reg != NO_REG && (!var || !later);
    bool plain = n == 1 && a->kid[1]->kind != AST_SLICE && a->kid[1]->kind != AST_ELLIPSIS && a->kid[1]->kind != AST_NEW;
    if (plain) {
        uint32_t b = ex_operand(G, x, a->kid[1]), c = ex_operand(G, a->kid[1], NULL);
        uint32_t dst = result_reg(G, mark, want);
        G->at = a->at;
        emit(G, OP_INDEX1, 0, dst, b, c);
        return dst;
    }
    uint32_t base = reg_new(G, n + 1);
    if (!in_place) ex_to(G, x, base);
    indices_to(G, a->kid + 1, n, base + 1);
    uint32_t dst = result_reg(G, mark, want);
    G->at = a->at;
    emit(G, OP_INDEX, in_place ? 4 : 0, dst, base, n);
    emit_ext(G, in_place ? reg : 0, 0, 0);
    return dst;
}

/* Operations of one instruction: the result goes where `want` says, or into a new temporary. */
static bool is_simple(const Ast *a)
{
    switch (a->kind) {
    case AST_BINARY:
    case AST_NEG:
    case AST_NOT:
    case AST_AS:
    case AST_PRIME:
    case AST_INDEX:
    case AST_DOT:
    case AST_RANGE: return true;
    }
    return false;
}

static uint32_t simple(Gen *G, const Ast *a, uint32_t want)
{
    uint32_t mark = G->top, dst;
    double k;
    if (a->kind == AST_BINARY) return binary(G, a, want);
    if (a->kind == AST_INDEX) return indexing(G, a, want);
    if (a->kind == AST_NEG && ex_constant(a, &k)) {
        dst = result_reg(G, mark, want);
        load_num(G, dst, k);
        return dst;
    }
    uint32_t b = ex_operand(G, a->kid[0], a->kind == AST_RANGE ? a->kid[1] : NULL), c;
    switch (a->kind) {
    case AST_RANGE:
        c = ex_operand(G, a->kid[1], NULL);
        dst = result_reg(G, mark, want);
        G->at = a->at;
        emit(G, OP_RANGE, a->flags & AST_INCLUSIVE ? 4 : 0, dst, b, c);
        return dst;
    case AST_DOT:
        c = const_str(G, a->name);
        dst = result_reg(G, mark, want);
        G->at = a->name_at;
        emit(G, OP_FIELD, 0, dst, b, c);
        return dst;
    case AST_AS:
        c = const_str(G, a->name);
        dst = result_reg(G, mark, want);
        G->at = a->at;
        emit(G, OP_AS, 0, dst, b, c);
        return dst;
    }
    dst = result_reg(G, mark, want);
    G->at = a->at;
    emit(G, a->kind == AST_NEG ? OP_NEG : a->kind == AST_NOT ? OP_NOT : OP_PRIME, 0, dst, b, 0);
    return dst;
}

uint32_t ex_any(Gen *G, const Ast *a)
{
    bool var;
    uint32_t reg = name_reg(G, a, &var);
    if (reg != NO_REG && !var) return reg;
    if (is_simple(a)) return simple(G, a, NO_REG);
    uint32_t r = reg_new(G, 1);
    ex_to(G, a, r);
    return r;
}

/* ---- strings, lists, tensors ---- */

static bool is_empty(const Ast *part) { return part->kind == AST_STRING && !part->str->len; }

static const Str *hole_format(const Ast *part)
{
    return part->kind == AST_HOLE && part->str && part->str->len ? part->str : NULL;
}

static void interp_to(Gen *G, const Ast *a, uint32_t dst)
{
    State *S = G->S;
    uint32_t mark = G->top, n = 0;
    bool formats = false;
    for (uint32_t i = 0; i < a->n; i++) {
        n += !is_empty(a->kid[i]);
        formats |= hole_format(a->kid[i]) != NULL;
    }
    List *spec = formats ? list_new(S, n) : NULL;
    if (formats && !spec) out_of_memory(G);
    uint32_t base = reg_new(G, n), r = base;
    for (uint32_t i = 0; i < a->n; i++) {
        const Ast *part = a->kid[i];
        if (is_empty(part)) continue;
        if (part->kind == AST_HOLE) ex_to(G, part->kid[0], r++);
        else emitj(G, OP_LOADK, 0, r++, (int32_t)const_str(G, part->str));
        if (!spec) continue;
        Value v = hole_format(part) ? val_obj(T_STR, obj_retain(part->str)) : NIL;
        if (!list_push_take(S, spec, NULL, v)) out_of_memory(G);
    }
    G->at = a->at;
    emit(G, OP_INTERP, 0, dst, base, n);
    emit_extj(G, spec ? (int32_t)const_value(G, val_obj(T_LIST, spec)) : -1);
    G->top = mark;
}

static bool plain_items(const Ast *a)
{
    if (a->n > RUN_MAX) return false;
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->kid[i]->kind == AST_SPREAD) return false;
        for (uint32_t k = 0; k < i && a->kid[i]->kind == AST_NAMED; k++)
            if (a->kid[k]->kind == AST_NAMED && a->kid[k]->name == a->kid[i]->name) return false;
    }
    return true;
}

static int32_t item_names(Gen *G, const Ast *a)
{
    Str *name[RUN_MAX];
    bool any = false;
    for (uint32_t i = 0; i < a->n; i++) {
        name[i] = a->kid[i]->kind == AST_NAMED ? a->kid[i]->name : NULL;
        any |= name[i] != NULL;
    }
    if (!any) return -1;
    Names *names = names_new(G->S, (int)a->n, name);
    if (!names) {
        out_of_memory(G);
        return -1;
    }
    return (int32_t)const_value(G, val_obj(T_NAMES, names));
}

static const Ast *item_value(const Ast *a) { return a->kind == AST_NAMED || a->kind == AST_SPREAD ? a->kid[0] : a; }

static void list_to(Gen *G, const Ast *a, uint32_t dst)
{
    uint32_t mark = G->top;
    if (plain_items(a)) {
        uint32_t base = reg_new(G, a->n);
        for (uint32_t i = 0; i < a->n; i++) ex_to(G, item_value(a->kid[i]), base + i);
        G->at = a->at;
        emit(G, OP_LIST, 0, dst, base, a->n);
        emit_extj(G, item_names(G, a));
        G->top = mark;
        return;
    }
    bool spread = a->kid[0]->kind == AST_SPREAD;
    if (!spread) {
        emit(G, OP_LIST, 0, dst, 0, 0);
        emit_extj(G, -1);
    }
    for (uint32_t i = 0; i < a->n; i++) {
        const Ast *item = a->kid[i];
        uint32_t r = ex_operand(G, item_value(item), NULL);
        G->at = item->at;
        if (item->kind == AST_SPREAD) {
            emit(G, OP_SPREAD, i ? 0 : 4, dst, r, 0);
        } else {
            emit(G, OP_PUSH, 0, dst, r, 0);
            emit_extj(G, item->kind == AST_NAMED ? (int32_t)const_str(G, item->name) : -1);
        }
        G->top = mark;
    }
}

static void tensor_to(Gen *G, const Ast *a, uint32_t dst)
{
    uint32_t mark = G->top;
    if (literal_tensor_to(G, a, dst)) return;
    if (a->n <= RUN_MAX) {
        uint32_t base = reg_new(G, a->n);
        for (uint32_t i = 0; i < a->n; i++) ex_to(G, a->kid[i], base + i);
        G->at = a->at;
        emit(G, OP_TENSOR, 0, dst, base, a->n);
        G->top = mark;
        return;
    }
    emit(G, OP_LIST, 0, dst, 0, 0);
    emit_extj(G, -1);
    for (uint32_t i = 0; i < a->n; i++) {
        uint32_t r = ex_any(G, a->kid[i]);
        emit(G, OP_PUSH, 0, dst, r, 0);
        emit_extj(G, -1);
        G->top = mark;
    }
    G->at = a->at;
    emit(G, OP_STACK, 0, dst, dst, 0);
}

/* ---- conditions ---- */

static bool compare_jump(Gen *G, const Ast *a, bool when, Jumps *out)
{
    const Ast *x = a->kid[0], *y = a->kid[1];
    int op = a->op;
    uint32_t mark = G->top, c;
    bool left = ex_constant_k(G, x, &c);
    Span at = a->name_at.file ? a->name_at : a->at;
    static const uint8_t kop[AOP_COUNT] = {[AOP_EQ] = OP_JNEQK, [AOP_NE] = OP_JNNEK, [AOP_LT] = OP_JNLTK,
                                           [AOP_LE] = OP_JNLEK, [AOP_GT] = OP_JNGTK, [AOP_GE] = OP_JNGEK};
    static const uint8_t flip[AOP_COUNT] = {[AOP_EQ] = AOP_EQ, [AOP_NE] = AOP_NE, [AOP_LT] = AOP_GT,
                                            [AOP_LE] = AOP_GE, [AOP_GT] = AOP_LT, [AOP_GE] = AOP_LE};
    bool equality = op == AOP_EQ || op == AOP_NE;
    if (when && equality) op = op == AOP_EQ ? AOP_NE : AOP_EQ; /* exact, for NaN too */
    int32_t at_jump;
    if (left || ex_constant_k(G, y, &c)) {
        uint32_t r = ex_operand(G, left ? y : x, NULL);
        G->at = at;
        at_jump = emit(G, (OpCode)kop[left ? flip[op] : op], 0, r, c, 0);
    } else {
        uint32_t l = ex_operand(G, x, y), r = ex_operand(G, y, NULL);
        G->at = at;
        if (op == AOP_GT || op == AOP_GE) {
            uint32_t t = l;
            l = r;
            r = t;
        }
        OpCode o = op == AOP_EQ ? OP_JNEQ : op == AOP_NE ? OP_JNNE : op == AOP_LT || op == AOP_GT ? OP_JNLT : OP_JNLE;
        at_jump = emit(G, o, 0, l, r, 0);
    }
    G->top = mark;
    if (!when || equality) {
        jump_add(G, out, at_jump);
    } else {
        jump_add(G, out, emitj(G, OP_JMP, 0, 0, 0));
        jump_to(G, at_jump, here(G));
    }
    return true;
}

void ex_jump(Gen *G, const Ast *a, bool when, bool far, Jumps *out)
{
    switch (a->kind) {
    case AST_NOT: ex_jump(G, a->kid[0], !when, far, out); return;
    case AST_AND:
    case AST_OR: {
        bool stop = a->kind == AST_OR; /* the left value that decides */
        if (when == stop) {
            ex_jump(G, a->kid[0], when, far, out);
            ex_jump(G, a->kid[1], when, far, out);
        } else {
            Jumps skip = {0};
            ex_jump(G, a->kid[0], stop, far, &skip);
            ex_jump(G, a->kid[1], when, far, out);
            jumps_here(G, &skip);
        }
        return;
    }
    case AST_TRUE:
    case AST_FALSE:
        if ((a->kind == AST_TRUE) == when) jump_add(G, out, emitj(G, OP_JMP, 0, 0, 0));
        return;
    case AST_BINARY:
        if (a->op >= AOP_EQ && a->op <= AOP_GE && !far && compare_jump(G, a, when, out)) return;
        break;
    }
    uint32_t mark = G->top, r = ex_any(G, a);
    G->at = a->at;
    jump_add(G, out, emitj(G, when ? OP_JT : OP_JF, 0, r, 0));
    G->top = mark;
}

/* `and`, `or` as values. */
static void logic_to(Gen *G, const Ast *a, uint32_t dst)
{
    Jumps end = {0};
    ex_to(G, a->kid[0], dst);
    G->at = a->kid[0]->at;
    emit(G, OP_CHKBOOL, 1, dst, 0, 0);
    jump_add(G, &end, emitj(G, a->kind == AST_AND ? OP_JF : OP_JT, 0, dst, 0));
    ex_to(G, a->kid[1], dst);
    G->at = a->kid[1]->at;
    emit(G, OP_CHKBOOL, 1, dst, 0, 0);
    jumps_here(G, &end);
}

/* ---- if, try ---- */

static uint32_t weight(const Ast *a) { return a ? a->weight : 0; }

static void if_to(Gen *G, const Ast *a, uint32_t dst, bool effect)
{
    Jumps no = {0}, end = {0};
    for (;;) { /* else if chains may be long */
        const Ast *other = a->kid[2];
        ex_jump(G, a->kid[0], false, weight(a->kid[0]) + weight(a->kid[1]) > FUSE_WEIGHT, &no);
        if (effect || !other) block_effect(G, a->kid[1]);
        else block_to(G, a->kid[1], dst);
        if (!other) {
            jumps_here(G, &no);
            jumps_here(G, &end);
            if (!effect) emit(G, OP_LOADNIL, 0, dst, 0, 0);
            return;
        }
        jump_add(G, &end, emitj(G, OP_JMP, 0, 0, 0));
        jumps_here(G, &no);
        if (other->kind == AST_IF && (effect || other->kid[2])) {
            a = other;
            continue;
        }
        if (other->kind == AST_IF) if_to(G, other, dst, effect);
        else if (effect) block_effect(G, other);
        else block_to(G, other, dst);
        break;
    }
    jumps_here(G, &end);
}

static void try_to(Gen *G, const Ast *a, uint32_t dst, bool effect)
{
    Proto *p = G->p;
    uint32_t mark = G->top;
    size_t cap = (size_t)p->caphandlers;
    if (p->nhandlers >= p->caphandlers) {
        if (!mem_grow(G->S, (void **)&p->handlers, &cap, (size_t)p->nhandlers, sizeof *p->handlers)) {
            out_of_memory(G);
            return;
        }
        p->caphandlers = (int32_t)cap;
    }
    int32_t h = p->nhandlers++;
    uint32_t e = reg_new(G, 1);
    p->handlers[h] = (Handler){.start = here(G), .reg = (uint16_t)e};
    G->tries++;
    if (effect) block_effect(G, a->kid[0]);
    else block_to(G, a->kid[0], dst);
    G->tries--;
    p->handlers[h].end = here(G);
    int32_t over = emitj(G, OP_JMP, 0, 0, 0);
    p->handlers[h].target = here(G);
    if (a->info) bind_var(G, a->info, e);
    if (effect) block_effect(G, a->kid[1]);
    else block_to(G, a->kid[1], dst);
    jump_to(G, over, here(G));
    G->top = mark;
}

/* ---- the switch ---- */

bool ex_writes_last(Gen *G, const Ast *a)
{
    switch (a->kind) {
    case AST_NUMBER:
    case AST_STRING:
    case AST_TRUE:
    case AST_FALSE:
    case AST_NIL:
    case AST_NAME:
    case AST_NUMBERS:
    case AST_LAMBDA:
    case AST_INTERP: return true;
    case AST_CALL: return call_op(G, a) >= 0;
    case AST_LIST: return plain_items(a);
    case AST_TENSOR: return a->n <= RUN_MAX;
    case AST_BLOCK: return a->n && ex_writes_last(G, a->kid[a->n - 1]);
    case AST_IF: return a->kid[2] && ex_writes_last(G, a->kid[1]) && ex_writes_last(G, a->kid[2]);
    }
    return is_simple(a);
}

void ex_to(Gen *G, const Ast *a, uint32_t dst)
{
    if (G->failed) return;
    uint32_t mark = G->top;
    Span at = G->at;
    G->at = a->at;
    switch ((AstKind)a->kind) {
    case AST_NAME: load_ref(G, ref_of(a), a->name, dst); break;
    case AST_NUMBER: load_num(G, dst, a->num); break;
    case AST_STRING: emitj(G, OP_LOADK, 0, dst, (int32_t)const_str(G, a->str)); break;
    case AST_INTERP: interp_to(G, a, dst); break;
    case AST_TRUE:
    case AST_FALSE: emit(G, OP_LOADBOOL, 0, dst, a->kind == AST_TRUE, 0); break;
    case AST_NIL: emit(G, OP_LOADNIL, 0, dst, 0, 0); break;
    case AST_LIST: list_to(G, a, dst); break;
    case AST_TENSOR:
    case AST_NUMBERS: tensor_to(G, a, dst); break;
    case AST_BINARY:
    case AST_NEG:
    case AST_NOT:
    case AST_AS:
    case AST_PRIME:
    case AST_INDEX:
    case AST_DOT:
    case AST_RANGE: simple(G, a, dst); break;
    case AST_AND:
    case AST_OR: logic_to(G, a, dst); break;
    case AST_CALL:
    case AST_PIPE: call_to(G, a, dst); break;
    case AST_GATHER:
    case AST_COMPREHENSION:
    case AST_GENERATOR: comprehension_to(G, a, dst); break;
    case AST_LAMBDA: closure_to(G, a->info, function_new(G, (Ast *)a, a->info, "lambda"), dst); break;
    case AST_BLOCK: block_to(G, a, dst); break;
    case AST_IF: if_to(G, a, dst, false); break;
    case AST_TRY: try_to(G, a, dst, false); break;
    case AST_DESCEND: descend_to(G, a, dst); break;
    default: emit(G, OP_LOADNIL, 0, dst, 0, 0); break; /* statements have no value */
    }
    G->top = mark;
    G->at = at;
}

void ex_effect(Gen *G, const Ast *a)
{
    if (G->failed) return;
    uint32_t mark = G->top;
    G->at = a->at;
    switch (a->kind) {
    case AST_BLOCK: block_effect(G, a); break;
    case AST_IF: if_to(G, a, 0, true); break;
    case AST_TRY: try_to(G, a, 0, true); break;
    default: {
        uint32_t r = reg_new(G, 1);
        ex_to(G, a, r);
        emit(G, OP_LOADNIL, 0, r, 0, 0); /* nothing may hold on to it */
    }
    }
    G->top = mark;
}
