# rosenbrock_torch.py: the peer of rosenbrock.gd: 10,000 gradient steps on two scalars, in ms.
# SPDX-License-Identifier: MIT
import time

import torch

torch.set_num_threads(1)


def run():
    x = torch.tensor(-1.2, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    for _ in range(10_000):
        gx, gy = torch.autograd.grad((1 - x) ** 2 + 100 * (y - x ** 2) ** 2, (x, y))
        with torch.no_grad():
            x -= 1e-3 * gx
            y -= 1e-3 * gy
    return float(x), float(y)


ms = []
for _ in range(3):
    start = time.perf_counter()
    x, y = run()
    ms.append((time.perf_counter() - start) * 1000)
assert abs(x - 1) < 0.05 and abs(y - 1) < 0.05
print("%.5g" % sorted(ms)[1])
