# log_softmax along an axis
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
print((v for v in log_softmax([1, 2, 3])))
# expect~ (-2.4076059644443806, -1.4076059644443804, -0.40760596444438035) 1e-12
print((log_softmax(A, axis: 1)).shape)  # expect: (2, 3)
print((v for v in reshape(log_softmax(A, axis: 1), 6)))
# expect~ (-0.3265626412674705, -4.32656264126747, -1.3265626412674705, -3.532153622683158, -0.03215362268315814, -6.0321536226831585) 1e-12
print((log_softmax(A, axis: 0)).shape)  # expect: (2, 3)
print((v for v in reshape(log_softmax(A, axis: 0), 6)))
# expect~ (-0.07888973429254957, -5.006715348489118, -0.018149927917809776, -2.5788897342925496, -0.006715348489117967, -4.0181499279178094) 1e-12
print((log_softmax(A', axis: -1)).shape)  # expect: (3, 2)
print((v for v in reshape(log_softmax(A', axis: -1), 6)))
# expect~ (-0.07888973429254957, -2.5788897342925496, -5.006715348489118, -0.006715348489117967, -0.018149927917809776, -4.0181499279178094) 1e-12
print((v for v in log_softmax([1000, 1001])))
# expect~ (-1.3132616875182228, -0.3132616875182228) 1e-12
print(log_softmax([5]))  # expect: [0]
print(log_softmax([1, 2] as f32).dtype)  # expect: f32
print((grad(x -> sum(log_softmax(x, axis: 1) * [[1, 2, 3], [4, 5, 6]]))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> sum(log_softmax(x, axis: 1) * [[1, 2, 3], [4, 5, 6]]))(A), 6)))
# expect~ (-3.328395105643812, 1.9207226782772635, 1.4076724273665484, 3.5613719193074544, -9.525367133907404, 5.963995214599949) 1e-11
