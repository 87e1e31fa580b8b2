# folding vectors keeps their shape
print(sum([k, 2 * k] for k in 0..4))   # expect: [6, 12]
print(max([k, 1 - k] for k in 0..4))   # expect: [3, 1]
print(mean([k, 1] for k in 0..4))      # expect: [1.5, 1]
