/* vm.c -- the interpreter: frames, calls, the instruction loop, unwinding.
**
** Registers live in segments that never move, so a pointer to a register stays good while its frame is
** alive. A callee's window starts above its caller's; arguments are moved into it. Memory above the top
** frame holds no references, so a call initialises nothing but its parameters and a return releases what
** its registers still hold. Errors come as `false` from whatever was called, and are unwound here to the
** nearest handler of a frame above the one this run started with; a run that was started from C (vm_call, a
** region of descend) ends there and passes the failure on.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include <time.h>
#include "runtime/builtin.h"
#include "runtime/lane.h"
#include "runtime/op.h"
#include "runtime/state.h"

struct Segment {
    Segment *prev;
    Value *top, *end;
    size_t size;
    Value data[];
};

enum { SEGMENT_VALUES = 8192, FUEL = 1024, C_DEPTH = 400, FRAMES_MAX = 200000, TREE_DEPTH = 10000 };

/* ---- frames ---- */

static Segment *segment_new(State *S, size_t n, Segment *prev)
{
    if (n < SEGMENT_VALUES) n = SEGMENT_VALUES;
    size_t size = sizeof(Segment) + n * sizeof(Value);
    Segment *seg = mem_zalloc(S, size);
    if (!seg) return NULL;
    seg->prev = prev;
    seg->top = seg->data;
    seg->end = seg->data + n;
    seg->size = size;
    return seg;
}

bool vm_init(State *S)
{
    Vm *vm = &S->vm;
    vm->max_depth = FRAMES_MAX;
    vm_begin(S, 0);
    vm->seg = segment_new(S, SEGMENT_VALUES, NULL);
    return vm->seg != NULL;
}

static void frame_pop(State *S);

void vm_trim(State *S)
{
    Vm *vm = &S->vm;
    if (vm->spare) mem_free(S, vm->spare, vm->spare->size);
    vm->spare = NULL;
    if (vm->nframes) return;
    mem_free(S, vm->frames, vm->capframes * sizeof(Frame));
    vm->frames = NULL;
    vm->capframes = 0;
}

void vm_deinit(State *S)
{
    Vm *vm = &S->vm;
    while (vm->nframes) frame_pop(S);
    vm_trim(S);
    while (vm->seg) {
        Segment *prev = vm->seg->prev;
        mem_free(S, vm->seg, vm->seg->size);
        vm->seg = prev;
    }
    mem_free(S, vm->comp, vm->capcomp * sizeof(CompRng));
    vm->comp = NULL;
    vm->capcomp = 0;
}

/* Pushes a frame with an uninitialised window (plain or stale non-heap values). */
static Frame *frame_push(State *S, Proto *p, Closure *fn_take, Value *ret)
{
    Vm *vm = &S->vm;
    if (vm->nframes >= (size_t)vm->max_depth) {
        diag_fail(S, DIAG_DEPTH, "recursion too deep: %zu calls are open", vm->nframes);
        diag_hint(S, "a function that calls itself needs a case in which it does not");
        goto fail;
    }
    if (!MEM_PUSH(S, vm->frames, vm->nframes, vm->capframes)) goto fail;
    if ((size_t)(vm->seg->end - vm->seg->top) < (size_t)p->nregs + 1) {
        Segment *seg = vm->spare;
        if (seg && seg->end - seg->data > p->nregs) {
            vm->spare = NULL;
            seg->prev = vm->seg;
        } else if (!(seg = segment_new(S, (size_t)p->nregs + 1, vm->seg))) {
            goto fail;
        }
        vm->seg = seg;
    }
    Frame *f = &vm->frames[vm->nframes++];
    f->proto = p;
    f->fn = fn_take;
    f->r = vm->seg->top;
    f->pc = -1; /* not running yet: what goes wrong is the caller's */
    f->next = 0;
    f->ret = ret;
    f->self_ret = NULL;
    f->seg = vm->seg;
    vm->seg->top += p->nregs;
    return f;
fail:
    obj_release(S, fn_take);
    return NULL;
}

/* frame_push for the usual case: room in both arrays. NULL: take the long way. */
static inline __attribute__((always_inline)) Frame *frame_push_fast(Vm *vm, Proto *p, Closure *fn_take, Value *ret)
{
    if (__builtin_expect(vm->nframes >= vm->capframes || vm->nframes >= (size_t)vm->max_depth ||
                             vm->seg->end - vm->seg->top <= (ptrdiff_t)p->nregs,
                         0))
        return NULL;
    Frame *f = &vm->frames[vm->nframes++];
    f->proto = p;
    f->fn = fn_take;
    f->r = vm->seg->top;
    f->pc = -1;
    f->ret = ret;
    f->self_ret = NULL;
    f->seg = vm->seg;
    vm->seg->top += p->nregs;
    return f;
}

static void frame_pop(State *S)
{
    Vm *vm = &S->vm;
    size_t k = vm->nframes - 1;
    while (vm->ncomp && vm->comp[vm->ncomp - 1].frame == k) rng_switch(&S->rng, vm->comp[--vm->ncomp].saved);
    Frame *f = &vm->frames[k];
    Value *r = f->r;
    for (int i = 0, n = f->proto->nregs; i < n; i++) {
        if (is_heap(r[i])) {
            Value v = r[i];
            r[i].hdr = 0;
            release(S, v);
        }
    }
    f = &vm->frames[k]; /* a release may have run a host's deleter, nothing that pushes */
    Segment *seg = f->seg;
    seg->top = r;
    vm->nframes = k;
    if (seg->top == seg->data && seg->prev) {
        vm->seg = seg->prev;
        if (vm->spare) mem_free(S, vm->spare, vm->spare->size);
        vm->spare = seg; /* calls that come and go at the boundary need not ask for it again */
    }
    obj_release(S, f->fn);
}

Value *vm_regs(State *S, size_t frame) { return S->vm.frames[frame].r; }

Span vm_here(State *S)
{
    Vm *vm = &S->vm;
    for (size_t k = vm->nframes; k-- > 0;) {
        Frame *f = &vm->frames[k];
        if (f->proto->module && !f->proto->module->path)
            continue; /* of a baked-in module: its caller is what a user sees */
        if (f->pc >= 0 && f->pc < f->proto->ncode) return f->proto->span[f->pc];
    }
    return vm->at;
}

Span vm_caller(State *S)
{
    Vm *vm = &S->vm;
    for (size_t k = vm->nframes; k-- > 1;) {
        Frame *f = &vm->frames[k - 1];
        if (f->pc >= 0 && f->pc < f->proto->ncode) return f->proto->span[f->pc];
    }
    return vm_here(S);
}

/* ---- limits ---- */

double vm_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool vm_due(const State *S) { return S->interrupt || (S->vm.deadline > 0 && vm_seconds() > S->vm.deadline); }

bool vm_check(State *S)
{
    if (S->interrupt) {
        S->interrupt = 0;
        return diag_fail(S, DIAG_INTERRUPT, "interrupted");
    }
    if (S->vm.deadline > 0 && vm_seconds() > S->vm.deadline)
        return diag_fail(S, DIAG_TIME, "time limit reached"), diag_hint(S, "--time-limit sets it");
    return true;
}

/* Hands out fuel: never more than one step beyond the limit, so that the limit is met exactly. */
static void vm_grant(Vm *vm)
{
    uint64_t left = vm->max_steps ? vm->max_steps - vm->steps + 1 : FUEL;
    vm->granted = vm->fuel = left < FUEL ? (int64_t)left : FUEL;
}

void vm_begin(State *S, double deadline)
{
    S->vm.steps = 0;
    S->vm.deadline = deadline;
    vm_grant(&S->vm);
}

/* Fuel ran out: counts the steps it stood for and looks at every limit. */
static bool vm_refuel(State *S)
{
    Vm *vm = &S->vm;
    vm->steps += (uint64_t)vm->granted;
    if (!vm->max_steps || vm->steps <= vm->max_steps) vm_grant(vm);
    else vm->granted = vm->fuel = 0; /* every further step fails too */
    if (vm->max_steps && vm->steps > vm->max_steps) {
        diag_fail(S, DIAG_STEPS, "step limit reached: %llu loop turns and calls", (unsigned long long)vm->max_steps);
        return diag_hint(S, "--max-steps sets it");
    }
    if (S->tape.n && vm->fuel > 1) { /* a loop is to notice soon that the tape is above its budget, but not for ever */
        int64_t most = tape_size(S) > S->tape.limit && ++S->tape.tries % 512 < 256 ? 1 : 2048;
        if (vm->fuel > most) vm->granted = vm->fuel = most;
    }
    return vm_check(S);
}

void vm_hurry(State *S)
{
    Vm *vm = &S->vm;
    if (vm->fuel <= 1) return;
    vm->granted -= vm->fuel - 1;
    vm->fuel = 1;
}

bool vm_tick(State *S) { return --S->vm.fuel > 0 || vm_refuel(S); }

/* ---- calls ---- */

bool vm_callable(Value f) { return f.tag == T_FN || (f.tag == T_MODEL && f.m->def->call); }

static const char *callee_name(const Proto *p) { return p->name ? p->name->data : "a function"; }

/* The signature as text for messages: "f(x, k: ..)". */
static void hint_signature(State *S, const Proto *p)
{
    Buf b;
    buf_init(&b, S);
    buf_printf(&b, "%s(", callee_name(p));
    for (int i = 0; i < p->nparams; i++) {
        const ParamInfo *q = &p->params[i];
        buf_printf(&b, "%s%s%s%s", i ? ", " : "", q->rest ? "..." : "", q->name ? q->name->data : "(...)",
                   q->has_default ? ": .." : "");
    }
    buf_printf(&b, ")");
    buf_put(&b, "", 1);
    if (!b.failed) diag_hint(S, "it is declared as %s", b.p);
    buf_deinit(&b);
}

static bool arity_error(State *S, const Proto *p, int given)
{
    int most = p->nparams - (p->has_rest ? 1 : 0);
    if (p->has_rest)
        diag_fail(S, DIAG_ARGS, "`%s` takes at least %d argument%s, not %d", callee_name(p), p->nrequired,
                  p->nrequired == 1 ? "" : "s", given);
    else if (p->nrequired == most)
        diag_fail(S, DIAG_ARGS, "`%s` takes %d argument%s, not %d", callee_name(p), most, most == 1 ? "" : "s", given);
    else diag_fail(S, DIAG_ARGS, "`%s` takes %d to %d arguments, not %d", callee_name(p), p->nrequired, most, given);
    hint_signature(S, p);
    return false;
}

/* Moves n arguments into parameter registers w[0..nparams). names: NULL or one per argument. On failure what has
** been moved is released with the frame, the rest stays with the caller. */
static bool bind_args(State *S, Proto *p, Value *w, Value *arg, Str *const *names, int n)
{
    int np = p->nparams, npos = np - (p->has_rest ? 1 : 0);
    if (!names && !p->has_rest && n == np) {
        for (int i = 0; i < n; i++) {
            w[i] = arg[i];
            arg[i].hdr = 0;
        }
        if (n > p->nrequired) return true;
        for (int i = 0; i < n; i++)
            if (w[i].tag == T_UNSET && !p->params[i].has_default) return arity_error(S, p, i);
        return true;
    }
    for (int i = 0; i < np; i++) w[i] = UNSET;
    List *rest = NULL;
    if (p->has_rest) {
        rest = list_new(S, n > npos ? n - npos : 0);
        if (!rest) return false;
        w[npos] = val_obj(T_LIST, rest);
    }
    int pos = 0, given = 0;
    for (int i = 0; i < n; i++) {
        Value v = arg[i];
        Str *name = names ? names[i] : NULL;
        int at = -1;
        if (name) {
            for (int k = 0; k < npos; k++)
                if (p->params[k].name && str_same(p->params[k].name, name)) at = k;
            if (at >= 0 && w[at].tag != T_UNSET) {
                diag_fail(S, DIAG_ARGNAME, "`%s` gets `%s` twice", callee_name(p), name->data);
                return false;
            }
        } else {
            while (pos < npos && w[pos].tag != T_UNSET) pos++;
            at = pos < npos ? pos : -1;
        }
        if (at >= 0) {
            w[at] = v;
            arg[i].hdr = 0;
            if (v.tag != T_UNSET) given++;
            if (!name) pos = at + 1;
        } else if (rest) {
            arg[i].hdr = 0;
            if (!list_push_take(S, rest, name, v)) return false;
        } else if (name) {
            diag_fail(S, DIAG_ARGNAME, "`%s` has no parameter `%s`", callee_name(p), name->data);
            const char *cand[64];
            size_t nc = 0;
            for (int k = 0; k < npos && nc < 64; k++)
                if (p->params[k].name) cand[nc++] = p->params[k].name->data;
            const char *near = diag_nearest(name->data, cand, nc);
            if (near) diag_hint(S, "did you mean `%s`?", near);
            else hint_signature(S, p);
            return false;
        } else {
            return arity_error(S, p, n);
        }
    }
    for (int k = 0; k < npos; k++)
        if (w[k].tag == T_UNSET && !p->params[k].has_default) {
            if (names && p->params[k].name) {
                diag_fail(S, DIAG_ARGS, "`%s` is not given `%s`", callee_name(p), p->params[k].name->data);
                hint_signature(S, p);
                return false;
            }
            return arity_error(S, p, given);
        }
    return true;
}

/* A tree too deep to look at counts as traced: lifting it says so in an ordinary error. */
static bool traced_tree(Value v, int depth)
{
    if (v.tag == T_NUM || v.tag == T_TENSOR) return batch_bottom(v).level > 0;
    if (depth > TREE_DEPTH) return true;
    if (v.tag == T_LIST) {
        for (int64_t i = 0; i < v.l->len; i++)
            if (traced_tree(v.l->at[i], depth + 1)) return true;
    } else if (v.tag == T_MODEL) {
        for (int i = 0; i < v.m->def->nfields; i++)
            if (traced_tree(v.m->field[i], depth + 1)) return true;
    }
    return false;
}

static size_t name_at(Str *const *names, size_t n, const Str *name)
{
    size_t i = 0;
    while (i < n && names[i] != name && !(names[i] && str_same(names[i], name))) i++;
    return i;
}

static bool expand_args(State *S, Value *arg, int n, const CallInfo *ci, int lead, Value **out, Str ***names, int *m,
                        size_t *room)
{
    size_t total = 0;
    for (int i = 0; i < n; i++) {
        bool sp = i >= lead && ci->spread && ci->spread[i - lead];
        if (!sp) total++;
        else if (arg[i].tag == T_LIST) total += (size_t)arg[i].l->len;
        else if (arg[i].tag == T_TENSOR && arg[i].t->rank > 0) total += (size_t)tensor_shape(arg[i].t)[0];
        else if (arg[i].tag == T_RANGE) total += (size_t)range_len(arg[i].r);
        else return diag_fail(S, DIAG_TYPE, "`...` spreads a list, not %s", type_name(S, arg[i]));
        if (total > 60000)
            return diag_fail(S, DIAG_ARGS, "too many arguments: %zu", total); /* before the sum can wrap */
    }
    Value *v = mem_zalloc(S, (total + 1) * sizeof *v);
    Str **nm = mem_zalloc(S, (total + 1) * sizeof *nm);
    if (!v || !nm) goto fail;
    size_t k = 0;
    for (int i = 0; i < n; i++) {
        bool sp = i >= lead && ci->spread && ci->spread[i - lead];
        if (!sp) {
            Str *name = i >= lead && ci->name ? ci->name[i - lead] : NULL;
            size_t at = name ? name_at(nm, k, name) : k;
            bool written = false; /* a name that is written out twice is left for the call to refuse */
            for (int j = lead; name && j < i; j++)
                if (ci->name[j - lead] == name) written = true;
            if (at < k && !written) release(S, v[at]);
            else nm[at = k++] = name;
            v[at] = arg[i];
            arg[i].hdr = 0;
        } else if (arg[i].tag == T_LIST) {
            List *l = arg[i].l;
            for (int64_t j = 0; j < l->len; j++) {
                Str *name = list_name(l, j);
                size_t at = name ? name_at(nm, k, name) : k; /* as in a list, what is spread later replaces */
                if (at < k) release(S, v[at]);
                else nm[k++] = name;
                v[at] = retain(l->at[j]);
            }
        } else {
            int64_t rows = arg[i].tag == T_RANGE ? range_len(arg[i].r) : tensor_shape(arg[i].t)[0];
            for (int64_t j = 0; j < rows; j++) {
                Value idx = val_num((double)j);
                if (!value_index(S, arg[i], &idx, 1, &v[k])) {
                    for (size_t q = 0; q < k; q++) release(S, v[q]);
                    goto fail;
                }
                k++;
            }
        }
    }
    *out = v;
    *names = nm;
    *m = (int)k;
    *room = total + 1;
    return true;
fail:
    mem_free(S, v, (total + 1) * sizeof *v);
    mem_free(S, nm, (total + 1) * sizeof *nm);
    return false;
}

typedef enum { CALL_FAILED, CALL_PUSHED, CALL_DONE } CallState;

static void drop_args(State *S, Value *arg, int n)
{
    for (int i = 0; i < n; i++) {
        Value v = arg[i];
        arg[i].hdr = 0;
        release(S, v);
    }
}

static void set_result(State *S, Value *ret, Value v)
{
    Value old = *ret;
    *ret = v;
    release(S, old);
}

static bool has_rule(const Closure *f)
{
    return f->adjoint.tag == T_FN || f->tangent.tag == T_FN || f->proto->adjoint.tag == T_FN ||
           f->proto->tangent.tag == T_FN;
}

/* A call of a function with its own adjoint or tangent, which takes the arguments by place: names and defaults are settled first. */
static bool custom_call(State *S, Value f, const Value *arg, Str *const *names, int n, Value *out)
{
    Proto *p = f.f->proto;
    Value adjoint = f.f->adjoint.tag == T_FN ? f.f->adjoint : p->adjoint, given = NIL;
    Value tangent = f.f->tangent.tag == T_FN ? f.f->tangent : p->tangent;
    if (!batch_effect(S, "a function with its own rule")) return false;
    bool placed = !names && (p->has_rest || n == p->nparams);
    for (int i = 0; i < n && placed; i++) placed = arg[i].tag != T_UNSET;
    if (placed || !p->given) return tape_custom(S, f, adjoint, tangent, arg, n, out);
    if (p->has_rest)
        return diag_fail(S, DIAG_ARGNAME,
                         "`%s` has a derivative rule and takes any number of arguments: give them by position",
                         callee_name(p));
    Closure *c = closure_new(S, p->given, NULL, f.f->ncaps);
    if (!c) return false;
    for (uint32_t i = 0; i < c->ncaps; i++) c->cap[i] = retain(f.f->cap[i]);
    bool ok = vm_call_named(S, val_obj(T_FN, c), arg, names, n, &given);
    obj_release(S, c);
    ok = ok && tape_custom(S, f, adjoint, tangent, given.l->at, (int)given.l->len, out);
    release(S, given);
    return ok;
}

/* Starts a call of f (consumed) on n arguments (consumed from arg[]). A script function gets a frame; a built-in runs. */
static CallState call_start(State *S, Value f, Value *arg, Str *const *names, int n, Value *ret, Value *self_ret)
{
    Proto *p;
    Value self = NIL;
    if (f.tag == T_FN && f.f->proto) {
        p = f.f->proto;
        if (S->tape.n && has_rule(f.f)) {
            bool traced = false;
            for (int i = 0; i < n && !traced; i++) traced = traced_tree(arg[i], 0);
            if (traced) {
                Value out = NIL;
                if (!custom_call(S, f, arg, names, n, &out)) goto fail;
                release(S, f);
                drop_args(S, arg, n);
                set_result(S, ret, out);
                return CALL_DONE;
            }
        }
        Frame *fr = frame_push(S, p, f.f, ret);
        if (!fr) {
            drop_args(S, arg, n);
            return CALL_FAILED;
        }
        Value *w = fr->r;
        if (p->is_ctor) w++;
        if (!bind_args(S, p, w, arg, names, n)) {
            drop_args(S, arg, n);
            /* what was bound goes with the frame; report from the caller's line */
            frame_pop(S);
            return CALL_FAILED;
        }
        return CALL_PUSHED;
    }
    if (f.tag == T_FN) {
        Value out = NIL;
        S->late.tail = S->late.armed && late_tail(S, ret);
        bool ok = builtin_call(S, f.f, arg, names, n, &out);
        S->late.tail = false;
        drop_args(S, arg, n);
        release(S, f);
        if (!ok) return CALL_FAILED;
        set_result(S, ret, out);
        return CALL_DONE;
    }
    if (f.tag == T_MODEL) {
        p = f.m->def->call;
        if (!p) {
            diag_fail(S, DIAG_CALL, "model %s has no unnamed fn, so it cannot be called", f.m->def->name->data);
            goto fail;
        }
        self = f;
        Frame *fr = frame_push(S, p, NULL, ret);
        if (!fr) goto fail;
        fr->r[0] = self;
        fr->self_ret = self_ret;
        if (!bind_args(S, p, fr->r + 1, arg, names, n)) {
            drop_args(S, arg, n);
            frame_pop(S);
            return CALL_FAILED;
        }
        return CALL_PUSHED;
    }
    diag_fail(S, DIAG_CALL, "%s cannot be called", type_name(S, f));
    if (f.tag == T_TENSOR || f.tag == T_LIST) diag_hint(S, "indexing takes brackets: x[i]");
    if (f.tag == T_NUM) diag_hint(S, "write * between a number and a parenthesis");
fail:
    drop_args(S, arg, n);
    release(S, f);
    return CALL_FAILED;
}

/* A method: self consumed into R[0]. */
static CallState method_start(State *S, Proto *p, Value self, Value *arg, Str *const *names, int n, Value *ret,
                              Value *self_ret)
{
    Frame *fr = frame_push(S, p, NULL, ret);
    if (!fr) {
        release(S, self);
        drop_args(S, arg, n);
        return CALL_FAILED;
    }
    fr->r[0] = self;
    fr->self_ret = self_ret;
    if (!bind_args(S, p, fr->r + 1, arg, names, n)) {
        drop_args(S, arg, n);
        frame_pop(S);
        return CALL_FAILED;
    }
    return CALL_PUSHED;
}

/* With names and spreads from a CallInfo; `lead` arguments in front are not described by it. */
static CallState call_info(State *S, Proto *method, Value f, Value *arg, int n, const CallInfo *ci, int lead,
                           Value *ret, Value *self_ret)
{
    Str *small[16];
    Str **names = NULL;
    Value *tmp = NULL;
    size_t room = 0;
    int m = n;
    if (ci) {
        bool spread = false, named = false;
        for (int i = 0; i + lead < n; i++) {
            if (ci->spread && ci->spread[i]) spread = true;
            if (ci->name && ci->name[i]) named = true;
        }
        if (spread) {
            if (!expand_args(S, arg, n, ci, lead, &tmp, &names, &m, &room)) {
                drop_args(S, arg, n);
                release(S, f);
                return CALL_FAILED;
            }
            drop_args(S, arg, n); /* the spread lists themselves */
            arg = tmp;
        } else if (named) {
            names = n <= 16 ? small : mem_zalloc(S, (size_t)n * sizeof *names);
            if (!names) {
                drop_args(S, arg, n);
                release(S, f);
                return CALL_FAILED;
            }
            for (int i = 0; i < n; i++) names[i] = i >= lead ? ci->name[i - lead] : NULL;
        }
    }
    CallState st = method ? method_start(S, method, f, arg, names, m, ret, self_ret)
                          : call_start(S, f, arg, names, m, ret, self_ret);
    if (tmp) {
        mem_free(S, tmp, room * sizeof *tmp);
        mem_free(S, names, room * sizeof *names);
    } else if (names && names != small) {
        mem_free(S, names, (size_t)n * sizeof *names);
    }
    return st;
}

static bool part_with_state(Value v) { return v.tag == T_MODEL && v.m->def->call && (v.m->obj.flags & MODEL_STATE); }

/* r: fallback function or unset, receiver, arguments. With `place` the receiver (or nil) is in r[1] afterwards. */
static CallState invoke(State *S, Value *r, int n, const CallInfo *ci, Str *name, Value *ret, bool place)
{
    Value fallback = r[0], recv = r[1];
    Value *self_ret = place ? &r[1] : NULL;
    Value *arg = r + 2;
    r[0].hdr = T_NIL;
    if (recv.tag == T_MODEL) {
        ModelDef *d = recv.m->def;
        int k = model_method(d, name);
        if (k >= 0) {
            r[1].hdr = T_NIL;
            release(S, fallback);
            return call_info(S, d->methods[k].proto, recv, arg, n, ci, 0, ret, self_ret);
        }
        k = model_field(d, name);
        if (k >= 0 && vm_callable(model_get(S, recv.m, k))) {
            release(S, fallback);
            Value f = recv.m->field[k];
            if (place && f.tag == T_MODEL && f.m->obj.flags & MODEL_STATE) { /* the part changes inside the whole */
                Model *m = model_unique_take(S, recv.m);
                r[1] = m ? val_obj(T_MODEL, m) : NIL;
                if (!m) {
                    drop_args(S, arg, n);
                    return CALL_FAILED;
                }
                f = m->field[k];
                m->field[k] = NIL;
                return call_info(S, NULL, f, arg, n, ci, 0, ret, &m->field[k]);
            }
            f = retain(model_get(S, recv.m, k));
            if (!place) {
                r[1].hdr = T_NIL;
                release(S, recv);
            }
            return call_info(S, NULL, f, arg, n, ci, 0, ret, NULL);
        }
    } else if (recv.tag == T_LIST) {
        int64_t k = list_find(recv.l, name);
        if (k >= 0 && place && part_with_state(recv.l->at[k])) {
            List *l = list_unique_take(S, recv.l);
            release(S, fallback);
            r[1] = l ? val_obj(T_LIST, l) : NIL;
            if (!l) {
                drop_args(S, arg, n);
                return CALL_FAILED;
            }
            Value f = l->at[k];
            l->at[k] = NIL;
            return call_info(S, NULL, f, arg, n, ci, 0, ret, &l->at[k]);
        }
        if (k >= 0 && vm_callable(recv.l->at[k])) {
            release(S, fallback);
            Value f = retain(recv.l->at[k]);
            r[1].hdr = T_NIL;
            release(S, recv);
            return call_info(S, NULL, f, arg, n, ci, 0, ret, NULL);
        }
    } else if (recv.tag == T_MODULE) {
        Value f;
        r[1].hdr = T_NIL;
        release(S, fallback);
        if (!value_field(S, recv, name, &f)) {
            drop_args(S, arg, n);
            release(S, recv);
            return CALL_FAILED;
        }
        release(S, recv);
        return call_info(S, NULL, f, arg, n, ci, 0, ret, NULL);
    }
    if (fallback.tag == T_UNSET) {
        Value out;
        if (value_field(S, recv, name, &out)) { /* there, but not callable */
            diag_fail(S, DIAG_CALL, "`%s` is %s, which cannot be called", name->data, type_name(S, out));
            release(S, out);
        }
        drop_args(S, r + 1, n + 1);
        return CALL_FAILED;
    }
    bool back = place && recv.tag == T_MODEL &&
                (recv.m->obj.flags & MODEL_STATE); /* a function has a copy; the model itself goes back to its place */
    if (back) retain(recv);
    CallState st = call_info(S, NULL, fallback, r + 1, n + 1, ci, 1, ret, NULL);
    if (back) set_result(S, &r[1], recv);
    return st;
}

static bool vm_run(State *S, size_t base, int32_t region, Value *yielded);

static bool vm_enter(State *S)
{
    if (++S->vm.depth > C_DEPTH) {
        S->vm.depth--;
        return diag_fail(S, DIAG_DEPTH, "recursion too deep: functions and built-ins call each other %d deep", C_DEPTH);
    }
    return true;
}

bool vm_call_named(State *S, Value f, const Value *args, Str *const *names, int n, Value *out)
{
    Value small[16];
    Value *arg = n <= 16 ? small : mem_alloc(S, (size_t)n * sizeof *arg);
    *out = NIL;
    if (!arg) return false;
    for (int i = 0; i < n; i++) arg[i] = retain(args[i]);
    bool ok = false;
    if (!vm_enter(S)) {
        drop_args(S, arg, n);
    } else {
        Value result = NIL;
        size_t base = S->vm.nframes;
        CallState st = call_start(S, retain(f), arg, names, n, &result, NULL);
        ok = st == CALL_DONE || (st == CALL_PUSHED && vm_run(S, base, -1, NULL));
        S->vm.depth--;
        if (ok) *out = result;
        else release(S, result);
    }
    if (arg != small) mem_free(S, arg, (size_t)n * sizeof *arg);
    return ok;
}

bool vm_call(State *S, Value f, const Value *args, int n, Value *out)
{
    return vm_call_named(S, f, args, NULL, n, out);
}

bool vm_call_take(State *S, Value f, Value *args, int n, Value *out)
{
    Value result = NIL;
    *out = NIL;
    if (!vm_enter(S)) {
        drop_args(S, args, n);
        return false;
    }
    size_t base = S->vm.nframes;
    CallState st = call_start(S, retain(f), args, NULL, n, &result, NULL);
    bool ok = st == CALL_DONE || (st == CALL_PUSHED && vm_run(S, base, -1, NULL));
    S->vm.depth--;
    if (ok) *out = result;
    else release(S, result);
    return ok;
}

bool vm_call_method(State *S, Proto *p, const Value *args, int n, Value *out)
{
    Value arg[17], result = NIL;
    *out = NIL;
    if (n < 1 || n > 17) return diag_fail(S, DIAG_ARGS, "too many arguments");
    if (!vm_enter(S)) return false;
    for (int i = 0; i < n; i++) arg[i] = retain(args[i]);
    size_t base = S->vm.nframes;
    CallState st = method_start(S, p, arg[0], arg + 1, NULL, n - 1, &result, NULL);
    bool ok = st == CALL_PUSHED && vm_run(S, base, -1, NULL);
    S->vm.depth--;
    if (ok) *out = result;
    else release(S, result);
    return ok;
}

bool vm_run_main(State *S, Module *m, Value *out)
{
    Value result = NIL;
    *out = NIL;
    if (!vm_enter(S)) return false;
    m->running = true;
    size_t base = S->vm.nframes;
    bool ok = frame_push(S, m->main, NULL, &result) && vm_run(S, base, -1, NULL);
    ok = ok && tensor_flush(S);
    m->running = false;
    m->ran = ok;
    S->vm.depth--;
    if (ok) *out = result;
    else release(S, result);
    return ok;
}

bool vm_run_region(State *S, size_t frame, int32_t pc, Value *out)
{
    if (!vm_enter(S)) return false;
    int32_t saved = S->vm.frames[frame].pc;
    S->vm.frames[frame].next = pc;
    *out = NIL;
    bool ok = vm_run(S, frame, pc, out);
    S->vm.frames[frame].pc = saved;
    S->vm.depth--;
    return ok;
}

/* ---- slow paths of instructions ---- */

static bool cond_error(State *S, Value v, const char *what)
{
    if (v.tag == T_TENSOR) {
        diag_fail(S, DIAG_CONDITION, "%s takes true or false, not %s", what, type_name(S, v));
        diag_hint(S, "say all(...) or any(...)");
    } else if (v.tag == T_NUM) {
        diag_fail(S, DIAG_CONDITION, "%s takes true or false, not a number", what);
        diag_hint(S, "compare it: x != 0");
    } else {
        diag_fail(S, DIAG_CONDITION, "%s takes true or false, not %s", what, type_name(S, v));
    }
    return false;
}

static bool slow_binary(State *S, BinOp op, const Instr *i, Value *R)
{
    Value out, b = R[i->b], c = R[i->c];
    bool ok;
    if ((i->x & 1) && is_heap(b)) {
        R[i->b].hdr = T_NIL;
        if ((i->x & 2) && is_heap(c) && i->b != i->c) {
            R[i->c].hdr = T_NIL;
            ok = value_binary_take(S, op, b, c, &out);
            release(S, c);
        } else {
            ok = value_binary_take(S, op, b, c, &out);
        }
    } else {
        ok = value_binary(S, op, b, c, &out);
        if ((i->x & 2) && is_heap(c)) {
            R[i->c].hdr = T_NIL;
            release(S, c);
        }
    }
    if (ok) set_result(S, &R[i->a], out);
    return ok;
}

/* op with a constant on one side */
static bool slow_constant(State *S, BinOp op, const Instr *i, Value *R, Value k, bool left)
{
    Value out, b = R[i->b];
    bool ok;
    if (left) {
        ok = value_binary(S, op, k, b, &out);
        if ((i->x & 1) && is_heap(b)) {
            R[i->b].hdr = T_NIL;
            release(S, b);
        }
    } else if ((i->x & 1) && is_heap(b)) {
        R[i->b].hdr = T_NIL;
        ok = value_binary_take(S, op, b, k, &out);
    } else {
        ok = value_binary(S, op, b, k, &out);
    }
    if (ok) set_result(S, &R[i->a], out);
    return ok;
}

static bool truth(State *S, Value v, const char *what, bool *out)
{
    if (is_batch(v)) return batch_truth(S, v, out);
    if (v.tag != T_BOOL) return cond_error(S, v, what);
    *out = v.b;
    return true;
}

/* A comparison used as a condition: one bool. */
static bool slow_compare(State *S, BinOp op, Value a, Value b, bool *out)
{
    if (a.tag == T_NUM && b.tag == T_NUM) {
        *out = op == BIN_LT ? a.n < b.n : op == BIN_LE ? a.n <= b.n : op == BIN_EQ ? a.n == b.n : a.n != b.n;
        return true;
    }
    Value v;
    if (!value_binary(S, op, a, b, &v)) return false;
    bool ok = truth(S, v, "a condition", out);
    release(S, v);
    return ok;
}

static bool op_unpack(State *S, Value v, Value *to, int n)
{
    if (v.tag == T_LIST) {
        if (v.l->len != n)
            return diag_fail(S, DIAG_MATCH, "the pattern has %d name%s, the list %lld item%s", n, n == 1 ? "" : "s",
                             (long long)v.l->len, v.l->len == 1 ? "" : "s"),
                   diag_hint(S, "every item needs a name; _ stands for one that is not used");
        for (int k = 0; k < n; k++) {
            Value item = v.l->at[k];
            set_result(S, &to[k], retain(item));
        }
        return true;
    }
    if (v.tag == T_TENSOR && v.t->rank > 0) {
        int64_t rows = tensor_shape(v.t)[0];
        if (rows != n)
            return diag_fail(S, DIAG_MATCH, "the pattern has %d name%s, the tensor %lld row%s", n, n == 1 ? "" : "s",
                             (long long)rows, rows == 1 ? "" : "s");
        for (int k = 0; k < n; k++) {
            Value item, idx = val_num(k);
            if (!value_index(S, v, &idx, 1, &item)) return false;
            set_result(S, &to[k], item);
        }
        return true;
    }
    return diag_fail(S, DIAG_MATCH, "the pattern takes a list apart, not %s", type_name(S, v));
}

static bool op_spread(State *S, Value *to, Value v)
{
    List *l = list_unique_take(S, to->l);
    to->l = l;
    if (!l) {
        to->hdr = T_NIL;
        return false;
    }
    if (v.tag == T_LIST) {
        for (int64_t k = 0; k < v.l->len; k++) {
            Str *name = list_name(v.l, k);
            int64_t at = name ? list_find(l, name) : -1;
            if (at >= 0) set_result(S, &l->at[at], retain(v.l->at[k]));
            else if (!list_push_take(S, l, name, retain(v.l->at[k]))) return false;
        }
        return true;
    }
    if ((v.tag == T_TENSOR && v.t->rank > 0) || v.tag == T_RANGE) {
        Value it, item;
        double pos = 0;
        bool done;
        if (!value_iter(S, v, &it)) return false;
        for (;;) {
            if (!value_next(S, it, &pos, &item, &done)) goto fail;
            if (done) break;
            if (!list_push_take(S, l, NULL, item)) goto fail;
        }
        release(S, it);
        return true;
    fail:
        release(S, it);
        return false;
    }
    return diag_fail(S, DIAG_TYPE, "`...` spreads a list, not %s", type_name(S, v));
}

/* Appends in place; a name that is there already is replaced, so (...r, lr: 0.2) copies and changes. */
static bool op_push(State *S, Value *to, Str *name, Value v_take)
{
    List *l = list_unique_take(S, to->l);
    to->l = l;
    if (!l) {
        to->hdr = T_NIL;
        release(S, v_take);
        return false;
    }
    int64_t at = name ? list_find(l, name) : -1;
    if (at >= 0) {
        set_result(S, &l->at[at], v_take);
        return true;
    }
    return list_push_take(S, l, name, v_take);
}

/* root.path = (...root.path, v), or root.path += v. */
static bool op_push_path(State *S, Value *root, const Path *p, Value *R, Value v, bool add)
{
    Value *slot = place_slot(S, root, p, R), old, out;
    if (!slot && S->err) return false;
    if (slot && add && !(slot->hdr | v.hdr)) {
        slot->n += v.n;
        return true;
    }
    if (slot && !add && slot->tag == T_LIST) return list_push_take(S, slot->l, NULL, retain(v));
    if (slot && add && slot->tag == T_STR && v.tag == T_STR) {
        old = *slot;
        slot->hdr = T_NIL;
        return value_binary_take(S, BIN_ADD, old, v, slot);
    }
    if (!place_get(S, *root, p, R, &old)) return false;
    bool ok;
    if (add) {
        ok = value_binary(S, BIN_ADD, old, v, &out);
    } else {
        List *l = list_new(S, 0);
        out = l ? val_obj(T_LIST, l) : NIL;
        ok = l && op_spread(S, &out, old) && op_push(S, &out, NULL, retain(v));
        if (!ok) release(S, out);
    }
    release(S, old);
    return ok && place_set(S, root, p, R, out);
}

/* Short texts of strings and plain numbers need no buffer. */
static bool interp_short(State *S, const Value *v, int n, Value *out)
{
    char text[256];
    size_t len = 0;
    for (int k = 0; k < n; k++) {
        if (v[k].tag == T_STR) {
            if (v[k].s->len > sizeof text - len) return false;
            memcpy(text + len, v[k].s->data, v[k].s->len);
            len += v[k].s->len;
        } else {
            if (v[k].tag != T_NUM || sizeof text - len < 40) return false;
            len += (size_t)num_format(text + len, v[k].n);
        }
    }
    *out = val_str(S, text, len);
    return !is_nil(*out);
}

static bool op_interp(State *S, const Value *v, int n, const Value *spec, Value *out)
{
    if (!spec && interp_short(S, v, n, out)) return true;
    if (S->err) return false;
    Buf b;
    buf_init(&b, S);
    bool ok = true;
    for (int k = 0; k < n && ok; k++) {
        if (spec && spec[k].tag == T_STR) ok = value_format(S, &b, v[k], spec[k].s->data, spec[k].s->len);
        else ok = value_show(S, &b, v[k], false);
    }
    Str *s = ok ? buf_str(&b) : (buf_deinit(&b), NULL);
    if (!s) return false;
    *out = val_obj(T_STR, s);
    return true;
}

static bool op_reduce_list(State *S, Str *name, Value list, Value *out)
{
    Value f, t;
    if (!builtin_find(S, name->data, &f)) return diag_fail(S, DIAG_NAME, "no reduction `%s`", name->data);
    bool tensors = list.tag == T_TENSOR && list.t->rank > 1, ok = true;
    for (int64_t k = 0; list.tag == T_LIST && k < list.l->len && !tensors; k++) {
        Value v = list.l->at[k];
        tensors = v.tag == T_TENSOR && v.t->rank;
    }
    if (list.tag == T_TENSOR) t = retain(list);
    else ok = tensor_stack(S, list.l->at, list.l->len, &t);
    if (ok) {
        Str *axis = str_intern(S, "axis", 4);
        Value args[2] = {t, val_num(0)};
        Str *names[2] = {NULL, axis};
        ok = axis && vm_call_named(S, f, args, names, tensors ? 2 : 1, out);
        obj_release(S, axis);
        release(S, t);
    }
    release(S, f);
    return ok;
}

/* A product over whole axes at once; UNSET when the values do not allow it. */
static bool op_contract(State *S, Value spec, const Value *x, int n, Value *out)
{
    Value f, args[9] = {spec};
    const char *label = spec.s->data;
    *out = UNSET;
    for (int k = 0; k < n; k++, label++) {
        int axes = 0;
        for (; *label != ',' && *label != '-'; label++) axes++;
        if (x[k].tag != T_TENSOR || x[k].t->rank != axes || x[k].t->dtype != default_float(S)) return true;
        args[k + 1] = x[k];
    }
    if (!builtin_find(S, "einsum", &f)) return true;
    bool ok = vm_call(S, f, args, n + 1, out);
    release(S, f);
    return ok;
}

/* Under the caret of a failed `assert a == b`: what a and b were. */
static void sides_label(State *S, Value left, Value right)
{
    Buf a, b;
    buf_init(&a, S);
    buf_init(&b, S);
    if (value_show(S, &a, left, true) && value_show(S, &b, right, true) && a.len < 60 && b.len < 60)
        diag_label(S, "%.*s on the left, %.*s on the right", (int)a.len, a.p ? a.p : "", (int)b.len, b.p ? b.p : "");
    buf_deinit(&a);
    buf_deinit(&b);
}

/* `how` is the instruction's x: 1, `x` is the message; 2, x and y are what was compared. */
static bool op_assert(State *S, Value v, Value x, Value y, int how)
{
    bool holds;
    if (!truth(S, v, "assert", &holds)) return false;
    if (holds) return true;
    if (how & 1) {
        Value msg = x;
        Buf b;
        buf_init(&b, S);
        if (!value_show(S, &b, msg, false)) {
            buf_deinit(&b);
            return false;
        }
        diag_fail(S, DIAG_ASSERT, "assertion failed: %.*s", (int)b.len, b.p ? b.p : "");
        buf_deinit(&b);
        return false;
    }
    Span at = vm_here(S);
    const Source *src = source_get(S, at.file);
    if (src && at.len && at.off + at.len <= src->len && at.len < 200)
        diag_fail(S, DIAG_ASSERT, "assertion failed: %.*s", (int)at.len, src->text + at.off);
    else diag_fail(S, DIAG_ASSERT, "assertion failed");
    if (how & 2) sides_label(S, x, y);
    return false;
}

static bool op_losschk(State *S, Value v, const Proto *p)
{
    if (v.tag == T_NUM || batch_number(v)) return true;
    diag_fail(S, DIAG_LOSS, "loss `%s` gives %s, not one number", callee_name(p), type_name(S, v));
    if (v.tag == T_TENSOR) diag_hint(S, "reduce it: mean(...) or sum(...)");
    return false;
}

static bool op_unset_global(State *S, const Module *m, int32_t j)
{
    const Global *g = &m->g[j];
    diag_fail(S, DIAG_UNSET, "`%s` is read before its line has run", g->name->data);
    diag_note(S, g->at, "declared here");
    return diag_hint(S, "move that line up, before what needs it is called");
}

/* Gives the function in *to its adjoint (which 0) or tangent. A rule without captures belongs to the proto, which is what
** a direct call looks at. One with captures may hold the function itself, so a copy of the function gets it: the rule
** sees the function as it was before, and no cycle arises. */
static bool op_rule(State *S, Value *to, Value rule, int which)
{
    Closure *f = to->f;
    Value *slot = which == 0 ? &f->proto->adjoint : &f->proto->tangent;
    if (f->ncaps || (rule.tag == T_FN && rule.f->ncaps)) {
        Closure *g = closure_new(S, f->proto, NULL, f->ncaps);
        if (!g) return false;
        for (uint32_t k = 0; k < f->ncaps; k++) g->cap[k] = retain(f->cap[k]);
        g->adjoint = retain(f->adjoint);
        g->tangent = retain(f->tangent);
        set_result(S, to, val_obj(T_FN, g));
        g->obj.flags |= CLOSURE_RULE;
        slot = which == 0 ? &g->adjoint : &g->tangent;
    } else {
        f->proto->simple = false;
    }
    set_result(S, slot, retain(rule));
    return true;
}

/* The running value of a generator; acc is consumed. Batched bools count as 0 and 1, like bools. */
static bool accumulate(State *S, BinOp op, Value acc, Value v, Value *out)
{
    Value n = NIL;
    if (batch_bool(v)) {
        if (!op_cast(S, v, DT_F64, &n)) return release(S, acc), false;
        v = n;
    }
    bool ok = value_binary_take(S, op, acc, v, out);
    release(S, n);
    return ok;
}

static bool op_use(State *S, Module *m, int slot, Value name)
{
    for (size_t k = 0; k < S->nmodules; k++) {
        Module *u = S->modules[k];
        if (strcmp(u->path ? u->path : u->name->data, name.s->data) != 0) continue;
        if (!u->ran && !u->running && u->main) {
            Value v;
            if (!vm_run_main(S, u, &v)) return false;
            release(S, v);
        }
        set_result(S, &m->g[slot].value, retain(val_obj(T_MODULE, u)));
        return true;
    }
    return diag_fail(S, DIAG_MODULE, "module `%s` is not loaded", name.s->data);
}

/* The value of a line at the prompt: kept for the host, and as `ans` (the resolver declares it there). */
static bool op_hold(State *S, Module *m, Value v, bool show)
{
    if (is_nil(v)) return true; /* print(x) leaves `ans` as it was */
    set_result(S, &S->registry[0], retain(v));
    Str *name = str_intern(S, "ans", 3);
    int k = name ? module_find(m, name) : -1;
    obj_release(S, name);
    if (k >= 0 && m->g[k].kind == GLOBAL_LET) set_result(S, &m->g[k].value, retain(v));
    if (!show) return true;
    Buf b;
    buf_init(&b, S);
    bool ok = value_show(S, &b, v, true);
    buf_puts(&b, "\n");
    ok = ok && !b.failed;
    if (ok && S->hooks.print) S->hooks.print(S->hooks.ud, b.p, b.len);
    buf_deinit(&b);
    return ok;
}

static bool op_comprng(State *S, int what)
{
    Vm *vm = &S->vm;
    if (what == 0) {
        if (!MEM_PUSH(S, vm->comp, vm->ncomp, vm->capcomp)) return false;
        CompRng *c = &vm->comp[vm->ncomp++];
        c->frame = vm->nframes - 1;
        c->pc = vm->frames[vm->nframes - 1].pc;
        c->draw = rng_take(&S->rng);
        S->rng.taken--; /* nothing has drawn yet */
        c->saved = S->rng;
        c->item = 0;
    } else if (vm->ncomp) {
        CompRng *c = &vm->comp[vm->ncomp - 1];
        if (what == 1) rng_switch(&S->rng, rng_fold(&c->saved, c->draw, c->item++));
        else rng_switch(&S->rng, c->saved), vm->ncomp--;
    }
    return true;
}

/* Container in place: x[i] on a vector of plain numbers, or a list. */
static inline bool fast_index(State *S, Value x, Value i, Value *out)
{
    if (i.tag != T_NUM) return false;
    if (x.tag == T_LIST) {
        int64_t k = (int64_t)i.n, n = x.l->len;
        if ((double)k != i.n) return false;
        if (k < 0) k += n;
        if (k < 0 || k >= n) return false;
        *out = retain(x.l->at[k]);
        return true;
    }
    if (x.hdr == T_TENSOR) {
        Tensor *t = x.t;
        if (t->rank != 1 || t->node || t->dtype > DT_F32) return false;
        int64_t k = (int64_t)i.n, n = t->n;
        if ((double)k != i.n) return false;
        if (k < 0) k += n;
        if (k < 0 || k >= n) return false;
        int64_t at = t->offset + k * tensor_strides(t)[0];
        *out = val_num(t->dtype == DT_F64 ? ((double *)t->st->data)[at] : ((float *)t->st->data)[at]);
        return true;
    }
    if (x.tag == T_TENSOR && x.level && x.t->rank == 1) { /* an element of a traced vector: O(1) */
        int64_t k = (int64_t)i.n, n = x.t->n;
        if ((double)k != i.n) return false;
        if (k < 0) k += n;
        return k >= 0 && k < n && tape_element(S, x, k, out);
    }
    return false;
}

/* x[i] = v and x[i, j] = v of a plain number into a settled float tensor that has one owner. */
static inline bool fast_store(Value *root, const Value *idx, int n, Value v)
{
    if (root->hdr != T_TENSOR || v.hdr || n > 2 || idx[0].tag != T_NUM) return false;
    Tensor *t = root->t;
    if (t->obj.rc != 1 || t->node || t->lanes || !t->contiguous || t->rank != n || t->dtype > DT_F32 ||
        t->st->rc != 1 || t->st->deleter)
        return false;
    int64_t at = t->offset;
    for (int q = 0; q < n; q++) {
        int64_t k = (int64_t)idx[q].n, size = tensor_shape(t)[q];
        if (idx[q].tag != T_NUM || (double)k != idx[q].n) return false;
        if (k < 0) k += size;
        if (k < 0 || k >= size) return false;
        at += k * tensor_strides(t)[q];
    }
    if (t->dtype == DT_F64) ((double *)t->st->data)[at] = v.n;
    else ((float *)t->st->data)[at] = (float)v.n;
    return true;
}

/* x[i, j] of a settled float matrix outside every derivative. */
static inline bool fast_index2(Value x, const Value *idx, Value *out)
{
    if (x.hdr != T_TENSOR || idx[0].tag != T_NUM || idx[1].tag != T_NUM) return false;
    Tensor *t = x.t;
    if (t->rank != 2 || t->node || t->lanes || t->dtype > DT_F32) return false;
    int64_t at = t->offset;
    for (int q = 0; q < 2; q++) {
        int64_t k = (int64_t)idx[q].n, size = tensor_shape(t)[q];
        if ((double)k != idx[q].n) return false;
        if (k < 0) k += size;
        if (k < 0 || k >= size) return false;
        at += k * tensor_strides(t)[q];
    }
    *out = val_num(t->dtype == DT_F64 ? ((double *)t->st->data)[at] : ((float *)t->st->data)[at]);
    return true;
}

/* ---- a comprehension over all its items at once (batch.h) ---- */

typedef struct Body {
    size_t frame;
    int32_t start, end;
    uint32_t base, acc;
    int kind;
    Value source; /* nil: the numbers from lo on */
    double lo;
} Body;
enum { BODY_LIST, BODY_SUM, BODY_PROD };

/* One run of the loop's body: the loop variable is batched, the accumulator fresh, and the loop ends after one turn. */
static bool body_run(State *S, void *ud, const BatchItems *of, Value *out)
{
    Body *b = ud;
    Value *R = vm_regs(S, b->frame), item, none;
    bool ok = is_nil(b->source) ? batch_range(S, b->lo, of, &item) : batch_select(S, b->source, of, &item);
    if (!ok) return false;
    set_result(S, &R[b->base + 2], item);
    if (b->kind == BODY_LIST) {
        List *l = list_new(S, 1);
        if (!l) return false;
        set_result(S, &R[b->acc], val_obj(T_LIST, l));
    } else {
        set_result(S, &R[b->acc], val_num(b->kind == BODY_PROD));
    }
    set_result(S, &R[b->base], is_nil(b->source) ? val_num(0) : NIL);
    set_result(S, &R[b->base + 1], val_num(0));
    S->batch.run[S->batch.depth].frame = b->frame;
    S->batch.run[S->batch.depth].first = b->base;
    S->batch.run[S->batch.depth].end = b->end;
    ok = vm_run_region(S, b->frame, b->start, &none);
    set_result(S, &R[b->base + 2], NIL);
    if (!ok) return false;
    if (b->kind != BODY_LIST) {
        *out = retain(R[b->acc]);
        bool small = out->tag == T_TENSOR && !dtype_float((DType)out->t->dtype) && out->t->dtype != DT_I64;
        if ((out->tag == T_NUM || out->tag == T_TENSOR) && !small) return true;
        release(S, *out); /* lists are summed by item, and sums of small integers stay small */
        *out = NIL;
        return batch_effect(S, "what is added");
    }
    if (R[b->acc].tag != T_LIST || R[b->acc].l->len != 1) return batch_effect(S, "how many items there are");
    *out = retain(R[b->acc].l->at[0]);
    return out->tag == T_NUM || out->tag == T_BOOL || out->tag == T_TENSOR || batch_effect(S, "a list");
}

/* What a reduction of all items comes to, beside what was there. */
static bool body_total(State *S, int kind, Value acc, Value all, Value *out)
{
    Value total;
    Attr a[3] = {{.i = 0}, {.i = 1}, {.i = kind == BODY_SUM && all.t->rank == 1}}; /* numbers in order, as a loop does */
    if (!op_apply(S, kind == BODY_SUM ? OPID_sum : OPID_prod, &all, 1, a, 3, &total)) return false;
    bool ok = value_binary(S, kind == BODY_SUM ? BIN_ADD : BIN_MUL, acc, total, out);
    release(S, total);
    return ok;
}

/* BATCH, instruction `at`. *done: it was all done at once, and the accumulator has the result. */
static bool op_batch(State *S, size_t frame, const Instr *i, int32_t at, bool *done)
{
    const Instr *ext = i + 1;
    Value *R = vm_regs(S, frame), out, x = R[i->a];
    Body b = {frame, at + (i->x & 2 ? 3 : 4), at + 1 + i->j, i->a, ext->a, ext->b, NIL, 0};
    int64_t n;
    *done = false;
    S->batch.gave_up = false;
    if (i->x & 2) {
        Value hi = R[i->a + 1];
        if (x.tag != T_NUM || hi.tag != T_NUM || !(hi.n - x.n < 1e9)) return true;
        n = (int64_t)ceil(i->x & 1 ? floor(hi.n - x.n) + 1 : hi.n - x.n);
        b.lo = x.n;
    } else if (x.tag == T_RANGE) {
        n = range_len(x.r);
        b.lo = x.r->lo;
    } else if (x.tag == T_TENSOR && x.t->rank) {
        n = tensor_shape(x.t)[0];
    } else {
        return true;
    }
    if (n < BATCH_LEAST) return true;
    if (x.tag == T_TENSOR) b.source = x;
    Value keep[3] = {R[i->a], R[i->a + 1], R[ext->a]}; /* handed back below */
    R[i->a].hdr = R[i->a + 1].hdr = R[ext->a].hdr = 0;
    S->batch.wide = b.kind != BODY_LIST;
    bool ok = batch_try(S, n, body_run, &b, &out, done);
    R = vm_regs(S, frame);
    if (ok && *done && b.kind != BODY_LIST) {
        Value total;
        ok = body_total(S, b.kind, keep[2], out, &total);
        release(S, out);
        out = total;
    }
    set_result(S, &R[i->a], keep[0]);
    set_result(S, &R[i->a + 1], keep[1]);
    set_result(S, &R[ext->a], keep[2]);
    if (ok && *done) set_result(S, &R[ext->a], out);
    return ok;
}

/* A place beyond the body of the batched comprehension that this frame runs, or of the file. */
static inline bool outer_place(State *S, size_t frame, const Instr *i)
{
    if (!S->batch.depth) return false;
    if (i->x & 8) return true;
    for (int k = 1; k <= S->batch.depth; k++)
        if (S->batch.run[k].frame == frame && i->a < S->batch.run[k].first) return true;
    return false;
}

/* ---- the loop ---- */

#define SETNUM(A, X)                                                                                                   \
    do {                                                                                                               \
        double t_ = (X);                                                                                               \
        Value *d_ = &R[A];                                                                                             \
        if (is_heap(*d_)) release(S, *d_);                                                                             \
        d_->hdr = 0;                                                                                                   \
        d_->n = t_;                                                                                                    \
    } while (0)
#define SETBOOL(A, X)                                                                                                  \
    do {                                                                                                               \
        bool t_ = (X);                                                                                                 \
        Value *d_ = &R[A];                                                                                             \
        if (is_heap(*d_)) release(S, *d_);                                                                             \
        *d_ = val_bool(t_);                                                                                            \
    } while (0)
#define SETVAL(A, X)                                                                                                   \
    do {                                                                                                               \
        Value t_ = (X);                                                                                                \
        Value *d_ = &R[A];                                                                                             \
        Value o_;                                                                                                      \
        o_.hdr = d_->hdr;                                                                                              \
        o_.cell = d_->cell;                                                                                            \
        d_->hdr = t_.hdr;                                                                                              \
        d_->cell = t_.cell;                                                                                            \
        if (is_heap(o_)) release(S, o_);                                                                               \
    } while (0)
#define SAVE() (S->vm.frames[cur].pc = (int32_t)(i - code))
#define TRY(X)                                                                                                         \
    do {                                                                                                               \
        SAVE();                                                                                                        \
        if (!(X)) goto error;                                                                                          \
    } while (0)
#define LOAD()                                                                                                         \
    do {                                                                                                               \
        Frame *f_ = &S->vm.frames[cur];                                                                                \
        code = f_->proto->code;                                                                                        \
        K = f_->proto->k;                                                                                              \
        R = f_->r;                                                                                                     \
        G = f_->proto->module;                                                                                         \
    } while (0)
#define TICK()                                                                                                         \
    do {                                                                                                               \
        if (--S->vm.fuel <= 0) TRY(vm_refuel(S));                                                                      \
    } while (0)
/* The same at a turn of a loop, whose other turns may then run in parts. */
#define TURN()                                                                                                         \
    if (--S->vm.fuel <= 0) {                                                                                           \
        int32_t go_ = -1;                                                                                              \
        TRY(vm_refuel(S));                                                                                             \
        if (S->tape.n) TRY(turns_run(S, cur, (int32_t)(i - code), &go_));                                              \
        if (go_ >= 0) {                                                                                                \
            pc = code + go_;                                                                                           \
            NEXT_I();                                                                                                  \
        }                                                                                                              \
    }
/* Values are written as two words most of the time; reading one back with a single 16-byte load would wait until both
** stores have left the store buffer, so the hot paths read two words as well (see also vm.o's flags in the Makefile). */
static inline Value ld(const Value *p)
{
    Value v;
    v.hdr = p->hdr;
    v.cell = p->cell;
    return v;
}

/* A function value that takes exactly n arguments, none by name, no rest, no rule of its own. */
#define SIMPLE(F, N)                                                                                                   \
    ((F).tag == T_FN && (F).f->proto && (F).f->proto->simple && (F).f->proto->nparams == (N) &&                        \
     !((F).f->obj.flags & CLOSURE_RULE))
/* Calls PROTO of closure FN (its count is handed over; NULL when it captures nothing and something else keeps it) on N
** arguments at ARG, the usual way. */
#define ENTER(PROTO, FN, ARG, N, RET)                                                                                  \
    do {                                                                                                               \
        Closure *fn_ = (FN);                                                                                           \
        Proto *p_ = (PROTO);                                                                                           \
        Value *arg_ = (ARG);                                                                                           \
        Frame *nf_ = frame_push_fast(&S->vm, p_, fn_, (RET));                                                          \
        if (!nf_ && !(nf_ = frame_push(S, p_, fn_, (RET)))) goto error;                                                \
        Value *w_ = nf_->r;                                                                                            \
        for (int k_ = 0, n_ = (N); k_ < n_; k_++) {                                                                    \
            w_[k_].hdr = arg_[k_].hdr;                                                                                 \
            w_[k_].cell = arg_[k_].cell;                                                                               \
            arg_[k_].hdr = 0;                                                                                          \
        }                                                                                                              \
        cur++;                                                                                                         \
        code = p_->code;                                                                                               \
        K = p_->k;                                                                                                     \
        R = w_;                                                                                                        \
        G = p_->module;                                                                                                \
        pc = code;                                                                                                     \
        NEXT_I();                                                                                                      \
    } while (0)
#define CASE(NAME) L_##NAME
#define NEXT_I()                                                                                                       \
    do {                                                                                                               \
        i = pc++;                                                                                                      \
        goto *label[i->op];                                                                                            \
    } while (0)

/* The loop's three pointers stay in registers that calls preserve; left to itself gcc keeps them on the stack, since the
** function is too large for it (fib: 15 % slower). Only a matter of speed: any other compiler ignores it. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define PINNED(DECL, REG) register DECL __asm__(REG)
#else
#define PINNED(DECL, REG) DECL
#endif

#define ARITH(NAME, BIN, EXPR)                                                                                         \
    CASE(NAME) :                                                                                                       \
    {                                                                                                                  \
        if (__builtin_expect(!(R[i->b].hdr | R[i->c].hdr), 1)) {                                                       \
            double x = R[i->b].n, y = R[i->c].n;                                                                       \
            SETNUM(i->a, EXPR);                                                                                        \
        } else if (S->tape.n && R[i->b].tag == T_NUM && R[i->c].tag == T_NUM) {                                        \
            Value out_;                                                                                                \
            if (!lane_binary(S, BIN, R[i->b], R[i->c], &out_)) TRY(value_binary(S, BIN, R[i->b], R[i->c], &out_));     \
            SETVAL(i->a, out_);                                                                                        \
        } else {                                                                                                       \
            TRY(slow_binary(S, BIN, i, R));                                                                            \
        }                                                                                                              \
        NEXT_I();                                                                                                      \
    }
#define ARITHK(NAME, BIN, EXPR, LEFT)                                                                                   \
    CASE(NAME) :                                                                                                        \
    {                                                                                                                   \
        if (__builtin_expect(!R[i->b].hdr, 1)) {                                                                        \
            double x = R[i->b].n, y = K[i->c].n;                                                                        \
            SETNUM(i->a, EXPR);                                                                                         \
        } else {                                                                                                        \
            Value out_;                                                                                                 \
            if (R[i->b].tag == T_NUM && lane_binary(S, BIN, LEFT ? K[i->c] : R[i->b], LEFT ? R[i->b] : K[i->c], &out_)) \
                SETVAL(i->a, out_);                                                                                     \
            else TRY(slow_constant(S, BIN, i, R, K[i->c], LEFT));                                                       \
        }                                                                                                               \
        NEXT_I();                                                                                                       \
    }
#define COMPARE(NAME, BIN, OPER)                                                                                       \
    CASE(NAME) :                                                                                                       \
    {                                                                                                                  \
        if (__builtin_expect(R[i->b].tag == T_NUM && R[i->c].tag == T_NUM, 1)) {                                       \
            SETBOOL(i->a, R[i->b].n OPER R[i->c].n);                                                                   \
        } else {                                                                                                       \
            TRY(slow_binary(S, BIN, i, R));                                                                            \
        }                                                                                                              \
        NEXT_I();                                                                                                      \
    }
#define JUMPN(NAME, BIN, OPER)                                                                                         \
    CASE(NAME) :                                                                                                       \
    {                                                                                                                  \
        if (__builtin_expect(R[i->a].tag == T_NUM && R[i->b].tag == T_NUM, 1)) {                                       \
            if (!(R[i->a].n OPER R[i->b].n)) pc += (int16_t)i->c;                                                      \
        } else {                                                                                                       \
            bool t_; /* its address is taken: kept apart, so that the usual case needs no store */                     \
            TRY(slow_compare(S, BIN, R[i->a], R[i->b], &t_));                                                          \
            if (!t_) pc += (int16_t)i->c;                                                                              \
        }                                                                                                              \
        NEXT_I();                                                                                                      \
    }
#define JUMPNK(NAME, BIN, OPER, SWAP)                                                                                  \
    CASE(NAME) :                                                                                                       \
    {                                                                                                                  \
        if (__builtin_expect(R[i->a].tag == T_NUM, 1)) {                                                               \
            if (!(R[i->a].n OPER K[i->b].n)) pc += (int16_t)i->c;                                                      \
        } else {                                                                                                       \
            bool t_;                                                                                                   \
            TRY(SWAP ? slow_compare(S, BIN, K[i->b], R[i->a], &t_) : slow_compare(S, BIN, R[i->a], K[i->b], &t_));     \
            if (!t_) pc += (int16_t)i->c;                                                                              \
        }                                                                                                              \
        NEXT_I();                                                                                                      \
    }

static inline double num_mod(double x, double y)
{
    if (x >= 0 && y > 0 && x < 0x1p31 && y < 0x1p31) { /* small whole numbers, the usual case: one division */
        uint32_t a = (uint32_t)x, b = (uint32_t)y;
        if ((double)a == x && (double)b == y) return (double)(a % b);
    }
    double r = fmod(x, y);
    return r != 0 && (r < 0) != (y < 0) ? r + y : r == 0 ? copysign(0.0, y) : r;
}

/* Runs frames from index `base` up until frame `base` returns, or (region >= 0) yields. */
static bool vm_run(State *S, size_t base, int32_t region, Value *yielded)
{
    static const void *const label[] = {
#define OPCODE(name, form, text) &&L_##name,
#include "runtime/opcodes.def"
#undef OPCODE
    };
    size_t cur = S->vm.nframes - 1;
    if (region >= 0) cur = base;
    PINNED(Value * R, "r13");
    PINNED(Value * K, "r14");
    PINNED(const Instr *pc, "r12");
    Module *G;
    const Instr *code, *i;
    LOAD();
    pc = code + S->vm.frames[cur].next;
    NEXT_I();

    CASE(EXT) : NEXT_I();
    CASE(MOVE) :
    {
        Value v = ld(&R[i->b]);
        if (i->x & 1) R[i->b].hdr = is_heap(v) ? T_NIL : v.hdr;
        else retain(v);
        SETVAL(i->a, v);
        NEXT_I();
    }
    CASE(LOADK) : SETVAL(i->a, retain(ld(&K[i->j])));
    NEXT_I();
    CASE(LOADNIL) : SETVAL(i->a, NIL);
    NEXT_I();
    CASE(LOADBOOL) : SETBOOL(i->a, i->b != 0);
    NEXT_I();
    CASE(LOADINT) : SETNUM(i->a, i->j);
    NEXT_I();
    CASE(UNSET) : SETVAL(i->a, UNSET);
    NEXT_I();
    CASE(GETG) :
    {
        Value v = ld(&G->g[i->j].value);
        if (v.tag == T_UNSET) TRY(op_unset_global(S, G, i->j));
        SETVAL(i->a, retain(v));
        NEXT_I();
    }
    CASE(TAKEG) :
    {
        Value v = ld(&G->g[i->j].value);
        if (v.tag == T_UNSET) TRY(op_unset_global(S, G, i->j));
        if (is_heap(v)) G->g[i->j].value = NIL;
        SETVAL(i->a, v);
        NEXT_I();
    }
    CASE(SETG) :
    {
        TRY(batch_effect(S, "a variable of the file"));
        Value v = ld(&R[i->a]);
        if (i->x & 1) R[i->a].hdr = is_heap(v) ? T_NIL : v.hdr;
        else retain(v);
        Value old = G->g[i->j].value;
        G->g[i->j].value = v;
        if (is_heap(old)) release(S, old);
        NEXT_I();
    }
    CASE(GETCAP) : SETVAL(i->a, retain(ld(&S->vm.frames[cur].fn->cap[i->b])));
    NEXT_I();
    CASE(SELFFN) :
    {
        Closure *f = S->vm.frames[cur].fn;
        SETVAL(i->a, val_obj(T_FN, obj_retain(f)));
        NEXT_I();
    }
    CASE(CLOSURE) :
    {
        Proto *p = S->vm.frames[cur].proto->protos[i->b];
        Closure *f;
        TRY(f = closure_new(S, p, NULL, p->ncaps));
        p->simple = !p->is_ctor && !p->is_method && !p->has_rest && p->adjoint.tag != T_FN && p->tangent.tag != T_FN;
        for (uint32_t k = 0; k < p->ncaps; k++) {
            f->cap[k] = R[i->c + k];
            R[i->c + k].hdr = 0;
        }
        SETVAL(i->a, val_obj(T_FN, f));
        NEXT_I();
    }
    CASE(RULE) :
    {
        if (R[i->a].tag == T_FN && R[i->a].f->proto) TRY(op_rule(S, &R[i->a], R[i->b], i->x));
        NEXT_I();
    }

    ARITH(ADD, BIN_ADD, x + y)
    ARITH(SUB, BIN_SUB, x - y)
    ARITH(MUL, BIN_MUL, x * y)
    ARITH(DIV, BIN_DIV, x / y)
    ARITH(FDIV, BIN_FDIV, floor(x / y))
    ARITH(MOD, BIN_MOD, num_mod(x, y))
    ARITH(POW, BIN_POW, pow(x, y))
    CASE(MATMUL) : TRY(slow_binary(S, BIN_MATMUL, i, R));
    NEXT_I();
    ARITHK(ADDK, BIN_ADD, x + y, false)
    ARITHK(SUBK, BIN_SUB, x - y, false)
    ARITHK(MULK, BIN_MUL, x * y, false)
    ARITHK(DIVK, BIN_DIV, x / y, false)
    ARITHK(POWK, BIN_POW, y == 2 ? x * x : pow(x, y), false)
    ARITHK(KSUB, BIN_SUB, y - x, true)
    ARITHK(KDIV, BIN_DIV, y / x, true)
    CASE(NEG) :
    {
        if (!R[i->b].hdr) {
            SETNUM(i->a, -R[i->b].n);
        } else {
            Value out;
            TRY(value_neg(S, R[i->b], &out));
            if (i->x & 1) SETVAL(i->b, NIL);
            SETVAL(i->a, out);
        }
        NEXT_I();
    }
    COMPARE(EQ, BIN_EQ, ==)
    COMPARE(NE, BIN_NE, !=)
    COMPARE(LT, BIN_LT, <)
    COMPARE(LE, BIN_LE, <=)
    CASE(NOT) :
    {
        if (R[i->b].tag == T_BOOL) {
            SETBOOL(i->a, !R[i->b].b);
        } else {
            Value out;
            TRY(is_batch(R[i->b]) && R[i->b].t->rank == 0 ? op1(S, OPID_logical_not, R[i->b], &out)
                                                          : cond_error(S, R[i->b], "not"));
            SETVAL(i->a, out);
        }
        NEXT_I();
    }
    CASE(AS) :
    {
        Value out;
        TRY(value_as(S, R[i->b], K[i->c].s, &out));
        if ((i->x & 1) && i->a != i->b) SETVAL(i->b, NIL);
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(PRIME) :
    {
        Value out, v = R[i->b];
        SAVE();
        bool ok = vm_callable(v) ? deriv_prime(S, v, &out) : value_transpose(S, v, &out);
        if (!ok) goto error;
        if ((i->x & 1) && i->a != i->b) SETVAL(i->b, NIL);
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(ACCUM) :
    {
        Value acc = ld(&R[i->a]), v = ld(&R[i->b]), out;
        if (v.tag == T_BOOL) v = val_num(v.b);
        if (!(acc.hdr | v.hdr)) {
            R[i->a].n = i->c ? acc.n * v.n : acc.n + v.n;
        } else {
            SAVE();
            R[i->a].hdr = T_NIL;
            if (!accumulate(S, i->c ? BIN_MUL : BIN_ADD, acc, v, &out)) goto error;
            R[i->a] = out;
            if ((i->x & 1) && is_heap(R[i->b])) SETVAL(i->b, NIL);
        }
        NEXT_I();
    }
    CASE(OP1) :
    {
        const OpDef *op = op_table[i->c];
        if (!R[i->b].hdr && op->each1 && !(op->flags & OPF_BOOL)) {
            SETNUM(i->a, op->each1(R[i->b].n));
        } else {
            Value out, x = R[i->b];
            SAVE();
            bool ok = x.tag == T_NUM && x.level ? tape_num1(S, i->c, x, &out)
                      : (x.tag == T_LIST || x.tag == T_MODEL || x.tag == T_NIL)
                          ? value_op_tree(S, i->c, &x, 1, &out)
                          : op_apply(S, (OpId)i->c, &x, 1, NULL, 0, &out);
            if (!ok) goto error;
            if ((i->x & 1) && i->a != i->b) SETVAL(i->b, NIL);
            SETVAL(i->a, out);
        }
        NEXT_I();
    }
    CASE(OP2) :
    {
        int id = pc->a;
        pc++;
        const OpDef *op = op_table[id];
        if (!(R[i->b].hdr | R[i->c].hdr) && op->each2 && !(op->flags & OPF_BOOL)) {
            SETNUM(i->a, op->each2(R[i->b].n, R[i->c].n));
        } else {
            Value out, x[2] = {R[i->b], R[i->c]};
            SAVE();
            bool ok = op_apply(S, (OpId)id, x, 2, NULL, 0, &out);
            if (!ok) goto error;
            if ((i->x & 1) && i->a != i->b) SETVAL(i->b, NIL);
            if ((i->x & 2) && i->a != i->c) SETVAL(i->c, NIL);
            SETVAL(i->a, out);
        }
        NEXT_I();
    }

    CASE(JMP) : pc += i->j;
    NEXT_I();
    CASE(LOOP) :
    {
        TURN();
        pc += i->j;
        NEXT_I();
    }
    CASE(JF) :
    {
        if (__builtin_expect(R[i->a].tag == T_BOOL, 1)) {
            if (!R[i->a].b) pc += i->j;
        } else {
            bool t_;
            TRY(truth(S, R[i->a], "a condition", &t_));
            if (!t_) pc += i->j;
        }
        NEXT_I();
    }
    CASE(JT) :
    {
        if (__builtin_expect(R[i->a].tag == T_BOOL, 1)) {
            if (R[i->a].b) pc += i->j;
        } else {
            bool t_;
            TRY(truth(S, R[i->a], "a condition", &t_));
            if (t_) pc += i->j;
        }
        NEXT_I();
    }
    CASE(CHKBOOL) :
    {
        bool t_;
        if (R[i->a].tag != T_BOOL) TRY(truth(S, R[i->a], i->x ? "`and` and `or`" : "a condition", &t_));
        NEXT_I();
    }
    JUMPN(JNLT, BIN_LT, <)
    JUMPN(JNLE, BIN_LE, <=)
    JUMPN(JNEQ, BIN_EQ, ==)
    JUMPN(JNNE, BIN_NE, !=)
    JUMPNK(JNLTK, BIN_LT, <, false)
    JUMPNK(JNLEK, BIN_LE, <=, false)
    JUMPNK(JNGTK, BIN_LT, >, true)
    JUMPNK(JNGEK, BIN_LE, >=, true)
    JUMPNK(JNEQK, BIN_EQ, ==, false)
    JUMPNK(JNNEK, BIN_NE, !=, false)
    CASE(JSET) :
    {
        if (R[i->a].tag != T_UNSET) pc += i->j;
        NEXT_I();
    }

    CASE(FORPREP) :
    {
        Value lo = R[i->a], hi = R[i->a + 1];
        if (lo.tag != T_NUM || hi.tag != T_NUM) {
            SAVE();
            diag_fail(S, DIAG_TYPE, "a range goes from number to number, not %s",
                      type_name(S, lo.tag != T_NUM ? lo : hi));
            goto error;
        }
        double a = lo.n, b = hi.n;
        if (i->x & 1) b = a + floor(b - a) + 0.5;
        R[i->a] = val_num(a);
        R[i->a + 1] = val_num(b);
        if (!(a < b)) {
            pc += i->j;
        } else {
            SETNUM(i->a + 2, a);
        }
        NEXT_I();
    }
    CASE(FORLOOP) :
    {
        double t = R[i->a].n + 1;
        R[i->a].n = t;
        if (t < R[i->a + 1].n) {
            SETNUM(i->a + 2, t);
            TURN();
            pc += i->j;
        }
        NEXT_I();
    }
    CASE(BATCH) :
    {
        uint8_t *tried = (uint8_t *)&pc->x; /* this site gave up: how often */
        pc++;
        if (*tried < BATCH_TRIES) {
            bool done;
            SAVE();
            if (!op_batch(S, cur, i, (int32_t)(i - code), &done)) goto error;
            if (done) pc = i + 1 + i->j;
            else if (S->batch.gave_up) ++*tried;
        }
        NEXT_I();
    }
    CASE(BATCHEND) :
    {
        if (S->batch.depth && region >= 0 && cur == base) {
            const int k = S->batch.depth;
            if (S->batch.run[k].frame == base && S->batch.run[k].end == (int32_t)(i - code)) return true;
        }
        NEXT_I();
    }
    CASE(ITER) :
    {
        Value it, v = R[i->a];
        TRY(value_iter(S, v, &it));
        SETVAL(i->a, it);
        SETNUM(i->a + 1, 0);
        NEXT_I();
    }
    CASE(NEXT) :
    {
        Value item;
        bool done;
        TURN();
        TRY(value_next(S, R[i->a], &R[i->a + 1].n, &item, &done));
        if (done) {
            SETVAL(i->a, NIL);
            pc += i->j;
        } else {
            SETVAL(i->a + 2, item);
        }
        NEXT_I();
    }
    CASE(UNPACK) :
    {
        Value v = ld(&R[i->a]);
        if (i->x & 1) R[i->a].hdr = is_heap(v) ? T_NIL : v.hdr;
        else retain(v);
        SAVE();
        bool ok = op_unpack(S, v, &R[i->b], i->c);
        release(S, v);
        if (!ok) goto error;
        NEXT_I();
    }

    CASE(LIST) :
    {
        int32_t names = pc->j;
        pc++;
        List *l;
        TRY(l = list_new(S, i->c));
        for (int k = 0; k < i->c; k++) {
            l->at[k] = R[i->b + k];
            R[i->b + k].hdr = 0;
        }
        l->len = i->c;
        if (names >= 0) l->names = obj_retain(K[names].o);
        SETVAL(i->a, val_obj(T_LIST, l));
        NEXT_I();
    }
    CASE(PUSH) :
    {
        int32_t name = pc->j;
        pc++;
        Value v = ld(&R[i->b]);
        if (i->x & 1) R[i->b].hdr = is_heap(v) ? T_NIL : v.hdr;
        else retain(v);
        TRY(op_push(S, &R[i->a], name >= 0 ? K[name].s : NULL, v));
        NEXT_I();
    }
    CASE(SPREAD) :
    {
        Value v = ld(&R[i->b]);
        if (i->x & 4) { /* R[a] becomes a list with the items */
            if (v.tag == T_LIST) {
                if (i->a == i->b) NEXT_I();
                if (i->x & 1) R[i->b].hdr = T_NIL;
                else retain(v);
                SETVAL(i->a, v);
                NEXT_I();
            }
            List *fresh;
            TRY(fresh = list_new(S, 0));
            Value to = val_obj(T_LIST, fresh);
            SAVE();
            bool fine = op_spread(S, &to, v);
            if (!fine) {
                release(S, to);
                goto error;
            }
            if ((i->x & 1) && i->a != i->b) SETVAL(i->b, NIL);
            SETVAL(i->a, to);
            NEXT_I();
        }
        if (i->x & 1) R[i->b].hdr = is_heap(v) ? T_NIL : v.hdr;
        else retain(v);
        if (v.tag == T_LIST && R[i->a].l->len == 0 && !R[i->a].l->names) {
            SETVAL(i->a, v); /* (...xs, x): the moved list itself grows */
        } else {
            SAVE();
            bool ok = op_spread(S, &R[i->a], v);
            release(S, v);
            if (!ok) goto error;
        }
        NEXT_I();
    }
    CASE(TENSOR) :
    {
        Value out;
        TRY(tensor_stack(S, &R[i->b], i->c, &out));
        for (int k = 0; k < i->c; k++) {
            Value v = R[i->b + k];
            R[i->b + k].hdr = 0;
            release(S, v);
        }
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(STACK) :
    {
        Value out, v = R[i->b];
        if (v.tag == T_TENSOR) { /* of all items at once: it is done */
            if (i->a != i->b) SETVAL(i->a, retain(v));
            NEXT_I();
        }
        TRY(tensor_stack(S, v.l->at, v.l->len, &out));
        if (i->a != i->b) SETVAL(i->b, NIL);
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(RANGE) :
    {
        Value lo = R[i->b], hi = R[i->c], out;
        if (lo.tag != T_NUM || hi.tag != T_NUM) {
            SAVE();
            diag_fail(S, DIAG_TYPE, "a range goes from number to number, not %s",
                      type_name(S, lo.tag != T_NUM ? lo : hi));
            goto error;
        }
        SAVE();
        out = range_new(S, lo.n, i->x & 4 ? lo.n + floor(hi.n - lo.n) + 1 : hi.n);
        if (is_nil(out)) goto error;
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(INTERP) :
    {
        int32_t spec = pc->j;
        pc++;
        Value out;
        TRY(op_interp(S, &R[i->b], i->c, spec >= 0 ? K[spec].l->at : NULL, &out));
        drop_args(S, &R[i->b], i->c);
        SETVAL(i->a, out);
        NEXT_I();
    }

    CASE(INDEX) :
    {
        Value out;
        Value x = i->x & 4 ? R[pc->a] : R[i->b];
        pc++;
        if (i->c == 2 && (i->x & 4) && fast_index2(x, &R[i->b + 1], &out)) {
            SETVAL(i->a, out);
            NEXT_I();
        }
        TRY(value_index(S, x, &R[i->b + 1], i->c, &out));
        drop_args(S, &R[i->b], i->c + 1);
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(INDEX1) :
    {
        Value out;
        if (!fast_index(S, R[i->b], R[i->c], &out)) TRY(!S->err && value_index(S, R[i->b], &R[i->c], 1, &out));
        if ((i->x & 1) && is_heap(R[i->b]) && i->a != i->b) SETVAL(i->b, NIL);
        if ((i->x & 2) && is_heap(R[i->c]) && i->a != i->c) SETVAL(i->c, NIL);
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(SLICE) :
    {
        Value v = range_new(S, 0, 0);
        SAVE();
        if (is_nil(v)) goto error;
        v.r->obj.flags |= RANGE_SLICE;
        double part[3];
        bool bad = false;
        for (int k = 0; k < 3; k++) {
            Value q = R[i->b + k];
            part[k] = q.tag == T_NUM ? q.n : NAN;
            if (q.tag != T_NUM && q.tag != T_NIL) bad = true;
            if (q.tag == T_NUM && (q.n != floor(q.n))) bad = true;
            if (bad) {
                diag_fail(S, DIAG_INDEX_KIND, "a slice takes whole numbers, not %s",
                          q.tag == T_NUM ? "a fraction" : type_name(S, q));
                release(S, v);
                goto error;
            }
        }
        v.r->lo = part[0];
        v.r->hi = part[1];
        v.r->step = part[2];
        if (part[2] == 0) {
            diag_fail(S, DIAG_INDEX_KIND, "the step of a slice is not 0");
            release(S, v);
            goto error;
        }
        SETVAL(i->a, v);
        NEXT_I();
    }
    CASE(MARK) : SETVAL(i->a, MARKER(i->b));
    NEXT_I();
    CASE(FIELD) :
    {
        Value out;
        TRY(value_field(S, R[i->b], K[i->c].s, &out));
        if ((i->x & 1) && i->a != i->b) SETVAL(i->b, NIL);
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(SELFGET) : SETVAL(i->a, retain(model_get(S, R[0].m, i->b)));
    NEXT_I();
    CASE(SELFPUT) :
    {
        Value v = ld(&R[i->a]);
        if (i->x & 1) R[i->a].hdr = is_heap(v) ? T_NIL : v.hdr;
        else retain(v);
        Value *slot = &R[0].m->field[i->b], *cell = NULL;
        if (slot->tag == T_CELL) {
            if (!batch_effect(S, "a state")) {
                release(S, v);
                SAVE();
                goto error;
            }
            cell = descend_cell(S, slot->cell);
        }
        if (!cell) {
            Model *m = model_unique_take(S, R[0].m);
            R[0].m = m;
            if (!m) {
                R[0].hdr = T_NIL;
                release(S, v);
                SAVE();
                goto error;
            }
            cell = &m->field[i->b];
        }
        Value old = *cell;
        *cell = v;
        release(S, old);
        NEXT_I();
    }

    CASE(SETPATH) :
    {
        Value v = ld(&R[i->b]);
        const Path *path = &S->vm.frames[cur].proto->paths[i->c];
        if (path->n == 1 && path->step->kind == STEP_INDEX && !S->batch.depth) {
            if (fast_store(i->x & 8 ? &G->g[i->a].value : &R[i->a], &R[path->step->reg], path->step->n, v)) NEXT_I();
        }
        if (i->x & 2) R[i->b].hdr = is_heap(v) ? T_NIL : v.hdr;
        else retain(v);
        Value *root = i->x & 8 ? &G->g[i->a].value : &R[i->a];
        if (root->tag == T_UNSET) {
            release(S, v);
            TRY(op_unset_global(S, G, i->a));
        }
        if (outer_place(S, cur, i)) {
            release(S, v);
            TRY(batch_effect(S, "what is assigned"));
        }
        TRY(place_set(S, root, &S->vm.frames[cur].proto->paths[i->c], R, v));
        NEXT_I();
    }
    CASE(PUSHPATH) :
    {
        Value v = ld(&R[i->b]);
        Value *root = i->x & 8 ? &G->g[i->a].value : &R[i->a];
        if (root->tag == T_UNSET) TRY(op_unset_global(S, G, i->a));
        const Path *path = &S->vm.frames[cur].proto->paths[i->c];
        if ((i->x & 4) && !v.hdr && path->n == 1 && path->step->kind == STEP_INDEX && root->hdr == T_TENSOR &&
            !S->batch.depth) {
            const Value *at = &R[path->step->reg];
            Value old;
            if ((path->step->n == 1 ? fast_index(S, *root, *at, &old)
                                    : path->step->n == 2 && fast_index2(*root, at, &old)) &&
                !old.hdr && fast_store(root, at, path->step->n, val_num(old.n + v.n)))
                NEXT_I();
        }
        if (outer_place(S, cur, i)) TRY(batch_effect(S, "what is assigned"));
        SAVE();
        bool fine = op_push_path(S, root, path, R, v, i->x & 4);
        if (i->x & 2) {
            R[i->b].hdr = T_NIL;
            release(S, v);
        }
        TRY(fine);
        NEXT_I();
    }
    CASE(GETPATH) :
    {
        Value out;
        Value *root = i->x & 8 ? &G->g[i->a].value : &R[i->a];
        if (root->tag == T_UNSET) TRY(op_unset_global(S, G, i->a));
        TRY(place_get(S, *root, &S->vm.frames[cur].proto->paths[i->c], R, &out));
        SETVAL(i->b, out);
        NEXT_I();
    }
    CASE(TAKEPATH) :
    {
        Value out;
        Value *root = i->x & 8 ? &G->g[i->a].value : &R[i->a];
        if (root->tag == T_UNSET) TRY(op_unset_global(S, G, i->a));
        bool move = !(i->x & 1) && !S->batch.depth; /* a batch that is given up has to find it again */
        TRY(place_take(S, root, &S->vm.frames[cur].proto->paths[i->c], R, move, &out));
        SETVAL(i->b, out);
        NEXT_I();
    }
    CASE(BACKPATH) :
    {
        Value v = ld(&R[i->b]);
        R[i->b].hdr = T_NIL;
        if ((v.tag == T_MODEL && (v.m->obj.flags & MODEL_STATE)) || v.tag == T_LIST) {
            Value *root = i->x & 8 ? &G->g[i->a].value : &R[i->a];
            if (outer_place(S, cur, i)) {
                release(S, v);
                TRY(batch_effect(S, "what is assigned"));
            }
            TRY(place_set(S, root, &S->vm.frames[cur].proto->paths[i->c], R, v));
        } else {
            release(S, v);
        }
        NEXT_I();
    }

    CASE(CALL) :
    {
        TICK();
        Frame *fr = &S->vm.frames[cur];
        fr->pc = (int32_t)(i - code);
        fr->next = (int32_t)(pc - code);
        Value f = ld(&R[i->a]);
        R[i->a].hdr = T_NIL;
        bool place = (i->x & 4) != 0;
        if (i->c == 0 && !place && SIMPLE(f, i->b)) ENTER(f.f->proto, f.f, &R[i->a + 1], i->b, &R[i->a]);
        CallState st;
        if (i->c == 0 && !place) {
            st = call_start(S, f, &R[i->a + 1], NULL, i->b, &R[i->a], NULL);
        } else if (place) {
            /* arguments are moved away before the model comes back into R[a+1] */
            Value hold = NIL;
            bool keeps = f.tag == T_MODEL;
            st = call_info(S, NULL, f, &R[i->a + 1], i->b, i->c ? &fr->proto->calls[i->c - 1] : NULL, 0, &R[i->a],
                           keeps ? &R[i->a + 1] : NULL);
            if (!keeps && st != CALL_FAILED) set_result(S, &R[i->a + 1], hold);
        } else {
            st = call_info(S, NULL, f, &R[i->a + 1], i->b, &fr->proto->calls[i->c - 1], 0, &R[i->a], NULL);
        }
        if (st == CALL_DONE) {
            if (S->interrupt) TRY(vm_check(S));
            NEXT_I();
        }
        if (st == CALL_FAILED) goto error;
        cur++;
        LOAD();
        pc = code;
        NEXT_I();
    }
    CASE(CALLG) :
    {
        TICK();
        Frame *fr = &S->vm.frames[cur];
        fr->pc = (int32_t)(i - code);
        fr->next = (int32_t)(pc - code);
        Value f = ld(&G->g[i->j].value);
        if (__builtin_expect(SIMPLE(f, i->x), 1)) {
            Closure *fn = NULL;
            if (f.f->ncaps) {
                fn = f.f;
                fn->obj.rc++;
            }
            ENTER(f.f->proto, fn, &R[i->a + 1], i->x, &R[i->a]);
        }
        if (f.tag == T_UNSET) TRY(op_unset_global(S, G, i->j));
        int n = i->x;
        while (n > 0 && R[i->a + n].tag == T_UNSET) n--; /* defaults of the tail */
        CallState st = call_start(S, retain(f), &R[i->a + 1], NULL, n, &R[i->a], NULL);
        if (st == CALL_DONE) NEXT_I();
        if (st == CALL_FAILED) goto error;
        cur++;
        LOAD();
        pc = code;
        NEXT_I();
    }
    CASE(INVOKE) :
    {
        TICK();
        Frame *fr = &S->vm.frames[cur];
        Str *name = K[pc->j].s;
        pc++;
        fr->pc = (int32_t)(i - code);
        fr->next = (int32_t)(pc - code);
        CallState st = invoke(S, &R[i->a], i->b, i->c ? &fr->proto->calls[i->c - 1] : NULL, name, &R[i->a],
                              (i->x & 4) != 0);
        if (st == CALL_DONE) NEXT_I();
        if (st == CALL_FAILED) goto error;
        cur++;
        LOAD();
        pc = code;
        NEXT_I();
    }
    CASE(RETURN) :
    {
        Frame *fr = &S->vm.frames[cur];
        Value v = ld(&R[i->a]);
        R[i->a].hdr = 0;
        Value *ret = fr->ret, *self_ret = fr->self_ret;
        if (__builtin_expect(self_ret != NULL, 0)) {
            Value self = R[0];
            R[0].hdr = 0;
            set_result(S, self_ret, self);
        } else if (__builtin_expect(cur != base && !S->vm.ncomp && R != fr->seg->data, 1)) {
            /* frame_pop, for a function called by a function in the same segment */
            for (Value *q = R, *e = R + fr->proto->nregs; q < e; q++)
                if (is_heap(*q)) {
                    Value old = ld(q);
                    q->hdr = 0;
                    release(S, old);
                }
            fr->seg->top = R;
            S->vm.nframes = cur;
            Closure *fn = fr->fn;
            if (fn && --fn->obj.rc == 0) obj_free(S, &fn->obj);
            Value old = ld(ret);
            ret->hdr = v.hdr;
            ret->cell = v.cell;
            if (is_heap(old)) release(S, old);
            cur--;
            LOAD();
            pc = code + S->vm.frames[cur].next;
            NEXT_I();
        }
        frame_pop(S);
        set_result(S, ret, v);
        if (cur == base) return true;
        cur--;
        LOAD();
        pc = code + S->vm.frames[cur].next;
        NEXT_I();
    }
    CASE(YIELD) :
    {
        Value v = ld(&R[i->a]);
        R[i->a].hdr = is_heap(v) ? T_NIL : v.hdr;
        *yielded = v;
        return true;
    }

    CASE(NEWMODEL) :
    {
        Model *m;
        TRY(m = model_new(S, S->vm.frames[cur].proto->def));
        SETVAL(i->a, val_obj(T_MODEL, m));
        NEXT_I();
    }
    CASE(INITARG) :
    {
        set_result(S, &R[0].m->field[i->b], retain(R[i->a]));
        model_mark(R[0].m);
        NEXT_I();
    }
    CASE(INITPARAM) : TRY(model_init_param(S, R[0].m, i->b, R[i->a], R[i->c], i->x & 1));
    NEXT_I();
    CASE(INITSTATE) : TRY(model_init_state(S, R[0].m, i->b, R[i->a], R[i->c]));
    NEXT_I();
    CASE(INITLET) :
    {
        Value v = ld(&R[i->a]);
        R[i->a].hdr = is_heap(v) ? T_NIL : v.hdr;
        set_result(S, &R[0].m->field[i->b], v);
        model_mark(R[0].m);
        NEXT_I();
    }
    CASE(SIG) : TRY(sig_check(S, &S->vm.frames[cur].proto->sigs[i->b], R, R[i->a]));
    NEXT_I();
    CASE(SIZE) :
    {
        Value x = R[i->b];
        int axis = (int16_t)i->c;
        int64_t n = -1;
        if (x.tag == T_TENSOR) {
            if (axis < 0) axis += x.t->rank;
            if (axis >= 0 && axis < x.t->rank) n = tensor_shape(x.t)[axis];
        } else if (x.tag == T_LIST && axis == 0) {
            n = x.l->len;
        } else if (x.tag == T_RANGE && axis == 0) {
            n = range_len(x.r);
        } else if (x.tag == T_STR && axis == 0) {
            n = (int64_t)x.s->npoints;
        }
        if (n < 0) {
            SAVE();
            diag_fail(S, DIAG_SHAPE, "%s has no axis %d to take a range from", type_name(S, x), (int16_t)i->c);
            goto error;
        }
        SETNUM(i->a, (double)n);
        NEXT_I();
    }
    CASE(SAME) :
    {
        if (R[i->a].n != R[i->b].n) {
            SAVE();
            diag_fail(S, DIAG_SHAPE, "the axes of comprehension variable `%s` have sizes %.0f and %.0f",
                      K[i->c].s->data, R[i->a].n, R[i->b].n);
            diag_hint(S, "say the range: for %s in 0..n", K[i->c].s->data);
            goto error;
        }
        NEXT_I();
    }
    CASE(REDUCE) :
    {
        Value out;
        TRY(op_reduce_list(S, K[i->c].s, R[i->b], &out));
        if (i->a != i->b) SETVAL(i->b, NIL);
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(CONTRACT) :
    {
        Value out, spec = K[pc->j];
        pc++;
        TRY(op_contract(S, spec, &R[i->b], i->c, &out));
        drop_args(S, &R[i->b], i->c);
        SETVAL(i->a, out);
        NEXT_I();
    }
    CASE(COMPRNG) : TRY(op_comprng(S, i->j));
    NEXT_I();
    CASE(ASSERT) :
    {
        if (__builtin_expect(R[i->a].tag != T_BOOL || !R[i->a].b, 0))
            TRY(op_assert(S, R[i->a], R[i->b], R[i->c], i->x));
        NEXT_I();
    }
    CASE(LOSSCHK) : TRY(op_losschk(S, R[i->a], S->vm.frames[cur].proto));
    NEXT_I();
    CASE(DESCEND) :
    {
        Proto *p = S->vm.frames[cur].proto;
        Descend *d = &p->descends[i->b];
        Value report;
        TRY(batch_effect(S, "a descend"));
        TRY(descend_run(S, cur, p, d, &report));
        SETVAL(i->a, report);
        pc = code + d->pc_end;
        NEXT_I();
    }
    CASE(USE) : TRY(op_use(S, G, i->a, K[i->j]));
    NEXT_I();
    CASE(HOLD) : TRY(op_hold(S, G, R[i->a], i->x & 1));
    NEXT_I();

error:
    /* unwind to the nearest handler at or above the frame this run began with */
    for (;;) {
        size_t k = S->vm.nframes - 1;
        Frame *f = &S->vm.frames[k];
        const Handler *h = NULL;
        if (S->err && !S->batch.depth && S->err->code != DIAG_INTERRUPT && S->err->code != DIAG_STEPS &&
            S->err->code != DIAG_TIME) {
            for (int n = 0; n < f->proto->nhandlers; n++) {
                const Handler *c = &f->proto->handlers[n];
                if (f->pc >= c->start && f->pc < c->end && !(k == base && region >= 0 && c->start < region))
                    if (!h || c->start >= h->start) h = c;
            }
        }
        Value e;
        if (h && error_value(S, &e)) {
            while (S->vm.ncomp && S->vm.comp[S->vm.ncomp - 1].frame == k && S->vm.comp[S->vm.ncomp - 1].pc >= h->start)
                rng_switch(&S->rng, S->vm.comp[--S->vm.ncomp].saved);
            cur = k;
            LOAD();
            SETVAL(h->reg, e);
            pc = code + h->target;
            NEXT_I();
        }
        if (k == base && region >= 0) return false;
        Str *name = obj_retain(f->proto->name); /* the frame may hold the last reference to its function */
        bool last = k == base, baked = f->proto->module && !f->proto->module->path;
        bool part = f->proto->whole; /* the caller is the same function (turns.c) */
        frame_pop(S);
        if (S->vm.nframes) {
            Frame *caller = &S->vm.frames[S->vm.nframes - 1];
            Span from = caller->pc >= 0 && caller->pc < caller->proto->ncode ? caller->proto->span[caller->pc]
                                                                             : SPAN_NONE;
            bool said = S->err && (baked || !S->err->ncalls) && /* the error is at the caller already */
                        S->err->at.file == from.file && S->err->at.off == from.off;
            const Module *inside = caller->proto->module; /* a baked-in one: its lines tell a user nothing */
            said |= part || (inside && !inside->path && inside != S->main);
            if (name && name->data[0] != '<' && !said) diag_called_from(S, from, name->data);
        }
        obj_release(S, name);
        if (last) return false;
    }
}
