/* ast.c -- nodes, the arena they live in, and the printer for --dump=ast.
**
** The arena hands out memory from chunks that double in size and is freed as a whole. Everything about
** the kinds comes from ast.def; what turns tokens into nodes is in build.c.
** SPDX-License-Identifier: MIT */
#include "lang/ast.h"
#include <string.h>

const char *const ast_name[AST_KINDS] = {
#define AST(KIND, name, kids, fields) name,
#include "lang/ast.def"
};

const char *const ast_op_text[AOP_COUNT] = {
    "",
#define AST_OP(OP, text) text,
#include "lang/ast.def"
};

/* ---- the arena ---- */

typedef struct Chunk Chunk;
struct Chunk {
    Chunk *next;
    size_t size, used;
}; /* size counts the bytes behind the header */

struct Arena {
    Chunk *chunk; /* newest first */
    Str **kept;
    size_t nkept, capkept;
};

enum { CHUNK_MIN = 4096, CHUNK_MAX = 1 << 20 };

Arena *arena_new(State *S) { return mem_zalloc(S, sizeof(Arena)); }

void arena_free(State *S, Arena *A)
{
    if (!A) return;
    for (size_t i = 0; i < A->nkept; i++) obj_release(S, A->kept[i]);
    mem_free(S, A->kept, A->capkept * sizeof *A->kept);
    for (Chunk *c = A->chunk, *next; c; c = next) {
        next = c->next;
        mem_free(S, c, sizeof *c + c->size);
    }
    mem_free(S, A, sizeof *A);
}

void *arena_alloc(State *S, Arena *A, size_t n)
{
    if (n > SIZE_MAX / 4) return mem_alloc(S, n);
    n = (n + 7) & ~(size_t)7;
    Chunk *c = A->chunk;
    if (!c || c->size - c->used < n) {
        size_t size = c ? c->size * 2 : CHUNK_MIN;
        if (size > CHUNK_MAX) size = CHUNK_MAX;
        if (size < n) size = n;
        if (!(c = mem_alloc(S, sizeof *c + size))) return NULL;
        *c = (Chunk){A->chunk, size, 0};
        A->chunk = c;
    }
    char *p = (char *)(c + 1) + c->used;
    c->used += n;
    return memset(p, 0, n);
}

void arena_rewind(Arena *A, void *p)
{
    char *base = (char *)(A->chunk + 1);
    if (A->chunk && (char *)p >= base && (char *)p < base + A->chunk->used) A->chunk->used = (size_t)((char *)p - base);
}

Str *arena_keep(State *S, Arena *A, Str *s)
{
    if (!s) return NULL;
    if (!MEM_PUSH(S, A->kept, A->nkept, A->capkept)) {
        obj_release(S, s);
        return NULL;
    }
    return A->kept[A->nkept++] = s;
}

/* ---- nodes ---- */

Ast *ast_new(State *S, Arena *A, AstKind kind, Span at, uint32_t n)
{
    Ast *a = arena_alloc(S, A, sizeof *a + n * sizeof *a->kid);
    if (!a) return NULL;
    a->kind = (uint8_t)kind;
    a->at = at;
    a->depth = a->nest = 1;
    a->n = n;
    a->kid = (Ast **)(a + 1);
    return a;
}

Arena *ast_arena(const Ast *file) { return file->arena; }

void ast_free(State *S, Ast *file)
{
    if (file) arena_free(S, file->arena);
}

bool ast_is_expr(const Ast *a)
{
    return a->kind == AST_LAMBDA || a->kind == AST_DESCEND || (a->kind >= AST_PIPE && a->kind <= AST_TRY);
}

/* ---- printer ---- */

static void put_quoted(Buf *out, const Str *s)
{
    buf_puts(out, " \"");
    for (size_t i = 0; i < s->len; i++) {
        char c = s->data[i];
        if (c == '\n') buf_puts(out, "\\n");
        else if (c == '\t') buf_puts(out, "\\t");
        else if (c == '"' || c == '\\') buf_printf(out, "\\%c", c);
        else if ((unsigned char)c < ' ') buf_printf(out, "\\u{%x}", c);
        else buf_put(out, &c, 1);
    }
    buf_puts(out, "\"");
}

static void put_fields(const Ast *a, Buf *out)
{
    static const struct {
        int bit;
        const char *text;
    } flags[] = {{AST_PAREN, "paren"}, {AST_PATH, "path"}, {AST_REST, "rest"},
                 {AST_DRAWN, "drawn"}, {AST_OUT, "out"},   {AST_INCLUSIVE, "inclusive"}};
    if (a->op) buf_printf(out, " %s", ast_op_text[a->op]);
    if (a->name) {
        buf_puts(out, " ");
        buf_put(out, a->name->data, a->name->len);
    }
    if (a->kind == AST_NUMBER) {
        char text[40];
        num_format(text, a->num);
        buf_printf(out, " %s", text);
    } else if (a->kind == AST_NUMBERS) {
        for (uint32_t i = 0; i < a->slot && i < 8; i++) {
            char text[40];
            num_format(text, a->nums[i]);
            buf_printf(out, " %s", text);
        }
        if (a->slot > 8) buf_printf(out, " ... (%u)", a->slot);
    } else if (a->kind != AST_FILE && a->str) {
        put_quoted(out, a->str);
    }
    if (a->doc) put_quoted(out, a->doc);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (a->flags & flags[i].bit) buf_printf(out, " [%s]", flags[i].text);
}

static void print_at(const Ast *a, Buf *out, int indent)
{
    for (int i = 0; i < indent; i++) buf_puts(out, "  ");
    if (!a) {
        buf_puts(out, "-\n");
        return;
    }
    buf_puts(out, ast_name[a->kind]);
    put_fields(a, out);
    buf_puts(out, "\n");
    for (uint32_t i = 0; i < a->n; i++) print_at(a->kid[i], out, indent + 1);
}

void ast_print(const Ast *a, Buf *out) { print_at(a, out, 0); }
