# neural_torch.py: the peer of neural.gd, in PyTorch on one thread.
# SPDX-License-Identifier: MIT
import time

import torch
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(1)


def best(run):
    run()
    least = 1e9
    for _ in range(7):
        start = time.perf_counter()
        run()
        least = min(least, time.perf_counter() - start)
    return least * 1000


x = torch.randn(4096, 768, requires_grad=True)
w = torch.ones(768, requires_grad=True)
b = torch.zeros(768, requires_grad=True)
u = torch.randn(4096, 768)
logits = torch.randn(4096, 1000, requires_grad=True)
labels = torch.arange(4096) % 1000
q, k, v = (torch.randn(8, 12, 256, 64, requires_grad=True) for _ in range(3))
o = torch.randn(8, 12, 256, 64)
hidden = torch.ones(256, 256, dtype=torch.bool).triu(1)


def norm_step():
    torch.autograd.grad((F.layer_norm(x, (768,), w, b) * u).sum(), (x, w, b))


def entropy_step():
    torch.autograd.grad(F.cross_entropy(logits, labels), logits)


def attention_step(causal):
    s = q @ k.transpose(-1, -2) / 8
    if causal:
        s = s.masked_fill(hidden, -float("inf"))
    torch.autograd.grad((torch.softmax(s, -1) @ v * o).sum(), (q, k, v))


print("layer_norm_4096x768", best(norm_step))
print("cross_entropy_4096x1000", best(entropy_step))
print("attention_8x12x256x64", best(lambda: attention_step(False)))
print("causal_8x12x256x64", best(lambda: attention_step(True)))
