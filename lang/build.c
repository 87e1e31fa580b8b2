/* build.c -- what the grammar's actions do: nodes from tokens, and the checks that need no names.
**
** Depth is counted as nodes are finished, so no tree that leaves here is deeper than AST_DEPTH_MAX
** and every later pass may recurse.
** SPDX-License-Identifier: MIT */
#include "lang/build.h"
#include "grammar.h"
#include <stdlib.h>
#include <string.h>

/* ---- nodes ---- */

static Ast *dummy(Parse *P)
{
    P->L.failed = true;
    P->dummy = (Ast){.kind = AST_NIL, .depth = 1, .nest = 1, .n = 16, .kid = P->dummy_kid};
    memset(P->dummy_kid, 0, sizeof P->dummy_kid);
    return &P->dummy;
}

static Ast *node(Parse *P, AstKind kind, Span at, uint32_t n)
{
    Ast *a = ast_new(P->S, P->A, kind, at, n);
    return a ? a : dummy(P);
}

/* a + b + c is deep on the left only, else if at its end: such chains may be long. */
static bool in_chain(const Ast *a, uint32_t i)
{
    switch (a->kind) {
    case AST_PIPE:
    case AST_OR:
    case AST_AND:
    case AST_BINARY:
    case AST_RANGE:
    case AST_AS:
    case AST_CALL:
    case AST_INDEX:
    case AST_DOT:
    case AST_PRIME: return i == 0 && !(a->kid[i]->flags & AST_PAREN);
    case AST_IF: return i == 2;
    default: return false;
    }
}

static Ast *finish(Parse *P, Ast *a)
{
    if (a == &P->dummy) return a;
    int depth = 0, nest = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        const Ast *kid = a->kid[i];
        if (!kid) continue;
        int n = kid->nest + !in_chain(a, i);
        if (n > nest) nest = n;
        if (kid->depth > depth) depth = kid->depth;
    }
    a->depth = (uint16_t)(depth + 1);
    a->nest = (uint16_t)(nest ? nest : 1);
    if (a->depth <= AST_DEPTH_MAX && a->nest <= AST_NEST_MAX) return a;
    if (!P->L.failed) {
        bool chain = a->nest <= AST_NEST_MAX;
        Diag *d = lexer_error(&P->L, a->at, DIAG_TOO_LARGE,
                              chain ? "more than %d operators in one chain" : "this nests more than %d deep",
                              chain ? AST_DEPTH_MAX : AST_NEST_MAX);
        lexer_hint(&P->L, d, "give parts of it names: let part = ...");
    }
    return dummy(P);
}

static Ast *fixed(Parse *P, AstKind kind, Span at, uint32_t n, Ast *a, Ast *b, Ast *c)
{
    Ast *x = node(P, kind, at, n);
    if (x == &P->dummy) return x;
    Ast *kid[3] = {a, b, c};
    for (uint32_t i = 0; i < n; i++) {
        x->kid[i] = kid[i];
        if (kid[i]) x->at = span_join(x->at, kid[i]->at);
    }
    return finish(P, x);
}

Ast *ast_node(Parse *P, AstKind kind, Span at, Ast *a, Ast *b, Ast *c) { return fixed(P, kind, at, 3, a, b, c); }
Ast *ast_two(Parse *P, AstKind kind, Span at, Ast *a, Ast *b) { return fixed(P, kind, at, 2, a, b, NULL); }
Ast *ast_one(Parse *P, AstKind kind, Span at, Ast *a) { return fixed(P, kind, at, 1, a, NULL, NULL); }

Ast *ast_leaf(Parse *P, AstKind kind, Token t)
{
    Ast *a = node(P, kind, t.at, 0);
    if (kind == AST_NAME) a->name = t.str, a->name_at = t.at;
    else if (kind == AST_NUMBER) a->num = t.num;
    else if (kind == AST_STRING) a->str = t.str;
    return a;
}

static Ast *named(Parse *P, AstKind kind, Span at, Token name, uint32_t n)
{
    Ast *a = node(P, kind, at, n);
    a->name = name.str;
    a->name_at = name.at;
    return a;
}

static const char *source(const Parse *P, Span at) { return P->L.src + at.off; }

/* ---- lists ---- */

Items items_open(Parse *P) { return (Items){(uint32_t)P->npend, false}; }

static void push(Parse *P, Pend x)
{
    if (MEM_PUSH(P->S, P->pend, P->npend, P->cappend)) P->pend[P->npend++] = x;
    else P->L.failed = true;
}

void items_push(Parse *P, Ast *a)
{
    push(P, (Pend){.node = a, .num = P->L.error_to > a->at.off}); /* num: something was wrong in it */
}

void items_push_number(Parse *P, Ast *a)
{
    const Ast *x = a->kind == AST_NEG && !(a->flags & AST_PAREN) ? a->kid[0] : a;
    if (x->kind != AST_NUMBER || x->flags & AST_PAREN) {
        items_push(P, a);
        return;
    }
    Pend p = {NULL, x == a ? x->num : -x->num, a->at};
    arena_rewind(P->A, (void *)x); /* and the NEG behind it */
    push(P, p);
}

void items_drop(Parse *P, Items l)
{
    if (l.start < P->npend) P->npend = l.start;
}

static uint32_t count(const Parse *P, Items l) { return P->npend > l.start ? (uint32_t)P->npend - l.start : 0; }

static Ast *unpacked(Parse *P, Pend x)
{
    if (x.node) return x.node;
    bool minus = P->L.src[x.at.off] == '-';
    Ast *a = node(P, AST_NUMBER, x.at, 0);
    a->num = minus ? -x.num : x.num;
    return minus ? ast_one(P, AST_NEG, x.at, a) : a;
}

/* Takes the items off; `fixed_kids` slots stand in front of them. */
static Ast *gather(Parse *P, AstKind kind, Span at, uint32_t fixed_kids, Items l)
{
    uint32_t n = count(P, l);
    Ast *a = node(P, kind, at, fixed_kids + n);
    for (uint32_t i = 0; i < n && a != &P->dummy; i++) {
        Ast *kid = unpacked(P, P->pend[l.start + i]);
        a->kid[fixed_kids + i] = kid;
        a->at = span_join(a->at, kid->at);
    }
    items_drop(P, l);
    return a;
}

Ast *ast_list(Parse *P, AstKind kind, Span at, Ast *first, Items l)
{
    Ast *a = gather(P, kind, at, first ? 1 : 0, l);
    if (first) {
        a->kid[0] = first;
        a->at = span_join(a->at, first->at);
    }
    return finish(P, a);
}

/* ---- lines that do nothing ---- */

bool parse_is_idle(const Ast *a)
{
    switch (a->kind) {
    case AST_NAME:
    case AST_NUMBER:
    case AST_NUMBERS:
    case AST_STRING:
    case AST_TRUE:
    case AST_FALSE:
    case AST_NIL:
    case AST_LAMBDA:
    case AST_ELLIPSIS:
    case AST_NEW: return true;
    case AST_OR:
    case AST_AND:
    case AST_NOT:
    case AST_BINARY:
    case AST_RANGE:
    case AST_AS:
    case AST_NEG:
    case AST_INDEX:
    case AST_DOT:
    case AST_PRIME:
    case AST_INTERP:
    case AST_LIST:
    case AST_TENSOR:
    case AST_HOLE:
    case AST_NAMED:
    case AST_SPREAD:
    case AST_SLICE:
        for (uint32_t i = 0; i < a->n; i++)
            if (a->kid[i] && !parse_is_idle(a->kid[i])) return false;
        return true;
    default: return false;
    }
}

static bool text_is(const Parse *P, Span at, const char *word)
{
    return strlen(word) == at.len && !memcmp(source(P, at), word, at.len);
}

static void check_idle(Parse *P, const Ast *a)
{
    Lexer *L = &P->L;
    if (!parse_is_idle(a)) return;
    if (a->kind == AST_NAME && (text_is(P, a->at, "end") || text_is(P, a->at, "pass"))) {
        Diag *d = lexer_error(L, a->at, DIAG_FOREIGN, "`%.*s` is not Descent: blocks stand in braces", (int)a->at.len,
                              source(P, a->at));
        lexer_hint(L, d, "if c { ... }");
        return;
    }
    Diag *d = lexer_error(L, a->at, DIAG_UNUSED, "the value of this line is not used");
    if (a->kind == AST_BINARY && a->op == AOP_EQ) lexer_hint(L, d, "assignment is one `=`; `==` compares");
    else if (a->kind == AST_NEG) lexer_hint(L, d, "to go on with the line before, end that line with `-`");
    else if (a->kind == AST_BINARY && a->op == AOP_LT && a->kid[1]->kind == AST_NEG &&
             a->kid[1]->at.off == a->name_at.off + 1)
        lexer_hint(L, d, "assignment is `=`; this compares with a negative value");
    else if (a->kind == AST_STRING) lexer_hint(L, d, "comments begin with #, and ## above a definition documents it");
    else if (a->kind == AST_LAMBDA) lexer_hint(L, d, "give the function a name: fn f(x) = ...");
    else if (a->kind == AST_LIST || a->kind == AST_TENSOR)
        lexer_hint(L, d, "to call or index, let the bracket stand on the line before");
    else lexer_hint(L, d, "print it, give it a name, or take the line out");
}

static void check_lines(Parse *P, Items l, bool last_too)
{
    uint32_t n = count(P, l);
    for (uint32_t i = 0; i + !last_too < n; i++)
        if (P->pend[l.start + i].num == 0) check_idle(P, P->pend[l.start + i].node);
}

/* ---- statements ---- */

Ast *ast_file(Parse *P, Items stmts)
{
    check_lines(P, stmts, P->mode == PARSE_FILE);
    Ast *a = gather(P, AST_FILE, SPAN_NONE, 0, stmts);
    a->arena = P->A;
    return finish(P, a);
}

Ast *ast_block(Parse *P, Token open, Items stmts, Token close)
{
    check_lines(P, stmts, false);
    return finish(P, gather(P, AST_BLOCK, span_join(open.at, close.at), 0, stmts));
}

Ast *ast_let(Parse *P, AstKind kind, Token word, Ast *pattern, Ast *dims, Ast *value)
{
    Ast *a = ast_node(P, kind, word.at, pattern, dims, value);
    a->doc = word.doc;
    return a;
}

/* A place to store into: a name, or an element or field of one. */
static bool check_place(Parse *P, const Ast *a, const Ast *whole, const char *op)
{
    const Ast *x = a;
    while (x->kind == AST_INDEX || x->kind == AST_DOT) x = x->kid[0];
    if (x->kind == AST_NAME) return true;
    Lexer *L = &P->L;
    bool trained = !strcmp(op, "descend");
    Diag *d = lexer_error(L, whole->at, DIAG_TARGET, trained ? "this cannot be trained" : "this cannot be assigned");
    lexer_label(L, d, "not a variable, an element or a field");
    if (a->kind == AST_CALL && !strcmp(op, "=") && a->kid[0]->kind == AST_NAME && a->kid[0]->at.len < 60)
        lexer_hint(L, d, "a function is defined by fn %.*s(x) = ...", (int)a->kid[0]->at.len, source(P, a->kid[0]->at));
    else if (a->kind == AST_BINARY && a->op == AOP_EQ)
        lexer_hint(L, d, "`==` compares; one statement assigns one place");
    else if (a->kind == AST_TENSOR || a->kind == AST_NUMBERS)
        lexer_hint(L, d, "several places stand in parentheses: (a, b) = (b, a)");
    else if (a->kind == AST_INDEX || a->kind == AST_DOT) lexer_hint(L, d, "give it a name first: var t = ...");
    else if (!trained && a->kind != AST_CALL && !strcmp(op, "=")) lexer_hint(L, d, "`==` compares");
    return false;
}

static bool check_target(Parse *P, const Ast *a, bool lists, const char *op)
{
    if (a->kind == AST_LIST && lists && a->n) {
        for (uint32_t i = 0; i < a->n; i++)
            if (!check_target(P, a->kid[i], true, op)) return false;
        return true;
    }
    return check_place(P, a, a, op);
}

Ast *ast_assign(Parse *P, Ast *target, Token op, Ast *value)
{
    static const struct {
        const char *text;
        AstOp op;
    } ops[] = {{"+", AOP_ADD}, {"-", AOP_SUB},    {"*", AOP_MUL}, {"//", AOP_FLOORDIV}, {"/", AOP_DIV},
               {"%", AOP_MOD}, {"@", AOP_MATMUL}, {"^", AOP_POW}, {"**", AOP_POW}};
    bool plain = op.at.len == 1 || P->L.src[op.at.off] == ':';
    check_target(P, target, plain, plain ? "=" : "op");
    Ast *a = ast_two(P, plain ? AST_ASSIGN : AST_OPASSIGN, SPAN_NONE, target, value);
    a->name_at = op.at;
    for (size_t i = 0; i < sizeof ops / sizeof *ops && !plain; i++)
        if (strlen(ops[i].text) == op.at.len - 1 && !memcmp(ops[i].text, source(P, op.at), op.at.len - 1))
            a->op = (uint8_t)ops[i].op;
    return a;
}

Ast *ast_loop(Parse *P, AstKind kind, Token word, Ast *a, Ast *b, Ast *c)
{
    return fixed(P, kind, word.at, c ? 3 : 2, a, b, c);
}

Ast *ast_jump(Parse *P, AstKind kind, Token word, Ast *a, Ast *b, bool has_kid)
{
    return fixed(P, kind, word.at, kind == AST_ASSERT ? 2 : has_kid, a, b, NULL);
}

Ast *ast_use(Parse *P, Token word, Token what, Token as, bool path)
{
    Ast *a = node(P, AST_USE, span_join(word.at, as.at.file ? as.at : what.at), 0);
    Token name = as.at.file ? as : what;
    a->name = name.str;
    a->name_at = name.at;
    a->str = what.str;
    if (path) a->flags |= AST_PATH;
    return a;
}

Ast *ast_test(Parse *P, Token word, Token title, Ast *block)
{
    Ast *a = ast_one(P, AST_TEST, word.at, block);
    a->str = title.str;
    return a;
}

/* ---- functions ---- */

Ast *ast_fn(Parse *P, AstKind kind, Token word, Token name, Ast *params, Ast *result, Ast *body)
{
    Ast *a = ast_node(P, kind, word.at, params, result, body);
    a->name = name.str;
    a->name_at = name.at.file ? name.at : word.at;
    a->doc = word.doc;
    return a;
}

/* Appends the names that a parameter or pattern binds to the list under way. */
static void names_of(Parse *P, Ast *p)
{
    if (p->name && !(p->name->len == 1 && p->name->data[0] == '_')) items_push(P, p);
    if (p->kind == AST_FORMAL && p->kid[0]) names_of(P, p->kid[0]);
    if (p->kind == AST_PATTERN)
        for (uint32_t i = 0; i < p->n; i++) names_of(P, p->kid[i]);
}

static int by_name(const void *x, const void *y)
{
    const Ast *a = ((const Pend *)x)->node, *b = ((const Pend *)y)->node;
    if (a->name != b->name) return (uintptr_t)a->name < (uintptr_t)b->name ? -1 : 1;
    return a->name_at.off < b->name_at.off ? -1 : 1;
}

static void check_names(Parse *P, Ast *params)
{
    Items l = items_open(P);
    for (uint32_t i = 0; i < params->n; i++) names_of(P, params->kid[i]);
    uint32_t n = count(P, l);
    if (n > 1) qsort(P->pend + l.start, n, sizeof *P->pend, by_name);
    for (uint32_t i = 1; i < n; i++) {
        const Ast *a = P->pend[l.start + i - 1].node, *b = P->pend[l.start + i].node;
        if (a->name != b->name) continue;
        Diag *d = lexer_error(&P->L, b->name_at, DIAG_PARAM_DECL, "two parameters are called `%s`", b->name->data);
        lexer_note(&P->L, d, a->name_at, "the first one");
    }
    items_drop(P, l);
}

static void check_params(Parse *P, Ast *a)
{
    if (a == &P->dummy) return;
    const Ast *with_default = NULL;
    for (uint32_t i = 0; i < a->n; i++) {
        const Ast *p = a->kid[i];
        bool rest = p->kind == AST_FORMAL && p->flags & AST_REST;
        if (rest && i + 1 < a->n) {
            Diag *d = lexer_error(&P->L, p->at, DIAG_PARAM_DECL, "`...%s` must come last", p->name ? p->name->data : "");
            lexer_hint(&P->L, d, "it takes all arguments that are left");
        }
        if (p->kind == AST_FORMAL && !rest) {
            if (p->kid[2]) {
                with_default = p;
            } else if (with_default) {
                Diag *d = lexer_error(&P->L, p->at, DIAG_PARAM_DECL,
                                      "a parameter without default stands behind one with a default");
                lexer_note(&P->L, d, with_default->at, "this one has a default");
            }
        }
    }
    check_names(P, a);
}

Ast *ast_params(Parse *P, Token open, Items l, Token close)
{
    Ast *a = finish(P, gather(P, AST_PARAMS, span_join(open.at, close.at), 0, l));
    check_params(P, a);
    return a;
}

/* A pattern that is one name becomes the parameter's name. */
Ast *ast_formal(Parse *P, Ast *pattern, Ast *dims, Token type, Ast *value)
{
    bool name = pattern->name != NULL;
    Ast *a = ast_node(P, AST_FORMAL, pattern->at, name ? NULL : pattern, dims, value);
    if (name) a->name = pattern->name, a->name_at = pattern->name_at;
    a->str = type.str;
    a->at = span_join(a->at, type.at);
    return a;
}

Ast *ast_rest(Parse *P, Token dots, Token name)
{
    Ast *a = named(P, AST_FORMAL, span_join(dots.at, name.at), name, 3);
    a->flags |= AST_REST;
    return a;
}

Ast *ast_dims(Parse *P, Token open, Items l, Token close)
{
    return finish(P, gather(P, AST_DIMS, span_join(open.at, close.at), 0, l));
}

Ast *ast_result(Parse *P, Token arrow, Ast *dims, Token type)
{
    Ast *a = ast_one(P, AST_RESULT, span_join(arrow.at, type.at), dims);
    a->name = type.str;
    a->name_at = type.at;
    return a;
}

/* ---- models ---- */

Ast *ast_model(Parse *P, Token word, Token name, Ast *params, Items members, Token close)
{
    const Ast *call = NULL;
    for (uint32_t i = 0; i < count(P, members); i++) {
        const Ast *m = P->pend[members.start + i].node;
        if (!m) continue;
        if (m->kind == AST_FN && !m->name) {
            if (call) {
                Diag *d = lexer_error(&P->L, m->name_at, DIAG_MEMBER_DECL, "a model has at most one unnamed fn");
                lexer_note(&P->L, d, call->name_at, "the first one");
                lexer_hint(&P->L, d, "give one of them a name: fn name(x) = ...");
            }
            call = m;
        } else if (m->kind == AST_LOSS || m->kind == AST_ADJOINT || m->kind == AST_TANGENT) {
            Diag *d = lexer_error(&P->L, m->at, DIAG_MEMBER_DECL, "`%s` cannot stand in a model", ast_name[m->kind]);
            lexer_hint(&P->L, d, "a model holds param, state, let and fn; put it beside the model");
        }
    }
    Ast *a = ast_list(P, AST_MODEL, span_join(word.at, close.at), params, members);
    a->name = name.str;
    a->name_at = name.at;
    a->doc = word.doc;
    return a;
}

Ast *ast_constraint(Parse *P, AstOp op, Ast *x)
{
    Ast *a = ast_one(P, AST_SPREAD, SPAN_NONE, x);
    a->op = (uint8_t)op;
    return a;
}

Ast *ast_init(Parse *P, bool drawn, Ast *x)
{
    Ast *a = ast_one(P, AST_SPREAD, SPAN_NONE, x);
    if (drawn) a->flags |= AST_DRAWN;
    return a;
}

Ast *ast_param(Parse *P, Token word, Token name, Ast *dims, Token type, Ast *constraint, Ast *init)
{
    if (!dims && !init) {
        Diag *d = lexer_error(&P->L, span_join(word.at, name.at), DIAG_MEMBER_DECL,
                              "`param %.*s` has neither a shape nor a start value", (int)name.at.len,
                              source(P, name.at));
        lexer_hint(&P->L, d, "param %.*s[n] = 0, or param %.*s = 1 for a number", (int)name.at.len, source(P, name.at),
                   (int)name.at.len, source(P, name.at));
    }
    Ast *a = ast_node(P, AST_PARAM, span_join(word.at, name.at), dims, constraint ? constraint->kid[0] : NULL,
                      init ? init->kid[0] : NULL);
    if (constraint) a->op = constraint->op;
    if (init && init->flags & AST_DRAWN) a->flags |= AST_DRAWN;
    a->name = name.str;
    a->name_at = name.at;
    a->str = type.str;
    a->doc = word.doc;
    return a;
}

Ast *ast_state(Parse *P, Token word, Token name, Ast *dims, Ast *value)
{
    Ast *a = ast_two(P, AST_STATE, word.at, dims, value);
    a->name = name.str;
    a->name_at = name.at;
    a->doc = word.doc;
    return a;
}

/* ---- native code ---- */

Ast *ast_native(Parse *P, Token word, Token library, Items l, Token close)
{
    Ast *a = finish(P, gather(P, AST_NATIVE, span_join(word.at, close.at), 0, l));
    a->str = library.str;
    return a;
}

Ast *ast_native_fn(Parse *P, Token word, Token name, Ast *params, Token type, Token symbol)
{
    Span end = symbol.at.file ? symbol.at : type.at;
    Ast *a = ast_one(P, AST_NATIVE_FN, span_join(word.at, end), params);
    a->name = name.str;
    a->name_at = name.at;
    a->str = symbol.str;
    a->type = type.str;
    return a;
}

Ast *ast_native_arg(Parse *P, Token out, Token name, Ast *dims, Token type)
{
    Ast *a = ast_one(P, AST_NATIVE_ARG, span_join(out.at.file ? out.at : name.at, type.at), dims);
    a->name = name.str;
    a->name_at = name.at;
    a->str = type.str;
    if (out.at.file) a->flags |= AST_OUT;
    return a;
}

/* ---- descend ---- */

Ast *ast_descend(Parse *P, Token word, Items l, Ast *over, Ast *optimisers, Ast *steps, Ast *until, Ast *block,
                 Ast *watch)
{
    if (count(P, l) == 1) { /* (w, b) is w, b */
        Ast *only = P->pend[l.start].node;
        if (only && only->kind == AST_LIST && only->n) {
            items_drop(P, l);
            for (uint32_t i = 0; i < only->n; i++) items_push(P, only->kid[i]);
        }
    }
    Ast *targets = finish(P, gather(P, AST_TARGETS, SPAN_NONE, 0, l));
    for (uint32_t i = 0; i < targets->n && targets->kind == AST_TARGETS; i++)
        check_place(P, targets->kid[i], targets->kid[i], "descend");
    Ast *a = node(P, AST_DESCEND, word.at, 9);
    Ast *kid[9] = {targets, over ? over->kid[0] : NULL,   over ? over->kid[1] : NULL,  optimisers, steps, until,
                   block,   watch ? watch->kid[0] : NULL, watch ? watch->kid[1] : NULL};
    for (int i = 0; i < 9; i++) {
        a->kid[i] = kid[i];
        if (kid[i]) a->at = span_join(a->at, kid[i]->at);
    }
    a->name_at = word.at;
    return finish(P, a);
}

/* ---- patterns ---- */

Ast *ast_pattern(Parse *P, Token name) { return named(P, AST_PATTERN, name.at, name, 0); }

Ast *ast_patterns(Parse *P, Token open, Items l, Token close, bool comma)
{
    if (count(P, l) == 1 && !comma) { /* (a) is a */
        Ast *only = P->pend[l.start].node;
        items_drop(P, l);
        return only;
    }
    return finish(P, gather(P, AST_PATTERN, span_join(open.at, close.at), 0, l));
}

Ast *ast_loop_pattern(Parse *P, Items l)
{
    return ast_patterns(P, (Token){.at = SPAN_NONE}, l, (Token){.at = SPAN_NONE}, false);
}

/* An expression that was meant as a pattern; NULL when it is none. */
static Ast *to_pattern(Parse *P, const Ast *a)
{
    if (a->kind == AST_NAME) return ast_pattern(P, (Token){.at = a->name_at, .str = a->name});
    if (a->kind != AST_LIST || !a->n) return NULL;
    Ast *p = node(P, AST_PATTERN, a->at, a->n);
    for (uint32_t i = 0; i < a->n && p != &P->dummy; i++)
        if (!(p->kid[i] = to_pattern(P, a->kid[i]))) return NULL;
    return finish(P, p);
}

static Ast *to_formal(Parse *P, const Ast *a)
{
    Token none = {.at = SPAN_NONE};
    if (a->kind == AST_SPREAD && a->kid[0]->kind == AST_NAME)
        return ast_rest(P, (Token){.at = a->at}, (Token){.at = a->kid[0]->name_at, .str = a->kid[0]->name});
    if (a->kind == AST_NAMED)
        return ast_formal(P, ast_pattern(P, (Token){.at = a->name_at, .str = a->name}), NULL, none, a->kid[0]);
    Ast *p = to_pattern(P, a);
    return p ? ast_formal(P, p, NULL, none, NULL) : NULL;
}

static void bad_lambda(Parse *P, const Ast *left, const Ast *bad, const Ast *body)
{
    Lexer *L = &P->L;
    const Ast *last = left; /* xs |> f(..) -> e: what stands right before the arrow */
    while (!(last->flags & AST_PAREN) && (last->kind == AST_PIPE || last->kind == AST_OR || last->kind == AST_AND ||
                                          last->kind == AST_BINARY || last->kind == AST_RANGE))
        last = last->kid[1];
    if (last != left && (last->kind == AST_NAME || last->kind == AST_LIST)) {
        Span lambda = span_join(last->at, body->at);
        Diag *d = lexer_error(L, lambda, DIAG_LAMBDA, "a lambda stands in parentheses here");
        Span head = {left->at.file, left->at.off, lambda.off - left->at.off};
        if (head.len + lambda.len < 100)
            lexer_hint(L, d, "put the lambda in parentheses: %.*s(%.*s)", (int)head.len, source(P, head),
                       (int)lambda.len, source(P, lambda));
        return;
    }
    Diag *d = lexer_error(L, bad->at, DIAG_PATTERN, "this is not a parameter");
    lexer_hint(L, d, "a lambda takes names or lists of names: x -> e, (x, y) -> e, ((a, b), c) -> e");
}

Ast *ast_lambda(Parse *P, Ast *left, Ast *body)
{
    bool list = left->kind == AST_LIST && !(left->flags & AST_PAREN);
    uint32_t n = list ? left->n : 1;
    Ast *params = node(P, AST_PARAMS, left->at, n);
    for (uint32_t i = 0; i < n && params != &P->dummy; i++) {
        Ast *from = list ? left->kid[i] : left;
        params->kid[i] = to_formal(P, from);
        if (!params->kid[i]) {
            if (!P->L.failed) bad_lambda(P, left, from, body);
            params->kid[i] = named(P, AST_FORMAL, from->at, (Token){.at = SPAN_NONE}, 3);
        }
    }
    finish(P, params);
    check_params(P, params);
    return ast_node(P, AST_LAMBDA, SPAN_NONE, params, NULL, body);
}

/* ---- operators ---- */

Ast *ast_infix(Parse *P, AstKind kind, Ast *a, Token t, Ast *b)
{
    if (kind == AST_RANGE && a->kind == AST_RANGE && !(a->flags & AST_PAREN)) {
        Diag *d = lexer_error(&P->L, t.at, DIAG_CHAIN, "ranges do not chain");
        lexer_hint(&P->L, d, "range(a, b, step) has a step, as a tensor");
    }
    Ast *x = ast_two(P, kind, SPAN_NONE, a, b);
    x->name_at = t.at;
    return x;
}

Ast *ast_binary(Parse *P, AstOp op, Ast *a, Token t, Ast *b)
{
    Ast *x = ast_infix(P, AST_BINARY, a, t, b);
    x->op = (uint8_t)op;
    return x;
}

Ast *ast_compare(Parse *P, AstOp op, Ast *a, Token t, Ast *b)
{
    bool chain = a->kind == AST_BINARY && a->op >= AOP_EQ && !(a->flags & AST_PAREN);
    const Ast *l = chain ? a->kid[0] : NULL; /* a longer chain was reported at its second operator */
    if (chain && !(l->kind == AST_BINARY && l->op >= AOP_EQ && !(l->flags & AST_PAREN))) {
        Diag *d = lexer_error(&P->L, span_join(a->at, b->at), DIAG_CHAIN, "comparisons do not chain");
        const Ast *m = a->kid[1];
        if (a->at.len + m->at.len + b->at.len < 100)
            lexer_hint(&P->L, d, "%.*s and %.*s %.*s %.*s", (int)a->at.len, source(P, a->at), (int)m->at.len,
                       source(P, m->at), (int)t.at.len, source(P, t.at), (int)b->at.len, source(P, b->at));
    }
    return ast_binary(P, op, a, t, b);
}

Ast *ast_as(Parse *P, Ast *x, Token type)
{
    Ast *a = ast_one(P, AST_AS, span_join(x->at, type.at), x);
    a->name = type.str;
    a->name_at = type.at;
    return a;
}

Ast *ast_call(Parse *P, Ast *callee, Items args, Token close)
{
    return ast_list(P, AST_CALL, span_join(callee->at, close.at), callee, args);
}

Ast *ast_index(Parse *P, Ast *base, Items items, Token close)
{
    return ast_list(P, AST_INDEX, span_join(base->at, close.at), base, items);
}

Ast *ast_dot(Parse *P, Ast *x, Token name)
{
    Ast *a = ast_one(P, AST_DOT, span_join(x->at, name.at), x);
    a->name = name.str;
    a->name_at = name.at;
    return a;
}

/* ---- brackets ---- */

Ast *ast_paren(Parse *P, Token open, Items l, Token close)
{
    Span at = span_join(open.at, close.at);
    if (count(P, l) == 1 && !l.comma) {
        Ast *a = P->pend[l.start].node;
        if (a->kind != AST_NAMED && a->kind != AST_SPREAD) {
            items_drop(P, l);
            if (a->kind == AST_GENERATOR) a->kind = AST_GATHER;
            else a->flags |= AST_PAREN;
            a->at = at;
            return a;
        }
    }
    return finish(P, gather(P, AST_LIST, at, 0, l));
}

Ast *ast_tensor(Parse *P, Token open, Items l, Token close)
{
    Span at = span_join(open.at, close.at);
    uint32_t n = count(P, l), i = 0;
    while (i < n && !P->pend[l.start + i].node) i++;
    if (!n || i < n) return finish(P, gather(P, AST_TENSOR, at, 0, l));
    Ast *a = node(P, AST_NUMBERS, at, 0);
    double *nums = arena_alloc(P->S, P->A, n * sizeof *nums);
    if (!nums) return dummy(P);
    for (i = 0; i < n; i++) nums[i] = P->pend[l.start + i].num;
    items_drop(P, l);
    a->nums = nums;
    a->slot = n;
    return a;
}

Ast *ast_comprehension(Parse *P, Token open, Ast *generator, Token close)
{
    (void)P;
    generator->kind = AST_COMPREHENSION;
    generator->at = span_join(open.at, close.at);
    return generator;
}

Ast *ast_generator(Parse *P, Ast *body, Items clauses, Ast *filter)
{
    Ast *a = gather(P, AST_GENERATOR, body->at, 2, clauses);
    a->kid[0] = body;
    a->kid[1] = filter;
    if (filter) a->at = span_join(a->at, filter->at);
    return finish(P, a);
}

Ast *ast_clause(Parse *P, Ast *pattern, Ast *range) { return ast_two(P, AST_CLAUSE, SPAN_NONE, pattern, range); }

Ast *ast_named(Parse *P, Token name, Ast *x)
{
    Ast *a = ast_one(P, AST_NAMED, name.at, x);
    a->name = name.str;
    a->name_at = name.at;
    return a;
}

Ast *ast_spread(Parse *P, Token dots, Ast *x) { return ast_one(P, AST_SPREAD, dots.at, x); }

Ast *ast_slice(Parse *P, Ast *start, Token colon, Ast *stop, Token colon2, Ast *step)
{
    return ast_node(P, AST_SLICE, span_join(colon.at, colon2.at), start, stop, step);
}

/* ---- strings ---- */

Ast *ast_interp(Parse *P, Token head, Items l, Token tail)
{
    Ast *last = ast_leaf(P, AST_STRING, tail);
    items_push(P, last);
    return ast_list(P, AST_INTERP, span_join(head.at, tail.at), ast_leaf(P, AST_STRING, head), l);
}

Ast *ast_hole(Parse *P, Ast *x, Token format)
{
    Ast *a = ast_one(P, AST_HOLE, x->at, x);
    a->str = format.str;
    return a;
}

/* ---- blocks as expressions ---- */

Ast *ast_if(Parse *P, Token word, Ast *cond, Ast *then, Ast *other)
{
    return ast_node(P, AST_IF, word.at, cond, then, other);
}

Ast *ast_try(Parse *P, Token word, Ast *block, Token name, Ast *handler)
{
    Ast *a = ast_two(P, AST_TRY, word.at, block, handler);
    a->name = name.str;
    a->name_at = name.at;
    return a;
}
