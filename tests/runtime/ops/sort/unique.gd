# unique elements in ascending order
# source: NumPy 1.24.2, SciPy 1.10.1
print(unique([3, 1, 3, 2, 1]))  # expect: [1, 2, 3]
print(unique([5]))  # expect: [5]
print(unique(zeros(0)).shape)  # expect: (0,)
print(unique([2, 1, 2] as i32))  # expect: [1, 2]
