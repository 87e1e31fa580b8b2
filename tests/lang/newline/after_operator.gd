let a = 1 +
  2 *
  3
print(a)  # expect: 7
let b =
  4
print(b)  # expect: 4
let c = a > 3 and
  b == 4
print(c)  # expect: true
let f = x ->
  x + 1
print(f(1))  # expect: 2
