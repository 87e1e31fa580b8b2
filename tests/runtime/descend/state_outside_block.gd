# states of models that are not trained stay as they were, whoever calls them in the block
model Count() {
  state n = 0
  fn (x) { n += 1; x }
}
fn call(c, x) = c(x)
var outer = Count()
var w = 2
descend w using gd(lr: 0.1) for 3 {
  var own = Count()
  own(1)
  own(2)
  outer(w) + call(outer, w) + own.n
}
print(outer.n)          # expect: 0
outer(1)
print(outer.n)          # expect: 1
