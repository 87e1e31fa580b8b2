# stops: E0506
let a = zeros(2^40, 2^40)
