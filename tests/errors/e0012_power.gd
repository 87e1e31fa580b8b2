let x = 2 ** 3  # expect error: E0012
# expect hint: ^
