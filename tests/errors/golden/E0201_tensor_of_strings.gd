let mixed = [1, "a"]
