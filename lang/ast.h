/* ast.h -- the tree that the parser makes: one uniform node, in an arena.
**
** Kinds and what their kids mean are listed in ast.def. Nodes, kid arrays and packed numbers live in
** the arena of their tree and are freed together; names and strings are counted Strs that the arena
** keeps for as long as it lives. Patterns, assignment targets and lambda parameters are parsed as
** expressions; the ast_* functions that grammar.y calls turn them into what they are, which is where
** the good messages come from. Later passes may hang their own data on `info` and `slot`, taking
** memory from the same arena (arena_alloc(S, ast_arena(file), n)).
** SPDX-License-Identifier: MIT */
#ifndef DSC_AST_H
#define DSC_AST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/diag.h"
#include "runtime/value.h"

typedef enum AstKind {
#define AST(KIND, name, kids, fields) AST_##KIND,
#include "lang/ast.def"
    AST_KINDS
} AstKind;

typedef enum AstOp {
    AOP_NONE,
#define AST_OP(OP, text) AOP_##OP,
#include "lang/ast.def"
    AOP_COUNT
} AstOp;

enum {                     /* Ast.flags */
       AST_PAREN = 1,      /* stood in parentheses of its own: (a) */
       AST_PATH = 2,       /* USE "file.gd" as m */
       AST_REST = 4,       /* FORMAL ...rest */
       AST_DRAWN = 8,      /* PARAM p ~ e */
       AST_OUT = 16,       /* NATIVE_ARG out */
       AST_INCLUSIVE = 32, /* RANGE ..= */
       AST_RULED = 64      /* FN that has an adjoint or tangent beside it; set by the resolver */
};

enum {
    AST_NEST_MAX = 1000, /* brackets, blocks, operands on the right */
    AST_DEPTH_MAX = 6000 /* no tree is deeper, so walkers may recurse; only chains a + b + ..., x.f(a).g(b)... and
                         ** else if go beyond AST_NEST_MAX */
};

typedef struct Arena Arena;
typedef struct Ast Ast;
struct Ast {
    uint8_t kind; /* AstKind */
    uint8_t op;   /* AstOp */
    uint8_t flags;
    uint8_t mark;   /* for later passes, starts 0 */
    Span at;        /* the whole construct */
    uint16_t depth; /* 1 for a leaf */
    uint16_t nest;  /* the same, but chains count once */
    uint32_t n;     /* kids, NULL ones included */
    Ast **kid;
    Str *name;
    Span name_at;    /* of the name; of the operator where there is one */
    uint32_t weight; /* for later passes, starts 0 */
    uint32_t slot;   /* NUMBERS: their count; otherwise for later passes, starts 0 */
    union {
        double num;   /* NUMBER */
        double *nums; /* NUMBERS */
        Str *str;
        Arena *arena; /* FILE */
    };
    union {
        Str *doc;  /* `##` text above a definition, lines joined by \n; NULL without */
        Str *type; /* NATIVE_FN: result type */
    };
    void *info; /* for later passes, starts NULL */
};

extern const char *const ast_name[AST_KINDS];
extern const char *const ast_op_text[AOP_COUNT]; /* "+" ... */

/* ---- trees ---- */
Arena *ast_arena(const Ast *file);
void ast_free(State *S, Ast *file);     /* the whole tree; NULL is fine */
void ast_print(const Ast *a, Buf *out); /* one node a line, indented */
bool ast_is_expr(const Ast *a);         /* has a value: not a declaration, assignment, loop or jump */

/* Pieces for passes that rewrite. Kids start NULL. NULL (error set) when memory is refused. */
Ast *ast_new(State *S, Arena *A, AstKind kind, Span at, uint32_t n);

/* ---- the arena ---- */
Arena *arena_new(State *S);
void arena_free(State *S, Arena *A);
void *arena_alloc(State *S, Arena *A, size_t n); /* zeroed, 8-byte aligned */
void arena_rewind(Arena *A, void *p);            /* frees p and all later, if p is in the newest chunk */
Str *arena_keep(State *S, Arena *A, Str *s);     /* takes over a reference; NULL stays NULL */
#endif
