# SPDX-License-Identifier: MIT
"""W3: char-LSTM: vocab 65, embedding 64, hidden 256, 1 layer, T 64, batch 32, head 256->65, cross-entropy over all
2048 positions, zero initial state every step, Adam(1e-3).
variants: module (torch.nn.LSTM) | loop (hand-written cell loop: x_t and h_t go through two linear maps a step, fused
4-gate weight, chunk) | hoist (same, but the input product made once for all t, taken apart by unbind) | hoist_index
(hoist with xw[t]: the backward of each index writes a whole zero tensor, T times) | jit (loop under torch.jit.script)
| gates4 (four separate gate weights, the naive textbook cell)"""
import harness as H
a = H.parse(variants=("module",)); torch = H.load_torch(a); nn = torch.nn; F = nn.functional
from torch import Tensor
V, E, Hd, T, B, NB = 65, 64, 256, 64, 32, 4
X = torch.randint(0, V, (NB, T, B)); Y = torch.randint(0, V, (NB, T, B))

def run_loop(x: Tensor, h: Tensor, c: Tensor, wi: Tensor, wh: Tensor, b: Tensor):
    outs = []
    for t in range(x.size(0)):
        g = x[t] @ wi + h @ wh + b
        i, f, o, n = g.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(n)
        h = torch.sigmoid(o) * torch.tanh(c)
        outs.append(h)
    return torch.stack(outs)

class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.emb = nn.Embedding(V, E); s.head = nn.Linear(Hd, V)
        if a.variant == "module": s.rnn = nn.LSTM(E, Hd)
        elif a.variant == "gates4":
            s.w = nn.ParameterList([nn.Parameter(torch.randn(E + Hd, Hd) * 0.06) for _ in range(4)])
            s.bs = nn.ParameterList([nn.Parameter(torch.zeros(Hd)) for _ in range(4)])
        else:
            s.wi = nn.Parameter(torch.randn(E, 4 * Hd) * 0.06); s.wh = nn.Parameter(torch.randn(Hd, 4 * Hd) * 0.06)
            s.b = nn.Parameter(torch.zeros(4 * Hd))
            s.f = torch.jit.script(run_loop) if a.variant == "jit" else run_loop
    def forward(s, ix):
        x = s.emb(ix)
        h = c = x.new_zeros(B, Hd)
        if a.variant == "module": y, _ = s.rnn(x)
        elif a.variant == "gates4":
            outs = []
            for t in range(T):
                z = torch.cat([x[t], h], 1)
                i = torch.sigmoid(z @ s.w[0] + s.bs[0]); f = torch.sigmoid(z @ s.w[1] + s.bs[1])
                o = torch.sigmoid(z @ s.w[2] + s.bs[2]); n = torch.tanh(z @ s.w[3] + s.bs[3])
                c = f * c + i * n; h = o * torch.tanh(c); outs.append(h)
            y = torch.stack(outs)
        elif a.variant in ("hoist", "hoist_index"):
            xw = (x.view(T * B, E) @ s.wi + s.b).view(T, B, 4 * Hd); outs = []
            for xt in ([xw[t] for t in range(T)] if a.variant == "hoist_index" else xw.unbind(0)):
                i, f, o, n = torch.addmm(xt, h, s.wh).chunk(4, 1)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(n); h = torch.sigmoid(o) * torch.tanh(c)
                outs.append(h)
            y = torch.stack(outs)
        else: y = s.f(x, h, c, s.wi, s.wh, s.b)
        return s.head(y)
net = Net(); opt = torch.optim.Adam(net.parameters(), 1e-3)
i = 0
def step():
    global i
    k = i % NB; i += 1
    opt.zero_grad(set_to_none=True)
    loss = F.cross_entropy(net(X[k]).view(-1, V), Y[k].view(-1)); loss.backward(); opt.step()
    return loss
l0 = float(step())
H.bench(step, "W3_lstm", a, warm=6)
import sys; print("loss %.4f -> %.4f" % (l0, float(step())), file=sys.stderr)
