print(max(x for x in ()))  # expect error: E0221
