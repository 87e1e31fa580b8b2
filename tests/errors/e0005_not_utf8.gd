let a = 1
let s = "café"  # expect error: E0005
print(s)
