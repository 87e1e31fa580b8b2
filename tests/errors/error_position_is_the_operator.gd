# the column of the message points into the line
let a = [1, 2]
let b = [1, 2, 3]
let c = 1 + 2 + sum(a * b) + 3  # expect error: E0213: `*`
