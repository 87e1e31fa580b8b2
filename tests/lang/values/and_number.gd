print(true and 1)  # expect error: E0205
