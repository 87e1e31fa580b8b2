/* emit.c -- instructions, constants, registers and jumps of the function under construction.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "lang/gen.h"

void out_of_memory(Gen *G)
{
    G->failed = true;
    if (!G->S->err) diag_set(G->S, SPAN_NONE, DIAG_MEM, "out of memory");
}

void too_large(Gen *G, const char *what)
{
    if (!G->failed) {
        Diag *d = diag_report(G->S, G->at, DIAG_TOO_LARGE, false, "this function has too many %s", what);
        diag_report_hint(G->S, d, "split it into several functions");
    }
    G->failed = true;
}

uint32_t reg_new(Gen *G, uint32_t n)
{
    uint32_t r = G->top;
    if (n > REG_MAX || r + n > REG_MAX) {
        too_large(G, "registers");
        return 0;
    }
    G->top += n;
    if (G->top > G->p->nregs) G->p->nregs = (uint16_t)G->top;
    return r;
}

static int32_t put(Gen *G, Instr i)
{
    Proto *p = G->p;
    if (G->failed) return 0;
    if (p->ncode >= p->capcode) {
        int32_t cap = p->capcode ? p->capcode * 2 : 32;
        if (cap > 1 << 26) {
            too_large(G, "instructions");
            return 0;
        }
        Instr *code = mem_realloc(G->S, p->code, (size_t)p->capcode * sizeof *code, (size_t)cap * sizeof *code);
        if (code) p->code = code;
        Span *span = code ? mem_realloc(G->S, p->span, (size_t)p->capcode * sizeof *span, (size_t)cap * sizeof *span)
                          : NULL;
        if (!span) {
            if (code) { /* keep both arrays of one size */
                Instr *back = mem_realloc(G->S, p->code, (size_t)cap * sizeof *code, (size_t)p->capcode * sizeof *code);
                if (back || !p->capcode) p->code = back;
            }
            out_of_memory(G);
            return 0;
        }
        p->span = span;
        p->capcode = cap;
    }
    p->span[p->ncode] = G->at;
    p->code[p->ncode] = i;
    return p->ncode++;
}

int32_t emit(Gen *G, OpCode op, int x, uint32_t a, uint32_t b, uint32_t c)
{
    if (b > UINT16_MAX || c > UINT16_MAX || a > UINT16_MAX) {
        too_large(G, "constants");
        return 0;
    }
    return put(G, (Instr){.op = (uint8_t)op, .x = (uint8_t)x, .a = (uint16_t)a, .b = (uint16_t)b, .c = (uint16_t)c});
}

int32_t emitj(Gen *G, OpCode op, int x, uint32_t a, int32_t j)
{
    return put(G, (Instr){.op = (uint8_t)op, .x = (uint8_t)x, .a = (uint16_t)a, .j = j});
}

void emit_ext(Gen *G, uint32_t a, uint32_t b, uint32_t c) { emit(G, OP_EXT, 0, a, b, c); }
void emit_extj(Gen *G, int32_t j) { emitj(G, OP_EXT, 0, 0, j); }
int32_t here(const Gen *G) { return G->p->ncode; }

/* ---- variables ---- */

uint32_t promoted_reg(const Gen *G, uint32_t slot) { return slot < G->npromoted ? G->promoted[slot] : NO_REG; }

uint32_t name_reg(const Gen *G, const Ast *a, bool *var)
{
    *var = false;
    if (a->kind != AST_NAME) return NO_REG;
    if (ref_kind(a) == REF_LOCAL && a->info) {
        *var = ((const Var *)a->info)->kind == VAR_VAR;
        return ((const Var *)a->info)->reg;
    }
    if (ref_kind(a) != REF_GLOBAL) return NO_REG;
    *var = true;
    return promoted_reg(G, a->slot);
}

/* ---- jumps ---- */

void jump_add(Gen *G, Jumps *l, int32_t at)
{
    if (!ARENA_PUSH(G->S, G->A, l->at, l->n, l->cap)) {
        out_of_memory(G);
        return;
    }
    l->at[l->n++] = at;
}

static bool is_fused(int op) { return op >= OP_JNLT && op <= OP_JNNEK; }

void jump_to(Gen *G, int32_t at, int32_t target)
{
    if (G->failed) return;
    Instr *i = &G->p->code[at];
    int32_t rel = target - (at + 1);
    if (!is_fused(i->op)) i->j = rel;
    else if (rel >= INT16_MIN && rel <= INT16_MAX) i->c = (uint16_t)rel;
    else too_large(G, "instructions behind one condition");
}

void jumps_to(Gen *G, Jumps *l, int32_t target)
{
    for (size_t i = 0; i < l->n; i++) jump_to(G, l->at[i], target);
    l->n = 0;
}

void jumps_here(Gen *G, Jumps *l) { jumps_to(G, l, here(G)); }

/* ---- constants ---- */

static bool grow(Gen *G, void **v, int32_t n, int32_t *cap, size_t item)
{
    if (n < *cap) return true;
    size_t c = (size_t)*cap;
    if (!mem_grow(G->S, v, &c, (size_t)n, item)) {
        out_of_memory(G);
        return false;
    }
    *cap = (int32_t)c;
    return true;
}
#define GROW(G, v, n, cap) grow((G), (void **)&(v), (n), &(cap), sizeof *(v))

uint32_t const_value(Gen *G, Value v)
{
    Proto *p = G->p;
    if (G->failed || !GROW(G, p->k, p->nk, p->capk)) {
        release(G->S, v);
        return 0;
    }
    p->k[p->nk] = v;
    return (uint32_t)p->nk++;
}

/* Near repeats share a slot. */
enum { LOOK_BACK = 200 };

uint32_t const_num(Gen *G, double n)
{
    const Proto *p = G->p;
    for (int32_t i = p->nk; i > 0 && i > p->nk - LOOK_BACK; i--)
        if (p->k[i - 1].tag == T_NUM && !memcmp(&p->k[i - 1].n, &n, sizeof n)) return (uint32_t)i - 1;
    return const_value(G, val_num(n));
}

uint32_t const_str(Gen *G, Str *s)
{
    const Proto *p = G->p;
    for (int32_t i = p->nk; i > 0 && i > p->nk - LOOK_BACK; i--)
        if (p->k[i - 1].tag == T_STR && p->k[i - 1].s == s) return (uint32_t)i - 1;
    return const_value(G, val_obj(T_STR, obj_retain(s)));
}

uint32_t const_text(Gen *G, const char *s)
{
    Str *str = str_intern(G->S, s, strlen(s));
    if (!str) {
        out_of_memory(G);
        return 0;
    }
    uint32_t k = const_str(G, str);
    obj_release(G->S, str);
    return k;
}

Str *held(Gen *G, Str *s)
{
    if (s) const_str(G, s);
    return s;
}

void load_num(Gen *G, uint32_t dst, double n)
{
    if (n >= INT32_MIN && n <= INT32_MAX && n == (int32_t)n && !(n == 0 && signbit(n))) emitj(G, OP_LOADINT, 0, dst, (int32_t)n);
    else emitj(G, OP_LOADK, 0, dst, (int32_t)const_num(G, n));
}

/* ---- tables ---- */

uint32_t path_new(Gen *G, const PathStep *step, uint32_t n)
{
    Proto *p = G->p;
    if (p->npaths > REG_MAX) too_large(G, "places");
    if (G->failed || !GROW(G, p->paths, p->npaths, p->cappaths)) return 0;
    PathStep *copy = n ? mem_alloc(G->S, n * sizeof *copy) : NULL;
    if (n && !copy) {
        out_of_memory(G);
        return 0;
    }
    if (n) memcpy(copy, step, n * sizeof *copy);
    p->paths[p->npaths] = (Path){(uint16_t)n, copy};
    return (uint32_t)p->npaths++;
}

uint32_t callinfo_new(Gen *G, Str **name, uint8_t *spread, uint32_t n)
{
    Proto *p = G->p;
    if (p->ncalls > REG_MAX) too_large(G, "calls with named arguments");
    if (G->failed || !GROW(G, p->calls, p->ncalls, p->capcalls)) return 0;
    CallInfo c = {(uint16_t)n, NULL, NULL};
    if (n) {
        c.name = mem_alloc(G->S, n * sizeof *c.name);
        c.spread = c.name ? mem_alloc(G->S, n) : NULL;
        if (!c.spread) {
            mem_free(G->S, c.name, n * sizeof *c.name);
            out_of_memory(G);
            return 0;
        }
        for (uint32_t i = 0; i < n; i++) c.name[i] = obj_retain(name[i]);
        memcpy(c.spread, spread, n);
    }
    p->calls[p->ncalls] = c;
    return (uint32_t)p->ncalls++;
}
