# source: the minimum is (1, 1), closed form; Nocedal and Wright 2006, chapter 7
var p = [-1.2, 1]
let r = descend p using lbfgs() for 200 {
  (1 - p[0]) ^ 2 + 100 * (p[1] - p[0] ^ 2) ^ 2
}
print(r.loss < 1e-10)  # expect: true
print((v for v in p))  # expect~ (1, 1) 1e-5
print(r.steps < 100)   # expect: true
print(all(r.losses[i] >= r.losses[i + 1] for i in 0..r.steps - 1))  # expect: true
