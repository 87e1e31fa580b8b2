# stops: E0501
print(one_hot(range(1e4), 1e5)[0, 0])
