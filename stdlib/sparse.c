/* sparse.c -- Jacobians and Hessians that are mostly zeros: a few sums of rows or columns, taken apart again.
**
** Rows that share no column can be swept back as one: the entries of their sum lie side by side. Greedy colouring of
** the rows (two conflict where both have an entry in one column) puts them into few sums; a column that is nearly full
** would make every row conflict, so the fullest columns are run forward one by one and left out of the colouring. With
** rows and columns changed over this is forward mode; the cheaper of both is taken. A Hessian is symmetric: a full
** column is had from the same row, so reverse mode does all of it.
**
**   entry (r, c)  in the sweep of r's colour at c;  or, where c is run alone, in the run of c at r
**
** The pattern comes from the recording (runtime/pattern.c), or from an earlier result.
** cite  Curtis, Powell and Reid 1974, "On the estimation of sparse Jacobian matrices"; Gebremedhin, Manne and Pothen
**       2005, "What color is your Jacobian?"
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "runtime/batch.h"
#include "stdlib/jacobian.h"

enum { RUN_COSTS = 2 /* a forward run in sweeps of a recording */ };

/* ---- patterns ---- */

static bool transposed(State *S, const Pattern *p, Pattern *t)
{
    *t = (Pattern){.rows = p->columns, .columns = p->rows, .count = p->count, .cap = p->count};
    t->start = mem_zalloc(S, (size_t)(t->rows + 1) * sizeof *t->start);
    t->col = t->start ? mem_alloc(S, (size_t)(p->count ? p->count : 1) * sizeof *t->col) : NULL;
    t->cap = p->count ? p->count : 1;
    if (!t->col) return pattern_free(S, t), false;
    int64_t *at = t->start;
    for (int64_t i = 0; i < p->count; i++) at[p->col[i] + 1]++;
    for (int64_t i = 0; i < t->rows; i++) at[i + 1] += at[i];
    for (int64_t r = p->rows - 1; r >= 0; r--)
        for (int64_t i = p->start[r]; i < p->start[r + 1]; i++) t->col[--at[p->col[i] + 1]] = (int32_t)r;
    memmove(at, at + 1, (size_t)t->rows * sizeof *at); /* each now holds its own start, one place late */
    at[t->rows] = p->count;
    return true;
}

static Value item(Value list, const char *name)
{
    for (int64_t i = 0; i < list.l->len; i++) {
        Str *s = list_name(list.l, i);
        if (s && !strcmp(s->data, name)) return list.l->at[i];
    }
    return NIL;
}

static bool whole_between(double v, double lo, double hi) { return v >= lo && v < hi && v == floor(v); }

static bool is_pattern(Value v)
{
    if (v.tag != T_LIST) return false;
    Value r = item(v, "rows"), c = item(v, "cols"), s = item(v, "shape");
    if (r.tag != T_TENSOR || c.tag != T_TENSOR || r.t->n != c.t->n || r.t->rank != 1 || c.t->rank != 1) return false;
    return s.tag == T_LIST && s.l->len == 2 && s.l->at[0].tag == T_NUM && s.l->at[1].tag == T_NUM;
}

static bool given_wrong(State *S, const char *who, const char *what)
{
    diag_fail(S, DIAG_SPARSE, "%s: %s", who, what);
    return diag_hint(S, "a sparse matrix is what sparse: true gives: (rows:, cols:, values:, shape:)");
}

/* The pattern of an earlier result: places in any order, none twice. */
static bool pattern_given(State *S, const char *who, Value v, int64_t rows, int64_t columns, Pattern *p)
{
    *p = (Pattern){.rows = columns, .columns = rows};
    if (!is_pattern(v)) return given_wrong(S, who, "`pattern` is no sparse matrix");
    const List *shape = item(v, "shape").l;
    if (shape->at[0].n != (double)rows || shape->at[1].n != (double)columns) {
        char text[120];
        snprintf(text, sizeof text, "the pattern is [%.0f, %.0f] and the matrix [%lld, %lld]", shape->at[0].n,
                 shape->at[1].n, (long long)rows, (long long)columns);
        return given_wrong(S, who, text);
    }
    Tensor *r = item(v, "rows").t, *c = item(v, "cols").t;
    if (!tensor_force(S, r) || !tensor_force(S, c)) return false;
    Pattern t = {.rows = columns, .columns = rows, .count = r->n, .cap = r->n ? r->n : 1};
    t.start = mem_zalloc(S, (size_t)(columns + 1) * sizeof *t.start);
    t.col = t.start ? mem_alloc(S, (size_t)t.cap * sizeof *t.col) : NULL;
    bool ok = t.col != NULL;
    for (int64_t i = 0; ok && i < r->n; i++) {
        double a = tensor_get(r, i), b = tensor_get(c, i);
        ok = (whole_between(a, 0, (double)rows) && whole_between(b, 0, (double)columns)) ||
             given_wrong(S, who, "`pattern` names a place outside the matrix");
        if (ok) t.start[(int64_t)b + 1]++;
    }
    for (int64_t i = 0; ok && i < columns; i++) t.start[i + 1] += t.start[i];
    for (int64_t i = r->n - 1; ok && i >= 0; i--)
        t.col[--t.start[(int64_t)tensor_get(c, i) + 1]] = (int32_t)tensor_get(r, i);
    if (ok) {
        memmove(t.start, t.start + 1, (size_t)columns * sizeof *t.start);
        t.start[columns] = t.count;
        ok = transposed(S, &t, p); /* which sorts the columns of each row */
    }
    pattern_free(S, &t);
    for (int64_t k = 0; ok && k < p->rows; k++)
        for (int64_t i = p->start[k] + 1; ok && i < p->start[k + 1]; i++)
            ok = p->col[i] > p->col[i - 1] || given_wrong(S, who, "`pattern` names a place twice");
    if (!ok) pattern_free(S, p);
    return ok;
}

/* ---- which lines go together ---- */

/* The lines of p (its rows) that are summed: line i in sum color[i], or -1 (empty). Columns with alone[c] are left
** out. */
typedef struct Colours {
    int32_t *color;
    uint8_t *alone;
    int64_t n, lone, cost;
} Colours;

static void colours_free(State *S, Colours *k, const Pattern *p)
{
    if (k->color) mem_free(S, k->color, (size_t)(p->rows + 1) * sizeof *k->color);
    if (k->alone) mem_free(S, k->alone, (size_t)(p->columns + 1));
    *k = (Colours){0};
}

/* Marks the fullest columns (rows of t) that are cheaper run alone. */
static bool choose_alone(State *S, const Pattern *p, const Pattern *t, bool may, int64_t costs, Colours *k)
{
    int64_t most = 0, best, at;
    k->color = mem_alloc(S, (size_t)(p->rows + 1) * sizeof *k->color);
    k->alone = k->color ? mem_zalloc(S, (size_t)(p->columns + 1)) : NULL;
    if (!k->alone) return false;
    for (int64_t c = 0; c < t->rows; c++)
        if (t->start[c + 1] - t->start[c] > most) most = t->start[c + 1] - t->start[c];
    best = at = most;
    k->cost = most;
    if (!may || most < 2) return true;
    size_t size = (size_t)(most + 2) * sizeof(int64_t);
    int64_t *fuller = mem_zalloc(S, size), lone = 0; /* columns with that many entries */
    if (!fuller) return false;
    for (int64_t c = 0; c < t->rows; c++) fuller[t->start[c + 1] - t->start[c]]++;
    for (int64_t d = most; d > 0; d--) { /* columns with more than d - 1 entries are alone */
        lone += fuller[d];
        int64_t cost = lone * costs + d - 1;
        if (cost < best) {
            best = cost;
            at = d - 1;
        }
    }
    mem_free(S, fuller, size);
    k->cost = best;
    for (int64_t c = 0; c < t->rows; c++)
        if (t->start[c + 1] - t->start[c] > at) {
            k->alone[c] = 1;
            k->lone++;
        }
    return true;
}

/* Greedy: each line takes the first colour that no line has which meets it in a column. out[r]: a line that is not to
** be coloured, or NULL. */
static bool colour(State *S, const Pattern *p, const Pattern *t, const uint8_t *out, Colours *k)
{
    size_t size = (size_t)(p->rows + 1) * sizeof(int64_t);
    int64_t *taken = mem_zalloc(S, size), work = 0; /* by which line, + 1 */
    if (!taken) return false;
    bool ok = true;
    for (int64_t r = 0; ok && r < p->rows; r++) {
        k->color[r] = -1;
        if (p->start[r] == p->start[r + 1] || (out && out[r])) continue;
        bool any = false;
        for (int64_t i = p->start[r]; i < p->start[r + 1]; i++) {
            int32_t c = p->col[i];
            if (k->alone[c]) continue;
            any = true;
            work += t->start[c + 1] - t->start[c];
            for (int64_t j = t->start[c]; j < t->start[c + 1] && t->col[j] < r; j++)
                if (k->color[t->col[j]] >= 0) taken[k->color[t->col[j]]] = r + 1;
        }
        if (!any) continue;
        int32_t first = 0;
        while (taken[first] == r + 1) first++;
        k->color[r] = first;
        if (first >= k->n) k->n = first + 1;
        if (work > 1 << 22) {
            work = 0;
            ok = vm_check(S);
        }
    }
    mem_free(S, taken, size);
    return ok;
}

/* ---- running them ---- */

typedef struct Sparse {
    Jac *j;
    bool reverse, forward, symmetric;
    Value given;
    Pattern p, t;
    bool by_rows; /* rows are coloured, lone columns run forward */
    Colours k;
    int64_t *row_of, *col_of; /* number of a row's sweep, a column's run; -1: none */
    int64_t nrows, ncols;     /* how many of them */
    Leaves got;               /* vectors: sweeps of [columns] each, in order, then runs of [rows] each */
} Sparse;

static bool plan(Sparse *s)
{
    State *S = s->j->d.S;
    Colours rows = {0}, cols = {0};
    bool ok = true;
    if (!s->forward)
        ok = choose_alone(S, &s->p, &s->t, s->symmetric || !s->reverse, s->symmetric ? 1 : RUN_COSTS, &rows);
    if (ok && !s->reverse && !s->symmetric) ok = choose_alone(S, &s->t, &s->p, !s->forward, 1, &cols);
    /* rows: sweeps for colours, runs for lone columns (in its cost); cols: runs for colours, sweeps for lone rows */
    s->by_rows = !cols.color || (rows.color && rows.cost <= cols.lone + RUN_COSTS * (cols.cost - cols.lone));
    ok = ok && (s->by_rows ? colour(S, &s->p, &s->t, s->symmetric ? rows.alone : NULL, &rows)
                           : colour(S, &s->t, &s->p, NULL, &cols));
    s->k = s->by_rows ? rows : cols;
    if (s->by_rows) colours_free(S, &cols, &s->t);
    else colours_free(S, &rows, &s->p);
    size_t nr = (size_t)s->p.rows + 1, nc = (size_t)s->p.columns + 1;
    s->row_of = ok ? mem_alloc(S, nr * sizeof *s->row_of) : NULL;
    s->col_of = s->row_of ? mem_alloc(S, nc * sizeof *s->col_of) : NULL;
    if (!s->col_of) return false;
    const Colours *k = &s->k;
    s->nrows = s->by_rows ? k->n : 0;
    s->ncols = s->by_rows ? 0 : k->n;
    for (int64_t r = 0; r < s->p.rows; r++) {
        s->row_of[r] = s->by_rows ? k->color[r] : k->alone[r] ? s->nrows++ : -1;
        if (s->symmetric && k->alone[r]) s->row_of[r] = s->nrows++;
    }
    for (int64_t c = 0; c < s->p.columns; c++)
        s->col_of[c] = !s->by_rows ? k->color[c] : k->alone[c] && !s->symmetric ? s->ncols++ : -1;
    return true;
}

/* Leaves (of n rows each when together) as one vector of n * size elements, n rows of all leaves. */
static bool flat(State *S, const Leaves *l, int64_t n, DType dt, Value *out)
{
    Value small[16], *v = small;
    size_t made = 0, size = l->n * sizeof *v;
    if (l->n > 16 && !(v = mem_alloc(S, size))) return false;
    bool ok = true;
    int64_t all = 0;
    for (; ok && made < l->n; made += ok) {
        Value x = l->at[made], y;
        int64_t each = (x.tag == T_TENSOR ? x.t->n : 1) / n;
        all += each;
        bool cast = x.tag == T_TENSOR && x.t->dtype != dt;
        if (cast && !op_cast(S, x, dt, &y)) ok = false;
        ok = ok && op_reshape(S, cast ? y : x, 2, (int64_t[]){n, each}, &v[made]);
        if (cast) release(S, y);
        if (ok && v[made].t->dtype != dt) { /* a number */
            ok = op_cast(S, v[made], dt, &y);
            release(S, v[made]);
            v[made] = y;
        }
    }
    Value wide;
    if (ok && l->n == 1) ok = op_reshape(S, v[0], 1, &(int64_t){n * all}, out);
    else if (ok && (ok = op_concat(S, v, (int)l->n, 1, &wide))) {
        ok = op_reshape(S, wide, 1, &(int64_t){n * all}, out);
        release(S, wide);
    }
    for (size_t i = 0; i < made; i++) release(S, v[i]);
    if (v != small) mem_free(S, v, size);
    return ok;
}

static bool keep(Sparse *s, const Leaves *l, int64_t n)
{
    State *S = s->j->d.S;
    DType dt = default_float(S);
    for (size_t i = 0; i < s->j->x.n; i++)
        if (s->j->x.at[i].tag == T_TENSOR) dt = (DType)s->j->x.at[i].t->dtype;
    if (!MEM_PUSH(S, s->got.at, s->got.n, s->got.cap)) return false;
    if (!flat(S, l, n, dt, &s->got.at[s->got.n])) return false;
    s->got.n++;
    return true;
}

/* Lines 0 .. n - 1 ordered by the sum that they are in: those of sum i are at[first[i]] ... */
static bool by_sum(State *S, const int64_t *of, int64_t n, int64_t sums, int64_t **first, int64_t **at)
{
    *at = NULL;
    *first = mem_zalloc(S, (size_t)(sums + 2) * sizeof **first);
    if (!*first || !(*at = mem_alloc(S, (size_t)(n + 1) * sizeof **at))) return false;
    int64_t *p = *first;
    for (int64_t i = 0; i < n; i++)
        if (of[i] >= 0) p[of[i] + 2]++;
    for (int64_t i = 0; i < sums; i++) p[i + 2] += p[i + 1];
    for (int64_t i = 0; i < n; i++)
        if (of[i] >= 0) (*at)[p[of[i] + 1]++] = i;
    return true;
}

static bool sweeps(Sparse *s, const Value *lifted, Value y)
{
    Jac *j = s->j;
    State *S = j->d.S;
    int64_t *first, *at = NULL, most = jac_at_once(j), *row = NULL;
    bool together = s->nrows > 1;
    if (!s->nrows) return true;
    bool ok = by_sum(S, s->row_of, s->p.rows, s->nrows, &first, &at);
    if (ok && together) ok = (row = mem_alloc(S, (size_t)(s->p.rows + 1) * sizeof *row)) != NULL;
    for (int64_t lo = 0; ok && lo < s->nrows;) {
        Leaves g = {0};
        int64_t n = s->nrows - lo < most ? s->nrows - lo : most, count = first[lo + n] - first[lo];
        if (together) {
            Value all;
            for (int64_t i = 0; i < count; i++) row[i] = s->row_of[at[first[lo] + i]] - lo;
            ManySeeds seeds = {n, count, row, at + first[lo]};
            ok = tape_sweep_many(S, y, &seeds, lifted, j->d.w.n, &all, &together) && vm_check(S);
            if (ok && together) {
                ok = leaves_of(S, all, &g) && keep(s, &g, n);
                leaves_drop(S, &g);
                release(S, all);
                lo += n;
                continue;
            }
        }
        ok = ok && jac_row(j, lifted, y, at + first[lo], first[lo + 1] - first[lo], &g) && keep(s, &g, 1);
        leaves_drop(S, &g);
        lo++;
    }
    if (row) mem_free(S, row, (size_t)(s->p.rows + 1) * sizeof *row);
    if (first) mem_free(S, first, (size_t)(s->nrows + 2) * sizeof *first);
    if (at) mem_free(S, at, (size_t)(s->p.rows + 1) * sizeof *at);
    return ok;
}

static bool runs(Sparse *s)
{
    State *S = s->j->d.S;
    int64_t *first, *at = NULL;
    if (!s->ncols) return true;
    bool ok = by_sum(S, s->col_of, s->p.columns, s->ncols, &first, &at);
    for (int64_t i = 0; ok && i < s->ncols; i++) {
        Leaves t = {0};
        ok = jac_column(s->j, at + first[i], first[i + 1] - first[i], &t) && keep(s, &t, 1);
        leaves_drop(S, &t);
    }
    if (first) mem_free(S, first, (size_t)(s->ncols + 2) * sizeof *first);
    if (at) mem_free(S, at, (size_t)(s->p.columns + 1) * sizeof *at);
    return ok;
}

static bool recorded(Jac *j, const Value *lifted, Value y, void *ud)
{
    Sparse *s = ud;
    State *S = j->d.S;
    bool ok = is_nil(s->given) ? tape_pattern(S, y, lifted, j->d.w.n, j->ny, j->nx, &s->p)
                               : pattern_given(S, j->d.who, s->given, j->ny, j->nx, &s->p);
    return ok && transposed(S, &s->p, &s->t) && plan(s) && sweeps(s, lifted, y);
}

/* ---- the result ---- */

/* Where entry (r, c) is in all vectors joined. */
static int64_t place_of(const Sparse *s, int64_t r, int64_t c)
{
    int64_t nc = s->p.columns, runs_at = s->nrows * nc;
    if (s->symmetric) return s->k.alone[c] ? s->row_of[c] * nc + r : s->row_of[r] * nc + c;
    if (s->by_rows ? s->k.alone[c] : !s->k.alone[r]) return runs_at + s->col_of[c] * s->p.rows + r;
    return s->row_of[r] * nc + c;
}

static bool named(State *S, List *l, const char *name, Value v_take)
{
    Str *n = str_intern(S, name, strlen(name));
    bool ok = n != NULL;
    if (ok) ok = list_push_take(S, l, n, v_take);
    else release(S, v_take);
    obj_release(S, n);
    return ok;
}

static bool values_of(Sparse *s, Tensor *place, Value *out)
{
    State *S = s->j->d.S;
    Value all;
    if (!s->got.n) {
        Tensor *t = tensor_zeros(S, default_float(S), 1, &(int64_t){0});
        *out = t ? val_obj(T_TENSOR, t) : NIL;
        return t != NULL;
    }
    if (!op_concat(S, s->got.at, (int)s->got.n, 0, &all)) return false;
    bool ok = op_gather_rows(S, all, 0, val_obj(T_TENSOR, place), out);
    release(S, all);
    return ok;
}

static bool matrix(Sparse *s, Value *out)
{
    State *S = s->j->d.S;
    int64_t n = s->p.count;
    Tensor *rows = tensor_new(S, DT_I64, 1, &n), *cols = tensor_new(S, DT_I64, 1, &n),
           *place = tensor_new(S, DT_I64, 1, &n);
    List *l = list_new(S, 4), *shape = list_new(S, 2);
    Value values = NIL;
    bool ok = rows && cols && place && l && shape;
    if (ok) {
        int64_t *a = rows->st->data, *b = cols->st->data, *p = place->st->data;
        for (int64_t r = 0; r < s->p.rows; r++)
            for (int64_t i = s->p.start[r]; i < s->p.start[r + 1]; i++) {
                a[i] = r;
                b[i] = s->p.col[i];
                p[i] = place_of(s, r, b[i]);
            }
        shape->at[0] = val_num((double)s->p.rows);
        shape->at[1] = val_num((double)s->p.columns);
        shape->len = 2;
        ok = values_of(s, place, &values);
    }
    if (ok) {
        ok = named(S, l, "rows", val_obj(T_TENSOR, obj_retain(rows))) &&
             named(S, l, "cols", val_obj(T_TENSOR, obj_retain(cols))) && named(S, l, "values", retain(values)) &&
             named(S, l, "shape", val_obj(T_LIST, obj_retain(shape)));
    }
    if (ok) *out = val_obj(T_LIST, obj_retain(l));
    release(S, values);
    obj_release(S, l);
    obj_release(S, shape);
    obj_release(S, rows);
    obj_release(S, cols);
    obj_release(S, place);
    return ok;
}

bool jac_sparse(Jac *j, bool reverse, bool forward, bool symmetric, Value pattern, Value *out)
{
    State *S = j->d.S;
    Sparse s = {.j = j,
                .reverse = reverse || symmetric,
                .forward = forward && !symmetric,
                .symmetric = symmetric,
                .given = pattern};
    if (j->nx >= INT32_MAX) return diag_fail(S, DIAG_SIZE, "a sparse Jacobian has less than 2^31 columns");
    if (!batch_effect(S, "a sparse Jacobian")) return false; /* patterns differ from item to item */
    bool ok = jac_record(j, recorded, &s) && runs(&s) && matrix(&s, out);
    size_t nr = (size_t)s.p.rows + 1, nc = (size_t)s.p.columns + 1;
    leaves_drop(S, &s.got);
    if (s.row_of) mem_free(S, s.row_of, nr * sizeof *s.row_of);
    if (s.col_of) mem_free(S, s.col_of, nc * sizeof *s.col_of);
    colours_free(S, &s.k, s.by_rows ? &s.p : &s.t);
    pattern_free(S, &s.p);
    pattern_free(S, &s.t);
    return ok;
}

/* ---- using one ---- */

BUILTIN(to_dense, "to_dense(m)",
        "The tensor [m, n] of a sparse matrix (rows:, cols:, values:, shape:), as jacobian(f, sparse: true) gives; "
        "places that are named twice add up. Example: to_dense((rows: [0] as i64, cols: [1] as i64, values: [5], "
        "shape: (1, 2))) is [[0, 5]].")
{
    State *S = c->S;
    Value m = c->arg[0], values, zero = NIL;
    if (!is_pattern(m)) return given_wrong(S, "to_dense", "this is no sparse matrix");
    values = item(m, "values");
    Tensor *r = item(m, "rows").t, *k = item(m, "cols").t;
    double nr = item(m, "shape").l->at[0].n, nc = item(m, "shape").l->at[1].n;
    if (values.tag != T_TENSOR || values.t->rank != 1 || values.t->n != r->n)
        return given_wrong(S, "to_dense", "there is one value for each place");
    if (!whole_between(nr, 0, 0x1p53) || !whole_between(nc, 0, 0x1p53))
        return given_wrong(S, "to_dense", "the shape is two sizes");
    int64_t shape[2] = {(int64_t)nr, (int64_t)nc}, n = r->n;
    Tensor *at = tensor_new(S, DT_I64, 1, &n);
    bool ok = at && tensor_force(S, r) && tensor_force(S, k);
    for (int64_t i = 0; ok && i < n; i++) {
        double a = tensor_get(r, i), b = tensor_get(k, i);
        ok = (whole_between(a, 0, nr) && whole_between(b, 0, nc)) ||
             given_wrong(S, "to_dense", "a place lies outside the matrix");
        if (ok) ((int64_t *)at->st->data)[i] = (int64_t)a * shape[1] + (int64_t)b;
    }
    if (ok) {
        int64_t all = shape_count(S, 2, shape);
        Attr attr[2] = {{.i = 0}, {.i = all}};
        Value x[2] = {values, val_obj(T_TENSOR, at)};
        ok = all >= 0 && op_apply(S, OPID_take_add, x, 2, attr, 2, &zero) && op_reshape(S, zero, 2, shape, c->out);
    }
    release(S, zero);
    obj_release(S, at);
    return ok;
}
