# stops: E0503
# memory: 1G
let n = 2500
let a = (range(n)[:, new] * range(n)[new, :]) % 7.3 - 3 + n * eye(n)
print(inv(a)[0, 0])
