# timeout: 10
var s = ""
for i in 0..300_000 {
  s += "ab"
}
print(len(s))  # expect: 600000
