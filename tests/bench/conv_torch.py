# conv_torch.py -- conv.gd in PyTorch, on one thread.
import time

import torch

torch.set_num_threads(1)


def measure(name, xs, ks, padding, stride, groups):
    x = torch.randn(xs, requires_grad=True)
    k = torch.randn(ks, requires_grad=True)

    def f(x, k):
        return torch.nn.functional.conv2d(x, k, padding=padding, stride=stride, groups=groups)

    w = torch.ones_like(f(x, k))
    forward = both = 1e9
    for turn in range(15):
        t0 = time.perf_counter()
        with torch.no_grad():
            f(x, k)
        t1 = time.perf_counter()
        torch.autograd.grad((w * f(x, k)).sum(), (x, k))
        forward = min(forward, t1 - t0)
        both = min(both, time.perf_counter() - t1)
    print(name, 1000 * forward, 1000 * both)


measure("16to32_3x3_same", (32, 16, 28, 28), (32, 16, 3, 3), 1, 1, 1)
measure("16to32_3x3_valid", (32, 16, 28, 28), (32, 16, 3, 3), 0, 1, 1)
measure("32to64_3x3_stride2", (32, 32, 14, 14), (64, 32, 3, 3), 1, 2, 1)
measure("64to64_1x1", (8, 64, 56, 56), (64, 64, 1, 1), 0, 1, 1)
measure("1to8_5x5", (32, 1, 28, 28), (8, 1, 5, 5), 2, 1, 1)
measure("depthwise64_3x3", (16, 64, 28, 28), (64, 1, 3, 3), 1, 1, 64)
