# stops: E0501
print(tile([1, 2], 1e10)[0])
