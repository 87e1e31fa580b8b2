model Box(n) {
  param w[n] = 1
  let tag = "t"
  fn total() = sum(self_w(0))
  fn self_w(k) = w + k
}
var a = Box(2)
let b = a
a.w[0] = 5
print(a.w)   # expect: [5, 1]
print(b.w)   # expect: [1, 1]
print(a.total(), b.total())  # expect: 6 2
var pair = (a, a)
pair[0].w[1] = 7
print(pair[1].w)  # expect: [5, 1]
print(pair[0].w)  # expect: [5, 7]
