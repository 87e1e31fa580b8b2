# norm of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
# op: norm div_or_zero
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(norm(A))
# expect~ 5.852349955359813 1e-12
print(type(norm(A)))  # expect: number
print((v for v in norm(A, axis: 0)))
# expect~ (3.0413812651491097, 4.123105625617661, 2.8284271247461903) 1e-12
print((v for v in norm(A, axis: 1)))
# expect~ (3.7416573867739413, 4.5) 1e-12
print((v for v in norm(A, axis: -1)))
# expect~ (3.7416573867739413, 4.5) 1e-12
print((norm(B, axis: 1)).shape)  # expect: (2, 4)
print((v for v in reshape(norm(B, axis: 1), 8)))
# expect~ (6.082762530298219, 10.816653826391969, 10.295630140987, 11.180339887498949, 10.816653826391969, 10.295630140987, 11.180339887498949, 9.273618495495704) 1e-12
print((v for v in norm(B, axis: (0, 2))))
# expect~ (18.76166303929372, 16.0312195418814, 14.491376746189438) 1e-12
print((norm(B, axis: (0, -1), keep: true)).shape)  # expect: (1, 3, 1)
print((v for v in reshape(norm(B, axis: (0, -1), keep: true), 3)))
# expect~ (18.76166303929372, 16.0312195418814, 14.491376746189438) 1e-12
print(norm(B, axis: (0, 1, 2)))
# expect~ 28.61817604250837 1e-12
print(norm(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(norm(A, axis: 0, keep: true).shape)  # expect: (1, 3)
print((v for v in norm(A', axis: 0)))
# expect~ (3.7416573867739413, 4.5) 1e-12
print((v for v in norm(A[:, ::-2], axis: 1)))
# expect~ (3.605551275463989, 2.0615528128088303) 1e-12
print(norm([4]))  # expect: 4
print(A[0].norm())
# expect~ 3.7416573867739413 1e-12
print(norm(A as f32, axis: 0).dtype)  # expect: f32
print((v for v in norm(A as f32, axis: 0)))
# expect~ (3.0413812651491097, 4.123105625617661, 2.8284271247461903) 1e-6
print(norm([1, 0 / 0, 3]))
# expect~ nan 1e-12
print(norm([1, 1 / 0]))
# expect~ inf 1e-12
let big = sin(range(0, 10_000))
print(norm(big))
# expect~ 70.70968729879299 1e-09
print((v for v in norm(reshape(big, 100, 100), axis: 0)[:5]))
# expect~ (7.085271601499266, 7.050653140826786, 7.073815697026348, 7.0891424212114105, 7.053234294887329) 1e-09
print(norm([3, 4]))  # expect: 5
print(norm(zeros(0)))  # expect: 0
print((grad(x -> norm(x))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> norm(x))(A), 6)))
# expect~ (0.5126145946300565, -0.1708715315433522, 0.3417430630867044, 0.0854357657716761, 0.6834861261734088, -0.3417430630867044) 1e-11
print((grad(x -> sum(grad(y -> norm(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> sum(grad(y -> norm(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A), 6)))
# expect~ (-0.08356490958689486, 0.42655521013012004, 0.3429903005432252, 0.641080052651701, 0.5151090695430983, 1.1948534833469446) 1e-10
