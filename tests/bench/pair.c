/* pair.c -- runs two commands in turn, whole processes, and compares time and peak memory.
**
**   pair N NAME COMMAND... [-- NAME COMMAND...]
**
** prints `NAME median_ms min_ms rss_mb` for each and, for two, `ratio` of the medians and `apart`,
** the difference of the two peaks in bytes. The commands alternate, so that whatever else the
** machine does hits both. It is a small C program because a child's peak memory starts from its
** parent's. Exit status 1 when a command fails.
** SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RUNS = 1000, WARM_UP = 1 };

typedef struct Side {
    char **command; /* name first */
    double ms[MAX_RUNS];
    long rss_kb;
} Side;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

/* Runs the command once with its output thrown away; false when it fails. */
static int run(Side *side, double *ms)
{
    struct rusage used;
    int status;
    double start = now_ms();
    pid_t pid = vfork();
    if (pid == 0) {
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        execvp(side->command[1], side->command + 1);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &used) < 0) return 0;
    *ms = now_ms() - start;
    if (used.ru_maxrss > side->rss_kb) side->rss_kb = used.ru_maxrss;
    return status == 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static Side side[2];
    int n_sides = 1, n = argc > 1 ? atoi(argv[1]) : 0;
    if (argc < 4 || n < 1 || n > MAX_RUNS) {
        fprintf(stderr, "usage: pair N NAME COMMAND... [-- NAME COMMAND...]\n");
        return 2;
    }
    side[0].command = argv + 2;
    for (int i = 2; i + 2 < argc && n_sides == 1; i++) {
        if (strcmp(argv[i], "--") != 0) continue;
        argv[i] = NULL;
        side[1].command = argv + i + 1;
        n_sides = 2;
    }
    for (int k = -WARM_UP; k < n; k++) {
        for (int s = 0; s < n_sides; s++) {
            double ms;
            if (!run(&side[s], &ms)) {
                fprintf(stderr, "pair: %s failed\n", side[s].command[0]);
                return 1;
            }
            if (k >= 0) side[s].ms[k] = ms;
        }
    }
    for (int s = 0; s < n_sides; s++) {
        qsort(side[s].ms, (size_t)n, sizeof side[s].ms[0], ascending);
        printf("%s %.3f %.3f %.1f\n", side[s].command[0], side[s].ms[n / 2], side[s].ms[0],
               side[s].rss_kb / 1024.0);
    }
    if (n_sides == 2) {
        printf("ratio %.3f\n", side[0].ms[n / 2] / side[1].ms[n / 2]);
        printf("apart %ld\n", (side[0].rss_kb - side[1].rss_kb) * 1024);
    }
    return 0;
}
