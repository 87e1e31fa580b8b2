model Counter() {
  param w = 1
  state total = 0
  fn (x) { total = total + x; x * w }
}
var m = Counter()
descend m using sgd(lr: 0.1) for 1 { sum(vmap(x -> m(x))([1, 2, 3])) }
