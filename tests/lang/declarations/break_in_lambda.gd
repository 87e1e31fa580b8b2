for i in 0..3 {
  let f = () -> { break }  # expect error: E0108
  f()
}
