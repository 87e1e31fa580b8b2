print(1 + "a")  # expect error: E0201
