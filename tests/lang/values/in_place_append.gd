# timeout: 10
var xs = ()
for i in 0..1_000_000 {
  xs = (...xs, i)
}
print(len(xs), xs[999_999])  # expect: 1000000 999999
var ys = ()
for i in 0..300_000 {
  ys = push(ys, i)
}
print(len(ys))  # expect: 300000
