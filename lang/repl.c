/* repl.c -- the interactive prompt, on libedit and descent.h.
**
** An input is complete when the parser says so; until then the prompt asks for more. One error never spoils the
** session. History is kept by whole inputs. Without a terminal the same session runs on piped lines: no greeting, no
** prompt, no history.
** SPDX-License-Identifier: MIT */
#include "lang/repl.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifndef NO_EDIT
#include <histedit.h>
#include <locale.h>
#endif

static void write_err(void *ud, const char *s, size_t n)
{
    (void)ud;
    fwrite(s, 1, n, stderr);
}

static void write_out(void *ud, const char *s, size_t n)
{
    (void)ud;
    fwrite(s, 1, n, stdout);
}

typedef struct Text {
    char *p;
    size_t len, cap;
} Text;

static bool text_add(Text *t, const char *s, size_t n)
{
    if (t->len + n + 1 > t->cap) {
        size_t cap = (t->len + n + 1) * 2;
        char *p = realloc(t->p, cap);
        if (!p) return false;
        t->p = p;
        t->cap = cap;
    }
    memcpy(t->p + t->len, s, n);
    t->len += n;
    t->p[t->len] = 0;
    return true;
}

static bool continuing;

#ifndef NO_EDIT
static char *prompt(EditLine *el)
{
    (void)el;
    return continuing ? "  ... " : ">>> ";
}

typedef struct Names {
    const char *last;
    char common[128];
    int n;
} Names;

static void name_seen(void *ud, const char *name)
{
    Names *m = ud;
    if (m->last && !strcmp(m->last, name)) return;
    m->last = name;
    if (m->n++ == 0) {
        snprintf(m->common, sizeof m->common, "%s", name);
        return;
    }
    size_t k = 0;
    while (m->common[k] && m->common[k] == name[k]) k++;
    m->common[k] = 0;
}

static void name_shown(void *ud, const char *name)
{
    Names *m = ud;
    if (m->last && !strcmp(m->last, name)) return;
    m->last = name;
    int n = (int)strlen(name) + 2;
    if (m->n && m->n + n > 90) m->n = 0, puts("");
    m->n += printf("%s  ", name);
}

static DscState *completing;

static bool in_name(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* Tab: what all names that begin so have in common; where that is nothing more, the names themselves. */
static unsigned char complete(EditLine *el, int ch)
{
    (void)ch;
    const LineInfo *li = el_line(el);
    const char *p = li->cursor;
    while (p > li->buffer && in_name(p[-1])) p--;
    char prefix[128];
    size_t n = (size_t)(li->cursor - p);
    if (n == 0) return el_insertstr(el, "    ") == 0 ? CC_REFRESH : CC_ERROR;
    if (n >= sizeof prefix) return CC_ERROR;
    memcpy(prefix, p, n);
    prefix[n] = 0;
    Names m = {.n = 0};
    dsc_names(completing, prefix, name_seen, &m);
    if (m.n == 0) return CC_ERROR;
    if (strlen(m.common) <= n) {
        if (m.n == 1) return CC_NORM;
        m = (Names){.n = 0};
        puts("");
        dsc_names(completing, prefix, name_shown, &m);
        puts("");
        return CC_REDISPLAY;
    }
    return el_insertstr(el, m.common + n) == 0 ? CC_REFRESH : CC_ERROR;
}
#endif

/* `?name`, `?E0213` */
static bool help_line(DscState *S, const char *line)
{
    while (*line == ' ') line++;
    if (*line != '?') return false;
    line++;
    while (*line == ' ' || *line == '?') line++;
    char topic[128];
    size_t n = strcspn(line, " \n\t");
    if (n >= sizeof topic) n = sizeof topic - 1;
    memcpy(topic, line, n);
    topic[n] = 0;
    if (!n) {
        puts("?adam explains a function, ?descend a statement, ?nn a module, ?E0213 an error.\n"
             "Tab completes a name, ans is the last value, Ctrl-C interrupts, Ctrl-D leaves.");
    } else if (!dsc_help(S, topic, write_out, NULL)) {
        printf("nothing is known about `%s`\n", topic);
    }
    return true;
}

int repl(const DscConfig *config, DscReportForm form, DscState **running)
{
    DscState *S = dsc_open(config);
    if (!S) return 2;
    *running = S;
    Text in = {0};
    bool tty = isatty(0);
    char *piped = NULL;
    size_t cap = 0;
    if (tty) printf("Descent %s   ?name for help, Ctrl-D to leave\n", dsc_version());
#ifndef NO_EDIT
    History *hist = tty ? history_init() : NULL;
    HistEvent ev;
    EditLine *el = tty ? el_init("descent", stdin, stdout, stderr) : NULL;
    char path[512] = "";
    if (getenv("HOME")) snprintf(path, sizeof path, "%s/.descent_history", getenv("HOME"));
    if (hist) {
        history(hist, &ev, H_SETSIZE, 2000);
        if (path[0]) history(hist, &ev, H_LOAD, path);
    }
    if (el) {
        if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8"); /* names may be Greek */
        completing = S;
        el_set(el, EL_PROMPT, prompt);
        el_set(el, EL_EDITOR, "emacs");
        el_set(el, EL_SIGNAL, 1);
        if (hist) el_set(el, EL_HIST, history, hist);
        el_set(el, EL_ADDFN, "descent-complete", "complete a name", complete);
        el_set(el, EL_BIND, "^I", "descent-complete", NULL);
        el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
        el_source(el, NULL);
    }
#endif
    for (;;) {
        const char *line;
        int n = 0;
#ifndef NO_EDIT
        if (el) {
            line = el_gets(el, &n);
        } else
#endif
        {
            if (tty) fputs(continuing ? "  ... " : ">>> ", stdout);
            fflush(stdout);
            n = (int)getline(&piped, &cap, stdin);
            line = n > 0 ? piped : NULL;
            if (!line) n = tty && ferror(stdin) && errno == EINTR ? -1 : 0;
            clearerr(stdin);
        }
        if (!line || n <= 0) {
            if (n < 0) { /* interrupted while typing: the input is dropped */
                in.len = 0;
                continuing = false;
                puts("");
                continue;
            }
            break;
        }
        if (!continuing && help_line(S, line)) continue;
        if (!continuing && (!strncmp(line, ":quit", 5) || !strncmp(line, ":q\n", 3))) break;
        if (!text_add(&in, line, (size_t)n)) break;
        if (strspn(in.p, " \t\n") == in.len) {
            in.len = 0;
            continue;
        }
        bool documents = strncmp(line + strspn(line, " \t"), "##", 2) == 0; /* the definition follows */
        if (documents || dsc_complete(S, in.p, in.len) == 0) {
            continuing = true;
            continue;
        }
        continuing = false;
#ifndef NO_EDIT
        if (hist) {
            history(hist, &ev, H_ENTER, in.p);
            if (path[0]) history(hist, &ev, H_SAVE, path);
        }
#endif
        dsc_prompt(S, in.p, in.len);
        fflush(stdout);
        if (dsc_has_report(S)) dsc_report(S, form, write_err, NULL);
        in.len = 0;
    }
    if (in.len && !tty) { /* the lines ended within an input: say what is open */
        dsc_prompt(S, in.p, in.len);
        if (dsc_has_report(S)) dsc_report(S, form, write_err, NULL);
    }
    if (tty) puts("");
#ifndef NO_EDIT
    if (el) el_end(el);
    if (hist) history_end(hist);
#endif
    free(in.p);
    free(piped);
    *running = NULL;
    size_t left = dsc_close(S);
    if (left) fprintf(stderr, "descent: %zu bytes were not given back\n", left);
    return 0;
}
