# A long convolution looks at the limits between its blocks.
# args: --time-limit 1
# timeout: 15
use f32
let (x, k) = (ones(4, 64, 128, 128), ones(256, 64, 15, 15))
print(sum(conv2d(x, k, padding: "same")))  # expect error: E0503
