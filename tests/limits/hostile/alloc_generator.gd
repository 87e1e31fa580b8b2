# stops: E0501 E0503
print(len((i for i in 0..1e18)))
