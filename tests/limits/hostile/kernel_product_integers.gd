# stops: E0503
# memory: 1G
let a = ones(1500, 1500) as i64
print((a @ a @ a)[0, 0])
