fn f() {
  var w = 1
  descend w using gd(lr: 0.1) for 2 {
    return 3  # expect error: E0112
  }
  w
}
print(f())
