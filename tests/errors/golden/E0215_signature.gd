fn linear(x[batch, d], W[d, k]) -> [batch, k] = x @ W
print(linear(ones(4, 3), ones(2, 5)))
