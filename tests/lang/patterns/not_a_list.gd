let (a, b) = 5  # expect error: E0222|E0201
