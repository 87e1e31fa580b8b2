for (a, b) in ((1, 2), (3,)) {  # expect error: E0222
  let s = a + b
}
