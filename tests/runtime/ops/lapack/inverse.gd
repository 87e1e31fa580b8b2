# inv, det, slogdet, matrix_power
# source: NumPy 1.24.2, SciPy 1.10.1
# op: inv det slogdet cofactor matrix_power
let N = [[1, 2, -1], [0.5, -3, 2], [4, 1, 6]]
let A = [[4, 1, 2], [1, 3, 0], [2, 0, 5]]
let B = stack((N, A, N @ A))
fn big(n) = reshape(sin(range(0, n * n) ^ 2 * 0.37 + range(0, n * n)), n, n) + n / 8 * eye(n)
print((v for v in reshape(inv(N), 9)))
# expect~ (0.888888888888889, 0.577777777777778, -0.04444444444444444, -0.2222222222222222, -0.4444444444444444, 0.1111111111111111, -0.5555555555555556, -0.31111111111111117, 0.17777777777777778) 1e-12
print((v for v in reshape(inv(B), 27)))
# expect~ (0.888888888888889, 0.577777777777778, -0.04444444444444444, -0.2222222222222222, -0.4444444444444444, 0.1111111111111111, -0.5555555555555556, -0.31111111111111117, 0.17777777777777778, 0.3488372093023256, -0.11627906976744187, -0.13953488372093023, -0.11627906976744187, 0.372093023255814, 0.04651162790697675, -0.13953488372093023, 0.04651162790697675, 0.2558139534883721, 0.41343669250646, 0.29664082687338506, -0.053229974160206715, -0.21188630490956076, -0.24702842377260983, 0.05478036175710595, -0.2764857881136951, -0.18087855297157626, 0.056847545219638244) 1e-12
print((v for v in reshape(inv(N'), 9)))
# expect~ (0.8888888888888888, -0.2222222222222222, -0.5555555555555556, 0.5777777777777777, -0.4444444444444444, -0.3111111111111111, -0.044444444444444446, 0.11111111111111112, 0.17777777777777778) 1e-12
print((v for v in reshape(inv(big(100))[97, :4], 4)))
# expect~ (0.0011201505633152756, -0.00637778594276626, 0.0034589387084573374, 0.00355925406536262) 1e-11
print(inv(N as f32).dtype)  # expect: f32
print((v for v in reshape(inv(N as f32), 9)))
# expect~ (0.888888888888889, 0.577777777777778, -0.04444444444444444, -0.2222222222222222, -0.4444444444444444, 0.1111111111111111, -0.5555555555555556, -0.31111111111111117, 0.17777777777777778) 1e-6
print((v for v in reshape(inv(big(100) as f32)[97, :4], 4)))
# expect~ (0.0011201505633152756, -0.00637778594276626, 0.0034589387084573374, 0.00355925406536262) 1e-4
print(inv(zeros(0, 0)).shape)  # expect: (0, 0)
print(inv([[4]]))  # expect: [[0.25]]
print(det(N))  # expect~ -22.500000000000004 1e-12
print((v for v in reshape(det(B), 3)))
# expect~ (-22.500000000000004, 43.000000000000014, -967.4999999999993) 1e-11
print(det(zeros(0, 0)))  # expect: 1
print(det(zeros(2, 2)))  # expect: 0
print(det(zeros(3, 0, 0)))  # expect: [1, 1, 1]
print(det(big(20)))  # expect~ -375941297.732033 1e-9
print(slogdet(big(100)).logdet)  # expect~ 252.77997963026635 1e-11
print(slogdet(big(100)).sign)  # expect: 1
print((v for v in reshape(slogdet(B).logdet, 3)))
# expect~ (3.1135153092103747, 3.761200115693563, 6.874715424903936) 1e-12
print((v for v in reshape(slogdet(B).sign, 3)))
# expect~ (-1.0, 1.0, -1.0) 1e-12
print(slogdet([[1, 2], [2, 4]]))  # expect: (sign: 0, logdet: -inf)
print(slogdet(zeros(0, 0)))  # expect: (sign: 1, logdet: 0)
print(slogdet(1e200 * eye(3)).logdet)  # expect~ 1381.5510557964274 1e-12
print((v for v in reshape(matrix_power(N, 5), 9)))
# expect~ (-652.0, -107.5, -790.5, 1239.5, 177.0, 1504.25, 5694.75, 2018.5, 6524.0) 1e-11
print((v for v in reshape(matrix_power(N, -3), 9)))
# expect~ (0.5406858710562414, 0.2711001371742114, 0.0025459533607681863, -0.13936899862825788, -0.10194787379972564, 0.007462277091906712, -0.4244718792866942, -0.2034128943758575, 0.0006803840877914895) 1e-11
print(matrix_power(N, 0)[1])  # expect: [0, 1, 0]
print((v for v in reshape(matrix_power(B, 2), 27)))
# expect~ (-2.0, -5.0, -3.0, 7.0, 12.0, 5.5, 28.5, 11.0, 34.0, 21.0, 7.0, 18.0, 7.0, 10.0, 2.0, 18.0, 2.0, 29.0, -50.0, -52.5, -49.0, 305.5, 170.25, 315.5, 1239.0, 409.5, 1434.0) 1e-12
# slopes: det has one at singular matrices too, the cofactors; slogdet is inv(A)'
print((v for v in reshape(grad(det)([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), 9)))
# expect~ (-3.0, 6.0, -3.0, 6.0, -12.0, 6.0, -3.0, 6.0, -3.0) 1e-12
print(reshape(grad(det)(zeros(2, 2)), 4))  # expect: [0, 0, 0, 0]
print(reshape(grad(det)(zeros(3, 3)), 9))  # expect: [0, 0, 0, 0, 0, 0, 0, 0, 0]
print(grad(a -> det(a))([[0]]))  # expect: [[1]]
print((v for v in reshape(grad(a -> slogdet(a).logdet)(N), 9)))
# expect~ (0.888888888888889, -0.2222222222222222, -0.5555555555555556, 0.577777777777778, -0.4444444444444444, -0.31111111111111117, -0.04444444444444444, 0.1111111111111111, 0.17777777777777778) 1e-12
# strong zeros: a singular matrix whose logdet is not used does no harm
print(reshape(grad(a -> sum(where(slogdet(a).sign != 0, slogdet(a).logdet, 0)))(stack((eye(2), zeros(2, 2)))), 8))  # expect: [1, 0, 0, 1, 0, 0, 0, 0]
print(grad(a -> slogdet(a).sign)(N)[0])  # expect: [0, 0, 0]
