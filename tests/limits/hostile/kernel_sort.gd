# stops: E0503
# memory: 1G
print(sort(sin(range(4e6)))[0])
while true { sort(sin(range(4e6))) }
