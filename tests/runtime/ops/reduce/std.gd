# std of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(std(A))
# expect~ 2.129488723196773 1e-12
print(type(std(A)))  # expect: number
print((v for v in std(A, axis: 0)))
# expect~ (1.25, 2.5, 2) 1e-12
print((v for v in std(A, axis: 1)))
# expect~ (1.699673171197595, 2.4608038433722332) 1e-12
print((v for v in std(A, axis: -1)))
# expect~ (1.699673171197595, 2.4608038433722332) 1e-12
print((std(B, axis: 1)).shape)  # expect: (2, 4)
print((v for v in reshape(std(B, axis: 1), 8)))
# expect~ (2.6246692913372702, 2.6246692913372702, 2.6246692913372702, 4.08248290463863, 2.6246692913372702, 2.6246692913372702, 4.08248290463863, 2.6246692913372702) 1e-12
print((v for v in std(B, axis: (0, 2))))
# expect~ (3.307189138830738, 2.8912583765550943, 3.2015621187164243) 1e-12
print((std(B, axis: (0, -1), keep: true)).shape)  # expect: (1, 3, 1)
print((v for v in reshape(std(B, axis: (0, -1), keep: true), 3)))
# expect~ (3.307189138830738, 2.8912583765550943, 3.2015621187164243) 1e-12
print(std(B, axis: (0, 1, 2)))
# expect~ 3.2185982973959333 1e-12
print(std(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(std(A, axis: 0, keep: true).shape)  # expect: (1, 3)
print((v for v in std(A', axis: 0)))
# expect~ (1.699673171197595, 2.4608038433722332) 1e-12
print((v for v in std(A[:, ::-2], axis: 1)))
# expect~ (0.5, 1.25) 1e-12
print(std([4]))  # expect: 0
print(A[0].std())
# expect~ 1.699673171197595 1e-12
print(std(A as f32, axis: 0).dtype)  # expect: f32
print((v for v in std(A as f32, axis: 0)))
# expect~ (1.25, 2.5, 2) 1e-6
print(std([1, 0 / 0, 3]))
# expect~ nan 1e-12
let big = sin(range(0, 10_000))
print(std(big))
# expect~ 0.7070968463884535 1e-09
print((v for v in std(reshape(big, 100, 100), axis: 0)[:5]))
# expect~ (0.7076930282955556, 0.705042852665335, 0.7068156989299493, 0.7079895427213283, 0.7052403449267929) 1e-09
print(std(A, ddof: 1))
# expect~ 2.3327380192954945 1e-12
print((v for v in std(A, axis: 1, ddof: 1)))
# expect~ (2.0816659994661326, 3.0138568866708537) 1e-12
print((grad(x -> std(x))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> std(x))(A), 6)))
# expect~ (0.1500099253706762, -0.1630542667072567, 0.07174387735119296, -0.04565519467803188, 0.22827597339015943, -0.24132031472673993) 1e-11
print((grad(x -> sum(grad(y -> std(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> sum(grad(y -> std(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A), 6)))
# expect~ (-0.16396317563652843, -0.15185770725985487, -0.023971224508264395, 0.029484606145165203, 0.16564116135210688, 0.14466633990737562) 1e-10
