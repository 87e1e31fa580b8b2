/* wav.c -- sound as RIFF WAVE: PCM of 8, 16, 24 and 32 bits, and floats of 32 and 64, any number of channels.
**
** Read, it is (rate: samples a second, x: floats, PCM scaled to -1..1): x is [n] for one channel, else [n, channels].
** PCM of b bits is divided by 2^(b-1), and multiplied and rounded on the way back, so a file that is read and saved
** with the same bits keeps its samples.
**
** cite  IBM and Microsoft 1991, "Multimedia Programming Interface and Data Specifications 1.0"; Microsoft 2007, "Multiple
**       channel audio data and WAVE files" (the extensible form)
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include "stdlib/file.h"

enum { PCM = 1, FLOATS = 3, EXTENSIBLE = 0xFFFE };

static uint32_t le(const uint8_t *p, int n)
{
    uint32_t v = 0;
    for (int i = n - 1; i >= 0; i--) v = v << 8 | p[i];
    return v;
}

static bool bad(State *S, const char *path, const char *why)
{
    return diag_fail(S, DIAG_FORMAT, "\"%s\" is no usable .wav file: %s", path, why);
}

typedef struct Wave {
    uint32_t format, channels, rate, bits;
    const uint8_t *data;
    size_t len;
} Wave;

/* Finds the two chunks that matter; others are passed by. */
static bool wave_parse(State *S, const char *path, const uint8_t *p, size_t len, Wave *w)
{
    bool known = false;
    if (len < 12 || memcmp(p, "RIFF", 4) != 0 || memcmp(p + 8, "WAVE", 4) != 0)
        return bad(S, path, "it does not begin as one");
    for (size_t at = 12; len - at >= 8;) {
        const uint8_t *c = p + at;
        size_t size = le(c + 4, 4), room = len - at - 8;
        if (!memcmp(c, "fmt ", 4)) {
            if (size < 16 || size > room) return bad(S, path, "its format is malformed");
            w->format = le(c + 8, 2);
            w->channels = le(c + 10, 2);
            w->rate = le(c + 12, 4);
            w->bits = le(c + 22, 2);
            if (w->format == EXTENSIBLE && size >= 40) w->format = le(c + 32, 2); /* first word of a GUID */
            known = true;
        } else if (!memcmp(c, "data", 4)) {
            w->data = c + 8;
            if (size > room && size != UINT32_MAX) return bad(S, path, "it is cut off");
            w->len = size > room ? room : size; /* a writer that could not go back leaves all ones */
            if (!known) return bad(S, path, "its data come before its format");
            return true;
        }
        if (size > room) return bad(S, path, "it is cut off");
        size += size & 1; /* chunks begin at even places */
        at += 8 + (size > room ? room : size);
    }
    return bad(S, path, "it has no data");
}

/* One sample, as it stands there. */
static double sample(const Wave *w, const uint8_t *p)
{
    float f;
    double d;
    switch (w->bits) {
    case 8: return (p[0] - 128) / 128.0;
    case 16: return (int16_t)le(p, 2) / 32768.0;
    case 24: return (int32_t)(le(p, 3) << 8) / 2147483648.0;
    case 64: memcpy(&d, p, 8); return d;
    default:
        if (w->format == PCM) return (int32_t)le(p, 4) / 2147483648.0;
        memcpy(&f, p, 4);
        return f;
    }
}

bool wav_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    Wave w = {0};
    Tensor *t = NULL;
    bool ok = wave_parse(S, path, (const uint8_t *)f.p, f.len, &w);
    if (ok && !(w.format == PCM && (w.bits == 8 || w.bits == 16 || w.bits == 24 || w.bits == 32)) &&
        !(w.format == FLOATS && (w.bits == 32 || w.bits == 64))) {
        ok = diag_fail(S, DIAG_FORMAT, "\"%s\": its samples are of a kind that is not read (format %u, %u bits)", path,
                       w.format, w.bits);
        diag_hint(S, "PCM of 8, 16, 24 and 32 bits and floats of 32 and 64 are");
    }
    if (ok && !w.channels) ok = bad(S, path, "it has no channels");
    if (ok) {
        size_t size = w.bits / 8;
        int64_t shape[2] = {(int64_t)(w.len / (size * w.channels)), w.channels};
        t = tensor_new(S, default_float(S), w.channels > 1 ? 2 : 1, shape);
        for (int64_t i = 0; t && i < t->n; i++) tensor_put(t, i, sample(&w, w.data + (size_t)i * size));
    }
    file_free(S, &f);
    List *l = t ? list_new(S, 2) : NULL;
    Str *rate = l ? str_intern(S, "rate", 4) : NULL, *x = rate ? str_intern(S, "x", 1) : NULL;
    ok = x && list_push_take(S, l, rate, val_num(w.rate)) && list_push_take(S, l, x, retain(val_obj(T_TENSOR, t)));
    obj_release(S, rate);
    obj_release(S, x);
    obj_release(S, t);
    if (ok) *out = val_obj(T_LIST, l);
    else obj_release(S, l);
    return ok;
}

/* ---- writing ---- */

static void put(Buf *b, uint64_t v, int n)
{
    char c[8];
    for (int i = 0; i < n; i++) c[i] = (char)(v >> (8 * i));
    buf_put(b, c, (size_t)n);
}

static bool put_sample(State *S, Buf *b, const char *path, double v, int bits, bool floats)
{
    if (floats) {
        float f = (float)v;
        if (bits == 64) buf_put(b, (const char *)&v, 8);
        else buf_put(b, (const char *)&f, 4);
        return true;
    }
    if (!(v >= -1 && v <= 1)) {
        char num[40];
        num_format(num, v);
        diag_fail(S, DIAG_SAVE, "\"%s\": sound lies in -1 to 1, and %s is there", path, num);
        return diag_hint(S, "x / max(abs(x)) fits; with bits: \"f32\" any value can be kept");
    }
    double top = ldexp(1, bits - 1), s = nearbyint(v * top);
    int64_t k = (int64_t)(s > top - 1 ? top - 1 : s); /* 1 itself is the largest sample */
    put(b, (uint64_t)(bits == 8 ? k + 128 : k), bits / 8);
    return true;
}

static Value item(Value v, const char *name)
{
    for (int64_t i = 0; v.tag == T_LIST && i < v.l->len; i++) {
        const Str *s = list_name(v.l, i);
        if (s && !strcmp(s->data, name)) return v.l->at[i];
    }
    return NIL;
}

/* What `bits:` asks for; 16 when it is not there. */
static bool bits_of(State *S, const char *path, Value v, int *bits, bool *floats)
{
    *bits = 16;
    *floats = false;
    if (is_nil(v)) return true;
    if (v.tag == T_STR && (!strcmp(v.s->data, "f32") || !strcmp(v.s->data, "f64"))) {
        *floats = true;
        *bits = v.s->data[1] == '3' ? 32 : 64;
        return true;
    }
    *bits = v.tag == T_NUM && v.n >= 8 && v.n <= 32 ? (int)v.n : 0;
    if (*bits && v.n == *bits && *bits % 8 == 0) return true;
    return diag_fail(S, DIAG_SAVE, "\"%s\": `bits` is 8, 16, 24, 32, \"f32\" or \"f64\"", path);
}

bool wav_write(State *S, const char *path, Value v)
{
    Value rate = item(v, "rate"), x = item(v, "x");
    int bits;
    bool floats;
    if (rate.tag != T_NUM || x.tag != T_TENSOR || x.t->rank > 2 || !dtype_float((DType)x.t->dtype)) {
        diag_fail(S, DIAG_SAVE, "\"%s\" takes sound, not %s", path, type_name(S, v));
        return diag_hint(S, "sound is (rate: 16000, x: x) with floats x of shape [n] or [n, channels]");
    }
    int64_t channels = x.t->rank == 2 ? x.t->dim[1] : 1;
    if (!(rate.n >= 1 && rate.n <= UINT32_MAX && rate.n == floor(rate.n)))
        return diag_fail(S, DIAG_SAVE, "\"%s\": `rate` is a whole number of samples a second", path);
    if (channels < 1 || channels > UINT16_MAX)
        return diag_fail(S, DIAG_SAVE, "\"%s\": a sound has 1 to 65535 channels, not %lld", path, (long long)channels);
    if (!bits_of(S, path, item(v, "bits"), &bits, &floats)) return false;
    uint64_t size = (uint64_t)bits / 8, frame = size * (uint64_t)channels;
    if ((uint64_t)x.t->n > (UINT32_MAX - 100) / size)
        return diag_fail(S, DIAG_SAVE, "\"%s\" would be larger than 4 GiB, which .wav cannot say", path);
    if (frame > UINT16_MAX || rate.n * (double)frame > UINT32_MAX)
        return diag_fail(S, DIAG_SAVE, "\"%s\": so many channels at such a rate are more than .wav can say", path);
    Tensor *t = tensor_contiguous(S, x.t);
    if (!t) return false;
    uint64_t bytes = (uint64_t)t->n * size;
    Buf b;
    buf_init(&b, S);
    buf_put(&b, "RIFF", 4), put(&b, 36 + bytes + (bytes & 1), 4), buf_put(&b, "WAVEfmt ", 8);
    put(&b, 16, 4), put(&b, floats ? FLOATS : PCM, 2), put(&b, (uint64_t)channels, 2), put(&b, (uint64_t)rate.n, 4);
    put(&b, (uint64_t)rate.n * frame, 4), put(&b, frame, 2), put(&b, (uint64_t)bits, 2);
    buf_put(&b, "data", 4), put(&b, bytes, 4);
    bool ok = true;
    for (int64_t i = 0; ok && i < t->n; i++) {
        ok = put_sample(S, &b, path, tensor_get(t, i), bits, floats);
        if (ok && !(i & 0xFFFFF)) ok = vm_check(S);
    }
    if (bytes & 1) put(&b, 0, 1);
    ok = ok && !b.failed && file_write(S, path, b.p, b.len);
    buf_deinit(&b);
    obj_release(S, t);
    return ok;
}
