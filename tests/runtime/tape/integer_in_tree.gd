# inside a tree it is a constant
let g = grad(p -> sum(p.x * p.n))((x: [1, 2], n: [3, 4] as i64))
print(g)  # expect: (x: [3, 4], n: nil)
