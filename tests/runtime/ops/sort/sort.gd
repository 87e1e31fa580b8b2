# sort, ascending, along the last axis unless axis is given
# source: NumPy 1.24.2, SciPy 1.10.1
print(sort([3, 1, 2]))  # expect: [1, 2, 3]
print((sort([[3, 1, 2], [0, 5, -1]], axis: 1)).shape)  # expect: (2, 3)
print(reshape(sort([[3, 1, 2], [0, 5, -1]], axis: 1), 6))  # expect: [1, 2, 3, -1, 0, 5]
print((sort([[3, 1, 2], [0, 5, -1]], axis: 0)).shape)  # expect: (2, 3)
print(reshape(sort([[3, 1, 2], [0, 5, -1]], axis: 0), 6))  # expect: [0, 1, -1, 3, 5, 2]
print(sort(zeros(0)).shape)  # expect: (0,)
print(sort([5]))  # expect: [5]
print(sort([2, 1, 2, 1]))  # expect: [1, 1, 2, 2]
print(sort([3, 1, 2] as i32))  # expect: [1, 2, 3]
print(sort([3, 1] as i32).dtype)  # expect: i32
print((v for v in sort([2, 1 / 0, -1 / 0])))
# expect~ (-inf, 2, inf) 1e-12
print((v for v in sort([2, 0 / 0, 1])))
# expect~ (1, 2, nan) 1e-12
print(sort(range(0, 2000) * 7 % 2000)[1997:])  # expect: [1997, 1998, 1999]
print(grad(x -> sum(sort(x) * [1, 2, 3]))([30, 10, 20]))  # expect: [3, 1, 2]
