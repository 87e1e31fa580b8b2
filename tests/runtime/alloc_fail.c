/* alloc_fail.c -- each allocation of some programs fails in turn: the run ends with E0501, and nothing is left.
**
** SPDX-License-Identifier: MIT */
#include "runtime/descent.h"
#include "tests/runtime/check.h"
#include <stdlib.h>

static const char *const programs[] = {
    "var xs = ()\nfor i in 0..20 { xs = (...xs, (i, \"item {i:.3} \" + str(i))) }\nlet r = (a: xs, b: [1, 2])\nprint(r.a[3][1])",
    "fn f(x, k: 2) = x^k\nlet g = [f(i) for i in 0..4]\nlet h = (f(x, k: 3) for x in (1, 2))\n"
    "try { error(\"no\") } catch e { e.message }\nprint(sum(g), h, grad(f)(3))",
    "model M(n) { param W[n] = he()\n state s = 0\n let k = 2\n fn (x) { s += 1; sum(W * x) * k } }\nvar m = M(3)\n"
    "m([1, 2, 3])\nlet d = grad(m -> m([1, 2, 3]))(m)\nm = m - 0.1 * d\nprint(m, d.W)",
    "var w = (a: [1, 2], b: 3)\ndescend w using adam(lr: cosine(0.1, steps: 3)), clip_norm(1) for 3 { sum(w.a^2) + w.b^2 }\n"
    "var v = [1, 2] as f32\ndescend v using sgd(lr: 0.1, momentum: 0.9), clip_value(2) for 2 { sum(v^2) }\n"
    "var u = 4\ndescend u using rmsprop() for 2 { u^2 }",
    "var p = [-1.2, 1]\ndescend p using lbfgs(memory: 2) for 4 { (1 - p[0])^2 + 100 * (p[1] - p[0]^2)^2 }\n"
    "var q = (x: -1.2, y: 1)\ndescend q using lm() for 2 { [1 - q.x, 10 * (q.y - q.x^2)] }\n"
    "descend q using gauss_newton() for 1 { [1 - q.x, 10 * (q.y - q.x^2)] }",
    "fn t(a) { var w = [1, a]\n descend w using adamw(lr: 0.1), clip_norm(1) for 2 { sum((w - a)^2) }\n w[0] }\nprint(grad(t)(2))",
    "let x = [[1, 2, 3], [0.5, -1, 0]]\nprint(cross_entropy(x, [2, 0]), grad(x -> cross_entropy(x, [2, 0]))(x))\n"
    "print(huber(x, 0), bce([0.5], [1]), accuracy(x, [2, 1]), orthogonal(3, 2).shape)",
    "let a = [1, 2] + [1, 2, 3]", /* wrong at run time (1), wrong in its text (2) */
    "let b = (1, 2\nlet c = d + e\nprint(pront)",
};

enum { NGOOD = sizeof programs / sizeof *programs - 2 };

static void quiet(void *ud, const char *s, size_t n)
{
    (void)ud;
    (void)s;
    (void)n;
}

static char last[4096];
static void keep(void *ud, const char *s, size_t n)
{
    (void)ud;
    size_t len = strlen(last);
    if (len + n < sizeof last) memcpy(last + len, s, n), last[len + n] = 0;
}

/* Runs program k with the n-th request failing; true when the failure was not reached. */
static bool run(size_t k, int64_t n, int *clean)
{
    DscConfig config = {.size = sizeof config, .print = quiet, .seed = 1, .has_seed = true, .threads = 1};
    DscState *S = dsc_open(&config);
    if (!S) return true;
    S->mem.fail_at = n;
    int status = dsc_run_text(S, "program.gd", programs[k], strlen(programs[k]), 0);
    bool reached = n > 0 && S->mem.fail_at == 0;
    S->mem.fail_at = 0;
    last[0] = 0;
    dsc_report(S, DSC_REPORT_TEXT, keep, NULL);
    if (!n) *clean = status;
    /* a request that can be done without may fail unseen; what `try` could not catch stays the error that it was */
    bool ok = status == *clean || strstr(last, "E0501") || strstr(programs[k], "try");
    CHECK(ok, "program %zu, request %lld: status %d\n%s", k, (long long)n, status, last);
    size_t left = dsc_close(S);
    CHECK(left == 0, "program %zu, request %lld: %zu bytes left", k, (long long)n, left);
    return !reached;
}

int main(int argc, char **argv)
{
    for (size_t k = 0; k < sizeof programs / sizeof *programs && failures < 20; k++) {
        int clean = 0;
        if (argc > 2 && (size_t)atoi(argv[1]) != k) continue; /* PROGRAM REQUEST: just that one */
        run(k, 0, &clean);
        CHECK(clean == (k < NGOOD ? 0 : (int)(k - NGOOD) + 1), "program %zu: status %d\n%s", k, clean, last);
        if (argc > 2) run(k, atoi(argv[2]), &clean);
        else
            for (int64_t n = 1; failures < 20 && !run(k, n, &clean); n++) {}
    }
    return failures != 0;
}
