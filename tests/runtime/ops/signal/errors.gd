# What does not fit, by its message.
let x = ones(2, 3, 5, 5)
let k = ones(4, 3, 3, 3)
fn said(f) = try { f() } catch e { "{e.code} {e.message}" }
print(said(() -> conv2d(x, ones(4, 2, 3, 3))))            # expect: E0213 conv2d: x has 3 channels, the kernel takes 2
print(said(() -> conv2d(x, k, groups: 2)))                # expect: E0213 conv2d: 3 channels of x do not divide into 2 groups
print(said(() -> conv2d(x, ones(4, 1, 3, 3), groups: 3))) # expect: E0213 conv2d: 4 channels of the result do not divide into 3 groups
print(said(() -> conv2d(x, ones(4, 3, 6, 6))))            # expect: E0213 conv2d: the kernel reaches over 6 x 6, the padded input has 5 x 5
print(said(() -> conv2d(x, k, dilation: 3)))              # expect: E0213 conv2d: the kernel reaches over 7 x 7, the padded input has 5 x 5
print(said(() -> conv2d(x, k, stride: 0)))                # expect: E0210 conv2d: `stride` is 0; it is a whole number from 1
print(said(() -> conv2d(x, k, padding: (1, -1))))         # expect: E0210 conv2d: `padding` is -1; it is a whole number from 0
print(said(() -> conv2d(x, k, dilation: (1, 1, 1))))      # expect: E0210 conv2d: a list of 2 numbers is wanted here, one for each axis, not of 3
print(said(() -> conv2d(x, k, padding: "full")))          # expect: E0210 conv2d: `padding` is "same", "valid", a number or a list of them, not "full"
print(said(() -> conv2d(x, k, padding: "same", stride: 2)))   # expect: E0210 conv2d: padding "same" needs stride 1
print(said(() -> conv2d(x, k, ones(3))))                  # expect: E0213 conv2d: the bias has shape [3], and one number for each of 4 channels is wanted
print(said(() -> conv2d(x, k, groups: 0)))                # expect: E0210 conv2d: `groups` is 0; it is a whole number from 1
print(said(() -> conv2d(x, ones(3, 3))))                  # expect: E0213 conv2d: the kernel has shape [3, 3], and 4 axes are wanted: [out, in / groups, kh, kw]
print(said(() -> conv2d(ones(5, 5), k)))                  # expect: E0213 conv2d: x has shape [5, 5], and [..., channels, height, width] is wanted
print(said(() -> conv2d(x, ones(4, 3, 0, 3))))            # expect: E0213 conv2d: the kernel is empty: 0 x 3
print(said(() -> conv1d(ones(3, 4), ones(2, 3, 5))))      # expect: E0213 conv1d: the kernel reaches over 5, the padded input has 4
print(said(() -> conv_transpose2d(x, k)))                 # expect: E0213 conv_transpose2d: x has 3 channels, the kernel takes 4
print(said(() -> conv_transpose1d(ones(1, 2), ones(1, 1, 2), padding: 2)))   # expect: E0213 conv_transpose1d: the result would have size -1
print(said(() -> conv_transpose2d(x, ones(3, 3, 2, 2), output_padding: 1)))  # expect: E0210 conv_transpose2d: `output_padding` is 1; it is smaller than the stride or the dilation
print(said(() -> max_pool2d(x, 6)))                       # expect: E0213 max_pool2d: the window reaches over 6 x 6, the padded input has 5 x 5
print(said(() -> max_pool2d(x, 2, padding: 2)))           # expect: E0210 max_pool2d: `padding` is 2; it is at most half of the size, 1
print(said(() -> avg_pool2d(x, 0)))                       # expect: E0210 avg_pool2d: `size` is 0; it is a whole number from 1
print(said(() -> avg_pool1d(ones(4), 2, stride: 0.5)))    # expect: E0210 avg_pool1d: `stride` takes a whole number, not 0.5
print(said(() -> fft((ones(3), ones(4)))))                # expect: E0213 fft: the real part has shape [3], the imaginary part [4]
print(said(() -> fft([1, 2], n: 0)))                      # expect: E0210 fft: `n` is 0; it is a whole number from 1
print(said(() -> fft(zeros(0))))                          # expect: E0221 fft of an axis without elements
print(said(() -> irfft([5])))                             # expect: E0221 irfft of an axis without elements
print(said(() -> max_pool1d(zeros(1, 0), 2, padding: 1)))    # expect: E0221 max_pool1d of an axis without elements
print(said(() -> avg_pool2d(zeros(3, 0), 2, padding: 1)))    # expect: E0221 avg_pool2d of an axis without elements
print(said(() -> max_pool1d(ones(1, 9), 2, padding: 1, dilation: 10)))   # expect: E0213 max_pool1d: a window would hold nothing but padding
print(said(() -> conv1d(ones(1, 5), zeros(0, 1, 2^40), dilation: 2^31 - 1)))   # expect: E0506 conv1d: an axis is longer than 2147483647 elements
print(said(() -> conv1d(zeros(2^40, 2^40, 0, 5), zeros(1, 0, 3))))   # expect: E0506 conv1d: an axis is longer than 2147483647 elements
