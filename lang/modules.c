/* modules.c -- finding and compiling what `use` names.
**
** Every module is in S->modules from the moment its text is found; one without code that is asked for again is
** being compiled further up, so the two use each other. Files are known by their resolved path, so that one file is
** one module however it is spelt.
** SPDX-License-Identifier: MIT */
#include "lang/modules.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lang/compile.h"

static void unknown_module(State *S, Span at, const char *name)
{
    const char *names[64];
    size_t n = 0;
    for (; baked_modules[n].name && n < 64; n++) names[n] = baked_modules[n].name;
    Diag *d = diag_report(S, at, DIAG_MODULE, false, "unknown module `%s`", name);
    const char *near = diag_nearest(name, names, n);
    if (near) diag_report_hint(S, d, "did you mean `%s`?", near);
    else diag_report_hint(S, d, "a file is used by its path: use \"%s.gd\" as %s", name, name);
}

/* The path as written, seen from the folder of the source that names it. False: too long. */
static bool beside(State *S, uint32_t from, const char *path, char *out, size_t size)
{
    const Source *src = source_get(S, from);
    const char *slash = src && path[0] != '/' && src->name[0] != '<' ? strrchr(src->name, '/') : NULL;
    int n = slash ? snprintf(out, size, "%.*s/%s", (int)(slash - src->name), src->name, path)
                  : snprintf(out, size, "%s", path);
    return n > 0 && (size_t)n < size;
}

static bool read_file(State *S, const char *path, char **text, size_t *len, size_t *cap)
{
    FILE *f = fopen(path, "rb");
    *text = NULL;
    *len = *cap = 0;
    if (!f) return false;
    for (;;) {
        size_t n = *cap ? *cap * 2 : 4096;
        char *p = mem_realloc(S, *text, *cap, n);
        if (!p) break;
        *text = p;
        *cap = n;
        size_t got = fread(p + *len, 1, n - *len - 1, f);
        *len += got;
        if (*len + 1 < n) {
            p[*len] = 0;
            bool ok = !ferror(f);
            fclose(f);
            return ok;
        }
    }
    fclose(f);
    return false;
}

static Module *find(const State *S, const char *key)
{
    for (size_t i = 0; i < S->nmodules; i++) {
        const Module *m = S->modules[i];
        if (!strcmp(m->path ? m->path : m->name->data, key)) return S->modules[i];
    }
    return NULL;
}

static void forget(State *S, Module *m)
{
    for (size_t i = 0; i < S->nmodules; i++)
        if (S->modules[i] == m) {
            memmove(&S->modules[i], &S->modules[i + 1], (S->nmodules - i - 1) * sizeof *S->modules);
            S->nmodules--;
            obj_release(S, m);
            return;
        }
}

static bool compile_module(State *S, const char *name, const char *path, const char *shown, const char *text,
                           size_t len, Module **out)
{
    uint32_t file = source_add(S, shown, text, len);
    Str *s = file ? str_intern(S, name, strlen(name)) : NULL;
    Module *m = s ? module_new(S, s, path, file) : NULL;
    obj_release(S, s);
    if (!m) return false;
    if (!MEM_PUSH(S, S->modules, S->nmodules, S->capmodules)) {
        obj_release(S, m);
        return false;
    }
    S->modules[S->nmodules++] = m;
    if (!compile_source(S, file, COMPILE_MODULE, m, &m->main)) {
        forget(S, m);
        return false;
    }
    *out = m;
    return true;
}

static bool known(State *S, Span at, Module *m, Module **out)
{
    *out = m;
    if (m->main) return true;
    Diag *d = diag_report(S, at, DIAG_CYCLE, false,
                          "`%s` is being compiled already: modules use each other in a circle", m->name->data);
    diag_report_hint(S, d, "move what both need into a third file");
    return false;
}

static bool use_file(State *S, Span at, const char *name, uint32_t from, Module **out)
{
    char path[PATH_MAX], real[PATH_MAX], *text;
    size_t len, cap;
    if (S->sandbox) {
        diag_report(S, at, DIAG_SANDBOX, false, "files cannot be used in the sandbox");
        return false;
    }
    if (!beside(S, from, name, path, sizeof path) || !realpath(path, real)) {
        Diag *d = diag_report(S, at, DIAG_MODULE, false, "there is no file \"%s\"", name);
        diag_report_hint(S, d, "paths start at the folder of the file that uses them");
        return false;
    }
    Module *m = find(S, real);
    if (m) return known(S, at, m, out);
    if (!read_file(S, real, &text, &len, &cap)) {
        if (!S->err) diag_report(S, at, DIAG_MODULE, false, "cannot read \"%s\": %s", name, strerror(errno));
        mem_free(S, text, cap);
        return false;
    }
    bool ok = compile_module(S, name, real, path, text, len, out);
    mem_free(S, text, cap);
    return ok;
}

bool module_use(State *S, Span at, const char *name, bool is_path, uint32_t from, Module **out)
{
    *out = NULL;
    if (is_path) return use_file(S, at, name, from, out);
    Module *m = find(S, name);
    if (m) return known(S, at, m, out);
    for (const BakedModule *b = baked_modules; b->name; b++) {
        if (strcmp(b->name, name) != 0) continue;
        char shown[80];
        snprintf(shown, sizeof shown, "<%.60s>", name);
        return compile_module(S, name, NULL, shown, b->text, b->len, out);
    }
    unknown_module(S, at, name);
    return false;
}
