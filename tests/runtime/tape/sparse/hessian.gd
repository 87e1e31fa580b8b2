# command: test
# Sparse Hessians against closed forms and the dense ones.
fn check(f, x, places) {
    let s = hessian(f, sparse: true)(x)
    assert len(s.rows) == places
    assert max(abs(to_dense(s) - hessian(f, mode: "forward")(x))) < 1e-12
    assert max(abs(to_dense(hessian(f, sparse: true, pattern: s)(x)) - to_dense(s))) == 0
    assert max(abs(hessian(f)(x) - to_dense(s))) < 1e-12
}
let x = linspace(0.5, 1.5, 9)
fn chain(x) = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)
test "a chain, an arrow, full, none" {
    check(chain, x, 25)
    check(x -> sum(x * x[0]^2) + sum(x^4), x, 25)
    check(x -> prod(x), x, 81)
    check(x -> sum(log(1 + exp(x[::2]))), x, 5)
    assert len(hessian(x -> sum(x), sparse: true)(x).rows) == 0
}
test "closed form: the chained Rosenbrock function" {
    let n = 50000
    let big = linspace(-1.5, 1.5, n)
    let H = hessian(chain, sparse: true)(big)
    assert len(H.values) == 3 * n - 2
    let on = H.rows == H.cols
    # d2/dx_i^2 = 1200 x_i^2 - 400 x_(i+1) + 2 [not the last] + 200 [not the first]; d2/dx_i dx_(i+1) = -400 x_i
    let diag = concat((1200 * big[:-1]^2 - 400 * big[1:] + 2, [0])) + concat(([0], 200 * ones(n - 1)))
    assert max(abs(H.values[on] - diag)) < 1e-9
    assert max(abs(H.values[H.cols == H.rows + 1] + 400 * big[:-1])) < 1e-9
    assert max(abs(H.values[H.rows == H.cols + 1] + 400 * big[:-1])) < 1e-9
}
model Layer(n) {
    param w[n] = 2
    state seen = 0
    let fixed = (2, [3, 1])                # not trained: no columns
    let part = Scale()
    param k = 1
    fn (x) = part(sum(w * x) * k * fixed[0] + sum(fixed[1]) * k)
}
model Scale() {
    param by = 0.5
    fn (x) = x * by^2
}
test "of a model: its parameters and those of its parts" {
    let m = Layer(3)
    let f = m -> m([1, 2, 3])^2
    let full = hessian(f)(m)
    let d = to_dense(hessian(f, sparse: true)(m))
    assert d.shape == (5, 5)
    assert all(d[:3, :3] == full.w.w) and all(d[:3, 4] == full.w.k) and all(d[4, :3] == full.k.w) and d[4, 4] == full.k.k
    assert all(d[:3, 3] == full.w.part.by) and d[3, 4] == full.part.by.k and d[3, 3] == full.part.by.part.by
    assert full.fixed[0] == nil and full.w.fixed[1] == nil
    assert max(abs(jacobian(grad(f), mode: "forward")(m).w.w - full.w.w)) < 1e-12
}
