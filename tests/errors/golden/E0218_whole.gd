let counts = [1, 2, 3] as i64
print(counts * 0.5)
