print(sum([[1, 2]], axis: 2))  # expect error: E0226
