# QR and LU
# source: NumPy 1.24.2, SciPy 1.10.1
# op: qr lu
let N = [[1, 2, -1], [0.5, -3, 2], [4, 1, 6]]
let A = [[4, 1, 2], [1, 3, 0], [2, 0, 5]]
let B = stack((N, A, N @ A))
let W = reshape(sin(range(1, 13) ^ 2), 4, 3)
fn big(n) = reshape(sin(range(0, n * n) ^ 2 * 0.37 + range(0, n * n)), n, n) + n / 8 * eye(n)
let (q, r) = qr(W)
print((v for v in reshape(q, 12)))
# expect~ (-0.6015093722043268, 0.14597221288050666, 0.38828419117700275, 0.2058021564490215, -0.6486655361623525, 0.7267537216981859, 0.6817717660586144, -0.0702148030238763, -0.16465798094186368, 0.36196575329250025, 0.743636347079871, 0.542173555415612) 1e-12
print((v for v in reshape(r, 9)))
# expect~ (-1.3989324583990976, 1.4167702003538407, -1.0591762094846549, 0.0, 0.6535357420579883, 0.38257656600395507, 0.0, 0.0, -0.7232627181231788) 1e-12
print(max(abs(q @ r - W)) < 1e-14 and max(abs(q' @ q - eye(3))) < 1e-14)  # expect: true
print((v for v in reshape(qr(W').q, 9)))
# expect~ (-0.6986434098439316, 0.033794471956899365, -0.7146714766567912, 0.6283461764531723, -0.44872623119039834, -0.6354729356773112, -0.342167310563594, -0.8930300684225675, 0.2922649970059046) 1e-12
print((v for v in reshape(qr(W').r, 12)))
# expect~ (-1.2044355860965907, 0.45733334169591283, 1.4599549297670729, 1.149382283783896, 0.0, 0.9353484988018523, 0.11743753463089177, -0.0268099033081155, 0.0, 0.0, -0.08712604344021528, -0.416343387264683) 1e-12
print((qr(W').q.shape, qr(W').r.shape, qr(B).q.shape))  # expect: ((3, 3), (3, 4), (3, 3, 3))
print((v for v in reshape(qr(B).r, 27)))
# expect~ (-4.153311931459037, -1.0834726777719226, -5.778520948116921, 0.0, 3.581352671341059, -2.3066339239145806, 0.0, 0.0, 1.5126584522688327, -4.58257569495584, -1.5275252316519468, -3.927922024247863, 0.0, -2.7688746209726918, 1.4446302370292305, 0.0, 0.0, 3.3888747468281326, -29.427877939124322, -6.983174268464257, -38.16109344761733, 0.0, 11.022035979630019, -10.432334464555176, 0.0, 0.0, 2.9828416823343744) 1e-12
print(max(abs(qr(big(80)).q @ qr(big(80)).r - big(80))) < 1e-12)  # expect: true
print((v for v in reshape(qr(W as f32).q, 12)))
# expect~ (-0.6015093722043268, 0.14597221288050666, 0.38828419117700275, 0.2058021564490215, -0.6486655361623525, 0.7267537216981859, 0.6817717660586144, -0.0702148030238763, -0.16465798094186368, 0.36196575329250025, 0.743636347079871, 0.542173555415612) 1e-5
print(qr(W as f32).q.dtype)  # expect: f32
print((qr(zeros(0, 3)).q.shape, qr(zeros(0, 3)).r.shape, qr(zeros(3, 0)).q.shape, qr(zeros(3, 0)).r.shape))  # expect: ((0, 0), (0, 3), (3, 0), (0, 0))
print(qr([[-2]]).q @ qr([[-2]]).r)  # expect: [[-2]]
print((v for v in reshape(lu(W).p, 16)))
# expect~ (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0) 1e-12
print((v for v in reshape(lu(W).l, 12)))
# expect~ (1.0, 0.0, 0.0, 0.5309192479252371, 1.0, 0.0, 0.30186371260104067, -0.8035067145168491, 1.0, -0.8822738079661291, 0.10759629343226283, 0.13667882698436376) 1e-12
print((v for v in reshape(lu(W).u, 9)))
# expect~ (-0.953752652759472, 0.9200260381967905, -0.6298879942744539, 0.0, 0.5103556924525041, -0.15660193370114017, 0.0, 0.0, -0.9274692302037946) 1e-12
print((v for v in reshape(lu(W').p, 9)))
# expect~ (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0) 1e-12
print((v for v in reshape(lu(W').l, 9)))
# expect~ (1.0, 0.0, 0.0, 0.48975959086199644, 1.0, 0.0, -0.8993803814646117, 0.45991730032435996, 1.0) 1e-12
print((v for v in reshape(lu(W').u, 12)))
# expect~ (0.8414709848078965, -0.28790331666506536, -0.953752652759472, -0.5063656411097587, 0.0, -0.8507754428654215, -0.1627784852754311, -0.24302416468198135, 0.0, 0.0, 0.13710425503385604, 0.6551709189958317) 1e-12
print((v for v in reshape(lu(N).p, 9)))
# expect~ (0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0) 1e-12
print((v for v in reshape(lu(N).l, 9)))
# expect~ (1.0, 0.0, 0.0, 0.125, 1.0, 0.0, 0.25, -0.56, 1.0) 1e-12
print((v for v in reshape(lu(N).u, 9)))
# expect~ (4.0, 1.0, 6.0, 0.0, -3.125, 1.25, 0.0, 0.0, -1.7999999999999998) 1e-12
print(max(abs(lu(B).p @ lu(B).l @ lu(B).u - B)) < 1e-13)  # expect: true
print(max(abs(lu(big(50)).p @ lu(big(50)).l @ lu(big(50)).u - big(50))) < 1e-12)  # expect: true
print(lu([[1, 2], [2, 4]]).u[1])  # expect: [0, 0]
print(lu(zeros(0, 3)).u.shape)  # expect: (0, 3)
print(lu(N as f32).l.dtype)  # expect: f32
# slopes
print(check_grad(a -> qr(a), W).error < 1e-9)  # expect: true
print(check_grad(a -> qr(a), W').error < 1e-9)  # expect: true
print(check_grad(a -> qr(a), N).error < 1e-9)  # expect: true
print(check_grad(a -> qr(a), B).error < 1e-9)  # expect: true
print(check_grad(a -> qr(a), stack((W, 2 * W + 1))).error < 1e-9)  # expect: true
print(check_grad(grad(a -> sum(sin(qr(a).q)) + sum(sin(qr(a).r))), W).error < 1e-7)  # expect: true
print(check_grad(grad(a -> sum(sin(qr(a).q)) + sum(sin(qr(a).r))), W').error < 1e-7)  # expect: true
print(check_grad(grad(a -> sum(sin(qr(a).q)) + sum(sin(qr(a).r))), N).error < 1e-7)  # expect: true
print(check_grad(a -> lu(a), W).error < 1e-9)  # expect: true
print(check_grad(a -> lu(a), W').error < 1e-9)  # expect: true
print(check_grad(a -> lu(a), N).error < 1e-9)  # expect: true
print(check_grad(a -> lu(a), B).error < 1e-9)  # expect: true
print(check_grad(grad(a -> sum(sin(lu(a).l)) + sum(sin(lu(a).u))), W).error < 1e-7)  # expect: true
print(check_grad(grad(a -> sum(sin(lu(a).l)) + sum(sin(lu(a).u))), W').error < 1e-7)  # expect: true
print(check_grad(grad(a -> sum(sin(lu(a).l)) + sum(sin(lu(a).u))), N).error < 1e-7)  # expect: true
print(grad(a -> sum(qr(a).q))(W as f32).dtype)  # expect: f32
