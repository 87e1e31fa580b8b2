var opt = adam(lr: 0.1)
var w = [1, 2]
descend w using opt for 3 { sum(w^2) }
var v = [1, 2, 3]
descend v using opt for 3 { sum(v^2) }
