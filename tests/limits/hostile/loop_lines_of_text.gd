# stops: E0503 E0501
var s = ""
for i in 0..1e9 { s = s + "line\n" }
print(len(split(s, "\n")))
