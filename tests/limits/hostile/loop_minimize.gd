# stops: E0503 E0314
print(minimize(x -> { var s = 0
 for i in 0..1e6 { s += x * 1e-9 }
 s }, 1))
