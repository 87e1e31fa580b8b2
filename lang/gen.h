/* gen.h -- shared by the parts of the compiler: one function under construction, and what emits into it.
**
**   emit.c        instructions, constants, registers, jumps
**   expr.c        expressions
**   call.c        calls, pipes, methods, and places (paths that calls and assignments go through)
**   comprehend.c  comprehensions, generators, reductions
**   stmt.c        statements, patterns, descend
**   function.c    functions, signatures, models
**   compile.c     the top level
**   liveness.c    last uses
**
** Registers are a stack: a scope's variables, then temporaries. An expression is compiled into a given register
** (ex_to), which is fresh: nothing that the expression reads lives in it. Failures (memory, too large) are sticky in Gen.failed;
** everything just goes on and the function is thrown away at the end.
** SPDX-License-Identifier: MIT */
#ifndef DSC_GEN_H
#define DSC_GEN_H
#include <stdio.h>
#include "lang/resolve.h"
#include "runtime/state.h"

#define NO_REG UINT32_MAX
enum {
    REG_MAX = 60000,
    FUSE_WEIGHT = 2500, /* nodes that a 16-bit jump may pass over */
    RUN_MAX = 120       /* registers in a row */
};

typedef struct Jumps {
    int32_t *at;
    size_t n, cap;
} Jumps; /* instructions that wait for a target; in the arena */

typedef struct Loop {
    struct Loop *up;
    Jumps brk, cont;
    int draws; /* Gen.draws outside it */
} Loop;

typedef struct Gen {
    Unit *u;
    State *S;
    Arena *A;
    struct Gen *up;
    Func *fn;
    Proto *p;
    uint32_t top; /* next free register */
    Span at;      /* for what is emitted next */
    Loop *loop;
    int tries;          /* handlers open around here */
    int draws;          /* comprehensions that draw, open around here */
    bool in_block;      /* inside the block of a descend */
    uint32_t block_seq; /* variables from before it have seq <= this */
    bool is_loss;
    const Ast *result;  /* RESULT of the function, or NULL */
    const Ast *target;  /* NAME that the value of the call to be compiled next is assigned to, or NULL */
    uint32_t *promoted; /* main: by slot, register of a var that lives there while the file runs, or NO_REG */
    uint32_t npromoted;
    bool failed;
} Gen;

/* ---- emit.c ---- */
uint32_t reg_new(Gen *G, uint32_t n);                                       /* first of n new registers */
int32_t emit(Gen *G, OpCode op, int x, uint32_t a, uint32_t b, uint32_t c); /* its position */
int32_t emitj(Gen *G, OpCode op, int x, uint32_t a, int32_t j);
void emit_ext(Gen *G, uint32_t a, uint32_t b, uint32_t c);
void emit_extj(Gen *G, int32_t j);
int32_t here(const Gen *G);
void jump_add(Gen *G, Jumps *l, int32_t at);
void jump_to(Gen *G, int32_t at, int32_t target);
void jumps_here(Gen *G, Jumps *l);
void jumps_to(Gen *G, Jumps *l, int32_t target);
uint32_t const_value(Gen *G, Value v_take);
uint32_t const_num(Gen *G, double n);
uint32_t const_str(Gen *G, Str *s); /* keeps a reference */
uint32_t const_text(Gen *G, const char *s);
Str *held(Gen *G, Str *s); /* s, kept alive by the constants */
uint32_t path_new(Gen *G, const PathStep *step, uint32_t n);
uint32_t callinfo_new(Gen *G, Str **name, uint8_t *spread, uint32_t n); /* copies */
void too_large(Gen *G, const char *what);
void out_of_memory(Gen *G);
void load_num(Gen *G, uint32_t dst, double n);

/* The register of a name that has one, else NO_REG; *var: it may be assigned. */
uint32_t name_reg(const Gen *G, const Ast *a, bool *var);
uint32_t promoted_reg(const Gen *G, uint32_t slot);

/* ---- expr.c ---- */
void ex_to(Gen *G, const Ast *a, uint32_t dst);
uint32_t ex_any(Gen *G, const Ast *a); /* the variable's own register, or a temporary */
/* As ex_any for an operand that is used after `later` (NULL: nothing) has been evaluated. */
uint32_t ex_operand(Gen *G, const Ast *a, const Ast *later);
/* A comparison whose sides stay in registers of their own; NO_REG: a is none. */
uint32_t ex_comparison(Gen *G, const Ast *a, uint32_t *left, uint32_t *right);
void ex_effect(Gen *G, const Ast *a);                                /* its value is not wanted */
void ex_jump(Gen *G, const Ast *a, bool when, bool far, Jumps *out); /* jumps when the condition is `when` */
void load_ref(Gen *G, Ref r, Str *name, uint32_t dst);
bool ex_constant(const Ast *a, double *out); /* a number known now */
/* The same as a constant that an operand of 16 bits can name; false too when there are more than that. */
bool ex_constant_k(Gen *G, const Ast *a, uint32_t *k);
bool ex_writes_last(Gen *G, const Ast *a);                             /* ex_to touches its register only at the end */
void indices_to(Gen *G, Ast *const *item, uint32_t n, uint32_t first); /* into registers in a row */
void closure_to(Gen *G, Func *f, uint32_t proto, uint32_t dst);

/* ---- call.c ---- */
void call_to(Gen *G, const Ast *a, uint32_t dst); /* CALL or PIPE */
int call_op(Gen *G, const Ast *a);                /* the operation a call comes down to, or -1 */
uint32_t appended(const Ast *target, const Ast *value, const Ast *const **at);
/* Where an assignment or a place call goes. */
typedef struct Place {
    bool ok, global, self, path_known;
    uint32_t root;
    PathStep *step;
    uint32_t n, path;
} Place;
Place place_open(Gen *G, const Ast *a); /* evaluates indices into registers that stay */
void place_store(Gen *G, const Place *p, uint32_t value);
void place_load(Gen *G, const Place *p, uint32_t dst);
void place_grow(Gen *G, Place *p, uint32_t value, bool add); /* appends to the list there, or += */
bool is_place(Gen *G, const Ast *a);                         /* stands in a variable that may be assigned here */

/* ---- comprehend.c ---- */
void comprehension_to(Gen *G, const Ast *a, uint32_t dst); /* COMPREHENSION, GATHER, GENERATOR (a list) */
bool reduction_to(Gen *G, const Ast *callee, const Ast *generator, uint32_t dst); /* false: it is no reduction */
typedef struct LoopCode {
    bool range;
    uint32_t base;
    int32_t start, entry;
    int32_t batch; /* its BATCH, or -1 */
} LoopCode;
LoopCode loop_open(Gen *G, const Ast *source, Jumps *end); /* item in base + 2 */
void loop_close(Gen *G, const LoopCode *l, Jumps *cont);

/* ---- stmt.c ---- */
void block_to(Gen *G, const Ast *a, uint32_t dst);
void block_effect(Gen *G, const Ast *a);
void block_return(Gen *G, const Ast *a); /* as a function's body */
void statement(Gen *G, const Ast *a);
void pattern_declare(Gen *G, Ast *p);                   /* gives its names registers */
void pattern_bind(Gen *G, const Ast *p, uint32_t from); /* takes R[from] apart */
void descend_to(Gen *G, const Ast *a, uint32_t dst);
Str *source_text(Gen *G, Span at);       /* owned, interned; NULL when there is none */
void give_back(Gen *G, uint32_t value);  /* return R[value], with the checks of the result */
void return_value(Gen *G, const Ast *a); /* in tail position */

/* ---- function.c ---- */
uint32_t function_new(Gen *G, Ast *a, Func *f, const char *name); /* index into G->p->protos */
void sig_check_value(Gen *G, const Ast *dims, const Str *type, uint32_t reg, const char *what, bool result, Span at);
uint32_t model_build(Gen *G, Ast *a); /* index of the constructor's proto */
Value test_new(Gen *G, Ast *a);       /* closure, owned; NIL when it failed */
void bind_var(Gen *G, Var *v, uint32_t reg);

/* ---- liveness.c ---- */
/* Sets the kill bits of a finished proto. var_slot: slots of the module that are vars and may be moved out of
** (TAKEG), or NULL. */
bool liveness(State *S, Proto *p, const uint32_t *var_slot, uint32_t nvar);
#endif
