print(reshape([1, 2], 1e18, 1e18))  # expect error: E0216|E0506
