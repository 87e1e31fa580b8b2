# what vjp gives may be used later, often, and inside other derivatives
let (y, p) = vjp(x -> sin(x) * 2, 0)
let q = vjp(x -> [sum(x), prod(x)], [2, 3])[1]
print(p(1), p(0.5), q([1, 10]), q([0, 1]))  # expect: 2 1 [31, 21] [3, 2]
print(grad(x -> vjp(y -> y ^ 2 * x, x)[1](x))(3))  # expect: 54
print(grad(x -> q([x, x ^ 2])[0])(2))  # expect: 13
# nil for what has no derivative
print(vjp((x, n, s) -> x * n[0], 2, [3] as i64, "s")[1](10))  # expect: (30, nil, nil)
# the draws of pull are those of the first run
seed(3)
let (a, back) = vjp(x -> x * normal(3), 1)
print(all(back([1, 0, 0]) * 1.0 == a[0]), back([0, 1, 0]) == a[1])  # expect: true true
