# stops: E0503
while true { normal(1000) }
