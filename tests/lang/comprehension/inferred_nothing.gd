# nothing says how far i runs
let n = 3
print([i * n for i])  # expect error: E*
# exit: 1|2
