if true { print(1) }
elif false { print(2) }  # expect error: E0012
# expect hint: else if
