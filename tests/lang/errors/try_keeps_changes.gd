# what was assigned before the failure stays
var x = [0, 0]
try {
  x[0] = 1
  x[5] = 2
} catch e { nil }
print(x)  # expect: [1, 0]
