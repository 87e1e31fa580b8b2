# stops: E0501
print(permutation(1e11)[0])
