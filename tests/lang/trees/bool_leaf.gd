print((1, true) + (1, false))  # expect error: E*
