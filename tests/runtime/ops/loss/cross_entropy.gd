# cross_entropy(logits[n, c], labels[n]), the mean over n
# source: PyTorch 1.13.0a0
let x = [[1, 2, 3], [0.5, -1, 0], [1000, 0, -1000]]
print(cross_entropy(x, [2, 0, 0]))
# expect~ 0.33724552326036955 1e-12
print(cross_entropy(x, [2, 0, 0] as i64))
# expect~ 0.33724552326036955 1e-12
print((grad(x -> cross_entropy(x, [2, 0, 0]))(x)[:2]).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> cross_entropy(x, [2, 0, 0]))(x)[:2], 6)))
# expect~ (0.030010191056793478, 0.08157615701826587, -0.1115863480750594, -0.1511502042446068, 0.040650550769909616, 0.11049965347469716) 1e-11
