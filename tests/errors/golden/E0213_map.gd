let w = [1, 2]
let scores = map((ones(2), ones(3)), x -> sum(x * w))
