# stops: E0503
# memory: 1G
let n = 4000
let a = (range(n)[:, new] * range(n)[new, :]) % 7.3 - 3 + n * eye(n)
print(solve(a, ones(n))[0])
