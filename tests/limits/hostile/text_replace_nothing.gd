# stops: E0503 fine
# memory: 1G
var a = "a"
for i in 0..22 { a = a + a }
print(len(replace(a, a[:2000000] + "b", "c")))
