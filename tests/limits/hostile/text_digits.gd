# stops: E0501 E0210 E0503 E0004
let x = 1 / 3
print("{x:.2147483648}")
