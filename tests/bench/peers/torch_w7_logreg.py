# SPDX-License-Identifier: MIT
"""W7: logistic regression 100000x100 float32, full batch. Prints (a) one loss+gradient evaluation,
(b) one torch.optim.LBFGS step with max_iter=1, history 10, no line search (1 evaluation + two-loop recursion),
(c) a strong-Wolfe LBFGS run, max_iter 20, from zero (total ms, evaluations, loss)."""
import harness as H, time
a = H.parse(default_seconds=5); torch = H.load_torch(a); F = torch.nn.functional
N, D = 100000, 100
X = torch.randn(N, D); y = ((X @ torch.randn(D) + 2 * torch.randn(N)) > 0).float()
w = torch.zeros(D, requires_grad=True)
def grad():
    w.grad = None; l = F.binary_cross_entropy_with_logits(X @ w, y); l.backward(); return l
H.bench(grad, "W7_logreg_grad", a, warm=5)
with torch.no_grad(): w.zero_()
opt = torch.optim.LBFGS([w], lr=0.5, max_iter=1, history_size=10, tolerance_grad=0, tolerance_change=0)
def clo():
    opt.zero_grad(); l = F.binary_cross_entropy_with_logits(X @ w, y); l.backward(); return l
H.bench(lambda: opt.step(clo), "W7_logreg_lbfgs_step", a, warm=12)
ev = 0
def full():
    global ev
    w2 = torch.zeros(D, requires_grad=True); ev = 0
    o = torch.optim.LBFGS([w2], max_iter=20, history_size=10, line_search_fn="strong_wolfe")
    def c():
        global ev
        ev += 1; o.zero_grad(); l = F.binary_cross_entropy_with_logits(X @ w2, y); l.backward(); return l
    o.step(c); return float(c())
l = full(); n = ev - 1
H.bench(full, "W7_logreg_lbfgs20_wolfe_total", a, warm=1, min_steps=2, extra=dict(evals=n + 1, loss=round(l, 6)))
