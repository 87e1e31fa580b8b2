for i in 0..3 {
  i = 5  # expect error: E0104
}
