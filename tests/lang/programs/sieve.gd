fn primes(n) {
  var ok = (true for i in 0..n)
  var found = ()
  for i in 2..n {
    if ok[i] {
      found = push(found, i)
      var k = i * i
      while k < n { ok[k] = false; k += i }
    }
  }
  found
}
print(primes(30))         # expect: (2, 3, 5, 7, 11, 13, 17, 19, 23, 29)
print(len(primes(10_000)))  # expect: 1229
