# stops: fine E0503
# memory: 1G
# late: 5 # one call of LAPACK is not interrupted
let n = 900
let a = (range(n)[:, new] * range(n)[new, :]) % 7.3 - 3 + n * eye(n)
print(svd(a)[1][0])
