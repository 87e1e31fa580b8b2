let b = !true  # expect error: E0012
# expect hint: not
