# args: --time-limit 1
# timeout: 15
var x = ones(1000)
while true { x = x * 1.0000001 }  # expect error: E0503
