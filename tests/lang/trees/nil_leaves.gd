# a number applied to a nil leaf gives nil; nil op x and x op nil give x
let g = (w: [1, 2], tag: nil)
print(0.5 * g)              # expect: (w: [0.5, 1], tag: nil)
print((w: [1, 1], tag: nil) + g)  # expect: (w: [2, 3], tag: nil)
print((w: [1, 1], tag: 7) - g)    # expect: (w: [0, -1], tag: 7)
print((1, nil) + (nil, 2))  # expect: (1, 2)
print(-(1, nil))            # expect: (-1, nil)
