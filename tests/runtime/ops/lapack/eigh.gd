# symmetric eigenvalues
# source: NumPy 1.24.2, SciPy 1.10.1
# op: eigh
let A = [[4, 1, 2], [1, 3, 0], [2, 0, 5]]
let N = [[1, 2, -1], [0.5, -3, 2], [4, 1, 6]]
fn big(n) = reshape(sin(range(0, n * n) ^ 2 * 0.37 + range(0, n * n)), n, n) + n / 8 * eye(n)
let S = N + N'
print((v for v in reshape(eigh(A).values, 3)))
# expect~ (1.854897308799576, 3.4760236029181333, 6.669079088282287) 1e-12
let (w, V) = eigh(A)
print(max(abs(V * w[new, :] @ V' - A)) < 1e-14 and max(abs(V' @ V - eye(3))) < 1e-14)  # expect: true
print((v for v in reshape(abs(eigh(A).vectors), 9)))
# expect~ (0.6793130619863363, 0.374361954783072, 0.6311789687764832, 0.5932333119173852, 0.7864356987513781, 0.1720265367929077, 0.4319814827585529, 0.4912962635115686, 0.7563200248659909) 1e-11
print((v for v in reshape(eigh(stack((A, S))).values, 6)))
# expect~ (1.854897308799576, 3.4760236029181333, 6.669079088282287, -6.958222938781006, 1.4704129085087552, 13.487810030272248) 1e-12
print((v for v in reshape(eigh(big(100)).values[[0, 50, 99]], 3)))
# expect~ (2.031250771456734, 12.499370297163889, 23.50112710763948) 1e-11
print((v for v in reshape(eigh(A as f32).values, 3)))
# expect~ (1.854897308799576, 3.4760236029181333, 6.669079088282287) 1e-6
print(eigh(A as f32).vectors.dtype)  # expect: f32
print(eigh([[5]]).values)  # expect: [5]
print((eigh(zeros(0, 0)).values.shape, eigh(zeros(2, 0, 0)).vectors.shape))  # expect: ((0,), (2, 0, 0))
print(all(is_nan(eigh([[1, 0], [0, 0 / 0]]).values)))  # expect: true
# what counts is the mean of A and A'
print((v for v in reshape(eigh([[1, 4], [0, 1]]).values, 2)))
# expect~ (-1.0, 3.0) 1e-12
# slopes
print(check_grad(a -> eigh(a), A).error < 1e-9)  # expect: true
print(check_grad(a -> eigh(a), stack((A, S))).error < 1e-9)  # expect: true
print(check_grad(grad(a -> sum(sin(eigh(a).values)) + sum(eigh(a).vectors[:, 0] ^ 4)), A).error < 1e-7)  # expect: true
print(check_grad(a -> sum(log(eigh(a @ a' + eye(3)).values)), N).error < 1e-9)  # expect: true
print(check_grad(a -> eigh(a).values, [[2]]).error < 1e-9)  # expect: true
# equal eigenvalues: what does not ask for their vectors has its slope. The sum of squares, the trace, the projector
# on the simple value, and one on the three that are equal whose slope between them is 0
let D = eye(4) + ones(4, 4)
print(max(abs(grad(a -> sum(eigh(a).values ^ 2))(D) - 2 * D)) < 1e-13)  # expect: true
print(max(abs(grad(a -> sum(eigh(a).values))(eye(3)) - eye(3))) < 1e-14)  # expect: true
print(check_grad(a -> { let v = eigh(a).vectors[:, 3]; sum(v[:, new] * v[new, :] * range(0, 4)[:, new]) }, D).error < 1e-9)  # expect: true
print(check_grad(a -> { let v = eigh(a).vectors[:, :3]; sum((v @ v') * range(0, 4)[:, new]) }, D).reverse < 1e-9)  # expect: true
# the values alone do so forward too; vectors move no one way there, and both modes say so: a 0 would make slopes
# of v @ diag(exp(w)) @ v' wrong without a word
print(max(abs(jacobian(a -> [sum(eigh(a).values ^ 2)], mode: "forward")(D)[0] - 2 * D)) < 1e-13)  # expect: true
let turned = jvp(a -> { let (w, v) = eigh(a); v @ diag(exp(w)) @ v' }, eye(3), eye(3) + ones(3, 3))[1]
print(any(turned != turned) or max(abs(turned)) > 1e9)  # expect: true
let back = grad(a -> { let (w, v) = eigh(a); (v @ diag(exp(w)) @ v')[0, 1] })(eye(3))
print(any(back != back))  # expect: true
# the vectors themselves have none
print(max(abs(grad(a -> dot(eigh(a).vectors[:, 0], range(0, 4)))(D))) < 1e9)  # expect: false
