# stops: E0503
# memory: 1G
while true { unique((range(4e6) * 1e4) % 7919) }
