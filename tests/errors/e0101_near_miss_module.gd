use dta  # expect error: E0102
# expect hint: data
