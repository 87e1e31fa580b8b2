let i = [1, 2] as i64
print(i + 0.5)  # expect error: E0218
# expect hint: as f64
