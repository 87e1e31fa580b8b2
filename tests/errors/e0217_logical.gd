print(logical_and([1, 2], [true, false]))  # expect error: E0217
