# SPDX-License-Identifier: MIT
"""GPT in plain torch 1.13 (no fused attention exists there): pre-norm blocks, fused qkv, tanh-GELU, tied head, biases."""
import math
def make(torch, V, C, L, NH, T):
    nn = torch.nn; F = nn.functional
    class Block(nn.Module):
        def __init__(s):
            super().__init__()
            s.l1 = nn.LayerNorm(C); s.qkv = nn.Linear(C, 3 * C); s.po = nn.Linear(C, C)
            s.l2 = nn.LayerNorm(C); s.f1 = nn.Linear(C, 4 * C); s.f2 = nn.Linear(4 * C, C)
            s.register_buffer("mask", torch.triu(torch.ones(T, T, dtype=torch.bool), 1))
        def forward(s, x):
            b, t, c = x.shape
            q, k, v = s.qkv(s.l1(x)).split(c, 2)
            q, k, v = (u.view(b, t, NH, c // NH).transpose(1, 2) for u in (q, k, v))
            w = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(c // NH))
            w = F.softmax(w.masked_fill(s.mask[:t, :t], float("-inf")), -1)
            x = x + s.po((w @ v).transpose(1, 2).reshape(b, t, c))
            return x + s.f2(F.gelu(s.f1(s.l2(x)), approximate="tanh"))
    class GPT(nn.Module):
        def __init__(s):
            super().__init__()
            s.wte = nn.Embedding(V, C); s.wpe = nn.Embedding(T, C)
            s.h = nn.Sequential(*[Block() for _ in range(L)]); s.lf = nn.LayerNorm(C)
            for p in s.parameters():
                if p.dim() > 1: nn.init.normal_(p, 0, 0.02)
        def forward(s, ix, y):
            x = s.wte(ix) + s.wpe.weight[: ix.shape[1]]
            logits = s.lf(s.h(x)) @ s.wte.weight.t()
            return F.cross_entropy(logits.view(-1, V), y.view(-1))
    return GPT()
def adamw(torch, net, foreach):
    d = [p for p in net.parameters() if p.dim() > 1]; n = [p for p in net.parameters() if p.dim() < 2]
    return torch.optim.AdamW([dict(params=d, weight_decay=0.1), dict(params=n, weight_decay=0.0)], lr=1e-3, betas=(0.9, 0.95), foreach=foreach)
