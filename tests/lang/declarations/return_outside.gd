return 3  # expect error: E0108
