fn safe(placed, c) {
  for (r, q) in enumerate(placed) {
    if q == c or abs(q - c) == len(placed) - r { return false }
  }
  true
}
fn count(placed, n) {
  if len(placed) == n { return 1 }
  sum(count(push(placed, c), n) for c in 0..n if safe(placed, c))
}
print(count((), 6))  # expect: 4
