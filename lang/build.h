/* build.h -- what grammar.y's actions call: tokens and nodes in, checked nodes out.
**
** Items of a list under way wait on one stack, `pend`: inner lists are finished before the outer one
** goes on, so a list is a start index. Runs of number literals wait there as plain numbers, which is
** what keeps a literal of a million elements small. Builders never return NULL: when memory is
** refused they give P->dummy and P->L.failed stops the parse.
** SPDX-License-Identifier: MIT */
#ifndef DSC_BUILD_H
#define DSC_BUILD_H
#include "lang/lexer.h"
#include "lang/parse.h"

typedef struct Pend {
    Ast *node;
    double num;
    Span at;
} Pend; /* node NULL: a number */

typedef struct Items {
    uint32_t start; /* in P->pend */
    bool comma;     /* a comma stood behind the last one */
} Items;

typedef struct Parse {
    State *S;
    Arena *A;
    Lexer L;
    ParseMode mode;
    void *grammar; /* Lemon's parser */
    Pend *pend;
    size_t npend, cappend;
    Ast dummy;
    Ast *dummy_kid[16];
    Ast *root;
    bool quiet;  /* the next syntax error is known already */
    int kind[3]; /* the tokens before the current one, newest first */
    Token tok[3];
    int first; /* kind of the current statement's first word, of its last keyword with a block */
    Token first_tok;
    int header; /* IF WHILE FOR ELSE TRY CATCH FN ... seen in this statement, or 0 */
    Token header_tok;
} Parse;

/* ---- lists ---- */
Items items_open(Parse *P);
void items_push(Parse *P, Ast *a);
void items_push_number(Parse *P, Ast *a); /* packs a number literal */
void items_drop(Parse *P, Items l);
Ast *ast_list(Parse *P, AstKind kind, Span at, Ast *first, Items l);    /* first may be NULL: no such kid */
Ast *ast_node(Parse *P, AstKind kind, Span at, Ast *a, Ast *b, Ast *c); /* three fixed kids */
Ast *ast_two(Parse *P, AstKind kind, Span at, Ast *a, Ast *b);
Ast *ast_one(Parse *P, AstKind kind, Span at, Ast *a);
Ast *ast_leaf(Parse *P, AstKind kind, Token t); /* name, number or string from the token */

/* ---- statements ---- */
Ast *ast_file(Parse *P, Items stmts);
Ast *ast_block(Parse *P, Token open, Items stmts, Token close);
Ast *ast_let(Parse *P, AstKind kind, Token word, Ast *pattern, Ast *dims, Ast *value);
Ast *ast_assign(Parse *P, Ast *target, Token op, Ast *value);
Ast *ast_loop(Parse *P, AstKind kind, Token word, Ast *a, Ast *b, Ast *c);
Ast *ast_jump(Parse *P, AstKind kind, Token word, Ast *a, Ast *b, bool has_kid);
Ast *ast_use(Parse *P, Token word, Token what, Token as, bool path);
Ast *ast_test(Parse *P, Token word, Token title, Ast *block);

/* ---- declarations ---- */
Ast *ast_fn(Parse *P, AstKind kind, Token word, Token name, Ast *params, Ast *result, Ast *body);
Ast *ast_params(Parse *P, Token open, Items l, Token close);
Ast *ast_formal(Parse *P, Ast *pattern, Ast *dims, Token type, Ast *value);
Ast *ast_rest(Parse *P, Token dots, Token name);
Ast *ast_dims(Parse *P, Token open, Items l, Token close);
Ast *ast_result(Parse *P, Token arrow, Ast *dims, Token type);
Ast *ast_model(Parse *P, Token word, Token name, Ast *params, Items members, Token close);
Ast *ast_param(Parse *P, Token word, Token name, Ast *dims, Token type, Ast *constraint, Ast *init);
Ast *ast_constraint(Parse *P, AstOp op, Ast *a); /* carried as op of a wrapper until ast_param */
Ast *ast_init(Parse *P, bool drawn, Ast *a);
Ast *ast_state(Parse *P, Token word, Token name, Ast *dims, Ast *value);
Ast *ast_native(Parse *P, Token word, Token library, Items l, Token close);
Ast *ast_native_fn(Parse *P, Token word, Token name, Ast *params, Token type, Token symbol);
Ast *ast_native_arg(Parse *P, Token out, Token name, Ast *dims, Token type);
Ast *ast_descend(Parse *P, Token word, Items targets, Ast *over, Ast *optimisers, Ast *steps, Ast *until, Ast *block,
                 Ast *watch);

/* ---- patterns and expressions ---- */
Ast *ast_pattern(Parse *P, Token name);
Ast *ast_patterns(Parse *P, Token open, Items l, Token close, bool comma);
Ast *ast_loop_pattern(Parse *P, Items l); /* `for k, v in` is a list */
Ast *ast_lambda(Parse *P, Ast *params, Ast *body);
Ast *ast_binary(Parse *P, AstOp op, Ast *a, Token t, Ast *b);
Ast *ast_compare(Parse *P, AstOp op, Ast *a, Token t, Ast *b);
Ast *ast_infix(Parse *P, AstKind kind, Ast *a, Token t, Ast *b); /* PIPE OR AND RANGE */
Ast *ast_as(Parse *P, Ast *a, Token type);
Ast *ast_call(Parse *P, Ast *callee, Items args, Token close);
Ast *ast_index(Parse *P, Ast *base, Items items, Token close);
Ast *ast_dot(Parse *P, Ast *a, Token name);
Ast *ast_paren(Parse *P, Token open, Items l, Token close); /* (a), (a,), (x: 1), (e for ...) */
Ast *ast_tensor(Parse *P, Token open, Items l, Token close);
Ast *ast_comprehension(Parse *P, Token open, Ast *generator, Token close);
Ast *ast_generator(Parse *P, Ast *body, Items clauses, Ast *filter);
Ast *ast_clause(Parse *P, Ast *pattern, Ast *range);
Ast *ast_named(Parse *P, Token name, Ast *a);
Ast *ast_spread(Parse *P, Token dots, Ast *a);
Ast *ast_slice(Parse *P, Ast *start, Token colon, Ast *stop, Token colon2, Ast *step);
Ast *ast_interp(Parse *P, Token head, Items l, Token tail);
Ast *ast_hole(Parse *P, Ast *a, Token format);
Ast *ast_if(Parse *P, Token word, Ast *cond, Ast *then, Ast *other);
Ast *ast_try(Parse *P, Token word, Ast *block, Token name, Ast *handler);
#endif
