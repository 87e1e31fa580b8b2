/* main.c -- runs a fuzz target without libFuzzer: every seed, then mutants of the seeds for a while.
**
** Usage: NAME [FILE...]      from the top of the sources; with files, only these are run. FUZZ_SECONDS (2) says how long it
** mutates, FUZZ_SEED (1) how. An input that crashes, or takes more than 20 seconds, is left in the file fuzz-NAME.crash of
** the working folder or, when that is not writable, of /tmp.
** SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tests/fuzz/fuzz.h"

enum { SEEDS_MOST = 4096, INPUT_MOST = 1 << 16, HANGS_AFTER = 20 };

typedef struct Input {
    uint8_t *p;
    size_t len;
} Input;

static Input seeds[SEEDS_MOST];
static size_t nseeds;
static Input now;          /* what runs */
static char crash[2][200]; /* where it is kept */

static void on_crash(int sig)
{
    for (int i = 0; i < 2; i++) {
        int fd = open(crash[i], O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fd < 0) continue;
        static const char said[] = "the input is kept: ";
        ssize_t n = write(fd, now.p, now.len);
        n += write(2, said, sizeof said - 1) + write(2, crash[i], strlen(crash[i])) + write(2, "\n", 1);
        close(fd);
        if (n) break;
    }
    signal(sig, SIG_DFL);
    raise(sig);
}

static void run(const uint8_t *p, size_t len)
{
    /* a copy of its own size, so that a sanitizer sees what reads past the end */
    now = (Input){malloc(len + !len), len};
    if (!now.p) return;
    if (len) memcpy(now.p, p, len);
    alarm(HANGS_AFTER);
    LLVMFuzzerTestOneInput(now.p, len);
    alarm(0);
    free(now.p);
    now = (Input){0};
}

static bool read_all(const char *path, Input *in)
{
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    in->p = malloc(INPUT_MOST);
    in->len = in->p ? fread(in->p, 1, INPUT_MOST, f) : 0;
    fclose(f);
    return in->p != NULL;
}

static int add_seed(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)ftw;
    size_t n = strlen(path);
    if (strstr(path, "/hostile/")) return 0; /* they run into their limits, which takes time */
    for (int i = 0; kind == FTW_F && fuzz_endings[i] && nseeds < SEEDS_MOST; i++) {
        size_t k = strlen(fuzz_endings[i]);
        if (n < k || strcmp(path + n - k, fuzz_endings[i]) != 0) continue;
        nseeds += read_all(path, &seeds[nseeds]);
        break;
    }
    return 0;
}

/* ---- mutants ---- */

static uint64_t word = 1;

static size_t below(size_t n) /* xorshift64* of Vigna 2016 */
{
    word ^= word >> 12, word ^= word << 25, word ^= word >> 27;
    return n ? (size_t)((word * 0x2545F4914F6CDD1Du) >> 20) % n : 0;
}

static const char *const words[] = {
#define WORD(w) w,
#include "tests/fuzz/words.h"
#undef WORD
};

/* Puts n bytes in at `at`, in the place of `gone` bytes. */
static size_t swap_in(uint8_t *p, size_t len, size_t at, size_t gone, const uint8_t *from, size_t n)
{
    if (gone > len - at) gone = len - at;
    if (len - gone + n > INPUT_MOST) return len;
    memmove(p + at + n, p + at + gone, len - at - gone);
    memcpy(p + at, from, n);
    return len - gone + n;
}

static size_t mutate(uint8_t *p, size_t len)
{
    static const uint64_t odd[] = {0,
                                   1,
                                   0x7F,
                                   0x80,
                                   0xFF,
                                   0x7FFF,
                                   0x8000,
                                   0xFFFF,
                                   0x7FFFFFFF,
                                   0x80000000,
                                   0xFFFFFFFF,
                                   0x7FFFFFFFFFFFFFFF,
                                   0x8000000000000000,
                                   0xFFFFFFFFFFFFFFFF,
                                   0x10000,
                                   1000000007};
    static uint8_t piece[INPUT_MOST];
    size_t at = below(len + 1), n = 1 + below(below(4) ? 8 : 200);
    if (n > len - at) n = len - at;
    switch (below(fuzz_text ? 9 : 7)) {
    case 0:
        if (at < len) p[at] ^= (uint8_t)(1u << below(8));
        return len;
    case 1:
        if (at < len) p[at] = (uint8_t)below(256);
        return len;
    case 2: return swap_in(p, len, at, n, p, 0);
    case 3: /* a piece of it again, elsewhere */
        memcpy(piece, p + at, n);
        return swap_in(p, len, below(len + 1), below(2) ? n : 0, piece, n);
    case 4: { /* a number that is at the edge of something */
        size_t size = (size_t)1 << below(4);
        return swap_in(p, len, at, size, (const uint8_t *)&odd[below(sizeof odd / sizeof *odd)], size);
    }
    case 5: { /* a piece of another seed */
        const Input *s = &seeds[below(nseeds)];
        size_t from = below(s->len), m = 1 + below(100);
        if (m > s->len - from) m = s->len - from;
        return swap_in(p, len, at, below(2) ? m : 0, s->p + from, m);
    }
    case 6: return at; /* cut off */
    default: {
        const char *w = words[below(sizeof words / sizeof *words)];
        return swap_in(p, len, at, below(2) ? strlen(w) : 0, (const uint8_t *)w, strlen(w));
    }
    }
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM};
    const char *name = strrchr(argv[0], '/'), *limit = getenv("FUZZ_SECONDS"), *seed = getenv("FUZZ_SEED");
    name = name ? name + 1 : argv[0];
    snprintf(crash[0], sizeof crash[0], "%.150s.crash", name);
    snprintf(crash[1], sizeof crash[1], "/tmp/%.150s.crash", name);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], on_crash);
    for (int i = 1; i < argc; i++) {
        Input in;
        if (!read_all(argv[i], &in)) return 2;
        run(in.p, in.len);
        free(in.p);
    }
    if (argc > 1) return 0;
    nftw("tests", add_seed, 16, FTW_PHYS);
    nftw("examples", add_seed, 16, FTW_PHYS);
    if (!nseeds) {
        fprintf(stderr, "%s: no seeds; it runs from the top of the sources\n", name);
        return 2;
    }
    double end = seconds() + (limit ? atof(limit) : 2);
    size_t runs = 0;
    /* the inputs that once were faults first, then as many of the seeds as there is time for: they are tests elsewhere */
    for (size_t i = 0; i < nseeds && (runs < 200 || seconds() < end); i++, runs++) run(seeds[i].p, seeds[i].len);
    word = seed ? strtoull(seed, NULL, 10) * 2 + 1 : 1;
    static uint8_t p[2 * INPUT_MOST];
    end = seconds() + (limit ? atof(limit) : 2);
    for (; seconds() < end; runs++) {
        const Input *s = &seeds[below(nseeds)];
        size_t len = s->len;
        memcpy(p, s->p, len);
        for (size_t k = 1 + below(6); k > 0; k--) len = mutate(p, len);
        run(p, len);
    }
    for (size_t i = 0; i < nseeds; i++) free(seeds[i].p);
    printf("%s: %zu runs of %zu seeds\n", name, runs, nseeds);
    return 0;
}
