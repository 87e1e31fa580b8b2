fn g(x[batch, d], W[d, k]) = x @ W
print(g(zeros(2, 3), zeros(4, 4)))  # expect error: E0215
