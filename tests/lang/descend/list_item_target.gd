var xs = ([1, 2], [3, 4])
descend xs[1] using gd(lr: 1) for 1 { sum(xs[1]) + sum(xs[0]) }
print(xs)   # expect: ([1, 2], [2, 3])
