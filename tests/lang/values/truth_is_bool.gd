if 1 { print("no") }  # expect error: E0205
