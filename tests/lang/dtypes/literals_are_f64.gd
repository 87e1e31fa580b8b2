print([1, 2].dtype)             # expect: f64
print(zeros(2).dtype)           # expect: f64
print([i for i in 0..3].dtype)  # expect: f64
print(range(0, 3).dtype)        # expect: f64
print(argmax([[1, 2]], axis: 1).dtype)  # expect: i64
print(argsort([2, 1]).dtype)    # expect: i64
print(permutation(3).dtype)     # expect: i64
print(([1, 2] > 1).dtype)       # expect: bool
print(([1] as f32).dtype, ([1] as i32).dtype, ([1] as u8).dtype)  # expect: f32 i32 u8
