print(sqrt(1, 2))  # expect error: E0203
