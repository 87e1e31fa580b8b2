use nonesuch  # expect error: E0102
