print(load("no-such-file.csv"))  # expect error: E0401
