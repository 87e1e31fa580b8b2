# command: test
# The sparse Jacobian is the dense one; the pattern is what each kind of operation gives.
fn check(f, x, places) {
    let dense = jacobian(f, mode: "forward")(x)
    let s = jacobian(f, sparse: true)(x)
    let ways = (s, jacobian(f, sparse: true, pattern: s)(x), jacobian(f, sparse: true, mode: "forward")(x),
               jacobian(f, sparse: true, mode: "reverse")(x))
    for m in ways { assert max(abs(to_dense(m) - dense)) < 1e-14 }
    assert len(s.rows) == places
    assert max(abs(jacobian(f, mode: "reverse")(x) - dense)) < 1e-14
}
let x = linspace(0.5, 1.5, 9)
test "element by element, slices" {
    check(x -> x^2 + sin(x), x, 9)
    check(x -> x[1:] * x[:-1]^2, x, 16)
    check(x -> reversed_(x), x, 9)
    check(x -> reshape(x, 3, 3)[:, 1], x, 3)
    check(x -> reshape(transpose(reshape(x, 3, 3)) * [1, 2, 3], 9), x, 9)
}
fn reversed_(x) = x[::-1] * 2
test "a full column and a full row" {
    check(x -> x * x[0] + exp(x), x, 17)
    check(x -> concat((x[:3] * 2, [sum(x)], x[4:])), x, 17)
    check(x -> x * x[0] + concat(([sum(x^2)], x[1:])), x, 25)
}
test "gathers and scatters" {
    check(x -> x[[2, 2, 5]] * x[3], x, 6)
    check(x -> grad(y -> sum(y[[0, 0, 4]]^3))(x), x, 2)
}
test "folds, running sums, products" {
    check(x -> sum(reshape(x, 3, 3), axis: 0), x, 9)
    check(x -> max(reshape(x, 3, 3), axis: 1), x, 9)
    check(x -> reshape(softmax(reshape(x, 3, 3), axis: 1), 9), x, 27)
    check(x -> cumsum(x), x, 81)
    let band = tril(ones(9, 9)) * triu(ones(9, 9), -1)
    check(x -> band @ x * x, x, 17)
    check(x -> reshape(reshape(x, 3, 3) @ reshape(x, 3, 3), 9), x, 45)
}
test "numbers: comprehensions and loops" {
    check(x -> [x[i] * sin(x[(i + 1) % 9]) for i in 0..9], x, 18)
    check(x -> {
        var y = x * 1
        for i in 1..len(x) { y[i] = y[i] * x[i] + y[i - 1] }
        y
    }, x, 45)
}
test "an operation without a rule of its own depends on everything" {
    check(x -> reshape(inv(reshape(x, 3, 3) + 3 * eye(3)), 9), x, 81)
}
fn own(x) = x^2
tangent own(x, dx) = 2 * x * dx
test "so does a function with a rule of its own, and a checkpoint" {
    check(x -> own(x) * 1, x, 81)
    check(checkpoint(x -> x^2), x, 81)
}
test "control flow as it was run" {
    let f = x -> if x[0] > 0 { x * 2 } else { x * sum(x) }
    check(f, x, 9)
    check(f, -x, 81)
}
test "trees are flattened leaf by leaf; shapes" {
    let f = (a, b) -> (p: a * b, q: (sum(b), "s"))
    let s = jacobian(f, wrt: (0, 1), sparse: true)(2, [1, 3])
    assert s.shape == (3, 3)
    assert all(to_dense(s) == [[1, 2, 0], [3, 0, 2], [0, 1, 1]])
    let none = jacobian(x -> [1, 2], sparse: true)(x)
    assert none.shape == (2, 9) and len(none.values) == 0
    assert all(to_dense(none) == zeros(2, 9))
    assert to_dense(jacobian(x -> x * 2, sparse: true)(zeros(0))).shape == (0, 0)
    assert to_dense(jacobian(x -> x^2, sparse: true)(3))[0, 0] == 6
}
test "f32 stays f32" {
    let s = jacobian(x -> x^2, sparse: true)([1, 2, 3] as f32)
    assert s.values.dtype == "f32" and all(s.values == [2, 4, 6] as f32)
}
test "under other derivatives" {
    # d/dx sum of the entries of the Jacobian of x^3: 6 x
    assert all(abs(grad(x -> sum(jacobian(u -> u^3, sparse: true)(x).values))(x) - 6 * x) < 1e-13)
    let d = jvp(x -> jacobian(u -> u[1:] * u[:-1], sparse: true)(x).values, x, ones(9))[1]
    assert all(d == 1)
}
test "large" {
    fn band(x) = concat(([0], x[:-1])) - 2 * x + concat((x[1:], [0])) + x^3
    let n = 100000
    let big = linspace(0, 1, n)
    let J = jacobian(band, sparse: true)(big)
    assert len(J.values) == 3 * n - 2
    assert abs(sum(J.values) - (2 * (n - 1) - 2 * n + 3 * sum(big^2))) < 1e-6
    let arrow = jacobian(x -> x * x[0] + concat(([sum(x^2)], x[1:])), sparse: true)(big)
    assert len(arrow.values) == 3 * n - 2
}
test "item by item" {
    let items = stack((x, 2 * x, x - 1))
    let f = x -> where(x[1:] > 0.5, x[1:] * x[:-1], x[:-1]^3)
    let got = vmap(x -> to_dense(jacobian(f, sparse: true)(x)))(items)
    let values = [sum(jacobian(f, sparse: true)(items[i % 3]).values) for i in 0..40]
    for i in 0..3 {
        assert all(got[i] == jacobian(f)(items[i]))
        assert abs(values[i + 3] - sum(jacobian(f)(items[i]))) < 1e-13
    }
}
