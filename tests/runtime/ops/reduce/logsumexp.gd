# logsumexp of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(logsumexp(A))
# expect~ 4.433487978663459 1e-12
print(type(logsumexp(A)))  # expect: number
print((v for v in logsumexp(A, axis: 0)))
# expect~ (3.0788897342925496, 4.006715348489118, 2.01814992791781) 1e-12
print((v for v in logsumexp(A, axis: 1)))
# expect~ (3.3265626412674703, 4.0321536226831585) 1e-12
print((v for v in logsumexp(A, axis: -1)))
# expect~ (3.3265626412674703, 4.0321536226831585) 1e-12
print((logsumexp(B, axis: 1)).shape)  # expect: (2, 4)
print((v for v in reshape(logsumexp(B, axis: 1), 8)))
# expect~ (6.0091744845917345, 8.31507216066525, 9.009174484591734, 10.00676044354712, 8.31507216066525, 9.009174484591734, 10.00676044354712, 7.315072160665252) 1e-12
print((v for v in logsumexp(B, axis: (0, 2))))
# expect~ (10.751302374428764, 9.736483247049298, 8.878004488854458) 1e-12
print((logsumexp(B, axis: (0, -1), keep: true)).shape)  # expect: (1, 3, 1)
print((v for v in reshape(logsumexp(B, axis: (0, -1), keep: true), 3)))
# expect~ (10.751302374428764, 9.736483247049298, 8.878004488854458) 1e-12
print(logsumexp(B, axis: (0, 1, 2)))
# expect~ 11.167433201834692 1e-12
print(logsumexp(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(logsumexp(A, axis: 0, keep: true).shape)  # expect: (1, 3)
print((v for v in logsumexp(A', axis: 0)))
# expect~ (3.3265626412674703, 4.0321536226831585) 1e-12
print((v for v in logsumexp(A[:, ::-2], axis: 1)))
# expect~ (3.3132616875182226, 0.5788897342925495) 1e-12
print(logsumexp([4]))  # expect: 4
print(A[0].logsumexp())
# expect~ 3.3265626412674703 1e-12
print(logsumexp(A as f32, axis: 0).dtype)  # expect: f32
print((v for v in logsumexp(A as f32, axis: 0)))
# expect~ (3.0788897342925496, 4.006715348489118, 2.01814992791781) 1e-6
print(logsumexp([1, 0 / 0, 3]))
# expect~ nan 1e-12
print(logsumexp([1, 1 / 0]))
# expect~ inf 1e-12
let big = sin(range(0, 10_000))
print(logsumexp(big))
# expect~ 9.446420313124534 1e-09
print((v for v in logsumexp(reshape(big, 100, 100), axis: 0)[:5]))
# expect~ (4.810949775039137, 4.83458608578511, 4.866451412620555, 4.873656704474634, 4.849957492507412) 1e-09
print(logsumexp([1000, 1000.5]))
# expect~ 1000.9740769841801 1e-12
print(logsumexp([-1 / 0, 2]))  # expect: 2
print(logsumexp([-1 / 0, -1 / 0]))
# expect~ -inf 1e-12
print((grad(x -> logsumexp(x))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> logsumexp(x))(A), 6)))
# expect~ (0.23847567185356058, 0.004367834289418085, 0.08773029689447212, 0.01957527519593286, 0.6482440853290959, 0.0016068364375205891) 1e-11
print((grad(x -> sum(grad(y -> logsumexp(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> sum(grad(y -> logsumexp(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A), 6)))
# expect~ (-0.677167118007357, -0.008034914111329507, -0.0736552671632783, 0.0031405636380151813, 0.7522452696070037, 0.0034714660369459197) 1e-10
