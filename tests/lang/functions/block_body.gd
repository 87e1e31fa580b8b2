fn f(x) {
  let y = x * 2
  y + 1
}
print(f(4))  # expect: 9
fn nothing() { }
print(nothing())  # expect: nil
fn g() { let z = 1 }
print(g())        # expect: nil
