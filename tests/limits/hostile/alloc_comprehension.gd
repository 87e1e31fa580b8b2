# stops: E0501 E0503
print([i * j for i in 0..1e6, j in 0..1e6][0, 0])
