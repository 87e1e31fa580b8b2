# stops: E0501 E0503
var a = "a,"
for i in 0..24 { a = a + a }
print(len(split(a, ",")))
