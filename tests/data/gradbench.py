#!/usr/bin/env python3
"""gradbench.py -- writes gradbench.txt: GradBench questions, and what the answers must be.

Usage: python3 gradbench.py >gradbench.txt      (made with Python 3.11, NumPy 1.24, PyTorch 1.13)
None of it goes through Descent. llsq, lse: closed forms in 80-bit floats. det: cofactors in exact fractions.
ode: a scalar Runge-Kutta loop, its gradient by complex step (h = 1e-30). gmm, lstm, ba: scalar loops under
PyTorch's reverse mode in float64.
SPDX-License-Identifier: MIT
"""
import json
from fractions import Fraction
import numpy as np
import torch

rng = np.random.default_rng(5)
torch.set_default_dtype(torch.float64)
number = 0


def show(module, function, inputs, output, runs=True):
    global number
    number += 1
    if runs and isinstance(inputs, dict):
        inputs = dict(inputs, min_runs=2, min_seconds=0)
    q = {"id": number, "kind": "evaluate", "module": module, "function": function, "input": inputs}
    print("Q", json.dumps(q))
    print("A", json.dumps({"id": number, "success": True, "output": output}))


def draw(*shape, digits=3):
    return np.round(rng.normal(size=shape), digits)


# hello
show("hello", "square", 1.5, 2.25)
show("hello", "double", 1.5, 3.0)

# llsq
for m, n in ((6, 9), (3, 2), (128, 16)):
    x = draw(m)
    t = np.array([np.longdouble(-1) + np.longdouble(2 * i) / (n - 1) for i in range(n)])
    V = np.stack([t**j for j in range(m)], axis=1)
    r = np.sign(t) - V @ x.astype(np.longdouble)
    show("llsq", "primal", {"x": x.tolist(), "n": n}, float(r @ r / 2))
    show("llsq", "gradient", {"x": x.tolist(), "n": n}, [float(v) for v in -(r @ V)])

# lse: also far from 0, where exp alone overflows
for x in (draw(7), draw(5) + 2000, draw(4) - 5000):
    e = np.exp(x.astype(np.longdouble) - x.max())
    show("lse", "primal", {"x": x.tolist()}, float(x.max() + np.log(e.sum())))
    show("lse", "gradient", {"x": x.tolist()}, [float(v) for v in e / e.sum()])


# ode
def runge_kutta(x, s):
    n, h = len(x), 2 / s
    def slope(y):
        return [x[i] * (y[i - 1] if i else 1) for i in range(n)]
    y = [0 * v for v in x]
    for _ in range(s):
        k1 = slope(y)
        k2 = slope([a + h / 2 * b for a, b in zip(y, k1)])
        k3 = slope([a + h / 2 * b for a, b in zip(y, k2)])
        k4 = slope([a + h * b for a, b in zip(y, k3)])
        y = [a + h / 6 * (p + 2 * q + 2 * r + w) for a, p, q, r, w in zip(y, k1, k2, k3, k4)]
    return y


for n, s in ((5, 3), (1, 2), (8, 2), (3, 20)):
    x = [float(v) for v in np.round(rng.uniform(0.2, 1, n), 3)]
    show("ode", "primal", {"x": x, "s": s}, runge_kutta(x, s))
    g = []
    for i in range(n):
        z = [complex(v, 1e-30 if k == i else 0) for k, v in enumerate(x)]
        g.append(runge_kutta(z, s)[-1].imag / 1e-30)
    show("ode", "gradient", {"x": x, "s": s}, g)


# det
def exact_det(a):
    a = [row[:] for row in a]
    d = Fraction(1)
    for c in range(len(a)):
        p = next((r for r in range(c, len(a)) if a[r][c] != 0), None)
        if p is None:
            return Fraction(0)
        if p != c:
            a[c], a[p] = a[p], a[c]
            d = -d
        d *= a[c][c]
        for r in range(c + 1, len(a)):
            f = a[r][c] / a[c][c]
            a[r] = [u - f * v for u, v in zip(a[r], a[c])]
    return d


def cofactors(a):
    n = len(a)
    if n == 1:
        return [1.0]
    return [float((-1)**(i + j) * exact_det([[a[r][c] for c in range(n) if c != j] for r in range(n) if r != i]))
            for i in range(n) for j in range(n)]


for ell in (1, 2, 3, 5, 6):
    a = draw(ell, ell)
    if ell == 5:
        a[4] = a[0]                       # singular: the gradient is still the cofactors
    exact = [[Fraction(float(v)) for v in row] for row in a]
    flat = {"A": a.reshape(-1).tolist(), "ell": ell}
    if ell != 5:
        show("det", "primal", flat, float(exact_det(exact)))
    show("det", "gradient", flat, cofactors(exact))


# gmm
def gmm(x, alpha, mu, q, l, m, gamma):
    n, d = x.shape
    k = len(alpha)
    total = torch.zeros(())
    for i in range(n):
        terms = []
        for c in range(k):
            diff = [x[i, j] - mu[c, j] for j in range(d)]
            z = [torch.exp(q[c, j]) * diff[j] for j in range(d)]
            place = 0
            for col in range(d):
                for row in range(col + 1, d):
                    z[row] = z[row] + l[c, place] * diff[col]
                    place += 1
            terms.append(alpha[c] + q[c].sum() - sum(v * v for v in z) / 2)
        total = total + torch.logsumexp(torch.stack(terms), 0)
    total = total - n * (d / 2 * np.log(2 * np.pi) + torch.logsumexp(alpha, 0))
    N = d + m + 1
    gammas = sum(torch.lgamma(torch.tensor(N / 2 + (1 - j) / 2)) for j in range(1, d + 1))
    log_gamma = d * (d - 1) / 4 * np.log(np.pi) + gammas
    total = total + k * (N * d * (np.log(gamma) - np.log(2) / 2) - log_gamma)
    for c in range(k):
        total = total - gamma**2 / 2 * ((torch.exp(q[c])**2).sum() + (l[c]**2).sum()) + m * q[c].sum()
    return total


for d, k, n, m, gamma in ((3, 2, 4, 0, 1.0), (2, 3, 5, 2, 0.5), (4, 1, 3, 1, 1.5)):
    x, alpha, mu, q = draw(n, d), draw(k), draw(k, d), draw(k, d)
    l = draw(k, d * (d - 1) // 2)
    v = {"d": d, "k": k, "n": n, "x": x.tolist(), "m": m, "gamma": gamma, "alpha": alpha.tolist(),
         "mu": mu.tolist(), "q": q.tolist(), "l": l.tolist()}
    p = [torch.tensor(a, requires_grad=True) for a in (alpha, mu, q, l)]
    y = gmm(torch.tensor(x), *p, m, gamma)
    y.backward()
    show("gmm", "objective", v, y.item())
    show("gmm", "jacobian", v, {name: a.grad.tolist() for name, a in zip(("alpha", "mu", "q", "l"), p)})


# lstm
def lstm(main, extra, state, seq):
    c, b = seq.shape
    state = [row for row in state]
    total = torch.zeros(())
    for t in range(c - 1):
        h = seq[t] * extra[0]
        for i in range(0, len(state), 2):
            w, bias = main[i].reshape(4, b), main[i + 1].reshape(4, b)
            f = torch.sigmoid(h * w[0] + bias[0])
            u = torch.sigmoid(state[i] * w[1] + bias[1])
            o = torch.sigmoid(h * w[2] + bias[2])
            g = torch.tanh(state[i] * w[3] + bias[3])
            state[i + 1] = state[i + 1] * f + u * g
            state[i] = h = o * torch.tanh(state[i + 1])
        y = h * extra[1] + extra[2]
        total = total + (seq[t + 1] * (y - torch.log(2 + torch.exp(y).sum()))).sum()
    return -total / ((c - 1) * b)


for l, b, c in ((2, 3, 4), (1, 14, 3), (3, 2, 6)):
    main, extra, state = draw(2 * l, 4 * b), draw(3, b), draw(2 * l, b)
    seq = rng.integers(0, 2, (c, b)).astype(float)
    v = {"main_params": main.tolist(), "extra_params": extra.tolist(), "state": state.tolist(),
         "sequence": seq.astype(int).tolist()}
    p = [torch.tensor(a, requires_grad=True) for a in (main, extra)]
    y = lstm(*p, torch.tensor(state), torch.tensor(seq))
    y.backward()
    show("lstm", "objective", v, y.item())
    show("lstm", "jacobian", v, [u for a in p for u in a.grad.reshape(-1).tolist()])


# ba
def cross(a, b):
    return torch.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def residual(cam, x, w, feat):
    r, y = cam[:3], x - cam[3:6]
    if (r == 0).all():
        y = y + cross(r, y)
    else:
        a = torch.sqrt((r * r).sum())
        k = r / a
        y = y * torch.cos(a) + cross(k, y) * torch.sin(a) + k * (k * y).sum() * (1 - torch.cos(a))
    u = y[:2] / y[2]
    s = (u * u).sum()
    return w * (cam[6] * u * (1 + cam[9] * s + cam[10] * s * s) + cam[7:9] - feat)


def some(x):
    return x[:30] + x[-1:]


for n, m, p, still in ((2, 3, 4, False), (1, 2, 5, True), (3, 1, 1, False)):
    cam, x, w, feat = draw(11), draw(3), round(float(rng.normal()), 3), draw(2)
    if still:
        cam[:3] = 0
    v = {"n": n, "m": m, "p": p, "cam": cam.tolist(), "x": x.tolist(), "w": w, "feat": feat.tolist()}
    a = [torch.tensor(u, requires_grad=True) for u in (cam, x, w)]
    e = residual(*a, torch.tensor(feat))
    block = []
    for i in range(2):
        block.append(torch.cat([g.reshape(-1) for g in torch.autograd.grad(e[i], a, retain_graph=True)]).tolist())
    rows, cols, vals = [0], [], []
    for i in range(p):
        places = [11 * (i % n) + j for j in range(11)] + [11 * n + 3 * (i % m) + j for j in range(3)]
        for j in range(2):
            cols += places + [11 * n + 3 * m + i]
            vals += block[j]
            rows.append(len(cols))
    for i in range(p):
        cols.append(11 * n + 3 * m + i)
        vals.append(-2 * w)
        rows.append(len(cols))
    show("ba", "objective", v, {"reproj_error": {"elements": e.tolist(), "repeated": p},
                                "w_err": {"element": 1 - w * w, "repeated": p}})
    show("ba", "jacobian", v, {"rows": some(rows), "cols": some(cols), "vals": some(vals)})
