# stops: E0501 E0503
print(len(map(0..1e15, k -> k)))
