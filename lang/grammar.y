/* grammar.y -- tokens to tree.
**
** The grammar has no conflicts (Lemon would exit non-zero). What the lexer sees to is told in lexer.re:
** where a statement ends (NL), which soft words are keywords (the rest goes through %fallback), what a
** string is made of. Patterns in lambdas, assignment targets, and comparisons that do not chain are
** parsed as expressions and checked by the ast_* functions (build.c), which give the good messages.
** SPDX-License-Identifier: MIT */
%include {
#define NDEBUG /* Lemon's own asserts and trace, which keeps a global */
#include "lang/build.h"
#define NOTHING ((Token){.at = {0, 0, 0}})
/* Lemon hides errors until three tokens were shifted; a newline is as good. */
#define RECOVERED (yypParser->yyerrcnt = -1)
}
%name gram
%token_prefix TOK_
%token_type {Token}
%extra_context {Parse *P}
%stack_size 12000
%stack_overflow {
    if (!P->L.failed)
        lexer_error(&P->L, P->tok[0].at, DIAG_TOO_LARGE, "this nests more than %d deep", AST_NEST_MAX);
    P->L.failed = true;
}
%syntax_error { void gram_error(Parse *P, int kind, Token t); gram_error(P, yymajor, yyminor); }

%right ARROW.
%left PIPE.
%left OR.
%left AND.
%right NOT.
%left EQ NE LT GT LE GE. /* no chains: ast_compare */
%left RANGE RANGE_EQ.    /* no chains: ast_infix */
%left PLUS MINUS.
%left STAR SLASH DSLASH PERCENT AT.
%left AS.
%right UNARY.
%right POW.
%fallback NAME ADJOINT EVERY LOSS MODEL NATIVE OUT OVER PARAM STATE TANGENT TEST UNTIL USE USING WATCH.
%token ILLEGAL.

%type stmts {Items}      %destructor stmts {items_drop(P, $$);}
%type mitems {Items}     %destructor mitems {items_drop(P, $$);}
%type nitems {Items}     %destructor nitems {items_drop(P, $$);}
%type nparamlist {Items} %destructor nparamlist {items_drop(P, $$);}
%type paramlist {Items}  %destructor paramlist {items_drop(P, $$);}
%type dimlist {Items}    %destructor dimlist {items_drop(P, $$);}
%type patlist {Items}    %destructor patlist {items_drop(P, $$);}
%type targets {Items}    %destructor targets {items_drop(P, $$);}
%type holes {Items}      %destructor holes {items_drop(P, $$);}
%type args {Items}       %destructor args {items_drop(P, $$);}
%type arglist {Items}    %destructor arglist {items_drop(P, $$);}
%type clauses {Items}    %destructor clauses {items_drop(P, $$);}
%type idxs {Items}       %destructor idxs {items_drop(P, $$);}
%type elist {Items}      %destructor elist {items_drop(P, $$);}
%type as_opt {Token}
%type type_opt {Token}
%type nret {Token}
%default_type {Ast *}
%start_symbol file

/* ---- statements ---- */
file ::= stmts(B).                       { P->root = ast_file(P, B); }
stmts(A) ::= .                           { A = items_open(P); }
stmts(A) ::= stmts(A) NL.
stmts(A) ::= stmts(A) stmt(B) NL.        { items_push(P, B); }
stmts(A) ::= stmts(A) error NL.          { RECOVERED; }
block(A) ::= LB(L) stmts(B) RB(R).       { A = ast_block(P, L, B, R); }

stmt(A) ::= LET(W) pat(B) dims_opt(C) ASSIGN expr(D). { A = ast_let(P, AST_LET, W, B, C, D); }
stmt(A) ::= VAR(W) pat(B) dims_opt(C) ASSIGN expr(D). { A = ast_let(P, AST_VAR, W, B, C, D); }
stmt(A) ::= expr(A).
stmt(A) ::= expr(B) ASSIGN(T) expr(C).   { A = ast_assign(P, B, T, C); }
stmt(A) ::= expr(B) OPASSIGN(T) expr(C). { A = ast_assign(P, B, T, C); }
stmt(A) ::= FOR(W) patlist(B) IN expr(C) block(D). { A = ast_loop(P, AST_FOR, W, ast_loop_pattern(P, B), C, D); }
stmt(A) ::= WHILE(W) expr(B) block(C).   { A = ast_loop(P, AST_WHILE, W, B, C, NULL); }
stmt(A) ::= BREAK(W).                    { A = ast_jump(P, AST_BREAK, W, NULL, NULL, false); }
stmt(A) ::= CONTINUE(W).                 { A = ast_jump(P, AST_CONTINUE, W, NULL, NULL, false); }
stmt(A) ::= RETURN(W).                   { A = ast_jump(P, AST_RETURN, W, NULL, NULL, true); }
stmt(A) ::= RETURN(W) expr(B).           { A = ast_jump(P, AST_RETURN, W, B, NULL, true); }
stmt(A) ::= ASSERT(W) expr(B).           { A = ast_jump(P, AST_ASSERT, W, B, NULL, true); }
stmt(A) ::= ASSERT(W) expr(B) COMMA expr(C). { A = ast_jump(P, AST_ASSERT, W, B, C, true); }
stmt(A) ::= USE(W) NAME(B) as_opt(C).    { A = ast_use(P, W, B, C, false); }
stmt(A) ::= USE(W) STR(B) AS NAME(C).    { A = ast_use(P, W, B, C, true); }
stmt(A) ::= TEST(W) STR(B) block(C).     { A = ast_test(P, W, B, C); }
stmt(A) ::= fndef(A).
stmt(A) ::= MODEL(W) NAME(B) params(C) LB mitems(D) RB(R). { A = ast_model(P, W, B, C, D, R); }
stmt(A) ::= NATIVE(W) STR(B) LB nitems(C) RB(R). { A = ast_native(P, W, B, C, R); }
as_opt(A) ::= .                          { A = NOTHING; }
as_opt(A) ::= AS NAME(B).                { A = B; }

/* ---- functions ---- */
fndef(A) ::= FN(W) NAME(B) params(C) ret_opt(D) fbody(E).      { A = ast_fn(P, AST_FN, W, B, C, D, E); }
fndef(A) ::= LOSS(W) NAME(B) params(C) ret_opt(D) fbody(E).    { A = ast_fn(P, AST_LOSS, W, B, C, D, E); }
fndef(A) ::= ADJOINT(W) NAME(B) params(C) ret_opt(D) fbody(E). { A = ast_fn(P, AST_ADJOINT, W, B, C, D, E); }
fndef(A) ::= TANGENT(W) NAME(B) params(C) ret_opt(D) fbody(E). { A = ast_fn(P, AST_TANGENT, W, B, C, D, E); }
fbody(A) ::= ASSIGN expr(B).             { A = B; }
fbody(A) ::= block(A).
ret_opt(A) ::= .                         { A = NULL; }
ret_opt(A) ::= ARROW(W) dims(B) type_opt(C). { A = ast_result(P, W, B, C); }
ret_opt(A) ::= ARROW(W) NAME(B).         { A = ast_result(P, W, NULL, B); }
params(A) ::= LP(L) RP(R).               { A = ast_params(P, L, items_open(P), R); }
params(A) ::= LP(L) paramlist(B) RP(R).  { A = ast_params(P, L, B, R); }
params(A) ::= LP(L) paramlist(B) COMMA RP(R). { A = ast_params(P, L, B, R); }
paramlist(A) ::= pdecl(B).               { A = items_open(P); items_push(P, B); }
paramlist(A) ::= paramlist(A) COMMA pdecl(B). { items_push(P, B); }
pdecl(A) ::= pat(B) dims_opt(C) type_opt(D). { A = ast_formal(P, B, C, D, NULL); }
pdecl(A) ::= pat(B) dims_opt(C) type_opt(D) COLON expr(E). { A = ast_formal(P, B, C, D, E); }
pdecl(A) ::= ELLIPSIS(T) NAME(B).        { A = ast_rest(P, T, B); }
type_opt(A) ::= .                        { A = NOTHING; }
type_opt(A) ::= AS NAME(B).              { A = B; }
dims_opt(A) ::= .                        { A = NULL; }
dims_opt(A) ::= dims(A).
dims(A) ::= LK(L) RK(R).                 { A = ast_dims(P, L, items_open(P), R); }
dims(A) ::= LK(L) dimlist(B) RK(R).      { A = ast_dims(P, L, B, R); }
dims(A) ::= LK(L) dimlist(B) COMMA RK(R). { A = ast_dims(P, L, B, R); }
dimlist(A) ::= dim(B).                   { A = items_open(P); items_push(P, B); }
dimlist(A) ::= dimlist(A) COMMA dim(B).  { items_push(P, B); }
dim(A) ::= expr(A).
dim(A) ::= ELLIPSIS(T).                  { A = ast_leaf(P, AST_ELLIPSIS, T); }

/* ---- patterns ---- */
patlist(A) ::= pat(B).                   { A = items_open(P); items_push(P, B); }
patlist(A) ::= patlist(A) COMMA pat(B).  { items_push(P, B); }
pat(A) ::= NAME(B).                      { A = ast_pattern(P, B); }
pat(A) ::= LP(L) patlist(B) RP(R).       { A = ast_patterns(P, L, B, R, false); }
pat(A) ::= LP(L) patlist(B) COMMA RP(R). { A = ast_patterns(P, L, B, R, true); }

/* ---- models ---- */
mitems(A) ::= .                          { A = items_open(P); }
mitems(A) ::= mitems(A) NL.
mitems(A) ::= mitems(A) mitem(B) NL.     { items_push(P, B); }
mitems(A) ::= mitems(A) error NL.        { RECOVERED; }
mitem(A) ::= PARAM(W) NAME(B) dims_opt(C) type_opt(D) constraint_opt(E) init_opt(F).
                                         { A = ast_param(P, W, B, C, D, E, F); }
mitem(A) ::= STATE(W) NAME(B) dims_opt(C) ASSIGN expr(D). { A = ast_state(P, W, B, C, D); }
mitem(A) ::= LET(W) pat(B) dims_opt(C) ASSIGN expr(D). { A = ast_let(P, AST_LET, W, B, C, D); }
mitem(A) ::= fndef(A).
mitem(A) ::= FN(W) params(C) ret_opt(D) fbody(E). { A = ast_fn(P, AST_FN, W, NOTHING, C, D, E); }
constraint_opt(A) ::= .                  { A = NULL; }
constraint_opt(A) ::= GT expr(B).        { A = ast_constraint(P, AOP_GT, B); }
constraint_opt(A) ::= LT expr(B).        { A = ast_constraint(P, AOP_LT, B); }
constraint_opt(A) ::= IN expr(B).        { A = ast_constraint(P, AOP_IN, B); }
init_opt(A) ::= .                        { A = NULL; }
init_opt(A) ::= ASSIGN expr(B).          { A = ast_init(P, false, B); }
init_opt(A) ::= TILDE expr(B).           { A = ast_init(P, true, B); }

/* ---- native code ---- */
nitems(A) ::= .                          { A = items_open(P); }
nitems(A) ::= nitems(A) NL.
nitems(A) ::= nitems(A) nitem(B) NL.     { items_push(P, B); }
nitems(A) ::= nitems(A) error NL.        { RECOVERED; }
nitem(A) ::= FN(W) NAME(B) nparams(C) nret(D). { A = ast_native_fn(P, W, B, C, D, NOTHING); }
nitem(A) ::= FN(W) NAME(B) nparams(C) nret(D) ASSIGN STR(E). { A = ast_native_fn(P, W, B, C, D, E); }
nitem(A) ::= ADJOINT(W) NAME(B) params(C) fbody(D). { A = ast_fn(P, AST_ADJOINT, W, B, C, NULL, D); }
nitem(A) ::= TANGENT(W) NAME(B) params(C) fbody(D). { A = ast_fn(P, AST_TANGENT, W, B, C, NULL, D); }
nret(A) ::= .                            { A = NOTHING; }
nret(A) ::= ARROW NAME(B).               { A = B; }
nparams(A) ::= LP(L) RP(R).              { A = ast_params(P, L, items_open(P), R); }
nparams(A) ::= LP(L) nparamlist(B) RP(R). { A = ast_params(P, L, B, R); }
nparams(A) ::= LP(L) nparamlist(B) COMMA RP(R). { A = ast_params(P, L, B, R); }
nparamlist(A) ::= nparam(B).             { A = items_open(P); items_push(P, B); }
nparamlist(A) ::= nparamlist(A) COMMA nparam(B). { items_push(P, B); }
nparam(A) ::= NAME(B) dims_opt(C) NAME(D). { A = ast_native_arg(P, NOTHING, B, C, D); }
nparam(A) ::= OUT(T) NAME(B) dims_opt(C) NAME(D). { A = ast_native_arg(P, T, B, C, D); }

/* ---- descend ---- */
expr(A) ::= DESCEND(W) targets(B) over_opt(C) USING using(D) steps_opt(E) until_opt(F) block(G) watch_opt(H).
                                         { A = ast_descend(P, W, B, C, D, E, F, G, H); }
targets(A) ::= post(B).                  { A = items_open(P); items_push(P, B); }
targets(A) ::= targets(A) COMMA post(B). { items_push(P, B); }
over_opt(A) ::= .                        { A = NULL; }
over_opt(A) ::= OVER pat(B) IN expr(C).  { A = ast_clause(P, B, C); }
using(A) ::= elist(B).                   { A = ast_list(P, AST_USING, SPAN_NONE, NULL, B); }
steps_opt(A) ::= .                       { A = NULL; }
steps_opt(A) ::= FOR expr(B).            { A = B; }
until_opt(A) ::= .                       { A = NULL; }
until_opt(A) ::= UNTIL expr(B).          { A = B; }
watch_opt(A) ::= .                       { A = NULL; }
watch_opt(A) ::= WATCH(W) EVERY expr(B) block(C). { A = ast_two(P, AST_CLAUSE, W.at, B, C); }

/* ---- expressions, loosest first ---- */
expr(A) ::= expr(B) ARROW expr(C).       { A = ast_lambda(P, B, C); }
expr(A) ::= expr(B) PIPE(T) expr(C).     { A = ast_infix(P, AST_PIPE, B, T, C); }
expr(A) ::= expr(B) OR(T) expr(C).       { A = ast_infix(P, AST_OR, B, T, C); }
expr(A) ::= expr(B) AND(T) expr(C).      { A = ast_infix(P, AST_AND, B, T, C); }
expr(A) ::= NOT(T) expr(B).              { A = ast_one(P, AST_NOT, T.at, B); }
expr(A) ::= expr(B) EQ(T) expr(C).       { A = ast_compare(P, AOP_EQ, B, T, C); }
expr(A) ::= expr(B) NE(T) expr(C).       { A = ast_compare(P, AOP_NE, B, T, C); }
expr(A) ::= expr(B) LT(T) expr(C).       { A = ast_compare(P, AOP_LT, B, T, C); }
expr(A) ::= expr(B) GT(T) expr(C).       { A = ast_compare(P, AOP_GT, B, T, C); }
expr(A) ::= expr(B) LE(T) expr(C).       { A = ast_compare(P, AOP_LE, B, T, C); }
expr(A) ::= expr(B) GE(T) expr(C).       { A = ast_compare(P, AOP_GE, B, T, C); }
expr(A) ::= expr(B) RANGE(T) expr(C).    { A = ast_infix(P, AST_RANGE, B, T, C); }
expr(A) ::= expr(B) RANGE_EQ(T) expr(C). { A = ast_infix(P, AST_RANGE, B, T, C); A->flags |= AST_INCLUSIVE; }
expr(A) ::= expr(B) PLUS(T) expr(C).     { A = ast_binary(P, AOP_ADD, B, T, C); }
expr(A) ::= expr(B) MINUS(T) expr(C).    { A = ast_binary(P, AOP_SUB, B, T, C); }
expr(A) ::= expr(B) STAR(T) expr(C).     { A = ast_binary(P, AOP_MUL, B, T, C); }
expr(A) ::= expr(B) SLASH(T) expr(C).    { A = ast_binary(P, AOP_DIV, B, T, C); }
expr(A) ::= expr(B) DSLASH(T) expr(C).   { A = ast_binary(P, AOP_FLOORDIV, B, T, C); }
expr(A) ::= expr(B) PERCENT(T) expr(C).  { A = ast_binary(P, AOP_MOD, B, T, C); }
expr(A) ::= expr(B) AT(T) expr(C).       { A = ast_binary(P, AOP_MATMUL, B, T, C); }
expr(A) ::= MINUS(T) expr(B). [UNARY]    { A = ast_one(P, AST_NEG, T.at, B); }
expr(A) ::= expr(B) POW(T) expr(C).      { A = ast_binary(P, AOP_POW, B, T, C); }
expr(A) ::= expr(B) AS NAME(C).          { A = ast_as(P, B, C); }
expr(A) ::= post(A).
post(A) ::= prim(A).
post(A) ::= post(B) LP args(C) RP(R).    { A = ast_call(P, B, C, R); }
post(A) ::= post(B) LK idxs(C) RK(R).    { A = ast_index(P, B, C, R); }
post(A) ::= post(B) LK idxs(C) COMMA RK(R). { A = ast_index(P, B, C, R); }
post(A) ::= post(B) DOT NAME(C).         { A = ast_dot(P, B, C); }
post(A) ::= post(B) PRIME(T).            { A = ast_one(P, AST_PRIME, T.at, B); }
prim(A) ::= NAME(T).                     { A = ast_leaf(P, AST_NAME, T); }
prim(A) ::= NUMBER(T).                   { A = ast_leaf(P, AST_NUMBER, T); }
prim(A) ::= STR(T).                      { A = ast_leaf(P, AST_STRING, T); }
prim(A) ::= STR_HEAD(T) holes(B) STR_TAIL(U). { A = ast_interp(P, T, B, U); }
prim(A) ::= TRUE(T).                     { A = ast_leaf(P, AST_TRUE, T); }
prim(A) ::= FALSE(T).                    { A = ast_leaf(P, AST_FALSE, T); }
prim(A) ::= NIL(T).                      { A = ast_leaf(P, AST_NIL, T); }
prim(A) ::= LP(L) args(B) RP(R).         { A = ast_paren(P, L, B, R); }
prim(A) ::= LK(L) RK(R).                 { A = ast_tensor(P, L, items_open(P), R); }
prim(A) ::= LK(L) elist(B) RK(R).        { A = ast_tensor(P, L, B, R); }
prim(A) ::= LK(L) elist(B) COMMA RK(R).  { A = ast_tensor(P, L, B, R); }
prim(A) ::= LK(L) generator(B) RK(R).    { A = ast_comprehension(P, L, B, R); }
prim(A) ::= block(A).
prim(A) ::= ifx(A).
prim(A) ::= TRY(W) block(B) CATCH NAME(T) block(C). { A = ast_try(P, W, B, T, C); }
elist(A) ::= expr(B).                    { A = items_open(P); items_push_number(P, B); }
elist(A) ::= elist(A) COMMA expr(B).     { items_push_number(P, B); }
ifx(A) ::= IF(W) expr(B) block(C).       { A = ast_if(P, W, B, C, NULL); }
ifx(A) ::= IF(W) expr(B) block(C) ELSE block(D). { A = ast_if(P, W, B, C, D); }
ifx(A) ::= IF(W) expr(B) block(C) ELSE ifx(D). { A = ast_if(P, W, B, C, D); }

/* ---- parts of expressions ---- */
holes(A) ::= hole(B).                    { A = items_open(P); items_push(P, B); }
holes(A) ::= holes(A) STR_MID(T) hole(B). { items_push(P, ast_leaf(P, AST_STRING, T)); items_push(P, B); }
hole(A) ::= expr(B).                     { A = ast_hole(P, B, NOTHING); }
hole(A) ::= expr(B) FORMAT(T).           { A = ast_hole(P, B, T); }
args(A) ::= .                            { A = items_open(P); }
args(A) ::= arglist(A).
args(A) ::= arglist(A) COMMA.            { A.comma = true; }
args(A) ::= generator(B).                { A = items_open(P); items_push(P, B); }
arglist(A) ::= arg(B).                   { A = items_open(P); items_push(P, B); }
arglist(A) ::= arglist(A) COMMA arg(B).  { items_push(P, B); }
arg(A) ::= expr(A).
arg(A) ::= NAME(T) COLON expr(B).        { A = ast_named(P, T, B); }
arg(A) ::= ELLIPSIS(T) expr(B).          { A = ast_spread(P, T, B); }
generator(A) ::= expr(B) FOR clauses(C) if_opt(D). { A = ast_generator(P, B, C, D); }
clauses(A) ::= clause(B).                { A = items_open(P); items_push(P, B); }
clauses(A) ::= clauses(A) COMMA clause(B). { items_push(P, B); }
clause(A) ::= pat(B).                    { A = ast_clause(P, B, NULL); }
clause(A) ::= pat(B) IN expr(C).         { A = ast_clause(P, B, C); }
if_opt(A) ::= .                          { A = NULL; }
if_opt(A) ::= IF expr(B).                { A = B; }
idxs(A) ::= idx(B).                      { A = items_open(P); items_push(P, B); }
idxs(A) ::= idxs(A) COMMA idx(B).        { items_push(P, B); }
idx(A) ::= expr(A).
idx(A) ::= slice(A).
idx(A) ::= ELLIPSIS(T).                  { A = ast_leaf(P, AST_ELLIPSIS, T); }
idx(A) ::= NEW(T).                       { A = ast_leaf(P, AST_NEW, T); }
slice(A) ::= COLON(T).                   { A = ast_slice(P, NULL, T, NULL, T, NULL); }
slice(A) ::= expr(B) COLON(T).           { A = ast_slice(P, B, T, NULL, T, NULL); }
slice(A) ::= COLON(T) expr(C).           { A = ast_slice(P, NULL, T, C, T, NULL); }
slice(A) ::= expr(B) COLON(T) expr(C).   { A = ast_slice(P, B, T, C, T, NULL); }
slice(A) ::= expr(B) COLON(T) expr(C) COLON(U) expr(D). { A = ast_slice(P, B, T, C, U, D); }
slice(A) ::= COLON(T) COLON(U) expr(D).  { A = ast_slice(P, NULL, T, NULL, U, D); }
slice(A) ::= expr(B) COLON(T) COLON(U) expr(D). { A = ast_slice(P, B, T, NULL, U, D); }
slice(A) ::= COLON(T) expr(C) COLON(U) expr(D). { A = ast_slice(P, NULL, T, C, U, D); }

%code {
/* For parse.c, which may not see yyParser. */
size_t gram_size(void) { return sizeof(yyParser); }

/* An error was found and the tokens up to the next NL of the block are to be skipped. */
bool gram_skipping(const void *p)
{
    return ((const yyParser *)p)->yytos->major == YYERRORSYMBOL;
}

/* Would this token be taken now? Runs the tables on the stack's states without touching them; fallbacks
** of soft words do not count. */
bool gram_accepts(const void *p, int kind)
{
    const yyParser *g = p;
    const yyStackEntry *base = g->yytos;
    YYACTIONTYPE over[200];
    int n = 0;
    for (;;) {
        YYACTIONTYPE state = n ? over[n - 1] : base->stateno, act;
        if (state > YY_MAX_SHIFT) {
            act = state;
        } else {
            int i = yy_shift_ofst[state] + kind;
            act = yy_lookahead[i] == kind ? yy_action[i] : yy_default[state];
        }
        if (act < YY_MIN_REDUCE) return act <= YY_MAX_SHIFTREDUCE || act == YY_ACCEPT_ACTION;
        int pop = -yyRuleInfoNRhs[act - YY_MIN_REDUCE];
        int top = pop < n ? pop : n;
        n -= top;
        base -= pop - top;
        if (n >= 200 || base < g->yystack) return false;
        state = n ? over[n - 1] : base->stateno;
        over[n++] = yy_find_reduce_action(state, yyRuleInfoLhs[act - YY_MIN_REDUCE]);
    }
}
}
