# args: --max-memory 50M
let small = zeros(1000)
print(len(small))  # expect: 1000
let x = ones(10_000_000)  # expect error: E0501
print(sum(x))
