print(sin("a"))  # expect error: E0201
