/* region.c -- fused regions against a plain loop over their instructions.
**
** Specifications are made at random: shapes, inputs of every kind of stride, chains of operations, folds, all kinds
** of outputs, outputs in the storage of inputs. Each instruction is then run element by element on its own; folds and
** sums are plain double loops over what came out. What is not a sum has to agree bit for bit, sums within rounding
** (instructions that follow a fold go on from the region's own result, which is an output too). Each specification
** runs with one and two threads, bit for bit equal, and at every level of the instruction set that there is.
** Arguments: [specifications [seed]]; a failure prints the seed.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include "runtime/kernels/kernels.h"
#include "runtime/region.h"
#include "runtime/rng.h"
#include "tests/runtime/check.h"

static Rng rng;
static uint64_t below(uint64_t n) { return rng_bits(rng.key, rng_take(&rng), 0) % n; }
static bool chance(int percent) { return below(100) < (uint64_t)percent; }

enum { GUARD = 64 };
typedef struct Array {
    char *block, *p; /* p: the first element */
    size_t size;
} Array;

static const char *const one_names[] = {"exp",        "tanh", "sigmoid", "relu", "neg",       "abs",
                                        "square",     "sqrt", "log",     "silu", "gelu_tanh", "softplus",
                                        "reciprocal", "sign", "log1p",   "erf",  "gelu"};
static const char *const two_names[] = {"add", "sub",       "mul",   "div", "maximum", "minimum", "chain", "gate",
                                        "pow", "chain_div", "hypot", "add", "mul",     "sub",     "mul",   "add"};
static const char *const test_names[] = {"lt", "le", "eq", "ne"};
static const char *const fold_names[] = {"sum", "mean", "max", "min"};
#define PICK(names) names[below(sizeof names / sizeof *names)]

typedef struct Case {
    RegionSpec sp;
    double num[REGION_NUMBERS];
    int64_t n, rows, cols;
    Array in[REGION_INPUTS];
    int64_t at[REGION_INPUTS];     /* the first element's place in the block */
    double *value[REGION_INSTRS];  /* [space] of each instruction */
    bool rows_like[REGION_INSTRS]; /* the same along the last axis */
    bool of_rows[REGION_INSTRS];   /* one of the rows by itself */
    int fold_out[REGION_INSTRS];
} Case;

static double random_value(bool wild)
{
    static const double odd[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1e30, -1e-30, 1};
    if (wild && chance(8)) return odd[below(8)];
    return rng_normal(rng.key, rng_take(&rng), 0);
}

static void put(DType dt, void *p, int64_t i, double v)
{
    if (dt == DT_F64) ((double *)p)[i] = v;
    else if (dt == DT_F32) ((float *)p)[i] = (float)v;
    else ((uint8_t *)p)[i] = v > 0;
}
static double get(DType dt, const void *p, int64_t i)
{
    if (dt == DT_F64) return ((const double *)p)[i];
    if (dt == DT_F32) return ((const float *)p)[i];
    return ((const uint8_t *)p)[i];
}

/* ---- making a specification ---- */

static void make_shape(Case *c, bool large)
{
    static const int64_t sizes[] = {1, 2, 3, 5, 10, 17, 64}, lasts[] = {1, 2, 3, 7, 10, 16, 31, 64, 65, 130, 700, 3000};
    RegionSpec *sp = &c->sp;
    sp->rank = (int)below(5);
    if (large && !sp->rank) sp->rank = 1;
    int64_t n = 1;
    for (int a = sp->rank - 1; a >= 0; a--) {
        int64_t d = a == sp->rank - 1 ? lasts[below(12)] : sizes[below(7)];
        if (n * d > 20000) d = 2;
        sp->shape[a] = d;
        n *= d;
    }
    if (chance(2) && sp->rank) sp->shape[below((uint64_t)sp->rank)] = 0;
    if (large) sp->shape[0] *= 300000 / (n ? n : 1) + 1;
    c->n = 1;
    for (int a = 0; a < sp->rank; a++) c->n *= sp->shape[a];
    c->cols = sp->rank ? sp->shape[sp->rank - 1] : 1;
    c->rows = c->cols ? c->n / c->cols : 1;
    for (int a = 0; a < sp->rank - 1 && !c->cols; a++) c->rows *= sp->shape[a];
}

static void make_input(Case *c, DType dt)
{
    RegionSpec *sp = &c->sp;
    RegionIn *in = &sp->in[sp->nin];
    in->dtype = dt;
    int perm[RANK_MAX], kind = (int)below(8);
    int64_t gap = 1, lo = 0, hi = 0;
    for (int a = 0; a < sp->rank; a++) perm[a] = sp->rank - 1 - a;
    if (kind == 7)
        for (int a = sp->rank - 1; a > 0; a--) {
            int k = (int)below((uint64_t)a + 1), t = perm[a];
            perm[a] = perm[k], perm[k] = t;
        }
    for (int j = 0; j < sp->rank; j++) {
        int a = perm[j];
        bool keep = true; /* else stretched */
        int64_t step = 1;
        switch (kind) {
        case 3: keep = false; break;             /* one element */
        case 4: keep = a == sp->rank - 1; break; /* a row */
        case 5: keep = a != sp->rank - 1; break; /* a column */
        case 6: keep = chance(50); break;
        case 7: step = chance(30) ? 2 : chance(20) ? -1 : 1; break;
        default: break;
        }
        in->stride[a] = keep ? gap * step : 0;
        int64_t far = in->stride[a] * (sp->shape[a] - 1);
        if (sp->shape[a] > 0) far > 0 ? (hi += far) : (lo += far);
        if (keep) gap *= sp->shape[a] * (step < 0 ? 1 : step);
    }
    Array *x = &c->in[sp->nin];
    int64_t len = hi - lo + 1;
    bool wild = chance(20);
    x->size = (size_t)len * dtype_size[dt];
    x->block = malloc(x->size);
    for (int64_t i = 0; i < len; i++) put(dt, x->block, i, random_value(wild));
    c->at[sp->nin] = -lo;
    x->p = x->block + -lo * dtype_size[dt];
    sp->nin++;
}

static DType ref_dtype(const Case *c, RegionRef r)
{
    return r.from == REGION_INPUT ? c->sp.in[r.at].dtype : r.from == REGION_INSTR ? c->sp.instr[r.at].dtype : DT_COUNT;
}

/* Some value of that dtype; false: there is none. */
static bool some(const Case *c, DType dt, bool number, RegionRef *out)
{
    for (int tries = 0; tries < 40; tries++) {
        RegionRef r = {REGION_INSTR, 0};
        if (number && chance(20) && c->sp.nnum) r = (RegionRef){REGION_NUMBER, (uint16_t)below((uint64_t)c->sp.nnum)};
        else if (c->sp.ninstr && chance(70)) {
            int near = c->sp.ninstr < 6 ? c->sp.ninstr : 6;
            r.at = (uint16_t)(c->sp.ninstr - 1 - (int)below(chance(70) ? (uint64_t)near : (uint64_t)c->sp.ninstr));
        } else if (c->sp.nin) r = (RegionRef){REGION_INPUT, (uint16_t)below((uint64_t)c->sp.nin)};
        else continue;
        if (r.from != REGION_NUMBER && ref_dtype(c, r) != dt) continue;
        *out = r;
        return true;
    }
    return false;
}

static void make_instr(Case *c, bool folds)
{
    RegionSpec *sp = &c->sp;
    RegionInstr in = {.nx = 2};
    DType dt = chance(50) ? DT_F32 : DT_F64;
    int what = (int)below(folds ? 112 : 100);
    const char *name;
    in.dtype = dt;
    if (what < 30) name = PICK(one_names), in.nx = 1;
    else if (what < 80) name = PICK(two_names);
    else if (what < 85) name = PICK(test_names), in.dtype = DT_BOOL;
    else if (what < 90) name = "where", in.nx = 3;
    else if (what < 92) name = "clamp", in.nx = 3;
    else if (what < 94) name = chance(50) ? "logical_and" : "logical_or", in.dtype = dt = DT_BOOL;
    else if (what < 98) name = "cast", in.nx = 1, dt = chance(20) ? DT_BOOL : dt == DT_F32 ? DT_F64 : DT_F32;
    else if (what < 100) name = "div_or_zero", in.dtype = dt = DT_F64;
    else name = PICK(fold_names), in.nx = 1, in.fold = true;
    in.op = op_table[op_by_name(name)];
    bool given = false; /* an operand that is no number */
    DType x[3];
    for (int k = 0; k < in.nx; k++) {
        DType want = k == 0 && !strcmp(name, "where") ? DT_BOOL : dt;
        if (!some(c, want, want != DT_BOOL && in.nx > 1, &in.x[k])) return;
        x[k] = ref_dtype(c, in.x[k]);
        given |= in.x[k].from != REGION_NUMBER;
    }
    if (!given) return;
    /* an exponent that is one element has shortcuts */
    if (!strcmp(name, "pow") && in.x[1].from != REGION_NUMBER) return;
    if (in.fold ? !region_folds(in.op, x[0]) : !region_takes(in.op, in.nx, x, in.dtype)) return;
    if (in.fold && (c->cols == 0 || c->cols > REGION_COLS)) return;
    c->rows_like[sp->ninstr] = c->of_rows[sp->ninstr] = in.fold;
    if (!in.fold) {
        bool like = true, one = false;
        for (int k = 0; k < in.nx; k++) {
            RegionRef r = in.x[k];
            if (r.from == REGION_INPUT) like &= !sp->rank || sp->in[r.at].stride[sp->rank - 1] == 0;
            if (r.from == REGION_INSTR) like &= c->rows_like[r.at], one |= c->of_rows[r.at];
        }
        c->rows_like[sp->ninstr] = like;
        c->of_rows[sp->ninstr] = like && one;
    }
    sp->instr[sp->ninstr++] = in;
}

static bool dense(const Case *c, int i)
{
    int64_t gap = 1;
    for (int a = c->sp.rank - 1; a >= 0; gap *= c->sp.shape[a--])
        if (c->sp.in[i].stride[a] != gap) return false;
    return true;
}

static void make_out(Case *c, RegionRef v, RegionOutKind kind)
{
    RegionSpec *sp = &c->sp;
    RegionOut *o = &sp->out[sp->nout++];
    DType dt = ref_dtype(c, v);
    *o = (RegionOut){.kind = kind,
                     .value = v,
                     .dtype = dt == DT_COUNT ? DT_F64 : dt,
                     .scale = chance(50) ? 1 : 0.125,
                     .alias = -1};
    bool like = v.from == REGION_INSTR && c->rows_like[v.at], by_itself = v.from == REGION_INSTR && c->of_rows[v.at];
    if (like && chance(40)) o->of = REGION_OF_ROWS;
    else if (by_itself && chance(30)) o->of = REGION_OF_SPACE;
    if (kind != REGION_STORE || o->of == REGION_OF_ROWS || (by_itself && o->of == REGION_OF_VALUE)) return;
    for (int i = 0; i < sp->nin; i++) { /* in the storage of an input that no other output has */
        bool taken = sp->in[i].dtype != o->dtype || !dense(c, i) || chance(40);
        for (int k = 0; k < sp->nout - 1; k++) taken |= sp->out[k].alias == i;
        if (taken) continue;
        o->alias = i;
        return;
    }
}

static bool is_rows(const Case *c, const RegionOut *o)
{
    if (o->of != REGION_OF_VALUE) return o->of == REGION_OF_ROWS;
    return o->value.from == REGION_INSTR && c->of_rows[o->value.at];
}

static void make_case(Case *c, bool large)
{
    RegionSpec *sp = &c->sp;
    memset(c, 0, sizeof *c);
    make_shape(c, large);
    int nin = 1 + (int)below(6);
    for (int i = 0; i < nin; i++) make_input(c, chance(45) ? DT_F32 : chance(80) ? DT_F64 : DT_BOOL);
    sp->nnum = (int)below(4);
    static const double nums[] = {0.5, 2, -1.25, 3, 1e-3, 0, 1};
    for (int k = 0; k < sp->nnum; k++) c->num[k] = nums[below(7)];
    bool folds = chance(50);
    int want = 1 + (int)below(chance(80) ? 10 : 40);
    for (int i = 0; i < 3 * want && sp->ninstr < want; i++) make_instr(c, folds);
    int nfold = 0;
    for (int i = 0; i < sp->ninstr; i++) {
        c->fold_out[i] = -1;
        if (!sp->instr[i].fold) continue;
        if (++nfold > 6) { /* the checks need an output for each */
            sp->ninstr = i;
            break;
        }
        c->fold_out[i] = sp->nout;
        RegionOut *o = &sp->out[sp->nout++];
        *o = (RegionOut){.value = {REGION_INSTR, (uint16_t)i}, .dtype = sp->instr[i].dtype, .scale = 1, .alias = -1};
    }
    int outs = 1 + (int)below(6);
    for (int k = 0; k < outs; k++) {
        RegionRef v;
        DType dt = chance(45) ? DT_F32 : chance(80) ? DT_F64 : DT_BOOL;
        RegionOutKind kind = dt == DT_BOOL || chance(60) ? REGION_STORE : chance(50) ? REGION_SUM_ALL : REGION_SUM_DOWN;
        if (some(c, dt, kind == REGION_STORE && chance(10), &v)) make_out(c, v, kind);
    }
}

/* ---- the plain loop ---- */

static double *input_values(const Case *c, int i)
{
    const RegionSpec *sp = &c->sp;
    double *v = malloc((size_t)(c->n + 1) * sizeof *v);
    for (int64_t k = 0; k < c->n; k++) {
        int64_t rest = k, off = 0;
        for (int a = sp->rank - 1; a >= 0; a--) {
            off += rest % sp->shape[a] * sp->in[i].stride[a];
            rest /= sp->shape[a];
        }
        v[k] = get(sp->in[i].dtype, c->in[i].p, off);
    }
    return v;
}

static bool same(double a, double b) { return a == b || (a != a && b != b); }

/* Whether s may be the sum of things that add up to `sum`, and to `size` without their signs. */
static bool near(double s, long double exact, long double exact_size, DType dt)
{
    double sum = (double)exact, size = (double)exact_size;
    double big = dt == DT_F32 ? 3e38 : 1.7e308;
    if (!(fabs(sum) < big) || !(size < big))
        return same(s, dt == DT_F32 ? (double)(float)sum : sum) || s != s || isinf(s);
    return fabs(s - sum) <= size * 1e-12 + (dt == DT_F32 ? fabs(sum) * 1e-7 + 1e-45 : 0);
}

static void plain_fold(Case *c, int i, const double *x, const void *got)
{
    const RegionInstr *in = &c->sp.instr[i];
    const char *name = in->op->name;
    double *y = c->value[i];
    for (int64_t r = 0; r < c->rows; r++) {
        long double sum = 0, size = 0;
        double top = -INFINITY, low = INFINITY, v = get(in->dtype, got, r);
        bool nan = false;
        for (int64_t j = 0; j < c->cols; j++) {
            double u = x[r * c->cols + j];
            sum += u, size += fabsl(u);
            top = u > top ? u : top, low = u < low ? u : low;
            nan |= u != u;
        }
        if (!strcmp(name, "sum")) CHECK(near(v, sum, size, in->dtype), "sum %.17g not %.17g", v, (double)sum);
        else if (!strcmp(name, "mean"))
            CHECK(near(v, sum / (double)c->cols, size, in->dtype), "mean %.17g not %.17g", v,
                  (double)sum / (double)c->cols);
        else {
            double want = nan ? NAN : name[1] == 'a' ? top : low;
            CHECK(same(v, want), "%s %.17g not %.17g", name, v, want);
        }
        for (int64_t j = 0; j < c->cols; j++) y[r * c->cols + j] = v;
    }
}

static void plain_instr(Case *c, int i, double *const *inputs, const LoopRow *loops)
{
    const RegionInstr *in = &c->sp.instr[i];
    DType as = in->dtype, dt[3];
    if (in->dtype == DT_BOOL)
        for (int k = 0; k < in->nx; k++)
            if (in->x[k].from != REGION_NUMBER) as = ref_dtype(c, in->x[k]);
    const double *x[3] = {0};
    for (int k = 0; k < in->nx; k++) {
        RegionRef r = in->x[k];
        dt[k] = r.from == REGION_NUMBER ? as : ref_dtype(c, r);
        x[k] = r.from == REGION_INPUT ? inputs[r.at] : r.from == REGION_INSTR ? c->value[r.at] : NULL;
    }
    Loop loop = in->op->kernel ? loops[in->op->kernel][as] : NULL;
    int run[3];
    for (int k = 0; k < 3; k++) run[k] = k >= in->nx || in->x[k].from != REGION_NUMBER;
    for (int64_t e = 0; e < c->n; e++) {
        double cell[3], y = 0;
        const void *p[3];
        for (int k = 0; k < in->nx; k++) {
            put(dt[k], &cell[k], 0, x[k] ? x[k][e] : c->num[in->x[k].at]);
            p[k] = &cell[k];
        }
        if (!strcmp(in->op->name, "cast")) put(in->dtype, &y, 0, get(dt[0], &cell[0], 0));
        else if (loop) loop(1, p, run, &y, NULL);
        else y = in->nx == 1 ? in->op->each1(cell[0]) : in->op->each2(cell[0], cell[1]);
        c->value[i][e] = get(in->dtype, &y, 0);
    }
}

/* ---- running and comparing ---- */

static int64_t out_len(const Case *c, const RegionOut *o)
{
    if (o->kind == REGION_SUM_ALL) return 1;
    if (o->kind == REGION_SUM_DOWN) return c->cols;
    return is_rows(c, o) ? c->rows : c->n;
}

/* Runs with fresh copies of what is written; out[k].block belongs to the caller. */
static bool run_case(State *S, Case *c, const Region *r, Array *out, Array *in)
{
    const RegionSpec *sp = &c->sp;
    const void *x[REGION_INPUTS];
    void *y[REGION_OUTPUTS];
    for (int i = 0; i < sp->nin; i++) {
        in[i].size = c->in[i].size;
        in[i].block = malloc(in[i].size ? in[i].size : 1);
        memcpy(in[i].block, c->in[i].block, in[i].size);
        in[i].p = in[i].block + c->at[i] * dtype_size[sp->in[i].dtype];
        x[i] = in[i].p;
    }
    for (int k = 0; k < sp->nout; k++) {
        const RegionOut *o = &sp->out[k];
        out[k].block = NULL;
        out[k].size = (size_t)out_len(c, o) * dtype_size[o->dtype];
        if (o->alias >= 0) {
            out[k].p = in[o->alias].p;
        } else {
            out[k].block = malloc(out[k].size + 2 * GUARD);
            memset(out[k].block, 0x5a, out[k].size + 2 * GUARD);
            out[k].p = out[k].block + GUARD;
        }
        y[k] = out[k].p;
    }
    size_t size = region_scratch(S, r);
    char *scratch = aligned_alloc(64, (size + 63) / 64 * 64);
    region_run(S, r, x, c->num, y, scratch);
    free(scratch);
    bool ok = true;
    for (int k = 0; k < sp->nout; k++)
        for (int i = 0; i < GUARD && out[k].block; i++)
            ok &= out[k].block[i] == 0x5a && out[k].block[GUARD + out[k].size + (size_t)i] == 0x5a;
    return ok;
}

static void free_arrays(Array *a, int n)
{
    for (int i = 0; i < n; i++) free(a[i].block);
}

static void check_sums(const Case *c, const RegionOut *o, const double *x, const void *got)
{
    int64_t len = out_len(c, o);
    bool rows = is_rows(c, o);
    for (int64_t j = 0; j < len; j++) {
        long double sum = 0, size = 0;
        double v = get(o->dtype, got, j);
        int64_t n = o->kind == REGION_SUM_DOWN ? c->rows : rows ? c->rows : c->n;
        for (int64_t i = 0; i < n; i++) {
            double u = x[o->kind == REGION_SUM_DOWN ? i * c->cols + j : rows ? i * c->cols : i];
            sum += u, size += fabsl(u);
        }
        CHECK(near(v, sum * o->scale, size * o->scale, o->dtype), "sum %.17g not %.17g", v, (double)sum * o->scale);
    }
}

static void check_case(State *S, Case *c, bool large)
{
    const RegionSpec *sp = &c->sp;
    int levels = kernels_level(ISA_BEST), level = large ? ISA_BEST : 1 + (int)below((uint64_t)levels);
    double *inputs[REGION_INPUTS];
    for (int i = 0; i < sp->nin; i++) inputs[i] = input_values(c, i);
    for (int i = 0; i < sp->ninstr; i++) c->value[i] = calloc((size_t)c->n + 1, sizeof(double));
    S->isa = level;
    Region *r = region_new(S, sp);
    CHECK(r && region_cost(r) >= 0);
    Array out[REGION_OUTPUTS], in[REGION_INPUTS], out2[REGION_OUTPUTS], in2[REGION_INPUTS];
    S->threads = 1;
    CHECK(run_case(S, c, r, out, in), "written outside an output");
    S->threads = 2;
    CHECK(run_case(S, c, r, out2, in2), "written outside an output");
    for (int k = 0; k < sp->nout; k++)
        CHECK(!memcmp(out[k].p, out2[k].p, out[k].size), "output %d differs with two threads", k);
    for (int i = 0; i < sp->ninstr && c->n; i++)
        if (sp->instr[i].fold) {
            RegionRef x = sp->instr[i].x[0];
            plain_fold(c, i, x.from == REGION_INPUT ? inputs[x.at] : c->value[x.at], out[c->fold_out[i]].p);
        } else {
            plain_instr(c, i, inputs, kernels_at(level));
        }
    for (int k = 0; k < sp->nout && c->n; k++) {
        const RegionOut *o = &sp->out[k];
        RegionRef x = o->value;
        const double *v = x.from == REGION_INPUT ? inputs[x.at] : x.from == REGION_INSTR ? c->value[x.at] : NULL;
        if (o->kind != REGION_STORE) {
            check_sums(c, o, v, out[k].p);
            continue;
        }
        int64_t len = out_len(c, o), bad = -1;
        for (int64_t j = 0; j < len && bad < 0; j++) {
            double want = v ? v[is_rows(c, o) ? j * c->cols : j] : c->num[x.at];
            if (o->dtype == DT_F32) want = (double)(float)want;
            if (!same(get(o->dtype, out[k].p, j), want)) bad = j;
        }
        CHECK(bad < 0, "output %d, element %lld of %lld: %.17g not %.17g", k, (long long)bad, (long long)len,
              get(o->dtype, out[k].p, bad), v ? v[is_rows(c, o) ? bad * c->cols : bad] : c->num[x.at]);
    }
    for (int k = 0; k < sp->nout && !c->n; k++)
        if (sp->out[k].kind != REGION_STORE) check_sums(c, &sp->out[k], inputs[0], out[k].p);
    region_free(S, r);
    free_arrays(out, sp->nout);
    free_arrays(out2, sp->nout);
    free_arrays(in, sp->nin);
    free_arrays(in2, sp->nin);
    for (int i = 0; i < sp->nin; i++) free(inputs[i]);
    for (int i = 0; i < sp->ninstr; i++) free(c->value[i]);
}

static void show_case(State *S, const Case *c)
{
    const RegionSpec *sp = &c->sp;
    printf("shape");
    for (int a = 0; a < sp->rank; a++) printf(" %lld", (long long)sp->shape[a]);
    for (int i = 0; i < sp->nin; i++) {
        printf("\nin%d %s strides", i, dtype_name[sp->in[i].dtype]);
        for (int a = 0; a < sp->rank; a++) printf(" %lld", (long long)sp->in[i].stride[a]);
    }
    for (int i = 0; i < sp->ninstr; i++) {
        printf("\ni%d %s = %s", i, dtype_name[sp->instr[i].dtype], sp->instr[i].op->name);
        for (int k = 0; k < sp->instr[i].nx; k++)
            printf(" %c%d", "xni"[sp->instr[i].x[k].from], sp -> instr[i].x[k].at);
    }
    for (int k = 0; k < sp->nout; k++)
        printf("\nout%d kind %d of %d value %c%d alias %d", k, sp->out[k].kind, sp->out[k].of,
               "xni"[sp->out[k].value.from], sp -> out[k].value.at, sp->out[k].alias);
    Buf b;
    buf_init(&b, S);
    Region *r = region_new(S, sp);
    region_text(r, &b);
    printf("\n%.*s\n", (int)b.len, b.p);
    buf_deinit(&b);
    region_free(S, r);
}

/* The interrupt flag ends a run. */
static void check_interrupt(State *S)
{
    static double x[100000];
    RegionSpec sp = {.rank = 1, .shape = {100000}, .nin = 1, .ninstr = 1, .nout = 1};
    sp.in[0] = (RegionIn){DT_F64, {1}};
    sp.instr[0] = (RegionInstr){.op = op_table[OPID_exp], .dtype = DT_F64, .nx = 1, .x = {{REGION_INPUT, 0}}};
    sp.out[0] = (RegionOut){.value = {REGION_INSTR, 0}, .dtype = DT_F64, .scale = 1, .alias = 0};
    Region *r = region_new(S, &sp);
    const void *in[1] = {x};
    void *out[1] = {x}, *scratch = aligned_alloc(64, (region_scratch(S, r) + 63) / 64 * 64);
    S->interrupt = 1;
    region_run(S, r, in, NULL, out, scratch);
    CHECK(x[0] == 0 && x[99999] == 0);
    S->interrupt = 0;
    region_run(S, r, in, NULL, out, scratch);
    CHECK(x[0] == 1 && x[99999] == 1);
    free(scratch);
    region_free(S, r);
}

int main(int argc, char **argv)
{
    int cases = argc > 1 ? atoi(argv[1]) : 700;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    State *S = open_state(0);
    static Case c;
    for (int i = 0; i < cases && failures < 10; i++) {
        int before = failures;
        rng_seed(&rng, seed + (uint64_t)i);
        bool large = i % 50 == 49;
        make_case(&c, large);
        if (c.sp.nout) check_case(S, &c, large);
        if (failures != before) {
            printf("seed %llu%s\n", (unsigned long long)(seed + (uint64_t)i), large ? " (large: run 50 before)" : "");
            show_case(S, &c);
        }
        for (int k = 0; k < c.sp.nin; k++) free(c.in[k].block);
    }
    check_interrupt(S);
    return report(S);
}
