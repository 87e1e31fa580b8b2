# a method that calls another one sees its changes
model A(k) {
  state n = 0
  fn one() { n += 1; nil }
  fn two() { one(); one(); n }
}
var a = A(0)
print(a.two())  # expect: 2
print(a.n)      # expect: 2
