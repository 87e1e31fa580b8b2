/* dump.c -- bytecode as text, for --dump=code. Reads opcodes.def, so it cannot go stale.
**
** SPDX-License-Identifier: MIT */
#include <string.h>
#include "runtime/state.h"

static const struct {
    const char *name, *form;
} ops[] = {
#define OPCODE(name, form, text) {#name, form},
#include "runtime/opcodes.def"
#undef OPCODE
};

static void constant(State *S, Buf *b, Value v)
{
    buf_puts(b, "  ; ");
    size_t at = b->len;
    if (v.tag == T_TENSOR || v.tag >= T_NAMES) buf_puts(b, type_name(S, v));
    else value_show(S, b, v, true);
    if (b->len > at + 60) {
        b->len = at + 57;
        buf_puts(b, "...");
    }
}

static void dump_one(State *S, const Proto *p, Buf *b)
{
    int line = 0, col = 0, last = -1;
    source_where(S, p->at, &line, &col);
    buf_printf(b, "%s  line %d  %d registers  %d parameters\n", p->name ? p->name->data : "lambda", line, p->nregs,
               p->nparams);
    for (int i = 0; i < p->ncode; i++) {
        const Instr *in = &p->code[i];
        const char *form = ops[in->op].form;
        source_where(S, p->span[i], &line, &col);
        if (line != last) buf_printf(b, "%5d ", line);
        else buf_puts(b, "      ");
        last = line;
        buf_printf(b, "%5d  %-10s", i, ops[in->op].name);
        bool j = strchr(form, 'J') || strchr(form, 'j');
        buf_printf(b, "%5d", in->a);
        if (j || in->op == OP_EXT) buf_printf(b, " %6d", in->j);
        else buf_printf(b, " %6d %6d", in->b, in->c);
        if (in->x) buf_printf(b, "  x%d", in->x);
        int k = -1;
        if (in->op == OP_LOADK || in->op == OP_USE) k = in->j;
        else if (strstr(form, "A K")) k = in->b;
        else if (strchr(form, 'K') || strchr(form, 'N')) k = in->c;
        if (k >= 0 && k < p->nk) constant(S, b, p->k[k]);
        if (in->op == OP_JMP || in->op == OP_LOOP || in->op == OP_JF || in->op == OP_JT || in->op == OP_FORLOOP ||
            in->op == OP_FORPREP || in->op == OP_NEXT || in->op == OP_JSET)
            buf_printf(b, "  -> %d", i + 1 + in->j);
        else if (in->op >= OP_JNLT && in->op <= OP_JNNEK) buf_printf(b, "  -> %d", i + 1 + (int16_t)in->c);
        buf_puts(b, "\n");
    }
    for (int i = 0; i < p->nhandlers; i++)
        buf_printf(b, "        try %d..%d -> %d, error in %d\n", p->handlers[i].start, p->handlers[i].end,
                   p->handlers[i].target, p->handlers[i].reg);
    buf_puts(b, "\n");
    for (int i = 0; i < p->nprotos; i++) dump_one(S, p->protos[i], b);
    for (int i = 0; i < p->nk; i++) {
        if (p->k[i].tag != T_MODELDEF) continue;
        const ModelDef *d = p->k[i].def;
        for (int m = 0; m < d->nmethods; m++) dump_one(S, d->methods[m].proto, b);
        if (d->call) dump_one(S, d->call, b);
    }
}

void proto_dump(State *S, const Proto *p, Buf *b) { dump_one(S, p, b); }
