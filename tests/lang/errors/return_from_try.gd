fn f() {
  for i in 0..10 {
    let v = try { if i == 3 { return "returned {i}" }; i } catch e { -1 }
    if v < 0 { return "no" }
  }
}
print(f())  # expect: returned 3
