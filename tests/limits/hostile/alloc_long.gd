# stops: E0501
let a = ones(1e13)
