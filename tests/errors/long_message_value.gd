# a huge value does not flood the message
let x = zeros(100_000)
print(x[200_000])  # expect error: E0211: 200000
