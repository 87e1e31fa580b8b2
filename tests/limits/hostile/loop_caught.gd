# stops: E0503
while true { try { while true { } } catch e { } }
