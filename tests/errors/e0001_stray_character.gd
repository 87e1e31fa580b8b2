let x = 3 + $ 4  # expect error: E0001
