# cholesky and triangular systems
# source: NumPy 1.24.2, SciPy 1.10.1
# op: cholesky solve_triangular
let A = [[4, 1, 2], [1, 3, 0], [2, 0, 5]]
let N = [[1, 2, -1], [0.5, -3, 2], [4, 1, 6]]
let W = reshape(sin(range(1, 13) ^ 2), 4, 3)
fn big(n) = reshape(sin(range(0, n * n) ^ 2 * 0.37 + range(0, n * n)), n, n) + n / 8 * eye(n)
print((v for v in reshape(cholesky(A), 9)))
# expect~ (2.0, 0.0, 0.0, 0.5, 1.6583123951777, 0.0, 1.0, -0.30151134457776363, 1.9771421064483223) 1e-12
print((v for v in reshape(cholesky(stack((A, A @ A + eye(3)))), 18)))
# expect~ (2.0, 0.0, 0.0, 0.5, 1.6583123951777, 0.0, 1.0, -0.30151134457776363, 1.9771421064483223, 4.69041575982343, 0.0, 0.0, 1.4924050144892729, 2.9618790104808927, 0.0, 3.8376128944009875, -1.2584149163701202, 3.699880967137248) 1e-12
print((v for v in reshape(cholesky(big(100) @ big(100)' + eye(100))[99, 95:], 5)))
# expect~ (1.3063937711956939, -0.39349993898350843, 1.617875671462444, -0.34769909571751356, 10.371050656923096) 1e-10
print(max(abs(triu(cholesky(big(40) @ big(40)' + eye(40)), 1))))  # expect: 0
print(cholesky(A as f32).dtype)  # expect: f32
print((v for v in reshape(cholesky(A as f32), 9)))
# expect~ (2.0, 0.0, 0.0, 0.5, 1.6583123951777, 0.0, 1.0, -0.30151134457776363, 1.9771421064483223) 1e-6
print((v for v in reshape(cholesky((big(100) @ big(100)' + eye(100)) as f32)[50, 48:51], 3)))
# expect~ (0.5884925610410894, -0.5606519738470305, 11.779051048084531) 1e-4
print(cholesky([[9]]))  # expect: [[3]]
print(cholesky(zeros(0, 0)).shape)  # expect: (0, 0)
print(cholesky(zeros(2, 0, 0)).shape)  # expect: (2, 0, 0)
# what counts is the mean of A and A'
print(all(cholesky([[4, 2], [0, 3]]) == cholesky([[4, 1], [1, 3]])))  # expect: true
print(is_nan(cholesky([[1, 0], [0, 0 / 0]])[1, 1]))  # expect: true
print((v for v in reshape(solve_triangular(A + 1, [[1, 0], [2, 1], [3, -1]], lower: false, trans: false, unit: false), 6)))
# expect~ (-0.25, -0.016666666666666673, 0.375, 0.2916666666666667, 0.5, -0.16666666666666666) 1e-12
print((v for v in reshape(solve_triangular(A + 1, [[1, 0], [2, 1], [3, -1]], lower: false, trans: false, unit: true), 6)))
# expect~ (-6.0, -1.0, -1.0, 2.0, 3.0, -1.0) 1e-12
print((v for v in reshape(solve_triangular(A + 1, [[1, 0], [2, 1], [3, -1]], lower: false, trans: true, unit: false), 6)))
# expect~ (0.2, 0.0, 0.4, 0.25, 0.3333333333333333, -0.20833333333333331) 1e-12
print((v for v in reshape(solve_triangular(A + 1, [[1, 0], [2, 1], [3, -1]], lower: false, trans: true, unit: true), 6)))
# expect~ (1.0, 0.0, 0.0, 1.0, 0.0, -2.0) 1e-12
print((v for v in reshape(solve_triangular(A + 1, [[1, 0], [2, 1], [3, -1]], lower: true, trans: false, unit: false), 6)))
# expect~ (0.2, 0.0, 0.4, 0.25, 0.3333333333333333, -0.20833333333333331) 1e-12
print((v for v in reshape(solve_triangular(A + 1, [[1, 0], [2, 1], [3, -1]], lower: true, trans: false, unit: true), 6)))
# expect~ (1.0, 0.0, 0.0, 1.0, 0.0, -2.0) 1e-12
print((v for v in reshape(solve_triangular(A + 1, [[1, 0], [2, 1], [3, -1]], lower: true, trans: true, unit: false), 6)))
# expect~ (-0.25, -0.016666666666666673, 0.375, 0.2916666666666667, 0.5, -0.16666666666666666) 1e-12
print((v for v in reshape(solve_triangular(A + 1, [[1, 0], [2, 1], [3, -1]], lower: true, trans: true, unit: true), 6)))
# expect~ (-6.0, -1.0, -1.0, 2.0, 3.0, -1.0) 1e-12
print((v for v in reshape(solve_triangular(A, [1, 2, 3]), 3)))
# expect~ (-0.21666666666666667, 0.6666666666666666, 0.6) 1e-12
print((v for v in reshape(solve_triangular(big(100), ones(100))[:4], 4)))
# expect~ (0.034599267223736144, 0.0869537438639895, 0.06177398900835811, 0.07236610891335517) 1e-9
print((v for v in reshape(solve_triangular(big(100) as f32, ones(100) as f32, lower: true)[:4], 4)))
# expect~ (0.08, 0.09351948236608361, 0.0704237562049015, 0.08722576137593578) 1e-5
print(solve_triangular(stack((A, A)), ones(3, 4)).shape)  # expect: (2, 3, 4)
print(solve_triangular(zeros(0, 0), zeros(0, 2)).shape)  # expect: (0, 2)
# slopes: symmetric, and of the triangle that is read
print(check_grad(a -> cholesky(a), A).error < 1e-9)  # expect: true
print(check_grad(a -> cholesky(a @ a' + eye(3)), stack((A, N))).error < 1e-9)  # expect: true
print(check_grad(grad(a -> sum(sin(cholesky(a @ a' + eye(3))))), N).error < 1e-8)  # expect: true
print(check_grad((a, b) -> solve_triangular(a, b, lower: true, trans: true), A, W[:3]).error < 1e-9)  # expect: true
print(check_grad(grad(a -> sum(sin(solve_triangular(a, [1, 2, 3])))), A).error < 1e-8)  # expect: true
print(all(triu(grad(a -> sum(solve_triangular(a, [1, 2, 3], lower: true)))(A), 1) == 0))  # expect: true
print(grad(a -> sum(cholesky(a as f32)))(A as f32).dtype)  # expect: f32
