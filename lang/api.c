/* api.c -- descent.h on top of the compiler and the runtime.
**
** SPDX-License-Identifier: MIT */
#include "runtime/descent.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "lang/ast.h"
#include "lang/compile.h"
#include "lang/modules.h"
#include "lang/lexer.h"
#include "lang/parse.h"
#include "runtime/builtin.h"
#include "runtime/profile.h"
#include "runtime/snapshot.h"
#include "runtime/state.h"
#include "runtime/threads.h"
#include "stdlib/figure.h"
#include "stdlib/file.h"

static void print_stdout(void *ud, const char *s, size_t n)
{
    (void)ud;
    fwrite(s, 1, n, stdout);
}

static bool show_figure(State *S, Buf *b, Value v, bool *is)
{
    *is = is_figure(v);
    return !*is || figure_text(S, b, v);
}

DscState *dsc_open(const DscConfig *config)
{
    DscConfig cfg = {0};
    if (config) memcpy(&cfg, config, config->size && config->size < sizeof cfg ? config->size : sizeof cfg);
    State *S = state_new(cfg.realloc_fn, cfg.alloc_ud, cfg.max_memory);
    if (!S) return NULL;
    S->vm.max_steps = cfg.max_steps;
    S->time_limit = cfg.time_limit;
    S->sandbox = cfg.sandbox;
    S->plan_off = cfg.plan_off;
    S->plan_all = cfg.plan_all && !cfg.plan_off;
    S->batch.off = cfg.batch_off;
    S->snapshots = cfg.snapshots;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t most = cfg.max_memory ? cfg.max_memory : pages > 0 && page > 0 ? (size_t)pages * (size_t)page : 0;
    S->tape.budget = cfg.tape_memory ? cfg.tape_memory : most / 4;
    S->threads = cfg.threads > 0 ? cfg.threads : par_most();
    S->hooks.use = module_use;
    S->hooks.print = cfg.print ? cfg.print : print_stdout;
    S->hooks.progress = cfg.progress;
    S->hooks.ud = cfg.ud;
    S->hooks.figure = show_figure;
    S->color = cfg.color;
    S->columns = cfg.columns;
    S->args = (const char **)cfg.args;
    S->nargs = cfg.nargs;
    uint64_t seed = cfg.seed;
    if (!cfg.has_seed) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        seed = (uint64_t)t.tv_sec * 1000003u ^ (uint64_t)t.tv_nsec << 20 ^ (uint64_t)getpid();
    }
    rng_seed(&S->rng, seed);
    return S;
}

size_t dsc_close(DscState *S) { return S ? state_free(S) : 0; }
const char *dsc_version(void) { return DSC_VERSION; }
void dsc_interrupt(DscState *S) { S->interrupt = 1; }

static int status_of(State *S)
{
    if (S->err) return diag_info[S->err->code].exit;
    for (size_t i = 0; i < S->nreports; i++)
        if (!S->reports[i]->warning) return diag_info[S->reports[i]->code].exit;
    return 0;
}

/* Near the limit, what the runs before keep for the next is given back: a run that took all there is may be followed by
** another. */
static void make_room(State *S)
{
    if (!S->mem.limit || S->mem.bytes < S->mem.limit / 2 || S->vm.nframes || S->tape.n) return;
    tape_deinit(S);
    vm_trim(S);
    mem_trim(S);
}

static void begin(State *S)
{
    diag_clear(S);
    S->interrupt = 0;
    make_room(S);
    vm_begin(S, S->time_limit > 0 ? vm_seconds() + S->time_limit : 0);
}

static bool read_stream(State *S, FILE *f, const char *name, char **text, size_t *len, size_t *cap)
{
    *text = NULL;
    *len = *cap = 0;
    for (;;) {
        if (*len + 1 >= *cap) {
            size_t n = *cap ? *cap * 2 : 8192;
            char *p = mem_realloc(S, *text, *cap, n);
            if (!p) break;
            *text = p;
            *cap = n;
        }
        size_t got = fread(*text + *len, 1, *cap - *len - 1, f);
        *len += got;
        if (got == 0) {
            if (ferror(f)) {
                diag_set(S, SPAN_NONE, DIAG_IO, "cannot read \"%s\": %s", name, strerror(errno));
                break;
            }
            (*text)[*len] = 0;
            return true;
        }
    }
    mem_free(S, *text, *cap);
    *text = NULL;
    return false;
}

/* Registers a file's text as a source; 0 on failure. */
static uint32_t source_file(State *S, const char *path)
{
    bool in = !strcmp(path, "-");
    FILE *f = in ? stdin : fopen(path, "rb");
    if (!f) {
        diag_set(S, SPAN_NONE, DIAG_IO, "cannot open \"%s\": %s", path, strerror(errno));
        return 0;
    }
    char *text;
    size_t len, cap;
    bool ok = read_stream(S, f, path, &text, &len, &cap);
    if (!in) fclose(f);
    if (!ok) return 0;
    uint32_t file = source_add(S, in ? "<stdin>" : path, text, len);
    mem_free(S, text, cap);
    return file;
}

static Module *main_module(State *S, uint32_t file)
{
    const Source *src = source_get(S, file);
    Str *name = str_intern(S, "main", 4);
    Module *m = name ? module_new(S, name, src->name, file) : NULL;
    obj_release(S, name);
    if (m) {
        obj_release(S, S->main);
        S->main = m;
    }
    return m;
}

static bool compile_main(State *S, uint32_t file, CompileMode mode)
{
    Module *m = file ? main_module(S, file) : NULL;
    return m && compile_source(S, file, mode, m, &m->main);
}

static int run_source(State *S, uint32_t file, CompileMode mode)
{
    Value v = NIL;
    if (compile_main(S, file, mode) && resume_check(S) && vm_run_main(S, S->main, &v)) release(S, v);
    resume_done(S);
    resume_drop(S);
    return status_of(S);
}

int dsc_resume(DscState *S, const char *path)
{
    diag_clear(S);
    resume_drop(S);
    File f;
    bool sandbox = S->sandbox;
    S->sandbox = false; /* it is the host that opens this file */
    bool ok = file_read(S, path, &f);
    S->sandbox = sandbox;
    if (!ok) return status_of(S);
    S->resume = mem_zalloc(S, sizeof *S->resume);
    char *name = S->resume ? mem_dup(S, path, strlen(path)) : NULL;
    if (name) {
        *S->resume = (Resume){.path = name, .bytes = f.p, .len = f.len, .cap = f.cap, .read = safetensors_parse};
        return 0;
    }
    file_free(S, &f);
    mem_free(S, S->resume, sizeof *S->resume);
    S->resume = NULL;
    return status_of(S);
}

bool dsc_snapshot(DscState *S, const char *path)
{
    Value v;
    if (S->err || !descend_snapshot(S, &v)) return false;
    bool sandbox = S->sandbox;
    S->sandbox = false;
    bool ok = safetensors_write(S, path, v);
    S->sandbox = sandbox;
    release(S, v);
    return ok;
}

int dsc_run_file(DscState *S, const char *path)
{
    begin(S);
    uint32_t file = source_file(S, path);
    if (!file) return status_of(S) ? 2 : 0;
    return run_source(S, file, COMPILE_FILE);
}

int dsc_profile_file(DscState *S, const char *path, DscWrite write, void *ud)
{
    begin(S);
    uint32_t file = source_file(S, path);
    if (!file) return status_of(S) ? 2 : 0;
    if (!profile_open(S)) return status_of(S);
    int status = run_source(S, file, COMPILE_FILE);
    Buf b;
    buf_init(&b, S);
    profile_report(S, source_get(S, file)->name, &b);
    profile_close(S);
    if (b.len) write(ud, b.p, b.len);
    bool ok = !b.failed;
    buf_deinit(&b);
    return ok ? status : status_of(S);
}

int dsc_run_text(DscState *S, const char *name, const char *text, size_t len, int flags)
{
    begin(S);
    return run_source(S, source_add(S, name, text, len), flags & DSC_RUN_SHOW ? COMPILE_EXPR : COMPILE_FILE);
}

int dsc_prompt(DscState *S, const char *text, size_t len)
{
    begin(S);
    uint32_t file = source_add(S, "<prompt>", text, len);
    if (!file) return status_of(S);
    Module *m = S->main;
    if (!m && !(m = main_module(S, file))) return status_of(S);
    m->file = file;
    Proto *old = m->main;
    m->main = NULL;
    Value v = NIL;
    if (compile_source(S, file, COMPILE_PROMPT, m, &m->main) && vm_run_main(S, m, &v)) release(S, v);
    obj_release(S, old);
    return status_of(S);
}

int dsc_complete(DscState *S, const char *text, size_t len)
{
    switch (parse_incomplete(S, text, len, NULL)) {
    case PARSE_COMPLETE: return 1;
    case PARSE_INCOMPLETE: return 0;
    case PARSE_WRONG: return -1;
    }
    return 1;
}

int dsc_check_file(DscState *S, const char *path)
{
    begin(S);
    S->checking = true;
    uint32_t file = source_file(S, path);
    if (file) compile_main(S, file, COMPILE_FILE);
    S->checking = false;
    if (!file) return 2;
    return status_of(S);
}

int dsc_test_file(DscState *S, const char *path, DscTestOutcome outcome, void *ud)
{
    begin(S);
    uint32_t file = source_file(S, path);
    if (!file) return status_of(S) ? 2 : 0;
    Value v = NIL;
    if (!compile_main(S, file, COMPILE_FILE) || !vm_run_main(S, S->main, &v)) return status_of(S);
    release(S, v);
    int status = 0;
    Module *m = S->main;
    for (size_t i = 0; i < m->ntests; i++) {
        Str *name = m->tests[i].f->proto->name;
        bool ok = vm_call(S, m->tests[i], NULL, 0, &v) && tensor_flush(S);
        release(S, v);
        if (!ok) status = status_of(S);
        outcome(ud, name ? name->data : "test", ok);
        diag_clear(S); /* the outcome has reported it */
        if (status == 130) break;
    }
    return status;
}

void dsc_report(DscState *S, DscReportForm form, DscWrite write, void *ud)
{
    for (size_t i = 0; i < S->nreports; i++) {
        if (form == DSC_REPORT_JSON) diag_render_json(S, S->reports[i], write, ud);
        else diag_render(S, S->reports[i], form == DSC_REPORT_COLOR, write, ud);
    }
    if (!S->err) return;
    if (form == DSC_REPORT_JSON) diag_render_json(S, S->err, write, ud);
    else diag_render(S, S->err, form == DSC_REPORT_COLOR, write, ud);
}

bool dsc_has_report(DscState *S) { return S->err || S->nreports; }

static int dump_buf(State *S, Buf *b, DscWrite write, void *ud)
{
    if (b->len) write(ud, b->p, b->len);
    buf_deinit(b);
    return status_of(S);
}

static void print_nothing(void *ud, const char *s, size_t n) { (void)ud, (void)s, (void)n; }

static int dump_plans(State *S, uint32_t file, CompileMode mode, bool dot, DscWrite write, void *ud)
{
    static const char head[] = "digraph plans {\n"
                               "  graph [fontname=\"sans-serif\", rankdir=TB, labeljust=l];\n"
                               "  node [shape=box, style=filled, fillcolor=\"#ffffff\", fontname=\"sans-serif\", "
                               "fontsize=11];\n"
                               "  edge [fontname=\"sans-serif\", fontsize=10];\n";
    uint64_t built = S->plans.stats.misses, found = S->plans.stats.hits;
    void (*print)(void *, const char *, size_t) = S->hooks.print;
    S->plan_dump.write = write;
    S->plan_dump.ud = ud;
    S->plan_dump.dot = dot;
    if (dot) {
        S->hooks.print = print_nothing;
        write(ud, head, sizeof head - 1);
    }
    int status = run_source(S, file, mode);
    S->plan_dump.write = NULL;
    S->hooks.print = print;
    Buf b;
    buf_init(&b, S);
    built = S->plans.stats.misses - built;
    found = S->plans.stats.hits - found;
    if (dot) buf_puts(&b, "}\n");
    else if (built)
        buf_printf(&b, "plans built: %llu, found again: %llu\n", (unsigned long long)built, (unsigned long long)found);
    else buf_puts(&b, "plans built: none; what is small or alone runs at once (--plan=all plans it too)\n");
    if (b.len) write(ud, b.p, b.len);
    bool ok = !b.failed;
    buf_deinit(&b);
    return ok ? status : status_of(S);
}

int dsc_dump(DscState *S, const char *what, const char *path, const char *text, size_t len, DscWrite write, void *ud)
{
    begin(S);
    uint32_t file = path ? source_file(S, path) : source_add(S, "<-e>", text, len);
    if (!file) return status_of(S) ? 2 : 0;
    Buf b;
    buf_init(&b, S);
    if (!strcmp(what, "tokens")) {
        lex_dump(S, file, &b);
    } else if (!strcmp(what, "ast")) {
        Ast *a = parse_source(S, file, path ? PARSE_FILE : PARSE_PROMPT);
        if (a) ast_print(a, &b);
        ast_free(S, a);
    } else if (!strcmp(what, "code")) {
        if (compile_main(S, file, path ? COMPILE_FILE : COMPILE_EXPR)) proto_dump(S, S->main->main, &b);
    } else if (!strcmp(what, "tape")) {
        S->tape_dump = write;
        S->tape_dump_ud = ud;
        int status = run_source(S, file, path ? COMPILE_FILE : COMPILE_EXPR);
        S->tape_dump = NULL;
        buf_deinit(&b);
        return status;
    } else if (!strcmp(what, "plan") || !strcmp(what, "plan.dot")) {
        buf_deinit(&b);
        return dump_plans(S, file, path ? COMPILE_FILE : COMPILE_EXPR, !strcmp(what, "plan.dot"), write, ud);
    } else {
        diag_set(S, SPAN_NONE, DIAG_VALUE, "--dump takes tokens, ast, code, tape, plan or plan.dot, not \"%s\"", what);
    }
    return dump_buf(S, &b, write, ud);
}

void dsc_counters(DscState *S, DscCounters *out)
{
    const PlanStats *s = &S->plans.stats;
    *out = (DscCounters){S->mem.bytes,      S->mem.peak,  S->vm.steps + (uint64_t)(S->vm.granted - S->vm.fuel),
                         S->graph.recorded, S->graph.run, s->hits,
                         s->misses,         s->evictions, s->steps,
                         s->regions,        s->library,   (uint64_t)s->bytes,
                         S->plans.n};
}
