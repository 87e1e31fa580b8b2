print([range(0, i) for i in 1..3])  # expect error: E0220
