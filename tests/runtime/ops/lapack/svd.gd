# singular values, pinv, cond, matrix_rank
# source: NumPy 1.24.2, SciPy 1.10.1
# op: svd pinv cond matrix_rank
let N = [[1, 2, -1], [0.5, -3, 2], [4, 1, 6]]
let A = [[4, 1, 2], [1, 3, 0], [2, 0, 5]]
let B = stack((N, A, N @ A))
let W = reshape(sin(range(1, 13) ^ 2), 4, 3)
fn big(n) = reshape(sin(range(0, n * n) ^ 2 * 0.37 + range(0, n * n)), n, n) + n / 8 * eye(n)
print((v for v in reshape(svd(W).s, 3)))
# expect~ (2.2931520799895546, 0.9072615734174475, 0.31783139615330325) 1e-12
print((v for v in reshape(svd(W').s, 3)))
# expect~ (2.2931520799895546, 0.9072615734174475, 0.31783139615330325) 1e-12
print((v for v in reshape(svd(B).s, 9)))
# expect~ (7.477507871039736, 3.9701963436201346, 0.7579030489740515, 6.66907908828229, 3.476023602918134, 1.8548973087995773, 49.23265347009828, 13.575729141256826, 1.4475533069452893) 1e-12
fn back(a) { let (u, s, vt) = svd(a); max(abs((u * s[..., new, :]) @ vt - a)) }
print(back(W) < 1e-14 and back(W') < 1e-14 and back(B) < 1e-13 and back(big(60)) < 1e-12)  # expect: true
print((v for v in reshape(abs(svd(W).vt), 9)))
# expect~ (0.599740035210747, 0.6359477274120726, 0.48567723661381573, 0.03516872471430196, 0.5854138565132645, 0.8099714670309298, 0.7994216978337412, 0.5028529651913042, 0.3287306563600832) 1e-11
print((svd(W).u.shape, svd(W').vt.shape))  # expect: ((4, 3), (3, 4))
print((v for v in reshape(svd(W as f32).s, 3)))
# expect~ (2.2931520799895546, 0.9072615734174475, 0.31783139615330325) 1e-5
print(svd(W as f32).u.dtype)  # expect: f32
print(svd([[-3]]).s)  # expect: [3]
print((svd(zeros(3, 0)).u.shape, svd(zeros(3, 0)).s.shape, svd(zeros(3, 0)).vt.shape))  # expect: ((3, 0), (0,), (0, 0))
print(all(is_nan(svd([[1, 0], [0, 0 / 0]]).s)))  # expect: true
print((v for v in reshape(pinv(W), 12)))
# expect~ (1.3809269712827374, 0.204189623325043, -0.9034987127398274, 1.9056138971333205, 0.5376274587718373, -0.4043273446663102, -0.24070937350388655, 1.5766912867823544, -0.536850830891127, -1.004826743432962, 0.2276599869120052, -0.7496218757445696) 1e-12
print((v for v in reshape(pinv(W'), 12)))
# expect~ (1.380926971282737, 0.5376274587718377, -0.5368508308911256, 0.20418962332504279, -0.4043273446663097, -1.004826743432961, -0.9034987127398275, -0.24070937350388721, 0.22765998691200443, 1.9056138971333207, 1.5766912867823553, -0.7496218757445676) 1e-12
print((v for v in reshape(pinv([[1, 2], [2, 4]]), 4)))
# expect~ (0.039999999999999994, 0.07999999999999999, 0.07999999999999999, 0.15999999999999998) 1e-12
print((v for v in reshape(pinv(A, rcond: 0.5), 9)))
# expect~ (0.10005457643307138, 0.10097885371927429, 0.018668302181593523, 0.10097885371927426, 0.18236512797075205, -0.09164470262847747, 0.018668302181593495, -0.09164470262847749, 0.1552110788381069) 1e-12
print(max(abs(pinv(zeros(2, 3)))))  # expect: 0
print((pinv(zeros(0, 3)).shape, pinv(B).shape, pinv(W as f32).dtype))  # expect: ((3, 0), (3, 3, 3), "f32")
print((v for v in reshape(pinv(W as f32), 12)))
# expect~ (1.3809269712827374, 0.204189623325043, -0.9034987127398274, 1.9056138971333205, 0.5376274587718373, -0.4043273446663102, -0.24070937350388655, 1.5766912867823544, -0.536850830891127, -1.004826743432962, 0.2276599869120052, -0.7496218757445696) 1e-5
print(cond(N))  # expect~ 9.866048013874325 1e-12
print((v for v in reshape(cond(B), 3)))
# expect~ (9.866048013874325, 3.5953899208567384, 34.01094331647923) 1e-11
print(cond(zeros(2, 2)) > 0)  # expect: false
let H = [1 / (i + j + 1) for i in 0..8, j in 0..8]
print(cond(H))  # expect~ 15257575563.722723 1e-5
print((matrix_rank(N), matrix_rank([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), matrix_rank(zeros(2, 3)), matrix_rank(zeros(0, 3)), matrix_rank(H, tol: 1e-6)))  # expect: (3, 2, 0, 0, 6)
print(matrix_rank(stack((N, 0 * N))))  # expect: [3, 0]
# slopes
print(check_grad(a -> svd(a), W).error < 1e-9)  # expect: true
print(check_grad(a -> pinv(a), W).error < 1e-9)  # expect: true
print(check_grad(a -> svd(a), W').error < 1e-9)  # expect: true
print(check_grad(a -> pinv(a), W').error < 1e-9)  # expect: true
print(check_grad(a -> svd(a), N).error < 1e-9)  # expect: true
print(check_grad(a -> pinv(a), N).error < 1e-9)  # expect: true
print(check_grad(a -> svd(a), B).error < 1e-9)  # expect: true
print(check_grad(a -> pinv(a), B).error < 1e-9)  # expect: true
print(check_grad(grad(a -> sum(sin(svd(a).s)) + sum(svd(a).u[:, 0] ^ 4)), W).error < 1e-7)  # expect: true
print(check_grad(grad(a -> sum(sin(pinv(a)))), W).error < 1e-7)  # expect: true
print(check_grad(grad(a -> sum(sin(svd(a).s)) + sum(svd(a).u[:, 0] ^ 4)), W').error < 1e-7)  # expect: true
print(check_grad(grad(a -> sum(sin(pinv(a)))), W').error < 1e-7)  # expect: true
print(check_grad(cond, N).error < 1e-9)  # expect: true
# equal values: the sum of squares and the nuclear norm do not ask for their vectors; the polar factor u @ vt does, and
# has its slope where they differ
print(max(abs(grad(a -> sum(svd(a).s ^ 2))(2 * eye(3)) - 4 * eye(3))) < 1e-14)  # expect: true
print(max(abs(grad(a -> sum(svd(a).s))(eye(3)) - eye(3))) < 1e-14)  # expect: true
print(check_grad(a -> { let (u, s, vt) = svd(a); u @ vt }, diag([3, 2, 1]) + ones(3, 3) / 10).error < 1e-9)  # expect: true
print(any(is_nan(grad(a -> { let (u, s, vt) = svd(a); (u @ vt)[0, 1] })(2 * eye(3)))))  # expect: true
# a value that is 0 and not used does no harm
print(max(abs(grad(a -> svd(a).s[0])([[3, 0], [0, 0]]) - [[1, 0], [0, 0]])) < 1e-15)  # expect: true
print(max(abs(grad(a -> sum(svd(a).s ^ 2))([[3, 0], [0, 0], [0, 0]]) - [[6, 0], [0, 0], [0, 0]])) < 1e-14)  # expect: true
