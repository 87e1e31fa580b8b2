# stops: E0503
# memory: 256M
let a = join(("x" for i in 0..1e4), "")
let xs = (a + str(i) for i in 0..3000)
while true { sorted(xs) }
