print("before")  # expect: before
error("went wrong: {1 + 1}")  # expect error: E0224: went wrong: 2
