# A large pool looks at the limits between rows.
# args: --time-limit 1
# timeout: 15
print(sum(max_pool2d(ones(4000, 4000), 101, stride: 1)))  # expect error: E0503
