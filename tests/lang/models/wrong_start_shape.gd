model M(n) {
  param a[n] = [1, 2, 3]
}
let m = M(2)
print(m.a)
# exit: 1
# expect error in wrong_start_shape.gd:2: E0213|E0215
