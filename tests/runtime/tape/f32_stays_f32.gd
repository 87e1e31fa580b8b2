let x = [1, 2] as f32
let g = grad(x -> sum(x ^ 2))(x)
print(g.dtype, g)  # expect: f32 [2, 4]
