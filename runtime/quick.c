/* quick.c -- adjoints of element-wise operations on small tensors: run at once, without recording.
**
** The rule of such an operation is a handful of other element-wise operations. It is run once on tensors that wait, and
** what it recorded is kept as a program: a list of loops over dy, the inputs, the result, numbers, and registers. From
** then on going back over the operation is these loops, and the result is written where the cotangent is wanted:
**
**   y = tanh(x)      dx = chain(dy, 1 - square(y))        r0 = square(y)
**                                                         r1 = sub(1, r0)
**                                                         out = chain(dy, r1)
**
** The loops are those that the rule would have run, so the numbers are the same to the last bit (but for the order of
** sums, where an operand was a number or a row for all). A rule that looks at a
** number among its inputs would give a program for that number only: it is run for two different ones, and where the
** programs differ in more than that input there is none.
** SPDX-License-Identifier: MIT */
#include "runtime/kernels/fold.h"
#include "runtime/kernels/kernels.h"
#include "runtime/tape.h"
#include "runtime/tape_internal.h"

enum { STEPS = 12, CONSTS = 8, INPUTS = 3, BLOCK = 256, TRACE = 100, ROWS_MOST = 512 };
/* What a step reads: a register (the number of the step that wrote it), or one of these. */
enum { FROM_DY = STEPS, FROM_X, FROM_Y = FROM_X + INPUTS, FROM_CONST, NOWHERE = FROM_CONST + CONSTS };

typedef union Scalar { /* as a loop of its dtype reads it */
    double d;
    float f;
    char b[8];
} Scalar;

typedef struct Step {
    Loop loop;
    uint8_t nin, bools; /* bools: the result has elements of one byte */
    uint8_t from[INPUTS];
} Step;
typedef struct Program {
    int n; /* steps; 0: dx is dy */
    int nconst;
    bool uses[NOWHERE];
    Step step[STEPS];
    double value[CONSTS];
    Scalar con[CONSTS];
} Program;

/* Programs of an operation: [dtype f64, f32][which inputs are numbers][of which input]. */
typedef struct QuickRules {
    bool looked[2][1 << INPUTS][INPUTS];
    Program *at[2][1 << INPUTS][INPUTS];
} QuickRules;
struct Quick {
    QuickRules *rules[OPID_COUNT];
};

/* ---- making programs ---- */

typedef struct Trace {
    DType dt;
    Value dy, x[INPUTS], y;
    Tensor *seen[STEPS]; /* whose result is which register */
    Program p;
} Trace;

static void scalar_put(DType dt, Scalar *s, double v)
{
    if (dt == DT_F64) s->d = v;
    else s->f = (float)v;
}

static int const_at(Trace *t, double v)
{
    Program *p = &t->p;
    int k = 0;
    while (k < p->nconst && memcmp(&p->value[k], &v, sizeof v)) k++;
    if (k == CONSTS) return -1;
    if (k == p->nconst) {
        p->value[k] = v;
        scalar_put(t->dt, &p->con[k], v);
        p->nconst++;
    }
    return FROM_CONST + k;
}

static bool same(Value a, Value b)
{
    return a.tag == b.tag && (a.tag == T_TENSOR ? a.t == b.t : a.tag == T_NUM && a.n == b.n);
}

/* Where v comes from, with the steps that make it; -1: it is no such program. */
static int trace(Trace *t, Value v)
{
    if (same(v, t->dy)) return FROM_DY;
    for (int i = 0; i < INPUTS; i++)
        if (same(v, t->x[i])) return FROM_X + i;
    if (same(v, t->y)) return FROM_Y;
    if (v.tag == T_NUM) return const_at(t, v.n);
    if (v.tag != T_TENSOR || !v.t->node) return -1;
    for (int k = 0; k < t->p.n; k++)
        if (t->seen[k] == v.t) return k;
    const Node *n = v.t->node;
    const OpDef *d = n->op;
    if (!(d->flags & OPF_EACH) || !d->kernel || n->nin > INPUTS || v.t->n != TRACE) return -1;
    Step s = {.nin = (uint8_t)n->nin, .bools = v.t->dtype == DT_BOOL};
    int bools = 0;
    for (int i = 0; i < n->nin; i++) {
        int from = trace(t, n->x[i]);
        bool b = n->x[i].tag == T_TENSOR && n->x[i].t->dtype == DT_BOOL;
        if (from < 0 || (n->x[i].tag == T_TENSOR && !b && n->x[i].t->dtype != t->dt)) return -1;
        s.from[i] = (uint8_t)from;
        bools += b;
    }
    bool where = d->kernel == K_where;
    if (!s.bools && (v.t->dtype != t->dt || bools != where)) return -1;
    if (s.bools && bools && bools != n->nin) return -1;
    s.loop = kernels_pick()[d->kernel][s.bools && bools ? DT_BOOL : t->dt];
    if (!s.loop || t->p.n == STEPS) return -1;
    for (int i = 0; i < n->nin; i++) t->p.uses[s.from[i]] = true;
    t->seen[t->p.n] = v.t;
    t->p.step[t->p.n] = s;
    return t->p.n++;
}

/* A tensor that waits: a rule on it is recorded and does not run. */
static bool waiting(State *S, DType dt, Value *out)
{
    Attr shape = {.i = TRACE};
    Tensor *one = tensor_zeros(S, dt, 1, &(int64_t){1});
    Value x = val_obj(T_TENSOR, one);
    bool ok = one && op_record(S, OPID_fill, &x, 1, &shape, 1, out);
    obj_release(S, one);
    return ok;
}

/* Runs the rule for dx[i], where bit k of numbers says that input k is a number: at `first` for input 0 and so on. */
static bool traced(State *S, const OpDef *d, DType dt, unsigned numbers, int i, double first, Program *p, bool *found)
{
    Trace t = {.dt = dt, .dy = NIL, .y = NIL, .x = {NIL, NIL, NIL}};
    Value dx[INPUTS] = {NIL, NIL, NIL};
    bool ok = waiting(S, dt, &t.dy) && waiting(S, dt, &t.y);
    for (int k = 0; ok && k < d->nin; k++) {
        if (numbers >> k & 1) {
            t.x[k] = val_num(first + 0.0625 * k);
        } else {
            ok = waiting(S, dt, &t.x[k]);
            if (ok && d->kernel == K_where && k == 0) {
                Value b;
                ok = op1(S, OPID_is_nan, t.x[k], &b);
                if (ok) release(S, t.x[k]);
                if (ok) t.x[k] = b;
            }
        }
    }
    Rule r = {.S = S, .op = d, .nin = d->nin, .x = t.x, .y = t.y, .dy = t.dy, .dx = dx, .need = (uint64_t)1 << i};
    if (ok) d->adjoint(&r);
    *found = false;
    if (ok && !r.failed && !is_nil(dx[i])) {
        int from = trace(&t, dx[i]);
        *found = from == FROM_DY || (from >= 0 && from == t.p.n - 1);
        *p = t.p;
    }
    for (size_t k = 0; k < r.ntemps; k++) release(S, r.temps[k]);
    mem_free(S, r.temps, r.captemps * sizeof *r.temps);
    for (int k = 0; k < INPUTS; k++) release(S, t.x[k]);
    release(S, t.y);
    release(S, t.dy);
    return ok && !r.failed;
}

static bool same_program(const Program *a, const Program *b)
{
    if (a->n != b->n || a->nconst != b->nconst || memcmp(a->value, b->value, (size_t)a->nconst * sizeof *a->value))
        return false;
    for (int k = 0; k < a->n; k++) {
        const Step *s = &a->step[k], *q = &b->step[k];
        if (s->loop != q->loop || s->nin != q->nin || memcmp(s->from, q->from, s->nin)) return false;
    }
    return true;
}

static bool make(State *S, const OpDef *d, DType dt, unsigned numbers, int i, Program **out)
{
    Program a, b;
    bool found = false, again = true, off = S->plan_off;
    S->plan_off = false; /* so that what the rule does is recorded */
    bool ok = traced(S, d, dt, numbers, i, 0.8125, &a, &found);
    if (ok && found && numbers) ok = traced(S, d, dt, numbers, i, 0.71875, &b, &again);
    S->plan_off = off;
    *out = NULL;
    if (!ok && S->err && S->err->code != DIAG_MEM) { /* a rule that wants more of its inputs */
        diag_clear(S);
        return true;
    }
    if (!ok || !found || !again || (numbers && !same_program(&a, &b))) return ok;
    Program *p = mem_alloc(S, sizeof *p);
    if (!p) return false;
    *p = a;
    *out = p;
    return true;
}

static bool program_of(State *S, const OpDef *d, DType dt, unsigned numbers, int i, const Program **out)
{
    struct Quick *q = S->tape.quick;
    *out = NULL;
    if (!q && !(q = S->tape.quick = mem_zalloc(S, sizeof *q))) return false;
    QuickRules *r = q->rules[d->id];
    if (!r && !(r = q->rules[d->id] = mem_zalloc(S, sizeof *r))) return false;
    if (!r->looked[dt][numbers][i]) {
        if (!make(S, d, dt, numbers, i, &r->at[dt][numbers][i])) return false;
        r->looked[dt][numbers][i] = true;
    }
    *out = r->at[dt][numbers][i];
    return true;
}

void quick_deinit(State *S)
{
    struct Quick *q = S->tape.quick;
    if (!q) return;
    for (int op = 0; op < OPID_COUNT; op++) {
        QuickRules *r = q->rules[op];
        if (!r) continue;
        for (int k = 0; k < 2 * (1 << INPUTS) * INPUTS; k++) mem_free(S, (&r->at[0][0][0])[k], sizeof(Program));
        mem_free(S, r, sizeof *r);
    }
    mem_free(S, q, sizeof *q);
    S->tape.quick = NULL;
}

/* ---- running them ---- */

typedef struct Feed {
    const char *p;
    size_t step; /* bytes an element; 0: one for all */
} Feed;

static void program_run(const Program *p, int64_t n, const Feed *in, size_t size, void *out)
{
    double reg[STEPS][BLOCK];
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK;
        for (int k = 0; k < p->n; k++) {
            const Step *s = &p->step[k];
            const void *x[INPUTS];
            int step[INPUTS];
            for (int i = 0; i < s->nin; i++) {
                int from = s->from[i];
                step[i] = from < FROM_DY || in[from].step != 0;
                x[i] = from < FROM_DY ? (const char *)reg[from] : in[from].p + (size_t)at * in[from].step;
            }
            s->loop(m, x, step, k == p->n - 1 ? (char *)out + (size_t)at * size : (char *)reg[k], NULL);
        }
    }
}

static inline const char *data_of(const Tensor *t)
{
    return (const char *)t->st->data + t->offset * (int64_t)dtype_size[t->dtype];
}
static inline bool at_hand(const Tensor *t) { return t->st && !t->node && !t->lanes && t->contiguous; }
static inline bool alone(const Tensor *t)
{
    return t->obj.rc == 1 && t->st->rc == 1 && !t->st->deleter && !(t->obj.flags & TENSOR_GHOST);
}

/* The elements of a row m times. */
static const char *repeat(void *room, const char *p, int64_t bytes, int64_t m)
{
    for (int64_t i = 0; i < m; i++) memcpy((char *)room + i * bytes, p, (size_t)bytes);
    return room;
}

/* The sum of the rows of shape `like` among the n elements of p. */
static Tensor *rows_sum(State *S, const Tensor *like, const void *p, int64_t n)
{
    Tensor *t = tensor_new(S, (DType)like->dtype, like->rank, tensor_shape(like));
    if (!t) return NULL;
    for (int64_t j = 0; j < t->n; j++) {
        double s = 0;
        for (int64_t i = j; i < n; i += t->n) s += t->dtype == DT_F64 ? ((const double *)p)[i] : ((const float *)p)[i];
        if (t->dtype == DT_F64) ((double *)t->st->data)[j] = s;
        else ((float *)t->st->data)[j] = (float)s;
    }
    return t;
}

/* Adds what the program gives to a cotangent, or makes it the cotangent. own: dy may be written over. */
static bool deliver(State *S, Big *to, const Program *p, const Feed *in, Tensor *dy, bool own, SendFn add, void *ud)
{
    size_t size = dtype_size[dy->dtype];
    Tensor *t = to->cot.tag == T_TENSOR && !to->cot.level ? to->cot.t : NULL;
    if (t && t->dtype == dy->dtype && at_hand(t) && alone(t)) {
        double room[QUICK_MOST];
        const void *x[2] = {data_of(t), data_of(dy)};
        int step[2] = {1, 1};
        if (p->n) {
            program_run(p, dy->n, in, size, room);
            x[1] = room;
        }
        kernels_pick()[K_add][t->dtype](t->n, x, step, (char *)x[0], NULL);
        return true;
    }
    if (!p->n) {
        t = obj_retain(dy);
    } else if (own) {
        t = obj_retain(dy);
        program_run(p, dy->n, in, size, (char *)data_of(dy));
    } else {
        t = tensor_new(S, (DType)dy->dtype, dy->rank, tensor_shape(dy));
        if (!t) return false;
        program_run(p, dy->n, in, size, t->st->data);
    }
    if (!is_nil(to->cot)) return add(ud, to->node, val_obj(T_TENSOR, t), to->y);
    to->cot = val_obj(T_TENSOR, t);
    return true;
}

/* Back over the sum or mean of all elements, whose cotangent is v. */
bool quick_spread(State *S, Level *L, const Big *b, double v, bool *done)
{
    const OpDef *d = b->op;
    bool mean = d == op_table[OPID_mean];
    *done = false;
    if ((!mean && d != op_table[OPID_sum]) || b->x[0].tag != T_TENSOR || !b->in[0]) return true;
    const Tensor *x = b->x[0].t;
    Big *to = level_big_of(L, b->in[0]);
    if (x->n > QUICK_MOST || x->n == 0 || x->dtype > DT_F32) return true;
    if (mean) v /= (double)x->n;
    Tensor *t = to->cot.tag == T_TENSOR && !to->cot.level ? to->cot.t : NULL;
    if (is_nil(to->cot)) {
        t = tensor_full(S, (DType)x->dtype, x->rank, tensor_shape(x), v);
        if (!t) return false;
        to->cot = val_obj(T_TENSOR, t);
    } else if (t && t->dtype == x->dtype && at_hand(t) && alone(t)) {
        Scalar s;
        scalar_put((DType)t->dtype, &s, v);
        const void *in[2] = {data_of(t), &s};
        int step[2] = {1, 0};
        kernels_pick()[K_add][t->dtype](t->n, in, step, (char *)in[0], NULL);
    } else {
        return true;
    }
    *done = true;
    return true;
}

bool quick_back(State *S, Level *L, Big *b, bool keep, SendFn add, void *ud, bool *done)
{
    const OpDef *d = b->op;
    Tensor *dy = b->cot.t;
    *done = false;
    if (!(d->flags & OPF_EACH) || b->nin > INPUTS || !d->adjoint || dy->n > QUICK_MOST || dy->n == 0 || !dy->st ||
        dy->node || dy->lanes || dy->dtype > DT_F32 || b->number)
        return true;
    DType dt = (DType)dy->dtype;
    double rows[INPUTS][ROWS_MOST];
    bool row[INPUTS] = {false};
    unsigned numbers = 0;
    Feed in[NOWHERE];
    Scalar num[INPUTS];
    in[FROM_Y] = (Feed){NULL, dtype_size[dt]};
    if (b->y.level || b->y.tag != T_TENSOR || b->y.t->dtype != dt) return true;
    if (b->y.t->st && at_hand(b->y.t)) in[FROM_Y].p = data_of(b->y.t);
    int nin = (int)b->nin, last = -1;
    for (int i = 0; i < nin; i++) {
        Value x = b->x[i];
        if (b->in[i]) last = i;
        if (x.level) return true;
        if (x.tag == T_NUM) {
            numbers |= 1u << i;
            scalar_put(dt, &num[i], x.n);
            in[FROM_X + i] = (Feed){num[i].b, 0};
        } else {
            bool mask = d->kernel == K_where && i == 0;
            if (x.tag != T_TENSOR || x.t->dtype != (mask ? DT_BOOL : dt)) return true;
            in[FROM_X + i] = (Feed){x.t->st && at_hand(x.t) ? data_of(x.t) : NULL, dtype_size[x.t->dtype]};
            if (shape_equal(x.t, dy)) continue;
            row[i] = trails(dy, x.t) && x.t->n && dy->n <= ROWS_MOST && !mask;
            if (!row[i]) return true;
            if (in[FROM_X + i].p)
                in[FROM_X + i].p = repeat(rows[i], in[FROM_X + i].p, x.t->n * dtype_size[dt], dy->n / x.t->n);
        }
    }
    if (d == op_table[OPID_pow] && numbers == 2) { /* its rule looks at the exponent; squares are most of them */
        if (b->x[1].n != 2 || b->in[1]) return true;
        d = op_table[OPID_square];
        numbers = 0;
    }
    const Program *p[INPUTS];
    for (int i = 0; i < nin; i++) {
        if (!b->in[i]) continue;
        if (!program_of(S, d, dt, numbers, i, &p[i])) return false;
        if (!p[i]) return true;
        for (int k = FROM_X; k < FROM_CONST; k++)
            if (p[i]->uses[k] && !in[k].p) return true;
    }
    *done = true;
    if (!dy->contiguous) { /* a number or a row for all */
        Tensor *c = tensor_contiguous(S, dy);
        if (!c) return false;
        obj_release(S, dy);
        b->cot = val_obj(T_TENSOR, dy = c);
    }
    in[FROM_DY] = (Feed){data_of(dy), dtype_size[dt]};
    for (int i = 0; i < nin; i++) {
        if (!b->in[i]) continue;
        for (int k = 0; k < p[i]->nconst; k++) in[FROM_CONST + k] = (Feed){p[i]->con[k].b, 0};
        if (numbers >> i & 1) {
            double room[QUICK_MOST];
            if (p[i]->n) program_run(p[i], dy->n, in, dtype_size[dt], room);
            Value g = val_num(folds_pick(dt, S->isa)->total(dy->n, p[i]->n ? (const void *)room : data_of(dy)));
            if (!add(ud, b->in[i], g, b->x[i])) return false;
            continue;
        }
        Big *to = level_big_of(L, b->in[i]);
        if (row[i]) {
            double room[ROWS_MOST];
            if (p[i]->n) program_run(p[i], dy->n, in, dtype_size[dt], room);
            Tensor *t = rows_sum(S, b->x[i].t, p[i]->n ? (const void *)room : data_of(dy), dy->n);
            if (!t || !add(ud, b->in[i], val_obj(T_TENSOR, t), b->x[i])) return false;
            continue;
        }
        if (!deliver(S, to, p[i], in, dy, i == last && !keep && alone(dy), add, ud)) return false;
    }
    return true;
}
