/* plan.c -- finding the plan of what is asked for, and running it.
**
** Gathering goes back over the graph from the last tensor asked for, counting how often the plan itself holds each
** result: one with more holders is kept and gets storage of its own. The key is then written in recording order; it
** says all that a plan depends on, and nothing else.
** SPDX-License-Identifier: MIT */
#include "runtime/plan.h"
#include <string.h>
#include "runtime/kernels/kernels.h"
#include "runtime/profile.h"
#include "runtime/state.h"

enum {
    CHECK_EVERY = 1 << 14, /* elements of a result from which limits are looked at before a step */
    PLAN_BYTES = 32 << 20, /* of plans that are remembered */
};

/* What one force gathers. Taken out of the state while in use: a kernel may record and force. */
typedef struct Gather {
    Tensor **node, **tensor;
    double *num;
    bool *kept;
    uint64_t *key;
    char **buf;
    Storage **own;
    size_t nnode, ntensor, nnum, nkept, nkey, nbuf, nown;
    size_t capnode, captensor, capnum, capkept, capkey, capbuf, capown;
} Gather;

static void gather_free(State *S, Gather *g)
{
    mem_free(S, g->node, g->capnode * sizeof *g->node);
    mem_free(S, g->tensor, g->captensor * sizeof *g->tensor);
    mem_free(S, g->num, g->capnum * sizeof *g->num);
    mem_free(S, g->kept, g->capkept * sizeof *g->kept);
    mem_free(S, g->key, g->capkey * sizeof *g->key);
    mem_free(S, g->buf, g->capbuf * sizeof *g->buf);
    mem_free(S, g->own, g->capown * sizeof *g->own);
    mem_free(S, g, sizeof *g);
}

/* ---- the key ---- */

static bool room(State *S, Gather *g, size_t words)
{
    while (g->capkey < g->nkey + words)
        if (!mem_grow(S, (void **)&g->key, &g->capkey, g->capkey, sizeof *g->key)) return false;
    return true;
}

enum { REF_NODE, REF_TENSOR, REF_NUMBER, REF_BOOL };

static bool put_input(State *S, Gather *g, const Node *n, int i, uint64_t *word)
{
    Value v = n->x[i];
    if (v.tag == T_TENSOR && v.t->node) {
        *word = REF_NODE | (uint64_t)(v.t->mark - 1) << 2;
    } else if (v.tag == T_TENSOR) {
        if (!v.t->mark) {
            if (!MEM_PUSH(S, g->tensor, g->ntensor, g->captensor)) return false;
            g->tensor[g->ntensor++] = v.t;
            v.t->mark = (uint32_t)g->ntensor;
        }
        *word = REF_TENSOR | (uint64_t)(v.t->mark - 1) << 2;
    } else {
        if (!MEM_PUSH(S, g->num, g->nnum, g->capnum)) return false;
        *word = (v.tag == T_BOOL ? REF_BOOL : REF_NUMBER) | (uint64_t)g->nnum << 2;
        g->num[g->nnum++] = v.tag == T_BOOL ? v.b : v.n;
    }
    return true;
}

static bool put_node(State *S, Gather *g, size_t k)
{
    const Tensor *t = g->node[k];
    const Node *n = t->node;
    bool random = n->op->flags & OPF_RANDOM;
    if (!room(S, g, (size_t)n->nin + (size_t)n->nattr + RANK_MAX + 2)) return false;
    uint64_t *w = g->key + g->nkey;
    *w++ = (uint64_t)n->op->id | (uint64_t)t->dtype << 12 | (uint64_t)t->rank << 16 | (uint64_t)g->kept[k] << 24 |
           (uint64_t)n->nattr << 32;
    if (n->op->nin < 0) *w++ = (uint64_t)n->nin;
    for (int i = 0; i < n->nin; i++)
        if (!put_input(S, g, n, i, w++)) return false;
    if (n->op->id == OPID_pow && n->x[1].tag == T_NUM) memcpy(w++, &n->x[1].n, sizeof *w);
    if (random)
        for (int i = 0; i < t->rank; i++) *w++ = (uint64_t)t->dim[i];
    else
        for (int i = 0; i < n->nattr; i++) *w++ = (uint64_t)n->attr[i].i;
    g->nkey = (size_t)(w - g->key);
    return true;
}

static bool put_tensor(State *S, Gather *g, const Tensor *t)
{
    int n = t->contiguous ? t->rank : 2 * t->rank;
    if (!room(S, g, (size_t)n + 1)) return false;
    uint64_t *w = g->key + g->nkey;
    *w++ = (uint64_t)t->dtype | (uint64_t)t->rank << 8 | (uint64_t)t->contiguous << 16;
    for (int k = 0; k < n; k++) *w++ = (uint64_t)t->dim[k];
    g->nkey = (size_t)(w - g->key);
    return true;
}

static uint64_t hash_of(const uint64_t *w, size_t n)
{
    uint64_t a = 0x9e3779b97f4a7c15u, b = 0xd1b54a32d192ed03u;
    for (size_t i = 0; i < n; i++) {
        __uint128_t m = (__uint128_t)(a ^ w[i]) * 0xa0761d6478bd642fu;
        a = b ^ (uint64_t)m;
        b = (uint64_t)(m >> 64);
    }
    return a ^ b;
}

/* ---- gathering ---- */

/* Takes back what gathering has left on tensors. */
static void unmark(Gather *g)
{
    for (size_t i = 0; i < g->nnode; i++) {
        g->node[i]->mark = 0;
        g->node[i]->node->wanted = false;
    }
    for (size_t i = 0; i < g->ntensor; i++) g->tensor[i]->mark = 0;
}

/* The nodes that are needed, in recording order, and whether each is kept. Marks count holders, then number nodes. */
static bool gather_nodes(State *S, Gather *g, Tensor *const *root, size_t n)
{
    Tensor *last = NULL;
    size_t open = 0;
    for (Tensor *t = root ? NULL : S->graph.last; t; t = t->node->prev) {
        if (tensor_by_rows(t)) continue; /* stays what it is until somebody wants the table */
        t->node->wanted = true;
        open++;
        if (!last) last = t;
    }
    for (size_t i = 0; root && i < n; i++) {
        Node *nd = root[i]->node;
        if (!nd || nd->wanted) continue;
        nd->wanted = true;
        open++;
        if (!last || nd->seq > last->node->seq) last = root[i];
    }
    bool ok = true;
    for (Tensor *t = last; open; t = t->node->prev) {
        Node *nd = t->node;
        if (!nd->wanted) continue;
        open--;
        ok = ok && MEM_PUSH(S, g->node, g->nnode, g->capnode) && MEM_PUSH(S, g->kept, g->nkept, g->capkept);
        if (!ok) { /* goes on, to take the marks back */
            nd->wanted = false;
            t->mark = 0;
        } else {
            g->kept[g->nkept++] = t->obj.rc > t->mark;
            g->node[g->nnode++] = t;
        }
        for (int i = 0; i < nd->nin; i++) {
            Tensor *x = nd->x[i].tag == T_TENSOR ? nd->x[i].t : NULL;
            if (!x || !x->node) continue;
            x->mark++;
            if (x->node->wanted) continue;
            x->node->wanted = true;
            open++;
        }
    }
    for (size_t i = 0, j = g->nnode; ok && i + 1 < j; i++) {
        j--;
        Tensor *t = g->node[i];
        g->node[i] = g->node[j];
        g->node[j] = t;
        bool k = g->kept[i];
        g->kept[i] = g->kept[j];
        g->kept[j] = k;
    }
    for (size_t i = 0; ok && i < g->nnode; i++) g->node[i]->mark = (uint32_t)i + 1;
    return ok;
}

/* ---- the cache ---- */

static void unlink_use(Plans *c, Plan *p)
{
    if (p->newer) p->newer->older = p->older;
    else c->newest = p->older;
    if (p->older) p->older->newer = p->newer;
    else c->oldest = p->newer;
}

static void link_use(Plans *c, Plan *p)
{
    p->newer = NULL;
    p->older = c->newest;
    if (c->newest) c->newest->newer = p;
    else c->oldest = p;
    c->newest = p;
}

static void forget(State *S, Plan *p)
{
    Plans *c = &S->plans;
    Plan **at = &c->table[p->hash % PLAN_CACHE];
    while (*at != p) at = &(*at)->next;
    *at = p->next;
    unlink_use(c, p);
    c->n--;
    c->bytes -= p->size;
    plan_free(S, p);
}

static Plan *find(State *S, const Gather *g, uint64_t hash)
{
    Plans *c = &S->plans;
    Plan *p = c->table[hash % PLAN_CACHE];
    while (p && (p->hash != hash || p->nkey != g->nkey || memcmp(p->key, g->key, g->nkey * sizeof *g->key)))
        p = p->next;
    if (!p) return NULL;
    c->stats.hits++;
    if (c->newest != p) {
        unlink_use(c, p);
        link_use(c, p);
    }
    return p;
}

static PlanRef ref_of(Value v, uint32_t *num)
{
    if (v.tag == T_TENSOR) return (PlanRef){v.t->node ? FROM_NODE : FROM_TENSOR, v.t->mark - 1};
    return (PlanRef){FROM_NUMBER, (*num)++};
}

static bool array_like(State *S, Plan *p, PlanArray *a, const Tensor *t)
{
    int64_t *dim = plan_alloc(S, p, 2 * (size_t)t->rank * sizeof *dim);
    if (!dim) return false;
    memcpy(dim, t->dim, 2 * (size_t)t->rank * sizeof *dim);
    *a = (PlanArray){(DType)t->dtype, t->rank, t->contiguous, UINT32_MAX, t->n, 0, dim, dim + t->rank};
    return true;
}

/* Copies what was gathered into p: it outlives the nodes. */
static bool describe(State *S, Plan *p, const Gather *g)
{
    uint32_t num = 0;
    p->nkey = g->nkey;
    p->nnodes = (uint32_t)g->nnode;
    p->ntensors = (uint32_t)g->ntensor;
    p->nnumbers = (uint32_t)g->nnum;
    p->key = plan_alloc(S, p, g->nkey * sizeof *p->key);
    p->node = plan_alloc(S, p, g->nnode * sizeof *p->node);
    p->tensor = plan_alloc(S, p, g->ntensor * sizeof *p->tensor);
    if (!p->key || !p->node || !p->tensor) return false;
    memcpy(p->key, g->key, g->nkey * sizeof *p->key);
    for (size_t i = 0; i < g->ntensor; i++)
        if (!array_like(S, p, &p->tensor[i], g->tensor[i])) return false;
    for (size_t i = 0; i < g->nnode; i++) {
        const Node *n = g->node[i]->node;
        PlanNode *q = &p->node[i];
        PlanRef *in = plan_alloc(S, p, (size_t)n->nin * sizeof *in);
        Attr *attr = plan_alloc(S, p, (size_t)n->nattr * sizeof *attr);
        if (!in || !attr) return false;
        if (n->nattr) memcpy(attr, n->attr, (size_t)n->nattr * sizeof *attr);
        for (int k = 0; k < n->nin; k++) in[k] = ref_of(n->x[k], &num);
        *q = (PlanNode){.op = n->op, .attr = attr, .in = in, .at = n->at, .nin = n->nin, .nattr = n->nattr};
        q->kept = g->kept[i];
        if (!array_like(S, p, &q->y, g->node[i])) return false;
        if (n->op->id == OPID_pow && n->x[1].tag == T_NUM) {
            double *e = plan_alloc(S, p, sizeof *e);
            if (!e) return false;
            *e = n->x[1].n;
            q->exponent = e;
        }
    }
    return true;
}

static Plan *make(State *S, const Gather *g, uint64_t hash)
{
    Plans *c = &S->plans;
    Plan *p = mem_zalloc(S, sizeof *p);
    if (!p) return NULL;
    p->hash = hash;
    bool ok = describe(S, p, g) && plan_build(S, p);
    if (ok) plan_measure(p);
    if (!ok || (S->plan_dump.write && !plan_show(S, p, g->node, g->tensor, g->num))) {
        plan_free(S, p);
        return NULL;
    }
    c->stats.misses++;
    size_t most = S->mem.limit && S->mem.limit / 16 < PLAN_BYTES ? S->mem.limit / 16 : PLAN_BYTES;
    for (Plan *old = c->oldest, *newer; old && (c->n >= PLAN_CACHE || c->bytes + p->size > most); old = newer) {
        newer = old->newer;
        if (old->busy) continue;
        forget(S, old);
        c->stats.evictions++;
    }
    c->bytes += p->size;
    p->next = c->table[hash % PLAN_CACHE];
    c->table[hash % PLAN_CACHE] = p;
    link_use(c, p);
    c->n++;
    return p;
}

void plans_trim(State *S)
{
    for (Plan *p = S->plans.oldest, *newer; p; p = newer) {
        newer = p->newer;
        if (!p->busy) forget(S, p);
    }
}

void plans_deinit(State *S)
{
    while (S->plans.oldest) forget(S, S->plans.oldest);
    if (S->plans.gather) gather_free(S, S->plans.gather);
    S->plans.gather = NULL;
}

/* ---- running ---- */

void plan_region_addresses(PlanRun *p, const PlanStep *s, const void **in, double *num, void **out)
{
    for (uint32_t i = 0; i < s->region.nin; i++) {
        const PlanArray *x = &s->region.in[i];
        in[i] = p->buf[x->buf] + x->offset * (int64_t)dtype_size[x->dtype];
    }
    for (uint32_t i = 0; i < s->region.nout; i++) out[i] = p->buf[s->region.out[i].buf];
    for (uint32_t i = 0; i < s->region.nnum; i++) num[i] = p->num[s->region.num[i]];
}

bool plan_step_region(PlanRun *p, const PlanStep *s)
{
    const void *in[REGION_INPUTS];
    void *out[REGION_OUTPUTS];
    double num[REGION_NUMBERS];
    plan_region_addresses(p, s, in, num, out);
    region_run(p->S, s->region.region, in, num, out, p->scratch);
    p->S->plans.stats.regions++;
    return vm_check(p->S);
}

Run *plan_addresses(PlanRun *p, const PlanStep *s)
{
    Run *r = s->lib.run;
    Arr *x = r->more ? r->more : r->x;
    for (int i = 0; i < r->nin; i++) {
        if (s->lib.buf[i] != UINT32_MAX) x[i].p = p->buf[s->lib.buf[i]] + s->lib.offset[i];
        else convert_loop(x[i].dtype, x[i].p, DT_F64, &p->num[s->lib.num[i]], 1, 1);
    }
    const Node *n = p->node[s->node]->node;
    r->y.p = p->buf[s->lib.buf[r->nin]];
    r->attr = n->attr;
    r->at = n->at;
    p->S->plans.stats.library++;
    return r;
}

bool plan_step_lib(PlanRun *p, const PlanStep *s)
{
    Run *r = plan_addresses(p, s);
    return r->op->run ? r->op->run(r) : each_run(r);
}

bool plan_step_add_product(PlanRun *p, const PlanStep *s)
{
    Run *r = plan_addresses(p, s);
    const Arr *a = &r->x[0], *b = &r->x[1];
    Mat x = {a->p, a->shape[0], a->shape[1], a->stride[0], a->stride[1]};
    Mat y = {b->p, b->shape[0], b->shape[1], b->stride[0], b->stride[1]};
    return mat_product_into(p->S, r->y.dtype, 1, x, y, true, r->y.p, r->y.shape[1]);
}

/* Addresses of all buffers; storage for the results. */
static bool bind(State *S, const Plan *p, Gather *g, char *arena)
{
    while (g->capbuf < p->nbufs)
        if (!mem_grow(S, (void **)&g->buf, &g->capbuf, g->capbuf, sizeof *g->buf)) return false;
    while (g->capown < p->nbufs)
        if (!mem_grow(S, (void **)&g->own, &g->capown, g->capown, sizeof *g->own)) return false;
    for (g->nown = 0; g->nown < p->nbufs; g->nown++) {
        const PlanBuf *b = &p->buf[g->nown];
        const Tensor *t = b->kind == BUF_TENSOR ? g->tensor[b->tensor] : NULL;
        Storage *st = NULL;
        if (b->kind == BUF_RESULT && !(st = storage_new(S, b->bytes))) return false;
        g->own[g->nown] = st;
        g->buf[g->nown] = t    ? (char *)t->st->data + t->offset * (int64_t)dtype_size[t->dtype]
                          : st ? (char *)st->data
                               : arena + b->offset;
    }
    return true;
}

static bool run_steps(State *S, Plan *p, Gather *g, char *scratch)
{
    PlanRun r = {S, p, g->buf, g->num, g->node, scratch};
    PlanStats *stats = &S->plans.stats;
    for (uint32_t i = 0; i < p->nsteps; i++) {
        const PlanStep *s = &p->step[i];
        const PlanNode *n = &p->node[s->node];
        Span at = g->node[s->node]->node->at;
        if (!(n->y.n >= CHECK_EVERY && !vm_check(S)) && (S->profile ? profile_step(&r, s) : s->run(&r, s))) continue;
        if (S->err && at.file) S->err->at = at;
        return false;
    }
    stats->steps += p->nsteps;
    stats->bytes += p->bytes;
    p->runs++;
    return true;
}

/* The results that are kept are settled; the rest goes with the nodes. */
static void hand_over(State *S, const Plan *p, Gather *g)
{
    for (uint32_t i = 0; i < p->nnodes; i++) {
        if (!p->node[i].kept) continue;
        const PlanArray *y = &p->node[i].y;
        const PlanBuf *b = &p->buf[y->buf];
        Tensor *t = g->node[i], *from = b->kind == BUF_TENSOR ? g->tensor[b->tensor] : NULL;
        t->st = from ? from->st : g->own[y->buf];
        t->st->rc++;
        t->offset = y->offset + (from ? from->offset : 0);
        if (p->node[i].role >= ROLE_VIEW && y->rank) { /* or the same as a view */
            memcpy(tensor_strides(t), y->stride, (size_t)y->rank * sizeof *y->stride);
            t->contiguous = y->contiguous;
        }
    }
    for (uint32_t i = 0; i < p->nnodes; i++)
        if (p->node[i].kept) graph_settle(S, g->node[i]);
}

static bool run(State *S, Plan *p, Gather *g)
{
    size_t cap = 0, bytes = p->arena + p->scratch;
    char *arena = bytes ? mem_block(S, bytes, &cap) : NULL;
    g->nown = 0;
    bool ok = (arena || !bytes) && bind(S, p, g, arena) && run_steps(S, p, g, arena + p->arena);
    unmark(g);
    if (ok) hand_over(S, p, g);
    for (size_t i = 0; i < g->nown; i++) storage_release(S, g->own[i]);
    if (arena) mem_block_free(S, arena, cap);
    if (ok) S->graph.run += p->nnodes;
    return ok;
}

bool plan_force(State *S, Tensor *const *root, size_t n)
{
    Gather *g = S->plans.gather;
    ProfileFrame f;
    S->plans.gather = NULL;
    if (!g && !(g = mem_zalloc(S, sizeof *g))) return false;
    g->nnode = g->ntensor = g->nnum = g->nkept = g->nkey = 0;
    PROFILE_IN(S, f, PHASE_FIND);
    bool ok = gather_nodes(S, g, root, n);
    for (size_t i = 0; ok && i < g->nnode; i++) ok = put_node(S, g, i);
    for (size_t i = 0; ok && i < g->ntensor; i++) ok = put_tensor(S, g, g->tensor[i]);
    Plan *p = NULL;
    if (ok && g->nnode) {
        uint64_t hash = hash_of(g->key, g->nkey);
        p = find(S, g, hash);
        PROFILE_OUT(S, f);
        if (!p) {
            PROFILE_IN(S, f, PHASE_BUILD);
            p = make(S, g, hash);
            PROFILE_OUT(S, f);
        }
        ok = p != NULL;
    } else {
        PROFILE_OUT(S, f);
    }
    if (ok && g->nnode) {
        p->busy++;
        PROFILE_IN(S, f, PHASE_BIND);
        ok = run(S, p, g);
        PROFILE_OUT(S, f);
        p->busy--;
    } else {
        unmark(g);
    }
    if (S->plans.gather) gather_free(S, S->plans.gather); /* a kernel has forced too */
    S->plans.gather = g;
    return ok;
}
