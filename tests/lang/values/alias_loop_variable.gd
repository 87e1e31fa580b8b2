var rows = ([1, 2], [3, 4])
for r in rows {
  var c = r
  c[0] = 0
}
print(rows)  # expect: ([1, 2], [3, 4])
for r in rows {
  rows[1][1] += r[0]      # the loop goes over the value that rows had
}
print(rows)  # expect: ([1, 2], [3, 8])
var t = [1, 2, 3]
for v in t {
  t[2] = t[2] + v
}
print(t)     # expect: [1, 2, 9]
