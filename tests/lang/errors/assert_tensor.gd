assert [1, 2] > 0  # expect error: E0205
# expect hint: all(
