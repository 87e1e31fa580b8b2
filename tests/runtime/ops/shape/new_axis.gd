let x = [1, 2, 3]
print((x[:, new] + zeros(3, 2))[2])          # expect: [3, 3]
print(grad(x -> sum(x[:, new] * [[1, 2], [3, 4], [5, 6]]))(x))  # expect: [3, 7, 11]
print(grad(x -> sum(x[new, :] * [[1, 2, 3], [4, 5, 6]]))(x))    # expect: [5, 7, 9]
