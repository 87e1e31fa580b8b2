# stops: E0506 E0216 E0501
print(reshape(range(4), 2^62, 2^62))
