let p = (w: [1, 2], b: 0)
let g = (w: [1, 2], bias: 0)
print(p - 0.1 * g)
