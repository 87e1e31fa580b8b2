/* str.c -- immutable UTF-8 strings and the table of interned ones.
**
** A Str is one block: header, `cap` bytes of text with a NUL behind len. Code points are counted when it
** is made, so a string with npoints == len is ASCII and is indexed by byte. The table of interned strings
** (names of variables, fields, arguments) holds no counts: a string takes itself out when it is freed.
** SPDX-License-Identifier: MIT */
#include <string.h>
#include <utf8proc.h>
#include "runtime/state.h"
#include "runtime/value.h"

static uint32_t hash_of(const char *s, size_t n)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ n;
    for (; n >= 8; s += 8, n -= 8) {
        uint64_t w;
        memcpy(&w, s, 8);
        h = (h ^ w) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    for (; n; s++, n--) h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    h ^= h >> 29;
    h *= 0xc4ceb9fe1a85ec53u;
    return (uint32_t)(h >> 32);
}

/* Bytes that do not continue a character. Sixteen at a time where the compiler can. */
static size_t count_points(const char *s, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) k += ((signed char)s[i]) > -65;
    return k;
}

static Str *str_alloc(State *S, size_t len, size_t cap)
{
    size_t size;
    if (cap >= UINT32_MAX) {
        diag_fail(S, DIAG_SIZE, "a string of %zu bytes is too long", len);
        return NULL;
    }
    if (!mem_size(S, cap, 1, sizeof(Str), &size)) return NULL;
    Str *s = mem_alloc(S, size);
    if (!s) return NULL;
    s->obj = (Obj){.rc = 1, .tag = T_STR};
    s->hash = 0;
    s->cap = (uint32_t)cap;
    s->len = len;
    s->npoints = s->point = s->byte = 0;
    s->data[len] = 0;
    return s;
}

Str *str_new(State *S, const char *text, size_t len)
{
    Str *s = str_alloc(S, len, len + 1);
    if (!s) return NULL;
    if (len) memcpy(s->data, text, len);
    s->npoints = count_points(text, len);
    return s;
}

/* Length of the valid character at s, or 0. */
static size_t valid_at(const char *s, size_t n)
{
    utf8proc_int32_t cp;
    if ((unsigned char)*s < 0x80) return 1;
    utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &cp);
    return k > 0 ? (size_t)k : 0;
}

Str *str_from_bytes(State *S, const char *text, size_t len)
{
    size_t good = 0, bad = 0;
    for (size_t i = 0, k; i < len; i += k ? k : 1) {
        k = valid_at(text + i, len - i);
        good += k;
        bad += !k;
    }
    if (!bad) return str_new(S, text, len);
    Str *s = str_alloc(S, good + 3 * bad, good + 3 * bad + 1);
    if (!s) return NULL;
    char *p = s->data;
    for (size_t i = 0, k; i < len; i += k ? k : 1) {
        k = valid_at(text + i, len - i);
        memcpy(p, k ? text + i : "\xef\xbf\xbd", k ? k : 3);
        p += k ? k : 3;
    }
    s->npoints = count_points(s->data, s->len);
    return s;
}

Value val_str(State *S, const char *text, size_t len)
{
    Str *s = str_new(S, text, len);
    return s ? val_obj(T_STR, s) : NIL;
}

/* ---- the table: open addressing, at most three quarters full ---- */

static size_t slot_of(const StrTable *t, uint32_t hash, const char *s, size_t len)
{
    size_t k = hash & (t->cap - 1);
    for (; t->at[k]; k = (k + 1) & (t->cap - 1)) {
        const Str *x = t->at[k];
        if (x->hash == hash && x->len == len && !memcmp(x->data, s, len)) break;
    }
    return k;
}

static bool table_grow(State *S, StrTable *t)
{
    size_t cap = t->cap ? 2 * t->cap : 256;
    Str **at = mem_zalloc(S, cap * sizeof *at);
    if (!at) return false;
    for (size_t i = 0; i < t->cap; i++) {
        if (!t->at[i]) continue;
        size_t k = t->at[i]->hash & (cap - 1);
        while (at[k]) k = (k + 1) & (cap - 1);
        at[k] = t->at[i];
    }
    mem_free(S, t->at, t->cap * sizeof *t->at);
    t->at = at;
    t->cap = cap;
    return true;
}

Str *str_intern(State *S, const char *text, size_t len)
{
    StrTable *t = &S->names;
    if (4 * (t->n + 1) > 3 * t->cap && !table_grow(S, t)) return NULL;
    uint32_t hash = hash_of(text, len);
    size_t k = slot_of(t, hash, text, len);
    if (t->at[k]) return obj_retain(t->at[k]);
    Str *s = str_new(S, text, len);
    if (!s) return NULL;
    s->hash = hash;
    s->obj.flags |= STR_INTERNED;
    t->at[k] = s;
    t->n++;
    return s;
}

void str_forget(State *S, Str *s)
{
    StrTable *t = &S->names;
    size_t mask = t->cap - 1, k = s->hash & mask;
    while (t->at[k] != s) k = (k + 1) & mask;
    s->obj.flags &= (uint8_t)~STR_INTERNED;
    t->at[k] = NULL;
    t->n--;
    for (size_t i = (k + 1) & mask; t->at[i]; i = (i + 1) & mask) { /* close the gap */
        size_t home = t->at[i]->hash & mask;
        if (((i - home) & mask) < ((i - k) & mask)) continue;
        t->at[k] = t->at[i];
        t->at[i] = NULL;
        k = i;
    }
}

uint32_t str_hash(const Str *s) { return s->obj.flags & STR_INTERNED ? s->hash : hash_of(s->data, s->len); }

bool str_same(const Str *a, const Str *b)
{
    if (a == b) return true;
    if ((a->obj.flags & STR_INTERNED) && (b->obj.flags & STR_INTERNED)) return false;
    return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* ---- slices and growth ---- */

/* Byte offset of code point k (0..npoints). */
static size_t offset_of(Str *s, size_t k)
{
    if (s->npoints == s->len) return k;
    if (k >= s->npoints) return s->len;
    size_t at = s->point, i = s->byte;
    if (k < at / 2) at = i = 0;
    else if (k > at && s->npoints - k < k - at) at = s->npoints, i = s->len;
    for (; at < k; at++) do
            i++;
        while (((unsigned char)s->data[i] & 0xc0) == 0x80);
    for (; at > k; at--) do
            i--;
        while (((unsigned char)s->data[i] & 0xc0) == 0x80);
    s->point = k;
    s->byte = i;
    return i;
}

Str *str_slice(State *S, Str *s, int64_t start, int64_t stop, int64_t step)
{
    if (step == 1) {
        if (stop <= start) return str_new(S, "", 0);
        size_t a = offset_of(s, (size_t)start), b = offset_of(s, (size_t)stop);
        return str_new(S, s->data + a, b - a);
    }
    size_t len = 0;
    for (int64_t k = start; step > 0 ? k < stop : k > stop; k += step)
        len += offset_of(s, (size_t)k + 1) - offset_of(s, (size_t)k);
    Str *r = str_alloc(S, len, len + 1);
    if (!r) return NULL;
    char *p = r->data;
    for (int64_t k = start; step > 0 ? k < stop : k > stop; k += step) {
        size_t a = offset_of(s, (size_t)k), b = offset_of(s, (size_t)k + 1);
        memcpy(p, s->data + a, b - a);
        p += b - a;
        r->npoints++;
    }
    return r;
}

bool str_append_take(State *S, Str *a, const Str *b, Str **out)
{
    size_t na = a->len, nb = b->len, points = a->npoints + b->npoints, len = na + nb;
    bool own = a->obj.rc == 1 && !(a->obj.flags & STR_INTERNED);
    *out = NULL;
    if (own && len < a->cap) {
        memmove(a->data + na, b->data, nb);
    } else if (own && len < UINT32_MAX - 1) {
        size_t cap = len + len / 2 + 16; /* geometric, so that appending in a loop is linear */
        if (cap >= UINT32_MAX) cap = len + 1;
        bool same = a == b;
        Str *r = mem_realloc(S, a, sizeof(Str) + a->cap, sizeof(Str) + cap);
        if (!r) {
            obj_release(S, a);
            return false;
        }
        a = r;
        a->cap = (uint32_t)cap;
        memcpy(a->data + na, same ? a->data : b->data, nb);
    } else {
        Str *r = str_alloc(S, len, len + 1);
        if (r) {
            memcpy(r->data, a->data, na);
            memcpy(r->data + na, b->data, nb);
        }
        obj_release(S, a);
        if (!r) return false;
        a = r;
    }
    a->len = len;
    a->npoints = points;
    a->data[len] = 0;
    *out = a;
    return true;
}
