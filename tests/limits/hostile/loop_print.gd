# stops: E0503
while true { print("again and again") }
