# concat(list, axis: 0)
# source: NumPy 1.24.2, SciPy 1.10.1
print(concat(([1, 2], [3], [4, 5])))  # expect: [1, 2, 3, 4, 5]
print((concat(([[1, 2], [3, 4]], [[5, 6]]))).shape)  # expect: (3, 2)
print(reshape(concat(([[1, 2], [3, 4]], [[5, 6]])), 6))  # expect: [1, 2, 3, 4, 5, 6]
print((concat(([[1, 2], [3, 4]], [[5, 6]]'), axis: 1)).shape)  # expect: (2, 3)
print(reshape(concat(([[1, 2], [3, 4]], [[5, 6]]'), axis: 1), 6))  # expect: [1, 2, 5, 3, 4, 6]
print(concat(([1], zeros(0), [2])))  # expect: [1, 2]
print((concat(([[1, 2], [3, 4]], [[5], [6]]), axis: -1)).shape)  # expect: (2, 3)
print(reshape(concat(([[1, 2], [3, 4]], [[5], [6]]), axis: -1), 6))  # expect: [1, 2, 5, 3, 4, 6]
print(concat(([7, 8],)))  # expect: [7, 8]
print(concat(([1] as f32, [2] as f64)).dtype)  # expect: f64
print(concat(([1] as i32, [2] as i32)).dtype)  # expect: i32
let (da, db) = grad((a, b) -> sum(concat((a, b)) * [1, 2, 3]), wrt: (0, 1))([0, 0], [0])
print(da)  # expect: [1, 2]
print(db)  # expect: [3]
