# stops: E0503
print(fixed_point(x -> { while true { }
 x + 1 }, 1))
