# stops: E0501 E0506
print(linspace(0, 1, 2^62)[1])
