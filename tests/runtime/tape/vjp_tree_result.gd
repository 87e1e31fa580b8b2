let (y, pull) = vjp((a, b) -> (a @ b, a), [[1, 2]], [[3], [4]])
print(y)                             # expect: ([[11]], [[1, 2]])
let (da, db) = pull(([[1]], [[10, 20]]))
print(da, db[:, 0])                  # expect: [[13, 24]] [1, 2]
