# stops: E0503
print(fold((a, k) -> a + k, 0, 0..1e15))
