# args: --max-steps 1000
var n = 0
while true { n += 1 }
