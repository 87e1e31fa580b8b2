# stops: E0503
print(sum(1 / (k + 1) for k in 0..1e15))
