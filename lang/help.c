/* help.c -- what `?name` prints: built-ins, definitions, modules and their members, words of the syntax, error codes.
**
** The texts come from where the things are defined: BUILTIN and OP entries, `##` comments, diag.def. Modules that come
** with Descent are read from their source, so they need not be in use. Only the words of the syntax are told here.
** SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "lang/modules.h"
#include "runtime/builtin.h"
#include "runtime/descent.h"
#include "runtime/state.h"

enum { INDENT = 4, WIDTH = 92, NAMES_MAX = 2048 };

typedef struct Page {
    DscWrite write;
    void *ud;
} Page;

static void put_n(const Page *p, const char *s, size_t n)
{
    if (n) p->write(p->ud, s, n);
}
static void put(const Page *p, const char *s) { put_n(p, s, strlen(s)); }

/* Words of s in lines of at most WIDTH bytes, indented; a line break of s stays one. */
static void put_text(const Page *p, const char *s, size_t n)
{
    size_t col = 0;
    for (size_t i = 0; i < n;) {
        size_t k = i;
        while (k < n && s[k] != ' ' && s[k] != '\n') k++;
        if (k > i) {
            if (col && col + 1 + (k - i) > WIDTH) {
                put(p, "\n");
                col = 0;
            }
            if (!col) {
                put_n(p, "        ", INDENT);
                col = INDENT;
            } else {
                put(p, " ");
                col++;
            }
            put_n(p, s + i, k - i);
            col += k - i;
        }
        if (k < n && s[k] == '\n') {
            put(p, "\n");
            col = 0;
        }
        i = k + 1;
    }
    if (col) put(p, "\n");
}

/* ---- the words of the syntax ---- */

static const struct {
    const char *word, *form, *text;
} words[] = {
    {"descend",
     "descend T [over PATTERN in DATA] using OPTIMISER, TRANSFORM... [for N] [until COND] {\n"
     "  ...; loss\n"
     "} [watch every N { ... }]",
     "Goes down the gradient of the block's value by T, which is a var or a part of one. `over`, `for` or `until` ends it; "
     "its value is a report: steps, loss, losses, gnorm, seconds, why."},
    {"using", "descend w using adam(lr: 1e-2), clip_norm(1) for 100 { ... }",
     "The optimiser, then transforms of the gradient: gd sgd rmsprop adam adamw lbfgs lm gauss_newton; clip_norm clip_value."},
    {"over", "descend net over (x, y) in data.batches(set, 32) using adam() { ... }",
     "One step for each item of the source."},
    {"until", "descend w using lbfgs() for 1000 until gnorm < 1e-8 { ... }",
     "Looked at after each step; step, loss, gnorm and epoch are in scope."},
    {"watch", "descend ... { ... } watch every 100 { print(\"{step}: {loss:.4}\") }",
     "Runs after every hundredth step; it may assign. step, loss, gnorm and epoch are in scope."},
    {"model", "model NAME(sizes) { param W[n, m] = he(); state s = 0; let part = Other(n); fn (x) = ... }",
     "A value with trained parameters, kept state, parts and methods. NAME(...) makes one, m(x) runs the fn without a name."},
    {"param", "param W[inputs, outputs] = he()",
     "A trained member of a model: its shape and start, a number, a tensor or an initialiser; 0 without."},
    {"state", "state mean[n] = 0", "A member of a model that is kept and never differentiated: running means, counters."},
    {"loss", "loss NAME(x, y) = ...", "A fn whose result is one number."},
    {"fn", "fn NAME(x, k: 2) = e    or    fn NAME(x) { ...; last }",
     "A function; a default stands behind a colon. x[n, d] states a shape, -> [n] that of the result. x -> e has no name."},
    {"let", "let x = 3    let (a, b) = pair", "A name that keeps its value; var declares one that changes."},
    {"var", "var w = zeros(3)", "A variable: w = ..., w += ..., w[0] = ..., r.field = ... change it."},
    {"if", "if c { a } else if d { b } else { e }", "c is true or false. An expression: without else its value is nil."},
    {"else", "if c { a } else { b }", "Stands on the line of the closing brace."},
    {"for", "for x in xs { ... }    for (x, y) in pairs { ... }",
     "Over ranges 0..n, tensors (first axis), lists, lines(path), loaders. break leaves it, continue goes on."},
    {"while", "while c { ... }", "Runs the block as long as c is true."},
    {"break", "for x in xs { if x < 0 { break } }", "Leaves the loop."},
    {"continue", "for x in xs { if x < 0 { continue }; ... }", "Goes on with the next turn."},
    {"return", "return v", "Leaves the function with this value; a block's last expression is its value without it."},
    {"try", "try { ... } catch e { ... }",
     "An expression. e has message, code, file and line; error(e) raises it again."},
    {"catch", "try { ... } catch e { ... }", "e has message, code, file and line; error(e) raises it again."},
    {"assert", "assert c, \"message\"", "Stops with E0223 when c is false."},
    {"test", "test \"what it shows\" { ... }", "Run by `descent test FILE`."},
    {"use", "use nn    use nn as layers    use \"file.gd\" as lib    use f32",
     "Binds a module's name: data, nn, or a file. use f32 makes tensors 32 bits wide and comes first."},
    {"adjoint", "adjoint f(x, y, dy) = ...",
     "A derivative of one's own for fn f(x): its arguments, its result, the cotangent of the result; gives the cotangents."},
    {"tangent", "tangent f(x, dx) = ...",
     "A derivative of one's own for fn f(x): its arguments, their tangents; gives the tangent of the result."},
    {"as", "x as f32    use nn as layers", "Converts to f32 f64 i64 i32 u8 bool."},
    {"in", "for x in xs { ... }", "Stands between the pattern and what is gone through."},
    {"and", "a and b", "Of bools; b is looked at only when a is true. Of tensors: logical_and(a, b)."},
    {"or", "a or b", "Of bools; b is looked at only when a is false. Of tensors: logical_or(a, b)."},
    {"not", "not a", "Of a bool. Of a tensor: logical_not(a)."},
    {"nil", "nil", "No value: of a block that ends in a loop or an assignment, of what has no gradient."},
    {"true", "true  false", "The bools."},
    {"false", "true  false", "The bools."},
    {"new", "x[:, new]", "A new axis of size 1."},
    {"pi", "pi", "3.141592653589793, the ratio of a circle's circumference to its diameter."},
    {"inf", "inf", "Infinity; is_finite(x) tells."},
    {"nan", "nan", "Not a number; is_nan(x) tells. It equals nothing, itself included."},
    {"ans", "ans", "At the prompt: the last value shown."},
};

static bool help_word(const Page *p, const char *topic)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, topic) != 0) continue;
        put(p, words[i].form);
        put(p, "\n");
        put_text(p, words[i].text, strlen(words[i].text));
        return true;
    }
    return false;
}

/* ---- built-ins and definitions ---- */

static void help_builtin(const Page *p, const Builtin *b)
{
    const OpDef *d = b->op >= 0 ? op_table[b->op] : NULL;
    const char *sig = b->sig ? b->sig : d ? d->sig : NULL, *doc = b->doc ? b->doc : d ? d->doc : NULL;
    char buf[96];
    if (!sig && d) {
        static const char *const forms[] = {"", "(x)", "(a, b)", "(a, b, c)"};
        snprintf(buf, sizeof buf, "%s%s", b->name, forms[d->nin > 3 || d->nin < 0 ? 0 : d->nin]);
        sig = buf;
    }
    if (!sig) sig = b->name;
    put(p, sig);
    put(p, "\n");
    size_t n = strlen(sig);
    if (doc && !strncmp(doc, sig, n) && !strncmp(doc + n, ": ", 2)) doc += n + 2; /* an op's begins with its form */
    if (doc) put_text(p, doc, strlen(doc));
}

static void help_proto(const Page *p, const Proto *f)
{
    put(p, f->is_ctor ? "model " : f->is_loss ? "loss " : "fn ");
    put(p, f->name ? f->name->data : "lambda");
    put(p, "(");
    for (int i = 0; i < f->nparams; i++) {
        if (i) put(p, ", ");
        if (f->params[i].rest) put(p, "...");
        put(p, f->params[i].name ? f->params[i].name->data : "(...)");
        if (f->params[i].has_default) put(p, ": ..");
    }
    put(p, ")\n");
    const Str *doc = !f->doc && f->def ? f->def->doc : f->doc;
    if (doc) put_text(p, doc->data, doc->len);
}

static bool help_value(const Page *p, State *S, const Global *g)
{
    if (g->value.tag == T_FN && g->value.f->builtin) {
        help_builtin(p, g->value.f->builtin);
        return true;
    }
    if (g->value.tag == T_FN && g->value.f->proto) {
        help_proto(p, g->value.f->proto);
        return true;
    }
    put(p, g->name->data);
    put(p, ": ");
    put(p, type_name(S, g->value));
    put(p, "\n");
    if (g->doc) put_text(p, g->doc->data, g->doc->len);
    return true;
}

static const Global *global_of(State *S, const Module *m, const char *name, size_t len)
{
    Str *s = m ? str_intern(S, name, len) : NULL;
    int k = s ? module_find(m, s) : -1;
    obj_release(S, s);
    return k >= 0 ? &m->g[k] : NULL;
}

/* ---- modules ---- */

/* A definition at the start of a line: its signature, name and the comment above. */
typedef struct Entry {
    const char *sig, *name, *doc;
    size_t nsig, nname, ndoc;
} Entry;

static bool next_entry(const char **at, Entry *e)
{
    const char *doc = NULL, *s = *at;
    while (*s) {
        const char *end = s + strcspn(s, "\n");
        size_t skip = !strncmp(s, "fn ", 3) ? 3 : !strncmp(s, "loss ", 5) ? 5 : !strncmp(s, "model ", 6) ? 6 : 0;
        *at = *end ? end + 1 : end;
        if (!strncmp(s, "## ", 3)) {
            if (!doc) doc = s;
        } else if (skip && s[skip] != '_') {
            const char *name = s + skip, *close = name + strcspn(name, ")\n");
            *e = (Entry){.sig = s,
                         .name = name,
                         .doc = doc,
                         .nsig = (size_t)(close - s) + (*close == ')'),
                         .nname = strcspn(name, "(\n"),
                         .ndoc = doc ? (size_t)(s - doc) : 0};
            return true;
        } else {
            doc = NULL;
        }
        s = *at;
    }
    return false;
}

static void put_doc(const Page *p, const Entry *e)
{
    for (const char *s = e->doc, *stop = e->doc + e->ndoc; e->doc && s < stop;) {
        size_t n = strcspn(s, "\n");
        if (n > 3) put_text(p, s + 3, n - 3);
        s += n + 1;
    }
}

/* member NULL: the contents. */
static bool help_baked(const Page *p, const char *name, size_t len, const char *member)
{
    const BakedModule *b = baked_modules;
    while (b->name && (strlen(b->name) != len || memcmp(b->name, name, len) != 0)) b++;
    if (!b->name) return false;
    const char *at = b->text;
    Entry e;
    if (!member) {
        put(p, "use ");
        put(p, b->name);
        put(p, "\n");
    }
    while (next_entry(&at, &e)) {
        if (member && (strlen(member) != e.nname || memcmp(member, e.name, e.nname) != 0)) continue;
        if (!member) {
            put_n(p, "        ", INDENT);
            put(p, b->name);
            put(p, ".");
            put_n(p, e.name, e.nsig - (size_t)(e.name - e.sig));
            put(p, "\n");
            continue;
        }
        put_n(p, e.sig, e.nsig);
        put(p, "\n");
        put_doc(p, &e);
        return true;
    }
    return !member;
}

static bool help_members(const Page *p, const Module *m)
{
    put(p, "module ");
    put(p, m->name->data);
    put(p, "\n");
    for (size_t i = 0; i < m->ng; i++) {
        if (m->g[i].kind == GLOBAL_USE || m->g[i].name->data[0] == '_') continue;
        put_n(p, "        ", INDENT);
        put(p, m->g[i].name->data);
        put(p, "\n");
    }
    return true;
}

static bool help_module(const Page *p, State *S, const char *topic)
{
    size_t len = strcspn(topic, ".");
    const char *member = topic[len] ? topic + len + 1 : NULL;
    const Global *g = global_of(S, S->main, topic, len);
    if (g && g->value.tag == T_MODULE) {
        const Module *m = g->value.mod;
        if (!m->path && help_baked(p, m->name->data, m->name->len, member)) return true;
        const Global *inner = member ? global_of(S, m, member, strlen(member)) : NULL;
        if (inner) return help_value(p, S, inner);
        return !member && help_members(p, m);
    }
    return (!g || member) && help_baked(p, topic, len, member);
}

/* ---- all of it ---- */

static bool help_code(const Page *p, const char *topic)
{
    if ((topic[0] != 'E' && topic[0] != 'e') || strspn(topic + 1, "0123456789") != 4 || topic[5]) return false;
    int n = 0;
    for (const char *s = topic + 1; *s; s++) n = 10 * n + (*s - '0');
    DiagCode c = diag_by_number(n);
    if (c == DIAG_OK) return false;
    char head[96];
    snprintf(head, sizeof head, "E%04d: %s\n", n, diag_info[c].title);
    put(p, head);
    put_text(p, diag_info[c].text, strlen(diag_info[c].text));
    return true;
}

typedef struct AllNames {
    const char *name[NAMES_MAX];
    size_t n;
} AllNames;

static void add_name(void *ud, const char *name)
{
    AllNames *all = ud;
    if (all->n < NAMES_MAX) all->name[all->n++] = name;
}

bool dsc_help(DscState *S, const char *topic, DscWrite write, void *ud)
{
    Page page = {write, ud}, *p = &page;
    if (help_code(p, topic)) return true;
    const Global *g = global_of(S, S->main, topic, strlen(topic));
    if (g && g->value.tag != T_MODULE && help_value(p, S, g)) return true;
    for (size_t i = 0; i < builtin_count(); i++) {
        const Builtin *b = builtin_at(i);
        if (!b || strcmp(b->name, topic) != 0) continue;
        help_builtin(p, b);
        return true;
    }
    if (help_module(p, S, topic) || help_word(p, topic)) return true;
    AllNames all = {.n = 0};
    dsc_names(S, "", add_name, &all);
    const char *near = diag_nearest(topic, all.name, all.n);
    if (!near) return false;
    put(p, "nothing is known about `");
    put(p, topic);
    put(p, "`; did you mean `");
    put(p, near);
    put(p, "`?\n");
    return true;
}

void dsc_names(DscState *S, const char *prefix, void (*each)(void *ud, const char *name), void *ud)
{
    size_t n = strlen(prefix);
    for (size_t i = 0; S->main && i < S->main->ng; i++)
        if (!strncmp(S->main->g[i].name->data, prefix, n)) each(ud, S->main->g[i].name->data);
    for (size_t i = 0; i < builtin_count(); i++) {
        const Builtin *b = builtin_at(i);
        bool hidden = b && (b->name[0] == '_' || !strncmp(b->name, "data_", 5)); /* what data.gd is made of */
        if (b && !hidden && !strncmp(b->name, prefix, n)) each(ud, b->name);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strncmp(words[i].word, prefix, n)) each(ud, words[i].word);
}
