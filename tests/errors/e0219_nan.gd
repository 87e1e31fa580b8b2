let x = [0 / 0]
print(x as i64)  # expect error: E0219
