/* npy.c -- NumPy's .npy (formats 1 to 3) and .npz (a zip of them, stored or deflated).
**
** An .npz of named tensors is what NumPy's savez writes. Of any other tree it holds the tensors under their paths and the
** structure as JSON in an entry "descent.json", which NumPy hands out as bytes.
**
** cite  NumPy Enhancement Proposal 1; APPNOTE.TXT 6.3.3 (zip), of which local headers, central directory, methods 0 and 8
** SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "stdlib/file.h"

static const char structure[] = "descent.json";
#define PIECE ((uint64_t)1 << 22) /* bytes between looks at the limits */

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

/* Unpacks in pieces, between which the limits are looked at. */
static bool inflate_raw(State *S, const char *p, uint64_t n, char *to, uint64_t m)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)p, .next_out = (Bytef *)to};
    uint64_t in = 0, out = 0; /* handed to zlib */
    int r = Z_OK;
    if (inflateInit2(&z, -15) != Z_OK) return false;
    while (r == Z_OK && vm_check(S)) {
        uint64_t more = n - in < PIECE - z.avail_in ? n - in : PIECE - z.avail_in;
        uint64_t room = m - out < PIECE - z.avail_out ? m - out : PIECE - z.avail_out;
        z.avail_in += (uInt)more, z.avail_out += (uInt)room;
        in += more, out += room;
        r = inflate(&z, Z_NO_FLUSH); /* with nothing left on one side: Z_BUF_ERROR */
    }
    uint64_t got = out - z.avail_out;
    inflateEnd(&z);
    return r == Z_STREAM_END && got == m;
}

/* An entry of the directory. */
typedef struct Entry {
    const char *name, *data;
    uint32_t nname, method, crc;
    uint64_t packed, size;
} Entry;

/* Reads the entry at *at, and steps over it; false: it is damaged. */
static bool zip_entry(const File *f, size_t *at, Entry *e)
{
    const char *p = f->p + *at;
    if (f->len < 46 || *at > f->len - 46 || le32(p) != 0x02014b50) return false;
    uint32_t extra = le16(p + 30), comment = le16(p + 32);
    uint64_t start = le32(p + 42);
    *e = (Entry){.name = p + 46,
                 .nname = le16(p + 28),
                 .method = le16(p + 10),
                 .crc = le32(p + 16),
                 .packed = le32(p + 20),
                 .size = le32(p + 24)};
    if ((size_t)(f->p + f->len - e->name) < e->nname + extra) return false;
    for (const char *x = e->name + e->nname, *end = x + extra;
         end - x >= 4;) { /* zip64 sizes, which NumPy always writes */
        uint32_t id = le16(x), size = le16(x + 2);
        const char *q = x + 4, *stop = q + size;
        if (size > (size_t)(end - q)) break;
        if (id == 1) {
            if (e->size == 0xFFFFFFFFu && stop - q >= 8) e->size = le64(q), q += 8;
            if (e->packed == 0xFFFFFFFFu && stop - q >= 8) e->packed = le64(q), q += 8;
            if (start == 0xFFFFFFFFu && stop - q >= 8) start = le64(q);
        }
        x = stop;
    }
    *at += 46 + (size_t)e->nname + extra + comment;
    if (f->len < 30 || start > f->len - 30 || le32(f->p + start) != 0x04034b50) return false;
    uint64_t data = start + 30 + le16(f->p + start + 26) + le16(f->p + start + 28);
    if (data > f->len || e->packed > f->len - data) return false;
    e->data = f->p + data;
    return e->method == 8 || e->packed == e->size;
}

/* The bytes of an entry: in the file, or unpacked into *own of *cap bytes. NULL with *why or the error set. */
static const char *zip_bytes(State *S, const Entry *e, char **own, size_t *cap, const char **why)
{
    const char *bytes = e->data;
    *own = NULL;
    if (e->method == 8) {
        *why = "an entry does not unpack";
        /* deflate packs no tighter than 1032 to 1: do not even ask for the memory */
        if (e->size / 1100 > e->packed + 1 || e->size > PTRDIFF_MAX - 1) return NULL;
        *cap = (size_t)e->size + 1;
        *own = mem_alloc(S, *cap);
        if (!*own || !inflate_raw(S, e->data, e->packed, *own, e->size)) return NULL;
        (*own)[e->size] = 0;
        bytes = *own;
    } else if (e->method != 0) {
        *why = "an entry is compressed in an unknown way";
        return NULL;
    }
    *why = "the checksum of an entry is wrong";
    uLong crc = crc32(0, NULL, 0);
    for (uint64_t k = 0; k < e->size; k += PIECE) {
        crc = crc32(crc, (const Bytef *)bytes + k, e->size - k < PIECE ? (uInt)(e->size - k) : (uInt)PIECE);
        if (!vm_check(S)) return NULL;
    }
    return crc == e->crc ? bytes : NULL;
}

static bool bad_zip(State *S, const char *path, const char *why)
{
    return S->err ? false : diag_fail(S, DIAG_FORMAT, "\"%s\" is no usable .npz: %s", path, why);
}

static bool is_structure(const Entry *e)
{
    return e->nname == strlen(structure) && !memcmp(e->name, structure, e->nname);
}

/* The tensor of an entry goes to the end of l, under its name without .npy; a structure becomes *tree. */
static bool npz_entry(State *S, const char *path, const Entry *e, List *l, Str **tree)
{
    char *own;
    size_t cap = 0;
    const char *why, *bytes = zip_bytes(S, e, &own, &cap, &why);
    Value v = NIL;
    bool ok = bytes || bad_zip(S, path, why);
    if (ok && is_structure(e)) {
        obj_release(S, *tree);
        *tree = str_new(S, bytes, (size_t)e->size);
        ok = *tree != NULL;
    } else if (ok && npy_parse(S, path, bytes, (size_t)e->size, &v)) {
        size_t keep = e->nname > 4 && !memcmp(e->name + e->nname - 4, ".npy", 4) ? e->nname - 4 : e->nname;
        Str *raw = str_from_bytes(S, e->name, keep), *s = raw ? str_intern(S, raw->data, raw->len) : NULL;
        obj_release(S, raw);
        if (!s) release(S, v);
        ok = s && list_push_take(S, l, s, v);
        obj_release(S, s);
    } else {
        ok = false;
    }
    mem_free(S, own, cap);
    return ok;
}

bool npz_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    List *l = list_new(S, 4);
    Str *tree = NULL;
    size_t end = f.len >= 22 ? f.len - 22 : 0;
    while (end > 0 && end + 66000 > f.len && le32(f.p + end) != 0x06054b50) end--;
    bool ok = l != NULL;
    if (ok && (f.len < 22 || le32(f.p + end) != 0x06054b50)) ok = bad_zip(S, path, "the central directory is missing");
    size_t at = ok ? le32(f.p + end + 16) : 0, n = ok ? le16(f.p + end + 10) : 0;
    uint64_t packed = 0;
    for (size_t i = 0; ok && i < n; i++) {
        Entry e;
        if (!zip_entry(&f, &at, &e)) ok = bad_zip(S, path, "it is cut off");
        else if ((packed += e.packed) > f.len) ok = bad_zip(S, path, "its entries overlap");
        else ok = npz_entry(S, path, &e, l, &tree);
    }
    file_free(S, &f);
    if (ok && tree) ok = tree_from_text(S, path, tree->data, tree->len, l, out);
    else if (ok) *out = retain(val_obj(T_LIST, l));
    obj_release(S, tree);
    obj_release(S, l);
    return ok;
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

static bool too_large(State *S, const char *path)
{
    return diag_fail(S, DIAG_SAVE, "\"%s\" would be larger than 4 GiB; use .safetensors", path);
}

/* A stored entry: the local header and the data go to zip, the same header to the directory. */
static bool zip_put(State *S, const char *path, Buf *zip, Buf *dir, const char *name, size_t nname, const char *data,
                    size_t len)
{
    if (nname > 0xFFFF) return diag_fail(S, DIAG_SAVE, "\"%s\": a name is longer than 65535 bytes", path);
    if (len > 0xFFFFFFFEu || zip->len > 0xFFFFFFFEu) return too_large(S, path);
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)data, (uInt)len), size = (uint32_t)len, at = (uint32_t)zip->len;
    for (int part = 0; part < 2; part++) {
        Buf *b = part ? dir : zip;
        put32(b, part ? 0x02014b50 : 0x04034b50);
        if (part) put16(b, 20);
        put16(b, 20), put16(b, 1 << 11 /* names are UTF-8 */), put16(b, 0), put16(b, 0), put16(b, 0x21);
        put32(b, crc), put32(b, size), put32(b, size), put16(b, (uint32_t)nname), put16(b, 0);
        if (part) put16(b, 0), put16(b, 0), put16(b, 0), put32(b, 0600u << 16), put32(b, at);
        buf_put(b, name, nname);
    }
    buf_put(zip, data, len);
    return !zip->failed && !dir->failed;
}

static bool zip_tensor(State *S, const char *path, Buf *zip, Buf *dir, const Str *name, Value v)
{
    Buf one, entry;
    buf_init(&one, S);
    buf_init(&entry, S);
    buf_put(&entry, name->data, name->len);
    buf_puts(&entry, ".npy");
    bool ok = !entry.failed && npy_build(S, path, v, &one) &&
              zip_put(S, path, zip, dir, entry.p, entry.len, one.p, one.len);
    buf_deinit(&one);
    buf_deinit(&entry);
    return ok && vm_check(S);
}

/* A list of named tensors, as NumPy's savez writes: it needs no description. */
static bool plain_list(Value v)
{
    if (v.tag != T_LIST || !v.l->names || v.l->len == 0) return false;
    for (int64_t i = 0; i < v.l->len; i++) {
        const Str *s = list_name(v.l, i);
        if (!s || list_find(v.l, s) != i || s->len == 0) return false;
        if (v.l->at[i].tag != T_TENSOR && v.l->at[i].tag != T_NUM && v.l->at[i].tag != T_BOOL) return false;
    }
    return true;
}

bool npz_write(State *S, const char *path, Value v)
{
    Buf zip, dir, text;
    buf_init(&zip, S);
    buf_init(&dir, S);
    buf_init(&text, S);
    bool plain = plain_list(v);
    List *l = plain ? obj_retain(v.l) : NULL;
    bool ok = plain || tree_to_text(S, v, &text, &l);
    if (ok && l->len > 0xFFFD)
        ok = diag_fail(S, DIAG_SAVE, ".npz holds at most 65533 tensors, not %lld", (long long)l->len);
    for (int64_t i = 0; ok && i < l->len; i++) ok = zip_tensor(S, path, &zip, &dir, list_name(l, i), l->at[i]);
    if (ok && !plain) ok = zip_put(S, path, &zip, &dir, structure, strlen(structure), text.p, text.len);
    if (ok && zip.len > 0xFFFFFFFEu) ok = too_large(S, path);
    if (ok) {
        uint32_t at = (uint32_t)zip.len, n = (uint32_t)l->len + !plain;
        buf_put(&zip, dir.p, dir.len);
        put32(&zip, 0x06054b50), put16(&zip, 0), put16(&zip, 0), put16(&zip, n), put16(&zip, n);
        put32(&zip, (uint32_t)dir.len), put32(&zip, at), put16(&zip, 0);
        ok = !zip.failed && file_write(S, path, zip.p, zip.len);
    }
    obj_release(S, l);
    buf_deinit(&zip);
    buf_deinit(&dir);
    buf_deinit(&text);
    return ok;
}
