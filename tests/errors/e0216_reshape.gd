print(reshape([1, 2, 3], 2, 2))  # expect error: E0216
