# Strong zeros: guarded expressions whose other side is not finite have the value, gradient and second derivative of the
# side that is taken, in every mode, for a number, for a tensor and for an element in a comprehension.
# source: closed forms of the taken side
# Each line: a name, the function of one number or, element by element, of a tensor, points, first and second derivatives.
let inf = 1 / 0
fn guard(x) = if x > 0 { sqrt(x) } else { -x }
let each = (
  ("where sqrt", x -> where(x > 0, sqrt(x), 0), [-1, 0, 4], [0, 0, 1 / 4], [0, 0, -1 / 32]),
  ("where 1 / sqrt", x -> where(x > 0, 1 / sqrt(x), 0), [-1, 0, 4], [0, 0, -1 / 16], [0, 0, 3 / 128]),
  ("sqrt of where", x -> sqrt(where(x > 0, x, 1)), [-1, 0, 4], [0, 0, 1 / 4], [0, 0, -1 / 32]),
  ("sqrt of max", x -> sqrt(max(x, 0)), [-1, -2, 4], [0, 0, 1 / 4], [0, 0, -1 / 32]),
  ("sqrt of relu", x -> sqrt(relu(x)), [-1, 0, 4], [0, 0, 1 / 4], [0, 0, -1 / 32]),
  ("sqrt of clamp", x -> sqrt(clamp(x, 0, 9)), [-1, 16, 4], [0, 0, 1 / 4], [0, 0, -1 / 32]),
  ("zero times sqrt", x -> 0 * sqrt(x) + x, [0, 1, 4], [1, 1, 1], [0, 0, 0]),
  ("sqrt of zero times", x -> sqrt(0 * x) + x, [0, 1, -4], [1, 1, 1], [0, 0, 0]),
  ("mask times sqrt", x -> where(x > 0, 1, 0) * sqrt(max(x, 0)), [-1, -3, 4], [0, 0, 1 / 4], [0, 0, -1 / 32]),
  ("sqrt of abs", x -> where(x != 0, sqrt(abs(x)), 0), [-4, 0, 4], [-1 / 4, 0, 1 / 4], [-1 / 32, 0, -1 / 32]),
  ("where log", x -> where(x > 0, log(x), 0), [-1, 0, 4], [0, 0, 1 / 4], [0, 0, -1 / 16]),
  ("where log2", x -> where(x > 0, log2(x), 0), [-1, 0, 4], [0, 0, 1 / 4 / log(2)], [0, 0, -1 / 16 / log(2)]),
  ("where log10", x -> where(x > 0, log10(x), x), [-1, 0, 4], [1, 1, 1 / 4 / log(10)], [0, 0, -1 / 16 / log(10)]),
  ("where log1p", x -> where(x > -1, log1p(x), 0), [-2, -1, 3], [0, 0, 1 / 4], [0, 0, -1 / 16]),
  ("log of max", x -> log(max(x, 1)), [-1, 0, 4], [0, 0, 1 / 4], [0, 0, -1 / 16]),
  ("log of clamp", x -> log(clamp(x, 0, 100)) * 0 + x, [-1, 0, 4], [1, 1, 1], [0, 0, 0]),
  ("entropy", x -> where(x > 0, -x * log(x), 0), [0, 1, 2], [0, -1, -log(2) - 1], [0, -1, -1 / 2]),
  ("xlogy", x -> where(x > 0, xlogy(x, x), 0), [0, -1, 2], [0, 0, log(2) + 1], [0, 0, 1 / 2]),
  ("log of sum with zero", x -> where(x > 0, log(x) * sqrt(x), x ^ 2), [0, -1, 1], [0, -2, 1], [2, 2, 0]),
  ("log of log", x -> where(x > 1, log(log(x)), 0), [0, 1, 4], [0, 0, 1 / (4 * log(4))],
    [0, 0, -(log(4) + 1) / (4 * log(4)) ^ 2]),
  ("where 1 / x", x -> where(x != 0, 1 / x, 0), [0, -1, 2], [0, -1, -1 / 4], [0, -2, 1 / 4]),
  ("where x / x", x -> where(x != 0, x / x, 1), [0, -1, 2], [0, 0, 0], [0, 0, 0]),
  ("sinc", x -> where(x != 0, sin(x) / x, 1), [0, pi, -pi], [0, -1 / pi, 1 / pi], [0, 2 / pi ^ 2, 2 / pi ^ 2]),
  ("expm1 / x", x -> where(x != 0, expm1(x) / x, 1), [0, 1, 0], [0, 1, 0], [0, e_minus_two(), 0]),
  ("1 / x of where", x -> 1 / where(x != 0, x, 1), [0, -1, 2], [0, -1, -1 / 4], [0, -2, 1 / 4]),
  ("zero over x", x -> 0 / where(x == 0, 1, x) + x, [0, 2, 3], [1, 1, 1], [0, 0, 0]),
  ("1 / x^2", x -> where(abs(x) > 0.5, 1 / x ^ 2, 4), [0, -1, 2], [0, 2, -1 / 4], [0, 6, 3 / 8]),
  ("exp(-1 / x^2)", x -> where(x != 0, exp(-1 / x ^ 2), 0), [0, 1, -1], [0, 2 / exp(1), -2 / exp(1)],
    [0, -2 / exp(1), -2 / exp(1)]),
  ("x^0.5", x -> where(x > 0, x ^ 0.5, 0), [-1, 0, 4], [0, 0, 1 / 4], [0, 0, -1 / 32]),
  ("x^1.5", x -> where(x > 0, x ^ 1.5, 0), [-1, 0, 4], [0, 0, 3], [0, 0, 3 / 8]),
  ("x^-1", x -> where(x != 0, x ^ -1, 0), [-1, 0, 2], [-1, 0, -1 / 4], [-2, 0, 1 / 4]),
  ("x^x", x -> where(x > 0, x ^ x, 1), [-1, 0, 1], [0, 0, 1], [0, 0, 2]),
  ("2^x where small", x -> where(x < 1000, 2 ^ x, 0), [1e4, 0, 1], [0, log(2), 2 * log(2)],
    [0, log(2) ^ 2, 2 * log(2) ^ 2]),
  ("x^0", x -> x ^ 0 + x, [0, -1, 2], [1, 1, 1], [0, 0, 0]),
  ("x^2, x^3", x -> x ^ 2 + x ^ 3, [0, -1, 2], [0, 1, 16], [2, -4, 14]),
  ("max^p", x -> max(x, 0) ^ 1.5, [-1, -2, 4], [0, 0, 3], [0, 0, 3 / 8]),
  ("max^0.5", x -> max(x, 0) ^ 0.5, [-1, -2, 4], [0, 0, 1 / 4], [0, 0, -1 / 32]),
  ("exp without overflow", x -> where(x < 100, exp(x), x), [0, 1000, 1e5], [1, 1, 1], [1, 0, 0]),
  ("softplus by hand", x -> where(x > 30, x, log(1 + exp(x))), [0, 1000, 40], [1 / 2, 1, 1], [1 / 4, 0, 0]),
  ("sigmoid by hand", x -> 1 / (1 + exp(-x)), [0, -1000, 1000], [1 / 4, 0, 0], [0, 0, 0]),
  ("sigmoid of both sides", x -> where(x > 0, 1 / (1 + exp(-x)), exp(x) / (1 + exp(x))), [0, -1000, 1000],
    [1 / 4, 0, 0], [0, 0, 0]),
  ("sinh / cosh", x -> where(abs(x) < 20, sinh(x) / cosh(x), sign(x)), [0, -1000, 1000], [1, 0, 0], [0, 0, 0]),
  ("asin", x -> where(abs(x) < 1, asin(x), 0), [-1, 0, 1], [0, 1, 0], [0, 0, 0]),
  ("acos", x -> where(abs(x) < 1, acos(x), 0), [-2, 0, 1], [0, -1, 0], [0, 0, 0]),
  ("acos of clamp", x -> acos(clamp(x, -1, 1)), [-2, 0, 3], [0, -1, 0], [0, 0, 0]),
  ("asin of clamp", x -> asin(clamp(x, -1, 1)), [-2, 0.6, 3], [0, 1.25, 0], [0, 0.6 / 0.512, 0]),
  ("acosh", x -> where(x > 1, acosh(x), 0), [1, 0, sqrt(2)], [0, 0, 1], [0, 0, -sqrt(2)]),
  ("atanh", x -> where(abs(x) < 1, atanh(x), 0), [-1, 0, 1], [0, 1, 0], [0, 0, 0]),
  ("tan", x -> where(cos(0 * x) * abs(x) < 1.5, tan(x), 0), [0, 1e308, pi / 4], [1, 0, 2], [0, 0, 4]),
  ("lgamma", x -> where(x > 0, lgamma(x), 0), [0, -1, 1], [0, 0, digamma(1)], [0, 0, pi ^ 2 / 6]),
  ("digamma", x -> where(x > 0, digamma(x), x), [0, -1, 1], [1, 1, pi ^ 2 / 6], [0, 0, -2.4041138063191886]),
  ("atan2", x -> where(x != 0, atan2(x, x ^ 2), 0), [0, 1, 1], [0, -1 / 2, -1 / 2], [0, 1 / 2, 1 / 2]),
  ("hypot", x -> hypot(x, 0 * x), [0, 3, -2], [0, 1, -1], [0, 0, 0]),
  ("hypot where", x -> where(x == 0, 0, hypot(x, x)), [0, 1, -1], [0, sqrt(2), -sqrt(2)], [0, 0, 0]),
  ("log of hypot", x -> where(x == 0, 0, log(hypot(x, x))), [0, 1, 2], [0, 1, 1 / 2], [0, -1, -1 / 4]),
  ("abs'", x -> abs(x) * x, [0, 1, -1], [0, 2, 2], [0, 2, -2]),
  ("min", x -> min(1 / x, 1 / where(x > 1, x, 1)), [0.5, 2, 0.25], [0, -1 / 4, 0], [0, 1 / 4, 0]),
  ("min of infinity", x -> min(where(x > 0, 1 / x, inf), 10), [0, -1, 2], [0, 0, -1 / 4], [0, 0, 1 / 4]),
  ("max of infinity", x -> max(log(max(x, 0)), -5), [0, -1, 2], [0, 0, 1 / 2], [0, 0, -1 / 4]),
  ("nested where", x -> where(x > 0, where(x > 1, sqrt(x - 1), 0), log(-x)), [-1, 1, 2], [-1, 0, 1 / 2], [-1, 0, -1 / 4]),
  ("function of if", x -> where(x > 0, sqrt(x), -x), [-1, 0, 4], [-1, -1, 1 / 4], [0, 0, -1 / 32]),
  ("inverse of masked", x -> where(x > 0, 1, 0) * where(x > 0, 1 / x, 0), [0, -1, 2], [0, 0, -1 / 4], [0, 0, 1 / 4]),
  ("gelu far out", x -> gelu(x), [-1e200, 1e200, 0], [0, 1, 1 / 2], [0, 0, 2 / sqrt(2 * pi)]),
  ("silu far out", x -> silu(x), [-1e3, 1e3, 0], [0, 1, 1 / 2], [0, 0, 1 / 2]),
  ("elu", x -> elu(x, 1), [-1e3, 1e3, 1], [0, 1, 1], [0, 0, 0]),
  ("tanh, erf far out", x -> tanh(x) + erf(x), [-1e200, 1e200, 0], [0, 0, 1 + 2 / sqrt(pi)], [0, 0, 0]),
  ("softplus", x -> softplus(x), [-1e3, 1e3, 0], [0, 1, 1 / 2], [0, 0, 1 / 4]),
)
fn e_minus_two() = exp(1) - 2

# of a whole vector: name, function, point, gradient, second derivatives
let s5 = sqrt(5)
let whole = (
  ("norm at zero", x -> norm(x), [0, 0], [0, 0], zeros(2, 2)),
  ("norm where", x -> if any(x != 0) { norm(x) } else { 0 }, [0, 0], [0, 0], zeros(2, 2)),
  ("norm squared", x -> norm(x) ^ 2, [3, 4], [6, 8], 2 * eye(2)),
  ("unit vector or zero", x -> sum(where(norm(x) > 0, x / norm(x), 0) * [1, 0]), [0, 0], [0, 0], zeros(2, 2)),
  ("sqrt of sum of squares", x -> where(sum(x ^ 2) > 0, sqrt(sum(x ^ 2)), 0), [0, 0], [0, 0], zeros(2, 2)),
  ("distance of the same", x -> sqrt((x[0] - x[1]) ^ 2) * 0 + x[0], [1, 1], [1, 0], zeros(2, 2)),
  ("std of equals", x -> if max(x) > min(x) { std(x) } else { 0 }, [2, 2], [0, 0], zeros(2, 2)),
  ("std of equals, where", x -> where(max(x) > min(x), std(x), 0), [2, 2], [0, 0], zeros(2, 2)),
  ("logsumexp of masked", x -> logsumexp(where([true, false, true], x, -inf)), [0, 5, 0], [0.5, 0, 0.5],
    [[0.25, 0, -0.25], [0, 0, 0], [-0.25, 0, 0.25]]),
  ("logsumexp where all masked", x -> where(any(x > 9), logsumexp(where(x > 9, x, -inf)), 0), [0, 5], [0, 0], zeros(2, 2)),
  ("log of sum of exp of masked", x -> log(sum(exp(where(x < 9, x, -inf)))), [0, 0], [0.5, 0.5],
    [[0.25, -0.25], [-0.25, 0.25]]),
  ("softmax of masked", x -> softmax(where([true, false, true], x, -inf))[0], [0, 5, 0], [0.25, 0, -0.25], zeros(3, 3)),
  ("elements over zero", x -> sum(sqrt(x[x > 0])), [0, 4], [0, 0.25], [[0, 0], [0, -1 / 32]]),
  ("weights of zero", x -> sum([0, 1] * sqrt(x)), [0, 4], [0, 0.25], [[0, 0], [0, -1 / 32]]),
  ("product with weights of zero", x -> [0, 1] @ log(x), [0, 4], [0, 0.25], [[0, 0], [0, -1 / 16]]),
  ("product with a zero", x -> prod(x), [0, 2, 3], [6, 0, 0], [[0, 3, 2], [3, 0, 0], [2, 0, 0]]),
  ("two zeros", x -> prod(x), [0, 0, 3], [0, 0, 0], [[0, 3, 0], [3, 0, 0], [0, 0, 0]]),
  ("cumulated product", x -> sum(cumprod(x)), [0, 2], [3, 0], [[0, 1], [1, 0]]),
  ("mean of what is there", x -> sum(where(x > 0, log(x), 0)) / sum(x > 0), [0, 4], [0, 0.25], [[0, 0], [0, -1 / 16]]),
  ("maximum of logs", x -> max(log(x)), [0, 4], [0, 0.25], [[0, 0], [0, -1 / 16]]),
  ("y^x", x -> where(x[1] > 0, x[1] ^ x[0], 0), [2, 0], [0, 0], zeros(2, 2)),
  ("x / y", x -> where(x[1] != 0, x[0] / x[1], 0), [2, 0], [0, 0], zeros(2, 2)),
  ("atan2 at the origin", x -> where(any(x != 0), atan2(x[0], x[1]), 0), [0, 0], [0, 0], zeros(2, 2)),
  ("angle", x -> if norm(x) > 0 { acos(clamp(x[0] / norm(x), -1, 1)) } else { 0 }, [0, 0], [0, 0], zeros(2, 2)),
)

fn close(got, want, tol) = all(abs(got - want) <= tol * (1 + abs(want)))
fn R(f, v) = x -> sum(grad(f)(x) * v)
fn F(f, v) = x -> jvp(f, x, v)[1]
var bad = 0
fn say(name, what, got, want, tol) {
  if close(got, want, tol) { return 0 }
  print("{name}, {what}: {got}, not {want}")
  1
}
fn one(name, f, x, d, h) {
  var n = say(name, "reverse at {x}", grad(f)(x), d, 1e-12)
  n += say(name, "forward at {x}", jvp(f, x, 1)[1], d, 1e-12)
  n += say(name, "reverse over reverse at {x}", grad(grad(f))(x), h, 1e-12)
  n += say(name, "forward over reverse at {x}", jvp(grad(f), x, 1)[1], h, 1e-12)
  n += say(name, "reverse over forward at {x}", grad(F(f, 1))(x), h, 1e-12)
  n + say(name, "forward over forward at {x}", F(F(f, 1), 1)(x), h, 1e-12)
}
fn many(name, f, x, d, H, tol) {
  let n = len(x)
  var bad = say(name, "reverse", grad(f)(x), d, tol)
  for k in 0..n {
    let v = one_hot([k], n)[0]
    bad += say(name, "forward {k}", jvp(f, x, v)[1], d[k], tol)
    bad += say(name, "reverse over reverse {k}", grad(R(f, v))(x), H[k], tol)
    bad += say(name, "forward over reverse {k}", jvp(grad(f), x, v)[1], H[k], tol)
    bad += say(name, "reverse over forward {k}", grad(F(f, v))(x), H[k], tol)
    for j in 0..n {
      let u = one_hot([j], n)[0]
      bad += say(name, "forward over forward {k} {j}", F(F(f, v), u)(x), H[k, j], tol)
    }
  }
  bad
}
for (name, f, x, d, h) in each {
  for k in 0..len(x) { bad += one(name, f, x[k], d[k], h[k]) }
  bad += many(name + ", tensor", x -> sum(f(x)), x, d, diag(h), 1e-12)
  bad += many(name + ", elements", x -> sum([f(x[k]) for k in 0..3]), x, d, diag(h), 1e-12)
}
for (name, f, x, d, H) in whole { bad += many(name, f, x, d, H, 1e-12) }
bad += one("if", guard, -1, -1, 0) + one("if", guard, 0, -1, 0) + one("if", guard, 4, 1 / 4, -1 / 32)
print(len(each) + len(whole), bad)    # expect: 91 0
