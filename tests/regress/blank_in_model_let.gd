# `_` in a pattern of a model's let is no member
model M() {
  let (a, _) = (1, 2)
  let (_, b) = (3, 4)
  let _ = 5
  fn () = a + b
}
print(M()())   # expect: 5
