let n = [3, 1, 2]
  .sort()
  .sum()
print(n)  # expect: 6
