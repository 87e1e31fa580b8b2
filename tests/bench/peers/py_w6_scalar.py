# SPDX-License-Identifier: MIT
"""W6 in pure Python with a scalar reverse-mode autodiff (one object per scalar operation), and hand-written gradients.
Own code, micrograd-like in spirit. Prints the same JSON lines. W6a is 5 of the 2000 steps."""
import harness as H, math, random
a = H.parse(default_seconds=6); a.no_calib = True; a.rounds = 3
class V:
    __slots__ = ("d", "g", "p", "w")
    def __init__(s, d, p=(), w=()): s.d = d; s.g = 0.0; s.p = p; s.w = w
    def __add__(s, o):
        if o.__class__ is V: return V(s.d + o.d, (s, o), (1.0, 1.0))
        return V(s.d + o, (s,), (1.0,))
    def __sub__(s, o):
        if o.__class__ is V: return V(s.d - o.d, (s, o), (1.0, -1.0))
        return V(s.d - o, (s,), (1.0,))
    def __rsub__(s, o): return V(o - s.d, (s,), (-1.0,))
    def __mul__(s, o):
        if o.__class__ is V: return V(s.d * o.d, (s, o), (o.d, s.d))
        return V(s.d * o, (s,), (o,))
    __radd__ = __add__; __rmul__ = __mul__
    def backward(s):
        order, seen, st = [], set(), [(s, 0)]
        while st:
            n, k = st.pop()
            if k == 0:
                if id(n) in seen: continue
                seen.add(id(n)); st.append((n, 1))
                for q in n.p: st.append((q, 0))
            else: order.append(n)
        s.g = 1.0
        for n in reversed(order):
            g = n.g
            for q, w in zip(n.p, n.w): q.g += g * w
def vtanh(x): t = math.tanh(x.d); return V(t, (x,), (1 - t * t,))
def vsin(x): return V(math.sin(x.d), (x,), (math.cos(x.d),))
def vsoftplus(x): return V(math.log1p(math.exp(-abs(x.d))) + max(x.d, 0.0), (x,), (1 / (1 + math.exp(-x.d)),))
def rosen_ad():
    x, y = -1.2, 1.0
    for _ in range(10000):
        vx, vy = V(x), V(y); u = 1 - vx; w = vy - vx * vx
        (u * u + 100 * (w * w)).backward()
        x -= 1e-3 * vx.g; y -= 1e-3 * vy.g
    return x, y
def rosen_hand():
    x, y = -1.2, 1.0
    for _ in range(10000):
        w = y - x * x; gx = -2 * (1 - x) - 400 * x * w; gy = 200 * w
        x -= 1e-3 * gx; y -= 1e-3 * gy
    return x, y
random.seed(1)
X = [[random.gauss(0, 1) for _ in range(30)] for _ in range(569)]; Y = [float(random.random() > .5) for _ in range(569)]
def logreg5():
    w = [0.0] * 31
    for _ in range(5):
        vw = [V(t) for t in w]; L = V(0.0)
        for r, y in zip(X, Y):
            z = vw[30]
            for q, t in zip(vw, r): z = z + q * t
            L = L + (vsoftplus(z) - z * y)
        L = L * (1 / 569); L.backward()
        w = [t - 0.1 * q.g for t, q in zip(w, vw)]
def chain():
    xs = [V(-1 + 2 * i / 9) for i in range(10)]; s = V(0.0)
    for x in xs:
        for _ in range(250): x = vsin(vtanh(x * 0.999 + 0.001))
        s = s + x
    s.backward()
H.bench(rosen_ad, "W6b_rosenbrock_10000steps", a, tool="python-scalar-ad", warm=1, min_steps=1)
H.bench(rosen_hand, "W6b_rosenbrock_10000steps", a, tool="python-hand-gradient", warm=1, min_steps=1)
H.bench(chain, "W6c_chain1000_fwd_bwd", a, tool="python-scalar-ad", warm=1, min_steps=2)
H.bench(logreg5, "W6a_logreg_5steps", a, tool="python-scalar-ad", warm=1, min_steps=1)
try:
    import numpy as np
    Xn = np.array(X, np.float32); Yn = np.array(Y, np.float32)
    def lr_np():
        w = np.zeros(30, np.float32); b = np.float32(0)
        for _ in range(2000):
            z = Xn @ w + b; d = (1 / (1 + np.exp(-z)) - Yn) * np.float32(1 / 569)
            w -= np.float32(0.1) * (Xn.T @ d); b -= np.float32(0.1) * d.sum()
    H.bench(lr_np, "W6a_logreg_2000steps", a, tool="numpy-hand-gradient", warm=1, min_steps=1)
except ImportError: pass
