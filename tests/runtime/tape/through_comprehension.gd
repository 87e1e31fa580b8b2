let A = [[1, 2], [3, 4]]
print(grad(x -> sum([x[i] ^ 2 * (i + 1) for i]))([1, 2, 3]))  # expect: [2, 8, 18]
print(grad(x -> sum(sum(A[i, k] * x[k] for k) ^ 2 for i))([1, 1]))  # expect: [48, 68]
print(grad(x -> sum(x ^ i for i in 0..4))(2))       # expect: 17
print(grad(x -> max(x * i for i in 0..4))(2))       # expect: 3
print(grad(x -> sum((x * i for i in 0..3)))(2))     # expect: 3
