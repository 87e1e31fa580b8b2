print((a: 1, b: 2) + (a: 1, c: 2))  # expect error: E0208
