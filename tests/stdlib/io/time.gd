let t = time()
print(type(t), time() >= t)  # expect: number true
