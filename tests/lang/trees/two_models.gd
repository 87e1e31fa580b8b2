# leaves of two models that are not trained are the left one's
model M(k) {
  param w[2] = k
  let tag = "tag {k}"
}
let s = M(1) + M(10)
print(s.w, s.tag)  # expect: [11, 11] tag 1
