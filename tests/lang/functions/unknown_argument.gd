fn f(a, rate: 1) = a
print(f(1, rat: 2))  # expect error: E0204
# expect hint: rate
