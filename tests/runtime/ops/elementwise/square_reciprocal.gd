# x * x and 1 / x under their own names, if a script can say them, and through ^
# op: square reciprocal chain chain_div gate share
print([1, -2, 3] ^ 2)       # expect: [1, 4, 9]
print([1, -2, 4] ^ -1)      # expect: [1, -0.5, 0.25]
print(1 / [1, -2, 4])       # expect: [1, -0.5, 0.25]
print(grad(x -> sum(1 / x))([1, -2, 4]))   # expect: [-1, -0.25, -0.0625]
print(grad(x -> sum(x ^ 2))([1, -2, 4]))   # expect: [2, -4, 8]
# strong zeros: 0 times an infinite partial derivative is 0
print(grad(x -> sum([0, 1] * sqrt(x)))([0, 4]))     # expect: [0, 0.25]
print(grad(x -> sum(relu(x) * [1, 2]))([-1, 3]))    # expect: [0, 2]
print(grad(x -> sum(max(x, 2) * [1, 2, 4]))([1, 2, 3]))  # expect: [0, 1, 4]
