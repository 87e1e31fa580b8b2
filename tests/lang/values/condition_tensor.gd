let x = [1, 2]
if x > 0 { print("no") }  # expect error: E0205
# expect hint: all(
