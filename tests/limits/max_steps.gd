# args: --max-steps 1000
var i = 0
while true { i += 1 }  # expect error: E0502
