# stops: E0503
print(vmap(x -> { while true { }
 x })(ones(10)))
