fn deep(n) = if n == 0 { error("bottom") } else { deep(n - 1) }
fn safe(n) {
  try { deep(n) } catch e { "{e.message} at {e.line}" }
}
print(safe(10))  # expect: bottom at 1
