# min of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(min(A))  # expect: -2
print(type(min(A)))  # expect: number
print((v for v in min(A, axis: 0)))
# expect~ (0.5, -1, -2) 1e-12
print(min(A, axis: 1))  # expect: [-1, -2]
print(min(A, axis: -1))  # expect: [-1, -2]
print((min(B, axis: 1)).shape)  # expect: (2, 4)
print(reshape(min(B, axis: 1), 8))  # expect: [0, 2, 3, 0, 2, 3, 0, 1]
print(min(B, axis: (0, 2)))  # expect: [0, 1, 0]
print((min(B, axis: (0, -1), keep: true)).shape)  # expect: (1, 3, 1)
print(reshape(min(B, axis: (0, -1), keep: true), 3))  # expect: [0, 1, 0]
print(min(B, axis: (0, 1, 2)))  # expect: 0
print(min(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(min(A, axis: 0, keep: true).shape)  # expect: (1, 3)
print(min(A', axis: 0))  # expect: [-1, -2]
print(min(A[:, ::-2], axis: 1))  # expect: [2, -2]
print(min([4]))  # expect: 4
print(A[0].min())  # expect: -1
print(min(A as f32, axis: 0).dtype)  # expect: f32
print((v for v in min(A as f32, axis: 0)))
# expect~ (0.5, -1, -2) 1e-6
print(min([1, 0 / 0, 3]))
# expect~ nan 1e-12
print(min([1, 1 / 0]))
# expect~ 1 1e-12
let big = sin(range(0, 10_000))
print(min(big))
# expect~ -0.9999934774036732 1e-09
print((v for v in min(reshape(big, 100, 100), axis: 0)[:5]))
# expect~ (-0.9997689799743068, -0.9999876579693036, -0.9995060505690041, -0.9995349818814959, -0.9999918640952321) 1e-09
print(min([[3, 1]] as i32, axis: 0).dtype)  # expect: i32
print(min([[3, 1]] as i32, axis: 1))  # expect: [1]
print(min(3, 5))  # expect: 3
print(min([1, 9], [5, 2]))  # expect: [1, 2]
print(min([1, 9, 4], 4))  # expect: [1, 4, 4]
print(min(1, 2, 3))  # expect: 1
print(min(zeros(3, 0), axis: 0).shape)  # expect: (0,)
print((grad(x -> min(x))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> min(x))(A), 6)))
# expect~ (0, 0, 0, 0, 0, 1) 1e-11
