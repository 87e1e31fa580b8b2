/* core.c -- printing, text, lists, functions over lists, the script's surroundings.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utf8proc.h>
#include "runtime/builtin.h"

static bool give_str(Call *c, Str *s)
{
    if (!s) return false;
    *c->out = val_obj(T_STR, s);
    return true;
}

static bool give_list(Call *c, List *l)
{
    if (!l) return false;
    *c->out = val_obj(T_LIST, l);
    return true;
}

/* ---- output and the script's surroundings ---- */

BUILTIN(print, "print(...values)", "Writes the values, separated by spaces, and a newline to standard output.")
{
    if (!batch_effect(c->S, "what is printed")) return false;
    State *S = c->S;
    if (S->tape.quiet) return true;
    Buf b;
    buf_init(&b, S);
    const List *l = c->arg[0].l;
    bool ok = tensor_flush(S);
    for (int64_t i = 0; i < l->len && ok; i++) {
        if (i) buf_puts(&b, " ");
        ok = value_show(S, &b, l->at[i], false);
    }
    buf_puts(&b, "\n");
    if (b.failed) ok = false;
    if (ok && S->hooks.print) S->hooks.print(S->hooks.ud, b.p, b.len);
    buf_deinit(&b);
    return ok;
}

BUILTIN(error, "error(message)",
        "Raises an error with this message; an error that was caught (catch e) is raised again.")
{
    return error_raise(c->S, c->arg[0]);
}

BUILTIN(input, "input(prompt: \"\")", "Reads one line from standard input, without its newline; nil at the end.")
{
    if (!batch_effect(c->S, "what is read")) return false;
    Str *prompt;
    if (!arg_str(c, 0, &prompt)) return false;
    if (prompt->len && c->S->hooks.print) c->S->hooks.print(c->S->hooks.ud, prompt->data, prompt->len);
    Buf b;
    buf_init(&b, c->S);
    fflush(stdout);
    char part[4096];
    size_t n = 0;
    int ch = 0;
    bool any = false;
    while ((ch = getc_unlocked(stdin)) != EOF && ch != '\n') {
        any = true;
        part[n++] = (char)ch;
        if (n < sizeof part) continue;
        buf_put(&b, part, n);
        n = 0;
    }
    buf_put(&b, part, n);
    if (b.failed || (!any && ch == EOF)) {
        bool ok = !b.failed;
        buf_deinit(&b);
        return ok;
    }
    Str *s = str_from_bytes(c->S, b.p ? b.p : "", b.len);
    buf_deinit(&b);
    return give_str(c, s);
}

BUILTIN(args, "args()", "The words after the script's name on the command line, a list of strings.")
{
    List *l = list_new(c->S, c->S->nargs);
    for (int i = 0; l && i < c->S->nargs; i++) {
        Value s = val_str(c->S, c->S->args[i], strlen(c->S->args[i]));
        if (is_nil(s) || !list_push_take(c->S, l, NULL, s)) {
            obj_release(c->S, l);
            return false;
        }
    }
    return give_list(c, l);
}

BUILTIN(here, "here(path: \"\")", "The path of a file beside the script that calls it.")
{
    Str *path;
    if (!arg_str(c, 0, &path)) return false;
    const Source *src = source_get(c->S, vm_here(c->S).file);
    const char *slash = src && src->name[0] != '<' && path->data[0] != '/' ? strrchr(src->name, '/') : NULL;
    Buf b;
    buf_init(&b, c->S);
    if (slash) buf_put(&b, src->name, (size_t)(slash - src->name) + 1);
    buf_put(&b, path->data, path->len);
    return give_str(c, buf_str(&b));
}

BUILTIN(time, "time()",
        "Seconds on a clock that only goes forward; differences are what they are for. Whatever was asked for before "
        "is done when it is read.")
{
    if (!tensor_flush(c->S)) return false;
    *c->out = val_num(vm_seconds());
    return true;
}

BUILTIN(training, "training()", "True while the block of a descend runs, false elsewhere and in watch.")
{
    *c->out = val_bool(c->S->training);
    return true;
}

BUILTIN(snapshot, "snapshot()",
        "The whole training run as a tree, inside `watch`: targets, optimiser, random counters, the loader's place, "
        "step and losses. save(\"run.safetensors\", snapshot()) keeps it, and the same script started with --resume "
        "run.safetensors goes on bit for bit.")
{
    return descend_snapshot(c->S, c->out);
}

/* ---- any value ---- */

BUILTIN(len, "len(x)", "Items of a list or range, rows of a tensor, code points of a string, turns of a loader.")
{
    Value x = c->arg[0];
    double n = -1;
    switch (x.tag) {
    case T_LIST: n = (double)x.l->len; break;
    case T_STR: n = (double)x.s->npoints; break;
    case T_RANGE: n = (double)range_len(x.r); break;
    case T_TENSOR: n = x.t->rank ? (double)tensor_shape(x.t)[0] : -1; break;
    case T_SOURCE: n = x.src->def->len ? (double)x.src->def->len(c->S, x.src) : -1; break;
    default: break;
    }
    if (n < 0) return arg_fail(c, 0, "a list, tensor, string or range");
    *c->out = val_num(n);
    return true;
}

BUILTIN(type, "type(x)",
        "The type's name: nil, bool, number, string, tensor, list, function, range, optimiser, source, module, "
        "or the model's name. x.dtype says what a tensor holds.")
{
    Value x = c->arg[0];
    const char *s;
    switch (x.tag) {
    case T_NIL: s = "nil"; break;
    case T_BOOL: s = "bool"; break;
    case T_NUM: s = "number"; break;
    case T_STR: s = "string"; break;
    case T_TENSOR: s = "tensor"; break;
    case T_LIST: s = "list"; break;
    case T_FN: s = "function"; break;
    case T_RANGE: s = "range"; break;
    case T_OPT: s = "optimiser"; break;
    case T_SOURCE: s = "source"; break;
    case T_MODULE: s = "module"; break;
    case T_MODEL: s = x.m->def->name->data; break;
    default: s = type_name(c->S, x); break;
    }
    return give_str(c, str_intern(c->S, s, strlen(s)));
}

BUILTIN(str, "str(x)", "The text that print shows.")
{
    Buf b;
    buf_init(&b, c->S);
    if (!value_show(c->S, &b, c->arg[0], false)) {
        buf_deinit(&b);
        return false;
    }
    return give_str(c, buf_str(&b));
}

/* ---- text ---- */

BUILTIN(number, "number(s)", "Reads a number from a string; nil when it holds none. A bool gives 0 or 1.")
{
    Value v = c->arg[0];
    if (v.tag == T_NUM) {
        *c->out = v;
        return true;
    }
    if (v.tag == T_BOOL) {
        *c->out = val_num(v.b);
        return true;
    }
    Str *s;
    if (!arg_str(c, 0, &s)) return false;
    const char *p = s->data, *end = s->data + s->len;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
    char *stop;
    double x = strtod(p, &stop);
    if (stop == p) return true;
    while (stop < end && (*stop == ' ' || *stop == '\t' || *stop == '\n' || *stop == '\r')) stop++;
    if (stop == end) *c->out = val_num(x);
    return true;
}

BUILTIN(bytes, "bytes(s)", "The UTF-8 bytes of a string, a u8 tensor.")
{
    Str *s;
    if (!arg_str(c, 0, &s)) return false;
    int64_t n = (int64_t)s->len;
    Tensor *t = tensor_from(c->S, DT_U8, 1, &n, s->data);
    if (!t) return false;
    *c->out = val_obj(T_TENSOR, t);
    return true;
}

BUILTIN(codes, "codes(s)", "The code points of a string, an i64 tensor.")
{
    Str *s;
    if (!arg_str(c, 0, &s)) return false;
    int64_t n = (int64_t)s->npoints;
    Tensor *t = tensor_new(c->S, DT_I64, 1, &n);
    if (!t) return false;
    int64_t *to = (int64_t *)t->st->data;
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s->data;
    utf8proc_ssize_t left = (utf8proc_ssize_t)s->len;
    for (int64_t i = 0; i < n; i++) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t k = utf8proc_iterate(p, left, &cp);
        if (k <= 0) k = 1, cp = 0xFFFD;
        to[i] = cp;
        p += k;
        left -= k;
    }
    *c->out = val_obj(T_TENSOR, t);
    return true;
}

BUILTIN(chars, "chars(s)", "The code points of a string, each a string, as a list; numbers give the string back.")
{
    if (c->arg[0].tag == T_TENSOR || c->arg[0].tag == T_NUM) {
        Tensor *t = NULL;
        double one = c->arg[0].tag == T_NUM ? c->arg[0].n : 0;
        if (c->arg[0].tag == T_TENSOR && !arg_data(c, 0, DT_F64, &t)) return false;
        Buf b;
        buf_init(&b, c->S);
        const double *p = t ? (const double *)t->st->data + t->offset : &one;
        bool ok = true;
        for (int64_t i = 0, n = t ? t->n : 1; i < n && ok; i++) {
            utf8proc_uint8_t out[4];
            ok = p[i] >= 0 && p[i] < 0x110000 && utf8proc_codepoint_valid((utf8proc_int32_t)p[i]);
            if (ok) buf_put(&b, (char *)out, (size_t)utf8proc_encode_char((utf8proc_int32_t)p[i], out));
            else diag_fail(c->S, DIAG_VALUE, "chars: item %lld is no code point", (long long)i);
        }
        obj_release(c->S, t);
        if (!ok) {
            buf_deinit(&b);
            return false;
        }
        return give_str(c, buf_str(&b));
    }
    Str *s;
    if (!arg_str(c, 0, &s)) return false;
    List *l = list_new(c->S, (int64_t)s->npoints);
    const char *p = s->data, *end = p + s->len;
    while (l && p < end) {
        const char *q = p + 1;
        while (q < end && ((unsigned char)*q & 0xC0) == 0x80) q++;
        Value v = val_str(c->S, p, (size_t)(q - p));
        if (is_nil(v) || !list_push_take(c->S, l, NULL, v)) {
            obj_release(c->S, l);
            return false;
        }
        p = q;
    }
    return give_list(c, l);
}

static const char *find_in(const char *hay, size_t n, const Str *needle)
{
    return needle->len <= n ? memmem(hay, n, needle->data, needle->len) : NULL;
}

BUILTIN(split, "split(s, by: \" \", axis: 0)",
        "The pieces of a string between occurrences of `by` (\"\" gives its characters), as a list; or a "
        "tensor's parts: split(x, 3) into 3 equal parts along `axis`, split(x, (2, 5)) into parts of these sizes.")
{
    State *S = c->S;
    if (c->arg[0].tag == T_TENSOR) return tensor_split(c, c->arg[0], c->arg[1], c->arg[2]);
    Str *s, *by;
    if (!arg_str(c, 0, &s) || !arg_str(c, 1, &by)) return false;
    List *l = list_new(S, 4);
    const char *p = s->data, *end = p + s->len;
    while (l) {
        const char *q;
        if (by->len == 0) {
            if (p >= end) break;
            q = p + 1;
            while (q < end && ((unsigned char)*q & 0xC0) == 0x80) q++;
        } else {
            q = find_in(p, (size_t)(end - p), by);
        }
        Value v = val_str(S, p, (size_t)((q ? q : end) - p));
        if (is_nil(v) || !list_push_take(S, l, NULL, v)) {
            obj_release(S, l);
            return false;
        }
        if (!q) break;
        p = q + by->len;
        if (!(l->len & 0xFFF) && !vm_check(S)) {
            obj_release(S, l);
            return false;
        }
    }
    return give_list(c, l);
}

BUILTIN(join, "join(list, by: \"\")", "The items of a list as one string, with `by` between them.")
{
    List *l;
    Str *by;
    if (!arg_list(c, 0, &l) || !arg_str(c, 1, &by)) return false;
    Buf b;
    buf_init(&b, c->S);
    for (int64_t i = 0; i < l->len; i++) {
        if (i) buf_put(&b, by->data, by->len);
        if (!value_show(c->S, &b, l->at[i], false)) {
            buf_deinit(&b);
            return false;
        }
    }
    return give_str(c, buf_str(&b));
}

static double points_before(const char *from, const char *to)
{
    double n = 0;
    for (; from < to; from++) n += ((unsigned char)*from & 0xC0) != 0x80;
    return n;
}

BUILTIN(find, "find(s, part)", "Where `part` first stands in a string, in code points; nil when it does not.")
{
    Str *s, *part;
    if (!arg_str(c, 0, &s) || !arg_str(c, 1, &part)) return false;
    const char *at = find_in(s->data, s->len, part);
    if (at) *c->out = val_num(points_before(s->data, at));
    return true;
}

BUILTIN(replace, "replace(s, old, new)", "A string with every `old` replaced by `new`.")
{
    Str *s, *old, *new;
    if (!arg_str(c, 0, &s) || !arg_str(c, 1, &old) || !arg_str(c, 2, &new)) return false;
    if (!old->len) return diag_fail(c->S, DIAG_VALUE, "replace: `old` is empty");
    Buf b;
    buf_init(&b, c->S);
    const char *p = s->data, *end = p + s->len;
    for (const char *q; (q = find_in(p, (size_t)(end - p), old)); p = q + old->len) {
        buf_put(&b, p, (size_t)(q - p));
        buf_put(&b, new->data, new->len);
    }
    buf_put(&b, p, (size_t)(end - p));
    return give_str(c, buf_str(&b));
}

static bool change_case(Call *c, utf8proc_int32_t (*f)(utf8proc_int32_t))
{
    Str *s;
    if (!arg_str(c, 0, &s)) return false;
    Buf b;
    buf_init(&b, c->S);
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s->data;
    utf8proc_ssize_t left = (utf8proc_ssize_t)s->len;
    while (left > 0) {
        utf8proc_int32_t cp;
        utf8proc_uint8_t out[4];
        utf8proc_ssize_t k = utf8proc_iterate(p, left, &cp);
        if (k <= 0) break;
        buf_put(&b, (char *)out, (size_t)utf8proc_encode_char(f(cp), out));
        p += k;
        left -= k;
    }
    return give_str(c, buf_str(&b));
}

BUILTIN(lower, "lower(s)", "A string in lower case.") { return change_case(c, utf8proc_tolower); }
BUILTIN(upper, "upper(s)", "A string in upper case.") { return change_case(c, utf8proc_toupper); }

/* ---- lists ---- */

/* Any iterable as a fresh list. */
static List *to_list(Call *c, int i)
{
    State *S = c->S;
    Value it, item;
    double pos = 0;
    bool done;
    if (!value_iter(S, c->arg[i], &it)) return NULL;
    List *l = list_new(S, 8);
    while (l) {
        if (!value_next(S, it, &pos, &item, &done)) goto fail;
        if (done) break;
        if (!list_push_take(S, l, NULL, item)) goto fail;
    }
    release(S, it);
    return l;
fail:
    release(S, it);
    obj_release(S, l);
    return NULL;
}

BUILTIN(list, "list(xs)", "The items of a range, tensor (rows), list or loader, as a list.")
{
    return give_list(c, to_list(c, 0));
}

BUILTIN(push, "push(xs, x)", "The list with x at the end: (...xs, x).")
{
    List *l;
    if (!arg_list(c, 0, &l)) return false;
    l->obj.rc++;
    if (l->obj.rc == 2) l->obj.rc = 1; /* the argument was its last use: append to it in place ... */
    else if (!(l = list_unique_take(c->S, l))) return false;
    bool sole = l == c->arg[0].l;
    bool ok = list_push_take(c->S, l, NULL, retain(c->arg[1]));
    if (sole) l->obj.rc = 2; /* ... and count the argument's reference again */
    if (!ok) {
        obj_release(c->S, l);
        return false;
    }
    *c->out = val_obj(T_LIST, l);
    return true;
}

BUILTIN(has, "has(r, name)",
        "Whether a list or model has an item of this name; whether a list holds this value; whether a "
        "string holds this part.")
{
    Value r = c->arg[0], k = c->arg[1];
    bool yes = false;
    if (r.tag == T_LIST && k.tag == T_STR && list_find(r.l, k.s) >= 0) {
        yes = true;
    } else if (r.tag == T_LIST) {
        for (int64_t i = 0; i < r.l->len && !yes; i++)
            if (!value_equal(c->S, r.l->at[i], k, &yes)) return false;
    } else if (r.tag == T_MODEL && k.tag == T_STR) {
        yes = model_field(r.m->def, k.s) >= 0 || model_method(r.m->def, k.s) >= 0;
    } else if (r.tag == T_STR && k.tag == T_STR) {
        yes = find_in(r.s->data, r.s->len, k.s) != NULL;
    } else {
        return arg_fail(c, 0, "a list, a model or a string");
    }
    *c->out = val_bool(yes);
    return true;
}

BUILTIN(keys, "keys(r)", "The names of a list's items (nil where one has none), or of a model's members.")
{
    State *S = c->S;
    Value r = c->arg[0];
    if (r.tag != T_LIST && r.tag != T_MODEL) return arg_fail(c, 0, "a list or a model");
    int64_t n = r.tag == T_LIST ? r.l->len : r.m->def->nfields;
    List *l = list_new(S, n);
    for (int64_t i = 0; l && i < n; i++) {
        Str *s = r.tag == T_LIST ? list_name(r.l, i) : r.m->def->fields[i].name;
        if (!list_push_take(S, l, NULL, s ? val_obj(T_STR, obj_retain(s)) : NIL)) {
            obj_release(S, l);
            return false;
        }
    }
    return give_list(c, l);
}

static Value pair(State *S, Value a, Value b) { return list_pair(S, retain(a), retain(b)); }

BUILTIN(items, "items(r)", "Pairs (name, item) of a list or model: for (k, v) in items(r) { ... }.")
{
    State *S = c->S;
    Value r = c->arg[0];
    if (r.tag != T_LIST && r.tag != T_MODEL) return arg_fail(c, 0, "a list or a model");
    int64_t n = r.tag == T_LIST ? r.l->len : r.m->def->nfields;
    List *l = list_new(S, n);
    for (int64_t i = 0; l && i < n; i++) {
        Str *s = r.tag == T_LIST ? list_name(r.l, i) : r.m->def->fields[i].name;
        Value p = pair(S, s ? val_obj(T_STR, s) : NIL, r.tag == T_LIST ? r.l->at[i] : model_get(S, r.m, (int)i));
        if (is_nil(p) || !list_push_take(S, l, NULL, p)) {
            obj_release(S, l);
            return false;
        }
    }
    return give_list(c, l);
}

BUILTIN(zip, "zip(...lists)", "Lists of the first items, the second items, ... as long as the shortest argument.")
{
    State *S = c->S;
    const List *rest = c->arg[0].l;
    List *out = list_new(S, 8);
    int64_t n = rest->len, made = 0;
    Value *it = mem_zalloc(S, (size_t)(n + 1) * sizeof *it);
    double *pos = mem_zalloc(S, (size_t)(n + 1) * sizeof *pos);
    bool ok = out && it && pos;
    for (; ok && made < n; made++)
        if (!value_iter(S, rest->at[made], &it[made])) {
            ok = false;
            break;
        }
    bool end = n == 0;
    while (ok && !end) {
        List *row = list_new(S, n);
        ok = row != NULL;
        for (int64_t i = 0; ok && !end && i < n; i++) {
            Value v;
            ok = value_next(S, it[i], &pos[i], &v, &end) && (end || list_push_take(S, row, NULL, v));
        }
        if (ok && !end) ok = list_push_take(S, out, NULL, val_obj(T_LIST, row));
        else obj_release(S, row);
    }
    for (int64_t i = 0; it && i < made; i++) release(S, it[i]);
    mem_free(S, it, (size_t)(n + 1) * sizeof *it);
    mem_free(S, pos, (size_t)(n + 1) * sizeof *pos);
    if (!ok) {
        obj_release(S, out);
        return false;
    }
    return give_list(c, out);
}

BUILTIN(enumerate, "enumerate(xs)", "Pairs (0, first), (1, second), ... of what can be iterated.")
{
    State *S = c->S;
    List *l = to_list(c, 0);
    for (int64_t i = 0; l && i < l->len; i++) {
        Value p = list_pair(S, val_num((double)i), l->at[i]);
        l->at[i] = p;
        if (is_nil(p)) {
            obj_release(S, l);
            return false;
        }
    }
    return give_list(c, l);
}

BUILTIN(reversed, "reversed(xs)", "The items in the opposite order, as a list; a string backwards.")
{
    if (c->arg[0].tag == T_STR)
        return give_str(c, str_slice(c->S, c->arg[0].s, (int64_t)c->arg[0].s->npoints - 1, -1, -1));
    List *l = to_list(c, 0);
    for (int64_t i = 0, j = l ? l->len - 1 : 0; i < j; i++, j--) {
        Value t = l->at[i];
        l->at[i] = l->at[j];
        l->at[j] = t;
    }
    return give_list(c, l);
}

/* a stable merge sort on keys: numbers with numbers, strings with strings */
static bool key_less(State *S, Value a, Value b, bool *less)
{
    Value v;
    if (!((a.tag == T_NUM && b.tag == T_NUM) || (a.tag == T_STR && b.tag == T_STR)))
        return diag_fail(S, DIAG_TYPE, "sorted: %s has no order beside other kinds; give by: a key",
                         type_name(S, a.tag == T_NUM || a.tag == T_STR ? b : a));
    if (!value_binary(S, BIN_LT, a, b, &v)) return false;
    *less = v.b;
    return true;
}

static bool merge_sort(State *S, Value *key, bool down, int64_t *at, int64_t *tmp, int64_t n)
{
    for (int64_t w = 1; w < n; w *= 2) {
        if (!vm_check(S)) return false;
        for (int64_t lo = 0; lo < n; lo += 2 * w) {
            int64_t mid = lo + w < n ? lo + w : n, hi = lo + 2 * w < n ? lo + 2 * w : n;
            int64_t i = lo, j = mid, k = lo;
            while (i < mid && j < hi) {
                bool less;
                if (!(k & 0xFF) && !vm_check(S)) return false; /* long strings take long to compare */
                if (!key_less(S, key[at[down ? i : j]], key[at[down ? j : i]], &less)) return false;
                tmp[k++] = less ? at[j++] : at[i++];
            }
            while (i < mid) tmp[k++] = at[i++];
            while (j < hi) tmp[k++] = at[j++];
        }
        memcpy(at, tmp, (size_t)n * sizeof *at);
    }
    return true;
}

BUILTIN(sorted, "sorted(xs, by: nil, descending: false)",
        "The items in ascending order (numbers, or strings by code point), stable; `by` gives each item's key.")
{
    State *S = c->S;
    bool down;
    if (!arg_bool(c, 2, &down)) return false;
    List *l = to_list(c, 0);
    if (!l) return false;
    size_t n = (size_t)l->len;
    Value *key = mem_zalloc(S, (n + 1) * sizeof *key);
    int64_t *at = mem_alloc(S, (n + 1) * sizeof *at), *tmp = mem_alloc(S, (n + 1) * sizeof *tmp);
    List *out = list_new(S, l->len);
    bool ok = key && at && tmp && out;
    for (size_t i = 0; ok && i < n; i++) {
        at[i] = (int64_t)i;
        if (arg_given(c, 1)) ok = vm_call(S, c->arg[1], &l->at[i], 1, &key[i]);
        else key[i] = retain(l->at[i]);
    }
    if (ok && n == 1) {
        bool less;
        ok = key_less(S, key[0], key[0], &less);
    }
    ok = ok && merge_sort(S, key, down, at, tmp, (int64_t)n);
    for (size_t i = 0; ok && i < n; i++) ok = list_push_take(S, out, NULL, retain(l->at[at[i]]));
    for (size_t i = 0; key && i < n; i++) release(S, key[i]);
    mem_free(S, key, (n + 1) * sizeof *key);
    mem_free(S, at, (n + 1) * sizeof *at);
    mem_free(S, tmp, (n + 1) * sizeof *tmp);
    obj_release(S, l);
    if (!ok) {
        obj_release(S, out);
        return false;
    }
    return give_list(c, out);
}

BUILTIN(index_of, "index_of(xs, x)",
        "The position of the first item equal to x in a list, tensor or string; nil when there is none.")
{
    State *S = c->S;
    if (c->arg[0].tag == T_STR) {
        Str *part;
        if (!arg_str(c, 1, &part)) return false;
        const char *at = find_in(c->arg[0].s->data, c->arg[0].s->len, part);
        if (at) *c->out = val_num(points_before(c->arg[0].s->data, at));
        return true;
    }
    Value it, item;
    double pos = 0;
    bool done = false, eq = false, ok = true;
    if (!value_iter(S, c->arg[0], &it)) return false;
    for (double k = 0; ok; k++) {
        ok = value_next(S, it, &pos, &item, &done);
        if (!ok || done) break;
        ok = value_equal(S, item, c->arg[1], &eq);
        release(S, item);
        if (ok && eq) {
            *c->out = val_num(k);
            break;
        }
    }
    release(S, it);
    return ok;
}

/* ---- functions over lists and trees ---- */

/* f of each item: the results, or with `choose` the items for which it is true; names are kept. */
static bool over_items(Call *c, bool choose)
{
    State *S = c->S;
    Value f, it, item, y;
    double pos = 0;
    bool done, ok = true;
    if (!arg_fn(c, 1, &f) || !value_iter(S, c->arg[0], &it)) return false;
    List *l = list_new(S, 8);
    for (int64_t k = 0; l && ok; k++) {
        ok = value_next(S, it, &pos, &item, &done);
        if (!ok || done) break;
        ok = vm_tick(S) && vm_call(S, f, &item, 1, &y);
        if (ok && choose && y.tag != T_BOOL) {
            ok = diag_fail(S, DIAG_CONDITION, "filter: f gives true or false, not %s", type_name(S, y));
            release(S, y);
        }
        Str *name = c->arg[0].tag == T_LIST ? list_name(c->arg[0].l, k) : NULL;
        if (ok && (!choose || y.b)) ok = list_push_take(S, l, name, choose ? retain(item) : y);
        release(S, item);
    }
    release(S, it);
    if (!ok) {
        obj_release(S, l);
        return false;
    }
    return give_list(c, l);
}

BUILTIN(map, "map(xs, f)", "A list of f(item) for each item; names are kept.") { return over_items(c, false); }
BUILTIN(filter, "filter(xs, f)", "The items for which f(item) is true; names are kept.") { return over_items(c, true); }

enum { FOLD_PARTS = 8 }; /* parts within parts */

static bool recur_items(State *S, Value f, Value xs, Value *acc, List *l);

/* A part of fold or scan: (the last value, for scan all of them). */
static bool recur_part(Call *c)
{
    Value acc = retain(c->arg[1]);
    List *l = NULL;
    bool keep = c->arg[3].b;
    if ((keep && !(l = list_new(c->S, 8))) || !recur_items(c->S, c->arg[0], c->arg[2], &acc, l)) {
        release(c->S, acc);
        if (l) obj_release(c->S, l);
        return false;
    }
    *c->out = list_pair(c->S, acc, l ? val_obj(T_LIST, l) : NIL);
    return !is_nil(*c->out);
}
static const Builtin recur_part_def = {"fold",  "fold(f, start, xs, keep)", "A part of fold or scan.", recur_part, -1,
                                       "core.c"};

/* What is left of a fold, in parts that record a quarter of the tape's budget each and run again in the sweep, as long
** loops do (runtime/turns.c). per: bytes that an item took so far. *acc is replaced. */
static bool recur_parts(State *S, Value f, Value xs, int64_t from, double per, Value *acc, List *l)
{
    int64_t n = items_len(xs);
    double many = (double)(S->tape.budget / 4) / per;
    int64_t count = many < 1 ? 1 : many < 1e9 ? (int64_t)many : (int64_t)1e9;
    size_t size = tape_size(S), now;
    Value call = builtin_closure(S, &recur_part_def, NULL, 0), y;
    bool ok = !is_nil(call);
    for (int64_t i = from; ok && i < n;) {
        Value part, args[4] = {f, *acc, NIL, val_bool(l != NULL)};
        int64_t to = n - i < count ? n : i + count;
        if (!(ok = items_slice(S, xs, i, to, &part))) break;
        args[2] = part;
        ok = tape_checkpoint_part(S, call, args, 4, &y);
        if (ok) {
            release(S, *acc);
            *acc = retain(y.l->at[0]);
            for (int64_t k = 0; ok && l && k < y.l->at[1].l->len; k++)
                ok = list_push_take(S, l, NULL, retain(y.l->at[1].l->at[k]));
            release(S, y);
        }
        release(S, part);
        i = to;
        now = tape_size(S);
        if (!l && now > size && now - size > S->tape.budget / 4 && count < 1e9) count *= 2; /* as in turns.c */
    }
    release(S, call);
    return ok;
}

/* *acc is replaced by the last value; l: takes each, or NULL. */
static bool recur_items(State *S, Value f, Value xs, Value *acc, List *l)
{
    Value it, item, args[2], y;
    double pos = 0;
    bool done, ok = true, divides = S->tape.n && !S->batch.depth && S->tape.parts < FOLD_PARTS && items_len(xs) >= 0;
    size_t before = divides ? tape_size(S) : 0, now;
    if (!value_iter(S, xs, &it)) return false;
    while (ok) {
        int64_t at = (int64_t)pos;
        if (divides && at >= 32 && at % 16 == 0 && (now = tape_size(S)) > S->tape.limit && now > before) {
            ok = recur_parts(S, f, xs, at, (double)(now - before) / (double)at, acc, l);
            break;
        }
        ok = vm_tick(S) && value_next(S, it, &pos, &item, &done);
        if (!ok || done) break;
        args[0] = *acc;
        args[1] = item;
        ok = vm_call_take(S, f, args, 2, &y);
        *acc = ok ? y : NIL;
        if (ok && l) ok = list_push_take(S, l, NULL, retain(y));
    }
    release(S, it);
    return ok;
}

static bool recur(Call *c, bool keep)
{
    State *S = c->S;
    Value f;
    if (!arg_fn(c, 0, &f)) return false;
    Value acc = retain(c->arg[1]);
    List *l = keep ? list_new(S, 8) : NULL;
    bool ok = (!keep || l) && recur_items(S, f, c->arg[2], &acc, l);
    if (ok && !keep) {
        *c->out = acc;
        return true;
    }
    release(S, acc);
    if (!ok) {
        if (l) obj_release(S, l);
        return false;
    }
    if (l->len && (l->at[0].tag == T_NUM || l->at[0].tag == T_TENSOR)) {
        ok = tensor_stack(S, l->at, l->len, c->out);
        obj_release(S, l);
        return ok;
    }
    return give_list(c, l);
}

BUILTIN(fold, "fold(f, start, xs)", "f(... f(f(start, x0), x1) ..., xn): a recurrence, its last value.")
{
    return recur(c, false);
}

BUILTIN(scan, "scan(f, start, xs)",
        "Every value of the recurrence f(acc, x), without start: a tensor when they are numbers or tensors, else "
        "a list.")
{
    return recur(c, true);
}

typedef struct LeafCall {
    Value f;
} LeafCall;
static bool leaf_call(State *S, void *ud, Value leaf, Value *out)
{
    if (is_nil(leaf)) {
        *out = NIL;
        return true;
    }
    return vm_call(S, ((LeafCall *)ud)->f, &leaf, 1, out);
}

BUILTIN(map_leaves, "map_leaves(tree, f)",
        "A tree of the same structure with f applied to every leaf; nil leaves stay nil.")
{
    LeafCall ud;
    return arg_fn(c, 1, &ud.f) && tree_map(c->S, c->arg[0], leaf_call, &ud, c->out);
}
