/* io.c -- load, save, lines: formats by extension.
**
** SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>
#include "stdlib/figure.h"
#include "stdlib/file.h"

static bool ends_in(const char *s, size_t n, const char *ext)
{
    size_t k = strlen(ext);
    if (n < k) return false;
    for (size_t i = 0; i < k; i++)
        if (tolower((unsigned char)s[n - k + i]) != ext[i]) return false;
    return true;
}

bool path_ends(const char *path, const char *ext)
{
    size_t n = strlen(path);
    if (ends_in(path, n, ".gz")) n -= 3;
    return ends_in(path, n, ext);
}

typedef struct Format {
    const char *ext;
    bool (*read)(State *S, const char *path, Value *out);
    bool (*write)(State *S, const char *path, Value v);
} Format;

static bool csv_load(State *S, const char *path, Value *out) { return csv_read(S, path, true, out); }

static bool text_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    Str *s = str_from_bytes(S, f.p, f.len);
    file_free(S, &f);
    if (!s) return false;
    *out = val_obj(T_STR, s);
    return true;
}

static bool text_write(State *S, const char *path, Value v)
{
    if (v.tag != T_STR) {
        diag_fail(S, DIAG_SAVE, "\"%s\" would be a text file, and %s is no string", path, type_name(S, v));
        diag_hint(S, "trees go to .safetensors, tensors to .npy, tables to .csv; str(x) is text");
        return false;
    }
    return file_write(S, path, v.s->data, v.s->len);
}

static bool svg_write(State *S, const char *path, Value v)
{
    if (!is_figure(v)) return text_write(S, path, v);
    Buf b;
    buf_init(&b, S);
    bool ok = figure_svg(S, &b, v) && file_write(S, path, b.p, b.len);
    buf_deinit(&b);
    return ok;
}

static bool picture_write(State *S, const char *path, Value v)
{
    if (!is_figure(v)) return png_write(S, path, v);
    Buf b;
    buf_init(&b, S);
    bool ok = figure_png(S, &b, v) && file_write(S, path, b.p, b.len);
    buf_deinit(&b);
    return ok;
}

static const Format formats[] = {
    {".csv", csv_load, csv_write},    {".npy", npy_read, npy_write},
    {".npz", npz_read, npz_write},    {".idx", idx_read, idx_write},
    {"-ubyte", idx_read, idx_write},  {".safetensors", safetensors_read, safetensors_write},
    {".json", json_read, json_write}, {".png", png_read, picture_write},
    {".wav", wav_read, wav_write},    {".jpg", jpeg_read, NULL},
    {".jpeg", jpeg_read, NULL},       {".svg", text_read, svg_write},
};

static const Format *format_of(const char *path)
{
    static const Format text = {"", text_read, text_write};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (path_ends(path, formats[i].ext)) return &formats[i];
    return &text;
}

BUILTIN(load, "load(path)",
        "Reads a file by its extension: .csv .npy .npz .idx (or ...-ubyte) .safetensors .json, each also with "
        ".gz; anything else is text. A model comes back as one when its declaration is in scope, else as a list.")
{
    Str *path;
    if (!arg_str(c, 0, &path)) return false;
    return format_of(path->data)->read(c->S, path->data, c->out);
}

BUILTIN(save, "save(path, tree)",
        "Writes a value by the path's extension, atomically (beside, sync, rename). Any tree goes to "
        ".safetensors and comes back whole; functions cannot be saved.")
{
    Str *path;
    if (!batch_effect(c->S, "what is saved") || !arg_str(c, 0, &path)) return false;
    const Format *f = format_of(path->data);
    if (c->S->tape.quiet) return true;
    if (!f->write) {
        diag_fail(c->S, DIAG_SAVE, "%s files are read, not written", f->ext);
        return diag_hint(c->S, "pictures are saved as .png");
    }
    return f->write(c->S, path->data, c->arg[1]);
}

BUILTIN(read_csv, "read_csv(path, header: true)",
        "A table as a list of named columns: a tensor where every cell is a number, else a list of strings. "
        "Without a header the columns have no names.")
{
    Str *path;
    bool header;
    if (!arg_str(c, 0, &path) || !arg_bool(c, 1, &header)) return false;
    return csv_read(c->S, path->data, header, c->out);
}

/* ---- lines(path) ---- */

typedef struct Lines {
    gzFile f;
    char *buf;
    size_t cap;
} Lines;

static bool lines_open(State *S, Stream *s, Stream **out)
{
    Stream *it = obj_new(S, T_SOURCE, sizeof *it);
    if (!it) return false;
    it->def = s->def;
    it->cap[0] = retain(s->cap[0]);
    for (int i = 1; i < 4; i++) it->cap[i] = NIL;
    const char *path = s->cap[0].s->data;
    Lines *l = file_allowed(S, path) ? mem_zalloc(S, sizeof *l) : NULL;
    if (!l) {
        obj_release(S, it);
        return false;
    }
    it->ud = l;
    it->ud_size = sizeof *l;
    l->f = gzopen(path, "rb");
    if (!l->f) {
        diag_fail(S, DIAG_IO, "cannot open \"%s\": %s", path, strerror(errno));
        obj_release(S, it);
        return false;
    }
    *out = it;
    return true;
}

static bool lines_next(State *S, Stream *it, Value *item, bool *done)
{
    Lines *l = it->ud;
    size_t n = 0;
    int c;
    *done = false;
    while ((c = gzgetc(l->f)) >= 0 && c != '\n') { /* byte by byte: a line may hold NULs */
        if (n == l->cap) {
            size_t cap = l->cap ? l->cap * 2 : 256;
            char *p = mem_realloc(S, l->buf, l->cap, cap);
            if (!p) return false;
            l->buf = p;
            l->cap = cap;
        }
        l->buf[n++] = (char)c;
        if (!(n & 0xFFFFF) && !vm_check(S)) return false;
    }
    if (c < 0) {
        int code;
        const char *why = gzerror(l->f, &code);
        if (code != Z_OK && code != Z_STREAM_END)
            return diag_fail(S, DIAG_FORMAT, "cannot read \"%s\": %s", it->cap[0].s->data,
                             code == Z_ERRNO ? strerror(errno) : why);
        if (n == 0) {
            *done = true;
            return true;
        }
    }
    if (n && l->buf[n - 1] == '\r') n--;
    Str *s = str_from_bytes(S, l->buf ? l->buf : "", n);
    if (!s) return false;
    *item = val_obj(T_STR, s);
    it->pos++;
    return true;
}

static void lines_close(State *S, Stream *s)
{
    Lines *l = s->ud;
    if (!l) return;
    if (l->f) gzclose(l->f);
    mem_free(S, l->buf, l->cap);
    mem_free(S, l, sizeof *l);
    s->ud = NULL;
}

static const StreamDef lines_def = {"lines", lines_open, lines_next, lines_close, NULL};

BUILTIN(lines, "lines(path)", "The lines of a text file, one string each, read as the loop goes on.")
{
    Str *path;
    if (!arg_str(c, 0, &path)) return false;
    Stream *s = obj_new(c->S, T_SOURCE, sizeof *s);
    if (!s) return false;
    s->def = &lines_def;
    for (int i = 0; i < 4; i++) s->cap[i] = NIL;
    s->cap[0] = retain(c->arg[0]);
    *c->out = val_obj(T_SOURCE, s);
    return true;
}
