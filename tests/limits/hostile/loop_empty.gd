# stops: E0503
while true { }
