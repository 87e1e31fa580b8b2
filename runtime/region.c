/* region.c -- compiling a region to steps over a register file, and running them tile by tile.
**
** The axes of the space become rows and columns: columns are the last axis when something is folded along it or summed
** down to it, else as many trailing axes as all inputs run on. A tile is a few whole rows, or a piece of one row where
** rows are long and nothing folds; it is chosen so that registers stay in the first-level cache. A value has a form:
**
**   ONE   one element for the whole space         (a number, an input stretched along all axes)
**   ROW   one element a row                       (a fold, an input stretched along the columns)
**   VEC   an element for each place of the tile
**
** and a slot: the pointer that steps read it by. Slots of inputs that lie right for a tile point into the array itself;
** others have a register that the input is copied to. Slots of results point to registers, or into an output where
** nothing later in the program reads what is overwritten there. Sums are added per piece, a fixed number of tiles,
** and the pieces joined in order, so threads do not change them.
** SPDX-License-Identifier: MIT */
#include "runtime/region.h"
#include <string.h>
#include "runtime/kernels/fold.h"
#include "runtime/kernels/kernels.h"
#include "runtime/state.h"
#include "runtime/threads.h"

enum {
    TILE_BYTES = 4096, /* of a register */
    PAD = 192,         /* between registers, so that they do not lie at the same place of a page */
    PIECES = 64,       /* that a sum is cut in at most */
    PIECE = 1 << 14,   /* elements of such a piece at least */
    VALUES = REGION_INPUTS + 2 * REGION_NUMBERS + REGION_INSTRS,
    STEPS = REGION_INSTRS + VALUES + 4 * REGION_OUTPUTS, /* each value may be spread */
    SLOTS = 2 * VALUES + 3 * REGION_OUTPUTS,
    STEP_INPUTS = 4,
};

typedef enum Form { ONE, ROW, VEC } Form;
typedef enum Place { IN_ARRAY, IN_NUMBER, IN_REGISTER, IN_OUTPUT } Place;

typedef struct Slot {
    uint8_t form, place, dtype, big; /* big: of the registers of a whole tile */
    uint16_t out;                    /* IN_OUTPUT */
    int16_t def, last;               /* steps that make it (-1: none) and that read it last */
    int32_t at;                      /* register number, -1: none yet */
    uint16_t spread;                 /* the slot with this value as VEC, 0: none */
} Slot;

typedef enum Doing { DO_LOOP, DO_CAST, DO_FOLD, DO_SPREAD, DO_COPY, DO_SUM, DO_DOWN } Doing;
typedef struct Step {
    uint8_t kind, form, nx, from, to; /* form: how many elements; dtypes */
    uint16_t x[STEP_INPUTS], y;       /* slots; of sums y is the output */
    int s[STEP_INPUTS];
    union {
        Loop loop;
        FoldRow fold;
        double (*total)(int64_t n, const void *x);
        void (*down)(int64_t rows, int64_t cols, int64_t ld, const void *x, double *sum);
    };
    const void *fn;
    const char *name;
} Step;

typedef enum InMode {
    FIXED,   /* ONE: the element */
    LINEAR,  /* base + row * row_step + col * col_step */
    PATTERN, /* a row that repeats, laid into a register once for the rows of a tile */
    WALK,    /* in the array where the tile's rows lie one behind the other, else copied */
} InMode;
typedef struct Input {
    uint8_t mode, form, size;
    int64_t row_step, col_step; /* bytes */
    int64_t step[RANK_MAX];     /* bytes, along the axes that make up the rows */
} Input;

struct Region {
    size_t size; /* of this block */
    int64_t rows, cols, n;
    int naxes; /* of the rows */
    int64_t axis[RANK_MAX];
    int64_t tile_rows, tile_cols;    /* of a tile at most */
    int64_t row_tiles, tiles, piece; /* tiles a row, in all, in a piece of the sums */
    int pieces;
    int nin, nnum, nout, nslot, nstep, nsum, first_value;
    size_t big, small, registers; /* bytes of the two kinds of registers, of a thread's file */
    size_t sums;                  /* bytes of all partial sums */
    int64_t sum_len;              /* doubles of a piece */
    double cost;
    bool empty;
    RegionOut out[REGION_OUTPUTS];
    struct OutPlan {
        bool rows; /* stored: a value of a row */
        uint8_t size;
        int64_t len, at; /* of a sum: elements, place among the doubles of a piece */
    } outs[REGION_OUTPUTS];
    size_t off[SLOTS]; /* of a slot's register in the file */
    Input *in;
    Slot *slot;
    Step *step;
};

/* ---- what can be in a region ---- */

static bool is_cast(const OpDef *op) { return op == op_table[OPID_cast] || op == op_table[OPID_cast_whole]; }

bool region_takes(const OpDef *op, int nx, const DType *x, DType y)
{
    if (is_cast(op)) {
        bool from = x[0] == DT_F64 || x[0] == DT_F32 || x[0] == DT_BOOL;
        return nx == 1 && from && (dtype_float(y) || y == DT_BOOL);
    }
    if (!(op->flags & OPF_EACH) || nx != op->nin || nx > 3) return false;
    DType as = DT_COUNT; /* what is computed in */
    bool where = op->kernel == K_where;
    if (where && x[0] != DT_BOOL) return false;
    for (int i = where; i < nx; i++) {
        if (x[i] == DT_COUNT) continue;
        if (as != DT_COUNT && x[i] != as) return false;
        as = x[i];
    }
    if (as == DT_COUNT) as = y; /* numbers alone */
    if (as == DT_BOOL)
        for (int i = 0; i < nx; i++)
            if (x[i] == DT_COUNT) return false;
    if (as != DT_F64 && as != DT_F32 && as != DT_BOOL) return false;
    if (y != (op->flags & OPF_BOOL ? DT_BOOL : as)) return false;
    if (op->kernel) return kernels_pick()[op->kernel][as] != NULL;
    return as == DT_F64 && !(op->flags & OPF_BOOL);
}

bool region_folds(const OpDef *op, DType x)
{
    return dtype_float(x) && (op == op_table[OPID_sum] || op == op_table[OPID_mean] || op == op_table[OPID_max] ||
                              op == op_table[OPID_min]);
}

/* ---- the space as rows and columns ---- */

/* Axes of size 1 go; of the others, those that all inputs run on become one. Then the last one is the columns, where
** `keep` says so only the given last axis. */
static void cut_space(Region *r, const RegionSpec *sp, bool keep)
{
    int64_t dim[RANK_MAX], st[REGION_INPUTS][RANK_MAX];
    int lead = sp->rank - (keep && sp->rank > 0), k = 0;
    for (int a = 0; a < lead; a++) {
        if (sp->shape[a] == 1) continue;
        bool run = k > 0;
        for (int i = 0; i < sp->nin && run; i++) run = st[i][k - 1] == sp->in[i].stride[a] * sp->shape[a];
        if (!run) dim[k++] = 1;
        dim[k - 1] *= sp->shape[a];
        for (int i = 0; i < sp->nin; i++) st[i][k - 1] = sp->in[i].stride[a];
    }
    int64_t last[REGION_INPUTS] = {0};
    r->cols = 1;
    if (keep) {
        r->cols = sp->rank ? sp->shape[sp->rank - 1] : 1;
        for (int i = 0; i < sp->nin; i++) last[i] = sp->rank && r->cols != 1 ? sp->in[i].stride[sp->rank - 1] : 0;
    } else if (k > 0) {
        r->cols = dim[--k];
        for (int i = 0; i < sp->nin; i++) last[i] = st[i][k];
    }
    r->naxes = k;
    r->rows = 1;
    for (int a = 0; a < k; a++) r->rows *= r->axis[a] = dim[a];
    r->n = r->rows * r->cols;
    for (int i = 0; i < sp->nin; i++) {
        Input *in = &r->in[i];
        int size = in->size = dtype_size[sp->in[i].dtype];
        bool stretched = true;
        for (int a = 0; a < k; a++) {
            in->step[a] = st[i][a] * size;
            stretched &= st[i][a] == 0;
        }
        in->form = last[i] ? VEC : stretched ? ONE : ROW;
        if (r->cols == 1 && in->form == ROW) in->form = VEC; /* the same, and nothing has to be spread */
        in->col_step = in->form == VEC ? (r->cols == 1 ? size : last[i] * size) : 0;
        in->row_step = k == 1 ? in->step[0] : 0;
    }
}

/* Whether the rows of an input follow one another without gaps; inner: of the innermost row axis at least. */
static bool lies_dense(const Region *r, const Input *in, bool inner)
{
    int64_t step = in->form == VEC ? r->cols * in->size : in->size;
    if (in->form == VEC && in->col_step != in->size) return false;
    for (int a = r->naxes - 1; a >= 0; step *= r->axis[a--]) {
        if (in->step[a] != step) return false;
        if (inner) break;
    }
    return true;
}

/* How much of the space a tile is; how inputs are reached in it. */
static void cut_tiles(Region *r, const RegionSpec *sp, bool folds, int widest)
{
    int64_t block = TILE_BYTES / widest, some = block / 4;
    for (int i = 0; i < sp->nin; i++) /* rows apart from each other would be copied together */
        if (r->in[i].form == VEC && r->naxes && r->in[i].step[r->naxes - 1] && !lies_dense(r, &r->in[i], true))
            some = block / 8;
    r->tile_rows = 1;
    r->tile_cols = r->cols;
    r->row_tiles = 1;
    if (r->cols > block && !folds) { /* pieces of a row of about one size */
        int64_t cut = (r->cols + block - 1) / block;
        r->tile_cols = (((r->cols + cut - 1) / cut) + 15) & ~(int64_t)15;
        r->row_tiles = (r->cols + r->tile_cols - 1) / r->tile_cols;
    } else if (r->cols > 0 && r->cols < some) { /* longer ones cost less one by one than spread and copied */
        r->tile_rows = block / r->cols < r->rows ? block / r->cols : r->rows;
    }
    if (r->tile_rows < 1) r->tile_rows = 1;
    r->tiles = r->row_tiles * ((r->rows + r->tile_rows - 1) / r->tile_rows);
    for (int i = 0; i < sp->nin; i++) {
        Input *in = &r->in[i];
        int64_t unit = in->form == VEC ? r->cols * in->size : in->size;
        bool still = true, runs = in->form != VEC || in->col_step == in->size, dense = lies_dense(r, in, false);
        for (int a = 0; a < r->naxes; a++) still &= in->step[a] == 0;
        if (dense) in->row_step = unit;
        if (in->form == ONE) in->mode = FIXED;
        else if (!runs) in->mode = WALK;
        else if (dense) in->mode = LINEAR;
        else if (r->tile_rows == 1) in->mode = r->naxes <= 1 || still ? LINEAR : WALK;
        else in->mode = still ? PATTERN : WALK;
    }
}

/* ---- compiling ---- */

typedef struct Build {
    const RegionSpec *sp;
    Region *r;
    const FoldLoops *folds[2];
    const LoopRow *loops;
    uint16_t value[REGION_INSTRS]; /* slots */
    uint8_t uses[REGION_INSTRS];   /* by instructions and outputs that are needed, up to 2 */
    uint8_t form[REGION_INSTRS];
    bool inside[REGION_INSTRS];  /* runs as a part of the one instruction that reads it */
    uint8_t kind[REGION_INSTRS]; /* Kind */
    Input in[REGION_INPUTS];
    Slot slot[SLOTS];
    Step step[STEPS];
} Build;

static int number_slot(const Region *r, int k, DType dt) { return r->nin + 2 * k + (dt == DT_F32); }

static int slot_new(Build *b, Form form, DType dt)
{
    Slot *s = &b->slot[b->r->nslot];
    *s = (Slot){.form = (uint8_t)form,
                .place = IN_REGISTER,
                .dtype = (uint8_t)dt,
                .big = form == VEC,
                .def = -1,
                .last = -1,
                .at = -1};
    return b->r->nslot++;
}

static int ref_slot(Build *b, RegionRef x, DType as)
{
    switch ((RegionFrom)x.from) {
    case REGION_INPUT: return x.at;
    case REGION_NUMBER: return number_slot(b->r, x.at, as);
    case REGION_INSTR: break;
    }
    return b->value[x.at];
}

static Step *step_new(Build *b, Doing kind, Form form)
{
    Step *s = &b->step[b->r->nstep++];
    *s = (Step){.kind = (uint8_t)kind, .form = (uint8_t)form};
    return s;
}

static void step_reads(Build *b, Step *s, int slot, int one)
{
    s->s[s->nx] = one;
    s->x[s->nx++] = (uint16_t)slot;
    b->slot[slot].last = (int16_t)(s - b->step);
}

static void step_makes(Build *b, Step *s, int slot)
{
    s->y = (uint16_t)slot;
    b->slot[slot].def = (int16_t)(s - b->step);
}

/* The value as VEC (or a number as ROW). */
static int spread(Build *b, int slot, Form want)
{
    Slot *from = &b->slot[slot];
    if (from->form >= want) return slot;
    if (want == VEC && from->spread) return from->spread;
    int y = slot_new(b, want, (DType)from->dtype);
    Step *s = step_new(b, DO_SPREAD, want);
    s->from = s->to = from->dtype;
    s->name = "spread";
    if (dtype_float((DType)from->dtype)) s->fold = b->folds[from->dtype]->spread;
    step_reads(b, s, slot, 0);
    step_makes(b, s, y);
    if (want == VEC) from->spread = (uint16_t)y;
    return y;
}

/* How many read each instruction. */
static void count_use(Build *b, RegionRef v)
{
    if (v.from == REGION_INSTR && b->uses[v.at] < 2) b->uses[v.at]++;
}
static void find_uses(Build *b)
{
    const RegionSpec *sp = b->sp;
    for (int k = 0; k < sp->nout; k++) count_use(b, sp->out[k].value);
    for (int i = sp->ninstr - 1; i >= 0; i--)
        for (int k = 0; b->uses[i] && k < sp->instr[i].nx; k++) count_use(b, sp->instr[i].x[k]);
}

static Form ref_form(const Build *b, RegionRef x)
{
    return x.from == REGION_INSTR ? (Form)b->form[x.at] : x.from == REGION_INPUT ? (Form)b->in[x.at].form : ONE;
}

/* Pairs of instructions that one loop runs: the inner one is operand `place` of the outer. */
typedef struct Pair {
    uint8_t outer, inner, place, loop;
} Pair;
static const Pair pairs[] = {
    {K_add, K_mul, 0, K_mul_add},       {K_add, K_mul, 1, K_mul_add}, {K_sub, K_mul, 0, K_mul_sub},
    {K_sub, K_mul, 1, K_mul_from},      {K_mul, K_add, 0, K_add_mul}, {K_mul, K_add, 1, K_add_mul},
    {K_mul, K_sub, 0, K_sub_mul},       {K_mul, K_sub, 1, K_sub_mul}, {K_relu, K_add, 0, K_add_relu},
    {K_square, K_sub, 0, K_sub_square},
};

/* The pair that instruction i and one of its operands are, or NULL; x: its operands, the inner ones first. */
static const Pair *pair_of(const Build *b, int i, RegionRef *x)
{
    const RegionInstr *in = &b->sp->instr[i];
    if (in->fold || b->form[i] != VEC || !dtype_float(in->dtype)) return NULL;
    for (const Pair *p = pairs; p < pairs + sizeof pairs / sizeof *pairs; p++) {
        if (p->outer != in->op->kernel || in->x[p->place].from != REGION_INSTR) continue;
        int j = in->x[p->place].at;
        const RegionInstr *inner = &b->sp->instr[j];
        bool square = inner->op->kernel == K_square && p->inner == K_mul;
        if (inner->fold || (inner->op->kernel != p->inner && !square)) continue;
        if (b->uses[j] != 1 || b->form[j] != VEC || inner->dtype != in->dtype) continue;
        x[0] = inner->x[0];
        x[1] = inner->x[square ? 0 : 1];
        if (in->nx == 2) x[2] = in->x[1 - p->place];
        if (ref_form(b, x[0]) != VEC) { /* the loops want the first one whole */
            if (p->inner == K_sub) continue;
            RegionRef t = x[0];
            x[0] = x[1];
            x[1] = t;
        }
        return p;
    }
    return NULL;
}

/* The forms of all values, and what becomes a part of something else. */
static void find_pairs(Build *b)
{
    const RegionSpec *sp = b->sp;
    for (int i = 0; i < sp->ninstr; i++) {
        Form form = ONE;
        for (int k = 0; k < sp->instr[i].nx; k++)
            if (ref_form(b, sp->instr[i].x[k]) > form) form = ref_form(b, sp->instr[i].x[k]);
        b->form[i] = sp->instr[i].fold ? ROW : (uint8_t)form;
    }
    for (int i = sp->ninstr - 1; i >= 0; i--) {
        RegionRef x[STEP_INPUTS];
        const Pair *p = b->uses[i] && !b->inside[i] ? pair_of(b, i, x) : NULL;
        if (p) b->inside[sp->instr[i].x[p->place].at] = true;
    }
}

static void make_fold(Build *b, int i)
{
    const RegionInstr *in = &b->sp->instr[i];
    int from = spread(b, ref_slot(b, in->x[0], in->dtype), VEC), y = slot_new(b, ROW, in->dtype);
    const FoldLoops *f = b->folds[in->dtype];
    Step *s = step_new(b, DO_FOLD, ROW);
    s->name = in->op->name;
    switch ((int)in->op->id) {
    case OPID_sum: s->fold = f->sum; break;
    case OPID_mean: s->fold = f->mean; break;
    case OPID_max: s->fold = f->max; break;
    default: s->fold = f->min; break;
    }
    step_reads(b, s, from, 1);
    step_makes(b, s, y);
    b->value[i] = (uint16_t)y;
}

static void make_instr(Build *b, int i)
{
    const RegionInstr *in = &b->sp->instr[i];
    DType as = in->dtype;
    RegionRef ref[STEP_INPUTS];
    const Pair *pair = pair_of(b, i, ref);
    int x[STEP_INPUTS], nx = pair ? (pair->loop == K_add_relu || pair->loop == K_sub_square ? 2 : 3) : in->nx;
    if (!pair) memcpy(ref, in->x, sizeof in->x);
    if (in->dtype == DT_BOOL)
        for (int k = 0; k < nx; k++)
            if (ref[k].from != REGION_NUMBER) as = (DType)b->slot[ref_slot(b, ref[k], DT_F64)].dtype;
    Form form = (Form)b->form[i];
    for (int k = 0; k < nx; k++) {
        x[k] = ref_slot(b, ref[k], as);
        if (form == VEC && b->slot[x[k]].form == ROW && b->r->tile_rows > 1) x[k] = spread(b, x[k], VEC);
    }
    int y = slot_new(b, form, in->dtype);
    Step *s = step_new(b, is_cast(in->op) ? DO_CAST : DO_LOOP, form);
    s->from = b->slot[x[0]].dtype;
    s->to = (uint8_t)in->dtype;
    s->name = in->op->name;
    for (int k = 0; k < nx; k++) step_reads(b, s, x[k], b->slot[x[k]].form == form);
    step_makes(b, s, y);
    b->value[i] = (uint16_t)y;
    if (is_cast(in->op)) return;
    if (pair) {
        static const char *const names[] = {"mul_add", "mul_sub",  "mul_from",  "add_mul",
                                            "sub_mul", "add_relu", "sub_square"}; /* ORDER kernels.def */
        s->name = names[pair->loop - K_mul_add];
    }
    Kernel k = pair ? (Kernel)pair->loop : (Kernel)in->op->kernel;
    s->loop = k ? b->loops[k][as] : NULL;
    if (s->loop) return;
    s->loop = nx == 1 ? loop_each1 : nx == 2 ? loop_each2 : loop_each3;
    s->fn = nx == 1   ? (const void *)&in->op->each1
            : nx == 2 ? (const void *)&in->op->each2
                      : (const void *)&in->op->each3;
}

/* The sums of a value, as soon as it is there. */
static void make_sums(Build *b, RegionRef v)
{
    for (int k = 0; k < b->r->nout; k++) {
        const RegionOut *o = &b->sp->out[k];
        if (o->kind == REGION_STORE || o->value.from != v.from || o->value.at != v.at) continue;
        bool down = o->kind == REGION_SUM_DOWN;
        Form form = b->r->outs[k].rows && !down ? ROW : VEC;
        int x = spread(b, ref_slot(b, v, o->dtype), form);
        form = (Form)b->slot[x].form; /* one column: VEC is as good */
        Step *s = step_new(b, down ? DO_DOWN : DO_SUM, form);
        if (down) s->down = b->folds[o->dtype]->down;
        else s->total = b->folds[o->dtype]->total;
        s->name = down ? "sum_down" : "sum_all";
        step_reads(b, s, x, 1);
        s->y = (uint16_t)k;
    }
}

/* An input that is stored as it is; when another output has its storage it is saved first. */
static int saved(Build *b, int k)
{
    const RegionOut *o = &b->sp->out[k];
    int x = o->value.at;
    bool lost = false;
    for (int i = 0; i < b->r->nout; i++) lost |= i != k && b->sp->out[i].alias == x;
    if (!lost) return x;
    int y = slot_new(b, (Form)b->slot[x].form, o->dtype);
    Step *c = step_new(b, DO_COPY, (Form)b->slot[x].form);
    c->from = c->to = (uint8_t)o->dtype;
    c->name = "copy";
    step_reads(b, c, x, 1);
    step_makes(b, c, y);
    return y;
}

/* Whether output k may be written while step `def` runs: nothing reads the input whose storage it has after that. */
static bool may_overwrite(const Build *b, int k, int def)
{
    int a = b->sp->out[k].alias;
    if (a < 0) return true;
    return b->slot[a].last <= def;
}

static void make_store(Build *b, int k, int x)
{
    const RegionOut *o = &b->sp->out[k];
    Form form = b->r->outs[k].rows ? ROW : VEC;
    if (x < b->r->nin && o->alias == x) return; /* it is there */
    if (b->slot[x].form < form) {               /* spread straight into the output where that can be */
        int as = form == VEC ? b->slot[x].spread : 0;
        x = as ? as : spread(b, x, form);
    }
    Slot *s = &b->slot[x];
    if (s->place == IN_REGISTER && s->def >= 0 && may_overwrite(b, k, s->def)) {
        s->place = IN_OUTPUT;
        s->out = (uint16_t)k;
        return;
    }
    form = (Form)s->form;
    int y = slot_new(b, form, o->dtype);
    Step *c = step_new(b, DO_COPY, form);
    c->from = c->to = (uint8_t)o->dtype;
    c->name = "store";
    step_reads(b, c, x, 1);
    step_makes(b, c, y);
    b->slot[y].place = IN_OUTPUT;
    b->slot[y].out = (uint16_t)k;
}

/* Gives each slot that needs one a register: at its first step, back to the others after its last. */
static void give_registers(Build *b)
{
    Region *r = b->r;
    int16_t spare[2][SLOTS];
    int nspare[2] = {0, 0}, count[2] = {0, 0};
    for (int i = 0; i < r->nslot; i++) {
        Slot *s = &b->slot[i];
        if (i < r->nin && (b->in[i].mode == PATTERN || b->in[i].mode == WALK) && s->last >= 0) s->at = count[s->big]++;
        if (i < r->nin && b->in[i].mode == PATTERN) s->last = INT16_MAX; /* its register stays */
    }
    for (int k = 0; k < r->nstep; k++) {
        Step *st = &b->step[k];
        Slot *y = st->kind == DO_SUM || st->kind == DO_DOWN ? NULL : &b->slot[st->y];
        bool need = y && y->place == IN_REGISTER;
        for (int i = 0; i < st->nx && need && st->kind == DO_LOOP; i++) { /* in the place of an input that ends here */
            Slot *x = &b->slot[st->x[i]];
            if (x->place != IN_REGISTER || x->last != k || x->at < 0 || x->form != y->form || !st->s[i]) continue;
            if (dtype_size[x->dtype] != dtype_size[y->dtype]) continue;
            y->at = x->at;
            x->last = -1;
            need = false;
        }
        if (need) y->at = nspare[y->big] ? spare[y->big][--nspare[y->big]] : count[y->big]++;
        for (int i = 0; i < st->nx; i++) {
            Slot *x = &b->slot[st->x[i]];
            if (x->place != IN_REGISTER || x->last != k || x->at < 0) continue;
            spare[x->big][nspare[x->big]++] = (int16_t)x->at;
            x->last = -1;
        }
        if (y && y->place == IN_REGISTER && y->last < 0 && y->def == k && y->at >= 0 && need)
            spare[y->big][nspare[y->big]++] = (int16_t)y->at; /* nobody reads it */
    }
    r->registers = (size_t)count[1] * r->big + (size_t)count[0] * r->small;
    for (int i = 0; i < r->nslot; i++) {
        const Slot *s = &b->slot[i];
        if (s->at < 0) continue;
        r->off[i] = s->big ? (size_t)s->at * r->big : (size_t)count[1] * r->big + (size_t)s->at * r->small;
    }
}

/* Whether a value is one of the rows where an output leaves that open: a fold, or made of folds, numbers and what is
** stretched along the last axis. */
typedef enum Kind { EITHER, OF_ROWS, OF_SPACE } Kind;
static Kind kind_of(const Build *b, RegionRef v)
{
    const RegionSpec *sp = b->sp;
    if (v.from == REGION_INSTR) return (Kind)b->kind[v.at];
    return v.from == REGION_INPUT && sp->rank && sp->in[v.at].stride[sp->rank - 1] ? OF_SPACE : EITHER;
}
static void find_kinds(Build *b)
{
    for (int i = 0; i < b->sp->ninstr; i++) {
        const RegionInstr *in = &b->sp->instr[i];
        Kind kind = in->fold ? OF_ROWS : EITHER;
        for (int k = 0; k < in->nx && !in->fold; k++)
            if (kind_of(b, in->x[k]) > kind) kind = kind_of(b, in->x[k]);
        b->kind[i] = (uint8_t)kind;
    }
}

/* ---- estimates ---- */

/* Nanoseconds an element of a loop: measured with 512-bit vectors in the second-level cache. */
static double loop_cost(const RegionInstr *in)
{
    double wide = in->dtype == DT_F64 ? 2 : 1;
    if (in->fold) return 0.045 * wide;
    switch ((Kernel)in->op->kernel) {
    case K_none: return is_cast(in->op) ? 0.045 * wide : 8;
    case K_exp:
    case K_log:
    case K_tanh:
    case K_sigmoid:
    case K_silu:
    case K_erf:
    case K_sin:
    case K_cos:
    case K_log2:
    case K_gelu_tanh:
    case K_log10:
    case K_erfc:
    case K_expm1:
    case K_log1p: return 0.5 * wide * (wide > 1 ? 1.4 : 1);
    case K_softplus:
    case K_gelu:
    case K_elu:
    case K_xlogy:
    case K_tan:
    case K_asin:
    case K_acos:
    case K_atan:
    case K_sinh:
    case K_cosh:
    case K_asinh:
    case K_acosh:
    case K_atanh: return 1.0 * wide;
    case K_pow:
    case K_atan2:
    case K_hypot: return 1.5 * wide;
    case K_mod:
    case K_floordiv: return 8;
    case K_div:
    case K_reciprocal:
    case K_sqrt:
    case K_chain_div: return 0.11 * wide;
    default: return 0.045 * wide;
    }
}

static double cost_of(const Build *b)
{
    const RegionSpec *sp = b->sp;
    const Region *r = b->r;
    double each = 0, bytes = 0;
    for (int i = 0; i < sp->ninstr; i++)
        if (b->uses[i] && b->form[i] == VEC) each += b->inside[i] ? 0.01 : loop_cost(&sp->instr[i]);
    for (int i = 0; i < r->nin; i++)
        if (b->in[i].form == VEC) bytes += b->in[i].size;
    for (int k = 0; k < r->nout; k++)
        if (sp->out[k].kind == REGION_STORE && !r->outs[k].rows) bytes += dtype_size[sp->out[k].dtype];
    return (double)r->n * (each + 0.012 * bytes) + (double)r->tiles * (4.0 * r->nstep + 10);
}

/* ---- */

static bool compile(State *S, Build *b, const RegionSpec *sp, Region *r)
{
    bool folds = false, keep = false;
    int widest = 1;
    b->sp = sp;
    b->r = r;
    b->loops = kernels_at(S->isa);
    for (int d = 0; d < 2; d++) b->folds[d] = folds_pick(d, S->isa);
    find_kinds(b);
    find_uses(b);
    for (int i = 0; i < sp->ninstr; i++) folds |= sp->instr[i].fold && b->uses[i];
    for (int i = 0; i < sp->nin; i++)
        if (dtype_size[sp->in[i].dtype] > widest) widest = dtype_size[sp->in[i].dtype];
    for (int i = 0; i < sp->ninstr; i++)
        if (dtype_size[sp->instr[i].dtype] > widest) widest = dtype_size[sp->instr[i].dtype];
    keep = folds;
    for (int k = 0; k < sp->nout; k++) {
        const RegionOut *o = &sp->out[k];
        r->out[k] = *o;
        r->outs[k].rows = o->of == REGION_OF_ROWS || (o->of == REGION_OF_VALUE && kind_of(b, o->value) == OF_ROWS);
        r->outs[k].size = dtype_size[o->dtype];
        keep |= o->kind == REGION_SUM_DOWN || r->outs[k].rows;
        if (dtype_size[o->dtype] > widest) widest = dtype_size[o->dtype];
    }
    r->nin = sp->nin;
    r->nnum = sp->nnum;
    r->nout = sp->nout;
    r->in = b->in;
    cut_space(r, sp, keep);
    find_pairs(b);
    cut_tiles(r, sp, folds, widest);
    r->big = (((size_t)(r->tile_rows * r->tile_cols) * (size_t)widest + 63) & ~(size_t)63) + PAD;
    r->small = (((size_t)r->tile_rows * 8 + 63) & ~(size_t)63) + 64;

    for (int i = 0; i < r->nin; i++) {
        int s = slot_new(b, (Form)b->in[i].form, sp->in[i].dtype);
        if (b->in[i].mode == FIXED || b->in[i].mode == LINEAR) b->slot[s].place = IN_ARRAY;
    }
    for (int k = 0; k < 2 * r->nnum; k++) b->slot[slot_new(b, ONE, k & 1 ? DT_F32 : DT_F64)].place = IN_NUMBER;
    r->first_value = r->nslot;
    for (int i = 0; i < r->nin; i++) make_sums(b, (RegionRef){REGION_INPUT, (uint16_t)i});
    for (int i = 0; i < r->nnum; i++) make_sums(b, (RegionRef){REGION_NUMBER, (uint16_t)i});
    for (int i = 0; i < sp->ninstr; i++) {
        if (!b->uses[i] || b->inside[i]) continue;
        if (sp->instr[i].fold) make_fold(b, i);
        else make_instr(b, i);
        make_sums(b, (RegionRef){REGION_INSTR, (uint16_t)i});
    }
    uint16_t from[REGION_OUTPUTS];
    /* inputs that are stored as they are go first: what follows may overwrite them */
    for (int k = 0; k < r->nout; k++) {
        const RegionOut *o = &sp->out[k];
        if (o->kind != REGION_STORE) continue;
        from[k] = (uint16_t)(o->value.from == REGION_INPUT ? saved(b, k) : ref_slot(b, o->value, o->dtype));
    }
    for (int first = 1; first >= 0; first--)
        for (int k = 0; k < r->nout; k++)
            if (sp->out[k].kind == REGION_STORE && (sp->out[k].value.from == REGION_INPUT) == first)
                make_store(b, k, from[k]);
    give_registers(b);

    for (int k = 0; k < r->nout; k++) {
        if (sp->out[k].kind == REGION_STORE) continue;
        r->outs[k].at = r->sum_len;
        r->outs[k].len = sp->out[k].kind == REGION_SUM_DOWN ? r->cols : 1;
        r->sum_len += (r->outs[k].len + 7) & ~(int64_t)7;
        r->nsum++;
    }
    int64_t pieces = r->n / PIECE < PIECES ? r->n / PIECE : PIECES;
    if (pieces < 1 || !r->nsum) pieces = 1;
    r->piece = (r->tiles + pieces - 1) / pieces;
    if (r->piece < 1) r->piece = 1;
    r->pieces = (int)((r->tiles + r->piece - 1) / r->piece);
    if (r->pieces < 1) r->pieces = 1;
    r->sums = r->nsum ? (size_t)r->pieces * (size_t)r->sum_len * sizeof(double) : 0;
    r->cost = cost_of(b);
    return true;
}

Region *region_new(State *S, const RegionSpec *spec)
{
    Build *b = mem_zalloc(S, sizeof *b);
    if (!b) return NULL;
    Region plan = {0}, *r;
    compile(S, b, spec, &plan);
    size_t in = (size_t)plan.nin * sizeof *plan.in, slot = (size_t)plan.nslot * sizeof *plan.slot,
           step = (size_t)plan.nstep * sizeof *plan.step;
    plan.size = sizeof plan + in + step + slot;
    r = mem_alloc(S, plan.size);
    if (r) {
        *r = plan;
        r->in = (Input *)(r + 1);
        r->step = (Step *)((char *)r->in + in);
        r->slot = (Slot *)((char *)r->step + step);
        memcpy(r->in, b->in, in);
        memcpy(r->step, b->step, step);
        memcpy(r->slot, b->slot, slot);
    }
    mem_free(S, b, sizeof *b);
    return r;
}

void region_free(State *S, Region *r)
{
    if (r) mem_free(S, r, r->size);
}

size_t region_bytes(const Region *r) { return r->size; }
double region_cost(const Region *r) { return r->cost; }

/* ---- running ---- */

typedef struct Exec {
    State *S;
    const Region *r;
    const void *const *in;
    void *const *out;
    struct {
        double d;
        float f;
    } num[REGION_NUMBERS];
    double *sums;
    char *files;
    int spans;
} Exec;

static int64_t offset_of(const Region *r, const Input *in, int64_t row)
{
    int64_t off = 0;
    for (int a = r->naxes - 1; a > 0 && row; a--) {
        off += row % r->axis[a] * in->step[a];
        row /= r->axis[a];
    }
    return row ? off + row * in->step[0] : off;
}

static void copy_run(char *y, const char *x, int size, int64_t n, int64_t step)
{
    if (step == size) {
        memcpy(y, x, (size_t)n * (size_t)size);
        return;
    }
    switch (size) {
    case 8:
        for (int64_t i = 0; i < n; i++) memcpy(y + 8 * i, x + i * step, 8);
        break;
    case 4:
        for (int64_t i = 0; i < n; i++) memcpy(y + 4 * i, x + i * step, 4);
        break;
    default:
        for (int64_t i = 0; i < n; i++) y[i] = x[i * step];
        break;
    }
}

/* Where g rows of c columns of an input are: in the array itself, or copied to reg. */
static const void *walk(const Region *r, const Input *in, const char *base, char *reg, int64_t row, int64_t g,
                        int64_t col, int64_t c)
{
    int64_t last = r->naxes ? r->axis[r->naxes - 1] : 1, step = r->naxes ? in->step[r->naxes - 1] : 0;
    int64_t unit = in->form == VEC ? r->cols * in->size : in->size, at = row % last;
    const char *p = base + offset_of(r, in, row) + col * in->col_step;
    bool runs = in->form != VEC || in->col_step == in->size;
    if (runs && (g == 1 || (step == unit && at + g <= last))) return p;
    char *y = reg;
    if (in->form != VEC) c = 1;
    for (int64_t i = 0; i < g;) {
        int64_t m = last - at < g - i ? last - at : g - i; /* rows at one step from each other */
        if (c == 1) copy_run(y, p, in->size, m, step), y += m * in->size;
        else if (runs && step == unit) memcpy(y, p, (size_t)(m * unit)), y += m * unit;
        else
            for (int64_t k = 0; k < m; k++, y += c * in->size) copy_run(y, p + k * step, in->size, c, in->col_step);
        i += m;
        at = 0;
        if (i < g) p = base + offset_of(r, in, row + i) + col * in->col_step;
    }
    return reg;
}

static void spread_bytes(int64_t rows, int64_t cols, const void *x, void *y)
{
    for (int64_t i = 0; i < rows; i++) memset((char *)y + i * cols, ((const char *)x)[i], (size_t)cols);
}

/* One element to all places of a tile, or a row's to its own. */
static void do_spread(const Step *s, Form from, int64_t g, int64_t c, const void *x, void *y)
{
    int64_t rows = from == ONE ? 1 : g, cols = from == ONE ? (s->form == ROW ? g : g * c) : c;
    if (s->from == DT_BOOL) spread_bytes(rows, cols, x, y);
    else s->fold(rows, cols, x, y);
}

/* Tiles from one place on; `end`: columns of the space, or those that count. */
static void run_from(const Exec *e, char *file, double *sum, int64_t row, int64_t col, int64_t tiles, int64_t end)
{
    const Region *r = e->r;
    void *at[SLOTS];
    for (int i = 0; i < r->nslot; i++) at[i] = file + r->off[i];
    for (int k = 0; k < r->nnum; k++) {
        at[number_slot(r, k, DT_F64)] = (void *)&e->num[k].d;
        at[number_slot(r, k, DT_F32)] = (void *)&e->num[k].f;
    }
    for (int i = 0; i < r->nin; i++) {
        const Input *in = &r->in[i];
        if (in->mode == FIXED) at[i] = (void *)e->in[i];
        if (in->mode != PATTERN || r->slot[i].at < 0) continue;
        size_t bytes = (size_t)r->cols * in->size;
        for (int64_t k = 0; k < r->tile_rows; k++) memcpy((char *)at[i] + (size_t)k * bytes, e->in[i], bytes);
    }
    for (; tiles > 0; tiles--) {
        if (e->S->interrupt) return;
        int64_t g = r->rows - row < r->tile_rows ? r->rows - row : r->tile_rows;
        int64_t c = end - col < r->tile_cols ? end - col : r->tile_cols, n = g * c;
        for (int i = 0; i < r->nin; i++) {
            const Input *in = &r->in[i];
            const char *base = e->in[i];
            if (in->mode == LINEAR) at[i] = (void *)(base + row * in->row_step + col * in->col_step);
            else if (in->mode == WALK && r->slot[i].at >= 0)
                at[i] = (void *)walk(r, in, base, file + r->off[i], row, g, col, c);
        }
        for (int i = r->first_value; i < r->nslot; i++) {
            const Slot *s = &r->slot[i];
            if (s->place != IN_OUTPUT) continue;
            int64_t place = r->outs[s->out].rows ? row : row * r->cols + col;
            at[i] = (char *)e->out[s->out] + place * r->outs[s->out].size;
        }
        for (const Step *s = r->step, *done = s + r->nstep; s < done; s++) {
            int64_t m = s->form == VEC ? n : s->form == ROW ? g : 1;
            const void *x[STEP_INPUTS];
            switch ((Doing)s->kind) {
            case DO_LOOP:
                for (int i = 0; i < s->nx; i++) x[i] = at[s->x[i]];
                s->loop(m, x, s->s, at[s->y], s->fn);
                break;
            case DO_CAST: convert_loop((DType)s->to, at[s->y], (DType)s->from, at[s->x[0]], 1, m); break;
            case DO_FOLD: s->fold(g, c, at[s->x[0]], at[s->y]); break;
            case DO_SPREAD: do_spread(s, (Form)r->slot[s->x[0]].form, g, c, at[s->x[0]], at[s->y]); break;
            case DO_COPY: memcpy(at[s->y], at[s->x[0]], (size_t)m * dtype_size[s->to]); break;
            case DO_SUM: /* a value of the row counts at the first piece of it */
                if (s->form == VEC || col == 0) sum[r->outs[s->y].at] += s->total(m, at[s->x[0]]);
                break;
            case DO_DOWN: s->down(g, c, c, at[s->x[0]], sum + r->outs[s->y].at + col); break;
            }
        }
        col += c;
        if (col >= r->cols) col = 0, row += g;
    }
}

static void run_tiles(const Exec *e, char *file, double *sum, int64_t lo, int64_t hi)
{
    const Region *r = e->r;
    run_from(e, file, sum, lo / r->row_tiles * r->tile_rows, lo % r->row_tiles * r->tile_cols, hi - lo, r->cols);
}

/* Tiles from ... to, in groups of about a millisecond between which a limit that is reached ends the work: what is left is
** not done then, and the step says so (plan_step_region). */
static void run_groups(const Exec *e, char *file, double *sum, int64_t from, int64_t to)
{
    double all = 1e-6 * e->r->cost;
    int64_t group = all > 1 ? (int64_t)((double)e->r->tiles / all) + 1 : to - from;
    for (; from < to && !vm_due(e->S); from += group)
        run_tiles(e, file, sum, from, to - from < group ? to : from + group);
}

/* Spans of the work, one a thread; each has a register file. */
static void run_spans(void *ud, int64_t lo, int64_t hi)
{
    const Exec *e = ud;
    const Region *r = e->r;
    for (int64_t k = lo; k < hi; k++) {
        char *file = e->files + (size_t)k * r->registers;
        if (!r->nsum) {
            run_groups(e, file, NULL, r->tiles * k / e->spans, r->tiles * (k + 1) / e->spans);
            continue;
        }
        for (int64_t p = r->pieces * k / e->spans; p < r->pieces * (k + 1) / e->spans; p++) {
            double *sum = e->sums + p * r->sum_len;
            int64_t from = p * r->piece, to = from + r->piece < r->tiles ? from + r->piece : r->tiles;
            for (int64_t i = 0; i < r->sum_len; i++) sum[i] = 0;
            run_groups(e, file, sum, from, to);
        }
    }
}

static int spans_of(State *S, const Region *r)
{
    int64_t most = r->nsum ? r->pieces : r->tiles, worth = (int64_t)(r->cost / PAR_NS);
    if (worth < most) most = worth;
    return most < 2 ? 1 : par_threads(S, most);
}

size_t region_scratch(State *S, const Region *r)
{
    int most = S->threads > 1 ? S->threads : 1;
    return (((size_t)r->sums + 63) & ~(size_t)63) + (size_t)most * r->registers + 64;
}

/* The sums of n pieces, which begin `apart` doubles from each other. */
void region_join(const Region *r, void *const *out, const double *sums, int n, size_t apart)
{
    for (int k = 0; k < r->nout; k++) {
        const struct OutPlan *o = &r->outs[k];
        const double *sum = sums + o->at;
        if (r->out[k].kind == REGION_STORE) continue;
        for (int64_t j = 0; j < o->len; j++) {
            double s = sum[j];
            for (int p = 1; p < n; p++) s += sum[(size_t)p * apart + (size_t)j];
            s *= r->out[k].scale;
            if (r->out[k].dtype == DT_F32) ((float *)out[k])[j] = (float)s;
            else ((double *)out[k])[j] = s;
        }
    }
}

static void exec_numbers(Exec *e, const double *num)
{
    for (int k = 0; k < e->r->nnum; k++) {
        e->num[k].d = num[k];
        e->num[k].f = (float)num[k];
    }
}

bool region_is_line(const Region *r, int64_t n) { return r->naxes == 0 && r->rows == 1 && r->cols == n; }
size_t region_sums(const Region *r) { return (size_t)r->sum_len; }
size_t region_file(const Region *r) { return r->registers; }

void region_part(State *S, const Region *r, const void *const *in, const double *num, void *const *out, void *file,
                 double *sums, int64_t lo, int64_t hi)
{
    Exec e;
    e.S = S;
    e.r = r;
    e.in = in;
    e.out = out;
    exec_numbers(&e, num);
    run_from(&e, file, sums, 0, lo, (hi - lo + r->tile_cols - 1) / r->tile_cols, hi);
}

void region_run(State *S, const Region *r, const void *const *in, const double *num, void *const *out, void *scratch)
{
    Exec e;
    e.S = S;
    e.r = r;
    e.in = in;
    e.out = out;
    exec_numbers(&e, num);
    e.sums = scratch;
    e.files = (char *)scratch + ((r->sums + 63) & ~(size_t)63);
    e.spans = spans_of(S, r);
    if (e.spans < 2) run_spans(&e, 0, 1);
    else par_for(S, e.spans, 1, run_spans, &e);
    region_join(r, out, e.sums, r->pieces, (size_t)r->sum_len);
}

/* ---- for --dump=plan ---- */

static void slot_text(const Region *r, int slot, Buf *b)
{
    const Slot *s = &r->slot[slot];
    if (slot < r->nin) buf_printf(b, "in%d", slot);
    else if (s->place == IN_NUMBER) buf_printf(b, "n%d", (slot - r->nin) / 2);
    else if (s->place == IN_OUTPUT) buf_printf(b, "out%d", s->out);
    else buf_printf(b, "%c%d", s->big ? 'v' : 'r', s->at);
}

void region_text(const Region *r, Buf *b)
{
    for (const Step *s = r->step; s < r->step + r->nstep; s++) {
        buf_puts(b, "  ");
        if (s->kind == DO_SUM || s->kind == DO_DOWN) buf_printf(b, "out%d", s->y);
        else slot_text(r, s->y, b);
        buf_printf(b, " = %s(", s->name);
        for (int i = 0; i < s->nx; i++) {
            if (i) buf_puts(b, ", ");
            slot_text(r, s->x[i], b);
        }
        buf_puts(b, ")\n");
    }
}
