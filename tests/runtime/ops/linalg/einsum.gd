# einsum
# source: NumPy 1.24.2, SciPy 1.10.1
let A = [[1, 2, 3], [4, 5, 6]]
let B = [[1, 0], [2, -1], [0.5, 3]]
print((einsum("ij,jk->ik", A, B)).shape)  # expect: (2, 2)
print((v for v in reshape(einsum("ij,jk->ik", A, B), 4)))
# expect~ (6.5, 7, 17, 13) 1e-12
print((einsum("ij->ji", A)).shape)  # expect: (3, 2)
print(reshape(einsum("ij->ji", A), 6))  # expect: [1, 4, 2, 5, 3, 6]
print(einsum("ij->j", A))  # expect: [5, 7, 9]
print(einsum("ij,ij->", A, A))  # expect: 91
print((einsum("i,j->ij", [1, 2], [3, 4])).shape)  # expect: (2, 2)
print(reshape(einsum("i,j->ij", [1, 2], [3, 4]), 4))  # expect: [3, 4, 6, 8]
print(einsum("ii->i", [[1, 2], [3, 4]]))  # expect: [1, 4]
print((einsum("bij,bjk->bik", reshape(range(0, 12), 2, 2, 3), reshape(range(0, 12), 2, 3, 2))).shape)  # expect: (2, 2, 2)
print(reshape(einsum("bij,bjk->bik", reshape(range(0, 12), 2, 2, 3), reshape(range(0, 12), 2, 3, 2)), 8))  # expect: [10, 13, 28, 40, 172, 193, 244, 274]
print((grad(a -> sum(einsum("ij,jk->ik", a, B) ^ 2))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(a -> sum(einsum("ij,jk->ik", a, B) ^ 2))(A), 6)))
# expect~ (13, 12, 48.5, 34, 42, 95) 1e-12
