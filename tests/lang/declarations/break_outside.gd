print("x")
break  # expect error: E0108
