var n = 1
fn f() = n + 1  # expect error: E0106
print(f())
