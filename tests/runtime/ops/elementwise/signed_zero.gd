# the sign of zero is kept
let z = [-0.25]
print(1 / ceil(z))      # expect: [-inf]
print(1 / (z * 0))      # expect: [-inf]
print(1 / abs(z * 0))   # expect: [inf]
print(1 / sqrt(z * 0))  # expect: [-inf]
print(z * 0 == [0])     # expect: [true]
