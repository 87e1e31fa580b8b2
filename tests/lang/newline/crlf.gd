print("a")  # expect: a
let x = 1 +
  2
print(x)    # expect: 3
