# a tangent that is zero stays zero whatever the partial
fn d(f, x) = jvp(f, x, 1)[1]
print(jvp(x -> where(x > 0, sqrt(x), 0), [-1, 0, 4], [1, 1, 1])[1])       # expect: [0, 0, 0.25]
print(d(x -> sqrt(0) * x, 2), d(x -> sqrt(0 * x) + x, 2))                  # expect: 0 1
print(jvp((x, y) -> sqrt(x) + y, (0, 1), (0, 1)))                         # expect: (1, 1)
print(jvp(x -> sum(sqrt(x)), [0, 4], [0, 1])[1])                          # expect: 0.25
print(d(x -> grad(y -> where(y > 0, log(y), 0))(x), 0))                   # expect: 0
print(grad(x -> d(y -> if y > 0 { sqrt(y) } else { 0 }, x))(0))           # expect: 0
print(jvp(x -> x / 0, 0, 0)[1], jvp(x -> 1 / x, 0, 0)[1])                  # expect: 0 0
