for x + 1 in 0..3 { print(x) }  # expect error: E0013|E0010
