let v = [1, 2, 3]
print(v')  # expect error: E*
# expect hint: [:, new]
