let r = try { [1, 2][5] } catch e { "caught" }
print(r)                                  # expect: caught
try { error("own message") } catch e {
  print(e.message)                        # expect: own message
  print(e.code)                           # expect: E0224
  print(e.line)                           # expect: 3
}
let v = try { 5 } catch e { 6 }
print(v)                                  # expect: 5
print(try { [1, 2, 3] + [1, 2] } catch e { e.code })  # expect: E0213
