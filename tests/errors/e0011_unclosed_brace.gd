fn f(x) {
  x + 1
print(f(1))
# exit: 2
# expect error in e0011_unclosed_brace.gd:1: E0011
