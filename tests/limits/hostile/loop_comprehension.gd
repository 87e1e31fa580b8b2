# stops: E0503
print([{ while true { }
 i } for i in 0..10])
