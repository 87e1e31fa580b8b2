fn pick(x) {
  if x > 0 { x }
}
print(pick(-1) + 1)
