# stops: E0501
let a = zeros(1e6, 1e6)
