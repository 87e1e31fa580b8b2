# every use of T sees the trial value, also through a lambda made in the block
var w = 2
descend w using gd(lr: 0.5) for 1 {
  let f = x -> w * x
  let g = () -> w
  f(3) + g()
}
print(w)   # expect: 0
