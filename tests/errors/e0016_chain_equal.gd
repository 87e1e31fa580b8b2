print(1 == 1 == 1)  # expect error: E0016
