# the error of a call stands at the call, not in the function's body
fn f(a, b) {
  a + b
}

print(1)        # expect: 1
print(f(1))     # expect error: E0203: takes 2 arguments, not 1
