# args: --max-memory 30M
# timeout: 20
var xs = ()
while true { xs = (...xs, (1, 2, 3)) }  # expect error: E0501
