loss l(x, y) = mean((x - y) ^ 2)
print(l([1, 2], [1, 4]))  # expect: 2
loss l2(x) {
  let s = sum(x)
  s * 2
}
print(l2([1, 2]))         # expect: 6
