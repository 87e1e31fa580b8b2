# stops: E0503
# memory: 1G
print(sum(conv2d(ones(8, 64, 128, 128), ones(128, 64, 5, 5))))
