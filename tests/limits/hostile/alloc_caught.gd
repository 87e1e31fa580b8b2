# stops: E0503
while true { try { print(zeros(1e12)[0]) } catch e { } }
