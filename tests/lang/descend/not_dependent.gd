# the lambda captured w before the descend
var w = 2
let f = () -> w ^ 2
descend w using gd(lr: 0.1) for 1 { f() }  # expect error: E0310
# expect hint: f
