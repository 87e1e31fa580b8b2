# stops: E0503
# memory: 1G
let a = ones(3000, 3000)
print((a @ a @ a @ a @ a @ a)[0, 0])
