# stops: E0503
print(root(x -> { while true { }
 x^2 + 1 }, 1))
