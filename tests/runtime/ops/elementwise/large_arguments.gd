# no overflow where the result is finite
# source: NumPy 1.24.2, SciPy 1.10.1
print(softplus([800, -800]))  # expect: [800, 0]
print(sigmoid([-800, 800]))  # expect: [0, 1]
print(tanh([-500, 500]))  # expect: [-1, 1]
print(logsumexp([1000, 1000]))
# expect~ 1000.6931471805599 1e-12
print(softmax([1000, 0, -1000]))  # expect: [1, 0, 0]
print(hypot(3e200, 4e200))
# expect~ 5e+200 1e-12
