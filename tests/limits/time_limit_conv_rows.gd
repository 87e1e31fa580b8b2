# A large convolution of one channel looks at the limits between the elements of its kernel.
# args: --time-limit 1
# timeout: 15
print(sum(conv2d(ones(1, 4000, 4000), ones(1, 1, 101, 101))))  # expect error: E0503
