# arguments and results that are lists
fn dist(p, q) = (p.x - q.x) ^ 2 + (p.y - q.y) ^ 2
adjoint dist(p, q, r, dr) = ((x: 2 * dr * (p.x - q.x), y: 2 * dr * (p.y - q.y)), nil)
let a = (x: 3, y: 4)
let b = (x: 1, y: 1)
print(grad(dist)(a, b))          # expect: (x: 4, y: 6)
print(grad(dist, wrt: 1)(a, b))  # expect: (x: 0, y: 0)
fn both(x) = (s: sum(x), p: x * 2)
adjoint both(x, y, dy) = dy.s + 2 * dy.p
fn use_both(x) {
  let r = both(x)
  r.s * 10 + sum(r.p ^ 2)
}
print(grad(use_both)([1, 2]))                      # expect: [18, 26]
print(grad(x -> sum(grad(use_both)(x)))([1, 2]))   # expect: [8, 8]
