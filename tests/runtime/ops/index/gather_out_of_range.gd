print(gather([1, 2], 0, [2]))  # expect error: E0211
