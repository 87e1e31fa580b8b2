/* resolve.h -- what every name in a tree means.
**
** After resolve_unit every NAME node knows where its value comes from (ref_of), every function knows what it
** captures, and every mistake that LANGUAGE.md 11 calls an error before running has been reported. The
** compiler (compile.h) reads the marks that are left on the tree:
**
**   NAME      mark: a RefKind; slot: which one; info: the Var of a REF_LOCAL. In the dims of a signature
**             slot 1 says that this use binds the size
**   PATTERN, FORMAL, TRY, local FN, CLAUSE   info: the Var that is declared
**   functions (FN LOSS LAMBDA TEST ADJOINT TANGENT)   info: their Func; a local FN's Var is in Func.var
**   MODEL     info: its ModelInfo
**   DESCEND   info: DescendInfo
**   DOT as a callee   info: a NAME node of the function in scope that is called when there is no such member
**   CLAUSE without a range   info: its SizeSites
**   every node   weight: nodes below and including it; mark & MARK_WRITES: evaluating it may
**             assign a variable; mark & MARK_CONSTANT: a number known now (NUMBER and its operators + - * /)
** SPDX-License-Identifier: MIT */
#ifndef DSC_RESOLVE_H
#define DSC_RESOLVE_H
#include "lang/ast.h"
#include "runtime/vm.h"

typedef enum CompileMode {
    COMPILE_FILE,   /* a script: the main one */
    COMPILE_PROMPT, /* one input of the prompt, into a module that lives on */
    COMPILE_EXPR,   /* -e: as a script, the last line may be an expression */
    COMPILE_MODULE  /* what `use` names */
} CompileMode;

typedef struct Func Func;

typedef enum VarKind { VAR_LET, VAR_VAR, VAR_PARAM, VAR_LOOP, VAR_ITEM, VAR_FN, VAR_CATCH, VAR_SIZE, VAR_STEP } VarKind;
typedef struct Var {
    Str *name; /* NULL: made by the compiler */
    Span at;
    VarKind kind;
    uint32_t seq;    /* order of declaration */
    uint32_t reg;    /* set by the compiler */
    const Ast *decl; /* VAR_FN: the FN; made by the compiler: what it holds */
} Var;

typedef enum RefKind {
    REF_NONE,
    REF_LOCAL,     /* a register of the running function */
    REF_CAPTURE,   /* slot: number of the capture */
    REF_GLOBAL,    /* slot of the module */
    REF_FIELD,     /* slot: field of the model in R[0] */
    REF_METHOD,    /* method of the model in R[0] */
    REF_METHOD_OF, /* method of the captured model; slot: number of the capture */
    REF_SELF,      /* the model in R[0] (captured by a lambda that calls a method) */
    REF_SELFFN,    /* the running function itself */
    REF_BUILTIN
} RefKind;
enum { MARK_KIND = 0x0f, MARK_CONSTANT = 0x40, MARK_WRITES = 0x80 };
typedef struct Ref {
    RefKind kind;
    uint32_t slot;
    Var *var;
} Ref;
static inline RefKind ref_kind(const Ast *name) { return (RefKind)(name->mark & MARK_KIND); }
static inline Ref ref_of(const Ast *name) { return (Ref){ref_kind(name), name->slot, name->info}; }

typedef struct Capture {
    Ref from;
    Str *name;
} Capture; /* `from` as the enclosing function sees it */

typedef enum FuncKind { FUNC_MAIN, FUNC_TOP, FUNC_LOCAL, FUNC_METHOD, FUNC_CTOR, FUNC_TEST } FuncKind;
typedef struct ModelInfo ModelInfo;
struct Func {
    Func *up; /* the enclosing function whose variables it may capture; NULL: none */
    FuncKind kind;
    Ast *node;        /* FN LOSS LAMBDA ... MODEL (constructor), TEST; the FILE for main */
    Str *self_name;   /* a local fn's own name */
    Var *var;         /* a local fn's variable */
    ModelInfo *model; /* of a method or constructor */
    uint32_t first;   /* its first variable while it is resolved */
    Capture *cap;
    size_t ncap, capcap;
};

typedef struct ModelField {
    Str *name;
    FieldKind kind;
    Span at;
} ModelField;
struct ModelInfo {
    Ast *node;
    ModelField *field;
    size_t nfield, capfield;
    size_t visible; /* while the constructor is resolved: members declared so far */
    Ast **method;   /* FN nodes */
    size_t nmethod, capmethod;
    Func *ctor;
    ModelDef *def; /* set by the compiler */
};

typedef struct DescendInfo {
    Var *step, *loss, *gnorm, *epoch;
    uint32_t seq; /* variables from outside the block have a smaller or equal one */
    Str *holder;  /* a name in the block that was given its value from a target's, before the statement; or NULL */
    Span holder_at;
} DescendInfo;

/* An axis that gives the range of a comprehension variable: x[.., i, ..]. */
typedef struct SizeSite SizeSite;
struct SizeSite {
    SizeSite *next;
    Ast *base;
    int axis;
    Var *hoisted; /* holds the base's value, or NULL */
};

typedef struct TopName {
    Str *name;
    GlobalKind kind;
    uint32_t slot;
    Span at;
    Ast *decl;
    Module *module; /* `use` */
    bool hidden;    /* its own value is being resolved */
    bool fresh;     /* the module had no such name before */
} TopName;

/* One text on its way from tree to bytecode. */
typedef struct Unit {
    State *S;
    Module *m;
    Ast *file;
    Arena *A;
    CompileMode mode;
    bool warn; /* of definitions that shadow a built-in */
    TopName *top;
    size_t ntop, captop;
    uint32_t *hash; /* index + 1 into top, by name */
    size_t nhash;
    Func *main;
} Unit;

/* False when an error was reported (or memory was refused: S->err). */
bool resolve_unit(Unit *u);
TopName *unit_top(const Unit *u, const Str *name); /* declared in this text, or NULL */
/* Growable array in the arena. */
bool arena_grow(State *S, Arena *A, void **p, size_t *cap, size_t n, size_t item);
#define ARENA_PUSH(S, A, v, n, cap) ((n) < (cap) || arena_grow((S), (A), (void **)&(v), &(cap), (n), sizeof *(v)))
#endif
