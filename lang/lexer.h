/* lexer.h -- characters to tokens.
**
** The kinds are the terminals of grammar.y (TOK_...). The lexer decides where a statement ends (NL),
** which soft words are keywords, and what a string is made of; see lexer.re.
** SPDX-License-Identifier: MIT */
#ifndef DSC_LEXER_H
#define DSC_LEXER_H
#include "lang/ast.h"

typedef struct Token {
    Span at;
    union {
        double num; /* NUMBER */
        Str *str;   /* names, strings and formats; kept by the arena */
    };
    Str *doc; /* `##` text above a definition's first word, or NULL */
} Token;

typedef struct Bracket {
    char open;      /* '(' '[' '{', or '"' for a hole of a string; 0 for the file itself */
    bool triple;    /* hole of a """ string */
    bool block;     /* '{' that is the block of a descend */
    bool header;    /* a descend header is open directly inside */
    int before;     /* the token before the bracket */
    Span at;        /* of the opening bracket, of the string for a hole */
    Span header_at; /* of `descend` */
} Bracket;

typedef struct Lexer {
    State *S;
    Arena *A;
    uint32_t file;
    const char *src, *p, *end; /* *end is NUL */
    Bracket *open;             /* open[0] is the file */
    size_t n, cap;
    uint32_t braces; /* '{' among them */
    int last;        /* kind given last; 0 at the start */
    Span last_at;
    bool after_block; /* the last token closed a descend's block */
    bool line_start;  /* a newline stands before the next token, NL or not */
    int queue[4];     /* kinds to give before reading on */
    Token queued[4];
    int nqueue;
    Str *doc;         /* for the next token */
    Span odd[2];      /* first `}` that stands under another column than its `{`: both */
    bool quiet;       /* report nothing */
    bool skipping;    /* behind an error: report only what is open */
    bool failed;      /* memory refused, too many errors or too deep: only the end follows */
    bool open_string; /* the text ended inside """ */
    bool open_line;   /* the text ended behind a token that cannot end a statement */
    uint32_t errors;
    uint32_t error_to; /* offset up to which errors were reported */
} Lexer;

/* `text` ends in NUL. False when memory is refused. */
bool lexer_init(Lexer *L, State *S, Arena *A, uint32_t file, const char *text, size_t len);
void lexer_deinit(Lexer *L);

/* The next token's kind; 0 at the end, again and again. TOK_ILLEGAL: an error was reported for it. */
int lexer_next(Lexer *L, Token *out);

/* Reports through the lexer, which counts; NULL when quiet or full (the diag_report_ functions do nothing then). */
Diag *lexer_error(Lexer *L, Span at, DiagCode code, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void lexer_hint(Lexer *L, Diag *d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void lexer_label(Lexer *L, Diag *d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void lexer_note(Lexer *L, Diag *d, Span at, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

const char *token_name(int kind); /* "PLUS" */
const char *token_text(int kind); /* "+", or NULL when the text varies (NAME, NUMBER, ...) */
bool token_is_word(int kind);     /* reserved: if, let, ... */
bool token_ends_operand(int kind);
extern const char *const reserved_words[]; /* NULL at the end */
#endif
