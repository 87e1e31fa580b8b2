# stops: E0501 E0506
print(range(0, 1e300, 1e-300)[1])
