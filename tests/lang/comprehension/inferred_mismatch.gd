let a = [1, 2, 3]
let b = [1, 2]
print([a[i] + b[i] for i])  # expect error: E0213
