# SPDX-License-Identifier: MIT
"""W2: LeNet-like CNN, 1x28x28, batch 64: conv 8@5x5 pad 2, relu, maxpool 2, conv 16@5x5 pad 2, relu, maxpool 2,
dense 784->128 relu, dense 10, cross-entropy, SGD lr 0.01 momentum 0.9.
variants: default (oneDNN) | channels_last | nomkldnn (torch's own im2col + BLAS path) | foreach"""
import harness as H
a = H.parse(); torch = H.load_torch(a); nn = torch.nn; F = nn.functional
B, NB = 64, 8
X = torch.randn(NB, B, 1, 28, 28); Y = torch.randint(0, 10, (NB, B))
net = nn.Sequential(nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Conv2d(8, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
if a.variant == "channels_last": net = net.to(memory_format=torch.channels_last)
if a.variant == "nomkldnn": torch.backends.mkldnn.flags(enabled=False).__enter__()
opt = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9, foreach=(a.variant == "foreach"))
i = 0
def step():
    global i
    k = i % NB; i += 1
    opt.zero_grad(set_to_none=True)
    x = X[k]
    if a.variant == "channels_last": x = x.contiguous(memory_format=torch.channels_last)
    loss = F.cross_entropy(net(x), Y[k]); loss.backward(); opt.step()
    return loss
l0 = float(step())
H.bench(step, "W2_cnn", a, warm=20)
import sys; print("loss %.4f -> %.4f" % (l0, float(step())), file=sys.stderr)
