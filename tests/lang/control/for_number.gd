for i in 3 { print(i) }  # expect error: E0201
