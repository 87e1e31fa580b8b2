# stops: E0503
print(odeint((t, y) -> { while true { }
 y }, 1, [0, 1]))
