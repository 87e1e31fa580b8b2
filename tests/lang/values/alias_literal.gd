# a literal in a loop is new on each turn
for i in 0..2 {
  var x = [0, 0]
  var l = (0, "a")
  x[0] += 1
  l[0] += 1
  print(x, l)
}
# expect: [1, 0] (1, "a")
# expect: [1, 0] (1, "a")
