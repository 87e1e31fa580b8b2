while nil { print("no") }  # expect error: E0205
