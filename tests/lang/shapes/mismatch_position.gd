# the complaint stands at the call
fn g(x[n], y[n]) = sum(x * y)
fn call_it() {
  g(zeros(2), zeros(3))  # expect error: E0215
}
print(call_it())
