# odeint: values against closed forms and scipy 1.10, and derivatives by y0, ts, arguments and captures, by all ways.
fn near(a, b, tol) = all(abs(a - b) <= tol * max(1, abs(b)))

# y' = -k y: everything in closed form
let ts = [0, 0.5, 2]
let w = [1, 2, 3]
let E = k -> sum(2 * exp(-k * ts) * w)
let U = s -> sum(2 * exp(-(s - s[0])) * w)
for method in ("rk45", "stiff", "rk4") {
  let tol = if method == "rk4" { 1e-7 } else { 2e-8 }
  for how in ("steps", "checkpoint", "adjoint") {
    let go = (f, y0, s) -> odeint(f, y0, s, method: method, gradient: how, rtol: 1e-9, atol: 1e-12, substeps: 50)
    let L = k -> sum(go((t, y) -> -k * y, 2, ts) * w)
    assert near(L(1.3), E(1.3), tol), "{method} {how}"
    assert near(L'(1.3), E'(1.3), tol) and near(jvp(L, 1.3, 1)[1], E'(1.3), tol), "{method} {how}"
    assert near(L''(1.3), E''(1.3), tol) and near(jvp(L', 1.3, 1)[1], E''(1.3), tol), "{method} {how}"
    assert near(grad(k -> jvp(L, k, 1)[1])(1.3), E''(1.3), tol)
    assert near(jvp(k -> jvp(L, k, 1)[1], 1.3, 1)[1], E''(1.3), tol)
    let T = s -> sum(go((t, y) -> -y, 2, s) * w)
    assert near(grad(T)(ts), grad(U)(ts), tol), "{method} {how} ts"
    assert near(jvp(T, ts, [1, 0.3, 0.5])[1], jvp(U, ts, [1, 0.3, 0.5])[1], tol)
    # harmonic oscillator as a tree: cos and sin, by y0
    let Y = a -> go((t, y) -> (a: y.b, b: -y.a), (a: a, b: 0), [0, 1])
    assert near(Y(1).a[-1], cos(1), tol) and near(grad(a -> Y(a).b[-1])(2), -sin(1), tol)
    assert near(grad(a -> Y(a).b[-1]^2)(2), 4 * sin(1)^2, tol)
    # depends on t: y' = cos(a t), y = sin(a t) / a
    let V = a -> go((t, y) -> cos(a * t), 0, [0, 2])[-1]
    assert near(V'(1.5), grad(a -> sin(2 * a) / a)(1.5), tol)
  }
}

# Lotka-Volterra: solution and sensitivities by scipy's DOP853 of the variational equations, rtol 1e-13
let lv = (t, y, p) -> [p[0] * y[0] - p[1] * y[0] * y[1], p[3] * y[0] * y[1] - p[2] * y[1]]
let p = [1.5, 1, 3, 1]
let pop = (y0, p) -> odeint(lv, y0, [0, 1, 5], p, rtol: 1e-12, atol: 1e-12)
let y = pop([10, 5], p)
assert near(y[1], [0.218538932232315, 1.37659270101348], 1e-10)
assert near(y[2], [0.264186772118655, 3.13413316107001], 1e-10)
let (Jy, Jp) = jacobian((y0, p) -> pop(y0, p)[2], wrt: (0, 1))([10, 5], p)
let (Fy, Fp) = jacobian((y0, p) -> pop(y0, p)[2], wrt: (0, 1), mode: "forward")([10, 5], p)
let wantY = [[2.136842891954657e-02, 9.033675632830586e-03], [1.766945031989926, 1.521962090275705]]
let wantP = [[-9.435572951402630e-01, 4.516837816415102e-02, -2.459705925686716e-01, -5.050248292318726e-02],
             [-1.963600673734668e+01, 4.475677290308520, -1.185437743472446e+01, 1.766945031989925e+01]]
assert near(Jy, wantY, 1e-9) and near(Jp, wantP, 1e-9) and near(Fy, wantY, 1e-9) and near(Fp, wantP, 1e-9)
let A = p -> odeint(lv, [10, 5], [0, 1, 5], p, rtol: 1e-11, atol: 1e-11, gradient: "adjoint")[2]
assert near(jacobian(A, mode: "reverse")(p), wantP, 1e-7) and near(jacobian(A, mode: "forward")(p), wantP, 1e-7)

# Robertson's reaction: scipy's Radau, rtol 1e-12 (40, 4e5: also Hairer and Wanner II, IV.10)
let rob = (t, y, k) -> [-k * y[0] + 1e4 * y[1] * y[2], k * y[0] - 1e4 * y[1] * y[2] - 3e7 * y[1]^2, 3e7 * y[1]^2]
let R = odeint(rob, [1, 0, 0], [0, 40, 4e5], 0.04, method: "stiff", rtol: 1e-9, atol: 1e-14)
assert near(R[1], [0.7158270687194053, 9.18553476455793e-06, 0.2841637457458298], 1e-9)
assert near(R[1, 1] * 1e6, 9.18553476455793, 1e-8)
assert near(R[2] * [1e3, 1e8, 1], [4.938274521001249, 1.98499408796288, 0.9950617056290612], 1e-7)
let dk = jvp(k -> odeint(rob, [1, 0, 0], [0, 40], k, method: "stiff", rtol: 1e-8, atol: 1e-12)[-1], 0.04, 1)[1]
assert near(dk, [-4.247558771705736, 4.5911962492539e-05, 4.247512859743235], 1e-6)
let rk = grad(k -> odeint(rob, [1, 0, 0], [0, 40], k, method: "stiff", rtol: 1e-6, atol: 1e-10)[-1, 2])(0.04)
assert near(rk, 4.247512859743235, 1e-4)

# van der Pol, mu = 1000, to t = 500: scipy's Radau, rtol 1e-12
let vdp = odeint((t, y) -> [y[1], 1000 * (1 - y[0]^2) * y[1] - y[0]], [2, 0], [0, 500], method: "stiff", rtol: 1e-8)
assert near(vdp[-1], [1.5967689510526684, -0.0010303911878393475], 1e-7)

# orders of the methods: halving a fixed step divides the error of rk4 by 16
let e = n -> abs(odeint((t, y) -> -y * y, 1, [0, 1], method: "rk4", substeps: n)[-1] - 0.5)
assert abs(e(20) / e(40) - 16) < 1

# a gradient field through time, and its derivative: y' = -grad V(y), V = k |y|^2 / 2
let flow = k -> sum(odeint((t, y) -> -grad(u -> k * sum(u^2) / 2)(y), [1, 2], [0, 1], rtol: 1e-9)[-1])
assert near(flow'(0.7), -3 * exp(-0.7), 1e-8) and near(flow''(0.7), 3 * exp(-0.7), 1e-8)
let adj = k -> sum(odeint((t, y) -> -grad(u -> k * sum(u^2) / 2)(y), [1, 2], [0, 1], rtol: 1e-9, gradient: "adjoint")[-1])
assert near(adj'(0.7), -3 * exp(-0.7), 1e-8) and near(adj''(0.7), 3 * exp(-0.7), 1e-8)

# shapes: matrices, one time, backwards in time, equal times, f32, ranges
let rot = odeint((t, X) -> [[0, 1], [-1, 0]] @ X, eye(2), [0, 1, 2], rtol: 1e-10)
assert rot.shape == (3, 2, 2) and near(rot[2], [[cos(2), sin(2)], [-sin(2), cos(2)]], 1e-9)
assert all(odeint((t, y) -> y, [1, 2], [3]) == [[1, 2]])
assert near(odeint((t, y) -> y, 1, [1, 0], rtol: 1e-10)[-1], exp(-1), 1e-9)
assert near(odeint((t, y) -> y, 1, (0, 0, 1, 1), rtol: 1e-10), [1, 1, exp(1), exp(1)], 1e-9)
assert near(odeint((t, y) -> y, 1, 0..3, rtol: 1e-10)[2], exp(2), 1e-9)
let f = odeint((t, y) -> -y, [1, 2] as f32, [0, 1])
assert f.dtype == "f32" and near(f[1] as f64, [1, 2] * exp(-1), 1e-5)
let g32 = grad(y -> sum(odeint((t, y) -> -y, y, [0, 1])[1]))([1, 2] as f32)
assert g32.dtype == "f32" and near(g32 as f64, exp(-1), 1e-5)
for method in ("rk45", "stiff", "rk4") {
  for how in ("steps", "checkpoint", "adjoint") {
    let F = k -> odeint((t, y) -> -k * y, [1, 2] as f32, [0, 1], method: method, gradient: how, substeps: 20)
    assert F(1).dtype == "f32" and near(grad(k -> sum(F(k)[1]))(1), -3 * exp(-1), 2e-6)
  }
}
let tree = odeint((t, y) -> (m: -y.m, s: (1, y.s[0])), (m: ones(2, 2), s: (0, 0)), [0, 1], rtol: 1e-9)
assert tree.m.shape == (2, 2, 2) and near(tree.s[1], [0, 0.5], 1e-8) and near(tree.m[1], exp(-1), 1e-8)
# a time that comes twice: y' = y, so the derivative of exp(ts[i] - ts[0]) by each
for method in ("rk45", "stiff", "rk4") {
  for how in ("steps", "checkpoint", "adjoint") {
    let S = ts -> sum(odeint((t, y) -> y, 1, ts, method: method, gradient: how, rtol: 1e-8, substeps: 30))
    let slope = [-2 * exp(-1) - exp(-2), exp(-1), exp(-1), exp(-2)]
    assert near(grad(S)([2, 1, 1, 0]), slope, 1e-7)
    assert near(jvp(S, ([2, 1, 1, 0],), ([1, 2, 3, 4],))[1], sum(slope * [1, 2, 3, 4]), 1e-7)
  }
}
# f that gives another form later on, and options that mean nothing
fn code(run) = try { run() } catch e { e.code }
assert code(() -> odeint((t, y) -> if t > 0.5 { 0 } else { [1, 1] }, [1, 2], [0, 1])) == "E0213"
assert code(() -> odeint((t, y) -> y, 1, [0, 1], rtol: nan)) == "E0210"
assert code(() -> odeint((t, y) -> y, 1, [0, 1], max_steps: -1)) == "E0210"
assert code(() -> odeint((t, y) -> y, 1, [0, 1], first_step: nan)) == "E0210"
assert code(() -> odeint((t, y) -> y, 1, [0, 1], first_step: 0)) == "E0210"
assert code(() -> odeint((t, y) -> y, 1, [0, 1], max_steps: 3)) == "E0315"
# a parameter of a model that f calls
model Rate() {
  param k[1] = 0.5
  fn (y) = -k * y
}
for how in ("steps", "adjoint") {
  let g = grad(m -> odeint((t, y) -> m(y), [1], [0, 1], rtol: 1e-9, gradient: how)[1, 0])(Rate())
  assert near(g.k, -exp(-0.5), 1e-8)
}
print("ok")   # expect: ok
