print([[1, 2], [3]])  # expect error: E0220
