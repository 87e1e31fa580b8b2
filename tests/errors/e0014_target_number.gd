3 = 4  # expect error: E0014
