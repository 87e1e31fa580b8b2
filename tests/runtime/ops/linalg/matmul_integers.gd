# integer products are exact
# op: matmul
print((([[1, 2], [3, 4]] as i64) @ ([[5], [6]] as i64)).shape)  # expect: (2, 1)
print(reshape(([[1, 2], [3, 4]] as i64) @ ([[5], [6]] as i64), 2))  # expect: [17, 39]
print((([[1, 2]] as i64) @ ([[5], [6]] as i64)).dtype)  # expect: i64
