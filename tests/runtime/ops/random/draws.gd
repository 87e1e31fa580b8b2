# op: random
seed(1)
print(normal(2, 3).shape, uniform((4,)).shape, bernoulli(0.5, 3).shape)  # expect: (2, 3) (4,) (3,)
print(normal(0).shape)                        # expect: (0,)
let u = uniform(10_000)
print(min(u) >= 0, max(u) < 1)                # expect: true true
print((normal(3) as f32).dtype, normal(3).dtype)  # expect: f32 f64
