# pad with zeros before and after
# source: NumPy 1.24.2, SciPy 1.10.1
print(pad([1, 2], (1, 2)))  # expect: [0, 1, 2, 0, 0]
print(pad([1, 2], (0, 0)))  # expect: [1, 2]
print(grad(x -> sum(pad(x, (1, 1)) * [1, 2, 3, 4]))([5, 6]))  # expect: [2, 3]
