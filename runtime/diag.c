/* diag.c -- making diagnostics, finding lines and columns, and the one text everybody shows.
**
** A diagnostic is made with mem_try, so making it never raises a second error; where that fails it
** becomes S->oom, whose message buffer is allocated when the state opens. The rendered form:
**
**   error E0213: shapes do not meet in `@`: [32, 64] @ [32, 10]
**     --> digits.gd:20:16
**      |
**   20 |   let h = relu(features @ W + b)
**      |                ^^^^^^^^ 64 columns on the left, 32 rows on the right
**      = W: [32, 10], made by he([32, 10]) (digits.gd:9)
**   hint: ...
**   called from digits.gd:31 in nll
**
** Columns are counted in code points; the caret line is padded by display width (wide characters are two
** cells, tabs four, control characters a blank).
** SPDX-License-Identifier: MIT */
#include "runtime/diag.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>
#include "runtime/state.h"

const DiagInfo diag_info[DIAG_COUNT] = {
    [DIAG_OK] = {0, 0, "", ""},
#define DIAG(code, name, exit, title, text) [DIAG_##name] = {1##code - 10000, exit, title, text},
#include "runtime/diag.def"
#undef DIAG
};

enum { OOM_TEXT = 160, MESSAGE_MAX = 2000, CALLS_MAX = 20, CALLS_DEEP = 4, ERRORS_MAX = 20, WARNINGS_MAX = 100 };
enum { LINE_CELLS = 110, LINE_LEAD = 30, TAB = 4 };

DiagCode diag_by_number(int number)
{
    for (int k = 1; k < DIAG_COUNT; k++)
        if (diag_info[k].number == number) return (DiagCode)k;
    return DIAG_OK;
}

/* ---- making ---- */

static void text_free(State *S, char *s)
{
    if (s) mem_free(S, s, strlen(s) + 1);
}

/* Formats into a fresh block, cut at MESSAGE_MAX bytes (not inside a character). NULL: no memory. */
static char *text_new(State *S, const char *fmt, va_list ap)
{
    char buf[MESSAGE_MAX + 1];
    int n = vsnprintf(buf, sizeof buf, fmt, ap);
    if (n < 0) n = 0;
    if (n > MESSAGE_MAX) {
        n = MESSAGE_MAX - 3;
        while (n > 0 && ((unsigned char)buf[n] & 0xc0) == 0x80) n--;
        memcpy(buf + n, "...", 4);
        n += 3;
    }
    buf[n] = 0;
    char *s = mem_try(S, strlen(buf) + 1);
    if (s) memcpy(s, buf, strlen(buf) + 1);
    return s;
}

static void parts_free(State *S, Diag *d)
{
    text_free(S, d->label);
    text_free(S, d->hint);
    for (size_t i = 0; i < d->nnotes; i++) text_free(S, d->notes[i].text);
    for (size_t i = 0; i < d->ncalls; i++) text_free(S, d->calls[i].text);
    mem_free(S, d->notes, d->capnotes * sizeof *d->notes);
    mem_free(S, d->calls, d->capcalls * sizeof *d->calls);
    d->label = d->hint = NULL;
    d->notes = d->calls = NULL;
    d->nnotes = d->capnotes = d->ncalls = d->capcalls = d->calls_left = 0;
}

/* The diagnostic set aside becomes the current error. */
static bool set_oom(State *S, Span at, const char *text)
{
    if (S->err) return false;
    Diag *d = &S->oom;
    parts_free(S, d);
    d->code = DIAG_MEM;
    d->warning = false;
    d->at = at;
    if (d->message) snprintf(d->message, OOM_TEXT, "%s", text);
    S->err = d;
    return false;
}

bool diag_init(State *S)
{
    S->oom.code = DIAG_MEM;
    S->oom.message = mem_alloc(S, OOM_TEXT);
    if (!S->oom.message) return false;
    snprintf(S->oom.message, OOM_TEXT, "out of memory");
    return true;
}

void diag_deinit(State *S)
{
    diag_clear(S);
    parts_free(S, &S->oom);
    mem_free(S, S->oom.message, OOM_TEXT);
    S->oom.message = NULL;
    mem_free(S, S->reports, S->capreports * sizeof *S->reports);
    S->reports = NULL;
    S->capreports = 0;
    for (size_t i = 0; i < S->nsources; i++) {
        Source *f = &S->sources[i];
        text_free(S, f->name);
        mem_free(S, f->text, f->len + 1);
        mem_free(S, f->lines, f->nlines * sizeof *f->lines);
    }
    mem_free(S, S->sources, S->capsources * sizeof *S->sources);
    S->sources = NULL;
    S->nsources = S->capsources = 0;
}

static void mebibytes(char *buf, size_t size, size_t n)
{
    double m = (double)n / (1 << 20);
    if (m < 0.1) snprintf(buf, size, "%zu bytes", n);
    else snprintf(buf, size, m < 10 && m != (double)(size_t)m ? "%.2g MiB" : "%.0f MiB", m);
}

bool diag_memory(State *S, size_t n)
{
    char need[32], limit[32], text[OOM_TEXT];
    mebibytes(need, sizeof need, n);
    mebibytes(limit, sizeof limit, S->mem.limit);
    if (S->mem.limit) snprintf(text, sizeof text, "out of memory: needs %s, the limit is %s", need, limit);
    else snprintf(text, sizeof text, "out of memory: needs %s, the machine has no more", need);
    return set_oom(S, vm_here(S), text);
}

static Diag *diag_new(State *S, Span at, DiagCode code, const char *fmt, va_list ap)
{
    char *message = text_new(S, fmt, ap);
    Diag *d = message ? mem_try(S, sizeof *d) : NULL;
    if (!d) {
        text_free(S, message);
        return NULL;
    }
    *d = (Diag){.code = code, .at = at, .message = message};
    return d;
}

static bool diag_vset(State *S, Span at, DiagCode code, const char *fmt, va_list ap)
{
    if (S->err) return false;
    if (code == DIAG_MEM) {
        char text[OOM_TEXT];
        vsnprintf(text, sizeof text, fmt, ap);
        return set_oom(S, at, text);
    }
    Diag *d = diag_new(S, at, code, fmt, ap);
    if (!d) return set_oom(S, at, "out of memory while reporting another error");
    S->err = d;
    return false;
}

bool diag_set(State *S, Span at, DiagCode code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    diag_vset(S, at.file ? at : vm_here(S), code, fmt, ap);
    va_end(ap);
    return false;
}

bool diag_fail(State *S, DiagCode code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    diag_vset(S, vm_here(S), code, fmt, ap);
    va_end(ap);
    return false;
}

/* ---- adding ---- */

static void replace_text(State *S, char **slot, const char *fmt, va_list ap)
{
    char *s = text_new(S, fmt, ap);
    if (!s) return;
    text_free(S, *slot);
    *slot = s;
}

/* Room for one more note; quiet when there is none. */
static bool notes_room(State *S, DiagNote **at, size_t n, size_t *cap)
{
    if (n < *cap) return true;
    size_t more = *cap ? 2 * *cap : 4;
    DiagNote *p = mem_try(S, more * sizeof *p);
    if (!p) return false;
    if (n) memcpy(p, *at, n * sizeof *p);
    mem_free(S, *at, *cap * sizeof *p);
    *at = p;
    *cap = more;
    return true;
}

static void add_note(State *S, Diag *d, Span at, const char *fmt, va_list ap)
{
    if (!notes_room(S, &d->notes, d->nnotes, &d->capnotes)) return;
    char *s = text_new(S, fmt, ap);
    if (s) d->notes[d->nnotes++] = (DiagNote){at, s, 0};
}

#define WITH_ARGS(call)                                                                                                \
    do {                                                                                                               \
        va_list ap;                                                                                                    \
        va_start(ap, fmt);                                                                                             \
        call;                                                                                                          \
        va_end(ap);                                                                                                    \
    } while (0)

bool diag_label(State *S, const char *fmt, ...)
{
    if (S->err) WITH_ARGS(replace_text(S, &S->err->label, fmt, ap));
    return false;
}

bool diag_hint(State *S, const char *fmt, ...)
{
    if (S->err) WITH_ARGS(replace_text(S, &S->err->hint, fmt, ap));
    return false;
}

bool diag_note(State *S, Span at, const char *fmt, ...)
{
    if (S->err) WITH_ARGS(add_note(S, S->err, at, fmt, ap));
    return false;
}

bool diag_called_from(State *S, Span at, const char *name)
{
    Diag *d = S->err;
    if (!d) return false;
    size_t n = strlen(name) + 1;
    char *s = NULL;
    DiagNote *last = d->ncalls && !d->calls_left ? &d->calls[d->ncalls - 1] : NULL;
    if (last && last->at.file == at.file && last->at.off == at.off && !strcmp(last->text, name)) {
        last->more++;
        return false;
    }
    if (d->ncalls < (d->code == DIAG_DEPTH ? CALLS_DEEP : CALLS_MAX) && notes_room(S, &d->calls, d->ncalls, &d->capcalls))
        s = mem_try(S, n);
    if (s) {
        memcpy(s, name, n);
        d->calls[d->ncalls++] = (DiagNote){at, s, 0};
    } else {
        d->calls_left++;
    }
    return false;
}

Diag *diag_report(State *S, Span at, DiagCode code, bool warning, const char *fmt, ...)
{
    if (!warning) S->nerrors++;
    size_t nwarnings = 0, nshown = 0;
    for (size_t i = 0; i < S->nreports; i++) {
        if (S->reports[i]->warning) nwarnings++;
        else nshown++;
    }
    if (warning ? nwarnings >= WARNINGS_MAX : nshown >= ERRORS_MAX) return NULL;
    if (!MEM_PUSH(S, S->reports, S->nreports, S->capreports)) return NULL;
    Diag *d = NULL;
    WITH_ARGS(d = diag_new(S, at, code, fmt, ap));
    if (!d) {
        set_oom(S, at, "out of memory while reporting another error");
        return NULL;
    }
    d->warning = warning;
    S->reports[S->nreports++] = d;
    return d;
}

void diag_report_label(State *S, Diag *d, const char *fmt, ...)
{
    if (d) WITH_ARGS(replace_text(S, &d->label, fmt, ap));
}

void diag_report_hint(State *S, Diag *d, const char *fmt, ...)
{
    if (d) WITH_ARGS(replace_text(S, &d->hint, fmt, ap));
}

void diag_report_note(State *S, Diag *d, Span at, const char *fmt, ...)
{
    if (d) WITH_ARGS(add_note(S, d, at, fmt, ap));
}

Diag *diag_take(State *S)
{
    Diag *d = S->err;
    S->err = NULL;
    return d;
}

void diag_put(State *S, Diag *d)
{
    if (!d || S->err == d) return;
    if (S->err) diag_free(S, d);
    else S->err = d;
}

void diag_free(State *S, Diag *d)
{
    if (!d || (d == &S->oom && S->err == d)) return; /* oom: taken, and raised again since */
    parts_free(S, d);
    if (d == &S->oom) return;
    text_free(S, d->message);
    mem_free(S, d, sizeof *d);
}

void diag_clear(State *S)
{
    diag_free(S, diag_take(S));
    for (size_t i = 0; i < S->nreports; i++) diag_free(S, S->reports[i]);
    S->nreports = S->nerrors = 0;
}

/* ---- sources ---- */

uint32_t source_add(State *S, const char *name, const char *text, size_t len)
{
    if (len > UINT32_MAX - 2) {
        diag_fail(S, DIAG_TOO_LARGE, "\"%s\" is larger than 4 GiB", name);
        return 0;
    }
    if (!MEM_PUSH(S, S->sources, S->nsources, S->capsources)) return 0;
    Source f = {.name = mem_dup(S, name, strlen(name)), .len = len};
    if (f.name) f.text = mem_dup(S, text, len);
    if (!f.text) {
        text_free(S, f.name);
        return 0;
    }
    S->sources[S->nsources++] = f;
    return (uint32_t)S->nsources;
}

const Source *source_get(const State *S, uint32_t file)
{
    return file && file <= S->nsources ? &S->sources[file - 1] : NULL;
}

/* Offsets of line starts; quiet when there is no memory for them. */
static void find_lines(State *S, Source *f)
{
    if (f->lines) return;
    size_t n = 1;
    for (size_t i = 0; i < f->len; i++) n += f->text[i] == '\n';
    uint32_t *at = mem_try(S, n * sizeof *at);
    if (!at) return;
    at[0] = 0;
    for (size_t i = 0, k = 1; i < f->len; i++)
        if (f->text[i] == '\n') at[k++] = (uint32_t)i + 1;
    f->lines = at;
    f->nlines = n;
}

/* Line number from 1 and the offset where it starts. */
static size_t line_of(State *S, Source *f, size_t off, size_t *start)
{
    if (off > f->len) off = f->len;
    find_lines(S, f);
    if (!f->lines) {
        size_t n = 1;
        *start = 0;
        for (size_t i = 0; i < off; i++) {
            if (f->text[i] != '\n') continue;
            n++;
            *start = i + 1;
        }
        return n;
    }
    size_t lo = 0, hi = f->nlines; /* lines[lo] <= off < lines[hi] */
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (f->lines[mid] <= off) lo = mid;
        else hi = mid;
    }
    *start = f->lines[lo];
    return lo + 1;
}

static size_t count_points(const char *s, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) k += ((unsigned char)s[i] & 0xc0) != 0x80;
    return k;
}

void source_where(State *S, Span at, int *line, int *col)
{
    *line = *col = 0;
    if (!source_get(S, at.file)) return;
    Source *f = &S->sources[at.file - 1];
    size_t start, off = at.off > f->len ? f->len : at.off;
    *line = (int)line_of(S, f, off, &start);
    *col = (int)count_points(f->text + start, off - start) + 1;
}

const char *source_place(State *S, Span at, char *buf, size_t n)
{
    const Source *f = source_get(S, at.file);
    int line, col;
    source_where(S, at, &line, &col);
    if (f) snprintf(buf, n, "%s:%d", f->name, line);
    else if (n) buf[0] = 0;
    return buf;
}

/* ---- rendering ---- */

typedef struct Out {
    DiagWrite w;
    void *ud;
    bool color;
} Out;

static void put(Out *o, const char *s, size_t n)
{
    if (n) o->w(o->ud, s, n);
}
static void puts_(Out *o, const char *s) { put(o, s, strlen(s)); }

__attribute__((format(printf, 2, 3))) static void putf(Out *o, const char *fmt, ...)
{
    char buf[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    if (n > 0) put(o, buf, (size_t)n < sizeof buf ? (size_t)n : sizeof buf - 1);
}
static void paint(Out *o, const char *code)
{
    if (o->color) putf(o, "\033[%sm", code);
}
static void blanks(Out *o, int n)
{
    static const char spaces[] = "                                ";
    for (; n > 0; n -= 32) put(o, spaces, n < 32 ? (size_t)n : 32);
}

/* One character of s: its bytes, display cells, and what is shown for it. */
static size_t glyph(const char *s, size_t n, int *cells, const char **show, size_t *nshow)
{
    utf8proc_int32_t cp;
    utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &cp);
    *show = s;
    *cells = 1;
    if (k <= 0) { /* not UTF-8 */
        *show = "\xef\xbf\xbd";
        *nshow = 3;
        return 1;
    }
    *nshow = (size_t)k;
    if (cp == '\t') {
        *show = "    ";
        *cells = TAB;
        *nshow = TAB;
    } else if (cp < 32 || (cp >= 127 && cp < 160) || cp == 0x200e || cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) ||
               (cp >= 0x2066 && cp <= 0x2069)) {
        *show = " "; /* control characters and those that turn the direction of text */
        *nshow = 1;
    } else {
        *cells = utf8proc_charwidth(cp);
        if (*cells < 0) *cells = 0;
    }
    return (size_t)k;
}

static int cells_of(const char *s, size_t n)
{
    int sum = 0, c;
    const char *show;
    size_t nshow;
    for (size_t i = 0; i < n; i += glyph(s + i, n - i, &c, &show, &nshow), sum += c) {}
    return sum;
}

/* Shows s with the cells lo <= cell < hi of it. */
static void put_cells(Out *o, const char *s, size_t n, int lo, int hi)
{
    int at = 0, c;
    const char *show;
    size_t nshow;
    for (size_t i = 0; i < n && at < hi; at += c) {
        i += glyph(s + i, n - i, &c, &show, &nshow);
        if (at >= lo && at + c <= hi) put(o, show, nshow);
    }
}

/* The source line of a span with carets under it. */
static void put_excerpt(Out *o, State *S, const Diag *d, int gutter)
{
    Source *f = &S->sources[d->at.file - 1];
    size_t off = d->at.off > f->len ? f->len : d->at.off, start;
    size_t number = line_of(S, f, off, &start), end = start;
    while (end < f->len && f->text[end] != '\n') end++;
    if (end > start && f->text[end - 1] == '\r') end--;
    if (off > end) off = end;
    size_t stop = off + d->at.len > end ? end : off + d->at.len; /* first line of the span */
    const char *s = f->text + start;
    int total = cells_of(s, end - start), from = cells_of(s, off - start), width = cells_of(f->text + off, stop - off);
    int lo = 0, hi = total;
    if (total > LINE_CELLS) { /* cut around the span */
        lo = from > LINE_LEAD ? from - LINE_LEAD : 0;
        if (lo + LINE_CELLS > total) lo = total - LINE_CELLS;
        hi = lo + LINE_CELLS;
        if (from + width > hi) width = hi - from;
    }
    if (width < 1) width = 1;
    blanks(o, gutter + 1);
    paint(o, "1;34");
    puts_(o, "|\n");
    putf(o, "%*zu |", gutter, number);
    paint(o, "0");
    if (hi > lo) puts_(o, " ");
    if (lo) puts_(o, "...");
    put_cells(o, s, end - start, lo, hi);
    if (hi < total) puts_(o, "...");
    puts_(o, "\n");
    blanks(o, gutter + 1);
    paint(o, "1;34");
    puts_(o, "|");
    paint(o, "0");
    blanks(o, 1 + (lo ? 3 : 0) + from - lo);
    paint(o, d->warning ? "1;33" : "1;31");
    for (int i = 0; i < width; i++) puts_(o, "^");
    if (d->label) {
        puts_(o, " ");
        puts_(o, d->label);
    }
    paint(o, "0");
    puts_(o, "\n");
}

/* Text of several lines keeps its later lines under the first. */
static void put_indented(Out *o, const char *s, int indent)
{
    for (const char *nl; (nl = strchr(s, '\n')); s = nl + 1) {
        put(o, s, (size_t)(nl - s) + 1);
        blanks(o, indent);
    }
    puts_(o, s);
}

void diag_render(State *S, const Diag *d, bool color, DiagWrite w, void *ud)
{
    Out o = {w, ud, color};
    char place[300];
    const Source *f = source_get(S, d->at.file);
    int line = 0, col = 0, gutter = 2;
    if (f) source_where(S, d->at, &line, &col);
    for (int k = 100; k <= line; k *= 10) gutter++;

    paint(&o, d->warning ? "1;33" : "1;31");
    putf(&o, "%s %s%04d", d->warning ? "warning" : "error", "E", diag_info[d->code].number);
    paint(&o, "0;1");
    puts_(&o, ": ");
    puts_(&o, d->message ? d->message : "out of memory");
    paint(&o, "0");
    puts_(&o, "\n");
    if (f) {
        blanks(&o, gutter);
        paint(&o, "1;34");
        puts_(&o, "--> ");
        paint(&o, "0");
        puts_(&o, f->name);
        putf(&o, ":%d:%d\n", line, col);
        put_excerpt(&o, S, d, gutter);
    } else if (d->label) {
        blanks(&o, gutter + 1);
        puts_(&o, "= ");
        put_indented(&o, d->label, gutter + 3);
        puts_(&o, "\n");
    }
    for (size_t i = 0; i < d->nnotes; i++) {
        blanks(&o, gutter + 1);
        paint(&o, "1;34");
        puts_(&o, "= ");
        paint(&o, "0");
        put_indented(&o, d->notes[i].text, gutter + 3);
        if (d->notes[i].at.file) {
            puts_(&o, " (");
            puts_(&o, source_place(S, d->notes[i].at, place, sizeof place));
            puts_(&o, ")");
        }
        puts_(&o, "\n");
    }
    if (d->hint) {
        paint(&o, "1;36");
        puts_(&o, "hint:");
        paint(&o, "0");
        puts_(&o, " ");
        put_indented(&o, d->hint, 6);
        puts_(&o, "\n");
    }
    for (size_t i = 0; i < d->ncalls; i++) {
        puts_(&o, "called from ");
        if (d->calls[i].at.file) puts_(&o, source_place(S, d->calls[i].at, place, sizeof place));
        else puts_(&o, "outside");
        puts_(&o, " in ");
        puts_(&o, d->calls[i].text);
        if (d->calls[i].more) putf(&o, ", %zu times", d->calls[i].more + 1);
        puts_(&o, "\n");
    }
    if (d->calls_left) putf(&o, "... and %zu more calls\n", d->calls_left);
}

static void put_json(Out *o, const char *s)
{
    puts_(o, "\"");
    size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)s[i];
        utf8proc_int32_t cp;
        utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(n - i), &cp);
        if (k <= 0) puts_(o, "\\ufffd");
        else if (c == '"' || c == '\\') putf(o, "\\%c", c);
        else if (c == '\n') puts_(o, "\\n");
        else if (c == '\t') puts_(o, "\\t");
        else if (c < 32 || c == 127) putf(o, "\\u%04x", c);
        else put(o, s + i, (size_t)k);
        i += k > 0 ? (size_t)k : 1;
    }
    puts_(o, "\"");
}

static void json_text(Out *o, const char *key, const char *s)
{
    putf(o, ", \"%s\": ", key);
    if (s) put_json(o, s);
    else puts_(o, "null");
}

/* `, "file": ..., "line": ..., "column": ...`, null where there is no place. */
static void json_place(Out *o, State *S, Span at)
{
    const Source *f = source_get(S, at.file);
    int line, col;
    source_where(S, at, &line, &col);
    json_text(o, "file", f ? f->name : NULL);
    if (f) putf(o, ", \"line\": %d, \"column\": %d", line, col);
    else puts_(o, ", \"line\": null, \"column\": null");
}

void diag_render_json(State *S, const Diag *d, DiagWrite w, void *ud)
{
    Out o = {w, ud, false};
    putf(&o, "{\"code\": \"E%04d\", \"severity\": \"%s\"", diag_info[d->code].number, d->warning ? "warning" : "error");
    json_text(&o, "message", d->message ? d->message : "out of memory");
    json_place(&o, S, d->at);
    const Source *f = source_get(S, d->at.file);
    size_t len = 0; /* in code points, as the column */
    if (f && d->at.off <= f->len)
        len = count_points(f->text + d->at.off, d->at.len < f->len - d->at.off ? d->at.len : f->len - d->at.off);
    putf(&o, ", \"length\": %zu", len);
    json_text(&o, "label", d->label);
    json_text(&o, "hint", d->hint);
    puts_(&o, ", \"notes\": [");
    for (size_t i = 0; i < d->nnotes; i++) {
        puts_(&o, i ? ", {\"message\": " : "{\"message\": ");
        put_json(&o, d->notes[i].text);
        json_place(&o, S, d->notes[i].at);
        puts_(&o, "}");
    }
    puts_(&o, "], \"calls\": [");
    for (size_t i = 0; i < d->ncalls; i++) {
        puts_(&o, i ? ", {\"name\": " : "{\"name\": ");
        put_json(&o, d->calls[i].text);
        json_place(&o, S, d->calls[i].at);
        if (d->calls[i].more) putf(&o, ", \"times\": %zu", d->calls[i].more + 1);
        puts_(&o, "}");
    }
    putf(&o, "], \"calls_left\": %zu}\n", d->calls_left);
}

/* ---- spelling ---- */

enum { NAME_MAX_POINTS = 64 };

/* Code points of a name; -1 when it is too long to be compared. */
static int points_of(const char *s, int32_t *cp)
{
    int n = 0;
    for (size_t len = strlen(s); len; n++) {
        utf8proc_int32_t c;
        utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, &c);
        if (k <= 0 || n == NAME_MAX_POINTS) return -1;
        cp[n] = c;
        s += k;
        len -= (size_t)k;
    }
    return n;
}

/* Edit distance with transpositions of neighbours (optimal string alignment). */
static int distance(const int32_t *a, int n, const int32_t *b, int m)
{
    int row[3][NAME_MAX_POINTS + 1];
    int *before = row[0], *prev = row[1], *cur = row[2];
    for (int j = 0; j <= m; j++) prev[j] = j;
    for (int i = 1; i <= n; i++) {
        cur[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = prev[j - 1] + (a[i - 1] != b[j - 1]);
            if (prev[j] + 1 < best) best = prev[j] + 1;
            if (cur[j - 1] + 1 < best) best = cur[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            cur[j] = best;
        }
        int *t = before;
        before = prev;
        prev = cur;
        cur = t;
    }
    return prev[m];
}

static size_t same_start(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] && a[n] == b[n]) n++;
    return n;
}

const char *diag_nearest(const char *name, const char *const *candidates, size_t n)
{
    int32_t a[NAME_MAX_POINTS], b[NAME_MAX_POINTS];
    int na = points_of(name, a);
    if (na <= 0) return NULL;
    const char *best = NULL;
    int limit = na / 3 + 1, least = 2 * limit + 1; /* twice the distance, so that case counts half */
    if (na == 1) limit = 1;
    for (size_t k = 0; k < n; k++) {
        int nb = points_of(candidates[k], b);
        if (nb <= 0 || !strcmp(name, candidates[k]) || nb - na > limit || na - nb > limit) continue;
        int d = 2 * distance(a, na, b, nb);
        for (int i = 0; i < na; i++) a[i] = utf8proc_tolower(a[i]);
        for (int i = 0; i < nb; i++) b[i] = utf8proc_tolower(b[i]);
        int folded = 2 * distance(a, na, b, nb) + 1;
        points_of(name, a);
        if (folded < d) d = folded;
        if (d / 2 >= (na > nb ? na : nb)) continue; /* nothing in common */
        if (d < least || (d == least && best && same_start(name, candidates[k]) > same_start(name, best))) {
            least = d;
            best = candidates[k];
        }
    }
    return best;
}
