let x = [1, 2, 3]
print([x[i + 1] for i in 0..3])  # expect error: E0211
