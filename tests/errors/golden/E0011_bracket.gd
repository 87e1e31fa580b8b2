fn area(w, h) {
  print((w * h)
  w * h
}
let xs = (1, 2]
