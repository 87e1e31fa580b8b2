/* alloc_fail.c -- every allocation of a run is refused once: an ordinary error each time, and nothing leaks.
**
** A script is run again and again in a fresh state whose n-th request for memory fails, n = 1, 2, ... until the run gets
** by without meeting the failure. Between the scripts below every part of the interpreter that allocates is visited.
** SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "runtime/descent.h"
#include "runtime/state.h"

static const struct {
    const char *name, *text;
} scripts[] = {
    {"values",
     "let a = (1, (x: \"s\", y: [1, 2, 3]), 2..5)\n"
     "var b = a\n"
     "b[1].y[0] = 7\n"
     "b = push(b, \"text {b[1].y} {1 / 3:.4}\")\n"
     "var s = \"\"\n"
     "for i in 0..20 { s = s + \"abc\" }\n"
     "print(a == b, len(s), sorted((3, 1, 2)), split(\"a b c\"), join((1, 2), by: \"-\"))\n"
     "let (p, q) = (1, (2, 3))\n"
     "print((...a, p, q), [i * j for i in 0..3, j in 0..4], (i for i in 0..5 if i > 2), sum(i for i in 0..9))\n"},
    {"calls", "fn f(x, k: 2, ...rest) = x + k + len(rest)\n"
              "fn g(x[n], y[n]) -> [n] = x * y\n"
              "let h = (a, b) -> (c -> a + b + c)\n"
              "print(f(1), f(1, k: 5), f(1, 2, 3, ...(4, 5)), h(1, 2)(3), g([1, 2], [3, 4]), (1, 2) |> len)\n"
              "print(try { g([1, 2], [3]) } catch e { e.code }, try { f() } catch e { e.message })\n"
              "print(map((1, 2), x -> x + 1), fold((a, i) -> (...a, i), (), 0..5), scan((a, i) -> a + i, 0, 0..5))\n"
              "fn fib(n) = if n < 2 { n } else { fib(n - 1) + fib(n - 2) }\n"
              "print(fib(8))\n"},
    {"tensors", "let a = [[1, 2], [3, 4]]\n"
                "var b = a @ a' + exp(a) * 0.1\n"
                "b[0, :] = [5, 6]\n"
                "b[b > 5] = 0\n"
                "print(b, sum(b, axis: 0), a[:, new, 0], concat((a, a)), sort([3, 1, 2]), one_hot([0, 1], 3))\n"
                "print(uniform(2, 2), permutation(4), reshape(a, 4), max(a), a as i64)\n"},
    {"loops in parts", "fn f(x) {\n"
                       "  var y = x\n"
                       "  var seen = ()\n"
                       "  for i in 0..2000 { y = y * 0.999 + 0.5 * x; if i % 1000 == 0 { seen = push(seen, [y, x]) } }\n"
                       "  y + sum(stack(seen))\n"
                       "}\n"
                       "print(grad(f)(1.1), grad(x -> fold((y, k) -> y * 0.99 + x * k, x, 0..2000))(1.1))\n"},
    {"while in parts", "fn f(x) {\n"
                       "  var (y, i) = (x, 0)\n"
                       "  while true { y = y * 0.99 + 0.5 * x; i += 1; if i > 1200 { return y * x } }\n"
                       "}\n"
                       "print(grad(grad(f))(1.1), jvp(grad(f), 1.1, 1), grad(x -> jvp(f, x, 1)[1])(1.1))\n"},
    {"items in parts", "fn f(t) { var y = 0; for x in t { y = y * 0.99 + x; if x > 2 { break } }; y }\n"
                       "print(sum(grad(f)(linspace(0, 1, 1500))))\n"
                       "print(grad(x -> sum(scan((y, k) -> y * 0.99 + x * k, x, 0..1500)))(1.1))\n"},
    {"derivatives", "fn cube(x) = x ^ 3\n"
                    "adjoint cube(x, y, dy) = 3 * x ^ 2 * dy\n"
                    "print(grad(x -> sum(sin(x) * x))([1, 2, 3]), cube'(2), grad(grad(x -> x ^ 4))(2))\n"
                    "let (v, g) = value_and_grad(t -> t.a ^ 2 + sum(t.b))((a: 1, b: [1, 2]))\n"
                    "print(v, g, check_grad(x -> x * x, 3).error < 1e-6)\n"
                    "let (y, pull) = vjp(x -> x * 2, [1, 2])\n"
                    "print(y, pull([1, 1]), grad(v -> sum(pull(v)^2))([1, 1]))\n"
                    "print(grad(x -> { let (y, q) = vjp(z -> cube(z) * x, x); q(y) })(2))\n"},
    {"forward",
     "fn twice(x) = x * 2\n"
     "tangent twice(x, dx) = dx * 2\n"
     "fn cube(x) = x ^ 3\n"
     "adjoint cube(x, y, dy) = 3 * x ^ 2 * dy\n"
     "fn f(x) { var y = x; y[0] = x[1] * y[0]; twice(y) * sum(cube(x)) }\n"
     "print(jvp(f, [1, 2], [1, 0]), grad(x -> sum(f(x)))([1, 2]), jacobian(f)([1, 2]), hessian(x -> sum(f(x)))([1, 2]))\n"
     "let J = jacobian(x -> x[1:] * x[0] + sin(x[:-1]), sparse: true)([1, 2, 3])\n"
     "print(to_dense(J), hessian(x -> sum(x[1:] * x[:-1]^2), sparse: true)([1, 2, 3]).values)\n"
     "print(jacobian(x -> x[1:] * x[0], sparse: true, pattern: J, mode: \"forward\")([1, 2, 3]).values)\n"
     "var rows = ones(90, 2)\n"
     "descend rows using sgd(0.1) for 2 { sum(rows[[1, 1, 4]]^2) + sum(rows[[2]]) }\n"
     "fn pole(x) = 1 / x\n"
     "adjoint pole(x, y, dy) = dy / (x - x)\n"
     "print(try { descend rows using gd(1) for 1 { sum(checkpoint(u -> pole(u[0, 0]) * u)(rows)) } } catch e { e.code })\n"
     "model Pair() { param a[2] = 1\n  param b = 2 }\n"
     "print(hessian(m -> sum(m.a) * m.b^2, sparse: true)(Pair()).values)\n"
     "print(hvp(t -> t.a ^ 2 * sum(t.b), (a: 1, b: [1, 2]), (a: 1, b: [0, 1])), jvp(x -> jvp(f, x, [1, 0])[1], [1, 2], [0, 1]))\n"
     "print(grad(x -> sum(checkpoint(u -> (u * normal(2)))(x)) + checkpoint(f)(x)[0])([1, 2]))\n"},
    {"training", "use nn\n"
                 "use data\n"
                 "seed(1)\n"
                 "model Net(n) {\n"
                 "  param s > 0 = 1\n"
                 "  let body = (nn.Linear(2, n), nn.Linear(n, 1))\n"
                 "  state calls = 0\n"
                 "  fn (x) { calls += 1; s * body[1](tanh(body[0](x))) }\n"
                 "}\n"
                 "var net = Net(3)\n"
                 "var o = adam(lr: 0.01)\n"
                 "let set = (x: [[1, 2], [3, 4], [5, 6]], y: [[1], [2], [3]])\n"
                 "let r = descend net over b in data.batches(set, 2, epochs: 2) using o, clip_norm(1) {\n"
                 "  mean((net(b.x) - b.y) ^ 2)\n"
                 "} watch every 2 { print(step, loss) }\n"
                 "print(r.steps, net.calls, net(set.x).shape)\n"
                 "var w = [1, 2]\n"
                 "descend w using lbfgs() for 3 until loss < 1e-9 { sum((w - 1) ^ 2) }\n"
                 "descend w using lm() for 2 { w * w - 2 }\n"
                 "print(try { descend w using gd(lr: 1) for 2 { sum(log(-w ^ 2)) } } catch e { e.code })\n"},
    {"factorisations",
     "let A = [[4, 1, 2], [1, 3, 0], [2, 0, 5]]\n"
     "print(solve(A, [1, 2, 3]), solve(stack((A, A)), ones(3, 2)).shape, lu(A).l, qr(A).r, eigh(A).values, svd(A).s)\n"
     "print(slogdet(A), lstsq(A, [1, 2, 3]), pinv(A), cond(A), matrix_rank(A), matrix_power(A, -2), expm(A / 8))\n"
     "print(grad(a -> sum(solve(a, [1, 2, 3])) + det(a) + sum(qr(a).q) + sum(svd(a).s) + sum(cholesky(a)))(A))\n"
     "print(grad(a -> grad(b -> sum(expm(b)) + sum(eigh(b).values))(a)[0, 0])(A / 8))\n"
     "print(try { solve(ones(2, 2), [1, 1]) } catch e { e.code })\n"},
    {"unrolled",
     "fn t(a) { var w = [1, a]\n  descend w using adamw(lr: 0.1), clip_norm(1) for 2 { sum((w - a) ^ 2) }\n  w[0] }\n"
     "print(grad(t)(2), grad(grad(t))(2))\n"
     "let inner = x -> grad(y -> sum(x * y ^ 3))(x)\n"
     "print(grad(x -> sum(inner(x)))([1, 2]), grad(x -> grad(y -> grad(z -> x * y * z ^ 2)(y))(x))(3))\n"
     "print(grad(x -> { var s = 0\n  var i = 0\n  while s < 9 { i += 1\n    s += x[i % 2] * i }\n  s })([1, 2]))\n"
     "print(grad(x -> { var v = x * 2\n  v[0] = v[1] ^ 2\n  v[1:] = 3 * v[:2]\n  sum(v) })([1, 2, 3]))\n"
     "fn fib(x, n) = if n < 2 { x } else { fib(x, n - 1) + fib(x * x, n - 2) }\n"
     "print(grad(x -> fib(x, 5))(1.1), grad(a -> sum([a[i] * a[j] for i, j]))([1, 2]))\n"
     "print(grad(m -> m.a ^ 2 + sum(m.b[0] @ m.b[0]'))((a: 1, b: ([[1, 2], [3, 4]], \"text\"))))\n"},
    {"optimisers", "var w = (a: [1, 2], b: 3)\n"
                   "descend w using adam(lr: cosine(0.1, steps: 3)), clip_norm(1) for 3 { sum(w.a ^ 2) + w.b ^ 2 }\n"
                   "var v = [1, 2] as f32\n"
                   "descend v using sgd(lr: 0.1, momentum: 0.9, nesterov: true), clip_value(2) for 2 { sum(v ^ 2) }\n"
                   "var u = 4\n"
                   "descend u using rmsprop(lr: warmup(0.1, steps: 2)) for 2 { u ^ 2 }\n"
                   "var p = [-1.2, 1]\n"
                   "descend p using lbfgs(memory: 2) for 4 { (1 - p[0]) ^ 2 + 100 * (p[1] - p[0] ^ 2) ^ 2 }\n"
                   "var q = (x: -1.2, y: 1)\n"
                   "descend q using lm() for 2 { [1 - q.x, 10 * (q.y - q.x ^ 2)] }\n"
                   "let r = descend q using gauss_newton() for 1 { [1 - q.x, 10 * (q.y - q.x ^ 2)] }\n"
                   "print(r, w, v, u, p, q)\n"},
    {"more tensors",
     "let x = [[1, 2, 3], [0.5, -1, 0]]\n"
     "print(cross_entropy(x, [2, 0]), grad(x -> cross_entropy(x, [2, 0]))(x), accuracy(x, [2, 1]))\n"
     "print(huber(x, 0), bce([0.5], [1]), orthogonal(3, 2).shape, softmax(x), argmax(x, axis: 1))\n"
     "print(median(x), quantile(x, 0.3), unique([1, 2, 1]), topk([3, 1, 2], 2), cumsum(x, axis: 1))\n"
     "print(solve([[2, 1], [1, 3]], [1, 2]), det([[2, 1], [1, 3]]), einsum(\"ij,kj->ik\", x, x))\n"
     "print(gather(x, 1, [[0, 1], [1, 0]]), stack((x, x)), split(x, 2, axis: 0), tile(x, 1, 2), roll(x, 1))\n"
     "print(where(x > 0, x, 0), x[[1, 0]], x[:, ::2], x as f32 as i32, zeros(40, 40), permute(x, 1, 0))\n"
     "print(grad(x -> sum(sort(x)[:2]) + max(x) + norm(x) + prod(x))([3, 1, 2]))\n"},
    {"networks",
     "let x = [[1, 2, 3], [0.5, -1, 0]]\n"
     "let g = grad(p -> sum(layer_norm(p[0], p[1]) ^ 2))((x, [1, 2, 3]))\n"
     "print(g, batch_norm(x, 2), batch_norm(x, mean: 0, var: 1), group_norm(x, 3), rms_norm(x as f32, [1, 2, 3]))\n"
     "print(grad(q -> sum(attention(q, x, x, [[true, false], [false, false]])))(x))\n"
     "print(attention(x, x, x, [0, 1], causal: true), cross_entropy(x, [2, 0], label_smoothing: 0.1))\n"
     "let s = lstm_cell(x, (x[:, :1], x[:, 1:2]), ones(3, 4), ones(1, 4), zeros(4))\n"
     "print(s, grad(x -> sum(gru_cell(x, x[:, :1], ones(3, 3), ones(1, 3)) ^ 2))(x))\n"
     "print(try { layer_norm(x, [1]) } catch e { e.code }, try { cross_entropy(x, [9, 0]) } catch e { e.code })\n"},
    {"mistakes", "let a = (x, y) -> x + y\n"
                 "let messages = (try { a([1, 2], [1, 2, 3]) } catch e { e.message },\n"
                 "  try { (a: 1).b } catch e { e.message }, try { [1, 2][5] } catch e { e.message },\n"
                 "  try { try { error(\"one\") } catch e { error(e) } } catch e { (e.message, e.line, e.code) },\n"
                 "  try { grad(x -> sum(log(x) * \"s\"))([1, 2]) } catch e { e.message },\n"
                 "  try { load(\"no such file\") } catch e { e.message }, try { number(\"12x\") } catch e { e.message })\n"
                 "print(messages)\n"
                 "fn deep(n) = if n == 0 { error(\"deep\") } else { deep(n - 1) }\n"
                 "print(try { deep(50) } catch e { e.message })\n"},
    {"modules",
     "save(\"m.gd\", \"## adds\\nfn add(a, b) = a + b\\nlet k = [1, 2]\\nmodel M() \\{ param w = 2; fn (x) = w * x }\\n\")\n"},
    {"uses a module", "use \"m.gd\" as m\nuse nn\nlet q = m.M()\nprint(m.add(1, m.k), q(3), q, m, nn.Linear(2, 1))\n"},
    {"texts",
     "let s = \"\u03b8 caf\u00e9 {1 / 3:.3f} {[1, 2]} {\"in\" + str(nil):8}\"\n"
     "print(upper(s), s[1:3], s[::2], chars(\"ab\"), codes(\"ab\"), bytes(\"ab\"), find(s, \"caf\"), replace(s, \"c\", \"kk\"))\n"
     "for (k, v) in items((a: 1, b: (c: 2))) { print(k, v) }\n"
     "var r = (a: (b: (1, [1, 2])), c: nil)\n"
     "r.a.b[1][0] = 5\nr[\"d\"] = 3\n"
     "print(r, keys(r), has(r, \"a\"), zip((1, 2), (3, 4)), reversed((1, 2)), enumerate((4, 5)))\n"
     "let (x, (y, z)) = (1, (2, 3))\n"
     "let f = if x < y { v -> v + z } else { nil }\n"
     "print(f(1), 0..3, (i for i in 0..100), type(f), str((1, \"q\")))\n"},
    {"many at once",
     "let x = [sin(i) for i in 0..40]\n"
     "let X = [[x[i] + j for j in 0..3] for i in 0..40]\n"
     "fn f(w, r) = if r[0] > 0 { dot(w, r) ^ 2 } else { sum(r) }\n"
     "let w = [1, 2, 3]\n"
     "print(sum(vmap(grad(f), axes: (nil, 0))(w, X)), grad(u -> sum(vmap(r -> f(u, r))(X)))(w))\n"
     "print(vmap((r, i) -> (a: r[i], b: { var q = r; q[0] = i; q }), axes: (0, 0))(X[:3], [0, 2, 1]))\n"
     "print(sum(x[i] * X[i, 1] for i in 0..39), max(x[39 - i] for i in 0..40), vmap(u -> sum(vmap(v -> v * u)(w)))(w))\n"
     "print(sum([x[i] for i in 0..36] * [if i < 20 { x[i] } else { 1 } for i in 0..36]))\n"
     "print(vmap(r -> jvp(u -> cumsum(u) @ [1, 0, 2], r, w)[1])(X[:4]), vmap(r -> hessian(u -> sum(u ^ 3))(r))(X[:2]))\n"
     "print(try { vmap(r -> [x[100 * r[0]]])(X) } catch e { e.code }, vmap(r -> \"{r[0]}\" == \"0\")(X[:2]))\n"
     "print(try { vmap((a, b) -> a)(w, x) } catch e { e.code }, vmap(r -> normal(2))(w).shape)\n"},
    {"wrong at run time", "let a = [1, 2]\nfn f(x) = x + [1, 2, 3]\nprint(f(a))\n"},
    {"wrong in its text", "let b = (1, 2\nlet c = d + e\nprint(pront)\nfn f(x) { x = 3 }\ndef q() {}\n"},
    {"files",
     "save(\"t.safetensors\", (a: [1, 2], b: (\"x\", nil, true, 2..3)))\n"
     "save(\"t.csv\", (a: (1, 2), b: (\"x\", \"y,z\")))\n"
     "save(\"t.npz\", (a: [1, 2], b: [[true]]))\n"
     "save(\"t.json\", (a: (1, 2), b: \"q\"))\n"
     "save(\"t.txt.gz\", \"one\\ntwo\\n\")\n"
     "save(\"t.idx\", [1, 2] as u8)\n"
     "print(load(\"t.safetensors\"), load(\"t.csv\"), load(\"t.npz\"), load(\"t.json\"), load(\"t.txt.gz\"), load(\"t.idx\"))\n"
     "for l in lines(\"t.txt.gz\") { print(l) }\n"},
    {"snapshots",
     "use data\n"
     "model M(f) { param w = 2; state n = 0; fn (x) = { n = n + 1; f(x) * w } }\n"
     "var m = M(x -> x)\nvar best = nil\n"
     "descend m over (x,) in data.batches((x: [1, 2, 3]), 2) using sgd(lr: 0.1, momentum: 0.5), clip_norm(1) {\n"
     "  sum((m(x) - 1)^2)\n"
     "} watch every 1 { best = m; save(\"r.safetensors\", snapshot()) }\n"},
    {"JSON",
     "let q = json_parse(\"[[[1, 2], [3, 4]], [[5], [6]], \\\"a\\\\nb\\\", \\{\\\"x\\\": 0.10000000000000000000001\\}]\")\n"
     "print(q, json_text(q))\n"
     "let many = \"\\{\" + join((\"\\\"k{i}\\\": [1]\" for i in 0..70), \",\") + \"\\}\"\n"
     "print(len(json_parse(many)))\n"
     "try { json_parse(\"[1, [2, x]]\") } catch e { print(e.message) }\n"},
    {"solvers", "print(grad(a -> sum(root(v -> [v[0]^2 - a, v[1] - v[0]], [1.5, 1])))(2))\n"
                "print(fixed_point(x -> (a: cos(x.a), b: x.a), (a: 0.7, b: 1), tol: 1e-2, report: true).steps)\n"
                "print(minimize(x -> sum((x - 2)^2), [1, 1]))\n"},
    {"differential equations",
     "print(grad(k -> odeint((t, y) -> -k * y, [1], [0, 0.5], method: \"rk4\", gradient: \"adjoint\")[1, 0])(1))\n"
     "print(odeint((t, y) -> (a: -y.b, b: y.a), (a: 1, b: [0] as f32), [0, 0.1], method: \"rk4\").a)\n"
     "print(odeint((t, y) -> -y, 1, [0, 1e-4], rtol: 1e-2))\n"},
};

static char report[8192];

static void drop(void *ud, const char *s, size_t n)
{
    (void)ud;
    (void)s;
    (void)n;
}

static void keep(void *ud, const char *s, size_t n)
{
    (void)ud;
    size_t len = strlen(report);
    if (len + n < sizeof report) memcpy(report + len, s, n), report[len + n] = 0;
}

/* One run with the n-th request refused, none when n is 0. *status: its exit status; *met: the failure was met. False:
** memory is left, or the failure is not what the run ended with. A request that can be done without may fail unseen, and
** what a `try` cannot catch stays the error that it was. */
static bool run(size_t i, int64_t n, int clean, int *status, bool *met)
{
    DscConfig cfg = {.size = sizeof cfg, .print = drop, .seed = 1, .has_seed = true, .threads = 1};
    if (strstr(scripts[i].name, "in parts")) cfg.tape_memory = 1 << 15;
    DscState *S = dsc_open(&cfg);
    if (!S) return false;
    S->mem.fail_at = n;
    *status = dsc_run_text(S, "<text>", scripts[i].text, strlen(scripts[i].text), 0);
    *met = n > 0 && S->mem.fail_at == 0; /* counted down to nothing */
    S->mem.fail_at = 0;
    report[0] = 0;
    dsc_report(S, DSC_REPORT_TEXT, keep, NULL);
    size_t left = dsc_close(S);
    bool ok = n == 0 || *status == clean || strstr(report, "E0501") || (*status && strstr(scripts[i].text, "try"));
    if (left || !ok)
        fprintf(stderr, "%s, request %lld: status %d, %zu bytes left\n%s", scripts[i].name, (long long)n, *status, left,
                report);
    return !left && ok;
}

/* alloc_fail [SCRIPT [REQUEST]]: one script by its name, or one request of it, as the messages name them. */
int main(int argc, char **argv)
{
    char dir[] = "/tmp/descent-alloc-XXXXXX";
    if (!mkdtemp(dir) || chdir(dir) != 0) return 2;
    int bad = 0, status;
    bool met;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts && bad < 10; i++) {
        const char *name = scripts[i].name;
        int clean = strstr(name, "wrong in") ? 2 : strstr(name, "wrong at") ? 1 : 0;
        if (argc > 1 && strcmp(name, argv[1]) != 0 && strcmp(name, "modules") != 0) continue;
        if (!run(i, 0, clean, &status, &met) || status != clean) {
            fprintf(stderr, "%s ends with status %d, not %d\n%s", name, status, clean, report);
            bad++;
        }
        int64_t n = argc > 2 ? atoll(argv[2]) : 1;
        do {
            if (!run(i, n, clean, &status, &met)) bad++;
        } while (n++, met && bad < 10 && argc < 3);
        if (argc > 1) printf("%s: %lld requests\n", name, (long long)n - 2);
    }
    static const char *const files[] = {"t.safetensors", "t.csv", "t.npz", "t.json",
                                        "t.txt.gz",      "t.idx", "m.gd",  "r.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
    if (chdir("/") != 0 || rmdir(dir) != 0) fprintf(stderr, "something was left in %s\n", dir), bad++;
    return bad != 0;
}
