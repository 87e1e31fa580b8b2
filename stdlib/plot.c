/* plot.c -- the figures: what scripts give to be drawn, checked and put into one form. draw.c shows them.
**
**   plot     (figure:, title:, xlabel:, ylabel:, series: ((name:, x:, y:), ...))        x and y of one length
**   bars     (figure:, title:, xlabel:, ylabel:, edges: [n + 1], counts: [n])
**   heat     (figure:, title:, values: [h, w])
**   image    (figure:, title:, pixels: u8 [h, w, 3])
**   contour  (figure:, title:, values: [n, n], x: [2], y: [2], levels: [k])              values[row of y, column of x]
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/builtin.h"
#include "runtime/tape.h"
#include "stdlib/figure.h"

enum { SERIES_MAX = 64, GRID_MAX = 500 };

static bool item(State *S, List *l, const char *name, Value v_take)
{
    Str *s = name ? str_intern(S, name, strlen(name)) : NULL;
    if (name && !s) {
        release(S, v_take);
        return false;
    }
    bool ok = list_push_take(S, l, s, v_take);
    obj_release(S, s);
    return ok;
}

static bool text_item(State *S, List *l, const char *name, const char *s)
{
    Value v = val_str(S, s, strlen(s));
    return !is_nil(v) && item(S, l, name, v);
}

/* A new figure; the arguments from `first` on are its title, and with `axes` the labels of its axes. */
static List *figure_new(Call *c, const char *kind, int first, bool axes)
{
    static const char *const names[] = {"title", "xlabel", "ylabel"};
    List *l = list_new(c->S, 8);
    bool ok = l && text_item(c->S, l, "figure", kind);
    for (int i = 0; ok && i < (axes ? 3 : 1); i++) {
        Value v = c->arg[first + i];
        if (arg_given(c, first + i) && v.tag != T_STR) ok = arg_fail(c, first + i, "a string");
        else ok = item(c->S, l, names[i], v.tag == T_STR ? retain(v) : NIL);
    }
    if (ok) return l;
    obj_release(c->S, l);
    return NULL;
}

static bool figure_end(Call *c, List *l, bool ok)
{
    if (ok) *c->out = val_obj(T_LIST, l);
    else obj_release(c->S, l);
    return ok;
}

/* v as settled numbers, row-major f64, without levels; owned. */
static Tensor *numbers_of(Call *c, int i, Value v)
{
    State *S = c->S;
    Value plain = NIL;
    if (v.tag == T_RANGE) {
        Tensor *t = tensor_range(S, v.r->lo, v.r->step, range_len(v.r), DT_F64);
        Tensor *y = t ? tensor_contiguous(S, t) : NULL;
        obj_release(S, t);
        return y;
    }
    if (v.tag == T_LIST && v.l->len && v.l->at[0].tag == T_NUM) {
        if (!tensor_stack(S, v.l->at, v.l->len, &plain)) return NULL;
    } else if (v.tag == T_TENSOR) {
        plain = retain(v);
    } else {
        arg_fail(c, i, "a tensor of numbers");
        return NULL;
    }
    Value bare = plain;
    bare.hdr = T_TENSOR;
    if (plain.level && !tape_whole(S, plain, &bare)) {
        release(S, plain);
        return NULL;
    }
    if (plain.level) release(S, plain);
    Tensor *t = tensor_as(S, bare.t, DT_F64), *y = t ? tensor_contiguous(S, t) : NULL;
    obj_release(S, t);
    release(S, (Value){.hdr = T_TENSOR, .t = bare.t});
    return y;
}

static const double *data_of(const Tensor *t) { return (const double *)t->st->data + t->offset; }

/* Adds y, and its x or 0, 1, 2 ..., to the series. Both are consumed; either may be NULL after a failure. */
static bool series_add(Call *c, List *all, Value name, Tensor *x, Tensor *y)
{
    State *S = c->S;
    bool ok = y != NULL;
    if (ok && y->rank != 1) {
        char s[128];
        ok = diag_fail(S, DIAG_SHAPE, "plot: a series is a vector, not %s", shape_str(y, s, sizeof s));
        diag_hint(S, "columns of [n, k] are k series beside x [n]; several series have names: plot((a: y1, b: y2))");
    }
    if (ok && !x) ok = (x = tensor_range(S, 0, 1, y->n, DT_F64)) && tensor_force(S, x);
    if (ok && (x->rank != 1 || x->n != y->n)) {
        char a[128], b[128];
        ok = diag_fail(S, DIAG_SHAPE, "plot: x and y differ: %s and %s", shape_str(x, a, sizeof a),
                       shape_str(y, b, sizeof b));
    }
    if (ok && all->len == SERIES_MAX) ok = diag_fail(S, DIAG_VALUE, "plot: at most %d series", SERIES_MAX);
    List *one = ok ? list_new(S, 3) : NULL;
    if (!one) {
        obj_release(S, x);
        obj_release(S, y);
        return false;
    }
    ok = item(S, one, "name", retain(name));
    if (ok) ok = item(S, one, "x", val_obj(T_TENSOR, x));
    else obj_release(S, x);
    if (ok) ok = item(S, one, "y", val_obj(T_TENSOR, y));
    else obj_release(S, y);
    if (ok) return item(S, all, NULL, val_obj(T_LIST, one));
    obj_release(S, one);
    return false;
}

/* Column j of a [n, k]. */
static Tensor *column(State *S, const Tensor *t, int64_t j)
{
    int64_t n = t->dim[0], k = t->dim[1];
    Tensor *y = tensor_new(S, DT_F64, 1, &n);
    for (int64_t i = 0; y && i < n; i++) ((double *)y->st->data)[i] = data_of(t)[i * k + j];
    return y;
}

static Tensor *kept(Tensor *t) { return obj_retain(t); }

/* One thing to draw: a vector, columns, or a list of named series (or (x, y) pairs). */
static bool series_of(Call *c, List *all, int i, Value name, Value v, Tensor *x)
{
    State *S = c->S;
    int64_t losses = v.tag == T_LIST ? -1 : 0;
    if (v.tag == T_LIST) {
        Str *s = str_intern(S, "losses", 6);
        if (!s) return false;
        losses = list_find(v.l, s); /* the report of a descend */
        obj_release(S, s);
    }
    if (v.tag == T_LIST && losses >= 0) {
        Value loss = val_str(S, "loss", 4);
        bool ok = !is_nil(loss) && series_add(c, all, loss, NULL, numbers_of(c, i, v.l->at[losses]));
        release(S, loss);
        return ok;
    }
    if (v.tag == T_LIST && v.l->len && v.l->at[0].tag != T_NUM) {
        if (!x && v.l->len == 2 && !v.l->names && !is_nil(name)) { /* name: (x, y) */
            Tensor *a = numbers_of(c, i, v.l->at[0]);
            return a && series_add(c, all, name, a, numbers_of(c, i, v.l->at[1]));
        }
        for (int64_t k = 0; k < v.l->len; k++) {
            Str *s = list_name(v.l, k);
            Value n = s ? val_obj(T_STR, s) : val_str(S, "", 0);
            bool ok = !is_nil(n) && series_of(c, all, i, n, v.l->at[k], x);
            if (!s) release(S, n);
            if (!ok) return false;
        }
        return true;
    }
    Tensor *y = numbers_of(c, i, v);
    if (!y || y->rank != 2) return series_add(c, all, name, y && x ? kept(x) : NULL, y);
    bool ok = true;
    for (int64_t j = 0; ok && j < y->dim[1]; j++) {
        char s[32];
        snprintf(s, sizeof s, "%lld", (long long)j);
        Value n = val_str(S, s, strlen(s));
        ok = !is_nil(n) && series_add(c, all, n, x ? kept(x) : NULL, column(S, y, j));
        release(S, n);
    }
    obj_release(S, y);
    return ok;
}

BUILTIN(plot, "plot(x, y: nil, title: nil, xlabel: nil, ylabel: nil)",
        "A figure of lines: plot(y) over 0, 1, 2 ..., plot(x, y), columns of y [n, k] as k series, named series "
        "plot((fit: y1, data: y2)) or plot((a: (x1, y1), b: (x2, y2))), or the losses of a descend, plot(report). The "
        "prompt and print show a figure as text; save(\"p.svg\", figure) and .png write it. A NaN is a gap.")
{
    State *S = c->S;
    List *l = figure_new(c, "plot", 2, true), *all = l ? list_new(S, 4) : NULL;
    Value none = NIL;
    bool ok = all != NULL;
    if (ok && arg_given(c, 1)) {
        Tensor *x = numbers_of(c, 0, c->arg[0]);
        ok = x && series_of(c, all, 1, none, c->arg[1], x);
        obj_release(S, x);
    } else if (ok) {
        ok = series_of(c, all, 0, none, c->arg[0], NULL);
    }
    if (ok && !all->len) ok = diag_fail(S, DIAG_EMPTY, "plot: there is nothing to draw");
    if (ok) ok = item(S, l, "series", val_obj(T_LIST, all));
    else obj_release(S, all);
    return figure_end(c, l, ok);
}

BUILTIN(hist, "hist(x, bins: nil, title: nil, xlabel: nil, ylabel: nil)",
        "A figure of how often values fall into bins of equal width; without `bins` there are ceil(log2 n) + 1 (Sturges "
        "1926), 5 to 60. NaN and infinities are left out. Example: hist(normal(1000)).")
{
    State *S = c->S;
    int64_t bins = 0;
    if (arg_given(c, 1) && !arg_int(c, 1, &bins)) return false;
    if (arg_given(c, 1) && (bins < 1 || bins > 10000))
        return diag_fail(S, DIAG_VALUE, "hist: `bins` is a whole number from 1 to 10000, not %lld", (long long)bins);
    Tensor *x = numbers_of(c, 0, c->arg[0]);
    if (!x) return false;
    double lo = INFINITY, hi = -INFINITY;
    int64_t n = 0;
    for (int64_t i = 0; i < x->n; i++) {
        double v = data_of(x)[i];
        if (!isfinite(v)) continue;
        lo = fmin(lo, v), hi = fmax(hi, v);
        n++;
    }
    if (!n) {
        obj_release(S, x);
        return diag_fail(S, DIAG_EMPTY, "hist: there is no finite value");
    }
    if (lo == hi) lo -= 0.5, hi += 0.5;
    if (!bins) bins = (int64_t)fmin(60, fmax(5, ceil(log2((double)n)) + 1));
    int64_t edges_n = bins + 1;
    Tensor *edges = tensor_new(S, DT_F64, 1, &edges_n), *counts = tensor_zeros(S, DT_F64, 1, &bins);
    List *l = edges && counts && tensor_force(S, counts) ? figure_new(c, "bars", 2, true) : NULL;
    bool ok = l != NULL;
    for (int64_t i = 0; ok && i <= bins; i++)
        ((double *)edges->st->data)[i] = lo + (hi - lo) * (double)i / (double)bins;
    for (int64_t i = 0; ok && i < x->n; i++) {
        double v = data_of(x)[i];
        if (!isfinite(v)) continue;
        int64_t k = (int64_t)((v - lo) / (hi - lo) * (double)bins);
        tensor_put(counts, k < bins ? k : bins - 1, tensor_get(counts, k < bins ? k : bins - 1) + 1);
    }
    obj_release(S, x);
    if (ok) ok = item(S, l, "edges", val_obj(T_TENSOR, edges));
    else obj_release(S, edges);
    if (ok) ok = item(S, l, "counts", val_obj(T_TENSOR, counts));
    else obj_release(S, counts);
    return figure_end(c, l, ok);
}

/* A matrix of numbers, by itself or out of a larger rank whose other axes have size 1. */
static Tensor *matrix_of(Call *c)
{
    State *S = c->S;
    Tensor *t = numbers_of(c, 0, c->arg[0]);
    if (!t) return NULL;
    if (t->rank == 2 && t->n) return t;
    char s[128];
    diag_fail(S, DIAG_SHAPE, "%s takes a matrix, not %s", c->builtin->name, shape_str(t, s, sizeof s));
    obj_release(S, t);
    return NULL;
}

BUILTIN(heat, "heat(A, title: nil)",
        "A figure of a matrix: each element a cell of colour, row 0 at the top. Example: heat(cov(X)).")
{
    State *S = c->S;
    Tensor *t = matrix_of(c);
    List *l = t ? figure_new(c, "heat", 1, false) : NULL;
    bool ok = l != NULL;
    if (ok) ok = item(S, l, "values", val_obj(T_TENSOR, t));
    else obj_release(S, t);
    return figure_end(c, l, ok);
}

BUILTIN(image, "image(x, title: nil)",
        "A figure of a picture: x [h, w] grey, [h, w, 3] or [3, h, w] in colour (a fourth channel, opacity, is left out); "
        "whole numbers 0 to 255, or floats 0 to 1.")
{
    State *S = c->S;
    bool whole = c->arg[0].tag == T_TENSOR && !dtype_float((DType)c->arg[0].t->dtype);
    Tensor *t = numbers_of(c, 0, c->arg[0]);
    if (!t) return false;
    bool last = t->rank == 3 && (t->dim[2] == 1 || t->dim[2] == 3 || t->dim[2] == 4);
    bool first = t->rank == 3 && !last && (t->dim[0] == 1 || t->dim[0] == 3 || t->dim[0] == 4);
    if (!t->n || (t->rank != 2 && !last && !first)) {
        char s[128];
        diag_fail(S, DIAG_SHAPE, "image takes [h, w], [h, w, channels] or [channels, h, w], not %s",
                  shape_str(t, s, sizeof s));
        obj_release(S, t);
        return false;
    }
    int64_t h = t->dim[first ? 1 : 0], w = t->dim[first ? 2 : 1];
    int64_t ch = t->rank == 2 ? 1 : t->dim[first ? 0 : 2], shape[3] = {h, w, 3};
    Tensor *px = tensor_new(S, DT_U8, 3, shape);
    for (int64_t i = 0; px && i < h * w; i++)
        for (int64_t k = 0; k < 3; k++) {
            int64_t q = ch < 3 ? 0 : k;
            double v = data_of(t)[first ? q * h * w + i : i * ch + q] * (whole ? 1 : 255);
            ((uint8_t *)px->st->data)[i * 3 + k] = (uint8_t)(v > 0 ? v < 255 ? v + 0.5 : 255 : 0); /* NaN is black */
        }
    obj_release(S, t);
    List *l = px ? figure_new(c, "image", 1, false) : NULL;
    bool ok = l != NULL;
    if (ok) ok = item(S, l, "pixels", val_obj(T_TENSOR, px));
    else obj_release(S, px);
    return figure_end(c, l, ok);
}

/* ((x0, x1), (y0, y1)) */
static bool box_of(Call *c, int i, double box[4])
{
    Value v = c->arg[i];
    bool fits = v.tag == T_LIST && v.l->len == 2;
    for (int a = 0; fits && a < 2; a++) {
        Value p = v.l->at[a];
        fits = p.tag == T_LIST && p.l->len == 2 && p.l->at[0].tag == T_NUM && p.l->at[1].tag == T_NUM;
        for (int k = 0; fits && k < 2; k++) box[2 * a + k] = p.l->at[k].n;
        fits = fits && isfinite(box[2 * a]) && isfinite(box[2 * a + 1]) && box[2 * a] < box[2 * a + 1];
    }
    return fits || arg_fail(c, i, "the ranges of x and y, ((x0, x1), (y0, y1)) with x0 < x1 and y0 < y1");
}

static int sort_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool call_at(Call *c, bool pair, double x, double y, double *out)
{
    State *S = c->S;
    Value xy[2] = {val_num(x), val_num(y)}, v = NIL, p = NIL;
    bool ok = pair || tensor_stack(S, xy, 2, &p);
    ok = ok && (pair ? vm_call(S, c->arg[0], xy, 2, &v) : vm_call(S, c->arg[0], &p, 1, &v));
    release(S, p);
    if (ok && v.tag != T_NUM) {
        ok = diag_fail(S, DIAG_TYPE, "contour: f gives %s, not one number", type_name(S, v));
        diag_hint(S, "f takes (x, y), or one vector of two");
    }
    *out = v.n;
    release(S, v);
    return ok;
}

BUILTIN(contour, "contour(f, box, levels: 10, points: 60, title: nil)",
        "A figure of lines of equal f over the box ((x0, x1), (y0, y1)), where f takes x and y, or a vector of both; f is "
        "asked at points times points places. levels: how many lines, or a tensor of their values; so many are spread "
        "over the quantiles of f, so that valleys show. Example: contour((x, y) -> x^2 - y^2, ((-1, 1), (-1, 1))).")
{
    State *S = c->S;
    double box[4];
    int64_t n, k = 0;
    Value f;
    if (!arg_fn(c, 0, &f) || !box_of(c, 1, box) || !arg_int(c, 3, &n)) return false;
    if (n < 2 || n > GRID_MAX)
        return diag_fail(S, DIAG_VALUE, "contour: `points` is a whole number from 2 to %d, not %lld", GRID_MAX,
                         (long long)n);
    Tensor *levels = NULL, *v = NULL;
    if (c->arg[2].tag == T_NUM) {
        if (!arg_int(c, 2, &k)) return false;
        if (k < 1 || k > 100)
            return diag_fail(S, DIAG_VALUE, "contour: `levels` is a whole number from 1 to 100, or a tensor");
    } else if (!(levels = numbers_of(c, 2, c->arg[2]))) {
        return false;
    }
    int64_t shape[2] = {n, n}, two = 2;
    bool pair = !(f.tag == T_FN && f.f->proto && f.f->proto->nparams == 1);
    bool ok = (v = tensor_new(S, DT_F64, 2, shape)) != NULL;
    for (int64_t i = 0; ok && i < n; i++)
        for (int64_t j = 0; ok && j < n; j++)
            ok = call_at(c, pair, box[0] + (box[1] - box[0]) * (double)j / (double)(n - 1),
                         box[2] + (box[3] - box[2]) * (double)i / (double)(n - 1), (double *)v->st->data + i * n + j);
    if (ok && !levels) { /* quantiles of what is finite */
        size_t bytes = (size_t)(n * n) * sizeof(double), m = 0;
        double *sorted = mem_alloc(S, bytes);
        ok = sorted && (levels = tensor_new(S, DT_F64, 1, &k));
        for (int64_t i = 0; ok && i < n * n; i++)
            if (isfinite(data_of(v)[i])) sorted[m++] = data_of(v)[i];
        if (ok && !m) ok = diag_fail(S, DIAG_EMPTY, "contour: f is nowhere finite in the box");
        if (ok) {
            qsort(sorted, m, sizeof *sorted, sort_doubles);
            for (int64_t i = 0; i < k; i++) {
                double at = (double)(m - 1) * ((double)i + 0.5) / (double)k, lo = floor(at);
                double a = sorted[(size_t)lo], b = sorted[(size_t)lo + 1 < m ? (size_t)lo + 1 : m - 1];
                ((double *)levels->st->data)[i] = a + (at - lo) * (b - a);
            }
        }
        if (sorted) mem_free(S, sorted, bytes);
    }
    List *l = ok ? figure_new(c, "contour", 4, false) : NULL;
    Tensor *x = l ? tensor_from(S, DT_F64, 1, &two, box) : NULL,
           *y = x ? tensor_from(S, DT_F64, 1, &two, box + 2) : NULL;
    Tensor *all[] = {v, x, y, levels};
    static const char *const names[] = {"values", "x", "y", "levels"};
    ok = y != NULL;
    for (int i = 0; i < 4; i++) {
        if (ok) ok = item(S, l, names[i], val_obj(T_TENSOR, all[i]));
        else obj_release(S, all[i]);
    }
    return figure_end(c, l, ok);
}
