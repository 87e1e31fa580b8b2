fn f(x) {
  var y = x
  for i in 0..3 { y = where(y > 1, y / 2, y * 3) }
  sum(y)
}
# 4 -> 2 -> 1 -> 3; 0.5 -> 1.5 -> 0.75 -> 2.25
print(f([4, 0.5]), grad(f)([4, 0.5]))  # expect: 5.25 [0.75, 4.5]
