fn mpow(A, n) {
  var R = eye(len(A))
  var B = A
  var k = n
  while k > 0 {
    if k % 2 == 1 { R @= B }
    B @= B
    k //= 2
  }
  R
}
print(mpow([[1, 1], [1, 0]], 30)[0, 1])  # expect: 832040
