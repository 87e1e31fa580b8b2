print(nil < 3)  # expect error: E0201
