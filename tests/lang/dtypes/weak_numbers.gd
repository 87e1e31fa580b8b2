# number op tensor keeps a float tensor's dtype
let x = [1, 2] as f32
print((x * 2).dtype, (x * 0.1).dtype, (2 / x).dtype, (x ^ 2).dtype)  # expect: f32 f32 f32 f32
print((x + ([1, 2] as f64)).dtype)   # expect: f64
print((x * 0.5)[0])                  # expect: 0.5
