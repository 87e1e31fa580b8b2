# rows of two f32 numbers are eight bytes, but not one element of eight
let x = [[1, 2], [3, 4], [5, 6], [7, 8]] as f32
print(x[[2, 0, 3]])
# expect: [[5, 6],
# expect:  [1, 2],
# expect:  [7, 8]]
print(x'[[1, 0]][:, [3, 1]])
# expect: [[8, 4],
# expect:  [7, 3]]
print(grad(w -> sum(w[[3, 3, 1]] * [[1, 2], [3, 4], [5, 6]]))(x)[3], take(x, [1])[0])  # expect: [4, 6] [3, 4]
