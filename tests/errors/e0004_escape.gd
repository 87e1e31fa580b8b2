let x = "a\q"  # expect error: E0004
