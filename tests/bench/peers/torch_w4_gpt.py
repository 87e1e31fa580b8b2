# SPDX-License-Identifier: MIT
"""W4: GPT 4 layers, d 128, 4 heads, context 64, vocab 65, batch 16, AdamW (wd 0.1 on matrices). No dropout, no clipping.
variants: default | foreach | noopt"""
import harness as H, torch_gpt
a = H.parse(); torch = H.load_torch(a)
V, C, L, NH, T, B, NB = 65, 128, 4, 4, 64, 16, 4
X = torch.randint(0, V, (NB, B, T)); Y = torch.randint(0, V, (NB, B, T))
net = torch_gpt.make(torch, V, C, L, NH, T); opt = torch_gpt.adamw(torch, net, a.variant == "foreach")
i = 0
def step():
    global i
    k = i % NB; i += 1
    opt.zero_grad(set_to_none=True)
    loss = net(X[k], Y[k]); loss.backward()
    if a.variant != "noopt": opt.step()
    return loss
l0 = float(step())
H.bench(step, "W4_gpt", a, warm=6, extra=dict(params=sum(p.numel() for p in net.parameters())))
import sys; print("loss %.4f -> %.4f" % (l0, float(step())), file=sys.stderr)
