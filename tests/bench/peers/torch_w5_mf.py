# SPDX-License-Identifier: MIT
"""W5: matrix factorization: 2000 users x 3000 items, rank 32, mini-batches of 4096 ratings,
loss = mean((u.v - r)^2) + 1e-4 * mean(|u|^2 + |v|^2) over the batch, plain SGD lr 0.1.
variants: sparse (Embedding(sparse=True), sparse-gradient SGD) | dense (dense gradients) | index (U[iu] on plain tensors)
Also prints ns per rating."""
import harness as H
a = H.parse(variants=("sparse",)); torch = H.load_torch(a); nn = torch.nn
U, I, K, B, NB = 2000, 3000, 32, 4096, 16
iu = torch.randint(0, U, (NB, B)); iv = torch.randint(0, I, (NB, B)); R = torch.randn(NB, B)
if a.variant == "index":
    pu = (torch.randn(U, K) * 0.1).requires_grad_(); pv = (torch.randn(I, K) * 0.1).requires_grad_()
    params = [pu, pv]; eu = lambda k: pu[k]; ev = lambda k: pv[k]
else:
    eu = nn.Embedding(U, K, sparse=a.variant == "sparse"); ev = nn.Embedding(I, K, sparse=a.variant == "sparse")
    nn.init.normal_(eu.weight, 0, 0.1); nn.init.normal_(ev.weight, 0, 0.1); params = [eu.weight, ev.weight]
opt = torch.optim.SGD(params, 0.1)
i = 0
def step():
    global i
    k = i % NB; i += 1
    opt.zero_grad(set_to_none=True)
    u, v = eu(iu[k]), ev(iv[k])
    loss = (((u * v).sum(1) - R[k]) ** 2).mean() + 1e-4 * ((u * u).sum(1) + (v * v).sum(1)).mean()
    loss.backward(); opt.step()
    return loss
l0 = float(step())
H.bench(step, "W5_mf", a, warm=30)
import sys; print("loss %.4f -> %.4f" % (l0, float(step())), file=sys.stderr)
