print(inv([[1, 2], [2, 4]]))  # expect error: E0227
