/* hostile.c -- the scripts of tests/limits/hostile/ try to use up what there is. Each runs in a state of its own under
** limits, and must end within 50 ms and 1 MiB of them, in one of the ways that it names; then the state still answers
** 1 + 1, and closing it leaves nothing.
**
**   # stops: E0501 E0503      how it may end; `fine`: without an error
**   # memory: 1G  # time: 0.2  # steps: N      other limits than 32M, 0.2 seconds, none
**   # late: 5                  seconds that it may end late, and why
**   # sandbox     # files                       sandboxed; given the folder's files (neither: sandboxed as well)
**
** Usage: hostile [NAME...]       from the top of the sources
**
** Time beyond the limit is the processor's, not the clock's: how long others let a process wait is not what is tested. A
** clock that runs 5 seconds over is a fault all the same: something waits that nobody wakes.
** SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "runtime/descent.h"

enum { SCRIPTS_MOST = 400, OVER_BYTES = 1 << 20 };
static const double OVER_SECONDS = 0.05, OVER_CLOCK = 5;

typedef struct Host {
    size_t bytes, most; /* asked for and not given back: now, and at most */
    char first[8];      /* that is printed */
    size_t nfirst;
} Host;

static void *counted(void *ud, void *p, size_t old, size_t n)
{
    Host *h = ud;
    void *q = NULL;
    if (n) q = realloc(p, n);
    else free(p);
    if (n && !q) return NULL;
    h->bytes += n - old;
    if (h->bytes > h->most) h->most = h->bytes;
    return q;
}

static void printed(void *ud, const char *s, size_t n)
{
    Host *h = ud;
    for (size_t i = 0; i < n && h->nfirst < sizeof h->first - 1; i++) h->first[h->nfirst++] = s[i];
}

static char report[4000];
static void keep(void *ud, const char *s, size_t n)
{
    size_t len = strlen(report);
    (void)ud;
    if (n > sizeof report - 1 - len) n = sizeof report - 1 - len;
    memcpy(report + len, s, n);
    report[len + n] = 0;
}

static double clock_of(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What stands behind "# key" in the script's head; NULL when it is not there. */
static const char *option(const char *head, const char *key)
{
    static char value[100];
    char want[40];
    int n = snprintf(want, sizeof want, "# %s", key);
    for (const char *line = head; line[0] == '#'; line = strchr(line, '\n') + 1) {
        if (strncmp(line, want, (size_t)n) == 0) {
            snprintf(value, sizeof value, "%.*s", (int)strcspn(line + n, "\n"), line + n);
            return value;
        }
        if (!strchr(line, '\n')) break;
    }
    return NULL;
}

static bool read_head(const char *path, char *head, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(head, 1, size - 1, f) : 0;
    head[n] = 0;
    if (f) fclose(f);
    return n > 0;
}

/* One run; NULL when all is well, else what is wrong. */
static const char *attempt(const char *path, const char *head, bool *late)
{
    static char said[5000];
    Host h = {0};
    const char *o = option(head, "memory: ");
    DscConfig cfg = {.size = sizeof cfg,
                     .realloc_fn = counted,
                     .alloc_ud = &h,
                     .print = printed,
                     .ud = &h,
                     .max_memory = 32 << 20,
                     .time_limit = 0.2,
                     .seed = 1,
                     .has_seed = true,
                     .threads = 1,
                     .sandbox = !option(head, "files")};
    if (o) cfg.max_memory = (size_t)atof(o) << (strchr(o, 'G') ? 30 : 20);
    if ((o = option(head, "time: "))) cfg.time_limit = atof(o);
    if ((o = option(head, "steps: "))) cfg.max_steps = strtoull(o, NULL, 10);
    double allowed = (o = option(head, "late: ")) ? atof(o) : OVER_SECONDS;
    *late = false;
    DscState *S = dsc_open(&cfg);
    if (!S) return "no state";
    double begin = clock_of(CLOCK_PROCESS_CPUTIME_ID), clock = clock_of(CLOCK_MONOTONIC);
    int status = dsc_run_file(S, path);
    double spent = clock_of(CLOCK_PROCESS_CPUTIME_ID) - begin, wall = clock_of(CLOCK_MONOTONIC) - clock;
    report[0] = 0;
    dsc_report(S, DSC_REPORT_TEXT, keep, NULL);
    char code[6] = "fine";
    if (status && !strncmp(report, "error E", 7)) memcpy(code, report + 6, 5);
    h.nfirst = 0;
    int sum = dsc_prompt(S, "1 + 1", 5);
    bool answers = sum == 0 && h.nfirst == 2 && !memcmp(h.first, "2\n", 2);
    size_t left = dsc_close(S);
    double over = spent - cfg.time_limit;
#ifdef __SANITIZE_ADDRESS__
    over = 0; /* everything is slow then, and blocks are larger */
    h.most = 0;
#endif
    said[0] = 0;
    o = option(head, "stops:");
    if (!o || !strstr(o, code)) {
        snprintf(said, sizeof said, "it ends with %s, not%s\n%s", code, o ? o : " (it does not say)", report);
    } else if (over > allowed || wall > cfg.time_limit + OVER_CLOCK) {
        *late = true;
        snprintf(said, sizeof said, "it ends %.0f ms after its time limit",
                 1e3 * (over > 0 ? over : wall - cfg.time_limit));
    } else if (h.most > cfg.max_memory + OVER_BYTES) {
        snprintf(said, sizeof said, "it took %zu bytes more than its limit", h.most - cfg.max_memory);
    } else if (!answers) {
        snprintf(said, sizeof said, "afterwards 1 + 1 is %.*s", (int)h.nfirst, h.first);
    } else if (left || h.bytes) {
        snprintf(said, sizeof said, "%zu bytes are left", left ? left : h.bytes);
    }
    if (getenv("HOSTILE_VERBOSE"))
        printf("%-40s %s %7.0f ms %7.1f MiB\n", strrchr(path, '/') + 1, code, 1e3 * spent, (double)h.most / 1048576);
    return said[0] ? said : NULL;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int main(int argc, char **argv)
{
    static const char folder[] = "tests/limits/hostile";
    static char *names[SCRIPTS_MOST];
    int n = 0, bad = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && n < SCRIPTS_MOST && (e = readdir(dir));) {
        char *dot = strrchr(e->d_name, '.');
        if (dot && !strcmp(dot, ".gd")) names[n++] = strdup(e->d_name);
    }
    if (dir) closedir(dir);
    qsort(names, (size_t)n, sizeof *names, by_name);
    for (int i = 0; i < n; i++) {
        char path[400], head[1000];
        bool asked = argc < 2, late;
        for (int k = 1; k < argc; k++) asked |= !strncmp(names[i], argv[k], strlen(argv[k]));
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        free(names[i]);
        if (!asked || !read_head(path, head, sizeof head)) continue;
        const char *wrong = attempt(path, head, &late);
        for (int again = 0; wrong && late && again < 2; again++) wrong = attempt(path, head, &late);
        if (wrong) printf("%s: %s\n", strrchr(path, '/') + 1, wrong), bad++;
        fflush(stdout);
    }
    if (n < 60) printf("only %d scripts in %s\n", n, folder), bad++;
    return bad != 0;
}
