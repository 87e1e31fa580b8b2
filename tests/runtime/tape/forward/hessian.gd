fn rosenbrock(x) = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)
# closed form: tridiagonal, d_i = 1200 x_i^2 - 400 x_{i+1} + 2 (+ 200), off -400 x_i
print(hessian(rosenbrock)([1, 1, 1]))
# expect: [[ 802, -400,    0],
# expect:  [-400, 1002, -400],
# expect:  [   0, -400,  200]]
fn closed(x) {
  let n = len(x)
  var H = zeros(n, n)
  for i in 0..n - 1 {
    H[i, i] += 1200 * x[i]^2 - 400 * x[i + 1] + 2
    H[i + 1, i + 1] += 200
    H[i, i + 1] = -400 * x[i]
    H[i + 1, i] = -400 * x[i]
  }
  H
}
let x = [-1.2, 1, 0.5, 2]
print(max(abs(hessian(rosenbrock)(x) - closed(x))) < 1e-11, max(abs(hessian(rosenbrock, mode: "reverse")(x) - closed(x))) < 1e-11)  # expect: true true
# a loop over numbers gives the same
fn looped(x) {
  var s = 0
  for i in 0..len(x) - 1 { s += 100 * (x[i + 1] - x[i]^2)^2 + (1 - x[i])^2 }
  s
}
print(max(abs(hessian(looped)(x) - closed(x))) < 1e-11)                   # expect: true
let v = [1, -2, 3, 0.5]
print(max(abs(hvp(rosenbrock, x, v) - closed(x) @ v)) < 1e-11, max(abs(hvp(looped, x, v) - closed(x) @ v)) < 1e-11)  # expect: true true
# numbers, trees, several arguments
print(hessian(x -> x^3)(2), hvp(x -> x^3, 2, 10))                         # expect: 12 120
print(hessian(t -> t.a * sum(t.b^2))((a: 2, b: [1, 2])).b.a)              # expect: [2, 4]
print(hvp(t -> t.a * sum(t.b^2), (a: 2, b: [1, 2]), (a: 1, b: [0, 1])))   # expect: (a: 4, b: [2, 8])
print(hessian((x, y) -> x^2 * y, wrt: (0, 1))(3, 2))                      # expect: ((4, 6), (6, 0))
# third derivatives
print(grad(x -> sum(hvp(rosenbrock, x, [1, 0, 0, 0])))([1, 2, 3, 4]))     # expect: [2000, -400, 0, 0]
print(hessian(grad(x -> x^5))(2) == 5 * 4 * 3 * 4)                        # expect: true
