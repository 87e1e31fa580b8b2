# stops: E0503
# memory: 1G
var x = normal(3e6)
while true { x = cumsum(x) / 1e6 }
