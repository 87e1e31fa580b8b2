# three levels, and parts that draw and print
# args: --tape-memory 300K
# timeout: 60
fn f(x) { var (y, i) = (x, 0); while i < 3000 { y = sin(y) + 0.5 * x; i += 1; if i == 2900 { print("here") } }; y }
# expect: here
# expect: here
# expect: here
# expect: here
let (a, b, c, d) = (grad(grad(grad(f)))(0.7), jvp(grad(grad(f)), 0.7, 1)[1], grad(x -> jvp(grad(f), x, 1)[1])(0.7),
                    grad(grad(x -> jvp(f, x, 1)[1]))(0.7))
print(abs(b / a - 1) < 1e-10, abs(c / a - 1) < 1e-10, abs(d / a - 1) < 1e-10)   # expect: true true true
fn drawn(x) { var (y, i) = (x, 0); while i < 3000 { y = 0.99 * y + 0.01 * sin(x * normal()); i += 1 }; y * y }
seed(1)
let s = grad(grad(drawn))(0.7)
let left = normal()
seed(1)
let t = jvp(x -> jvp(drawn, x, 1)[1], 0.7, 1)[1]
print(abs(s / t - 1) < 1e-11, left == normal())                                 # expect: true true
