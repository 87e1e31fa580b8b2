var w = [1, 2]
loss l(x) = sum(w * x)  # expect error: E0106
print(l([1, 2]))
