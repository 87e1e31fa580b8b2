var w = [3, 4]
var b = (1, 2)
var o = adam(lr: 0.1)
descend w using o for 2 { sum(w ^ 2) }
descend b using o for 2 { b[0] ^ 2 + b[1] ^ 2 }  # expect error: E0312
