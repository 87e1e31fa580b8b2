# stops: E0501 E0503
var a = "é"
for i in 0..22 { a = a + a }
print(len(chars(a)))
