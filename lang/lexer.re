/* lexer.re -- characters to tokens (re2c).
**
** Two layers. scan() knows single tokens: words, numbers, operators, pieces of strings.
** lexer_next() keeps the stack of open brackets and decides about NL, the end of a statement:
**
**   none inside ( ) [ ] and holes of strings; a { inside them starts counting again
**   none behind a binary operator, a comma, `=`, `:`, `->` or an opening bracket
**   none between `descend` and its block, none between that block and `watch every`
**   none before a line that begins with `|>`, `.name`, `else` or `catch`
**   one is supplied before `}` and before the end; `;` is one
**
** Soft words (`loss model param ...`) are keywords only in front of a name or a string; the
** grammar's fallback does the rest. A string with holes comes as
** STR_HEAD expr FORMAT? STR_MID ... STR_TAIL.
** A bracket that is left open is reported at the latest when a line begins with a word that cannot
** continue an expression (`let fn while ...`); the lexer then drops to the enclosing block.
** Words of other languages that can be understood (`&&`, `**`, `True`, `elif`) are reported and
** replaced by what was meant, so that the parser goes on undisturbed.
** SPDX-License-Identifier: MIT */
#include "lang/lexer.h"
#include "grammar.h"
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* ---- the kinds ---- */

/* clang-format off */
#define K(name, text) {TOK_##name, #name, text}
static const struct { int kind; const char *name, *text; } kinds[] = {
    K(NAME, NULL), K(NUMBER, NULL), K(STR, NULL), K(STR_HEAD, NULL), K(STR_MID, NULL),
    K(STR_TAIL, NULL), K(FORMAT, NULL), K(NL, NULL), K(ILLEGAL, NULL), K(OPASSIGN, NULL),
    K(ARROW, "->"), K(PIPE, "|>"), K(OR, "or"), K(AND, "and"), K(NOT, "not"), K(EQ, "=="),
    K(NE, "!="), K(LT, "<"), K(GT, ">"), K(LE, "<="), K(GE, ">="), K(RANGE, ".."),
    K(RANGE_EQ, "..="), K(PLUS, "+"), K(MINUS, "-"), K(STAR, "*"), K(SLASH, "/"),
    K(DSLASH, "//"), K(PERCENT, "%"), K(AT, "@"), K(AS, "as"), K(POW, "^"),
    K(ADJOINT, "adjoint"), K(EVERY, "every"), K(LOSS, "loss"), K(MODEL, "model"),
    K(NATIVE, "native"), K(OUT, "out"), K(OVER, "over"), K(PARAM, "param"), K(STATE, "state"),
    K(TANGENT, "tangent"), K(TEST, "test"), K(UNTIL, "until"), K(USE, "use"), K(USING, "using"),
    K(WATCH, "watch"), K(LB, "{"), K(RB, "}"), K(LET, "let"), K(ASSIGN, "="), K(VAR, "var"),
    K(FOR, "for"), K(IN, "in"), K(WHILE, "while"), K(BREAK, "break"), K(CONTINUE, "continue"),
    K(RETURN, "return"), K(ASSERT, "assert"), K(COMMA, ","), K(FN, "fn"), K(LP, "("), K(RP, ")"),
    K(COLON, ":"), K(ELLIPSIS, "..."), K(LK, "["), K(RK, "]"), K(TILDE, "~"),
    K(DESCEND, "descend"), K(DOT, "."), K(PRIME, "'"), K(TRUE, "true"), K(FALSE, "false"),
    K(NIL, "nil"), K(TRY, "try"), K(CATCH, "catch"), K(IF, "if"), K(ELSE, "else"), K(NEW, "new")
};
#undef K
/* clang-format on */

enum { NKINDS = sizeof kinds / sizeof *kinds };

const char *const reserved_words[] = {"let",   "var",    "fn",    "if",       "else",    "for",
                                      "in",    "while",  "break", "continue", "return",  "and",
                                      "or",    "not",    "true",  "false",    "nil",     "try",
                                      "catch", "assert", "new",   "as",       "descend", NULL};
static const char *const soft_words[] = {"loss", "model",  "param",   "state",   "use",
                                         "test", "native", "adjoint", "tangent", NULL};
static const char *const clause_words[] = {"every", "out", "over", "until", "using", "watch", NULL};

const char *token_name(int kind)
{
    for (int i = 0; i < NKINDS; i++)
        if (kinds[i].kind == kind) return kinds[i].name;
    return "END";
}

const char *token_text(int kind)
{
    for (int i = 0; i < NKINDS; i++)
        if (kinds[i].kind == kind) return kinds[i].text;
    return NULL;
}

static int in_words(const char *const *words, const char *s, size_t n)
{
    for (int i = 0; words[i]; i++)
        if (strlen(words[i]) == n && !memcmp(words[i], s, n)) return i + 1;
    return 0;
}

static int kind_of_text(const char *s, size_t n)
{
    for (int i = 0; i < NKINDS; i++)
        if (kinds[i].text && strlen(kinds[i].text) == n && !memcmp(kinds[i].text, s, n))
            return kinds[i].kind;
    return TOK_NAME;
}

bool token_is_word(int kind)
{
    const char *text = token_text(kind);
    return text && in_words(reserved_words, text, strlen(text));
}

bool token_ends_operand(int kind)
{
    switch (kind) {
    case TOK_NAME:
    case TOK_NUMBER:
    case TOK_STR:
    case TOK_STR_TAIL:
    case TOK_RP:
    case TOK_RK:
    case TOK_RB:
    case TOK_PRIME:
    case TOK_TRUE:
    case TOK_FALSE:
    case TOK_NIL:
    case TOK_ADJOINT:
    case TOK_EVERY:
    case TOK_LOSS:
    case TOK_MODEL:
    case TOK_NATIVE:
    case TOK_OUT:
    case TOK_OVER:
    case TOK_PARAM:
    case TOK_STATE:
    case TOK_TANGENT:
    case TOK_TEST:
    case TOK_UNTIL:
    case TOK_USE:
    case TOK_USING:
    case TOK_WATCH: return true;
    }
    return false;
}

/* A newline behind these does not end the statement. */
static bool wants_more(int kind)
{
    switch (kind) {
    case TOK_ARROW:
    case TOK_PIPE:
    case TOK_OR:
    case TOK_AND:
    case TOK_NOT:
    case TOK_EQ:
    case TOK_NE:
    case TOK_LT:
    case TOK_GT:
    case TOK_LE:
    case TOK_GE:
    case TOK_RANGE:
    case TOK_RANGE_EQ:
    case TOK_PLUS:
    case TOK_MINUS:
    case TOK_STAR:
    case TOK_SLASH:
    case TOK_DSLASH:
    case TOK_PERCENT:
    case TOK_AT:
    case TOK_AS:
    case TOK_POW:
    case TOK_COMMA:
    case TOK_ASSIGN:
    case TOK_OPASSIGN:
    case TOK_COLON:
    case TOK_TILDE:
    case TOK_IN: return true;
    }
    return false;
}

/* ---- reporting ---- */

Diag *lexer_error(Lexer *L, Span at, DiagCode code, const char *fmt, ...)
{
    if (at.off + at.len > L->error_to) L->error_to = at.off + at.len;
    L->errors++;
    if (L->quiet ||
        (L->skipping && code != DIAG_BRACKET && code != DIAG_STRING && code != DIAG_TOO_LARGE))
        return NULL;
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    Diag *d = diag_report(L->S, at, code, false, "%s", text);
    if (!d) L->failed = true;
    return d;
}

#define FORWARD(call)                                                                              \
    if (!d) return;                                                                                \
    char text[600];                                                                                \
    va_list ap;                                                                                    \
    va_start(ap, fmt);                                                                             \
    vsnprintf(text, sizeof text, fmt, ap);                                                         \
    va_end(ap);                                                                                    \
    call

void lexer_hint(Lexer *L, Diag *d, const char *fmt, ...)
{
    FORWARD(diag_report_hint(L->S, d, "%s", text);)
}
void lexer_label(Lexer *L, Diag *d, const char *fmt, ...)
{
    FORWARD(diag_report_label(L->S, d, "%s", text);)
}
void lexer_note(Lexer *L, Diag *d, Span at, const char *fmt, ...)
{
    FORWARD(diag_report_note(L->S, d, at, "%s", text);)
}

static Span span(const Lexer *L, const char *a, const char *b)
{
    return (Span){L->file, (uint32_t)(a - L->src), (uint32_t)(b - a)};
}

/* Reports a habit of another language; the token itself is replaced by the caller. */
static void habit(Lexer *L, const char *a, const char *b, const char *ours, const char *hint)
{
    Diag *d = lexer_error(L, span(L, a, b), DIAG_FOREIGN, "`%.*s` is not Descent", (int)(b - a), a);
    lexer_hint(L, d, "write %s%s%s", ours, hint ? ": " : "", hint ? hint : "");
}

/* ---- characters ---- */

static bool ascii_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool ascii_digit(int c) { return c >= '0' && c <= '9'; }

static int code_point(const char *p, const char *end, int32_t *c)
{
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)p, end - p, c);
    return n > 0 ? (int)n : (*c = -1, 1);
}

static bool name_point(int32_t c, bool first)
{
    if (c < 0) return false;
    if (c < 128) return ascii_letter(c) || (!first && ascii_digit(c));
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL: return true;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND: return !first;
    default: return !first && c >= 0x2080 && c <= 0x2089; /* subscript digits */
    }
}

/* End of the name that begins at p, or p. */
static const char *name_end(const Lexer *L, const char *p)
{
    const char *start = p;
    for (;;) {
        unsigned char c = (unsigned char)*p;
        if (ascii_letter(c) || (p > start && ascii_digit(c))) {
            p++;
        } else if (c >= 0x80) {
            int32_t u;
            int n = code_point(p, L->end, &u);
            if (!name_point(u, p == start)) return p;
            p += n;
        } else {
            return p;
        }
    }
}

static Str *keep(Lexer *L, Str *s)
{
    s = arena_keep(L->S, L->A, s);
    if (!s) L->failed = true;
    return s;
}

static Str *name_str(Lexer *L, const char *a, const char *b)
{
    size_t n = (size_t)(b - a);
    bool ascii = true;
    for (const char *p = a; p < b; p++) ascii &= !(*p & 0x80);
    if (ascii) return keep(L, str_intern(L->S, a, n));
    size_t room = (n * 4 + 4) *
                  sizeof(utf8proc_int32_t); /* canonical decomposition: at most 4 for 1 */
    utf8proc_int32_t *buf = mem_alloc(L->S, room);
    if (!buf) {
        L->failed = true;
        return NULL;
    }
    utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_ssize_t m = utf8proc_decompose((const utf8proc_uint8_t *)a, (utf8proc_ssize_t)n, buf,
                                            (utf8proc_ssize_t)(n * 4), how);
    if (m > 0 && m <= (utf8proc_ssize_t)(n * 4))
        m = utf8proc_reencode(buf, m, how);
    else
        m = -1;
    Str *s = m > 0 ? str_intern(L->S, (char *)buf, (size_t)m) : str_intern(L->S, a, n);
    mem_free(L->S, buf, room);
    return keep(L, s);
}

/* ---- numbers ---- */

static const double ten_to[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The nearest double. Up to 15 digits and 10^22 one multiplication is exact (Clinger 1990, "How to
** read floating point numbers accurately"); the rest goes through strtod, whatever the locale's
** point is. */
static bool number_value(Lexer *L, const char *a, const char *b, double *out)
{
    uint64_t digits = 0;
    int count = 0, scale = 0, exponent = 0;
    bool point = false, hex = b - a > 2 && (a[1] | 32) == 'x';
    for (const char *p = a; p < b && !hex; p++) {
        if (*p == '_') continue;
        if (*p == '.') {
            point = true;
        } else if (*p == 'e' || *p == 'E') {
            bool minus = p[1] == '-';
            for (p += 1 + (p[1] == '-' || p[1] == '+'); p < b; p++)
                if (*p != '_' && exponent < 100000) exponent = exponent * 10 + (*p - '0');
            if (minus) exponent = -exponent;
        } else {
            if (digits || *p != '0') count++;
            if (count <= 19) digits = digits * 10 + (uint64_t)(*p - '0');
            scale -= point;
        }
    }
    exponent += scale;
    if (!hex && count <= 15 && exponent >= -22 && exponent <= 22) {
        *out = exponent < 0 ? (double)digits / ten_to[-exponent]
                            : (double)digits * ten_to[exponent];
        return true;
    }
    const char *dot = localeconv()->decimal_point;
    Buf text;
    buf_init(&text, L->S);
    for (const char *p = a; p < b; p++) {
        if (*p == '.')
            buf_puts(&text, dot);
        else if (*p != '_')
            buf_put(&text, p, 1);
    }
    buf_put(&text, "", 1);
    if (text.failed) L->failed = true;
    *out = text.failed ? 0 : strtod(text.p, NULL);
    buf_deinit(&text);
    return true;
}

static int number(Lexer *L, const char *a, Token *t)
{
    const char *b = L->p, *tail = b;
    while (ascii_letter(*tail) || ascii_digit(*tail) || (*tail & 0x80)) {
        const char *e = ascii_digit(*tail) ? tail + 1 : name_end(L, tail);
        if (e == tail) break;
        tail = e;
    }
    if (tail > b) {
        Diag *d = lexer_error(L, span(L, a, tail), DIAG_NUMBER, "`%.*s` is not a number",
                              (int)(tail - a), a);
        if (*b == '_')
            lexer_hint(L, d, "`_` stands between two digits: 1_000");
        else if ((b[-1] == '0' && b == a + 1 && strchr("xXbBoO", *b)) ||
                 (a[0] == '0' && (a[1] | 32) == 'x'))
            lexer_hint(L, d, "numbers are decimal, or hexadecimal after 0x: 255, 0xff");
        else if ((*b | 32) == 'e' && !ascii_letter(b[1]))
            lexer_hint(L, d, "an exponent has digits: 1e-3");
        else if ((*b | 32) == 'j' || ((*b | 32) == 'i' && tail == b + 1))
            lexer_hint(L, d, "there are no complex numbers");
        else if (strchr("fFlLuU", *b) && tail == b + 1)
            lexer_hint(L, d, "numbers have no suffix: %.*s", (int)(b - a), a);
        else
            lexer_hint(L, d, "a product needs its sign: %.*s * %.*s", (int)(b - a), a,
                       (int)(tail - b), b);
        L->p = tail;
    } else if (*b == '.' && b[1] != '.' && name_end(L, b + 1) == b + 1 && !ascii_digit(b[1])) {
        Diag *d = lexer_error(L, span(L, a, b + 1), DIAG_NUMBER,
                              "a digit must follow the point in `%.*s.`", (int)(b - a), a);
        lexer_hint(L, d, "write %.*s or %.*s.0", (int)(b - a), a, (int)(b - a), a);
        L->p = b + 1;
    } else if (*b == '.' && ascii_digit(b[1])) {
        const char *e = b + 1;
        while (ascii_digit(*e) || *e == '.') e++;
        lexer_error(L, span(L, a, e), DIAG_NUMBER, "`%.*s` has two points", (int)(e - a), a);
        L->p = e;
    }
    number_value(L, a, b, &t->num);
    if (isinf(t->num)) {
        Diag *d = lexer_error(L, span(L, a, b), DIAG_NUMBER,
                              "`%.*s` is too large for a 64-bit float",
                              (int)(b - a > 40 ? 40 : b - a), a);
        lexer_hint(L, d, "the largest is 1.7976931348623157e308; `inf` is infinity");
    }
    return TOK_NUMBER;
}

/* ---- brackets ---- */

static Bracket *top(Lexer *L) { return &L->open[L->n - 1]; }

static bool push(Lexer *L, char open, Span at)
{
    if (L->n > AST_NEST_MAX) {
        if (!L->failed)
            lexer_error(L, at, DIAG_TOO_LARGE, "brackets nest more than %d deep", AST_NEST_MAX);
        L->failed = true;
        return false;
    }
    if (!MEM_PUSH(L->S, L->open, L->n, L->cap)) {
        L->failed = true;
        return false;
    }
    L->open[L->n++] = (Bracket){.open = open, .at = at, .before = L->last};
    L->braces += open == '{';
    return true;
}

static void pop(Lexer *L)
{
    L->braces -= top(L)->open == '{';
    L->n--;
}

static void enqueue(Lexer *L, int kind, Token t)
{
    L->queue[L->nqueue] = kind;
    L->queued[L->nqueue++] = t;
}

/* Reports what is open above the innermost `{` and drops it; true when something was. */
static bool drop_to_block(Lexer *L, Span found, const char *why)
{
    Bracket b = *top(L);
    if (b.open == '{' || !b.open) {
        if (!b.header) return false;
        Diag *d = lexer_error(L, b.header_at, DIAG_SYNTAX, "this `descend` has no block");
        lexer_note(L, d, found, "%s", why);
        lexer_hint(L, d, "descend x using adam(lr: 0.01) for 100 { ...; loss }");
        top(L)->header = false;
        return true;
    }
    if (b.open == '"') {
        Diag *d = lexer_error(L, b.at, DIAG_STRING, "a hole {...} of this string is never closed");
        lexer_note(L, d, found, "%s", why);
    } else {
        Diag *d =
            lexer_error(L, b.at, DIAG_BRACKET, "the `%c` opened here is never closed", b.open);
        lexer_note(L, d, found, "%s", why);
    }
    while (top(L)->open && top(L)->open != '{') pop(L);
    top(L)->header = false;
    return true;
}

static uint32_t column(const Lexer *L, uint32_t off, bool *first)
{
    uint32_t start = off;
    while (start > 0 && L->src[start - 1] != '\n') start--;
    *first = true;
    uint32_t word = start;
    while (L->src[word] == ' ' || L->src[word] == '\t') word++;
    *first = word == off;
    return word - start;
}

static int close_brace(Lexer *L, Token *t)
{
    Bracket b = *top(L);
    bool first, ignore;
    if (!L->odd[0].file && column(L, t->at.off, &first) != column(L, b.at.off, &ignore) && first) {
        L->odd[0] = t->at;
        L->odd[1] = b.at;
    }
    pop(L);
    L->after_block = b.block;
    return TOK_RB;
}

/* A closing bracket. One that closes nothing is reported and dropped (returns 0). */
static int close(Lexer *L, char c, Token *t)
{
    char want = c == ')' ? '(' : c == ']' ? '[' : '{';
    int kind = c == ')' ? TOK_RP : c == ']' ? TOK_RK : TOK_RB;
    if (top(L)->open == want) {
        if (want != '{') return pop(L), kind;
        if (L->last == TOK_NL || L->last == TOK_LB) return close_brace(L, t);
        enqueue(L, TOK_RB, *t);
        return TOK_NL;
    }
    size_t i = L->n - 1;
    while (i > 0 && L->open[i].open != want && !(want != '{' && L->open[i].open == '{')) i--;
    char is = top(L)->open;
    if ((i == 0 || L->open[i].open != want) && want != '{' && (is == '(' || is == '[')) {
        Diag *d = lexer_error(L, t->at, DIAG_BRACKET, "`%c` closes a `%c`", c, is);
        lexer_note(L, d, top(L)->at, "opened here");
        pop(L);
        return is == '(' ? TOK_RP : TOK_RK;
    }
    if (i == 0 || L->open[i].open != want) {
        Diag *d = lexer_error(L, t->at, DIAG_BRACKET, "`%c` closes nothing", c);
        if (top(L)->open && top(L)->open != '"')
            lexer_note(L, d, top(L)->at, "the innermost open bracket is this `%c`", top(L)->open);
        else if (c == '}' && L->odd[0].file)
            lexer_note(L, d, L->odd[0],
                       "this `}` already closes a block that is indented differently");
        return 0;
    }
    Bracket b = *top(L);
    Diag *d = lexer_error(L, b.at, b.open == '"' ? DIAG_STRING : DIAG_BRACKET,
                          b.open == '"' ? "a hole {...} of this string is never closed"
                                        : "the `%c` opened here is never closed",
                          b.open);
    lexer_note(L, d, t->at, "`%c` closes something further out", c);
    while (L->n - 1 > i) pop(L);
    if (want == '{')
        enqueue(L, TOK_RB, *t); /* closed when it leaves the queue */
    else
        pop(L);
    return TOK_ILLEGAL;
}

/* ---- strings ---- */

static bool escape(Lexer *L, Buf *out, const char **at)
{
    const char *p = *at; /* behind the backslash */
    switch (*p) {
    case 'n': buf_puts(out, "\n"); break;
    case 't': buf_puts(out, "\t"); break;
    case '"':
    case '\\':
    case '{':
    case '}': buf_put(out, p, 1); break;
    case 'u': {
        const char *q = p + 1;
        uint32_t c = 0;
        int digits = 0;
        if (*q == '{')
            for (q++; ascii_digit(*q) || ((*q | 32) >= 'a' && (*q | 32) <= 'f'); q++, digits++)
                if (c <= 0x10ffff)
                    c = c * 16 + (uint32_t)(ascii_digit(*q) ? *q - '0' : (*q | 32) - 'a' + 10);
        if (!digits || *q != '}' || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
            Diag *d = lexer_error(L, span(L, p - 1, q), DIAG_ESCAPE,
                                  digits && *q == '}' ? "there is no such code point"
                                                      : "`\\u` needs hexadecimal digits in braces");
            lexer_hint(L, d, "\\u{3b8} is θ");
            *at = digits && *q == '}' ? q + 1 : q;
            return false;
        }
        utf8proc_uint8_t utf8[4];
        buf_put(out, (char *)utf8, (size_t)utf8proc_encode_char((utf8proc_int32_t)c, utf8));
        *at = q + 1;
        return true;
    }
    default: {
        if (!*p || *p == '\n') return true; /* the string's end is reported */
        int32_t c;
        int n = code_point(p, L->end, &c);
        Diag *d =
            lexer_error(L, span(L, p - 1, p + n), DIAG_ESCAPE, "unknown escape `\\%.*s`", n, p);
        lexer_hint(
            L, d,
            "the escapes are \\n \\t \\\" \\\\ \\{ \\} \\u{3b8}; a backslash is written \\\\");
        *at = p + n;
        return false;
    }
    }
    *at = p + 1;
    return true;
}

/* Inside a hole of a string that ends on its line? */
static bool hole_open(const Lexer *L)
{
    for (size_t i = L->n - 1; i > 0 && L->open[i].open != '{'; i--)
        if (L->open[i].open == '"' && !L->open[i].triple) return true;
    return false;
}

/* Text of a string up to its end or the next hole. `head`: the quote was just read. */
static int string_piece(Lexer *L, Token *t, const char *a, bool triple, bool head, Span whole)
{
    const char *p = L->p;
    int kind = head ? TOK_STR : TOK_STR_TAIL;
    Buf text;
    buf_init(&text, L->S);
    for (;;) {
        const char *q = p;
        while (*p && *p != '"' && *p != '\\' && *p != '{' && *p != '\n' && *p != '\r') p++;
        buf_put(&text, q, (size_t)(p - q));
        if (*p == '\\') {
            p++;
            escape(L, &text, &p);
        } else if (*p == '{') {
            L->p = p + 1;
            if (!push(L, '"', head ? span(L, a, p) : whole)) break;
            top(L)->triple = triple;
            kind = head ? TOK_STR_HEAD : TOK_STR_MID;
            break;
        } else if (*p == '"' && (!triple || (p[1] == '"' && p[2] == '"'))) {
            L->p = p + (triple ? 3 : 1);
            break;
        } else if (*p == '\r' && p[1] == '\n' && triple) {
            p++;
        } else if ((*p && *p != '\n') || (*p == '\n' && triple) || (!*p && p < L->end)) {
            buf_put(&text, p, 1);
            p++;
        } else if (!triple && head &&
                   hole_open(L)) { /* its quote closed a string whose hole is open */
            while (hole_open(L)) {
                whole = top(L)->at;
                pop(L);
            }
            Diag *d =
                lexer_error(L, whole, DIAG_STRING, "a hole {...} of this string is never closed");
            lexer_hint(L, d, "a brace that is text is written \\{");
            L->p = p;
            kind = TOK_ILLEGAL;
            break;
        } else { /* a line's or the text's end */
            Span at = head ? span(L, a, triple ? a + 3 : p) : whole;
            Diag *d = lexer_error(L, at, DIAG_STRING,
                                  triple ? "the \"\"\" opened here is never closed"
                                         : "this string has no closing quote on its line");
            if (!triple)
                lexer_hint(L, d, "close it with \", or use \"\"\" for a string over several lines");
            if (triple) L->open_string = true;
            L->p = p;
            break;
        }
    }
    t->at = span(L, a, L->p);
    t->str = keep(L, buf_str(&text));
    return kind;
}

/* 'text': a string of another language. */
static int single_quoted(Lexer *L, Token *t, const char *a)
{
    const char *p = a + 1;
    bool triple = p[0] == '\'' && p[1] == '\'';
    if (triple) {
        p = strstr(p + 2, "'''");
        p = p ? p + 2 : NULL;
    } else {
        while (*p && *p != '\n' && *p != '\'') p += 1 + (*p == '\\' && p[1] && p[1] != '\n');
        if (*p != '\'') p = NULL;
    }
    if (!p) {
        Diag *d = lexer_error(L, span(L, a, a + 1), DIAG_CHAR, "`'` stands behind no value");
        lexer_hint(L, d,
                   "A' swaps the last two axes, f' is the derivative; strings stand in \"...\"");
        L->p = a + 1;
        return TOK_ILLEGAL;
    }
    int skip = triple ? 3 : 1;
    Diag *d = lexer_error(L, span(L, a, p + 1), DIAG_FOREIGN, "strings stand in double quotes");
    if (p - a < 60) lexer_hint(L, d, "write \"%.*s\"", (int)(p + 1 - a) - 2 * skip, a + skip);
    t->at = span(L, a, p + 1);
    t->str = keep(L, str_from_bytes(L->S, a + skip, (size_t)(p + 1 - a) - 2 * (size_t)skip));
    L->p = p + 1;
    return TOK_STR;
}

/* `:` in a hole, outside all brackets: a format up to the brace. */
static int format(Lexer *L, Token *t, const char *a)
{
    const char *p = L->p;
    while (*p && *p != '}' && *p != '"' && *p != '\n') p++;
    const char *s = L->p, *q = s;
    if (*q == '+') q++;
    while (ascii_digit(*q)) q++;
    if (*q == '.' && ascii_digit(q[1])) {
        for (q++; ascii_digit(*q); q++) {
        }
        if (*q == 'f' || *q == 'e') q++;
    }
    if (q != p || *s == '+' || p == s) {
        Diag *d = lexer_error(L, span(L, a, p), DIAG_STRING, "`%.*s` is no format",
                              (int)(p - a > 40 ? 40 : p - a), a);
        lexer_hint(L, d,
                   ".4 gives significant digits, .3f decimals, 8 the width; other colons go in "
                   "parentheses");
    }
    t->at = span(L, a, p);
    t->str = keep(L, str_new(L->S, s, (size_t)(p - s)));
    L->p = p;
    return TOK_FORMAT;
}

/* ---- words ---- */

static const char *skip_spaces(const char *p)
{
    while (*p == ' ' || *p == '\t') p++;
    return p;
}

static bool soft_here(const Lexer *L, const char *p)
{
    p = skip_spaces(p);
    if (*p == '"') return true;
    const char *e = name_end(L, p);
    return e > p && !in_words(reserved_words, p, (size_t)(e - p));
}

static int word(Lexer *L, Token *t, const char *a)
{
    const char *b = name_end(L, a);
    if (b == a) { /* no letter after all */
        static const struct {
            const char *text, *ours;
        } look[] = {{"≤", "<="}, {"≥", ">="},  {"≠", "!="},      {"−", "-"},   {"×", "*"},
                    {"·", "*"},  {"÷", "/"},   {"→", "->"},      {"“", "\""},  {"”", "\""},
                    {"‘", "\""}, {"’", "'"},   {"√", "sqrt(x)"}, {"∞", "inf"}, {"∈", "in"},
                    {"π", "pi"}, {"…", "..."}, {"²", "^2"},      {"³", "^3"},  {"∇", "grad(f)"},
                    {"′", "'"},  {NULL, NULL}};
        int32_t c;
        int n = code_point(a, L->end, &c);
        L->p = a + n;
        t->at = span(L, a, L->p);
        Diag *d;
        if (c == 0xa0 || c == 0x3000 || c == 0x202f || c == 0x2009 || c == 0x200b || c == 0xfeff ||
            c == 0x2028) {
            d = lexer_error(L, t->at, DIAG_CHAR, "an invisible character, U+%04X, stands here", c);
            lexer_hint(L, d, c == 0x200b || c == 0xfeff ? "take it out" : "replace it with an ordinary space");
            return 0;
        }
        d = lexer_error(L, t->at, DIAG_CHAR, "`%.*s` (U+%04X) belongs to no word or operator", n, a,
                        c);
        for (int i = 0; look[i].text; i++)
            if (strlen(look[i].text) == (size_t)n && !memcmp(look[i].text, a, (size_t)n))
                lexer_hint(L, d, "write %s", look[i].ours);
        return TOK_ILLEGAL;
    }
    L->p = b;
    size_t n = (size_t)(b - a);
    t->at = span(L, a, b);
    int kind = TOK_NAME;
    bool item = top(L)->open == '(' && (L->last == TOK_LP || L->last == TOK_COMMA) &&
                *skip_spaces(b) == ':';
    if (L->last != TOK_DOT && !item) {
        if (in_words(reserved_words, a, n)) return kind_of_text(a, n);
        if (in_words(clause_words, a, n) || (in_words(soft_words, a, n) && soft_here(L, b)))
            kind = kind_of_text(a, n);
        if (n == 4 && !memcmp(a, "True", 4)) return habit(L, a, b, "`true`", NULL), TOK_TRUE;
        if (n == 5 && !memcmp(a, "False", 5)) return habit(L, a, b, "`false`", NULL), TOK_FALSE;
        if (n == 4 && !memcmp(a, "None", 4)) return habit(L, a, b, "`nil`", NULL), TOK_NIL;
        if (L->last == TOK_RB &&
            ((n == 4 && !memcmp(a, "elif", 4)) || (n == 6 && !memcmp(a, "elseif", 6)) ||
             (n == 5 && !memcmp(a, "elsif", 5)))) {
            habit(L, a, b, "`else if`", NULL);
            enqueue(L, TOK_IF, *t);
            return TOK_ELSE;
        }
        if (*b == '"' && n <= 2 && strspn(a, "fFrRbBuU") >= n) { /* f"..." */
            habit(L, a, b, "the string alone",
                  (a[0] | 32) == 'f' ? "every string has holes: \"loss {l:.4}\""
                                     : "a backslash is written \\\\, a brace \\{");
            return 0;
        }
    }
    t->str = name_str(L, a, b);
    return kind;
}

/* `**`, `++` and others with more than one meaning elsewhere. */
static int plusplus(Lexer *L, Token *t, const char *a)
{
    char c = *a;
    const char *p = skip_spaces(L->p);
    bool behind = token_ends_operand(L->last) && (!*p || strchr("\n\r;)]}#,", *p));
    if (c == '-' && (!behind || (L->last != TOK_NAME && L->last != TOK_RK))) { /* minus minus x */
        L->p = a + 1;
        t->at.len = 1;
        return TOK_MINUS;
    }
    Diag *d = lexer_error(L, t->at, DIAG_FOREIGN, "`%c%c` is not Descent", c, c);
    const char *place = a; /* x, r.n or x[i] */
    while (place > L->src && (strchr(".[]", place[-1]) || ascii_letter(place[-1]) ||
                              ascii_digit(place[-1]) || place[-1] & 0x80))
        place--;
    if (behind && place < a && a - place < 60)
        lexer_hint(L, d, "write %.*s %c= 1", (int)(a - place), place, c);
    else
        lexer_hint(L, d, "x += 1 adds one; lists are joined by (...a, ...b), strings by +");
    return behind ? 0 : TOK_ILLEGAL;
}

static int starstar(Lexer *L, const char *a)
{
    bool spread = !token_ends_operand(L->last);
    habit(L, a, L->p, spread ? "`...`" : "`^`",
          spread ? "(...args) spreads a list, its named items too"
                 : "x ^ 2; it binds tighter than a minus in front");
    return spread ? TOK_ELLIPSIS : TOK_POW;
}

static int fat_arrow(Lexer *L, const char *a)
{
    const char *line = a;
    while (line > L->src && line[-1] != '\n') line--;
    line = skip_spaces(line);
    if (!strncmp(line, "fn ", 3) || !strncmp(line, "loss ", 5))
        return habit(L, a, L->p, "`=`", "fn f(x) = x^2"), TOK_ASSIGN;
    return habit(L, a, L->p, "`->`", "x -> x^2"), TOK_ARROW;
}

static int question(Lexer *L, const char *a)
{
    habit(L, a, L->p, "`if c { a } else { b }`", NULL);
    return TOK_ILLEGAL;
}

static int comment_habit(Lexer *L, const char *a)
{
    habit(L, a, L->p, "comments with `#`", NULL);
    return 0;
}

/* ---- one token; 0 for "nothing, go on" and at the end (p == end) ---- */

static int scan(Lexer *L, Token *t)
{
    const unsigned char *YYMARKER;
#define P ((const unsigned char *)L->p)
    for (;;) {
        const char *a = L->p;
        const unsigned char *YYCURSOR = P;
#define GIVE(kind) return L->p = (const char *)YYCURSOR, t->at = span(L, a, L->p), (kind)
#define AT         (L->p = (const char *)YYCURSOR, t->at = span(L, a, L->p))
        /*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:yyfill:enable = 0;
    re2c:sentinel = 0;

    digits = [0-9] ("_"? [0-9])*;
    letter = [A-Za-z_\x80-\xff];

    [ \t\r\f\v]+            { L->p = (const char *)YYCURSOR; continue; }
    "#" [^\n\x00]*          { L->p = (const char *)YYCURSOR; continue; }
    "\n"                    { GIVE(TOK_NL); }
    "\x00"                  {
        if (a >= L->end) return 0;
        AT;
        lexer_error(L, t->at, DIAG_CHAR, "a NUL byte stands in the text");
        return TOK_ILLEGAL;
    }
    digits ("." digits)? ([eE] [+-]? digits)?  { AT; return number(L, a, t); }
    "0" [xX] [0-9a-fA-F] ("_"? [0-9a-fA-F])*   { AT; return number(L, a, t); }
    "." digits              {
        AT;
        bool item = token_ends_operand(L->last) && L->last_at.off + L->last_at.len == t->at.off;
        Diag *d = lexer_error(L, t->at, DIAG_NUMBER, "a digit must stand before the point of `%.*s`",
                              (int)t->at.len, a);
        if (item) lexer_hint(L, d, "items are indexed: [%.*s]", (int)t->at.len - 1, a + 1);
        else lexer_hint(L, d, "write 0%.*s", (int)t->at.len, a);
        if (item) return 0;
        number_value(L, a, L->p, &t->num);
        return TOK_NUMBER;
    }
    letter [A-Za-z0-9_\x80-\xff]*  { AT; return word(L, t, a); }
    "\"\"\""                { AT; return string_piece(L, t, a, true, true, SPAN_NONE); }
    "\""                    { AT; return string_piece(L, t, a, false, true, SPAN_NONE); }
    "'"                     {
        AT;
        bool touches = L->last_at.off + L->last_at.len == t->at.off;
        if (token_ends_operand(L->last) && L->last != TOK_STR && touches) return TOK_PRIME;
        return single_quoted(L, t, a);
    }
    "->"  { GIVE(TOK_ARROW); }      "|>"  { GIVE(TOK_PIPE); }       "=="  { GIVE(TOK_EQ); }
    "!="  { GIVE(TOK_NE); }         "<="  { GIVE(TOK_LE); }         ">="  { GIVE(TOK_GE); }
    "<"   { GIVE(TOK_LT); }         ">"   { GIVE(TOK_GT); }         "..." { GIVE(TOK_ELLIPSIS); }
    "..=" { GIVE(TOK_RANGE_EQ); }   ".."  { GIVE(TOK_RANGE); }      "."   { GIVE(TOK_DOT); }
    "+"   { GIVE(TOK_PLUS); }       "-"   { GIVE(TOK_MINUS); }      "*"   { GIVE(TOK_STAR); }
    "/"   { GIVE(TOK_SLASH); }      "%"   { GIVE(TOK_PERCENT); }    "@"   { GIVE(TOK_AT); }
    "^"   { GIVE(TOK_POW); }        "~"   { GIVE(TOK_TILDE); }      "="   { GIVE(TOK_ASSIGN); }
    ","   { GIVE(TOK_COMMA); }      ";"   { GIVE(TOK_NL); }         "("   { GIVE(TOK_LP); }
    ")"   { GIVE(TOK_RP); }         "["   { GIVE(TOK_LK); }         "]"   { GIVE(TOK_RK); }
    "{"   { GIVE(TOK_LB); }         "}"   { GIVE(TOK_RB); }
    [-+/*%^@] "=" | "//="   { GIVE(TOK_OPASSIGN); }
    "//"                    {
        AT;
        if (L->last && L->last != TOK_NL && L->last != TOK_LB) return TOK_DSLASH;
        while (*L->p && *L->p != '\n') L->p++;
        t->at = span(L, a, a + 2);
        const char *line_end = L->p;
        L->p = a + 2;
        comment_habit(L, a);
        L->p = line_end;
        return 0;
    }
    "/*"                    {
        AT;
        comment_habit(L, a);
        const char *stop = strstr(L->p, "*" "/");
        L->p = stop ? stop + 2 : L->end;
        return 0;
    }
    ":"                     {
        AT;
        return top(L)->open == '"' ? format(L, t, a) : TOK_COLON;
    }
    "**="                   { AT; return habit(L, a, L->p, "`^=`", NULL), TOK_OPASSIGN; }
    "**"                    { AT; return starstar(L, a); }
    "++" | "--"             { AT; return plusplus(L, t, a); }
    "!"                     { AT; return habit(L, a, L->p, "`not`", NULL), TOK_NOT; }
    "&&"                    { AT; return habit(L, a, L->p, "`and`", NULL), TOK_AND; }
    "||"                    { AT; return habit(L, a, L->p, "`or`", NULL), TOK_OR; }
    "&"                     {
        AT;
        habit(L, a, L->p, "`and`", "it joins two bools; masks are multiplied, (x > 0) * (x < 1)");
        return TOK_AND;
    }
    "|"                     {
        AT;
        habit(L, a, L->p, "`or`", "it joins two bools; of masks take where or max");
        return TOK_OR;
    }
    "&=" | "|=" | "<<" | ">>" {
        AT;
        Diag *d = lexer_error(L, t->at, DIAG_FOREIGN,
                              "`%.2s` is not Descent: there are no operations on bits", a);
        lexer_hint(L, d, "x * 2^n shifts; bools are joined by and, or");
        return TOK_ILLEGAL;
    }
    "==="                   { AT; return habit(L, a, L->p, "`==`", NULL), TOK_EQ; }
    "!==" | "<>" | "~="     { AT; return habit(L, a, L->p, "`!=`", NULL), TOK_NE; }
    "=>"                    { AT; return fat_arrow(L, a); }
    ":="                    {
        AT;
        habit(L, a, L->p, "`let x = ...`, or `x = ...` for a var", NULL);
        return TOK_ASSIGN;
    }
    "?"                     { AT; return question(L, a); }
    *                       {
        AT;
        bool plain = *a >= ' ' && *a < 127;
        Diag *d = lexer_error(L, t->at, DIAG_CHAR,
                              plain ? "`%c` belongs to no word or operator" : "stray byte 0x%02x",
                              *a & 255);
        if (*a == '`' || *a == '$') lexer_hint(L, d, "holes in strings are written \"{x}\"");
        return TOK_ILLEGAL;
    }
*/
    }
#undef P
}

/* ---- ends of statements ---- */

/* From a newline, or the start of the text, to the next thing: skips blank lines and comments,
** gathers `##` text that stands directly above. */
static const char *skip_lines(Lexer *L, const char *p)
{
    bool start = p == L->src;
    const char *doc = NULL; /* first `##` of the block being read */
    Buf text;
    buf_init(&text, L->S);
    for (;;) {
        p += strspn(p, " \t\r\f\v");
        if (*p == '\n' || start) {
            if (!start || *p == '\n') p++;
            start = false;
            const char *q = p + strspn(p, " \t\r\f\v");
            if (*q == '\n') doc = NULL;
            if (*q != '#' || q[1] != '#' || q[2] == '#') {
                if (*q == '#') doc = NULL;
            } else {
                if (!doc)
                    text.len = 0;
                else
                    buf_puts(&text, "\n");
                doc = q;
                q += 2;
                if (*q == ' ') q++;
                size_t n = strcspn(q, "\r\n");
                buf_put(&text, q, n);
                p = q + n;
            }
        } else if (*p == '#') {
            p += strcspn(p, "\n");
        } else {
            break;
        }
    }
    if (doc && text.len)
        L->doc = keep(L, buf_str(&text));
    else
        buf_deinit(&text);
    return p;
}

static bool word_at(const Lexer *L, const char *p, const char *w)
{
    size_t n = strlen(w);
    return !strncmp(p, w, n) && name_end(L, p) == p + n;
}

static bool begins_statement(const Lexer *L, const char *p)
{
    static const char *const words[] = {"let",   "var",      "fn",    "return",
                                        "break", "continue", "while", NULL};
    const char *e = name_end(L, p);
    return e > p && in_words(words, p, (size_t)(e - p));
}

static bool continues_line(const Lexer *L, const char *p)
{
    if (p[0] == '|' && p[1] == '>') return true;
    if (p[0] == '.') return name_end(L, p + 1) > p + 1;
    if (word_at(L, p, "else") || word_at(L, p, "catch")) return true;
    if (L->last == TOK_RB &&
        (word_at(L, p, "elif") || word_at(L, p, "elseif") || word_at(L, p, "elsif")))
        return true;
    return L->after_block && word_at(L, p, "watch") && word_at(L, skip_spaces(p + 5), "every");
}

/* A newline was read: 0, or NL, or ILLEGAL and NL when an open bracket had to be dropped. */
static int newline(Lexer *L, Token *t)
{
    const char *next = skip_lines(L, L->p - 1);
    bool at_end = next >= L->end;
    L->p = next;
    L->line_start = true;
    char open = top(L)->open;
    if (open == '"' && !top(L)->triple) {
        Diag *d = lexer_error(L, top(L)->at, DIAG_STRING,
                              "a hole {...} of this string is not closed on its line");
        lexer_hint(L, d, "a brace is written \\{; use \"\"\" for a string over several lines");
        while (top(L)->open == '"') pop(L);
        enqueue(L, TOK_NL, *t);
        return TOK_ILLEGAL;
    }
    bool inside = open && open != '{';
    if (inside || top(L)->header) {
        if (!begins_statement(L, next)) return 0;
        const char *e = name_end(L, next);
        drop_to_block(L, span(L, next, e), "this begins a new statement");
        enqueue(L, TOK_NL, *t);
        return TOK_ILLEGAL;
    }
    if (!L->last || L->last == TOK_NL || L->last == TOK_LB) return 0;
    if (wants_more(L->last)) {
        if (!at_end) return 0;
        L->open_line = true;
    }
    if (continues_line(L, next)) return 0;
    return TOK_NL;
}

/* What is still open at the end of the text. */
static void at_end(Lexer *L)
{
    if (wants_more(L->last)) L->open_line = true;
    if (L->n == 1 && !top(L)->header) return;
    if (L->quiet) { /* parse_incomplete looks at what is open */
        L->failed = true;
        return;
    }
    Span end = span(L, L->end, L->end);
    if (top(L)->open == '{') {
        Diag *d = lexer_error(L, top(L)->at, DIAG_BRACKET, "the `{` opened here is never closed");
        if (L->odd[0].file)
            lexer_note(L, d, L->odd[1],
                       "its `}` is indented differently; the missing `}` may belong here");
    } else {
        drop_to_block(L, end, "the text ends here");
    }
    L->failed = true; /* nothing that follows would be worth a message */
}

static int semicolon(Lexer *L, Token *t)
{
    char open = top(L)->open;
    if (!open || open == '{') return TOK_NL;
    Diag *d;
    if (open == '(' && top(L)->before == TOK_FOR) {
        d = lexer_error(L, t->at, DIAG_FOREIGN, "a loop runs over a range or a list");
        lexer_hint(L, d, "for i in 0..n { ... }");
    } else if (open == '[') {
        d = lexer_error(L, t->at, DIAG_FOREIGN, "rows are not separated by `;`");
        lexer_hint(L, d, "each row has brackets of its own: [[1, 2], [3, 4]]");
    } else {
        d = lexer_error(L, t->at, DIAG_SYNTAX, "`;` cannot stand inside `%c`",
                        open == '"' ? '{' : open);
    }
    return TOK_ILLEGAL;
}

static int next_token(Lexer *L, Token *t)
{
    for (;;) {
        int kind;
        if (L->nqueue) {
            kind = L->queue[0];
            *t = L->queued[0];
            L->nqueue--;
            memmove(L->queue, L->queue + 1, sizeof L->queue[0] * (size_t)L->nqueue);
            memmove(L->queued, L->queued + 1, sizeof L->queued[0] * (size_t)L->nqueue);
            if (kind == TOK_RB) {
                if (L->last != TOK_NL) { /* behind a dropped bracket */
                    enqueue(L, TOK_RB, *t);
                    return TOK_NL;
                }
                return close_brace(L, t);
            }
            return kind;
        }
        if (L->failed) return 0;
        const char *before = L->p;
        *t = (Token){.at = span(L, L->p, L->p)};
        kind = scan(L, t);
        if (kind == 0) {
            if (L->failed || (L->p >= L->end && L->p == before)) {
                t->at = span(L, L->end, L->end);
                if (!L->failed) at_end(L);
                if (L->failed) return 0;
                return L->last && L->last != TOK_NL ? TOK_NL : 0;
            }
            continue;
        }
        switch (kind) {
        case TOK_NL:
            kind = L->src[t->at.off] == '\n' ? newline(L, t) : semicolon(L, t);
            if (!kind) continue;
            return kind;
        case TOK_LP: push(L, '(', t->at); return kind;
        case TOK_LK: push(L, '[', t->at); return kind;
        case TOK_LB: {
            bool header = top(L)->header;
            top(L)->header = false;
            if (push(L, '{', t->at)) top(L)->block = header;
            return kind;
        }
        case TOK_RB:
            if (top(L)->open == '"') {
                Bracket b = *top(L);
                pop(L);
                return string_piece(L, t, L->p - 1, b.triple, false, b.at);
            } /* fall through */
        case TOK_RP:
        case TOK_RK:
            kind = close(L, L->src[t->at.off], t);
            if (!kind) continue;
            return kind;
        case TOK_DESCEND:
            top(L)->header = true;
            top(L)->header_at = t->at;
            return kind;
        default: return kind;
        }
    }
}

int lexer_next(Lexer *L, Token *t)
{
    int kind = next_token(L, t);
    if (kind != TOK_RB && kind != 0) L->after_block = false;
    if (kind != TOK_NL && kind != TOK_ILLEGAL) {
        t->doc = L->doc;
        L->doc = NULL;
        L->line_start = false;
    }
    L->last = kind;
    L->last_at = t->at;
    return kind;
}

/* ---- open and close ---- */

static bool check_utf8(Lexer *L)
{
    const char *p = L->src;
    while (p < L->end) {
        if (!(*p & 0x80)) {
            p++;
            continue;
        }
        int32_t c;
        int n = code_point(p, L->end, &c);
        if (c < 0) {
            Diag *d =
                lexer_error(L, span(L, p, p + 1), DIAG_UTF8, "byte 0x%02x is not UTF-8", *p & 255);
            lexer_hint(L, d, "save the file as UTF-8");
            return false;
        }
        p += n;
    }
    return true;
}

bool lexer_init(Lexer *L, State *S, Arena *A, uint32_t file, const char *text, size_t len)
{
    bool quiet = L->quiet;
    *L = (Lexer){
        .S = S, .A = A, .file = file, .src = text, .p = text, .end = text + len, .quiet = quiet};
    if (!MEM_PUSH(S, L->open, L->n, L->cap)) return false;
    L->open[L->n++] = (Bracket){0};
    if (len > UINT32_MAX / 2) {
        lexer_error(L, (Span){file, 0, 1}, DIAG_TOO_LARGE, "the text is longer than 2 GB");
        L->failed = true;
    } else if (!check_utf8(L)) {
        L->failed = true;
    }
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        L->p += 3;
    else if (!L->failed)
        L->p = skip_lines(L, text);
    return true;
}

void lexer_deinit(Lexer *L)
{
    mem_free(L->S, L->open, L->cap * sizeof *L->open);
    L->open = NULL;
}
