# a stretched tensor owns one row only: writing an element must not show in the others
var z = broadcast_to([1, 2], 3, 2)
z[0, 0] = 9
print(z[0, 0], z[1, 0], z[2, 0])    # expect: 9 1 1
model M() { param W[2, 2] = [1, 2] }
var w = M().W
w[0, 0] = 9
print(w[0, 0], w[1, 0])             # expect: 9 1
