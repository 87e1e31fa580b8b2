# x[i + 1] is allowed but does not say the range: i runs over y's size
let x = [1, 4, 9, 16]
let y = [0, 0, 0]
print([x[i + 1] - x[i] + y[i] for i in 0..3])  # expect: [3, 5, 7]
let z = [1, 1, 1]
print([z[i] * x[2 * i - i + 1 - 1] for i])     # expect: [1, 4, 9]
