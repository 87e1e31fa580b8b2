var x = [1, 2, 3]
let ys = (x for i in 0..2)
x[0] = 9
print(ys)  # expect: ([1, 2, 3], [1, 2, 3])
let t = [x for i in 0..2]
x[1] = 8
print(t[0], t[1])  # expect: [9, 2, 3] [9, 2, 3]
