# args: --max-steps 1000000
var s = 0
for i in 0..1000 { s += i }
print(s)  # expect: 499500
