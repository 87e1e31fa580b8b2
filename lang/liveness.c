/* liveness.c -- last uses: a register that is not read again is handed over instead of copied.
**
** The code of a finished function is cut into basic blocks, and a backward pass finds which registers are live where;
** then each operand that is not live behind its instruction gets its kill bit. Inside a `try`, whatever its handler
** reads is live throughout, so a failing instruction has taken nothing that is still needed. The regions of a
** descend follow each other in any order. Top-level vars take part as further registers behind the real ones:
** reading one that is about to be assigned becomes TAKEG, which makes xs = push(xs, x) linear there too.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "lang/gen.h"

typedef uint64_t Word;
enum { RANGES = 6, WORDS_MAX = 1 << 24 };

typedef struct Span2 {
    uint32_t at, n;
} Span2;
typedef struct Effect {
    Span2 use[RANGES], def[RANGES];
    int nuse, ndef;
    const Path *path; /* index registers are read */
    const Sig *sig;
    const Descend *descend;         /* sources, optimisers and targets are read */
    int32_t global_use, global_def; /* slot, or -1 */
} Effect;

typedef struct Live {
    State *S;
    Proto *p;
    uint32_t nregs, nvar;
    const uint32_t *var_slot;
    int32_t *slot_bit; /* by slot: number of the bit, or -1 */
    uint32_t nslot;
    size_t words;
    int32_t *block; /* by instruction: its block */
    int32_t *first; /* by block: its first instruction; one more at the end */
    int32_t nblock;
    Word *in;          /* by block */
    Word *live, *hand; /* scratch */
    int32_t *handler;  /* by instruction: innermost handler or -1; NULL without handlers */
} Live;

static void use(Effect *e, uint32_t at, uint32_t n)
{
    if (n && e->nuse < RANGES) e->use[e->nuse++] = (Span2){at, n};
}

static void def(Effect *e, uint32_t at, uint32_t n)
{
    if (n && e->ndef < RANGES) e->def[e->ndef++] = (Span2){at, n};
}

static Effect effect_of(const Proto *p, int32_t pc)
{
    const Instr i = p->code[pc];
    Effect e = {.global_use = -1, .global_def = -1};
    bool global = i.x & 8;
    switch ((OpCode)i.op) {
    case OP_EXT:
    case OP_JMP:
    case OP_LOOP:
    case OP_USE:
    case OP_BATCHEND:
    case OPCODE_COUNT: break;
    case OP_MOVE:
    case OP_NEG:
    case OP_NOT:
    case OP_AS:
    case OP_OP1:
    case OP_PRIME:
    case OP_FIELD:
    case OP_STACK:
    case OP_SIZE:
    case OP_REDUCE:
    case OP_ADDK:
    case OP_SUBK:
    case OP_MULK:
    case OP_DIVK:
    case OP_POWK:
    case OP_KSUB:
    case OP_KDIV:
        use(&e, i.b, 1);
        def(&e, i.a, 1);
        break;
    case OP_LOADK:
    case OP_LOADNIL:
    case OP_LOADBOOL:
    case OP_LOADINT:
    case OP_UNSET:
    case OP_GETCAP:
    case OP_SELFFN:
    case OP_MARK:
    case OP_NEWMODEL: def(&e, i.a, 1); break;
    case OP_GETG:
    case OP_TAKEG:
        def(&e, i.a, 1);
        e.global_use = i.j;
        break;
    case OP_SETG:
        use(&e, i.a, 1);
        e.global_def = i.j;
        break;
    case OP_CLOSURE:
        use(&e, i.c, p->protos[i.b]->ncaps);
        def(&e, i.a, 1);
        break;
    case OP_RULE:
    case OP_SAME:
        use(&e, i.a, 1);
        use(&e, i.b, 1);
        break;
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_FDIV:
    case OP_MOD:
    case OP_POW:
    case OP_MATMUL:
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_OP2:
    case OP_RANGE:
    case OP_INDEX1:
        use(&e, i.b, 1);
        use(&e, i.c, 1);
        def(&e, i.a, 1);
        break;
    case OP_ACCUM:
    case OP_PUSH:
    case OP_SPREAD:
        if (i.op != OP_SPREAD || !(i.x & 4)) use(&e, i.a, 1);
        use(&e, i.b, 1);
        def(&e, i.a, 1);
        break;
    case OP_JF:
    case OP_JT:
    case OP_CHKBOOL:
    case OP_JSET:
    case OP_LOSSCHK:
    case OP_HOLD:
    case OP_JNLTK:
    case OP_JNLEK:
    case OP_JNGTK:
    case OP_JNGEK:
    case OP_JNEQK:
    case OP_JNNEK: use(&e, i.a, 1); break;
    case OP_JNLT:
    case OP_JNLE:
    case OP_JNEQ:
    case OP_JNNE:
        use(&e, i.a, 1);
        use(&e, i.b, 1);
        break;
    case OP_FORPREP:
    case OP_FORLOOP:
        use(&e, i.a, 2);
        def(&e, i.a, 1);
        def(&e, i.a + 2u, 1);
        break;
    case OP_BATCH: /* the accumulator is replaced, or stays for the loop behind */
        use(&e, i.a, i.x & 2 ? 2 : 1);
        use(&e, p->code[pc + 1].a, 1);
        break;
    case OP_ITER:
        use(&e, i.a, 1);
        def(&e, i.a, 2);
        break;
    case OP_NEXT:
        use(&e, i.a, 2);
        def(&e, i.a + 2u, 1);
        break;
    case OP_UNPACK:
        use(&e, i.a, 1);
        def(&e, i.b, i.c);
        break;
    case OP_LIST:
    case OP_TENSOR:
    case OP_INTERP:
    case OP_CONTRACT:
        use(&e, i.b, i.c);
        def(&e, i.a, 1);
        break;
    case OP_INDEX:
        use(&e, i.b + 1u, i.c);
        use(&e, i.x & 4 ? p->code[pc + 1].a : i.b, 1);
        def(&e, i.a, 1);
        break;
    case OP_SLICE:
        use(&e, i.b, 3);
        def(&e, i.a, 1);
        break;
    case OP_SELFGET:
        use(&e, 0, 1);
        def(&e, i.a, 1);
        break;
    case OP_SELFPUT:
    case OP_INITARG:
    case OP_INITLET:
        use(&e, 0, 1);
        use(&e, i.a, 1);
        break;
    case OP_INITPARAM:
    case OP_INITSTATE:
        use(&e, 0, 1);
        use(&e, i.a, 1);
        use(&e, i.c, 1);
        break;
    case OP_SETPATH:
    case OP_PUSHPATH:
    case OP_BACKPATH:
        if (global) e.global_use = i.a;
        else use(&e, i.a, 1);
        use(&e, i.b, 1);
        e.path = &p->paths[i.c];
        break;
    case OP_GETPATH:
    case OP_TAKEPATH:
        if (global) e.global_use = i.a;
        else use(&e, i.a, 1);
        def(&e, i.b, 1);
        e.path = &p->paths[i.c];
        break;
    case OP_CALL:
        use(&e, i.a, i.b + 1u);
        def(&e, i.a, i.x & 4 ? 2 : 1);
        break;
    case OP_CALLG:
        use(&e, i.a + 1u, i.x);
        def(&e, i.a, 1);
        break;
    case OP_INVOKE:
        use(&e, i.a, i.b + 2u);
        def(&e, i.a, i.x & 4 ? 2 : 1);
        break;
    case OP_RETURN:
        use(&e, i.a, 1);
        if (p->is_method) use(&e, 0, 1);
        break;
    case OP_YIELD:
        use(&e, i.a, 1);
        e.descend = &p->descends[i.b];
        break;
    case OP_DESCEND:
        def(&e, i.a, 1);
        e.descend = &p->descends[i.b];
        break;
    case OP_SIG:
        use(&e, i.a, 1);
        e.sig = &p->sigs[i.b];
        break;
    case OP_COMPRNG:
        if (i.j == 0) def(&e, i.a, 1);
        else use(&e, i.a, 1);
        break;
    case OP_ASSERT:
        use(&e, i.a, 1);
        if (i.x) use(&e, i.b, 1);
        if (i.x & 2) use(&e, i.c, 1);
        break;
    }
    return e;
}

/* ---- sets ---- */

static void set(Word *w, uint32_t bit) { w[bit / 64] |= (Word)1 << bit % 64; }
static void unset(Word *w, uint32_t bit) { w[bit / 64] &= ~((Word)1 << bit % 64); }
static bool has(const Word *w, uint32_t bit) { return w[bit / 64] >> bit % 64 & 1; }
static void join(const Live *L, Word *w, const Word *more)
{
    for (size_t i = 0; i < L->words; i++) w[i] |= more[i];
}

static int32_t global_bit(const Live *L, int32_t slot)
{
    return slot >= 0 && (uint32_t)slot < L->nslot ? L->slot_bit[slot] : -1;
}

static void read_path(Word *w, const Path *path)
{
    for (uint32_t i = 0; i < path->n; i++)
        if (path->step[i].kind == STEP_INDEX)
            for (uint32_t k = 0; k < path->step[i].n; k++) set(w, path->step[i].reg + k);
}

static void apply(const Live *L, const Effect *e, Word *w)
{
    int32_t g = global_bit(L, e->global_def);
    if (g >= 0) unset(w, (uint32_t)g);
    for (int i = 0; i < e->ndef; i++)
        for (uint32_t k = 0; k < e->def[i].n; k++) unset(w, e->def[i].at + k);
    if (e->sig)
        for (int k = 0; k < e->sig->ndims; k++) {
            if (e->sig->dim[k].kind == DIM_BIND) unset(w, e->sig->dim[k].reg);
            if (e->sig->dim[k].kind == DIM_CHECK) set(w, e->sig->dim[k].reg);
        }
    for (int i = 0; i < e->nuse; i++)
        for (uint32_t k = 0; k < e->use[i].n; k++) set(w, e->use[i].at + k);
    if (e->path) read_path(w, e->path);
    g = global_bit(L, e->global_use);
    if (g >= 0) set(w, (uint32_t)g);
    const Descend *d = e->descend;
    if (!d) return;
    for (uint32_t k = 0; k < 3u + d->nopts; k++) set(w, d->base + k);
    for (int i = 0; i < d->ntargets; i++) {
        const DescendTarget *t = &d->target[i];
        if (!t->global) set(w, t->root);
        else if ((g = global_bit(L, t->root)) >= 0) set(w, (uint32_t)g);
        read_path(w, &L->p->paths[t->path]);
    }
}

/* ---- flow ---- */

enum { SUCCESSORS = 5 };

static int successors(const Proto *p, int32_t pc, int32_t *to)
{
    const Instr i = p->code[pc];
    int n = 0;
    const Descend *d = NULL;
    switch ((OpCode)i.op) {
    case OP_JMP:
    case OP_LOOP: to[n++] = pc + 1 + i.j; return n;
    case OP_RETURN: return 0;
    case OP_DESCEND:
    case OP_YIELD: d = &p->descends[i.b]; break;
    case OP_JF:
    case OP_JT:
    case OP_JSET:
    case OP_FORPREP:
    case OP_FORLOOP:
    case OP_BATCH:
    case OP_NEXT: to[n++] = pc + 1 + i.j; break;
    case OP_JNLT:
    case OP_JNLE:
    case OP_JNEQ:
    case OP_JNNE:
    case OP_JNLTK:
    case OP_JNLEK:
    case OP_JNGTK:
    case OP_JNGEK:
    case OP_JNEQK:
    case OP_JNNEK: to[n++] = pc + 1 + (int16_t)i.c; break;
    default: break;
    }
    if (d) {
        to[n++] = d->pc_block;
        if (d->pc_until >= 0) to[n++] = d->pc_until;
        if (d->pc_watch >= 0) to[n++] = d->pc_watch;
        to[n++] = d->pc_end;
        return n;
    }
    if (pc + 1 < p->ncode) to[n++] = pc + 1;
    return n;
}

static bool ends_block(int op)
{
    switch ((OpCode)op) {
    case OP_JMP:
    case OP_LOOP:
    case OP_RETURN:
    case OP_DESCEND:
    case OP_YIELD:
    case OP_JF:
    case OP_JT:
    case OP_JSET:
    case OP_FORPREP:
    case OP_FORLOOP:
    case OP_BATCH:
    case OP_NEXT:
    case OP_JNLT:
    case OP_JNLE:
    case OP_JNEQ:
    case OP_JNNE:
    case OP_JNLTK:
    case OP_JNLEK:
    case OP_JNGTK:
    case OP_JNGEK:
    case OP_JNEQK:
    case OP_JNNEK: return true;
    default: return false;
    }
}

static void find_blocks(Live *L)
{
    const Proto *p = L->p;
    int32_t n = p->ncode, to[SUCCESSORS];
    L->block[0] = 1;
    for (int32_t pc = 0; pc < n; pc++) {
        if (!ends_block(p->code[pc].op)) continue;
        if (pc + 1 < n) L->block[pc + 1] = 1;
        for (int k = successors(p, pc, to) - 1; k >= 0; k--)
            if (to[k] >= 0 && to[k] < n) L->block[to[k]] = 1;
    }
    for (int32_t h = 0; h < p->nhandlers; h++)
        if (p->handlers[h].target < n) L->block[p->handlers[h].target] = 1;
    int32_t b = -1;
    for (int32_t pc = 0; pc < n; pc++) {
        if (L->block[pc]) L->first[++b] = pc;
        L->block[pc] = b;
    }
    L->nblock = b + 1;
    L->first[L->nblock] = n;
}

/* What the handler around an instruction reads; false: there is none. */
static bool handler_reads(Live *L, int32_t pc)
{
    if (!L->handler || L->handler[pc] < 0) return false;
    const Handler *h = &L->p->handlers[L->handler[pc]];
    memcpy(L->hand, L->in + (size_t)L->block[h->target] * L->words, L->words * sizeof(Word));
    unset(L->hand, h->reg);
    return true;
}

static void live_out(Live *L, int32_t b)
{
    int32_t to[SUCCESSORS];
    memset(L->live, 0, L->words * sizeof(Word));
    int32_t last = L->first[b + 1] - 1;
    int n = successors(L->p, last, to);
    for (int k = 0; k < n; k++)
        if (to[k] >= 0 && to[k] < L->p->ncode) join(L, L->live, L->in + (size_t)L->block[to[k]] * L->words);
    if (L->p->code[last].op == OP_RETURN || !n)
        for (uint32_t k = 0; k < L->nvar; k++) set(L->live, L->nregs + k);
}

static bool flow_block(Live *L, int32_t b)
{
    live_out(L, b);
    for (int32_t pc = L->first[b + 1] - 1; pc >= L->first[b]; pc--) {
        Effect e = effect_of(L->p, pc);
        bool hand = handler_reads(L, pc);
        apply(L, &e, L->live);
        if (hand) join(L, L->live, L->hand);
    }
    Word *in = L->in + (size_t)b * L->words;
    if (!memcmp(in, L->live, L->words * sizeof(Word))) return false;
    memcpy(in, L->live, L->words * sizeof(Word));
    return true;
}

/* ---- kill bits ---- */

static bool defines(const Effect *e, uint32_t r)
{
    for (int i = 0; i < e->ndef; i++)
        if (r >= e->def[i].at && r < e->def[i].at + e->def[i].n) return true;
    return false;
}

/* Register r is not read behind the instruction, nor by the handler around it. */
static bool dead(const Live *L, const Effect *e, uint32_t r, bool hand)
{
    if (hand && has(L->hand, r)) return false;
    return defines(e, r) || !has(L->live, r);
}

static void mark_kills(Live *L, int32_t pc, const Effect *e, bool hand)
{
    Instr *i = &L->p->code[pc];
    switch ((OpCode)i->op) {
    case OP_MOVE:
        if (!has(L->live, i->a) && !(hand && has(L->hand, i->a))) { /* never read */
            bool last = dead(L, e, i->b, hand);
            *i = (Instr){.op = OP_LOADNIL, .a = last ? i->b : i->a};
        } else if (i->a != i->b && dead(L, e, i->b, hand)) {
            i->x |= 1;
        }
        break;
    case OP_GETG: {
        int32_t g = global_bit(L, i->j);
        if (g >= 0 && !has(L->live, (uint32_t)g) && !(hand && has(L->hand, (uint32_t)g))) i->op = OP_TAKEG;
        break;
    }
    case OP_NEG:
    case OP_AS:
    case OP_OP1:
    case OP_PRIME:
    case OP_FIELD:
    case OP_ADDK:
    case OP_SUBK:
    case OP_MULK:
    case OP_DIVK:
    case OP_POWK:
    case OP_KSUB:
    case OP_KDIV:
        if (dead(L, e, i->b, hand)) i->x |= 1;
        break;
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_FDIV:
    case OP_MOD:
    case OP_POW:
    case OP_MATMUL:
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_OP2:
    case OP_INDEX1:
        if (i->b == i->c) break;
        if (dead(L, e, i->b, hand)) i->x |= 1;
        if (dead(L, e, i->c, hand)) i->x |= 2;
        break;
    case OP_ACCUM:
    case OP_PUSH:
    case OP_SPREAD:
        if (i->a != i->b && dead(L, e, i->b, hand)) i->x |= 1;
        break;
    case OP_SETG:
    case OP_UNPACK:
    case OP_SELFPUT:
        if (dead(L, e, i->a, hand)) i->x |= 1;
        break;
    case OP_SETPATH:
    case OP_PUSHPATH: {
        bool is_index = false;
        for (uint32_t k = 0; k < e->path->n; k++) {
            const PathStep *s = &e->path->step[k];
            if (s->kind == STEP_INDEX && i->b >= s->reg && i->b < s->reg + s->n) is_index = true;
        }
        bool is_root = !(i->x & 8) && i->a == i->b;
        if (!is_root && !is_index && dead(L, e, i->b, hand)) i->x |= 2;
        break;
    }
    default: break;
    }
}

static void mark_block(Live *L, int32_t b)
{
    live_out(L, b);
    for (int32_t pc = L->first[b + 1] - 1; pc >= L->first[b]; pc--) {
        Effect e = effect_of(L->p, pc);
        bool hand = handler_reads(L, pc);
        mark_kills(L, pc, &e, hand);
        apply(L, &e, L->live);
        if (hand) join(L, L->live, L->hand);
    }
}

static bool prepare(Live *L)
{
    State *S = L->S;
    const Proto *p = L->p;
    size_t n = (size_t)p->ncode;
    L->block = mem_zalloc(S, (n + 1) * sizeof *L->block);
    L->first = mem_zalloc(S, (n + 2) * sizeof *L->first);
    if (!L->block || !L->first) return false;
    if (p->nhandlers) {
        L->handler = mem_alloc(S, (n + 1) * sizeof *L->handler);
        if (!L->handler) return false;
        for (size_t i = 0; i <= n; i++) L->handler[i] = -1;
        for (int32_t h = 0; h < p->nhandlers; h++) /* inner ones come later */
            for (int32_t pc = p->handlers[h].start; pc < p->handlers[h].end; pc++) L->handler[pc] = h;
    }
    for (uint32_t k = 0; k < L->nvar; k++)
        if (L->var_slot[k] >= L->nslot) L->nslot = L->var_slot[k] + 1;
    if (L->nslot) {
        L->slot_bit = mem_alloc(S, L->nslot * sizeof *L->slot_bit);
        if (!L->slot_bit) return false;
        for (uint32_t k = 0; k < L->nslot; k++) L->slot_bit[k] = -1;
        for (uint32_t k = 0; k < L->nvar; k++) L->slot_bit[L->var_slot[k]] = (int32_t)(L->nregs + k);
    }
    L->words = (L->nregs + L->nvar + 63) / 64 + 1;
    find_blocks(L);
    return true;
}

bool liveness(State *S, Proto *p, const uint32_t *var_slot, uint32_t nvar)
{
    if (!p->ncode) return true;
    Live L = {.S = S, .p = p, .nregs = p->nregs, .nvar = nvar, .var_slot = var_slot};
    size_t n = (size_t)p->ncode, size = 0, words = 0;
    bool ok = prepare(&L);
    if (ok && (size_t)L.nblock * L.words <= WORDS_MAX) { /* else nothing is moved: correct, but not in place */
        words = ((size_t)L.nblock + 2) * L.words;
        size = words * sizeof(Word);
        L.in = mem_zalloc(S, size);
        ok = L.in != NULL;
        if (ok) {
            L.live = L.in + (size_t)L.nblock * L.words;
            L.hand = L.live + L.words;
            for (bool changed = true; changed;) {
                changed = false;
                for (int32_t b = L.nblock; b-- > 0;) changed |= flow_block(&L, b);
            }
            for (int32_t b = 0; b < L.nblock; b++) mark_block(&L, b);
        }
    }
    mem_free(S, L.in, size);
    mem_free(S, L.slot_bit, L.nslot * sizeof *L.slot_bit);
    mem_free(S, L.handler, (n + 1) * sizeof *L.handler);
    mem_free(S, L.first, (n + 2) * sizeof *L.first);
    mem_free(S, L.block, (n + 1) * sizeof *L.block);
    return ok;
}
