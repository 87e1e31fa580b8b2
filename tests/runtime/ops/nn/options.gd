# Slopes by scale, eps and label_smoothing, which are plain figures unless a derivative watches them. Figures: PyTorch.
let q = [[1, 2], [3, 4]]
let k = [[1, 0], [0, 1]]
let by_scale = s -> sum(attention(q, k, q, scale: s)^2)
print(grad(by_scale)(0.5), hessian(by_scale)(0.5))    # expect~ 10.321057205700908 -0.760563693459481 1e-11
print(jvp(by_scale, 0.5, 1)[1])                       # expect~ 10.321057205700908 1e-11
let x = [[1, 2, 4], [3, 4.5, -1]]
let g = [1, 2, 3]
print(grad(e -> sum(layer_norm(x, g, eps: e)^3))(0.5))    # expect~ -16.830784974807383 1e-11
print(grad(e -> sum(rms_norm(x, g, eps: e)^3))(0.5))      # expect~ -20.45993734900693 1e-11
print(grad(e -> sum(batch_norm(x, mean: g, var: [1, 0.5, 2], eps: e)^3))(0.5))   # expect~ -18.22942078726536 1e-11
print(grad(e -> sum(group_norm(x[:, :2], 1, [1, sqrt(3)], eps: e)^2))(0.5) < 0)  # expect: true
print(check_grad(e -> sum(group_norm(x, 1, g, g, eps: e)^3), 0.5).error < 1e-6)  # expect: true
print(check_grad(e -> sum(batch_norm(x' , [1, 2], [0, 1], eps: e)^3), 0.5).error < 1e-6)   # expect: true
print(check_grad((x, e) -> sum(layer_norm(x, g, g, eps: e)^3), x, 0.5).error < 1e-6)   # expect: true
print(grad(s -> cross_entropy(x, [2, 0], label_smoothing: s))(0.1))                         # expect~ 1.25 1e-11
print(grad(s -> cross_entropy(x, [[0, 0, 1], [0.5, 0.5, 0]], label_smoothing: s))(0.1))     # expect~ 1.625 1e-11
print(grad(s -> cross_entropy(x, [[0, 0, 1], [0.5, 0.5, 0]], label_smoothing: s))(0))       # expect~ 1.625 1e-11
