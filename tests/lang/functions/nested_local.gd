fn outer(n) {
  let k = n * 10
  fn inner(x) {
    fn innermost(y) = y + k
    innermost(x) * 2
  }
  inner(1)
}
print(outer(1), outer(2))  # expect: 22 42
