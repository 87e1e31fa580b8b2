let i = [1, 2] as i32
print(0.5 * i)  # expect error: E0218
