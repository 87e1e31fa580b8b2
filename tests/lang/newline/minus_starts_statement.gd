let a = 5
let b = a
  - 1  # expect error: E0017
print(b)
