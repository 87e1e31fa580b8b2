/* plan_build.c -- from recorded nodes to steps: who joins whom, in which order, and where everything lies.
**
** Partition. A node is a view (its array is part of another's), joins a region, or is a step of its own, a kernel of
** its operation. An element-wise node joins the region of an input that has the same space, and merges the regions of
** several inputs, unless that closes a circle: what it reads from elsewhere may not wait for the region it would join.
** So each region knows which others it waits for (`waits`), steps of their own pass that on (`dep`), and the
** question is one walk over regions. Sums and folds of the last axis join the region of what they reduce.
**
** Order. Steps in the order of their first node, later only when an input is not there yet.
**
** Places. A value that leaves its region, or a kernel's result, is the base of a buffer; views share their base's.
** Buffers that somebody keeps a part of are storage of their own at each run. The others are laid into one arena:
** largest first, each as low as those that live at the same time allow, and not all from the same offset within a
** page, since loads and stores that far apart disturb each other. A region writes over an input that dies with it.
** SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "runtime/kernels/kernels.h"
#include "runtime/plan.h"
#include "runtime/state.h"

enum { NONE = UINT32_MAX, NEEDED = 1, KEPT = 2 };
typedef enum Extent { OUTSIDE, FULL, ROW, TOTAL, DOWN } Extent; /* how a node's value stands in its region */

typedef struct Group { /* a region being formed */
    uint32_t into;     /* itself, or the one it was merged into */
    int rank;
    int64_t shape[RANK_MAX], n;
    uint32_t *member, nmember, capmember, ninstr, nref;
    uint32_t each;   /* element-wise instructions */
    uint64_t *waits; /* groups it waits for, as bits */
} Group;

typedef struct PlanBlock {
    struct PlanBlock *next;
    size_t cap, used;
} PlanBlock;

typedef struct Build {
    State *S;
    Plan *p;
    PlanBlock *temp; /* memory of the building */
    Group *group;
    size_t ngroup, capgroup, words; /* of a set of groups */
    uint32_t *in;                   /* group of each node, or NONE */
    uint8_t *extent;
    uint8_t *needed;       /* outside of its region */
    uint64_t **dep;        /* of nodes in no region: the groups it waits for */
    uint32_t *base;        /* the node, or nnodes + tensor, whose buffer holds it */
    uint32_t *uses;        /* of a node by others */
    uint32_t *step;        /* that makes a node */
    uint32_t *last;        /* step that reads a base */
    uint64_t *seen, *edge; /* of a walk */
    RegionSpec *spec;      /* of the region that is being specified, as are */
    PlanArray *spec_in;    /* its inputs, and */
    uint16_t *instr;       /* its instruction of each node */
} Build;

static void *block_alloc(State *S, PlanBlock **list, size_t bytes)
{
    size_t need = (bytes + 15) & ~(size_t)15;
    PlanBlock *b = *list;
    if (!b || b->cap - b->used < need) {
        size_t cap = b ? b->cap * 2 : 4096;
        while (cap < need + sizeof *b) cap *= 2;
        PlanBlock *fresh = mem_alloc(S, cap);
        if (!fresh) return NULL;
        *fresh = (PlanBlock){b, cap, (sizeof *fresh + 15) & ~(size_t)15};
        *list = b = fresh;
    }
    void *at = (char *)b + b->used;
    b->used += need;
    return memset(at, 0, need);
}

static void blocks_free(State *S, PlanBlock *b)
{
    for (PlanBlock *next; b; b = next) {
        next = b->next;
        mem_free(S, b, b->cap);
    }
}

void *plan_alloc(State *S, Plan *p, size_t bytes) { return block_alloc(S, &p->memory, bytes); }

void plan_free(State *S, Plan *p)
{
    for (uint32_t i = 0; i < p->nsteps; i++)
        if (p->step[i].run == plan_step_region) region_free(S, p->step[i].region.region);
    blocks_free(S, p->memory);
    mem_free(S, p, sizeof *p);
}

/* ---- what a node reads ---- */

static PlanNode *node_at(const Build *b, uint32_t i) { return &b->p->node[i]; }

static uint32_t same(const Build *b, uint32_t i)
{
    while (node_at(b, i)->role == ROLE_SAME) i = node_at(b, i)->as;
    return i;
}

static PlanArray *array_of(const Build *b, PlanRef r)
{
    return r.from == FROM_TENSOR ? &b->p->tensor[r.at] : &b->p->node[r.at].y;
}

static DType dtype_of(const Build *b, PlanRef r) { return r.from == FROM_NUMBER ? DT_COUNT : array_of(b, r)->dtype; }

static bool same_shape(int ra, const int64_t *a, int rb, const int64_t *b)
{
    return ra == rb && !memcmp(a, b, (size_t)ra * sizeof *a);
}

/* ---- groups ---- */

static uint32_t find_group(const Build *b, uint32_t g)
{
    while (g != NONE && b->group[g].into != g) g = b->group[g].into;
    return g;
}

static uint32_t group_of(const Build *b, uint32_t node) { return find_group(b, b->in[node]); }

static void set_bit(uint64_t *set, uint32_t i) { set[i / 64] |= 1ull << i % 64; }

/* What waits for node u waits for these. */
static void add_dep(const Build *b, uint64_t *set, uint32_t u)
{
    uint32_t g = group_of(b, u);
    if (g != NONE) set_bit(set, g);
    else if (b->dep[u])
        for (size_t i = 0; i < b->words; i++) set[i] |= b->dep[u][i];
}

/* Whether one of the groups of a set is g or waits for it. */
static bool waits_for(const Build *b, const uint64_t *set, uint32_t g)
{
    memset(b->seen, 0, b->words * sizeof *b->seen);
    memcpy(b->edge, set, b->words * sizeof *b->edge);
    for (bool more = true; more;) {
        more = false;
        for (size_t w = 0; w < b->words; w++)
            while (b->edge[w] & ~b->seen[w]) {
                uint32_t h = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(b->edge[w] & ~b->seen[w]);
                set_bit(b->seen, h);
                h = find_group(b, h);
                if (h == g) return true;
                set_bit(b->seen, h);
                const uint64_t *next = b->group[h].waits;
                for (size_t k = 0; k < b->words; k++) {
                    more |= k < w && next[k] & ~b->edge[k];
                    b->edge[k] |= next[k];
                }
            }
    }
    return false;
}

static bool node_waits_for(const Build *b, uint32_t u, uint32_t g)
{
    uint64_t *set = b->group[g].waits + b->words; /* room for a set beside each */
    memset(set, 0, b->words * sizeof *set);
    add_dep(b, set, u);
    return waits_for(b, set, g);
}

static bool group_new(Build *b, const PlanArray *space, uint32_t *out)
{
    if (!MEM_PUSH(b->S, b->group, b->ngroup, b->capgroup)) return false;
    Group *g = &b->group[b->ngroup];
    *g = (Group){.into = (uint32_t)b->ngroup, .rank = space->rank, .n = space->n};
    memcpy(g->shape, space->shape, (size_t)space->rank * sizeof *g->shape);
    if (!(g->waits = block_alloc(b->S, &b->temp, 2 * b->words * sizeof *g->waits))) return false;
    *out = (uint32_t)b->ngroup++;
    return true;
}

/* ---- rows ---- */

/* Whether a shape is that of a value of one row of g's space: without the last axis, or with it at size 1. */
static bool row_shape(const Group *g, int rank, const int64_t *shape)
{
    int lead = g->rank - 1;
    if (lead < 1 || (rank != lead && rank != g->rank)) return false;
    return !memcmp(shape, g->shape, (size_t)lead * sizeof *shape) && (rank == lead || shape[lead] == 1);
}

/* The node behind views that leave a value what it is inside of group g: stretched or squeezed along the last axis. */
static uint32_t peel(const Build *b, uint32_t g, uint32_t u)
{
    for (uint32_t at = u;;) {
        at = same(b, at);
        if (group_of(b, at) == g && b->extent[at] != OUTSIDE) return at;
        const PlanNode *n = node_at(b, at);
        if (n->role != ROLE_VIEW || n->in[0].from != FROM_NODE ||
            (n->op->id != OPID_reshape && n->op->id != OPID_broadcast_to))
            return NONE;
        at = n->in[0].at;
        const PlanArray *x = &node_at(b, at)->y;
        if (!row_shape(&b->group[g], x->rank, x->shape)) return NONE;
        if (n->op->id == OPID_broadcast_to && x->rank != b->group[g].rank) return NONE;
    }
}

/* How input r of a node whose result has the shape of the space (full) or of its rows is there inside of group g:
** FULL, ROW or OUTSIDE. *at: the node. */
static Extent inside(const Build *b, uint32_t g, PlanRef r, bool full, uint32_t *at)
{
    if (r.from != FROM_NODE) return OUTSIDE;
    uint32_t u = peel(b, g, r.at);
    if (u == NONE || b->extent[u] == TOTAL || b->extent[u] == DOWN) return OUTSIDE;
    const Group *q = &b->group[g];
    const PlanArray *x = &node_at(b, r.at)->y;
    *at = u;
    if (b->extent[u] == FULL) return full && u == same(b, r.at) ? FULL : OUTSIDE;
    if (!full) return row_shape(q, x->rank, x->shape) ? ROW : OUTSIDE;
    return x->rank == q->rank ? ROW : OUTSIDE; /* of lower rank it would be a row vector */
}

/* How node v, a member of g or about to be one with extent e, reads its input i. */
static Extent reads(const Build *b, uint32_t g, uint32_t v, int i, Extent e, uint32_t *at)
{
    const PlanNode *n = node_at(b, v);
    if (!(n->op->flags & OPF_REDUCE)) return inside(b, g, n->in[i], e == FULL, at);
    if (n->in[i].from != FROM_NODE) return OUTSIDE;
    *at = same(b, n->in[i].at);
    return group_of(b, *at) == g ? (Extent)b->extent[*at] : OUTSIDE;
}

/* Whether nothing more goes in: each member may be a result. */
static bool full_group(const Group *q) { return q->ninstr + 1 > REGION_INSTRS || q->nmember + 1 > REGION_OUTPUTS; }

/* Whether node v can be in group g: nothing it reads from outside waits for g. */
static bool can_join(const Build *b, uint32_t g, uint32_t v, bool full)
{
    const PlanNode *n = node_at(b, v);
    const Group *q = &b->group[g];
    uint32_t at;
    if (full_group(q) || q->nref + (uint32_t)n->nin > REGION_INPUTS) return false;
    for (int i = 0; i < n->nin; i++) {
        PlanRef r = n->in[i];
        if (r.from == FROM_NUMBER || inside(b, g, r, full, &at) != OUTSIDE) continue;
        if (!full) { /* beside values of a row only what has one element a row */
            const PlanArray *x = array_of(b, r);
            if (!same_shape(x->rank, x->shape, n->y.rank, n->y.shape)) return false;
        }
        if (r.from == FROM_NODE && node_waits_for(b, same(b, r.at), g)) return false;
    }
    return true;
}

static bool add_member(Build *b, uint32_t g, uint32_t v, Extent e)
{
    Group *q = &b->group[g];
    if (q->nmember == q->capmember) {
        uint32_t cap = q->capmember ? q->capmember * 2 : 8;
        uint32_t *m = block_alloc(b->S, &b->temp, cap * sizeof *m);
        if (!m) return false;
        if (q->nmember) memcpy(m, q->member, q->nmember * sizeof *m);
        q->member = m;
        q->capmember = cap;
    }
    q->member[q->nmember++] = v;
    b->in[v] = g;
    b->extent[v] = (uint8_t)e;
    return true;
}

static bool join(Build *b, uint32_t g, uint32_t v, Extent e)
{
    const PlanNode *n = node_at(b, v);
    uint32_t at;
    Group *q = &b->group[g];
    for (int i = 0; i < n->nin; i++) {
        if (reads(b, g, v, i, e, &at) != OUTSIDE) continue;
        if (n->in[i].from == FROM_NODE) add_dep(b, q->waits, same(b, n->in[i].at));
        q->nref++;
    }
    q->waits[g / 64] &= ~(1ull << g % 64);
    if (e == FULL || e == ROW) q->ninstr++;
    if (!(n->op->flags & OPF_REDUCE)) q->each++;
    return add_member(b, g, v, e);
}

static bool merge(Build *b, uint32_t g, uint32_t h, bool *done)
{
    Group *q = &b->group[g], *r = &b->group[h];
    *done = false;
    if (!same_shape(q->rank, q->shape, r->rank, r->shape) || q->ninstr + r->ninstr + 1 > REGION_INSTRS ||
        q->nmember + r->nmember + 1 > REGION_OUTPUTS || q->nref + r->nref + 3 > REGION_INPUTS ||
        waits_for(b, q->waits, h) || waits_for(b, r->waits, g))
        return true;
    for (uint32_t i = 0; i < r->nmember; i++)
        if (!add_member(b, g, r->member[i], (Extent)b->extent[r->member[i]])) return false;
    q = &b->group[g];
    for (size_t i = 0; i < b->words; i++) q->waits[i] |= r->waits[i];
    q->ninstr += r->ninstr;
    q->nref += r->nref;
    q->each += r->each;
    r->nmember = 0;
    r->into = g;
    *done = true;
    return true;
}

/* ---- partition ---- */

static bool dtypes_taken(const Build *b, const PlanNode *n)
{
    DType x[3];
    if (n->nin > 3) return false;
    for (int i = 0; i < n->nin; i++) x[i] = dtype_of(b, n->in[i]);
    return region_takes(n->op, n->nin, x, n->y.dtype);
}

static bool place_each(Build *b, uint32_t v)
{
    PlanNode *n = node_at(b, v);
    uint32_t best = NONE;
    bool row = false;
    /* the latest group of an input that takes it, then those of the other inputs */
    for (int i = 0; i < n->nin; i++) {
        if (n->in[i].from != FROM_NODE) continue;
        for (uint32_t at = n->in[i].at;;) {
            at = same(b, at);
            uint32_t g = group_of(b, at);
            if (g != NONE) {
                const Group *q = &b->group[g];
                bool full = same_shape(q->rank, q->shape, n->y.rank, n->y.shape);
                uint32_t u;
                if ((full || row_shape(q, n->y.rank, n->y.shape)) && inside(b, g, n->in[i], full, &u) != OUTSIDE &&
                    (best == NONE || g > best) && can_join(b, g, v, full)) {
                    best = g;
                    row = !full;
                }
                break;
            }
            if (node_at(b, at)->role != ROLE_VIEW || node_at(b, at)->in[0].from != FROM_NODE) break;
            at = node_at(b, at)->in[0].at;
        }
    }
    for (int i = 0; best != NONE && !row && i < n->nin; i++) {
        if (n->in[i].from != FROM_NODE) continue;
        uint32_t u = same(b, n->in[i].at), g = group_of(b, u);
        bool done;
        if (g == NONE || g == best || b->extent[u] != FULL) continue;
        if (!merge(b, best, g, &done)) return false;
        if (done && !can_join(b, best, v, true)) best = NONE; /* full: it starts one of its own */
    }
    if (best == NONE && !group_new(b, &n->y, &best)) return false;
    return join(b, best, v, row ? ROW : FULL);
}

static uint32_t all_axes(int rank) { return rank >= 32 ? ~0u : (1u << rank) - 1; }

/* A sum or a fold that a region can do; *done false: a step of its own. */
static bool place_reduction(Build *b, uint32_t v, bool *done)
{
    PlanNode *n = node_at(b, v);
    *done = false;
    if (n->op->id != OPID_sum && n->op->id != OPID_mean && n->op->id != OPID_max && n->op->id != OPID_min) return true;
    if ((n->nattr > 2 && n->attr[2].i) || n->in[0].from == FROM_NUMBER) return true;
    const PlanArray *x = array_of(b, n->in[0]);
    uint32_t mask = (uint32_t)n->attr[1].i;
    if (!region_folds(n->op, x->dtype) || x->dtype != n->y.dtype || !x->n || x->rank < 1) return true;
    bool sum = n->op->id == OPID_sum || n->op->id == OPID_mean;
    bool all = mask == all_axes(x->rank), last = x->rank > 1 && mask == 1u << (x->rank - 1),
         lead = x->rank > 1 && mask == all_axes(x->rank - 1);
    int64_t cols = x->shape[x->rank - 1];
    Extent e = all && sum ? TOTAL : last && cols > 1 && cols <= REGION_COLS ? ROW : lead && sum ? DOWN : OUTSIDE;
    if (e == OUTSIDE) return true;
    uint32_t g = NONE, u = n->in[0].from == FROM_NODE ? same(b, n->in[0].at) : NONE;
    if (u != NONE && group_of(b, u) != NONE && (b->extent[u] == FULL || (b->extent[u] == ROW && e == TOTAL)))
        g = group_of(b, u);
    if (g != NONE && (full_group(&b->group[g]) || (e == ROW && b->group[g].rank < 2))) g = NONE;
    if (g == NONE) {
        if (e != ROW) return true; /* alone it has nothing to share */
        if (u != NONE && group_of(b, u) != NONE && b->extent[u] != FULL) return true;
        if (!group_new(b, x, &g)) return false;
    }
    *done = true;
    return join(b, g, v, e);
}

/* A product of matrices that only the sum v waits for is added to the other summand, where that lies. */
static bool place_accumulate(Build *b, uint32_t v, bool *done)
{
    PlanNode *n = node_at(b, v);
    *done = false;
    if (n->op->id != OPID_add || n->y.rank != 2 || n->in[0].from != FROM_NODE || n->in[1].from != FROM_NODE)
        return true;
    for (int i = 1; i >= 0; i--) {
        uint32_t m = n->in[i].at, u = n->in[!i].at;
        PlanNode *q = node_at(b, m), *o = node_at(b, u);
        if (q->role != ROLE_STEP || q->op->id != OPID_matmul || q->adds || q->kept || b->uses[m] != 1) continue;
        if (o->kept || b->uses[u] != 1 || u == m || q->y.dtype != n->y.dtype || o->y.dtype != n->y.dtype) continue;
        if (o->role != ROLE_STEP && (o->role != ROLE_REGION || b->extent[u] != FULL)) continue;
        if (!dtype_float(n->y.dtype) || !same_shape(q->y.rank, q->y.shape, 2, n->y.shape) ||
            !same_shape(o->y.rank, o->y.shape, 2, n->y.shape))
            continue;
        const PlanArray *x = array_of(b, q->in[0]), *y = array_of(b, q->in[1]);
        if (x->rank != 2 || y->rank != 2 || x->dtype != n->y.dtype || y->dtype != n->y.dtype) continue;
        PlanRef *in = plan_alloc(b->S, b->p, 3 * sizeof *in);
        if (!in) return false;
        in[0] = q->in[0];
        in[1] = q->in[1];
        in[2] = (PlanRef){FROM_NODE, u};
        n->in = in;
        n->nin = 3;
        n->adds = true;
        n->op = q->op;
        q->role = ROLE_PART;
        q->as = v;
        b->base[v] = b->base[u];
        *done = true;
        return true;
    }
    return true;
}

/* Takes node m out of its region: it is part of another step. */
static void leave(Build *b, uint32_t m, uint32_t as)
{
    Group *g = &b->group[group_of(b, m)];
    uint32_t i = 0;
    while (g->member[i] != m) i++;
    memmove(g->member + i, g->member + i + 1, (g->nmember - i - 1) * sizeof *g->member);
    g->nmember--;
    g->ninstr--;
    g->each--;
    b->in[m] = NONE;
    b->extent[m] = OUTSIDE;
    node_at(b, m)->role = ROLE_PART;
    node_at(b, m)->as = as;
}

/* A sum of products that is a matrix product. */
static bool place_contraction(Build *b, uint32_t v, bool *done)
{
    PlanNode *n = node_at(b, v);
    *done = false;
    if (n->op->id != OPID_sum || n->in[0].from != FROM_NODE) return true;
    uint32_t m = n->in[0].at;
    const PlanNode *q = node_at(b, m);
    if (q->role != ROLE_REGION || q->op->id != OPID_mul || q->kept || b->uses[m] != 1 || b->extent[m] != FULL ||
        q->y.dtype != n->y.dtype || !dtype_float(n->y.dtype) || dtype_of(b, q->in[0]) != n->y.dtype ||
        dtype_of(b, q->in[1]) != n->y.dtype)
        return true;
    Contraction c;
    if (!contraction_of(array_of(b, q->in[0]), array_of(b, q->in[1]), &q->y, (uint32_t)n->attr[1].i, &c)) return true;
    if (!(n->contraction = plan_alloc(b->S, b->p, sizeof c))) return false;
    *n->contraction = c;
    n->in = q->in;
    n->nin = 2;
    n->op = op_table[OPID_matmul];
    leave(b, m, v);
    *done = true;
    return true;
}

/* The layout of a view of what is laid out already; false: it has to be copied. */
static bool lay_view(Build *b, PlanNode *n, uint32_t *base)
{
    PlanRef r = n->in[0];
    if (r.from == FROM_NUMBER) return false;
    struct {
        Tensor t;
        int64_t dim[2 * RANK_MAX];
    } x, y;
    const PlanArray *a = array_of(b, r);
    memset(&x.t, 0, sizeof x.t);
    memset(&y.t, 0, sizeof y.t);
    x.t.rank = (uint8_t)a->rank;
    x.t.contiguous = a->contiguous;
    x.t.n = a->n;
    x.t.dtype = (uint8_t)a->dtype;
    x.t.offset = a->offset;
    memcpy(tensor_shape(&x.t), a->shape, (size_t)a->rank * sizeof(int64_t));
    memcpy(tensor_strides(&x.t), a->stride, (size_t)a->rank * sizeof(int64_t));
    y.t.rank = (uint8_t)n->y.rank;
    y.t.n = n->y.n;
    y.t.dtype = (uint8_t)n->y.dtype;
    memcpy(tensor_shape(&y.t), n->y.shape, (size_t)n->y.rank * sizeof(int64_t));
    if (!n->op->view(b->S, &x.t, n->nattr, n->attr, &y.t)) return false;
    uint32_t from = r.from == FROM_TENSOR ? b->p->nnodes + r.at : b->base[same(b, r.at)];
    const PlanArray *whole = from < b->p->nnodes ? &node_at(b, from)->y : &b->p->tensor[from - b->p->nnodes];
    *base = from;
    if (n->kept && n->op->id == OPID_slice && n->y.n <= whole->n / 8) { /* it would hold all of that: a copy */
        if (!(n->copy = plan_alloc(b->S, b->p, sizeof *n->copy))) return false;
        *n->copy = n->y;
        if (!(n->copy->stride = plan_alloc(b->S, b->p, (size_t)n->y.rank * sizeof(int64_t)))) return false;
        memcpy(n->copy->stride, tensor_strides(&y.t), (size_t)n->y.rank * sizeof(int64_t));
        n->copy->offset = y.t.offset;
        n->copy->contiguous = tensor_row_major(&y.t);
        *base = (uint32_t)(n - b->p->node);
        return false;
    }
    memcpy(n->y.stride, tensor_strides(&y.t), (size_t)n->y.rank * sizeof(int64_t));
    n->y.offset = y.t.offset;
    n->y.contiguous = tensor_row_major(&y.t);
    return true;
}

/* The same operation on the same inputs is done once. */
static bool find_same(Build *b)
{
    Plan *p = b->p;
    size_t cap = 16;
    while (cap < 2 * (size_t)p->nnodes) cap *= 2;
    uint32_t *table = mem_alloc(b->S, cap * sizeof *table);
    if (!table) return false;
    memset(table, 0xff, cap * sizeof *table);
    for (uint32_t v = 0; v < p->nnodes; v++) {
        PlanNode *n = &p->node[v];
        if (n->op->flags & OPF_RANDOM) continue;
        uint64_t h = n->op->id;
        bool numbers = false;
        for (int i = 0; i < n->nin; i++) {
            if (n->in[i].from == FROM_NODE) n->in[i].at = same(b, n->in[i].at);
            numbers |= n->in[i].from == FROM_NUMBER;
            h = (h ^ (n->in[i].from | (uint64_t)n->in[i].at << 2)) * 0x9e3779b97f4a7c15u;
        }
        for (int i = 0; i < n->nattr; i++) h = (h ^ (uint64_t)n->attr[i].i) * 0x9e3779b97f4a7c15u;
        if (numbers) continue; /* their values are not known */
        size_t at = (size_t)(h >> 20) & (cap - 1);
        for (; table[at] != NONE; at = (at + 1) & (cap - 1)) {
            const PlanNode *o = &p->node[table[at]];
            if (o->op != n->op || o->nin != n->nin || o->nattr != n->nattr || o->y.dtype != n->y.dtype) continue;
            if (n->nin && memcmp(o->in, n->in, (size_t)n->nin * sizeof *n->in)) continue;
            if (n->nattr && memcmp(o->attr, n->attr, (size_t)n->nattr * sizeof *n->attr)) continue;
            n->role = ROLE_SAME;
            n->as = table[at];
            break;
        }
        if (table[at] == NONE) table[at] = v;
    }
    mem_free(b->S, table, cap * sizeof *table);
    return true;
}

static bool partition(Build *b)
{
    Plan *p = b->p;
    for (uint32_t v = 0; v < p->nnodes; v++) {
        PlanNode *n = &p->node[v];
        b->in[v] = NONE;
        b->base[v] = v;
        if (n->role == ROLE_SAME) continue;
        n->role = ROLE_STEP;
        bool added = false;
        if (n->op->flags & OPF_VIEW && lay_view(b, n, &b->base[v])) {
            n->role = ROLE_VIEW;
        } else if (b->S->err || !place_accumulate(b, v, &added) || (!added && !place_contraction(b, v, &added))) {
            return false;
        } else if (!added && (n->op->flags & OPF_EACH || n->op->id == OPID_cast) && n->y.n && n->y.rank &&
                   dtypes_taken(b, n)) {
            n->role = ROLE_REGION;
            if (!place_each(b, v)) return false;
            continue;
        } else if (!added && n->op->flags & OPF_REDUCE) {
            bool done;
            if (!place_reduction(b, v, &done)) return false;
            if (done) {
                n->role = ROLE_REGION;
                continue;
            }
        }
        uint64_t *dep = block_alloc(b->S, &b->temp, b->words * sizeof *dep);
        if (!dep) return false;
        b->dep[v] = dep;
        for (int i = 0; i < n->nin; i++)
            if (n->in[i].from == FROM_NODE) add_dep(b, dep, same(b, n->in[i].at));
    }
    /* a region of folds alone shares nothing: the kernels of the operations do it */
    for (size_t g = 0; g < b->ngroup; g++) {
        Group *q = &b->group[g];
        if (q->into != g || q->each || !q->nmember) continue;
        for (uint32_t i = 0; i < q->nmember; i++) {
            uint32_t v = q->member[i];
            p->node[v].role = ROLE_STEP;
            b->extent[v] = OUTSIDE;
            b->in[v] = NONE;
        }
        q->nmember = 0;
    }
    return true;
}

/* ---- order ---- */

/* The node that computes what a reference reads; NONE: it comes from outside of the plan. */
static uint32_t maker_of(const Build *b, PlanRef r)
{
    while (r.from == FROM_NODE) {
        uint32_t u = same(b, r.at);
        if (node_at(b, u)->role != ROLE_VIEW) return u;
        r = node_at(b, u)->in[0];
    }
    return NONE;
}

/* The node whose buffer holds what a reference reads; NONE: it comes from outside of the plan. */
static uint32_t base_of(const Build *b, PlanRef r)
{
    if (r.from != FROM_NODE) return NONE;
    uint32_t base = b->base[same(b, r.at)];
    return base < b->p->nnodes ? base : NONE;
}

/* The nodes of a step, in recording order. */
static const uint32_t *members(const Build *b, const uint32_t *lead, uint32_t *n)
{
    uint32_t g = group_of(b, *lead);
    if (g == NONE) return *n = 1, lead;
    *n = b->group[g].nmember;
    return b->group[g].member;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Steps by their first node (lead), each before those that read from it. */
static bool order(Build *b)
{
    Plan *p = b->p;
    uint32_t n = p->nnodes, nsteps = 0;
    typedef struct Visit {
        uint32_t step, member;
        int input;
    } Visit;
    uint32_t *lead = block_alloc(b->S, &b->temp, n * sizeof *lead);
    uint8_t *state = block_alloc(b->S, &b->temp, n); /* of a step: 1 begun, 2 done */
    Visit *stack = block_alloc(b->S, &b->temp, n * sizeof *stack);
    if (!lead || !state || !stack) return false;
    for (size_t g = 0; g < b->ngroup; g++) qsort(b->group[g].member, b->group[g].nmember, sizeof(uint32_t), by_number);
    for (uint32_t v = 0; v < n; v++) {
        uint8_t role = p->node[v].role;
        uint32_t g = group_of(b, v);
        if (role == ROLE_REGION ? b->group[g].member[0] != v : role != ROLE_STEP) continue;
        lead[nsteps] = v;
        uint32_t count;
        const uint32_t *m = members(b, &lead[nsteps], &count);
        for (uint32_t k = 0; k < count; k++) b->step[m[k]] = nsteps;
        nsteps++;
    }
    if (!(p->step = plan_alloc(b->S, p, nsteps * sizeof *p->step))) return false;
    for (uint32_t s = 0; s < nsteps; s++) {
        uint32_t depth = 0;
        if (!state[s]) stack[depth++] = (Visit){s, 0, 0};
        while (depth) {
            Visit *w = &stack[depth - 1];
            uint32_t count, need = NONE;
            const uint32_t *m = members(b, &lead[w->step], &count);
            state[w->step] = 1;
            while (w->member < count && need == NONE) {
                const PlanNode *q = &p->node[m[w->member]];
                if (w->input >= q->nin) {
                    w->member++;
                    w->input = 0;
                    continue;
                }
                uint32_t from = maker_of(b, q->in[w->input++]);
                if (from != NONE && b->step[from] != w->step && state[b->step[from]] != 2) need = b->step[from];
            }
            if (need != NONE) {
                if (state[need] == 1 || depth == n)
                    return diag_fail(b->S, DIAG_INTERNAL, "the steps of a plan wait for each other");
                stack[depth++] = (Visit){need, 0, 0};
                continue;
            }
            state[w->step] = 2;
            PlanStep *step = &p->step[p->nsteps];
            uint32_t *list = plan_alloc(b->S, p, count * sizeof *list);
            if (!list) return false;
            memcpy(list, m, count * sizeof *list);
            step->nodes = list;
            step->nnodes = count;
            step->node = list[count - 1];
            p->nsteps++;
            depth--;
        }
    }
    for (uint32_t s = 0; s < p->nsteps; s++)
        for (uint32_t k = 0; k < p->step[s].nnodes; k++) p->node[p->step[s].nodes[k]].step = s;
    return true;
}

/* ---- places ---- */

static void want(Build *b, uint32_t v, uint8_t how)
{
    uint32_t base = b->base[v];
    if (b->needed[v] < how) b->needed[v] = how;
    if (base < b->p->nnodes && b->needed[base] < how) b->needed[base] = how;
}

/* Which values leave their regions, and the last step that reads each base. */
static void find_needed(Build *b)
{
    Plan *p = b->p;
    for (uint32_t v = 0; v < p->nnodes; v++)
        if (p->node[v].kept) want(b, same(b, v), KEPT);
    for (uint32_t s = 0; s < p->nsteps; s++)
        for (uint32_t k = 0; k < p->step[s].nnodes; k++) {
            uint32_t v = p->step[s].nodes[k], g = group_of(b, v), at;
            const PlanNode *n = &p->node[v];
            for (int i = 0; i < n->nin; i++) {
                if (n->in[i].from != FROM_NODE) continue;
                if (g != NONE && reads(b, g, v, i, (Extent)b->extent[v], &at) != OUTSIDE) continue;
                want(b, same(b, n->in[i].at), NEEDED);
                uint32_t base = base_of(b, n->in[i]);
                if (base != NONE) b->last[base] = s; /* steps ascend */
            }
        }
}

/* An array of a result: row-major. */
static uint32_t buf_new(Build *b, const PlanArray *y, bool kept, uint32_t from, uint32_t to)
{
    Plan *p = b->p;
    PlanBuf *q = &p->buf[p->nbufs];
    *q = (PlanBuf){.kind = kept ? BUF_RESULT : BUF_ARENA, .first = from, .last = to > from ? to : from};
    q->bytes = (size_t)y->n * dtype_size[y->dtype];
    return p->nbufs++;
}

/* The array that a reference reads, with its buffer. Those of tensors from outside come first. */
static PlanArray located(const Build *b, PlanRef r)
{
    if (r.from == FROM_NODE) r.at = same(b, r.at);
    PlanArray x = *array_of(b, r);
    uint32_t base = r.from == FROM_NODE ? b->base[r.at] : b->p->nnodes + r.at;
    x.buf = base < b->p->nnodes ? b->p->node[base].y.buf : base - b->p->nnodes;
    return x;
}

/* The input of region step s whose buffer the value `out` may take over: it dies here, is read in no other way, and is
** laid out as the result is. */
static int takes_over(Build *b, uint32_t s, const PlanArray *y)
{
    Plan *p = b->p;
    const PlanStep *st = &p->step[s];
    for (uint32_t i = 0; i < st->region.nin; i++) {
        const PlanArray *x = &st->region.in[i];
        if (x->buf == NONE) continue;
        PlanBuf *q = &p->buf[x->buf];
        if (q->kind != BUF_ARENA || q->last != s || q->first == s || x->dtype != y->dtype || x->n != y->n ||
            x->offset || !x->contiguous || q->bytes != (size_t)y->n * dtype_size[y->dtype] ||
            !same_shape(x->rank, x->shape, y->rank, y->shape))
            continue;
        bool again = false;
        for (uint32_t k = 0; k < st->region.nin; k++) again |= k != i && st->region.in[k].buf == x->buf;
        if (!again) return (int)i;
    }
    return -1;
}

/* Strides of array x over the space of group q; rows: it has one element a row. */
static void lay_over(const Group *q, const PlanArray *x, bool rows, int64_t *stride)
{
    int shift = q->rank - x->rank;
    if (rows && x->rank == q->rank - 1) shift = 0;
    for (int k = 0; k < q->rank; k++) {
        int j = k - shift;
        bool has = j >= 0 && j < x->rank && !(rows && k == q->rank - 1);
        stride[k] = has && x->shape[j] != 1 ? x->stride[j] : 0;
    }
}

typedef struct Spec {
    RegionSpec *r;
    PlanArray *in;
    PlanRef ref[REGION_INPUTS];
    bool rows[REGION_INPUTS];
    uint32_t num[REGION_NUMBERS];
    uint16_t *instr; /* of a node */
} Spec;

static RegionRef spec_input(Build *b, Spec *w, const Group *q, PlanRef r, bool rows)
{
    RegionSpec *t = w->r;
    if (r.from == FROM_NODE) r.at = same(b, r.at);
    if (r.from == FROM_NUMBER) {
        w->num[t->nnum] = r.at;
        return (RegionRef){REGION_NUMBER, (uint16_t)t->nnum++};
    }
    for (int i = 0; i < t->nin; i++)
        if (w->ref[i].from == r.from && w->ref[i].at == r.at && w->rows[i] == rows)
            return (RegionRef){REGION_INPUT, (uint16_t)i};
    int i = t->nin++;
    w->ref[i] = r;
    w->rows[i] = rows;
    w->in[i] = located(b, r);
    t->in[i].dtype = w->in[i].dtype;
    lay_over(q, &w->in[i], rows, t->in[i].stride);
    return (RegionRef){REGION_INPUT, (uint16_t)i};
}

/* The power by 2 and by -1 are operations of their own. */
static const OpDef *simple_op(const PlanNode *n, int *nin)
{
    *nin = n->nin;
    if (!n->exponent || (*n->exponent != 2 && *n->exponent != -1)) return n->op;
    *nin = 1;
    return op_table[*n->exponent == 2 ? OPID_square : OPID_reciprocal];
}

static bool region_step(Build *b, uint32_t s)
{
    Plan *p = b->p;
    PlanStep *st = &p->step[s];
    uint32_t g = group_of(b, st->nodes[0]), at;
    const Group *q = &b->group[g];
    Spec w = {.r = b->spec, .in = b->spec_in, .instr = b->instr};
    PlanArray *out = plan_alloc(b->S, p, st->nnodes * sizeof *out);
    if (!out) return false;
    RegionSpec *t = memset(w.r, 0, sizeof *w.r);
    t->rank = q->rank;
    memcpy(t->shape, q->shape, (size_t)q->rank * sizeof *t->shape);
    for (uint32_t k = 0; k < st->nnodes; k++) {
        uint32_t v = st->nodes[k];
        const PlanNode *n = &p->node[v];
        Extent e = (Extent)b->extent[v];
        RegionRef x[3];
        int nin;
        const OpDef *op = simple_op(n, &nin);
        for (int i = 0; i < nin; i++) {
            if (reads(b, g, v, i, e, &at) != OUTSIDE) x[i] = (RegionRef){REGION_INSTR, w.instr[at]};
            else x[i] = spec_input(b, &w, q, n->in[i], e == ROW && !(n->op->flags & OPF_REDUCE));
        }
        RegionRef y = x[0];
        double scale = 1;
        RegionOutKind kind = e == TOTAL ? REGION_SUM_ALL : e == DOWN ? REGION_SUM_DOWN : REGION_STORE;
        if (kind == REGION_STORE) {
            RegionInstr *in = &t->instr[t->ninstr];
            *in = (RegionInstr){.op = op, .fold = n->op->flags & OPF_REDUCE, .dtype = n->y.dtype, .nx = nin};
            memcpy(in->x, x, (size_t)nin * sizeof *x);
            w.instr[v] = (uint16_t)t->ninstr;
            y = (RegionRef){REGION_INSTR, (uint16_t)t->ninstr++};
        } else if (n->op->id == OPID_mean) {
            scale = (double)n->y.n / (double)array_of(b, n->in[0])->n;
        }
        if (!b->needed[v]) continue;
        bool rows = e == TOTAL ? b->extent[at] == ROW : e == ROW;
        t->out[t->nout] = (RegionOut){.kind = kind, .value = y, .dtype = n->y.dtype, .scale = scale, .alias = -1};
        t->out[t->nout].of = rows ? REGION_OF_ROWS : REGION_OF_SPACE;
        out[t->nout++] = n->y;
    }
    if (!(st->region.in = plan_alloc(b->S, p, (size_t)t->nin * sizeof *w.in))) return false;
    memcpy(st->region.in, w.in, (size_t)t->nin * sizeof *w.in);
    st->region.nin = (uint32_t)t->nin;
    int given = 0;
    for (uint32_t k = 0; k < st->nnodes; k++) {
        uint32_t v = st->nodes[k];
        if (!b->needed[v]) continue;
        PlanArray *y = &p->node[v].y;
        int i = (b->needed[v] == KEPT) || b->extent[v] != FULL || given ? -1 : takes_over(b, s, y);
        uint32_t o = st->region.nout++;
        if (i >= 0) {
            y->buf = w.in[i].buf;
            p->buf[y->buf].last = b->last[v] > s ? b->last[v] : s;
            t->out[o].alias = i;
            given++;
        } else {
            y->buf = buf_new(b, y, (b->needed[v] == KEPT), s, b->last[v]);
        }
        out[o] = *y;
    }
    st->region.out = out;
    st->region.nnum = (uint32_t)t->nnum;
    if (!(st->region.num = plan_alloc(b->S, p, (size_t)t->nnum * sizeof *w.num))) return false;
    memcpy(st->region.num, w.num, (size_t)t->nnum * sizeof *w.num);
    st->region.region = region_new(b->S, t);
    if (!st->region.region) return false;
    st->run = plan_step_region;
    st->region.scratch = region_scratch(b->S, st->region.region);
    if (st->region.scratch > p->scratch) p->scratch = st->region.scratch;
    return true;
}

static bool lib_step(Build *b, uint32_t s)
{
    Plan *p = b->p;
    PlanStep *st = &p->step[s];
    uint32_t v = st->node;
    PlanNode *n = &p->node[v];
    int nin = n->nin;
    Run *r = plan_alloc(b->S, p, sizeof *r);
    uint32_t *buf = plan_alloc(b->S, p, ((size_t)nin + 1) * sizeof *buf);
    uint32_t *num = plan_alloc(b->S, p, (size_t)nin * sizeof *num);
    int64_t *offset = plan_alloc(b->S, p, (size_t)nin * sizeof *offset);
    double *scalar = plan_alloc(b->S, p, (size_t)nin * sizeof *scalar);
    if (!r || !buf || !num || !offset || !scalar) return false;
    *r = (Run){.S = b->S, .op = n->op, .nin = nin, .nattr = n->nattr, .attr = n->attr, .at = n->at};
    if (nin > OP_INPUTS && !(r->more = plan_alloc(b->S, p, (size_t)nin * sizeof *r->more))) return false;
    Arr *arr = r->more ? r->more : r->x;
    DType as = n->y.dtype != DT_BOOL ? n->y.dtype : DT_F64;
    if (n->y.dtype == DT_BOOL && n->op->flags & OPF_EACH)
        for (int i = nin - 1; i >= 0; i--)
            if (n->in[i].from != FROM_NUMBER) as = dtype_of(b, n->in[i]);
    for (int i = 0; i < nin; i++) {
        if (n->in[i].from == FROM_NUMBER) {
            DType dt = n->op->kernel == K_where && i == 0 ? DT_BOOL : as;
            arr[i] = (Arr){&scalar[i], dt, 0, NULL, NULL, 1, true};
            buf[i] = NONE;
            num[i] = n->in[i].at;
            continue;
        }
        PlanArray x = located(b, n->in[i]);
        if (n->copy) {
            n->copy->buf = x.buf;
            x = *n->copy;
            r->op = op_table[OPID_cast];
        }
        arr[i] = (Arr){NULL, x.dtype, x.rank, x.shape, x.stride, x.n, x.contiguous};
        buf[i] = x.buf;
        offset[i] = x.offset * (int64_t)dtype_size[x.dtype];
    }
    n->y.buf = n->adds ? p->node[b->base[v]].y.buf : buf_new(b, &n->y, b->needed[v] == KEPT, s, b->last[v]);
    buf[nin] = n->y.buf;
    r->y = (Arr){NULL, n->y.dtype, n->y.rank, n->y.shape, n->y.stride, n->y.n, true};
    st->lib.run = r;
    st->lib.buf = buf;
    st->lib.num = num;
    st->lib.offset = offset;
    st->lib.contraction = n->contraction;
    st->run = n->adds ? plan_step_add_product : n->contraction ? plan_step_contract : plan_step_lib;
    return true;
}

/* ---- the arena ---- */

static int larger_first(const void *a, const void *b)
{
    const PlanBuf *x = *(PlanBuf *const *)a, *y = *(PlanBuf *const *)b;
    if (x->bytes != y->bytes) return x->bytes > y->bytes ? -1 : 1;
    return x->first != y->first ? (x->first < y->first ? -1 : 1) : x < y ? -1 : x > y;
}

enum { LINE = 64, PAGE = 4096, STAGGER = 9 * LINE };

/* Offsets: each buffer as low as those that live when it does leave room. */
static bool place(Build *b)
{
    Plan *p = b->p;
    PlanBuf **all = block_alloc(b->S, &b->temp, p->nbufs * sizeof *all),
            **placed = block_alloc(b->S, &b->temp, p->nbufs * sizeof *placed); /* by offset */
    uint32_t n = 0;
    if (!all || !placed) return false;
    for (uint32_t i = 0; i < p->nbufs; i++)
        if (p->buf[i].kind == BUF_ARENA) all[n++] = &p->buf[i];
    qsort(all, n, sizeof *all, larger_first);
    for (uint32_t i = 0; i < n; i++) {
        PlanBuf *q = all[i];
        size_t size = (q->bytes + LINE - 1) / LINE * LINE, at = 0;
        if (!size) size = LINE;
        if (size >= PAGE) size += STAGGER; /* the next one starts elsewhere in its page */
        for (uint32_t k = 0; k < i; k++) {
            const PlanBuf *o = placed[k];
            if (o->first > q->last || q->first > o->last) continue;
            if (o->offset >= at + size) break;
            if (o->end > at) at = o->end;
        }
        q->offset = at;
        q->end = at + size;
        uint32_t k = i;
        for (; k && placed[k - 1]->offset > at; k--) placed[k] = placed[k - 1];
        placed[k] = q;
        if (q->end > p->arena) p->arena = q->end;
    }
    return true;
}

static bool build(Build *b)
{
    Plan *p = b->p;
    uint32_t n = p->nnodes;
    b->words = n / 64 + 1;
    b->in = block_alloc(b->S, &b->temp, n * sizeof *b->in);
    b->extent = block_alloc(b->S, &b->temp, n);
    b->needed = block_alloc(b->S, &b->temp, n);
    b->dep = block_alloc(b->S, &b->temp, n * sizeof *b->dep);
    b->base = block_alloc(b->S, &b->temp, n * sizeof *b->base);
    b->step = block_alloc(b->S, &b->temp, n * sizeof *b->step);
    b->last = block_alloc(b->S, &b->temp, n * sizeof *b->last);
    b->uses = block_alloc(b->S, &b->temp, n * sizeof *b->uses);
    b->seen = block_alloc(b->S, &b->temp, b->words * sizeof *b->seen);
    b->edge = block_alloc(b->S, &b->temp, b->words * sizeof *b->edge);
    if (!b->in || !b->extent || !b->needed || !b->dep || !b->base || !b->step || !b->last || !b->uses || !b->seen ||
        !b->edge)
        return false;
    if (!find_same(b)) return false;
    for (uint32_t v = 0; v < n; v++)
        for (int i = 0; p->node[v].role != ROLE_SAME && i < p->node[v].nin; i++)
            if (p->node[v].in[i].from == FROM_NODE) b->uses[p->node[v].in[i].at]++;
    if (!partition(b) || !order(b)) return false;
    find_needed(b);
    p->buf = plan_alloc(b->S, p, ((size_t)p->ntensors + n) * sizeof *p->buf);
    b->spec = block_alloc(b->S, &b->temp, sizeof *b->spec);
    b->spec_in = block_alloc(b->S, &b->temp, REGION_INPUTS * sizeof *b->spec_in);
    b->instr = block_alloc(b->S, &b->temp, n * sizeof *b->instr);
    if (!p->buf || !b->spec || !b->spec_in || !b->instr) return false;
    for (uint32_t i = 0; i < p->ntensors; i++) p->buf[p->nbufs++] = (PlanBuf){.kind = BUF_TENSOR, .tensor = i};
    for (uint32_t s = 0; s < p->nsteps; s++)
        if (!(group_of(b, p->step[s].node) != NONE ? region_step(b, s) : lib_step(b, s))) return false;
    for (uint32_t v = 0; v < n; v++) {
        PlanNode *q = &p->node[v];
        if (q->role == ROLE_VIEW) q->y.buf = located(b, (PlanRef){FROM_NODE, v}).buf;
    }
    for (uint32_t v = 0; v < n; v++)
        if (p->node[v].role == ROLE_SAME) p->node[v].y = located(b, (PlanRef){FROM_NODE, v});
    return place(b);
}

bool plan_build(State *S, Plan *p)
{
    Build b = {.S = S, .p = p};
    bool ok = build(&b);
    p->size = sizeof *p;
    for (const PlanBlock *k = p->memory; k; k = k->next) p->size += k->cap;
    for (uint32_t s = 0; s < p->nsteps; s++)
        if (p->step[s].run == plan_step_region) p->size += region_bytes(p->step[s].region.region);
    mem_free(S, b.group, b.capgroup * sizeof *b.group);
    blocks_free(S, b.temp);
    return ok;
}
