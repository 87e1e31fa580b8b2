# A fold above the budget runs in parts: over a range, a list and a traced tensor, the same slopes as forward mode and as
# the closed form d/dr_k = 2 r_k 0.999^(n - 1 - k).
# args: --tape-memory 1M --max-memory 24M
# timeout: 60
let n = 50_000
fn f(x) = fold((y, k) -> y * 0.999 + sin(x * k) * 0.001, x, 0..n)
print(f'(1.1) / jvp(f, 1.1, 1)[1])                                   # expect~ 1 1e-9
let items = list(0..n)
fn g(x) = fold((y, k) -> y * 0.999 + cos(x * k) * 0.001, x, items)
print(g'(1.1) / jvp(g, 1.1, 1)[1])                                   # expect~ 1 1e-9
let t = linspace(0, 1, n)
let d = grad(v -> fold((y, r) -> y * 0.999 + r ^ 2, 0, v))(t)
print(max(abs(d - 2 * t * 0.999 ^ (n - 1 - range(0, n)))) < 1e-14)   # expect: true
# what it captures has its slope too, and draws come again as they were
seed(5)
let (value, slope) = value_and_grad(a -> fold((y, k) -> y * 0.99 + a * normal(), 0, 0..n))(2)
print(value / slope)                                                 # expect~ 2 1e-9
