# source: PyTorch 1.13, layer_norm with eps 1e-5
let x = [[1, 2, 4], [0, 0, 3]]
print(reshape(layer_norm(x), 6).shape)  # expect: (6,)
print((v for v in layer_norm(x)[0]))    # expect~ (-1.0690415315, -0.2672603829, 1.3363019143) 1e-8
print((v for v in layer_norm(x, [1, 2, 3], [1, 1, 1])[0]))  # expect~ (-0.0690415315, 0.4654792343, 5.0089057429) 1e-8
