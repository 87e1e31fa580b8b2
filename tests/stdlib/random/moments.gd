# 10^5 draws: mean and standard deviation within five standard errors
seed(1)
let n = 100_000
let z = normal(n)
assert abs(mean(z)) < 5 / sqrt(n)
assert abs(std(z) - 1) < 5 / sqrt(2 * n)
assert abs(mean(z ^ 3)) < 5 * sqrt(15 / n)
assert abs(mean(z ^ 4) - 3) < 5 * sqrt(96 / n)
let u = uniform(n)
assert min(u) >= 0 and max(u) < 1
assert abs(mean(u) - 0.5) < 5 / sqrt(12 * n)
assert abs(variance(u) - 1 / 12) < 0.002
print("ok")  # expect: ok
