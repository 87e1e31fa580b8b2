let x = 3
if x > 5 {
  print("big")
}
else if x > 2 {
  print("middle")  # expect: middle
}
# a comment
else {
  print("small")
}
let s = try { error("no") }
catch e { "caught" }
print(s)  # expect: caught
