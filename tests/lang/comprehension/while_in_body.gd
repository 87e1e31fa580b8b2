fn collatz(n) {
  var k = n
  var steps = 0
  while k != 1 {
    k = if k % 2 == 0 { k / 2 } else { 3 * k + 1 }
    steps += 1
  }
  steps
}
print([collatz(i) for i in 1..8])  # expect: [0, 1, 7, 2, 5, 8, 16]
fn fact(n) = if n < 2 { 1 } else { n * fact(n - 1) }
print([fact(i) for i in 0..6])     # expect: [1, 1, 2, 6, 24, 120]
