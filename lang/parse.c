/* parse.c -- drives lexer and grammar, and says in plain words what is wrong.
**
** When the grammar refuses a token, explain() tries, from special to general: a habit of another
** language, a construct that is nearly right, then what was found and what could stand in its
** place, asked of the parse tables (gram_accepts). Behind an error the tokens are skipped to the end
** of the statement, whole blocks included, so one mistake gives one message.
** SPDX-License-Identifier: MIT */
#include "lang/parse.h"
#include "lang/build.h"
#include "runtime/state.h"
#include "grammar.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gramInit(void *g, Parse *P);
void gram(void *g, int kind, Token t);
void gramFinalize(void *g);
size_t gram_size(void);
bool gram_skipping(const void *g);
bool gram_accepts(const void *g, int kind);
void gram_error(Parse *P, int kind, Token t);

/* ---- words for tokens ---- */

static const char *text_of(const Parse *P, Span at) { return P->L.src + at.off; }

static bool is_text(const Parse *P, Token t, const char *s)
{
    return strlen(s) == t.at.len && !memcmp(text_of(P, t.at), s, t.at.len);
}

static bool one_of(const Parse *P, Token t, const char *const *words)
{
    for (; *words; words++)
        if (is_text(P, t, *words)) return true;
    return false;
}

/* "the name `x`", "`+`", "the end of the line" */
static const char *describe(const Parse *P, int kind, Token t, char *buf, size_t n)
{
    const char *text = token_text(kind);
    int len = t.at.len > 30 ? 30 : (int)t.at.len;
    while (len > 0 && (text_of(P, t.at)[len] & 0xc0) == 0x80) len--;
    const char *dots = (uint32_t)len < t.at.len ? "..." : "";
    if (kind == TOK_NL && text_of(P, t.at)[0] == ';') return "`;`";
    if (kind == TOK_NL && P->L.p >= P->L.end)
        return P->L.file && P->mode == PARSE_FILE ? "the end of the file" : "the end of the input";
    if (kind == TOK_NL && text_of(P, t.at)[0] == '}') return "`}`";
    if (kind == TOK_NL) return "the end of the line";
    if (kind == 0) return "the end of the file";
    if (kind == TOK_STR || kind == TOK_STR_HEAD) return "a string";
    if (kind == TOK_STR_MID || kind == TOK_STR_TAIL) return "the `}` of a hole";
    if (kind == TOK_FORMAT) return "a format";
    if (kind == TOK_NUMBER) snprintf(buf, n, "the number `%.*s%s`", len, text_of(P, t.at), dots);
    else if (text && !token_is_word(kind) && (text[0] < 'a' || text[0] > 'z')) snprintf(buf, n, "`%s`", text);
    else if (token_is_word(kind)) snprintf(buf, n, "the word `%s`", text);
    else if (kind == TOK_OPASSIGN) snprintf(buf, n, "`%.*s`", len, text_of(P, t.at));
    else snprintf(buf, n, "the name `%.*s%s`", len, text_of(P, t.at), dots);
    return buf;
}

/* The same without "the name", for "after `x`". */
static const char *quote(const Parse *P, int kind, Token t, char *buf, size_t n)
{
    if (kind == TOK_STR || kind == TOK_STR_TAIL) return "the string";
    if (kind == TOK_STR_HEAD || kind == TOK_STR_MID) return "`{`";
    int len = t.at.len > 30 ? 30 : (int)t.at.len;
    while (len > 0 && (text_of(P, t.at)[len] & 0xc0) == 0x80) len--;
    snprintf(buf, n, "`%.*s%s`", len, text_of(P, t.at), (uint32_t)len < t.at.len ? "..." : "");
    return buf;
}

/* ---- habits of other languages ---- */

typedef struct Word {
    const char *word, *ours, *hint;
} Word;

/* words that begin a line elsewhere, followed by a name, a string or a number */
static const Word line_words[] =
    {{"def", "`fn`", "fn f(x) = x^2, or fn f(x) { ...; last }"},
     {"function", "`fn`", "fn f(x) = x^2, or fn f(x) { ...; last }"},
     {"func", "`fn`", "fn f(x) = x^2, or fn f(x) { ...; last }"},
     {"fun", "`fn`", "fn f(x) = x^2, or fn f(x) { ...; last }"},
     {"proc", "`fn`", "fn f(x) = x^2, or fn f(x) { ...; last }"},
     {"sub", "`fn`", "fn f(x) = x^2, or fn f(x) { ...; last }"},
     {"import", "`use`", "use nn, use nn as layers, use \"file.gd\" as lib"},
     {"from", "`use`", "use nn binds nn, and nn.f is its f"},
     {"include", "`use`", "use \"file.gd\" as lib"},
     {"require", "`use`", "use \"file.gd\" as lib"},
     {"using", "`use`", "use nn binds nn, and nn.f is its f"},
     {"const", "`let`", "let x = 3 cannot be rebound, var x = 3 can"},
     {"local", "`let` or `var`", "let x = 3 cannot be rebound, var x = 3 can"},
     {"global", "nothing", "a function does not rebind names outside itself; return the new value"},
     {"nonlocal", "nothing", "a function does not rebind names outside itself; return the new value"},
     {"auto", "`let` or `var`", "let x = 3 cannot be rebound, var x = 3 can"},
     {"int", "`let` or `var`", "types are not declared: let x = 3"},
     {"float", "`let` or `var`", "types are not declared: let x = 3"},
     {"double", "`let` or `var`", "types are not declared: let x = 3"},
     {"bool", "`let` or `var`", "types are not declared: let x = true"},
     {"string", "`let` or `var`", "types are not declared: let s = \"a\""},
     {"class", "`model`, or a list with named items", "model M(n) { param w[n] = 0 ... }, or (name: \"x\", lr: 0.1)"},
     {"struct", "`model`, or a list with named items", "model M(n) { param w[n] = 0 ... }, or (name: \"x\", lr: 0.1)"},
     {"type", "`model`, or a list with named items", "model M(n) { param w[n] = 0 ... }, or (name: \"x\", lr: 0.1)"},
     {"elif", "`else if`", "} else if c { ... } begins on the line of the closing brace"},
     {"elseif", "`else if`", "} else if c { ... } begins on the line of the closing brace"},
     {"elsif", "`else if`", "} else if c { ... } begins on the line of the closing brace"},
     {"except", "`catch`", "try { ... } catch e { ... }"},
     {"finally", "the lines behind the try", "try { ... } catch e { ... }"},
     {"raise", "`error(...)`", "error(\"what is wrong\")"},
     {"throw", "`error(...)`", "error(\"what is wrong\")"},
     {"print", "`print(...)`", "print(\"loss\", x)"},
     {"echo", "`print(...)`", "print(\"loss\", x)"},
     {"println", "`print(...)`", "print(\"loss\", x)"},
     {"del", "nothing", "memory is returned at the last use"},
     {"delete", "nothing", "memory is returned at the last use"},
     {"with", "`let`", "files are read whole: let rows = load(path)"},
     {"switch", "`if`", "if x == 1 { ... } else if x == 2 { ... }"},
     {"match", "`if`", "if x == 1 { ... } else if x == 2 { ... }"},
     {"case", "`if`", "if x == 1 { ... } else if x == 2 { ... }"},
     {"foreach", "`for`", "for x in xs { ... }"},
     {"unless", "`if not`", "if not c { ... }"},
     {"until", "`while not`", "while not c { ... }"},
     {"yield", "a list", "xs = push(xs, x)"},
     {"async", "nothing", "there are no coroutines"},
     {"await", "nothing", "there are no coroutines"},
     {"module", "nothing", "a file is a module: use \"file.gd\" as lib"},
     {"begin", "`{`", "a block is { ... }"},
     {"do", "`{`", "while c { ... }"},
     {NULL, NULL, NULL}};

/* words between two operands elsewhere */
static const Word infix_words[] = {{"then", "`{`", "if c { ... } else { ... }"},
                                   {"do", "`{`", "while c { ... }"},
                                   {"is", "`==`", "x == nil compares"},
                                   {"mod", "`%`", NULL},
                                   {"div", "`//`", NULL},
                                   {"xor", "`!=`", NULL},
                                   {"end", "`}`", "a block is { ... }"},
                                   {"extends", "nothing", "models have parts, not parents: let base = Base(n)"},
                                   {NULL, NULL, NULL}};

static bool report_word(Parse *P, const Word *words, Token t, Span at)
{
    for (; words->word; words++) {
        if (!is_text(P, t, words->word)) continue;
        bool gone = !strcmp(words->ours, "nothing");
        Diag *d = lexer_error(&P->L, at, DIAG_FOREIGN, "`%s` is not Descent", words->word);
        if (gone) lexer_hint(&P->L, d, "%s", words->hint);
        else lexer_hint(&P->L, d, "write %s%s%s", words->ours, words->hint ? ": " : "", words->hint ? words->hint : "");
        return true;
    }
    return false;
}

/* lambda x, y: body */
static bool report_lambda(Parse *P, Token word)
{
    Diag *d = lexer_error(&P->L, word.at, DIAG_FOREIGN,
                          "`lambda` is not Descent: a function without a name is `x -> e`");
    const char *a = text_of(P, word.at) + word.at.len;
    a += strspn(a, " \t");
    const char *colon = a + strcspn(a, ":\n");
    const char *e = colon + (*colon == ':');
    e += strspn(e, " \t");
    size_t n = strcspn(e, ",)\n#"), names = (size_t)(colon - a);
    while (n && (e[n - 1] == ' ' || e[n - 1] == '\r')) n--;
    if (*colon != ':' || names > 40 || n > 60) lexer_hint(&P->L, d, "x -> x^2, (x, y) -> x + y");
    else if (memchr(a, ',', names)) lexer_hint(&P->L, d, "(%.*s) -> %.*s", (int)names, a, (int)n, e);
    else lexer_hint(&P->L, d, "%.*s -> %.*s", (int)names, a, (int)n, e);
    return true;
}

static bool near_keyword(Parse *P, Token t)
{
    static const char *const more[] = {"loss", "model",  "param",   "state",  "use",
                                       "test", "native", "adjoint", "tangent"};
    char name[32];
    if (t.at.len >= sizeof name || t.at.len < 2) return false;
    memcpy(name, text_of(P, t.at), t.at.len);
    name[t.at.len] = 0;
    const char *all[64];
    size_t n = 0;
    for (; reserved_words[n]; n++) all[n] = reserved_words[n];
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) all[n++] = more[i];
    const char *near = diag_nearest(name, all, n);
    if (!near || !strcmp(near, name)) return false;
    Diag *d = lexer_error(&P->L, t.at, DIAG_SYNTAX, "unknown word `%s` at the beginning of a statement", name);
    lexer_hint(&P->L, d, "did you mean `%s`?", near);
    return true;
}

static bool begins_operand(int kind)
{
    return kind == TOK_NAME || kind == TOK_NUMBER || kind == TOK_STR || kind == TOK_STR_HEAD || kind == TOK_TRUE ||
           kind == TOK_FALSE || kind == TOK_NIL || (kind >= TOK_ADJOINT && kind <= TOK_WATCH);
}

static bool at_start(const Parse *P, int i) /* the i-th token before begins a statement */
{
    int k = i + 1 < 3 ? P->kind[i + 1] : -1;
    return k == 0 || k == TOK_NL || k == TOK_LB || k == TOK_RB;
}

/* Two operands side by side. */
static bool explain_words(Parse *P, int kind, Token t)
{
    Token before = P->tok[0];
    if (P->kind[0] == TOK_NAME || (P->kind[0] >= TOK_ADJOINT && P->kind[0] <= TOK_WATCH)) {
        if (is_text(P, before, "lambda")) return report_lambda(P, before);
        if (P->kind[0] == TOK_TEST && at_start(P, 0)) {
            lexer_hint(&P->L, lexer_error(&P->L, t.at, DIAG_SYNTAX, "a test has a title in quotes"),
                       "test \"what it shows\" { ... }");
            return true;
        }
        if (report_word(P, infix_words, t, t.at)) return true;
        if (at_start(P, 0)) return report_word(P, line_words, before, before.at) || near_keyword(P, before);
        return false;
    }
    return token_ends_operand(P->kind[0]) && kind == TOK_NAME && report_word(P, infix_words, t, t.at);
}

static Diag *foreign(Parse *P, Span at, const char *what) { return lexer_error(&P->L, at, DIAG_FOREIGN, "%s", what); }

static bool explain_colon(Parse *P, Token t)
{
    Lexer *L = &P->L;
    static const char *const heads[] = {"def", "class", "with", "elif",  "except",   "finally", "else",
                                        "try", "if",    "for",  "while", "function", NULL};
    char open = L->open[L->n - 1].open;
    const char *rest = text_of(P, t.at) + 1;
    bool line_end = rest[strspn(rest, " \t\r")] == '\n' || !rest[strspn(rest, " \t\r")] ||
                    rest[strspn(rest, " \t")] == '#';
    if (P->header && (open == 0 || open == '{')) {
        Diag *d = foreign(P, t.at, "a block stands in braces, not behind a colon");
        const char *w = token_text(P->header);
        lexer_hint(L, d, "%s%s { ... }", w ? w : "if", P->header == TOK_ELSE || P->header == TOK_TRY ? "" : " ...");
        return true;
    }
    if (P->first == TOK_LET || P->first == TOK_VAR) {
        Diag *d = foreign(P, t.at, "the type of a variable is not declared");
        lexer_hint(L, d, "%s x = value; `as f32` converts", token_text(P->first));
        return true;
    }
    if (P->first == TOK_NAME && one_of(P, P->first_tok, heads) && line_end) {
        lexer_hint(L, foreign(P, t.at, "a block stands in braces, not behind a colon"), "if c { ... }");
        return true;
    }
    if (open == '{' && (P->kind[1] == TOK_LB || (P->kind[1] == TOK_COMMA)) &&
        (P->kind[0] == TOK_NAME || P->kind[0] == TOK_STR)) {
        lexer_hint(L, foreign(P, t.at, "a list with named items stands in parentheses"), "(lr: 0.1, name: \"x\")");
        return true;
    }
    if (token_ends_operand(P->kind[0]) && open != '[') {
        lexer_hint(L, foreign(P, t.at, "`:` makes no range here"), "0..n is half-open, 1..=n includes n; x[a:b] slices");
        return true;
    }
    return false;
}

static bool explain_assign(Parse *P, Token t)
{
    Lexer *L = &P->L;
    const Bracket *b = &L->open[L->n - 1];
    bool name = P->kind[0] == TOK_NAME || (P->kind[0] >= TOK_ADJOINT && P->kind[0] <= TOK_WATCH);
    if (b->open == '(' && b->before == TOK_FOR) {
        lexer_hint(L, foreign(P, t.at, "a loop runs over a range or a list"), "for i in 0..n { ... }");
    } else if (b->open == '(' && name) {
        bool params = P->first == TOK_FN || P->first == TOK_LOSS || P->first == TOK_MODEL;
        Diag *d = foreign(P, t.at,
                          params && !P->header_tok.doc && P->header == TOK_FN ? "a default stands behind a colon"
                                                                              : "a named argument takes a colon");
        const char *v = text_of(P, t.at) + 1;
        v += strspn(v, " \t");
        size_t n = strcspn(v, ",)\n");
        if (n < 40 && P->tok[0].at.len < 40)
            lexer_hint(L, d, "%.*s: %.*s", (int)P->tok[0].at.len, text_of(P, P->tok[0].at), (int)n, v);
    } else if (b->open == '(' || b->open == '[' || b->open == '"') {
        lexer_hint(L, foreign(P, t.at, "an assignment is a statement and has no value"), "`==` compares");
    } else if (P->header == TOK_IF || P->header == TOK_WHILE) {
        lexer_hint(L, foreign(P, t.at, "an assignment is a statement and has no value"), "`==` compares");
    } else {
        lexer_hint(L, foreign(P, t.at, "assignments do not chain"),
                   "one statement assigns one place; (a, b) = (1, 2) assigns two");
    }
    return true;
}

/* ---- constructs that are nearly right ---- */

static bool explain_comma(Parse *P, Token t)
{
    Lexer *L = &P->L;
    char open = L->open[L->n - 1].open;
    if (open && open != '{') return false;
    if (P->first == TOK_LET || P->first == TOK_VAR) {
        if (gram_accepts(P->grammar, TOK_ASSIGN))
            lexer_hint(L, lexer_error(L, t.at, DIAG_PATTERN, "several names stand in parentheses"), "%s (a, b) = ...",
                       token_text(P->first));
        else lexer_hint(L, lexer_error(L, t.at, DIAG_SYNTAX, "`,` makes a list only in parentheses"), "(a, b)");
        return true;
    }
    if (P->header && P->header != TOK_ELSE) return false;
    lexer_hint(L, foreign(P, t.at, "`,` makes a list only in parentheses"),
               P->first == TOK_RETURN ? "return (a, b)" : "(a, b) is a list; (a, b) = (b, a) swaps");
    return true;
}

static const char *line_of_block(int header)
{
    switch (header) {
    case TOK_IF: return "if c {";
    case TOK_WHILE: return "while c {";
    case TOK_FOR: return "for x in xs {";
    case TOK_ELSE: return "} else {";
    case TOK_TRY: return "try {";
    case TOK_CATCH: return "} catch e {";
    case TOK_TEST: return "test \"what it shows\" {";
    case TOK_MODEL: return "model M(n) {";
    case TOK_DESCEND: return "descend w using adam(lr: 0.01) for 100 {";
    case TOK_WATCH: return "} watch every 100 {";
    default: return "fn f(x) {";
    }
}

/* A block was due and the line is over, or something else stands there. */
static bool explain_block(Parse *P, int kind, Token t)
{
    if (!gram_accepts(P->grammar, TOK_LB) || gram_accepts(P->grammar, TOK_NUMBER)) return false;
    Lexer *L = &P->L;
    char buf[80], prev[80];
    bool below = kind == TOK_NL && *L->p == '{' && text_of(P, t.at)[0] == '\n';
    bool fn = gram_accepts(P->grammar, TOK_ASSIGN);
    Diag *d = below ? lexer_error(L, (Span){L->file, (uint32_t)(L->p - L->src), 1}, DIAG_SYNTAX,
                                  "the `{` stands on the line above")
                    : lexer_error(L, t.at, DIAG_SYNTAX, "expected %s after %s, found %s", fn ? "`=` or `{`" : "`{`",
                                  quote(P, P->kind[0], P->tok[0], prev, sizeof prev),
                                  describe(P, kind, t, buf, sizeof buf));
    if (P->header) lexer_hint(L, d, "%s ... }", line_of_block(P->header));
    return true;
}

static bool explain_member(Parse *P, int kind, Token t)
{
    if (!gram_accepts(P->grammar, TOK_STATE)) return false;
    char buf[80];
    Diag *d = lexer_error(&P->L, t.at, DIAG_MEMBER_DECL, "a model cannot hold %s",
                          describe(P, kind, t, buf, sizeof buf));
    lexer_hint(&P->L, d, "a model holds param, state, let and fn%s", kind == TOK_VAR ? "; what changes is `state`" : "");
    return true;
}

static bool is_infix(int kind)
{
    return kind == TOK_PIPE || kind == TOK_OR || kind == TOK_AND || (kind >= TOK_EQ && kind <= TOK_AT) ||
           kind == TOK_POW;
}

/* Tokens that tell by themselves what was meant. */
static bool explain_token(Parse *P, int kind, Token t)
{
    Lexer *L = &P->L;
    bool operand = token_ends_operand(P->kind[0]);
    bool wants_expr = gram_accepts(P->grammar, TOK_NUMBER);
    if (P->kind[0] == TOK_DOT && P->tok[0].at.off + 1 == t.at.off && is_infix(kind)) {
        Span at = span_join(P->tok[0].at, t.at);
        lexer_hint(L, foreign(P, at, "operators go element by element as they are"), "write `%.*s`", (int)t.at.len,
                   text_of(P, t.at));
        return true;
    }
    if (kind == TOK_NAME && P->kind[0] == TOK_RB && is_text(P, t, "except") && gram_accepts(P->grammar, TOK_CATCH)) {
        lexer_hint(L, foreign(P, t.at, "`except` is not Descent"), "write `catch e`: try { ... } catch e { ... }");
        return true;
    }
    if (kind == TOK_NAME && P->kind[0] == TOK_NAME && (P->kind[1] == TOK_LET || P->kind[1] == TOK_VAR) &&
        is_text(P, P->tok[0], "mut")) {
        lexer_hint(L, foreign(P, P->tok[0].at, "`mut` is not Descent"), "write `var %.*s = ...`", (int)t.at.len,
                   text_of(P, t.at));
        return true;
    }
    switch (kind) {
    case TOK_COLON: return explain_colon(P, t);
    case TOK_ASSIGN: return operand && !gram_accepts(P->grammar, TOK_IN) && !wants_expr && explain_assign(P, t);
    case TOK_COMMA: return explain_comma(P, t);
    case TOK_EQ:
        if (!gram_accepts(P->grammar, TOK_ASSIGN)) return false;
        lexer_hint(L, lexer_error(L, t.at, DIAG_SYNTAX, "`==` compares; a value is given by `=`"), "%s x = 3",
                   P->first == TOK_VAR ? "var" : "let");
        return true;
    case TOK_IN:
        if (!operand || wants_expr) return false;
        lexer_hint(L, foreign(P, t.at, "`in` belongs to for"),
                   "index_of(xs, x) finds an item, has(r, \"name\") a named one");
        return true;
    case TOK_IF:
        if (!operand) return false;
        lexer_hint(L, foreign(P, t.at, "`if` does not stand behind a value"), "if c { a } else { b } is an expression");
        return true;
    case TOK_PLUS:
        if (!wants_expr) return false;
        lexer_hint(L, lexer_error(L, t.at, DIAG_SYNTAX, "there is no sign `+`"),
                   "leave it out, or end the line before with it");
        return true;
    case TOK_AT:
        if (P->kind[0] && P->kind[0] != TOK_NL) return false;
        lexer_hint(L, foreign(P, t.at, "there are no decorators"),
                   "f = vmap(f) wraps a function, a `loss` is one by its word");
        return true;
    case TOK_FN:
        if (P->kind[0] == TOK_NL || P->kind[0] == TOK_LB || (!wants_expr && !operand)) return false;
        lexer_hint(L, lexer_error(L, t.at, DIAG_SYNTAX, "`fn` defines a function with a name, on a line of its own"),
                   "x -> x^2 is a function without a name");
        return true;
    case TOK_ELSE:
        if (P->kind[0] == TOK_RB) return false;
        lexer_hint(L, lexer_error(L, t.at, DIAG_SYNTAX, "this `else` follows no `if c { ... }`"),
                   "} else { stands on the line of the closing brace");
        return true;
    case TOK_CATCH:
        lexer_hint(L, lexer_error(L, t.at, DIAG_SYNTAX, "this `catch` follows no `try { ... }`"),
                   "try { ... } catch e { ... }");
        return true;
    case TOK_LK:
    case TOK_LB:
        if (P->kind[0] == TOK_LET || P->kind[0] == TOK_VAR || P->kind[0] == TOK_FOR) {
            lexer_hint(L, lexer_error(L, t.at, DIAG_PATTERN, "a pattern stands in parentheses"), "%s (a, b) %s ...",
                       token_text(P->kind[0]), P->kind[0] == TOK_FOR ? "in" : "=");
            return true;
        }
        if (kind == TOK_LB && P->kind[0] == TOK_RP && gram_accepts(P->grammar, TOK_NL)) {
            Diag *d = lexer_error(L, t.at, DIAG_SYNTAX, "a block cannot follow a call");
            if (P->first == TOK_NAME && !is_text(P, P->first_tok, "function") && P->first_tok.at.len < 40)
                lexer_hint(L, d, "fn %.*s(...) { ... } defines a function", (int)P->first_tok.at.len,
                           text_of(P, P->first_tok.at));
            else lexer_hint(L, d, "x -> { ... } is a function without a name");
            return true;
        }
        return false;
    case TOK_STR_TAIL:
    case TOK_STR_MID:
        if (!wants_expr) return false;
        lexer_hint(L, lexer_error(L, t.at, DIAG_SYNTAX, "the hole of this string is empty"),
                   "a brace that is text is written \\{");
        return true;
    case TOK_TILDE:
        lexer_hint(L, lexer_error(L, t.at, DIAG_SYNTAX, "`~` stands only in `param`"),
                   "param W[n] ~ normal(n); not inverts a bool");
        return true;
    case TOK_NUMBER:
    case TOK_STR:
    case TOK_STR_HEAD:
    case TOK_NIL:
    case TOK_TRUE:
    case TOK_FALSE:
        if (wants_expr || !gram_accepts(P->grammar, TOK_NAME) || !gram_accepts(P->grammar, TOK_LP)) return false;
        if (P->first != TOK_LET && P->first != TOK_VAR && P->first != TOK_FOR) return false;
        lexer_hint(L, lexer_error(L, t.at, DIAG_PATTERN, "a pattern holds only names"),
                   "(a, (b, c)) takes a list apart");
        return true;
    }
    return false;
}

/* `let new = 3`: a reserved word where only a name can stand. */
static bool explain_reserved(Parse *P, int kind, Token t)
{
    if (!token_is_word(kind) || !gram_accepts(P->grammar, TOK_NAME) || gram_accepts(P->grammar, TOK_NUMBER))
        return false;
    Diag *d = lexer_error(&P->L, t.at, DIAG_SYNTAX, "`%s` is a reserved word and cannot be a name", token_text(kind));
    lexer_hint(&P->L, d, "%s_ is free", token_text(kind));
    return true;
}

/* ---- the general message ---- */

/* What could stand here, in words: "`)` or `,`". Operators are left out when something else is
** possible. */
static void expected(const Parse *P, char *out, size_t room)
{
    static const int first[] = {TOK_RP,     TOK_RK,    TOK_COMMA,    TOK_RB,  TOK_LB,    TOK_LP,
                                TOK_ASSIGN, TOK_USING, TOK_OVER,     TOK_IN,  TOK_CATCH, TOK_COLON,
                                TOK_EVERY,  TOK_AS,    TOK_STR_TAIL, TOK_STR, TOK_NL,    TOK_NAME};
    const char *words[8];
    int n = 0;
    bool expr_done = gram_accepts(P->grammar, TOK_PLUS);
    for (size_t i = 0; i < sizeof first / sizeof *first && n < 5; i++) {
        int k = first[i];
        if (!gram_accepts(P->grammar, k)) continue;
        if (expr_done && (k == TOK_LP || k == TOK_AS || k == TOK_ASSIGN || k == TOK_COLON)) continue;
        words[n++] = k == TOK_NL         ? "the end of the line"
                     : k == TOK_NAME     ? "a name"
                     : k == TOK_STR      ? "a string"
                     : k == TOK_STR_TAIL ? "the `}` of the hole"
                                         : token_text(k);
    }
    size_t len = 0;
    out[0] = 0;
    for (int i = 0; i < n; i++) {
        const char *sep = i == 0 ? "" : i + 1 < n ? ", " : " or ";
        bool plain = strchr(words[i], ' ') != NULL;
        int w = snprintf(out + len, room - len, plain ? "%s%s" : "%s`%s`", sep, words[i]);
        if (w < 0 || (size_t)w >= room - len) break;
        len += (size_t)w;
    }
    if (expr_done && n == 0) snprintf(out, room, "an operator");
}

static void explain(Parse *P, int kind, Token t)
{
    Lexer *L = &P->L;
    char found[80], prev[80], wanted[160];
    describe(P, kind, t, found, sizeof found);
    const char *f = describe(P, kind, t, found, sizeof found);
    const char *q = quote(P, P->kind[0], P->tok[0], prev, sizeof prev);
    bool start = P->kind[0] == 0 || P->kind[0] == TOK_NL;
    if (gram_accepts(P->grammar, TOK_NUMBER)) {
        Span at = kind == TOK_NL ? P->tok[0].at : t.at;
        if (start || P->kind[0] == TOK_LB) {
            Diag *d = lexer_error(L, t.at, DIAG_SYNTAX, "a statement cannot begin with %s", f);
            if (is_infix(kind)) lexer_hint(L, d, "to go on with the line before, end that line with the operator");
            return;
        }
        lexer_error(L, at, DIAG_SYNTAX, "expected an expression after %s, found %s", q, f);
        return;
    }
    expected(P, wanted, sizeof wanted);
    Diag *d;
    if (start) d = lexer_error(L, t.at, DIAG_SYNTAX, "expected %s, found %s", wanted, f);
    else
        d = lexer_error(L, kind == TOK_NL ? P->tok[0].at : t.at, DIAG_SYNTAX, "expected %s after %s, found %s", wanted,
                        q, f);
    const Bracket *b = &L->open[L->n - 1];
    bool operand = token_ends_operand(P->kind[0]) && begins_operand(kind);
    if (operand && (b->open == '(' || b->open == '[')) {
        lexer_note(L, d, b->at, "inside this `%c`", b->open);
        lexer_hint(L, d, "items are separated by commas");
    } else if (P->kind[0] == TOK_LET || P->kind[0] == TOK_VAR) {
        lexer_hint(L, d, "%s x = 3", token_text(P->kind[0]));
    } else if (P->kind[0] == TOK_FN && kind == TOK_LP) {
        lexer_hint(L, d, "a function without a name is x -> x^2");
    } else if (operand && gram_accepts(P->grammar, TOK_IN)) {
        lexer_hint(L, d,
                   P->first == TOK_DESCEND || P->header == TOK_DESCEND ? "over (x, y) in data" : "for x in xs { ... }");
    } else if (operand && P->kind[0] == TOK_NUMBER && gram_accepts(P->grammar, TOK_NL)) {
        lexer_hint(L, d, "an operator is missing between the two");
    } else if (operand && P->kind[0] == TOK_NAME && kind != TOK_NUMBER && P->tok[0].at.len + t.at.len < 60) {
        lexer_hint(L, d, "a call has parentheses, %.*s(%.*s); a product its sign", (int)P->tok[0].at.len,
                   text_of(P, P->tok[0].at), (int)t.at.len, text_of(P, t.at));
    } else if ((b->open == '(' || b->open == '[') && b->at.off != t.at.off) {
        lexer_note(L, d, b->at, "inside this `%c`", b->open);
    } else if (P->first == TOK_DESCEND || P->header == TOK_DESCEND) {
        lexer_hint(L, d, "descend net over (x, y) in data using adam(lr: 0.01) { loss }");
    } else if (gram_accepts(P->grammar, TOK_NL) &&
               memchr(text_of(P, P->first_tok.at), '/',
                      t.at.off - P->first_tok.at.off > 4000 ? 0 : t.at.off - P->first_tok.at.off)) {
        const char *s = text_of(P, P->first_tok.at), *e = text_of(P, t.at);
        for (; s + 1 < e; s++)
            if (s[0] == '/' && s[1] == '/') {
                lexer_hint(L, d, "`//` is floor division; comments begin with #");
                break;
            }
    }
}

/* Called by the grammar when no rule takes the token. */
void gram_error(Parse *P, int kind, Token t)
{
    if (P->quiet || P->L.failed || kind == TOK_ILLEGAL) return;
    if (explain_words(P, kind, t) || explain_token(P, kind, t) || explain_block(P, kind, t) ||
        explain_member(P, kind, t) || explain_reserved(P, kind, t))
        return;
    explain(P, kind, t);
}

/* ---- the loop ---- */

static void remember(Parse *P, int kind, Token t)
{
    P->kind[2] = P->kind[1], P->tok[2] = P->tok[1];
    P->kind[1] = P->kind[0], P->tok[1] = P->tok[0];
    P->kind[0] = kind, P->tok[0] = t;
}

static void begin_statement(Parse *P) { P->first = P->header = 0; }

/* Which statement is under way, for messages. */
static void note_head(Parse *P, int kind, Token t)
{
    if (!P->first) {
        P->first = kind;
        P->first_tok = t;
    }
    switch (kind) {
    case TOK_IF:
    case TOK_WHILE:
    case TOK_FOR:
    case TOK_ELSE:
    case TOK_TRY:
    case TOK_CATCH:
    case TOK_FN:
    case TOK_LOSS:
    case TOK_MODEL:
    case TOK_TEST:
    case TOK_DESCEND:
    case TOK_WATCH:
        if ((kind == TOK_FOR && P->header == TOK_DESCEND) ||
            (kind == TOK_FOR && P->L.open[P->L.n - 1].open != '{' && P->L.n > 1) ||
            ((kind == TOK_MODEL || kind == TOK_LOSS || kind == TOK_TEST || kind == TOK_WATCH) && P->first != kind &&
             P->kind[0] != TOK_RB))
            break;
        P->header = kind == TOK_LOSS ? TOK_FN : kind;
        P->header_tok = t;
    }
}

/* Drops tokens up to the NL that ends the broken statement: the one at `level` open braces. */
static int skip(Parse *P, uint32_t level, Token *t)
{
    int kind;
    P->L.skipping = true;
    do {
        kind = lexer_next(&P->L, t);
        char open = P->L.open[P->L.n - 1].open;
        if (kind == TOK_NL && P->L.braces <= level && (!open || open == '{')) break;
    } while (kind && !P->L.failed);
    P->L.skipping = false;
    return P->L.failed ? 0 : kind;
}

static void run(Parse *P)
{
    Token t;
    for (;;) {
        int kind = lexer_next(&P->L, &t);
        if (P->L.failed) return;
        P->quiet = kind == TOK_ILLEGAL;
        note_head(P, kind, t);
        uint32_t level = P->L.braces - (kind == TOK_LB);
        gram(P->grammar, kind, t);
        if (P->L.failed) return;
        while (gram_skipping(P->grammar) && kind) {
            kind = skip(P, level, &t);
            P->quiet = true;
            if (P->L.failed) return;
            gram(P->grammar, kind, t);
        }
        P->quiet = false;
        if (!kind) return;
        remember(P, kind, t);
        if (kind == TOK_NL || kind == TOK_LB) begin_statement(P);
    }
}

/* Reports in the order of the text. */
static void sort_reports(State *S, size_t from)
{
    for (size_t i = from + 1; i < S->nreports; i++)
        for (size_t k = i; k > from && S->reports[k]->at.off < S->reports[k - 1]->at.off; k--) {
            Diag *d = S->reports[k];
            S->reports[k] = S->reports[k - 1];
            S->reports[k - 1] = d;
        }
}

/* Within a `(` or `[` that is never closed the statements that follow look wrong too: they are not reported. */
static void drop_followers(State *S, const char *src, size_t from)
{
    for (size_t i = from; i < S->nreports; i++) {
        const Diag *open = S->reports[i];
        if (open->code != DIAG_BRACKET || open->warning || !open->nnotes || open->notes[0].at.off < open->at.off)
            continue;
        if (src[open->at.off] != '(' && src[open->at.off] != '[') continue;
        size_t kept = i + 1;
        for (size_t k = i + 1; k < S->nreports; k++) {
            Diag *d = S->reports[k];
            if ((d->code == DIAG_SYNTAX || d->code == DIAG_FOREIGN) && d->at.off <= open->notes[0].at.off) {
                diag_free(S, d);
                S->nerrors--;
            } else {
                S->reports[kept++] = d;
            }
        }
        S->nreports = kept;
    }
}

static bool parse_open(Parse *P, uint32_t file)
{
    const Source *src = source_get(P->S, file);
    if (!src || !(P->A = arena_new(P->S))) return false;
    if (!lexer_init(&P->L, P->S, P->A, file, src->text, src->len)) return false;
    if (!(P->grammar = mem_alloc(P->S, gram_size()))) return false;
    gramInit(P->grammar, P);
    return true;
}

Ast *parse_source(State *S, uint32_t file, ParseMode mode)
{
    Parse *P = mem_zalloc(S, sizeof *P);
    if (!P) return NULL;
    P->S = S;
    P->mode = mode;
    size_t reports = S->nreports;
    if (parse_open(P, file) && !P->L.failed) run(P);
    bool ok = P->grammar && !P->L.failed && !P->L.errors && P->root && !S->err;
    Ast *root = ok ? P->root : NULL;
    sort_reports(S, reports);
    if (P->L.src) drop_followers(S, P->L.src, reports);
    if (P->grammar) {
        gramFinalize(P->grammar);
        mem_free(S, P->grammar, gram_size());
    }
    mem_free(S, P->pend, P->cappend * sizeof *P->pend);
    if (P->A) lexer_deinit(&P->L);
    if (!ok) arena_free(S, P->A);
    mem_free(S, P, sizeof *P);
    return root;
}

/* ---- the prompt ---- */

static bool blank_end(const char *text, size_t len)
{
    size_t i = len;
    if (i && text[i - 1] == '\n') i--;
    while (i && (text[i - 1] == ' ' || text[i - 1] == '\t' || text[i - 1] == '\r')) i--;
    return i == 0 || (text[i - 1] == '\n' && i < len);
}

ParseState parse_incomplete(State *S, const char *text, size_t len, const char **reason)
{
    const char *why = "";
    ParseState state = PARSE_COMPLETE;
    Arena *A = arena_new(S);
    Lexer L = {.quiet = true};
    char *own = A ? mem_dup(S, text, len) : NULL; /* the lexer stops at a NUL, which a host's text need not have */
    if (own && lexer_init(&L, S, A, 0, own, len)) {
        Token t;
        uint32_t errors = L.errors;
        while (lexer_next(&L, &t)) errors = L.errors;
        const Bracket *b = &L.open[L.n - 1];
        if (L.open_string) state = PARSE_INCOMPLETE, why = "\"\"\"";
        else if (errors) state = PARSE_WRONG;
        else if (b->open == '"' && !b->triple) state = PARSE_WRONG;
        else if (b->header) state = PARSE_INCOMPLETE, why = "descend";
        else if (L.n > 1) state = PARSE_INCOMPLETE, why = b->open == '(' ? "(" : b->open == '[' ? "[" : "{";
        else if (L.open_line && !blank_end(text, len)) state = PARSE_INCOMPLETE, why = "...";
    }
    lexer_deinit(&L);
    if (own) mem_free(S, own, len + 1);
    arena_free(S, A);
    if (reason) *reason = why;
    return state;
}

/* ---- --dump=tokens ---- */

bool lex_dump(State *S, uint32_t file, Buf *out)
{
    const Source *src = source_get(S, file);
    Arena *A = src ? arena_new(S) : NULL;
    Lexer L = {0};
    bool ok = A && lexer_init(&L, S, A, file, src->text, src->len);
    Token t;
    for (int kind; ok && (kind = lexer_next(&L, &t)) != 0;) {
        int line, col;
        source_where(S, t.at, &line, &col);
        buf_printf(out, "%d:%d %s", line, col, token_name(kind));
        const char *text = src->text + t.at.off;
        int len = kind == TOK_NL ? 0 : (int)t.at.len, line_len = (int)strcspn(text, "\n");
        buf_printf(out, "%s%.*s\n", len ? " " : "", len < line_len ? len : line_len, text);
    }
    ok = ok && !L.errors && !L.failed && !out->failed;
    if (A) lexer_deinit(&L);
    arena_free(S, A);
    return ok;
}
