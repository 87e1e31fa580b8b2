# stops: E0503
# memory: 1G
while true { argsort((range(2e6) * 1e4) % 7919) }
