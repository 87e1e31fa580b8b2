/* base_values.c -- strings, lists, interning, and trees too deep for a stack.
**
** SPDX-License-Identifier: MIT */
#include "tests/runtime/check.h"

static void strings(State *S)
{
    Str *s = str_new(S, "h\xC3\xA9llo", 6);
    CHECK(s->npoints == 5);
    Str *t = str_slice(S, s, 1, 3, 1);
    CHECK(t->len == 3 && !memcmp(t->data, "\xC3\xA9l", 3) && t->npoints == 2);
    obj_release(S, t);
    t = str_slice(S, s, 4, -1, -1);
    CHECK(t->len == 6 && !memcmp(t->data, "oll\xC3\xA9h", 6), "%s", t->data);
    obj_release(S, t);
    obj_release(S, s);
    s = str_from_bytes(S, "a\xff\xC3", 3);
    CHECK(s->npoints == 3 && s->len == 7);
    obj_release(S, s);

    Str *a = str_new(S, "", 0), *b = str_new(S, "ab", 2);
    for (int i = 0; i < 100000 && a; i++)
        if (!str_append_take(S, a, b, &a)) break;
    CHECK(a && a->len == 200000 && a->npoints == 200000);
    Str *kept = obj_retain(a), *grown = NULL;
    CHECK(str_append_take(S, a, b, &grown) && grown != kept && kept->len == 200000 && grown->len == 200002);
    obj_release(S, kept);
    CHECK(str_append_take(S, grown, grown, &grown) && grown->len == 400004);
    obj_release(S, grown);
    obj_release(S, b);
}

static void interning(State *S)
{
    Str *at[2000];
    char name[32];
    for (int i = 0; i < 2000; i++) {
        sprintf(name, "name%d", i);
        at[i] = str_intern(S, name, strlen(name));
    }
    size_t full = S->names.n;
    CHECK(full >= 2000);
    for (int i = 0; i < 2000; i += 2) obj_release(S, at[i]);
    CHECK(S->names.n == full - 1000);
    for (int i = 1; i < 2000; i += 2) {
        sprintf(name, "name%d", i);
        Str *s = str_intern(S, name, strlen(name));
        CHECK(s == at[i]);
        obj_release(S, s);
        obj_release(S, at[i]);
    }
    CHECK(S->names.n == full - 2000);
}

static List *deep_list(State *S, int depth)
{
    Value v = val_num(1);
    for (int i = 0; i < depth; i++) {
        List *l = list_new(S, 1);
        list_push_take(S, l, NULL, v);
        v = val_obj(T_LIST, l);
    }
    return v.l;
}

static bool touch(State *S, void *ud, Value leaf, Value *out)
{
    (void)S;
    (void)ud;
    *out = retain(leaf);
    return true;
}

static bool visit(State *S, void *ud, const char *path, Value leaf)
{
    (void)S;
    (void)leaf;
    strcat(ud, path);
    strcat(ud, " ");
    return true;
}

static void deep(State *S)
{
    Value a = val_obj(T_LIST, deep_list(S, 1000000)), b = val_obj(T_LIST, deep_list(S, 1000000)), out;
    bool same = false;
    CHECK(value_equal(S, a, b, &same) && same);
    Buf buf;
    buf_init(&buf, S);
    CHECK(value_show(S, &buf, a, false) && buf.len == 3000001, "%zu", buf.len);
    buf_deinit(&buf);
    CHECK(!tree_map(S, a, touch, NULL, &out) && S->err && S->err->code == DIAG_DEPTH);
    diag_clear(S);
    release(S, a);
    release(S, b);
}

static void lists(State *S)
{
    List *l = list_new(S, 0);
    char name[16];
    for (int i = 0; i < 50; i++) {
        sprintf(name, "n%d", i);
        Str *s = i % 3 ? str_intern(S, name, strlen(name)) : NULL;
        CHECK(list_push_take(S, l, s, val_num(i)));
        obj_release(S, s);
    }
    Str *s = str_new(S, "n49", 3), *no = str_new(S, "n48", 3);
    CHECK(list_find(l, s) == 49 && list_find(l, no) == -1 && !list_name(l, 48));
    List *copy = list_unique_take(S, obj_retain(l));
    CHECK(copy != l && copy->names == l->names);
    CHECK(list_push_take(S, copy, s, val_num(50)) && copy->names != l->names && copy->names->n == 51);
    CHECK(list_find(l, s) == 49 && l->names->n == 50);
    obj_release(S, copy);
    obj_release(S, s);
    obj_release(S, no);
    Value v = val_obj(T_LIST, l), out, pair = list_pair(S, val_obj(T_LIST, list_new(S, 0)), val_num(2));
    CHECK(tree_map(S, v, touch, NULL, &out) && out.l == l, "an unchanged tree is shared");
    release(S, out);
    CHECK(!tree_map2(S, v, pair, NULL, NULL, &out) && S->err->code == DIAG_STRUCTURE);
    diag_clear(S);
    List *outer = list_new(S, 0);
    Str *body = str_intern(S, "body", 4);
    list_push_take(S, outer, body, pair);
    char path[100] = "";
    CHECK(tree_each(S, val_obj(T_LIST, outer), visit, path) && !strcmp(path, "body[1] "), "%s", path);
    obj_release(S, body);
    obj_release(S, outer);
    release(S, v);
}

int main(void)
{
    State *S = open_state(0);
    if (!S) return 1;
    strings(S);
    interning(S);
    lists(S);
    deep(S);
    return report(S);
}
