/* draw.c -- figures as text, SVG and PNG.
**
** A figure becomes a Scene: ranges of the axes, and lines, bars or cells in data coordinates. The text goes straight from the
** scene, two by four braille dots a character. SVG and PNG share one list of strokes, boxes and words in points from
** the top left; SVG writes them, PNG paints them with strokes whose edges are blended by distance, and words in letters of
** strokes of our own, so no font is needed.
**
** Colours: Okabe and Ito 2008, "Color Universal Design" (told apart by all kinds of colour vision), for lines; for
** values five anchors of viridis (Smith and van der Walt 2015, matplotlib).
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "stdlib/figure.h"
#include "stdlib/image.h"

enum { SERIES_MAX = 64, TICKS = 12, WIDTH = 640, HEIGHT = 400, ROWS = 18 };
typedef struct Rgb {
    uint8_t r, g, b;
} Rgb;
static const Rgb ink = {40, 40, 40}, pale = {225, 225, 225}, paper = {255, 255, 255};
static const Rgb palette[] = {{0, 114, 178}, {213, 94, 0},   {0, 158, 115}, {204, 121, 167},
                              {230, 159, 0}, {86, 180, 233}, {90, 90, 90}};
enum { PALETTE = sizeof palette / sizeof *palette };

static Rgb viridis(double t)
{
    static const Rgb at[] = {{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}};
    if (!(t >= 0)) t = 0; /* NaN too: its cells are drawn grey before */
    if (t > 1) t = 1;
    int k = t < 1 ? (int)(t * 4) : 3;
    double f = t * 4 - k;
    const Rgb a = at[k], b = at[k + 1];
    return (Rgb){(uint8_t)(a.r + f * (b.r - a.r) + 0.5), (uint8_t)(a.g + f * (b.g - a.g) + 0.5),
                 (uint8_t)(a.b + f * (b.b - a.b) + 0.5)};
}

/* ---- the scene ---- */

typedef enum Kind { PLOT, BARS, HEAT, IMAGE, CONTOUR } Kind;
typedef struct Axis {
    double lo, hi, tick[TICKS];
    int n;
    int decimals;
} Axis;
typedef struct Line {
    const double *x, *y;
    int64_t n;
    const char *name;
} Line;
/* One piece of a contour. */
typedef struct Piece {
    double x0, y0, x1, y1;
    int level;
} Piece;
typedef struct Scene {
    State *S;
    Kind kind;
    const char *title, *xlabel, *ylabel;
    Axis x, y;
    Line line[SERIES_MAX];
    int nlines;
    const Tensor *edges, *counts, *cells;
    double low, high; /* of the cells */
    const Tensor *levels;
    Piece *piece;
    size_t npieces, cappieces;
    Tensor *held[2 * SERIES_MAX + 4]; /* settled and row-major, owned */
    int nheld;
} Scene;

static Value named(const List *l, const char *name)
{
    for (int64_t i = 0; i < l->len; i++) {
        const Str *s = list_name(l, i);
        if (s && !strcmp(s->data, name)) return l->at[i];
    }
    return NIL;
}

static const char *text_of(const List *l, const char *name)
{
    Value v = named(l, name);
    return v.tag == T_STR ? v.s->data : NULL;
}

bool is_figure(Value v)
{
    if (v.tag != T_LIST || !v.l->len || v.l->at[0].tag != T_STR) return false;
    const Str *s = list_name(v.l, 0);
    return s && !strcmp(s->data, "figure");
}

static bool broken(State *S, const char *what)
{
    diag_fail(S, DIAG_VALUE, "this figure cannot be drawn: %s", what);
    return diag_hint(S, "plot, hist, heat, image and contour make figures");
}

static const double *data_of(const Tensor *t) { return (const double *)t->st->data + t->offset; }

/* Item `name` as settled row-major numbers of rank `rank`. */
static const Tensor *numbers(Scene *s, const List *l, const char *name, int rank, DType d)
{
    Value v = named(l, name);
    if (v.tag != T_TENSOR || v.t->rank != rank || !v.t->n) {
        broken(s->S, name);
        return NULL;
    }
    Tensor *t = tensor_as(s->S, v.t, d), *y = t ? tensor_contiguous(s->S, t) : NULL;
    obj_release(s->S, t);
    if (y) s->held[s->nheld++] = y;
    return y;
}

static void widen(Axis *a, double v)
{
    if (!isfinite(v)) return;
    a->lo = fmin(a->lo, v);
    a->hi = fmax(a->hi, v);
}

/* Ticks at 1, 2 or 5 times a power of ten; the range grows to them when `grow`. cite Heckbert 1990, "Nice numbers for graph
** labels", Graphics Gems. */
static void axis_end(Axis *a, int wanted, bool grow)
{
    if (!(a->lo <= a->hi)) a->lo = 0, a->hi = 1;
    if (a->lo == a->hi) {
        double d = a->lo ? fabs(a->lo) * 0.5 : 1;
        a->lo -= d, a->hi += d;
    }
    double raw = (a->hi - a->lo) / wanted, ten = pow(10, floor(log10(raw))), f = raw / ten;
    double step = (f < 1.5 ? 1 : f < 3.5 ? 2 : f < 7.5 ? 5 : 10) * ten;
    if (grow) a->lo = floor(a->lo / step + 1e-9) * step, a->hi = ceil(a->hi / step - 1e-9) * step;
    a->decimals = step < 1 ? (int)ceil(-log10(step) - 1e-9) : 0;
    a->n = 0;
    for (double k = ceil(a->lo / step - 1e-9); k * step <= a->hi + step * 1e-9 && a->n < TICKS; k++) {
        a->tick[a->n++] = fabs(k * step) < step * 1e-9 ? 0 : k * step;
    }
}

static void tick_text(const Axis *a, double v, char out[32])
{
    double most = fmax(fabs(a->lo), fabs(a->hi));
    if (v != 0 && (most >= 1e6 || most < 1e-4)) snprintf(out, 32, "%.3g", v);
    else snprintf(out, 32, "%.*f", a->decimals < 10 ? a->decimals : 10, v);
}

static bool piece_add(Scene *s, double x0, double y0, double x1, double y1, int level)
{
    if (!MEM_PUSH(s->S, s->piece, s->npieces, s->cappieces)) return false;
    s->piece[s->npieces++] = (Piece){x0, y0, x1, y1, level};
    return true;
}

/* Marching squares (Maple 2003, "Geometric design and space planning using the marching squares and marching cube algorithms");
** a saddle is cut by the value in its middle. */
static bool find_contours(Scene *s)
{
    int64_t h = s->cells->dim[0], w = s->cells->dim[1];
    const double *v = data_of(s->cells);
    for (int k = 0; k < s->levels->n; k++) {
        double z = data_of(s->levels)[k];
        for (int64_t i = 0; i + 1 < h; i++)
            for (int64_t j = 0; j + 1 < w; j++) {
                double c[4] = {v[i * w + j], v[i * w + j + 1], v[(i + 1) * w + j + 1], v[(i + 1) * w + j]};
                double px[4], py[4];
                int n = 0;
                if (!isfinite(c[0] + c[1] + c[2] + c[3])) continue;
                for (int e = 0; e < 4; e++) { /* edges in turn: low, right, high, left */
                    double a = c[e], b = c[(e + 1) & 3];
                    if ((a < z) == (b < z)) continue;
                    double f = (z - a) / (b - a);
                    double cx[4] = {0, 1, 1, 0}, cy[4] = {0, 0, 1, 1};
                    double ux = cx[e] + f * (cx[(e + 1) & 3] - cx[e]), uy = cy[e] + f * (cy[(e + 1) & 3] - cy[e]);
                    px[n] = s->x.lo + (s->x.hi - s->x.lo) * ((double)j + ux) / (double)(w - 1);
                    py[n++] = s->y.lo + (s->y.hi - s->y.lo) * ((double)i + uy) / (double)(h - 1);
                }
                if (n == 2 && !piece_add(s, px[0], py[0], px[1], py[1], k)) return false;
                if (n != 4) continue;
                bool middle = (c[0] + c[1] + c[2] + c[3]) / 4 < z, corner = c[0] < z;
                int a = middle == corner ? 1 : 3; /* edge 0 joins edge 1 around corner 1, or edge 3 around corner 0 */
                if (!piece_add(s, px[0], py[0], px[a], py[a], k) || !piece_add(s, px[2], py[2], px[4 - a], py[4 - a], k))
                    return false;
            }
    }
    return true;
}

static bool scene_make(State *S, Value v, Scene *s)
{
    static const char *const kinds[] = {"plot", "bars", "heat", "image", "contour"};
    const List *l = v.l;
    int kind = -1;
    memset(s, 0, sizeof *s);
    s->S = S;
    for (int k = 0; k < 5; k++)
        if (!strcmp(l->at[0].s->data, kinds[k])) kind = k;
    if (kind < 0) return broken(S, "its kind is none of plot bars heat image contour");
    s->kind = (Kind)kind;
    s->title = text_of(l, "title");
    s->xlabel = text_of(l, "xlabel");
    s->ylabel = text_of(l, "ylabel");
    s->x = s->y = (Axis){.lo = INFINITY, .hi = -INFINITY};
    switch (s->kind) {
    case PLOT: {
        Value all = named(l, "series");
        if (all.tag != T_LIST || !all.l->len || all.l->len > SERIES_MAX) return broken(S, "series");
        for (int64_t k = 0; k < all.l->len; k++) {
            Value one = all.l->at[k];
            if (one.tag != T_LIST) return broken(S, "series");
            const Tensor *x = numbers(s, one.l, "x", 1, DT_F64), *y = x ? numbers(s, one.l, "y", 1, DT_F64) : NULL;
            if (!y || x->n != y->n) return y ? broken(S, "x and y differ") : false;
            s->line[s->nlines++] = (Line){data_of(x), data_of(y), y->n, text_of(one.l, "name")};
            for (int64_t i = 0; i < y->n; i++)
                if (isfinite(data_of(x)[i]) && isfinite(data_of(y)[i]))
                    widen(&s->x, data_of(x)[i]), widen(&s->y, data_of(y)[i]);
        }
        axis_end(&s->x, 6, false);
        axis_end(&s->y, 5, true);
        return true;
    }
    case BARS:
        if (!(s->edges = numbers(s, l, "edges", 1, DT_F64)) || !(s->counts = numbers(s, l, "counts", 1, DT_F64)))
            return false;
        if (s->edges->n != s->counts->n + 1) return broken(S, "there is one edge more than there are counts");
        widen(&s->x, data_of(s->edges)[0]);
        widen(&s->x, data_of(s->edges)[s->edges->n - 1]);
        widen(&s->y, 0);
        for (int64_t i = 0; i < s->counts->n; i++) widen(&s->y, data_of(s->counts)[i]);
        axis_end(&s->x, 6, false);
        axis_end(&s->y, 5, true);
        return true;
    case IMAGE:
        if (!(s->cells = numbers(s, l, "pixels", 3, DT_U8))) return false;
        return s->cells->dim[2] == 3 || broken(S, "pixels are [h, w, 3]");
    case HEAT:
    case CONTOUR: break;
    }
    if (!(s->cells = numbers(s, l, "values", 2, DT_F64))) return false;
    s->low = INFINITY, s->high = -INFINITY;
    if (s->kind == CONTOUR) {
        const Tensor *x = numbers(s, l, "x", 1, DT_F64), *y = x ? numbers(s, l, "y", 1, DT_F64) : NULL;
        if (!y || !(s->levels = numbers(s, l, "levels", 1, DT_F64))) return false;
        if (x->n != 2 || y->n != 2 || s->cells->dim[0] < 2 || s->cells->dim[1] < 2)
            return broken(S, "x and y are ranges");
        for (int i = 0; i < 2; i++) widen(&s->x, data_of(x)[i]), widen(&s->y, data_of(y)[i]);
        axis_end(&s->x, 6, false);
        axis_end(&s->y, 5, false);
        return find_contours(s);
    }
    for (int64_t i = 0; i < s->cells->n; i++) {
        double z = data_of(s->cells)[i];
        if (isfinite(z)) s->low = fmin(s->low, z), s->high = fmax(s->high, z);
    }
    if (!(s->low <= s->high)) s->low = 0, s->high = 1;
    return true;
}

static void scene_free(Scene *s)
{
    while (s->nheld) obj_release(s->S, s->held[--s->nheld]);
    mem_free(s->S, s->piece, s->cappieces * sizeof *s->piece);
}

static Rgb level_colour(const Scene *s, int k)
{
    int64_t n = s->levels->n; /* by their order; the palest would vanish on paper */
    return viridis(n > 1 ? 0.9 * k / (double)(n - 1) : 0.4);
}

static Rgb cell_colour(const Scene *s, int64_t i, int64_t j)
{
    int64_t at = i * s->cells->dim[1] + j;
    if (s->kind == IMAGE) {
        const uint8_t *p = (const uint8_t *)s->cells->st->data + s->cells->offset + 3 * at;
        return (Rgb){p[0], p[1], p[2]};
    }
    double z = data_of(s->cells)[at];
    if (isnan(z)) return (Rgb){160, 160, 160};
    return viridis(s->high > s->low ? (z - s->low) / (s->high - s->low) : 0.5);
}

/* ---- text ---- */

typedef struct Dots {
    int w, h;             /* characters */
    uint8_t *on, *colour; /* bits of a braille character; 1 + index of a colour */
    Rgb tone[256];
} Dots;

static void dot(Dots *d, int x, int y, int colour)
{
    static const uint8_t bit[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || y < 0 || x >= 2 * d->w || y >= 4 * d->h) return;
    int at = y / 4 * d->w + x / 2;
    d->on[at] |= bit[y % 4][x % 2];
    d->colour[at] = (uint8_t)colour;
}

/* Bresenham 1965, "Algorithm for computer control of a digital plotter". */
static void dot_line(Dots *d, int x0, int y0, int x1, int y1, int colour)
{
    int dx = abs(x1 - x0), dy = -abs(y1 - y0), sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1, e = dx + dy;
    for (;;) {
        dot(d, x0, y0, colour);
        if (x0 == x1 && y0 == y1) return;
        int e2 = 2 * e;
        if (e2 >= dy) e += dy, x0 += sx;
        if (e2 <= dx) e += dx, y0 += sy;
    }
}

static int place(const Axis *a, double v, int n, bool up)
{
    double t = (v - a->lo) / (a->hi - a->lo);
    return (int)lround((up ? 1 - t : t) * (n - 1));
}

static void put_glyph(Buf *b, uint32_t code)
{
    utf8proc_uint8_t u[4];
    buf_put(b, (const char *)u, (size_t)utf8proc_encode_char((utf8proc_int32_t)code, u));
}

static int columns_of(const char *s)
{
    int n = 0;
    utf8proc_int32_t c;
    for (utf8proc_ssize_t k; *s && (k = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c)) > 0; s += k)
        n += utf8proc_charwidth(c);
    return n;
}

static void centred(Buf *b, const char *s, int left, int w)
{
    int room = left + (w - columns_of(s)) / 2;
    buf_printf(b, "%*s%s\n", room > 0 ? room : 0, "", s);
}

static void tint(Buf *b, bool colour, Rgb c)
{
    if (colour) buf_printf(b, "\033[38;2;%d;%d;%dm", c.r, c.g, c.b);
}
static void untint(Buf *b, bool colour)
{
    if (colour) buf_puts(b, "\033[0m");
}

static void text_legend(const Scene *s, Buf *b, bool colour, int left)
{
    if (s->kind != PLOT || s->nlines < 2) return;
    buf_printf(b, "%*s", left, "");
    for (int k = 0; k < s->nlines; k++) {
        tint(b, colour, palette[k % PALETTE]);
        buf_puts(b, "\342\240\222\342\240\222 "); /* two braille dashes */
        untint(b, colour);
        buf_printf(b, "%s%s", s->line[k].name ? s->line[k].name : "", k + 1 < s->nlines ? "   " : "\n");
    }
}

static void draw_dots(const Scene *s, Dots *d)
{
    int w = 2 * d->w, h = 4 * d->h;
    for (int k = 0; k < s->nlines; k++) {
        const Line *l = &s->line[k];
        bool before = false;
        int px = 0, py = 0;
        for (int64_t i = 0; i < l->n; i++) {
            if (!isfinite(l->x[i]) || !isfinite(l->y[i])) {
                before = false;
                continue;
            }
            int x = place(&s->x, l->x[i], w, false), y = place(&s->y, l->y[i], h, true);
            if (before) dot_line(d, px, py, x, y, 1 + k % PALETTE);
            else dot(d, x, y, 1 + k % PALETTE);
            px = x, py = y, before = true;
        }
    }
    for (int64_t i = 0; s->kind == BARS && i < s->counts->n; i++) {
        int x0 = place(&s->x, data_of(s->edges)[i], w, false), x1 = place(&s->x, data_of(s->edges)[i + 1], w, false);
        int y = place(&s->y, data_of(s->counts)[i], h, true), end = x1 - x0 > 2 ? x1 - 1 : x1 > x0 ? x1 : x0 + 1;
        for (int x = x0; x < end; x++)
            for (int q = y; q < h && data_of(s->counts)[i] > 0; q++) dot(d, x, q, 1);
    }
    for (size_t i = 0; i < s->npieces; i++) {
        const Piece *p = &s->piece[i];
        dot_line(d, place(&s->x, p->x0, w, false), place(&s->y, p->y0, h, true), place(&s->x, p->x1, w, false),
                 place(&s->y, p->y1, h, true), 1 + p->level % 250);
    }
}

/* Lines, bars and contours between two axes. */
static bool text_axes(const Scene *s, Buf *b, bool colour, int columns)
{
    char label[TICKS][32], text[32];
    int left = 0;
    for (int k = 0; k < s->y.n; k++) {
        tick_text(&s->y, s->y.tick[k], label[k]);
        if ((int)strlen(label[k]) > left) left = (int)strlen(label[k]);
    }
    int w = columns - left - 3, h = ROWS;
    if (w > 72) w = 72;
    if (w < 16) w = 16;
    size_t size = (size_t)(w * h);
    Dots d = {.w = w, .h = h, .on = mem_zalloc(s->S, 2 * size)};
    if (!d.on) return false;
    d.colour = d.on + size;
    for (int k = 0; k < 250; k++)
        d.tone[k] = s->kind == CONTOUR ? (k < s->levels->n ? level_colour(s, k) : ink) : palette[k % PALETTE];
    draw_dots(s, &d);
    if (s->title) centred(b, s->title, left + 2, w);
    if (s->ylabel) buf_printf(b, "%s\n", s->ylabel);
    for (int i = 0; i < h; i++) {
        const char *mark = NULL;
        for (int k = 0; k < s->y.n; k++)
            if (place(&s->y, s->y.tick[k], 4 * h, true) / 4 == i) mark = label[k];
        buf_printf(b, "%*s %s", left, mark ? mark : "", mark ? "\342\224\244" : "\342\224\202");
        int last = w;
        while (last > 0 && !d.on[i * w + last - 1]) last--;
        for (int j = 0, now = 0; j < last; j++) {
            int at = i * w + j, c = d.on[at] ? d.colour[at] : now;
            if (colour && c != now) tint(b, true, d.tone[c - 1]);
            now = c;
            if (d.on[at]) put_glyph(b, 0x2800u + d.on[at]);
            else buf_puts(b, " ");
            if (colour && j == last - 1) untint(b, true);
        }
        buf_puts(b, "\n");
    }
    mem_free(s->S, d.on, 2 * size);
    char row[160] = "";
    memset(row, ' ', sizeof row - 1);
    buf_printf(b, "%*s \342\224\224", left, "");
    int at = 0, end = 0;
    for (int k = 0; k < s->x.n; k++) {
        int x = place(&s->x, s->x.tick[k], 2 * w, false) / 2;
        for (; at < x; at++) buf_puts(b, "\342\224\200");
        buf_puts(b, "\342\224\254");
        at++;
        tick_text(&s->x, s->x.tick[k], text);
        int n = (int)strlen(text), from = x - n / 2;
        if (from < 0) from = 0;
        if (from < end + (end > 0)) continue;
        if (left + 2 + from + n >= (int)sizeof row) continue;
        memcpy(row + left + 2 + from, text, (size_t)n);
        end = from + n;
    }
    for (; at < w; at++) buf_puts(b, "\342\224\200");
    row[left + 2 + end] = 0;
    buf_printf(b, "\n%s\n", row);
    if (s->xlabel) centred(b, s->xlabel, left + 2, w);
    text_legend(s, b, colour, left + 2);
    return true;
}

/* Cells: two rows of them in a line, as the halves of blocks; without colour in five densities. */
static bool text_cells(const Scene *s, Buf *b, bool colour, int columns)
{
    static const char *const shade[] = {" ", "\342\226\221", "\342\226\222", "\342\226\223", "\342\226\210"};
    int64_t h = s->cells->dim[0], w = s->cells->dim[1];
    double f = fmin(1, fmin((double)columns / (double)w, 48.0 / (double)h));
    int64_t oh = (int64_t)fmax(1, (double)h * f), ow = (int64_t)fmax(1, (double)w * f);
    int wide = ow * 2 <= columns && oh <= 24 ? 2 : 1; /* small ones with room to see */
    if (s->title) centred(b, s->title, 0, (int)ow * wide);
    int64_t step = colour && wide == 1 ? 2 : 1;
    if (!colour && wide == 1) step = 2;
    for (int64_t i = 0; i < oh; i += step) {
        for (int64_t j = 0; j < ow; j++) {
            int64_t y = i * h / oh, x = j * w / ow, y2 = i + 1 < oh ? (i + 1) * h / oh : y;
            Rgb p = cell_colour(s, y, x), q = cell_colour(s, y2, x);
            if (!colour) {
                double light = (0.299 * p.r + 0.587 * p.g + 0.114 * p.b) / 255;
                double z = s->kind == HEAT ? data_of(s->cells)[y * w + x] : light;
                if (s->kind == HEAT) z = s->high > s->low ? (z - s->low) / (s->high - s->low) : 0.5;
                int k = z >= 0 ? (int)fmin(4, z * 5) : 0;
                for (int r = 0; r < wide; r++) buf_puts(b, shade[k]);
            } else if (wide == 2) {
                buf_printf(b, "\033[48;2;%d;%d;%dm  ", p.r, p.g, p.b);
            } else {
                buf_printf(b, "\033[38;2;%d;%d;%dm\033[48;2;%d;%d;%dm\342\226\200", p.r, p.g, p.b, q.r, q.g, q.b);
            }
        }
        untint(b, colour);
        buf_puts(b, "\n");
    }
    if (s->kind == HEAT) buf_printf(b, "%lld x %lld, from %.4g to %.4g\n", (long long)h, (long long)w, s->low, s->high);
    return true;
}

static bool text_levels(const Scene *s, Buf *b, bool colour)
{
    if (s->kind != CONTOUR) return true;
    buf_puts(b, "levels");
    for (int k = 0; k < s->levels->n; k++) {
        buf_puts(b, " ");
        tint(b, colour, level_colour(s, k));
        buf_printf(b, "%.3g", data_of(s->levels)[k]);
        untint(b, colour);
    }
    buf_puts(b, "\n");
    return true;
}

bool figure_text(State *S, Buf *b, Value v)
{
    Scene s;
    int columns = S->columns > 0 ? S->columns : 80;
    bool ok = scene_make(S, v, &s);
    size_t from = b->len;
    if (ok && (s.kind == HEAT || s.kind == IMAGE)) ok = text_cells(&s, b, S->color, columns);
    else if (ok) ok = text_axes(&s, b, S->color, columns) && text_levels(&s, b, S->color);
    scene_free(&s);
    if (ok && b->len > from && b->p && b->p[b->len - 1] == '\n') b->p[--b->len] = 0; /* print ends the line */
    return ok && !b->failed;
}

/* ---- strokes, boxes and words, for SVG and PNG ---- */

typedef struct Canvas {
    State *S;
    int w, h;
    Buf *svg;    /* or */
    uint8_t *px; /* RGB */
} Canvas;

static void blend(const Canvas *c, int x, int y, Rgb k, double a)
{
    if (x < 0 || y < 0 || x >= c->w || y >= c->h || a <= 0) return;
    uint8_t *p = c->px + 3 * ((size_t)y * (size_t)c->w + (size_t)x);
    if (a > 1) a = 1;
    p[0] = (uint8_t)(p[0] + a * (k.r - p[0]) + 0.5);
    p[1] = (uint8_t)(p[1] + a * (k.g - p[1]) + 0.5);
    p[2] = (uint8_t)(p[2] + a * (k.b - p[2]) + 0.5);
}

/* Covers each pixel by how far its middle is from the segment. */
static void paint_line(const Canvas *c, double x0, double y0, double x1, double y1, double width, Rgb k)
{
    double r = width / 2, dx = x1 - x0, dy = y1 - y0, len = dx * dx + dy * dy;
    int top = (int)floor(fmin(y0, y1) - r - 1), end = (int)ceil(fmax(y0, y1) + r + 1);
    for (int y = top < 0 ? 0 : top; y <= end && y < c->h; y++) {
        double lo = fmin(x0, x1), hi = fmax(x0, x1);
        if (fabs(dy) > 1) { /* the part of the segment near this row */
            double a = x0 + (y - 1 - r + 0.5 - y0) / dy * dx, z = x0 + (y + 1 + r + 0.5 - y0) / dy * dx;
            lo = fmax(lo, fmin(a, z)), hi = fmin(hi, fmax(a, z));
        }
        for (int x = (int)floor(lo - r - 1); x <= (int)ceil(hi + r + 1); x++) {
            double px = x + 0.5 - x0, py = y + 0.5 - y0, t = len > 0 ? (px * dx + py * dy) / len : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            blend(c, x, y, k, r + 0.5 - hypot(px - t * dx, py - t * dy));
        }
    }
}

static void stroke(const Canvas *c, double x0, double y0, double x1, double y1, double width, Rgb k)
{
    if (c->px) paint_line(c, x0, y0, x1, y1, width, k);
    else
        buf_printf(c->svg, "<path d=\"M%.2f %.2fL%.2f %.2f\" stroke=\"#%02x%02x%02x\" stroke-width=\"%g\"/>\n", x0, y0,
                   x1, y1, k.r, k.g, k.b, width);
}

static void box(const Canvas *c, double x, double y, double w, double h, Rgb k)
{
    if (!c->px) {
        buf_printf(c->svg, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"#%02x%02x%02x\"/>\n", x,
                   y, w, h, k.r, k.g, k.b);
        return;
    }
    for (int i = (int)floor(y); i < (int)ceil(y + h); i++)
        for (int j = (int)floor(x); j < (int)ceil(x + w); j++)
            blend(c, j, i, k, (fmin(i + 1, y + h) - fmax(i, y)) * (fmin(j + 1, x + w) - fmax(j, x)));
}

/* Letters as strokes: pairs of digits x y, x 0 to 4, y from 0 (lowest) over 2 (the line), 6 (small letters) to 8; a blank
** lifts the pen. From " " to "~". */
static const char *const letters[] = {
    "",
    "2824 2222",
    "1816 3836",
    "1218 3238 0444 0646",
    "473818070615354443321203 2921",
    "0248 0818170708 3343423233",
    "4216172837360403122244",
    "2826",
    "38272332",
    "18272312",
    "2723 0644 0446",
    "2723 0545",
    "2311",
    "0545",
    "2222",
    "0248",
    "183847433212030718",
    "172822 1232",
    "07183847460242",
    "07183847463525 354443321203",
    "32380444",
    "480805354443321203",
    "4738180703123243443505",
    "084812",
    "15060718384746351504031232434435",
    "4515060718384743321203",
    "2525 2222",
    "2525 2311",
    "470543",
    "0444 0646",
    "074503",
    "07183847462524 2222",
    "433212030718384744242646",
    "022842 1434",
    "02083847463505 3544433202",
    "4738180703123243",
    "02082846442202",
    "48080242 0535",
    "480802 0535",
    "47381807031232434525",
    "0802 4842 0545",
    "1838 2822 1232",
    "4843321203",
    "0802 480542",
    "080242",
    "0208254842",
    "02084248",
    "183847433212030718",
    "02083847463505",
    "183847433212030718 2442",
    "02083847463505 2542",
    "473818070615354443321203",
    "0848 2822",
    "080312324348",
    "082248",
    "0812263248",
    "0842 0248",
    "082548 2522",
    "08480242",
    "38282232",
    "0842",
    "18282212",
    "062846",
    "0141",
    "1827",
    "16364542 441403123243",
    "0802 0516364543321203",
    "4536160503123243",
    "4842 4536160503123243",
    "04444536160503123243",
    "47382722 1636",
    "4641301001 4536160503123243",
    "0802 0516364542",
    "2622 2828",
    "262110 2828",
    "0802 460442",
    "182822 1232",
    "0602 05162522 25364542",
    "0602 0516364542",
    "163645433212030516",
    "0600 0516364543321203",
    "4640 4536160503123243",
    "0602 051636",
    "4616051434433202",
    "28233242 1636",
    "0603123243 4642",
    "062246",
    "0612253246",
    "0642 0246",
    "0622 4610",
    "06460242",
    "38272615242332",
    "2921",
    "18272635242312",
    "05163445",
};
_Static_assert(sizeof letters / sizeof *letters == 95, "a letter for each printable character of ASCII");

static double word_width(const char *s, double size) { return columns_of(s) * size * 0.55; }

static void paint_word(const Canvas *c, double x, double y, double size, Rgb k, const char *s, bool up)
{
    double unit = size / 9, step = size * 0.55;
    utf8proc_int32_t code;
    for (utf8proc_ssize_t n; *s && (n = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &code)) > 0; s += n) {
        const char *p = code > ' ' && code < 127 ? letters[code - ' ']
                        : code == ' '            ? ""
                                                 : "0208484202"; /* a box: not known */
        double lx = 0, ly = 0;
        for (bool pen = false; *p;) {
            if (*p == ' ') {
                pen = false;
                p++;
                continue;
            }
            double u = (p[0] - '0') * unit, v = (p[1] - '0' - 2) * unit;
            double nx = up ? x - v : x + u, ny = up ? y - u : y - v;
            if (pen) paint_line(c, lx, ly, nx, ny, size / 11, k);
            lx = nx, ly = ny, pen = true;
            p += 2;
        }
        if (up) y -= step;
        else x += step;
    }
}

/* Text for SVG: what XML reserves is written out, what it cannot hold is left out. */
static void xml(Buf *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '<') buf_puts(b, "&lt;");
        else if (*s == '&') buf_puts(b, "&amp;");
        else if (*s == '"') buf_puts(b, "&quot;");
        else if ((unsigned char)*s >= 32) buf_put(b, s, 1);
    }
}

/* anchor: 0 begins, 0.5 centres, 1 ends at x; up: written from below to above. */
static void word(const Canvas *c, double x, double y, double anchor, double size, Rgb k, const char *s, bool up)
{
    if (c->px) {
        double w = word_width(s, size) * anchor;
        paint_word(c, up ? x : x - w, up ? y + w : y, size, k, s, up);
        return;
    }
    buf_printf(c->svg, "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%g\" fill=\"#%02x%02x%02x\" text-anchor=\"%s\"", x, y,
               size, k.r, k.g, k.b,
               anchor == 0   ? "start"
               : anchor == 1 ? "end"
                             : "middle");
    if (up) buf_printf(c->svg, " transform=\"rotate(-90 %.2f %.2f)\"", x, y);
    buf_puts(c->svg, ">");
    xml(c->svg, s);
    buf_puts(c->svg, "</text>\n");
}

typedef struct Field {
    double x, y, w, h;
} Field;

static double at_x(const Scene *s, const Field *f, double v)
{
    return f->x + (v - s->x.lo) / (s->x.hi - s->x.lo) * f->w;
}
static double at_y(const Scene *s, const Field *f, double v)
{
    return f->y + (s->y.hi - v) / (s->y.hi - s->y.lo) * f->h;
}

/* A line of many points: for each column of pixels the first, the lowest, the highest and the last of them. */
static void draw_line(const Canvas *c, const Scene *s, const Field *f, const Line *l, Rgb k)
{
    bool before = false, open = false;
    double px = 0, py = 0;
    for (int64_t i = 0; i < l->n;) {
        if (!isfinite(l->x[i]) || !isfinite(l->y[i])) {
            before = false;
            i++;
            continue;
        }
        double x = at_x(s, f, l->x[i]), first = at_y(s, f, l->y[i]), lo = first, hi = first, last = first, lx = x;
        int64_t j = i + 1;
        for (; j < l->n && isfinite(l->x[j]) && isfinite(l->y[j]) && floor(2 * at_x(s, f, l->x[j])) == floor(2 * x);
             j++) {
            last = at_y(s, f, l->y[j]);
            lx = at_x(s, f, l->x[j]);
            lo = fmin(lo, last), hi = fmax(hi, last);
        }
        double ys[4] = {first, lo, hi, last}, xs[4] = {x, x, x, lx};
        int n = j - i == 1 ? 1 : 4;
        bool alone = !before && n == 1 && (j >= l->n || !isfinite(l->x[j]) || !isfinite(l->y[j]));
        if (alone) box(c, x - 1.5, first - 1.5, 3, 3, k);
        for (int q = 0; q < n && !alone; q++) {
            if (c->px) {
                if (before) paint_line(c, px, py, xs[q], ys[q], 1.6, k);
            } else {
                if (!open) buf_puts(c->svg, "<path d=\"");
                buf_printf(c->svg, "%s%.2f %.2f", before ? "L" : "M", xs[q], ys[q]);
                open = true;
            }
            px = xs[q], py = ys[q], before = true;
        }
        i = j;
    }
    if (open) buf_printf(c->svg, "\" stroke=\"#%02x%02x%02x\" stroke-width=\"1.6\"/>\n", k.r, k.g, k.b);
}

static void draw_legend(const Canvas *c, const Scene *s, const Field *f)
{
    if (s->kind != PLOT || s->nlines < 2) return;
    double w = 0, step = 16;
    int n = s->nlines < 20 ? s->nlines : 20;
    for (int k = 0; k < n; k++) w = fmax(w, word_width(s->line[k].name ? s->line[k].name : "", 12));
    double x = f->x + f->w - w - 40, y = f->y + 8;
    box(c, x, y, w + 34, n * step + 6, paper);
    stroke(c, x, y, x + w + 34, y, 0.6, pale);
    stroke(c, x, y + n * step + 6, x + w + 34, y + n * step + 6, 0.6, pale);
    for (int k = 0; k < n; k++) {
        double at = y + 3 + step * k;
        stroke(c, x + 5, at + 8, x + 23, at + 8, 2, palette[k % PALETTE]);
        word(c, x + 28, at + 12, 0, 12, ink, s->line[k].name ? s->line[k].name : "", false);
    }
}

static void draw_axes(const Canvas *c, const Scene *s)
{
    Field f = {64, s->title ? 34 : 16, 0, 0};
    char t[32];
    double left = 0;
    for (int k = 0; k < s->y.n; k++) {
        tick_text(&s->y, s->y.tick[k], t);
        left = fmax(left, word_width(t, 11));
    }
    f.x = left + 16 + (s->ylabel ? 18 : 0);
    f.w = c->w - f.x - 22;
    f.h = c->h - f.y - 30 - (s->xlabel ? 18 : 0);
    for (int k = 0; k < s->y.n; k++) {
        double y = at_y(s, &f, s->y.tick[k]);
        stroke(c, f.x, y, f.x + f.w, y, 0.6, pale);
        tick_text(&s->y, s->y.tick[k], t);
        word(c, f.x - 6, y + 4, 1, 11, ink, t, false);
    }
    for (int k = 0; k < s->x.n; k++) {
        double x = at_x(s, &f, s->x.tick[k]);
        stroke(c, x, f.y, x, f.y + f.h, 0.6, pale);
        stroke(c, x, f.y + f.h, x, f.y + f.h + 4, 1, ink);
        tick_text(&s->x, s->x.tick[k], t);
        word(c, x, f.y + f.h + 17, 0.5, 11, ink, t, false);
    }
    for (int64_t i = 0; s->kind == BARS && i < s->counts->n; i++) {
        double x0 = at_x(s, &f, data_of(s->edges)[i]), x1 = at_x(s, &f, data_of(s->edges)[i + 1]);
        double y = at_y(s, &f, data_of(s->counts)[i]), gap = x1 - x0 > 4 ? 1 : 0;
        box(c, x0 + gap / 2, y, x1 - x0 - gap, f.y + f.h - y, palette[0]);
    }
    for (size_t i = 0; i < s->npieces; i++) {
        const Piece *p = &s->piece[i];
        stroke(c, at_x(s, &f, p->x0), at_y(s, &f, p->y0), at_x(s, &f, p->x1), at_y(s, &f, p->y1), 1.2,
               level_colour(s, p->level));
    }
    for (int k = 0; k < s->nlines; k++) draw_line(c, s, &f, &s->line[k], palette[k % PALETTE]);
    stroke(c, f.x, f.y + f.h, f.x + f.w, f.y + f.h, 1, ink);
    stroke(c, f.x, f.y, f.x, f.y + f.h, 1, ink);
    draw_legend(c, s, &f);
    if (s->title) word(c, f.x + f.w / 2, 22, 0.5, 14, ink, s->title, false);
    if (s->xlabel) word(c, f.x + f.w / 2, c->h - 8, 0.5, 12, ink, s->xlabel, false);
    if (s->ylabel) word(c, 16, f.y + f.h / 2, 0.5, 12, ink, s->ylabel, true);
}

static void draw_cells(const Canvas *c, const Scene *s)
{
    int64_t h = s->cells->dim[0], w = s->cells->dim[1];
    bool scale = s->kind == HEAT;
    double top = s->title ? 34 : 12, room_w = c->w - (scale ? 110 : 24), room_h = c->h - top - 12;
    double size = fmin(room_w / (double)w, room_h / (double)h);
    double x0 = 12 + (room_w - size * (double)w) / 2;
    int64_t most = 400, oh = h < most ? h : most, ow = w < most ? w : most; /* more cells than pixels are not drawn */
    double ch = size * (double)h / (double)oh, cw = size * (double)w / (double)ow;
    for (int64_t i = 0; i < oh; i++)
        for (int64_t j = 0; j < ow; j++) {
            double x = x0 + cw * (double)j, y = top + ch * (double)i;
            box(c, floor(x), floor(y), floor(x + cw) - floor(x), floor(y + ch) - floor(y),
                cell_colour(s, i * h / oh, j * w / ow));
        }
    if (s->title) word(c, c->w / 2.0, 22, 0.5, 14, ink, s->title, false);
    if (!scale) return;
    double x = c->w - 84, y = top, tall = room_h;
    for (int k = 0; k < 64; k++)
        box(c, x, floor(y + tall * k / 64), 14, floor(y + tall * (k + 1) / 64) - floor(y + tall * k / 64),
            viridis(1 - (k + 0.5) / 64));
    Axis a = {.lo = s->low, .hi = s->high};
    axis_end(&a, 5, false);
    for (int k = 0; k < a.n; k++) {
        char t[32];
        double at = y + tall * (a.hi - a.tick[k]) / (a.hi - a.lo);
        tick_text(&a, a.tick[k], t);
        stroke(c, x + 14, at, x + 18, at, 1, ink);
        word(c, x + 22, fmin(fmax(at + 4, y + 8), y + tall), 0, 11, ink, t, false);
    }
}

static void draw(const Canvas *c, const Scene *s)
{
    box(c, 0, 0, c->w, c->h, paper);
    if (s->kind == HEAT || s->kind == IMAGE) draw_cells(c, s);
    else draw_axes(c, s);
}

bool figure_svg(State *S, Buf *b, Value v)
{
    Scene s;
    Canvas c = {S, WIDTH, HEIGHT, b, NULL};
    bool ok = scene_make(S, v, &s);
    if (ok) {
        buf_printf(b,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                   "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" fill=\"none\" stroke-linejoin=\"round\" "
                   "shape-rendering=\"%s\">\n",
                   c.w, c.h, c.w, c.h, s.kind == HEAT || s.kind == IMAGE ? "crispEdges" : "auto");
        draw(&c, &s);
        buf_puts(b, "</svg>\n");
    }
    scene_free(&s);
    return ok && !b->failed;
}

bool figure_png(State *S, Buf *b, Value v)
{
    Scene s;
    size_t size = 3 * (size_t)WIDTH * HEIGHT;
    uint8_t *px = mem_alloc(S, size);
    if (!px) return false;
    Canvas c = {S, WIDTH, HEIGHT, NULL, px};
    memset(px, 255, size);
    bool ok = scene_make(S, v, &s);
    if (ok) draw(&c, &s);
    scene_free(&s);
    ok = ok && png_encode(S, c.h, c.w, 3, px, b);
    mem_free(S, px, size);
    return ok;
}
