use f32
print([1, 2].dtype)     # expect: f32
print(zeros(2).dtype)   # expect: f32
print(normal(2).dtype)  # expect: f32
print([i for i in 0..3].dtype)  # expect: f32
print(0.1 + 0.2)        # expect: 0.30000000000000004
print((([1] as i64) / 2).dtype)     # expect: f32
print(([1] as f64).dtype)           # expect: f64
model M(n) { param w[n] = 0 }
print(M(2).w.dtype)     # expect: f32
