# the fused loops and the update in values (taken under a derivative) give the same numbers
model Part(n) {
  param W[n] = 0.5
  param b = 0.25
  state seen = 0
  let fixed = 3
  fn (x) = sum(W * x) + b
}
fn train(a, o) {
  var p = (w: [a, 2, -0.3], n: a, part: Part(2), name: "kept", k: [1, 2] as i64)
  descend p using o for 7 {
    sum((p.w - [1, 0, 2])^4) + (p.n - 2)^2 * p.w[0] + sin(p.part([1, 2]) * 3) * p.n
  }
  assert p.name == "kept"
  assert p.part.fixed == 3
  (p.w[0], p.w[1], p.w[2], p.n, p.part.W[0], p.part.W[1], p.part.b)
}
fn apart(o) {
  let plain = train(0.7, o)
  let (_, values) = value_and_grad(a -> { let r = train(a, o); (r[0] + r[3], r) }, aux: true)(0.7)[0]
  max((abs(plain[i] - values[i]) for i in 0..7))
}
fn clipped(o, t) {
  fn run(a) {
    var p = (w: [a, 2, -0.3], n: a)
    descend p using o, t for 5 { sum((p.w - [1, 0, 2])^4) + (p.n - 2)^2 * p.w[0] }
    (p.w[0], p.w[1], p.w[2], p.n)
  }
  let plain = run(0.7)
  let (_, values) = value_and_grad(a -> { let r = run(a); (r[0] + r[3], r) }, aux: true)(0.7)[0]
  max((abs(plain[i] - values[i]) for i in 0..4))
}
let lr = 0.01
assert apart(gd(lr: lr)) < 1e-13
assert apart(sgd(lr: lr, momentum: 0.9)) < 1e-13
assert apart(sgd(lr: lr, momentum: 0.9, nesterov: true, weight_decay: 0.1)) < 1e-13
assert apart(sgd(lr: lr, weight_decay: 0.1)) < 1e-13
assert apart(rmsprop(lr: lr)) < 1e-13
assert apart(rmsprop(lr: lr, momentum: 0.8)) < 1e-13
assert apart(adam(lr: lr)) < 1e-13
assert apart(adamw(lr: lr, weight_decay: 0.3)) < 1e-13
assert apart(adam(lr: cosine(lr, steps: 5))) < 1e-13
assert apart(gd(lr: warmup(onecycle(lr, steps: 10), steps: 3))) < 1e-13
assert clipped(gd(lr: lr), clip_norm(0.5)) < 1e-13
assert clipped(adam(lr: lr), clip_value(0.5)) < 1e-13
print("same")  # expect: same
