# source: PyTorch 1.13, layer_norm with eps 1e-5
let x = [[1, 2, 4], [0, 0, 3]]
print(reshape(layer_norm(x), 6).shape)  # expect: (6,)
print((v for v in layer_norm(x)[0]))    # expect~ (-1.0690415187, -0.2672603797, 1.3363018983) 1e-6
print((v for v in layer_norm(x, [1, 2, 3], [1, 1, 1])[0]))  # expect~ (-0.0690415187, 0.4654792407, 5.0089056949) 1e-6
