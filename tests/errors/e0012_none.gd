let b = None  # expect error: E0012
# expect hint: nil
