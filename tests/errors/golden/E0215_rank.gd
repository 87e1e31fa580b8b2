fn norms(x[n, d]) -> [n] = sqrt(sum(x^2, axis: 1))
print(norms([3, 4]))
