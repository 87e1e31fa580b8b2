# scan in parts gives every value: numbers, tensors, lists
# args: --tape-memory 200K
# timeout: 60
let n = 8_000
let u = cos(range(0, n) * 0.01)
fn numbers(x) = sum(scan((y, k) -> sin(y) * 0.99 + 0.1 * x * cos(k), x, 0..n) * u)
fn tensors(x) = sum(scan((y, k) -> 0.99 * y + x * k, x, u) @ ones(3))
fn lists(x) = sum([p[0] * p[1] for p in scan((p, k) -> (p[1] * 0.99, p[0] + x * k * 1e-4), (x, 0.1), list(0..n))])
fn agree(f, x, v) = abs(sum(grad(f)(x) * v) / jvp(f, x, v)[1] - 1) < 1e-11
print(agree(numbers, 0.7, 1))                                     # expect: true
print(agree(tensors, [0.7, 0.2, 0.3], [1, 2, -1]))                # expect: true
print(agree(lists, 0.7, 1))                                       # expect: true
print(value_and_grad(numbers)(0.7)[0] == numbers(0.7))            # expect: true
seed(3)
let (value, slope) = value_and_grad(a -> sum(scan((y, k) -> y * 0.99 + a * normal(), 0, 0..n)))(2)
print(abs(value / slope - 2) < 1e-9)                              # expect: true
