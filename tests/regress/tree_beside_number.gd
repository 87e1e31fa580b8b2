# between two trees a number does not spread over a list
print((1, (2, 3)) + (1, (5, 6)))   # expect: (2, (7, 9))
print(try { (1, (2, 3)) + (1, 5) } catch e { e.code })   # expect: E0208
model M() { param w = 1 }
print(try { (M(),) + (1,) } catch e { e.code })          # expect: E0208
print(try { (M(),) + ((1,),) } catch e { e.code })       # expect: E0208
