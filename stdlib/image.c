/* image.c -- PNG in both directions through libpng, JPEG in through libjpeg.
**
** Both libraries report by a call that may not return, so each is entered through one function that keeps its setjmp
** (decode_png, encode_png, decode_jpeg): nothing of ours is acquired between the setjmp and the jump but what the
** structure beside it names, and the caller frees that. libpng's memory is the state's. libjpeg's cannot be; it is told
** how much is left.
**
** A picture is u8 [h, w] when grey, else [h, w, channels]; a PNG of 16 bits is i32, 0 to 65535. Sizes in a file are believed
** only as far as its length allows: deflate packs no tighter than 1032 to 1.
** SPDX-License-Identifier: MIT */
#include "stdlib/image.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "stdlib/file.h"

#ifdef NO_IMAGE
static bool left_out(State *S)
{
    diag_fail(S, DIAG_FORMAT, "this build of Descent has no images");
    return diag_hint(S, "it was made with MINIMAL=1; .npy and .idx files hold images too");
}
bool png_encode(State *S, int h, int w, int channels, const uint8_t *pixels, Buf *out)
{
    (void)h, (void)w, (void)channels, (void)pixels, (void)out;
    return left_out(S);
}
bool png_read(State *S, const char *path, Value *out)
{
    (void)path, (void)out;
    return left_out(S);
}
bool jpeg_read(State *S, const char *path, Value *out)
{
    (void)path, (void)out;
    return left_out(S);
}
bool png_write(State *S, const char *path, Value v)
{
    (void)path, (void)v;
    return left_out(S);
}
#else
#include <jpeglib.h>
#include <png.h>
#include <setjmp.h>

enum { PACKED_MOST = 1032, JPEG_MOST = 4096, SCANS_MOST = 500 };

static bool broken(State *S, const char *path, const char *kind, const char *why)
{
    return S->err ? false : diag_fail(S, DIAG_FORMAT, "\"%s\" is no usable %s file: %s", path, kind, why);
}

/* Would so many bytes be more than `most` times the file? Then its header lies, and memory is not even asked for. */
static bool too_good(int64_t n, size_t size, size_t len, size_t most)
{
    return (uint64_t)n > (UINT64_MAX >> 8) / size || (uint64_t)n * size / most > len + 64;
}

/* ---- PNG ---- */

typedef struct Png {
    State *S;
    const char *path;
    png_structp png;
    png_infop info;
    const uint8_t *p; /* what is left to read */
    size_t left;
    Buf *out;
    Tensor *t; /* being filled */
    char why[120];
} Png;

/* libpng does not say how large a block was when it frees it. */
typedef union Head {
    size_t n;
    max_align_t align;
} Head;

static png_voidp png_take(png_structp png, png_alloc_size_t n)
{
    Png *x = png_get_mem_ptr(png);
    Head *h = n < PTRDIFF_MAX - sizeof *h ? mem_alloc(x->S, n + sizeof *h) : NULL;
    if (!h) return NULL;
    h->n = n + sizeof *h;
    return h + 1;
}

static void png_give(png_structp png, png_voidp p)
{
    Png *x = png_get_mem_ptr(png);
    Head *h = (Head *)p - 1;
    mem_free(x->S, h, h->n);
}

static void png_failed(png_structp png, png_const_charp why)
{
    Png *x = png_get_error_ptr(png);
    if (!x->why[0]) snprintf(x->why, sizeof x->why, "%s", why);
    png_longjmp(png, 1);
}

static void png_warned(png_structp png, png_const_charp why) { (void)png, (void)why; }

static void png_bytes(png_structp png, png_bytep to, size_t n)
{
    Png *x = png_get_io_ptr(png);
    if (n > x->left) png_error(png, "it is cut off");
    memcpy(to, x->p, n);
    x->p += n;
    x->left -= n;
}

static void png_put(png_structp png, png_bytep from, size_t n)
{
    Png *x = png_get_io_ptr(png);
    buf_put(x->out, (const char *)from, n);
    if (x->out->failed) png_error(png, "out of memory");
}

static void png_flushed(png_structp png) { (void)png; }

/* Looked at between rows: limits hold while a picture is unpacked. */
static void png_poll(Png *x, png_uint_32 row)
{
    if (!(row & 15) && !vm_check(x->S)) png_error(x->png, "stopped");
}

/* u16 in the upper half of the tensor's storage to i32. */
static void widen16(Tensor *t)
{
    const char *from = (const char *)t->st->data + 2 * t->n;
    int32_t *to = t->st->data;
    for (int64_t i = 0; i < t->n; i++) {
        uint16_t v;
        memcpy(&v, from + 2 * i, 2);
        to[i] = v;
    }
}

static bool decode_png(Png *x, size_t len)
{
    State *S = x->S;
    if (setjmp(png_jmpbuf(x->png))) return broken(S, x->path, "PNG", x->why);
    png_set_read_fn(x->png, x, png_bytes);
    png_set_user_limits(x->png, INT32_MAX, INT32_MAX);
    png_set_chunk_malloc_max(x->png, 1 << 26);
    png_read_info(x->png, x->info);
    bool wide = png_get_bit_depth(x->png, x->info) == 16;
    png_set_expand(x->png); /* palettes to RGB, few bits to 8, one transparent colour to alpha */
    if (wide && (union {
                    uint16_t v;
                    uint8_t low;
                }){1}
                    .low)
        png_set_swap(x->png);
    int passes = png_set_interlace_handling(x->png);
    png_read_update_info(x->png, x->info);
    int64_t shape[3] = {png_get_image_height(x->png, x->info), png_get_image_width(x->png, x->info),
                        png_get_channels(x->png, x->info)};
    int rank = shape[2] > 1 ? 3 : 2;
    int64_t n = shape_count(S, rank, shape);
    if (n < 0) return false;
    if (too_good(n, wide ? 2 : 1, len, PACKED_MOST * 8)) /* * 8: pixels of one bit, and palettes */
        png_error(x->png, "it is too short for its size");
    x->t = tensor_new(S, wide ? DT_I32 : DT_U8, rank, shape);
    if (!x->t) return false;
    uint8_t *to = (uint8_t *)x->t->st->data + (wide ? 2 * n : 0);
    size_t row = (size_t)shape[1] * (size_t)shape[2] * (wide ? 2 : 1);
    for (int pass = 0; pass < passes; pass++)
        for (png_uint_32 i = 0; i < shape[0]; i++) {
            png_poll(x, i);
            png_read_row(x->png, to + i * row, NULL);
        }
    png_read_end(x->png, NULL);
    if (wide) widen16(x->t);
    return true;
}

bool png_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    Png x = {.S = S, .path = path, .p = (const uint8_t *)f.p, .left = f.len};
    bool ok = false;
    if (f.len < 8 || png_sig_cmp((png_const_bytep)f.p, 0, 8)) {
        broken(S, path, "PNG", "the magic bytes are missing");
    } else {
        x.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &x, png_failed, png_warned, &x, png_take, png_give);
        x.info = x.png ? png_create_info_struct(x.png) : NULL;
        ok = x.info && decode_png(&x, f.len);
        png_destroy_read_struct(&x.png, &x.info, NULL);
        if (!ok && !S->err) diag_memory(S, f.len);
    }
    file_free(S, &f);
    if (ok) *out = val_obj(T_TENSOR, x.t);
    else obj_release(S, x.t);
    return ok;
}

static bool encode_png(Png *x, int h, int w, int channels, const uint8_t *pixels)
{
    static const int color[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                PNG_COLOR_TYPE_RGB_ALPHA};
    State *S = x->S;
    if (setjmp(png_jmpbuf(x->png)))
        return S->err ? false : diag_fail(S, DIAG_SAVE, "a picture of %d by %d pixels: %s", w, h, x->why);
    png_set_write_fn(x->png, x, png_put, png_flushed);
    png_set_user_limits(x->png, INT32_MAX, INT32_MAX);
    png_set_IHDR(x->png, x->info, (png_uint_32)w, (png_uint_32)h, 8, color[channels], PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(x->png, x->info);
    for (int i = 0; i < h; i++) {
        png_poll(x, (png_uint_32)i);
        png_write_row(x->png, pixels + (size_t)i * (size_t)w * (size_t)channels);
    }
    png_write_end(x->png, NULL);
    return true;
}

bool png_encode(State *S, int h, int w, int channels, const uint8_t *pixels, Buf *out)
{
    Png x = {.S = S, .out = out};
    if (h < 1 || w < 1 || channels < 1 || channels > 4)
        return diag_fail(S, DIAG_SAVE, "a picture has pixels of 1 to 4 channels, not %d by %d of %d", w, h, channels);
    x.png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &x, png_failed, png_warned, &x, png_take, png_give);
    x.info = x.png ? png_create_info_struct(x.png) : NULL;
    bool ok = x.info && encode_png(&x, h, w, channels, pixels);
    png_destroy_write_struct(&x.png, &x.info);
    if (!ok && !S->err) diag_memory(S, 1 << 16);
    return ok;
}

/* The pixels of a tensor: u8 as they are, bools and floats in 0..1 scaled to 255 and rounded. */
static bool pixels_of(State *S, const char *path, Tensor *t, uint8_t *to)
{
    for (int64_t i = 0; i < t->n; i++) {
        double v = tensor_get(t, i);
        if (!(v >= 0 && v <= 1)) {
            char num[40];
            num_format(num, v);
            diag_fail(S, DIAG_SAVE, "\"%s\": a picture of floats lies in 0 to 1, and %s is there", path, num);
            return diag_hint(S, "clamp(x, 0, 1), or x / 255 as f32, or x as u8 for 0 to 255");
        }
        to[i] = (uint8_t)lrint(v * 255);
        if (!(i & 0xFFFFF) && !vm_check(S)) return false;
    }
    return true;
}

bool png_write(State *S, const char *path, Value v)
{
    Tensor *t = v.tag == T_TENSOR ? v.t : NULL;
    int channels = t && t->rank == 3 && t->dim[2] <= 4 ? (int)t->dim[2] : 1;
    if (!t || (t->rank != 2 && !(t->rank == 3 && channels == t->dim[2])) || t->dtype == DT_I64 || t->dtype == DT_I32 ||
        t->n == 0) {
        diag_fail(S, DIAG_SAVE, "\"%s\" takes a picture, not %s", path, type_name(S, v));
        return diag_hint(S, "a picture is [h, w] or [h, w, c] of 1 to 4 channels, of u8 or of floats in 0..1");
    }
    if (t->dim[0] > INT32_MAX || t->dim[1] > INT32_MAX)
        return diag_fail(S, DIAG_SAVE, "\"%s\": a picture of %lld by %lld pixels is too large", path,
                         (long long)t->dim[1], (long long)t->dim[0]);
    Tensor *flat = tensor_contiguous(S, t);
    if (!flat) return false;
    size_t n = (size_t)flat->n;
    bool bytes = flat->dtype == DT_U8;
    uint8_t *own = bytes ? NULL : mem_alloc(S, n);
    Buf b;
    buf_init(&b, S);
    bool ok = (bytes || (own && pixels_of(S, path, flat, own))) &&
              png_encode(S, (int)t->dim[0], (int)t->dim[1], channels,
                         bytes ? (const uint8_t *)flat->st->data + flat->offset : own, &b) &&
              file_write(S, path, b.p, b.len);
    buf_deinit(&b);
    mem_free(S, own, n);
    obj_release(S, flat);
    return ok;
}

/* ---- JPEG ---- */

typedef struct Jpeg {
    struct jpeg_error_mgr err;        /* first: libjpeg hands back its address */
    struct jpeg_progress_mgr monitor; /* called as it works */
    jmp_buf out;
    State *S;
    const char *path;
    struct jpeg_decompress_struct j;
    Tensor *t;
    char why[JMSG_LENGTH_MAX];
} Jpeg;

static void jpeg_failed(j_common_ptr j)
{
    Jpeg *x = (Jpeg *)j->err;
    if (!x->why[0]) j->err->format_message(j, x->why);
    longjmp(x->out, 1);
}

/* Level -1: the data are damaged, and libjpeg would go on with something grey. */
static void jpeg_warned(j_common_ptr j, int level)
{
    if (level < 0) jpeg_failed(j);
}

static void jpeg_poll(j_common_ptr j)
{
    Jpeg *x = (Jpeg *)j->err;
    if (x->j.input_scan_number > SCANS_MOST) snprintf(x->why, sizeof x->why, "more than %d scans", SCANS_MOST);
    if (x->why[0] || !vm_check(x->S)) longjmp(x->out, 1);
}

static bool decode_jpeg(Jpeg *x, const File *f)
{
    State *S = x->S;
    struct jpeg_decompress_struct *j = &x->j;
    if (setjmp(x->out)) return broken(S, x->path, "JPEG", x->why);
    jpeg_create_decompress(j);
    x->monitor.progress_monitor = jpeg_poll;
    j->progress = &x->monitor;
    if (S->mem.limit) {
        size_t left = S->mem.limit > S->mem.bytes ? S->mem.limit - S->mem.bytes : 1;
        j->mem->max_memory_to_use = left < LONG_MAX ? (long)left : LONG_MAX;
    }
    jpeg_mem_src(j, (const unsigned char *)f->p, f->len);
    jpeg_read_header(j, TRUE);
    if (j->num_components == 4) return broken(S, x->path, "JPEG", "its colours are for print (CMYK)");
    j->out_color_space = j->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    int channels = j->num_components == 1 ? 1 : 3;
    int64_t shape[3] = {j->image_height, j->image_width, channels};
    int64_t n = shape_count(S, channels == 1 ? 2 : 3, shape);
    if (n < 0) return false;
    if (too_good(n, 1, f->len, JPEG_MOST)) return broken(S, x->path, "JPEG", "it is too short for its size");
    x->t = tensor_new(S, DT_U8, channels == 1 ? 2 : 3, shape);
    if (!x->t) return false;
    jpeg_start_decompress(j);
    while (j->output_scanline < j->output_height) {
        JSAMPROW row = (JSAMPROW)x->t->st->data + (size_t)j->output_scanline * (size_t)(shape[1] * channels);
        jpeg_read_scanlines(j, &row, 1);
    }
    jpeg_finish_decompress(j);
    return true;
}

bool jpeg_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    Jpeg *x = mem_zalloc(S, sizeof *x);
    bool ok = false;
    if (x) {
        x->S = S;
        x->path = path;
        x->j.err = jpeg_std_error(&x->err);
        x->err.error_exit = jpeg_failed;
        x->err.emit_message = jpeg_warned;
        ok = decode_jpeg(x, &f);
        jpeg_destroy_decompress(&x->j);
        if (ok) *out = val_obj(T_TENSOR, x->t);
        else obj_release(S, x->t);
        mem_free(S, x, sizeof *x);
    }
    file_free(S, &f);
    return ok;
}
#endif
