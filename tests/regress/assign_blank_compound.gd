# but it holds none
_ += 1  # expect error: E0101: `_`
