# the last use of a variable hands it over; inside a `try` what is needed later stays
fn kept(xs) {
  var v = xs
  try { v = push(v, error("no")) } catch e { nil }
  v
}
print(kept((1, 2)))  # expect: (1, 2)
fn rounds(n) {
  var v = (1,)
  var lengths = ()
  for i in 0..n {
    try { v = push(v, i); if i == 1 { error("x") } } catch e { lengths = push(lengths, len(v)) }
  }
  (v, lengths)
}
print(rounds(3))     # expect: ((1, 0, 1, 2), (3,))
var top = (1, 2)
let r = try { top = push(top, error("x")) } catch e { len(top) }
print(r, top)        # expect: 2 (1, 2)
fn branch(xs, flag) {
  let copy = xs
  if flag { return push(xs, 9) }
  push(copy, 8)
}
print(branch((1,), true), branch((1,), false))  # expect: (1, 9) (1, 8)
