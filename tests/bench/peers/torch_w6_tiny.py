# SPDX-License-Identifier: MIT
"""W6: tiny work, dominated by the cost per operation.
 W6a logistic regression 569x30 (+bias), full-batch gradient descent, 2000 steps, lr 0.1 (total ms for the 2000)
 W6b Rosenbrock 2-D, 10000 gradient steps on scalars, lr 1e-3 (total ms for the 10000)
 W6c chain of 1000 elementwise ops (x*a, x+b, tanh, sin in turn) on a 10-element tensor (ns per op; fwd and fwd+bwd)
variants: eager | jit (torch.jit.script of the chain / of f)"""
import harness as H
a = H.parse(default_seconds=6, variants=("eager",)); torch = H.load_torch(a); F = torch.nn.functional
jit = torch.jit.script if a.variant == "jit" else (lambda f: f)
a.rounds = 4
X = torch.randn(569, 30); y = (torch.rand(569) > 0.5).float()
def logreg_manual():
    w = torch.zeros(30, requires_grad=True); b = torch.zeros(1, requires_grad=True)
    for _ in range(2000):
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y)
        gw, gb = torch.autograd.grad(loss, (w, b))
        with torch.no_grad(): w -= 0.1 * gw; b -= 0.1 * gb
def logreg_optim():
    lin = torch.nn.Linear(30, 1); opt = torch.optim.SGD(lin.parameters(), 0.1)
    for _ in range(2000):
        opt.zero_grad(set_to_none=True)
        F.binary_cross_entropy_with_logits(lin(X).squeeze(1), y).backward(); opt.step()
if a.variant == "eager":
    H.bench(logreg_manual, "W6a_logreg_2000steps", a, warm=1, min_steps=1, variant="manual")
    H.bench(logreg_optim, "W6a_logreg_2000steps", a, warm=1, min_steps=1, variant="optim")
def rosen(x, y):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2
rj = jit(rosen)
def rosenbrock():
    x = torch.tensor(-1.2, requires_grad=True); y = torch.tensor(1.0, requires_grad=True)
    for _ in range(10000):
        gx, gy = torch.autograd.grad(rj(x, y), (x, y))
        with torch.no_grad(): x -= 1e-3 * gx; y -= 1e-3 * gy
    return float(x), float(y)
H.bench(rosenbrock, "W6b_rosenbrock_10000steps", a, warm=1, min_steps=1)
c1 = torch.full((10,), 0.999); c2 = torch.full((10,), 0.001); x0 = torch.linspace(-1, 1, 10)
def chain(x, c1, c2):
    for _ in range(250):
        x = x * c1; x = x + c2; x = torch.tanh(x); x = torch.sin(x)
    return x
cj = jit(chain)
def fwd():
    with torch.no_grad(): cj(x0, c1, c2)
def fb():
    x = x0.clone().requires_grad_(); cj(x, c1, c2).sum().backward()
for f, n in ((fwd, "W6c_chain1000_fwd"), (fb, "W6c_chain1000_fwd_bwd")):
    H.bench(f, n, a, warm=10, min_steps=5)
