print(quantile([1, 2, 3], 1.5))  # expect error: E0210
