# where(c, a, b)
# source: NumPy 1.24.2, SciPy 1.10.1
let c = [true, false, true]
print(where(c, [1, 2, 3], [10, 20, 30]))  # expect: [1, 20, 3]
print(where(c, 1, 0))  # expect: [1, 0, 1]
print(where(c, [1, 2, 3], -1))  # expect: [1, -1, 3]
print((where([[true], [false]], [[1, 2]], [[3, 4]])).shape)  # expect: (2, 2)
print(reshape(where([[true], [false]], [[1, 2]], [[3, 4]]), 4))  # expect: [1, 2, 3, 4]
print(where(zeros(0) > 0, 1, 0).shape)  # expect: (0,)
print(where(c, [1, 2, 3] as f32, 0).dtype)  # expect: f32
print(where(true, 1, 2))  # expect: 1
print((where([[true, false], [false, true]]', [[1, 2], [3, 4]]', 0)).shape)  # expect: (2, 2)
print(reshape(where([[true, false], [false, true]]', [[1, 2], [3, 4]]', 0), 4))  # expect: [1, 0, 0, 4]
print((v for v in where(c, [1, 2, 3] / 0, 5)))
# expect~ (inf, 5, inf) 1e-12
let (da, db) = grad((a, b) -> sum(where(c, a, b) * [1, 2, 3]), wrt: (0, 1))([1, 1, 1], [1, 1, 1])
print(da)  # expect: [1, 0, 3]
print(db)  # expect: [0, 2, 0]
