let x = ones(8, 3)
let y = ones(8)
var w = zeros(2)
descend w using gd(lr: 0.1) for 10 {
  let p = x @ w
  mse(p, y)
}
