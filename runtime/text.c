/* text.c -- growable text, numbers to text, and what `print` and the holes of strings show.
**
** Numbers print as the shortest decimal that reads back. From 1e16 on, and below 1e-5, they print with an
** exponent (1e21, 2.5e-7); -0 prints as -0. A format of significant digits rounds and then prints by the
** same rules, so {1234.5:.2} is 1200. Lists of any depth are shown without recursion.
** SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "runtime/builtin.h"
#include "runtime/optim.h"
#include "runtime/state.h"
#include "runtime/tensor.h"

/* ---- growable text ---- */

void buf_init(Buf *b, State *S) { *b = (Buf){.S = S}; }

static bool buf_room(Buf *b, size_t n)
{
    if (b->failed) return false;
    if (b->cap - b->len > n) return true;
    size_t cap = b->cap ? 2 * b->cap : 64;
    while (cap - b->len <= n && cap < PTRDIFF_MAX / 2) cap *= 2;
    char *p = cap - b->len > n ? mem_realloc(b->S, b->p, b->cap, cap) : NULL;
    if (!p) {
        b->failed = true;
        diag_memory(b->S, cap);
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_put(Buf *b, const char *s, size_t n)
{
    if (!n || !buf_room(b, n)) return;
    memcpy(b->p + b->len, s, n);
    b->len += n;
}

void buf_puts(Buf *b, const char *s) { buf_put(b, s, strlen(s)); }

void buf_printf(Buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n <= 0) return;
    if ((size_t)n < sizeof small) {
        buf_put(b, small, (size_t)n);
        return;
    }
    if (!buf_room(b, (size_t)n + 1)) return;
    va_start(ap, fmt);
    vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

void buf_deinit(Buf *b)
{
    mem_free(b->S, b->p, b->cap);
    b->p = NULL;
    b->len = b->cap = 0;
}

Str *buf_str(Buf *b)
{
    Str *s = b->failed ? NULL : str_new(b->S, b->p ? b->p : "", b->len);
    buf_deinit(b);
    return s;
}

/* ---- numbers ---- */

typedef struct Decimal {
    bool neg;
    int n, exp;
    char digit[24];
} Decimal; /* 0.d1 d2 ... dn times 10^(exp + 1) */

/* x rounded to `n` significant digits, without trailing zeros. */
static void decimal_of(Decimal *d, double x, int n)
{
    char buf[48];
    if (n > 17) n = 17;
    snprintf(buf, sizeof buf, "%.*e", n - 1, fabs(x));
    char *e = strchr(buf, 'e');
    d->neg = signbit(x) != 0;
    d->n = 0;
    for (char *p = buf; p < e; p++)
        if (*p >= '0' && *p <= '9') d->digit[d->n++] = *p; /* whatever the locale's point is */
    d->exp = (int)strtol(e + 1, NULL, 10);
    while (d->n > 1 && d->digit[d->n - 1] == '0') d->n--;
}

/* Two ways that round once: both operands exact in 53 bits, or in the 64 of a long double, whose bits beyond a double's
** show whether rounding it again can differ. */
bool decimal_value(uint64_t m, int exp, double *out)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (m == 0 || (m <= (uint64_t)1 << 53 && exp >= -22 && exp <= 22)) {
        *out = m == 0 ? 0 : exp < 0 ? (double)m / ten[-exp] : (double)m * ten[exp];
        return true;
    }
#if LDBL_MANT_DIG == 64
    if (exp < -27 || exp > 27) return false;
    long double p = ten[abs(exp) > 22 ? 22 : abs(exp)];
    if (abs(exp) > 22) p *= ten[abs(exp) - 22];
    long double x = exp < 0 ? (long double)m / p : (long double)m * p;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    *out = (double)x;
    return (bits & 0x7FF) != 0x400;
#else
    return false;
#endif
}

static double decimal_read(const Decimal *d)
{
    uint64_t m = 0;
    double x;
    for (int i = 0; i < d->n; i++) m = m * 10 + (uint64_t)(d->digit[i] - '0');
    if (!decimal_value(m, d->exp - d->n + 1, &x)) {
        char buf[48];
        snprintf(buf, sizeof buf, "%.*se%d", d->n, d->digit, d->exp - d->n + 1);
        x = strtod(buf, NULL);
    }
    return d->neg ? -x : x;
}

/* The next larger decimal of the same number of digits. */
static void decimal_up(Decimal *d)
{
    int k = d->n - 1;
    while (k >= 0 && d->digit[k] == '9') d->digit[k--] = '0';
    if (k >= 0) {
        d->digit[k]++;
        return;
    }
    d->digit[0] = '1';
    d->exp++;
}

/* x, whose 17 digits `full` is, rounded to n digits. The 17 say how, unless they look like a tie. */
static void decimal_cut(Decimal *d, const Decimal *full, int n, double x)
{
    bool tie = full->n == n + 1 && full->digit[n] == '5';
    if (full->n <= n) {
        *d = *full;
    } else if (tie) {
        decimal_of(d, x, n);
    } else {
        *d = *full;
        d->n = n;
        if (full->digit[n] >= '5') decimal_up(d);
        while (d->n > 1 && d->digit[d->n - 1] == '0') d->n--;
    }
}

static int decimal_text(char *out, const Decimal *d)
{
    char *p = out;
    if (d->neg) *p++ = '-';
    if (d->exp >= 16 || d->exp < -5) { /* 1.25e-7 */
        *p++ = d->digit[0];
        if (d->n > 1) *p++ = '.';
        memcpy(p, d->digit + 1, (size_t)d->n - 1);
        p += d->n - 1;
        p += snprintf(p, 8, "e%d", d->exp);
        return (int)(p - out);
    }
    int whole = d->exp + 1;
    if (whole <= 0) {
        *p++ = '0';
        *p++ = '.';
        for (int k = whole; k < 0; k++) *p++ = '0';
        whole = 0;
    }
    for (int k = 0; k < d->n || k < whole; k++) {
        if (k == whole && p > out + d->neg && k > 0) *p++ = '.';
        *p++ = k < d->n ? d->digit[k] : '0';
    }
    *p = 0;
    return (int)(p - out);
}

static int special_text(char *out, double x)
{
    if (x == 0) return sprintf(out, signbit(x) ? "-0" : "0");
    return sprintf(out, isnan(x) ? "nan" : x > 0 ? "inf" : "-inf");
}

static int whole_text(char *out, int64_t x)
{
    char digit[24];
    uint64_t u = x < 0 ? -(uint64_t)x : (uint64_t)x;
    int n = 0, len = 0;
    do digit[n++] = (char)('0' + u % 10);
    while (u /= 10);
    if (x < 0) out[len++] = '-';
    while (n) out[len++] = digit[--n];
    out[len] = 0;
    return len;
}

int num_format(char out[40], double x)
{
    if (x == 0 || !isfinite(x)) return special_text(out, x);
    if (fabs(x) < 1e15 && x == floor(x)) return whole_text(out, (int64_t)x);
    Decimal d, up, full;
    int bits_exp;
    bool power = fabs(frexp(x, &bits_exp)) == 0.5; /* its lower neighbour is nearer than its upper one */
    decimal_of(&full, x, 17);
    for (int n = fabs(x) < 2.3e-308 ? 1 : 15; n < 17; n++) {
        decimal_cut(&d, &full, n, x);
        if (decimal_read(&d) == x) return decimal_text(out, &d);
        if (power && n == 16) {
            up = d;
            while (up.n < n) up.digit[up.n++] = '0';
            decimal_up(&up);
            if (decimal_read(&up) == x) return decimal_text(out, &up);
        }
    }
    return decimal_text(out, &full);
}

/* ---- holes: "{x:8.3f}" ---- */

typedef struct Spec {
    int width, digits;
    bool fixed;
} Spec; /* digits -1: shortest */

static bool spec_parse(State *S, const char *s, size_t n, Spec *out)
{
    *out = (Spec){0, -1, false};
    size_t i = 0;
    for (; i < n && s[i] >= '0' && s[i] <= '9' && out->width < 10000; i++) out->width = out->width * 10 + (s[i] - '0');
    if (i < n && s[i] == '.') {
        size_t from = ++i;
        out->digits = 0;
        for (; i < n && s[i] >= '0' && s[i] <= '9' && out->digits < 1000; i++)
            out->digits = out->digits * 10 + (s[i] - '0');
        if (i == from) goto bad;
        if (i < n && s[i] == 'f') {
            out->fixed = true;
            i++;
        }
    }
    if (i == n && out->width <= 1000 && out->digits <= 100 && (out->fixed || out->digits)) return true;
bad:
    diag_fail(S, DIAG_VALUE, "unknown format `:%.*s`", (int)(n < 40 ? n : 40), s);
    return diag_hint(S, "formats are .4 (significant digits), .3f (decimals), 8 (width) and 8.3f");
}

static void pad(Buf *b, int n)
{
    for (; n > 0; n--) buf_put(b, " ", 1);
}

static void format_num(Buf *b, double x, const Spec *spec)
{
    char buf[512];
    int n;
    if (!isfinite(x) || (x == 0 && !spec->fixed)) n = special_text(buf, x);
    else if (spec->fixed) {
        n = snprintf(buf, sizeof buf, "%.*f", spec->digits, x);
        for (int i = 0; i < n; i++)
            if (buf[i] != '-' && (buf[i] < '0' || buf[i] > '9')) buf[i] = '.'; /* whatever the locale's point is */
    } else if (spec->digits > 0 && spec->digits < 17) {
        Decimal d;
        decimal_of(&d, x, spec->digits);
        n = decimal_text(buf, &d);
    } else {
        n = num_format(buf, x);
    }
    pad(b, spec->width - n);
    buf_put(b, buf, (size_t)n);
}

static int cells_of(const char *s, size_t n)
{
    int cells = 0;
    for (size_t i = 0; i < n;) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(n - i), &cp);
        cells += k > 0 ? utf8proc_charwidth(cp) : 1;
        i += k > 0 ? (size_t)k : 1;
    }
    return cells;
}

enum { FORMAT_MAX = 1000 }; /* elements of a tensor that are formatted one by one */

static void format_axis(Buf *b, Tensor *t, int axis, int64_t *flat, const Spec *spec)
{
    buf_put(b, "[", 1);
    for (int64_t i = 0; i < t->dim[axis]; i++) {
        if (i) buf_puts(b, ", ");
        if (axis + 1 < t->rank) {
            format_axis(b, t, axis + 1, flat, spec);
            continue;
        }
        double x = tensor_get(t, (*flat)++);
        if (t->dtype == DT_BOOL) buf_puts(b, x != 0 ? "true" : "false");
        else format_num(b, x, spec);
    }
    buf_put(b, "]", 1);
}

/* ---- showing ---- */

static void show_string(Buf *b, const Str *s)
{
    buf_put(b, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < s->len; i++) {
        unsigned char c = (unsigned char)s->data[i];
        if (c >= 32 && c != 127 && c != '"' && c != '\\' && c != '{') continue;
        buf_put(b, s->data + from, i - from);
        from = i + 1;
        if (c == '\n') buf_puts(b, "\\n");
        else if (c == '\t') buf_puts(b, "\\t");
        else if (c == '"' || c == '\\' || c == '{') buf_printf(b, "\\%c", c);
        else buf_printf(b, "\\u{%x}", c);
    }
    buf_put(b, s->data + from, s->len - from);
    buf_put(b, "\"", 1);
}

static void show_params(Buf *b, const Proto *p)
{
    buf_put(b, "(", 1);
    for (int i = 0; i < p->nparams; i++) {
        if (i) buf_puts(b, ", ");
        if (p->params[i].rest) buf_puts(b, "...");
        buf_puts(b, p->params[i].name ? p->params[i].name->data : "_");
    }
    buf_put(b, ")", 1);
}

/* "sum(x, axis: nil, keep: false)" as sum(x, axis, keep) */
static void show_builtin(Buf *b, const char *sig)
{
    bool skip = false;
    int depth = 0;
    bool quoted = false;
    for (const char *p = sig; *p; p++) {
        if (*p == '"') quoted = !quoted;
        if (!quoted && depth == 1 && (*p == ':' || *p == '?')) skip = true;
        if (!quoted && depth == 1 && (*p == ',' || *p == ')')) skip = false;
        if (!skip) buf_put(b, p, 1);
        if (!quoted && *p == '(') depth++;
        if (!quoted && *p == ')' && --depth == 0) break;
    }
}

static void show_function(Buf *b, const Closure *f)
{
    if (f->proto && strcmp(f->proto->name->data, "lambda")) {
        buf_printf(b, "fn %s", f->proto->name->data);
        show_params(b, f->proto);
    } else if (f->proto) {
        buf_puts(b, "fn ");
        show_params(b, f->proto);
    } else if (f->builtin && f->builtin->sig) {
        buf_puts(b, "fn ");
        show_builtin(b, f->builtin->sig);
    } else {
        buf_printf(b, "fn %s", f->builtin ? f->builtin->name : "");
    }
}

static void show_num(Buf *b, double x)
{
    char text[40];
    buf_put(b, text, (size_t)num_format(text, x));
}

/* How a value is shown: formats of holes and the insides of models differ from plain printing. */
typedef struct Style {
    const Spec *spec;
    bool quoted, in_model, inside;
} Style; /* inside: an item of a list */

/* Everything but lists, models and optimisers. */
/* A tensor among the items of a list stays on the list's line: a long vector by its ends, anything else by its shape. */
enum { ITEM_MAX = 32 };
static bool show_item(State *S, Buf *b, Tensor *t)
{
    buf_puts(b, type_name(S, val_obj(T_TENSOR, t)));
    if (t->rank != 1) return !b->failed;
    if (!tensor_force(S, t)) return false;
    for (int k = 0; k < 6; k++) {
        char num[40];
        double x = tensor_get(t, k < 3 ? k : t->n - 6 + k);
        if (t->dtype == DT_BOOL) snprintf(num, sizeof num, "%s", x != 0 ? "true" : "false");
        else if (dtype_float((DType)t->dtype)) snprintf(num, sizeof num, "%.6g", x);
        else num_format(num, x);
        buf_printf(b, "%s%s", k == 0 ? " [" : k == 3 ? " ... " : ", ", num);
    }
    buf_puts(b, "]");
    return !b->failed;
}

static bool show_leaf(State *S, Buf *b, Value v, const Style *st)
{
    switch ((Tag)v.tag) {
    case T_NIL: buf_puts(b, "nil"); break;
    case T_BOOL: buf_puts(b, v.b ? "true" : "false"); break;
    case T_NUM:
        if (st->spec) format_num(b, v.n, st->spec);
        else show_num(b, v.n);
        break;
    case T_STR:
        if (st->quoted) show_string(b, v.s);
        else buf_put(b, v.s->data, v.s->len);
        break;
    case T_TENSOR:
        if (st->in_model) {
            buf_puts(b, type_name(S, v));
        } else if (st->spec && v.t->n <= FORMAT_MAX) {
            int64_t flat = 0;
            if (!tensor_force(S, v.t)) return false;
            format_axis(b, v.t, 0, &flat, st->spec);
        } else if (st->inside && v.t->n > ITEM_MAX) {
            return show_item(S, b, v.t);
        } else {
            return tensor_show(S, b, v.t) && !b->failed;
        }
        break;
    case T_FN: show_function(b, v.f); break;
    case T_RANGE:
        show_num(b, v.r->lo);
        buf_puts(b, "..");
        show_num(b, v.r->hi);
        break;
    case T_SOURCE: buf_printf(b, "%s(...)", v.src->def->name); break;
    case T_MODULE: buf_printf(b, "module %s", v.mod->name->data); break;
    case T_MODELDEF:
        buf_printf(b, "model %s", v.def->name->data);
        if (v.def->ctor) show_params(b, v.def->ctor);
        break;
    case T_UNSET:
    case T_CELL:
    case T_NAMES:
    case T_PROTO:
    case T_LIST:
    case T_MODEL:
    case T_OPT:
    case T_TAGS: buf_puts(b, type_name(S, v)); break;
    }
    return !b->failed;
}

/* A container that is being shown: how far, and what it is. */
typedef struct Open {
    Value v;
    int64_t i;
    bool any, in_model;
} Open;
typedef struct Opens {
    Open *at;
    size_t n, cap;
} Opens;

static bool nested(Value v) { return v.tag == T_LIST || v.tag == T_MODEL || v.tag == T_OPT; }

static bool open_push(State *S, Buf *b, Opens *w, Value v, bool in_model)
{
    if (!MEM_PUSH(S, w->at, w->n, w->cap)) return false;
    w->at[w->n++] = (Open){v, 0, false, in_model || v.tag == T_MODEL};
    if (v.tag == T_MODEL) buf_puts(b, v.m->def->name->data);
    if (v.tag == T_OPT) buf_puts(b, v.opt->def->name);
    buf_put(b, "(", 1);
    return !b->failed;
}

static bool has_model(Value v)
{
    if (v.tag != T_LIST) return v.tag == T_MODEL;
    for (int64_t i = 0; i < v.l->len; i++)
        if (v.l->at[i].tag == T_MODEL || v.l->at[i].tag == T_LIST) return true;
    return false;
}

/* The next item of o in *item, its name in *name; false when it is complete. */
static bool open_next(State *S, Open *o, Value *item, Str **name)
{
    if (o->v.tag == T_MODEL) {
        const ModelDef *d = o->v.m->def;
        while (o->i < d->nfields) {
            int i = (int)o->i++;
            *item = model_get(S, o->v.m, i);
            *name = d->fields[i].name;
            FieldKind kind = d->fields[i].kind;
            if (kind == FIELD_PARAM || kind == FIELD_STATE || (kind == FIELD_LET && has_model(*item))) return true;
        }
        return false;
    }
    const List *l = o->v.tag == T_OPT ? o->v.opt->conf : o->v.l;
    if (!l || o->i >= l->len) return false;
    *name = list_name(l, o->i);
    *item = l->at[o->i++];
    return true;
}

static void show_name(Buf *b, const Str *s)
{
    bool plain = s->len > 0 && !(s->data[0] >= '0' && s->data[0] <= '9');
    for (size_t i = 0; i < s->len && plain; i++) {
        unsigned char c = (unsigned char)s->data[i];
        plain = c >= 128 || c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    }
    if (plain) buf_put(b, s->data, s->len);
    else show_string(b, s);
    buf_puts(b, ": ");
}

static bool show(State *S, Buf *b, Value v, Style st)
{
    if (!nested(v)) return show_leaf(S, b, v, &st);
    Opens w = {0};
    bool ok = open_push(S, b, &w, v, false);
    st.quoted = true;
    while (ok && w.n) {
        Open *o = &w.at[w.n - 1];
        Value item;
        Str *name = NULL;
        if (!open_next(S, o, &item, &name)) {
            if (o->v.tag == T_LIST && o->v.l->len == 1 && !list_name(o->v.l, 0)) buf_put(b, ",", 1);
            buf_put(b, ")", 1);
            w.n--;
            continue;
        }
        if (o->any) buf_puts(b, ", ");
        o->any = true;
        if (name) show_name(b, name);
        st.in_model = o->in_model;
        st.inside = true;
        ok = nested(item) ? open_push(S, b, &w, item, o->in_model) : show_leaf(S, b, item, &st);
        ok = ok && !b->failed;
    }
    mem_free(S, w.at, w.cap * sizeof *w.at);
    return ok && !b->failed;
}

bool value_show(State *S, Buf *b, Value v, bool quoted)
{
    if (v.tag == T_LIST && v.l->names && S->hooks.figure) {
        bool is;
        if (!S->hooks.figure(S, b, v, &is)) return false;
        if (is) return true;
    }
    return show(S, b, v, (Style){NULL, quoted, false, false});
}

bool value_format(State *S, Buf *b, Value v, const char *text, size_t len)
{
    if (!len) return value_show(S, b, v, false);
    Spec spec;
    if (!spec_parse(S, text, len, &spec)) return false;
    if (v.tag == T_NUM || v.tag == T_LIST || v.tag == T_TENSOR)
        return show(S, b, v, (Style){&spec, false, false, false}); /* the format holds for each number in it */
    size_t from = b->len;
    if (!value_show(S, b, v, false)) return false;
    pad(b, spec.width - cells_of(b->p + from, b->len - from)); /* text stands to the left of its width */
    return !b->failed;
}
