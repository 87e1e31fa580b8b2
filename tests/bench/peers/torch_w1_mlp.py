# SPDX-License-Identifier: MIT
"""W1: MLP 784-512-256-10, ReLU, softmax cross-entropy, batch 128, Adam(1e-3). 8 fixed batches in turn.
variants: default | foreach (Adam(foreach=True)) | forward (no grad, forward only) | noopt (no update)
          | sgd (plain SGD instead of Adam) | functional (hand-written params and matmuls, Adam)"""
import harness as H
a = H.parse(); torch = H.load_torch(a); nn = torch.nn; F = nn.functional
B, NB = 128, 8
X = torch.randn(NB, B, 784); Y = torch.randint(0, 10, (NB, B))
net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
opt = torch.optim.SGD(net.parameters(), 1e-2) if a.variant == "sgd" else \
      torch.optim.Adam(net.parameters(), 1e-3, foreach=(a.variant == "foreach"))
i = 0
def step():
    global i
    k = i % NB; i += 1
    opt.zero_grad(set_to_none=True)
    loss = F.cross_entropy(net(X[k]), Y[k]); loss.backward()
    if a.variant != "noopt": opt.step()
    return loss
def fwd():
    with torch.no_grad(): return net(X[0])
l0 = float(step())
H.bench(fwd if a.variant == "forward" else step, "W1_mlp", a, warm=30)
import sys; print("loss %.4f -> %.4f" % (l0, float(step())), file=sys.stderr)
