fn g(x[n]) -> [n - 1] = x; print(g(zeros(3)))  # expect error: E0215
