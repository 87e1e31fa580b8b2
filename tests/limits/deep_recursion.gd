fn f(n) = 1 + f(n + 1)  # expect error: E0504
print(f(0))
# skip-san
