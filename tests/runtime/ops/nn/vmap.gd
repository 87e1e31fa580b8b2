# the fused operations under vmap, and slopes inside of it, against loops
seed(2)
let x = normal(3, 4, 5)
let w = normal(3, 5)
let b = normal(3, 5)
fn near(a, b) = max(abs(a - b)) < 1e-12
print(near(vmap(x -> layer_norm(x, w[0], b[0]))(x), layer_norm(x, w[0], b[0])))  # expect: true
print(near(vmap((w, b) -> layer_norm(x[0], w, b))(w, b), stack([layer_norm(x[0], w[i], b[i]) for i in 0..3])))  # expect: true
print(near(vmap((x, w) -> grad(w -> sum(layer_norm(x, w, b[0]) ^ 2))(w))(x, w), stack([grad(w -> sum(layer_norm(x[i], w, b[0]) ^ 2))(w[i]) for i in 0..3])))  # expect: true
print(near(vmap(x -> grad(x -> sum(attention(x, x, x, causal: true) ^ 2))(x))(x), stack([grad(x -> sum(attention(x, x, x, causal: true) ^ 2))(x[i]) for i in 0..3])))  # expect: true
let k = [[true, false, true, true], [false, false, false, false], [true, true, true, false], [true, true, true, false]]
print(near(vmap(x -> attention(x, x, x, k))(x), stack([attention(x[i], x[i], x[i], k) for i in 0..3])))  # expect: true
print(near(vmap(x -> cross_entropy(x, [1, 2, 0, 4]))(x), stack([cross_entropy(x[i], [1, 2, 0, 4]) for i in 0..3])))  # expect: true
let labels = [[1, 2, 0, 4], [0, 0, 1, 1], [2, 2, 3, 3]]
print(near(vmap((x, l) -> cross_entropy(x, l))(x, labels), stack([cross_entropy(x[i], labels[i]) for i in 0..3])))  # expect: true
let W = normal(5, 8)
let U = normal(2, 8)
print(near(vmap(x -> lstm_cell(x, (ones(4, 2), ones(4, 2)), W, U).c)(x), stack([lstm_cell(x[i], (ones(4, 2), ones(4, 2)), W, U).c for i in 0..3])))  # expect: true
print(near(vmap(x -> gru_cell(x, ones(4, 2), W[:, :6], U[:, :6]))(x), stack([gru_cell(x[i], ones(4, 2), W[:, :6], U[:, :6]) for i in 0..3])))  # expect: true
print(near(vmap(x -> batch_norm(x))(x), stack([batch_norm(x[i]) for i in 0..3])))  # expect: true
print(near(vmap(x -> group_norm(x, 1))(x), stack([group_norm(x[i], 1) for i in 0..3])))  # expect: true
print(near(vmap(x -> rms_norm(x))(x), rms_norm(x)))  # expect: true
print(near(vmap(a -> beta(a, 2))([1, 2, 3]), beta([1, 2, 3], 2)), near(vmap(x -> gelu(x, "tanh"))(x), gelu(x, "tanh")))  # expect: true true
