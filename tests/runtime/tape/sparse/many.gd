# command: test
# Rows swept together: the same Jacobian as one run for each column.
let x = linspace(-1.5, 1.5, 7)
seed(3)
let W = normal(5, 7)
fn same(f, x) {
    let a = jacobian(f, mode: "reverse")(x)
    let b = jacobian(f, mode: "forward")(x)
    assert a.shape == b.shape and a.dtype == b.dtype
    assert max(abs(a - b)) <= (if a.dtype == "f32" { 1e-5 } else { 1e-12 }) * (1 + max(abs(b)))
}
test "tensors and numbers" {
    same(x -> tanh(W @ x) * sum(x^2) / norm(x), x)
    same(x -> [x[i] * sin(x[(i + 1) % 7]) / x[0]^2 for i in 0..7], x)
    same(x -> x[1:3] * x[5] + mean(x), x)
    same(x -> softmax(x) * cumsum(x), x)
    same(x -> sort(x * [3, 1, 2, -1, 0.5, 4, 1]), x)
    same(x -> reshape(x[:6], 2, 3) @ W[:3], x)
    same(x -> x[[0, 0, 3]]^2, x)
    same(x -> exp(x) as f32, x as f32)
}
test "elements read and written" {
    same(x -> {
        var y = x * 1
        for i in 1..len(x) { y[i] = y[i - 1] * x[i] + y[i] }
        y
    }, x)
    same(x -> {
        var s = 0
        var out = zeros(3)
        for i in 0..7 { s = s * x[i] + sin(x[i]) }
        for i in 0..3 { out[i] = s * x[i] }
        out
    }, x)
}
test "factorisations" {
    let A = normal(3, 3) + 4 * eye(3)
    same(inv, A)
    same(A -> A[1] @ A * det(A), A)
    same(A -> cholesky(A @ transpose(A) + eye(3)), A)
}
test "strong zeros" {
    let f = x -> where(x > 0, sqrt(x), 0)
    assert all(jacobian(f, mode: "reverse")([0, 4]) == [[0, 0], [0, 0.25]])
    let g = x -> [if x[i] > 0 { sqrt(x[i]) } else { 0 * x[i] } for i in 0..2]
    assert all(jacobian(g, mode: "reverse")([0, 4]) == [[0, 0], [0, 0.25]])
}
test "inside and around other derivatives" {
    assert all(abs(grad(x -> sum(jacobian(u -> u^3 * sum(u), mode: "reverse")(x)))(x) -
                   grad(x -> sum(jacobian(u -> u^3 * sum(u), mode: "forward")(x)))(x)) < 1e-10)
    assert all(jacobian(x -> grad(u -> sum(u^3))(x))([1, 2]) == [[6, 0], [0, 12]])
}
test "f runs once in reverse mode" {
    let f = x -> x * uniform(3)
    seed(1)
    let a = jacobian(f, mode: "reverse")([1, 1, 1])
    assert all(a * (1 - eye(3)) == 0)
}
