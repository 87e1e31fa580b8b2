print("a" - "b")  # expect error: E0201
