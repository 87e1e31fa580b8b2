# SPDX-License-Identifier: MIT
"""W4b: GPT-2 124M shape (12 layers, d 768, 12 heads, vocab padded to 50304, positions 1024), random weights, batch 1,
T 64: one step forward + backward + AdamW. Also prints the forward and forward+backward parts alone.
variants: default | foreach"""
import harness as H, torch_gpt
a = H.parse(default_seconds=24); torch = H.load_torch(a)
a.rounds = 4
V, C, L, NH, T, B = 50304, 768, 12, 12, 1024, 1
net = torch_gpt.make(torch, V, C, L, NH, T); opt = torch_gpt.adamw(torch, net, a.variant == "foreach")
X = torch.randint(0, 50257, (B, 64)); Y = torch.randint(0, 50257, (B, 64))
def fwd():
    with torch.no_grad(): net(X, Y)
def fb():
    opt.zero_grad(set_to_none=True); net(X, Y).backward()
def step():
    fb(); opt.step()
step()
n = sum(p.numel() for p in net.parameters())
H.bench(step, "W4b_gpt2_124M", a, warm=2, min_steps=3, extra=dict(params=n))
a.seconds /= 3
H.bench(fb, "W4b_gpt2_fwd_bwd_only", a, warm=1, min_steps=3)
H.bench(fwd, "W4b_gpt2_fwd_only", a, warm=1, min_steps=3)
