/* json.c -- JSON: objects are named lists, arrays of numbers tensors, other arrays lists.
**
** The reader walks the text once. What has been read of an array of numbers, or of equally long rows of them,
** stands in one buffer of doubles, 8 bytes a number, until the outermost such array ends and becomes a tensor; an
** element of another kind makes lists of it again. The writer gives one line, numbers as the shortest decimals that
** read back.
**
** source  RFC 8259; beyond it, NaN, Infinity and -Infinity are read, since Python's json module writes them.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stdlib/file.h"

enum { DEPTH = 500, POLL = 1 << 16 };

/* ---- reading ---- */

typedef struct Reader {
    State *S;
    const char *what; /* for messages: "json_parse", or the path */
    const char *start, *p, *end;
    double *num; /* elements of the arrays of numbers that are not closed yet */
    size_t n, cap;
    int depth, work;
} Reader;

/* A value, or (rank >= 0) a number or array of numbers that is still in the buffer, at its end. */
typedef struct Item {
    Value v;
    int rank;
    int64_t shape[RANK_MAX];
} Item;

static bool read_item(Reader *r, Item *out);

static bool wrong_at(Reader *r, const char *at, const char *fmt, const char *arg)
{
    int64_t line = 1, column = 1;
    for (const char *p = r->start; p < at; p++) {
        if (*p == '\n') {
            line++;
            column = 0;
        }
        column += ((unsigned char)*p & 0xC0) != 0x80;
    }
    char why[200];
    snprintf(why, sizeof why, fmt, arg);
    diag_fail(r->S, DIAG_FORMAT, "%s: line %lld, column %lld: %s", r->what, (long long)line, (long long)column, why);
    const char *from = at - r->start > 30 ? at - 30 : r->start; /* a line may hold millions of characters */
    for (const char *p = from; p < at; p++)
        if (*p == '\n' || (p == from && p > r->start && ((unsigned char)*p & 0xC0) == 0x80)) from = p + 1;
    if (from < at) diag_hint(r->S, "it stands after `%s%.*s`", from > r->start ? "..." : "", (int)(at - from), from);
    return false;
}

/* "... is wanted here, not `x`" */
static bool unexpected(Reader *r, const char *want)
{
    char found[16] = "the end", why[120];
    if (r->p < r->end) {
        int k = 1;
        while (k < 4 && r->p + k < r->end && ((unsigned char)r->p[k] & 0xC0) == 0x80) k++;
        if ((unsigned char)*r->p < ' ') snprintf(found, sizeof found, "byte %d", *r->p);
        else snprintf(found, sizeof found, "`%.*s`", k, r->p);
    }
    snprintf(why, sizeof why, "%s is wanted here, not %s", want, found);
    return wrong_at(r, r->p, "%s", why);
}

static void skip_space(Reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r')) r->p++;
}

static bool next_is(Reader *r, char c)
{
    skip_space(r);
    if (r->p == r->end || *r->p != c) return false;
    r->p++;
    return true;
}

static bool word_is(Reader *r, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0) return false;
    r->p += n;
    return true;
}

static bool poll(Reader *r)
{
    if (++r->work < POLL) return true;
    r->work = 0;
    return vm_check(r->S);
}

static bool is_digit(const Reader *r) { return r->p < r->end && *r->p >= '0' && *r->p <= '9'; }

static bool put_double(Reader *r, double x, Item *out)
{
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64, bytes;
        double *p = mem_size(r->S, cap, sizeof *p, 0, &bytes) ? mem_realloc(r->S, r->num, r->cap * sizeof *p, bytes)
                                                              : NULL;
        if (!p) return false;
        r->num = p;
        r->cap = cap;
    }
    r->num[r->n++] = x;
    out->rank = 0;
    return poll(r);
}

/* The number from `at` to here, which is more than 64 bits hold, through strtod: without its point, which depends on
** the locale. */
static bool long_number(Reader *r, const char *at, double *out)
{
    Buf b;
    long left = 0;
    bool point = false;
    buf_init(&b, r->S);
    const char *p = at;
    for (; p < r->p && (*p | 32) != 'e'; p++) {
        left += point;
        if (*p == '.') point = true;
        else buf_put(&b, p, 1);
    }
    long e = p < r->p ? strtol(p + 1, NULL, 10) : 0;
    buf_printf(&b, "e%ld", (e > 1000000 ? 1000000 : e < -1000000 ? -1000000 : e) - left);
    buf_put(&b, "", 1);
    bool ok = !b.failed;
    if (ok) *out = strtod(b.p, NULL);
    buf_deinit(&b);
    return ok;
}

static bool read_number(Reader *r, Item *out)
{
    const char *at = r->p;
    bool neg = *r->p == '-';
    r->p += neg;
    if (word_is(r, "Infinity")) return put_double(r, neg ? -INFINITY : INFINITY, out);
    if (!is_digit(r)) return unexpected(r, "a digit");
    if (*r->p == '0' && r->p + 1 < r->end && r->p[1] >= '0' && r->p[1] <= '9')
        return wrong_at(r, at, "%s", "a number has no leading zeros");
    uint64_t m = 0;
    int digits = 0, ten = 0; /* digits of m; power of ten that is left out of it */
    for (; is_digit(r); r->p++) {
        if (digits < 19) m = m * 10 + (uint64_t)(*r->p - '0');
        else ten++;
        digits += m != 0;
    }
    if (r->p < r->end && *r->p == '.') {
        r->p++;
        if (!is_digit(r)) return unexpected(r, "a digit after the point");
        for (; is_digit(r); r->p++) {
            if (digits < 19) {
                m = m * 10 + (uint64_t)(*r->p - '0');
                ten--;
            }
            digits += m != 0;
        }
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        int e = 0;
        r->p++;
        bool down = r->p < r->end && *r->p == '-';
        if (r->p < r->end && (*r->p == '-' || *r->p == '+')) r->p++;
        if (!is_digit(r)) return unexpected(r, "a digit of the exponent");
        for (; is_digit(r); r->p++)
            if (e < 100000) e = e * 10 + (*r->p - '0');
        ten += down ? -e : e;
    }
    double x;
    if ((digits > 19 || !decimal_value(m, ten, &x)) && !long_number(r, at + neg, &x)) return false;
    if (isinf(x)) return wrong_at(r, at, "%s", "the number is too large for 64-bit floating point");
    return put_double(r, neg ? -x : x, out);
}

static bool hex4(const char *p, const char *end, uint32_t *out)
{
    *out = 0;
    for (int k = 0; k < 4; k++, p++) {
        if (p == end) return false;
        int d = *p >= '0' && *p <= '9' ? *p - '0' : (*p | 32) >= 'a' && (*p | 32) <= 'f' ? (*p | 32) - 'a' + 10 : -1;
        if (d < 0) return false;
        *out = *out << 4 | (uint32_t)d;
    }
    return true;
}

static void put_point(Buf *b, uint32_t c)
{
    char s[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t k = n - 1; k > 0; k--, c >>= 6) s[k] = (char)(0x80 | (c & 0x3F));
    s[0] = (char)(n == 1 ? c : (0xF00u >> n & 0xFF) | c);
    buf_put(b, s, n);
}

/* After the backslash. A half of a surrogate pair that stands alone becomes U+FFFD. */
static bool read_escape(Reader *r, Buf *b)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (r->p == r->end) return unexpected(r, "an escape");
    const char *k = *r->p ? strchr(from, *r->p) : NULL;
    if (k) {
        buf_put(b, &to[k - from], 1);
        r->p++;
        return true;
    }
    uint32_t c, low;
    if (*r->p != 'u') return unexpected(r, "an escape (\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u)");
    if (!hex4(r->p + 1, r->end, &c)) return wrong_at(r, r->p - 1, "%s", "\\u takes four hexadecimal digits");
    r->p += 5;
    if (c >= 0xD800 && c < 0xDC00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u' &&
        hex4(r->p + 2, r->end, &low) && low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        r->p += 6;
    }
    put_point(b, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
    return true;
}

/* The text between quotes, the first of which has been read. */
static bool read_text(Reader *r, bool key, Str **out)
{
    const char *at = r->p - 1, *from = r->p;
    Buf b;
    buf_init(&b, r->S);
    bool ok = true;
    for (;;) {
        while (r->p < r->end && *r->p != '"' && *r->p != '\\' && (unsigned char)*r->p >= ' ') r->p++;
        if (r->p < r->end && *r->p == '\\') {
            buf_put(&b, from, (size_t)(r->p - from));
            r->p++;
            ok = read_escape(r, &b);
            from = r->p;
            if (ok) continue;
        } else if (r->p == r->end) {
            ok = wrong_at(r, at, "%s", "this string has no end");
        } else if (*r->p != '"') {
            ok = wrong_at(r, r->p, "%s", "a control character in a string is written \\n, \\t or \\u0000");
        }
        break;
    }
    *out = NULL;
    if (ok) {
        const char *s = from;
        size_t n = (size_t)(r->p - from);
        if (b.len) {
            buf_put(&b, from, n);
            s = b.p;
            n = b.len;
        }
        r->p++;
        if (!b.failed) *out = key ? str_intern(r->S, s, n) : str_from_bytes(r->S, s, n);
    }
    buf_deinit(&b);
    return *out != NULL;
}

/* Takes an item out of the buffer. */
static bool item_value(Reader *r, const Item *it, Value *out)
{
    if (it->rank < 0) {
        *out = it->v;
        return true;
    }
    if (it->rank == 0) {
        *out = val_num(r->num[--r->n]);
        return true;
    }
    Tensor *t = tensor_new(r->S, default_float(r->S), it->rank, it->shape);
    if (!t) return false;
    r->n -= (size_t)t->n;
    const double *x = r->num + r->n;
    if (t->dtype == DT_F64) memcpy(t->st->data, x, (size_t)t->n * sizeof *x);
    else
        for (int64_t i = 0; i < t->n; i++) tensor_put(t, i, x[i]);
    *out = val_obj(T_TENSOR, t);
    return true;
}

static bool same_shape(const Item *a, const Item *b)
{
    return a->rank == b->rank && (a->rank <= 0 || !memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape));
}

/* The k items of `like`'s shape at the end of the buffer, before `last`, and then that, as a list. */
static List *items_list(Reader *r, int64_t k, const Item *like, const Item *last)
{
    Value v;
    if (!item_value(r, last, &v)) return NULL;
    List *l = list_new(r->S, k + 1);
    bool ok = l != NULL;
    for (int64_t i = 0; ok && i < k; i++) ok = list_push_take(r->S, l, NULL, NIL);
    for (int64_t i = k - 1; ok && i >= 0; i--) ok = item_value(r, like, &l->at[i]);
    if (ok) ok = list_push_take(r->S, l, NULL, v);
    else release(r->S, v);
    if (ok) return l;
    obj_release(r->S, l);
    return NULL;
}

static bool read_array(Reader *r, Item *out)
{
    Item first = {.rank = -1}, it;
    int64_t k = 0;
    List *l = NULL;
    out->rank = -1;
    out->v = NIL;
    if (next_is(r, ']')) {
        l = list_new(r->S, 0);
        out->v = l ? val_obj(T_LIST, l) : NIL;
        return l != NULL;
    }
    do {
        if (!read_item(r, &it)) goto fail;
        if (!l && it.rank >= 0 && it.rank < RANK_MAX && (!k || same_shape(&first, &it))) {
            if (!k++) first = it;
        } else if (!l) {
            if (!(l = items_list(r, k, &first, &it))) return false;
        } else {
            Value v;
            if (!item_value(r, &it, &v) || !list_push_take(r->S, l, NULL, v)) goto fail;
        }
    } while (next_is(r, ','));
    if (!next_is(r, ']')) {
        unexpected(r, "`,` or `]`");
        goto fail;
    }
    if (l) {
        out->v = val_obj(T_LIST, l);
        return true;
    }
    out->rank = first.rank + 1;
    out->shape[0] = k;
    if (first.rank) memcpy(out->shape + 1, first.shape, (size_t)first.rank * sizeof *first.shape);
    return true;
fail:
    obj_release(r->S, l);
    return false;
}

/* The places of an object's members by name, once it has more than a few: names are interned, so that their addresses
** are hashed. */
typedef struct Places {
    int64_t *at; /* place + 1 */
    size_t cap;
} Places;

enum { FEW = 32 };

static int64_t *member_slot(const Places *t, const List *l, const Str *key)
{
    size_t k = ((uintptr_t)key >> 4) * 0x9E3779B97F4A7C15u >> 20;
    for (k &= t->cap - 1; t->at[k] && list_name(l, t->at[k] - 1) != key;) k = (k + 1) & (t->cap - 1);
    return &t->at[k];
}

static bool members_grow(State *S, Places *t, const List *l)
{
    Places w = {.cap = t->cap ? 2 * t->cap : 4 * FEW};
    if (!(w.at = mem_zalloc(S, w.cap * sizeof *w.at))) return false;
    for (int64_t i = 0; i < l->len; i++) *member_slot(&w, l, list_name(l, i)) = i + 1;
    mem_free(S, t->at, t->cap * sizeof *t->at);
    *t = w;
    return true;
}

/* Gives item `key` of l the value v (consumed, also on failure). A key that is written again replaces the earlier. */
static bool put_member(State *S, List *l, Places *t, Str *key, Value v)
{
    int64_t i = -1, *slot = NULL;
    if (l->len < FEW) {
        i = list_find(l, key);
    } else {
        if ((size_t)l->len >= t->cap / 2 && !members_grow(S, t, l)) {
            release(S, v);
            return false;
        }
        slot = member_slot(t, l, key);
        i = *slot - 1;
    }
    if (i < 0) {
        if (slot) *slot = l->len + 1;
        return list_push_take(S, l, key, v);
    }
    release(S, l->at[i]);
    l->at[i] = v;
    return true;
}

static bool read_object(Reader *r, Item *out)
{
    List *l = list_new(r->S, 0);
    Places places = {0};
    if (!l) return false;
    if (!next_is(r, '}')) {
        do {
            Str *key;
            Item it;
            Value v;
            skip_space(r);
            if (r->p == r->end || *r->p != '"') {
                unexpected(r, "a name in double quotes");
                goto fail;
            }
            r->p++;
            if (!read_text(r, true, &key)) goto fail;
            bool ok = next_is(r, ':') || unexpected(r, "`:`");
            ok = ok && read_item(r, &it) && item_value(r, &it, &v) && put_member(r->S, l, &places, key, v);
            obj_release(r->S, key);
            if (!ok) goto fail;
        } while (next_is(r, ','));
        if (!next_is(r, '}')) {
            unexpected(r, "`,` or `}`");
            goto fail;
        }
    }
    mem_free(r->S, places.at, places.cap * sizeof *places.at);
    out->v = val_obj(T_LIST, l);
    return true;
fail:
    mem_free(r->S, places.at, places.cap * sizeof *places.at);
    obj_release(r->S, l);
    return false;
}

static bool read_item(Reader *r, Item *out)
{
    Str *s;
    out->rank = -1;
    out->v = NIL;
    skip_space(r);
    if (!poll(r)) return false;
    if (r->p == r->end) return unexpected(r, "a value");
    char c = *r->p;
    if (c == '-' || (c >= '0' && c <= '9')) return read_number(r, out);
    switch (c) {
    case '"':
        r->p++;
        if (!read_text(r, false, &s)) return false;
        out->v = val_obj(T_STR, s);
        return true;
    case '[':
    case '{':
        if (r->depth == DEPTH) return wrong_at(r, r->p, "%s", "brackets are nested more than 500 deep");
        r->depth++;
        r->p++;
        bool ok = c == '[' ? read_array(r, out) : read_object(r, out);
        r->depth--;
        return ok;
    case 'n':
        if (word_is(r, "null")) return true;
        break;
    case 't':
    case 'f':
        out->v = val_bool(c == 't');
        if (word_is(r, c == 't' ? "true" : "false")) return true;
        break;
    case 'N':
        if (word_is(r, "NaN")) return put_double(r, NAN, out);
        break;
    case 'I':
        if (word_is(r, "Infinity")) return put_double(r, INFINITY, out);
        break;
    default: break;
    }
    return unexpected(r, "a value");
}

static bool json_from(State *S, const char *what, const char *text, size_t len, Value *out)
{
    Reader r = {.S = S, .what = what, .start = text, .p = text, .end = text + len};
    Item it;
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) r.p += 3; /* some editors' mark */
    bool ok = read_item(&r, &it) && item_value(&r, &it, out);
    if (ok) {
        skip_space(&r);
        ok = r.p == r.end || unexpected(&r, "the end");
        if (!ok) {
            release(S, *out);
            *out = NIL;
        }
    }
    mem_free(S, r.num, r.cap * sizeof *r.num);
    return ok;
}

bool json_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    Buf what;
    buf_init(&what, S);
    buf_printf(&what, "\"%s\"", path);
    buf_put(&what, "", 1);
    bool ok = !what.failed && json_from(S, what.p, f.p, f.len, out);
    buf_deinit(&what);
    file_free(S, &f);
    return ok;
}

BUILTIN(json_parse, "json_parse(text)",
        "The value a JSON text stands for: objects are lists with names, arrays of numbers tensors (rows of equal "
        "length a matrix), other arrays lists, null is nil. Errors name line and column.")
{
    Str *text;
    return arg_str(c, 0, &text) && json_from(c->S, "json_parse", text->data, text->len, c->out);
}

/* ---- writing ---- */

static void put_text(Buf *b, const char *s, size_t n)
{
    buf_put(b, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= ' ' && c != '"' && c != '\\') continue;
        buf_put(b, s + from, i - from);
        from = i + 1;
        const char *k = c ? strchr("\"\\\b\f\n\r\t", c) : NULL;
        if (k) {
            char two[2] = {'\\', "\"\\bfnrt"[k - "\"\\\b\f\n\r\t"]};
            buf_put(b, two, 2);
        } else {
            buf_printf(b, "\\u%04x", c);
        }
    }
    buf_put(b, s + from, n - from);
    buf_put(b, "\"", 1);
}

/* Tensor t (or NULL) and the place of x in it are for the message. */
static bool put_number(Buf *b, double x, const Tensor *t, int64_t flat)
{
    char num[40];
    buf_put(b, num, (size_t)num_format(num, x));
    if (isfinite(x)) return true;
    if (!t) return diag_fail(b->S, DIAG_SAVE, "JSON has no infinity and no NaN: this is %s", num);
    Buf at;
    buf_init(&at, b->S);
    for (int64_t k = 0, n = t->n; k < t->rank; k++) {
        n /= tensor_shape(t)[k];
        buf_printf(&at, "%s%lld", k ? ", " : "", (long long)(flat / n));
        flat %= n;
    }
    diag_fail(b->S, DIAG_SAVE, "JSON has no infinity and no NaN: element [%.*s] of a tensor is %s", (int)at.len,
              at.p ? at.p : "", num);
    diag_hint(b->S, "where(is_finite(x), x, 0) takes them out; nil is written as null");
    buf_deinit(&at);
    return false;
}

static bool put_element(Buf *b, const Tensor *t, int64_t i)
{
    if (t->dtype == DT_I64) {
        buf_printf(b, "%lld", (long long)((const int64_t *)t->st->data)[t->offset + i]);
        return true;
    }
    double x = tensor_get(t, i);
    if (t->dtype != DT_BOOL) return put_number(b, x, t, i);
    buf_puts(b, x != 0 ? "true" : "false");
    return true;
}

static bool put_axis(Buf *b, const Tensor *t, int axis, int64_t *flat)
{
    if (axis == t->rank) {
        int64_t i = (*flat)++;
        return ((i + 1) % POLL != 0 || vm_check(b->S)) && put_element(b, t, i);
    }
    buf_put(b, "[", 1);
    for (int64_t i = 0; i < tensor_shape(t)[axis]; i++) {
        if (i) buf_put(b, ",", 1);
        if (!put_axis(b, t, axis + 1, flat)) return false;
    }
    buf_put(b, "]", 1);
    return true;
}

static bool put_tensor(Buf *b, Tensor *t)
{
    int64_t flat = 0;
    if (!tensor_force(b->S, t)) return false;
    Tensor *rows = tensor_contiguous(b->S, t);
    bool ok = rows && put_axis(b, rows, 0, &flat);
    obj_release(b->S, rows);
    return ok;
}

static bool put_json(Buf *b, Value v, int depth)
{
    State *S = b->S;
    if (depth > DEPTH) return diag_fail(S, DIAG_SAVE, "the tree is nested more than %d deep", DEPTH);
    switch (v.tag) {
    case T_NIL: buf_puts(b, "null"); return true;
    case T_BOOL: buf_puts(b, v.b ? "true" : "false"); return true;
    case T_NUM: return put_number(b, v.n, NULL, 0);
    case T_STR: put_text(b, v.s->data, v.s->len); return true;
    case T_TENSOR: return put_tensor(b, v.t);
    case T_LIST: {
        int64_t named = 0;
        for (int64_t i = 0; i < v.l->len; i++) named += list_name(v.l, i) != NULL;
        if (named && named < v.l->len)
            return diag_fail(S, DIAG_SAVE, "a list of which only some items have names is neither object nor array");
        buf_put(b, named ? "{" : "[", 1);
        if (b->failed || !vm_check(S)) return false; /* a tree may hold one list many times over */
        for (int64_t i = 0; i < v.l->len; i++) {
            if (i) buf_put(b, ",", 1);
            if (named) {
                put_text(b, list_name(v.l, i)->data, list_name(v.l, i)->len);
                buf_put(b, ":", 1);
            }
            if (!put_json(b, v.l->at[i], depth + 1)) return false;
        }
        buf_put(b, named ? "}" : "]", 1);
        return true;
    }
    default:
        diag_fail(S, DIAG_SAVE, "%s cannot be written as JSON", type_name(S, v));
        if (v.tag == T_MODEL) diag_hint(S, "models go to .safetensors");
        return false;
    }
}

bool json_write(State *S, const char *path, Value v)
{
    Buf b;
    buf_init(&b, S);
    bool ok = put_json(&b, v, 0);
    buf_puts(&b, "\n");
    ok = ok && !b.failed && file_write(S, path, b.p, b.len);
    buf_deinit(&b);
    return ok;
}

BUILTIN(json_text, "json_text(value)",
        "A value as JSON text on one line: lists with names are objects, other lists and tensors arrays; numbers are "
        "the shortest that read back. Not for NaN, infinity, functions and models.")
{
    Buf b;
    buf_init(&b, c->S);
    if (!put_json(&b, c->arg[0], 0)) {
        buf_deinit(&b);
        return false;
    }
    Str *s = buf_str(&b);
    if (!s) return false;
    *c->out = val_obj(T_STR, s);
    return true;
}
