# 0 or 1, with the probability that is asked for
seed(3)
let b = bernoulli(0.3, 10_000) as f64
assert abs(mean(b) - 0.3) < 5 * sqrt(0.21 / 10_000)
assert all(max(b * (1 - b), 0) == zeros(10_000))
print("ok")  # expect: ok
