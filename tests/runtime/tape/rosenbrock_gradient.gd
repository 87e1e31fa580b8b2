# source: closed form, (-400 x (y - x^2) - 2 (1 - x), 200 (y - x^2))
fn rosen(p) = (1 - p[0]) ^ 2 + 100 * (p[1] - p[0] ^ 2) ^ 2
print((v for v in grad(rosen)([-1.2, 1])))  # expect~ (-215.6, -88) 1e-12
print(grad(rosen)((1, 1)) == (0, 0))  # expect: true
