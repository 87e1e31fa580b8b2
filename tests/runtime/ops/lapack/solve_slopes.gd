# derivatives of systems: first and second, batched, shared and large
# source: NumPy 1.24.2, SciPy 1.10.1
# op: solve inv det slogdet
let N = [[1, 2, -1], [0.5, -3, 2], [4, 1, 6]]
let A = [[4, 1, 2], [1, 3, 0], [2, 0, 5]]
let B = stack((N, A, N @ A))
let W = reshape(sin(range(1, 13) ^ 2), 4, 3)
fn big(n) = reshape(sin(range(0, n * n) ^ 2 * 0.37 + range(0, n * n)), n, n) + n / 8 * eye(n)
print((v for v in reshape(grad(b -> sum(solve(N, b)))([1, 2, 3]), 3)))
# expect~ (0.11111111111111116, -0.17777777777777765, 0.24444444444444446) 1e-12
print((v for v in reshape(grad(a -> sum(solve(a, [1, 2, 3])))(N), 9)))
# expect~ (-0.2123456790123458, 0.0864197530864198, 0.071604938271605, 0.3397530864197529, -0.13827160493827154, -0.11456790123456786, -0.46716049382716063, 0.1901234567901235, 0.15753086419753093) 1e-12
print(check_grad((a, b) -> solve(a, b), N, [1, 2, 3]).error < 1e-8)  # expect: true
print(check_grad((a, b) -> solve(a, b), N, W[:3]).error < 1e-8)  # expect: true
print(check_grad((a, b) -> solve(a, b), B, [1, 2, 3]).error < 1e-8)  # expect: true
print(check_grad((a, b) -> solve(a, b), B, W[:3]).error < 1e-8)  # expect: true
print(check_grad((a, b) -> solve(a, b), N, stack((W[:3], W[1:]))).error < 1e-8)  # expect: true
print(check_grad((a, b) -> solve(a', b), N, [1, 2, 3]).error < 1e-8)  # expect: true
print(check_grad(inv, N).error < 1e-8)  # expect: true
print(check_grad(inv, B).error < 1e-8)  # expect: true
print(check_grad(det, N).error < 1e-8)  # expect: true
print(check_grad(det, B).error < 1e-8)  # expect: true
print(check_grad(slogdet, N).error < 1e-8)  # expect: true
print(check_grad(slogdet, B).error < 1e-8)  # expect: true
print(check_grad(a -> matrix_power(a, 3), N).error < 1e-8)  # expect: true
print(check_grad(a -> matrix_power(a, -2), N).error < 1e-8)  # expect: true
print(check_grad(grad(a -> sum(sin(solve(a, [1, 2, 3])))), N).error < 1e-7)  # expect: true
print(check_grad(grad(b -> sum(sin(solve(N, b)))), [1, 2, 3]).error < 1e-7)  # expect: true
print(check_grad(grad((a, b) -> sum(sin(solve(a, b))), wrt: (0, 1)), N, [1, 2, 3]).error < 1e-7)  # expect: true
print(check_grad(grad(a -> sum(sin(inv(a)))), N).error < 1e-7)  # expect: true
print(check_grad(grad(a -> det(a) ^ 2), N).error < 1e-7)  # expect: true
print(check_grad(grad(a -> sin(det(a))), [[1, 2], [2, 4]]).error < 1e-7)  # expect: true
print(check_grad(grad(a -> slogdet(a).logdet ^ 2), N).error < 1e-7)  # expect: true
print(check_grad(grad(a -> sum(sin(det(a)))), B / 4).error < 1e-7)  # expect: true
print(grad(a -> sum(solve(a, [1, 2, 3] as f32)))(N as f32).dtype)  # expect: f32
print((v for v in reshape(grad(a -> sum(solve(a, ones(100))))(big(100))[3, :4], 4)))
# expect~ (-0.004800960530216632, -0.01645799392498265, -0.009037059128868949, -0.010975648950518687) 1e-10
print(grad(b -> sum(solve(zeros(0, 0), b)))(zeros(0)).shape)  # expect: (0,)
print(grad(a -> sum(solve(a, zeros(0, 2))))(zeros(0, 0)).shape)  # expect: (0, 0)
