# args: --time-limit 1
# timeout: 10
while true { }  # expect error: E0503
