# command: test
# Derivatives through draws: the same draw at other parameters, and the derivative of the expectation.
let n = 200000
fn at(f, s) { seed(s)
    f() }
fn mean_at(f) = x -> { seed(11)
    mean(f(x)) }
fn slope(f, x) = (mean_at(f)(x + 1e-5) - mean_at(f)(x - 1e-5)) / 2e-5
fn exact(f, x) {
    assert abs(grad(mean_at(f))(x) - slope(f, x)) < 1e-6 * (1 + abs(slope(f, x)))
    assert abs(jvp(mean_at(f), (x,), (1,))[1] - slope(f, x)) < 1e-6 * (1 + abs(slope(f, x)))
}
test "the path of each draw" {
    exact(m -> normal(100, mean: m, std: 2)^2, 0.7)
    exact(s -> normal(100, mean: 1, std: s)^2, 0.7)
    exact(a -> uniform(100, low: a, high: 3)^2, 0.7)
    exact(b -> uniform(100, low: -1, high: b)^2, 0.7)
    exact(r -> exponential(100, rate: r)^2, 0.7)
    exact(m -> laplace(100, mean: m, scale: 2)^2, 0.7)
    exact(s -> laplace(100, mean: 1, scale: s)^2, 0.7)
    exact(s -> normal(std: s)^2, 0.7)
}
# E x^2: m^2 + s^2; (a^2 + a b + b^2) / 3; 2 / r^2; m^2 + 2 s^2. Five standard errors of 200,000 draws.
test "the derivative of the expectation, closed form" {
    assert abs(grad(mean_at(m -> normal(n, mean: m, std: 2)^2))(0.7) - 1.4) < 0.05
    assert abs(grad(mean_at(s -> normal(n, mean: 1, std: s)^2))(0.7) - 1.4) < 0.05
    assert abs(grad(mean_at(b -> uniform(n, low: -1, high: b)^2))(2) - 1) < 0.02
    assert abs(grad(mean_at(r -> exponential(n, rate: r)^2))(2) + 0.5) < 0.03
    assert abs(grad(mean_at(s -> laplace(n, mean: 1, scale: s)^2))(0.5) - 2) < 0.06
}
test "moments and range" {
    seed(2)
    let e = exponential(n, rate: 2)
    assert min(e) >= 0 and abs(mean(e) - 0.5) < 0.006 and abs(variance(e) - 0.25) < 0.01
    let l = laplace(n, mean: 3, scale: 0.5)
    assert abs(mean(l) - 3) < 0.01 and abs(variance(l) - 0.5) < 0.02
    # tails: P(e > t) = exp(-2 t), P(|l - 3| > t) = exp(-2 t)
    assert abs(mean((e > 1) as f64) - exp(-2)) < 0.004
    assert abs(mean((abs(l - 3) > 1) as f64) - exp(-2)) < 0.004
    assert all(is_finite(l)) and all(is_finite(e))
}
test "tensors of parameters, shapes, the seed" {
    let g = at(() -> grad(r -> sum(exponential(rate: r)))([1, 2, 4]), 5)
    let x = at(() -> exponential(rate: [1, 2, 4]), 5)
    assert max(abs(g + x / [1, 2, 4])) < 1e-15
    assert exponential(2, 3).shape == (2, 3) and laplace(0).shape == (0,) and laplace(mean: [1, 2]).shape == (2,)
    assert all(at(() -> laplace(4), 9) == at(() -> laplace(4), 9))
    assert try { exponential(rate: 0) } catch e { e.code } == "E0210"
    assert try { laplace(scale: -1) } catch e { e.code } == "E0210"
}
