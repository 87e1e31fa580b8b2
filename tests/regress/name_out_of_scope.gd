# an unknown name that is declared elsewhere in the function says where, and why it is not in scope
let f = n -> if n == 0 { 1 } else { n * f(n - 1) }  # expect error: E0101
# expect hint: a function that calls itself is an fn
fn outer() {
  fn a(n) = if n == 0 { 0 } else { b(n - 1) }       # expect error: E0101
  fn b(n) = a(n)
  a(3)
}
# expect hint: local functions that call each other go to the top level
fn last() { for i in 0..3 { let t = i }; t }        # expect error: E0101
# expect hint: its block has ended
print(sqr(2))                                       # expect error: E0101
# expect hint: did you mean `sqrt`?
