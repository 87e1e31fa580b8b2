# source: by hand; d det / dA = det inv(A)'
print(det([[2, 1], [1, 3]]))                   # expect~ 5 1e-12
print(det([[0, 1], [1, 0]]))                   # expect~ -1 1e-12
print((v for v in reshape(grad(A -> det(A))([[2, 1], [1, 3]]), 4)))  # expect~ (3, -1, -1, 2) 1e-11
