let rows = ones(4, 3)
let w = [1, 2]
let scores = [sum(rows[i] * w) for i in 0..4]
