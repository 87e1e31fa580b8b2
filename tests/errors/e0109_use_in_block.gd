if true {
  use data  # expect error: E0109
}
