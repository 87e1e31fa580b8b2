print((1, "a") * 2)  # expect error: E*
