print((zeros(3, 1) == zeros(3)).shape)  # expect error: E0214
