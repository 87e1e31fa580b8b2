fn v(x[n]) = n
print(v(zeros(2, 2)))  # expect error: E0215
