# the block is part of the function, not a closure
fn fit(xs, ys) {
  var a = 0
  var b = 0
  descend a, b using gd(lr: 0.1) for 500 {
    mean((a * xs + b - ys) ^ 2)
  }
  (a, b)
}
let (a, b) = fit([0, 1, 2, 3], [1, 3, 5, 7])
print(a)   # expect~ 2 1e-6
print(b)   # expect~ 1 1e-6
