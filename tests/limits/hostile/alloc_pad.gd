# stops: E0501
print(pad([1, 2], 1e10)[0])
