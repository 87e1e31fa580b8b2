fn check_gap(gap) {
  assert gap < 0.1, "did not converge"
}
check_gap(0.5)
