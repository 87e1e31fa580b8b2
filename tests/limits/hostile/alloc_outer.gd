# stops: E0501
let a = range(1e5)
print(sum(a[:, new] * exp(a[new, :] / 1e5) @ ones(1e5)))
