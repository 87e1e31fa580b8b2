/* json.c -- JSON documents: objects are named lists, arrays lists, numbers numbers. Small documents, through jansson.
**
** SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include "stdlib/file.h"

static bool from_json(State *S, json_t *j, Value *out)
{
    *out = NIL;
    switch (json_typeof(j)) {
    case JSON_NULL: return true;
    case JSON_TRUE: *out = val_bool(true); return true;
    case JSON_FALSE: *out = val_bool(false); return true;
    case JSON_INTEGER:
    case JSON_REAL: *out = val_num(json_number_value(j)); return true;
    case JSON_STRING: *out = val_str(S, json_string_value(j), json_string_length(j)); return !is_nil(*out);
    case JSON_ARRAY:
    case JSON_OBJECT: break;
    }
    List *l = list_new(S, (int64_t)(json_is_array(j) ? json_array_size(j) : json_object_size(j)));
    bool ok = l != NULL;
    if (json_is_array(j)) {
        for (size_t i = 0; ok && i < json_array_size(j); i++) {
            Value v;
            ok = from_json(S, json_array_get(j, i), &v) && list_push_take(S, l, NULL, v);
        }
    } else {
        const char *key;
        json_t *item;
        json_object_foreach(j, key, item)
        {
            Value v;
            if (!ok) break;
            Str *s = str_intern(S, key, strlen(key));
            ok = s && from_json(S, item, &v) && list_push_take(S, l, s, v);
            obj_release(S, s);
        }
    }
    if (!ok) {
        obj_release(S, l);
        return false;
    }
    *out = val_obj(T_LIST, l);
    return true;
}

bool json_read(State *S, const char *path, Value *out)
{
    File f;
    json_error_t err;
    if (!file_read(S, path, &f)) return false;
    json_t *j = json_loadb(f.p, f.len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &err);
    bool ok = j ? from_json(S, j, out) : diag_fail(S, DIAG_FORMAT, "\"%s\" line %d: %s", path, err.line, err.text);
    json_decref(j);
    file_free(S, &f);
    return ok;
}

static bool put_text(Buf *b, const char *s, size_t n)
{
    json_t *j = json_stringn(s, n);
    char *t = j ? json_dumps(j, JSON_ENCODE_ANY) : NULL;
    if (t) buf_puts(b, t);
    else diag_memory(b->S, n);
    json_free_t give = NULL;
    json_get_alloc_funcs(NULL, &give);
    if (t) give(t);
    json_decref(j);
    return t != NULL;
}

static bool put_number(State *S, Buf *b, double x)
{
    char num[40];
    if (!isfinite(x)) return diag_fail(S, DIAG_SAVE, "JSON has no infinity and no NaN");
    num_format(num, x);
    buf_puts(b, num);
    return true;
}

static bool put_axis(State *S, Buf *b, const Tensor *t, int axis, int64_t *flat)
{
    if (axis == t->rank) {
        double x = tensor_get(t, (*flat)++);
        if (t->dtype != DT_BOOL) return put_number(S, b, x);
        buf_puts(b, x != 0 ? "true" : "false");
        return true;
    }
    buf_puts(b, "[");
    for (int64_t i = 0; i < tensor_shape(t)[axis]; i++) {
        if (i) buf_puts(b, ",");
        if (!put_axis(S, b, t, axis + 1, flat)) return false;
    }
    buf_puts(b, "]");
    return true;
}

static bool put_json(State *S, Buf *b, Value v, int depth)
{
    if (depth > 200) return diag_fail(S, DIAG_SAVE, "the tree is nested more than 200 deep");
    switch (v.tag) {
    case T_NIL: buf_puts(b, "null"); return true;
    case T_BOOL: buf_puts(b, v.b ? "true" : "false"); return true;
    case T_NUM: return put_number(S, b, v.n);
    case T_STR: return put_text(b, v.s->data, v.s->len);
    case T_TENSOR: {
        int64_t flat = 0;
        return tensor_force(S, v.t) && put_axis(S, b, v.t, 0, &flat);
    }
    case T_LIST: {
        bool object = v.l->len > 0;
        for (int64_t i = 0; i < v.l->len && object; i++) object = list_name(v.l, i) != NULL;
        buf_puts(b, object ? "{" : "[");
        for (int64_t i = 0; i < v.l->len; i++) {
            if (i) buf_puts(b, ",");
            if (object) {
                if (!put_text(b, list_name(v.l, i)->data, list_name(v.l, i)->len)) return false;
                buf_puts(b, ":");
            }
            if (!put_json(S, b, v.l->at[i], depth + 1)) return false;
        }
        buf_puts(b, object ? "}" : "]");
        return true;
    }
    default:
        diag_fail(S, DIAG_SAVE, "%s cannot be saved as JSON", type_name(S, v));
        if (v.tag == T_MODEL) diag_hint(S, "models go to .safetensors");
        return false;
    }
}

bool json_write(State *S, const char *path, Value v)
{
    Buf b;
    buf_init(&b, S);
    bool ok = put_json(S, &b, v, 0);
    buf_puts(&b, "\n");
    ok = ok && !b.failed && file_write(S, path, b.p, b.len);
    buf_deinit(&b);
    return ok;
}
