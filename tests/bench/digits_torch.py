# digits_torch.py: the peer of examples/digits.gd: same data, model, batches, epochs, optimiser
# and schedule, in PyTorch as one would write it there.
# SPDX-License-Identifier: MIT
import os

import numpy as np
import torch
from torch.nn import functional as F

torch.manual_seed(7)
folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/data")


def digits(name):
    table = np.loadtxt(os.path.join(folder, name), delimiter=",", skiprows=1, dtype=np.float32)
    return torch.from_numpy(table[:, :64] / 16), torch.from_numpy(table[:, 64]).long()


x, y = digits("digits-train.csv")
test_x, test_y = digits("digits-test.csv")
net = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
with torch.no_grad():
    for layer in (net[0], net[2]):
        layer.weight.normal_(0, (2 / layer.in_features) ** 0.5)
        layer.bias.zero_()

epochs, size = 20, 32
steps = epochs * -(-len(x) // size)
optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)


def accuracy():
    with torch.no_grad():
        return (net(test_x).argmax(1) == test_y).float().mean().item()


step = 0
for epoch in range(epochs):
    order = torch.randperm(len(x))
    for i in range(0, len(x), size):
        rows = order[i:i + size]
        loss = F.cross_entropy(net(x[rows]), y[rows])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        step += 1
        if step % 190 == 0:
            print("step %d  loss %.3g  test accuracy %.4g" % (step, loss.item(), accuracy()))

score = accuracy()
print("after %d steps: test accuracy %.4f" % (step, score))
assert score >= 0.965
