fn counter() {
  var n = 0
  let bump = () -> { n += 1 }
  bump()
  n
}
print(counter())
