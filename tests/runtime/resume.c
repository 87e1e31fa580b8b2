/* resume.c -- a host saves a training run from a callback and another state goes on from it; with every allocation of the
** resumed run refused in turn, nothing is lost and nothing leaks.
**
** SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <unistd.h>
#include "runtime/descent.h"
#include "tests/runtime/check.h"

/* no word of snapshot() in it: the host decides */
static const char text[] =
    "use data\n"
    "model M(f) { param w = [2, 1]; state n = 0; fn (x) = { n = n + 1; sum(f(x) * w) } }\n"
    "var m = M(x -> x + 1)\nvar sum_of_losses = 0\n"
    "let r = descend m over (x,) in data.batches((x: normal(8, 2)), 3, epochs: 3)\n"
    "  using sgd(lr: 0.01, momentum: 0.5), clip_norm(1) { (m(x[0]) - 1)^2 + 0.1 * uniform(1)[0] * m.w[0] }\n"
    "  watch every 2 { sum_of_losses = sum_of_losses + loss; print(\"step\", step) }\n"
    "print(\"end\", r.losses * 1e9, m.w * 1e9, m.n, sum_of_losses * 1e9, uniform(1) * 1e9)\n";

typedef struct Host {
    DscState *S;
    const char *at; /* the line of output at which it saves, or NULL */
    char end[2000];
    bool saved;
} Host;

static void printed(void *ud, const char *s, size_t n)
{
    Host *h = ud;
    if (n >= 3 && !strncmp(s, "end", 3)) {
        memcpy(h->end, s, n < sizeof h->end ? n : sizeof h->end - 1);
    } else if (h->at && n >= strlen(h->at) && !strncmp(s, h->at, strlen(h->at))) {
        h->saved = dsc_snapshot(h->S, "run.safetensors");
    }
}

static int run(Host *h, uint64_t seed, bool resume, int64_t fail_at, bool *met)
{
    DscConfig cfg = {.size = sizeof cfg,
                     .print = printed,
                     .ud = h,
                     .threads = 1,
                     .seed = seed,
                     .has_seed = true,
                     .snapshots = h->at != NULL,
                     .sandbox = true};
    DscState *S = h->S = dsc_open(&cfg);
    if (!S) return 9;
    S->mem.fail_at = fail_at;
    int status = resume ? dsc_resume(S, "run.safetensors") : 0;
    if (!status) status = dsc_run_text(S, "fit", text, strlen(text), 0);
    if (met) *met = S->mem.fail_at == 0;
    S->mem.fail_at = 0;
    CHECK(!status || dsc_has_report(S), "request %lld", (long long)fail_at);
    CHECK(dsc_run_text(S, "after", "let x = 1 + 1", 13, 0) == 0 || status == 9, "request %lld", (long long)fail_at);
    size_t left = dsc_close(S);
    CHECK(left == 0, "%zu bytes left, request %lld", left, (long long)fail_at);
    return status;
}

int main(void)
{
    char dir[] = "/tmp/descent-resume-XXXXXX";
    if (!mkdtemp(dir) || chdir(dir) != 0) return 2;
    Host first = {.at = "step 4"}, again = {.at = NULL};
    CHECK(run(&first, 7, false, 0, NULL) == 0);
    CHECK(first.saved && first.end[0]);
    CHECK(run(&again, 8, true, 0, NULL) == 0);
    CHECK(!strcmp(first.end, again.end), "%s\n%s", first.end, again.end);
    bool met = true;
    for (int64_t n = 1; met && n < 100000; n++) {
        Host h = {.at = NULL};
        int status = run(&h, 8, true, n, &met);
        CHECK(status == 1 || status == 2 || (status == 0 && !strcmp(h.end, first.end)), "request %lld: %d",
              (long long)n, status);
    }
    CHECK(!met);
    unlink("run.safetensors");
    if (chdir("/") == 0) rmdir(dir);
    return failures != 0;
}
