for (a, b) in ((1, 2),) {
  a = 3  # expect error: E0104
}
