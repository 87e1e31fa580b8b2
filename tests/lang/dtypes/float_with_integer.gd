let f = [1, 2] as f32
let d = [1, 2] as f64
let i = [1, 2] as i32
let l = [1, 2] as i64
let b = [true, false]
print((f * i).dtype, (d * i).dtype, (f * l).dtype)  # expect: f32 f64 f32
print((i + l).dtype, (i + i).dtype, (l - l).dtype)  # expect: i64 i32 i64
print((b + b).dtype, b + b)                         # expect: f64 [2, 0]
print((b * d).dtype, b * d)                         # expect: f64 [1, 0]
print((i + b).dtype, i + b)                         # expect: i32 [2, 2]
