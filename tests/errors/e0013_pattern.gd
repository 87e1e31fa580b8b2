let (a, 3) = (1, 2)  # expect error: E0013
