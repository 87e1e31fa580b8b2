# stops: E0502
# steps: 100000
var i = 0
while true { i += 1 }
