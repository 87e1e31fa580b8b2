let b = True  # expect error: E0012
# expect hint: true
