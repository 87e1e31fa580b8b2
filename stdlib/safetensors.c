/* safetensors.c -- any tree in one file.
**
** The tensors are ordinary safetensors entries named by their path ("body[0].W"), so other programs read them. The
** structure of the tree stands in __metadata__ under "descent" as JSON text: a node is {"nil": true}, {"bool": b},
** {"num": "shortest decimal"}, {"str": s}, {"tensor": name}, {"range": [lo, hi]}, {"list": [...], "names": [...]} or
** {"model": name, "fields": {...}}. A file without it loads as a list of its named tensors.
**
** cite  Hugging Face, "Safetensors", https://github.com/huggingface/safetensors (format)
** SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "stdlib/file.h"

static const char *const dtype_code[DT_COUNT] = {"F64", "F32", "I64", "I32", "U8", "BOOL"};
enum { DEPTH = 1000 }; /* jansson reads back at most 2048 brackets, two for each level of the tree */
/* jansson's memory is not the state's. So that limits hold, as much as it may take is asked for beside it: at most so many
** bytes for each byte that is read ("[1,1,1"), about so many for each value that is written. */
enum { READ_COST = 24, WRITE_COST = 160 };

typedef struct Writer {
    State *S;
    json_t *head;
    Tensor **t;
    size_t n, cap;
    uint64_t offset;
    size_t nodes, weight; /* values described; bytes asked for on their account */
    void *ballast;
} Writer;

/* ---- writing ---- */

static json_t *leaf_number(double x)
{
    char num[40];
    num_format(num, x);
    return json_pack("{s:s}", "num", num);
}

/* One more value: a tree may hold one list many times over, and be larger than memory. */
static bool weigh(Writer *w)
{
    if (++w->nodes * WRITE_COST <= w->weight) return true;
    size_t more = 2 * w->weight + (1 << 16);
    void *p = vm_check(w->S) ? mem_realloc(w->S, w->ballast, w->weight, more) : NULL;
    if (!p) return false;
    w->ballast = p;
    w->weight = more;
    return true;
}

static json_t *describe(Writer *w, Value v, const char *path, int depth)
{
    State *S = w->S;
    if (!weigh(w) || (!(w->nodes & 0xFFF) && !vm_check(S))) return NULL;
    if (depth > DEPTH) {
        diag_fail(S, DIAG_SAVE, "the tree is nested more than %d deep", DEPTH);
        return NULL;
    }
    switch (v.tag) {
    case T_NIL: return json_pack("{s:b}", "nil", 1);
    case T_BOOL: return json_pack("{s:b}", "bool", v.b);
    case T_NUM: return leaf_number(v.n);
    case T_STR: return json_pack("{s:s%}", "str", v.s->data, v.s->len);
    case T_RANGE: return json_pack("{s:[f,f]}", "range", v.r->lo, v.r->hi);
    case T_TENSOR: {
        if (!MEM_PUSH(S, w->t, w->n, w->cap)) return NULL;
        Tensor *t = tensor_contiguous(S, v.t);
        if (!t) return NULL;
        w->t[w->n++] = t;
        json_t *shape = json_array();
        for (int k = 0; k < t->rank; k++) json_array_append_new(shape, json_integer(tensor_shape(t)[k]));
        uint64_t bytes = (uint64_t)t->n * dtype_size[t->dtype];
        json_t *entry = json_pack("{s:s,s:o,s:[I,I]}", "dtype", dtype_code[t->dtype], "shape", shape, "data_offsets",
                                  (json_int_t)w->offset, (json_int_t)(w->offset + bytes));
        w->offset += bytes;
        Buf name; /* two items may have one name, or names that look like paths: (a: (b: x), "a.b": y) */
        buf_init(&name, S);
        for (int twin = 1; !name.failed; twin++) {
            name.len = 0;
            buf_puts(&name, path[0] ? path : "value");
            if (twin > 1) buf_printf(&name, "#%d", twin);
            buf_put(&name, "", 1);
            if (!name.failed && strcmp(name.p, "__metadata__") != 0 && !json_object_get(w->head, name.p)) break;
        }
        json_t *leaf = name.failed ? NULL : json_pack("{s:s}", "tensor", name.p);
        if (leaf) json_object_set_new(w->head, name.p, entry);
        else json_decref(entry);
        buf_deinit(&name);
        return leaf;
    }
    case T_LIST: {
        json_t *items = json_array(), *names = v.l->names ? json_array() : NULL;
        for (int64_t i = 0; i < v.l->len; i++) {
            Str *s = list_name(v.l, i);
            Buf b;
            buf_init(&b, S);
            if (s) buf_printf(&b, "%s%s%s", path, path[0] ? "." : "", s->data);
            else buf_printf(&b, "%s[%lld]", path, (long long)i);
            buf_put(&b, "", 1);
            json_t *item = b.failed ? NULL : describe(w, v.l->at[i], b.p, depth + 1);
            buf_deinit(&b);
            if (!item) {
                json_decref(items);
                json_decref(names);
                return NULL;
            }
            json_array_append_new(items, item);
            if (names) json_array_append_new(names, s ? json_string(s->data) : json_null());
        }
        json_t *o = json_pack("{s:o}", "list", items);
        if (names) json_object_set_new(o, "names", names);
        return o;
    }
    case T_MODEL: {
        json_t *fields = json_object();
        for (int k = 0; k < v.m->def->nfields; k++) {
            const char *name = v.m->def->fields[k].name->data;
            Buf b;
            buf_init(&b, S);
            buf_printf(&b, "%s%s%s", path, path[0] ? "." : "", name);
            buf_put(&b, "", 1);
            json_t *item = b.failed ? NULL : describe(w, model_get(S, v.m, k), b.p, depth + 1);
            buf_deinit(&b);
            if (!item) {
                json_decref(fields);
                return NULL;
            }
            json_object_set_new(fields, name, item);
        }
        return json_pack("{s:s,s:o}", "model", v.m->def->name->data, "fields", fields);
    }
    default:
        if (path[0]) diag_fail(S, DIAG_SAVE, "`%s` is a %s and cannot be saved", path, type_name(S, v));
        else diag_fail(S, DIAG_SAVE, "a %s cannot be saved", type_name(S, v));
        diag_hint(S, "save numbers, tensors, strings, lists and models");
        return NULL;
    }
}

static void give(char *text)
{
    json_free_t f = NULL;
    json_get_alloc_funcs(NULL, &f);
    if (text) f(text);
}

/* The tree described: w then has its tensors and their entries. NULL with the error set. */
static char *writer_open(Writer *w, State *S, Value v)
{
    *w = (Writer){.S = S, .head = json_object()};
    json_t *tree = describe(w, v, "", 0);
    char *text = tree ? json_dumps(tree, JSON_COMPACT) : NULL;
    json_decref(tree);
    if (!text && !S->err) diag_fail(S, DIAG_SAVE, "a string in the tree is not UTF-8");
    return text;
}

static void writer_close(Writer *w, char *text)
{
    give(text);
    json_decref(w->head);
    for (size_t i = 0; i < w->n; i++) obj_release(w->S, w->t[i]);
    mem_free(w->S, w->t, w->cap * sizeof *w->t);
    mem_free(w->S, w->ballast, w->weight);
}

bool tree_to_text(State *S, Value v, Buf *out, List **leaves)
{
    Writer w;
    char *text = writer_open(&w, S, v);
    List *l = text ? list_new(S, (int64_t)w.n) : NULL;
    const char *key;
    json_t *entry;
    bool ok = l != NULL;
    size_t i = 0;
    json_object_foreach(w.head, key, entry) /* in the order they were put */
    {
        Str *s = ok ? str_intern(S, key, strlen(key)) : NULL;
        ok = s && list_push_take(S, l, s, val_obj(T_TENSOR, obj_retain(w.t[i++])));
        obj_release(S, s);
    }
    if (ok) buf_puts(out, text);
    writer_close(&w, text);
    *leaves = l;
    return ok && !out->failed;
}

bool safetensors_write(State *S, const char *path, Value v)
{
    Writer w;
    Buf out;
    buf_init(&out, S);
    char *text = writer_open(&w, S, v), *head = NULL;
    bool ok = text != NULL;
    if (ok) {
        json_object_set_new(w.head, "__metadata__", json_pack("{s:s,s:s}", "format", "descent", "descent", text));
        head = json_dumps(w.head, JSON_COMPACT);
        ok = head != NULL;
    }
    if (ok) {
        size_t n = strlen(head), pad = (8 - n % 8) % 8;
        uint64_t len = n + pad;
        char le[8];
        for (int i = 0; i < 8; i++) le[i] = (char)(len >> (8 * i));
        buf_put(&out, le, 8);
        buf_put(&out, head, n);
        buf_put(&out, "        ", pad);
        for (size_t i = 0; i < w.n; i++) {
            Tensor *t = w.t[i];
            size_t size = dtype_size[t->dtype];
            buf_put(&out, (char *)t->st->data + (size_t)t->offset * size, (size_t)t->n * size);
        }
        ok = !out.failed && file_write(S, path, out.p, out.len);
    }
    give(head);
    writer_close(&w, text);
    buf_deinit(&out);
    return ok;
}

/* ---- reading ---- */

typedef struct Reader {
    State *S;
    const char *path;
    json_t *head;
    const char *data;
    size_t len;
    const List *leaves; /* where the tensors are instead, or NULL */
    int64_t next;       /* of them: most likely */
} Reader;

static bool bad(Reader *r, const char *why)
{
    return r->S->err ? false
                     : diag_fail(r->S, DIAG_FORMAT, "\"%s\" is no usable %s file: %s", r->path,
                                 r->leaves ? ".npz" : "safetensors", why);
}

static bool pick_leaf(Reader *r, const char *name, Value *out)
{
    const List *l = r->leaves;
    for (int64_t k = 0; k < l->len; k++) {
        int64_t i = (r->next + k) % l->len;
        const Str *s = list_name(l, i);
        if (!s || strcmp(s->data, name) != 0) continue;
        *out = retain(l->at[i]);
        r->next = i + 1;
        return true;
    }
    return bad(r, "a tensor of its tree is missing");
}

static bool read_tensor(Reader *r, const char *name, Value *out)
{
    if (r->leaves) return pick_leaf(r, name, out);
    json_t *e = json_object_get(r->head, name), *shape = json_object_get(e, "shape"),
           *off = json_object_get(e, "data_offsets");
    const char *code = json_string_value(json_object_get(e, "dtype"));
    if (!code || !json_is_array(shape) || json_array_size(off) != 2) return bad(r, "an entry is malformed");
    int dt = -1, rank = (int)json_array_size(shape);
    for (int k = 0; k < DT_COUNT; k++)
        if (!strcmp(code, dtype_code[k])) dt = k;
    if (dt < 0)
        return diag_fail(r->S, DIAG_FORMAT, "\"%s\": tensor %s holds %s; F64 F32 I64 I32 U8 BOOL are read", r->path,
                         name, code);
    int64_t dims[RANK_MAX], one = 1;
    if (rank > RANK_MAX) return bad(r, "a tensor has more than 16 axes");
    for (int k = 0; k < rank; k++) {
        dims[k] = json_integer_value(json_array_get(shape, (size_t)k));
        if (dims[k] < 0) return bad(r, "a size is negative");
    }
    int64_t n = shape_count(r->S, rank, dims);
    json_int_t a = json_integer_value(json_array_get(off, 0)), b = json_integer_value(json_array_get(off, 1));
    if (n < 0) return false;
    if (a < 0 || b < a || (uint64_t)b > r->len || (uint64_t)(b - a) != (uint64_t)n * dtype_size[dt])
        return bad(r, "the data of a tensor lies outside the file");
    Tensor *t = tensor_from(r->S, (DType)dt, rank ? rank : 1, rank ? dims : &one, r->data + a);
    if (!t) return false;
    for (int64_t i = 0; dt == DT_BOOL && i < n; i++) ((uint8_t *)t->st->data)[i] = r->data[a + i] != 0;
    if (rank == 0) {
        *out = tensor_scalar(r->S, t);
        obj_release(r->S, t);
    } else {
        *out = val_obj(T_TENSOR, t);
    }
    return true;
}

/* The declaration of a model by name: in the main script, else in any module. */
static ModelDef *find_model(State *S, const char *name)
{
    for (size_t i = 0; i <= S->nmodules; i++) {
        Module *m = i == 0 ? S->main : S->modules[i - 1];
        for (size_t k = 0; m && k < m->ng; k++) {
            Value v = m->g[k].value;
            if (v.tag == T_FN && v.f->proto && v.f->proto->is_ctor && v.f->proto->def &&
                !strcmp(v.f->proto->def->name->data, name))
                return v.f->proto->def;
        }
    }
    return NULL;
}

static bool build(Reader *r, json_t *o, int depth, Value *out);

static bool build_model(Reader *r, json_t *o, int depth, Value *out)
{
    State *S = r->S;
    json_t *fields = json_object_get(o, "fields");
    const char *name = json_string_value(json_object_get(o, "model"));
    ModelDef *d = find_model(S, name);
    if (!d) { /* its declaration is not here: the values, under their names */
        List *l = list_new(S, (int64_t)json_object_size(fields));
        const char *key;
        json_t *item;
        bool ok = l != NULL;
        json_object_foreach(fields, key, item)
        {
            Value v;
            if (!ok) break;
            Str *s = str_intern(S, key, strlen(key));
            ok = s && build(r, item, depth + 1, &v) && list_push_take(S, l, s, v);
            obj_release(S, s);
        }
        if (!ok) {
            obj_release(S, l);
            return false;
        }
        *out = val_obj(T_LIST, l);
        return true;
    }
    if (json_object_size(fields) != (size_t)d->nfields) goto differs;
    for (int k = 0; k < d->nfields; k++)
        if (!json_object_get(fields, d->fields[k].name->data)) goto differs;
    Model *m = model_new(S, d);
    if (!m) return false;
    for (int k = 0; k < d->nfields; k++) {
        Value v;
        if (!build(r, json_object_get(fields, d->fields[k].name->data), depth + 1, &v)) {
            obj_release(S, m);
            return false;
        }
        Value old = m->field[k];
        m->field[k] = v;
        release(S, old);
        bool number = v.tag == T_NUM || (v.tag == T_TENSOR && dtype_float((DType)v.t->dtype));
        if (d->fields[k].kind == FIELD_PARAM && !number) {
            diag_fail(S, DIAG_FORMAT, "\"%s\": param `%s` of %s is %s there", r->path, d->fields[k].name->data, name,
                      type_name(S, v));
            obj_release(S, m);
            return false;
        }
    }
    model_mark(m);
    *out = val_obj(T_MODEL, m);
    return true;
differs:
    diag_fail(S, DIAG_FORMAT, "\"%s\" holds a %s with other members than the one declared here", r->path, name);
    return false;
}

static bool build(Reader *r, json_t *o, int depth, Value *out)
{
    State *S = r->S;
    json_t *x;
    *out = NIL;
    if (depth > DEPTH || !json_is_object(o)) return bad(r, "its tree is malformed");
    if (json_object_get(o, "nil")) return true;
    if ((x = json_object_get(o, "bool"))) {
        *out = val_bool(json_is_true(x));
        return true;
    }
    if ((x = json_object_get(o, "num"))) {
        const char *s = json_string_value(x);
        *out = val_num(s ? strtod(s, NULL) : 0);
        return s || bad(r, "its tree is malformed");
    }
    if ((x = json_object_get(o, "str"))) {
        if (!json_is_string(x)) return bad(r, "its tree is malformed");
        *out = val_str(S, json_string_value(x), json_string_length(x));
        return !is_nil(*out);
    }
    if ((x = json_object_get(o, "range"))) {
        *out = range_new(S, json_number_value(json_array_get(x, 0)), json_number_value(json_array_get(x, 1)));
        return !is_nil(*out);
    }
    if ((x = json_object_get(o, "tensor"))) {
        const char *name = json_string_value(x);
        return name ? read_tensor(r, name, out) : bad(r, "its tree is malformed");
    }
    if ((x = json_object_get(o, "list"))) {
        json_t *names = json_object_get(o, "names");
        List *l = list_new(S, (int64_t)json_array_size(x));
        bool ok = l != NULL;
        for (size_t i = 0; ok && i < json_array_size(x); i++) {
            const char *name = json_string_value(json_array_get(names, i));
            Str *s = name ? str_intern(S, name, strlen(name)) : NULL;
            Value v;
            ok = (!name || s) && build(r, json_array_get(x, i), depth + 1, &v) && list_push_take(S, l, s, v);
            obj_release(S, s);
        }
        if (!ok) {
            obj_release(S, l);
            return false;
        }
        *out = val_obj(T_LIST, l);
        return true;
    }
    if (json_is_string(json_object_get(o, "model")) && json_is_object(json_object_get(o, "fields")))
        return build_model(r, o, depth, out);
    return bad(r, "its tree is malformed");
}

bool tree_from_text(State *S, const char *path, const char *text, size_t len, const List *leaves, Value *out)
{
    Reader r = {.S = S, .path = path, .leaves = leaves};
    json_error_t err;
    void *ballast = mem_alloc(S, len * READ_COST);
    if (!ballast) return false;
    json_t *tree = json_loadb(text, len, JSON_ALLOW_NUL, &err);
    bool ok = tree ? build(&r, tree, 0, out) : bad(&r, "its tree is malformed");
    json_decref(tree);
    mem_free(S, ballast, len * READ_COST);
    return ok;
}

bool safetensors_parse(State *S, const char *path, const char *bytes, size_t len, Value *out)
{
    Reader r = {.S = S, .path = path};
    uint64_t n = 0;
    for (int i = 0; i < 8 && len >= 8; i++) n |= (uint64_t)(uint8_t)bytes[i] << (8 * i);
    bool ok = len >= 8 && n <= len - 8;
    json_error_t err;
    size_t weight = ok ? n * READ_COST : 0;
    void *ballast = mem_alloc(S, weight);
    if (!ballast) return false;
    if (ok) r.head = json_loadb(bytes + 8, n, JSON_REJECT_DUPLICATES, &err);
    if (!r.head || !json_is_object(r.head)) {
        ok = bad(&r, ok ? "its header is not JSON" : "it is cut off");
    } else {
        r.data = bytes + 8 + n;
        r.len = len - 8 - n;
        const char *text = json_string_value(json_object_get(json_object_get(r.head, "__metadata__"), "descent"));
        json_t *tree = text ? json_loads(text, JSON_ALLOW_NUL, &err) : NULL;
        if (tree) {
            ok = build(&r, tree, 0, out);
        } else {
            List *l = list_new(S, 8);
            const char *key;
            json_t *item;
            ok = l != NULL;
            json_object_foreach(r.head, key, item)
            {
                Value v;
                if (!ok || !strcmp(key, "__metadata__")) continue;
                Str *s = str_intern(S, key, strlen(key));
                ok = s && read_tensor(&r, key, &v) && list_push_take(S, l, s, v);
                obj_release(S, s);
            }
            if (ok) *out = val_obj(T_LIST, l);
            else obj_release(S, l);
        }
        json_decref(tree);
    }
    json_decref(r.head);
    mem_free(S, ballast, weight);
    return ok;
}

bool safetensors_read(State *S, const char *path, Value *out)
{
    File f;
    if (!file_read(S, path, &f)) return false;
    bool ok = safetensors_parse(S, path, f.p, f.len, out);
    file_free(S, &f);
    return ok;
}
