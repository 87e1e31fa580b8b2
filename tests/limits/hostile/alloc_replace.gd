# stops: E0501 E0506
var s = "a"
for i in 0..30 { s = replace(s, "a", "aaaaaaaa") }
print(len(s))
