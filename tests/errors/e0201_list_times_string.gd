print(len(5))  # expect error: E0201
