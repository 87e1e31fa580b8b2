# median; of an odd number of elements the middle one
# source: NumPy 1.24.2, SciPy 1.10.1
let A = [[3, -1, 2], [0.5, 4, -2]]
print(median([3, 1, 2]))  # expect: 2
print(median([5]))  # expect: 5
print((v for v in median(A, axis: 1)))
# expect~ (2, 0.5) 1e-12
print((v for v in median(A', axis: 0)))
# expect~ (2, 0.5) 1e-12
print(median(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(median(A as f32, axis: 1).dtype)  # expect: f32
print(median([1, 1, 9, 9, 9]))  # expect: 9
print(grad(x -> median(x))([3, 9, 4]))  # expect: [0, 0, 1]
