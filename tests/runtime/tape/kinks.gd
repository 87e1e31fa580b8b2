# as PyTorch has them
print(grad(abs)(0))                   # expect: 0
print(grad(relu)(0))                  # expect: 0
print(grad(x -> norm(x))([0, 0]))     # expect: [0, 0]
print(grad(x -> max(x))([2, 5, 5]))   # expect: [0, 0.5, 0.5]
print(grad(x -> min(x))([2, 2, 5]))   # expect: [0.5, 0.5, 0]
print(grad((a, b) -> max(a, b), wrt: (0, 1))(3, 3))    # expect: (0.5, 0.5)
print(grad(x -> sum(sort(x) * [1, 10, 100]))([3, 1, 2]))  # expect: [100, 1, 10]
print(grad(x -> median(x))([3, 1, 2]))  # expect: [0, 0, 1]
print(grad(x -> sum(floor(x)))([1.5, 2]))  # expect: [0, 0]
print(grad(x -> sum(sign(x)))([1.5, -2]))  # expect: [0, 0]
print(grad(x -> sum(clamp(x, 0, 1)))([-1, 0.5, 2]))  # expect: [0, 1, 0]
