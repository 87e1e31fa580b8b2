/* csv.c -- tables: RFC 4180 with any line ending, read in one pass over the text.
**
** cite  Shafranovich 2005, RFC 4180; Clinger 1990 for the exact fast path of decimal numbers
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "stdlib/file.h"

typedef struct Cell {
    uint32_t len;
    bool quoted;
    const char *p;
} Cell; /* quoted: p..len still has doubled quotes */

typedef struct Table {
    Cell *cell;
    size_t n, cap;
    size_t ncols, nrows; /* rows without the header */
    size_t *line;
    size_t nlines, caplines; /* first line of each row */
} Table;

/* Splits the text; every row must have as many cells as the first. */
static bool table_parse(State *S, const char *path, const File *f, Table *t)
{
    const char *p = f->p, *end = f->p + f->len;
    size_t line = 1, row_cells = 0;
    if (f->len >= 3 && !memcmp(p, "\xEF\xBB\xBF", 3)) p += 3;
    while (p < end) {
        if (row_cells == 0 && (*p == '\n' || *p == '\r')) { /* empty line */
            if (*p == '\n') line++;
            p++;
            continue;
        }
        if (row_cells == 0) {
            if (!MEM_PUSH(S, t->line, t->nlines, t->caplines)) return false;
            t->line[t->nlines++] = line;
        }
        Cell c = {0};
        if (*p == '"') {
            const char *start = ++p;
            for (;; p++) {
                if (p >= end)
                    return diag_fail(S, DIAG_FORMAT, "\"%s\": the quote opened on line %zu is never closed", path,
                                     t->line[t->nlines - 1]);
                if (*p == '\n') line++;
                if (*p == '"') {
                    if (p + 1 < end && p[1] == '"') p++;
                    else break;
                }
            }
            c = (Cell){(uint32_t)(p - start), true, start};
            p++;
            if (p < end && *p != ',' && *p != '\n' && *p != '\r')
                return diag_fail(S, DIAG_FORMAT, "\"%s\": line %zu has text after a closing quote", path, line);
        } else {
            const char *start = p;
            while (p < end && *p != ',' && *p != '\n' && *p != '\r') p++;
            while (start < p && (*start == ' ' || *start == '\t')) start++;
            const char *stop = p;
            while (stop > start && (stop[-1] == ' ' || stop[-1] == '\t')) stop--;
            c = (Cell){(uint32_t)(stop - start), false, start};
        }
        if (!MEM_PUSH(S, t->cell, t->n, t->cap)) return false;
        t->cell[t->n++] = c;
        row_cells++;
        bool more = p < end && *p == ',';
        if (more) {
            p++;
            if (p < end) continue;
            if (!MEM_PUSH(S, t->cell, t->n, t->cap)) return false; /* a comma ends the text: one empty cell */
            t->cell[t->n++] = (Cell){0, false, p};
            row_cells++;
        }
        if (p < end && *p == '\r') p++;
        if (p < end && *p == '\n') p++, line++;
        if (t->ncols == 0) t->ncols = row_cells;
        if (row_cells != t->ncols)
            return diag_fail(S, DIAG_FORMAT, "\"%s\": line %zu has %zu cell%s, the first line %zu", path,
                             t->line[t->nlines - 1], row_cells, row_cells == 1 ? "" : "s", t->ncols);
        row_cells = 0;
    }
    if (t->n == 0) return diag_fail(S, DIAG_FORMAT, "\"%s\" is empty", path);
    t->nrows = t->nlines;
    return true;
}

static void table_free(State *S, Table *t)
{
    mem_free(S, t->cell, t->cap * sizeof *t->cell);
    mem_free(S, t->line, t->caplines * sizeof *t->line);
}

/* A whole cell as a number. Up to 15 digits and a small power of ten are exact in one multiplication or division. */
static bool cell_number(const Cell *c, double *out)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *p = c->p, *end = c->p + c->len;
    if (p == end) return false;
    bool neg = *p == '-';
    if (*p == '-' || *p == '+') p++;
    uint64_t m = 0;
    int digits = 0, point = 0;
    bool dot = false, any = false;
    for (; p < end; p++) {
        if (*p >= '0' && *p <= '9') {
            any = true;
            if (m || *p != '0') digits++;
            if (digits <= 19) m = m * 10 + (uint64_t)(*p - '0');
            if (dot) point++;
        } else if (*p == '.' && !dot) {
            dot = true;
        } else {
            break;
        }
    }
    if (any && p == end && digits <= 15 && point <= 22) {
        double x = (double)m / ten[point];
        *out = neg ? -x : x;
        return true;
    }
    char buf[64], *stop;
    if (c->len >= sizeof buf) return false;
    memcpy(buf, c->p, c->len);
    buf[c->len] = 0;
    if (strpbrk(buf, "xXpP")) return false;
    *out = strtod(buf, &stop);
    return stop != buf && *stop == 0;
}

static Str *cell_text(State *S, const Cell *c)
{
    if (!c->quoted || !memchr(c->p, '"', c->len)) return str_from_bytes(S, c->p, c->len);
    Buf b;
    buf_init(&b, S);
    for (uint32_t i = 0; i < c->len; i++) {
        buf_put(&b, c->p + i, 1);
        if (c->p[i] == '"') i++;
    }
    Str *s = str_from_bytes(S, b.p ? b.p : "", b.len);
    buf_deinit(&b);
    return s;
}

static bool column(State *S, const Table *t, size_t first, size_t col, Value *out)
{
    int64_t n = (int64_t)(t->nlines - first);
    Tensor *x = tensor_new(S, default_float(S), 1, &n);
    if (!x) return false;
    int64_t k = 0;
    for (; k < n; k++) {
        double v;
        const Cell *c = &t->cell[(first + (size_t)k) * t->ncols + col];
        if (c->quoted || !cell_number(c, &v)) break;
        tensor_put(x, k, v);
    }
    if (k == n) {
        *out = val_obj(T_TENSOR, x);
        return true;
    }
    obj_release(S, x);
    List *l = list_new(S, n);
    for (k = 0; l && k < n; k++) {
        Str *s = cell_text(S, &t->cell[(first + (size_t)k) * t->ncols + col]);
        if (!s || !list_push_take(S, l, NULL, val_obj(T_STR, s))) {
            obj_release(S, l);
            return false;
        }
    }
    if (!l) return false;
    *out = val_obj(T_LIST, l);
    return true;
}

bool csv_read(State *S, const char *path, bool header, Value *out)
{
    File f;
    Table t = {0};
    if (!file_read(S, path, &f)) return false;
    bool ok = table_parse(S, path, &f, &t);
    List *l = ok ? list_new(S, (int64_t)t.ncols) : NULL;
    ok = l != NULL;
    for (size_t c = 0; ok && c < t.ncols; c++) {
        Value v;
        Str *name = NULL;
        if (header) {
            Str *s = cell_text(S, &t.cell[c]);
            name = s ? str_intern(S, s->data, s->len) : NULL;
            obj_release(S, s);
            ok = name != NULL;
        }
        ok = ok && column(S, &t, header, c, &v) && list_push_take(S, l, name, v);
        obj_release(S, name);
    }
    table_free(S, &t);
    file_free(S, &f);
    if (!ok) {
        obj_release(S, l);
        return false;
    }
    *out = val_obj(T_LIST, l);
    return true;
}

static bool set_fill(State *S, const char *path, const Table *t, size_t target, Tensor *x, Tensor *y)
{
    size_t d = t->ncols - (target < t->ncols);
    for (size_t r = 1; r < t->nlines; r++) {
        size_t at = 0;
        for (size_t k = 0; k < t->ncols; k++) {
            const Cell *cell = &t->cell[r * t->ncols + k];
            double v;
            if (cell->quoted || !cell_number(cell, &v)) {
                const Cell *name = &t->cell[k];
                diag_fail(S, DIAG_COLUMN, "column \"%.*s\" of \"%s\" is text: \"%.*s\" on line %zu", (int)name->len,
                          name->p, path, cell->len > 40 ? 40 : (int)cell->len, cell->p, t->line[r]);
                diag_hint(S, "read_csv(path) gives the columns one by one, text as lists of strings");
                return false;
            }
            if (k == target) tensor_put(y, (int64_t)r - 1, v);
            else tensor_put(x, (int64_t)((r - 1) * d + at++), v);
        }
    }
    return true;
}

bool csv_set(State *S, const char *path, const Str *target, Value *out)
{
    File f;
    Table t = {0};
    Tensor *x = NULL, *y = NULL;
    List *l = NULL;
    if (!file_read(S, path, &f)) return false;
    bool ok = table_parse(S, path, &f, &t);
    size_t col = t.ncols;
    if (ok && target) {
        for (size_t c = 0; c < t.ncols; c++)
            if (t.cell[c].len == target->len && !memcmp(t.cell[c].p, target->data, target->len)) col = c;
        if (col == t.ncols) {
            ok = diag_fail(S, DIAG_MEMBER, "\"%s\" has no column \"%s\"", path, target->data);
            Buf b;
            buf_init(&b, S);
            for (size_t c = 0; c < t.ncols && c < 12; c++)
                buf_printf(&b, "%s%.*s", c ? ", " : "", (int)t.cell[c].len, t.cell[c].p);
            diag_hint(S, "its columns are %.*s%s", (int)b.len, b.p ? b.p : "", t.ncols > 12 ? ", ..." : "");
            buf_deinit(&b);
        }
    }
    if (ok) {
        int64_t n = (int64_t)t.nlines - 1, shape[2] = {n, (int64_t)(t.ncols - (target != NULL))};
        x = tensor_new(S, default_float(S), 2, shape);
        y = target ? tensor_new(S, default_float(S), 1, &n) : NULL;
        ok = x && (y || !target) && set_fill(S, path, &t, col, x, y);
    }
    table_free(S, &t);
    file_free(S, &f);
    if (ok) {
        Str *nx = str_intern(S, "x", 1), *ny = str_intern(S, "y", 1);
        l = nx && ny ? list_new(S, 2) : NULL;
        ok = l != NULL;
        if (ok) {
            ok = list_push_take(S, l, nx, val_obj(T_TENSOR, x));
            x = NULL;
        }
        if (ok && y) {
            ok = list_push_take(S, l, ny, val_obj(T_TENSOR, y));
            y = NULL;
        }
        obj_release(S, nx);
        obj_release(S, ny);
    }
    obj_release(S, x);
    obj_release(S, y);
    if (!ok) {
        obj_release(S, l);
        return false;
    }
    *out = val_obj(T_LIST, l);
    return true;
}

/* Must these characters stand in quotes to be read back as they are? Text that looks like a number must, too. */
static bool needs_quotes(Value v, const char *p, size_t n)
{
    double x;
    Cell whole = {(uint32_t)n, false, p};
    if (!n) return false;
    for (size_t i = 0; i < n; i++)
        if (p[i] == ',' || p[i] == '"' || p[i] == '\n' || p[i] == '\r') return true;
    if (p[0] == ' ' || p[0] == '\t' || p[n - 1] == ' ' || p[n - 1] == '\t') return true;
    return v.tag == T_STR && n < UINT32_MAX && cell_number(&whole, &x);
}

static bool put_cell(Buf *b, State *S, Value v)
{
    size_t at = b->len;
    if (!value_show(S, b, v, false) || b->failed) return false;
    if (!needs_quotes(v, b->p + at, b->len - at)) return true;
    Buf q;
    buf_init(&q, S);
    buf_puts(&q, "\"");
    for (size_t i = at; i < b->len; i++) {
        if (b->p[i] == '"') buf_puts(&q, "\"");
        buf_put(&q, b->p + i, 1);
    }
    buf_puts(&q, "\"");
    b->len = at;
    if (!q.failed) buf_put(b, q.p, q.len);
    bool ok = !q.failed && !b->failed;
    buf_deinit(&q);
    return ok;
}

/* Every 4096 rows the interrupt and the limits are looked at. */
static bool on_time(State *S, int64_t row) { return (row & 0xfff) != 0xfff || vm_check(S); }

bool csv_write(State *S, const char *path, Value v)
{
    Buf b;
    buf_init(&b, S);
    bool ok = true;
    if (v.tag == T_TENSOR && v.t->rank <= 2 && tensor_force(S, v.t)) {
        int64_t n = tensor_shape(v.t)[0], d = v.t->rank == 2 ? tensor_shape(v.t)[1] : 1;
        for (int64_t c = 0; c < d; c++) buf_printf(&b, "%sc%lld", c ? "," : "", (long long)c);
        buf_puts(&b, "\n");
        for (int64_t r = 0; r < n && (ok = on_time(S, r)); r++) {
            for (int64_t c = 0; c < d; c++) {
                char num[40];
                num_format(num, tensor_get(v.t, r * d + c));
                buf_printf(&b, "%s%s", c ? "," : "", num);
            }
            buf_puts(&b, "\n");
        }
    } else if (v.tag == T_LIST && v.l->len > 0) {
        int64_t n = -1;
        for (int64_t c = 0; ok && c < v.l->len; c++) {
            Value col = v.l->at[c];
            int64_t rows = col.tag == T_LIST ? col.l->len : col.tag == T_TENSOR && col.t->rank == 1 ? col.t->n : -1;
            if (rows < 0 || (n >= 0 && rows != n)) {
                ok = diag_fail(S, DIAG_SAVE, "a table is a list of columns of one length; item %lld is %s",
                               (long long)c, type_name(S, col));
            }
            if (ok && col.tag == T_TENSOR) ok = tensor_force(S, col.t);
            n = rows;
            Str *name = list_name(v.l, c);
            if (c) buf_puts(&b, ",");
            if (name) ok = ok && put_cell(&b, S, val_obj(T_STR, name));
            else buf_printf(&b, "c%lld", (long long)c);
        }
        buf_puts(&b, "\n");
        for (int64_t r = 0; ok && r < n && (ok = on_time(S, r)); r++) {
            for (int64_t c = 0; ok && c < v.l->len; c++) {
                Value col = v.l->at[c];
                if (c) buf_puts(&b, ",");
                ok = put_cell(&b, S, col.tag == T_LIST ? col.l->at[r] : val_num(tensor_get(col.t, r)));
            }
            buf_puts(&b, "\n");
        }
    } else {
        ok = S->err ? false
                    : diag_fail(S, DIAG_SAVE, ".csv holds a matrix or a list of named columns, not %s", type_name(S, v));
    }
    ok = ok && !b.failed && file_write(S, path, b.p, b.len);
    buf_deinit(&b);
    return ok;
}
