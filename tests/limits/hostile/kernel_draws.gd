# stops: E0503
# memory: 1G
print(sum(normal(1e8)))
