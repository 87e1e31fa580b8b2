let f = x -> [x[0]^2 * x[1], 5 * x[0] + sin(x[1])]
let want = [[4, 1], [5, cos(2)]]
for mode in ("forward", "reverse", nil) { print(all(jacobian(f, mode: mode)([1, 2]) == want)) }
# expect: true
# expect: true
# expect: true
print(jacobian(x -> x^3)(2), jacobian(x -> x * [1, 2])(3), jacobian(x -> sum(x^2))([1, 2]))  # expect: 12 [1, 2] [2, 4]
# polar coordinates
let p = jacobian((r, t) -> [r * cos(t), r * sin(t)], wrt: (0, 1))(2, 0)
print(p)                                                                  # expect: ([1, 0], [0, 2])
print(jacobian((r, t) -> [r * cos(t), r * sin(t)], wrt: "t")(2, 0))        # expect: [0, 2]
# [out..., in...]: the inverse of a matrix, d inv(A)[i, j] / dA[k, l] = -inv[i, k] inv[l, j]
let A = [[2, 1], [1, 3]]
let I = inv(A)
let t = [-I[i, k] * I[l, j] for i in 0..2, j in 0..2, k in 0..2, l in 0..2]
print(max(abs(jacobian(inv, mode: "forward")(A) - t)) < 1e-15, max(abs(jacobian(inv, mode: "reverse")(A) - t)) < 1e-15)  # expect: true true
print(jacobian(x -> reshape(x, 2, 3))(range(0, 6)).shape)                 # expect: (2, 3, 6)
# trees of blocks
print(jacobian((a, b) -> (p: a * b, q: sum(b), k: 3), wrt: (0, 1))(2, [1, 2]).p[1])
# expect: [[2, 0],
# expect:  [0, 2]]
print(jacobian(t -> (t.x * sum(t.y), "s"))((x: 2, y: [1, 3], n: "k")))    # expect: ((x: 4, y: [2, 2], n: nil), nil)
# empty
print(jacobian(x -> x * 2)(zeros(0)).shape, jacobian(x -> x * zeros(0))(3).shape)  # expect: (0, 0) (0,)
# nested, and under other derivatives
print(jacobian(jacobian(x -> x^3))([1, 2])[1, 1])                         # expect: [0, 12]
print(grad(x -> sum(jacobian(u -> u^3)(x)))([1, 2]))                      # expect: [6, 12]
print(jvp(jacobian(u -> u^3, mode: "reverse"), [1, 2], [1, 0])[1][0])     # expect: [6, 0]
# f draws the same each time it runs
seed(5)
print(all(jacobian(x -> x * normal(2), mode: "forward")([1, 1]) * (1 - eye(2)) == 0))  # expect: true
print(try { jacobian(x -> x, mode: "both") } catch e { e.code })          # expect: E0201
print(try { jacobian(x -> x)([1, 2] as i64) } catch e { e.code })         # expect: E0302
