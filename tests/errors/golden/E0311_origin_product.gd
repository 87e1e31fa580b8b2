let x = 1e200 * ones(4, 3)
var w = ones(3, 2)
descend w using gd(lr: 0.1) for 3 {
  let p = x @ w
  mean(p @ p')
}
