let r = try {
  try { error("inner") } catch e { error("outer of {e.message}") }
} catch e { e.message }
print(r)  # expect: outer of inner
fn f() {
  for i in 0..3 {
    try {
      if i == 1 { error("one") }
      print("fine {i}")
    } catch e {
      print(e.message)
      continue
    }
  }
  "end"
}
print(f())
# expect: fine 0
# expect: one
# expect: fine 2
# expect: end
