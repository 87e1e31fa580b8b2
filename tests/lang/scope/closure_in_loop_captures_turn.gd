var fs = ()
var n = 0
while n < 3 {
  fs = push(fs, () -> n)
  n += 1
}
print((f() for f in fs))   # expect: (0, 1, 2)
