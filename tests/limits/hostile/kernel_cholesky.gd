# stops: E0503
# memory: 1G
print(cholesky(eye(6000) * 2)[0, 0])
