# beta(a, b) and lbeta(a, b), element by element
# op: beta lbeta
# source: SciPy 1.10.1 (beta, betaln, psi); PyTorch 1.13.0a0 through lgamma
let a = [0.3, 1, 2.5, 7, 40]
let b = [0.7, 3, 2, 12, 0.5]
print((v for v in reshape(beta(a, b), 5)))
# expect~ (3.8832220774509345, 0.3333333333333333, 0.11428571428571428, 4.4889750772103715e-06, 0.2811266876561928) 1e-12
print((v for v in reshape(lbeta(a, b), 5)))
# expect~ (1.3566652413497424, -1.0986122886681098, -2.169053700369523, -12.313886150149067, -1.268949865497225) 1e-12
print((v for v in reshape(grad(a -> sum(beta(a, b)))(a), 5)))
# expect~ (-11.359622773058064, -0.6111111111111112, -0.07836734693877549, -4.6914641160144815e-06, -0.0035360449028503105) 1e-10
print((v for v in reshape(grad(b -> sum(beta(a, b)))(b), 5)))
# expect~ (-2.4961657853338126, -0.1111111111111111, -0.11040989614412133, -2.133298917793258e-06, -1.5890448521001685) 1e-10
print((v for v in reshape(grad(a -> sum(grad(b -> sum(beta(a, b)))(b) ^ 2))(a), 5)))
# expect~ (-4.565042144715836, -0.02424356706474038, -0.01044122473242536, -8.477472417982004e-12, -0.04118611621035404) 1e-11
print(grad(a -> beta(a, 2))(2.5))
# expect~ -0.07836734693877549 1e-10
print((v for v in reshape(grad(a -> sum(lbeta(a, b)))(a), 5)))
# expect~ (-2.9253085572986004, -1.833333333333333, -0.6857142857142856, -1.0451080781963138, -0.012578118898390667) 1e-10
print((v for v in reshape(grad(b -> sum(lbeta(a, b)))(b), 5)))
# expect~ (-0.6428078887964019, -0.33333333333333326, -0.9660865912610617, -0.4752307333189685, -5.6524155189546565) 1e-10
print((v for v in reshape(grad(a -> sum(grad(b -> sum(lbeta(a, b)))(b) ^ 2))(a), 5)))
# expect~ (2.1147531894399756, 0.18921530382474339, 0.4805799739120277, 0.051363798811031675, 0.28260605933402533) 1e-11
print(grad(a -> lbeta(a, 2))(2.5))
# expect~ -0.6857142857142856 1e-10
print(lbeta(1e+10, 1e+10))
# expect~ -13862943621.44629 1e-10
print(lbeta(0.001, 1e+08))
# expect~ 6.888758204644896 1e-10
print(lbeta(15, 1e+06))
# expect~ -182.04154218547046 1e-10
print(lbeta(12, 11))
# expect~ -15.864460932885823 1e-10
print(lbeta(1e-10, 1e-10))
# expect~ 23.7189981105004 1e-10
print(beta(-0.5, 2))
# expect~ -3.9999999999999996 1e-11
print(beta(-1.5, 2.2))
# expect~ 2.0059689997075325 1e-11
print(beta(0, 2), lbeta(0, 2), is_nan(beta(0 / 0, 1)))  # expect: inf inf true
print(beta(a as f32, b as f32).dtype, beta(zeros(0), 1).shape, beta(reshape(a[:4], 2, 2), 1).shape)  # expect: f32 (0,) (2, 2)
print((v for v in reshape(beta(reshape(a[:4], 2, 2)', [1, 2]), 4)))
# expect~ (3.3333333333333335, 0.11428571428571428, 1, 0.017857142857142856) 1e-12
