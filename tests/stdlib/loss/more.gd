# source: PyTorch 1.13: binary_cross_entropy, cross_entropy
print(bce([0.9, 0.2], [1, 0]))   # expect~ 0.16425203348601802 1e-12
print(grad(p -> mse(p, [1, 0]))([3, 1]))  # expect: [2, 1]
print(grad(p -> mae(p, [1, 0]))([3, -1])) # expect: [0.5, -0.5]
