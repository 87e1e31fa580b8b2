fn fib(n) = if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
print(fib(20))  # expect: 6765
fn even(n) = if n == 0 { true } else { odd(n - 1) }
fn odd(n) = if n == 0 { false } else { even(n - 1) }
print(even(100), odd(7))  # expect: true true
fn outer(n) {
  fn fact(k) = if k < 2 { 1 } else { k * fact(k - 1) }
  fact(n)
}
print(outer(10))  # expect: 3628800
