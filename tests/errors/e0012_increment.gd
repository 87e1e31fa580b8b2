var i = 0
i++  # expect error: E0012
# expect hint: += 1
