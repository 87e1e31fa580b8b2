fn h(x[2, n]) = n
print(h(zeros(3, 9)))  # expect error: E0215
