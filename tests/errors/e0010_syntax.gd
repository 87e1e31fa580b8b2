let = 3  # expect error: E0010
