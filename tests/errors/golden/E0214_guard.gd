let x = ones(5, 1)
let w = [[2]]
let y = ones(5)
let error_of_fit = x @ w - y
