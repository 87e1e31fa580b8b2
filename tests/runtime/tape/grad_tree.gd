# the gradient has the structure of the first argument
let p = (w: [1, 2], b: 3, more: (4, "label"))
let g = grad(q -> sum(q.w ^ 2) * q.b + q.more[0] ^ 2)(p)
print(g)  # expect: (w: [6, 12], b: 5, more: (8, nil))
let g2 = grad((a, b) -> a * b)(2, 5)
print(g2) # expect: 5
