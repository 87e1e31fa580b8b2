/* parse.h -- text to tree: drives the lexer (lexer.re) and the grammar (grammar.y).
**
** Mistakes are collected with diag_report, at most 20, and the parser goes on behind each; a tree
** comes back only when there was none.
** SPDX-License-Identifier: MIT */
#ifndef DSC_PARSE_H
#define DSC_PARSE_H
#include "lang/ast.h"

typedef enum ParseMode {
    PARSE_FILE,  /* an expression that is not used is an error on every line */
    PARSE_PROMPT /* the last line may be a bare expression: the prompt's input, -e */
} ParseMode;

/* The tree of a source (source_add); the caller frees it with ast_free. NULL when there were errors,
** which are in S->reports then, or when memory was refused (S->err). */
Ast *parse_source(State *S, uint32_t file, ParseMode mode);

typedef enum ParseState {
    PARSE_COMPLETE,   /* a newline here ends the input */
    PARSE_INCOMPLETE, /* an open bracket, string or descend header, or an operator at the end */
    PARSE_WRONG       /* no further line can mend it; parse_source tells why */
} ParseState;

/* For a prompt: may the input so far (NUL at text[len]) be run? `reason`, if not NULL, receives what is
** open: "(", "[", "{", "\"\"\"", "descend", "..." or "". Reports nothing. An empty last line completes an input
** that is open only because of a trailing operator. */
ParseState parse_incomplete(State *S, const char *text, size_t len, const char **reason);

/* Why an expression statement does nothing (names, literals, operators, indexing only). */
bool parse_is_idle(const Ast *a);

/* One line for each token: "line:col KIND text"; for --dump=tokens. Errors are reported as above. */
bool lex_dump(State *S, uint32_t file, Buf *out);
#endif
