/* main.c -- the command: the first program that embeds Descent, through descent.h alone.
**
** SPDX-License-Identifier: MIT */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "lang/repl.h"
#include "runtime/descent.h"

static const char usage[] =
    "usage: descent [OPTIONS] FILE.gd [ARGS]   run a script (- reads standard input)\n"
    "       descent [OPTIONS] -e CODE [ARGS]   run a line of code, print its value\n"
    "       descent                            interactive\n"
    "       descent check FILE...              report errors that are found before running\n"
    "       descent test FILE...               run the test blocks\n"
    "       descent profile FILE.gd [ARGS]     run a script and say where the time went\n"
    "\n"
    "  --seed N            repeat a run bit for bit\n"
    "  --resume PATH       go on from a snapshot that the script saved in a `watch`\n"
    "  --threads N         threads for large operations (default: all)\n"
    "  --max-memory SIZE   refuse to use more: 500M, 2G\n"
    "  --tape-memory SIZE  let a derivative record so much before long loops are checkpointed\n"
    "  --max-steps N       stop after N loop turns and calls\n"
    "  --time-limit S      stop after S seconds\n"
    "  --sandbox           no files, no native code\n"
    "  --plan=off          run recorded operations one by one (all: plan even what is small, to look for faults)\n"
    "  --batch=off         run comprehensions and vmap item by item\n"
    "  --dump=WHAT         print tokens, ast, code, tape, plan or plan.dot\n"
    "  --stats             after the run, print counters of work, plans and memory\n"
    "  --errors=json       errors as one JSON object a line\n"
    "  --color=auto|never  colours in messages (NO_COLOR is obeyed)\n"
    "  --version --help\n"
    "\n"
    "exit status: 0 fine, 1 an error while running, 2 an error in the source or here, 130 interrupted\n";

typedef struct Options {
    DscConfig cfg;
    DscReportForm form;
    const char *dump, *code, *resume;
    bool stats, profile;
} Options;

static DscState *running; /* for the signal handler, which only sets a flag */

static void on_interrupt(int sig)
{
    (void)sig;
    if (running) dsc_interrupt(running);
}

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

static void progress(void *ud, const char *line)
{
    static bool shown; /* a line stands there */
    (void)ud;
    if (line || shown) fprintf(stderr, "\r\033[K%s", line ? line : "");
    shown = line != NULL;
    fflush(stderr);
}

static int wrong(const char *fmt, const char *arg)
{
    fprintf(stderr, "descent: ");
    fprintf(stderr, fmt, arg);
    fprintf(stderr, "\ntry: descent --help\n");
    return 2;
}

static bool is_one_of(const char *s, const char *const *list)
{
    while (*list && strcmp(s, *list) != 0) list++;
    return *list != NULL;
}

static const char *const valued[] = {"--seed",      "--threads",    "--max-memory", "--tape-memory",
                                     "--max-steps", "--time-limit", "--errors",     "--color",
                                     "--plan",      "--batch",      "--dump",       "--resume",
                                     NULL};
static const char *const dumps[] = {"tokens", "ast", "code", "tape", "plan", "plan.dot", NULL};

/* The value of --name=V or --name V; NULL when argv[*i] is another option. That a value follows has been looked at. */
static const char *option(const char *name, char **argv, int *i)
{
    const char *a = argv[*i];
    size_t n = strlen(name);
    if (strncmp(a, name, n) != 0) return NULL;
    if (a[n] == '=') return a + n + 1;
    return a[n] ? NULL : argv[++*i];
}

static bool size_value(const char *s, size_t *out)
{
    char *end;
    double x = strtod(s, &end);
    switch (*end) {
    case 'k':
    case 'K': x *= 1024, end++; break;
    case 'm':
    case 'M': x *= 1048576, end++; break;
    case 'g':
    case 'G': x *= 1073741824, end++; break;
    case 't':
    case 'T': x *= 1099511627776.0, end++; break;
    default: break;
    }
    if (*end == 'i') end++;
    if (*end == 'B' || *end == 'b') end++;
    if (end == s || *end || !(x >= 1) || x > 1e18) return false;
    *out = (size_t)x;
    return true;
}

static bool whole_value(const char *s, uint64_t *out)
{
    char *end;
    if (*s < '0' || *s > '9') return false;
    *out = strtoull(s, &end, 0);
    if (*end == 'e' || *end == '.') { /* 1e6 */
        double x = strtod(s, &end);
        if (!(x >= 0) || x != floor(x) || x > 1e18) return false;
        *out = (uint64_t)x;
    }
    return *end == 0;
}

/* Reads options up to the first word that is none; returns its index, or -1 after a message. */
static int read_options(int argc, char **argv, int i, Options *o)
{
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *v;
        uint64_t n;
        char *end;
        if (i + 1 >= argc && is_one_of(argv[i], valued)) return wrong("%s needs a value", argv[i]), -1;
        if ((v = option("--seed", argv, &i))) {
            if (!whole_value(v, &o->cfg.seed)) return wrong("--seed takes a whole number, not \"%s\"", v), -1;
            o->cfg.has_seed = true;
        } else if ((v = option("--threads", argv, &i))) {
            if (!whole_value(v, &n) || n < 1 || n > 1024)
                return wrong("--threads takes a number from 1 to 1024, not \"%s\"", v), -1;
            o->cfg.threads = (int)n;
        } else if ((v = option("--max-memory", argv, &i))) {
            if (!size_value(v, &o->cfg.max_memory))
                return wrong("--max-memory takes a size such as 500M or 2G, not \"%s\"", v), -1;
        } else if ((v = option("--tape-memory", argv, &i))) {
            if (!size_value(v, &o->cfg.tape_memory))
                return wrong("--tape-memory takes a size such as 500M or 2G, not \"%s\"", v), -1;
        } else if ((v = option("--max-steps", argv, &i))) {
            if (!whole_value(v, &o->cfg.max_steps) || !o->cfg.max_steps)
                return wrong("--max-steps takes a whole number, not \"%s\"", v), -1;
        } else if ((v = option("--time-limit", argv, &i))) {
            o->cfg.time_limit = strtod(v, &end);
            if (end == v || *end || !(o->cfg.time_limit > 0))
                return wrong("--time-limit takes seconds, not \"%s\"", v), -1;
        } else if ((v = option("--errors", argv, &i))) {
            if (!strcmp(v, "json")) o->form = DSC_REPORT_JSON;
            else if (!strcmp(v, "text")) o->form = DSC_REPORT_TEXT;
            else return wrong("--errors takes json or text, not \"%s\"", v), -1;
        } else if ((v = option("--color", argv, &i))) {
            if (!strcmp(v, "never")) o->cfg.color = false;
            if (!strcmp(v, "never") && o->form == DSC_REPORT_COLOR) o->form = DSC_REPORT_TEXT;
            else if (strcmp(v, "never") != 0 && strcmp(v, "auto") != 0)
                return wrong("--color takes auto or never, not \"%s\"", v), -1;
        } else if ((v = option("--plan", argv, &i))) {
            if (strcmp(v, "on") != 0 && strcmp(v, "off") != 0 && strcmp(v, "all") != 0)
                return wrong("--plan takes on, off or all, not \"%s\"", v), -1;
            o->cfg.plan_off = !strcmp(v, "off");
            o->cfg.plan_all = !strcmp(v, "all");
        } else if ((v = option("--batch", argv, &i))) {
            if (strcmp(v, "on") && strcmp(v, "off")) return wrong("--batch takes on or off, not \"%s\"", v), -1;
            o->cfg.batch_off = !strcmp(v, "off");
        } else if ((v = option("--resume", argv, &i))) {
            o->resume = v;
        } else if ((v = option("--dump", argv, &i))) {
            if (!is_one_of(v, dumps))
                return wrong("--dump takes tokens, ast, code, tape, plan or plan.dot, not \"%s\"", v), -1;
            o->dump = v;
        } else if (!strcmp(argv[i], "--sandbox")) {
            o->cfg.sandbox = true;
        } else if (!strcmp(argv[i], "--stats")) {
            o->stats = true;
        } else if (!strcmp(argv[i], "-e")) {
            if (++i >= argc) return wrong("%s needs code", "-e"), -1;
            o->code = argv[i++];
            return i;
        } else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            fputs(usage, stdout);
            exit(0);
        } else if (!strcmp(argv[i], "--version")) {
            printf("descent %s\n", dsc_version());
            exit(0);
        } else {
            return wrong("unknown option %s", argv[i]), -1;
        }
    }
    return i;
}

static void print_stats(DscState *S)
{
    DscCounters c;
    dsc_counters(S, &c);
    const struct {
        const char *name;
        uint64_t n;
    } row[] = {{"loop turns and calls", c.steps},
               {"tensor operations recorded", c.recorded},
               {"tensor operations run", c.run},
               {"plans built", c.plan_misses},
               {"plans found again", c.plan_hits},
               {"plans forgotten", c.plan_evictions},
               {"plans remembered", c.plans},
               {"steps of plans", c.plan_steps},
               {"of them fused regions", c.plan_regions},
               {"of them calls of kernels", c.plan_calls},
               {"bytes moved by plans", c.plan_bytes},
               {"bytes in use", c.bytes},
               {"bytes at most", c.peak_bytes}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        fprintf(stderr, "%-27s %llu\n", row[i].name, (unsigned long long)row[i].n);
}

static int finish(DscState *S, int status, const Options *o)
{
    DscReportForm form = o->form;
    fflush(stdout);
    if (o->stats) print_stats(S);
    if (ferror(stdout)) {
        fprintf(stderr, "descent: standard output could not be written\n");
        if (!status) status = 1;
    }
    if (dsc_has_report(S)) dsc_report(S, form, write_err, NULL);
    running = NULL;
    size_t left = dsc_close(S);
    if (left) {
        fprintf(stderr, "descent: %zu bytes were not given back\n", left);
        if (!status) status = 1;
    }
    return status;
}

typedef struct Tests {
    int passed, failed;
    DscState *S;
    DscReportForm form;
} Tests;

static void test_outcome(void *ud, const char *name, bool passed)
{
    Tests *t = ud;
    if (passed) t->passed++;
    else t->failed++;
    printf("%s %s\n", passed ? "ok  " : "FAIL", name);
    if (!passed) {
        fflush(stdout);
        dsc_report(t->S, t->form, write_err, NULL);
    }
}

static int run_each(const char *verb, int argc, char **argv, int i, Options *o)
{
    if (i >= argc) return wrong("%s needs a file", verb);
    int worst = 0;
    Tests t = {.form = o->form};
    for (; i < argc; i++) {
        DscState *S = dsc_open(&o->cfg);
        if (!S) return wrong("out of memory%s", "");
        running = S;
        t.S = S;
        int status;
        if (!strcmp(verb, "check")) {
            status = dsc_check_file(S, argv[i]);
        } else {
            int before = t.failed;
            status = dsc_test_file(S, argv[i], test_outcome, &t);
            if (status && t.failed == before) t.failed++;
        }
        status = finish(S, status, o);
        if (status > worst) worst = status;
    }
    if (!strcmp(verb, "test")) printf("%d passed, %d failed\n", t.passed, t.failed);
    return worst;
}

int main(int argc, char **argv)
{
    Options o = {.cfg = {.size = sizeof o.cfg}};
    bool tty = isatty(2) && !getenv("NO_COLOR") && (!getenv("TERM") || strcmp(getenv("TERM"), "dumb") != 0);
    if (tty) o.form = DSC_REPORT_COLOR;
    if (isatty(2)) o.cfg.progress = progress;
    struct winsize size;
    o.cfg.color = isatty(1) && !getenv("NO_COLOR") && (!getenv("TERM") || strcmp(getenv("TERM"), "dumb") != 0);
    if (isatty(1) && ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) o.cfg.columns = size.ws_col;
    const char *verb = NULL;
    int i = read_options(argc, argv, 1, &o);
    if (i < 0) return 2;
    if (!o.code && i < argc) {
        static const char *const verbs[] = {"check", "test", "fmt", "doc", "profile"};
        for (size_t k = 0; k < sizeof verbs / sizeof *verbs; k++)
            if (!strcmp(argv[i], verbs[k])) verb = verbs[k];
        bool profile = verb && !strcmp(verb, "profile");
        if (verb && strcmp(verb, "check") != 0 && strcmp(verb, "test") != 0 && !profile)
            return wrong("%s is not part of this version", verb);
        if (verb) {
            i = read_options(argc, argv, i + 1, &o);
            if (i < 0) return 2;
        }
        if (profile && (o.code || i >= argc)) return wrong("%s needs a file", verb);
        if (profile) o.profile = true, verb = NULL;
    }
    struct sigaction act = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &act, NULL);
    if (o.resume && (verb || o.dump || (!o.code && i >= argc)))
        return wrong("--resume goes with a script to run%s", "");
    if (verb) return run_each(verb, argc, argv, i, &o);
    if (!o.code && i >= argc) return repl(&o.cfg, o.form, &running);
    const char *path = o.code ? NULL : argv[i++];
    o.cfg.args = (const char *const *)(argv + i);
    o.cfg.nargs = argc - i;
    DscState *S = dsc_open(&o.cfg);
    if (!S) return wrong("out of memory%s", "");
    running = S;
    int status = o.resume ? dsc_resume(S, o.resume) : 0;
    if (status) return finish(S, status, &o);
    if (o.dump) status = dsc_dump(S, o.dump, path, o.code, o.code ? strlen(o.code) : 0, write_out, NULL);
    else if (o.profile) status = dsc_profile_file(S, path, write_err, NULL);
    else if (o.code) status = dsc_run_text(S, "<-e>", o.code, strlen(o.code), DSC_RUN_SHOW);
    else status = dsc_run_file(S, path);
    return finish(S, status, &o);
}
