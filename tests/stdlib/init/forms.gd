# with a shape at once, without one a function of the shape; kernels count their receptive field
seed(3)
print(he([3, 2]).shape, he(3, 2).shape, he()(3, 2).shape, he()([3, 2]).shape)   # expect: (3, 2) (3, 2) (3, 2) (3, 2)
print(type(he()))                                        # expect: function
let k = he(64, 32, 3, 3)
assert abs(variance(k) / (2 / (32 * 9)) - 1) < 0.05
let q = orthogonal(5, 3)
print(max(abs(q' @ q - eye(3))) < 1e-14)                 # expect: true
let r = orthogonal(3, 8)
print(max(abs(r @ r' - eye(3))) < 1e-14)                 # expect: true
print(orthogonal(4, 2, 3).shape, glorot(7).shape)        # expect: (4, 2, 3) (7,)
print(try { orthogonal(3) } catch e { e.code })          # expect: E0216
model M(n) { param Q[n, n] = orthogonal() }
let Q = M(4).Q
print(abs(abs(det(Q)) - 1) < 1e-12)                      # expect: true
