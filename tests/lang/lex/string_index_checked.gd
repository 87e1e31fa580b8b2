let s = "abc"
print(s[3])  # expect error: E0211
