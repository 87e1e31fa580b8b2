# command: test
# Gradients of tables by rows: the same training as with a one-hot product, whose gradient is dense.
seed(4)
let n = 60
let table = normal(n, 3)
let index = [7, 7, 0, 59, 12, 7, 0]
let target = normal(7, 3)
let pick = zeros(7, n)
let spots = [if index[i] == j { 1 } else { 0 } for i in 0..7, j in 0..n]
fn trained(opt, by_rows, steps) {
    var T = table
    if by_rows {
        descend T using opt for steps { mean((T[index as i64] - target)^2) + 0.1 * mean(T[[3, 7]]^2) }
    } else {
        descend T using opt for steps { mean((spots @ T - target)^2) + 0.1 * mean((spots[[0, 1]] * 0 @ T + T[[3, 7]])^2) }
    }
    T
}
fn same(make) {
    assert max(abs(trained(make(), true, 5) - trained(make(), false, 5))) < 1e-14
}
test "optimisers whose formula leaves other rows alone" {
    same(() -> gd(0.3))
    same(() -> sgd(0.3))
    same(() -> sgd(t -> 0.3 / (1 + t)))
}
test "and those that move them" {
    same(() -> sgd(0.3, momentum: 0.9))
    same(() -> sgd(0.3, weight_decay: 0.1))
    same(() -> adam(0.1))
    same(() -> adamw(0.1))
    same(() -> rmsprop(0.1))
}
test "transforms of the gradient see all of it" {
    var a = table
    var b = table
    descend a using sgd(0.5), clip_norm(0.01) for 3 { sum(a[[1, 1, 4]]^2) }
    descend b using sgd(0.5), clip_norm(0.01) for 3 { sum((spots[0] * 0 @ b)^2) + 2 * sum(b[1]^2) + sum(b[4]^2) }
    assert max(abs(a - b)) < 1e-15
}
test "the gradient is a tensor like any other" {
    let g = grad(T -> sum(T[[1, 1, 4]]^2) + sum(T[[4, 2]]))(table)
    assert g.shape == (n, 3)
    assert all(g[1] == 4 * table[1]) and all(abs(g[4] - 2 * table[4] - 1) < 1e-15) and all(g[2] == 1)
    assert sum(abs(g[5:])) == 0 and sum(abs(g[0])) == 0
    assert all((g + g)[1] == 2 * g[1]) and all(transpose(g)[:, 4] == g[4])
    assert grad(T -> sum(T[[0]]^2) * 0)(table).shape == (n, 3)
    # nobody gets half the table this way: more rows than half of it
    assert all(grad(T -> sum(T[range(0, 60) as i64]))(table) == 1)
}
test "matrices of indices, f32, vectors" {
    let f = table as f32
    let g = grad(T -> sum(T[[[1, 2], [1, 9]]]^2))(f)
    assert g.dtype == "f32" and all(g[1] == 4 * f[1]) and sum(abs(g[10:])) == 0
    var T = f
    descend T using sgd(0.25) for 1 { sum(T[[[1, 2], [1, 9]]]^2) }
    assert all(T[1] == f[1] * 0) and all(T[2] == f[2] * 0.5) and all(T[20:] == f[20:]) and T.dtype == "f32"
    var v = range(0, 100) as f64
    descend v using sgd(0.5) for 2 { sum(v[[3, 5, 3]]^2) / 2 }
    assert v[3] == 0 and v[5] == 1.25 and v[4] == 4
}
test "second derivatives" {
    let h = hvp(T -> sum(T[[1, 1, 4]]^3), table, ones(n, 3))
    assert all(abs(h[1] - 12 * table[1]) < 1e-14) and all(abs(h[4] - 6 * table[4]) < 1e-14) and sum(abs(h[5:])) == 0
}
test "through descend" {
    let f = lr -> {
        var T = table
        descend T using sgd(lr) for 3 { sum(T[[1, 1, 4]]^2) / 2 }
        sum(T^2)
    }
    let step = 1e-6
    assert abs(grad(f)(0.1) - (f(0.1 + step) - f(0.1 - step)) / (2 * step)) < 1e-6
}
