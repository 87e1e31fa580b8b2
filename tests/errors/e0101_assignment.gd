x = 3  # expect error: E0101
# expect hint: let
