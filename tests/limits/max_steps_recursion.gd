# args: --max-steps 500
fn f(n) = if n == 0 { 0 } else { f(n - 1) }  # expect error: E0502
print(f(5000))
