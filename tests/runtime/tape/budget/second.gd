# Second derivatives in every mixture of modes, in a tenth of the memory that their recordings would take.
# args: --tape-memory 4M --max-memory 40M
# timeout: 60
let n = 200_000
fn counted(x) { var y = x; for i in 0..n { y = sin(y) + 0.5 * x }; y }
fn until(x) { var (y, i) = (x, 0); while i < n { y = sin(y) + 0.5 * x; i += 1 }; y }
fn folded(x) = fold((y, k) -> sin(y) + 0.5 * x, x, 0..n)
# the fixed point y = sin y + x / 2: y' = 1 / (2 (1 - cos y)), y'' = - sin y / (1 - cos y) y'^2
let y = until(0.7)
let bend = -sin(y) / (1 - cos(y)) / (2 * (1 - cos(y))) ^ 2
for f in (counted, until, folded) {
  print(grad(grad(f))(0.7) / bend, jvp(grad(f), 0.7, 1)[1] / bend, grad(x -> jvp(f, x, 1)[1])(0.7) / bend)
  # expect~ 1 1 1 1e-9
  # expect~ 1 1 1 1e-9
  # expect~ 1 1 1 1e-9
}
# a product of the Hessian with a vector: of tensors, forward over reverse and reverse over forward
fn loss(w) {
  var (h, i) = (w, 0)
  while i < 500 { h = tanh(0.9 * h + 0.1 * w); i += 1 }
  sum(h ^ 2)
}
let w = linspace(-1, 1, 500)
let v = cos(10 * w)
let a = jvp(grad(loss), w, v)[1]
let b = grad(w -> jvp(loss, w, v)[1])(w)
let c = grad(w -> sum(grad(loss)(w) * v))(w)
print(norm(a - b) < 1e-12 * norm(a), norm(a - c) < 1e-12 * norm(a), norm(a) > 0)   # expect: true true true
# forward mode of long loops keeps neither
print(jvp(until, 0.7, 1)[1] * 2 * (1 - cos(y)))                                    # expect~ 1 1e-9
