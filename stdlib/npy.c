/* npy.c -- NumPy's .npy (formats 1 to 3) and .npz (a zip of them, stored or deflated).
**
** cite  NumPy Enhancement Proposal 1; APPNOTE.TXT 6.3.3 (zip), of which local headers, central directory, methods 0 and 8
** SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "stdlib/file.h"

static const struct {
    const char *descr;
    DType dt;
} kinds[] = {
    {"<f8", DT_F64}, {"<f4", DT_F32}, {"<i8", DT_I64}, {"<i4", DT_I32}, {"|u1", DT_U8}, {"|b1", DT_BOOL},
};
/* Integers that have no type of their own here widen: name, bytes, signed, to. */
static const struct {
    const char *descr;
    int size;
    bool sign;
    DType dt;
} wider[] = {
    {"<i2", 2, true, DT_I32},  {"|i1", 1, true, DT_I32},  {"<u2", 2, false, DT_I32},
    {"<u4", 4, false, DT_I64}, {"<u8", 8, false, DT_I64},
};

static const char *field(const char *head, const char *end, const char *key)
{
    size_t n = strlen(key);
    for (const char *p = head; p + n < end; p++)
        if (*p == '\'' && !strncmp(p + 1, key, n) && p[n + 1] == '\'') {
            p += n + 2;
            while (p < end && (*p == ' ' || *p == ':')) p++;
            return p;
        }
    return NULL;
}

static bool bad(State *S, const char *path, const char *why)
{
    return diag_fail(S, DIAG_FORMAT, "\"%s\" is no usable .npy: %s", path, why);
}

static bool npy_parse(State *S, const char *path, const char *p, size_t len, Value *out)
{
    if (len < 10 || memcmp(p, "\x93NUMPY", 6) != 0) return bad(S, path, "the magic bytes are missing");
    size_t head = p[6] == 1 ? (size_t)(uint8_t)p[8] | (size_t)(uint8_t)p[9] << 8 : 0, at = 10;
    if (p[6] > 1) {
        if (len < 12) return bad(S, path, "it is cut off");
        head = (size_t)(uint8_t)p[8] | (size_t)(uint8_t)p[9] << 8 | (size_t)(uint8_t)p[10] << 16 |
               (size_t)(uint8_t)p[11] << 24;
        at = 12;
    }
    if (head > len - at) return bad(S, path, "it is cut off");
    const char *h = p + at, *end = h + head, *data = end;
    const char *descr = field(h, end, "descr"), *order = field(h, end, "fortran_order"), *shp = field(h, end, "shape");
    if (!descr || !order || !shp || end - descr < 6 || *shp != '(') return bad(S, path, "the header is malformed");
    int kind = -1, wide = -1;
    char want[4] = {descr[1] == '=' ? '<' : descr[1], descr[2], descr[3], 0};
    for (int k = 0; k < (int)(sizeof kinds / sizeof *kinds); k++)
        if (!strcmp(want, kinds[k].descr) ||
            (want[0] == '<' && kinds[k].descr[0] == '|' && !strcmp(want + 1, kinds[k].descr + 1)))
            kind = k;
    for (int k = 0; k < (int)(sizeof wider / sizeof *wider); k++)
        if (!strcmp(want, wider[k].descr)) wide = k;
    if (kind < 0 && wide < 0) {
        diag_fail(S, DIAG_FORMAT, "\"%s\" holds elements of type %.*s", path, 5, descr);
        diag_hint(S, "little-endian f8 f4 i8 i4 i2 u1 u2 u4 b1 are read");
        return false;
    }
    int64_t shape[RANK_MAX];
    int rank = 0;
    for (const char *q = shp + 1; q < end && *q != ')';) {
        if (*q >= '0' && *q <= '9') {
            if (rank == RANK_MAX) return bad(S, path, "it has more than 16 axes");
            char *stop;
            shape[rank++] = strtoll(q, &stop, 10);
            q = stop;
        } else q++;
    }
    int64_t n = shape_count(S, rank, shape);
    if (n < 0) return false;
    size_t size = kind >= 0 ? dtype_size[kinds[kind].dt] : (size_t)wider[wide].size;
    if ((uint64_t)n > (len - (size_t)(data - p)) / size) return bad(S, path, "it is cut off");
    bool fortran = !strncmp(order, "True", 4);
    int64_t one = 1, rev[RANK_MAX];
    int r = rank ? rank : 1;
    const int64_t *use = rank ? shape : &one;
    if (fortran)
        for (int k = 0; k < r; k++) rev[k] = use[r - 1 - k];
    Tensor *t = tensor_new(S, kind >= 0 ? kinds[kind].dt : wider[wide].dt, r, fortran ? rev : use);
    if (!t) return false;
    if (kind >= 0 && t->dtype == DT_BOOL) { /* any byte but 0 is true, and true is 1 */
        for (int64_t i = 0; i < n; i++) ((uint8_t *)t->st->data)[i] = data[i] != 0;
    } else if (kind >= 0) {
        memcpy(t->st->data, data, (size_t)n * size);
    } else {
        for (int64_t i = 0; i < n; i++) {
            uint64_t v = 0;
            memcpy(&v, data + (size_t)i * size, size);
            int64_t s = (int64_t)v;
            if (wider[wide].sign) s = (int64_t)(v << (64 - 8 * size)) >> (64 - 8 * size);
            if (t->dtype == DT_I32) ((int32_t *)t->st->data)[i] = (int32_t)s;
            else ((int64_t *)t->st->data)[i] = s;
        }
    }
    Value v = val_obj(T_TENSOR, t);
    if (rank == 0) {
        *out = t->dtype == DT_BOOL ? val_bool(tensor_get(t, 0) != 0) : val_num(tensor_get(t, 0));
        obj_release(S, t);
        return true;
    }
    if (!fortran || rank == 1) {
        *out = v;
        return true;
    }
    int axes[RANK_MAX];
    for (int k = 0; k < rank; k++) axes[k] = rank - 1 - k;
    bool ok = op_permute(S, v, axes, out);
    release(S, v);
    return ok;
}

bool npy_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    bool ok = npy_parse(S, path, f.p, f.len, out);
    file_free(S, &f);
    return ok;
}

static bool npy_build(State *S, const char *path, Value v, Buf *b)
{
    Tensor *t = NULL;
    int64_t none = 1;
    if (v.tag == T_NUM || v.tag == T_BOOL) {
        t = tensor_full(S, v.tag == T_NUM ? DT_F64 : DT_BOOL, 1, &none, v.tag == T_NUM ? v.n : v.b);
    } else if (v.tag == T_TENSOR) {
        t = tensor_contiguous(S, v.t);
    } else {
        diag_fail(S, DIAG_SAVE, "\"%s\" holds one tensor, not %s", path, type_name(S, v));
        diag_hint(S, ".npz holds a list of named tensors, .safetensors any tree");
    }
    if (!t) return false;
    char head[512];
    int n = snprintf(head, sizeof head, "{'descr': '%s', 'fortran_order': False, 'shape': (", kinds[t->dtype].descr);
    for (int k = 0; v.tag == T_TENSOR && k < t->rank; k++)
        n += snprintf(head + n, sizeof head - (size_t)n, "%s%lld", k ? ", " : "", (long long)tensor_shape(t)[k]);
    n += snprintf(head + n, sizeof head - (size_t)n, "%s), }", v.tag == T_TENSOR && t->rank == 1 ? "," : "");
    while ((10 + n + 1) % 64) head[n++] = ' ';
    head[n++] = '\n';
    char start[10] = "\x93NUMPY\x01";
    start[8] = (char)(n & 255);
    start[9] = (char)(n >> 8);
    buf_put(b, start, 10);
    buf_put(b, head, (size_t)n);
    buf_put(b, (char *)t->st->data + t->offset * dtype_size[t->dtype], (size_t)t->n * dtype_size[t->dtype]);
    obj_release(S, t);
    return !b->failed;
}
_Static_assert(DT_F64 == 0 && DT_F32 == 1 && DT_I64 == 2 && DT_I32 == 3 && DT_U8 == 4 && DT_BOOL == 5, "ORDER DTYPE");

bool npy_write(State *S, const char *path, Value v)
{
    Buf b;
    buf_init(&b, S);
    bool ok = npy_build(S, path, v, &b) && file_write(S, path, b.p, b.len);
    buf_deinit(&b);
    return ok;
}

/* ---- zip ---- */

static uint32_t le32(const char *p)
{
    const uint8_t *u = (const uint8_t *)p;
    return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}
static uint32_t le16(const char *p) { return (uint32_t)(uint8_t)p[0] | (uint32_t)(uint8_t)p[1] << 8; }
static uint64_t le64(const char *p) { return le32(p) | (uint64_t)le32(p + 4) << 32; }

static bool inflate_raw(const char *p, size_t n, char *to, size_t m)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)p, .avail_in = (uInt)n, .next_out = (Bytef *)to, .avail_out = (uInt)m};
    if (n > UINT32_MAX || m > UINT32_MAX || inflateInit2(&z, -15) != Z_OK) return false;
    int r = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return r == Z_STREAM_END && z.total_out == m;
}

bool npz_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    List *l = list_new(S, 4);
    bool ok = l != NULL;
    const char *why = "the central directory is missing";
    size_t end = f.len >= 22 ? f.len - 22 : 0;
    while (end > 0 && end + 66000 > f.len && le32(f.p + end) != 0x06054b50) end--;
    bool found = f.len >= 22 && le32(f.p + end) == 0x06054b50;
    size_t at = found ? le32(f.p + end + 16) : 0, n = found ? le16(f.p + end + 10) : 0;
    if (ok && !found) ok = diag_fail(S, DIAG_FORMAT, "\"%s\" is no usable .npz: %s", path, why);
    for (size_t i = 0; ok && i < n; i++) {
        why = "it is cut off";
        size_t entry = at;
        if (at + 46 > f.len || le32(f.p + at) != 0x02014b50) goto damaged;
        uint32_t method = le16(f.p + at + 10), nl = le16(f.p + at + 28), xl = le16(f.p + at + 30),
                 cl = le16(f.p + at + 32);
        uint64_t zs = le32(f.p + at + 20), us = le32(f.p + at + 24), lo = le32(f.p + at + 42);
        if (at + 46 + nl + xl > f.len) goto damaged;
        const char *name = f.p + at + 46, *x = name + nl, *xe = x + xl;
        while (x + 4 <= xe) { /* zip64 sizes, which NumPy always writes */
            uint32_t id = le16(x), sz = le16(x + 2);
            const char *q = x + 4, *qe = q + sz;
            if (qe > xe) break;
            if (id == 1) {
                if (us == 0xFFFFFFFFu && q + 8 <= qe) us = le64(q), q += 8;
                if (zs == 0xFFFFFFFFu && q + 8 <= qe) zs = le64(q), q += 8;
                if (lo == 0xFFFFFFFFu && q + 8 <= qe) lo = le64(q), q += 8;
            }
            x = qe;
        }
        at += 46 + nl + xl + cl;
        if (f.len < 30 || lo > f.len - 30 || le32(f.p + lo) != 0x04034b50) goto damaged;
        uint64_t data = lo + 30 + le16(f.p + lo + 26) + le16(f.p + lo + 28);
        if (data > f.len || zs > f.len - data) goto damaged;
        const char *bytes = f.p + data;
        char *plain = NULL;
        if (method == 8) {
            if (us / 1100 > zs + 1)
                goto damaged; /* deflate packs no tighter than 1032 to 1: do not even ask for the memory */
            plain = mem_alloc(S, us + 1);
            if (!plain) {
                ok = false;
                break;
            }
            if (!inflate_raw(bytes, zs, plain, us)) {
                mem_free(S, plain, us + 1);
                why = "an entry does not unpack";
                goto damaged;
            }
            plain[us] = 0;
            bytes = plain;
        } else if (method != 0) {
            why = "an entry is compressed in an unknown way";
            goto damaged;
        }
        uint64_t size = method == 8 ? us : zs;
        uLong crc = crc32(0, NULL, 0);
        for (uint64_t k = 0; k < size; k += 1 << 30)
            crc = crc32(crc, (const Bytef *)bytes + k, size - k < 1 << 30 ? (uInt)(size - k) : 1u << 30);
        if (crc != le32(f.p + entry + 16)) {
            if (plain) mem_free(S, plain, us + 1);
            why = "the checksum of an entry is wrong";
            goto damaged;
        }
        Value v = NIL;
        ok = npy_parse(S, path, bytes, method == 8 ? us : zs, &v);
        if (plain) mem_free(S, plain, us + 1);
        size_t keep = nl > 4 && !memcmp(name + nl - 4, ".npy", 4) ? nl - 4 : nl;
        Str *s = ok ? str_intern(S, name, keep) : NULL;
        ok = ok && s ? list_push_take(S, l, s, v) : (release(S, v), false);
        obj_release(S, s);
        continue;
    damaged:
        ok = diag_fail(S, DIAG_FORMAT, "\"%s\" is no usable .npz: %s", path, why);
    }
    file_free(S, &f);
    if (!ok) {
        obj_release(S, l);
        return false;
    }
    *out = val_obj(T_LIST, l);
    return true;
}

static void put16(Buf *b, uint32_t v)
{
    char c[2] = {(char)v, (char)(v >> 8)};
    buf_put(b, c, 2);
}
static void put32(Buf *b, uint32_t v)
{
    put16(b, v & 0xFFFF);
    put16(b, v >> 16);
}

bool npz_write(State *S, const char *path, Value v)
{
    if (v.tag != T_LIST) {
        diag_fail(S, DIAG_SAVE, ".npz holds a list of named tensors, not %s", type_name(S, v));
        return false;
    }
    if (v.l->len > 0xFFFE)
        return diag_fail(S, DIAG_SAVE, ".npz holds at most 65534 tensors, not %lld", (long long)v.l->len);
    Buf zip, dir;
    buf_init(&zip, S);
    buf_init(&dir, S);
    bool ok = true;
    for (int64_t i = 0; ok && i < v.l->len; i++) {
        Buf one;
        buf_init(&one, S);
        ok = npy_build(S, path, v.l->at[i], &one);
        char name[256];
        Str *s = list_name(v.l, i);
        int nl = s ? snprintf(name, sizeof name, "%.240s.npy", s->data)
                   : snprintf(name, sizeof name, "arr_%lld.npy", (long long)i);
        if (ok && (one.len > 0xFFFFFFFEu || zip.len > 0xFFFFFFFEu))
            ok = diag_fail(S, DIAG_SAVE, "\"%s\" would be larger than 4 GiB; use .safetensors", path);
        if (ok) {
            uint32_t crc = (uint32_t)crc32(0, (const Bytef *)one.p, (uInt)one.len), size = (uint32_t)one.len;
            uint32_t at = (uint32_t)zip.len;
            for (int part = 0; part < 2; part++) { /* local header, then the same in the directory */
                Buf *b = part ? &dir : &zip;
                put32(b, part ? 0x02014b50 : 0x04034b50);
                if (part) put16(b, 20);
                put16(b, 20), put16(b, 0), put16(b, 0), put16(b, 0), put16(b, 0x21);
                put32(b, crc), put32(b, size), put32(b, size), put16(b, (uint32_t)nl), put16(b, 0);
                if (part) put16(b, 0), put16(b, 0), put16(b, 0), put32(b, 0600u << 16), put32(b, at);
                buf_put(b, name, (size_t)nl);
            }
            buf_put(&zip, one.p, one.len);
        }
        buf_deinit(&one);
    }
    if (ok && zip.len > 0xFFFFFFFEu)
        ok = diag_fail(S, DIAG_SAVE, "\"%s\" would be larger than 4 GiB; use .safetensors", path);
    if (ok) {
        uint32_t at = (uint32_t)zip.len, n = (uint32_t)v.l->len;
        buf_put(&zip, dir.p ? dir.p : "", dir.len);
        put32(&zip, 0x06054b50), put16(&zip, 0), put16(&zip, 0), put16(&zip, n), put16(&zip, n);
        put32(&zip, (uint32_t)dir.len), put32(&zip, at), put16(&zip, 0);
        ok = !zip.failed && file_write(S, path, zip.p, zip.len);
    }
    buf_deinit(&zip);
    buf_deinit(&dir);
    return ok;
}
