print(not 0)  # expect error: E0205
