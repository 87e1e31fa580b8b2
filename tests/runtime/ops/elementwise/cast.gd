# x as TYPE
# op: cast
print([1.9, -1.9, 0] as i64)  # expect: [1, -1, 0]
print([1.9, -1.9, 0] as bool)  # expect: [true, true, false]
print([300, 2] as i32)  # expect: [300, 2]
print([true, false] as u8)  # expect: [1, 0]
print((v for v in ([0.1] as f32) as f64))
# expect~ (0.10000000149011612,) 1e-15
print((zeros(0) as i32).shape)  # expect: (0,)
print((v for v in [1 / 0, 0 / 0] as f32))
# expect~ (inf, nan) 1e-12
print((grad(x -> sum((x as f64) ^ 2))([1, 2] as f32)).dtype)  # expect: f32
print(([[1, 2], [3, 4]]' as i32).shape)  # expect: (2, 2)
print(reshape([[1, 2], [3, 4]]' as i32, 4))  # expect: [1, 3, 2, 4]
