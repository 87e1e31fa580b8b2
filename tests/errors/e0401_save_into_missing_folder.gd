save("no/such/folder/x.npy", [1, 2])  # expect error: E0401
