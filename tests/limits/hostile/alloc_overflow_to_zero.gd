# stops: E0506
let a = zeros(2^32, 2^32)
