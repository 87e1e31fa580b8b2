"""gradbench_torch.py -- GradBench's lse, gmm and lstm in PyTorch, printed as gradbench.gd prints them.

One thread; each the way one writes it in PyTorch: whole arrays, a Python loop over time.
SPDX-License-Identifier: MIT
"""
import math
import time
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
torch.manual_seed(1)


def measure(name, f, *x):
    x = [v.requires_grad_() for v in x]
    best, total, runs = 1e9, 0, -1
    while runs < 3 or total < 0.15:
        start = time.perf_counter()
        torch.autograd.grad(f(*x), x)
        spent = time.perf_counter() - start
        runs += 1
        if runs:
            best = min(best, spent)
            total += spent
    print(name, "gradient", best, flush=True)


def lse(x):
    a = x.max()
    return a + torch.log(torch.exp(x - a).sum())


def gmm(x):
    n, d = x.shape
    rows, cols = torch.tril_indices(d, d, -1)
    order = torch.argsort(cols * d + rows)
    rows, cols = rows[order], cols[order]

    def f(alpha, mu, q, l):
        k = len(alpha)
        Q = torch.diag_embed(torch.exp(q)).index_put(
            (torch.arange(k)[:, None], rows[None, :], cols[None, :]), l)
        z = (x - mu[:, None, :]) @ Q.transpose(1, 2)
        beta = (alpha + q.sum(1))[:, None] - 0.5 * (z * z).sum(2)
        y = torch.logsumexp(beta, 0).sum() - n * (d / 2 * math.log(2 * math.pi) + torch.logsumexp(alpha, 0))
        return y - 0.5 * (torch.exp(q).square().sum() + l.square().sum())
    return f


def lstm(state, seq):
    c, b = seq.shape
    layers = len(state) // 2

    def f(main, extra):
        gates = main.reshape(layers, 2, 4, b)
        hidden, cell = list(state[0::2]), list(state[1::2])
        total = torch.zeros(())
        for t in range(c - 1):
            h = seq[t] * extra[0]
            for i in range(layers):
                z = gates[i, 0] * torch.stack((h, hidden[i], h, hidden[i])) + gates[i, 1]
                s = torch.sigmoid(z[:3])
                cell[i] = cell[i] * s[0] + s[1] * torch.tanh(z[3])
                hidden[i] = h = s[2] * torch.tanh(cell[i])
            y = h * extra[1] + extra[2]
            total = total + (seq[t + 1] * (y - torch.log(2 + torch.exp(y).sum()))).sum()
        return -total / ((c - 1) * b)
    return f


for n in (2500, 40000, 640000):
    measure(f"lse n={n}", lse, torch.rand(n))
for d, k in ((2, 5), (2, 25), (10, 5), (10, 25), (32, 25)):
    measure(f"gmm {d}_{k}_1000", gmm(torch.randn(1000, d)), torch.randn(k), torch.rand(k, d), torch.randn(k, d),
            torch.randn(k, d * (d - 1) // 2))
for l, c in ((2, 1024), (4, 1024), (2, 4096)):
    measure(f"lstm l={l},c={c}", lstm(torch.randn(2 * l, 14), (torch.rand(c, 14) > 0.5).double()),
            torch.randn(2 * l, 56), torch.randn(3, 14))
