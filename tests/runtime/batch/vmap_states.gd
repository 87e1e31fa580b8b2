# states, draws and seeds of bodies that would run for all items at once
model Norm(n) {
  param g = ones(n)
  state seen = 0
  state avg = zeros(n)
  fn (x) { seen += 1; avg = 0.9 * avg + 0.1 * x; g * (x - avg) }
}
model Count() { param w = 2; state n = 0; fn (x) { n += 1; w * x } }
var c = Count()
descend c using sgd(lr: 0.01) for 2 { sum(vmap(x -> c(x))([1, 2, 3])) }
print(c.n)                                                            # expect: 2
var m = Norm(2)
print(try { descend m using sgd(lr: 0.01) for 2 { sum(vmap(x -> m(x))([[1, 2], [3, 4]])) }; "none" } catch e { e.code })
# expect: E0317
var k = Count()
let r = [k(x) for x in range(40)]
print(k.n, r[3])                                                      # expect: 40 6
let q = vmap(x -> k(x))(range(40))
print(k.n, q[3])                                                      # expect: 40 6
print(grad(m -> sum([m(x) for x in range(40)]))(k).w, k.n)            # expect: 780 40
# draws
seed(5)
let a = [normal() + i for i in 0..50]
let b = vmap(x -> x + uniform(2))(zeros(40))
let d = normal()
seed(5)
let a2 = [{ let z = normal(); z + i } for i in 0..50]
let b2 = vmap(x -> { let u = uniform(2); if u[0] > 0.5 { x + u } else { x + u } })(zeros(40))
print(max(abs(a - a2)), max(abs(b - b2)), d == normal())              # expect: 0 0 true
fn noisy(x) = x * normal()
seed(6)
let e1 = vmap(x -> noisy(x) + sum(noisy(x) for i in 0..40))(ones(3))
seed(6)
let e2 = vmap(x -> noisy(x) + sum(noisy(x) for i in 0..40))(ones(3))
print(max(abs(e1 - e2)), e1[0] != e1[1])                              # expect: 0 true
# draws in a branch that one item takes
seed(8)
let g1 = vmap(x -> if x > 2 { x + normal() } else { x })([1, 2, 3])
let h1 = normal()
seed(8)
let g2 = vmap(x -> if x > 2 { x + normal() } else { x })([1, 2, 3])
print(g1[0] == 1, g1[2] == g2[2], h1 == normal())                     # expect: true true true
seed(9)
let y = normal()
let s1 = vmap(x -> { seed(9); x + normal() })([0, 0])
print(s1[0] == s1[1], s1[0] == y)                                     # expect: true true
# captured variables are the copies that the function has
