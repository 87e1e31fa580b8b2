let x = ones(32, 64)
let w = he([32, 10])
let h = x @ w  # expect error: E0213: [32, 10]
# expect hint: 64
